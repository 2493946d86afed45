/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "store/history/history.h"

G_BEGIN_DECLS

/**
 * RunconfHistoryBatch:
 * @records: (element-type RunconfHistoryRecord): the changes, by version; it may be empty
 * @digest: runconf_digest_new() of the text that they led to
 * @good_text: (nullable): that text, if it is to be kept, without secrets
 *
 * A batch of changes that were made.
 */
typedef struct
{
  GPtrArray *records;
  GBytes *digest;
  GBytes *good_text;
} RunconfHistoryBatch;

RunconfHistoryBatch *runconf_history_batch_new (GPtrArray *records, GBytes *digest,
                                                GBytes *good_text);
void runconf_history_batch_skip (RunconfHistoryBatch *self, guint64 version);
void runconf_history_batch_free (RunconfHistoryBatch *self);

GBytes *runconf_history_batch_pack (GPtrArray *records, GBytes *text, GBytes *good_text);
RunconfHistoryBatch *runconf_history_batch_unpack (GBytes *packed, GBytes *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfHistoryBatch, runconf_history_batch_free)

G_END_DECLS
