/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "store/watch/watcher.h"

G_BEGIN_DECLS

/**
 * RunconfdLoaderState:
 * @RUNCONFD_LOADER_IDLE: no file is read
 * @RUNCONFD_LOADER_PAUSED: a file is being saved or was found broken; loads and writes wait for a timer
 * @RUNCONFD_LOADER_READING: a thread reads the files
 * @RUNCONFD_LOADER_SETTLING: the change that was found is being committed
 * @RUNCONFD_LOADER_WATCHING: a process keeps a file open, which is read again after a timer; writes don't
 *   wait for it
 *
 * The activity of a loader. The transitions are in a table in loader.c.
 */
typedef enum
{
  RUNCONFD_LOADER_IDLE,
  RUNCONFD_LOADER_PAUSED,
  RUNCONFD_LOADER_READING,
  RUNCONFD_LOADER_SETTLING,
  RUNCONFD_LOADER_WATCHING,
} RunconfdLoaderState;

/**
 * RunconfdLoaderWriter:
 * @RUNCONFD_LOADER_WRITER_NONE: no process has a file open for writing
 * @RUNCONFD_LOADER_WRITER_QUICK: a process has one open, for a short time up to now: it is waited for
 * @RUNCONFD_LOADER_WRITER_SLOW: for longer: writes don't wait for it
 * @RUNCONFD_LOADER_WRITER_STUCK: for so long that State reports it
 *
 * A process that keeps a file open for writing.
 */
typedef enum
{
  RUNCONFD_LOADER_WRITER_NONE,
  RUNCONFD_LOADER_WRITER_QUICK,
  RUNCONFD_LOADER_WRITER_SLOW,
  RUNCONFD_LOADER_WRITER_STUCK,
} RunconfdLoaderWriter;

/**
 * RunconfdLoader:
 *
 * When the files of a configuration are read, and which callers wait for that. It reads nothing itself.
 *
 * A configuration does one thing at a time with its files. When it has nothing to do, it asks for
 * runconfd_loader_is_stale(). If so, and runconfd_loader_wait_while_busy() doesn't object, it calls
 * runconfd_loader_begin(), reads, perhaps calls runconfd_loader_settle() and commits, and calls
 * runconfd_loader_end().
 */
typedef struct _RunconfdLoader RunconfdLoader;

/**
 * RunconfdLoaderHooks:
 * @advance: called when a timer ended
 * @loaded: called when a load ended, and no other one follows at once
 * @answer: returns from the task of a caller; @is_refresh is that of runconfd_loader_add_wait()
 * @user_data: for all
 */
typedef struct
{
  void (*advance) (gpointer user_data);
  void (*loaded) (gpointer user_data);
  void (*answer) (GTask *task, gboolean is_refresh, gpointer user_data);
  gpointer user_data;
} RunconfdLoaderHooks;

RunconfdLoader *runconfd_loader_new (const RunconfdLoaderHooks *hooks);
void runconfd_loader_free (RunconfdLoader *self);

RunconfdLoaderState runconfd_loader_get_state (const RunconfdLoader *self);
gboolean runconfd_loader_is_stale (const RunconfdLoader *self);
gboolean runconfd_loader_is_fresh (const RunconfdLoader *self, RunconfFreshness freshness);
gboolean runconfd_loader_is_reload_wanted (const RunconfdLoader *self);

void runconfd_loader_mark_stale (RunconfdLoader *self);
void runconfd_loader_add_wait (RunconfdLoader *self, GTask *task, gboolean is_refresh);
gboolean runconfd_loader_ask_again (RunconfdLoader *self);

gboolean runconfd_loader_wait_while_busy (RunconfdLoader *self, RunconfFreshness freshness,
                                          gint64 now);
void runconfd_loader_begin (RunconfdLoader *self);
void runconfd_loader_settle (RunconfdLoader *self);
void runconfd_loader_end (RunconfdLoader *self, gboolean is_open, gint64 now);

gboolean runconfd_loader_take_suspicion (RunconfdLoader *self);
void runconfd_loader_suspect (RunconfdLoader *self);
void runconfd_loader_note_writer (RunconfdLoader *self, gboolean has_writer, gint64 now);
RunconfdLoaderWriter runconfd_loader_get_writer (const RunconfdLoader *self, gboolean is_open,
                                                 gint64 now);

gboolean runconfd_loader_retry_conflict (RunconfdLoader *self);
gboolean runconfd_loader_is_outrun (const RunconfdLoader *self);
void runconfd_loader_give_up (RunconfdLoader *self);
void runconfd_loader_forget_conflicts (RunconfdLoader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdLoader, runconfd_loader_free)

G_END_DECLS
