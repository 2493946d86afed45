/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "arena/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "arena/arena-private.h"
#include "core/error.h"
#include "core/hash.h"

/* An arena is a file in memory that one process writes and many read, at the same time and without
 * a lock. This is safe for the following reasons.
 *
 * There is one writer, and it only appends. The data that a root refers to is written before the
 * root, and never changes afterwards. So a reader with a root has the whole configuration at one
 * version, as long as the arena stays mapped.
 *
 * One word of the header refers to the newest root. The writer stores this word with release
 * semantics and a reader loads it with acquire semantics: a reader that sees the word sees all data
 * that it refers to. No other ordering is needed, since no other memory is ever written twice. A
 * new version consists of the changed entries and the nodes of the trie above them. It shares all
 * other data with the previous version.
 *
 * A reader doesn't trust other processes with its memory. The seals ensure that the file can't
 * shrink under the mapping, which would raise SIGBUS, and that only the writer, which mapped the
 * file earlier, can write. Each place that is read is checked against the end that the root names,
 * and each walk is bounded by the length of a hash. So a damaged arena gives wrong values, or none,
 * but no crash and no endless loop. Memory behind that end is never read, since its pages don't
 * exist until they are touched.
 *
 * The lowest bits of the word are the stage. A superseded arena is still written, for readers that
 * haven't moved to the fresh one. A closed one isn't written any more, and its readers have to
 * request the fresh one to see later changes. The stage and the root are in one word, so that no
 * reader can take an outdated root for the newest one.
 *
 * The processes and threads that share an arena decide when it is unmapped: each snapshot holds a
 * reference, and client/section.c protects the reads that hold none.
 */

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
               "the shared memory of the service can't be used: %s", what);

  return FALSE;
}

/**
 * runconf_arena_new_taken:
 * @base: (transfer full): the address of the mapping
 * @size: its size in bytes
 *
 * Returns: (transfer full): the arena, which unmaps the memory when it is freed
 */
RunconfArena *
runconf_arena_new_taken (guint8 *base, gsize size)
{
  RunconfArena *self = g_new0 (RunconfArena, 1);

  self->ref_count = 1;
  self->base = base;
  self->size = size;

  return self;
}

/**
 * runconf_arena_get_format:
 *
 * Returns: the number of the format that arenas have, for those who can read or write only some
 *   formats
 */
guint32
runconf_arena_get_format (void)
{
  return RUNCONF_ARENA_FORMAT;
}

static gboolean
check_file (int fd, gsize *size, GError **error)
{
  struct stat info;
  int seals = fcntl (fd, F_GET_SEALS);

  if (fstat (fd, &info) != 0)
    return fail (error, g_strerror (errno));
  if (seals < 0 || (seals & RUNCONF_ARENA_SEALS) != RUNCONF_ARENA_SEALS)
    return fail (error, "it isn't sealed, so that it could change or shrink while it is read");
  if (info.st_size < (goffset) sizeof (RunconfArenaHeader))
    return fail (error, "it is too short");

  *size = info.st_size;

  return TRUE;
}

static gboolean
check_header (const RunconfArena *self, GError **error)
{
  const RunconfArenaHeader *header = runconf_arena_get_header (self);
  RunconfArenaView view;

  if (memcmp (header->magic, RUNCONF_ARENA_MAGIC, sizeof header->magic) != 0)
    return fail (error, "it isn't one of Runconf");
  if (header->format != RUNCONF_ARENA_FORMAT)
    return fail (error, "it has the format of another version of Runconf");
  if (header->size != self->size)
    return fail (error, "it is damaged: it has another size than it says");
  if (header->directory_bits < RUNCONF_ARENA_MIN_DIRECTORY_BITS
      || header->directory_bits > RUNCONF_ARENA_MAX_DIRECTORY_BITS
      || !runconf_arena_get_view (self, &view))
    return fail (error, "it is damaged: it leads nowhere");

  return TRUE;
}

/**
 * runconf_arena_new_from_fd:
 * @fd: a file descriptor from OpenSnapshot; the caller closes it, at any time after this call
 *
 * Returns: (transfer full): the arena, or %NULL with %RUNCONF_ERROR_UNAVAILABLE if the file isn't
 *   an arena, or isn't safe to read
 */
RunconfArena *
runconf_arena_new_from_fd (int fd, GError **error)
{
  g_autoptr (RunconfArena) self = NULL;
  gsize size;
  guint8 *base;

  if (!check_file (fd, &size, error))
    return NULL;

  base = mmap (NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED)
    {
      fail (error, g_strerror (errno));
      return NULL;
    }

  self = runconf_arena_new_taken (base, size);

  return check_header (self, error) ? g_steal_pointer (&self) : NULL;
}

RunconfArena *
runconf_arena_ref (RunconfArena *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
runconf_arena_unref (RunconfArena *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  munmap (self->base, self->size);
  g_free (self);
}

/* Returns: a number that differs for each version and each stage of this arena */
static guint64
get_root_word (const RunconfArena *self)
{
  return __atomic_load_n (&runconf_arena_get_header (self)->root, __ATOMIC_ACQUIRE);
}

RunconfArenaStage
runconf_arena_get_stage (const RunconfArena *self)
{
  return get_root_word (self) & RUNCONF_ARENA_STAGE_MASK;
}

static gboolean
init_view (const RunconfArena *self, guint64 place, RunconfArenaView *view)
{
  RunconfArenaView all = { self->base, self->size, NULL };
  const RunconfArenaRoot *root = runconf_arena_view_get (&all, (guint32) place, sizeof *root);

  if (place == 0 || place > G_MAXUINT32 || root == NULL || root->end > self->size)
    return FALSE;

  *view = (RunconfArenaView){ self->base, root->end, root };

  return TRUE;
}

/**
 * runconf_arena_get_view:
 * @view: (out caller-allocates): the newest version in this arena
 *
 * Returns: %FALSE if the arena is damaged
 */
gboolean
runconf_arena_get_view (const RunconfArena *self, RunconfArenaView *view)
{
  return init_view (self, get_root_word (self) >> RUNCONF_ARENA_STAGE_BITS, view);
}

/* Moves @view to the previous version. Returns: %FALSE if there is none in this arena */
static gboolean
step_back (const RunconfArena *self, RunconfArenaView *view)
{
  guint64 place = ((const guint8 *) view->root - self->base) / RUNCONF_ARENA_UNIT;

  /* older roots are at lower places */
  return view->root->previous < place && init_view (self, view->root->previous, view);
}

/**
 * runconf_arena_get_view_at:
 * @version: the version of the configuration
 * @view: (out caller-allocates): the newest version in this arena that isn't newer than @version
 *
 * Walks back from the newest version.
 *
 * Returns: %FALSE if this arena began with a newer one
 */
gboolean
runconf_arena_get_view_at (const RunconfArena *self, guint64 version, RunconfArenaView *view)
{
  gboolean is_there = runconf_arena_get_view (self, view);

  while (is_there && view->root->version > version)
    is_there = step_back (self, view);

  return is_there;
}

/**
 * runconf_arena_get_first_view:
 * @view: (out caller-allocates): the version that this arena began with
 *
 * Walks back from the newest version.
 *
 * Returns: %FALSE if the arena is damaged
 */
gboolean
runconf_arena_get_first_view (const RunconfArena *self, RunconfArenaView *view)
{
  if (!runconf_arena_get_view (self, view))
    return FALSE;

  while (step_back (self, view))
    continue;

  return TRUE;
}

static inline const RunconfArenaEntry *
check_entry (const RunconfArenaView *self, guint32 slot, guint32 hash, const char *path,
             gsize length)
{
  const RunconfArenaEntry *entry = runconf_arena_view_get (self, slot >> 1, sizeof *entry);

  /* the bytes behind the entry are read only after the check that they are in the view */
  if (entry == NULL || entry->hash != hash || entry->length != length
      || runconf_arena_view_get (self, slot >> 1, sizeof *entry + length + 1) == NULL
      || memcmp (entry->path, path, length) != 0)
    return NULL;

  return entry;
}

/* Searches the rare paths of equal hash one after the other. */
static const RunconfArenaEntry *
find_collided (const RunconfArenaView *self, guint32 slot, guint32 hash, const char *path,
               gsize length)
{
  const RunconfArenaNode *node = runconf_arena_view_get (self, slot >> 1, sizeof *node);
  gsize room = node != NULL ? self->end - ((const guint8 *) node - self->base) - sizeof *node : 0;

  for (guint64 i = 0; node != NULL && i < node->bitmap && i < room / sizeof node->slots[0]; i++)
    {
      const RunconfArenaEntry *entry = check_entry (self, node->slots[i], hash, path, length);

      if (entry != NULL)
        return entry;
    }

  return NULL;
}

/* Returns: the slot of the directory for a hash, or 0 */
static inline __attribute__ ((always_inline)) guint32
find_in_directory (const RunconfArenaView *self, guint directory_bits, guint64 hash)
{
  guint number = hash >> (64 - directory_bits);
  guint page_number = number / RUNCONF_ARENA_N_SLOTS;
  const guint32 *pages
      = runconf_arena_view_get (self, self->root->directory, (page_number + 1) * sizeof *pages);
  const guint32 *slots;

  if (pages == NULL)
    return 0;

  slots = runconf_arena_view_get (self, pages[page_number], RUNCONF_ARENA_N_SLOTS * sizeof *slots);

  return slots != NULL ? slots[number % RUNCONF_ARENA_N_SLOTS] : 0;
}

/* Returns: the slot of the node at @slot for these bits, or 0 */
static inline __attribute__ ((always_inline)) guint32
descend (const RunconfArenaView *self, guint32 slot, guint bits)
{
  const RunconfArenaNode *node = runconf_arena_view_get (self, slot >> 1, sizeof *node);
  guint position;

  if (node == NULL || (node->bitmap >> bits & 1) == 0)
    return 0;

  position = __builtin_popcountll (node->bitmap & ((G_GUINT64_CONSTANT (1) << bits) - 1));
  if (runconf_arena_view_get (self, slot >> 1, sizeof *node + (position + 1) * sizeof slot) == NULL)
    return 0;

  return node->slots[position];
}

static inline __attribute__ ((always_inline)) const RunconfArenaEntry *
find (const RunconfArenaView *self, const char *path, gsize length)
{
  const RunconfArenaHeader *header = (const RunconfArenaHeader *) (gconstpointer) self->base;
  guint directory_bits = header->directory_bits;
  guint64 hash = runconf_hash (path, length, header->seed);
  guint64 left = hash << directory_bits;
  guint32 slot = find_in_directory (self, directory_bits, hash);

  for (guint level = runconf_arena_get_max_levels (directory_bits); level > 0; level--)
    {
      if (slot == 0 || (slot & RUNCONF_ARENA_SLOT_ENTRY) != 0)
        break;

      slot = descend (self, slot, left >> (64 - RUNCONF_ARENA_LEVEL_BITS));
      left <<= RUNCONF_ARENA_LEVEL_BITS;
    }

  if ((slot & RUNCONF_ARENA_SLOT_ENTRY) != 0)
    return check_entry (self, slot, hash, path, length);

  return slot != 0 ? find_collided (self, slot, hash, path, length) : NULL;
}

#if defined(__x86_64__)
/* popcnt counts bits in one instruction, but not every processor of this architecture has it. */
__attribute__ ((target ("popcnt"))) static const RunconfArenaEntry *
find_with_popcnt (const RunconfArenaView *self, const char *path, gsize length)
{
  return find (self, path, length);
}

static const RunconfArenaEntry *
find_without_popcnt (const RunconfArenaView *self, const char *path, gsize length)
{
  return find (self, path, length);
}

static const RunconfArenaEntry *(*find_best) (const RunconfArenaView *, const char *, gsize)
    = find_without_popcnt;

static __attribute__ ((constructor)) void
choose_find (void)
{
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("popcnt"))
    find_best = find_with_popcnt;
}
#else
#define find_best find
#endif

/**
 * runconf_arena_view_find:
 * @path: a JSON Pointer
 * @length: its length, in bytes
 *
 * Finds the entry of a path. Values inside a sequence have no entries: they are read from the
 * sequence, as runconf_arena_view_get_variant() does.
 *
 * Returns: (transfer none) (nullable): the entry
 */
const RunconfArenaEntry *
runconf_arena_view_find (const RunconfArenaView *self, const char *path, gsize length)
{
  return find_best (self, path, length);
}

static gboolean
init_value (const RunconfArenaView *self, guint8 kind, const guint64 *word,
            RunconfArenaValue *value)
{
  *value = (RunconfArenaValue){ .kind = kind };

  switch (value->kind)
    {
    case RUNCONF_KIND_NULL:
    case RUNCONF_KIND_MAPPING:
      return TRUE;
    case RUNCONF_KIND_BOOLEAN:
      value->boolean = *word != 0;
      return TRUE;
    case RUNCONF_KIND_INTEGER:
      memcpy (&value->integer, word, sizeof *word);
      return TRUE;
    case RUNCONF_KIND_UNSIGNED:
      value->unsigned_integer = *word;
      return TRUE;
    case RUNCONF_KIND_DOUBLE:
      memcpy (&value->number, word, sizeof *word);
      return TRUE;
    case RUNCONF_KIND_STRING:
    case RUNCONF_KIND_BINARY:
    case RUNCONF_KIND_SEQUENCE:
      value->size = RUNCONF_ARENA_BLOCK_SIZE (*word);
      value->data
          = runconf_arena_view_get (self, RUNCONF_ARENA_BLOCK_PLACE (*word), value->size + 1);
      return value->data != NULL
             && (value->kind != RUNCONF_KIND_STRING || value->data[value->size] == '\0');
    default:
      return FALSE;
    }
}

/**
 * runconf_arena_view_get_value:
 * @entry: an entry of this view
 * @value: (out caller-allocates): its value
 *
 * Returns: %FALSE if the arena is damaged
 */
gboolean
runconf_arena_view_get_value (const RunconfArenaView *self, const RunconfArenaEntry *entry,
                              RunconfArenaValue *value)
{
  return init_value (self, entry->kind, &entry->value, value);
}

/**
 * runconf_arena_view_get_default:
 * @entry: an entry of this view
 * @value: (out caller-allocates): the default that the entry's value overrides
 *
 * Returns: %FALSE if no default is overridden, or the default is a mapping with keys
 */
gboolean
runconf_arena_view_get_default (const RunconfArenaView *self, const RunconfArenaEntry *entry,
                                RunconfArenaValue *value)
{
  guint64 place = ((const guint8 *) entry - self->base) / RUNCONF_ARENA_UNIT;
  gsize offset = runconf_arena_entry_get_default_offset (entry->length);
  const guint8 *bytes = runconf_arena_view_get (self, place, offset + sizeof (guint64));

  return entry->default_kind != RUNCONF_ARENA_SAME_KIND
         && entry->default_kind != RUNCONF_ARENA_NO_KIND && bytes != NULL
         && init_value (self, entry->default_kind,
                        (const guint64 *) (gconstpointer) (bytes + offset), value);
}
