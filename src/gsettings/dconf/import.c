/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/dconf/import.h"

#include <string.h>

#include "core/edit.h"
#include "core/escape.h"
#include "core/limits.h"
#include "core/mapping.h"
#include "core/metadata.h"
#include "core/variant.h"
#include "gsettings/dconf/entry.h"
#include "gsettings/form/escape.h"
#include "gsettings/form/form.h"

static void
complain (GPtrArray *complaints, const char *key, const char *problem)
{
  g_autofree char *shown = runconf_escape (key, -1);

  g_ptr_array_add (complaints, g_strdup_printf ("not imported: %s: %s", shown, problem));
}

/* Returns: (transfer full) (element-type utf8): all folders that the keys are in */
static GHashTable *
find_folders (GPtrArray *entries)
{
  GHashTable *folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < entries->len; i++)
    {
      const DconfEntry *entry = entries->pdata[i];

      for (const char *slash = strchr (entry->key + 1, '/'); slash != NULL;
           slash = strchr (slash + 1, '/'))
        g_hash_table_add (folders, g_strndup (entry->key, slash - entry->key));
    }

  return folders;
}

/* A mapping takes the place of a default as a whole: GSettings merges no dictionaries. */
static RunconfNode *
make_node (GVariant *form)
{
  g_autoptr (RunconfNode) node = runconf_node_from_variant (form, "", NULL);

  return node != NULL && runconf_node_is_mapping (node) ? runconf_mapping_as (node, TRUE)
                                                        : g_steal_pointer (&node);
}

/* A text at a key of this name would be an escape of its folder. */
static gboolean
is_taken_as_form (GVariant *form, const RunconfPath *path)
{
  const char *name = runconf_path_get_segment (path, runconf_path_get_length (path) - 1);

  return strcmp (name, RUNCONF_GSETTINGS_ESCAPE_KEY) != 0
         || (!g_variant_is_of_type (form, G_VARIANT_TYPE_STRING)
             && !g_variant_is_of_type (form, G_VARIANT_TYPE_BYTESTRING));
}

static gboolean
fits (const RunconfNode *node, const RunconfPath *path)
{
  return node != NULL
         && runconf_node_get_cost (node) + runconf_path_get_length (path) * RUNCONF_COST_MAPPING
                <= RUNCONF_MAX_COST;
}

/* Returns: (transfer full) (nullable): the value as it is in the configuration, or %NULL if the
 *   key has too many parts
 */
static RunconfNode *
convert (const DconfEntry *entry, const RunconfPath *path, const GVariantType *type)
{
  gboolean is_typed = type != NULL && g_variant_is_of_type (entry->value, type);
  g_autoptr (GVariant) form = runconf_gsettings_pack (entry->value, is_typed);
  g_autoptr (RunconfNode) node = make_node (form);

  if (is_taken_as_form (form, path) && fits (node, path))
    return g_steal_pointer (&node);

  g_variant_unref (form);
  form = g_variant_ref_sink (runconf_gsettings_escape (entry->value));
  runconf_node_unref (node);
  node = make_node (form);

  return fits (node, path) ? g_steal_pointer (&node) : NULL;
}

static gboolean
has_long_segment (const RunconfPath *path)
{
  for (guint i = 0; i < runconf_path_get_length (path); i++)
    if (strlen (runconf_path_get_segment (path, i)) > RUNCONF_MAX_KEY_BYTES)
      return TRUE;

  return FALSE;
}

/* Returns: (nullable): why a configuration can't have the key */
static const char *
find_problem (const DconfEntry *entry, const RunconfPath *path, GHashTable *folders)
{
  if (path == NULL)
    return "it is in too many folders";
  if (strcmp (runconf_path_get_segment (path, 0), RUNCONF_METADATA_KEY) == 0)
    return "the topmost folder “" RUNCONF_METADATA_KEY "” belongs to Runconf";
  if (has_long_segment (path))
    return "a part of its name has more than " G_STRINGIFY (RUNCONF_MAX_KEY_BYTES) " bytes";
  if (g_hash_table_contains (folders, entry->key))
    return "it is a folder with other keys, too, which a configuration can't have; rename it or "
           "remove it with “dconf reset”";

  return NULL;
}

/* Returns: (transfer full): the tree with the key, or the same tree with a complaint */
static RunconfNode *
add_entry (RunconfNode *root, const DconfEntry *entry, const DconfTypes *types, GHashTable *folders,
           GPtrArray *complaints)
{
  g_autofree char *pointer = runconf_gsettings_path (entry->key);
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);
  g_autoptr (RunconfNode) before = root;
  g_autoptr (RunconfNode) value = NULL;
  const char *problem = find_problem (entry, path, folders);

  if (problem == NULL)
    {
      value = convert (entry, path, dconf_types_find (types, entry->key));
      problem = value == NULL ? "it is in too many folders" : NULL;
    }
  if (problem == NULL)
    return runconf_edit_set (root, path, 0, value);

  complain (complaints, entry->key, problem);

  return g_steal_pointer (&before);
}

/**
 * dconf_import:
 * @entries: (element-type DconfEntry): keys of dconf
 * @complaints: (element-type utf8): the keys that can't be imported are added to it, with the
 *   reasons
 *
 * Returns: (transfer full): the keys in the tree of a layer
 */
RunconfNode *
dconf_import (GPtrArray *entries, const DconfTypes *types, GPtrArray *complaints)
{
  g_autoptr (GHashTable) folders = find_folders (entries);
  RunconfNode *root = runconf_mapping_new_empty ();

  for (guint i = 0; i < entries->len; i++)
    root = add_entry (root, entries->pdata[i], types, folders, complaints);

  return root;
}
