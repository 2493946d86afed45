/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The memory layout of an arena, shared by daemon and library. All data has the byte order of the
 * machine and is aligned to 8 bytes. A place in the arena is stored as its distance from the
 * beginning, in units of 8 bytes: 32 bits reach 32 GiB.
 */
#define RUNCONF_ARENA_MAGIC "runconf1"
#ifndef RUNCONF_ARENA_FORMAT /* a test builds a service and a library of the next format */
#define RUNCONF_ARENA_FORMAT 2
#endif
#define RUNCONF_ARENA_UNIT 8

/* The stage of an arena is in the lowest bits of its root word; the rest is the place of a root. */
#define RUNCONF_ARENA_STAGE_BITS 2
#define RUNCONF_ARENA_STAGE_MASK ((1u << RUNCONF_ARENA_STAGE_BITS) - 1)

/**
 * RunconfArenaHeader:
 * @magic: %RUNCONF_ARENA_MAGIC
 * @format: %RUNCONF_ARENA_FORMAT; a machine of another byte order reads another number
 * @size: the size of the file, in bytes
 * @seed: the seed of the hash of paths; each arena has its own
 * @directory_bits: the number of bits of a hash that select a slot of the directory
 * @root: atomic; the place of the newest root, and the stage of the arena
 *
 * The beginning of an arena. Only @root ever changes.
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
 * @end: the number of bytes in use when it was published
 * @version: the version of the configuration
 * @time: the time of the configuration's last change, in µs since the epoch
 * @directory: the place of the directory
 * @previous: the place of the previous root, 0 if there is none
 * @has_overrides: whether there are overrides
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

/* Entries are found by the hash of their path. The highest bits of the hash select a slot of the
 * directory, which has about one slot for eight entries. A trie below the slot holds the entries
 * that share it. So a lookup among a million entries takes hardly more steps than one among a
 * hundred.
 *
 * The directory is a list of the places of pages with 64 slots each: a change rewrites the list,
 * one page and a small node.
 *
 * A slot holds the place of a node or of an entry, with the lowest bit to distinguish the two, or 0
 * if there is neither. This bit halves the reach: 16 GiB.
 */
#define RUNCONF_ARENA_SLOT_ENTRY 1u

/* The number of bits of the hash that each page, and each level of the trie, uses. */
#define RUNCONF_ARENA_LEVEL_BITS 6
#define RUNCONF_ARENA_N_SLOTS (1u << RUNCONF_ARENA_LEVEL_BITS)

#define RUNCONF_ARENA_MIN_DIRECTORY_BITS RUNCONF_ARENA_LEVEL_BITS
#define RUNCONF_ARENA_MAX_DIRECTORY_BITS 16

/* Returns: the number of trie levels below the directory, until the hash is used up */
static inline guint
runconf_arena_get_max_levels (guint directory_bits)
{
  return (64 - directory_bits + RUNCONF_ARENA_LEVEL_BITS - 1) / RUNCONF_ARENA_LEVEL_BITS;
}

/**
 * RunconfArenaNode:
 * @bitmap: a bit for each of the 64 slots that is in use; below the last level of the hash, the
 *   number of slots
 * @slots: the slots in use, in order
 *
 * A node of a trie.
 */
typedef struct
{
  guint64 bitmap;
  guint32 slots[];
} RunconfArenaNode;

/* In place of the kind of a default: the default equals the value; for a mapping with keys, their
 * entries have the defaults.
 */
#define RUNCONF_ARENA_SAME_KIND 0xff

/* In place of the kind of a default: there is none, or it is a mapping with keys and the value isn't.
 */
#define RUNCONF_ARENA_NO_KIND 0xfe

/**
 * RunconfArenaEntry:
 * @hash: the lower half of the hash of the path
 * @length: the length of the path, in bytes: 20 keys of 1,000 bytes, each fully escaped, fit in
 * @kind: a #RunconfKind
 * @default_kind: the kind of the default, or %RUNCONF_ARENA_SAME_KIND, or %RUNCONF_ARENA_NO_KIND
 * @value: a scalar itself, or a block of bytes
 * @path: a JSON Pointer, with a NUL after it
 *
 * The value at a path. An entry is small, since the time of a read in a large arena is the time to
 * load the cache lines and pages that entries take: the value of the default, which few entries
 * have, follows the path.
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

/* Returns: the offset of the default's value from the beginning of the entry */
static inline gsize
runconf_arena_entry_get_default_offset (gsize length)
{
  return (G_STRUCT_OFFSET (RunconfArenaEntry, path) + length + RUNCONF_ARENA_UNIT)
         & ~(gsize) (RUNCONF_ARENA_UNIT - 1);
}

/* A block of bytes as a value: its place is in the upper 32 bits, its size in bytes in the lower
 * ones. The block of a string has a NUL after it that isn't counted. The block of a mapping is a
 * RunconfArenaKeys, that of a sequence its serialised `av`.
 */
#define RUNCONF_ARENA_BLOCK(place, size) ((guint64) (place) << 32 | (size))
#define RUNCONF_ARENA_BLOCK_PLACE(block) ((guint32) ((block) >> 32))
#define RUNCONF_ARENA_BLOCK_SIZE(block) ((guint32) (block))

/**
 * RunconfArenaKeys:
 * @n_keys: the number of keys in all chunks
 * @n_chunks: the number of places that follow
 * @chunks: the places of #RunconfArenaChunk
 *
 * The keys of a mapping, in order, in chunks: a new key rewrites one chunk and this list.
 */
typedef struct
{
  guint32 n_keys;
  guint32 n_chunks;
  guint32 chunks[];
} RunconfArenaKeys;

/**
 * RunconfArenaChunk:
 * @n_keys: the number of keys
 * @n_bytes: the bytes of all keys, with a NUL after each
 */
typedef struct
{
  guint32 n_keys;
  guint32 n_bytes;
  char bytes[];
} RunconfArenaChunk;

G_END_DECLS
