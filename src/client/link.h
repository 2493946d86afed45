/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "arena/arena.h"
#include "client/complaints.h"
#include "client/notices.h"
#include "client/section.h"
#include "client/snapshot-private.h"

G_BEGIN_DECLS

/**
 * RunconfMapping:
 * @arena: the arena that is read
 * @first: the version at which it was mapped
 * @id: a number that no other mapping of this process has
 * @owner: the unique name of the service that sent the arena; without a bus, the empty string
 * @connection: the number of the connection with which it was opened
 * @is_shared: whether the service writes it; if not, it is private, and has the values of one
 *   version, see opening.c
 * @is_fallback: whether it has the defaults of the program, because no service was there yet
 *
 * An arena that is, or was, the newest one. An arena is memory with the configuration in it.
 */
typedef struct
{
  RunconfArena *arena;
  RunconfArenaView first;
  guint64 id;
  char *owner;
  guint connection;
  gboolean is_shared;
  gboolean is_fallback;
} RunconfMapping;

/**
 * RunconfLink:
 *
 * The state of a configuration in this process: its newest arena and its properties on the bus. Any
 * thread can read it, and can fetch a newer arena.
 */
typedef struct _RunconfLink RunconfLink;

/* the writer of a configuration in memory, see memory.h */
typedef struct _RunconfMemory RunconfMemory;

struct _RunconfLink
{
  RunconfMapping *newest; /* atomic; protected by sections, see section.c */

  gint ref_count;        /* atomic */
  GBusType bus_type;     /* %G_BUS_TYPE_NONE if the program has given the connection */
  gboolean is_bus;       /* whether the connection leads to a bus */
  RunconfMemory *memory; /* %NULL unless the configuration is in memory */
  char *name;
  char *object_path;
  RunconfComplaints *complaints;
  RunconfNotices *notices;

  GMutex opening; /* held by the thread that asks for a fresh arena */

  GMutex mutex;                /* protects the fields below */
  GDBusConnection *connection; /* the newest one; %NULL if there was none yet */
  guint n_connections;
  guint64 told_version;
  gboolean is_connected;
  char *reason; /* why it isn't connected */
  gboolean has_reported_fallback;
  char *state;
  char *state_message;
  guint rules_revision;
  char **locks;
  char *default_config_path;
};

RunconfLink *runconf_link_new (GDBusConnection *connection, GBusType bus_type, const char *name,
                               RunconfNotices *notices);
RunconfLink *runconf_link_ref (RunconfLink *self);
void runconf_link_unref (RunconfLink *self);

/* These may block. */
gboolean runconf_link_open (RunconfLink *self, GCancellable *cancellable, GError **error);
char *runconf_link_find_owner (RunconfLink *self, GError **error);
gboolean runconf_link_renew (RunconfLink *self, const char *owner, GError **error);
gboolean runconf_link_catch_up (RunconfLink *self, guint64 version, GCancellable *cancellable,
                                GError **error);
gboolean runconf_link_fetch_state (RunconfLink *self, const char *owner, GCancellable *cancellable,
                                   GError **error);

/* These never block. */
GDBusConnection *runconf_link_dup_connection (RunconfLink *self);
void runconf_link_set_connection (RunconfLink *self, GDBusConnection *connection);
gboolean runconf_link_use_fallback (RunconfLink *self, const RunconfNode *defaults, GError **error);
void runconf_link_report_fallback (RunconfLink *self, const GError *error);
gboolean runconf_link_has_version (RunconfLink *self, guint64 version);
gboolean runconf_link_is_newest (RunconfLink *self, RunconfSnapshot *snapshot);
gboolean runconf_link_is_connected (RunconfLink *self);
char *runconf_link_dup_state (RunconfLink *self);
char *runconf_link_dup_state_message (RunconfLink *self);
char **runconf_link_dup_locks (RunconfLink *self);
RunconfSnapshot *runconf_link_get_snapshot (RunconfLink *self);
guint64 runconf_link_get_version (RunconfLink *self);
gboolean runconf_link_is_shared (RunconfLink *self);
gboolean runconf_link_show (RunconfLink *self, RunconfArena *arena, GError **error);
void runconf_link_note_version (RunconfLink *self);
void runconf_link_set_connected (RunconfLink *self);
void runconf_link_set_disconnected (RunconfLink *self, const char *reason);
void runconf_link_take_properties (RunconfLink *self, GVariant *properties);

/**
 * runconf_link_peek:
 *
 * Returns: (nullable): the newest mapping; valid until the caller's section ends
 */
static inline const RunconfMapping *
runconf_link_peek (RunconfLink *self)
{
  return __atomic_load_n (&self->newest, __ATOMIC_SEQ_CST);
}

/**
 * runconf_mapping_get_word:
 *
 * Returns: a number that differs for each version and each stage of the arena
 */
static inline guint64
runconf_mapping_get_word (const RunconfMapping *self)
{
  const RunconfArenaHeader *header = (const RunconfArenaHeader *) (gconstpointer) self->first.base;

  return __atomic_load_n (&header->root, __ATOMIC_ACQUIRE);
}

static inline gboolean
runconf_mapping_is_closed (const RunconfMapping *self)
{
  return (runconf_mapping_get_word (self) & RUNCONF_ARENA_STAGE_MASK) == RUNCONF_ARENA_CLOSED;
}

G_END_DECLS
