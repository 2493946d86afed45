# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tags !unset and !replace, and the operations that write them: values that a layer takes away."""

import pytest
from runconf_testing import DEFAULT_VALUES, Refusal, check_refusal, eventually
from values_testing import ABSENT, UNSET, replacing

WEBSOCKET = DEFAULT_VALUES["chat"]["websocket"]


def without(values, *keys):
    return {key: value for key, value in values.items() if key not in keys}


def assert_absent(config, path):
    for call in (config.get, config.list, config.describe):
        try:
            call(path)
        except Refusal as refusal:
            check_refusal(refusal, "NotFound", [path])
        else:
            raise AssertionError(f"{path} is there")


# ---------------------------------------------------------------------------------- operations


def test_unset_hides_a_default_and_reset_brings_it_back(config):
    with config.signals() as seen:
        assert config.unset("/chat/websocket/port") == 1
        assert_absent(config, "/chat/websocket/port")
        assert config.get("/chat/websocket") == {"host": "localhost"}
        assert "port" not in config.list("/chat/websocket")
        assert config.overrides() == {"chat": {"websocket": {"port": UNSET}}}
        assert config.reset("/chat/websocket/port") == 2
        changes = seen.all()
    assert [change.paths for change in changes] == [["/chat/websocket/port"]] * 2
    assert config.get() == DEFAULT_VALUES
    assert config.overrides() == {}


def test_unset_of_a_mapping_hides_all_of_it(config):
    config.set("/chat/websocket/port", 9000)
    change = config.apply(("unset", "/chat/websocket"))
    assert sorted(change.changed) == ["/chat/websocket/host", "/chat/websocket/port"]
    assert config.get("/chat") == without(DEFAULT_VALUES["chat"], "websocket")
    assert config.overrides() == {"chat": {"websocket": UNSET}}


def test_unset_twice_is_one_change(config):
    config.unset("/llm")
    with config.unchanged():
        assert config.unset("/llm") == 1
        assert config.unset("/llm/active") == 1


def test_unset_of_a_value_without_a_default_removes_it(config):
    config.set("/new", {"a": 1, "b": 2})
    config.unset("/new/a")
    assert config.overrides() == {"new": {"b": 2}}


@pytest.mark.parametrize("path, kind, words", [
    ("", "InvalidPath", ["whole configuration", "unset its keys"]),
    ("/features/0", "InvalidPath", ["/features/0", "unset /features"]),
    ("/features/9", "NotFound", ["/features/9"]),
    ("/nothing", "NotFound", ["/nothing"]),
    ("/logging/level/x", "NotFound", ["/logging/level"]),
])
def test_unset_is_refused(config, path, kind, words):
    with config.refuses(kind, *words):
        config.unset(path)


def test_replace_takes_a_mapping_whole(config):
    config.replace("/chat/websocket", {"path": "/ws"})
    assert config.get("/chat/websocket") == {"path": "/ws"}
    assert config.overrides() == {"chat": {"websocket": replacing({"path": "/ws"})}}
    config.set("/chat/websocket/port", 1)
    assert config.get("/chat/websocket") == {"path": "/ws", "port": 1}
    config.merge({"chat": {"websocket": {"path": None, "port": None}}})
    assert config.get("/chat/websocket") == {}
    config.reset("/chat/websocket")
    assert config.get("/chat/websocket") == WEBSOCKET


def test_replace_of_another_value_is_a_set(config):
    config.replace("/chat/websocket", 5)
    assert config.overrides() == {"chat": {"websocket": 5}}
    config.replace("/features/0", {"a": 1})
    assert config.get("/features")[0] == {"a": 1}
    with config.refuses("InvalidPath", "whole configuration"):
        config.replace("", {})


def test_a_write_below_an_unset_keeps_the_default_hidden(config):
    config.unset("/chat/websocket")
    config.set("/chat/websocket/tls", True)
    assert config.get("/chat/websocket") == {"tls": True}
    config.unset("/chat/service")
    config.merge({"chat": {"service": {"x": 1}}})
    assert config.get("/chat/service") == {"x": 1}


def test_a_set_in_the_place_of_an_unset_is_merged_again(config):
    config.unset("/chat/websocket")
    config.set("/chat/websocket", {"tls": True})
    assert config.get("/chat/websocket") == {**WEBSOCKET, "tls": True}


def test_merge_text_and_replace_text_may_have_tags(config):
    config.merge_text("llm: {active: !unset, extra: 1}\nlogging: !replace {level: debug}")
    assert config.get("/llm") == {"temperature": 0.7, "extra": 1}
    assert config.get("/logging") == {"level": "debug"}
    config.replace_text("chat: !replace {a: 1}  # mine\nllm: !unset\n")
    assert config.get() == {**without(DEFAULT_VALUES, "llm"), "chat": {"a": 1}}
    assert "chat: !replace {a: 1}  # mine" in config.dump("", "overrides")


@pytest.mark.parametrize("text, words", [
    ("a: !unset 5", ["text:1:4", "hides a value"]),
    ("a: !unset {b: 1}", ["text:1:4", "hides a value"]),
    ("a: !replace 5", ["text:1:4", "is for a mapping"]),
    ("a: !replace [1]", ["text:1:4", "is for a mapping"]),
    ("b: 1\n!unset a: 1", ["text:2:1", "after the colon"]),
    ("a: [1, !unset ]", ["text:1:8", "sequence"]),
    ("a: [{b: !replace {c: 1}}]", ["text:1:9", "sequence"]),
    ("x: &x {b: !unset }\na: [*x]", ["text:2:5", "sequence"]),
    ("!replace\na: 1", ["text:1:1", "whole text"]),
])
def test_a_tag_in_the_wrong_place_is_refused(config, text, words):
    for call in (config.merge_text, config.replace_text):
        with config.refuses("InvalidValue", *words):
            call(text)


def test_the_forms_of_tags_on_the_bus_are_ordinary_values_as_input(config):
    config.set("/llm", UNSET)
    assert config.get("/llm") == {**DEFAULT_VALUES["llm"], "!unset": None}


def test_save_keeps_what_is_hidden(config):
    config.unset("/llm/active")
    config.replace("/chat/websocket", {"port": 1})
    with config.unchanged():
        config.save(config.get())
    config.save({**config.get(), "n": 1})
    assert config.get() == {
        **DEFAULT_VALUES, "llm": {"temperature": 0.7}, "n": 1,
        "chat": {**DEFAULT_VALUES["chat"], "websocket": {"port": 1}}}


# -------------------------------------------------------------------------------------- files


def test_drop_ins_take_away_what_weaker_files_have(many):  # noqa: F811
    many.add("one", "servers: {clock: a, mail: b}\nx: !unset\nd: !replace {e: 1}")
    many.add("one", "servers: {clock: !unset}", "config.d/10.yaml")
    many.add("one", "d: !replace {f: 2}\nnothing: !unset", "config.d/20.yaml", base=many.etc)
    many.start()
    config = many.config("one")
    assert config.get() == {"servers": {"mail": "b"}, "d": {"f": 2}}
    assert config.dump_json("", "defaults") == config.get()

    config.set("/servers/clock", "mine")
    assert config.get("/servers") == {"mail": "b", "clock": "mine"}
    config.reset("/servers/clock")
    with config.signals() as seen:
        many.add("one", "servers: {clock: !unset}", "config.d/10.yaml", base=many.etc)
        (many.share / "one/config.d/10.yaml").unlink()
        many.add("one", "servers: !replace {}", "config.d/30.yaml")
        eventually(lambda: config.get("/servers") == {})
        assert ["/servers", "/servers/mail"] in [sorted(change.paths) for change in seen.all()]


def test_edits_by_hand_may_have_tags(config, service):
    config.set("/n", 1)
    with config.signals() as seen:
        service.runtime.write_text("n: 1\nchat:\n  websocket: !unset # off\nlogging: !replace\n"
                                   "  level: debug  # all\n")
        change = seen.wait()
    assert change.origin == "file"
    assert config.get("/logging") == {"level": "debug"}
    assert_absent(config, "/chat/websocket")
    config.set("/logging/file", "f")
    text = service.runtime.read_text()
    assert "  websocket: !unset # off\nlogging: !replace\n  level: debug  # all\n  file: f\n" in text
    assert config.get("/logging") == {"level": "debug", "file": "f"}


def test_a_tag_in_the_wrong_place_of_the_file_is_named(config, service):
    config.set("/n", 1)
    service.expect("!unset")
    service.runtime.write_text("n: 1\nfeatures: [!unset ]\n")
    eventually(lambda: config.state == "recovered")
    assert "runtime_config.yaml:2:12" in config.state_message or ":2:12" in service.log()


def test_tags_live_through_a_restart(config, service):
    config.unset("/llm")
    config.replace("/chat/websocket", {"port": 1})
    values, text = config.get(), service.runtime.read_text()
    config = service.restart() or service.client()
    assert config.get() == values
    assert service.runtime.read_text() == text


# ------------------------------------------------------------------------------------ the past


def test_the_history_shows_tags_and_reverts_them(config):
    config.set("/llm/active", "groq")
    before = config.get()
    config.unset("/llm")
    after = config.get()
    config.replace("/llm", {"a": 1})
    entries = config.history()
    assert entries[0]["changes"] == [("/llm", UNSET, replacing({"a": 1}))]
    assert sorted(entries[1]["changes"]) == [
        ("/llm", ABSENT, UNSET), ("/llm/active", "groq", ABSENT)]
    assert sorted(config.diff(1, 2)) == [
        ("/llm/active", "groq", ABSENT), ("/llm/temperature", 0.7, ABSENT)]
    assert config.dump("", "effective", "yaml", version=2) == config.dump(
        "", "effective", "yaml", version=2)

    assert config.revert(1).version == 4
    assert config.get() == before
    assert config.revert(2).version == 5
    assert config.get() == after
    assert config.overrides() == {"llm": UNSET}
    config.revert(3)
    assert config.get("/llm") == {"a": 1}


def test_an_unconfirmed_unset_is_taken_back(config):
    config.set("/chat/websocket/port", 9000)
    before = config.get()
    with config.signals() as seen:
        config.apply(("unset", "/chat"), ("replace", "/llm", {"a": 1}), confirm_timeout=1)
        seen.wait(2)
    assert config.get() == before


def test_json_and_yaml_of_the_overrides_show_tags(config):
    config.apply(("unset", "/llm"), ("replace", "/chat/websocket", {"port": 1}))
    assert without(config.dump_json("", "overrides"), "_runtime_config") == {
        "llm": UNSET, "chat": {"websocket": replacing({"port": 1})}}
    assert config.dump("/llm", "overrides") == "!unset\n"
    assert config.dump("/chat/websocket", "overrides") == "!replace\nport: 1\n"
    assert "!" not in config.dump()


# --------------------------------------------------------------------------------------- rules


def test_a_required_key_can_not_be_unset(service):
    service.schema.write_text("properties: {chat: {properties: {websocket: {required: [port]}}}}")
    config = service.start()
    for door in (
        lambda: config.unset("/chat/websocket/port"),
        lambda: config.replace("/chat/websocket", {"host": "h"}),
        lambda: config.merge_text("chat: {websocket: {port: !unset }}"),
    ):
        with config.refuses("SchemaViolation", "/chat/websocket", "port"):
            door()
    config.unset("/chat/websocket")


def test_in_the_file_only_what_hides_a_required_key_is_ignored(service):
    service.schema.write_text("required: [llm]")
    config = service.start()
    config.set("/n", 1)
    service.expect("llm")
    service.runtime.write_text("n: 2\nllm: !unset\n")
    eventually(lambda: config.get("/n") == 2)
    assert config.get("/llm") == DEFAULT_VALUES["llm"]
    assert config.state == "degraded"
    assert "!unset" in service.runtime.read_text()


def test_locks_hold_against_tags(service):
    (service.etc / "locks").write_text("/chat/websocket/port\n")
    config = service.start()
    for door in (
        lambda: config.unset("/chat/websocket/port"),
        lambda: config.unset("/chat/websocket"),
        lambda: config.unset("/chat"),
        lambda: config.replace("/chat/websocket", {"host": "h"}),
        lambda: config.replace("/chat", {}),
        lambda: config.merge_text("chat: !replace {a: 1}"),
        lambda: config.replace_text("chat: {websocket: !replace {port: 1}}"),
    ):
        with config.refuses("Locked", "/chat"):
            door()
    config.unset("/chat/websocket/host")
    assert config.get("/chat/websocket") == {"port": 8000}
    service.expect("locked")
    service.runtime.write_text("chat: !unset\nn: 1\n")
    eventually(lambda: config.get("/") if False else "n" in config.list())
    assert config.get("/chat") == DEFAULT_VALUES["chat"]


def test_a_schema_has_no_tags(service):
    service.expect("config.schema.yaml")
    config = service.start()
    service.schema.write_text("type: object\nproperties: {a: {type: !unset }}\n")
    eventually(lambda: config.state == "degraded")
    assert "config.schema.yaml:2:24" in config.state_message
    assert "no meaning in a schema" in config.state_message


SECRET = "hunter2-correct-horse"


def test_secrets_in_replaced_mappings_stay_secret(service):
    service.schema.write_text("properties: {db: {properties: {password: {writeOnly: true}}}}")
    config = service.start()
    config.replace("/db", {"password": SECRET, "host": "a"})
    config.set("/db/host", "b")
    assert config.get("/db") == {"host": "b"}
    assert config.get("/db/password") == SECRET
    assert SECRET not in str(config.history())
    for layer in ("effective", "overrides"):
        for form in ("yaml", "json"):
            assert SECRET not in config.dump("", layer, form)
    config.revert(1)
    assert (config.get("/db"), config.get("/db/password")) == ({"host": "a"}, SECRET)
    config.save({**config.get(), "db": {"host": "c"}})
    assert config.get("/db/password") == SECRET

    other = service.client(user="nobody")
    for door in (lambda: other.unset("/db/password"),
                 lambda: other.merge_text("db: !replace {password: x}")):
        with other.refuses("AccessDenied"):
            door()
    assert SECRET in service.runtime.read_text()


def test_a_secret_does_not_keep_a_replaced_mapping_from_going_back(service):
    service.schema.write_text("properties: {db: {properties: {password: {writeOnly: true}}}}")
    config = service.start()
    config.replace("/db", {"password": SECRET, "host": "a"})
    with config.signals() as seen:
        config.apply(("set", "/db/host", "b"), confirm_timeout=1)
        seen.wait(2)
    assert (config.get("/db"), config.get("/db/password")) == ({"host": "a"}, SECRET)


def test_a_value_in_a_replaced_mapping_that_becomes_a_secret_leaves_the_history(service):
    config = service.start()
    config.replace("/db", {"password": SECRET, "host": "a"})
    assert SECRET in str(config.history())
    service.schema.write_text("properties: {db: {properties: {password: {writeOnly: true}}}}")
    eventually(lambda: config.get("/db") == {"host": "a"})
    assert config.history()[-1]["changes"] == [("/db", ABSENT, replacing({"host": "a"}))]
