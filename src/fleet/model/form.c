/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/form.h"

#include <string.h>

#include "core/escape.h"
#include "core/mapping.h"
#include "yaml/span.h"
#include "yaml/text.h"

/* Each value is looked up by its key, so a key that no field has is an error only where
 * runconf_fleet_form_check_keys() is called: records that a later version wrote may have more keys.
 */

struct _RunconfFleetForm
{
  RunconfDocument *document;
  char *name;
};

static const char *const type_names[] = {
  [RUNCONF_FLEET_FIELD_STRING] = "a string",
  [RUNCONF_FLEET_FIELD_STRINGS] = "a list of strings",
  [RUNCONF_FLEET_FIELD_INTEGER] = "an integer",
  [RUNCONF_FLEET_FIELD_NUMBER] = "a number",
  [RUNCONF_FLEET_FIELD_BOOLEAN] = "true or false",
  [RUNCONF_FLEET_FIELD_SECTION] = "a mapping",
  [RUNCONF_FLEET_FIELD_NODE] = "a value",
};

/**
 * runconf_fleet_form_new:
 * @text: YAML or JSON
 * @name: the name of the text in messages
 *
 * Returns: (transfer full) (nullable): the form, or %NULL with an error
 */
RunconfFleetForm *
runconf_fleet_form_new (GBytes *text, const char *name, GError **error)
{
  RunconfDocument *document = runconf_document_new (text, name, error);
  RunconfFleetForm *self;

  if (document == NULL)
    return NULL;

  self = g_new0 (RunconfFleetForm, 1);
  self->document = document;
  self->name = g_strdup (name);

  return self;
}

void
runconf_fleet_form_free (RunconfFleetForm *self)
{
  runconf_document_unref (self->document);
  g_free (self->name);
  g_free (self);
}

/* The position of a value that the text doesn't have is that of the nearest one above it. */
static void
locate (RunconfFleetForm *self, const char *pointer, guint *line, guint *column)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);

  *line = *column = 1;
  for (guint length = runconf_path_get_length (path) + 1; length-- > 0;)
    {
      g_autofree char *prefix = runconf_path_get_prefix (path, length);
      g_autoptr (RunconfPath) above = runconf_path_new (prefix, NULL);

      if (runconf_document_locate (self->document, above, line, column))
        return;
    }
}

/**
 * runconf_fleet_form_fail:
 * @pointer: the path of the value that is wrong
 * @format: the reason
 *
 * Sets an error at the position of a value; if there is none, at the beginning of the text.
 */
void
runconf_fleet_form_fail (RunconfFleetForm *self, const char *pointer, GError **error,
                         const char *format, ...)
{
  g_autofree char *message = NULL;
  guint line, column;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  locate (self, pointer, &line, &column);
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "%s:%u:%u: %s", self->name, line,
               column, message);
}

static const RunconfNode *
find_section (RunconfFleetForm *self, const char *section)
{
  const RunconfNode *root = runconf_document_get_root (self->document);

  if (section == NULL)
    return root;

  root = runconf_mapping_get (root, section);

  return root != NULL && runconf_node_is_mapping (root) ? root : NULL;
}

static char *
make_pointer (const char *section, const char *key)
{
  GString *pointer = g_string_new (NULL);

  if (section != NULL)
    runconf_path_append (pointer, section);
  runconf_path_append (pointer, key);

  return g_string_free (pointer, FALSE);
}

static char *
dup_string (const RunconfNode *node)
{
  gsize length;
  const char *text;

  if (runconf_node_get_kind (node) != RUNCONF_KIND_STRING)
    return NULL;
  text = runconf_node_get_string (node, &length);

  return g_strndup (text, length);
}

static char **
dup_strings (const RunconfNode *node)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *only = dup_string (node);

  if (only != NULL)
    g_strv_builder_add (builder, only);
  else if (runconf_node_get_kind (node) != RUNCONF_KIND_SEQUENCE)
    return NULL;

  for (guint i = 0; only == NULL && i < runconf_node_get_length (node); i++)
    {
      g_autofree char *item = dup_string (runconf_node_get_child (node, i));

      if (item == NULL)
        return NULL;
      g_strv_builder_add (builder, item);
    }

  return g_strv_builder_end (builder);
}

static gboolean
take_string (const RunconfNode *node, char **value)
{
  g_free (*value);
  *value = dup_string (node);

  return *value != NULL;
}

static gboolean
take_strings (const RunconfNode *node, char ***value)
{
  g_strfreev (*value);
  *value = dup_strings (node);

  return *value != NULL;
}

static gboolean
take_number (const RunconfNode *node, double *value)
{
  RunconfKind kind = runconf_node_get_kind (node);

  if (kind == RUNCONF_KIND_DOUBLE)
    *value = runconf_node_get_double (node);
  else if (kind == RUNCONF_KIND_INTEGER)
    *value = runconf_node_get_integer (node);

  return kind == RUNCONF_KIND_DOUBLE || kind == RUNCONF_KIND_INTEGER;
}

static gboolean
take_integer (const RunconfNode *node, gint64 *value)
{
  if (runconf_node_get_kind (node) != RUNCONF_KIND_INTEGER)
    return FALSE;
  *value = runconf_node_get_integer (node);

  return TRUE;
}

static gboolean
take_boolean (const RunconfNode *node, gboolean *value)
{
  if (runconf_node_get_kind (node) != RUNCONF_KIND_BOOLEAN)
    return FALSE;
  *value = runconf_node_get_boolean (node);

  return TRUE;
}

static gboolean
take_node (const RunconfNode *node, RunconfNode **value)
{
  g_clear_pointer (value, runconf_node_unref);
  *value = runconf_node_ref (node);

  return TRUE;
}

static gboolean
take (const RunconfNode *node, RunconfFleetFieldType type, gpointer value)
{
  switch (type)
    {
    case RUNCONF_FLEET_FIELD_STRING:
      return take_string (node, value);
    case RUNCONF_FLEET_FIELD_STRINGS:
      return take_strings (node, value);
    case RUNCONF_FLEET_FIELD_INTEGER:
      return take_integer (node, value);
    case RUNCONF_FLEET_FIELD_NUMBER:
      return take_number (node, value);
    case RUNCONF_FLEET_FIELD_BOOLEAN:
      return take_boolean (node, value);
    case RUNCONF_FLEET_FIELD_SECTION:
      return runconf_node_is_mapping (node);
    case RUNCONF_FLEET_FIELD_NODE:
    default:
      return take_node (node, value);
    }
}

/**
 * runconf_fleet_form_read:
 * @section: (nullable): the key of a mapping at the top, or %NULL for the top itself
 * @fields: the keys to read
 * @target: the struct that gets the values; values of keys that are missing stay as they are
 *
 * Returns: %FALSE with an error if a value has the wrong type
 */
gboolean
runconf_fleet_form_read (RunconfFleetForm *self, const char *section,
                         const RunconfFleetField *fields, guint n_fields, gpointer target,
                         GError **error)
{
  const RunconfNode *mapping = find_section (self, section);

  for (guint i = 0; mapping != NULL && i < n_fields; i++)
    {
      const RunconfNode *node = runconf_mapping_get (mapping, fields[i].key);
      g_autofree char *pointer = NULL;

      if (node == NULL || take (node, fields[i].type, (char *) target + fields[i].offset))
        continue;

      pointer = make_pointer (section, fields[i].key);
      runconf_fleet_form_fail (self, pointer, error, "“%s” has to be %s, not %s", fields[i].key,
                               type_names[fields[i].type], runconf_node_get_kind_name (node));
      return FALSE;
    }

  return TRUE;
}

static gboolean
is_known (const RunconfFleetField *fields, guint n_fields, const char *key)
{
  for (guint i = 0; i < n_fields; i++)
    {
      if (strcmp (fields[i].key, key) == 0)
        return TRUE;
    }

  return FALSE;
}

static char *
list_keys (const RunconfFleetField *fields, guint n_fields)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < n_fields; i++)
    g_string_append_printf (list, "%s%s",
                            i == 0             ? ""
                            : i + 1 < n_fields ? ", "
                                               : " and ",
                            fields[i].key);

  return g_string_free (list, FALSE);
}

/* Returns: the span of the pair's key, or 0 if a merge key adds the pair */
static guint
find_key_span (RunconfFleetForm *self, guint mapping, guint position)
{
  guint n_spans;
  const RunconfSpan *spans = runconf_document_get_spans (self->document, &n_spans);

  if (n_spans == 0 || spans[mapping].kind != RUNCONF_SPAN_MAPPING
      || position >= runconf_spans_count_pairs (spans, mapping))
    return 0;

  return runconf_spans_find_pair (spans, mapping, position);
}

/* Returns: the span of the section's mapping, or 0, that of the whole, if it isn't written there */
static guint
find_section_span (RunconfFleetForm *self, const char *section)
{
  const RunconfNode *root = runconf_document_get_root (self->document);
  guint n_spans, key = 0;
  const RunconfSpan *spans = runconf_document_get_spans (self->document, &n_spans);

  for (guint i = 0; section != NULL && i < runconf_node_get_length (root); i++)
    {
      if (strcmp (runconf_mapping_get_key (root, i, NULL), section) == 0)
        key = find_key_span (self, 0, i);
    }

  return key != 0 ? spans[key].next : 0;
}

/* The position is that of the key, or that of the value if a merge key adds the pair. */
static void
fail_at_key (RunconfFleetForm *self, const char *section, guint position, const char *pointer,
             GError **error, const char *message)
{
  guint mapping = find_section_span (self, section);
  guint key = section == NULL || mapping != 0 ? find_key_span (self, mapping, position) : 0;
  RunconfText text = { .name = self->name };
  guint n_spans;

  if (key == 0)
    {
      runconf_fleet_form_fail (self, pointer, error, "%s", message);
      return;
    }

  text.data = g_bytes_get_data (runconf_document_get_text (self->document), &text.length);
  runconf_text_fail (&text, runconf_document_get_spans (self->document, &n_spans)[key].start,
                     RUNCONF_ERROR_INVALID_VALUE, error, "%s", message);
}

/**
 * runconf_fleet_form_check_keys:
 *
 * Returns: %FALSE with an error if the text has a key that no field has
 */
gboolean
runconf_fleet_form_check_keys (RunconfFleetForm *self, const char *section,
                               const RunconfFleetField *fields, guint n_fields, GError **error)
{
  const RunconfNode *mapping = find_section (self, section);

  for (guint i = 0; mapping != NULL && i < runconf_node_get_length (mapping); i++)
    {
      const char *key = runconf_mapping_get_key (mapping, i, NULL);
      g_autofree char *pointer = make_pointer (section, key);
      g_autofree char *shown = runconf_escape (key, -1);
      g_autofree char *keys = NULL;
      g_autofree char *message = NULL;

      if (is_known (fields, n_fields, key))
        continue;

      keys = list_keys (fields, n_fields);
      message = g_strdup_printf ("“%s” isn't known here; the keys are %s", shown, keys);
      fail_at_key (self, section, i, pointer, error, message);
      return FALSE;
    }

  return TRUE;
}

static void
clear (RunconfFleetFieldType type, gpointer value)
{
  if (type == RUNCONF_FLEET_FIELD_STRING)
    g_clear_pointer ((char **) value, g_free);
  else if (type == RUNCONF_FLEET_FIELD_STRINGS)
    g_clear_pointer ((char ***) value, g_strfreev);
  else if (type == RUNCONF_FLEET_FIELD_NODE)
    g_clear_pointer ((RunconfNode **) value, runconf_node_unref);
}

/**
 * runconf_fleet_fields_clear:
 *
 * Frees the values of a struct that was read.
 */
void
runconf_fleet_fields_clear (const RunconfFleetField *fields, guint n_fields, gpointer target)
{
  for (guint i = 0; i < n_fields; i++)
    clear (fields[i].type, (char *) target + fields[i].offset);
}
