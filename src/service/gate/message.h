/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* the sender of the messages of the bus itself */
#define RUNCONFD_MESSAGE_BUS_NAME "org.freedesktop.DBus"

/* the number of bytes from which the size of a message is known */
#define RUNCONFD_MESSAGE_PREFIX 16

/* the largest header that the gate lets in, in bytes. Buses allow more, but no call needs it. */
#define RUNCONFD_MESSAGE_MAX_HEADER (64 * 1024)

/* the largest header that is read, in bytes, so that the sender gets a reply */
#define RUNCONFD_MESSAGE_MAX_READ (1024 * 1024)

/**
 * RunconfdMessage:
 *
 * The parts of a header that the gate needs. The strings point into the message.
 */
typedef struct
{
  GDBusMessageType type;
  GDBusMessageFlags flags;
  gboolean is_big;   /* the byte order is big-endian */
  gsize size;        /* of the whole message in bytes; 0 if the bytes are no message */
  gsize header_size; /* the offset of the body */
  gsize body_size;
  guint32 serial;
  guint32 reply_serial; /* 0 for no reply */
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
