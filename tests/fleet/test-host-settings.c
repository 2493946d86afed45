/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fleet/model/host-settings.h"

static RunconfFleetSettings *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));

  return runconf_fleet_settings_parse (bytes, "fleetd.yaml", error);
}

static void
test_all (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfFleetSettings) settings
      = parse ("endpoints: [\"https://a:2379\", \"http://[::1]:2379/\"]\n"
               "prefix: /fleet/\n"
               "host: web1\n"
               "groups: [web, eu]\n"
               "tls: {ca: /ca.pem, certificate: /c.pem, key: /k.pem}\n"
               "user: agent\n"
               "password-file: /secret\n"
               "folder: /var/lib/x\n"
               "health: curl -f http://localhost/\n"
               "bus: session\n"
               "rollouts: undo\n",
               &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (settings->endpoints), ==, 2);
  g_assert_cmpstr (settings->prefix, ==, "/fleet/");
  g_assert_cmpstr (settings->host, ==, "web1");
  g_assert_cmpstr (settings->groups[1], ==, "eu");
  g_assert_cmpstr (settings->ca, ==, "/ca.pem");
  g_assert_cmpstr (settings->certificate, ==, "/c.pem");
  g_assert_cmpstr (settings->key, ==, "/k.pem");
  g_assert_cmpstr (settings->user, ==, "agent");
  g_assert_cmpstr (settings->password_file, ==, "/secret");
  g_assert_cmpstr (settings->folder, ==, "/var/lib/x");
  g_assert_cmpstr (settings->health, ==, "curl -f http://localhost/");
  g_assert_cmpint (settings->bus, ==, RUNCONF_FLEET_BUS_SESSION);
  g_assert_cmpint (settings->rollouts, ==, RUNCONF_FLEET_ROLLOUTS_UNDO);
}

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfFleetSettings) settings = parse ("endpoints: http://a:2379\n", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (settings->endpoints[0], ==, "http://a:2379");
  g_assert_cmpstr (settings->prefix, ==, "/runconf/");
  g_assert_cmpstr (settings->folder, ==, "/var/lib/runconf-fleet");
  g_assert_null (settings->host);
  g_assert_null (settings->health);
  g_assert_cmpint (settings->bus, ==, RUNCONF_FLEET_BUS_SYSTEM);
  g_assert_cmpint (settings->rollouts, ==, RUNCONF_FLEET_ROLLOUTS_SHARED);
}

/* Each message has the place, the mistake and the correct form. */
static void
test_mistakes (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { "", "fleetd.yaml:1:1: “endpoints” is missing: list the URLs of etcd, such as "
          "https://etcd1.example.org:2379" },
    { "endpoints: []\n", "fleetd.yaml:1:12: “endpoints” is missing: list the URLs of etcd, such as "
                         "https://etcd1.example.org:2379" },
    { "bus: none\nendpoint: x\n",
      "fleetd.yaml:2:1: “endpoint” isn't known here; the keys are bus, endpoints, folder, groups, "
      "health, host, password-file, prefix, rollouts, tls and user" },
    { "endpoints: http://a:1\ntls:\n  ca: /a\n  cert: /b\n",
      "fleetd.yaml:4:3: “cert” isn't known here; the keys are ca, certificate and key" },
    { "endpoints: {a: b}\n",
      "fleetd.yaml:1:12: “endpoints” has to be a list of strings, not mapping" },
    { "endpoints:\n  - 7\n",
      "fleetd.yaml:2:3: “endpoints” has to be a list of strings, not sequence" },
    { "endpoints: [\"http://a:1\", \"etcd:2379\"]\n",
      "fleetd.yaml:1:27: endpoint 2 has to be a URL of scheme, host and port, such as "
      "https://etcd1.example.org:2379" },
    { "endpoints: http://user:secret@a:1\n",
      "fleetd.yaml:1:12: endpoint 1 has to be a URL of scheme, host and port, such as "
      "https://etcd1.example.org:2379" },
    { "endpoints: http://a:1\nprefix: runconf\n",
      "fleetd.yaml:2:9: the prefix “runconf”: a prefix begins and ends with a slash, like "
      "“/runconf/”" },
    { "endpoints: http://a:1\nhost: a/b\n",
      "fleetd.yaml:2:7: the host “a/b”: a name has no slash: it is one segment of a key; use “-” "
      "or “.” instead" },
    { "endpoints: http://a:1\ngroups: [web, \"a b\"]\n",
      "fleetd.yaml:2:15: the group “a b”: a name has only letters, digits, “_”, “.” and “-”" },
    { "endpoints: http://a:1\nfolder: x\n",
      "fleetd.yaml:2:9: the path has to be absolute: it begins with /" },
    { "endpoints: http://a:1\ntls: {key: x}\n",
      "fleetd.yaml:2:12: the path has to be absolute: it begins with /" },
    { "endpoints: http://a:1\npassword-file: /x\n",
      "fleetd.yaml:2:16: “password-file” is the password of a user: add “user”" },
    { "endpoints: http://a:1\nuser: root:secret\n",
      "fleetd.yaml:2:7: the user “…”: a user has no colon; if a password follows it, choose "
      "another "
      "one, and write that into the password-file" },
    { "endpoints: http://a:1\nuser: \"\"\n",
      "fleetd.yaml:2:7: the user “”: a name has at least one character" },
    { "endpoints: http://a:1\nbus: both\n",
      "fleetd.yaml:2:6: “bus” has to be system, session or none" },
    { "endpoints: http://a:1\nrollouts: ignore\n",
      "fleetd.yaml:2:11: “rollouts” has to be shared, resume, undo or leave" },
    { "endpoints: http://a:1\nendpoints: http://b:1\n", NULL },
    { "- a\n", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfFleetSettings) settings = parse (cases[i].text, &error);

      g_assert_null (settings);
      g_assert_nonnull (error);
      g_assert_true (g_str_has_prefix (error->message, "fleetd.yaml:"));
      if (cases[i].message != NULL)
        g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet/host-settings/all", test_all);
  g_test_add_func ("/fleet/host-settings/defaults", test_defaults);
  g_test_add_func ("/fleet/host-settings/mistakes", test_mistakes);

  return g_test_run ();
}
