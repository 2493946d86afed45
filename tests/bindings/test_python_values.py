# SPDX-License-Identifier: LGPL-2.1-or-later
"""Values and paths in Python."""

import gi
import pytest
from python_testing import refusal
from runconf_testing import DEFAULT_VALUES

gi.require_version("Runconf", "1")
from gi.repository import GLib, Runconf  # noqa: E402


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
