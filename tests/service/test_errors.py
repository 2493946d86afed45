# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bad input: each refusal says what, where and what would be right, and has changed nothing."""

import pytest
from gi.repository import GLib
from runconf_testing import BUS_NAME, INTERFACE, Refusal, both_buses, eventually

# every write that takes a path, with a value that would be fine elsewhere
WRITES = {
    "set": lambda config, path: config.set(path, 1),
    "reset": lambda config, path: config.reset(path),
    "apply set": lambda config, path: config.apply(("set", "/fine", 1), ("set", path, 1)),
    "apply merge": lambda config, path: config.apply(("set", "/fine", 1),
                                                     ("merge", path, {"a": 1})),
    "apply reset": lambda config, path: config.apply(("set", "/fine", 1), ("reset", path)),
    "apply save": lambda config, path: config.apply(("set", "/fine", 1), ("save", path, {"a": 1})),
}
SETS = [name for name in WRITES if "reset" not in name]
RESETS = [name for name in WRITES if "reset" in name]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("path", ["chat", "chat/port", " ", "~", "/~", "/a~2b", "/chat/~"])
def test_what_is_no_pointer(config, write, path):
    with config.refuses("InvalidPath", path):
        WRITES[write](config, path)


@pytest.mark.parametrize("write", WRITES)
def test_the_message_says_what_a_pointer_looks_like(config, write):
    with config.refuses("InvalidPath", "/"):
        WRITES[write](config, "chat.port")
    with config.refuses("InvalidPath", "~0", "~1"):
        WRITES[write](config, "/a~b")


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("path", ["/_runtime_config", "/_runtime_config/version"])
def test_the_metadata_is_no_path_to_write_to(config, write, path):
    with config.refuses("InvalidPath", "_runtime_config"):
        WRITES[write](config, path)


METADATA = {"_runtime_config": {"version": 7}, "a": 1}


@pytest.mark.parametrize("write", [
    lambda config: config.merge(METADATA),
    lambda config: config.save(METADATA),
    lambda config: config.set("", METADATA),
    lambda config: config.merge_text("{_runtime_config: {version: 7}, a: 1}"),
    lambda config: config.apply(("merge", "", METADATA)),
    lambda config: config.apply(("save", "", METADATA)),
    lambda config: config.apply(("set", "", METADATA)),
    lambda config: config.merge({"_runtime_config": None}),
], ids=["merge", "save", "set", "merge_text", "apply merge", "apply save", "apply set", "null"])
def test_the_metadata_is_no_key_of_a_patch(config, write):
    with config.refuses("InvalidPath", "_runtime_config"):
        write(config)


def test_the_key_of_the_metadata_is_free_elsewhere(config):
    config.set("/a/_runtime_config", 1)
    assert config.get("/a") == {"_runtime_config": 1}


@both_buses
@pytest.mark.parametrize("write", SETS)
@pytest.mark.parametrize("path", ["/llm/active/below", "/logging/file/a/b", "/features/0/x",
                                  "/servers/0/name/x"])
def test_through_a_scalar(config, write, path):
    with config.refuses("InvalidPath", path):
        WRITES[write](config, path)


@pytest.mark.parametrize("path, words", [
    ("/features/3", ["/features/3", "3"]),
    ("/features/17", ["/features/17", "3"]),
    ("/features/4294967295", ["/features/4294967295"]),
    ("/features/4294967296000000000000", ["/features/4294967296000000000000"]),
    ("/servers/2/name", ["/servers/2/name"]),
])
def test_past_the_end_of_a_list(config, path, words):
    with config.refuses("NotFound", *words):
        config.set(path, 1)
    with config.refuses("NotFound", *words):
        config.apply(("set", "/fine", 1), ("set", path, 1))


@pytest.mark.parametrize("path", ["/features/one", "/features/01", "/features/-1", "/features/1.0",
                                  "/features/"])
def test_what_is_no_index(config, path):
    with config.refuses("InvalidPath", path):
        config.set(path, 1)


@pytest.mark.parametrize("write", RESETS)
@pytest.mark.parametrize("path", ["/nothing", "/chat/nothing", "/llm/active/below", "/features/3",
                                  "/features/-"])
def test_reset_of_what_is_nowhere(config, write, path):
    with config.refuses("NotFound", path):
        WRITES[write](config, path)


@pytest.mark.parametrize("write", RESETS)
@pytest.mark.parametrize("path", ["/features/0", "/servers/1", "/servers/1/name"])
def test_an_element_cannot_be_reset_alone(config, write, path):
    with config.refuses("InvalidPath", path):
        WRITES[write](config, path)


@pytest.mark.parametrize("value", [1, "text", None, [1], [], True, 1.5, b""])
def test_the_whole_has_to_be_a_mapping(config, value):
    with config.refuses("InvalidValue", "mapping"):
        config.set("", value)
    for verb in ("merge", "save"):
        for path in ("", "/chat"):
            with config.refuses("InvalidValue", "mapping"):
                config.apply((verb, path, value))


TEXTS = {
    "not closed": "a: [1, 2",
    "not YAML": "a: b: c",
    "JSON with a comma too many": '{"a": 1,, "b": 2}',
    "JSON with a quote too few": '{"a: 1}',
    "a list": "[1, 2]",
    "a scalar": "just text",
    "two documents": "a: 1\n---\nb: 2\n",
    "an unknown tag": "a: !color red",
    "an alias of nothing": "a: *b",
    "a control character": "a: \x01",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_invalid_text(config, text):
    with config.refuses("InvalidValue"):
        config.merge_text(text)
    with config.refuses("InvalidValue"):
        config.replace_text(text)


def test_the_message_about_a_text_says_where(config):
    with config.refuses("InvalidValue", "2:6"):
        config.merge_text("a: 1\nbad: *nothing\n")


@both_buses
@pytest.mark.parametrize("method", ["apply", "save", "replace_text"])
class TestOptions:
    WRITE = {
        "apply": lambda config, **options: config.apply(("set", "/a", 1), **options),
        "save": lambda config, **options: config.save({"a": 1}, **options),
        "replace_text": lambda config, **options: config.replace_text("a: 1", **options),
    }

    @pytest.mark.parametrize("option", ["iff-version", "If-Version", "dry", "comment", ""])
    def test_unknown(self, config, method, option):
        with config.refuses("InvalidValue", option):
            self.WRITE[method](config, **{option: True})

    @pytest.mark.parametrize("option, value", [
        ("if-version", "1"),
        ("if-version", 1.0),
        ("if-version", True),
        ("if-version", [1]),
        ("message", 1),
        ("message", ["text"]),
        ("dry-run", 1),
        ("dry-run", "yes"),
        ("report-overrides", 1),
    ])
    def test_of_another_type(self, config, method, option, value):
        with config.refuses("InvalidValue", option):
            self.WRITE[method](config, **{option: value})

    def test_a_version_below_zero(self, config, method):
        with pytest.raises(Refusal) as caught:
            self.WRITE[method](config, if_version=-1)
        assert caught.value.kind in ("InvalidValue", "VersionMismatch")
        assert config.version == 0

    def test_stale(self, config, method):
        config.set("/x", 1)
        with config.refuses("VersionMismatch", "0", "1"):
            self.WRITE[method](config, if_version=0)


@pytest.mark.parametrize("verb", ["", "Set", "swap", "delete", "set "])
def test_unknown_operation(config, verb):
    with config.refuses("InvalidValue", verb, "reset"):
        config.apply(("set", "/a", 1), (verb, "/b", 2))


def test_hostile_words_come_back_harmless(config):
    """What a caller sends is shown, but without control characters."""
    for path in ("no\x1b[31m", "/llm/active/\n\x07", "no\u202e", "x" * 5000):
        with pytest.raises(Refusal) as caught:
            config.set(path, 1)
        assert not any(ord(c) < 32 or c in "\x7f\u202e" for c in caught.value.message)


@pytest.mark.parametrize("member, signature, arguments", [
    ("Set", "(s)", ("/a",)),
    ("Set", "(vs)", (GLib.Variant("i", 1), "/a")),
    ("Set", None, ()),
    ("Get", "(i)", (1,)),
    ("Merge", "(s)", ("a: 1",)),
    ("Apply", "(a{sv})", ({},)),
    ("Reload", "(s)", ("now",)),
])
def test_arguments_of_other_types(config, member, signature, arguments):
    with config.unchanged():
        with pytest.raises(Refusal) as caught:
            config.call(member, signature, *arguments)
    assert caught.value.name == "org.freedesktop.DBus.Error.InvalidArgs"


@both_buses
def test_unknown_members_and_objects(config):
    cases = [
        (config.path, INTERFACE, "Nothing", "UnknownMethod"),
        (config.path, "org.runconf.Nothing", "Get", "UnknownMethod"),
        ("/org/runconf/Config1/other", INTERFACE, "Reload", "UnknownMethod"),
        ("/", INTERFACE, "Reload", "UnknownMethod"),
    ]
    for path, interface, member, error in cases:
        with pytest.raises(Refusal) as caught:
            config.caller.call(BUS_NAME, path, interface, member, None, 10)
        assert caught.value.name in (f"org.freedesktop.DBus.Error.{error}",
                                     "org.freedesktop.DBus.Error.UnknownObject",
                                     "org.freedesktop.DBus.Error.UnknownInterface")
    assert config.version == 0


@pytest.mark.parametrize("name", ["Name", "Version", "LastModified", "HasOverrides", "State", "StateMessage",
                                  "RulesRevision", "SnapshotRevision", "Locks", "DefaultConfigPath",
                                  "RuntimeConfigPath"])
def test_properties_cannot_be_set(config, name):
    with config.unchanged():
        with pytest.raises(Refusal):
            config.call("Set", "(ssv)", INTERFACE, name, GLib.Variant("s", "x"),
                        interface="org.freedesktop.DBus.Properties")


def test_after_refusals_everything_works(config):
    for _ in range(100):
        with pytest.raises(Refusal):
            config.set("/llm/active/x", 1)
    assert config.set("/a", 1) == 1


def test_a_folder_that_cannot_be_written(unprivileged):
    service = unprivileged
    config = service.start()
    config.set("/a", 1)
    service.var.chmod(0o555)
    service.expect("runtime_config")
    with config.refuses("StorageFailed", str(service.var)):
        config.set("/a", 2)
    with config.refuses("StorageFailed", str(service.var)):
        config.apply(("set", "/b", 2))
    assert config.get("/a") == 1
    service.var.chmod(0o755)
    # numbers are given at the commit: the refused ones took none
    assert config.set("/a", 3) == 2
    assert (config.get("/a"), config.state) == (3, "ok")


def test_too_many_operations(config):
    with config.refuses("TooLarge", "1001", "1000", "merge"):
        config.apply(*[("set", f"/n{i}", i) for i in range(1001)])
    assert config.version == 0


def test_the_defaults_are_never_written_through_a_link(service):
    """A link that is made while the daemon runs leads to the defaults."""
    service.expect("is the file of the defaults")
    config = service.start()
    config.set("/n", 1)
    text = service.defaults.read_bytes()
    service.runtime.unlink()
    service.runtime.symlink_to(service.defaults)
    eventually(lambda: "n" not in config.get())
    with config.refuses("StorageFailed", "is the file of the defaults"):
        config.set("/n", 2)
    assert config.state == "degraded"
    assert service.defaults.read_bytes() == text
