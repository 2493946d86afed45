/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fleet/etcd/backoff.h"
#include "fleet/etcd/etcd.h"

static void
test_endpoints (void)
{
  static const struct
  {
    const char *endpoint;
    const char *message; /* NULL if it is valid */
  } cases[] = {
    { "https://etcd-1.example.org:2379", NULL },
    { "http://127.0.0.1:2379", NULL },
    { "http://[::1]:2379/", NULL },
    { "https://etcd", NULL },
    { "etcd:2379", "the endpoint “etcd:2379”: an endpoint begins with “https://” or “http://”" },
    { "127.0.0.1:2379", "the endpoint “127.0.0.1:2379”: not a URL; use “https://HOST:2379”" },
    { "unix:///run/etcd",
      "the endpoint “unix:///run/etcd”: an endpoint begins with “https://” or “http://”" },
    { "https://", "the endpoint “https://”: it has no host; use “https://HOST:2379”" },
    { "https://a:0", "the endpoint “https://a:0”: a port is from 1 to 65535" },
    { "https://a:70000", "the endpoint “https://a:70000”: not a URL; use “https://HOST:2379”" },
    { "https://a:2379/v3",
      "the endpoint “https://a:2379/v3”: nothing follows the port; use “https://HOST:2379”" },
    { "https://a?b",
      "the endpoint “https://a?b”: nothing follows the port; use “https://HOST:2379”" },
    { "https://me:secret@a", "the endpoint “…”: set the user and the password apart from it" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean is_valid = runconf_etcd_check_endpoint (cases[i].endpoint, &error);

      g_assert_cmpint (is_valid, ==, cases[i].message == NULL);
      g_assert_cmpstr (error == NULL ? NULL : error->message, ==, cases[i].message);
    }
}

static void
check_settings (const char *endpoint, const char *certificate, const char *key, const char *user,
                const char *password, const char *message)
{
  g_autoptr (RunconfEtcdSettings) settings = runconf_etcd_settings_new ();
  g_autoptr (RunconfEtcdSettings) copy = NULL;
  g_autoptr (RunconfEtcd) etcd = NULL;
  g_autoptr (GError) error = NULL;
  const char *endpoints[] = { endpoint, NULL };

  settings->endpoints = g_strdupv ((char **) endpoints);
  settings->certificate = g_strdup (certificate);
  settings->key = g_strdup (key);
  settings->user = g_strdup (user);
  settings->password = g_strdup (password);
  copy = runconf_etcd_settings_copy (settings);
  etcd = runconf_etcd_new (copy, &error);

  g_assert_cmpint (etcd == NULL, ==, message != NULL);
  if (message == NULL)
    return;
  g_assert_error (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, message));
  g_assert_null (strstr (error->message, "secret"));
}

static void
test_settings (void)
{
  check_settings ("http://a", NULL, NULL, NULL, NULL, NULL);
  check_settings ("http://a", NULL, NULL, "me", "secret", NULL);
  check_settings (NULL, NULL, NULL, NULL, NULL, "no endpoint is set; use “https://HOST:2379”");
  check_settings ("http://a", NULL, "/key", NULL, NULL, "a key is set without its certificate");
  check_settings ("http://a", NULL, NULL, "me", NULL, "set both a user and a password, or neither");
  check_settings ("http://a", NULL, NULL, NULL, "secret",
                  "set both a user and a password, or neither");
  check_settings ("https://a", "/nowhere/cert.pem", NULL, NULL, NULL, "/nowhere/cert.pem: ");
}

static void
test_password (void)
{
  static const struct
  {
    const char *text;
    const char *password; /* NULL if there is none */
  } cases[] = {
    { "", NULL },           { "\n", NULL },     { "\r\nb\n", NULL },
    { "secret", "secret" }, { "a b\n", "a b" }, { "a\r\nb\n", "a" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *password
          = runconf_etcd_find_password (cases[i].text, strlen (cases[i].text));

      g_assert_cmpstr (password, ==, cases[i].password);
    }
}

/* A password may go without TLS to this machine only. */
static void
test_exposed (void)
{
  static const struct
  {
    const char *endpoint;
    gboolean is_exposed;
  } cases[] = {
    { "https://etcd.example.org:2379", FALSE },
    { "http://localhost:2379", FALSE },
    { "http://LOCALHOST", FALSE },
    { "http://127.0.0.2:2379", FALSE },
    { "http://[::1]:2379", FALSE },
    { "http://localhost.example.org:2379", TRUE },
    { "http://127.example.org", TRUE },
    { "http://10.0.0.1:2379", TRUE },
    { "HTTP://10.0.0.1:2379", TRUE },
    { "http://[fd00::1]:2379", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfEtcdSettings) settings = runconf_etcd_settings_new ();
      const char *endpoints[] = { "https://a", cases[i].endpoint, NULL };

      settings->endpoints = g_strdupv ((char **) endpoints);
      g_assert_null (runconf_etcd_settings_find_exposed (settings));
      settings->password = g_strdup ("secret");
      g_assert_cmpstr (runconf_etcd_settings_find_exposed (settings), ==,
                       cases[i].is_exposed ? cases[i].endpoint : NULL);
    }
}

/* In the first round there is no pause; then it doubles, up to a limit, and half of it is random.
 */
static void
test_pauses (void)
{
  g_assert_cmpuint (runconf_etcd_get_pause (1, 3, 500, 0.5), ==, 0);
  g_assert_cmpuint (runconf_etcd_get_pause (2, 3, 500, 0.5), ==, 0);
  g_assert_cmpuint (runconf_etcd_get_pause (3, 3, 500, 0), ==, 25);
  g_assert_cmpuint (runconf_etcd_get_pause (3, 3, 500, 1), ==, 50);
  g_assert_cmpuint (runconf_etcd_get_pause (5, 3, 500, 1), ==, 50);
  g_assert_cmpuint (runconf_etcd_get_pause (6, 3, 500, 1), ==, 100);
  g_assert_cmpuint (runconf_etcd_get_pause (1, 1, 500, 1), ==, 50);
  g_assert_cmpuint (runconf_etcd_get_pause (4000000000u, 1, 500, 1), ==, 500);
  g_assert_cmpuint (runconf_etcd_get_pause (4000000000u, 1, 500, 0), ==, 250);
}

static void
test_patience (void)
{
  g_assert_cmpuint (runconf_etcd_get_patience (0, 3, 1000), ==, 1000);
  g_assert_cmpuint (runconf_etcd_get_patience (2, 3, 1000), ==, 1000);
  g_assert_cmpuint (runconf_etcd_get_patience (3, 3, 1000), ==, 2000);
  g_assert_cmpuint (runconf_etcd_get_patience (6, 3, 1000), ==, 4000);
  g_assert_cmpuint (runconf_etcd_get_patience (4000000000u, 3, 1000), ==, 32000);
}

static void
test_prefix_end (void)
{
  g_autofree char *end = runconf_etcd_get_prefix_end ("/runconf/");

  g_assert_cmpstr (end, ==, "/runconf0");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fleet/settings/endpoints", test_endpoints);
  g_test_add_func ("/fleet/settings/settings", test_settings);
  g_test_add_func ("/fleet/settings/password", test_password);
  g_test_add_func ("/fleet/settings/exposed", test_exposed);
  g_test_add_func ("/fleet/settings/pauses", test_pauses);
  g_test_add_func ("/fleet/settings/patience", test_patience);
  g_test_add_func ("/fleet/settings/prefix-end", test_prefix_end);

  return g_test_run ();
}
