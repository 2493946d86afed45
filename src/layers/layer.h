/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfLayer:
 * @RUNCONF_LAYER_VENDOR: the files of packages
 * @RUNCONF_LAYER_FLEET: the files that an agent of a fleet of machines writes
 * @RUNCONF_LAYER_ADMIN: the files of the administrator
 * @RUNCONF_LAYER_USER: the files of the user of a session
 * @RUNCONF_LAYER_OVERRIDE: the overrides, which Runconf writes
 * @RUNCONF_LAYER_BOOT: the overrides that last until the next boot
 *
 * The layers of a configuration, the weakest first: a value of a stronger layer replaces that of a
 * weaker one. The layers up to @RUNCONF_LAYER_USER make the defaults.
 */
typedef enum
{
  RUNCONF_LAYER_VENDOR,
  RUNCONF_LAYER_FLEET,
  RUNCONF_LAYER_ADMIN,
  RUNCONF_LAYER_USER,
  RUNCONF_LAYER_OVERRIDE,
  RUNCONF_LAYER_BOOT,
} RunconfLayer;

#define RUNCONF_N_LAYERS (RUNCONF_LAYER_BOOT + 1)

const char *runconf_layer_get_name (RunconfLayer layer);
gboolean runconf_layer_from_string (const char *name, RunconfLayer *layer);

GPtrArray *runconf_layer_list_system (RunconfLayer layer, const char *root);
GPtrArray *runconf_layer_list_session (RunconfLayer layer);

/**
 * RunconfLayerPath:
 * @layer: the layer that the files there belong to
 * @path: of a folder or a file
 * @replaced_by: of a file, the layer that replaces it as a whole or masks it; %RUNCONF_N_LAYERS if none does
 *
 * A folder or a file of one layer of a configuration.
 */
typedef struct
{
  RunconfLayer layer;
  char *path;
  RunconfLayer replaced_by;
} RunconfLayerPath;

RunconfLayerPath *runconf_layer_path_new (RunconfLayer layer, const char *path);
void runconf_layer_path_free (RunconfLayerPath *self);
GPtrArray *runconf_layer_paths_new (void);
gboolean runconf_layer_paths_equal (GPtrArray *a, GPtrArray *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfLayerPath, runconf_layer_path_free)

G_END_DECLS
