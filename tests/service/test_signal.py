# SPDX-License-Identifier: LGPL-2.1-or-later
"""ConfigChanged: when it comes, what it says, and whom it wakes."""

import os

import pytest
from runconf_testing import both_buses
from values_testing import nested_list

# a change, the paths it touches, and the prefix that covers them
PREFIXES = {
    "one leaf": ({"chat": {"websocket": {"port": 1}}}, ["/chat/websocket/port"],
                 "/chat/websocket/"),
    "two of one mapping": ({"chat": {"websocket": {"port": 1, "host": "h"}}},
                           ["/chat/websocket/host", "/chat/websocket/port"], "/chat/"),
    "two of one branch": ({"chat": {"websocket": {"port": 1}, "service": {"max_tool_hops": 1}}},
                          ["/chat/service/max_tool_hops", "/chat/websocket/port"], "/"),
    "two branches": ({"chat": {"websocket": {"port": 1}}, "llm": {"active": "x"}},
                     ["/chat/websocket/port", "/llm/active"], "/"),
    "a leaf at the top": ({"new": 1}, ["/new"], "/"),
    "a list": ({"features": [1]}, ["/features"], "/"),
    "an empty mapping": ({"a": {"b": {}}}, ["/a/b"], "/a/"),
    "keys with slashes": ({"a/b": {"c~d": {"e": 1}}}, ["/a~1b/c~0d/e"], "/a~1b/c~0d/"),
    "keys with a common beginning": ({"a": {"bc": 1, "bd": 1}}, ["/a/bc", "/a/bd"], "/"),
    "one key that begins another": ({"a": {"b": {"x": 1}, "bc": 1}}, ["/a/b/x", "/a/bc"], "/"),
    "an empty key": ({"a": {"": {"x": 1}}}, ["/a//x"], "/a//"),
}


@pytest.mark.parametrize("patch, paths, prefix", PREFIXES.values(), ids=PREFIXES)
def test_paths_and_prefix(config, patch, paths, prefix):
    with config.signals() as seen:
        assert sorted(config.merge(patch).changed) == paths
        signal = seen.wait()
        assert len(seen.all()) == 1
    assert (sorted(signal.paths), signal.prefix, signal.version) == (paths, prefix, 1)


@both_buses
def test_values(config):
    config.set("/gone", 1)
    with config.signals() as seen:
        config.apply(
            ("merge", "/chat", {"websocket": {"port": 9000}}),
            ("merge", "", {"features": ["a"], "n": {"m": {}}}),
            ("set", "/llm/active", None),
            ("reset", "/gone"),
        )
        signal = seen.wait()
    assert signal.values == {"/chat/websocket/port": 9000, "/features": ["a"], "/n/m": {},
                             "/llm/active": None}
    # removed paths are told, and have no value
    assert sorted(signal.paths) == sorted([*signal.values, "/gone"])


def test_values_are_the_effective_ones(config):
    config.set("/chat/websocket/port", 9000)
    with config.signals() as seen:
        config.reset("/chat/websocket/port")
        assert seen.wait().values == {"/chat/websocket/port": 8000}


ORIGINS = {
    "set": lambda config: config.set("/a", 1),
    "merge": lambda config: config.merge({"a": 1}),
    "save": lambda config: config.save({"a": 1}),
    "apply": lambda config: config.apply(("set", "/a", 1)),
    "replace": lambda config: config.replace_text("a: 1"),
}


@pytest.mark.parametrize("origin", ORIGINS)
def test_origin_and_uid(config, origin):
    with config.signals() as seen:
        ORIGINS[origin](config)
        signal = seen.wait()
    assert signal.origin == origin
    assert signal.details["uid"].get_type_string() == "u"
    assert signal.details["uid"].get_uint32() == os.geteuid()
    assert signal.values == {"/a": 1}


def test_origin_of_a_text_merged_and_of_a_reset(config):
    with config.signals() as seen:
        config.merge_text("a: 1")
        config.reset("/a")
        assert [signal.origin for signal in seen.all()] == ["merge", "reset"]


@both_buses
def test_one_a_change_in_order(config):
    with config.signals() as seen:
        for number in range(50):
            config.set(f"/n/{number % 7}", number)
        signals = seen.all()
    assert [signal.version for signal in signals] == list(range(1, 51))
    assert [signal.values for signal in signals] == [{f"/n/{n % 7}": n} for n in range(50)]


def test_the_signal_comes_before_the_answer(config):
    with config.signals() as seen:
        for number in range(1, 21):
            config.set("/n", number)
            assert len(seen.all()) == number


def test_what_is_signalled_is_on_disk(config, service):
    with config.signals() as seen:
        config.set("/marker", "on disk")
        seen.wait()
        assert "on disk" in service.runtime.read_text()


def test_nothing_is_told_where_nothing_is_seen(config):
    with config.signals() as seen:
        config.set("/llm/active", "openrouter")  # pinned
        config.reset("/llm/active")
        config.merge({"chat": {}})
        config.set("/chat/websocket", {})
        assert seen.all() == []
    assert config.version >= 2


def test_a_mapping_that_goes_away(config):
    config.merge({"a": {"b": {"c": 1, "d": 2}}, "x": 1})
    with config.signals() as seen:
        config.reset("/a")
        signal = seen.wait()
    assert sorted(signal.paths) == ["/a/b/c", "/a/b/d"]
    assert signal.prefix == "/a/"
    assert signal.values == {}


def test_a_scalar_that_becomes_a_mapping(config):
    with config.signals() as seen:
        config.set("/llm/active", {"name": "groq"})
        signal = seen.wait()
    assert "/llm/active/name" in signal.paths
    assert signal.values["/llm/active/name"] == "groq"
    # whoever watches the scalar is woken
    assert "/llm/active" in signal.paths and signal.prefix == "/llm/"


def test_up_to_1024_paths_are_told(config):
    with config.signals() as seen:
        version, changed = config.merge({"many": {f"k{n}": n for n in range(1024)}})
        signal = seen.wait()
    assert len(signal.paths) == 1024
    assert sorted(signal.paths) == sorted(changed)


def test_more_paths_become_the_mappings_that_cover_them(config):
    with config.signals() as seen:
        changed = config.merge({"many": {f"k{n}": n for n in range(1025)}}).changed
        signal = seen.wait()
    assert signal.paths == changed == ["/many"]
    assert signal.prefix == "/"


def test_more_paths_become_the_deepest_mappings(config):
    half = {f"k{n}": n for n in range(1000)}
    with config.signals() as seen:
        config.merge({"a": {"one": half, "two": half}, "b": 1})
        signal = seen.wait()
    assert sorted(signal.paths) == ["/a/one", "/a/two", "/b"]
    assert signal.prefix == "/"


def test_values_are_left_out_where_they_are_large(config):
    with config.signals() as seen:
        config.set("/text", "x" * 31000)
        config.set("/text", "y" * 33000)
        config.set("/text", "short")
        signals = seen.all()
    assert signals[0].values == {"/text": "x" * 31000}
    assert signals[1].values is None
    assert signals[1].paths == ["/text"]
    assert signals[2].values == {"/text": "short"}


# a match rule, and which of the changes below it lets through
RULES = {
    "arg0path='/chat/websocket/port'": ["port", "port and host", "all of chat", "everything"],
    "arg0path='/chat/'": ["port", "port and host", "hops", "all of chat", "everything"],
    "arg0path='/llm/active'": ["all of chat", "everything"],
    "arg0path='/llm/'": ["all of chat", "everything"],
}
CHANGES = {
    "port": {"chat": {"websocket": {"port": 1}}},  # /chat/websocket/
    "port and host": {"chat": {"websocket": {"port": 2, "host": "x"}}},  # /chat/
    "hops": {"chat": {"service": {"max_tool_hops": 1}}},  # /chat/service/
    "all of chat": {"chat": {"service": {"max_tool_hops": 2}, "websocket": {"port": 3}}},  # /
    "everything": {"features": [1], "llm": {"active": "x"}, "chat": {"websocket": {"port": 4}}},
}


@both_buses
@pytest.mark.parametrize("rule", RULES)
def test_match_rules(config, rule):
    with config.signals(rule) as seen:
        names = {config.merge(patch).version: name for name, patch in CHANGES.items()}
        assert [names[signal.version] for signal in seen.all()] == RULES[rule]


@both_buses
def test_every_subscriber_is_told(config):
    subscriptions = [config.signals() for _ in range(20)]
    for seen in subscriptions:
        seen.__enter__()
    for number in range(10):
        config.set("/n", number)
    for seen in subscriptions:
        assert [signal.version for signal in seen.all()] == list(range(1, 11))
        seen.__exit__()


def test_details_hold_what_can_be_held(config):
    """The deepest value that is allowed still fits in a signal."""
    value = nested_list(28)  # 3 for the whole and 2 for each is at most 60
    with config.signals() as seen:
        config.set("/deep", value)
        assert seen.wait().values == {"/deep": value}


def test_the_whole_signal_has_its_types(config):
    with config.signals() as seen:
        config.apply(("set", "/a", 1), message="why")
        details = seen.wait().details
    assert {key: value.get_type_string() for key, value in details.items()} == {
        "origin": "s", "uid": "u", "message": "s", "values": "a{sv}"}
