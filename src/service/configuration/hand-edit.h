/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/configuration/recent.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfdHandEdit:
 * @layer: that of the text
 * @saved: the text that was saved
 * @stamp: (nullable): of that text in the store
 * @replaced: (nullable): the text before it
 * @current: the revision in force
 * @is_astray: whether the version of @current is known, but not its overrides
 * @recent: the last steps
 * @archive: the older steps
 * @is_guess: (out): whether the base was found by likeness alone, or it isn't known which side
 *   changed a secret
 *
 * Merges a text that was saved by hand with the changes since its base.
 */
typedef struct
{
  RunconfLayer layer;
  RunconfDocument *saved;
  GBytes *stamp;
  RunconfDocument *replaced;
  const RunconfRevision *current;
  gboolean is_astray;
  RunconfdRecent *recent;
  RunconfdArchive *archive;
  gboolean is_guess;
} RunconfdHandEdit;

RunconfNode *runconfd_hand_edit_read (RunconfdHandEdit *self);
RunconfNode *runconfd_hand_edit_read_late (RunconfdHandEdit *self);

G_END_DECLS
