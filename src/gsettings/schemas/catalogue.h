/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsettings/schemas/sources.h"

G_BEGIN_DECLS

/**
 * RunconfGsettingsKey:
 * @schema: the name of its schema
 * @key: the key in the schema
 * @has_one_default: whether its default is the same in all languages and on all desktops
 *
 * A key of a schema.
 */
typedef struct
{
  char *schema;
  GSettingsSchemaKey *key;
  gboolean has_one_default;
} RunconfGsettingsKey;

/**
 * RunconfGsettingsEntry:
 * @name: a segment of a path
 * @keys: (element-type RunconfGsettingsKey): the keys at the path: several if several schemas have
 *   one; empty if it is only a folder
 * @children: (nullable) (element-type utf8 RunconfGsettingsEntry): the keys and folders in it, if it
 *   is a folder, sorted
 *
 * A key or a folder, and rarely both.
 */
typedef struct
{
  char *name;
  GPtrArray *keys;
  GTree *children;
} RunconfGsettingsEntry;

/**
 * RunconfGsettingsCatalogue:
 *
 * All keys whose paths the schemas tell, in the tree of their paths.
 */
typedef struct _RunconfGsettingsCatalogue RunconfGsettingsCatalogue;

RunconfGsettingsCatalogue *runconf_gsettings_catalogue_new (const RunconfGsettingsSources *sources);
void runconf_gsettings_catalogue_free (RunconfGsettingsCatalogue *self);

const RunconfGsettingsEntry *
runconf_gsettings_catalogue_get_root (const RunconfGsettingsCatalogue *self);
const RunconfGsettingsEntry *
runconf_gsettings_catalogue_find (const RunconfGsettingsCatalogue *self, const char *key);
GPtrArray *runconf_gsettings_catalogue_get_complaints (const RunconfGsettingsCatalogue *self);

GVariant *runconf_gsettings_entry_dup_default (const RunconfGsettingsEntry *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfGsettingsCatalogue, runconf_gsettings_catalogue_free)

G_END_DECLS
