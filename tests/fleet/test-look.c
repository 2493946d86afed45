/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/control/look.h"

/* A look at hosts of which each has the time of the first one to take the text. */

#define ID "r1"
#define TIME 61

static void
host_free (FleetHost *self)
{
  g_free (self->name);
  runconf_fleet_status_free (self->status);
  runconf_fleet_membership_free (self->membership);
  g_free (self);
}

static void
add_host (GPtrArray *hosts, const char *name, const char *id)
{
  FleetHost *host = g_new0 (FleetHost, 1);

  host->name = g_strdup (name);
  host->membership = runconf_fleet_membership_new (name, NULL);
  host->status = runconf_fleet_status_new (name, "m", "1", NULL);
  runconf_fleet_status_add (host->status, "chat")->rollout = g_strdup (id);
  g_ptr_array_add (hosts, host);
}

/* Looks at two hosts, which have these rollouts. */
static void
look (FleetLook *self, const char *first, const char *second)
{
  g_autoptr (GPtrArray) hosts = g_ptr_array_new_with_free_func ((GDestroyNotify) host_free);
  const FleetSurvey survey = { .hosts = hosts };
  RunconfFleetScope scope = { .type = RUNCONF_FLEET_ALL };
  const FleetPlace place = { .configuration = (char *) "chat", .scope = &scope };
  const RunconfFleetRollout rollout
      = { .id = (char *) ID, .threshold = (char *) "g", .phase = RUNCONF_FLEET_RUNNING };

  add_host (hosts, "h1", first);
  add_host (hosts, "h2", second);
  fleet_look_take (self, &survey, &place, &rollout);
}

/* Lets the time of the hosts that lack the text pass. */
static void
wait (FleetLook *self)
{
  GHashTableIter iter;
  gpointer since;

  g_hash_table_iter_init (&iter, self->reached);
  while (g_hash_table_iter_next (&iter, NULL, &since))
    if (since != NULL)
      g_hash_table_iter_replace (&iter, GINT_TO_POINTER (GPOINTER_TO_INT (since) - TIME));
}

static void
test_late (void)
{
  g_auto (FleetLook) self = { 0 };

  look (&self, NULL, NULL);
  g_assert_cmpuint (self.reach.n_reached, ==, 0);
  g_assert_false (fleet_look_is_late (&self));

  wait (&self);
  look (&self, ID, NULL);
  g_assert_cmpstr (self.missing, ==, "h2");
  g_assert_true (fleet_look_is_late (&self));

  look (&self, "r0 " ID, ID " r2");
  g_assert_cmpuint (self.reach.n_reached, ==, 2);
  g_assert_false (fleet_look_is_late (&self));
}

/* A host that starts long after the others has as much time as they had. */
static void
test_start (void)
{
  g_auto (FleetLook) self = { 0 };

  look (&self, ID, ID);
  wait (&self);
  look (&self, NULL, ID);
  g_assert_cmpstr (self.missing, ==, "h1");
  g_assert_false (fleet_look_is_late (&self));

  wait (&self);
  look (&self, NULL, NULL);
  g_assert_cmpstr (self.missing, ==, "h1");
  g_assert_true (fleet_look_is_late (&self));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet/look/late", test_late);
  g_test_add_func ("/fleet/look/start", test_start);

  return g_test_run ();
}
