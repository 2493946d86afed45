/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/dump.h"

#include <string.h>

#include "core/error.h"
#include "core/escape.h"
#include "core/merge.h"
#include "service/lookup.h"
#include "service/options.h"
#include "service/wire.h"
#include "yaml/emitter.h"
#include "yaml/json.h"

/* What a Dump asks for. The strings are the call's. */
typedef struct
{
  const char *pointer;
  const char *layer;
  const char *format;
  guint64 version;
  gboolean has_version;
  gboolean with_secrets;
} Wanted;

/* The trees that it picks from, which it borrows. */
typedef struct
{
  const RunconfNode *effective;
  const RunconfNode *defaults;
  const RunconfNode *overrides;
} Layers;

static const RunconfNode *
pick (const Layers *layers, const char *name, GError **error)
{
  g_autofree char *shown = runconf_escape (name, -1);

  if (strcmp (name, "effective") == 0)
    return layers->effective;
  if (strcmp (name, "defaults") == 0)
    return layers->defaults;
  if (strcmp (name, "overrides") == 0)
    return layers->overrides;

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
emit_layer (GString *out, const Layers *layers, const Wanted *wanted, GError **error)
{
  const RunconfNode *tree = pick (layers, wanted->layer, error);
  g_autoptr (RunconfPath) path = tree != NULL ? runconf_path_new (wanted->pointer, error) : NULL;
  const RunconfNode *node = path != NULL ? runconf_node_find (tree, path, error) : NULL;

  return node != NULL && emit (out, node, wanted->format, error);
}

/* Whether the text of the overrides is asked for as it stands, and may be told. */
static gboolean
is_text_wanted (const Wanted *wanted, const RunconfdRevision *revision)
{
  const RunconfdRules *rules = revision->ground->rules;
  g_autoptr (GPtrArray) secrets = NULL;

  if (*wanted->pointer != '\0' || strcmp (wanted->layer, "overrides") != 0
      || strcmp (wanted->format, "yaml") != 0)
    return FALSE;
  if (wanted->with_secrets)
    return TRUE;

  secrets = runconfd_rules_find_secrets (rules, revision->overrides);

  return secrets->len == 0;
}

static gboolean
dump_now (RunconfdCall *call, const Wanted *wanted, GString *out, GError **error)
{
  const RunconfdRevision *revision = runconfd_configuration_get_revision (call->configuration);
  RunconfDocument *document = runconfd_configuration_get_document (call->configuration);
  g_autoptr (RunconfNode) visible = NULL;
  Layers layers;

  if (document != NULL && is_text_wanted (wanted, revision))
    {
      GBytes *text = runconf_document_get_text (document);

      g_string_append_len (out, g_bytes_get_data (text, NULL), g_bytes_get_size (text));
      return TRUE;
    }

  visible = runconfd_rules_strip (revision->ground->rules, revision->overrides);
  layers = wanted->with_secrets
               ? (Layers){ revision->effective, revision->ground->defaults, revision->overrides }
               : (Layers){ revision->visible, revision->ground->visible_defaults, visible };

  return emit_layer (out, &layers, wanted, error);
}

static gboolean
read_options (RunconfdCall *call, Wanted *wanted, GVariant *options, GError **error)
{
  const RunconfdOption known[] = {
    { "version", RUNCONFD_OPTION_INTEGER, &wanted->version, &wanted->has_version, 0, G_MAXUINT64,
      "a version, which is an integer from 0" },
    { "secrets", RUNCONFD_OPTION_BOOLEAN, &wanted->with_secrets, NULL, 0, 0, "a boolean" },
  };

  return runconfd_options_read (options, known, G_N_ELEMENTS (known), error);
}

static gboolean
read_wanted (RunconfdCall *call, Wanted *wanted, GError **error)
{
  g_autoptr (GVariant) options = NULL;

  *wanted = (Wanted){ NULL };
  g_variant_get (runconfd_call_get_parameters (call), "(&s&s&s@a{sv})", &wanted->pointer,
                 &wanted->layer, &wanted->format, &options);

  return read_options (call, wanted, options, error);
}

/* The history has no secrets, so an older version takes the right to read the history in any case.
 * Wrong options are told when it is run.
 */
void
runconfd_concern_dump (RunconfdCall *call)
{
  Wanted wanted;

  if (!read_wanted (call, &wanted, NULL))
    return;

  if (wanted.has_version)
    call->action = RUNCONFD_ACTION_READ_HISTORY;
  else if (wanted.with_secrets)
    call->action = RUNCONFD_ACTION_READ_SECRET;
  runconfd_call_concern (call, wanted.pointer);
}

static void
answer (RunconfdCall *call, GString *out, const char *pointer, GError **error)
{
  if (*error == NULL && runconfd_wire_check_size (out->len, pointer, error))
    runconfd_call_return_value (call, g_variant_new ("(s)", out->str));
  else
    runconfd_call_return_error (call, *error);
}

static void
look (RunconfdLookup *lookup)
{
  lookup->overrides = runconfd_lookup_get_overrides (lookup, lookup->version);
}

/* Older defaults aren't known: the overrides of that version are laid over those of today. */
static void
finish (RunconfdLookup *taken)
{
  g_autoptr (RunconfdLookup) lookup = taken;
  const RunconfNode *defaults = lookup->now->ground->visible_defaults;
  g_autoptr (RunconfNode) effective = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = g_steal_pointer (&lookup->error);
  Wanted wanted;

  if (error == NULL && read_wanted (lookup->call, &wanted, &error))
    {
      effective = runconf_merge (defaults, lookup->overrides);
      emit_layer (out, &(Layers){ effective, defaults, lookup->overrides }, &wanted, &error);
    }

  answer (lookup->call, out, error == NULL ? wanted.pointer : "", &error);
}

void
runconfd_dump (RunconfdCall *taken)
{
  g_autoptr (RunconfdCall) call = taken;
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  RunconfdLookup *lookup;
  Wanted wanted;

  if (read_wanted (call, &wanted, &error) && wanted.has_version)
    {
      lookup = runconfd_lookup_new (g_steal_pointer (&call));
      lookup->version = wanted.version;
      runconfd_lookup_start (lookup, look, finish);
      return;
    }

  if (error == NULL)
    dump_now (call, &wanted, out, &error);
  answer (call, out, wanted.pointer, &error);
}
