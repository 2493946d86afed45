/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/stored.h"

#include <string.h>

#include "core/error.h"
#include "core/mapping.h"
#include "store/digest.h"
#include "tests/core/testutil.h"

/* The text in the store as the service knows it: whether a write of a text would change nothing, and
 * the steps, the broken text and the unknown start.
 */

#define VALUES "# first\na: 1  # one\nb: [1, 2]\n"
#define METADATA                                                                                   \
  "_runtime_config:\n  last_modified: 1700000001.0\n  version: 1\n  is_runtime_config: true\n"
#define TEXT VALUES METADATA

static GBytes *
make_text (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static GBytes *
make_stamp (const char *text)
{
  g_autoptr (GBytes) bytes = make_text (text);

  return runconf_digest_new (bytes);
}

static RunconfDocument *
make_document (const char *text)
{
  g_autoptr (GBytes) bytes = make_text (text);
  g_autoptr (GError) error = NULL;
  RunconfDocument *document = runconf_document_new (bytes, "text", &error);

  g_assert_no_error (error);

  return document;
}

/* Takes the next commit over, after which @text is in force and in the store.
 *
 * Returns: the revision of @text
 */
static RunconfRevision *
commit (RunconfdStored *stored, const RunconfRevision *before, const char *text, gboolean replace)
{
  g_autoptr (RunconfNode) defaults = runconf_mapping_new_empty ();
  g_autoptr (RunconfRules) rules = runconf_rules_new (NULL, NULL);
  g_autoptr (RunconfGround) ground = runconf_ground_new (defaults, rules);
  g_autoptr (RunconfDocument) document = make_document (text);
  g_autoptr (GBytes) stamp = make_stamp (text);
  RunconfRevision *revision
      = runconf_revision_new (before != NULL ? before->version + 1 : 1, 0, ground,
                              runconf_document_get_root (document), NULL, NULL);
  const RunconfdCommit commit = {
    .document = document,
    .stamp = stamp,
    .revision = revision,
    .replace = replace,
  };

  runconfd_stored_take_commit (stored, before, &commit);

  return revision;
}

static gboolean
says (const RunconfdStored *stored, const char *text)
{
  g_autoptr (RunconfDocument) document = make_document (text);

  return runconfd_stored_says (stored, document);
}

static void
test_a_text_is_the_same_with_and_without_its_metadata (void)
{
  static const struct
  {
    const char *text;
    gboolean is_same;
  } cases[] = {
    { TEXT, TRUE },
    { VALUES, TRUE },
    { VALUES "_runtime_config:\n  last_modified: 1.5\n  version: 9\n  is_runtime_config: true\n",
      TRUE },
    { METADATA VALUES, FALSE },
    { "# first\na: 2  # one\nb: [1, 2]\n", FALSE },
    { "# first\na: 1  # one\n", FALSE },
    { "# other\na: 1  # one\nb: [1, 2]\n", FALSE },
    { "# first\na: 1  # two\nb: [1, 2]\n", FALSE },
    { "# first\na: 1  # one\nb:\n- 1\n- 2\n", FALSE },
    { "# first\nb: [1, 2]\na: 1  # one\n", FALSE },
    { "", FALSE },
  };
  g_autoptr (RunconfdStored) stored = runconfd_stored_new (RUNCONF_LAYER_OVERRIDE);
  g_autoptr (RunconfRevision) revision = commit (stored, NULL, TEXT, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (says (stored, cases[i].text), ==, cases[i].is_same);
    }
}

static void
test_a_text_is_in_the_store_only_with_its_stamp (void)
{
  g_autoptr (RunconfdStored) stored = runconfd_stored_new (RUNCONF_LAYER_OVERRIDE);
  g_autoptr (RunconfDocument) document = make_document (TEXT);
  g_autoptr (GBytes) stamp = make_stamp (TEXT);
  g_autoptr (GBytes) other = make_stamp ("a: 2\n");

  g_assert_false (says (stored, TEXT));

  /* the text in force before the start, and a store that wasn't read yet */
  runconfd_stored_begin (stored, document, FALSE);
  g_assert_true (runconfd_stored_get_document (stored) == document);
  g_assert_false (runconfd_stored_was_read (stored));
  g_assert_false (says (stored, TEXT));

  runconfd_stored_take_stamp (stored, other);
  g_assert_true (runconfd_stored_was_read (stored));
  g_assert_false (says (stored, TEXT));
  runconfd_stored_take_stamp (stored, stamp);
  g_assert_true (says (stored, TEXT));
}

static void
test_a_commit_that_could_not_write_leaves_the_store_with_another_text (void)
{
  g_autoptr (RunconfdStored) stored = runconfd_stored_new (RUNCONF_LAYER_OVERRIDE);
  g_autoptr (RunconfRevision) revision = commit (stored, NULL, TEXT, TRUE);
  g_autoptr (GBytes) old = make_stamp (TEXT);
  const RunconfdCommit failed = { .stamp = old };

  runconfd_stored_take_failed (stored, &failed);
  g_assert_null (runconfd_stored_get_document (stored));
  g_assert_false (says (stored, TEXT));
}

/* Returns: the versions to which the known steps lead, the newest one first */
static char *
print_steps (RunconfdStored *stored, guint64 version)
{
  g_autoptr (RunconfdArchive) archive = runconfd_archive_new_off ();
  g_autoptr (GPtrArray) steps
      = runconfd_recent_list (runconfd_stored_get_recent (stored), archive, version);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < steps->len; i++)
    {
      const RunconfdStep *step = steps->pdata[i];

      g_string_append_printf (text, "%" G_GUINT64_FORMAT "%s ", step->version,
                              step->keeps_number ? " by hand" : "");
    }

  return g_string_free (text, FALSE);
}

#define assert_steps(stored, version, wanted)                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *steps_text = print_steps (stored, version);                                   \
    g_assert_cmpstr (steps_text, ==, wanted);                                                      \
  }                                                                                                \
  G_STMT_END

static void
test_each_commit_adds_a_step_and_a_stamp (void)
{
  g_autoptr (RunconfdStored) stored = runconfd_stored_new (RUNCONF_LAYER_OVERRIDE);
  g_autoptr (RunconfdArchive) archive = runconfd_archive_new_off ();
  g_autoptr (RunconfRevision) first = commit (stored, NULL, "a: 1\n", TRUE);
  g_autoptr (RunconfRevision) second = commit (stored, first, "a: 2\n", FALSE);
  g_autoptr (RunconfRevision) third = commit (stored, second, "a: 3\n", TRUE);
  g_autoptr (GBytes) known = make_stamp ("a: 1\n");
  g_autoptr (GBytes) unknown = make_stamp ("a: 4\n");
  RunconfdRecent *recent = runconfd_stored_get_recent (stored);

  assert_steps (stored, 3, "3 2 by hand ");
  g_assert_true (runconfd_recent_has_stamp (recent, archive, known));
  g_assert_false (runconfd_recent_has_stamp (recent, archive, unknown));
}

/* The overrides before the text that is found at the start aren't known, so the step to it isn't. */
static void
test_no_step_leads_from_an_unknown_configuration (void)
{
  g_autoptr (RunconfdStored) stored = runconfd_stored_new (RUNCONF_LAYER_OVERRIDE);
  g_autoptr (RunconfRevision) first = NULL, second = NULL, third = NULL;

  runconfd_stored_begin (stored, NULL, TRUE);
  g_assert_true (runconfd_stored_is_astray (stored));
  first = commit (stored, NULL, "a: 1\n", TRUE);
  second = commit (stored, first, "a: 2\n", TRUE);
  assert_steps (stored, 2, "");

  runconfd_stored_take_found (stored, NULL, NULL);
  g_assert_false (runconfd_stored_is_astray (stored));
  third = commit (stored, second, "a: 3\n", TRUE);
  assert_steps (stored, 3, "3 ");
}

static void
test_a_broken_text_stays_known_until_it_is_kept_and_replaced (void)
{
  g_autoptr (RunconfdStored) stored = runconfd_stored_new (RUNCONF_LAYER_OVERRIDE);
  g_autoptr (GError) broken = g_error_new_literal (RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "x");
  g_autoptr (GBytes) text = make_text ("a: [");

  for (guint is_kept = 0; is_kept < 2; is_kept++)
    {
      g_autoptr (GBytes) unkept = NULL;

      runconfd_stored_take_found (stored, broken, text);
      unkept = runconfd_stored_ref_unkept (stored);
      g_assert_true (unkept == text);
      g_assert_error (runconfd_stored_get_broken (stored), RUNCONF_ERROR,
                      RUNCONF_ERROR_INVALID_VALUE);

      if (is_kept)
        {
          runconfd_stored_take_kept (stored);
          g_assert_null (runconfd_stored_ref_unkept (stored));
          g_assert_nonnull (runconfd_stored_get_broken (stored));
        }
      runconfd_stored_take_written (stored);
      g_assert_null (runconfd_stored_ref_unkept (stored));
      g_assert_null (runconfd_stored_get_broken (stored));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/stored/" #name, test_##name)
  ADD (a_text_is_the_same_with_and_without_its_metadata);
  ADD (a_text_is_in_the_store_only_with_its_stamp);
  ADD (a_commit_that_could_not_write_leaves_the_store_with_another_text);
  ADD (each_commit_adds_a_step_and_a_stamp);
  ADD (no_step_leads_from_an_unknown_configuration);
  ADD (a_broken_text_stays_known_until_it_is_kept_and_replaced);
#undef ADD

  return g_test_run ();
}
