/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/base/wire-size.h"

#include <string.h>

#include "core/error.h"
#include "core/escape.h"
#include "core/limits.h"
#include "core/mapping.h"

/* The size of a value in a D-Bus message. */

static gsize
align (gsize position, gsize boundary)
{
  return (position + boundary - 1) & ~(boundary - 1);
}

static gsize end_variant (gsize position, const RunconfNode *node);

static gsize
end_string (gsize position, gsize length)
{
  return align (position, 4) + 4 + length + 1;
}

static gsize
begin_mapping (gsize position)
{
  return align (align (position + strlen ("a{sv}") + 2, 4) + 4, 8);
}

static gsize
begin_key (gsize position, gsize length)
{
  return end_string (align (position, 8), length);
}

static gsize
end_mapping (gsize position, const RunconfNode *node)
{
  if (runconf_node_is_replacing (node))
    position = begin_key (begin_mapping (position), strlen (RUNCONF_TAG_KEY_REPLACE));

  position = begin_mapping (position);
  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      gsize length;

      runconf_mapping_get_key (node, i, &length);
      position = end_variant (begin_key (position, length), runconf_node_get_child (node, i));
    }

  return position;
}

/* Each value is a variant: the length of the signature, the signature with a NUL, then the value.
 */
static gsize
end_variant (gsize position, const RunconfNode *node)
{
  guint length = runconf_node_get_length (node);

  switch (runconf_node_get_kind (node))
    {
    case RUNCONF_KIND_NULL:
      return position + strlen ("g") + 2 + 2;
    case RUNCONF_KIND_BOOLEAN:
      return align (position + strlen ("b") + 2, 4) + 4;
    case RUNCONF_KIND_INTEGER:
    case RUNCONF_KIND_UNSIGNED:
    case RUNCONF_KIND_DOUBLE:
      return align (position + strlen ("x") + 2, 8) + 8;
    case RUNCONF_KIND_STRING:
      return end_string (position + strlen ("s") + 2, runconf_node_get_n_bytes (node));
    case RUNCONF_KIND_BINARY:
      return align (position + strlen ("ay") + 2, 4) + 4 + runconf_node_get_n_bytes (node);
    case RUNCONF_KIND_SEQUENCE:
      position = align (position + strlen ("av") + 2, 4) + 4;
      for (guint i = 0; i < length; i++)
        position = end_variant (position, runconf_node_get_child (node, i));
      return position;
    case RUNCONF_KIND_MAPPING:
      return end_mapping (position, node);
    case RUNCONF_KIND_UNSET:
      position = begin_key (begin_mapping (position), strlen (RUNCONF_TAG_KEY_UNSET));
      return position + strlen ("g") + 2 + 2;
    default:
      g_return_val_if_reached (G_MAXSIZE);
    }
}

/**
 * runconfd_wire_size_get:
 *
 * Returns: the size of a value in a D-Bus message, in bytes
 */
gsize
runconfd_wire_size_get (const RunconfNode *node)
{
  return end_variant (0, node);
}

/**
 * runconfd_wire_size_check:
 * @size: of a reply, in bytes
 * @path: of the value
 *
 * Returns: %FALSE with %RUNCONF_ERROR_TOO_LARGE if the reply doesn't fit a D-Bus message
 */
gboolean
runconfd_wire_size_check (gsize size, const char *path, GError **error)
{
  g_autofree char *shown = runconf_escape (path, -1);

  if (size <= RUNCONF_MAX_REPLY_BYTES)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
               "%s: %" G_GSIZE_FORMAT
               " bytes don't fit in a message of the bus, which holds %d: request a part of it",
               *shown != '\0' ? shown : "the whole configuration", size, RUNCONF_MAX_REPLY_BYTES);

  return FALSE;
}
