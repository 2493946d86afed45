/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/sources/defaults.h"

#include "core/merge.h"
#include "core/metadata.h"
#include "service/sources/layers.h"
#include "service/base/room.h"

struct _RunconfdDefaults
{
  GPtrArray *paths;
  GPtrArray *documents; /* one for each path */
  RunconfNode *tree;
};

static void
clear (RunconfdDefaults *self)
{
  g_ptr_array_unref (self->paths);
  g_ptr_array_unref (self->documents);
  g_clear_pointer (&self->tree, runconf_node_unref);
}

static gboolean
add (RunconfdDefaults *self, const RunconfdPart *part, GError **error)
{
  g_autoptr (RunconfDocument) document = runconfd_room_read (part->text, part->path, error);
  g_autoptr (RunconfNode) below = g_steal_pointer (&self->tree);
  g_autoptr (RunconfNode) over = NULL;

  if (document == NULL)
    return FALSE;

  over = runconf_metadata_strip (runconf_document_get_root (document));
  self->tree = runconf_merge (below, over);
  g_ptr_array_add (self->paths, g_strdup (part->path));
  g_ptr_array_add (self->documents, g_steal_pointer (&document));

  return TRUE;
}

/**
 * runconfd_defaults_new:
 * @parts: (element-type RunconfdPart): one at least; each is merged over those before
 *
 * Returns: (transfer full) (nullable): the defaults, or %NULL with an error that names the file,
 *   line and column of the problem
 */
RunconfdDefaults *
runconfd_defaults_new (GPtrArray *parts, GError **error)
{
  g_autoptr (RunconfdDefaults) self = g_atomic_rc_box_new0 (RunconfdDefaults);

  self->paths = g_ptr_array_new_with_free_func (g_free);
  self->documents = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_document_unref);
  for (guint i = 0; i < parts->len; i++)
    {
      if (!add (self, parts->pdata[i], error))
        return NULL;
    }

  return g_steal_pointer (&self);
}

RunconfdDefaults *
runconfd_defaults_ref (RunconfdDefaults *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
runconfd_defaults_unref (RunconfdDefaults *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

/**
 * runconfd_defaults_get_tree:
 *
 * Returns: (transfer none): the values at paths without an override
 */
const RunconfNode *
runconfd_defaults_get_tree (RunconfdDefaults *self)
{
  return self->tree;
}

/**
 * runconfd_defaults_locate:
 * @path: of a value in the tree
 * @line: (out): the line of the value; 0 if unknown
 * @column: (out): the same
 *
 * Returns: the file of the value: the last one that has it
 */
const char *
runconfd_defaults_locate (RunconfdDefaults *self, const RunconfPath *path, guint *line,
                          guint *column)
{
  for (guint i = self->documents->len; i > 0; i--)
    {
      if (runconf_node_find (runconf_document_get_root (self->documents->pdata[i - 1]), path, NULL)
              != NULL
          && runconf_document_locate (self->documents->pdata[i - 1], path, line, column))
        return self->paths->pdata[i - 1];
    }

  *line = 0;
  *column = 0;

  return self->paths->pdata[0];
}
