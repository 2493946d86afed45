/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

#include <unistd.h>

#include "core/merge.h"

/* Returns: a version with its own references */
RunconfArenaContent
content_new (guint64 version, const RunconfNode *defaults, const RunconfNode *overrides)
{
  return (RunconfArenaContent){
    .version = version,
    .time = (gint64) version * 1000,
    .effective = runconf_merge (defaults, overrides),
    .defaults = runconf_node_ref (defaults),
    .has_overrides = runconf_node_get_length (overrides) > 0,
  };
}

void
content_clear (RunconfArenaContent *content)
{
  g_clear_pointer ((RunconfNode **) &content->effective, runconf_node_unref);
  g_clear_pointer ((RunconfNode **) &content->defaults, runconf_node_unref);
}

/* Maps the arena like another process. */
RunconfArena *
open_arena (const RunconfArenaWriter *writer)
{
  g_autoptr (GError) error = NULL;
  RunconfArena *arena;
  int fd = runconf_arena_writer_open (writer, &error);

  g_assert_no_error (error);
  arena = runconf_arena_new_from_fd (fd, &error);
  g_assert_no_error (error);
  close (fd);

  return arena;
}

/* Returns: how many bytes of the arena the versions so far need */
gsize
get_used (const RunconfArenaWriter *writer)
{
  RunconfArenaView view;

  g_assert_true (runconf_arena_get_view (runconf_arena_writer_get_arena (writer), &view));

  return view.end;
}

char *
print_view (const RunconfArenaView *view, const char *path)
{
  g_autoptr (GVariant) value = runconf_arena_view_get_variant (view, path);

  return value != NULL ? g_variant_print (value, TRUE) : g_strdup ("nothing");
}
