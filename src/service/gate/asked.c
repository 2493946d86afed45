/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/asked.h"

#include <string.h>

/* calls without a reply yet; the oldest are forgotten beyond this number */
#define MAX_ASKED 4096

struct _RunconfdGateAsked
{
  GHashTable *destinations; /* by the serial of a call */
};

RunconfdGateAsked *
runconfd_gate_asked_new (void)
{
  RunconfdGateAsked *self = g_new0 (RunconfdGateAsked, 1);

  self->destinations = g_hash_table_new_full (NULL, NULL, NULL, g_free);

  return self;
}

void
runconfd_gate_asked_free (RunconfdGateAsked *self)
{
  g_hash_table_unref (self->destinations);
  g_free (self);
}

static gboolean
find_oldest (gpointer serial, gpointer destination, gpointer oldest)
{
  *(guint32 *) oldest = MIN (*(guint32 *) oldest, GPOINTER_TO_UINT (serial));

  return FALSE;
}

/**
 * runconfd_gate_asked_add:
 * @call: a call of the service; without effect if it has no reply
 */
void
runconfd_gate_asked_add (RunconfdGateAsked *self, const RunconfdMessage *call)
{
  guint32 oldest = G_MAXUINT32;

  if ((call->flags & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0 || call->destination == NULL)
    return;

  if (g_hash_table_size (self->destinations) >= MAX_ASKED)
    {
      g_hash_table_find (self->destinations, find_oldest, &oldest);
      g_hash_table_remove (self->destinations, GUINT_TO_POINTER (oldest));
    }
  g_hash_table_insert (self->destinations, GUINT_TO_POINTER (call->serial),
                       g_strdup (call->destination));
}

/* The bus replies for a destination that can't, and the owner of a well-known name replies with its
 * unique name as the sender.
 */
static gboolean
is_reply_of (const RunconfdMessage *reply, const char *destination)
{
  if (destination == NULL || reply->sender == NULL)
    return FALSE;

  return strcmp (reply->sender, destination) == 0
         || strcmp (reply->sender, RUNCONFD_MESSAGE_BUS_NAME) == 0
         || (destination[0] != ':' && strcmp (destination, RUNCONFD_MESSAGE_BUS_NAME) != 0
             && reply->sender[0] == ':');
}

/**
 * runconfd_gate_asked_has:
 * @reply: a reply or an error
 *
 * Returns: whether the service waits for a reply with this serial from this sender
 */
gboolean
runconfd_gate_asked_has (const RunconfdGateAsked *self, const RunconfdMessage *reply)
{
  gpointer serial = GUINT_TO_POINTER (reply->reply_serial);

  return is_reply_of (reply, g_hash_table_lookup (self->destinations, serial));
}

/**
 * runconfd_gate_asked_remove:
 * @reply: the reply that is passed on or replaced
 */
void
runconfd_gate_asked_remove (RunconfdGateAsked *self, const RunconfdMessage *reply)
{
  g_hash_table_remove (self->destinations, GUINT_TO_POINTER (reply->reply_serial));
}
