# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the daemon are made of: a private bus, a daemon on scratch files, its clients.

    service.defaults.write_text("chat: {port: 8000}")
    config = service.start()
    with config.signals() as seen:
        assert config.set("/chat/port", 9000) == 1
    assert seen.wait().paths == ["/chat/port"]
"""

import collections
import contextlib
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import gi
import pytest
import yaml
from bus_config import write_bus_config

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402
from values_testing import (  # noqa: E402
    TagLoader, complete, pack, pack_entries, pack_options, unpack, unpack_changes, unpack_dictionary,
)

BUS_NAME = "org.runconf.Config1"
INTERFACE = "org.runconf.Config1"
# all formats of the shared memory, for tests that don't depend on one
FORMATS = range(100)
OBJECT_ROOT = "/org/runconf/Config1"
ROOT = pathlib.Path(__file__).resolve().parents[2]

# No wait is longer than this, in seconds; nearly all end within milliseconds.
DEADLINE = 20

DEFAULTS = """\
# the defaults of the tests
chat:
  websocket:
    host: localhost
    port: 8000  # where clients connect
  service:
    max_tool_hops: 8
    system_prompt: |
      You are helpful.
      Be brief.
llm:
  active: openrouter
  temperature: 0.7
features: [search, browse, code]
servers:
  - {name: one, port: 1}
  - {name: two, port: 2}
logging:
  level: info
  debug: false
  file: null
"""

# What the defaults above mean.
DEFAULT_VALUES = {
    "chat": {
        "websocket": {"host": "localhost", "port": 8000},
        "service": {"max_tool_hops": 8, "system_prompt": "You are helpful.\nBe brief.\n"},
    },
    "llm": {"active": "openrouter", "temperature": 0.7},
    "features": ["search", "browse", "code"],
    "servers": [{"name": "one", "port": 1}, {"name": "two", "port": 2}],
    "logging": {"level": "info", "debug": False, "file": None},
}


def daemon_path():
    """The daemon under test, as the build names it."""
    path = os.environ.get("RUNCONFD")
    if not path:
        raise RuntimeError("RUNCONFD has to name the daemon to test: build/src/service/runconfd")
    return pathlib.Path(path).resolve()


def require_root():
    if os.geteuid() != 0:
        raise RuntimeError("this test calls as other users and needs root: run it as root")


# ---------------------------------------------------------------------------------------- waiting


def eventually(condition, what="", seconds=DEADLINE):
    """Returns the first true answer of `condition`, asked again and again."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"did not happen in {seconds} s: {what or condition}")
        # the pause between two looks at a condition without an event
        time.sleep(0.005)


def iterate(context, condition, what, seconds=DEADLINE):
    """Runs a main context until `condition` is true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"did not happen in {seconds} s: {what}")
        if context.pending():
            context.iteration(False)
        else:
            tick = GLib.timeout_source_new(20)
            tick.set_callback(lambda *_: GLib.SOURCE_REMOVE)
            tick.attach(context)
            context.iteration(True)
            tick.destroy()


def wait_for_answers(answers, count):
    """Waits until that many calls that were made with set_later() are answered."""
    iterate(GLib.MainContext.default(), lambda: len(answers) == count, f"{count} answers")


# -------------------------------------------------------------------------------------------- bus


class Bus:
    """A private bus in a scratch folder, open to every user."""

    def __init__(self, folder, kind="session"):
        self.folder = folder
        self.kind = kind
        self.socket = folder / "bus"
        self.address = f"unix:path={self.socket}"
        self.config = folder / "bus.conf"
        write_bus_config(self.config, self.socket, kind)
        self.process = None

    @property
    def environment(self):
        return {
            **os.environ,
            "DBUS_SESSION_BUS_ADDRESS": self.address,
            "DBUS_SYSTEM_BUS_ADDRESS": self.address,
        }

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(DEADLINE)
            self.process = None


class DBusDaemon(Bus):
    """dbus-daemon, the reference implementation."""

    def start(self):
        self.process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={self.config}", "--nofork", "--nopidfile",
             "--nosyslog", "--print-address=1"],
            stdout=subprocess.PIPE,
        )
        # the address is printed once the bus listens
        assert self.process.stdout.readline(), "dbus-daemon did not start"
        self.process.stdout.close()


# a chroot's root is no mount point, and only a mount point can be made private
MAKE_ROOT = """
    mount --rbind / "$1"
    mount --make-rprivate "$1"
    exec chroot "$@"
"""


def private_mounts(folder, *options):
    """How a command begins that gets mounts of its own; the folder is for it to use."""
    plain = ["unshare", "--mount", "--propagation", "private", *options]
    if subprocess.run([*plain, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return plain
    root = folder / "root"
    root.mkdir(exist_ok=True)
    return ["unshare", "--mount", "--propagation", "unchanged", *options,
            "bash", "-ec", MAKE_ROOT, "bash", str(root)]


class DBusBroker(Bus):
    """dbus-broker.

    Its launcher takes the listening socket from its caller, wants a journal to write to, and talks
    to a service manager through the very bus that it starts. So it gets a /run of its own with a
    journal that nobody reads, and its own address.
    """

    SCRIPT = """
        mount -t tmpfs tmpfs /run
        mkdir -p /run/systemd/journal
        ln -s "$1" /run/systemd/journal/socket
        LISTEN_FDS=1 LISTEN_PID=$$ exec dbus-broker-launch --scope "$2" --config-file "$3" 3<&"$4"
    """

    def start(self):
        self._start_journal()
        options = [] if os.geteuid() == 0 else ["--map-current-user", "--keep-caps"]
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.socket))
            self.socket.chmod(0o777)
            listener.listen()
            scope = "system" if self.kind == "system" else "user"
            self.process = subprocess.Popen(
                [*private_mounts(self.folder, *options), "bash", "-ec", self.SCRIPT, "bash",
                 str(self.journal), scope, str(self.config), str(listener.fileno())],
                pass_fds=[listener.fileno()],
                env=self.environment,
            )

    def _start_journal(self):
        self.journal = self.folder / "journal"
        self._journal_socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._journal_socket.bind(str(self.journal))
        # a datagram socket whose queue is full would stop the broker
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()

    def _drain(self):
        with contextlib.suppress(OSError):
            while self._journal_socket.recv(65536) != b"stop":
                pass

    def stop(self):
        if self.process is None:
            return
        super().stop()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"stop", str(self.journal))
        self._reader.join(DEADLINE)
        self._journal_socket.close()


BUSES = {"dbus-daemon": DBusDaemon, "dbus-broker": DBusBroker}

both_buses = pytest.mark.parametrize("bus", list(BUSES), indirect=True)


# ---------------------------------------------------------------------------------------- callers


class Refusal(Exception):
    """An error that came over the bus."""

    def __init__(self, name, message):
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message

    @property
    def kind(self):
        """The last part of the name: InvalidPath, AccessDenied, …"""
        return self.name.rpartition(".")[2]


class Vanished(Exception):
    """A call whose caller did not wait for the answer."""


def connect(address):
    flags = (
        Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    )
    return Gio.DBusConnection.new_for_address_sync(address, flags, None, None)


def call_bus(connection, method, parameters=None):
    return connection.call_sync(
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
        parameters, None, Gio.DBusCallFlags.NONE, DEADLINE * 1000, None,
    )


class Connection:
    """Calls over a connection of its own, as the user who runs the tests."""

    def __init__(self, address):
        self.connection = connect(address)

    def call(self, name, path, interface, method, parameters, seconds):
        try:
            return self.connection.call_sync(
                name, path, interface, method, parameters, None,
                Gio.DBusCallFlags.NO_AUTO_START, seconds * 1000, None,
            )
        except GLib.Error as error:
            remote = Gio.DBusError.get_remote_error(error)
            if remote is None:
                raise
            raise Refusal(remote, error.message.removeprefix(f"GDBus.Error:{remote}: ")) from None

    def close(self):
        with contextlib.suppress(GLib.Error):
            self.connection.close_sync(None)


class OtherUser:
    """Calls over a connection of another user: a child process makes them."""

    # whether somebody may be asked for a password
    interactive = False
    # whether it is gone before it is answered
    vanishes = False

    def __init__(self, address, user):
        require_root()
        program = pathlib.Path(__file__).with_name("caller.py").read_text()
        self.process = subprocess.Popen(
            [*as_user(user), sys.executable, "-c", program, address],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/",
        )

    def send(self, name, path, interface, method, parameters, seconds=DEADLINE):
        shown = parameters.print_(True) if parameters is not None else None
        request = [name, path, interface, method, shown, seconds * 1000, self.interactive,
                   self.vanishes]
        print(json.dumps(request), file=self.process.stdin, flush=True)

    def send_in_a_row(self, name, path, interface, calls, seconds=DEADLINE):
        """Sends calls, (method, arguments as text), without waiting for a reply in between."""
        request = [name, path, interface, "", None, seconds * 1000, self.interactive, False, calls]
        print(json.dumps(request), file=self.process.stdin, flush=True)

    def replies(self, count):
        """The replies to calls in a row, in the order in which they came."""
        lines = [json.loads(self.process.stdout.readline()) for _ in range(count)]
        return [line.get("value", line.get("error")) for line in lines]

    def call(self, *request):
        self.send(*request)
        answer = json.loads(self.process.stdout.readline())
        if self.vanishes:
            raise Vanished
        if "error" in answer:
            raise Refusal(answer["error"], answer["message"])
        return GLib.Variant.parse(GLib.VariantType(answer["type"]), answer["value"], None, None)

    def close(self):
        self.process.stdin.close()
        self.process.wait(DEADLINE)
        self.process.stdout.close()


def as_user(user):
    """The words before a command; polkit knows the groups of a process from the process itself.

    A user without a name, given as the digits of its number, is in no group but one of the same number.
    """
    if user.isdecimal():
        return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--init-groups"]


# what Describe tells in forms of its own
DESCRIBED = {"type", "layers", "lock", "source", "file", "line", "column", "version", "time", "writable", "secret",
             "hidden", "keys"}

# one of the two values of a difference that isn't there
Change = collections.namedtuple("Change", "version changed")


class Client:
    """The methods of the interface, in Python."""

    def __init__(self, service, caller, path):
        self.service = service
        self.caller = caller
        self.path = path

    def call(self, method, signature=None, *arguments, interface=INTERFACE, seconds=DEADLINE):
        """Returns the tuple that the method answers with, as a GVariant."""
        parameters = GLib.Variant(signature, arguments) if signature else None
        return self.caller.call(BUS_NAME, self.path, interface, method, parameters, seconds)

    def close(self):
        self.caller.close()

    # reading

    def get_variant(self, path=""):
        return self.call("Get", "(s)", path).get_child_value(0).get_variant()

    def get(self, path=""):
        return unpack(self.get_variant(path))

    def list(self, path=""):
        return self.call("List", "(s)", path).unpack()[0]

    def describe(self, path=""):
        words = unpack_dictionary(self.call("Describe", "(s)", path).get_child_value(0))
        return {
            word: value.unpack() if word in DESCRIBED else unpack(value)
            for word, value in words.items()
        }

    def explain(self, path="", **options):
        """The values of all layers, with plain values."""
        answer = self.call("Explain", "(sa{sv})", path, pack_options(options)).get_child_value(0)
        return [
            {word: value.unpack() for word, value in unpack_dictionary(answer.get_child_value(i)).items()}
            for i in range(answer.n_children())
        ]

    def dump(self, path="", layer="effective", format="yaml", **options):
        answer = self.call("Dump", "(sssa{sv})", path, layer, format, pack_options(options))
        return answer.unpack()[0]

    def dump_json(self, path="", layer="effective"):
        return json.loads(self.dump(path, layer, "json"))

    # writing

    def set(self, path, value):
        return self.call("Set", "(sv)", path, pack(value)).unpack()[0]

    def merge(self, patch):
        return Change(*self.call("Merge", "(a{sv})", pack_entries(patch)).unpack())

    def merge_text(self, text, **options):
        return Change(*self.call("MergeText", "(sa{sv})", text, pack_options(options)).unpack())

    def reset(self, path):
        return self.call("Reset", "(s)", path).unpack()[0]

    def unset(self, path):
        return self.apply(("unset", path)).version

    def replace(self, path, value):
        return self.apply(("replace", path, value)).version

    def save(self, config, **options):
        return Change(*self.call(
            "Save", "(a{sv}a{sv})", pack_entries(config), pack_options(options)).unpack())

    def apply(self, *operations, **options):
        steps = [(verb, path, pack(value)) for verb, path, value in map(complete, operations)]
        return Change(*self.call("Apply", "(a(ssv)a{sv})", steps, pack_options(options)).unpack())

    def replace_text(self, text, **options):
        return Change(*self.call("ReplaceText", "(sa{sv})", text, pack_options(options)).unpack())

    def reload(self):
        return self.call("Reload").unpack()[0]

    def set_later(self, path, value, then=None):
        """Sends a Set and goes on; the main context calls `then` with the version or the error."""
        self.call_later("Set", GLib.Variant("(sv)", (path, pack(value))), then)

    def merge_text_later(self, text, then=None):
        """The same with a MergeText."""
        self.call_later("MergeText", GLib.Variant("(sa{sv})", (text, {})), then)

    def call_later(self, method, arguments, then):
        def answered(connection, result):
            try:
                then(connection.call_finish(result).unpack()[0])
            except GLib.Error as error:
                then(error)

        self.caller.connection.call(
            BUS_NAME, self.path, INTERFACE, method, arguments, None,
            Gio.DBusCallFlags.NO_AUTO_START, DEADLINE * 1000, None, answered if then else None)

    # the past

    def history(self, path="", **options):
        answer = self.call("History", "(sa{sv})", path, pack_options(options)).get_child_value(0)
        entries = [unpack_dictionary(answer.get_child_value(i)) for i in range(answer.n_children())]
        return [{word: unpack_changes(value) if word == "changes" else value.unpack()
                 for word, value in entry.items()} for entry in entries]

    def diff(self, old, new):
        return unpack_changes(self.call("Diff", "(tt)", old, new).get_child_value(0))

    def revert(self, version, **options):
        return Change(*self.call("Revert", "(ta{sv})", version, pack_options(options)).unpack())

    def confirm(self, version):
        self.call("Confirm", "(t)", version)

    # properties

    def get_property(self, name):
        answer = self.call("Get", "(ss)", INTERFACE, name,
                           interface="org.freedesktop.DBus.Properties")
        return answer.get_child_value(0).get_variant().unpack()

    def properties(self):
        answer = self.call("GetAll", "(s)", INTERFACE, interface="org.freedesktop.DBus.Properties")
        return answer.unpack()[0]

    @property
    def version(self):
        return self.get_property("Version")

    @property
    def last_modified(self):
        return self.get_property("LastModified")

    @property
    def state(self):
        return self.get_property("State")

    @property
    def state_message(self):
        return self.get_property("StateMessage")

    # what a test asserts

    def overrides(self):
        """What the overrides' file holds, by another reader; its metadata is true."""
        values = yaml.load(self.service.runtime.read_text(), TagLoader)
        assert values.pop("_runtime_config")["version"] == self.version
        return values

    def signals(self, *rules):
        """The ConfigChanged signals from now on; `rules` narrow what the bus sends."""
        return Signals(self.service.bus.address, self.path, rules)

    def snapshot(self):
        """Everything that a refused write must leave alone."""
        return self.version, self.dump(), self.service.snapshot()

    @contextlib.contextmanager
    def unchanged(self):
        """What is done inside changes no value, no version and no file, and is told to nobody."""
        before = self.snapshot()
        with self.signals() as seen:
            yield
            assert seen.all() == []
        assert self.snapshot() == before

    @contextlib.contextmanager
    def refuses(self, kind, *words):
        """The call inside is refused with an error that has all of `words` in its message."""
        with self.unchanged():
            try:
                yield
            except Refusal as refusal:
                check_refusal(refusal, kind, words)
            else:
                raise AssertionError(f"should have been refused with {kind}")


def check_refusal(refusal, kind, words=()):
    home = "org.freedesktop.DBus.Error" if kind == "AccessDenied" else "org.runconf.Error"
    assert refusal.name == f"{home}.{kind}", refusal
    assert refusal.message and "GDBus.Error" not in refusal.message, refusal
    for word in words:
        assert word in refusal.message, f"{word!r} is not in {refusal.message!r}"


# ---------------------------------------------------------------------------------------- signals


class Changed:
    """One ConfigChanged."""

    def __init__(self, parameters):
        self.prefix, self.paths, self.version, _ = parameters.unpack()
        self.details = unpack_dictionary(parameters.get_child_value(3))
        self.origin = self.details["origin"].get_string()
        # absent where there would be too many
        self.values = unpack(self.details["values"]) if "values" in self.details else None

    def __repr__(self):
        return f"<ConfigChanged {self.version} {self.origin} {self.prefix} {self.paths}>"


class Signals:
    """The signals that one connection receives, in their order."""

    def __init__(self, address, path, rules=()):
        self.connection = connect(address)
        self.context = GLib.MainContext()
        self.received = []
        base = f"type='signal',interface='{INTERFACE}',path='{path}'"
        for rule in rules or [""]:
            match = ",".join(filter(None, (base, rule)))
            call_bus(self.connection, "AddMatch", GLib.Variant("(s)", (match,)))

    def __enter__(self):
        # the rules are those of above: what comes is what the bus sends
        self.context.push_thread_default()
        self.connection.signal_subscribe(
            None, INTERFACE, "ConfigChanged", None, None, Gio.DBusSignalFlags.NO_MATCH_RULE,
            lambda *arguments: self.received.append(Changed(arguments[5])),
        )
        self.context.pop_thread_default()
        return self

    def __exit__(self, *_):
        self.all()
        self.connection.close_sync(None)

    def all(self):
        """Every signal that the daemon has sent by now."""
        if not self.connection.is_closed():
            with contextlib.suppress(GLib.Error):
                # what the bus sent before its answer is here with the answer
                call_bus(self.connection, "GetId")
            while self.context.pending():
                self.context.iteration(False)
        return self.received

    def wait(self, count=1, seconds=DEADLINE):
        """Waits for the signal number `count`, and returns it."""
        iterate(self.context, lambda: len(self.received) >= count,
                f"signal {count}, after {self.received}", seconds)
        return self.received[count - 1]


# ---------------------------------------------------------------------------------------- service

ALARM = re.compile(r"CRITICAL|WARNING|ERROR|Sanitizer|runtime error", re.IGNORECASE)


def path_of(name):
    """The object path of a configuration."""
    return OBJECT_ROOT + "/" + re.sub(r"^[0-9]|[^A-Za-z0-9]", lambda match: f"_{ord(match[0]):02x}", name)


class Service:
    """A daemon on files in a scratch folder, started and stopped by the test."""

    def __init__(self, bus, folder, name="default", user=None):
        self.bus = bus
        self.name = name
        self.user = user
        self.folder = folder
        self.etc = folder / "etc"
        self.var = folder / "var"
        self.etc.mkdir(parents=True)
        self.var.mkdir()
        self.defaults = self.etc / "config.yaml"
        self.runtime = self.var / "runtime_config.yaml"
        self.state_file = self.var / ".runtime_config.yaml.state"
        self.journal_file = self.var / ".runtime_config.yaml.journal"
        self.history_file = self.var / ".runtime_config.yaml.history"
        self.schema = self.etc / "config.schema.yaml"
        self.locks = self.etc / "locks"
        self.log_file = folder / "log"
        self.defaults.write_text(DEFAULTS)
        self.environment = {**bus.environment, "G_DEBUG": "fatal-criticals"}
        self.bus_options = ["--address", bus.address]
        self.process = None
        self.expected = []
        self._clients = []
        if user:
            require_root()
            shutil.chown(self.var, user)

    @property
    def path(self):
        return path_of(self.name)

    # the process

    def command(self, *options):
        program = daemon_path()
        prefix = []
        if self.user:
            # the build folder may be closed to other users
            program = shutil.copy(program, self.folder / "runconfd")
            prefix = as_user(self.user)
        return [*prefix, str(program), "--defaults", str(self.defaults),
                "--runtime", str(self.runtime), "--name", self.name, *self.bus_options, *options]

    def launch(self, *options, prefix=()):
        """Starts the daemon and waits for nothing."""
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*prefix, *self.command(*options)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment, cwd=self.folder,
            )
        return self.process

    def start(self, *options, prefix=()):
        """Starts the daemon, waits until it serves, and returns a client."""
        with OwnerWatch(self.bus.address) as watch:
            self.launch(*options, prefix=prefix)
            watch.wait(self.process)
        return self.client()

    def fails(self, *options):
        """Starts a daemon that has to give up, and returns what it says about it."""
        done = subprocess.run(
            self.command(*options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=DEADLINE, cwd=self.folder,
            env=self.environment,
        )
        assert done.returncode == 1, f"exit status {done.returncode}: {done.stderr}"
        assert "CRITICAL" not in done.stderr, done.stderr
        assert done.stderr.strip(), "says nothing"
        return done.stderr

    def wait(self):
        """Returns the exit status of a daemon that ends by itself."""
        status = self.process.wait(DEADLINE)
        self.process = None
        return status

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.wait()
        assert status == 0, f"exit status {status}; the log:\n{self.log()}"
        self.check_log()

    def kill(self):
        self.process.kill()
        self.wait()

    def restart(self, *options):
        self.stop()
        return self.start(*options)

    def close(self):
        for client in self._clients:
            client.close()
        if self.process is not None:
            self.stop()

    def descriptors(self):
        """The names of the open files of the daemon."""
        folder = pathlib.Path(f"/proc/{self.process.pid}/fd")
        names = []
        for link in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                names.append(os.readlink(link))
        return names

    # the log

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def expect(self, *words):
        """Lines of the log with one of these words are no alarm."""
        self.expected += words

    def check_log(self):
        alarms = [
            line for line in self.log().splitlines()
            if ALARM.search(line) and not any(word in line for word in self.expected)
        ]
        assert alarms == [], "\n".join(alarms)

    # clients

    def client(self, user=None):
        """A client with a connection of its own."""
        address = self.bus.address
        caller = OtherUser(address, user) if user else Connection(address)
        client = Client(self, caller, self.path)
        self._clients.append(client)
        return client

    # files

    def snapshot(self):
        """What would show that the overrides' file was written."""
        if not self.runtime.exists():
            return None
        status = self.runtime.stat()
        return status.st_ino, status.st_mtime_ns, status.st_mode, self.runtime.read_bytes()

    def files(self):
        return sorted(path.name for path in self.var.iterdir())

    def corrupt_copies(self):
        return sorted(self.var.glob("runtime_config.yaml.corrupt-*"))

    def stray_files(self):
        """What lies beside the overrides and should not."""
        house = {self.runtime, self.state_file, self.journal_file, self.var / ".runtime_config.yaml.lock",
                 self.history_file, *self.var.glob(".runtime_config.yaml.history-*")}
        return sorted({*self.var.iterdir()} - house - {*self.corrupt_copies()})


def has_journal():
    """Whether the service uses a journal where the tests have their files: on other file systems it syncs each text."""
    kind = subprocess.run(["stat", "-f", "-c", "%T", tempfile.gettempdir()], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()
    return kind in ("ext2/ext3", "tmpfs")


class OwnerWatch:
    """Waits until somebody owns the name."""

    def __init__(self, address, name=BUS_NAME):
        self.name = name
        self.connection = connect(address)
        self.context = GLib.MainContext()
        self.owned = False

    def __enter__(self):
        self.context.push_thread_default()
        self.connection.signal_subscribe(
            "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged", None, self.name,
            Gio.DBusSignalFlags.NONE, self._on_owner_changed)
        self.context.pop_thread_default()
        # the bus has the match rule once it answers what comes after it
        call_bus(self.connection, "GetId")
        return self

    def _on_owner_changed(self, _connection, _sender, _path, _interface, _signal, parameters):
        self.owned = parameters.unpack()[2] != ""

    def wait(self, process):
        iterate(self.context, lambda: self.owned or process.poll() is not None,
                "the daemon takes its name")
        assert self.owned, f"the daemon ended with status {process.returncode}"

    def __exit__(self, *_):
        self.connection.close_sync(None)


class Monitor:
    """Sees the messages on a bus, in their order."""

    def __init__(self, address):
        self.messages = []
        self.connection = connect(address)
        self.connection.add_filter(self._on_message)
        self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Monitoring",
            "BecomeMonitor", GLib.Variant("(asu)", ([], 0)), None, Gio.DBusCallFlags.NONE,
            DEADLINE * 1000, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(GLib.Error):
            self.connection.close_sync(None)

    def _on_message(self, _connection, message, incoming):
        us = self.connection.get_unique_name()
        if not incoming or us in (None, message.get_destination()):
            return message
        self.messages.append(message)
        return None

    def _has_left(self, name):
        return any(message.get_member() == "NameOwnerChanged"
                   and message.get_body().unpack() == (name, name, "") for message in self.messages)

    def wait_for_calls(self, method, count):
        """Waits until the bus has passed on so many calls of a method; it delivers later calls after them."""
        eventually(lambda: sum(message.get_member() == method for message in [*self.messages]) >= count,
                   f"{count} calls of {method}")

    def calls_of(self, method):
        """The methods that the caller of this method called, once it has left the bus."""
        caller = eventually(lambda: next(
            (message.get_sender() for message in self.messages if message.get_member() == method),
            None), f"a call of {method}")
        eventually(lambda: self._has_left(caller), f"the caller of {method} leaves the bus")
        return [message.get_member() for message in self.messages
                if message.get_sender() == caller
                and message.get_message_type() == Gio.DBusMessageType.METHOD_CALL]


def closing(service):
    """A fixture's way to give a service and to end it, with what it said for whoever looks."""
    yield service
    try:
        service.close()
    finally:
        print(service.log())
