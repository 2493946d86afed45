# SPDX-License-Identifier: LGPL-2.1-or-later
"""history and diff."""

import getpass
import os

from command_testing import DENIED, FAILED, NOT_FOUND


def test_history(cli):
    cli("set", "/llm/active", "groq", "--message", "because")
    cli("merge", "{llm: {active: openai, temperature: 0.1}, new: {a: 1}}")
    cli("reset", "/llm/active")
    lines = cli.lines("history")
    assert lines[0].split() == ["VERSION", "TIME", "ORIGIN", "USER", "MESSAGE", "CHANGE"]
    assert [line.split()[0] for line in lines[1:]] == ["3", "2", "1"]
    assert lines[1].endswith("- /llm/active: openai")
    assert "~ /llm/active: groq → openai and 2 more" in lines[2]
    assert "because" in lines[3] and lines[3].endswith("+ /llm/active: groq")
    assert f" {getpass.getuser()} " in lines[3]
    # columns stand below each other
    place = lines[0].index("CHANGE")
    assert all(line[place] in "+-~" for line in lines[1:])


def test_history_in_json(cli):
    cli("set", "/llm/active", "groq", "--message", "because")
    cli("set", "/llm/active", "openai")
    newest, oldest = cli.json("history")
    assert newest["version"] == 2 and newest["uid"] == os.getuid()
    assert newest["changes"] == [{"path": "/llm/active", "old": "groq", "new": "openai"}]
    assert oldest["changes"] == [{"path": "/llm/active", "new": "groq"}]
    assert oldest["message"] == "because" and "message" not in newest
    assert newest["time"] > oldest["time"] > 10**15


def test_history_of_a_path(cli):
    cli("set", "/llm/active", "groq")
    cli("set", "/chat/websocket/port", "1")
    cli("set", "/llm/temperature", "1")
    assert [entry["version"] for entry in cli.json("history", "/llm")] == [3, 1]
    assert [entry["version"] for entry in cli.json("history", "/llm/active")] == [1]
    assert [entry["version"] for entry in cli.json("history", "--limit", "2")] == [3, 2]
    assert [entry["version"] for entry in cli.json("history", "--since", "1")] == [3, 2]
    assert cli.json("history", "/nothing") == []
    assert len(cli.lines("history", "/nothing")) == 1


def test_history_on_a_terminal(cli):
    cli("set", "/llm/active", "x" * 300, "--message", "short")
    shown = cli.terminal("--color=never", "history").splitlines()
    assert max(map(len, shown)) <= 80 and shown[1].endswith("…")


def test_history_that_is_not_kept(online):
    online.service.start("--history-count", "0")
    online("set", "/llm/active", "groq")
    for line in (["history"], ["diff", "0", "1"], ["revert", "0"], ["dump", "--version", "0"]):
        online.fails(FAILED, *line, words=["history"])


def test_wide_characters_stand_in_columns(cli):
    cli("set", "/llm/active", "a", "--message", "说明")
    cli("set", "/llm/active", "b", "--message", "e\u0301a")
    heading, second, first = cli.lines("history")
    place = heading.index("CHANGE")
    # two columns each for the wide ones, none for the accent
    assert first.index("+ /llm") == place - 2
    assert second.index("~ /llm") == place + 1


def test_diff_of_the_layers(cli):
    assert cli("diff") == "" and cli.json("diff") == []
    cli("set", "/llm/active", "groq", "/new", "[1, a]", "/llm/temperature", "0.7")
    assert cli("diff") == "~ /llm/active: openrouter → groq\n+ /new: [1, a]\n"
    assert cli.json("diff") == [
        {"path": "/llm/active", "old": "openrouter", "new": "groq"},
        {"path": "/new", "new": [1, "a"]},
    ]


def test_diff_of_versions(cli):
    cli("set", "/llm/active", "groq")
    cli("set", "/new", "1")
    cli("reset", "/new")
    assert cli("diff", "0") == "~ /llm/active: openrouter → groq\n"
    assert cli("diff", "1", "2") == "+ /new: 1\n"
    assert cli("diff", "2", "1") == "- /new: 1\n"
    assert cli("diff", "3") == ""
    assert cli.json("diff", "2") == [{"path": "/new", "old": 1}]
    cli.fails(NOT_FOUND, "diff", "99", words=["99"])


def test_diff_of_a_file(cli):
    cli("set", "/llm/active", "groq", "/new", "1")
    file = cli.folder / "saved.yaml"
    file.write_text(cli("dump"))
    assert cli("diff", "saved.yaml") == ""
    file.write_text("llm: {active: openai}\n")
    assert sorted(cli.lines("diff", "saved.yaml")) == ["- /new: 1", "~ /llm/active: groq → openai"]
    # it is what a load would do
    told = cli.json("load", "-n", "saved.yaml")["paths"]
    assert sorted(told) == sorted(delta["path"] for delta in cli.json("diff", "saved.yaml"))
    assert cli("diff", "-", text="llm: {active: groq}\nnew: 1\n") == ""
    (cli.folder / "12").write_text("a: 1\n")
    assert "+ /a: 1" in cli.lines("diff", "./12")
    cli.fails(FAILED, "diff", "none.yaml", words=["none.yaml"])
    cli.fails(FAILED, "diff", "-", text="a: [", words=["standard input:1:"])


def test_the_past_of_others_by_another_user(online):
    """On a bus that isn't the system's the history is for everybody; going back is not."""
    online("set", "/llm/active", "groq")
    other = online.as_user("nobody")
    assert other.json("history")[0]["version"] == 1
    other.fails(DENIED, "revert", "0")
