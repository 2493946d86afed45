/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* the State of a runconfd without problems, and the health of a host whose command succeeds */
#define RUNCONF_FLEET_OK "ok"

/* Of two hosts with one name, the second reports at `status/HOST.duplicate-ID`. */
#define RUNCONF_FLEET_DOUBLE ".duplicate-"

/**
 * RunconfFleetReport:
 * @name: the configuration
 * @revision: the revision of the store whose documents for this host are all in the files of its
 *   layer, or are refused; 0 before the first
 * @state: (nullable): State of the host's runconfd; %NULL if the agent doesn't ask it
 * @message: (nullable): its StateMessage
 * @refused: (nullable): for each document whose last good text stays, its key, position and error:
 *   `config/web/all:3:5: …`
 * @health: (nullable): %RUNCONF_FLEET_OK, or the last output of the health command that failed;
 *   %NULL without such a command
 * @rollout: (nullable): the ids of the rollouts whose texts are in the files, separated by spaces
 *
 * The state of one configuration on one host. All texts are owned.
 */
typedef struct
{
  char *name;
  gint64 revision;
  char *state;
  char *message;
  char **refused;
  char *health;
  char *rollout;
} RunconfFleetReport;

/**
 * RunconfFleetStatus:
 * @host: its name
 * @machine: a random id of the installation, by which two hosts with one name are told apart
 * @agent: the version of the agent
 * @groups: the groups that the host is in, in alphabetical order
 * @time: when the agent last ran, in µs since the epoch, by the clock of the host; 0 in a report,
 *   since a report is there as long as the agent runs
 * @reports: (element-type RunconfFleetReport): its configurations
 *
 * The report of a host, which its agent keeps in the store. All texts are owned.
 */
typedef struct
{
  char *host;
  char *machine;
  char *agent;
  char **groups;
  gint64 time;
  GPtrArray *reports;
} RunconfFleetStatus;

RunconfFleetStatus *runconf_fleet_status_new (const char *host, const char *machine,
                                              const char *agent, const char *const *groups);
void runconf_fleet_status_free (RunconfFleetStatus *self);

RunconfFleetReport *runconf_fleet_status_add (RunconfFleetStatus *self, const char *name);
RunconfFleetReport *runconf_fleet_status_find (const RunconfFleetStatus *self, const char *name);
gboolean runconf_fleet_report_is_well (const RunconfFleetReport *self);
gboolean runconf_fleet_report_has_rollout (const RunconfFleetReport *self, const char *id);
char *runconf_fleet_report_describe (const RunconfFleetReport *self);

RunconfFleetStatus *runconf_fleet_status_read (GBytes *text, const char *name, GError **error);
GBytes *runconf_fleet_status_write (const RunconfFleetStatus *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetStatus, runconf_fleet_status_free)

G_END_DECLS
