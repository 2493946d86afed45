/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "test-history-support.h"

#include <string.h>
#include <sys/stat.h>

#include "core/variant.h"
#include "store/digest.h"
#include "store/history/history-deltas.h"
#include "store/failure.h"
#include "tests/core/testutil.h"

static void
test_two_phases (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfNode) tree = tree_new ("{'a': 1}");
  g_autoptr (RunconfNode) other = tree_new ("{'a': 2}");
  g_autoptr (GBytes) digest = NULL;
  guint64 version;

  bench_prepare (bench, 1000, tree, NULL);
  assert_list (bench, "", 0, 0, "");
  assert_list (bench, "/a", 0, 0, "");
  g_assert_cmpuint (runconf_history_get_newest_version (bench->history), ==, 0);
  g_assert_true (runconf_history_get_pending (bench->history, &version, &digest));
  g_assert_cmpuint (version, ==, 1);

  /* it didn't happen; the next one has its number */
  g_assert_true (runconf_history_abandon (bench->history, NULL));
  assert_list (bench, "", 0, 0, "");
  bench_commit (bench, 1000, other, NULL);
  assert_list (bench, "", 0, 0, "1");
  assert_list (bench, "/a", 0, 0, "1");
  assert_at (bench, 0);
  g_assert_cmpuint (runconf_history_get_newest_version (bench->history), ==, 1);

  /* nothing is pending: both do nothing */
  g_assert_true (runconf_history_abandon (bench->history, NULL));
  g_assert_true (runconf_history_confirm (bench->history, NULL));
  assert_list (bench, "", 0, 0, "1");
}

static gboolean
has_digest (Bench *bench, guint64 version)
{
  g_autoptr (GBytes) digest = digest_of (version);
  gboolean is_there;

  g_assert_true (runconf_history_has_digest (bench->history, digest, &is_there, NULL));

  return is_there;
}

/* A text is known once it is in force, also after a restart, and for a number of versions. */
static void
test_digests (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfNode) tree = tree_new ("{'a': -1}");

  bench_prepare (bench, 1000, tree, NULL);
  g_assert_false (has_digest (bench, 1));
  g_assert_true (runconf_history_abandon (bench->history, NULL));
  g_assert_false (has_digest (bench, 1));

  for (guint i = 0; i < RUNCONF_HISTORY_MAX_DIGESTS; i++)
    bench_set (bench, 1000, "/a", i);
  bench_reopen (bench);
  g_assert_true (has_digest (bench, 1));
  g_assert_true (has_digest (bench, RUNCONF_HISTORY_MAX_DIGESTS));
  g_assert_false (has_digest (bench, RUNCONF_HISTORY_MAX_DIGESTS + 1));

  bench_set (bench, 1000, "/a", -2);
  g_assert_false (has_digest (bench, 1));
  g_assert_true (has_digest (bench, 2));
}

static void
reconcile (Bench *bench, guint64 text_version, guint64 wanted)
{
  g_autoptr (GBytes) digest = digest_of (text_version);
  g_autoptr (GBytes) other = digest_of (77);
  GBytes *const digests[] = { other, digest };
  g_autoptr (GBytes) pending = NULL;
  guint64 version;

  g_assert_true (runconf_history_reconcile (bench->history, digests, 2, &version, NULL));
  g_assert_cmpuint (version, ==, wanted);
  g_assert_cmpuint (runconf_history_get_newest_version (bench->history), ==, wanted);
  g_assert_false (runconf_history_get_pending (bench->history, &version, &pending));
}

static void
test_reconcile (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfNode) tree = tree_new ("{'b': 1}");

  bench_set (bench, 1, "/a", 1);
  bench_reopen (bench);
  reconcile (bench, 1, 1);

  /* killed before the exchange */
  bench_prepare (bench, 1, tree, NULL);
  bench_reopen (bench);
  reconcile (bench, 1, 1);
  assert_list (bench, "", 0, 0, "1");
  assert_list (bench, "/b", 0, 0, "");
  bench_reopen (bench);
  reconcile (bench, 2, 1);

  /* killed after it */
  bench_prepare (bench, 1, tree, NULL);
  bench_take (bench, tree);
  bench_reopen (bench);
  reconcile (bench, 2, 2);
  assert_list (bench, "", 0, 0, "2 1");
  assert_at (bench, 1);
  bench_reopen (bench);
  reconcile (bench, 9, 2);
  assert_list (bench, "", 0, 0, "2 1");
}

/* The outcome wasn't written: the next version shows it. */
static void
test_untold (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfNode) tree = tree_new ("{'a': 1}");
  g_autoptr (RunconfNode) other = tree_new ("{'a': 2}");

  bench_prepare (bench, 1, tree, "not this");
  bench_prepare (bench, 1, other, NULL);
  bench_take (bench, other);
  bench_set (bench, 1, "/a", 3);
  assert_list (bench, "", 0, 0, "2 1");
  assert_at (bench, 1);
  assert_at (bench, 0);
}

static void
test_versions (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *stale = NULL;
  g_autofree char *large = NULL;
  RunconfHistoryRecord record;

  bench_set (bench, 1, "/a", 1);
  record = record_make (bench, 1, 1, bench->overrides, bench->overrides, NULL);
  g_assert_false (prepare_records (bench->history, &record, 1, NULL, NULL, &error));
  g_assert_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_FAILED);
  stale = g_strdup_printf ("%s: the history: version 1 can't follow version 1", bench->path);
  g_assert_cmpstr (error->message, ==, stale);
  g_clear_error (&error);

  record.version = G_MAXUINT64;
  g_assert_false (prepare_records (bench->history, &record, 1, NULL, NULL, &error));
  large = g_strdup_printf ("%s: the history: version 18446744073709551615 is too large to be kept",
                           bench->path);
  g_assert_cmpstr (error->message, ==, large);
  g_clear_error (&error);

  /* the history missed some changes: there is a gap */
  record.version = G_MAXINT64;
  record.time = 5;
  g_assert_true (prepare_records (bench->history, &record, 1, NULL, NULL, &error));
  g_assert_true (runconf_history_confirm (bench->history, &error));
  g_assert_null (
      runconf_history_get_overrides_at (bench->history, bench->overrides, G_MAXINT64, 1, &error));
  assert_error (error, RUNCONF_ERROR_NOT_FOUND,
                "version 1 isn't kept any more: the history goes back to version "
                "9223372036854775806");
  bench_reopen (bench);
  g_assert_cmpuint (runconf_history_get_newest_version (bench->history), ==, G_MAXINT64);
  assert_last (bench, "/a", 0);
  record_clear (&record);
}

/* An unknown change: its user is known, but not its deltas. */
static void
test_unknown (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfNode) tree = tree_new ("{'c': 1}");
  g_autoptr (GError) error = NULL;
  RunconfHistoryRecord record = { .version = 2, .time = 2000, .uid = RUNCONF_HISTORY_NO_UID };

  bench_set (bench, 1, "/a", 1);
  record.origin = g_strdup ("set");
  record.caller = g_strdup (":1.7");
  g_assert_true (prepare_records (bench->history, &record, 1, NULL, NULL, &error));
  g_assert_true (runconf_history_confirm (bench->history, &error));
  bench_take (bench, tree);
  bench_set (bench, 1, "/b", 1);

  assert_list (bench, "", 0, 0, "3 2 1");
  assert_list (bench, "/a", 0, 0, "2 1");
  assert_last (bench, "/a", 0);
  assert_last (bench, "/b", 3);
  assert_at (bench, 2);
  assert_not_at (bench, 1);
  record_clear (&record);
}

static void
test_paths (Bench *bench, gconstpointer data)
{
  g_autoptr (GPtrArray) records = NULL;
  const RunconfHistoryRecord *record;
  const RunconfDelta *delta;
  g_autoptr (GError) error = NULL;

  bench_set (bench, 1, "/chat/port", 1);
  bench_set (bench, 2, "/chat/host/name", 2);
  bench_set (bench, 3, "/chat-2/port", 3);
  bench_set (bench, 4, "/chat/port", 4);
  bench_set (bench, 5, "/chat", 5);
  bench_set (bench, 6, "/log", 6);

  assert_list (bench, "", 0, 0, "6 5 4 3 2 1");
  assert_list (bench, "", 2, 0, "6 5");
  assert_list (bench, "", 0, 4, "6 5");
  assert_list (bench, "/chat", 0, 0, "5 4 2 1");
  assert_list (bench, "/chat/port", 0, 0, "5 4 1");
  assert_list (bench, "/chat/port", 2, 0, "5 4");
  assert_list (bench, "/chat/port", 0, 1, "5 4");
  assert_list (bench, "/chat/host/name/x", 0, 0, "5 2");
  assert_list (bench, "/cha", 0, 0, "");
  assert_list (bench, "/chat-2", 0, 0, "3");
  assert_list (bench, "", 0, G_MAXUINT64, "");
  bench_set (bench, 6, "/log-2/", 7);
  assert_list (bench, "/log-2", 0, 0, "7");
  bench_set (bench, 6, "/log", 8);
  assert_last (bench, "/chat/port", 5);
  assert_last (bench, "/chat-2", 3);
  assert_last (bench, "", 8);
  assert_last (bench, "/none", 0);

  /* only deltas at the path are listed */
  records = runconf_history_list (bench->history, "/chat/port", 1, 0, NULL);
  record = records->pdata[0];
  g_assert_cmpint (record->uid, ==, 5);
  g_assert_cmpuint (record->deltas->len, ==, 2);
  delta = record->deltas->pdata[1];
  g_assert_cmpstr (delta->path, ==, "/chat/port");
  g_assert_cmpint (runconf_node_get_integer (delta->old_value), ==, 4);
  g_assert_null (delta->new_value);

  g_assert_null (runconf_history_list (bench->history, "chat", 0, 0, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH);
}

/* Mappings replace very many paths in the index, but the list is exact. */
static void
test_many_paths (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfNode) many = runconf_node_ref (bench->overrides);
  g_autoptr (RunconfNode) one = runconf_node_new_integer (1);

  bench_set (bench, 1, "/big/other", 1);
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *pointer = g_strdup_printf ("/big/%u", i);
      g_autoptr (RunconfNode) old = many;

      many = tree_set (old, pointer, one);
    }
  bench_commit (bench, 1, many, NULL);

  assert_list (bench, "/big/7", 0, 0, "2");
  assert_list (bench, "/big/other", 0, 0, "2 1");
  assert_list (bench, "/big/none", 0, 0, "");
  assert_last (bench, "/big/7", 2);
  assert_last (bench, "/big/none", 0);
  assert_last (bench, "/big", 2);
  assert_at (bench, 1);
}

static void
test_record (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfNode) tree = tree_new ("{'a': 1}");
  g_autoptr (GPtrArray) records = NULL;
  const RunconfHistoryRecord *record;

  bench_commit (bench, G_MAXUINT32 - 1, tree, "line\nand \"'; DROP TABLE change; --");
  bench_reopen (bench);
  records = runconf_history_list (bench->history, "", 0, 0, NULL);
  record = records->pdata[0];
  g_assert_cmpint (record->uid, ==, G_MAXUINT32 - 1);
  g_assert_cmpstr (record->message, ==, "line\nand \"'; DROP TABLE change; --");
  g_assert_cmpint (record->deadline, ==, 0);
}

/* Back to each of very many versions, through random trees. */
static void
test_walk (Bench *bench, gconstpointer data)
{
  for (guint i = 0; i < 400; i++)
    {
      g_autoptr (RunconfNode) tree = random_change (bench->overrides);

      bench_commit (bench, 1, tree, NULL);
    }

  bench_reopen (bench);
  for (guint64 version = 0; version <= bench->version; version++)
    assert_at (bench, version);
  assert_not_at (bench, bench->version + 1);
}

/* Returns: the bytes of packed deltas as the GVariant that they are */
static GVariant *
as_variant (GBytes *packed)
{
  GVariant *variant
      = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE ("a(smvmv)"), packed, FALSE));

  g_assert_true (g_variant_is_normal_form (variant));

  return variant;
}

static void
test_sum_laws (void)
{
  for (guint i = 0; i < N_TRIALS; i++)
    {
      g_autoptr (RunconfHistorySum) sum = runconf_history_sum_new ();
      g_autoptr (RunconfNode) first = random_mapping (3);
      g_autoptr (RunconfNode) last = runconf_node_ref (first);
      g_autoptr (RunconfNode) again = NULL;

      for (guint n = g_test_rand_int_range (0, 6); n > 0; n--)
        {
          g_autoptr (RunconfNode) next = n == 3 ? random_mapping (3) : random_layer (last);
          g_autoptr (GPtrArray) deltas = runconf_diff (last, next);
          g_autoptr (GBytes) packed = runconf_history_deltas_pack (deltas);
          g_autoptr (GPtrArray) unpacked = runconf_history_deltas_unpack (
              g_bytes_get_data (packed, NULL), g_bytes_get_size (packed), "");
          g_autoptr (GVariant) variant = as_variant (packed);

          g_assert_cmpuint (g_variant_n_children (variant), ==, deltas->len);
          runconf_history_sum_add (sum, unpacked);
          runconf_node_unref (last);
          last = g_steal_pointer (&next);
        }

      again = runconf_history_sum_take_back (sum, last);
      assert_same (again, first);
    }
}

/* Returns: (transfer full) (nullable): the old value of a delta */
static RunconfNode *
make_old_value (guint i)
{
  switch (i % 7)
    {
    case 0:
      return NULL;
    case 1:
      return runconf_node_new_boolean (i % 2 == 0);
    case 2:
      return runconf_node_new_double (0.5 * i);
    case 3:
      return runconf_node_new_unsigned (G_MAXUINT64 - i);
    case 4:
      return runconf_node_new_null ();
    case 5:
      return runconf_node_new_binary ("\0x", i % 3);
    default:
      return runconf_node_new_integer (-(gint64) i);
    }
}

/* The bytes are those of a GVariant of any size. */
static void
assert_packs (guint n_deltas, gsize n_bytes)
{
  g_autoptr (GPtrArray) deltas = runconf_deltas_new ();
  g_autofree char *value = g_strnfill (n_bytes, 'x');
  g_autoptr (GBytes) packed = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GPtrArray) unpacked = NULL;

  for (guint i = 0; i < n_deltas; i++)
    {
      g_autofree char *path = g_strdup_printf ("/key%u", i);

      g_ptr_array_add (deltas, runconf_delta_new (path, make_old_value (i),
                                                  runconf_node_new_string (value, -1)));
    }

  packed = runconf_history_deltas_pack (deltas);
  variant = as_variant (packed);
  g_assert_cmpuint (g_variant_n_children (variant), ==, n_deltas);

  unpacked = runconf_history_deltas_unpack (g_bytes_get_data (packed, NULL),
                                            g_bytes_get_size (packed), "");
  g_assert_cmpuint (unpacked->len, ==, n_deltas);
  for (guint i = 0; i < n_deltas; i++)
    {
      const RunconfDelta *wanted = deltas->pdata[i];
      const RunconfDelta *got = unpacked->pdata[i];

      g_assert_cmpstr (got->path, ==, wanted->path);
      g_assert_true (got->old_value == NULL
                         ? wanted->old_value == NULL
                         : runconf_node_equal (got->old_value, wanted->old_value));
      g_assert_true (runconf_node_equal (got->new_value, wanted->new_value));
    }
}

static void
test_pack_sizes (void)
{
  for (guint n_deltas = 0; n_deltas < 6; n_deltas++)
    {
      for (gsize n_bytes = 0; n_bytes < 280; n_bytes++)
        assert_packs (n_deltas, n_bytes);
      assert_packs (n_deltas, 10922);
      assert_packs (n_deltas, 65490);
      assert_packs (n_deltas, 65536);
    }
  assert_packs (3000, 1);
}

/* A number beyond 64 bits is read back as a number. */
static void
test_plain (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfNode) number = runconf_node_new_plain ("123456789012345678901", -1);
  g_autoptr (RunconfNode) list = runconf_node_new_sequence (&number, 1);
  g_autoptr (RunconfNode) tree = tree_set (bench->overrides, "/n", list);
  g_autoptr (RunconfNode) old = NULL;

  bench_commit (bench, 1, tree, NULL);
  bench_set (bench, 1, "/n", 1);
  old = runconf_history_get_overrides_at (bench->history, bench->overrides, 2, 1, NULL);
  g_assert_true (runconf_node_is_plain (tree_find (old, "/n/0")));
}

static void
assert_text (Bench *bench, const char *wanted, guint64 wanted_version)
{
  guint64 version;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = runconf_history_get_text (bench->history, &version, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (version, ==, wanted_version);
  if (wanted == NULL)
    g_assert_null (text);
  else
    g_assert_cmpmem (g_bytes_get_data (text, NULL), g_bytes_get_size (text), wanted,
                     strlen (wanted));
}

static void
prepare_text (Bench *bench, const char *text)
{
  RunconfHistoryRecord record
      = record_make (bench, bench->version + 1, 1, bench->overrides, bench->overrides, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) digest = runconf_digest_new (bytes);

  g_assert_true (prepare_records (bench->history, &record, 1, digest, bytes, NULL));
  record_clear (&record);
}

static void
test_text (Bench *bench, gconstpointer data)
{
  assert_text (bench, NULL, 0);
  prepare_text (bench, "");
  assert_text (bench, NULL, 0);
  runconf_history_confirm (bench->history, NULL);
  bench->version++;
  assert_text (bench, "", 1);

  prepare_text (bench, "# two\na: 2\n");
  assert_text (bench, "", 1);
  runconf_history_abandon (bench->history, NULL);
  assert_text (bench, "", 1);
  prepare_text (bench, "# again\na: 2\n");
  runconf_history_confirm (bench->history, NULL);
  bench->version++;
  assert_text (bench, "# again\na: 2\n", 2);

  /* a change whose text isn't kept leaves the kept one */
  bench_set (bench, 1, "/a", 1);
  bench_reopen (bench);
  assert_text (bench, "# again\na: 2\n", 2);
}

static void
prepare_waiting (Bench *bench, gint64 uid, gint64 deadline)
{
  g_autoptr (RunconfNode) tree = tree_new ("{'w': 1}");
  RunconfHistoryRecord record
      = record_make (bench, bench->version + 1, uid, bench->overrides, tree, "try");

  record.deadline = deadline;
  record.timeout = 60 * G_USEC_PER_SEC;
  g_assert_true (prepare_records (bench->history, &record, 1, NULL, NULL, NULL));
  record_clear (&record);
}

static void
test_waiting (Bench *bench, gconstpointer data)
{
  g_autoptr (GPtrArray) records = NULL;
  const RunconfHistoryRecord *record;
  guint n;

  prepare_waiting (bench, 7, 1000);
  runconf_history_abandon (bench->history, NULL);
  prepare_waiting (bench, 8, 2000);
  runconf_history_confirm (bench->history, NULL);
  bench->version++;
  prepare_waiting (bench, 9, 3000);
  records = runconf_history_list_waiting (bench->history, NULL);
  g_assert_cmpuint (records->len, ==, 1);
  runconf_history_confirm (bench->history, NULL);

  bench_reopen (bench);
  g_ptr_array_unref (records);
  records = runconf_history_list_waiting (bench->history, NULL);
  g_assert_cmpuint (records->len, ==, 2);
  record = records->pdata[0];
  g_assert_cmpuint (record->version, ==, 1);
  g_assert_cmpint (record->uid, ==, 8);
  g_assert_cmpint (record->deadline, ==, 2000);
  g_assert_cmpint (record->timeout, ==, 60 * G_USEC_PER_SEC);
  g_assert_cmpstr (record->message, ==, "try");
  g_assert_cmpuint (record->deltas->len, ==, 1);

  /* when this returns, it is removed on the disk */
  n = n_syncs;
  g_assert_true (runconf_history_drop_waiting (bench->history, 1, NULL));
  g_assert_cmpuint (n_syncs - n, ==, 1);
  g_ptr_array_unref (records);
  records = runconf_history_list_waiting (bench->history, NULL);
  g_assert_cmpuint (records->len, ==, 1);
}

/* One sync per batch, before the reply; none after it, except those of settling. */
static void
test_syncs (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfNode) tree = tree_new ("{'a': 1}");
  guint n_settling = 0;

  for (guint i = 0; i < 600; i++)
    {
      guint n = n_syncs;

      bench_prepare (bench, 1, tree, NULL);
      g_assert_cmpuint (n_syncs - n, ==, 1);
      if (i % 7 == 0)
        g_assert_true (runconf_history_abandon (bench->history, NULL));
      else
        {
          g_assert_true (runconf_history_confirm (bench->history, NULL));
          bench_take (bench, tree);
        }
      g_assert_cmpuint (n_syncs - n, ==, 1);
      g_assert_true (runconf_history_settle (bench->history, NULL, NULL));
      n_settling += n_syncs - n > 1;
      g_assert_cmpuint (bench_measure_file (bench, "-wal"), <, 2 * 1024 * 1024);
    }

  g_assert_cmpuint (n_settling, >, 1);
  g_test_message ("%u of 600 settlings synced", n_settling);
}

/* The first commit of a process costs no more, whether the one before closed its log or died. */
static void
test_first_sync (Bench *bench, gconstpointer data)
{
  guint n = n_syncs;

  bench_set (bench, 1, "/a", 1);
  g_assert_cmpuint (n_syncs - n, ==, 1);

  bench_reopen (bench);
  n = n_syncs;
  bench_set (bench, 1, "/a", 2);
  g_assert_cmpuint (n_syncs - n, ==, 1);

  bench_run (bench, "cp history old; cp history-wal old-wal");
  bench_close (bench);
  bench_run (bench, "mv old history; mv old-wal history-wal");
  bench_open (bench);
  n = n_syncs;
  bench_set (bench, 1, "/a", 3);
  g_assert_cmpuint (n_syncs - n, ==, 1);
  assert_list (bench, "", 0, 0, "3 2 1");
}

/* The log has a limit even without settling. */
static void
test_log (Bench *bench, gconstpointer data)
{
  for (guint i = 0; i < 1500; i++)
    bench_set (bench, 1, "/a", i);

  g_assert_cmpuint (bench_measure_file (bench, "-wal"), <, 5 * 1024 * 1024);
  assert_at (bench, 1);
}

/* Secrets that the caller removes are nowhere in the file, nor is a text that isn't passed. */
static void
test_secrets (Bench *bench, gconstpointer data)
{
  g_autoptr (RunconfNode) key = runconf_node_new_string ("hunter2-is-secret", -1);
  g_autoptr (RunconfNode) with = tree_set (bench->overrides, "/key", key);
  g_autoptr (RunconfNode) one = runconf_node_new_integer (1);
  g_autoptr (RunconfNode) stripped = tree_set (bench->overrides, "/a", one);
  g_autoptr (GBytes) text = g_bytes_new_static ("key: hunter2-is-secret\n", 23);
  g_autoptr (GBytes) digest = runconf_digest_new (text);
  RunconfHistoryRecord record = record_make (bench, 1, 1, bench->overrides, stripped, NULL);
  g_autoptr (RunconfNode) both = tree_set (with, "/a", one);
  g_autoptr (RunconfNode) old = NULL;

  g_assert_true (prepare_records (bench->history, &record, 1, digest, NULL, NULL));
  g_assert_true (runconf_history_confirm (bench->history, NULL));
  bench_run (bench, "! grep -r hunter2 .");

  /* and restoring leaves the secret as it is */
  old = runconf_history_get_overrides_at (bench->history, both, 1, 0, NULL);
  assert_same (old, with);
  record_clear (&record);
}

static void
test_mode (Bench *bench, gconstpointer data)
{
  bench_set (bench, 1, "/a", 1);
  g_assert_cmpuint (bench_count (bench, "*"), ==, 2);
  bench_run (bench, "test $(stat -c %a history) = 600 && test $(stat -c %a history-wal) = 600");
}

#define add(name, func)                                                                            \
  g_test_add ("/store/history/" name, Bench, NULL, bench_make, func, bench_remove)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("two-phases", test_two_phases);
  add ("digests", test_digests);
  add ("reconcile", test_reconcile);
  add ("untold", test_untold);
  add ("versions", test_versions);
  add ("unknown", test_unknown);
  add ("paths", test_paths);
  add ("many-paths", test_many_paths);
  add ("record", test_record);
  add ("walk", test_walk);
  g_test_add_func ("/store/history/pack-sizes", test_pack_sizes);
  g_test_add_func ("/store/history/sum-laws", test_sum_laws);
  add ("plain", test_plain);
  add ("text", test_text);
  add ("waiting", test_waiting);
  add ("syncs", test_syncs);
  add ("first-sync", test_first_sync);
  add ("log", test_log);
  add ("secrets", test_secrets);
  add ("mode", test_mode);

  return g_test_run ();
}
