/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What lies in an arena, as daemon and library see it. Everything is of the machine's own byte order,
 * aligned to 8 bytes, and where a place is named it is named by its distance from the beginning,
 * in units of 8 bytes: 32 bits reach 32 GiB.
 */
#define RUNCONF_ARENA_MAGIC "runconf1"
#define RUNCONF_ARENA_FORMAT 2
#define RUNCONF_ARENA_UNIT 8

/* The state of an arena, in the lowest bits of its root word; the rest is the place of a root. */
#define RUNCONF_ARENA_STAGE_BITS 2
#define RUNCONF_ARENA_STAGE_MASK ((1u << RUNCONF_ARENA_STAGE_BITS) - 1)

/**
 * RunconfArenaHeader:
 * @magic: %RUNCONF_ARENA_MAGIC
 * @format: %RUNCONF_ARENA_FORMAT; another byte order has another number here
 * @size: of the file, in bytes
 * @seed: of the hash of paths; each arena has its own
 * @directory_bits: how many bits of a hash the directory takes
 * @root: atomic; the place of the newest root, and the stage of the arena
 *
 * What an arena begins with. Nothing but @root ever changes.
 */
typedef struct
{
  char magic[8];
  guint32 format;
  guint32 directory_bits;
  guint64 size;
  guint64 seed;
  _Alignas(64) guint64 root;
  guint64 padding[7];
} RunconfArenaHeader;

/**
 * RunconfArenaRoot:
 * @end: how many bytes were in use when it was published
 * @version: of the configuration
 * @time: of its last change, in µs since the epoch
 * @directory: the place of the directory
 * @previous: the place of the root before, 0 if there is none
 * @has_overrides: whether anything is overridden
 *
 * A configuration at one version.
 */
typedef struct
{
  guint64 end;
  guint64 version;
  gint64 time;
  guint32 directory;
  guint32 previous;
  guint32 has_overrides;
  guint32 reserved;
} RunconfArenaRoot;

/* Entries are found by the hash of their path. Its highest bits name a slot of the directory, of which
 * there is about one for eight entries; what else falls to the same slot is told apart by a trie below
 * it. So finding one among a million takes hardly more steps than among a hundred.
 *
 * The directory is a list of the places of pages with 64 slots each: a change writes the list and one
 * page anew, and a small node.
 *
 * A slot names a node or an entry: the place, and in the lowest bit which of the two. It is 0 where
 * there is neither. So it takes one bit of the reach: 16 GiB.
 */
#define RUNCONF_ARENA_SLOT_ENTRY 1u

/* Each page, and each level of the trie, takes so many bits of the hash. */
#define RUNCONF_ARENA_LEVEL_BITS 6
#define RUNCONF_ARENA_N_SLOTS (1u << RUNCONF_ARENA_LEVEL_BITS)

#define RUNCONF_ARENA_MIN_DIRECTORY_BITS RUNCONF_ARENA_LEVEL_BITS
#define RUNCONF_ARENA_MAX_DIRECTORY_BITS 16

/* How many levels there are behind so many bits, until the hash is used up. */
static inline guint
runconf_arena_get_max_levels (guint directory_bits)
{
  return (64 - directory_bits + RUNCONF_ARENA_LEVEL_BITS - 1) / RUNCONF_ARENA_LEVEL_BITS;
}

/**
 * RunconfArenaNode:
 * @bitmap: which of its 64 slots there are; behind the last level of the hash their number
 * @slots: those that there are, in order
 *
 * A node of a trie.
 */
typedef struct
{
  guint64 bitmap;
  guint32 slots[];
} RunconfArenaNode;

/* Instead of a kind: there is no default beside the value, or it is the value itself. */
#define RUNCONF_ARENA_NO_KIND 0xff

/**
 * RunconfArenaEntry:
 * @hash: the lower half of the hash of the path
 * @length: of the path, in bytes: 20 keys of 1,000 bytes, each of them escaped, are less than that
 * @kind: a #RunconfKind
 * @default_kind: the kind of the default, %RUNCONF_ARENA_NO_KIND where there is none beside the value
 * @value: a scalar itself, or a block of bytes
 * @path: a JSON Pointer, with a NUL behind it
 *
 * What stands at a path. It is small, since the time of a read from among many is that of the cache
 * lines and pages that they take: the value of the default, which few have, follows the path.
 */
typedef struct
{
  guint32 hash;
  guint16 length;
  guint8 kind;
  guint8 default_kind;
  guint64 value;
  char path[];
} RunconfArenaEntry;

/* Where the value of the default is, from the beginning of the entry on. */
static inline gsize
runconf_arena_entry_get_default_offset (gsize length)
{
  return (G_STRUCT_OFFSET (RunconfArenaEntry, path) + length + RUNCONF_ARENA_UNIT)
         & ~(gsize) (RUNCONF_ARENA_UNIT - 1);
}

/* A block of bytes as a value: its place in the upper 32 bits, its size in bytes in the lower ones. A
 * string has a NUL behind it that isn't counted, a mapping's block is a RunconfArenaKeys, a
 * sequence's its serialised `av`.
 */
#define RUNCONF_ARENA_BLOCK(place, size) ((guint64) (place) << 32 | (size))
#define RUNCONF_ARENA_BLOCK_PLACE(block) ((guint32) ((block) >> 32))
#define RUNCONF_ARENA_BLOCK_SIZE(block) ((guint32) (block))

/**
 * RunconfArenaKeys:
 * @n_keys: how many in all
 * @n_chunks: how many places follow
 * @chunks: the places of #RunconfArenaChunk
 *
 * The keys of a mapping, in order, in chunks: a key more is one chunk and this list anew.
 */
typedef struct
{
  guint32 n_keys;
  guint32 n_chunks;
  guint32 chunks[];
} RunconfArenaKeys;

/**
 * RunconfArenaChunk:
 * @n_keys: how many
 * @n_bytes: of all of them, with a NUL behind each
 */
typedef struct
{
  guint32 n_keys;
  guint32 n_bytes;
  char bytes[];
} RunconfArenaChunk;

G_END_DECLS
