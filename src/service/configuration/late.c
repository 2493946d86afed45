/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/late.h"

#include "service/base/room.h"
#include "store/file/quarantine.h"

typedef struct
{
  GBytes *text;
  GBytes *base; /* the text that the file held before */
} Entry;

struct _RunconfdLate
{
  GQueue entries; /* of Entry, the oldest one first */
};

static void
entry_free (Entry *self)
{
  g_bytes_unref (self->text);
  g_bytes_unref (self->base);
  g_free (self);
}

RunconfdLate *
runconfd_late_new (void)
{
  RunconfdLate *self = g_new0 (RunconfdLate, 1);

  g_queue_init (&self->entries);

  return self;
}

void
runconfd_late_free (RunconfdLate *self)
{
  g_queue_clear_full (&self->entries, (GDestroyNotify) entry_free);
  g_free (self);
}

/**
 * runconfd_late_add:
 * @text: the text that was written
 * @base: the text that it replaced in that file
 */
void
runconfd_late_add (RunconfdLate *self, GBytes *text, GBytes *base)
{
  Entry *entry = g_new (Entry, 1);

  *entry = (Entry){ g_bytes_ref (text), g_bytes_ref (base) };
  g_queue_push_tail (&self->entries, entry);
}

gboolean
runconfd_late_is_empty (const RunconfdLate *self)
{
  return self->entries.length == 0;
}

/**
 * runconfd_late_merge:
 * @context: the configuration that the oldest text is merged into, without the texts
 * @path: the name of the file in messages
 * @document: (out) (transfer full): the oldest text
 *
 * Merges the oldest text.
 *
 * Returns: (transfer full) (nullable): the overrides after the merge; %NULL if the text is empty, or,
 *   with an error, if it is broken
 */
RunconfNode *
runconfd_late_merge (const RunconfdLate *self, const RunconfdHandEdit *context, const char *path,
                     RunconfDocument **document, GError **error)
{
  const Entry *entry = g_queue_peek_head ((GQueue *) &self->entries);
  g_autoptr (RunconfDocument) saved = runconfd_room_read (entry->text, path, error);
  g_autoptr (RunconfDocument) base = NULL;
  RunconfdHandEdit edit = *context;

  if (saved == NULL || runconf_document_is_empty (saved))
    return NULL;
  base = runconfd_room_read (entry->base, path, error);
  if (base == NULL)
    return NULL;

  edit.saved = saved;
  edit.replaced = base;
  *document = runconf_document_ref (saved);

  return runconfd_hand_edit_read_late (&edit);
}

/**
 * runconfd_late_keep:
 * @path: the file
 *
 * Keeps the oldest text beside the file, since it can't be merged.
 *
 * Returns: (transfer full): the path of the copy, or a description of the error
 */
char *
runconfd_late_keep (const RunconfdLate *self, const char *path)
{
  const Entry *entry = g_queue_peek_head ((GQueue *) &self->entries);
  g_autoptr (GError) error = NULL;
  char *copy = runconf_quarantine_keep (path, RUNCONF_QUARANTINE_CORRUPT, entry->text, &error);

  return copy != NULL ? copy : g_strdup (error->message);
}

/* Removes the oldest text. */
void
runconfd_late_drop (RunconfdLate *self)
{
  entry_free (g_queue_pop_head (&self->entries));
}
