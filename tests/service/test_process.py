# SPDX-License-Identifier: LGPL-2.1-or-later
"""The process: its options, how it starts and ends, and what it says when it can't."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys

import pytest
from runconf_testing import (BUS_NAME, DEADLINE, DEFAULT_VALUES, DBusDaemon, Refusal, Service,
                             both_buses, check_refusal, daemon_path, eventually,
                             private_mounts, require_root)


def run(*arguments, environment=None):
    """Runs a daemon that ends by itself."""
    return subprocess.run(
        [str(daemon_path()), *map(str, arguments)], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=DEADLINE,
        env={**os.environ, "G_DEBUG": "fatal-criticals", **(environment or {})},
    )


# ------------------------------------------------------------------------------------ options


def test_version():
    done = run("--version")
    assert done.returncode == 0
    assert done.stdout.split()[0] == "runconfd"
    assert done.stdout.split()[1][0].isdigit()
    assert done.stderr == ""


def test_help():
    done = run("--help")
    assert done.returncode == 0
    for option in ("--defaults", "--runtime", "--name", "--session", "--system", "--address",
                   "--peer", "--root", "--on-corrupt", "--no-watch", "--version"):
        assert option in done.stdout


@pytest.mark.parametrize("option", ["--nonsense", "--on-corrupt=perhaps", "--name=../x", "--name=",
                                    "--name=.hidden", "--name=a b", "--name=" + "x" * 65,
                                    "surplus"])
def test_unknown_options_and_values(service, option):
    assert option.partition("=")[0] in service.fails(option)
    assert not service.runtime.exists()


@pytest.mark.parametrize("missing", ["--defaults", "--runtime"])
def test_files_are_needed(service, missing):
    files = {"--defaults": service.defaults, "--runtime": service.runtime}
    del files[missing]
    done = run(*[word for pair in files.items() for word in pair],
               "--address", service.bus.address)
    assert done.returncode > 0
    assert missing.removeprefix("--") in done.stderr


@pytest.mark.parametrize("name, path", [
    ("default", "default"),
    ("web-server", "web_2dserver"),
    ("a.b_c", "a_2eb_5fc"),
    ("2nd", "_32nd"),
    ("X" * 64, "X" * 64),
])
def test_the_name_makes_the_path(bus, scratch, name, path):
    service = Service(bus, scratch / "service", name=name)
    config = service.start()
    assert config.path == f"/org/runconf/Config1/{path}"
    assert config.get("/llm/active") == "openrouter"
    assert config.get_property("Name") == name
    service.close()


@pytest.mark.parametrize("kind", ["session", "system", "default"])
@both_buses
def test_the_usual_buses(service, kind):
    other = "DBUS_SYSTEM_BUS_ADDRESS" if kind == "session" else "DBUS_SESSION_BUS_ADDRESS"
    option = [] if kind == "default" else [f"--{kind}"]

    def command(*options):
        return ["env", f"{other}=unix:path=/nowhere", str(daemon_path()), *option,
                "--defaults", str(service.defaults), "--runtime", str(service.runtime)]

    service.command = command
    assert service.start().get() == DEFAULT_VALUES


def test_the_overrides_need_a_file_of_their_own(service):
    service.runtime = service.defaults
    assert "the same file" in service.fails()


def test_two_buses_are_refused(service):
    service.fails("--session", "--system")


def test_paths_relative_to_the_working_folder(service):
    service.runtime, absolute = service.runtime.relative_to(service.folder), service.runtime
    try:
        config = service.start()
        config.set("/a", 1)
        assert absolute.exists()
        assert config.get_property("RuntimeConfigPath").endswith("var/runtime_config.yaml")
    finally:
        service.runtime = absolute


# ------------------------------------------------------------------------------------ failing


def test_missing_defaults(service):
    service.defaults.unlink()
    assert str(service.defaults) in service.fails()
    assert not service.runtime.exists()


def test_invalid_defaults(service):
    service.defaults.write_text("a: 1\nb: [\n")
    message = service.fails()
    assert f"{service.defaults}:" in message
    assert not service.runtime.exists()


def test_a_folder_in_place_of_the_defaults(service):
    service.defaults.unlink()
    service.defaults.mkdir()
    assert str(service.defaults) in service.fails()


def reads_and_cannot_write(config, place):
    """What can't be stored is served all the same, and everybody is told."""
    assert config.state == "degraded"
    assert str(place) in config.state_message
    assert config.get() == DEFAULT_VALUES
    with pytest.raises(Refusal) as caught:
        config.set("/a", 1)
    check_refusal(caught.value, "StorageFailed", [str(place)])
    assert config.get() == DEFAULT_VALUES
    assert config.version == 0


def test_a_folder_in_place_of_the_overrides(service):
    service.expect("runtime_config.yaml")
    service.runtime.mkdir()
    config = service.start()
    reads_and_cannot_write(config, service.runtime)
    service.runtime.rmdir()
    eventually(lambda: config.state == "ok")
    assert config.set("/a", 1) == 1


def test_a_folder_that_is_not_there(service):
    service.expect("runtime_config.yaml")
    service.var.rmdir()
    config = service.start()
    reads_and_cannot_write(config, service.var)
    service.var.mkdir()
    assert config.set("/a", 1) == 1
    eventually(lambda: config.state == "ok")


def test_a_folder_that_cannot_be_written(unprivileged):
    service = unprivileged
    service.expect("runtime_config.yaml")
    service.var.chmod(0o555)
    config = service.start()
    reads_and_cannot_write(config, service.var)
    service.var.chmod(0o755)
    assert config.set("/a", 1) == 1
    eventually(lambda: config.state == "ok")


def test_no_bus(service):
    address = f"unix:path={service.folder}/nothing"
    assert f"{service.folder}/nothing" in service.fails("--address", address)


def test_what_is_no_address(service):
    assert "nonsense" in service.fails("--address", "nonsense")


@both_buses
def test_the_name_is_taken(config, service, bus, scratch):
    other = Service(bus, scratch / "other")
    assert BUS_NAME in other.fails()
    # the first one goes on
    assert config.set("/a", 1) == 1


def test_the_files_are_taken(config, service, scratch):
    """Two daemons on two buses may not serve the same overrides."""
    folder = scratch / "bus2"
    folder.mkdir()
    bus = DBusDaemon(folder)
    bus.start()
    try:
        other = Service(bus, scratch / "other")
        other.defaults, other.runtime = service.defaults, service.runtime
        assert str(service.runtime) in other.fails()
    finally:
        bus.stop()
    assert config.set("/a", 1) == 1
    service.restart()


# ------------------------------------------------------------------------------------- ending


@both_buses
def test_term(config, service):
    config.set("/a", 1)
    service.stop()
    assert service.runtime.exists()


def test_term_right_after_the_start(service):
    for _ in range(10):
        service.start()
        service.stop()


def test_term_while_an_edit_is_being_looked_at(config, service):
    service.expect("runtime_config.yaml")
    service.runtime.write_text("a: [")
    service.stop()


def test_interrupt(config, service):
    service.process.send_signal(signal.SIGINT)
    assert service.wait() == 0


@both_buses
def test_the_bus_goes_away(config, service, bus):
    service.expect("bus")
    config.set("/a", 1)
    bus.stop()
    assert service.wait() == 1
    assert "bus" in service.log()


def test_the_bus_goes_away_amid_writes(config, service, bus):
    service.expect("bus")
    for number in range(50):
        config.set_later("/n", number)
    config.get("/llm/active")
    bus.stop()
    assert service.wait() == 1
    bus.socket.unlink(missing_ok=True)
    bus.start()
    config = service.start()
    assert config.state == "ok"
    if config.version > 0:
        assert config.get("/n") == config.version - 1


def test_the_name_is_free_after_the_end(config, service, bus, scratch):
    service.stop()
    other = Service(bus, scratch / "other")
    other.start()
    other.close()


def test_no_descriptor_leaks(config, service):
    config.set("/a", 0)
    before = len(service.descriptors())
    for number in range(200):
        config.set("/a", number)
    eventually(lambda: len(service.descriptors()) <= before + 3)


def test_memory_does_not_grow_with_writes(service):
    # a sanitizer keeps what is freed for a while
    sanitizer = os.environ.get("ASAN_OPTIONS", "")
    service.environment["ASAN_OPTIONS"] = f"{sanitizer}:quarantine_size_mb=1".lstrip(":")
    config = service.start()

    def resident():
        with open(f"/proc/{service.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    for number in range(200):
        config.set("/a", number)
    before = resident()
    for number in range(600):
        config.set("/a", number)
    assert resident() - before < 4 * 1024 * 1024


def test_answers_at_once_when_the_name_is_there(service):
    """Whoever waits for the name may call."""
    for _ in range(5):
        assert service.start().get("/llm/active") == "openrouter"
        service.stop()


def test_the_limit_of_open_files_is_raised(service):
    service.start(prefix=["prlimit", "--nofile=100:200"])
    limits = pathlib.Path(f"/proc/{service.process.pid}/limits").read_text()
    assert re.search(r"Max open files\s+200\s+200\s", limits), limits


@pytest.fixture
def german(scratch):
    """An environment in which GLib translates its messages into German."""
    # newer versions of glibc translate nothing in C.UTF-8: the test uses a copy of it under another name
    shutil.copytree("/usr/lib/locale/C.utf8", scratch / "locales" / "en_US.utf8")
    environment = {"LOCPATH": str(scratch / "locales"), "LC_ALL": "en_US.UTF-8", "LANGUAGE": "de"}
    translated = subprocess.run(["gdbus", "nonsense"], env={**os.environ, **environment},
                                capture_output=True, text=True, check=False)
    assert "Aufruf" in translated.stderr, translated.stderr
    return environment


def test_messages_are_english_in_every_locale(service, german):
    service.environment.update(german)
    assert "Unknown option --nonsense" in service.fails("--nonsense")
    assert "Could not connect" in service.fails("--address", f"unix:path={service.folder}/nothing")


# runs a command as one of a service manager, whose errors go to a journal; here that is a socket
JOURNALLED = """
import os, socket, sys
os.makedirs("/run/systemd/journal")
os.symlink(sys.argv[1], "/run/systemd/journal/socket")
listener = socket.socket(socket.AF_UNIX)
listener.bind("/run/systemd/journal/stdout")
listener.listen()
listener.set_inheritable(True)
stream = socket.socket(socket.AF_UNIX)
stream.connect("/run/systemd/journal/stdout")
os.dup2(stream.fileno(), 2)
os.execvp(sys.argv[2], sys.argv[2:])
"""


def read_entry(data):
    """The fields of what was sent to a journal: lines, or where there are newlines in it, a length."""
    fields = {}
    while data:
        name, _, rest = data.partition(b"\n")
        if b"=" in name:
            name, _, value = name.partition(b"=")
            data = rest
        else:
            size = int.from_bytes(rest[:8], "little")
            value, data = rest[8:8 + size], rest[8 + size + 1:]
        fields[name.decode()] = value.decode()
    return fields


@pytest.fixture
def journalled(service, scratch):
    """Starts a daemon whose log goes to a journal; the result reads the next entry."""
    require_root()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(scratch / "journal"))
        journal.settimeout(DEADLINE)

        def start():
            config = service.start(prefix=[
                *private_mounts(scratch), "bash", "-ec", 'mount -t tmpfs tmpfs /run; exec "$@"',
                "bash", sys.executable, "-c", JOURNALLED, str(scratch / "journal")])
            return config, lambda: read_entry(journal.recv(1 << 16))

        yield start


def test_each_change_is_an_entry_of_the_journal_with_fields(service, journalled):
    service.environment["G_MESSAGES_DEBUG"] = "runconf"
    config, read = journalled()
    for number in (1, 2):
        config.set("/chat/websocket/port", number)
    entries = []
    while [entry["RUNCONF_VERSION"] for entry in entries] != ["1", "2"]:
        entry = read()
        if "RUNCONF_PATH" in entry:
            entries.append(entry)
    for entry in entries:
        assert entry["RUNCONF_CONFIGURATION"] == "default"
        # the prefix, as in ConfigChanged
        assert entry["RUNCONF_PATH"] == "/chat/websocket/"
        assert entry["PRIORITY"] == "6"


def test_changes_are_logged_only_on_request(service, journalled):
    service.expect("runtime_config.yaml")
    config, read = journalled()
    config.set("/llm/active", "groq")
    # a message that is always logged comes after the change
    service.runtime.write_text("a: [")
    entries = [read()]
    while "runtime_config.yaml:1:5" not in entries[-1]["MESSAGE"]:
        entries.append(read())
    assert not [entry for entry in entries if entry["PRIORITY"] == "6"]
    assert not [entry for entry in entries if "/llm/active" in entry["MESSAGE"]]


def test_what_a_key_is_called_makes_no_line_of_the_journal(service, journalled):
    key = "a\n<3>forged: line\r\x1b[2J\u2028"
    service.environment["G_MESSAGES_DEBUG"] = "runconf"
    config, read = journalled()
    config.set("/" + key, {"b": {"c": 1, "d": 2}})
    messages = []
    while not any("forged" in message for message in messages):
        messages.append(read()["MESSAGE"])
    assert all(message.isprintable() for message in messages), messages
