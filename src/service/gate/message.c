/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/message.h"

#include <string.h>

#include "service/gate/body.h"

/* Reads the header of a D-Bus message in place. GDBus makes a dozen objects of a message before a
 * filter can examine it, which takes some 30 µs; this takes a fraction of 1 µs. A bus passes only
 * well-formed headers on, but nothing here depends on that.
 */

enum
{
  PREFIX_ORDER = 0,
  PREFIX_TYPE = 1,
  PREFIX_FLAGS = 2,
  PREFIX_PROTOCOL = 3,
  PREFIX_BODY_SIZE = 4,
  PREFIX_SERIAL = 8,
  PREFIX_FIELDS_SIZE = 12,
};

#define PROTOCOL 1

/* the limit of D-Bus */
#define MAX_MESSAGE_BYTES (128 * 1024 * 1024)

/* for a field unknown to D-Bus */
#define MAX_FIELD_VALUES 1000
#define MAX_FIELD_MEMORY (512 * 1024)

/* The unread part of a header. */
typedef struct
{
  const guint8 *data;
  gsize at;
  gsize end;
  gboolean is_big;
} Reader;

static guint32
get_number (const guint8 *data, gboolean is_big)
{
  guint32 number;

  memcpy (&number, data, sizeof number);

  return is_big ? GUINT32_FROM_BE (number) : GUINT32_FROM_LE (number);
}

static void
align (Reader *reader, gsize bytes)
{
  reader->at = (reader->at + bytes - 1) / bytes * bytes;
}

static gboolean
has (const Reader *reader, gsize bytes)
{
  return reader->at <= reader->end && bytes <= reader->end - reader->at;
}

static gboolean
read_byte (Reader *reader, guint8 *byte)
{
  if (!has (reader, 1))
    return FALSE;

  *byte = reader->data[reader->at++];

  return TRUE;
}

static gboolean
read_number (Reader *reader, guint32 *number)
{
  align (reader, sizeof *number);
  if (!has (reader, sizeof *number))
    return FALSE;

  *number = get_number (reader->data + reader->at, reader->is_big);
  reader->at += sizeof *number;

  return TRUE;
}

/* Reads characters and the zero after them, so that they are a string in place. */
static gboolean
read_chars (Reader *reader, gsize length, const char **string)
{
  if (!has (reader, length + 1) || reader->data[reader->at + length] != '\0')
    return FALSE;

  *string = (const char *) reader->data + reader->at;
  reader->at += length + 1;

  return TRUE;
}

static gboolean
read_signature (Reader *reader, const char **signature)
{
  guint8 length;

  return read_byte (reader, &length) && read_chars (reader, length, signature);
}

static gboolean
read_string (Reader *reader, const char **string)
{
  guint32 length;

  return read_number (reader, &length) && length < MAX_MESSAGE_BYTES
         && read_chars (reader, length, string);
}

/* A field unknown to D-Bus may have any type. */
static gboolean
is_type_of (const char *type, guint8 code)
{
  static const char types[] = {
    [G_DBUS_MESSAGE_HEADER_FIELD_PATH] = 'o',
    [G_DBUS_MESSAGE_HEADER_FIELD_INTERFACE] = 's',
    [G_DBUS_MESSAGE_HEADER_FIELD_MEMBER] = 's',
    [G_DBUS_MESSAGE_HEADER_FIELD_ERROR_NAME] = 's',
    [G_DBUS_MESSAGE_HEADER_FIELD_REPLY_SERIAL] = 'u',
    [G_DBUS_MESSAGE_HEADER_FIELD_DESTINATION] = 's',
    [G_DBUS_MESSAGE_HEADER_FIELD_SENDER] = 's',
    [G_DBUS_MESSAGE_HEADER_FIELD_SIGNATURE] = 'g',
    [G_DBUS_MESSAGE_HEADER_FIELD_NUM_UNIX_FDS] = 'u',
  };

  return code >= G_N_ELEMENTS (types) || types[code] == type[0];
}

/* GDBus unpacks fields of every type, so the value has to be valid for GDBus. */
static gboolean
skip_value (Reader *reader, const char *type)
{
  RunconfdBody body = { .data = reader->data,
                        .size = reader->end,
                        .is_big = reader->is_big,
                        .max_values = MAX_FIELD_VALUES,
                        .max_memory = MAX_FIELD_MEMORY };

  reader->at = runconfd_body_skip (&body, type, reader->at);

  return reader->at != 0;
}

static gboolean
read_field (Reader *reader, RunconfdMessage *message)
{
  guint8 code;
  const char *type, *string = NULL;
  guint32 number = 0;

  align (reader, 8);
  if (!read_byte (reader, &code) || !read_signature (reader, &type) || !is_type_of (type, code))
    return FALSE;

  if (strcmp (type, "s") == 0 || strcmp (type, "o") == 0)
    {
      if (!read_string (reader, &string))
        return FALSE;
    }
  else if (strcmp (type, "g") == 0)
    {
      if (!read_signature (reader, &string))
        return FALSE;
    }
  else if (strcmp (type, "u") == 0)
    {
      if (!read_number (reader, &number))
        return FALSE;
    }
  else if (!skip_value (reader, type))
    {
      return FALSE;
    }

  if (code == G_DBUS_MESSAGE_HEADER_FIELD_PATH)
    message->path = string;
  else if (code == G_DBUS_MESSAGE_HEADER_FIELD_INTERFACE)
    message->interface = string;
  else if (code == G_DBUS_MESSAGE_HEADER_FIELD_ERROR_NAME)
    message->error_name = string;
  else if (code == G_DBUS_MESSAGE_HEADER_FIELD_MEMBER)
    message->member = string;
  else if (code == G_DBUS_MESSAGE_HEADER_FIELD_SIGNATURE)
    message->signature = string;
  else if (code == G_DBUS_MESSAGE_HEADER_FIELD_SENDER)
    message->sender = string;
  else if (code == G_DBUS_MESSAGE_HEADER_FIELD_DESTINATION)
    message->destination = string;
  else if (code == G_DBUS_MESSAGE_HEADER_FIELD_REPLY_SERIAL)
    message->reply_serial = number;
  else if (code == G_DBUS_MESSAGE_HEADER_FIELD_NUM_UNIX_FDS)
    message->n_descriptors = number;

  return TRUE;
}

static gboolean
is_name (const char *string, gboolean (*check) (const char *string), const char *reserved)
{
  return string == NULL || (check (string) && g_strcmp0 (string, reserved) != 0);
}

/* GDBus closes its connection on a message without the fields of its type, or with invalid or
 * reserved names.
 */
static gboolean
is_complete (const RunconfdMessage *self)
{
  if (!is_name (self->path, g_variant_is_object_path, "/org/freedesktop/DBus/Local")
      || !is_name (self->interface, g_dbus_is_interface_name, "org.freedesktop.DBus.Local")
      || !is_name (self->member, g_dbus_is_member_name, NULL)
      || !is_name (self->error_name, g_dbus_is_interface_name, NULL))
    return FALSE;

  switch (self->type)
    {
    case G_DBUS_MESSAGE_TYPE_METHOD_CALL:
      return self->path != NULL && self->member != NULL;
    case G_DBUS_MESSAGE_TYPE_METHOD_RETURN:
      return self->reply_serial != 0;
    case G_DBUS_MESSAGE_TYPE_ERROR:
      return self->reply_serial != 0 && self->error_name != NULL;
    case G_DBUS_MESSAGE_TYPE_SIGNAL:
      return self->path != NULL && self->interface != NULL && self->member != NULL;
    case G_DBUS_MESSAGE_TYPE_INVALID:
    default:
      return FALSE;
    }
}

static RunconfdMessageState
read_fields (RunconfdMessage *self, Reader *reader)
{
  while (reader->at < reader->end)
    {
      if (!read_field (reader, self))
        return RUNCONFD_MESSAGE_BAD;
    }

  return is_complete (self) ? RUNCONFD_MESSAGE_GOOD : RUNCONFD_MESSAGE_BAD;
}

/**
 * runconfd_message_read:
 * @data: bytes that begin with a message
 * @size: the number of bytes
 *
 * Reads the header of a message.
 *
 * Returns: whether the header is complete and good. From %RUNCONFD_MESSAGE_PREFIX bytes on, the
 *   sizes are set in any case.
 */
RunconfdMessageState
runconfd_message_read (RunconfdMessage *self, const guint8 *data, gsize size)
{
  Reader reader = { .data = data, .at = RUNCONFD_MESSAGE_PREFIX };
  guint32 fields_size;
  guint64 header_size; /* a gsize of 32 bits could overflow */

  *self = (RunconfdMessage){ 0 };
  if (size < RUNCONFD_MESSAGE_PREFIX)
    return RUNCONFD_MESSAGE_SHORT;

  reader.is_big = data[PREFIX_ORDER] == 'B';
  fields_size = get_number (data + PREFIX_FIELDS_SIZE, reader.is_big);
  header_size = (RUNCONFD_MESSAGE_PREFIX + (guint64) fields_size + 7) / 8 * 8;
  self->type = data[PREFIX_TYPE];
  self->flags = data[PREFIX_FLAGS];
  self->is_big = reader.is_big;
  self->serial = get_number (data + PREFIX_SERIAL, reader.is_big);
  self->body_size = get_number (data + PREFIX_BODY_SIZE, reader.is_big);
  if ((!reader.is_big && data[PREFIX_ORDER] != 'l') || data[PREFIX_PROTOCOL] != PROTOCOL
      || header_size + self->body_size > MAX_MESSAGE_BYTES)
    return RUNCONFD_MESSAGE_BAD;

  self->size = (gsize) header_size + self->body_size;
  self->header_size = (gsize) header_size;
  if (header_size > RUNCONFD_MESSAGE_MAX_READ)
    return RUNCONFD_MESSAGE_BAD;
  if (size < header_size)
    return RUNCONFD_MESSAGE_SHORT;

  reader.end = RUNCONFD_MESSAGE_PREFIX + fields_size;

  return read_fields (self, &reader);
}

/**
 * runconfd_message_want_reply:
 * @data: a message whose header is complete
 *
 * Clears the flag of a call that wants no reply.
 */
void
runconfd_message_want_reply (guint8 *data)
{
  data[PREFIX_FLAGS] &= (guint8) ~G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED;
}
