/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/signature.h"

G_BEGIN_DECLS

/**
 * RunconfWriter:
 * @RUNCONF_WRITER_NONE: no process has the file open for writing, as far as can be known
 * @RUNCONF_WRITER_UNSURE: the file changed a moment ago, and nothing says whether it is still open
 * @RUNCONF_WRITER_LIKELY: the file was modified and not closed since, as inotify reports
 * @RUNCONF_WRITER_OPEN: the kernel says that a process has the file open for writing
 *
 * Whether there may be more to come of a text.
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
 * For how long a writer is waited for: see patience.c. All zero is a new one.
 */
typedef struct
{
  gint64 since;       /* when the writer was first met, or 0 */
  gint64 quiet_since; /* when the file was first seen as it is now */
  RunconfSignature signature;
  gboolean is_judged;
  gboolean is_whole; /* what the judgement was */
  gboolean is_taken; /* this text was used though it is open */
} RunconfPatience;

gboolean runconf_patience_wait (RunconfPatience *self, RunconfWriter writer,
                                const RunconfSignature *signature, GBytes *text, const char *path);
gboolean runconf_patience_is_whole (GBytes *text, const char *path);

G_END_DECLS
