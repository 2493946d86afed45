/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "arena/publisher.h"
#include "support.h"

static RunconfArena *
open_newest (RunconfArenaPublisher *publisher)
{
  g_autoptr (GError) error = NULL;
  int fd = runconf_arena_publisher_open (publisher, &error);
  RunconfArena *arena;

  g_assert_no_error (error);
  arena = runconf_arena_new_from_fd (fd, &error);
  g_assert_no_error (error);
  close (fd);

  return arena;
}

static guint64
read_version (RunconfArena *arena)
{
  RunconfArenaView view;

  g_assert_true (runconf_arena_get_view (arena, &view));

  return runconf_arena_view_get_version (&view);
}

/* A reader that moves when it has to sees each version, and another one sees that it is late. */
static void
test_handover (void)
{
  g_autoptr (RunconfNode) none = tree_new ("{}");
  g_auto (RunconfArenaContent) before = content_new (1, none, none);
  g_autoptr (RunconfArenaPublisher) publisher = runconf_arena_publisher_new (&before, NULL);
  g_autoptr (RunconfArena) arena = open_newest (publisher);
  g_autoptr (RunconfArena) lazy = runconf_arena_ref (arena);
  guint n_moves = 0, n_lazy = 0;

  for (guint version = 2; version < 40000; version++)
    {
      g_autoptr (RunconfNode) value = runconf_node_new_integer (version);
      g_autoptr (RunconfNode) overrides = tree_set (none, "/a/number", value);
      RunconfArenaContent after = content_new (version, none, overrides);
      g_autoptr (GError) error = NULL;
      gboolean is_fresh;

      g_assert_true (
          runconf_arena_publisher_publish (publisher, &before, &after, &is_fresh, &error));
      g_assert_no_error (error);
      content_clear (&before);
      before = after;

      g_assert_cmpuint (read_version (arena), ==, version);
      g_assert_cmpint (runconf_arena_get_stage (arena), ==,
                       is_fresh ? RUNCONF_ARENA_SUPERSEDED : RUNCONF_ARENA_LIVE);
      if (is_fresh)
        {
          runconf_arena_unref (arena);
          arena = open_newest (publisher);
          g_assert_cmpuint (read_version (arena), ==, version);
          n_moves++;
        }

      if (runconf_arena_get_stage (lazy) != RUNCONF_ARENA_CLOSED)
        g_assert_cmpuint (read_version (lazy), ==, version);
      else
        n_lazy++;
    }

  g_assert_cmpuint (n_moves, >, 2);
  g_assert_cmpuint (n_lazy, >, 1000);
}

/* One change that is too large for any arena of the present size. */
static void
test_large_change (void)
{
  g_autoptr (RunconfNode) none = tree_new ("{}");
  g_autofree char *text = g_strnfill (10 * 1000 * 1000, 'x');
  g_autoptr (RunconfNode) value = runconf_node_new_string (text, -1);
  g_autoptr (RunconfNode) overrides = tree_set (none, "/text", value);
  g_auto (RunconfArenaContent) before = content_new (1, none, none);
  g_auto (RunconfArenaContent) after = content_new (2, none, overrides);
  g_autoptr (RunconfArenaPublisher) publisher = runconf_arena_publisher_new (&before, NULL);
  g_autoptr (RunconfArena) arena = open_newest (publisher);
  g_autoptr (RunconfArena) fresh = NULL;
  gboolean is_fresh;

  g_assert_true (runconf_arena_publisher_publish (publisher, &before, &after, &is_fresh, NULL));
  g_assert_true (is_fresh);
  g_assert_cmpint (runconf_arena_get_stage (arena), ==, RUNCONF_ARENA_CLOSED);
  g_assert_cmpuint (read_version (arena), ==, 1);
  fresh = open_newest (publisher);
  g_assert_cmpint (runconf_arena_get_stage (fresh), ==, RUNCONF_ARENA_LIVE);
  g_assert_cmpuint (read_version (fresh), ==, 2);
}

/* Readers keep their values, and know that they are old. */
static void
test_end (void)
{
  g_autoptr (RunconfNode) tree = tree_new ("{'a': 1}");
  g_autoptr (RunconfNode) none = tree_new ("{}");
  g_auto (RunconfArenaContent) content = content_new (1, tree, none);
  RunconfArenaPublisher *publisher = runconf_arena_publisher_new (&content, NULL);
  g_autoptr (RunconfArena) arena = open_newest (publisher);

  runconf_arena_publisher_free (publisher);
  g_assert_cmpint (runconf_arena_get_stage (arena), ==, RUNCONF_ARENA_CLOSED);
  g_assert_cmpuint (read_version (arena), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/arena/handover", test_handover);
  g_test_add_func ("/arena/large-change", test_large_change);
  g_test_add_func ("/arena/end", test_end);

  return g_test_run ();
}
