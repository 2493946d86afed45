/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/explanation.h"

#include "core/diff.h"
#include "core/edit.h"
#include "core/error.h"
#include "core/escape.h"
#include "core/mapping.h"
#include "core/variant.h"
#include "service/base/wire-size.h"
#include "service/calls/options.h"

/* The method Explain, and the layers of Describe: the values of all layers at a path, with their
 * places, and the reason why one has no effect.
 */

/* The parts of a reply that is being made. The limits hold for all of it. */
typedef struct
{
  const RunconfdLookup *lookup;
  GVariantBuilder entries;
  gsize n_values;
  gsize size;
} Reply;

/* Returns: (transfer full) (nullable): the value of an entry without secrets; %NULL for a mapping that
 * is merged, of which each value has entries of its own, and for a secret
 */
static RunconfNode *
find_visible (const RunconfRules *rules, const RunconfStackEntry *entry)
{
  g_autoptr (RunconfPath) path = runconf_path_new (entry->pointer, NULL);
  g_autoptr (RunconfNode) tree = NULL;
  g_autoptr (RunconfNode) visible = NULL;
  const RunconfNode *value;

  if (runconf_node_is_merging (entry->value))
    return NULL;

  tree = runconf_edit_set (NULL, path, 0, entry->value);
  visible = runconf_rules_strip (rules, tree);
  value = runconf_node_find (visible, path, NULL);

  return value != NULL ? runconf_node_ref (value) : NULL;
}

/**
 * runconfd_explain_provenance:
 * @provenance: (nullable): where a file of the fleet comes from
 *
 * Adds the document, its revision and its author.
 */
void
runconfd_explain_provenance (GVariantDict *words, const RunconfProvenance *provenance)
{
  if (provenance == NULL)
    return;

  g_variant_dict_insert (words, "document", "s", provenance->document);
  g_variant_dict_insert (words, "revision", "x", provenance->revision);
  if (provenance->author != NULL)
    g_variant_dict_insert (words, "author", "s", provenance->author);
}

static void
add_entry (Reply *reply, const RunconfStackEntry *entry)
{
  g_autoptr (RunconfNode) value = find_visible (reply->lookup->now->ground->rules, entry);
  g_auto (GVariantDict) words = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&words, "layer", "s", runconf_layer_get_name (entry->layer));
  g_variant_dict_insert (&words, "path", "s", entry->pointer);
  g_variant_dict_insert (&words, "type", "s", runconf_node_get_kind_name (entry->value));
  g_variant_dict_insert (&words, "file", "s", entry->file);
  if (entry->line > 0)
    {
      g_variant_dict_insert (&words, "line", "u", entry->line);
      g_variant_dict_insert (&words, "column", "u", entry->column);
    }
  runconfd_explain_provenance (&words, entry->provenance);
  if (entry->ignored != NULL)
    g_variant_dict_insert (&words, "ignored", "s", entry->ignored);
  if (value != NULL)
    {
      g_variant_dict_insert_value (&words, "value", runconf_node_to_variant (value));
      reply->n_values += runconf_node_get_n_nodes (value);
      reply->size += runconfd_wire_size_get (value);
    }
  reply->n_values++;
  g_variant_builder_add_value (&reply->entries, g_variant_dict_end (&words));
}

/* Returns: (transfer full) (nullable): the value at @path of a layer that the service writes */
static RunconfStackEntry *
find_override (const RunconfdLookup *lookup, RunconfLayer layer, const RunconfPath *path)
{
  const RunconfdSettings *settings
      = runconfd_configuration_get_settings (lookup->call->configuration);
  gboolean is_boot = layer == RUNCONF_LAYER_BOOT;
  const char *file
      = is_boot && settings->boot_path != NULL ? settings->boot_path : settings->runtime_path;
  RunconfStackEntry *entry
      = runconf_stack_entry_new (layer, file, is_boot ? lookup->boot_document : lookup->document,
                                 runconf_revision_get_tree (lookup->now, layer), path);

  if (entry != NULL)
    {
      g_autoptr (RunconfPath) reached = runconf_path_new (entry->pointer, NULL);

      entry->ignored = g_strdup (runconf_revision_find_ignored (lookup->now, layer, reached));
    }

  return entry;
}

/* Returns: (transfer full) (element-type RunconfStackEntry): the values of all layers at @path, the
 * strongest one first
 */
static GPtrArray *
gather (const RunconfdLookup *lookup, const RunconfPath *path)
{
  GPtrArray *entries = runconf_stack_explain (lookup->stack, path);

  for (RunconfLayer layer = RUNCONF_LAYER_OVERRIDE; layer <= RUNCONF_LAYER_BOOT; layer++)
    {
      RunconfStackEntry *override = find_override (lookup, layer, path);

      if (override != NULL)
        g_ptr_array_insert (entries, 0, override);
    }

  return entries;
}

/* Adds the values of all layers at @path. Returns: whether there are any */
static gboolean
add_path (Reply *reply, const RunconfPath *path)
{
  g_autoptr (GPtrArray) entries = gather (reply->lookup, path);

  for (guint i = 0; i < entries->len; i++)
    add_entry (reply, entries->pdata[i]);

  return entries->len > 0;
}

static void
reply_init (Reply *self, const RunconfdLookup *lookup)
{
  *self = (Reply){ .lookup = lookup };
  g_variant_builder_init (&self->entries, G_VARIANT_TYPE ("aa{sv}"));
}

/**
 * runconfd_explain_path:
 * @n_values: the number of values that the result has is added
 * @size: the size of these values in bytes is added
 *
 * Returns: (transfer floating): the values of all layers at @path, the strongest one first
 */
GVariant *
runconfd_explain_path (const RunconfdLookup *lookup, const RunconfPath *path, gsize *n_values,
                       gsize *size)
{
  Reply reply;

  reply_init (&reply, lookup);
  add_path (&reply, path);
  *n_values += reply.n_values;
  *size += reply.size;

  return g_variant_builder_end (&reply.entries);
}

/* Returns: whether the value in force comes from another file than the weakest one */
static gboolean
is_changed (const RunconfdLookup *lookup, const RunconfStackEntry *entry)
{
  const RunconfLayerFile *weakest = runconf_stack_get_files (lookup->stack)->pdata[0];

  return !g_str_equal (entry->file, weakest->path);
}

/* Adds the ignored values, and the one in force unless it is that of the weakest file. */
static void
add_changed (Reply *reply, const RunconfPath *path)
{
  g_autoptr (GPtrArray) entries = gather (reply->lookup, path);
  gboolean is_found = FALSE;

  for (guint i = 0; i < entries->len; i++)
    {
      const RunconfStackEntry *entry = entries->pdata[i];
      gboolean is_in_force = !is_found && entry->ignored == NULL;

      is_found = is_found || is_in_force;
      if (runconf_node_is_leaf (entry->value)
          && (entry->ignored != NULL || (is_in_force && is_changed (reply->lookup, entry))))
        add_entry (reply, entry);
    }
}

/* Collects the paths of all leaves that a layer has at or below a path. */
static void
collect (GHashTable *seen, GPtrArray *paths, const RunconfNode *tree, const char *pointer)
{
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (GPtrArray) leaves = runconf_diff (nothing, tree);

  for (guint i = 0; i < leaves->len; i++)
    {
      char *path = ((RunconfDelta *) leaves->pdata[i])->path;

      if (runconf_path_is_below (path, pointer) && g_hash_table_add (seen, g_strdup (path)))
        g_ptr_array_add (paths, g_strdup (path));
    }
}

static gboolean
explain_all (Reply *reply, const char *pointer, GError **error)
{
  const RunconfdLookup *lookup = reply->lookup;
  GPtrArray *files = runconf_stack_get_files (lookup->stack);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 1; i < files->len; i++)
    collect (seen, paths, ((RunconfLayerFile *) files->pdata[i])->root, pointer);
  collect (seen, paths, lookup->now->overrides, pointer);
  collect (seen, paths, lookup->now->boot, pointer);
  if (!runconfd_call_check_values (lookup->call, paths->len, pointer, error))
    return FALSE;

  for (guint i = 0; i < paths->len; i++)
    {
      g_autoptr (RunconfPath) path = runconf_path_new (paths->pdata[i], error);

      if (path == NULL)
        return FALSE;
      if (!runconf_rules_hide (lookup->now->ground->rules, path)
          || runconfd_call_is_trusted (lookup->call))
        add_changed (reply, path);
    }

  return TRUE;
}

/* Adds the entry in force at the path of a secret. */
static void
add_secret (Reply *reply, const RunconfPath *path)
{
  g_autoptr (GPtrArray) entries = gather (reply->lookup, path);

  for (guint i = 0; i < entries->len; i++)
    {
      const RunconfStackEntry *entry = entries->pdata[i];

      if (entry->ignored == NULL)
        {
          add_entry (reply, entry);
          return;
        }
    }
}

static gboolean
explain_secrets (Reply *reply, const char *pointer, GError **error)
{
  const RunconfdLookup *lookup = reply->lookup;
  g_autoptr (GPtrArray) secrets = runconf_rules_find_secrets_below (
      lookup->now->ground->rules, lookup->now->effective, pointer);

  for (guint i = 0; i < secrets->len; i++)
    {
      g_autoptr (RunconfPath) path = runconf_path_new (secrets->pdata[i], error);

      if (path == NULL)
        return FALSE;
      if (!runconfd_call_check_values (lookup->call, reply->n_values + 1, pointer, error))
        return FALSE;
      add_secret (reply, path);
    }

  return TRUE;
}

static gboolean
explain_one (Reply *reply, const RunconfPath *path, GError **error)
{
  g_autofree char *shown = runconf_escape (runconf_path_get_pointer (path), -1);

  if (add_path (reply, path))
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "%s: no layer has a value there",
               shown);

  return FALSE;
}

typedef struct
{
  gboolean is_all;
  gboolean has_secrets;
} Options;

static gboolean
read_options (Options *self, GVariant *options, GError **error)
{
  const RunconfOption known[] = {
    { "all", RUNCONF_OPTION_BOOLEAN, &self->is_all, NULL, 0, 0, "a boolean" },
    { "secrets", RUNCONF_OPTION_BOOLEAN, &self->has_secrets, NULL, 0, 0, "a boolean" },
  };

  return runconf_options_read (options, known, G_N_ELEMENTS (known), error);
}

static gboolean
make_reply (Reply *reply, const Options *options, const RunconfPath *path, GError **error)
{
  if (options->has_secrets)
    return explain_secrets (reply, runconf_path_get_pointer (path), error);
  if (options->is_all)
    return explain_all (reply, runconf_path_get_pointer (path), error);

  return explain_one (reply, path, error);
}

/* Returns: (transfer full) (nullable): the reply */
static GVariant *
explain (const RunconfdLookup *lookup, GError **error)
{
  RunconfdCall *call = lookup->call;
  g_autoptr (RunconfPath) path = runconf_path_new (lookup->path, error);
  g_autoptr (GVariant) words = NULL;
  g_autoptr (GVariant) entries = NULL;
  Options options = { FALSE, FALSE };
  gboolean is_made;
  Reply reply;

  g_variant_get_child (runconfd_call_get_parameters (call), 1, "@a{sv}", &words);
  if (path == NULL || !read_options (&options, words, error))
    return NULL;
  if (!runconfd_call_is_trusted (call)
      && !runconf_rules_check_outside (lookup->now->ground->rules, path, error))
    return NULL;

  reply_init (&reply, lookup);
  is_made = make_reply (&reply, &options, path, error);
  entries = g_variant_ref_sink (g_variant_builder_end (&reply.entries));
  if (!is_made || !runconfd_call_check_values (call, reply.n_values, lookup->path, error)
      || !runconfd_wire_size_check (g_variant_get_size (entries), lookup->path, error))
    return NULL;

  return g_variant_ref_sink (g_variant_new ("(@aa{sv})", entries));
}

static void
look (RunconfdLookup *lookup)
{
  lookup->answer = explain (lookup, &lookup->error);
}

/* The user is needed, since lookups of callers that aren't trusted run one after the other. */
void
runconfd_find_explain_concern (RunconfdCall *call, RunconfdConcern *concern)
{
  concern->needs_uid = TRUE;
}

void
runconfd_explain (RunconfdCall *call)
{
  RunconfdLookup *lookup = runconfd_lookup_new (call);

  g_variant_get_child (runconfd_call_get_parameters (call), 0, "s", &lookup->path);
  runconfd_lookup_start (lookup, look, runconfd_lookup_answer);
}
