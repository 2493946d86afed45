/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/start-version.h"

#include <math.h>

#include "core/metadata.h"
#include "store/digest.h"
#include "store/watch/signature.h"

/* Finds the version and the time of the configuration at a start. The state isn't synced with each
 * text that Runconf writes: after a power cut, the text on the disk may have a version that the
 * state doesn't know yet. Such a version is ahead by the writes of a short time only; a number
 * further ahead was typed and is ignored.
 */
#define MAX_UNRECORDED 1000000

/* a later time in seconds doesn't fit */
#define MAX_SECONDS 1e12

/* The versions that the start finds. */
typedef struct
{
  gboolean is_recorded; /* the state has a version */
  guint64 recorded;
  guint64 carried; /* in the text; 0 for none */
  guint64 newest;  /* in the history; 0 for none */
} Finding;

static gboolean
is_complete (const Finding *finding)
{
  return finding->newest > 0 && finding->newest >= finding->recorded;
}

/* A complete history has the digest of each text that Runconf wrote or took over: another one is an edit by
 * hand of an earlier text, even if its version is higher than that of the state.
 */
static gboolean
is_own_text (RunconfdArchive *archive, GBytes *text)
{
  g_autoptr (GBytes) digest = text != NULL ? runconf_digest_new (text) : NULL;

  return digest == NULL || runconfd_archive_has_digest (archive, digest);
}

/* The history is on the disk before the text is, so the version of a text that Runconf wrote isn't
 * ahead of both the state and the history.
 *
 * Returns: whether the number in the text was typed
 */
static gboolean
is_typed (const Finding *finding)
{
  guint64 ahead = finding->carried - finding->recorded;

  return ahead > MAX_UNRECORDED || (is_complete (finding) && finding->carried > finding->newest);
}

/**
 * runconfd_start_version_find:
 * @load: the files at the start
 * @is_known: (out): whether @load is unchanged since that version; if not, it was changed while the
 *   service was down
 *
 * Finds the version to continue from, so that it never decreases: that of the state or the newest
 * in the history, whichever is higher. If the state is lost or behind the text, the version in the
 * text takes its place.
 *
 * Returns: the version
 */
guint64
runconfd_start_version_find (RunconfState *state, RunconfdArchive *archive, RunconfdLoad *load,
                             gboolean *is_known)
{
  Finding finding = { 0 };
  gboolean is_newest, is_settled;

  finding.is_recorded
      = runconf_state_recall (state, load->overrides.text, &finding.recorded, is_known);
  is_settled = *is_known && runconf_state_is_settled (state, load->overrides.text);
  if (load->overrides.document != NULL)
    runconf_metadata_get_version (runconf_document_get_root (load->overrides.document),
                                  &finding.carried);
  finding.newest = runconfd_archive_reconcile (archive, load->overrides.text, load->boot.text,
                                               finding.recorded, *is_known, is_settled, &is_newest);

  /* the service ended after it recorded an edit by hand in the history, and before the state had it
   */
  if (is_newest && finding.newest > finding.recorded)
    *is_known = TRUE;

  if (!finding.is_recorded
      || (!*is_known && finding.carried > finding.recorded && !is_typed (&finding)))
    {
      *is_known = !is_complete (&finding) || is_own_text (archive, load->overrides.text);
      return MAX (finding.carried, finding.newest);
    }

  return MAX (finding.recorded, finding.newest);
}

/**
 * runconfd_start_version_find_time:
 * @version: the result of runconfd_start_version_find()
 *
 * Finds the time of the last modification: that in the text, if the text is of that version, and
 * otherwise that of the file, which was edited by hand since.
 *
 * Returns: the time in µs since the epoch
 */
gint64
runconfd_start_version_find_time (RunconfdLoad *load, guint64 version)
{
  RunconfSignature signature;
  guint64 carried;
  double seconds;

  if (load->overrides.document != NULL
      && runconf_metadata_get_version (runconf_document_get_root (load->overrides.document),
                                       &carried)
      && carried == version
      && runconf_metadata_get_last_modified (runconf_document_get_root (load->overrides.document),
                                             &seconds)
      && seconds >= 0 && seconds < MAX_SECONDS)
    return llround (seconds * G_USEC_PER_SEC);

  runconf_signature_take (&signature, load->overrides.path);

  return signature.failure == 0 ? signature.mtime / 1000 : g_get_real_time ();
}
