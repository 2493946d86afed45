/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/rules.h"

G_BEGIN_DECLS

RunconfNode *runconfd_secrets_keep (const RunconfdRules *rules, const RunconfNode *old,
                                    const RunconfPath *path, const RunconfNode *wanted);
gboolean runconfd_secrets_equal (const RunconfdRules *rules, const RunconfNode *a,
                                 const RunconfNode *b);

G_END_DECLS
