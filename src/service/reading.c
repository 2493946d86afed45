/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/reading.h"

#include <string.h>

#include <gio/gunixfdlist.h>

#include "core/error.h"
#include "core/escape.h"
#include "core/limits.h"
#include "core/mapping.h"
#include "core/variant.h"
#include "service/description.h"
#include "service/wire.h"
#include "yaml/emitter.h"
#include "yaml/json.h"

static gboolean
check_size (gsize size, const char *path, GError **error)
{
  g_autofree char *shown = runconf_escape (path, -1);

  if (size <= RUNCONF_MAX_REPLY_BYTES)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
               "%s: %" G_GSIZE_FORMAT " bytes don't fit a message of the bus, which holds %d: ask "
               "for a part of it",
               *shown != '\0' ? shown : "the whole configuration", size, RUNCONF_MAX_REPLY_BYTES);

  return FALSE;
}

static const RunconfdRevision *
get_revision (RunconfdCall *call)
{
  return runconfd_configuration_get_revision (call->configuration);
}

/* Returns: (nullable): what stands at the path that is the first argument */
static const RunconfNode *
find_effective (RunconfdCall *call, RunconfPath **path, GError **error)
{
  const char *pointer;

  g_variant_get_child (runconfd_call_get_parameters (call), 0, "&s", &pointer);
  *path = runconf_path_new (pointer, error);

  return *path != NULL ? runconf_node_find (get_revision (call)->effective, *path, error) : NULL;
}

void
runconfd_get (RunconfdCall *taken)
{
  g_autoptr (RunconfdCall) call = taken;
  g_autoptr (RunconfPath) path = NULL;
  g_autoptr (GError) error = NULL;
  const RunconfNode *value = find_effective (call, &path, &error);

  if (value == NULL
      || !check_size (runconfd_wire_get_size (value), runconf_path_get_pointer (path), &error))
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
  const RunconfNode *value = find_effective (call, &path, &error);
  GVariantBuilder keys;

  if (value == NULL)
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

void
runconfd_describe (RunconfdCall *taken)
{
  g_autoptr (RunconfdCall) call = taken;
  g_autoptr (RunconfPath) path = NULL;
  g_autoptr (GError) error = NULL;
  const RunconfNode *value = find_effective (call, &path, &error);
  const RunconfNode *fallback = NULL;
  GVariant *description = NULL;
  gsize size = 0;

  if (value != NULL)
    {
      fallback = runconf_node_find (get_revision (call)->defaults, path, NULL);
      size = runconfd_wire_get_size (value);
    }
  if (fallback != NULL)
    size += runconfd_wire_get_size (fallback);

  if (value != NULL && check_size (size, runconf_path_get_pointer (path), &error))
    description = runconfd_make_description (call->configuration, path, call->is_allowed, &error);

  if (description == NULL)
    runconfd_call_return_error (call, error);
  else
    runconfd_call_return_value (call, g_variant_new ("(@a{sv})", description));
}

static const RunconfNode *
get_layer (const RunconfdRevision *revision, const char *layer, GError **error)
{
  g_autofree char *shown = runconf_escape (layer, -1);

  if (strcmp (layer, "effective") == 0)
    return revision->effective;
  if (strcmp (layer, "defaults") == 0)
    return revision->defaults;
  if (strcmp (layer, "overrides") == 0)
    return revision->overrides;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "“%s” is no layer: use “effective”, “defaults” or “overrides”", shown);

  return NULL;
}

static gboolean
emit (GString *out, const RunconfNode *node, const char *format, GError **error)
{
  g_autofree char *shown = runconf_escape (format, -1);

  if (strcmp (format, "yaml") == 0)
    runconf_emit_yaml (out, node);
  else if (strcmp (format, "json") == 0)
    runconf_emit_json (out, node);
  else
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                 "“%s” is no format: use “yaml” or “json”", shown);

  return out->len > 0;
}

static gboolean
refuse_options (GVariant *options, GError **error)
{
  g_autofree char *shown = NULL;
  const char *name;

  if (g_variant_n_children (options) == 0)
    return TRUE;

  g_variant_get_child (options, 0, "{&sv}", &name, NULL);
  shown = runconf_escape (name, -1);
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "“%s” is no option: Dump takes none", shown);

  return FALSE;
}

static gboolean
dump_text (RunconfdCall *call, GString *out, GError **error)
{
  RunconfDocument *document = runconfd_configuration_get_document (call->configuration);
  g_autoptr (GVariant) options = NULL;
  g_autoptr (RunconfPath) path = NULL;
  const char *pointer, *layer, *format;
  const RunconfNode *tree, *node;

  g_variant_get (runconfd_call_get_parameters (call), "(&s&s&s@a{sv})", &pointer, &layer, &format,
                 &options);
  tree = get_layer (get_revision (call), layer, error);
  path = tree != NULL ? runconf_path_new (pointer, error) : NULL;
  node = path != NULL ? runconf_node_find (tree, path, error) : NULL;
  if (node == NULL || !refuse_options (options, error))
    return FALSE;

  if (*pointer == '\0' && strcmp (layer, "overrides") == 0 && strcmp (format, "yaml") == 0
      && document != NULL)
    {
      GBytes *text = runconf_document_get_text (document);

      g_string_append_len (out, g_bytes_get_data (text, NULL), g_bytes_get_size (text));
      return check_size (out->len, pointer, error);
    }

  return emit (out, node, format, error) && check_size (out->len, pointer, error);
}

void
runconfd_dump (RunconfdCall *taken)
{
  g_autoptr (RunconfdCall) call = taken;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (dump_text (call, out, &error))
    runconfd_call_return_value (call, g_variant_new ("(s)", out->str));
  else
    runconfd_call_return_error (call, error);
}

/* Returns: (transfer full) (nullable): a list of the one descriptor */
static GUnixFDList *
open_snapshot (RunconfdCall *call, GError **error)
{
  GDBusConnection *connection = g_dbus_method_invocation_get_connection (call->invocation);
  int fd;

  if ((g_dbus_connection_get_capabilities (connection) & G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING)
      == 0)
    {
      g_set_error_literal (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                           "this bus passes no file descriptors, and so no shared memory: use Get");
      return NULL;
    }

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
