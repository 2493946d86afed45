/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "cli/session/session.h"
#include "cli/terminal/exit.h"

G_BEGIN_DECLS

/* for verbs with any number of arguments */
#define CLI_ANY G_MAXUINT

/**
 * CliVerb:
 * @name: the name on the command line
 * @synopsis: (nullable): its arguments; like all texts for users in this struct it is translated
 * @summary: its purpose, in a few words
 * @description: an explanation, with an example
 * @min_arguments: the minimum number of arguments
 * @max_arguments: the maximum number, or %CLI_ANY
 * @entries: (nullable): its own options
 * @is_change: whether it also has the options of a change
 * @takes_values: whether an argument after a path may be a value like “-5”
 * @takes_command: whether a “--” and a separate command line may follow, which are not parsed
 * @takes_all: whether it parses all that follows it itself, options included
 * @is_for_programs: whether only programs use it, so that the help doesn't list it
 * @run: performs the verb, and returns the exit status; an error takes precedence over it
 *
 * A verb of the command. The verb “get” is in the file verb-get.c, and so on.
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
  gboolean takes_all;
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
extern const CliVerb cli_verb_explain;
extern const CliVerb cli_verb_export;
extern const CliVerb cli_verb_fleet;
extern const CliVerb cli_verb_get;
extern const CliVerb cli_verb_history;
extern const CliVerb cli_verb_import;
extern const CliVerb cli_verb_list;
extern const CliVerb cli_verb_load;
extern const CliVerb cli_verb_merge;
extern const CliVerb cli_verb_reset;
extern const CliVerb cli_verb_unset;
extern const CliVerb cli_verb_revert;
extern const CliVerb cli_verb_set;
extern const CliVerb cli_verb_status;
extern const CliVerb cli_verb_tree;
extern const CliVerb cli_verb_validate;
extern const CliVerb cli_verb_watch;

const CliVerb *const *cli_verbs_get (guint *n_verbs);
const CliVerb *cli_verb_find (const char *name, GError **error);

G_END_DECLS
