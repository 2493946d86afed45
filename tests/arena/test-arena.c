/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena/arena-private.h"
#include "core/diff.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "core/path.h"
#include "core/variant.h"
#include "support.h"

static const RunconfArenaEntry *
find (const RunconfArenaView *view, const char *path)
{
  return runconf_arena_view_find (view, path, strlen (path));
}

static RunconfArenaWriter *
write_texts (const char *defaults_text, const char *overrides_text)
{
  g_autoptr (RunconfNode) defaults = tree_new (defaults_text);
  g_autoptr (RunconfNode) overrides = tree_new (overrides_text);
  g_auto (RunconfArenaContent) content = content_new (7, defaults, overrides);
  g_autoptr (GError) error = NULL;
  RunconfArenaWriter *writer = runconf_arena_writer_new (&content, &error);

  g_assert_no_error (error);

  return writer;
}

static void
test_values (void)
{
  g_autoptr (RunconfArenaWriter) writer
      = write_texts ("{'i': -5, 'u': 18446744073709551615, 'd': 2.5, 'b': true, 's': 'text', "
                     "'n': null, 'l': [1, {'a': ['x']}], 'm': {'k': 'v'}, 'e': {}}",
                     "{}");
  g_autoptr (RunconfArena) arena = open_arena (writer);
  RunconfArenaView view;
  RunconfArenaValue value;

  g_assert_true (runconf_arena_get_view (arena, &view));
  g_assert_cmpuint (runconf_arena_view_get_version (&view), ==, 7);
  g_assert_cmpint (view.root->time, ==, 7000);
  g_assert_false (view.root->has_overrides);

  g_assert_true (runconf_arena_view_get_value (&view, find (&view, "/i"), &value));
  g_assert_cmpint (value.kind, ==, RUNCONF_KIND_INTEGER);
  g_assert_cmpint (value.integer, ==, -5);
  g_assert_true (runconf_arena_view_get_value (&view, find (&view, "/u"), &value));
  g_assert_cmpuint (value.unsigned_integer, ==, G_MAXUINT64);
  g_assert_true (runconf_arena_view_get_value (&view, find (&view, "/d"), &value));
  g_assert_cmpfloat (value.number, ==, 2.5);
  g_assert_true (runconf_arena_view_get_value (&view, find (&view, "/b"), &value));
  g_assert_true (value.boolean);
  g_assert_true (runconf_arena_view_get_value (&view, find (&view, "/s"), &value));
  g_assert_cmpstr (value.data, ==, "text");
  g_assert_cmpuint (value.size, ==, 4);
  g_assert_true (runconf_arena_view_get_value (&view, find (&view, "/n"), &value));
  g_assert_cmpint (value.kind, ==, RUNCONF_KIND_NULL);
  g_assert_true (runconf_arena_view_get_value (&view, find (&view, "/m"), &value));
  g_assert_cmpint (value.kind, ==, RUNCONF_KIND_MAPPING);
  g_assert_null (find (&view, "/x"));
  g_assert_null (find (&view, "/m/k/x"));
  g_assert_null (find (&view, "i"));
}

/* The elements of a sequence have no entries, but are found nevertheless. */
static void
test_in_sequence (void)
{
  g_autoptr (RunconfArenaWriter) writer = write_texts ("{'l': [1, {'a': ['x']}]}", "{}");
  g_autoptr (RunconfArena) arena = open_arena (writer);
  static const char *const cases[][2] = {
    { "/l/0", "int64 1" },       { "/l/1/a", "[<'x'>]" }, { "/l/1/a/0", "'x'" },
    { "/l/2", "nothing" },       { "/l/-", "nothing" },   { "/l/01", "nothing" },
    { "/l/1/b", "nothing" },     { "/l/0/0", "nothing" }, { "/k/0", "nothing" },
    { "/l/1/a/0/0", "nothing" }, { "bad", "nothing" },    { "/l/~", "nothing" },
  };
  RunconfArenaView view;
  g_auto (GStrv) keys = NULL;
  g_autofree char *listed = NULL;

  g_assert_true (runconf_arena_get_view (arena, &view));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = print_view (&view, cases[i][0]);

      g_assert_cmpstr (text, ==, cases[i][1]);
      g_assert_cmpint (runconf_arena_view_has (&view, cases[i][0]), ==,
                       strcmp (cases[i][1], "nothing") != 0);
    }

  keys = runconf_arena_view_list (&view, "/l");
  listed = g_strjoinv (" ", keys);
  g_assert_cmpstr (listed, ==, "0 1");
  g_clear_pointer (&keys, g_strfreev);
  keys = runconf_arena_view_list (&view, "/l/1");
  g_assert_cmpstr (keys[0], ==, "a");
  g_assert_null (keys[1]);
  g_clear_pointer (&keys, g_strfreev);
  keys = runconf_arena_view_list (&view, "/l/0");
  g_assert_null (keys[0]);
  g_assert_null (runconf_arena_view_list (&view, "/l/7"));
}

static void
test_defaults (void)
{
  g_autoptr (RunconfArenaWriter) writer
      = write_texts ("{'port': 8000, 'm': {'a': 1}, 's': 'x', 'same': 1}",
                     "{'port': 'no number', 'm': 5, 's': {'below': 1}, 'same': 1, 'new': 2}");
  g_autoptr (RunconfArena) arena = open_arena (writer);
  RunconfArenaView view;
  RunconfArenaValue value;

  g_assert_true (runconf_arena_get_view (arena, &view));
  g_assert_true (view.root->has_overrides);
  g_assert_true (runconf_arena_view_get_default (&view, find (&view, "/port"), &value));
  g_assert_cmpint (value.integer, ==, 8000);
  g_assert_true (runconf_arena_view_get_default (&view, find (&view, "/s"), &value));
  g_assert_cmpstr (value.data, ==, "x");
  g_assert_false (runconf_arena_view_get_default (&view, find (&view, "/m"), &value));
  g_assert_false (runconf_arena_view_get_default (&view, find (&view, "/same"), &value));
  g_assert_false (runconf_arena_view_get_default (&view, find (&view, "/new"), &value));
}

/* A scalar is read in the same form by both functions; the other kinds by one only. */
static void
assert_scalar (const RunconfArenaView *view, const char *path, GVariant *value)
{
  g_autoptr (GVariant) scalar = runconf_arena_view_get_scalar (view, find (view, path));
  const char *type = g_variant_get_type_string (value);

  if (g_strcmp0 (type, "a{sv}") == 0 || g_strcmp0 (type, "av") == 0)
    g_assert_null (scalar);
  else
    g_assert_true (g_variant_equal (scalar, value));
}

static void
assert_value (const RunconfArenaView *view, const char *path, const RunconfNode *wanted)
{
  g_autoptr (GVariant) value = runconf_arena_view_get_variant (view, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) node = runconf_node_from_variant (value, path, &error);

  g_assert_no_error (error);
  g_assert_true (runconf_node_equal (node, wanted));
  assert_scalar (view, path, value);
}

/* Every path of the tree, its value, the keys of a mapping in their order, and no more entries. */
static void
assert_view (const RunconfArenaView *view, const RunconfNode *node, GString *path)
{
  g_auto (GStrv) keys = runconf_arena_view_list (view, path->str);
  const RunconfArenaEntry *entry = find (view, path->str);

  g_assert_nonnull (entry);
  g_assert_cmpint (entry->kind, ==, runconf_node_get_kind (node));
  g_assert_cmpint (runconf_arena_view_is_leaf (view, entry), ==, runconf_node_is_leaf (node));
  assert_value (view, path->str, node);
  if (!runconf_node_is_mapping (node))
    return;

  g_assert_cmpuint (g_strv_length (keys), ==, runconf_node_get_length (node));
  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      gsize length = path->len;

      g_assert_cmpstr (keys[i], ==, runconf_mapping_get_key (node, i, NULL));
      runconf_path_append (path, keys[i]);
      assert_view (view, runconf_node_get_child (node, i), path);
      g_string_truncate (path, length);
    }
}

static void
assert_same_paths (GPtrArray *paths, GPtrArray *deltas)
{
  g_autoptr (GHashTable) wanted = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < deltas->len; i++)
    g_hash_table_add (wanted, ((RunconfDelta *) deltas->pdata[i])->path);

  g_assert_cmpuint (paths->len, ==, g_hash_table_size (wanted));
  for (guint i = 0; i < paths->len; i++)
    g_assert_true (g_hash_table_contains (wanted, paths->pdata[i]));
}

/* Compares the defaults that a reader finds with the tree, at and below a path. The arena has no default of
 * a path without a value in force, and of a mapping that a value of another kind overrides.
 */
static void
assert_defaults (const RunconfArenaView *view, const RunconfNode *defaults,
                 const RunconfNode *effective, GString *path)
{
  g_autoptr (GVariant) found = runconf_arena_view_get_default_variant (view, path->str);
  gsize length = path->len;

  if (runconf_node_is_leaf (defaults))
    {
      g_autoptr (RunconfNode) node
          = found != NULL ? runconf_node_from_variant (found, "", NULL) : NULL;

      g_assert_cmpint (node != NULL, ==, effective != NULL);
      g_assert_true (node == NULL || runconf_node_equal (node, defaults));
      return;
    }

  if (effective == NULL || runconf_node_is_leaf (effective))
    {
      g_assert_null (found);
      return;
    }

  for (guint i = 0; i < runconf_node_get_length (defaults); i++)
    {
      const char *key = runconf_mapping_get_key (defaults, i, NULL);

      runconf_path_append (path, key);
      assert_defaults (view, runconf_node_get_child (defaults, i),
                       runconf_mapping_get (effective, key), path);
      g_string_truncate (path, length);
    }
}

/* The overrides that a reader finds, laid over the defaults, give the values in force. */
static void
assert_overrides (const RunconfArenaView *view, const RunconfArenaContent *content)
{
  g_autoptr (GVariant) found = runconf_arena_view_get_override_variant (view, "");
  g_autoptr (RunconfNode) overrides
      = found != NULL ? runconf_node_from_variant (found, "", NULL) : runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) merged = runconf_merge (content->defaults, overrides);

  g_assert_true (runconf_node_equal (merged, content->effective));
  g_assert_cmpint (found != NULL, ==, !runconf_node_equal (content->defaults, content->effective));
}

static void
check_change (const RunconfArenaWriter *writer, const RunconfArenaView *old_view,
              const RunconfArenaContent *before, const RunconfArenaContent *after)
{
  g_autoptr (RunconfArena) arena = open_arena (writer);
  g_autoptr (GString) path = g_string_new (NULL);
  g_autoptr (GPtrArray) deltas = runconf_diff (before->effective, after->effective);
  g_autoptr (GPtrArray) paths = NULL;
  RunconfArenaView view, seen, first;

  g_assert_true (runconf_arena_get_view (arena, &view));
  assert_view (&view, after->effective, path);
  assert_defaults (&view, after->defaults, after->effective, path);
  assert_overrides (&view, after);
  g_assert_true (runconf_arena_get_view_at (arena, before->version, &seen));
  g_assert_cmpuint (runconf_arena_view_get_version (&seen), ==, before->version);
  g_assert_true (runconf_arena_get_first_view (arena, &first));
  g_assert_cmpuint (runconf_arena_view_get_version (&first), ==, 1);
  g_assert_cmpint (runconf_arena_get_view_at (arena, 0, &first), ==, FALSE);
  paths = runconf_arena_view_diff (&seen, &view, "");
  assert_same_paths (paths, deltas);
  g_clear_pointer (&paths, g_ptr_array_unref);

  /* a reader of the version before still sees it */
  assert_view (old_view, before->effective, path);
}

/* Defaults and overrides change at random, and a reader sees the values of a model. */
static void
test_random (void)
{
  for (guint round = 0; round < 200; round++)
    {
      g_autoptr (RunconfNode) defaults = random_mapping (4);
      g_autoptr (RunconfNode) overrides = random_relative (defaults);
      g_auto (RunconfArenaContent) before = content_new (1, defaults, overrides);
      g_autoptr (RunconfArenaWriter) writer = runconf_arena_writer_new (&before, NULL);

      for (guint step = 0; step < 8; step++)
        {
          RunconfNode **changed = g_test_rand_int_range (0, 5) == 0 ? &defaults : &overrides;
          g_autoptr (RunconfNode) old = *changed;
          RunconfArenaContent after;
          RunconfArenaView view;

          *changed = random_edit (old);
          after = content_new (before.version + 1, defaults, overrides);
          g_assert_true (runconf_arena_get_view (runconf_arena_writer_get_arena (writer), &view));
          g_assert_true (runconf_arena_writer_publish (writer, &before, &after));
          check_change (writer, &view, &before, &after);
          content_clear (&before);
          before = after;
        }
    }
}

static RunconfNode *
make_flat (guint n_keys)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();

  for (guint i = 0; i < n_keys; i++)
    {
      g_autofree char *key = g_strdup_printf ("key%u", i);
      g_autoptr (RunconfNode) value = runconf_node_new_integer (i);

      runconf_mapping_builder_add (builder, key, strlen (key), value);
    }

  return runconf_mapping_builder_end (builder);
}

/* The cost of a change doesn't depend on the tree's size: of a value, a new or a removed key. */
static void
test_cost (void)
{
  g_autoptr (RunconfNode) large = make_flat (100000);
  g_autoptr (RunconfNode) none = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) value = runconf_node_new_integer (-1);
  g_auto (RunconfArenaContent) before = content_new (1, large, none);
  g_autoptr (RunconfArenaWriter) writer = runconf_arena_writer_new (&before, NULL);
  static const char *const changes[] = { "/key500", "/new", "/key77777", "/key1/below" };
  gsize used = get_used (writer);

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (RunconfNode) overrides = tree_set (none, changes[i], value);
      g_auto (RunconfArenaContent) after = content_new (2 + i, large, overrides);
      gsize limit = strcmp (changes[i], "/new") == 0 ? 16384 : 4096;

      g_assert_true (runconf_arena_writer_publish (writer, &before, &after));
      g_assert_cmpuint (get_used (writer) - used, <, limit);
      used = get_used (writer);
      g_assert_true (runconf_arena_writer_publish (writer, &after, &before));
      used = get_used (writer);
    }
}

#define N_COLLIDING 100

/* Returns: an arena whose seed can be part of a path without escapes */
static RunconfArenaWriter *
write_with_usable_seed (const RunconfArenaContent *content)
{
  for (;;)
    {
      g_autoptr (RunconfArenaWriter) writer = runconf_arena_writer_new (content, NULL);
      guint64 seed = runconf_arena_get_header (runconf_arena_writer_get_arena (writer))->seed;
      guint n_usable = 0;

      seed ^= G_GUINT64_CONSTANT (0xa0761d6478bd642f);
      for (guint i = 0; i < sizeof seed; i++)
        {
          char byte = seed >> (8 * i);

          n_usable += byte != '\0' && byte != '/' && byte != '~';
        }
      if (n_usable == sizeof seed)
        return g_steal_pointer (&writer);
    }
}

/* With the seed of an arena, paths can be chosen that its hash multiplies by zero. They cost time,
 * but are distinguished nevertheless.
 */
static void
test_collisions (void)
{
  g_autoptr (RunconfNode) none = runconf_mapping_new_empty ();
  g_auto (RunconfArenaContent) empty = content_new (1, none, none);
  g_autoptr (RunconfArenaWriter) writer = write_with_usable_seed (&empty);
  guint64 zero = runconf_arena_get_header (runconf_arena_writer_get_arena (writer))->seed
                 ^ G_GUINT64_CONSTANT (0xa0761d6478bd642f);
  g_autoptr (RunconfNode) all = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) fewer = NULL;
  g_auto (RunconfArenaContent) first = { 0 };
  g_auto (RunconfArenaContent) second = { 0 };
  char pointers[N_COLLIDING][32];
  RunconfArenaView view;

  for (guint i = 0; i < N_COLLIDING; i++)
    {
      g_autoptr (RunconfNode) value = runconf_node_new_integer (i);
      g_autoptr (RunconfNode) before = all;

      g_snprintf (pointers[i], sizeof pointers[i], "/k%06u%.8scommon", i, (const char *) &zero);
      all = runconf_mapping_with (before, pointers[i] + 1, value);
    }
  fewer = runconf_mapping_without (all, pointers[50] + 1);
  first = content_new (2, all, none);
  second = content_new (3, fewer, none);

  g_assert_true (runconf_arena_writer_publish (writer, &empty, &first));
  g_assert_true (runconf_arena_get_view (runconf_arena_writer_get_arena (writer), &view));
  for (guint i = 0; i < N_COLLIDING; i++)
    {
      g_assert_cmpint (find (&view, pointers[i])->value, ==, i);
      g_assert_cmpuint (find (&view, pointers[i])->hash, ==, find (&view, pointers[0])->hash);
    }

  g_assert_true (runconf_arena_writer_publish (writer, &first, &second));
  g_assert_true (runconf_arena_get_view (runconf_arena_writer_get_arena (writer), &view));
  for (guint i = 0; i < N_COLLIDING; i++)
    g_assert_cmpint (find (&view, pointers[i]) != NULL, ==, i != 50);
}

/* No process but the writer can write, grow, shrink or execute it, not even its owner. */
static void
test_seals (void)
{
  g_autoptr (RunconfArenaWriter) writer = write_texts ("{'a': 1}", "{}");
  int fd = runconf_arena_writer_open (writer, NULL);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  struct stat info;
  int again;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fstat (fd, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0400);
  g_assert_cmpint (write (fd, "x", 1), ==, -1);
  g_assert_true (mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);

  /* root may open it for writing, but still can't write */
  again = open (path, O_RDWR | O_CLOEXEC);
  if (again >= 0)
    {
      g_assert_cmpint (pwrite (again, "x", 1, 0), ==, -1);
      g_assert_cmpint (errno, ==, EPERM);
      g_assert_cmpint (ftruncate (again, 0), ==, -1);
      g_assert_true (mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, again, 0) == MAP_FAILED);
      close (again);
    }
  close (fd);
}

static void
test_full (void)
{
  g_autoptr (RunconfNode) none = runconf_mapping_new_empty ();
  g_auto (RunconfArenaContent) before = content_new (1, none, none);
  g_autoptr (RunconfArenaWriter) writer = runconf_arena_writer_new (&before, NULL);
  g_autofree char *text = g_strnfill (1000000, 'x');

  for (guint i = 0;; i++)
    {
      g_autofree char *path = g_strdup_printf ("/text%u", i);
      g_autoptr (RunconfNode) value = runconf_node_new_string (text, -1);
      g_autoptr (RunconfNode) tree = tree_set (none, path, value);
      g_auto (RunconfArenaContent) after = content_new (2 + i, none, tree);
      RunconfArenaView view;

      if (runconf_arena_writer_publish (writer, &before, &after))
        {
          g_assert_cmpuint (i, <, 4);
          g_assert_true (runconf_arena_writer_publish (writer, &after, &before));
          continue;
        }

      /* the version before is intact, and no more changes are accepted */
      g_assert_true (runconf_arena_get_view (runconf_arena_writer_get_arena (writer), &view));
      g_assert_cmpuint (runconf_arena_view_get_version (&view), ==, 1);
      g_assert_null (find (&view, path));
      g_assert_true (runconf_arena_writer_is_filling (writer));
      g_assert_false (runconf_arena_writer_publish (writer, &before, &before));
      break;
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/arena/values", test_values);
  g_test_add_func ("/arena/in-sequence", test_in_sequence);
  g_test_add_func ("/arena/defaults", test_defaults);
  g_test_add_func ("/arena/random", test_random);
  g_test_add_func ("/arena/cost", test_cost);
  g_test_add_func ("/arena/collisions", test_collisions);
  g_test_add_func ("/arena/seals", test_seals);
  g_test_add_func ("/arena/full", test_full);

  return g_test_run ();
}
