/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "support.h"

typedef struct
{
  World world;
  RunconfConfiguration *config;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer defaults)
{
  world_set_up (&fixture->world, defaults);
  fixture->config = world_open (&fixture->world);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_assert_finalize_object (fixture->config);
  world_tear_down (&fixture->world, NULL);
}

static void
put (Fixture *fixture, const char *path, gint64 value)
{
  world_put (&fixture->world, path, g_variant_new_int64 (value));
}

static void
call (Fixture *fixture, const char *method, const char *argument)
{
  g_variant_unref (world_call (&fixture->world, method, g_variant_new ("(s)", argument)));
}

static RunconfWatch *
watch (Fixture *fixture, const char *path)
{
  g_autoptr (GError) error = NULL;
  RunconfWatch *self = runconf_configuration_watch (fixture->config, path, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (runconf_watch_get_path (self), ==, path);

  return self;
}

/* Waits for a change at a path of its own, so that all earlier ones have arrived. */
static void
settle (Fixture *fixture)
{
  static gint64 number;
  g_autoptr (RunconfWatch) self = watch (fixture, "/settled");
  Ears ears;

  ears_open (&ears, self);
  put (fixture, "/settled", ++number);
  ears_wait (&ears, 1);
  world_turn (20);
  ears_close (&ears);
}

static void
assert_told (Ears *ears, guint position, const char *expected)
{
  g_assert_cmpstr (ears_wait (ears, position), ==, expected);
}

static void
test_leaf (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watch (fixture, "/chat/websocket/port");
  Ears ears;

  ears_open (&ears, self);
  settle (fixture);
  put (fixture, "/chat/websocket/port", 1);
  assert_told (&ears, 1, "/chat/websocket/port");
  put (fixture, "/chat/websocket/timeout", 1);
  put (fixture, "/chat/greeting", 1);
  put (fixture, "/numbers/ratio", 1);
  put (fixture, "/chat/websocket/port", 2);
  assert_told (&ears, 2, "/chat/websocket/port");
  settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 2);

  /* its parent is removed, and added again */
  put (fixture, "/chat", 1);
  assert_told (&ears, 3, "/chat/websocket/port");
  call (fixture, "Reset", "/chat");
  assert_told (&ears, 4, "/chat/websocket/port");
  settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 4);
  ears_close (&ears);
}

static void
test_mapping (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watch (fixture, "/chat/websocket");
  Ears ears;

  ears_open (&ears, self);
  settle (fixture);
  put (fixture, "/chat/websocket/port", 1);
  assert_told (&ears, 1, "/chat/websocket/port");
  put (fixture, "/chat/greeting", 1);
  put (fixture, "/chat/websocketeer", 1);
  put (fixture, "/chat/websocket/deep/er", 1);
  assert_told (&ears, 2, "/chat/websocket/deep/er");

  g_variant_unref (world_call (
      &fixture->world, "MergeText",
      g_variant_new ("(sa{sv})", "chat: {greeting: 7, websocket: {port: 2, host: there}}", NULL)));
  assert_told (&ears, 3, "/chat/websocket/host /chat/websocket/port");
  settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 3);
  ears_close (&ears);
}

/* An element of a sequence is reported by its own path, and only if it differs. */
static void
test_element (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watch (fixture, "/servers/1/port");
  Ears ears;

  ears_open (&ears, self);
  settle (fixture);
  put (fixture, "/servers/0/port", 10);
  put (fixture, "/servers/1/port", 20);
  assert_told (&ears, 1, "/servers/1/port");
  g_assert_cmpint (runconf_configuration_get_int64 (fixture->config, "/servers/1/port", 0), ==, 20);
  put (fixture, "/servers", 1);
  assert_told (&ears, 2, "/servers/1/port");
  settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 2);
  ears_close (&ears);
}

/* Paths that a match rule of the bus can't contain. */
static void
test_odd_paths (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *a = g_strnfill (400, 'a');
  g_autofree char *b = g_strnfill (400, 'b');
  g_autofree char *c = g_strnfill (400, 'c');
  g_autofree char *long_path = g_strdup_printf ("/%s/%s/%s", a, b, c);
  g_autofree char *beside = g_strdup_printf ("/%s/%s/beside", a, b);
  const char *const paths[]
      = { "/it's/quoted", "/back\\slash/x", "/ä/ö", "/~1~0/x", "/*/x,y='", long_path };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (RunconfWatch) self = watch (fixture, paths[i]);
      g_autofree char *other = g_strconcat (paths[i], "-other", NULL);
      Ears ears;

      ears_open (&ears, self);
      settle (fixture);
      put (fixture, other, i);
      put (fixture, paths[i], 100 + i);
      assert_told (&ears, 1, paths[i]);
      put (fixture, beside, i);
      settle (fixture);
      g_assert_cmpuint (ears.told->len, ==, 1);
      ears_close (&ears);
    }
}

/* Each watch reports its own changes, in order, one at a time. */
static void
test_several (Fixture *fixture, gconstpointer unused)
{
  static const char *const paths[] = { "", "/chat", "/chat/websocket/port", "/numbers" };
  g_autoptr (GPtrArray) watches = g_ptr_array_new_with_free_func (g_object_unref);
  Ears ears[G_N_ELEMENTS (paths)];

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_ptr_array_add (watches, watch (fixture, paths[i]));
      ears_open (&ears[i], watches->pdata[i]);
    }
  settle (fixture);
  assert_told (&ears[0], 1, "/settled");

  for (guint i = 0; i < 50; i++)
    {
      put (fixture, "/chat/websocket/port", i);
      put (fixture, "/numbers/ratio", i);
    }
  ears_wait (&ears[0], 101);
  ears_wait (&ears[1], 50);
  ears_wait (&ears[2], 50);
  ears_wait (&ears[3], 50);
  settle (fixture);
  for (guint i = 0; i < 100; i++)
    assert_told (&ears[0], 2 + i, i % 2 == 0 ? "/chat/websocket/port" : "/numbers/ratio");
  g_assert_cmpuint (ears[1].told->len, ==, 50);
  g_assert_cmpuint (ears[2].told->len, ==, 50);
  g_assert_cmpuint (ears[3].told->len, ==, 50);
  assert_told (&ears[1], 50, "/chat/websocket/port");
  assert_told (&ears[3], 50, "/numbers/ratio");

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    ears_close (&ears[i]);
}

/* Nothing is lost between the creation of a watch and its registration at the bus. */
static void
test_at_once (Fixture *fixture, gconstpointer unused)
{
  for (guint i = 1; i <= 50; i++)
    {
      g_autoptr (RunconfWatch) self = watch (fixture, "/chat/websocket/port");
      Ears ears;

      ears_open (&ears, self);
      put (fixture, "/chat/websocket/port", i);
      assert_told (&ears, 1, "/chat/websocket/port");
      settle (fixture);
      g_assert_cmpuint (ears.told->len, ==, 1);
      ears_close (&ears);
    }
}

typedef struct
{
  Fixture *fixture;
  guint n_told;
  gint64 last;
} Reader;

static void
read_when_told (RunconfWatch *self, RunconfChange *change, Reader *reader)
{
  gint64 value
      = runconf_configuration_get_int64 (reader->fixture->config, "/chat/websocket/port", -1);

  reader->n_told++;
  g_assert_cmpint (value, >=, (gint64) reader->n_told);
  reader->last = value;
}

/* A reported change, or a newer one, can be read, also after the hand-over to a fresh arena. */
static void
test_read_when_told (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watch (fixture, "/chat/websocket/port");
  g_autofree char *filler = g_strnfill (50000, 'x');
  Reader reader = { fixture, 0, 0 };

  g_signal_connect (self, "changed", G_CALLBACK (read_when_told), &reader);
  settle (fixture);
  for (guint i = 1; i <= 150; i++)
    {
      put (fixture, "/chat/websocket/port", i);
      filler[i] = 'y';
      world_put (&fixture->world, "/filler", g_variant_new_string (filler));
    }
  world_wait_until (reader.n_told == 150);
  g_assert_cmpint (reader.last, ==, 150);
}

/* A context that doesn't run gets all waiting changes as one in the end. */
static void
test_slow (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watch (fixture, "/chat");
  Ears ears;

  ears_open (&ears, self);
  settle (fixture);
  for (guint i = 0; i < 140; i++)
    {
      put (fixture, "/chat/websocket/port", i);
      put (fixture, "/chat/other", i);
    }
  settle (fixture);
  g_assert_cmpuint (ears.told->len, <=, 256);
  assert_told (&ears, 1, "/chat/websocket/port /chat/other");
  assert_told (&ears, ears.told->len, "/chat/other");
  ears_close (&ears);
}

static void
test_disposed (Fixture *fixture, gconstpointer unused)
{
  RunconfWatch *self = watch (fixture, "/chat/websocket/port");
  g_autoptr (RunconfWatch) kept = watch (fixture, "/chat/websocket/port");
  Ears ears, kept_ears;

  ears_open (&kept_ears, kept);
  ears_open (&ears, self);
  settle (fixture);
  put (fixture, "/chat/websocket/port", 1);
  g_object_run_dispose (G_OBJECT (self));
  assert_told (&kept_ears, 1, "/chat/websocket/port");
  put (fixture, "/chat/websocket/port", 2);
  assert_told (&kept_ears, 2, "/chat/websocket/port");
  settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 0);
  ears_close (&ears);
  g_assert_finalize_object (self);
  ears_close (&kept_ears);
}

/* The plain signal needs no watch, and can be connected at any time. */
static void
test_plain (Fixture *fixture, gconstpointer unused)
{
  Ears ears;

  ears_open (&ears, fixture->config);
  put (fixture, "/chat/websocket/port", 1);
  assert_told (&ears, 1, "/chat/websocket/port");
  put (fixture, "/chat/websocket/port", 2);
  put (fixture, "/numbers/ratio", 2);
  assert_told (&ears, 2, "/chat/websocket/port");
  assert_told (&ears, 3, "/numbers/ratio");
  settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 4);
  ears_close (&ears);
}

static void
test_plain_later (Fixture *fixture, gconstpointer unused)
{
  Ears ears;

  settle (fixture);
  put (fixture, "/chat/websocket/port", 1);
  world_turn (20);
  ears_open (&ears, fixture->config);
  put (fixture, "/numbers/ratio", 2);
  assert_told (&ears, 1, "/numbers/ratio");
  ears_close (&ears);
}

static gboolean
count_notify (guint *n)
{
  ++*n;

  return TRUE;
}

static void
test_notify (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watch (fixture, "/chat");
  guint n_version = 0, n_metadata = 0, n_connected = 0;

  g_signal_connect_swapped (fixture->config, "notify::version", G_CALLBACK (count_notify),
                            &n_version);
  g_signal_connect_swapped (fixture->config, "notify::metadata", G_CALLBACK (count_notify),
                            &n_metadata);
  g_signal_connect_swapped (fixture->config, "notify::connected", G_CALLBACK (count_notify),
                            &n_connected);
  settle (fixture);
  n_version = n_metadata = 0;
  put (fixture, "/chat/greeting", 1);
  world_wait_until (n_version == 1);
  world_turn (20);
  g_assert_cmpuint (n_version, ==, 1);
  g_assert_cmpuint (n_metadata, ==, 1);
  g_assert_cmpuint (n_connected, ==, 0);
}

static gpointer
watch_in_thread (gpointer data)
{
  Fixture *fixture = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  RunconfWatch *self;
  Ears ears;

  g_main_context_push_thread_default (context);
  self = watch (fixture, "/chat");
  ears_open (&ears, self);
  put (fixture, "/chat/greeting", 1);
  assert_told (&ears, 1, "/chat/greeting");
  ears_close (&ears);
  g_assert_finalize_object (self);
  g_main_context_pop_thread_default (context);

  return NULL;
}

/* A watch emits in the context in which it was made, which only this test runs. */
static void
test_other_context (Fixture *fixture, gconstpointer unused)
{
  g_thread_join (g_thread_new ("watch", watch_in_thread, fixture));
}

static char *
print_value (GVariant *value)
{
  g_autoptr (GVariant) owned = value;

  return value != NULL ? g_variant_print (value, FALSE) : g_strdup ("-");
}

/* A text of a change with its values: "PATH=OLD>NEW …", "-" for no value */
static void
note_values (RunconfWatch *self, RunconfChange *change, GPtrArray *noted)
{
  GString *text = g_string_new (NULL);

  for (const char *const *path = runconf_change_get_paths (change); *path != NULL; path++)
    {
      g_autofree char *before = print_value (runconf_change_get_old_value (change, *path));
      g_autofree char *after = print_value (runconf_change_get_new_value (change, *path));

      g_string_append_printf (text, "%s%s=%.20s>%.20s", text->len > 0 ? " " : "", *path, before,
                              after);
    }
  g_ptr_array_add (noted, g_string_free (text, FALSE));
}

/* Each change has the values that it made, also if later changes are in force when it is emitted. */
static void
test_values (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watch (fixture, "/chat/websocket/port");
  g_autoptr (GPtrArray) noted = g_ptr_array_new_with_free_func (g_free);
  static const char *const expected[] = {
    "/chat/websocket/port=8000>1",
    "/chat/websocket/port=1>2",
    /* too large for a signal, then changes above the path */
    "/chat/websocket/port=2>'xxxxxxxxxxxxxxxxxxx",
    "/chat/websocket/port='xxxxxxxxxxxxxxxxxxx>-",
    "/chat/websocket/port=->8000",
  };
  g_autofree char *text = g_strnfill (100000, 'x');
  Ears ears;

  ears_open (&ears, self);
  settle (fixture);
  g_signal_connect (self, "changed", G_CALLBACK (note_values), noted);
  put (fixture, "/chat/websocket/port", 1);
  put (fixture, "/chat/websocket/port", 2);
  world_put (&fixture->world, "/chat/websocket/port", g_variant_new_string (text));
  put (fixture, "/chat", 1);
  call (fixture, "Reset", "/chat");
  ears_wait (&ears, 5);
  settle (fixture);
  g_assert_cmpuint (noted->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (noted->pdata[i], ==, expected[i]);
  ears_close (&ears);
}

static void
keep_change (gpointer object, RunconfChange *change, GPtrArray *kept)
{
  g_ptr_array_add (kept, runconf_change_ref (change));
}

static GPtrArray *
keep_changes (gpointer object)
{
  GPtrArray *kept = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_change_unref);

  g_signal_connect (object, "changed", G_CALLBACK (keep_change), kept);

  return kept;
}

static void
assert_value (GVariant *value, gint64 expected)
{
  g_autoptr (GVariant) owned = value;

  g_assert_nonnull (value);
  g_assert_cmpint (g_variant_get_int64 (value), ==, expected);
}

static void
apply (Fixture *fixture, const char *path, gint64 number, const char *message)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (GError) error = NULL;

  runconf_transaction_set_value (transaction, path, g_variant_new_int64 (number));
  runconf_transaction_set_message (transaction, message);
  g_strfreev (runconf_configuration_apply_sync (fixture->config, transaction, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
on_set (GObject *object, GAsyncResult *result, gpointer n_set)
{
  g_autoptr (GError) error = NULL;

  runconf_configuration_set_int64_finish (RUNCONF_CONFIGURATION (object), result, NULL, &error);
  g_assert_no_error (error);
  (*(guint *) n_set)++;
}

#define N_TOGETHER 64

/* The service commits writes together that wait at the same time. Each change has values of its own. */
static void
test_together (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watch (fixture, "/chat/websocket/port");
  g_autoptr (GPtrArray) kept = keep_changes (self);
  guint n_set = 0;

  settle (fixture);
  for (gint64 i = 1; i <= N_TOGETHER; i++)
    runconf_configuration_set_int64 (fixture->config, "/chat/websocket/port", i, NULL, on_set,
                                     &n_set);
  world_wait_until (n_set == N_TOGETHER && kept->len == N_TOGETHER);

  for (gint64 i = 1; i <= N_TOGETHER; i++)
    {
      RunconfChange *change = kept->pdata[i - 1];

      assert_value (runconf_change_get_old_value (change, "/chat/websocket/port"),
                    i > 1 ? i - 1 : 8000);
      assert_value (runconf_change_get_new_value (change, "/chat/websocket/port"), i);
    }
}

/* A change says who made it, when, and why, and keeps its values after later changes. */
static void
test_author (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watch (fixture, "/chat/websocket/port");
  g_autoptr (GPtrArray) kept = keep_changes (self);
  g_autoptr (GPtrArray) all = keep_changes (fixture->config);
  gint64 start = g_get_real_time ();
  RunconfChange *change;

  settle (fixture);
  apply (fixture, "/chat/websocket/port", 1, "why");
  put (fixture, "/chat/websocket/port", 2);
  put (fixture, "/other", 3);
  world_wait_until (
      kept->len == 2 && all->len > 0
      && g_strv_contains (runconf_change_get_paths (all->pdata[all->len - 1]), "/other"));

  change = kept->pdata[0];
  g_assert_cmpuint (runconf_change_get_version (change) + 1, ==,
                    runconf_change_get_version (kept->pdata[1]));
  g_assert_cmpint (runconf_change_get_time (change), >=, start);
  g_assert_cmpint (runconf_change_get_time (change), <=, g_get_real_time ());
  g_assert_cmpstr (runconf_change_get_origin (change), ==, "apply");
  g_assert_cmpstr (runconf_change_get_message (change), ==, "why");
  g_assert_null (runconf_change_get_caller (change));
  g_assert_cmpint (runconf_change_get_uid (change), ==, getuid ());
  g_assert_cmpint (runconf_change_get_layer (change), ==, RUNCONF_LAYER_OVERRIDE);
  g_assert_cmpuint (runconf_change_get_n_omitted (change), ==, 0);
  assert_value (runconf_change_get_old_value (change, "/chat/websocket/port"), 8000);
  assert_value (runconf_change_get_new_value (change, "/chat/websocket/port"), 1);
  g_assert_null (runconf_change_get_new_value (change, "/other"));

  change = all->pdata[all->len - 1];
  g_assert_cmpstr (runconf_change_get_origin (change), ==, "set");
  g_assert_null (runconf_change_get_message (change));
  g_assert_null (runconf_change_get_old_value (change, "/other"));
  assert_value (runconf_change_get_new_value (change, "/other"), 3);
}

/* Several changes that are reported as one have the newest version and no author. */
static void
test_united (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watch (fixture, "/chat/websocket/port");
  g_autoptr (GPtrArray) kept = keep_changes (self);
  RunconfChange *change;
  guint64 base;

  settle (fixture);
  base = runconf_configuration_get_version (fixture->config);
  for (guint i = 1; i <= 1000; i++)
    put (fixture, "/chat/websocket/port", i);
  world_wait_until (kept->len > 0
                    && runconf_change_get_version (kept->pdata[kept->len - 1]) >= base + 1000);
  g_assert_cmpuint (kept->len, <, 1000);

  for (guint i = 0; i < kept->len; i++)
    if (runconf_change_get_origin (kept->pdata[i]) == NULL)
      {
        change = kept->pdata[i];
        g_assert_cmpint (runconf_change_get_uid (change), ==, -1);
        g_assert_null (runconf_change_get_message (change));
        g_assert_cmpint (runconf_change_get_layer (change), ==, RUNCONF_LAYER_UNKNOWN);
        assert_value (runconf_change_get_new_value (change, "/chat/websocket/port"),
                      (gint64) (runconf_change_get_version (change) - base));
        return;
      }
  g_assert_not_reached ();
}

static void
stop_when_told (RunconfWatch *self, RunconfChange *change, guint *n_told)
{
  ++*n_told;
  runconf_watch_stop (self);
}

static void
count_told (RunconfWatch *self, RunconfChange *change, guint *n_told)
{
  ++*n_told;
}

/* After the stop no handler is called: neither for waiting changes, nor for the one that is reported. */
static void
test_stop (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watch (fixture, "/chat");
  g_autoptr (RunconfWatch) waiting = watch (fixture, "/chat");
  g_autoptr (RunconfWatch) other = watch (fixture, "/chat");
  guint n_told = 0, n_after = 0, n_waiting = 0;
  Ears ears;

  g_signal_connect (self, "changed", G_CALLBACK (stop_when_told), &n_told);
  g_signal_connect (self, "changed", G_CALLBACK (count_told), &n_after);
  g_signal_connect (waiting, "changed", G_CALLBACK (count_told), &n_waiting);
  ears_open (&ears, other);
  settle (fixture);
  put (fixture, "/chat/greeting", 1);
  put (fixture, "/chat/greeting", 2);
  runconf_watch_stop (waiting);
  runconf_watch_stop (waiting);
  ears_wait (&ears, 2);
  settle (fixture);
  put (fixture, "/chat/greeting", 3);
  ears_wait (&ears, 3);
  g_assert_cmpuint (n_told, ==, 1);
  g_assert_cmpuint (n_after, ==, 0);
  g_assert_cmpuint (n_waiting, ==, 0);
  g_assert_cmpstr (runconf_watch_get_path (self), ==, "/chat");
  ears_close (&ears);
}

/* the limit of the bus, and the rules of a configuration without watches */
#define MAX_RULES 512
#define N_BASES 4

static gboolean
call_bus (Fixture *fixture, const char *method, guint number)
{
  g_autofree char *rule = g_strdup_printf ("type='signal',member='Unused%u'", number);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      fixture->world.connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
      "org.freedesktop.DBus", method, g_variant_new ("(s)", rule), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
      NULL, NULL);

  return reply != NULL;
}

/* Takes all match rules that the bus still allows. Returns: their number */
static guint
fill_bus (Fixture *fixture)
{
  guint n = 0;

  while (call_bus (fixture, "AddMatch", n))
    n++;

  return n;
}

static void
free_bus (Fixture *fixture, guint n)
{
  for (guint i = 0; i < n; i++)
    g_assert_true (call_bus (fixture, "RemoveMatch", i));
}

/* Returns: the number of match rules that the library has */
static guint
count_rules (Fixture *fixture)
{
  guint n = fill_bus (fixture);

  free_bus (fixture, n);

  return MAX_RULES - n;
}

static void
note_failure (RunconfWatch *self, const GError *error, guint *n)
{
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_LIMITS_EXCEEDED);
  ++*n;
}

/* Watches of more paths than the bus allows rules: those that are left after a drop are alive. */
static void
check_many (Fixture *fixture, gboolean is_same)
{
  enum
  {
    N = 560,
    N_LEFT = 20
  };
  g_autoptr (GPtrArray) watches = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree Ears *ears = g_new0 (Ears, N);
  guint n_failed = 0, n_before = messages_count ("match rule");

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *path = g_strdup_printf ("/many%u/x", is_same ? 0 : i);

      g_ptr_array_add (watches, watch (fixture, path));
      ears_open (&ears[i], watches->pdata[i]);
      g_signal_connect (watches->pdata[i], "failed", G_CALLBACK (note_failure), &n_failed);
    }
  settle (fixture);
  g_assert_cmpuint (count_rules (fixture), ==, N_BASES + 1);

  for (guint i = N_LEFT; i < N; i++)
    ears_close (&ears[i]);
  g_ptr_array_set_size (watches, N_LEFT);
  settle (fixture);
  for (guint i = 0; i < (is_same ? 1 : N_LEFT); i++)
    {
      g_autofree char *path = g_strdup_printf ("/many%u/x", i);

      put (fixture, path, 1);
    }
  settle (fixture);
  for (guint i = 0; i < N_LEFT; i++)
    {
      assert_told (&ears[i], 1, runconf_watch_get_path (watches->pdata[i]));
      g_assert_cmpuint (ears[i].told->len, ==, 1);
      ears_close (&ears[i]);
    }
  g_assert_cmpuint (n_failed, ==, 0);
  g_assert_cmpuint (messages_count ("match rule"), ==, n_before);
  g_ptr_array_set_size (watches, 0);
  settle (fixture);
  g_assert_cmpuint (count_rules (fixture), ==, N_BASES);
}

static void
test_many (Fixture *fixture, gconstpointer unused)
{
  check_many (fixture, FALSE);
}

static void
test_many_of_one (Fixture *fixture, gconstpointer unused)
{
  check_many (fixture, TRUE);
}

/* Objects of the same configuration have the same rules, and each drops its own uses of them. */
static void
test_shared_rules (Fixture *fixture, gconstpointer unused)
{
  RunconfConfiguration *second = world_open (&fixture->world);
  g_autoptr (RunconfWatch) self = watch (fixture, "/chat");
  RunconfWatch *other = runconf_configuration_watch (second, "/chat", NULL);
  Ears ears;

  ears_open (&ears, self);
  settle (fixture);
  g_assert_cmpuint (count_rules (fixture), ==, N_BASES + 1);
  g_assert_finalize_object (other);
  g_assert_finalize_object (second);
  settle (fixture);
  put (fixture, "/chat/greeting", 1);
  assert_told (&ears, 1, "/chat/greeting");
  g_assert_cmpuint (count_rules (fixture), ==, N_BASES + 1);
  ears_close (&ears);
}

/* A program that uses all rules itself learns that a watch is late; the watch loses no change, and its
 * end removes no rule of the program.
 */
static void
test_refused (Fixture *fixture, gconstpointer unused)
{
  guint n_failed = 0, n_before = messages_count ("match rule"), n;
  g_autoptr (RunconfWatch) early = watch (fixture, "/chat/websocket");
  g_autoptr (RunconfWatch) self = NULL;
  Ears early_ears, ears;

  ears_open (&early_ears, early);
  g_signal_connect (early, "failed", G_CALLBACK (note_failure), &n_failed);
  settle (fixture);
  n = fill_bus (fixture);
  g_assert_cmpuint (n, ==, MAX_RULES - N_BASES - 1);

  /* one rule suffices for both */
  self = watch (fixture, "/numbers");
  ears_open (&ears, self);
  g_signal_connect (self, "failed", G_CALLBACK (note_failure), &n_failed);
  put (fixture, "/numbers/ratio", 1);
  assert_told (&ears, 1, "/numbers/ratio");
  put (fixture, "/chat/websocket/port", 1);
  assert_told (&early_ears, 1, "/chat/websocket/port");
  g_assert_cmpuint (n_failed, ==, 0);

  /* none is left after the last watch has ended */
  ears_close (&ears);
  ears_close (&early_ears);
  g_clear_object (&self);
  g_clear_object (&early);
  while (n < MAX_RULES - N_BASES)
    n += call_bus (fixture, "AddMatch", n);
  self = watch (fixture, "/numbers");
  ears_open (&ears, self);
  g_signal_connect (self, "failed", G_CALLBACK (note_failure), &n_failed);
  world_wait_until (n_failed == 1);
  g_assert_cmpuint (messages_count ("match rule"), ==, n_before + 1);
  put (fixture, "/numbers/ratio", 2);
  put (fixture, "/numbers/negative", 2);
  world_wait_until (ears.told->len > 0);

  free_bus (fixture, n);
  world_wait_until (count_rules (fixture) == N_BASES + 1);
  g_ptr_array_set_size (ears.told, 0);
  put (fixture, "/numbers/ratio", 3);
  put (fixture, "/numbers/ratio", 4);
  assert_told (&ears, 2, "/numbers/ratio");
  g_assert_cmpuint (n_failed, ==, 1);
  ears_close (&ears);
}

/* A program that already uses all rules can open a configuration, and gets its signals later. */
static void
test_refused_from_the_start (Fixture *fixture, gconstpointer unused)
{
  RunconfConfiguration *second;
  guint n, n_before = messages_count ("match rule");

  g_assert_finalize_object (fixture->config);
  world_wait_until (count_rules (fixture) == 0);
  n = fill_bus (fixture);
  fixture->config = world_open (&fixture->world);
  world_wait_until (messages_count ("match rule") > n_before);
  free_bus (fixture, n);
  world_wait_until (count_rules (fixture) == N_BASES);
  world_stop_service (&fixture->world);
  world_wait_until (!runconf_configuration_get_connected (fixture->config));
  world_start_service (&fixture->world);
  world_wait_until (runconf_configuration_get_connected (fixture->config));

  second = world_open (&fixture->world);
  world_turn (20);
  g_assert_cmpuint (count_rules (fixture), ==, N_BASES);
  g_assert_finalize_object (second);
}

typedef struct
{
  RunconfWatch *watch;
  GHashTable *expected; /* the paths that changed since the last comparison */
  GHashTable *told;
} Modelled;

static void
modelled_free (gpointer data)
{
  Modelled *self = data;

  g_signal_handlers_disconnect_by_data (self->watch, self);
  g_object_unref (self->watch);
  g_hash_table_unref (self->expected);
  g_hash_table_unref (self->told);
  g_free (self);
}

static void
note_told (RunconfWatch *watch, RunconfChange *change, Modelled *self)
{
  const char *const *paths = runconf_change_get_paths (change);

  for (guint i = 0; paths[i] != NULL; i++)
    g_hash_table_add (self->told, g_strdup (paths[i]));
}

static char *
choose_path (gboolean is_leaf)
{
  int group = g_test_rand_int_range (0, 30);

  if (!is_leaf && g_test_rand_int_range (0, 40) == 0)
    return g_strdup ("");
  if (!is_leaf && g_test_rand_bit ())
    return g_strdup_printf ("/g%d", group);

  return g_strdup_printf ("/g%d/k%d", group, g_test_rand_int_range (0, 3));
}

static void
add_modelled (Fixture *fixture, GPtrArray *all)
{
  Modelled *self = g_new0 (Modelled, 1);
  g_autofree char *path = choose_path (FALSE);

  self->watch = watch (fixture, path);
  self->expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_signal_connect (self->watch, "changed", G_CALLBACK (note_told), self);
  g_ptr_array_add (all, self);
}

static void
put_modelled (Fixture *fixture, GPtrArray *all)
{
  static gint64 number;
  g_autofree char *path = choose_path (TRUE);

  put (fixture, path, ++number);
  for (guint i = 0; i < all->len; i++)
    {
      Modelled *self = all->pdata[i];
      const char *watched = runconf_watch_get_path (self->watch);

      if (g_str_has_prefix (path, watched) && strchr ("/", path[strlen (watched)]) != NULL)
        g_hash_table_add (self->expected, g_strdup (path));
    }
}

static gboolean
is_as_expected (GPtrArray *all)
{
  for (guint i = 0; i < all->len; i++)
    {
      Modelled *self = all->pdata[i];

      if (g_hash_table_size (self->told) < g_hash_table_size (self->expected))
        return FALSE;
    }

  return TRUE;
}

static void
compare_modelled (GPtrArray *all)
{
  for (guint i = 0; i < all->len; i++)
    {
      Modelled *self = all->pdata[i];
      GHashTableIter iter;
      gpointer path;

      g_hash_table_iter_init (&iter, self->told);
      while (g_hash_table_iter_next (&iter, &path, NULL))
        if (g_str_equal (path, "/settled"))
          g_hash_table_iter_remove (&iter);
        else
          g_assert_true (g_hash_table_contains (self->expected, path));
      g_assert_cmpuint (g_hash_table_size (self->told), ==, g_hash_table_size (self->expected));
      g_hash_table_remove_all (self->told);
      g_hash_table_remove_all (self->expected);
    }
}

/* Whatever watches are added and dropped, and also while the bus refuses rules, each watch reports
 * exactly the changes of its part.
 */
static void
test_random (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (modelled_free);
  guint n_taken = 0;

  for (guint round = 0; round < 60; round++)
    {
      gboolean is_growing = g_test_rand_bit ();

      if (round % 10 == 3)
        n_taken = fill_bus (fixture);
      if (round % 10 == 6)
        {
          free_bus (fixture, n_taken);
          n_taken = 0;
        }

      for (guint step = 0; step < 20; step++)
        if (g_test_rand_int_range (0, 3) == 0)
          put_modelled (fixture, all);
        else if (is_growing || all->len == 0)
          add_modelled (fixture, all);
        else
          g_ptr_array_remove_index_fast (all, g_test_rand_int_range (0, all->len));

      world_wait_until (is_as_expected (all));
      if (n_taken == 0)
        settle (fixture);
      compare_modelled (all);
    }
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/watch/leaf", test_leaf },
    { "/watch/mapping", test_mapping },
    { "/watch/element", test_element },
    { "/watch/odd-paths", test_odd_paths },
    { "/watch/several", test_several },
    { "/watch/at-once", test_at_once },
    { "/watch/read-when-told", test_read_when_told },
    { "/watch/slow", test_slow },
    { "/watch/disposed", test_disposed },
    { "/watch/plain", test_plain },
    { "/watch/plain-later", test_plain_later },
    { "/watch/notify", test_notify },
    { "/watch/other-context", test_other_context },
    { "/watch/values", test_values },
    { "/watch/together", test_together },
    { "/watch/author", test_author },
    { "/watch/united", test_united },
    { "/watch/stop", test_stop },
    { "/watch/many", test_many },
    { "/watch/many-of-one", test_many_of_one },
    { "/watch/shared-rules", test_shared_rules },
    { "/watch/refused", test_refused },
    { "/watch/refused-from-the-start", test_refused_from_the_start },
    { "/watch/random", test_random },
  };

  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);

  return g_test_run ();
}
