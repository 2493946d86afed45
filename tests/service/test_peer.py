# SPDX-License-Identifier: LGPL-2.1-or-later
"""Without a bus: one program starts the daemon on a pair of sockets, and is the only one it serves."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from gi.repository import Gio, GLib

from runconf_testing import (
    DEADLINE, DEFAULT_VALUES, FORMATS, INTERFACE, OBJECT_ROOT, Changed, Client, Connection, Refusal,
    Service, check_refusal, daemon_path, eventually, iterate,
)
from values_testing import ABSENT


class NoBus:
    """What a daemon without a bus knows of one."""

    environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere",
                   "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"}
    address = "unix:path=/nowhere"


class Peer(Connection):
    """Calls over one end of a pair of sockets; a name on a bus means nothing here."""

    def __init__(self, end):
        stream = Gio.Socket.new_from_fd(end.detach()).connection_factory_create_connection()
        self.connection = Gio.DBusConnection.new_sync(
            stream, None, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT, None, None)

    def call(self, name, *request):
        return super().call(None, *request)


class Heard:
    """The ConfigChanged signals that come over a connection."""

    def __init__(self, client):
        self.client = client
        self.context = GLib.MainContext()
        self.received = []

    def __enter__(self):
        self.context.push_thread_default()
        self.id = self.client.caller.connection.signal_subscribe(
            None, INTERFACE, "ConfigChanged", self.client.path, None, Gio.DBusSignalFlags.NONE,
            lambda *arguments: self.received.append(Changed(arguments[5])))
        self.context.pop_thread_default()
        return self

    def __exit__(self, *_):
        self.client.caller.connection.signal_unsubscribe(self.id)

    def all(self):
        # what was sent before an answer is here with it
        assert self.client.version is not None
        while self.context.pending():
            self.context.iteration(False)
        return self.received

    def wait(self, count=1):
        iterate(self.context, lambda: len(self.received) >= count, f"signal {count}")
        return self.received[count - 1]


class PeerClient(Client):
    def signals(self, *rules):
        return Heard(self)


class PeerService(Service):
    """A daemon that serves this process alone."""

    def __init__(self, folder):
        super().__init__(NoBus, folder)
        self.environment["NOTIFY_SOCKET"] = "/nowhere"

    def command(self, *options):
        return [str(daemon_path()), "--defaults", str(self.defaults), "--runtime",
                str(self.runtime), *options]

    def open(self, *options, prefix=()):
        """Starts the daemon, and returns our end."""
        ours, theirs = socket.socketpair()
        with theirs, self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*prefix, *self.command(*options), "--peer", str(theirs.fileno())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
                cwd=self.folder, pass_fds=[theirs.fileno()])
        return ours

    def start(self, *options, prefix=()):
        """The same, and a client, which may call at once."""
        client = PeerClient(self, Peer(self.open(*options, prefix=prefix)), self.path)
        self._clients.append(client)
        return client

    def close(self):
        super().close()
        self.check_log()

    def stop(self):
        # it ends when nobody has the other end
        for client in self._clients:
            client.close()
        assert self.wait() == 0, self.log()


class PeerInFolders(PeerService):
    """One on a configuration of an image."""

    def __init__(self, folder):
        super().__init__(folder)
        self.root = folder / "image"
        self.share = self.root / "usr/share/runconf/one"
        self.share.mkdir(parents=True)
        self.name = "one"
        self.runtime = self.root / "var/lib/runconf/one/runtime_config.yaml"
        (self.share / "config.yaml").write_text("a: 1\n")

    def command(self, *options):
        return [str(daemon_path()), "--root", str(self.root), "--name", "one", *options]


@pytest.fixture
def peer(scratch):
    service = PeerService(scratch / "peer")
    yield service
    try:
        service.close()
    finally:
        print(service.log())


def test_no_snapshot_without_file_descriptors(peer):
    """A client that doesn't agree with the service to pass descriptors."""
    call = Gio.DBusMessage.new_method_call(None, peer.path, INTERFACE, "OpenSnapshot")
    call.set_body(GLib.Variant("(au)", (FORMATS,)))
    call.set_serial(1)
    with peer.open() as ours:
        ours.settimeout(DEADLINE)
        ours.sendall(b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\r\n")
        assert ours.recv(4096).startswith(b"OK")
        ours.sendall(b"BEGIN\r\n" + bytes(call.to_blob(Gio.DBusCapabilityFlags.NONE)))
        reply = b""
        while b"descriptor" not in reply:
            piece = ours.recv(4096)
            assert piece, reply
            reply += piece
    assert b"org.runconf.Error.Unavailable" in reply
    assert peer.wait() == 0


# -------------------------------------------------------------------------------- the same as over a bus


def tell(story):
    """What a step answers, or how it is refused."""
    try:
        return story()
    except Refusal as refusal:
        return refusal.name, refusal.message


def live_through(config, service):
    """A story, as a list of what is answered."""
    steps = [
        lambda: config.get(),
        lambda: config.list("/llm"),
        lambda: config.set("/chat/websocket/port", 9000),
        lambda: config.set("/chat/websocket/port", 9000),
        lambda: config.merge({"llm": {"active": "groq"}, "new": [1, None, b"x"]}),
        lambda: config.merge_text("features: [one]"),
        lambda: config.merge_text("features: ["),
        lambda: config.set("/chat/websocket/port/deeper", 1),
        lambda: config.get("/nowhere"),
        lambda: config.get("chat"),
        lambda: config.apply(("set", "/a", 1), ("reset", "/llm"), message="why"),
        lambda: config.apply(("set", "/a", 2), if_version=1),
        lambda: config.apply(("set", "/a", 2), dry_run=True),
        lambda: config.apply(("set", "/a", 3), confirm_timeout=60),
        lambda: config.confirm(config.version),
        lambda: config.replace_text("# by hand\nfeatures: [two]  # two\nchat: {websocket: {port: 1}}\n"),
        lambda: config.reset("/features"),
        lambda: config.dump("", "overrides"),
        lambda: config.revert(2),
        lambda: config.diff(1, config.version),
        lambda: config.save({"llm": {"active": "x", "temperature": 0.7}}),
        lambda: config.dump("/llm", "effective", "json"),
        lambda: config.reload(),
        lambda: config.describe("/llm/active"),
        lambda: config.history(),
        lambda: config.properties(),
        lambda: service.runtime.read_text(),
        lambda: service.files(),
    ]
    with config.signals() as seen:
        told = [tell(step) for step in steps]
        signals = [repr(signal) + repr(signal.details) for signal in seen.all()]
    assert len(signals) >= 8
    return told + signals


def plain(told, service):
    """A story without times, names and the place that it happened in."""
    text = "\n".join(map(repr, told)).replace(str(service.folder), "FOLDER")
    text = re.sub(r"'caller': ':[\d.]+', |, 'caller': ':[\d.]+'", "", text)
    text = re.sub(r"(time|modified|LastModified)('?: )[\d.]+", r"\1\2TIME", text)
    return text.splitlines()


def test_the_same_story(peer, service):
    on_bus = plain(live_through(service.start(), service), service)
    alone = plain(live_through(peer.start(), peer), peer)
    assert alone == on_bus


def test_who_it_was(peer):
    config = peer.start()
    config.set("/a", 1)
    entry, = config.history()
    assert entry["uid"] == os.getuid()
    assert "caller" not in entry
    assert entry["changes"] == [("/a", ABSENT, 1)]


def test_a_secret(peer):
    peer.schema.write_text("properties: {key: {writeOnly: true}}")
    config = peer.start()
    config.set("/key", "s3cret")
    assert config.get("/key") == "s3cret"
    assert "key" not in config.get()
    assert "s3cret" in config.dump("", "overrides", "yaml", secrets=True)


def test_the_object_manager(peer):
    config = peer.start()
    answer = config.caller.call(None, OBJECT_ROOT, "org.freedesktop.DBus.ObjectManager",
                                "GetManagedObjects", None, DEADLINE)
    (path, interfaces), = answer.unpack()[0].items()
    assert path == config.path
    assert interfaces[INTERFACE]["RuntimeConfigPath"] == str(peer.runtime)


def test_an_edit_by_hand(peer):
    config = peer.start()
    assert config.version == 0
    with config.signals() as seen:
        peer.runtime.write_text("llm: {active: x}\n")
        assert seen.wait().paths == ["/llm/active"]
    assert config.get("/llm/active") == "x"


def test_calls_in_their_order(peer):
    """One that needs a thread doesn't let later ones pass."""
    config = peer.start()
    large = "x: [" + "1," * 100_000 + "]"
    answers = []
    config.merge_text_later(large, answers.append)
    for number in range(300):
        config.set_later("/x", number, answers.append)
    iterate(GLib.MainContext.default(), lambda: len(answers) == 301, "301 answers")
    assert answers == list(range(1, 302))
    assert config.get("/x") == 299


# ------------------------------------------------------------------------------------------- beginning


def test_calls_that_come_before_it_is_ready(peer):
    """They wait; so does the text that is still to be parsed."""
    peer.defaults.write_text("".join(f"k{number}: {{a: 1, b: [x, y]}}\n" for number in range(60_000)))
    assert peer.start().get("/k59999/a") == 1


def test_in_folders(scratch):
    peer = PeerInFolders(scratch / "peer")
    other = peer.share.parent / "other"
    other.mkdir()
    (other / "config.yaml").write_text("b: [")
    config = peer.start()
    assert config.set("/a", 2) == 1
    assert "a: 2" in peer.runtime.read_text()
    assert config.get_property("RuntimeConfigPath") == str(peer.runtime)
    peer.close()
    assert not (peer.runtime.parent.parent / "other").exists()


@pytest.mark.parametrize("options, words", [
    (["--peer", "0"], "descriptor 0"),
    (["--peer", "99"], "descriptor 99"),
    (["--peer", "-1"], "--peer"),
    (["--peer", "x"], "--peer"),
    (["--peer", "0", "--session"], "--peer"),
    (["--peer", "0", "--address", "unix:path=/x"], "--peer"),
])
def test_what_is_no_peer(peer, options, words):
    assert words in peer.fails(*options)


def test_a_socket_of_another_kind(peer):
    with socket.socket(socket.AF_INET) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname()) as end:
            done = subprocess.run([*peer.command(), "--peer", str(end.fileno())],
                                  pass_fds=[end.fileno()], stderr=subprocess.PIPE, text=True,
                                  timeout=DEADLINE, check=False)
    assert done.returncode == 1
    assert "Unix socket" in done.stderr


def test_nobody_says_who_they_are(peer):
    peer.open().close()
    assert peer.wait() == 1
    assert "no peer to serve" in peer.log()


def refuses_each_call(peer, config, *words):
    """Whoever calls is told why nothing is served, as long as they are there."""
    for call in (config.get, config.reload, lambda: config.get_property("Version")):
        with pytest.raises(Refusal) as caught:
            call()
        check_refusal(caught.value, "Unavailable", words)
    config.close()
    assert peer.wait() == 1


def test_files_that_another_process_serves(peer, service, bus):
    peer.expect("served")
    on_bus = service.start()
    on_bus.set("/a", 1)
    peer.defaults, peer.runtime = service.defaults, service.runtime
    refuses_each_call(peer, peer.start(), str(service.runtime), f"pid {service.process.pid}",
                      "stop it first")
    assert on_bus.set("/a", 2) == 2

    # and the other way round
    service.stop()
    config = peer.start()
    assert config.get("/a") == 2
    said = service.fails()
    assert f"pid {peer.process.pid}" in said and str(service.runtime) in said


def test_broken_defaults(peer):
    peer.expect("config.yaml")
    peer.defaults.write_text("a: [")
    refuses_each_call(peer, peer.start(), f"{peer.defaults}:1:")
    assert not peer.runtime.exists()


def test_no_such_configuration(scratch):
    peer = PeerInFolders(scratch / "peer")
    peer.expect("no configuration")
    (peer.share / "config.yaml").unlink()
    refuses_each_call(peer, peer.start(), "“one”", str(peer.share.parent))
    peer.close()


# ---------------------------------------------------------------------------------------------- ending


def test_ends_with_the_connection(peer):
    config = peer.start()
    config.set("/a", 1)
    config.close()
    assert peer.wait() == 0
    assert "a: 1" in peer.runtime.read_text()


def test_ends_at_once_when_nobody_came_to_call(peer):
    peer.start().close()
    assert peer.wait() == 0
    assert peer.stray_files() == []


def test_what_was_taken_is_on_the_disk(peer):
    """Whoever goes amid their calls has the first of them done, each of them whole."""
    config = peer.start()
    assert config.set("/n", 0) == 1
    for number in range(1, 100):
        config.set_later("/n", number)
    config.caller.connection.flush_sync(None)
    config.close()
    assert peer.wait() == 0
    config = peer.start()
    assert config.get("/n") == config.version - 1
    assert config.overrides() == {"n": config.version - 1}
    assert len(config.history()) == config.version


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_when_it_is_told_to(peer, number):
    config = peer.start()
    config.set("/a", 1)
    peer.process.send_signal(number)
    assert peer.wait() == 0
    eventually(config.caller.connection.is_closed)
    assert "a: 1" in peer.runtime.read_text()


PARENT = """
import os, socket, subprocess, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
from test_peer import Peer, PeerClient, PeerService
import pathlib

class Files(PeerService):
    def __init__(self, defaults, runtime):
        self.defaults, self.runtime, self.name = defaults, runtime, "default"
        self.folder, self.log_file = runtime.parent.parent, runtime.parent.parent / "log"
        self.environment = dict(os.environ)
        self._clients = []

service = Files(*map(pathlib.Path, sys.argv[2:]))
config = service.start()
print(service.process.pid, flush=True)
number = 0
while True:
    number += 1
    config.set("/n", number)
    print(number, flush=True)
"""


@pytest.mark.parametrize("seconds", [0, 0.02, 0.1, 0.3])
def test_its_parent_is_killed(peer, seconds):
    """The daemon finishes what it has taken: the files are whole, and nothing answered is lost."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, __file__, str(peer.defaults), str(peer.runtime)],
        stdout=subprocess.PIPE, text=True)
    with parent:
        pid = int(parent.stdout.readline())
        first = parent.stdout.readline()
        # at any moment of the calls
        time.sleep(seconds)
        parent.kill()
        answered = int(([first, *parent.stdout.read().split("\n")[:-1]])[-1])
    eventually(lambda: not os.path.exists(f"/proc/{pid}") or is_dead(pid), "the daemon ends")

    config = peer.start()
    assert config.state == "ok"
    assert config.get("/n") in (answered, answered + 1)
    assert config.version == config.get("/n")
    assert config.overrides() == {"n": config.get("/n")}
    assert len(config.history(limit=10_000)) == config.version
    assert peer.stray_files() == []
    assert config.get("/chat") == DEFAULT_VALUES["chat"]


def is_dead(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    return True


def test_no_thread_keeps_it(peer):
    """A reader in another thread doesn't hinder the end."""
    config = peer.start()
    errors = []

    def read():
        try:
            while True:
                config.get("/llm/active")
        except (GLib.Error, Refusal) as error:
            errors.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    config.set("/a", 1)
    config.close()
    thread.join(DEADLINE)
    assert errors
    assert peer.wait() == 0
