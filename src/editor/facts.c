/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/facts.h"

#include <string.h>

#include <glib/gi18n.h>

#include "editor/value-text.h"

/* The facts of a schema about a value, as the service describes them. */

/* the names that types have in a schema, and those of the values of the service */
static const struct
{
  const char *name;
  EditorValueType type;
} types[] = {
  { "boolean", EDITOR_VALUE_BOOLEAN }, { "integer", EDITOR_VALUE_INTEGER },
  { "number", EDITOR_VALUE_NUMBER },   { "float", EDITOR_VALUE_NUMBER },
  { "string", EDITOR_VALUE_STRING },   { "binary", EDITOR_VALUE_BINARY },
  { "array", EDITOR_VALUE_SEQUENCE },  { "sequence", EDITOR_VALUE_SEQUENCE },
  { "object", EDITOR_VALUE_MAPPING },  { "mapping", EDITOR_VALUE_MAPPING },
};

static EditorValueType
find_type (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_strcmp0 (types[i].name, name) == 0)
      return types[i].type;

  return EDITOR_VALUE_ANY;
}

/* Returns: (transfer full) (nullable): the name of an item of `types`, which may be a text itself */
static char *
get_name (GVariant *item)
{
  g_autoptr (GVariant) inner = NULL;

  if (!g_variant_is_of_type (item, G_VARIANT_TYPE_VARIANT))
    return NULL;
  inner = g_variant_get_variant (item);

  return g_variant_is_of_type (inner, G_VARIANT_TYPE_STRING) ? g_variant_dup_string (inner, NULL)
                                                             : NULL;
}

/* Returns: the one type that isn't null, or any */
static EditorValueType
choose (GVariant *names)
{
  EditorValueType found = EDITOR_VALUE_ANY;
  guint n = 0;

  for (gsize i = 0; i < g_variant_n_children (names); i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (names, i);
      g_autofree char *name = get_name (item);

      if (g_strcmp0 (name, "null") == 0)
        continue;
      found = find_type (name);
      n++;
    }

  return n == 1 ? found : EDITOR_VALUE_ANY;
}

static gboolean
is_container (EditorValueType type)
{
  return type == EDITOR_VALUE_SEQUENCE || type == EDITOR_VALUE_MAPPING;
}

EditorValueType
editor_facts_get_type (RunconfDescription *description)
{
  EditorValueType present = find_type (runconf_description_get_value_type (description));
  g_autoptr (GVariant) allowed = runconf_description_lookup (description, "types");
  EditorValueType type = present;

  if (allowed != NULL && g_variant_is_of_type (allowed, G_VARIANT_TYPE_STRING))
    type = find_type (g_variant_get_string (allowed, NULL));
  else if (allowed != NULL && g_variant_is_of_type (allowed, G_VARIANT_TYPE ("av")))
    type = choose (allowed);

  /* a control for scalars can't show a value that the schema doesn't expect, and hold its parts */
  return is_container (type) != is_container (present) ? present : type;
}

/* @number: (out): the value, if it is a number */
gboolean
editor_facts_read_number (GVariant *value, double *number)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    *number = (double) g_variant_get_int64 (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    *number = (double) g_variant_get_uint64 (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    *number = g_variant_get_double (value);
  else
    return FALSE;

  return TRUE;
}

/* @number: (out): the fact, if the schema has it as a number */
gboolean
editor_facts_get_number (RunconfDescription *description, const char *fact, double *number)
{
  g_autoptr (GVariant) value = runconf_description_lookup (description, fact);

  return value != NULL && editor_facts_read_number (value, number);
}

static const struct
{
  const char *fact;
  const char *title;
} hints[] = {
  { "minimum", N_ ("Minimum") },
  { "exclusiveMinimum", N_ ("More than") },
  { "maximum", N_ ("Maximum") },
  { "exclusiveMaximum", N_ ("Less than") },
  { "multipleOf", N_ ("Multiple of") },
  { "minLength", N_ ("Fewest characters") },
  { "maxLength", N_ ("Most characters") },
  { "minItems", N_ ("Fewest elements") },
  { "maxItems", N_ ("Most elements") },
  { "pattern", N_ ("Pattern") },
  { "format", N_ ("Format") },
  { "const", N_ ("Always") },
  { "examples", N_ ("Examples") },
};

/* Takes ownership of @fact. */
static char *
make_text (GVariant *fact)
{
  g_autoptr (GVariant) owned = fact;
  g_autofree char *line = editor_value_to_line (fact);
  gsize length = strlen (line);

  /* of a sequence, the elements */
  return g_variant_is_of_type (fact, G_VARIANT_TYPE ("av")) && length > 2
             ? g_strndup (line + 1, length - 2)
             : g_strdup (line);
}

/* Returns: (transfer full): the values that the schema allows, on one line; empty if it doesn't say */
char *
editor_facts_make_hint (RunconfDescription *description)
{
  GString *hint = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (hints); i++)
    {
      GVariant *fact = runconf_description_lookup (description, hints[i].fact);
      g_autofree char *text = fact != NULL ? make_text (fact) : NULL;

      if (text == NULL)
        continue;
      if (hint->len > 0)
        g_string_append (hint, " · ");
      /* Translators: a rule for a value, such as “Minimum: 1” */
      g_string_append_printf (hint, _ ("%s: %s"), _ (hints[i].title), text);
    }

  return g_string_free (hint, FALSE);
}

/* Returns: the title of the schema, or the last key of the path */
const char *
editor_facts_get_title (RunconfDescription *description)
{
  const char *title = runconf_description_get_title (description);
  const char *path = runconf_description_get_path (description);
  const char *slash = strrchr (path, '/');

  if (title != NULL && *title != '\0')
    return title;

  return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}
