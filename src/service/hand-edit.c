/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/hand-edit.h"

#include "core/diff.h"
#include "core/metadata.h"

/* What the author of a text had before them when they began, where that can be told and is older
 * than what was on the disk when they saved.
 */
static const RunconfNode *
find_stale_base (RunconfDocument *saved, GBytes *stamp, RunconfDocument *on_disk,
                 RunconfdRecent *recent)
{
  guint64 saved_version, disk_version;

  if (on_disk == NULL || runconf_document_is_empty (saved)
      || !runconf_metadata_get_version (runconf_document_get_root (on_disk), &disk_version))
    return NULL;

  /* the first text may have been read before Runconf put a number into it */
  if (!runconf_metadata_get_version (runconf_document_get_root (saved), &saved_version))
    saved_version = RUNCONFD_NO_NUMBER;
  else if (saved_version >= disk_version)
    return NULL;

  /* a backup that was restored is meant as it is */
  if (runconfd_recent_has_stamp (recent, stamp))
    return NULL;

  return runconfd_recent_find (recent, saved_version);
}

/**
 * runconfd_hand_edit_read:
 * @saved: what somebody saved
 * @stamp: of its text
 * @on_disk: (nullable): the text that was there before
 * @current: the overrides in force
 * @recent: the texts that stood there lately
 *
 * Finds out what somebody meant who saved a text by hand. Usually that is the text. An editor that
 * was left open saves an older text with a change in it, though: then what was changed since, over
 * the bus, is kept, and where both changed a path the hand wins.
 *
 * The version that a text carries tells which one its author began with. It isn't compared with the
 * version of the configuration, for an edit by hand makes a version and leaves the number as it is.
 *
 * Returns: (transfer full): the overrides that are meant
 */
RunconfNode *
runconfd_hand_edit_read (RunconfDocument *saved, GBytes *stamp, RunconfDocument *on_disk,
                         const RunconfNode *current, RunconfdRecent *recent)
{
  g_autoptr (RunconfNode) overrides = runconf_metadata_strip (runconf_document_get_root (saved));
  const RunconfNode *base = find_stale_base (saved, stamp, on_disk, recent);
  g_autoptr (GPtrArray) by_hand = NULL;

  if (base == NULL)
    return g_steal_pointer (&overrides);

  by_hand = runconf_diff (base, overrides);

  return runconf_diff_apply (current, by_hand);
}

/* The text that the author of a late one began with: the one that they wrote over, unless what they
 * wrote is of an older version.
 */
static RunconfNode *
find_late_base (RunconfDocument *late, RunconfDocument *replaced, RunconfdRecent *recent)
{
  const RunconfNode *root = runconf_document_get_root (replaced);
  const RunconfNode *older = NULL;
  guint64 late_version, version;

  if (runconf_metadata_get_version (runconf_document_get_root (late), &late_version)
      && runconf_metadata_get_version (root, &version) && late_version < version)
    older = runconfd_recent_find (recent, late_version);

  return older != NULL ? runconf_node_ref (older) : runconf_metadata_strip (root);
}

/**
 * runconfd_hand_edit_read_late:
 * @late: what somebody wrote where another text had stood
 * @replaced: that text
 * @current: the overrides in force
 * @recent: the texts that stood in the store lately
 *
 * Finds out what somebody meant who wrote into a file that had lost its name already: what they
 * changed, over what is in force by now.
 *
 * Returns: (transfer full): the overrides that are meant
 */
RunconfNode *
runconfd_hand_edit_read_late (RunconfDocument *late, RunconfDocument *replaced,
                              const RunconfNode *current, RunconfdRecent *recent)
{
  g_autoptr (RunconfNode) base = find_late_base (late, replaced, recent);
  g_autoptr (RunconfNode) overrides = runconf_metadata_strip (runconf_document_get_root (late));
  g_autoptr (GPtrArray) by_hand = runconf_diff (base, overrides);

  return runconf_diff_apply (current, by_hand);
}
