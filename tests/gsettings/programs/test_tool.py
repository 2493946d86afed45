# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command gsettings of GLib, as it is installed, in a session with each of the backends."""

import pytest
from gsettings_testing import CONFIGURATION, SCHEMA, Lines, chosen_backend, get, gsettings, put
from runconf_testing import eventually
from values_testing import replacing

WINDOW = f"{SCHEMA}.window"
PROFILE = f"{SCHEMA}.profile:/org/runconf/profiles/one/"

# a value of each key as gsettings prints it, and as the file of the overrides has it
VALUES = {
    "visible": ("false", False),
    "count": ("42", 42),
    "large": ("uint64 18446744073709551615", 18446744073709551615),
    "ratio": ("0.25", 0.25),
    "name": ("'two words'", "two words"),
    "mode": ("'slow'", "slow"),
    "names": ("['x', 'y z']", ["x", "y z"]),
    "corner": ("'bottom'", "bottom"),
    "edges": ("['left', 'top']", ["left", "top"]),
    "size": ("(1, -2)", [1, -2]),
    "weights": ("{'heavy': 7.5}", replacing({"heavy": 7.5})),
    "numbers": ("{uint32 20: 'twenty'}", replacing({"20": "twenty"})),
    "perhaps": ("@mi 5", 5),
    "perhaps-twice": ("@mmi just nothing", [None]),
    "data": ("b'bytes'", b"bytes\0"),
    "anything": ("<uint32 5>", replacing({"gvariant": "uint32 5"})),
    "vardict": ("{'list': <[1, 2]>}", replacing({"list": [1, 2]})),
    "sources": ("[('xkb', 'de'), ('ibus', 'x')]", [["xkb", "de"], ["ibus", "x"]]),
    "object": ("objectpath '/a/b'", "/a/b"),
    "byte": ("byte 0x41", 65),
}


def test_the_backend_is_the_one_that_was_asked_for(desktop):
    told = gsettings(desktop, "get", SCHEMA, "count", environment={"G_MESSAGES_DEBUG": "GLib-GIO"})
    assert chosen_backend(told) == desktop.backend, told
    put(desktop, "count", "7")
    assert desktop.service.has_changes()


def test_values_of_all_types_are_set_and_read(desktop):
    for key, (text, _) in VALUES.items():
        put(desktop, key, text)
    assert {key: get(desktop, key) for key in VALUES} == {key: text for key, (text, _) in VALUES.items()}


def test_the_file_has_the_values_as_a_person_would_write_them(session):
    for key, (text, _) in VALUES.items():
        put(session, key, text)
    assert session.service.overrides() == {
        "org": {"runconf": {"test": {key: value for key, (_, value) in VALUES.items()}}}}


def test_a_reset_value_is_the_default(desktop):
    put(desktop, "count", "42")
    put(desktop, "name", "'other'")
    assert gsettings(desktop, "reset", SCHEMA, "count") == ""
    assert (get(desktop, "count"), get(desktop, "name")) == ("3", "'other'")


def test_a_reset_value_leaves_the_file(session):
    put(session, "count", "42")
    put(session, "name", "'other'")
    gsettings(session, "reset", SCHEMA, "count")
    assert session.service.overrides() == {"org": {"runconf": {"test": {"name": "other"}}}}


def test_all_keys_of_a_schema_are_reset(desktop):
    before = gsettings(desktop, "list-recursively", SCHEMA)
    for key, (text, _) in VALUES.items():
        put(desktop, key, text)
    assert gsettings(desktop, "list-recursively", SCHEMA) != before
    gsettings(desktop, "reset-recursively", SCHEMA)
    assert gsettings(desktop, "list-recursively", SCHEMA) == before


def test_all_keys_are_listed_with_their_values(desktop):
    put(desktop, "count", "42")
    put(desktop, "width", "7", schema=WINDOW)
    listed = gsettings(desktop, "list-recursively", SCHEMA).splitlines()
    assert f"{SCHEMA} count 42" in listed
    assert f"{SCHEMA} ratio 0.5" in listed
    assert f"{WINDOW} width 7" in listed
    assert {line.split()[1] for line in listed} == {*VALUES, "width", "maximized"}
    assert f"{SCHEMA} count 42" in gsettings(desktop, "list-recursively").splitlines()


def test_a_relocatable_schema_has_values_at_each_path(desktop):
    other = PROFILE.replace("one", "two")
    put(desktop, "lines", "20", schema=PROFILE)
    assert get(desktop, "lines", PROFILE) == "uint32 20"
    assert get(desktop, "lines", other) == "uint32 10"
    gsettings(desktop, "reset-recursively", PROFILE)
    assert get(desktop, "lines", PROFILE) == "uint32 10"


def test_the_schema_is_described(desktop):
    assert "hidden if this is false" in gsettings(desktop, "describe", SCHEMA, "visible")
    assert gsettings(desktop, "range", SCHEMA, "corner") == "enum\n'top-left'\n'top-right'\n'bottom'"
    assert gsettings(desktop, "range", SCHEMA, "count") == "range i -5 100"


@pytest.mark.parametrize("key, value", [("count", "101"), ("corner", "'middle'"), ("mode", "'other'")])
def test_a_value_out_of_range_is_refused(desktop, key, value):
    before = get(desktop, key)
    assert "outside of the valid range" in gsettings(desktop, "set", SCHEMA, key, value, status=1)
    assert get(desktop, key) == before
    assert not desktop.service.has_changes()


def test_a_key_is_writable(desktop):
    assert gsettings(desktop, "writable", SCHEMA, "count") == "true"


@pytest.mark.parametrize("lock", ["/org/runconf/test/count", "/org/runconf/test", "/org"])
def test_a_locked_key_is_not_writable(session, lock):
    session.service.lock(lock)
    eventually(lambda: gsettings(session, "writable", SCHEMA, "count") == "false", "the lock")
    # on a busy machine, a program may write before it knows the locks: then the service refuses it
    eventually(lambda: "not writable" in session.run("gsettings", "set", SCHEMA, "count", "4").stdout, "a refusal")
    gsettings(session, "reset-recursively", SCHEMA)
    assert get(session, "count") == "3"
    assert not session.service.has_changes()


def test_keys_beside_a_lock_are_writable(session):
    session.service.lock("/org/runconf/test/count")
    eventually(lambda: gsettings(session, "writable", SCHEMA, "count") == "false", "the lock")
    assert gsettings(session, "writable", SCHEMA, "name") == "true"
    put(session, "name", "'x'")
    assert get(session, "name") == "'x'"


def watch_key(desktop, *arguments, poke):
    """A monitor that has its subscriptions: until then changes may come too early for it."""
    lines = Lines(desktop, "gsettings", "monitor", *arguments)
    values = iter(range(10, 100))

    def is_told():
        poke(str(next(values)))
        return lines.wait_a_moment()

    eventually(is_told, "the monitor prints a change")
    poke("3")
    eventually(lambda: lines.all() and lines.all()[-1].endswith(": 3"), "the last change of the start")
    lines.forget()
    return lines


def test_a_monitor_prints_changes_of_one_key(desktop):
    with watch_key(desktop, SCHEMA, "count", poke=lambda value: put(desktop, "count", value)) as lines:
        put(desktop, "name", "'unseen'")
        put(desktop, "count", "42")
        gsettings(desktop, "reset", SCHEMA, "count")
        assert lines.wait(2) == ["count: 42", "count: 3"]


def test_a_monitor_prints_changes_of_a_schema(desktop):
    with watch_key(desktop, SCHEMA, poke=lambda value: put(desktop, "count", value)) as lines:
        put(desktop, "name", "'seen'")
        put(desktop, "width", "7", schema=WINDOW)
        put(desktop, "size", "(1, 2)")
        assert lines.wait(2) == ["name: 'seen'", "size: (1, 2)"]


def test_a_monitor_prints_what_others_change(session):
    with watch_key(session, SCHEMA, "count", poke=lambda value: put(session, "count", value)) as lines:
        config = session.service.settings
        version = config.version
        config.set("/org/runconf/test/count", 50)
        assert lines.wait(1) == ["count: 50"]
        session.service.edit("count: 50", "count:   51  # by hand")
        assert lines.wait(2) == ["count: 50", "count: 51"]
        config.revert(version)
        assert lines.wait(3) == ["count: 50", "count: 51", "count: 3"]
        session.service.add(CONFIGURATION, "org: {runconf: {test: {count: 60}}}\n", "config.d/50-site.yaml",
                            session.service.etc)
        assert get(session, "count") == "3"
        gsettings(session, "reset", SCHEMA, "count")
        assert lines.wait(4)[3:] == ["count: 60"]


def test_a_value_of_another_type_in_the_file_is_not_used(session):
    put(session, "count", "42")
    session.service.edit("count: 42", "count: many")
    eventually(lambda: "count: many" in session.service.settings.dump(layer="override"), "the edit")
    assert get(session, "count").splitlines()[-1] == "3"
    put(session, "count", "43")
    assert get(session, "count") == "43"
