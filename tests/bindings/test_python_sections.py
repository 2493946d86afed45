# SPDX-License-Identifier: LGPL-2.1-or-later
"""Values and sections: a change of them is written, or raises an error. None is lost."""

import copy
import json
import pickle

import pytest
from gi.repository import GLib
from python_testing import PORT, Runconf, run
from runconf_testing import DEFAULT_VALUES, iterate

CHAT = DEFAULT_VALUES["chat"]
WEBSOCKET = CHAT["websocket"]


@pytest.fixture
def websocket(conf):
    return conf["chat"]["websocket"]


def test_json_writes_a_section(conf, websocket):
    for options in ({}, {"indent": 2}, {"sort_keys": True}):
        assert json.loads(json.dumps(conf["chat"], **options)) == CHAT
        assert json.loads(json.dumps({"inner": [websocket]}, **options)) == {"inner": [WEBSOCKET]}
        assert json.loads(json.dumps(conf.get_snapshot()["chat"], **options)) == CHAT
    conf["empty"] = {}
    assert json.dumps(conf["empty"]) == json.dumps(conf["empty"], indent=1) == "{}"
    assert json.loads(json.dumps(conf.to_dict())) == DEFAULT_VALUES | {"empty": {}}


def test_sections_and_dicts_unite_to_dicts(conf, websocket):
    snapshot = conf.get_snapshot()
    for united in (websocket | {"port": 1}, snapshot["chat"]["websocket"] | {"port": 1}):
        assert type(united) is dict and united == WEBSOCKET | {"port": 1}
    united = {"port": 1, "mine": 2} | websocket
    assert type(united) is dict and united == {"port": 8000, "mine": 2, "host": "localhost"}
    assert list(united) == ["port", "mine", "host"]
    assert websocket | conf["llm"] == WEBSOCKET | DEFAULT_VALUES["llm"]
    assert conf | {"chat": 1} == DEFAULT_VALUES | {"chat": 1}
    assert {"a": 1} | conf == {"a": 1} | DEFAULT_VALUES
    with pytest.raises(TypeError):
        websocket | [("port", 1)]
    assert conf.to_dict() == DEFAULT_VALUES


def test_a_section_is_unpacked_and_copied_as_a_dict(websocket):
    def gather(**keywords):
        return keywords

    assert {**websocket} == dict(websocket) == gather(**websocket) == {}.__class__(websocket.items()) == WEBSOCKET
    plain = {}
    plain.update(websocket)
    assert plain == WEBSOCKET
    for copied in (websocket.copy(), copy.copy(websocket), copy.deepcopy(websocket),
                   pickle.loads(pickle.dumps(websocket))):
        assert type(copied) is dict and copied == WEBSOCKET
    assert "%(host)s" % websocket == "{host}".format_map(websocket) == "localhost"
    match websocket:
        case {"port": port, **others}:
            assert (port, others) == (8000, {"host": "localhost"})
    assert list(reversed(websocket)) == ["port", "host"]


def test_a_section_equals_a_dict_from_both_sides(conf, websocket):
    assert websocket == WEBSOCKET and WEBSOCKET == websocket and not websocket != WEBSOCKET
    assert websocket != CHAT and CHAT != websocket and websocket != 5 and websocket != {}
    assert isinstance(websocket, dict) and bool(websocket) and len(websocket) == 2
    with pytest.raises(TypeError):
        hash(websocket)
    assert conf.section("/chat/websocket") == websocket
    assert not conf.section("/nowhere")


def test_no_method_of_dict_reads_the_memory_of_a_section():
    """A section is a dict without values in its memory."""
    harmless = {"__class_getitem__", "__ge__", "__getattribute__", "__gt__", "__hash__", "__le__", "__lt__", "__new__",
                "__sizeof__"}
    inherited = {name for name in vars(dict)
                 if getattr(Runconf.Section, name) in (getattr(dict, name), vars(dict)[name])}
    assert inherited <= harmless


def test_each_change_of_a_section_is_written(conf, config, websocket):
    websocket["port"] = 1
    assert config.overrides() == {"chat": {"websocket": {"port": 1}}}
    websocket.update({"port": 2}, host="h")
    assert config.overrides() == {"chat": {"websocket": {"port": 2, "host": "h"}}}
    version = config.version
    websocket |= {"port": 3, "host": "i"}
    assert config.version == version + 1
    conf["chat"]["websocket"] |= {"port": 4}
    assert config.overrides() == {"chat": {"websocket": {"port": 4, "host": "i"}}}
    assert websocket.pop("host") == "i" and websocket["host"] == "localhost"
    assert websocket.pop("nowhere", 5) == 5
    assert websocket.setdefault("port", 9) == 4 and websocket.setdefault("new", 9) == 9
    assert config.get("/chat/websocket/new") == 9
    websocket.setdefault("inner", {})["port"] = 1
    assert config.get("/chat/websocket/inner") == {"port": 1}
    websocket.clear()
    assert websocket == WEBSOCKET and config.overrides() == {}
    with pytest.raises(TypeError, match="clear"):
        websocket.popitem()


def test_an_update_that_is_refused_changes_nothing(config, websocket):
    with config.unchanged(), pytest.raises(Runconf.ConfigError):
        websocket["port"]
        websocket.update({"port": 1, "host": "h", "new": "x" * (17 << 20)})


@pytest.mark.parametrize("change", [
    lambda section: section.update(port=1), lambda section: section.clear(), lambda section: section.pop("port"),
    lambda section: section.setdefault("new", 1), lambda section: section.__ior__({"port": 1}),
    lambda section: section.__setitem__("port", 1), lambda section: section.__delitem__("port"),
])
def test_a_section_of_a_snapshot_refuses_each_change(conf, change):
    with pytest.raises(TypeError, match="snapshot"):
        change(conf.get_snapshot()["chat"]["websocket"])
    assert conf.to_dict() == DEFAULT_VALUES


LIST_CHANGES = {
    "append": ("x",), "extend": (["x"],), "insert": (0, "x"), "remove": ("code",), "pop": (), "clear": (),
    "sort": (), "reverse": (), "__setitem__": (0, "x"), "__delitem__": (0,),
}
DICT_CHANGES = {
    "pop": ("port",), "popitem": (), "clear": (), "update": ({"port": 1},), "setdefault": ("x", 1),
    "__setitem__": ("port", 1), "__delitem__": ("port",),
}


@pytest.mark.parametrize("kind, changes, read", [
    (list, LIST_CHANGES, lambda conf: conf["features"]),
    (list, LIST_CHANGES, lambda conf: conf.get("/features")),
    (list, LIST_CHANGES, lambda conf: conf.fetch_sync("/features")),
    (dict, DICT_CHANGES, lambda conf: conf["servers"][1]),
    (dict, DICT_CHANGES, lambda conf: conf.get("/chat/websocket")),
    (dict, DICT_CHANGES, lambda conf: conf.get("/chat")["websocket"]),
    (dict, DICT_CHANGES, lambda conf: conf.metadata),
])
def test_a_value_refuses_each_change(conf, kind, changes, read):
    value = read(conf)
    before = copy.deepcopy(value)
    for name, arguments in changes.items():
        with pytest.raises(TypeError, match="copy"):
            getattr(value, name)(*arguments)
    assert value == before
    # all others that a list or a dict of Python has don't change it
    changing = {name for name in dir(kind) if name not in dir(tuple) + dir(type("", (), {})) + dir(frozenset)}
    reading = {"get", "items", "keys", "values", "copy", "fromkeys", "__reversed__", "__ior__", "__iadd__", "__imul__",
               "__or__", "__ror__"}
    assert changing - reading <= set(changes)


def test_copies_of_values_are_plain(conf):
    features, server = conf["features"], conf["servers"][0]
    for value in (features, server, conf.get("/chat")):
        kind = list if isinstance(value, list) else dict
        for copied in (value.copy(), copy.copy(value), copy.deepcopy(value), kind(value),
                       pickle.loads(pickle.dumps(value))):
            assert type(copied) is kind and copied == value
    assert type(copy.deepcopy(conf["servers"])[0]) is dict
    assert type(features + ["x"]) is list and type(server | {"x": 1}) is dict
    assert json.loads(json.dumps(features)) == features
    everything = conf.to_dict()
    everything["chat"]["websocket"]["port"] = 1
    assert conf.to_dict() == DEFAULT_VALUES


def test_a_list_is_changed_by_an_assignment(conf, config):
    conf["features"] += ["mine"]
    assert config.get("/features") == [*DEFAULT_VALUES["features"], "mine"]
    conf["features"] = sorted(conf["features"])
    assert config.get("/features") == sorted([*DEFAULT_VALUES["features"], "mine"])


def call_back(conf, name, *arguments):
    answers = []
    getattr(conf, name)(*arguments, None, lambda source, result: answers.append(
        getattr(source, f"{name}_finish")(result)))
    iterate(GLib.MainContext.default(), lambda: answers, "the callback")
    return answers[0]


@pytest.mark.parametrize("name, arguments, raw", [
    ("describe", (PORT,), (PORT,)),
    ("explain", (PORT,), (PORT, Runconf.ExplainFlags.DEFAULT)),
    ("fetch_value", (PORT,), (PORT,)),
    ("history", ("",), ("", 0, 0)),
    ("dump", ("",), ("", Runconf.Layer.EFFECTIVE, Runconf.Format.YAML, Runconf.DumpFlags.NONE, 2**64 - 1)),
    ("diff", (0, 2), (0, 2)),
    ("is_writable", (PORT,), (PORT,)),
    ("reload", (), ()),
    ("flush", (), ()),
    # nothing changes, so that each form has the same result
    ("merge", ({"llm": {"active": "groq"}},), ({"llm": {"active": "groq"}},)),
    ("merge_text", ("llm: {active: groq}",), ("llm: {active: groq}",)),
    ("revert", (3,), (3,)),
    ("set_value", ("/llm/active", "groq"), ("/llm/active", "groq")),
    ("replace_value", ("/llm/active", "groq"), ("/llm/active", "groq")),
    ("set_string", ("/llm/active", "groq"), ("/llm/active", "groq")),
    ("reset", ("/logging",), ("/logging",)),
    ("unset", ("/llm/temperature",), ("/llm/temperature",)),
])
def test_each_form_of_a_call_has_the_same_result(conf, name, arguments, raw):
    conf["chat"]["websocket"]["port"] = 9000
    conf["llm"]["active"] = "groq"
    conf.unset_sync("/llm/temperature")
    blocking = getattr(conf, f"{name}_sync")
    result = blocking(*arguments, None) if name == "set_string" else blocking(*arguments)
    others = [run(getattr(conf, f"{name}_async")(*arguments)), call_back(conf, name, *raw)]
    for other in others:
        assert type(other) is type(result)
        assert str(other) == str(result) if isinstance(result, GLib.Variant) else other == result


def test_each_call_has_a_form_for_asyncio():
    blocking = {name for name in dir(Runconf.Configuration) if name.endswith("_sync")}
    missing = {name for name in blocking if not hasattr(Runconf.Configuration, name.replace("_sync", "_async"))}
    assert missing == {"new_for_connection_sync"}


def test_each_list_of_configurations_has_the_same_form(conf, service):
    expected = Runconf.list_configurations_sync(service.bus.address)
    answers = []
    Runconf.list_configurations(conf.props.connection, None, lambda _source, result: answers.append(
        Runconf.list_configurations_finish(result)))
    iterate(GLib.MainContext.default(), lambda: answers, "the callback")
    assert answers == [expected] == [run(Runconf.list_configurations_async(service.bus.address))]


def test_values_of_each_type_are_written_with_asyncio(conf):
    async def program():
        await conf.set_boolean_async("/types/b", True)
        await conf.set_int64_async("/types/x", -1)
        await conf.set_uint64_async("/types/t", 2**63)
        await conf.set_double_async("/types/d", 1.5)
        await conf.set_string_async("/types/s", "text")
        await conf.set_strv_async("/types/as", ["a", "b"])

    run(program())
    assert conf["types"] == {"b": True, "x": -1, "t": 2**63, "d": 1.5, "s": "text", "as": ["a", "b"]}
