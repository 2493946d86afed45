/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/schemas/definitions.h"

#include "core/path.h"
#include "core/variant.h"
#include "gsettings/schemas/rule.h"
#include "gsettings/schemas/text.h"
#include "schema/schema.h"

/* Each folder is a definition under its path, and its parent refers to it. So the schema of a key has
 * the same depth everywhere: in folders within folders, a long path would reach the limit of nesting.
 */

#define NAME "config.schema.yaml"
#define META_SCHEMA "http://json-schema.org/draft-07/schema#"
#define DEFINITIONS "definitions"
#define UNESCAPED "/"

/* Returns: (transfer full): a reference to the definition of the folder @path */
static char *
make_reference (const char *path)
{
  g_autoptr (GString) pointer = g_string_new (NULL);
  g_autofree char *escaped = NULL;

  runconf_path_append (pointer, DEFINITIONS);
  runconf_path_append (pointer, path);
  escaped = g_uri_escape_string (pointer->str, UNESCAPED, FALSE);

  return g_strconcat ("#", escaped, NULL);
}

static char *
make_path (const char *folder, const RunconfGsettingsEntry *entry)
{
  return g_strconcat (folder, "/", entry->name, NULL);
}

static GVariant *
make_member (const RunconfGsettingsEntry *entry, const char *folder)
{
  g_autofree char *path = make_path (folder, entry);
  g_autofree char *reference = entry->children != NULL ? make_reference (path) : NULL;

  return entry->keys->len > 0 ? runconf_gsettings_rule_new_for_entry (entry, reference)
                              : runconf_gsettings_rule_new_for_reference (reference);
}

/* Adds the keywords of a folder. Keys that no schema has are allowed. */
static void
add_folder (GVariantBuilder *facts, const RunconfGsettingsEntry *folder, const char *path)
{
  GVariantBuilder members = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  for (GTreeNode *node = g_tree_node_first (folder->children); node != NULL;
       node = g_tree_node_next (node))
    {
      const RunconfGsettingsEntry *entry = g_tree_node_value (node);

      g_variant_builder_add (&members, "{sv}", entry->name, make_member (entry, path));
    }

  g_variant_builder_add (facts, "{sv}", "type", g_variant_new_string ("object"));
  g_variant_builder_add (facts, "{sv}", "properties", g_variant_builder_end (&members));
}

static void
add_definitions (GVariantBuilder *definitions, const RunconfGsettingsEntry *folder,
                 const char *path)
{
  for (GTreeNode *node = g_tree_node_first (folder->children); node != NULL;
       node = g_tree_node_next (node))
    {
      const RunconfGsettingsEntry *entry = g_tree_node_value (node);
      g_autofree char *entry_path = make_path (path, entry);
      GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

      if (entry->children != NULL)
        {
          add_folder (&facts, entry, entry_path);
          g_variant_builder_add (definitions, "{sv}", entry_path, g_variant_builder_end (&facts));
          add_definitions (definitions, entry, entry_path);
        }
      g_variant_builder_clear (&facts);
    }
}

static GVariant *
make_schema (const RunconfGsettingsEntry *root)
{
  GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantBuilder definitions = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&facts, "{sv}", "$schema", g_variant_new_string (META_SCHEMA));
  g_variant_builder_add (&facts, "{sv}", "title", g_variant_new_string ("GSettings"));
  add_folder (&facts, root, "");
  runconf_gsettings_rules_define (&definitions);
  add_definitions (&definitions, root, "");
  g_variant_builder_add (&facts, "{sv}", DEFINITIONS, g_variant_builder_end (&definitions));

  return g_variant_ref_sink (g_variant_builder_end (&facts));
}

/**
 * runconf_gsettings_definitions_new:
 *
 * Returns: (transfer full) (nullable): the schema, which the service accepts; %NULL with an error if
 *   there are more keys than a schema can have
 */
RunconfNode *
runconf_gsettings_definitions_new (const RunconfGsettingsCatalogue *catalogue, GError **error)
{
  g_autoptr (GVariant) schema = make_schema (runconf_gsettings_catalogue_get_root (catalogue));
  g_autoptr (RunconfNode) node = runconf_node_from_variant (schema, "", error);
  g_autoptr (RunconfSchema) check = node != NULL ? runconf_schema_new (node, NULL, error) : NULL;

  return check != NULL ? g_steal_pointer (&node) : NULL;
}

/**
 * runconf_gsettings_definitions_write:
 *
 * Returns: (transfer full) (nullable): the text of the schema, or %NULL with an error of
 *   runconf_compose()
 */
GBytes *
runconf_gsettings_definitions_write (const RunconfNode *schema, GError **error)
{
  g_autoptr (RunconfDocument) document = runconf_gsettings_text_compose ("", schema, NAME, error);

  return document != NULL ? g_bytes_ref (runconf_document_get_text (document)) : NULL;
}
