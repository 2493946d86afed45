/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "cli/exit.h"
#include "cli/session.h"

G_BEGIN_DECLS

/* for a verb that takes any number of arguments */
#define CLI_ANY G_MAXUINT

/**
 * CliVerb:
 * @name: how it is called
 * @synopsis: (nullable): its arguments, to be translated, as everything here that people read
 * @summary: what it does, in a few words
 * @description: more about it, with an example
 * @min_arguments: how many it takes at least
 * @max_arguments: and at most, or %CLI_ANY
 * @entries: (nullable): its own options
 * @is_change: whether it has the options of a change too
 * @takes_values: whether an argument behind a path may be a value like “-5”
 * @takes_command: whether a “--” and a command line of its own may follow, which are left alone
 * @is_for_programs: whether it is of no use to people, so that the list of verbs leaves it out
 * @run: does it, and returns the exit status; if it sets the error, that decides
 *
 * What can be done with the command.
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
  gboolean is_change;
  gboolean takes_values;
  gboolean takes_command;
  gboolean is_for_programs;
  CliExit (*run) (CliSession *session, char **arguments, GError **error);
} CliVerb;

extern const CliVerb cli_verb_complete;
extern const CliVerb cli_verb_configurations;
extern const CliVerb cli_verb_confirm;
extern const CliVerb cli_verb_demo;
extern const CliVerb cli_verb_describe;
extern const CliVerb cli_verb_diff;
extern const CliVerb cli_verb_dump;
extern const CliVerb cli_verb_edit;
extern const CliVerb cli_verb_get;
extern const CliVerb cli_verb_history;
extern const CliVerb cli_verb_list;
extern const CliVerb cli_verb_load;
extern const CliVerb cli_verb_merge;
extern const CliVerb cli_verb_reset;
extern const CliVerb cli_verb_revert;
extern const CliVerb cli_verb_set;
extern const CliVerb cli_verb_status;
extern const CliVerb cli_verb_tree;
extern const CliVerb cli_verb_validate;
extern const CliVerb cli_verb_watch;

const CliVerb *const *cli_verbs_get (guint *n_verbs);
const CliVerb *cli_verb_find (const char *name, GError **error);

G_END_DECLS
