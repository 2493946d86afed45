/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "yaml/document.h"

G_BEGIN_DECLS

RunconfDocument *runconf_compose (RunconfDocument *base, const RunconfNode *root, const char *name,
                                  GError **error);

G_END_DECLS
