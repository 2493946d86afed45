/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/dconf/types.h"

#include <gio/gio.h>

#include "gsettings/schemas/catalogue.h"

struct _DconfTypes
{
  GHashTable *types;      /* by the full name of the key */
  GPtrArray *relocatable; /* for each schema without a path, the types by the name of the key */
};

static GHashTable *
types_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                (GDestroyNotify) g_variant_type_free);
}

/**
 * dconf_types_new_empty:
 *
 * Returns: (transfer full): the types without any schema
 */
DconfTypes *
dconf_types_new_empty (void)
{
  DconfTypes *self = g_new0 (DconfTypes, 1);

  self->types = types_new ();
  self->relocatable = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);

  return self;
}

void
dconf_types_add (DconfTypes *self, const char *key, const GVariantType *type)
{
  g_hash_table_insert (self->types, g_strdup (key), g_variant_type_copy (type));
}

/**
 * dconf_types_add_relocatable:
 * @schema: (transfer full) (element-type utf8 GVariantType): the types of its keys
 */
void
dconf_types_add_relocatable (DconfTypes *self, GHashTable *schema)
{
  g_ptr_array_add (self->relocatable, schema);
}

/* The state of a walk over the tree of all paths. */
typedef struct
{
  DconfTypes *self;
  GString *path;
} Walk;

static void walk_folder (Walk *walk, const RunconfGsettingsEntry *folder);

/* If several schemas have a key at this path, the first one counts. */
static gboolean
walk_entry (gpointer name, gpointer value, gpointer data)
{
  const RunconfGsettingsEntry *entry = value;
  Walk *walk = data;
  gsize length = walk->path->len;

  g_string_append_printf (walk->path, "/%s", entry->name);
  if (entry->keys->len > 0)
    dconf_types_add (walk->self, walk->path->str,
                     g_settings_schema_key_get_value_type (
                         ((RunconfGsettingsKey *) entry->keys->pdata[0])->key));
  walk_folder (walk, entry);
  g_string_truncate (walk->path, length);

  return FALSE;
}

static void
walk_folder (Walk *walk, const RunconfGsettingsEntry *folder)
{
  if (folder->children != NULL)
    g_tree_foreach (folder->children, walk_entry, walk);
}

static GHashTable *
list_types (GSettingsSchema *schema)
{
  GHashTable *types = types_new ();
  g_auto (GStrv) names = g_settings_schema_list_keys (schema);

  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (GSettingsSchemaKey) key = g_settings_schema_get_key (schema, *name);

      g_hash_table_insert (types, g_strdup (*name),
                           g_variant_type_copy (g_settings_schema_key_get_value_type (key)));
    }

  return types;
}

static void
add_relocatable_schemas (DconfTypes *self)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_auto (GStrv) names = NULL;

  if (source != NULL)
    g_settings_schema_source_list_schemas (source, TRUE, NULL, &names);

  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autoptr (GSettingsSchema) schema = g_settings_schema_source_lookup (source, *name, TRUE);

      dconf_types_add_relocatable (self, list_types (schema));
    }
}

/**
 * dconf_types_new:
 *
 * Returns: (transfer full): the types of the schemas that programs of this session find
 */
DconfTypes *
dconf_types_new (void)
{
  g_autoptr (RunconfGsettingsSources) sources = runconf_gsettings_sources_new_session ();
  g_autoptr (RunconfGsettingsCatalogue) catalogue = runconf_gsettings_catalogue_new (sources);
  g_autoptr (GString) path = g_string_new (NULL);
  DconfTypes *self = dconf_types_new_empty ();
  Walk walk = { self, path };

  walk_folder (&walk, runconf_gsettings_catalogue_get_root (catalogue));
  add_relocatable_schemas (self);

  return self;
}

void
dconf_types_free (DconfTypes *self)
{
  g_hash_table_unref (self->types);
  g_ptr_array_unref (self->relocatable);
  g_free (self);
}

/**
 * dconf_types_find:
 *
 * Returns: (transfer none) (nullable): the type of a key, if a schema tells its path
 */
const GVariantType *
dconf_types_find (const DconfTypes *self, const char *key)
{
  return g_hash_table_lookup (self->types, key);
}

static gboolean
has_names (GHashTable *schema, GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    if (!g_hash_table_contains (schema, names->pdata[i]))
      return FALSE;

  return names->len > 0;
}

/**
 * dconf_types_guess:
 * @name: the name of a key without a path in the schemas
 * @names: (element-type utf8): the names of the keys in its folder
 *
 * Programs choose the paths of relocatable schemas. One that has all keys of a folder is most likely
 * that of the folder.
 *
 * Returns: (transfer none) (nullable): the type that all such schemas have for the key
 */
const GVariantType *
dconf_types_guess (const DconfTypes *self, const char *name, GPtrArray *names)
{
  const GVariantType *found = NULL;

  for (guint i = 0; i < self->relocatable->len; i++)
    {
      const GVariantType *type = g_hash_table_lookup (self->relocatable->pdata[i], name);

      if (type == NULL || !has_names (self->relocatable->pdata[i], names))
        continue;
      if (found != NULL && !g_variant_type_equal (found, type))
        return NULL;
      found = type;
    }

  return found;
}
