/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/stored.h"

#include "core/metadata.h"
#include "store/digest.h"
#include "yaml/rewrite.h"

struct _RunconfdStored
{
  RunconfDocument *document; /* the text of the overrides in force, or NULL */
  GBytes *stamp;      /* of the text in the store, good or broken; NULL if it was never read */
  GBytes *unkept;     /* the broken text in the store if it couldn't be kept aside, or NULL */
  GError *broken;     /* the error in the text in the store, which was left there, or NULL */
  gboolean is_astray; /* the overrides in force before the text that is found aren't known */
  RunconfdRecent *recent;
};

RunconfdStored *
runconfd_stored_new (RunconfLayer layer)
{
  RunconfdStored *self = g_new0 (RunconfdStored, 1);

  self->recent = runconfd_recent_new (layer);

  return self;
}

void
runconfd_stored_free (RunconfdStored *self)
{
  g_clear_pointer (&self->document, runconf_document_unref);
  g_clear_pointer (&self->stamp, g_bytes_unref);
  g_clear_pointer (&self->unkept, g_bytes_unref);
  g_clear_error (&self->broken);
  runconfd_recent_free (self->recent);
  g_free (self);
}

/**
 * runconfd_stored_get_document:
 *
 * Returns: (transfer none) (nullable): the text of the overrides in force
 */
RunconfDocument *
runconfd_stored_get_document (const RunconfdStored *self)
{
  return self->document;
}

/**
 * runconfd_stored_ref_document:
 *
 * Returns: (transfer full) (nullable): the text of the overrides in force
 */
RunconfDocument *
runconfd_stored_ref_document (const RunconfdStored *self)
{
  return self->document != NULL ? runconf_document_ref (self->document) : NULL;
}

/**
 * runconfd_stored_was_read:
 *
 * Returns: whether the store was read once, so that there is a stamp
 */
gboolean
runconfd_stored_was_read (const RunconfdStored *self)
{
  return self->stamp != NULL;
}

/**
 * runconfd_stored_ref_stamp:
 *
 * Returns: (transfer full) (nullable): the stamp of the text in the store
 */
GBytes *
runconfd_stored_ref_stamp (const RunconfdStored *self)
{
  return self->stamp != NULL ? g_bytes_ref (self->stamp) : NULL;
}

/**
 * runconfd_stored_ref_unkept:
 *
 * Returns: (transfer full) (nullable): the broken text that has to be kept aside before the next write
 */
GBytes *
runconfd_stored_ref_unkept (const RunconfdStored *self)
{
  return self->unkept != NULL ? g_bytes_ref (self->unkept) : NULL;
}

/**
 * runconfd_stored_get_broken:
 *
 * Returns: (transfer none) (nullable): the error in the text that was left in the store
 */
const GError *
runconfd_stored_get_broken (const RunconfdStored *self)
{
  return self->broken;
}

/**
 * runconfd_stored_is_astray:
 *
 * Returns: whether only the version is known of the configuration before the text that is found
 */
gboolean
runconfd_stored_is_astray (const RunconfdStored *self)
{
  return self->is_astray;
}

RunconfdRecent *
runconfd_stored_get_recent (const RunconfdStored *self)
{
  return self->recent;
}

/* Whether a document has the same text as another one, once it has the metadata of that, which its
 * author may have left out.
 */
static gboolean
has_same_text (RunconfDocument *wanted, RunconfDocument *current)
{
  const RunconfNode *root = runconf_document_get_root (current);
  g_autoptr (RunconfNode) wanted_overrides
      = runconf_metadata_strip (runconf_document_get_root (wanted));
  g_autoptr (RunconfNode) overrides = runconf_metadata_strip (root);
  g_autoptr (RunconfDocument) stored = NULL;
  RunconfRewriteScope scope;

  if (g_bytes_equal (runconf_document_get_text (wanted), runconf_document_get_text (current)))
    return TRUE;
  if (!runconf_node_equal (wanted_overrides, overrides))
    return FALSE;

  stored = runconf_rewrite (wanted, root, "text", &scope, NULL);

  return stored != NULL
         && g_bytes_equal (runconf_document_get_text (stored), runconf_document_get_text (current));
}

/**
 * runconfd_stored_says:
 *
 * Returns: whether a write of @document changes nothing: its text is in force, and in the store
 */
gboolean
runconfd_stored_says (const RunconfdStored *self, RunconfDocument *document)
{
  g_autoptr (GBytes) stamp = NULL;

  if (self->document == NULL || self->stamp == NULL)
    return FALSE;

  stamp = runconf_digest_new (runconf_document_get_text (self->document));

  return g_bytes_equal (stamp, self->stamp) && has_same_text (document, self->document);
}

/**
 * runconfd_stored_begin:
 * @document: (nullable): the text that was in force before the service started, if it is known
 * @is_astray: whether nothing but the version is known of that
 */
void
runconfd_stored_begin (RunconfdStored *self, RunconfDocument *document, gboolean is_astray)
{
  if (document != NULL)
    self->document = runconf_document_ref (document);
  self->is_astray = is_astray;
}

/**
 * runconfd_stored_take_stamp:
 * @stamp: of the text that was found
 */
void
runconfd_stored_take_stamp (RunconfdStored *self, GBytes *stamp)
{
  g_bytes_ref (stamp);
  g_clear_pointer (&self->stamp, g_bytes_unref);
  self->stamp = stamp;
}

/**
 * runconfd_stored_take_gone:
 * @stamp: (nullable): of the missing text
 *
 * The text was removed.
 */
void
runconfd_stored_take_gone (RunconfdStored *self, GBytes *stamp)
{
  if (stamp != NULL)
    runconfd_stored_take_stamp (self, stamp);
  g_clear_pointer (&self->document, runconf_document_unref);
  runconfd_stored_take_written (self);
}

/**
 * runconfd_stored_take_failed:
 *
 * Takes over a commit that couldn't write: the store has its old text, which isn't in force any more.
 */
void
runconfd_stored_take_failed (RunconfdStored *self, const RunconfdCommit *commit)
{
  runconfd_stored_take_stamp (self, commit->stamp);
  g_clear_pointer (&self->document, runconf_document_unref);
  self->document = commit->document != NULL ? runconf_document_ref (commit->document) : NULL;
}

/**
 * runconfd_stored_take_commit:
 * @before: the revision that was in force until now
 *
 * Takes over the text, its stamp, and the step to it.
 */
void
runconfd_stored_take_commit (RunconfdStored *self, const RunconfRevision *before,
                             const RunconfdCommit *commit)
{
  runconfd_stored_take_failed (self, commit);
  runconfd_recent_add (self->recent, self->is_astray ? NULL : before, commit->revision,
                       commit->stamp, !commit->replace);
}

/**
 * runconfd_stored_pass:
 *
 * Takes over a version that another text made.
 */
void
runconfd_stored_pass (RunconfdStored *self, const RunconfRevision *before,
                      const RunconfRevision *after)
{
  runconfd_recent_add (self->recent, self->is_astray ? NULL : before, after, NULL, TRUE);
}

static void
set_unkept (RunconfdStored *self, GBytes *unkept)
{
  g_clear_pointer (&self->unkept, g_bytes_unref);
  self->unkept = unkept != NULL ? g_bytes_ref (unkept) : NULL;
}

/**
 * runconfd_stored_take_found:
 * @broken: (nullable): the error in the text that was found and left in the store
 * @unkept: (nullable): that text, if it couldn't be kept aside
 */
void
runconfd_stored_take_found (RunconfdStored *self, const GError *broken, GBytes *unkept)
{
  g_clear_error (&self->broken);
  self->broken = broken != NULL ? g_error_copy (broken) : NULL;
  set_unkept (self, unkept);
  self->is_astray = FALSE;
}

/**
 * runconfd_stored_take_written:
 *
 * A write replaced the text in the store, so no broken one is left there.
 */
void
runconfd_stored_take_written (RunconfdStored *self)
{
  g_clear_error (&self->broken);
  set_unkept (self, NULL);
}

/**
 * runconfd_stored_take_kept:
 *
 * The broken text is kept aside now.
 */
void
runconfd_stored_take_kept (RunconfdStored *self)
{
  set_unkept (self, NULL);
}
