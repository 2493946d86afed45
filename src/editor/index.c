/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/index.h"

#include <string.h>

#include <runconf/runconf.h>

#include "editor/value-text.h"

/* All texts are in one buffer, so that one pass over some megabytes finds a word in all of them: 100,000
 * strings of their own would take several times as long, and several times the memory.
 */
struct _EditorIndex
{
  /* for each entry: its path, the path, the value and the words, each of these folded and with a NUL; the
   * path isn't repeated if it is folded already. A query that is in the path as it is, is in its folded
   * form, too.
   */
  GString *texts;
  GArray *entries; /* of guint32: where each begins */
};

EditorIndex *
editor_index_new (void)
{
  EditorIndex *self = g_new (EditorIndex, 1);

  self->texts = g_string_new (NULL);
  self->entries = g_array_new (FALSE, FALSE, sizeof (guint32));

  return self;
}

void
editor_index_free (EditorIndex *self)
{
  g_string_free (self->texts, TRUE);
  g_array_unref (self->entries);
  g_free (self);
}

/* Appends a text with its case folded, and a NUL. */
static void
append_folded (GString *texts, const char *text, gsize length)
{
  gboolean is_ascii = TRUE;
  gsize begin = texts->len;

  g_string_append_len (texts, text, (gssize) length);
  for (char *c = texts->str + begin; *c != '\0'; c++)
    {
      is_ascii = is_ascii && (guchar) *c < 0x80;
      *c = g_ascii_tolower (*c);
    }
  if (!is_ascii)
    {
      g_autofree char *folded = g_utf8_casefold (text, (gssize) length);

      g_string_truncate (texts, begin);
      g_string_append (texts, folded);
    }
  g_string_append_c (texts, '\0');
}

static void
add_path (EditorIndex *self, const char *path, gsize length)
{
  guint32 begin = (guint32) self->texts->len;

  g_array_append_val (self->entries, begin);
  append_folded (self->texts, path, length);
  if (strcmp (self->texts->str + begin, path) == 0)
    return;

  g_string_truncate (self->texts, begin);
  g_string_append_len (self->texts, path, (gssize) length + 1);
  append_folded (self->texts, path, length);
}

static void
add (EditorIndex *self, const char *path, gsize length, const char *value, const char *words)
{
  add_path (self, path, length);
  append_folded (self->texts, value, strlen (value));
  if (words != NULL)
    append_folded (self->texts, words, strlen (words));
}

/* @words: (nullable): further words about the path */
void
editor_index_add (EditorIndex *self, const char *path, const char *value, const char *words)
{
  add (self, path, strlen (path), value, words);
}

static void add_tree (EditorIndex *self, GString *path, GVariant *value, GHashTable *words);

/* @path: the path above, which is the same again afterwards */
static void
add_child (EditorIndex *self, GString *path, const char *key, GVariant *boxed, GHashTable *words)
{
  const char *keys[] = { key, NULL };
  g_autofree char *end = runconf_path_join (keys);
  g_autoptr (GVariant) value = g_variant_get_variant (boxed);
  gsize length = path->len;

  g_string_append (path, end);
  add_tree (self, path, value, words);
  g_string_truncate (path, length);
}

static void
add_mapping (EditorIndex *self, GString *path, GVariant *mapping, GHashTable *words)
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
add_sequence (EditorIndex *self, GString *path, GVariant *sequence, GHashTable *words)
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

static void
add_tree (EditorIndex *self, GString *path, GVariant *value, GHashTable *words)
{
  gboolean is_parent = has_children (value);
  g_autofree char *line = is_parent ? NULL : editor_value_to_line (value);

  if (path->len > 0)
    add (self, path->str, path->len, line != NULL ? line : "",
         words != NULL ? g_hash_table_lookup (words, path->str) : NULL);
  if (!is_parent)
    return;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    add_mapping (self, path, value, words);
  else
    add_sequence (self, path, value, words);
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
  g_autoptr (GString) buffer = g_string_new (path);

  add_tree (self, buffer, value, words);
}

guint
editor_index_get_length (EditorIndex *self)
{
  return self->entries->len;
}

const char *
editor_index_get_path (EditorIndex *self, guint position)
{
  return self->texts->str + g_array_index (self->entries, guint32, position);
}

/* Returns: where an entry begins; the end of all texts for the one after the last */
static gsize
get_begin (EditorIndex *self, guint position)
{
  return position < self->entries->len ? g_array_index (self->entries, guint32, position)
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
  gsize length = get_begin (self, position + 1) - get_begin (self, position);

  for (; *words != NULL; words++)
    if (memmem (text, length, *words, strlen (*words)) == NULL)
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

static GArray *
find_among (EditorIndex *self, char **words, GArray *positions)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < positions->len; i++)
    {
      guint position = g_array_index (positions, guint, i);

      if (has_words (self, position, words))
        g_array_append_val (found, position);
    }

  return found;
}

/* Returns: (transfer full): the words of a query, with their case folded */
static char **
split (const char *query)
{
  g_autofree char *folded = g_utf8_casefold (query, -1);
  g_auto (GStrv) words = g_strsplit_set (folded, " \t\n", -1);
  g_autoptr (GStrvBuilder) used = g_strv_builder_new ();

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0')
      g_strv_builder_add (used, *word);

  return g_strv_builder_end (used);
}

/**
 * editor_index_search:
 * @query: words, in any order
 * @among: (nullable) (element-type guint): the result for a query that this one begins with; then no
 *   other entry is looked at
 *
 * Returns: (transfer full) (element-type guint): the positions of the entries that have all words of
 *   the query in their texts, in either case; of all entries if the query has no words
 */
GArray *
editor_index_search (EditorIndex *self, const char *query, GArray *among)
{
  g_auto (GStrv) words = split (query);

  if (among != NULL)
    return find_among (self, words, among);

  return words[0] != NULL ? find_words (self, words) : list_all (self);
}
