# SPDX-License-Identifier: LGPL-2.1-or-later
"""Configurations within the documented limits fit the memory that the unit allows, and it comes back."""

import os
import re

import pytest
from runconf_testing import DEADLINE, ROOT, Refusal, eventually

UNITS = ["data/system/runconfd.service.in", "data/session/runconfd.service.in"]
MIB = 1024 * 1024


def read_limit():
    """LimitDATA of the units, in bytes."""
    limits = {re.search(r"^LimitDATA=(\d+)M$", (ROOT / unit).read_text(), re.MULTILINE)[1]
              for unit in UNITS}
    assert len(limits) == 1
    return int(limits.pop()) * MIB


@pytest.fixture
def config(service):
    """A client of a daemon that has the memory of the unit."""
    service.defaults.write_text("a: 1\n")
    # the tests fill freed memory, which takes time here and finds nothing
    service.bus.environment.pop("MALLOC_PERTURB_", None)
    return service.start(prefix=["prlimit", f"--data={read_limit()}", "--core=0"])


def resident(service):
    """The resident memory of the daemon, in MiB."""
    with open(f"/proc/{service.process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) / 1024


def save_by_hand(service, text):
    new = service.runtime.with_name("new")
    new.write_text(text)
    os.rename(new, service.runtime)


def test_the_most_values(service, config):
    """Nearly 1,000,000 keys, saved by hand, changed over the bus, and found at a start."""
    save_by_hand(service, "".join(f"k{number}: 1\n" for number in range(990_000)))
    config.call("Reload", seconds=6 * DEADLINE)
    for number in range(3):
        assert config.set("/k1", number)
    with pytest.raises(Refusal) as caught:
        config.get()
    assert caught.value.kind == "TooLarge" and "Dump" in caught.value.message
    assert config.get("/k989999") == 1
    eventually(lambda: resident(service) < 220, seconds=6 * DEADLINE)


def test_many_changes_of_a_large_text(service, config):
    save_by_hand(service, "".join(f"key{number:06}: value{number}\n" for number in range(200_000)))
    config.reload()
    for number in range(30):
        config.set(f"/key{number:06}", number)
    eventually(lambda: resident(service) < 100)


def test_changes_of_large_values(service, config):
    save_by_hand(service, "".join(f"s{number}: {'x' * 500_000}\n" for number in range(24)))
    config.reload()
    for number in range(24, 31):
        config.set(f"/s{number}", "x" * 500_000)
    with pytest.raises(Refusal) as caught:
        for number in range(31, 40):
            config.set(f"/s{number}", "x" * 500_000)
    assert caught.value.kind == "TooLarge"
    assert config.get("/a") == 1
    eventually(lambda: resident(service) < 120)


def most_values(value=1):
    return "".join(f"k{number}: {value}\n" for number in range(990_000))


def start_within(service, mebibytes):
    service.bus.environment.pop("MALLOC_PERTURB_", None)
    return service.start(prefix=["prlimit", f"--data={mebibytes * MIB}", "--core=0"])


def test_a_text_that_there_is_no_memory_for_is_refused(service):
    """The values in force stay, and the next text that fits is taken."""
    service.expect("LimitDATA")
    service.defaults.write_text("a: 1\n")
    config = start_within(service, 200)
    config.set("/a", 2)
    save_by_hand(service, most_values())
    with config.refuses("StorageFailed", "LimitDATA", "runtime_config.yaml"):
        config.call("Reload", seconds=6 * DEADLINE)
    assert (config.state, config.get()) == ("degraded", {"a": 2})
    assert "LimitDATA" in config.state_message
    with config.refuses("StorageFailed", "LimitDATA"):
        config.set("/b", 1)
    assert service.runtime.read_text() == most_values()

    save_by_hand(service, "a: 3\n")
    config.reload()
    assert (config.state, config.get()) == ("ok", {"a": 3})
    assert config.set("/a", 4) == config.version


def test_a_text_of_a_caller_that_there_is_no_memory_for_is_refused(service):
    service.defaults.write_text("a: 1\n")
    config = start_within(service, 200)
    with config.refuses("TooLarge", "LimitDATA"):
        config.merge_text(most_values())
    assert config.get() == {"a": 1}
    assert config.set("/a", 2) == 1


def test_large_configurations_share_the_memory_of_the_unit(many):
    """Those that fit are served, the others are refused with a message, at each start."""
    many.expect("LimitDATA")
    names = ["one", "two", "three"]
    for name in names:
        many.add(name, "a: 1\n")
        many.add(name, most_values(), "runtime_config.yaml", base=many.state)

    for _ in range(2):
        start_within(many, 400)
        states = set()
        for name in names:
            config = many.config(name)
            states.add(config.state)
            assert config.get("/a") == 1
            if config.state == "ok":
                assert config.get("/k989999") == 1
            else:
                assert "LimitDATA" in config.state_message
        assert states == {"degraded", "ok"}
        many.stop()
    assert all(many.runtime_of(name).read_text() == most_values() for name in names)
