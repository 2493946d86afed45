# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of values: what each D-Bus type becomes, what each YAML value is seen as, what is
refused, and that a restart reads back what was written."""

import math
import struct

import pytest
import yaml
from gi.repository import GLib
from runconf_testing import both_buses
from values_testing import nested_list


def text(value):
    """The text form of a GVariant, which shows its types."""
    return value.print_(True)


V = GLib.Variant

# a value as it is sent, and the form in which everybody gets it
ACCEPTED = [
    (V("y", 255), "int64 255"),
    (V("n", -32768), "int64 -32768"),
    (V("q", 65535), "int64 65535"),
    (V("i", -(2**31)), f"int64 {-2**31}"),
    (V("u", 2**32 - 1), f"int64 {2**32 - 1}"),
    (V("x", -(2**63)), f"int64 {-2**63}"),
    (V("x", 2**63 - 1), f"int64 {2**63 - 1}"),
    (V("t", 0), "int64 0"),
    (V("t", 2**63 - 1), f"int64 {2**63 - 1}"),
    (V("t", 2**63), f"uint64 {2**63}"),
    (V("t", 2**64 - 1), f"uint64 {2**64 - 1}"),
    (V("d", 0.1), "0.10000000000000001"),
    (V("d", 1.0), "1.0"),
    (V("d", -0.0), "-0.0"),
    (V("d", 5e-324), "4.9406564584124654e-324"),
    (V("d", 1.7976931348623157e308), "1.7976931348623157e+308"),
    (V("d", math.inf), "inf"),
    (V("d", -math.inf), "-inf"),
    (V("d", math.nan), "nan"),
    (V("b", True), "true"),
    (V("b", False), "false"),
    (V("s", ""), "''"),
    (V("s", "text"), "'text'"),
    (V("o", "/an/object"), "'/an/object'"),
    (V("g", ""), "signature ''"),
    (V("ay", []), "@ay []"),
    (V("ay", [0, 1, 255]), "[byte 0x00, 0x01, 0xff]"),
    (V("as", []), "@av []"),
    (V("as", ["a", "b"]), "[<'a'>, <'b'>]"),
    (V("ao", ["/a"]), "[<'/a'>]"),
    (V("ai", [1, 2]), "[<int64 1>, <int64 2>]"),
    (V("ad", [1.5]), "[<1.5>]"),
    (V("ab", [True]), "[<true>]"),
    (V("aay", [[1], []]), "[<[byte 0x01]>, <@ay []>]"),
    (V("aas", [["a"], []]), "[<[<'a'>]>, <@av []>]"),
    (V("av", [V("i", 1), V("s", "a")]), "[<int64 1>, <'a'>]"),
    (V("(is)", (1, "a")), "[<int64 1>, <'a'>]"),
    (V("(i(ss))", (1, ("a", "b"))), "[<int64 1>, <[<'a'>, <'b'>]>]"),
    (V("a(yy)", [(1, 2)]), "[<[<int64 1>, <int64 2>]>]"),
    (V("v", V("v", V("i", 7))), "int64 7"),
    (V("av", [V("v", V("v", V("s", "deep")))]), "[<'deep'>]"),
    (V("a{sv}", {}), "@a{sv} {}"),
    (V("a{ss}", {"k": "v"}), "{'k': <'v'>}"),
    (V("a{sy}", {"k": 1}), "{'k': <int64 1>}"),
    (V("a{sas}", {"k": ["v"]}), "{'k': <[<'v'>]>}"),
    (V("a{sa{si}}", {"k": {"l": 1}}), "{'k': <{'l': <int64 1>}>}"),
    (V("a{sv}", {"z": V("i", 1), "a": V("u", 2)}), "{'z': <int64 1>, 'a': <int64 2>}"),
    (V("aa{sv}", [{"k": V("b", True)}]), "[<{'k': <true>}>]"),
    (V("(a{ss}as)", ({"k": "v"}, [])), "[<{'k': <'v'>}>, <@av []>]"),
]


@pytest.mark.parametrize("sent, seen", ACCEPTED, ids=[text(sent) for sent, _ in ACCEPTED])
def test_accepted(config, sent, seen):
    config.set("/x", sent)
    assert text(config.get_variant("/x")) == seen
    assert text(config.get_variant("")).find(seen) > 0


@both_buses
def test_a_restart_reads_back_what_was_written(config, service):
    for number, (sent, _) in enumerate(ACCEPTED):
        config.set(f"/x/{number}", sent)
    version = config.version
    config = service.restart()
    assert config.version == version
    for number, (_, seen) in enumerate(ACCEPTED):
        assert text(config.get_variant(f"/x/{number}")) == seen


@pytest.mark.parametrize("sent, seen", ACCEPTED, ids=[text(sent) for sent, _ in ACCEPTED])
def test_accepted_in_merge_save_and_apply(config, sent, seen):
    if seen != "signature ''":  # in a patch it removes
        config.merge({"a": {"merge": sent}})
        assert text(config.get_variant("/a/merge")) == seen
    config.apply(("set", "/a/apply", sent))
    assert text(config.get_variant("/a/apply")) == seen
    config.save({"save": sent})
    assert text(config.get_variant("/save")) == seen


DUPLICATES = GLib.Variant.parse(None, "[{'a', <1>}, {'b', <2>}, {'a', <3>}]", None, None)

REFUSED = {
    "a handle": V("h", 0),
    "a signature": V("g", "a{sv}"),
    "keys that are integers": V("a{is}", {1: "a"}),
    "keys that are booleans": V("a{bs}", {True: "a"}),
    "an empty dictionary with other keys": V("a{ys}", {}),
    "a key twice": DUPLICATES,
    "a handle in a list": V("ah", [0]),
    "a signature in a tuple": V("(sg)", ("a", "s")),
}


@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED)
def test_refused(config, value):
    with config.refuses("InvalidValue", "/x"):
        config.set("/x", value)
    with config.refuses("InvalidValue", "/deep/0/x"):
        config.set("/", {"deep": [{"x": value}]})
    with config.refuses("InvalidValue", "/a/x"):
        config.merge({"a": {"x": value}})
    with config.refuses("InvalidValue", "/a/x"):
        config.save({"a": {"x": value}})
    with config.refuses("InvalidValue", "/a"):
        config.apply(("set", "/b", 1), ("set", "/a", value))


def test_a_key_twice_at_the_top_of_a_patch(config):
    patch = GLib.Variant.parse(GLib.VariantType("a{sv}"), "[{'a', <1>}, {'a', <2>}]", None, None)
    for method, extra in (("Merge", ()), ("Save", (GLib.Variant("a{sv}", {}),))):
        arguments = GLib.Variant.new_tuple(patch, *extra)
        with config.refuses("InvalidValue", "/a"):
            config.caller.call("org.runconf.Config1", config.path, "org.runconf.Config1", method,
                               arguments, 10)


# a YAML text, and the form in which everybody gets it
YAML = [
    ("null", "signature ''"),
    ("~", "signature ''"),
    ("", "signature ''"),
    ("Null", "signature ''"),
    ("nULL", "'nULL'"),
    ("true", "true"),
    ("TRUE", "true"),
    ("False", "false"),
    ("yes", "'yes'"),
    ("no", "'no'"),
    ("on", "'on'"),
    ("Off", "'Off'"),
    ("y", "'y'"),
    ("0", "int64 0"),
    ("-0", "int64 0"),
    ("+12", "int64 12"),
    ("012", "int64 12"),
    ("0o14", "int64 12"),
    ("0x1F", "int64 31"),
    ("0b11", "'0b11'"),
    ("1_000", "'1_000'"),
    ("12:30", "'12:30'"),
    ("12:30:45", "'12:30:45'"),
    ("2001-01-01", "'2001-01-01'"),
    ("2001-12-14t21:59:43.10-05:00", "'2001-12-14t21:59:43.10-05:00'"),
    ("9223372036854775807", "int64 9223372036854775807"),
    ("9223372036854775808", "uint64 9223372036854775808"),
    ("18446744073709551615", "uint64 18446744073709551615"),
    ("18446744073709551616", "'18446744073709551616'"),
    ("-9223372036854775808", "int64 -9223372036854775808"),
    ("-9223372036854775809", "'-9223372036854775809'"),
    ("0xFFFFFFFFFFFFFFFF", "uint64 18446744073709551615"),
    ("1.0", "1.0"),
    ("1.", "1.0"),
    (".5", "0.5"),
    ("1e3", "1000.0"),
    ("-1.5E-3", "-0.0015"),
    (".inf", "inf"),
    ("-.INF", "-inf"),
    (".NaN", "nan"),
    ("inf", "'inf'"),
    (".", "'.'"),
    ("'1'", "'1'"),
    ('"true"', "'true'"),
    ("!!str 12", "'12'"),
    ("!!int '12'", "int64 12"),
    ("!!float 1", "1.0"),
    ("!!null ''", "signature ''"),
    ("!!bool 'true'", "true"),
    ("! 12", "'12'"),
    ("!!binary aGVsbG8=", "[byte 0x68, 0x65, 0x6c, 0x6c, 0x6f]"),
    ('!!binary ""', "@ay []"),
    ("!!timestamp 2001-01-01", "'2001-01-01'"),
    ("[]", "@av []"),
    ("[1, a]", "[<int64 1>, <'a'>]"),
    ("!!seq [1]", "[<int64 1>]"),
    ("{}", "@a{sv} {}"),
    ("!!map {a: 1}", "{'a': <int64 1>}"),
    ("{8080: a, 1.5: b, true: c, ~: d, 012: e}",
     "{'8080': <'a'>, '1.5': <'b'>, 'true': <'c'>, '~': <'d'>, '012': <'e'>}"),
    ("{a: &x 1, b: *x}", "{'a': <int64 1>, 'b': <int64 1>}"),
    ("{<<: {a: 1, b: 2}, a: 3}", "{'a': <int64 3>, 'b': <int64 2>}"),
    ("{<<: [{a: 1}, {a: 2, b: 2}]}", "{'a': <int64 1>, 'b': <int64 2>}"),
    ("{'<<': 1}", "{'<<': <int64 1>}"),
]


@pytest.mark.parametrize("source, seen", YAML, ids=[source for source, _ in YAML])
def test_yaml(service, source, seen):
    service.defaults.write_text(f"base: {source}\n")
    service.runtime.write_text(f"over: {source}\n")
    config = service.start()
    assert sort_merged(text(config.get_variant("/base"))) == seen
    assert sort_merged(text(config.get_variant("/over"))) == seen
    config.replace_text(f"replaced: {source}\n")
    assert sort_merged(text(config.get_variant("/replaced"))) == seen
    if seen != "signature ''":  # in a patch it removes
        config.merge_text(f"merged: {source}\n")
        assert sort_merged(text(config.get_variant("/merged"))) == seen
    # everything was written by the daemon: it reads the same
    config = service.restart()
    assert sort_merged(text(config.get_variant("/replaced"))) == seen


def sort_merged(shown):
    """Merged keys may stand before or after own ones."""
    first, second = "{'a': <int64 3>, 'b': <int64 2>}", "{'b': <int64 2>, 'a': <int64 3>}"
    return first if shown == second else shown


MORE_YAML = {
    "a line in brackets indented less": ("a:\n  b: [1,\n2]\n", {"a": {"b": [1, 2]}}),
    "a line in quotes indented less": ('a:\n  b: "x\ny"\n', {"a": {"b": "x y"}}),
    "an older version": ("%YAML 1.1\n---\na: 017\nb: yes\n", {"a": 17, "b": "yes"}),
    "a handle": ("%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1\n", {"a": "1"}),
    "the latest anchor counts": ("a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
    "other line separators": ("a: \"x\u2028y\u0085z\"\n", {"a": "x\u2028y\u0085z"}),
    "a pair of surrogates": ('a: "\\ud83d\\ude00"\n', {"a": "\U0001f600"}),
    "tags": ("a: !!timestamp 2001-01-01\nb: ! 12\nc: !!null ''\n",
             {"a": "2001-01-01", "b": "12", "c": None}),
    "a number beyond a double": ("a: 1e999\n", {"a": "1e999"}),
}


@pytest.mark.parametrize("source, values", MORE_YAML.values(), ids=MORE_YAML)
def test_a_text_has_these_values(service, source, values):
    service.defaults.write_text(source)
    assert service.start().get() == values


def test_an_integer_beyond_64_bits_stays_plain(service):
    service.runtime.write_text("big: 123456789012345678901234567890\n")
    config = service.start()
    assert config.get("/big") == "123456789012345678901234567890"
    config.set("/other", 1)
    assert yaml.safe_load(service.runtime.read_text())["big"] == 123456789012345678901234567890
    config.set("/big", "123456789012345678901234567890")
    config.set("/big", "a string")
    config.set("/big", "123456789012345678901234567890")
    assert yaml.safe_load(service.runtime.read_text())["big"] == "123456789012345678901234567890"


BAD_YAML = {
    "a key twice": ("a: 1\nb: 2\na: 3\n", ":3:1", "line 1"),
    "a key twice below": ("x:\n  a: 1\n  a: 3\n", ":3:3"),
    "a key twice, quoted otherwise": ("a: 1\n'a': 3\n", ":2:1"),
    "a mapping as a key": ("ok: 1\n{a: b}: 1\n", ":2:1"),
    "a sequence as a key": ("ok: 1\n? [a]\n: 1\n", ":2:3"),
    "an undefined alias": ("a: *nothing\n", ":1:4"),
    "a recursive alias": ("a: &a [*a]\n", ":1:8"),
    "a tag of Python": ("a: !!python/object/apply:os.system [ls]\n", ":1:4"),
    "an own tag": ("a: !mine 1\n", ":1:4"),
    "a set": ("a: !!set {a, b}\n", ":1:4"),
    "a tag that does not fit": ("a: !!int text\n", ":1:4"),
    "a tag that does not fit its node": ("a: !!map [1]\n", ":1:4"),
    "broken binary": ("a: !!binary '%%%'\n", ":1:4"),
    "a second document": ("a: 1\n---\nb: 2\n", ":2:1"),
    "a sequence at the top": ("- a\n", ":1:1"),
    "a scalar at the top": ("just text\n", ":1:1"),
    "an open flow sequence": ("a: [1, 2\n", ":2:1"),
    "a tab as indentation": ("a:\n\tb: 1\n", ":2:1"),
    "a wrong indentation": ("a:\n  b: 1\n c: 2\n", ":3:2"),
    "a tab in an otherwise empty line": ("a:\n  b: 1\n\t\n  c: 2\n", ":3:1"),
    "a text in brackets that begins with a question mark": ("a: [?x]\n", ":1:5"),
    "a text in brackets that begins with a colon": ("a: [:x]\n", ":1:5"),
    "an anchor with another character": ("a: &x+y 1\n", ":1:"),
    "an empty key": (": 1\n", ":1:1"),
    "a question mark without a key": ("?\n: 1\n", ":1:1"),
    "the end of a document only": ("...\n", ":1:1"),
    "another version of YAML": ("%YAML 1.3\n---\na: 1\n", ":1:"),
    "another directive": ("%OTHER x\n---\na: 1\n", ":1:"),
    "two merge keys": ("a: {x: 1}\nb: {<<: {y: 1}, <<: {z: 1}}\n", ":2:"),
    "an escaped NUL": ('a: "\\0"\n', ":1:"),
    "a key of 2,000 bytes in the form of a short one": ("k" * 2000 + ": 1\n", ":1:"),
    "a merge of a scalar": ("a: {<<: 1}\n", ":1:"),
    "JSON with a comma too few": ('{"a": 1 "b": 2}', ":1:"),
}


@pytest.mark.parametrize("source", BAD_YAML.values(), ids=BAD_YAML)
def test_bad_yaml_is_refused_with_its_place(config, source):
    broken, *words = source
    position = [word.removeprefix(":") for word in words]
    with config.refuses("InvalidValue", *position):
        config.merge_text(broken)
    with config.refuses("InvalidValue", *position):
        config.replace_text(broken)


@pytest.mark.parametrize("source", BAD_YAML.values(), ids=BAD_YAML)
def test_bad_yaml_in_the_defaults_names_its_place(service, source):
    broken, *words = source
    service.defaults.write_text(broken)
    message = service.fails()
    assert str(service.defaults) in message
    for word in words:
        assert word in message


@pytest.mark.parametrize("broken", [b"a: \xff\xfe\n", b"a: \xc0\xaf\n", b"a: \xed\xa0\x80\n",
                                    "a: 1\n".encode("utf-16"), b"a: \x00\n", b"a: \x01\n"])
def test_other_encodings_are_refused(service, broken):
    service.defaults.write_bytes(broken)
    assert str(service.defaults) in service.fails()


def test_a_byte_order_mark_and_other_line_ends_are_fine(service):
    service.defaults.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\nc: [1,\r\n 2]\r\n")
    assert service.start().get() == {"a": 1, "b": "x\ny\n", "c": [1, 2]}


STRINGS = [
    "", " ", "  leading", "trailing  ", "\n", "\n\n", "a\n", "a\nb", "\na", "a\n\n", " a\n b", "\t",
    "a\tb", "a: b", "a #b", "#a", "- a", "-", "?", "? a", ":", "a:", "[a]", "{a}", "&a", "*a", "!a",
    "!!str", "|", ">", "%a", "@a", "`a", "'", "''", '"', "\\", "\\n", "'a'", '"a"', "a'b\"c", "---",
    "...", "--- a", "a\n---\nb", "a\n...\nb", "<<", "=", "~", "null", "Null", "NULL", "true",
    "True", "yes", "Yes", "no", "NO", "on", "off", "y", "n", "1", "-1", "+1", "0x1F", "0o17", "017",
    "0b1",
    "1_000", "1.", ".5", "1.5", "1e3", "1.5e3", "12:30", "12:30:45", "190:20:30.15", ".inf",
    "-.INF", ".nan", "2001-01-01", "2001-12-14 21:59:43.10 -5", "123456789012345678901234567890",
    "\x01\x02\x1f", "\x7f", "\x80\x9f", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff", "\ufeffa",
    "\ufffd", "\ufffe", "\uffff", "é", "日本語", "😀", "\U0010ffff", "\u202e", "\r", "a\r\nb",
    "\x1b[31m", "x" * 100, "word " * 50, " ".join(["long"] * 40) + "\n", "a" * 5000, "line\n" * 100,
    "  indented\nthen not\n", "a\n\n\nb\n", "trailing space \nnext", "\n  \n", "🙂" * 300,
]


def test_strings_are_read_back_as_they_were(config, service):
    values = {f"k{number}": value for number, value in enumerate(STRINGS)}
    config.merge({"strings": values, "in a list": STRINGS})
    config.merge({"keys": {value: number for number, value in enumerate(STRINGS)
                           if len(value.encode()) <= 1000}})
    expected = config.get()
    assert expected["strings"] == values
    config = service.restart()
    assert config.state == "ok"
    assert config.get() == expected


def test_strings_are_strings_for_a_yaml_1_1_reader(config, service):
    # what PyYAML itself refuses or folds away is left out
    readable = [s for s in STRINGS if not set(s) & set("\ufffe\uffff")]
    config.set("/strings", readable)
    assert yaml.safe_load(service.runtime.read_text())["strings"] == readable


def test_numbers_are_numbers_for_a_yaml_1_1_reader(config, service):
    values = [0, -1, 2**63 - 1, -(2**63), 2**64 - 1, 0.0, -0.0, 1.0, 0.1, 1e100, 1e-100, 5e-324,
              1.7976931348623157e308, 123456789.123456789, 1e15, 1e16, 1e17, True, False, None,
              b"", b"\0\xff" * 100, math.inf, -math.inf]
    config.set("/values", values)
    seen = yaml.safe_load(service.runtime.read_text())["values"]
    assert [(type(value), value) for value in seen] == [(type(value), value) for value in values]


def test_a_thousand_floats_keep_every_bit(config, service):
    # bit patterns spread over the whole range
    patterns = ((i * 0x9E3779B97F4A7C15) % 2**64 for i in range(1, 1001))
    floats = [struct.unpack("<d", struct.pack("<Q", pattern))[0] for pattern in patterns]
    floats = [number for number in floats if math.isfinite(number)]
    config.set("/floats", floats)
    assert service.restart().get("/floats") == floats


def test_collections_are_read_back_as_they_were(config, service):
    values = {
        "empty": {"list": [], "mapping": {}, "string": "", "bytes": b""},
        "nested": [[], [[]], {}, [{}], {"a": []}, [[1, [2, {"b": [3]}]], {"c": {"d": {}}}]],
        "deep": nested_list(20, {"x": [None, True, 1, 1.5, "s", b"b"]}),
        "": {"": {"": 1}},
    }
    config.merge(values)
    expected = config.get()
    assert {key: expected[key] for key in values} == values
    assert service.restart().get() == expected


def test_the_order_of_keys_is_kept(config, service):
    keys = ["z", "a", "10", "9", "m", "B", "b", "_"]
    config.set("/ordered", {key: number for number, key in enumerate(keys)})
    assert config.list("/ordered") == keys
    config = service.restart()
    assert config.list("/ordered") == keys
    with config.unchanged():
        # another order is no other value
        config.set("/ordered", {key: keys.index(key) for key in sorted(keys)})
