/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/description.h"

#include "core/variant.h"

static void
add_place (GVariantDict *description, RunconfDocument *document, const char *file,
           const RunconfPath *path)
{
  guint line, column;

  g_variant_dict_insert (description, "file", "s", file);
  if (document != NULL && runconf_document_locate (document, path, &line, &column))
    {
      g_variant_dict_insert (description, "line", "u", line);
      g_variant_dict_insert (description, "column", "u", column);
    }
}

/**
 * runconfd_make_description:
 * @is_writable: whether the caller may write
 *
 * Returns: (transfer floating) (nullable): the description of a path, as #org.runconf.Config1
 *   documents it, or %NULL with %RUNCONF_ERROR_NOT_FOUND
 */
GVariant *
runconfd_make_description (RunconfdConfiguration *configuration, const RunconfPath *path,
                           gboolean is_writable, GError **error)
{
  const RunconfdSettings *settings = runconfd_configuration_get_settings (configuration);
  const RunconfdRevision *revision = runconfd_configuration_get_revision (configuration);
  const RunconfNode *value = runconf_node_find (revision->effective, path, error);
  const RunconfNode *fallback = runconf_node_find (revision->defaults, path, NULL);
  gboolean is_override = runconf_path_get_length (path) > 0
                         && runconf_node_find (revision->overrides, path, NULL) != NULL;
  g_autoptr (GVariantDict) description = NULL;

  if (value == NULL)
    return NULL;

  description = g_variant_dict_new (NULL);
  g_variant_dict_insert_value (description, "value", runconf_node_to_variant (value));
  if (fallback != NULL)
    g_variant_dict_insert_value (description, "default", runconf_node_to_variant (fallback));
  g_variant_dict_insert (description, "type", "s", runconf_node_get_kind_name (value));
  g_variant_dict_insert (description, "source", "s", is_override ? "override" : "default");
  g_variant_dict_insert (description, "writable", "b", is_writable);
  add_place (description,
             is_override ? runconfd_configuration_get_document (configuration)
                         : runconfd_configuration_get_defaults (configuration),
             is_override ? settings->runtime_path : settings->defaults_path, path);

  return g_variant_dict_end (description);
}
