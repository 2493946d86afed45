/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <gio/gunixfdlist.h>

#include "service/gate/message.h"

/* Makes a call as the bus forwards it, with the sender that the bus sets. */
static guchar *
make (GDBusMessageByteOrder order, gsize *size)
{
  g_autoptr (GDBusMessage) message = g_dbus_message_new_method_call (
      "org.runconf.Config1", "/org/runconf/Config1/default", "org.runconf.Config1", "Set");
  g_autoptr (GError) error = NULL;
  guchar *blob;

  g_dbus_message_set_byte_order (message, order);
  g_dbus_message_set_serial (message, 7);
  g_dbus_message_set_sender (message, ":1.42");
  g_dbus_message_set_flags (message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  g_dbus_message_set_body (message, g_variant_new ("(sv)", "/a", g_variant_new_int64 (5)));
  blob = g_dbus_message_to_blob (message, size, G_DBUS_CAPABILITY_FLAGS_NONE, &error);
  g_assert_no_error (error);

  return blob;
}

static void
test_call (gconstpointer order)
{
  gsize size;
  g_autofree guchar *blob = make ((GDBusMessageByteOrder) GPOINTER_TO_INT (order), &size);
  RunconfdMessage message;

  g_assert_cmpint (runconfd_message_read (&message, blob, size), ==, RUNCONFD_MESSAGE_GOOD);
  g_assert_cmpint (message.type, ==, G_DBUS_MESSAGE_TYPE_METHOD_CALL);
  g_assert_cmpint (message.flags, ==, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  g_assert_cmpuint (message.size, ==, size);
  g_assert_cmpuint (message.body_size, ==, 24);
  g_assert_cmpuint (message.serial, ==, 7);
  g_assert_cmpuint (message.reply_serial, ==, 0);
  g_assert_cmpstr (message.member, ==, "Set");
  g_assert_cmpstr (message.sender, ==, ":1.42");
  g_assert_cmpstr (message.destination, ==, "org.runconf.Config1");

  runconfd_message_want_reply (blob);
  g_assert_cmpint (runconfd_message_read (&message, blob, size), ==, RUNCONFD_MESSAGE_GOOD);
  g_assert_cmpint (message.flags, ==, G_DBUS_MESSAGE_FLAGS_NONE);
}

static void
test_answer (void)
{
  g_autoptr (GDBusMessage) answer = g_dbus_message_new ();
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autofree guchar *blob = NULL;
  RunconfdMessage message;
  gsize size;

  g_assert_cmpint (g_unix_fd_list_append (descriptors, 0, NULL), ==, 0);
  g_dbus_message_set_message_type (answer, G_DBUS_MESSAGE_TYPE_METHOD_RETURN);
  g_dbus_message_set_serial (answer, 8);
  g_dbus_message_set_reply_serial (answer, 7);
  g_dbus_message_set_destination (answer, ":1.42");
  g_dbus_message_set_unix_fd_list (answer, descriptors);
  blob = g_dbus_message_to_blob (answer, &size, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, NULL);

  g_assert_cmpint (runconfd_message_read (&message, blob, size), ==, RUNCONFD_MESSAGE_GOOD);
  g_assert_cmpuint (message.reply_serial, ==, 7);
  g_assert_cmpuint (message.n_descriptors, ==, 1);
  g_assert_cmpstr (message.destination, ==, ":1.42");
  g_assert_null (message.sender);
}

/* The body may be missing. Each piece is a separate block, so that a read beyond its end is
 * detected.
 */
static void
test_pieces (void)
{
  gsize size;
  g_autofree guchar *blob = make (G_DBUS_MESSAGE_BYTE_ORDER_LITTLE_ENDIAN, &size);
  RunconfdMessage message;

  g_assert_cmpint (runconfd_message_read (&message, blob, size), ==, RUNCONFD_MESSAGE_GOOD);
  for (gsize n = 0, header = size - message.body_size; n <= size; n++)
    {
      g_autofree guchar *piece = g_memdup2 (blob, n);

      g_assert_cmpint (runconfd_message_read (&message, piece, n), ==,
                       n < header ? RUNCONFD_MESSAGE_SHORT : RUNCONFD_MESSAGE_GOOD);
    }
}

/* With any content, nothing beyond the end is read. */
static void
test_damaged (void)
{
  gsize size;
  g_autofree guchar *blob = make (G_DBUS_MESSAGE_BYTE_ORDER_LITTLE_ENDIAN, &size);
  guint n_bad = 0;

  for (gsize i = 0; i < size; i++)
    for (guint value = 0; value < 256; value++)
      {
        g_autofree guchar *damaged = g_memdup2 (blob, size);
        RunconfdMessage message;

        damaged[i] = (guchar) value;
        if (runconfd_message_read (&message, damaged, size) == RUNCONFD_MESSAGE_BAD)
          n_bad++;
      }

  g_assert_cmpuint (n_bad, >, 1000);
}

static void
test_bad (void)
{
  gsize size;
  g_autofree guchar *blob = make (G_DBUS_MESSAGE_BYTE_ORDER_LITTLE_ENDIAN, &size);
  guint32 huge = GUINT32_TO_LE (RUNCONFD_MESSAGE_MAX_READ);
  RunconfdMessage message;

  /* the first field has a type that isn't allowed */
  blob[18] ^= 's' ^ 'o';
  g_assert_cmpint (runconfd_message_read (&message, blob, size), ==, RUNCONFD_MESSAGE_BAD);
  g_assert_cmpuint (message.size, ==, size);

  /* the header is too large to be read, but its size is known, so that it can be skipped */
  memcpy (blob + 12, &huge, sizeof huge);
  g_assert_cmpint (runconfd_message_read (&message, blob, size), ==, RUNCONFD_MESSAGE_BAD);
  g_assert_cmpuint (message.size, ==, 16 + RUNCONFD_MESSAGE_MAX_READ + message.body_size);

  /* it isn't a message, and its size isn't known */
  blob[3] = 2;
  g_assert_cmpint (runconfd_message_read (&message, blob, size), ==, RUNCONFD_MESSAGE_BAD);
  g_assert_cmpuint (message.size, ==, 0);
}

/* Returns: whether a call with one more field is valid */
static RunconfdMessageState
read_with (guint8 code, GVariant *value)
{
  g_autoptr (GDBusMessage) message = g_dbus_message_new_method_call (
      "org.runconf.Config1", "/org/runconf/Config1/default", "org.runconf.Config1", "Get");
  g_autofree guchar *blob = NULL;
  RunconfdMessage read;
  gsize size;

  g_dbus_message_set_serial (message, 7);
  g_dbus_message_set_sender (message, ":1.42");
  g_dbus_message_set_header (message, code, value);
  blob = g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  /* GDBus doesn't make messages that it doesn't accept */
  if (blob == NULL)
    return RUNCONFD_MESSAGE_BAD;

  return runconfd_message_read (&read, blob, size);
}

/* A field unknown to D-Bus is ignored, unless GDBus can't unpack it or it takes much memory. */
static void
test_unknown_fields (void)
{
  static const char *const good[] = { "@at []", "@at [1]", "<5>", "[('a', <{'b': 1}>)]", "byte 1" };
  g_autoptr (GString) deep = g_string_new ("byte 1");
  g_autoptr (GString) values = g_string_new ("[''");

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_cmpint (read_with (77, g_variant_new_parsed (good[i])), ==, RUNCONFD_MESSAGE_GOOD);

  for (guint i = 0; i < 5000; i++)
    g_string_append (values, ",''");
  g_string_append_c (values, ']');
  g_assert_cmpint (read_with (77, g_variant_new_parsed (values->str)), ==, RUNCONFD_MESSAGE_BAD);

  for (guint i = 0; i < 70; i++)
    {
      g_string_prepend_c (deep, '<');
      g_string_append_c (deep, '>');
    }
  g_assert_cmpint (read_with (77, g_variant_new_parsed (deep->str)), ==, RUNCONFD_MESSAGE_BAD);
}

/* GDBus closes its connection on these. It doesn't make them either, so a byte of a valid name is
 * changed.
 */
static void
test_reserved_names (void)
{
  static const struct
  {
    const char *path;
    const char *interface;
    const char *member;
    char good;
    char bad;
  } rows[] = { { "/org/freedesktop/DBus/LoZal", "org.a", "A", 'Z', 'c' },
               { "/a", "org.freedesktop.DBus.LoZal", "A", 'Z', 'c' },
               { "/a", "org.a", "TwoZWords", 'Z', ' ' },
               { "/a/Z", "org.a", "A", 'Z', '/' } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GDBusMessage) message = g_dbus_message_new_method_call (
          "org.x", rows[i].path, rows[i].interface, rows[i].member);
      g_autofree guchar *blob = NULL;
      RunconfdMessage read;
      gsize size;

      g_dbus_message_set_serial (message, 7);
      blob = g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
      g_assert_cmpint (runconfd_message_read (&read, blob, size), ==, RUNCONFD_MESSAGE_GOOD);
      /* the first such byte after the header's own sizes */
      *(guchar *) memchr (blob + RUNCONFD_MESSAGE_PREFIX, rows[i].good,
                          size - RUNCONFD_MESSAGE_PREFIX)
          = (guchar) rows[i].bad;
      g_assert_cmpint (runconfd_message_read (&read, blob, size), ==, RUNCONFD_MESSAGE_BAD);
      g_assert_cmpuint (read.size, ==, size);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/service/message/call/little",
                        GINT_TO_POINTER (G_DBUS_MESSAGE_BYTE_ORDER_LITTLE_ENDIAN), test_call);
  g_test_add_data_func ("/service/message/call/big",
                        GINT_TO_POINTER (G_DBUS_MESSAGE_BYTE_ORDER_BIG_ENDIAN), test_call);
  g_test_add_func ("/service/message/answer", test_answer);
  g_test_add_func ("/service/message/pieces", test_pieces);
  g_test_add_func ("/service/message/damaged", test_damaged);
  g_test_add_func ("/service/message/bad", test_bad);

  g_test_add_func ("/service/message/unknown-fields", test_unknown_fields);
  g_test_add_func ("/service/message/reserved-names", test_reserved_names);

  return g_test_run ();
}
