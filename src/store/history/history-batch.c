/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/history/history-batch.h"

#include "store/digest.h"
#include "store/history/history-deltas.h"

/* The changes of a batch as bytes, beside the text in the journal. A good text that is the text itself is not
 * repeated. Changes of the overrides for this boot, and those that wait for a confirmation, aren't in the
 * journal, so a batch has no data of them.
 */

/* version, time, uid, origin, caller, message, deltas */
#define RECORD_TYPE "(txxmsmsmsmay)"

/* records; whether the good text is the text; another good text */
#define BATCH_TYPE "(a" RECORD_TYPE "bmay)"

/**
 * runconf_history_batch_new:
 * @records: (transfer full) (element-type RunconfHistoryRecord): see #RunconfHistoryBatch, and so for the others
 * @digest: (transfer none)
 * @good_text: (transfer none) (nullable)
 *
 * Returns: (transfer full): the batch
 */
RunconfHistoryBatch *
runconf_history_batch_new (GPtrArray *records, GBytes *digest, GBytes *good_text)
{
  RunconfHistoryBatch *self = g_new0 (RunconfHistoryBatch, 1);

  self->records = records;
  self->digest = g_bytes_ref (digest);
  self->good_text = good_text != NULL ? g_bytes_ref (good_text) : NULL;

  return self;
}

/* Drops the changes up to a version. */
void
runconf_history_batch_skip (RunconfHistoryBatch *self, guint64 version)
{
  guint n = 0;

  while (n < self->records->len
         && ((RunconfHistoryRecord *) self->records->pdata[n])->version <= version)
    n++;

  if (n > 0)
    g_ptr_array_remove_range (self->records, 0, n);
}

void
runconf_history_batch_free (RunconfHistoryBatch *self)
{
  g_ptr_array_unref (self->records);
  g_bytes_unref (self->digest);
  g_clear_pointer (&self->good_text, g_bytes_unref);
  g_free (self);
}

static GVariant *
make_maybe_bytes (GBytes *bytes)
{
  GVariant *child
      = bytes != NULL ? g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE) : NULL;

  return g_variant_new_maybe (G_VARIANT_TYPE_BYTESTRING, child);
}

static GVariant *
pack_record (const RunconfHistoryRecord *record)
{
  g_autoptr (GBytes) deltas
      = record->deltas != NULL ? runconf_history_deltas_pack (record->deltas) : NULL;

  return g_variant_new ("(txxmsmsms@may)", record->version, record->time, record->uid,
                        record->origin, record->caller, record->message, make_maybe_bytes (deltas));
}

/**
 * runconf_history_batch_pack:
 * @records: (element-type RunconfHistoryRecord): changes that are about to be made
 * @text: the text that they lead to
 * @good_text: (nullable): that text, if it is to be kept, without secrets
 *
 * Returns: (transfer full): the batch without @text
 */
GBytes *
runconf_history_batch_pack (GPtrArray *records, GBytes *text, GBytes *good_text)
{
  gboolean is_text = good_text != NULL && g_bytes_equal (good_text, text);
  g_autoptr (GVariant) batch = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a" RECORD_TYPE));
  for (guint i = 0; i < records->len; i++)
    g_variant_builder_add_value (&builder, pack_record (records->pdata[i]));

  batch = g_variant_ref_sink (g_variant_new ("(a" RECORD_TYPE "b@may)", &builder, is_text,
                                             make_maybe_bytes (is_text ? NULL : good_text)));

  return g_variant_get_data_as_bytes (batch);
}

static RunconfHistoryRecord *
unpack_record (GVariant *packed)
{
  RunconfHistoryRecord *record = g_new0 (RunconfHistoryRecord, 1);
  g_autoptr (GVariant) deltas = NULL;

  g_variant_get (packed, "(txxmsmsms@may)", &record->version, &record->time, &record->uid,
                 &record->origin, &record->caller, &record->message, &deltas);
  if (g_variant_n_children (deltas) > 0)
    {
      g_autoptr (GVariant) bytes = g_variant_get_child_value (deltas, 0);

      record->deltas = runconf_history_deltas_unpack (g_variant_get_data (bytes),
                                                      g_variant_get_size (bytes), "");
    }

  return record;
}

static GPtrArray *
unpack_records (GVariant *batch)
{
  g_autoptr (GVariant) packed = g_variant_get_child_value (batch, 0);
  guint n = (guint) g_variant_n_children (packed);
  GPtrArray *records = runconf_history_records_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GVariant) record = g_variant_get_child_value (packed, i);

      g_ptr_array_add (records, unpack_record (record));
    }

  return records;
}

static GBytes *
unpack_good_text (GVariant *batch, GBytes *text)
{
  g_autoptr (GVariant) other = g_variant_get_child_value (batch, 2);
  g_autoptr (GVariant) bytes = NULL;
  gboolean is_text;

  g_variant_get_child (batch, 1, "b", &is_text);
  if (is_text)
    return g_bytes_ref (text);
  if (g_variant_n_children (other) == 0)
    return NULL;

  bytes = g_variant_get_child_value (other, 0);

  return g_variant_get_data_as_bytes (bytes);
}

/**
 * runconf_history_batch_unpack:
 * @packed: from runconf_history_batch_pack()
 * @text: the text that it leads to
 *
 * Returns: (transfer full) (nullable): the batch; %NULL if @packed isn't one
 */
RunconfHistoryBatch *
runconf_history_batch_unpack (GBytes *packed, GBytes *text)
{
  g_autoptr (GVariant) batch
      = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (BATCH_TYPE), packed, FALSE));
  g_autoptr (GBytes) good_text = NULL;
  g_autoptr (GBytes) digest = NULL;

  if (!g_variant_is_normal_form (batch))
    return NULL;

  good_text = unpack_good_text (batch, text);
  digest = runconf_digest_new (text);

  return runconf_history_batch_new (unpack_records (batch), digest, good_text);
}
