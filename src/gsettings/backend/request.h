/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

G_BEGIN_DECLS

RunconfTransaction *runconf_backend_request_new (GTree *change);

G_END_DECLS
