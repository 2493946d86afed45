/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/memory-private.h"

#include <unistd.h>

#include "core/diff.h"
#include "core/error.h"
#include "core/escape.h"
#include "core/mapping.h"
#include "core/limits.h"
#include "core/merge.h"
#include "core/variant.h"

/* The methods of a configuration in memory that only read. Its layers are the defaults, which count
 * as those of the vendor, and the overrides. It has no files, no schema, no locks and no
 * secrets.
 */

/* changes that History returns if the call has no limit, as in the service */
#define DEFAULT_LIMIT 100

/* Returns: (transfer full) (nullable): the path that is the first argument */
static RunconfPath *
get_path (GVariant *arguments, GError **error)
{
  const char *pointer;

  g_variant_get_child (arguments, 0, "&s", &pointer);

  return runconf_path_new (pointer, error);
}

GVariant *
runconf_memory_get (const RunconfMemory *self, GVariant *arguments, GError **error)
{
  g_autoptr (RunconfPath) path = get_path (arguments, error);
  const RunconfNode *value = NULL;

  if (path != NULL)
    value = runconf_node_find (runconf_memory_get_now (self)->effective, path, error);

  return value != NULL ? g_variant_new ("(v)", runconf_node_to_variant (value)) : NULL;
}

/* Adds the value of a layer at a path, or the value above it that decides. Returns: whether there is one */
static gboolean
add_layer (GVariantBuilder *layers, const char *name, const RunconfNode *tree,
           const RunconfPath *path)
{
  guint depth;
  const RunconfNode *value = runconf_merge_find_deciding (tree, path, &depth);
  const RunconfNode *inner = runconf_node_find (tree, path, NULL);
  g_autofree char *pointer = NULL;

  if (value == NULL)
    return FALSE;

  pointer = inner != NULL ? g_strdup (runconf_path_get_pointer (path))
                          : runconf_path_get_prefix (path, depth);
  value = inner != NULL ? inner : value;
  g_variant_builder_open (layers, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (layers, "{sv}", "layer", g_variant_new_string (name));
  g_variant_builder_add (layers, "{sv}", "path", g_variant_new_string (pointer));
  g_variant_builder_add (layers, "{sv}", "type",
                         g_variant_new_string (runconf_node_get_kind_name (value)));
  if (!runconf_node_is_merging (value))
    g_variant_builder_add (layers, "{sv}", "value", runconf_node_to_variant (value));
  g_variant_builder_close (layers);

  return TRUE;
}

/* Adds the values of all layers at a path, the strongest first. The overrides for this boot are always
 * empty. Returns: whether there is a value
 */
static gboolean
add_layers (const RunconfMemory *self, GVariantBuilder *layers, const RunconfPath *path)
{
  g_autoptr (RunconfNode) boot = runconf_mapping_new_empty ();
  gboolean has_boot = add_layer (layers, "boot", boot, path);
  gboolean has_override
      = add_layer (layers, "override", runconf_memory_get_now (self)->overrides, path);
  gboolean has_default = add_layer (layers, "vendor", self->defaults, path);

  return has_boot || has_override || has_default;
}

/* Returns: whether a change at @changed concerns @path: it is at it, below it or above it */
static gboolean
touches (const char *changed, const char *path)
{
  return runconf_path_is_below (changed, path) || runconf_path_is_below (path, changed);
}

/* Returns: (transfer full) (element-type RunconfDelta): the overrides that changed with the version
 *   at a position, with @path
 */
static GPtrArray *
find_changes (const RunconfMemory *self, guint position, const char *path)
{
  const RunconfMemoryVersion *before = self->versions->pdata[position - 1];
  const RunconfMemoryVersion *after = self->versions->pdata[position];
  GPtrArray *deltas = runconf_diff (before->overrides, after->overrides);

  for (guint i = deltas->len; i > 0; i--)
    if (!touches (((RunconfDelta *) deltas->pdata[i - 1])->path, path))
      g_ptr_array_remove_index (deltas, i - 1);

  return deltas;
}

/* Returns: (transfer none) (nullable): the version with the last change that concerns a path */
static const RunconfMemoryVersion *
find_last (const RunconfMemory *self, const char *path)
{
  for (guint i = self->versions->len - 1; i > 0; i--)
    {
      g_autoptr (GPtrArray) deltas = find_changes (self, i, path);

      if (deltas->len > 0)
        return self->versions->pdata[i];
    }

  return NULL;
}

static GVariant *
describe (const RunconfMemory *self, const RunconfPath *path, const RunconfNode *value)
{
  const RunconfNode *overrides = runconf_memory_get_now (self)->overrides;
  const RunconfNode *fallback = runconf_node_find (self->defaults, path, NULL);
  const RunconfMemoryVersion *last = find_last (self, runconf_path_get_pointer (path));
  gboolean is_override
      = runconf_path_get_length (path) > 0 && runconf_node_find (overrides, path, NULL) != NULL;
  g_auto (GVariantDict) words = G_VARIANT_DICT_INIT (NULL);
  GVariantBuilder layers;

  g_variant_builder_init (&layers, G_VARIANT_TYPE ("aa{sv}"));
  add_layers (self, &layers, path);
  g_variant_dict_insert_value (&words, "layers", g_variant_builder_end (&layers));
  g_variant_dict_insert (&words, "type", "s", runconf_node_get_kind_name (value));
  g_variant_dict_insert_value (&words, "value", runconf_node_to_variant (value));
  if (fallback != NULL)
    g_variant_dict_insert_value (&words, "default", runconf_node_to_variant (fallback));
  g_variant_dict_insert (&words, "source", "s", is_override ? "override" : "default");
  g_variant_dict_insert (&words, "secret", "b", FALSE);
  g_variant_dict_insert (&words, "writable", "b", TRUE);
  if (last != NULL)
    {
      g_variant_dict_insert (&words, "version", "t", last->number);
      g_variant_dict_insert (&words, "time", "t", (guint64) last->time);
    }

  return g_variant_dict_end (&words);
}

GVariant *
runconf_memory_describe (const RunconfMemory *self, GVariant *arguments, GError **error)
{
  g_autoptr (RunconfPath) path = get_path (arguments, error);
  const RunconfNode *value = NULL;

  if (path != NULL)
    value = runconf_node_find (runconf_memory_get_now (self)->effective, path, error);

  return value != NULL ? g_variant_new ("(@a{sv})", describe (self, path, value)) : NULL;
}

/* Adds the overrides at and below a path: each of them is in force. */
static void
add_overrides (const RunconfMemory *self, GVariantBuilder *layers, const char *pointer)
{
  const RunconfNode *overrides = runconf_memory_get_now (self)->overrides;
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (GPtrArray) leaves = runconf_diff (nothing, overrides);

  for (guint i = 0; i < leaves->len; i++)
    {
      const RunconfDelta *leaf = leaves->pdata[i];
      g_autoptr (RunconfPath) path = runconf_path_new (leaf->path, NULL);

      if (path != NULL && runconf_path_is_below (leaf->path, pointer))
        add_layer (layers, "override", overrides, path);
    }
}

GVariant *
runconf_memory_explain (const RunconfMemory *self, GVariant *arguments, GError **error)
{
  g_autoptr (RunconfPath) path = get_path (arguments, error);
  g_autoptr (GVariant) options = g_variant_get_child_value (arguments, 1);
  g_auto (GVariantBuilder) layers = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_autofree char *shown = NULL;
  gboolean is_all = FALSE, has_secrets = FALSE;
  const RunconfOption known[] = {
    { "all", RUNCONF_OPTION_BOOLEAN, &is_all, NULL, 0, 0, "a boolean" },
    { "secrets", RUNCONF_OPTION_BOOLEAN, &has_secrets, NULL, 0, 0, "a boolean" },
  };

  if (path == NULL || !runconf_options_read (options, known, G_N_ELEMENTS (known), error))
    return NULL;

  if (is_all && !has_secrets)
    add_overrides (self, &layers, runconf_path_get_pointer (path));
  if (has_secrets || is_all || add_layers (self, &layers, path))
    return g_variant_new ("(aa{sv})", &layers);

  shown = runconf_escape (runconf_path_get_pointer (path), -1);
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, "%s: no layer has a value there",
               shown);

  return NULL;
}

/* Returns: (transfer floating): one side of a difference, in which a structure stands for no value */
static GVariant *
make_side (const RunconfNode *value)
{
  return value != NULL ? runconf_node_to_variant (value) : g_variant_new ("(b)", FALSE);
}

/* Returns: (transfer floating): the differences, as `a(svv)` */
static GVariant *
make_differences (GPtrArray *deltas)
{
  GVariantBuilder differences;

  g_variant_builder_init (&differences, G_VARIANT_TYPE ("a(svv)"));
  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      g_variant_builder_add (&differences, "(svv)", delta->path, make_side (delta->old_value),
                             make_side (delta->new_value));
    }

  return g_variant_builder_end (&differences);
}

static GVariant *
make_entry (const RunconfMemoryVersion *version, GPtrArray *deltas)
{
  GVariantBuilder entry;

  g_variant_builder_init (&entry, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&entry, "{sv}", "version", g_variant_new_uint64 (version->number));
  g_variant_builder_add (&entry, "{sv}", "time", g_variant_new_uint64 ((guint64) version->time));
  g_variant_builder_add (&entry, "{sv}", "origin", g_variant_new_string (version->origin));
  g_variant_builder_add (&entry, "{sv}", "uid", g_variant_new_uint32 (geteuid ()));
  if (version->message != NULL)
    g_variant_builder_add (&entry, "{sv}", "message", g_variant_new_string (version->message));
  g_variant_builder_add (&entry, "{sv}", "changes", make_differences (deltas));

  return g_variant_builder_end (&entry);
}

GVariant *
runconf_memory_list_changes (const RunconfMemory *self, GVariant *arguments, GError **error)
{
  g_autoptr (RunconfPath) path = get_path (arguments, error);
  g_autoptr (GVariant) options = g_variant_get_child_value (arguments, 1);
  guint64 limit = DEFAULT_LIMIT, since = 0;
  GVariantBuilder changes;
  const RunconfOption known[] = {
    { "limit", RUNCONF_OPTION_INTEGER, &limit, NULL, 1, RUNCONF_MAX_HISTORY,
      "an integer from 1 to " G_STRINGIFY (RUNCONF_MAX_HISTORY) },
    { "since-version", RUNCONF_OPTION_INTEGER, &since, NULL, 0, G_MAXUINT64,
      "a version, which is an integer from 0" },
  };

  if (!runconf_options_read (options, known, G_N_ELEMENTS (known), error) || path == NULL)
    return NULL;

  g_variant_builder_init (&changes, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = self->versions->len - 1; i > 0 && limit > 0; i--)
    {
      const RunconfMemoryVersion *version = self->versions->pdata[i];
      const char *pointer = runconf_path_get_pointer (path);
      g_autoptr (GPtrArray) deltas = find_changes (self, i, pointer);

      if (version->number <= since)
        break;
      if (deltas->len == 0 && *pointer != '\0')
        continue;
      g_variant_builder_add_value (&changes, make_entry (version, deltas));
      limit--;
    }

  return g_variant_new ("(aa{sv})", &changes);
}

GVariant *
runconf_memory_diff (const RunconfMemory *self, GVariant *arguments, GError **error)
{
  const RunconfMemoryVersion *from, *to;
  g_autoptr (GPtrArray) deltas = NULL;
  guint64 from_number, to_number;

  g_variant_get (arguments, "(tt)", &from_number, &to_number);
  from = runconf_memory_find (self, from_number, error);
  to = from != NULL ? runconf_memory_find (self, to_number, error) : NULL;
  if (to == NULL)
    return NULL;

  deltas = runconf_diff (from->effective, to->effective);

  return g_variant_new ("(@a(svv))", make_differences (deltas));
}
