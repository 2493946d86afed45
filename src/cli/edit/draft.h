/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/edit/source.h"
#include "cli/edit/three-way.h"

G_BEGIN_DECLS

/**
 * CliDraft:
 *
 * A text in an editor: the original with its version, and the new text.
 */

CliDraft *cli_draft_new (const CliSource *source, GError **error);
void cli_draft_free (CliDraft *self);

const CliBase *cli_draft_get_base (const CliDraft *self);
gboolean cli_draft_has_values (const CliDraft *self);
GBytes *cli_draft_get_text (const CliDraft *self);
RunconfNode *cli_draft_get_tree (const CliDraft *self);
gboolean cli_draft_take (CliDraft *self, GBytes *text, const char *name, GError **error);
gboolean cli_draft_is_unchanged (const CliDraft *self);

gboolean cli_draft_refresh (CliDraft *self, GError **error);
gboolean cli_draft_is_outdated (const CliDraft *self);
CliExit cli_draft_submit (CliDraft *self, GError **error);
CliThreeWay *cli_draft_compare (CliDraft *self, GError **error);
gboolean cli_draft_has_comment_conflict (const CliDraft *self);
gboolean cli_draft_rebase (CliDraft *self, CliThreeWay *three_way, gboolean takes_conflicts,
                           GError **error);

void cli_draft_locate_error (CliDraft *self, GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliDraft, cli_draft_free)

G_END_DECLS
