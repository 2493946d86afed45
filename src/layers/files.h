/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/layer.h"

G_BEGIN_DECLS

/* Finds the files of a configuration in its folders. All functions block. */

#define RUNCONF_DEFAULTS_FILE "config.yaml"
#define RUNCONF_DEFAULTS_FOLDER "config.d" /* of drop-ins */
#define RUNCONF_DEFAULTS_SUFFIX ".yaml"    /* of drop-ins */
#define RUNCONF_SCHEMA_FILE "config.schema.yaml"
#define RUNCONF_LOCKS_FILE "locks"
#define RUNCONF_LOCKS_FOLDER "locks.d"
#define RUNCONF_OVERRIDES_FILE "runtime_config.yaml"

gboolean runconf_files_find (GPtrArray *folders, const char *name, RunconfLayerPath **place,
                             GError **error);
GPtrArray *runconf_files_find_bases (GPtrArray *folders, const char *name, GError **error);
GPtrArray *runconf_files_find_drop_ins (GPtrArray *folders, const char *name, const char *suffix,
                                        GError **error);
GPtrArray *runconf_files_find_each (GPtrArray *folders, const char *name, const char *drop_ins,
                                    GError **error);

G_END_DECLS
