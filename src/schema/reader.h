/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "schema/keyword.h"

G_BEGIN_DECLS

/**
 * RunconfdSchemaReader:
 * @subschemas: (element-type RunconfNode RunconfdSubschema): the subschemas read so far, by their
 *   nodes
 * @resources: (element-type utf8 RunconfdSchemaResource): the nodes with an `$id`, by their
 *   absolute URI
 * @references: (element-type RunconfdSchemaReference): the references to resolve
 * @strings: the memory of the URIs
 *
 * The state of reading a schema.
 */
typedef struct
{
  RunconfdSchema *schema;
  GHashTable *subschemas;
  GHashTable *resources;
  GPtrArray *references;
  GStringChunk *strings;
  char **where;
  GError **error;
} RunconfdSchemaReader;

/* a node that has a URI of its own */
typedef struct
{
  const RunconfNode *node;
  const char *place;
  const char *base;
} RunconfdSchemaResource;

/* a `$ref`, and the base that it is relative to, %NULL without any `$id` around it */
typedef struct
{
  RunconfdSubschema *from;
  const char *base;
} RunconfdSchemaReference;

RunconfdSubschema *runconfd_schema_reader_read (RunconfdSchemaReader *self, const RunconfNode *node,
                                                GString *place, const char *base);
gboolean runconfd_schema_reader_fail (RunconfdSchemaReader *self, const char *place,
                                      const char *format, ...) G_GNUC_PRINTF (3, 4);

gsize runconfd_schema_reader_enter (GString *place, const char *segment);
gsize runconfd_schema_reader_enter_index (GString *place, guint index);
gboolean runconfd_schema_reader_check_form (RunconfdSchemaReader *self, RunconfdForm form,
                                            const RunconfNode *value, GString *place);

const char *runconfd_schema_reader_add_id (RunconfdSchemaReader *self, RunconfdSubschema *subschema,
                                           const RunconfNode *node, const char *base);
gboolean runconfd_schema_reader_resolve (RunconfdSchemaReader *self);

G_END_DECLS
