/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/escape.h"
#include "schema/checker.h"
#include "schema/value.h"

/* Checks types, choices, numbers and strings. */

#define MAX_SHOWN_CHOICES 12

/* a step of the budget covers this many characters of a string */
#define CHARACTERS_PER_STEP 64

static const char *
get_kind_phrase (const RunconfNode *value)
{
  switch (runconf_node_get_kind (value))
    {
    case RUNCONF_KIND_NULL:
      return "is no value";
    case RUNCONF_KIND_BOOLEAN:
      return "is a boolean";
    case RUNCONF_KIND_INTEGER:
    case RUNCONF_KIND_UNSIGNED:
      return "is an integer";
    case RUNCONF_KIND_DOUBLE:
      return "is a float";
    case RUNCONF_KIND_STRING:
      return "is a string";
    case RUNCONF_KIND_BINARY:
      return "is binary";
    default:
      return "is given";
    }
}

/* A number in quotes is the most common mistake. */
static const char *
get_hint (const RunconfNode *value, RunconfTypes wanted)
{
  const char *text;
  char *end;

  if (runconf_node_get_kind (value) != RUNCONF_KIND_STRING
      || (wanted & (RUNCONF_TYPE_INTEGER | RUNCONF_TYPE_NUMBER)) == 0)
    return "";

  text = runconf_node_get_string (value, NULL);
  g_ascii_strtod (text, &end);

  return end != text && *end == '\0' && !runconf_node_is_plain (value) ? ": leave out the quotes"
                                                                       : "";
}

gboolean
runconf_checker_check_type (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                            const RunconfNode *value)
{
  g_autofree char *wanted = NULL;

  if (subschema->types == 0 || (subschema->types & runconf_types_of (value)) != 0)
    return TRUE;
  if (self->violations == NULL)
    return FALSE;

  wanted = runconf_types_print (subschema->types);

  return runconf_checker_refuse (self, RUNCONF_KEYWORD_TYPE, value, "%s, but it must be %s%s",
                                 get_kind_phrase (value), wanted,
                                 get_hint (value, subschema->types));
}

/* Returns: (transfer full): for example “debug, info, warning” */
static char *
show_choices (const RunconfNode *list, guint max_shown)
{
  g_autoptr (GString) out = g_string_new (NULL);
  guint length = runconf_node_get_length (list);

  for (guint i = 0; i < length && i < max_shown; i++)
    {
      g_autofree char *shown = runconf_value_show (runconf_node_get_child (list, i));

      g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", shown);
    }
  if (length > max_shown)
    g_string_append_printf (out, " and %u more", length - max_shown);

  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* The values that a secret may have are as secret as its current value. */
static gboolean
refuse_secret_choice (RunconfSchemaChecker *self, RunconfKeyword rule, const RunconfNode *value)
{
  return runconf_checker_refuse (self, rule, value,
                                 "isn't valid: the schema lists the allowed values");
}

static gboolean
check_enum (RunconfSchemaChecker *self, const RunconfNode *choices, const RunconfNode *value)
{
  g_autofree char *shown = NULL;
  guint length = runconf_node_get_length (choices);

  for (guint i = 0; i < length; i++)
    {
      const RunconfNode *choice = runconf_node_get_child (choices, i);

      if (!runconf_checker_spend (self, 1) || runconf_value_equal (choice, value))
        return TRUE;
    }
  if (self->violations == NULL)
    return FALSE;
  if (runconf_checker_is_secret (self))
    return refuse_secret_choice (self, RUNCONF_KEYWORD_ENUM, value);

  shown = show_choices (choices, MAX_SHOWN_CHOICES);

  return runconf_checker_refuse (self, RUNCONF_KEYWORD_ENUM, value,
                                 length == 1 ? "isn't valid: it must be %s" : "isn't one of %s",
                                 shown);
}

gboolean
runconf_checker_check_choice (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                              const RunconfNode *value)
{
  const RunconfNode *choices = subschema->keywords[RUNCONF_KEYWORD_ENUM];
  const RunconfNode *constant = subschema->keywords[RUNCONF_KEYWORD_CONST];
  g_autofree char *shown = NULL;

  if (choices != NULL && !check_enum (self, choices, value))
    return FALSE;
  if (constant == NULL || runconf_value_equal (constant, value))
    return TRUE;
  if (self->violations == NULL)
    return FALSE;
  if (runconf_checker_is_secret (self))
    return refuse_secret_choice (self, RUNCONF_KEYWORD_CONST, value);

  shown = runconf_value_show (constant);

  return runconf_checker_refuse (self, RUNCONF_KEYWORD_CONST, value, "isn't valid: it must be %s",
                                 shown);
}

static gboolean
check_bound (RunconfSchemaChecker *self, RunconfKeyword rule, const RunconfNode *bound,
             const RunconfNode *value)
{
  g_autofree char *shown = NULL;
  const char *reason;
  gboolean is_right;
  int order;

  if (bound == NULL)
    return TRUE;
  if (!runconf_value_compare (value, bound, &order))
    {
      reason = "can't be compared with the limit,";
      is_right = FALSE;
    }
  else if (rule == RUNCONF_KEYWORD_MINIMUM)
    {
      reason = "is less than the minimum,";
      is_right = order >= 0;
    }
  else if (rule == RUNCONF_KEYWORD_MAXIMUM)
    {
      reason = "is more than the maximum,";
      is_right = order <= 0;
    }
  else
    {
      reason
          = rule == RUNCONF_KEYWORD_EXCLUSIVE_MINIMUM ? "must be more than" : "must be less than";
      is_right = rule == RUNCONF_KEYWORD_EXCLUSIVE_MINIMUM ? order > 0 : order < 0;
    }
  if (is_right || self->violations == NULL)
    return is_right;

  shown = runconf_value_show (bound);

  return runconf_checker_refuse (self, rule, value, "%s %s", reason, shown);
}

gboolean
runconf_checker_check_number (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                              const RunconfNode *value)
{
  static const RunconfKeyword bounds[]
      = { RUNCONF_KEYWORD_MINIMUM, RUNCONF_KEYWORD_MAXIMUM, RUNCONF_KEYWORD_EXCLUSIVE_MINIMUM,
          RUNCONF_KEYWORD_EXCLUSIVE_MAXIMUM };
  const RunconfNode *factor = subschema->keywords[RUNCONF_KEYWORD_MULTIPLE_OF];
  g_autofree char *shown = NULL;
  gboolean is_right = TRUE;

  if ((runconf_types_of (value) & RUNCONF_TYPE_NUMBER) == 0)
    return TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (bounds); i++)
    {
      if (!check_bound (self, bounds[i], subschema->keywords[bounds[i]], value))
        is_right = FALSE;
    }
  if (factor == NULL || runconf_value_is_multiple (value, factor))
    return is_right;
  if (self->violations == NULL)
    return FALSE;

  shown = runconf_value_show (factor);

  return runconf_checker_refuse (self, RUNCONF_KEYWORD_MULTIPLE_OF, value, "isn't a multiple of %s",
                                 shown);
}

/* Returns: a limit of a length. No length reaches the limits that a double can't hold exactly. */
double
runconf_checker_get_count (const RunconfNode *limit)
{
  switch (runconf_node_get_kind (limit))
    {
    case RUNCONF_KIND_INTEGER:
      return (double) runconf_node_get_integer (limit);
    case RUNCONF_KIND_UNSIGNED:
      return (double) runconf_node_get_unsigned (limit);
    default:
      return runconf_node_get_double (limit);
    }
}

static gboolean
check_length (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
              const RunconfNode *value, const char *text, gsize size)
{
  const RunconfNode *least = subschema->keywords[RUNCONF_KEYWORD_MIN_LENGTH];
  const RunconfNode *most = subschema->keywords[RUNCONF_KEYWORD_MAX_LENGTH];
  gboolean is_right = TRUE;
  glong length;

  if (least == NULL && most == NULL)
    return TRUE;

  length = g_utf8_strlen (text, (gssize) size);
  if (least != NULL && length < runconf_checker_get_count (least))
    is_right = runconf_checker_refuse (self, RUNCONF_KEYWORD_MIN_LENGTH, value,
                                       "has too few characters: at least %.0f",
                                       runconf_checker_get_count (least));
  if (most != NULL && length > runconf_checker_get_count (most))
    is_right = runconf_checker_refuse (self, RUNCONF_KEYWORD_MAX_LENGTH, value,
                                       "has too many characters: at most %.0f",
                                       runconf_checker_get_count (most));

  return is_right;
}

static gboolean
check_pattern (RunconfSchemaChecker *self, const RunconfPattern *pattern, const RunconfNode *value,
               const char *text, gsize size)
{
  RunconfMatch match;
  g_autofree char *shown = NULL;

  if (pattern == NULL)
    return TRUE;

  match = runconf_checker_match (self, pattern, text, size);
  if (match == RUNCONF_MATCH_YES)
    return TRUE;
  if (self->violations == NULL)
    return FALSE;

  shown = runconf_escape (runconf_pattern_get_source (pattern), -1);

  return runconf_checker_refuse (self, RUNCONF_KEYWORD_PATTERN, value,
                                 match == RUNCONF_MATCH_LIMIT
                                     ? "takes too long to match with the pattern %s: shorten the "
                                       "value, or simplify the pattern"
                                     : "doesn't match the pattern %s",
                                 shown);
}

gboolean
runconf_checker_check_string (RunconfSchemaChecker *self, const RunconfSubschema *subschema,
                              const RunconfNode *value)
{
  g_autofree char *made = NULL;
  const char *text;
  gboolean is_right;
  gsize size;

  if ((runconf_types_of (value) & RUNCONF_TYPE_STRING) == 0)
    return TRUE;

  made = runconf_value_get_text (value, &size);
  text = made != NULL ? made : runconf_node_get_string (value, NULL);
  if (!runconf_checker_spend (self, (gint64) (size / CHARACTERS_PER_STEP)))
    return TRUE;

  is_right = check_length (self, subschema, value, text, size);
  if (!check_pattern (self, subschema->pattern, value, text, size))
    is_right = FALSE;
  if (subschema->format == RUNCONF_FORMAT_ANY || runconf_format_check (subschema->format, text))
    return is_right;

  return runconf_checker_refuse (
      self, RUNCONF_KEYWORD_FORMAT, value, "isn't a valid %s: write it like %s",
      runconf_node_get_string (subschema->keywords[RUNCONF_KEYWORD_FORMAT], NULL),
      runconf_format_get_example (subschema->format));
}
