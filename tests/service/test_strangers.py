# SPDX-License-Identifier: LGPL-2.1-or-later
"""Messages of a user without a right that cost the service nothing but an answer, on both buses."""

import contextlib
import os
import pwd
import struct

import pytest
from gi.repository import GLib
from polkit_testing import Polkit
from runconf_testing import both_buses, call_bus, require_root
from strangers import SHAPES, Stranger, many_values, padded, signature, string, with_options

pytestmark = [pytest.mark.bus_type("system"), both_buses]


@pytest.fixture(autouse=True)
def root():
    require_root()


def be_stranger(config):
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        return Stranger(config.service.bus.address)
    finally:
        os.seteuid(0)


@pytest.fixture
def stranger(config):
    stranger = be_stranger(config)
    yield stranger
    stranger.close()


ERRORS = {
    "deep-type": "org.runconf.Error.TooLarge",
    "deep-variants": "org.runconf.Error.TooLarge",
    "lost-element": "org.freedesktop.DBus.Error.InvalidArgs",
    "many-signatures": "org.freedesktop.DBus.Error.AccessDenied",
    "many-values": "org.freedesktop.DBus.Error.AccessDenied",
    "large-text": "org.freedesktop.DBus.Error.AccessDenied",
    "text-of-aliases": "org.freedesktop.DBus.Error.AccessDenied",
}


def get_memory(config, name="VmRSS"):
    with open(f"/proc/{config.service.process.pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(name))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_message_without_a_right_gets_an_error_and_costs_no_more(config, stranger, shape):
    method, types, make = SHAPES[shape]
    assert ERRORS[shape].encode() in stranger.wait(stranger.send(make(), types, method))
    assert config.set("/a", 1) == 1
    assert config.service.process.poll() is None


def test_small_messages_of_many_values_take_no_memory(config, stranger):
    """64 messages of 60,000 empty signatures each, without a right."""
    config.get("/chat")
    before = get_memory(config)
    for serial in [stranger.send(many_values(), "sv") for _ in range(64)]:
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


def test_a_header_over_one_mib_gets_no_answer(config, stranger):
    lost = stranger.send(string("/chat"), "s", "Get", path="/" + "x" * 1_100_000)
    stranger.wait(stranger.send(string("/chat"), "s", "Get"))
    assert not stranger.has_reply(lost)
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


def test_polkit_is_asked_over_the_connection_that_has_the_gate(bus, scratch, service):
    """Another connection of the process would be open to signals of strangers."""
    service.bus_options = ["--system"]
    config = service.start()
    polkit = Polkit(bus, scratch / "polkit")
    polkit.rules("return polkit.Result.YES;")
    polkit.start()
    assert config.service.client(user="nobody").set("/a", 1) == 1
    connection = config.caller.connection
    names = [name for name in call_bus(connection, "ListNames").unpack()[0] if name.startswith(":")]
    pids = [call_bus(connection, "GetConnectionUnixProcessID", GLib.Variant("(s)", (name,))).unpack()[0]
            for name in names]
    assert pids.count(service.process.pid) == 1
    polkit.stop()


def test_a_large_first_message_never_bars_the_next_one(config):
    """A large call behind small ones of a connection that isn't known yet leaves its place again."""
    for _ in range(4):
        stranger = be_stranger(config)
        for _ in range(40):
            stranger.send(string("/chat"), "s", "Get")
        large = stranger.send(with_options("x" * 100_000), "sa{sv}", "MergeText")
        stranger.wait(large)
        stranger.close()
    # root's first message on a new connection is large as well
    client = config.service.client()
    assert client.merge_text(f"text: {'x' * 100_000}").version > 0
