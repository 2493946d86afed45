/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/daemon/member.h"

#include "core/object-path.h"
#include "service/base/log.h"
#include "service/calls/object.h"

struct _RunconfdMember
{
  char *name;
  char *object_path;
  RunconfdConfiguration *configuration; /* NULL if its files couldn't be opened */
  GDBusObjectManagerServer *manager;
  RunconfdAuthority *authority;
  gboolean is_served;
  char *logged; /* the reason why it isn't served, as last logged, or NULL */
};

static void
serve (RunconfdMember *self)
{
  const RunconfdSettings *settings = runconfd_configuration_get_settings (self->configuration);
  const RunconfRevision *revision = runconfd_configuration_get_revision (self->configuration);
  g_autoptr (RunconfdObject) interface = runconfd_object_new (self->configuration, self->authority);
  g_autoptr (GDBusObjectSkeleton) object = g_dbus_object_skeleton_new (self->object_path);

  g_dbus_object_skeleton_add_interface (object, G_DBUS_INTERFACE_SKELETON (interface));
  g_dbus_object_manager_server_export (self->manager, object);
  self->is_served = TRUE;
  g_clear_pointer (&self->logged, g_free);
  runconfd_log (settings->folders != NULL ? LOG_INFO : LOG_NOTICE, self->name, revision->version,
                NULL, "serving %s over %s, at version %" G_GUINT64_FORMAT, settings->runtime_path,
                runconfd_configuration_get_defaults_path (self->configuration), revision->version);
}

static void
withdraw (RunconfdMember *self)
{
  if (!self->is_served)
    return;

  g_dbus_object_manager_server_unexport (self->manager, self->object_path);
  self->is_served = FALSE;
}

static void
log_unserved (RunconfdMember *self, const GError *error)
{
  if (error == NULL || g_strcmp0 (self->logged, error->message) == 0)
    return;

  g_free (self->logged);
  self->logged = g_strdup (error->message);
  runconfd_log (LOG_ERR, self->name, 0, NULL, "%s; it isn't served", error->message);
}

static void
on_loaded (RunconfdConfiguration *configuration, const GError *error, RunconfdMember *self)
{
  if (runconfd_configuration_is_vacant (configuration))
    {
      if (self->is_served)
        runconfd_log (LOG_NOTICE, self->name, 0, NULL,
                      "its defaults were removed; it isn't served any more");
      withdraw (self);
    }
  else if (runconfd_configuration_get_revision (configuration) == NULL)
    {
      log_unserved (self, error);
    }
  else if (!self->is_served)
    {
      serve (self);
    }
}

/**
 * runconfd_member_new:
 * @settings: copied
 * @manager: exports the member while it is served
 *
 * Opens the files of a configuration. A failure is logged and isn't an error.
 *
 * Returns: (transfer full): the member, which is served once it is loaded
 */
RunconfdMember *
runconfd_member_new (const RunconfdSettings *settings, GDBusObjectManagerServer *manager,
                     RunconfdAuthority *authority)
{
  RunconfdMember *self = g_new0 (RunconfdMember, 1);
  g_autoptr (GError) error = NULL;

  self->name = g_strdup (settings->name);
  self->object_path = runconf_object_path_new (settings->name);
  self->manager = g_object_ref (manager);
  self->authority = g_object_ref (authority);
  self->configuration = runconfd_configuration_new (settings, &error);
  if (self->configuration == NULL)
    log_unserved (self, error);
  else
    g_signal_connect (self->configuration, "loaded", G_CALLBACK (on_loaded), self);

  return self;
}

/**
 * runconfd_member_free:
 *
 * Removes it from the bus. Accepted calls still get their replies.
 */
void
runconfd_member_free (RunconfdMember *self)
{
  withdraw (self);
  if (self->configuration != NULL)
    g_signal_handlers_disconnect_by_data (self->configuration, self);
  g_clear_object (&self->configuration);
  g_object_unref (self->manager);
  g_object_unref (self->authority);
  g_free (self->object_path);
  g_free (self->name);
  g_free (self->logged);
  g_free (self);
}

const char *
runconfd_member_get_name (const RunconfdMember *self)
{
  return self->name;
}

/**
 * runconfd_member_get_configuration:
 *
 * Returns: (transfer none) (nullable): %NULL if its files couldn't be opened
 */
RunconfdConfiguration *
runconfd_member_get_configuration (const RunconfdMember *self)
{
  return self->configuration;
}

/**
 * runconfd_member_is_in:
 *
 * @folders: (element-type RunconfLayerPath): a list of folders
 *
 * Returns: whether its folders are @folders
 */
gboolean
runconfd_member_is_in (const RunconfdMember *self, GPtrArray *folders)
{
  const RunconfdSettings *settings;

  if (self->configuration == NULL)
    return FALSE;

  settings = runconfd_configuration_get_settings (self->configuration);

  return runconf_layer_paths_equal (settings->folders, folders);
}

/**
 * runconfd_member_get_complaint:
 *
 * Returns: (transfer none) (nullable): the reason why it isn't served, as logged
 */
const char *
runconfd_member_get_complaint (const RunconfdMember *self)
{
  return self->logged;
}

gboolean
runconfd_member_is_served (const RunconfdMember *self)
{
  return self->is_served;
}
