/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/hint.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/failure.h"
#include "cli/nearest.h"
#include "core/mapping.h"
#include "core/variant.h"

/* So many leaves are compared with what was mistyped: it is done while somebody waits. */
#define MAX_LEAVES 20000

/* Below the deepest thing that there is, the key that is nearest to what was asked for.
 *
 * Returns: (transfer full) (nullable): the path of it, with the rest of @path below it as far as
 *   that is there
 */
static char *
find_neighbour (const RunconfNode *root, const RunconfPath *path)
{
  g_autoptr (GString) pointer = g_string_new (NULL);
  const RunconfNode *node = root;
  guint length = runconf_path_get_length (path);
  gboolean is_corrected = FALSE;

  for (guint i = 0; i < length; i++)
    {
      const char *segment = runconf_path_get_segment (path, i);
      const RunconfNode *child;
      CliNearest nearest;

      if (!runconf_node_is_mapping (node))
        break;

      child = runconf_mapping_get (node, segment);
      if (child == NULL)
        {
          cli_nearest_begin (&nearest, segment);
          for (guint k = 0; k < runconf_node_get_length (node); k++)
            cli_nearest_offer (&nearest, runconf_mapping_get_key (node, k, NULL));
          if (nearest.found == NULL)
            break;
          segment = nearest.found;
          child = runconf_mapping_get (node, segment);
          is_corrected = TRUE;
        }

      runconf_path_append (pointer, segment);
      node = child;
    }

  return is_corrected ? g_string_free (g_steal_pointer (&pointer), FALSE) : NULL;
}

typedef struct
{
  GPtrArray *paths;
  GString *pointer;
} Leaves;

static void
collect_leaves (Leaves *self, const RunconfNode *node)
{
  gsize length = self->pointer->len;

  if (self->paths->len == MAX_LEAVES)
    return;

  if (!runconf_node_is_mapping (node))
    {
      g_ptr_array_add (self->paths, g_strdup (self->pointer->str));
      return;
    }

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      runconf_path_append (self->pointer, runconf_mapping_get_key (node, i, NULL));
      collect_leaves (self, runconf_node_get_child (node, i));
      g_string_truncate (self->pointer, length);
    }
}

/* Somewhere else: the leaf that is called as the last part of @path is, if there is one alone, or
 * the one whose whole path is nearest.
 */
static char *
find_leaf (const RunconfNode *root, const char *path)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) pointer = g_string_new (NULL);
  Leaves leaves = { paths, pointer };
  const char *last = strrchr (path, '/');
  const char *namesake = NULL;
  guint n_namesakes = 0;
  CliNearest nearest;

  collect_leaves (&leaves, root);
  cli_nearest_begin (&nearest, path);
  for (guint i = 0; i < paths->len; i++)
    {
      const char *leaf = paths->pdata[i];

      cli_nearest_offer (&nearest, leaf);
      if (last != NULL && last[1] != '\0' && g_str_has_suffix (leaf, last))
        {
          namesake = leaf;
          n_namesakes++;
        }
    }

  return g_strdup (nearest.found == NULL && n_namesakes == 1 ? namesake : nearest.found);
}

static char *
find_path (RunconfConfiguration *configuration, const char *path)
{
  g_autoptr (GVariant) everything = runconf_configuration_get_value (configuration, "");
  g_autoptr (RunconfNode) root
      = everything != NULL ? runconf_node_from_variant (everything, "", NULL) : NULL;
  g_autoptr (RunconfPath) parts = runconf_path_new (path, NULL);
  char *found;

  if (root == NULL || parts == NULL)
    return NULL;

  found = find_neighbour (root, parts);

  return found != NULL ? found : find_leaf (root, path);
}

/**
 * cli_hint_path:
 * @path: where nothing stands
 * @error: which says so
 *
 * Has the error tell the path that was meant, if there is one near. Other errors are left alone.
 */
void
cli_hint_path (CliSession *session, const char *path, GError *error)
{
  RunconfConfiguration *configuration;
  g_autofree char *found = NULL;
  g_autofree char *hint = NULL;

  if (!g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND))
    return;

  configuration = cli_session_open (session, NULL);
  if (configuration == NULL)
    return;

  found = find_path (configuration, path);
  if (found == NULL || strcmp (found, path) == 0)
    return;

  hint = g_strdup_printf (_ ("did you mean %s?"), found);
  cli_failure_add_hint (error, hint);
}
