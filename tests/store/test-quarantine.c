/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "store/file/quarantine.h"
#include "support.h"

#define MIB (1024 * 1024)

static char *
keep (Bench *bench, GBytes *text)
{
  g_autoptr (GError) error = NULL;
  char *copy = runconf_quarantine_keep (bench->path, RUNCONF_QUARANTINE_CORRUPT, text, &error);

  g_assert_no_error (error);
  return copy;
}

static char *
keep_text (Bench *bench, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return keep (bench, bytes);
}

static void
test_copy (Bench *bench, gconstpointer data)
{
  g_autofree char *copy = keep_text (bench, "a: [\n");
  g_autofree char *again = keep_text (bench, "a: [\n");
  g_autofree char *other = keep_text (bench, "b: [\n");
  g_autofree char *prefix = g_strconcat (bench->path, ".corrupt-2", NULL);
  g_autofree char *content = NULL;
  struct stat status;

  g_assert_true (g_str_has_prefix (copy, prefix));
  g_assert_true (g_file_get_contents (copy, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "a: [\n");
  g_assert_no_errno (stat (copy, &status));
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);

  g_assert_cmpstr (again, ==, copy);
  g_assert_cmpstr (other, >, copy);
  g_assert_cmpuint (bench_count (bench, "c.yaml.corrupt-*"), ==, 2);
  g_assert_cmpuint (bench_count (bench, "*"), ==, 3);
  bench_assert_text (bench, "a: 1\n");
}

static void
test_count (Bench *bench, gconstpointer data)
{
  g_autofree char *first = keep_text (bench, "first");
  g_autofree char *last = NULL;

  bench_write (bench, "c.yaml.corrupt", "not a copy");
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *text = g_strdup_printf ("text %u", i);

      g_free (last);
      last = keep_text (bench, text);
    }

  g_assert_cmpuint (bench_count (bench, "c.yaml.corrupt-*"), ==, 20);
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (last, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (bench_count (bench, "c.yaml.corrupt"), ==, 1);
}

static void
test_bytes (Bench *bench, gconstpointer data)
{
  g_autofree char *small = keep_text (bench, "small");

  for (guint i = 0; i < 5; i++)
    {
      char *content = g_malloc (9 * MIB);
      g_autoptr (GBytes) text = NULL;
      g_autofree char *copy = NULL;

      memset (content, 'a' + i, 9 * MIB);
      text = g_bytes_new_take (content, 9 * MIB);
      copy = keep (bench, text);
      g_assert_true (g_file_test (copy, G_FILE_TEST_EXISTS));
    }

  g_assert_cmpuint (bench_count (bench, "c.yaml.corrupt-*"), ==, 3);
  g_assert_false (g_file_test (small, G_FILE_TEST_EXISTS));
}

static void
test_failure (Bench *bench, gconstpointer data)
{
  g_autoptr (GBytes) text = g_bytes_new_static ("a", 1);
  g_autofree char *path = bench_path (bench, "none/c.yaml");
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_quarantine_keep (path, RUNCONF_QUARANTINE_CORRUPT, text, &error));
  g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED);
  g_assert_true (g_str_has_prefix (error->message, path));
}

#define add(name, func)                                                                            \
  g_test_add ("/store/quarantine/" name, Bench, NULL, bench_make, func, bench_remove)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("copy", test_copy);
  add ("count", test_count);
  add ("bytes", test_bytes);
  add ("failure", test_failure);

  return g_test_run ();
}
