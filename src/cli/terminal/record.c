/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/record.h"

#include <string.h>

/* Builds JSON output from nodes, like values. So one emitter prints both, and values in the output
 * may be nested as deeply as in a configuration.
 */

/**
 * cli_record_take:
 * @value: (transfer full):
 *
 * Adds a member to a record.
 */
void
cli_record_take (RunconfMappingBuilder *self, const char *key, RunconfNode *value)
{
  g_autoptr (RunconfNode) owned = value;

  runconf_mapping_builder_set (self, key, strlen (key), owned);
}

void
cli_record_add_text (RunconfMappingBuilder *self, const char *key, const char *text)
{
  cli_record_take (self, key, runconf_node_new_string (text, -1));
}

void
cli_record_add_strv (RunconfMappingBuilder *self, const char *key, const char *const *strv)
{
  g_autoptr (GPtrArray) items = cli_records_new ();

  for (; *strv != NULL; strv++)
    g_ptr_array_add (items, runconf_node_new_string (*strv, -1));

  cli_record_take (self, key,
                   runconf_node_new_sequence ((RunconfNode *const *) items->pdata, items->len));
}

/**
 * cli_record_end:
 *
 * Returns: (transfer full): the record
 */
RunconfNode *
cli_record_end (RunconfMappingBuilder *self)
{
  return runconf_mapping_builder_end (self);
}

/**
 * cli_records_new:
 *
 * Returns: (transfer full): a list for elements of type #RunconfNode
 */
GPtrArray *
cli_records_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);
}

/**
 * cli_records_end:
 *
 * Returns: (transfer full): a sequence of the nodes in the list
 */
RunconfNode *
cli_records_end (GPtrArray *records)
{
  return runconf_node_new_sequence ((RunconfNode *const *) records->pdata, records->len);
}
