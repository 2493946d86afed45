/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/watch/signature.h"

G_BEGIN_DECLS

/**
 * RunconfWriter:
 * @RUNCONF_WRITER_NONE: no process has the file open for writing, as far as is known
 * @RUNCONF_WRITER_UNSURE: the file changed less than a second ago, and it isn't known whether it is
 *   still open
 * @RUNCONF_WRITER_LIKELY: the file was modified and not closed since, as inotify reports
 * @RUNCONF_WRITER_OPEN: the kernel reports that a process has the file open for writing
 *
 * Whether more text may follow in a file.
 */
typedef enum
{
  RUNCONF_WRITER_NONE,
  RUNCONF_WRITER_UNSURE,
  RUNCONF_WRITER_LIKELY,
  RUNCONF_WRITER_OPEN,
} RunconfWriter;

/**
 * RunconfPatience:
 *
 * How long to wait for a process that writes a file: see patience.c. Begin with all members zero.
 */
typedef struct
{
  gint64 since;       /* when the writer was first noticed, or 0 */
  gint64 quiet_since; /* when the file was first seen in its present state */
  RunconfSignature signature;
  gboolean is_judged;
  gboolean is_whole; /* the result of the check */
  gboolean is_taken; /* this text was used although the file is open */
} RunconfPatience;

gboolean runconf_patience_wait (RunconfPatience *self, gint64 now, RunconfWriter writer,
                                const RunconfSignature *signature, GBytes *text, const char *path);
gboolean runconf_patience_is_whole (GBytes *text, const char *path);

G_END_DECLS
