/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/checker.h"

#include <time.h>

/* The budget of a check: a step is the check of one value by one schema, about 0.1 µs. Real schemas
 * need a few steps for each value. A hostile pair of schema and tree could need an unlimited
 * number: such a check is stopped, and the tree refused, after about 0.3 s for a small tree and a
 * few seconds for the largest.
 */
#define MIN_STEPS 2000000
#define STEPS_PER_NODE 20
#define BYTES_PER_STEP 4
#define STEPS_PER_MICROSECOND 10

/* The maximum number of old violations that are distinguished from new ones. */
#define MAX_KNOWN 5000

/* A match that took longer may have been interrupted by other threads. */
#define MAX_UNDISTURBED_MICROSECONDS 100

gboolean
runconf_checker_is_done (RunconfSchemaChecker *self)
{
  return self->budget < 0
         || (self->violations != NULL && self->violations->len >= self->max_violations);
}

/* Returns: %FALSE if the check is to stop */
gboolean
runconf_checker_spend (RunconfSchemaChecker *self, gint64 steps)
{
  if (runconf_checker_is_done (self))
    return FALSE;

  self->budget -= steps;

  return self->budget >= 0;
}

static gint64
get_cpu_microseconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);

  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* The cost of a match can't be predicted from its text, so the time that it took is subtracted from
 * the budget: for a short match the monotonic time, which is fast to read, for a longer one the CPU
 * time of the thread, so that no value is refused because the machine is busy.
 */
RunconfMatch
runconf_checker_match (RunconfSchemaChecker *self, const RunconfPattern *pattern, const char *text,
                       gsize length)
{
  RunconfMatch match;
  gint64 start, elapsed, cpu;

  if (self->cpu == 0)
    self->cpu = get_cpu_microseconds ();
  start = g_get_monotonic_time ();
  match = runconf_pattern_match (pattern, text, length);
  elapsed = g_get_monotonic_time () - start;

  if (elapsed > MAX_UNDISTURBED_MICROSECONDS)
    {
      cpu = get_cpu_microseconds ();
      elapsed = cpu - self->cpu;
      self->cpu = cpu;
    }
  self->budget -= elapsed * STEPS_PER_MICROSECOND;

  return match;
}

gsize
runconf_checker_enter (RunconfSchemaChecker *self, const char *segment)
{
  gsize length = self->path->len;

  if (self->violations != NULL)
    runconf_path_append (self->path, segment);

  return length;
}

gsize
runconf_checker_enter_index (RunconfSchemaChecker *self, guint index)
{
  char segment[16];

  g_snprintf (segment, sizeof segment, "%u", index);

  return runconf_checker_enter (self, segment);
}

void
runconf_checker_leave (RunconfSchemaChecker *self, gsize length)
{
  /* if the check was stopped, the path stays where it was, for the report */
  if (self->budget >= 0)
    g_string_truncate (self->path, length);
}

/**
 * runconf_checker_check:
 *
 * Returns: whether @value is valid. If the check was stopped, @value counts as valid.
 */
gboolean
runconf_checker_check (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                       const RunconfNode *value)
{
  static gboolean (*const checks[]) (RunconfSchemaChecker *, const RunconfSubschema *,
                                     const RunconfNode *)
      = { runconf_checker_check_type,     runconf_checker_check_choice,
          runconf_checker_check_number,   runconf_checker_check_string,
          runconf_checker_check_sequence, runconf_checker_check_mapping,
          runconf_checker_check_branches };
  gboolean is_right = TRUE;

  if (!runconf_checker_spend (self, 1))
    return TRUE;

  while (subschema->ref != NULL)
    subschema = subschema->ref;
  if (subschema->is_false)
    return runconf_checker_refuse (self, RUNCONF_KEYWORD_NOT, value,
                                   "isn't allowed: the schema allows no value here");

  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      if (checks[i](self, subschema, value))
        continue;

      /* a value of the wrong type would violate all other rules too */
      is_right = FALSE;
      if (self->violations == NULL || i == 0)
        break;
    }

  return is_right;
}

/* Returns: whether @value is valid, without recording violations */
gboolean
runconf_checker_try (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                     const RunconfNode *value)
{
  GPtrArray *violations = g_steal_pointer (&self->violations);
  gboolean is_right = runconf_checker_check (self, subschema, value);

  self->violations = violations;

  return is_right;
}

/* Returns: (transfer full): the violations of @value, separate from those that are reported */
GPtrArray *
runconf_checker_explain (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                         const RunconfNode *value)
{
  GPtrArray *violations = self->violations;
  GHashTable *known = g_steal_pointer (&self->known);
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_violation_free);

  self->violations = found;
  runconf_checker_check (self, subschema, value);
  self->violations = violations;
  self->known = known;

  return found;
}

static GPtrArray *
check_tree (RunconfSchema *self, const RunconfNode *tree, guint max_violations, GHashTable *known)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (GPtrArray) violations
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_violation_free);
  RunconfSchemaChecker checker = {
    .schema = self,
    .violations = violations,
    .max_violations = max_violations,
    .known = known,
    .path = path,
  };

  checker.budget = MIN_STEPS + STEPS_PER_NODE * (gint64) runconf_node_get_n_nodes (tree)
                   + (gint64) runconf_node_get_n_bytes (tree) / BYTES_PER_STEP;
  runconf_checker_check (&checker, self->root, tree);
  if (checker.budget < 0)
    runconf_checker_refuse_limits (&checker, path->str);

  return g_steal_pointer (&violations);
}

/**
 * runconf_schema_check:
 * @tree: any tree
 *
 * A violation never shows a secret, nor a path within one. A check that would take too long is
 * stopped, which is a violation of the rule `limits`.
 *
 * Returns: (transfer full) (element-type RunconfViolation): the violations in @tree, at most
 *   %RUNCONF_MAX_VIOLATIONS; empty if @tree is valid
 */
GPtrArray *
runconf_schema_check (RunconfSchema *self, const RunconfNode *tree)
{
  return check_tree (self, tree, RUNCONF_MAX_VIOLATIONS, NULL);
}

/**
 * runconf_schema_check_change:
 * @before: the tree before a change
 * @after: the tree after it
 *
 * A change is responsible for the violations that it adds, not for older ones. @before is checked
 * only if @after has violations, and only a few thousand violations of @before are recorded.
 *
 * Returns: (transfer full) (element-type RunconfViolation): the violations in @after that aren't
 *   in @before, in the form of runconf_schema_check()
 */
GPtrArray *
runconf_schema_check_change (RunconfSchema *self, const RunconfNode *before,
                             const RunconfNode *after)
{
  g_autoptr (GPtrArray) found = runconf_schema_check (self, after);
  g_autoptr (GPtrArray) old = NULL;
  g_autoptr (GHashTable) known = NULL;

  if (found->len == 0)
    return g_steal_pointer (&found);

  old = check_tree (self, before, MAX_KNOWN, NULL);
  known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < old->len; i++)
    g_hash_table_add (known, runconf_violation_get_identity (old->pdata[i]));

  return check_tree (self, after, RUNCONF_MAX_VIOLATIONS, known);
}
