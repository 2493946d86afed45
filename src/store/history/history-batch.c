/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/history/history-batch.h"

#include <string.h>

#include "store/digest.h"
#include "store/history/history-deltas.h"

/* The changes of a batch as bytes, beside the text in the journal. A good text that is the text itself is not
 * repeated. Changes of the overrides for this boot, and those that wait for a confirmation, aren't in the
 * journal, so a batch has no data of them.
 *
 * The size of a part is there with one more, and 0 stands for no part. Numbers are in the byte order of the machine:
 * it wrote the journal and reads it.
 */
typedef struct
{
  guint32 n_records;
  guint32 is_text; /* whether the good text is the text */
  guint64 good_text;
} Head;

typedef struct
{
  guint64 version;
  gint64 time;
  gint64 uid;
  guint32 origin;
  guint32 caller;
  guint32 message;
  guint32 deltas;
} PackedRecord;

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

static guint32
measure_string (const char *text)
{
  return text != NULL ? (guint32) strlen (text) + 1 : 0;
}

static gsize
measure_bytes (GBytes *bytes)
{
  return bytes != NULL ? g_bytes_get_size (bytes) + 1 : 0;
}

/* @size: with one more */
static void
append (GByteArray *batch, gconstpointer data, gsize size)
{
  if (size > 1)
    g_byte_array_append (batch, data, (guint) size - 1);
}

static void
append_bytes (GByteArray *batch, GBytes *bytes)
{
  if (bytes != NULL)
    append (batch, g_bytes_get_data (bytes, NULL), measure_bytes (bytes));
}

static void
pack_record (GByteArray *batch, const RunconfHistoryRecord *record)
{
  g_autoptr (GBytes) deltas
      = record->deltas != NULL ? runconf_history_deltas_pack (record->deltas) : NULL;
  const PackedRecord packed = {
    .version = record->version,
    .time = record->time,
    .uid = record->uid,
    .origin = measure_string (record->origin),
    .caller = measure_string (record->caller),
    .message = measure_string (record->message),
    .deltas = (guint32) measure_bytes (deltas),
  };

  g_byte_array_append (batch, (const guint8 *) &packed, sizeof packed);
  append (batch, record->origin, packed.origin);
  append (batch, record->caller, packed.caller);
  append (batch, record->message, packed.message);
  append_bytes (batch, deltas);
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
  GBytes *other = is_text ? NULL : good_text;
  const Head head
      = { .n_records = records->len, .is_text = is_text, .good_text = measure_bytes (other) };
  GByteArray *batch = g_byte_array_new ();

  g_byte_array_append (batch, (const guint8 *) &head, sizeof head);
  for (guint i = 0; i < records->len; i++)
    pack_record (batch, records->pdata[i]);
  append_bytes (batch, other);

  return g_byte_array_free_to_bytes (batch);
}

/* The rest of a batch that is unpacked. */
typedef struct
{
  const char *data;
  gsize size;
} Rest;

/* @size: with one more
 *
 * Returns: whether the part is there; then it is in *@data, unless it is none
 */
static gboolean
take (Rest *rest, gsize size, const char **data)
{
  *data = size > 0 ? rest->data : NULL;
  if (size == 0)
    return TRUE;
  if (size - 1 > rest->size)
    return FALSE;

  rest->data += size - 1;
  rest->size -= size - 1;

  return TRUE;
}

static gboolean
take_struct (Rest *rest, gpointer target, gsize size)
{
  const char *data;

  if (!take (rest, size + 1, &data))
    return FALSE;

  memcpy (target, data, size);

  return TRUE;
}

static gboolean
take_string (Rest *rest, gsize size, char **text)
{
  const char *data;

  if (!take (rest, size, &data) || (data != NULL && !g_utf8_validate_len (data, size - 1, NULL)))
    return FALSE;

  *text = data != NULL ? g_strndup (data, size - 1) : NULL;

  return TRUE;
}

static gboolean
take_deltas (Rest *rest, gsize size, GPtrArray **deltas)
{
  const char *data;

  if (!take (rest, size, &data))
    return FALSE;

  *deltas = data != NULL ? runconf_history_deltas_unpack (data, size - 1, "") : NULL;

  return data == NULL || *deltas != NULL;
}

/* Returns: (transfer full) (nullable): the next record; %NULL if there is none */
static RunconfHistoryRecord *
unpack_record (Rest *rest)
{
  g_autoptr (RunconfHistoryRecord) self = g_new0 (RunconfHistoryRecord, 1);
  PackedRecord packed;

  if (!take_struct (rest, &packed, sizeof packed) || packed.origin == 0
      || !take_string (rest, packed.origin, &self->origin)
      || !take_string (rest, packed.caller, &self->caller)
      || !take_string (rest, packed.message, &self->message)
      || !take_deltas (rest, packed.deltas, &self->deltas))
    return NULL;

  self->version = packed.version;
  self->time = packed.time;
  self->uid = packed.uid;

  return g_steal_pointer (&self);
}

/* Returns: whether all records are there */
static gboolean
unpack_records (Rest *rest, guint32 n_records, GPtrArray *records)
{
  for (guint32 i = 0; i < n_records; i++)
    {
      RunconfHistoryRecord *record = unpack_record (rest);

      if (record == NULL)
        return FALSE;
      g_ptr_array_add (records, record);
    }

  return TRUE;
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
  Rest rest = { g_bytes_get_data (packed, NULL), g_bytes_get_size (packed) };
  g_autoptr (GPtrArray) records = runconf_history_records_new ();
  g_autoptr (GBytes) good_text = NULL;
  g_autoptr (GBytes) digest = NULL;
  const char *other;
  Head head;

  if (!take_struct (&rest, &head, sizeof head) || !unpack_records (&rest, head.n_records, records)
      || !take (&rest, head.good_text, &other) || rest.size > 0)
    return NULL;

  if (head.is_text)
    good_text = g_bytes_ref (text);
  else if (other != NULL)
    good_text = g_bytes_new (other, head.good_text - 1);
  digest = runconf_digest_new (text);

  return runconf_history_batch_new (g_steal_pointer (&records), digest, good_text);
}
