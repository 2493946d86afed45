# SPDX-License-Identifier: LGPL-2.1-or-later
"""The options that each verb has that changes something, and what it tells of the change."""

import itertools
import threading

import pytest

from command_testing import FAILED, NOT_FOUND, REFUSED, UNCHANGED, overrides
from runconf_testing import Monitor, eventually


def test_json_tells_a_change(cli):
    assert cli.json("set", "/llm/active", "groq") \
        == {"changed": True, "version": 1, "paths": ["/llm/active"]}
    assert cli.json("set", "/llm/active", "groq") == {"changed": False, "version": 1, "paths": []}
    assert cli.json("set", "/llm/active", "x", "--dry-run") \
        == {"changed": True, "version": 1, "paths": ["/llm/active"], "dry-run": True}


def test_quiet(cli):
    assert cli("set", "-q", "/llm/active", "groq") == ""
    assert cli("get", "/llm/active") == "groq\n"
    assert cli.json("-q", "set", "/llm/active", "groq")["changed"] is False


CHANGES = {
    "set": (["set", "/llm/active", "groq"], None),
    "merge": (["merge", "llm: {active: groq}"], None),
    "merge from standard input": (["merge", "-"], '{"llm": {"active": "groq"}}'),
    "load": (["load", "-"], "llm: {active: groq}"),
    "load of overrides": (["load", "--overrides", "-"], "llm:\n  active: groq  # ours\n"),
}


@pytest.mark.parametrize("line, text", CHANGES.values(), ids=CHANGES)
def test_twice_is_once(cli, line, text):
    """What a script repeats changes nothing, and says so."""
    assert cli(*line, "--changed", text=text) == "changed /llm/active (version 1)\n"
    before = cli.service.runtime.read_bytes()
    assert cli(*line, "--changed", text=text, status=UNCHANGED) == "nothing changed (version 1)\n"
    assert cli(*line, text=text) == "nothing changed (version 1)\n"
    assert cli.json(*line, text=text) == {"changed": False, "version": 1, "paths": []}
    assert cli.service.runtime.read_bytes() == before


def test_a_pin_is_a_change(cli):
    line = ["set", "--changed", "/llm/active", "openrouter"]
    assert cli(*line) == "changed the overrides, and no value (version 1)\n"
    assert cli(*line, status=UNCHANGED) == "nothing changed (version 1)\n"
    assert overrides(cli) == {"llm": {"active": "openrouter"}}


@pytest.mark.parametrize("value, says", [
    ("groq", "changed /llm/active (version 1)\n"),
    ("openrouter", "changed the overrides, and no value (version 1)\n"),
])
def test_a_set_is_one_call(online, value, says):
    """The reply has all that is printed: there is no shared memory and no history to look at."""
    online.prepare()
    with Monitor(online.service.bus.address) as monitor:
        assert online("set", "/llm/active", value) == says
        assert monitor.calls_of("Apply") == ["Hello", "Apply"]


def test_a_set_that_changes_nothing_is_one_call(online):
    online("set", "/llm/active", "groq")
    with Monitor(online.service.bus.address) as monitor:
        assert online("set", "/llm/active", "groq") == "nothing changed (version 1)\n"
        assert monitor.calls_of("Apply") == ["Hello", "Apply"]


@pytest.mark.parametrize("line, method", [
    (["load", "--overrides", "-"], "ReplaceText"), (["revert", "0"], "Revert"),
], ids=["load", "revert"])
def test_other_changes_are_one_call(online, line, method):
    online("set", "/llm/active", "groq")
    with Monitor(online.service.bus.address) as monitor:
        online(*line, text="llm: {active: x}")
        assert monitor.calls_of(method) == ["Hello", method]


def test_what_others_change_meanwhile_is_not_told(online):
    """Many write other values, and what is set here is there already: each time nothing changed."""
    online("set", "/mine", "1")
    stop = threading.Event()

    def disturb():
        client = online.service.client()
        for number in itertools.count():
            if stop.is_set():
                return
            client.set("/other", number)

    others = [threading.Thread(target=disturb) for _ in range(2)]
    for other in others:
        other.start()
    try:
        for _ in range(40):
            assert online.json("set", "/mine", "1")["changed"] is False
            assert online.json("merge", "mine: 1")["changed"] is False
    finally:
        stop.set()
        for other in others:
            other.join()
    assert online.json("set", "/mine", "2")["paths"] == ["/mine"]


def test_another_comment_is_a_change(cli):
    cli("load", "--overrides", "-", text="llm: {active: groq}\n")
    assert cli("load", "--overrides", "-", text="llm: {active: groq}  # why\n") \
        == "changed the overrides, and no value (version 2)\n"
    assert "# why" in cli.service.runtime.read_text()


DRY = {
    **CHANGES,
    "reset": (["reset", "/llm/temperature"], None),
    "revert": (["revert", "1"], None),
}


@pytest.mark.parametrize("line, text", DRY.values(), ids=DRY)
def test_dry_run_changes_nothing(cli, line, text):
    cli("set", "/llm/temperature", "0.1")
    cli("set", "/llm/temperature", "0.2")
    before = cli.service.runtime.read_bytes()
    told = cli(*line, "--dry-run", text=text)
    assert told.startswith("would change /llm/") and told.endswith(" (version 2)\n")
    assert cli(*line, "-n", "--changed", text=text) == told
    assert cli.service.runtime.read_bytes() == before


def test_dry_run_of_nothing(cli):
    cli("set", "/llm/active", "groq")
    assert cli("set", "/llm/active", "groq", "-n") == "nothing would change (version 1)\n"
    cli("set", "/llm/active", "groq", "-n", "--changed", status=UNCHANGED)


def test_dry_run_refuses_too(cli):
    cli.service.schema.write_text("properties: {llm: {properties: {active: {type: string}}}}")
    cli.fails(REFUSED, "set", "-n", "/llm/active", "1", words=["/llm/active"])


@pytest.mark.parametrize("line, text", DRY.values(), ids=DRY)
def test_if_version(cli, line, text):
    cli("set", "/llm/temperature", "0.1")
    cli("set", "/llm/temperature", "0.2")
    cli.fails(REFUSED, *line, "--if-version", "1", text=text, words=["version 2", "not at 1"])
    assert cli.json("get", "/llm/active") == "openrouter"
    cli(*line, "--if-version", "2", text=text)


@pytest.mark.parametrize("line, text", DRY.values(), ids=DRY)
def test_message(cli, line, text):
    cli("set", "/llm/temperature", "0.1")
    cli("set", "/llm/temperature", "0.2")
    cli(*line, "--message", "für später", text=text)
    assert cli.json("history", "--limit", "1")[0]["message"] == "für später"


def test_a_message_that_is_too_long(cli):
    cli.fails(FAILED, "set", "/a", "1", "--message", "x" * 2000, words=["message"])


@pytest.mark.parametrize("line, text", DRY.values(), ids=DRY)
def test_confirm_timeout(cli, line, text):
    cli("set", "/llm/temperature", "0.1")
    cli("set", "/llm/temperature", "0.2")
    before = cli.json("get")
    told, deadline = cli.lines(*line, "--confirm-timeout", "1", text=text)
    assert told.startswith("changed") and told.endswith("(version 3)")
    assert deadline == "the change is undone in 1 second unless you run: runconf confirm 3"
    # without a service, each command reverts the changes that are overdue
    eventually(lambda: cli.json("get") == before, "the revert")
    revert, change = cli.json("history", "--limit", "2")
    assert (revert["origin"], revert["version"], change["version"]) == ("revert", 4, 3)


@pytest.mark.parametrize("given, seconds", [("90", 90), ("10m", 600), ("2h", 7200), ("1d", 86400),
                                            ("5s", 5), ("30d", 2592000)])
def test_forms_of_a_timeout(cli, given, seconds):
    told = cli("set", "/llm/active", "groq", "--confirm-timeout", given)
    assert f"in {seconds} seconds" in told


def test_confirm(cli):
    cli("set", "/llm/active", "groq", "--confirm-timeout", "1h")
    assert cli("confirm", "1") == "confirmed version 1\n"
    assert cli("get", "/llm/active") == "groq\n"
    cli.fails(NOT_FOUND, "confirm", "1", words=["version 1"])
    cli("set", "/llm/active", "openai", "--confirm-timeout", "1h")
    assert cli.json("confirm", "2") == {"confirmed": 2}
