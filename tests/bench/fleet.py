#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures a fleet on one machine, beside bare etcd in the same run, and prints what it found as Markdown.

--constants FILE writes the figures that tests/fleet/model.py computes with. A time never makes this fail; an
error does, and so does a write that was answered and is lost.
"""

import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import re
import select
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fleet"))

from harness import Bench, machine, make_parser, markdown, median, memory, p99, publish  # noqa: E402
from machines import PATIENCE, Fleet, encode, wait_until  # noqa: E402

HOSTS = 200
FLEETS = (50, 100, HOSTS)
DOCUMENTS = (100, 10_000, 100_000)
FILE = "var/lib/runconf-fleet/app/config.d/50-fleet-10-all.yaml"
IN_MOVED_TO = 0x80
SETTLING_SECONDS = 5
KEY = "/runconf/config/app/all"


def milli(nanoseconds):
    return f"{nanoseconds / 1e6:,.2f} ms"


def cpu(process):
    """The seconds of processor time that a process has used."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def busy():
    """The seconds for which all processors of the machine together were busy."""
    user, nice, system, _, _, *interrupts = map(int, pathlib.Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


class Moves:
    """When files are renamed into folders."""

    def __init__(self, folders):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = self.libc.inotify_init()
        for folder in folders:
            if self.libc.inotify_add_watch(self.descriptor, os.fsencode(folder), IN_MOVED_TO) < 0:
                raise OSError(ctypes.get_errno(), f"inotify: {folder}")

    def close(self):
        os.close(self.descriptor)

    def wait(self, count):
        """The times of the next moves, one in each of so many folders."""
        times = {}
        while len(times) < count:
            if not select.select([self.descriptor], [], [], PATIENCE)[0]:
                raise RuntimeError(f"only {len(times)} of {count} hosts have the change")
            data = os.read(self.descriptor, 65536)
            now = time.monotonic_ns()
            while data:
                watch, _, _, length = struct.unpack_from("iIII", data)
                times.setdefault(watch, now)
                data = data[16 + length:]
        return list(times.values())


def document(size, number):
    """A document of about that size; each number has a text of its own."""
    head = f"n: {number}\n"
    return head + "".join(f"key{line:05}: {line % 10} # text\n" for line in range((size - len(head)) // 19))


# one host


def bench_host(bench, build):
    with Fleet(build) as fleet:
        fleet.start_members(1)
        host = fleet.add_host("host1", {"app": {"config.yaml": "n: 0\n"}})
        revision = fleet.members[0].put(KEY, "n: -1\n")
        fleet.wait_for_hosts(["host1"], "app", revision)
        time.sleep(bench.seconds)
        resident, proportional = memory(host.agent.pid)
        found = bench.program("fleet", fleet.members[0].url, host.bus, bench.rounds(300),
                              *fleet.line("-c", "app", "-q", "set", "--all", "/n"))
    report = bench.report
    report.goal("resident memory of the agent, idle", ("≤", 12, " MB"), resident, f"{resident:.1f} MB",
                f"{proportional:.1f} MB proportional")
    report.compare("put of a document to ConfigChanged of a host's runconfd, against a bare put to its watch event",
                   3, found["put-to-signal"], found["bare"])
    report.compare("runconf fleet set to the same ConfigChanged, with the start of its process", 3,
                   found["set-to-signal"], found["bare"])
    report.compare("… against etcdctl put to its watch event, both with the start of their processes", 3,
                   found["set-to-signal"], found["etcdctl"])
    slowest = p99(found["set-to-signal"]) / 1e6
    report.goal("runconf fleet set to ConfigChanged, 99 %", ("≤", 50, " ms"), slowest, f"{slowest:.1f} ms")
    for what, name in (
        ("a bare put to its watch event", "bare"),
        ("put of a document to ConfigChanged", "put-to-signal"),
        ("runconf fleet set to ConfigChanged", "set-to-signal"),
        ("… from its start to the document's event at an onlooker", "set-to-event"),
        ("… from that event to ConfigChanged", "event-to-signal"),
        ("runconf-fleet --version, the whole process", "process"),
        ("etcdctl put, from its start to the event of its put", "etcdctl"),
    ):
        report.figure(what, milli(median(found[name])), milli(p99(found[name])))
    return {"bare_ms": median(found["bare"]) / 1e6, "host_ms": median(found["put-to-signal"]) / 1e6}


# many hosts in one process


class Many:
    """An agent that plays many hosts, and one member of etcd."""

    def __init__(self, fleet, count):
        self.fleet = fleet
        self.names = [f"host{number:04}" for number in range(count)]
        roster = fleet.scratch / "hosts"
        roster.write_text("\n".join(self.names))
        config = fleet.scratch / "fleetd.yaml"
        config.write_text(json.dumps({"endpoints": fleet.urls(), "bus": "none"}))
        self.before = memory(self.etcd.pid)[0]
        self.counts, self.bytes = {}, [0, 0]
        self.agent = fleet.start([fleet.fleetd, "--config", config, "--root", fleet.scratch, "--hosts", roster],
                                 "agent")
        self.member.put(KEY, document(100, 0))
        self.settle(self.member.put(KEY, document(100, 1)))
        # the first requests of all hosts make connections and leases
        time.sleep(SETTLING_SECONDS)
        self.moves = Moves([(fleet.scratch / name / FILE).parent for name in self.names])

    @property
    def member(self):
        return self.fleet.members[0]

    @property
    def etcd(self):
        return self.member.process

    def settle(self, revision):
        self.fleet.wait_for_hosts(self.names, "app", revision)

    def count(self):
        """The connections of the agent, and the bytes that it has received and sent, as the kernel counts them.

        A connection that closes takes its count along, so this is called again and again.
        """
        output = subprocess.run(["ss", "-HOtinp", "state", "established", f"( dport = :{self.member.port} )"],
                                check=True, text=True, stdout=subprocess.PIPE).stdout
        counts = {}
        for line in output.splitlines():
            # the gateway of the member is a client of the same port
            if f"pid={self.agent.pid}," in line:
                fields = dict(re.findall(r"\b(bytes_received|bytes_sent):(\d+)", line))
                counts[re.search(r"127\.0\.0\.1:(\d+)", line).group(1)] = (
                    int(fields.get("bytes_received", 0)), int(fields.get("bytes_sent", 0)))
        for port, found in counts.items():
            for way in (0, 1):
                self.bytes[way] += found[way] - self.counts.get(port, (0, 0))[way]
        self.counts = counts
        return len(counts), *self.bytes

    def change(self, text):
        """The times from a put to each host's file, and to the last report."""
        start = time.monotonic_ns()
        revision = self.member.put(KEY, text)
        times = [moved - start for moved in self.moves.wait(len(self.names))]
        self.settle(revision)
        return times, time.monotonic_ns() - start


def measure_changes(many, size, rounds):
    """What changes of a document of that size cost, a host and change."""
    times, reported = [], []
    before = (cpu(many.etcd), cpu(many.agent), many.count(), busy() - time.process_time(), time.monotonic())
    for number in range(rounds):
        files, last = many.change(document(size, number + 2))
        times += files
        reported.append(last)
        many.count()
    after = (cpu(many.etcd), cpu(many.agent), many.count(), busy() - time.process_time(), time.monotonic())
    ours = after[0] - before[0] + after[1] - before[1]
    count = rounds * len(many.names)
    return {
        "hosts": len(many.names), "document": len(document(size, 2)),
        # what other programs left
        "processors": os.cpu_count() - (after[3] - before[3] - ours) / (after[4] - before[4]),
        "file_ms": median(times) / 1e6, "file_p99_ms": p99(times) / 1e6, "reported_ms": median(reported) / 1e6,
        "etcd_cpu_us": (after[0] - before[0]) / count * 1e6, "agent_cpu_us": (after[1] - before[1]) / count * 1e6,
        "sent_bytes": (after[2][1] - before[2][1]) / count, "received_bytes": (after[2][2] - before[2][2]) / count,
    }


def measure_idle(many, seconds):
    before = (cpu(many.etcd), many.count())
    for _ in range(seconds):
        time.sleep(1)
        after = (cpu(many.etcd), many.count())
    share = len(many.names) * seconds
    return {
        "hosts": len(many.names), "connections": after[1][0] / len(many.names),
        "etcd_cpu_us_a_second": (after[0] - before[0]) / share * 1e6,
        "sent_bytes_a_second": (after[1][1] - before[1][1]) / share,
        "received_bytes_a_second": (after[1][2] - before[1][2]) / share,
        "etcd_memory_bytes": (memory(many.etcd.pid)[0] - many.before) * 1e6 / len(many.names),
        "agent_memory_bytes": memory(many.agent.pid)[0] * 1e6 / len(many.names),
    }


def bench_many(bench, build):
    changes, idle = [], []
    for count in FLEETS:
        with Fleet(build) as fleet:
            fleet.start_members(1)
            many = Many(fleet, count)
            changes += [measure_changes(many, size, bench.rounds(10)) for size in DOCUMENTS]
            idle.append(measure_idle(many, 10 * bench.seconds))
            many.moves.close()
    row = next(row for row in changes if row["hosts"] == HOSTS)
    bench.report.goal(
        f"put of a document to its file on each of {HOSTS} hosts in one process, 99 %", ("≤", 1000, " ms"),
        row["file_p99_ms"], f"{row['file_p99_ms']:.0f} ms", f"{row['reported_ms']:.0f} ms to the last report")
    for row in changes:
        bench.report.figure(
            f"a document of {row['document']:,} bytes on {row['hosts']} hosts: to the files"
            f" (of a host and change: {row['etcd_cpu_us']:.0f} µs of etcd's processor,"
            f" {row['sent_bytes']:,.0f} bytes from etcd, {row['received_bytes']:,.0f} to it)",
            f"{row['file_ms']:,.0f} ms", f"{row['file_p99_ms']:,.0f} ms")
    for row in idle:
        bench.report.figure(
            f"{row['hosts']} idle hosts: connections each ({row['sent_bytes_a_second']:.0f} bytes/s from etcd,"
            f" {row['received_bytes_a_second']:.0f} to it, {row['etcd_cpu_us_a_second']:.0f} µs/s of etcd's processor,"
            f" {row['etcd_memory_bytes'] / 1e3:,.0f} KB of etcd's memory)", f"{row['connections']:.2f}")
    return {"changes": changes, "idle": idle}


# single requests


def requests(member, path, body, count):
    connection = http.client.HTTPConnection("127.0.0.1", member.port, timeout=PATIENCE)
    with contextlib.closing(connection):
        for number in range(count):
            connection.request("POST", f"/v3/{path}", json.dumps(body(number)))
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise OSError(f"{path}: {answer.status}: {text}")


def measure_requests(build, members, rounds):
    """The processor time of one request: at the member that is asked, which follows if it can, and at the leader."""
    with Fleet(build) as fleet:
        fleet.start_members(members)
        leader = fleet.leader()
        asked = next((member for member in fleet.members if member is not leader), leader)
        lease = asked.call("lease/grant", TTL=600)["ID"]
        found = {}
        for name, path, body in (
            ("put", "kv/put", lambda number: {"key": encode("/bench/status"), "value": encode(f"{number:0400}")}),
            ("range", "kv/range", lambda _: {"key": encode("/bench/"), "range_end": encode("/bench0"), "limit": 1}),
            ("keepalive", "lease/keepalive", lambda _: {"ID": lease}),
        ):
            requests(asked, path, body, 20)
            before = [cpu(member.process) for member in (asked, leader)]
            requests(asked, path, body, rounds)
            after = [cpu(member.process) for member in (asked, leader)]
            found[name] = {"asked_us": (after[0] - before[0]) / rounds * 1e6,
                           "leader_us": (after[1] - before[1]) / rounds * 1e6}
    return found


def bench_requests(bench, build):
    found = {}
    for members in (1, 3):
        found[str(members)] = measure_requests(build, members, bench.rounds(5000))
        for name, row in found[str(members)].items():
            bench.report.figure(
                f"processor time of one {name}, {members} member{'s' if members > 1 else ''}: of the member asked",
                f"{row['asked_us']:.0f} µs", "" if members == 1 else f"leader {row['leader_us']:.0f} µs")
    return found


# the proxy


def bench_proxy(bench, build, watchers=50):
    """What etcd's own tier makes of many watchers, and whether it has the gateway that agents need."""
    with Fleet(build) as fleet:
        fleet.start_members(1)
        member = fleet.members[0]
        port = member.peer_port + 1
        fleet.start(["etcd", "grpc-proxy", "start", f"--endpoints={member.url}", f"--listen-addr=127.0.0.1:{port}"],
                    "proxy")

        def ask():
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                with contextlib.closing(connection):
                    connection.request("POST", "/v3/kv/range", json.dumps({"key": encode("x")}))
                    return connection.getresponse().status
            return None

        def watchers_of_member():
            connection = http.client.HTTPConnection("127.0.0.1", member.port, timeout=PATIENCE)
            with contextlib.closing(connection):
                connection.request("GET", "/metrics")
                text = connection.getresponse().read().decode()
            return int(float(re.search(r"^etcd_debugging_mvcc_watcher_total (\S+)", text, re.MULTILINE).group(1)))

        status = wait_until(ask, "the proxy")
        before = watchers_of_member()
        client = fleet.start(["etcdctl", f"--endpoints=127.0.0.1:{port}", "watch", "-i"], "watchers",
                             stdin=subprocess.PIPE)
        client.stdin.write(b"watch key\n" * watchers)
        client.stdin.flush()
        time.sleep(2)
        coalesced = watchers_of_member() - before
        client.stdin.close()
    bench.report.figure("etcd grpc-proxy: status of a request to the JSON gateway", str(status))
    bench.report.figure(f"{watchers} equal watchers at the proxy: watchers that the member has for them",
                        str(coalesced))
    return {"gateway_status": status, "watchers": watchers, "watchers_of_member": coalesced}


# the leader is killed


class Writer:
    """Makes writes one after the other, as processes, until it is told to end."""

    def __init__(self, command):
        self.command = command
        self.answered = []  # (the number, when it was answered)
        self.is_over = False
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        number = 0
        while not self.is_over:
            number += 1
            done = subprocess.run(self.command(number), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, check=False)
            if done.returncode == 0:
                self.answered.append((number, time.monotonic()))

    def first_after(self, when):
        return next((time for _, time in self.answered if time > when), None)

    def end(self):
        self.is_over = True
        self.thread.join()


def bench_leader(bench, build):
    """Both writers feel the same election."""
    gaps = {"fleet": [], "etcdctl": []}
    with Fleet(build) as fleet:
        fleet.start_members(3)
        endpoints = ",".join(fleet.urls())
        writers = {
            "fleet": Writer(lambda number: fleet.line("-c", "app", "-q", "set", "--all", f"/k{number}", str(number))),
            "etcdctl": Writer(lambda number: ["etcdctl", f"--endpoints={endpoints}", "put", f"/bench/{number}",
                                              str(number)]),
        }
        try:
            for _ in range(bench.rounds(10)):
                wait_until(lambda: all(writer.answered for writer in writers.values()), "first writes")
                time.sleep(1)
                leader = fleet.leader()
                killed = time.monotonic()
                leader.kill()
                for name, writer in writers.items():
                    # a write that was answered just before the kill may be noted just after it
                    after = wait_until(lambda: writer.first_after(killed + 0.2), f"a write of {name}")
                    gaps[name].append(after - killed)
                leader.start()
                fleet.wait_for_members()
        finally:
            for writer in writers.values():
                writer.end()
        text = fleet.leader().list("/runconf/config/app/")["all"]
        lost = [number for number, _ in writers["fleet"].answered if f"\nk{number}: {number}\n" not in f"\n{text}"]
        if lost:
            raise RuntimeError(f"answered and lost: {lost}")
        made = len(writers["fleet"].answered)
    ours, theirs = median(gaps["fleet"]), median(gaps["etcdctl"])
    bench.report.goal(
        "leader killed, three members: until a write of runconf fleet set is answered again, against etcdctl put",
        ("≤", 1.5, " ×"), ours / theirs, f"{ours / theirs:.2f} ×",
        f"{ours:.2f} s against {theirs:.2f} s; none of {made:,} answered writes is lost")
    bench.report.figure("the same, the longest of all: runconf fleet set, etcdctl",
                        f"{max(gaps['fleet']):.2f} s", f"{max(gaps['etcdctl']):.2f} s")
    return {"fleet_s": ours, "etcdctl_s": theirs}


PARTS = {
    "host": bench_host,
    "many": bench_many,
    "requests": bench_requests,
    "proxy": bench_proxy,
    "leader": bench_leader,
}


def main():
    parser = make_parser(__doc__, PARTS)
    parser.add_argument("--constants", type=pathlib.Path, help="write the figures for tests/fleet/model.py")
    arguments = parser.parse_args()

    build = arguments.build.resolve()
    source = pathlib.Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory(prefix="runconf-fleet-") as scratch:
        bench = Bench(build, source, pathlib.Path(scratch), pathlib.Path(scratch), arguments.quick)
        constants = {}
        with bench.stack:
            facts = machine(bench)
            etcd = subprocess.run(["etcd", "--version"], check=True, text=True, stdout=subprocess.PIPE).stdout
            facts.append(("etcd", etcd.splitlines()[0].rpartition(" ")[2]))
            for name, part in PARTS.items():
                if not arguments.only or name in arguments.only:
                    print(f"==> {name}", flush=True)
                    constants[name] = part(bench, build)
        text = markdown(bench, facts, "Benchmarks of a fleet", "./dev fleet-bench --output docs/fleet-benchmarks.md")
    publish(text, arguments.output)
    if arguments.constants:
        arguments.constants.write_text(json.dumps({"machine": dict(facts), **constants}, indent=2) + "\n")


if __name__ == "__main__":
    main()
