/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schema/keyword.h"

G_BEGIN_DECLS

/**
 * RunconfSchemaReader:
 * @subschemas: (element-type RunconfNode RunconfSubschema): the subschemas read so far, by their
 *   nodes
 * @resources: (element-type utf8 RunconfSchemaResource): the nodes with an `$id`, by their
 *   absolute URI
 * @references: (element-type RunconfSchemaReference): the references to resolve
 * @strings: the memory of the URIs
 *
 * The state of reading a schema.
 */
typedef struct
{
  RunconfSchema *schema;
  GHashTable *subschemas;
  GHashTable *resources;
  GPtrArray *references;
  GStringChunk *strings;
  char **where;
  GError **error;
} RunconfSchemaReader;

/* a node that has a URI of its own */
typedef struct
{
  const RunconfNode *node;
  const char *place;
  const char *base;
} RunconfSchemaResource;

/* a `$ref`, and the base that it is relative to, %NULL without any `$id` around it */
typedef struct
{
  RunconfSubschema *from;
  const char *base;
} RunconfSchemaReference;

RunconfSubschema *runconf_schema_reader_read (RunconfSchemaReader *self, const RunconfNode *node,
                                              GString *place, const char *base);
gboolean runconf_schema_reader_fail (RunconfSchemaReader *self, const char *place,
                                     const char *format, ...) G_GNUC_PRINTF (3, 4);

gsize runconf_schema_reader_enter (GString *place, const char *segment);
gsize runconf_schema_reader_enter_index (GString *place, guint index);
gboolean runconf_schema_reader_check_form (RunconfSchemaReader *self, RunconfForm form,
                                           const RunconfNode *value, GString *place);

const char *runconf_schema_reader_add_id (RunconfSchemaReader *self, RunconfSubschema *subschema,
                                          const RunconfNode *node, const char *base);
gboolean runconf_schema_reader_resolve (RunconfSchemaReader *self);

G_END_DECLS
