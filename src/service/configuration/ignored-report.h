/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/revision.h"
#include "service/base/settings.h"
#include "service/configuration/health.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * RunconfdIgnoredReport:
 * @settings: for the names of the configuration and of the file
 * @document: (nullable): the text of the overrides
 * @boot_document: (nullable): the text of the overrides for this boot
 * @before: (nullable): the revision that was in force until now
 * @current: the revision in force
 */
typedef struct
{
  const RunconfdSettings *settings;
  RunconfDocument *document;
  RunconfDocument *boot_document;
  const RunconfRevision *before;
  const RunconfRevision *current;
} RunconfdIgnoredReport;

void runconfd_ignored_report_send (const RunconfdIgnoredReport *self, RunconfdHealth *health);

G_END_DECLS
