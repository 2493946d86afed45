/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/index.h"

#include <string.h>

#include "editor/path.h"
#include "editor/value-text.h"

/* All texts are in one buffer, so that one pass over some megabytes finds a word in all of them: 100,000
 * strings of their own would take several times as long.
 */
struct _EditorIndex
{
  GString *paths;  /* each ends with a NUL */
  GString *texts;  /* each ends with a NUL, and has its case folded */
  GArray *entries; /* of Entry, in the order of both buffers */
};

typedef struct
{
  gsize path;
  gsize text;
} Entry;

EditorIndex *
editor_index_new (void)
{
  EditorIndex *self = g_new (EditorIndex, 1);

  self->paths = g_string_new (NULL);
  self->texts = g_string_new (NULL);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));

  return self;
}

void
editor_index_free (EditorIndex *self)
{
  g_string_free (self->paths, TRUE);
  g_string_free (self->texts, TRUE);
  g_array_unref (self->entries);
  g_free (self);
}

static void
append_folded (GString *texts, const char *text)
{
  g_autofree char *folded = g_str_is_ascii (text) ? NULL : g_utf8_casefold (text, -1);
  gsize begin = texts->len;

  if (folded != NULL)
    {
      g_string_append (texts, folded);
      return;
    }

  g_string_append (texts, text);
  for (char *c = texts->str + begin; *c != '\0'; c++)
    *c = g_ascii_tolower (*c);
}

/* @words: (nullable): further words about the path */
void
editor_index_add (EditorIndex *self, const char *path, const char *value, const char *words)
{
  Entry entry = { self->paths->len, self->texts->len };

  g_array_append_val (self->entries, entry);
  g_string_append_len (self->paths, path, (gssize) strlen (path) + 1);

  /* no query contains the character between the parts, so none matches over its end */
  append_folded (self->texts, path);
  g_string_append_c (self->texts, '\n');
  append_folded (self->texts, value);
  g_string_append_c (self->texts, '\n');
  if (words != NULL)
    append_folded (self->texts, words);
  g_string_append_c (self->texts, '\0');
}

static void
add_child (EditorIndex *self, const char *path, const char *key, GVariant *boxed, GHashTable *words)
{
  g_autofree char *below = editor_path_append (path, key);
  g_autoptr (GVariant) value = g_variant_get_variant (boxed);

  editor_index_add_tree (self, below, value, words);
}

static void
add_mapping (EditorIndex *self, const char *path, GVariant *mapping, GHashTable *words)
{
  gsize n = g_variant_n_children (mapping);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (mapping, i);
      g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
      g_autoptr (GVariant) boxed = g_variant_get_child_value (entry, 1);

      add_child (self, path, g_variant_get_string (key, NULL), boxed, words);
    }
}

static void
add_sequence (EditorIndex *self, const char *path, GVariant *sequence, GHashTable *words)
{
  gsize n = g_variant_n_children (sequence);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) boxed = g_variant_get_child_value (sequence, i);
      char key[24];

      g_snprintf (key, sizeof key, "%" G_GSIZE_FORMAT, i);
      add_child (self, path, key, boxed, words);
    }
}

static gboolean
has_children (GVariant *value)
{
  return (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT)
          || g_variant_is_of_type (value, G_VARIANT_TYPE ("av")))
         && g_variant_n_children (value) > 0;
}

/**
 * editor_index_add_tree:
 * @words: (nullable): path → words about it
 *
 * Adds a value and all values below it; the whole configuration itself isn't added.
 */
void
editor_index_add_tree (EditorIndex *self, const char *path, GVariant *value, GHashTable *words)
{
  gboolean is_parent = has_children (value);
  g_autofree char *line = is_parent ? g_strdup ("") : editor_value_to_line (value);

  if (*path != '\0')
    editor_index_add (self, path, line, words != NULL ? g_hash_table_lookup (words, path) : NULL);
  if (!is_parent)
    return;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    add_mapping (self, path, value, words);
  else
    add_sequence (self, path, value, words);
}

guint
editor_index_get_length (EditorIndex *self)
{
  return self->entries->len;
}

const char *
editor_index_get_path (EditorIndex *self, guint position)
{
  return self->paths->str + g_array_index (self->entries, Entry, position).path;
}

/* Returns: where the text of an entry begins; the end of all texts for the one after the last */
static gsize
get_begin (EditorIndex *self, guint position)
{
  return position < self->entries->len ? g_array_index (self->entries, Entry, position).text
                                       : self->texts->len;
}

/* Returns: the entry whose text contains a place, which is at or after the text of @from */
static guint
find_entry (EditorIndex *self, guint from, gsize place)
{
  guint begin = from, end = from + 1, step = 1;

  /* most times it is one of the next entries */
  while (end < self->entries->len && get_begin (self, end) <= place)
    {
      begin = end;
      end = MIN (end + step, self->entries->len);
      step *= 2;
    }
  while (end - begin > 1)
    {
      guint middle = begin + (end - begin) / 2;

      if (get_begin (self, middle) <= place)
        begin = middle;
      else
        end = middle;
    }

  return begin;
}

static gboolean
has_words (EditorIndex *self, guint position, char **words)
{
  const char *text = self->texts->str + get_begin (self, position);

  for (; *words != NULL; words++)
    if (strstr (text, *words) == NULL)
      return FALSE;

  return TRUE;
}

static GArray *
list_all (EditorIndex *self)
{
  GArray *found = g_array_sized_new (FALSE, FALSE, sizeof (guint), self->entries->len);

  for (guint i = 0; i < self->entries->len; i++)
    g_array_append_val (found, i);

  return found;
}

/* @words: at least one */
static GArray *
find_words (EditorIndex *self, char **words)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (guint));
  const char *texts = self->texts->str, *end = texts + self->texts->len, *next = texts;
  gsize length = strlen (words[0]);
  guint position = 0;

  while ((next = memmem (next, (gsize) (end - next), words[0], length)) != NULL)
    {
      position = find_entry (self, position, (gsize) (next - texts));
      if (has_words (self, position, words + 1))
        g_array_append_val (found, position);
      next = texts + get_begin (self, position + 1);
    }

  return found;
}

/**
 * editor_index_search:
 * @query: words, in any order
 *
 * Returns: (transfer full) (element-type guint): the positions of the entries that have all words of
 *   the query in their texts, in either case; of all entries if the query has no words
 */
GArray *
editor_index_search (EditorIndex *self, const char *query)
{
  g_autofree char *folded = g_utf8_casefold (query, -1);
  g_auto (GStrv) words = g_strsplit_set (folded, " \t\n", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) used = NULL;

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0')
      g_strv_builder_add (builder, *word);
  used = g_strv_builder_end (builder);

  return used[0] != NULL ? find_words (self, used) : list_all (self);
}
