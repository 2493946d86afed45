/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "layers/layer.h"

#include <string.h>

#define FOLDER "runconf"

/* The only list of the layers and their places: docs/layers.md shows the same table. */
typedef struct
{
  const char *name;
  const char *system; /* the parent of the folders, below the root; NULL if the layer isn't there */
  void (*list_session) (GPtrArray *parents);
} Layer;

/* In a variable like XDG_DATA_DIRS, the first folder is the most important one. */
static void
add_reversed (GPtrArray *parents, const char *const *folders)
{
  for (guint i = g_strv_length ((char **) folders); i > 0; i--)
    {
      if (g_path_is_absolute (folders[i - 1]))
        g_ptr_array_add (parents, g_build_filename (folders[i - 1], FOLDER, NULL));
    }
}

static void
list_vendor (GPtrArray *parents)
{
  add_reversed (parents, g_get_system_data_dirs ());
}

static void
list_admin (GPtrArray *parents)
{
  add_reversed (parents, g_get_system_config_dirs ());
}

static void
list_user (GPtrArray *parents)
{
  g_ptr_array_add (parents, g_build_filename (g_get_user_config_dir (), FOLDER, NULL));
}

static void
list_override (GPtrArray *parents)
{
  g_ptr_array_add (parents, g_build_filename (g_get_user_state_dir (), FOLDER, NULL));
}

/* g_get_user_runtime_dir() returns the folder for caches in place of a missing one, and that
 * folder outlives the boot.
 */
static void
list_boot (GPtrArray *parents)
{
  const char *folder = g_getenv ("XDG_RUNTIME_DIR");

  if (folder != NULL && g_path_is_absolute (folder))
    g_ptr_array_add (parents, g_build_filename (folder, FOLDER, NULL));
}

static const Layer layers[RUNCONF_N_LAYERS] = {
  [RUNCONF_LAYER_VENDOR] = { "vendor", "usr/share/" FOLDER, list_vendor },
  [RUNCONF_LAYER_FLEET] = { "fleet", "var/lib/" FOLDER "-fleet", NULL },
  [RUNCONF_LAYER_ADMIN] = { "admin", "etc/" FOLDER, list_admin },
  [RUNCONF_LAYER_USER] = { "user", NULL, list_user },
  [RUNCONF_LAYER_OVERRIDE] = { "override", "var/lib/" FOLDER, list_override },
  [RUNCONF_LAYER_BOOT] = { "boot", "run/" FOLDER, list_boot },
};

const char *
runconf_layer_get_name (RunconfLayer layer)
{
  return layers[layer].name;
}

/**
 * runconf_layer_from_string:
 * @layer: (out): the layer
 *
 * Returns: whether @name is the name of a layer
 */
gboolean
runconf_layer_from_string (const char *name, RunconfLayer *layer)
{
  for (guint i = RUNCONF_LAYER_VENDOR; i < RUNCONF_N_LAYERS; i++)
    {
      if (strcmp (name, layers[i].name) != 0)
        continue;
      *layer = i;
      return TRUE;
    }

  return FALSE;
}

/**
 * runconf_layer_list_system:
 * @root: the root of the system: `/`, except for tests and images of other systems
 *
 * Returns: (transfer full) (element-type filename): the folders of a system that have a folder for
 *   each configuration; empty if a system doesn't have the layer
 */
GPtrArray *
runconf_layer_list_system (RunconfLayer layer, const char *root)
{
  GPtrArray *parents = g_ptr_array_new_with_free_func (g_free);

  if (layers[layer].system != NULL)
    g_ptr_array_add (parents, g_build_filename (root, layers[layer].system, NULL));

  return parents;
}

/**
 * runconf_layer_list_session:
 *
 * Returns: (transfer full) (element-type filename): the same folders of a user, from the
 *   environment, the most important one last
 */
GPtrArray *
runconf_layer_list_session (RunconfLayer layer)
{
  GPtrArray *parents = g_ptr_array_new_with_free_func (g_free);

  if (layers[layer].list_session != NULL)
    layers[layer].list_session (parents);

  return parents;
}

RunconfLayerPath *
runconf_layer_path_new (RunconfLayer layer, const char *path)
{
  RunconfLayerPath *self = g_new0 (RunconfLayerPath, 1);

  self->layer = layer;
  self->path = g_strdup (path);
  self->replaced_by = RUNCONF_N_LAYERS;

  return self;
}

void
runconf_layer_path_free (RunconfLayerPath *self)
{
  g_free (self->path);
  g_free (self);
}

/**
 * runconf_layer_paths_new:
 *
 * Returns: (transfer full) (element-type RunconfLayerPath): an empty list
 */
GPtrArray *
runconf_layer_paths_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_layer_path_free);
}

/**
 * runconf_layer_paths_equal:
 * @a: (element-type RunconfLayerPath): a list
 * @b: (element-type RunconfLayerPath): another one
 */
gboolean
runconf_layer_paths_equal (GPtrArray *a, GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;

  for (guint i = 0; i < a->len; i++)
    {
      const RunconfLayerPath *one = a->pdata[i];
      const RunconfLayerPath *other = b->pdata[i];

      if (one->layer != other->layer || strcmp (one->path, other->path) != 0)
        return FALSE;
    }

  return TRUE;
}
