/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>
#include <runconf/watch.h>

G_BEGIN_DECLS

RunconfWatch *runconf_watch_new (RunconfConfiguration *configuration, const char *path);

G_END_DECLS
