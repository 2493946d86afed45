/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/bucket.h"

/* The bucket stores the time at which the taken tokens are regained: then it is full. It has tokens
 * while that time is nearer than the time to fill the whole bucket. So it keeps fractions of a token.
 */

static gint64
get_time (const RunconfdBucket *self, gsize n_tokens)
{
  return MIN ((gint64) n_tokens, self->size) * G_USEC_PER_SEC / self->rate;
}

/**
 * runconfd_bucket_has_tokens:
 * @now: the monotonic time in µs
 */
gboolean
runconfd_bucket_has_tokens (const RunconfdBucket *self, gint64 now)
{
  return self->full_at < now + get_time (self, (gsize) self->size);
}

/**
 * runconfd_bucket_take:
 * @n_tokens: more than the size of the bucket count as its size
 * @now: the monotonic time in µs
 *
 * Takes tokens, also those that the bucket doesn't have.
 */
void
runconfd_bucket_take (RunconfdBucket *self, gsize n_tokens, gint64 now)
{
  self->full_at = MAX (self->full_at, now) + get_time (self, n_tokens);
}

/**
 * runconfd_bucket_give:
 * @n_tokens: as for runconfd_bucket_take()
 *
 * Puts taken tokens back.
 */
void
runconfd_bucket_give (RunconfdBucket *self, gsize n_tokens)
{
  self->full_at -= get_time (self, n_tokens);
}
