/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/layer.h"

G_BEGIN_DECLS

/* the size of an array that has an element for each layer; those before @RUNCONF_LAYER_VENDOR stay empty */
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
