/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/entry.h"

#include <string.h>

#include "core/error.h"
#include "fleet/model/record.h"

/* One change in the history of a document, as JSON:
 *
 * |[
 * {"time": 1790000000000000, "author": "anna@desk", "message": "for the move", "kind": "set",
 *  "before": 17, "text": "port: 80\n", "n-changes": 1, "whole": true,
 *  "changes": [{"path": "/port", "old": 80, "new": 8080}]}
 * ]|
 *
 * JSON has no tags: an entry with a tagged value isn't whole.
 */

/**
 * runconf_fleet_entry_new:
 * @message: (nullable):
 *
 * Returns: (transfer full): an entry without a change
 */
RunconfFleetEntry *
runconf_fleet_entry_new (const char *kind, const char *author, const char *message, gint64 time)
{
  RunconfFleetEntry *self = g_new0 (RunconfFleetEntry, 1);

  self->kind = g_strdup (kind);
  self->author = g_strdup (author);
  self->message = g_strdup (message);
  self->time = time;
  self->deltas = runconf_deltas_new ();
  self->is_whole = TRUE;

  return self;
}

void
runconf_fleet_entry_free (RunconfFleetEntry *self)
{
  g_free (self->author);
  g_free (self->message);
  g_free (self->kind);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_ptr_array_unref (self->deltas);
  g_free (self);
}

static gsize
measure (const RunconfNode *value)
{
  return value != NULL ? runconf_node_get_n_bytes (value) + 8 * runconf_node_get_n_nodes (value)
                       : 0;
}

/* Returns: about the size of the deltas in JSON */
static gsize
measure_deltas (GPtrArray *deltas)
{
  gsize size = 0;

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      size += strlen (delta->path) + 32 + measure (delta->old_value) + measure (delta->new_value);
    }

  return size;
}

static gboolean
has_tag (const RunconfNode *value)
{
  return value != NULL && runconf_node_has_tags (value);
}

static gboolean
have_tags (GPtrArray *deltas)
{
  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      if (has_tag (delta->old_value) || has_tag (delta->new_value))
        return TRUE;
    }

  return FALSE;
}

/* Keeps the first paths, without their values. */
static void
drop_values (RunconfFleetEntry *self)
{
  g_ptr_array_set_size (self->deltas, (gint) MIN (self->n_changes, RUNCONF_FLEET_MAX_OLD_PATHS));
  for (guint i = 0; i < self->deltas->len; i++)
    {
      RunconfDelta *delta = self->deltas->pdata[i];

      g_clear_pointer (&delta->old_value, runconf_node_unref);
      g_clear_pointer (&delta->new_value, runconf_node_unref);
    }
  self->is_whole = FALSE;
}

/**
 * runconf_fleet_entry_set_change:
 * @before: the revision of the document before the change, 0 if there was none
 * @text: (nullable): its text
 * @from: its tree
 * @to: its tree after the change
 *
 * Puts a change into the entry, or as much of it as has room there.
 */
void
runconf_fleet_entry_set_change (RunconfFleetEntry *self, gint64 before, GBytes *text,
                                const RunconfNode *from, const RunconfNode *to)
{
  g_clear_pointer (&self->text, g_bytes_unref);
  g_ptr_array_unref (self->deltas);
  self->before = before;
  if (text != NULL && before != 0 && g_bytes_get_size (text) <= RUNCONF_FLEET_MAX_OLD_TEXT)
    self->text = g_bytes_ref (text);
  self->deltas = runconf_diff (from, to);
  self->n_changes = self->deltas->len;
  self->is_whole = !have_tags (self->deltas);
  if (measure_deltas (self->deltas) > RUNCONF_FLEET_MAX_OLD_VALUES)
    drop_values (self);
}

/**
 * runconf_fleet_entry_cut:
 *
 * Keeps no text and no values, for a change beside which they have no room.
 */
void
runconf_fleet_entry_cut (RunconfFleetEntry *self)
{
  g_clear_pointer (&self->text, g_bytes_unref);
  drop_values (self);
}

static RunconfNode *
get_side (const RunconfNode *change, const char *side)
{
  const RunconfNode *value = runconf_mapping_get (change, side);

  return value != NULL ? runconf_node_ref (value) : NULL;
}

static void
read_changes (RunconfFleetEntry *self, const RunconfNode *record)
{
  const RunconfNode *changes = runconf_mapping_get (record, "changes");
  gboolean are_changes
      = changes != NULL && runconf_node_get_kind (changes) == RUNCONF_KIND_SEQUENCE;

  for (guint i = 0; are_changes && i < runconf_node_get_length (changes); i++)
    {
      const RunconfNode *change = runconf_node_get_child (changes, i);
      const char *path = runconf_node_is_mapping (change)
                             ? runconf_fleet_record_get_text (change, "path")
                             : NULL;

      if (path != NULL)
        g_ptr_array_add (self->deltas, runconf_delta_new (path, get_side (change, "old"),
                                                          get_side (change, "new")));
    }
}

/**
 * runconf_fleet_entry_read:
 * @name: the key of the text, for messages
 * @revision: the revision at which the key was created
 *
 * Returns: (transfer full): the entry, or %NULL with an error if the text isn't one
 */
RunconfFleetEntry *
runconf_fleet_entry_read (GBytes *text, const char *name, gint64 revision, GError **error)
{
  g_autoptr (RunconfNode) record = runconf_fleet_record_read (text, name, error);
  const RunconfNode *whole;
  const char *old_text;
  RunconfFleetEntry *self;

  if (record == NULL)
    return NULL;

  self = runconf_fleet_entry_new (runconf_fleet_record_get_text (record, "kind"),
                                  runconf_fleet_record_get_text (record, "author"),
                                  runconf_fleet_record_get_text (record, "message"),
                                  runconf_fleet_record_get_integer (record, "time"));
  self->revision = revision;
  self->before = runconf_fleet_record_get_integer (record, "before");
  self->n_changes = (guint) runconf_fleet_record_get_integer (record, "n-changes");
  old_text = runconf_fleet_record_get_text (record, "text");
  self->text = old_text != NULL ? g_bytes_new (old_text, strlen (old_text)) : NULL;
  whole = runconf_mapping_get (record, "whole");
  self->is_whole = whole != NULL && runconf_node_get_kind (whole) == RUNCONF_KIND_BOOLEAN
                   && runconf_node_get_boolean (whole);
  read_changes (self, record);

  return self;
}

static RunconfNode *
write_delta (const RunconfDelta *delta)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();

  runconf_fleet_record_add_text (record, "path", delta->path);
  if (delta->old_value != NULL)
    runconf_fleet_record_take (record, "old", runconf_node_ref (delta->old_value));
  if (delta->new_value != NULL)
    runconf_fleet_record_take (record, "new", runconf_node_ref (delta->new_value));

  return runconf_mapping_builder_end (record);
}

static RunconfNode *
write_changes (const RunconfFleetEntry *self)
{
  g_autoptr (GPtrArray) items
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);

  for (guint i = 0; i < self->deltas->len; i++)
    g_ptr_array_add (items, write_delta (self->deltas->pdata[i]));

  return runconf_node_new_sequence ((RunconfNode *const *) items->pdata, items->len);
}

/**
 * runconf_fleet_entry_write:
 *
 * Returns: (transfer full): the entry as JSON
 */
GBytes *
runconf_fleet_entry_write (const RunconfFleetEntry *self)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  g_autofree char *text = NULL;
  g_autoptr (RunconfNode) node = NULL;

  runconf_fleet_record_add_integer (record, "time", self->time);
  runconf_fleet_record_add_text (record, "author", self->author);
  runconf_fleet_record_add_text (record, "message", self->message);
  runconf_fleet_record_add_text (record, "kind", self->kind);
  runconf_fleet_record_add_integer (record, "before", self->before);
  if (self->text != NULL)
    {
      text = g_strndup (g_bytes_get_data (self->text, NULL), g_bytes_get_size (self->text));
      runconf_fleet_record_add_text (record, "text", text);
    }
  runconf_fleet_record_add_integer (record, "n-changes", self->n_changes);
  runconf_fleet_record_take (record, "whole", runconf_node_new_boolean (self->is_whole));
  runconf_fleet_record_take (record, "changes", write_changes (self));
  node = runconf_mapping_builder_end (record);

  return runconf_fleet_record_write (node);
}

/**
 * runconf_fleet_entry_undo:
 * @root: the tree after the change
 *
 * Returns: (transfer full) (nullable): the tree before the change, %NULL if the entry isn't whole
 */
RunconfNode *
runconf_fleet_entry_undo (const RunconfFleetEntry *self, const RunconfNode *root)
{
  g_autoptr (GPtrArray) inverse = runconf_deltas_new ();

  if (!self->is_whole)
    return NULL;

  for (guint i = 0; i < self->deltas->len; i++)
    {
      const RunconfDelta *delta = self->deltas->pdata[i];

      g_ptr_array_add (inverse,
                       runconf_delta_new (
                           delta->path,
                           delta->new_value != NULL ? runconf_node_ref (delta->new_value) : NULL,
                           delta->old_value != NULL ? runconf_node_ref (delta->old_value) : NULL));
    }

  return runconf_diff_apply (root, inverse);
}
