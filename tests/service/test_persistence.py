# SPDX-License-Identifier: LGPL-2.1-or-later
"""What was answered is there after a restart, a kill and a lost file."""

import signal
import threading

import pytest
import yaml
from gi.repository import GLib
from runconf_testing import DEFAULT_VALUES, Refusal, both_buses, eventually, wait_for_answers


@both_buses
def test_a_restart_keeps_everything(config, service):
    config.merge({"chat": {"websocket": {"port": 9000}}, "list": [1, {"a": None}], "empty": {}})
    config.set("/features/-", "more")
    before = config.get(), config.version, config.last_modified, service.snapshot()
    config = service.restart()
    assert (config.get(), config.version, config.last_modified, service.snapshot()) == before
    assert config.state == "ok"
    assert config.set("/a", 1) == 3


def test_a_restart_of_a_fresh_daemon_writes_nothing(config, service):
    before = service.snapshot()
    config = service.restart()
    assert service.snapshot() == before
    assert config.version == 0


def test_many_restarts(config, service):
    for number in range(1, 11):
        assert config.set("/n", number) == number
        config = service.restart()
        assert (config.get("/n"), config.version) == (number, number)
    assert service.stray_files() == []


def test_the_state_file_is_lost(config, service):
    for number in range(5):
        config.set("/n", number)
    service.stop()
    service.state_file.unlink()
    config = service.start()
    assert (config.get("/n"), config.version, config.state) == (4, 5, "ok")
    assert config.set("/n", 9) == 6


@pytest.mark.parametrize("text", ["", "nonsense\n", "\0" * 100, "version: -1\n", "5"])
def test_the_state_file_is_broken(config, service, text):
    for number in range(5):
        config.set("/n", number)
    service.stop()
    service.expect("state")
    service.state_file.write_text(text)
    config = service.start()
    assert config.get("/n") == 4
    assert config.version >= 5
    assert config.set("/n", 9) > 5


def test_the_overrides_are_lost(config, service):
    for number in range(5):
        config.set("/n", number)
    service.stop()
    service.runtime.unlink()
    config = service.start()
    assert config.get() == DEFAULT_VALUES
    assert config.version >= 5
    assert config.set("/n", 9) > 5


def test_the_overrides_are_from_a_backup(config, service):
    for number in range(5):
        config.set("/n", number)
        if number == 1:
            backup = service.runtime.read_text()
    service.stop()
    service.runtime.write_text(backup)
    config = service.start()
    assert (config.get("/n"), config.version) == (1, 6)


@both_buses
def test_a_kill_after_an_answer_loses_nothing(service):
    config = service.start()
    for number in range(1, 21):
        assert config.set("/n", number) == number
        service.kill()
        config = service.start()
        assert (config.get("/n"), config.version, config.state) == (number, number, "ok")
    # nor does it leave anything behind
    assert service.stray_files() == []


def test_a_kill_amid_writes_loses_no_answered_one(service):
    for turn in range(10):
        config = service.start()
        first = config.version
        clients = [service.client() for _ in range(4)]
        answered = [first] * len(clients)

        def write(position):
            try:
                for number in range(1000):
                    version = clients[position].set(f"/turn{turn}/client{position}", number)
                    answered[position] = (version, number)
            except (Refusal, GLib.Error):
                pass

        threads = [threading.Thread(target=write, args=(n,)) for n in range(len(clients))]
        for thread in threads:
            thread.start()
        eventually(lambda: config.version > first + 10 + 7 * turn)
        service.kill()
        for thread in threads:
            thread.join()

        config = service.start()
        values = config.get(f"/turn{turn}")
        for position, last in enumerate(answered):
            if last != first:
                version, number = last
                # one more may have been on its way
                assert values[f"client{position}"] in (number, number + 1)
                assert config.version >= version
        assert config.version == yaml.safe_load(
            service.runtime.read_text())["_runtime_config"]["version"]
        assert config.state == "ok"
        service.stop()
    assert service.stray_files() == []


@both_buses
def test_a_term_amid_writes_loses_none_that_was_answered(service):
    config = service.start()
    answers = {}
    for number in range(100):
        config.set_later(f"/n{number}", number,
                         lambda answer, number=number: answers.__setitem__(number, answer))
    service.process.send_signal(signal.SIGTERM)
    assert service.wait() == 0
    wait_for_answers(answers, 100)

    answered = {n for n, answer in answers.items() if isinstance(answer, int)}
    config = service.start()
    there = {int(key[1:]) for key in config.get() if key[0] == "n"}
    assert answered <= there
    assert config.version == len(there)
    # whoever was not answered knows it
    for answer in answers.values():
        if not isinstance(answer, int):
            assert isinstance(answer, GLib.Error)


def test_a_term_waits_for_the_writes_that_are_staged(service):
    """All that the daemon has received, from somebody it knows, when it is told to end."""
    config = service.start()
    config.set("/n", -1)
    answers = []
    for number in range(64):
        config.set_later("/n", number, answers.append)
    # an answer to a later call: everything before it has been taken in
    config.get("/llm/active")
    service.stop()
    wait_for_answers(answers, 64)
    assert answers == list(range(2, 66))
    config = service.start()
    assert (config.get("/n"), config.version) == (63, 65)


def test_stale_temporary_files_are_cleared_away(config, service):
    """Whatever a kill at the worst moment leaves: found by killing at each rename and fsync."""
    service.stop()
    for call in ("renameat2", "fsync", "fchmod"):
        for turn in range(1, 5):
            inject = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                      "-e", f"inject={call}:signal=KILL:when={turn}"]
            try:
                client = service.start(prefix=inject)
                client.set("/n", f"{call} {turn}")
                client.set("/n", f"{call} {turn} again")
            except (AssertionError, Refusal, GLib.Error):
                pass
            # where it did not come to that call, it is killed here
            service.kill()
    config = service.start()
    assert config.state == "ok"
    assert service.stray_files() == []


def test_files_of_others_are_left_alone(service):
    others = ["notes.txt", ".hidden", "runtime_config.yaml~", ".runtime_config.yaml.swp",
              "runtime_config.yaml.bak", ".other_config.yaml.tmp"]
    for name in others:
        (service.var / name).write_text("mine")
    config = service.start()
    config.set("/a", 1)
    service.restart()
    assert set(others) <= set(service.files())
    assert all((service.var / name).read_text() == "mine" for name in others)
