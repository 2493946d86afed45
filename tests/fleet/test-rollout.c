/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fleet/model/rollout.h"

#define N_HOSTS 40

static void
test_record (void)
{
  const char *const steps[] = { "1", "50%", NULL };
  g_autoptr (RunconfFleetRollout) rollout = runconf_fleet_rollout_new ();
  g_autoptr (RunconfFleetRollout) again = NULL;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GError) error = NULL;

  rollout->author = g_strdup ("alice");
  rollout->text = g_strdup ("# ours\nport: 9000  # \"new\"\n");
  rollout->before = 12;
  g_strfreev (rollout->steps);
  rollout->steps = g_strdupv ((char **) steps);
  rollout->step = 1;
  rollout->n_hosts = 7;
  rollout->soak = 30;
  rollout->phase = RUNCONF_FLEET_UNDONE;
  rollout->reason = g_strdup ("degraded");
  rollout->host = g_strdup ("web1");

  text = runconf_fleet_rollout_write (rollout);
  again = runconf_fleet_rollout_read (text, "KEY", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->id, ==, rollout->id);
  g_assert_cmpstr (again->author, ==, "alice");
  g_assert_null (again->message);
  g_assert_cmpstr (again->text, ==, rollout->text);
  g_assert_cmpint (again->before, ==, 12);
  g_assert_cmpstr (again->steps[1], ==, "50%");
  g_assert_cmpint (again->step, ==, 1);
  g_assert_cmpint (again->n_hosts, ==, 7);
  g_assert_cmpint (again->soak, ==, 30);
  g_assert_null (again->threshold);
  g_assert_cmpint (again->phase, ==, RUNCONF_FLEET_UNDONE);
  g_assert_cmpstr (again->reason, ==, "degraded");
  g_assert_cmpstr (again->host, ==, "web1");
}

/* The step is an index, and the soak is multiplied. */
static void
test_bounds (void)
{
  static const char low[]
      = "{\"id\": \"x\", \"text\": \"\", \"phase\": \"running\", \"steps\": [\"1\"],"
        " \"step\": -1, \"hosts\": -1, \"soak\": -1}";
  static const char high[]
      = "{\"id\": \"x\", \"text\": \"\", \"phase\": \"running\", \"steps\": [\"1\"],"
        " \"step\": 9223372036854775807, \"soak\": 9223372036854775807}";
  g_autoptr (GBytes) low_text = g_bytes_new_static (low, strlen (low));
  g_autoptr (GBytes) high_text = g_bytes_new_static (high, strlen (high));
  g_autoptr (RunconfFleetRollout) first = runconf_fleet_rollout_read (low_text, "KEY", NULL);
  g_autoptr (RunconfFleetRollout) last = runconf_fleet_rollout_read (high_text, "KEY", NULL);

  g_assert_cmpint (first->step, ==, 0);
  g_assert_cmpint (first->n_hosts, ==, 0);
  g_assert_cmpint (first->soak, ==, 0);
  g_assert_cmpint (last->step, >, 1);
  g_assert_cmpint (last->soak, <, G_MAXINT64 / G_USEC_PER_SEC);
}

static void
test_mistakes (void)
{
  static const char *const texts[] = {
    "{}",
    "{\"id\": \"x\", \"text\": \"\"}",
    "{\"id\": \"x\", \"text\": \"\", \"phase\": \"begun\"}",
    "{\"text\": \"\", \"phase\": \"running\"}",
    "{\"id\": \"x\", \"phase\": \"running\"}",
    "[",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) text = g_bytes_new_static (texts[i], strlen (texts[i]));
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfFleetRollout) rollout = runconf_fleet_rollout_read (text, "KEY", &error);

      g_assert_null (rollout);
      g_assert_true (g_str_has_prefix (error->message, "KEY:"));
    }
}

static int
compare (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static guint
count_reached (const RunconfFleetRollout *rollout)
{
  guint n_reached = 0;

  for (guint i = 0; i < N_HOSTS; i++)
    {
      g_autofree char *host = g_strdup_printf ("host%u", i);

      n_reached += runconf_fleet_rollout_reaches (rollout, host);
    }

  return n_reached;
}

/* The hash of the host at place N is the threshold that reaches N hosts. */
static void
test_threshold (void)
{
  g_autoptr (RunconfFleetRollout) rollout = runconf_fleet_rollout_new ();
  g_auto (GStrv) hashes = g_new0 (char *, N_HOSTS + 1);

  for (guint i = 0; i < N_HOSTS; i++)
    {
      g_autofree char *host = g_strdup_printf ("host%u", i);

      hashes[i] = runconf_fleet_rollout_hash (rollout, host);
    }
  qsort (hashes, N_HOSTS, sizeof (char *), compare);

  g_assert_cmpuint (count_reached (rollout), ==, 0);
  for (guint i = 0; i < N_HOSTS; i++)
    {
      g_free (rollout->threshold);
      rollout->threshold = g_strdup (hashes[i]);
      g_assert_cmpuint (count_reached (rollout), ==, i + 1);
    }

  rollout->phase = RUNCONF_FLEET_UNDONE;
  g_assert_cmpuint (count_reached (rollout), ==, 0);
}

/* The ranks of the hosts are spread over their number, and fall as the hashes rise. */
static void
test_rank (void)
{
  g_autoptr (RunconfFleetRollout) rollout = runconf_fleet_rollout_new ();
  guint n_first = 0;

  g_assert_cmpuint (runconf_fleet_rollout_rank (rollout, "host0"), ==, 0);
  rollout->n_hosts = N_HOSTS;
  for (guint i = 0; i < N_HOSTS; i++)
    {
      g_autofree char *host = g_strdup_printf ("host%u", i);
      g_autofree char *hash = runconf_fleet_rollout_hash (rollout, host);
      guint rank = runconf_fleet_rollout_rank (rollout, host);

      g_assert_cmpuint (rank, <, N_HOSTS);
      g_assert_true ((rank < N_HOSTS / 2) == (hash[0] >= '8'));
      n_first += rank < N_HOSTS / 2;
    }
  g_assert_cmpuint (n_first, >, 0);
  g_assert_cmpuint (n_first, <, N_HOSTS);

  rollout->n_hosts = G_MAXINT64;
  g_assert_cmpuint (runconf_fleet_rollout_rank (rollout, "host0"), >, 0);
  rollout->n_hosts = -1;
  g_assert_cmpuint (runconf_fleet_rollout_rank (rollout, "host0"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet/rollout/record", test_record);
  g_test_add_func ("/fleet/rollout/bounds", test_bounds);
  g_test_add_func ("/fleet/rollout/mistakes", test_mistakes);
  g_test_add_func ("/fleet/rollout/threshold", test_threshold);
  g_test_add_func ("/fleet/rollout/rank", test_rank);

  return g_test_run ();
}
