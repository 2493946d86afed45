/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/authority/turns.h"

/* the name of the caller without a bus; a bus gives no connection an empty name */
#define PEER ""

struct _RunconfdTurns
{
  GHashTable *waiting; /* of GArray of Turn, by each caller whose turns are held */
  GHashTable *writes;  /* the number of writes under way, by caller */
  GHashTable *readers; /* callers whose turns are held until their writes have ended */
};

typedef struct
{
  RunconfdTurnsFunc func;
  gpointer call;
  gboolean sees_writes;
} Turn;

RunconfdTurns *
runconfd_turns_new (void)
{
  RunconfdTurns *self = g_new0 (RunconfdTurns, 1);

  self->waiting
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  self->writes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->readers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  return self;
}

void
runconfd_turns_free (RunconfdTurns *self)
{
  g_hash_table_unref (self->waiting);
  g_hash_table_unref (self->writes);
  g_hash_table_unref (self->readers);
  g_free (self);
}

static const char *
get_key (const char *caller)
{
  return caller != NULL ? caller : PEER;
}

static GArray *
hold (RunconfdTurns *self, const char *key)
{
  GArray *turns = g_array_new (FALSE, FALSE, sizeof (Turn));

  g_hash_table_insert (self->waiting, g_strdup (key), turns);

  return turns;
}

static void
dispatch (RunconfdTurns *self, const char *key, const Turn *turn)
{
  if (turn->sees_writes && g_hash_table_contains (self->writes, key))
    {
      g_array_append_val (hold (self, key), *turn);
      g_hash_table_add (self->readers, g_strdup (key));
      return;
    }

  turn->func (turn->call);
}

static void
enqueue (RunconfdTurns *self, const char *key, const Turn *turn)
{
  GArray *turns = g_hash_table_lookup (self->waiting, key);

  if (turns != NULL)
    g_array_append_val (turns, *turn);
  else
    dispatch (self, key, turn);
}

/**
 * runconfd_turns_take:
 * @caller: (nullable): the caller
 * @sees_writes: whether the call waits until earlier writes of the caller have ended
 * @func: runs the call; called once, at once or later
 */
void
runconfd_turns_take (RunconfdTurns *self, const char *caller, gboolean sees_writes,
                     RunconfdTurnsFunc func, gpointer call)
{
  enqueue (self, get_key (caller), &(Turn){ func, call, sees_writes });
}

/**
 * runconfd_turns_hold:
 * @caller: (nullable): the caller, whose turns aren't held
 *
 * Lets later calls of the caller wait until runconfd_turns_release().
 */
void
runconfd_turns_hold (RunconfdTurns *self, const char *caller)
{
  hold (self, get_key (caller));
}

/**
 * runconfd_turns_release:
 * @caller: (nullable): the caller, whose turns are held
 *
 * Runs the calls that waited, in their order. If one of them holds the turns, the calls behind it wait
 * again.
 */
void
runconfd_turns_release (RunconfdTurns *self, const char *caller)
{
  g_autoptr (GArray) turns = NULL;
  g_autofree char *key = NULL;

  g_hash_table_steal_extended (self->waiting, get_key (caller), (gpointer *) &key,
                               (gpointer *) &turns);
  for (guint i = 0; i < turns->len; i++)
    enqueue (self, key, &g_array_index (turns, Turn, i));
}

/**
 * runconfd_turns_begin_write:
 * @caller: (nullable): the caller
 *
 * Lets later calls of the caller that need to see its writes wait until runconfd_turns_end_write().
 */
void
runconfd_turns_begin_write (RunconfdTurns *self, const char *caller)
{
  const char *key = get_key (caller);
  guint n_writes = GPOINTER_TO_UINT (g_hash_table_lookup (self->writes, key));

  g_hash_table_insert (self->writes, g_strdup (key), GUINT_TO_POINTER (n_writes + 1));
}

/**
 * runconfd_turns_end_write:
 * @caller: (nullable): the caller, which has a write under way
 *
 * Runs the calls that waited, if this was the last write of the caller.
 */
void
runconfd_turns_end_write (RunconfdTurns *self, const char *caller)
{
  const char *key = get_key (caller);
  guint n_writes = GPOINTER_TO_UINT (g_hash_table_lookup (self->writes, key));

  if (n_writes > 1)
    {
      g_hash_table_insert (self->writes, g_strdup (key), GUINT_TO_POINTER (n_writes - 1));
      return;
    }

  g_hash_table_remove (self->writes, key);
  if (g_hash_table_remove (self->readers, key))
    runconfd_turns_release (self, caller);
}
