# SPDX-License-Identifier: LGPL-2.1-or-later
"""Overrides for this boot: in force at once, in a file of their own, and gone after a reboot."""

import os
import random
import shutil
import stat
import threading
import time

import pytest
from runconf_testing import Refusal, Vanished, closing, eventually
from values_testing import ABSENT
from many_testing import Many, Session

# how often the daemon is killed
KILLS = int(os.environ.get("RUNCONF_KILLS", 200)) // 10


class Booted(Many):
    """A daemon on the folders of a system. A reboot is a start with an empty /run."""

    def __init__(self, bus, folder):
        super().__init__(bus, folder)
        self.run = self.root / "run/runconf"
        self.run.mkdir(parents=True)
        self.add("one", "a: 1\nb: {c: 2, d: 3}\n")

    @property
    def boot(self):
        return self.run / "one/runtime_config.yaml"

    @property
    def lasting(self):
        return self.runtime_of("one")

    def open(self, *options):
        self.start(*options)
        return self.config("one")

    def again(self, *options):
        self.stop()
        return self.open(*options)

    def empty_run(self):
        shutil.rmtree(self.run)
        self.run.mkdir()

    def reboot(self, *options):
        self.stop()
        self.empty_run()
        return self.open(*options)


@pytest.fixture
def machine(bus, scratch):
    yield from closing(Booted(bus, scratch / "machine"))


@pytest.fixture
def one(machine):
    return machine.open()


def test_an_override_for_this_boot_is_in_force_and_gone_after_a_reboot(machine, one):
    one.set("/b/c", 20)
    with one.signals() as seen:
        assert one.apply(("set", "/a", 10), ("set", "/b/d", 30), boot=True) == (2, ["/a", "/b/d"])
        assert seen.wait().paths == ["/a", "/b/d"]
    assert one.get() == {"a": 10, "b": {"c": 20, "d": 30}}
    assert one.dump_json(layer="boot") == {"a": 10, "b": {"d": 30}}
    assert one.dump_json(layer="overrides") == {"b": {"c": 20}}
    assert "d: 30" in machine.boot.read_text()
    one = machine.again()
    assert (one.version, one.get()) == (2, {"a": 10, "b": {"c": 20, "d": 30}})
    one = machine.reboot()
    assert (one.version, one.get()) == (3, {"a": 1, "b": {"c": 20, "d": 3}})
    last, boot, first = one.history()
    assert (last["origin"], last["layer"]) == ("boot", "boot")
    assert last["changes"] == [("/a", 10, ABSENT), ("/b/d", 30, ABSENT)]
    assert (boot["version"], boot["layer"], boot["uid"]) == (2, "boot", 0)
    assert "layer" not in first
    assert not machine.boot.exists() and one.state == "ok"
    one = machine.again()
    assert one.version == 3
    one.set("/a", 4)
    assert one.version == 4


def test_a_reset_uncovers_the_override_that_stays(one):
    one.set("/a", 5)
    one.apply(("set", "/a", 6), boot=True)
    one.set("/a", 7)
    assert one.get("/a") == 6
    assert one.describe("/a")["source"] == "boot"
    one.apply(("reset", "/a"), boot=True)
    assert one.get("/a") == 7
    assert one.describe("/a")["source"] == "override"
    with one.unchanged():
        one.apply(("reset", "/a"), boot=True)


def test_a_dry_run_changes_nothing(machine, one):
    assert one.apply(("set", "/a", 6), boot=True, dry_run=True) == (0, ["/a"])
    assert not machine.boot.exists() and one.get("/a") == 1


def test_a_save_leaves_the_overrides_for_this_boot_out(machine, one):
    one.apply(("set", "/a", 6), ("set", "/b/new", True), boot=True)
    tree = one.get()
    tree["b"]["c"] = 9
    one.save(tree)
    assert one.dump_json(layer="overrides") == {"b": {"c": 9}}
    assert one.get() == {"a": 6, "b": {"c": 9, "d": 3, "new": True}}
    assert machine.reboot().get() == {"a": 1, "b": {"c": 9, "d": 3}}


def test_a_revert_restores_both_layers(machine, one):
    one.set("/a", 5)
    one.apply(("set", "/b/c", 6), boot=True)
    one.set("/a", 7)
    one.apply(("set", "/b/c", 8), boot=True)
    assert one.diff(1, 4) == [("/a", 5, 7), ("/b/c", 2, 8)]
    assert one.revert(2, dry_run=True) == (4, ["/a", "/b/c"])
    version, paths = one.revert(2)
    assert (version, sorted(paths)) == (6, ["/a", "/b/c"])
    assert one.get() == {"a": 5, "b": {"c": 6, "d": 3}}
    with one.refuses("InvalidValue", "confirm-timeout"):
        one.revert(4, confirm_timeout=60)
    one = machine.reboot()
    assert (one.version, one.get("/b/c")) == (7, 2)
    assert one.revert(6)[0] == 8
    assert one.get() == {"a": 5, "b": {"c": 6, "d": 3}}
    assert one.dump_json(layer="boot") == {"b": {"c": 6}}
    assert one.revert(1) == (9, ["/b/c"])
    assert one.dump_json(layer="boot") == {}


def test_an_unconfirmed_override_for_this_boot_goes_back(machine, one):
    one.set("/b/c", 4)
    one.apply(("set", "/a", 6), boot=True, confirm_timeout=1)
    one.set("/b/c", 5)
    eventually(lambda: one.get("/a") == 1)
    assert one.get("/b/c") == 5
    assert one.history()[0]["layer"] == "boot"
    version, _ = one.apply(("set", "/a", 7), boot=True, confirm_timeout=60)
    one = machine.reboot()
    with one.refuses("NotFound"):
        eventually(lambda: one.confirm(version))
    assert one.get("/a") == 1


def test_an_edit_by_hand_is_noticed_before_and_after_the_first_write(machine, one):
    machine.boot.parent.mkdir()
    machine.boot.write_text("a: 40\n")
    eventually(lambda: one.get("/a") == 40)
    one.apply(("set", "/b/c", 41), boot=True)
    assert "a: 40" in machine.boot.read_text()
    machine.boot.write_text(machine.boot.read_text().replace("a: 40", "a: 42  # by hand"))
    eventually(lambda: one.get("/a") == 42)
    assert [(entry["origin"], entry["layer"]) for entry in one.history()] == [
        ("file", "boot"), ("apply", "boot"), ("file", "boot")]
    one.apply(("set", "/b/c", 43), boot=True)
    assert "# by hand" in machine.boot.read_text()
    machine.boot.unlink()
    eventually(lambda: one.get() == {"a": 1, "b": {"c": 2, "d": 3}})
    machine.expect("boot")
    one.apply(("set", "/a", 44), boot=True)
    assert one.get("/a") == 44
    shutil.rmtree(machine.boot.parent)
    eventually(lambda: one.get("/a") == 1)
    one.apply(("set", "/a", 45), boot=True)
    assert "45" in machine.boot.read_text()


def test_an_edit_by_hand_while_the_service_is_down_is_a_change(machine, one):
    one.apply(("set", "/a", 6), boot=True)
    machine.stop()
    machine.boot.write_text("a: 7\n")
    one = machine.open()
    assert (one.version, one.get("/a")) == (2, 7)
    assert one.history()[0]["changes"] == [("/a", 6, 7)]


@pytest.mark.parametrize("option", ["last-good", "defaults"])
def test_a_broken_text_is_kept_aside(machine, option):
    one = machine.open(*(["--on-corrupt", option]))
    one.set("/b/c", 5)
    one.apply(("set", "/a", 6), boot=True)
    machine.expect("not valid", "is kept as")
    machine.boot.write_text("a: [\n")
    eventually(lambda: one.state == "recovered")
    assert str(machine.boot) in one.state_message
    assert one.get() == {"a": 6 if option == "last-good" else 1, "b": {"c": 5, "d": 3}}
    assert list(machine.boot.parent.glob("runtime_config.yaml.corrupt-*"))
    one.apply(("set", "/a", 8), boot=True)
    assert (one.state, one.get("/a")) == ("ok", 8)


def test_a_lock_and_the_schema_hold_for_both(machine):
    machine.add("one", "/a\n", file="locks")
    machine.add("one", "properties: {b: {properties: {c: {maximum: 10}}}}\n",
                file="config.schema.yaml")
    one = machine.open()
    with one.refuses("Locked", "/a"):
        one.apply(("set", "/a", 6), boot=True)
    with one.refuses("SchemaViolation", "/b/c"):
        one.apply(("set", "/b/c", 11), boot=True)
    one.apply(("set", "/b/c", 9), boot=True)
    machine.expect("locked", "maximum", "at most")
    machine.boot.write_text("a: 6\nb: {c: 12}\n")
    eventually(lambda: one.state == "degraded")
    assert f"{machine.boot}:2" in one.state_message
    assert one.get() == {"a": 1, "b": {"c": 2, "d": 3}}
    one.set("/b/c", 8)
    assert one.get("/b/c") == 8


def test_a_secret_is_in_no_history(machine):
    machine.add("one", "properties: {a: {writeOnly: true}}\n", file="config.schema.yaml")
    one = machine.open()
    one.apply(("set", "/a", "swordfish"), boot=True)
    one.apply(("set", "/b/c", 3), boot=True)
    assert one.get() == {"b": {"c": 3, "d": 3}}
    assert [entry["layer"] for entry in one.history()] == ["boot", "boot"]
    for path in machine.lasting.parent.iterdir():
        assert b"swordfish" not in path.read_bytes(), path
    one = machine.again()
    assert one.version == 2
    assert "swordfish" in one.dump(layer="boot", secrets=True)
    assert machine.reboot().dump_json(layer="boot") == {}


def test_only_the_service_can_read_the_file(machine, one):
    one.apply(("set", "/a", 6), boot=True)
    assert stat.S_IMODE(machine.boot.stat().st_mode) & 0o007 == 0
    assert stat.S_IMODE(machine.boot.parent.stat().st_mode) & 0o007 == 0


def test_a_link_out_of_the_folder_is_not_written_through(machine, one):
    elsewhere = machine.folder / "elsewhere"
    elsewhere.mkdir()
    machine.boot.parent.symlink_to(elsewhere)
    machine.expect("symbolic link")
    with one.refuses("StorageFailed", "symbolic link"):
        one.apply(("set", "/a", 6), boot=True)
    assert list(elsewhere.glob("runtime_config.yaml")) == [] and one.get("/a") == 1


def test_the_text_behind_a_link_out_of_the_folder_is_not_read(machine, one):
    elsewhere = machine.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "runtime_config.yaml").write_text("a: 6\n")
    machine.boot.parent.symlink_to(elsewhere)
    one.reload()
    assert one.get("/a") == 1
    assert [path.name for path in elsewhere.iterdir()] == ["runtime_config.yaml"]

    machine.stop()
    machine.expect("leads out of its folder")
    machine.start()
    assert machine.names() == []
    machine.stop()
    machine.boot.parent.unlink()
    assert machine.open().get("/a") == 1


def test_tags_in_the_overrides_for_this_boot(machine, one):
    one.set("/b/c", 5)
    one.apply(("unset", "/a", None), ("replace", "/b", {"e": 6}), boot=True)
    assert one.get() == {"b": {"e": 6}}
    assert [entry["layer"] for entry in one.explain("/b/c")] == ["boot", "override", "vendor"]
    one.save(one.get())
    one.apply(("reset", "", None), boot=True)
    assert one.get() == {"a": 1, "b": {"c": 5, "d": 3}}


def test_changes_of_both_layers_keep_their_order(machine, one):
    for i in range(20):
        one.apply(("set", "/a", i), boot=i % 2 == 0)
    assert one.version == 20
    assert one.get("/a") == 18 and one.dump_json(layer="overrides") == {"a": 19}
    assert [entry.get("layer") for entry in one.history()] == [None, "boot"] * 10


def test_a_service_without_folders_refuses(config):
    with config.refuses("Unavailable", "this boot"):
        config.apply(("set", "/chat/websocket/port", 1), boot=True)
    with config.refuses("InvalidValue", "boot"):
        config.save(config.get(), boot=True)


def test_a_service_without_a_history_forgets(machine):
    one = machine.open("--history-count", "0")
    one.apply(("set", "/a", 6), boot=True)
    one = machine.again("--history-count", "0")
    assert (one.version, one.get("/a")) == (1, 6)
    one = machine.reboot("--history-count", "0")
    assert one.get("/a") == 1
    assert one.version >= 1


class BootedSession(Session):
    def start(self, *options, prefix=()):
        super().start(*options, prefix=prefix)
        return self.config("one")


def test_a_session_needs_a_runtime_folder(bus, scratch):
    service = BootedSession(bus, scratch / "session")
    runtime = scratch / "runtime"
    runtime.mkdir()
    service.add("one", "a: 1\n", base=service.etc)
    service.environment["XDG_RUNTIME_DIR"] = str(runtime)
    one = service.start()
    one.apply(("set", "/a", 2), boot=True)
    assert (runtime / "runconf/one/runtime_config.yaml").exists()
    service.stop()
    del service.environment["XDG_RUNTIME_DIR"]
    one = service.start()
    assert (one.version, one.get("/a")) == (2, 1)
    with one.refuses("Unavailable", "XDG_RUNTIME_DIR"):
        one.apply(("set", "/a", 2), boot=True)
    service.close()


class Writer(threading.Thread):
    """Makes changes until the daemon is killed."""

    def __init__(self, config, rng, state):
        super().__init__()
        self.config = config
        self.rng = rng
        self.version = 0
        self.states = [state]  # the last answered one, and the one that may have been made since

    def run(self):
        while True:
            layers = [dict(tree) for tree in self.states[0]]
            boot = self.rng.random() < 0.6
            key, value = f"k{self.rng.randrange(3)}", self.rng.randrange(1000)
            layers[boot][key] = value
            self.states = [self.states[0], layers]
            try:
                self.version, _ = self.config.apply(("set", f"/{key}", value), boot=boot)
            except (Refusal, Vanished):
                return
            self.states = [layers]


def test_a_kill_loses_no_answered_change(machine, one):
    """With a reboot or without, versions never go back, and the history leads to each of them."""
    rng = random.Random(14)
    machine.expect("is kept as", "lost-", "corrupt-")
    state, version = [{}, {}], 0
    for _ in range(max(KILLS, 5)):
        writer = Writer(one, rng, state)
        writer.start()
        time.sleep(rng.random() * 0.1)
        machine.kill()
        writer.join()
        rebooted = rng.random() < 0.4
        if rebooted:
            machine.empty_run()
        one = machine.open()
        state = [one.dump_json(layer="overrides"), one.dump_json(layer="boot")]
        wanted = [[lasting, {} if rebooted else boot] for lasting, boot in writer.states]
        assert state in wanted, (rebooted, machine.log()[-2000:])
        assert one.version >= max(version, writer.version)
        version = one.version
        newest = one.history(limit=1)
        assert not newest or newest[0]["version"] == version, newest
    assert one.diff(version, version) == []
    oldest = one.history(limit=1000)[-1]["version"]
    assert oldest == 1
    one.diff(0, version)


def test_explain_shows_the_layer_on_top(machine, one):
    one.set("/a", 5)
    one.apply(("set", "/a", 6), boot=True)
    entries = one.call("Explain", "(sa{sv})", "/a", {}).unpack()[0]
    assert [(entry["layer"], entry["value"]) for entry in entries] == [
        ("boot", 6), ("override", 5), ("vendor", 1)]
    assert entries[0]["file"] == str(machine.boot) and entries[0]["line"] > 1
    assert one.dump(layer="boot") == machine.boot.read_text()


def test_a_large_reboot_is_one_change(machine, one):
    """The paths of both layers are found in the history, whatever their number."""
    one.merge({"m": {f"k{i}": i for i in range(50)}})
    one.apply(("merge", "", {"m": {f"k{i}": -i for i in range(50)}}), boot=True)
    one = machine.reboot()
    assert [(entry["version"], entry["origin"]) for entry in one.history("/m/k7")] == [
        (3, "boot"), (2, "apply"), (1, "merge")]
    assert one.get("/m/k7") == 7
