/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/terminal/options.h"
#include "core/node.h"

G_BEGIN_DECLS

/**
 * CliPaint:
 *
 * The meaning of a text, which a colour can show.
 */
typedef enum
{
  CLI_PAINT_NONE,
  CLI_PAINT_HEADING,
  CLI_PAINT_KEY,
  CLI_PAINT_FAINT,
  CLI_PAINT_ADDED,
  CLI_PAINT_REMOVED,
  CLI_PAINT_CHANGED,
  CLI_PAINT_ALARM,
} CliPaint;

void cli_output_begin (const CliOptions *options);
gboolean cli_output_end (GError **error);

gboolean cli_output_is_json (void);
gboolean cli_output_is_quiet (void);
gboolean cli_output_is_terminal (void);
gboolean cli_output_can_show_progress (void);
guint cli_output_get_width (void);

void cli_output_complain (const char *line);

void cli_print (const char *text);
void cli_print_painted (CliPaint paint, const char *text);
void cli_print_line (const char *text);
void cli_print_value (const RunconfNode *value);
void cli_print_yaml (const RunconfNode *value);
void cli_print_json (const RunconfNode *value);
void cli_print_json_line (const RunconfNode *value);

char *cli_escape_controls (const char *text);

G_END_DECLS
