/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "core/mapping.h"
#include "fleet/etcd/etcd-private.h"
#include "fleet/etcd/json.h"
#include "fleet/model/author.h"
#include "fleet/model/entry.h"
#include "fleet/model/group.h"
#include "fleet/model/host-settings.h"
#include "fleet/model/keys.h"
#include "fleet/model/rollout.h"
#include "fleet/model/status.h"

/* The keys and values in etcd, which others write. The first byte of an input chooses the type. A value
 * that is read and written again has all that it had: it is the same when it is read and written once more.
 */

#define NAME "record"
#define HOST "web-1"

static GBytes *
copy_entry (GBytes *text, GError **error)
{
  g_autoptr (RunconfFleetEntry) entry = runconf_fleet_entry_read (text, NAME, 7, error);
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) empty = runconf_mapping_builder_end (builder);
  g_autoptr (RunconfNode) undone = NULL;

  if (entry == NULL)
    return NULL;

  undone = runconf_fleet_entry_undo (entry, empty);
  FUZZ_LAW (entry->revision == 7, text);

  return runconf_fleet_entry_write (entry);
}

static GBytes *
copy_rollout (GBytes *text, GError **error)
{
  g_autoptr (RunconfFleetRollout) rollout = runconf_fleet_rollout_read (text, NAME, error);

  if (rollout == NULL)
    return NULL;

  FUZZ_LAW (rollout->step >= 0 && rollout->n_hosts >= 0 && rollout->soak >= 0, text);
  if (rollout->threshold == NULL)
    FUZZ_LAW (!runconf_fleet_rollout_reaches (rollout, HOST), text);
  runconf_fleet_rollout_rank (rollout, HOST);

  return runconf_fleet_rollout_write (rollout);
}

static GBytes *
copy_status (GBytes *text, GError **error)
{
  g_autoptr (RunconfFleetStatus) status = runconf_fleet_status_read (text, NAME, error);

  if (status == NULL)
    return NULL;

  FUZZ_LAW (runconf_fleet_check_name (RUNCONF_FLEET_NAME_HOST, status->host, NULL), text);
  for (guint i = 0; i < status->reports->len; i++)
    {
      const RunconfFleetReport *report = status->reports->pdata[i];
      g_autofree char *description = runconf_fleet_report_describe (report);

      FUZZ_LAW (*description == '\0' || !runconf_fleet_report_is_well (report), text);
    }

  return runconf_fleet_status_write (status);
}

static GBytes *
copy_author (GBytes *text, GError **error)
{
  g_autofree char *author = runconf_fleet_author_read (text);

  return author != NULL ? runconf_fleet_author_write (author) : NULL;
}

typedef GBytes *(*Copy) (GBytes *text, GError **error);

/* Authors are read without an error. */
static void
check_copy (Copy copy, GBytes *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) first = copy (text, &error);
  g_autoptr (GBytes) second = NULL;

  FUZZ_LAW (first == NULL || error == NULL, text);
  FUZZ_LAW (first != NULL || error != NULL || copy == copy_author, text);
  if (first == NULL)
    return;

  second = copy (first, &error);
  FUZZ_LAW (second != NULL && g_bytes_equal (first, second), text);
}

/* A group that is read may be asked for any host. */
static void
check_group (GBytes *text)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) patterns = runconf_fleet_group_parse (text, NAME, &error);

  FUZZ_LAW ((patterns == NULL) == (error != NULL), text);
  for (guint i = 0; patterns != NULL && patterns[i] != NULL; i++)
    FUZZ_LAW (runconf_fleet_check_pattern (patterns[i], NULL), text);
  if (patterns != NULL)
    runconf_fleet_group_has ((const char *const *) patterns, HOST);
}

static void
check_settings (GBytes *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfFleetSettings) settings = runconf_fleet_settings_parse (text, NAME, &error);

  FUZZ_LAW ((settings == NULL) == (error != NULL), text);
  FUZZ_LAW (settings == NULL || settings->endpoints[0] != NULL, text);
}

static char *
format_key (const RunconfFleetKey *key)
{
  switch (key->type)
    {
    case RUNCONF_FLEET_KEY_GROUP:
      return runconf_fleet_key_for_group ("/", key->name);
    case RUNCONF_FLEET_KEY_SCHEMA:
      return runconf_fleet_key_for_schema ("/", key->name);
    case RUNCONF_FLEET_KEY_STATUS:
      return runconf_fleet_key_for_status ("/", key->name);
    case RUNCONF_FLEET_KEY_SEEN:
      return runconf_fleet_key_for_seen ("/", key->name);
    case RUNCONF_FLEET_KEY_HISTORY:
      return runconf_fleet_key_for_change ("/", key->name, key->scope, key->change);
    default:
      return runconf_fleet_key_for_scope ("/", key->type, key->name, key->scope);
    }
}

/* A key that has a meaning is the one that its parts make. */
static void
check_key (GBytes *text)
{
  g_autofree char *written = g_strndup (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse ("/", written);
  g_autofree char *formatted = key != NULL ? format_key (key) : NULL;

  FUZZ_LAW (key == NULL || g_str_equal (written, formatted), text);
}

/* The items of a read have keys and values, and are no more than it counts. */
static void
check_range (GBytes *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root
      = runconf_etcd_json_parse (g_bytes_get_data (text, NULL), g_bytes_get_size (text), &error);
  g_autoptr (RunconfEtcdRange) range
      = root != NULL ? runconf_etcd_range_read (json_node_get_object (root), &error) : NULL;

  FUZZ_LAW ((range == NULL) == (error != NULL), text);
  for (guint i = 0; range != NULL && i < range->items->len; i++)
    {
      const RunconfEtcdItem *item = range->items->pdata[i];

      FUZZ_LAW (g_utf8_validate (item->key, -1, NULL) && item->value != NULL, text);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static const Copy copies[] = { copy_entry, copy_rollout, copy_status, copy_author };
  static void (*const checks[]) (GBytes *)
      = { check_group, check_settings, check_key, check_range };
  g_autoptr (GBytes) text = NULL;
  guint type;

  if (size == 0)
    return 0;

  text = g_bytes_new (data + 1, size - 1);
  type = data[0] % (G_N_ELEMENTS (copies) + G_N_ELEMENTS (checks));
  if (type < G_N_ELEMENTS (copies))
    check_copy (copies[type], text);
  else
    checks[type - G_N_ELEMENTS (copies)](text);

  return 0;
}
