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

#define MAX_VERSION (G_MAXINT64 / 2)

/* a time in seconds that fits, and is later than none */
#define MAX_SECONDS 1e12

/* Returns: the version that the state and the text tell of */
static guint64
recall_recorded (RunconfState *state, RunconfdLoad *load, gboolean *is_known)
{
  guint64 recorded = 0, carried = 0;
  gboolean is_recorded = runconf_state_recall (state, load->text, &recorded, is_known);

  if (load->document != NULL)
    runconf_metadata_get_version (runconf_document_get_root (load->document), &carried);

  if (is_recorded && (*is_known || carried <= recorded || carried - recorded > MAX_UNRECORDED))
    return recorded;

  *is_known = TRUE;

  return carried;
}

/**
 * runconfd_recall_version:
 * @load: what was found at the start
 * @is_known: (out): whether @load is what was there at that version; if not, somebody changed it
 *   while nobody looked
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
  guint64 recorded = recall_recorded (state, load, is_known);
  gboolean is_newest;
  gboolean is_settled = *is_known && runconf_state_is_settled (state, load->text);
  guint64 newest
      = runconfd_archive_reconcile (archive, load->text, recorded, is_settled, &is_newest);

  /* the service ended after it found an edit by hand, and before the state knew */
  if (is_newest && newest > recorded)
    *is_known = TRUE;

  return MAX (recorded, newest);
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
