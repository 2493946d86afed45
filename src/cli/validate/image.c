/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/validate/image.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gi18n.h>

#include "cli/session/nearest.h"
#include "cli/session/text.h"
#include "cli/terminal/failure.h"
#include "core/compare.h"
#include "core/mapping.h"
#include "core/metadata.h"
#include "layers/files.h"
#include "layers/folders.h"
#include "layers/stack.h"
#include "rules/revision.h"
#include "rules/screening.h"

/* The files are found, laid over each other and screened by the code of the service. Only the
 * reading is different: each error is a finding, and the check goes on.
 */

struct _CliImage
{
  char *root;      /* as the user wrote it */
  char *canonical; /* the same, as in the paths of files that are found */
  RunconfFolders *folders;
  GHashTable *found; /* name → its folders */
  GPtrArray *findings;
  gboolean has_more;
};

/* The files of one configuration. */
typedef struct
{
  GPtrArray *files; /* element-type RunconfLayerFile */
  RunconfLocks *locks;
  RunconfSchema *schema;
  RunconfDocument *overrides; /* or NULL */
  char *overrides_path;
} Sources;

static void
sources_clear (Sources *self)
{
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->locks, runconf_locks_unref);
  g_clear_pointer (&self->schema, runconf_schema_unref);
  g_clear_pointer (&self->overrides, runconf_document_unref);
  g_clear_pointer (&self->overrides_path, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sources, sources_clear)

static void
take_finding (CliImage *self, CliFinding *finding)
{
  g_ptr_array_add (self->findings, finding);
}

static void
find_configurations (CliImage *self)
{
  g_autoptr (GPtrArray) complaints = g_ptr_array_new_with_free_func (g_free);

  self->folders = runconf_folders_new_system (self->canonical, NULL);
  self->found = runconf_folders_scan (self->folders, complaints);
  for (guint i = 0; i < complaints->len; i++)
    take_finding (self, cli_finding_new (self->root, 0, 0, complaints->pdata[i]));
}

/**
 * cli_image_new:
 * @root: the folder that is the root of the system
 *
 * Returns: (transfer full): the image, or %NULL with an error if it has no configuration
 */
CliImage *
cli_image_new (const char *root, GError **error)
{
  g_autoptr (CliImage) self = g_new0 (CliImage, 1);
  g_autofree char *places = NULL;

  self->root = g_strdup (root);
  self->canonical = g_canonicalize_filename (root, NULL);
  self->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) cli_finding_free);
  find_configurations (self);
  if (g_hash_table_size (self->found) > 0 || self->findings->len > 0)
    return g_steal_pointer (&self);

  places = runconf_folders_describe (self->folders);
  g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_FOUND,
               _ ("there is no configuration in %s: it would be a folder in %s"), root, places);

  return NULL;
}

void
cli_image_free (CliImage *self)
{
  g_free (self->root);
  g_free (self->canonical);
  runconf_folders_free (self->folders);
  g_hash_table_unref (self->found);
  g_ptr_array_unref (self->findings);
  g_free (self);
}

/**
 * cli_image_check_name:
 *
 * Returns: %FALSE with an error if there is no configuration @name
 */
gboolean
cli_image_check_name (CliImage *self, const char *name, GError **error)
{
  g_auto (GStrv) names = cli_image_list (self);
  CliNearest nearest;

  if (g_hash_table_contains (self->found, name))
    return TRUE;

  cli_nearest_begin (&nearest, name);
  for (char **other = names; *other != NULL; other++)
    cli_nearest_offer (&nearest, *other);

  if (nearest.found != NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_FOUND,
                 _ ("there is no configuration “%s”; did you mean “%s”?"), name, nearest.found);
  else
    g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_FOUND, _ ("there is no configuration “%s” in %s"),
                 name, self->root);

  return FALSE;
}

/**
 * cli_image_list:
 *
 * Returns: (transfer full): the names of the configurations, sorted
 */
char **
cli_image_list (CliImage *self)
{
  guint n_names;
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (self->found, &n_names);
  char **names = g_strdupv ((char **) keys);

  qsort (names, n_names, sizeof (char *), runconf_compare_texts);

  return names;
}

/* Returns: (transfer full): the path of a file as the user can open it */
static char *
show_path (CliImage *self, const char *path)
{
  gsize length = strlen (self->canonical);

  if (!g_str_has_prefix (path, self->canonical) || path[length] != G_DIR_SEPARATOR)
    return g_strdup (path);

  return g_build_filename (self->root, path + length, NULL);
}

static void
note_error (CliImage *self, const char *shown, const GError *error)
{
  take_finding (self, cli_finding_new_from_error (shown, error));
}

/* As the service does, refuses anything that isn't a regular file, like a pipe. */
static GBytes *
read_text (CliImage *self, const char *shown)
{
  g_autoptr (GError) error = NULL;
  struct stat status;
  GBytes *text;

  if (stat (shown, &status) == 0 && !S_ISREG (status.st_mode))
    {
      g_autofree char *message = g_strdup_printf (_ ("%s: it isn't a regular file"), shown);

      take_finding (self, cli_finding_new (shown, 0, 0, message));
      return NULL;
    }

  text = cli_text_read (shown, &error);
  if (text == NULL)
    note_error (self, shown, error);

  return text;
}

static RunconfDocument *
read_document (CliImage *self, const char *shown)
{
  g_autoptr (GBytes) text = read_text (self, shown);
  g_autoptr (GError) error = NULL;
  RunconfDocument *document;

  if (text == NULL)
    return NULL;

  document = runconf_document_new (text, shown, &error);
  if (document == NULL)
    note_error (self, shown, error);

  return document;
}

/* Returns: whether all files could be read that no other one replaces */
static gboolean
read_files (CliImage *self, Sources *sources, GPtrArray *places)
{
  gboolean are_read = TRUE;

  for (guint i = 0; i < places->len; i++)
    {
      const RunconfLayerPath *place = places->pdata[i];
      g_autofree char *shown = show_path (self, place->path);
      g_autoptr (RunconfDocument) document = read_document (self, shown);

      if (document != NULL)
        g_ptr_array_add (sources->files, runconf_layer_file_new (place->layer, shown,
                                                                 place->replaced_by, document));
      are_read = are_read && (document != NULL || place->replaced_by < RUNCONF_N_LAYERS);
    }

  return are_read;
}

/* Returns: whether the configuration has defaults, and all of their files could be read */
static gboolean
read_defaults (CliImage *self, Sources *sources, const char *name, GPtrArray *folders)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) bases = runconf_files_find_bases (folders, RUNCONF_DEFAULTS_FILE, &error);
  g_autoptr (GPtrArray) drop_ins = NULL;
  gboolean are_read;

  if (bases != NULL)
    drop_ins = runconf_files_find_drop_ins (folders, RUNCONF_DEFAULTS_FOLDER,
                                            RUNCONF_DEFAULTS_SUFFIX, &error);
  if (drop_ins == NULL)
    {
      note_error (self, self->root, error);
      return FALSE;
    }
  if (bases->len == 0)
    {
      g_autofree char *message
          = g_strdup_printf (_ ("the configuration “%s” isn't served: no layer has a %s"), name,
                             RUNCONF_DEFAULTS_FILE);

      take_finding (self, cli_finding_new (self->root, 0, 0, message));
      return FALSE;
    }

  are_read = read_files (self, sources, bases);

  return read_files (self, sources, drop_ins) && are_read;
}

/* Without a valid schema, the service doesn't check the values. */
static void
read_schema (CliImage *self, Sources *sources, GPtrArray *folders, char **used)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfDocument) document = NULL;
  g_autofree char *where = NULL;
  g_autofree char *shown = NULL;
  RunconfLayerPath *found;
  g_autoptr (RunconfLayerPath) place = NULL;

  if (!runconf_files_find (folders, RUNCONF_SCHEMA_FILE, &found, &error))
    {
      note_error (self, self->root, error);
      return;
    }

  place = found;
  if (place == NULL)
    return;

  shown = show_path (self, place->path);
  document = read_document (self, shown);
  if (document == NULL || runconf_document_is_empty (document))
    return;

  sources->schema = runconf_schema_new (runconf_document_get_root (document), &where, &error);
  if (sources->schema == NULL)
    take_finding (self,
                  cli_finding_new_at (shown, document, where != NULL ? where : "", error->message));
  else
    *used = g_steal_pointer (&shown);
}

static void
note_lock_errors (CliImage *self, const RunconfLocks *locks)
{
  GPtrArray *errors = runconf_locks_get_errors (locks);

  for (guint i = 0; i < errors->len; i++)
    {
      const RunconfLockError *error = errors->pdata[i];
      g_autofree char *whole = g_strdup_printf ("%s: %s", error->file, error->message);

      take_finding (self, cli_finding_new (error->file, error->line, error->column,
                                           error->line > 0 ? error->message : whole));
    }
}

/* If a file can't be read, nothing is locked by any. */
static void
read_locks (CliImage *self, Sources *sources, GPtrArray *folders)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) places
      = runconf_files_find_each (folders, RUNCONF_LOCKS_FILE, RUNCONF_LOCKS_FOLDER, &error);
  g_autoptr (RunconfLocks) locks = runconf_locks_new ();

  if (places == NULL)
    {
      note_error (self, self->root, error);
      return;
    }

  for (guint i = 0; i < places->len; i++)
    {
      const RunconfLayerPath *place = places->pdata[i];
      g_autofree char *shown = show_path (self, place->path);
      g_autoptr (GBytes) text = read_text (self, shown);

      if (text == NULL)
        return;
      runconf_locks_add (locks, place->layer, shown, text);
    }

  note_lock_errors (self, locks);
  sources->locks = g_steal_pointer (&locks);
}

static void
read_overrides (CliImage *self, Sources *sources, const char *name)
{
  g_autofree char *path = runconf_folders_get_runtime_path (self->folders, name);

  sources->overrides_path = show_path (self, path);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    sources->overrides = read_document (self, sources->overrides_path);
}

/* Returns: whether another finding of this kind may be added */
static gboolean
has_room (CliImage *self, guint n_findings)
{
  self->has_more = self->has_more || n_findings >= RUNCONF_MAX_VIOLATIONS;

  return n_findings < RUNCONF_MAX_VIOLATIONS;
}

static void
note_ignored_defaults (CliImage *self, const RunconfStack *stack)
{
  g_autoptr (GPtrArray) ignored = runconf_stack_list_ignored (stack);

  for (guint i = 0; i < ignored->len && has_room (self, i); i++)
    {
      const RunconfStackEntry *entry = ignored->pdata[i];
      g_autofree char *message
          = g_strdup_printf (_ ("%s: it has no effect: %s"), entry->pointer, entry->ignored);
      CliFinding *finding = cli_finding_new (entry->file, entry->line, entry->column, message);

      finding->path = g_strdup (entry->pointer);
      take_finding (self, finding);
    }
}

static void
note_violation (CliImage *self, const RunconfStack *stack, const RunconfViolation *violation)
{
  g_autoptr (RunconfPath) whole = runconf_path_new (violation->path, NULL);
  guint length = runconf_path_get_length (whole) + 1;
  const RunconfLayerFile *file;
  guint line, column;
  CliFinding *finding;

  do
    {
      g_autofree char *prefix = runconf_path_get_prefix (whole, --length);
      g_autoptr (RunconfPath) above = runconf_path_new (prefix, NULL);

      file = runconf_stack_locate (stack, above, &line, &column);
    }
  while (line == 0 && length > 0);

  finding = cli_finding_new (file->path, MAX (line, 1), MAX (column, 1), violation->message);
  finding->path = g_strdup (violation->path);
  finding->rule = g_strdup (violation->rule);
  take_finding (self, finding);
}

static void
note_violations (CliImage *self, const Sources *sources, const RunconfStack *stack)
{
  g_autoptr (GPtrArray) violations
      = runconf_schema_check (sources->schema, runconf_stack_get_tree (stack));

  for (guint i = 0; i < violations->len; i++)
    note_violation (self, stack, violations->pdata[i]);
  has_room (self, violations->len);
}

/* The message of a lock, and that of a violation at its own path, begin with the path. */
static void
note_ignored_overrides (CliImage *self, const Sources *sources, const RunconfRevision *revision)
{
  for (guint i = 0; i < revision->ignored->len && has_room (self, i); i++)
    {
      const RunconfIgnored *entry = revision->ignored->pdata[i];
      g_autofree char *message
          = strcmp (entry->path, entry->place) == 0
                ? g_strdup (entry->message)
                : g_strdup_printf (_ ("%s: it has no effect: %s"), entry->path, entry->message);
      CliFinding *finding
          = cli_finding_new_at (sources->overrides_path, sources->overrides, entry->path, message);

      finding->path = g_strdup (entry->path);
      finding->rule = g_strdup (entry->rule);
      take_finding (self, finding);
    }
}

/* Returns: (transfer full) (nullable): the values in force */
static RunconfNode *
lay (CliImage *self, const Sources *sources)
{
  g_autoptr (RunconfStack) stack = runconf_stack_new (sources->files, sources->locks);
  g_autoptr (RunconfRules) rules = runconf_rules_new (sources->schema, sources->locks);
  g_autoptr (RunconfGround) ground = runconf_ground_new (runconf_stack_get_tree (stack), rules);
  g_autoptr (RunconfNode) overrides
      = sources->overrides != NULL && !runconf_document_is_empty (sources->overrides)
            ? runconf_metadata_strip (runconf_document_get_root (sources->overrides))
            : runconf_mapping_new_empty ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfRevision) revision
      = runconf_revision_new (0, 0, ground, overrides, NULL, &error);

  note_ignored_defaults (self, stack);
  if (sources->schema != NULL)
    note_violations (self, sources, stack);
  if (revision == NULL)
    {
      note_error (self, sources->overrides_path, error);
      return NULL;
    }
  note_ignored_overrides (self, sources, revision);

  return runconf_node_ref (revision->visible);
}

static int
compare_findings (gconstpointer a, gconstpointer b)
{
  const CliFinding *left = *(const CliFinding *const *) a;
  const CliFinding *right = *(const CliFinding *const *) b;
  int order = strcmp (left->file, right->file);

  return order != 0 ? order : cli_finding_compare (a, b);
}

/**
 * cli_image_check:
 * @name: a configuration of the image
 *
 * Checks all files of a configuration, and what they give together.
 */
void
cli_image_check (CliImage *self, const char *name, CliOutcome *outcome)
{
  GPtrArray *folders = g_hash_table_lookup (self->found, name);
  g_auto (Sources) sources = { .files = runconf_layer_files_new () };
  guint first = self->findings->len;
  gboolean has_defaults = read_defaults (self, &sources, name, folders);

  *outcome = (CliOutcome){ FALSE };
  read_schema (self, &sources, folders, &outcome->schema);
  read_locks (self, &sources, folders);
  read_overrides (self, &sources, name);
  if (has_defaults)
    outcome->values = lay (self, &sources);

  outcome->is_fine = self->findings->len == first;
  if (!outcome->is_fine)
    qsort (self->findings->pdata + first, self->findings->len - first, sizeof (gpointer),
           compare_findings);
}

void
cli_outcome_clear (CliOutcome *self)
{
  g_clear_pointer (&self->schema, g_free);
  g_clear_pointer (&self->values, runconf_node_unref);
}

/**
 * cli_image_get_findings:
 *
 * Returns: (transfer none) (element-type CliFinding): the errors of all files
 */
GPtrArray *
cli_image_get_findings (CliImage *self)
{
  return self->findings;
}

/**
 * cli_image_has_more:
 *
 * Returns: whether a configuration may have more errors than were searched for
 */
gboolean
cli_image_has_more (CliImage *self)
{
  return self->has_more;
}
