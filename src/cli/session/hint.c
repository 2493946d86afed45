/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/hint.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/nearest.h"
#include "core/mapping.h"
#include "core/variant.h"

/* Finds the path that was probably meant by a mistyped one. */

/* At most this many paths are compared with the mistyped one, since the user is waiting. */
#define MAX_PATHS 20000

/* Corrects each segment that doesn't exist to the nearest key of its mapping.
 * Returns: (transfer full) (nullable): the corrected path, up to the first segment without a near
 * key; %NULL if no segment was corrected
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
} Paths;

static void
collect_paths (Paths *self, const RunconfNode *node)
{
  gsize length = self->pointer->len;

  if (!runconf_node_is_mapping (node))
    return;

  for (guint i = 0; i < runconf_node_get_length (node) && self->paths->len < MAX_PATHS; i++)
    {
      runconf_path_append (self->pointer, runconf_mapping_get_key (node, i, NULL));
      g_ptr_array_add (self->paths, g_strdup (self->pointer->str));
      collect_paths (self, runconf_node_get_child (node, i));
      g_string_truncate (self->pointer, length);
    }
}

/* Searches the whole tree: of the paths with the nearest last segment, returns the one that is
 * nearest as a whole.
 */
static char *
find_namesake (const RunconfNode *root, const char *path)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) pointer = g_string_new (NULL);
  Paths all = { paths, pointer };
  const char *last = strrchr (path, '/');
  const char *found = NULL;
  guint distance = G_MAXUINT;
  CliNearest name;

  if (last == NULL)
    return NULL;

  collect_paths (&all, root);
  cli_nearest_begin (&name, last);
  for (guint i = 0; i < paths->len; i++)
    cli_nearest_offer (&name, strrchr (paths->pdata[i], '/'));
  if (name.found == NULL)
    return NULL;

  for (guint i = 0; i < paths->len; i++)
    {
      guint other = cli_nearest_compare (path, paths->pdata[i]);

      if (other < distance && strcmp (strrchr (paths->pdata[i], '/'), name.found) == 0)
        {
          found = paths->pdata[i];
          distance = other;
        }
    }

  return g_strdup (found);
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

  return found != NULL ? found : find_namesake (root, path);
}

/* Replaces the message of the error, if a similar path exists, by a sentence that suggests it, in
 * the user's language.
 */
static void
add_hint (CliSession *session, const char *path, GError *error)
{
  RunconfConfiguration *configuration;
  g_autofree char *found = NULL;

  configuration = cli_session_open (session, NULL);
  if (configuration == NULL)
    return;

  found = find_path (configuration, path);
  if (found == NULL || strcmp (found, path) == 0)
    return;

  g_free (error->message);
  error->message = g_strdup_printf (_ ("%s: there is no value; did you mean %s?"), path, found);
}

/**
 * cli_hint_propagate_error:
 * @path: (nullable): the path of the call; %NULL adds no hint
 * @failure: (transfer full): the error of the service
 *
 * Does the same as g_propagate_error(), and suggests a similar path in the message if there is no
 * value at @path.
 */
void
cli_hint_propagate_error (CliSession *session, const char *path, GError **error, GError *failure)
{
  if (path != NULL && g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND))
    add_hint (session, path, failure);
  g_propagate_error (error, failure);
}
