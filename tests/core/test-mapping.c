/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/mapping.h"

#include <string.h>

#include "tests/core/testutil.h"

/* The simple model of one mapping: keys in an array for their order, values in a table. */
typedef struct
{
  GPtrArray *keys;
  GHashTable *values;
} Model;

static void
model_init (Model *self)
{
  self->keys = g_ptr_array_new_with_free_func (g_free);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) runconf_node_unref);
}

static void
model_clear (Model *self)
{
  g_ptr_array_unref (self->keys);
  g_hash_table_unref (self->values);
}

static void
model_set (Model *self, const char *key, const RunconfNode *value)
{
  if (!g_hash_table_contains (self->values, key))
    g_ptr_array_add (self->keys, g_strdup (key));
  g_hash_table_replace (self->values, g_strdup (key), runconf_node_ref (value));
}

static void
model_remove (Model *self, const char *key)
{
  guint position;

  if (g_ptr_array_find_with_equal_func (self->keys, key, g_str_equal, &position))
    g_ptr_array_remove_index (self->keys, position);
  g_hash_table_remove (self->values, key);
}

static void
assert_model (const RunconfNode *mapping, const Model *model)
{
  const char *absent = random_key ();
  gsize length;

  g_assert_cmpuint (runconf_node_get_length (mapping), ==, model->keys->len);
  for (guint i = 0; i < model->keys->len; i++)
    {
      const char *key = model->keys->pdata[i];
      const RunconfNode *value = g_hash_table_lookup (model->values, key);

      g_assert_cmpstr (runconf_mapping_get_key (mapping, i, &length), ==, key);
      g_assert_cmpuint (length, ==, strlen (key));
      g_assert_true (runconf_mapping_get (mapping, key) == value);
      g_assert_true (runconf_node_get_child (mapping, i) == value);
    }

  if (!g_hash_table_contains (model->values, absent))
    g_assert_null (runconf_mapping_get (mapping, absent));
}

/* Returns: (transfer full): a key that is in the model, or may be */
static char *
pick_key (const Model *model)
{
  guint length = model->keys->len;

  if (length > 0 && g_test_rand_int_range (0, 3) > 0)
    return g_strdup (model->keys->pdata[g_test_rand_int_range (0, length)]);
  if (g_test_rand_int_range (0, 2) > 0)
    return g_strdup (random_key ());

  return g_strdup_printf ("k%d", g_test_rand_int_range (0, 400));
}

static RunconfNode *
build_random (Model *model)
{
  static const guint lengths[] = { 0, 1, 2, 8, 9, 10, 21, 22, 63, 64, 65, 128, 129, 200, 300 };
  guint length = lengths[g_test_rand_int_range (0, G_N_ELEMENTS (lengths))];
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();

  while (model->keys->len < length)
    {
      g_autoptr (RunconfNode) value = random_node (1);
      g_autofree char *key = pick_key (model);
      gboolean is_new = !g_hash_table_contains (model->values, key);
      guint position = G_MAXUINT;

      g_assert_cmpint (runconf_mapping_builder_find (builder, key, strlen (key), &position), ==,
                       !is_new);
      g_assert_cmpint (runconf_mapping_builder_add (builder, key, strlen (key), value), ==, is_new);
      if (is_new)
        model_set (model, key, value);
      else
        g_assert_cmpstr (model->keys->pdata[position], ==, key);
    }

  return runconf_mapping_builder_end (builder);
}

/* One key at a time; the mapping before the edit stays the same. */
static void
test_edits (void)
{
  for (guint trial = 0; trial < N_TRIALS / 80; trial++)
    {
      Model model;
      g_autoptr (RunconfNode) mapping = NULL;

      model_init (&model);
      mapping = build_random (&model);
      assert_model (mapping, &model);
      for (guint i = 0; i < 60; i++)
        {
          g_autoptr (RunconfNode) old = g_steal_pointer (&mapping);
          g_autoptr (RunconfNode) value = random_node (1);
          g_autofree char *before = tree_print (old);
          g_autofree char *after = NULL;
          g_autofree char *key = pick_key (&model);
          gboolean is_removal = g_test_rand_int_range (0, 3) == 0;

          mapping = is_removal ? runconf_mapping_without (old, key)
                               : runconf_mapping_with (old, key, value);
          if (is_removal)
            model_remove (&model, key);
          else
            model_set (&model, key, value);

          assert_model (mapping, &model);
          after = tree_print (old);
          g_assert_cmpstr (before, ==, after);
        }
      model_clear (&model);
    }
}

/* Many changes at once have the same result as one after the other. */
static void
test_changes (void)
{
  for (guint trial = 0; trial < N_TRIALS / 10; trial++)
    {
      Model model;
      g_autoptr (RunconfNode) old = NULL;
      g_autoptr (RunconfNode) mapping = NULL;
      g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_autoptr (GArray) changes = runconf_mapping_changes_new ();
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;

      model_init (&model);
      old = build_random (&model);
      before = tree_print (old);
      for (guint left = g_test_rand_int_range (0, 12); left > 0; left--)
        {
          g_autoptr (RunconfNode) value = random_node (1);
          g_autofree char *picked = pick_key (&model);
          char *key = picked;

          if (g_hash_table_contains (seen, key))
            continue;

          g_hash_table_add (seen, g_steal_pointer (&picked));
          if (g_test_rand_int_range (0, 3) == 0)
            {
              runconf_mapping_changes_add (changes, key, NULL);
              model_remove (&model, key);
            }
          else
            {
              runconf_mapping_changes_add (changes, key, runconf_node_ref (value));
              model_set (&model, key, value);
            }
        }

      mapping = runconf_mapping_change (old, changes);
      assert_model (mapping, &model);
      after = tree_print (old);
      g_assert_cmpstr (before, ==, after);
      model_clear (&model);
    }
}

/* A key that is removed and set again in one builder keeps its position. */
static void
test_builder (void)
{
  g_autoptr (RunconfNode) one = tree_new ("1");
  g_autoptr (RunconfNode) two = tree_new ("2");
  g_autoptr (RunconfNode) source = tree_new ("{'a': 1, 'b': 1, '': 1}");
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new_from (source);
  g_autoptr (RunconfMappingBuilder) again = NULL;
  g_autoptr (RunconfNode) built = NULL;
  g_autoptr (RunconfNode) nothing = NULL;
  g_autoptr (RunconfNode) removed = NULL;
  guint position;

  runconf_mapping_builder_remove (builder, "a", 1);
  runconf_mapping_builder_remove (builder, "a", 1);
  runconf_mapping_builder_remove (builder, "x", 1);
  g_assert_false (runconf_mapping_builder_find (builder, "a", 1, &position));
  g_assert_true (runconf_mapping_builder_add (builder, "a", 1, two));
  g_assert_false (runconf_mapping_builder_add (builder, "a", 1, one));
  runconf_mapping_builder_remove (builder, "", 0);
  runconf_mapping_builder_set (builder, "", 0, two);
  built = runconf_mapping_builder_end (builder);
  assert_tree (built, "{'a': 2, 'b': 1, '': 2}");
  g_assert_true (runconf_mapping_shares_keys (source, built));

  /* the builder is empty now, and may be used again */
  nothing = runconf_mapping_builder_end (builder);
  assert_tree (nothing, "{}");

  again = runconf_mapping_builder_new_from (built);
  runconf_mapping_builder_remove (again, "b", 1);
  removed = runconf_mapping_builder_end (again);
  assert_tree (removed, "{'a': 2, '': 2}");
  g_assert_cmpstr (runconf_mapping_get_key (removed, 1, NULL), ==, "");
}

static void
test_same (void)
{
  Model model;
  g_autoptr (RunconfNode) mapping = NULL;
  g_autoptr (RunconfNode) without = NULL;

  model_init (&model);
  mapping = build_random (&model);
  without = runconf_mapping_without (mapping, "no such key");
  g_assert_true (without == mapping);

  for (guint i = 0; i < model.keys->len; i++)
    {
      const char *key = model.keys->pdata[i];
      g_autoptr (RunconfNode) with
          = runconf_mapping_with (mapping, key, runconf_mapping_get (mapping, key));

      g_assert_true (with == mapping);
    }
  model_clear (&model);
}

static RunconfNode *
build_flat (guint length)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();

  for (guint i = 0; i < length; i++)
    {
      g_autofree char *key = g_strdup_printf ("%u", i);
      g_autoptr (RunconfNode) value = runconf_node_new_integer (i);

      runconf_mapping_builder_add (builder, key, strlen (key), value);
    }

  return runconf_mapping_builder_end (builder);
}

static void
assert_differences (const RunconfNode *a, const RunconfNode *b, const gboolean *differs)
{
  guint length = runconf_node_get_length (a);
  guint next = length;

  g_assert_true (runconf_mapping_shares_keys (a, b));
  for (guint i = length; i > 0; i--)
    {
      guint position = i - 1;

      next = differs[i - 1] ? i - 1 : next;
      g_assert_cmpint (runconf_mapping_next_difference (a, b, &position), ==, next < length);
      if (next < length)
        g_assert_cmpuint (position, ==, next);
    }
}

/* If only values change, the keys are shared, and the positions of the changes are found. */
static void
test_differences (void)
{
  g_autoptr (RunconfNode) other = tree_new ("'other'");

  for (guint length = 0; length <= 300; length += 1 + length / 7)
    {
      g_autoptr (RunconfNode) old = build_flat (length);
      g_autoptr (RunconfNode) mapping = runconf_node_ref (old);
      g_autofree gboolean *differs = g_new0 (gboolean, length + 1);

      assert_differences (old, mapping, differs);
      for (guint left = MIN (length, 10); left > 0; left--)
        {
          g_autoptr (RunconfNode) before = g_steal_pointer (&mapping);
          guint position = g_test_rand_int_range (0, length);

          mapping
              = runconf_mapping_with (before, runconf_mapping_get_key (old, position, NULL), other);
          differs[position] = TRUE;
          assert_differences (old, mapping, differs);
        }
    }
}

/* The same with a builder; one that changes nothing returns the same mapping. */
static void
test_sharing (void)
{
  for (guint length = 4; length <= 300; length += 1 + length / 7)
    {
      g_autoptr (RunconfNode) other = tree_new ("'other'");
      g_autoptr (RunconfNode) old = build_flat (length);
      g_autoptr (RunconfNode) mapping = NULL;
      g_autoptr (RunconfNode) same = NULL;
      g_autoptr (GArray) changes = runconf_mapping_changes_new ();
      g_autoptr (GArray) none = runconf_mapping_changes_new ();
      g_autofree gboolean *differs = g_new0 (gboolean, length);

      for (guint i = 0; i < length; i += 1 + length / 5)
        {
          const char *key = runconf_mapping_get_key (old, i, NULL);

          runconf_mapping_changes_add (changes, key, runconf_node_ref (other));
          runconf_mapping_changes_add (none, key,
                                       runconf_node_ref (runconf_node_get_child (old, i)));
          differs[i] = TRUE;
        }

      mapping = runconf_mapping_change (old, changes);
      same = runconf_mapping_change (old, none);
      assert_differences (old, mapping, differs);
      g_assert_true (same == old);
    }
}

/* Mappings are equal with their keys in any order. */
static void
test_equal_in_any_order (void)
{
  for (guint length = 0; length <= 300; length += 1 + length / 7)
    {
      g_autoptr (RunconfNode) forwards = build_flat (length);
      g_autoptr (RunconfNode) extra = tree_new ("1");
      g_autoptr (RunconfNode) longer = runconf_mapping_with (forwards, "more", extra);
      g_autoptr (RunconfNode) backwards = NULL;
      g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();

      for (guint i = length; i > 0; i--)
        {
          gsize n_bytes;
          const char *key = runconf_mapping_get_key (forwards, i - 1, &n_bytes);
          g_autoptr (RunconfNode) value = runconf_node_new_integer (i - 1);

          g_assert_true (runconf_mapping_builder_add (builder, key, n_bytes, value));
        }

      backwards = runconf_mapping_builder_end (builder);
      g_assert_true (runconf_node_equal (forwards, backwards));
      g_assert_true (runconf_node_equal (backwards, forwards));
      g_assert_false (runconf_node_equal (forwards, longer));
      g_assert_false (runconf_node_equal (longer, backwards));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mapping/edits", test_edits);
  g_test_add_func ("/mapping/changes", test_changes);
  g_test_add_func ("/mapping/builder", test_builder);
  g_test_add_func ("/mapping/same", test_same);
  g_test_add_func ("/mapping/differences", test_differences);
  g_test_add_func ("/mapping/sharing", test_sharing);
  g_test_add_func ("/mapping/equal-in-any-order", test_equal_in_any_order);

  return g_test_run ();
}
