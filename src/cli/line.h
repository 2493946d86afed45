/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/verb.h"

G_BEGIN_DECLS

/**
 * CliLine:
 * @word: the beginning of what is to be completed, which may be empty
 * @prefix: what stands before it in the same word, like “--color=”; else empty
 * @verb: (nullable): which is there already
 * @global: the options of all verbs that are there, as they were given
 * @arguments: of the verb, that are there
 * @wants: (nullable): what may stand at the word, as a synopsis calls it: “PATH”, “FILE”…; %NULL
 *   if nothing may
 * @wants_option: whether it is an option
 *
 * A command line that somebody is still typing.
 */
typedef struct
{
  const char *word;
  char *prefix;
  const CliVerb *verb;
  GPtrArray *global;
  GPtrArray *arguments;
  char **wants;
  gboolean wants_option;
} CliLine;

CliLine *cli_line_new (char **words);
void cli_line_free (CliLine *self);

GPtrArray *cli_line_get_options (const CliLine *self);
gboolean cli_line_wants (const CliLine *self, const char *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliLine, cli_line_free)

G_END_DECLS
