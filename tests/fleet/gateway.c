/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tests/fleet/gateway.h"

#include <string.h>

#define PROBE_PATH "/version"

struct _Gateway
{
  GSocketService *service;
  guint16 port;
  const Step *steps;
  guint n_steps;

  GMutex mutex;
  GPtrArray *requests; /* of strings: the path, a space and the body */
  GPtrArray *open;     /* of GSocketConnection */
};

/* Returns: (nullable): the next request, as its path, a space and its body */
static char *
read_request (GDataInputStream *input)
{
  g_autofree char *first = g_data_input_stream_read_line (input, NULL, NULL, NULL);
  g_auto (GStrv) words = first == NULL ? NULL : g_strsplit (first, " ", 3);
  gsize length = 0;
  g_autofree char *body = NULL;

  if (words == NULL || g_strv_length (words) != 3)
    return NULL;

  for (;;)
    {
      g_autofree char *line = g_data_input_stream_read_line (input, NULL, NULL, NULL);

      if (line == NULL || *g_strchomp (line) == '\0')
        break;
      if (g_ascii_strncasecmp (line, "content-length:", 15) == 0)
        length = g_ascii_strtoull (line + 15, NULL, 10);
    }

  body = g_malloc0 (length + 1);
  if (!g_input_stream_read_all (G_INPUT_STREAM (input), body, length, NULL, NULL, NULL))
    return NULL;

  return g_strdup_printf ("%s %s", words[1], body);
}

static const char healthy[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/* Returns: the step for a request, which is noted if it isn't a probe */
static Step
take_step (Gateway *self, const char *request)
{
  Step probe = { healthy, TRUE };
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (g_str_has_prefix (request, PROBE_PATH))
    return probe;

  g_ptr_array_add (self->requests, g_strdup (request));
  return self->steps[MIN (self->requests->len, self->n_steps) - 1];
}

/* Answers one request. Returns: whether the connection stays open */
static gboolean
serve (Gateway *self, GDataInputStream *input, GOutputStream *output)
{
  g_autofree char *request = read_request (input);
  Step step;

  if (request == NULL)
    return FALSE;

  step = take_step (self, request);
  if (step.response != NULL)
    g_output_stream_write_all (output, step.response, strlen (step.response), NULL, NULL, NULL);
  return step.stays_open;
}

static gboolean
on_run (GThreadedSocketService *service, GSocketConnection *connection, GObject *source,
        gpointer user_data)
{
  GIOStream *stream = G_IO_STREAM (connection);
  g_autoptr (GDataInputStream) input
      = g_data_input_stream_new (g_io_stream_get_input_stream (stream));

  while (serve (user_data, input, g_io_stream_get_output_stream (stream)))
    ;
  g_io_stream_close (stream, NULL, NULL);
  return TRUE;
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, Gateway *self)
{
  g_ptr_array_add (self->open, g_object_ref (connection));
  return FALSE;
}

Gateway *
gateway_new (const Step *steps, guint n_steps)
{
  Gateway *self = g_new0 (Gateway, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  self->steps = steps;
  self->n_steps = n_steps;
  self->requests = g_ptr_array_new_with_free_func (g_free);
  self->open = g_ptr_array_new_with_free_func (g_object_unref);
  g_mutex_init (&self->mutex);
  self->service = g_threaded_socket_service_new (16);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), any, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  g_signal_connect (self->service, "run", G_CALLBACK (on_run), self);
  g_socket_service_start (self->service);
  return self;
}

/* Ends the connections, and with them their threads. */
void
gateway_free (Gateway *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  for (guint i = 0; i < self->open->len; i++)
    g_socket_shutdown (g_socket_connection_get_socket (self->open->pdata[i]), TRUE, TRUE, NULL);
  while (((GObject *) self->service)->ref_count > 1)
    g_main_context_iteration (NULL, FALSE);
  g_object_unref (self->service);
  g_ptr_array_unref (self->open);
  g_ptr_array_unref (self->requests);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

guint16
gateway_get_port (Gateway *self)
{
  return self->port;
}

guint
gateway_get_n_requests (Gateway *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->requests->len;
}

char *
gateway_get_request (Gateway *self, guint index)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return g_strdup (self->requests->pdata[index]);
}
