/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* System calls that a test makes fail, kill the process, or run code of another writer first. The
 * program's own definitions replace those of the C library.
 */
typedef enum
{
  CALL_WRITE,
  CALL_FCHMOD,
  CALL_FSYNC,
  CALL_RENAMEAT2,
  CALL_UNLINKAT,
  CALL_LINKAT,
  CALL_INOTIFY_INIT,
  CALL_INOTIFY_ADD,
  N_CALLS,
} Call;

void faults_reset (void);

/* watches of inotify are added, and report nothing, as on a stacked file system */
void faults_deafen (gboolean deaf);

/* from the @nth call on (0 is the next one), @n_times */
void faults_fail (Call call, guint nth, guint n_times, int number);
/* run before the @nth call */
void faults_meet (Call call, guint nth, void (*func) (gpointer user_data), gpointer user_data);
/* the process ends before its @nth call of any kind */
void faults_die (guint nth);

guint faults_count (Call call);

G_END_DECLS
