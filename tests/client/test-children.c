/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service.h"

#define DEFAULTS                                                                                   \
  "m: {a: 1, b: {x: 1, y: 2}, c: 3, d: [1, 2], 'e/~': 5}\nlist: [{name: one}, two]\nscalar: 1\n"

/* A list that is kept equal to the model by its signals alone. */
typedef struct
{
  GListModel *model;
  GPtrArray *items;
  guint n_removed;
  guint n_added;
  guint n_signals;
  guint n_notified;
} Mirror;

static void
on_notify (RunconfChild *child, GParamSpec *pspec, Mirror *mirror)
{
  g_assert_cmpstr (pspec->name, ==, "value");
  mirror->n_notified++;
}

static void
on_items_changed (GListModel *model, guint position, guint n_removed, guint n_added, Mirror *mirror)
{
  for (guint i = 0; i < n_removed; i++)
    {
      g_signal_handlers_disconnect_by_data (mirror->items->pdata[position], mirror);
      g_ptr_array_remove_index (mirror->items, position);
    }
  for (guint i = position; i < position + n_added; i++)
    {
      gpointer child = g_list_model_get_item (model, i);

      g_signal_connect (child, "notify", G_CALLBACK (on_notify), mirror);
      g_ptr_array_insert (mirror->items, (int) i, child);
    }
  mirror->n_removed += n_removed;
  mirror->n_added += n_added;
  mirror->n_signals++;

  /* the model is now as all signals until now say */
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, mirror->items->len);
  for (guint i = 0; i < mirror->items->len; i++)
    {
      g_autoptr (GObject) child = g_list_model_get_item (model, i);

      g_assert_true (child == mirror->items->pdata[i]);
    }
}

static Mirror *
mirror_new (RunconfConfiguration *configuration, const char *path)
{
  Mirror *self = g_new0 (Mirror, 1);
  g_autoptr (GError) error = NULL;

  self->model = runconf_configuration_create_children_model (configuration, path, &error);
  g_assert_no_error (error);
  g_assert_true (g_list_model_get_item_type (self->model) == RUNCONF_TYPE_CHILD);
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  on_items_changed (self->model, 0, 0, g_list_model_get_n_items (self->model), self);
  g_signal_connect (self->model, "items-changed", G_CALLBACK (on_items_changed), self);

  return self;
}

static void
mirror_free (Mirror *self)
{
  g_assert_finalize_object (self->model);
  for (guint i = 0; i < self->items->len; i++)
    g_signal_handlers_disconnect_by_data (self->items->pdata[i], self);
  g_ptr_array_unref (self->items);
  g_free (self);
}

static void
mirror_forget (Mirror *self)
{
  self->n_removed = self->n_added = self->n_signals = self->n_notified = 0;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Mirror, mirror_free)

/* Whether the model has the keys, paths and values that a read returns, in any order. */
static gboolean
has_values (Mirror *self, RunconfConfiguration *configuration, const char *path)
{
  g_auto (GStrv) keys = runconf_configuration_list (configuration, path);

  if (g_strv_length (keys) != self->items->len)
    return FALSE;

  for (guint i = 0; i < self->items->len; i++)
    {
      RunconfChild *child = self->items->pdata[i];
      const char *key = runconf_child_get_key (child);
      g_autofree char *below = runconf_path_join ((const char *const[]){ key, NULL });
      g_autofree char *child_path = g_strconcat (path, below, NULL);
      g_autoptr (GVariant) expected = runconf_configuration_get_value (configuration, child_path);
      g_autoptr (GVariant) value = runconf_child_get_value (child);

      g_assert_cmpstr (runconf_child_get_path (child), ==, child_path);
      if (expected == NULL || !g_variant_equal (value, expected))
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_up_to_date (Mirror *self, RunconfConfiguration *configuration, const char *path)
{
  g_auto (GStrv) keys = runconf_configuration_list (configuration, path);

  if (!has_values (self, configuration, path))
    return FALSE;

  for (guint i = 0; i < self->items->len; i++)
    if (strcmp (runconf_child_get_key (self->items->pdata[i]), keys[i]) != 0)
      return FALSE;

  return TRUE;
}

static char *
print_keys (Mirror *self)
{
  GString *keys = g_string_new (NULL);

  for (guint i = 0; i < self->items->len; i++)
    g_string_append_printf (keys, "%s ", runconf_child_get_key (self->items->pdata[i]));

  return g_string_free (keys, FALSE);
}

static void
assert_keys (Mirror *self, const char *expected)
{
  g_autofree char *keys = print_keys (self);

  g_assert_cmpstr (keys, ==, expected);
}

static void
test_changes (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (Mirror) mirror = mirror_new (configuration, "/m");
  g_autoptr (RunconfChild) first = g_list_model_get_item (mirror->model, 0);

  assert_keys (mirror, "a b c d e/~ ");
  g_assert_null (g_list_model_get_item (mirror->model, 5));
  g_assert_true (is_up_to_date (mirror, configuration, "/m"));

  /* a value: the list is the same, and only the changed child is notified */
  mirror_forget (mirror);
  world_put (&service->world, "/m/b/x", g_variant_new_int64 (7));
  world_put (&service->world, "/m/e~1~0", g_variant_new_int64 (7));
  world_wait_until (is_up_to_date (mirror, configuration, "/m"));
  g_assert_cmpuint (mirror->n_signals, ==, 0);
  g_assert_cmpuint (mirror->n_notified, ==, 2);

  /* keys in two places */
  mirror_forget (mirror);
  g_assert_true (runconf_configuration_unset_sync (configuration, "/m/b", NULL, NULL, NULL));
  g_assert_true (runconf_configuration_set_int64_sync (configuration, "/m/f", 1, NULL, NULL, NULL));
  world_wait_until (is_up_to_date (mirror, configuration, "/m"));
  assert_keys (mirror, "a c d e/~ f ");
  g_assert_cmpuint (mirror->n_removed, ==, 1);
  g_assert_cmpuint (mirror->n_added, ==, 1);
  g_assert_cmpuint (mirror->n_notified, ==, 0);
  g_assert_true (first == mirror->items->pdata[0]);

  /* it isn't a mapping any more, and is one again */
  world_put (&service->world, "/m", g_variant_new_int64 (1));
  world_wait_until (mirror->items->len == 0);
  world_put (&service->world, "/m", g_variant_new_parsed ("['x', 'y']"));
  world_wait_until (is_up_to_date (mirror, configuration, "/m"));
  assert_keys (mirror, "0 1 ");
  g_assert_true (runconf_configuration_reset_sync (configuration, "/m", NULL, NULL, NULL));
  world_wait_until (is_up_to_date (mirror, configuration, "/m"));
  assert_keys (mirror, "a b c d e/~ ");
  g_assert_false (first == mirror->items->pdata[0]);
}

static void
test_places (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (Mirror) all = mirror_new (configuration, "");
  g_autoptr (Mirror) list = mirror_new (configuration, "/list");
  g_autoptr (Mirror) element = mirror_new (configuration, "/list/0");
  g_autoptr (Mirror) scalar = mirror_new (configuration, "/scalar");
  g_autoptr (Mirror) missing = mirror_new (configuration, "/missing");
  g_autoptr (GError) error = NULL;

  assert_keys (all, "m list scalar ");
  assert_keys (list, "0 1 ");
  assert_keys (element, "name ");
  assert_keys (scalar, "");
  assert_keys (missing, "");

  mirror_forget (list);
  world_put (&service->world, "/list/0/size", g_variant_new_int64 (1));
  world_put (&service->world, "/list/-", g_variant_new_int64 (1));
  world_put (&service->world, "/missing/a", g_variant_new_int64 (1));
  world_wait_until (is_up_to_date (list, configuration, "/list"));
  world_wait_until (is_up_to_date (element, configuration, "/list/0"));
  world_wait_until (is_up_to_date (missing, configuration, "/missing"));
  world_wait_until (is_up_to_date (all, configuration, ""));
  assert_keys (list, "0 1 2 ");
  assert_keys (element, "name size ");
  assert_keys (missing, "a ");
  assert_keys (all, "m list scalar missing ");
  g_assert_cmpuint (list->n_removed, ==, 0);
  g_assert_cmpuint (list->n_added, ==, 1);

  g_assert_null (runconf_configuration_create_children_model (configuration, "list", &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "like “/list”");
}

/* Returns: the length of the longest sequence of keys that is in both in the same order, by the rule of
 *   the common subsequence
 */
static guint
count_common (GPtrArray *old_items, GPtrArray *new_items)
{
  guint width = new_items->len + 1;
  g_autofree guint *counts = g_new0 (guint, (old_items->len + 1) * width);

  for (guint i = 1; i <= old_items->len; i++)
    for (guint j = 1; j <= new_items->len; j++)
      counts[i * width + j] = strcmp (runconf_child_get_key (old_items->pdata[i - 1]),
                                      runconf_child_get_key (new_items->pdata[j - 1]))
                                      == 0
                                  ? counts[(i - 1) * width + j - 1] + 1
                                  : MAX (counts[(i - 1) * width + j], counts[i * width + j - 1]);

  return counts[old_items->len * width + new_items->len];
}

/* A key that stays has the same object, and no more children are taken out than necessary. */
static void
check_change (Mirror *mirror, GPtrArray *before)
{
  guint n_common = count_common (before, mirror->items);

  for (guint i = 0; i < before->len; i++)
    for (guint j = 0; j < mirror->items->len; j++)
      if (strcmp (runconf_child_get_key (before->pdata[i]),
                  runconf_child_get_key (mirror->items->pdata[j]))
          == 0)
        g_assert_true (before->pdata[i] == mirror->items->pdata[j]);

  g_assert_cmpuint (mirror->n_removed, ==, before->len - n_common);
  g_assert_cmpuint (mirror->n_added, ==, mirror->items->len - n_common);
}

static GVariant *
make_random_mapping (void)
{
  GVariantDict dict;
  guint n_keys = (guint) g_test_rand_int_range (0, 7);

  g_variant_dict_init (&dict, NULL);
  for (guint i = 0; i < n_keys; i++)
    {
      char key[] = { (char) g_test_rand_int_range ('a', 'i'), '\0' };

      g_variant_dict_insert (&dict, key, "x", (gint64) g_test_rand_int_range (0, 3));
    }

  return g_variant_dict_end (&dict);
}

/* Makes one change at random; it may be refused, or change nothing. */
static void
change_at_random (RunconfConfiguration *configuration)
{
  g_autofree char *path = g_strdup_printf ("/m/%c", (char) g_test_rand_int_range ('a', 'i'));

  switch (g_test_rand_int_range (0, 12))
    {
    case 0:
      runconf_configuration_reset_sync (configuration, "/m", NULL, NULL, NULL);
      break;
    case 1:
    case 2:
      runconf_configuration_replace_value_sync (configuration, "/m", make_random_mapping (), NULL,
                                                NULL, NULL);
      break;
    case 3:
      runconf_configuration_set_value_sync (configuration, "/m", make_random_mapping (), NULL, NULL,
                                            NULL);
      break;
    case 4:
      runconf_configuration_set_value_sync (configuration, "/m",
                                            g_variant_new_parsed ("[1, 2, %i]", g_test_rand_int ()),
                                            NULL, NULL, NULL);
      break;
    case 5:
    case 6:
      runconf_configuration_unset_sync (configuration, path, NULL, NULL, NULL);
      break;
    case 7:
    case 8:
      runconf_configuration_reset_sync (configuration, path, NULL, NULL, NULL);
      break;
    default:
      runconf_configuration_set_int64_sync (configuration, path, g_test_rand_int_range (0, 3), NULL,
                                            NULL, NULL);
    }
}

static void
test_random (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (Mirror) mirror = mirror_new (configuration, "/m");

  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func (g_object_unref);

      for (guint j = 0; j < mirror->items->len; j++)
        g_ptr_array_add (before, g_object_ref (mirror->items->pdata[j]));
      mirror_forget (mirror);
      change_at_random (configuration);
      if (has_values (mirror, configuration, "/m"))
        continue; /* a change of the order alone isn't reported */

      world_wait_until (is_up_to_date (mirror, configuration, "/m"));
      check_change (mirror, before);
    }
}

/* A handler that runs a main loop gets the next change in the middle of one. */
static void
on_first_change (GListModel *model, guint position, guint n_removed, guint n_added,
                 Service *service)
{
  g_signal_handlers_disconnect_by_data (model, service);
  world_put (&service->world, "/m", g_variant_new_parsed ("{'z': 1, 'a': 2}"));
  g_assert_true (
      runconf_configuration_unset_sync (service->configuration, "/m/c", NULL, NULL, NULL));
  wait_a_moment ();
}

static void
test_nested (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (Mirror) mirror = mirror_new (configuration, "/m");

  g_signal_connect (mirror->model, "items-changed", G_CALLBACK (on_first_change), service);
  world_put (&service->world, "/m", g_variant_new_parsed ("{'f': 1, 'g': 2}"));
  world_wait_until (!runconf_configuration_has (configuration, "/m/c"));
  world_wait_until (is_up_to_date (mirror, configuration, "/m"));
}

/* The model keeps the configuration, and a handler may drop the model. */
static void
on_change_drop (GListModel *model, guint position, guint n_removed, guint n_added,
                GListModel **place)
{
  g_clear_object (place);
}

static void
test_life (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect (service);
  RunconfConfiguration *configuration = service_open (connection);
  GListModel *model = runconf_configuration_create_children_model (configuration, "/m", NULL);

  g_object_add_weak_pointer (G_OBJECT (configuration), (gpointer *) &configuration);
  g_object_unref (configuration);
  g_assert_nonnull (configuration);
  g_signal_connect (model, "items-changed", G_CALLBACK (on_change_drop), &model);
  world_put (&service->world, "/m/new", g_variant_new_int64 (1));
  world_wait_until (model == NULL && configuration == NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  g_test_add_func ("/children/changes", test_changes);
  g_test_add_func ("/children/places", test_places);
  g_test_add_func ("/children/random", test_random);
  g_test_add_func ("/children/nested", test_nested);
  g_test_add_func ("/children/life", test_life);

  return g_test_run ();
}
