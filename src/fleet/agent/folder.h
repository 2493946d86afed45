/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfFleetdFolder:
 *
 * The folder of the layer: a folder for each configuration, with the files of the fleet's
 * documents. A file is replaced as a whole, so a kill at any moment leaves each file old or new.
 * All functions block.
 */
typedef struct _RunconfFleetdFolder RunconfFleetdFolder;

/**
 * RunconfFleetdFile:
 * @configuration: its name
 * @path: the path below the folder of the configuration
 *
 * A file of the layer.
 */
typedef struct
{
  char *configuration;
  char *path;
} RunconfFleetdFile;

RunconfFleetdFolder *runconf_fleetd_folder_new (const char *path, GError **error);
void runconf_fleetd_folder_free (RunconfFleetdFolder *self);

const char *runconf_fleetd_folder_get_machine (const RunconfFleetdFolder *self);
GPtrArray *runconf_fleetd_folder_list (RunconfFleetdFolder *self);
gboolean runconf_fleetd_folder_write (RunconfFleetdFolder *self, const char *configuration,
                                      const char *path, GBytes *text, GError **error);
gboolean runconf_fleetd_folder_remove (RunconfFleetdFolder *self, const char *configuration,
                                       const char *path, GError **error);
gboolean runconf_fleetd_folder_sync (RunconfFleetdFolder *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetdFolder, runconf_fleetd_folder_free)

G_END_DECLS
