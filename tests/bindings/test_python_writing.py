# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes and queries in Python."""

import json
import os

import gi
import pytest
from python_testing import PORT, refusal, run
from runconf_testing import DEFAULT_VALUES, eventually, iterate

gi.require_version("Runconf", "1")
from gi.repository import GLib, Runconf  # noqa: E402


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
    assert conf.merge_text_sync("chat: {websocket: {port: 3}}", dry_run=True).changed == [PORT]
    assert conf["chat"]["websocket"]["port"] == 2
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
    with pytest.raises(ValueError, match="'nolayer' isn't a Layer: use effective, defaults"):
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
    assert conf.dump_sync(PORT, Runconf.Layer.DEFAULTS, Runconf.Format.JSON, stacked=False).strip() == "8000"


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
