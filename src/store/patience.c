/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/patience.h"

#define MAX_QUIET_US G_USEC_PER_SEC
#define MAX_WAIT_US (10 * G_USEC_PER_SEC)

/**
 * runconf_patience_wait:
 * @has_writer: whether somebody has the file open for writing
 * @signature: of the file
 *
 * To be asked each time that the file was read.
 *
 * Returns: whether to look at it again later rather than to use what was read
 */
gboolean
runconf_patience_wait (RunconfPatience *self, gboolean has_writer,
                       const RunconfSignature *signature)
{
  gint64 now = g_get_monotonic_time ();

  if (!has_writer)
    {
      *self = (RunconfPatience){ 0 };
      return FALSE;
    }

  if (self->since == 0)
    self->since = now;
  if (self->quiet_since == 0 || !runconf_signature_equal (signature, &self->signature))
    self->quiet_since = now;
  self->signature = *signature;

  return now - self->quiet_since < MAX_QUIET_US && now - self->since < MAX_WAIT_US;
}
