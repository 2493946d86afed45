/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/author.h"

#include "fleet/model/record.h"

/* The author of a document, in a key beside the document: `{"author": "anna@desk"}`. One transaction
 * writes both, so a host that gets a document gets its author with it, and needs no look into the
 * history. An author whose revision isn't that of the document is the author of an older text.
 */

/**
 * runconf_fleet_author_write:
 *
 * Returns: (transfer full): the value of the key
 */
GBytes *
runconf_fleet_author_write (const char *author)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) node = NULL;

  runconf_fleet_record_add_text (record, "author", author);
  node = runconf_mapping_builder_end (record);

  return runconf_fleet_record_write (node);
}

/**
 * runconf_fleet_author_read:
 * @text: the value of the key
 *
 * Returns: (transfer full) (nullable): the author; %NULL if the value isn't one
 */
char *
runconf_fleet_author_read (GBytes *text)
{
  g_autoptr (RunconfNode) record = runconf_fleet_record_read (text, "", NULL);

  return record != NULL && runconf_node_is_mapping (record)
             ? g_strdup (runconf_fleet_record_get_text (record, "author"))
             : NULL;
}
