/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fleet/etcd-process.h"

#define N_LATENCIES 300
#define N_LARGE 10

static Cluster *cluster;
static RunconfEtcd *etcd;

static const RunconfEtcdItem *
get_item (RunconfEtcdRange *range, guint index)
{
  g_assert_cmpuint (range->items->len, >, index);
  return range->items->pdata[index];
}

static void
test_range (void)
{
  g_autoptr (RunconfEtcdRange) range = NULL;
  g_autoptr (RunconfEtcdRange) keys = NULL;
  g_autoptr (RunconfEtcdRange) old = NULL;
  g_autoptr (GError) error = NULL;
  gint64 first = put_sync (etcd, "/range/b", "Größe\n");
  gint64 second = put_sync (etcd, "/range/a", "");
  gint64 third = put_sync (etcd, "/range/b", "new");
  RunconfEtcdRangeOptions newest = { .keys_only = TRUE, .newest_first = TRUE, .limit = 1 };
  RunconfEtcdRangeOptions earlier = { .revision = first, .serializable = TRUE };

  put_sync (etcd, "/range0", "behind the range");
  range = range_sync (etcd, "/range/", "/range0", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (range->items->len, ==, 2);
  g_assert_cmpint (range->revision, ==, third + 1);
  g_assert_cmpstr (get_item (range, 0)->key, ==, "/range/a");
  g_assert_cmpuint (g_bytes_get_size (get_item (range, 0)->value), ==, 0);
  g_assert_cmpint (get_item (range, 0)->mod_revision, ==, second);
  g_assert_cmpint (get_item (range, 1)->create_revision, ==, first);
  g_assert_cmpint (get_item (range, 1)->mod_revision, ==, third);
  g_assert_cmpint (get_item (range, 1)->version, ==, 2);
  g_assert_cmpint (get_item (range, 1)->lease, ==, 0);

  keys = range_sync (etcd, "/range/", "/range0", &newest, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (keys->items->len, ==, 1);
  g_assert_cmpint (keys->count, ==, 2);
  g_assert_cmpstr (get_item (keys, 0)->key, ==, "/range/a");

  old = range_sync (etcd, "/range/b", NULL, &earlier, &error);
  g_assert_no_error (error);
  g_assert_cmpint (memcmp (g_bytes_get_data (get_item (old, 0)->value, NULL), "Größe\n", 8), ==, 0);
}

static void
test_txn (void)
{
  g_autoptr (RunconfEtcdTxn) create = runconf_etcd_txn_new ();
  g_autoptr (RunconfEtcdTxn) change = runconf_etcd_txn_new ();
  g_autoptr (GBytes) value = g_bytes_new_static ("1", 1);
  g_autoptr (RunconfEtcdOutcome) created = NULL, refused = NULL, changed = NULL;
  g_autoptr (GError) error = NULL;
  const RunconfEtcdItem *there;

  runconf_etcd_txn_compare_mod (create, "/txn/a", 0);
  runconf_etcd_txn_put (create, "/txn/a", value, 0);
  runconf_etcd_txn_put (create, "/txn/b", value, 0);
  runconf_etcd_txn_else_get (create, "/txn/a");
  created = commit_sync (etcd, create, &error);
  g_assert_no_error (error);
  g_assert_true (created->succeeded);

  refused = commit_sync (etcd, create, &error);
  g_assert_no_error (error);
  g_assert_false (refused->succeeded);
  there = runconf_etcd_outcome_get (refused, 0);
  g_assert_nonnull (there);
  g_assert_cmpint (there->mod_revision, ==, created->revision);

  runconf_etcd_txn_compare_mod (change, "/txn/a", there->mod_revision);
  runconf_etcd_txn_compare_create (change, "/txn/b", created->revision);
  runconf_etcd_txn_delete (change, "/txn/a");
  runconf_etcd_txn_delete_range (change, "/txn/b", "/txn/c");
  changed = commit_sync (etcd, change, &error);
  g_assert_no_error (error);
  g_assert_true (changed->succeeded);
  g_assert_cmpint (changed->revision, ==, created->revision + 1);
  g_assert_null (get_sync (etcd, "/txn/a"));
}

/* A copy of a request that was made before finds its proof, and so its own outcome. */
static void
test_proof (void)
{
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (GBytes) value = g_bytes_new_static ("1", 1);
  g_autoptr (RunconfEtcdOutcome) first = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  runconf_etcd_txn_compare_mod (txn, "/proof/a", 0);
  runconf_etcd_txn_put (txn, "/proof/a", value, 0);
  runconf_etcd_txn_put (txn, "/proof/history/1", value, 0);
  runconf_etcd_txn_set_proof (txn, "/proof/history/1");
  runconf_etcd_txn_else_get (txn, "/proof/a");

  first = commit_sync (etcd, txn, &error);
  g_assert_no_error (error);
  again = commit_sync (etcd, txn, &error);
  g_assert_no_error (error);
  g_assert_true (first->succeeded && again->succeeded);
  g_assert_cmpint (first->revision, ==, again->revision);
  g_assert_cmpuint (again->ranges->len, ==, 0);
}

/* With a proof, a real conflict is still one, and returns what was read. */
static void
test_proof_conflict (void)
{
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (GBytes) value = g_bytes_new_static ("2", 1);
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  put_sync (etcd, "/proof/b", "1");
  runconf_etcd_txn_compare_mod (txn, "/proof/b", 0);
  runconf_etcd_txn_put (txn, "/proof/b", value, 0);
  runconf_etcd_txn_put (txn, "/proof/history/2", value, 0);
  runconf_etcd_txn_set_proof (txn, "/proof/history/2");
  runconf_etcd_txn_else_get (txn, "/proof/b");
  outcome = commit_sync (etcd, txn, &error);
  g_assert_no_error (error);
  g_assert_false (outcome->succeeded);
  g_assert_cmpuint (outcome->ranges->len, ==, 1);
  g_assert_cmpstr (runconf_etcd_outcome_get (outcome, 0)->key, ==, "/proof/b");
}

/* Reads of one transaction are of one revision, in their order, and see the writes before them. */
static void
test_reads (void)
{
  const RunconfEtcdRangeOptions count = { .limit = 1, .keys_only = TRUE };
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (GBytes) value = g_bytes_new_static ("2", 1);
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  put_sync (etcd, "/reads/a", "1");
  runconf_etcd_txn_get (txn, "/reads/none", NULL, NULL);
  runconf_etcd_txn_get (txn, "/reads/a", NULL, NULL);
  runconf_etcd_txn_put (txn, "/reads/b", value, 0);
  runconf_etcd_txn_get (txn, "/reads/", "/reads0", &count);
  outcome = commit_sync (etcd, txn, &error);
  g_assert_no_error (error);
  g_assert_true (outcome->succeeded);
  g_assert_cmpuint (outcome->ranges->len, ==, 3);
  g_assert_null (runconf_etcd_outcome_get (outcome, 0));
  g_assert_cmpint (runconf_etcd_outcome_count (outcome, 0), ==, 0);
  g_assert_cmpint (runconf_etcd_outcome_get (outcome, 1)->mod_revision, ==, outcome->revision - 1);
  g_assert_cmpint (runconf_etcd_outcome_count (outcome, 2), ==, 2);
  g_assert_cmpuint (g_bytes_get_size (runconf_etcd_outcome_get (outcome, 2)->value), ==, 0);
  g_assert_null (runconf_etcd_outcome_get (outcome, 3));
}

static void
test_large (void)
{
  g_autoptr (RunconfEtcdTxn) large = runconf_etcd_txn_new ();
  g_autoptr (RunconfEtcdTxn) many = runconf_etcd_txn_new ();
  g_autofree char *text = g_strnfill (2 * 1024 * 1024, 'x');
  g_autoptr (GBytes) value = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) small = g_bytes_new_static ("1", 1);
  g_autoptr (GError) error = NULL;

  runconf_etcd_txn_put (large, "/large", value, 0);
  g_assert_null (commit_sync (etcd, large, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "/large: http://127.0.0.1:"));
  g_clear_error (&error);

  for (guint i = 0; i <= RUNCONF_ETCD_MAX_OPERATIONS; i++)
    {
      g_autofree char *key = g_strdup_printf ("/many/%u", i);

      runconf_etcd_txn_put (many, key, small, 0);
    }
  g_assert_null (commit_sync (etcd, many, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_TOO_LARGE);
}

static gboolean
is_deleted (gpointer user_data)
{
  Listener *listener = user_data;

  return listener->events->len > 0
         && g_str_has_prefix (listener->events->pdata[listener->events->len - 1], "delete ");
}

static void
test_lease (void)
{
  g_autoptr (GError) error = NULL;
  gint64 lease = grant_sync (etcd, 0, 2, &error);
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (GBytes) value = g_bytes_new_static ("1", 1);
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;
  g_autoptr (Listener) listener = NULL;

  g_assert_no_error (error);
  runconf_etcd_txn_put (txn, "/lease/a", value, lease);
  outcome = commit_sync (etcd, txn, &error);
  g_assert_no_error (error);
  g_assert_cmpint (keep_alive_sync (etcd, lease, &error), ==, 2);

  /* the lease ends, and the key with it */
  listener = listener_new (etcd, "/lease/", outcome->revision);
  g_assert_true (run_until (is_deleted, listener, 20));
  g_assert_cmpint (keep_alive_sync (etcd, lease, &error), ==, 0);
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_NOT_FOUND);
  g_clear_error (&error);

  lease = grant_sync (etcd, 0, 60, &error);
  g_assert_true (revoke_sync (etcd, lease, &error));
  g_assert_true (revoke_sync (etcd, lease, &error));
  g_assert_no_error (error);
  g_assert_null (commit_sync (etcd, txn, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_NOT_FOUND);
}

/* An attempt whose answer is late is made again, and finds the lease of the first one. */
static void
test_numbered_lease (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (grant_sync (etcd, 4711, 60, &error), ==, 4711);
  g_assert_cmpint (grant_sync (etcd, 4711, 30, &error), ==, 4711);
  g_assert_no_error (error);
  g_assert_cmpint (keep_alive_sync (etcd, 4711, &error), ==, 60);
}

static void
test_watch (void)
{
  gint64 start = put_sync (etcd, "/watch/old", "0");
  g_autoptr (Listener) listener = listener_new (etcd, "/watch/", start + 1);
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (GBytes) value = g_bytes_new_static ("2", 1);
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;
  g_autofree char *last = NULL;

  listener_wait_connected (listener);
  put_sync (etcd, "/watch/a", "1");
  put_sync (etcd, "/elsewhere", "1");
  runconf_etcd_txn_put (txn, "/watch/a", value, 0);
  runconf_etcd_txn_put (txn, "/watch/b", value, 0);
  runconf_etcd_txn_delete (txn, "/watch/old");
  outcome = commit_sync (etcd, txn, NULL);

  listener_wait_events (listener, 4);
  g_assert_cmpuint (listener->events->len, ==, 4);
  g_assert_cmpuint (listener->n_batches, ==, 2);
  last = g_strdup_printf ("delete /watch/old %" G_GINT64_FORMAT, outcome->revision);
  g_assert_cmpstr (listener->events->pdata[3], ==, last);
  g_assert_cmpint (listener->revision, ==, outcome->revision);
  g_assert_cmpuint (listener->n_breaks, ==, 0);
}

/* A watch that catches up gets large revisions in fragments, and still each revision as a whole:
 * the listener checks that each batch ends with a newer revision than the one before.
 */
static void
test_fragments (void)
{
  g_autofree char *text = g_strnfill (400 * 1024, 'x');
  g_autoptr (GBytes) value = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) small = g_bytes_new_static ("1", 1);
  gint64 start = put_sync (etcd, "/fragments/0", "0");
  g_autoptr (Listener) listener = NULL;

  for (guint i = 0; i < N_LARGE; i++)
    {
      g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
      g_autoptr (RunconfEtcdOutcome) outcome = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *proof = g_strdup_printf ("/proofs/fragments/%u", i);

      runconf_etcd_txn_put (txn, proof, small, 0);
      runconf_etcd_txn_set_proof (txn, proof);
      runconf_etcd_txn_put (txn, "/fragments/a", value, 0);
      runconf_etcd_txn_put (txn, "/fragments/b", value, 0);
      runconf_etcd_txn_put (txn, "/fragments/c", value, 0);
      outcome = commit_sync (etcd, txn, &error);
      g_assert_no_error (error);
    }

  listener = listener_new (etcd, "/fragments/", start + 1);
  listener_wait_events (listener, 3 * N_LARGE);
  g_assert_cmpuint (listener->events->len, ==, 3 * N_LARGE);
  g_assert_cmpuint (listener->n_batches, >, 1);
  g_assert_cmpint (listener->revision, ==, start + N_LARGE);
  g_assert_cmpuint (listener->n_breaks, ==, 0);
}

/* Several ranges share a stream, and each goes on from its own revision. */
static void
test_ranges (void)
{
  gint64 start = put_sync (etcd, "/ranges/0", "0");
  g_autoptr (Listener) listener = listener_new (etcd, "/ranges/a/", start);

  runconf_etcd_watch_stop (listener->watch);
  runconf_etcd_watch_add (listener->watch, "/ranges/b", NULL);
  runconf_etcd_watch_start (listener->watch, start + 1);
  listener_wait_connected (listener);
  put_sync (etcd, "/ranges/a/1", "1");
  listener_wait_events (listener, 1);
  put_sync (etcd, "/ranges/bb", "no");
  put_sync (etcd, "/ranges/b", "2");
  listener_wait_events (listener, 2);

  cluster_end (cluster, 0, SIGKILL);
  cluster_start (cluster, 0);
  put_sync (etcd, "/ranges/a/1", "3");
  listener_wait_events (listener, 3);
  g_assert_true (g_str_has_prefix (listener->events->pdata[1], "put /ranges/b 2 "));
  g_assert_true (g_str_has_prefix (listener->events->pdata[2], "put /ranges/a/1 3 "));
}

static void
check_resume (int signal_number)
{
  gint64 start = put_sync (etcd, "/resume/a", "0");
  g_autoptr (Listener) listener = listener_new (etcd, "/resume/", start + 1);
  g_autoptr (RunconfEtcd) other = NULL;

  listener_wait_connected (listener);
  put_sync (etcd, "/resume/a", "1");
  listener_wait_events (listener, 1);
  cluster_end (cluster, 0, signal_number);
  cluster_start (cluster, 0);
  for (guint i = 2; i < 10; i++)
    {
      g_autofree char *value = g_strdup_printf ("%u", i);

      put_sync (etcd, "/resume/a", value);
    }

  listener_wait_events (listener, 9);
  g_assert_cmpuint (listener->n_breaks, >=, 1);
  g_assert_cmpuint (listener->n_reloads, ==, 0);
  for (guint i = 0; i < 9; i++)
    {
      g_autofree char *begin = g_strdup_printf ("put /resume/a %u ", i + 1);

      g_assert_true (g_str_has_prefix (listener->events->pdata[i], begin));
    }
}

static void
test_resume_killed (void)
{
  check_resume (SIGKILL);
}

static void
test_resume_terminated (void)
{
  check_resume (SIGTERM);
}

static gboolean
has_reloads (gpointer user_data)
{
  return ((Listener *) user_data)->n_reloads > 0;
}

static void
compact (gint64 revision)
{
  g_autofree char *body = g_strdup_printf ("{\"revision\":\"%" G_GINT64_FORMAT "\"}", revision);
  g_autoptr (JsonNode) root = post_sync (etcd, 0, "/v3/kv/compaction", body);

  g_assert_nonnull (root);
}

static void
test_compaction (void)
{
  gint64 start = put_sync (etcd, "/compact/a", "1");
  g_autoptr (Listener) listener = NULL;
  RunconfEtcdRangeOptions options = { .revision = start };
  g_autoptr (GError) error = NULL;
  gint64 end;

  put_sync (etcd, "/compact/a", "2");
  end = put_sync (etcd, "/compact/a", "3");
  compact (end);

  listener = listener_new (etcd, "/compact/", start);
  g_assert_true (run_until (has_reloads, listener, 20));
  g_assert_cmpstr (listener->reload, ==, "the revisions that weren't seen are compacted");
  g_assert_false (runconf_etcd_watch_is_connected (listener->watch));
  g_assert_null (range_sync (etcd, "/compact/a", NULL, &options, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_COMPACTED);

  /* after a fresh read it goes on; and a live watch isn't disturbed by another compaction */
  runconf_etcd_watch_start (listener->watch, end + 1);
  listener_wait_connected (listener);
  put_sync (etcd, "/compact/a", "4");
  compact (put_sync (etcd, "/compact/a", "5"));
  put_sync (etcd, "/compact/a", "6");
  listener_wait_events (listener, 3);
  g_assert_cmpuint (listener->n_reloads, ==, 1);
}

/* A cluster that has fewer revisions than the watch has seen was restored from a backup. */
static void
test_lost_revisions (void)
{
  gint64 start = put_sync (etcd, "/lost/a", "1");
  g_autoptr (Listener) listener = listener_new (etcd, "/lost/", start + 1000);

  g_assert_true (run_until (has_reloads, listener, 20));
  g_assert_nonnull (strstr (listener->reload, "lost revisions"));
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 difference = *(const gint64 *) a - *(const gint64 *) b;

  return difference < 0 ? -1 : difference > 0;
}

/* Puts one value after another, and measures the time from the request to the event. */
static void
test_latency (void)
{
  gint64 start = put_sync (etcd, "/latency/a", "0");
  g_autoptr (Listener) listener = listener_new (etcd, "/latency/", start + 1);
  gint64 times[N_LATENCIES];

  listener_wait_connected (listener);
  for (guint i = 0; i < N_LATENCIES; i++)
    {
      g_autofree char *value = g_strdup_printf ("%u", i);
      gint64 begin = g_get_monotonic_time ();

      put_sync (etcd, "/latency/a", value);
      listener_wait_events (listener, i + 1);
      times[i] = listener->last_event - begin;
    }

  qsort (times, N_LATENCIES, sizeof times[0], compare_times);
  g_test_message ("put to event: median %.2f ms, p95 %.2f ms, p99 %.2f ms",
                  times[N_LATENCIES / 2] / 1000.0, times[N_LATENCIES * 95 / 100] / 1000.0,
                  times[N_LATENCIES * 99 / 100] / 1000.0);
  g_assert_cmpint (times[N_LATENCIES / 2], <, G_USEC_PER_SEC / 10);
}

static void
test_refused (void)
{
  g_autoptr (RunconfEtcdSettings) settings = runconf_etcd_settings_new ();
  g_autoptr (RunconfEtcd) nobody = NULL;
  g_autoptr (GError) error = NULL;
  const char *endpoints[] = { "http://127.0.0.1:1", "http://127.0.0.1:2", NULL };

  settings->endpoints = g_strdupv ((char **) endpoints);
  settings->deadline_ms = 300;
  nobody = runconf_etcd_new (settings, NULL);
  g_assert_null (range_sync (nobody, "/a", NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAVAILABLE);
  g_assert_true (g_str_has_prefix (error->message, "/a: http://127.0.0.1:1: "));
  g_assert_nonnull (strstr (error->message, "; http://127.0.0.1:2: "));
}

static void
on_cancelled_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfEtcdRange) range
      = runconf_etcd_range_finish (RUNCONF_ETCD (source), result, user_data);

  g_assert_null (range);
}

static gboolean
has_error (gpointer user_data)
{
  return *(GError **) user_data != NULL;
}

/* A call ends at once when it is cancelled: before an attempt, in it, and in the pause after it. */
static void
test_cancel (void)
{
  static const guint delays[] = { 0, 1, 150 };
  const char *endpoints[] = { "http://127.0.0.1:1", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (delays); i++)
    {
      g_autoptr (RunconfEtcdSettings) settings = runconf_etcd_settings_new ();
      g_autoptr (RunconfEtcd) nobody = NULL;
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;

      settings->endpoints = g_strdupv ((char **) endpoints);
      settings->deadline_ms = 60000;
      nobody = runconf_etcd_new (settings, NULL);
      runconf_etcd_range_async (nobody, "/a", NULL, NULL, cancellable, on_cancelled_done, &error);
      run_until (has_error, &error, delays[i] / 1000.0);
      g_assert_no_error (error);
      g_cancellable_cancel (cancellable);
      g_assert_true (run_until (has_error, &error, 5));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  if (!cluster_is_there ())
    return 0;

  cluster = cluster_new (1, NULL, "http", NULL);
  etcd = cluster_connect (cluster);

  g_test_add_func ("/fleet/etcd/range", test_range);
  g_test_add_func ("/fleet/etcd/txn", test_txn);
  g_test_add_func ("/fleet/etcd/proof", test_proof);
  g_test_add_func ("/fleet/etcd/proof-conflict", test_proof_conflict);
  g_test_add_func ("/fleet/etcd/reads", test_reads);
  g_test_add_func ("/fleet/etcd/large", test_large);
  g_test_add_func ("/fleet/etcd/lease", test_lease);
  g_test_add_func ("/fleet/etcd/numbered-lease", test_numbered_lease);
  g_test_add_func ("/fleet/etcd/watch", test_watch);
  g_test_add_func ("/fleet/etcd/fragments", test_fragments);
  g_test_add_func ("/fleet/etcd/ranges", test_ranges);
  g_test_add_func ("/fleet/etcd/resume-killed", test_resume_killed);
  g_test_add_func ("/fleet/etcd/resume-terminated", test_resume_terminated);
  g_test_add_func ("/fleet/etcd/compaction", test_compaction);
  g_test_add_func ("/fleet/etcd/lost-revisions", test_lost_revisions);
  g_test_add_func ("/fleet/etcd/latency", test_latency);
  g_test_add_func ("/fleet/etcd/refused", test_refused);
  g_test_add_func ("/fleet/etcd/cancel", test_cancel);
  result = g_test_run ();

  g_object_unref (etcd);
  cluster_free (cluster);
  return result;
}
