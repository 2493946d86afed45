/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/error.h"

G_BEGIN_DECLS

/* The D-Bus names of the error codes; the codes after these have names of D-Bus itself. */

#define RUNCONF_N_BUS_ERRORS (RUNCONF_ERROR_LOCKED + 1)

const char *runconf_error_get_bus_name (RunconfError code);

G_END_DECLS
