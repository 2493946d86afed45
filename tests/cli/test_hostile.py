# SPDX-License-Identifier: LGPL-2.1-or-later
"""Values and arguments that want to do harm."""

import json
import signal
import subprocess

import pytest

from command_testing import FAILED, NOT_FOUND, USAGE
from runconf_testing import Monitor

# a title for the window, a colour, a question that the terminal answers, and text that runs backwards
ESCAPES = "\x1b]0;mine\x07\x1b[31mred\x1b[6n\u202ereversed\x9b1m\x7f"


def test_escapes_go_to_no_terminal(cli):
    cli("set", "/a", json.dumps(ESCAPES), f"/{ESCAPES}", "1", "-m", f"x{ESCAPES}")
    for line in (["get", "/a"], ["get"], ["list"], ["list", "-r"], ["tree"], ["describe", "/a"],
                 ["dump"], ["dump", "-l", "overrides"], ["diff"], ["history"],
                 ["--json", "get"], ["--json", "history"], ["--json", "list"],
                 ["set", f"/{ESCAPES}", "2"], ["diff", "0"]):
        shown = cli.terminal("--color=never", *line)
        assert not set(shown) & set(ESCAPES) - set("minered0;[]631revsedmnalx"), (line, shown)
    shown = cli.terminal("--color=never", "get", f"/b{ESCAPES}", status=NOT_FOUND)
    assert "\x1b" not in shown and "\x9b" not in shown and "\u202e" not in shown
    assert "\\x1b" in cli.terminal("--color=never", "get", "/a")


def test_a_pipe_gets_the_bytes(cli):
    cli("set", "/a", json.dumps(ESCAPES))
    assert cli("get", "/a") == ESCAPES + "\n"
    assert cli.json("get", "/a") == ESCAPES


def test_errors_have_no_escapes_anywhere(cli):
    for line in (["get", f"/{ESCAPES}"], ["describe", f"/{ESCAPES}"], ["reset", f"/{ESCAPES}"]):
        cli.fails(NOT_FOUND, *line)
        assert "\x1b" not in cli.complaint and "\u202e" not in cli.complaint
    cli.fails(USAGE, ESCAPES)
    assert "\x1b" not in cli.complaint
    cli.fails(FAILED, "load", f"{ESCAPES}.yaml")
    assert "\x1b" not in cli.complaint


def test_lines_that_are_none(cli):
    """A line of a table or of a list of differences is one line, whatever is in it."""
    cli("set", "/a", '"x\\ny"', "/b\nc", "1", "-m", "first\nsecond\ttab")
    assert len(cli.lines("history")) == 2
    assert len(cli.lines("diff")) == 2
    assert len(cli.lines("tree", "/a")) == 1
    assert len(cli.lines("set", "/b\nc", "2")) == 1
    cli.fails(NOT_FOUND, "get", "/no\nsuch")
    assert len(cli.complaint.splitlines()) == 1
    assert cli.json("list")[-2:] == ["a", "b\nc"]


@pytest.mark.parametrize("text", [
    "a" * 100_000, "[" + "1, " * 20_000 + "1]", "|\n" + " x\n" * 1000, "'" + "é" * 50_000 + "'",
], ids=["letters", "items", "lines", "accents"])
def test_large_values(cli, text):
    cli("set", "/big", text)
    assert cli("get", "/big")
    assert cli("tree") and cli("diff") and cli("history") and cli("describe", "/big")
    assert max(map(len, cli.terminal("--color=never", "tree").splitlines())) <= 80


def test_what_is_too_large_or_too_deep(cli):
    cli.fails(USAGE, "set", "/a", "[" * 100 + "]" * 100)
    cli.fails(USAGE, "get", "/a" * 100, words=["too deep"])
    cli.fails(FAILED, "load", "-", text="a: " + "x" * (17 << 20), words=["16 MiB"])
    cli.fails(FAILED, "merge", "-f", "/dev/zero", words=["16 MiB"])


@pytest.mark.parametrize("name", ["empty", "a b", "'quoted'", "# no comment", "~", "null", "1"])
def test_odd_keys(cli, name):
    key = "" if name == "empty" else name.replace("~", "~0")
    cli("set", f"/odd/{key}", "1")
    assert cli("get", f"/odd/{key}") == "1\n"
    assert cli("list", "-r", "/odd") == f"/odd/{key}\n"
    assert cli("diff") == f"+ /odd/{key}: 1\n"


def test_options_as_values(cli):
    cli("set", "--", "/a", "--json", "/b", "-q")
    assert cli("get", "/a") == "--json\n" and cli("get", "/b") == "-q\n"
    cli.fails(USAGE, "set", "/a", "--jsn", words=["--jsn"])


def test_a_reader_that_goes(cli):
    cli("load", "-", text="".join(f"key{i}: {i}\n" for i in range(50_000)))
    process = subprocess.Popen(cli.line(["dump"]), env=cli.environment, cwd=cli.folder,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(20) in (FAILED, -signal.SIGPIPE)
    assert b"CRITICAL" not in process.stderr.read()
    process.stderr.close()


def test_a_service_that_dies_meanwhile(online):
    online.prepare()
    online.service.process.send_signal(signal.SIGSTOP)
    with Monitor(online.service.bus.address) as monitor:
        process = subprocess.Popen(online.line(["get", "/llm/active"]), env=online.environment,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        monitor.wait_for_calls("Get", 1)
    online.service.kill()
    told, complaint = process.communicate(timeout=20)
    assert (process.returncode, told) == (FAILED, "") and complaint.startswith("runconf: ")
    assert len(complaint.splitlines()) == 1


def test_not_found_in_other_locales(cli):
    """Bytes go in and come out the same, whatever the locale takes them for."""
    for locale in ("C", "POSIX", "C.UTF-8", "nonsense"):
        cli("set", "/größe", "schön", "-m", "für dich", LC_ALL=locale)
        assert cli("get", "/größe", LC_ALL=locale) == "schön\n"
        assert "schön" in cli("tree", LC_ALL=locale)
        cli.fails(NOT_FOUND, "get", "/größ", LC_ALL=locale, words=["/größe?"])
