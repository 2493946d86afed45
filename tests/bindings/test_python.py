# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the overrides make of the library in Python."""

import asyncio
import concurrent.futures
import contextlib
import gc
import json
import os
import signal
import threading
import time
import weakref

import gi
import pytest
from python_testing import PORT, refusal, run
from runconf_testing import DEADLINE, DEFAULT_VALUES, eventually, iterate

gi.require_version("Runconf", "1")
from gi.repository import Gio, GLib, GObject, Runconf  # noqa: E402

# ----------------------------------------------------------------------------------------- values

VALUES = [
    None, True, False, 0, -1, 2**31, 2**63 - 1, -(2**63), 2**63, 2**64 - 1, 0.0, 1.0, -2.5, 1e300,
    float("inf"), "", "text", "ünï ☃ \U0001f600", "null", b"", b"\x00\xff", [], {}, [1, [2, "x"]],
    {"a": {"b": [None, {"c": 1.5}]}}, {"b": 1, "a": 2}, {"key/with ~": 1},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_value_survives_the_way_there_and_back(value):
    back = Runconf.from_variant(Runconf.to_variant(value))
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_value_survives_the_service(conf, value):
    conf["thing"] = {"value": value}
    assert conf.get("/thing") == {"value": value}
    assert isinstance(conf.get("/thing/value", "missing"), type(value))


def test_keys_stay_in_order(conf):
    conf["thing"] = {"z": 1, "a": {"y": 1, "b": 2}, "m": 3}
    assert list(conf["thing"]) == ["z", "a", "m"]
    assert list(conf.get("/thing/a")) == ["y", "b"]


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, 10**30])
def test_an_integer_beyond_64_bits_is_refused(conf, value):
    with pytest.raises(OverflowError, match=f"{value} doesn't fit into 64 bits"):
        conf["thing"] = {"deep": [value]}
    assert "thing" not in conf


@pytest.mark.parametrize("value, error", [
    ({1: 2}, TypeError), (object(), TypeError), ({1, 2}, TypeError), (1j, TypeError),
    ("a\0b", ValueError), ({"a\0b": 1}, ValueError), ("\ud800", UnicodeEncodeError),
])
def test_what_has_no_form_is_refused(conf, value, error):
    with pytest.raises(error):
        conf["thing"] = [value]
    assert "thing" not in conf


def test_tuples_views_and_variants_are_taken(conf):
    conf["tuple"] = (1, 2)
    conf["view"] = conf["chat"]["websocket"]
    conf["variant"] = GLib.Variant("as", ["x"])
    assert conf.get("/tuple") == [1, 2]
    assert conf.get("/view") == DEFAULT_VALUES["chat"]["websocket"]
    assert conf.get("/variant") == ["x"]


# ------------------------------------------------------------------------------------------ paths

KEYS = ["plain", "a/b", "~", "~1", "/", "", "ü", "a~0/b", "0"]


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_any_key_can_be_reached(conf, key):
    conf["odd"] = {key: {"inner": 1}}
    assert conf["odd"][key]["inner"] == 1
    assert conf.get(Runconf.join_path("odd", key, "inner")) == 1
    assert Runconf.split_path(Runconf.join_path("odd", key)) == ["odd", key]
    assert list(conf["odd"]) == [key]
    conf["odd"][key]["inner"] = 2
    assert conf["odd"].to_dict() == {key: {"inner": 2}}


def test_paths():
    assert Runconf.join_path() == ""
    assert Runconf.join_path("servers", 0, "a/b~c") == "/servers/0/a~1b~0c"
    assert Runconf.split_path("") == []
    assert Runconf.split_path("/") == [""]
    assert Runconf.escape("~1/") == "~01~1"
    with pytest.raises(ValueError, match="slash"):
        Runconf.split_path("chat")
    with refusal(Runconf.Error.INVALID_PATH):
        Runconf.split_path("/a~2")


@pytest.mark.parametrize("call", [
    lambda conf: conf.get("chat"),
    lambda conf: conf.set_sync("chat", 1),
    lambda conf: conf.watch("chat"),
    lambda conf: conf.get("/a\0b"),
])
def test_what_is_no_path_is_refused(conf, call):
    with pytest.raises(ValueError):
        call(conf)


# ---------------------------------------------------------------------------------------- reading


def test_reads_like_a_dict(conf):
    assert conf["chat"]["websocket"]["port"] == 8000
    assert conf["features"] == ["search", "browse", "code"]
    assert conf["servers"][1]["name"] == "two"
    assert conf["logging"]["file"] is None
    assert "chat" in conf and "nowhere" not in conf
    assert list(conf) == list(DEFAULT_VALUES)
    assert len(conf) == len(DEFAULT_VALUES)
    assert dict(conf["chat"]["websocket"]) == {"host": "localhost", "port": 8000}
    assert conf["chat"] == DEFAULT_VALUES["chat"]
    assert conf["chat"] != DEFAULT_VALUES
    assert conf["chat"].get("nowhere", 5) == 5
    assert conf["chat"]["websocket"].get("port") == 8000
    assert dict(conf["llm"].items()) == DEFAULT_VALUES["llm"]
    assert sorted(conf["chat"]["websocket"].values(), key=str) == [8000, "localhost"]
    assert json.loads(json.dumps(conf.get_config_dict())) == DEFAULT_VALUES
    assert "8000" in repr(conf["chat"])


@pytest.mark.parametrize("keys", [
    ["nowhere"], ["chat", "nowhere"], ["chat", "websocket", "nowhere"], ["chat", 0], ["chat", None],
])
def test_what_is_missing_is_a_key_error(conf, keys):
    section = conf
    for key in keys[:-1]:
        section = section[key]
    assert keys[-1] not in section
    with pytest.raises(KeyError) as caught:
        section[keys[-1]]
    assert caught.value.args == (keys[-1],)


def test_get_by_path(conf):
    assert conf.get(PORT) == 8000
    assert conf.get("") == DEFAULT_VALUES
    assert conf.get("/chat/websocket") == {"host": "localhost", "port": 8000}
    assert conf.get("/servers/1/port") == 2
    assert conf.get("/nowhere") is None
    assert conf.get("/nowhere", 7) == 7
    assert conf.get("/logging/file", 7) is None


def test_a_view_is_always_current(conf, config):
    websocket = conf["chat"]["websocket"]
    assert websocket["port"] == 8000
    config.set(PORT, 9000)
    assert websocket["port"] == 9000
    config.set("/chat/websocket/extra", {"a": 1})
    assert websocket["extra"] == {"a": 1}
    extra = websocket["extra"]
    config.reset("/chat/websocket/extra")
    assert extra.to_dict() == {} and list(extra) == []
    with pytest.raises(KeyError):
        extra["a"]


def test_mappings_with_numbers_for_keys_are_mappings(conf):
    conf["numbers"] = {"0": "a", "1": {"0": "b"}}
    assert conf["numbers"]["0"] == "a"
    assert conf["numbers"]["1"]["0"] == "b"
    conf["numbers"]["0"] = "c"
    assert conf.get("/numbers/0") == "c"


def test_an_empty_mapping_is_one(conf):
    conf["empty"] = {}
    assert conf["empty"] == {}
    assert len(conf["empty"]) == 0
    conf["empty"]["first"] = 1
    assert conf["empty"]["first"] == 1


def test_a_configuration_is_true(conf):
    assert bool(conf)
    assert conf == conf and hash(conf)


def test_snapshot_is_one_moment(conf, config):
    snapshot = conf.get_snapshot()
    config.set(PORT, 9000)
    assert snapshot["chat"]["websocket"]["port"] == 8000
    assert snapshot.get(PORT) == 8000
    assert snapshot.to_dict() == DEFAULT_VALUES
    assert conf.version == snapshot.version + 1
    assert conf.get_snapshot().version == conf.version
    with pytest.raises(TypeError, match="snapshot"):
        snapshot["chat"]["websocket"]["port"] = 1
    with pytest.raises(TypeError, match="snapshot"):
        del snapshot["chat"]["websocket"]["port"]


def test_defaults_and_overrides_are_distinguished(conf):
    assert conf.get_user_value(PORT) is None
    conf["chat"]["websocket"]["port"] = 9000
    snapshot = conf.get_snapshot()
    for reader in (conf, snapshot):
        assert Runconf.from_variant(reader.get_default_value("")) == DEFAULT_VALUES
        assert Runconf.from_variant(reader.get_user_value("")) == {"chat": {"websocket": {"port": 9000}}}


def test_enumerations_and_flags_are_written_by_nick(conf):
    assert conf.get_enum("/bus", Gio.BusType, Gio.BusType.SYSTEM) == Gio.BusType.SYSTEM
    assert conf.set_enum_sync("/bus", Gio.BusType, Gio.BusType.SESSION)
    assert conf["bus"] == "session"
    assert conf.get_enum("/bus", Gio.BusType, 0) == Gio.BusType.SESSION
    flags = Gio.ApplicationFlags.HANDLES_OPEN | Gio.ApplicationFlags.NON_UNIQUE
    assert conf.set_flags_sync("/flags", Gio.ApplicationFlags, flags)
    assert sorted(conf["flags"]) == ["handles-open", "non-unique"]
    assert conf.get_flags("/flags", Gio.ApplicationFlags, 0) == flags
    with refusal(Runconf.Error.INVALID_VALUE):
        conf.set_enum_sync("/bus", Gio.BusType, 77)


def test_a_program_asks_whether_a_path_is_writable(conf, service):
    asked = []
    conf.connect("writable-changed", lambda conf, path: asked.append(conf.is_writable_sync(PORT)))
    assert conf.is_writable_sync(PORT)
    service.defaults.with_name("locks").write_text(PORT + "\n")
    iterate(GLib.MainContext.default(), lambda: asked == [False], "the lock is reported")
    with pytest.raises(ValueError, match="slash"):
        conf.is_writable_sync("port")


def test_an_action_is_made_of_a_path(conf):
    group = Gio.SimpleActionGroup()
    group.add_action(conf.create_action("/chat/websocket/secure", GLib.Variant("b", True)))
    group.add_action(conf.create_action(PORT, GLib.Variant("i", 1)))
    assert group.get_action_state("chat.websocket.secure").unpack() is True
    group.activate_action("chat.websocket.secure", None)
    group.activate_action("chat.websocket.port", GLib.Variant("i", 9000))
    iterate(GLib.MainContext.default(), lambda: conf.get(PORT) == 9000, "the port is written")
    assert conf.get("/chat/websocket/secure") is False


def test_a_model_lists_the_children_of_a_path(conf, config):
    model = conf.create_children_model("/chat/websocket")
    changes = []
    model.connect("items-changed", lambda model, *change: changes.append(change))
    assert [child.get_key() for child in model] == list(DEFAULT_VALUES["chat"]["websocket"])
    assert isinstance(model[0], Runconf.Child)
    config.set("/chat/websocket/new", 1)
    iterate(GLib.MainContext.default(), lambda: changes, "the key is in the list")
    assert changes == [(len(model) - 1, 0, 1)]
    assert (model[-1].props.path, model[-1].props.value.unpack()) == ("/chat/websocket/new", 1)


def test_key(conf):
    key = Runconf.Key.new(conf, PORT)
    assert (key.get_path(), key.get_int64(0)) == (PORT, 8000)
    conf["chat"]["websocket"]["port"] = 9000
    assert key.get_int64(0) == 9000


def test_threads_read_while_others_write(conf, config):
    ended = threading.Event()
    strange = []

    def read():
        while not ended.is_set():
            snapshot = conf.get_snapshot()
            pair = snapshot.get("/pair", {"a": 0, "b": 0})
            alone = snapshot.get_int64("/pair/a", 0)
            if not pair["a"] == pair["b"] == alone:
                strange.append((pair, alone))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(200):
        config.merge({"pair": {"a": number, "b": number}})
    ended.set()
    for reader in readers:
        reader.join(DEADLINE)
    assert strange == []
    assert conf["pair"].to_dict() == {"a": 199, "b": 199}


def test_what_is_known_of_it(conf, service):
    assert conf.name == "default"
    assert conf.connected
    assert (conf.state, conf.state_message) == ("ok", "")
    before = time.time()
    conf["llm"]["active"] = "groq"
    metadata = conf.metadata
    assert metadata["version"] == conf.version
    assert metadata["is_runtime_config"] is True
    assert metadata["default_config_path"] == str(service.defaults)
    assert before - 5 < metadata["last_modified"] < time.time() + 5


# ---------------------------------------------------------------------------------------- writing


def test_writes_like_a_dict(conf, config):
    conf["chat"]["websocket"]["port"] = 9000
    assert conf["chat"]["websocket"]["port"] == 9000
    assert config.get(PORT) == 9000
    assert config.overrides() == {"chat": {"websocket": {"port": 9000}}}
    del conf["chat"]["websocket"]["port"]
    assert conf["chat"]["websocket"]["port"] == 8000
    assert config.overrides() == {}
    conf["new"] = {"a": [1, {"b": None}]}
    assert config.get("/new") == {"a": [1, {"b": None}]}
    del conf["new"]
    assert "new" not in conf
    with pytest.raises(KeyError):
        del conf["new"]


def test_null_is_a_value_and_in_a_merge_a_reset(conf, config):
    conf["llm"]["active"] = None
    assert config.get("/llm/active") is None
    assert conf.merge_sync({"llm": {"active": None}}).changed == ["/llm/active"]
    assert conf["llm"]["active"] == "openrouter"


def test_unset_and_replace(conf, config):
    assert conf.unset_sync(PORT) == conf.version
    with pytest.raises(KeyError):
        conf["chat"]["websocket"]["port"]
    with conf.transaction() as transaction:
        transaction.replace("/llm", {"a": 1})
        transaction.unset("/features")
    assert conf["llm"].to_dict() == {"a": 1} and "features" not in conf
    assert conf.replace_value_sync("/llm", {"b": 2})
    assert config.get("/llm") == {"b": 2}
    for path in ("/llm", "/features", PORT):
        conf.reset_sync(path)
    assert conf["llm"]["active"] == "openrouter"


def test_merge(conf, config):
    changed, version = conf.merge_sync({"chat": {"websocket": {"port": 1}}, "llm": {"active": "x"}})
    assert sorted(changed) == [PORT, "/llm/active"]
    assert version == conf.version == config.version
    assert conf.merge_text_sync("chat: {websocket: {port: 2}}").changed == [PORT]
    assert conf["chat"]["websocket"].to_dict() == {"host": "localhost", "port": 2}


def test_errors(conf):
    with refusal(Runconf.Error.INVALID_PATH):
        conf.set_sync(PORT + "/deeper", 1)
    with refusal(Runconf.Error.NOT_FOUND):
        conf.set_sync("/features/99", 1)
    with refusal(Runconf.Error.NOT_FOUND):
        conf.describe_sync("/nowhere")
    with refusal(Runconf.Error.INVALID_VALUE):
        conf.merge_text_sync("a: [")
    with refusal(Runconf.Error.INVALID_VALUE):
        conf.dump_sync("", "nolayer")


def test_transaction(conf, config):
    version = conf.version
    with config.signals() as signals:
        with conf.transaction(message="all of it", if_version=version) as transaction:
            transaction.set(PORT, 9000)
            transaction.merge({"temperature": 0.1}, "/llm")
            transaction.merge({"logging": {"level": "debug"}})
            transaction.reset("/features")
    assert transaction.version == conf.version == version + 1
    assert sorted(transaction.changed) == [PORT, "/llm/temperature", "/logging/level"]
    seen = signals.wait()
    assert seen.details["message"].get_string() == "all of it"
    assert len(signals.received) == 1


def test_transaction_that_raises_changes_nothing(conf, config):
    with config.unchanged(), pytest.raises(ZeroDivisionError):
        with conf.transaction() as transaction:
            transaction.set(PORT, 9000)
            1 / 0
    assert transaction.version is None and transaction.changed is None


def test_transaction_that_is_late_is_refused(conf, config):
    version = conf.version
    config.set(PORT, 9000)
    with refusal(Runconf.Error.VERSION_MISMATCH):
        with conf.transaction(if_version=version) as transaction:
            transaction.set(PORT, 9001)
    assert conf["chat"]["websocket"]["port"] == 9000


def test_transaction_that_is_dry(conf, config):
    with config.unchanged():
        with conf.transaction(dry_run=True) as transaction:
            transaction.set(PORT, 9000)
        assert transaction.changed == [PORT]
        assert transaction.version == conf.version


def test_save_and_reload(conf, config, service):
    everything = conf.get_config_dict()
    everything["chat"]["websocket"]["port"] = 9000
    assert conf.save_runtime_config(everything) == [PORT]
    assert config.overrides() == {"chat": {"websocket": {"port": 9000}}}
    assert conf.reload_runtime_config() is False
    service.runtime.write_text(service.runtime.read_text().replace("9000", "9001"))
    assert conf.reload_runtime_config() is True
    assert conf["chat"]["websocket"]["port"] == 9001
    with conf.transaction() as transaction:
        transaction.save(DEFAULT_VALUES)
    assert conf.get_config_dict() == DEFAULT_VALUES


def test_describe_and_dump(conf, service):
    conf["chat"]["websocket"]["port"] = 9000
    description = conf.describe_sync(PORT)
    assert description["value"] == 9000
    assert description["default"] == 8000
    assert description["source"] == "override"
    assert description["file"] == str(service.runtime)
    assert isinstance(description["line"], int)
    assert conf.dump_sync(PORT).strip() == "9000"
    assert json.loads(conf.dump_sync("/chat", "overrides", "json")) == {"websocket": {"port": 9000}}
    assert conf.dump_sync(PORT, version=0).strip() == "8000"
    with refusal(Runconf.Error.INVALID_VALUE):
        conf.dump_sync(PORT, colour="blue")


def test_explain(conf, service):
    conf["logging"]["file"] = "log"
    strong, weak = conf.explain_sync("/logging/file")
    assert (strong["layer"], strong["value"], strong["file"]) == ("override", "log", str(service.runtime))
    assert (weak["layer"], weak["value"], weak["type"]) == ("vendor", None, "null")
    assert "ignored" not in strong and isinstance(strong["line"], int)
    assert conf.describe_sync("/logging/file")["layers"] == [strong, weak]
    assert conf.explain_sync(all=True) == [strong]
    assert conf.explain_sync("/chat", all=True) == []
    with refusal(Runconf.Error.NOT_FOUND):
        conf.explain_sync("/nowhere")
    with pytest.raises(ValueError):
        conf.explain_sync("chat")


def test_explain_with_a_callback(conf):
    answers = []
    conf.explain(PORT, Runconf.ExplainFlags.DEFAULT, None,
                 lambda source, result: answers.append(source.explain_finish(result)))
    iterate(GLib.MainContext.default(), lambda: answers, "the callback")
    assert [value["layer"] for value in answers[0]] == ["vendor"]


def test_dump_of_a_layer(conf):
    conf["llm"]["active"] = "groq"
    assert json.loads(conf.dump_sync("", "override", "json")) == {"llm": {"active": "groq"}}
    assert json.loads(conf.dump_sync("", "vendor", "json")) == DEFAULT_VALUES
    stacked = json.loads(conf.dump_sync("/llm", "override", "json", stacked=True))
    assert stacked == {"active": "groq", "temperature": 0.7}


def test_fetch(conf):
    assert conf.fetch_sync(PORT) == 8000
    assert conf.fetch_sync("/chat/websocket") == {"host": "localhost", "port": 8000}
    assert conf.fetch_value_sync(PORT).get_int64() == 8000
    with refusal(Runconf.Error.NOT_FOUND):
        conf.fetch_sync("/nowhere")
    with pytest.raises(ValueError):
        conf.fetch_sync("chat")


def test_replace_text(conf, service):
    text = "# mine\nchat: {websocket: {port: 9000}}\n"
    assert conf.replace_text_sync(text, dry_run=True).changed == [PORT]
    assert conf["chat"]["websocket"]["port"] == 8000
    changed, version = conf.replace_text_sync(text, message="why", if_version=conf.version)
    assert (changed, version) == ([PORT], conf.version)
    assert conf["chat"]["websocket"]["port"] == 9000
    assert "# mine" in service.runtime.read_text()
    with refusal(Runconf.Error.VERSION_MISMATCH):
        conf.replace_text_sync("", if_version=version - 1)


def test_the_past(conf):
    begin = conf.version
    conf["chat"]["websocket"]["port"] = 9000
    with conf.transaction(message="two") as transaction:
        transaction.set(PORT, None)
        transaction.set("/new", [1])
    newest, first = conf.history_sync(since_version=begin)
    assert newest.version == begin + 2
    assert (newest.origin, newest.message) == ("apply", "two")
    assert newest.old_values == {PORT: 9000} and newest.values == {PORT: None, "/new": [1]}
    assert first.old_values == {} and first.values == {PORT: 9000}
    assert (first.uid, first.layer) == (os.getuid(), Runconf.Layer.OVERRIDE)
    assert [change.version for change in conf.history_sync("/new")] == [begin + 2]
    assert len(conf.history_sync(limit=1)) == 1
    difference = conf.diff_sync(begin, begin + 2)
    assert difference.old_values == {PORT: 8000}
    assert difference.values == {PORT: None, "/new": [1]}

    assert sorted(conf.revert_sync(begin + 1, message="back").changed) == [PORT, "/new"]
    assert conf["chat"]["websocket"]["port"] == 9000
    assert "new" not in conf
    with refusal(Runconf.Error.NOT_FOUND):
        conf.revert_sync(begin + 1000)


def test_confirm(conf):
    with conf.transaction(confirm_timeout=1) as transaction:
        transaction.set(PORT, 9000)
    conf.confirm_sync(transaction.version)
    with refusal(Runconf.Error.NOT_FOUND):
        conf.confirm_sync(transaction.version)
    conf.merge_sync({"llm": {"active": "x"}})
    conf.replace_text_sync("{}", confirm_timeout=1)
    assert conf["llm"]["active"] == "openrouter"
    eventually(lambda: conf["llm"]["active"] == "x")
    assert conf["chat"]["websocket"]["port"] == 9000


def test_which_there_are(conf, service):
    for bus in (service.bus.address, conf.get_property("connection")):
        found = Runconf.list_configurations_sync(bus)
        assert list(found) == ["default"]
        assert found["default"]["State"] == "ok"
        assert found["default"]["RuntimeConfigPath"] == str(service.runtime)
    assert run(Runconf.list_configurations_async(service.bus.address)) == found


def test_callbacks(conf):
    loop = GLib.MainLoop()
    answers = []

    def answered(source, result):
        answers.append(source.merge_finish(result))
        loop.quit()

    conf.merge({"llm": {"active": "groq"}}, None, answered)
    loop.run()
    assert answers == [(["/llm/active"], conf.version)]


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


# ------------------------------------------------------------------------------- other constructors


def test_constructors(service, config, monkeypatch):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", service.bus.address)
    connection = Gio.DBusConnection.new_for_address_sync(
        service.bus.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
    opened = [
        Runconf.Configuration("default", connection),
        Runconf.Configuration(bus=service.bus.address),
        Runconf.Configuration.new_for_connection_sync(connection, "default", None,
                                                            Runconf.OpenFlags.DEFAULT, None),
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


def test_no_daemon_yet(bus):
    conf = Runconf.Configuration("default", bus.address, defaults={"chat": {"port": 1, "name": "x"}})
    assert (conf.connected, conf.state) == (False, "unavailable")
    assert conf["chat"].to_dict() == {"port": 1, "name": "x"}
    with refusal(Runconf.Error.UNAVAILABLE):
        conf.set_sync("/chat/port", 2)


def test_wrong_defaults(bus):
    with refusal(Runconf.Error.INVALID_VALUE):
        Runconf.Configuration("default", bus.address, defaults={"a": GLib.Variant("mi", None)})


# ----------------------------------------------------------------------------------------- watching


def after(seconds, call, *arguments):
    timer = threading.Timer(seconds, call, arguments)
    timer.daemon = True
    timer.start()


def test_for_waits_for_others(conf, config):
    seen = []
    watch = conf.watch("/chat")
    after(0.05, config.set, "/llm/active", "groq")
    after(0.1, config.set, PORT, 9000)
    after(0.2, config.set, PORT, 9001)
    for change in watch:
        seen.append(change)
        if len(seen) == 2:
            break
    assert [change.paths for change in seen] == [[PORT], [PORT]]
    # the values are those of when the change was told
    assert seen[1].values == {PORT: 9001}
    assert seen[0].version <= seen[1].version


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
    told = [next(changes) for _ in range(10)]
    assert all(change.paths == [PORT] for change in told)
    assert told[-1].values == {PORT: 9009}


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
    told = [[], [], []]

    def follow(number, path):
        for change in conf.watch(path):
            told[number].append(change.paths)

    for number, path in enumerate(["/chat", "/llm", ""]):
        threading.Thread(target=follow, args=(number, path), daemon=True).start()
    time.sleep(0.2)
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


# ------------------------------------------------------------------------------------------ asyncio


def test_async_writes(service, config):
    async def program():
        conf = await Runconf.Configuration.new_async("default", service.bus.address)
        await conf.set_async(PORT, 9000)
        assert conf["chat"]["websocket"]["port"] == 9000
        changed, version = await conf.merge_async({"llm": {"active": "groq"}})
        assert (changed, version) == (["/llm/active"], conf.version)
        async with conf.transaction(if_version=version) as transaction:
            transaction.set("/llm/active", "x")
        assert transaction.version == version + 1
        await conf.reset_async("/llm/active")
        assert conf["llm"]["active"] == "openrouter"
        assert (await conf.describe_async(PORT))["value"] == 9000
        assert json.loads(await conf.dump_async(PORT, format="json")) == 9000
        assert (await conf.explain_async(PORT))[0]["value"] == 9000
        assert await conf.fetch_async(PORT) == 9000
        assert (await conf.history_async(limit=1))[0].version == conf.version
        assert (await conf.diff_async(0, 1)).values == {PORT: 9000}
        assert (await conf.save_async(DEFAULT_VALUES)).changed == [PORT]
        assert await conf.reload_async() is False
        with refusal(Runconf.Error.INVALID_PATH):
            await conf.set_async(PORT + "/x", 1)
        await asyncio.gather(*(conf.set_async(f"/many/k{i}", i) for i in range(20)))
        assert len(conf["many"]) == 20

    run(program())


class Forbidden(concurrent.futures.ThreadPoolExecutor):
    """The executor of a program that needs it for look-ups of host names."""

    def submit(self, function, *_, **__):
        raise AssertionError(f"the executor is used for {function}")


def test_async_calls_leave_the_executor_alone(service, config):
    async def program():
        asyncio.get_running_loop().set_default_executor(Forbidden())
        address = service.bus.address
        conf = await Runconf.Configuration.new_async("default", address)
        assert list(await Runconf.list_configurations_async(address)) == ["default"]
        for name in ["set_async", "replace_async"]:
            await getattr(conf, name)(PORT, 9000)
        for name in ["reset_async", "describe_async", "explain_async", "fetch_async", "dump_async",
                     "history_async", "unset_async"]:
            await getattr(conf, name)(PORT)
        await conf.merge_async({})
        await conf.merge_text_async("chat: {}")
        await conf.save_async(DEFAULT_VALUES)
        await conf.apply_async(Runconf.Transaction())
        await conf.replace_text_async("{}")
        await conf.revert_async(1)
        await conf.diff_async(0, 1)
        await conf.reload_async()
        with refusal(Runconf.Error.NOT_FOUND):
            await conf.confirm_async(1)

    run(program())


def test_async_calls_that_wait_take_no_threads(service, conf, config):
    async def program():
        asyncio.get_running_loop().set_default_executor(Forbidden())
        service.process.send_signal(signal.SIGSTOP)
        try:
            tasks = [asyncio.ensure_future(conf.set_async(f"/many/k{i}", i)) for i in range(100)]
            await asyncio.sleep(0)
            assert threading.active_count() < 10
        finally:
            service.process.send_signal(signal.SIGCONT)
        await asyncio.gather(*tasks)
        # the calls were made in their order
        changes = await conf.history_async("/many", limit=100)
        assert [list(change.values.values())[0] for change in changes] == list(range(99, -1, -1))

    run(program())


def test_async_calls_of_wrong_values_fail_in_the_task(conf):
    async def program():
        with pytest.raises(TypeError):
            await conf.set_async(PORT, object())
        with pytest.raises(TypeError):
            await conf.revert_async("text")
        with pytest.raises(ValueError):
            await conf.reset_async("no slash")

    run(program())


def test_async_calls_are_refused_in_a_child_of_fork(conf):
    """They don't wait for the thread of the calls, which the child doesn't have."""

    async def is_refused():
        try:
            await conf.set_async(PORT, 1)
        except GLib.Error as error:
            return "fork ()" in error.message
        return False

    run(conf.set_async(PORT, 9000))
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if run(is_refused()) else 2
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    run(conf.set_async(PORT, 9001))


def test_async_for(conf, config):
    async def program():
        changes = conf.watch_async("/chat")
        asyncio.get_running_loop().run_in_executor(None, config.set, PORT, 9000)
        async for change in changes:
            assert change.paths == [PORT]
            assert change.values == {PORT: 9000}
            break
        config.set(PORT, 9001)
        assert (await changes.__anext__()).values == {PORT: 9001}
        await changes.aclose()
        assert [change async for change in changes] == []

    run(program())


def test_async_for_over_a_watch(conf, config):
    async def program():
        watch = conf.watch("/chat")
        config.set(PORT, 9000)
        async for change in watch:
            assert change.paths == [PORT]
            break

    run(program())


def test_async_iteration_ends_its_thread(conf, config):
    def watchers():
        return [thread for thread in threading.enumerate() if thread.name == "runconf-watch"]

    async def program():
        config_changes = conf.watch_async("/chat")
        config.set(PORT, 9000)
        await config_changes.__anext__()
        assert len(watchers()) == 1

    run(program())
    gc.collect()
    eventually(lambda: watchers() == [], "the thread ends")


def test_a_cancelled_task_stops_waiting(conf, config):
    async def program():
        task = asyncio.ensure_future(conf.watch_async("/chat").__anext__())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(program())


def test_a_slow_reader_is_told_everything_in_one(conf, config):
    changes = iter(conf.watch("/many"))
    for number in range(400):
        config.set(f"/many/k{number % 50}", number)
    told = set()
    count = 0
    while len(told) < 50:
        change = next(changes)
        told.update(change.paths)
        count += 1
    assert told == {f"/many/k{number}" for number in range(50)}
    assert count <= 256


# ------------------------------------------------------------------------------ the daemon goes away


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
