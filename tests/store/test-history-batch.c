/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/diff.h"
#include "core/mapping.h"
#include "store/digest.h"
#include "store/history/history-batch.h"

/* A batch in the journal is read again as it was packed, and other bytes are no batch. */

#define N_BATCHES 300
#define MAX_RECORDS 5

static char *
random_text (gboolean is_optional)
{
  static const char *const texts[] = { "", "set", "ä long “text” with quotes", ":1.42", "\n" };

  if (is_optional && g_test_rand_int_range (0, 3) == 0)
    return NULL;

  return g_strdup (texts[g_test_rand_int_range (0, G_N_ELEMENTS (texts))]);
}

static RunconfNode *
random_value (void)
{
  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return NULL;
    case 1:
      return runconf_node_new_integer (g_test_rand_int ());
    case 2:
      return runconf_mapping_new_empty ();
    default:
      {
        g_autofree char *text = random_text (FALSE);

        return runconf_node_new_string (text, -1);
      }
    }
}

static RunconfHistoryRecord *
random_record (guint64 version)
{
  RunconfHistoryRecord *self = g_new0 (RunconfHistoryRecord, 1);

  self->version = version;
  self->time = g_test_rand_int ();
  self->uid = g_test_rand_int_range (-1, 2000);
  self->origin = random_text (FALSE);
  self->caller = random_text (TRUE);
  self->message = random_text (TRUE);
  if (g_test_rand_int_range (0, 4) == 0)
    return self;

  self->deltas = runconf_deltas_new ();
  for (int i = g_test_rand_int_range (0, 3); i > 0; i--)
    g_ptr_array_add (self->deltas, runconf_delta_new ("/a/b", random_value (), random_value ()));

  return self;
}

static void
assert_same_value (const RunconfNode *a, const RunconfNode *b)
{
  g_assert_true ((a == NULL) == (b == NULL));
  g_assert_true (a == NULL || runconf_node_equal (a, b));
}

static void
assert_same_record (const RunconfHistoryRecord *a, const RunconfHistoryRecord *b)
{
  g_assert_cmpuint (a->version, ==, b->version);
  g_assert_cmpint (a->time, ==, b->time);
  g_assert_cmpint (a->uid, ==, b->uid);
  g_assert_cmpstr (a->origin, ==, b->origin);
  g_assert_cmpstr (a->caller, ==, b->caller);
  g_assert_cmpstr (a->message, ==, b->message);
  g_assert_true ((a->deltas == NULL) == (b->deltas == NULL));
  if (a->deltas == NULL)
    return;

  g_assert_cmpuint (a->deltas->len, ==, b->deltas->len);
  for (guint i = 0; i < a->deltas->len; i++)
    {
      const RunconfDelta *one = a->deltas->pdata[i], *other = b->deltas->pdata[i];

      g_assert_cmpstr (one->path, ==, other->path);
      assert_same_value (one->old_value, other->old_value);
      assert_same_value (one->new_value, other->new_value);
    }
}

/* Bytes that are cut or changed are no batch, or another one, but the service goes on. */
static void
damage (GBytes *packed, GBytes *text)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (packed, &size);

  for (gsize cut = 0; cut < size; cut++)
    {
      g_autoptr (GBytes) part = g_bytes_new (data, cut);
      g_autoptr (RunconfHistoryBatch) batch = runconf_history_batch_unpack (part, text);

      g_assert_null (batch);
    }

  for (guint i = 0; i < 20; i++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, size);
      g_autoptr (GBytes) changed = NULL;
      g_autoptr (RunconfHistoryBatch) batch = NULL;

      copy[g_test_rand_int_range (0, (gint32) size)] = (guint8) g_test_rand_int ();
      changed = g_bytes_new (copy, size);
      batch = runconf_history_batch_unpack (changed, text);
    }
}

static void
test_the_batch_is_the_same (void)
{
  g_autoptr (GBytes) text = g_bytes_new_static ("a: 1\n", 5);
  g_autoptr (GBytes) other = g_bytes_new_static ("a: 2\n", 5);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  GBytes *const good_texts[] = { NULL, text, other, empty };

  for (guint i = 0; i < N_BATCHES; i++)
    {
      GBytes *good_text = good_texts[i % G_N_ELEMENTS (good_texts)];
      g_autoptr (GPtrArray) records = runconf_history_records_new ();
      g_autoptr (GBytes) digest = runconf_digest_new (text);
      g_autoptr (GBytes) packed = NULL;
      g_autoptr (RunconfHistoryBatch) batch = NULL;

      for (int n = g_test_rand_int_range (0, MAX_RECORDS); n > 0; n--)
        g_ptr_array_add (records, random_record (i * MAX_RECORDS + records->len + 1));

      packed = runconf_history_batch_pack (records, text, good_text);
      batch = runconf_history_batch_unpack (packed, text);
      g_assert_nonnull (batch);
      g_assert_cmpuint (batch->records->len, ==, records->len);
      for (guint n = 0; n < records->len; n++)
        assert_same_record (records->pdata[n], batch->records->pdata[n]);
      g_assert_true (g_bytes_equal (batch->digest, digest));
      g_assert_true ((good_text == NULL) == (batch->good_text == NULL));
      g_assert_true (good_text == NULL || g_bytes_equal (good_text, batch->good_text));

      damage (packed, text);
    }
}

static void
test_changes_that_the_history_has_are_skipped (void)
{
  g_autoptr (GBytes) digest = runconf_digest_new (NULL);
  GPtrArray *records = runconf_history_records_new ();
  g_autoptr (RunconfHistoryBatch) batch = runconf_history_batch_new (records, digest, NULL);

  for (guint version = 1; version <= 4; version++)
    g_ptr_array_add (records, random_record (version));

  runconf_history_batch_skip (batch, 2);
  g_assert_cmpuint (batch->records->len, ==, 2);
  g_assert_cmpuint (((RunconfHistoryRecord *) batch->records->pdata[0])->version, ==, 3);
  runconf_history_batch_skip (batch, 9);
  g_assert_cmpuint (batch->records->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/history-batch/" #name, test_##name)
  ADD (the_batch_is_the_same);
  ADD (changes_that_the_history_has_are_skipped);
#undef ADD

  return g_test_run ();
}
