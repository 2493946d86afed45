/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "test-history-support.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/diff.h"
#include "core/mapping.h"
#include "core/metadata.h"
#include "store/digest.h"
#include "tests/core/testutil.h"

guint n_syncs;
int sync_fails;

/* Syncs are counted, and don't wait for the disk: there is no power cut here. */
static int
count_sync (void)
{
  n_syncs++;
  errno = sync_fails;

  return sync_fails == 0 ? 0 : -1;
}

/* SQLite calls one or the other, depending on its build. */

int
fsync (int fd)
{
  return count_sync ();
}

int
fdatasync (int fd)
{
  return count_sync ();
}

void
bench_run (Bench *bench, const char *script)
{
  const char *argv[] = { "sh", "-ec", script, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (bench->directory, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
}

void
bench_make (Bench *bench, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  bench->directory = g_dir_make_tmp ("runconf-history-XXXXXX", &error);
  g_assert_no_error (error);
  bench->path = g_build_filename (bench->directory, "history", NULL);
  bench->limits.max_bytes = RUNCONF_HISTORY_MAX_BYTES;
  bench->trees = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);
  bench->overrides = tree_new ("{}");
  g_ptr_array_add (bench->trees, runconf_node_ref (bench->overrides));
  bench_open (bench);
}

void
bench_remove (Bench *bench, gconstpointer unused)
{
  g_autofree char *script = g_strdup_printf ("chmod -R u+rwX . && rm -rf '%s'", bench->directory);

  bench_close (bench);
  bench_run (bench, script);
  g_ptr_array_unref (bench->trees);
  runconf_node_unref (bench->overrides);
  g_free (bench->path);
  g_free (bench->directory);
}

char *
bench_open_in_trouble (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  char *trouble;

  bench->history = runconf_history_open (bench->path, &bench->limits, &trouble, &error);
  g_assert_no_error (error);
  g_assert_nonnull (bench->history);
  return trouble;
}

void
bench_open (Bench *bench)
{
  g_autofree char *trouble = bench_open_in_trouble (bench);

  g_assert_cmpstr (trouble, ==, NULL);
}

void
bench_close (Bench *bench)
{
  g_clear_pointer (&bench->history, runconf_history_free);
}

void
bench_reopen (Bench *bench)
{
  bench_close (bench);
  bench_open (bench);
}

GBytes *
digest_of (guint64 version)
{
  g_autofree char *text = g_strdup_printf ("text %" G_GUINT64_FORMAT, version);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return runconf_digest_new (bytes);
}

/* The key of Runconf isn't part of a layer. */
static RunconfNode *
random_overrides (const RunconfNode *overrides)
{
  g_autoptr (RunconfNode) edited = random_layer (overrides);

  return runconf_mapping_without (edited, RUNCONF_METADATA_KEY);
}

/* Returns: a tree of both layers, in which one of them is another than in @both */
RunconfNode *
random_change (const RunconfNode *both)
{
  g_autoptr (RunconfNode) boot = NULL;
  g_autoptr (RunconfNode) overrides = runconf_history_split (both, &boot);
  g_autoptr (RunconfNode) changed = NULL;

  if (g_test_rand_int_range (0, 4) == 0)
    {
      changed = random_overrides (boot);
      return runconf_history_join (overrides, changed);
    }

  changed = random_overrides (overrides);
  return runconf_history_join (changed, boot);
}

/* Returns: (transfer full): @both with the changes of a record */
RunconfNode *
apply_record (const RunconfNode *both, const RunconfHistoryRecord *record)
{
  g_autoptr (RunconfNode) boot = NULL;
  g_autoptr (RunconfNode) overrides = runconf_history_split (both, &boot);
  g_autoptr (RunconfNode) made
      = runconf_diff_apply (record->is_boot ? boot : overrides, record->deltas);

  return record->is_boot ? runconf_history_join (overrides, made)
                         : runconf_history_join (made, boot);
}

/* Both are trees of both layers; a change of both at once is none of a record. */
static GPtrArray *
diff_layers (const RunconfNode *from, const RunconfNode *to, gboolean *is_boot)
{
  g_autoptr (RunconfNode) boot_before = NULL;
  g_autoptr (RunconfNode) before = runconf_history_split (from, &boot_before);
  g_autoptr (RunconfNode) boot_after = NULL;
  g_autoptr (RunconfNode) after = runconf_history_split (to, &boot_after);

  *is_boot = !runconf_node_equal (boot_before, boot_after);
  g_assert_true (!*is_boot || runconf_node_equal (before, after));

  return *is_boot ? runconf_diff (boot_before, boot_after) : runconf_diff (before, after);
}

/* The time depends on the version, so that tests know it. */
RunconfHistoryRecord
record_make (Bench *bench, guint64 version, gint64 uid, const RunconfNode *from,
             const RunconfNode *to, const char *message)
{
  gboolean is_boot;
  GPtrArray *deltas = diff_layers (from, to, &is_boot);

  return (RunconfHistoryRecord){
    .version = version,
    .time = version * 1000,
    .origin = g_strdup ("set"),
    .uid = uid,
    .caller = g_strdup (":1.7"),
    .message = g_strdup (message),
    .deltas = deltas,
    .is_boot = is_boot,
  };
}

void
record_clear (RunconfHistoryRecord *record)
{
  g_free (record->origin);
  g_free (record->caller);
  g_free (record->message);
  g_clear_pointer (&record->deltas, g_ptr_array_unref);
}

gboolean
prepare_records (RunconfHistory *history, RunconfHistoryRecord *records, guint n_records,
                 GBytes *text_digest, GBytes *good_text, GError **error)
{
  g_autoptr (GPtrArray) array = g_ptr_array_new ();

  for (guint i = 0; i < n_records; i++)
    g_ptr_array_add (array, &records[i]);

  return runconf_history_prepare (history, array, text_digest, good_text, error);
}

void
bench_prepare (Bench *bench, gint64 uid, const RunconfNode *tree, const char *message)
{
  RunconfHistoryRecord record
      = record_make (bench, bench->version + 1, uid, bench->overrides, tree, message);
  g_autoptr (GBytes) digest = digest_of (record.version);
  g_autoptr (GError) error = NULL;

  prepare_records (bench->history, &record, 1, digest, NULL, &error);
  g_assert_no_error (error);
  record_clear (&record);
}

/* The change is now in force. */
void
bench_take (Bench *bench, const RunconfNode *tree)
{
  runconf_node_unref (bench->overrides);
  bench->overrides = runconf_node_ref (tree);
  bench->version++;
  g_ptr_array_add (bench->trees, runconf_node_ref (tree));
}

void
bench_commit (Bench *bench, gint64 uid, const RunconfNode *tree, const char *message)
{
  g_autoptr (GError) error = NULL;

  bench_prepare (bench, uid, tree, message);
  runconf_history_confirm (bench->history, &error);
  g_assert_no_error (error);
  bench_take (bench, tree);
}

void
bench_set (Bench *bench, gint64 uid, const char *pointer, gint64 value)
{
  g_autoptr (RunconfNode) number = runconf_node_new_integer (value);
  g_autoptr (RunconfNode) tree = tree_set (bench->overrides, pointer, number);

  bench_commit (bench, uid, tree, NULL);
}

void
bench_reset (Bench *bench, gint64 uid, const char *pointer)
{
  g_autoptr (RunconfNode) tree = tree_remove (bench->overrides, pointer);

  bench_commit (bench, uid, tree, NULL);
}

char *
list_versions (Bench *bench, const char *path, guint limit, guint64 since_version)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records
      = runconf_history_list (bench->history, path, limit, since_version, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < records->len; i++)
    {
      const RunconfHistoryRecord *record = records->pdata[i];

      g_assert_cmpint (record->time, ==, record->version * 1000);
      g_assert_cmpstr (record->origin, ==, "set");
      g_assert_cmpstr (record->caller, ==, ":1.7");
      g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, i > 0 ? " " : "", record->version);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
assert_at (Bench *bench, guint64 version)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) tree = runconf_history_get_overrides_at (bench->history, bench->overrides,
                                                                   bench->version, version, &error);

  g_assert_no_error (error);
  assert_same (tree, bench->trees->pdata[version]);
}

void
assert_not_at (Bench *bench, guint64 version)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) tree = runconf_history_get_overrides_at (bench->history, bench->overrides,
                                                                   bench->version, version, &error);

  g_assert_null (tree);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND);
}

guint64
bench_measure_file (Bench *bench, const char *suffix)
{
  g_autofree char *path = g_strconcat (bench->path, suffix, NULL);
  struct stat status;

  return stat (path, &status) == 0 ? status.st_size : 0;
}

guint
bench_count (Bench *bench, const char *pattern)
{
  g_autoptr (GDir) dir = g_dir_open (bench->directory, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_pattern_match_simple (pattern, name);

  return n;
}
