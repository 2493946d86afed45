/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/terminal/exit.h"
#include "fleet/command/session.h"

G_BEGIN_DECLS

/* for verbs with any number of arguments */
#define FLEET_ANY G_MAXUINT

/**
 * FleetVerb:
 * @name: the name on the command line
 * @synopsis: (nullable): its arguments
 * @summary: its purpose, in a few words
 * @description: an explanation, with an example
 * @min_arguments: the minimum number of arguments
 * @max_arguments: the maximum number, or %FLEET_ANY
 * @entries: (nullable): its own options
 * @has_scope: whether it also has the options that name hosts
 * @is_change: whether it also has the options of a change
 * @takes_values: whether an argument after a path may be a value like “-5”
 * @is_for_programs: whether only programs use it, so that the help doesn't list it
 * @run: performs the verb, and returns the exit status; an error takes precedence over it
 *
 * A verb of `runconf fleet`. The verb “get” is in the file verb-get.c, and so on.
 */
typedef struct
{
  const char *name;
  const char *synopsis;
  const char *summary;
  const char *description;
  guint min_arguments;
  guint max_arguments;
  const GOptionEntry *entries;
  gboolean has_scope;
  gboolean is_change;
  gboolean takes_values;
  gboolean is_for_programs;
  CliExit (*run) (FleetSession *session, char **arguments, GError **error);
} FleetVerb;

extern const FleetVerb fleet_verb_complete;
extern const FleetVerb fleet_verb_diff;
extern const FleetVerb fleet_verb_edit;
extern const FleetVerb fleet_verb_get;
extern const FleetVerb fleet_verb_group;
extern const FleetVerb fleet_verb_history;
extern const FleetVerb fleet_verb_hosts;
extern const FleetVerb fleet_verb_keep;
extern const FleetVerb fleet_verb_load;
extern const FleetVerb fleet_verb_merge;
extern const FleetVerb fleet_verb_reset;
extern const FleetVerb fleet_verb_revert;
extern const FleetVerb fleet_verb_rollout;
extern const FleetVerb fleet_verb_set;
extern const FleetVerb fleet_verb_status;

const FleetVerb *const *fleet_verbs_get (guint *n_verbs);
const FleetVerb *fleet_verb_find (const char *name, GError **error);
const GOptionEntry *fleet_verb_get_change_entries (void);

G_END_DECLS
