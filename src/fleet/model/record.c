/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/record.h"

#include <string.h>

#include "core/error.h"
#include "yaml/document.h"
#include "yaml/json.h"

/* Reads and writes the JSON values in the store. JSON is YAML, so the reader of documents reads
 * them, with its limits and positions.
 */

/**
 * runconf_fleet_record_read:
 * @name: the name of the text in messages
 *
 * Returns: (transfer full): the record, or %NULL with an error that names the position
 */
RunconfNode *
runconf_fleet_record_read (GBytes *text, const char *name, GError **error)
{
  g_autoptr (RunconfDocument) document = runconf_document_new (text, name, error);

  return document != NULL ? runconf_node_ref (runconf_document_get_root (document)) : NULL;
}

/**
 * runconf_fleet_record_write:
 *
 * Returns: (transfer full): the record as one line of JSON
 */
GBytes *
runconf_fleet_record_write (const RunconfNode *record)
{
  GString *text = g_string_new (NULL);

  runconf_emit_json_line (text, record);

  return g_string_free_to_bytes (text);
}

/**
 * runconf_fleet_record_take:
 * @value: (transfer full):
 *
 * Adds a member to a record.
 */
void
runconf_fleet_record_take (RunconfMappingBuilder *self, const char *key, RunconfNode *value)
{
  g_autoptr (RunconfNode) owned = value;

  runconf_mapping_builder_set (self, key, strlen (key), owned);
}

/**
 * runconf_fleet_record_add_text:
 * @text: (nullable): a text; bytes that aren't UTF-8 are replaced
 *
 * Adds a text, unless it is %NULL.
 */
void
runconf_fleet_record_add_text (RunconfMappingBuilder *self, const char *key, const char *text)
{
  g_autofree char *valid = text != NULL ? g_utf8_make_valid (text, -1) : NULL;

  if (valid != NULL)
    runconf_fleet_record_take (self, key, runconf_node_new_string (valid, -1));
}

void
runconf_fleet_record_add_integer (RunconfMappingBuilder *self, const char *key, gint64 value)
{
  runconf_fleet_record_take (self, key, runconf_node_new_integer (value));
}

/**
 * runconf_fleet_record_add_texts:
 * @texts: (nullable):
 *
 * Adds a list of texts, unless it is empty.
 */
void
runconf_fleet_record_add_texts (RunconfMappingBuilder *self, const char *key,
                                const char *const *texts)
{
  g_autoptr (GPtrArray) items
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);

  for (; texts != NULL && *texts != NULL; texts++)
    {
      g_autofree char *valid = g_utf8_make_valid (*texts, -1);

      g_ptr_array_add (items, runconf_node_new_string (valid, -1));
    }

  if (items->len > 0)
    runconf_fleet_record_take (
        self, key, runconf_node_new_sequence ((RunconfNode *const *) items->pdata, items->len));
}

/**
 * runconf_fleet_record_get_text:
 *
 * Returns: (transfer none) (nullable): the text, %NULL if there is none
 */
const char *
runconf_fleet_record_get_text (const RunconfNode *self, const char *key)
{
  const RunconfNode *value = runconf_mapping_get (self, key);

  return value != NULL && runconf_node_get_kind (value) == RUNCONF_KIND_STRING
             ? runconf_node_get_string (value, NULL)
             : NULL;
}

/**
 * runconf_fleet_record_get_integer:
 *
 * Returns: the number, 0 if there is none
 */
gint64
runconf_fleet_record_get_integer (const RunconfNode *self, const char *key)
{
  const RunconfNode *value = runconf_mapping_get (self, key);

  return value != NULL && runconf_node_get_kind (value) == RUNCONF_KIND_INTEGER
             ? runconf_node_get_integer (value)
             : 0;
}

/**
 * runconf_fleet_record_get_texts:
 *
 * Returns: (transfer full): the texts of a list, without its other items
 */
char **
runconf_fleet_record_get_texts (const RunconfNode *self, const char *key)
{
  const RunconfNode *list = runconf_mapping_get (self, key);
  gboolean is_list = list != NULL && runconf_node_get_kind (list) == RUNCONF_KIND_SEQUENCE;
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();

  for (guint i = 0; is_list && i < runconf_node_get_length (list); i++)
    {
      const RunconfNode *item = runconf_node_get_child (list, i);

      if (runconf_node_get_kind (item) == RUNCONF_KIND_STRING)
        g_strv_builder_add (texts, runconf_node_get_string (item, NULL));
    }

  return g_strv_builder_end (texts);
}
