/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfFleetPhase:
 * @RUNCONF_FLEET_RUNNING: some hosts have the new text, the others the old one
 * @RUNCONF_FLEET_FINISHED: the new text is the document
 * @RUNCONF_FLEET_UNDONE: all hosts have the old text again
 */
typedef enum
{
  RUNCONF_FLEET_RUNNING,
  RUNCONF_FLEET_FINISHED,
  RUNCONF_FLEET_UNDONE,
} RunconfFleetPhase;

/**
 * RunconfFleetRollout:
 * @id: a random id, which decides on the order of the hosts
 * @author: the author of the change
 * @message: (nullable): the reason of the change
 * @text: the new text of the document
 * @before: the revision of the document before, 0 if there was none
 * @steps: how many hosts each step reaches: numbers, or percentages such as `10%`
 * @step: the current step, from 0
 * @n_hosts: how many hosts of the document reported when the step began; 0 if that isn't known
 * @soak: how long each step is watched, in seconds
 * @threshold: (nullable): hosts up to this hash have the new text; %NULL for none
 * @phase: the phase
 * @reason: (nullable): the reason why it is undone
 * @host: (nullable): the host that gave the reason
 *
 * The state of a rollout of a document. All members are owned.
 */
typedef struct
{
  char *id;
  char *author;
  char *message;
  char *text;
  gint64 before;
  char **steps;
  gint64 step;
  gint64 n_hosts;
  gint64 soak;
  char *threshold;
  RunconfFleetPhase phase;
  char *reason;
  char *host;
} RunconfFleetRollout;

RunconfFleetRollout *runconf_fleet_rollout_new (void);
RunconfFleetRollout *runconf_fleet_rollout_read (GBytes *text, const char *name, GError **error);
GBytes *runconf_fleet_rollout_write (const RunconfFleetRollout *self);
void runconf_fleet_rollout_free (RunconfFleetRollout *self);

char *runconf_fleet_rollout_hash (const RunconfFleetRollout *self, const char *host);
gboolean runconf_fleet_rollout_reaches (const RunconfFleetRollout *self, const char *host);
guint runconf_fleet_rollout_rank (const RunconfFleetRollout *self, const char *host);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetRollout, runconf_fleet_rollout_free)

G_END_DECLS
