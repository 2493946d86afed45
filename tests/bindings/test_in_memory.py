# SPDX-License-Identifier: LGPL-2.1-or-later
"""A configuration in memory, as the tests of a Python program use it."""

import asyncio

import gi
import pytest

gi.require_version("Runconf", "1")
from gi.repository import GLib, GObject, Runconf  # noqa: E402

DEFAULTS = {"chat": {"host": "localhost", "port": 8000, "tags": ["a", None]}}


@pytest.fixture
def conf(monkeypatch):
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"):
        monkeypatch.setenv(name, "unix:path=/nonexistent")
    return Runconf.Configuration.in_memory(defaults=DEFAULTS)


def turn():
    while GLib.MainContext.default().iteration(False):
        pass


def test_defaults_are_read_and_overridden(conf):
    assert (conf.name, conf.version, conf.to_dict()) == ("default", 0, DEFAULTS)
    conf["chat"]["port"] = 9000
    assert (conf["chat"]["port"], conf.version) == (9000, 1)
    conf.reset_sync("/chat")
    assert conf.to_dict() == DEFAULTS
    assert Runconf.Configuration.in_memory("other").to_dict() == {}


def test_transaction_is_one_change(conf):
    with conf.transaction(message="the reason") as transaction:
        transaction.set("/chat/port", 1)
        transaction.merge({"new": {"key": True}})
    assert conf.version == 1
    assert conf.to_dict() == {"chat": DEFAULTS["chat"] | {"port": 1}, "new": {"key": True}}


def test_watch_reports_each_change(conf):
    changes = conf.watch("/chat")
    conf["chat"]["port"] = 1
    conf.merge_sync({"other": 1})
    conf["chat"]["host"] = "h"
    assert [list(next(iter(changes)).paths) for _ in range(2)] == [["/chat/port"], ["/chat/host"]]


def test_signals_come_in_the_next_iteration(conf):
    reported = []
    conf.connect("changed", lambda *_: reported.append(conf["chat"]["port"]))
    turn()
    conf["chat"]["port"] = 5
    assert reported == []
    turn()
    assert reported == [5]


def test_property_is_bound_both_ways(conf):
    class Server(GObject.Object):
        port = GObject.Property(type=int)

    server = Server()
    conf.bind("/chat/port", server, "port", Runconf.BindFlags.DEFAULT)
    assert server.port == 8000
    server.port = 7
    conf.flush_sync()
    assert conf["chat"]["port"] == 7
    conf["chat"]["port"] = 8
    turn()
    assert server.port == 8


def test_asyncio_needs_no_service(conf):
    async def work():
        changes = conf.watch_async("/chat")
        await conf.set_async("/chat/port", 3)
        async for change in changes:
            return list(change.paths)

    assert asyncio.run(asyncio.wait_for(work(), 60)) == ["/chat/port"]


def test_errors_are_those_of_the_service(conf):
    for path, value, code in [("/chat/port/below", 1, Runconf.Error.INVALID_PATH),
                              ("/chat/tags/7", 1, Runconf.Error.NOT_FOUND)]:
        with pytest.raises(GLib.Error) as caught:
            conf.set_sync(path, value)
        assert caught.value.matches(Runconf.error_quark(), code)
    with pytest.raises(GLib.Error, match="is in memory") as caught:
        conf.merge_text_sync("a: 1")
    assert caught.value.matches(Runconf.error_quark(), Runconf.Error.UNAVAILABLE)
