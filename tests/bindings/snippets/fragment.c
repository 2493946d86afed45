/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The program around a fragment of a page in C. Comments mark the places of its parts. */

#include <runconf/runconf.h>
#include <stdio.h>

#define PORT "/chat/websocket/port"

typedef struct
{
  GObject parent;
  int port;
} Server;

typedef GObjectClass ServerClass;

static GType server_get_type (void);
G_DEFINE_TYPE (Server, server, G_TYPE_OBJECT)

static void
server_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_int (value, ((Server *) object)->port);
}

static void
server_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ((Server *) object)->port = g_value_get_int (value);
}

static void
server_class_init (ServerClass *klass)
{
  klass->get_property = server_get_property;
  klass->set_property = server_set_property;
  g_object_class_install_property (klass, 1,
                                   g_param_spec_int ("port", NULL, NULL, 0, 65535, 0,
                                                     G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY));
}

static void
server_init (Server *self)
{
}

static RunconfConfiguration *config;
static GError *error;
static char *host;
static gint64 port;
static RunconfWatch *watch;
static Server *server;
static gboolean reported;
static gboolean watches = /* WATCHES */;

static void
take_text (const char *text)
{
  reported = TRUE;
  fputs (text, stdout);
}

/* a handler that the fragment only names */
G_GNUC_UNUSED static void
report_change (void)
{
  reported = TRUE;
}

/* FUNCTIONS */

int
main (void)
{
  g_set_print_handler (take_text);
  server = g_object_new (server_get_type (), NULL);
  config = runconf_configuration_new_sync (G_BUS_TYPE_SESSION, "default", NULL,
                                           RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
  g_assert_no_error (error);

  /* STATEMENTS */

  g_assert_no_error (error);
  if (!watches)
    return 0;

  reported = FALSE;
  runconf_configuration_set_int64_sync (config, PORT, 9999, NULL, NULL, &error);
  g_assert_no_error (error);
  while (!reported)
    g_main_context_iteration (NULL, TRUE);
  return 0;
}
