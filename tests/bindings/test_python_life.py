# SPDX-License-Identifier: LGPL-2.1-or-later
"""Constructors in Python, and a service that goes away."""

import asyncio
import signal
import time

import gi
import pytest
from python_testing import PORT, after, refusal, run
from runconf_testing import eventually

gi.require_version("Runconf", "1")
from gi.repository import Gio, GLib, Runconf  # noqa: E402


def test_constructors(service, config, monkeypatch):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", service.bus.address)
    connection = Gio.DBusConnection.new_for_address_sync(
        service.bus.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
    opened = [
        Runconf.Configuration("default", connection),
        Runconf.Configuration(bus=service.bus.address),
        Runconf.Configuration.new_for_connection_sync(connection, "default", None, Runconf.OpenFlags.DEFAULT, None),
    ]
    for conf in opened:
        assert conf["chat"]["websocket"]["port"] == 8000


@pytest.mark.parametrize("name, code", [
    ("nobody", Runconf.Error.NOT_FOUND), ("../etc", Runconf.Error.INVALID_VALUE),
])
def test_no_such_configuration(service, config, name, code):
    with refusal(code):
        Runconf.Configuration(name, service.bus.address, flags=Runconf.OpenFlags.REQUIRE_SERVICE)


def test_no_daemon(bus):
    with refusal(Runconf.Error.UNAVAILABLE):
        Runconf.Configuration("default", bus.address, flags=Runconf.OpenFlags.REQUIRE_SERVICE)


def test_a_cancelled_write_does_not_wait(conf, config, service):
    async def program():
        task = asyncio.ensure_future(conf.set_async(PORT, 1))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    service.process.send_signal(signal.SIGSTOP)
    before = time.monotonic()
    try:
        run(program())
        assert conf["chat"]["websocket"]["port"] == 8000
    finally:
        service.process.send_signal(signal.SIGCONT)
    assert time.monotonic() - before < 5


def test_a_daemon_that_dies_in_a_call(conf, config, service):
    service.process.send_signal(signal.SIGSTOP)
    after(0.1, service.process.kill)
    with refusal(Runconf.Error.UNAVAILABLE):
        conf["llm"]["active"] = "groq"
    assert conf["llm"]["active"] == "openrouter"
    service.wait()


def test_a_restart_is_survived(conf, config, service):
    changes = iter(conf.watch("/chat"))
    view = conf["chat"]["websocket"]
    service.stop()
    eventually(lambda: not conf.connected, "it is noticed that the daemon is gone")
    assert view["port"] == 8000
    with refusal(Runconf.Error.UNAVAILABLE):
        view["port"] = 1
    service.runtime.write_text("chat: {websocket: {port: 9200}}\n")
    service.start()
    assert PORT in next(changes).paths
    assert view["port"] == 9200
    view["port"] = 9300
    assert view["port"] == 9300


def test_no_daemon_yet(bus):
    conf = Runconf.Configuration("default", bus.address, defaults={"chat": {"port": 1, "name": "x"}})
    assert (conf.connected, conf.state) == (False, Runconf.State.UNAVAILABLE)
    assert conf["chat"].to_dict() == {"port": 1, "name": "x"}
    with refusal(Runconf.Error.UNAVAILABLE):
        conf.set_sync("/chat/port", 2)


def test_wrong_defaults(bus):
    with refusal(Runconf.Error.INVALID_VALUE):
        Runconf.Configuration("default", bus.address, defaults={"a": GLib.Variant("mi", None)})
