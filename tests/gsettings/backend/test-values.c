/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#define G_SETTINGS_ENABLE_BACKEND

#include <gio/gsettingsbackend.h>
#include <string.h>

#include "../random-value.h"
#include "support.h"

/* The law of the form, over the service and its file: random values of random types are the same
 * after the backend, the file, an edit of the white space by hand, and another backend.
 */
#define N_VALUES 10000
#define N_CHANGES 10
#define MAX_DEPTH 3

static char *
make_key (guint number)
{
  return g_strdup_printf ("/values/k%u", number);
}

static GPtrArray *
make_values (void)
{
  GPtrArray *values = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (guint i = 0; i < N_VALUES; i++)
    {
      GVariantType *type = random_type (MAX_DEPTH);

      g_ptr_array_add (values, g_variant_take_ref (random_value (type, MAX_DEPTH)));
      g_variant_type_free (type);
    }

  return values;
}

static int
compare_keys (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static void
write_values (GSettingsBackend *backend, GPtrArray *values)
{
  const guint n = N_VALUES / N_CHANGES;

  for (guint i = 0; i < N_CHANGES; i++)
    {
      g_autoptr (GTree) tree
          = g_tree_new_full (compare_keys, NULL, g_free, (GDestroyNotify) g_variant_unref);

      for (guint number = i * n; number < (i + 1) * n; number++)
        g_tree_insert (tree, make_key (number), g_variant_ref (values->pdata[number]));
      g_assert_true (G_SETTINGS_BACKEND_GET_CLASS (backend)->write_tree (backend, tree, NULL));
    }
}

static void
assert_values (GSettingsBackend *backend, GPtrArray *values)
{
  GSettingsBackendClass *class = G_SETTINGS_BACKEND_GET_CLASS (backend);

  for (guint i = 0; i < N_VALUES; i++)
    {
      g_autofree char *key = make_key (i);
      g_autofree char *wanted = print_sorted (values->pdata[i]);
      g_autofree char *found = NULL;
      GVariant *value = class->read (backend, key, g_variant_get_type (values->pdata[i]), FALSE);

      if (value == NULL)
        g_error ("%s: there is no %s", key, wanted);
      value = g_variant_take_ref (value);
      found = print_sorted (value);
      g_assert_cmpstr (found, ==, wanted);
      g_variant_unref (value);
    }
}

/* Each key gets an empty line above it, and more spaces behind its colon. */
static char *
respace (const char *text)
{
  g_autoptr (GRegex) keys
      = g_regex_new ("^  (k\\d+):(?= |$)", G_REGEX_MULTILINE, G_REGEX_MATCH_DEFAULT, NULL);

  return g_regex_replace (keys, text, -1, 0, "\n  \\1:  ", G_REGEX_MATCH_DEFAULT, NULL);
}

static void
test_random_values (Desk *desk, gconstpointer unused)
{
  g_autoptr (GPtrArray) values = make_values ();
  g_autoptr (GSettingsBackend) other = NULL;
  g_autofree char *before = NULL;
  g_autofree char *edited = NULL;
  g_autofree char *after = NULL;

  write_values (desk->backend, values);
  assert_values (desk->backend, values);
  G_SETTINGS_BACKEND_GET_CLASS (desk->backend)->sync (desk->backend);
  g_assert_cmpuint (messages_count ("settings weren't changed"), ==, 0);
  assert_values (desk->backend, values);

  before = desk_read_runtime (desk);
  edited = respace (before);
  g_assert_cmpuint (strlen (edited), >, strlen (before) + 2 * N_VALUES);
  desk_write_runtime (desk, edited);
  g_variant_unref (world_call (&desk->world, "Reload", NULL));
  world_stop_service (&desk->world);
  world_start_service (&desk->world);

  other = desk_make_backend ();
  assert_values (other, values);
  after = desk_read_runtime (desk);
  g_assert_nonnull (strstr (after, "\n\n  k5000:   "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();
  g_test_add ("/values/random", Desk, NULL, desk_set_up, test_random_values, desk_tear_down);

  return g_test_run ();
}
