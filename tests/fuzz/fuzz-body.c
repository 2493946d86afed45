/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include <malloc.h>
#include <string.h>

#include "service/gate/body.h"
#include "service/gate/message.h"

/* Input: the byte order, the length of a signature, the signature, a body.
 *
 * GDBus unpacks each body that passes the check, since it closes its connection otherwise, and takes no
 * more memory for it than the estimate. What GDBus makes of these values passes, too, in both orders of
 * bytes.
 */

/* for the message itself and its header */
#define MESSAGE_MEMORY (64 * 1024)

static void
align (GByteArray *bytes)
{
  while (bytes->len % 8 != 0)
    g_byte_array_append (bytes, (const guint8 *) "", 1);
}

static void
append_number (GByteArray *bytes, guint32 number, gboolean is_big)
{
  number = is_big ? GUINT32_TO_BE (number) : GUINT32_TO_LE (number);
  g_byte_array_append (bytes, (const guint8 *) &number, sizeof number);
}

static void
append_field (GByteArray *bytes, guint8 code, const char *type, const char *value, gsize length,
              gboolean is_big)
{
  guint8 short_length = (guint8) length;

  align (bytes);
  g_byte_array_append (bytes, &code, 1);
  g_byte_array_append (bytes, (const guint8 *) "\1", 1);
  g_byte_array_append (bytes, (const guint8 *) type, 2);
  if (*type == 'g')
    g_byte_array_append (bytes, &short_length, 1);
  else
    append_number (bytes, (guint32) length, is_big);
  g_byte_array_append (bytes, (const guint8 *) value, (guint) length);
  g_byte_array_append (bytes, (const guint8 *) "", 1);
}

static GByteArray *
make_message (gboolean is_big, const char *signature, const guint8 *body, gsize size)
{
  GByteArray *bytes = g_byte_array_new ();
  guint32 fields_size;

  g_byte_array_append (bytes, (const guint8 *) (is_big ? "B\1\0\1" : "l\1\0\1"), 4);
  append_number (bytes, (guint32) size, is_big);
  append_number (bytes, 1, is_big);
  append_number (bytes, 0, is_big);
  append_field (bytes, G_DBUS_MESSAGE_HEADER_FIELD_PATH, "o", "/", 1, is_big);
  append_field (bytes, G_DBUS_MESSAGE_HEADER_FIELD_MEMBER, "s", "M", 1, is_big);
  append_field (bytes, G_DBUS_MESSAGE_HEADER_FIELD_SIGNATURE, "g", signature, strlen (signature),
                is_big);
  fields_size = bytes->len - RUNCONFD_MESSAGE_PREFIX;
  fields_size = is_big ? GUINT32_TO_BE (fields_size) : GUINT32_TO_LE (fields_size);
  memcpy (bytes->data + 12, &fields_size, sizeof fields_size);
  align (bytes);
  if (size > 0)
    g_byte_array_append (bytes, body, (guint) size);

  return bytes;
}

static RunconfdBodyState
check (guint8 *data, gsize size, guint *n_values, gsize *memory)
{
  RunconfdMessage message;
  RunconfdBody body = { .max_values = 100000, .max_memory = 256 * 1024 * 1024 };
  RunconfdBodyState state;

  FUZZ_LAW (runconfd_message_read (&message, data, size) == RUNCONFD_MESSAGE_GOOD, NULL);
  /* in a block of its own: a sanitizer sees reads behind its end */
  body.data = g_memdup2 (data + message.header_size, message.body_size);
  body.size = message.body_size;
  body.is_big = message.is_big;
  state = runconfd_body_check (&body, message.signature);
  *n_values = body.n_values;
  *memory = body.memory;
  g_free ((gpointer) body.data);

  return state;
}

static void
check_made (GDBusMessage *message, guint n_values)
{
  for (int is_big = 0; is_big < 2; is_big++)
    {
      g_autofree guchar *blob = NULL;
      gsize size, memory;
      guint n_again;

      g_dbus_message_set_byte_order (message, is_big ? G_DBUS_MESSAGE_BYTE_ORDER_BIG_ENDIAN
                                                     : G_DBUS_MESSAGE_BYTE_ORDER_LITTLE_ENDIAN);
      blob = g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
      FUZZ_LAW (blob != NULL, NULL);
      FUZZ_LAW (check (blob, size, &n_again, &memory) == RUNCONFD_BODY_GOOD, NULL);
      FUZZ_LAW (n_again == n_values, NULL);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GByteArray) bytes = NULL;
  g_autoptr (GDBusMessage) theirs = NULL;
  g_autofree char *signature = NULL;
  gsize length, memory, before, after;
  guint n_values;

  if (size < 2 || data[1] > size - 2)
    return 0;

  signature = g_strndup ((const char *) data + 2, data[1]);
  length = 2 + (gsize) data[1];
  bytes = make_message (data[0] % 2 != 0, signature, data + length, size - length);
  if (check (bytes->data, bytes->len, &n_values, &memory) != RUNCONFD_BODY_GOOD)
    return 0;

  before = mallinfo2 ().uordblks;
  theirs
      = g_dbus_message_new_from_blob (bytes->data, bytes->len, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  after = mallinfo2 ().uordblks;
  FUZZ_LAW (theirs != NULL, NULL);
  FUZZ_LAW (after <= before + memory + MESSAGE_MEMORY, NULL);
  check_made (theirs, n_values);

  return 0;
}
