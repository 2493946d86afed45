/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/change/scope.h"

#include <string.h>

#include "core/diff.h"
#include "core/limits.h"
#include "core/mapping.h"
#include "yaml/json.h"

/* A scope is the set of paths for which a right is asked, each with all paths below it. The scope
 * of a write has the overrides that the write would change at the time of the question. admission.c
 * compares them with the actual changes, since another caller may have written meanwhile.
 */

/* the maximal size for polkit's rules; above it, fewer paths that cover the same ones replace them
 */
#define MAX_BYTES (32 * 1024)

/**
 * runconfd_scope_new:
 * @path: a JSON Pointer, possibly an invalid one of a caller
 *
 * Returns: (transfer full) (element-type utf8): only that path
 */
GPtrArray *
runconfd_scope_new (const char *path)
{
  GPtrArray *scope = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (scope, g_strdup (path));

  return scope;
}

static gsize
count_bytes (GPtrArray *scope)
{
  gsize n_bytes = 0;

  for (guint i = 0; i < scope->len; i++)
    n_bytes += strlen (scope->pdata[i]);

  return n_bytes;
}

/**
 * runconfd_scope_new_for_deltas:
 *
 * Returns: (transfer full) (element-type utf8): the paths of a difference, or paths that cover them
 */
GPtrArray *
runconfd_scope_new_for_deltas (GPtrArray *deltas)
{
  GPtrArray *scope = runconf_diff_get_paths (deltas, RUNCONF_MAX_CHANGED_PATHS);

  for (guint max = RUNCONF_MAX_CHANGED_PATHS / 8; count_bytes (scope) > MAX_BYTES; max /= 8)
    {
      g_ptr_array_unref (scope);
      if (max == 0)
        return runconfd_scope_new ("");
      scope = runconf_diff_get_paths (deltas, max);
    }

  return scope;
}

/* A patch needs the right for its paths even if the overrides have all of its values already. */
static void
add_leaves (GPtrArray *scope, const RunconfOperation *operation)
{
  const char *pointer = runconf_path_get_pointer (runconf_operation_get_path (operation));
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (GPtrArray) deltas = runconf_diff (nothing, runconf_operation_get_value (operation));
  g_autoptr (GPtrArray) leaves = runconfd_scope_new_for_deltas (deltas);

  for (guint i = 0; i < leaves->len; i++)
    g_ptr_array_add (scope, g_strconcat (pointer, leaves->pdata[i], NULL));
}

/* Returns: the paths that a request names, for a request that changes nothing or can't be done */
static GPtrArray *
name_paths (const RunconfdRequest *request)
{
  GPtrArray *scope;

  if (request->document != NULL || request->wanted != NULL || request->operations->len == 0)
    return runconfd_scope_new ("");

  scope = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < request->operations->len; i++)
    {
      const RunconfOperation *operation = request->operations->pdata[i];
      const RunconfPath *path = runconf_operation_get_path (operation);

      if (runconf_operation_get_verb (operation) == RUNCONF_VERB_MERGE
          && runconf_node_is_mapping (runconf_operation_get_value (operation)))
        add_leaves (scope, operation);
      else
        g_ptr_array_add (scope, g_strdup (runconf_path_get_pointer (path)));
    }

  if (count_bytes (scope) <= MAX_BYTES)
    return scope;

  g_ptr_array_unref (scope);

  return runconfd_scope_new ("");
}

/**
 * runconfd_scope_new_for_request:
 * @revision: the revision that the request will probably be applied to
 *
 * Returns: (transfer full) (element-type utf8): the paths that it would change, or that it names
 */
GPtrArray *
runconfd_scope_new_for_request (const RunconfdRequest *request, RunconfRevision *revision)
{
  g_autoptr (RunconfRevision) after = NULL;
  g_autoptr (GPtrArray) deltas = NULL;
  g_autoptr (GPtrArray) secrets = NULL;
  GPtrArray *scope;

  after = runconfd_request_apply (request, revision, NULL);
  if (after != NULL)
    deltas = runconf_revision_diff (revision, after);
  if (deltas != NULL && deltas->len > 0)
    scope = runconfd_scope_new_for_deltas (deltas);
  else
    scope = name_paths (request);

  /* the right for a secret is needed whether or not the caller guessed its value */
  secrets = runconfd_request_find_secrets (request, revision);
  for (guint i = 0; i < secrets->len; i++)
    if (!g_ptr_array_find_with_equal_func (scope, secrets->pdata[i], g_str_equal, NULL))
      g_ptr_array_add (scope, g_strdup (secrets->pdata[i]));

  return scope;
}

/**
 * runconfd_scope_to_json:
 *
 * Returns: (transfer full): a JSON array, in which no path can look like two
 */
char *
runconfd_scope_to_json (GPtrArray *scope)
{
  g_autoptr (GPtrArray) items
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);
  g_autoptr (RunconfNode) sequence = NULL;
  g_autoptr (GString) json = g_string_new (NULL);

  for (guint i = 0; i < scope->len; i++)
    g_ptr_array_add (items, runconf_node_new_string (scope->pdata[i], -1));

  sequence = runconf_node_new_sequence ((RunconfNode *const *) items->pdata, items->len);
  runconf_emit_json (json, sequence);

  return g_string_free (g_steal_pointer (&json), FALSE);
}
