/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/past.h"

#include <string.h>

#include "core/diff.h"
#include "core/error.h"
#include "core/limits.h"
#include "core/merge.h"
#include "core/variant.h"
#include "service/lookup.h"
#include "service/options.h"
#include "service/scope.h"
#include "service/wire.h"
#include "service/writing.h"

/* what History tells where no limit is asked for, and at most */
#define DEFAULT_LIMIT 100
#define MAX_LIMIT 10000

static RunconfdArchive *
get_archive (RunconfdLookup *lookup)
{
  return runconfd_configuration_get_archive (lookup->call->configuration);
}

/* No value is a structure, which no value is: null is one, and the bus has no empty structures. */
static GVariant *
make_value (const RunconfNode *node)
{
  return node != NULL ? runconf_node_to_variant (node) : g_variant_new ("(b)", FALSE);
}

static gsize
get_size (const RunconfNode *node)
{
  return node != NULL ? runconfd_wire_get_size (node) : 0;
}

static guint
count_values (GPtrArray *deltas)
{
  guint n_values = 0;

  for (guint i = 0; deltas != NULL && i < deltas->len && n_values <= RUNCONF_MAX_REPLY_NODES; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      n_values += delta->old_value != NULL ? runconf_node_get_n_nodes (delta->old_value) : 1;
      n_values += delta->new_value != NULL ? runconf_node_get_n_nodes (delta->new_value) : 1;
    }

  return n_values;
}

/* Returns: (transfer floating): what can be told of @deltas, as `a(svv)` */
static GVariant *
make_changes (const RunconfdRules *rules, GPtrArray *deltas, gsize *size)
{
  GVariantBuilder changes;

  g_variant_builder_init (&changes, G_VARIANT_TYPE ("a(svv)"));
  for (guint i = 0; deltas != NULL && i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      g_autoptr (RunconfPath) path = runconf_path_new (delta->path, NULL);

      /* it may have become a secret since */
      if (path == NULL || runconfd_rules_hide (rules, path))
        continue;

      *size += strlen (delta->path) + get_size (delta->old_value) + get_size (delta->new_value);
      g_variant_builder_add (&changes, "(svv)", delta->path, make_value (delta->old_value),
                             make_value (delta->new_value));
    }

  return g_variant_builder_end (&changes);
}

static GVariant *
make_entry (const RunconfdRules *rules, const RunconfHistoryRecord *record, gboolean is_too_large,
            gsize *size)
{
  GPtrArray *deltas = is_too_large ? NULL : record->deltas;
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
  g_variant_builder_add (&entry, "{sv}", "changes", make_changes (rules, deltas, size));
  if (is_too_large)
    g_variant_builder_add (&entry, "{sv}", "omitted", g_variant_new_uint64 (record->deltas->len));

  return g_variant_builder_end (&entry);
}

/* The list ends early before it has too many values. A change that has too many by itself is told
 * without them, so that what is before it can be seen.
 *
 * Returns: (transfer floating): the changes, as `aa{sv}`
 */
static GVariant *
make_list (const RunconfdRules *rules, GPtrArray *records)
{
  GVariantBuilder changes;
  guint n_values = 0;
  gsize size = 0;

  g_variant_builder_init (&changes, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < records->len; i++)
    {
      const RunconfHistoryRecord *record = records->pdata[i];
      guint n_more = count_values (record->deltas);
      gboolean is_too_large = n_more > RUNCONF_MAX_REPLY_NODES;

      n_values += is_too_large ? 0 : n_more;
      if (n_values > RUNCONF_MAX_REPLY_NODES)
        break;
      g_variant_builder_add_value (&changes, make_entry (rules, record, is_too_large, &size));
    }

  return g_variant_builder_end (&changes);
}

static void
look_for_changes (RunconfdLookup *lookup)
{
  lookup->records = runconfd_archive_list (get_archive (lookup), lookup->path, lookup->limit,
                                           lookup->version, &lookup->error);
}

static void
finish_history (RunconfdLookup *taken)
{
  g_autoptr (RunconfdLookup) lookup = taken;
  const RunconfdRules *rules
      = runconfd_configuration_get_revision (lookup->call->configuration)->ground->rules;

  if (lookup->error != NULL)
    runconfd_call_return_error (lookup->call, lookup->error);
  else
    runconfd_call_return_value (lookup->call,
                                g_variant_new ("(@aa{sv})", make_list (rules, lookup->records)));
}

void
runconfd_history (RunconfdCall *taken)
{
  g_autoptr (RunconfdCall) call = taken;
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  guint64 limit = DEFAULT_LIMIT, since = 0;
  const RunconfdOption known[] = {
    { "limit", RUNCONFD_OPTION_INTEGER, &limit, NULL, 1, MAX_LIMIT,
      "an integer from 1 to " G_STRINGIFY (MAX_LIMIT) },
    { "since-version", RUNCONFD_OPTION_INTEGER, &since, NULL, 0, G_MAXUINT64,
      "a version, which is an integer from 0" },
  };
  RunconfdLookup *lookup;
  const char *path;

  g_variant_get (runconfd_call_get_parameters (call), "(&s@a{sv})", &path, &options);
  if (!runconfd_options_read (options, known, G_N_ELEMENTS (known), &error))
    {
      runconfd_call_return_error (call, error);
      return;
    }

  lookup = runconfd_lookup_new (g_steal_pointer (&call));
  lookup->path = g_strdup (path);
  lookup->limit = (guint) limit;
  lookup->version = since;
  runconfd_lookup_start (lookup, look_for_changes, finish_history);
}

static void
look_for_both (RunconfdLookup *lookup)
{
  lookup->overrides = runconfd_lookup_get_overrides (lookup, lookup->version);
  if (lookup->overrides != NULL)
    lookup->other_overrides = runconfd_lookup_get_overrides (lookup, lookup->other_version);
}

/* Returns: (transfer full) (nullable): what differs, as `a(svv)`; %NULL with %RUNCONF_ERROR_TOO_LARGE */
static GVariant *
compare (RunconfdLookup *lookup)
{
  const RunconfdGround *ground = lookup->now->ground;
  g_autoptr (RunconfNode) from = runconf_merge (ground->visible_defaults, lookup->overrides);
  g_autoptr (RunconfNode) to = runconf_merge (ground->visible_defaults, lookup->other_overrides);
  g_autoptr (GPtrArray) deltas = runconf_diff (from, to);
  g_autoptr (GVariant) changes = NULL;
  gsize size = 0;

  if (count_values (deltas) > RUNCONF_MAX_REPLY_NODES)
    {
      g_set_error (
          &lookup->error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
          "%u paths differ, whose values are too many for an answer, which has at most %d: "
          "compare the texts that Dump gives",
          deltas->len, RUNCONF_MAX_REPLY_NODES);
      return NULL;
    }

  changes = g_variant_ref_sink (make_changes (ground->rules, deltas, &size));

  return runconfd_wire_check_size (size, "", &lookup->error) ? g_steal_pointer (&changes) : NULL;
}

static void
finish_diff (RunconfdLookup *taken)
{
  g_autoptr (RunconfdLookup) lookup = taken;
  g_autoptr (GVariant) changes = lookup->error == NULL ? compare (lookup) : NULL;

  if (changes != NULL)
    runconfd_call_return_value (lookup->call, g_variant_new ("(@a(svv))", changes));
  else
    runconfd_call_return_error (lookup->call, lookup->error);
}

void
runconfd_diff (RunconfdCall *call)
{
  RunconfdLookup *lookup = runconfd_lookup_new (call);

  g_variant_get (runconfd_call_get_parameters (call), "(tt)", &lookup->version,
                 &lookup->other_version);
  runconfd_lookup_start (lookup, look_for_both, finish_diff);
}

static void
look_for_one (RunconfdLookup *lookup)
{
  lookup->overrides = runconfd_lookup_get_overrides (lookup, lookup->version);
}

static void
finish_revert (RunconfdLookup *taken)
{
  g_autoptr (RunconfdLookup) lookup = taken;
  g_autoptr (RunconfdCall) call = g_steal_pointer (&lookup->call);

  if (lookup->overrides != NULL)
    call->request->wanted = runconf_node_ref (lookup->overrides);
  call->problem = g_steal_pointer (&lookup->error);
  runconfd_call_authorise (g_steal_pointer (&call));
}

/* Later calls of the same caller wait until it is staged. */
void
runconfd_prepare_revert (RunconfdCall *call)
{
  g_autoptr (GVariant) options = NULL;
  RunconfdLookup *lookup;
  guint64 version;

  g_variant_get (runconfd_call_get_parameters (call), "(t@a{sv})", &version, &options);
  call->request = runconfd_call_make_request (call, "revert");
  runconfd_call_hold (call);
  if (!runconfd_request_read_options (call->request, options, &call->problem))
    {
      runconfd_call_authorise (call);
      return;
    }

  lookup = runconfd_lookup_new (call);
  lookup->version = version;
  runconfd_lookup_start (lookup, look_for_one, finish_revert);
}

/* It concerns what the change did that is to be kept. */
void
runconfd_prepare_confirm (RunconfdCall *call)
{
  const RunconfHistoryRecord *record;
  guint64 version;

  g_variant_get (runconfd_call_get_parameters (call), "(t)", &version);
  record = runconfd_configuration_find_waiting (call->configuration, version);
  if (record != NULL && record->deltas != NULL)
    call->scope = runconfd_scope_new_for_deltas (record->deltas);
  runconfd_call_authorise (call);
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
