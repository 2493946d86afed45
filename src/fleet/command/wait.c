/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/wait.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/value.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "cli/validate/progress.h"
#include "core/error.h"
#include "fleet/control/survey.h"
#include "fleet/etcd/watch.h"

/* Waits until hosts report that they have a change.
 *
 * The hosts are those that report: one that is gone gets the change at its next start. The survey is
 * read again after changes of the reports, at most every INTERVAL_MS, so that a large fleet doesn't
 * cost a read for each of its hosts.
 */

#define DEFAULT_TIMEOUT 60
#define MAX_TIMEOUT (24 * 60 * 60)

#define INTERVAL_MS 100

/* names of hosts in a message */
#define MAX_NAMED 5

/* Static, since the option parser needs addresses for the values. */
static struct
{
  guint percent; /* 0 for no waiting */
  guint64 timeout;
} wanted = { 0, DEFAULT_TIMEOUT };

typedef struct
{
  FleetStore *store;
  const FleetPlace *place;
  gint64 revision;
  FleetSurvey *survey;
  gint64 surveyed; /* the revision of the last survey */
  guint n_hosts;
  guint n_reached;
  gboolean is_due;   /* whether reports were changed since the survey */
  gboolean is_late;  /* whether the time is over */
  gboolean is_shown; /* whether the bar is */
} Wait;

static gboolean
take_wait (const char *option, const char *value, gpointer data, GError **error)
{
  g_autofree char *digits = NULL;
  guint64 percent = 100;

  if (value != NULL)
    {
      digits = g_strdup (value);
      if (g_str_has_suffix (digits, "%"))
        digits[strlen (digits) - 1] = '\0';
      if (!cli_value_read_number (digits, 100, &percent) || percent == 0)
        {
          g_set_error (
              error, CLI_ERROR, CLI_ERROR_USAGE,
              _ ("--wait=%s: give a share of the hosts, from 1%% to 100%%, like --wait=90%%"),
              value);
          return FALSE;
        }
    }
  wanted.percent = (guint) percent;

  return TRUE;
}

static gboolean
take_timeout (const char *option, const char *value, gpointer data, GError **error)
{
  if (cli_value_read_number (value, MAX_TIMEOUT, &wanted.timeout) && wanted.timeout > 0)
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("--timeout %s: give seconds, from 1 to %d"),
               value, MAX_TIMEOUT);

  return FALSE;
}

static const GOptionEntry entries[] = {
  { "wait", 'w', G_OPTION_FLAG_OPTIONAL_ARG | G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK,
    take_wait, N_ ("Wait until all hosts, or this share of them, have the change"), N_ ("SHARE") },
  { "timeout", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, take_timeout,
    N_ ("With --wait, give up after so many SECONDS (60)"), N_ ("SECONDS") },
  { NULL },
};

/**
 * fleet_wait_get_entries:
 *
 * Returns: (transfer none): the options of waiting
 */
const GOptionEntry *
fleet_wait_get_entries (void)
{
  return entries;
}

void
fleet_wait_reset (void)
{
  wanted.percent = 0;
  wanted.timeout = DEFAULT_TIMEOUT;
}

gboolean
fleet_wait_is_wanted (void)
{
  return wanted.percent > 0;
}

static const RunconfFleetReport *
get_report (const Wait *self, const FleetHost *host)
{
  return runconf_fleet_status_find (host->status, self->place->configuration);
}

static gboolean
is_concerned (const Wait *self, const FleetHost *host)
{
  return host->status != NULL && fleet_host_is_in (host, self->place->scope);
}

static gboolean
has_reached (const Wait *self, const FleetHost *host)
{
  const RunconfFleetReport *report = get_report (self, host);

  return report != NULL && report->revision >= self->revision;
}

static gboolean
look (Wait *self, GError **error)
{
  g_clear_pointer (&self->survey, fleet_survey_free);
  /* a report that comes while the survey is read may not be in it */
  self->is_due = FALSE;
  self->survey = fleet_survey_new (self->store, error);
  self->n_hosts = self->n_reached = 0;
  if (self->survey == NULL)
    return FALSE;

  self->surveyed = self->survey->revision;
  for (guint i = 0; i < self->survey->hosts->len; i++)
    {
      const FleetHost *host = self->survey->hosts->pdata[i];

      if (!is_concerned (self, host))
        continue;
      self->n_hosts++;
      self->n_reached += has_reached (self, host);
    }

  return TRUE;
}

static gboolean
is_enough (const Wait *self)
{
  return (guint64) self->n_reached * 100 >= (guint64) self->n_hosts * wanted.percent;
}

static void
on_events (RunconfEtcdWatch *watch, GPtrArray *events, gint64 revision, Wait *self)
{
  self->is_due = TRUE;
}

/* The watch has lost changes: look, and watch from there. */
static void
on_reload (RunconfEtcdWatch *watch, const char *reason, Wait *self)
{
  self->is_due = TRUE;
  runconf_etcd_watch_start (watch, self->surveyed + 1);
}

static gboolean
on_timeout (gpointer data)
{
  Wait *self = data;

  self->is_late = TRUE;

  return G_SOURCE_REMOVE;
}

static gboolean
on_interval (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static RunconfEtcdWatch *
watch_reports (Wait *self)
{
  g_autofree char *prefix = runconf_fleet_key_prefix (fleet_store_get_prefix (self->store),
                                                      RUNCONF_FLEET_KEY_STATUS, NULL, NULL);
  g_autofree char *end = runconf_etcd_get_prefix_end (prefix);
  RunconfEtcdWatch *watch = runconf_etcd_watch_new (fleet_store_get_etcd (self->store));

  runconf_etcd_watch_add (watch, prefix, end);
  g_signal_connect (watch, "events", G_CALLBACK (on_events), self);
  g_signal_connect (watch, "reload", G_CALLBACK (on_reload), self);
  runconf_etcd_watch_start (watch, self->surveyed + 1);

  return watch;
}

static void
draw (Wait *self)
{
  CliProgress progress = { .part = (gint) self->n_reached, .n_parts = (gint) self->n_hosts };
  g_autofree char *label = g_strdup_printf (_ ("%u of %u hosts"), self->n_reached, self->n_hosts);

  if (!cli_output_can_show_progress ())
    return;

  self->is_shown = TRUE;
  cli_progress_draw (&progress, label);
}

/* Returns: whether enough hosts have the change; %FALSE also with an error */
static gboolean
wait_for_hosts (Wait *self, GError **error)
{
  g_autoptr (RunconfEtcdWatch) watch = watch_reports (self);
  /* a timer of seconds may end before its time */
  guint timeout = g_timeout_add ((guint) wanted.timeout * 1000, on_timeout, self);
  guint interval = g_timeout_add (INTERVAL_MS, on_interval, NULL);
  gint64 next = 0;
  gboolean is_read = TRUE;

  while (is_read && !is_enough (self) && !self->is_late)
    {
      draw (self);
      g_main_context_iteration (NULL, TRUE);
      if (!self->is_due || g_get_monotonic_time () < next)
        continue;
      is_read = look (self, error);
      next = g_get_monotonic_time () + INTERVAL_MS * G_TIME_SPAN_MILLISECOND;
    }

  runconf_etcd_watch_stop (watch);
  g_signal_handlers_disconnect_by_data (watch, self);
  if (!self->is_late)
    g_source_remove (timeout);
  g_source_remove (interval);
  if (self->is_shown)
    cli_progress_erase ();

  return is_read && is_enough (self);
}

static gboolean
has_refused (const Wait *self, const RunconfFleetReport *report)
{
  g_autofree char *prefix = g_strdup_printf ("%s:", self->place->name);

  for (char **refused = report->refused; refused != NULL && *refused != NULL; refused++)
    {
      if (g_str_has_prefix (*refused, prefix))
        return TRUE;
    }

  return FALSE;
}

/* Tells the problems of the hosts. Returns: whether a host refused the text */
static gboolean
complain (const Wait *self)
{
  gboolean is_refused = FALSE;

  for (guint i = 0; i < self->survey->hosts->len; i++)
    {
      const FleetHost *host = self->survey->hosts->pdata[i];
      const RunconfFleetReport *report = is_concerned (self, host) ? get_report (self, host) : NULL;
      g_autofree char *problem = NULL;
      g_autofree char *line = NULL;

      if (report == NULL || runconf_fleet_report_is_well (report))
        continue;
      problem = runconf_fleet_report_describe (report);
      line = g_strdup_printf ("%s: %s", host->name, problem);
      cli_output_complain (line);
      is_refused |= has_refused (self, report);
    }

  return is_refused;
}

/* Returns: (transfer full): the first hosts that lack the change */
static char *
name_missing (const Wait *self)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n_missing = 0;

  for (guint i = 0; i < self->survey->hosts->len; i++)
    {
      const FleetHost *host = self->survey->hosts->pdata[i];

      if (!is_concerned (self, host) || has_reached (self, host))
        continue;
      n_missing++;
      if (n_missing <= MAX_NAMED)
        g_string_append_printf (names, "%s%s", n_missing > 1 ? ", " : "", host->name);
    }
  if (n_missing > MAX_NAMED)
    g_string_append_printf (names, _ (" and %u more"), n_missing - MAX_NAMED);

  return g_string_free (g_steal_pointer (&names), FALSE);
}

static void
fail (const Wait *self, GError **error)
{
  g_autofree char *missing = name_missing (self);

  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
               _ ("%u of %u hosts have the change after %u seconds; it lacks on: %s"),
               self->n_reached, self->n_hosts, (guint) wanted.timeout, missing);
}

static CliExit
conclude (const Wait *self, GError **error)
{
  g_autofree char *line = NULL;

  if (complain (self))
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                   _ ("hosts refuse %s, and keep the text before it"), self->place->name);
      return CLI_EXIT_FAILED;
    }

  line = self->n_hosts > 0
             ? g_strdup_printf (_ ("%u of %u hosts have it"), self->n_reached, self->n_hosts)
             : g_strdup (_ ("no host reports: each gets the change when its agent starts"));
  if (!cli_output_is_quiet () && !cli_output_is_json ())
    cli_print_line (line);

  return CLI_EXIT_DONE;
}

/**
 * fleet_wait_run:
 * @place: the changed text
 * @revision: of the change
 *
 * Waits until enough hosts report that they have the change, or the time is over.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
fleet_wait_run (FleetSession *session, const FleetPlace *place, gint64 revision, GError **error)
{
  Wait self
      = { .store = fleet_session_open (session, error), .place = place, .revision = revision };
  CliExit status = CLI_EXIT_FAILED;
  GError *failure = NULL;

  if (look (&self, &failure) && (is_enough (&self) || wait_for_hosts (&self, &failure)))
    status = conclude (&self, &failure);
  else if (failure == NULL)
    fail (&self, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  g_clear_pointer (&self.survey, fleet_survey_free);

  return status;
}
