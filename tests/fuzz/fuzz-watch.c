/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "fleet/etcd/error.h"
#include "fleet/etcd/watch-reader.h"

/* The messages of a stream are the same however its bytes are cut; their events are whole and in
 * order; and a stream that is cut off has no more messages than the whole one.
 */

#define MAX_BYTES 4096

static void
check_event (const RunconfEtcdEvent *event, gint64 *revision, GBytes *text)
{
  const RunconfEtcdItem *item = event->item;

  FUZZ_LAW (item->key != NULL && *item->key != '\0', text);
  FUZZ_LAW (item->value != NULL, text);
  FUZZ_LAW (item->mod_revision >= *revision && item->mod_revision > 0, text);
  FUZZ_LAW (event->is_delete || item->create_revision > 0, text);
  *revision = item->mod_revision;
}

static void
append_message (GString *out, const RunconfEtcdMessage *message, GBytes *text)
{
  gint64 revision = 0;

  FUZZ_LAW (message->is_cancelled || message->revision > 0, text);
  g_string_append_printf (out, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s %d %d %s %u\n",
                          message->watch, message->revision, message->cluster, message->is_created,
                          message->is_cancelled, message->reason, message->events->len);
  for (guint i = 0; i < message->events->len; i++)
    {
      const RunconfEtcdEvent *event = message->events->pdata[i];

      check_event (event, &revision, text);
      g_string_append_printf (out, "  %d %s %u %" G_GINT64_FORMAT "\n", event->is_delete,
                              event->item->key, g_bytes_hash (event->item->value), revision);
    }
}

/* Appends the messages that are complete. Returns: whether there was no error */
static gboolean
read_all (RunconfEtcdWatchReader *reader, GString *out, GBytes *text)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      RunconfEtcdVerdict verdict;
      g_autoptr (RunconfEtcdMessage) message
          = runconf_etcd_watch_reader_next (reader, &verdict, &error);

      FUZZ_LAW (message == NULL || error == NULL, text);
      if (message == NULL)
        {
          if (error != NULL)
            FUZZ_LAW (error->domain == RUNCONF_ETCD_ERROR, text);
          return error == NULL;
        }
      append_message (out, message, text);
    }
}

/* Reads the stream in pieces of @step bytes. Returns: its messages, and "error" if it has one */
static char *
read_stream (const guint8 *data, gsize size, gsize step, GBytes *text)
{
  g_autoptr (RunconfEtcdWatchReader) reader = runconf_etcd_watch_reader_new (MAX_BYTES);
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean is_good = TRUE;

  for (gsize i = 0; i < size && is_good; i += step)
    {
      runconf_etcd_watch_reader_push (reader, data + i, MIN (step, size - i));
      is_good = read_all (reader, out, text);
    }

  if (!is_good)
    g_string_append (out, "error");
  FUZZ_LAW (is_good || !runconf_etcd_watch_reader_end (reader, NULL), text);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GBytes) text = g_bytes_new (data, size);
  g_autofree char *whole = read_stream (data, size, MAX (size, 1), text);
  g_autofree char *bytes = read_stream (data, size, 1, text);
  g_autofree char *pieces = read_stream (data, size, size > 0 ? data[0] + 1 : 1, text);
  g_autofree char *cut = read_stream (data, size / 2, MAX (size, 1), text);

  FUZZ_LAW (g_str_equal (whole, bytes), text);
  FUZZ_LAW (g_str_equal (whole, pieces), text);
  FUZZ_LAW (g_str_has_suffix (cut, "error") || g_str_has_prefix (whole, cut), text);

  return 0;
}
