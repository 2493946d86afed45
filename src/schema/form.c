/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/reader.h"

#include <math.h>

#include "core/error.h"
#include "core/escape.h"
#include "schema/keyword.h"

/* Checks the form of the values of keywords. */

static const char *const drafts[] = {
  "http://json-schema.org/draft-07/schema#",
  "http://json-schema.org/draft-07/schema",
  "https://json-schema.org/draft-07/schema#",
  "https://json-schema.org/draft-07/schema",
};

/* Sets the error for the value at @place. Returns: %FALSE */
gboolean
runconf_schema_reader_fail (RunconfSchemaReader *self, const char *place, const char *format, ...)
{
  g_autofree char *shown = runconf_escape (place, -1);
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  g_set_error (self->error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "%s: %s",
               *place == '\0' ? "the schema" : shown, message);
  if (self->where != NULL && *self->where == NULL)
    *self->where = g_strdup (place);

  return FALSE;
}

static gboolean
fail_form (RunconfSchemaReader *self, const RunconfNode *value, GString *place, const char *wanted)
{
  return runconf_schema_reader_fail (self, place->str, "it is of kind %s, but must be %s",
                                     runconf_node_get_kind_name (value), wanted);
}

static gboolean
is_string (const RunconfNode *value)
{
  return runconf_node_get_kind (value) == RUNCONF_KIND_STRING;
}

static gboolean
is_number (const RunconfNode *value)
{
  return (runconf_types_of (value) & RUNCONF_TYPE_NUMBER) != 0
         && (runconf_node_get_kind (value) != RUNCONF_KIND_DOUBLE
             || isfinite (runconf_node_get_double (value)));
}

static gboolean
is_negative (const RunconfNode *value)
{
  switch (runconf_node_get_kind (value))
    {
    case RUNCONF_KIND_INTEGER:
      return runconf_node_get_integer (value) < 0;
    case RUNCONF_KIND_DOUBLE:
      return runconf_node_get_double (value) < 0;
    default:
      return FALSE;
    }
}

static gboolean
is_zero (const RunconfNode *value)
{
  return runconf_node_get_kind (value) == RUNCONF_KIND_INTEGER
             ? runconf_node_get_integer (value) == 0
             : runconf_node_get_kind (value) == RUNCONF_KIND_DOUBLE
                   && runconf_node_get_double (value) == 0;
}

/* Appends @segment to @place. Returns: the length of @place before */
gsize
runconf_schema_reader_enter (GString *place, const char *segment)
{
  gsize length = place->len;

  runconf_path_append (place, segment);

  return length;
}

gsize
runconf_schema_reader_enter_index (GString *place, guint index)
{
  char segment[16];

  g_snprintf (segment, sizeof segment, "%u", index);

  return runconf_schema_reader_enter (place, segment);
}

static gboolean
read_string (RunconfSchemaReader *self, const RunconfNode *value, GString *place)
{
  return is_string (value) || fail_form (self, value, place, "a string: put it in quotes");
}

static gboolean
read_number (RunconfSchemaReader *self, const RunconfNode *value, GString *place)
{
  return is_number (value) || fail_form (self, value, place, "a number, without quotes");
}

static gboolean
read_positive (RunconfSchemaReader *self, const RunconfNode *value, GString *place)
{
  if (!read_number (self, value, place))
    return FALSE;

  return (!is_zero (value) && !is_negative (value))
         || runconf_schema_reader_fail (self, place->str, "it must be more than 0");
}

static gboolean
read_count (RunconfSchemaReader *self, const RunconfNode *value, GString *place)
{
  if (!is_number (value) || (runconf_types_of (value) & RUNCONF_TYPE_INTEGER) == 0)
    return fail_form (self, value, place, "an integer, without quotes");

  return !is_negative (value)
         || runconf_schema_reader_fail (self, place->str, "it must be 0 or more");
}

static gboolean
read_list (RunconfSchemaReader *self, const RunconfNode *value, GString *place)
{
  return runconf_node_get_kind (value) == RUNCONF_KIND_SEQUENCE
         || fail_form (self, value, place, "a sequence");
}

static gboolean
read_choices (RunconfSchemaReader *self, const RunconfNode *value, GString *place)
{
  if (!read_list (self, value, place))
    return FALSE;

  return runconf_node_get_length (value) > 0
         || runconf_schema_reader_fail (self, place->str,
                                        "it is empty, so that no value could be valid");
}

static gboolean
read_keys (RunconfSchemaReader *self, const RunconfNode *value, GString *place)
{
  if (!read_list (self, value, place))
    return FALSE;

  for (guint i = 0; i < runconf_node_get_length (value); i++)
    {
      gsize length = runconf_schema_reader_enter_index (place, i);

      if (!read_string (self, runconf_node_get_child (value, i), place))
        return FALSE;
      g_string_truncate (place, length);
    }

  return TRUE;
}

static gboolean
read_draft (RunconfSchemaReader *self, const RunconfNode *value, GString *place)
{
  g_autofree char *shown = NULL;
  const char *draft;

  if (!read_string (self, value, place))
    return FALSE;

  draft = runconf_node_get_string (value, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (drafts); i++)
    {
      if (g_str_equal (draft, drafts[i]))
        return TRUE;
    }

  shown = runconf_escape (draft, -1);
  return runconf_schema_reader_fail (
      self, place->str, "“%s” isn't supported: write “%s”, or leave it out", shown, drafts[0]);
}

/* Returns: whether a value without subschemas has the form that its keyword requires */
gboolean
runconf_schema_reader_check_form (RunconfSchemaReader *self, RunconfForm form,
                                  const RunconfNode *value, GString *place)
{
  switch (form)
    {
    case RUNCONF_FORM_STRING:
    case RUNCONF_FORM_PATTERN:
    case RUNCONF_FORM_FORMAT:
      return read_string (self, value, place);
    case RUNCONF_FORM_BOOLEAN:
      return runconf_node_get_kind (value) == RUNCONF_KIND_BOOLEAN
             || fail_form (self, value, place, "true or false");
    case RUNCONF_FORM_NUMBER:
      return read_number (self, value, place);
    case RUNCONF_FORM_POSITIVE:
      return read_positive (self, value, place);
    case RUNCONF_FORM_COUNT:
      return read_count (self, value, place);
    case RUNCONF_FORM_LIST:
      return read_list (self, value, place);
    case RUNCONF_FORM_CHOICES:
    case RUNCONF_FORM_SUBSCHEMAS:
      return read_choices (self, value, place);
    case RUNCONF_FORM_KEYS:
      return read_keys (self, value, place);
    case RUNCONF_FORM_DRAFT:
      return read_draft (self, value, place);
    case RUNCONF_FORM_PROPERTIES:
    case RUNCONF_FORM_PATTERN_PROPERTIES:
    case RUNCONF_FORM_DEPENDENCIES:
      return runconf_node_is_mapping (value) || fail_form (self, value, place, "a mapping");
    default:
      return TRUE;
    }
}
