/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/reading.h"

#include <gio/gunixfdlist.h>

#include "arena/arena.h"
#include "core/error.h"
#include "core/escape.h"
#include "core/mapping.h"
#include "core/variant.h"
#include "service/base/wire-size.h"

/* The methods that read the effective values: Get, List and OpenSnapshot. */

static const RunconfRevision *
get_revision (RunconfdCall *call)
{
  return runconfd_configuration_get_revision (call->configuration);
}

/* The call is about the path that is its first argument. */
void
runconfd_find_argument_concern (RunconfdCall *call, RunconfdConcern *concern)
{
  g_variant_get_child (runconfd_call_get_parameters (call), 0, "s", &concern->path);
}

/* To read a secret takes a right of its own. */
void
runconfd_find_path_concern (RunconfdCall *call, RunconfdConcern *concern)
{
  const RunconfRules *rules = get_revision (call)->ground->rules;
  g_autoptr (RunconfPath) path = NULL;
  const char *pointer;

  if (!runconf_rules_have_secrets (rules))
    return;

  g_variant_get_child (runconfd_call_get_parameters (call), 0, "&s", &pointer);
  path = runconf_path_new (pointer, NULL);
  if (path == NULL || !runconf_rules_hide (rules, path))
    return;

  concern->action = RUNCONFD_ACTION_READ_SECRET;
  concern->path = g_strdup (pointer);
}

/* The rules may have changed while the call waited for a changed file to be read. */
static void
refuse_secret (const RunconfPath *path, GError **error)
{
  g_autofree char *shown = runconf_escape (runconf_path_get_pointer (path), -1);

  g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
               "%s: it has become a secret: read it again", shown);
}

/* Returns: (nullable): the value for this caller at the path in the first argument */
static const RunconfNode *
find_value (RunconfdCall *call, RunconfPath **path, GError **error)
{
  const RunconfRevision *revision = get_revision (call);
  const char *pointer;

  g_variant_get_child (runconfd_call_get_parameters (call), 0, "&s", &pointer);
  *path = runconf_path_new (pointer, error);
  if (*path == NULL)
    return NULL;

  if (!runconf_rules_hide (revision->ground->rules, *path))
    return runconf_node_find (revision->visible, *path, error);
  if (runconfd_call_may_read_secrets (call))
    return runconf_node_find (revision->effective, *path, error);

  refuse_secret (*path, error);

  return NULL;
}

void
runconfd_get (RunconfdCall *taken)
{
  g_autoptr (RunconfdCall) call = taken;
  g_autoptr (RunconfPath) path = NULL;
  g_autoptr (GError) error = NULL;
  const RunconfNode *value = find_value (call, &path, &error);

  if (value == NULL
      || !runconfd_call_check_values (call, runconf_node_get_n_nodes (value),
                                      runconf_path_get_pointer (path), &error)
      || !runconfd_wire_size_check (runconfd_wire_size_get (value), runconf_path_get_pointer (path),
                                    &error))
    runconfd_call_return_error (call, error);
  else
    runconfd_call_return_value (call, g_variant_new ("(v)", runconf_node_to_variant (value)));
}

void
runconfd_list (RunconfdCall *taken)
{
  g_autoptr (RunconfdCall) call = taken;
  g_autoptr (RunconfPath) path = NULL;
  g_autoptr (GError) error = NULL;
  const RunconfNode *value = find_value (call, &path, &error);
  GVariantBuilder keys;

  if (value == NULL
      || !runconfd_call_check_values (call, runconf_node_get_length (value),
                                      runconf_path_get_pointer (path), &error))
    {
      runconfd_call_return_error (call, error);
      return;
    }

  g_variant_builder_init (&keys, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < runconf_node_get_length (value); i++)
    {
      if (runconf_node_is_mapping (value))
        g_variant_builder_add (&keys, "s", runconf_mapping_get_key (value, i, NULL));
      else
        g_variant_builder_add_value (&keys, g_variant_new_take_string (g_strdup_printf ("%u", i)));
    }

  runconfd_call_return_value (call, g_variant_new ("(as)", &keys));
}

/* The caller reads some formats, and the service writes one. A service that writes several would
 * choose the newest that the caller reads.
 */
static gboolean
check_formats (RunconfdCall *call, GError **error)
{
  g_autoptr (GVariant) formats = g_variant_get_child_value (runconfd_call_get_parameters (call), 0);
  gsize n_formats;
  const guint32 *numbers = g_variant_get_fixed_array (formats, &n_formats, sizeof *numbers);

  for (gsize i = 0; i < n_formats; i++)
    {
      if (numbers[i] == runconf_arena_get_format ())
        return TRUE;
    }

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
               "this service writes shared memory of format %u only, which the caller doesn't "
               "read: use Get",
               runconf_arena_get_format ());

  return FALSE;
}

/* Returns: (transfer full) (nullable): a list with the only file descriptor */
static GUnixFDList *
open_snapshot (RunconfdCall *call, GError **error)
{
  GDBusConnection *connection = g_dbus_method_invocation_get_connection (call->invocation);
  int fd;

  if ((g_dbus_connection_get_capabilities (connection) & G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING)
      == 0)
    {
      g_set_error_literal (
          error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
          "this bus can't pass file descriptors, which shared memory needs: use Get");
      return NULL;
    }

  if (!check_formats (call, error))
    return NULL;

  fd = runconfd_configuration_open_snapshot (call->configuration, error);

  return fd >= 0 ? g_unix_fd_list_new_from_array (&fd, 1) : NULL;
}

void
runconfd_open_snapshot (RunconfdCall *taken)
{
  g_autoptr (RunconfdCall) call = taken;
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) list = open_snapshot (call, &error);

  if (list == NULL)
    runconfd_call_return_error (call, error);
  else
    g_dbus_method_invocation_return_value_with_unix_fd_list (g_object_ref (call->invocation),
                                                             g_variant_new ("(h)", 0), list);
}
