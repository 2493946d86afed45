# SPDX-License-Identifier: LGPL-2.1-or-later
"""A change is answered when the journal has it; its text and its history are synced later, and lose nothing."""

import os
import random
import shutil
import signal
import subprocess
import threading
import time

import pytest
from gi.repository import GLib
from runconf_testing import Refusal, eventually, has_journal

pytestmark = pytest.mark.skipif(not has_journal(), reason="this needs ext4 or tmpfs")

SECRET = "hunter2-correct-horse"
SCHEMA = "properties: {token: {type: string, writeOnly: true}}\n"


def is_clear(service):
    return service.journal_file.read_bytes().strip(b"\0") == b""


# the most changes that History lists
MAX_LIST = 1000


def check_history(config, last):
    """Each version is there once, with its value."""
    changes = config.history("/n", limit=MAX_LIST)
    assert [change["version"] for change in changes] == list(range(last, max(0, last - MAX_LIST), -1))


@pytest.fixture
def deferring(service):
    """A client of a daemon whose next Set goes to the journal."""
    client = service.start()
    client.set("/n", 1)
    eventually(service.journal_file.exists)
    return client


def test_a_text_is_in_the_journal_for_a_moment(service):
    service.schema.write_text(SCHEMA)
    config = service.start()
    config.set("/token", "of the first text")
    eventually(service.journal_file.exists)
    assert service.journal_file.stat().st_mode & 0o777 == 0o600
    config.set("/token", SECRET)
    assert SECRET.encode() in service.journal_file.read_bytes()
    begin = time.monotonic()
    eventually(lambda: is_clear(service))
    assert time.monotonic() - begin < 1 or os.environ.get("CI")


def test_the_end_clears_the_journal(deferring, service):
    deferring.set("/n", 2)
    service.stop()
    assert is_clear(service)
    assert service.start().get("/n") == 2


def test_kills_lose_nothing_of_the_history(service):
    chance = random.Random(1)
    last = 0
    for _ in range(15):
        config = service.start()
        assert config.version >= last

        def write(client):
            nonlocal last
            try:
                for number in range(1000):
                    last = client.set("/n", last + number + 1)
            except (Refusal, GLib.Error):
                pass

        thread = threading.Thread(target=write, args=(service.client(),))
        thread.start()
        time.sleep(chance.uniform(0.02, 0.3))
        service.kill()
        thread.join()
    config = service.start()
    # one more may have been on its way
    assert config.version in (last, last + 1)
    assert (config.state, config.state_message) == ("ok", "")
    check_history(config, config.version)


@pytest.mark.parametrize("history", [True, False])
def test_the_old_text_is_there_after_a_power_cut(service, history):
    options = () if history else ("--history-count=0",)
    config = service.start(*options)
    config.set("/n", 1)
    eventually(service.journal_file.exists)
    os.link(service.runtime, service.var / "old")
    kept = service.history_file.read_bytes() if history else b""
    log = service.var / ".runtime_config.yaml.history-wal"
    kept_log = log.read_bytes() if history else b""
    for number in range(2, 6):
        config.set("/n", number)
    service.kill()

    # the disk never got the texts, the state and the history
    os.replace(service.var / "old", service.runtime)
    service.state_file.unlink()
    if history:
        service.history_file.write_bytes(kept)
        log.write_bytes(kept_log)
    config = service.start(*options)
    assert (config.get("/n"), config.version, config.state) == (5, 5, "ok")
    assert "n: 5" in service.runtime.read_text()
    if history:
        check_history(config, 5)
    assert is_clear(service)
    assert config.set("/n", 6) == 6


def test_a_save_after_a_power_cut_stays(deferring, service):
    deferring.set("/n", 2)
    service.kill()
    service.runtime.write_text("n: 9\n")
    config = service.start()
    assert config.get("/n") == 9
    check_history(config, config.version)


def test_the_journal_is_removed(deferring, service):
    service.journal_file.unlink()
    deferring.set("/n", 2)
    eventually(service.journal_file.exists)
    deferring.set("/n", 3)
    service.kill()
    assert service.start().get("/n") == 3


def test_readers_see_a_change_in_the_history_at_once(deferring):
    for number in range(2, 40):
        version = deferring.set("/n", number)
        assert deferring.history("/n", limit=1)[0]["version"] == version


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("strace"), reason="this needs root and strace")
def test_a_text_that_cannot_be_synced_is_written_again(deferring, service):
    service.expect("sync")
    strace = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync",
                               "-e", "inject=fsync:error=EIO", "-p", str(service.process.pid)])
    try:
        eventually(lambda: "TracerPid:\t0\n" not in open(f"/proc/{service.process.pid}/status").read())
        deferring.set("/n", 2)
        eventually(lambda: "can't sync" in deferring.state_message)
        assert not is_clear(service)
        assert deferring.get("/n") == 2
    finally:
        strace.send_signal(signal.SIGTERM)
        strace.wait()
    eventually(lambda: deferring.state == "ok")
    eventually(lambda: is_clear(service))
    service.kill()
    assert service.start().get("/n") == 2
