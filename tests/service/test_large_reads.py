# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads of a large configuration by users without a right: what they can cost."""

import os
import pathlib
import re
import threading

import pytest
import yaml
from crowd_testing import flood
from gi.repository import GLib
from runconf_testing import BUS_NAME, INTERFACE, Refusal, eventually, require_root, wait_for_answers
from values_testing import ABSENT, pack
from test_memory import read_limit

pytestmark = pytest.mark.bus_type("system")

SMALL = 10_000


@pytest.fixture(autouse=True)
def root():
    require_root()


def numbers(count):
    return "".join(f"key{number}: {number}\n" for number in range(count))


def write_defaults(service, count):
    service.defaults.write_text(f"small: 1\nlarge:\n{indent(numbers(count))}"
                                f"longest:\n{indent(numbers(SMALL - 1))}")


def indent(text):
    return "".join(f"  {line}\n" for line in text.splitlines())


READS = {
    "Get": lambda client, path: client.get(path),
    "List": lambda client, path: client.list(path),
    "Describe": lambda client, path: client.describe(path),
}


@pytest.mark.parametrize("method", READS)
def test_a_user_without_a_right_gets_few_values_at_a_time(service, method):
    write_defaults(service, SMALL + 1)
    config = service.start()
    client = service.client(user="nobody")
    read = READS[method]

    def expected(answer):
        return answer | {"writable": False} if method == "Describe" else answer

    with pytest.raises(Refusal) as caught:
        read(client, "/large")
    assert caught.value.kind == "TooLarge"
    assert "/large" in caught.value.message and "Dump" in caught.value.message
    assert read(client, "/small") == expected(read(config, "/small"))
    # both values of a Describe are counted, the value and the default
    longest = "/small" if method == "Describe" else "/longest"
    assert read(client, longest)
    assert len(read(config, "/large")) >= 2


def test_all_values_are_in_a_dump(service):
    write_defaults(service, 50_000)
    config = service.start()
    client = service.client(user="nobody")
    text = client.dump()
    assert text == config.dump()
    assert yaml.load(text, yaml.CSafeLoader)["large"]["key49999"] == 49_999
    # the overrides as well, as they stand in the file and as JSON
    assert config.set("/large/key1", 7) == 1
    assert client.dump("", "overrides") == service.runtime.read_text()
    assert client.dump_json("/large", "overrides") == {"key1": 7}


def test_a_configuration_that_has_just_become_large(service):
    """The user of a new connection is found out before it gets many values, also where the first call
    meets a changed file."""
    write_defaults(service, 2)
    service.start()
    client = service.client(user="nobody")
    for count in range(SMALL + 1, SMALL + 6):
        write_defaults(service, count)
        # the first call of each connection, which never meets a limit
        eventually(lambda: len(service.client().get("/large")) == count)
        with pytest.raises(Refusal) as caught:
            client.get("/large")
        assert caught.value.kind == "TooLarge"


def test_reads_and_writes_keep_their_order_in_a_large_configuration(service):
    """A Dump shows what was in force when it was called, whatever was sent behind it."""
    write_defaults(service, 50_000)
    config = service.start()
    answers = {}

    def send(key, method, arguments):
        config.call_later(method, arguments, lambda answer: answers.update({key: answer}))

    for number in range(5):
        send(("set", number), "Set", GLib.Variant("(sv)", ("/small", pack(number + 10))))
        send(("dump", number), "Dump",
             GLib.Variant("(sssa{sv})", ("/small", "effective", "json", {})))
    wait_for_answers(answers, 10)
    assert [answers["set", number] for number in range(5)] == [1, 2, 3, 4, 5]
    assert [int(answers["dump", number]) for number in range(5)] == [10, 11, 12, 13, 14]


def processor_time(pid):
    """Of the main loop, and of all threads, also those that have ended, in seconds."""
    loop = int(pathlib.Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0])
    user, system = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return loop / 1e9, (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_a_history_ends_early(service):
    config = service.start()
    for number in range(8):
        config.set("/list", [number] * 2_000)
    client = service.client(user="nobody")
    versions = [change["version"] for change in client.history()]
    assert versions == [*range(8, 8 - len(versions), -1)]
    assert 2 <= len(versions) <= 3, "each change has the old list and the new one"
    assert len(config.history()) == 8


def test_a_change_that_fits_no_reply_has_no_values(service):
    config = service.start()
    config.set("/list", [0] * (SMALL + 1))
    config.set("/small", 1)
    last, first = service.client(user="nobody").history()
    assert last["changes"] == [("/small", ABSENT, 1)] and "omitted" not in last
    assert first["changes"] == [] and first["omitted"] == 1
    assert len(config.history()[1]["changes"][0][2]) == SMALL + 1


def test_the_work_of_users_without_a_right_delays_no_trusted_user(service):
    """With one queue for all users, a Describe would wait for each Dump before it."""
    write_defaults(service, 100_000)
    config = service.start()
    client = service.client(user="nobody")
    dumps = 30
    client.caller.send_in_a_row(BUS_NAME, client.path, INTERFACE, [
        ("Dump", "('', 'effective', 'yaml', @a{sv} {})")] * dumps)
    assert "key99999" in client.caller.replies(1)[0]
    others = threading.Thread(target=client.caller.replies, args=(dumps - 1,))
    others.start()
    n_described = 0
    while others.is_alive():
        assert config.describe("/small")["value"] == 1
        n_described += 1
    others.join()
    print(f"{n_described} calls of Describe")
    assert n_described > 6 * dumps


@pytest.mark.parametrize("format", ["yaml", "json"])
def test_a_text_is_made_off_the_main_loop(service, format):
    write_defaults(service, 300_000)
    service.start()
    client = service.client(user="nobody")
    client.get("/small")
    before = processor_time(service.process.pid)
    for _ in range(3):
        client.dump("", "effective", format)
    loop, everything = (after - early for after, early
                        in zip(processor_time(service.process.pid), before))
    print(f"main loop {loop:.2f} s of {everything:.2f}")
    assert loop < everything / 2


def peak_memory(pid):
    """In MiB."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1024


@pytest.mark.parametrize("format", ["yaml", "json"])
def test_a_flood_of_dumps_fits_the_memory_of_the_unit(service, format):
    write_defaults(service, 300_000)
    config = service.start(prefix=["prlimit", f"--data={read_limit()}"])
    before = peak_memory(service.process.pid)
    process = flood(config, "Dump", f"('', 'effective', '{format}', @a{{sv}} {{}})", 10, 4, "yes")
    while process.poll() is None:
        assert config.get("/small") == 1
    told = eval(process.communicate()[0])
    more = peak_memory(service.process.pid) - before
    print(f"{before:.0f} MiB, then {more:.0f} more")
    assert told == {"ok": 40}
    # a few texts of 5 MiB, each with its copies on the way to the bus
    assert more < 120
