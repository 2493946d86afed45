/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/key-choices.h"

#include <string.h>

#include "editor/path.h"
#include "editor/scalar.h"

/* The keys that can be typed in a mapping, and the values of a key: those that the schema names, as
 * Describe has them for the path itself or for the nearest one above it that has a value.
 */

/* Returns: whether YAML reads a text as it is, without quotes */
static gboolean
is_plain (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("_-./", *c) == NULL && (guchar) *c < 0x80)
      return FALSE;

  return *text != '\0' && *text != '-';
}

static void
append (GListStore *choices, const char *text, const char *note)
{
  g_autoptr (EditorKeyChoice) choice = editor_key_choice_new (text, note);

  g_list_store_append (choices, choice);
}

/* Returns: (transfer full) (nullable): the title and the description of a key, on one line */
static char *
make_note (GVariant *facts)
{
  const char *title = NULL, *description = NULL;
  char *note;

  g_variant_lookup (facts, "title", "&s", &title);
  g_variant_lookup (facts, "description", "&s", &description);
  if (title != NULL && description != NULL)
    note = g_strdup_printf ("%s · %s", title, description);
  else
    note = g_strdup (title != NULL ? title : description);

  return note != NULL ? g_strdelimit (g_strstrip (note), "\n\t", ' ') : NULL;
}

/* Returns: (transfer full): the keys that the schema names: path → `a{sv}` */
static GHashTable *
index_keys (GVariant *keys)
{
  GHashTable *facts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  gsize n = keys != NULL ? g_variant_n_children (keys) : 0;

  for (gsize i = 0; i < n; i++)
    {
      GVariant *key = g_variant_get_child_value (keys, i);
      char *path = NULL;

      if (g_variant_lookup (key, "path", "s", &path))
        g_hash_table_insert (facts, path, key);
      else
        g_variant_unref (key);
    }

  return facts;
}

/* @description: (nullable): of a path at or above the one of the keys */
static GVariant *
get_keys (RunconfDescription *description)
{
  g_autoptr (GVariant) keys
      = description != NULL ? runconf_description_lookup (description, "keys") : NULL;

  return keys != NULL && g_variant_is_of_type (keys, G_VARIANT_TYPE ("aa{sv}"))
             ? g_steal_pointer (&keys)
             : NULL;
}

static void
append_key (GListStore *choices, const char *key, GVariant *facts)
{
  g_autofree char *note = facts != NULL ? make_note (facts) : NULL;

  if (is_plain (key))
    append (choices, key, note);
}

/* Those without a value come after those that have one. */
static void
append_absent (GListStore *choices, const char *parent, char **present, GVariant *keys)
{
  gsize n = keys != NULL ? g_variant_n_children (keys) : 0;

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) facts = g_variant_get_child_value (keys, i);
      g_auto (GStrv) segments = NULL;
      g_autofree char *path = NULL;
      const char *where = "", *key;

      g_variant_lookup (facts, "path", "&s", &where);
      segments = runconf_path_split (where, NULL);
      if (segments == NULL || segments[0] == NULL)
        continue;

      key = segments[g_strv_length (segments) - 1];
      path = editor_path_append (parent, key);
      if (strcmp (path, where) == 0 && !g_strv_contains ((const char *const *) present, key))
        append_key (choices, key, facts);
    }
}

/**
 * editor_key_choices_list_keys:
 * @parent: the path of a mapping
 * @present: the keys in it that have values
 * @description: (nullable): of @parent, or of the nearest path above it that has a value
 *
 * Returns: (transfer full) (element-type EditorKeyChoice): the keys that can be typed
 */
GListModel *
editor_key_choices_list_keys (const char *parent, char **present, RunconfDescription *description)
{
  GListStore *choices = g_list_store_new (EDITOR_TYPE_KEY_CHOICE);
  g_autoptr (GVariant) keys = get_keys (description);
  g_autoptr (GHashTable) facts = index_keys (keys);

  for (char **key = present; *key != NULL; key++)
    {
      g_autofree char *path = editor_path_append (parent, *key);

      append_key (choices, *key, g_hash_table_lookup (facts, path));
    }
  append_absent (choices, parent, present, keys);

  return G_LIST_MODEL (choices);
}

/* Returns: whether a plain text would be another value than the string */
static gboolean
needs_quotes (const char *text)
{
  return !is_plain (text) || (g_ascii_ispunct (*text) && *text != '_') || g_ascii_isdigit (*text)
         || g_ascii_strcasecmp (text, "true") == 0 || g_ascii_strcasecmp (text, "false") == 0
         || g_ascii_strcasecmp (text, "null") == 0;
}

/* Returns: (transfer full) (nullable): a value as YAML; %NULL if it takes more than quotes */
static char *
write_value (GVariant *value)
{
  const char *text;

  if (!editor_scalar_is (value))
    return NULL;
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return editor_scalar_write (value, EDITOR_VALUE_ANY);

  text = g_variant_get_string (value, NULL);
  if (!needs_quotes (text))
    return g_strdup (text);

  return strpbrk (text, "\"\\\n\t\r") == NULL ? g_strdup_printf ("\"%s\"", text) : NULL;
}

static void
append_values (GListStore *choices, GVariant *values)
{
  for (gsize i = 0; i < g_variant_n_children (values); i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (values, i);
      g_autoptr (GVariant) value = g_variant_get_variant (item);
      g_autofree char *text = write_value (value);

      if (text != NULL)
        append (choices, text, NULL);
    }
}

/* Returns: (transfer full) (nullable): the facts about a path */
static GVariant *
find_facts (const char *path, RunconfDescription *description)
{
  g_autoptr (GVariant) keys = NULL;
  g_autoptr (GHashTable) facts = NULL;
  GVariant *found;

  if (description != NULL && strcmp (runconf_description_get_path (description), path) == 0)
    return g_variant_ref (runconf_description_get_facts (description));

  keys = get_keys (description);
  facts = index_keys (keys);
  found = g_hash_table_lookup (facts, path);

  return found != NULL ? g_variant_ref (found) : NULL;
}

/**
 * editor_key_choices_list_values:
 * @path: the path of a value
 * @description: (nullable): of @path, or of the nearest path above it that has a value
 *
 * Returns: (transfer full) (element-type EditorKeyChoice): the values that the schema names
 */
GListModel *
editor_key_choices_list_values (const char *path, RunconfDescription *description)
{
  GListStore *choices = g_list_store_new (EDITOR_TYPE_KEY_CHOICE);
  g_autoptr (GVariant) facts = find_facts (path, description);
  g_autoptr (GVariant) values = NULL;
  const char *type = NULL;

  if (facts == NULL)
    return G_LIST_MODEL (choices);

  values = g_variant_lookup_value (facts, "enum", G_VARIANT_TYPE ("av"));
  g_variant_lookup (facts, "types", "&s", &type);
  if (values != NULL)
    append_values (choices, values);
  else if (g_strcmp0 (type, "boolean") == 0)
    {
      append (choices, "true", NULL);
      append (choices, "false", NULL);
    }

  return G_LIST_MODEL (choices);
}

/**
 * editor_key_choices_filter:
 * @choices: (element-type EditorKeyChoice): choices
 * @begin: the beginning of the word, as it was typed
 *
 * Returns: (transfer full) (element-type EditorKeyChoice): those that begin so. One that was typed is
 *   complete: Return begins a new line.
 */
GListModel *
editor_key_choices_filter (GListModel *choices, const char *begin)
{
  GListStore *kept = g_list_store_new (EDITOR_TYPE_KEY_CHOICE);
  guint n = g_list_model_get_n_items (choices);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (EditorKeyChoice) choice = g_list_model_get_item (choices, i);
      const char *text = editor_key_choice_get_text (choice);

      if (g_str_has_prefix (text, begin) && strcmp (text, begin) != 0)
        g_list_store_append (kept, choice);
    }

  return G_LIST_MODEL (kept);
}
