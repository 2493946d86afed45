/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fleet/etcd/error.h"
#include "fleet/etcd/watch-reader.h"

#define HEADER "\"header\":{\"cluster_id\":\"10144879847569953045\",\"revision\":\"9\"}"
#define LINE(fields) "{\"result\":{" HEADER ",\"watch_id\":\"1\"" fields "}}\n"

/* /a = x, /b = "", and the bytes ff */
#define PUT_A(revision)                                                                            \
  "{\"kv\":{\"key\":\"L2E=\",\"create_revision\":\"2\",\"mod_revision\":\"" revision               \
  "\",\"version\":\"3\",\"value\":\"eA==\",\"lease\":\"-5\"}}"
#define DELETE_B(revision)                                                                         \
  "{\"type\":\"DELETE\",\"kv\":{\"key\":\"L2I=\",\"mod_revision\":\"" revision "\"}}"
#define PUT_BINARY "{\"kv\":{\"key\":\"/w==\",\"create_revision\":\"2\",\"mod_revision\":\"2\"}}"

static RunconfEtcdWatchReader *
make_reader (const char *text)
{
  RunconfEtcdWatchReader *reader = runconf_etcd_watch_reader_new (1024);

  runconf_etcd_watch_reader_push (reader, text, strlen (text));
  return reader;
}

static RunconfEtcdMessage *
take (RunconfEtcdWatchReader *reader)
{
  g_autoptr (GError) error = NULL;
  RunconfEtcdVerdict verdict;
  RunconfEtcdMessage *message = runconf_etcd_watch_reader_next (reader, &verdict, &error);

  g_assert_no_error (error);
  return message;
}

static void
test_fields (void)
{
  g_autoptr (RunconfEtcdWatchReader) reader = make_reader (
      LINE (",\"created\":true") LINE (",\"events\":[" PUT_A ("4") "," DELETE_B ("5") "]")
          LINE (",\"canceled\":true,\"cancel_reason\":\"why\",\"compact_revision\":\"7\""));
  g_autoptr (RunconfEtcdMessage) created = take (reader);
  g_autoptr (RunconfEtcdMessage) events = take (reader);
  g_autoptr (RunconfEtcdMessage) cancelled = take (reader);
  const RunconfEtcdEvent *put = events->events->pdata[0];
  const RunconfEtcdEvent *deleted = events->events->pdata[1];

  g_assert_true (created->is_created);
  g_assert_cmpint (created->watch, ==, 1);
  g_assert_cmpint (created->revision, ==, 9);
  g_assert_cmpstr (created->cluster, ==, "10144879847569953045");
  g_assert_cmpuint (created->events->len, ==, 0);

  g_assert_cmpuint (events->events->len, ==, 2);
  g_assert_false (put->is_delete);
  g_assert_cmpstr (put->item->key, ==, "/a");
  g_assert_cmpmem (g_bytes_get_data (put->item->value, NULL), g_bytes_get_size (put->item->value),
                   "x", 1);
  g_assert_cmpint (put->item->create_revision, ==, 2);
  g_assert_cmpint (put->item->mod_revision, ==, 4);
  g_assert_cmpint (put->item->version, ==, 3);
  g_assert_cmpint (put->item->lease, ==, -5);
  g_assert_true (deleted->is_delete);
  g_assert_cmpstr (deleted->item->key, ==, "/b");

  g_assert_true (cancelled->is_cancelled);
  g_assert_cmpstr (cancelled->reason, ==, "why");
  g_assert_cmpint (cancelled->compact_revision, ==, 7);
  g_assert_null (take (reader));
  g_assert_true (runconf_etcd_watch_reader_end (reader, NULL));
}

/* A key that isn't text is left out, and its neighbours aren't. */
static void
test_binary_key (void)
{
  g_autoptr (RunconfEtcdWatchReader) reader
      = make_reader (LINE (",\"events\":[" PUT_BINARY "," PUT_A ("4") "]"));
  g_autoptr (RunconfEtcdMessage) message = take (reader);

  g_assert_cmpuint (message->events->len, ==, 1);
}

static void
test_cuts (void)
{
  static const char text[]
      = LINE (",\"created\":true") "\r\n" LINE (",\"events\":[" PUT_A ("4") "]");
  guint n_messages = 0;
  g_autoptr (RunconfEtcdWatchReader) reader = runconf_etcd_watch_reader_new (1024);

  for (gsize i = 0; i < strlen (text); i++)
    {
      g_autoptr (RunconfEtcdMessage) message = NULL;

      runconf_etcd_watch_reader_push (reader, text + i, 1);
      message = take (reader);
      if (message != NULL)
        n_messages++;
      if (i + 2 == strlen (text))
        g_assert_false (runconf_etcd_watch_reader_end (reader, NULL));
    }

  g_assert_cmpuint (n_messages, ==, 2);
  g_assert_true (runconf_etcd_watch_reader_end (reader, NULL));
}

static void
check_revisions (RunconfEtcdWatchReader *reader, const gint64 *revisions, guint n_revisions)
{
  g_autoptr (RunconfEtcdMessage) message = take (reader);

  g_assert_cmpuint (message->events->len, ==, n_revisions);
  for (guint i = 0; i < n_revisions; i++)
    {
      const RunconfEtcdEvent *event = message->events->pdata[i];

      g_assert_cmpint (event->item->mod_revision, ==, revisions[i]);
    }
}

/* No fragment brings a part of a revision. */
static void
test_fragments (void)
{
  g_autoptr (RunconfEtcdWatchReader) reader = make_reader (
      LINE (",\"fragment\":true,\"events\":[" PUT_A ("4") "," PUT_A ("5") "]")
          LINE (",\"fragment\":true,\"events\":[" DELETE_B ("5") "]")
              LINE (",\"fragment\":true,\"events\":[" DELETE_B ("6") "]")
                  LINE (",\"events\":[" PUT_A ("6") "]") LINE (",\"events\":[" PUT_A ("7") "]"));

  check_revisions (reader, (const gint64[]){ 4 }, 1);
  check_revisions (reader, NULL, 0);
  check_revisions (reader, (const gint64[]){ 5, 5 }, 2);
  check_revisions (reader, (const gint64[]){ 6, 6 }, 2);
  check_revisions (reader, (const gint64[]){ 7 }, 1);
}

static void
test_errors (void)
{
  static const struct
  {
    const char *text;
    RunconfEtcdError code;
    RunconfEtcdVerdict verdict;
    const char *message; /* its end */
  } cases[] = {
    { "<html>\n", RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN, "it isn't a JSON object" },
    { "[]\n", RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN, "it isn't a JSON object" },
    { "{]}\n", RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN, "it isn't valid JSON" },
    { "{\"a\":{}\n", RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN, "it isn't valid JSON" },
    { "{\"\xff\":1}\n", RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN, "it isn't UTF-8" },
    { "{\"a\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}\n", RUNCONF_ETCD_ERROR_PROTOCOL,
      RUNCONF_ETCD_AGAIN, "it nests too deep, or has too many values" },
    { "{}\n", RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN,
      "a line has neither a result nor an error" },
    { "{\"result\":{\"watch_id\":\"1\"}}\n", RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN,
      "a message has no header" },
    { "{\"result\":{\"header\":{}}}\n", RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN,
      "a message has no revision" },
    { "{\"result\":{\"header\":{\"revision\":\"9223372036854775807\"}}}\n",
      RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN, "a message has no revision" },
    { LINE (",\"events\":[" PUT_A ("9223372036854775807") "]"), RUNCONF_ETCD_ERROR_PROTOCOL,
      RUNCONF_ETCD_AGAIN, "a key has no name or no revision" },
    { "{\"result\":{\"header\":{\"revision\":\"1x\"}}}\n", RUNCONF_ETCD_ERROR_PROTOCOL,
      RUNCONF_ETCD_AGAIN, "“revision” isn't an integer" },
    { "{\"result\":[]}\n", RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN,
      "“result” isn't an object" },
    { LINE (",\"created\":1"), RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN,
      "“created” isn't a boolean" },
    { LINE (",\"events\":{}"), RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN,
      "“events” isn't an array" },
    { LINE (",\"events\":[1]"), RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN,
      "an array has an element that isn't an object" },
    { LINE (",\"events\":[{}]"), RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN,
      "an event has no key" },
    { LINE (",\"events\":[{\"type\":\"MOVE\",\"kv\":{}}]"), RUNCONF_ETCD_ERROR_PROTOCOL,
      RUNCONF_ETCD_AGAIN, "an event has an unknown type" },
    { LINE (",\"events\":[{\"kv\":{\"key\":\"L2E\",\"mod_revision\":\"4\"}}]"),
      RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN, "“key” isn't in base64" },
    { LINE (",\"events\":[{\"kv\":{\"key\":\"L2E=\",\"mod_revision\":\"4\",\"value\":\"e*==\"}}]"),
      RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN, "“value” isn't in base64" },
    { LINE (",\"events\":[{\"kv\":{\"key\":\"L2E=\",\"create_revision\":\"1\"}}]"),
      RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN, "a key has no name or no revision" },
    { LINE (",\"events\":[{\"kv\":{\"key\":\"L2E=\",\"mod_revision\":\"4\"}}]"),
      RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN, "an event puts a key without a revision" },
    { LINE (",\"events\":[" PUT_A ("5") "," PUT_A ("4") "]"), RUNCONF_ETCD_ERROR_PROTOCOL,
      RUNCONF_ETCD_AGAIN, "its events aren't ordered by revision" },
    { LINE (",\"fragment\":true,\"events\":[" PUT_A ("5") "]")
          LINE (",\"events\":[" PUT_A ("4") "]"),
      RUNCONF_ETCD_ERROR_PROTOCOL, RUNCONF_ETCD_AGAIN, "its events aren't ordered by revision" },
    { "{\"error\":{\"grpc_code\":14,\"http_code\":503,\"message\":\"transport is closing\"}}\n",
      RUNCONF_ETCD_ERROR_UNAVAILABLE, RUNCONF_ETCD_UNKNOWN, "transport is closing" },
    { "{\"error\":\"etcdserver: invalid auth token\",\"code\":16}\n",
      RUNCONF_ETCD_ERROR_UNAUTHENTICATED, RUNCONF_ETCD_RENEW, "etcdserver: invalid auth token" },
    { "{\"code\":7,\"message\":\"etcdserver: permission denied\",\"details\":[]}\n",
      RUNCONF_ETCD_ERROR_DENIED, RUNCONF_ETCD_FINAL, "etcdserver: permission denied" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfEtcdWatchReader) reader = make_reader (cases[i].text);
      g_autoptr (RunconfEtcdMessage) message = NULL;
      g_autoptr (GError) error = NULL;
      RunconfEtcdVerdict verdict;

      do
        {
          g_clear_pointer (&message, runconf_etcd_message_free);
          message = runconf_etcd_watch_reader_next (reader, &verdict, &error);
        }
      while (message != NULL);
      g_assert_error (error, RUNCONF_ETCD_ERROR, (int) cases[i].code);
      g_assert_cmpint (verdict, ==, cases[i].verdict);
      if (!g_str_has_suffix (error->message, cases[i].message))
        g_error ("%s: %s", cases[i].message, error->message);
      g_assert_false (runconf_etcd_watch_reader_end (reader, NULL));
    }
}

/* Nothing follows an error, even if the bytes behind it are good. */
static void
test_after_error (void)
{
  g_autoptr (RunconfEtcdWatchReader) reader = make_reader ("nonsense\n" LINE (",\"created\":true"));
  RunconfEtcdVerdict verdict;

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (runconf_etcd_watch_reader_next (reader, &verdict, &error));
      g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_PROTOCOL);
      runconf_etcd_watch_reader_push (reader, LINE (",\"created\":true"),
                                      strlen (LINE (",\"created\":true")));
    }
}

static void
check_too_large (const char *text)
{
  g_autoptr (RunconfEtcdWatchReader) reader = make_reader (text);
  g_autoptr (RunconfEtcdMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  RunconfEtcdVerdict verdict;

  do
    {
      g_clear_pointer (&message, runconf_etcd_message_free);
      message = runconf_etcd_watch_reader_next (reader, &verdict, &error);
    }
  while (message != NULL);
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_TOO_LARGE);
}

static void
test_limits (void)
{
  static const char fragment[] = LINE (",\"fragment\":true,\"events\":[" PUT_A ("5") "]");
  g_autofree char *spaces = g_strnfill (1025, ' ');
  g_autofree char *line = g_strconcat (spaces, "\n", NULL);
  g_autoptr (GString) fragments = g_string_new (NULL);

  check_too_large (spaces);
  check_too_large (line);
  for (guint i = 0; i < 1024 / strlen (fragment) + 1; i++)
    g_string_append (fragments, fragment);
  check_too_large (fragments->str);
}

/* Twenty million values would take gigabytes. */
static void
test_many_values (void)
{
  g_autoptr (RunconfEtcdWatchReader) reader = runconf_etcd_watch_reader_new (64 * 1024 * 1024);
  g_autoptr (GString) line = g_string_new ("{\"result\":[");
  g_autoptr (GError) error = NULL;
  RunconfEtcdVerdict verdict;

  for (guint i = 0; i < 20 * 1000 * 1000; i++)
    g_string_append (line, "{},");
  g_string_append (line, "{}]}\n");
  runconf_etcd_watch_reader_push (reader, line->str, line->len);
  g_assert_null (runconf_etcd_watch_reader_next (reader, &verdict, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_PROTOCOL);
  g_assert_true (g_str_has_suffix (error->message, "too many values"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fleet/watch-reader/fields", test_fields);
  g_test_add_func ("/fleet/watch-reader/binary-key", test_binary_key);
  g_test_add_func ("/fleet/watch-reader/cuts", test_cuts);
  g_test_add_func ("/fleet/watch-reader/fragments", test_fragments);
  g_test_add_func ("/fleet/watch-reader/errors", test_errors);
  g_test_add_func ("/fleet/watch-reader/after-error", test_after_error);
  g_test_add_func ("/fleet/watch-reader/limits", test_limits);
  g_test_add_func ("/fleet/watch-reader/many-values", test_many_values);

  return g_test_run ();
}
