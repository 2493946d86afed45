# SPDX-License-Identifier: LGPL-2.1-or-later
"""Many clients at once: no write is lost, versions have no gaps, one signal each, in order."""

import random
import threading

import pytest
from gi.repository import Gio, GLib
from runconf_testing import (
    BUS_NAME,
    DEADLINE,
    INTERFACE,
    Refusal,
    both_buses,
    connect,
    eventually,
    iterate,
    wait_for_answers,
)


def at_once(service, count, work):
    """Runs `work(client, number)` in as many threads, each with a client of its own."""
    results, errors = [None] * count, []
    barrier = threading.Barrier(count)
    clients = [service.client() for _ in range(count)]

    def run(number):
        try:
            barrier.wait()
            results[number] = work(clients[number], number)
        except Exception as error:  # told by the test itself
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    return results


@both_buses
def test_sixteen_clients_set_five_hundred_times(config, service):
    def work(client, number):
        return [client.set(f"/client{number}/n{i % 10}", i) for i in range(500)]

    with config.signals() as seen:
        versions = at_once(service, 16, work)
        signals = seen.all()

    # each answer is a version of its own, and each client's only grow
    assert sorted(version for own in versions for version in own) == list(range(1, 8001))
    assert all(own == sorted(own) for own in versions)

    # each version has one signal, in order, and it tells what that version did
    assert [signal.version for signal in signals] == list(range(1, 8001))
    wanted = {version: {f"/client{number}/n{i % 10}": i}
              for number, own in enumerate(versions) for i, version in enumerate(own)}
    assert {signal.version: signal.values for signal in signals} == wanted

    expected = {f"client{number}": {f"n{i}": 490 + i for i in range(10)} for number in range(16)}
    assert {key: config.get(f"/{key}") for key in expected} == expected
    assert config.version == 8000
    assert config.overrides() == expected
    config = service.restart()
    assert {key: config.get(f"/{key}") for key in expected} == expected


@both_buses
def test_calls_of_one_caller_are_done_in_their_order(service, config):
    """From the very first on, when the daemon does not yet know who calls."""
    for turn in range(10):
        versions = {}
        client = service.client()
        for number in range(50):
            client.set_later("/n", [turn, number],
                             lambda version, number=number: versions.update({number: version}))
        wait_for_answers(versions, 50)
        assert [versions[n] for n in range(50)] == list(range(50 * turn + 1, 50 * turn + 51))
        assert config.get("/n") == [turn, 49]


@both_buses
@pytest.mark.parametrize("seed", range(4))
def test_a_caller_reads_its_own_writes(service, config, seed):
    """Calls that one connection sends without waiting are done in their order, reads as well."""
    chance = random.Random(seed)
    connection = connect(service.bus.address)
    answers, wanted, value = {}, [], 0
    config.set("/n", 0)
    # large messages are taken one at a time as long as the service doesn't know whose they are: it asks
    # the bus at the first call, and has the answer before it handles a call that was sent after the reply
    for _ in range(2):
        connection.call_sync(BUS_NAME, config.path, INTERFACE, "Get", GLib.Variant("(s)", ("/n",)), None,
                             Gio.DBusCallFlags.NONE, DEADLINE * 1000, None)

    def on_answer(source, result, number):
        answers[number] = source.call_finish(result).unpack()[0]

    def send(method, signature, *arguments):
        connection.call(BUS_NAME, config.path, INTERFACE, method,
                        GLib.Variant(signature, arguments), None, Gio.DBusCallFlags.NONE,
                        DEADLINE * 1000, None, on_answer, len(wanted))

    # a bus allows a connection 128 calls without an answer
    for number in range(1, 100):
        kind = chance.choice(["Set", "MergeText", "long text", "Get", "Get", "Describe", "Dump"])
        if kind == "Set":
            value = number
            send("Set", "(sv)", "/n", GLib.Variant("x", value))
        elif kind in ("MergeText", "long text"):
            value = number
            send("MergeText", "(sa{sv})",
                 f"n: {value}\n" + "# x\n" * (20_000 * (kind != "MergeText")), {})
        elif kind == "Get":
            send("Get", "(s)", "/n")
        elif kind == "Describe":
            send("Describe", "(s)", "/n")
        else:
            send("Dump", "(sssa{sv})", "/n", "effective", "json", {})
        wanted.append((kind, value))
    iterate(GLib.MainContext.default(), lambda: len(answers) == len(wanted), "all answers")

    for number, (kind, value) in enumerate(wanted):
        if kind in ("Get", "Dump"):
            assert int(answers[number]) == value, (number, kind)
        elif kind == "Describe":
            assert answers[number]["value"] == value, number
    connection.close_sync()


def test_what_follows_a_long_text_is_done_after_it(service, config):
    """A text that takes long is read beside the main loop; its caller's next call still waits."""
    versions = {}
    client = service.client()
    client.set("/n", 0)
    client.merge_text_later("n: 1\nlist:\n" + "- 1\n" * 20_000,
                            lambda version: versions.update(text=version))
    client.set_later("/n", 2, lambda version: versions.update(set=version))
    client.merge_text_later("n: 3", lambda version: versions.update(last=version))
    wait_for_answers(versions, 3)
    assert versions == {"text": 2, "set": 3, "last": 4}
    assert config.get("/n") == 3


def test_readers_see_only_what_was_written_and_never_go_back(config, service):
    """Two leaves are always written together; whoever reads sees both or none."""
    config.apply(("set", "/pair/a", 0), ("set", "/pair/b", 0))

    def work(client, number):
        if number < 4:
            for i in range(1, 101):
                client.apply(("set", "/pair/a", [number, i]), ("set", "/pair/b", [number, i]))
            return None
        last = [0] * 4
        version = 0
        for _ in range(200):
            pair = client.get("/pair")
            assert pair["a"] == pair["b"]
            if pair["a"] != 0:
                writer, i = pair["a"]
                assert i >= last[writer]
                last[writer] = i
            now = client.version
            assert now >= version
            version = now
        return None

    at_once(service, 8, work)
    assert config.version == 401


@both_buses
def test_many_clients_merge_into_one_mapping(config, service):
    def work(client, number):
        return [client.merge({"shared": {f"c{number}": {f"k{i}": i}}}) for i in range(50)]

    with config.signals() as seen:
        answers = at_once(service, 16, work)
        assert [signal.version for signal in seen.all()] == list(range(1, 801))
    for number, own in enumerate(answers):
        paths = [[f"/shared/c{number}/k{i}"] for i in range(50)]
        assert [answer.changed for answer in own] == paths
    assert config.get("/shared") == {
        f"c{number}": {f"k{i}": i for i in range(50)} for number in range(16)}
    assert config.overrides() == {"shared": config.get("/shared")}


def test_many_clients_append_to_one_list(config, service):
    config.set("/list", [])
    at_once(service, 8, lambda client, n: [client.set("/list/-", [n, i]) for i in range(25)])
    items = config.get("/list")
    assert sorted(items) == [[n, i] for n in range(8) for i in range(25)]
    for number in range(8):
        assert [i for n, i in items if n == number] == list(range(25))


def test_compare_and_set_lets_one_win(config, service):
    """A counter without locks: each adds one to what it read, and tries again if beaten."""
    config.set("/counter", 0)

    def work(client, number):
        beaten = 0
        for _ in range(25):
            while True:
                version = client.version
                value = client.get("/counter")
                try:
                    client.apply(("set", "/counter", value + 1), if_version=version)
                    break
                except Refusal as refusal:
                    assert refusal.kind == "VersionMismatch"
                    beaten += 1
        return beaten

    at_once(service, 6, work)
    assert config.get("/counter") == 150
    assert config.version == 151


def test_refused_writes_among_good_ones_take_nobody_down(config, service):
    def work(client, number):
        good = []
        for i in range(60):
            if (i + number) % 3 == 0:
                with pytest.raises(Refusal) as caught:
                    client.apply(("set", f"/bad{number}", i), ("set", "/llm/active/below", i))
                assert caught.value.kind == "InvalidPath"
            else:
                good.append(client.set(f"/good{number}", i))
        return good

    versions = at_once(service, 8, work)
    assert sorted(version for own in versions for version in own) == list(range(1, 321))
    assert not any(key.startswith("bad") for key in config.get())


def test_writes_that_depend_on_each_other_in_one_batch(config, service):
    """Set, Reset and Save of the same paths from all sides: every answer is true in its order."""
    def work(client, number):
        for i in range(40):
            step = (i + number) % 4
            if step == 0:
                client.set("/a/b", i)
            elif step == 1:
                client.merge({"a": {"c": i}})
            elif step == 2:
                client.save({"a": {"b": i, "c": i}})
            else:
                client.apply(("merge", "", {"a": {"b": 0}}), ("reset", "/a"))

    with config.signals() as seen:
        at_once(service, 8, work)
        signals = seen.all()
    versions = [signal.version for signal in signals]
    assert versions == sorted(set(versions))

    # replaying the signals gives the state
    values = {}
    for signal in signals:
        for path in signal.paths:
            values.pop(path, None)
        values.update(signal.values)
    effective = config.get()
    assert values == {f"/a/{key}": value for key, value in effective.get("a", {}).items()}
    assert config.version == service.restart().version


@both_buses
def test_clients_that_vanish_amid_their_calls(config, service):
    """Their writes happen whole or not at all, and the daemon goes on."""
    def work(client, number):
        for i in range(20):
            own = service.client()
            own.set_later(f"/v{number}", i)
            connection = own.caller.connection
            connection.flush_sync(None)
            connection.close_sync(None)

    at_once(service, 4, work)
    assert config.set("/end", 1) == config.version
    assert config.version <= 81
    assert config.get("/end") == 1


def test_a_write_that_is_dropped_is_logged(service, config):
    """A caller that doesn't wait may be gone before the bus can say whose call it was."""
    for number in range(20):
        caller = connect(service.bus.address)
        caller.call(BUS_NAME, config.path, INTERFACE, "Set",
                    GLib.Variant("(sv)", ("/n", GLib.Variant("i", number))), None,
                    Gio.DBusCallFlags.NONE, DEADLINE * 1000, None, None)
        caller.flush_sync()
        caller.close_sync()
        eventually(lambda: "Set was dropped: its caller left the bus" in service.log()
                   or config.dump("", "overrides", "json") != "{}" and config.get("/n") == number)


def test_a_signal_that_looks_like_a_call_is_logged(service):
    """On a session bus; on others the gate drops signals of strangers."""
    service.bus_options = ["--session"]
    config = service.start()
    caller = connect(service.bus.address)
    caller.emit_signal(BUS_NAME, config.path, INTERFACE, "Set",
                       GLib.Variant("(sv)", ("/n", GLib.Variant("i", 1))))
    caller.flush_sync()
    eventually(lambda: "Set isn't executed" in service.log())
    assert "--type=method_call" in service.log()
    caller.close_sync()
