/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/writing.h"

#include "core/operations.h"
#include "core/variant.h"
#include "service/base/room.h"
#include "service/calls/options.h"
#include "yaml/document.h"

/* The methods that write: their arguments become a request, and the reply has its result. */

/* a larger text is parsed in a thread, so that other callers don't wait for it */
#define MAX_INLINE_TEXT_BYTES (64 * 1024)

/* texts of callers whose right isn't known yet that are parsed at a time */
#define MAX_BOUNDED_PARSES 2

/* the item of a reply that reports a change of the overrides. It is no path: a path is empty or begins
 * with a slash.
 */
#define OVERRIDES "overrides"

/* Set and Reset return the version alone. */
static gboolean
returns_paths (RunconfdCall *call)
{
  const GDBusMethodInfo *info = g_dbus_method_invocation_get_method_info (call->invocation);

  return info->out_args[1] != NULL;
}

/* A write whose reply waits until it is on the disk. */
typedef struct
{
  RunconfdCall *call;
  gboolean reports_overrides;
} Write;

static void
write_free (Write *write)
{
  runconfd_call_free (write->call);
  g_free (write);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Write, write_free)

/* @paths: (nullable): the paths that changed; %NULL if the write made no version
 *
 * Returns: (transfer floating): the paths, as `as`
 */
static GVariant *
make_changed (const Write *write, const GPtrArray *paths)
{
  g_autoptr (GPtrArray) changed = g_ptr_array_new ();

  for (guint i = 0; paths != NULL && i < paths->len; i++)
    g_ptr_array_add (changed, paths->pdata[i]);
  if (paths != NULL && write->reports_overrides)
    g_ptr_array_add (changed, (gpointer) OVERRIDES);

  return runconf_variant_new_strings ((const char *const *) changed->pdata, changed->len);
}

/* Set and Reset are called often: a format string would take several times as long. */
static void
return_version (const RunconfdCall *call, guint64 version)
{
  GVariant *result = g_variant_new_uint64 (version);

  runconfd_call_return_value (call, g_variant_new_tuple (&result, 1));
}

static void
on_written (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Write) write = user_data;
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GError) error = NULL;
  guint64 version;

  if (!runconfd_configuration_write_finish (RUNCONFD_CONFIGURATION (object), result, &version,
                                            &paths, &error))
    runconfd_call_return_error (write->call, error);
  else if (returns_paths (write->call))
    runconfd_call_return_value (write->call,
                                g_variant_new ("(t@as)", version, make_changed (write, paths)));
  else
    return_version (write->call, version);
}

void
runconfd_write (RunconfdCall *call)
{
  RunconfdRequest *request = runconfd_call_take_request (call);
  Write *write = g_new0 (Write, 1);

  write->call = call;

  /* whether a dry run would change the overrides depends on the values of secrets: a caller could try
   * values without changing anything
   */
  write->reports_overrides = request->reports_overrides && !request->dry_run;
  runconfd_configuration_write_async (call->configuration, request, on_written, write);
}

RunconfdRequest *
runconfd_prepare_set (RunconfdCall *call, GError **error)
{
  g_autoptr (RunconfdRequest) request = runconfd_call_make_request (call, "set");
  GVariant *parameters = runconfd_call_get_parameters (call);
  g_autoptr (GVariant) path = g_variant_get_child_value (parameters, 0);
  g_autoptr (GVariant) boxed = g_variant_get_child_value (parameters, 1);
  g_autoptr (GVariant) value = g_variant_get_variant (boxed);

  return runconf_operations_add (request->operations, RUNCONF_VERB_SET,
                                 g_variant_get_string (path, NULL), value, error)
             ? g_steal_pointer (&request)
             : NULL;
}

RunconfdRequest *
runconfd_prepare_reset (RunconfdCall *call, GError **error)
{
  g_autoptr (RunconfdRequest) request = runconfd_call_make_request (call, "reset");
  const char *path;

  g_variant_get (runconfd_call_get_parameters (call), "(&s)", &path);

  return runconf_operations_add (request->operations, RUNCONF_VERB_RESET, path, NULL, error)
             ? g_steal_pointer (&request)
             : NULL;
}

RunconfdRequest *
runconfd_prepare_merge (RunconfdCall *call, GError **error)
{
  g_autoptr (RunconfdRequest) request = runconfd_call_make_request (call, "merge");
  g_autoptr (GVariant) patch = g_variant_get_child_value (runconfd_call_get_parameters (call), 0);

  return runconf_operations_add (request->operations, RUNCONF_VERB_MERGE, "", patch, error)
             ? g_steal_pointer (&request)
             : NULL;
}

RunconfdRequest *
runconfd_prepare_save (RunconfdCall *call, GError **error)
{
  g_autoptr (RunconfdRequest) request = runconfd_call_make_request (call, "save");
  g_autoptr (GVariant) config = NULL;
  g_autoptr (GVariant) options = NULL;

  g_variant_get (runconfd_call_get_parameters (call), "(@a{sv}@a{sv})", &config, &options);
  if (!runconfd_options_read_request (options, FALSE, request, error)
      || !runconf_operations_add (request->operations, RUNCONF_VERB_SAVE, "", config, error))
    return NULL;

  return g_steal_pointer (&request);
}

RunconfdRequest *
runconfd_prepare_apply (RunconfdCall *call, GError **error)
{
  g_autoptr (RunconfdRequest) request = runconfd_call_make_request (call, "apply");
  g_autoptr (GVariant) operations = NULL;
  g_autoptr (GVariant) options = NULL;

  g_variant_get (runconfd_call_get_parameters (call), "(@a(ssv)@a{sv})", &operations, &options);
  if (!runconfd_options_read_request (options, TRUE, request, error)
      || !runconf_operations_add_all (request->operations, operations, error))
    return NULL;

  return g_steal_pointer (&request);
}

typedef gboolean (*AddDocumentFunc) (RunconfdRequest *request, RunconfDocument *document,
                                     GError **error);

/* A text that is parsed, perhaps in a thread, and the request that gets it. */
typedef struct
{
  GBytes *text;
  guint max_values; /* with aliases counted expanded; 0 for the limit of a configuration */
  RunconfdRequest *request;
  AddDocumentFunc add;
} Parse;

static void
parse_free (Parse *parse)
{
  g_bytes_unref (parse->text);
  g_clear_pointer (&parse->request, runconfd_request_free);
  g_free (parse);
}

static void
run_parse (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Parse *parse = data;
  GError *error = NULL;
  g_autoptr (RunconfDocument) document
      = parse->max_values != 0
            ? runconf_document_new_within (parse->text, "text", parse->max_values, &error)
            : runconfd_room_read (parse->text, "text", &error);

  if (document != NULL && parse->add (parse->request, document, &error))
    g_task_return_pointer (task, g_steal_pointer (&parse->request),
                           (GDestroyNotify) runconfd_request_free);
  else
    g_task_return_error (task, error);
}

static void
run_bounded_parse (gpointer data, gpointer user_data)
{
  g_autoptr (GTask) task = data;

  run_parse (task, NULL, g_task_get_task_data (task), NULL);
}

/* Few threads parse the texts of callers whose right isn't known, however many such callers there
 * are.
 */
static void
start_bounded_parse (GTask *task)
{
  static GThreadPool *pool = NULL;

  if (pool == NULL)
    pool = g_thread_pool_new (run_bounded_parse, NULL, MAX_BOUNDED_PARSES, FALSE, NULL);

  g_thread_pool_push (pool, g_object_ref (task), NULL);
}

static GBytes *
get_text (RunconfdCall *call)
{
  g_autoptr (GVariant) text = g_variant_get_child_value (runconfd_call_get_parameters (call), 0);

  return g_bytes_new_with_free_func (g_variant_get_string (text, NULL),
                                     g_variant_get_size (text) - 1,
                                     (GDestroyNotify) g_variant_unref, g_variant_ref (text));
}

/* @request: (transfer full): gets the document of the text that is the first argument */
static void
parse_text (RunconfdCall *call, RunconfdRequest *request, AddDocumentFunc add, guint max_values,
            GTask *task)
{
  Parse *parse = g_new0 (Parse, 1);

  parse->text = get_text (call);
  parse->max_values = max_values;
  parse->request = request;
  parse->add = add;
  g_task_set_task_data (task, parse, (GDestroyNotify) parse_free);
  if (max_values != 0)
    start_bounded_parse (task);
  else if (g_bytes_get_size (parse->text) > MAX_INLINE_TEXT_BYTES)
    g_task_run_in_thread (task, run_parse);
  else
    run_parse (task, NULL, parse, NULL);
}

/* Prepares the request of a method with a text and options. Takes ownership of @taken.
 *
 * @has_boot: whether the method has the option `boot`
 */
static void
prepare_text (RunconfdCall *call, const char *origin, gboolean has_boot, AddDocumentFunc add,
              guint max_values, GTask *taken)
{
  g_autoptr (GTask) task = taken;
  g_autoptr (RunconfdRequest) request = runconfd_call_make_request (call, origin);
  g_autoptr (GVariant) options = g_variant_get_child_value (runconfd_call_get_parameters (call), 1);
  GError *error = NULL;

  if (runconfd_options_read_request (options, has_boot, request, &error))
    parse_text (call, g_steal_pointer (&request), add, max_values, task);
  else
    g_task_return_error (task, error);
}

static gboolean
add_patch (RunconfdRequest *request, RunconfDocument *document, GError **error)
{
  return runconfd_request_add (request, RUNCONF_VERB_MERGE, "",
                               runconf_document_get_root (document), error);
}

void
runconfd_prepare_merge_text (RunconfdCall *call, guint max_values, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  prepare_text (call, "merge", TRUE, add_patch, max_values,
                g_task_new (NULL, NULL, callback, user_data));
}

static gboolean
add_overrides (RunconfdRequest *request, RunconfDocument *document, GError **error)
{
  request->document = runconf_document_ref (document);

  return TRUE;
}

void
runconfd_prepare_replace_text (RunconfdCall *call, guint max_values, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  prepare_text (call, "replace", FALSE, add_overrides, max_values,
                g_task_new (NULL, NULL, callback, user_data));
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
