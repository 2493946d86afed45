/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/style.h"

#include <string.h>

#include "yaml/quote.h"

/* Chooses the style of a string so that every YAML parser reads the same string. */

/* No number or date is longer in practice. */
#define MAX_PATTERN_LENGTH 256

/* Words that are not strings in YAML 1.1 or 1.2, in some combination of cases. */
static const char *const words[]
    = { "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<" };

/* Numbers and dates of YAML 1.1 and 1.2, and of parsers that extend them: underscores and commas
 * between digits, octal with and without an “o”, base 60, an exponent without a point.
 */
static const char pattern[] = "[-+]? 0b [01_,]+"
                              "| [-+]? 0x [0-9a-f_,]+"
                              "| [-+]? 0o? [0-7_,]+"
                              "| [-+]? [0-9_,]+ (e [-+]? [0-9]+)?"
                              "| [-+]? [0-9_,]* \\. [0-9_,]* (e [-+]? [0-9]+)?"
                              "| [-+]? [0-9] [0-9_]* (: [0-5]? [0-9])+ (\\. [0-9_]*)?"
                              "| [-+]? \\. (inf | nan)"
                              "| [0-9]{4} - [0-9]{1,2} - [0-9]{1,2}"
                              "  ((t | [\\ \\t]+) [0-9]{1,2} : [0-9]{2} : [0-9]{2} (\\. [0-9]*)?"
                              "  ([\\ \\t]* (z | [-+] [0-9]{1,2} (:? [0-9]{2})?))?)?";

#define PATTERN_CHARACTERS "0123456789abcdefABCDEFxXoOtTzZinIN_,.:+- \t"

static const GRegex *
get_regex (void)
{
  static GRegex *regex = NULL;

  if (g_once_init_enter (&regex))
    {
      g_autofree char *whole = g_strdup_printf ("^(%s)$", pattern);

      g_once_init_leave (&regex, g_regex_new (whole,
                                              G_REGEX_CASELESS | G_REGEX_EXTENDED
                                                  | G_REGEX_DOLLAR_ENDONLY | G_REGEX_OPTIMIZE,
                                              0, NULL));
    }

  return regex;
}

static gboolean
looks_like_number (const char *text, gsize length)
{
  if (!g_ascii_isdigit (*text) && strchr ("+-.", *text) == NULL)
    return FALSE;
  if (strspn (text, PATTERN_CHARACTERS) < length)
    return FALSE;

  return length > MAX_PATTERN_LENGTH || g_regex_match (get_regex (), text, 0, NULL);
}

/* Returns: whether any parser would give a plain scalar of this text another type */
static gboolean
has_other_type (const char *text, gsize length)
{
  if (length == 0)
    return TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (g_ascii_strcasecmp (text, words[i]) == 0)
        return TRUE;
    }

  return looks_like_number (text, length);
}

/* Returns: whether a plain scalar can't begin like this text */
static gboolean
begins_like_syntax (const char *text)
{
  if (*text == '-')
    return text[1] == '\0' || text[1] == ' ' || g_str_has_prefix (text, "---");

  return strchr (" ?:,[]{}#&*!|>'\"%@`", *text) != NULL || g_str_has_prefix (text, "...");
}

static gboolean
can_be_plain (const char *text, gsize length)
{
  return !has_other_type (text, length) && !begins_like_syntax (text)
         && strchr (" :", text[length - 1]) == NULL && strstr (text, ": ") == NULL
         && strstr (text, " #") == NULL;
}

/* In brackets more characters are syntax, and parsers disagree about a colon or a question mark in
 * the middle.
 */
static gboolean
can_be_plain_in_flow (const char *text, gsize length)
{
  return strpbrk (text, ",[]{}:?") == NULL && can_be_plain (text, length);
}

/* Returns: whether the lines of a text are preserved as they are: they have no white space at the
 * end, which is invisible, and no tab at the beginning, which looks like spaces
 */
static gboolean
can_be_literal (const char *text, gsize length)
{
  const char *end = text + length;

  for (const char *line = text; line < end; line++)
    {
      const char *line_end = memchr (line, '\n', end - line);

      if (line_end == NULL)
        line_end = end;
      if (line_end > line && (*line == '\t' || line_end[-1] == ' ' || line_end[-1] == '\t'))
        return FALSE;
      line = line_end;
    }

  return strspn (text, "\n") < length;
}

/* A folded string is broken at its spaces, so each space has to be between two words. Indented
 * lines aren't folded.
 */
static gboolean
can_be_folded (const char *text, gsize length)
{
  return can_be_literal (text, length) && *text != '\n' && *text != ' '
         && strstr (text, "\n ") == NULL && strstr (text, "  ") == NULL
         && strchr (text, '\t') == NULL && !g_str_has_suffix (text, "\n\n");
}

/**
 * runconf_style_choose:
 * @text: of @length bytes, ended by a NUL
 * @place: the place of the string
 *
 * Chooses the plainest style in which YAML 1.1 and YAML 1.2 parsers read the same string.
 *
 * Returns: plain, single-quoted, double-quoted or literal
 */
RunconfSpanStyle
runconf_style_choose (const char *text, gsize length, RunconfPlace place)
{
  const char *end = text + length;
  gboolean has_lines = FALSE;
  gboolean has_tab = FALSE;

  for (const char *p = text; p < end; p = g_utf8_next_char (p))
    {
      if (*p == '\n')
        has_lines = TRUE;
      else if (*p == '\t')
        has_tab = TRUE;
      else if (runconf_quote_needs_escape (g_utf8_get_char (p)))
        return RUNCONF_STYLE_DOUBLE_QUOTED;
    }

  if (has_lines && place == RUNCONF_PLACE_BLOCK && can_be_literal (text, length))
    return RUNCONF_STYLE_LITERAL;
  if (has_lines || has_tab)
    return RUNCONF_STYLE_DOUBLE_QUOTED;
  if (place == RUNCONF_PLACE_FLOW ? can_be_plain_in_flow (text, length)
                                  : can_be_plain (text, length))
    return RUNCONF_STYLE_PLAIN;

  return RUNCONF_STYLE_SINGLE_QUOTED;
}

/**
 * runconf_style_choose_like:
 * @text: of @length bytes, ended by a NUL
 * @like: the style of the previous string
 * @place: the place of the string
 *
 * Chooses a style as runconf_style_choose() does, but prefers the previous style if the string can
 * be written in it: quotes stay quotes, and a folded string stays folded.
 *
 * Returns: plain, single-quoted, double-quoted, literal or folded
 */
RunconfSpanStyle
runconf_style_choose_like (const char *text, gsize length, RunconfSpanStyle like,
                           RunconfPlace place)
{
  RunconfSpanStyle chosen = runconf_style_choose (text, length, place);

  if (like == RUNCONF_STYLE_DOUBLE_QUOTED)
    return RUNCONF_STYLE_DOUBLE_QUOTED;
  if (like == RUNCONF_STYLE_SINGLE_QUOTED && chosen == RUNCONF_STYLE_PLAIN)
    return RUNCONF_STYLE_SINGLE_QUOTED;
  if (like == RUNCONF_STYLE_FOLDED && place == RUNCONF_PLACE_BLOCK
      && chosen != RUNCONF_STYLE_DOUBLE_QUOTED && length > 0 && can_be_folded (text, length))
    return RUNCONF_STYLE_FOLDED;

  return chosen;
}
