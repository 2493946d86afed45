/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <runconf/version.h>

G_BEGIN_DECLS

/**
 * RunconfOpenFlags:
 * @RUNCONF_OPEN_DEFAULT: wait for the service; if it can't be reached, open anyway, and use the
 *   service as soon as it is there
 * @RUNCONF_OPEN_REQUIRE_SERVICE: wait for the service; if it can't be reached, fail
 * @RUNCONF_OPEN_IN_BACKGROUND: don't wait for the service, and use it as soon as it is there
 *
 * Flags for opening a configuration.
 *
 * Since: 1.0
 */
typedef enum
{
  RUNCONF_OPEN_DEFAULT = 0,
  RUNCONF_OPEN_REQUIRE_SERVICE = 1 << 0,
  RUNCONF_OPEN_IN_BACKGROUND = 1 << 1,
} RunconfOpenFlags;

#define RUNCONF_TYPE_OPEN_FLAGS (runconf_open_flags_get_type ())

RUNCONF_AVAILABLE_IN_1_0
GType runconf_open_flags_get_type (void);

G_END_DECLS
