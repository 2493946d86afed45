# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who floods a service, and the least that a service can be; each is run as a process of its own.

    flood.py flood ADDRESS NAME PATH KIND CONNECTIONS SECONDS
    flood.py bare ADDRESS NAME

A flood writes messages that are made once into its sockets as fast as the bus takes them. The bare
service reads as much as there is, looks at nothing but who asks for what, and does nothing else: who
has to wait longer than for it waits for the bus.
"""

import os
import select
import socket
import struct
import sys
import time

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

INTERFACE = "org.runconf.Config1"
PROPERTIES = "org.freedesktop.DBus.Properties"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
NOWHERE = "/no/such/path"
BATCH = 500

# interface, method, arguments, and a path that isn't the one of the configuration
CALLS = {
    "get": (INTERFACE, "Get", "('/chat',)", None),
    "describe": (INTERFACE, "Describe", "('/chat',)", None),
    "set": (INTERFACE, "Set", "('/a', <1>)", None),
    "unknown": (INTERFACE, "Nothing", None, None),
    "get-all": (PROPERTIES, "GetAll", "('org.runconf.Config1',)", None),
    "introspect": (INTROSPECTABLE, "Introspect", None, None),
    "nowhere": (INTERFACE, "Get", "('/chat',)", NOWHERE),
    "introspect-nowhere": (INTROSPECTABLE, "Introspect", None, NOWHERE),
}


def connect(address):
    """A socket on which messages can be written, and what the bus calls it."""
    bus = socket.socket(socket.AF_UNIX)
    bus.connect(address.removeprefix("unix:path="))
    bus.sendall(b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\r\n")
    assert bus.recv(4096).startswith(b"OK")
    bus.sendall(b"BEGIN\r\n" + make_call("org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                                         "Hello", None, 1))
    return bus


def make_call(name, path, interface, method, arguments, serial, flags=0):
    message = Gio.DBusMessage.new_method_call(name, path, interface, method)
    if arguments is not None:
        message.set_body(GLib.Variant.parse(None, arguments, None, None))
    message.set_flags(Gio.DBusMessageFlags(flags))
    message.set_serial(serial)
    return bytes(message.to_blob(Gio.DBusCapabilityFlags.NONE))


def make_signal(path, destination, serial):
    message = Gio.DBusMessage.new_signal(path, INTERFACE, "Nothing")
    message.set_destination(destination)
    message.set_serial(serial)
    return bytes(message.to_blob(Gio.DBusCapabilityFlags.NONE))


def make_batch(name, path, kind):
    call, _, manner = kind.partition(":")
    serials = range(10, 10 + BATCH)
    if call == "signal":
        return b"".join(make_signal(path, name, serial) for serial in serials)
    interface, method, arguments, other_path = CALLS[call]
    flags = Gio.DBusMessageFlags.NO_REPLY_EXPECTED if manner == "silent" else 0
    return b"".join(make_call(name, other_path or path, interface, method, arguments, serial, flags)
                    for serial in serials)


def flood(address, name, path, kind, connections, seconds):
    batch = make_batch(name, path, kind)
    crowd = [connect(address) for _ in range(int(connections))]
    sent = dict.fromkeys(crowd, 0)
    for bus in crowd:
        bus.setblocking(False)
    end = time.monotonic() + float(seconds)
    print("begun", flush=True)
    while time.monotonic() < end:
        readable, writable, _ = select.select(crowd, crowd, [], 0.1)
        for bus in readable:
            bus.recv(1 << 18)
        for bus in writable:
            start = sent[bus] % len(batch)
            sent[bus] += bus.send(batch[start:start + (1 << 16)])
    print(sum(sent.values()) * BATCH // len(batch))


def frames(data):
    """Each whole message, and at last what is there of another one."""
    at = 0
    while len(data) - at >= 16:
        body, _, fields = struct.unpack_from("<III", data, at + 4)
        size = (16 + fields + 7) // 8 * 8 + body
        if len(data) - at < size:
            break
        yield data[at:at + size]
        at += size
    yield data[at:]


def bare(address, name):
    bus = connect(address)
    bus.sendall(make_call("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
                          f"('{name}', uint32 0)", 2))
    serial = 10
    data = b""
    while True:
        data += bus.recv(1 << 18)
        *messages, data = frames(data)
        for message in messages:
            if b"/chat/websocket/port" not in message:
                continue
            call = Gio.DBusMessage.new_from_blob(message, Gio.DBusCapabilityFlags.NONE)
            answer = call.new_method_reply()
            answer.set_body(GLib.Variant("(v)", (GLib.Variant("x", 1),)))
            answer.set_serial(serial)
            serial += 1
            bus.sendall(bytes(answer.to_blob(Gio.DBusCapabilityFlags.NONE)))


if __name__ == "__main__":
    {"flood": flood, "bare": bare}[sys.argv[1]](*sys.argv[2:])
