/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/key.h>

#include "client/call.h"
#include "gadget.h"
#include "service.h"

/* A part of a configuration behaves as the whole does with longer paths. */

#define DEFAULTS "chat: {'a/b': {port: 8000, list: [1, {x: 2}]}, name: n}\nother: {port: 1}\n"

static RunconfConfiguration *
make (void)
{
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *configuration = runconf_configuration_new_in_memory (
      "default",
      g_variant_new_parsed (
          "{'chat': <{'a/b': <{'port': <int64 8000>, 'list': <[<int64 1>, "
          "<{'x': <int64 2>}>]>}>, 'name': <'n'>}>, 'other': <{'port': <int64 1>}>}"),
      &error);

  g_assert_no_error (error);

  return configuration;
}

static RunconfConfiguration *
get_part (RunconfConfiguration *whole, const char *path)
{
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *part = runconf_configuration_get_child (whole, path, &error);

  g_assert_no_error (error);

  return part;
}

static void
turn (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static const char *const bases[]
    = { "", "/chat", "/chat/a~1b", "/chat/a~1b/list", "/chat/a~1b/list/1", "/chat/new", "/other" };

static const char *const paths[] = {
  "",     "/port", "/a~1b", "/a~1b/port", "/list", "/list/0", "/list/-", "/0",
  "/1/x", "/x",    "/name", "/new/deep",  "/9",    "port",    "/a~2",    "/-",
};

static const char *const values[]
    = { "int64 1", "int64 8000", "'n'", "[1, 2]", "{'x': <5>, 'port': <6>}", "signature ''" };

static const char *const mappings[]
    = { "@a{sv} {}", "{'port': <7>}", "{'a/b': <{'port': <9>}>}", "{'x': <signature ''>}" };

static const char *const options[]
    = { "@a{sv} {}", "{'dry-run': <true>}", "{'report-overrides': <true>}", "{'colour': <1>}" };

#define DRAW(array) (array)[g_test_rand_int_range (0, G_N_ELEMENTS (array))]

/* the call that a program makes of the part, and the same for the whole */
typedef struct
{
  RunconfMethod part_method;
  GVariant *part;
  RunconfMethod whole_method;
  GVariant *whole;
} Calls;

static char *
join (const char *base, const char *path)
{
  gboolean is_pointer = *path == '\0' || *path == '/';

  return g_strconcat (is_pointer ? base : "", path, NULL);
}

static Calls
draw_calls (const char *base)
{
  static const char *const verbs[] = { "set", "replace", "reset", "unset" };
  const char *path = DRAW (paths), *verb = DRAW (verbs);
  g_autofree char *full = join (base, path);
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (DRAW (values)));
  g_autoptr (GVariant) mapping = g_variant_ref_sink (g_variant_new_parsed (DRAW (mappings)));
  g_autoptr (GVariant) chosen = g_variant_ref_sink (g_variant_new_parsed (DRAW (options)));
  GVariant *none = g_variant_new_parsed ("@a{sv} {}");

  switch (g_test_rand_int_range (0, 5))
    {
    case 0:
      g_variant_unref (g_variant_ref_sink (none));
      return (Calls){ RUNCONF_METHOD_SET, g_variant_new ("(sv)", path, value), RUNCONF_METHOD_SET,
                      g_variant_new ("(sv)", full, value) };
    case 1:
      g_variant_unref (g_variant_ref_sink (none));
      return (Calls){ RUNCONF_METHOD_RESET, g_variant_new ("(s)", path), RUNCONF_METHOD_RESET,
                      g_variant_new ("(s)", full) };
    case 2:
      return (Calls){
        RUNCONF_METHOD_MERGE, g_variant_new ("(@a{sv})", mapping), RUNCONF_METHOD_APPLY,
        g_variant_new_parsed ("([('merge', %s, <%@a{sv}>)], %@a{sv})", base, mapping, none)
      };
    case 3:
      g_variant_unref (g_variant_ref_sink (none));
      return (Calls){ RUNCONF_METHOD_SAVE, g_variant_new ("(@a{sv}@a{sv})", mapping, chosen),
                      RUNCONF_METHOD_APPLY,
                      g_variant_new_parsed ("([('save', %s, <%@a{sv}>)], %@a{sv})", base, mapping,
                                            chosen) };
    default:
      g_variant_unref (g_variant_ref_sink (none));
      return (
          Calls){ RUNCONF_METHOD_APPLY,
                  g_variant_new_parsed ("([(%s, %s, %v)], %@a{sv})", verb, path, value, chosen),
                  RUNCONF_METHOD_APPLY,
                  g_variant_new_parsed ("([(%s, %s, %v)], %@a{sv})", verb, full, value, chosen) };
    }
}

/* Returns: (transfer full): the paths as those of the part */
static GPtrArray *
strip (const char *base, const char *const *all)
{
  GPtrArray *stripped = g_ptr_array_new_with_free_func (g_free);

  for (; *all != NULL; all++)
    if (g_str_has_prefix (*all, base))
      g_ptr_array_add (stripped, g_strdup (*all + strlen (base)));
    else
      g_ptr_array_add (stripped, g_strdup (**all == '/' ? "" : *all));

  return stripped;
}

static char *
print_reply (const char *base, GVariant *reply, const GError *error)
{
  g_autoptr (GPtrArray) stripped = NULL;
  g_autofree const char **changed = NULL;
  guint64 version;

  if (reply == NULL)
    return g_strdup_printf ("%d: %s", error->code, error->message);
  if (g_variant_n_children (reply) == 1)
    return g_variant_print (reply, TRUE);

  g_variant_get (reply, "(t^a&s)", &version, &changed);
  stripped = strip (base, changed);
  g_ptr_array_add (stripped, NULL);

  return g_strjoinv (" ", (char **) stripped->pdata);
}

/* An operation has its number in the message, and a merge of the part is one. */
static const char *
skip_number (const char *text)
{
  const char *number = strstr (text, "operation 1: ");

  return number != NULL ? number + strlen ("operation 1: ") : text;
}

static void
compare_calls (RunconfConfiguration *part, RunconfConfiguration *whole, const char *base)
{
  Calls calls = draw_calls (base);
  g_autoptr (GError) part_error = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) part_reply
      = runconf_call_run (part, calls.part_method, calls.part, NULL, NULL, &part_error);
  g_autoptr (GVariant) reply
      = runconf_call_run (whole, calls.whole_method, calls.whole, NULL, NULL, &error);
  g_autofree char *seen = print_reply ("", part_reply, part_error);
  g_autofree char *wanted = print_reply (base, reply, error);

  g_assert_cmpstr (skip_number (seen), ==, skip_number (wanted));
}

static char *
print (GVariant *taken)
{
  g_autoptr (GVariant) value = taken;

  return value != NULL ? g_variant_print (value, TRUE) : g_strdup ("nothing");
}

static void
compare_texts (char *taken, char *other)
{
  g_autofree char *seen = taken;
  g_autofree char *wanted = other;

  g_assert_cmpstr (seen, ==, wanted);
}

static void
compare_reads (RunconfConfiguration *part, RunconfConfiguration *whole, const char *base,
               const char *path)
{
  g_autofree char *full = join (base, path);
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (part);
  g_autoptr (RunconfKey) key = runconf_key_new (part, path, NULL);

  compare_texts (print (runconf_configuration_get_value (part, path)),
                 print (runconf_configuration_get_value (whole, full)));
  compare_texts (print (runconf_snapshot_get_value (snapshot, path)),
                 print (runconf_configuration_get_value (whole, full)));
  compare_texts (print (runconf_configuration_get_default_value (part, path)),
                 print (runconf_configuration_get_default_value (whole, full)));
  compare_texts (print (runconf_snapshot_get_user_value (snapshot, path)),
                 print (runconf_configuration_get_user_value (whole, full)));
  compare_texts (print (runconf_configuration_fetch_value_sync (part, path, NULL, NULL)),
                 print (runconf_configuration_fetch_value_sync (whole, full, NULL, NULL)));
  compare_texts (runconf_configuration_get_string (part, path, NULL),
                 runconf_configuration_get_string (whole, full, NULL));
  g_assert_cmpint (runconf_configuration_get_int64 (part, path, -1), ==,
                   runconf_configuration_get_int64 (whole, full, -1));
  g_assert_cmpint (runconf_snapshot_get_int64 (snapshot, path, -1), ==,
                   runconf_configuration_get_int64 (whole, full, -1));
  g_assert_cmpint (runconf_configuration_has (part, path), ==,
                   runconf_configuration_has (whole, full));
  g_assert_cmpint (runconf_configuration_is_writable_sync (part, path, NULL, NULL), ==,
                   runconf_configuration_is_writable_sync (whole, full, NULL, NULL));
  if (key != NULL)
    {
      g_assert_cmpstr (runconf_key_get_path (key), ==, path);
      g_assert_cmpint (runconf_key_get_int64 (key, -1), ==,
                       runconf_configuration_get_int64 (whole, full, -1));
    }
}

typedef struct
{
  GObject *object;
  GPtrArray *changes;
} Hearing;

static void
on_changed (GObject *object, RunconfChange *change, Hearing *hearing)
{
  g_ptr_array_add (hearing->changes, runconf_change_ref (change));
}

static void
hearing_open (Hearing *self, gpointer object)
{
  self->object = g_object_ref (object);
  self->changes = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_change_unref);
  g_signal_connect (object, "changed", G_CALLBACK (on_changed), self);
}

static void
hearing_close (Hearing *self)
{
  g_signal_handlers_disconnect_by_data (self->object, self);
  g_ptr_array_unref (self->changes);
  g_object_unref (self->object);
}

/* Compares the changes of the part with those that a watch of the base in the whole reports. */
static void
compare_changes (const Hearing *part, const Hearing *whole, const char *base)
{
  g_assert_cmpuint (part->changes->len, ==, whole->changes->len);
  for (guint i = 0; i < part->changes->len; i++)
    {
      RunconfChange *seen = part->changes->pdata[i], *wanted = whole->changes->pdata[i];
      const char *const *all = runconf_change_get_paths (wanted);
      g_autoptr (GPtrArray) stripped = strip (base, all);

      g_ptr_array_add (stripped, NULL);
      g_assert_cmpstrv (runconf_change_get_paths (seen), stripped->pdata);
      g_assert_cmpuint (runconf_change_get_version (seen), ==, runconf_change_get_version (wanted));
      g_assert_cmpstr (runconf_change_get_origin (seen), ==, runconf_change_get_origin (wanted));
      for (guint j = 0; all[j] != NULL; j++)
        {
          compare_texts (print (runconf_change_get_old_value (seen, stripped->pdata[j])),
                         print (runconf_change_get_old_value (wanted, all[j])));
          compare_texts (print (runconf_change_get_new_value (seen, stripped->pdata[j])),
                         print (runconf_change_get_new_value (wanted, all[j])));
        }
    }
}

/* The part is of one configuration, and the whole is another one to which the same happens. */
static void
compare_part (RunconfConfiguration *served, const char *base, guint n_steps)
{
  g_autoptr (RunconfConfiguration) whole = make ();
  g_autoptr (RunconfConfiguration) part = get_part (served, base);
  g_autoptr (RunconfWatch) part_watch = runconf_configuration_watch (part, "", NULL);
  g_autoptr (RunconfWatch) watch = runconf_configuration_watch (served, base, NULL);
  Hearing of_part, of_part_watch, of_whole;

  hearing_open (&of_part, part);
  hearing_open (&of_part_watch, part_watch);
  hearing_open (&of_whole, watch);
  turn ();
  for (guint i = 0; i < n_steps; i++)
    {
      compare_calls (part, whole, base);
      compare_reads (part, whole, base, DRAW (paths));
    }

  turn ();
  compare_changes (&of_part, &of_whole, base);
  compare_changes (&of_part_watch, &of_whole, base);
  hearing_close (&of_part);
  hearing_close (&of_part_watch);
  hearing_close (&of_whole);
}

static void
test_random_calls (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      g_autoptr (RunconfConfiguration) configuration = make ();

      compare_part (configuration, bases[i], 300);
    }
}

static void
test_with_the_service (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (RunconfConfiguration) part = get_part (service->configuration, "/chat");
  g_autoptr (RunconfConfiguration) inner = get_part (part, "/a~1b");
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) patch = g_variant_ref_sink (g_variant_new_parsed ("{'port': <7>}"));
  Ears ears;

  g_assert_cmpstr (runconf_configuration_get_base_path (inner), ==, "/chat/a~1b");
  g_assert_cmpstr (runconf_configuration_get_base_path (service->configuration), ==, "");
  ears_open (&ears, inner);
  wait_a_moment ();
  assert_strings (runconf_configuration_merge_sync (inner, patch, NULL, NULL, &error), "/port",
                  NULL);
  g_assert_no_error (error);
  world_put (&service->world, "/other/port", g_variant_new_int64 (5));
  world_put (&service->world, "/chat/a~1b/port", g_variant_new_int64 (6));
  g_assert_cmpstr (ears_wait (&ears, 1), ==, "/port");
  g_assert_cmpstr (ears_wait (&ears, 2), ==, "/port");
  assert_value (inner, "/port", "int64 6");
  assert_value (part, "/a~1b/port", "int64 6");
  ears_close (&ears);
}

static void
take_count (GObject *object, gpointer argument, guint *n)
{
  ++*n;
}

static void
test_properties (void)
{
  g_autoptr (RunconfConfiguration) whole = make ();
  g_autoptr (RunconfConfiguration) part = get_part (whole, "/chat");
  guint n_versions = 0, n_writable = 0;

  g_assert_cmpstr (runconf_configuration_get_name (part), ==, "default");
  g_assert_true (runconf_configuration_get_connected (part));
  g_signal_connect (part, "notify::version", G_CALLBACK (take_count), &n_versions);
  g_signal_connect (part, "writable-changed", G_CALLBACK (take_count), &n_writable);
  world_turn (5);
  runconf_configuration_set_interactive (part, TRUE);
  g_assert_true (runconf_configuration_get_interactive (whole));

  g_signal_emit_by_name (whole, "writable-changed", "/other");
  g_assert_cmpuint (n_writable, ==, 0);
  g_signal_emit_by_name (whole, "writable-changed", "");
  g_signal_emit_by_name (whole, "writable-changed", "/chat/name");
  g_assert_cmpuint (n_writable, ==, 2);

  g_variant_unref (runconf_call_run (whole, RUNCONF_METHOD_SET,
                                     g_variant_new ("(sv)", "/other/port", g_variant_new_int64 (3)),
                                     NULL, NULL, NULL));
  g_assert_cmpuint (runconf_configuration_get_version (part), ==, 1);
  turn ();
  g_assert_cmpuint (n_versions, ==, 1);
}

static void
test_objects (void)
{
  g_autoptr (RunconfConfiguration) whole = make ();
  g_autoptr (RunconfConfiguration) part = get_part (whole, "/chat/a~1b");
  g_autoptr (Gadget) gadget = gadget_new ();
  g_autoptr (GListModel) model = runconf_configuration_create_children_model (part, "", NULL);
  g_autoptr (RunconfChild) child = g_list_model_get_item (model, 0);
  gint64 number = 0;

  g_assert_cmpstr (runconf_child_get_path (child), ==, "/port");
  runconf_configuration_bind (part, "/port", G_OBJECT (gadget), "number", RUNCONF_BIND_DEFAULT);
  turn ();
  g_object_set (gadget, "number", (gint64) 5, NULL);
  g_assert_true (runconf_configuration_flush_sync (part, NULL, NULL));
  assert_value (whole, "/chat/a~1b/port", "int64 5");
  g_variant_unref (runconf_call_run (
      whole, RUNCONF_METHOD_SET, g_variant_new ("(sv)", "/chat/a~1b/port", g_variant_new_int64 (6)),
      NULL, NULL, NULL));
  turn ();
  g_object_get (gadget, "number", &number, NULL);
  g_assert_cmpint (number, ==, 6);
}

static void
test_asynchronous_calls (void)
{
  g_autoptr (RunconfConfiguration) whole = make ();
  g_autoptr (RunconfConfiguration) part = get_part (whole, "/chat/a~1b");
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;
  GAsyncResult *results[3] = { NULL };

  runconf_configuration_fetch_value (part, "/port", NULL, take_result, &results[0]);
  runconf_configuration_fetch_value (part, "/none", NULL, take_result, &results[1]);
  runconf_configuration_is_writable (part, "/none", NULL, take_result, &results[2]);
  turn ();
  value = runconf_configuration_fetch_value_finish (part, results[0], &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (value), ==, 8000);
  g_assert_null (runconf_configuration_fetch_value_finish (part, results[1], &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "/chat/a~1b/none");
  g_assert_true (runconf_configuration_is_writable_finish (part, results[2], &error));
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    g_object_unref (results[i]);
}

static void
test_descriptions (void)
{
  g_autoptr (RunconfConfiguration) whole = make ();
  g_autoptr (RunconfConfiguration) part = get_part (whole, "/chat/a~1b");
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) history = NULL;
  g_autoptr (GVariant) diff = NULL;
  g_autofree char *text = NULL;

  g_variant_unref (runconf_call_run (
      whole, RUNCONF_METHOD_APPLY,
      g_variant_new_parsed ("([('set', '/chat/a~1b/port', <1>), ('set', '/other/port', <2>)], "
                            "@a{sv} {})"),
      NULL, NULL, NULL));
  reply = runconf_call_run (part, RUNCONF_METHOD_DESCRIBE, g_variant_new ("(s)", "/port"), NULL,
                            NULL, NULL);
  text = g_variant_print (reply, FALSE);
  g_assert_nonnull (strstr (text, "'path': <'/port'>"));
  g_assert_null (strstr (text, "chat"));

  history = runconf_call_run (part, RUNCONF_METHOD_HISTORY,
                              g_variant_new_parsed ("('', @a{sv} {})"), NULL, NULL, NULL);
  diff = runconf_call_run (part, RUNCONF_METHOD_DIFF,
                           g_variant_new ("(tt)", (guint64) 0, (guint64) 1), NULL, NULL, NULL);
  compare_texts (g_variant_print (diff, FALSE),
                 g_strdup ("([('/port', <int64 8000>, <int64 1>)],)"));
  g_free (text);
  text = g_variant_print (history, FALSE);
  g_assert_nonnull (strstr (text, "[('/port', "));
  g_assert_null (strstr (text, "other"));
}

/* The results of asynchronous calls that need their arguments have the paths of the part. */
static void
test_results (void)
{
  g_autoptr (RunconfConfiguration) whole = make ();
  g_autoptr (RunconfConfiguration) part = get_part (whole, "/chat/a~1b");
  g_autoptr (RunconfChange) difference = NULL;
  g_autoptr (RunconfDescription) description = NULL;
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GError) error = NULL;

  runconf_configuration_set_int64_sync (part, "/port", 1, NULL, NULL, &error);
  runconf_configuration_diff (part, 0, 1, NULL, take_result, &place);
  first = wait_for_result (&place);
  difference = runconf_configuration_diff_finish (part, first, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (runconf_change_get_version (difference), ==, 1);
  g_assert_cmpstr (runconf_change_get_paths (difference)[0], ==, "/port");

  runconf_configuration_describe (part, "/port", NULL, take_result, &place);
  second = wait_for_result (&place);
  description = runconf_configuration_describe_finish (part, second, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (runconf_description_get_path (description), ==, "/port");
}

static void
test_refusals (void)
{
  g_autoptr (RunconfConfiguration) whole = make ();
  g_autoptr (RunconfConfiguration) part = get_part (whole, "/chat");
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_configuration_get_child (whole, "chat", &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "chat");
  g_assert_null (runconf_configuration_get_child (part, "/\xff", &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "UTF-8");
  g_assert_null (runconf_configuration_watch (part, "name", &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "name");
  g_assert_null (runconf_call_run (part, RUNCONF_METHOD_MERGE_TEXT, g_variant_new ("(s)", "{}"),
                                   NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "the part /chat");
}

static void
test_part_outlives_the_whole (void)
{
  RunconfConfiguration *whole = make ();
  RunconfConfiguration *part = get_part (whole, "/chat");
  RunconfConfiguration *inner = get_part (part, "/a~1b");
  Ears ears;

  g_object_add_weak_pointer (G_OBJECT (whole), (gpointer *) &whole);
  g_object_unref (whole);
  g_assert_finalize_object (part);
  ears_open (&ears, inner);
  turn ();
  g_assert_true (whole != NULL);
  g_variant_unref (runconf_call_run (inner, RUNCONF_METHOD_SET,
                                     g_variant_new ("(sv)", "/port", g_variant_new_int64 (3)), NULL,
                                     NULL, NULL));
  assert_value (inner, "/port", "int64 3");
  turn ();
  g_assert_cmpuint (ears.told->len, ==, 1);
  ears_close (&ears);
  g_assert_finalize_object (inner);
  g_assert_null (whole);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();
  g_test_add_func ("/client/part/random-calls", test_random_calls);
  g_test_add_func ("/client/part/with-the-service", test_with_the_service);
  g_test_add_func ("/client/part/properties", test_properties);
  g_test_add_func ("/client/part/objects", test_objects);
  g_test_add_func ("/client/part/asynchronous-calls", test_asynchronous_calls);
  g_test_add_func ("/client/part/descriptions", test_descriptions);
  g_test_add_func ("/client/part/results", test_results);
  g_test_add_func ("/client/part/refusals", test_refusals);
  g_test_add_func ("/client/part/part-outlives-the-whole", test_part_outlives_the_whole);

  return g_test_run ();
}
