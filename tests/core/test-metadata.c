/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/metadata.h"

#include "core/mapping.h"
#include "tests/core/testutil.h"

static void
test_add (void)
{
  RunconfMetadata metadata = { 42, G_GINT64_CONSTANT (1700000000500000), "/etc/app/config.yaml" };
  g_autoptr (RunconfNode) overrides = tree_new ("{'chat': {'port': 1}, '': 2}");
  g_autoptr (RunconfNode) root = runconf_metadata_add (&metadata, overrides);
  g_autoptr (RunconfNode) stripped = runconf_metadata_strip (root);
  guint64 version;
  double seconds;

  assert_tree (root, "{'_runtime_config': {'last_modified': 1700000000.5, 'version': 42, "
                     "'is_runtime_config': true, "
                     "'default_config_path': '/etc/app/config.yaml'}, "
                     "'chat': {'port': 1}, '': 2}");
  g_assert_cmpstr (runconf_mapping_get_key (root, 0, NULL), ==, "_runtime_config");
  assert_same (stripped, overrides);
  g_assert_true (runconf_metadata_get_version (root, &version));
  g_assert_cmpuint (version, ==, 42);
  g_assert_true (runconf_metadata_get_last_modified (root, &seconds));
  g_assert_cmpfloat (seconds, ==, 1700000000.5);
  g_assert_cmpstr (runconf_metadata_get_default_path (root), ==, "/etc/app/config.yaml");
}

static void
test_no_path (void)
{
  RunconfMetadata metadata = { 0, 0, NULL };
  g_autoptr (RunconfNode) overrides = tree_new ("{}");
  g_autoptr (RunconfNode) root = runconf_metadata_add (&metadata, overrides);

  assert_tree (root, "{'_runtime_config': {'last_modified': 0.0, 'version': 0, "
                     "'is_runtime_config': true}}");
  g_assert_null (runconf_metadata_get_default_path (root));
}

/* Metadata may have been written by hand. */
static void
test_by_hand (void)
{
  static const struct
  {
    const char *root;
    gboolean has_version;
    guint64 version;
  } cases[] = {
    { "{'_runtime_config': {'version': 7}, 'a': 1}", TRUE, 7 },
    { "{'_runtime_config': {'version': 0}}", TRUE, 0 },
    { "{'_runtime_config': {'version': 9223372036854775807}}", TRUE, G_MAXINT64 },
    { "{'_runtime_config': {'version': -1}}", FALSE, 0 },
    { "{'_runtime_config': {'version': 9223372036854775808}}", FALSE, 0 },
    { "{'_runtime_config': {'version': 7.0}}", FALSE, 0 },
    { "{'_runtime_config': {'version': '7'}}", FALSE, 0 },
    { "{'_runtime_config': {'version': null}}", FALSE, 0 },
    { "{'_runtime_config': {}}", FALSE, 0 },
    { "{'_runtime_config': 7}", FALSE, 0 },
    { "{'_runtime_config': [7]}", FALSE, 0 },
    { "{'version': 7}", FALSE, 0 },
    { "{}", FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfNode) root = tree_new (cases[i].root);
      g_autoptr (RunconfNode) stripped = runconf_metadata_strip (root);
      guint64 version = 0;
      double seconds;

      g_assert_cmpint (runconf_metadata_get_version (root, &version), ==, cases[i].has_version);
      g_assert_cmpuint (version, ==, cases[i].version);
      g_assert_false (runconf_metadata_get_last_modified (root, &seconds));
      g_assert_null (runconf_metadata_get_default_path (root));
      g_assert_null (runconf_mapping_get (stripped, RUNCONF_METADATA_KEY));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/metadata/add", test_add);
  g_test_add_func ("/metadata/no-path", test_no_path);
  g_test_add_func ("/metadata/by-hand", test_by_hand);

  return g_test_run ();
}
