/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/model/keys.h"

G_BEGIN_DECLS

/* The files of the layer `fleet`: one for each document, list of locks and schema that is for the
 * host.
 */

char *runconf_fleet_layer_get_path (const RunconfFleetKey *key);
gboolean runconf_fleet_layer_is_path (const char *path);
gboolean runconf_fleet_layer_is_of_group (const char *path, const char *group);

GBytes *runconf_fleet_layer_make_text (RunconfFleetKeyType type, const char *shown, GBytes *value,
                                       gint64 revision, const char *author, GError **error);
gint64 runconf_fleet_layer_get_revision (GBytes *text);

G_END_DECLS
