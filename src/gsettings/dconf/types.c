/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/dconf/types.h"

#include <gio/gio.h>

struct _DconfTypes
{
  GHashTable *types; /* of GVariantType, by the full name of the key */
};

/**
 * dconf_types_new_empty:
 *
 * Returns: (transfer full): the types without any schema
 */
DconfTypes *
dconf_types_new_empty (void)
{
  DconfTypes *self = g_new0 (DconfTypes, 1);

  self->types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) g_variant_type_free);

  return self;
}

/**
 * dconf_types_add:
 * @key: (transfer full): the full name of a key, which keeps its type if it has one
 */
void
dconf_types_add (DconfTypes *self, char *key, const GVariantType *type)
{
  if (g_hash_table_contains (self->types, key))
    g_free (key);
  else
    g_hash_table_insert (self->types, key, g_variant_type_copy (type));
}

static void
add_schema (DconfTypes *self, GSettingsSchema *schema)
{
  const char *folder = g_settings_schema_get_path (schema);
  g_auto (GStrv) names = g_settings_schema_list_keys (schema);

  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (GSettingsSchemaKey) key = g_settings_schema_get_key (schema, *name);

      dconf_types_add (self, g_strconcat (folder, *name, NULL),
                       g_settings_schema_key_get_value_type (key));
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
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  DconfTypes *self = dconf_types_new_empty ();
  g_auto (GStrv) names = NULL;

  if (source != NULL)
    g_settings_schema_source_list_schemas (source, TRUE, &names, NULL);

  for (char **name = names; name != NULL && *name != NULL; name++)
    {
      g_autoptr (GSettingsSchema) schema = g_settings_schema_source_lookup (source, *name, TRUE);

      add_schema (self, schema);
    }

  return self;
}

void
dconf_types_free (DconfTypes *self)
{
  g_hash_table_unref (self->types);
  g_free (self);
}

/**
 * dconf_types_find:
 *
 * Returns: (transfer none) (nullable): the type of a key, if a schema tells it
 */
const GVariantType *
dconf_types_find (const DconfTypes *self, const char *key)
{
  return g_hash_table_lookup (self->types, key);
}
