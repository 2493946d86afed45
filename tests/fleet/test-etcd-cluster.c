/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>

#include "fleet/etcd/etcd-private.h"
#include "tests/fleet/etcd-process.h"

#define N_WRITES 1000
#define KILL_AT 300

/* how long the majority is away */
#define MAJORITY_AWAY_S 60

/* A watch must leave a silent member within this time. */
#define SILENCE_US (5 * G_USEC_PER_SEC)

static Cluster *cluster;

/* Returns: a client whose next request goes to the member */
static RunconfEtcd *
connect_to (guint member)
{
  RunconfEtcd *etcd;

  cluster_wait_ready (cluster);
  etcd = cluster_connect (cluster);
  etcd->endpoint = member;
  return etcd;
}

/* Adds to a counter with a comparison and a proof, as a change of a document is made. */
static void
write_next (RunconfEtcd *etcd, guint number, gint64 *mod_revision)
{
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autofree char *text = g_strdup_printf ("%u", number);
  g_autofree char *proof = g_strdup_printf ("/writes/history/%u", number);
  g_autoptr (GBytes) value = g_bytes_new (text, strlen (text));
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;
  g_autoptr (GError) error = NULL;

  runconf_etcd_txn_compare_mod (txn, "/writes/counter", *mod_revision);
  runconf_etcd_txn_put (txn, "/writes/counter", value, 0);
  runconf_etcd_txn_put (txn, proof, value, 0);
  runconf_etcd_txn_set_proof (txn, proof);
  outcome = commit_sync (etcd, txn, &error);
  g_assert_no_error (error);

  /* there is no other writer: a conflict would be with the own first attempt */
  g_assert_true (outcome->succeeded);
  g_assert_cmpint (outcome->revision, >, *mod_revision);
  *mod_revision = outcome->revision;
}

/* Each write was made once, in order, and the watch saw each once. */
static void
check_writes (RunconfEtcd *etcd, Listener *listener)
{
  g_autoptr (GError) error = NULL;
  RunconfEtcdRangeOptions options = { .keys_only = TRUE };
  g_autoptr (RunconfEtcdRange) history
      = range_sync (etcd, "/writes/history/", "/writes/history0", &options, &error);
  guint next = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (history->items->len, ==, N_WRITES);
  listener_wait_events (listener, 2 * N_WRITES);
  g_assert_cmpuint (listener->events->len, ==, 2 * N_WRITES);
  for (guint i = 0; i < listener->events->len; i++)
    {
      g_autofree char *begin = g_strdup_printf ("put /writes/counter %u ", next);

      if (!g_str_has_prefix (listener->events->pdata[i], "put /writes/counter "))
        continue;
      g_assert_true (g_str_has_prefix (listener->events->pdata[i], begin));
      next++;
    }
  g_assert_cmpuint (next, ==, N_WRITES);
}

static void
check_leader_ends (guint endpoint_offset)
{
  guint leader = cluster_find_leader (cluster);
  g_autoptr (RunconfEtcd) etcd = connect_to ((leader + endpoint_offset) % MAX_MEMBERS);
  gint64 start = put_sync (etcd, "/writes/counter", "none");
  g_autoptr (Listener) listener = listener_new (etcd, "/writes/", start + 1);
  gint64 longest = 0;

  listener_wait_connected (listener);
  for (guint i = 0; i < N_WRITES; i++)
    {
      gint64 begin = g_get_monotonic_time ();

      if (i == KILL_AT)
        cluster_end (cluster, leader, SIGKILL);
      write_next (etcd, i, &start);
      longest = MAX (longest, g_get_monotonic_time () - begin);
    }

  g_test_message ("the leader was killed: the longest write took %.2f s", longest / 1e6);
  check_writes (etcd, listener);
  cluster_start (cluster, leader);
}

static void
clear_writes (void)
{
  g_autoptr (RunconfEtcd) etcd = cluster_connect (cluster);
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;

  runconf_etcd_txn_delete_range (txn, "/writes/", "/writes0");
  outcome = commit_sync (etcd, txn, NULL);
  g_assert_nonnull (outcome);
}

static void
test_own_leader_killed (void)
{
  check_leader_ends (0);
  clear_writes ();
}

static void
test_other_leader_killed (void)
{
  check_leader_ends (1);
  clear_writes ();
}

static gboolean
has_break (gpointer user_data)
{
  return ((Listener *) user_data)->n_breaks > 0;
}

/* A member that hangs keeps its connections open, and nothing but its silence tells. */
static void
check_stopped (guint member)
{
  g_autoptr (RunconfEtcd) etcd = connect_to (member);
  g_autoptr (RunconfEtcd) other = connect_to ((member + 1) % MAX_MEMBERS);
  gint64 start = put_sync (other, "/stop/a", "0");
  g_autoptr (Listener) listener = listener_new (etcd, "/stop/", start + 1);
  gint64 begin;

  listener_wait_connected (listener);
  g_assert_cmpuint (listener->n_breaks, ==, 0);
  begin = g_get_monotonic_time ();
  cluster_signal (cluster, member, SIGSTOP);
  put_sync (other, "/stop/a", "1");
  g_assert_true (run_until (has_break, listener, 20));
  g_test_message ("a member was stopped: noticed after %.2f s",
                  (listener->last_break - begin) / 1e6);
  g_assert_cmpint (listener->last_break - begin, <, SILENCE_US);
  g_assert_nonnull (strstr (listener->message, "the member is silent"));

  listener_wait_events (listener, 1);
  g_test_message ("its event came after %.2f s", (listener->last_event - begin) / 1e6);
  cluster_signal (cluster, member, SIGCONT);
}

static void
test_follower_stopped (void)
{
  check_stopped ((cluster_find_leader (cluster) + 1) % MAX_MEMBERS);
}

static void
test_leader_stopped (void)
{
  check_stopped (cluster_find_leader (cluster));
}

/* A request to a member that hangs goes to another one. */
static void
test_request_to_stopped (void)
{
  guint member = (cluster_find_leader (cluster) + 1) % MAX_MEMBERS;
  g_autoptr (RunconfEtcd) etcd = connect_to (member);
  gint64 begin = g_get_monotonic_time ();

  cluster_signal (cluster, member, SIGSTOP);
  put_sync (etcd, "/stop/b", "1");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, SILENCE_US);
  cluster_signal (cluster, member, SIGCONT);
}

static gboolean
has_no_leader (gpointer user_data)
{
  const Listener *listener = user_data;

  return listener->message != NULL && strstr (listener->message, "leader") != NULL;
}

static gboolean
never (gpointer user_data)
{
  return FALSE;
}

/* Old values are still there for callers that take them. */
static void
check_without_majority (RunconfEtcd *etcd)
{
  g_autoptr (RunconfEtcdSettings) settings = cluster_make_settings (cluster);
  const RunconfEtcdRangeOptions options = { .serializable = TRUE };
  g_autoptr (RunconfEtcd) hasty = NULL;
  g_autoptr (RunconfEtcdRange) range = NULL;
  g_autoptr (GError) error = NULL;

  settings->deadline_ms = 3000;
  hasty = runconf_etcd_new (settings, NULL);
  g_assert_null (range_sync (hasty, "/majority/a", NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAVAILABLE);
  range = range_sync (etcd, "/majority/a", NULL, &options, NULL);
  g_assert_nonnull (range);
}

/* Without the majority, the member that is left tells the watch that it has no leader; once the
 * others are back, after a minute, the watch goes on without a loss.
 */
static void
test_majority_lost (void)
{
  g_autoptr (RunconfEtcd) etcd = connect_to (0);
  gint64 start = put_sync (etcd, "/majority/a", "0");
  g_autoptr (Listener) listener = listener_new (etcd, "/majority/", start + 1);
  gint64 begin;

  listener_wait_connected (listener);
  begin = g_get_monotonic_time ();
  cluster_end (cluster, 1, SIGKILL);
  cluster_end (cluster, 2, SIGKILL);
  g_assert_true (run_until (has_no_leader, listener, 20));
  g_test_message ("the majority was killed: noticed after %.2f s",
                  (listener->last_break - begin) / 1e6);

  check_without_majority (etcd);
  run_until (never, NULL, MAJORITY_AWAY_S - (g_get_monotonic_time () - begin) / 1e6);
  check_without_majority (etcd);
  g_assert_cmpuint (listener->n_reloads, ==, 0);
  g_assert_cmpuint (listener->events->len, ==, 0);

  cluster_start (cluster, 1);
  cluster_start (cluster, 2);
  put_sync (etcd, "/majority/a", "1");

  /* a write without a comparison may be made twice */
  listener_wait_events (listener, 1);
  for (guint i = 0; i < listener->events->len; i++)
    g_assert_true (g_str_has_prefix (listener->events->pdata[i], "put /majority/a 1 "));
  g_assert_cmpuint (listener->n_reloads, ==, 0);
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  if (!cluster_is_there ())
    return 0;

  cluster = cluster_new (MAX_MEMBERS, NULL, "http", NULL);

  g_test_add_func ("/fleet/cluster/own-leader-killed", test_own_leader_killed);
  g_test_add_func ("/fleet/cluster/other-leader-killed", test_other_leader_killed);
  g_test_add_func ("/fleet/cluster/follower-stopped", test_follower_stopped);
  g_test_add_func ("/fleet/cluster/leader-stopped", test_leader_stopped);
  g_test_add_func ("/fleet/cluster/request-to-stopped", test_request_to_stopped);
  g_test_add_func ("/fleet/cluster/majority-lost", test_majority_lost);
  result = g_test_run ();

  cluster_free (cluster);
  return result;
}
