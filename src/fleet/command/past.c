/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/past.h"

#include <glib/gi18n.h>

#include "cli/terminal/failure.h"
#include "cli/terminal/format.h"
#include "core/error.h"
#include "core/mapping.h"
#include "yaml/rewrite.h"

/* The history of a document. A version of it is the revision of the change that made it. */

static RunconfFleetEntry *
read_entry (FleetStore *store, const char *key, GError **error)
{
  g_autoptr (RunconfEtcdItem) item = fleet_store_get (store, key, 0, error);

  if (item == NULL)
    return NULL;

  return runconf_fleet_entry_read (item->value, fleet_store_shorten (store, key),
                                   item->create_revision, error);
}

/* Lists the keys of the entries, the newest first. */
static RunconfEtcdRange *
list_keys (FleetStore *store, const FleetPlace *place, guint limit, GError **error)
{
  const RunconfEtcdRangeOptions options
      = { .limit = limit, .keys_only = TRUE, .newest_first = TRUE };
  g_autofree char *prefix
      = runconf_fleet_key_prefix (fleet_store_get_prefix (store), RUNCONF_FLEET_KEY_HISTORY,
                                  place->configuration, place->scope);

  return fleet_store_list (store, prefix, &options, error);
}

/**
 * fleet_past_list:
 * @limit: the maximum number of entries
 *
 * Reads the history. An entry that is broken, or that another writer removes meanwhile, is left out.
 *
 * Returns: (transfer full) (element-type RunconfFleetEntry): the newest entries, the newest first; or
 *   %NULL with an error
 */
GPtrArray *
fleet_past_list (FleetStore *store, const FleetPlace *place, guint limit, GError **error)
{
  g_autoptr (GPtrArray) entries
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_fleet_entry_free);
  g_autoptr (RunconfEtcdRange) keys = list_keys (store, place, limit, error);

  if (keys == NULL)
    return NULL;

  for (guint i = 0; i < keys->items->len; i++)
    {
      const RunconfEtcdItem *item = keys->items->pdata[i];
      g_autoptr (GError) failure = NULL;
      RunconfFleetEntry *entry = read_entry (store, item->key, &failure);

      if (entry != NULL)
        g_ptr_array_add (entries, entry);
      else if (g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE)
               || g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
    }

  return g_steal_pointer (&entries);
}

/* Returns: whether the document had this version */
static gboolean
is_version (GPtrArray *entries, gint64 revision)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const RunconfFleetEntry *entry = entries->pdata[i];

      if (entry->revision == revision || entry->before == revision)
        return TRUE;
    }

  return FALSE;
}

/* Returns: (transfer full): the document before its first change */
static RunconfDocument *
make_empty (const FleetPlace *place)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);

  return fleet_text_parse (place, nothing, NULL);
}

/* Returns: (transfer full) (nullable): the document before a change, %NULL if the entry lacks it */
static RunconfDocument *
undo (const RunconfFleetEntry *entry, RunconfDocument *after, const FleetPlace *place)
{
  g_autoptr (RunconfNode) root = NULL;
  RunconfRewriteScope scope;

  if (entry->before == 0)
    return make_empty (place);
  if (entry->text != NULL)
    return fleet_text_parse (place, entry->text, NULL);
  if (after == NULL)
    return NULL;

  root = runconf_fleet_entry_undo (entry, runconf_document_get_root (after));

  return root != NULL ? runconf_rewrite (after, root, place->name, &scope, NULL) : NULL;
}

/* Undoes all changes after the version, the newest first. One that has no entry, or a broken one, is a
 * gap: values are undone only in the text that their entry is of, and the last text has to be that of
 * the version.
 */
static RunconfDocument *
go_back (FleetStore *store, const FleetPlace *place, GPtrArray *entries, gint64 revision,
         GError **error)
{
  g_auto (FleetText) now = { 0 };
  g_autofree char *version = cli_format_number ((guint64) revision);
  RunconfDocument *document;
  gint64 reached;

  if (!fleet_text_fetch (&now, store, place, error))
    return NULL;

  document = now.document != NULL ? runconf_document_ref (now.document) : NULL;
  reached = now.revision;
  for (guint i = 0; i < entries->len; i++)
    {
      const RunconfFleetEntry *entry = entries->pdata[i];
      RunconfDocument *before;

      if (entry->revision <= revision)
        break;
      before = undo (entry, entry->revision == reached ? document : NULL, place);
      g_clear_pointer (&document, runconf_document_unref);
      document = before;
      reached = entry->before;
    }
  if (reached != revision)
    g_clear_pointer (&document, runconf_document_unref);
  if (document == NULL)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                 _ ("%s: the text of version %s isn't there any more: it was too large for the "
                    "history, or had secrets, and etcd has compacted it"),
                 place->name, version);

  return document;
}

/* Returns: (transfer full) (nullable): the text that etcd still has of the revision */
static RunconfDocument *
get_kept (FleetStore *store, const FleetPlace *place, gint64 revision)
{
  g_autoptr (RunconfEtcdItem) item = fleet_store_get (store, place->key, revision, NULL);

  return item != NULL ? fleet_text_parse (place, item->value, NULL) : NULL;
}

static void
miss_version (const FleetPlace *place, gint64 revision, GError **error)
{
  g_autofree char *option = fleet_place_get_option (place);
  g_autofree char *version = cli_format_number ((guint64) revision);

  g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_FOUND,
               _ ("%s: there is no version %s; “runconf fleet history %s” lists the versions"),
               place->name, version, option);
}

/**
 * fleet_past_get:
 * @revision: a version of the document; 0 for the time before its first change
 *
 * Returns: (transfer full): the document at that version, or %NULL with an error
 */
RunconfDocument *
fleet_past_get (FleetStore *store, const FleetPlace *place, gint64 revision, GError **error)
{
  g_autoptr (GPtrArray) entries
      = fleet_past_list (store, place, 2 * RUNCONF_FLEET_MAX_ENTRIES, error);
  RunconfDocument *document;

  if (entries == NULL)
    return NULL;
  if (!is_version (entries, revision))
    {
      miss_version (place, revision, error);
      return NULL;
    }

  document = revision > 0 ? get_kept (store, place, revision) : make_empty (place);

  return document != NULL ? document : go_back (store, place, entries, revision, error);
}
