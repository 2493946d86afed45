# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the time of a durable Set goes: the steps between its processes and threads, and the processor time of
each thread of the service."""

import collections
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import time

# the name of each thread of the service in the kernel, and its description
THREADS = {"runconfd": "main loop", "gdbus": "thread of GDBus", "pool-runconfd": "threads that write"}
# the bare service is another program; its threads have other names
BARE_THREADS = {"bench-bare": "main loop", "gdbus": "thread of GDBus"}

STEPS = ("the sync of the journal", "exchange of the files, to the main loop", "signal and reply, to the client",
         "the client", "the call, to the main loop", "staging, to the thread",
         "the new text, and its entry in the journal")
CLIENT = "bench-scaling"
SETS = 300


def obstacle():
    """Why the steps can't be recorded here, or None."""
    if os.geteuid() != 0 or not shutil.which("perf"):
        return "this needs root and perf"
    return None


# the steps


def read_events(data):
    """The times at which a thread got a processor or lost it, and began and ended a sync, in µs."""
    script = subprocess.run(["perf", "script", "-i", data], check=True, capture_output=True, text=True).stdout
    for line in script.splitlines():
        found = re.match(r"\s*(.+?)\s+\d+ \[\d+\]\s+([\d.]+):\s+\S+?:(\S+?):? (.*)$", line)
        if not found:
            continue
        name, seconds, event, rest = found.groups()
        at = float(seconds) * 1e6
        if event == "sched_switch":
            came = re.search(r"next_comm=(\S+)", rest)
            yield at, "in", came.group(1)
            yield at, "out", name
        else:
            yield at, "sync" if "enter" in event else "synced", name


def find(events, kind, name, after):
    """When this happened first after that time."""
    return next((at for at, what, who in events if what == kind and who.startswith(name) and at >= after), None)


def split(events):
    """The steps of one Set: from the sync of one to that of the next."""
    ends = [events[0][0]]
    for kind, name in (("synced", "pool-runconfd"), ("in", "runconfd"), ("in", CLIENT), ("out", CLIENT),
                       ("in", "runconfd"), ("in", "pool-runconfd")):
        at = find(events, kind, name, ends[-1])
        if at is None:
            return None
        ends.append(at)
    ends.append(events[-1][0])
    return [end - begin for begin, end in zip(ends, ends[1:])]


def record_steps(bench, set_often):
    data = bench.scratch / "stages.data"
    recorder = subprocess.Popen(
        ["perf", "record", "-q", "-a", "-e", "sched:sched_switch", "-e", "syscalls:sys_enter_fdatasync",
         "-e", "syscalls:sys_exit_fdatasync", "-o", data, "--", "sleep", "600"])
    time.sleep(0.5)
    set_often(bench.rounds(SETS))
    recorder.terminate()
    recorder.wait()
    events = list(read_events(data))
    syncs = [index for index, event in enumerate(events) if event[1:] == ("sync", "pool-runconfd")]
    sets = [steps for begin, end in zip(syncs, syncs[1:]) if (steps := split(events[begin:end + 1]))]
    return [(name, statistics.median(times)) for name, times in zip(STEPS, zip(*sets))], len(sets)


# the threads


def processor_time(pid, threads):
    """The processor time of the threads so far, in µs."""
    used = collections.Counter()
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        used[threads.get(name, "others")] += int((task / "schedstat").read_text().split()[0]) / 1e3
    return used


def per_set(pid, threads, write):
    """The processor time of each thread for one of the Sets that @write makes, and says the number of."""
    before = processor_time(pid, threads)
    count = write()
    return {name: (used - before[name]) / count for name, used in processor_time(pid, threads).items()}
