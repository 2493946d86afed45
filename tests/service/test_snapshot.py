# SPDX-License-Identifier: LGPL-2.1-or-later
"""OpenSnapshot: the shared memory that the library reads, as far as the bus shows it."""

import mmap
import os
import stat
import struct

import pytest
from gi.repository import Gio, GLib
from runconf_testing import BUS_NAME, FORMATS, INTERFACE, both_buses, connect, eventually


def open_snapshot(service, formats=FORMATS):
    connection = connect(service.bus.address)
    answer, files = connection.call_with_unix_fd_list_sync(
        BUS_NAME, service.path, INTERFACE, "OpenSnapshot", GLib.Variant("(au)", (formats,)),
        GLib.VariantType("(h)"), Gio.DBusCallFlags.NONE, 10000, None, None)
    assert answer.unpack() == (0,)
    assert files.get_length() == 1
    descriptor = files.get(0)
    connection.close_sync()
    return descriptor


@both_buses
def test_it_is_for_reading(config, service):
    descriptor = open_snapshot(service)
    info = os.fstat(descriptor)
    assert stat.S_IMODE(info.st_mode) == 0o400
    with mmap.mmap(descriptor, 0, prot=mmap.PROT_READ) as memory:
        assert memory[:8] == b"runconf1"
        assert memory.find(b"/chat/websocket/port\0") > 0
    with pytest.raises(OSError):
        os.write(descriptor, b"x")
    with pytest.raises(OSError):
        mmap.mmap(descriptor, 0, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    os.close(descriptor)


def read_format(descriptor):
    with mmap.mmap(descriptor, 0, prot=mmap.PROT_READ) as memory:
        return struct.unpack_from("=I", memory, 8)[0]


def test_it_has_a_format_that_the_caller_reads(config, service):
    descriptor = open_snapshot(service)
    number = read_format(descriptor)
    os.close(descriptor)
    for formats in ([number], [number + 1, number, 0], [0xffffffff, number]):
        descriptor = open_snapshot(service, formats)
        assert read_format(descriptor) == number
        os.close(descriptor)
    for formats in ([], [number + 1], [0, 0xffffffff]):
        with pytest.raises(GLib.Error, match=f"org.runconf.Error.Unavailable.*of format {number} only"):
            open_snapshot(service, formats)


def test_a_change_is_in_it_before_it_is_answered(config, service):
    descriptor = open_snapshot(service)
    with mmap.mmap(descriptor, 0, prot=mmap.PROT_READ) as memory:
        for number in range(100):
            text = f"the value of round {number}."
            config.set("/chat/note", text)
            assert memory.find(text.encode()) > 0
    os.close(descriptor)


def test_a_fresh_one_is_announced_before_the_old_one_is_full(config, service):
    """Once, behind the ConfigChanged of what is in it."""
    seen = []
    connection = connect(service.bus.address)
    connection.signal_subscribe(
        BUS_NAME, None, None, service.path, None, Gio.DBusSignalFlags.NONE,
        lambda *signal: seen.append((signal[4], signal[5].unpack())))
    old = open_snapshot(service)
    for number in range(8):
        config.set("/chat/text", f"{number}" * 250_000)

    def announced():
        while GLib.MainContext.default().iteration(False):
            pass
        return [position for position, (name, values) in enumerate(seen)
                if name == "PropertiesChanged" and values[1].get("SnapshotRevision") == 1]

    eventually(announced, "the signal")
    assert config.get_property("SnapshotRevision") == len(announced()) == 1
    position = announced()[0]
    versions = [values[2] for name, values in seen[:position] if name == "ConfigChanged"]
    fresh = open_snapshot(service)
    assert os.fstat(old).st_ino != os.fstat(fresh).st_ino
    assert versions == list(range(1, len(versions) + 1)) and 5 <= len(versions) < 8
    os.close(old)
    os.close(fresh)
    connection.close_sync()


def test_who_may_not_write_may_read(service, config):
    """What readers see is for everybody, as with Get."""
    descriptor = open_snapshot(service)
    pid = os.fork()
    if pid == 0:
        os.setgid(65534)
        os.setuid(65534)
        with mmap.mmap(descriptor, 0, prot=mmap.PROT_READ) as memory:
            found = memory[:8] == b"runconf1"
        try:
            os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR)
            found = False
        except PermissionError:
            pass
        os._exit(0 if found else 1)
    assert os.waitpid(pid, 0)[1] == 0
    os.close(descriptor)
