/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfdBucket:
 * @rate: the tokens that it gains in a second
 * @size: the tokens that it has at most
 * @full_at: private
 *
 * A token bucket. It is full at first. It may owe tokens: it has none until they are paid back.
 */
typedef struct
{
  gint64 rate;
  gint64 size;
  gint64 full_at;
} RunconfdBucket;

gboolean runconfd_bucket_has_tokens (const RunconfdBucket *self, gint64 now);
void runconfd_bucket_take (RunconfdBucket *self, gsize n_tokens, gint64 now);
void runconfd_bucket_give (RunconfdBucket *self, gsize n_tokens);

G_END_DECLS
