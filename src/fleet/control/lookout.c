/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/control/lookout.h"

#include "fleet/etcd/watch.h"

/* A large fleet is read once, and after that each report that changes. All is read again at the next
 * look if a group or a document changed, and at each look while the watch has no connection: then its
 * silence says nothing. A look reads once at most: in a large fleet, each read may take longer than
 * the time between two changes.
 */

struct _FleetLookout
{
  FleetStore *store;
  RunconfEtcdWatch *watch;
  FleetSurvey *survey; /* (nullable) */
  GPtrArray *waiting;  /* (element-type GPtrArray): the events that came without a survey */
  gboolean is_started;
  gboolean has_news; /* since the last look */
  gboolean is_old;   /* whether a group or a document changed since the survey */
};

static void
take (FleetLookout *self, const RunconfEtcdEvent *event)
{
  g_autoptr (RunconfFleetKey) key
      = runconf_fleet_key_parse (fleet_store_get_prefix (self->store), event->item->key);

  if (event->item->mod_revision <= self->survey->revision)
    return;

  self->has_news = TRUE;
  if (key == NULL || key->type == RUNCONF_FLEET_KEY_STATUS || key->type == RUNCONF_FLEET_KEY_SEEN)
    fleet_survey_take (self->survey, self->store, event);
  else
    self->is_old = TRUE;
}

static void
on_events (RunconfEtcdWatch *watch, GPtrArray *events, gint64 revision, FleetLookout *self)
{
  if (self->survey == NULL)
    {
      g_ptr_array_add (self->waiting, g_ptr_array_ref (events));
      return;
    }

  for (guint i = 0; i < events->len; i++)
    take (self, events->pdata[i]);
}

static void
on_reload (RunconfEtcdWatch *watch, const char *reason, FleetLookout *self)
{
  self->is_started = FALSE;
  fleet_lookout_forget (self);
}

/**
 * fleet_lookout_new:
 *
 * Returns: (transfer full): a lookout that has read nothing
 */
FleetLookout *
fleet_lookout_new (FleetStore *store)
{
  static const RunconfFleetKeyType types[] = {
    RUNCONF_FLEET_KEY_STATUS, RUNCONF_FLEET_KEY_GROUP,  RUNCONF_FLEET_KEY_CONFIG,
    RUNCONF_FLEET_KEY_LOCKS,  RUNCONF_FLEET_KEY_SCHEMA,
  };
  FleetLookout *self = g_new0 (FleetLookout, 1);

  self->store = store;
  self->waiting = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  self->watch = runconf_etcd_watch_new (fleet_store_get_etcd (store));
  g_signal_connect (self->watch, "events", G_CALLBACK (on_events), self);
  g_signal_connect (self->watch, "reload", G_CALLBACK (on_reload), self);
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *prefix
          = runconf_fleet_key_prefix (fleet_store_get_prefix (store), types[i], NULL, NULL);
      g_autofree char *end = runconf_etcd_get_prefix_end (prefix);

      runconf_etcd_watch_add (self->watch, prefix, end);
    }

  return self;
}

void
fleet_lookout_free (FleetLookout *self)
{
  g_signal_handlers_disconnect_by_data (self->watch, self);
  runconf_etcd_watch_stop (self->watch);
  g_object_unref (self->watch);
  fleet_lookout_forget (self);
  g_ptr_array_unref (self->waiting);
  g_free (self);
}

/**
 * fleet_lookout_forget:
 *
 * Has the next look read all.
 */
void
fleet_lookout_forget (FleetLookout *self)
{
  g_clear_pointer (&self->survey, fleet_survey_free);
  self->has_news = TRUE;
}

/**
 * fleet_lookout_has_news:
 *
 * Returns: whether the next look may find another state than the last one
 */
gboolean
fleet_lookout_has_news (const FleetLookout *self)
{
  return self->has_news || !runconf_etcd_watch_is_connected (self->watch);
}

/* Reads all, and takes the events that came meanwhile.
 * Returns: %FALSE with an error
 */
static gboolean
read_all (FleetLookout *self, GError **error)
{
  g_autoptr (GPtrArray) waiting = NULL;

  self->survey = fleet_survey_new (self->store, 0, error);
  if (self->survey == NULL)
    return FALSE;

  self->is_old = FALSE;
  if (!self->is_started)
    runconf_etcd_watch_start (self->watch, self->survey->revision + 1);
  self->is_started = TRUE;

  waiting = g_steal_pointer (&self->waiting);
  self->waiting = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < waiting->len; i++)
    on_events (self->watch, waiting->pdata[i], 0, self);

  return TRUE;
}

/**
 * fleet_lookout_look:
 *
 * Returns: (transfer none): the present survey, until the next iteration of the main context, or
 *   %NULL with an error
 */
const FleetSurvey *
fleet_lookout_look (FleetLookout *self, GError **error)
{
  if (self->is_old || !runconf_etcd_watch_is_connected (self->watch))
    fleet_lookout_forget (self);
  if (self->survey == NULL && !read_all (self, error))
    return NULL;

  self->has_news = self->is_old;

  return self->survey;
}
