/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The limits of a configuration, the same for every door that a value can come in by.
 *
 * D-Bus allows 64 containers in a message and disconnects whoever sends more. A mapping is an array
 * of dict entries of variants and costs 3, a sequence is an array of variants and costs 2; what is
 * left over is for the arguments around them.
 */
#define RUNCONF_COST_MAPPING 3
#define RUNCONF_COST_SEQUENCE 2
#define RUNCONF_MAX_COST 60

/* No tree within that cost has a longer path; so many segments are still told apart by it. */
#define RUNCONF_MAX_SEGMENTS (RUNCONF_MAX_COST / RUNCONF_COST_SEQUENCE)

/* A tree, with its aliases counted expanded: nodes, and bytes of keys and scalars. */
#define RUNCONF_MAX_NODES 1000000
#define RUNCONF_MAX_SCALAR_BYTES (64 * 1024 * 1024)

/* libyaml reads no simple key back that is longer than 1,024 characters with its quotes. */
#define RUNCONF_MAX_KEY_BYTES 1000

/* One text: a file, or what came over the bus. */
#define RUNCONF_MAX_TEXT_BYTES (16 * 1024 * 1024)

/* A message on the system bus holds 32 MiB; a little is kept for its header. */
#define RUNCONF_MAX_REPLY_BYTES (32 * 1024 * 1024 - 64 * 1024)

/* GDBus makes objects of some 700 bytes of a value in a reply, its key and the variant around it. */
#define RUNCONF_MAX_REPLY_NODES 150000

/* One change: each operation makes trees of its own. Many values go into one Merge. */
#define RUNCONF_MAX_OPERATIONS 1000

/* A change names this many paths; beyond it, the deepest mappings that cover them. */
#define RUNCONF_MAX_CHANGED_PATHS 1024
