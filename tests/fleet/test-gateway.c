/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "tests/fleet/etcd-process.h"
#include "tests/fleet/gateway.h"

/* A gateway that answers nonsense, cuts lines in half and closes connections. */

#define JSON(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body
#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
#define INTERIM "HTTP/1.1 102 Processing\r\n\r\n"
#define HEADER "\"header\":{\"cluster_id\":\"1\",\"revision\":\"9\"}"
#define MESSAGE(fields) "{\"result\":{" HEADER ",\"watch_id\":\"1\"" fields "}}\n"
#define CREATED MESSAGE (",\"created\":true")
#define PUT(key, revision)                                                                         \
  MESSAGE (",\"events\":[{\"kv\":{\"key\":\"" key                                                  \
           "\",\"create_revision\":\"2\",\"mod_revision\":\"" revision "\",\"value\":\"eA==\"}}]")

/* /a/1 and /b in base64 */
#define A_1 "L2EvMQ=="
#define B "L2I="

#define LENGTH "HTTP/1.1 200 OK\r\nContent-Length: "
#define SUCCEEDED LENGTH "44\r\n\r\n{\"header\":{\"revision\":\"9\"},\"succeeded\":true}"
#define REFUSED LENGTH "27\r\n\r\n{\"header\":{\"revision\":\"9\"}}"

/* @user: (nullable): */
static RunconfEtcd *
connect_gateway_as (Gateway *gateway, const char *user, guint deadline_ms)
{
  g_autoptr (RunconfEtcdSettings) settings = runconf_etcd_settings_new ();
  g_autofree char *endpoint = g_strdup_printf ("http://127.0.0.1:%u", gateway_get_port (gateway));
  const char *endpoints[] = { endpoint, NULL };

  settings->endpoints = g_strdupv ((char **) endpoints);
  settings->deadline_ms = deadline_ms;
  /* a busy machine answers late */
  settings->attempt_ms = MAX (settings->attempt_ms, deadline_ms / 2);
  settings->probe_ms = 500;
  settings->user = g_strdup (user);
  settings->password = user != NULL ? g_strdup ("secret") : NULL;
  return runconf_etcd_new (settings, NULL);
}

static RunconfEtcd *
connect_gateway (Gateway *gateway, guint deadline_ms)
{
  return connect_gateway_as (gateway, NULL, deadline_ms);
}

static void
test_responses (void)
{
  static const struct
  {
    const char *response;
    RunconfEtcdError code;
    const char *message; /* its end */
  } cases[] = {
    { JSON ("200 OK", "<html>"), RUNCONF_ETCD_ERROR_PROTOCOL, "it isn't a JSON object" },
    { JSON ("200 OK", "{}"), RUNCONF_ETCD_ERROR_PROTOCOL, "it has no revision" },
    { JSON ("200 OK", "[]"), RUNCONF_ETCD_ERROR_PROTOCOL, "it isn't a JSON object" },
    { JSON ("200 OK", ""), RUNCONF_ETCD_ERROR_PROTOCOL, "it isn't a JSON object" },
    { JSON ("200 OK", "{\"header\":{\"revision\":\"9\"},\"kvs\":1}"), RUNCONF_ETCD_ERROR_PROTOCOL,
      "“kvs” isn't an array" },
    { JSON ("404 Not Found", "not found"), RUNCONF_ETCD_ERROR_PROTOCOL,
      "HTTP status 404: this endpoint has no JSON gateway; name a member of etcd, and not a "
      "grpc-proxy" },
    { JSON ("302 Found\r\nLocation: http://127.0.0.1:1/", ""), RUNCONF_ETCD_ERROR_PROTOCOL,
      "HTTP status 302: this isn't the JSON gateway of etcd" },
    { JSON ("401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"", ""),
      RUNCONF_ETCD_ERROR_PROTOCOL, "HTTP status 401: this isn't the JSON gateway of etcd" },
    { JSON ("502 Bad Gateway", "oops"), RUNCONF_ETCD_ERROR_UNAVAILABLE, "HTTP status 502" },
    { JSON ("400 Bad Request", "{\"code\":3,\"message\":\"etcdserver: user name is empty\"}"),
      RUNCONF_ETCD_ERROR_UNAUTHENTICATED,
      "etcd requires a user and a password (etcdserver: user name is empty)" },
    { JSON ("500 Internal Server Error",
            "{\"code\":8,\"message\":\"etcdserver: mvcc: database space exceeded\"}"),
      RUNCONF_ETCD_ERROR_NO_SPACE, "etcdserver: mvcc: database space exceeded" },
    { JSON ("503 Service Unavailable", "{\"code\":14,\"message\":\"etcdserver: no leader\"}"),
      RUNCONF_ETCD_ERROR_UNAVAILABLE, "etcdserver: no leader" },
    { INTERIM INTERIM JSON ("200 OK", "{}"), RUNCONF_ETCD_ERROR_UNAVAILABLE,
      "an interim response, which etcd doesn't send" },
    { JSON ("403 Forbidden", "{\"code\":7,\"message\":\"\\u001b[2J\\nroot\"}"),
      RUNCONF_ETCD_ERROR_DENIED, "\\x1b[2J\\nroot" },
    { "SSH-2.0-OpenSSH_9.2\r\n", RUNCONF_ETCD_ERROR_UNAVAILABLE, NULL },
    { "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"header\":{\"revi",
      RUNCONF_ETCD_ERROR_UNAVAILABLE, NULL },
    { NULL, RUNCONF_ETCD_ERROR_UNAVAILABLE, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Step step = { cases[i].response, FALSE };
      g_autoptr (Gateway) gateway = gateway_new (&step, 1);
      g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 1000);
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfEtcdRange) range = range_sync (etcd, "/a", NULL, NULL, &error);

      g_assert_null (range);
      g_test_message ("%s", error->message);
      g_assert_error (error, RUNCONF_ETCD_ERROR, (int) cases[i].code);
      g_assert_true (g_str_has_prefix (error->message, "/a: http://127.0.0.1:"));
      if (cases[i].message != NULL && !g_str_has_suffix (error->message, cases[i].message))
        g_error ("%s: %s", cases[i].message, error->message);
    }
}

/* A gateway can fill no log. */
static void
test_long_text (void)
{
  g_autofree char *text = g_strnfill (100000, 'x');
  g_autofree char *response
      = g_strdup_printf (JSON ("403 Forbidden", "{\"code\":7,\"message\":\"%s\"}"), text);
  const Step step = { response, FALSE };
  g_autoptr (Gateway) gateway = gateway_new (&step, 1);
  g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 1000);
  g_autoptr (GError) error = NULL;

  g_assert_null (range_sync (etcd, "/a", NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_DENIED);
  g_assert_cmpuint (strlen (error->message), <, 1000);
}

/* Interim responses without an end leave the main loop its turn. */
static void
test_endless_interim (void)
{
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Step step = { NULL, FALSE };
  g_autoptr (Gateway) gateway = NULL;
  g_autoptr (RunconfEtcd) etcd = NULL;
  gint64 begin = g_get_monotonic_time ();

  while (many->len < 64 * 1024 * 1024)
    g_string_append (many, INTERIM);
  step.response = many->str;
  gateway = gateway_new (&step, 1);
  etcd = connect_gateway (gateway, 1000);
  g_assert_null (range_sync (etcd, "/a", NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAVAILABLE);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, G_USEC_PER_SEC * 5);
}

/* A silent gateway costs a request its deadline, and no more. */
static void
test_silence (void)
{
  static const Step step = { NULL, TRUE };
  g_autoptr (Gateway) gateway = gateway_new (&step, 1);
  g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 1000);
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (RunconfEtcdRange) range = range_sync (etcd, "/a", NULL, NULL, &error);

  g_assert_null (range);
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAVAILABLE);
  g_assert_true (g_str_has_suffix (error->message, "no answer in time"));
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, G_USEC_PER_SEC * 9 / 10);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, G_USEC_PER_SEC * 5);
}

static RunconfEtcdTxn *
make_txn (const char *proof)
{
  RunconfEtcdTxn *txn = runconf_etcd_txn_new ();
  g_autoptr (GBytes) value = g_bytes_new_static ("1", 1);

  runconf_etcd_txn_compare_mod (txn, "/a", 3);
  runconf_etcd_txn_put (txn, "/a", value, 0);
  if (proof != NULL)
    {
      runconf_etcd_txn_put (txn, proof, value, 0);
      runconf_etcd_txn_set_proof (txn, proof);
    }
  return txn;
}

/* Without a proof, a transaction whose answer is lost is sent once, and its outcome is unknown. */
static void
test_unknown_outcome (void)
{
  static const Step step = { NULL, FALSE };
  g_autoptr (Gateway) gateway = gateway_new (&step, 1);
  g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 5000);
  g_autoptr (RunconfEtcdTxn) txn = make_txn (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdOutcome) outcome = commit_sync (etcd, txn, &error);

  g_assert_null (outcome);
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNKNOWN_OUTCOME);
  g_assert_true (
      g_str_has_prefix (error->message, "/a: the write may or may not have happened: http://127"));
  g_assert_cmpuint (gateway_get_n_requests (gateway), ==, 1);
}

/* libsoup may send a request again if a connection that was used before ends without an answer:
 * then a transaction without a proof may have been refused for its own effect.
 */
static void
test_restarted (void)
{
  static const Step steps[] = { { SUCCEEDED, TRUE }, { NULL, FALSE }, { REFUSED, TRUE } };
  g_autoptr (Gateway) gateway = gateway_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 5000);
  g_autoptr (RunconfEtcdTxn) txn = make_txn (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdOutcome) first = commit_sync (etcd, txn, &error);
  g_autoptr (RunconfEtcdOutcome) second = NULL;

  g_assert_no_error (error);
  g_assert_true (first->succeeded);
  second = commit_sync (etcd, txn, &error);
  g_assert_null (second);
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNKNOWN_OUTCOME);
  g_assert_cmpuint (gateway_get_n_requests (gateway), >=, 2);
}

/* With a proof it is repeated, and the proof tells that the first copy succeeded. */
static void
test_proof_found (void)
{
  static const char found[]
      = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"header\":{\"revision\":\"12\"},"
        "\"responses\":[{\"response_range\":{\"kvs\":[{\"key\":\"" B "\",\"create_revision\":\"7\","
        "\"mod_revision\":\"7\"}]}}]}";
  static const Step steps[] = { { NULL, FALSE }, { found, FALSE } };
  g_autoptr (Gateway) gateway = gateway_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 5000);
  g_autoptr (RunconfEtcdTxn) txn = make_txn ("/b");
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdOutcome) outcome = commit_sync (etcd, txn, &error);
  g_autofree char *first = NULL, *second = NULL;

  g_assert_no_error (error);
  g_assert_true (outcome->succeeded);
  g_assert_cmpint (outcome->revision, ==, 7);
  first = gateway_get_request (gateway, 0);
  second = gateway_get_request (gateway, 1);
  g_assert_cmpstr (first, ==, second);
  g_assert_nonnull (strstr (first, "{\"key\":\"" B "\",\"target\":\"CREATE\",\"result\":\"EQUAL\","
                                   "\"create_revision\":\"0\"}"));
}

/* A later attempt that etcd refuses tells nothing about the first one, whose answer is lost. */
static void
test_refused_repetition (void)
{
  const Step full
      = { JSON ("500 Internal Server Error",
                "{\"code\":8,\"message\":\"etcdserver: mvcc: database space exceeded\"}"),
          FALSE };
  const Step steps[][3] = {
    { { NULL, FALSE }, full },
    /* libsoup sends the second request again */
    { { SUCCEEDED, TRUE }, { NULL, FALSE }, full },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (Gateway) gateway = gateway_new (steps[i], 2 + i);
      g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 5000);
      g_autoptr (RunconfEtcdTxn) txn = make_txn ("/b");
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfEtcdOutcome) first = i == 1 ? commit_sync (etcd, txn, &error) : NULL;

      g_assert_no_error (error);
      g_assert_null (commit_sync (etcd, txn, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNKNOWN_OUTCOME);
      g_assert_true (g_str_has_prefix (error->message, "/a: http://127.0.0.1:"));
      g_assert_true (g_str_has_suffix (error->message, "the write may or may not have happened: "
                                                       "etcdserver: mvcc: database space "
                                                       "exceeded"));
    }
}

/* Etcd has refused such a request the first time, too. */
static void
test_repetition_of_a_wrong_request (void)
{
  static const struct
  {
    const char *response;
    RunconfEtcdError code;
  } cases[] = {
    { JSON ("400 Bad Request", "{\"code\":3,\"message\":\"etcdserver: request is too large\"}"),
      RUNCONF_ETCD_ERROR_TOO_LARGE },
    { JSON ("403 Forbidden", "{\"code\":7,\"message\":\"etcdserver: permission denied\"}"),
      RUNCONF_ETCD_ERROR_DENIED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const Step steps[] = { { NULL, FALSE }, { cases[i].response, FALSE } };
      g_autoptr (Gateway) gateway = gateway_new (steps, G_N_ELEMENTS (steps));
      g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 5000);
      g_autoptr (RunconfEtcdTxn) txn = make_txn ("/b");
      g_autoptr (GError) error = NULL;

      g_assert_null (commit_sync (etcd, txn, &error));
      g_assert_error (error, RUNCONF_ETCD_ERROR, (int) cases[i].code);
    }
}

/* The outcome is unknown, too, if there is no token for a later attempt. */
static void
test_repetition_without_token (void)
{
  static const Step steps[] = {
    { JSON ("200 OK", "{\"token\":\"x\"}"), FALSE },
    { NULL, FALSE },
    { JSON ("401 Unauthorized", "{\"code\":16,\"message\":\"etcdserver: invalid auth token\"}"),
      FALSE },
    { JSON ("400 Bad Request",
            "{\"code\":3,\"message\":\"etcdserver: authentication failed, invalid user ID\"}"),
      FALSE },
  };
  g_autoptr (Gateway) gateway = gateway_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (RunconfEtcd) etcd = connect_gateway_as (gateway, "anna", 5000);
  g_autoptr (RunconfEtcdTxn) txn = make_txn ("/b");
  g_autoptr (GError) error = NULL;

  g_assert_null (commit_sync (etcd, txn, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNKNOWN_OUTCOME);
  g_assert_nonnull (strstr (error->message, "the write may or may not have happened: http://127"));
  g_assert_nonnull (strstr (error->message, "authentication failed"));
}

static gboolean
has_break (gpointer user_data)
{
  return ((Listener *) user_data)->n_breaks > 0;
}

/* Each stream breaks in its own way: its whole lines count, nothing else does, and the next stream
 * goes on behind the last event.
 */
static void
test_streams (void)
{
  static const struct
  {
    const char *stream;
    gboolean stays_open;
    guint n_events;
    const char *message; /* its end */
  } cases[] = {
    { STREAM CREATED PUT (
          A_1, "11") "{\"result\":{\"header\":{\"revision\":\"12\"},\"watch_id\":\"1\",\"ev",
      FALSE, 1, "it ended within a line" },
    { STREAM CREATED PUT (A_1, "11") "nonsense\n" PUT (A_1, "12"), TRUE, 1,
      "it isn't a JSON object" },
    { STREAM CREATED PUT (A_1, "11"), FALSE, 1, "the member closed the stream" },
    { STREAM CREATED PUT (A_1, "11") PUT (A_1, "11") PUT (A_1, "4") "{}\n", TRUE, 1,
      "a line has neither a result nor an error" },
    { STREAM CREATED PUT (B, "11"), TRUE, 0, "an event has a key that isn't watched" },
    { STREAM "{\"result\":{" HEADER ",\"watch_id\":\"7\"}}\n", TRUE, 0,
      "a message is for no watch" },
    { STREAM "{\"error\":{\"grpc_code\":14,\"message\":\"transport is closing\"}}\n", FALSE, 0,
      "transport is closing" },
    { STREAM MESSAGE (",\"canceled\":true,\"cancel_reason\":\"because\""), TRUE, 0, "because" },
    { STREAM MESSAGE (",\"canceled\":true,\"cancel_reason\":\"\\u001b[2J\\n\""), TRUE, 0,
      ": \\x1b[2J\\n" },
    { STREAM, TRUE, 0, "etcd didn't start all watches in time" },
    { INTERIM STREAM CREATED, TRUE, 0, "an interim response, which etcd doesn't send" },
    { NULL, TRUE, 0, "no answer in time" },
    { JSON ("404 Not Found", "not found\n"), FALSE, 0,
      "name a member of etcd, and not a grpc-proxy" },
    { JSON ("503 Service Unavailable", "{\"code\":14,\"message\":\"etcdserver: no leader\"}"),
      FALSE, 0, "etcdserver: no leader" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Step steps[]
          = { { cases[i].stream, cases[i].stays_open }, { STREAM CREATED PUT (A_1, "20"), TRUE } };
      g_autoptr (Gateway) gateway = gateway_new (steps, G_N_ELEMENTS (steps));
      g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 1000);
      g_autoptr (Listener) listener = listener_new (etcd, "/a/", 10);
      g_autofree char *request = NULL;
      const char *next
          = cases[i].n_events > 0 ? "\"start_revision\":\"12\"" : "\"start_revision\":\"10\"";

      g_assert_true (run_until (has_break, listener, 10));
      g_test_message ("%s", listener->message);
      if (!g_str_has_suffix (listener->message, cases[i].message))
        g_error ("%s: %s", cases[i].message, listener->message);
      g_assert_true (g_str_has_prefix (listener->message, "http://127.0.0.1:"));
      g_assert_cmpuint (listener->events->len, ==, cases[i].n_events);

      listener_wait_events (listener, cases[i].n_events + 1);
      request = gateway_get_request (gateway, 1);
      g_assert_nonnull (strstr (request, next));
    }
}

static gboolean
has_reload (gpointer user_data)
{
  return ((Listener *) user_data)->n_reloads > 0;
}

/* Revisions of one cluster mean nothing in another. */
static void
test_other_cluster (void)
{
  static const char other[] = STREAM
      "{\"result\":{\"header\":{\"cluster_id\":\"2\",\"revision\":\"99\"},\"watch_id\":\"1\","
      "\"created\":true}}\n";
  static const Step steps[] = { { STREAM CREATED, FALSE }, { other, TRUE } };
  g_autoptr (Gateway) gateway = gateway_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 1000);
  g_autoptr (Listener) listener = listener_new (etcd, "/a/", 10);

  g_assert_true (run_until (has_reload, listener, 10));
  g_assert_cmpstr (listener->reload, ==, "the endpoint is now of another cluster");
}

/* Whether etcd has lost revisions is asked until it answers: else the watch would wait in silence for
 * revisions that are far away, and miss those before.
 */
static void
test_lost_revisions (void)
{
  static const Step steps[] = {
    { STREAM CREATED, TRUE },
    { JSON ("500 Internal Server Error", "{\"code\":8,\"message\":\"larger than max\"}"), FALSE },
    { STREAM CREATED, TRUE },
    { REFUSED, TRUE },
  };
  g_autoptr (Gateway) gateway = gateway_new (steps, G_N_ELEMENTS (steps));
  g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 1000);
  g_autoptr (Listener) listener = listener_new (etcd, "/a/", 20);

  g_assert_true (run_until (has_reload, listener, 10));
  g_assert_nonnull (strstr (listener->reload, "etcd has lost revisions"));
  g_assert_nonnull (strstr (listener->message, "larger than max"));
}

/* A gateway that always fails at once is asked again, but not without pauses. */
static void
test_pauses (void)
{
  static const Step step = { STREAM CREATED "nonsense\n", FALSE };
  g_autoptr (Gateway) gateway = gateway_new (&step, 1);
  g_autoptr (RunconfEtcd) etcd = connect_gateway (gateway, 1000);
  g_autoptr (Listener) listener = listener_new (etcd, "/a/", 10);

  g_assert_false (run_until (has_reload, listener, 3));
  g_test_message ("%u requests in 3 s", gateway_get_n_requests (gateway));
  g_assert_cmpuint (gateway_get_n_requests (gateway), >, 2);
  g_assert_cmpuint (gateway_get_n_requests (gateway), <, 20);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fleet/gateway/responses", test_responses);
  g_test_add_func ("/fleet/gateway/long-text", test_long_text);
  g_test_add_func ("/fleet/gateway/endless-interim", test_endless_interim);
  g_test_add_func ("/fleet/gateway/silence", test_silence);
  g_test_add_func ("/fleet/gateway/unknown-outcome", test_unknown_outcome);
  g_test_add_func ("/fleet/gateway/restarted", test_restarted);
  g_test_add_func ("/fleet/gateway/proof-found", test_proof_found);
  g_test_add_func ("/fleet/gateway/refused-repetition", test_refused_repetition);
  g_test_add_func ("/fleet/gateway/repetition-of-a-wrong-request",
                   test_repetition_of_a_wrong_request);
  g_test_add_func ("/fleet/gateway/repetition-without-token", test_repetition_without_token);
  g_test_add_func ("/fleet/gateway/streams", test_streams);
  g_test_add_func ("/fleet/gateway/other-cluster", test_other_cluster);
  g_test_add_func ("/fleet/gateway/lost-revisions", test_lost_revisions);
  g_test_add_func ("/fleet/gateway/pauses", test_pauses);

  return g_test_run ();
}
