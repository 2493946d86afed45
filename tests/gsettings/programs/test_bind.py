# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two programs that bind the same keys to their objects."""

import json
import pathlib

import pytest
from gsettings_testing import Lines
from runconf_testing import eventually

BINDER = pathlib.Path(__file__).with_name("binder.py")
START = {"count": 3, "name": "plain", "visible": True, "sensitive": True}
BACKENDS = {"dconf": "DConfSettingsBackend", "runconf": "RunconfSettingsBackend"}
ROUNDS = 40


class Binder(Lines):
    """One of the programs, and what its object was told."""

    def __init__(self, desktop):
        super().__init__(desktop, "/usr/bin/python3", BINDER)
        first = self.told(1 + len(START))
        assert first[0] == ["backend", BACKENDS[desktop.backend]]
        assert dict(first[1:]) == START
        self.forget()

    def told(self, count):
        return [json.loads(line) for line in self.wait(count)]

    def set(self, name, value):
        print(json.dumps([name, value]), file=self.process.stdin, flush=True)

    def until(self, name, value):
        """Waits until the object has a value."""
        self.wait_for(lambda: self.last(name) == value)

    def last(self, name):
        told = [json.loads(line) for line in self.all()]
        return next((value for known, value in reversed(told) if known == name), None)


@pytest.fixture
def two(desktop):
    with Binder(desktop) as one, Binder(desktop) as other:
        yield one, other


@pytest.fixture
def two_here(session):
    with Binder(session) as one, Binder(session) as other:
        yield one, other


def test_each_is_told_of_the_changes_of_the_other(two):
    one, other = two
    one.set("count", 42)
    assert other.told(1) == [["count", 42]]
    other.set("name", "théâtre")
    assert one.told(2) == [["count", 42], ["name", "théâtre"]]
    one.set("visible", False)
    assert other.told(3) == [["count", 42], ["name", "théâtre"], ["visible", False]]


def test_a_quick_row_of_changes_ends_the_same_for_both(two):
    one, other = two
    for number in range(ROUNDS):
        one.set("count", number + 10)
    other.until("count", ROUNDS + 9)
    counts = [value for _, value in map(json.loads, other.all())]
    assert counts == sorted(counts), "no old value comes back"
    # its own object was never set back by an answer that came late
    own = [value for _, value in map(json.loads, one.all())]
    assert own == sorted(own)


def test_changes_of_both_at_once_end_with_one_value(desktop, two):
    for number in range(ROUNDS):
        for place, binder in enumerate(two):
            binder.set("count", number + 50 * place)
    for binder in two:
        binder.set("name", "last")
    for binder in two:
        binder.until("name", "last")

    def seen():
        stored = desktop.run("gsettings", "get", "org.runconf.test", "count").stdout
        return {int(stored), *(binder.last("count") for binder in two)}

    eventually(lambda: len(seen()) == 1, "both have the stored value")
    assert len(seen()) == 1


def test_both_follow_the_file_and_a_revert(session, two_here):
    one, other = two_here
    one.set("count", 42)
    other.until("count", 42)
    config = session.service.settings
    version = config.version
    session.service.edit("count: 42", "count: 43")
    for binder in two_here:
        binder.until("count", 43)
    config.revert(version)
    for binder in two_here:
        binder.until("count", 42)
    assert session.service.overrides() == {"org": {"runconf": {"test": {"count": 42}}}}


def test_both_follow_a_lock(session, two_here):
    session.service.lock("/org/runconf/test/count")
    for binder in two_here:
        binder.until("sensitive", False)
    one, other = two_here
    one.set("count", 42)
    one.set("name", "beside")
    other.until("name", "beside")
    assert session.service.overrides() == {"org": {"runconf": {"test": {"name": "beside"}}}}
