/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "layers/locks.h"

#include <string.h>

#include "core/escape.h"
#include "core/mapping.h"

/* the number of reported lines: further ones most likely have the same error */
#define MAX_TOLD_LINES 10

struct _RunconfLocks
{
  GHashTable *locks; /* of JSON Pointers; of several locks of a path, that of the weakest layer */
  GPtrArray *files;  /* the names of the files */
  RunconfLayer weakest;
  GPtrArray *errors;
};

static void
lock_free (RunconfLock *self)
{
  g_free (self->reason);
  g_free (self);
}

static void
error_free (RunconfLockError *self)
{
  g_free (self->file);
  g_free (self->message);
  g_free (self);
}

static void
take_error (RunconfLocks *self, const char *file, guint line, guint column, char *message)
{
  RunconfLockError *error = g_new0 (RunconfLockError, 1);

  error->file = g_strdup (file);
  error->line = line;
  error->column = column;
  error->message = message;
  g_ptr_array_add (self->errors, error);
}

/* Cuts off the comment. Returns: (nullable): the text of the comment */
static const char *
split_reason (char *line)
{
  for (char *at = line; *at != '\0'; at++)
    {
      if (*at != '#' || (at > line && !g_ascii_isspace (at[-1])))
        continue;
      *at = '\0';
      g_strchomp (line);
      g_strstrip (at + 1);
      return at[1] != '\0' ? at + 1 : NULL;
    }

  return NULL;
}

static gboolean
take_line (RunconfLocks *self, RunconfLayer layer, const char *file, guint number, char *line,
           GError **error)
{
  const char *reason = split_reason (line);
  g_autoptr (RunconfPath) path = NULL;
  RunconfLock *lock;

  g_strstrip (line);
  if (*line == '\0')
    return TRUE;

  path = runconf_path_new (line, error);
  if (path == NULL)
    return FALSE;
  if (g_hash_table_contains (self->locks, line))
    return TRUE;

  lock = g_new0 (RunconfLock, 1);
  lock->layer = layer;
  lock->file = file;
  lock->line = number;
  lock->reason = reason != NULL ? runconf_escape (reason, -1) : NULL;
  g_hash_table_insert (self->locks, g_strdup (line), lock);
  self->weakest = MIN (self->weakest, layer);

  return TRUE;
}

/**
 * runconf_locks_new:
 *
 * Returns: (transfer full): no locks
 */
RunconfLocks *
runconf_locks_new (void)
{
  RunconfLocks *self = g_atomic_rc_box_new0 (RunconfLocks);

  self->locks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) lock_free);
  self->files = g_ptr_array_new_with_free_func (g_free);
  self->weakest = RUNCONF_N_LAYERS;
  self->errors = g_ptr_array_new_with_free_func ((GDestroyNotify) error_free);

  return self;
}

RunconfLocks *
runconf_locks_ref (RunconfLocks *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (RunconfLocks *self)
{
  g_hash_table_unref (self->locks);
  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->errors);
}

void
runconf_locks_unref (RunconfLocks *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

/**
 * runconf_locks_add:
 * @layer: the layer of the file, not weaker than those of the files before
 * @name: of the file, for messages
 * @text: its contents
 *
 * Takes all valid lines. The empty pointer, the whole configuration, can't be locked, since an empty
 * line has no meaning. An invalid line locks nothing, and runconf_locks_get_errors() reports it.
 */
void
runconf_locks_add (RunconfLocks *self, RunconfLayer layer, const char *name, GBytes *text)
{
  gsize size;
  const char *data = g_bytes_get_data (text, &size);
  g_autofree char *valid = g_utf8_make_valid (data, size);
  char *file = runconf_escape (name, -1);
  g_auto (GStrv) lines = g_strsplit (valid, "\n", -1);
  guint n_bad = 0;

  g_ptr_array_add (self->files, file);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      guint column = (guint) strspn (lines[i], " \t") + 1;

      if (!take_line (self, layer, file, i + 1, lines[i], &error) && n_bad++ < MAX_TOLD_LINES)
        take_error (self, file, i + 1, column, g_strdup (error->message));
    }

  if (n_bad > MAX_TOLD_LINES)
    take_error (self, file, 0, 0,
                g_strdup_printf ("%u lines more are invalid", n_bad - MAX_TOLD_LINES));
}

/**
 * runconf_lock_describe:
 *
 * Returns: (transfer full): the file, the line and the reason, for messages
 */
char *
runconf_lock_describe (const RunconfLock *self)
{
  return self->reason != NULL ? g_strdup_printf ("%s:%u (%s)", self->file, self->line, self->reason)
                              : g_strdup_printf ("%s:%u", self->file, self->line);
}

/**
 * runconf_locks_bind:
 *
 * Returns: whether a lock binds values of @layer
 */
gboolean
runconf_locks_bind (const RunconfLocks *self, RunconfLayer layer)
{
  return self->weakest < layer;
}

/**
 * runconf_locks_find:
 * @layer: the layer of a value at @path
 *
 * Returns: (transfer none) (nullable): the lock of @path or of a parent of it that binds @layer; the
 *   one nearest to the root if there are several
 */
const RunconfLock *
runconf_locks_find (const RunconfLocks *self, const RunconfPath *path, RunconfLayer layer)
{
  if (!runconf_locks_bind (self, layer))
    return NULL;

  for (guint length = 1; length <= runconf_path_get_length (path); length++)
    {
      g_autofree char *prefix = runconf_path_get_prefix (path, length);
      const RunconfLock *lock = g_hash_table_lookup (self->locks, prefix);

      if (lock != NULL && lock->layer < layer)
        return lock;
    }

  return NULL;
}

/**
 * runconf_locks_get_errors:
 *
 * Returns: (transfer none) (element-type RunconfLockError): the invalid lines, the first ones of each
 *   file
 */
GPtrArray *
runconf_locks_get_errors (const RunconfLocks *self)
{
  return self->errors;
}

/**
 * runconf_locks_describe_errors:
 *
 * Returns: (transfer full) (nullable): the invalid lines with the reasons; %NULL if there are none
 */
char *
runconf_locks_describe_errors (const RunconfLocks *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->errors->len; i++)
    {
      const RunconfLockError *error = self->errors->pdata[i];

      g_string_append_printf (text, "%s%s:", i > 0 ? "; " : "", error->file);
      if (error->line > 0)
        g_string_append_printf (text, "%u:", error->line);
      g_string_append_printf (text, " %s", error->message);
    }

  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/**
 * runconf_locks_foreach:
 * @func: called with each locked JSON Pointer that binds @layer, in no order
 */
void
runconf_locks_foreach (const RunconfLocks *self, RunconfLayer layer, GFunc func, gpointer user_data)
{
  GHashTableIter iter;
  gpointer path, lock;

  g_hash_table_iter_init (&iter, self->locks);
  while (g_hash_table_iter_next (&iter, &path, &lock))
    {
      if (((RunconfLock *) lock)->layer < layer)
        func (path, user_data);
    }
}

/* Returns: whether @path, the path of @node, or a path below it in @node is locked */
static gboolean
is_any_locked (RunconfLockedFunc is_locked, gpointer user_data, const RunconfNode *node,
               GString *path)
{
  g_autoptr (RunconfPath) here = runconf_path_new (path->str, NULL);
  gsize length = path->len;
  gboolean found = here == NULL || is_locked (here, user_data);

  for (guint i = 0; !found && i < runconf_node_get_length (node); i++)
    {
      g_autofree char *index = g_strdup_printf ("%u", i);

      runconf_path_append (
          path, runconf_node_is_mapping (node) ? runconf_mapping_get_key (node, i, NULL) : index);
      found = is_any_locked (is_locked, user_data, runconf_node_get_child (node, i), path);
      g_string_truncate (path, length);
    }

  return found;
}

/**
 * runconf_locked_concern:
 * @path: of a leaf of a layer
 * @value: the leaf
 * @fallback: (nullable): the value of the weaker layers at @path
 *
 * A leaf in the place of a collection removes the locked values in it; only an empty mapping that is
 * merged removes none.
 *
 * Returns: whether a lock forbids to put @value over @fallback
 */
gboolean
runconf_locked_concern (RunconfLockedFunc is_locked, gpointer user_data, const RunconfPath *path,
                        const RunconfNode *value, const RunconfNode *fallback)
{
  g_autoptr (GString) pointer = g_string_new (runconf_path_get_pointer (path));

  if (is_locked (path, user_data))
    return TRUE;
  if (runconf_node_is_merging (value))
    return FALSE;

  return (fallback != NULL && is_any_locked (is_locked, user_data, fallback, pointer))
         || is_any_locked (is_locked, user_data, value, pointer);
}
