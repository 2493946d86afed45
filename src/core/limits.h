/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The limits of a configuration. They are the same for every interface that accepts values.
 *
 * D-Bus allows 64 nested containers in a message, and the bus disconnects a sender of more. A
 * mapping is an array of dict entries of variants and costs 3, a sequence is an array of variants
 * and costs 2. The difference to 64 is for the arguments around them.
 */
#define RUNCONF_COST_MAPPING 3
#define RUNCONF_COST_SEQUENCE 2
#define RUNCONF_MAX_COST 60

/* No tree within RUNCONF_MAX_COST has a path of more segments. Longer paths are refused. */
#define RUNCONF_MAX_SEGMENTS (RUNCONF_MAX_COST / RUNCONF_COST_SEQUENCE)

/* A tree, with aliases counted as if expanded: nodes, and bytes of keys and scalars. */
#define RUNCONF_MAX_NODES 1000000
#define RUNCONF_MAX_SCALAR_BYTES (64 * 1024 * 1024)

/* libyaml doesn't read back a simple key that is longer than 1,024 characters with its quotes. */
#define RUNCONF_MAX_KEY_BYTES 1000

/* One text: a file, or a text received over the bus. */
#define RUNCONF_MAX_TEXT_BYTES (16 * 1024 * 1024)

/* A message on the system bus holds 32 MiB. 64 KiB are reserved for its header. */
#define RUNCONF_MAX_REPLY_BYTES (32 * 1024 * 1024 - 64 * 1024)

/* For a value of a reply, its key and its variant, GDBus allocates objects of about 700 bytes. */
#define RUNCONF_MAX_REPLY_NODES 150000

/* One change: each operation creates new trees. A Merge can carry many values in one operation. */
#define RUNCONF_MAX_OPERATIONS 1000

/* A reply of History has at most this many changes. */
#define RUNCONF_MAX_HISTORY 10000

/* A change lists at most this many paths: beyond it, the deepest mappings that cover all. */
#define RUNCONF_MAX_CHANGED_PATHS 1024

/* the paths in the property Locks; of more locks, a caller learns only by a refused write */
#define RUNCONF_MAX_TOLD_LOCKS 10000
