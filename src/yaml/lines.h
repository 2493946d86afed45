/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/document.h"
#include "yaml/emitter.h"
#include "yaml/text.h"

G_BEGIN_DECLS

gsize runconf_lines_find_start (const RunconfText *text, gsize offset);
gsize runconf_lines_find_end (const RunconfText *text, gsize offset);
gsize runconf_lines_find_next (const RunconfText *text, gsize offset);
gsize runconf_lines_find_previous_end (const RunconfText *text, gsize offset);
gsize runconf_lines_find_end_of_deeper (const RunconfText *text, gsize offset, guint column);
guint runconf_lines_get_column (const RunconfText *text, gsize offset);
gboolean runconf_lines_is_first (const RunconfText *text, gsize offset);
gboolean runconf_lines_is_last (const RunconfText *text, gsize offset);
gboolean runconf_lines_is_comment (const RunconfText *text, gsize offset);

gsize runconf_lines_skip_blanks (const RunconfText *text, gsize offset);
gsize runconf_lines_skip_any (const RunconfText *text, gsize offset, const char *bytes);
gsize runconf_lines_find_any (const RunconfText *text, gsize offset, const char *bytes);
gsize runconf_lines_skip_gap (const RunconfText *text, gsize offset);
gboolean runconf_lines_have_break (const RunconfText *text, gsize start, gsize end);

const char *runconf_lines_get_break (const RunconfText *text);

G_END_DECLS
