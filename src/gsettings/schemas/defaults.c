/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/schemas/defaults.h"

#include "core/escape.h"
#include "core/limits.h"
#include "core/mapping.h"
#include "core/variant.h"
#include "gsettings/form/form.h"
#include "gsettings/schemas/text.h"
#include "yaml/lines.h"
#include "yaml/splice.h"

#define NAME "config.yaml"

#define HEAD_OF_MISSING                                                                            \
  "#\n"                                                                                            \
  "# These keys have no default here, since it depends on the language, the desktop or the\n"      \
  "# program. Each program has its own:\n"                                                         \
  "#\n"

/* The text to which comments are added, and its tree. */
typedef struct
{
  RunconfText text;
  const RunconfSpan *spans;
  RunconfSplice *splice;
} Comments;

static RunconfNode *
make_value (const RunconfGsettingsEntry *entry, guint depth)
{
  g_autoptr (GVariant) value = runconf_gsettings_entry_dup_default (entry);
  g_autoptr (GVariant) form = value != NULL ? runconf_gsettings_pack (value, TRUE) : NULL;
  g_autoptr (RunconfNode) node = form != NULL ? runconf_node_from_variant (form, "", NULL) : NULL;

  return node != NULL
                 && depth * RUNCONF_COST_MAPPING + runconf_node_get_cost (node) <= RUNCONF_MAX_COST
             ? g_steal_pointer (&node)
             : NULL;
}

/* Returns: (transfer full): the mapping of a folder, which is empty if no key has a default. @depth
 *   is the number of mappings down to its keys.
 */
static RunconfNode *
make_folder (const RunconfGsettingsEntry *folder, guint depth)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();

  for (GTreeNode *node = g_tree_node_first (folder->children); node != NULL;
       node = g_tree_node_next (node))
    {
      const RunconfGsettingsEntry *entry = g_tree_node_value (node);
      gboolean is_folder = entry->children != NULL;
      g_autoptr (RunconfNode) value
          = is_folder ? make_folder (entry, depth + 1) : make_value (entry, depth);

      if (value != NULL && (!is_folder || runconf_node_get_length (value) > 0))
        runconf_mapping_builder_add (builder, entry->name, strlen (entry->name), value);
    }

  return runconf_mapping_builder_end (builder);
}

/**
 * runconf_gsettings_defaults_new:
 *
 * Returns: (transfer full): the defaults of all keys, in the tree of their paths, without those that
 *   aren't the same for all programs
 */
RunconfNode *
runconf_gsettings_defaults_new (const RunconfGsettingsCatalogue *catalogue)
{
  return make_folder (runconf_gsettings_catalogue_get_root (catalogue), 1);
}

static void
list_missing (GString *lines, const RunconfGsettingsEntry *folder, const RunconfNode *values,
              const char *path)
{
  for (GTreeNode *node = g_tree_node_first (folder->children); node != NULL;
       node = g_tree_node_next (node))
    {
      const RunconfGsettingsEntry *entry = g_tree_node_value (node);
      const RunconfNode *value = values != NULL ? runconf_mapping_get (values, entry->name) : NULL;
      g_autofree char *entry_path = g_strconcat (path, "/", entry->name, NULL);

      if (entry->keys->len > 0 && (value == NULL || entry->children != NULL))
        g_string_append_printf (lines, "#   %s\n", entry_path);
      if (entry->children != NULL)
        list_missing (lines, entry, value, entry_path);
    }
}

/**
 * runconf_gsettings_defaults_list_missing:
 *
 * Returns: (transfer full): comments that name the keys without a default; empty if there are none
 */
char *
runconf_gsettings_defaults_list_missing (const RunconfGsettingsCatalogue *catalogue,
                                         const RunconfNode *defaults)
{
  g_autoptr (GString) lines = g_string_new (NULL);

  list_missing (lines, runconf_gsettings_catalogue_get_root (catalogue), defaults, "");
  if (lines->len > 0)
    g_string_prepend (lines, HEAD_OF_MISSING);

  return g_string_free (g_steal_pointer (&lines), FALSE);
}

static const char *
find_summary (const RunconfGsettingsEntry *entry)
{
  const char *summary = NULL;

  for (guint i = 0; i < entry->keys->len && summary == NULL; i++)
    summary = g_settings_schema_key_get_summary (
        ((const RunconfGsettingsKey *) entry->keys->pdata[i])->key);

  return summary != NULL && *summary != '\0' ? summary : NULL;
}

/* Adds a line above that of the key, with the same indentation. */
static void
add_comment (Comments *self, const RunconfSpan *key, const char *comment)
{
  gsize start = runconf_lines_find_start (&self->text, key->start);
  g_autofree char *shown = runconf_escape (comment, -1);
  g_autoptr (GString) line = g_string_new_len (self->text.data + start, key->start - start);

  g_string_append_printf (line, "# %s\n", shown);
  runconf_splice_insert (self->splice, start, line);
}

/* The keys of a mapping and their spans have the same order. */
static void
add_comments (Comments *self, guint mapping, const RunconfNode *values,
              const RunconfGsettingsEntry *folder)
{
  guint key = mapping + 1;

  for (guint i = 0; i < runconf_node_get_length (values); i++)
    {
      const char *name = runconf_mapping_get_key (values, i, NULL);
      const RunconfGsettingsEntry *entry = g_tree_lookup (folder->children, name);
      guint value = self->spans[key].next;
      const char *summary = entry != NULL ? find_summary (entry) : NULL;

      if (summary != NULL)
        add_comment (self, &self->spans[key], summary);
      if (entry != NULL && entry->children != NULL)
        add_comments (self, value, runconf_node_get_child (values, i), entry);
      key = self->spans[value].next;
    }
}

/**
 * runconf_gsettings_defaults_write:
 * @defaults: a tree of defaults, or a part of it
 * @head: comments for the beginning; may be empty
 *
 * Returns: (transfer full) (nullable): the text, in which each key is below its summary; %NULL with
 *   an error of runconf_compose()
 */
GBytes *
runconf_gsettings_defaults_write (const RunconfGsettingsCatalogue *catalogue,
                                  const RunconfNode *defaults, const char *head, GError **error)
{
  g_autoptr (RunconfDocument) document
      = runconf_gsettings_text_compose (head, defaults, NAME, error);
  g_autoptr (RunconfSplice) splice = NULL;
  Comments comments = { .text = { .name = NAME } };
  guint n_spans;

  if (document == NULL)
    return NULL;

  comments.text.data
      = g_bytes_get_data (runconf_document_get_text (document), &comments.text.length);
  comments.spans = runconf_document_get_spans (document, &n_spans);
  comments.splice = splice = runconf_splice_new (&comments.text);
  add_comments (&comments, 0, defaults, runconf_gsettings_catalogue_get_root (catalogue));

  return runconf_splice_apply (splice);
}
