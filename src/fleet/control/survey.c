/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/control/survey.h"

#include <string.h>

#include <glib/gi18n.h>

#include "core/compare.h"
#include "fleet/model/group.h"

/* A document, list of locks or schema, and the revision of its last change. */
typedef struct
{
  RunconfFleetKey *key;
  gint64 revision;
} Document;

static void
document_free (Document *self)
{
  runconf_fleet_key_free (self->key);
  g_free (self);
}

typedef struct
{
  char *name;
  char **patterns;
} Group;

static void
group_free (Group *self)
{
  g_free (self->name);
  g_strfreev (self->patterns);
  g_free (self);
}

static void
host_free (FleetHost *self)
{
  g_free (self->name);
  g_clear_pointer (&self->status, runconf_fleet_status_free);
  runconf_fleet_membership_free (self->membership);
  g_free (self);
}

void
fleet_survey_free (FleetSurvey *self)
{
  g_hash_table_unref (self->names);
  g_hash_table_unref (self->reports);
  g_ptr_array_unref (self->hosts);
  g_ptr_array_unref (self->problems);
  g_ptr_array_unref (self->documents);
  g_ptr_array_unref (self->groups);
  g_hash_table_unref (self->own);
  g_free (self);
}

static void
add_problem (FleetSurvey *self, const GError *error)
{
  g_ptr_array_add (self->problems, g_strdup (error->message));
}

static FleetHost *
find_host (const FleetSurvey *self, const char *name)
{
  return g_hash_table_lookup (self->names, name);
}

/* @status: (nullable): has the host's own groups */
static void
find_groups (const FleetSurvey *self, FleetHost *host, const RunconfFleetStatus *status)
{
  static const char *const none[] = { NULL };

  g_clear_pointer (&host->membership, runconf_fleet_membership_free);
  host->membership = runconf_fleet_membership_new (
      host->name, status != NULL ? (const char *const *) status->groups : none);
  for (guint i = 0; i < self->groups->len; i++)
    {
      const Group *group = self->groups->pdata[i];

      if (runconf_fleet_group_has ((const char *const *) group->patterns, host->name))
        runconf_fleet_membership_set (host->membership, group->name, TRUE);
    }
}

/* Adds a host without a report. @status: (nullable): has the host's own groups */
static FleetHost *
add_host (FleetSurvey *self, const char *name, const RunconfFleetStatus *status)
{
  FleetHost *host = g_new0 (FleetHost, 1);

  host->name = g_strdup (name);
  find_groups (self, host, status);
  g_ptr_array_add (self->hosts, host);
  if (find_host (self, name) == NULL)
    g_hash_table_insert (self->names, host->name, host);

  return host;
}

/* Lists the keys of a type at the revision of the survey, which the first list determines. */
static RunconfEtcdRange *
list (FleetSurvey *self, FleetStore *store, RunconfFleetKeyType type, gboolean keys_only,
      GError **error)
{
  const RunconfEtcdRangeOptions options = { .revision = self->revision, .keys_only = keys_only };
  g_autofree char *prefix
      = runconf_fleet_key_prefix (fleet_store_get_prefix (store), type, NULL, NULL);
  RunconfEtcdRange *range = fleet_store_list (store, prefix, &options, error);

  if (range != NULL && self->revision == 0)
    self->revision = range->revision;

  return range;
}

/* Returns: whether the report is in a key of its host */
static gboolean
is_own (const RunconfFleetKey *key, const RunconfFleetStatus *status)
{
  return strcmp (key->name, status->host) == 0;
}

/* Returns: whether the report is that of a second host with one name */
static gboolean
is_double (const RunconfFleetKey *key, const RunconfFleetStatus *status)
{
  gsize length = strlen (status->host);

  return key->type == RUNCONF_FLEET_KEY_STATUS && strncmp (key->name, status->host, length) == 0
         && g_str_has_prefix (key->name + length, RUNCONF_FLEET_DOUBLE);
}

/* Returns: whether the report can be used: a host with a right for its own key only may have written
 *   it for another one
 */
static gboolean
is_usable (const RunconfFleetKey *key, const RunconfFleetStatus *status)
{
  return is_own (key, status) || is_double (key, status);
}

/* Adds the problem of a report that isn't in the key of its host. */
static void
check_name (FleetSurvey *self, const char *text, const RunconfFleetKey *key,
            const RunconfFleetStatus *status)
{
  if (is_own (key, status))
    return;

  g_ptr_array_add (
      self->problems,
      g_strdup_printf (is_double (key, status)
                           ? _ ("%s: two hosts have the name %s: give one of them another "
                                "“host” in its fleetd.yaml")
                           : _ ("%s: the report in this key is of another host, %s"),
                       text, status->host));
}

/* @status: (transfer full) */
static void
add_reporting_host (FleetSurvey *self, const char *key, RunconfFleetStatus *status)
{
  FleetHost *host = add_host (self, status->host, status);

  host->status = status;
  g_hash_table_insert (self->reports, g_strdup (key), host);
}

/* The report of a host comes before its key with the time. */
static void
take_seen (FleetSurvey *self, const RunconfFleetStatus *status)
{
  FleetHost *host = find_host (self, status->host);

  if (host == NULL)
    host = add_host (self, status->host, status);
  host->seen = status->time;
}

static void
take_status (FleetSurvey *self, FleetStore *store, const RunconfEtcdItem *item)
{
  const char *name = fleet_store_shorten (store, item->key);
  g_autoptr (RunconfFleetKey) key
      = runconf_fleet_key_parse (fleet_store_get_prefix (store), item->key);
  g_autoptr (GError) failure = NULL;
  g_autoptr (RunconfFleetStatus) status = NULL;

  if (key == NULL)
    return;

  status = runconf_fleet_status_read (item->value, name, &failure);
  if (status == NULL)
    {
      add_problem (self, failure);
      return;
    }

  check_name (self, name, key, status);
  if (!is_usable (key, status))
    return;
  if (key->type == RUNCONF_FLEET_KEY_SEEN)
    take_seen (self, status);
  else
    add_reporting_host (self, item->key, g_steal_pointer (&status));
}

static gboolean
read_statuses (FleetSurvey *self, FleetStore *store, GError **error)
{
  g_autoptr (RunconfEtcdRange) range = list (self, store, RUNCONF_FLEET_KEY_STATUS, FALSE, error);

  for (guint i = 0; range != NULL && i < range->items->len; i++)
    take_status (self, store, range->items->pdata[i]);

  return range != NULL;
}

/* A host that a document is for belongs to the fleet, whether it reports or not. */
static void
add_host_of (FleetSurvey *self, const RunconfFleetScope *scope)
{
  if (scope != NULL && scope->type == RUNCONF_FLEET_HOST && find_host (self, scope->name) == NULL)
    add_host (self, scope->name, NULL);
}

/* Returns: the array of a document: a fleet may have a document for each host, and to compare each
 * of them with each host would take hours
 */
static GPtrArray *
find_place (FleetSurvey *self, const RunconfFleetScope *scope)
{
  GPtrArray *own;

  if (scope == NULL || scope->type != RUNCONF_FLEET_HOST)
    return self->documents;

  own = g_hash_table_lookup (self->own, scope->name);
  if (own == NULL)
    {
      own = g_ptr_array_new_with_free_func ((GDestroyNotify) document_free);
      g_hash_table_insert (self->own, g_strdup (scope->name), own);
    }

  return own;
}

static gboolean
read_documents (FleetSurvey *self, FleetStore *store, RunconfFleetKeyType type, GError **error)
{
  g_autoptr (RunconfEtcdRange) range = list (self, store, type, TRUE, error);

  for (guint i = 0; range != NULL && i < range->items->len; i++)
    {
      const RunconfEtcdItem *item = range->items->pdata[i];
      g_autoptr (RunconfFleetKey) key
          = runconf_fleet_key_parse (fleet_store_get_prefix (store), item->key);
      Document *document;

      if (key == NULL || key->type != type)
        continue;
      document = g_new0 (Document, 1);
      document->key = g_steal_pointer (&key);
      document->revision = item->mod_revision;
      g_ptr_array_add (find_place (self, document->key->scope), document);
      add_host_of (self, document->key->scope);
    }

  return range != NULL;
}

/* A pattern without wildcards is the name of a host. */
static void
add_named_hosts (FleetSurvey *self)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      const Group *group = self->groups->pdata[i];

      for (char **pattern = group->patterns; *pattern != NULL; pattern++)
        if (strpbrk (*pattern, "*?") == NULL && find_host (self, *pattern) == NULL)
          add_host (self, *pattern, NULL);
    }
}

static void
take_group (FleetSurvey *self, const char *name, const char *text, GBytes *value)
{
  g_autoptr (GError) failure = NULL;
  g_auto (GStrv) patterns = runconf_fleet_group_parse (value, text, &failure);
  Group *group;

  if (patterns == NULL)
    {
      add_problem (self, failure);
      return;
    }

  group = g_new0 (Group, 1);
  group->name = g_strdup (name);
  group->patterns = g_steal_pointer (&patterns);
  g_ptr_array_add (self->groups, group);
}

static gboolean
read_groups (FleetSurvey *self, FleetStore *store, GError **error)
{
  g_autoptr (RunconfEtcdRange) range = list (self, store, RUNCONF_FLEET_KEY_GROUP, FALSE, error);

  for (guint i = 0; range != NULL && i < range->items->len; i++)
    {
      const RunconfEtcdItem *item = range->items->pdata[i];
      g_autoptr (RunconfFleetKey) key
          = runconf_fleet_key_parse (fleet_store_get_prefix (store), item->key);

      if (key != NULL)
        take_group (self, key->name, fleet_store_shorten (store, item->key), item->value);
    }

  return range != NULL;
}

static int
compare_hosts (gconstpointer a, gconstpointer b)
{
  const FleetHost *left = *(const FleetHost *const *) a;
  const FleetHost *right = *(const FleetHost *const *) b;

  return strcmp (left->name, right->name);
}

/**
 * fleet_survey_new:
 * @revision: the revision of the store to read at; 0 for the newest
 *
 * Reads the hosts, with their reports and groups, and the revisions of the documents.
 *
 * Returns: (transfer full): the survey, or %NULL with an error
 */
FleetSurvey *
fleet_survey_new (FleetStore *store, gint64 revision, GError **error)
{
  g_autoptr (FleetSurvey) self = g_new0 (FleetSurvey, 1);

  self->revision = revision;
  self->hosts = g_ptr_array_new_with_free_func ((GDestroyNotify) host_free);
  self->names = g_hash_table_new (g_str_hash, g_str_equal);
  self->reports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->groups = g_ptr_array_new_with_free_func ((GDestroyNotify) group_free);
  self->problems = g_ptr_array_new_with_free_func (g_free);
  self->documents = g_ptr_array_new_with_free_func ((GDestroyNotify) document_free);
  self->own
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  if (!read_groups (self, store, error) || !read_statuses (self, store, error)
      || !read_documents (self, store, RUNCONF_FLEET_KEY_CONFIG, error)
      || !read_documents (self, store, RUNCONF_FLEET_KEY_LOCKS, error)
      || !read_documents (self, store, RUNCONF_FLEET_KEY_SCHEMA, error))
    return NULL;

  add_named_hosts (self);
  g_ptr_array_sort (self->hosts, compare_hosts);

  return g_steal_pointer (&self);
}

/* Returns: (transfer full): the documents for a host */
static GPtrArray *
list_documents (const FleetSurvey *self, const FleetHost *host)
{
  GPtrArray *found = g_ptr_array_new ();
  GPtrArray *own = g_hash_table_lookup (self->own, host->name);

  for (guint i = 0; i < self->documents->len; i++)
    {
      Document *document = self->documents->pdata[i];

      if (runconf_fleet_membership_reaches (host->membership, document->key))
        g_ptr_array_add (found, document);
    }
  if (own != NULL)
    g_ptr_array_extend (found, own, NULL, NULL);

  return found;
}

/**
 * fleet_survey_take:
 * @event: a change of a key below that of the reports, later than the revision of the survey
 *
 * Brings the survey up to date with a report. A report that can't be read, or is of another host than
 * its key, is none.
 */
void
fleet_survey_take (FleetSurvey *self, FleetStore *store, const RunconfEtcdEvent *event)
{
  const char *text = event->item->key;
  g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse (fleet_store_get_prefix (store), text);
  g_autoptr (RunconfFleetStatus) status
      = event->is_delete ? NULL : runconf_fleet_status_read (event->item->value, text, NULL);
  FleetHost *host = g_hash_table_lookup (self->reports, text);

  if (key == NULL)
    return;

  if (status != NULL && !is_usable (key, status))
    g_clear_pointer (&status, runconf_fleet_status_free);
  if (key->type == RUNCONF_FLEET_KEY_SEEN)
    {
      if (status != NULL)
        take_seen (self, status);
    }
  else if (host != NULL)
    {
      g_clear_pointer (&host->status, runconf_fleet_status_free);
      if (status != NULL)
        find_groups (self, host, status);
      host->status = g_steal_pointer (&status);
    }
  else if (status != NULL)
    {
      add_reporting_host (self, text, g_steal_pointer (&status));
      g_ptr_array_sort (self->hosts, compare_hosts);
    }
}

/**
 * fleet_survey_get_wanted:
 *
 * Returns: the revision that the host should have of the configuration: that of the last change of
 *   a document for it; 0 if there is none
 */
gint64
fleet_survey_get_wanted (const FleetSurvey *self, const FleetHost *host, const char *configuration)
{
  g_autoptr (GPtrArray) documents = list_documents (self, host);
  gint64 revision = 0;

  for (guint i = 0; i < documents->len; i++)
    {
      const Document *document = documents->pdata[i];

      if (strcmp (document->key->name, configuration) == 0)
        revision = MAX (revision, document->revision);
    }

  return revision;
}

static void
add_name (GPtrArray *names, const char *name)
{
  if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, (gpointer) name);
}

/**
 * fleet_survey_list_configurations:
 *
 * Returns: (transfer full): the configurations that the host reports or has documents of
 */
char **
fleet_survey_list_configurations (const FleetSurvey *self, const FleetHost *host)
{
  g_autoptr (GPtrArray) documents = list_documents (self, host);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < documents->len; i++)
    add_name (names, ((const Document *) documents->pdata[i])->key->name);
  for (guint i = 0; host->status != NULL && i < host->status->reports->len; i++)
    {
      const RunconfFleetReport *report = host->status->reports->pdata[i];

      add_name (names, report->name);
    }

  g_ptr_array_sort (names, runconf_compare_texts);
  g_ptr_array_add (names, NULL);

  return g_strdupv ((char **) names->pdata);
}

/**
 * fleet_host_is_in:
 * @scope: (nullable): hosts; %NULL for all
 *
 * Returns: whether the host is one of them
 */
gboolean
fleet_host_is_in (const FleetHost *self, const RunconfFleetScope *scope)
{
  const RunconfFleetKey key = { .scope = (RunconfFleetScope *) scope };

  return runconf_fleet_membership_reaches (self->membership, &key);
}
