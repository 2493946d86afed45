/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/schemas/sources.h"

#include <string.h>

#include "core/compare.h"
#include "gsettings/schemas/compiled.h"

/* GLib's own chain of folders can't be asked in which of them it found a schema. So the chain is made
 * here, of the same folders in the same order, each with its compiled file.
 */

#define SCHEMAS_FOLDER "glib-2.0", "schemas"
#define FOLDERS_VARIABLE "GSETTINGS_SCHEMA_DIR"
#define EXTENDS ".extends"

struct _RunconfGsettingsSources
{
  GSettingsSchemaSource *source; /* NULL without any schemas */
  GPtrArray *compiled;           /* the weakest first */
  RunconfGsettingsInputs *inputs;
};

static RunconfGsettingsSources *
sources_new (void)
{
  RunconfGsettingsSources *self = g_new0 (RunconfGsettingsSources, 1);

  self->compiled
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_gsettings_compiled_free);
  self->inputs = runconf_gsettings_inputs_new ();

  return self;
}

void
runconf_gsettings_sources_free (RunconfGsettingsSources *self)
{
  g_clear_pointer (&self->source, g_settings_schema_source_unref);
  g_ptr_array_unref (self->compiled);
  runconf_gsettings_inputs_free (self->inputs);
  g_free (self);
}

/* Adds a folder that is stronger than the others. Its file isn't trusted, since it may be that of a
 * user.
 */
static gboolean
add_folder (RunconfGsettingsSources *self, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, RUNCONF_GSETTINGS_COMPILED_FILE, NULL);
  g_autoptr (RunconfGsettingsCompiled) compiled = NULL;
  GSettingsSchemaSource *source;

  runconf_gsettings_inputs_add (self->inputs, path);
  compiled = runconf_gsettings_compiled_new (path, error);
  if (compiled == NULL)
    return FALSE;

  source = g_settings_schema_source_new_from_directory (folder, self->source, FALSE, error);
  if (source == NULL)
    return FALSE;

  g_clear_pointer (&self->source, g_settings_schema_source_unref);
  self->source = source;
  g_ptr_array_add (self->compiled, g_steal_pointer (&compiled));

  return TRUE;
}

/* A folder without compiled schemas is none, as for GLib. */
static void
add_folder_if_any (RunconfGsettingsSources *self, const char *folder)
{
  g_autoptr (GError) error = NULL;

  if (!add_folder (self, folder, &error)
      && !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    g_warning ("The schemas in %s are left out: %s", folder, error->message);
}

static void
add_data_folder (RunconfGsettingsSources *self, const char *data_folder)
{
  g_autofree char *folder = g_build_filename (data_folder, SCHEMAS_FOLDER, NULL);

  add_folder_if_any (self, folder);
}

/**
 * runconf_gsettings_sources_new:
 * @folders: the folders, the strongest first
 *
 * Returns: (transfer full) (nullable): the schemas, or %NULL with an error if a folder has none
 */
RunconfGsettingsSources *
runconf_gsettings_sources_new (const char *const *folders, GError **error)
{
  g_autoptr (RunconfGsettingsSources) self = sources_new ();

  for (guint i = g_strv_length ((char **) folders); i > 0; i--)
    {
      if (!add_folder (self, folders[i - 1], error))
        return NULL;
    }

  return g_steal_pointer (&self);
}

/**
 * runconf_gsettings_sources_new_system:
 * @data_folder: such as `/usr/share`
 *
 * Returns: (transfer full): the schemas in it, if there are any
 */
RunconfGsettingsSources *
runconf_gsettings_sources_new_system (const char *data_folder)
{
  RunconfGsettingsSources *self = sources_new ();

  add_data_folder (self, data_folder);

  return self;
}

/**
 * runconf_gsettings_sources_new_session:
 *
 * Returns: (transfer full): the schemas that programs with this environment find
 */
RunconfGsettingsSources *
runconf_gsettings_sources_new_session (void)
{
  RunconfGsettingsSources *self = sources_new ();
  const char *const *data_folders = g_get_system_data_dirs ();
  const char *variable = g_getenv (FOLDERS_VARIABLE);
  g_auto (GStrv) folders
      = g_strsplit (variable != NULL ? variable : "", G_SEARCHPATH_SEPARATOR_S, -1);

  for (guint i = g_strv_length ((char **) data_folders); i > 0; i--)
    add_data_folder (self, data_folders[i - 1]);
  add_data_folder (self, g_get_user_data_dir ());
  for (guint i = g_strv_length (folders); i > 0; i--)
    add_folder_if_any (self, folders[i - 1]);

  return self;
}

/**
 * runconf_gsettings_sources_get_inputs:
 *
 * Returns: (transfer none): the files that the schemas are in, to which others may be added
 */
RunconfGsettingsInputs *
runconf_gsettings_sources_get_inputs (const RunconfGsettingsSources *self)
{
  return self->inputs;
}

/**
 * runconf_gsettings_sources_list:
 *
 * Returns: (transfer full): the names of the schemas that have a path, sorted
 */
char **
runconf_gsettings_sources_list (const RunconfGsettingsSources *self)
{
  char **names = NULL;

  if (self->source == NULL)
    return g_new0 (char *, 1);

  g_settings_schema_source_list_schemas (self->source, TRUE, &names, NULL);
  qsort (names, g_strv_length (names), sizeof *names, runconf_compare_texts);

  return names;
}

/**
 * runconf_gsettings_sources_lookup:
 *
 * Returns: (transfer full) (nullable): the schema
 */
GSettingsSchema *
runconf_gsettings_sources_lookup (const RunconfGsettingsSources *self, const char *schema)
{
  return self->source != NULL ? g_settings_schema_source_lookup (self->source, schema, TRUE) : NULL;
}

/* Returns: (transfer none) (nullable): the file that has the schema */
static RunconfGsettingsCompiled *
find_compiled (const RunconfGsettingsSources *self, const char *schema)
{
  for (guint i = self->compiled->len; i > 0; i--)
    {
      if (runconf_gsettings_compiled_has_schema (self->compiled->pdata[i - 1], schema))
        return self->compiled->pdata[i - 1];
    }

  return NULL;
}

/* A key that a schema doesn't have itself is that of the schema that it extends. */
static void
get_codes (const RunconfGsettingsSources *self, const char *schema, const char *key, GString *codes)
{
  g_autofree char *name = g_strdup (schema);

  while (name != NULL)
    {
      RunconfGsettingsCompiled *compiled = find_compiled (self, name);
      char *extended;

      if (compiled == NULL || runconf_gsettings_compiled_get_codes (compiled, name, key, codes))
        return;

      extended = runconf_gsettings_compiled_dup_text (compiled, name, EXTENDS);
      g_free (name);
      name = extended;
    }
}

/**
 * runconf_gsettings_sources_has_one_default:
 *
 * Returns: whether the default of a key is the same in all languages and on all desktops
 */
gboolean
runconf_gsettings_sources_has_one_default (const RunconfGsettingsSources *self, const char *schema,
                                           const char *key)
{
  g_autoptr (GString) codes = g_string_new (NULL);

  get_codes (self, schema, key, codes);

  return strchr (codes->str, RUNCONF_GSETTINGS_CODE_LANGUAGE) == NULL
         && strchr (codes->str, RUNCONF_GSETTINGS_CODE_DESKTOP) == NULL;
}

/**
 * runconf_gsettings_sources_dup_child:
 * @child: one of g_settings_schema_list_children()
 *
 * Returns: (transfer full) (nullable): the name of the child's schema; %NULL if the child is that of
 *   an extended schema, which no program can open
 */
char *
runconf_gsettings_sources_dup_child (const RunconfGsettingsSources *self, const char *schema,
                                     const char *child)
{
  RunconfGsettingsCompiled *compiled = find_compiled (self, schema);
  g_autofree char *name = g_strconcat (child, "/", NULL);

  return compiled != NULL ? runconf_gsettings_compiled_dup_text (compiled, schema, name) : NULL;
}
