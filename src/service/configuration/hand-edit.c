/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/hand-edit.h"

#include <math.h>

#include "core/diff.h"
#include "core/mapping.h"
#include "core/metadata.h"
#include "store/history/history-deltas.h"

/* A saved text is merged by path in three ways: the base is the version that its author opened, one
 * side is the saved text, the other side is the version in force. The base isn't kept. It is made
 * from the version in force by undoing the steps from the base to that version.
 *
 * `_runtime_config` names the base by time and number. The time takes precedence, since a number is
 * easily mistyped. A version without a text of its own (an edit by hand, other defaults) keeps
 * number and time, so several versions in a row may have the same ones; and a text may have
 * neither. Of the versions that remain, the base is the one with the fewest paths that differ from
 * the saved text, and of equal ones the newest.
 */

#define NOT_FOUND G_MAXUINT

/* The version of a text, as its metadata names it. */
typedef struct
{
  gboolean has_version;
  guint64 version;
  gboolean has_time;
  gint64 time; /* in µs since the epoch */
} Mark;

/* a later time in seconds doesn't fit */
#define MAX_SECONDS 1e12

static Mark
read_mark (RunconfDocument *document)
{
  const RunconfNode *root = runconf_document_get_root (document);
  Mark mark = { 0 };
  double seconds = 0;

  mark.has_version = runconf_metadata_get_version (root, &mark.version);
  mark.has_time = runconf_metadata_get_last_modified (root, &seconds) && seconds >= 0
                  && seconds < MAX_SECONDS;
  if (mark.has_time)
    mark.time = llround (seconds * G_USEC_PER_SEC);

  return mark;
}

static gboolean
marks_match (const Mark *a, const Mark *b)
{
  if (a->has_time && b->has_time)
    return a->time == b->time;
  if (a->has_version && b->has_version)
    return a->version == b->version;

  return !a->has_time && !a->has_version && !b->has_time && !b->has_version;
}

/* A base is the number of steps back from the version in force.
 *
 * Returns: the base that @mark names, or %NOT_FOUND
 */
static guint
find_named (GPtrArray *steps, const Mark *mark)
{
  for (guint i = 0; mark->has_time && i < steps->len; i++)
    {
      const RunconfdStep *step = steps->pdata[i];

      if (step->time == mark->time)
        return i;
    }

  for (guint i = 0; mark->has_version && i < steps->len; i++)
    {
      const RunconfdStep *step = steps->pdata[i];

      /* a known number with the time of another text was typed, or is that of a withdrawn text */
      if (step->version == mark->version)
        return mark->has_time ? NOT_FOUND : i;
      if (step->since == mark->version && i + 1 == steps->len)
        return i + 1;
    }

  return NOT_FOUND;
}

/* Returns: the last version of a row of versions with the same mark, of which @n_back is the first
 */
static guint
find_end_of_row (GPtrArray *steps, guint n_back)
{
  while (n_back > 0 && ((RunconfdStep *) steps->pdata[n_back - 1])->keeps_number)
    n_back--;

  return n_back;
}

static const RunconfNode *
find_leaf (const RunconfNode *tree, const char *at)
{
  g_autoptr (RunconfPath) path = runconf_path_new (at, NULL);
  const RunconfNode *node = path != NULL ? runconf_node_find (tree, path, NULL) : NULL;

  return node != NULL && runconf_node_is_leaf (node) ? node : NULL;
}

static gboolean
leaves_differ (const RunconfNode *a, const RunconfNode *b)
{
  if (a == NULL || b == NULL)
    return a != b;

  return !runconf_node_equal (a, b);
}

/* Returns: the number of paths at which @saved differs from the version before @step, minus the
 * number at which it differs from the version after @step
 */
static gint64
measure_step (const RunconfdStep *step, const RunconfNode *saved)
{
  gint64 more = 0;

  for (guint i = 0; i < step->deltas->len; i++)
    {
      const RunconfDelta *delta = step->deltas->pdata[i];
      const RunconfNode *leaf = find_leaf (saved, delta->path);

      more += leaves_differ (leaf, delta->old_value);
      more -= leaves_differ (leaf, delta->new_value);
    }

  return more;
}

/* Returns: the base from @newest to @oldest that differs least from @saved */
static guint
find_nearest (GPtrArray *steps, const RunconfNode *saved, guint newest, guint oldest)
{
  gint64 distance = 0, least = 0;
  guint nearest = newest;

  for (guint i = newest; i < oldest; i++)
    {
      distance += measure_step (steps->pdata[i], saved);
      if (distance < least)
        {
          least = distance;
          nearest = i + 1;
        }
    }

  return nearest;
}

/* Returns: the base of @saved */
static guint
find_base (RunconfdHandEdit *self, GPtrArray *steps, const RunconfNode *saved)
{
  const Mark mark = read_mark (self->saved);
  guint named = find_named (steps, &mark);

  self->is_guess = named == NOT_FOUND;

  return self->is_guess ? find_nearest (steps, saved, 0, steps->len)
                        : find_nearest (steps, saved, find_end_of_row (steps, named), named);
}

/* Returns: the sum of the first @n_back steps */
static RunconfHistorySum *
add_up (GPtrArray *steps, guint n_back, gboolean *lacks_secrets)
{
  RunconfHistorySum *sum = runconf_history_sum_new ();

  for (guint i = n_back; i > 0; i--)
    {
      const RunconfdStep *step = steps->pdata[i - 1];

      *lacks_secrets = *lacks_secrets || step->lacks_secrets;
      runconf_history_sum_add (sum, step->deltas);
    }

  return sum;
}

/* Returns: whether no path of @saved existed before: then it is another text, and not an edited one
 */
static gboolean
is_other_text (const RunconfNode *saved, GPtrArray *by_hand)
{
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (GPtrArray) leaves = runconf_diff (nothing, saved);
  guint n_new = 0;

  for (guint i = 0; i < by_hand->len; i++)
    {
      const RunconfDelta *delta = by_hand->pdata[i];

      n_new += delta->old_value == NULL && delta->new_value != NULL;
    }

  return n_new == leaves->len;
}

/* The history has no secrets, so it doesn't show which side changed one. The newer text has the
 * secret.
 *
 * Returns: whether secrets of the saved text were left out
 */
static gboolean
leave_secrets (GPtrArray *by_hand, const RunconfRules *rules)
{
  guint n_before = by_hand->len;

  for (guint i = by_hand->len; i > 0; i--)
    {
      const RunconfDelta *delta = by_hand->pdata[i - 1];
      g_autoptr (RunconfPath) path = runconf_path_new (delta->path, NULL);

      if (path == NULL || runconf_rules_hide (rules, path))
        g_ptr_array_remove_index (by_hand, i - 1);
    }

  return by_hand->len < n_before;
}

static const RunconfNode *
get_tree (const RunconfdHandEdit *self)
{
  return runconf_revision_get_tree (self->current, self->layer);
}

/* Returns: the overrides in force; if they aren't known, the known part of them merged over @saved
 */
static RunconfNode *
get_overrides_now (RunconfdHandEdit *self, const RunconfNode *saved, RunconfHistorySum *since)
{
  return self->is_astray ? runconf_diff_apply (saved, runconf_history_sum_get_deltas (since))
                         : runconf_node_ref (get_tree (self));
}

/* Merges @saved, whose base is @n_back steps back. */
static RunconfNode *
merge (RunconfdHandEdit *self, const RunconfNode *saved, GPtrArray *steps, guint n_back)
{
  gboolean lacks_secrets = FALSE;
  g_autoptr (RunconfHistorySum) since = add_up (steps, n_back, &lacks_secrets);
  g_autoptr (RunconfNode) now = get_overrides_now (self, saved, since);
  g_autoptr (RunconfNode) base = runconf_history_sum_take_back (since, now);
  g_autoptr (GPtrArray) by_hand = runconf_diff (base, saved);

  if (n_back == 0 || (self->is_guess && is_other_text (saved, by_hand)))
    return runconf_node_ref (saved);

  if (lacks_secrets && runconf_rules_have_secrets (self->current->ground->rules))
    self->is_guess |= leave_secrets (by_hand, self->current->ground->rules);

  return runconf_diff_apply (now, by_hand);
}

/* Some texts are taken as they are: a text without a value, a text with the mark of the text before
 * it, and a text that was in the store before, which is a restored backup.
 */
static gboolean
is_whole (RunconfdHandEdit *self)
{
  const Mark saved = read_mark (self->saved);
  const Mark replaced = self->replaced != NULL ? read_mark (self->replaced) : (Mark){ 0 };

  return runconf_document_is_empty (self->saved)
         || (self->replaced != NULL && marks_match (&saved, &replaced))
         || runconfd_recent_has_stamp (self->recent, self->archive, self->stamp);
}

/**
 * runconfd_hand_edit_read:
 *
 * Finds the overrides meant by the author of a text that was saved by hand. Usually they are those
 * of the text. But an editor that was left open saves an older text with a change in it. Then the
 * changes made over the bus since are kept, and where both sides changed a path, the edit by hand
 * wins.
 *
 * Returns: (transfer full): the overrides that the author meant
 */
RunconfNode *
runconfd_hand_edit_read (RunconfdHandEdit *self)
{
  g_autoptr (RunconfNode) saved = runconf_metadata_strip (runconf_document_get_root (self->saved));
  g_autoptr (GPtrArray) steps = NULL;

  self->is_guess = FALSE;
  if (is_whole (self))
    return g_steal_pointer (&saved);

  steps = runconfd_recent_list (self->recent, self->archive, self->current->version);

  return merge (self, saved, steps, find_base (self, steps, saved));
}

/**
 * runconfd_hand_edit_read_late:
 *
 * Finds the overrides meant by the author of a text that was written into a file after the file had
 * lost its name. The base is the text that was in this file, unless the late text names another
 * version.
 *
 * Returns: (transfer full): the overrides that the author meant
 */
RunconfNode *
runconfd_hand_edit_read_late (RunconfdHandEdit *self)
{
  const RunconfNode *root = runconf_document_get_root (self->replaced);
  const Mark late = read_mark (self->saved);
  const Mark replaced = read_mark (self->replaced);
  g_autoptr (RunconfNode) saved = runconf_metadata_strip (runconf_document_get_root (self->saved));
  g_autoptr (RunconfNode) base = runconf_metadata_strip (root);
  g_autoptr (GPtrArray) by_hand = NULL;

  self->is_guess = FALSE;
  if (!marks_match (&late, &replaced))
    {
      g_autoptr (GPtrArray) steps
          = runconfd_recent_list (self->recent, self->archive, self->current->version);

      if (find_named (steps, &late) != NOT_FOUND)
        return merge (self, saved, steps, find_base (self, steps, saved));
    }

  by_hand = runconf_diff (base, saved);

  return runconf_diff_apply (get_tree (self), by_hand);
}
