# SPDX-License-Identifier: LGPL-2.1-or-later
"""Wrong input of the command: each message says what is wrong, where, and what would be right."""

import os
import pathlib
import pty
import resource
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import termios

import pytest

from command_testing import DENIED, FAILED, USAGE
from etcd_testing import Etcd, free_port
from fleet_testing import Fleet
from runconf_testing import DEADLINE, eventually


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("arguments, words", [
    (["set", "/a", "1"], ["--all, --group GROUP or --host HOST"]),
    (["set", "--all", "--host", "h", "/a", "1"], ["exclude each other"]),
    (["set", "--group", "web/1", "/a", "1"], ["the group “web/1”", "no slash"]),
    (["set", "--host", "", "/a", "1"], ["the host “”"]),
    (["set", "--host", "web-*", "/a", "1"], ["the host “web-*”"]),
    (["set", "--all", "-c", "a/b", "/a", "1"], ["the configuration “a/b”", "no slash"]),
    (["set", "--all", "/a"], ["usage: runconf fleet set"]),
    (["set", "--all", "/a", "1", "/b"], ["/b: the value is missing"]),
    (["set", "--all", "a", "1"], ["begins with"]),
    (["set", "--all", "/a", "#1"], ["comment", "--string"]),
    (["set", "--all", "/a", "1", "--wait=0"], ["--wait=0", "--wait=90%"]),
    (["set", "--all", "/a", "1", "--wait=101%"], ["--wait=101%"]),
    (["set", "--all", "/a", "1", "--wait", "--timeout", "x"], ["--timeout x"]),
    (["merge", "--all", "[1]"], ["only a mapping"]),
    (["merge", "--all"], ["--file"]),
    (["status", "x"], ["too many arguments"]),
    (["sett", "--all"], ["no verb “sett”", "“set”"]),
    (["quux"], ["runconf fleet help"]),
    ([], ["no verb is given"]),
    (["--prefix", "x", "status"], ["--prefix"]),
    (["--color", "x", "status"], ["--color"]),
    (["--endpoints", "ftp://x", "status"], ["--endpoints", "https://"]),
    (["--endpoints", "http://u:geheim@x:1", "status"], ["--endpoints"]),
    (["--password-file", "x", "status"], ["--user"]),
    (["group", "a/b", "x"], ["the group “a/b”"]),
    (["group", "web"], ["'web-*'"]),
    (["group", "web", "x/y"], ["x/y"]),
    (["group", "web", "x", "--remove"], ["no patterns"]),
])
def test_wrong_usage(fleet, arguments, words):
    fleet.fails(USAGE, *arguments, words=words)
    assert "geheim" not in fleet.complaint
    assert fleet.list() == {}


@pytest.mark.parametrize("text, words", [
    ("a: [1\n", ["new.yaml:2:1"]),
    ("- 1\n", ["new.yaml:1:1", "mapping"]),
    ("a: 1\nb: 2\na: 3\n", ["new.yaml:3:1", "a"]),
    ("a: \xff\n".encode("latin-1"), ["new.yaml:1:4"]),
    ("a: &x [1]\nb: *y\n", ["new.yaml:2:4"]),
])
def test_no_document(fleet, text, words):
    path = fleet.folder / "new.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    fleet.fails(FAILED, "load", "--all", "new.yaml", words=words)
    assert fleet.list() == {}


def test_a_file_that_is_not_there(fleet):
    fleet.fails(FAILED, "load", "--all", "nothing.yaml", words=["nothing.yaml"])


def test_too_large_for_etcd(fleet):
    large = "".join(f"k{i}: {'x' * 1000}\n" for i in range(1600))
    fleet.fails(FAILED, "load", "--all", "-", text=large, words=["config/default/all", "bytes", "groups or hosts"])
    assert fleet.list() == {}


def test_as_large_as_etcd_takes(fleet):
    """Beside it the entry of the history has room for little."""
    large = "".join(f"k{i}: {'x' * 1000}\n" for i in range(1500))
    fleet("load", "--all", "-", text=large)
    fleet("load", "--all", "-", text=large.replace("x", "y"))
    assert fleet.document() == large.replace("x", "y")
    assert all(entry["whole"] is False for entry in fleet.entries() if entry["before"])


def test_a_broken_document_in_etcd(fleet):
    fleet.put("config/default/all", "a: [1\n")
    fleet.fails(FAILED, "set", "--all", "/a", "1", words=["config/default/all:2:1", "runconf fleet load --all"])
    assert fleet("get", "--all") == "a: [1\n"
    fleet("load", "--all", "-", text="a: 1\n")
    assert fleet.document() == "a: 1\n"
    assert fleet.entries()[0]["text"] == "a: [1\n"


# -------------------------------------------------------------------------------------- how etcd is reached


def test_no_endpoint_is_known(fleet):
    fleet.options = ["fleet"]
    fleet.fails(USAGE, "status", words=["--endpoints", "endpoints: [https://HOST:2379]", "runconf/fleet.yaml"])


def test_an_endpoint_that_is_not_there(fleet):
    fleet.options = ["fleet", "--endpoints", f"http://127.0.0.1:{free_port()}"]
    fleet.fails(FAILED, "get", "--all", words=[fleet.options[2], "--endpoints"])


def test_an_endpoint_that_is_a_proxy(fleet):
    """etcd's own tier of proxies has no JSON gateway."""
    port = free_port()
    fleet.options = ["fleet", "--endpoints", f"http://127.0.0.1:{port}", "--prefix", "/p/"]
    proxy = subprocess.Popen(["etcd", "grpc-proxy", "start", f"--endpoints={fleet.store.url}",
                              f"--listen-addr=127.0.0.1:{port}"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: is_open(port), "the proxy serves")
        fleet.fails(FAILED, "get", "--all", words=[fleet.options[2], "no JSON gateway", "member of etcd"])
    finally:
        proxy.kill()
        proxy.wait(DEADLINE)


def test_one_of_several_endpoints_is_there(fleet):
    fleet.options[2] = f"http://127.0.0.1:{free_port()},{fleet.store.url}"
    fleet("set", "--all", "/a", "1")
    assert fleet.document() == "a: 1\n"


def test_settings_in_a_file(fleet):
    config = fleet.folder / "config" / "runconf" / "fleet.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(f"endpoints: ['{fleet.store.url}']\nprefix: {fleet.prefix_of_keys}\n")
    fleet.options = ["fleet"]
    fleet("set", "--all", "/a", "1")
    assert fleet.document() == "a: 1\n"
    config.write_text(f"endpoints: ['{fleet.store.url}']\nprefx: /x/\n")
    fleet.fails(FAILED, "status", words=["fleet.yaml:2:1", "prefx"])
    config.write_text("endpoints: nonsense\n")
    fleet.fails(FAILED, "status", words=["fleet.yaml:1:", "https://"])
    fleet.fails(FAILED, "--config", "other.yaml", "status", words=["other.yaml"])


# --------------------------------------------------------------------------------------------------- rights


@pytest.fixture(scope="module", name="guarded")
def make_guarded():
    """An etcd with users: “writer” may do everything below /runconf/, “reader” may read."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="runconf-"))
    member = Etcd(folder).start()
    member.guard(reader={"/runconf/": "READ"}, writer={"/runconf/": "READWRITE"})
    yield member
    member.close()
    shutil.rmtree(folder)


@pytest.fixture(name="as_user")
def make_as_user(guarded, tmp_path):
    def make(user, password=None):
        mine = Fleet(tmp_path, guarded)
        mine.options = ["fleet", "--endpoints", guarded.url]
        if user is not None:
            (tmp_path / "password").write_text(password or f"pass-{user}\n")
            mine.options += ["--user", user, "--password-file", "password"]
        return mine

    return make


def test_a_role_that_only_reads(as_user):
    writer = as_user("writer")
    writer("set", "--all", "/a", "1")
    reader = as_user("reader")
    assert reader("get", "--all") == "a: 1\n"
    reader.fails(DENIED, "set", "--all", "/a", "2", words=["reader", "/runconf/", "role"])
    reader.fails(DENIED, "group", "web", "x", words=["reader"])
    assert reader("get", "--all") == "a: 1\n"
    assert reader.json("history", "--all")[0]["author"] == "writer"
    reader("status")


def test_a_wrong_password(as_user):
    mine = as_user("writer", "geheim\n")
    mine.fails(DENIED, "get", "--all")
    assert "geheim" not in mine.complaint


def test_no_user(as_user):
    as_user(None).fails(DENIED, "get", "--all", words=["--user"])


def test_no_password(as_user):
    mine = as_user("writer")
    mine.options = mine.options[:-2]
    mine.prefix = ["setsid"]
    mine.fails(USAGE, "get", "--all", words=["writer", "--password-file"])
    (mine.folder / "password").write_text("\n")
    mine.fails(FAILED, "--password-file", "password", "get", "--all", words=["password", "first line"])


def test_a_password_in_the_name_of_a_user(fleet):
    """As etcdctl takes it; the message doesn't repeat it."""
    fleet.fails(USAGE, "--user", "root:geheim", "get", "--all", words=["--user", "password-file"])
    assert "geheim" not in fleet.complaint


def test_a_password_that_others_can_read(fleet):
    (fleet.folder / "password").write_text("geheim\n")
    fleet.options = ["fleet", "--endpoints", "http://0.0.0.0:1", "--user", "anna", "--password-file", "password"]
    fleet.fails(FAILED, "get", "--all", words=["http://0.0.0.0:1", "“anna”", "https://"])
    assert "geheim" not in fleet.complaint


def test_a_password_from_the_terminal(as_user):
    """The terminal doesn't show it."""
    mine = as_user("writer")
    mine("set", "--all", "/a", "5")
    mine.options = mine.options[:-2]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(mine.folder)
        os.execve(mine.program, mine.line(["get", "--all", "/a"]), mine.environment)
    seen, is_typed = b"", False
    while select.select([terminal], [], [], DEADLINE)[0]:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        seen += piece
        if b"writer: " in seen and not is_typed:
            os.write(terminal, b"pass-writer\n")
            is_typed = True
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen
    os.close(terminal)
    assert seen.decode().replace("\r", "") == "Password of the etcd user writer: \n5\n"


def test_a_password_that_is_renewed_while_a_command_runs(guarded, as_user):
    """“keep” has no end, and takes up the work again with the new one."""
    guarded.call("auth/user/add", name="keeper", password="pass-keeper")
    guarded.call("auth/user/grant", user="keeper", role="writer")
    mine = as_user("keeper")
    with mine.start("keep") as command:
        def says(words):
            return select.select([command.stderr], [], [], 2 * DEADLINE)[0] and words in command.stderr.readline()

        try:
            guarded.authenticate()
            guarded.call("auth/user/changepw", name="keeper", password="next")
            guarded.authenticate()
            assert says("authentication failed")
            (mine.folder / "password").write_text("next\n")
            guarded.put("/runconf/rollout/default/all", "{")
            assert says("rollout/default/all")
        finally:
            command.kill()
            guarded.delete("/runconf/rollout/default/all")


@pytest.mark.parametrize("key, number", [(b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)])
def test_a_terminal_shows_again_what_is_typed(as_user, key, number):
    """The key ends the question for the password."""
    mine = as_user("writer")
    mine.options = mine.options[:-2]
    pid, terminal = pty.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.execve(mine.program, mine.line(["get", "--all", "/a"]), mine.environment)
    seen = b""
    while b"writer: " not in seen:
        seen += os.read(terminal, 4096)
    assert not termios.tcgetattr(terminal)[3] & termios.ECHO
    os.write(terminal, key)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -number
    assert termios.tcgetattr(terminal)[3] & termios.ECHO
    os.close(terminal)
