/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/document.h"

G_BEGIN_DECLS

gboolean runconf_style_needs_escape (gunichar c);
RunconfSpanStyle runconf_style_choose (const char *text, gsize length, gboolean is_block);

G_END_DECLS
