/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "watching.h"

static void
call (Watching *fixture, const char *method, const char *argument)
{
  g_variant_unref (world_call (&fixture->world, method, g_variant_new ("(s)", argument)));
}

static void
test_leaf (Watching *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat/websocket/port");
  Ears ears;

  ears_open (&ears, self);
  watching_settle (fixture);
  watching_put (fixture, "/chat/websocket/port", 1);
  watching_assert_told (&ears, 1, "/chat/websocket/port");
  watching_put (fixture, "/chat/websocket/timeout", 1);
  watching_put (fixture, "/chat/greeting", 1);
  watching_put (fixture, "/numbers/ratio", 1);
  watching_put (fixture, "/chat/websocket/port", 2);
  watching_assert_told (&ears, 2, "/chat/websocket/port");
  watching_settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 2);

  /* its parent is removed, and added again */
  watching_put (fixture, "/chat", 1);
  watching_assert_told (&ears, 3, "/chat/websocket/port");
  call (fixture, "Reset", "/chat");
  watching_assert_told (&ears, 4, "/chat/websocket/port");
  watching_settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 4);
  ears_close (&ears);
}

static void
test_mapping (Watching *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat/websocket");
  Ears ears;

  ears_open (&ears, self);
  watching_settle (fixture);
  watching_put (fixture, "/chat/websocket/port", 1);
  watching_assert_told (&ears, 1, "/chat/websocket/port");
  watching_put (fixture, "/chat/greeting", 1);
  watching_put (fixture, "/chat/websocketeer", 1);
  watching_put (fixture, "/chat/websocket/deep/er", 1);
  watching_assert_told (&ears, 2, "/chat/websocket/deep/er");

  g_variant_unref (world_call (
      &fixture->world, "MergeText",
      g_variant_new ("(sa{sv})", "chat: {greeting: 7, websocket: {port: 2, host: there}}", NULL)));
  watching_assert_told (&ears, 3, "/chat/websocket/host /chat/websocket/port");
  watching_settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 3);
  ears_close (&ears);
}

/* An element of a sequence is reported by its own path, and only if it differs. */
static void
test_element (Watching *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/servers/1/port");
  Ears ears;

  ears_open (&ears, self);
  watching_settle (fixture);
  watching_put (fixture, "/servers/0/port", 10);
  watching_put (fixture, "/servers/1/port", 20);
  watching_assert_told (&ears, 1, "/servers/1/port");
  g_assert_cmpint (runconf_configuration_get_int64 (fixture->config, "/servers/1/port", 0), ==, 20);
  watching_put (fixture, "/servers", 1);
  watching_assert_told (&ears, 2, "/servers/1/port");
  watching_settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 2);
  ears_close (&ears);
}

/* Paths that a match rule of the bus can't contain. */
static void
test_odd_paths (Watching *fixture, gconstpointer unused)
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
      g_autoptr (RunconfWatch) self = watching_new (fixture, paths[i]);
      g_autofree char *other = g_strconcat (paths[i], "-other", NULL);
      Ears ears;

      ears_open (&ears, self);
      watching_settle (fixture);
      watching_put (fixture, other, i);
      watching_put (fixture, paths[i], 100 + i);
      watching_assert_told (&ears, 1, paths[i]);
      watching_put (fixture, beside, i);
      watching_settle (fixture);
      g_assert_cmpuint (ears.told->len, ==, 1);
      ears_close (&ears);
    }
}

/* Each watch reports its own changes, in order, one at a time. */
static void
test_several (Watching *fixture, gconstpointer unused)
{
  static const char *const paths[] = { "", "/chat", "/chat/websocket/port", "/numbers" };
  g_autoptr (GPtrArray) watches = g_ptr_array_new_with_free_func (g_object_unref);
  Ears ears[G_N_ELEMENTS (paths)];

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_ptr_array_add (watches, watching_new (fixture, paths[i]));
      ears_open (&ears[i], watches->pdata[i]);
    }
  watching_settle (fixture);
  watching_assert_told (&ears[0], 1, "/settled");

  for (guint i = 0; i < 50; i++)
    {
      watching_put (fixture, "/chat/websocket/port", i);
      watching_put (fixture, "/numbers/ratio", i);
    }
  ears_wait (&ears[0], 101);
  ears_wait (&ears[1], 50);
  ears_wait (&ears[2], 50);
  ears_wait (&ears[3], 50);
  watching_settle (fixture);
  for (guint i = 0; i < 100; i++)
    watching_assert_told (&ears[0], 2 + i, i % 2 == 0 ? "/chat/websocket/port" : "/numbers/ratio");
  g_assert_cmpuint (ears[1].told->len, ==, 50);
  g_assert_cmpuint (ears[2].told->len, ==, 50);
  g_assert_cmpuint (ears[3].told->len, ==, 50);
  watching_assert_told (&ears[1], 50, "/chat/websocket/port");
  watching_assert_told (&ears[3], 50, "/numbers/ratio");

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    ears_close (&ears[i]);
}

/* Nothing is lost between the creation of a watch and its registration at the bus. */
static void
test_at_once (Watching *fixture, gconstpointer unused)
{
  for (guint i = 1; i <= 50; i++)
    {
      g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat/websocket/port");
      Ears ears;

      ears_open (&ears, self);
      watching_put (fixture, "/chat/websocket/port", i);
      watching_assert_told (&ears, 1, "/chat/websocket/port");
      watching_settle (fixture);
      g_assert_cmpuint (ears.told->len, ==, 1);
      ears_close (&ears);
    }
}

typedef struct
{
  Watching *fixture;
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
test_read_when_told (Watching *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat/websocket/port");
  g_autofree char *filler = g_strnfill (50000, 'x');
  Reader reader = { fixture, 0, 0 };

  g_signal_connect (self, "changed", G_CALLBACK (read_when_told), &reader);
  watching_settle (fixture);
  for (guint i = 1; i <= 150; i++)
    {
      watching_put (fixture, "/chat/websocket/port", i);
      filler[i] = 'y';
      world_put (&fixture->world, "/filler", g_variant_new_string (filler));
    }
  world_wait_until (reader.n_told == 150);
  g_assert_cmpint (reader.last, ==, 150);
}

/* A context that doesn't run gets all waiting changes as one in the end. */
static void
test_slow (Watching *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat");
  Ears ears;

  ears_open (&ears, self);
  watching_settle (fixture);
  for (guint i = 0; i < 140; i++)
    {
      watching_put (fixture, "/chat/websocket/port", i);
      watching_put (fixture, "/chat/other", i);
    }
  watching_settle (fixture);
  g_assert_cmpuint (ears.told->len, <=, 256);
  watching_assert_told (&ears, 1, "/chat/websocket/port /chat/other");
  watching_assert_told (&ears, ears.told->len, "/chat/other");
  ears_close (&ears);
}

static void
test_disposed (Watching *fixture, gconstpointer unused)
{
  RunconfWatch *self = watching_new (fixture, "/chat/websocket/port");
  g_autoptr (RunconfWatch) kept = watching_new (fixture, "/chat/websocket/port");
  Ears ears, kept_ears;

  ears_open (&kept_ears, kept);
  ears_open (&ears, self);
  watching_settle (fixture);
  watching_put (fixture, "/chat/websocket/port", 1);
  g_object_run_dispose (G_OBJECT (self));
  watching_assert_told (&kept_ears, 1, "/chat/websocket/port");
  watching_put (fixture, "/chat/websocket/port", 2);
  watching_assert_told (&kept_ears, 2, "/chat/websocket/port");
  watching_settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 0);
  ears_close (&ears);
  g_assert_finalize_object (self);
  ears_close (&kept_ears);
}

/* The plain signal needs no watch, and can be connected at any time. */
static void
test_plain (Watching *fixture, gconstpointer unused)
{
  Ears ears;

  ears_open (&ears, fixture->config);
  watching_put (fixture, "/chat/websocket/port", 1);
  watching_assert_told (&ears, 1, "/chat/websocket/port");
  watching_put (fixture, "/chat/websocket/port", 2);
  watching_put (fixture, "/numbers/ratio", 2);
  watching_assert_told (&ears, 2, "/chat/websocket/port");
  watching_assert_told (&ears, 3, "/numbers/ratio");
  watching_settle (fixture);
  g_assert_cmpuint (ears.told->len, ==, 4);
  ears_close (&ears);
}

static void
test_plain_later (Watching *fixture, gconstpointer unused)
{
  Ears ears;

  watching_settle (fixture);
  watching_put (fixture, "/chat/websocket/port", 1);
  world_turn (20);
  ears_open (&ears, fixture->config);
  watching_put (fixture, "/numbers/ratio", 2);
  watching_assert_told (&ears, 1, "/numbers/ratio");
  ears_close (&ears);
}

static gboolean
count_notify (guint *n)
{
  ++*n;

  return TRUE;
}

static void
test_notify (Watching *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat");
  guint n_version = 0, n_metadata = 0, n_connected = 0;

  g_signal_connect_swapped (fixture->config, "notify::version", G_CALLBACK (count_notify),
                            &n_version);
  g_signal_connect_swapped (fixture->config, "notify::metadata", G_CALLBACK (count_notify),
                            &n_metadata);
  g_signal_connect_swapped (fixture->config, "notify::connected", G_CALLBACK (count_notify),
                            &n_connected);
  watching_settle (fixture);
  n_version = n_metadata = 0;
  watching_put (fixture, "/chat/greeting", 1);
  world_wait_until (n_version == 1);
  world_turn (20);
  g_assert_cmpuint (n_version, ==, 1);
  g_assert_cmpuint (n_metadata, ==, 1);
  g_assert_cmpuint (n_connected, ==, 0);
}

static gpointer
watch_in_thread (gpointer data)
{
  Watching *fixture = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  RunconfWatch *self;
  Ears ears;

  g_main_context_push_thread_default (context);
  self = watching_new (fixture, "/chat");
  ears_open (&ears, self);
  watching_put (fixture, "/chat/greeting", 1);
  watching_assert_told (&ears, 1, "/chat/greeting");
  ears_close (&ears);
  g_assert_finalize_object (self);
  g_main_context_pop_thread_default (context);

  return NULL;
}

/* A watch emits in the context in which it was made, which only this test runs. */
static void
test_other_context (Watching *fixture, gconstpointer unused)
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
test_values (Watching *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat/websocket/port");
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
  watching_settle (fixture);
  g_signal_connect (self, "changed", G_CALLBACK (note_values), noted);
  watching_put (fixture, "/chat/websocket/port", 1);
  watching_put (fixture, "/chat/websocket/port", 2);
  world_put (&fixture->world, "/chat/websocket/port", g_variant_new_string (text));
  watching_put (fixture, "/chat", 1);
  call (fixture, "Reset", "/chat");
  ears_wait (&ears, 5);
  watching_settle (fixture);
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
apply (Watching *fixture, const char *path, gint64 number, const char *message)
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
test_together (Watching *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat/websocket/port");
  g_autoptr (GPtrArray) kept = keep_changes (self);
  guint n_set = 0;

  watching_settle (fixture);
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
test_author (Watching *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat/websocket/port");
  g_autoptr (GPtrArray) kept = keep_changes (self);
  g_autoptr (GPtrArray) all = keep_changes (fixture->config);
  gint64 start = g_get_real_time ();
  RunconfChange *change;

  watching_settle (fixture);
  apply (fixture, "/chat/websocket/port", 1, "why");
  watching_put (fixture, "/chat/websocket/port", 2);
  watching_put (fixture, "/other", 3);
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
test_united (Watching *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat/websocket/port");
  g_autoptr (GPtrArray) kept = keep_changes (self);
  RunconfChange *change;
  guint64 base;

  watching_settle (fixture);
  base = runconf_configuration_get_version (fixture->config);
  for (guint i = 1; i <= 1000; i++)
    watching_put (fixture, "/chat/websocket/port", i);
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
test_stop (Watching *fixture, gconstpointer unused)
{
  g_autoptr (RunconfWatch) self = watching_new (fixture, "/chat");
  g_autoptr (RunconfWatch) waiting = watching_new (fixture, "/chat");
  g_autoptr (RunconfWatch) other = watching_new (fixture, "/chat");
  guint n_told = 0, n_after = 0, n_waiting = 0;
  Ears ears;

  g_signal_connect (self, "changed", G_CALLBACK (stop_when_told), &n_told);
  g_signal_connect (self, "changed", G_CALLBACK (count_told), &n_after);
  g_signal_connect (waiting, "changed", G_CALLBACK (count_told), &n_waiting);
  ears_open (&ears, other);
  watching_settle (fixture);
  watching_put (fixture, "/chat/greeting", 1);
  watching_put (fixture, "/chat/greeting", 2);
  runconf_watch_stop (waiting);
  runconf_watch_stop (waiting);
  ears_wait (&ears, 2);
  watching_settle (fixture);
  watching_put (fixture, "/chat/greeting", 3);
  ears_wait (&ears, 3);
  g_assert_cmpuint (n_told, ==, 1);
  g_assert_cmpuint (n_after, ==, 0);
  g_assert_cmpuint (n_waiting, ==, 0);
  g_assert_cmpstr (runconf_watch_get_path (self), ==, "/chat");
  ears_close (&ears);
}

int
main (int argc, char *argv[])
{
  static const WatchingTest tests[] = {
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
  };

  g_test_init (&argc, &argv, NULL);
  watching_add_tests (tests, G_N_ELEMENTS (tests));

  return g_test_run ();
}
