# SPDX-License-Identifier: LGPL-2.1-or-later
"""set, merge, reset, load and revert."""

import pathlib
import re
import subprocess

import pytest

from command_testing import DENIED, DONE, FAILED, NOT_FOUND, UNCHANGED, USAGE, overrides


@pytest.mark.parametrize("text, value", [
    ("9000", 9000), ("-5", -5), ("-.5", -0.5), ("0x10", 16), ("true", True), ("null", None),
    ("~", None), ("yes", "yes"), ("1.5", 1.5), ("a text", "a text"), ("'1'", "1"),
    ("[a, 1]", ["a", 1]), ("{a: {b: 1}}", {"a": {"b": 1}}), ("- a\n- b", ["a", "b"]),
    ("a: 1\nb: 2", {"a": 1, "b": 2}), ("- x", ["x"]), ("größer", "größer"),
    ("|\n  a\n  b\n", "a\nb\n"), ("-a", "-a"),
    ("a#b", "a#b"), ("'#1'", "#1"), ('["#1", a#]', ["#1", "a#"]), ('{"#a": x#y}', {"#a": "x#y"}),
    ("!!str 1", "1"), ("|\n  # 1\n", "# 1\n"), ('""', ""),
])
def test_set_takes_yaml(cli, text, value):
    line = ["set", "/new", text] if text != "-a" else ["set", "--", "/new", text]
    assert cli(*line).startswith("changed /new")
    assert cli.json("get", "/new") == value


# What YAML would take away from a value without a mistake, and a word of what is said about it.
LOSSES = [
    ("#ff8800", "1:1: the value is read as a comment"), (" # x", "1:2: the value is read as a comment"),
    ("Release #5", "1:9: a comment"), ("1 # one", "1:3: a comment"), ("'a' # b", "1:5: a comment"),
    ("[a, # b\n c]", "1:5: a comment"), ("a: 1 # b", "1:6: a comment"), ("# a\nb", "1:1: a comment"),
    ("- #1", "1:3: a comment"), ("&a #b", "1:4: a comment"), ("#!/bin/sh\nexit", "1:1: a comment"),
    ("| # x\n  a", "1:3: a comment"), ("|\n  a\n# x", "3:1: a comment"),
    ("größer #5", "1:8: a comment"),
    ("", "1:1: the value is empty"), ("  ", "1:1: the value is empty"), ("\n", "1:1: the value is empty"),
    (" a", "1:1: this part is outside"), ("a ", "1:2: this part is outside"),
    ("a\n", "1:2: this part is outside"), ("a\r", "1:2: this part is outside"),
    ("a\n...", "1:2: this part is outside"), ("\ufeffa", "1:1: this part is outside"),
    ("5\n...", "2:1: this part is outside"), ("'a'\n...", "2:1: this part is outside"),
    ("a\nb", "1:2: a line break"), ("'a\nb'", "1:3: a line break"), ("[a\n b]", "1:3: a line break"),
    ("MIIB\nqhki\nAQ==", "1:5: a line break"),
    ("-", "1:2: a value is missing"), ("a:", "1:3: a value is missing"), ("{a}", "1:3: a value is missing"),
    ("!!str", "a value is missing"),
    ("|", "1:1: a block of lines"), (">", "1:1: a block of lines"), ("|-\n\n", "1:1: a block of lines"),
    ("&a b", "1:1: this is read as an anchor"), ("[&a 1]", "1:2: this is read as an anchor"),
    ("! a", "1:1: the “!” is read as a tag"), ("! 1", "1:1: the “!” is read as a tag"),
    ("0644", "1:1: the 0 at the beginning"), ("-01", "the 0"), ("[00]", "1:2: the 0"), ("{01: 02}", "1:6: the 0"),
]

# What is no YAML, or more than one value.
MISTAKES = ["a\n---\nb", "%d", "%YAML 1.2", "@home", "`x`", "*.org", "*a", "!foo x", "&copy; 2024", "\ta",
            "'a' 'b'", '"a" b', "[a] b", "[a", "{a: 1, a: 2}", "...", ":", "?", "a: b: c"]


def test_set_refuses_a_value_that_loses_a_part(cli):
    """The whole argument is meant, though YAML takes a part of it for a comment, or for nothing."""
    for text, words in LOSSES + [(text, "/new:") for text in MISTAKES]:
        cli.fails(USAGE, "set", "/new", text, words=["/new:", words, "; give --string"])
    cli.fails(NOT_FOUND, "get", "/new")
    texts = {f"t{i}": text for i, text in enumerate([text for text, _ in LOSSES] + MISTAKES)}
    cli("set", "--string", *(word for key, text in texts.items() for word in (f"/new/{key}", text)))
    assert cli.json("get", "/new") == texts


def test_a_value_that_looks_like_a_marker_is_refused_too(cli):
    cli.fails(USAGE, "set", "--", "/new", "--- a", words=["/new:1:1: this part is outside"])
    cli.fails(USAGE, "set", "--", "/new", "---", words=["/new:1:1: the value is empty"])


# What YAML reads in another form, and wholly.
WHOLE = [
    (" 9000\n", 9000), ("  [a]  ", ["a"]), (" 'a' ", "a"), ("---\na: b\n...\n", {"a": "b"}),
    ("%YAML 1.2\n---\na: b", {"a": "b"}), ("[a,\n b]", ["a", "b"]), ("[a, ]", ["a"]), ("{}", {}),
    ("[&a 1, *a]", [1, 1]), ("x: &a {y: 1}\nz: *a", {"x": {"y": 1}, "z": {"y": 1}}),
    ("!!str 0644", "0644"), ("{01: a}", {"01": "a"}), ("'0644'", "0644"), ("0", 0), ("0.5", 0.5), ("-0", 0),
    ("1.10", 1.1), ("+5", 5), ("1e3", 1000.0), ("a\tb", "a\tb"), ("Note: this", {"Note": "this"}),
    ("a:b", "a:b"), ("http://x/#y", "http://x/#y"), ("!!binary aGk=", "aGk="), (">\n a\n b", "a b"),
    ("a & b", "a & b"), ("a!", "a!"), ("a\u2028b", "a\u2028b"), ("<<", "<<"),
]


def test_set_takes_what_loses_nothing(cli):
    """White space around what isn't a plain text, markers around a collection, folding that is asked for."""
    cli("set", "--", *(word for i, (text, _) in enumerate(WHOLE) for word in (f"/new/t{i}", text)))
    assert cli.json("get", "/new") == {f"t{i}": value for i, (_, value) in enumerate(WHOLE)}


def test_merge_refuses_a_text_that_loses_a_part(cli):
    """An argument alone: the author of a file sees its comments, and an empty value there is null."""
    for text, words in [
            ("", "the value is empty"), ("# llm", "read as a comment"), ("llm:", "a value is missing here"),
            ("llm: {active: groq} # ours", "1:21: a comment"), ("llm: {active: 007}", "the 0"),
            ("llm: {active: a\n b}", "a line break"), ("llm: &x {active: a}", "an anchor")]:
        cli.fails(USAGE, "merge", text, words=["the text:", words, "a file and standard input may"])
        cli.fails(USAGE, "merge", "--at", "/llm", text, words=["/llm:", words])
        cli("merge", "-", "-n", text=text)


def test_no_secret_is_in_the_message_of_a_refused_value(cli):
    for text in ("hush #1", " hush", "hush\nhush", "@hush", "!hush x", "*hush", "&hush x", "! hush", "[hush"):
        lines = cli.fails(USAGE, "set", "/key", text)
        assert not any("hush" in line for line in lines), lines


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


def test_unset_and_reset(cli):
    assert cli("unset", "/llm/active") == "changed /llm/active (version 1)\n"
    cli.fails(NOT_FOUND, "get", "/llm/active")
    assert cli("unset", "/llm/active", "--changed", status=UNCHANGED) == "nothing changed (version 1)\n"
    assert cli("diff").startswith("- /llm/active: openrouter")
    assert "!unset" in cli("history")
    assert "active: !unset" in cli("dump", "--layer", "overrides")
    assert cli("reset", "/llm/active") == "changed /llm/active (version 2)\n"
    cli.fails(NOT_FOUND, "unset", "/llm/activ", words=["/llm/active"])
    cli.fails(FAILED, "unset", "/features/0", words=["/features/0"])


def test_set_replace_takes_a_mapping_whole(cli):
    assert cli("set", "--replace", "/llm", "{active: groq}") \
        == "changed /llm/active, /llm/temperature (version 1)\n"
    assert cli.json("get", "/llm") == {"active": "groq"}
    cli("set", "/llm/x", "1")
    assert cli.json("get", "/llm") == {"active": "groq", "x": 1}


@pytest.mark.parametrize("line", [
    ["set", "/llm", "{active: !unset }"], ["set", "/x", "a: !replace {b: 1}"],
    ["merge", "llm: {active: !unset }"], ["merge", "--file", "tags.yaml"], ["load", "tags.yaml"],
])
def test_tags_are_for_files(cli, line):
    (cli.folder / "tags.yaml").write_text("llm: {active: !unset}\n")
    cli.fails(USAGE, *line, words=["the tag at “/", "runconf unset"])


def test_a_file_of_overrides_may_have_tags(cli):
    (cli.folder / "tags.yaml").write_text("llm: {active: !unset}\n")
    assert cli("load", "--overrides", "tags.yaml") == "changed /llm/active (version 1)\n"
    cli.fails(NOT_FOUND, "get", "/llm/active")


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


def rows_of_the_page():
    """For each row of the table on values that lose a part: what is refused, and what is taken instead."""
    page = pathlib.Path(__file__).resolve().parents[2] / "docs" / "command.md"
    table = page.read_text().partition("| refused by `set`")[2].partition("\n\n")[0]
    rows = [re.split(r"(?<!\\)\|", line) for line in table.splitlines()[2:]]
    for row in rows:
        yield tuple(re.findall(r"`(.+?)`", row[column].replace("\\|", "|")) for column in (1, 3))


def test_the_page_tells_what_is_refused_and_what_stores_it(offline):
    rows = list(rows_of_the_page())
    assert len(rows) == 8
    for refused, taken in rows:
        assert refused and taken
        for status, words in ((USAGE, refused), (DONE, taken)):
            for word in words:
                text = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True,
                                      text=True).stdout
                offline("set", "--", "/new", text, status=status)


def test_a_configuration_without_folders_has_no_overrides_for_this_boot(cli):
    for change in (["set", "--boot", "/a", "1"], ["merge", "--boot", "a: 1"], ["reset", "--boot", "/llm"],
                   ["unset", "--boot", "/llm"], ["set", "--boot", "--replace", "/llm", "{}"]):
        cli(*change, status=None)
        assert "this boot" in cli.complaint
