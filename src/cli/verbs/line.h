/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/verbs/verb.h"

G_BEGIN_DECLS

/**
 * CliLine:
 * @word: the beginning of the word to complete, which may be empty
 * @prefix: the part before it in the same word, like “--color=”; otherwise empty
 * @verb: (nullable): the verb, if the line has one already
 * @global: the options of all verbs in the line, as they were typed
 * @arguments: the arguments of the verb in the line
 * @rest: (nullable): the words behind a verb that parses them itself
 * @form_argument: (nullable): the argument of the option that selects an alternative of the synopsis,
 *   like “--root=FOLDER”
 * @wants: (nullable): the kinds of words that are allowed here, as named in a synopsis: “PATH”,
 *   “FILE”…; %NULL if there are none
 * @wants_option: whether the word is an option
 *
 * A command line that the user is still typing.
 */
typedef struct
{
  const char *word;
  char *prefix;
  const CliVerb *verb;
  GPtrArray *global;
  GPtrArray *arguments;
  char **rest;
  char *form_argument;
  char **wants;
  gboolean wants_option;
} CliLine;

CliLine *cli_line_new (char **words);
void cli_line_free (CliLine *self);

GPtrArray *cli_line_get_options (const CliLine *self);
gboolean cli_line_wants (const CliLine *self, const char *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliLine, cli_line_free)

G_END_DECLS
