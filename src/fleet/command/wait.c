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
#include "fleet/control/look.h"
#include "fleet/control/lookout.h"

/* Waits until hosts report that they have a change.
 *
 * The hosts are those that report: one that is gone gets the change at its next start. They are
 * counted again after changes of the reports, at most every INTERVAL_MS.
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
  const FleetPlace *place;
  gint64 revision;
  FleetLookout *lookout;
  const FleetSurvey *survey; /* of the last look */
  guint n_hosts;
  guint n_reached;
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
has_reached (const Wait *self, const FleetHost *host)
{
  const RunconfFleetReport *report = get_report (self, host);

  return report != NULL && report->revision >= self->revision;
}

static gboolean
look (Wait *self, GError **error)
{
  self->survey = fleet_lookout_look (self->lookout, error);
  self->n_hosts = self->n_reached = 0;
  if (self->survey == NULL)
    return FALSE;

  for (guint i = 0; i < self->survey->hosts->len; i++)
    {
      const FleetHost *host = self->survey->hosts->pdata[i];

      if (!fleet_look_concerns (self->place, host))
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
  /* a timer of seconds may end before its time */
  guint timeout = g_timeout_add ((guint) wanted.timeout * 1000, on_timeout, self);
  guint interval = g_timeout_add (INTERVAL_MS, on_interval, NULL);
  gint64 next = 0;
  gboolean is_read = TRUE;

  while (is_read && !is_enough (self) && !self->is_late)
    {
      draw (self);
      g_main_context_iteration (NULL, TRUE);
      if (!fleet_lookout_has_news (self->lookout) || g_get_monotonic_time () < next)
        continue;
      is_read = look (self, error);
      next = g_get_monotonic_time () + INTERVAL_MS * G_TIME_SPAN_MILLISECOND;
    }

  if (!self->is_late)
    g_source_remove (timeout);
  else if (is_read)
    is_read = look (self, error);
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
      const RunconfFleetReport *report
          = fleet_look_concerns (self->place, host) ? get_report (self, host) : NULL;
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

      if (!fleet_look_concerns (self->place, host) || has_reached (self, host))
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
  g_autoptr (FleetLookout) lookout = fleet_lookout_new (fleet_session_open (session, error));
  Wait self = { .place = place, .revision = revision, .lookout = lookout };
  CliExit status = CLI_EXIT_FAILED;
  GError *failure = NULL;

  if (look (&self, &failure) && (is_enough (&self) || wait_for_hosts (&self, &failure)))
    status = conclude (&self, &failure);
  else if (failure == NULL)
    fail (&self, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);

  return status;
}
