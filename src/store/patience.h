/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/signature.h"

G_BEGIN_DECLS

/**
 * RunconfPatience:
 *
 * For how long somebody who has a file open for writing is waited for: as long as the file keeps
 * changing and a second longer, but ten seconds at most. All zero is a new one.
 */
typedef struct
{
  gint64 since;       /* when they were first met, or 0 */
  gint64 quiet_since; /* when the file was first seen as it is now */
  RunconfSignature signature;
} RunconfPatience;

gboolean runconf_patience_wait (RunconfPatience *self, gboolean has_writer,
                                const RunconfSignature *signature);

G_END_DECLS
