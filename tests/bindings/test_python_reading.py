# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads in Python: sections, snapshots, and what else is known of a configuration."""

import json
import threading
import time

import gi
import pytest
from python_testing import PORT, refusal
from runconf_testing import DEADLINE, DEFAULT_VALUES, iterate

gi.require_version("Runconf", "1")
from gi.repository import Gio, GLib, Runconf  # noqa: E402


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
    assert (conf.state, conf.state_message) == (Runconf.State.OK, "")
    before = time.time()
    conf["llm"]["active"] = "groq"
    metadata = conf.metadata
    assert metadata["version"] == conf.version
    assert metadata["is_runtime_config"] is True
    assert metadata["default_config_path"] == str(service.defaults)
    assert before - 5 < metadata["last_modified"] < time.time() + 5
