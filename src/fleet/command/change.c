/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/change.h"

#include "cli/change/change-options.h"
#include "cli/terminal/failure.h"
#include "core/diff.h"
#include "core/error.h"
#include "core/limits.h"
#include "core/mapping.h"
#include "core/operations.h"
#include "fleet/command/wait.h"
#include "fleet/model/entry.h"
#include "yaml/rewrite.h"

/* Changes a document: reads it, makes the next text, and puts it on the condition that the document
 * is still the one that was read. If it isn't, the change is made again on the new one. So no change
 * of another writer is lost. The entry of the history is in the same transaction.
 */

/* A writer that was slower this often waits before it tries again, up to so many ms. */
#define MAX_EAGER_TRIES 3
#define MAX_PAUSE_MS 100
#define MAX_TRIES 1000

/* for keys, the comparison and the framing of a transaction */
#define OVERHEAD_BYTES 4096

/* entries that are removed in one transaction */
#define MAX_PRUNED 100

static gboolean
check_version (const FleetText *base, const FleetPlace *place, GError **error)
{
  const CliChangeOptions *options = cli_change_options_get ();

  if (!options->has_if_version || options->if_version == (guint64) base->revision)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH,
               "%s is at version %" G_GINT64_FORMAT ", not at %" G_GUINT64_FORMAT, place->name,
               base->revision, options->if_version);

  return FALSE;
}

static gboolean
check_size (const FleetPlace *place, gsize size, GError **error)
{
  if (size + OVERHEAD_BYTES <= RUNCONF_ETCD_MAX_REQUEST_BYTES)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
               "%s: the text has %" G_GSIZE_FORMAT " bytes, and etcd takes %d in a request: put "
               "parts of it into the documents of groups or hosts",
               place->name, size, RUNCONF_ETCD_MAX_REQUEST_BYTES - OVERHEAD_BYTES);

  return FALSE;
}

/* Secrets stay out of the history, and so does a text that has one. */
static void
describe (RunconfFleetEntry *entry, const FleetText *base, const RunconfNode *before,
          const RunconfNode *after, RunconfSchema *schema)
{
  gboolean has_secrets = schema != NULL && runconf_schema_has_secrets (schema);
  g_autoptr (RunconfNode) shown_before
      = has_secrets ? runconf_schema_strip_secrets (schema, before) : runconf_node_ref (before);
  g_autoptr (RunconfNode) shown_after
      = has_secrets ? runconf_schema_strip_secrets (schema, after) : runconf_node_ref (after);
  gboolean is_hidden
      = !runconf_node_equal (shown_before, before) || !runconf_node_equal (shown_after, after);

  runconf_fleet_entry_set_change (entry, base->revision, is_hidden ? NULL : base->bytes,
                                  shown_before, shown_after);
  if (is_hidden)
    entry->is_whole = FALSE;
}

/* Returns: (transfer full): the entry of the history, without what has no room in the transaction */
static GBytes *
make_entry (const FleetChange *self, const FleetText *base, RunconfDocument *next,
            RunconfSchema *schema)
{
  gsize room = RUNCONF_ETCD_MAX_REQUEST_BYTES - OVERHEAD_BYTES
               - g_bytes_get_size (runconf_document_get_text (next));
  g_autofree char *author = fleet_store_get_author (self->store);
  g_autoptr (RunconfNode) before = fleet_text_get_root (base);
  g_autoptr (RunconfFleetEntry) entry = runconf_fleet_entry_new (
      self->kind, author, cli_change_options_get ()->message, g_get_real_time ());
  GBytes *text;

  describe (entry, base, before, runconf_document_get_root (next), schema);
  text = runconf_fleet_entry_write (entry);
  if (g_bytes_get_size (text) <= room)
    return text;

  g_bytes_unref (text);
  runconf_fleet_entry_cut (entry);

  return runconf_fleet_entry_write (entry);
}

static RunconfEtcdOutcome *
commit (const FleetChange *self, const FleetText *base, RunconfDocument *next,
        RunconfSchema *schema, GError **error)
{
  const FleetPlace *place = self->place;
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *entry_key = runconf_fleet_key_for_change (
      fleet_store_get_prefix (self->store), place->configuration, place->scope, id);
  g_autoptr (GBytes) entry = make_entry (self, base, next, schema);
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();

  runconf_etcd_txn_compare_mod (txn, place->key, base->revision);
  runconf_etcd_txn_put (txn, place->key, runconf_document_get_text (next), 0);
  runconf_etcd_txn_put (txn, entry_key, entry, 0);
  runconf_etcd_txn_set_proof (txn, entry_key);

  return fleet_store_commit (self->store, txn, error);
}

/* The change is made: an error of this only means that the next change removes the entries. */
static void
prune (const FleetChange *self)
{
  g_autofree char *prefix
      = runconf_fleet_key_prefix (fleet_store_get_prefix (self->store), RUNCONF_FLEET_KEY_HISTORY,
                                  self->place->configuration, self->place->scope);
  const RunconfEtcdRangeOptions count = { .limit = 1, .keys_only = TRUE };
  const RunconfEtcdRangeOptions all = { .keys_only = TRUE, .newest_first = TRUE };
  g_autoptr (RunconfEtcdRange) range = fleet_store_list (self->store, prefix, &count, NULL);
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;

  if (range == NULL || range->count <= RUNCONF_FLEET_MAX_ENTRIES)
    return;

  g_clear_pointer (&range, runconf_etcd_range_free);
  range = fleet_store_list (self->store, prefix, &all, NULL);
  for (guint i = RUNCONF_FLEET_MAX_ENTRIES;
       range != NULL && i < range->items->len && i < RUNCONF_FLEET_MAX_ENTRIES + MAX_PRUNED; i++)
    {
      const RunconfEtcdItem *item = range->items->pdata[i];

      runconf_etcd_txn_delete (txn, item->key);
    }
  if (runconf_etcd_txn_get_n_operations (txn) > 0)
    outcome = fleet_store_commit (self->store, txn, NULL);
}

static void
set_made (CliMade *made, const FleetText *base, RunconfDocument *next)
{
  g_autoptr (RunconfNode) before = fleet_text_get_root (base);
  g_autoptr (GPtrArray) deltas = runconf_diff (before, runconf_document_get_root (next));
  g_autoptr (GPtrArray) paths = runconf_diff_get_paths (deltas, RUNCONF_MAX_CHANGED_PATHS);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < paths->len; i++)
    g_strv_builder_add (builder, paths->pdata[i]);

  cli_made_clear (made);
  made->version = (guint64) base->revision;
  made->paths = g_strv_builder_end (builder);
  made->is_change = !g_bytes_equal (base->bytes, runconf_document_get_text (next));
}

static gboolean
admit (const FleetChange *self, const FleetText *base, RunconfDocument *next, RunconfSchema *schema,
       GError **error)
{
  g_autoptr (RunconfNode) before = fleet_text_get_root (base);

  return check_size (self->place, g_bytes_get_size (runconf_document_get_text (next)), error)
         && (schema == NULL
             || fleet_schema_admit (schema, before, runconf_document_get_root (next), error));
}

/* Makes the change, unless another writer is faster.
 * Returns: %FALSE with an error
 */
static gboolean
try (const FleetChange *self, gboolean *is_done, CliMade *made, GError **error)
{
  g_auto (FleetText) base = { 0 };
  g_autoptr (RunconfDocument) next = NULL;
  g_autoptr (RunconfSchema) schema = NULL;
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;
  gboolean is_read = self->accepts_broken
                         ? fleet_text_fetch (&base, self->store, self->place, error)
                         : fleet_text_read (&base, self->store, self->place, error);

  if (!is_read || !check_version (&base, self->place, error)
      || !fleet_schema_read (self->store, self->place->configuration, &schema, error))
    return FALSE;

  next = self->edit (&base, self->place, self->data, error);
  if (next == NULL || !admit (self, &base, next, schema, error))
    return FALSE;

  set_made (made, &base, next);
  *is_done = !made->is_change || cli_change_options_get ()->dry_run;
  if (*is_done)
    return TRUE;

  outcome = commit (self, &base, next, schema, error);
  if (outcome == NULL)
    return FALSE;

  *is_done = outcome->succeeded;
  made->version = (guint64) outcome->revision;

  return TRUE;
}

static void
pause_before (guint n_tries)
{
  if (n_tries > MAX_EAGER_TRIES)
    g_usleep (1000 * (gulong) g_random_int_range (1, MAX_PAUSE_MS));
}

/**
 * fleet_change_make:
 * @made: the outcome
 *
 * Makes a change. If another writer is faster, makes it again on the new text.
 *
 * Returns: %FALSE with an error
 */
gboolean
fleet_change_make (const FleetChange *self, CliMade *made, GError **error)
{
  guint max_tries = self->is_final ? 1 : MAX_TRIES;

  for (guint i = 0; i < max_tries; i++)
    {
      gboolean is_done;

      pause_before (i);
      if (!try (self, &is_done, made, error))
        return FALSE;
      if (!is_done)
        continue;
      if (made->is_change && !cli_change_options_get ()->dry_run)
        prune (self);
      return TRUE;
    }

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH, "%s was changed meanwhile",
               self->place->name);

  return FALSE;
}

/**
 * fleet_change_put:
 * @place: the place of a schema or of locks
 * @text: the new text
 * @made: the outcome
 *
 * Replaces a text that has no history.
 *
 * Returns: %FALSE with an error
 */
gboolean
fleet_change_put (FleetStore *store, const FleetPlace *place, GBytes *text, CliMade *made,
                  GError **error)
{
  g_autoptr (RunconfEtcdItem) item = fleet_store_get (store, place->key, 0, error);
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;

  if (item == NULL || !check_size (place, g_bytes_get_size (text), error))
    return FALSE;

  made->version = (guint64) item->mod_revision;
  made->paths = g_new0 (char *, 1);
  made->is_change = item->mod_revision == 0 || !g_bytes_equal (item->value, text);
  if (!made->is_change || cli_change_options_get ()->dry_run)
    return TRUE;

  runconf_etcd_txn_compare_mod (txn, place->key, item->mod_revision);
  runconf_etcd_txn_put (txn, place->key, text, 0);
  outcome = fleet_store_commit (store, txn, error);
  if (outcome == NULL)
    return FALSE;

  made->version = (guint64) outcome->revision;
  if (!outcome->succeeded)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH,
                 "%s was changed meanwhile: read it, and load it again", place->name);

  return outcome->succeeded;
}

/**
 * fleet_change_finish:
 *
 * Prints the outcome of a change, and waits for the hosts if that is wanted.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
fleet_change_finish (FleetSession *session, const FleetPlace *place, const CliMade *made,
                     GError **error)
{
  CliExit status = cli_made_print (made);

  if (status != CLI_EXIT_DONE || cli_change_options_get ()->dry_run || !fleet_wait_is_wanted ())
    return status;

  return fleet_wait_run (session, place, (gint64) made->version, error);
}

/**
 * fleet_change_apply:
 * @kind: the verb, for the history
 * @edit: makes the next text
 *
 * Changes the document that the options name, prints the outcome, and waits for the hosts.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
fleet_change_apply (FleetSession *session, const char *kind, FleetEdit edit, gpointer data,
                    GError **error)
{
  g_autoptr (FleetPlace) place = fleet_session_get_place (session, RUNCONF_FLEET_KEY_CONFIG, error);
  g_auto (CliMade) made = { 0 };
  FleetChange change = { .place = place, .kind = kind, .edit = edit, .data = data };

  if (place == NULL)
    return CLI_EXIT_FAILED;

  change.store = fleet_session_open (session, error);
  if (!fleet_change_make (&change, &made, error))
    return CLI_EXIT_FAILED;

  return fleet_change_finish (session, place, &made, error);
}

/* A host may have the value in its own files, so a document that lacks it is as it should be. */
static gboolean
is_done_already (const RunconfOperation *operation, const RunconfNode *root)
{
  return runconf_operation_get_verb (operation) == RUNCONF_VERB_RESET
         && runconf_node_find (root, runconf_operation_get_path (operation), NULL) == NULL;
}

/* Applies the operations to the text, in place. */
static RunconfDocument *
apply_operations (const FleetText *base, const FleetPlace *place, gpointer data, GError **error)
{
  GPtrArray *operations = data;
  g_autoptr (RunconfNode) defaults = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) root = fleet_text_get_root (base);
  RunconfRewriteScope scope;

  for (guint i = 0; i < operations->len; i++)
    {
      RunconfNode *next;

      if (is_done_already (operations->pdata[i], root))
        continue;
      next = runconf_operation_apply (operations->pdata[i], defaults, root, error);
      if (next == NULL)
        return NULL;
      runconf_node_unref (root);
      root = next;
    }

  return runconf_rewrite (base->document, root, place->name, &scope, error);
}

/**
 * fleet_change_apply_operations:
 * @operations: (element-type RunconfOperation):
 *
 * Applies operations to the document that the options name.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
fleet_change_apply_operations (FleetSession *session, const char *kind, GPtrArray *operations,
                               GError **error)
{
  return fleet_change_apply (session, kind, apply_operations, operations, error);
}
