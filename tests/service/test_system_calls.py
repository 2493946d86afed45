# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a durable Set asks of the kernel: counted with strace, so the load of the machine doesn't matter much."""

import collections
import re

import pytest
from runconf_testing import has_journal

pytestmark = pytest.mark.skipif(not has_journal(), reason="this needs ext4 or tmpfs")

WARM_UP = 20
SETS = 100
# of all threads for one Set, with a history and a schema; some fifty of them are the D-Bus library's and
# those of the relay before it. They were 108 when this was written.
MAX_CALLS = 125
# of the files: the overrides and their folder, the defaults, the schema, the locks, the state, the history
MAX_STATUS = 25
# GLib's pool may replace a thread that waited too long
MAX_THREADS = 3


class Trace:
    """The log of strace, from its last reading on."""

    def __init__(self, path):
        self.path = path
        self.offset = 0

    def count(self):
        """How many of each call were begun since the last time."""
        with self.path.open("rb") as log:
            log.seek(self.offset)
            text = log.read()
            self.offset = log.tell()
        return collections.Counter(
            name.decode() for name in re.findall(rb"^\d+ +(\w+)\(", text, re.MULTILINE))


@pytest.fixture
def trace(service):
    """Starts the daemon of the service under strace, with a schema and a history."""
    service.schema.write_text("type: object\n")
    log = service.folder / "strace"
    service.start(prefix=["strace", "-D", "-f", "-qq", "-o", log, "--"])
    return Trace(log)


def count_sets(service, trace):
    """The system calls of the Sets of one client, each after the reply to the one before."""
    config = service.client()
    for number in range(WARM_UP):
        config.set("/chat/websocket/port", 1000 + number)
    trace.count()
    for number in range(SETS):
        config.set("/chat/websocket/port", 2000 + number)
    return trace.count()


def test_a_set_costs_few_system_calls(service, trace):
    calls = count_sets(service, trace)
    assert calls["renameat2"] == pytest.approx(SETS, abs=1), "the log isn't complete"
    assert sum(calls.values()) / SETS < MAX_CALLS, calls.most_common()
    status = sum(count for name, count in calls.items() if "stat" in name)
    assert status / SETS < MAX_STATUS, calls.most_common()


def test_a_set_makes_no_thread(service, trace):
    calls = count_sets(service, trace)
    assert service.client().history()
    assert calls["clone3"] + calls["clone"] <= MAX_THREADS, calls.most_common()
