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
 * runconfd_gate_refusal_create_reply:
 *
 * Returns: (transfer full): the reply to the refused call, without a serial
 */
GDBusMessage *
runconfd_gate_refusal_create_reply (const RunconfdGateRefusal *self)
{
  const char *text;
  const char *name = get_error (self->reason, &text);

  return runconfd_gate_create_error_reply (self->sender, self->serial, name, text);
}

/**
 * runconfd_gate_create_error:
 * @serial: of the call
 * @name: the D-Bus name of the error
 * @text: its message
 *
 * Returns: (transfer full): an error as the reply to a call, without a serial, sender or destination
 */
GDBusMessage *
runconfd_gate_create_error (guint32 serial, const char *name, const char *text)
{
  GDBusMessage *error = g_dbus_message_new ();

  g_dbus_message_set_message_type (error, G_DBUS_MESSAGE_TYPE_ERROR);
  g_dbus_message_set_reply_serial (error, serial);
  g_dbus_message_set_error_name (error, name);
  g_dbus_message_set_body (error, g_variant_new ("(s)", text));

  return error;
}

/**
 * runconfd_gate_create_error_reply:
 * @destination: the unique name of the caller
 *
 * Returns: (transfer full): as runconfd_gate_create_error(), to be sent to the bus
 */
GDBusMessage *
runconfd_gate_create_error_reply (const char *destination, guint32 serial, const char *name,
                                  const char *text)
{
  GDBusMessage *reply = runconfd_gate_create_error (serial, name, text);

  g_dbus_message_set_flags (reply, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  g_dbus_message_set_destination (reply, destination);

  return reply;
}
