/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/recall.h"

#include <math.h>

#include "core/metadata.h"
#include "store/signature.h"

/* The state isn't synced with each text that Runconf writes: when power goes away, the text on the
 * disk may carry a version that the state doesn't know yet. It is ahead by what was written in a
 * moment; a number that is further ahead was typed, and means nothing.
 */
#define MAX_UNRECORDED 1000000

/* a time in seconds that fits, and is later than none */
#define MAX_SECONDS 1e12

/* What the start finds. */
typedef struct
{
  gboolean is_recorded; /* by the state */
  guint64 recorded;
  guint64 carried; /* by the text; 0 for none */
  guint64 newest;  /* in the history; 0 for none */
} Finding;

/* The history is on the disk before the text is, so a text of Runconf's isn't ahead of both.
 *
 * Returns: whether the number in the text was typed
 */
static gboolean
is_typed (const Finding *finding)
{
  guint64 ahead = finding->carried - finding->recorded;
  gboolean is_complete = finding->newest > 0 && finding->newest >= finding->recorded;

  return ahead > MAX_UNRECORDED || (is_complete && finding->carried > finding->newest);
}

/**
 * runconfd_recall_version:
 * @load: the files that are there at the start
 * @is_known: (out): whether @load is what was there at that version; if not, it was changed while the
 *   service was away
 *
 * Finds the version to go on from, so that it never falls: the state's, or, where that is lost, the
 * one that the text carries, or the newest in the history, whichever is the highest.
 *
 * Returns: the version
 */
guint64
runconfd_recall_version (RunconfState *state, RunconfdArchive *archive, RunconfdLoad *load,
                         gboolean *is_known)
{
  Finding finding = { 0 };
  gboolean is_newest, is_settled;

  finding.is_recorded = runconf_state_recall (state, load->text, &finding.recorded, is_known);
  is_settled = *is_known && runconf_state_is_settled (state, load->text);
  if (load->document != NULL)
    runconf_metadata_get_version (runconf_document_get_root (load->document), &finding.carried);
  finding.newest = runconfd_archive_reconcile (archive, load->text, finding.recorded, *is_known,
                                               is_settled, &is_newest);

  /* the service ended after it found an edit by hand, and before the state knew */
  if (is_newest && finding.newest > finding.recorded)
    *is_known = TRUE;

  if (!finding.is_recorded
      || (!*is_known && finding.carried > finding.recorded && !is_typed (&finding)))
    {
      *is_known = TRUE;
      return MAX (finding.carried, finding.newest);
    }

  return MAX (finding.recorded, finding.newest);
}

/**
 * runconfd_recall_time:
 * @version: what runconfd_recall_version() found
 *
 * Finds out when the configuration was last modified: the text says so if it is of that version; if
 * it was edited by hand since, the file does.
 *
 * Returns: the time in µs since the epoch
 */
gint64
runconfd_recall_time (RunconfdLoad *load, guint64 version)
{
  RunconfSignature signature;
  guint64 carried;
  double seconds;

  if (load->document != NULL
      && runconf_metadata_get_version (runconf_document_get_root (load->document), &carried)
      && carried == version
      && runconf_metadata_get_last_modified (runconf_document_get_root (load->document), &seconds)
      && seconds >= 0 && seconds < MAX_SECONDS)
    return llround (seconds * G_USEC_PER_SEC);

  runconf_signature_take (&signature, load->runtime_path);

  return signature.failure == 0 ? signature.mtime / 1000 : g_get_real_time ();
}
