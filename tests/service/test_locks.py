# SPDX-License-Identifier: LGPL-2.1-or-later
"""A file `locks` beside the defaults fixes what they say, at every door."""

import pytest
from runconf_testing import Refusal, eventually


@pytest.fixture
def locks(service):
    return service.etc / "locks"


@pytest.fixture
def locked(service, locks):
    """A client of a daemon with two locks: a leaf, and a mapping with all that is in it."""
    locks.write_text("# fixed by the firewall\n/chat/websocket/port\n\n  /logging  \n")
    return service.start()


@pytest.mark.parametrize("path", ["/chat/websocket/port", "/logging/level", "/logging/new"])
def test_set_is_refused(locked, locks, path):
    with locked.refuses("Locked", path, str(locks)):
        locked.set(path, 9)


def test_a_locked_value_can_not_be_taken_away_with_what_it_is_in(locked):
    with locked.refuses("Locked", "/chat/websocket", "locks"):
        locked.set("/chat/websocket", "no mapping any more")
    with locked.refuses("Locked"):
        locked.set("/chat", 1)


def test_every_door_is_locked(locked):
    for door in (
        lambda: locked.set("/logging/level", "debug"),
        lambda: locked.merge({"logging": {"level": "debug"}}),
        lambda: locked.merge_text("logging: {level: debug}"),
        lambda: locked.apply(("set", "/llm/active", "groq"), ("set", "/logging/level", "debug")),
        lambda: locked.apply(("set", "/logging/level", "debug"), dry_run=True),
        lambda: locked.replace_text("logging: {level: debug}"),
        lambda: locked.save({**locked.get(), "logging": {"level": "debug"}}),
    ):
        with locked.refuses("Locked", "/logging/level"):
            door()


def test_a_message_lists_twenty_locked_paths(locked):
    with pytest.raises(Refusal) as caught:
        locked.merge({"logging": {f"key{number}": 1 for number in range(25)}})
    assert caught.value.kind == "Locked"
    lines = caught.value.message.splitlines()
    assert len(lines) == 21 and lines[20] == "and 5 more"


def test_a_revert_is_refused_by_a_lock(service, locks):
    config = service.start()
    config.set("/logging/level", "debug")
    config.reset("/logging/level")
    locks.write_text("/logging\n")
    config.reload()
    for options in ({}, {"dry_run": True}):
        with config.refuses("Locked", "/logging/level"):
            config.revert(1, **options)


def test_what_is_beside_a_lock_is_free(locked):
    assert locked.set("/chat/websocket/host", "example.org") == 1
    assert locked.set("/chat/websocket", {"host": "example.com"}) == 2
    assert locked.get("/chat/websocket") == {"host": "example.com", "port": 8000}


def test_save_may_name_a_locked_value_as_it_is(locked):
    config = locked.get()
    config["llm"]["active"] = "groq"
    assert locked.save(config).changed == ["/llm/active"]


def test_an_override_in_the_file_is_ignored_and_stays_there(service, locks):
    text = "chat: {websocket: {port: 9000, host: h}}  # mine\n"
    service.runtime.write_text(text)
    locks.write_text("/chat/websocket/port\n")
    service.expect("locked by")
    config = service.start()
    assert config.get("/chat/websocket") == {"host": "h", "port": 8000}
    assert service.runtime.read_text() == text
    assert config.state == "ok"
    assert f"{service.runtime}:1:26: /chat/websocket/port: it is locked by" in service.log()

    config.set("/llm/active", "groq")
    assert "port: 9000" in service.runtime.read_text()
    assert config.get("/chat/websocket/port") == 8000

    # it may go, and then it is gone for good
    config.reset("/chat/websocket/port")
    assert "9000" not in service.runtime.read_text()


def test_an_override_that_a_hand_adds_is_ignored(locked, service):
    service.expect("locked by")
    service.runtime.write_text("logging: {level: debug}\nllm: {active: groq}\n")
    eventually(lambda: locked.get("/llm/active") == "groq")
    assert locked.get("/logging/level") == "info"


def test_a_new_lock_counts_at_once_and_an_old_one_lets_go(service, locks):
    service.expect("locked by")
    config = service.start()
    config.set("/chat/websocket/port", 9000)
    with config.signals() as seen:
        locks.write_text("/chat\n")
        change = seen.wait()
        assert (change.paths, change.origin) == (["/chat/websocket/port"], "rules")
        assert config.get("/chat/websocket/port") == 8000
        locks.unlink()
        assert seen.wait(2).values == {"/chat/websocket/port": 9000}
    assert config.version == 3
    assert config.set("/chat/websocket/port", 9001) == 4


def test_a_lock_of_an_item_locks_the_sequence(service, locks):
    locks.write_text("/servers/0\n")
    config = service.start()
    with config.refuses("Locked", "/servers"):
        config.set("/servers/1/port", 5)


def test_a_wrong_line_is_told_and_the_others_count(service, locks):
    locks.write_text("/llm\nno pointer\n/a/~2\n")
    service.expect("locks:")
    config = service.start()
    assert config.state == "degraded"
    assert f"{locks}:2: " in config.state_message and f"{locks}:3: " in config.state_message
    with config.refuses("Locked"):
        config.set("/llm/active", "groq")
    locks.write_text("/llm\n")
    eventually(lambda: config.state == "ok")


def test_locks_that_can_not_be_read_stay_as_they_were(locked, locks, service):
    service.expect("locks")
    locks.unlink()
    locks.mkdir()
    eventually(lambda: locked.state == "degraded")
    assert str(locks) in locked.state_message
    with locked.refuses("Locked"):
        locked.set("/logging/level", "debug")
    locks.rmdir()
    eventually(lambda: locked.state == "ok")
    locked.set("/logging/level", "debug")
