# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each cause of a State is made, and goes away in each way that it can go: then State is `ok` again, and StateMessage
is empty, without a restart."""

import contextlib
import os
import shutil

import pytest
from gi.repository import GLib
from runconf_testing import BUS_NAME, DEFAULTS, Refusal, connect, eventually, iterate

# in seconds: changes that have an event are reported by then, and long before the timer looks
SOON = 5

SCHEMA = "properties: {llm: {properties: {active: {enum: [openrouter, groq]}}}}\n"
BROKEN = "llm: [\n"
TOO_LARGE = "a: 1\n#" + "x" * 16 * 1024 * 1024


def make(text):
    """Saves by a rename, as an editor does."""

    def save(path):
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(text)
        fresh.chmod(0o644)
        os.rename(fresh, path)

    return save


class Files:
    """What the causes and the ends below act on."""

    def __init__(self, service, config):
        self.service = service
        self.config = config

    def __getattr__(self, name):
        return getattr(self.service, name)

    def reload(self):
        try:
            self.config.reload()
        except Refusal:
            pass

    @property
    def away(self):
        return self.var.with_name("away")

    def make_folder(self):
        fresh = self.var.with_name("fresh")
        fresh.mkdir()
        shutil.chown(fresh, self.user)
        fresh.rename(self.var)

    def restart_with_history(self, data):
        self.service.stop()
        for path in self.var.glob(".runtime_config.yaml.history*"):
            path.unlink()
        self.history_file.write_bytes(data)
        shutil.chown(self.history_file, self.user)
        self.config = self.service.start()

    def try_set(self):
        with pytest.raises(Refusal):
            self.config.set("/llm/temperature", 1.5)


# name: (how it is made, the state, a word of the message, {how it ends: what is done})
CAUSES = {
    "broken-overrides": (
        lambda f: make(BROKEN)(f.runtime), "recovered", "runtime_config.yaml", {
            "set": lambda f: f.config.set("/llm/active", "groq"),
            "edit": lambda f: make("llm: {active: groq}\n")(f.runtime),
            "reload": lambda f: f.reload(),
            "remove": lambda f: f.runtime.unlink(),
        }),
    "broken-defaults": (
        lambda f: make(BROKEN)(f.defaults), "degraded", "config.yaml", {
            "mend": lambda f: make(DEFAULTS + "more: 1\n")(f.defaults),
            "put-back": lambda f: make(DEFAULTS)(f.defaults),
            "in-place": lambda f: f.defaults.write_text(DEFAULTS),
        }),
    "no-defaults": (
        lambda f: f.defaults.unlink(), "degraded", "config.yaml", {
            "put-back": lambda f: make(DEFAULTS)(f.defaults),
            "other": lambda f: make("other: 1\n")(f.defaults),
        }),
    "broken-schema": (
        lambda f: make(BROKEN)(f.schema), "degraded", "config.schema.yaml", {
            "mend": lambda f: make(SCHEMA)(f.schema),
            "remove": lambda f: f.schema.unlink(),
            "empty": lambda f: f.schema.write_text("# none\n"),
        }),
    "wrong-locks": (
        lambda f: make("no pointer\n")(f.locks), "degraded", "locks", {
            "mend": lambda f: make("/logging\n")(f.locks),
            "remove": lambda f: f.locks.unlink(),
            "empty": lambda f: make("")(f.locks),
        }),
    "value-not-allowed": (
        lambda f: (make(SCHEMA)(f.schema), make("llm: {active: 7}\n")(f.runtime)),
        "degraded", "/llm/active", {
            "edit": lambda f: make("llm: {active: groq}\n")(f.runtime),
            "set": lambda f: f.config.set("/llm/active", "groq"),
            "reset": lambda f: f.config.reset("/llm/active"),
            "remove-schema": lambda f: f.schema.unlink(),
            "other-schema": lambda f: make("type: object\n")(f.schema),
            "remove": lambda f: f.runtime.unlink(),
        }),
    "overrides-unreadable": (
        lambda f: f.runtime.chmod(0), "degraded", "runtime_config.yaml", {
            "permission": lambda f: f.runtime.chmod(0o644),
            "remove": lambda f: f.runtime.unlink(),
            "replace": lambda f: (f.runtime.unlink(), make("llm: {active: groq}\n")(f.runtime)),
        }),
    "overrides-a-directory": (
        lambda f: (f.runtime.unlink(), f.runtime.mkdir()), "degraded", "directory", {
            "remove": lambda f: f.runtime.rmdir(),
            "replace": lambda f: (f.runtime.rmdir(), make("llm: {active: groq}\n")(f.runtime)),
        }),
    "defaults-unreadable": (
        lambda f: f.defaults.chmod(0), "degraded", "config.yaml", {
            "permission": lambda f: f.defaults.chmod(0o644),
            "replace": lambda f: (f.defaults.unlink(), make(DEFAULTS)(f.defaults)),
        }),
    "folder-not-writable": (
        lambda f: (f.var.chmod(0o555), f.try_set()), "degraded", "ermission denied", {
            "permission": lambda f: f.var.chmod(0o755),
            "permission-and-set": lambda f: (
                f.var.chmod(0o755), f.config.set("/llm/active", "groq")),
            "permission-and-reload": lambda f: (f.var.chmod(0o755), f.reload()),
        }),
    "broken-text-that-cannot-be-kept": (
        lambda f: (f.var.chmod(0o555), f.runtime.write_text(BROKEN)), "degraded",
        "it can't be repaired", {
            "set": lambda f: (f.var.chmod(0o755), f.config.set("/llm/active", "groq")),
            "edit": lambda f: (f.var.chmod(0o755), make("llm: {active: groq}\n")(f.runtime)),
        }),
    "overrides-too-large": (
        lambda f: make(TOO_LARGE)(f.runtime), "degraded", "16 MiB", {
            "edit": lambda f: make("llm: {active: groq}\n")(f.runtime),
            "remove": lambda f: f.runtime.unlink(),
        }),
    "defaults-too-large": (
        lambda f: make(TOO_LARGE)(f.defaults), "degraded", "16 MiB", {
            "put-back": lambda f: make(DEFAULTS)(f.defaults),
        }),
    "no-folder-of-overrides": (
        lambda f: f.var.rename(f.away), "degraded", "var", {
            "put-back": lambda f: f.away.rename(f.var),
            "empty": lambda f: f.make_folder(),
            "empty-and-set": lambda f: (f.make_folder(), f.config.set("/llm/active", "groq")),
        }),
    "schema-unreadable": (
        lambda f: (make(SCHEMA)(f.schema), f.schema.chmod(0)), "degraded", "config.schema.yaml", {
            "permission": lambda f: f.schema.chmod(0o644),
            "remove": lambda f: f.schema.unlink(),
            "replace": lambda f: make(SCHEMA)(f.schema),
        }),
    "locks-unreadable": (
        lambda f: (make("/logging\n")(f.locks), f.locks.chmod(0)), "degraded", "locks", {
            "permission": lambda f: f.locks.chmod(0o644),
            "remove": lambda f: f.locks.unlink(),
            "replace": lambda f: make("/logging\n")(f.locks),
        }),
    "history-damaged": (
        lambda f: f.restart_with_history(b"no database at all" * 100), "degraded", "history", {
            "set": lambda f: f.config.set("/llm/active", "groq"),
            "edit": lambda f: make("llm: {active: groq}\n")(f.runtime),
        }),
    "history-not-writable": (
        lambda f: (f.service.history_file.chmod(0o400), f.service.var.chmod(0o555),
                   f.service.restart(), f.var.chmod(0o755)), "degraded", "history", {
            "permission": lambda f: f.history_file.chmod(0o600),
            "remove": lambda f: f.history_file.unlink(),
        }),
}


@pytest.mark.parametrize("cause, end", [
    (cause, end) for cause, (_, _, _, ends) in CAUSES.items() for end in ends
])
def test_a_state_ends_with_its_cause(unprivileged, cause, end):
    service = unprivileged
    service.expect(".yaml", "history", "locks")
    begin, state, word, ends = CAUSES[cause]
    files = Files(service, service.start())
    assert files.config.set("/llm/temperature", 0.9) == 1
    begin(files)
    eventually(lambda: files.config.state == state and word in files.config.state_message,
               f"{state}, {word}")
    ends[end](files)
    eventually(lambda: files.config.state == "ok", f"{end}: {files.config.state_message}")
    assert files.config.state_message == ""
    assert files.config.set("/llm/temperature", 1.1) > 1


def test_each_of_several_causes_ends_alone(service):
    """StateMessage names the causes that are left."""
    service.expect(".yaml", "locks")
    files = Files(service, service.start())
    names = ["broken-schema", "wrong-locks", "broken-defaults", "broken-overrides"]
    words = {"broken-schema": "config.schema.yaml", "wrong-locks": str(service.locks),
             "broken-defaults": str(service.defaults), "broken-overrides": "runtime_config.yaml:"}

    def are_named(left):
        message = files.config.state_message
        return all((words[name] in message) == (name in left) for name in names)

    for number, name in enumerate(names, start=1):
        CAUSES[name][0](files)
        eventually(lambda: are_named(names[:number]), name)
    for number, name in enumerate(names, start=1):
        [*CAUSES[name][3].values()][0](files)
        eventually(lambda: are_named(names[number:]), name)
    assert (files.config.state, files.config.state_message) == ("ok", "")


def test_a_text_that_could_not_be_kept_is_kept_in_the_end(unprivileged):
    service = unprivileged
    service.expect(".yaml")
    config = service.start()
    config.set("/llm/active", "groq")
    service.var.chmod(0o555)
    service.runtime.write_text(BROKEN)
    eventually(lambda: "it can't be repaired" in config.state_message)
    service.var.chmod(0o755)
    eventually(lambda: config.state == "recovered")
    (copy,) = service.corrupt_copies()
    assert str(copy) in config.state_message
    assert copy.read_text() == BROKEN


def test_a_start_that_could_write_nothing_writes_later(unprivileged):
    service = unprivileged
    service.expect(".yaml", "history")
    service.start().set("/llm/active", "groq")
    service.stop()
    service.var.chmod(0o555)
    service.state_file.chmod(0o400)
    config = service.start()
    assert config.get("/llm/active") == "groq"
    with pytest.raises(Refusal):
        config.set("/llm/active", "ollama")
    service.state_file.chmod(0o600)
    service.var.chmod(0o755)
    assert config.set("/llm/active", "ollama") == 2
    eventually(lambda: config.state == "ok")
    config = service.restart()
    assert (config.get("/llm/active"), config.version) == ("ollama", 2)


def test_a_folder_that_is_replaced_gets_all_that_is_kept(config, service):
    config.set("/llm/active", "groq")
    away = service.var.with_name("away")
    shutil.copytree(service.var, away, ignore=shutil.ignore_patterns("*.tmp"))
    service.var.rename(service.var.with_name("old"))
    away.rename(service.var)
    assert config.set("/llm/active", "ollama") == 2
    config = service.restart()
    assert config.version == 2
    assert [change["version"] for change in config.history()] == [2, 1]
    assert config.state == "ok"


# ------------------------------------------------------------------------------- folders above the files


@contextlib.contextmanager
def state_heard(service, config):
    """Yields a function that waits for a state without a call to the service: a call has it look at the files."""
    connection = connect(service.bus.address)
    heard = []
    connection.signal_subscribe(
        BUS_NAME, "org.freedesktop.DBus.Properties", "PropertiesChanged", config.path, None, 0,
        lambda *arguments: heard.append(arguments[5].unpack()[1].get("State")))
    connection.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId", None, None, 0, -1, None)

    def wait(state):
        iterate(GLib.MainContext.default(), lambda: state in heard, state, SOON)
        heard.clear()

    yield wait
    connection.close_sync(None)


def rename_and_put_back(parent, wait, turn):
    away = parent.with_name(f"away-{turn}")
    parent.rename(away)
    wait("degraded")
    away.rename(parent)
    wait("ok")


def rename_and_make(parent, wait, turn):
    """The new folder comes without the values, or without the history."""
    away = parent.with_name(f"away-{turn}")
    parent.rename(away)
    wait("degraded")
    fresh = parent.with_name("fresh")
    shutil.copytree(away, fresh, ignore=lambda *_: [".runtime_config.yaml.lock"])
    fresh.rename(parent)
    wait("ok")


either_way = pytest.mark.parametrize("replace", [rename_and_put_back, rename_and_make])


@either_way
@pytest.mark.parametrize("files", ["overrides", "defaults"])
def test_a_folder_above_is_followed_each_time(service, files, replace):
    service.expect(".yaml", "history")
    above = service.folder / "above"
    above.mkdir()
    folder = service.var if files == "overrides" else service.etc
    moved = above / "between" / folder.name
    moved.parent.mkdir()
    folder.rename(moved)
    if files == "overrides":
        service.var, service.runtime = moved, moved / service.runtime.name
    else:
        service.etc, service.defaults = moved, moved / service.defaults.name
    config = service.start()
    config.set("/llm/active", "groq")
    with state_heard(service, config) as wait:
        for turn in range(3):
            for parent in (above, above / "between"):
                replace(parent, wait, f"{turn}-{parent.name}")
    assert config.get("/llm/active") == "groq"


@either_way
@pytest.mark.parametrize("level", ["lib", "runconf"])
def test_a_folder_above_all_overrides_is_followed_each_time(many, level, replace):
    many.expect("runtime_config.yaml", "history")
    many.add("one")
    config = many.start().config("one")
    config.set("/a", 2)
    parent = many.state if level == "runconf" else many.state.parent
    with state_heard(many, config) as wait:
        for turn in range(3):
            replace(parent, wait, turn)
    assert config.get("/a") == 2


def test_a_folder_that_is_missed_is_not_made_by_a_write(many):
    """It may be unmounted: a folder in its place would hide the values."""
    many.expect("runtime_config.yaml", "folder doesn't exist")
    many.add("one")
    config = many.start().config("one")
    config.set("/a", 2)
    folder = many.state / "one"
    away = many.state.parent / "away"
    folder.rename(away)
    for value in (3, 4):
        with config.refuses("StorageFailed", "runtime_config.yaml", "its folder doesn't exist"):
            config.set("/a", value)
        assert not folder.exists()
    assert config.get("/a") == 2
    away.rename(folder)
    eventually(lambda: config.state == "ok", "the folder is back", SOON)
    config.set("/a", 5)
    assert "a: 5" in many.runtime_of("one").read_text()


def test_an_empty_folder_in_place_of_all_overrides(many):
    """A new folder of each configuration is made by hand, or all are put back."""
    many.expect("runtime_config.yaml", "history")
    many.add("one")
    config = many.start().config("one")
    config.set("/a", 2)
    many.state.rename(many.state.parent / "away")
    many.state.mkdir()
    with config.refuses("StorageFailed", "its folder doesn't exist"):
        config.set("/a", 3)
    (many.state / "one").mkdir()
    eventually(lambda: config.state == "ok", "the folder is there", SOON)
    config.set("/a", 4)
    assert config.get("/a") == 4
    assert "a: 4" in many.runtime_of("one").read_text()
