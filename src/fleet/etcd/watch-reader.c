/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/watch-reader.h"

#include <string.h>

#include "fleet/etcd/error.h"
#include "fleet/etcd/json.h"

/* The events of the newest revision of a watch. */
typedef struct
{
  GPtrArray *events;
  gsize bytes; /* of the lines that they came in */
} Held;

struct _RunconfEtcdWatchReader
{
  gsize max_bytes;
  GByteArray *buffer;
  gsize start;      /* of the line that is read */
  gsize scanned;    /* up to where there is no end of a line */
  GHashTable *held; /* gint64 to Held: for each watch what isn't complete */
  gsize held_bytes;
  GError *error; /* (nullable): once there is one, the stream is of no use */
};

void
runconf_etcd_message_free (RunconfEtcdMessage *self)
{
  g_free (self->cluster);
  g_free (self->reason);
  g_ptr_array_unref (self->events);
  g_free (self);
}

static void
free_held (Held *held)
{
  g_ptr_array_unref (held->events);
  g_free (held);
}

static GPtrArray *
make_events (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_etcd_event_free);
}

/**
 * runconf_etcd_watch_reader_new:
 * @max_bytes: the limit for a line, and for the events that are held back
 */
RunconfEtcdWatchReader *
runconf_etcd_watch_reader_new (gsize max_bytes)
{
  RunconfEtcdWatchReader *self = g_new0 (RunconfEtcdWatchReader, 1);

  self->max_bytes = max_bytes;
  self->buffer = g_byte_array_new ();
  self->held
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) free_held);
  return self;
}

void
runconf_etcd_watch_reader_free (RunconfEtcdWatchReader *self)
{
  g_byte_array_unref (self->buffer);
  g_hash_table_unref (self->held);
  g_clear_error (&self->error);
  g_free (self);
}

/**
 * runconf_etcd_watch_reader_push:
 *
 * Takes bytes of the stream. The caller calls runconf_etcd_watch_reader_next() until it returns
 * %NULL before it pushes more.
 */
void
runconf_etcd_watch_reader_push (RunconfEtcdWatchReader *self, gconstpointer data, gsize size)
{
  if (self->error != NULL)
    return;

  if (self->start > 0)
    {
      g_byte_array_remove_range (self->buffer, 0, self->start);
      self->scanned -= self->start;
      self->start = 0;
    }
  g_byte_array_append (self->buffer, data, size);
}

static gboolean
refuse (GError **error, const char *reason)
{
  g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_PROTOCOL,
               "the stream isn't one of etcd's gateway: %s", reason);
  return FALSE;
}

static gboolean
read_type (JsonObject *object, gboolean *is_delete, GError **error)
{
  const char *type;

  if (!runconf_etcd_json_get_string (object, "type", &type, error))
    return FALSE;

  *is_delete = g_strcmp0 (type, "DELETE") == 0;
  return type == NULL || *is_delete || g_str_equal (type, "PUT")
         || refuse (error, "an event has an unknown type");
}

/* Returns: whether it is an event; one of a key that isn't text is left out */
static gboolean
add_event (JsonObject *object, GPtrArray *events, GError **error)
{
  g_autoptr (RunconfEtcdItem) item = NULL;
  RunconfEtcdEvent *event;
  JsonObject *key_value;
  gboolean is_delete;

  if (!read_type (object, &is_delete, error)
      || !runconf_etcd_json_get_object (object, "kv", &key_value, error))
    return FALSE;
  if (key_value == NULL)
    return refuse (error, "an event has no key");
  if (!runconf_etcd_json_get_item (key_value, &item, error))
    return FALSE;
  if (item == NULL)
    return TRUE;
  if (!is_delete && item->create_revision <= 0)
    return refuse (error, "an event puts a key without a revision");

  event = g_new0 (RunconfEtcdEvent, 1);
  event->is_delete = is_delete;
  event->item = g_steal_pointer (&item);
  g_ptr_array_add (events, event);
  return TRUE;
}

static gint64
get_revision (GPtrArray *events, guint index)
{
  const RunconfEtcdEvent *event = events->pdata[index];

  return event->item->mod_revision;
}

static gboolean
read_events (JsonObject *result, GPtrArray *events, GError **error)
{
  JsonArray *array;

  if (!runconf_etcd_json_get_array (result, "events", &array, error))
    return FALSE;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *element = runconf_etcd_json_get_element (array, i, error);

      if (element == NULL || !add_event (element, events, error))
        return FALSE;
    }

  return TRUE;
}

/* The number of a cluster has 64 bits without a sign. */
static gboolean
read_header (JsonObject *result, RunconfEtcdMessage *message, GError **error)
{
  JsonObject *header;
  const char *cluster;

  if (!runconf_etcd_json_get_object (result, "header", &header, error))
    return FALSE;
  if (header == NULL)
    return refuse (error, "a message has no header");
  if (!runconf_etcd_json_get_int64 (header, "revision", &message->revision, error)
      || !runconf_etcd_json_get_string (header, "cluster_id", &cluster, error))
    return FALSE;

  message->cluster = g_strdup (cluster);
  return TRUE;
}

static gboolean
read_fields (JsonObject *result, RunconfEtcdMessage *message, gboolean *is_fragment, GError **error)
{
  const char *reason;

  if (!read_header (result, message, error)
      || !runconf_etcd_json_get_int64 (result, "watch_id", &message->watch, error)
      || !runconf_etcd_json_get_boolean (result, "created", &message->is_created, error)
      || !runconf_etcd_json_get_boolean (result, "canceled", &message->is_cancelled, error)
      || !runconf_etcd_json_get_string (result, "cancel_reason", &reason, error)
      || !runconf_etcd_json_get_int64 (result, "compact_revision", &message->compact_revision,
                                       error)
      || !runconf_etcd_json_get_boolean (result, "fragment", is_fragment, error))
    return FALSE;

  if (!runconf_etcd_json_is_revision (message->revision) && !message->is_cancelled)
    return refuse (error, "a message has no revision");

  message->reason = g_strdup (reason);
  return read_events (result, message->events, error);
}

static gboolean
check_order (GPtrArray *events, GError **error)
{
  for (guint i = 1; i < events->len; i++)
    if (get_revision (events, i) < get_revision (events, i - 1))
      return refuse (error, "its events aren't ordered by revision");

  return TRUE;
}

/* Puts the events that were held back before those of the message.
 *
 * Returns: the bytes of their lines
 */
static gsize
prepend_held (RunconfEtcdWatchReader *self, RunconfEtcdMessage *message)
{
  Held *held = g_hash_table_lookup (self->held, &message->watch);
  gsize bytes;

  if (held == NULL)
    return 0;

  bytes = held->bytes;
  g_ptr_array_extend_and_steal (held->events, g_steal_pointer (&message->events));
  message->events = g_steal_pointer (&held->events);
  held->events = make_events ();
  g_hash_table_remove (self->held, &message->watch);
  self->held_bytes -= bytes;
  return bytes;
}

/* Moves the events from @first on to the end of another array. */
static GPtrArray *
split (GPtrArray *events, guint first)
{
  GPtrArray *rest = make_events ();

  for (guint i = first; i < events->len; i++)
    g_ptr_array_add (rest, g_steal_pointer (&events->pdata[i]));
  g_ptr_array_set_free_func (events, NULL);
  g_ptr_array_set_size (events, first);
  g_ptr_array_set_free_func (events, (GDestroyNotify) runconf_etcd_event_free);

  return rest;
}

/* @before: the bytes of the events that were held back; @size: those of the message */
static void
hold_newest (RunconfEtcdWatchReader *self, RunconfEtcdMessage *message, gsize before, gsize size)
{
  GPtrArray *events = message->events;
  Held *held = g_new0 (Held, 1);
  guint first = events->len;

  while (first > 0 && get_revision (events, first - 1) == get_revision (events, events->len - 1))
    first--;

  held->events = split (events, first);
  held->bytes = first > 0 ? size : before + size;
  self->held_bytes += held->bytes;
  g_hash_table_insert (self->held, g_memdup2 (&message->watch, sizeof message->watch), held);
}

/* The last revision of a fragment goes on in the next one: its events are held back until then. */
static gboolean
complete (RunconfEtcdWatchReader *self, RunconfEtcdMessage *message, gboolean is_fragment,
          gsize size, GError **error)
{
  gsize before = prepend_held (self, message);

  if (!check_order (message->events, error))
    return FALSE;
  if (!is_fragment || message->events->len == 0)
    return TRUE;

  hold_newest (self, message, before, size);
  if (self->held_bytes <= self->max_bytes
      && g_hash_table_size (self->held) <= RUNCONF_ETCD_MAX_WATCHES)
    return TRUE;

  g_set_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_TOO_LARGE,
               "one revision has more than %" G_GSIZE_FORMAT " bytes", self->max_bytes);
  return FALSE;
}

/* Reads one line. */
static RunconfEtcdMessage *
read_line (RunconfEtcdWatchReader *self, const char *data, gsize size, RunconfEtcdVerdict *verdict,
           GError **error)
{
  g_autoptr (JsonNode) root = runconf_etcd_json_parse (data, size, error);
  g_autoptr (RunconfEtcdMessage) message = g_new0 (RunconfEtcdMessage, 1);
  gboolean is_fragment = FALSE;
  JsonObject *failure;
  JsonObject *result;

  message->events = make_events ();
  if (root == NULL)
    return NULL;

  failure = runconf_etcd_failure_find (json_node_get_object (root));
  if (failure != NULL)
    {
      *verdict = runconf_etcd_failure_of_message (failure, error);
      return NULL;
    }
  if (!runconf_etcd_json_get_object (json_node_get_object (root), "result", &result, error))
    return NULL;
  if (result == NULL)
    refuse (error, "a line has neither a result nor an error");
  else if (read_fields (result, message, &is_fragment, error)
           && complete (self, message, is_fragment, size, error))
    return g_steal_pointer (&message);

  return NULL;
}

/* Returns: whether there is a whole line, without white space at its ends */
static gboolean
find_line (RunconfEtcdWatchReader *self, const char **data, gsize *size)
{
  const char *end = NULL;

  while (self->scanned < self->buffer->len)
    {
      const char *text = (const char *) self->buffer->data;

      end = memchr (text + self->scanned, '\n', self->buffer->len - self->scanned);
      if (end == NULL)
        {
          self->scanned = self->buffer->len;
          return FALSE;
        }

      *data = text + self->start;
      *size = end - *data;
      self->scanned = self->start = end + 1 - text;
      while (*size > 0 && (*data)[*size - 1] == '\r')
        (*size)--;
      if (*size > 0)
        return TRUE;
    }

  return FALSE;
}

/**
 * runconf_etcd_watch_reader_next:
 * @verdict: (out): what follows from @error
 *
 * Returns: (transfer full) (nullable): the next message; %NULL without @error if more bytes are
 * needed
 */
RunconfEtcdMessage *
runconf_etcd_watch_reader_next (RunconfEtcdWatchReader *self, RunconfEtcdVerdict *verdict,
                                GError **error)
{
  RunconfEtcdMessage *message = NULL;
  const char *data;
  gsize size;
  gboolean is_whole = self->error == NULL && find_line (self, &data, &size);

  *verdict = RUNCONF_ETCD_AGAIN;
  if (!is_whole)
    size = self->buffer->len - self->start;
  if (is_whole && size <= self->max_bytes)
    message = read_line (self, data, size, verdict, &self->error);
  else if (self->error == NULL && size > self->max_bytes)
    g_set_error (&self->error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_TOO_LARGE,
                 "a line of the stream has more than %" G_GSIZE_FORMAT " bytes", self->max_bytes);

  if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  return message;
}

/**
 * runconf_etcd_watch_reader_end:
 *
 * Returns: whether the stream ended behind a line, and not within one
 */
gboolean
runconf_etcd_watch_reader_end (RunconfEtcdWatchReader *self, GError **error)
{
  if (self->error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return FALSE;
    }

  return self->start == self->buffer->len || refuse (error, "it ended within a line");
}
