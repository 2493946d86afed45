# SPDX-License-Identifier: LGPL-2.1-or-later
"""What holds for every verb: options, help, mistakes, and where it finds its configuration."""

import subprocess

import pytest

from command_testing import FAILED, NOT_FOUND, USAGE

VERBS = ["get", "list", "tree", "describe", "set", "merge", "reset", "load", "dump", "diff",
         "history", "revert", "confirm", "status", "configurations"]


def test_help_tells_all_verbs(command):
    told = command("help")
    assert command("--help") == told == command("-h")
    for verb in VERBS:
        assert f"\n  {verb} " in told


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb(command, verb):
    told = command("help", verb)
    assert told.startswith(f"Usage:\n  runconf {verb} ")
    assert told == command(verb, "--help") == command(verb, "-h") == command("--help", verb)
    assert "\n  --offline=FILE" in told
    # an example
    assert any(f" {verb}" in line for line in told.splitlines()[1:] if line.startswith("  runconf "))


def test_options_that_make_no_sense_with_a_verb(command):
    assert "\n  --version " in command("help")
    assert "--version" not in command("help", "get")


def test_help_wants_no_arguments(command):
    assert "PATH VALUE" in command("set", "--help")


def test_version(command):
    assert command("--version").startswith("runconf 1.")
    command.fails(USAGE, "get", "--version", words=["--version"])


@pytest.mark.parametrize("arguments, words", [
    ([], ["no verb", "runconf help"]),
    (["gte"], ["“gte”", "“get”"]),
    (["hitsory"], ["“hitsory”", "“history”"]),
    (["frobnicate"], ["“frobnicate”", "runconf help"]),
    (["help", "sett"], ["“sett”", "“set”"]),
    (["get", "/a", "/b"], ["too many arguments", "runconf get [PATH]"]),
    (["set"], ["too few arguments", "PATH VALUE"]),
    (["set", "/a"], ["too few arguments"]),
    (["set", "/a", "1", "/b"], ["/b", "value is missing"]),
    (["status", "/a"], ["“status” takes none"]),
    (["get", "--frobnicate"], ["--frobnicate"]),
    (["--frobnicate", "get"], ["--frobnicate"]),
    (["get", "-z"], ["-z"]),
    (["--session", "--system", "get"], ["--session", "exclude"]),
    (["--session", "get", "--offline", "x"], ["--offline", "exclude"]),
    (["get", "--defaults", "x"], ["--defaults", "--offline"]),
    (["get", "--color", "maybe"], ["--color=maybe", "“never”"]),
    (["get", "chat"], ["chat: not a JSON Pointer", "“/chat”"]),
    (["get", "/a~b"], ["“~0”"]),
    (["list", "chat"], ["JSON Pointer"]),
    (["describe", "chat"], ["JSON Pointer"]),
    (["tree", "chat"], ["JSON Pointer"]),
    (["dump", "chat"], ["JSON Pointer"]),
    (["history", "chat"], ["JSON Pointer"]),
    (["reset", "/a", "chat"], ["JSON Pointer"]),
    (["set", "chat", "1"], ["JSON Pointer"]),
    (["merge", "--at", "chat", "a: 1"], ["JSON Pointer"]),
    (["set", "/a", "[1"], ["/a:1:", "]"]),
    (["set", "/a", "1", "--if-version", "x"], ["“x”", "number"]),
    (["set", "/a", "1", "--if-version", "-1"], ["“-1”"]),
    (["set", "/a", "1", "--confirm-timeout", "soon"], ["soon", "10m"]),
    (["set", "/a", "1", "--confirm-timeout", "0"], ["0"]),
    (["set", "/a", "1", "--confirm-timeout", "31d"], ["31d", "30 days"]),
    (["merge"], ["TEXT", "--file"]),
    (["merge", "a: 1", "--file", "x"], ["TEXT", "--file"]),
    (["merge", "[1]"], ["sequence", "mapping"]),
    (["merge", "a: ["], ["1:"]),
    (["dump", "--layer", "all"], ["all", "“overrides”"]),
    (["dump", "--version", "new"], ["“new”"]),
    (["history", "--limit", "0"], ["--limit 0"]),
    (["history", "--since", "x"], ["“x”"]),
    (["revert", "x"], ["“x”"]),
    (["confirm", "1.5"], ["“1.5”"]),
    (["diff", "1", "x"], ["“x”"]),
])
def test_wrong_usage(command, arguments, words):
    """It is told before anybody is asked: here is nobody who could be."""
    assert len(command.fails(USAGE, *arguments, words=words)) == 1


def test_options_stand_anywhere(online):
    online.prepare()
    address = ["--address", online.service.bus.address]
    online.options = []
    for line in ([*address, "--json", "get", "/llm/active"],
                 ["get", *address, "--json", "/llm/active"],
                 ["get", "/llm/active", *address, "--json"],
                 [*address, "get", "--json", "--", "/llm/active"]):
        assert online(*line) == '"openrouter"\n'


def test_the_later_option_counts(online):
    online.prepare()
    assert online("-c", "other", "get", "-c", "default", "/llm/active") == "openrouter\n"


def test_the_name_of_the_configuration(online):
    assert online("get", "/llm/active", RUNCONF_CONFIGURATION="default") == "openrouter\n"
    assert online("get", "/llm/active", RUNCONF_CONFIGURATION="") == "openrouter\n"
    online.fails(NOT_FOUND, "get", RUNCONF_CONFIGURATION="other", words=["“other”", "“default”"])
    assert online("-c", "default", "get", "/llm/active", RUNCONF_CONFIGURATION="other") \
        == "openrouter\n"


@pytest.mark.parametrize("line", [
    ["get", "/a"], ["list"], ["tree"], ["describe", "/a"], ["set", "/a", "1"], ["merge", "a: 1"],
    ["reset", "/a"], ["dump"], ["diff"], ["diff", "0"], ["history"], ["revert", "1"],
    ["confirm", "1"], ["status"],
])
def test_no_such_configuration(online, line):
    online.fails(NOT_FOUND, "-c", "defualt", *line, words=["“defualt”", "“default”"])


@pytest.mark.parametrize("name", ["", "a/b", "ä", "a" * 65])
def test_no_name_of_a_configuration(online, name):
    online.fails(FAILED, "-c", name or "/", "get", words=["can't be the name of a configuration"])


@pytest.mark.parametrize("options", [["--system"], ["--session"], [],
                                     ["--address", "unix:path=/nonexistent"]])
def test_no_bus(command, options):
    command.fails(FAILED, *options, "get", "/a", words=["the bus can't be reached"])


def test_no_service(service, online):
    online.prepare = lambda: None
    for line in (["get", "/a"], ["set", "/a", "1"], ["configurations"], ["status"], ["dump"]):
        online.fails(FAILED, *line)


def test_the_buses(online):
    online.prepare()
    address = online.service.bus.address
    online.options = []
    assert online("get", "/llm/active", DBUS_SYSTEM_BUS_ADDRESS=address) == "openrouter\n"
    assert online("--session", "get", "/llm/active", DBUS_SESSION_BUS_ADDRESS=address) \
        == "openrouter\n"


def test_output_that_cannot_be_written(cli):
    cli.prepare()
    with open("/dev/full", "wb") as full:
        done = subprocess.run(cli.line(["get"]), env=cli.environment, stdout=full,
                              stderr=subprocess.PIPE, check=False, cwd=cli.folder)
    assert done.returncode == FAILED
    assert b"standard output can't be written" in done.stderr


def test_color(cli):
    cli("set", "/llm/active", "groq")
    plain = cli("tree", "/llm")
    assert "\x1b" not in plain
    assert "\x1b[" in cli("--color=always", "tree", "/llm")
    assert "\x1b[" in cli("--color=always", "tree", "/llm", NO_COLOR="1")


def test_color_on_a_terminal(cli):
    cli("set", "/llm/active", "groq")
    assert "\x1b[" in cli.terminal("tree", "/llm")
    assert "\x1b[" in cli.terminal("tree", "/llm", NO_COLOR="")
    assert "\x1b" not in cli.terminal("tree", "/llm", NO_COLOR="1")
    assert "\x1b" not in cli.terminal("--color=never", "tree", "/llm")
    assert "\x1b" not in cli.terminal("tree", "/llm", TERM="dumb")
    assert "\x1b" not in cli.terminal("--color=never", "get", "/nothing", status=NOT_FOUND)
