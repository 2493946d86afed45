/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/edit/three-way.h"
#include "cli/session/session.h"
#include "cli/terminal/exit.h"

G_BEGIN_DECLS

/**
 * CliDraft:
 *
 * Overrides in an editor: the original text and its version, and the new text.
 */
typedef struct _CliDraft CliDraft;

CliDraft *cli_draft_new (CliSession *session, GError **error);
void cli_draft_free (CliDraft *self);

guint64 cli_draft_get_version (const CliDraft *self);
gboolean cli_draft_is_partial (const CliDraft *self);
gboolean cli_draft_has_values (const CliDraft *self);
GBytes *cli_draft_get_text (const CliDraft *self);
gboolean cli_draft_take (CliDraft *self, GBytes *text, const char *name, GError **error);

CliExit cli_draft_submit (CliDraft *self, CliSession *session, GError **error);
CliThreeWay *cli_draft_compare (CliDraft *self, CliSession *session, GError **error);
gboolean cli_draft_has_comment_conflict (const CliDraft *self);
gboolean cli_draft_rebase (CliDraft *self, CliThreeWay *three_way, gboolean takes_conflicts,
                           GError **error);

void cli_draft_locate_error (CliDraft *self, GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliDraft, cli_draft_free)

G_END_DECLS
