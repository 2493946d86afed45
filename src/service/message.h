/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* what the header of a message can have at most; the bus allows more, but none needs it */
#define RUNCONFD_MESSAGE_MAX_HEADER (64 * 1024)

/**
 * RunconfdMessage:
 *
 * What the header of a message says, as far as it matters to who lets messages in and out. The
 * strings lie in the message.
 */
typedef struct
{
  GDBusMessageType type;
  GDBusMessageFlags flags;
  gsize size; /* of all of it; 0 if what is there is no message */
  gsize body_size;
  guint32 serial;
  guint32 reply_serial; /* 0 if it answers nothing */
  guint32 n_descriptors;
  const char *signature;   /* of the body, or NULL */
  const char *member;      /* or NULL */
  const char *sender;      /* or NULL */
  const char *destination; /* or NULL */
} RunconfdMessage;

typedef enum
{
  RUNCONFD_MESSAGE_GOOD,
  RUNCONFD_MESSAGE_BAD,
  RUNCONFD_MESSAGE_SHORT, /* its header isn't there yet */
} RunconfdMessageState;

RunconfdMessageState runconfd_message_read (RunconfdMessage *self, const guint8 *data, gsize size);
gboolean runconfd_message_is_text (const RunconfdMessage *self, const guint8 *data, gsize size);
void runconfd_message_want_reply (guint8 *data);

G_END_DECLS
