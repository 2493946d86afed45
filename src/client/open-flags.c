/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/open-flags.h>

/* The type of the flags, which a property needs. */

GType
runconf_open_flags_get_type (void)
{
  static const GFlagsValue values[] = {
    { RUNCONF_OPEN_DEFAULT, "RUNCONF_OPEN_DEFAULT", "default" },
    { RUNCONF_OPEN_REQUIRE_SERVICE, "RUNCONF_OPEN_REQUIRE_SERVICE", "require-service" },
    { RUNCONF_OPEN_IN_BACKGROUND, "RUNCONF_OPEN_IN_BACKGROUND", "in-background" },
    { 0, NULL, NULL },
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_flags_register_static ("RunconfOpenFlags", values));

  return type;
}
