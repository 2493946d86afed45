# SPDX-License-Identifier: LGPL-2.1-or-later
"""Get, List, Describe, Dump and the properties."""

import json
import math
import time

import pytest
import yaml
from runconf_testing import DEFAULT_VALUES, both_buses


@both_buses
def test_first_start(config, service):
    assert config.get() == DEFAULT_VALUES
    assert config.version == 0
    assert (config.state, config.state_message) == ("ok", "")

    text = yaml.safe_load(service.runtime.read_text())
    assert list(text) == ["_runtime_config"]
    metadata = text["_runtime_config"]
    assert metadata["version"] == 0
    assert metadata["is_runtime_config"] is True
    assert metadata["default_config_path"] == str(service.defaults)
    assert abs(metadata["last_modified"] - time.time()) < 60


def test_properties(config, service):
    before = time.time() * 1e6
    config.set("/chat/websocket/port", 9000)

    properties = config.properties()
    assert before - 1 <= properties.pop("LastModified") <= time.time() * 1e6
    assert properties == {
        "Name": "default",
        "Version": 1,
        "HasOverrides": True,
        "State": "ok",
        "StateMessage": "",
        "RulesRevision": 0,
        "SnapshotRevision": 0,
        "Locks": [],
        "DefaultConfigPath": str(service.defaults),
        "RuntimeConfigPath": str(service.runtime),
    }


def test_properties_have_their_types(config):
    types = {"Name": "s", "Version": "t", "LastModified": "t", "HasOverrides": "b", "State": "s", "StateMessage": "s",
             "RulesRevision": "u", "SnapshotRevision": "u", "Locks": "as", "DefaultConfigPath": "s",
             "RuntimeConfigPath": "s"}
    for name, form in types.items():
        answer = config.call("Get", "(ss)", "org.runconf.Config1", name,
                             interface="org.freedesktop.DBus.Properties")
        assert answer.get_child_value(0).get_variant().get_type_string() == form, name


GET = {
    "": DEFAULT_VALUES,
    "/chat/websocket": {"host": "localhost", "port": 8000},
    "/chat/websocket/port": 8000,
    "/llm/temperature": 0.7,
    "/features": ["search", "browse", "code"],
    "/features/0": "search",
    "/features/2": "code",
    "/servers/1": {"name": "two", "port": 2},
    "/servers/1/name": "two",
    "/logging/debug": False,
    "/logging/file": None,
}


@pytest.mark.parametrize("path", GET)
def test_get(config, path):
    assert config.get(path) == GET[path]


def test_get_sees_overrides_over_defaults(config):
    config.merge({"chat": {"websocket": {"port": 9000}}, "features": [], "new": {"key": 1}})
    assert config.get("/chat/websocket") == {"host": "localhost", "port": 9000}
    assert config.get("/features") == []
    assert config.get("/new/key") == 1


def test_keys_are_escaped_in_paths(service):
    service.defaults.write_text('{"a/b": 1, "m~n": 2, "~1": 3, "": {"": 4}, "ключ": 5, "a b": 6}')
    config = service.start()
    found = {path: config.get(path)
             for path in ("/a~1b", "/m~0n", "/~01", "/", "//", "/ключ", "/a b")}
    assert found == {"/a~1b": 1, "/m~0n": 2, "/~01": 3, "/": {"": 4}, "//": 4, "/ключ": 5,
                     "/a b": 6}


NOT_FOUND = [
    "/nothing",
    "/chat/nothing",
    "/chat/websocket/port/below",  # a scalar
    "/logging/file/below",  # null
    "/features/3",
    "/features/-",  # what is past the end
    "/features/-1",
    "/features/01",
    "/features/one",
    "/features/4294967296",
    "/features/99999999999999999999999",
    "/servers/0/nothing",
    "/",  # the empty key
    "/chat/",
    "/_runtime_config",  # is no part of what readers see
    "/_runtime_config/version",
]


@pytest.mark.parametrize("path", NOT_FOUND)
@pytest.mark.parametrize("method", ["get", "list", "describe", "dump"])
def test_what_is_absent_is_not_found(config, method, path):
    with config.refuses("NotFound", path):
        getattr(config, method)(path)


@pytest.mark.parametrize("path", ["chat", "chat/websocket", " /chat", "/chat~", "/~2", "/a~x"])
@pytest.mark.parametrize("method", ["get", "list", "describe", "dump"])
def test_what_is_no_pointer_is_an_invalid_path(config, method, path):
    with config.refuses("InvalidPath", path):
        getattr(config, method)(path)


def test_list(config):
    assert config.list("") == ["chat", "llm", "features", "servers", "logging"]
    assert config.list("/chat/websocket") == ["host", "port"]
    assert config.list("/features") == ["0", "1", "2"]
    config.set("/features", [])
    assert config.list("/features") == []


def test_list_keeps_the_order_of_the_keys(config):
    config.merge({"zebra": 1, "logging": {"extra": 1, "level": "debug"}, "ant": 2})
    assert config.list() == ["chat", "llm", "features", "servers", "logging", "zebra", "ant"]
    assert config.list("/logging") == ["level", "debug", "file", "extra"]


def test_a_scalar_has_nothing_to_list(config):
    assert config.list("/llm/active") == []
    assert config.list("/logging/file") == []


def test_describe_a_default(config, service):
    words = config.describe("/chat/websocket/port")
    expected = {
        "value": 8000, "default": 8000, "type": "integer", "source": "default",
        "file": str(service.defaults), "line": 5, "column": 11, "writable": True,
    }
    assert {word: words.get(word) for word in expected} == expected


def test_describe_an_override(config, service):
    config.set("/chat/websocket/port", 9000)
    words = config.describe("/chat/websocket/port")
    expected = {
        "value": 9000, "default": 8000, "type": "integer", "source": "override",
        "file": str(service.runtime), "writable": True,
    }
    assert {word: words.get(word) for word in expected} == expected

    line = service.runtime.read_text().splitlines()[words["line"] - 1]
    assert line[words["column"] - 1:].startswith("9000")


def test_describe_what_has_no_default(config):
    config.set("/new/key", "here")
    words = config.describe("/new/key")
    assert words["value"] == "here"
    assert words["source"] == "override"
    assert "default" not in words


def test_describe_a_pinned_value(config):
    config.set("/chat/websocket/port", 8000)
    words = config.describe("/chat/websocket/port")
    assert (words["value"], words["default"], words["source"]) == (8000, 8000, "override")


def test_describe_where_a_hand_put_it(service):
    service.runtime.write_text("# mine\n\nllm:\n    active: 'groq'\n")
    words = service.start().describe("/llm/active")
    assert (words["file"], words["line"], words["column"]) == (str(service.runtime), 4, 13)


TYPES = {
    "/chat": "mapping",
    "/features": "sequence",
    "/llm/active": "string",
    "/llm/temperature": "float",
    "/chat/websocket/port": "integer",
    "/logging/debug": "boolean",
    "/logging/file": "null",
}


@pytest.mark.parametrize("path", TYPES)
def test_describe_types(config, path):
    assert config.describe(path)["type"] == TYPES[path]


def test_describe_more_types(service):
    service.defaults.write_text("{big: 18446744073709551615, data: !!binary aGk=, day: 2001-01-01}")
    config = service.start()
    assert config.describe("/big")["type"] == "integer"
    assert config.describe("/data")["type"] == "binary"
    assert config.describe("/day")["type"] == "string"


def test_describe_everything(config):
    words = config.describe("")
    assert words["value"] == words["default"] == DEFAULT_VALUES
    assert words["type"] == "mapping"


def test_dump_as_json(config):
    config.set("/chat/websocket/port", 9000)
    expected = config.get()
    assert config.dump_json() == expected
    assert list(config.dump_json()) == list(expected)
    assert config.dump_json("/chat/websocket") == {"host": "localhost", "port": 9000}
    assert config.dump_json("/chat/websocket/port") == 9000
    assert config.dump_json("/features/1") == "browse"
    assert config.dump_json("/logging/file") is None
    assert config.dump_json("", "defaults") == DEFAULT_VALUES
    assert config.dump_json("/chat", "overrides") == {"websocket": {"port": 9000}}


def test_json_is_indented_by_two_spaces_without_a_last_line_end(service):
    service.defaults.write_text("a: {b: [1, .inf], c: 0.5}\nd: {}\ne: !!binary AP8=\n")
    assert service.start().dump("", "effective", "json") == """\
{
  "a": {
    "b": [
      1,
      ".inf"
    ],
    "c": 0.5
  },
  "d": {},
  "e": "AP8="
}"""


def test_dump_as_yaml(config):
    config.set("/chat/websocket/port", 9000)
    for path in ("", "/chat", "/features", "/llm/active", "/logging/file"):
        assert yaml.safe_load(config.dump(path)) == config.get(path)
        assert yaml.safe_load(config.dump(path, "defaults")) == (
            DEFAULT_VALUES if path == "" else unfold(DEFAULT_VALUES, path))
    assert yaml.safe_load(config.dump("/chat", "overrides")) == {"websocket": {"port": 9000}}


def unfold(values, path):
    for key in path.split("/")[1:]:
        values = values[key]
    return values


def test_dump_of_the_overrides_is_the_text_as_it_stands(service):
    text = "# mine\nllm:   {active:   'groq'} # so far\n\n\n# the end\n"
    service.runtime.write_text(text)
    config = service.start()
    assert config.dump("", "overrides", "yaml") == service.runtime.read_text()
    assert "# the end" in config.dump("", "overrides", "yaml")


def test_dump_knows_no_path_that_a_layer_does_not_have(config):
    config.set("/new", 1)
    with config.refuses("NotFound", "/new"):
        config.dump("/new", "defaults")
    with config.refuses("NotFound", "/chat/websocket/port"):
        config.dump("/chat/websocket/port", "overrides")


def test_dump_as_json_has_strings_for_what_json_has_no_form_for(service):
    service.defaults.write_text(
        "{a: .nan, b: .inf, c: -.inf, d: !!binary aGk=, e: 1.0, f: 18446744073709551615,"
        " g: 123456789012345678901234567890, h: \"\\u0001 \\u2028 \\\" \\\\ é\"}")
    config = service.start()

    def no_constant(name):
        raise AssertionError(f"{name} is not JSON")

    values = json.loads(config.dump("", "effective", "json"), parse_constant=no_constant)
    assert all(isinstance(values[key], str) for key in "abcd")
    assert values["d"] == "aGk="
    assert isinstance(values["e"], float) and values["e"] == 1.0
    assert values["f"] == 18446744073709551615
    assert values["h"] == "\u0001 \u2028 \" \\ é"


@pytest.mark.parametrize("layer, format, word", [
    ("efective", "yaml", "efective"),
    ("", "yaml", "effective"),
    ("effective", "toml", "toml"),
    ("effective", "", "yaml"),
])
def test_dump_refuses_other_words(config, layer, format, word):
    with config.refuses("InvalidValue", word):
        config.dump("", layer, format)


def test_dump_refuses_an_unknown_option(config):
    with config.refuses("InvalidValue", "colour"):
        config.dump("", "effective", "yaml", colour="red")


def test_special_floats_are_read(service):
    service.defaults.write_text("{nan: .nan, more: .inf, less: -.inf}")
    config = service.start()
    assert math.isnan(config.get("/nan"))
    assert config.get("/more") == math.inf
    assert config.get("/less") == -math.inf
