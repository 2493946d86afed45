/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "cli/terminal/failure.h"
#include "gsettings/dconf/entry.h"

/* Parses the text that `dconf dump /` prints:
 *
 *   [org/gnome/desktop/interface]
 *   clock-format='24h'
 *
 * `[/]` is the topmost folder. If a key occurs twice, the last value counts, as for `dconf load`.
 */

typedef struct
{
  const char *name;
  guint number;      /* of the line, from 1 */
  const char *line;  /* its first character */
  const char *start; /* of its text, without white space */
  const char *end;   /* of the same */
  char *folder;      /* that of the keys, with a slash at each end; %NULL before the first one */
  GHashTable *places;
  GPtrArray *entries;
} Parser;

static gboolean
fail (const Parser *self, const char *there, const char *problem, GError **error)
{
  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s:%u:%ld: %s", self->name, self->number,
               g_utf8_strlen (self->line, there - self->line) + 1, problem);

  return FALSE;
}

static gboolean
take_folder (Parser *self, GError **error)
{
  const char *start = self->start + 1;
  const char *end = self->end - 1;
  g_autofree char *name = NULL;

  if (end < start || *end != ']')
    return fail (self, self->end, "a folder ends with “]”, as in “[org/gnome/desktop]”", error);

  name = g_strndup (start, end - start);
  g_free (self->folder);
  if (strcmp (name, "/") == 0)
    {
      self->folder = g_steal_pointer (&name);
      return TRUE;
    }

  self->folder = g_strdup_printf ("/%s/", name);
  if (strstr (self->folder, "//") == NULL)
    return TRUE;

  return fail (self, start,
               "the name of a folder has names separated by slashes, as in “[org/gnome/desktop]”",
               error);
}

/* Takes the last value if the key is there already. */
static void
add (Parser *self, const char *key, GVariant *value)
{
  gpointer place;

  if (g_hash_table_lookup_extended (self->places, key, NULL, &place))
    {
      DconfEntry *entry = self->entries->pdata[GPOINTER_TO_UINT (place)];

      g_variant_unref (entry->value);
      entry->value = g_variant_ref (value);
      return;
    }

  g_hash_table_insert (self->places, g_strdup (key), GUINT_TO_POINTER (self->entries->len));
  dconf_entries_add (self->entries, key, value);
}

/* The messages of GLib begin with the place in the text, like “3-7:unknown keyword”. */
static gboolean
fail_value (const Parser *self, const char *text, const GError *problem, GError **error)
{
  char *message;
  guint64 offset = g_ascii_strtoull (problem->message, &message, 10);
  const char *there = text + MIN (offset, (guint64) (self->end - text));
  g_autofree char *shown = NULL;

  message += strspn (message, "-0123456789");
  shown = g_strdup_printf ("the value isn't a GVariant in text form: %s",
                           *message == ':' ? message + 1 : message);

  return fail (self, there, shown, error);
}

static gboolean
take_pair (Parser *self, GError **error)
{
  const char *equals = memchr (self->start, '=', self->end - self->start);
  g_autoptr (GError) problem = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autofree char *name = NULL;
  g_autofree char *key = NULL;

  if (equals == NULL)
    return fail (self, self->start, "expected “[FOLDER]”, “KEY=VALUE”, a comment or nothing",
                 error);
  if (self->folder == NULL)
    return fail (self, self->start, "a key stands below its folder, as in “[org/gnome/desktop]”",
                 error);

  name = g_strchomp (g_strndup (self->start, equals - self->start));
  if (*name == '\0' || strchr (name, '/') != NULL)
    return fail (self, self->start, "a key has a name without a slash", error);

  value = g_variant_parse (NULL, equals + 1, self->end, NULL, &problem);
  if (value == NULL)
    return fail_value (self, equals + 1, problem, error);

  key = g_strconcat (self->folder, name, NULL);
  add (self, key, value);

  return TRUE;
}

static gboolean
take_line (Parser *self, GError **error)
{
  if (self->start == self->end || *self->start == '#')
    return TRUE;

  return *self->start == '[' ? take_folder (self, error) : take_pair (self, error);
}

static gboolean
check_encoding (Parser *self, const char *text, gsize length, GError **error)
{
  const char *end;

  if (g_utf8_validate_len (text, length, &end))
    return TRUE;

  self->number = 1;
  self->line = text;
  for (const char *c = text; c < end; c++)
    {
      if (*c != '\n')
        continue;
      self->number++;
      self->line = c + 1;
    }

  return fail (self, end, "the text isn't valid UTF-8, or has a NUL in it", error);
}

static gboolean
take_lines (Parser *self, const char *text, gsize length, GError **error)
{
  const char *limit = text + length;

  while (text < limit)
    {
      const char *newline = memchr (text, '\n', limit - text);

      self->number++;
      self->line = text;
      self->start = text;
      self->end = newline != NULL ? newline : limit;
      text = self->end + 1;
      while (self->end > self->line && g_ascii_isspace (self->end[-1]))
        self->end--;
      while (self->start < self->end && g_ascii_isspace (*self->start))
        self->start++;
      if (!take_line (self, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * dconf_entries_parse:
 * @text: the text that `dconf dump /` prints
 * @name: the name of its file, for errors
 *
 * Returns: (transfer full) (element-type DconfEntry): the keys, each once; %NULL with an error that
 *   has the line and the column
 */
GPtrArray *
dconf_entries_parse (GBytes *text, const char *name, GError **error)
{
  gsize length;
  const char *start = g_bytes_get_data (text, &length);
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) entries = dconf_entries_new ();
  Parser parser = { .name = name, .places = places, .entries = entries };
  gboolean is_valid = check_encoding (&parser, start, length, error)
                      && take_lines (&parser, start, length, error);

  g_free (parser.folder);

  return is_valid ? g_steal_pointer (&entries) : NULL;
}
