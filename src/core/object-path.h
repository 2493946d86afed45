/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* how the service is called on the bus, and its interface for a configuration */
#define RUNCONF_BUS_NAME "org.runconf.Config1"
#define RUNCONF_INTERFACE "org.runconf.Config1"

/* where the object manager is, above each configuration */
#define RUNCONF_MANAGER_PATH "/org/runconf/Config1"

gboolean runconf_object_path_is_name (const char *name);
char *runconf_object_path_new (const char *name);

G_END_DECLS
