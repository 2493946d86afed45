#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Computes bytes, connections, memory and time for a fleet of any size, from the constants in measured.json.

tests/bench/fleet.py measured the constants. --check compares the model with the rows that were measured.

A change of one document that all hosts have costs, for each host:

- at its member: an event of the watch with the document in base64 and its author, and a write of the host's
  report. The two together are measured for three sizes of documents, so a line through them gives the cost of an
  empty document and of each byte.
- at the leader, if another member serves the host: its part of the write.

A tier that coalesces watches, like etcd's grpc-proxy, takes the bytes of the document off the members: they send
each document once to each relay. Reads, reports and leases go through it one by one. So a host behind the tier
costs the members what a host with an empty document does, which counts its event too.
"""

import argparse
import json
import pathlib
import sys
from dataclasses import dataclass

MEASURED = pathlib.Path(__file__).with_name("measured.json")
FLEETS = (1000, 10_000, 100_000)
DOCUMENTS = (1000, 10_000, 100_000)
# how often an agent renews its lease
LEASES_A_SECOND = 1 / 6
# the largest ratio of the model and a measured time, in each direction: the model leaves out the disk, which all
# hosts of the measurement share
TOLERANCE = 3


def fit(points):
    """The line through the points, by least squares of the relative errors: (start, slope)."""
    weights = [1 / max(y, 1e-9) ** 2 for _, y in points]
    total = sum(weights)
    x_mean = sum(w * x for w, (x, _) in zip(weights, points)) / total
    y_mean = sum(w * y for w, (_, y) in zip(weights, points)) / total
    slope = (sum(w * (x - x_mean) * (y - y_mean) for w, (x, y) in zip(weights, points))
             / sum(w * (x - x_mean) ** 2 for w, (x, _) in zip(weights, points)))
    return y_mean - slope * x_mean, slope


@dataclass
class Constants:
    """Of one host; times are in seconds of a processor."""

    sent: tuple  # bytes from etcd for a change: of an empty document, and of each byte
    received: float
    etcd: tuple  # the member's time for a change, in the same form
    agent: tuple
    leader: float  # the leader's time for a change of a host that another member serves
    leader_lease: float  # the leader's time for such a renewal of a lease
    host: float  # the time of a change on a fleet of one host
    idle: dict

    @classmethod
    def read(cls, path):
        data = json.loads(path.read_text())
        changes = data["many"]["changes"]
        largest = max(row["hosts"] for row in changes)
        rows = [row for row in changes if row["hosts"] == largest]

        def line(field, scale=1.0, of=changes):
            start, slope = fit([(row["document"], row[field] * scale) for row in of])
            return max(0.0, start), slope

        three = data["requests"]["3"]
        return cls(
            sent=line("sent_bytes"), received=sum(row["received_bytes"] for row in changes) / len(changes),
            etcd=line("etcd_cpu_us", 1e-6, rows), agent=line("agent_cpu_us", 1e-6, rows),
            leader=three["put"]["leader_us"] * 1e-6,
            leader_lease=three["keepalive"]["leader_us"] * 1e-6,
            host=data["host"]["host_ms"] / 1e3,
            idle=next(row for row in data["many"]["idle"] if row["hosts"] == largest))


@dataclass
class Need:
    """What a fleet needs; all but the bytes of a change is of the busiest member, which is the leader."""

    bytes_a_change: float
    connections: float
    memory: float
    seconds_a_change: float  # of its processors
    idle_processors: float
    idle_bytes: float  # a second


def compute(constants, hosts, size, members=3, relays=0):
    own, others = hosts / members, hosts * (1 - 1 / members)
    copies = relays or hosts
    start, slope = constants.etcd
    idle = constants.idle
    return Need(
        bytes_a_change=hosts * constants.sent[0] + copies * constants.sent[1] * size,
        connections=copies / members * (1 if relays else idle["connections"]),
        memory=copies / members * idle["etcd_memory_bytes"],
        seconds_a_change=own * start + copies / members * slope * size + others * constants.leader,
        idle_processors=(own * idle["etcd_cpu_us_a_second"] * 1e-6
                         + others * LEASES_A_SECOND * constants.leader_lease),
        idle_bytes=own * idle["sent_bytes_a_second"])


def predict_reported(constants, hosts, size, processors):
    """Seconds to the last report if etcd and all agents share so many processors, as in the measurement."""
    work = sum(start + slope * size for start, slope in (constants.etcd, constants.agent))
    return constants.host + hosts * work / processors


def check(constants, path):
    """Returns: whether the model is near each measured row."""
    near = True
    for row in json.loads(path.read_text())["many"]["changes"]:
        found = row["reported_ms"] / 1e3
        expected = predict_reported(constants, row["hosts"], row["document"], row["processors"])
        sent = constants.sent[0] + constants.sent[1] * row["document"]
        ratios = [expected / found, sent / row["sent_bytes"]]
        print(f"{row['hosts']} hosts, {row['document']:,} bytes: the last report after {expected:.2f} s, measured"
              f" {found:.2f} s; {sent:,.0f} bytes a host, measured {row['sent_bytes']:,.0f}")
        near &= all(1 / TOLERANCE <= ratio <= TOLERANCE for ratio in ratios)
    return near


def amount(value, unit):
    for prefix in ("", "K", "M", "G"):
        if value < 1000:
            break
        value /= 1000
    else:
        prefix = "T"
    return f"{value:.3g} {prefix}{unit}".replace("  ", " ")


def print_table(constants, members, relays, cores):
    where = f"behind {relays} relays" if relays else "without a tier"
    print(f"{members} members with {cores} processors each, {where}; a member is the leader\n")
    print("| hosts | document | bytes of a change | time of a change | connections of a member | memory of a member |"
          " processors, idle | bytes a second, idle |")
    print("|" + " ---: |" * 8)
    for hosts in FLEETS:
        for size in DOCUMENTS:
            need = compute(constants, hosts, size, members, relays)
            free = cores - need.idle_processors
            time = f"{constants.host + need.seconds_a_change / free:.3g} s" if free > 0 else "**never**"
            print(f"| {hosts:,} | {amount(size, 'B')} | {amount(need.bytes_a_change, 'B')} | {time} |"
                  f" {need.connections:,.0f} | {amount(need.memory, 'B')} | {need.idle_processors:.2f} |"
                  f" {amount(need.idle_bytes, 'B')} |")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measured", type=pathlib.Path, default=MEASURED, help="the constants (measured.json)")
    parser.add_argument("--members", type=int, default=3, help="of etcd (3)")
    parser.add_argument("--cores", type=int, default=16, help="the processors of each member (16)")
    parser.add_argument("--relays", type=int, default=50, help="of the tier, in the second table (50)")
    parser.add_argument("--check", action="store_true", help="compare the model with what was measured")
    arguments = parser.parse_args()
    constants = Constants.read(arguments.measured)
    if arguments.check:
        return 0 if check(constants, arguments.measured) else 1
    for relays in (0, arguments.relays):
        print_table(constants, arguments.members, relays, arguments.cores)
    return 0


if __name__ == "__main__":
    sys.exit(main())
