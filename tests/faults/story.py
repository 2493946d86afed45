# SPDX-License-Identifier: LGPL-2.1-or-later
"""What clients and authors do to a service on a recorded disk, and what each of them was promised.

A position is a size of the recorder's log: what was answered at one is durable in all later ones.
"""

import contextlib
import copy
import hashlib
import json
import os
import random
import re
import threading
import time

from faults_testing import get_overrides
from gi.repository import GLib
from runconf_testing import Refusal, eventually, wait_for_answers

SCHEMA = "properties: {guarded: {type: integer}}\n"
HAND = "# mine, by hand\nhand: 0  # stays\n"
COMMENTS = ["# mine, by hand", "# stays"]

# where an author saves a text before the rename
DRAFT = "draft"


def brief(value):
    """The same value with a digest in the place of each long text."""
    if isinstance(value, dict):
        return {key: brief(child) for key, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [brief(child) for child in value]
    if isinstance(value, str) and len(value) > 100:
        return f"{len(value)} characters, {hashlib.sha1(value.encode()).hexdigest()[:12]}"
    return value


def sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def changed(tree, call):
    """The overrides after a call."""
    tree = copy.deepcopy(tree)
    method, *arguments = call
    if method == "apply":
        method, *arguments = arguments[0]
    if method == "merge":
        tree.update(arguments[0])
    elif method == "reset":
        tree.pop(arguments[0][1:], None)
    else:
        *parents, key = arguments[0][1:].split("/")
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[key] = arguments[1]
    return tree


class Story:
    """Tells a story of random steps; `rng` makes them."""

    def __init__(self, service, get_position, seed):
        self.service = service
        self.get_position = get_position
        self.rng = random.Random(seed)
        self.number = 0
        # each has the positions at which it was asked for and answered, and its version
        self.changes = []
        # the overrides at each version, and the entries of the history
        self.tree = {"hand": 0}
        self.trees = [self.tree]
        self.entries = [None]
        # from where to where an author writes in place, who may tear the text
        self.torn = []
        # from where to where a change waits for its confirmation, and its version
        self.unconfirmed = []
        # a change that has no call: how it is noted when it is found
        self.uncalled = None

    # what the steps are made of

    def next(self):
        self.number += 1
        return self.number

    def begin_change(self, *call):
        change = {"asked": self.get_position(), "answered": None, "version": None, "call": call}
        self.changes.append(change)
        return change

    def end_change(self, change, version):
        change["answered"] = self.get_position()
        change["version"] = version

    def call(self, client, method, *arguments, **options):
        change = self.begin_change(method, *arguments)
        answer = getattr(client, method)(*arguments, **options)
        self.end_change(change, answer if isinstance(answer, int) else answer.version)
        return change

    def set_later(self, count):
        """Sets without a pause; the list is that of the answers to come."""
        answers = []
        for _ in range(count):
            change = self.begin_change("set", f"/later/k{self.rng.randrange(4)}", self.next())

            def answered(answer, change=change):
                if isinstance(answer, int):
                    self.end_change(change, answer)
                answers.append(answer)

            self.client.set_later(*change["call"][1:], answered)
        return answers

    def collect(self):
        """Takes down the versions since the last time, when all calls are answered."""
        first, last = len(self.trees), self.client.version
        past = self.client.history("", limit=10000, since_version=first - 1)
        entries = {entry["version"]: entry for entry in past}
        assert sorted(entries) == [*range(first, last + 1)], f"{sorted(entries)} from {first} to {last}"
        called = {change["version"]: change for change in self.changes}
        for version in range(first, last + 1):
            tree = json.loads(self.client.dump("", "overrides", "json", version=version))
            tree.pop("_runtime_config", None)
            self.note(version, called.get(version), entries[version], tree)
        assert get_overrides(self.client) == self.tree

    def note(self, version, change, entry, tree):
        change = change or self.find_unanswered(entry) or self.uncalled_change(entry)
        change["version"] = version
        if "call" in change:
            wanted = changed(self.tree, change["call"])
            assert tree == wanted, f"{version}: {brief(tree)} after {brief(change['call'])}"
        self.tree = tree
        self.trees.append(brief(tree))
        self.entries.append(brief(entry))

    def find_unanswered(self, entry):
        values = [new for _, _, new in entry["changes"]]
        return next((change for change in self.changes if change["version"] is None
                     and "call" in change and change["call"][2] in values), None)

    def uncalled_change(self, entry):
        assert self.uncalled, f"nobody has made {entry}"
        change = {**self.uncalled, "origin": entry["origin"]}
        self.changes.append(change)
        return change

    def expect_uncalled(self, asked, answered, synced=None):
        self.uncalled = {"asked": asked, "answered": answered, "synced": synced}

    # calls

    def some_sets(self):
        for _ in range(self.rng.randint(2, 6)):
            self.call(self.client, "set", f"/one/k{self.rng.randrange(3)}", self.next())

    def batch(self):
        count = self.rng.randint(5, 20)
        answers = self.set_later(count)
        wait_for_answers(answers, count)

    def crowd(self):
        def write(client, name, numbers):
            for number in numbers:
                self.call(client, "set", f"/{name}", number)

        threads = [
            threading.Thread(target=write, args=(client, f"crowd{index}", [self.next() for _ in range(4)]))
            for index, client in enumerate(self.crowd_clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def merge(self):
        number = self.next()
        self.call(self.client, "merge", {"merged": number, "m": [number, "two"], "flag": number % 2 == 0})

    def set_and_reset(self):
        self.call(self.client, "set", "/gone", self.next())
        self.call(self.client, "reset", "/gone")

    def large(self):
        text = self.rng.randbytes(self.rng.randint(20_000, 50_000)).hex()
        self.call(self.client, "set", f"/large{self.rng.randrange(2)}", text)

    def refused(self):
        with contextlib.suppress(Refusal):
            self.client.set("/guarded", f"never {self.next()}")
            raise AssertionError("a value that the schema refuses was answered")

    def timed(self):
        """A change that nobody confirms."""
        change = self.call(self.client, "apply", ("set", "/timed", self.next()), confirm_timeout=1)
        eventually(lambda: self.client.version == change["version"] + 1)
        self.expect_uncalled(change["asked"], self.get_position())
        self.unconfirmed.append((change["asked"], self.get_position(), change["version"]))

    def confirmed(self):
        change = self.call(self.client, "apply", ("set", "/timed", self.next()), confirm_timeout=1)
        self.client.confirm(change["version"])
        self.unconfirmed.append((change["asked"], self.get_position(), change["version"]))

    # saves by hand

    def edited(self, text=None):
        text = text or self.service.runtime.read_text()
        return re.sub(r"^hand: \d+", f"hand: {self.next()}", text, flags=re.M)

    def save_by_rename(self, text):
        asked = self.get_position()
        draft = self.service.var / DRAFT
        draft.write_text(text)
        sync(draft)
        draft.rename(self.service.runtime)
        sync(self.service.var)
        self.expect_uncalled(asked, None, self.get_position())

    def save_in_place(self, text):
        asked = self.get_position()
        with self.service.runtime.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        self.torn.append((asked, self.get_position()))
        self.expect_uncalled(asked, None, self.get_position())

    def wait_for_edit(self):
        eventually(lambda: self.client.get("/hand") == self.number)
        self.uncalled["answered"] = self.get_position()

    def edit(self):
        save = self.rng.choice([self.save_by_rename, self.save_in_place])
        save(self.edited())
        self.wait_for_edit()

    def edit_older_text(self):
        text = self.service.runtime.read_text()
        self.some_sets()
        self.collect()
        self.save_by_rename(self.edited(text))
        self.wait_for_edit()

    def edit_and_set(self):
        save = self.rng.choice([self.save_by_rename, self.save_in_place])
        save(self.edited())
        time.sleep(self.rng.choice([0, 0, 0.05, 0.1]))
        self.call(self.client, "set", "/one/k0", self.next())
        self.uncalled["answered"] = self.get_position()

    # the other files

    def change_defaults(self):
        version, asked = self.client.version, self.get_position()
        draft = self.service.defaults.with_suffix(".draft")
        draft.write_text(f"n: {self.next()}\nchat: {{}}\n")
        draft.rename(self.service.defaults)
        eventually(lambda: self.client.version == version + 1)
        self.expect_uncalled(asked, self.get_position())

    # the service

    def restart(self):
        self.client = self.service.restart()

    def kill(self):
        """Kills the service while it writes."""
        answers = self.set_later(8)
        context = GLib.MainContext.default()
        end = time.monotonic() + self.rng.uniform(0, 0.02)
        while time.monotonic() < end:
            context.iteration(False)
        self.service.kill()
        wait_for_answers(answers, 8)
        self.client = self.service.start()

    def pause(self):
        time.sleep(self.rng.uniform(0.3, 2))

    STEPS = [some_sets, batch, crowd, merge, set_and_reset, large, refused, timed, confirmed, edit,
             edit_older_text, edit_and_set, change_defaults, restart, kill, pause]

    # the whole

    def begin(self):
        self.service.schema.write_text(SCHEMA)
        self.save_by_rename(HAND)
        self.client = self.service.start()
        self.crowd_clients = [self.service.client() for _ in range(3)]
        self.collect()
        self.uncalled = None
        self.first = self.get_position()

    def tell(self, rounds):
        """Takes all steps in random order, `rounds` times; returns what `cuts.py` checks."""
        self.begin()
        for _ in range(rounds):
            steps = [*self.STEPS, Story.some_sets, Story.edit_and_set, Story.pause]
            self.rng.shuffle(steps)
            for step in steps:
                step(self)
                self.collect()
                self.uncalled = None
        return {
            "first": self.first, "last": self.get_position(), "trees": self.trees, "entries": self.entries,
            "changes": [{name: change.get(name) for name in ("asked", "answered", "synced", "version", "origin")}
                        for change in self.changes],
            "torn": self.torn, "unconfirmed": self.unconfirmed,
        }
