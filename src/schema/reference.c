/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "schema/reader.h"

#include <string.h>

#include "core/error.h"
#include "core/escape.h"

/* Resolves `$ref`. A reference names a place in the same text: `#`, `#/definitions/port`, or the
 * URI of an `$id`. Nothing is ever fetched.
 */

/* Returns: (nullable): @reference, made absolute by @base; %NULL if it is not a URI */
static char *
make_absolute (const char *base, const char *reference)
{
  if (base == NULL)
    return g_strdup (reference);
  if (*reference == '#')
    return g_strconcat (base, reference, NULL);

  return g_uri_resolve_relative (base, reference, G_URI_FLAGS_ENCODED, NULL);
}

/**
 * runconf_schema_reader_add_id:
 *
 * Registers the `$id` of a subschema. An `$id` that is only a fragment names a place, and is no
 * base.
 *
 * Returns: (nullable): the base for references within the subschema
 */
const char *
runconf_schema_reader_add_id (RunconfSchemaReader *self, RunconfSubschema *subschema,
                              const RunconfNode *node, const char *base)
{
  const char *id = runconf_node_get_string (subschema->keywords[RUNCONF_KEYWORD_ID], NULL);
  g_autofree char *absolute = make_absolute (base, id);
  RunconfSchemaResource *resource;
  gboolean is_name = *id == '#';
  char *uri;

  if (absolute == NULL)
    return base;

  uri = g_string_chunk_insert (self->strings, absolute);
  if (g_str_has_suffix (uri, "#"))
    uri[strlen (uri) - 1] = '\0';

  resource = g_new0 (RunconfSchemaResource, 1);
  resource->node = node;
  resource->place = subschema->place;
  resource->base = is_name ? base : uri;
  g_hash_table_insert (self->resources, uri, resource);

  return resource->base;
}

static gboolean
fail_reference (RunconfSchemaReader *self, const RunconfSchemaReference *reference,
                const char *format)
{
  g_autofree char *place = g_strconcat (reference->from->place, "/$ref", NULL);
  g_autofree char *shown = runconf_escape (
      runconf_node_get_string (reference->from->keywords[RUNCONF_KEYWORD_REF], NULL), -1);
  g_autoptr (GString) message = g_string_new (format);

  g_string_replace (message, "%", shown, 1);

  return runconf_schema_reader_fail (self, place, "%s", message->str);
}

/* Returns: (transfer none) (nullable): the resource of @uri, the whole text if it is empty */
static const RunconfSchemaResource *
find_resource (RunconfSchemaReader *self, const char *uri, const RunconfSchemaReference *reference,
               RunconfSchemaResource *root)
{
  const RunconfSchemaResource *found;

  root->node = self->schema->tree;
  root->place = "";
  root->base = NULL;
  if (*uri == '\0')
    return root;

  found = g_hash_table_lookup (self->resources, uri);
  if (found == NULL)
    fail_reference (self, reference,
                    "“%” is in another document, and Runconf fetches no documents: copy the schema "
                    "to “definitions”, and refer to it as “#/definitions/NAME”");

  return found;
}

/* Reads the target of a reference, unless it was read before. */
static gboolean
follow (RunconfSchemaReader *self, const RunconfSchemaReference *reference,
        const RunconfSchemaResource *resource, const char *fragment)
{
  g_autofree char *pointer = g_uri_unescape_string (fragment, NULL);
  g_autofree char *fallback = pointer == NULL ? g_strdup (fragment) : NULL;
  g_autoptr (RunconfPath) path = runconf_path_new (pointer != NULL ? pointer : fallback, NULL);
  const RunconfNode *node = path != NULL ? runconf_node_find (resource->node, path, NULL) : NULL;
  g_autoptr (GString) place = g_string_new (resource->place);

  if (node == NULL)
    return fail_reference (self, reference,
                           "“%”: there is no such place in the schema; write it like "
                           "“#/definitions/NAME”");

  g_string_append (place, runconf_path_get_pointer (path));
  reference->from->ref = runconf_schema_reader_read (self, node, place, resource->base);

  return reference->from->ref != NULL;
}

static gboolean
resolve (RunconfSchemaReader *self, const RunconfSchemaReference *reference)
{
  const char *text = runconf_node_get_string (reference->from->keywords[RUNCONF_KEYWORD_REF], NULL);
  g_autofree char *uri = make_absolute (reference->base, text);
  const RunconfSchemaResource *resource;
  RunconfSchemaResource root;
  char *fragment;

  if (uri == NULL)
    return fail_reference (self, reference,
                           "“%” isn't a valid reference: write it like “#/definitions/NAME”");

  /* the name that an `$id` gave to a place */
  resource = g_hash_table_lookup (self->resources, uri);
  if (resource != NULL)
    return follow (self, reference, resource, "");

  fragment = strchr (uri, '#');
  if (fragment != NULL)
    *fragment++ = '\0';
  resource = find_resource (self, uri, reference, &root);

  return resource != NULL && follow (self, reference, resource, fragment != NULL ? fragment : "");
}

/* Resolves all references, including those that are found while reading their targets. */
gboolean
runconf_schema_reader_resolve (RunconfSchemaReader *self)
{
  for (guint i = 0; i < self->references->len; i++)
    {
      if (!resolve (self, self->references->pdata[i]))
        return FALSE;
    }

  return TRUE;
}
