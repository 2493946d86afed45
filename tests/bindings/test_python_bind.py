# SPDX-License-Identifier: LGPL-2.1-or-later
"""Properties that are bound from Python."""

import gc
import weakref

import gi
from python_testing import PORT, refusal, run
from runconf_testing import iterate

gi.require_version("Runconf", "1")
from gi.repository import GLib, GObject, Runconf  # noqa: E402


class Thing(GObject.Object):
    port = GObject.Property(type=int)
    sensitive = GObject.Property(type=bool, default=False)


def test_bind(conf, config):
    thing = Thing()
    conf.bind(PORT, thing, "port", Runconf.BindFlags.DEFAULT)
    assert thing.port == 8000
    context = GLib.MainContext.default()
    iterate(context, lambda: thing.sensitive, "it is known that the path may be written")
    config.set(PORT, 9000)
    iterate(context, lambda: thing.port == 9000, "the property follows")
    thing.port = 9001
    iterate(context, lambda: conf.get(PORT) == 9001, "the configuration follows")
    Runconf.Configuration.unbind(thing, "port")
    thing.port = 1
    assert conf.get(PORT) == 9001


class Label(GObject.Object):
    text = GObject.Property(type=str, default="")


def map_port(text):
    if not text.startswith("port "):
        raise ValueError(text)
    return int(text.removeprefix("port "))


def test_bind_with_mapping(conf, config, capfd):
    label = Label()
    conf.bind_with_mapping(PORT, label, "text", Runconf.BindFlags.DEFAULT,
                           lambda port: f"port {100 // (9001 - port)}", map_port)
    assert label.text == "port 0"
    config.set(PORT, 9000)
    iterate(GLib.MainContext.default(), lambda: label.text == "port 100", "the property follows")
    label.text = "port 9002"
    conf.flush_sync()
    assert config.get(PORT) == 9002
    label.text = "no number"
    conf.flush_sync()
    assert config.get(PORT) == 9002
    assert "ValueError: no number" in capfd.readouterr().err


def test_a_mapping_that_raises_keeps_the_property(conf, config, capfd):
    thing = Thing()
    thing.port = 5
    conf.bind_with_mapping(PORT, thing, "port", Runconf.BindFlags.GET, lambda port: 1 // (port - 8000), None)
    assert thing.port == 5
    assert "ZeroDivisionError" in capfd.readouterr().err
    config.set(PORT, 8001)
    iterate(GLib.MainContext.default(), lambda: thing.port == 1, "the property follows")


def test_the_end_of_a_binding_drops_its_functions(conf):
    thing = Thing()

    def double(port):
        return port * 2

    gone = weakref.ref(double)
    conf.bind_with_mapping(PORT, thing, "port", Runconf.BindFlags.GET, double, None)
    assert thing.port == 16000
    Runconf.Configuration.unbind(thing, "port")
    del double
    gc.collect()
    assert gone() is None


def test_flush_waits_for_bound_properties(conf, config):
    thing = Thing()
    conf.bind(PORT, thing, "port", Runconf.BindFlags.DEFAULT)
    for port in range(9000, 9020, 2):
        thing.port = port
        thing.port = port + 1
        assert conf.flush_sync() is True
        assert config.get(PORT) == port + 1
    thing.port = 1
    thing.port = 2
    assert run(conf.flush_async()) is True
    assert config.get(PORT) == 2


def test_flush_returns_an_error_without_a_main_loop(conf):
    conf.set_value("/llm/active/x", 1, None, None)
    with refusal(Runconf.Error.INVALID_PATH):
        conf.flush_sync()
