/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* how many bytes of a message are enough to measure it */
#define RUNCONFD_MESSAGE_PREFIX 16

/* the largest header of a message that gets in, in bytes. Buses allow more, but no call needs it. */
#define RUNCONFD_MESSAGE_MAX_HEADER (64 * 1024)

/* the largest header that is read, so that the sender of a message gets an answer */
#define RUNCONFD_MESSAGE_MAX_READ (1024 * 1024)

/**
 * RunconfdMessage:
 *
 * The parts of a header that matter to the gate. The strings lie in the message.
 */
typedef struct
{
  GDBusMessageType type;
  GDBusMessageFlags flags;
  gboolean is_big;   /* the byte order is big-endian */
  gsize size;        /* of the whole message in bytes; 0 if the bytes are no message */
  gsize header_size; /* the body begins there */
  gsize body_size;
  guint32 serial;
  guint32 reply_serial; /* 0 if it answers nothing */
  guint32 n_descriptors;
  const char *signature;   /* of the body, or NULL */
  const char *path;        /* or NULL */
  const char *interface;   /* or NULL */
  const char *member;      /* or NULL */
  const char *error_name;  /* or NULL */
  const char *sender;      /* or NULL */
  const char *destination; /* or NULL */
} RunconfdMessage;

typedef enum
{
  RUNCONFD_MESSAGE_GOOD,
  RUNCONFD_MESSAGE_BAD,
  RUNCONFD_MESSAGE_SHORT, /* a part of the header is missing */
} RunconfdMessageState;

RunconfdMessageState runconfd_message_read (RunconfdMessage *self, const guint8 *data, gsize size);
void runconfd_message_want_reply (guint8 *data);

G_END_DECLS
