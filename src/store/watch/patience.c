/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/watch/patience.h"

#include "store/timing.h"
#include "yaml/document.h"

/* When to use the text of a file that a process has open for writing
 *
 * The beginning of a YAML text is often a valid text itself, so a pause of the writer proves
 * little, and a program may keep a file open for ever. The rule:
 *
 *   - a text that can be parsed and isn't empty is used when the file was quiet for OPEN_QUIET,
 *     or after MAX_OPEN if the file keeps changing;
 *   - a text that is broken or empty isn't used while the kernel reports that the file is open.
 *     Events can be lost, so if only events report a writer, the wait ends after MAX_OPEN;
 *   - if no writer is known, the file has to be quiet for UNSURE.
 */

/**
 * runconf_patience_is_whole:
 * @text: (nullable): the content of a file
 * @path: (nullable): the name of the file in messages; %NULL for a text that isn't YAML
 *
 * Returns: whether it can be the complete text that a program meant to write
 */
gboolean
runconf_patience_is_whole (GBytes *text, const char *path)
{
  g_autoptr (RunconfDocument) document = NULL;

  if (text == NULL || g_bytes_get_size (text) == 0)
    return FALSE;
  if (path == NULL)
    return TRUE;

  document = runconf_document_new (text, path, NULL);

  return document != NULL && !runconf_document_is_empty (document);
}

static gboolean
is_whole (RunconfPatience *self, GBytes *text, const char *path)
{
  if (!self->is_judged)
    self->is_whole = runconf_patience_is_whole (text, path);
  self->is_judged = TRUE;

  return self->is_whole;
}

/* Returns: whether to wait at the time @now */
static gboolean
has_to_wait (RunconfPatience *self, RunconfWriter writer, GBytes *text, const char *path,
             gint64 now)
{
  gint64 quiet = now - self->quiet_since;
  gboolean is_long = now - self->since >= RUNCONF_TIMING_MAX_OPEN_US;

  if (writer == RUNCONF_WRITER_UNSURE)
    return quiet < RUNCONF_TIMING_UNSURE_US && !is_long;
  if (quiet < RUNCONF_TIMING_OPEN_QUIET_US && !is_long)
    return TRUE;

  return !(writer == RUNCONF_WRITER_LIKELY && is_long) && !is_whole (self, text, path);
}

/**
 * runconf_patience_wait:
 * @now: the monotonic time, in µs
 * @signature: the signature of the file
 * @text: (nullable): the content that was read
 * @path: (nullable): the name of the file in messages; %NULL for a text that isn't YAML
 *
 * Call it each time that the file was read.
 *
 * Returns: whether to read the file again later, instead of using this content
 */
gboolean
runconf_patience_wait (RunconfPatience *self, gint64 now, RunconfWriter writer,
                       const RunconfSignature *signature, GBytes *text, const char *path)
{
  gboolean is_same
      = self->quiet_since != 0 && runconf_signature_equal (signature, &self->signature);

  if (writer == RUNCONF_WRITER_NONE)
    {
      *self = (RunconfPatience){ 0 };
      return FALSE;
    }

  if (self->since == 0 || (self->is_taken && !is_same))
    self->since = now;
  if (!is_same)
    {
      self->quiet_since = now;
      self->is_judged = self->is_taken = FALSE;
    }
  self->signature = *signature;
  self->is_taken = self->is_taken || !has_to_wait (self, writer, text, path, now);

  return !self->is_taken;
}
