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

G_DEFINE_ENUM_TYPE (RunconfFormat, runconf_format,
                    G_DEFINE_ENUM_VALUE (RUNCONF_FORMAT_YAML, "yaml"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_FORMAT_JSON, "json"))

G_DEFINE_ENUM_TYPE (RunconfState, runconf_state,
                    G_DEFINE_ENUM_VALUE (RUNCONF_STATE_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_STATE_OK, "ok"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_STATE_RECOVERED, "recovered"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_STATE_DEGRADED, "degraded"),
                    G_DEFINE_ENUM_VALUE (RUNCONF_STATE_UNAVAILABLE, "unavailable"))

G_DEFINE_FLAGS_TYPE (RunconfDumpFlags, runconf_dump_flags,
                     G_DEFINE_ENUM_VALUE (RUNCONF_DUMP_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (RUNCONF_DUMP_SECRETS, "secrets"),
                     G_DEFINE_ENUM_VALUE (RUNCONF_DUMP_STACKED, "stacked"))

G_DEFINE_FLAGS_TYPE (RunconfOpenFlags, runconf_open_flags,
                     G_DEFINE_ENUM_VALUE (RUNCONF_OPEN_DEFAULT, "default"),
                     G_DEFINE_ENUM_VALUE (RUNCONF_OPEN_REQUIRE_SERVICE, "require-service"),
                     G_DEFINE_ENUM_VALUE (RUNCONF_OPEN_IN_BACKGROUND, "in-background"))

G_DEFINE_FLAGS_TYPE (RunconfExplainFlags, runconf_explain_flags,
                     G_DEFINE_ENUM_VALUE (RUNCONF_EXPLAIN_DEFAULT, "default"),
                     G_DEFINE_ENUM_VALUE (RUNCONF_EXPLAIN_ALL, "all"),
                     G_DEFINE_ENUM_VALUE (RUNCONF_EXPLAIN_SECRETS, "secrets"))

G_DEFINE_FLAGS_TYPE (RunconfBindFlags, runconf_bind_flags,
                     G_DEFINE_ENUM_VALUE (RUNCONF_BIND_DEFAULT, "default"),
                     G_DEFINE_ENUM_VALUE (RUNCONF_BIND_GET, "get"),
                     G_DEFINE_ENUM_VALUE (RUNCONF_BIND_SET, "set"),
                     G_DEFINE_ENUM_VALUE (RUNCONF_BIND_NO_SENSITIVITY, "no-sensitivity"),
                     G_DEFINE_ENUM_VALUE (RUNCONF_BIND_GET_NO_CHANGES, "get-no-changes"),
                     G_DEFINE_ENUM_VALUE (RUNCONF_BIND_INVERT_BOOLEAN, "invert-boolean"))

/**
 * runconf_enums_find: (skip)
 * @type: the type of an enumeration whose value 0 stands for an unknown word
 * @nick: a word of the bus
 *
 * Returns: the value with this nick, or 0
 */
int
runconf_enums_find (GType type, const char *nick)
{
  g_autoptr (GEnumClass) values = g_type_class_ref (type);
  const GEnumValue *value = g_enum_get_value_by_nick (values, nick);

  return value != NULL ? value->value : 0;
}

/**
 * runconf_enums_get_nick: (skip)
 * @type: the type of an enumeration
 *
 * Returns: (transfer none) (nullable): the word of the bus, or %NULL if the type has no such value
 */
const char *
runconf_enums_get_nick (GType type, int number)
{
  g_autoptr (GEnumClass) values = g_type_class_ref (type);
  const GEnumValue *value = g_enum_get_value (values, number);

  return value != NULL ? value->value_nick : NULL;
}
