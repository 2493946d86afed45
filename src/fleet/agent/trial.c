/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/trial.h"

#include <string.h>

#include "layers/files.h"
#include "layers/stack.h"
#include "schema/schema.h"

/* What the layers of this host would give together if some files had other texts. The schema is
 * that of the host, whichever layer has it. The check is silent where the service would have
 * nothing to check: the configuration isn't on this host, it has no schema, or a file can't be
 * read.
 */

typedef struct
{
  GPtrArray *folders; /* of RunconfLayerPath: those of the configuration */
  GHashTable *texts;  /* path → GBytes, or NULL for a file that is removed */
} Trial;

static void
violation_free (RunconfFleetdViolation *self)
{
  g_free (self->file);
  g_free (self->message);
  g_free (self);
}

/* Returns: (transfer full) (nullable): the text that the file would have */
static GBytes *
read_text (const Trial *self, const char *path)
{
  GBytes *text;
  char *contents;
  gsize length;

  if (g_hash_table_lookup_extended (self->texts, path, NULL, (gpointer *) &text))
    return text != NULL ? g_bytes_ref (text) : NULL;

  return g_file_get_contents (path, &contents, &length, NULL) ? g_bytes_new_take (contents, length)
                                                              : NULL;
}

static RunconfDocument *
read_document (const Trial *self, const char *path)
{
  g_autoptr (GBytes) text = read_text (self, path);

  return text != NULL ? runconf_document_new (text, path, NULL) : NULL;
}

static gboolean
is_removed (const Trial *self, const char *path)
{
  return g_hash_table_contains (self->texts, path)
         && g_hash_table_lookup (self->texts, path) == NULL;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const RunconfLayerPath *left = *(const RunconfLayerPath *const *) a;
  const RunconfLayerPath *right = *(const RunconfLayerPath *const *) b;

  return strcmp (strrchr (left->path, G_DIR_SEPARATOR), strrchr (right->path, G_DIR_SEPARATOR));
}

static gboolean
has_name (GPtrArray *places, const char *path)
{
  const RunconfLayerPath sought = { .path = (char *) path };
  const RunconfLayerPath *pointer = &sought;

  for (guint i = 0; i < places->len; i++)
    {
      if (compare_names (&places->pdata[i], &pointer) == 0)
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_drop_in (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return g_str_has_suffix (folder, G_DIR_SEPARATOR_S RUNCONF_DEFAULTS_FOLDER);
}

/* A drop-in that is new isn't found on the disk; one of its name in another layer is found, and
 * counts.
 */
static void
add_new (const Trial *self, GPtrArray *drop_ins)
{
  GHashTableIter iter;
  gpointer path, text;

  g_hash_table_iter_init (&iter, self->texts);
  while (g_hash_table_iter_next (&iter, &path, &text))
    {
      if (text != NULL && is_drop_in (path) && !has_name (drop_ins, path))
        g_ptr_array_add (drop_ins, runconf_layer_path_new (RUNCONF_LAYER_FLEET, path));
    }
  g_ptr_array_sort (drop_ins, compare_names);
}

/* Returns: whether all files could be read */
static gboolean
add_files (const Trial *self, GPtrArray *files, GPtrArray *places)
{
  for (guint i = 0; i < places->len; i++)
    {
      const RunconfLayerPath *place = places->pdata[i];
      g_autoptr (RunconfDocument) document = NULL;

      if (is_removed (self, place->path))
        continue;
      document = read_document (self, place->path);
      if (document == NULL)
        return FALSE;
      g_ptr_array_add (
          files, runconf_layer_file_new (place->layer, place->path, place->replaced_by, document));
    }

  return TRUE;
}

static RunconfLocks *
read_locks (const Trial *self)
{
  g_autoptr (GPtrArray) places
      = runconf_files_find_each (self->folders, RUNCONF_LOCKS_FILE, RUNCONF_LOCKS_FOLDER, NULL);
  RunconfLocks *locks = runconf_locks_new ();

  for (guint i = 0; places != NULL && i < places->len; i++)
    {
      const RunconfLayerPath *place = places->pdata[i];
      g_autoptr (GBytes) text = read_text (self, place->path);

      if (text != NULL)
        runconf_locks_add (locks, place->layer, place->path, text);
    }

  return locks;
}

/* Returns: (transfer full) (nullable): the files laid over each other */
static RunconfStack *
lay (const Trial *self)
{
  g_autoptr (GPtrArray) bases
      = runconf_files_find_bases (self->folders, RUNCONF_DEFAULTS_FILE, NULL);
  g_autoptr (GPtrArray) drop_ins = runconf_files_find_drop_ins (
      self->folders, RUNCONF_DEFAULTS_FOLDER, RUNCONF_DEFAULTS_SUFFIX, NULL);
  g_autoptr (GPtrArray) files = runconf_layer_files_new ();
  g_autoptr (RunconfLocks) locks = NULL;

  if (bases == NULL || bases->len == 0 || drop_ins == NULL)
    return NULL;

  add_new (self, drop_ins);
  if (!add_files (self, files, bases) || !add_files (self, files, drop_ins))
    return NULL;

  locks = read_locks (self);

  return runconf_stack_new (files, locks);
}

/* Returns: (transfer full) (nullable): the path of a schema that is new */
static char *
find_new_schema (const Trial *self)
{
  GHashTableIter iter;
  gpointer path, text;

  g_hash_table_iter_init (&iter, self->texts);
  while (g_hash_table_iter_next (&iter, &path, &text))
    {
      if (text != NULL && g_str_has_suffix (path, G_DIR_SEPARATOR_S RUNCONF_SCHEMA_FILE))
        return g_strdup (path);
    }

  return NULL;
}

/* Returns: (transfer full) (nullable): the schema that would count */
static RunconfSchema *
read_schema (const Trial *self)
{
  RunconfLayerPath *found = NULL;
  g_autoptr (RunconfLayerPath) place = NULL;
  g_autofree char *path = find_new_schema (self);
  g_autoptr (RunconfDocument) document = NULL;

  if (!runconf_files_find (self->folders, RUNCONF_SCHEMA_FILE, &found, NULL))
    return NULL;

  place = found;
  if (place != NULL && (path == NULL || place->layer > RUNCONF_LAYER_FLEET))
    {
      g_free (path);
      path = g_strdup (place->path);
    }
  document = path != NULL ? read_document (self, path) : NULL;
  if (document == NULL || runconf_document_is_empty (document))
    return NULL;

  return runconf_schema_new (runconf_document_get_root (document), NULL, NULL);
}

/* A value that is missing has the place of the value above it. */
static const RunconfLayerFile *
locate (const RunconfStack *stack, const char *pointer, guint *line, guint *column)
{
  g_autoptr (RunconfPath) whole = runconf_path_new (pointer, NULL);
  guint length = runconf_path_get_length (whole) + 1;
  const RunconfLayerFile *file;

  do
    {
      g_autofree char *prefix = runconf_path_get_prefix (whole, --length);
      g_autoptr (RunconfPath) above = runconf_path_new (prefix, NULL);

      file = runconf_stack_locate (stack, above, line, column);
    }
  while (*line == 0 && length > 0);

  return file;
}

static void
take_violation (const Trial *self, const RunconfStack *stack, const RunconfViolation *violation,
                GPtrArray *found)
{
  guint line, column;
  const RunconfLayerFile *file = locate (stack, violation->path, &line, &column);
  RunconfFleetdViolation *taken;

  if (!g_hash_table_contains (self->texts, file->path))
    return;

  taken = g_new0 (RunconfFleetdViolation, 1);
  taken->file = g_strdup (file->path);
  taken->line = line;
  taken->column = column;
  taken->message = g_strdup (violation->message);
  g_ptr_array_add (found, taken);
}

static void
check (const Trial *self, RunconfSchema *schema, GPtrArray *found)
{
  g_autoptr (RunconfStack) stack = lay (self);
  g_autoptr (GPtrArray) violations = NULL;

  if (stack == NULL)
    return;

  violations = runconf_schema_check (schema, runconf_stack_get_tree (stack));
  for (guint i = 0; i < violations->len; i++)
    take_violation (self, stack, violations->pdata[i], found);
}

/**
 * runconf_fleetd_trial_run:
 * @name: a configuration
 * @texts: (element-type filename GBytes): the files that would have other texts, %NULL for those
 *   that would be removed
 *
 * Returns: (transfer full) (element-type RunconfFleetdViolation): the violations in these files
 */
GPtrArray *
runconf_fleetd_trial_run (const RunconfFolders *folders, const char *name, GHashTable *texts)
{
  g_autoptr (GHashTable) found_folders = NULL;
  g_autoptr (GPtrArray) complaints = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) violation_free);
  Trial self = { .texts = texts };
  g_autoptr (RunconfSchema) schema = NULL;

  found_folders = runconf_folders_scan (folders, complaints);
  self.folders = g_hash_table_lookup (found_folders, name);
  if (self.folders == NULL)
    return found;

  schema = read_schema (&self);
  if (schema != NULL)
    check (&self, schema, found);

  return found;
}
