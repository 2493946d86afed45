# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes calls for the tests, as the user who runs this: one JSON line a call, one an answer."""

import json
import sys

from gi.repository import Gio, GLib


def connect():
    return Gio.DBusConnection.new_for_address_sync(
        sys.argv[1],
        Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
        None,
        None,
    )


connection = connect()


def send_in_a_row(name, path, interface, calls, flags, timeout):
    """Prints each reply when it comes."""
    waiting = len(calls)

    def on_reply(_connection, result):
        nonlocal waiting
        waiting -= 1
        try:
            reply = {"value": connection.call_finish(result).print_(True)}
        except GLib.Error as error:
            reply = {"error": Gio.DBusError.get_remote_error(error) or "none"}
        print(json.dumps(reply), flush=True)

    for method, arguments in calls:
        connection.call(name, path, interface, method, GLib.Variant.parse(None, arguments, None, None),
                        None, flags, timeout, None, on_reply)
    while waiting > 0:
        GLib.MainContext.default().iteration(True)


for line in sys.stdin:
    name, path, interface, method, parameters, timeout, interactive, vanishes, *row = json.loads(line)
    flags = Gio.DBusCallFlags.NO_AUTO_START
    if interactive:
        flags |= Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION
    arguments = GLib.Variant.parse(None, parameters, None, None) if parameters else None
    if row:
        send_in_a_row(name, path, interface, row[0], flags, timeout)
        continue
    if vanishes:
        # with a name of its own, that is gone before there can be an answer
        other = connect()
        other.call(name, path, interface, method, arguments, None, flags, timeout, None, None)
        other.flush_sync(None)
        other.get_stream().close(None)
        print("{}", flush=True)
        continue
    try:
        answer = connection.call_sync(
            name, path, interface, method, arguments, None, flags, timeout, None,
        )
        reply = {"type": answer.get_type_string(), "value": answer.print_(True)}
    except GLib.Error as error:
        remote = Gio.DBusError.get_remote_error(error) or "none"
        message = error.message.removeprefix(f"GDBus.Error:{remote}: ")
        reply = {"error": remote, "message": message}
    print(json.dumps(reply), flush=True)
