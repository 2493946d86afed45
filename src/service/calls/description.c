/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/description.h"

#include "core/limits.h"
#include "core/variant.h"
#include "service/base/wire-size.h"
#include "service/calls/explanation.h"
#include "service/calls/lookup.h"

/* The method Describe: everything that is known of a path. */

/* The greatest growth from a #GVariant to a message: an empty string has two bytes or more in a
 * #GVariant, and eight on the bus.
 */
#define MAX_GROWTH 4

static void
add_place (GVariantDict *description, const char *file, guint line, guint column)
{
  g_variant_dict_insert (description, "file", "s", file);
  if (line > 0)
    {
      g_variant_dict_insert (description, "line", "u", line);
      g_variant_dict_insert (description, "column", "u", column);
    }
}

/* Adds the place of the effective value, by its layer. */
static void
add_source (GVariantDict *description, const RunconfdLookup *lookup, const RunconfPath *path,
            gboolean is_locked)
{
  const RunconfdSettings *settings
      = runconfd_configuration_get_settings (lookup->call->configuration);
  guint line = 0, column = 0;
  const char *file;
  gboolean is_boot = runconf_path_get_length (path) > 0
                     && runconf_node_find (lookup->now->boot_counted, path, NULL) != NULL;
  RunconfDocument *document = is_boot ? lookup->boot_document : lookup->document;
  gboolean is_override = runconf_path_get_length (path) > 0
                         && runconf_node_find (lookup->now->counted, path, NULL) != NULL;

  if (is_boot || is_override)
    {
      file = is_boot ? settings->boot_path : settings->runtime_path;
      if (document != NULL && !runconf_document_locate (document, path, &line, &column))
        line = 0;
    }
  else
    {
      const RunconfLayerFile *found = runconf_stack_locate (lookup->stack, path, &line, &column);

      file = found->path;
      runconfd_explain_provenance (description, found->provenance);
    }

  add_place (description, file, line, column);
  g_variant_dict_insert (description, "source", "s",
                         is_locked     ? "locked"
                         : is_boot     ? "boot"
                         : is_override ? "override"
                                       : "default");
}

/* Begins with the facts of the schema. */
static GVariantDict *
begin (const RunconfRules *rules, const RunconfPath *path)
{
  RunconfSchema *schema = runconf_rules_get_schema (rules);
  g_autoptr (GVariant) facts = NULL;
  GVariantBuilder builder;

  if (schema == NULL)
    return g_variant_dict_new (NULL);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  runconf_schema_describe (schema, path, &builder);
  facts = g_variant_ref_sink (g_variant_builder_end (&builder));

  return g_variant_dict_new (facts);
}

/* Adds the keys that the schema names below a path, if the reply has room for them beside the values.
 *
 * @size: of the values, in bytes
 */
static void
add_keys (GVariantDict *description, const RunconfRules *rules, const RunconfPath *path,
          const RunconfNode *value, gsize size)
{
  RunconfSchema *schema = runconf_rules_get_schema (rules);
  g_autoptr (GVariant) keys = NULL;
  GVariantBuilder builder;

  if (schema == NULL)
    return;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  runconf_schema_describe_keys (schema, path, value, &builder);
  keys = g_variant_ref_sink (g_variant_builder_end (&builder));
  if (g_variant_n_children (keys) > 0
      && size + MAX_GROWTH * g_variant_get_size (keys) <= RUNCONF_MAX_REPLY_BYTES)
    g_variant_dict_insert_value (description, "keys", keys);
}

/* Adds the secrets below a mapping, which a Get of the mapping leaves out. */
static void
add_hidden (GVariantDict *description, const RunconfRevision *revision, const RunconfPath *path)
{
  g_autoptr (GPtrArray) secrets = runconf_rules_find_secrets_below (
      revision->ground->rules, revision->effective, runconf_path_get_pointer (path));

  if (secrets->len > 0)
    g_variant_dict_insert_value (
        description, "hidden",
        runconf_variant_new_strings ((const char *const *) secrets->pdata, secrets->len));
}

/* Adds the values. For a secret it adds everything except the values. */
static gboolean
add_values (GVariantDict *description, const RunconfdLookup *lookup, const RunconfPath *path,
            const RunconfNode *value, GError **error)
{
  const RunconfRevision *revision = lookup->now;
  gboolean is_secret = runconf_rules_hide (revision->ground->rules, path);
  const RunconfNode *fallback = runconf_node_find (revision->ground->visible_defaults, path, NULL);
  gsize size = 0, n_values = 0;
  GVariant *layers = runconfd_explain_path (lookup, path, &n_values, &size);

  g_variant_dict_insert (description, "type", "s", runconf_node_get_kind_name (value));
  g_variant_dict_insert (description, "secret", "b", is_secret);
  g_variant_dict_insert_value (description, "layers", layers);
  if (is_secret)
    return TRUE;

  n_values += runconf_node_get_n_nodes (value);
  size += runconfd_wire_size_get (value);
  if (fallback != NULL)
    {
      n_values += runconf_node_get_n_nodes (fallback);
      size += runconfd_wire_size_get (fallback);
    }
  if (!runconfd_call_check_values (lookup->call, n_values, runconf_path_get_pointer (path), error)
      || !runconfd_wire_size_check (size, runconf_path_get_pointer (path), error))
    return FALSE;

  g_variant_dict_insert_value (description, "value", runconf_node_to_variant (value));
  if (fallback != NULL)
    g_variant_dict_insert_value (description, "default", runconf_node_to_variant (fallback));
  add_hidden (description, revision, path);
  add_keys (description, revision->ground->rules, path, value, size);

  return TRUE;
}

/* Returns: (transfer floating) (nullable): the description, as #org.runconf.Config1 documents it */
static GVariant *
describe (RunconfdLookup *lookup, GError **error)
{
  RunconfdCall *call = lookup->call;
  const RunconfRevision *revision = lookup->now;
  const RunconfRules *rules = revision->ground->rules;
  g_autoptr (RunconfPath) path = runconf_path_new (lookup->path, error);
  g_autoptr (GVariantDict) description = NULL;
  const RunconfNode *value = NULL;
  g_autofree char *by_whom = NULL;
  gboolean is_locked;

  if (path != NULL && !runconfd_call_is_trusted (call)
      && !runconf_rules_check_outside (rules, path, error))
    return NULL;
  if (path != NULL)
    value = runconf_node_find (
        runconf_rules_hide (rules, path) ? revision->effective : revision->visible, path, error);
  if (value == NULL)
    return NULL;

  description = begin (rules, path);
  if (!add_values (description, lookup, path, value, error))
    return NULL;

  is_locked = runconf_rules_lock (rules, path, &by_whom);
  if (is_locked)
    g_variant_dict_insert (description, "lock", "s", by_whom);
  add_source (description, lookup, path, is_locked);
  g_variant_dict_insert (description, "writable", "b", call->is_allowed && !is_locked);
  if (lookup->version > 0)
    {
      g_variant_dict_insert (description, "version", "t", lookup->version);
      g_variant_dict_insert (description, "time", "t", lookup->time);
    }

  return g_variant_dict_end (description);
}

static void
look (RunconfdLookup *lookup)
{
  GVariant *description;

  runconfd_archive_get_last (runconfd_configuration_get_archive (lookup->call->configuration),
                             lookup->path, &lookup->version, &lookup->time);
  description = describe (lookup, &lookup->error);
  if (description != NULL)
    lookup->answer = g_variant_ref_sink (g_variant_new ("(@a{sv})", description));
}

void
runconfd_describe (RunconfdCall *call)
{
  RunconfdLookup *lookup = runconfd_lookup_new (call);

  g_variant_get (runconfd_call_get_parameters (call), "(s)", &lookup->path);
  runconfd_lookup_start (lookup, look, runconfd_lookup_answer);
}
