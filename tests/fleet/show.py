#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shows a fleet on one machine: three members of etcd and five hosts, each with a bus, a runconfd and an agent.

Changes are seen on all hosts, the leader of etcd is killed meanwhile, a rollout that one host can't bear goes back,
and an agent goes on with one whose command is killed. The latencies become a picture. It fails if a step doesn't have
its result.
"""

import argparse
import os
import pathlib
import re
import selectors
import shutil
import statistics
import subprocess
import sys
import textwrap
import threading
import time

from machines import PATIENCE, Fleet, wait_until

HOSTS = ("web1", "web2", "web3", "db1", "db2")
WEB = [host for host in HOSTS if host.startswith("web")]
FRAGILE = "db2"
BAD_PORT = 9999
WIDTH = 120
CONFIG = "# as the package has it\nport: 8000\nworkers: 4\n"
SCHEMA = "type: object\nproperties: {port: {type: integer, maximum: 65535}, workers: {type: integer}}\n"

PLOT = """
set terminal svg size 900,420 font 'sans-serif,12' background '#ffffff'
set output '{picture}'
set title 'runconf fleet set, until a program on each of {hosts} hosts has the value'
set xlabel 'seconds since the first change'
set ylabel 'milliseconds'
set logscale y
set grid ytics
set key outside right top
set arrow from {killed},graph 0 to {killed},graph 1 nohead lc rgb '#c00000'
set label 'leader killed' at {killed},graph 0.96 offset 0.5 tc rgb '#c00000'
set arrow from {back},graph 0 to {back},graph 1 nohead lc rgb '#008000'
set label 'back' at {back},graph 0.96 offset 0.5 tc rgb '#008000'
plot {series}
"""


class Failure(Exception):
    """A step without its result."""


def expect(condition, what):
    if not condition:
        raise Failure(what)


def show(text):
    print("\n".join(line for part in text.splitlines() for line in textwrap.wrap(part, WIDTH) or [""]), flush=True)


class Viewer:
    """A program on each host that follows one value, and the times at which it learns of a new one."""

    def __init__(self, fleet):
        self.seen = {host.name: {} for host in fleet.hosts}
        self.selector = selectors.DefaultSelector()
        for host in fleet.hosts:
            process = fleet.start([fleet.runconf, "-c", "chat", "watch", "--initial", "/port"], f"{host.name}-watch",
                                  host.environment, stdout=subprocess.PIPE)
            os.set_blocking(process.stdout.fileno(), False)
            self.selector.register(process.stdout, selectors.EVENT_READ, host.name)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while self.selector.get_map():
            for key, _ in self.selector.select():
                data = key.fileobj.read()
                now = time.monotonic()
                if not data:
                    self.selector.unregister(key.fileobj)
                for value in re.findall(rb"^/port: (\d+)$", data or b"", re.MULTILINE):
                    self.seen[key.data].setdefault(int(value), now)

    def wait(self, value, hosts=HOSTS):
        """The times at which the hosts saw a value."""
        wait_until(lambda: all(value in self.seen[host] for host in hosts), f"{value} on {', '.join(hosts)}",
                   pause=0.001)
        return {host: self.seen[host][value] for host in hosts}


class Story:
    def __init__(self, fleet):
        self.fleet = fleet
        self.viewer = None

    def run(self, *words, expected="", check=True):
        """Runs the command for fleets as one would type it, and shows its output."""
        show("$ runconf fleet " + " ".join(f"'{word}'" if re.search(r"[\s*{]", word) else word for word in words))
        output = self.fleet.run("-c", "chat", *words, check=check)
        if output:
            show(output.rstrip())
        expect(re.search(expected, output), f"“{expected}” was expected")

    def on_host(self, host, *words, expected=""):
        show(f"{host.name}$ runconf " + " ".join(words))
        output = host.runconf("-c", "chat", *words)
        show(output.rstrip())
        expect(re.search(expected, output), f"“{expected}” was expected")

    def start(self):
        show("Three members of etcd, and five hosts. Each host has a bus, a runconfd and an agent of its own.")
        self.fleet.start_members(3)
        health = (f'test "$({self.fleet.runconf} -c chat get /port)" != {BAD_PORT} || '
                  f'{{ echo "port {BAD_PORT} is taken"; exit 1; }}')
        for name in HOSTS:
            settings = {"health": health} if name == FRAGILE else {}
            self.fleet.add_host(name, {"chat": {"config.yaml": CONFIG, "config.schema.yaml": SCHEMA}}, **settings)
        self.viewer = Viewer(self.fleet)
        self.viewer.wait(8000)

    def change(self):
        show("\n== One change on all hosts, more for some of them\n")
        start = time.monotonic()
        self.run("set", "--all", "/port", "8100", "--wait", "--message", "for the move")
        times = self.viewer.wait(8100)
        show("".join(f"{host} has it after {(seen - start) * 1000:.0f} ms\n" for host, seen in times.items()))
        self.run("group", "web", "web*")
        self.run("set", "--group", "web", "/workers", "16", "--wait", expected="changed /workers")
        self.run("set", "--host", "db1", "/port", "8200", "--wait")
        self.viewer.wait(8200, ["db1"])
        self.on_host(self.fleet.hosts[0], "get", "/workers", expected="16")
        self.on_host(self.fleet.hosts[3], "explain", "/port", expected="fleet")
        self.run("reset", "--host", "db1", "/port", "--wait")
        self.run("history", "--all", expected="for the move")
        self.run("status")

    def one_change(self, value):
        """When it began, and when each host had it."""
        begin = time.monotonic()
        self.fleet.run("-c", "chat", "-q", "set", "--all", "/port", str(value))
        return begin, self.viewer.wait(value)

    def measure(self, count):
        """The latencies of changes by host; the leader is killed after a third, and is back after two."""
        show("\n== The leader of etcd is killed\n")
        show(f"{count} changes, one after the other.")
        rows, killed, back, leader = [], None, None, None
        first = time.monotonic()
        for number in range(count):
            if number == count // 3:
                leader = self.fleet.leader()
                leader.kill()
                killed = time.monotonic() - first
                show(f"$ kill -KILL {leader.process.pid}   # {leader.name}, the leader")
            if number == 2 * count // 3:
                leader.start()
                back = time.monotonic() - first
                show(f"{leader.name} is started again.")
            begin, times = self.one_change(10000 + number)
            rows.append((begin - first, {host: seen - begin for host, seen in times.items()}))
        self.fleet.wait_for_members()
        latencies = [latency * 1000 for _, times in rows for latency in times.values()]
        show(f"Each change was seen on each host: median {statistics.median(latencies):.0f} ms, "
             f"longest {max(latencies):,.0f} ms.")
        return rows, killed, back

    def roll_out(self):
        show("\n== A rollout that one host can't bear\n")
        show(f"The health command of {FRAGILE} fails as soon as the port is {BAD_PORT}.")
        before = self.fleet.hosts[0].runconf("-c", "chat", "get", "/port").strip()
        self.run("rollout", "--all", "--steps", "1,60%,100%", "--soak", "2s", "/port", str(BAD_PORT), check=False,
                 expected=f"undone: .*{FRAGILE}.*port {BAD_PORT} is taken")
        for host in self.fleet.hosts:
            wait_until(lambda host=host: host.runconf("-c", "chat", "get", "/port").strip() == before,
                       f"{before} on {host.name}")
        show(f"All hosts have the port {before} again.")
        self.run("rollout", "--all", "--steps", "1,60%,100%", "--soak", "1s", "/port", "8300", expected="5 of 5 hosts")
        self.viewer.wait(8300)

    def find_leader(self):
        """The host whose agent led a rollout to its end; None if there is none."""
        pattern = re.compile("taken up at step .* finished", re.DOTALL)
        return next((host.name for host in self.fleet.hosts if pattern.search(self.fleet.log(f"{host.name}-agent"))),
                    None)

    def take_over(self):
        show("\n== The command of a rollout is killed\n")
        words = ["rollout", "--all", "--steps", "1,60%,100%", "--soak", "1s", "/port", "8400"]
        show("$ runconf fleet " + " ".join(words))
        command = self.fleet.start(self.fleet.line("-c", "chat", *words), "rollout")
        wait_until(lambda: any(8400 in seen for seen in self.viewer.seen.values()), "the first step")
        command.kill()
        show(f"$ kill -KILL {command.pid}   # the rollout, at its first step")
        start = time.monotonic()
        self.viewer.wait(8400)
        seconds = time.monotonic() - start
        wait_until(self.find_leader, "an agent that led the rollout to its end")
        show(f"The agent of {self.find_leader()} went on when the lease was over:"
             f" all hosts have the port 8400 after {seconds:.0f} s.")
        wait_until(lambda: "5 ok" in self.fleet.run("status"), "the reports of all hosts")
        self.run("status")


def draw(rows, killed, back, picture):
    series, data = [], []
    for host in HOSTS:
        series.append(f"'-' using 1:2 with points pt 7 ps 0.4 title '{host}'")
        data += [f"{begin:.4f} {times[host] * 1000:.3f}" for begin, times in rows] + ["e"]
    script = PLOT.format(picture=picture, hosts=len(HOSTS), killed=killed, back=back, series=", ".join(series))
    subprocess.run(["gnuplot"], input=script + "\n".join(data) + "\n", text=True, check=True, timeout=PATIENCE)


def tell(build, changes, picture):
    with Fleet(build) as fleet:
        story = Story(fleet)
        try:
            story.start()
            story.change()
            measured = story.measure(changes)
            if shutil.which("gnuplot"):
                draw(*measured, picture)
                show(f"The picture of the latencies: {picture}")
            else:
                show("There is no picture of the latencies: gnuplot isn't installed.")
            story.roll_out()
            story.take_over()
        except (Failure, RuntimeError) as error:
            for host in fleet.hosts:
                show(f"\nThe log of the agent of {host.name}:\n{fleet.log(f'{host.name}-agent')[-1000:]}")
            show(f"\nFAILED: {error}")
            return 1
    show("\nAll steps had the expected result.")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build directory")
    parser.add_argument("--changes", type=int, default=300, help="how many changes are measured (300)")
    parser.add_argument("--picture", type=pathlib.Path, help="the picture (fleet.svg in the build directory)")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    return tell(build, max(3, arguments.changes), (arguments.picture or build / "fleet.svg").resolve())


if __name__ == "__main__":
    sys.exit(main())
