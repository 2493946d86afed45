#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures Runconf beside its peers, in one run on one machine, and prints what it found as Markdown.

Every figure that has a peer is measured in turns with it, so that whatever else the machine does
meanwhile is the same for both. A time never makes this fail; an error does.
"""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import yaml

import disk
import stages
from harness import (
    LEAVES, LEAVES_PER_GROUP, NAME, OBJECT, Bench, machine, make_parser, markdown, median, memory, micro, milli,
    p99, publish, run, stop, table,
)

BARE_NAME = "org.runconf.Bare1"
SYNCING_NAME = "org.runconf.Syncing1"
CLIENTS = 16
SUBSCRIBERS = 200
CONFIGURATIONS = 1000
# the reads of one sample of the readers
READS = 1000
# the last is what fits below the limit of 1,000,000 nodes
READ_SIZES = (100, 1000, LEAVES, 980_000)

# texts to load


def nested(shape):
    """Mappings in mappings, so many keys on each level; the leaves are small integers."""
    lines = []

    def write(depth):
        for number in range(shape[depth]):
            if depth + 1 == len(shape):
                lines.append(f"{' ' * depth}k{number}: {number % 10}")
            else:
                lines.append(f"{' ' * depth}k{number}:")
                write(depth + 1)

    write(0)
    return "\n".join(lines) + "\n"


def flat(leaves):
    return "".join(f"key{number}: {number % 10}\n" for number in range(leaves))


# the benchmarks


def bench_load(bench):
    path = bench.scratch / "load.yaml"
    path.write_text(nested((40, 50, 50)))
    times = bench.program("load", path, bench.rounds(40))
    ratio = median([a / b for a, b in zip(times["document"], times["events"])])
    size = path.stat().st_size
    peer = []
    for _ in range(bench.rounds(5) if bench.seconds > 1 else 1):
        text = path.read_bytes()
        start = time.perf_counter_ns()
        yaml.load(text, Loader=yaml.CSafeLoader)
        peer.append(time.perf_counter_ns() - start)
    bench.report.goal(
        f"load {LEAVES:,} leaves ({size / 1000:.0f} KB) against libyaml's bare event loop",
        ("≤", 1.8, " ×"),
        ratio,
        f"{ratio:.2f} ×",
        f"{milli(median(times['document']))} against {milli(median(times['events']))}",
    )
    bench.report.figure(
        "the same text with PyYAML's C loader", milli(median(peer)), milli(p99(peer))
    )


def bench_validate(bench):
    """The command as a whole process, in turns with the bare event loop."""
    path = bench.scratch / "load.yaml"
    ratios, times = [], []
    for _ in range(bench.rounds(40)):
        floor = bench.program("load", path, 1)["events"][0]
        start = time.perf_counter_ns()
        subprocess.run([bench.runconf, "validate", "--quiet", path], check=True)
        times.append(time.perf_counter_ns() - start)
        ratios.append(times[-1] / floor)
    bench.report.goal(
        f"runconf validate of {LEAVES:,} leaves, the whole process, against libyaml's bare event loop",
        ("≤", 2, " ×"),
        median(ratios),
        f"{median(ratios):.2f} ×",
        f"{milli(median(times))}, {milli(p99(times))} at 99 %",
    )


def bench_edit(bench):
    for shape, path in (((3, 10, 15), "/"), ((46, 50, 50), "/")):
        file = bench.scratch / "edit.yaml"
        file.write_text(nested(shape))
        key = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)
        for _ in shape:
            name = list(key)[len(key) // 2]
            path += f"{name}/"
            key = key[name]
        times = bench.program("edit", file, path.rstrip("/"), bench.rounds(40))
        ratio = median([a / b for a, b in zip(times["edit"], times["read"])])
        bench.report.goal(
            f"an edit of one leaf in {file.stat().st_size / 1000:.0f} KB, before the disk, against one"
            " read of it",
            ("≤", 1.5, " ×"),
            ratio,
            f"{ratio:.2f} ×",
            f"{micro(median(times['edit']))} against {micro(median(times['read']))}",
        )


def bench_memory(bench):
    bus = bench.bus("idle")
    process = bench.daemon("idle", "value: 1\n", bus)
    bench.program("get", "100", "/value", environment=bus)
    rss, pss = memory(process.pid)
    bench.report.goal(
        "resident memory, idle", ("≤", 12, " MB"), rss, f"{rss:.1f} MB", f"{pss:.1f} MB proportional"
    )

    bus = bench.bus("full")
    process = bench.daemon("full", nested((40, 50, 50)), bus)
    bench.program("get", "100", "/k7/k7/k7", environment=bus)
    rss, pss = memory(process.pid)
    bench.report.goal(
        f"resident memory, {LEAVES:,} leaves",
        ("≤", 60, " MB"),
        rss,
        f"{rss:.1f} MB",
        f"{pss:.1f} MB proportional",
    )
    bench.program("scaling", "1000", "set", bus["DBUS_SESSION_BUS_ADDRESS"], OBJECT, "/k7/k7/k7")
    bench.report.figure("resident memory after 1,000 Sets on them", f"{memory(process.pid)[0]:.1f} MB")


class Start:
    """One start of a daemon with many configurations below a folder, up to the first answer."""

    def __init__(self, bench, root, bus):
        self.process = None
        waiting = bench.start(
            [bench.programs / "bench-many", "wait", CONFIGURATIONS, "/k0/k0"], bus,
            stdout=subprocess.PIPE, encoding="utf-8")
        if waiting.stdout.readline() != "ready\n":
            raise RuntimeError("bench-many ended")
        began = time.monotonic_ns()
        with (bench.scratch / "many.log").open("w") as log:
            self.process = bench.start(
                [bench.runconfd, "--root", root, "--address", bus["DBUS_SESSION_BUS_ADDRESS"]],
                stderr=log)
        answer = waiting.stdout.readline().split()
        waiting.stdout.close()
        if not answer:
            raise RuntimeError(f"bench-many ended: {pathlib.Path(log.name).read_text()}")
        self.elapsed = int(answer[1]) - began
        self.memory = memory(self.process.pid)[0]
        folder = pathlib.Path(f"/proc/{self.process.pid}/fdinfo")
        descriptors = [path.read_text() for path in folder.iterdir()]
        self.descriptors = len(descriptors)
        self.watches = sum(text.count("inotify wd:") for text in descriptors)


def bench_many(bench):
    """Starts with many configurations: that nobody has changed, that all were, and after a kill."""
    bus = bench.bus("many")
    root = bench.folder("many")
    for number in range(CONFIGURATIONS):
        folder = root / f"usr/share/runconf/app{number}"
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text(nested((10, 10)))
    (root / "var/lib/runconf").mkdir(parents=True)

    def starts(end):
        found = []
        for _ in range(bench.rounds(10)):
            found.append(Start(bench, root, bus))
            end(found[-1].process)
        return found

    def kill(process):
        process.kill()
        process.wait()

    found = {"nobody changed": starts(stop)}
    start = Start(bench, root, bus)
    bench.program("many", "set", CONFIGURATIONS, "/k0/k0", environment=bus)
    written = memory(start.process.pid)[0]
    stop(start.process)
    found["each was changed"] = starts(stop)
    found["each was changed, after a SIGKILL"] = starts(kill)
    for how, runs in found.items():
        seconds = median([start.elapsed for start in runs]) / 1e9
        first = runs[0]
        bench.report.goal(
            f"start with {CONFIGURATIONS:,} configurations of 100 leaves, to the first answer: {how}",
            ("≤", 2, " s"), seconds, f"{seconds:.2f} s",
            f"{first.descriptors:,} descriptors, {first.watches:,} inotify watches")
    for how, size in (("nobody changed", found["nobody changed"][0].memory),
                      ("all changed just now", written)):
        bench.report.goal(
            f"resident memory, {CONFIGURATIONS:,} configurations of 100 leaves: {how}",
            ("≤", 100, " MB"), size, f"{size:.1f} MB")


def bench_scaling(bench):
    for form, small, large, path in (
        ("nested", nested((2, 5, 10)), nested((40, 50, 50)), "/k1/k4/k9"),
        ("flat", flat(100), flat(LEAVES), "/key99"),
    ):
        arguments = []
        for size, text in (("100", small), ("100000", large)):
            bus = bench.bus(f"{form}-{size}")
            bench.daemon(f"{form}-{size}", text, bus)
            arguments += [size, bus["DBUS_SESSION_BUS_ADDRESS"], OBJECT, path]
        times = bench.program("scaling", bench.rounds(2000), *arguments)
        bench.report.compare(
            f"durable Set on {LEAVES:,} default leaves against 100, {form}",
            1.3, times["100000"], times["100"])


def bench_layers(bench):
    """A Set of a configuration with a file in each layer of a system, in turns with one that has the vendor's file."""
    vendor = {"usr/share/runconf/one/config.yaml": nested((2, 5, 10))}
    stacks = {
        "two": vendor,
        "all": {
            **vendor,
            "usr/share/runconf/one/config.d/10-vendor.yaml": "k0: {k0: {k0: 10}}\n",
            "var/lib/runconf-fleet/one/config.d/20-fleet.yaml": "k0: {k1: !unset }\n",
            "var/lib/runconf-fleet/one/locks": "/k0/k2  # the fleet's\n",
            "etc/runconf/one/config.d/30-admin.yaml": "k0: {k2: {k0: 1}, k3: !replace {k0: 1}}\n",
            "etc/runconf/one/locks": "/k0/k4/k0\n",
            "run/runconf/one/runtime_config.yaml": "k1: {k0: {k0: 5}}\n",
        },
    }
    words = []
    for name, files in stacks.items():
        root = bench.folder(f"layers-{name}")
        (root / "var/lib/runconf").mkdir(parents=True)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        bus = bench.bus(f"layers-{name}")
        bench.serve(root, bus, [bench.runconfd, "--root", root, "--address", bus["DBUS_SESSION_BUS_ADDRESS"]])
        words += [name, bus["DBUS_SESSION_BUS_ADDRESS"], "/org/runconf/Config1/one", "/k1/k4/k9"]
    times = bench.program("scaling", bench.rounds(3000), *words)
    bench.report.compare(
        "durable Set on a configuration with files, tags and locks in all layers, against one with two layers",
        1.1, times["all"], times["two"])


def measure_durable(bench, name, environment):
    """Durable Sets of one client, in turns with their peers."""
    folder = bench.folder(name)
    bench.start([bench.programs / "bench-bare", folder / "floor"], environment)
    run(["gdbus", "wait", "--session", "--timeout", "30", SYNCING_NAME], environment)
    return bench.program("durable", folder, bench.rounds(3000), environment=environment)


def bench_durable(bench, environment):
    times = measure_durable(bench, "replace", environment)
    bench.report.compare(
        "durable Set, one client, against dconf_client_write_sync",
        0.6, times["set"], times["dconf"])
    bench.report.compare(
        "Set to signal at a subscriber, against the durable Set itself",
        1.3, times["set-to-signal"], times["set-watched"])
    bench.report.figure(
        "the least of a durable Set (a row below), in times of dconf_client_write_sync",
        f"{median(times['floor']) / median(times['dconf']):.2f} ×")
    for what, name in (
        ("durable Set", "set"),
        ("dconf_client_write_sync", "dconf"),
        ("the least of a durable Set: a bare GDBus service whose thread writes and syncs 400 bytes in place", "floor"),
        ("a bare replace: write, fsync, rename, fsync of the folder", "replace"),
        ("write and fsync of 400 bytes in place", "fsync"),
        ("a call to the bus itself and back", "ping"),
        ("Set to signal at a subscriber", "set-to-signal"),
    ):
        bench.report.figure(what, micro(median(times[name])), micro(p99(times[name])))
    return median(times["replace"])


def bench_get(bench, environment, replace):
    times = bench.program(
        "get", bench.rounds(10000), "/chat/websocket/port", environment=environment
    )
    for what, name in (
        ("Get of one leaf", "get"),
        ("a call to the daemon's D-Bus library and back", "ping-daemon"),
        ("a call to the bus itself and back, in turns with these", "ping-bus"),
    ):
        bench.report.figure(what, micro(median(times[name])), micro(p99(times[name])))
    bench.report.figure(
        "a bare replace and a call to the daemon: what any service needs for a durable Set",
        micro(replace + median(times["ping-daemon"])),
    )


def bench_command(bench, environment):
    """The command as a whole process, in turns with the bus's own client and the same Get."""
    path = "/chat/websocket/port"
    commands = {
        "runconf": [bench.runconf, "--session", "get", path],
        "gdbus": ["gdbus", "call", "--session", "--dest", NAME, "--object-path", OBJECT,
                  "--method", f"{NAME}.Get", path],
    }
    times = {name: [] for name in commands}
    for _ in range(bench.rounds(200)):
        for name, command in commands.items():
            start = time.perf_counter_ns()
            run(command, environment)
            times[name].append(time.perf_counter_ns() - start)
    ratio = median([a / b for a, b in zip(times["runconf"], times["gdbus"])])
    bench.report.goal(
        "runconf get, the whole process, against gdbus call of the same Get",
        ("≤", 1.2, " ×"),
        ratio,
        f"{ratio:.2f} ×",
        f"{micro(median(times['runconf']))} against {micro(median(times['gdbus']))}",
    )


def bench_clients(bench, environment):
    """Sets a second, of clients that cost nothing and of ones as applications have them."""
    bench.start([bench.programs / "bench-bare"], environment)
    run(["gdbus", "wait", "--session", "--timeout", "30", BARE_NAME], environment)
    rates = {}
    for _ in range(bench.rounds(5) if bench.seconds > 1 else 1):
        for program in ("flood", "threads"):
            for peer in ("runconf", "dconf"):
                before = bench.version(environment)
                written, elapsed = bench.program(
                    program, peer, CLIENTS, bench.seconds, environment=environment
                )[peer]
                made = bench.version(environment) - before
                if peer == "runconf" and made != written:
                    raise RuntimeError(f"{written} Sets were answered, {made} versions were made")
                rates.setdefault((program, peer), []).append(written / elapsed * 1e9)
        for peer in ("bare", "ping"):
            written, elapsed = bench.program(
                "flood", peer, CLIENTS, bench.seconds, environment=environment
            )[peer]
            rates.setdefault(("flood", peer), []).append(written / elapsed * 1e9)
    ours, bare = (median(rates["flood", peer]) for peer in ("runconf", "bare"))
    bench.report.goal(
        f"durable Sets a second, {CLIENTS} clients (one light process with a connection for each), against"
        " those of a bare GDBus service, which only sends the signal and replies",
        ("≥", 0.6, " ×"),
        ours / bare,
        f"{ours / bare:.2f} ×",
        f"{ours:,.0f} against {bare:,.0f} a second",
    )
    for program, form in (
        ("flood", "one light process with a connection for each"),
        ("threads", "a thread with the D-Bus library of GLib for each, dconf_client_write_sync"),
    ):
        ours, theirs = (median(rates[program, peer]) for peer in ("runconf", "dconf"))
        bench.report.goal(
            f"durable Sets a second, {CLIENTS} clients ({form}), against dconf",
            ("≥", 6, " ×"),
            ours / theirs,
            f"{ours / theirs:.1f} ×",
            f"{ours:,.0f} against {theirs:,.0f} a second",
        )
    bench.report.figure(
        f"the most that the bus lets through: empty calls of {CLIENTS} light clients",
        f"{median(rates['flood', 'ping']):,.0f} a second",
    )


def group_yaml(leaves):
    """The leaves that the readers look for, so many in a group, and a string."""
    lines = ["strings: {a-path-of-24-ch: a string of some length}"]
    for group in range(0, leaves, LEAVES_PER_GROUP):
        numbers = range(group, min(leaves, group + LEAVES_PER_GROUP))
        keys = ",".join(f"leaf{number:08}: 1" for number in numbers)
        lines.append(f"group{group // LEAVES_PER_GROUP:05}: {{{keys}}}")
    return "\n".join(lines) + "\n"


def group_schemas(folder, leaves):
    """The same leaves as schemas of GSettings."""
    schemas = []
    for group in range(leaves // LEAVES_PER_GROUP):
        numbers = range(group * LEAVES_PER_GROUP, (group + 1) * LEAVES_PER_GROUP)
        keys = "".join(f'<key name="leaf{number:08}" type="i"><default>0</default></key>'
                       for number in numbers)
        schemas.append(f'<schema id="org.runconf.bench.group{group:05}"'
                       f' path="/group{group:05}/">{keys}</schema>')
    text = f"<schemalist>{''.join(schemas)}</schemalist>"
    (folder / "org.runconf.bench.gschema.xml").write_text(text)
    run(["glib-compile-schemas", folder])


def xfconf(bench, bus):
    service = pathlib.Path("/usr/share/dbus-1/services/org.xfce.Xfconf.service").read_text()
    command = re.search(r"^Exec=(.*)$", service, re.MULTILINE).group(1).split()
    environment = {**bus, "XDG_CONFIG_HOME": str(bench.folder("xfconf-config"))}
    bench.start(command, environment)
    run(["gdbus", "wait", "--session", "--timeout", "30", "org.xfce.Xfconf"], bus)
    return environment


def bench_read(bench, bus, dconf_environment):
    """Reads beside the peers, on the same paths; then how they grow with the number of keys."""
    leaves = READ_SIZES[1]
    schemas = bench.folder("schemas")
    group_schemas(schemas, leaves)
    gsettings = {**dconf_environment, "GSETTINGS_BACKEND": "dconf",
                 "GSETTINGS_SCHEMA_DIR": str(schemas)}
    peers = {"dconf": dconf_environment, "gsettings": gsettings, "xfconf": xfconf(bench, bus)}
    buses = {}
    for size in READ_SIZES:
        buses[size] = bench.bus(f"read-{size}")
        bench.daemon(f"read-{size}", group_yaml(size), buses[size])

    found = {}
    for _ in range(3):
        for size in READ_SIZES:
            times = bench.program("read-runconf", size, bench.rounds(400), environment=buses[size])
            for name, samples in times.items():
                found.setdefault((name, size), []).extend(samples)
            if size != leaves:
                continue
            for peer, environment in peers.items():
                times = bench.program(f"read-{peer}", leaves, bench.rounds(400),
                                      environment=environment)
                for name, samples in times.items():
                    found.setdefault((name, size), []).extend(samples)

    def nano(name, size=leaves):
        return median(found[name, size]) / READS

    def show(value):
        return f"{value:.1f} ns"

    most = READ_SIZES[-1]
    for what, limit, value in (
        (f"read an integer by its path, {leaves:,} keys in random order", 40, nano("path-random")),
        (f"read an integer by its path, {LEAVES:,} keys in random order", 60,
         nano("path-random", LEAVES)),
        ("read through a RunconfKey", 10, nano("key-hot")),
        ("read a string by its path", 90, nano("string-hot")),
    ):
        bench.report.goal(what, ("≤", limit, " ns"), value, show(value))
    ratio = nano("path-hot", most) / nano("path-hot", READ_SIZES[0])
    bench.report.goal(
        f"read one path again and again, {most:,} keys against {READ_SIZES[0]}", ("≤", 1.3, " ×"),
        ratio, f"{ratio:.2f} ×",
        ", ".join(f"{show(nano('path-hot', size))} of {size:,}" for size in READ_SIZES))
    for peer, call, limit in (("dconf", "dconf_client_read", 5),
                              ("gsettings", "g_settings_get_int", 20)):
        ratio = nano(f"{peer}-random") / nano("path-random")
        bench.report.goal(f"the same reads, how often in the time of one {call}", ("≥", limit, " ×"),
                          ratio, f"{ratio:.1f} ×", show(nano(f"{peer}-random")))
    bench.report.figure("the same reads from the cache of xfconf_channel_get_int",
                        show(nano("xfconf-random")))
    found = bench.program("memory", LEAVES, environment=buses[LEAVES])["anonymous"][0]
    bench.report.goal(
        f"the library's memory for {LEAVES:,} leaves, beside what it maps", ("≤", 1, " MB"),
        found / 1e6, f"{found / 1e6:.2f} MB")


def wide_schema(folder, keys):
    """A schema of so many keys, whose default no key has that is filled."""
    rows = "".join(f'<key name="leaf{number:08}" type="i"><default>0</default></key>'
                   for number in range(keys))
    (folder / "org.runconf.bench.wide.gschema.xml").write_text(
        f'<schemalist><schema id="org.runconf.bench.wide" path="/wide/">{rows}</schema></schemalist>')
    run(["glib-compile-schemas", folder])


# what is measured, the goal for Runconf's part of dconf's time, and what one sample is
SETTINGS = (
    ("get", "g_settings_get_int", 0.8),
    ("set", "g_settings_set_int and g_settings_sync", 1.0),
    ("apply", "1,000 keys in one g_settings_apply, and g_settings_sync", 1.0),
    ("told", "g_settings_set_int, until another program is told", 1.2),
    ("start", "a program that reads 100 keys, from its start to its end", 1.1),
)


def bench_settings(bench):
    """A program that uses GSettings, with the backend of Runconf in turns with that of dconf."""
    bus = bench.bus("settings")
    # the service links its memory there, for programs that start
    runtime = {**bus, "XDG_RUNTIME_DIR": str(bench.folder("settings-run"))}
    bench.daemon("settings", "{}\n", runtime, options=("--name", "gsettings"))
    schemas = bench.folder("settings-schemas")
    wide_schema(schemas, 1000)
    environments = {
        "runconf": {**runtime, "GIO_EXTRA_MODULES": str(bench.modules)},
        "dconf": bench.dconf(bus, "settings"),
    }
    for backend, environment in environments.items():
        environment["GSETTINGS_BACKEND"] = backend
        environment["GSETTINGS_SCHEMA_DIR"] = str(schemas)
        bench.program("settings", "fill", 1, environment=environment)

    found = {}
    for _ in range(5):
        for kind, rounds in (("get", 300), ("set", 80), ("apply", 20), ("told", 80), ("start", 40), ("memory", 10)):
            for backend, environment in environments.items():
                times = bench.program("settings", kind, bench.rounds(rounds), environment=environment)
                for name, samples in times.items():
                    found.setdefault((name, backend), []).extend(samples)

    for name, what, limit in SETTINGS:
        ours, theirs = found[name, "runconf"], found[name, "dconf"]
        ratio = median(ours) / median(theirs)
        shown = [f"{median(times) / READS:.0f} ns" if name == "get" else micro(median(times))
                 for times in (ours, theirs)]
        bench.report.goal(f"GSettings: {what}, against dconf", ("≤", limit, " ×"),
                          ratio, f"{ratio:.2f} ×", " against ".join(shown))
    ours, theirs = (median(found["memory", backend]) for backend in ("runconf", "dconf"))
    bench.report.goal("GSettings: the memory of a program that has read 100 keys, beside another such"
                      " program, against dconf", ("≤", 1.2, " ×"), ours / theirs,
                      f"{ours / theirs:.2f} ×", f"{ours:,} KiB against {theirs:,} KiB")
    ours, theirs = (median(found["alone", backend]) for backend in ("runconf", "dconf"))
    bench.report.figure("GSettings: the same without another program, which shares the code: that of"
                        " the module and its libraries counts as memory of the program",
                        f"{ours / theirs:.2f} ×, {ours:,} KiB against {theirs:,} KiB")


def bench_subscribers(bench):
    """A Set beside many who watch another part, in turns with one beside nobody."""
    arguments = []
    for name in ("alone", "subscribed"):
        bus = bench.bus(name)
        bench.daemon(name, (bench.source / "config.yaml").read_text(), bus)
        arguments += [name, bus["DBUS_SESSION_BUS_ADDRESS"], OBJECT, "/chat/websocket/port"]
    process = bench.start([bench.programs / "bench-subscribers", SUBSCRIBERS, "/llm/active"], bus,
                          stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    if not process.stdout.readline().startswith(b"ready"):
        raise RuntimeError("bench-subscribers ended")
    times = bench.program("scaling", bench.rounds(2000), *arguments)
    if process.poll() is not None:
        raise RuntimeError("bench-subscribers ended")
    process.stdin.close()
    process.stdout.close()
    bench.report.compare(
        f"durable Set beside {SUBSCRIBERS} subscribers of other parts, against one beside none",
        1.05, times["subscribed"], times["alone"])


def bench_watch(bench):
    bus = bench.bus("watched")
    bench.daemon("watched", (bench.source / "config.yaml").read_text(), bus)
    times = bench.program("watch", bench.runconf, bench.rounds(500), environment=bus)["watch"]
    bench.report.goal(
        "runconf watch: the line of a change after the answer to the durable Set, 99 %",
        ("≤", 5, " ms"), p99(times) / 1e6, f"{p99(times) / 1e6:.2f} ms",
        f"{micro(median(times))} in the middle, {micro(max(times))} at most")


@contextlib.contextmanager
def traced(bench, name, *options):
    """A daemon under strace: its bus, and a function that counts the system calls that strace logged."""
    bus = bench.bus(name)
    log = bench.scratch / f"{name}.strace"
    process = bench.daemon(name, "value: 1\n", bus, ["strace", "-f", "-qq", *options, "-o", log])
    # a call that another thread interrupts has a second line, without a parenthesis behind its name
    yield bus, lambda: len(re.findall(r"^\d+ +\w+\(", log.read_text(), re.MULTILINE))
    # strace would leave the daemon behind
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGTERM)
    process.wait(30)


def count_a_set(bench, bus, count):
    """The system calls of a Set of one client, and the number of Sets."""
    before = count()
    bench.program("scaling", 189, "set", bus["DBUS_SESSION_BUS_ADDRESS"], OBJECT, "/value")
    version = bench.version(bus)
    return (count() - before) / version, version


def bench_system_calls(bench):
    """Counted, not timed: under strace everything is slower."""
    with traced(bench, "syncs", "-e", "trace=fsync,fdatasync,sync_file_range,syncfs") as (bus, count):
        per_set, version = count_a_set(bench, bus, count)
        before = count()
        written, _ = bench.program("flood", "runconf", CLIENTS, bench.seconds, environment=bus)["runconf"]
        per_many = (count() - before) / written
    bench.report.goal(
        "fsyncs a batch: the journal, and now and then text, folder and history (one client: each Set is a batch)",
        ("≤", 1.3, ""),
        per_set,
        f"{per_set:.2f}",
        f"{version} Sets under strace",
    )
    bench.report.figure(f"fsyncs a Set, {CLIENTS} clients, under strace", f"{per_many:.2f}")

    with traced(bench, "calls") as (bus, count):
        per_set, version = count_a_set(bench, bus, count)
    bench.report.goal(
        "system calls of a durable Set, in all threads: half of the 149 before there was a journal",
        ("≤", 75, ""),
        per_set,
        f"{per_set:.0f}",
        f"{version} Sets under strace",
    )


def bench_stages(bench):
    """Where the time of a Set goes, beside a bare service."""
    if stages.obstacle():
        print(f"    nothing is recorded: {stages.obstacle()}")
        return

    bus = bench.bus("stages")
    service = bench.daemon("stages", (bench.source / "config.yaml").read_text(), bus)
    bare = bench.start([bench.programs / "bench-bare"], bus)
    run(["gdbus", "wait", "--session", "--timeout", "30", BARE_NAME], bus)

    def set_often(count):
        before = bench.version(bus)
        bench.program("scaling", count, "set", bus["DBUS_SESSION_BUS_ADDRESS"], OBJECT, "/chat/websocket/port")
        return bench.version(bus) - before

    def flood(what):
        return lambda: bench.program("flood", what, CLIENTS, bench.seconds, environment=bus)[what][0]

    set_often(20)
    steps, count = stages.record_steps(bench, set_often)
    alone = stages.per_set(service.pid, stages.THREADS, lambda: set_often(bench.rounds(1000)))
    many = stages.per_set(service.pid, stages.THREADS, flood("runconf"))
    floor = stages.per_set(bare.pid, stages.BARE_THREADS, flood("bare"))
    bench.report.sections += [
        "## Where the time of a durable Set goes\n",
        f"The steps of one client's Set, of {count} Sets under perf, which makes them slower:\n",
        table(("step", "median"), [(name, f"{time:,.0f} µs") for name, time in steps]),
        "The processor time of each thread for a Set; the bare service writes nothing:\n",
        table(("thread", "one client", f"{CLIENTS} clients", f"bare service, {CLIENTS} clients"),
              [(name, *(f"{used[name]:,.0f} µs" if name in used else "" for used in (alone, many, floor)))
               for name in stages.THREADS.values()]),
    ]


# of the path that bench-durable sets
DURABLE_SCHEMA = "properties:\n  bench: {additionalProperties: {type: integer}}\n"


def bench_governed(bench):
    """A Set with a schema and a history, in turns with one that has neither."""
    defaults = (bench.source / "config.yaml").read_text()
    schema = (bench.source / "config.schema.yaml").read_text()
    names = {
        "bare": {"options": ["--history-count=0"]},
        "schema": {"options": ["--history-count=0"], "schema": schema},
        "history": {},
        "governed": {"schema": schema},
    }
    words = []
    for name, how in names.items():
        bus = bench.bus(name)
        bench.daemon(name, defaults, bus, **how)
        words += [name, bus["DBUS_SESSION_BUS_ADDRESS"], OBJECT, "/chat/websocket/port"]
    times = bench.program("scaling", bench.rounds(3000), *words)
    bench.report.compare(
        "durable Set with schema and history, against one with neither (sample configuration)",
        1.5, times["governed"], times["bare"])
    for name in ("schema", "history"):
        bench.report.figure(f"the same with a {name} alone", micro(median(times[name])),
                            micro(p99(times[name])))

    bus = bench.bus("governed-dconf")
    bench.daemon("governed-dconf", defaults, bus, schema=schema.replace("properties:\n", DURABLE_SCHEMA, 1))
    times = measure_durable(bench, "governed-replace", bench.dconf(bus, "governed"))
    bench.report.compare(
        "durable Set, one client, with schema and history, against dconf_client_write_sync",
        0.7, times["set"], times["dconf"])


def measure(bench):
    def part(title):
        print(f"==> {title}", flush=True)

    part("load")
    bench_load(bench)
    bench_validate(bench)
    part("edits")
    bench_edit(bench)
    part("memory")
    bench_memory(bench)
    part(f"{CONFIGURATIONS:,} configurations")
    bench_many(bench)
    part("Set by size")
    bench_scaling(bench)
    part("Set by layers")
    bench_layers(bench)
    part("Set with schema and history")
    bench_governed(bench)
    part("durable Set, beside dconf")
    bus = bench.bus("main")
    bench.daemon("main", (bench.source / "config.yaml").read_text(), bus)
    environment = bench.dconf(bus)
    replace = bench_durable(bench, environment)
    part("Get")
    bench_get(bench, environment, replace)
    part("the command")
    bench_command(bench, environment)
    part(f"{CLIENTS} clients")
    bench_clients(bench, environment)
    part(f"{SUBSCRIBERS} subscribers")
    bench_subscribers(bench)
    part("watch")
    bench_watch(bench)
    part("stages of a Set")
    bench_stages(bench)
    part("system calls")
    bench_system_calls(bench)
    part("GSettings, beside dconf")
    bench_settings(bench)
    # last: it fills the database of dconf, which its writes would feel
    part("reads, beside dconf, GSettings and xfconf")
    bench_read(bench, bus, environment)


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--files", type=pathlib.Path, metavar="FOLDER",
                        help="measure on the file system of this folder (default: that of the build directory, "
                             "or an ext4 in a file, if that one has no journal)")
    arguments = parser.parse_args()

    source = pathlib.Path(__file__).resolve().parents[2]
    build = arguments.build.resolve()
    # an interrupted run stops what it started
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # the sockets where their paths are short
    with disk.scratch(build, arguments.files) as scratch, \
            tempfile.TemporaryDirectory(prefix="runconf-bench-") as sockets:
        bench = Bench(build, source, scratch, pathlib.Path(sockets), arguments.quick)
        with bench.stack:
            facts = machine(bench)
            measure(bench)

    publish(markdown(bench, facts), arguments.output)


if __name__ == "__main__":
    main()
