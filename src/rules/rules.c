/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/rules.h"

#include <string.h>

#include "core/compare.h"
#include "core/error.h"
#include "core/escape.h"

struct _RunconfRules
{
  RunconfSchema *schema; /* or NULL */
  RunconfLocks *locks;   /* or NULL */
};

/**
 * runconf_rules_new:
 * @schema: (nullable): the valid values, and the locks and secrets in the schema
 * @locks: (nullable): further locks
 *
 * Returns: (transfer full): the rules
 */
RunconfRules *
runconf_rules_new (RunconfSchema *schema, RunconfLocks *locks)
{
  RunconfRules *self = g_atomic_rc_box_new0 (RunconfRules);

  self->schema = schema != NULL ? runconf_schema_ref (schema) : NULL;
  self->locks = locks != NULL ? runconf_locks_ref (locks) : NULL;

  return self;
}

RunconfRules *
runconf_rules_ref (RunconfRules *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (RunconfRules *self)
{
  g_clear_pointer (&self->schema, runconf_schema_unref);
  g_clear_pointer (&self->locks, runconf_locks_unref);
}

void
runconf_rules_unref (RunconfRules *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

/**
 * runconf_rules_get_schema:
 *
 * Returns: (transfer none) (nullable): the schema
 */
RunconfSchema *
runconf_rules_get_schema (const RunconfRules *self)
{
  return self->schema;
}

/**
 * runconf_rules_get_locks:
 *
 * Returns: (transfer none) (nullable): the contents of the files of locks
 */
RunconfLocks *
runconf_rules_get_locks (const RunconfRules *self)
{
  return self->locks;
}

/**
 * runconf_rules_equal:
 *
 * Returns: whether the two were made of the same files
 */
gboolean
runconf_rules_equal (const RunconfRules *self, const RunconfRules *other)
{
  return self->schema == other->schema && self->locks == other->locks;
}

gboolean
runconf_rules_have_locks (const RunconfRules *self)
{
  return (self->locks != NULL && runconf_locks_bind (self->locks, RUNCONF_LAYER_OVERRIDE))
         || (self->schema != NULL && runconf_schema_has_locks (self->schema));
}

typedef struct
{
  const RunconfRules *rules;
  GPtrArray *paths;
} ListedLocks;

static gboolean
has_parent (GHashTable *paths, const char *path)
{
  g_autofree char *parent = g_strdup (path);

  for (char *slash = strrchr (parent, '/'); slash != NULL; slash = strrchr (parent, '/'))
    {
      *slash = '\0';
      if (g_hash_table_contains (paths, parent))
        return TRUE;
    }

  return FALSE;
}

/* Returns: (transfer full): each path once, without those below another one, sorted */
static GPtrArray *
keep_topmost (GPtrArray *paths)
{
  g_autoptr (GHashTable) unique = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *topmost = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer path;

  for (guint i = 0; i < paths->len; i++)
    g_hash_table_add (unique, paths->pdata[i]);

  g_hash_table_iter_init (&iter, unique);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    {
      if (!has_parent (unique, path))
        g_ptr_array_add (topmost, g_strdup (path));
    }
  g_ptr_array_sort (topmost, runconf_compare_texts);

  return topmost;
}

/**
 * runconf_rules_lock:
 * @by_whom: (out) (optional) (nullable): the source of the lock, for a message
 *
 * Returns: whether @path or a parent of it is locked for overrides
 */
gboolean
runconf_rules_lock (const RunconfRules *self, const RunconfPath *path, char **by_whom)
{
  const RunconfLock *lock
      = self->locks != NULL ? runconf_locks_find (self->locks, path, RUNCONF_LAYER_OVERRIDE) : NULL;
  gboolean is_locked = lock != NULL
                       || (self->schema != NULL && runconf_schema_has_locks (self->schema)
                           && runconf_schema_is_locked (self->schema, path));

  if (by_whom != NULL)
    *by_whom = lock != NULL ? runconf_lock_describe (lock)
               : is_locked  ? g_strdup ("the schema")
                            : NULL;

  return is_locked;
}

/* A secret can only be written as a whole, and nothing about its inside is told. */
static void
add_lock (gpointer path, gpointer user_data)
{
  const ListedLocks *listed = user_data;
  char *secret = runconf_rules_have_secrets (listed->rules)
                     ? runconf_schema_find_secret_above (listed->rules->schema, path)
                     : NULL;

  g_ptr_array_add (listed->paths, secret != NULL ? secret : g_strdup (path));
}

/**
 * runconf_rules_list_locks:
 * @tree: the values in which paths that the schema locks are searched for
 *
 * Returns: (transfer full) (element-type utf8): the paths that are locked for overrides, in the
 *   order of strcmp(), without those below another one
 */
GPtrArray *
runconf_rules_list_locks (const RunconfRules *self, const RunconfNode *tree)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_free);
  ListedLocks listed = { self, all };
  g_autoptr (GPtrArray) marked = NULL;

  if (self->locks != NULL)
    runconf_locks_foreach (self->locks, RUNCONF_LAYER_OVERRIDE, add_lock, &listed);
  if (self->schema != NULL && runconf_schema_has_locks (self->schema))
    {
      marked = runconf_schema_find_locks (self->schema, tree);
      g_ptr_array_foreach (marked, add_lock, &listed);
    }

  return keep_topmost (all);
}

gboolean
runconf_rules_have_secrets (const RunconfRules *self)
{
  return self->schema != NULL && runconf_schema_has_secrets (self->schema);
}

/**
 * runconf_rules_hide:
 *
 * Returns: whether @path or a parent of it is a secret
 */
gboolean
runconf_rules_hide (const RunconfRules *self, const RunconfPath *path)
{
  return runconf_rules_have_secrets (self) && runconf_schema_is_secret (self->schema, path);
}

/**
 * runconf_rules_check_outside:
 * @path: a path in the call of a caller without the right to read secrets
 *
 * The outcome of a call for a path within a secret depends on the keys, the type and the length of
 * the secret. So all such paths have the same outcome.
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_PATH if @path is within a secret
 */
gboolean
runconf_rules_check_outside (const RunconfRules *self, const RunconfPath *path, GError **error)
{
  const char *pointer = runconf_path_get_pointer (path);
  g_autofree char *secret = runconf_rules_have_secrets (self)
                                ? runconf_schema_find_secret_above (self->schema, pointer)
                                : NULL;
  g_autofree char *shown = NULL;
  g_autofree char *shown_secret = NULL;

  if (secret == NULL || g_str_equal (secret, pointer))
    return TRUE;

  shown = runconf_escape (pointer, -1);
  shown_secret = runconf_escape (secret, -1);
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
               "%s: it is within the secret %s, which you may write only as a whole, and not read",
               shown, shown_secret);

  return FALSE;
}

/**
 * runconf_rules_strip:
 * @tree: a mapping
 *
 * Returns: (transfer full): @tree without the secrets in it; @tree itself if there are none
 */
RunconfNode *
runconf_rules_strip (const RunconfRules *self, const RunconfNode *tree)
{
  if (!runconf_rules_have_secrets (self))
    return runconf_node_ref (tree);

  return runconf_schema_strip_secrets (self->schema, tree);
}

/**
 * runconf_rules_find_secrets_below:
 * @tree: a mapping
 * @pointer: a path in it
 *
 * Returns: (transfer full) (element-type utf8): the paths of the secrets at @pointer and below it
 */
GPtrArray *
runconf_rules_find_secrets_below (const RunconfRules *self, const RunconfNode *tree,
                                  const char *pointer)
{
  g_autoptr (GPtrArray) all = runconf_rules_find_secrets (self, tree);
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < all->len; i++)
    {
      if (runconf_path_is_below (all->pdata[i], pointer))
        g_ptr_array_add (found, g_steal_pointer (&all->pdata[i]));
    }

  return found;
}

/**
 * runconf_rules_find_secrets:
 * @tree: a mapping
 *
 * Returns: (transfer full) (element-type utf8): the paths of the secrets in @tree
 */
GPtrArray *
runconf_rules_find_secrets (const RunconfRules *self, const RunconfNode *tree)
{
  if (!runconf_rules_have_secrets (self))
    return g_ptr_array_new_with_free_func (g_free);

  return runconf_schema_find_secrets (self->schema, tree);
}

/**
 * runconf_rules_check:
 * @defaults: the defaults
 * @effective: the defaults merged with overrides
 *
 * Returns: (transfer full) (nullable) (element-type RunconfViolation): the violations in
 *   @effective that @defaults doesn't have; %NULL without a schema
 */
GPtrArray *
runconf_rules_check (const RunconfRules *self, const RunconfNode *defaults,
                     const RunconfNode *effective)
{
  return self->schema != NULL ? runconf_schema_check_change (self->schema, defaults, effective)
                              : NULL;
}
