# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is between the daemon and its bus, seen from a bus that sends what it likes when it likes."""

import array
import fcntl
import os
import signal
import socket
import struct
import termios

import pytest
from gi.repository import Gio, GLib
from runconf_testing import BUS_NAME, DEADLINE, FORMATS, INTERFACE, Service, eventually
from values_testing import pack

DRIVER = "org.freedesktop.DBus"
US = ":1.1"
NO_REPLY = Gio.DBusMessageFlags.NO_REPLY_EXPECTED


class FakeBus:
    """A bus with one connection, that of the daemon, and with whatever callers it says there are."""

    def __init__(self, folder):
        self.address = f"unix:path={folder / 'bus'}"
        self.environment = os.environ
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / "bus"))
        self.listener.listen()
        self.listener.settimeout(DEADLINE)
        self.connection = None
        self.serial = 0
        self.uid = 0  # of every caller; None if they are gone
        self.questions = []  # calls of the daemon that were answered

    def accept(self):
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(DEADLINE)
        answers = {b"AUTH": b"REJECTED EXTERNAL", b"AUTH EXTERNAL": b"OK " + b"0" * 32,
                   b"NEGOTIATE_UNIX_FD": b"AGREE_UNIX_FD"}
        assert self.connection.recv(1) == b"\0"
        while (line := self.read_line()) != b"BEGIN":
            # in pieces, as a socket may have it
            self.send_in_pieces(answers[b" ".join(line.split(b" ")[:2])] + b"\r\n")

    def read_line(self):
        line = b""
        while not line.endswith(b"\r\n"):
            byte = self.connection.recv(1)
            assert byte, "nobody goes on"
            line += byte
        return line.removesuffix(b"\r\n")

    # what the daemon sends

    def read(self, size, descriptors):
        """Returns: so many bytes, or what there is before the end"""
        data = b""
        while len(data) < size:
            piece, more, _, _ = socket.recv_fds(self.connection, size - len(data), 64)
            descriptors.extend(more)
            if not piece:
                break
            data += piece
        return data

    def next(self):
        """The next message, and the number of descriptors that came with its bytes; None at the end."""
        descriptors = []
        data = self.read(16, descriptors)
        if not data:
            return None
        data += self.read(size_of(data) - 16, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        message = Gio.DBusMessage.new_from_blob(data, Gio.DBusCapabilityFlags.UNIX_FD_PASSING)
        return message, len(descriptors)

    def next_answer(self):
        """The next answer to a call; signals are left out, and what the daemon asks is answered."""
        while got := self.next():
            if got[0].get_message_type() == Gio.DBusMessageType.METHOD_CALL:
                self.serve(got[0])
            elif got[0].get_reply_serial():
                return got
        return None

    # what it is sent

    def pack(self, message, sender):
        self.serial += 1
        if message.get_serial() == 0:
            message.set_serial(self.serial)
        message.set_sender(sender)
        message.set_destination(US)
        return bytes(message.to_blob(Gio.DBusCapabilityFlags.NONE))

    def call(self, sender, method, arguments, flags=0, serial=0):
        message = Gio.DBusMessage.new_method_call(BUS_NAME, "/org/runconf/Config1/default", INTERFACE,
                                                  method)
        if arguments is not None:
            message.set_body(arguments)
        message.set_flags(Gio.DBusMessageFlags(flags))
        message.set_serial(serial)
        return self.pack(message, sender)

    def answer(self, question, signature, *values):
        message = question.new_method_reply()
        message.set_body(GLib.Variant(signature, values))
        return self.pack(message, DRIVER)

    def send(self, *messages):
        self.connection.sendall(b"".join(messages))

    def send_in_pieces(self, data):
        for byte in data:
            self.connection.sendall(bytes([byte]))
            self.wait_until_read()

    def wait_until_read(self):
        """Waits until the daemon has read all that was sent."""
        eventually(lambda: self._count_bytes(termios.TIOCOUTQ) == 0, "the daemon reads")

    def wait_until_full(self, n_bytes):
        """Waits until so much of the daemon's output isn't read yet."""
        eventually(lambda: self._count_bytes(termios.FIONREAD) >= n_bytes, "the daemon writes")

    def _count_bytes(self, queue):
        count = array.array("i", [0])
        fcntl.ioctl(self.connection, queue, count)
        return count[0]

    def serve(self, question):
        """Answers what the daemon asks."""
        self.questions.append(question)
        answers = {"Hello": ("(s)", US), "RequestName": ("(u)", 1), "ReleaseName": ("(u)", 1),
                   "GetConnectionUnixUser": ("(u)", self.uid)}
        signature, *values = answers.get(question.get_member(), ("()",))
        if values == [None]:
            error = question.new_method_error_literal(f"{DRIVER}.Error.NameHasNoOwner", "gone")
            self.send(self.pack(error, DRIVER))
        else:
            self.send(self.answer(question, signature, *values))

    def close(self):
        for connection in filter(None, (self.connection, self.listener)):
            connection.close()


def size_of(header):
    """How long a message is, by its first 16 bytes."""
    body, _, fields = struct.unpack_from("<III" if header[0] == ord("l") else ">III", header, 4)
    return (16 + fields + 7) // 8 * 8 + body


def get(path):
    return "Get", GLib.Variant("(s)", (path,))


def set_to(path, value):
    return "Set", GLib.Variant("(sv)", (path, pack(value)))


OPEN_SNAPSHOT = ("OpenSnapshot", GLib.Variant("(au)", (FORMATS,)))


@pytest.fixture
def bus(scratch):
    (scratch / "bus").mkdir()
    bus = FakeBus(scratch / "bus")
    yield bus
    bus.close()


@pytest.fixture
def service(bus, scratch):
    """A daemon that has its name; its log is looked at when it ends."""
    service = Service(bus, scratch / "service")
    service.states = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    service.states.settimeout(DEADLINE)
    service.states.bind(str(scratch / "states"))
    service.environment["NOTIFY_SOCKET"] = str(scratch / "states")
    service.launch()
    try:
        bus.accept()
        while (asked := bus.next()[0]).get_member() != "RequestName":
            bus.serve(asked)
        bus.serve(asked)
        yield service
    finally:
        # it may have nobody any more who takes its farewell
        if service.process is not None:
            service.kill()
        service.states.close()
        print(service.log())
    service.check_log()


def fill(bus, n_answers):
    """Has more answered than the bus takes, which reads nothing of it."""
    bus.send(bus.call(":1.7", *set_to("/text", "x" * 60_000), serial=1))
    assert bus.next_answer()[0].get_reply_serial() == 1
    bus.send(*[bus.call(":1.7", *get("/text"), serial=100 + number) for number in range(n_answers)])


def check_answer(got, serial):
    message, n_descriptors = got
    assert message.get_message_type() == Gio.DBusMessageType.METHOD_RETURN, message.print_(0)
    assert message.get_reply_serial() == serial
    assert message.get_num_unix_fds() == n_descriptors


def test_descriptors_go_with_their_own_message(bus, service):
    """Also where the bus takes nothing for a while, and where an answer isn't wanted."""
    fill(bus, 40)
    calls = []
    wanted = []
    for number in range(200, 2000):
        method = OPEN_SNAPSHOT if number % 2 else get("/chat")
        is_silent = number % 4 == 1
        calls.append(bus.call(":1.7", *method, flags=NO_REPLY if is_silent else 0, serial=number))
        if not is_silent:
            wanted.append(number)
    calls.append(bus.call(":1.7", *OPEN_SNAPSHOT, serial=3000))
    bus.send(*calls)
    for serial in [*range(100, 140), *wanted, 3000]:
        # the large answers fill the socket, and then the small ones: each takes more of it than its bytes
        if serial in (100, wanted[0]):
            bus.wait_until_full(150_000 if serial == 100 else 4_000)
        check_answer(bus.next_answer(), serial)
    # nothing else was answered
    bus.send(bus.call(":1.7", *get("/chat"), serial=4000))
    check_answer(bus.next_answer(), 4000)


def test_a_call_that_was_held_is_done_before_those_after_it(bus, service):
    """A large message waits until the user of its connection is known."""
    bus.send(bus.call(":1.7", *set_to("/many", ["part"] * 200_000), serial=1))
    question = bus.next()[0]
    assert question.get_member() == "GetConnectionUnixUser"
    bus.wait_until_read()
    bus.send(bus.answer(question, "(u)", 0) + bus.call(":1.7", *set_to("/b", 1), serial=2))
    for serial in (1, 2):
        got = bus.next_answer()
        check_answer(got, serial)
        assert got[0].get_body().unpack() == (serial,)


def test_the_bus_is_asked_once_for_the_user_of_a_connection(bus, service):
    """The gate needs the user of each caller, and a write needs it too."""
    for name in (":1.7", ":1.8"):
        bus.send(bus.call(name, *set_to("/b", 1), serial=1), bus.call(name, *set_to("/b", 2), serial=2),
                 bus.call(name, *get("/b"), serial=3))
        for _ in range(3):
            bus.next_answer()
    asked = [question.get_body().unpack()[0] for question in bus.questions
             if question.get_member() == "GetConnectionUnixUser"]
    assert [name for name in asked if name != DRIVER] == [":1.7", ":1.8"]


def test_who_cannot_be_asked_about_is_counted_all_the_same(bus, service):
    """They are gone: their calls are done, and leave nothing behind that is counted for ever."""
    bus.uid = None
    for number in range(4):
        for serial in range(1, 201):
            bus.send(bus.call(f":1.{10 + number}", *get("/chat"), serial=serial))
        for _ in range(200):
            message, _ = bus.next_answer()
            assert message.get_message_type() == Gio.DBusMessageType.METHOD_RETURN


def test_what_was_answered_gets_to_the_bus_at_the_end(bus, service):
    fill(bus, 40)
    bus.send(bus.call(":1.7", *OPEN_SNAPSHOT, serial=200), bus.call(":1.7", *get("/chat"), serial=201),
             bus.call(":1.7", *set_to("/last", 1), flags=NO_REPLY, serial=202))
    # the calls are handled in their order
    eventually(lambda: "last: 1" in service.runtime.read_text(), "the last call")
    service.process.send_signal(signal.SIGTERM)
    assert [service.states.recv(100) for _ in range(2)] == [b"READY=1", b"STOPPING=1"]
    for serial in [*range(100, 140), 200, 201]:
        check_answer(bus.next_answer(), serial)
    assert bus.next_answer() is None
    assert service.wait() == 0


def test_messages_may_come_in_pieces_and_in_either_order_of_bytes(bus, service):
    big = Gio.DBusMessage.new_method_call(BUS_NAME, "/org/runconf/Config1/default", INTERFACE, "Get")
    big.set_byte_order(Gio.DBusMessageByteOrder.BIG_ENDIAN)
    big.set_body(GLib.Variant("(s)", ("/chat",)))
    big.set_serial(2)
    messages = [bus.call(":1.7", *get("/chat"), serial=1), bus.pack(big, ":1.7")]
    for serial, message in enumerate(messages, 1):
        bus.send_in_pieces(message)
        check_answer(bus.next_answer(), serial)


def test_a_bad_message_is_left_out(bus, service):
    """It is known where the next one begins."""
    for what in ("field", "length", "header"):
        bad = bytearray(bus.call(":1.7", *get("/chat"), serial=1))
        if what == "field":
            bad[18:19] = b"x"  # the type of the first field
        elif what == "length":
            bad[20:24] = struct.pack("<I", 0xfffffff0)  # of the first string
        else:
            fields = 1 << 20
            bad[12:16] = struct.pack("<I", fields)
            bad += bytes(size_of(bad) - len(bad))
        bus.send(bytes(bad), bus.call(":1.7", *get("/chat"), serial=2))
        check_answer(bus.next_answer(), 2)


def test_what_is_no_message_ends_it(bus, service):
    service.expect("the connection to the bus is closed")
    bus.send(b"l\1\0\7" + bytes(12))
    assert service.wait() == 1
    assert "the connection to the bus is closed" in service.log()


def test_a_bus_that_takes_nothing_any_more_is_gone(bus, service):
    """Whoever waited for answers would wait for ever, were it not for the next start."""
    service.expect("the connection to the bus is closed")
    bus.connection.shutdown(socket.SHUT_RD)
    bus.send(bus.call(":1.7", *get("/chat"), serial=1))
    assert service.wait() == 1
    assert "the connection to the bus is closed" in service.log()
