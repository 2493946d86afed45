/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pthread.h>

#include "core/mapping.h"
#include "core/merge.h"
#include "tests/core/testutil.h"

#define N_THREADS 8
#define N_ROUNDS 400

typedef struct
{
  RunconfNode *tree;
  const char *text;
} Shared;

/* Reads the tree, makes others that share most of it, and releases them. */
static gpointer
use_tree (gpointer data)
{
  const Shared *shared = data;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (RunconfNode) tree = runconf_node_ref (shared->tree);
      g_autoptr (RunconfNode) value = runconf_node_new_integer (i);
      g_autoptr (RunconfNode) changed = tree_set (tree, "/a/b/c", value);
      g_autoptr (RunconfNode) removed = tree_remove (changed, "/a");
      g_autoptr (RunconfNode) merged = runconf_merge (tree, changed);

      assert_same (merged, changed);
      g_assert_null (tree_find (removed, "/a"));
      g_assert_cmpint (runconf_node_get_integer (tree_find (changed, "/a/b/c")), ==, i);
      if (i % 50 == 0)
        {
          g_autofree char *text = tree_print (tree);

          g_assert_cmpstr (text, ==, shared->text);
        }
    }

  return NULL;
}

static void
test_shared_tree (void)
{
  g_autoptr (RunconfNode) tree = random_mapping (4);
  g_autofree char *text = tree_print (tree);
  Shared shared = { tree, text };
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("reader", use_tree, &shared);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  assert_tree (tree, text);
}

/* ThreadSanitizer sees locks of pthreads, but not a GMutex. For checks of the reference counts and
 * of freed memory, build with G_DISABLE_CHECKS and run with G_SLICE=always-malloc.
 */
typedef struct
{
  pthread_mutex_t mutex;
  RunconfNode *newest;
} Cell;

/* Any of the threads may drop the last reference to a tree. */
static gpointer
read_newest (gpointer data)
{
  Cell *cell = data;
  gint64 last = 0;

  while (last < N_ROUNDS)
    {
      g_autoptr (RunconfNode) tree = NULL;
      gint64 version;

      pthread_mutex_lock (&cell->mutex);
      tree = runconf_node_ref (cell->newest);
      pthread_mutex_unlock (&cell->mutex);

      version = runconf_node_get_integer (runconf_mapping_get (tree, "version"));
      g_assert_cmpint (version, >=, last);
      last = version;
    }

  return NULL;
}

static void
test_newest (void)
{
  Cell cell = { .newest = tree_new ("{'version': 0, 'x': {'y': [1, 2, 'three']}}") };
  GThread *threads[N_THREADS];

  pthread_mutex_init (&cell.mutex, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("reader", read_newest, &cell);

  for (guint i = 1; i <= N_ROUNDS; i++)
    {
      g_autoptr (RunconfNode) version = runconf_node_new_integer (i);
      g_autoptr (RunconfNode) old = NULL;
      RunconfNode *changed = tree_set (cell.newest, "/version", version);

      pthread_mutex_lock (&cell.mutex);
      old = cell.newest;
      cell.newest = changed;
      pthread_mutex_unlock (&cell.mutex);
    }

  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  pthread_mutex_destroy (&cell.mutex);
  runconf_node_unref (cell.newest);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/threads/shared-tree", test_shared_tree);
  g_test_add_func ("/threads/newest", test_newest);

  return g_test_run ();
}
