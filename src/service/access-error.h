/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define RUNCONFD_ACCESS_ERROR (runconfd_access_error_quark ())

/**
 * RunconfdAccessError:
 * @RUNCONFD_ACCESS_ERROR_INTERACTION_REQUIRED: the caller could get the right in a dialog, but its
 *   call didn't allow one
 *
 * An error of the bus for which GLib has no code, registered with its D-Bus name.
 */
typedef enum
{
  RUNCONFD_ACCESS_ERROR_INTERACTION_REQUIRED,
} RunconfdAccessError;

GQuark runconfd_access_error_quark (void);

G_END_DECLS
