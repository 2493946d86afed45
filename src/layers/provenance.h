/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfProvenance:
 * @document: the key of the document in the store of the fleet
 * @revision: the revision of the store at which it got this text
 * @author: (nullable): the user that wrote it, if that is known
 *
 * Where a file of the layer `fleet` comes from: the agent writes this into its first line, which is a
 * comment. It never changes.
 */
typedef struct
{
  char *document;
  gint64 revision;
  char *author;
} RunconfProvenance;

char *runconf_provenance_format (const char *document, gint64 revision, const char *author);
RunconfProvenance *runconf_provenance_parse (GBytes *text);
RunconfProvenance *runconf_provenance_ref (RunconfProvenance *self);
void runconf_provenance_unref (RunconfProvenance *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfProvenance, runconf_provenance_unref)

G_END_DECLS
