/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gunixfdlist.h>

#include "arena/arena-private.h"
#include "arena/writer.h"
#include "core/mapping.h"
#include "every-call.h"
#include "service.h"

/* A service that sends wrong replies. It is at the other end of a connection without a bus. */

#define INTERFACE "org.runconf.Config1"
#define OBJECT_PATH "/org/runconf/Config1/default"
#define PROPERTIES "org.freedesktop.DBus.Properties"

typedef struct
{
  GDBusConnection *service;
  GDBusConnection *connection;
  RunconfArenaWriter *writer;
  RunconfNode *tree;

  GMutex mutex;        /* protects the fields below */
  GHashTable *replies; /* by the name of the method: the body, or NULL for a reply without one */
  GUnixFDList *descriptors;
  const char *refusal; /* the name of the error that all calls get */
  gboolean is_busy;    /* each GetAll finds another version */
  guint64 version;
} Fake;

/* What OpenSnapshot and GetAll reply if a test doesn't replace it. */
static GVariant *
make_properties (void)
{
  return g_variant_new_parsed (
      "({'Name': <'default'>, 'Version': <uint64 1>, 'LastModified': <uint64 1>, "
      "'HasOverrides': <false>, 'State': <'ok'>, "
      "'StateMessage': <''>, 'DefaultConfigPath': <'/d'>, 'RuntimeConfigPath': <'/r'>, "
      "'RulesRevision': <uint32 0>},)");
}

static void
put (Fake *fake, const char *method, GVariant *body)
{
  g_mutex_lock (&fake->mutex);
  g_hash_table_insert (fake->replies, g_strdup (method),
                       body != NULL ? g_variant_ref_sink (body) : NULL);
  g_mutex_unlock (&fake->mutex);
}

static void
forget (Fake *fake, const char *method)
{
  g_mutex_lock (&fake->mutex);
  g_hash_table_remove (fake->replies, method);
  g_mutex_unlock (&fake->mutex);
}

/* @descriptor: (transfer full): what OpenSnapshot carries, or -1 for nothing */
static void
carry (Fake *fake, int descriptor)
{
  g_mutex_lock (&fake->mutex);
  g_clear_object (&fake->descriptors);
  if (descriptor >= 0)
    fake->descriptors = g_unix_fd_list_new_from_array (&descriptor, 1);
  g_mutex_unlock (&fake->mutex);
}

static GVariant *replace (GVariant *dictionary, const char *key, GVariant *value);

/* The properties that the service has now. The caller holds the mutex. */
static GVariant *
make_busy_properties (Fake *fake)
{
  g_autoptr (GVariant) all = g_variant_ref_sink (make_properties ());
  g_autoptr (GVariant) properties = g_variant_get_child_value (all, 0);
  GVariant *busy = replace (properties, "Version", g_variant_new_uint64 (++fake->version));

  return g_variant_new_tuple (&busy, 1);
}

static void
free_body (gpointer body)
{
  g_clear_pointer ((GVariant **) &body, g_variant_unref);
}

/* Runs in the thread of GDBus. */
static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  Fake *fake = data;
  const char *method = g_dbus_message_get_member (message);
  g_autoptr (GDBusMessage) reply = NULL;
  gpointer body = NULL;

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;

  g_mutex_lock (&fake->mutex);
  if (fake->refusal != NULL)
    reply = g_dbus_message_new_method_error_literal (message, fake->refusal, "refused");
  else if (g_hash_table_lookup_extended (fake->replies, method, NULL, &body))
    reply = g_dbus_message_new_method_reply (message);
  else
    reply = g_dbus_message_new_method_error_literal (
        message, "org.freedesktop.DBus.Error.UnknownMethod", "no such method");
  if (fake->is_busy && strcmp (method, "GetAll") == 0)
    g_dbus_message_set_body (reply, make_busy_properties (fake));
  else if (body != NULL)
    g_dbus_message_set_body (reply, body);
  if (strcmp (method, "OpenSnapshot") == 0 && fake->descriptors != NULL)
    g_dbus_message_set_unix_fd_list (reply, fake->descriptors);
  g_mutex_unlock (&fake->mutex);

  g_dbus_connection_send_message (connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  g_object_unref (message);

  return NULL;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
  Fake *fake = data;
  g_autoptr (GError) error = NULL;

  fake->service = g_dbus_connection_new_finish (result, &error);
  g_assert_no_error (error);
}

static GIOStream *
make_stream (int fd)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);

  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

static void
connect_ends (Fake *fake)
{
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autoptr (GIOStream) ours = NULL;
  g_autoptr (GIOStream) theirs = NULL;
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  ours = make_stream (ends[0]);
  theirs = make_stream (ends[1]);
  g_dbus_connection_new (theirs, guid, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER, NULL, NULL,
                         on_connected, fake);
  fake->connection = g_dbus_connection_new_sync (
      ours, NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, &error);
  g_assert_no_error (error);
  world_wait_until (fake->service != NULL);
  g_dbus_connection_add_filter (fake->service, on_message, fake, NULL);
}

static RunconfArenaContent
get_content (Fake *fake, guint64 version)
{
  return (RunconfArenaContent){ version, 1, fake->tree, fake->tree, FALSE };
}

/* OpenSnapshot and GetAll are as they have to be. */
static void
be_right (Fake *fake)
{
  carry (fake, runconf_arena_writer_open (fake->writer, NULL));
  put (fake, "OpenSnapshot", g_variant_new_parsed ("(handle 0,)"));
  put (fake, "GetAll", make_properties ());
}

static void
set_up (Fake *fake, gconstpointer unused)
{
  RunconfArenaContent content;

  g_mutex_init (&fake->mutex);
  fake->replies = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_body);
  fake->tree = runconf_mapping_new_empty ();
  content = get_content (fake, 1);
  fake->writer = runconf_arena_writer_new (&content, NULL);
  g_assert_nonnull (fake->writer);
  connect_ends (fake);
  be_right (fake);
}

static void
tear_down (Fake *fake, gconstpointer unused)
{
  g_dbus_connection_close_sync (fake->connection, NULL, NULL);
  g_dbus_connection_close_sync (fake->service, NULL, NULL);
  g_clear_object (&fake->connection);
  g_clear_object (&fake->service);
  g_clear_object (&fake->descriptors);
  g_hash_table_unref (fake->replies);
  runconf_arena_writer_free (fake->writer);
  runconf_node_unref (fake->tree);
  g_mutex_clear (&fake->mutex);
}

static RunconfConfiguration *
open_fake (Fake *fake, gboolean calls_only, GError **error)
{
  return g_initable_new (RUNCONF_TYPE_CONFIGURATION, NULL, error, "flags",
                         RUNCONF_OPEN_REQUIRE_SERVICE, "connection", fake->connection, "calls-only",
                         calls_only, NULL);
}

static void
assert_refuses_to_open (Fake *fake, const char *what)
{
  g_autoptr (GError) error = NULL;

  if (open_fake (fake, FALSE, &error) != NULL)
    g_error ("opened with %s", what);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
}

static void
assert_opens (Fake *fake)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfConfiguration) config = NULL;

  be_right (fake);
  config = open_fake (fake, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (runconf_configuration_get_version (config), ==, 1);
}

/* Bodies of many types. A method replies with one of these types at most. */
static const char *const bodies[] = {
  "()",
  "(true,)",
  "(int32 1,)",
  "(uint64 1,)",
  "('text',)",
  "(handle 5,)",
  "(<'value'>,)",
  "(@as [],)",
  "(uint64 1, @as [])",
  "(uint64 1, [1, 2])",
  "('a', 'b')",
  "(@a{sv} {},)",
  "(@a{ss} {},)",
  "([{'version': <uint64 1>, 'time': <uint64 1>, 'origin': <'set'>}],)",
  "([('/x', <int64 1>, <int64 2>)],)",
  "(@a{oa{sa{sv}}} {},)",
};

static void
test_descriptors (Fake *fake, gconstpointer unused)
{
  static const int indexes[] = { 1, 2, 7, -1, G_MININT32, G_MAXINT32 };
  g_autofree char *name = NULL;
  int file = g_file_open_tmp (NULL, &name, NULL);
  int ends[2];

  for (guint i = 0; i < G_N_ELEMENTS (indexes); i++)
    {
      put (fake, "OpenSnapshot", g_variant_new ("(h)", indexes[i]));
      assert_refuses_to_open (fake, "an index out of range");
    }

  put (fake, "OpenSnapshot", g_variant_new ("(h)", 0));
  carry (fake, -1);
  assert_refuses_to_open (fake, "no descriptor");
  carry (fake, open ("/dev/null", O_RDONLY | O_CLOEXEC));
  assert_refuses_to_open (fake, "a device");
  carry (fake, open ("/", O_RDONLY | O_CLOEXEC));
  assert_refuses_to_open (fake, "a folder");
  carry (fake, file);
  assert_refuses_to_open (fake, "an empty file");
  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  carry (fake, ends[0]);
  assert_refuses_to_open (fake, "a pipe");
  close (ends[1]);
  unlink (name);
  assert_opens (fake);
}

/* Memory that can't shrink, but isn't an arena. */
static void
test_memory (Fake *fake, gconstpointer unused)
{
  static const gsize sizes[] = { 0, 1, 8, 64, 4096, 1 << 20 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint byte = 0; byte < 256; byte += 255)
      {
        g_autofree char *content = g_malloc (sizes[i] + 1);
        int fd = memfd_create ("test", MFD_ALLOW_SEALING | MFD_CLOEXEC);

        memset (content, (int) byte, sizes[i]);
        g_assert_cmpint (write (fd, content, sizes[i]), ==, (gssize) sizes[i]);
        g_assert_cmpint (fcntl (fd, F_ADD_SEALS, RUNCONF_ARENA_SEALS), ==, 0);
        carry (fake, fd);
        assert_refuses_to_open (fake, "memory that is no arena");
      }

  assert_opens (fake);
}

static void
test_types_at_opening (Fake *fake, gconstpointer unused)
{
  static const char *const methods[] = { "OpenSnapshot", "GetAll" };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      be_right (fake);
      put (fake, methods[i], NULL);
      assert_refuses_to_open (fake, "no body");
      for (guint j = 0; j < G_N_ELEMENTS (bodies); j++)
        {
          put (fake, methods[i], g_variant_new_parsed (bodies[j]));
          assert_refuses_to_open (fake, bodies[j]);
        }
    }

  assert_opens (fake);
}

/* The list of names is part of the message. */
static void
test_names_in_an_error (Fake *fake, gconstpointer unused)
{
  forget (fake, "OpenSnapshot");
  forget (fake, "GetAll");
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;

      put (fake, "GetManagedObjects", g_variant_new_parsed (bodies[i]));
      g_assert_null (open_fake (fake, FALSE, &error));
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND);
    }
}

/* Makes a copy of a dictionary in which one key has another value, or none. */
static GVariant *
replace (GVariant *dictionary, const char *key, GVariant *value)
{
  g_auto (GVariantDict) copy = G_VARIANT_DICT_INIT (dictionary);

  g_variant_dict_remove (&copy, key);
  if (value != NULL)
    g_variant_dict_insert_value (&copy, key, value);

  return g_variant_dict_end (&copy);
}

/* Content that no documented key has. */
static GVariant *
make_wrong (void)
{
  return g_variant_new_parsed ("@a{sah} {'x': [3]}");
}

static void
try_properties (Fake *fake, const char *key, gboolean is_required)
{
  g_autoptr (GVariant) right = g_variant_ref_sink (make_properties ());
  g_autoptr (GVariant) properties = g_variant_get_child_value (right, 0);
  GList *listed;
  g_autoptr (GError) error = NULL;
  GVariant *wrong = replace (properties, key, is_required ? NULL : make_wrong ());

  g_variant_ref_sink (wrong);
  put (fake, "GetAll", g_variant_new ("(@a{sv})", wrong));
  assert_refuses_to_open (fake, key);

  put (fake, "GetManagedObjects",
       g_variant_new ("(@a{oa{sa{sv}}})",
                      g_variant_new_parsed ("{%o: {%s: %@a{sv}}}", OBJECT_PATH, INTERFACE, wrong)));
  listed = runconf_list_configurations_sync (fake->connection, NULL, &error);
  g_assert_null (listed);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, key));
  g_variant_unref (wrong);
}

static void
test_properties (Fake *fake, gconstpointer unused)
{
  g_autoptr (GVariant) right = g_variant_ref_sink (make_properties ());
  g_autoptr (GVariant) properties = g_variant_get_child_value (right, 0);
  GVariantIter iter;
  const char *key;

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_next (&iter, "{&sv}", &key, NULL))
    try_properties (fake, key, FALSE);
  try_properties (fake, "State", TRUE);
  try_properties (fake, "StateMessage", TRUE);
  assert_opens (fake);
}

static void
assert_unusable (const EveryCall *call, RunconfConfiguration *config, const char *what)
{
  g_autoptr (GError) error = every_call_make (call, config);

  if (error == NULL)
    g_error ("%s accepts the reply %s", call->name, what);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "can't be used"));
}

static void
test_types_of_calls (Fake *fake, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = open_fake (fake, TRUE, NULL);

  for (const EveryCall *call = every_call; call->name != NULL; call++)
    {
      if (strcmp (call->reply, "()") != 0)
        {
          put (fake, call->method, NULL);
          assert_unusable (call, config, "without a body");
        }
      for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
        {
          GVariant *body = g_variant_new_parsed (bodies[i]);
          gboolean is_right = g_variant_is_of_type (body, G_VARIANT_TYPE (call->reply));

          put (fake, call->method, body);
          if (!is_right)
            assert_unusable (call, config, bodies[i]);
        }
    }
}

static const EveryCall *
find_call (const char *name)
{
  const EveryCall *call = every_call;

  while (strcmp (call->name, name) != 0)
    call++;

  return call;
}

/* Right replies with every key that is documented. A %s is the value in them. */
static const struct
{
  const char *name;
  const char *reply;
} contents[] = {
  { "fetch_value", "(<%s>,)" },
  { "diff", "([('/x', <(false,)>, <%s>)],)" },
  { "diff", "([('/x', <%s>, <int64 1>)],)" },
  { "describe",
    "({'type': <'string'>, 'value': <%s>, 'default': <%s>, 'source': <'default'>, 'file': <'/d'>, "
    "'line': <uint32 1>, 'column': <uint32 1>, 'version': <uint64 1>, 'time': <uint64 1>, "
    "'writable': <true>, 'secret': <false>, 'hidden': <@as []>, 'lock': <'l'>, "
    "'layers': <[{'layer': <'vendor'>, 'path': <'/x'>, 'type': <'string'>, 'value': <%s>}]>},)" },
  { "explain", "([{'layer': <'vendor'>, 'path': <'/x'>, 'type': <'string'>, 'file': <'/d'>, "
               "'line': <uint32 1>, 'column': <uint32 1>, 'value': <%s>, 'ignored': <'i'>}],)" },
  { "history",
    "([{'version': <uint64 1>, 'time': <uint64 1>, 'origin': <'set'>, 'uid': <uint32 1>, "
    "'caller': <':1.1'>, 'message': <'m'>, 'layer': <'boot'>, 'omitted': <uint64 1>, "
    "'changes': <[('/x', <(false,)>, <%s>)]>}],)" },
};

static const char *const right_values[] = {
  "'s'",      "true",     "1.5",
  "int64 1",  "uint64 1", "signature ''",
  "b'bytes'", "@av []",   "{'a': <[<'s'>, <{'b': <int64 1>}>]>}",
};

static const char *const wrong_values[] = {
  "handle 3",  "int32 1",   "byte 1",    "signature 's'", "objectpath '/x'",       "(false, 1)",
  "@as ['a']", "@a{ss} {}", "<'boxed'>", "[<int32 1>]",   "{'a': <[<handle 0>]>}", "@a{sas} {}",
  "@a{uv} {}",
};

static GVariant *
make_reply (const char *reply, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (reply, "%s", -1);
  g_autofree char *text = g_strjoinv (value, parts);

  return g_variant_new_parsed (text);
}

static void
test_values (Fake *fake, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = open_fake (fake, TRUE, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      const EveryCall *call = find_call (contents[i].name);

      for (guint j = 0; j < G_N_ELEMENTS (right_values); j++)
        {
          g_autoptr (GError) error = NULL;

          put (fake, call->method, make_reply (contents[i].reply, right_values[j]));
          error = every_call_make (call, config);
          g_assert_no_error (error);
        }
      for (guint j = 0; j < G_N_ELEMENTS (wrong_values); j++)
        {
          put (fake, call->method, make_reply (contents[i].reply, wrong_values[j]));
          assert_unusable (call, config, wrong_values[j]);
        }
    }
}

/* Returns: (transfer full) (nullable): the first dictionary of a reply */
static GVariant *
find_dictionary (GVariant *reply)
{
  g_autoptr (GVariant) content = g_variant_get_child_value (reply, 0);

  if (g_variant_is_of_type (content, G_VARIANT_TYPE_VARDICT))
    return g_steal_pointer (&content);

  return g_variant_is_of_type (content, G_VARIANT_TYPE ("aa{sv}"))
             ? g_variant_get_child_value (content, 0)
             : NULL;
}

static void
test_keys (Fake *fake, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = open_fake (fake, TRUE, NULL);
  guint n_keys = 0;

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      const EveryCall *call = find_call (contents[i].name);
      g_autoptr (GVariant) reply = g_variant_ref_sink (make_reply (contents[i].reply, "'s'"));
      g_autoptr (GVariant) dictionary = find_dictionary (reply);
      gboolean is_list = strcmp (call->reply, "(aa{sv})") == 0;
      GVariantIter iter;
      const char *key;

      g_variant_iter_init (&iter, dictionary != NULL ? dictionary : reply);
      while (dictionary != NULL && g_variant_iter_next (&iter, "{&sv}", &key, NULL))
        {
          GVariant *wrong = replace (dictionary, key, make_wrong ());

          put (fake, call->method,
               g_variant_new_tuple (
                   is_list ? (GVariant *[]){ g_variant_new_array (NULL, &wrong, 1) } : &wrong, 1));
          assert_unusable (call, config, key);
          n_keys++;
        }
    }

  g_assert_cmpuint (n_keys, ==, 14 + 8 + 9);
}

static void
send_signal (Fake *fake, const char *interface, const char *name, GVariant *body)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (fake->service, NULL, OBJECT_PATH, interface, name, body, &error);
  g_assert_no_error (error);
}

/* After all of these, a right signal still arrives. */
static void
test_signals (Fake *fake, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfConfiguration) config = open_fake (fake, FALSE, &error);
  g_autoptr (RunconfNode) value = runconf_node_new_integer (5);
  RunconfArenaContent before = get_content (fake, 1), after = get_content (fake, 2);
  g_autoptr (RunconfNode) tree = runconf_mapping_with (fake->tree, "x", value);
  Ears ears;

  g_assert_no_error (error);
  ears_open (&ears, config);
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      send_signal (fake, INTERFACE, "ConfigChanged", g_variant_new_parsed (bodies[i]));
      send_signal (fake, PROPERTIES, "PropertiesChanged", g_variant_new_parsed (bodies[i]));
    }
  send_signal (fake, PROPERTIES, "PropertiesChanged",
               g_variant_new_parsed (
                   "(%s, {'State': <5>, 'RulesRevision': <'x'>, 'SnapshotRevision': <'x'>}, "
                   "@as [])",
                   INTERFACE));

  after.effective = tree;
  g_assert_true (runconf_arena_writer_publish (fake->writer, &before, &after));
  send_signal (fake, INTERFACE, "ConfigChanged",
               g_variant_new_parsed ("('/', ['/x'], uint64 2, {'values': <'wrong'>})"));
  g_assert_cmpstr (ears_wait (&ears, 1), ==, "/x");
  g_assert_cmpint (runconf_configuration_get_int64 (config, "/x", 0), ==, 5);
  ears_close (&ears);
}

static void
put_version (Fake *fake, guint64 version)
{
  g_autoptr (GVariant) all = g_variant_ref_sink (make_properties ());
  g_autoptr (GVariant) properties = g_variant_get_child_value (all, 0);
  GVariant *changed = replace (properties, "Version", g_variant_new_uint64 (version));

  put (fake, "GetAll", g_variant_new_tuple (&changed, 1));
}

static void
put_x (Fake *fake, gint64 x)
{
  put (fake, "Describe",
       g_variant_new_parsed (
           "({'type': <'mapping'>, 'value': <{'x': <%x>}>, 'default': <{'x': <int64 1>}>},)", x));
}

/* A service without the method, and some without memory that can be used. */
static void
spoil (Fake *fake, guint i)
{
  be_right (fake);
  if (i == 0)
    forget (fake, "OpenSnapshot");
  else if (i == 1)
    put (fake, "OpenSnapshot", g_variant_new_parsed ("('another type',)"));
  else if (i == 2)
    put (fake, "OpenSnapshot", g_variant_new_parsed ("(handle 7,)"));
  else if (i == 3)
    carry (fake, -1);
  else
    carry (fake, open ("/dev/null", O_RDONLY | O_CLOEXEC));
}

#define N_SPOILT 5

static void
assert_default (RunconfConfiguration *config, gint64 x)
{
  g_autoptr (GVariant) value = runconf_configuration_get_default_value (config, "/x");

  g_assert_cmpint (g_variant_get_int64 (value), ==, x);
}

static void
try_without_memory (Fake *fake)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfConfiguration) config = NULL;
  Ears ears;

  put_x (fake, 5);
  config = open_fake (fake, FALSE, &error);
  g_assert_no_error (error);
  g_assert_false (runconf_configuration_get_shared (config));
  g_assert_cmpint (runconf_configuration_get_int64 (config, "/x", 0), ==, 5);
  assert_default (config, 1);

  ears_open (&ears, config);
  put_version (fake, 2);
  put_x (fake, 6);
  send_signal (fake, INTERFACE, "ConfigChanged",
               g_variant_new_parsed ("('/', ['/x'], uint64 2, @a{sv} {})"));
  g_assert_cmpstr (ears_wait (&ears, 1), ==, "/x");
  g_assert_cmpint (runconf_configuration_get_int64 (config, "/x", 0), ==, 6);
  ears_close (&ears);

  put_version (fake, 3);
  put_x (fake, 7);
  put (fake, "Set", g_variant_new_parsed ("(uint64 3,)"));
  g_assert_true (runconf_configuration_set_int64_sync (config, "/x", 7, NULL, NULL, &error));
  g_assert_cmpint (runconf_configuration_get_int64 (config, "/x", 0), ==, 7);
  g_assert_false (runconf_configuration_get_shared (config));

  be_right (fake);
  send_signal (fake, PROPERTIES, "PropertiesChanged",
               g_variant_new_parsed ("(%s, {'SnapshotRevision': <uint32 1>}, @as [])", INTERFACE));
  world_wait_until (runconf_configuration_get_shared (config));
  g_assert_cmpint (runconf_configuration_get_int64 (config, "/x", 0), ==, 0);
}

static void
test_without_memory (Fake *fake, gconstpointer unused)
{
  for (guint i = 0; i < N_SPOILT; i++)
    {
      spoil (fake, i);
      try_without_memory (fake);
    }
}

/* @wrong: a value of the whole configuration
 * @place: whether it is the value or the default in a description, or a value without a description
 */
static void
put_wrong (Fake *fake, const char *wrong, guint place)
{
  static const char *const forms[]
      = { "({'type': <'mapping'>, 'value': <%s>},)",
          "({'type': <'mapping'>, 'value': <@a{sv} {}>, 'default': <%s>},)", "(<%s>,)" };
  GVariant *reply = make_reply (forms[place], wrong);

  put (fake, place < 2 ? "Describe" : "Get", reply);
  if (place == 2)
    put (fake, "Describe", g_variant_new_parsed ("({'type': <'mapping'>},)"));
}

/* Wrong values for a private arena; the whole configuration is a mapping. */
static void
test_values_at_opening (Fake *fake, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong_values); i++)
    for (guint place = 0; place < 3; place++)
      {
        g_autofree char *below = g_strdup_printf ("{'x': <%s>}", wrong_values[i]);

        spoil (fake, i % N_SPOILT);
        put_wrong (fake, wrong_values[i], place);
        assert_refuses_to_open (fake, wrong_values[i]);
        put_wrong (fake, below, place);
        assert_refuses_to_open (fake, below);
        put_wrong (fake, "'scalar'", place);
        assert_refuses_to_open (fake, "a configuration that is no mapping");
      }

  assert_opens (fake);
}

/* The version is different whenever it is asked for: the values count as of the older version. */
static void
test_busy (Fake *fake, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfConfiguration) config = NULL;
  guint64 version;

  forget (fake, "OpenSnapshot");
  put_x (fake, 5);
  g_mutex_lock (&fake->mutex);
  fake->is_busy = TRUE;
  g_mutex_unlock (&fake->mutex);

  config = open_fake (fake, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (runconf_configuration_get_int64 (config, "/x", 0), ==, 5);
  version = runconf_configuration_get_version (config);
  g_mutex_lock (&fake->mutex);
  g_assert_cmpuint (version, <, fake->version);
  fake->is_busy = FALSE;
  g_mutex_unlock (&fake->mutex);
}

/* A write that this process can't read is an error, which says that the write was made. */
static void
test_write_that_is_not_read (Fake *fake, gconstpointer unused)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfConfiguration) config = NULL;
      g_autoptr (GAsyncResult) result = NULL;

      spoil (fake, 0);
      put_x (fake, 5);
      if (i == 1)
        be_right (fake);
      config = open_fake (fake, FALSE, &error);
      g_assert_no_error (error);
      put (fake, "Set", g_variant_new_parsed ("(uint64 9,)"));
      g_assert_false (runconf_configuration_set_int64_sync (config, "/x", 6, NULL, NULL, &error));
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
      g_assert_nonnull (strstr (error->message, "the change was made, as version 9"));
      g_clear_error (&error);

      runconf_configuration_set_int64 (config, "/x", 6, NULL, take_result, &result);
      world_wait_until (result != NULL);
      g_assert_false (runconf_configuration_set_int64_finish (config, result, NULL, &error));
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
    }
}

static void
refuse (Fake *fake, const char *name)
{
  g_mutex_lock (&fake->mutex);
  fake->refusal = name;
  g_mutex_unlock (&fake->mutex);
}

/* Each error on the bus is one of the library, and says whether a write may have been made. */
static void
test_errors (Fake *fake, gconstpointer unused)
{
  static const struct
  {
    const char *name;
    RunconfError code;
    gboolean leaves_open;
  } cases[] = {
    { "org.runconf.Error.Locked", RUNCONF_ERROR_LOCKED, FALSE },
    { "org.runconf.Error.Unheard", RUNCONF_ERROR_FAILED, FALSE },
    { "org.freedesktop.DBus.Error.AccessDenied", RUNCONF_ERROR_ACCESS_DENIED, FALSE },
    { "org.freedesktop.DBus.Error.AuthFailed", RUNCONF_ERROR_ACCESS_DENIED, FALSE },
    { "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
      RUNCONF_ERROR_AUTHORIZATION_REQUIRED, FALSE },
    { "org.freedesktop.DBus.Error.LimitsExceeded", RUNCONF_ERROR_LIMITS_EXCEEDED, FALSE },
    { "org.freedesktop.DBus.Error.InvalidArgs", RUNCONF_ERROR_FAILED, FALSE },
    { "org.freedesktop.DBus.Error.NoMemory", RUNCONF_ERROR_FAILED, FALSE },
    { "org.freedesktop.DBus.Error.UnknownObject", RUNCONF_ERROR_UNAVAILABLE, FALSE },
    { "org.freedesktop.DBus.Error.UnknownMethod", RUNCONF_ERROR_UNAVAILABLE, FALSE },
    { "org.freedesktop.DBus.Error.ServiceUnknown", RUNCONF_ERROR_UNAVAILABLE, FALSE },
    { "org.freedesktop.DBus.Error.NameHasNoOwner", RUNCONF_ERROR_UNAVAILABLE, FALSE },
    { "org.freedesktop.DBus.Error.Spawn.ChildExited", RUNCONF_ERROR_UNAVAILABLE, FALSE },
    { "org.freedesktop.DBus.Error.NoReply", RUNCONF_ERROR_UNAVAILABLE, TRUE },
    { "org.freedesktop.DBus.Error.TimedOut", RUNCONF_ERROR_UNAVAILABLE, TRUE },
    { "org.freedesktop.DBus.Error.Disconnected", RUNCONF_ERROR_UNAVAILABLE, TRUE },
    { "org.example.Other", RUNCONF_ERROR_FAILED, FALSE },
  };
  g_autoptr (RunconfConfiguration) config = open_fake (fake, FALSE, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      refuse (fake, cases[i].name);
      for (const EveryCall *call = every_call; call->name != NULL; call++)
        {
          g_autoptr (GError) error = every_call_make (call, config);
          gboolean is_write
              = g_str_has_prefix (call->reply, "(t") || strcmp (call->method, "Confirm") == 0;

          g_assert_error (error, RUNCONF_ERROR, (int) cases[i].code);
          g_assert_null (strstr (error->message, "GDBus"));
          g_assert_nonnull (strstr (error->message, "refused"));
          g_assert_cmpint (strstr (error->message, "may have been made") != NULL, ==,
                           cases[i].leaves_open && is_write);
        }
    }
}

#define ADD(name, function) g_test_add ("/replies/" name, Fake, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  ADD ("descriptors", test_descriptors);
  ADD ("memory", test_memory);
  ADD ("types-at-opening", test_types_at_opening);
  ADD ("names-in-an-error", test_names_in_an_error);
  ADD ("properties", test_properties);
  ADD ("types-of-calls", test_types_of_calls);
  ADD ("values", test_values);
  ADD ("keys", test_keys);
  ADD ("signals", test_signals);
  ADD ("errors", test_errors);
  ADD ("without-memory", test_without_memory);
  ADD ("values-at-opening", test_values_at_opening);
  ADD ("busy", test_busy);
  ADD ("write-that-is-not-read", test_write_that_is_not_read);

  return g_test_run ();
}
