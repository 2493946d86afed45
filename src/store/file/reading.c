/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/reading.h"

#include <string.h>

#include "store/digest.h"
#include "store/file/text-file.h"

/* An unreadable text has a stamp too, so that the same failure is reported once. It is different
 * from all stamps of texts: those have RUNCONF_DIGEST_BYTES or are "absent".
 */
static GBytes *
stamp_failure (const GError *failure)
{
  g_autofree char *stamp = g_strdup_printf ("can't be loaded: %s", failure->message);
  gsize length = strlen (stamp);

  return g_bytes_new_take (g_steal_pointer (&stamp), length);
}

/**
 * runconf_reading_new:
 * @path: a file
 *
 * Reads the file, which blocks.
 */
RunconfReading *
runconf_reading_new (const char *path)
{
  RunconfReading *self = g_new0 (RunconfReading, 1);

  self->seen_at = g_get_real_time ();
  if (runconf_text_file_read (path, &self->text, &self->signature, &self->lease, &self->failure))
    self->stamp = runconf_digest_new (self->text);
  else
    self->stamp = stamp_failure (self->failure);

  return self;
}

void
runconf_reading_free (RunconfReading *self)
{
  g_clear_pointer (&self->text, g_bytes_unref);
  g_clear_pointer (&self->stamp, g_bytes_unref);
  g_clear_error (&self->failure);
  g_free (self);
}

/**
 * runconf_reading_is_current:
 * @path: the file that was read
 *
 * A text that was read while another process had the file open may be incomplete, and one that was
 * read right after a change may have been changed again.
 *
 * Returns: whether a read would give the same text now
 */
gboolean
runconf_reading_is_current (const RunconfReading *self, const char *path)
{
  RunconfSignature now;

  if (self->failure != NULL || self->lease == RUNCONF_LEASE_REFUSED
      || self->seen_at * 1000 < self->signature.ctime + RUNCONF_SIGNATURE_RACY)
    return FALSE;

  runconf_signature_take (&now, path);

  return runconf_signature_equal (&now, &self->signature);
}
