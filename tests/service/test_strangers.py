# SPDX-License-Identifier: LGPL-2.1-or-later
"""Messages of a user without a right that cost the service nothing but an answer, on both buses."""

import contextlib
import os
import pwd
import struct
import time

import flood as flood_file
import pytest
from runconf_testing import BUS_NAME, INTERFACE, both_buses, require_root

pytestmark = [pytest.mark.bus_type("system"), both_buses]

PATH = "/org/runconf/Config1/default"
DEADLINE = 20


@pytest.fixture(autouse=True)
def root():
    require_root()


def align(data, size):
    return data + bytes(-len(data) % size)


def string(text):
    return struct.pack("<I", len(text)) + text.encode() + b"\0"


def signature(text):
    return bytes([len(text)]) + text.encode() + b"\0"


class Stranger:
    """A connection of nobody that sends bytes."""

    def __init__(self, config):
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
        try:
            self.socket = flood_file.connect(config.service.bus.address)
        finally:
            os.seteuid(0)
        self.socket.settimeout(DEADLINE)
        self.serial = 100
        self.data = b""

    def send(self, body=b"", types="", member="Set", kind=1, fields=(), path=PATH, flags=0,
             destination=BUS_NAME, interface=INTERFACE):
        self.serial += 1
        header = b""
        for code, type_, value in ((1, "o", string(path)), (2, "s", string(interface)),
                                   (3, "s", string(member)), (6, "s", string(destination)),
                                   *([(8, "g", signature(types))] if types else []), *fields):
            header = align(header, 8) + bytes([code]) + signature(type_)
            header = (header if type_ in "gy" else align(header, 4)) + value
        message = struct.pack("<BBBBIII", ord("l"), kind, flags, 1, len(body), self.serial, len(header))
        self.socket.sendall(align(message + header, 8) + body)
        return self.serial

    def wait(self, serial):
        """Returns: the message that answers"""
        needle = struct.pack("<BBBBI", 5, 1, ord("u"), 0, serial)
        end = time.monotonic() + DEADLINE
        while needle not in self.data:
            assert time.monotonic() < end
            piece = self.socket.recv(65536)
            assert piece, "the bus closed the connection of the caller"
            self.data += piece
        # the name of an error stands in the fields of the same message
        return self.data

    def close(self):
        self.socket.close()


@pytest.fixture
def stranger(config):
    stranger = Stranger(config)
    yield stranger
    stranger.close()


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


SHAPES = {
    "deep-type": ("sv", deep_type, "org.freedesktop.DBus.Error|org.runconf.Error.TooLarge"),
    "deep-variants": ("sv", deep_variants, "org.runconf.Error.TooLarge"),
    "lost-element": ("sv", lost_element, "org.freedesktop.DBus.Error.InvalidArgs"),
    "many-signatures": ("sv", many_signatures, "org.freedesktop.DBus.Error.|org.runconf.Error."),
}


def get_memory(config, name="VmRSS"):
    with open(f"/proc/{config.service.process.pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(name))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_body_that_gdbus_refuses_costs_its_sender_an_error_alone(config, stranger, shape):
    types, make, errors = SHAPES[shape]
    pid = config.service.process.pid
    answer = stranger.wait(stranger.send(make(), types))
    assert any(name.encode() in answer for name in errors.split("|"))
    assert config.set("/a", 1) == 1
    assert config.service.process.pid == pid and config.service.process.poll() is None


def test_small_messages_of_many_values_take_no_memory(config, stranger):
    """64 messages of 60,000 empty signatures each, without a right."""
    config.get("/chat")
    before = get_memory(config)
    body = padded((1, string("/x")), (1, signature("ag")), (4, struct.pack("<I", 60_000)), (1, bytes(60_000)))
    for serial in [stranger.send(body, "sv") for _ in range(64)]:
        stranger.wait(serial)
    peak = get_memory(config, "VmHWM")
    print(f"{before:.0f} MiB before, {peak:.0f} MiB at most")
    assert b"LimitsExceeded" in stranger.data or b"AccessDenied" in stranger.data
    assert peak < before + 60 or "ASAN_OPTIONS" in os.environ or "TSAN_OPTIONS" in os.environ
    assert config.set("/a", 1) == 1


@pytest.mark.parametrize("type_, value", [("at", bytes(8)), ("as", bytes(4)), ("y", b"\5")])
def test_an_unknown_field_of_a_header_is_ignored(config, stranger, type_, value):
    stranger.wait(stranger.send(string("/chat"), "s", "Get", fields=[(77, type_, value)]))
    assert config.set("/a", 1) == 1


@pytest.mark.parametrize("size", [70_000, 500_000])
def test_a_large_header_gets_an_answer(config, stranger, size):
    answer = stranger.wait(stranger.send(string("/chat"), "s", "Get", path="/" + "x" * size))
    assert b"org.runconf.Error.TooLarge" in answer
    assert config.set("/a", 1) == 1


def test_signals_and_replies_of_a_stranger_never_get_in(config, stranger):
    """A unicast signal that would close a connection, and replies to calls that were never made."""
    body = padded((1, signature("a" * 32 + "(" * 32 + "y" + ")" * 32)), (4, bytes(4)), (8, b""))
    for kind, fields in ((4, []), (2, [(5, "u", struct.pack("<I", 3))]),
                         (2, [(5, "u", struct.pack("<I", 0x80000001))])):
        # a bus may close the connection of a caller that sends a reply to nothing
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stranger.send(body, "v", kind=kind, fields=fields, flags=1)
    assert config.set("/a", 1) == 1


def test_a_large_first_message_never_bars_the_next_one(config):
    """A large call behind small ones of a connection that isn't known yet leaves its place again."""
    for _ in range(4):
        stranger = Stranger(config)
        for _ in range(40):
            stranger.send(string("/chat"), "s", "Get")
        large = stranger.send(string("x" * 100_000), "s", "MergeText")
        stranger.wait(large)
        stranger.close()
    # root's first message on a new connection is large as well
    client = config.service.client()
    assert client.merge_text(f"text: {'x' * 100_000}").version > 0
