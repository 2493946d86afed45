/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/small.h"

static void
assert_text (char type, guint64 value, const char *text)
{
  g_autoptr (GVariant) one = runconf_small_get (type, value);
  g_autoptr (GVariant) other = runconf_small_get (type, value);
  g_autofree char *printed = NULL;

  g_assert_true (one == other);
  g_assert_false (g_variant_is_floating (one));
  printed = g_variant_print (one, TRUE);
  g_assert_cmpstr (printed, ==, text);
}

static void
test_values (void)
{
  assert_text ('b', FALSE, "false");
  assert_text ('b', TRUE, "true");
  assert_text ('i', 0, "0");
  assert_text ('i', 255, "255");
  assert_text ('u', 0, "uint32 0");
  assert_text ('u', 255, "uint32 255");
  assert_text ('x', 0, "int64 0");
  assert_text ('x', 255, "int64 255");
}

static void
test_others (void)
{
  g_assert_null (runconf_small_get ('i', 256));
  g_assert_null (runconf_small_get ('x', (guint64) -1));
  g_assert_null (runconf_small_get ('x', G_MAXUINT64 - 255));
  g_assert_null (runconf_small_get ('t', 1));
  g_assert_null (runconf_small_get ('d', 1));
  g_assert_null (runconf_small_get ('\0', 1));
}

#define N_THREADS 4

static gpointer
get_all (gpointer data)
{
  GVariant **found = data;

  for (guint i = 0; i < 256; i++)
    found[i] = runconf_small_get ('u', i);

  return NULL;
}

/* Threads that ask for a value at the same time get the same one. */
static void
test_threads (void)
{
  static GVariant *found[N_THREADS][256];
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("small", get_all, found[i]);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  for (guint i = 0; i < N_THREADS; i++)
    for (guint j = 0; j < 256; j++)
      {
        g_assert_true (found[i][j] == found[0][j]);
        g_assert_cmpuint (g_variant_get_uint32 (found[i][j]), ==, j);
        g_variant_unref (found[i][j]);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/small/threads", test_threads);
  g_test_add_func ("/small/values", test_values);
  g_test_add_func ("/small/others", test_others);

  return g_test_run ();
}
