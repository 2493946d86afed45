/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "arena/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena/writer-private.h"
#include "core/error.h"

/* newer than the system headers that this file may be compiled with */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#endif

/* An arena has room for its configuration several times over. So it takes many changes to fill it,
 * and the cost of creating the next one is a fraction of the content for each. Pages take memory
 * only when written.
 */
#define ROOM_FACTOR 3
#define MIN_SIZE (2 * 1024 * 1024)
#define ALIGNMENT 4096

/* The directory is sized for the first version of the arena. The next arena gets a directory of its
 * own size.
 */
#define ENTRIES_PER_SLOT 8

/* Returns: a file in memory, or -1. The caller maps it for writing and then seals it against all
 * other writers.
 */
static int
make_file (gsize size, GError **error)
{
  int fd = memfd_create ("runconf-snapshot", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

  /* Linux before 6.3 doesn't have this flag */
  if (fd < 0 && errno == EINVAL)
    fd = memfd_create ("runconf-snapshot", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd < 0 || ftruncate (fd, size) != 0 || fchmod (fd, 0400) != 0)
    {
      int code = errno;

      if (fd >= 0)
        close (fd);
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                   "no shared memory for readers: %s", g_strerror (code));
      return -1;
    }

  return fd;
}

static guint
choose_directory_bits (guint n_entries)
{
  guint bits = g_bit_storage (n_entries / ENTRIES_PER_SLOT);

  return CLAMP (bits, RUNCONF_ARENA_MIN_DIRECTORY_BITS, RUNCONF_ARENA_MAX_DIRECTORY_BITS);
}

static gboolean
fail (int code, GError **error)
{
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "no memory for the values: %s",
               g_strerror (code));

  return FALSE;
}

/* Maps a file in memory, which readers in other processes can map, too. */
static gboolean
map_shared (RunconfArenaWriter *self, gsize size, GError **error)
{
  gpointer base;

  self->fd = make_file (size, error);
  if (self->fd < 0)
    return FALSE;

  base = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
  if (base == MAP_FAILED)
    return fail (errno, error);

  self->arena = runconf_arena_new_taken (base, size);

  return fcntl (self->fd, F_ADD_SEALS, RUNCONF_ARENA_SEALS) == 0 || fail (errno, error);
}

/* Maps memory that only this process has: no file, which a sandbox may forbid. */
static gboolean
map_private (RunconfArenaWriter *self, gsize size, GError **error)
{
  gpointer base = mmap (NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (base == MAP_FAILED)
    return fail (errno, error);

  self->arena = runconf_arena_new_taken (base, size);

  return TRUE;
}

static void
write_header (RunconfArenaWriter *self, guint64 seed, guint n_entries)
{
  RunconfArenaHeader *header = runconf_arena_get_header (self->arena);

  self->used = sizeof *header;
  memcpy (header->magic, RUNCONF_ARENA_MAGIC, sizeof header->magic);
  header->format = RUNCONF_ARENA_FORMAT;
  header->size = self->arena->size;
  header->seed = seed;
  header->directory_bits = choose_directory_bits (n_entries);
}

void
runconf_arena_writer_free (RunconfArenaWriter *self)
{
  g_clear_pointer (&self->arena, runconf_arena_unref);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

/* The order of the stores matters: first the data that the root word refers to, then the word. */
static gboolean
publish_root (RunconfArenaWriter *self, const RunconfArenaContent *content, guint32 directory)
{
  RunconfArenaHeader *header = runconf_arena_get_header (self->arena);
  RunconfArenaRoot *root;
  gpointer memory;
  guint32 place = runconf_arena_writer_allocate (self, sizeof *root, &memory);

  if (place == 0)
    return FALSE;

  root = memory;
  root->end = self->used;
  root->version = content->version;
  root->time = content->time;
  root->directory = directory;
  root->previous = header->root >> RUNCONF_ARENA_STAGE_BITS;
  root->has_overrides = content->has_overrides;
  __atomic_store_n (&header->root,
                    (guint64) place << RUNCONF_ARENA_STAGE_BITS
                        | (header->root & RUNCONF_ARENA_STAGE_MASK),
                    __ATOMIC_RELEASE);

  return TRUE;
}

static gboolean
publish_items (RunconfArenaWriter *self, const RunconfArenaView *before,
               const RunconfArenaItems *items, const RunconfArenaContent *content)
{
  guint32 directory = runconf_arena_trie_update (self, before, items);

  return !self->is_full && publish_root (self, content, directory);
}

static RunconfArenaWriter *
make_writer (const RunconfArenaContent *content,
             gboolean (*map) (RunconfArenaWriter *, gsize, GError **), GError **error)
{
  const RunconfArenaLayers nothing = { NULL, NULL };
  const RunconfArenaLayers layers = { content->effective, content->defaults };
  g_autoptr (RunconfArenaWriter) self = g_new0 (RunconfArenaWriter, 1);
  g_auto (RunconfArenaItems) items = { 0 };
  guint64 seed;
  gsize size;

  /* each arena has its own seed, so that keys chosen to collide in one don't collide in the next */
  if (getrandom (&seed, sizeof seed, 0) != sizeof seed)
    seed = (guint64) g_random_int () << 32 | g_random_int ();

  self->fd = -1;
  runconf_arena_items_init (&items, seed, &nothing, &layers);
  size = MAX (runconf_arena_items_measure (&items) * ROOM_FACTOR, MIN_SIZE);
  if (!map (self, (size + ALIGNMENT - 1) & ~(gsize) (ALIGNMENT - 1), error))
    return NULL;

  write_header (self, seed, items.items->len);
  if (!publish_items (self, NULL, &items, content))
    {
      g_set_error_literal (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                           "the memory for the values is too small");
      return NULL;
    }

  return g_steal_pointer (&self);
}

/**
 * runconf_arena_writer_new:
 * @content: the first version that readers see
 *
 * Makes an arena that has room for @content and for many changes.
 *
 * Returns: (transfer full): the arena, or %NULL with an error if there is no memory for it
 */
RunconfArenaWriter *
runconf_arena_writer_new (const RunconfArenaContent *content, GError **error)
{
  return make_writer (content, map_shared, error);
}

/**
 * runconf_arena_writer_new_private:
 * @content: the first version that readers see
 *
 * Makes an arena like runconf_arena_writer_new(), but for readers in this process only.
 *
 * Returns: (transfer full): the arena, or %NULL with an error if there is no memory for it
 */
RunconfArenaWriter *
runconf_arena_writer_new_private (const RunconfArenaContent *content, GError **error)
{
  return make_writer (content, map_private, error);
}

/**
 * runconf_arena_new_private:
 * @content: the only version in it
 *
 * Makes an arena for readers in this process.
 *
 * Returns: (transfer full): the arena, or %NULL with an error if there is no memory for it
 */
RunconfArena *
runconf_arena_new_private (const RunconfArenaContent *content, GError **error)
{
  g_autoptr (RunconfArenaWriter) writer = runconf_arena_writer_new_private (content, error);

  return writer != NULL ? runconf_arena_ref (writer->arena) : NULL;
}

/**
 * runconf_arena_writer_publish:
 * @before: the version published last
 * @after: the version that readers see from now on
 *
 * Publishes a version. Costs time and memory for the changed parts only.
 *
 * Returns: %FALSE if there is no room for it: then readers still see @before, and no further
 *   version can be published in this arena
 */
gboolean
runconf_arena_writer_publish (RunconfArenaWriter *self, const RunconfArenaContent *before,
                              const RunconfArenaContent *after)
{
  const RunconfArenaLayers old_layers = { before->effective, before->defaults };
  const RunconfArenaLayers new_layers = { after->effective, after->defaults };
  g_auto (RunconfArenaItems) items = { 0 };
  RunconfArenaView view;

  if (self->is_full || !runconf_arena_get_view (self->arena, &view))
    return FALSE;

  runconf_arena_items_init (&items, runconf_arena_get_header (self->arena)->seed, &old_layers,
                            &new_layers);

  return publish_items (self, &view, &items, after);
}

void
runconf_arena_writer_set_stage (RunconfArenaWriter *self, RunconfArenaStage stage)
{
  RunconfArenaHeader *header = runconf_arena_get_header (self->arena);

  __atomic_store_n (&header->root, (header->root & ~(guint64) RUNCONF_ARENA_STAGE_MASK) | stage,
                    __ATOMIC_RELEASE);
}

/**
 * runconf_arena_writer_is_filling:
 *
 * Returns: whether three quarters of the arena are used: then it is time for a fresh one
 */
gboolean
runconf_arena_writer_is_filling (const RunconfArenaWriter *self)
{
  return self->is_full || self->used > self->arena->size / 4 * 3;
}

/**
 * runconf_arena_writer_get_arena:
 *
 * Returns: (transfer none): the arena, for reading in the writer's process
 */
RunconfArena *
runconf_arena_writer_get_arena (const RunconfArenaWriter *self)
{
  return self->arena;
}

/**
 * runconf_arena_writer_open:
 *
 * Returns: a read-only file descriptor for a reader, or -1 with an error
 */
int
runconf_arena_writer_open (const RunconfArenaWriter *self, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", self->fd);
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                 "the shared memory for readers can't be opened: %s", g_strerror (errno));

  return fd;
}

/**
 * runconf_arena_writer_get_fd:
 *
 * Returns: the file descriptor with which a reader of the same user can find the memory in `/proc`
 */
int
runconf_arena_writer_get_fd (const RunconfArenaWriter *self)
{
  return self->fd;
}
