/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/pattern.h"

#include <string.h>

#include "core/error.h"

#define MAX_PATTERN_BYTES 4096

/* PCRE counts its steps: a pattern with excessive backtracking is stopped after about 10 ms. A
 * pattern can lower these limits, but never raise them. Nested groups take memory, which the limits
 * of depth and heap bound. These two have no effect in the just-in-time compiler, which GRegex uses
 * only with G_REGEX_OPTIMIZE.
 */
#define LIMITS "(*LIMIT_MATCH=500000)(*LIMIT_DEPTH=20000)(*LIMIT_HEAP=20000)"

struct _RunconfPattern
{
  char *source;
  GRegex *regex;
};

static gboolean
is_hex (const char *text, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      if (!g_ascii_isxdigit (text[i]))
        return FALSE;
    }

  return TRUE;
}

/* Appends an escape, translated if PCRE and ECMA 262, the syntax of schemas, differ: \d and \w are
 * ASCII only, \u has four digits.
 * Returns: the number of bytes of @at that were read
 */
static gsize
translate_escape (GString *out, const char *at, gboolean is_in_class)
{
  switch (at[1])
    {
    case 'd':
      g_string_append (out, is_in_class ? "0-9" : "[0-9]");
      return 2;
    case 'w':
      g_string_append (out, is_in_class ? "0-9A-Za-z_" : "[0-9A-Za-z_]");
      return 2;
    case 'D':
    case 'W':
      if (is_in_class)
        break;
      g_string_append (out, at[1] == 'D' ? "[^0-9]" : "[^0-9A-Za-z_]");
      return 2;
    case 'u':
      if (!is_hex (at + 2, 4))
        break;
      g_string_append_printf (out, "\\x{%.4s}", at + 2);
      return 6;
    default:
      break;
    }

  g_string_append_c (out, *at);
  if (at[1] == '\0')
    return 1;
  g_string_append_c (out, at[1]);

  return 2;
}

static char *
translate (const char *source)
{
  g_autoptr (GString) out = g_string_new (LIMITS);
  gboolean is_in_class = FALSE;

  while (*source != '\0')
    {
      if (*source == '\\')
        {
          source += translate_escape (out, source, is_in_class);
          continue;
        }

      /* an opening bracket in a class is a character, but PCRE would read [:alpha:] as a class */
      if (*source == '[' && is_in_class)
        g_string_append_c (out, '\\');
      else if (*source == '[')
        is_in_class = TRUE;
      else if (*source == ']')
        is_in_class = FALSE;
      g_string_append_c (out, *source++);
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}

/**
 * runconf_pattern_new:
 * @source: a regular expression of ECMA 262, which may use extensions of PCRE
 *
 * Returns: (transfer full) (nullable): the pattern, %NULL with %RUNCONF_ERROR_INVALID_VALUE
 */
RunconfPattern *
runconf_pattern_new (const char *source, GError **error)
{
  g_autoptr (RunconfPattern) self = NULL;
  g_autoptr (GError) cause = NULL;
  g_autofree char *translated = NULL;

  if (strlen (source) > MAX_PATTERN_BYTES)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                   "the pattern is too long: it may have at most %d bytes", MAX_PATTERN_BYTES);
      return NULL;
    }

  /* PCRE reads settings at the start; \C would match a part of a character */
  if (g_str_has_prefix (source, "(*") || strstr (source, "\\C") != NULL)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                   "the pattern contains settings of PCRE or “\\C”: leave them out");
      return NULL;
    }

  translated = translate (source);
  self = g_new0 (RunconfPattern, 1);
  self->source = g_strdup (source);
  self->regex = g_regex_new (translated, G_REGEX_DOLLAR_ENDONLY, 0, &cause);
  if (self->regex == NULL)
    {
      /* GLib's message repeats the pattern, with the limits before it */
      const char *reason = strrchr (cause->message, ':');

      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                   "it isn't a regular expression: %s",
                   reason != NULL ? reason + 2 : cause->message);
      return NULL;
    }

  return g_steal_pointer (&self);
}

void
runconf_pattern_free (RunconfPattern *self)
{
  g_clear_pointer (&self->regex, g_regex_unref);
  g_free (self->source);
  g_free (self);
}

const char *
runconf_pattern_get_source (const RunconfPattern *self)
{
  return self->source;
}

RunconfMatch
runconf_pattern_match (const RunconfPattern *self, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  gboolean matches = g_regex_match_full (self->regex, text, length, 0, 0, NULL, &error);

  if (error != NULL)
    return RUNCONF_MATCH_LIMIT;

  return matches ? RUNCONF_MATCH_YES : RUNCONF_MATCH_NO;
}
