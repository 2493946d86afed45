#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Faults: what is answered stays, and what is refused has changed nothing, whatever fails.

    kill     the daemon is killed at each occurrence of each system call of a start, a Set, a Merge
             and a Reset
    errors   each call that writes fails, with each of six errors
    power    the power is cut behind an answered write, on ext4
    cuts     the power is cut anywhere, and the disk loses any of the writes that it hadn't flushed
    full     the disk fills up, in bytes or in inodes, and is emptied again

    faults.py [kill|errors|power|cuts|full …] [--step N] [--cuts N] [--jobs N]
    faults.py cuts [--seed N] [--keep FOLDER]
    faults.py cuts --repeat FOLDER/story-SEED:INDEX:CHOICE

prints a line of a table for each. RUNCONFD names the daemon; strace, mount and root are needed. A
failure of `cuts` begins with the name of its cut. With --keep, FOLDER has the stories with all that
they wrote, and the disk of each cut that failed: --repeat checks a cut of such a story once more.
"""

import argparse
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import cuts
import yaml
from faults_testing import (
    Outcome, get_overrides, make_pool, mounted, need, private_bus, read_overrides, run, scratch, serve_on,
)
from gi.repository import GLib
from runconf_testing import BUS_NAME, Refusal, Service, call_bus, connect, eventually

ERRORS = ["EIO", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EMFILE"]

# The calls of a Set that write, or on which a write depends. write() itself fails in the tests of
# the store: here it would hit the wake-ups of the main loop as well.
WRITE_CALLS = ["openat", "pwrite64", "fsync", "fdatasync", "renameat2", "fchmod", "flistxattr", "unlinkat", "linkat",
               "newfstatat", "pread64", "ftruncate", "fchown", "fsetxattr"]

# Of these the bus and the main loop make some too: only those on the files of the test fail.
SHARED_CALLS = {"openat", "newfstatat", "pread64"}

# These end or begin the process, or a thread: there is nothing to kill before or behind them.
NOT_KILLED = {"execve", "exit", "exit_group", "clone", "clone3", "vfork", "rt_sigreturn",
              "restart_syscall"}

# How a daemon is started that is killed: what its overrides' file holds before, and its options.
STARTS = [
    (None, []),
    ("# mine\nhand: 1  # stays\n", ["--on-corrupt=last-good"]),
]

# What each step makes of the overrides.
STEPS = [
    ({}, None),
    ({"chat": {"port": 1}}, lambda client: client.set("/chat/port", 1)),
    ({"chat": {"port": 1}, "llm": {"a": [1, 2], "b": "two"}},
     lambda client: client.merge({"llm": {"a": [1, 2], "b": "two"}})[0]),
    ({"llm": {"a": [1, 2], "b": "two"}}, lambda client: client.reset("/chat/port")),
]


def is_served(connection, process):
    """Whether the daemon has its name; it ends the wait when it dies."""
    if process.poll() is not None:
        return True
    reply = call_bus(connection, "NameHasOwner", GLib.Variant("(s)", (BUS_NAME,)))
    return reply.unpack()[0]


# ----------------------------------------------------------------------------------------- kill


def run_steps(service, connection, strace, options=()):
    """Starts the daemon under strace, takes the steps until it is killed, and returns how many of
    them were answered, with the last version."""
    answered, version = 0, 0
    process = service.launch(*options, prefix=strace)
    eventually(lambda: is_served(connection, process), "a start or a death")
    if process.poll() is None:
        client = service.client()
        for _, step in STEPS[1:]:
            try:
                version = step(client)
                answered += 1
            except (GLib.Error, Refusal):
                break
    return answered, version


def end_killed(service):
    """Whether strace killed it; a daemon that came through is stopped."""
    try:
        service.process.wait(0.3)
    except subprocess.TimeoutExpired:
        for child in pathlib.Path(f"/proc/{service.process.pid}/task").glob("*/children"):
            for pid in child.read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGTERM)
        service.process.wait(20)
        service.process = None
        return False
    service.process = None
    return True


def check_after_kill(service, text, options, answered, version):
    """What is wrong after a kill."""
    kept = yaml.safe_load(text or "") or {}
    allowed = [{**kept, **tree} for tree, _ in STEPS[answered : answered + 2]]
    problems = []
    try:
        found = read_overrides(service.runtime)
    except yaml.YAMLError as error:
        return [f"torn: {error}"]
    if found not in allowed and not (found is None and text is None and answered == 0):
        problems.append(f"the file means {found}")
    if text and not all(line in service.runtime.read_text() for line in text.splitlines()):
        problems.append("a line of the file is lost")
    client = service.start(*options)
    if get_overrides(client) not in allowed:
        problems.append(f"served: {get_overrides(client)}")
    if client.version < version:
        problems.append(f"version {client.version} after {version}")
    if client.state != "ok":
        problems.append(f"State {client.state}: {client.state_message}")
    kept = [entry["version"] for entry in client.history("", limit=100)]
    if kept != [*range(client.version, 0, -1)]:
        problems.append(f"the history has the versions {kept}, not those up to {client.version}")
    strays = [path.name for path in [*service.stray_files(), *service.corrupt_copies()]]
    if strays:
        problems.append(f"left behind: {strays}")
    service.kill()
    return problems


def kill_at(bus, connection, folder, name, occurrence, start):
    """One point: None where it is never reached, else what is wrong."""
    service = Service(bus, folder)
    text, options = start
    if text:
        service.runtime.write_text(text)
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={name}", "-e",
              f"inject={name}:signal=KILL:when={occurrence}", "--"]
    service.defaults.write_text("chat: {}\n")
    try:
        answered, version = run_steps(service, connection, strace, options)
        if not end_killed(service):
            return None
        problems = check_after_kill(service, text, options, answered, version)
        return [f"{name}#{occurrence}, {answered} answered: {problem}" for problem in problems]
    finally:
        service.close()
        shutil.rmtree(folder)


def kill_at_all(name, step):
    """Kills at each occurrence of one system call, or at each @step-th."""
    points, problems = 0, []
    with scratch() as folder, private_bus(folder) as bus:
        connection = connect(bus.address)
        for start in STARTS:
            for occurrence in range(1, 100000, step):
                found = kill_at(bus, connection, folder / "service", name, occurrence, start)
                if found is None:
                    break
                points += 1
                problems += found
    return points, problems


def record_calls():
    """The system calls that a daemon makes in a start and the steps."""
    with scratch() as folder, private_bus(folder) as bus:
        service = Service(bus, folder / "service")
        service.defaults.write_text("chat: {}\n")
        log = folder / "strace"
        answered, _ = run_steps(service, connect(bus.address), ["strace", "-f", "-qq", "-o", log, "--"])
        assert answered == len(STEPS) - 1
        end_killed(service)
        names = set(re.findall(r"^\d+ +(\w+)\(", log.read_text(errors="replace"), re.M))
    return sorted(names - NOT_KILLED)


def kill(options):
    need("strace")
    points, problems = 0, []
    with make_pool(options.jobs) as pool:
        for n, found in pool.map(kill_at_all, names := record_calls(), [options.step] * len(names)):
            points += n
            problems += found
    return Outcome(points, problems)


# --------------------------------------------------------------------------------------- errors


class Injection:
    """Lets one call of the daemon fail while it is entered, and tells whether that happened."""

    def __init__(self, service, name, occurrence, error):
        self.log = service.folder / "injected"
        files = [service.var, service.runtime, service.state_file]
        paths = [word for file in files for word in ("-P", file)] if name in SHARED_CALLS else []
        self.command = [
            "strace", "-f", "-p", str(service.process.pid), "-o", self.log, *paths,
            "-e", f"trace={name}", "-e", f"inject={name}:error={error}:when={occurrence}",
        ]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        assert "attached" in line, line
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)
        self.happened = "(INJECTED)" in self.log.read_text(errors="replace")


def check_write(service, client, before, after, error):
    """What is wrong behind a Set that was answered, or refused with @error."""
    wanted = before if error else after
    problems = []
    if client.get("/n") != wanted:
        problems.append(f"Get gives {client.get('/n')}")
    if (read_overrides(service.runtime) or {}).get("n") != wanted:
        problems.append("the file holds another value")
    service.kill()
    client = service.start()
    if client.get("/n") != wanted:
        problems.append(f"after a kill, Get gives {client.get('/n')}")
    said = f"refused with {error}" if error else "answered"
    return client, [f"{said}: {problem}" for problem in problems]


def fail_at(service, client, name, occurrence, error, value):
    """One point: None where the call isn't made so often, else what is wrong."""
    refusal = None
    with Injection(service, name, occurrence, error) as injection:
        try:
            client.set("/n", value + 1)
        except Refusal as failure:
            refusal = failure
    if not injection.happened:
        return client, None
    client, problems = check_write(service, client, value, value + 1, refusal)
    client.set("/n", value)
    if client.get("/n") != value:
        problems.append("the next Set isn't there")
    return client, [f"{name}#{occurrence} {error}: {problem}" for problem in problems]


def fail_call(name, errors):
    points, problems = 0, []
    with scratch() as folder, private_bus(folder) as bus:
        service = Service(bus, folder / "service")
        service.defaults.write_text("n: 0\n")
        service.expect("can't", "warning", "WARNING")
        client = service.start()
        client.set("/n", 100)
        # what has an owner and attributes of its own has more that can fail
        os.chown(service.runtime, 65534, 65534)
        with contextlib.suppress(OSError):
            os.setxattr(service.runtime, "user.origin", b"hand")
        for error in errors:
            for occurrence in range(1, 1000):
                client, found = fail_at(service, client, name, occurrence, error, 100)
                if found is None:
                    client.set("/n", 100)
                    break
                points += 1
                problems += found
        service.kill()
    return points, problems


def errors(options):
    need("strace")
    points, problems = 0, []
    with make_pool(options.jobs) as pool:
        for n, found in pool.map(fail_call, WRITE_CALLS, [ERRORS] * len(WRITE_CALLS)):
            points += n
            problems += found
    return Outcome(points, problems)


# ---------------------------------------------------------------------------------------- power


def check_cut(bus, folder, snapshot, wanted, version):
    """What is wrong on a disk as it was when the power went."""
    problems = []
    with mounted(snapshot, folder / "after", "-o", "loop") as disk:
        service = serve_on(bus, folder / "second", disk)
        client = service.start()
        found = read_overrides(disk / "runtime_config.yaml")
        if found != wanted:
            problems.append(f"the file means {found}, not {wanted}")
        if get_overrides(client) != wanted:
            problems.append(f"served: {get_overrides(client)}, not {wanted}")
        if client.version < version:
            problems.append(f"version {client.version} after {version}")
        service.kill()
        service.close()
        shutil.rmtree(folder / "second")
    return problems


def copy_disk(image, snapshot):
    """A copy during which the disk was written to is none of its states: it is made again."""
    same = 1
    while same != 0:
        run("cp", "--sparse=always", str(image), str(snapshot))
        same = subprocess.run(["cmp", "-s", str(image), str(snapshot)], check=False).returncode


def power(options):
    """Copies the disk behind each answer, as the power would leave it, without a sync."""
    need("mkfs.ext4", "mount")
    count, problems = options.cuts or 100, []
    with scratch("/var/tmp") as folder, private_bus(folder) as bus:
        image, snapshot = folder / "image", folder / "snapshot"
        for cut in range(count):
            with image.open("wb") as file:
                file.truncate(16 << 20)
            run("mkfs.ext4", "-q", "-F", str(image))
            with mounted(image, folder / "before", "-o", "loop,noauto_da_alloc") as disk:
                service = serve_on(bus, folder / "first", disk)
                client = service.start()
                for number in range(cut % 5 + 1):
                    version = client.set("/n", number + 1)
                wanted = {"n": cut % 5 + 1}
                if cut % 3 == 2:
                    version, wanted = client.reset("/n"), {}
                copy_disk(image, snapshot)
                service.kill()
                service.close()
                shutil.rmtree(folder / "first")
            found = check_cut(bus, folder, snapshot, wanted, version)
            problems += [f"cut {cut}: {problem}" for problem in found]
    return Outcome(count, problems)


# ----------------------------------------------------------------------------------------- full


def fill_bytes(disk):
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def fill_inodes(disk):
    (disk / "filler").mkdir()
    with contextlib.suppress(OSError):
        for number in range(1000):
            (disk / "filler" / str(number)).touch()


def empty(disk):
    shutil.rmtree(disk / "filler") if (disk / "filler").is_dir() else (disk / "filler").unlink()


def set_until_refused(client, wanted):
    """What the overrides are then, and the refusal. The file for one more Set may have been created before."""
    for number in range(3):
        chat = {"long": str(number) * 100}
        try:
            client.set("/chat", chat)
        except Refusal as refusal:
            return wanted, refusal
        wanted = {**wanted, "chat": chat}
    return wanted, None


def fill_and_empty(bus, folder, fill):
    problems = []
    with mounted("tmpfs", folder / "disk", "-t", "tmpfs", "-o", "size=1m,nr_inodes=64") as disk:
        service = serve_on(bus, folder / "service", disk)
        service.expect("can't", "No space")
        client = service.start()
        client.set("/n", 1)
        fill(disk)
        wanted, refusal = set_until_refused(client, {"n": 1})
        if refusal is None:
            problems.append("each Set on a full disk was answered")
        elif refusal.kind != "StorageFailed" or "No space left" not in str(refusal):
            problems.append(f"it was refused with {refusal}")
        if get_overrides(client) != wanted or read_overrides(service.runtime) != wanted:
            problems.append("a refused Set changed something, or one that was answered didn't")
        empty(disk)
        client.set("/n", 2)
        if read_overrides(service.runtime) != {**wanted, "n": 2} or client.state != "ok":
            problems.append("it didn't recover")
        service.stop()
        shutil.rmtree(folder / "service")
    return [f"{fill.__name__}: {problem}" for problem in problems]


def full(_options):
    need("mount")
    with scratch() as folder, private_bus(folder) as bus:
        problems = [*fill_and_empty(bus, folder, fill_bytes),
                    *fill_and_empty(bus, folder, fill_inodes)]
    return Outcome(2, problems)


FAULTS = {"kill": kill, "errors": errors, "power": power, "cuts": cuts.cuts, "full": full}


def parse(arguments=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("fault", nargs="*", choices=[*FAULTS, []])
    parser.add_argument("--step", type=int, default=1, help="take each N-th point only")
    parser.add_argument("--cuts", type=int, help="100 of power, 1,000 of cuts")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1, help="of the first story of cuts")
    parser.add_argument("--keep", help="a folder for the stories of cuts, and the disks that failed")
    parser.add_argument("--repeat", help="a cut of a story that was kept")
    return parser.parse_args(arguments)


def main():
    options = parse()
    failed = False
    print("| fault | points | what went wrong | seconds |\n| --- | ---: | ---: | ---: |")
    for name in options.fault or FAULTS:
        start = time.monotonic()
        outcome = FAULTS[name](options)
        print(f"| {name} | {outcome.points:,} | {len(outcome.problems)} | "
              f"{time.monotonic() - start:.0f} |", flush=True)
        if outcome.problems:
            failed = True
            print("\n".join(outcome.problems[:60]), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
