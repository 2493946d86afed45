# SPDX-License-Identifier: LGPL-2.1-or-later
"""get, list, tree, describe, dump, status and configurations."""

import json

import pytest
import yaml

from command_testing import NOT_FOUND
from runconf_testing import DEFAULTS

VALUES = yaml.safe_load(DEFAULTS)


@pytest.mark.parametrize("path, text", [
    ("/llm/active", "openrouter"),
    ("/chat/websocket/port", "8000"),
    ("/llm/temperature", "0.7"),
    ("/logging/debug", "false"),
    ("/logging/file", "null"),
    ("/features/1", "browse"),
    ("/chat/service/system_prompt", "You are helpful.\nBe brief.\n"),
])
def test_get_prints_a_scalar_as_it_is(cli, path, text):
    assert cli("get", path) == text + "\n"


@pytest.mark.parametrize("value, text", [
    ("18446744073709551615", "18446744073709551615"),
    ("1e300", "1.0e+300"),
    (".inf", ".inf"),
    ("!!binary aGVsbG8=", "aGVsbG8="),
    ("''", ""),
    ("'true'", "true"),
    ("'a: b'", "a: b"),
    ("{}", "{}"),
    ("[]", "[]"),
])
def test_get_of_other_scalars(cli, value, text):
    cli("set", "/new", value)
    assert cli("get", "/new") == text + "\n"


def test_get_prints_the_rest_in_yaml(cli):
    assert cli("get", "/chat/websocket") == "host: localhost\nport: 8000\n"
    assert cli("get", "/features") == "- search\n- browse\n- code\n"
    assert yaml.safe_load(cli("get")) == VALUES == yaml.safe_load(cli("get", ""))


def test_get_in_json(cli):
    assert cli.json("get") == VALUES
    assert cli.json("get", "/chat/service/system_prompt") == "You are helpful.\nBe brief.\n"
    assert cli.json("get", "/logging/file") is None


@pytest.mark.parametrize("path, meant", [
    ("/chat/websocket/prot", "/chat/websocket/port"),
    ("/chat/webscoket/port", "/chat/websocket/port"),
    ("/caht/websockt/prot", "/chat/websocket/port"),
    ("/websocket/port", "/chat/websocket/port"),
    ("/port", "/chat/websocket/port"),
    ("/LLM/active", None),
    ("/frobnicate", None),
    ("/features/7", None),
])
@pytest.mark.parametrize("verb", ["get", "list", "tree", "describe", "dump", "reset"])
def test_a_mistyped_path(cli, verb, path, meant):
    line, = cli.fails(NOT_FOUND, verb, path, words=[path])
    if meant:
        assert line.endswith(f"; did you mean {meant}?")
    elif path != "/LLM/active":
        assert "did you mean" not in line


def test_list(cli):
    assert cli.lines("list") == ["chat", "llm", "features", "servers", "logging"]
    assert cli.lines("list", "/chat") == ["websocket", "service"]
    assert cli.lines("list", "/servers") == ["0", "1"]
    assert cli("list", "/llm/active") == ""
    assert cli.json("list", "/chat") == ["websocket", "service"]


def test_list_of_leaves(cli):
    paths = cli.lines("list", "--recursive")
    assert paths[:2] == ["/chat/websocket/host", "/chat/websocket/port"]
    assert "/features" in paths and "/servers" in paths
    assert cli.lines("list", "-r", "/llm") == ["/llm/active", "/llm/temperature"]
    assert cli.lines("list", "-r", "/llm/active") == ["/llm/active"]
    assert cli.json("list", "-r", "/llm") == ["/llm/active", "/llm/temperature"]
    cli("set", "/a~1b", "{c~d: 1, e: {}}")
    assert cli.lines("list", "-r", "/a~1b") == ["/a~1b/c~0d", "/a~1b/e"]


def test_tree(cli):
    cli("set", "/llm/active", "groq", "/llm/mine", "[1, {a: b}]", "/llm/temperature", "0.7")
    assert cli("tree", "/llm") == (
        "/llm\n"
        "├── active: groq  (default: openrouter)\n"
        "├── temperature: 0.7  (overridden with the default)\n"
        "└── mine: [1, {a: b}]  (added)\n")
    whole = cli.lines("tree")
    assert whole[0] == "default"
    assert "│   ├── host: localhost" in "\n".join(whole)
    assert cli("tree", "/llm/active") == "/llm/active: groq  (default: openrouter)\n"
    assert cli.json("tree", "/llm") == [
        {"path": "/llm/active", "value": "groq", "default": "openrouter", "overridden": True},
        {"path": "/llm/temperature", "value": 0.7, "default": 0.7, "overridden": True},
        {"path": "/llm/mine", "value": [1, {"a": "b"}], "overridden": True},
    ]


def test_tree_on_a_terminal(cli):
    cli("set", "/llm/active", "x" * 200)
    shown = cli.terminal("--color=never", "tree", "/chat")
    assert max(map(len, shown.splitlines())) <= 80
    assert "You are helpful" in shown
    assert "…" in cli.terminal("--color=never", "tree", "/llm")


def test_describe(cli):
    cli("set", "/llm/active", "groq")
    told = dict(line.split(":", 1) for line in cli.lines("describe", "/llm/active"))
    told = {label: text.strip() for label, text in told.items()}
    assert told["Path"] == "/llm/active"
    assert told["Value"] == "groq" and told["Default"] == "openrouter"
    assert told["Source"] == "override" and told["Version"] == "1"
    assert told["File"].startswith(f"{cli.service.runtime}:")
    assert told["Writable"] == "yes" and told["Secret"] == "no"
    assert cli.json("describe", "/llm/active")["value"] == "groq"


def test_describe_tells_the_schema(cli):
    cli.service.schema.write_text(json.dumps({"properties": {"llm": {"properties": {"temperature": {
        "title": "Temperature", "description": "How wild\nit is", "minimum": 0, "maximum": 2,
        "examples": [0.1, 1]}}}}}))
    told = cli("describe", "/llm/temperature")
    assert "Title:        Temperature\n" in told
    assert "Description:  How wild\\nit is\n" in told
    assert "Minimum:      0\n" in told and "Maximum:      2\n" in told
    assert "Examples:     [0.1, 1]\n" in told
    assert cli.json("describe", "/llm/temperature")["examples"] == [0.1, 1]


def test_dump(cli):
    cli("set", "/llm/active", "groq")
    assert yaml.safe_load(cli("dump")) == {**VALUES, "llm": {"active": "groq", "temperature": 0.7}}
    assert yaml.safe_load(cli("dump", "--layer", "defaults")) == VALUES
    assert cli("dump", "-l", "overrides") == cli.service.runtime.read_text()
    assert cli("dump", "-l", "overrides", "/llm") == "active: groq\n"
    assert cli.json("dump", "-l", "overrides", "/llm") == {"active": "groq"}
    assert cli("dump", "--version", "0", "/llm/active") == "openrouter\n"
    cli.fails(NOT_FOUND, "dump", "--version", "7", words=["7"])
    cli.fails(NOT_FOUND, "dump", "-l", "overrides", "/chat")


def test_status(cli):
    cli("set", "/llm/active", "groq")
    told = cli("status")
    assert "Configuration:  default\n" in told and "State:          ok\n" in told
    assert "Version:        1\n" in told and "Reason" not in told
    assert f"Overrides:      {cli.service.runtime}\n" in told
    status = cli.json("status")
    assert status["name"] == "default" and status["version"] == 1 and status["reason"] == ""
    assert status["changed"] > 10**15 and status["defaults"] == str(cli.service.defaults)


def test_status_says_what_is_wrong(cli):
    cli.prepare()
    cli.service.expect("locks")
    cli.service.locks.write_text("/llm\nnonsense\n")
    if not cli.is_offline:
        cli.service.restart()
    status = cli.json("status")
    assert status["state"] == "degraded" and "locks:2" in status["reason"]
    assert f"Reason:         {cli.service.locks}:2" in cli("status")


def test_configurations(cli):
    cli("set", "/llm/active", "groq")
    heading, row = cli.lines("configurations")
    assert heading.split() == ["NAME", "VERSION", "STATE", "CHANGED", "DEFAULTS"]
    assert row.split()[:3] == ["default", "1", "ok"]
    assert row.endswith(str(cli.service.defaults))
    assert cli.json("configurations") == [cli.json("status")]
