/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arena/arena-private.h"
#include "support.h"

#define N_ROUNDS 20000

/* Returns: a sealed file with these bytes */
static int
make_file (const guint8 *bytes, gsize size, int seals)
{
  int fd = memfd_create ("damaged", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, bytes, size), ==, size);
  g_assert_cmpint (fcntl (fd, F_ADD_SEALS, seals), ==, 0);

  return fd;
}

static void
assert_refused (int fd, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfArena) arena = runconf_arena_new_from_fd (fd, &error);

  g_assert_null (arena);
  assert_error (error, RUNCONF_ERROR_UNAVAILABLE, message);
  close (fd);
}

#define REFUSED "the shared memory of the service can't be used: "

static void
test_foreign (void)
{
  _Alignas(64) guint8 bytes[4096] = { 0 };
  RunconfArenaHeader *header = (gpointer) bytes;
  int pipes[2];

  assert_refused (open ("/dev/null", O_RDONLY | O_CLOEXEC),
                  REFUSED "it isn't sealed, so that it could change or shrink while it is read");
  g_assert_cmpint (pipe2 (pipes, O_CLOEXEC), ==, 0);
  close (pipes[1]);
  assert_refused (pipes[0],
                  REFUSED "it isn't sealed, so that it could change or shrink while it is read");
  assert_refused (make_file (bytes, sizeof bytes, F_SEAL_SHRINK),
                  REFUSED "it isn't sealed, so that it could change or shrink while it is read");
  assert_refused (make_file (bytes, 8, RUNCONF_ARENA_SEALS), REFUSED "it is too short");
  assert_refused (make_file (bytes, sizeof bytes, RUNCONF_ARENA_SEALS),
                  REFUSED "it isn't one of Runconf");

  memcpy (header->magic, RUNCONF_ARENA_MAGIC, sizeof header->magic);
  header->format = RUNCONF_ARENA_FORMAT + 1;
  assert_refused (make_file (bytes, sizeof bytes, RUNCONF_ARENA_SEALS),
                  REFUSED "it has the format of another version of Runconf");

  header->format = RUNCONF_ARENA_FORMAT;
  header->size = sizeof bytes + 1;
  assert_refused (make_file (bytes, sizeof bytes, RUNCONF_ARENA_SEALS),
                  REFUSED "it is damaged: it has another size than it says");

  header->size = sizeof bytes;
  header->directory_bits = RUNCONF_ARENA_MIN_DIRECTORY_BITS;
  assert_refused (make_file (bytes, sizeof bytes, RUNCONF_ARENA_SEALS),
                  REFUSED "it is damaged: it leads nowhere");
}

/* Calls everything that a reader does, and ignores the results. */
static void
read_all (RunconfArena *arena, const char *const *paths)
{
  RunconfArenaView view, other;

  if (!runconf_arena_get_view (arena, &view))
    return;

  for (; *paths != NULL; paths++)
    {
      const RunconfArenaEntry *entry = runconf_arena_view_find (&view, *paths, strlen (*paths));
      g_autoptr (GVariant) variant = runconf_arena_view_get_variant (&view, *paths);
      g_auto (GStrv) keys = runconf_arena_view_list (&view, *paths);
      g_autofree char *text = variant != NULL ? g_variant_print (variant, TRUE) : NULL;
      RunconfArenaValue value;

      if (entry != NULL && runconf_arena_view_get_default (&view, entry, &value))
        g_assert_true (value.data == NULL || value.size < arena->size);
    }

  if (runconf_arena_get_view_at (arena, 1, &other))
    g_ptr_array_unref (runconf_arena_view_diff (&other, &view, ""));
}

/* Changes random bytes, and words that were offsets: no crash, no endless loop. */
static void
damage (guint8 *bytes, gsize used)
{
  guint n_places = g_test_rand_int_range (1, 6);

  for (guint i = 0; i < n_places; i++)
    {
      gsize place = g_test_rand_int_range (sizeof (RunconfArenaHeader) - 64, used);

      if (g_test_rand_bit ())
        bytes[place] ^= 1 << g_test_rand_int_range (0, 8);
      else
        *(guint32 *) (gpointer) (bytes + (place & ~(gsize) 3))
            = g_test_rand_bit () ? (guint32) g_test_rand_int ()
                                 : (guint32) g_test_rand_int_range (0, used / 2);
    }
}

static void
test_damaged (void)
{
  static const char *const paths[]
      = { "",         "/a",        "/m", "/m/text", "/m/list", "/m/list/1/x", "/m/deep/er/still",
          "/nothing", "/m/binary", NULL };
  g_autoptr (RunconfNode) defaults
      = tree_new ("{'a': 1, 'm': {'text': 'some text', 'list': [1, {'x': 'y'}], "
                  "'deep': {'er': {'still': 2.5}}, 'other': null}}");
  g_autoptr (RunconfNode) overrides = tree_new ("{'a': 'x', 'm': {'text': 5}}");
  g_autoptr (RunconfNode) none = tree_new ("{}");
  g_auto (RunconfArenaContent) first = content_new (1, defaults, none);
  g_auto (RunconfArenaContent) second = content_new (2, defaults, overrides);
  g_autoptr (RunconfArenaWriter) writer = runconf_arena_writer_new (&first, NULL);
  const RunconfArena *whole = runconf_arena_writer_get_arena (writer);
  gsize used, size = 8192;

  g_assert_true (runconf_arena_writer_publish (writer, &first, &second));
  used = get_used (writer);
  g_assert_cmpuint (used, <, size);

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autofree guint8 *bytes = g_memdup2 (whole->base, size);
      g_autoptr (RunconfArena) arena = NULL;
      int fd;

      ((RunconfArenaHeader *) (gpointer) bytes)->size = size;
      if (i > 0)
        damage (bytes, used);
      fd = make_file (bytes, size, RUNCONF_ARENA_SEALS);
      arena = runconf_arena_new_from_fd (fd, NULL);
      close (fd);
      g_assert_true (i > 0 || arena != NULL);
      if (arena != NULL)
        read_all (arena, paths);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/arena/foreign", test_foreign);
  g_test_add_func ("/arena/damaged", test_damaged);

  return g_test_run ();
}
