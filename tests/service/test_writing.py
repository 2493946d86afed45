# SPDX-License-Identifier: LGPL-2.1-or-later
"""Set, Merge, MergeText, Reset, Save, Apply and ReplaceText: what each does to values and file."""

import pytest
from gi.repository import GLib
from runconf_testing import DEFAULT_VALUES, both_buses
from values_testing import nested


# ------------------------------------------------------------------------------------------- Set


@both_buses
def test_set(config, service):
    assert config.set("/chat/websocket/port", 9000) == 1
    assert config.get("/chat/websocket/port") == 9000
    assert config.overrides() == {"chat": {"websocket": {"port": 9000}}}
    assert config.version == 1


def test_each_change_is_one_version(config):
    assert [config.set("/n", i) for i in range(5)] == [1, 2, 3, 4, 5]


def test_set_makes_the_mappings_on_its_way(config):
    config.set("/a/b/c", 1)
    assert config.get("/a") == {"b": {"c": 1}}


def test_set_of_a_mapping_replaces_the_overrides_below(config):
    config.set("/chat/websocket", {"port": 9000, "tls": True})
    config.set("/chat/websocket", {"host": "example.org"})
    # default keys that it leaves out show through, own ones are gone
    assert config.get("/chat/websocket") == {"host": "example.org", "port": 8000}
    assert config.overrides() == {"chat": {"websocket": {"host": "example.org"}}}


def test_set_of_everything(config):
    config.merge({"a": 1, "llm": {"active": "groq"}})
    config.set("", {"b": 2})
    assert config.get() == {**DEFAULT_VALUES, "b": 2}


def test_set_of_everything_to_nothing(config):
    config.merge({"a": 1, "llm": {"active": "groq"}})
    config.set("", {})
    assert config.get() == DEFAULT_VALUES


def test_set_of_a_scalar_over_a_mapping(config):
    config.set("/chat/websocket", "none")
    assert config.get("/chat") == {**DEFAULT_VALUES["chat"], "websocket": "none"}
    config.reset("/chat/websocket")
    assert config.get("/chat") == DEFAULT_VALUES["chat"]


def test_set_of_a_mapping_over_a_scalar(config):
    config.set("/llm/active", {"name": "groq"})
    assert config.get("/llm/active") == {"name": "groq"}


def test_set_of_an_empty_mapping(config):
    config.set("/new", {})
    assert config.get("/new") == {}
    assert config.overrides() == {"new": {}}


def test_set_of_an_empty_mapping_over_a_default_lets_it_show_through(config):
    config.set("/chat/websocket/port", 9000)
    config.set("/chat/websocket", {})
    assert config.get("/chat/websocket") == DEFAULT_VALUES["chat"]["websocket"]


def test_set_of_null_is_a_value(config):
    config.set("/llm/active", None)
    assert config.get("/llm/active") is None
    assert config.overrides() == {"llm": {"active": None}}


def test_set_of_what_is_there_is_no_change(config):
    config.set("/llm", {"active": "groq", "list": [1, {"a": 2.5}]})
    with config.unchanged():
        assert config.set("/llm", {"list": [1, {"a": 2.5}], "active": "groq"}) == 1
        assert config.set("/llm/active", "groq") == 1
        assert config.set("/llm/list/1/a", 2.5) == 1


@pytest.mark.parametrize("old, new", [(1, 1.0), (1, True), (0, False), (1, "1"), (None, ""),
                                      (None, False), ([], {}), ("a", b"a"), ("", [])])
def test_equal_means_same_kind_and_same_value(config, old, new):
    config.set("/x", old)
    assert config.set("/x", new) == 2
    answer = config.get("/x")
    assert (type(answer), answer) == (type(new), new)


def test_nan_equals_nan(config):
    config.set("/x", float("nan"))
    with config.unchanged():
        assert config.set("/x", float("nan")) == 1


def test_a_value_equal_to_the_default_is_pinned(config, service):
    with config.signals() as seen:
        assert config.set("/chat/websocket/port", 8000) == 1
        assert seen.all() == []  # nobody sees a difference
    assert config.overrides() == {"chat": {"websocket": {"port": 8000}}}

    with config.signals() as seen:
        service.defaults.write_text("chat: {websocket: {port: 1, host: other}}")
        assert "/chat/websocket/host" in seen.wait().paths
    assert config.get("/chat/websocket") == {"host": "other", "port": 8000}


LIST_ELEMENTS = {
    "/features/0": ["x", "browse", "code"],
    "/features/2": ["search", "browse", "x"],
    "/features/-": ["search", "browse", "code", "x"],
}


@pytest.mark.parametrize("path", LIST_ELEMENTS)
def test_set_of_an_element_rewrites_the_list(config, path):
    config.set(path, "x")
    assert config.get("/features") == LIST_ELEMENTS[path]
    assert config.overrides() == {"features": LIST_ELEMENTS[path]}


def test_set_below_an_element_rewrites_the_list(config):
    config.set("/servers/1/port", 22)
    config.set("/servers/1/tls/on", True)
    config.set("/servers/-", {"name": "three"})
    expected = [{"name": "one", "port": 1}, {"name": "two", "port": 22, "tls": {"on": True}},
                {"name": "three"}]
    assert config.get("/servers") == expected
    assert config.overrides() == {"servers": expected}


def test_lists_in_lists(config):
    config.set("/matrix", [[1, 2], [3]])
    config.set("/matrix/0/1", 20)
    config.set("/matrix/1/-", 4)
    assert config.get("/matrix") == [[1, 20], [3, 4]]


# ----------------------------------------------------------------------------------------- Merge


@both_buses
def test_merge(config):
    version, changed = config.merge({"chat": {"websocket": {"port": 9000}}, "llm": {"top": [1]}})
    assert version == 1
    assert sorted(changed) == ["/chat/websocket/port", "/llm/top"]
    assert config.get("/chat/websocket") == {"host": "localhost", "port": 9000}
    assert config.get("/llm") == {**DEFAULT_VALUES["llm"], "top": [1]}


def test_merge_keeps_other_overrides(config):
    config.merge({"a": {"x": 1, "y": 2}})
    config.merge({"a": {"y": 3, "z": 4}})
    assert config.get("/a") == {"x": 1, "y": 3, "z": 4}


def test_merge_replaces_lists_whole(config):
    config.merge({"features": ["only"]})
    assert config.get("/features") == ["only"]


def test_null_in_a_patch_removes_the_override(config):
    config.merge({"chat": {"websocket": {"port": 9000, "host": "h"}}, "new": 1})
    version, changed = config.merge({"chat": {"websocket": {"port": None}}, "new": None})
    assert version == 2
    assert sorted(changed) == ["/chat/websocket/port", "/new"]
    assert config.get() == {
        **DEFAULT_VALUES,
        "chat": {**DEFAULT_VALUES["chat"], "websocket": {"host": "h", "port": 8000}},
    }
    assert config.overrides() == {"chat": {"websocket": {"host": "h"}}}


def test_null_in_a_patch_for_what_is_not_overridden_is_no_change(config):
    config.set("/a", 1)
    with config.unchanged():
        assert config.merge({"llm": {"active": None}, "nothing": None}) == (1, [])


def test_null_in_a_list_of_a_patch_is_a_value(config):
    config.merge({"list": [1, None]})
    assert config.get("/list") == [1, None]


def test_a_mapping_in_a_patch_replaces_a_scalar(config):
    config.merge({"llm": {"active": {"name": "groq", "gone": None}}})
    assert config.get("/llm/active") == {"name": "groq"}


def test_an_empty_mapping_in_a_patch_is_a_leaf(config):
    config.merge({"new": {}})
    assert config.get("/new") == {}


@pytest.mark.parametrize("patch", [{}, {"chat": {}}, {"chat": {"websocket": {}}}])
def test_an_empty_patch_changes_nothing(config, patch):
    config.set("/a", 1)
    with config.unchanged():
        assert config.merge(patch) == (1, [])


def test_merge_pins(config):
    with config.signals() as seen:
        assert config.merge({"llm": {"active": "openrouter"}}) == (1, [])
        assert seen.all() == []
    assert config.overrides() == {"llm": {"active": "openrouter"}}


def test_merge_of_what_is_there_is_no_change(config):
    config.merge({"llm": {"active": "groq"}, "features": [1]})
    with config.unchanged():
        assert config.merge({"features": [1], "llm": {"active": "groq"}}) == (1, [])


def test_merge_takes_any_dictionary_with_string_keys_below(config):
    patch = {"a": GLib.Variant("a{si}", {"x": 1}), "b": GLib.Variant("a{ss}", {"y": "z"})}
    config.merge(patch)
    assert config.get("/a") == {"x": 1}
    assert config.get("/b") == {"y": "z"}


# ------------------------------------------------------------------------------------- MergeText


@pytest.mark.parametrize("text", [
    "chat: {websocket: {port: 9000}}\nllm:\n  active: groq\n",
    '{"chat": {"websocket": {"port": 9000}}, "llm": {"active": "groq"}}',
    "# a comment\n---\nchat:\n  websocket: {port: &port 9000}\nllm: {active: groq}\n...\n",
])
def test_merge_text(config, text):
    version, changed = config.merge_text(text)
    assert version == 1
    assert sorted(changed) == ["/chat/websocket/port", "/llm/active"]
    assert config.get("/chat/websocket") == {"host": "localhost", "port": 9000}
    assert config.get("/llm/active") == "groq"


@pytest.mark.parametrize("null", ["null", "~", ""])
def test_null_in_a_text_removes_the_override(config, null):
    config.merge({"a": {"x": 1, "y": 2}})
    config.merge_text(f"a:\n  x: {null}\n")
    assert config.get("/a") == {"y": 2}


def test_merge_text_resolves_by_the_core_schema(config):
    config.merge_text("{a: no, b: on, c: 12:30, d: 0x1F, e: 0o17, f: 1e3, g: 017, h: 1_000,"
                      " i: 2001-01-01, j: ~x, k: True, l: .5, m: -.inf}")
    assert config.get("/a") == "no"
    assert [config.get(f"/{key}") for key in "abcdefghijklm"] == [
        "no", "on", "12:30", 31, 15, 1000.0, 17, "1_000", "2001-01-01", "~x", True, 0.5,
        float("-inf")]


def test_merge_text_knows_merge_keys_anchors_and_aliases(config):
    config.merge_text("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n")
    assert config.get("/b") == {"x": 1, "y": 3}
    assert config.get("/c") == {"x": 1, "y": 2}


# ----------------------------------------------------------------------------------------- Reset


@both_buses
def test_reset(config):
    config.merge({"chat": {"websocket": {"port": 9000, "host": "h"}}})
    assert config.reset("/chat/websocket/port") == 2
    assert config.get("/chat/websocket") == {"host": "h", "port": 8000}


def test_reset_drops_what_is_below(config):
    config.merge({"chat": {"websocket": {"port": 9000}, "service": {"max_tool_hops": 1}}, "a": 1})
    config.reset("/chat")
    assert config.get() == {**DEFAULT_VALUES, "a": 1}
    assert config.overrides() == {"a": 1}


def test_reset_of_everything(config):
    config.merge({"chat": {"websocket": {"port": 9000}}, "a": 1})
    assert config.reset("") == 2
    assert config.get() == DEFAULT_VALUES
    assert config.overrides() == {}


def test_reset_drops_mappings_that_it_leaves_empty(config):
    config.set("/a/b/c/d", 1)
    config.set("/a/x", 1)
    config.reset("/a/b/c/d")
    assert config.get("/a") == {"x": 1}
    config.reset("/a/x")
    assert config.overrides() == {}


def test_reset_of_a_list(config):
    config.set("/features/0", "x")
    config.reset("/features")
    assert config.get("/features") == DEFAULT_VALUES["features"]


@pytest.mark.parametrize("path", ["/llm/active", "/chat", "/features", "/logging/file", ""])
def test_reset_of_what_is_not_overridden_is_no_change(config, path):
    config.set("/a", 1)
    config.reset("/a")
    with config.unchanged():
        assert config.reset(path) == 2


def test_reset_of_a_pinned_value(config):
    config.set("/chat/websocket/port", 8000)
    with config.signals() as seen:
        assert config.reset("/chat/websocket/port") == 2
        assert seen.all() == []
    assert config.overrides() == {}


# ------------------------------------------------------------------------------------------ Save


@both_buses
def test_save_stores_what_differs(config):
    wanted = config.get()
    wanted["chat"]["websocket"]["port"] = 9000
    wanted["features"] = ["search"]
    wanted["new"] = {"key": [1, 2]}
    version, changed = config.save(wanted)
    assert version == 1
    assert sorted(changed) == ["/chat/websocket/port", "/features", "/new/key"]
    assert config.get() == wanted
    assert config.overrides() == {
        "chat": {"websocket": {"port": 9000}}, "features": ["search"], "new": {"key": [1, 2]}}


def test_save_takes_keys_left_out_back_to_their_default(config):
    config.merge({"chat": {"websocket": {"port": 9000, "host": "h"}}, "new": 1})
    version, changed = config.save({"chat": {"websocket": {"host": "h"}}})
    assert version == 2
    assert sorted(changed) == ["/chat/websocket/port", "/new"]
    assert config.get("/chat/websocket") == {"host": "h", "port": 8000}
    assert config.overrides() == {"chat": {"websocket": {"host": "h"}}}


def test_save_of_nothing(config):
    config.merge({"llm": {"active": "groq"}, "a": 1})
    config.save({})
    assert config.get() == DEFAULT_VALUES


def test_save_of_what_is_there_is_no_change(config):
    config.merge({"llm": {"active": "groq"}, "a": {"b": [1, None]}})
    with config.unchanged():
        assert config.save(config.get()) == (1, [])


def test_save_does_not_keep_pins(config):
    config.set("/chat/websocket/port", 8000)
    with config.signals() as seen:
        assert config.save(config.get()) == (2, [])
        assert seen.all() == []
    assert config.overrides() == {}


def test_null_is_a_value_in_save(config):
    config.save({"llm": {"active": None}, "logging": {"file": None}})
    assert config.get("/llm/active") is None
    assert config.overrides() == {"llm": {"active": None}}


def test_save_of_a_mapping_over_a_scalar_and_back(config):
    config.save({"llm": {"active": {"x": 1}}, "logging": 5})
    assert config.get("/llm/active") == {"x": 1}
    assert config.get("/logging") == 5
    config.save(DEFAULT_VALUES)
    assert config.get() == DEFAULT_VALUES


# ----------------------------------------------------------------------------------------- Apply


@both_buses
def test_apply_is_one_change(config):
    config.merge({"old": 1, "chat": {"websocket": {"host": "h"}}})
    with config.signals() as seen:
        version, changed = config.apply(
            ("set", "/chat/websocket/port", 9000),
            ("merge", "/llm", {"active": "groq", "new": True}),
            ("reset", "/old"),
            ("save", "/logging", {"level": "debug"}),
        )
        signal = seen.wait()
        assert len(seen.all()) == 1
    expected = ["/chat/websocket/port", "/llm/active", "/llm/new", "/logging/level", "/old"]
    assert version == 2
    assert sorted(changed) == expected
    assert (signal.version, sorted(signal.paths)) == (2, expected)
    assert config.get("/chat/websocket") == {"host": "h", "port": 9000}
    assert config.get("/llm") == {"active": "groq", "temperature": 0.7, "new": True}
    assert config.get("/logging") == {"level": "debug", "debug": False, "file": None}


def test_each_operation_sees_those_before(config):
    config.apply(
        ("set", "/a", {}),
        ("set", "/a/list", [1]),
        ("set", "/a/list/-", 2),
        ("merge", "/a", {"b": {"c": 1}}),
        ("reset", "/a/b/c"),
        ("set", "/llm/active", "groq"),
        ("reset", "/llm/active"),
    )
    assert config.get("/a") == {"list": [1, 2]}
    assert config.get("/llm") == DEFAULT_VALUES["llm"]


def test_apply_is_all_or_nothing(config):
    with config.refuses("InvalidPath", "/llm/active/below"):
        config.apply(("set", "/a", 1), ("set", "/llm/active/below", 2), ("set", "/b", 3))


def test_apply_that_undoes_itself_is_no_change(config):
    config.set("/a", 1)
    with config.unchanged():
        assert config.apply(("set", "/a", 2), ("set", "/a", 1)) == (1, [])
        assert config.apply() == (1, [])


def test_save_of_everything_in_apply(config):
    config.set("/a", 1)
    config.apply(("save", "", {"b": 2}))
    assert config.get() == {**DEFAULT_VALUES, "b": 2}


def test_the_value_of_a_reset_is_not_looked_at(config):
    config.set("/a", 1)
    config.apply(("reset", "/a", GLib.Variant("g", "ii")))
    assert config.get() == DEFAULT_VALUES


WRITES_WITH_OPTIONS = {
    "apply": lambda config, value, **options: config.apply(("set", "/a", value), **options),
    "save": lambda config, value, **options: config.save({"a": value}, **options),
    "replace_text": lambda config, value, **options: config.replace_text(f"a: {value}", **options),
}
with_options = pytest.mark.parametrize("method", WRITES_WITH_OPTIONS)


@with_options
@pytest.mark.parametrize("form", "ynqiuxt")
def test_if_version_holds(config, method, form):
    write = WRITES_WITH_OPTIONS[method]
    assert write(config, 1, if_version=GLib.Variant(form, 0)) == (1, ["/a"])
    assert write(config, 2, if_version=GLib.Variant(form, 1)) == (2, ["/a"])


@with_options
@pytest.mark.parametrize("stale", [0, 1, 3, 2**64 - 1])
def test_if_version_does_not_hold(config, method, stale):
    config.set("/x", 1)
    config.set("/x", 2)
    with config.refuses("VersionMismatch", "2", str(stale)):
        WRITES_WITH_OPTIONS[method](config, 1, if_version=stale)


@with_options
def test_if_version_is_checked_for_what_changes_nothing_too(config, method):
    write = WRITES_WITH_OPTIONS[method]
    write(config, 1)
    with config.refuses("VersionMismatch"):
        write(config, 1, if_version=0)


@with_options
def test_message(config, method):
    with config.signals() as seen:
        WRITES_WITH_OPTIONS[method](config, 1, message="because of “that”")
        assert seen.wait().details["message"].get_string() == "because of “that”"


@with_options
def test_dry_run(config, method):
    config.set("/a", 1)
    with config.unchanged():
        answer = WRITES_WITH_OPTIONS[method](config, 2, dry_run=True)
        assert answer.changed == ["/a"]
        assert answer.version in (1, 2)


@with_options
def test_a_change_of_the_overrides_is_reported(config, method):
    """Also where no value changes; a write that makes no version reports nothing."""
    write = WRITES_WITH_OPTIONS[method]
    assert write(config, 2, report_overrides=True) == (1, ["/a", "overrides"])
    assert write(config, 2, report_overrides=True) == (1, [])
    assert write(config, 3, report_overrides=False) == (2, ["/a"])
    assert config.revert(1, report_overrides=True) == (3, ["/a", "overrides"])
    assert config.revert(3, report_overrides=True) == (3, [])


def test_a_pin_is_reported(config):
    assert config.apply(
        ("set", "/chat", config.get("/chat")), report_overrides=True) == (1, ["overrides"])
    assert config.replace_text("a: 2", report_overrides=True) == (2, ["/a", "overrides"])
    assert config.replace_text("a: 2  # why", report_overrides=True) == (3, ["overrides"])


@with_options
def test_a_dry_run_reports_no_change_of_the_overrides(config, method):
    """A caller could try values of a secret."""
    answer = WRITES_WITH_OPTIONS[method](config, 2, dry_run=True, report_overrides=True)
    assert answer == (0, ["/a"])


@with_options
def test_a_dry_run_is_refused_like_the_real_thing(config, method):
    with config.refuses("VersionMismatch"):
        WRITES_WITH_OPTIONS[method](config, 2, dry_run=True, if_version=7)


def test_a_dry_run_of_a_bad_change_is_refused(config):
    with config.refuses("InvalidPath"):
        config.apply(("set", "/llm/active/x", 1), dry_run=True)
    with config.refuses("TooLarge"):
        config.save(nested(21), dry_run=True)
    with config.refuses("InvalidValue"):
        config.replace_text("a: [", dry_run=True)


@with_options
def test_a_dry_run_that_is_none(config, method):
    WRITES_WITH_OPTIONS[method](config, 2, dry_run=False)
    assert config.get("/a") == 2


# ----------------------------------------------------------------------------------- ReplaceText


@both_buses
def test_replace_text(config, service):
    config.merge({"llm": {"active": "groq"}, "old": 1})
    text = "# why we do this\n\nchat:\n  websocket:\n    port: 9000\n"
    version, changed = config.replace_text(text)
    assert version == 2
    assert sorted(changed) == ["/chat/websocket/port", "/llm/active", "/old"]
    assert config.get("/chat/websocket/port") == 9000
    assert config.get("/llm/active") == "openrouter"
    assert service.runtime.read_text().count("# why we do this") == 1
    assert config.overrides() == {"chat": {"websocket": {"port": 9000}}}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "{}", "_runtime_config: {version: 3}"])
def test_replace_text_by_nothing(config, text):
    config.set("/a", 1)
    assert config.replace_text(text) == (2, ["/a"])
    assert config.get() == DEFAULT_VALUES
    assert config.overrides() == {}


def test_replace_text_takes_null_as_a_value(config):
    config.replace_text("llm: {active: null}")
    assert config.get("/llm/active") is None


def test_replace_text_takes_back_what_dump_gave(config, service):
    config.merge({"a": 1, "b": [1, 2]})
    text = config.dump("", "overrides", "yaml")
    config.merge({"a": 2, "c": 3})
    version, changed = config.replace_text(text)
    assert (version, sorted(changed)) == (3, ["/a", "/c"])
    assert config.get("/a") == 1
    assert config.overrides() == {"a": 1, "b": [1, 2]}


def test_replace_text_of_what_is_there_is_no_change(config):
    config.merge({"a": 1, "b": [1, 2]})
    with config.unchanged():
        assert config.replace_text(config.dump("", "overrides", "yaml")) == (1, [])


@pytest.mark.parametrize("text", [
    "# ours\n\na: 1  # one\nb: [1, 2]\n",
    "a: 1\n_runtime_config: {version: 1, other: 2}\n",
    "{a: 1, b: 2}",
    "\ufeffa: 1\r\nb: 2\r\n",
])
def test_replace_text_twice_is_no_change(config, text):
    config.replace_text(text)
    with config.unchanged():
        assert config.replace_text(text) == (1, [])
    version, changed = config.replace_text(text + "\n# another comment\n")
    assert (version, changed) == (2, [])


# ---------------------------------------------------------------------------------------- Reload


def test_reload_of_what_is_there_is_no_change(config):
    config.set("/a", 1)
    with config.unchanged():
        assert config.reload() is False


# ------------------------------------------------------------------------------------- the text


def test_the_comment_at_the_top_stays(service):
    service.runtime.write_text("# This file belongs to us.\n# Ask before you change it.\n\na: 1\n")
    config = service.start()
    config.set("/b", 2)
    assert service.runtime.read_text().startswith(
        "# This file belongs to us.\n# Ask before you change it.\n")
    assert config.overrides() == {"a": 1, "b": 2}


def test_the_mode_of_the_file_stays(service):
    service.runtime.write_text("a: 1\n")
    service.runtime.chmod(0o640)
    config = service.start()
    config.set("/b", 2)
    assert service.runtime.stat().st_mode & 0o7777 == 0o640


def test_the_defaults_are_never_written(config, service):
    before = service.defaults.stat(), service.defaults.read_bytes()
    config.merge({"chat": {"websocket": {"port": 1}}, "a": 2})
    config.reset("")
    after = service.defaults.stat(), service.defaults.read_bytes()
    assert (before[0].st_mtime_ns, before[0].st_ino, before[1]) == (
        after[0].st_mtime_ns, after[0].st_ino, after[1])
    assert [path.name for path in service.etc.iterdir()] == ["config.yaml"]
