/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/writing.h"

#include "core/error.h"
#include "core/limits.h"
#include "core/variant.h"
#include "service/room.h"
#include "yaml/document.h"

/* a text that is larger is parsed in a thread: other callers shouldn't wait for it */
#define MAX_INLINE_TEXT_BYTES (64 * 1024)

/* texts of callers whose right isn't known yet that are parsed at a time */
#define MAX_BOUNDED_PARSES 2

/* Set and Reset tell the version alone. */
static gboolean
tells_paths (RunconfdCall *call)
{
  const GDBusMethodInfo *info = g_dbus_method_invocation_get_method_info (call->invocation);

  return info->out_args[1] != NULL;
}

static void
on_written (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfdCall) call = user_data;
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GError) error = NULL;
  guint64 version;

  if (!runconfd_configuration_write_finish (RUNCONFD_CONFIGURATION (object), result, &version,
                                            &paths, &error))
    runconfd_call_return_error (call, error);
  else if (tells_paths (call))
    runconfd_call_return_value (
        call, g_variant_new ("(t@as)", version,
                             g_variant_new_strv ((const char *const *) paths->pdata, paths->len)));
  else
    runconfd_call_return_value (call, g_variant_new ("(t)", version));
}

/* What is wrong with a request is for those alone who may make it. */
void
runconfd_write (RunconfdCall *call)
{
  if (call->problem == NULL)
    {
      runconfd_configuration_write_async (call->configuration, g_steal_pointer (&call->request),
                                          on_written, call);
      return;
    }

  runconfd_call_return_error (call, call->problem);
  runconfd_call_free (call);
}

static GBytes *
get_text (RunconfdCall *call)
{
  g_autoptr (GVariant) text = g_variant_get_child_value (runconfd_call_get_parameters (call), 0);

  return g_bytes_new_with_free_func (g_variant_get_string (text, NULL),
                                     g_variant_get_size (text) - 1,
                                     (GDestroyNotify) g_variant_unref, g_variant_ref (text));
}

typedef struct
{
  GBytes *text;
  guint max_nodes; /* with aliases counted expanded; 0 for the limit of a configuration */
} Parse;

static void
parse_free (Parse *parse)
{
  g_bytes_unref (parse->text);
  g_free (parse);
}

static void
run_parse (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  const Parse *parse = data;
  GError *error = NULL;
  RunconfDocument *document
      = parse->max_nodes != 0
            ? runconf_document_new_within (parse->text, "text", parse->max_nodes, &error)
            : runconfd_room_read (parse->text, "text", &error);

  if (document != NULL)
    g_task_return_pointer (task, document, (GDestroyNotify) runconf_document_unref);
  else
    g_task_return_error (task, error);
}

static void
run_bounded_parse (gpointer data, gpointer user_data)
{
  g_autoptr (GTask) task = data;

  run_parse (task, NULL, g_task_get_task_data (task), NULL);
}

/* Texts of callers whose right isn't known are parsed by few threads, however many there are. */
static void
start_bounded_parse (GTask *task)
{
  static GThreadPool *pool = NULL;

  if (pool == NULL)
    pool = g_thread_pool_new (run_bounded_parse, NULL, MAX_BOUNDED_PARSES, FALSE, NULL);

  g_thread_pool_push (pool, g_object_ref (task), NULL);
}

/* Later calls of the same caller wait, so that they aren't done before. */
static void
parse_text (RunconfdCall *call, GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, call);
  Parse *parse = g_new0 (Parse, 1);

  parse->text = get_text (call);
  parse->max_nodes = call->is_bounded ? RUNCONFD_SMALL_VALUES : 0;
  g_task_set_task_data (task, parse, (GDestroyNotify) parse_free);
  runconfd_call_hold (call);
  if (call->is_bounded)
    start_bounded_parse (task);
  else if (g_bytes_get_size (parse->text) > MAX_INLINE_TEXT_BYTES)
    g_task_run_in_thread (task, run_parse);
  else
    run_parse (task, NULL, parse, NULL);
}

/* Returns: (transfer full) (nullable): the document, or %NULL with the problem set */
static RunconfDocument *
finish_parse (RunconfdCall *call, GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), &call->problem);
}

/* A text over the budget is parsed again if the caller turns out to have the right at all.
 *
 * Returns: whether the call goes on later
 */
static gboolean
needs_permit (RunconfdCall *call)
{
  if (!call->is_bounded || !g_error_matches (call->problem, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE))
    return FALSE;

  g_clear_error (&call->problem);
  runconfd_call_ask_permit (call, call->method->prepare);

  return TRUE;
}

static gboolean
add_operation (RunconfdCall *call, RunconfVerb verb, const char *path, GVariant *value,
               GError **error)
{
  g_autoptr (RunconfNode) node = NULL;

  if (verb != RUNCONF_VERB_RESET)
    {
      node = runconf_node_from_variant (value, path, error);
      if (node == NULL)
        return FALSE;
    }

  return runconfd_request_add (call->request, verb, path, node, error);
}

void
runconfd_prepare_set (RunconfdCall *call)
{
  g_autoptr (GVariant) value = NULL;
  const char *path;

  g_variant_get (runconfd_call_get_parameters (call), "(&sv)", &path, &value);
  call->request = runconfd_call_make_request (call, "set");
  add_operation (call, RUNCONF_VERB_SET, path, value, &call->problem);
  runconfd_call_authorise (call);
}

void
runconfd_prepare_reset (RunconfdCall *call)
{
  const char *path;

  g_variant_get (runconfd_call_get_parameters (call), "(&s)", &path);
  call->request = runconfd_call_make_request (call, "reset");
  add_operation (call, RUNCONF_VERB_RESET, path, NULL, &call->problem);
  runconfd_call_authorise (call);
}

void
runconfd_prepare_merge (RunconfdCall *call)
{
  g_autoptr (GVariant) patch = g_variant_get_child_value (runconfd_call_get_parameters (call), 0);

  call->request = runconfd_call_make_request (call, "merge");
  add_operation (call, RUNCONF_VERB_MERGE, "", patch, &call->problem);
  runconfd_call_authorise (call);
}

static void
on_patch_parsed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  RunconfdCall *call = user_data;
  g_autoptr (RunconfDocument) patch = finish_parse (call, result);

  if (needs_permit (call))
    return;

  call->request = runconfd_call_make_request (call, "merge");
  if (patch != NULL)
    runconfd_request_add (call->request, RUNCONF_VERB_MERGE, "", runconf_document_get_root (patch),
                          &call->problem);
  runconfd_call_authorise (call);
}

void
runconfd_prepare_merge_text (RunconfdCall *call)
{
  parse_text (call, on_patch_parsed);
}

void
runconfd_prepare_save (RunconfdCall *call)
{
  g_autoptr (GVariant) config = NULL;
  g_autoptr (GVariant) options = NULL;

  g_variant_get (runconfd_call_get_parameters (call), "(@a{sv}@a{sv})", &config, &options);
  call->request = runconfd_call_make_request (call, "save");
  if (runconfd_request_read_options (call->request, options, &call->problem))
    add_operation (call, RUNCONF_VERB_SAVE, "", config, &call->problem);
  runconfd_call_authorise (call);
}

static gboolean
add_operations (RunconfdCall *call, GVariant *operations, GError **error)
{
  gsize n_operations = g_variant_n_children (operations);

  if (n_operations > RUNCONF_MAX_OPERATIONS)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
                   "%" G_GSIZE_FORMAT " operations are too many: one change has at most %d; many "
                   "values go into one “merge”",
                   n_operations, RUNCONF_MAX_OPERATIONS);
      return FALSE;
    }

  for (gsize i = 0; i < n_operations; i++)
    {
      g_autoptr (GVariant) value = NULL;
      const char *name, *path;
      RunconfVerb verb;

      g_variant_get_child (operations, i, "(&s&sv)", &name, &path, &value);
      if (!runconf_verb_from_string (name, &verb, error)
          || !add_operation (call, verb, path, value, error))
        {
          g_prefix_error (error, "operation %" G_GSIZE_FORMAT ": ", i + 1);
          return FALSE;
        }
    }

  return TRUE;
}

void
runconfd_prepare_apply (RunconfdCall *call)
{
  g_autoptr (GVariant) operations = NULL;
  g_autoptr (GVariant) options = NULL;

  g_variant_get (runconfd_call_get_parameters (call), "(@a(ssv)@a{sv})", &operations, &options);
  call->request = runconfd_call_make_request (call, "apply");
  if (runconfd_request_read_options (call->request, options, &call->problem))
    add_operations (call, operations, &call->problem);
  runconfd_call_authorise (call);
}

static void
on_overrides_parsed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  RunconfdCall *call = user_data;
  g_autoptr (GVariant) options = g_variant_get_child_value (runconfd_call_get_parameters (call), 1);
  g_autoptr (RunconfDocument) document = finish_parse (call, result);

  if (needs_permit (call))
    return;

  call->request = runconfd_call_make_request (call, "replace");
  call->request->document = g_steal_pointer (&document);
  if (call->request->document != NULL)
    runconfd_request_read_options (call->request, options, &call->problem);
  runconfd_call_authorise (call);
}

void
runconfd_prepare_replace_text (RunconfdCall *call)
{
  parse_text (call, on_overrides_parsed);
}

static void
on_reloaded (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfdCall) call = user_data;
  g_autoptr (GError) error = NULL;
  gboolean changed;

  if (runconfd_configuration_reload_finish (RUNCONFD_CONFIGURATION (object), result, &changed,
                                            &error))
    runconfd_call_return_value (call, g_variant_new ("(b)", changed));
  else
    runconfd_call_return_error (call, error);
}

void
runconfd_reload (RunconfdCall *call)
{
  runconfd_configuration_reload_async (call->configuration, on_reloaded, call);
}
