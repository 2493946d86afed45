/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/past.h"

#include <string.h>

#include "core/diff.h"
#include "core/edit.h"
#include "core/error.h"
#include "core/limits.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "core/variant.h"
#include "layers/layer.h"
#include "service/base/wire-size.h"
#include "service/calls/lookup.h"
#include "service/calls/options.h"
#include "service/calls/writing.h"
#include "service/change/scope.h"

/* changes that History returns if the call has no limit */
#define DEFAULT_LIMIT 100

static RunconfdArchive *
get_archive (RunconfdLookup *lookup)
{
  return runconfd_configuration_get_archive (lookup->call->configuration);
}

/* A structure stands for no value: null is a value, no value is a structure, and D-Bus has no empty
 * structures.
 */
static GVariant *
make_value (const RunconfRules *rules, const RunconfPath *path, const RunconfNode *node)
{
  g_autoptr (RunconfNode) nothing = NULL;
  g_autoptr (RunconfNode) alone = NULL;
  g_autoptr (RunconfNode) visible = NULL;

  if (node == NULL)
    return g_variant_new ("(b)", FALSE);
  if (!runconf_node_is_replacing (node))
    return runconf_node_to_variant (node);

  /* a value in it may have become a secret since */
  nothing = runconf_mapping_new_empty ();
  alone = runconf_edit_set (nothing, path, 0, node);
  visible = runconf_rules_strip (rules, alone);

  return runconf_node_to_variant (runconf_node_find (visible, path, NULL));
}

static gsize
get_size (const RunconfNode *node)
{
  return node != NULL ? runconfd_wire_size_get (node) : 0;
}

/* The share of a part in a reply. */
typedef struct
{
  gsize n_values;
  gsize size; /* in bytes */
} Weight;

static Weight
weigh (GPtrArray *deltas)
{
  Weight weight = { 0, 0 };

  for (guint i = 0; deltas != NULL && i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      weight.n_values += delta->old_value != NULL ? runconf_node_get_n_nodes (delta->old_value) : 1;
      weight.n_values += delta->new_value != NULL ? runconf_node_get_n_nodes (delta->new_value) : 1;
      weight.size
          += strlen (delta->path) + get_size (delta->old_value) + get_size (delta->new_value);
    }

  return weight;
}

static gboolean
fits (RunconfdLookup *lookup, Weight weight)
{
  return weight.n_values <= runconfd_call_get_max_values (lookup->call)
         && weight.size <= RUNCONF_MAX_REPLY_BYTES;
}

/* Returns: (transfer floating): @deltas without secrets, as `a(svv)` */
static GVariant *
make_changes (const RunconfRules *rules, GPtrArray *deltas)
{
  GVariantBuilder changes;

  g_variant_builder_init (&changes, G_VARIANT_TYPE ("a(svv)"));
  for (guint i = 0; deltas != NULL && i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      g_autoptr (RunconfPath) path = runconf_path_new (delta->path, NULL);

      /* the path may have become a secret since */
      if (path == NULL || runconf_rules_hide (rules, path))
        continue;

      g_variant_builder_add (&changes, "(svv)", delta->path,
                             make_value (rules, path, delta->old_value),
                             make_value (rules, path, delta->new_value));
    }

  return g_variant_builder_end (&changes);
}

static GVariant *
make_entry (const RunconfRules *rules, const RunconfHistoryRecord *record, gboolean is_too_large)
{
  GPtrArray *deltas = is_too_large ? NULL : record->deltas;
  const char *layer = record->is_boot ? runconf_layer_get_name (RUNCONF_LAYER_BOOT) : record->layer;
  GVariantBuilder entry;

  g_variant_builder_init (&entry, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&entry, "{sv}", "version", g_variant_new_uint64 (record->version));
  g_variant_builder_add (&entry, "{sv}", "time", g_variant_new_uint64 ((guint64) record->time));
  g_variant_builder_add (&entry, "{sv}", "origin", g_variant_new_string (record->origin));
  if (record->uid != RUNCONF_HISTORY_NO_UID)
    g_variant_builder_add (&entry, "{sv}", "uid", g_variant_new_uint32 ((guint32) record->uid));
  if (record->caller != NULL)
    g_variant_builder_add (&entry, "{sv}", "caller", g_variant_new_string (record->caller));
  if (record->message != NULL)
    g_variant_builder_add (&entry, "{sv}", "message", g_variant_new_string (record->message));
  if (layer != NULL)
    g_variant_builder_add (&entry, "{sv}", "layer", g_variant_new_string (layer));
  g_variant_builder_add (&entry, "{sv}", "changes", make_changes (rules, deltas));
  if (is_too_large)
    g_variant_builder_add (&entry, "{sv}", "omitted", g_variant_new_uint64 (record->deltas->len));

  return g_variant_builder_end (&entry);
}

/* The list ends early if more changes would be too large for a reply. A change that is too large by itself
 * is listed without its values, so that older changes can be seen.
 *
 * Returns: (transfer floating): the changes, as `aa{sv}`
 */
static GVariant *
make_list (RunconfdLookup *lookup, const RunconfRules *rules, GPtrArray *records)
{
  GVariantBuilder changes;
  Weight sum = { 0, 0 };

  g_variant_builder_init (&changes, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < records->len; i++)
    {
      const RunconfHistoryRecord *record = records->pdata[i];
      Weight weight = weigh (record->deltas);
      gboolean is_too_large = !fits (lookup, weight);

      if (!is_too_large)
        {
          sum.n_values += weight.n_values;
          sum.size += weight.size;
        }
      if (!fits (lookup, sum))
        break;
      g_variant_builder_add_value (&changes, make_entry (rules, record, is_too_large));
    }

  return g_variant_builder_end (&changes);
}

static void
look_for_changes (RunconfdLookup *lookup)
{
  const RunconfRules *rules = lookup->now->ground->rules;
  g_autoptr (GPtrArray) records = runconfd_archive_list (
      get_archive (lookup), lookup->path, lookup->limit, lookup->version, &lookup->error);

  if (records != NULL)
    lookup->answer
        = g_variant_ref_sink (g_variant_new ("(@aa{sv})", make_list (lookup, rules, records)));
}

void
runconfd_history (RunconfdCall *taken)
{
  g_autoptr (RunconfdCall) call = taken;
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  guint64 limit = DEFAULT_LIMIT, since = 0;
  const RunconfOption known[] = {
    { "limit", RUNCONF_OPTION_INTEGER, &limit, NULL, 1, RUNCONF_MAX_HISTORY,
      "an integer from 1 to " G_STRINGIFY (RUNCONF_MAX_HISTORY) },
    { "since-version", RUNCONF_OPTION_INTEGER, &since, NULL, 0, G_MAXUINT64,
      "a version, which is an integer from 0" },
  };
  RunconfdLookup *lookup;
  const char *path;

  g_variant_get (runconfd_call_get_parameters (call), "(&s@a{sv})", &path, &options);
  if (!runconf_options_read (options, known, G_N_ELEMENTS (known), &error))
    {
      runconfd_call_return_error (call, error);
      return;
    }

  lookup = runconfd_lookup_new (g_steal_pointer (&call));
  lookup->path = g_strdup (path);
  lookup->limit = (guint) limit;
  lookup->version = since;
  runconfd_lookup_start (lookup, look_for_changes, runconfd_lookup_answer);
}

/* Returns: (nullable): the effective values of a version, with the defaults of today */
static RunconfNode *
get_effective (RunconfdLookup *lookup, guint64 version)
{
  g_autoptr (RunconfNode) overrides = NULL;
  g_autoptr (RunconfNode) boot = NULL;
  g_autoptr (RunconfNode) below = NULL;

  if (!runconfd_lookup_get_overrides (lookup, version, &overrides, &boot))
    return NULL;

  below = runconf_merge (lookup->now->ground->visible_defaults, overrides);

  return runconf_merge (below, boot);
}

static void
look_for_both (RunconfdLookup *lookup)
{
  const RunconfGround *ground = lookup->now->ground;
  g_autoptr (RunconfNode) from = get_effective (lookup, lookup->version);
  g_autoptr (RunconfNode) to = from != NULL ? get_effective (lookup, lookup->other_version) : NULL;
  g_autoptr (GPtrArray) deltas = NULL;
  Weight weight;

  if (to == NULL)
    return;

  deltas = runconf_diff (from, to);
  weight = weigh (deltas);
  if (fits (lookup, weight))
    lookup->answer
        = g_variant_ref_sink (g_variant_new ("(@a(svv))", make_changes (ground->rules, deltas)));
  else
    g_set_error (&lookup->error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
                 "%u paths differ, and their values don't fit a reply, which has at most %u values "
                 "and %d bytes for this user: compare the texts that Dump returns",
                 deltas->len, runconfd_call_get_max_values (lookup->call), RUNCONF_MAX_REPLY_BYTES);
}

void
runconfd_diff (RunconfdCall *call)
{
  RunconfdLookup *lookup = runconfd_lookup_new (call);

  g_variant_get (runconfd_call_get_parameters (call), "(tt)", &lookup->version,
                 &lookup->other_version);
  runconfd_lookup_start (lookup, look_for_both, runconfd_lookup_answer);
}

static void
look_for_one (RunconfdLookup *lookup)
{
  runconfd_lookup_get_overrides (lookup, lookup->version, &lookup->overrides, &lookup->boot);
}

static void
finish_revert (RunconfdLookup *taken)
{
  g_autoptr (RunconfdLookup) lookup = taken;
  g_autoptr (GTask) task = g_steal_pointer (&lookup->task);

  lookup->call = NULL; /* the callback of the task has the call */
  if (lookup->overrides == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&lookup->error));
      return;
    }

  lookup->request->wanted = runconf_node_ref (lookup->overrides);
  lookup->request->wanted_boot = runconf_node_ref (lookup->boot);
  g_task_return_pointer (task, g_steal_pointer (&lookup->request),
                         (GDestroyNotify) runconfd_request_free);
}

/* The arguments are small: @max_values doesn't matter. */
void
runconfd_prepare_revert (RunconfdCall *call, guint max_values, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr (RunconfdRequest) request = runconfd_call_make_request (call, "revert");
  g_autoptr (GVariant) options = NULL;
  GError *error = NULL;
  RunconfdLookup *lookup;
  guint64 version;

  g_variant_get (runconfd_call_get_parameters (call), "(t@a{sv})", &version, &options);
  if (!runconfd_options_read_request (options, FALSE, request, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  lookup = runconfd_lookup_new (call);
  lookup->version = version;
  lookup->request = g_steal_pointer (&request);
  lookup->task = g_steal_pointer (&task);
  runconfd_lookup_start (lookup, look_for_one, finish_revert);
}

/* Returns: (transfer full) (nullable): the paths of the change that is to be kept */
GPtrArray *
runconfd_find_confirm_scope (RunconfdCall *call)
{
  const RunconfHistoryRecord *record;
  guint64 version;

  g_variant_get (runconfd_call_get_parameters (call), "(t)", &version);
  record = runconfd_configuration_find_waiting (call->configuration, version);

  return record != NULL && record->deltas != NULL ? runconfd_scope_new_for_deltas (record->deltas)
                                                  : NULL;
}

static void
on_confirmed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfdCall) call = user_data;
  g_autoptr (GError) error = NULL;

  if (runconfd_configuration_confirm_finish (RUNCONFD_CONFIGURATION (object), result, &error))
    runconfd_call_return_value (call, NULL);
  else
    runconfd_call_return_error (call, error);
}

void
runconfd_confirm (RunconfdCall *call)
{
  guint64 version;

  g_variant_get (runconfd_call_get_parameters (call), "(t)", &version);
  runconfd_configuration_confirm_async (call->configuration, version, call->uid, on_confirmed,
                                        call);
}
