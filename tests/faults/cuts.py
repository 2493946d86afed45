# SPDX-License-Identifier: LGPL-2.1-or-later
"""Power cuts that lose any of the writes that no flush had followed.

A story happens on a disk that logs its writes and flushes in their order. A cut is a position in
this log: what was flushed before it is on the disk, and of the writes since then any sectors. As
each write is there or not, a sector has any of its contents since the flush: this is what a disk
that writes in another order leaves, too. The kernel mounts the result, and a service starts on it.
"""

import bisect
import collections
import contextlib
import json
import mmap
import os
import pathlib
import random
import shutil
import struct
import subprocess
import time

import yaml
from faults_testing import (
    Outcome, get_overrides, make_pool, mounted_once, need, private_bus, read_overrides, run, scratch, serve_on,
)
from gi.repository import GLib
from runconf_testing import ROOT, Refusal, daemon_path
from story import COMMENTS, DRAFT, SCHEMA, Story, brief

DISK_SIZE = 24 << 20
CUTS_OF_A_STORY = 250

# The disks of the stories in turn. Without auto_da_alloc ext4 doesn't sync what is renamed by itself.
MOUNTS = ["noatime,noauto_da_alloc,data=ordered,commit=1",
          "noatime,noauto_da_alloc,data=writeback,commit=1",
          "noatime,noauto_da_alloc,data=ordered",
          "noatime,noauto_da_alloc,data=journal,commit=1"]

Cut = collections.namedtuple("Cut", "index choice")


# ------------------------------------------------------------------------------------- recorder


def recorder_path():
    """The recorder, as the build names it, or beside the daemon in its build."""
    if "RUNCONF_RECORDER" in os.environ:
        return pathlib.Path(os.environ["RUNCONF_RECORDER"])
    builds = [daemon_path().parents[2], ROOT / "build"]
    paths = [build / "tests/faults/recorder" for build in builds]
    return next((path for path in paths if path.exists()), paths[0])


@contextlib.contextmanager
def recorded(disk, log):
    """Makes of @disk a file whose writes and flushes are logged."""
    disk.touch()
    recorder = subprocess.Popen([recorder_path(), disk, str(DISK_SIZE), log], stdout=subprocess.PIPE)
    try:
        if not recorder.stdout.readline():
            raise RuntimeError("the recorder can't mount itself")
        try:
            yield
        finally:
            # a loop device may have it open for some time
            run("umount", "--lazy", str(disk))
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            recorder.wait(5)
        recorder.kill()
        recorder.wait()
        recorder.stdout.close()


def find_obstacle():
    """Why there can be no cuts here; None if they are possible."""
    try:
        need("mkfs.ext4", "mount", "losetup")
        with scratch(roomy()) as folder, recorded(folder / "disk", folder / "log"):
            run("mkfs.ext4", "-q", "-F", str(folder / "disk"))
            with mounted_once(folder / "disk", folder / "mount", "-o", "loop"):
                return None
    except (RuntimeError, OSError) as error:
        return str(error)
    except subprocess.CalledProcessError as error:
        return f"{error.cmd[0]}: {error.stderr.decode(errors='replace').strip()}"


def record(folder, options, seed, rounds):
    """Records a story into @folder."""
    disk, log = folder / "disk", folder / "log"
    with private_bus(folder) as bus, recorded(disk, log):
        run("mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0", "-O", "metadata_csum", "-E",
            "lazy_itable_init=0,lazy_journal_init=0,nodiscard", str(disk))
        with mounted_once(disk, folder / "mount", "-o", f"loop,{options}") as mount:
            service = serve_on(bus, folder / "service", mount)
            try:
                story = Story(service, lambda: log.stat().st_size, seed).tell(rounds)
            finally:
                service.kill()
                service.close()
    (folder / "story.json").write_text(json.dumps(story))


# --------------------------------------------------------------------------------------- replay


def roomy():
    """Where the disks are made: in memory, if there is enough."""
    shm = pathlib.Path("/dev/shm")
    return shm if shm.is_dir() and shutil.disk_usage(shm).free > 1 << 30 else pathlib.Path("/var/tmp")


class Log:
    """What the recorder wrote: `ends` has the position behind each entry."""

    HEADER = struct.Struct("=QII")

    def __init__(self, path):
        with path.open("rb") as file:
            self.bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.ends, self.writes, self.flushes = [], [], []
        position = 0
        while position + self.HEADER.size <= len(self.bytes):
            offset, length, is_flush = self.HEADER.unpack_from(self.bytes, position)
            if is_flush:
                self.flushes.append(len(self.ends))
            self.writes.append((offset, position + self.HEADER.size, length))
            position += self.HEADER.size + length
            self.ends.append(position)

    def find(self, position):
        """How many entries there were at a position."""
        return bisect.bisect_right(self.ends, position)

    def flushed(self, index):
        """How many of the first @index entries are flushed."""
        return ([0] + [flush + 1 for flush in self.flushes])[bisect.bisect_left(self.flushes, index)]

    def sectors(self, begin, end, size):
        """The sectors of some writes: entry, place on the disk, place in the log, length."""
        for index in range(begin, end):
            offset, start, length = self.writes[index]
            for step in range(0, length, size):
                yield index, offset + step, start + step, min(size, length - step)

    def apply(self, disk, begin, end):
        for _, offset, start, length in self.sectors(begin, end, 1 << 30):
            disk[offset : offset + length] = self.bytes[start : start + length]


def choose(log, cut):
    """The sectors that reach the disk although no flush had followed.

    ext4 itself doesn't survive a torn superblock, so that its first block is whole or lost.
    """
    rng = random.Random(cut.choice)
    tears = rng.random() < 0.7
    size = rng.choice([512, 4096]) if tears else 1 << 30
    chance = rng.choice([0, 0.1, 0.5, 0.5, 0.9, 1])
    chosen = {}
    for sector in log.sectors(log.flushed(cut.index), cut.index, size):
        index, offset, _, _ = sector
        key = (index, offset if offset >= 4096 else 0)
        if chosen.setdefault(key, rng.random() < chance):
            yield sector


def choose_cuts(log, story, count, seed):
    """Half of the cuts are anywhere, half behind a reply, or where a change began."""
    rng = random.Random(seed)
    first, last = log.find(story["first"]), log.find(story["last"])
    places = [log.find(change[name]) for change in story["changes"] for name in ("asked", "answered")
              if change[name] is not None and change[name] >= story["first"]]
    indices = [rng.randint(first, last) for _ in range(count // 2)]
    indices += [min(last, rng.choice(places) + rng.choice([0, 0, 1, 2, 3, 5, 8, 13]))
                for _ in range(count - len(indices))]
    return [Cut(index, rng.getrandbits(32)) for index in sorted(indices)]


class Replay:
    """Makes the disks of cuts in ascending order."""

    def __init__(self, log):
        self.log = log
        self.base = bytearray(DISK_SIZE)
        self.applied = 0

    def make_disk(self, cut, path):
        flushed = self.log.flushed(cut.index)
        self.log.apply(self.base, self.applied, flushed)
        self.applied = flushed
        disk = bytearray(self.base)
        for _, offset, start, length in choose(self.log, cut):
            disk[offset : offset + length] = self.log.bytes[start : start + length]
        path.write_bytes(disk)


# --------------------------------------------------------------------------------------- checks


class Promise:
    """What holds at a cut."""

    def __init__(self, story, position):
        self.trees, self.entries = story["trees"], story["entries"]
        changes = {change["version"]: change for change in story["changes"] if change["version"]}
        answered = [version for version, change in changes.items()
                    if change["answered"] is not None and change["answered"] <= position]
        # the highest version that was answered, and the highest that may be there
        self.least = self.most = max(answered, default=0)
        while self.most + 1 in changes and changes[self.most + 1]["asked"] < position:
            self.most += 1
        # edits and reverts may be found again after the cut, with another time
        self.uncalled = {version for version, change in changes.items() if change["origin"]}
        self.is_torn = any(begin <= position <= end for begin, end in story["torn"])
        # edits that may be on the disk and in force before the service notices them, with a version
        # of their own or without, and those that have to be there
        self.edits = {version for version, change in changes.items() if change["synced"] is not None
                      and change["asked"] < position and version > self.least}
        self.synced = max((edit for edit in self.edits if changes[edit]["synced"] <= position), default=0)
        self.unconfirmed = [version for begin, end, version in story["unconfirmed"]
                            if begin <= position <= end]

    @property
    def is_vague(self):
        """Whether what wasn't answered may be in the history in any way."""
        return self.is_torn or self.unconfirmed

    def __str__(self):
        edit = f", with the edit {self.synced}" if self.synced else ""
        return f"promised: {self.least} to {self.most}{edit}"

    def allows(self, version, tree):
        """Whether these overrides may be in force with this version."""
        reverted = [self.trees[changed - 1] for changed in self.unconfirmed if version == changed + 1]
        if tree in reverted or version + 1 in self.edits and tree == self.trees[version + 1]:
            return True
        # an edit that was being taken over is found again, and changes nothing the second time
        if version - 1 in self.edits and tree == self.trees[version - 1]:
            return True
        return max(self.least, self.synced) <= version <= self.most and tree == self.trees[version]

    def describe(self, version, tree):
        """What is wrong with overrides that it doesn't allow."""
        known = [number for number, known in enumerate(self.trees) if known == tree]
        if not known:
            what = "answered changes are lost to an edit" if self.edits else "a wrong tree"
            return f"{what}: version {version} with {tree}; {self}"
        what = "a wrong version"
        if max(known) < self.least:
            what = "answered changes are lost"
        elif any(self.least <= number < version for number in known):
            what = "unanswered changes are in the history and not in force"
        return f"{what}: version {version} with the tree of {known}; {self}"

    def is_kept(self, version, entry):
        """Whether an entry of the history is the one that was there before the cut."""
        if version - 1 in self.edits and (entry["origin"], entry["changes"]) == ("file", []):
            return True
        if version >= len(self.entries):
            return False
        wanted = self.entries[version]
        names = {*wanted}
        if version in self.uncalled:
            names = {"version", "origin", "changes"} if version <= self.least else {"version", "origin"}
        return all(entry.get(name) == wanted[name] for name in names)


def check_history(client, version, promise):
    entries = [brief(entry) for entry in client.history("", limit=10000)]
    versions = [entry["version"] for entry in entries]
    if versions != [*range(version, 0, -1)]:
        yield f"the history has the versions {versions}, not those up to {version}"
    for entry in entries:
        number = entry["version"]
        if number > promise.least and promise.is_vague:
            continue
        if not promise.is_kept(number, entry):
            wanted = promise.entries[number] if number < len(promise.entries) else "nothing"
            yield f"the history has {entry}, not {wanted}"


def read_steadily(client):
    """A version and its overrides."""
    while True:
        version, tree = client.version, get_overrides(client)
        if client.version == version:
            return version, tree


def check_text(service, tree):
    found = read_overrides(service.runtime)
    if found != tree:
        yield f"the file means {brief(found)}"
    elif not all(comment in service.runtime.read_text() for comment in COMMENTS):
        yield "a comment of the author is lost"


def check_values(service, client, version, tree, promise):
    """What is wrong where no author may have torn the text."""
    if not promise.allows(version, brief(tree)):
        yield promise.describe(version, brief(tree))
    if {**{"n": 0, "chat": {}}, **tree} != client.get():
        yield "the overrides are not in force"
    yield from check_text(service, tree)
    if client.state != "ok":
        yield f"State {client.state}: {client.state_message}"
    # a temporary file whose content no synced state knows may be anybody's, and is kept as a copy
    copies = [path.name for path in service.corrupt_copies()]
    strays = {path.name for path in service.stray_files()} - {DRAFT, "lost+found"}
    if strays or len(copies) > service.log().count("was interrupted"):
        yield f"left behind: {sorted(strays)} {copies}"
    try:
        service.check_log()
    except AssertionError as alarm:
        yield f"the log: {alarm}"


def check_next_set(service, client, version):
    tree = get_overrides(client)
    after = client.set("/after", 1)
    if after <= version:
        yield f"the next Set has version {after}, not more than {version}"
    if client.history("", limit=1)[0]["version"] != after:
        yield "the next Set isn't in the history"
    service.kill()
    found = read_overrides(service.runtime)
    if found != {**tree, "after": 1}:
        yield f"after the next Set and a kill, the file means {brief(found)}"


def check_service(service, promise):
    client = service.start()
    if promise.unconfirmed:
        # a change whose time is over goes back at once
        time.sleep(1.2)
    version, tree = read_steadily(client)
    if version < promise.least:
        yield f"version {version} after {promise.least}"
    if not promise.is_torn:
        yield from check_values(service, client, version, tree, promise)
    yield from check_history(client, version, promise)
    yield from check_next_set(service, client, version)


def check_disk(bus, folder, image, promise):
    """What is wrong on a disk after a cut."""
    problems = []
    try:
        with mounted_once(image, folder / "mount", "-o", "loop,noatime") as disk:
            service = serve_on(bus, folder / "service", disk)
            service.schema.write_text(SCHEMA)
            try:
                problems += check_service(service, promise)
            finally:
                if service.process is not None:
                    service.kill()
                service.close()
                shutil.rmtree(folder / "service")
    except subprocess.CalledProcessError as error:
        problems.append(f"{error.cmd}: {error.stderr.decode(errors='replace')}")
    except (AssertionError, Refusal, GLib.Error, OSError, yaml.YAMLError) as error:
        problems.append(f"{type(error).__name__}: {error}")
    return problems


def keep_failure(log, cut, image, path):
    """Keeps the disk of a cut as it was before it was mounted, and which sectors are on it."""
    path.with_suffix(".img").write_bytes(image)
    lines = [f"entry {index} offset {offset} length {length}\n"
             for index, offset, _, length in choose(log, cut)]
    path.with_suffix(".sectors").write_text("".join(lines))


def check_cuts(recording, cuts, options):
    """The failures among some cuts of a recording, in ascending order."""
    failures = []
    log = Log(recording / "log")
    story = json.loads((recording / "story.json").read_text())
    replay = Replay(log)
    with scratch(roomy()) as folder, private_bus(folder) as bus:
        for number, cut in enumerate(cuts):
            # of its own name, as the loop device of the one before may not be detached yet
            image = folder / f"image{number}"
            replay.make_disk(cut, image)
            before = image.read_bytes() if options.keep else None
            promise = Promise(story, log.ends[cut.index - 1])
            problems = check_disk(bus, folder, image, promise)
            image.unlink()
            if not problems:
                continue
            name = f"{recording.name}:{cut.index}:{cut.choice}"
            failures.append(f"{name}: " + "; ".join(problem[:2000] for problem in problems))
            if options.keep:
                keep_failure(log, cut, before, recording / f"cut-{cut.index}-{cut.choice}")
    return failures


def check_flushes(recording):
    """The changes that were answered before a flush."""
    log = Log(recording / "log")
    story = json.loads((recording / "story.json").read_text())
    ends = [log.ends[flush] for flush in log.flushes]
    spans = [(change["asked"], change["answered"]) for change in story["changes"]
             if change["answered"] is not None]
    hasty = [span for span in spans if bisect.bisect_right(ends, span[0]) == bisect.bisect_right(ends, span[1])]
    return [f"{recording.name}: {len(hasty)} of {len(spans)} changes were answered before a flush"] if hasty else []


# ------------------------------------------------------------------------------------- the whole


def check_recording(recording, options, count, seed):
    log = Log(recording / "log")
    chosen = choose_cuts(log, json.loads((recording / "story.json").read_text()), count, seed)
    size = -(-count // options.jobs)
    shares = [chosen[begin : begin + size] for begin in range(0, count, size)]
    problems = check_flushes(recording)
    with make_pool(options.jobs) as pool:
        for found in pool.map(check_cuts, [recording] * len(shares), shares, [options] * len(shares)):
            problems += found
    if options.keep:
        (recording / "failures").write_text("".join(f"{problem}\n" for problem in problems))
    return problems


def repeat(options):
    """One cut again, as its failure names it: FOLDER/recording:INDEX:CHOICE."""
    path, index, choice = options.repeat.rsplit(":", 2)
    options.keep = True
    return Outcome(1, check_cuts(pathlib.Path(path).resolve(), [Cut(int(index), int(choice))], options))


def cuts(options):
    if obstacle := find_obstacle():
        raise RuntimeError(obstacle)
    if options.repeat:
        return repeat(options)
    count, problems = options.cuts or 1000, []
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(options.keep) if options.keep else stack.enter_context(scratch(roomy()))
        for begin in range(0, count, CUTS_OF_A_STORY):
            number = begin // CUTS_OF_A_STORY
            share = min(CUTS_OF_A_STORY, count - begin)
            recording = folder.resolve() / f"story-{options.seed + number}"
            recording.mkdir(parents=True)
            record(recording, MOUNTS[number % len(MOUNTS)], options.seed + number, 1 if share < 100 else 3)
            problems += check_recording(recording, options, share, options.seed + number)
            if not options.keep:
                shutil.rmtree(recording)
    return Outcome(count, problems)
