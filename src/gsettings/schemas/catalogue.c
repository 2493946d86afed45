/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/schemas/catalogue.h"

#include <string.h>

#include "core/compare.h"
#include "core/limits.h"

/* Relocatable schemas are in the tree where they are children of a schema with a path. Those whose
 * paths only programs know are left out.
 */

struct _RunconfGsettingsCatalogue
{
  RunconfGsettingsEntry *root;
  GPtrArray *complaints;
};

/* The schema that is added, and where, with the schemas that it is a child of. */
typedef struct
{
  RunconfGsettingsCatalogue *catalogue;
  const RunconfGsettingsSources *sources;
  GPtrArray *names;
} Walk;

static void add_schema (Walk *walk, GSettingsSchema *schema, const char *path);

static void
key_free (RunconfGsettingsKey *self)
{
  g_free (self->schema);
  g_settings_schema_key_unref (self->key);
  g_free (self);
}

static void
entry_free (RunconfGsettingsEntry *self)
{
  g_free (self->name);
  g_ptr_array_unref (self->keys);
  g_clear_pointer (&self->children, g_tree_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfGsettingsEntry, entry_free)

static RunconfGsettingsEntry *
entry_new (const char *name)
{
  RunconfGsettingsEntry *self = g_new0 (RunconfGsettingsEntry, 1);

  self->name = g_strdup (name);
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) key_free);

  return self;
}

static void
make_folder (RunconfGsettingsEntry *self)
{
  if (self->children == NULL)
    self->children
        = g_tree_new_full (runconf_compare_keys, NULL, NULL, (GDestroyNotify) entry_free);
}

/* Returns: (transfer none): the entry @name in the folder @self */
static RunconfGsettingsEntry *
get_child (RunconfGsettingsEntry *self, const char *name)
{
  RunconfGsettingsEntry *child;

  make_folder (self);
  child = g_tree_lookup (self->children, name);
  if (child != NULL)
    return child;

  child = entry_new (name);
  g_tree_insert (self->children, child->name, child);

  return child;
}

static void complain (RunconfGsettingsCatalogue *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

static void
complain (RunconfGsettingsCatalogue *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (self->complaints, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* Returns: whether a configuration can have a folder with these segments, and keys in it */
static gboolean
is_possible (char **segments)
{
  guint length = g_strv_length (segments);

  for (guint i = 0; i < length; i++)
    {
      if (*segments[i] == '\0')
        return FALSE;
    }

  return (length + 1) * RUNCONF_COST_MAPPING <= RUNCONF_MAX_COST;
}

/* Returns: (transfer full) (nullable): the segments of the path of a folder, or %NULL if it can't be
 *   one of a configuration. In the schema, the whole path is a key.
 */
static char **
split (const char *path)
{
  gsize length = strlen (path);
  g_autofree char *inner = NULL;
  g_auto (GStrv) segments = NULL;

  if (strcmp (path, "/") == 0)
    return g_new0 (char *, 1);
  if (path[0] != '/' || path[length - 1] != '/' || length > RUNCONF_MAX_KEY_BYTES)
    return NULL;

  inner = g_strndup (path + 1, length - 2);
  segments = g_strsplit (inner, "/", -1);

  return is_possible (segments) ? g_steal_pointer (&segments) : NULL;
}

static void
check_type (Walk *walk, const RunconfGsettingsEntry *entry, const RunconfGsettingsKey *added,
            const char *path)
{
  const RunconfGsettingsKey *first = entry->keys->pdata[0];
  const GVariantType *type = g_settings_schema_key_get_value_type (first->key);
  const GVariantType *other = g_settings_schema_key_get_value_type (added->key);

  if (!g_variant_type_equal (type, other))
    complain (
        walk->catalogue,
        "%s%s has the type %s in the schema %s, and %s in the schema %s: both are allowed, and "
        "it has no default",
        path, entry->name, g_variant_type_peek_string (type), first->schema,
        g_variant_type_peek_string (other), added->schema);
}

static void
add_key (Walk *walk, RunconfGsettingsEntry *folder, GSettingsSchema *schema, const char *name,
         const char *path)
{
  const char *schema_name = g_settings_schema_get_id (schema);
  RunconfGsettingsEntry *entry = get_child (folder, name);
  RunconfGsettingsKey *key = g_new0 (RunconfGsettingsKey, 1);

  key->schema = g_strdup (schema_name);
  key->key = g_settings_schema_get_key (schema, name);
  key->has_one_default
      = runconf_gsettings_sources_has_one_default (walk->sources, schema_name, name);
  g_ptr_array_add (entry->keys, key);
  check_type (walk, entry, key, path);
}

/* A schema that is a child of itself, over others or not, would have no end. */
static void
add_child (Walk *walk, GSettingsSchema *schema, const char *child, const char *path)
{
  g_autofree char *name = runconf_gsettings_sources_dup_child (
      walk->sources, g_settings_schema_get_id (schema), child);
  g_autofree char *child_path = g_strconcat (path, child, "/", NULL);
  g_autoptr (GSettingsSchema) child_schema = NULL;

  if (name == NULL || g_ptr_array_find_with_equal_func (walk->names, name, g_str_equal, NULL))
    return;

  child_schema = runconf_gsettings_sources_lookup (walk->sources, name);
  if (child_schema != NULL && g_settings_schema_get_path (child_schema) == NULL)
    add_schema (walk, child_schema, child_path);
}

static RunconfGsettingsEntry *
get_folder (RunconfGsettingsCatalogue *self, char **segments)
{
  RunconfGsettingsEntry *folder = self->root;

  for (guint i = 0; segments[i] != NULL; i++)
    folder = get_child (folder, segments[i]);
  make_folder (folder);

  return folder;
}

static void
add_members (Walk *walk, GSettingsSchema *schema, const char *path, char **segments)
{
  g_auto (GStrv) keys = g_settings_schema_list_keys (schema);
  g_auto (GStrv) children = g_settings_schema_list_children (schema);
  RunconfGsettingsEntry *folder = get_folder (walk->catalogue, segments);

  for (guint i = 0; keys[i] != NULL; i++)
    add_key (walk, folder, schema, keys[i], path);
  for (guint i = 0; children[i] != NULL; i++)
    add_child (walk, schema, children[i], path);
}

static void
add_schema (Walk *walk, GSettingsSchema *schema, const char *path)
{
  const char *name = g_settings_schema_get_id (schema);
  g_auto (GStrv) segments = split (path);

  if (segments == NULL)
    {
      complain (walk->catalogue,
                "the schema %s is left out: a configuration can't have the path %s", name, path);
      return;
    }

  g_ptr_array_add (walk->names, g_strdup (name));
  add_members (walk, schema, path, segments);
  g_ptr_array_set_size (walk->names, walk->names->len - 1);
}

/* A key at the path of a folder is possible in the database of dconf, but not in a mapping. */
static void
check_folder (RunconfGsettingsCatalogue *self, const RunconfGsettingsEntry *folder,
              const char *path)
{
  for (GTreeNode *node = g_tree_node_first (folder->children); node != NULL;
       node = g_tree_node_next (node))
    {
      const RunconfGsettingsEntry *entry = g_tree_node_value (node);
      g_autofree char *entry_path = g_strconcat (path, "/", entry->name, NULL);

      if (entry->children == NULL)
        continue;
      if (entry->keys->len > 0)
        complain (self,
                  "%s is a key of the schema %s, and a folder of another one: only one of the two "
                  "can have values, and the key has no default",
                  entry_path, ((const RunconfGsettingsKey *) entry->keys->pdata[0])->schema);
      check_folder (self, entry, entry_path);
    }
}

/**
 * runconf_gsettings_catalogue_new:
 *
 * Returns: (transfer full): the keys of all schemas that have a path, and of their children
 */
RunconfGsettingsCatalogue *
runconf_gsettings_catalogue_new (const RunconfGsettingsSources *sources)
{
  RunconfGsettingsCatalogue *self = g_new0 (RunconfGsettingsCatalogue, 1);
  g_auto (GStrv) names = runconf_gsettings_sources_list (sources);
  g_autoptr (GPtrArray) above = g_ptr_array_new_with_free_func (g_free);
  Walk walk = { self, sources, above };

  self->root = entry_new ("");
  make_folder (self->root);
  self->complaints = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GSettingsSchema) schema = runconf_gsettings_sources_lookup (sources, names[i]);

      add_schema (&walk, schema, g_settings_schema_get_path (schema));
    }
  check_folder (self, self->root, "");

  return self;
}

void
runconf_gsettings_catalogue_free (RunconfGsettingsCatalogue *self)
{
  entry_free (self->root);
  g_ptr_array_unref (self->complaints);
  g_free (self);
}

const RunconfGsettingsEntry *
runconf_gsettings_catalogue_get_root (const RunconfGsettingsCatalogue *self)
{
  return self->root;
}

/**
 * runconf_gsettings_catalogue_find:
 * @key: the full name of a key, such as `/org/gnome/desktop/interface/clock-format`
 *
 * Returns: (transfer none) (nullable): the key, or %NULL if no schema has it
 */
const RunconfGsettingsEntry *
runconf_gsettings_catalogue_find (const RunconfGsettingsCatalogue *self, const char *key)
{
  g_auto (GStrv) segments = g_strsplit (*key == '/' ? key + 1 : key, "/", -1);
  const RunconfGsettingsEntry *entry = self->root;

  for (guint i = 0; segments[i] != NULL && entry != NULL; i++)
    entry = entry->children != NULL ? g_tree_lookup (entry->children, segments[i]) : NULL;

  return entry != NULL && entry->keys->len > 0 ? entry : NULL;
}

/**
 * runconf_gsettings_catalogue_get_complaints:
 *
 * Returns: (transfer none) (element-type utf8): the schemas that contradict each other
 */
GPtrArray *
runconf_gsettings_catalogue_get_complaints (const RunconfGsettingsCatalogue *self)
{
  return self->complaints;
}

/**
 * runconf_gsettings_entry_dup_default:
 *
 * Returns: (transfer full) (nullable): the default that all programs have for the key; %NULL if it
 *   depends on the language, the desktop or the schema
 */
GVariant *
runconf_gsettings_entry_dup_default (const RunconfGsettingsEntry *self)
{
  g_autoptr (GVariant) first = NULL;

  for (guint i = 0; i < self->keys->len; i++)
    {
      const RunconfGsettingsKey *key = self->keys->pdata[i];
      g_autoptr (GVariant) value = g_settings_schema_key_get_default_value (key->key);

      if (!key->has_one_default || (first != NULL && !g_variant_equal (first, value)))
        return NULL;
      if (first == NULL)
        first = g_steal_pointer (&value);
    }

  return g_steal_pointer (&first);
}
