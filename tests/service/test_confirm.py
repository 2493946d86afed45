# SPDX-License-Identifier: LGPL-2.1-or-later
"""A change that goes back by itself unless it is confirmed."""

import contextlib
import sqlite3
import time

import pytest
from runconf_testing import Refusal, eventually, iterate


def try_out(config, path, value, seconds, **options):
    return config.apply(("set", path, value), confirm_timeout=seconds, **options).version


@contextlib.contextmanager
def later_deadline(config):
    """Makes a change that isn't confirmed and ends when it is reverted: all deadlines of the changes before,
    and of those inside, with a timeout of one second are over then. Gives the signals of all changes.
    """
    with config.signals() as seen:
        yield seen
        version = try_out(config, "/marker", 1, 1)
        message = f"not confirmed: version {version}"
        iterate(seen.context, lambda: any(is_revert(signal, message) for signal in seen.received),
                f"the revert of version {version}, after {seen.received}")


def is_revert(signal, message):
    return signal.origin == "revert" and signal.details["message"].get_string() == message


def move_deadlines(service, seconds):
    """Moves the deadline of the change that waits; the service is down."""
    with contextlib.closing(sqlite3.connect(service.history_file)) as database, database:
        changed = database.execute("UPDATE waiting SET deadline = deadline + ?", (seconds * 10**6,))
        assert changed.rowcount == 1


def test_it_goes_back(config):
    config.set("/llm/active", "groq")
    with config.signals() as seen:
        begun = time.monotonic()
        version = try_out(config, "/llm/active", "openai", 1, message="risky")
        assert config.get("/llm/active") == "openai"
        back = seen.wait(2)
        assert 0.9 < time.monotonic() - begun < 5
    assert (back.origin, back.values, back.version) == (
        "revert", {"/llm/active": "groq"}, version + 1)
    assert "uid" not in back.details
    assert back.details["message"].get_string() == f"not confirmed: version {version}: risky"
    assert config.overrides() == {"llm": {"active": "groq"}}
    with config.refuses("NotFound", str(version)):
        config.confirm(version)


def test_it_stays_where_it_is_confirmed(config, service):
    with later_deadline(config):
        version = try_out(config, "/llm/active", "openai", 1)
        config.confirm(version)
    assert config.get("/llm/active") == "openai" and config.version == version + 2
    config = service.restart()
    assert config.get("/llm/active") == "openai"


def test_only_what_still_stands_goes_back(config):
    config.apply(("set", "/a", 1), ("set", "/b", 1), ("set", "/new/c", 1), confirm_timeout=1)
    config.set("/a", 2)
    config.set("/new/d", 2)
    eventually(lambda: config.version == 4)
    assert config.overrides() == {"a": 2, "new": {"d": 2}}


def test_a_scalar_comes_back_in_the_place_of_a_mapping(config):
    config.set("/a", 1)
    config.apply(("merge", "/a", {"b": 2}), confirm_timeout=1)
    eventually(lambda: config.version == 3)
    assert config.get("/a") == 1
    config.apply(("merge", "/a", {"b": 2}), confirm_timeout=1)
    config.set("/a/c", 3)
    eventually(lambda: config.version == 6)
    assert config.get("/a") == {"c": 3}


def test_several_wait_at_once(config):
    config.set("/x", 1)
    third = try_out(config, "/y", 1, 30)
    with later_deadline(config) as seen:
        first = try_out(config, "/x", 2, 1)
        second = try_out(config, "/x", 3, 2)
    # the later change stays in force until its own deadline
    assert [signal.values["/x"] for signal in seen.received if "/x" in signal.paths] == [2, 3]
    # the second goes back to what the first had put there, and that goes back too
    eventually(lambda: config.get("/x") == 1)
    config.confirm(third)
    for version in (first, second, third):
        with config.refuses("NotFound"):
            config.confirm(version)


def test_a_confirmed_change_above_one_that_is_due(config):
    config.set("/x", 1)
    with later_deadline(config):
        try_out(config, "/x", 2, 1)
        second = try_out(config, "/x", 3, 30)
    config.confirm(second)
    # a revert that the confirmation caused would be written before a later Set
    assert config.set("/end", 1) == second + 3
    assert config.get("/x") == 3


@pytest.mark.parametrize("value", [0, -1, 2592001, "5", 1.5, True])
def test_a_wrong_timeout(config, value):
    with config.refuses("InvalidValue", "confirm-timeout"):
        try_out(config, "/a", 1, value)


def test_it_goes_back_over_a_restart(config, service):
    config.set("/x", 1)
    try_out(config, "/x", 2, 3)
    config = service.restart()
    assert config.get("/x") == 2
    eventually(lambda: config.get("/x") == 1, seconds=5)


def test_it_goes_back_at_once_if_it_is_overdue(config, service):
    config.set("/x", 1)
    try_out(config, "/x", 2, 1)
    service.kill()
    move_deadlines(service, -2)
    config = service.start()
    eventually(lambda: config.get("/x") == 1, seconds=2)
    assert config.history()[0]["origin"] == "revert"


@pytest.mark.parametrize("jump, remaining", [(-100 * 86400, 0), (100 * 86400, 4)])
def test_a_clock_that_jumps(config, service, jump, remaining):
    """None waits longer than it was given, whatever the clock says."""
    config.set("/x", 1)
    try_out(config, "/x", 2, 4)
    service.stop()
    move_deadlines(service, jump)
    begun = time.monotonic()
    config = service.start()
    eventually(lambda: config.get("/x") == 1, seconds=remaining + 3)
    assert time.monotonic() - begun >= remaining - 0.5


def test_it_survives_that_a_lock_holds_it(config, service):
    service.expect("locked by", "can't go back")
    config.set("/x", 1)
    version = try_out(config, "/x", 2, 1)
    service.locks.write_text("/y\n")
    eventually(lambda: config.get("/x") == 1)
    assert config.version == version + 1


def test_who_made_it_and_root_confirm_it(unprivileged):
    root = unprivileged.start()
    nobody = unprivileged.client(user="nobody")
    made_by_root = try_out(root, "/a", 1, 30)
    made_by_nobody = try_out(nobody, "/b", 1, 30)
    with nobody.refuses("AccessDenied", str(made_by_root)):
        nobody.confirm(made_by_root)
    nobody.confirm(made_by_nobody)
    root.confirm(made_by_root)
    with root.refuses("NotFound"):
        root.confirm(made_by_root)


def test_a_change_of_nothing_waits_for_nothing(config):
    version = config.set("/a", 1)
    assert try_out(config, "/a", 1, 1) == version
    with pytest.raises(Refusal):
        config.confirm(version)


def test_dry_run_waits_for_nothing(config):
    with later_deadline(config) as seen:
        with config.unchanged():
            config.apply(("set", "/a", 1), confirm_timeout=1, dry_run=True)
    assert [signal.paths for signal in seen.received] == [["/marker"], ["/marker"]]
