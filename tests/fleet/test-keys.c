/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/error.h"
#include "fleet/model/keys.h"

#define CHANGE "0a1b2c3d-0000-4000-8000-0123456789ab"

static void
test_names (void)
{
  static const struct
  {
    RunconfFleetNameType type;
    const char *name;
    const char *message; /* NULL if the name is valid */
  } cases[] = {
    { RUNCONF_FLEET_NAME_CONFIGURATION, "default", NULL },
    { RUNCONF_FLEET_NAME_GROUP, "web-1.a_B", NULL },
    { RUNCONF_FLEET_NAME_HOST, "1.example.org", NULL },
    { RUNCONF_FLEET_NAME_CHANGE, CHANGE, NULL },
    { RUNCONF_FLEET_NAME_GROUP, "", "the group “”: a name has at least one character" },
    { RUNCONF_FLEET_NAME_GROUP, "web/1",
      "the group “web/1”: a name has no slash: it is one segment of a key; use “-” or “.” "
      "instead" },
    { RUNCONF_FLEET_NAME_HOST, "/",
      "the host “/”: a name has no slash: it is one segment of a key; use “-” or “.” instead" },
    { RUNCONF_FLEET_NAME_HOST, "a b",
      "the host “a b”: a name has only letters, digits, “_”, “.” and “-”" },
    { RUNCONF_FLEET_NAME_HOST, "web-*",
      "the host “web-*”: a name has only letters, digits, “_”, “.” and “-”" },
    { RUNCONF_FLEET_NAME_CONFIGURATION, "größe",
      "the configuration “größe”: a name has only letters, digits, “_”, “.” and “-”" },
    { RUNCONF_FLEET_NAME_CONFIGURATION, "..",
      "the configuration “..”: a name begins with a letter or a digit" },
    { RUNCONF_FLEET_NAME_CHANGE, "0A1B2C3D-0000-4000-8000-0123456789AB",
      "the change “0A1B2C3D-0000-4000-8000-0123456789AB”: a change has a UUID in lower case" },
    { RUNCONF_FLEET_NAME_CHANGE, "1", "the change “1”: a change has a UUID in lower case" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean is_valid = runconf_fleet_check_name (cases[i].type, cases[i].name, &error);

      g_assert_cmpint (is_valid, ==, cases[i].message == NULL);
      g_assert_cmpint (is_valid, ==, error == NULL);
      if (error == NULL)
        continue;
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
check_longest (RunconfFleetNameType type, gsize length, const char *message)
{
  g_autofree char *longest = g_strnfill (length, 'a');
  g_autofree char *longer = g_strnfill (length + 1, 'a');
  g_autoptr (GError) error = NULL;

  g_assert_true (runconf_fleet_check_name (type, longest, NULL));
  g_assert_false (runconf_fleet_check_name (type, longer, &error));
  g_assert_true (g_str_has_suffix (error->message, message));
}

static void
test_lengths (void)
{
  check_longest (RUNCONF_FLEET_NAME_GROUP, 64, "a name has at most 64 characters");
  check_longest (RUNCONF_FLEET_NAME_HOST, 253, "a name has at most 253 characters");
}

static void
test_patterns (void)
{
  static const struct
  {
    const char *pattern;
    const char *host;
    gboolean matches;
  } cases[] = {
    { "web-1", "web-1", TRUE },
    { "web-1", "web-12", FALSE },
    { "web-12", "web-1", FALSE },
    { "web-*", "web-", TRUE },
    { "web-*", "web-12", TRUE },
    { "web-*", "db-12", FALSE },
    { "web-?", "web-1", TRUE },
    { "web-?", "web-", FALSE },
    { "web-?", "web-12", FALSE },
    { "*", "", TRUE },
    { "*", "a", TRUE },
    { "?", "", FALSE },
    { "*.example.org", "a.example.org", TRUE },
    { "*.example.org", "example.org", FALSE },
    { "*a*b", "xaxbxab", TRUE },
    { "*a*b", "xaxbxa", FALSE },
    { "a*a", "a", FALSE },
    { "**a", "ba", TRUE },
    { "WEB", "web", FALSE },
  };
  g_autofree char *stars = g_strnfill (200, '*');
  g_autofree char *pattern = g_strconcat (stars, "b", NULL);
  g_autofree char *host = g_strnfill (253, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (runconf_fleet_pattern_matches (cases[i].pattern, cases[i].host) != cases[i].matches)
      g_error ("%s and %s", cases[i].pattern, cases[i].host);

  /* with backtracking over each star this would take forever */
  g_assert_false (runconf_fleet_pattern_matches (pattern, host));

  g_assert_true (runconf_fleet_check_pattern ("web-*.?", NULL));
  g_assert_false (runconf_fleet_check_pattern ("web/*", NULL));
  g_assert_false (runconf_fleet_check_pattern ("", NULL));
}

static void
test_prefixes (void)
{
  g_assert_true (runconf_fleet_check_prefix ("/", NULL));
  g_assert_true (runconf_fleet_check_prefix ("/runconf/", NULL));
  g_assert_true (runconf_fleet_check_prefix ("/a/b.c/", NULL));
  g_assert_false (runconf_fleet_check_prefix ("", NULL));
  g_assert_false (runconf_fleet_check_prefix ("runconf/", NULL));
  g_assert_false (runconf_fleet_check_prefix ("/runconf", NULL));
  g_assert_false (runconf_fleet_check_prefix ("//", NULL));
  g_assert_false (runconf_fleet_check_prefix ("/a b/", NULL));
}

static void
test_scopes (void)
{
  static const char *const texts[] = { "all", "groups/web", "hosts/web-1.example.org" };
  g_autoptr (RunconfFleetScope) previous = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (RunconfFleetScope) scope = runconf_fleet_scope_parse (texts[i], NULL);
      g_autoptr (RunconfFleetScope) copy = runconf_fleet_scope_copy (scope);
      g_autofree char *text = runconf_fleet_scope_to_string (copy);

      g_assert_cmpuint (scope->type, ==, i);
      g_assert_cmpstr (text, ==, texts[i]);
      g_assert_true (runconf_fleet_scope_equal (scope, copy));
      g_assert_false (previous != NULL && runconf_fleet_scope_equal (scope, previous));
      g_clear_pointer (&previous, runconf_fleet_scope_free);
      previous = g_steal_pointer (&copy);
    }

  g_assert_null (runconf_fleet_scope_parse ("", NULL));
  g_assert_null (runconf_fleet_scope_parse ("all/x", NULL));
  g_assert_null (runconf_fleet_scope_parse ("groups/", NULL));
  g_assert_null (runconf_fleet_scope_parse ("groups/a/b", NULL));
  g_assert_null (runconf_fleet_scope_new (RUNCONF_FLEET_HOST, "a/b", NULL));
}

static char *
make_key (const char *prefix, const RunconfFleetKey *key)
{
  switch (key->type)
    {
    case RUNCONF_FLEET_KEY_GROUP:
      return runconf_fleet_key_for_group (prefix, key->name);
    case RUNCONF_FLEET_KEY_SCHEMA:
      return runconf_fleet_key_for_schema (prefix, key->name);
    case RUNCONF_FLEET_KEY_STATUS:
      return runconf_fleet_key_for_status (prefix, key->name);
    case RUNCONF_FLEET_KEY_SEEN:
      return runconf_fleet_key_for_seen (prefix, key->name);
    case RUNCONF_FLEET_KEY_HISTORY:
      return runconf_fleet_key_for_change (prefix, key->name, key->scope, key->change);
    default:
      return runconf_fleet_key_for_scope (prefix, key->type, key->name, key->scope);
    }
}

/* Each key is split into the parts that make it again. */
static void
test_keys (void)
{
  static const struct
  {
    const char *text;
    RunconfFleetKeyType type;
  } cases[] = {
    { "/runconf/groups/web", RUNCONF_FLEET_KEY_GROUP },
    { "/runconf/config/default/all", RUNCONF_FLEET_KEY_CONFIG },
    { "/runconf/config/default/groups/web", RUNCONF_FLEET_KEY_CONFIG },
    { "/runconf/config/default/hosts/web-1", RUNCONF_FLEET_KEY_CONFIG },
    { "/runconf/locks/default/hosts/web-1", RUNCONF_FLEET_KEY_LOCKS },
    { "/runconf/schema/default", RUNCONF_FLEET_KEY_SCHEMA },
    { "/runconf/history/default/all/" CHANGE, RUNCONF_FLEET_KEY_HISTORY },
    { "/runconf/history/default/groups/web/" CHANGE, RUNCONF_FLEET_KEY_HISTORY },
    { "/runconf/status/web-1.example.org", RUNCONF_FLEET_KEY_STATUS },
    { "/runconf/status/web-1.example.org/seen", RUNCONF_FLEET_KEY_SEEN },
    { "/runconf/rollout/default/all", RUNCONF_FLEET_KEY_ROLLOUT },
    { "/runconf/config/default/all/author", RUNCONF_FLEET_KEY_AUTHOR },
    { "/runconf/config/default/groups/author", RUNCONF_FLEET_KEY_CONFIG },
    { "/runconf/config/default/groups/author/author", RUNCONF_FLEET_KEY_AUTHOR },
    { "/runconf/rollout/default/groups/web/controller", RUNCONF_FLEET_KEY_CONTROLLER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfFleetKey) key
          = runconf_fleet_key_parse (RUNCONF_FLEET_PREFIX, cases[i].text);
      g_autofree char *text = NULL;

      g_assert_nonnull (key);
      g_assert_cmpint (key->type, ==, cases[i].type);
      text = make_key (RUNCONF_FLEET_PREFIX, key);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_foreign_keys (void)
{
  static const char *const texts[] = {
    "/other/config/default/all",
    "/runconf/",
    "/runconf/config",
    "/runconf/config/",
    "/runconf/config/default",
    "/runconf/config/default/",
    "/runconf/config/default/all/",
    "/runconf/config/default/all/more",
    "/runconf/config/default/groups",
    "/runconf/config/author",
    "/runconf/config/default/author",
    "/runconf/config/default/all/author/author",
    "/runconf/locks/default/all/author",
    "/runconf/config/a b/all",
    "/runconf/config//all",
    "/runconf/schema/default/all",
    "/runconf/history/default/all",
    ("/runconf/history/default/" CHANGE),
    "/runconf/history/default/all/1",
    "/runconf/status/web/1",
    "/runconf/status/seen/",
    "/runconf/status//seen",
    "/runconf/unknown/default",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (runconf_fleet_key_parse (RUNCONF_FLEET_PREFIX, texts[i]) != NULL)
      g_error ("%s is a key", texts[i]);
}

static void
test_key_prefixes (void)
{
  g_autoptr (RunconfFleetScope) group = runconf_fleet_scope_new (RUNCONF_FLEET_GROUP, "web", NULL);
  g_autofree char *all = runconf_fleet_key_prefix ("/p/", RUNCONF_FLEET_KEY_STATUS, NULL, NULL);
  g_autofree char *one
      = runconf_fleet_key_prefix ("/p/", RUNCONF_FLEET_KEY_CONFIG, "default", NULL);
  g_autofree char *scoped
      = runconf_fleet_key_prefix ("/p/", RUNCONF_FLEET_KEY_HISTORY, "default", group);

  g_assert_cmpstr (all, ==, "/p/status/");
  g_assert_cmpstr (one, ==, "/p/config/default/");
  g_assert_cmpstr (scoped, ==, "/p/history/default/groups/web/");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fleet/keys/names", test_names);
  g_test_add_func ("/fleet/keys/lengths", test_lengths);
  g_test_add_func ("/fleet/keys/patterns", test_patterns);
  g_test_add_func ("/fleet/keys/prefixes", test_prefixes);
  g_test_add_func ("/fleet/keys/scopes", test_scopes);
  g_test_add_func ("/fleet/keys/keys", test_keys);
  g_test_add_func ("/fleet/keys/foreign", test_foreign_keys);
  g_test_add_func ("/fleet/keys/key-prefixes", test_key_prefixes);

  return g_test_run ();
}
