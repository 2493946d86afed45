/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/request.h"

#include <string.h>

#include "core/error.h"
#include "core/escape.h"
#include "core/metadata.h"
#include "core/variant.h"

#define MAX_MESSAGE_BYTES 1000

RunconfdRequest *
runconfd_request_new (const char *origin, guint uid)
{
  RunconfdRequest *self = g_new0 (RunconfdRequest, 1);

  self->origin = origin;
  self->uid = uid;
  self->operations = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_operation_free);

  return self;
}

void
runconfd_request_free (RunconfdRequest *self)
{
  g_ptr_array_unref (self->operations);
  g_clear_pointer (&self->document, runconf_document_unref);
  g_clear_pointer (&self->same_as, runconfd_revision_unref);
  g_free (self->message);
  g_free (self);
}

/**
 * runconfd_request_add:
 *
 * Adds an operation; see runconf_operation_new().
 */
gboolean
runconfd_request_add (RunconfdRequest *self, RunconfVerb verb, const char *path,
                      const RunconfNode *value, GError **error)
{
  RunconfOperation *operation = runconf_operation_new (verb, path, value, error);

  if (operation == NULL)
    return FALSE;

  g_ptr_array_add (self->operations, operation);

  return TRUE;
}

/* Callers can't be bothered to find out which of the eight integer types an option has. */
static gboolean
read_version (GVariant *value, guint64 *version)
{
  g_autoptr (RunconfNode) node = runconf_node_from_variant (value, "", NULL);

  if (node == NULL)
    return FALSE;

  switch (runconf_node_get_kind (node))
    {
    case RUNCONF_KIND_INTEGER:
      *version = (guint64) runconf_node_get_integer (node);
      return runconf_node_get_integer (node) >= 0;
    case RUNCONF_KIND_UNSIGNED:
      *version = runconf_node_get_unsigned (node);
      return TRUE;
    case RUNCONF_KIND_NULL:
    case RUNCONF_KIND_BOOLEAN:
    case RUNCONF_KIND_DOUBLE:
    case RUNCONF_KIND_STRING:
    case RUNCONF_KIND_BINARY:
    case RUNCONF_KIND_SEQUENCE:
    case RUNCONF_KIND_MAPPING:
    default:
      return FALSE;
    }
}

static gboolean
read_message (RunconfdRequest *self, GVariant *value)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
      || g_variant_get_size (value) > MAX_MESSAGE_BYTES + 1)
    return FALSE;

  g_free (self->message);
  self->message = g_variant_dup_string (value, NULL);

  return TRUE;
}

static gboolean
read_boolean (GVariant *value, gboolean *result)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return FALSE;

  *result = g_variant_get_boolean (value);

  return TRUE;
}

static gboolean
read_option (RunconfdRequest *self, const char *name, GVariant *value, GError **error)
{
  g_autofree char *shown = runconf_escape (name, -1);
  const char *wanted = NULL;

  if (strcmp (name, "if-version") == 0)
    {
      self->has_if_version = read_version (value, &self->if_version);
      wanted = self->has_if_version ? NULL : "a version, which is an integer from 0";
    }
  else if (strcmp (name, "message") == 0)
    {
      wanted = read_message (self, value)
                   ? NULL
                   : "a string of at most " G_STRINGIFY (MAX_MESSAGE_BYTES) " bytes";
    }
  else if (strcmp (name, "dry-run") == 0)
    {
      wanted = read_boolean (value, &self->dry_run) ? NULL : "a boolean";
    }
  else
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                   "“%s” is no option: use “if-version”, “message” or “dry-run”", shown);
      return FALSE;
    }

  if (wanted != NULL)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                   "the option “%s” has to be %s, not a value of the D-Bus type %s", shown, wanted,
                   g_variant_get_type_string (value));
      return FALSE;
    }

  return TRUE;
}

/**
 * runconfd_request_read_options:
 * @options: of the type `a{sv}`
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_VALUE if one is unknown or has a wrong type
 */
gboolean
runconfd_request_read_options (RunconfdRequest *self, GVariant *options, GError **error)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) owned = value;

      if (!read_option (self, name, owned, error))
        return FALSE;
    }

  return TRUE;
}

/* The text that a document was made of is what it replaces, also where the tree stays the same:
 * then its comments are the change.
 */
static RunconfNode *
get_overrides (const RunconfdRequest *self, const RunconfdRevision *revision, GError **error)
{
  g_autoptr (RunconfNode) overrides = runconf_node_ref (revision->overrides);

  if (self->document != NULL)
    return runconf_metadata_strip (runconf_document_get_root (self->document));

  for (guint i = 0; i < self->operations->len; i++)
    {
      g_autoptr (RunconfNode) before = g_steal_pointer (&overrides);

      overrides
          = runconf_operation_apply (self->operations->pdata[i], revision->defaults, before, error);
      if (overrides == NULL)
        return NULL;
    }

  return g_steal_pointer (&overrides);
}

/**
 * runconfd_request_apply:
 *
 * Returns: (transfer full) (nullable): the revision after the request, @revision itself where it
 *   changes nothing, or %NULL with the error that refuses it
 */
RunconfdRevision *
runconfd_request_apply (const RunconfdRequest *self, RunconfdRevision *revision, GError **error)
{
  g_autoptr (RunconfNode) overrides = NULL;

  if (self->has_if_version && self->if_version != revision->version)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH,
                   "the configuration is at version %" G_GUINT64_FORMAT
                   ", not at %" G_GUINT64_FORMAT ": read it again, then repeat the change",
                   revision->version, self->if_version);
      return NULL;
    }

  overrides = get_overrides (self, revision, error);
  if (overrides == NULL)
    return NULL;

  if (self->document != NULL ? self->same_as == revision
                             : runconf_node_equal (overrides, revision->overrides))
    return runconfd_revision_ref (revision);

  return runconfd_revision_next (revision, overrides, error);
}
