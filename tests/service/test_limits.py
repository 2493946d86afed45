# SPDX-License-Identifier: LGPL-2.1-or-later
"""The limits, at every door: what is within them goes in and comes out again, what is beyond them
is TooLarge at once, and the daemon goes on."""

import json
import struct
import time

import pytest
from gi.repository import Gio, GLib
from runconf_testing import BUS_NAME, INTERFACE, Refusal, both_buses, eventually, wait_for_answers
from values_testing import nested, nested_list

MIB = 1024 * 1024


def mapping_text(depth, leaf=1):
    """That many mappings in each other, in flow style."""
    return "{k: " * depth + str(leaf) + "}" * depth


def block_text(depth, leaf=1):
    """The same in block style."""
    lines = ["  " * level + "k:" for level in range(depth)]
    return "\n".join(lines) + f" {leaf}\n"


# each door, and how to bring a leaf below that many mappings through it; the root is the first
DOORS = {
    "set": lambda config, depth, leaf: config.set("/k", nested(depth - 1, leaf)),
    "set of everything": lambda config, depth, leaf: config.set("", nested(depth, leaf)),
    "set at a deep path": lambda config, depth, leaf: config.set("/k" * depth, leaf),
    "merge": lambda config, depth, leaf: config.merge(nested(depth, leaf)),
    "merge_text": lambda config, depth, leaf: config.merge_text(mapping_text(depth, leaf)),
    "blocks": lambda config, depth, leaf: config.merge_text(block_text(depth, leaf)),
    "save": lambda config, depth, leaf: config.save(nested(depth, leaf)),
    "apply set": lambda config, depth, leaf: config.apply(("set", "/k", nested(depth - 1, leaf))),
    "apply set deep": lambda config, depth, leaf: config.apply(("set", "/k" * depth, leaf)),
    "apply merge": lambda config, depth, leaf: config.apply(
        ("merge", "/k", nested(depth - 1, leaf))),
    "apply merge deep": lambda config, depth, leaf: config.apply(
        ("merge", "/k" * (depth - 1), {"k": leaf})),
    "apply save": lambda config, depth, leaf: config.apply(("save", "/k", nested(depth - 1, leaf))),
    "replace_text": lambda config, depth, leaf: config.replace_text(mapping_text(depth, leaf)),
}
# what comes in as values can't be deeper than the bus allows
TEXTS = ["merge_text", "blocks", "replace_text", "set at a deep path", "apply set deep"]


def read_in_every_way(config, path):
    """Whoever reads what got in is not thrown off the bus."""
    value = config.get(path)
    assert config.describe(path)["value"] == value
    assert json.loads(config.dump(path, "effective", "json")) == value
    assert config.dump(path, "effective", "yaml")
    assert config.dump("", "overrides", "yaml")
    config.get("")
    config.describe("")
    config.list("")
    return value


@both_buses
@pytest.mark.parametrize("door", DOORS)
def test_depth(config, door):
    for depth in (21, 22, 60) if door in TEXTS else ():
        with config.refuses("TooLarge"):
            DOORS[door](config, depth, 1)
    # a mapping costs 3 and a sequence 2, so this is one step beyond
    with config.refuses("TooLarge", "20"):
        DOORS[door](config, 20, [1])

    with config.signals() as seen:
        DOORS[door](config, 20, 1)
        assert seen.wait().values == {"/k" * 20: 1}
    assert read_in_every_way(config, "/k") == nested(19)


BOTTOMLESS = {
    "flow sequences": "[" * 100_000,
    "flow mappings": "{a: " * 100_000,
    "block sequences": "- " * 100_000,
    "block mappings": block_text(1_000),
    "a mixture": "{a: [" * 1_000,
    "closed sequences": "a: " + "[" * 65 + "]" * 65,
}


@pytest.mark.parametrize("door", ["merge_text", "replace_text"])
@pytest.mark.parametrize("text", BOTTOMLESS.values(), ids=BOTTOMLESS)
def test_bottomless_text_is_refused_at_once(config, door, text):
    start = time.monotonic()
    with config.refuses("TooLarge"):
        getattr(config, door)(text)
    assert time.monotonic() - start < 5


def test_depth_of_lists(config):
    config.set("/l", nested_list(28))
    assert read_in_every_way(config, "/l") == nested_list(28)
    with config.refuses("TooLarge"):
        config.set("/l", nested_list(29))
    with config.refuses("TooLarge"):
        config.set("/l" + "/0" * 28, [1])


def test_a_path_has_at_most_30_segments(config):
    for read in (config.get, config.list, config.describe, config.dump, config.history):
        with pytest.raises(Refusal) as caught:
            read("/a" * 31)
        assert caught.value.kind == "TooLarge" and "30" in caught.value.message
    with pytest.raises(Refusal) as caught:
        config.get("/a" * 30)
    assert caught.value.kind == "NotFound"
    with config.refuses("TooLarge", "30"):
        config.set("/a" * 31, 1)


def test_depth_by_appending(config):
    config.set("/l", nested_list(28))
    with config.refuses("TooLarge"):
        config.set("/l" + "/0" * 27 + "/-", [[1]])


def test_depth_of_a_mixture(config):
    value = nested(15, nested_list(6))  # 3 × (1 + 15) + 2 × 6
    config.set("/m", value)
    assert read_in_every_way(config, "/m") == value
    with config.refuses("TooLarge"):
        config.set("/m", nested(15, nested_list(7)))


@pytest.mark.parametrize("empty", [{}, []])
def test_empty_collections_count(config, empty):
    config.set("/e", nested(18, empty))
    assert read_in_every_way(config, "/e") == nested(18, empty)
    with config.refuses("TooLarge"):
        config.set("/e", nested(19, empty))


def test_depth_through_overrides_that_meet_defaults(service):
    service.defaults.write_text(mapping_text(20))
    config = service.start()
    config.set("/k" * 19 + "/other", 2)
    assert config.get("/k" * 19) == {"k": 1, "other": 2}
    with config.refuses("TooLarge"):
        config.set("/k" * 20, {"k": 1})


def laughs(levels):
    """A text that stands for ten to the power of so many strings."""
    letters = "abcdefghijklm"
    return "a: &a [" + "lol, " * 9 + "lol]\n" + "".join(
        f"{k}: &{k} [{', '.join(['*' + j] * 10)}]\n" for j, k in zip(letters, letters[1:levels]))


BEYOND = {
    "mappings": mapping_text(21),
    "sequences": "a: " + "[" * 29 + "]" * 29,
    "bottomless": "[" * 100_000,
    "a billion laughs": laughs(9),
    "a key too long": "k" * 1001 + ": 1\n",
}


@pytest.mark.parametrize("text", BEYOND.values(), ids=BEYOND)
def test_a_hand_edit_beyond_the_limits_is_a_corrupt_file(config, service, text):
    service.expect("runtime_config.yaml")
    config.set("/llm/active", "groq")
    service.runtime.write_text(text)
    eventually(lambda: config.state == "recovered")
    assert "runtime_config.yaml" in config.state_message
    assert config.get("/llm/active") == "openrouter"
    assert [copy.read_text() for copy in service.corrupt_copies()] == [text]
    assert config.set("/a", 1) > 0


def test_a_hand_edit_at_the_limit_is_fine(config, service):
    with config.signals() as seen:
        service.runtime.write_text(mapping_text(20))
        assert seen.wait().values == {"/k" * 20: 1}
    read_in_every_way(config, "/k")


@pytest.mark.parametrize("text", BEYOND.values(), ids=BEYOND)
def test_defaults_beyond_the_limits(service, text):
    service.defaults.write_text(text)
    start = time.monotonic()
    assert str(service.defaults) in service.fails()
    assert time.monotonic() - start < 5


# ------------------------------------------------------------------------------------------ keys


KEY_DOORS = {
    "set": lambda config, key: config.set(f"/{key}", 1),
    "set below": lambda config, key: config.set("/a", {"b": {key: 1}}),
    "set in a list": lambda config, key: config.set("/a", [{key: 1}]),
    "merge": lambda config, key: config.merge({"a": {key: 1}}),
    "merge_text": lambda config, key: config.merge_text(f"a: {{? {key} : 1}}"),
    "save": lambda config, key: config.save({key: 1}),
    "apply": lambda config, key: config.apply(("set", f"/a/{key}/b", 1)),
    "replace_text": lambda config, key: config.replace_text(
        json.dumps({key: 1}, ensure_ascii=False)),
}


@pytest.mark.parametrize("door", KEY_DOORS)
def test_keys(config, service, door):
    for letter in ("k", "é", "'"):
        KEY_DOORS[door](config, letter * (1000 // len(letter.encode())))
    expected = config.get()
    config = service.restart()
    assert config.get() == expected
    for key in ("k" * 1001, "é" * 501):
        with config.refuses("TooLarge", "1000"):
            KEY_DOORS[door](config, key)


def test_keys_that_need_escapes_are_read_back(config, service):
    """Nothing gets in that could not be read back, however long it is once it is quoted."""
    for key in ("\x01" * 1000, "\"" * 1000, "\\" * 1000, "\n" * 1000, "\u2028" * 333, "😀" * 250,
                "'" * 999, " " * 1000, "\ufeff" * 333):
        try:
            config.set("/a", {key: 1})
        except Refusal as refusal:
            assert refusal.kind == "TooLarge"
            continue
        config = service.restart()
        assert (config.state, config.get("/a")) == ("ok", {key: 1})
        assert not service.corrupt_copies()


# ----------------------------------------------------------------------------------------- sizes


def fixed(form, data):
    """A large array, made in no time."""
    return GLib.Variant.new_from_bytes(GLib.VariantType(form), GLib.Bytes(data), True)


def expanded(lists, aliases=1000):
    """A text that stands for about `lists` × `aliases` numbers."""
    return (f"a: &a [{', '.join(['1'] * aliases)}]\n"
            f"b: [{', '.join(['*a'] * (lists - 1))}]\n")


def test_aliases_count_expanded(config):
    config.merge_text(expanded(100))
    assert len(config.get("/b")) == 99
    for door in (config.merge_text, config.replace_text):
        with config.refuses("TooLarge", "1000000"):
            door(expanded(1001))


def test_a_billion_laughs(config):
    start = time.monotonic()
    with config.refuses("TooLarge"):
        config.merge_text(laughs(9))
    assert time.monotonic() - start < 5


def test_many_anchors_are_no_problem(config):
    text = "list:\n" + "".join(f"- &a{n} {n}\n" for n in range(50_000))
    start = time.monotonic()
    config.merge_text(text)
    assert time.monotonic() - start < 5
    assert config.get("/list/49999") == 49999


def test_values_over_the_bus_are_counted(config):
    config.set("/bytes", fixed("ay", b"\0" * 1_100_000))  # one value
    tuples = fixed("a(y)", b"\0" * 600_000)
    for write in (lambda: config.set("/x", tuples), lambda: config.merge({"x": tuples}),
                  lambda: config.save({"x": tuples}), lambda: config.apply(("set", "/x", tuples))):
        with config.refuses("TooLarge"):
            write()


def test_a_reply_has_at_most_150_000_values(service):
    service.defaults.write_text("fits: [" + "0," * 149_999 + "]\nlonger: [" + "0," * 150_001 + "]\n")
    config = service.start()
    assert len(config.get("/fits")) == 149_999, "and the list itself is a value"
    for read in (config.get, config.list, config.describe):
        with pytest.raises(Refusal) as caught:
            read("/longer")
        assert caught.value.kind == "TooLarge", read
    assert len(config.dump_json("/longer")) == 150_001


def test_expanded_strings_are_counted(config):
    text = "a: &a " + "x" * MIB + "\nb: [" + ", ".join(["*a"] * 64) + "]\n"
    with config.refuses("TooLarge", "64 MiB"):
        config.merge_text(text)


def test_a_text_larger_than_a_file_may_be(config):
    text = "a: 1\n#" + "x" * (16 * MIB)
    for door in (config.merge_text, config.replace_text):
        with config.refuses("TooLarge", "16 MiB"):
            door(text)


def test_what_would_not_fit_in_the_file(config, service):
    """Two values that fit alone and not together: the second one is refused, not the next start."""
    half = "x" * (9 * MIB)
    config.set("/a", half)
    with config.refuses("TooLarge", "16 MiB"):
        config.set("/b", half)
    config = service.restart()
    assert config.state == "ok"
    assert len(config.get("/a")) == 9 * MIB


@pytest.mark.parametrize("path, value", [
    ("/a", GLib.Variant("s", "\x01" * (6 * MIB))),  # four bytes each, once they are escaped
    ("/k" * 18, fixed("ab", b"\0" * 900_000)),  # indented, in the style that people like
    ("/a", fixed("ad", struct.pack("d", 5e-324) * 900_000)),
    ("/a", fixed("ay", b"\xff" * (14 * MIB))),  # a third more as base64
], ids=["escapes", "indentation", "floats", "binary"])
def test_what_would_not_fit_in_the_file_once_it_is_written(config, service, path, value):
    try:
        config.set(path, value)
    except Refusal as refusal:
        assert refusal.kind == "TooLarge"
    before = config.dump()
    config = service.restart()
    assert config.state == "ok"
    assert config.dump() == before


def test_a_hand_edit_larger_than_a_file_may_be(config, service):
    service.expect("runtime_config.yaml")
    config.set("/a", 1)
    service.runtime.write_text("b: 1\n#" + "x" * (16 * MIB))
    eventually(lambda: config.state != "ok")
    assert "16 MiB" in config.state_message
    assert "b" not in config.get()
    service.runtime.write_text("b: 1\n")
    eventually(lambda: "b" in config.get())
    eventually(lambda: config.state == "ok")


def test_defaults_larger_than_a_file_may_be(service):
    service.defaults.write_text("b: 1\n#" + "x" * (16 * MIB))
    assert "16 MiB" in service.fails()


@both_buses
def test_a_reply_that_does_not_fit_the_bus(service):
    service.defaults.write_text(
        "a: &a " + "x" * MIB + "\nb: [" + ", ".join(["*a"] * 40) + "]\nc: 1\n")
    config = service.start()
    assert len(config.get("/b/39")) == MIB
    for read in (lambda: config.get(""), lambda: config.get("/b"), lambda: config.describe("/b"),
                 lambda: config.dump("/b", "effective", "yaml"),
                 lambda: config.dump("", "effective", "json")):
        with pytest.raises(Refusal) as caught:
            read()
        assert caught.value.kind == "TooLarge"
    assert config.get("/c") == 1
    assert config.list("/b") == [str(n) for n in range(40)]
    assert config.set("/c", 2) == 1


def test_a_write_that_is_too_large_takes_nobody_else_down(config, service):
    """They come together, and are written together where they can be."""
    config.set("/big", "x" * (9 * MIB))
    answers = []
    config.set_later("/huge", "x" * (9 * MIB), answers.append)
    for number in range(20):
        config.set_later(f"/n{number}", number, answers.append)
    wait_for_answers(answers, 21)
    errors = [answer for answer in answers if isinstance(answer, GLib.Error)]
    assert [Gio.DBusError.get_remote_error(error) for error in errors] == [
        "org.runconf.Error.TooLarge"]
    assert sorted(answer for answer in answers if isinstance(answer, int)) == list(range(2, 22))
    assert all(config.get(f"/n{number}") == number for number in range(20))


@both_buses
def test_a_message_that_the_bus_does_not_carry(config):
    """Its sender is thrown off; everybody else goes on."""
    rude = config.service.client()
    with pytest.raises((Refusal, GLib.Error)):
        rude.set("/a", "x" * (40 * MIB))
    assert config.get("/llm/active") == "openrouter"
    assert config.set("/a", 1) == 1


@both_buses
def test_a_message_that_is_deeper_than_the_bus_allows(config):
    """GDBus itself would not send it, so it is written by hand; nobody else notices."""
    value = GLib.Variant("i", 1)
    for _ in range(70):
        value = GLib.Variant("v", value)
    rude = config.service.client()
    message = Gio.DBusMessage.new_method_call(BUS_NAME, config.path, INTERFACE, "Set")
    message.set_body(GLib.Variant.new_tuple(GLib.Variant("s", "/a"), value))
    try:
        rude.caller.connection.send_message_with_reply_sync(
            message, Gio.DBusSendMessageFlags.NONE, 5000, None)
    except GLib.Error:
        pass
    assert config.set("/b", 1) == 1


def test_variants_in_variants_are_looked_through(config):
    value = GLib.Variant("i", 1)
    for _ in range(50):
        value = GLib.Variant("v", value)
    config.set("/a", value)
    assert config.get("/a") == 1


def test_the_daemon_goes_on_after_every_refusal(config):
    texts = ["[" * 100_000, expanded(1001), mapping_text(21), "a: 1\n#" + "x" * (16 * MIB)]
    for text in texts * 2:
        with pytest.raises(Refusal):
            config.merge_text(text)
    assert config.set("/a", 1) == 1
    assert config.get("/a") == 1
