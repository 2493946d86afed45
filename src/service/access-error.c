/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/access-error.h"

static const GDBusErrorEntry entries[] = {
  { RUNCONFD_ACCESS_ERROR_INTERACTION_REQUIRED,
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired" },
};

GQuark
runconfd_access_error_quark (void)
{
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("runconfd-access-error-quark", &quark, entries,
                                      G_N_ELEMENTS (entries));

  return (GQuark) quark;
}
