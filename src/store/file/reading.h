/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/watch/lease.h"
#include "store/watch/signature.h"

G_BEGIN_DECLS

/**
 * RunconfReading:
 * @text: (nullable): the content; %NULL if there is no file, or with a failure
 * @stamp: of the text, or of the failure
 * @failure: (nullable): why there is no content
 * @signature: of the file
 * @lease: whether another process had the file open
 * @seen_at: µs since the epoch: the time before the file was read
 *
 * The result of reading a file once.
 */
typedef struct
{
  GBytes *text;
  GBytes *stamp;
  GError *failure;
  RunconfSignature signature;
  RunconfLease lease;
  gint64 seen_at;
} RunconfReading;

RunconfReading *runconf_reading_new (const char *path);
void runconf_reading_free (RunconfReading *self);

gboolean runconf_reading_is_current (const RunconfReading *self, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfReading, runconf_reading_free)

G_END_DECLS
