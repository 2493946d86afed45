/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* The key in the overrides' text that Runconf maintains, and that readers never see. */
#define RUNCONF_METADATA_KEY "_runtime_config"

/**
 * RunconfMetadata:
 * @version: the version at which the text was written
 * @last_modified: µs since the epoch
 * @default_config_path: (nullable): the file of the defaults
 *
 * The values under `_runtime_config`.
 */
typedef struct
{
  guint64 version;
  gint64 last_modified;
  const char *default_config_path;
} RunconfMetadata;

RunconfNode *runconf_metadata_add (const RunconfMetadata *self, const RunconfNode *overrides);
RunconfNode *runconf_metadata_strip (const RunconfNode *root);
gboolean runconf_metadata_get_version (const RunconfNode *root, guint64 *version);
gboolean runconf_metadata_get_last_modified (const RunconfNode *root, double *seconds);
const char *runconf_metadata_get_default_path (const RunconfNode *root);

G_END_DECLS
