/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/late.h"

#include <glib/gstdio.h>
#include <string.h>

#include "core/mapping.h"
#include "tests/core/testutil.h"

/* Texts that were written into a replaced file. The merge itself is tested in test-hand-edit.c. */

typedef struct
{
  RunconfdLate *late;
  RunconfdRecent *recent;
  RunconfdArchive *archive;
  RunconfRevision *current;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RunconfNode) defaults = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) overrides = tree_new ("{'a': 1, 'b': 2}");
  g_autoptr (RunconfRules) rules = runconf_rules_new (NULL, NULL);
  g_autoptr (RunconfGround) ground = runconf_ground_new (defaults, rules);

  fixture->late = runconfd_late_new ();
  fixture->recent = runconfd_recent_new (RUNCONF_LAYER_OVERRIDE);
  fixture->archive = runconfd_archive_new_off ();
  fixture->current = runconf_revision_new (7, 0, ground, overrides, NULL, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  runconfd_late_free (fixture->late);
  runconfd_recent_free (fixture->recent);
  runconfd_archive_free (fixture->archive);
  runconf_revision_unref (fixture->current);
}

static void
add (Fixture *fixture, const char *text, const char *base)
{
  g_autoptr (GBytes) text_bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (GBytes) base_bytes = g_bytes_new_static (base, strlen (base));

  runconfd_late_add (fixture->late, text_bytes, base_bytes);
}

static RunconfNode *
merge (Fixture *fixture, RunconfDocument **document, GError **error)
{
  const RunconfdHandEdit context = {
    .current = fixture->current,
    .recent = fixture->recent,
    .archive = fixture->archive,
  };

  *document = NULL;

  return runconfd_late_merge (fixture->late, &context, "/etc/x.yaml", document, error);
}

static void
test_the_oldest_text_is_merged_first (Fixture *fixture, gconstpointer data)
{
  static const char *const wanted[] = { "{'a': 1, 'b': 2, 'c': 3}", "{'a': 4, 'b': 2}" };

  add (fixture, "a: 0\nc: 3\n", "a: 0\n");
  add (fixture, "a: 4\n", "a: 0\n");
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autoptr (RunconfDocument) document = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) overrides = merge (fixture, &document, &error);

      g_assert_no_error (error);
      assert_tree (overrides, wanted[i]);
      g_assert_nonnull (document);
      g_assert_false (runconfd_late_is_empty (fixture->late));
      runconfd_late_drop (fixture->late);
    }
  g_assert_true (runconfd_late_is_empty (fixture->late));
}

static void
test_an_empty_text_is_not_merged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RunconfDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  /* an editor has truncated the file, and writes the text next */
  add (fixture, "", "a: 0\n");
  g_assert_null (merge (fixture, &document, &error));
  g_assert_no_error (error);
  g_assert_null (document);
}

static void
test_a_broken_text_is_an_error (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[][2] = { { "a: [", "a: 0\n" }, { "a: 1\n", "a: [" } };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (RunconfDocument) document = NULL;
      g_autoptr (GError) error = NULL;

      add (fixture, texts[i][0], texts[i][1]);
      g_assert_null (merge (fixture, &document, &error));
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE);
      g_assert_true (g_str_has_prefix (error->message, "/etc/x.yaml:"));
      g_assert_null (document);
      runconfd_late_drop (fixture->late);
    }
}

static void
test_a_text_is_kept_beside_the_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("runconf-late-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.yaml", NULL);
  g_autofree char *copy = NULL;
  g_autofree char *text = NULL;
  g_autofree char *failure = NULL;

  add (fixture, "a: [", "a: 0\n");
  copy = runconfd_late_keep (fixture->late, path);
  g_assert_true (g_str_has_prefix (copy, path));
  g_assert_true (g_file_get_contents (copy, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "a: [");
  g_assert_false (runconfd_late_is_empty (fixture->late));

  g_unlink (copy);
  g_rmdir (folder);
  failure = runconfd_late_keep (fixture->late, path);
  g_assert_nonnull (strstr (failure, g_strerror (ENOENT)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add ("/late/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (the_oldest_text_is_merged_first);
  ADD (an_empty_text_is_not_merged);
  ADD (a_broken_text_is_an_error);
  ADD (a_text_is_kept_beside_the_file);
#undef ADD

  return g_test_run ();
}
