# SPDX-License-Identifier: LGPL-2.1-or-later
"""watch: what it prints, and how it runs a command."""

import json
import queue
import signal
import subprocess
import threading
import time

import pytest

from command_testing import DONE, FAILED, USAGE
from gi.repository import GLib
from runconf_testing import DEADLINE, INTERFACE, call_bus, connect, eventually
from values_testing import pack_entries


class Watching:
    """A watch that runs, and the lines that it prints."""

    def __init__(self, online, *arguments, stdin=subprocess.DEVNULL):
        online.prepare()
        self.bus = online.service.bus
        self.process = subprocess.Popen(
            online.line(["watch", *arguments]), cwd=online.folder, env=online.environment,
            stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.out, self.err = queue.Queue(), queue.Queue()
        self.readers = [self._read(self.process.stdout, self.out),
                        self._read(self.process.stderr, self.err)]

    @staticmethod
    def _read(stream, lines):
        def read():
            for line in stream:
                lines.put(line.rstrip("\n"))
        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread

    def line(self):
        return self.out.get(timeout=DEADLINE)

    def lines(self, count):
        return [self.line() for _ in range(count)]

    def complaint(self):
        return self.err.get(timeout=DEADLINE)

    def wait_until_received(self):
        """Waits until the watch has the signals of all changes so far: it answers a ping after them."""
        connection = connect(self.bus.address)
        names = call_bus(connection, "ListNames").unpack()[0]
        own, = [name for name in names if name.startswith(":") and self.process.pid
                == call_bus(connection, "GetConnectionUnixProcessID", GLib.Variant("(s)", (name,))).unpack()[0]]
        connection.call_sync(own, "/", "org.freedesktop.DBus.Peer", "Ping", None, None, 0,
                             DEADLINE * 1000, None)
        connection.close_sync(None)

    def end(self, number=signal.SIGINT, status=DONE):
        """Ends it, and returns what it still printed."""
        self.process.send_signal(number)
        return self.ended(status)

    def ended(self, status=DONE):
        assert self.process.wait(DEADLINE) == status
        for reader in self.readers:
            reader.join(DEADLINE)
        self.process.stdout.close()
        self.process.stderr.close()
        rest = []
        while not self.out.empty():
            rest.append(self.out.get())
        return rest


@pytest.fixture
def watch(online):
    """Starts a watch that is ready: it begins with what stands at a path that changes."""
    running = []

    def start(*arguments, **how):
        watching = Watching(online, *arguments, **how)
        running.append(watching.process)
        return watching

    yield start
    for process in running:
        process.kill()
        process.wait(DEADLINE)


@pytest.fixture
def config(service, online):
    online.prepare()
    return service.client()


def test_prints_each_change(watch, config):
    seen = watch("--initial")
    first = [seen.line() for _ in range(11)]
    assert "/chat/websocket/port: 8000" in first and "/features: [search, browse, code]" in first
    assert '/chat/service/system_prompt: "You are helpful.\\nBe brief.\\n"' in first

    # those that come before the signals are followed are one change
    config.set("/chat/websocket/port", 8999)
    assert seen.line() == "/chat/websocket/port: 8999"
    # each with its own value, however fast they come
    for port in range(9000, 9100):
        config.set("/chat/websocket/port", port)
    assert seen.lines(100) == [f"/chat/websocket/port: {port}" for port in range(9000, 9100)]

    config.apply(("set", "/llm/active", "true"), ("set", "/new/one", {"a": [1, {"b": None}]}))
    assert sorted(seen.lines(2)) == ["/llm/active: 'true'", "/new/one/a: [1, {b: null}]"]
    config.reset("/new")
    assert seen.line() == "- /new/one/a"
    config.reset("")
    assert sorted(seen.lines(2)) == ["/chat/websocket/port: 8000", "/llm/active: openrouter"]
    assert seen.end() == []


def test_only_what_is_watched(watch, config):
    seen = watch("--initial", "/chat/websocket", "/chat/websocket/port", "/nothing/yet",
                 "/servers/1/port")
    assert sorted(seen.lines(3)) == [
        "/chat/websocket/host: localhost", "/chat/websocket/port: 8000", "/servers/1/port: 2"]
    config.set("/llm/active", "groq")
    config.set("/nothing", {"else": 1})
    config.set("/nothing/yet", {"here": 1})
    assert seen.line() == "/nothing/yet/here: 1"
    # what contains a path that is watched
    config.set("/servers", [{"port": 1}])
    assert seen.line() == "- /servers/1/port"
    config.set("/servers", [1, {"port": 3}])
    assert seen.line() == "/servers/1/port: 3"
    config.set("/servers", [2, {"port": 3}])
    config.set("/nothing", 5)
    assert seen.line() == "- /nothing/yet/here"
    config.set("/nothing", {"yet": 6})
    assert seen.line() == "/nothing/yet: 6"
    config.set("/chat/websocket", {"port": 1})
    assert seen.line() == "/chat/websocket/port: 1"
    assert seen.end() == []


def test_json(watch, config):
    seen = watch("--json", "--initial", "/a~1b", "/llm")
    assert json.loads(seen.line()) == {
        "version": 0, "removed": [],
        "paths": {"/llm/active": "openrouter", "/llm/temperature": 0.7}}
    version = config.set("/a~1b", {"x": [1, "two\n"], "\x1b": True})
    assert json.loads(seen.line()) == {
        "version": version, "removed": [],
        "paths": {"/a~1b/x": [1, "two\n"], "/a~1b/\x1b": True}}
    version = config.reset("/a~1b")
    told = json.loads(seen.line())
    assert (told["version"], told["paths"]) == (version, {})
    assert sorted(told["removed"]) == ["/a~1b/\x1b", "/a~1b/x"]
    assert seen.end(signal.SIGTERM) == []


def test_very_many_at_once(watch, config):
    seen = watch("--json", "--initial", "/big")
    assert json.loads(seen.line())["paths"] == {}, "there is nothing, and it says so"
    config.set("/big/first", 0)
    assert json.loads(seen.line())["paths"] == {"/big/first": 0}
    # too many to be named each
    config.merge({"big": {"many": {f"k{i}": i for i in range(3000)}}})
    assert json.loads(seen.line())["paths"] == {f"/big/many/k{i}": i for i in range(3000)}
    # and gone again: a signal names only the mapping that they were in
    config.reset("/big/many")
    told = json.loads(seen.line())
    assert told["paths"] == {} and len(told["removed"]) == 3000
    # too large for a signal
    config.set("/big/text", "x" * 100_000)
    assert json.loads(seen.line())["paths"] == {"/big/text": "x" * 100_000}
    assert seen.end() == []


def test_the_last_of_many_large_ones(watch, config):
    """They come faster than they are read, and the memory that is read is replaced on the way."""
    seen = watch("--json", "--initial", "/big")
    seen.line()
    for number in range(400):
        config.set("/big/text", f"{number} " + "x" * 60_000)
    config.set("/big/last", True)
    told = {}
    while "/big/last" not in told:
        told.update(json.loads(seen.line())["paths"])
    assert told["/big/text"].startswith("399 ")
    assert seen.end() == []


def test_a_signal_of_another_connection_is_ignored(watch, service, config):
    """A bus delivers a signal that any connection sends to a watcher by its name."""
    forger = connect(service.bus.address)

    def find_names():
        return {name for name in call_bus(forger, "ListNames").unpack()[0] if name.startswith(":")}

    others = find_names()
    seen = watch("--json", "--initial", "/chat/websocket/port")
    seen.line()
    (watcher,) = find_names() - others
    path = "/chat/websocket/port"
    # a version that the service sends no signal for, since no value changes
    assert config.set(path, 8000) == 1
    details = {"origin": GLib.Variant("s", "set"),
               "values": GLib.Variant("a{sv}", pack_entries({path: 6666}))}
    for version in (1, 1000):
        forger.emit_signal(
            watcher, service.path, INTERFACE, "ConfigChanged",
            GLib.Variant("(sasta{sv})", ("/chat/websocket/", [path], version, details)))
    forger.flush_sync(None)
    # the bus has passed them on before what it does from here on
    call_bus(forger, "GetId")
    config.set(path, 9000)
    assert json.loads(seen.line()) == {"version": 2, "paths": {path: 9000}, "removed": []}
    assert seen.end() == []
    forger.close_sync(None)


def test_a_restart(watch, service, online):
    online.prepare()
    seen = watch("--initial", "/chat/websocket/port")
    assert seen.line() == "/chat/websocket/port: 8000"
    service.kill()
    assert "left the bus" in seen.complaint()
    service.runtime.write_text("chat: {websocket: {port: 9000}}\n")
    config = service.start()
    assert "back" in seen.complaint()
    assert seen.line() == "/chat/websocket/port: 9000"
    config.set("/chat/websocket/port", 9001)
    assert seen.line() == "/chat/websocket/port: 9001"
    service.restart()
    service.client().set("/chat/websocket/port", 9002)
    assert seen.line() == "/chat/websocket/port: 9002"
    assert seen.end() == []


def test_the_bus_goes(watch, online, bus, service):
    seen = watch("--initial", "/chat/websocket/port")
    seen.line()
    service.kill()
    bus.stop()
    assert seen.ended(FAILED) == []
    assert any("the connection to the bus is closed" in line for line in list(seen.err.queue))


def test_nobody_reads(online, config):
    """As behind “| head -1”: it ends when it next has something to say."""
    process = subprocess.Popen(online.line(["watch", "--initial", "/chat/websocket/port"]),
                               cwd=online.folder, env=online.environment, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"/chat/websocket/port: 8000\n"
    process.stdout.close()
    config.set("/chat/websocket/port", 1)
    assert process.wait(DEADLINE) == -signal.SIGPIPE


def test_usage(online):
    online.fails(USAGE, "watch", "chat", words=["chat"])
    online.fails(USAGE, "watch", "/chat", "--", words=["COMMAND"])
    online.fails(USAGE, "watch", "/chat", "--", "/nonexistent/command", words=["/nonexistent"])
    online.fails(USAGE, "watch", "--nonsense")


# -------------------------------------------------------------------------------------- a command

# Writes what it was given, and waits for a file that lets it go on.
HOOK = """\
#!/bin/sh
echo start >> runs
cat >> paths
echo "$RUNCONF_VERSION" >> versions
while [ -e hold ]; do sleep 0.01; done
echo end >> runs
[ ! -e fail ] || exit 3
"""


def read_lines(path):
    return path.read_text().splitlines() if path.exists() else []


class Hook:
    """The command, and what it was given so far."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "hook"
        self.path.write_text(HOOK)
        self.path.chmod(0o755)

    def runs(self):
        return read_lines(self.folder / "runs")

    def paths(self):
        return [json.loads(line) for line in read_lines(self.folder / "paths")]

    def versions(self):
        return [int(line) for line in read_lines(self.folder / "versions")]


@pytest.fixture
def hook(online):
    return Hook(online.folder)


def start_with_hook(watch, hook, *paths):
    seen = watch("--initial", *paths, "--", str(hook.path))
    eventually(lambda: len(hook.runs()) == 2, "the first run")
    return seen


def test_a_command(watch, hook, config):
    seen = start_with_hook(watch, hook, "/chat/websocket", "/llm")
    assert sorted(hook.paths()[0]) == [
        "/chat/websocket/host", "/chat/websocket/port", "/llm/active", "/llm/temperature"]
    config.set("/features", [])
    version = config.set("/llm/active", "groq")
    eventually(lambda: len(hook.runs()) == 4, "the second run")
    assert hook.paths()[1:] == [["/llm/active"]]
    assert hook.versions()[1:] == [version]
    assert seen.end() == []


def test_never_two_at_once_and_none_missed(watch, hook, config, online):
    seen = start_with_hook(watch, hook, "/chat", "/x")
    hold = online.folder / "hold"
    hold.touch()
    config.set("/chat/websocket/port", 1)
    eventually(lambda: len(hook.runs()) == 3, "a run that goes on")
    for port in range(2, 50):
        config.set("/chat/websocket/port", port)
    version = config.set("/x", 1)
    seen.wait_until_received()
    assert len(hook.runs()) == 3
    hold.unlink()
    eventually(lambda: len(hook.runs()) == 6, "one run for all the rest")
    assert hook.paths()[1:] == [["/chat/websocket/port"], ["/chat/websocket/port", "/x"]]
    assert hook.versions()[-1] == version
    assert hook.runs() == ["start", "end"] * 3
    assert seen.end() == []


def test_a_command_that_fails(watch, hook, config, online):
    seen = start_with_hook(watch, hook, "/x")
    assert hook.paths() == [[]], "at the start it runs even if nothing is there"
    (online.folder / "fail").touch()
    config.set("/x", 1)
    complaint = seen.complaint()
    assert complaint.startswith("runconf: ") and "hook" in complaint and "3" in complaint
    config.set("/x", 2)
    assert "hook" in seen.complaint()
    hook.path.unlink()
    config.set("/x", 3)
    assert "hook" in seen.complaint()
    assert seen.end() == []


def test_a_command_that_does_not_read(watch, config):
    config.merge({"big": {f"key number {i}": i for i in range(20000)}})
    seen = watch("--initial", "/big", "--", "sh", "-c", "echo ran")
    assert seen.line() == "ran"
    config.set("/big/one", 1)
    assert seen.line() == "ran"
    assert seen.end() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_end_waits_for_the_command(watch, config, number):
    seen = watch("--initial", "/llm/active", "--", "sh", "-c",
                 "trap 'sleep 0.3; echo caught; exit 1' INT TERM; echo begun; "
                 "while :; do sleep 0.05; done")
    assert seen.line() == "begun"
    config.set("/llm/active", "groq")
    assert seen.end(number) == ["caught"]


def test_options_of_the_command_are_its_own(watch, config):
    seen = watch("--initial", "/llm/active", "--", "printf", "%s,%s,%s,%s,\\n", "--json", "-c", "--", "--initial")
    assert seen.line() == "--json,-c,--,--initial,"
    assert seen.end() == []


def test_offline_edits_by_hand_are_seen(offline, service):
    """There is nobody else who could change anything, but a hand."""
    watching = Watching(offline, "--initial", "/llm/active")
    try:
        assert watching.line() == "/llm/active: openrouter"
        service.runtime.write_text("llm: {active: groq}\n")
        assert watching.line() == "/llm/active: groq"
        assert watching.end() == []
    finally:
        watching.process.kill()
        watching.process.wait()


def test_how_soon(watch, config):
    """The line is there some milliseconds after the answer at the latest; see the benchmarks."""
    seen = watch("--initial", "/chat/websocket/port")
    seen.line()
    times = []
    for port in range(1, 100):
        config.set("/chat/websocket/port", port)
        answered = time.monotonic()
        assert seen.line() == f"/chat/websocket/port: {port}"
        times.append(time.monotonic() - answered)
    times.sort()
    print(f"after the answer: median {times[49] * 1e3:.2f} ms, worst {times[-1] * 1e3:.2f} ms")
    assert times[49] < 0.05, "a machine under load takes a few times as long"
