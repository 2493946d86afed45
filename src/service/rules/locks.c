/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/rules/locks.h"

#include <string.h>

#include "core/escape.h"

/* the number of reported lines: further ones most likely have the same error */
#define MAX_TOLD_LINES 10

struct _RunconfdLocks
{
  char *name;
  GHashTable *paths; /* of JSON Pointers */
  char *trouble;     /* or NULL */
};

/* An empty line has no meaning, so the whole configuration, whose pointer is empty, can't be
 * locked.
 */
static gboolean
take_line (RunconfdLocks *self, const char *line, GError **error)
{
  g_autoptr (RunconfPath) path = NULL;

  if (*line == '\0' || *line == '#')
    return TRUE;

  path = runconf_path_new (line, error);
  if (path == NULL)
    return FALSE;

  g_hash_table_add (self->paths, g_strdup (line));

  return TRUE;
}

static void
take_lines (RunconfdLocks *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) trouble = g_string_new (NULL);
  guint n_bad = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;

      if (!take_line (self, g_strstrip (lines[i]), &error) && n_bad++ < MAX_TOLD_LINES)
        g_string_append_printf (trouble, "%s%s:%u: %s", trouble->len > 0 ? "; " : "", self->name,
                                i + 1, error->message);
    }

  if (n_bad > MAX_TOLD_LINES)
    g_string_append_printf (trouble, "; and %u lines more", n_bad - MAX_TOLD_LINES);
  if (n_bad > 0)
    self->trouble = g_string_free (g_steal_pointer (&trouble), FALSE);
}

/**
 * runconfd_locks_new:
 * @text: the contents of the file
 * @name: its name for messages
 *
 * Takes all valid lines. An invalid line locks nothing, and runconfd_locks_get_trouble() reports
 * it.
 *
 * Returns: (transfer full): the locks
 */
RunconfdLocks *
runconfd_locks_new (GBytes *text, const char *name)
{
  RunconfdLocks *self = g_atomic_rc_box_new0 (RunconfdLocks);
  gsize size;
  const char *data = g_bytes_get_data (text, &size);
  g_autofree char *valid = g_utf8_make_valid (data, size);

  self->name = runconf_escape (name, -1);
  self->paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  take_lines (self, valid);

  return self;
}

RunconfdLocks *
runconfd_locks_ref (RunconfdLocks *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (RunconfdLocks *self)
{
  g_free (self->name);
  g_hash_table_unref (self->paths);
  g_free (self->trouble);
}

void
runconfd_locks_unref (RunconfdLocks *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

gboolean
runconfd_locks_is_empty (const RunconfdLocks *self)
{
  return g_hash_table_size (self->paths) == 0;
}

/**
 * runconfd_locks_contain:
 *
 * Returns: whether @path or a parent of it is locked
 */
gboolean
runconfd_locks_contain (const RunconfdLocks *self, const RunconfPath *path)
{
  for (guint length = 1; length <= runconf_path_get_length (path); length++)
    {
      g_autofree char *prefix = runconf_path_get_prefix (path, length);

      if (g_hash_table_contains (self->paths, prefix))
        return TRUE;
    }

  return FALSE;
}

/**
 * runconfd_locks_get_name:
 *
 * Returns: the file of the locks, escaped for messages
 */
const char *
runconfd_locks_get_name (const RunconfdLocks *self)
{
  return self->name;
}

/**
 * runconfd_locks_get_trouble:
 *
 * Returns: (nullable): the invalid lines with the reasons
 */
const char *
runconfd_locks_get_trouble (const RunconfdLocks *self)
{
  return self->trouble;
}
