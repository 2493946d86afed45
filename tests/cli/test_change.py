# SPDX-License-Identifier: LGPL-2.1-or-later
"""set, merge, reset, load and revert."""

import pytest

from command_testing import DENIED, FAILED, NOT_FOUND, UNCHANGED, USAGE, overrides


@pytest.mark.parametrize("text, value", [
    ("9000", 9000), ("-5", -5), ("-.5", -0.5), ("0x10", 16), ("true", True), ("null", None),
    ("~", None), ("yes", "yes"), ("1.5", 1.5), ("a text", "a text"), ("'1'", "1"),
    ("[a, 1]", ["a", 1]), ("{a: {b: 1}}", {"a": {"b": 1}}), ("- a\n- b", ["a", "b"]),
    ("a: 1\nb: 2", {"a": 1, "b": 2}), ("- x", ["x"]), ("-", [None]), ("größer", "größer"),
    ("|\n  a\n  b\n", "a\nb\n"), ("-a", "-a"),
    ("a#b", "a#b"), ("'#1'", "#1"), ('["#1", a#]', ["#1", "a#"]), ('{"#a": x#y}', {"#a": "x#y"}),
    ("!!str 1", "1"), ("|\n  # 1\n", "# 1\n"), ('""', ""),
])
def test_set_takes_yaml(cli, text, value):
    line = ["set", "/new", text] if text != "-a" else ["set", "--", "/new", text]
    assert cli(*line).startswith("changed /new")
    assert cli.json("get", "/new") == value


@pytest.mark.parametrize("text, words", [
    ("#ff8800", ["comment", "--string"]), (" # x", ["comment"]), ("Release #5", ["comment", "--string"]),
    ("1 # one", ["comment"]), ("'a' # b", ["comment"]), ("[a, # b\n c]", ["comment"]),
    ("a: 1 # b", ["comment"]), ("# a\nb", ["comment"]), ("- #1", ["comment"]), ("&a #b", ["comment"]),
    ("", ["empty", "--string", "null"]), ("  ", ["empty"]), ("\n", ["empty"]),
])
def test_set_refuses_a_value_that_loses_a_part(cli, text, words):
    """The whole argument is meant, though YAML takes a part of it for a comment, or for nothing."""
    cli.fails(USAGE, "set", "/new", text, words=["/new", *words])
    cli.fails(NOT_FOUND, "get", "/new")
    cli("set", "--string", "/new", text)
    assert cli.json("get", "/new") == text


@pytest.mark.parametrize("line", [
    ["--", "/new", "--dry-run"],
    ["/new", "--", "--dry-run"],
    ["--message", "m", "/new", "--", "--dry-run"],
    ["/other", "1", "--", "/new", "--dry-run"],
])
def test_behind_two_dashes_nothing_is_an_option(cli, line):
    cli("set", *line)
    assert cli("get", "/new") == "--dry-run\n"
    cli("set", "--", "/new", "--")
    assert cli("get", "/new") == cli("get", "/new", "--") == "--\n"


@pytest.mark.parametrize("text", ["9000", "true", "", "[1", "null", "'q'", "a\nb", "-5"])
def test_set_takes_a_string(cli, text):
    cli("set", "--string", "/new", text)
    assert cli.json("get", "/new") == text


def test_set_of_several_values_is_one_change(cli):
    assert cli("set", "/chat/websocket/port", "9000", "/llm/active", "groq") \
        == "changed /chat/websocket/port, /llm/active (version 1)\n"
    assert overrides(cli) == {"chat": {"websocket": {"port": 9000}}, "llm": {"active": "groq"}}
    cli.fails(FAILED, "set", "/llm/active", "openai", "/llm/active/x", "1")
    assert cli("get", "/llm/active") == "groq\n"


def test_many_paths_are_not_all_told(cli):
    line = [word for i in range(6) for word in (f"/new/{i}", "1")]
    assert cli("set", *line[:8]) == "changed /new/0, /new/1, /new/2, /new/3 (version 1)\n"
    assert cli("set", *line) == "changed /new/4, /new/5 (version 2)\n"
    assert cli("reset", "/new") == "changed /new/0, /new/1, /new/2 and 3 more (version 3)\n"


def test_merge(cli):
    assert cli("merge", "llm: {active: groq, temperature: 0.1}") \
        == "changed /llm/active, /llm/temperature (version 1)\n"
    assert cli("merge", "llm: {active: null}") == "changed /llm/active (version 2)\n"
    assert overrides(cli) == {"llm": {"temperature": 0.1}}


def test_merge_at_a_path(cli):
    cli("merge", "--at", "/chat/websocket", "port: 9000")
    assert overrides(cli) == {"chat": {"websocket": {"port": 9000}}}


def test_merge_of_a_file(cli):
    file = cli.folder / "site.yaml"
    file.write_text("# ours\n_runtime_config: {version: 3}\nllm: {active: groq}\n")
    assert cli("merge", "--file", "site.yaml") == "changed /llm/active (version 1)\n"
    assert cli("merge", "-f", str(file), "--at", "/llm") == "changed /llm/llm/active (version 2)\n"
    file.write_text("llm:\n  - 1\n a: 2\n")
    cli.fails(FAILED, "merge", "-f", "site.yaml", words=["site.yaml:3:2: "])
    file.write_text("- 1\n")
    cli.fails(FAILED, "merge", "-f", "site.yaml", words=["site.yaml:1:1: ", "mapping"])
    cli.fails(FAILED, "merge", "-f", "none.yaml", words=["none.yaml", "No such file"])
    cli.fails(FAILED, "merge", "-", text="a: [", words=["standard input:1:"])
    cli.fails(FAILED, "merge", "-f", ".", words=[". can't be read"])


def test_reset(cli):
    cli("set", "/llm/active", "groq", "/llm/temperature", "0.1", "/chat/websocket/port", "1")
    assert cli("reset", "/llm/active") == "changed /llm/active (version 2)\n"
    assert cli("reset", "/llm", "/chat/websocket/port") \
        == "changed /chat/websocket/port, /llm/temperature (version 3)\n"
    assert cli("reset", "/llm", "--changed", status=UNCHANGED) == "nothing changed (version 3)\n"
    cli("set", "/llm/active", "groq")
    assert cli("reset", "") == "changed /llm/active (version 5)\n"
    assert overrides(cli) == {}
    cli.fails(FAILED, "reset", "/features/0", words=["/features/0"])


def test_load(cli):
    cli("set", "/llm/active", "groq", "/chat/websocket/port", "9000")
    saved = cli.folder / "saved.yaml"
    saved.write_text(cli("dump"))
    cli("reset", "")
    assert cli("load", "saved.yaml") == "changed /chat/websocket/port, /llm/active (version 3)\n"
    # what is as in the defaults is not stored
    assert overrides(cli) == {"llm": {"active": "groq"}, "chat": {"websocket": {"port": 9000}}}
    saved.write_text("llm: {active: openai}\n")
    assert cli("load", "saved.yaml") == "changed /chat/websocket/port, /llm/active (version 4)\n"
    assert overrides(cli) == {"llm": {"active": "openai"}}


def test_load_of_json(cli):
    cli("set", "/llm/active", "groq")
    saved = cli("--json", "dump")
    cli("reset", "/llm/active")
    assert cli("load", "-", text=saved) == "changed /llm/active (version 3)\n"


def test_load_of_what_is_broken(cli):
    cli("set", "/llm/active", "groq")
    before = cli.service.runtime.read_bytes()
    for line in (["load", "-"], ["load", "--overrides", "-"]):
        cli.fails(FAILED, *line, text="a: [1\nb: 2\n", words=[":2:"])
        cli.fails(FAILED, *line, text="- 1\n", words=["mapping"])
        cli.fails(FAILED, *line, text=b"a: \xff\n")
        cli.fails(FAILED, *line, text=b"a: 1\x00\n")
    cli.fails(FAILED, "load", "none.yaml", words=["none.yaml", "No such file"])
    assert cli.service.runtime.read_bytes() == before


def test_load_of_overrides(cli):
    text = "# why we do this\n\nllm:\n  active: 'groq'\n"
    assert cli("load", "--overrides", "-", text=text) == "changed /llm/active (version 1)\n"
    assert "# why we do this\n" in cli.service.runtime.read_text()
    assert "active: 'groq'\n" in cli.service.runtime.read_text()


def test_a_large_load(cli):
    text = "".join(f"key{i}: {{a: {i}, b: text {i}}}\n" for i in range(20000))
    assert cli.json("load", "-", text=text)["changed"] is True
    assert cli("get", "/key19999/b") == "text 19999\n"
    assert len(cli.lines("list")) == 20005


def test_a_bar_shows_that_a_load_takes_long(cli):
    file = cli.folder / "large.yaml"
    file.write_text("a: 1\n")
    assert "loading" not in cli.terminal("load", "large.yaml", "-n")
    file.write_text("".join(f"key{i}: {{a: {i}, b: text {i}}}\n" for i in range(30_000)))
    shown = cli.terminal("load", "large.yaml")
    assert "loading [" in shown and " %" in shown
    # it is gone when it is done
    assert shown.rpartition("\r\x1b[K")[2].startswith("changed ")
    assert shown.endswith("(version 1)\n")


def test_revert(cli):
    for value in ("groq", "openai", "ollama"):
        cli("set", "/llm/active", value)
    assert cli("revert", "1") == "changed /llm/active (version 4)\n"
    assert cli("get", "/llm/active") == "groq\n"
    assert cli("revert", "0") == "changed /llm/active (version 5)\n"
    assert cli("revert", "0", "--changed", status=UNCHANGED) == "nothing changed (version 5)\n"
    cli.fails(NOT_FOUND, "revert", "99", words=["99"])


def test_a_write_that_is_not_allowed(online):
    online.prepare()
    other = online.as_user("nobody")
    for line in (["set", "/llm/active", "groq"], ["merge", "a: 1"], ["reset", "/llm/active"],
                 ["load", "-"], ["load", "--overrides", "-"], ["revert", "0"], ["confirm", "1"]):
        other.fails(DENIED, *line, text="a: 1")
    assert other("get", "/llm/active") == "openrouter\n"


def test_through_a_scalar(cli):
    cli.fails(FAILED, "set", "/llm/active/name", "x", words=["/llm/active", "mapping"])


def test_usage_of_a_value_in_no_utf8(cli):
    cli.fails(USAGE, "set", "--string", "/a", b"\xff", words=["UTF-8"])
    cli.fails(USAGE, "set", "/a", b"\xff", words=["/a:1:1"])
    cli.fails(USAGE, "set", b"/\xff", "1", words=["UTF-8"])
    cli.fails(USAGE, "get", b"/\xff", words=["UTF-8", "\\xff"])
    cli.fails(USAGE, "set", "/a", "1", "--message", b"\xff", words=["UTF-8"])
