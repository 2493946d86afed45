/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/mapping.h"
#include "support.h"

#define N_KEYS 64
#define N_READERS 8
#define N_CHECKS 1000000

/* A writer changes some numbers and their sum together, and each snapshot of a reader has to add
 * up. Readers use the writer's own mapping, so that ThreadSanitizer sees both sides.
 */
typedef struct
{
  const RunconfArenaWriter *writer; /* atomic: the newest */
  gint n_checks;                    /* atomic */
} Shared;

static char paths[N_KEYS + 1][16];

static gint64
read_number (const RunconfArenaView *view, const char *path)
{
  const RunconfArenaEntry *entry = runconf_arena_view_find (view, path, strlen (path));
  RunconfArenaValue value;

  g_assert_nonnull (entry);
  g_assert_true (runconf_arena_view_get_value (view, entry, &value));
  g_assert_cmpint (value.kind, ==, RUNCONF_KIND_INTEGER);

  return value.integer;
}

static gpointer
check_snapshots (gpointer data)
{
  Shared *shared = data;
  guint64 last = 0;

  while (g_atomic_int_add (&shared->n_checks, 1) < N_CHECKS)
    {
      const RunconfArenaWriter *writer = g_atomic_pointer_get (&shared->writer);
      RunconfArenaView view;
      gint64 sum = 0;

      g_assert_true (runconf_arena_get_view (runconf_arena_writer_get_arena (writer), &view));
      g_assert_cmpuint (runconf_arena_view_get_version (&view), >=, last);
      last = runconf_arena_view_get_version (&view);
      for (guint i = 0; i < N_KEYS; i++)
        sum += read_number (&view, paths[i]);
      g_assert_cmpint (sum, ==, read_number (&view, paths[N_KEYS]));
    }

  return NULL;
}

static RunconfNode *
change_numbers (const RunconfNode *old)
{
  RunconfNode *tree = runconf_node_ref (old);
  gint64 sum = 0;

  for (guint i = 0; i < N_KEYS; i++)
    {
      gint64 number = g_random_int_range (-1000, 1000);
      g_autoptr (RunconfNode) value = runconf_node_new_integer (number);
      g_autoptr (RunconfNode) before = tree;

      tree = tree_set (before, paths[i], value);
      sum += number;
    }

  {
    g_autoptr (RunconfNode) value = runconf_node_new_integer (sum);
    g_autoptr (RunconfNode) before = tree;

    tree = tree_set (before, paths[N_KEYS], value);
  }

  return tree;
}

static void
test_threads (void)
{
  g_autoptr (RunconfNode) none = tree_new ("{}");
  g_autoptr (RunconfNode) tree = change_numbers (none);
  g_auto (RunconfArenaContent) before = content_new (1, none, tree);
  /* the readers of each writer aren't counted here: all writers are kept until the end */
  g_autoptr (GPtrArray) writers
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_arena_writer_free);
  Shared shared = { runconf_arena_writer_new (&before, NULL), 0 };
  GThread *readers[N_READERS];

  g_ptr_array_add (writers, (gpointer) shared.writer);
  for (guint i = 0; i < N_READERS; i++)
    readers[i] = g_thread_new ("reader", check_snapshots, &shared);

  while (g_atomic_int_get (&shared.n_checks) < N_CHECKS)
    {
      g_autoptr (RunconfNode) old = tree;
      RunconfArenaWriter *writer = writers->pdata[writers->len - 1];
      RunconfArenaContent after;

      tree = change_numbers (old);
      after = content_new (before.version + 1, none, tree);
      if (!runconf_arena_writer_publish (writer, &before, &after))
        {
          writer = runconf_arena_writer_new (&after, NULL);
          g_assert_nonnull (writer);
          g_ptr_array_add (writers, writer);
          g_atomic_pointer_set (&shared.writer, writer);
        }
      content_clear (&before);
      before = after;
    }

  for (guint i = 0; i < N_READERS; i++)
    g_thread_join (readers[i]);

  g_test_message ("%u versions in %u arenas", (guint) before.version, writers->len);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i <= N_KEYS; i++)
    g_snprintf (paths[i], sizeof paths[i], "/m%u/k%u", i % 3, i);
  g_test_add_func ("/arena/threads", test_threads);

  return g_test_run ();
}
