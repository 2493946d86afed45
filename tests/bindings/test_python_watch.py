# SPDX-License-Identifier: LGPL-2.1-or-later
"""Watches in Python."""

import contextlib
import gc
import os
import threading
import time
import weakref

import gi
from python_testing import PORT
from runconf_testing import DEADLINE, eventually, iterate

gi.require_version("Runconf", "1")
from gi.repository import Gio, GLib, Runconf  # noqa: E402


def test_for_waits_for_others(conf, config):
    seen = []
    told = threading.Semaphore(0)
    watch = conf.watch("/chat")

    def write():
        config.set("/llm/active", "groq")
        for port in (9000, 9001):
            config.set(PORT, port)
            told.acquire()

    writer = threading.Thread(target=write)
    writer.start()
    for change in watch:
        seen.append(change)
        told.release()
        if len(seen) == 2:
            break
    writer.join()
    assert [change.paths for change in seen] == [[PORT], [PORT]]
    assert [change.values for change in seen] == [{PORT: 9000}, {PORT: 9001}]
    assert seen[0].version < seen[1].version


def test_for_in_one_expression(conf, config):
    is_told = threading.Event()

    def write():
        port = 0
        # it isn't known from here when the watch has begun
        while not is_told.wait(0.1):
            port += 1
            config.merge({"chat": {"websocket": {"port": port, "host": f"h{port}"}}})

    writer = threading.Thread(target=write)
    writer.start()
    for change in conf.watch("/chat"):
        assert change.values.keys() == {PORT, "/chat/websocket/host"}
        break
    is_told.set()
    writer.join()


def test_nothing_is_lost_before_the_iteration(conf, config):
    watch = conf.watch("/chat")
    for port in range(9000, 9010):
        config.set(PORT, port)
    changes = iter(watch)
    told = [next(changes)]
    # those from before the bus has the match rule are one change
    while told[-1].values != {PORT: 9009}:
        told.append(next(changes))
    assert all(change.paths == [PORT] for change in told)
    assert [change.old_values for change in told[1:]] == [change.values for change in told[:-1]]


def test_own_changes_are_told_too(conf):
    changes = iter(conf.watch())
    conf["llm"]["active"] = "groq"
    assert next(changes).paths == ["/llm/active"]


def test_what_went_away_has_no_value(conf, config):
    conf["thing"] = {"a": 1, "b": 2}
    changes = iter(conf.watch("/thing"))
    config.reset("/thing/a")
    change = next(changes)
    assert change.paths == ["/thing/a"]
    assert change.values == {}


def test_close_ends_a_wait_in_another_thread(conf):
    for closable in (conf.watch("/chat"), iter(conf.watch("/chat"))):
        ended = threading.Event()
        threading.Thread(target=lambda: (list(closable), ended.set()), daemon=True).start()
        time.sleep(0.05)
        closable.close()
        assert ended.wait(DEADLINE)
        assert list(closable) == []


def test_threads_have_their_own_iterators(conf, config):
    began = [[], [], []]
    told = [[], [], []]

    def follow(number, path):
        for change in conf.watch(path):
            is_first = any(path.endswith("/began") for path in change.paths)
            (began if is_first else told)[number].append(change.paths)

    for number, path in enumerate(["/chat", "/llm", ""]):
        threading.Thread(target=follow, args=(number, path), daemon=True).start()

    def begin():
        now = time.monotonic()
        config.merge({"chat": {"began": now}, "llm": {"began": now}})
        return all(began)

    eventually(begin, "each thread watches")
    config.set(PORT, 1)
    config.set("/llm/active", "x")
    eventually(lambda: [len(each) for each in told] == [1, 1, 2], "each is told its part")
    assert told == [[[PORT]], [["/llm/active"]], [[PORT], ["/llm/active"]]]


def test_signal_in_a_main_loop(conf, config):
    loop = GLib.MainLoop()
    seen = []
    watch = conf.watch("/chat")

    def changed(_watch, change):
        seen.append((change.paths, change.values, change.old_values, conf["chat"]["websocket"]["port"]))
        loop.quit()

    watch.connect("changed", changed)
    config.set(PORT, 9000)
    loop.run()
    assert seen == [([PORT], {PORT: 9000}, {PORT: 8000}, 9000)]


def test_a_subclass_handles_a_change(service, config):
    handled = []

    class Mine(Runconf.Configuration):
        def do_changed(self, change):
            handled.append(change)

    conf = Mine("default", service.bus.address)
    # a change from before the bus has the match rule is reported without its author
    config.set("/first", 1)
    iterate(GLib.MainContext.default(), lambda: handled, "the bus has the match rule")
    handled.clear()
    config.merge({"chat": {"websocket": {"port": 9000, "host": "ünï"}}})
    iterate(GLib.MainContext.default(), lambda: handled, "the handler of the class is called")
    assert [change.values for change in handled] == [{"/chat/websocket/host": "ünï", PORT: 9000}]
    assert handled[0].origin == "merge" and handled[0].uid == os.getuid()
    assert handled[0].version == conf.version and handled[0].old_values[PORT] == 8000
    assert conf.get(PORT) == 9000


def call_bus(conf, method, number):
    rule = GLib.Variant("(s)", (f"type='signal',member='Unused{number}'",))
    conf.props.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                    "org.freedesktop.DBus", method, rule, None,
                                    Gio.DBusCallFlags.NONE, -1, None)


def fill_bus(conf):
    """Takes all match rules that the bus still allows, and returns how many these were."""
    number = 0
    with contextlib.suppress(GLib.Error):
        while True:
            call_bus(conf, "AddMatch", number)
            number += 1
    return number


def count_room(conf):
    number = fill_bus(conf)
    for each in range(number):
        call_bus(conf, "RemoveMatch", each)
    return number


def test_watches_of_a_path_take_one_match_rule(conf):
    before = count_room(conf)
    watches = [conf.watch("/chat"), conf.watch("/chat"), iter(conf.watch_async("/chat")._changes)]
    eventually(lambda: count_room(conf) == before - 1, "one rule is there")
    del watches
    gc.collect()
    eventually(lambda: count_room(conf) == before, "the rule is gone")


def test_a_refused_match_rule_is_reported_and_loses_no_change(conf, config):
    number = fill_bus(conf)
    watch = conf.watch("/chat")
    errors = []
    watch.connect("failed", lambda _watch, error: errors.append(error))
    iterate(GLib.MainContext.default(), lambda: errors, "the refusal is reported")
    assert errors[0].matches(Runconf.error_quark(), Runconf.Error.LIMITS_EXCEEDED)
    config.set(PORT, 9000)
    assert next(iter(watch)).values == {PORT: 9000}
    for each in range(number):
        call_bus(conf, "RemoveMatch", each)


def test_a_dropped_watch_is_gone(conf):
    watch = conf.watch("/chat")
    watch.connect("changed", lambda *_: None)
    changes = iter(conf.watch("/chat"))
    gone = [weakref.ref(watch), weakref.ref(changes), weakref.ref(changes._watch)]
    del watch, changes
    gc.collect()
    assert [reference() for reference in gone] == [None, None, None]
