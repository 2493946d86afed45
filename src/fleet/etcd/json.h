/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "fleet/etcd/item.h"

G_BEGIN_DECLS

/* No message of etcd nests deeper than 8. */
#define RUNCONF_ETCD_MAX_DEPTH 16

/* The parser takes some hundred bytes for each value, and a line of 64 MiB has room for 20 million. A
 * page of 3000 keys has 21,000 values.
 */
#define RUNCONF_ETCD_MAX_VALUES 1000000

/* reading; a member that is missing has its default value, since etcd leaves it out */
JsonNode *runconf_etcd_json_parse (const char *data, gsize size, GError **error);
gboolean runconf_etcd_json_get_int64 (JsonObject *object, const char *member, gint64 *value,
                                      GError **error);
gboolean runconf_etcd_json_get_boolean (JsonObject *object, const char *member, gboolean *value,
                                        GError **error);
gboolean runconf_etcd_json_get_string (JsonObject *object, const char *member, const char **value,
                                       GError **error);
gboolean runconf_etcd_json_get_bytes (JsonObject *object, const char *member, GBytes **value,
                                      GError **error);
gboolean runconf_etcd_json_get_object (JsonObject *object, const char *member, JsonObject **value,
                                       GError **error);
gboolean runconf_etcd_json_get_array (JsonObject *object, const char *member, JsonArray **value,
                                      GError **error);
JsonObject *runconf_etcd_json_get_element (JsonArray *array, guint index, GError **error);

/* the parts of etcd's messages */
gboolean runconf_etcd_json_is_revision (gint64 number);
gboolean runconf_etcd_json_get_revision (JsonObject *object, gint64 *revision, GError **error);
gboolean runconf_etcd_json_get_item (JsonObject *object, RunconfEtcdItem **item, GError **error);
gboolean runconf_etcd_json_add_items (JsonObject *object, GPtrArray *items, GError **error);

/* writing */
void runconf_etcd_json_append_bytes (GString *out, const char *member, gconstpointer data,
                                     gsize size);
void runconf_etcd_json_append_key (GString *out, const char *member, const char *key);
void runconf_etcd_json_append_int64 (GString *out, const char *member, gint64 value);
void runconf_etcd_json_append_string (GString *out, const char *member, const char *value);

G_END_DECLS
