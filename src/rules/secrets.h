/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/rules.h"

G_BEGIN_DECLS

RunconfNode *runconf_secrets_keep (const RunconfRules *rules, const RunconfNode *old,
                                   const RunconfPath *path, const RunconfNode *wanted);
gboolean runconf_secrets_equal (const RunconfRules *rules, const RunconfNode *a,
                                const RunconfNode *b);

G_END_DECLS
