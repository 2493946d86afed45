/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "tests/fleet/etcd-process.h"
#include "tests/fleet/gateway.h"

/* Lists of keys, which are read in pages. */

#define N_KEYS 250

static Cluster *cluster;

static const RunconfEtcdRangeOptions pages = { .limit = 10, .keys_only = TRUE };

static char *
make_key (guint number)
{
  return g_strdup_printf ("/list/%03u", number);
}

/* Puts keys that aren't text between the others: more than a page of them, and one at each end. */
static void
put_binary (RunconfEtcd *etcd)
{
  static const char *const beginnings[] = { "/list/\x01\xff", "/list/100\xff", "/list/\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    for (guint k = 0; k < 25; k++)
      {
        g_autofree char *key = g_strdup_printf ("%s%c", beginnings[i], (char) ('a' + k));
        g_autofree char *text = g_base64_encode ((const guchar *) key, strlen (key));
        g_autofree char *body = g_strdup_printf ("{\"key\":\"%s\"}", text);

        json_node_unref (post_sync (etcd, 0, "/v3/kv/put", body));
      }
}

static void
check_keys (const RunconfEtcdRange *range, guint n_skipped)
{
  g_assert_cmpuint (range->items->len, ==, N_KEYS - n_skipped);
  g_assert_cmpint (range->count, ==, N_KEYS - n_skipped);
  for (guint i = 0; i < range->items->len; i++)
    {
      const RunconfEtcdItem *item = range->items->pdata[i];
      g_autofree char *key = make_key (i < 50 ? i : i + n_skipped);

      g_assert_cmpstr (item->key, ==, key);
    }
}

/* Leaves the keys from 50 to 199 out: the page of ten items ends with the key 49. */
static char *
skip (const char *last, gpointer user_data)
{
  return strcmp (last, "/list/049") >= 0 && strcmp (last, "/list/200") < 0 ? g_strdup ("/list/200")
                                                                           : NULL;
}

static void
test_pages (void)
{
  g_autoptr (RunconfEtcd) etcd = cluster_connect (cluster);
  g_autoptr (RunconfEtcdRange) all = NULL, some = NULL, none = NULL, old = NULL;
  RunconfEtcdRangeOptions earlier = { .limit = 10 };
  g_autoptr (GError) error = NULL;

  put_sync (etcd, "/lisu", "behind the list");
  for (guint i = 0; i < N_KEYS; i++)
    {
      g_autofree char *key = make_key (i);

      earlier.revision = put_sync (etcd, key, "x");
    }

  some = list_sync (etcd, "/list/", &pages, skip, &error);
  g_assert_no_error (error);
  check_keys (some, 150);
  put_binary (etcd);
  all = list_sync (etcd, "/list/", &pages, NULL, &error);
  g_assert_no_error (error);
  check_keys (all, 0);
  none = list_sync (etcd, "/nothing/", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (none->count, ==, 0);

  /* a revision that the caller names counts for all pages */
  put_sync (etcd, "/list/000", "y");
  put_sync (etcd, "/list/2491", "new");
  old = list_sync (etcd, "/list/", &earlier, NULL, &error);
  g_assert_no_error (error);
  check_keys (old, 0);
}

/* A page that is too large for one answer is read in smaller ones. */
static void
test_large_values (void)
{
  g_autoptr (RunconfEtcd) etcd = cluster_connect (cluster);
  g_autofree char *value = g_strnfill (1000 * 1000, 'x');
  g_autoptr (RunconfEtcdRange) range = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *key = g_strdup_printf ("/large/%u", i);

      put_sync (etcd, key, value);
    }

  range = list_sync (etcd, "/large/", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (range->items->len, ==, 60);
}

/* An incomplete list is never taken for the whole. */
static void
test_no_end (void)
{
  static const Step step
      = { "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"header\":{\"revision\":\"9\"},"
          "\"kvs\":[{\"key\":\"L2EvMQ==\",\"create_revision\":\"2\",\"mod_revision\":\"2\"}],"
          "\"count\":\"7\"}",
          FALSE };
  g_autoptr (Gateway) gateway = gateway_new (&step, 1);
  g_autoptr (RunconfEtcdSettings) settings = runconf_etcd_settings_new ();
  g_autofree char *endpoint = g_strdup_printf ("http://127.0.0.1:%u", gateway_get_port (gateway));
  const char *endpoints[] = { endpoint, NULL };
  g_autoptr (RunconfEtcd) etcd = NULL;
  g_autoptr (GError) error = NULL;

  settings->endpoints = g_strdupv ((char **) endpoints);
  etcd = runconf_etcd_new (settings, NULL);
  g_assert_null (list_sync (etcd, "/a/", NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, "/a/: the list isn't one of etcd: it has no end");
  g_assert_cmpuint (gateway_get_n_requests (gateway), ==, 2);
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  if (!cluster_is_there ())
    return 0;

  cluster = cluster_new (1, NULL, "http", NULL);

  g_test_add_func ("/fleet/list/pages", test_pages);
  g_test_add_func ("/fleet/list/large-values", test_large_values);
  g_test_add_func ("/fleet/list/no-end", test_no_end);
  result = g_test_run ();

  cluster_free (cluster);
  return result;
}
