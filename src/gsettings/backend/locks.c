/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/backend/locks.h"

#include <string.h>

#include "gsettings/backend/guard.h"
#include "gsettings/form/form.h"

struct _RunconfBackendLocks
{
  gint n_locks; /* atomic */
  char **locks; /* sorted; protected by the guard */
};

RunconfBackendLocks *
runconf_backend_locks_new (void)
{
  RunconfBackendLocks *self = g_new0 (RunconfBackendLocks, 1);

  self->locks = g_new0 (char *, 1);

  return self;
}

void
runconf_backend_locks_free (RunconfBackendLocks *self)
{
  g_strfreev (self->locks);
  g_free (self);
}

/* Adds the paths that only one of two sorted lists has. */
static void
add_differences (GPtrArray *paths, char **one, char **other)
{
  while (*one != NULL || *other != NULL)
    {
      int order = *one == NULL ? 1 : *other == NULL ? -1 : strcmp (*one, *other);

      if (order != 0)
        g_ptr_array_add (paths, g_strdup (order < 0 ? *one : *other));
      one += order <= 0;
      other += order >= 0;
    }
}

/**
 * runconf_backend_locks_take:
 * @locks: (transfer full): the locked paths, sorted
 *
 * Returns: (transfer full) (element-type utf8): the paths that were locked or unlocked by this
 */
GPtrArray *
runconf_backend_locks_take (RunconfBackendLocks *self, char **locks)
{
  GPtrArray *changed = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) old = NULL;

  runconf_backend_guard_lock ();
  old = self->locks;
  self->locks = locks;
  g_atomic_int_set (&self->n_locks, (gint) g_strv_length (locks));
  add_differences (changed, old, locks);
  runconf_backend_guard_unlock ();

  return changed;
}

/* Returns: (nullable): the first lock that isn't before @path */
static const char *
find_from (RunconfBackendLocks *self, const char *path)
{
  guint low = 0, high = (guint) self->n_locks;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (strcmp (self->locks[middle], path) < 0)
        low = middle + 1;
      else
        high = middle;
    }

  return self->locks[low];
}

static gboolean
is_locked (RunconfBackendLocks *self, const char *path)
{
  g_autofree char *above = g_strdup (path);

  for (char *end = above + strlen (above); end != NULL && end > above; end = strrchr (above, '/'))
    {
      *end = '\0';
      if (g_strcmp0 (find_from (self, above), above) == 0)
        return TRUE;
    }

  return FALSE;
}

static gboolean
has_lock_below (RunconfBackendLocks *self, const char *path)
{
  g_autofree char *folder = g_strconcat (path, "/", NULL);
  const char *first = find_from (self, folder);

  return first != NULL && g_str_has_prefix (first, folder);
}

/**
 * runconf_backend_locks_has:
 * @key: the key of a setting
 *
 * A key with a mapping is written as a whole, so a lock below it concerns it.
 *
 * Returns: whether the key can't be written
 */
gboolean
runconf_backend_locks_has (RunconfBackendLocks *self, const char *key)
{
  g_autofree char *path = NULL;
  gboolean has = FALSE;

  if (G_LIKELY (g_atomic_int_get (&self->n_locks) == 0))
    return FALSE;

  path = runconf_gsettings_path (key);
  runconf_backend_guard_lock ();
  has = is_locked (self, path) || has_lock_below (self, path);
  runconf_backend_guard_unlock ();

  return has;
}
