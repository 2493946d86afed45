# SPDX-License-Identifier: LGPL-2.1-or-later
"""Editors, Sets and restarts in all orders, compared with a model of what each side changed.

RUNCONF_MODEL_SECONDS=600 runs the random part for longer.
"""

import itertools
import os
import random
import time

import pytest
import yaml
from runconf_testing import Service

SECONDS = float(os.environ.get("RUNCONF_MODEL_SECONDS", 6))
START = "# the first line\nkeep: 0  # stays\na: 0\nb: 0\n# the last line\n"
METADATA = "_runtime_config"


def without_metadata(text):
    """Takes the whole block out of a text."""
    lines, inside = [], False
    for line in text.splitlines(keepends=True):
        inside = line.startswith(METADATA) or (inside and line.startswith(" "))
        if not inside:
            lines.append(line)
    return "".join(lines)


def change_metadata(text, word, replacement):
    """Replaces the line of one key of the metadata, or takes it out."""
    return "".join(
        replacement if line.startswith("  ") and line.lstrip().startswith(word) else line
        for line in text.splitlines(keepends=True)
    )


MARKS = {
    "as it is": lambda text: text,
    "no metadata": without_metadata,
    "no version": lambda text: change_metadata(text, "version:", ""),
    "no time": lambda text: change_metadata(text, "last_modified:", ""),
    "a wrong version": lambda text: change_metadata(text, "version:", "  version: 9999\n"),
    "an older version": lambda text: change_metadata(text, "version:", "  version: 1\n"),
    "no number": lambda text: change_metadata(text, "version:", "  version: \"?\"\n"),
}


def by_rename(path, text):
    other = path.with_suffix(".new")
    other.write_text(text)
    other.rename(path)


def in_place(path, text):
    with path.open("r+") as file:
        file.write(text)
        file.truncate()


def by_truncating(path, text):
    path.write_text(text)


WAYS = [by_rename, in_place, by_truncating]


def values_of(text):
    values = yaml.safe_load(text) or {}
    values.pop(METADATA, None)
    return values


class Editor:
    """A text that was opened, and the changes that its author made since."""

    def __init__(self, text, version):
        self.text = text
        self.opened = values_of(text)
        # whether Runconf wrote the text that was opened, so that no other version looks like it
        self.is_numbered = f"  version: {version}\n" in text
        self.comments = []

    def put(self, key, value):
        lines = [line for line in self.text.splitlines() if not line.startswith(f"{key}:")]
        self.text = "\n".join([*lines, f"{key}: {value}"]) + "\n"

    def remove(self, key):
        self.text = "".join(line for line in self.text.splitlines(keepends=True)
                            if not line.startswith(f"{key}:"))

    def comment(self, number):
        line = f"# remark {number}"
        self.comments.append(line)
        self.text += line + "\n"

    @property
    def changes(self):
        """Key to value, or to None where the key was taken out."""
        now = values_of(self.text)
        return {key: now.get(key) for key in {*self.opened, *now}
                if now.get(key) != self.opened.get(key)}


class World:
    """The service, and a model of what has to be in force."""

    def __init__(self, bus, folder, *options):
        self.service = Service(bus, folder)
        self.options = options
        self.service.defaults.write_text("name: 1\n")
        self.service.runtime.write_text(START)
        self.client = self.service.start(*options)
        self.values = values_of(START)
        self.number = itertools.count(1)
        self.version = self.client.version
        self.editors = []
        self.steps = []

    # what happens

    def set(self, key):
        self.steps.append(f"Set {key}")
        value = next(self.number)
        self.client.set(f"/{key}", value)
        self.values[key] = value

    def reset(self, key):
        self.steps.append(f"Reset {key}")
        if key in self.values:
            self.client.reset(f"/{key}")
            del self.values[key]

    def open(self):
        self.steps.append("open")
        self.editors.append(Editor(self.service.runtime.read_text(), self.client.version))
        return self.editors[-1]

    def restart(self, kill):
        self.steps.append("kill" if kill else "restart")
        self.stop(kill)
        self.start()

    def stop(self, kill):
        self.service.kill() if kill else self.service.stop()

    def start(self):
        self.client = self.service.start(*self.options)

    def save(self, editor, mark="as it is", way=by_rename, down=None):
        """Saves, while the service is down if `down` tells how it ended."""
        text = MARKS[mark](editor.text)
        self.steps.append(f"save {way.__name__} with {mark}"
                          + (f" while it is down ({down})" if down else ""))
        for key, value in editor.changes.items():
            if value is None:
                self.values.pop(key, None)
            else:
                self.values[key] = value
        if down:
            self.stop(down == "kill")
            way(self.service.runtime, text)
            self.start()
        else:
            way(self.service.runtime, text)
        self.client.reload()
        self.check(editor)

    # what has to be

    def check(self, editor):
        story = "; ".join(self.steps)
        got = self.client.get()
        assert got.pop("name") == 1
        if "secret" in self.values:
            # the whole is told without it
            got["secret"] = self.client.get("/secret")
        assert got == self.values, story
        text = self.service.runtime.read_text()
        assert values_of(text) == self.values, story
        for line in editor.comments:
            assert line in text, f"{line} after {story}"
        assert "# the first line\n" in text and "keep: 0  # stays\n" in text, story
        version = self.client.version
        assert version >= self.version, story
        self.version = version

    def close(self):
        self.service.close()


@pytest.fixture
def worlds(bus, scratch):
    """Makes worlds, one at a time on the bus."""
    made = []

    def make(*options):
        if made:
            made[-1].close()
        made.append(World(bus, scratch / f"world{len(made)}", *options))
        return made[-1]

    yield make
    if made:
        made[-1].close()


# --------------------------------------------------------------------- each order of a few steps

BETWEEN = ["set a", "set n", "reset b", "restart", "kill"]
ORDERS = [order for length in (1, 2) for order in itertools.product(BETWEEN, repeat=length)
          if any(step.startswith(("set", "reset")) for step in order)]
# marks that leave no doubt which version was opened
NAMED = ["as it is", "no version", "no time", "a wrong version", "an older version"]


def do(world, step):
    verb, _, key = step.partition(" ")
    if verb in ("restart", "kill"):
        world.restart(verb == "kill")
    else:
        getattr(world, verb)(key)


@pytest.mark.parametrize("mark", MARKS)
def test_an_open_editor_loses_no_set_in_any_order(worlds, mark):
    """Open, one or two steps, an edit, and a save in each way, also while the service is down."""
    world = worlds()
    ways = itertools.cycle(WAYS)
    downs = itertools.cycle([None, None, None, "stop", None, None, "kill"])
    for order in ORDERS if mark in ("as it is", "no metadata") else ORDERS[::3]:
        world.steps.clear()
        for key in "bcm":
            world.set(key)
        editor = world.open()
        for step in order:
            do(world, step)
        editor.put("hand", next(world.number))
        editor.put("a", next(world.number))
        editor.comment(next(world.number))
        if mark in NAMED:
            editor.remove("c")
        world.save(editor, mark, next(ways), next(downs))


@pytest.mark.parametrize("mark", ["as it is", "no metadata"])
def test_without_a_history_an_open_editor_loses_no_set_until_a_restart(worlds, mark):
    world = worlds("--history-count", "0")
    for order in ORDERS:
        if "restart" in order or "kill" in order:
            continue
        world.steps.clear()
        world.set("b")
        world.set("m")
        editor = world.open()
        for step in order:
            do(world, step)
        editor.put("hand", next(world.number))
        world.save(editor, mark)


def test_without_a_history_a_save_after_a_restart_is_whole(worlds):
    world = worlds("--history-count", "0")
    world.set("m")
    editor = world.open()
    world.set("n")
    world.restart(False)
    editor.put("hand", 1)
    world.values.pop("n")
    world.save(editor)


SCHEMA = "properties: {secret: {writeOnly: true}}\n"


def make_secret(world):
    world.service.schema.write_text(SCHEMA)
    world.client.reload()
    world.set("secret")


def test_a_secret_set_meanwhile_stays(worlds):
    world = worlds()
    make_secret(world)
    editor = world.open()
    world.set("secret")
    editor.put("hand", next(world.number))
    world.save(editor)


def test_a_secret_changed_by_hand_wins(worlds):
    world = worlds()
    make_secret(world)
    editor = world.open()
    world.set("a")
    editor.put("secret", next(world.number))
    world.save(editor)


@pytest.mark.parametrize("kill", [False, True])
def test_a_secret_set_before_a_restart_stays(worlds, kill):
    """The history has no secrets: the ones in force stay, and the text is kept aside."""
    world = worlds()
    make_secret(world)
    editor = world.open()
    world.set("secret")
    world.restart(kill)
    editor.put("hand", next(world.number))
    world.save(editor)
    kept, = world.service.var.glob("runtime_config.yaml.lost-*")
    assert kept.read_text() == editor.text


@pytest.mark.parametrize("kill", [False, True])
def test_a_large_text_saved_while_the_service_is_down_loses_no_set(worlds, kill):
    """The history doesn't keep a text of this size, so what was in force isn't known as a whole."""
    world = worlds()
    editor = world.open()
    editor.put("long", "x" * 100_000)
    world.save(editor)
    world.set("m")
    editor = world.open()
    world.set("a")
    world.set("n")
    world.reset("b")
    editor.put("hand", next(world.number))
    editor.put("m", next(world.number))
    world.save(editor, down="kill" if kill else "stop")


def test_a_backup_restored_after_a_restart_is_whole(worlds):
    world = worlds()
    world.set("a")
    world.set("m")
    backup, values = world.service.runtime.read_text(), dict(world.values)
    world.set("a")
    world.set("n")
    world.restart(True)
    by_rename(world.service.runtime, backup)
    world.client.reload()
    assert world.service.runtime.read_text() == backup
    got = world.client.get()
    del got["name"]
    assert got == values


def test_of_two_saves_from_one_text_the_second_is_whole(worlds):
    world = worlds()
    world.set("a")
    first, second = world.open(), world.open()
    first.put("hand", 1)
    world.save(first)
    second.put("m", 2)
    world.values.pop("hand")
    world.save(second)


def test_values_that_a_guess_takes_out_are_kept_aside(worlds):
    """A text without metadata that looks like one from before a Reset is kept, since it may be new."""
    world = worlds()
    world.set("a")
    text = without_metadata(world.service.runtime.read_text())
    world.reset("b")
    saved = text + "hand: 7\n"
    by_rename(world.service.runtime, saved)
    world.client.reload()
    assert world.client.get("/hand") == 7
    kept = [*world.service.var.glob("runtime_config.yaml.lost-*")]
    assert [copy.read_text() for copy in kept] == [saved]
    assert kept[0].stat().st_mode & 0o077 == 0


# ------------------------------------------------------------------------------- random sequences


class Chance:
    """Takes random steps, but for those whose meaning nothing in the text tells."""

    def __init__(self, world, seed):
        self.world = world
        self.random = random.Random(seed)
        self.at = {}

    def pick_key(self):
        return self.random.choice("abcdef")

    def edit(self, editor):
        for _ in range(self.random.randint(1, 3)):
            kind = self.random.choice(["put", "put", "remove", "comment"])
            if kind == "put":
                editor.put(self.pick_key(), next(self.world.number))
            elif kind == "comment" or not editor.is_numbered:
                editor.comment(next(self.world.number))
            else:
                editor.remove(self.pick_key())
        editor.comment(next(self.world.number))

    def save(self):
        world = self.world
        editor = self.random.choice(world.editors)
        world.editors.remove(editor)
        self.edit(editor)
        removes = None in editor.changes.values()
        mark = self.random.choice(NAMED if removes else [*MARKS])
        down = self.random.choice([None] * 6 + ["stop", "kill"])
        world.save(editor, mark, self.random.choice(WAYS), down)
        for other in world.editors:
            # a key that both took out tells no more which of the two texts it was taken out of
            other.is_numbered = False
        # of two saves without a change of Runconf's between, the later one is meant as it is
        world.set("tick")

    def step(self):
        world = self.world
        kind = self.random.choice(["set", "set", "reset", "open", "save", "save", "revert", "restart",
                                   "kill"])
        if kind in ("set", "reset"):
            getattr(world, kind)(self.pick_key())
        elif kind == "open" and len(world.editors) < 3:
            world.open()
        elif kind == "save" and world.editors:
            self.save()
        elif kind == "revert" and self.at:
            self.revert()
        elif kind in ("restart", "kill") and self.random.random() < 0.3:
            world.restart(kind == "kill")
        if world.client.version > 0:
            self.at[world.client.version] = dict(world.values)

    def revert(self):
        version = self.random.choice([*self.at][-5:])
        self.world.steps.append(f"Revert {version}")
        self.world.client.revert(version)
        self.world.values = dict(self.at[version])


def test_random_steps_lose_nothing(worlds):
    end = time.monotonic() + SECONDS
    for seed in itertools.count(int(os.environ.get("RUNCONF_MODEL_SEED", 0))):
        world = worlds()
        world.steps.append(f"seed {seed}")
        chance = Chance(world, seed)
        for _ in range(40):
            chance.step()
        if time.monotonic() > end:
            break
