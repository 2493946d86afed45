/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/schemas/user.h"

#include <string.h>

#include "core/mapping.h"
#include "gsettings/schemas/defaults.h"
#include "gsettings/schemas/definitions.h"
#include "gsettings/schemas/output.h"
#include "gsettings/schemas/text.h"
#include "layers/files.h"
#include "layers/layer.h"

/* The layer of the user has what the weaker layers lack: usually nothing. A user may have schemas in
 * the own home, and folders in $XDG_DATA_DIRS that no package knows.
 *
 * The name of the drop-in comes before those of administrators, who may set any default.
 */

#define DROP_IN                                                                                    \
  RUNCONF_DEFAULTS_FOLDER G_DIR_SEPARATOR_S "00-gsettings-schemas" RUNCONF_DEFAULTS_SUFFIX

/* A file of the weaker layers: the strongest one of its name. */
typedef struct
{
  RunconfNode *root;        /* NULL without a file */
  gboolean is_written_here; /* else by an administrator, who knows better */
} Base;

static void
base_clear (Base *self)
{
  g_clear_pointer (&self->root, runconf_node_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Base, base_clear)

/* Returns: the folder of the configuration in the last one of @parents */
static char *
make_folder_path (GPtrArray *parents, guint position)
{
  return g_build_filename (parents->pdata[position], RUNCONF_GSETTINGS_CONFIGURATION, NULL);
}

static char *
get_user_folder (void)
{
  g_autoptr (GPtrArray) parents = runconf_layer_list_session (RUNCONF_LAYER_USER);

  return make_folder_path (parents, 0);
}

/* Returns: (transfer full) (nullable): the file of the strongest folder of one layer. A mask is one
 *   too: it is an empty file.
 */
static char *
find_in_layer (RunconfLayer layer, const char *name, const char *user_folder,
               RunconfGsettingsInputs *inputs)
{
  g_autoptr (GPtrArray) parents = runconf_layer_list_session (layer);

  for (guint i = parents->len; i > 0; i--)
    {
      g_autofree char *folder = make_folder_path (parents, i - 1);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (strcmp (folder, user_folder) == 0)
        continue;

      runconf_gsettings_inputs_add (inputs, path);
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }

  return NULL;
}

static char *
find_weaker (const char *name, const char *user_folder, RunconfGsettingsInputs *inputs)
{
  char *path = find_in_layer (RUNCONF_LAYER_ADMIN, name, user_folder, inputs);

  return path != NULL ? path : find_in_layer (RUNCONF_LAYER_VENDOR, name, user_folder, inputs);
}

static gboolean
base_init (Base *self, const char *name, const char *user_folder, RunconfGsettingsInputs *inputs,
           GError **error)
{
  g_autofree char *path = find_weaker (name, user_folder, inputs);
  g_autoptr (GBytes) text = NULL;
  g_autoptr (RunconfDocument) document = NULL;
  char *contents;
  gsize size;

  memset (self, 0, sizeof *self);
  if (path == NULL)
    return TRUE;
  if (!g_file_get_contents (path, &contents, &size, error))
    return FALSE;

  text = g_bytes_new_take (contents, size);
  document = runconf_document_new (text, path, error);
  if (document == NULL)
    return FALSE;

  self->root = runconf_node_ref (runconf_document_get_root (document));
  self->is_written_here = runconf_gsettings_text_is_written_here (text);

  return TRUE;
}

static gboolean
update_schema (const RunconfGsettingsCatalogue *catalogue, const char *folder,
               RunconfGsettingsInputs *inputs, GError **error)
{
  g_auto (Base) base;
  g_autoptr (RunconfNode) schema = NULL;
  g_autoptr (GBytes) text = NULL;
  gboolean is_wanted;

  if (!base_init (&base, RUNCONF_SCHEMA_FILE, folder, inputs, error))
    return FALSE;

  schema = runconf_gsettings_definitions_new (catalogue, error);
  if (schema == NULL)
    return FALSE;

  is_wanted
      = base.root == NULL || (base.is_written_here && !runconf_node_equal (base.root, schema));
  text = is_wanted ? runconf_gsettings_definitions_write (schema, error) : NULL;

  return (!is_wanted || text != NULL)
         && runconf_gsettings_output_put (folder, RUNCONF_SCHEMA_FILE, text, error);
}

static const RunconfNode *
get (const RunconfNode *mapping, const char *name)
{
  return mapping != NULL && runconf_node_is_mapping (mapping) ? runconf_mapping_get (mapping, name)
                                                              : NULL;
}

/* Returns: (transfer full) (nullable): the value that changes @old to @fresh, if they differ. A mapping
 *   that is the value of a key isn't merged with the old one.
 */
static RunconfNode *
make_change (const RunconfNode *old, const RunconfNode *fresh, gboolean may_replace)
{
  if (old == NULL)
    return fresh != NULL ? runconf_node_ref (fresh) : NULL;
  if (!may_replace || (fresh != NULL && runconf_node_equal (old, fresh)))
    return NULL;
  if (fresh == NULL)
    return runconf_node_new_unset ();

  return runconf_node_is_mapping (fresh) ? runconf_mapping_as (fresh, TRUE)
                                         : runconf_node_ref (fresh);
}

/* Returns: (transfer full): the values of @defaults that @base lacks or has otherwise */
static RunconfNode *
find_changes (const RunconfGsettingsEntry *folder, const RunconfNode *base,
              const RunconfNode *defaults, gboolean may_replace)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();

  for (GTreeNode *node = g_tree_node_first (folder->children); node != NULL;
       node = g_tree_node_next (node))
    {
      const RunconfGsettingsEntry *entry = g_tree_node_value (node);
      const RunconfNode *old = get (base, entry->name);
      const RunconfNode *fresh = get (defaults, entry->name);
      gboolean is_folder = entry->children != NULL;
      g_autoptr (RunconfNode) change = is_folder ? find_changes (entry, old, fresh, may_replace)
                                                 : make_change (old, fresh, may_replace);

      if (change != NULL && (!is_folder || runconf_node_get_length (change) > 0))
        runconf_mapping_builder_add (builder, entry->name, strlen (entry->name), change);
    }

  return runconf_mapping_builder_end (builder);
}

/* Writes the file @name with @values, or removes it if there are none. */
static gboolean
put_defaults (const RunconfGsettingsCatalogue *catalogue, const char *folder, const char *name,
              const RunconfNode *values, GError **error)
{
  g_autoptr (GBytes) text = NULL;

  if (values != NULL)
    {
      text = runconf_gsettings_defaults_write (catalogue, values, "", error);
      if (text == NULL)
        return FALSE;
    }

  return runconf_gsettings_output_put (folder, name, text, error);
}

/* Without a file of defaults in the weaker layers, only one in the layer of the user makes the
 * configuration complete; a drop-in wouldn't.
 */
static gboolean
update_defaults (const RunconfGsettingsCatalogue *catalogue, const char *folder,
                 RunconfGsettingsInputs *inputs, GError **error)
{
  g_auto (Base) base;
  g_autoptr (RunconfNode) defaults = runconf_gsettings_defaults_new (catalogue);
  g_autoptr (RunconfNode) changes = NULL;
  const RunconfNode *drop_in;

  if (!base_init (&base, RUNCONF_DEFAULTS_FILE, folder, inputs, error))
    return FALSE;

  changes = find_changes (runconf_gsettings_catalogue_get_root (catalogue), base.root, defaults,
                          base.is_written_here);
  drop_in = base.root != NULL && runconf_node_get_length (changes) > 0 ? changes : NULL;

  return put_defaults (catalogue, folder, RUNCONF_DEFAULTS_FILE,
                       base.root == NULL ? defaults : NULL, error)
         && put_defaults (catalogue, folder, DROP_IN, drop_in, error);
}

/**
 * runconf_gsettings_user_update:
 * @inputs: to which the files of the weaker layers are added
 *
 * Writes the files of the user's layer, or removes them if the weaker layers have all.
 *
 * Returns: %FALSE with an error
 */
gboolean
runconf_gsettings_user_update (const RunconfGsettingsCatalogue *catalogue,
                               RunconfGsettingsInputs *inputs, GError **error)
{
  g_autofree char *folder = get_user_folder ();

  return update_schema (catalogue, folder, inputs, error)
         && update_defaults (catalogue, folder, inputs, error);
}
