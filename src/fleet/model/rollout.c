/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/model/rollout.h"

#include <string.h>

#include "core/error.h"
#include "fleet/model/record.h"

/* A host is reached if the hash of the rollout's id and its name isn't above the threshold. So each
 * host decides by itself, and a threshold that rises only adds hosts.
 */

static const char *const phase_names[] = {
  [RUNCONF_FLEET_RUNNING] = "running",
  [RUNCONF_FLEET_FINISHED] = "finished",
  [RUNCONF_FLEET_UNDONE] = "undone",
};

/**
 * runconf_fleet_rollout_new:
 *
 * Returns: (transfer full): a rollout with an id of its own, which runs and has reached no host
 */
RunconfFleetRollout *
runconf_fleet_rollout_new (void)
{
  RunconfFleetRollout *self = g_new0 (RunconfFleetRollout, 1);

  self->id = g_uuid_string_random ();
  self->steps = g_new0 (char *, 1);

  return self;
}

void
runconf_fleet_rollout_free (RunconfFleetRollout *self)
{
  g_free (self->id);
  g_free (self->author);
  g_free (self->message);
  g_free (self->text);
  g_strfreev (self->steps);
  g_free (self->threshold);
  g_free (self->reason);
  g_free (self->host);
  g_free (self);
}

static gboolean
read_phase (RunconfFleetRollout *self, const RunconfNode *record)
{
  const char *phase = runconf_fleet_record_get_text (record, "phase");

  for (guint i = 0; phase != NULL && i < G_N_ELEMENTS (phase_names); i++)
    {
      self->phase = i;
      if (strcmp (phase, phase_names[i]) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Any user of etcd with the right may have written the number, and it becomes an index. */
static gint64
read_count (const RunconfNode *record, const char *key)
{
  return CLAMP (runconf_fleet_record_get_integer (record, key), 0, G_MAXINT32);
}

static gboolean
read_record (RunconfFleetRollout *self, const RunconfNode *record)
{
  self->id = g_strdup (runconf_fleet_record_get_text (record, "id"));
  self->author = g_strdup (runconf_fleet_record_get_text (record, "author"));
  self->message = g_strdup (runconf_fleet_record_get_text (record, "message"));
  self->text = g_strdup (runconf_fleet_record_get_text (record, "text"));
  self->before = runconf_fleet_record_get_integer (record, "before");
  self->steps = runconf_fleet_record_get_texts (record, "steps");
  self->step = read_count (record, "step");
  self->n_hosts = read_count (record, "hosts");
  self->soak = read_count (record, "soak");
  self->threshold = g_strdup (runconf_fleet_record_get_text (record, "threshold"));
  self->reason = g_strdup (runconf_fleet_record_get_text (record, "reason"));
  self->host = g_strdup (runconf_fleet_record_get_text (record, "host"));

  return self->id != NULL && self->text != NULL && read_phase (self, record);
}

/**
 * runconf_fleet_rollout_read:
 * @name: the key of the text, for messages
 *
 * Returns: (transfer full) (nullable): the rollout, or %NULL with an error if the text isn't one
 */
RunconfFleetRollout *
runconf_fleet_rollout_read (GBytes *text, const char *name, GError **error)
{
  g_autoptr (RunconfNode) record = runconf_fleet_record_read (text, name, error);
  g_autoptr (RunconfFleetRollout) self = NULL;

  if (record == NULL)
    return NULL;

  self = g_new0 (RunconfFleetRollout, 1);
  if (read_record (self, record))
    return g_steal_pointer (&self);

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "%s: a rollout has an “id”, a “text”, and as “phase” running, finished or undone",
               name);
  return NULL;
}

/**
 * runconf_fleet_rollout_write:
 *
 * Returns: (transfer full): the rollout as JSON
 */
GBytes *
runconf_fleet_rollout_write (const RunconfFleetRollout *self)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) node = NULL;

  runconf_fleet_record_add_text (record, "id", self->id);
  runconf_fleet_record_add_text (record, "author", self->author);
  runconf_fleet_record_add_text (record, "message", self->message);
  runconf_fleet_record_add_text (record, "text", self->text);
  runconf_fleet_record_add_integer (record, "before", self->before);
  runconf_fleet_record_add_texts (record, "steps", (const char *const *) self->steps);
  runconf_fleet_record_add_integer (record, "step", self->step);
  runconf_fleet_record_add_integer (record, "hosts", self->n_hosts);
  runconf_fleet_record_add_integer (record, "soak", self->soak);
  runconf_fleet_record_add_text (record, "threshold", self->threshold);
  runconf_fleet_record_add_text (record, "phase", phase_names[self->phase]);
  runconf_fleet_record_add_text (record, "reason", self->reason);
  runconf_fleet_record_add_text (record, "host", self->host);
  node = runconf_mapping_builder_end (record);

  return runconf_fleet_record_write (node);
}

/**
 * runconf_fleet_rollout_hash:
 *
 * Returns: (transfer full): the place of a host in the order of the rollout: 64 hexadecimal digits
 */
char *
runconf_fleet_rollout_hash (const RunconfFleetRollout *self, const char *host)
{
  g_autofree char *text = g_strconcat (self->id, host, NULL);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

/**
 * runconf_fleet_rollout_reaches:
 *
 * Returns: whether the host has the new text by now
 */
gboolean
runconf_fleet_rollout_reaches (const RunconfFleetRollout *self, const char *host)
{
  g_autofree char *hash = runconf_fleet_rollout_hash (self, host);

  return self->phase == RUNCONF_FLEET_RUNNING && self->threshold != NULL
         && strcmp (hash, self->threshold) <= 0;
}

/**
 * runconf_fleet_rollout_rank:
 *
 * Returns: about how many hosts the rollout reaches after this one: 0 for the last host
 */
guint
runconf_fleet_rollout_rank (const RunconfFleetRollout *self, const char *host)
{
  g_autofree char *hash = runconf_fleet_rollout_hash (self, host);
  guint64 n_hosts = (guint64) CLAMP (self->n_hosts, 0, G_MAXUINT32);
  guint64 left;

  hash[8] = '\0';
  left = G_MAXUINT32 - g_ascii_strtoull (hash, NULL, 16);

  return (guint) (left * n_hosts >> 32);
}
