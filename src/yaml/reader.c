/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/reader.h"

#include <string.h>

#include <yaml.h>

#include "yaml/builder.h"
#include "yaml/input.h"
#include "yaml/lines.h"
#include "yaml/problem.h"
#include "yaml/scalar.h"
#include "yaml/span.h"

/* Parses a text with libyaml's events, and finds the position, the tag and the value of each node.
 *
 * libyaml's time grows with the square of the depth, and with the square of the number of %TAG
 * lines. Neither gets large: the depth is limited as events are received, and the lines are counted
 * beforehand.
 */

#define MAX_SCANNED_DEPTH 100

typedef struct
{
  const RunconfText *text;
  RunconfInput *input;
  yaml_parser_t parser;
  GArray *spans; /* (element-type RunconfSpan) */
  RunconfBuilder *builder;
  RunconfScalarPool *pool;
} Reader;

static RunconfSpan *
get_span (Reader *self, guint index)
{
  return &g_array_index (self->spans, RunconfSpan, index);
}

/* For a key without a colon, libyaml places the empty value where the next token begins.
 * Returns: the position after the colon, if there is one, else after the key
 */
static gsize
find_empty_value (Reader *self, gsize offset)
{
  guint key = runconf_builder_get_key (self->builder);

  gsize sign;

  if (key == G_MAXUINT || offset == 0 || self->text->data[offset - 1] == ':')
    return offset;

  sign = runconf_lines_skip_gap (self->text, get_span (self, key)->end);

  return sign < offset && self->text->data[sign] == ':' ? sign + 1 : get_span (self, key)->end;
}

/* The end of a collection is only known when it is closed. */
static guint
add_span (Reader *self, const yaml_event_t *event, RunconfSpanKind kind, RunconfSpanStyle style,
          const yaml_char_t *anchor, const yaml_char_t *tag)
{
  gboolean is_leaf = kind == RUNCONF_SPAN_SCALAR || kind == RUNCONF_SPAN_ALIAS;
  gsize start = runconf_input_get_offset (self->input, event->start_mark.index);
  gsize end = self->text->length;
  RunconfSpan span = { .kind = kind, .style = style, .next = self->spans->len + 1 };
  gsize content;

  if (is_leaf)
    end = runconf_input_get_offset (self->input, event->end_mark.index);
  if (start == end)
    start = end = find_empty_value (self, start);

  content
      = anchor != NULL || tag != NULL ? runconf_span_find_content (self->text, start, end) : start;
  if (style == RUNCONF_STYLE_LITERAL || style == RUNCONF_STYLE_FOLDED)
    end = runconf_span_find_block_scalar_end (self->text, content, end);
  span.start = start;
  span.end = end;
  span.properties = content - start;
  g_array_append_val (self->spans, span);

  return self->spans->len - 1;
}

/* libyaml ends the name of an anchor at characters that are part of it in YAML 1.2, and parses the
 * rest of the name as a value.
 */
static gboolean
check_anchor (Reader *self, guint span, const yaml_char_t *anchor, GError **error)
{
  const char *data = self->text->data;
  gsize at = get_span (self, span)->start;
  gsize end;

  if (anchor == NULL)
    return TRUE;

  /* a tag before the anchor is followed by white space */
  while (data[at] != '&' || (at > get_span (self, span)->start && !g_ascii_isspace (data[at - 1])))
    at++;
  end = runconf_span_find_name_end (self->text, at);
  if (end == self->text->length || strchr ("?:%@`", data[end]) == NULL)
    return TRUE;

  runconf_text_fail (self->text, at, RUNCONF_ERROR_INVALID_VALUE, error,
                     "the name of an anchor is made of letters, digits, “_” and “-”; quote a text "
                     "that begins with “&”");

  return FALSE;
}

static gboolean
read_tag (Reader *self, guint span, const yaml_char_t *uri, RunconfTag *tag, GError **error)
{
  *tag = uri != NULL ? runconf_tag_from_uri ((const char *) uri) : RUNCONF_TAG_NONE;
  if (g_strcmp0 ((const char *) uri, RUNCONF_INPUT_UNSET) == 0
      && runconf_input_is_unset (self->input, get_span (self, span)->start,
                                 get_span (self, span)->end))
    *tag = RUNCONF_TAG_UNSET;
  if (*tag != RUNCONF_TAG_UNKNOWN)
    return TRUE;

  runconf_text_fail (self->text, get_span (self, span)->start, RUNCONF_ERROR_INVALID_VALUE, error,
                     "this tag is not known; leave it out, or quote a text that begins with “!”");
  return FALSE;
}

/* Checks a tag that says how a value is merged with the weaker layers. @fits: whether the value is of
 * the kind that the tag needs
 */
static gboolean
check_layer_tag (Reader *self, guint span, RunconfTag tag, gboolean fits, GError **error)
{
  gsize start = get_span (self, span)->start;

  if (!runconf_tag_is_of_layer (tag) || (fits && runconf_builder_allows_tag (self->builder)))
    return TRUE;

  if (runconf_builder_expects_key (self->builder))
    runconf_text_fail (self->text, start, RUNCONF_ERROR_INVALID_VALUE, error,
                       "a key can't have the tag “%s”; write the tag after the colon",
                       runconf_tag_get_name (tag));
  else if (!runconf_builder_allows_tag (self->builder))
    runconf_text_fail (self->text, start, RUNCONF_ERROR_INVALID_VALUE, error,
                       "the tag “%s” is for the value of a key, and has no meaning in a sequence, "
                       "in a merge key or for a whole text; leave it out",
                       runconf_tag_get_name (tag));
  else if (tag == RUNCONF_TAG_UNSET)
    runconf_text_fail (self->text, start, RUNCONF_ERROR_INVALID_VALUE, error,
                       "“" RUNCONF_TAG_KEY_UNSET "” hides a value and has none itself; leave out "
                       "either the tag or the value");
  else
    runconf_text_fail (self->text, start, RUNCONF_ERROR_INVALID_VALUE, error,
                       "“" RUNCONF_TAG_KEY_REPLACE "” is for a mapping; leave it out, since any "
                       "other value replaces the weaker layers' value anyway; an empty mapping is "
                       "“" RUNCONF_TAG_KEY_REPLACE " {}”");

  return FALSE;
}

/* Quotes make a difference: only a plain << is a merge key. */
static gboolean
is_merge_key (const yaml_event_t *event, RunconfTag tag)
{
  gboolean is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

  return (tag == RUNCONF_TAG_MERGE || (tag == RUNCONF_TAG_NONE && is_plain))
         && strcmp ((const char *) event->data.scalar.value, RUNCONF_MERGE_KEY) == 0;
}

static RunconfNode *
construct (Reader *self, const yaml_event_t *event, RunconfTag tag)
{
  const char *value = (const char *) event->data.scalar.value;
  gsize length = event->data.scalar.length;

  if (tag != RUNCONF_TAG_NONE)
    return runconf_scalar_construct (tag, value, length);
  if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
    return runconf_scalar_pool_resolve (self->pool, value, length);

  return runconf_node_new_string (value, length);
}

/* Makes the node of a scalar. A key is always the string as written, whatever type it looks like,
 * but it is made into a node too if it has a tag, which has to fit it.
 */
static RunconfNode *
read_node (Reader *self, const yaml_event_t *event, guint span, RunconfTag tag, GError **error)
{
  const char *value = (const char *) event->data.scalar.value;
  gsize length = event->data.scalar.length;
  const char *anchor = (const char *) event->data.scalar.anchor;
  RunconfNode *node = construct (self, event, tag);

  if (node == NULL)
    {
      /* the value may be a secret, so the message must not contain it */
      runconf_text_fail (self->text, get_span (self, span)->start, RUNCONF_ERROR_INVALID_VALUE,
                         error,
                         "the tag “!!%s” does not fit the value; leave the tag out, or correct it",
                         runconf_tag_get_name (tag));
      return NULL;
    }

  if (anchor != NULL)
    runconf_builder_anchor_scalar (self->builder, span, anchor, node, value, length);

  return node;
}

static gboolean
read_content (Reader *self, yaml_event_t *event, guint span, RunconfTag *tag, GError **error)
{
  char *value = (char *) event->data.scalar.value;
  gsize length = runconf_input_restore (self->input, value, event->data.scalar.length);

  event->data.scalar.length = length;
  if (event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE
      && memchr (value, '\0', length) != NULL)
    {
      runconf_text_fail (
          self->text, get_span (self, span)->start, RUNCONF_ERROR_INVALID_VALUE, error,
          "a string can't contain U+0000, which D-Bus can't carry; a value can be !!binary");
      return FALSE;
    }

  return read_tag (self, span, event->data.scalar.tag, tag, error);
}

/* In brackets libyaml parses any “?” as a key indicator; in YAML 1.2 a space has to follow it. */
static gboolean
check_key_sign (Reader *self, guint span, GError **error)
{
  gsize start = get_span (self, span)->start;

  if (start == 0 || self->text->data[start - 1] != '?')
    return TRUE;

  runconf_text_fail (self->text, start - 1, RUNCONF_ERROR_INVALID_VALUE, error,
                     "a “?” begins a key here; put a space after it, or quote the text");
  return FALSE;
}

static gboolean
read_key (Reader *self, yaml_event_t *event, guint span, RunconfTag tag, GError **error)
{
  g_autoptr (RunconfNode) node = NULL;

  if (!check_key_sign (self, span, error))
    return FALSE;

  get_span (self, span)->is_merge = is_merge_key (event, tag);
  if (!get_span (self, span)->is_merge
      && (tag != RUNCONF_TAG_NONE || event->data.scalar.anchor != NULL))
    {
      node = read_node (self, event, span, tag, error);
      if (node == NULL)
        return FALSE;
    }

  return runconf_builder_add_key (self->builder, span, (const char *) event->data.scalar.value,
                                  event->data.scalar.length, error);
}

/* The text is empty, possibly but for `---`: there is no value, not even null. */
static gboolean
is_nothing (Reader *self, const yaml_event_t *event)
{
  const RunconfSpan *only = get_span (self, 0);

  return self->spans->len == 1 && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
         && event->data.scalar.length == 0 && only->start == only->end;
}

static gboolean
is_unset (const yaml_event_t *event, RunconfTag tag)
{
  g_autoptr (RunconfNode) node = NULL;

  if (tag != RUNCONF_TAG_UNSET || event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
    return FALSE;

  node = runconf_scalar_construct (tag, (const char *) event->data.scalar.value,
                                   event->data.scalar.length);
  return node != NULL;
}

static gboolean
read_scalar (Reader *self, yaml_event_t *event, GError **error)
{
  static const RunconfSpanStyle styles[] = {
    [YAML_PLAIN_SCALAR_STYLE] = RUNCONF_STYLE_PLAIN,
    [YAML_SINGLE_QUOTED_SCALAR_STYLE] = RUNCONF_STYLE_SINGLE_QUOTED,
    [YAML_DOUBLE_QUOTED_SCALAR_STYLE] = RUNCONF_STYLE_DOUBLE_QUOTED,
    [YAML_LITERAL_SCALAR_STYLE] = RUNCONF_STYLE_LITERAL,
    [YAML_FOLDED_SCALAR_STYLE] = RUNCONF_STYLE_FOLDED,
  };
  RunconfSpanStyle style = styles[event->data.scalar.style];
  RunconfNode *node;
  RunconfTag tag;
  guint span = add_span (self, event, RUNCONF_SPAN_SCALAR, style, event->data.scalar.anchor,
                         event->data.scalar.tag);

  if (is_nothing (self, event))
    {
      g_array_set_size (self->spans, 0);
      return TRUE;
    }

  if (!check_anchor (self, span, event->data.scalar.anchor, error)
      || !read_content (self, event, span, &tag, error)
      || !check_layer_tag (self, span, tag, is_unset (event, tag), error))
    return FALSE;
  if (runconf_builder_expects_key (self->builder))
    return read_key (self, event, span, tag, error);

  node = read_node (self, event, span, tag, error);

  return node != NULL && runconf_builder_add_scalar (self->builder, span, node, error);
}

static gboolean
read_alias (Reader *self, const yaml_event_t *event, GError **error)
{
  guint span = add_span (self, event, RUNCONF_SPAN_ALIAS, RUNCONF_STYLE_PLAIN, NULL, NULL);

  return runconf_builder_add_alias (self->builder, span, (const char *) event->data.alias.anchor,
                                    error);
}

static gboolean
check_collection_tag (Reader *self, guint span, const yaml_char_t *uri, RunconfTag expected,
                      RunconfTag *found, GError **error)
{
  gboolean is_mapping = expected == RUNCONF_TAG_MAPPING;
  RunconfTag tag;

  if (!read_tag (self, span, uri, &tag, error))
    return FALSE;
  if (!check_layer_tag (self, span, tag, is_mapping && tag == RUNCONF_TAG_REPLACE, error))
    return FALSE;

  *found = tag;
  if (tag == RUNCONF_TAG_NONE || tag == RUNCONF_TAG_BARE || tag == expected
      || tag == RUNCONF_TAG_REPLACE)
    return TRUE;

  runconf_text_fail (self->text, get_span (self, span)->start, RUNCONF_ERROR_INVALID_VALUE, error,
                     "the tag “!!%s” does not fit a %s; leave it out", runconf_tag_get_name (tag),
                     expected == RUNCONF_TAG_MAPPING ? "mapping" : "sequence");
  return FALSE;
}

static gboolean
open_sequence (Reader *self, const yaml_event_t *event, GError **error)
{
  gboolean is_flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
  const yaml_char_t *anchor = event->data.sequence_start.anchor;
  const yaml_char_t *tag = event->data.sequence_start.tag;
  guint span = add_span (self, event, RUNCONF_SPAN_SEQUENCE,
                         is_flow ? RUNCONF_STYLE_FLOW : RUNCONF_STYLE_BLOCK, anchor, tag);
  RunconfTag found;

  return check_anchor (self, span, anchor, error)
         && check_collection_tag (self, span, tag, RUNCONF_TAG_SEQUENCE, &found, error)
         && runconf_builder_open (self->builder, span, (const char *) anchor, FALSE, error);
}

static gboolean
open_mapping (Reader *self, const yaml_event_t *event, GError **error)
{
  gboolean is_flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
  const yaml_char_t *anchor = event->data.mapping_start.anchor;
  const yaml_char_t *tag = event->data.mapping_start.tag;
  guint span = add_span (self, event, RUNCONF_SPAN_MAPPING,
                         is_flow ? RUNCONF_STYLE_FLOW : RUNCONF_STYLE_BLOCK, anchor, tag);
  RunconfTag found;

  return check_anchor (self, span, anchor, error)
         && check_collection_tag (self, span, tag, RUNCONF_TAG_MAPPING, &found, error)
         && runconf_builder_open (self->builder, span, (const char *) anchor,
                                  found == RUNCONF_TAG_REPLACE, error);
}

/* A collection in brackets ends with its bracket, an indented one with its last child. */
static gboolean
close_collection (Reader *self, const yaml_event_t *event, GError **error)
{
  guint index = runconf_builder_get_open (self->builder);
  RunconfSpan *span = get_span (self, index);
  char first = self->text->data[span->start + span->properties];

  span->next = self->spans->len;
  if (span->style == RUNCONF_STYLE_FLOW && (first == '[' || first == '{'))
    span->end = runconf_input_get_offset (self->input, event->end_mark.index);
  else
    span->end = get_span (self, runconf_builder_get_last_child (self->builder))->end;

  return runconf_builder_close (self->builder, error);
}

static gboolean
read_event (Reader *self, yaml_event_t *event, GError **error)
{
  switch (event->type)
    {
    case YAML_SCALAR_EVENT:
      return read_scalar (self, event, error);
    case YAML_ALIAS_EVENT:
      return read_alias (self, event, error);
    case YAML_SEQUENCE_START_EVENT:
      return open_sequence (self, event, error);
    case YAML_MAPPING_START_EVENT:
      return open_mapping (self, event, error);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      return close_collection (self, event, error);
    case YAML_DOCUMENT_END_EVENT:
      return runconf_text_check_rest (self->text,
                                      runconf_input_get_offset (self->input, event->end_mark.index),
                                      !event->data.document_end.implicit, error);
    default:
      return TRUE;
    }
}

/* An unescaped quote within a quoted string ends it too early, and libyaml fails at the text after
 * it.
 */
static gboolean
report_early_quote (Reader *self, GError **error)
{
  gsize offset = runconf_input_get_offset (self->input, self->parser.problem_mark.index);
  const RunconfSpan *last;

  if (self->parser.error != YAML_PARSER_ERROR || self->spans->len == 0)
    return FALSE;

  last = get_span (self, self->spans->len - 1);
  if (last->end != offset || last->kind != RUNCONF_SPAN_SCALAR)
    return FALSE;

  if (last->style == RUNCONF_STYLE_SINGLE_QUOTED)
    runconf_text_fail (self->text, last->start + last->properties, RUNCONF_ERROR_INVALID_VALUE,
                       error,
                       "the quote that opens here closes in the middle of the text; write '' for "
                       "a ' inside of it");
  else if (last->style == RUNCONF_STYLE_DOUBLE_QUOTED)
    runconf_text_fail (self->text, last->start + last->properties, RUNCONF_ERROR_INVALID_VALUE,
                       error,
                       "the quote that opens here closes in the middle of the text; write \\\" "
                       "for a \" inside of it");
  else
    return FALSE;

  return TRUE;
}

static void
start_parser (yaml_parser_t *parser, const RunconfInput *input)
{
  gsize length;
  const char *data = runconf_input_get_data (input, &length);

  if (!yaml_parser_initialize (parser))
    g_error ("out of memory");
  yaml_parser_set_input_string (parser, (const yaml_char_t *) data, length);
  yaml_parser_set_encoding (parser, YAML_UTF8_ENCODING);
}

static gboolean
read_events (Reader *self, GError **error)
{
  yaml_event_type_t type;
  yaml_event_t event;
  gboolean ok;

  do
    {
      if (!yaml_parser_parse (&self->parser, &event))
        {
          if (!report_early_quote (self, error))
            runconf_problem_report (&self->parser, self->text, self->input, error);
          return FALSE;
        }

      type = event.type;
      if (self->text->position != NULL)
        g_atomic_int_set (self->text->position, (gint) event.end_mark.index);
      ok = read_event (self, &event, error);
      yaml_event_delete (&event);
    }
  while (ok && type != YAML_STREAM_END_EVENT);

  return ok;
}

static gboolean
is_bare_unset (const yaml_event_t *event)
{
  return g_strcmp0 ((const char *) event->data.scalar.tag, RUNCONF_INPUT_UNSET) == 0
         && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event->data.scalar.length == 0;
}

/* Notes false escapes, in scalars that aren't double-quoted, and false tags, in all scalars. Stops at
 * any error in the text: the final pass reports it.
 */
static void
scan_changes (RunconfInput *input)
{
  yaml_parser_t parser;
  yaml_event_t event;
  yaml_event_type_t type = YAML_NO_EVENT;
  guint depth = 0;

  start_parser (&parser, input);
  while (type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT
         && depth < MAX_SCANNED_DEPTH && yaml_parser_parse (&parser, &event))
    {
      type = event.type;
      depth += type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT;
      depth -= type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT;
      if (type == YAML_SCALAR_EVENT)
        runconf_input_note_scalar (input, runconf_input_get_offset (input, event.start_mark.index),
                                   runconf_input_get_offset (input, event.end_mark.index),
                                   event.data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE,
                                   is_bare_unset (&event));
      yaml_event_delete (&event);
    }
  yaml_parser_delete (&parser);

  runconf_input_correct (input);
}

/**
 * runconf_reader_read:
 * @root: (out) (nullable) (transfer full): the tree, %NULL if the text holds nothing but comments
 * @spans: (element-type RunconfSpan): an empty array, which receives the positions of the nodes
 *
 * Parses a text.
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_VALUE or %RUNCONF_ERROR_TOO_LARGE if the text is
 *   refused
 */
gboolean
runconf_reader_read (const RunconfText *text, RunconfNode **root, GArray *spans, GError **error)
{
  g_autoptr (RunconfInput) input = NULL;
  g_autoptr (RunconfBuilder) builder = NULL;
  g_autoptr (RunconfScalarPool) pool = NULL;
  Reader self = { .text = text, .spans = spans };
  gboolean ok;

  if (!runconf_text_check (text, error) || !runconf_text_check_directives (text, error))
    return FALSE;

  input = runconf_input_new (text, error);
  if (input == NULL)
    return FALSE;
  if (runconf_input_has_changes (input))
    scan_changes (input);

  builder = runconf_builder_new (text, spans);
  pool = runconf_scalar_pool_new ();
  self.input = input;
  self.builder = builder;
  self.pool = pool;
  start_parser (&self.parser, input);
  ok = read_events (&self, error);
  yaml_parser_delete (&self.parser);
  *root = ok ? runconf_builder_end (builder) : NULL;

  return ok;
}
