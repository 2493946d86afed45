/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/memory-private.h"

#include "core/error.h"
#include "core/operations.h"

/* The methods of a configuration in memory. Their arguments and replies are those of the interface
 * on the bus.
 */

/* A write that a caller asked for. */
typedef struct
{
  const char *origin;
  GPtrArray *operations; /* NULL for a revert */
  guint64 version;       /* that a revert goes back to */
  RunconfWriteOptions options;
} Request;

static void
request_clear (Request *request)
{
  g_clear_pointer (&request->operations, g_ptr_array_unref);
  g_free (request->options.message);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

static gboolean
refuse (const RunconfMemory *self, const char *what, GError **error)
{
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
               "the configuration “%s” is in memory, and %s needs the service runconfd",
               self->link->name, what);

  return FALSE;
}

static gboolean
check_options (const RunconfMemory *self, const RunconfWriteOptions *options, GError **error)
{
  if (options->confirm_seconds > 0)
    return refuse (self, "“confirm-timeout”", error);
  if (options->is_boot)
    return refuse (self, "“boot”", error);

  return !options->has_if_version
         || runconf_options_check_version (options->if_version,
                                           runconf_memory_get_now (self)->number, error);
}

/* Returns: (transfer full) (nullable): the overrides after the request */
static RunconfNode *
get_overrides (const RunconfMemory *self, const Request *request, GError **error)
{
  const RunconfMemoryVersion *version = request->operations != NULL
                                            ? runconf_memory_get_now (self)
                                            : runconf_memory_find (self, request->version, error);
  g_autoptr (RunconfNode) tree = NULL;

  if (version == NULL)
    return NULL;

  tree = runconf_node_ref (version->overrides);
  for (guint i = 0; request->operations != NULL && i < request->operations->len; i++)
    {
      g_autoptr (RunconfNode) before = g_steal_pointer (&tree);

      tree = runconf_operation_apply (request->operations->pdata[i], self->defaults, before, error);
      if (tree == NULL)
        return NULL;
    }

  return g_steal_pointer (&tree);
}

/* the item of a reply that reports a change of the overrides, as the service writes it */
#define OVERRIDES "overrides"

/* Returns: (transfer floating): the paths, as `as` */
static GVariant *
make_changed (const Request *request, const GPtrArray *paths)
{
  GVariantBuilder changed;

  g_variant_builder_init (&changed, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; paths != NULL && i < paths->len; i++)
    g_variant_builder_add (&changed, "s", paths->pdata[i]);
  if (paths != NULL && request->options.reports_overrides && !request->options.dry_run)
    g_variant_builder_add (&changed, "s", OVERRIDES);

  return g_variant_builder_end (&changed);
}

/* Returns: (transfer floating) (nullable): the reply */
static GVariant *
commit (RunconfMemory *self, const Request *request, gboolean returns_paths, GError **error)
{
  RunconfMemoryChange change = { request->origin, NULL, &request->options };
  g_autoptr (RunconfNode) overrides = NULL;
  g_autoptr (GPtrArray) paths = NULL;
  guint64 version;

  if ((request->operations == NULL && runconf_memory_find (self, request->version, error) == NULL)
      || !check_options (self, &request->options, error))
    return NULL;

  overrides = get_overrides (self, request, error);
  if (overrides == NULL)
    return NULL;

  change.overrides = overrides;
  if (!runconf_memory_change (self, &change, &paths, error))
    return NULL;

  version = runconf_memory_get_now (self)->number;

  return returns_paths ? g_variant_new ("(t@as)", version, make_changed (request, paths))
                       : g_variant_new ("(t)", version);
}

/* Writes a change of one operation without options. @value: (nullable) */
static GVariant *
write_one (RunconfMemory *self, const char *origin, RunconfVerb verb, const char *path,
           GVariant *value, GError **error)
{
  g_auto (Request) request = { origin, runconf_operations_new (), 0, { 0 } };

  if (!runconf_operations_add (request.operations, verb, path, value, error))
    return NULL;

  return commit (self, &request, verb == RUNCONF_VERB_MERGE, error);
}

static GVariant *
set (RunconfMemory *self, GVariant *arguments, GError **error)
{
  g_autoptr (GVariant) value = NULL;
  const char *path;

  g_variant_get (arguments, "(&sv)", &path, &value);

  return write_one (self, "set", RUNCONF_VERB_SET, path, value, error);
}

static GVariant *
reset (RunconfMemory *self, GVariant *arguments, GError **error)
{
  const char *path;

  g_variant_get (arguments, "(&s)", &path);

  return write_one (self, "reset", RUNCONF_VERB_RESET, path, NULL, error);
}

static GVariant *
merge (RunconfMemory *self, GVariant *arguments, GError **error)
{
  g_autoptr (GVariant) patch = g_variant_get_child_value (arguments, 0);

  return write_one (self, "merge", RUNCONF_VERB_MERGE, "", patch, error);
}

static GVariant *
save (RunconfMemory *self, GVariant *arguments, GError **error)
{
  g_auto (Request) request = { "save", runconf_operations_new (), 0, { 0 } };
  g_autoptr (GVariant) config = NULL;
  g_autoptr (GVariant) options = NULL;

  g_variant_get (arguments, "(@a{sv}@a{sv})", &config, &options);
  if (!runconf_options_read_write (options, FALSE, &request.options, error)
      || !runconf_operations_add (request.operations, RUNCONF_VERB_SAVE, "", config, error))
    return NULL;

  return commit (self, &request, TRUE, error);
}

static GVariant *
apply (RunconfMemory *self, GVariant *arguments, GError **error)
{
  g_auto (Request) request = { "apply", runconf_operations_new (), 0, { 0 } };
  g_autoptr (GVariant) operations = NULL;
  g_autoptr (GVariant) options = NULL;

  g_variant_get (arguments, "(@a(ssv)@a{sv})", &operations, &options);
  if (!runconf_options_read_write (options, TRUE, &request.options, error)
      || !runconf_operations_add_all (request.operations, operations, error))
    return NULL;

  return commit (self, &request, TRUE, error);
}

static GVariant *
revert (RunconfMemory *self, GVariant *arguments, GError **error)
{
  g_auto (Request) request = { "revert", NULL, 0, { 0 } };
  g_autoptr (GVariant) options = NULL;

  g_variant_get (arguments, "(t@a{sv})", &request.version, &options);
  if (!runconf_options_read_write (options, FALSE, &request.options, error))
    return NULL;

  return commit (self, &request, TRUE, error);
}

static GVariant *
answer (RunconfMemory *self, RunconfMethod method, GVariant *arguments, GError **error)
{
  switch (method)
    {
    case RUNCONF_METHOD_GET:
      return runconf_memory_get (self, arguments, error);
    case RUNCONF_METHOD_SET:
      return set (self, arguments, error);
    case RUNCONF_METHOD_RESET:
      return reset (self, arguments, error);
    case RUNCONF_METHOD_MERGE:
      return merge (self, arguments, error);
    case RUNCONF_METHOD_SAVE:
      return save (self, arguments, error);
    case RUNCONF_METHOD_APPLY:
      return apply (self, arguments, error);
    case RUNCONF_METHOD_REVERT:
      return revert (self, arguments, error);
    case RUNCONF_METHOD_RELOAD:
      /* there are no files, so nothing differs from them */
      return g_variant_new ("(b)", FALSE);
    case RUNCONF_METHOD_DESCRIBE:
      return runconf_memory_describe (self, arguments, error);
    case RUNCONF_METHOD_EXPLAIN:
      return runconf_memory_explain (self, arguments, error);
    case RUNCONF_METHOD_HISTORY:
      return runconf_memory_list_changes (self, arguments, error);
    case RUNCONF_METHOD_DIFF:
      return runconf_memory_diff (self, arguments, error);
    case RUNCONF_METHOD_CONFIRM:
      refuse (self, "the confirmation of a change", error);
      return NULL;
    case RUNCONF_METHOD_MERGE_TEXT:
    case RUNCONF_METHOD_REPLACE_TEXT:
    case RUNCONF_METHOD_DUMP:
    default:
      refuse (self, "a text of values", error);
      return NULL;
    }
}

/**
 * runconf_memory_call:
 * @arguments: the arguments as a tuple, as on the bus
 *
 * Calls a method. If the method writes, reads return the new values before the call returns.
 *
 * Never blocks, except for other calls of the same configuration.
 *
 * Returns: (transfer full) (nullable): the reply, of the reply type of the method
 */
GVariant *
runconf_memory_call (RunconfMemory *self, RunconfMethod method, GVariant *arguments, GError **error)
{
  GVariant *reply;

  g_mutex_lock (&self->mutex);
  reply = answer (self, method, arguments, error);
  g_mutex_unlock (&self->mutex);

  return reply != NULL ? g_variant_ref_sink (reply) : NULL;
}
