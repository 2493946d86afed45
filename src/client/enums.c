/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/enums-private.h"

/* The types of the enumerations and flags. The nicks are the words of the bus. */

G_DEFINE_ENUM_TYPE (RunconfLayer, runconf_layer,
                    G_DEFINE_ENUM_VALUE (RUNCONF_LAYER_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_LAYER_EFFECTIVE, "effective"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_LAYER_DEFAULTS, "defaults"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_LAYER_OVERRIDES, "overrides"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_LAYER_VENDOR, "vendor"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_LAYER_FLEET, "fleet"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_LAYER_ADMIN, "admin"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_LAYER_USER, "user"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_LAYER_OVERRIDE, "override"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_LAYER_BOOT, "boot"))

/**
 * runconf_enums_find_layer: (skip)
 * @name: the name of a layer on the bus
 *
 * Returns: the layer, or %RUNCONF_LAYER_UNKNOWN
 */
RunconfLayer
runconf_enums_find_layer (const char *name)
{
  g_autoptr (GEnumClass) layers = g_type_class_ref (RUNCONF_TYPE_LAYER);
  const GEnumValue *value = g_enum_get_value_by_nick (layers, name);

  return value != NULL ? value->value : RUNCONF_LAYER_UNKNOWN;
}
