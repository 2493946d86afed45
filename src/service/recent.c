/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/recent.h"

/* An editor that is left open longer than this many versions is merged no more. */
#define MAX_REMEMBERED 64

/* Trees share what they have in common, and of a text its stamp is enough: 64 of them are cheap. */
typedef struct
{
  guint64 version; /* that the text carries */
  GBytes *stamp;
  RunconfNode *overrides;
} Text;

struct _RunconfdRecent
{
  GQueue texts; /* of Text, the newest first */
};

static void
text_free (Text *self)
{
  g_bytes_unref (self->stamp);
  runconf_node_unref (self->overrides);
  g_free (self);
}

RunconfdRecent *
runconfd_recent_new (void)
{
  RunconfdRecent *self = g_new0 (RunconfdRecent, 1);

  g_queue_init (&self->texts);

  return self;
}

void
runconfd_recent_free (RunconfdRecent *self)
{
  g_queue_clear_full (&self->texts, (GDestroyNotify) text_free);
  g_free (self);
}

/**
 * runconfd_recent_add:
 * @version: the version that the text carries, or #RUNCONFD_NO_NUMBER; after an edit by hand it is an
 *   older one than its own
 * @stamp: of the text
 * @overrides: what the text means
 */
void
runconfd_recent_add (RunconfdRecent *self, guint64 version, GBytes *stamp,
                     const RunconfNode *overrides)
{
  Text *added = g_new0 (Text, 1);

  added->version = version;
  added->stamp = g_bytes_ref (stamp);
  added->overrides = runconf_node_ref (overrides);
  g_queue_push_head (&self->texts, added);

  if (self->texts.length > MAX_REMEMBERED)
    text_free (g_queue_pop_tail (&self->texts));
}

/**
 * runconfd_recent_find:
 *
 * Returns: (transfer none) (nullable): what the newest text meant that carries @version
 */
const RunconfNode *
runconfd_recent_find (RunconfdRecent *self, guint64 version)
{
  for (GList *link = self->texts.head; link != NULL; link = link->next)
    {
      Text *text = link->data;

      if (text->version == version)
        return text->overrides;
    }

  return NULL;
}

gboolean
runconfd_recent_has_stamp (RunconfdRecent *self, GBytes *stamp)
{
  for (GList *link = self->texts.head; link != NULL; link = link->next)
    {
      if (g_bytes_equal (((Text *) link->data)->stamp, stamp))
        return TRUE;
    }

  return FALSE;
}
