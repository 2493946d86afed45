/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <gio/gio.h>

#include "service/gate/gate.h"

/* Tests the gate alone: the test moves the clock, plays the bus, and decides on the rights of
 * users.
 */

#define ROOT 0
#define NOBODY 65534

#define BUS_NAME "org.runconf.Config1"

#define LIMITS_EXCEEDED "org.freedesktop.DBus.Error.LimitsExceeded"
#define INVALID_ARGS "org.freedesktop.DBus.Error.InvalidArgs"
#define TOO_LARGE "org.runconf.Error.TooLarge"

typedef struct
{
  RunconfdGate *gate;
  RunconfdGateFlow flow;
  GPtrArray *asked;      /* of char, "SENDER SERIAL": calls that a right is requested for */
  GHashTable *strangers; /* of char, connections whose user the gate asks for */
  GPtrArray *errors;     /* of char, "DESTINATION SERIAL NAME" */
} Fixture;

static gboolean
is_trusted (guint uid, gpointer user_data)
{
  return uid == ROOT;
}

static gboolean
is_write (const char *member, gpointer user_data)
{
  return g_str_equal (member, "Set") || g_str_equal (member, "MergeText");
}

static void
on_stranger (const char *sender, gpointer user_data)
{
  g_hash_table_add (((Fixture *) user_data)->strangers, g_strdup (sender));
}

static void
ask (const RunconfdGateQuestion *question, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_cmpstr (question->path, ==, "/a");
  g_ptr_array_add (fixture->asked, g_strdup_printf ("%s %u", question->sender, question->serial));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const RunconfdGateHooks hooks = { .is_trusted = is_trusted,
                                    .is_write = is_write,
                                    .identify = on_stranger,
                                    .ask = ask,
                                    .user_data = fixture };

  fixture->gate = runconfd_gate_new (&hooks);
  fixture->flow.in = g_byte_array_new ();
  fixture->flow.out = g_byte_array_new ();
  fixture->flow.now = 1000 * G_USEC_PER_SEC;
  fixture->asked = g_ptr_array_new_with_free_func (g_free);
  fixture->errors = g_ptr_array_new_with_free_func (g_free);
  fixture->strangers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  runconfd_gate_free (fixture->gate);
  g_byte_array_unref (fixture->flow.in);
  g_byte_array_unref (fixture->flow.out);
  g_ptr_array_unref (fixture->asked);
  g_ptr_array_unref (fixture->errors);
  g_hash_table_unref (fixture->strangers);
}

/* Takes the first message from the bytes. */
static GDBusMessage *
take (GByteArray *bytes)
{
  g_autoptr (GError) error = NULL;
  GDBusMessage *message;
  gssize size;

  if (bytes->len == 0)
    return NULL;

  size = g_dbus_message_bytes_needed (bytes->data, bytes->len, &error);
  g_assert_no_error (error);
  message = g_dbus_message_new_from_blob (bytes->data, (gsize) size, G_DBUS_CAPABILITY_FLAGS_NONE,
                                          &error);
  g_assert_no_error (error);
  g_byte_array_remove_range (bytes, 0, (guint) size);

  return message;
}

/* The bus reads the output of the gate, which is errors only. */
static void
read_out (Fixture *fixture)
{
  GDBusMessage *message;

  while ((message = take (fixture->flow.out)) != NULL)
    {
      g_assert_cmpint (g_dbus_message_get_message_type (message), ==, G_DBUS_MESSAGE_TYPE_ERROR);
      g_ptr_array_add (fixture->errors,
                       g_strdup_printf ("%s %u %s", g_dbus_message_get_destination (message),
                                        g_dbus_message_get_reply_serial (message),
                                        g_dbus_message_get_error_name (message)));
      g_object_unref (message);
    }
}

/* Returns: whether the gate accepted the message */
static gboolean
deliver_bytes (Fixture *fixture, guint8 *data, gsize size)
{
  RunconfdMessage message;

  g_assert_cmpint (runconfd_message_read (&message, data, size), ==, RUNCONFD_MESSAGE_GOOD);
  if (!runconfd_gate_wants (fixture->gate, &message, &fixture->flow))
    return FALSE;

  runconfd_gate_let_in (fixture->gate, &message, data, &fixture->flow);

  return TRUE;
}

static gboolean
deliver (Fixture *fixture, GDBusMessage *message, const char *sender, guint32 serial)
{
  g_autoptr (GError) error = NULL;
  g_autofree guchar *blob = NULL;
  gboolean is_wanted;
  gsize size;

  g_dbus_message_set_sender (message, sender);
  g_dbus_message_set_serial (message, serial);
  blob = g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, &error);
  g_assert_no_error (error);
  is_wanted = deliver_bytes (fixture, blob, size);
  read_out (fixture);

  return is_wanted;
}

static gboolean
call (Fixture *fixture, const char *sender, guint32 serial, const char *member, gsize n_bytes)
{
  g_autoptr (GDBusMessage) message
      = g_dbus_message_new_method_call ("org.runconf.Config1", "/a", "org.runconf.Config1", member);
  g_autofree char *text = g_strnfill (n_bytes, 'x');

  g_dbus_message_set_body (message, g_variant_new ("(s)", text));

  return deliver (fixture, message, sender, serial);
}

/* The service replies with the user of a connection. */
static void
identify (Fixture *fixture, const char *name, guint uid)
{
  g_assert_true (g_hash_table_contains (fixture->strangers, name));
  runconfd_gate_identify (fixture->gate, name, uid, &fixture->flow);
  read_out (fixture);
}

/* Returns: the serials of the messages that GDBus received, as text */
static char *
read_in (Fixture *fixture)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GDBusMessage *message;

  while ((message = take (fixture->flow.in)) != NULL)
    {
      g_string_append_printf (text, "%s%s/%u", text->len > 0 ? " " : "",
                              g_dbus_message_get_sender (message),
                              g_dbus_message_get_serial (message));
      g_object_unref (message);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_in (Fixture *fixture, const char *expected)
{
  g_autofree char *found = read_in (fixture);

  g_assert_cmpstr (found, ==, expected);
}

/* GDBus replies to a call, with an error or without. */
static gboolean
answer_with (Fixture *fixture, GDBusMessageType type, const char *destination, guint32 serial)
{
  const RunconfdMessage message
      = { .type = type, .size = 100, .reply_serial = serial, .destination = destination };
  gboolean is_passed = runconfd_gate_let_out (fixture->gate, &message, &fixture->flow);

  read_out (fixture);

  return is_passed;
}

static gboolean
answer (Fixture *fixture, const char *destination, guint32 serial)
{
  return answer_with (fixture, G_DBUS_MESSAGE_TYPE_METHOD_RETURN, destination, serial);
}

static void
wait (Fixture *fixture, gint64 milliseconds)
{
  for (gint64 i = 0; i < milliseconds; i += 4)
    {
      fixture->flow.now += 4 * G_TIME_SPAN_MILLISECOND;
      runconfd_gate_tick (fixture->gate, &fixture->flow);
      read_out (fixture);
    }
}

static void
decide (Fixture *fixture, const char *sender, guint32 serial, const char *error_name)
{
  runconfd_gate_decide (fixture->gate, sender, serial, error_name, "no", &fixture->flow);
  read_out (fixture);
}

static void
assert_error (Fixture *fixture, const char *expected)
{
  wait (fixture, 40);
  g_assert_cmpuint (fixture->errors->len, >, 0);
  g_assert_cmpstr (fixture->errors->pdata[fixture->errors->len - 1], ==, expected);
}

static void
begin_user (Fixture *fixture, const char *name, guint uid)
{
  g_assert_true (call (fixture, name, 1, "Get", 10));
  identify (fixture, name, uid);
  answer (fixture, name, 1);
  g_free (read_in (fixture));
}

static void
test_small (Fixture *fixture, gconstpointer data)
{
  g_assert_true (call (fixture, ":1.1", 1, "Get", 10));
  assert_in (fixture, ":1.1/1");
  identify (fixture, ":1.1", NOBODY);
  assert_in (fixture, "");
  g_assert_true (answer (fixture, ":1.1", 1));
  g_assert_cmpint (runconfd_gate_get_timeout (fixture->gate), ==, -1);
}

/* A large call depends on the right of its user. */
static void
test_large (Fixture *fixture, gconstpointer data)
{
  begin_user (fixture, ":1.1", NOBODY);
  g_assert_true (call (fixture, ":1.1", 2, "MergeText", 100000));
  g_assert_true (call (fixture, ":1.1", 3, "Get", 10));
  wait (fixture, 100);
  assert_in (fixture, "");
  g_assert_cmpuint (fixture->asked->len, ==, 1);
  g_assert_cmpstr (fixture->asked->pdata[0], ==, ":1.1 2");

  decide (fixture, ":1.1", 2, NULL);
  wait (fixture, 100);
  assert_in (fixture, ":1.1/2 :1.1/3");
  answer (fixture, ":1.1", 2);
  answer (fixture, ":1.1", 3);

  g_assert_true (call (fixture, ":1.1", 4, "MergeText", 100000));
  g_assert_true (call (fixture, ":1.1", 5, "Get", 10));
  decide (fixture, ":1.1", 4, "org.a.Denied");
  assert_error (fixture, ":1.1 4 org.a.Denied");
  assert_in (fixture, ":1.1/5");

  /* a decision on another call has no effect */
  decide (fixture, ":1.1", 4, NULL);
  decide (fixture, ":1.9", 4, NULL);
  assert_in (fixture, "");
}

static void
test_large_are_few (Fixture *fixture, gconstpointer data)
{
  begin_user (fixture, ":1.1", NOBODY);
  begin_user (fixture, ":1.2", NOBODY);
  g_assert_true (call (fixture, ":1.1", 2, "MergeText", 100000));
  g_assert_false (call (fixture, ":1.2", 2, "MergeText", 100000));
  assert_error (fixture, ":1.2 2 " LIMITS_EXCEEDED);
  g_assert_false (call (fixture, ":1.2", 3, "Get", 100000));
  assert_error (fixture, ":1.2 3 " TOO_LARGE);
  g_assert_false (call (fixture, ":1.2", 4, "MergeText", 20 * 1024 * 1024));
  assert_error (fixture, ":1.2 4 " TOO_LARGE);

  /* other users together may have a few */
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *name = g_strdup_printf (":1.%u", 10 + i);

      begin_user (fixture, name, 1000 + i);
      call (fixture, name, 2, "MergeText", 100000);
    }
  g_assert_cmpuint (fixture->asked->len, ==, 3);

  /* calls of root are accepted nevertheless */
  begin_user (fixture, ":1.3", ROOT);
  g_assert_true (call (fixture, ":1.3", 2, "MergeText", 20 * 1024 * 1024));
  assert_in (fixture, ":1.3/2");
}

static void
test_unknown_large (Fixture *fixture, gconstpointer data)
{
  for (guint i = 2; i < 30; i++)
    call (fixture, ":1.1", i, "Get", 10);
  g_assert_true (call (fixture, ":1.1", 100, "MergeText", 100000));
  identify (fixture, ":1.1", NOBODY);

  /* the place of unidentified connections is free again */
  g_assert_true (call (fixture, ":1.2", 1, "MergeText", 100000));
  identify (fixture, ":1.2", ROOT);
  g_free (read_in (fixture));
  wait (fixture, 100);
  answer (fixture, ":1.2", 1);
}

/* A user has one place, also for connections that were unidentified at first. */
static void
test_unknown_of_user (Fixture *fixture, gconstpointer data)
{
  begin_user (fixture, ":1.1", NOBODY);
  g_assert_true (call (fixture, ":1.1", 2, "MergeText", 100000));
  g_assert_true (call (fixture, ":1.2", 1, "MergeText", 100000));
  identify (fixture, ":1.2", NOBODY);
  assert_error (fixture, ":1.2 1 " LIMITS_EXCEEDED);
  g_assert_cmpuint (fixture->asked->len, ==, 1);

  /* and has it again after the reply to that call */
  decide (fixture, ":1.1", 2, NULL);
  wait (fixture, 100);
  g_assert_false (call (fixture, ":1.2", 2, "MergeText", 100000));
  answer (fixture, ":1.1", 2);
  g_assert_true (call (fixture, ":1.2", 3, "MergeText", 100000));
}

/* The bus doesn't report a user: the caller gets a reply nevertheless. */
static void
test_uid_error (Fixture *fixture, gconstpointer data)
{
  g_assert_true (call (fixture, ":1.1", 1, "MergeText", 100000));
  identify (fixture, ":1.1", RUNCONFD_UID_UNKNOWN);
  assert_error (fixture, ":1.1 1 " LIMITS_EXCEEDED);
  g_assert_true (call (fixture, ":1.2", 1, "MergeText", 100000));
}

/* A reply for a connection that the gate knows already, or no more, changes nothing. */
static void
test_uid_again (Fixture *fixture, gconstpointer data)
{
  begin_user (fixture, ":1.1", NOBODY);
  identify (fixture, ":1.1", ROOT);
  g_assert_true (call (fixture, ":1.1", 2, "MergeText", 100000));
  assert_in (fixture, "");
  runconfd_gate_identify (fixture->gate, ":1.9", ROOT, &fixture->flow);
  g_assert_false (call (fixture, ":1.9", 1, "Get", 100000));
}

/* The bus drops the reply. */
static void
test_uid_that_never_comes (Fixture *fixture, gconstpointer data)
{
  g_assert_true (call (fixture, ":1.1", 1, "MergeText", 100000));
  g_hash_table_remove_all (fixture->strangers);
  wait (fixture, 2000);
  g_assert_true (call (fixture, ":1.1", 2, "Get", 10));
  g_assert_true (g_hash_table_contains (fixture->strangers, ":1.1"));
  wait (fixture, 6000);
  g_assert_cmpuint (fixture->errors->len, ==, 1);
  assert_error (fixture, ":1.1 1 " LIMITS_EXCEEDED);
  assert_in (fixture, ":1.1/2");

  /* later the bus replies again */
  wait (fixture, 2000);
  call (fixture, ":1.1", 3, "Get", 10);
  identify (fixture, ":1.1", ROOT);
  g_assert_true (call (fixture, ":1.1", 4, "MergeText", 100000));
  assert_in (fixture, ":1.1/3 :1.1/4");
}

static void
test_budget (Fixture *fixture, gconstpointer data)
{
  guint n_refused = 0;

  begin_user (fixture, ":1.1", NOBODY);
  begin_user (fixture, ":1.2", NOBODY);
  begin_user (fixture, ":1.3", 1000);
  for (guint i = 0; i < 300; i++)
    n_refused += call (fixture, i % 2 == 0 ? ":1.1" : ":1.2", 10 + i, "Get", 10) ? 0 : 1;
  g_assert_cmpuint (n_refused, ==, 300 - 256);
  g_assert_true (call (fixture, ":1.3", 2, "Get", 10));

  /* all of them get a reply in the end */
  wait (fixture, 1000);
  g_assert_cmpuint (fixture->errors->len, ==, n_refused);
  for (guint i = 0; i < 300; i++)
    {
      answer (fixture, i % 2 == 0 ? ":1.1" : ":1.2", 10 + i);
      wait (fixture, 8);
    }
  answer (fixture, ":1.3", 2);
  wait (fixture, 100);
  for (guint i = 0; i < 300; i++)
    answer (fixture, i % 2 == 0 ? ":1.1" : ":1.2", 10 + i);
  g_free (read_in (fixture));
  g_assert_true (call (fixture, ":1.1", 1000, "Get", 10));
  assert_in (fixture, ":1.1/1000");
}

/* Returns: how many of 400 calls of 40 users are refused */
static guint
call_a_lot (Fixture *fixture, guint32 serial)
{
  g_ptr_array_set_size (fixture->errors, 0);
  for (guint i = 0; i < 400; i++)
    {
      g_autofree char *name = g_strdup_printf (":1.%u", 10 + i % 40);

      call (fixture, name, serial + i, "Set", 60000);
    }
  wait (fixture, 400);

  return fixture->errors->len;
}

/* All users together have a budget, which is full again when the calls have their replies. */
static void
test_total (Fixture *fixture, gconstpointer data)
{
  guint n_refused;

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf (":1.%u", 10 + i);

      begin_user (fixture, name, 1000 + i);
    }
  n_refused = call_a_lot (fixture, 1000);
  g_assert_cmpuint (n_refused, >, 100);
  g_assert_cmpuint (n_refused, <, 300);
  for (guint round = 0; round < 400; round++)
    {
      g_autoptr (GDBusMessage) message = take (fixture->flow.in);

      if (message != NULL)
        answer (fixture, g_dbus_message_get_sender (message), g_dbus_message_get_serial (message));
      wait (fixture, 8);
    }
  g_assert_cmpuint (call_a_lot (fixture, 2000), ==, n_refused);
}

/* Beyond its running calls, a user has refusals that wait; further calls get no reply. */
static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  guint n_own = 0;

  for (guint user = 0; user < 9; user++)
    {
      g_autofree char *name = g_strdup_printf (":1.%u", user);

      begin_user (fixture, name, 1000 + user);
      for (guint i = 0; i < 256 + 8192 + 100; i++)
        call (fixture, name, 10 + i, "Get", 1);
    }
  g_assert_cmpuint (fixture->errors->len, ==, 0);
  wait (fixture, 4 * 65536);
  g_assert_cmpuint (fixture->errors->len, ==, 65536);
  for (guint i = 0; i < fixture->errors->len; i++)
    n_own += g_str_has_prefix (fixture->errors->pdata[i], ":1.0 ") ? 1 : 0;
  g_assert_cmpuint (n_own, ==, 8192);
}

static void
test_silent (Fixture *fixture, gconstpointer data)
{
  begin_user (fixture, ":1.1", NOBODY);
  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (GDBusMessage) message
          = g_dbus_message_new_method_call (BUS_NAME, "/a", BUS_NAME, "Get");

      g_dbus_message_set_flags (message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
      deliver (fixture, message, ":1.1", 10 + i);
    }
  g_assert_false (call (fixture, ":1.1", 1000, "Get", 100000));
  wait (fixture, 2000);
  g_assert_cmpuint (fixture->errors->len, ==, 1);
}

static guint
count_in (Fixture *fixture)
{
  g_autofree char *text = read_in (fixture);
  g_auto (GStrv) calls = g_strsplit (text, " ", 0);

  return *text != '\0' ? g_strv_length (calls) : 0;
}

/* @limit of the calls of a user run at a time, and @queued as soon as a call has to wait. */
static void
check_running (Fixture *fixture, const char *name, const char *member, guint limit, guint queued)
{
  for (guint i = 0; i < limit + queued + 10; i++)
    g_assert_true (call (fixture, name, 10 + i, member, 1));
  wait (fixture, 1000);
  g_assert_cmpuint (count_in (fixture), ==, limit);

  for (guint i = 0; i < limit - queued; i++)
    answer (fixture, name, 10 + i);
  wait (fixture, 1000);
  g_assert_cmpuint (count_in (fixture), ==, 0);
  answer (fixture, name, 10 + limit - queued);
  wait (fixture, 1000);
  g_assert_cmpuint (count_in (fixture), ==, 1);
}

static void
test_running (Fixture *fixture, gconstpointer data)
{
  begin_user (fixture, ":1.1", NOBODY);
  begin_user (fixture, ":1.2", 1000);
  check_running (fixture, ":1.1", "Get", 8, 2);
  check_running (fixture, ":1.2", "Set", 64, 16);

  /* they delay no other user */
  begin_user (fixture, ":1.3", 1001);
  g_assert_true (call (fixture, ":1.3", 10, "Get", 1));
  assert_in (fixture, ":1.3/10");
}

/* Sends @n calls of 60,000 bytes at one time, each of which gets a reply at once.
 *
 * Returns: the bytes of the calls that were let in
 */
static gsize
send_calls (Fixture *fixture, const char *sender, const char *member, guint n,
            GDBusMessageType reply)
{
  gsize n_in = 0;

  for (guint i = 0; i < n; i++)
    {
      if (!call (fixture, sender, 1000 + i, member, 60000))
        continue;

      g_free (read_in (fixture));
      answer_with (fixture, reply, sender, 1000 + i);
      n_in += 60000;
    }

  return n_in;
}

#define MIB (1024 * 1024)

/* Without a rate, the gate checks all of these calls, and the bus gets all refusals at once. */
static void
test_rate (Fixture *fixture, gconstpointer data)
{
  gsize n_in, n_refused;

  begin_user (fixture, ":1.1", NOBODY);
  begin_user (fixture, ":1.2", NOBODY);
  begin_user (fixture, ":1.3", 1000);
  begin_user (fixture, ":1.4", ROOT);
  n_in = send_calls (fixture, ":1.1", "Set", 1000, G_DBUS_MESSAGE_TYPE_ERROR);
  g_assert_cmpuint (n_in, >, 7 * MIB);
  g_assert_cmpuint (n_in, <, 9 * MIB);
  n_refused = 1000 - n_in / 60000;

  /* small calls, other users and root don't notice */
  g_assert_true (call (fixture, ":1.2", 2, "Get", 10));
  g_assert_true (call (fixture, ":1.3", 2, "Set", 60000));
  g_assert_true (call (fixture, ":1.4", 2, "Set", 60000));
  assert_in (fixture, ":1.2/2 :1.3/2 :1.4/2");
  g_assert_false (call (fixture, ":1.2", 3, "Get", 10));
  answer (fixture, ":1.2", 2);
  n_refused++;

  /* the refusals are sent at the rate of the bytes that they refuse */
  g_ptr_array_set_size (fixture->errors, 0);
  wait (fixture, 1000);
  g_assert_cmpuint (fixture->errors->len, >, 7 * MIB / 60000);
  g_assert_cmpuint (fixture->errors->len, <, 9 * MIB / 60000);
  wait (fixture, 10000);
  g_assert_cmpuint (fixture->errors->len, ==, n_refused);
  assert_error (fixture, ":1.2 3 " LIMITS_EXCEEDED);
  g_assert_true (call (fixture, ":1.1", 5000, "Set", 60000));
}

/* The rate is one of calls without an effect. */
static void
test_rate_of_writes (Fixture *fixture, gconstpointer data)
{
  begin_user (fixture, ":1.1", NOBODY);
  g_assert_cmpuint (send_calls (fixture, ":1.1", "Set", 1000, G_DBUS_MESSAGE_TYPE_METHOD_RETURN),
                    ==, 1000 * 60000);
  g_assert_cmpuint (send_calls (fixture, ":1.1", "Get", 1000, G_DBUS_MESSAGE_TYPE_METHOD_RETURN), <,
                    9 * MIB);
}

static void
test_rate_of_all (Fixture *fixture, gconstpointer data)
{
  gsize n_in = 0;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *name = g_strdup_printf (":1.%u", i);

      begin_user (fixture, name, 1000 + i);
      n_in += send_calls (fixture, name, "Set", 200, G_DBUS_MESSAGE_TYPE_ERROR);
    }
  g_assert_cmpuint (n_in, >, 15 * MIB);
  g_assert_cmpuint (n_in, <, 17 * MIB);

  /* connections are let in nevertheless, since one of them may be root's */
  begin_user (fixture, ":1.9", ROOT);
  g_assert_true (call (fixture, ":1.9", 2, "Set", 60000));
  assert_in (fixture, ":1.9/2");
}

/* Calls of one connection pass in their order, and connections take turns. */
static void
test_order (Fixture *fixture, gconstpointer data)
{
  guint last[2] = { 0, 0 }, n_in = 0;

  begin_user (fixture, ":1.1", NOBODY);
  begin_user (fixture, ":1.2", 1000);
  for (guint i = 0; i < 100; i++)
    {
      call (fixture, ":1.1", 10 + i, i % 3 == 0 ? "Set" : "Get", 10);
      call (fixture, ":1.2", 10 + i, "Get", 10);
    }
  for (guint round = 0; round < 2000 && n_in < 200; round++)
    {
      GDBusMessage *message;

      while ((message = take (fixture->flow.in)) != NULL)
        {
          guint i = g_str_equal (g_dbus_message_get_sender (message), ":1.1") ? 0 : 1;
          guint serial = g_dbus_message_get_serial (message);

          g_assert_cmpuint (serial, ==, last[i] == 0 ? 10 : last[i] + 1);
          last[i] = serial;
          n_in++;
          answer (fixture, g_dbus_message_get_sender (message), serial);
          g_object_unref (message);
        }
      wait (fixture, 4);
    }
  g_assert_cmpuint (n_in, ==, 200);
}

static void
test_replies (Fixture *fixture, gconstpointer data)
{
  const RunconfdMessage asked = { .type = G_DBUS_MESSAGE_TYPE_METHOD_CALL,
                                  .serial = 7,
                                  .size = 100,
                                  .destination = "org.freedesktop.PolicyKit1" };
  const struct
  {
    const char *sender;
    guint32 serial;
    gboolean is_wanted;
  } rows[] = {
    { ":1.5", 8, FALSE },                 /* there was no such call */
    { "org.freedesktop.DBus", 8, FALSE }, /* the same */
    { ":1.5", 7, TRUE },                  /* the owner of the name */
    { ":1.5", 7, FALSE },                 /* a second reply */
  };

  g_assert_true (runconfd_gate_let_out (fixture->gate, &asked, &fixture->flow));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GDBusMessage) reply = g_dbus_message_new ();

      g_dbus_message_set_message_type (reply, G_DBUS_MESSAGE_TYPE_METHOD_RETURN);
      g_dbus_message_set_reply_serial (reply, rows[i].serial);
      g_assert_cmpint (deliver (fixture, reply, rows[i].sender, 20 + i), ==, rows[i].is_wanted);
    }
  assert_in (fixture, ":1.5/22");
}

/* A reply that GDBus can't unpack ends the call with an error. */
static void
test_broken_reply (Fixture *fixture, gconstpointer data)
{
  const RunconfdMessage asked = { .type = G_DBUS_MESSAGE_TYPE_METHOD_CALL,
                                  .serial = 7,
                                  .size = 100,
                                  .destination = "org.freedesktop.PolicyKit1" };
  g_autoptr (GDBusMessage) reply = g_dbus_message_new ();
  g_autoptr (GDBusMessage) error = NULL;
  g_autofree guchar *blob = NULL;
  gsize size;

  runconfd_gate_let_out (fixture->gate, &asked, &fixture->flow);
  g_dbus_message_set_message_type (reply, G_DBUS_MESSAGE_TYPE_METHOD_RETURN);
  g_dbus_message_set_reply_serial (reply, 7);
  g_dbus_message_set_sender (reply, ":1.5");
  g_dbus_message_set_serial (reply, 9);
  g_dbus_message_set_body (reply, g_variant_new ("(b)", TRUE));
  blob = g_dbus_message_to_blob (reply, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  memset (blob + size - 4, 2, 4);
  deliver_bytes (fixture, blob, size);
  error = take (fixture->flow.in);
  g_assert_nonnull (error);
  g_assert_cmpint (g_dbus_message_get_message_type (error), ==, G_DBUS_MESSAGE_TYPE_ERROR);
  g_assert_cmpuint (g_dbus_message_get_reply_serial (error), ==, 7);
}

static void
test_signals (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDBusMessage) unicast = g_dbus_message_new_signal ("/a", "org.a", "A");
  g_autoptr (GDBusMessage) broadcast = g_dbus_message_new_signal ("/a", "org.a", "A");

  g_dbus_message_set_destination (unicast, "org.runconf.Config1");
  g_assert_false (deliver (fixture, unicast, ":1.1", 1));
  g_assert_true (deliver (fixture, broadcast, ":1.1", 2));
  g_assert_true (deliver (fixture, unicast, "org.freedesktop.DBus", 3));
  assert_in (fixture, ":1.1/2 org.freedesktop.DBus/3");
}

/* After any sequence of calls and replies nothing is counted any more. */
static void
test_random (Fixture *fixture, gconstpointer data)
{
  static const guint uids[] = { NOBODY, 1000, ROOT };
  guint32 serial = 10;
  guint n_late = 0;

  for (guint i = 0; i < 3000; i++)
    {
      guint number = (guint) g_test_rand_int_range (0, 9);
      g_autofree char *name = g_strdup_printf (":1.%u", number);
      static const gsize sizes[] = { 10, 10, 10, 1000, 70000 };
      static const char *const members[] = { "Get", "Set", "MergeText" };

      call (fixture, name, serial++, members[g_test_rand_int_range (0, 3)],
            sizes[g_test_rand_int_range (0, 5)]);
      if (g_hash_table_contains (fixture->strangers, name) && g_test_rand_bit ())
        {
          identify (fixture, name, uids[number % 3]);
          g_hash_table_remove (fixture->strangers, name);
        }
      while (fixture->asked->len > 0 && g_test_rand_bit ())
        {
          g_auto (GStrv) words = g_strsplit (fixture->asked->pdata[0], " ", 2);

          decide (fixture, words[0], (guint32) g_ascii_strtoull (words[1], NULL, 10),
                  g_test_rand_bit () ? NULL : "org.a.Denied");
          g_ptr_array_remove_index (fixture->asked, 0);
        }
      wait (fixture, g_test_rand_int_range (0, 30));
      while (g_test_rand_int_range (0, 4) > 0)
        {
          g_autoptr (GDBusMessage) message = take (fixture->flow.in);

          if (message == NULL)
            break;
          answer (fixture, g_dbus_message_get_sender (message),
                  g_dbus_message_get_serial (message));
        }
    }

  /* the end: all connections are identified, all calls decided and replied to */
  for (guint round = 0; round < 3000 && n_late < 10; round++)
    {
      g_autoptr (GDBusMessage) message = NULL;
      GHashTableIter iter;
      gpointer name;

      g_hash_table_iter_init (&iter, fixture->strangers);
      while (g_hash_table_iter_next (&iter, &name, NULL))
        {
          identify (fixture, name, uids[(guint) (((char *) name)[3] - '0') % 3]);
          g_hash_table_remove (fixture->strangers, name);
          g_hash_table_iter_init (&iter, fixture->strangers);
        }
      while (fixture->asked->len > 0)
        {
          g_auto (GStrv) words = g_strsplit (fixture->asked->pdata[0], " ", 2);

          decide (fixture, words[0], (guint32) g_ascii_strtoull (words[1], NULL, 10), NULL);
          g_ptr_array_remove_index (fixture->asked, 0);
        }
      wait (fixture, 8);
      while ((message = take (fixture->flow.in)) != NULL)
        {
          answer (fixture, g_dbus_message_get_sender (message),
                  g_dbus_message_get_serial (message));
          g_clear_object (&message);
        }
      n_late = runconfd_gate_get_timeout (fixture->gate) < 0 ? n_late + 1 : 0;
    }
  g_assert_cmpuint (n_late, ==, 10);

  /* so each user has the full budgets again */
  g_ptr_array_set_size (fixture->errors, 0);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf (":2.%u", i);

      begin_user (fixture, name, 2000 + i);
      g_assert_true (call (fixture, name, 5, "MergeText", 100000));
    }
  for (guint i = 0; i < 256; i++)
    g_assert_true (call (fixture, ":1.0", serial++, "Get", 10));
  g_assert_false (call (fixture, ":1.0", serial++, "Get", 10));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "a-small-call-goes-in-at-once", test_small },
    { "a-large-call-waits-for-the-right", test_large },
    { "large-calls-are-few", test_large_are_few },
    { "a-large-call-leaves-its-place", test_unknown_large },
    { "a-user-has-one-large-call", test_unknown_of_user },
    { "no-user", test_uid_error },
    { "a-user-again", test_uid_again },
    { "a-uid-that-never-comes", test_uid_that_never_comes },
    { "a-user-has-a-budget", test_budget },
    { "all-users-share-a-budget", test_total },
    { "refusals-are-limited", test_refusals },
    { "no-reply-where-none-is-wanted", test_silent },
    { "few-calls-of-a-user-run-at-a-time", test_running },
    { "calls-without-an-effect-have-a-rate", test_rate },
    { "successful-writes-have-no-rate", test_rate_of_writes },
    { "all-users-share-a-rate", test_rate_of_all },
    { "calls-keep-their-order", test_order },
    { "replies-to-no-call-stay-out", test_replies },
    { "a-broken-reply-is-an-error", test_broken_reply },
    { "signals-of-strangers-stay-out", test_signals },
    { "nothing-stays-counted", test_random },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/service/gate/%s", tests[i].name);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }

  return g_test_run ();
}
