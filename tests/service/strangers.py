# SPDX-License-Identifier: LGPL-2.1-or-later
"""Messages of a user without a right that would cost much, as bytes; as a program it floods the service with them:

strangers.py ADDRESS PATH SHAPE CONNECTIONS SECONDS
"""

import os
import select
import socket
import struct
import sys
import time

NAME = "org.runconf.Config1"
PATH = "/org/runconf/Config1/default"
DRIVER = "org.freedesktop.DBus"
DEADLINE = 20


def align(data, size):
    return data + bytes(-len(data) % size)


def string(text):
    return struct.pack("<I", len(text)) + text.encode() + b"\0"


def signature(text):
    return bytes([len(text)]) + text.encode() + b"\0"


class Stranger:
    """A connection that sends bytes."""

    def __init__(self, address, path=PATH):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(address.removeprefix("unix:path="))
        self.socket.sendall(b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\r\n")
        assert self.socket.recv(4096).startswith(b"OK")
        self.socket.sendall(b"BEGIN\r\n")
        self.socket.settimeout(DEADLINE)
        self.path = path
        self.serial = 100
        self.send(member="Hello", path="/org/freedesktop/DBus", destination=DRIVER, interface=DRIVER)
        self.data = b""

    def send(self, body=b"", types="", member="Set", kind=1, fields=(), path=None, flags=0,
             destination=NAME, interface=NAME):
        self.serial += 1
        header = b""
        for code, type_, value in ((1, "o", string(path or self.path)), (2, "s", string(interface)),
                                   (3, "s", string(member)), (6, "s", string(destination)),
                                   *([(8, "g", signature(types))] if types else []), *fields):
            header = align(header, 8) + bytes([code]) + signature(type_)
            header = (header if type_ in "gy" else align(header, 4)) + value
        message = struct.pack("<BBBBIII", ord("l"), kind, flags, 1, len(body), self.serial, len(header))
        self.socket.sendall(align(message + header, 8) + body)
        return self.serial

    def has_reply(self, serial):
        return struct.pack("<BBBBI", 5, 1, ord("u"), 0, serial) in self.data

    def wait(self, serial):
        """Returns: the message that answers"""
        end = time.monotonic() + DEADLINE
        while not self.has_reply(serial):
            assert time.monotonic() < end
            piece = self.socket.recv(65536)
            assert piece, "the bus closed the connection of the caller"
            self.data += piece
        # the name of an error stands in the fields of the same message
        return self.data

    def close(self):
        self.socket.close()


def padded(*parts):
    """Puts parts one behind the other, each with the alignment that comes before it."""
    data = b""
    for alignment, part in parts:
        data = align(data, alignment) + part
    return data


def deep_type():
    type_ = "a" * 32 + "(" * 32 + "y" + ")" * 32
    return padded((1, string("/x")), (1, signature(type_)), (4, bytes(4)), (8, b""))


def deep_variants():
    return padded((1, string("/x") + b"\1v\0" * 45), (1, signature("a" * 30 + "y")), (4, bytes(4)))


def lost_element():
    """GDBus ends the array of two structs too early and takes the rest for a string that it isn't."""
    return padded((1, string("/x")), (1, signature("(a(g)s)")), (8, struct.pack("<I", 10)), (8, b"\6aaaaay\0\0\0"),
                  (4, string("")))


def many_signatures():
    """GVariant describes each type anew, which takes 60 times the bytes of the message."""
    parts = b""
    body = align(string("/x") + signature("av"), 4)
    at = len(body) + 4
    number = 0
    while at + len(parts) < 60_000:
        digits = "".join("yn"[number >> bit & 1] for bit in range(10))
        type_ = "a" * 26 + "(" * 30 + digits + ")" * 30
        parts += signature(type_)
        parts += bytes(-(at + len(parts)) % 4) + bytes(4)
        number += 1
    return body + struct.pack("<I", len(parts)) + parts


def many_values():
    return padded((1, string("/x")), (1, signature("ag")), (4, struct.pack("<I", 60_000)), (1, bytes(60_000)))


def with_options(text):
    """The arguments of MergeText, without options."""
    return padded((1, string(text)), (4, bytes(4)), (8, b""))


def large_text():
    return with_options("".join(f"k{number}: 1\n" for number in range(400_000)))


def text_of_aliases():
    keys = ",".join(f"k{number}: 1" for number in range(2000))
    return with_options(f"b: &b {{{keys}}}\n" + "".join(f"m{number}: *b\n" for number in range(400)))


# each with its method and the types of its arguments
SHAPES = {
    "deep-type": ("Set", "sv", deep_type),
    "deep-variants": ("Set", "sv", deep_variants),
    "lost-element": ("Set", "sv", lost_element),
    "many-signatures": ("Set", "sv", many_signatures),
    "many-values": ("Set", "sv", many_values),
    "large-text": ("MergeText", "sa{sv}", large_text),
    "text-of-aliases": ("MergeText", "sa{sv}", text_of_aliases),
}


def send_some(stranger, message):
    with_answers, writable, _ = select.select([stranger.socket], [stranger.socket], [], 0)
    if with_answers:
        assert stranger.socket.recv(1 << 18), "the bus closed the connection"
    if writable:
        stranger.send(*message)
    return bool(writable)


def flood(address, path, shape, connections, seconds):
    method, types, make = SHAPES[shape]
    message = make(), types, method
    crowd = [Stranger(address, path) for _ in range(int(connections))]
    end = time.monotonic() + float(seconds)
    n_sent = 0
    print("begun", flush=True)
    while time.monotonic() < end:
        sent = sum(send_some(stranger, message) for stranger in crowd)
        n_sent += sent
        if sent == 0:
            sockets = [stranger.socket for stranger in crowd]
            select.select(sockets, sockets, [], 1)
    print(n_sent)


if __name__ == "__main__":
    flood(*sys.argv[1:])
