# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was it before, who changed it, and how it goes back."""

import json
import os
import random
import sys
import time

import pytest
from runconf_testing import eventually, require_root, wait_for_answers
from values_testing import ABSENT


# how often the daemon is killed
KILLS = int(os.environ.get("RUNCONF_KILLS", 200))
# how many Sets one user makes
FLOOD = int(os.environ.get("RUNCONF_FLOOD", 2000))


def versions(config, *arguments, **options):
    return [entry["version"] for entry in config.history(*arguments, **options)]


def test_each_change_is_kept(config, service):
    config.set("/chat/websocket/port", 9000)
    config.apply(("set", "/llm/active", "groq"), ("reset", "/chat/websocket/port"),
                 message="for the demo")
    service.runtime.write_text("llm: {active: openai}\n")
    eventually(lambda: config.version == 3)
    last, second, first = config.history()
    assert first.pop("time") < second.pop("time") < last.pop("time")
    caller = first.pop("caller")
    assert caller == second.pop("caller") and caller.startswith(":")
    assert first == {"version": 1, "origin": "set", "uid": 0,
                     "changes": [("/chat/websocket/port", ABSENT, 9000)]}
    assert second == {"version": 2, "origin": "apply", "uid": 0, "message": "for the demo",
                      "changes": [("/chat/websocket/port", 9000, ABSENT),
                                  ("/llm/active", ABSENT, "groq")]}
    assert last == {"version": 3, "origin": "file", "changes": [("/llm/active", "groq", "openai")]}


def test_by_path(config):
    config.set("/a/b", 1)
    config.set("/a/c", 2)
    config.set("/d", 3)
    config.set("/a/b", 4)
    assert versions(config, "/a") == [4, 2, 1]
    assert versions(config, "/a/b") == [4, 1]
    assert versions(config, "/a/b/deeper") == [4, 1]
    assert versions(config, "", limit=2) == [4, 3]
    assert versions(config, "", since_version=2) == [4, 3]
    with config.refuses("InvalidPath"):
        config.history("no-pointer")
    with config.refuses("InvalidValue", "limit"):
        config.history("", limit=0)
    with config.refuses("InvalidValue", "colour", "since-version"):
        config.history("", colour=1)


def test_describe_tells_the_last_change(config):
    config.set("/chat/websocket/port", 9000)
    first = config.last_modified
    config.set("/llm/active", "groq")
    words = config.describe("/chat/websocket/port")
    assert (words["version"], words["time"]) == (1, first)
    assert config.describe("/chat")["version"] == 1
    assert "version" not in config.describe("/logging")


def test_revert(config, service):
    service.runtime.write_text("# mine\nllm:\n  active: groq  # fast\n")
    eventually(lambda: config.version == 1)
    config.set("/chat/websocket/port", 9000)
    config.set("/llm/active", "openai")
    with config.signals() as seen:
        change = config.revert(1, message="oops")
        assert change == (4, ["/chat/websocket/port", "/llm/active"])
        told = seen.wait()
        assert (told.origin, told.details["message"].get_string()) == ("revert", "oops")
    assert config.overrides() == {"llm": {"active": "groq"}}
    assert "# mine" in service.runtime.read_text() and "# fast" in service.runtime.read_text()
    assert config.revert(3).changed == ["/chat/websocket/port", "/llm/active"]
    assert config.history()[0]["origin"] == "revert"


def test_revert_options(config):
    config.set("/a", 1)
    config.set("/a", 2)
    with config.unchanged():
        assert config.revert(1, dry_run=True) == (2, ["/a"])
    with config.refuses("VersionMismatch"):
        config.revert(1, if_version=1)
    with config.refuses("NotFound", "3"):
        config.revert(3)
    with config.refuses("InvalidValue", "colour"):
        config.revert(1, colour=1)
    assert config.revert(2) == (2, [])


def test_reverts_need_the_right_to_write(config, service):
    config.set("/a", 1)
    other = service.client(user="nobody")
    with other.refuses("AccessDenied"):
        other.revert(0)
    with other.refuses("AccessDenied"):
        other.confirm(1)
    assert other.history()[0]["version"] == 1


def test_a_caller_s_calls_keep_their_order(config):
    """A Set behind a Revert is done behind it."""
    from gi.repository import GLib

    config.set("/a", 1)
    config.set("/a", 2)
    answers = []
    config.call_later("Revert", GLib.Variant("(ta{sv})", (1, {})), answers.append)
    config.set_later("/a", 3, answers.append)
    wait_for_answers(answers, 2)
    assert sorted(answers) == [3, 4] and config.get("/a") == 3


def test_dump_and_diff_at_a_version(config):
    config.set("/chat/websocket/port", 9000)
    config.set("/chat/websocket/port", 9001)
    config.set("/extra", [1, None])
    assert json.loads(config.dump("", "overrides", "json", version=1)) == {
        "chat": {"websocket": {"port": 9000}}}
    assert config.dump("/chat/websocket/port", "effective", "yaml", version=0).strip() == "8000"
    assert config.dump("/chat/websocket/port", "effective", "yaml", version=3).strip() == "9001"
    assert config.diff(0, 3) == [("/chat/websocket/port", 8000, 9001), ("/extra", ABSENT, [1, None])]
    assert config.diff(3, 1) == [("/chat/websocket/port", 9001, 9000), ("/extra", [1, None], ABSENT)]
    assert config.diff(2, 2) == []
    for call in (lambda: config.diff(0, 4), lambda: config.dump("", "effective", version=9)):
        with config.refuses("NotFound"):
            call()


def test_it_survives_a_restart(config, service):
    config.set("/a", 1)
    config.set("/a", 2)
    config = service.restart()
    config.revert(1)
    assert config.get("/a") == 1
    assert versions(config) == [3, 2, 1]


def test_an_edit_while_nobody_looked_is_told_by_path(config, service):
    config.set("/a", 1)
    config.set("/b", 1)
    service.stop()
    service.runtime.write_text(service.runtime.read_text().replace("a: 1", "a: 5"))
    config = service.start()
    assert config.history()[0]["changes"] == [("/a", 1, 5)]
    config.revert(1)
    assert config.get("/a") == 1


def test_other_defaults_are_a_version_without_changes(config, service):
    config.set("/a", 1)
    service.defaults.write_text("z: 1\n")
    eventually(lambda: config.version == 2)
    entry = config.history()[0]
    assert (entry["version"], entry["origin"], entry["changes"]) == (2, "defaults", [])
    assert config.revert(1) == (2, [])


@pytest.mark.parametrize("lost", ["state", "text", "history", "state and text"])
def test_the_version_never_falls(config, service, lost):
    for value in range(5):
        config.set("/a", value)
    service.stop()
    service.expect("")
    if "state" in lost:
        service.state_file.unlink()
    if "text" in lost:
        service.runtime.unlink()
    if lost == "history":
        for path in service.var.glob(".runtime_config.yaml.history*"):
            path.unlink()
    config = service.start()
    assert config.version >= 5
    assert config.set("/a", 9) > 5


def test_a_change_of_other_files_needs_no_state(config, service):
    """A power cut may leave the state before it."""
    service.defaults.write_text("n: 5\n")
    eventually(lambda: config.version == 1)
    service.kill()
    service.state_file.unlink()
    config = service.start()
    assert config.version == 1 and versions(config) == [1]
    assert config.set("/n", 6) == 2


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 100, b"SQLite format 3\0" + bytes(5000)])
def test_a_corrupt_history_is_put_aside(config, service, damage):
    service.expect("history")
    config.set("/a", 1)
    service.stop()
    for path in service.var.glob(".runtime_config.yaml.history-*"):
        path.unlink()
    service.history_file.write_bytes(damage)
    config = service.start()
    assert config.get("/a") == 1 and config.version == 1
    if damage:
        assert config.state == "degraded" and "put aside" in config.state_message
        assert list(service.var.glob("*history.corrupt-*"))
    assert config.set("/a", 2) == 2
    assert config.state == "ok"
    assert versions(config) == [2]


def test_it_can_go_bad_while_it_is_open(config, service):
    service.expect("history")
    config.set("/a", 1)
    service.history_file.write_bytes(b"x" * service.history_file.stat().st_size)
    for value in range(2, 6):
        assert config.set("/a", value) == value
    assert config.get("/a") == 5
    service.kill()
    service.check_log()
    config = service.start()
    assert config.get("/a") == 5 and config.version == 5
    config.set("/a", 6)
    assert config.state == "ok" and versions(config)[0] == 6


def test_one_that_can_not_be_written_stops_nothing(unprivileged):
    service = unprivileged
    service.expect("history")
    service.history_file.mkdir()
    (service.history_file / "x").mkdir()
    config = service.start()
    service.var.joinpath("x").mkdir()
    assert config.set("/a", 1) == 1
    assert config.get("/a") == 1
    service.var.joinpath("x").rmdir()


def test_a_last_good_text_has_no_secrets(service):
    service.expect("api_key", "runtime_config.yaml")
    service.schema.write_text("properties: {key: {writeOnly: true}}\n")
    config = service.start("--on-corrupt=last-good")
    config.apply(("set", "/key", "hunter2"), ("set", "/a", 1))
    service.stop()
    assert all(b"hunter2" not in path.read_bytes() for path in service.var.glob(".*"))
    service.runtime.write_text("a: [")
    config = service.start("--on-corrupt=last-good")
    assert config.state == "recovered"
    assert config.get("/a") == 1 and "key" not in config.get()
    assert config.set("/b", 1) == 2


def test_an_older_version_is_computed_with_the_present_defaults(config, service):
    config.set("/a", 1)
    config.set("/chat/websocket/port", 9000)
    service.defaults.write_text("z: 1\n")
    config.reload()
    assert json.loads(config.dump("", "effective", "json", version=1)) == {"z": 1, "a": 1}
    assert config.diff(1, 2) == [("/chat/websocket/port", ABSENT, 9000)]


def test_the_limit_of_a_list(config):
    for value in range(103):
        config.set("/n", value)
    assert versions(config) == [*range(103, 3, -1)]
    assert versions(config, "", limit=10000) == [*range(103, 0, -1)]
    with config.refuses("InvalidValue", "limit"):
        config.history("", limit=10001)


def set_texts(config, count):
    """Sets texts of 100,000 bytes each that can't be compressed."""
    generator = random.Random(count)
    for _ in range(count):
        config.set("/text", generator.randbytes(50_000).hex())


@pytest.mark.parametrize("size, all_are_kept", [(1, False), (0, True)])
def test_a_size_limits_the_history(service, size, all_are_kept):
    config = service.start(f"--history-size={size}")
    set_texts(config, 30)
    if all_are_kept:
        assert versions(config) == [*range(30, 0, -1)]
        return
    # the history makes room when no caller waits
    eventually(lambda: len(versions(config)) <= 1_048_576 // 100_000)
    kept = versions(config)
    assert kept == [*range(30, 30 - len(kept), -1)] and len(kept) > 2
    with config.refuses("NotFound"):
        config.revert(1)


# runs a command with the kernel's own clock ahead by some seconds
AHEAD = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
assert libc.unshare(0x80) == 0, os.strerror(ctypes.get_errno())
with open("/proc/self/timens_offsets", "w") as offsets:
    offsets.write(f"boottime {sys.argv[1]} 0")
space = os.open("/proc/self/ns/time_for_children", os.O_RDONLY)
assert libc.setns(space, 0) == 0, os.strerror(ctypes.get_errno())
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.mark.parametrize("age, kept", [(2, [4, 3]), (5, [4, 3, 2]), (0, [4, 3, 2, 1])])
def test_an_age_limits_the_history(service, age, kept):
    """The service is down for three days after each change."""
    require_root()
    for number in range(1, 5):
        ahead = [sys.executable, "-c", AHEAD, str(number * 3 * 86400)]
        config = service.start(f"--history-age={age}", prefix=ahead)
        config.set("/a", number)
        if number < 4:
            service.stop()
    eventually(lambda: versions(config) == kept, "the old changes are removed")


def test_there_may_be_none(service):
    config = service.start("--history-count=0")
    config.set("/a", 1)
    assert not service.history_file.exists()
    assert config.state == "ok"
    with config.refuses("Unavailable", "history"):
        config.history()
    with config.refuses("Unavailable", "history"):
        config.revert(0)
    with config.refuses("Unavailable", "history"):
        config.apply(("set", "/a", 2), confirm_timeout=5)


def test_it_is_bounded_and_fair(unprivileged):
    """One caller can't push out what others did, nor fill the disk."""
    service = unprivileged
    config = service.start("--history-count=300")
    other = service.client(user="nobody")
    for value in range(20):
        other.set("/other", value)
    answers = []
    for value in range(FLOOD):
        config.set_later("/mine", value, answers.append)
        if value % 100 == 99:
            wait_for_answers(answers, value + 1)
    wait_for_answers(answers, FLOOD)
    entries = config.history("", limit=10000)
    uids = [entry["uid"] for entry in entries]
    assert len(entries) <= 300 and uids.count(0) >= 200
    assert [entry["version"] for entry in entries if entry["uid"]] == [*range(20, 0, -1)]
    size = sum(path.stat().st_size for path in service.var.glob(".runtime_config.yaml.history*"))
    assert size < 8 * 1024 * 1024
    assert set(config.revert(10).changed) == {"/mine", "/other"}
    assert config.get("/other") == 9


def test_kills(service):
    """After each kill the history has exactly the changes that happened, in order, without gaps."""
    generator = random.Random(5)
    number = 0
    config = service.start()
    kept = []
    for _ in range(KILLS):
        answers = []
        sent = generator.randrange(1, 12)
        for _ in range(sent):
            number += 1
            config.set_later("/n", number,
                             lambda answer, number=number: answers.append((answer, number)))
        config.caller.connection.flush_sync(None)
        # the service is killed at any moment of the calls
        time.sleep(generator.random() * 0.02)
        service.kill()
        wait_for_answers(answers, sent)
        config.close()

        config = service.start()
        entries = config.history("", limit=10000)[::-1]
        before, kept = kept, [entry["changes"][0][2] for entry in entries]
        assert kept[:len(before)] == before
        assert [entry["version"] for entry in entries] == [*range(1, config.version + 1)]
        assert [entry["changes"][0][1] for entry in entries] == [ABSENT, *kept][:len(kept)]
        # what was answered is there, at the version that was answered, and what is there was asked
        for answer, value in answers:
            assert not isinstance(answer, int) or kept[answer - 1] == value
        assert kept[len(before):] == [*range(number - sent + 1, number + 1)][:len(kept) - len(before)]
        assert config.get("").get("n") == (kept[-1] if kept else None)
