/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/change.h"

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/session/value.h"
#include "cli/terminal/format.h"
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

/* The oldest entries are removed when there are so many too many, so that few changes take the two
 * requests for that; and so many are removed in one transaction.
 */
#define MIN_PRUNED 20
#define MAX_PRUNED 100

static gboolean
check_version (const FleetText *base, const FleetPlace *place, GError **error)
{
  const CliChangeOptions *options = cli_change_options_get ();
  g_autofree char *version = cli_format_number ((guint64) base->revision);
  g_autofree char *wanted = cli_format_number (options->if_version);

  if (!options->has_if_version || options->if_version == (guint64) base->revision)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH,
               _ ("%s is at version %s, not at %s"), place->name, version, wanted);

  return FALSE;
}

static char *
get_history (const FleetChange *self)
{
  return runconf_fleet_key_prefix (fleet_store_get_prefix (self->store), RUNCONF_FLEET_KEY_HISTORY,
                                   self->place->configuration, self->place->scope);
}

/* Has the transaction count the entries of the history, with the new one. */
static void
count_entries (const FleetChange *self, RunconfEtcdTxn *txn)
{
  const RunconfEtcdRangeOptions options = { .limit = 1, .keys_only = TRUE };
  g_autofree char *prefix = get_history (self);
  g_autofree char *end = runconf_etcd_get_prefix_end (prefix);

  runconf_etcd_txn_get (txn, prefix, end, &options);
}

static RunconfEtcdOutcome *
commit (const FleetChange *self, const FleetText *base, RunconfDocument *next,
        RunconfSchema *schema, GError **error)
{
  const FleetPlace *place = self->place;
  g_autofree char *author = fleet_store_get_author (self->store);
  g_autoptr (RunconfFleetEntry) entry = runconf_fleet_entry_new (
      self->kind, author, cli_change_options_get ()->message, g_get_real_time ());
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();

  fleet_text_write (base, self->store, place, next, schema, entry, txn);
  count_entries (self, txn);

  return fleet_store_commit (self->store, txn, error);
}

/* The change is made: an error of this only means that the next change removes the entries. */
static void
prune (const FleetChange *self)
{
  g_autofree char *prefix = get_history (self);
  const RunconfEtcdRangeOptions all = { .keys_only = TRUE, .newest_first = TRUE };
  g_autoptr (RunconfEtcdRange) range = fleet_store_list (self->store, prefix, &all, NULL);
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  RunconfEtcdOutcome *outcome;

  for (guint i = RUNCONF_FLEET_MAX_ENTRIES;
       range != NULL && i < range->items->len && i < RUNCONF_FLEET_MAX_ENTRIES + MAX_PRUNED; i++)
    {
      const RunconfEtcdItem *item = range->items->pdata[i];

      runconf_etcd_txn_delete (txn, item->key);
    }
  if (runconf_etcd_txn_get_n_operations (txn) == 0)
    return;

  outcome = fleet_store_commit (self->store, txn, NULL);
  g_clear_pointer (&outcome, runconf_etcd_outcome_free);
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

void
fleet_prepared_clear (FleetPrepared *self)
{
  fleet_text_clear (&self->base);
  g_clear_pointer (&self->next, runconf_document_unref);
  g_clear_pointer (&self->schema, runconf_schema_unref);
}

static gboolean
admit (const FleetChange *self, const FleetPrepared *prepared, GError **error)
{
  g_autoptr (RunconfNode) before = fleet_text_get_root (&prepared->base);
  gsize size = g_bytes_get_size (runconf_document_get_text (prepared->next));

  return fleet_text_check_size (self->place, size, error)
         && (prepared->schema == NULL
             || fleet_schema_admit (prepared->schema, before,
                                    runconf_document_get_root (prepared->next), error));
}

/**
 * fleet_change_prepare:
 * @prepared: a cleared struct
 * @made: the outcome, as of a change that isn't made
 *
 * Reads the document, makes the next text and checks it.
 *
 * Returns: %FALSE with an error
 */
gboolean
fleet_change_prepare (const FleetChange *self, FleetPrepared *prepared, CliMade *made,
                      GError **error)
{
  const FleetText *base = &prepared->base;

  if (!fleet_text_fetch_with_schema (&prepared->base, &prepared->schema, self->store, self->place,
                                     error)
      || (!self->accepts_broken && !fleet_text_check (base, self->place, error))
      || !check_version (base, self->place, error))
    return FALSE;

  prepared->next = self->edit (base, self->place, self->data, error);
  if (prepared->next == NULL || !admit (self, prepared, error))
    return FALSE;

  set_made (made, base, prepared->next);
  made->text = self->place->name;

  return TRUE;
}

/* Makes the change, unless another writer is faster.
 * Returns: %FALSE with an error
 */
static gboolean
try (const FleetChange *self, gboolean *is_done, CliMade *made, GError **error)
{
  g_auto (FleetPrepared) prepared = { 0 };
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;

  if (!fleet_change_prepare (self, &prepared, made, error))
    return FALSE;

  *is_done = !made->is_change || cli_change_options_get ()->dry_run;
  if (*is_done)
    return TRUE;

  outcome = commit (self, &prepared.base, prepared.next, prepared.schema, error);
  if (outcome == NULL)
    return FALSE;

  *is_done = outcome->succeeded;
  made->version = (guint64) outcome->revision;
  if (runconf_etcd_outcome_count (outcome, 0) >= RUNCONF_FLEET_MAX_ENTRIES + MIN_PRUNED)
    prune (self);

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
      if (is_done)
        return TRUE;
    }

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH, _ ("%s was changed meanwhile"),
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

  if (item == NULL || !fleet_text_check_size (place, g_bytes_get_size (text), error))
    return FALSE;

  made->version = (guint64) item->mod_revision;
  made->paths = g_new0 (char *, 1);
  made->text = place->name;
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
                 _ ("%s was changed meanwhile: read it, and load it again"), place->name);

  return outcome->succeeded;
}

/**
 * fleet_change_wait:
 * @made: the outcome, which is printed
 * @status: the exit status so far
 *
 * Waits for the hosts if that is wanted.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
fleet_change_wait (FleetSession *session, const FleetPlace *place, const CliMade *made,
                   CliExit status, GError **error)
{
  if (status != CLI_EXIT_DONE || cli_change_options_get ()->dry_run || !fleet_wait_is_wanted ())
    return status;

  return fleet_wait_run (session, place, (gint64) made->version, error);
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
  return fleet_change_wait (session, place, made, cli_made_print (made), error);
}

/**
 * fleet_change_apply:
 * @self: a change without its place and store, which are those of the session during the call
 *
 * Changes the document that the options name, prints the outcome, and waits for the hosts.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
fleet_change_apply (FleetSession *session, FleetChange *self, GError **error)
{
  g_autoptr (FleetPlace) place = fleet_session_get_place (session, RUNCONF_FLEET_KEY_CONFIG, error);
  g_auto (CliMade) made = { 0 };

  if (place == NULL)
    return CLI_EXIT_FAILED;

  self->place = place;
  self->store = fleet_session_open (session, error);
  if (!fleet_change_make (self, &made, error))
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

/**
 * fleet_change_edit:
 * @data: (element-type RunconfOperation): operations
 *
 * Applies operations to a text, in place: a #FleetEdit.
 */
RunconfDocument *
fleet_change_edit (const FleetText *base, const FleetPlace *place, gpointer data, GError **error)
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
  FleetChange change = { .kind = kind, .edit = fleet_change_edit, .data = operations };

  return fleet_change_apply (session, &change, error);
}

/**
 * fleet_change_read_pairs:
 * @verb: %RUNCONF_VERB_SET or %RUNCONF_VERB_REPLACE
 * @arguments: paths, each followed by its value
 * @is_literal: whether values are strings, and not YAML
 *
 * Returns: (transfer full) (element-type RunconfOperation): the operations, or %NULL with an error
 */
GPtrArray *
fleet_change_read_pairs (RunconfVerb verb, char **arguments, gboolean is_literal, GError **error)
{
  g_autoptr (GPtrArray) operations = runconf_operations_new ();

  for (char **pair = arguments; *pair != NULL; pair += 2)
    {
      g_autoptr (RunconfNode) value = cli_value_read_pair (pair[0], pair[1], is_literal, error);
      RunconfOperation *operation
          = value != NULL ? runconf_operation_new (verb, pair[0], value, error) : NULL;

      if (operation == NULL)
        return NULL;
      g_ptr_array_add (operations, operation);
    }

  return g_steal_pointer (&operations);
}
