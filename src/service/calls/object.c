/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/object.h"

#include <string.h>

#include "core/diff.h"
#include "core/limits.h"
#include "core/variant.h"
#include "service/base/wire-size.h"
#include "service/calls/call.h"

/* the values of a ConfigChanged signal, in bytes; larger changes are reported without values */
#define MAX_TOLD_BYTES (32 * 1024)

/* the entries of its details: origin, layer, uid, message and values */
#define MAX_DETAILS 5

struct _RunconfdObject
{
  RunconfConfig1Skeleton parent_instance;

  RunconfdConfiguration *configuration;
  RunconfdAuthority *authority;
  RunconfRevision *shown; /* the one that the properties describe, or NULL */
  RunconfGround *locked;  /* the one whose locks the properties describe, or NULL */
};

G_DEFINE_FINAL_TYPE (RunconfdObject, runconfd_object, RUNCONF_TYPE_CONFIG1_SKELETON)

/* A format string, as in g_variant_builder_add(), would take several times as long, and each Set makes
 * several entries.
 *
 * Returns: (transfer floating)
 */
static GVariant *
make_entry (const char *key, GVariant *value)
{
  return g_variant_new_dict_entry (g_variant_new_string (key), g_variant_new_variant (value));
}

static gboolean
are_told (const RunconfdChange *change)
{
  gsize size = 0;

  for (guint i = 0; i < change->deltas->len && size < MAX_TOLD_BYTES; i++)
    {
      const RunconfDelta *delta = change->deltas->pdata[i];

      if (delta->new_value != NULL)
        size += strlen (delta->path) + runconfd_wire_size_get (delta->new_value);
    }

  return size < MAX_TOLD_BYTES;
}

/* Returns: (transfer floating) (nullable): the new values, %NULL if they are too large */
static GVariant *
make_values (const RunconfdChange *change)
{
  GVariantBuilder values;

  if (!are_told (change))
    return NULL;

  g_variant_builder_init (&values, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < change->deltas->len; i++)
    {
      const RunconfDelta *delta = change->deltas->pdata[i];

      if (delta->new_value != NULL)
        g_variant_builder_add_value (
            &values, make_entry (delta->path, runconf_node_to_variant (delta->new_value)));
    }

  return g_variant_builder_end (&values);
}

/* Returns: whether the overrides for this boot changed */
static gboolean
is_of_boot (const RunconfdChange *change)
{
  const RunconfNode *before = change->before->boot;
  const RunconfNode *after = change->after->boot;

  if (change->request != NULL)
    return change->request->layer == RUNCONF_LAYER_BOOT;

  return before != after && !runconf_node_equal (before, after);
}

static GVariant *
make_details (const RunconfdChange *change)
{
  const RunconfdRequest *request = change->request;
  GVariant *values = make_values (change);
  GVariant *entries[MAX_DETAILS];
  gsize n = 0;

  entries[n++] = make_entry ("origin", g_variant_new_string (change->origin));
  if (is_of_boot (change))
    entries[n++]
        = make_entry ("layer", g_variant_new_string (runconf_layer_get_name (RUNCONF_LAYER_BOOT)));
  if (request != NULL && request->uid != RUNCONFD_UID_UNKNOWN)
    entries[n++] = make_entry ("uid", g_variant_new_uint32 (request->uid));
  if (request != NULL && request->message != NULL)
    entries[n++] = make_entry ("message", g_variant_new_string (request->message));
  if (values != NULL)
    entries[n++] = make_entry ("values", values);

  return g_variant_new_array (NULL, entries, n);
}

/* Returns: (transfer floating): the arguments of `ConfigChanged` */
static GVariant *
make_arguments (const RunconfdChange *change)
{
  GVariant *arguments[] = {
    g_variant_new_string (change->prefix),
    runconf_variant_new_strings ((const char *const *) change->paths->pdata, change->paths->len),
    g_variant_new_uint64 (change->after->version),
    make_details (change),
  };

  return g_variant_new_tuple (arguments, G_N_ELEMENTS (arguments));
}

static void
update_locks (RunconfdObject *self)
{
  RunconfGround *ground = runconfd_configuration_get_revision (self->configuration)->ground;
  g_autoptr (GPtrArray) locks = NULL;

  if (ground == self->locked)
    return;

  runconf_ground_ref (ground);
  g_clear_pointer (&self->locked, runconf_ground_unref);
  self->locked = ground;
  locks = runconf_rules_list_locks (ground->rules, ground->defaults);
  g_ptr_array_set_size (locks, (int) MIN (locks->len, RUNCONF_MAX_TOLD_LOCKS));
  g_ptr_array_add (locks, NULL);
  runconf_config1_set_locks (RUNCONF_CONFIG1 (self), (const char *const *) locks->pdata);
}

/* All changes of a batch are in force at once. */
static void
update_properties (RunconfdObject *self)
{
  RunconfRevision *revision = runconfd_configuration_get_revision (self->configuration);

  if (revision == self->shown)
    return;

  runconf_revision_ref (revision);
  g_clear_pointer (&self->shown, runconf_revision_unref);
  self->shown = revision;
  runconf_config1_set_version (RUNCONF_CONFIG1 (self), revision->version);
  runconf_config1_set_last_modified (RUNCONF_CONFIG1 (self), revision->time);
  runconf_config1_set_has_overrides (RUNCONF_CONFIG1 (self),
                                     runconf_node_get_length (revision->visible_counted) > 0);
  update_locks (self);
}

static void
on_changed (RunconfdObject *self, const RunconfdChange *change)
{
  GDBusInterfaceSkeleton *skeleton = G_DBUS_INTERFACE_SKELETON (self);

  update_properties (self);
  if (change->paths->len == 0 || g_dbus_interface_skeleton_get_connection (skeleton) == NULL)
    return;

  g_dbus_connection_emit_signal (g_dbus_interface_skeleton_get_connection (skeleton), NULL,
                                 g_dbus_interface_skeleton_get_object_path (skeleton),
                                 g_dbus_interface_skeleton_get_info (skeleton)->name,
                                 "ConfigChanged", make_arguments (change), NULL);
}

static void
on_state_changed (RunconfdObject *self)
{
  g_autofree char *message = runconfd_configuration_get_state_message (self->configuration);

  runconf_config1_set_state (RUNCONF_CONFIG1 (self),
                             runconfd_configuration_get_state (self->configuration));
  runconf_config1_set_default_config_path (
      RUNCONF_CONFIG1 (self), runconfd_configuration_get_defaults_path (self->configuration));
  runconf_config1_set_state_message (RUNCONF_CONFIG1 (self), message);
  runconf_config1_set_rules_revision (
      RUNCONF_CONFIG1 (self), runconfd_configuration_get_rules_revision (self->configuration));
  update_locks (self);
}

static void
on_snapshot_replaced (RunconfdObject *self)
{
  guint revision = runconf_config1_get_snapshot_revision (RUNCONF_CONFIG1 (self));

  runconf_config1_set_snapshot_revision (RUNCONF_CONFIG1 (self), revision + 1);
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (self));
}

static void
runconfd_object_finalize (GObject *object)
{
  RunconfdObject *self = RUNCONFD_OBJECT (object);

  g_clear_pointer (&self->shown, runconf_revision_unref);
  g_clear_pointer (&self->locked, runconf_ground_unref);
  g_object_unref (self->configuration);
  g_object_unref (self->authority);

  G_OBJECT_CLASS (runconfd_object_parent_class)->finalize (object);
}

static void
on_method_call (GDBusConnection *connection, const char *sender, const char *path,
                const char *interface, const char *method, GVariant *parameters,
                GDBusMethodInvocation *invocation, gpointer user_data)
{
  RunconfdObject *self = RUNCONFD_OBJECT (user_data);

  runconfd_call_start (self->configuration, self->authority, invocation);
}

/* The skeleton provides the properties and the interface info. Its own dispatch, with a GObject
 * signal for each method, would take longer than most handlers.
 */
static GDBusInterfaceVTable *
runconfd_object_get_vtable (GDBusInterfaceSkeleton *skeleton)
{
  static GDBusInterfaceVTable vtable;

  vtable = *G_DBUS_INTERFACE_SKELETON_CLASS (runconfd_object_parent_class)->get_vtable (skeleton);
  vtable.method_call = on_method_call;

  return &vtable;
}

static void
runconfd_object_class_init (RunconfdObjectClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = runconfd_object_finalize;
  G_DBUS_INTERFACE_SKELETON_CLASS (klass)->get_vtable = runconfd_object_get_vtable;
}

static void
runconfd_object_init (RunconfdObject *self)
{
}

/**
 * runconfd_object_new:
 * @configuration: an open configuration
 *
 * Returns: (transfer full): the object, ready to be exported
 */
RunconfdObject *
runconfd_object_new (RunconfdConfiguration *configuration, RunconfdAuthority *authority)
{
  const RunconfdSettings *settings = runconfd_configuration_get_settings (configuration);
  RunconfdObject *self
      = g_object_new (RUNCONF_TYPE_OBJECT, "name", settings->name, "default-config-path",
                      runconfd_configuration_get_defaults_path (configuration),
                      "runtime-config-path", settings->runtime_path, NULL);

  self->configuration = g_object_ref (configuration);
  self->authority = g_object_ref (authority);
  update_properties (self);
  on_state_changed (self);

  g_signal_connect_object (configuration, "changed", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (configuration, "state-changed", G_CALLBACK (on_state_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (configuration, "snapshot-replaced", G_CALLBACK (on_snapshot_replaced),
                           self, G_CONNECT_SWAPPED);

  return self;
}
