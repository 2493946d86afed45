/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/commit.h"

#include <string.h>

#include "core/escape.h"
#include "core/metadata.h"
#include "store/last-good.h"
#include "store/quarantine.h"
#include "store/signature.h"
#include "yaml/rewrite.h"

void
runconfd_commit_free (RunconfdCommit *self)
{
  g_object_unref (self->store);
  g_free (self->runtime_path);
  g_free (self->default_path);
  g_clear_pointer (&self->base, runconf_document_unref);
  g_clear_pointer (&self->broken, g_bytes_unref);
  g_free (self->last_good_path);
  g_clear_pointer (&self->stamp, g_bytes_unref);
  g_clear_pointer (&self->revision, runconfd_revision_unref);
  g_clear_pointer (&self->document, runconf_document_unref);
  g_free (self->kept);
  g_free (self->rewritten);
  g_clear_error (&self->warning);
  g_free (self);
}

/* Returns: the comments that a file begins with that is made anew */
static RunconfDocument *
make_header (RunconfdCommit *self, GError **error)
{
  g_autofree char *shown = runconf_escape (self->default_path, -1);
  g_autofree char *header = g_strdup_printf (
      "# Overrides of %s\n"
      "#\n"
      "# What stands here replaces what stands at the same place there. Runconf\n"
      "# takes it when this file is saved.\n\n",
      shown);
  g_autoptr (GBytes) text = g_bytes_new (header, strlen (header));

  return runconf_document_new (text, self->runtime_path, error);
}

/* Writes the text so that it means @root. If it had to be laid out anew, its lines as they were are
 * kept aside.
 */
static RunconfDocument *
write_document (RunconfdCommit *self, const RunconfNode *root, GError **error)
{
  g_autoptr (RunconfDocument) base = NULL;
  g_autoptr (RunconfDocument) document = NULL;
  RunconfRewriteScope scope;

  base = self->base != NULL ? runconf_document_ref (self->base) : make_header (self, error);
  if (base == NULL)
    return NULL;

  document = runconf_rewrite (base, root, self->runtime_path, &scope, error);
  if (document == NULL || scope != RUNCONF_REWRITE_WHOLE)
    return g_steal_pointer (&document);

  self->rewritten = runconf_quarantine_keep (self->runtime_path, RUNCONF_QUARANTINE_REWRITTEN,
                                             runconf_document_get_text (base), error);

  return self->rewritten != NULL ? g_steal_pointer (&document) : NULL;
}

/* The state is told the new version before the text is there: whoever dies in between leaves a
 * state that knows both texts.
 */
static gboolean
replace_text (RunconfdCommit *self, GError **error)
{
  const RunconfMetadata metadata = {
    .version = self->revision->version,
    .last_modified = self->revision->time,
    .default_config_path = self->default_path,
  };
  g_autoptr (RunconfNode) root = runconf_metadata_add (&metadata, self->revision->overrides);
  g_autoptr (RunconfDocument) document = write_document (self, root, error);
  g_autoptr (GBytes) stamp = NULL;
  GBytes *text;

  if (document == NULL)
    return FALSE;

  text = runconf_document_get_text (document);
  if (!runconf_state_announce (self->state, metadata.version, text, error)
      || !runconf_store_replace (self->store, text, self->stamp, &stamp, error))
    return FALSE;

  g_clear_pointer (&self->document, runconf_document_unref);
  self->document = g_steal_pointer (&document);
  g_clear_pointer (&self->stamp, g_bytes_unref);
  self->stamp = g_steal_pointer (&stamp);

  return TRUE;
}

/* Whatever links are made while it runs: the defaults are never written. */
static gboolean
check_is_other_file (RunconfdCommit *self, GError **error)
{
  RunconfSignature defaults, overrides;
  g_autofree char *shown = g_filename_display_name (self->runtime_path);

  runconf_signature_take (&defaults, self->default_path);
  runconf_signature_take (&overrides, self->runtime_path);
  if (defaults.failure != 0 || overrides.failure != 0 || defaults.device != overrides.device
      || defaults.inode != overrides.inode)
    return TRUE;

  g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED,
               "%s: it is the file of the defaults, which are never written: the overrides need a "
               "file of their own",
               shown);

  return FALSE;
}

/* An edit by hand carries no version of its own: it has to be in the state before it is told. What
 * fails from here on doesn't undo the change, which is on the disk.
 */
static void
record_found (RunconfdCommit *self)
{
  GBytes *text = self->document != NULL ? runconf_document_get_text (self->document) : NULL;

  runconf_state_record (self->state, self->revision->version, text, TRUE, &self->warning);
}

/**
 * runconfd_commit_run:
 *
 * Keeps aside what is broken, and then writes the text; or, for one that is there already, records
 * its version. If it succeeds, runconfd_commit_settle() has to follow.
 *
 * Returns: %FALSE with an error of the store, of a file, or %RUNCONF_ERROR_TOO_LARGE; then the text
 *   in the store is the old one
 */
gboolean
runconfd_commit_run (RunconfdCommit *self, GError **error)
{
  if (self->keeps_text)
    {
      runconf_state_record_version (self->state, self->revision->version, &self->warning);
      return TRUE;
    }

  if (self->broken != NULL)
    {
      self->kept = runconf_quarantine_keep (self->runtime_path, RUNCONF_QUARANTINE_CORRUPT,
                                            self->broken, error);
      if (self->kept == NULL)
        return FALSE;
    }

  if (!self->replace)
    record_found (self);
  else if (!check_is_other_file (self, error) || !replace_text (self, error))
    return FALSE;

  if (self->last_good_path != NULL && self->document != NULL && self->warning == NULL)
    runconf_last_good_write (self->last_good_path, runconf_document_get_text (self->document),
                             &self->warning);

  return TRUE;
}

/**
 * runconfd_commit_settle:
 *
 * Does what can wait until callers are answered. Until then the state knows the text that was
 * replaced and the one that replaced it, so that a start after a kill can tell both from an edit.
 *
 * Returns: %FALSE with an error that harms nothing
 */
gboolean
runconfd_commit_settle (RunconfdCommit *self, GError **error)
{
  if (!self->replace)
    return TRUE;

  runconf_store_settle (self->store);

  return runconf_state_record (self->state, self->revision->version,
                               runconf_document_get_text (self->document), FALSE, error);
}
