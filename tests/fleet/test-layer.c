/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fleet/model/group.h"
#include "fleet/model/layer.h"
#include "fleet/model/membership.h"

static GBytes *
make (RunconfFleetKeyType type, const char *text, GError **error)
{
  g_autoptr (GBytes) value = g_bytes_new_static (text, strlen (text));

  return runconf_fleet_layer_make_text (type, "KEY", value, 12, "alice", error);
}

static void
test_paths (void)
{
  static const struct
  {
    const char *key;
    const char *path;
  } cases[] = {
    { "/r/config/chat/all", "config.d/50-fleet-10-all.yaml" },
    { "/r/config/chat/groups/web", "config.d/50-fleet-20-group-web.yaml" },
    { "/r/config/chat/hosts/h1", "config.d/50-fleet-30-host.yaml" },
    { "/r/locks/chat/all", "locks.d/50-fleet-10-all" },
    { "/r/locks/chat/groups/web", "locks.d/50-fleet-20-group-web" },
    { "/r/schema/chat", "config.schema.yaml" },
    { "/r/groups/web", NULL },
    { "/r/status/h1", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse ("/r/", cases[i].key);
      g_autofree char *path = runconf_fleet_layer_get_path (key);

      g_assert_cmpstr (path, ==, cases[i].path);
      g_assert_true (path == NULL || runconf_fleet_layer_is_path (path));
    }

  g_assert_false (runconf_fleet_layer_is_path ("config.yaml"));
  g_assert_false (runconf_fleet_layer_is_path ("config.d/60-admin.yaml"));
}

static void
test_texts (void)
{
  static const struct
  {
    RunconfFleetKeyType type;
    const char *text;
    const char *file; /* or the message of the error */
    gboolean is_valid;
  } cases[] = {
    { RUNCONF_FLEET_KEY_CONFIG, "a: 1  # one\n",
      "# fleet: KEY, revision 12, by alice\na: 1  # one\n", TRUE },
    { RUNCONF_FLEET_KEY_CONFIG, "", "# fleet: KEY, revision 12, by alice\n", TRUE },
    { RUNCONF_FLEET_KEY_CONFIG, "\xef\xbb\xbf%YAML 1.2\n---\na: 1\n",
      "# fleet: KEY, revision 12, by alice\n%YAML 1.2\n---\na: 1\n", TRUE },
    { RUNCONF_FLEET_KEY_CONFIG, "- a\n", "KEY:1:1: ", FALSE },
    { RUNCONF_FLEET_KEY_CONFIG, "a: 1\nb: 2\na: 3\n", "KEY:3:1: ", FALSE },
    { RUNCONF_FLEET_KEY_CONFIG, "a: [1\n", "KEY:", FALSE },
    { RUNCONF_FLEET_KEY_CONFIG, "a: \xff\n", "KEY:1:1: a text of the fleet has to be in UTF-8",
      FALSE },
    { RUNCONF_FLEET_KEY_LOCKS, "/a  # policy\n",
      "# fleet: KEY, revision 12, by alice\n/a  # policy\n", TRUE },
    { RUNCONF_FLEET_KEY_LOCKS, "/a\nb\n", "KEY:2:1: ", FALSE },
    { RUNCONF_FLEET_KEY_SCHEMA, "type: object\n",
      "# fleet: KEY, revision 12, by alice\ntype: object\n", TRUE },
    { RUNCONF_FLEET_KEY_SCHEMA, "properties:\n  a: {type: nonsense}\n", "KEY:2:", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) file = make (cases[i].type, cases[i].text, &error);

      g_assert_cmpint (file != NULL, ==, cases[i].is_valid);
      if (file == NULL)
        {
          g_assert_true (g_str_has_prefix (error->message, cases[i].file));
          continue;
        }
      g_assert_cmpmem (g_bytes_get_data (file, NULL), g_bytes_get_size (file), cases[i].file,
                       strlen (cases[i].file));
      g_assert_cmpint (runconf_fleet_layer_get_revision (file), ==, 12);
    }
}

/* A name from etcd can't begin a second line. */
static void
test_author (void)
{
  g_autoptr (GBytes) value = g_bytes_new_static ("a: 1\n", 5);
  g_autoptr (GBytes) file
      = runconf_fleet_layer_make_text (RUNCONF_FLEET_KEY_CONFIG, "KEY", value, 1, "x\nb: 2", NULL);

  g_assert_cmpmem (g_bytes_get_data (file, NULL), g_bytes_get_size (file),
                   "# fleet: KEY, revision 1, by x\\nb: 2\na: 1\n", 42);
}

static void
test_foreign (void)
{
  g_autoptr (GBytes) foreign = g_bytes_new_static ("a: 1\n", 5);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);

  g_assert_cmpint (runconf_fleet_layer_get_revision (foreign), ==, 0);
  g_assert_cmpint (runconf_fleet_layer_get_revision (empty), ==, 0);
}

static void
test_groups (void)
{
  static const struct
  {
    const char *text;
    const char *message; /* NULL if it is valid */
    gboolean has_web1;
  } cases[] = {
    { "hosts: [\"web-*\", \"web?\"]\n", NULL, TRUE },
    { "hosts: web1\n", NULL, TRUE },
    { "hosts: [db1]\n", NULL, FALSE },
    { "", NULL, FALSE },
    { "host: [db1]\n", "KEY:1:1: “host” isn't known here; the keys are hosts", FALSE },
    { "hosts: [a, 7]\n", "KEY:1:8: “hosts” has to be a list of strings, not sequence", FALSE },
    { "hosts:\n  - a/b\n",
      "KEY:2:5: the pattern “a/b”: a pattern has only letters, digits, “_”, “.”, “-”, “*” and “?”",
      FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) value = g_bytes_new_static (cases[i].text, strlen (cases[i].text));
      g_auto (GStrv) patterns = runconf_fleet_group_parse (value, "KEY", &error);

      g_assert_cmpstr (error != NULL ? error->message : NULL, ==, cases[i].message);
      g_assert_cmpint (patterns != NULL, ==, cases[i].message == NULL);
      if (patterns != NULL)
        g_assert_cmpint (runconf_fleet_group_has ((const char *const *) patterns, "web1"), ==,
                         cases[i].has_web1);
    }
}

static gboolean
reaches (RunconfFleetMembership *membership, const char *text)
{
  g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse ("/r/", text);

  return runconf_fleet_membership_reaches (membership, key);
}

static void
test_membership (void)
{
  const char *const own[] = { "own", NULL };
  g_autoptr (RunconfFleetMembership) membership = runconf_fleet_membership_new ("h1", own);
  g_auto (GStrv) groups = NULL;
  g_autofree char *joined = NULL;

  g_assert_true (reaches (membership, "/r/config/chat/all"));
  g_assert_true (reaches (membership, "/r/config/chat/hosts/h1"));
  g_assert_true (reaches (membership, "/r/config/chat/groups/own"));
  g_assert_true (reaches (membership, "/r/schema/chat"));
  g_assert_false (reaches (membership, "/r/config/chat/hosts/h2"));
  g_assert_false (reaches (membership, "/r/config/chat/groups/web"));

  g_assert_true (runconf_fleet_membership_set (membership, "web", TRUE));
  g_assert_false (runconf_fleet_membership_set (membership, "web", TRUE));
  g_assert_true (reaches (membership, "/r/config/chat/groups/web"));

  /* the host is in its own groups whatever the fleet says */
  g_assert_false (runconf_fleet_membership_set (membership, "own", TRUE));
  g_assert_false (runconf_fleet_membership_set (membership, "own", FALSE));

  runconf_fleet_membership_set (membership, "a", TRUE);
  groups = runconf_fleet_membership_list (membership);
  joined = g_strjoinv (" ", groups);
  g_assert_cmpstr (joined, ==, "a own web");

  g_assert_true (runconf_fleet_membership_set (membership, "web", FALSE));
  g_assert_false (reaches (membership, "/r/config/chat/groups/web"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fleet/layer/paths", test_paths);
  g_test_add_func ("/fleet/layer/texts", test_texts);
  g_test_add_func ("/fleet/layer/author", test_author);
  g_test_add_func ("/fleet/layer/foreign", test_foreign);
  g_test_add_func ("/fleet/layer/groups", test_groups);
  g_test_add_func ("/fleet/layer/membership", test_membership);

  return g_test_run ();
}
