/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "client/call.h"
#include "service.h"

/* Makes the same random calls on a configuration of a service and on one in memory. All replies,
 * errors, values and signals have to be the same.
 */

#define DEFAULTS                                                                                   \
  "chat: {websocket: {host: localhost, port: 8000}, greeting: hello}\n"                            \
  "list: [a, {b: 1}]\nnumbers: {ratio: 0.5, big: 18446744073709551615}\nnothing: null\n"           \
  "\"it's\": {'a/b': 1, 'm~n': true}\nempty: {}\ndata: !!binary aGVsbG8=\n"

#define N_STEPS 300

/* A revert of the service builds the overrides from the history, with their keys in another order. */
static gboolean has_reverts;

static const char *const paths[] = {
  "",
  "/chat",
  "/chat/websocket",
  "/chat/websocket/port",
  "/chat/websocket/host",
  "/chat/greeting",
  "/chat/new/deep",
  "/list",
  "/list/0",
  "/list/1/b",
  "/list/-",
  "/numbers/ratio",
  "/numbers/big",
  "/nothing",
  "/it's/a~1b",
  "/it's/m~0n",
  "/empty",
  "/empty/x",
  "/data",
  /* those that can't be written now, or never */
  "/list/7",
  "/chat/greeting/below",
  "/a~2",
  "chat",
  "/_runtime_config/version",
};

static const char *const values[] = {
  "1",
  "int64 8000",
  "uint64 18446744073709551615",
  "0.5",
  "true",
  "'localhost'",
  "'x'",
  "signature ''",
  "['a', 'b']",
  "@av []",
  "[<'a'>, <{'b': <int64 1>}>]",
  "@a{sv} {}",
  "{'port': <9000>}",
  "{'websocket': <{'host': <'h'>}>, 'greeting': <signature ''>}",
  "{'a/b': <1>, 'm~n': <false>}",
  "{'': <1>}",
  "b'hello'",
  "(1, 2)",
  "handle 3",
};

static const char *const mappings[] = {
  "@a{sv} {}",
  "{'chat': <{'websocket': <{'port': <9001>}>}>}",
  "{'chat': <{'websocket': <signature ''>, 'greeting': <'hi'>}>}",
  "{'list': <signature ''>, 'empty': <{'x': <1>}>}",
  "{'numbers': <@a{sv} {}>, 'nothing': <7>}",
  "{'chat': <signature ''>}",
  "{'_runtime_config': <1>}",
};

static const char *const options[] = {
  "@a{sv} {}",
  "@a{sv} {}",
  "{'dry-run': <true>}",
  "{'report-overrides': <true>}",
  "{'dry-run': <true>, 'report-overrides': <true>}",
  "{'if-version': <uint64 3>}",
  "{'if-version': <-1>}",
  "{'message': <'why'>, 'if-version': <uint64 0>}",
  "{'message': <'a reason'>}",
  "{'message': <7>}",
  "{'dry-run': <'yes'>}",
  "{'colour': <'red'>}",
  "{'confirm-timeout': <0>}",
};

static const char *const verbs[]
    = { "set", "set", "replace", "merge", "reset", "reset", "unset", "save", "frob" };

#define DRAW(array) (array)[g_test_rand_int_range (0, G_N_ELEMENTS (array))]

static GVariant *
draw (const char *const *texts, guint n)
{
  return g_variant_new_parsed (texts[g_test_rand_int_range (0, (gint32) n)]);
}

#define DRAW_VALUE(array) draw (array, G_N_ELEMENTS (array))

/* Half of the saved configurations are those that were read, with a change. */
static GVariant *
draw_saved (RunconfConfiguration *configuration)
{
  g_autoptr (GVariant) value = runconf_configuration_get_value (configuration, "");
  GVariantDict dict;

  if (g_test_rand_bit ())
    return DRAW_VALUE (mappings);

  g_variant_dict_init (&dict, value);
  g_variant_dict_insert_value (&dict, g_test_rand_bit () ? "empty" : "nothing",
                               g_variant_new_int64 (g_test_rand_int_range (0, 3)));

  return g_variant_dict_end (&dict);
}

static GVariant *
draw_operations (void)
{
  GVariantBuilder operations;
  guint n = (guint) g_test_rand_int_range (0, 4);

  g_variant_builder_init (&operations, G_VARIANT_TYPE ("a(ssv)"));
  for (guint i = 0; i < n; i++)
    {
      const char *verb = DRAW (verbs);
      gboolean is_mapping = strcmp (verb, "merge") == 0 || strcmp (verb, "save") == 0;

      g_variant_builder_add (&operations, "(ssv)", verb, DRAW (paths),
                             is_mapping ? DRAW_VALUE (mappings) : DRAW_VALUE (values));
    }

  return g_variant_builder_end (&operations);
}

/* Returns: (transfer full): the arguments of a random call */
static GVariant *
draw_call (RunconfConfiguration *configuration, RunconfMethod *method)
{
  static const RunconfMethod methods[]
      = { RUNCONF_METHOD_SET,    RUNCONF_METHOD_SET,   RUNCONF_METHOD_RESET,
          RUNCONF_METHOD_MERGE,  RUNCONF_METHOD_SAVE,  RUNCONF_METHOD_APPLY,
          RUNCONF_METHOD_RELOAD, RUNCONF_METHOD_APPLY, RUNCONF_METHOD_REVERT };
  guint64 version = runconf_configuration_get_version (configuration);
  GVariant *arguments;

  *method = methods[g_test_rand_int_range (0, G_N_ELEMENTS (methods) - (has_reverts ? 0 : 1))];
  switch (*method)
    {
    case RUNCONF_METHOD_SET:
      arguments = g_variant_new ("(sv)", DRAW (paths), DRAW_VALUE (values));
      break;
    case RUNCONF_METHOD_RESET:
      arguments = g_variant_new ("(s)", DRAW (paths));
      break;
    case RUNCONF_METHOD_MERGE:
      arguments = g_variant_new ("(@a{sv})", DRAW_VALUE (mappings));
      break;
    case RUNCONF_METHOD_SAVE:
      arguments
          = g_variant_new ("(@a{sv}@a{sv})", draw_saved (configuration), DRAW_VALUE (options));
      break;
    case RUNCONF_METHOD_APPLY:
      arguments = g_variant_new ("(@a(ssv)@a{sv})", draw_operations (), DRAW_VALUE (options));
      break;
    case RUNCONF_METHOD_REVERT:
      arguments
          = g_variant_new ("(t@a{sv})", (guint64) g_test_rand_int_range (0, (gint32) version + 2),
                           DRAW_VALUE (options));
      break;
    default:
      arguments = g_variant_new ("()");
      break;
    }

  return g_variant_ref_sink (arguments);
}

/* What differs: the times, the files, and the name of the caller on the bus. */
static gboolean
is_compared (const char *key)
{
  static const char *const others[] = { "time", "file", "line", "column", "caller", NULL };

  return !g_strv_contains (others, key);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Whether the order of the items may differ. A service makes old versions from the history. */
static gboolean
is_sorted (GVariant *value)
{
  return g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT)
         || g_variant_is_of_type (value, G_VARIANT_TYPE ("a(svv)"))
         || (has_reverts
             && (g_variant_is_of_type (value, G_VARIANT_TYPE ("aa{sv}"))
                 || g_variant_is_of_type (value, G_VARIANT_TYPE ("as"))));
}

/* Returns: (transfer full): the value as text, with sorted dictionaries */
static char *
print (GVariant *value)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *joined = NULL;
  GVariantIter iter;
  GVariant *item;

  if (!g_variant_is_container (value) || g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return g_variant_print (value, TRUE);

  g_variant_iter_init (&iter, value);
  while ((item = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_autoptr (GVariant) owned = item;
      g_autoptr (GVariant) key = NULL;

      if (g_variant_is_of_type (item, G_VARIANT_TYPE ("{sv}")))
        key = g_variant_get_child_value (item, 0);
      if (key == NULL || is_compared (g_variant_get_string (key, NULL)))
        g_ptr_array_add (parts, print (owned));
    }
  if (is_sorted (value))
    g_ptr_array_sort (parts, compare_texts);
  g_ptr_array_add (parts, NULL);
  joined = g_strjoinv (", ", (char **) parts->pdata);

  return g_strdup_printf ("%s(%s)", g_variant_get_type_string (value), joined);
}

/* Returns: (transfer full): a value of the configuration as text */
static char *
print_value (GVariant *value)
{
  if (value == NULL)
    return g_strdup ("nothing");

  return has_reverts ? print (value) : g_variant_print (value, TRUE);
}

static char *
call (RunconfConfiguration *configuration, RunconfMethod method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = runconf_call_run (configuration, method, arguments, NULL, NULL, &error);

  if (reply == NULL)
    return g_strdup_printf ("%s %d: %s", g_quark_to_string (error->domain), error->code,
                            error->message);

  return method == RUNCONF_METHOD_GET ? print_value (reply) : print (reply);
}

/* Asserts that a call has the same reply or error in both configurations. */
static void
compare_call (RunconfConfiguration *const *both, RunconfMethod method, GVariant *arguments)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (arguments);
  g_autofree char *shown = g_variant_print (owned, TRUE);
  g_autofree char *served = call (both[0], method, owned);
  g_autofree char *in_memory = call (both[1], method, owned);

  g_test_message ("%d %s → %s", method, shown, served);
  g_assert_cmpstr (in_memory, ==, served);
}

static char *
print_read (GVariant *(*read) (RunconfConfiguration *, const char *),
            RunconfConfiguration *configuration, const char *path)
{
  g_autoptr (GVariant) value = read (configuration, path);

  return print_value (value);
}

static void
compare_read (GVariant *(*read) (RunconfConfiguration *, const char *),
              RunconfConfiguration *const *both, const char *path)
{
  g_autofree char *served = print_read (read, both[0], path);
  g_autofree char *in_memory = print_read (read, both[1], path);

  g_assert_cmpstr (in_memory, ==, served);
}

/* Returns: (transfer full): the strings with spaces in between */
static char *
join (char **strings)
{
  if (strings == NULL)
    return g_strdup ("nothing");

  if (has_reverts)
    qsort (strings, g_strv_length (strings), sizeof *strings, compare_texts);

  return g_strjoinv (" ", strings);
}

static void
compare_keys (RunconfConfiguration *const *both, const char *path)
{
  g_auto (GStrv) served_keys = runconf_configuration_list (both[0], path);
  g_auto (GStrv) memory_keys = runconf_configuration_list (both[1], path);
  g_autofree char *served = join (served_keys);
  g_autofree char *in_memory = join (memory_keys);

  g_assert_cmpstr (in_memory, ==, served);
}

/* Compares everything that a program can read, with the calls for one path. */
static void
compare_state (RunconfConfiguration *const *both, const char *path)
{
  guint64 version = runconf_configuration_get_version (both[0]);
  gint64 older = g_test_rand_int_range (0, (gint32) version + 2);
  const char *const ways[] = { "@a{sv} {}", "{'all': <true>}", "{'secrets': <true>}" };

  g_assert_cmpuint (runconf_configuration_get_version (both[1]), ==, version);
  compare_read (runconf_configuration_get_value, both, "");
  compare_read (runconf_configuration_get_user_value, both, "");
  compare_read (runconf_configuration_get_value, both, path);
  compare_read (runconf_configuration_get_default_value, both, path);
  compare_read (runconf_configuration_get_user_value, both, path);
  compare_keys (both, path);
  g_assert_cmpint (runconf_configuration_get_int64 (both[1], path, -1), ==,
                   runconf_configuration_get_int64 (both[0], path, -1));
  compare_call (both, RUNCONF_METHOD_GET, g_variant_new ("(s)", path));
  compare_call (both, RUNCONF_METHOD_DESCRIBE, g_variant_new ("(s)", path));
  compare_call (
      both, RUNCONF_METHOD_EXPLAIN,
      g_variant_new ("(s@a{sv})", path,
                     g_variant_new_parsed (ways[g_test_rand_int_range (0, G_N_ELEMENTS (ways))])));
  compare_call (both, RUNCONF_METHOD_HISTORY,
                g_variant_new ("(s@a{sv})", path, g_variant_new_parsed ("{'limit': <5>}")));
  compare_call (both, RUNCONF_METHOD_DIFF, g_variant_new ("(tt)", (guint64) older, version));
}

static const char *const watched[]
    = { "", "/chat", "/chat/websocket/port", "/list", "/list/0", "/empty/x", "/it's" };

typedef struct
{
  RunconfWatch *watches[G_N_ELEMENTS (watched)];
  Ears ears[G_N_ELEMENTS (watched) + 1];
} Hearing;

static void
hearing_open (Hearing *self, RunconfConfiguration *configuration)
{
  for (guint i = 0; i < G_N_ELEMENTS (watched); i++)
    {
      self->watches[i] = runconf_configuration_watch (configuration, watched[i], NULL);
      ears_open (&self->ears[i], self->watches[i]);
    }
  ears_open (&self->ears[G_N_ELEMENTS (watched)], configuration);
}

static void
hearing_close (Hearing *self)
{
  for (guint i = 0; i <= G_N_ELEMENTS (watched); i++)
    ears_close (&self->ears[i]);
  for (guint i = 0; i < G_N_ELEMENTS (watched); i++)
    g_object_unref (self->watches[i]);
}

/* Compares the paths of a signal. */
static void
compare_paths (const char *served, const char *in_memory)
{
  g_auto (GStrv) served_paths = g_strsplit (served, " ", -1);
  g_auto (GStrv) memory_paths = g_strsplit (in_memory, " ", -1);
  g_autofree char *served_sorted = join (served_paths);
  g_autofree char *memory_sorted = join (memory_paths);

  g_assert_cmpstr (memory_sorted, ==, served_sorted);
}

/* Waits until the signals of the service are as many as those in memory, and compares them. */
static void
compare_signals (Hearing *served, Hearing *in_memory)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;

  for (guint i = 0; i <= G_N_ELEMENTS (watched); i++)
    {
      guint length = in_memory->ears[i].told->len;

      world_wait_until (served->ears[i].told->len >= length);
      g_assert_cmpuint (served->ears[i].told->len, ==, length);
      for (guint j = 0; j < length; j++)
        compare_paths (served->ears[i].told->pdata[j], in_memory->ears[i].told->pdata[j]);
    }
}

/* The service reports a change of each path after the watches, so that no later one is missed. */
static void
warm_up (RunconfConfiguration *const *both, Hearing *served, Hearing *in_memory)
{
  compare_call (
      both, RUNCONF_METHOD_MERGE,
      g_variant_new_parsed (
          "(@a{sv} {'chat': <{'websocket': <{'port': <1>}>}>, 'list': <[<'z'>]>, 'empty': "
          "<{'x': <1>}>, \"it's\": <{'z': <1>}>},)"));
  compare_signals (served, in_memory);
}

static void
test_random_calls (gconstpointer reverts)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GVariant) defaults = runconf_configuration_get_value (service->configuration, "");
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfConfiguration) memory
      = runconf_configuration_new_in_memory ("default", defaults, &error);
  RunconfConfiguration *const both[] = { service->configuration, memory };
  Hearing served, in_memory;

  has_reverts = reverts != NULL;
  g_assert_no_error (error);
  compare_state (both, "");
  hearing_open (&served, both[0]);
  hearing_open (&in_memory, both[1]);
  warm_up (both, &served, &in_memory);

  for (guint i = 0; i < N_STEPS; i++)
    {
      RunconfMethod method;
      g_autoptr (GVariant) arguments = draw_call (both[0], &method);

      compare_call (both, method, arguments);
      compare_state (both, DRAW (paths));
      compare_signals (&served, &in_memory);
    }

  hearing_close (&served);
  hearing_close (&in_memory);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();
  g_test_add_data_func ("/client/memory-model/random-calls", NULL, test_random_calls);
  g_test_add_data_func ("/client/memory-model/random-calls-and-reverts", "reverts",
                        test_random_calls);

  return g_test_run ();
}
