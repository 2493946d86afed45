/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/dump.h"

#include <string.h>

#include "core/error.h"
#include "core/escape.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "service/base/wire-size.h"
#include "service/calls/lookup.h"
#include "service/calls/options.h"
#include "yaml/emitter.h"
#include "yaml/json.h"

/* The method Dump: a layer, or a part of it, as text. */

/* The arguments of a Dump. The call owns the strings. */
typedef struct
{
  const char *pointer;
  const char *layer;
  const char *format;
  guint64 version;
  gboolean has_version;
  gboolean with_secrets;
  gboolean is_stacked;
} Wanted;

/* The trees to choose from, borrowed. */
typedef struct
{
  const RunconfNode *effective;
  const RunconfNode *defaults;
  const RunconfNode *overrides;
  const RunconfNode *counted;
  const RunconfNode *boot;
  const RunconfStack *stack;
  const RunconfRules *rules;
  gboolean with_secrets;
} Layers;

/* Returns: (transfer full) (nullable): the values of one layer, or of it and all weaker ones */
static RunconfNode *
pick_layer (const Layers *layers, const Wanted *wanted, RunconfLayer layer)
{
  g_autoptr (RunconfNode) tree = NULL;

  if (layer == RUNCONF_LAYER_BOOT)
    return runconf_node_ref (wanted->is_stacked ? layers->effective : layers->boot);
  if (layer == RUNCONF_LAYER_OVERRIDE)
    return wanted->is_stacked ? runconf_merge (layers->defaults, layers->counted)
                              : runconf_node_ref (layers->overrides);

  tree = wanted->is_stacked ? runconf_stack_merge_up_to (layers->stack, layer)
                            : runconf_stack_merge_layer (layers->stack, layer);
  if (tree == NULL)
    return runconf_mapping_new_empty ();

  return layers->with_secrets ? g_steal_pointer (&tree) : runconf_rules_strip (layers->rules, tree);
}

/* Returns: (transfer full) (nullable): the tree that the caller wants */
static RunconfNode *
pick (const Layers *layers, const Wanted *wanted, GError **error)
{
  g_autofree char *shown = runconf_escape (wanted->layer, -1);
  RunconfLayer layer;

  if (strcmp (wanted->layer, "effective") == 0)
    return runconf_node_ref (layers->effective);
  if (strcmp (wanted->layer, "defaults") == 0)
    return runconf_node_ref (layers->defaults);
  if (strcmp (wanted->layer, "overrides") == 0)
    return runconf_node_ref (layers->overrides);
  if (runconf_layer_from_string (wanted->layer, &layer))
    return pick_layer (layers, wanted, layer);

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "“%s” isn't a layer: use “effective”, “defaults”, “overrides”, “vendor”, “fleet”, "
               "“admin”, “user”, “override” or “boot”",
               shown);

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
                 "“%s” isn't a format: use “yaml” or “json”", shown);

  return out->len > 0;
}

static gboolean
emit_layer (GString *out, const Layers *layers, const Wanted *wanted, GError **error)
{
  g_autoptr (RunconfNode) tree = pick (layers, wanted, error);
  g_autoptr (RunconfPath) path = tree != NULL ? runconf_path_new (wanted->pointer, error) : NULL;
  const RunconfNode *node = path != NULL ? runconf_node_find (tree, path, error) : NULL;

  return node != NULL && emit (out, node, wanted->format, error);
}

/* Returns: (nullable): the text of the layer, if it is one that the service writes */
static RunconfDocument *
get_document (const RunconfdLookup *lookup, const Wanted *wanted)
{
  if (strcmp (wanted->layer, "overrides") == 0 || strcmp (wanted->layer, "override") == 0)
    return lookup->document;

  return strcmp (wanted->layer, "boot") == 0 ? lookup->boot_document : NULL;
}

/* Returns: whether the caller wants the text of a layer unchanged, and may read it */
static gboolean
is_text_wanted (const Wanted *wanted, const RunconfRevision *revision)
{
  const RunconfRules *rules = revision->ground->rules;
  g_autoptr (GPtrArray) secrets = NULL;

  if (*wanted->pointer != '\0' || wanted->is_stacked || strcmp (wanted->format, "yaml") != 0)
    return FALSE;
  if (wanted->with_secrets)
    return TRUE;

  secrets = runconf_rules_find_secrets (
      rules, strcmp (wanted->layer, "boot") == 0 ? revision->boot : revision->overrides);

  return secrets->len == 0;
}

static gboolean
dump_now (RunconfdLookup *lookup, const Wanted *wanted, GString *out, GError **error)
{
  const RunconfRevision *revision = lookup->now;
  RunconfDocument *document = get_document (lookup, wanted);
  g_autoptr (RunconfNode) visible = NULL;
  g_autoptr (RunconfNode) visible_boot = NULL;
  Layers layers;

  if (document != NULL && is_text_wanted (wanted, revision))
    {
      GBytes *text = runconf_document_get_text (document);

      g_string_append_len (out, g_bytes_get_data (text, NULL), g_bytes_get_size (text));
      return TRUE;
    }

  visible = runconf_rules_strip (revision->ground->rules, revision->overrides);
  visible_boot = runconf_rules_strip (revision->ground->rules, revision->boot);
  layers = wanted->with_secrets ? (Layers){ revision->effective, revision->ground->defaults,
                                            revision->overrides, revision->counted, revision->boot }
                                : (Layers){ revision->visible, revision->ground->visible_defaults,
                                            visible, revision->visible_counted, visible_boot };
  layers.stack = lookup->stack;
  layers.rules = revision->ground->rules;
  layers.with_secrets = wanted->with_secrets;

  return emit_layer (out, &layers, wanted, error);
}

/* Older defaults aren't kept: the overrides of that version are merged over the current defaults.
 */
static gboolean
dump_version (RunconfdLookup *lookup, const Wanted *wanted, GString *out, GError **error)
{
  const RunconfNode *defaults = lookup->now->ground->visible_defaults;
  g_autoptr (RunconfNode) overrides = NULL;
  g_autoptr (RunconfNode) boot = NULL;
  g_autoptr (RunconfNode) below = NULL;
  g_autoptr (RunconfNode) effective = NULL;

  if (!runconfd_lookup_get_overrides (lookup, wanted->version, &overrides, &boot))
    return FALSE;

  below = runconf_merge (defaults, overrides);
  effective = runconf_merge (below, boot);

  return emit_layer (out,
                     &(Layers){ effective, defaults, overrides, overrides, boot, lookup->stack,
                                lookup->now->ground->rules, FALSE },
                     wanted, error);
}

static gboolean
read_options (RunconfdCall *call, Wanted *wanted, GVariant *options, GError **error)
{
  const RunconfOption known[] = {
    { "version", RUNCONF_OPTION_INTEGER, &wanted->version, &wanted->has_version, 0, G_MAXUINT64,
      "a version, which is an integer from 0" },
    { "secrets", RUNCONF_OPTION_BOOLEAN, &wanted->with_secrets, NULL, 0, 0, "a boolean" },
    { "stacked", RUNCONF_OPTION_BOOLEAN, &wanted->is_stacked, NULL, 0, 0, "a boolean" },
  };

  return runconf_options_read (options, known, G_N_ELEMENTS (known), error);
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

/* The history has no secrets, so an older version needs the right to read the history in any case.
 * The method reports wrong options when it runs. The user is needed, since lookups of callers that
 * aren't trusted run one after the other.
 */
void
runconfd_find_dump_concern (RunconfdCall *call, RunconfdConcern *concern)
{
  Wanted wanted;

  concern->needs_uid = TRUE;
  if (!read_wanted (call, &wanted, NULL))
    return;

  if (wanted.has_version)
    concern->action = RUNCONFD_ACTION_READ_HISTORY;
  else if (wanted.with_secrets)
    concern->action = RUNCONFD_ACTION_READ_SECRET;
  concern->path = g_strdup (wanted.pointer);
}

static void
look (RunconfdLookup *lookup)
{
  g_autoptr (GString) out = g_string_new (NULL);
  Wanted wanted;
  gboolean is_made;

  if (!read_wanted (lookup->call, &wanted, &lookup->error))
    return;

  is_made = wanted.has_version ? dump_version (lookup, &wanted, out, &lookup->error)
                               : dump_now (lookup, &wanted, out, &lookup->error);
  if (!is_made || !runconfd_wire_size_check (out->len, wanted.pointer, &lookup->error))
    return;

  lookup->answer = g_variant_ref_sink (g_variant_new (
      "(@s)", g_variant_new_take_string (g_string_free (g_steal_pointer (&out), FALSE))));
}

void
runconfd_dump (RunconfdCall *call)
{
  runconfd_lookup_start (runconfd_lookup_new (call), look, runconfd_lookup_answer);
}
