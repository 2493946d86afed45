/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* the name of the service on the bus, and the interface of a configuration */
#define RUNCONF_BUS_NAME "org.runconf.Config1"
#define RUNCONF_INTERFACE "org.runconf.Config1"

/* the path of the object manager, above each configuration */
#define RUNCONF_MANAGER_PATH "/org/runconf/Config1"

gboolean runconf_object_path_is_name (const char *name);
char *runconf_object_path_new (const char *name);

G_END_DECLS
