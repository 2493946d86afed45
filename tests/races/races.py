#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Edits by hand race against Sets of other paths, and nothing may be lost.

One race is a daemon, a thread that Sets paths below /bus all the time, and a hand that saves the
overrides' file again and again, in one of the ways in which programs save. Each save changes three
keys below /hand together. What counts as lost:

- a save whose values don't come into force;
- an answered Set whose value isn't there at the end, or after a restart;
- a signal that shows one of the three keys without the others: half of a save was taken for all;
- a comment that isn't in the file any more.

    races.py --saves 10000 [--kind rename-fresh] [--jobs 8] [--seed 1]

prints a table. RUNCONFD names the daemon.
"""

import argparse
import collections
import concurrent.futures
import multiprocessing
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "service"))

from runconf_testing import DBusDaemon, Service, Signals, eventually  # noqa: E402

KEYS = ("a", "b", "c")
N_PATHS = 8
PAD = "x" * 200

TEXT = """\
# the hand's own file
hand:
  # about a
  a: '0-{pad}-0'  # behind a
  b: '0-{pad}-0'
  # about c
  c: '0-{pad}-0'
# about the bus
bus: {{}}
# the end
""".format(pad=PAD)

COMMENTS = re.findall(r"#.*", TEXT)

# What one race found.
Result = collections.namedtuple(
    "Result", "kind saves sets lost_saves lost_sets torn lost_comments seconds notes")


def make_value(generation):
    return f"{generation}-{PAD}-{generation}"


def edit(text, generation):
    """What an author makes of the text: the three values, and nothing else."""
    new, count = re.subn(
        rb"(?m)^(  [abc]: ')[^']*(')", rb"\g<1>" + make_value(generation).encode() + rb"\g<2>", text)
    if count != len(KEYS):
        raise ValueError(f"not the text that was expected: {text!r}")
    return new


def read(path):
    """Somebody who saves by renames leaves no file for a moment."""
    return eventually(lambda: path.exists() and path.read_bytes(), "a text to edit")


# The ways to save. Each gets the path, the text to save, and what opened the file before.


def save_by_rename(path, text, _file):
    temporary = path.with_name("hand.tmp")
    temporary.write_bytes(text)
    temporary.rename(path)


def save_like_vim(path, text, _file):
    backup = path.with_name("hand.backup~")
    path.rename(backup)
    path.write_bytes(text)
    backup.unlink()


def save_truncating(path, text, _file):
    path.write_bytes(text)


def save_in_pieces(path, text, _file):
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(text), len(text) // 3 + 1):
            file.write(text[start : start + len(text) // 3 + 1])
            time.sleep(random.uniform(0, 0.03))


def save_over(path, text, _file):
    """Without emptying it first."""
    with path.open("r+b", buffering=0) as file:
        file.write(text[: len(text) // 2])
        time.sleep(random.uniform(0, 0.01))
        file.write(text[len(text) // 2 :])
        file.truncate()


def save_held(_path, text, file):
    """Into the file that was opened before others were answered: it may have no name any more."""
    file.seek(0)
    file.write(text[: len(text) // 2])
    time.sleep(random.uniform(0, 0.01))
    file.write(text[len(text) // 2 :])
    file.truncate()


WAYS = {
    "rename": save_by_rename,
    "vim": save_like_vim,
    "truncate": save_truncating,
    "pieces": save_in_pieces,
    "over": save_over,
    "held": save_held,
}
KINDS = [f"{way}-{age}" for way in WAYS for age in ("fresh", "stale")]


class Setter(threading.Thread):
    """Sets paths below /bus until it is told to end, and remembers what was answered."""

    def __init__(self, service, seed):
        super().__init__(daemon=True)
        self.client = service.client()
        self.random = random.Random(seed)
        self.answered = {}
        self.count = 0
        self.ending = threading.Event()
        self.error = None

    def run(self):
        try:
            while not self.ending.is_set():
                path = f"/bus/p{self.random.randrange(N_PATHS)}"
                self.client.set(path, self.count)
                self.answered[path] = self.count
                self.count += 1
                time.sleep(self.random.uniform(0, 0.01))
        except Exception as error:  # noqa: BLE001: told by the race
            self.error = error

    def wait_for_more(self, count):
        goal = self.count + count
        eventually(lambda: self.count >= goal or self.error, "answered Sets")

    def end(self):
        self.ending.set()
        self.join()
        if self.error is not None:
            raise self.error


def is_in_force(client, generation):
    return client.get("/hand/a") == make_value(generation)


def count_torn(signals):
    """Signals in which the hand's keys don't stand together."""
    torn = []
    for seen in signals:
        hand = [path for path in seen.paths if path.startswith("/hand")]
        if not hand:
            continue
        values = {seen.values.get(f"/hand/{key}") for key in KEYS}
        if len(values) != 1 or None in values:
            torn.append(f"{seen.version}, {seen.origin}: " + ", ".join(
                f"{path} {re.sub('x+', '…', str(seen.values.get(path)))}" for path in hand))
    return torn


def save_once(service, setter, way, is_stale, generation):
    """One save: from what is read now, or from what was there some Sets ago."""
    if way == "held":
        with service.runtime.open("r+b", buffering=0) as file:
            text = file.read()
            setter.wait_for_more(random.randrange(1, 4) if is_stale else 0)
            save_held(service.runtime, edit(text, generation), file)
        return
    text = read(service.runtime)
    if is_stale:
        setter.wait_for_more(random.randrange(1, 6))
    WAYS[way](service.runtime, edit(text, generation), None)


def race(service, client, setter, way, is_stale, saves):
    lost = []
    for generation in range(1, saves + 1):
        save_once(service, setter, way, is_stale, generation)
        try:
            eventually(lambda: setter.error or is_in_force(client, generation), "the save in force")
        except AssertionError:
            lost.append(f"save {generation}: {client.get('/hand/a')[:8]} is in force")
        if setter.error is not None:
            break
    return lost


def find_lost(client, answered):
    values = client.get("/bus")
    return [f"{path}: {values.get(path[5:])} instead of {value}"
            for path, value in answered.items() if values.get(path[5:]) != value]


def run_race(kind, saves, seed):
    """One race, on a scratch folder that goes afterwards."""
    random.seed(seed)
    way, age = kind.rsplit("-", 1)
    base = "/dev/shm" if os.path.isdir("/dev/shm") else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="runconf-race-", dir=base))
    start = time.monotonic()
    (folder / "bus").mkdir()
    bus = DBusDaemon(folder / "bus", "session")
    bus.start()
    try:
        service = Service(bus, folder / "service")
        service.defaults.write_text("bus: {}\nhand: {}\n")
        service.runtime.write_text(TEXT)
        client = service.start()
        # from here on the text carries a version, so that what is opened is known for certain
        client.set("/bus/first", 0)
        setter = Setter(service, seed)
        with Signals(bus.address, service.path) as seen:
            setter.start()
            notes = lost_saves = race(service, client, setter, way, age == "stale", saves)
            setter.end()
            torn = count_torn(seen.all())
        lost_sets = find_lost(client, setter.answered)
        text = service.runtime.read_text()
        client = service.restart()
        lost_sets += find_lost(client, setter.answered)
        lost_comments = [comment for comment in COMMENTS if comment not in text]
        strays = [path.name for path in [*service.stray_files(), *service.corrupt_copies()]]
        notes = [*notes, *lost_sets, *torn, *lost_comments, *strays, *service.log().splitlines()[:20]]
        service.close()
        return Result(kind, saves, setter.count, len(lost_saves), len(lost_sets), len(torn),
                      len(lost_comments) + len(strays), time.monotonic() - start, notes)
    finally:
        bus.stop()
        shutil.rmtree(folder, ignore_errors=True)


def make_pool(jobs):
    """Processes of their own: a fork doesn't survive GLib's threads."""
    return concurrent.futures.ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"))


def run_races(kinds, saves, seed, jobs):
    """Yields the result of each kind, made of shares that run beside each other."""
    shares = max(1, min(jobs, saves // 25))
    with make_pool(jobs) as pool:
        running = {
            kind: [pool.submit(run_race, kind, saves // shares, seed * 1000 + share)
                   for share in range(shares)]
            for kind in kinds
        }
        for kind in kinds:
            results = [future.result() for future in running[kind]]
            yield Result(kind, *(sum(column) for column in list(zip(*results))[1:-1]),
                         sum((result.notes for result in results), []))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--saves", type=int, default=10000)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--jobs", type=int, default=16)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    failed = False
    print(f"seed {options.seed}", file=sys.stderr)
    print("| save | from | saves | Sets answered | lost saves | lost Sets | half saves taken | "
          "lost comments |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for result in run_races(options.kind or KINDS, options.saves, options.seed, options.jobs):
        way, age = result.kind.rsplit("-", 1)
        print(f"| {way} | {age} | {result.saves:,} | {result.sets:,} | {result.lost_saves} | "
              f"{result.lost_sets} | {result.torn} | {result.lost_comments} |", flush=True)
        if result.lost_saves or result.lost_sets or result.torn or result.lost_comments:
            failed = True
            print("\n".join(result.notes[:40]), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
