/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fleet/agent/host-private.h"
#include "fleet/agent/trial.h"

/* The files of a batch are checked together, since a value may be valid only with that of another
 * document. A document with a value that the schema doesn't allow isn't used, and the rest is
 * checked again.
 */

typedef struct
{
  char *text; /* the key as in etcd; NULL for a file that no key has */
  char *name;
  char *path;       /* below the folder of the configuration */
  GBytes *contents; /* NULL to remove the file */
  gint64 revision;
} Staged;

static void
staged_free (Staged *self)
{
  g_free (self->text);
  g_free (self->name);
  g_free (self->path);
  g_clear_pointer (&self->contents, g_bytes_unref);
  g_free (self);
}

/**
 * runconf_fleetd_host_drop_staged:
 *
 * Forgets the files of a batch.
 */
void
runconf_fleetd_host_drop_staged (RunconfFleetdHost *self)
{
  g_clear_pointer (&self->staged, g_hash_table_unref);
  self->staged
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) staged_free);
}

/**
 * runconf_fleetd_host_stage:
 * @text: (nullable): a key as in etcd
 * @name: its configuration
 * @path: the path of its file below the folder of the configuration
 * @contents: (nullable): the text that the file gets, or %NULL to remove it
 * @revision: the revision that the files of the configuration have with the text
 *
 * Adds a file to the batch; the last text of a file counts.
 */
void
runconf_fleetd_host_stage (RunconfFleetdHost *self, const char *text, const char *name,
                           const char *path, GBytes *contents, gint64 revision)
{
  Staged *staged = g_new0 (Staged, 1);

  staged->text = g_strdup (text);
  staged->name = g_strdup (name);
  staged->path = g_strdup (path);
  staged->contents = contents != NULL ? g_bytes_ref (contents) : NULL;
  staged->revision = revision;
  g_hash_table_replace (self->staged, g_build_filename (self->layer, name, path, NULL), staged);
}

/* Returns: (transfer container) (nullable): the names of the configurations of the batch */
static GHashTable *
list_names (RunconfFleetdHost *self)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer staged;

  g_hash_table_iter_init (&iter, self->staged);
  while (g_hash_table_iter_next (&iter, NULL, &staged))
    g_hash_table_add (names, g_strdup (((Staged *) staged)->name));

  return names;
}

static GHashTable *
list_texts (RunconfFleetdHost *self, const char *name)
{
  GHashTable *texts = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer path, value;

  g_hash_table_iter_init (&iter, self->staged);
  while (g_hash_table_iter_next (&iter, &path, &value))
    {
      Staged *staged = value;

      if (strcmp (staged->name, name) == 0)
        g_hash_table_insert (texts, path, staged->contents);
    }

  return texts;
}

/* The position is that in the document: its file has one line more.
 *
 * Returns: whether a file of the batch was refused
 */
static gboolean
refuse (RunconfFleetdHost *self, GPtrArray *violations)
{
  gboolean is_refused = FALSE;

  for (guint i = 0; i < violations->len; i++)
    {
      const RunconfFleetdViolation *violation = violations->pdata[i];
      const Staged *staged = g_hash_table_lookup (self->staged, violation->file);
      g_autofree char *message = NULL;

      if (staged == NULL || staged->text == NULL)
        continue;
      message
          = g_strdup_printf ("%s:%u:%u: %s", staged->text + strlen (self->prefix),
                             MAX (violation->line, 2) - 1, violation->column, violation->message);
      runconf_fleetd_host_refuse (self, staged->text, message);
      runconf_fleetd_host_touch (self, staged->name, staged->revision);
      g_hash_table_remove (self->staged, violation->file);
      is_refused = TRUE;
    }

  return is_refused;
}

static void
try_name (RunconfFleetdHost *self, const char *name)
{
  gboolean is_refused = TRUE;

  while (is_refused)
    {
      g_autoptr (GHashTable) texts = list_texts (self, name);
      g_autoptr (GPtrArray) violations = runconf_fleetd_trial_run (self->folders, name, texts);

      is_refused = refuse (self, violations);
    }
}

/* Returns: %FALSE with an error if the file couldn't be brought up to date */
static gboolean
write_staged (RunconfFleetdHost *self, const Staged *staged, GError **error)
{
  gboolean is_done
      = staged->contents != NULL
            ? runconf_fleetd_folder_write (self->folder, staged->name, staged->path,
                                           staged->contents, error)
            : runconf_fleetd_folder_remove (self->folder, staged->name, staged->path, error);

  if (!is_done)
    return FALSE;

  if (staged->text != NULL)
    runconf_fleetd_host_accept (self, staged->text);
  runconf_fleetd_host_touch (self, staged->name, staged->revision);

  return TRUE;
}

/* A configuration with a file that couldn't be written isn't reported: it doesn't have the revision.
 *
 * Returns: (transfer full) (nullable): the reason why a file couldn't be brought up to date
 */
static char *
write_all (RunconfFleetdHost *self)
{
  g_autoptr (GHashTable) failed = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *problem = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->staged);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Staged *staged = value;
      g_autoptr (GError) error = NULL;

      if (write_staged (self, staged, &error))
        continue;
      g_free (problem);
      problem = g_strdup (error->message);
      if (staged->text != NULL)
        runconf_fleetd_host_refuse (self, staged->text, problem);
      runconf_fleet_status_add (self->status, staged->name);
      g_hash_table_add (failed, staged->name);
    }

  g_hash_table_iter_init (&iter, failed);
  while (g_hash_table_iter_next (&iter, &value, NULL))
    g_hash_table_remove (self->touched, value);

  return g_steal_pointer (&problem);
}

/**
 * runconf_fleetd_host_apply:
 *
 * Checks and writes the files of the batch, and loads all again later if one couldn't be written.
 */
void
runconf_fleetd_host_apply (RunconfFleetdHost *self)
{
  g_autoptr (GHashTable) names = list_names (self);
  g_autofree char *problem = NULL;
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    try_name (self, name);

  problem = write_all (self);
  runconf_fleetd_host_drop_staged (self);
  if (problem == NULL)
    runconf_fleetd_host_note_success (self);
  else
    runconf_fleetd_host_load_later (self, problem);
}
