# SPDX-License-Identifier: LGPL-2.1-or-later
"""The story that each language tells, in Python. tests/client/story.c tells it in C."""

import gi

gi.require_version("Runconf", "1")
from gi.repository import Runconf  # noqa: E402

PORT = "/chat/websocket/port"
HOST = "/chat/websocket/host"


def ask_for(what):
    print(what, flush=True)


def refuses(code, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except Runconf.ConfigError as error:
        assert error.code == code, error
        assert "GDBus.Error" not in error.message, error
    else:
        raise AssertionError(f"{call} was not refused")


def read_each_type(config):
    assert config["chat"]["websocket"]["port"] == 8000
    assert config["chat"]["websocket"]["host"] == "localhost"
    assert config.get_double("/llm/temperature", 0) == 0.7
    assert config.get_double(PORT, 0) == 8000.0
    assert config["logging"]["debug"] is False
    assert config["features"] == ["search", "browse", "code"]
    assert config.get_strv("/features", []) == ["search", "browse", "code"]
    assert list(config["chat"]) == ["websocket", "service"]
    assert config["servers"] == [{"name": "one", "port": 1}, {"name": "two", "port": 2}]
    assert config["logging"]["file"] is None
    assert config.has(PORT)


def read_what_is_not_there(config):
    assert config.get_string("/nowhere", "fallback") == "fallback"
    assert config.get_int64("/nowhere", 7) == 7
    assert config.get_int64(HOST, 7) == 7
    assert config.get("/nowhere") is None
    assert not config.has("/nowhere")


def write_and_read(config):
    config["chat"]["websocket"]["port"] = 9000
    assert config.get_int64(PORT, 0) == 9000
    changed, version = config.merge_sync({"llm": {"active": "groq"}})
    assert changed == ["/llm/active"]
    assert version == config.version


def apply_a_transaction(config):
    version = config.version

    def attempt(**options):
        with config.transaction(message="the story", **options) as transaction:
            transaction.set(HOST, "example.org")
            transaction.reset("/llm/active")
        return transaction

    refuses(Runconf.Error.VERSION_MISMATCH, lambda: attempt(if_version=version - 1))
    tried = attempt(if_version=version, dry_run=True)
    assert len(tried.changed) == 2
    assert config.version == version
    applied = attempt(if_version=version)
    assert applied.changed == tried.changed
    assert applied.version == version + 1


def keep_a_snapshot(config):
    snapshot = config.get_snapshot()
    version = snapshot.version
    config["chat"]["websocket"]["port"] = 9001
    assert snapshot["chat"]["websocket"]["port"] == 9000
    assert config["chat"]["websocket"]["port"] == 9001
    assert (snapshot.version, config.version) == (version, version + 1)


def keep_a_key(config):
    key = Runconf.Key.new(config, PORT)
    assert key.get_path() == PORT
    assert key.get_int64(0) == 9001
    config["chat"]["websocket"]["port"] = 9002
    assert key.get_int64(0) == 9002


def reset_and_describe(config):
    assert config.describe_sync(PORT)["source"] == "override"
    assert [value["layer"] for value in config.explain_sync(PORT)] == ["override", "vendor"]
    del config["chat"]["websocket"]["port"]
    assert config.describe_sync(PORT)["source"] == "default"
    assert [value["layer"] for value in config.explain_sync(PORT)] == ["vendor"]
    assert config["chat"]["websocket"]["port"] == 8000


def be_refused(config):
    refuses(Runconf.Error.INVALID_PATH, config.set_sync, PORT + "/x", 1)
    refuses(Runconf.Error.NOT_FOUND, config.describe_sync, "/nowhere")
    refuses(Runconf.Error.INVALID_VALUE, config.merge_text_sync, "a: [b")
    refuses(Runconf.Error.NOT_FOUND, Runconf.Configuration, "nobody", "session",
            flags=Runconf.OpenFlags.REQUIRE_SERVICE)


def hear_of_others(config):
    changes = iter(config.watch("/chat"))
    ask_for("set")
    change = next(changes)
    assert change.paths == [PORT]
    assert change.values == {PORT: 9100}
    assert config["chat"]["websocket"]["port"] == 9100

    ask_for("restart")
    change = next(changes)
    assert PORT in change.paths
    assert config["chat"]["websocket"]["port"] == 9200
    assert config.connected

    config["chat"]["websocket"]["port"] = 9300
    assert config["chat"]["websocket"]["port"] == 9300


def main():
    config = Runconf.Configuration(bus="session")
    assert config.name == "default"
    assert config.connected
    read_each_type(config)
    read_what_is_not_there(config)
    write_and_read(config)
    apply_a_transaction(config)
    keep_a_snapshot(config)
    keep_a_key(config)
    reset_and_describe(config)
    be_refused(config)
    hear_of_others(config)
    ask_for("end")


if __name__ == "__main__":
    main()
