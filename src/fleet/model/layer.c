/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/layer.h"

#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/escape.h"
#include "layers/files.h"
#include "layers/locks.h"
#include "schema/schema.h"
#include "yaml/document.h"

/* Each file has the text of one document, comments and all, below a line that names the document:
 * `explain` shows the file and the line of a value, so the origin of a value is one look away.
 *
 * Drop-ins are merged in the order of their names. A host's groups are in that order too, so that
 * the file of a group keeps its name when the host joins another one.
 */

#define FILE_PREFIX "50-fleet-"
#define HEADER "# fleet: "
#define REVISION ", revision "
#define BOM "\xef\xbb\xbf"

static char *
make_scope_name (const RunconfFleetScope *scope)
{
  switch (scope->type)
    {
    case RUNCONF_FLEET_ALL:
      return g_strdup (FILE_PREFIX "10-all");
    case RUNCONF_FLEET_GROUP:
      return g_strdup_printf (FILE_PREFIX "20-group-%s", scope->name);
    case RUNCONF_FLEET_HOST:
    default:
      return g_strdup (FILE_PREFIX "30-host");
    }
}

/**
 * runconf_fleet_layer_get_path:
 * @key: a key of a document, of locks or of a schema
 *
 * Returns: (transfer full) (nullable): the path of its file below the folder of the configuration;
 *   %NULL for a key of another type
 */
char *
runconf_fleet_layer_get_path (const RunconfFleetKey *key)
{
  g_autofree char *name = key->scope != NULL ? make_scope_name (key->scope) : NULL;

  if (key->type == RUNCONF_FLEET_KEY_CONFIG)
    return g_strconcat (RUNCONF_DEFAULTS_FOLDER "/", name, RUNCONF_DEFAULTS_SUFFIX, NULL);
  if (key->type == RUNCONF_FLEET_KEY_LOCKS)
    return g_strconcat (RUNCONF_LOCKS_FOLDER "/", name, NULL);
  if (key->type == RUNCONF_FLEET_KEY_SCHEMA)
    return g_strdup (RUNCONF_SCHEMA_FILE);

  return NULL;
}

/**
 * runconf_fleet_layer_is_path:
 * @path: a path below the folder of a configuration
 *
 * Returns: whether a file with this path can be one of the fleet's
 */
gboolean
runconf_fleet_layer_is_path (const char *path)
{
  return g_str_has_prefix (path, RUNCONF_DEFAULTS_FOLDER "/" FILE_PREFIX)
         || g_str_has_prefix (path, RUNCONF_LOCKS_FOLDER "/" FILE_PREFIX)
         || strcmp (path, RUNCONF_SCHEMA_FILE) == 0;
}

/**
 * runconf_fleet_layer_is_of_group:
 * @path: a path below the folder of a configuration
 *
 * Returns: whether the file has a document or locks of the group
 */
gboolean
runconf_fleet_layer_is_of_group (const char *path, const char *group)
{
  const RunconfFleetScope scope = { .type = RUNCONF_FLEET_GROUP, .name = (char *) group };
  g_autofree char *name = make_scope_name (&scope);
  g_autofree char *document
      = g_strconcat (RUNCONF_DEFAULTS_FOLDER "/", name, RUNCONF_DEFAULTS_SUFFIX, NULL);
  g_autofree char *locks = g_strconcat (RUNCONF_LOCKS_FOLDER "/", name, NULL);

  return strcmp (path, document) == 0 || strcmp (path, locks) == 0;
}

static gboolean
check_document (const char *shown, GBytes *value, GError **error)
{
  g_autoptr (RunconfDocument) document = runconf_document_new (value, shown, error);

  return document != NULL;
}

static gboolean
check_locks (const char *shown, GBytes *value, GError **error)
{
  g_autoptr (RunconfLocks) locks = runconf_locks_new ();
  const RunconfLockError *first;

  runconf_locks_add (locks, RUNCONF_LAYER_FLEET, shown, value);
  if (runconf_locks_get_errors (locks)->len == 0)
    return TRUE;

  first = runconf_locks_get_errors (locks)->pdata[0];
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "%s:%u:%u: %s", shown,
               first->line, first->column, first->message);
  return FALSE;
}

static void
fail_schema (RunconfDocument *document, const char *shown, const char *where, const char *message,
             GError **error)
{
  g_autoptr (RunconfPath) path = runconf_path_new (where != NULL ? where : "", NULL);
  guint line = 1, column = 1;

  if (path != NULL)
    runconf_document_locate (document, path, &line, &column);
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "%s:%u:%u: %s", shown, line,
               column, message);
}

static gboolean
check_schema (const char *shown, GBytes *value, GError **error)
{
  g_autoptr (RunconfDocument) document = runconf_document_new (value, shown, error);
  g_autoptr (RunconfSchema) schema = NULL;
  g_autoptr (GError) reason = NULL;
  g_autofree char *where = NULL;

  if (document == NULL)
    return FALSE;
  if (runconf_document_is_empty (document))
    return TRUE;

  schema = runconf_schema_new (runconf_document_get_root (document), &where, &reason);
  if (schema == NULL)
    fail_schema (document, shown, where, reason->message, error);

  return schema != NULL;
}

/* A line of UTF-8 is put before the text, so the text has to be in UTF-8 too. */
static gboolean
check_encoding (const char *shown, GBytes *value, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (value, &size);

  if (size == 0 || g_utf8_validate_len (data, size, NULL))
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "%s:1:1: a text of the fleet has to be in UTF-8", shown);
  return FALSE;
}

static gboolean
check (RunconfFleetKeyType type, const char *shown, GBytes *value, GError **error)
{
  if (!check_encoding (shown, value, error))
    return FALSE;
  if (type == RUNCONF_FLEET_KEY_LOCKS)
    return check_locks (shown, value, error);
  if (type == RUNCONF_FLEET_KEY_SCHEMA)
    return check_schema (shown, value, error);

  return check_document (shown, value, error);
}

/**
 * runconf_fleet_layer_make_text:
 * @type: the type of the key
 * @shown: the key, as messages and the first line of the file have it
 * @value: its text
 * @revision: the revision of the text
 * @author: (nullable): the author of the change, if it is known
 *
 * Returns: (transfer full) (nullable): the text of the file, or %NULL with an error that has the
 *   line and the column if Runconf couldn't use the text
 */
GBytes *
runconf_fleet_layer_make_text (RunconfFleetKeyType type, const char *shown, GBytes *value,
                               gint64 revision, const char *author, GError **error)
{
  g_autofree char *by = author != NULL ? runconf_escape (author, -1) : NULL;
  g_autoptr (GString) text = g_string_new (HEADER);
  gsize size;
  const char *data = g_bytes_get_data (value, &size);
  gsize skipped;

  if (!check (type, shown, value, error))
    return NULL;

  skipped = size >= strlen (BOM) && memcmp (data, BOM, strlen (BOM)) == 0 ? strlen (BOM) : 0;
  g_string_append_printf (text, "%s" REVISION "%" G_GINT64_FORMAT, shown, revision);
  if (by != NULL)
    g_string_append_printf (text, ", by %s", by);
  g_string_append_c (text, '\n');
  if (size > skipped)
    g_string_append_len (text, data + skipped, size - skipped);

  return g_string_free_to_bytes (g_steal_pointer (&text));
}

/**
 * runconf_fleet_layer_get_revision:
 * @text: the text of a file
 *
 * Returns: the revision of the document that the file has; 0 if it isn't a file of the fleet's
 */
gint64
runconf_fleet_layer_get_revision (GBytes *text)
{
  gsize size;
  const char *data = g_bytes_get_data (text, &size);
  const char *end = size > 0 ? memchr (data, '\n', size) : NULL;
  g_autofree char *line = end != NULL ? g_strndup (data, end - data) : g_strdup ("");
  const char *revision = strstr (line, REVISION);

  if (!g_str_has_prefix (line, HEADER) || revision == NULL)
    return 0;

  return g_ascii_strtoll (revision + strlen (REVISION), NULL, 10);
}
