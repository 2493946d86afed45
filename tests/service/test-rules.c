/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/diff.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "service/base/uid.h"
#include "service/change/admission.h"
#include "service/change/scope.h"
#include "rules/screening.h"
#include "tests/core/testutil.h"
#include "yaml/document.h"

/* Revisions, the overrides that they ignore, and the writes that are admitted: examples, and laws with
 * random overrides over defaults with a schema, locks and secrets.
 */

#define N_LAW_TRIALS 3000

#define DEFAULTS                                                                                   \
  "{'a': 1, 'b': {'a': 1, 'b': 2, 'c': {'a': 1}}, 'c': {'a': 's', 'b': 3}, "                       \
  "'d': {}}"

/* `a` over 5 needs `d`; `c/a` and all of `d/s` are secrets */
#define SCHEMA                                                                                     \
  "{'properties': {"                                                                               \
  "'a': {'type': 'integer', 'maximum': 8},"                                                        \
  "'b': {'properties': {'a': {'type': ['integer', 'null']}, 'b': {'minimum': "                     \
  "2}}},"                                                                                          \
  "'c': {'properties': {'a': {'writeOnly': true}}},"                                               \
  "'d': {'properties': {'s': {'writeOnly': true}, 'a': {'const': 1}}}},"                           \
  "'if': {'properties': {'a': {'minimum': 5}}},"                                                   \
  "'then': {'properties': {'d': {'required': ['b']}}}}"

#define LOCKS "/b/c\n/c/b\n"

static RunconfGround *
make_ground (const char *schema_text, const char *locks_text)
{
  g_autoptr (RunconfNode) defaults = tree_new (DEFAULTS);
  g_autoptr (RunconfNode) root = schema_text != NULL ? tree_new (schema_text) : NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *where = NULL;
  g_autoptr (RunconfSchema) schema
      = root != NULL ? runconf_schema_new (root, &where, &error) : NULL;
  g_autoptr (GBytes) text
      = locks_text != NULL ? g_bytes_new (locks_text, strlen (locks_text)) : NULL;
  g_autoptr (RunconfLocks) locks = runconf_locks_new ();
  g_autoptr (RunconfRules) rules = runconf_rules_new (schema, locks);

  g_assert_no_error (error);
  if (text != NULL)
    runconf_locks_add (locks, RUNCONF_LAYER_VENDOR, "locks", text);

  return runconf_ground_new (defaults, rules);
}

static RunconfRevision *
make_revision (RunconfGround *ground, const char *overrides_text)
{
  g_autoptr (RunconfNode) overrides = tree_new (overrides_text);
  g_autoptr (GError) error = NULL;
  RunconfRevision *revision = runconf_revision_new (1, 0, ground, overrides, NULL, &error);

  g_assert_no_error (error);

  return revision;
}

static RunconfRevision *
make_next (const RunconfRevision *before, const RunconfNode *overrides)
{
  g_autoptr (GError) error = NULL;
  RunconfRevision *revision
      = runconf_revision_next_in (before, RUNCONF_LAYER_OVERRIDE, overrides, &error);

  g_assert_no_error (error);

  return revision;
}

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Returns: the ignored overrides, sorted, each with the violated keyword or `lock` */
static char *
print_ignored (const RunconfRevision *revision)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < revision->ignored->len; i++)
    {
      const RunconfIgnored *entry = revision->ignored->pdata[i];

      g_ptr_array_add (lines, g_strdup_printf ("%s %s", entry->path,
                                               entry->rule != NULL ? entry->rule : "lock"));
    }
  g_ptr_array_sort (lines, compare_text);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", (char *) lines->pdata[i]);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

#define assert_ignored(revision, wanted)                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *ignored_text = print_ignored (revision);                                      \
    g_assert_cmpstr (ignored_text, ==, wanted);                                                    \
  }                                                                                                \
  G_STMT_END

static void
test_locked (void)
{
  g_autoptr (RunconfGround) ground = make_ground (NULL, LOCKS);
  g_autoptr (RunconfRevision) first
      = make_revision (ground, "{'b': {'c': {'a': 2}, 'a': 7}, 'c': 1}");
  g_autoptr (RunconfNode) three = runconf_node_new_integer (3);
  g_autoptr (RunconfNode) more = tree_set (first->overrides, "/a", three);
  g_autoptr (RunconfNode) less = tree_remove (first->overrides, "/b/c");
  g_autoptr (RunconfRevision) kept = make_next (first, more);
  g_autoptr (RunconfRevision) ended = make_next (kept, less);

  /* a scalar in the place of a mapping would remove a locked value */
  assert_ignored (first, "/b/c/a lock; /c lock");
  assert_tree (first->effective, "{'a': 1, 'b': {'a': 7, 'b': 2, 'c': {'a': 1}}, "
                                 "'c': {'a': 's', 'b': 3}, 'd': {}}");
  assert_ignored (kept, "/b/c/a lock; /c lock");
  assert_ignored (ended, "/c lock");
}

static void
test_wrong (void)
{
  g_autoptr (RunconfGround) ground = make_ground (SCHEMA, NULL);
  g_autoptr (RunconfRevision) one = make_revision (ground, "{'a': 9, 'b': {'a': 3}}");
  g_autoptr (RunconfRevision) needed = make_revision (ground, "{'a': 6, 'd': {'b': 1}}");
  g_autoptr (RunconfNode) without = tree_remove (needed->overrides, "/d/b");
  g_autoptr (RunconfRevision) broken = make_next (needed, without);

  assert_ignored (one, "/a maximum");
  g_assert_nonnull (tree_find (one->effective, "/b/a"));
  assert_ignored (needed, "");
  g_assert_true (needed->counted == needed->overrides);

  /* nothing at or above the missing value is overridden, so only the defaults are left */
  assert_ignored (broken, "/a required");
}

static RunconfNode *
random_tree (guint depth)
{
  static const char *const keys[] = { "a", "b", "c", "d", "s" };
  g_autoptr (RunconfNode) tree = runconf_mapping_new_empty ();

  for (guint left = (guint) g_test_rand_int_range (0, 4); left > 0; left--)
    {
      g_autofree char *pointer = g_strconcat ("/", keys[g_test_rand_int_range (0, 5)], NULL);
      int sort = g_test_rand_int_range (0, 12);
      g_autoptr (RunconfNode) value
          = depth > 0 && sort < 6 ? random_tree (depth - 1)
            : sort == 6           ? runconf_node_new_null ()
            : sort == 7           ? runconf_node_new_string ("s", -1)
                                  : runconf_node_new_integer (g_test_rand_int_range (0, 11));
      RunconfNode *next = tree_set (tree, pointer, value);

      runconf_node_unref (tree);
      tree = next;
    }

  return g_steal_pointer (&tree);
}

/* Half of the trees are changes of the tree before. */
static RunconfNode *
random_step (const RunconfNode *from)
{
  g_autoptr (RunconfNode) change = random_tree (2);

  return g_test_rand_bit () ? runconf_merge (from, change) : g_steal_pointer (&change);
}

/* A revision made from the one before is the one that the same overrides make by themselves. */
static void
test_next_is_new (void)
{
  g_autoptr (RunconfGround) ground = make_ground (SCHEMA, LOCKS);
  g_autoptr (RunconfRevision) revision = make_revision (ground, "{}");

  for (guint trial = 0; trial < N_LAW_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) overrides = random_step (revision->overrides);
      g_autoptr (RunconfRevision) next = make_next (revision, overrides);
      g_autoptr (RunconfRevision) alone
          = runconf_revision_new (next->version, 0, ground, overrides, NULL, NULL);
      g_autofree char *wanted = print_ignored (alone);

      assert_ignored (next, wanted);
      assert_same (next->overrides, overrides);
      assert_same (next->counted, alone->counted);
      assert_same (next->effective, alone->effective);
      assert_same (next->visible, alone->visible);
      g_assert_true (runconf_revision_looks_like (next, alone));
      g_assert_cmpuint (next->version, ==, revision->version + 1);

      runconf_revision_unref (revision);
      revision = g_steal_pointer (&next);
    }
}

/* The effective values follow the rules, as the defaults here do; ignored overrides were there. */
static void
test_effective_follows_rules (void)
{
  g_autoptr (RunconfGround) ground = make_ground (SCHEMA, LOCKS);
  guint n_ignored = 0, n_valid = 0;

  for (guint trial = 0; trial < N_LAW_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) overrides = random_tree (3);
      g_autoptr (RunconfRevision) revision
          = runconf_revision_new (1, 0, ground, overrides, NULL, NULL);
      g_autoptr (GPtrArray) violations = runconf_ground_check (ground, revision->effective);
      g_autoptr (RunconfNode) merged = runconf_merge (ground->defaults, revision->counted);

      g_assert_null (violations);
      assert_same (revision->effective, merged);
      assert_same (tree_find (revision->effective, "/b/c"), tree_find (ground->defaults, "/b/c"));
      assert_same (tree_find (revision->effective, "/c/b"), tree_find (ground->defaults, "/c/b"));
      g_assert_null (tree_find (revision->visible, "/c/a"));
      g_assert_null (tree_find (revision->visible, "/d/s"));
      for (guint i = 0; i < revision->ignored->len; i++)
        {
          const RunconfIgnored *entry = revision->ignored->pdata[i];

          g_assert_nonnull (tree_find (overrides, entry->path));
        }
      n_ignored += revision->ignored->len > 0;
      n_valid += revision->ignored->len == 0;
    }

  g_assert_cmpuint (n_ignored, >, N_LAW_TRIALS / 20);
  g_assert_cmpuint (n_valid, >, N_LAW_TRIALS / 20);
}

/* A write that is admitted is in force, and takes no other override out of force. */
static void
test_admitted_is_in_force (void)
{
  g_autoptr (RunconfGround) ground = make_ground (SCHEMA, LOCKS);
  guint n_admitted = 0, n_refused = 0;

  for (guint trial = 0; trial < N_LAW_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) overrides = random_tree (2);
      g_autoptr (RunconfRevision) before
          = runconf_revision_new (1, 0, ground, overrides, NULL, NULL);
      g_autoptr (RunconfNode) wanted = random_step (overrides);
      g_autoptr (RunconfRevision) after = make_next (before, wanted);
      g_autoptr (GPtrArray) deltas = runconf_diff (overrides, wanted);
      g_autoptr (GError) error = NULL;

      if (!runconfd_admission_check (before, after, &error))
        {
          g_assert_true (g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_LOCKED)
                         || g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_SCHEMA_VIOLATION));
          g_assert_cmpuint (after->ignored->len, >, 0);
          n_refused++;
          continue;
        }

      n_admitted++;
      for (guint i = 0; i < deltas->len; i++)
        {
          const RunconfDelta *delta = deltas->pdata[i];

          if (delta->new_value != NULL && !runconf_node_is_mapping (delta->new_value))
            assert_same (tree_find (after->effective, delta->path), delta->new_value);
        }
      for (guint i = 0; i < after->ignored->len; i++)
        {
          const RunconfIgnored *entry = after->ignored->pdata[i];

          g_assert_nonnull (tree_find (before->overrides, entry->path));
        }
    }

  g_assert_cmpuint (n_admitted, >, N_LAW_TRIALS / 20);
  g_assert_cmpuint (n_refused, >, N_LAW_TRIALS / 20);
}

/* Overrides that are ignored already are no reason to refuse a write beside them. */
static void
test_admission_beside_ignored (void)
{
  g_autoptr (RunconfGround) ground = make_ground (SCHEMA, LOCKS);
  g_autoptr (RunconfRevision) before = make_revision (ground, "{'a': 9, 'c': {'b': 5}}");
  g_autoptr (RunconfNode) seven = runconf_node_new_integer (7);
  g_autoptr (RunconfNode) beside = tree_set (before->overrides, "/b/a", seven);
  g_autoptr (RunconfNode) again = tree_set (before->overrides, "/c/b", seven);
  g_autoptr (RunconfRevision) good = make_next (before, beside);
  g_autoptr (RunconfRevision) bad = make_next (before, again);
  g_autoptr (GError) error = NULL;

  g_assert_true (runconfd_admission_check (before, good, &error));
  g_assert_no_error (error);
  g_assert_false (runconfd_admission_check (before, bad, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_LOCKED);
  g_assert_nonnull (strstr (error->message, "/c/b"));
}

static RunconfdRequest *
random_request (void)
{
  static const char *const paths[] = { "/a", "/b", "/b/c", "/b/c/a", "/d/s", "/c/a", "/d" };
  RunconfdRequest *request = runconfd_request_new ("test", RUNCONFD_UID_UNKNOWN, NULL);

  for (guint left = (guint) g_test_rand_int_range (1, 4); left > 0; left--)
    {
      const char *path = paths[g_test_rand_int_range (0, G_N_ELEMENTS (paths))];
      RunconfVerb verb
          = (RunconfVerb) g_test_rand_int_range (RUNCONF_VERB_SET, RUNCONF_VERB_SAVE + 1);
      g_autoptr (RunconfNode) value = random_tree (2);
      gboolean takes_root = verb == RUNCONF_VERB_MERGE || verb == RUNCONF_VERB_SAVE;

      g_assert_true (runconfd_request_add (request, verb, takes_root ? "" : path,
                                           verb == RUNCONF_VERB_RESET ? NULL : value, NULL));
    }

  return request;
}

/* polkit's rules read the paths as they are */
static void
assert_same_paths (const RunconfNode *list, GPtrArray *scope)
{
  g_assert_cmpuint (runconf_node_get_length (list), ==, scope->len);
  for (guint i = 0; i < scope->len; i++)
    g_assert_cmpstr (runconf_node_get_string (runconf_node_get_child (list, i), NULL), ==,
                     scope->pdata[i]);
}

/* The right is asked for all that a request changes, with secrets that it names. */
static void
test_scope_covers_request (void)
{
  g_autoptr (RunconfGround) ground = make_ground (SCHEMA, NULL);
  guint n_applied = 0;

  for (guint trial = 0; trial < N_LAW_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) overrides = random_tree (2);
      g_autoptr (RunconfRevision) before
          = runconf_revision_new (1, 0, ground, overrides, NULL, NULL);
      g_autoptr (RunconfdRequest) request = random_request ();
      g_autoptr (GPtrArray) scope = runconfd_scope_new_for_request (request, before);
      g_autoptr (RunconfRevision) after = runconfd_request_apply (request, before, NULL);
      g_autofree char *json = runconfd_scope_to_json (scope);
      g_autofree char *yaml = g_strconcat ("paths: ", json, NULL);
      g_autoptr (GBytes) text = g_bytes_new_static (yaml, strlen (yaml));
      g_autoptr (RunconfDocument) list = runconf_document_new (text, "scope", NULL);
      g_autoptr (GError) error = NULL;

      assert_same_paths (tree_find (runconf_document_get_root (list), "/paths"), scope);
      if (after == NULL)
        continue;

      n_applied++;
      g_assert_true (runconfd_admission_check_scope (scope, before, after, &error));
      g_assert_no_error (error);
    }

  g_assert_cmpuint (n_applied, >, N_LAW_TRIALS / 20);
}

/* A path covers itself and all below it, and not a path that only begins with the same letters. */
static void
test_scope_bounds (void)
{
  g_autoptr (RunconfGround) ground = make_ground (NULL, NULL);
  g_autoptr (RunconfRevision) before = make_revision (ground, "{}");
  g_autoptr (RunconfRevision) below = make_revision (ground, "{'d': {'x': {'y': 1}}}");
  g_autoptr (RunconfRevision) beside = make_revision (ground, "{'dd': 1}");
  const struct
  {
    const char *path;
    gboolean covers_below, covers_beside;
  } cases[] = {
    { "", TRUE, TRUE },        { "/d", TRUE, FALSE },        { "/d/x", TRUE, FALSE },
    { "/d/x/y", TRUE, FALSE }, { "/d/x/y/z", FALSE, FALSE }, { "/dd", FALSE, TRUE },
    { "/d/", FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) scope = runconfd_scope_new (cases[i].path);

      g_test_message ("%s", cases[i].path);
      g_assert_true (runconfd_admission_check_scope (scope, before, below, NULL)
                     == cases[i].covers_below);
      g_assert_true (runconfd_admission_check_scope (scope, before, beside, NULL)
                     == cases[i].covers_beside);
    }
}

/* Other defaults or rules make a new version only where a reader can see a difference. */
static void
test_move (void)
{
  g_autoptr (RunconfGround) plain = make_ground (NULL, NULL);
  g_autoptr (RunconfGround) locked = make_ground (NULL, "/a\n");
  g_autoptr (RunconfGround) hidden = make_ground (SCHEMA, NULL);
  g_autoptr (RunconfRevision) equal = make_revision (plain, "{'b': {'a': 4}}");
  g_autoptr (RunconfRevision) differs = make_revision (plain, "{'a': 4}");
  g_autoptr (RunconfRevision) same = runconf_revision_move (equal, locked, NULL);
  g_autoptr (RunconfRevision) other = runconf_revision_move (differs, locked, NULL);
  g_autoptr (RunconfRevision) secret = runconf_revision_move (equal, hidden, NULL);

  g_assert_cmpuint (same->version, ==, equal->version);
  g_assert_true (same->ground == locked);
  g_assert_cmpuint (other->version, ==, differs->version + 1);
  assert_ignored (other, "/a lock");
  g_assert_cmpuint (secret->version, ==, equal->version + 1);
  g_assert_null (tree_find (secret->visible, "/c/a"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add_func ("/rules/" path, function)
  ADD ("locked-overrides-are-ignored", test_locked);
  ADD ("wrong-overrides-are-ignored", test_wrong);
  ADD ("a-revision-is-the-same-from-any-other", test_next_is_new);
  ADD ("effective-values-follow-the-rules", test_effective_follows_rules);
  ADD ("an-admitted-write-is-in-force", test_admitted_is_in_force);
  ADD ("a-write-beside-ignored-overrides-is-admitted", test_admission_beside_ignored);
  ADD ("the-scope-covers-what-a-request-changes", test_scope_covers_request);
  ADD ("a-scope-ends-at-its-paths", test_scope_bounds);
  ADD ("other-rules-make-a-version-where-they-show", test_move);

  return g_test_run ();
}
