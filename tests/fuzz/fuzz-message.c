/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "service/gate/message.h"

/* Of what both take for a message, the header says the same here as to GDBus; and it is read from no
 * more than the header.
 */

static const char *
get_signature (GDBusMessage *message)
{
  GVariant *field = g_dbus_message_get_header (message, G_DBUS_MESSAGE_HEADER_FIELD_SIGNATURE);

  return field != NULL ? g_variant_get_string (field, NULL) : NULL;
}

static void
check_same (const RunconfdMessage *message, GDBusMessage *theirs)
{
  FUZZ_LAW (message->type == g_dbus_message_get_message_type (theirs), NULL);
  FUZZ_LAW ((int) message->flags == (int) g_dbus_message_get_flags (theirs), NULL);
  FUZZ_LAW (message->serial == g_dbus_message_get_serial (theirs), NULL);
  FUZZ_LAW (message->reply_serial == g_dbus_message_get_reply_serial (theirs), NULL);
  FUZZ_LAW (g_strcmp0 (message->signature, get_signature (theirs)) == 0, NULL);
  FUZZ_LAW (message->n_descriptors == g_dbus_message_get_num_unix_fds (theirs), NULL);
  FUZZ_LAW (g_strcmp0 (message->path, g_dbus_message_get_path (theirs)) == 0, NULL);
  FUZZ_LAW (g_strcmp0 (message->member, g_dbus_message_get_member (theirs)) == 0, NULL);
  FUZZ_LAW (g_strcmp0 (message->sender, g_dbus_message_get_sender (theirs)) == 0, NULL);
  FUZZ_LAW (g_strcmp0 (message->destination, g_dbus_message_get_destination (theirs)) == 0, NULL);
}

/* Cut anywhere, the header is there or it isn't. Each piece is a block of its own. */
static void
check_piece (const RunconfdMessage *message, const guint8 *data, gsize size)
{
  g_autofree guint8 *piece = g_memdup2 (data, size);
  gsize header = message->size - message->body_size;
  RunconfdMessage again;

  FUZZ_LAW (runconfd_message_read (&again, piece, size)
                == (size < header ? RUNCONFD_MESSAGE_SHORT : RUNCONFD_MESSAGE_GOOD),
            NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree guint8 *own = g_memdup2 (data, size);
  g_autoptr (GDBusMessage) theirs = NULL;
  RunconfdMessage message;

  if (runconfd_message_read (&message, own, size) != RUNCONFD_MESSAGE_GOOD)
    return 0;

  FUZZ_LAW (message.size >= 16 && message.body_size <= message.size - 16, NULL);
  for (gsize n = 0; n <= size && n <= message.size - message.body_size; n += 7)
    check_piece (&message, data, n);

  if (size < message.size)
    return 0;

  FUZZ_LAW ((gssize) message.size == g_dbus_message_bytes_needed (own, size, NULL), NULL);
  theirs = g_dbus_message_new_from_blob (own, message.size, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING,
                                         NULL);
  if (theirs == NULL)
    return 0;

  check_same (&message, theirs);
  runconfd_message_want_reply (own);
  FUZZ_LAW (runconfd_message_read (&message, own, size) == RUNCONFD_MESSAGE_GOOD
                && (message.flags & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) == 0,
            NULL);

  return 0;
}
