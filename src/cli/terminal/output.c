/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/output.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "cli/terminal/failure.h"
#include "cli/terminal/format.h"
#include "yaml/emitter.h"
#include "yaml/json.h"

/* All output of the command: standard output, and messages on standard error. */
static struct
{
  gboolean is_json;
  gboolean is_quiet;
  gboolean is_terminal;
  gboolean is_coloured;
  gboolean is_error_terminal;
  gboolean is_error_coloured;
  gboolean has_failed;
} output;

static const char *const paints[] = {
  [CLI_PAINT_NONE] = "",
  [CLI_PAINT_HEADING] = "\033[1m",
  [CLI_PAINT_KEY] = "\033[34m",
  [CLI_PAINT_FAINT] = "\033[2m",
  [CLI_PAINT_ADDED] = "\033[32m",
  [CLI_PAINT_REMOVED] = "\033[31m",
  [CLI_PAINT_CHANGED] = "\033[33m",
  [CLI_PAINT_ALARM] = "\033[1;31m",
};

#define UNPAINT "\033[0m"

static gboolean
wants_colour (const CliOptions *options, gboolean is_terminal)
{
  const char *no_color = g_getenv ("NO_COLOR");

  if (options->color != NULL && strcmp (options->color, "auto") != 0)
    return strcmp (options->color, "always") == 0;
  if (no_color != NULL && *no_color != '\0')
    return FALSE;

  return is_terminal && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

/**
 * cli_output_begin:
 *
 * Sets the format of all output from now on.
 */
void
cli_output_begin (const CliOptions *options)
{
  output.is_json = options->json;
  output.is_quiet = options->quiet;
  output.is_terminal = isatty (STDOUT_FILENO);
  output.is_coloured = wants_colour (options, output.is_terminal);
  output.is_error_terminal = isatty (STDERR_FILENO);
  output.is_error_coloured = wants_colour (options, output.is_error_terminal);
}

/**
 * cli_output_end:
 *
 * Flushes the output. If the reader has closed the pipe, as in “| head”, ends the process with
 * SIGPIPE, as other commands do: GIO ignores that signal by default.
 *
 * Returns: %FALSE with an error if a part of the output couldn't be written; the error is returned
 *   only once
 */
gboolean
cli_output_end (GError **error)
{
  if (output.has_failed || (fflush (stdout) == 0 && !ferror (stdout)))
    return TRUE;

  if (errno == EPIPE)
    {
      signal (SIGPIPE, SIG_DFL);
      raise (SIGPIPE);
    }

  output.has_failed = TRUE;
  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, _ ("standard output can't be written: %s"),
               g_strerror (errno));

  return FALSE;
}

gboolean
cli_output_is_json (void)
{
  return output.is_json;
}

gboolean
cli_output_is_quiet (void)
{
  return output.is_quiet;
}

gboolean
cli_output_is_terminal (void)
{
  return output.is_terminal;
}

/**
 * cli_output_can_show_progress:
 *
 * Returns: whether standard error is a terminal that can erase output, and --quiet isn't given
 */
gboolean
cli_output_can_show_progress (void)
{
  return output.is_error_terminal && !output.is_quiet && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

/**
 * cli_output_get_width:
 *
 * Returns: the width of the terminal in columns; 0 without a terminal, which means no limit
 */
guint
cli_output_get_width (void)
{
  struct winsize size;

  if (!output.is_terminal || ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
    return 0;

  return size.ws_col;
}

/* Returns: whether a terminal would execute the character, or it would change the direction of the
 * text around it
 */
static gboolean
is_control (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SURROGATE:
      return TRUE;
    default:
      return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e)
             || (c >= 0x2066 && c <= 0x2069);
    }
}

static void
append_escape (GString *out, gunichar c)
{
  if (c <= 0xff)
    g_string_append_printf (out, "\\x%02x", c);
  else
    g_string_append_printf (out, "\\u%04x", c);
}

/**
 * cli_escape_controls:
 * @text: any bytes
 *
 * Makes a text safe for a terminal: control characters are replaced by visible escapes, except for
 * line breaks and tabs.
 *
 * Returns: (transfer full): valid UTF-8
 */
char *
cli_escape_controls (const char *text)
{
  const char *end = text + strlen (text);
  g_autoptr (GString) out = g_string_sized_new (end - text);

  while (text < end)
    {
      gunichar c = g_utf8_get_char_validated (text, end - text);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          append_escape (out, (guchar) *text++);
          continue;
        }

      if (c != '\n' && c != '\t' && is_control (c))
        append_escape (out, c);
      else
        g_string_append_unichar (out, c);
      text += g_unichar_to_utf8 (c, NULL);
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}

/**
 * cli_output_complain:
 * @line: the description of an error
 *
 * Prints an error to standard error.
 */
void
cli_output_complain (const char *line)
{
  g_autofree char *shown = cli_escape_controls (line);

  fflush (stdout);
  fprintf (stderr, "%srunconf:%s %s\n", output.is_error_coloured ? paints[CLI_PAINT_ALARM] : "",
           output.is_error_coloured ? UNPAINT : "", shown);
}

/**
 * cli_print:
 * @text: UTF-8
 *
 * Prints a text as it is; on a terminal, with control characters replaced.
 */
void
cli_print (const char *text)
{
  g_autofree char *shown = output.is_terminal ? cli_escape_controls (text) : NULL;

  fputs (shown != NULL ? shown : text, stdout);
}

void
cli_print_painted (CliPaint paint, const char *text)
{
  if (!output.is_coloured || paint == CLI_PAINT_NONE)
    {
      cli_print (text);
      return;
    }

  fputs (paints[paint], stdout);
  cli_print (text);
  fputs (UNPAINT, stdout);
}

void
cli_print_line (const char *text)
{
  cli_print (text);
  fputc ('\n', stdout);
}

static char *
format_scalar (const RunconfNode *value)
{
  gconstpointer data;
  gsize size;

  switch (runconf_node_get_kind (value))
    {
    case RUNCONF_KIND_STRING:
      return g_strdup (runconf_node_get_string (value, NULL));
    case RUNCONF_KIND_BINARY:
      data = runconf_node_get_binary (value, &size);
      return g_base64_encode (data, size);
    case RUNCONF_KIND_NULL:
    case RUNCONF_KIND_BOOLEAN:
    case RUNCONF_KIND_INTEGER:
    case RUNCONF_KIND_UNSIGNED:
    case RUNCONF_KIND_DOUBLE:
    case RUNCONF_KIND_SEQUENCE:
    case RUNCONF_KIND_MAPPING:
    default:
      return cli_format_value (value);
    }
}

static gboolean
is_collection (const RunconfNode *value)
{
  RunconfKind kind = runconf_node_get_kind (value);

  return kind == RUNCONF_KIND_MAPPING || kind == RUNCONF_KIND_SEQUENCE;
}

/**
 * cli_print_value:
 *
 * Prints a value: scalars without quotes, collections as YAML, or everything as JSON if that is
 * selected.
 */
void
cli_print_value (const RunconfNode *value)
{
  g_autofree char *plain = NULL;

  if (output.is_json)
    {
      cli_print_json (value);
      return;
    }

  if (is_collection (value))
    {
      cli_print_yaml (value);
      return;
    }

  plain = format_scalar (value);
  cli_print_line (plain);
}

void
cli_print_yaml (const RunconfNode *value)
{
  g_autoptr (GString) out = g_string_new (NULL);

  runconf_emit_yaml (out, value);
  cli_print (out->str);
}

void
cli_print_json (const RunconfNode *value)
{
  g_autoptr (GString) out = g_string_new (NULL);

  runconf_emit_json (out, value);
  cli_print_line (out->str);
}

/**
 * cli_print_json_line:
 *
 * The same as cli_print_json() on one line, for programs that read a stream.
 */
void
cli_print_json_line (const RunconfNode *value)
{
  g_autoptr (GString) out = g_string_new (NULL);

  runconf_emit_json_line (out, value);
  cli_print_line (out->str);
}
