/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/dconf/export.h"

#include "core/escape.h"
#include "core/mapping.h"
#include "core/path.h"
#include "core/variant.h"
#include "gsettings/dconf/entry.h"
#include "gsettings/form/escape.h"
#include "gsettings/form/form.h"

typedef struct
{
  GString *path; /* of the current value, a JSON Pointer */
  const DconfTypes *types;
  GPtrArray *entries;
  GPtrArray *complaints;
} Exporter;

static void export_folder (Exporter *self, const RunconfNode *node);

static void
complain (Exporter *self, const char *problem)
{
  g_autofree char *shown = runconf_escape (self->path->str, self->path->len);

  g_ptr_array_add (self->complaints, g_strdup_printf ("not exported: %s: %s", shown, problem));
}

/* Returns: the form of the value at a key, without the tag that makes it replace the default */
static GVariant *
to_form (const RunconfNode *node)
{
  g_autoptr (RunconfNode) plain
      = runconf_node_is_mapping (node) ? runconf_mapping_as (node, FALSE) : runconf_node_ref (node);

  return g_variant_ref_sink (runconf_node_to_variant (plain));
}

static GVariant *
read_form (GVariant *form, const GVariantType *type, const GVariantType *guess, GError **error)
{
  GVariant *value = guess != NULL ? runconf_gsettings_unpack (form, guess, NULL) : NULL;

  return value != NULL ? value : runconf_gsettings_unpack (form, type, error);
}

/* An escape tells its type, whatever the guess is. */
static void
export_key (Exporter *self, const char *key, const RunconfNode *node, const GVariantType *type,
            const GVariantType *guess)
{
  g_autoptr (GVariant) form = to_form (node);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) escape = runconf_gsettings_find_escape (form);
  g_autoptr (GVariant) value = read_form (form, type, escape == NULL ? guess : NULL, &error);
  g_autofree char *text = value != NULL ? g_variant_print (value, TRUE) : NULL;

  if (value == NULL)
    complain (self, error->message);
  else if (!runconf_gsettings_is_text (text, NULL))
    complain (self, "the text form of GVariant has no float that small");
  else
    dconf_entries_add (self->entries, key, value);
}

/* Without a schema a mapping is a folder, unless it is an escape. A schema can have a key and
 * another one a folder at the same path: then only a dictionary is a mapping, too.
 */
static gboolean
is_folder (const RunconfNode *node, const GVariantType *type)
{
  g_autoptr (GVariant) form = NULL;
  g_autoptr (GVariant) escape = NULL;

  if (!runconf_node_is_mapping (node) || (type != NULL && runconf_gsettings_may_be_mapping (type)))
    return FALSE;
  if (runconf_node_get_length (node) != 1)
    return TRUE;

  form = to_form (node);
  escape = runconf_gsettings_find_escape (form);

  return escape == NULL;
}

/* Returns: (transfer container) (element-type utf8): the names in a folder that aren't folders */
static GPtrArray *
list_names (const RunconfNode *folder)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < runconf_node_get_length (folder); i++)
    if (!is_folder (runconf_node_get_child (folder, i), NULL))
      g_ptr_array_add (names, (gpointer) runconf_mapping_get_key (folder, i, NULL));

  return names;
}

static void
export_value (Exporter *self, const RunconfNode *node, const char *name, GPtrArray *names)
{
  g_autofree char *key = runconf_gsettings_key (self->path->str);
  const GVariantType *type = key != NULL ? dconf_types_find (self->types, key) : NULL;
  const GVariantType *guess
      = key != NULL && type == NULL ? dconf_types_guess (self->types, name, names) : NULL;

  if (key == NULL)
    complain (self, "a key of dconf has no empty part, and no slash in a part");
  else if (runconf_node_is_unset (node))
    complain (self, "it hides the default, which dconf can't");
  else if (is_folder (node, type != NULL ? type : guess))
    export_folder (self, node);
  else
    export_key (self, key, node, type, guess);
}

static void
export_folder (Exporter *self, const RunconfNode *node)
{
  g_autoptr (GPtrArray) names = list_names (node);
  gsize length = self->path->len;

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      const char *name = runconf_mapping_get_key (node, i, NULL);

      runconf_path_append (self->path, name);
      export_value (self, runconf_node_get_child (node, i), name, names);
      g_string_truncate (self->path, length);
    }
}

/**
 * dconf_export:
 * @overrides: the tree of the overrides, with tags
 * @complaints: (element-type utf8): the values that can't be exported are added to it, with the
 *   reasons
 *
 * Returns: (transfer full) (element-type DconfEntry): the keys of dconf
 */
GPtrArray *
dconf_export (const RunconfNode *overrides, const DconfTypes *types, GPtrArray *complaints)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (GPtrArray) entries = dconf_entries_new ();
  Exporter exporter = { path, types, entries, complaints };

  export_folder (&exporter, overrides);

  return g_steal_pointer (&entries);
}
