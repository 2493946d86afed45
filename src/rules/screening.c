/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/screening.h"

#include "core/diff.h"
#include "core/escape.h"
#include "core/mapping.h"

/* Finds the overrides that are ignored: the locked ones, and those that the schema doesn't allow.
 * They stay in the text, and take effect again when the rules allow them.
 */

static void
ignored_free (RunconfIgnored *self)
{
  g_free (self->path);
  g_free (self->place);
  g_free (self->rule);
  g_free (self->message);
  g_free (self);
}

GPtrArray *
runconf_ignored_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) ignored_free);
}

static void
add (GPtrArray *ignored, RunconfLayer layer, const char *path, const char *place, const char *rule,
     char *message)
{
  RunconfIgnored *entry = g_new0 (RunconfIgnored, 1);

  entry->layer = layer;
  entry->path = g_strdup (path);
  entry->place = g_strdup (place);
  entry->rule = g_strdup (rule);
  entry->message = message;
  g_ptr_array_add (ignored, entry);
}

/**
 * runconf_ignored_take_out:
 * @ignored: (element-type RunconfIgnored): the ignored overrides
 * @layer: that of @overrides
 *
 * Returns: (transfer full): @overrides without them, @overrides itself if there are none
 */
RunconfNode *
runconf_ignored_take_out (GPtrArray *ignored, RunconfLayer layer, const RunconfNode *overrides)
{
  g_autoptr (GPtrArray) deltas = runconf_deltas_new ();

  for (guint i = 0; i < ignored->len; i++)
    {
      const RunconfIgnored *one = ignored->pdata[i];

      if (one->layer == layer)
        g_ptr_array_add (deltas, runconf_delta_new (one->path, NULL, NULL));
    }

  return deltas->len > 0 ? runconf_diff_apply (overrides, deltas) : runconf_node_ref (overrides);
}

/* the rules, and the source of the last lock that was found */
typedef struct
{
  const RunconfRules *rules;
  char *by_whom;
} Binding;

static gboolean
is_locked (const RunconfPath *path, gpointer user_data)
{
  Binding *self = user_data;

  g_clear_pointer (&self->by_whom, g_free);

  return runconf_rules_lock (self->rules, path, &self->by_whom);
}

/**
 * runconf_screening_find_locked:
 * @deltas: (element-type RunconfDelta): the changes of the overrides
 * @ignored: (element-type RunconfIgnored): overrides set at locked paths are added
 */
void
runconf_screening_find_locked (const RunconfGround *ground, RunconfLayer layer, GPtrArray *deltas,
                               GPtrArray *ignored)
{
  Binding binding = { ground->rules, NULL };

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      g_autoptr (RunconfPath) path = NULL;
      g_autofree char *shown = NULL;

      if (delta->new_value == NULL)
        continue;

      path = runconf_path_new (delta->path, NULL);
      if (path == NULL
          || !runconf_locked_concern (is_locked, &binding, path, delta->new_value,
                                      runconf_node_find (ground->defaults, path, NULL)))
        continue;

      shown = runconf_escape (delta->path, -1);
      add (ignored, layer, delta->path, delta->path, NULL,
           g_strdup_printf ("%s: it is locked by %s, and keeps its default", shown,
                            binding.by_whom));
    }

  g_free (binding.by_whom);
}

/**
 * runconf_screening_keep_locked:
 * @before: (element-type RunconfIgnored): the overrides ignored until now
 * @deltas: (element-type RunconfDelta): the changes of the overrides since
 * @ignored: (element-type RunconfIgnored): the unchanged ones at locked paths are added
 */
void
runconf_screening_keep_locked (GPtrArray *before, RunconfLayer layer, GPtrArray *deltas,
                               GPtrArray *ignored)
{
  g_autoptr (GHashTable) changed = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < deltas->len; i++)
    g_hash_table_add (changed, ((RunconfDelta *) deltas->pdata[i])->path);

  for (guint i = 0; i < before->len; i++)
    {
      const RunconfIgnored *entry = before->pdata[i];

      if (entry->layer == layer && entry->rule == NULL
          && !g_hash_table_contains (changed, entry->path))
        add (ignored, layer, entry->path, entry->place, NULL, g_strdup (entry->message));
    }
}

/* Adds the overrides at and below a path: its leaves. @only_tags: only those that hide weaker values */
static void
ignore_below (const RunconfViolation *violation, RunconfLayer layer, const RunconfNode *node,
              gboolean only_tags, GString *path, GPtrArray *ignored)
{
  gsize length = path->len;

  if (only_tags && !runconf_node_has_tags (node))
    return;

  if (runconf_node_is_leaf (node))
    {
      add (ignored, layer, path->str, violation->path, violation->rule,
           g_strdup (violation->message));
      return;
    }

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      runconf_path_append (path, runconf_mapping_get_key (node, i, NULL));
      ignore_below (violation, layer, runconf_node_get_child (node, i), only_tags, path, ignored);
      g_string_truncate (path, length);
    }
}

/* Returns: whether the value is invalid since a key is missing: an override that hides it is the cause
 */
static gboolean
is_about_absence (const RunconfViolation *violation)
{
  static const char *const rules[] = { "required", "dependentRequired", "minProperties", NULL };

  return g_strv_contains (rules, violation->rule);
}

/* Adds the overrides that a violation concerns: those at and below its path or, if there are none,
 * the nearest one above. That one is a leaf too, or a mapping with overrides beside the path.
 */
static void
ignore_nearest (const RunconfViolation *violation, RunconfLayer layer, const RunconfNode *counted,
                GPtrArray *ignored)
{
  g_autoptr (RunconfPath) path = runconf_path_new (violation->path, NULL);
  guint length = path != NULL ? runconf_path_get_length (path) : 0;
  const RunconfNode *node = counted;
  g_autoptr (GString) reached = g_string_new (NULL);

  for (guint i = 0; i < length && runconf_node_is_merging (node); i++)
    {
      const char *segment = runconf_path_get_segment (path, i);
      const RunconfNode *next = runconf_mapping_get (node, segment);

      if (next == NULL)
        break;
      runconf_path_append (reached, segment);
      node = next;
    }

  if (node != counted || length == 0)
    ignore_below (violation, layer, node,
                  is_about_absence (violation) && runconf_node_has_tags (node), reached, ignored);
}

/**
 * runconf_screening_give_way:
 * @violations: (element-type RunconfViolation): the violations
 * @counted: the overrides in effect so far
 * @ignored: (element-type RunconfIgnored): the overrides that cause violations are added
 *
 * Returns: %FALSE if there are none
 */
gboolean
runconf_screening_give_way (GPtrArray *violations, RunconfLayer layer, const RunconfNode *counted,
                            GPtrArray *ignored)
{
  guint n_before = ignored->len;

  if (runconf_node_get_length (counted) == 0)
    return FALSE;

  for (guint i = 0; i < violations->len; i++)
    ignore_nearest (violations->pdata[i], layer, counted, ignored);

  return ignored->len > n_before;
}

/**
 * runconf_screening_give_up:
 *
 * The same with all overrides, so that only the defaults are left.
 */
void
runconf_screening_give_up (GPtrArray *violations, RunconfLayer layer, const RunconfNode *counted,
                           GPtrArray *ignored)
{
  g_autoptr (GString) path = g_string_new (NULL);

  if (runconf_node_get_length (counted) > 0)
    ignore_below (violations->pdata[0], layer, counted, FALSE, path, ignored);
}
