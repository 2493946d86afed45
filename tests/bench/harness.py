# SPDX-License-Identifier: LGPL-2.1-or-later
"""The common part of the programs of benchmarks: the buses and daemons, the figures, and their tables."""

import argparse
import contextlib
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

import disk

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))

from bus_config import write_bus_config  # noqa: E402

NAME = "org.runconf.Config1"
OBJECT = "/org/runconf/Config1/default"
LEAVES = 100_000
# how readers lay their keys out
LEAVES_PER_GROUP = 100


# what was measured


def milli(nanoseconds):
    return f"{nanoseconds / 1e6:,.1f} ms"


def micro(nanoseconds):
    return f"{nanoseconds / 1e3:,.0f} µs"


def median(samples):
    return statistics.median(samples)


def p99(samples):
    return sorted(samples)[min(len(samples) - 1, len(samples) * 99 // 100)]


class Report:
    """The rows of the tables, in the order in which they were measured."""

    def __init__(self):
        self.goals = []
        self.figures = []
        self.sections = []

    def goal(self, what, limit, reached, text, comment=""):
        at_most = limit[0] == "≤"
        bound = limit[1]
        met = reached <= bound if at_most else reached >= bound
        goal = f"{limit[0]} {bound:g}{limit[2]}"
        self.goals.append((what, goal, text, "yes" if met else "**no**", comment))
        print(f"    {what}: {text}, goal {goal}: {'reached' if met else 'missed'}", flush=True)

    def compare(self, what, limit, times, base):
        """The goal that the median of `times` is at most `limit` times that of `base`."""
        ratio = median(times) / median(base)
        self.goal(what, ("≤", limit, " ×"), ratio, f"{ratio:.2f} ×",
                  f"{micro(median(times))} against {micro(median(base))}")

    def figure(self, what, *texts):
        self.figures.append((what, *texts))
        print(f"    {what}: {', '.join(text for text in texts if text)}", flush=True)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


# what is started


class Bench:
    def __init__(self, build, source, scratch, sockets, quick):
        self.programs = build / "tests" / "bench"
        self.runconfd = build / "src" / "service" / "runconfd"
        self.runconf = build / "src" / "cli" / "runconf"
        self.modules = build / "src" / "gsettings" / "backend"
        self.source = source
        self.scratch = scratch
        self.sockets = sockets
        self.rounds = (lambda number: max(5, number // 10)) if quick else (lambda number: number)
        self.seconds = 1 if quick else 2
        self.report = Report()
        self.stack = contextlib.ExitStack()

    def folder(self, name):
        path = self.scratch / name
        path.mkdir()
        return path

    def start(self, command, environment=None, **options):
        process = subprocess.Popen(
            [str(word) for word in command],
            env={**os.environ, **(environment or {})},
            **{"stdin": subprocess.DEVNULL, **options},
        )
        self.stack.callback(stop, process)
        return process

    def bus(self, name):
        """Starts a bus of its own; the environment in which it is the session bus."""
        address = f"unix:path={self.sockets / name}"
        config = self.scratch / f"{name}.conf"
        write_bus_config(config, self.sockets / name)
        with (self.scratch / f"{name}.log").open("w") as log:
            process = self.start(
                ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"]
                + ["--print-address=1"],
                stdout=subprocess.PIPE,
                stderr=log,
            )
        if not process.stdout.readline():
            raise RuntimeError(f"dbus-daemon: {pathlib.Path(log.name).read_text()}")
        process.stdout.close()
        return {"DBUS_SESSION_BUS_ADDRESS": address}

    def daemon(self, name, defaults, bus, wrapper=(), options=(), schema=None):
        """Starts runconfd on that bus, and waits until it answers."""
        folder = self.folder(name)
        if isinstance(defaults, str):
            (folder / "config.yaml").write_text(defaults)
            defaults = folder / "config.yaml"
        if schema:
            (folder / "config.schema.yaml").write_text(schema)
        return self.serve(
            folder, bus, [*wrapper, self.runconfd, "--defaults", defaults]
            + ["--runtime", folder / "runtime_config.yaml", "--session", *options])

    def serve(self, folder, bus, command):
        """Starts a daemon that writes its log into that folder, and waits until it answers."""
        with (folder / "log").open("w") as log:
            process = self.start(command, bus, stderr=log)
        try:
            run(["gdbus", "wait", "--session", "--timeout", "30", NAME], bus)
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {(folder / 'log').read_text()}") from error
        return process

    def dconf(self, bus, name="dconf"):
        """Starts dconf-service with its database in the same scratch folder."""
        service = pathlib.Path("/usr/share/dbus-1/services/ca.desrt.dconf.service").read_text()
        command = re.search(r"^Exec=(.*)$", service, re.MULTILINE).group(1).split()
        environment = {
            **bus,
            "XDG_CONFIG_HOME": str(self.folder(f"{name}-config")),
            "XDG_RUNTIME_DIR": str(self.folder(f"{name}-runtime")),
            "DCONF_PROFILE": str(self.scratch / f"{name}-profile"),
        }
        (self.scratch / f"{name}-profile").write_text("user-db:user\n")
        self.start(command, environment)
        run(["gdbus", "wait", "--session", "--timeout", "30", "ca.desrt.dconf"], bus)
        return environment

    def program(self, name, *arguments, environment=None):
        """Runs a program of this folder; what it measured, by name."""
        output = run([self.programs / f"bench-{name}", *arguments], environment)
        rows = [line.split() for line in output.splitlines()]
        return {row[0]: [int(word) for word in row[1:]] for row in rows}

    def version(self, bus):
        output = run(
            ["gdbus", "call", "--session", "--dest", NAME, "--object-path", OBJECT, "--method"]
            + ["org.freedesktop.DBus.Properties.Get", NAME, "Version"],
            bus,
        )
        return int(re.search(r"uint64 (\d+)", output).group(1))


def run(command, environment=None):
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}")
    return done.stdout


def stop(process):
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def memory(pid):
    """Resident and proportional memory of a process, in MB of 1,000,000 bytes."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    fields = dict(re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE))
    return int(fields["Rss"]) * 1024 / 1e6, int(fields["Pss"]) * 1024 / 1e6


# the machine


def first_match(path, pattern, otherwise="unknown"):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1).strip() if found else otherwise


def machine(bench):
    memory_kb = int(first_match("/proc/meminfo", r"^MemTotal:\s+(\d+)", "0"))
    glib = subprocess.run(
        ["pkg-config", "--modversion", "glib-2.0"], capture_output=True, text=True, check=False
    ).stdout.strip()
    dbus = subprocess.run(
        ["dbus-daemon", "--version"], capture_output=True, text=True, check=False
    ).stdout.splitlines()[0]
    return [
        ("processor", first_match("/proc/cpuinfo", r"^model name\s*:\s*(.*)$")),
        ("cores", str(len(os.sched_getaffinity(0)))),
        ("memory", f"{memory_kb * 1024 / 1e9:.0f} GB"),
        ("kernel", f"{platform.system()} {platform.release()}"),
        ("distribution", first_match("/etc/os-release", r'^PRETTY_NAME="?([^"\n]*)')),
        ("file system", disk.describe(bench.scratch)),
        ("GLib", glib),
        ("bus", dbus),
    ]


def markdown(bench, facts, title="Benchmarks", command="./dev bench --output docs/benchmarks.md"):
    report = bench.report
    return "\n".join(
        [
            f"# {title}",
            "",
            f"Made by `{command}`, in one run beside the peers, which the",
            "run starts itself; what has a peer is measured in turns with it. Medians.",
            "",
            table(("machine", ""), facts),
            "## Goals",
            "",
            table(("what", "goal", "measured", "reached", ""), report.goals),
            "## For scale",
            "",
            table(
                ("what", "median", "99 %"),
                [tuple(row) + ("",) * (3 - len(row)) for row in report.figures],
            ),
            *report.sections,
        ]
    )


def make_parser(description, parts=None):
    """The options of each program of benchmarks; @parts are those that can be measured alone."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build directory")
    parser.add_argument("--output", type=pathlib.Path, help="write the tables to this file too")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rounds, to try this out")
    if parts:
        parser.add_argument("--only", choices=parts, action="append", help="measure only this; can be repeated")
    return parser


def publish(text, output):
    print("\n" + text)
    if output:
        output.write_text(text)
