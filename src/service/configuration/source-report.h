/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/ground.h"
#include "service/configuration/health.h"
#include "service/sources/load.h"

G_BEGIN_DECLS

void runconfd_source_report_defaults (const RunconfdLoad *load, RunconfdHealth *health);
void runconfd_source_report_rules (const RunconfdLoad *load, const RunconfGround *ground,
                                   RunconfdHealth *health);

const char *runconfd_source_report_cause (const RunconfdLoad *load, const char **layer,
                                          char **message);
void runconfd_source_report_ignored (const RunconfdLoad *load, const char *name);

G_END_DECLS
