/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define RUNCONFD_ACCESS_ERROR (runconfd_access_error_quark ())

/**
 * RunconfdAccessError:
 * @RUNCONFD_ACCESS_ERROR_INTERACTION_REQUIRED: the caller could be asked, but didn't allow it
 *
 * An error of the bus that GLib has no code for. It is registered with its name there.
 */
typedef enum
{
  RUNCONFD_ACCESS_ERROR_INTERACTION_REQUIRED,
} RunconfdAccessError;

GQuark runconfd_access_error_quark (void);

G_END_DECLS
