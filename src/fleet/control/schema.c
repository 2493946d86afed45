/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "core/error.h"
#include "core/merge.h"
#include "fleet/control/text.h"

/* Checks documents with the schema of the fleet.
 *
 * A document is a part of what a host has: its other parts are in the host's own files. So a schema
 * can refuse a value that is in the document, and can't miss one that isn't.
 */

/* Returns: (transfer full): the schema in a text, or %NULL with an error that names the place */
static RunconfSchema *
parse (GBytes *text, const char *name, GError **error)
{
  g_autoptr (RunconfDocument) document = runconf_document_new (text, name, error);
  g_autoptr (RunconfPath) path = NULL;
  g_autofree char *where = NULL;
  GError *failure = NULL;
  RunconfSchema *schema;
  guint line = 1, column = 1;

  if (document == NULL)
    return NULL;

  schema = runconf_schema_new (runconf_document_get_root (document), &where, &failure);
  if (schema != NULL)
    return schema;

  path = runconf_path_new (where != NULL ? where : "", NULL);
  if (path != NULL)
    runconf_document_locate (document, path, &line, &column);
  g_propagate_prefixed_error (error, failure, "%s:%u:%u: ", name, line, column);

  return NULL;
}

/**
 * fleet_schema_check_text:
 * @name: the name of the text in messages
 *
 * Returns: %FALSE with an error if the text isn't a schema
 */
gboolean
fleet_schema_check_text (GBytes *text, const char *name, GError **error)
{
  g_autoptr (RunconfSchema) schema = parse (text, name, error);

  return schema != NULL;
}

/**
 * fleet_schema_parse:
 * @text: the schema of the fleet
 * @place: its place
 *
 * Returns: (transfer full): the schema, or %NULL with an error
 */
RunconfSchema *
fleet_schema_parse (GBytes *text, const FleetPlace *place, GError **error)
{
  GError *failure = NULL;
  RunconfSchema *schema = parse (text, place->name, &failure);

  if (schema != NULL)
    return schema;

  fleet_failure_add_hint (failure, _ ("replace it with “runconf fleet load --schema FILE”"));
  g_propagate_error (error, failure);

  return NULL;
}

/* Returns: whether a mapping that lacks keys may violate the rule, and the whole one doesn't */
static gboolean
is_rule_of_the_whole (const char *rule)
{
  static const char *const rules[]
      = { "required", "dependencies", "minProperties", "anyOf", "oneOf", "not", NULL };

  return g_strv_contains (rules, rule);
}

static gboolean
is_undecided (const RunconfViolation *violation, const RunconfNode *tree)
{
  g_autoptr (RunconfPath) path = runconf_path_new (violation->path, NULL);
  const RunconfNode *value = path != NULL ? runconf_node_find (tree, path, NULL) : NULL;

  return value != NULL && runconf_node_is_mapping (value) && is_rule_of_the_whole (violation->rule);
}

/**
 * fleet_schema_admit:
 * @before: the tree of a document
 * @after: its tree after a change
 *
 * Returns: %FALSE with an error, a line for each violation, if the change adds violations
 */
gboolean
fleet_schema_admit (RunconfSchema *schema, const RunconfNode *before, const RunconfNode *after,
                    GError **error)
{
  g_autoptr (RunconfNode) old = runconf_merge (NULL, before);
  g_autoptr (RunconfNode) new = runconf_merge (NULL, after);
  g_autoptr (GPtrArray) violations = runconf_schema_check_change (schema, old, new);
  g_autoptr (GString) message = g_string_new (NULL);

  for (guint i = 0; i < violations->len; i++)
    {
      const RunconfViolation *violation = violations->pdata[i];

      if (!is_undecided (violation, new))
        g_string_append_printf (message, "%s%s", message->len > 0 ? "\n" : "", violation->message);
    }
  if (message->len == 0)
    return TRUE;

  g_set_error_literal (error, RUNCONF_ERROR, RUNCONF_ERROR_SCHEMA_VIOLATION, message->str);

  return FALSE;
}
