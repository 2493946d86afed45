/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/validate/check.h"

#include <string.h>

#include "cli/session/text.h"
#include "core/merge.h"
#include "core/metadata.h"
#include "layers/files.h"
#include "schema/schema.h"
#include "yaml/document.h"

#define STANDARD_INPUT "-"

struct _CliCheck
{
  const char *schema;  /* the schema that the caller selected, or NULL */
  char **defaults;     /* the defaults that the caller selected, or NULL */
  GHashTable *schemas; /* path → RunconfSchema, or NULL if it is invalid */
  GHashTable *trees;   /* path → RunconfNode, or NULL if it is invalid */
  GPtrArray *findings;
  gboolean has_more;
};

/* The ground of a check: the defaults below a file, and the schema for both together. */
typedef struct
{
  RunconfNode *defaults;
  RunconfSchema *schema;
  const char *schema_path;
} Ground;

static void
unref_tree (gpointer tree)
{
  if (tree != NULL)
    runconf_node_unref (tree);
}

static void
unref_schema (gpointer schema)
{
  if (schema != NULL)
    runconf_schema_unref (schema);
}

/**
 * cli_check_new:
 * @schema: (nullable): the file of a schema for all checks; it is borrowed
 * @defaults: (nullable): the files of the defaults for all checks; they are borrowed
 *
 * Returns: (transfer full): a check without findings
 */
CliCheck *
cli_check_new (const char *schema, char **defaults)
{
  CliCheck *self = g_new0 (CliCheck, 1);

  self->schema = schema;
  self->defaults = defaults;
  self->schemas = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref_schema);
  self->trees = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref_tree);
  self->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) cli_finding_free);

  return self;
}

void
cli_check_free (CliCheck *self)
{
  g_hash_table_unref (self->schemas);
  g_hash_table_unref (self->trees);
  g_ptr_array_unref (self->findings);
  g_free (self);
}

static void
take_finding (CliCheck *self, CliFinding *finding)
{
  g_ptr_array_add (self->findings, finding);
}

static RunconfDocument *
read_document (CliCheck *self, const char *file, CliProgress *progress)
{
  const char *name = strcmp (file, STANDARD_INPUT) == 0 ? "<stdin>" : file;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = cli_text_read (file, &error);
  RunconfDocument *document = NULL;

  if (text != NULL && progress != NULL)
    cli_progress_begin_part (progress, g_bytes_get_size (text));
  if (text != NULL)
    document = runconf_document_new_locating (
        text, name, progress != NULL ? &progress->position : NULL, &error);
  if (error != NULL)
    take_finding (self, cli_finding_new_from_error (name, error));

  return document;
}

/* Returns: (transfer none) (nullable): the tree of a file of defaults, which is parsed once */
static RunconfNode *
get_tree (CliCheck *self, const char *path)
{
  g_autoptr (RunconfDocument) document = NULL;
  RunconfNode *tree = NULL;
  gpointer known;

  if (g_hash_table_lookup_extended (self->trees, path, NULL, &known))
    return known;

  document = read_document (self, path, NULL);
  if (document != NULL)
    tree = runconf_metadata_strip (runconf_document_get_root (document));
  g_hash_table_insert (self->trees, g_strdup (path), tree);

  return tree;
}

static RunconfSchema *
read_schema (CliCheck *self, const char *path)
{
  g_autoptr (RunconfDocument) document = read_document (self, path, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *where = NULL;
  RunconfSchema *schema;

  if (document == NULL)
    return NULL;

  schema = runconf_schema_new (runconf_document_get_root (document), &where, &error);
  if (schema == NULL)
    {
      take_finding (
          self, cli_finding_new_at (path, document, where != NULL ? where : "", error->message));
    }

  return schema;
}

/* Returns: (transfer none) (nullable): the schema in a file, which is parsed once */
static RunconfSchema *
get_schema (CliCheck *self, const char *path)
{
  RunconfSchema *schema;
  gpointer known;

  if (g_hash_table_lookup_extended (self->schemas, path, NULL, &known))
    return known;

  schema = read_schema (self, path);
  g_hash_table_insert (self->schemas, g_strdup (path), schema);

  return schema;
}

/* Returns: (transfer full) (nullable): the schema in the folder of a file, if there is one */
static char *
find_schema_beside (const char *file)
{
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *path = strcmp (folder, ".") == 0
                              ? g_strdup (RUNCONF_SCHEMA_FILE)
                              : g_build_filename (folder, RUNCONF_SCHEMA_FILE, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

static gboolean
is_schema (CliCheck *self, const char *file)
{
  g_autofree char *name = g_path_get_basename (file);

  return self->schema == NULL && strcmp (name, RUNCONF_SCHEMA_FILE) == 0;
}

/* Merges the files in their order. Returns: %FALSE if one of them is invalid */
static gboolean
merge_defaults (CliCheck *self, RunconfNode **merged)
{
  for (char **path = self->defaults; *path != NULL; path++)
    {
      RunconfNode *tree = get_tree (self, *path);
      g_autoptr (RunconfNode) before = g_steal_pointer (merged);

      if (tree == NULL)
        return FALSE;
      *merged = runconf_merge (before, tree);
    }

  return TRUE;
}

/* Overrides contain the path of their defaults, which may not exist on this machine.
 * Returns: %FALSE if a file of the ground is invalid
 */
static gboolean
find_ground (CliCheck *self, const char *file, RunconfDocument *document, Ground *ground)
{
  const char *beside = runconf_metadata_get_default_path (runconf_document_get_root (document));
  g_autofree char *found = NULL;

  if (self->defaults != NULL && *self->defaults != NULL)
    {
      beside = *self->defaults;
      if (!merge_defaults (self, &ground->defaults))
        return FALSE;
    }
  else if (beside != NULL && g_file_test (beside, G_FILE_TEST_EXISTS))
    {
      RunconfNode *tree = get_tree (self, beside);

      if (tree == NULL)
        return FALSE;
      ground->defaults = runconf_merge (NULL, tree);
    }
  else
    {
      beside = file;
    }

  if (self->schema == NULL && strcmp (beside, STANDARD_INPUT) != 0)
    found = find_schema_beside (beside);
  if (self->schema == NULL && found == NULL)
    return TRUE;

  ground->schema_path = self->schema != NULL ? self->schema : found;
  ground->schema = get_schema (self, ground->schema_path);
  if (self->schema == NULL)
    g_hash_table_lookup_extended (self->schemas, found, (gpointer *) &ground->schema_path, NULL);

  return ground->schema != NULL;
}

static void
add_violations (CliCheck *self, const char *name, RunconfDocument *document, GPtrArray *violations)
{
  guint first = self->findings->len;

  for (guint i = 0; i < violations->len; i++)
    {
      const RunconfViolation *violation = violations->pdata[i];
      CliFinding *finding
          = cli_finding_new_at (name, document, violation->path, violation->message);

      finding->path = g_strdup (violation->path);
      finding->rule = g_strdup (violation->rule);
      take_finding (self, finding);
    }
  self->has_more |= violations->len >= RUNCONF_MAX_VIOLATIONS;

  /* sort by position in the file, since the schema is walked in another order */
  if (violations->len > 0)
    qsort (self->findings->pdata + first, violations->len, sizeof (gpointer), cli_finding_compare);
}

static void
check_tree (CliCheck *self, const char *name, RunconfDocument *document, const Ground *ground)
{
  g_autoptr (RunconfNode) tree = runconf_metadata_strip (runconf_document_get_root (document));
  g_autoptr (RunconfNode) merged = runconf_merge (ground->defaults, tree);
  g_autoptr (GPtrArray) violations = NULL;
  g_autoptr (GError) error = NULL;

  if (!runconf_node_check_limits (merged, &error))
    take_finding (self, cli_finding_new (name, 1, 1, error->message));
  else if (ground->schema != NULL && ground->defaults != NULL)
    violations = runconf_schema_check_change (ground->schema, ground->defaults, merged);
  else if (ground->schema != NULL)
    violations = runconf_schema_check (ground->schema, merged);

  if (violations != NULL)
    add_violations (self, name, document, violations);
}

static gboolean
check_configuration (CliCheck *self, const char *file, CliProgress *progress, char **schema)
{
  const char *name = strcmp (file, STANDARD_INPUT) == 0 ? "<stdin>" : file;
  guint n_findings = self->findings->len;
  g_autoptr (RunconfDocument) document = read_document (self, file, progress);
  Ground ground = { 0 };
  gboolean has_ground = document != NULL && find_ground (self, file, document, &ground);

  if (has_ground)
    {
      check_tree (self, name, document, &ground);
      *schema = g_strdup (ground.schema_path);
    }
  g_clear_pointer (&ground.defaults, runconf_node_unref);

  return has_ground && n_findings == self->findings->len;
}

/**
 * cli_check_run:
 * @file: the file to check, or `-` for standard input; a file with the name of a schema is checked
 *   as a schema
 * @progress: the progress, of which this file is the current part
 * @schema: (out) (nullable) (transfer full): the file of the schema that was used, if there is one;
 *   empty if @file is a schema itself
 *
 * Returns: whether the file is valid
 */
gboolean
cli_check_run (CliCheck *self, const char *file, CliProgress *progress, char **schema)
{
  gboolean is_fine;

  *schema = NULL;
  if (is_schema (self, file))
    {
      is_fine = get_schema (self, file) != NULL;
      *schema = g_strdup ("");
    }
  else
    {
      is_fine = check_configuration (self, file, progress, schema);
    }
  cli_progress_end_part (progress);

  return is_fine;
}

/**
 * cli_check_get_findings:
 *
 * Returns: (transfer none) (element-type CliFinding): the errors of all files, file by file
 */
GPtrArray *
cli_check_get_findings (CliCheck *self)
{
  return self->findings;
}

/**
 * cli_check_has_more:
 *
 * Returns: whether a file may have more errors than were searched for
 */
gboolean
cli_check_has_more (CliCheck *self)
{
  return self->has_more;
}
