/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/status.h"

#include "core/error.h"
#include "fleet/model/keys.h"
#include "fleet/model/record.h"

/* The report of a host, as JSON:
 *
 * |[
 * {"host": "web1", "machine": "5f0c…", "agent": "1.0.0", "groups": ["web"],
 *  "configurations": {"chatbot": {"revision": 12, "state": "ok"}}}
 * ]|
 *
 * Members without a value are left out. A reader ignores members that it doesn't know, so agents
 * of several versions may report side by side. Any host can write such a text, so its length is
 * bounded: each host is compared with each document.
 */

/* the most groups and configurations of a host */
#define MAX_ENTRIES 1000

/* the most characters of the description of its problems */
#define MAX_DESCRIPTION 2000

static void
report_free (RunconfFleetReport *self)
{
  g_free (self->name);
  g_free (self->state);
  g_free (self->message);
  g_strfreev (self->refused);
  g_free (self->health);
  g_free (self->rollout);
  g_free (self);
}

/**
 * runconf_fleet_status_new:
 * @groups: (nullable):
 *
 * Returns: (transfer full): the status of a host without configurations
 */
RunconfFleetStatus *
runconf_fleet_status_new (const char *host, const char *machine, const char *agent,
                          const char *const *groups)
{
  static const char *const none[] = { NULL };
  RunconfFleetStatus *self = g_new0 (RunconfFleetStatus, 1);

  self->host = g_strdup (host);
  self->machine = g_strdup (machine);
  self->agent = g_strdup (agent);
  self->groups = g_strdupv ((char **) (groups != NULL ? groups : none));
  self->reports = g_ptr_array_new_with_free_func ((GDestroyNotify) report_free);

  return self;
}

void
runconf_fleet_status_free (RunconfFleetStatus *self)
{
  g_free (self->host);
  g_free (self->machine);
  g_free (self->agent);
  g_strfreev (self->groups);
  g_ptr_array_unref (self->reports);
  g_free (self);
}

/**
 * runconf_fleet_status_find:
 *
 * Returns: (transfer none) (nullable): the report about a configuration
 */
RunconfFleetReport *
runconf_fleet_status_find (const RunconfFleetStatus *self, const char *name)
{
  for (guint i = 0; i < self->reports->len; i++)
    {
      RunconfFleetReport *report = self->reports->pdata[i];

      if (g_str_equal (report->name, name))
        return report;
    }

  return NULL;
}

/**
 * runconf_fleet_status_add:
 *
 * Returns: (transfer none): the report about a configuration, which is added if there is none
 */
RunconfFleetReport *
runconf_fleet_status_add (RunconfFleetStatus *self, const char *name)
{
  RunconfFleetReport *report = runconf_fleet_status_find (self, name);

  if (report == NULL)
    {
      report = g_new0 (RunconfFleetReport, 1);
      report->name = g_strdup (name);
      g_ptr_array_add (self->reports, report);
    }

  return report;
}

static gboolean
is_ok (const char *text)
{
  return text == NULL || g_str_equal (text, RUNCONF_FLEET_OK);
}

static gboolean
has_refused (const RunconfFleetReport *self)
{
  return self->refused != NULL && *self->refused != NULL;
}

/**
 * runconf_fleet_report_is_well:
 *
 * Returns: whether the host reports no problem of the configuration
 */
gboolean
runconf_fleet_report_is_well (const RunconfFleetReport *self)
{
  return is_ok (self->state) && is_ok (self->health) && !has_refused (self);
}

/**
 * runconf_fleet_report_has_rollout:
 * @id: the id of a rollout
 *
 * Returns: whether the host reports that it has the text of the rollout
 */
gboolean
runconf_fleet_report_has_rollout (const RunconfFleetReport *self, const char *id)
{
  g_auto (GStrv) ids = self->rollout != NULL ? g_strsplit (self->rollout, " ", -1) : NULL;

  return ids != NULL && g_strv_contains ((const char *const *) ids, id);
}

/* Returns: (transfer full): the text, or its beginning: it becomes a line of a terminal, and a part of
 *   the record of a rollout, which etcd bounds
 */
static char *
cut (char *text)
{
  g_autofree char *whole = text;
  g_autofree char *begin = NULL;

  if (g_utf8_strlen (text, -1) <= MAX_DESCRIPTION)
    return g_steal_pointer (&whole);

  begin = g_utf8_substring (text, 0, MAX_DESCRIPTION);

  return g_strconcat (begin, "…", NULL);
}

/**
 * runconf_fleet_report_describe:
 *
 * Returns: (transfer full): the problems that the host reports, empty if there is none
 */
char *
runconf_fleet_report_describe (const RunconfFleetReport *self)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  g_autofree char *health = NULL;

  for (char **refused = self->refused; refused != NULL && *refused != NULL; refused++)
    g_ptr_array_add (parts, *refused);
  if (!is_ok (self->state))
    g_ptr_array_add (parts,
                     self->message != NULL && *self->message != '\0' ? self->message : self->state);
  if (!is_ok (self->health))
    {
      health = g_strdup_printf ("health: %s", self->health);
      g_ptr_array_add (parts, health);
    }
  g_ptr_array_add (parts, NULL);

  return cut (g_strjoinv ("; ", (char **) parts->pdata));
}

static void
read_report (RunconfFleetStatus *self, const char *name, const RunconfNode *record)
{
  RunconfFleetReport *report = runconf_fleet_status_add (self, name);

  report->revision = runconf_fleet_record_get_integer (record, "revision");
  report->state = g_strdup (runconf_fleet_record_get_text (record, "state"));
  report->message = g_strdup (runconf_fleet_record_get_text (record, "message"));
  report->refused = runconf_fleet_record_get_texts (record, "refused");
  report->health = g_strdup (runconf_fleet_record_get_text (record, "health"));
  report->rollout = g_strdup (runconf_fleet_record_get_text (record, "rollout"));
}

static void
read_reports (RunconfFleetStatus *self, const RunconfNode *record)
{
  const RunconfNode *reports = runconf_mapping_get (record, "configurations");
  gboolean are_reports = reports != NULL && runconf_node_is_mapping (reports);

  for (guint i = 0; are_reports && i < runconf_node_get_length (reports); i++)
    {
      const RunconfNode *report = runconf_node_get_child (reports, i);

      if (runconf_node_is_mapping (report))
        read_report (self, runconf_mapping_get_key (reports, i, NULL), report);
    }
}

static gboolean
check_length (const RunconfNode *record, const char *member, const char *name, GError **error)
{
  const RunconfNode *list = runconf_mapping_get (record, member);

  if (list == NULL || runconf_node_get_length (list) <= MAX_ENTRIES)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "%s: the status of a host has more than %d entries in “%s”", name, MAX_ENTRIES,
               member);
  return FALSE;
}

static gboolean
check_host (const char *host, const char *name, GError **error)
{
  if (host == NULL)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                   "%s: the status of a host lacks “host”, the host's name", name);
      return FALSE;
    }
  if (runconf_fleet_check_name (RUNCONF_FLEET_NAME_HOST, host, error))
    return TRUE;

  g_prefix_error (error, "%s: ", name);
  return FALSE;
}

/**
 * runconf_fleet_status_read:
 * @name: the key of the text, for messages
 *
 * Returns: (transfer full): the status, or %NULL with an error if the text isn't one
 */
RunconfFleetStatus *
runconf_fleet_status_read (GBytes *text, const char *name, GError **error)
{
  g_autoptr (RunconfNode) record = runconf_fleet_record_read (text, name, error);
  const char *host = record != NULL ? runconf_fleet_record_get_text (record, "host") : NULL;
  g_auto (GStrv) groups = NULL;
  RunconfFleetStatus *self;

  if (record == NULL || !check_host (host, name, error)
      || !check_length (record, "groups", name, error)
      || !check_length (record, "configurations", name, error))
    return NULL;

  groups = runconf_fleet_record_get_texts (record, "groups");
  self = runconf_fleet_status_new (host, runconf_fleet_record_get_text (record, "machine"),
                                   runconf_fleet_record_get_text (record, "agent"),
                                   (const char *const *) groups);
  self->time = runconf_fleet_record_get_integer (record, "time");
  read_reports (self, record);

  return self;
}

static RunconfNode *
write_report (const RunconfFleetReport *self)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();

  runconf_fleet_record_add_integer (record, "revision", self->revision);
  runconf_fleet_record_add_text (record, "state", self->state);
  runconf_fleet_record_add_text (record, "message", self->message);
  runconf_fleet_record_add_texts (record, "refused", (const char *const *) self->refused);
  runconf_fleet_record_add_text (record, "health", self->health);
  runconf_fleet_record_add_text (record, "rollout", self->rollout);

  return runconf_mapping_builder_end (record);
}

/**
 * runconf_fleet_status_write:
 *
 * Returns: (transfer full): the status as JSON
 */
GBytes *
runconf_fleet_status_write (const RunconfFleetStatus *self)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  g_autoptr (RunconfMappingBuilder) reports = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) node = NULL;

  runconf_fleet_record_add_text (record, "host", self->host);
  runconf_fleet_record_add_text (record, "machine", self->machine);
  runconf_fleet_record_add_text (record, "agent", self->agent);
  runconf_fleet_record_add_texts (record, "groups", (const char *const *) self->groups);
  if (self->time != 0)
    runconf_fleet_record_add_integer (record, "time", self->time);
  for (guint i = 0; i < self->reports->len; i++)
    {
      const RunconfFleetReport *report = self->reports->pdata[i];

      runconf_fleet_record_take (reports, report->name, write_report (report));
    }
  runconf_fleet_record_take (record, "configurations", runconf_mapping_builder_end (reports));
  node = runconf_mapping_builder_end (record);

  return runconf_fleet_record_write (node);
}
