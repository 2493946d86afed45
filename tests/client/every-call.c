/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "every-call.h"

#include <string.h>

#define EMPTY g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0)

static const char *const strings[] = { "y", NULL };

static RunconfTransaction *
transaction (void)
{
  static RunconfTransaction *empty;

  if (empty == NULL)
    empty = runconf_transaction_new ();

  return empty;
}

/* Each of these frees a result.
 *
 * Returns: whether there is one
 */
static gboolean
take_truth (gboolean truth)
{
  return truth;
}

static gboolean
take_variant (GVariant *value)
{
  g_autoptr (GVariant) owned = value;

  return owned != NULL;
}

static gboolean
take_changes (GList *value)
{
  g_autolist (RunconfChange) owned = value;

  return owned != NULL;
}

static gboolean
take_change (RunconfChange *value)
{
  g_autoptr (RunconfChange) owned = value;

  return owned != NULL;
}

static gboolean
take_description (RunconfDescription *value)
{
  g_autoptr (RunconfDescription) owned = value;

  return owned != NULL;
}

static gboolean
take_descriptions (GList *value)
{
  g_autolist (RunconfDescription) owned = value;

  return owned != NULL;
}

static gboolean
take_strings (char **value)
{
  g_auto (GStrv) owned = value;

  return owned != NULL;
}

static gboolean
take_text (char *value)
{
  g_autofree char *owned = value;

  return owned != NULL;
}

#define NOTHING

/* @taken frees the result, and @out are the addresses of further results, with a comma. */
#define CALL(name, taken, out, arguments)                                                          \
  static gboolean run_##name (RunconfConfiguration *self, GError **error)                          \
  {                                                                                                \
    return taken (runconf_configuration_##name##_sync (self, arguments out NULL, error));          \
  }                                                                                                \
                                                                                                   \
  static void start_##name (RunconfConfiguration *self, GAsyncReadyCallback callback,              \
                            gpointer data)                                                         \
  {                                                                                                \
    runconf_configuration_##name (self, arguments NULL, callback, data);                           \
  }                                                                                                \
                                                                                                   \
  static gboolean finish_##name (RunconfConfiguration *self, GAsyncResult *result, GError **error) \
  {                                                                                                \
    return taken (runconf_configuration_##name##_finish (self, result, out error));                \
  }

#define WITH(...) __VA_ARGS__,
#define NULL_OUT NULL,

CALL (set_value, take_truth, NULL_OUT, WITH ("/x", g_variant_new_int64 (1)))
CALL (set_boolean, take_truth, NULL_OUT, WITH ("/x", TRUE))
CALL (set_int64, take_truth, NULL_OUT, WITH ("/x", 1))
CALL (set_uint64, take_truth, NULL_OUT, WITH ("/x", 1))
CALL (set_double, take_truth, NULL_OUT, WITH ("/x", 1.0))
CALL (set_string, take_truth, NULL_OUT, WITH ("/x", "y"))
CALL (set_strv, take_truth, NULL_OUT, WITH ("/x", strings))
CALL (set_enum, take_truth, NULL_OUT, WITH ("/x", G_TYPE_BUS_TYPE, G_BUS_TYPE_SESSION))
CALL (set_flags, take_truth, NULL_OUT, WITH ("/x", G_TYPE_APPLICATION_FLAGS, 0))
CALL (reset, take_truth, NULL_OUT, WITH ("/x"))
CALL (unset, take_truth, NULL_OUT, WITH ("/x"))
CALL (replace_value, take_truth, NULL_OUT, WITH ("/x", g_variant_new_int64 (1)))
CALL (merge, take_strings, NULL_OUT, WITH (EMPTY))
CALL (merge_text, take_strings, NULL_OUT, WITH ("x: 1"))
CALL (save, take_strings, NULL_OUT, WITH (EMPTY))
CALL (apply, take_strings, NULL_OUT, WITH (transaction ()))
CALL (replace_text, take_strings, NULL_OUT, WITH ("x: 1"))
CALL (revert, take_strings, NULL_OUT, WITH (1))
CALL (confirm, take_truth, NOTHING, WITH (1))
CALL (reload, take_truth, NULL_OUT, NOTHING)
CALL (fetch_value, take_variant, NOTHING, WITH ("/x"))
CALL (describe, take_description, NOTHING, WITH ("/x"))
CALL (explain, take_descriptions, NOTHING, WITH ("/x", RUNCONF_EXPLAIN_ALL))
CALL (dump, take_text, NOTHING, WITH ("/x", RUNCONF_LAYER_EFFECTIVE, RUNCONF_FORMAT_YAML, 0, 1))
CALL (history, take_changes, NOTHING, WITH ("/x", 0, 0))
CALL (diff, take_change, NOTHING, WITH (1, 2))

#define ENTRY(name, method, reply)                                                                 \
  {                                                                                                \
#name, method, reply, run_##name, start_##name, finish_##name                                  \
  }

const EveryCall every_call[] = {
  ENTRY (set_value, "Set", "(t)"),
  ENTRY (set_boolean, "Set", "(t)"),
  ENTRY (set_int64, "Set", "(t)"),
  ENTRY (set_uint64, "Set", "(t)"),
  ENTRY (set_double, "Set", "(t)"),
  ENTRY (set_string, "Set", "(t)"),
  ENTRY (set_strv, "Set", "(t)"),
  ENTRY (set_enum, "Set", "(t)"),
  ENTRY (set_flags, "Set", "(t)"),
  ENTRY (reset, "Reset", "(t)"),
  ENTRY (unset, "Apply", "(tas)"),
  ENTRY (replace_value, "Apply", "(tas)"),
  ENTRY (merge, "Merge", "(tas)"),
  ENTRY (merge_text, "MergeText", "(tas)"),
  ENTRY (save, "Save", "(tas)"),
  ENTRY (apply, "Apply", "(tas)"),
  ENTRY (replace_text, "ReplaceText", "(tas)"),
  ENTRY (revert, "Revert", "(tas)"),
  ENTRY (confirm, "Confirm", "()"),
  ENTRY (reload, "Reload", "(b)"),
  ENTRY (fetch_value, "Get", "(v)"),
  ENTRY (describe, "Describe", "(a{sv})"),
  ENTRY (explain, "Explain", "(aa{sv})"),
  ENTRY (dump, "Dump", "(s)"),
  ENTRY (history, "History", "(aa{sv})"),
  ENTRY (diff, "Diff", "(a(svv))"),
  { NULL },
};

static void
on_called (GObject *object, GAsyncResult *result, gpointer place)
{
  *(GAsyncResult **) place = g_object_ref (result);
}

GError *
every_call_make (const EveryCall *call, RunconfConfiguration *configuration)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) later = NULL;
  GError *error = NULL;
  gboolean is_done = call->run (configuration, &error);

  if (is_done != (error == NULL))
    g_error ("%s: %s", call->name, is_done ? "a result and an error" : "no result and no error");

  call->start (configuration, on_called, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (call->finish (configuration, result, &later) == is_done);
  if (error == NULL)
    g_assert_no_error (later);
  else
    {
      g_assert_error (later, error->domain, error->code);
      /* GDBus words the details in brackets differently */
      g_assert_true (strncmp (later->message, error->message, strcspn (error->message, "(")) == 0);
    }

  return error;
}

void
every_call_assert_refused (RunconfConfiguration *configuration, const char *part)
{
  for (const EveryCall *call = every_call; call->name != NULL; call++)
    {
      g_autoptr (GError) error = every_call_make (call, configuration);

      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
      if (strstr (error->message, part) == NULL)
        g_error ("%s: “%s” is not in “%s”", call->name, part, error->message);
    }
}
