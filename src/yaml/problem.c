/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/problem.h"

#include <string.h>

/* Translates the errors of libyaml into messages for the author of the text, with a correction. */

/**
 * Problem:
 * @context: (nullable): a part of libyaml's description of the context, %NULL for any
 * @problem: (nullable): libyaml's description of the problem, %NULL for any
 * @character: the character at the problem, 0 for any
 * @at_context: whether the error is at the start of the context, not at the place where libyaml
 *   stopped
 * @message: the description of the error and of the correction
 */
typedef struct
{
  const char *context;
  const char *problem;
  char character;
  gboolean at_context;
  const char *message;
} Problem;

static const Problem problems[] = {
  { NULL, "found character that cannot start any token", '\t', FALSE,
    "a tab can't indent; use spaces" },
  { NULL, "found character that cannot start any token", '@', FALSE,
    "a value can't begin with “@”, which YAML reserves; quote it" },
  { NULL, "found character that cannot start any token", '`', FALSE,
    "a value can't begin with “`”, which YAML reserves; quote it" },
  { NULL, "found character that cannot start any token", '%', FALSE,
    "a value can't begin with “%”; quote it" },
  { NULL, "found character that cannot start any token", '|', FALSE,
    "a block of text isn't allowed inside brackets; quote the text" },
  { NULL, "found character that cannot start any token", '>', FALSE,
    "a block of text isn't allowed inside brackets; quote the text" },
  { NULL, "found a tab character that violates indentation", 0, FALSE,
    "a tab can't indent; use spaces" },
  { NULL, "found a tab character where an indentation space is expected", 0, FALSE,
    "a tab can't indent; use spaces" },

  { "quoted scalar", "found unexpected end of stream", 0, TRUE,
    "the quote that opens here is never closed" },
  { "quoted scalar", "found unexpected document indicator", 0, TRUE,
    "the quote that opens here isn't closed before the end of the document" },
  { NULL, "found unknown escape character", 0, FALSE,
    "there is no such escape; write a backslash as “\\\\”, or use single quotes" },
  { NULL, "did not find expected hexdecimal number", 0, FALSE,
    "an escape needs two hexadecimal digits after “\\x”, four after “\\u”, eight after “\\U”" },
  { NULL, "found invalid Unicode character escape code", 0, FALSE,
    "this escape isn't a character; half of a surrogate pair isn't allowed alone" },

  { NULL, "found an indentation indicator equal to 0", 0, FALSE,
    "the digit after “|” or “>” sets the indentation and has to be 1 to 9" },
  { "block scalar", "did not find expected comment or line break", 0, FALSE,
    "a block of text begins on the line after “|” or “>”; only “+”, “-”, a digit or a comment may "
    "follow it" },

  { NULL, "could not find expected ':'", 0, TRUE,
    "a key needs a colon and a space after it, on one line of at most 1,024 characters" },
  { NULL, "mapping values are not allowed in this context", 0, FALSE,
    "a colon isn't allowed here; quote the text that contains it, or fix the indentation; a key "
    "ends on its line within 1,024 characters" },
  { NULL, "mapping keys are not allowed in this context", 0, FALSE,
    "a “?” that begins a key isn't allowed here; quote the text, or begin a line with it" },
  { NULL, "block sequence entries are not allowed in this context", 0, FALSE,
    "a “-” that begins an item isn't allowed here; begin a line with it" },

  { NULL, "did not find expected key", 0, FALSE,
    "this isn't a key of the mapping around it; fix the indentation, or quote the value before "
    "it" },
  { NULL, "did not find expected '-' indicator", 0, FALSE,
    "this isn't an item of the sequence around it; fix the indentation, or begin it with “- ”" },
  { NULL, "did not find expected ',' or ']'", 0, FALSE, "a comma or “]” is missing before this" },
  { NULL, "did not find expected ',' or '}'", 0, FALSE, "a comma or “}” is missing before this" },
  { NULL, "did not find expected node content", 0, FALSE, "a value is missing before this" },
  { NULL, "found unexpected ':'", 0, FALSE,
    "a colon isn't allowed here; put a space after it, or quote the text that contains it" },

  { "an alias", "did not find expected alphabetic or numeric character", 0, TRUE,
    "the name of an alias is made of letters, digits, “_” and “-”; quote a text that begins with "
    "“*”" },
  { "an anchor", "did not find expected alphabetic or numeric character", 0, TRUE,
    "the name of an anchor is made of letters, digits, “_” and “-”; quote a text that begins with "
    "“&”" },
  { NULL, "found incompatible YAML document", 0, FALSE,
    "only YAML 1.1 and 1.2 are supported; leave the %YAML line out" },
  { NULL, "found duplicate %YAML directive", 0, FALSE, "a second %YAML line; keep one" },
  { NULL, "found duplicate %TAG directive", 0, FALSE, "a second %TAG line for the same handle" },
  { "directive", NULL, 0, TRUE,
    "this isn't a %YAML or %TAG line; quote a text that begins with “%”" },
  { NULL, "found undefined tag handle", 0, FALSE,
    "the tag begins with a handle that no %TAG line defines; quote a text that begins with “!”" },
  { "a tag", NULL, 0, TRUE, "this isn't a tag; quote a text that begins with “!”" },

  { NULL, "did not find expected <document start>", 0, FALSE,
    "this doesn't belong to the lines above it; fix the indentation, quote the value before it, or "
    "end the “%” lines with a line “---”" },
};

static gsize
find_refused_character (const RunconfText *text)
{
  const char *end = text->data + text->length;
  const char *p = text->data + runconf_text_get_bom_length (text);

  while (p < end)
    {
      gunichar c = g_utf8_get_char (p);

      if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0 && c != 0x85)
          || c == 0xfffe || c == 0xffff)
        break;
      p = g_utf8_next_char (p);
    }

  return p - text->data;
}

static void
report_refused_character (const RunconfText *text, GError **error)
{
  gsize offset = find_refused_character (text);
  gunichar c = offset < text->length ? g_utf8_get_char (text->data + offset) : 0;

  runconf_text_fail (
      text, offset, RUNCONF_ERROR_INVALID_VALUE, error,
      "the character U+%04X isn't allowed in a text; write it as an escape in double quotes", c);
}

static gboolean
fits (const Problem *self, const yaml_parser_t *parser, char character)
{
  return (self->context == NULL
          || (parser->context != NULL && strstr (parser->context, self->context) != NULL))
         && (self->problem == NULL || g_strcmp0 (self->problem, parser->problem) == 0)
         && (self->character == 0 || self->character == character);
}

/**
 * runconf_problem_report:
 * @parser: a libyaml parser that failed
 * @text: the text that it was parsing
 *
 * Sets the error that describes the failure of the parser.
 */
void
runconf_problem_report (const yaml_parser_t *parser, const RunconfText *text, RunconfInput *input,
                        GError **error)
{
  gsize offset;
  char character;

  if (parser->error == YAML_MEMORY_ERROR)
    g_error ("out of memory");

  if (parser->error == YAML_READER_ERROR)
    {
      report_refused_character (text, error);
      return;
    }

  offset = runconf_input_get_offset (input, parser->problem_mark.index);
  character = offset < text->length ? text->data[offset] : '\0';

  for (guint i = 0; i < G_N_ELEMENTS (problems); i++)
    {
      const Problem *self = &problems[i];

      if (!fits (self, parser, character))
        continue;
      if (self->at_context)
        offset = runconf_input_get_offset (input, parser->context_mark.index);
      runconf_text_fail (text, offset, RUNCONF_ERROR_INVALID_VALUE, error, "%s", self->message);
      return;
    }

  runconf_text_fail (text, offset, RUNCONF_ERROR_INVALID_VALUE, error, "not valid YAML: %s%s%s",
                     parser->problem, parser->context != NULL ? " " : "",
                     parser->context != NULL ? parser->context : "");
}
