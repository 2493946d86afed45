/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/refusal.h"

#include <string.h>

#include "core/error-name.h"

static const char *
get_error (RunconfdGateReason reason, const char **text)
{
  static const struct
  {
    const char *name; /* NULL for the name of @code */
    RunconfError code;
    const char *text;
  } errors[] = {
    [RUNCONFD_GATE_REASON_BUSY]
    = { "org.freedesktop.DBus.Error.LimitsExceeded", 0,
        "too many calls of this user are under way: wait for replies, then repeat the call" },
    [RUNCONFD_GATE_REASON_RATE]
    = { "org.freedesktop.DBus.Error.LimitsExceeded", 0,
        "the calls of this user that were refused or had no effect exceed 8 MiB in a second: "
        "repeat the call later" },
    [RUNCONFD_GATE_REASON_LARGE_BUSY]
    = { "org.freedesktop.DBus.Error.LimitsExceeded", 0,
        "another message over 64 KiB or 10,000 values is under way: "
        "wait for its reply, then repeat the call" },
    [RUNCONFD_GATE_REASON_HEADER]
    = { NULL, RUNCONF_ERROR_TOO_LARGE,
        "the header of the message is larger than 64 KiB: use a shorter path" },
    [RUNCONFD_GATE_REASON_TOO_LARGE]
    = { NULL, RUNCONF_ERROR_TOO_LARGE,
        "the message is larger than 17 MiB, or than 64 KiB for a call that reads: "
        "make several calls, or send a text with MergeText" },
    [RUNCONFD_GATE_REASON_TOO_MANY]
    = { NULL, RUNCONF_ERROR_TOO_LARGE,
        "the message has more than 600,000 D-Bus values, or of too many types: "
        "send it as a text, with MergeText or ReplaceText" },
    [RUNCONFD_GATE_REASON_INVALID]
    = { "org.freedesktop.DBus.Error.InvalidArgs", 0,
        "the arguments aren't marshalled according to their signature and the D-Bus "
        "specification" },
    [RUNCONFD_GATE_REASON_TOO_DEEP]
    = { NULL, RUNCONF_ERROR_TOO_LARGE,
        "the arguments have more than 63 nested containers, variants included" },
    [RUNCONFD_GATE_REASON_UNKNOWN_USER]
    = { "org.freedesktop.DBus.Error.LimitsExceeded", 0,
        "the bus doesn't say which user sent this large message: repeat the call" },
  };

  *text = errors[reason].text;

  return errors[reason].name != NULL ? errors[reason].name
                                     : runconf_error_get_bus_name (errors[reason].code);
}

/**
 * runconfd_gate_refusal_new:
 * @call: a call that has a sender
 *
 * Returns: (transfer full): the refusal, for g_free()
 */
RunconfdGateRefusal *
runconfd_gate_refusal_new (const RunconfdMessage *call, RunconfdGateReason reason, gsize n_unpaid)
{
  gsize size = strlen (call->sender) + 1;
  RunconfdGateRefusal *self = g_malloc (sizeof *self + size);

  self->serial = call->serial;
  self->reason = reason;
  self->n_unpaid = n_unpaid;
  memcpy (self->sender, call->sender, size);

  return self;
}

/**
 * runconfd_gate_refusal_get_error:
 *
 * Returns: (transfer none): the reply to the refused call
 */
RunconfdGateError
runconfd_gate_refusal_get_error (const RunconfdGateRefusal *self)
{
  RunconfdGateError error = { .destination = self->sender, .serial = self->serial };

  error.name = get_error (self->reason, &error.text);

  return error;
}

static GDBusMessage *
create_message (const RunconfdGateError *error)
{
  GDBusMessage *message = g_dbus_message_new ();

  g_dbus_message_set_message_type (message, G_DBUS_MESSAGE_TYPE_ERROR);
  if (error->sender != NULL)
    g_dbus_message_set_sender (message, error->sender);
  if (error->destination != NULL)
    {
      g_dbus_message_set_flags (message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
      g_dbus_message_set_destination (message, error->destination);
    }
  g_dbus_message_set_reply_serial (message, error->serial);
  g_dbus_message_set_error_name (message, error->name);
  g_dbus_message_set_body (message, g_variant_new ("(s)", error->text));

  return message;
}

/**
 * runconfd_gate_error_append:
 * @serial: (inout): the serial of the message, then of the next message; at first
 *   %RUNCONFD_GATE_FIRST_SERIAL
 * @out: the message is appended to it
 */
void
runconfd_gate_error_append (const RunconfdGateError *self, guint32 *serial, GByteArray *out)
{
  g_autoptr (GDBusMessage) message = create_message (self);
  g_autoptr (GError) error = NULL;
  g_autofree guchar *blob = NULL;
  gsize size;

  g_dbus_message_set_serial (message, (*serial)++);
  if (*serial == 0)
    *serial = RUNCONFD_GATE_FIRST_SERIAL;

  blob = g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, &error);
  if (blob != NULL)
    g_byte_array_append (out, blob, (guint) size);
  else
    g_warning ("Can't create a message: %s", error->message);
}
