/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>

#include "core/compare.h"
#include "core/error.h"
#include "fleet/control/lookout.h"
#include "tests/fleet/etcd-process.h"

/* A lookout that follows the reports has the hosts that a new survey finds. */

#define PREFIX "/runconf/"
#define N_ROUNDS 120
#define MAX_CHANGES 6
#define N_HOSTS 8
#define PATIENCE 20
#define WRITING_US (60 * G_USEC_PER_SEC)

static Cluster *cluster;
static RunconfEtcd *etcd;
static FleetStore *store;

typedef struct
{
  FleetLookout *lookout;
  char *wanted;
  char *found;
} Comparison;

static void
add_host (const FleetSurvey *survey, const FleetHost *host, GPtrArray *lines)
{
  g_auto (GStrv) groups = runconf_fleet_membership_list (host->membership);
  g_autofree char *list = g_strjoinv (",", groups);
  const RunconfFleetReport *report
      = host->status != NULL ? runconf_fleet_status_find (host->status, "chat") : NULL;
  gint64 wanted = fleet_survey_get_wanted (survey, host, "chat");

  g_ptr_array_add (lines, g_strdup_printf ("%s %s %d %s wanted %d", host->name,
                                           host->status != NULL ? host->status->agent : "-",
                                           report != NULL ? (int) report->revision : -1, list,
                                           (int) wanted));
}

/* Returns: (transfer full): the hosts that report, a line each */
static char *
describe (const FleetSurvey *survey)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < survey->hosts->len; i++)
    {
      const FleetHost *host = survey->hosts->pdata[i];

      if (host->status != NULL)
        add_host (survey, host, lines);
    }
  g_ptr_array_sort (lines, runconf_compare_texts);
  g_ptr_array_add (lines, NULL);

  return g_strjoinv ("\n", (char **) lines->pdata);
}

static gboolean
is_equal (gpointer user_data)
{
  Comparison *self = user_data;
  g_autoptr (GError) error = NULL;
  const FleetSurvey *survey = fleet_lookout_look (self->lookout, &error);

  g_assert_no_error (error);
  g_free (self->found);
  self->found = describe (survey);

  return strcmp (self->found, self->wanted) == 0;
}

static void
compare (FleetLookout *lookout)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FleetSurvey) survey = fleet_survey_new (store, 0, &error);
  Comparison comparison = { .lookout = lookout };

  g_assert_no_error (error);
  comparison.wanted = describe (survey);
  if (!run_until (is_equal, &comparison, PATIENCE))
    g_assert_cmpstr (comparison.found, ==, comparison.wanted);
  g_free (comparison.wanted);
  g_free (comparison.found);
}

static void
delete_key (const char *key)
{
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  runconf_etcd_txn_delete (txn, key);
  outcome = commit_sync (etcd, txn, &error);
  g_assert_no_error (error);
}

static const char *
choose_group (void)
{
  static const char *const groups[] = { "web", "db", "eu" };

  return groups[g_test_rand_int_range (0, G_N_ELEMENTS (groups))];
}

static void
put_report (const char *key, const char *host)
{
  g_autofree char *text = g_strdup_printf (
      "{\"host\": \"%s\", \"machine\": \"m\", \"agent\": \"%d\", \"groups\": [\"%s\"],"
      " \"configurations\": {\"chat\": {\"revision\": %d}}}",
      host, g_test_rand_int_range (0, 100), choose_group (), g_test_rand_int_range (1, 1000));

  put_sync (etcd, key, text);
}

/* Changes a key at random. */
static void
change (void)
{
  int number = g_test_rand_int_range (0, N_HOSTS);
  g_autofree char *host = g_strdup_printf ("h%d", number);
  g_autofree char *status = g_strconcat (PREFIX "status/", host, NULL);
  g_autofree char *twin = g_strconcat (status, ".duplicate-1", NULL);
  g_autofree char *seen = g_strconcat (status, "/seen", NULL);
  g_autofree char *record = g_strdup_printf ("{\"host\": \"%s\", \"groups\": []}", host);
  g_autofree char *group = g_strconcat (PREFIX "groups/", choose_group (), NULL);
  g_autofree char *patterns = g_strdup_printf ("hosts: [\"*%d\", %s]\n", number / 2, host);
  g_autofree char *document = g_strconcat (PREFIX "config/chat/hosts/", host, NULL);

  switch (g_test_rand_int_range (0, 13))
    {
    case 0:
      delete_key (status);
      break;
    case 1:
      put_sync (etcd, status, "{\"host\": ");
      break;
    case 2:
      put_report (twin, host);
      break;
    case 3:
      delete_key (twin);
      break;
    case 4:
      put_sync (etcd, seen, record);
      break;
    case 5:
      put_sync (etcd, group, patterns);
      break;
    case 6:
      delete_key (group);
      break;
    case 7:
      put_sync (etcd, document, "a: 1\n");
      break;
    case 8:
      put_report (status, "another");
      break;
    default:
      put_report (status, host);
    }
}

static gboolean
has_news (gpointer user_data)
{
  return fleet_lookout_has_news (user_data);
}

static gboolean
has_no_news (gpointer user_data)
{
  return !fleet_lookout_has_news (user_data);
}

static void
test_random (void)
{
  g_autoptr (FleetLookout) lookout = fleet_lookout_new (store);

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      int n_changes = g_test_rand_int_range (1, MAX_CHANGES + 1);

      for (int j = 0; j < n_changes; j++)
        change ();
      compare (lookout);
    }
}

/* A look after a report needs no answer of etcd. */
static void
test_no_read (void)
{
  g_autoptr (FleetLookout) lookout = fleet_lookout_new (store);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  put_report (PREFIX "status/h1", "h1");
  compare (lookout);
  g_assert_true (run_until (has_no_news, lookout, PATIENCE));
  before = describe (fleet_lookout_look (lookout, NULL));

  put_sync (etcd, PREFIX "status/h1", "{\"host\": \"h1\", \"machine\": \"m\", \"agent\": \"new\"}");
  g_assert_true (run_until (has_news, lookout, PATIENCE));
  cluster_signal (cluster, 0, SIGSTOP);
  after = describe (fleet_lookout_look (lookout, NULL));
  cluster_signal (cluster, 0, SIGCONT);
  g_assert_nonnull (strstr (after, "h1 new"));
  g_assert_cmpstr (after, !=, before);
}

static void write_again (gint64 *end);

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfEtcdOutcome) outcome
      = runconf_etcd_commit_finish (RUNCONF_ETCD (source), result, NULL);

  g_assert_nonnull (outcome);
  write_again (user_data);
}

/* Writes a document again and again until the time is over; 0 then. */
static void
write_again (gint64 *end)
{
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (GBytes) text = g_bytes_new_static ("a: 1\n", 5);

  if (g_get_monotonic_time () > *end)
    {
      *end = 0;
      return;
    }

  runconf_etcd_txn_put (txn, PREFIX "config/chat/all", text, 0);
  runconf_etcd_commit_async (etcd, txn, NULL, on_written, end);
}

static gboolean
is_over (gpointer user_data)
{
  return *(gint64 *) user_data == 0;
}

/* A look ends although documents change all the time. */
static void
test_busy (void)
{
  g_autoptr (FleetLookout) lookout = fleet_lookout_new (store);
  gint64 end = g_get_monotonic_time () + WRITING_US;

  compare (lookout);
  g_assert_true (run_until (has_no_news, lookout, PATIENCE));
  write_again (&end);
  for (guint i = 0; i < 5; i++)
    {
      fleet_lookout_forget (lookout);
      g_assert_nonnull (fleet_lookout_look (lookout, NULL));
      g_assert_cmpint (end, >, 0);
    }
  end = 1;
  g_assert_true (run_until (is_over, &end, PATIENCE));
  compare (lookout);
}

/* While etcd is away, and after a compaction, the lookout doesn't pass an old state for the present
 * one.
 */
static void
test_outage (void)
{
  g_autoptr (FleetLookout) lookout = fleet_lookout_new (store);
  g_autoptr (GError) error = NULL;

  put_report (PREFIX "status/h1", "h1");
  compare (lookout);
  g_assert_true (run_until (has_no_news, lookout, PATIENCE));

  cluster_end (cluster, 0, SIGKILL);
  g_assert_true (run_until (has_news, lookout, PATIENCE));
  g_assert_null (fleet_lookout_look (lookout, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);

  cluster_start (cluster, 0);
  cluster_wait_ready (cluster);
  for (guint i = 0; i < 10; i++)
    change ();
  compare (lookout);
}

int
main (int argc, char **argv)
{
  g_autoptr (RunconfEtcdSettings) settings = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cluster_is_there ())
    return 0;

  cluster = cluster_new (1, NULL, "http", NULL);
  etcd = cluster_connect (cluster);
  settings = cluster_make_settings (cluster);
  store = fleet_store_new (settings, PREFIX, &error);
  g_assert_no_error (error);

  g_test_add_func ("/fleet/lookout/random", test_random);
  g_test_add_func ("/fleet/lookout/no-read", test_no_read);
  g_test_add_func ("/fleet/lookout/busy", test_busy);
  g_test_add_func ("/fleet/lookout/outage", test_outage);
  status = g_test_run ();

  fleet_store_free (store);
  g_object_unref (etcd);
  cluster_free (cluster);

  return status;
}
