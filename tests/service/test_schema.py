# SPDX-License-Identifier: LGPL-2.1-or-later
"""A schema beside the defaults refuses wrong values at every door, and gives way in the file."""

import pytest
from runconf_testing import Refusal, eventually

SCHEMA = """\
type: object
properties:
  chat:
    properties:
      websocket:
        required: [host, port]
        properties:
          host: {type: string, minLength: 1}
          port:
            title: Port
            description: Where clients connect
            type: integer
            minimum: 1
            maximum: 65535
      service: {properties: {max_tool_hops: {type: integer, readOnly: true}}}
  llm:
    properties:
      active: {enum: [openrouter, openai, groq]}
      temperature: {type: number, minimum: 0, maximum: 2}
  logging:
    additionalProperties: false
    properties: {level: {enum: [debug, info]}, debug: {type: boolean}, file: {type: ["null", string]}}
"""


@pytest.fixture
def checked(service):
    service.schema.write_text(SCHEMA)
    return service.start()


def test_every_door_is_checked(checked):
    old = checked.set("/llm/temperature", 1)
    for door in (
        lambda: checked.set("/chat/websocket/port", 99999),
        lambda: checked.set("/chat/websocket", {"port": 99999}),
        lambda: checked.merge({"chat": {"websocket": {"port": 99999}}}),
        lambda: checked.merge_text("chat: {websocket: {port: 99999}}"),
        lambda: checked.save({**checked.get(), "chat": {"websocket": {"host": "h", "port": 99999}}}),
        lambda: checked.apply(("set", "/llm/active", "groq"),
                              ("set", "/chat/websocket/port", 99999)),
        lambda: checked.replace_text("chat: {websocket: {port: 99999}}"),
        lambda: checked.apply(("set", "/chat/websocket/port", 99999), dry_run=True),
        lambda: checked.replace_text("chat: {websocket: {port: 99999}}", dry_run=True),
        lambda: checked.save({"chat": {"websocket": {"host": "h", "port": 99999}}}, dry_run=True),
    ):
        with checked.refuses("SchemaViolation", "/chat/websocket/port", "99999", "65535"):
            door()
    assert checked.version == old


def test_all_that_is_wrong_is_told_at_once(checked):
    with checked.refuses("SchemaViolation", "/chat/websocket/port", "/llm/active", "openrouter",
                         "/llm/temperature", "/logging/colour"):
        checked.merge_text("chat: {websocket: {port: high}}\nllm: {active: x, temperature: 3}\n"
                           "logging: {colour: red}")


def test_each_violation_is_a_line(checked):
    with pytest.raises(Refusal) as caught:
        checked.merge_text("chat: {websocket: {port: high}}\nllm: {active: x, temperature: 3}\n")
    lines = caught.value.message.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "/chat/websocket/port", "/llm/active", "/llm/temperature"]


def test_a_message_lists_twenty_violations(checked):
    keys = ", ".join(f"colour{number}: red" for number in range(25))
    with pytest.raises(Refusal) as caught:
        checked.merge_text(f"logging: {{{keys}}}")
    assert caught.value.kind == "SchemaViolation"
    lines = caught.value.message.splitlines()
    assert len(lines) == 21 and lines[20] == "and 5 more"
    assert all(line.startswith("/logging/colour") for line in lines[:20])


def test_a_revert_is_checked(service):
    config = service.start()
    config.set("/chat/websocket/port", 99999)
    config.set("/chat/websocket/port", 1)
    service.schema.write_text(SCHEMA)
    config.reload()
    for options in ({}, {"dry_run": True}):
        with config.refuses("SchemaViolation", "99999"):
            config.revert(1, **options)


def test_what_is_right_is_taken(checked):
    assert checked.set("/chat/websocket/port", 9000) == 1
    assert checked.set("/anything", {"else": [1]}) == 2


def test_a_wrong_value_in_the_file_keeps_its_default(service):
    service.schema.write_text(SCHEMA)
    service.runtime.write_text("chat:\n  websocket: {port: 99999, host: h}\nllm: {active: groq}\n")
    service.expect("99999")
    config = service.start()
    assert config.get("/chat/websocket") == {"host": "h", "port": 8000}
    assert config.get("/llm/active") == "groq"
    assert config.state == "degraded"
    assert f"{service.runtime}:2:21: /chat/websocket/port: " in config.state_message
    assert config.state_message in service.log()

    # it stays in the file, and refuses nothing else
    assert config.set("/llm/temperature", 1.5) == config.version
    assert "99999" in service.runtime.read_text()
    assert config.state == "degraded"
    with config.refuses("SchemaViolation"):
        config.set("/chat/websocket/port", 99998)

    service.runtime.write_text(service.runtime.read_text().replace("99999", "9000"))
    eventually(lambda: config.state == "ok")
    assert config.get("/chat/websocket/port") == 9000


def test_overrides_around_an_error_are_ignored_until_the_rest_is_valid(service):
    """The place of a missing key is its mapping: the overrides in it give way, the others apply."""
    service.schema.write_text("properties: {limits: {properties: {low: {}, high: {}},\n"
                              "    dependencies: {low: [high]}}}\n")
    service.expect("/limits")
    config = service.start()
    service.runtime.write_text("limits: {low: 1, other: {deep: 2}}\nllm: {active: groq}\n")
    eventually(lambda: config.get("/llm/active") == "groq")
    assert "limits" not in config.get()
    assert config.state == "degraded" and "/limits" in config.state_message
    # with the missing key, all of them are in force
    assert config.set("/limits/high", 9) == 2
    assert config.get("/limits") == {"low": 1, "other": {"deep": 2}, "high": 9}
    assert (config.state, config.state_message) == ("ok", "")


def test_a_hand_edit_is_checked_and_clears(checked, service):
    service.expect("/llm/active", "/logging")
    with checked.signals() as seen:
        service.runtime.write_text("llm: {active: x, temperature: 2}\nlogging: {colour: red}\n")
        assert seen.wait().paths == ["/llm/temperature"]
    for word in (":1:15: /llm/active: ", "/logging/colour", str(service.runtime)):
        assert word in checked.state_message
    checked.reset("/llm/active")
    checked.reset("/logging/colour")
    assert (checked.state, checked.state_message) == ("ok", "")


def test_a_reset_may_mend(service):
    service.schema.write_text(SCHEMA)
    service.runtime.write_text("chat: {websocket: {port: -1}}\n")
    service.expect("port")
    config = service.start()
    config.reset("/chat/websocket/port")
    assert config.state == "ok"


def test_what_is_wrong_with_the_defaults_refuses_nothing(service):
    service.schema.write_text("properties: {llm: {properties: {temperature: {maximum: 0.5}}}}\n")
    config = service.start()
    assert config.state == "ok"
    assert config.set("/llm/active", "groq") == 1
    assert config.set("/llm/temperature", 0.4) == 2
    assert config.reset("/llm/temperature") == 3


@pytest.mark.parametrize("text, words", [
    ("type: strng\n", (":1:7: ", "strng")),
    ("type: object\nproperties: {a: {minimum: '5'}}\n", (":2:27: ", "minimum")),
    ("type: [\n", (":",)),
    ("$ref: http://example.org/schema\n", (":1:7: ",)),
])
def test_a_schema_that_is_wrong_is_told_and_not_used(service, text, words):
    service.expect("config.schema.yaml")
    service.schema.write_text(text)
    config = service.start()
    assert config.state == "degraded"
    for word in (str(service.schema), *words):
        assert word in config.state_message, config.state_message
    assert str(service.schema) in service.log()
    assert config.set("/llm/active", 5) == 1
    service.schema.unlink()
    eventually(lambda: config.state == "ok")


def test_a_schema_that_becomes_wrong_leaves_the_one_before(checked, service):
    service.expect("config.schema.yaml")
    service.schema.write_text("type: strng\n")
    eventually(lambda: checked.state == "degraded")
    assert "the schema before it stays" in checked.state_message
    with checked.refuses("SchemaViolation"):
        checked.set("/llm/active", 5)
    service.schema.write_text(SCHEMA)
    eventually(lambda: checked.state == "ok")


def test_another_schema_is_noticed(service):
    service.expect("/llm/active")
    config = service.start()
    config.set("/llm/active", "x")
    with config.signals() as seen:
        service.schema.write_text(SCHEMA)
        change = seen.wait()
        assert (change.origin, change.values, change.version) == (
            "rules", {"/llm/active": "openrouter"}, 2)
        assert config.state == "degraded"
        service.schema.unlink()
        assert seen.wait(2).values == {"/llm/active": "x"}
    assert config.state == "ok"


def test_read_only_locks(checked):
    with checked.refuses("Locked", "/chat/service/max_tool_hops", "the schema"):
        checked.set("/chat/service/max_tool_hops", 9)
    words = checked.describe("/chat/service/max_tool_hops")
    assert (words["source"], words["writable"]) == ("locked", False)


def test_describe_tells_the_facts(checked):
    checked.set("/chat/websocket/port", 9000)
    words = checked.describe("/chat/websocket/port")
    assert words.pop("time") == checked.last_modified
    assert words == {
        "value": 9000, "default": 8000, "type": "integer", "source": "override", "writable": True,
        "secret": False, "file": words["file"], "line": words["line"], "column": words["column"],
        "version": 1, "title": "Port", "description": "Where clients connect", "types": "integer",
        "minimum": 1, "maximum": 65535, "layers": words["layers"],
    }
    assert checked.describe("/llm/active")["enum"] == ["openrouter", "openai", "groq"]


def test_it_works_for_a_user_without_rights(unprivileged):
    unprivileged.schema.write_text(SCHEMA)
    config = unprivileged.start()
    with config.refuses("SchemaViolation"):
        config.set("/llm/active", "x")
    config.set("/llm/active", "groq")
    assert config.history()[0]["version"] == 1


def test_the_keys_that_the_schema_names(checked):
    keys = {key.pop("path"): key for key in checked.describe("/llm")["keys"]}
    assert keys == {"/llm/active": {"enum": ["openrouter", "openai", "groq"]},
                    "/llm/temperature": {"types": "number"}}
    keys = {key["path"]: key for key in checked.describe("/chat/websocket")["keys"]}
    assert keys["/chat/websocket/port"] == {"path": "/chat/websocket/port", "title": "Port", "types": "integer",
                                            "description": "Where clients connect"}
    # a key with a value is described by itself, and a scalar has no keys
    assert all(key["path"].count("/") == 1 for key in checked.describe("")["keys"])
    assert "keys" not in checked.describe("/chat/websocket/port")
