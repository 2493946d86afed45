#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures the editor beside dconf-editor, in one run on one screen, and prints what it found as Markdown.

A time is what somebody in front of the screen would see: it ends when the pixels of the rows are on the screen of
Xvfb, which keeps them in a file. So neither program is asked anything while it works. AT-SPI tells afterwards
that the rows are the right ones, and where they are. A time never makes this fail; an error does.
"""

import ctypes
import mmap
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "editor"), str(TESTS / "service")]

from gi.repository import Gio, GLib  # noqa: E402
from harness import (  # noqa: E402
    LEAVES, LEAVES_PER_GROUP, Bench, machine, make_parser, markdown, median, p99, publish,
)
from editor_testing import Atspi, Desktop, Editor  # noqa: E402
from many_testing import Many  # noqa: E402
from runconf_testing import INTERFACE, eventually  # noqa: E402

# an overlay scrollbar comes and goes at the edge of a list
SCROLLBAR_WIDTH = 24
POLL_SECONDS = 0.0005
# how long the screen has to rest after a start
START_QUIET = 1.0
# all but the pointer, which Xvfb draws into the lower right corner
EVERYTHING = (0, 0, 1280, 760)
FEW = 1000
FIRST_ROW = "key0"
CHANGED_ROW = "key2"
# the pixels of the first row and some others
ROWS_SIZE = (200, 250)
QUERY = "7531"
RESULT = "/group75/key31"
KEYSYMS = {"BackSpace": 0xFF08}
WARNING_OFF = "[ca/desrt/dconf-editor]\nshow-warning=false\n\n"


def milli(seconds):
    return f"{seconds * 1e3:,.1f} ms"


class Screen:
    """The pixels of the screen, in the file of Xvfb."""

    def __init__(self, path):
        with path.open("rb") as file:
            self.pixels = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        words = struct.unpack(">25I", self.pixels[:100])
        self.begin = words[0] + words[19] * 12
        self.bytes_per_pixel = words[11] // 8
        self.bytes_per_line = words[12]
        self.empty = None  # the pixels without a window

    def grab(self, region):
        left, top, width, height = region
        first = self.begin + top * self.bytes_per_line + left * self.bytes_per_pixel
        return b"".join(self.pixels[line:line + width * self.bytes_per_pixel]
                        for line in range(first, first + height * self.bytes_per_line, self.bytes_per_line))

    def settle(self, region, before, quiet, meanwhile=lambda: None):
        """Waits until a region has changed and then stays as it is; when it first was as it is at the end."""
        end = time.monotonic() + 60
        seen = {}
        last = before
        changed = None
        while changed is None or time.monotonic() < changed + quiet:
            if time.monotonic() > end:
                raise RuntimeError("the screen doesn't change" if changed is None else "the screen doesn't rest")
            now = time.monotonic()
            picture = self.grab(region)
            if picture != last:
                last, changed = picture, now
                seen.setdefault(hash(picture), now)
            meanwhile()
            time.sleep(POLL_SECONDS)
        return seen[hash(last)]


class Keyboard:
    """Presses keys of the X server from this process: the start of another one would be a part of the time."""

    def __init__(self, display):
        self.x11 = ctypes.CDLL("libX11.so.6")
        self.xtst = ctypes.CDLL("libXtst.so.6")
        self.x11.XOpenDisplay.restype = ctypes.c_void_p
        self.x11.XKeysymToKeycode.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        self.x11.XFlush.argtypes = [ctypes.c_void_p]
        self.xtst.XTestFakeKeyEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
        self.xtst.XTestFakeMotionEvent.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int,
                                                   ctypes.c_ulong]
        self.display = self.x11.XOpenDisplay(display.encode())

    def move_pointer(self, x, y):
        self.xtst.XTestFakeMotionEvent(self.display, -1, x, y, 0)
        self.x11.XFlush(self.display)

    def press(self, key):
        """When the key went down."""
        code = self.x11.XKeysymToKeycode(self.display, KEYSYMS.get(key) or ord(key))
        now = time.monotonic()
        for is_down in (1, 0):
            self.xtst.XTestFakeKeyEvent(self.display, code, is_down, 0)
        self.x11.XFlush(self.display)
        return now


# what is opened: as many leaves on both sides, in groups


def groups(leaves):
    return range(leaves // LEAVES_PER_GROUP)


def as_yaml(leaves):
    return "".join(
        f"group{group}:\n" + "".join(f"  key{key}: {group * LEAVES_PER_GROUP + key}\n"
                                     for key in range(LEAVES_PER_GROUP))
        for group in groups(leaves))


def as_keyfile(leaves):
    return "".join(
        f"[bench/group{group}]\n" + "".join(f"key{key}={group * LEAVES_PER_GROUP + key}\n"
                                            for key in range(LEAVES_PER_GROUP)) + "\n"
        for group in groups(leaves))


class Side:
    """A program that shows the leaves."""

    def __init__(self, desktop, screen, program, place, role, environment=None):
        self.editor = Editor(desktop, program)
        self.screen = screen
        self.place = place
        self.role = role
        self.environment = environment
        self.region = None

    def where(self, name):
        """The place of a row on the screen."""
        row = self.editor.find(self.role, name).get_extents(Atspi.CoordType.WINDOW)
        left, top = self.editor.corner()
        return left + row.x, top + row.y, row.width - SCROLLBAR_WIDTH, row.height

    def start(self):
        """The seconds from the start of the process until its rows are on the screen."""
        eventually(lambda: self.screen.grab(EVERYTHING) == self.screen.empty, "the screen is empty")
        region = self.region or EVERYTHING
        before = self.screen.grab(region)
        begin = time.monotonic()
        self.editor.launch(self.place, environment=self.environment)
        took = self.screen.settle(region, before, START_QUIET) - begin
        self.region = (*self.where(FIRST_ROW)[:2], *ROWS_SIZE)
        return took

    def private(self):
        """The memory that it shares with no other process, in MB of 1,000,000 bytes."""
        text = pathlib.Path(f"/proc/{self.editor.process.pid}/smaps_rollup").read_text()
        return sum(map(int, re.findall(r"^Private_\w+:\s+(\d+) kB", text, re.MULTILINE))) * 1024 / 1e6

    def sample(self, times, memories):
        times.append(self.start())
        memories.append(self.private())
        self.editor.stop()


class Studio:
    """A screen, with the service and dconf beside it."""

    def __init__(self, bench, folder):
        self.bench = bench
        self.desktop = Desktop(folder)
        self.desktop.start()
        bench.stack.callback(self.desktop.stop)
        self.screen = Screen(self.desktop.frame_file)
        self.keyboard = Keyboard(self.desktop.display)
        # no row lies below the pointer
        self.keyboard.move_pointer(1279, 799)
        self.screen.empty = self.screen.grab(EVERYTHING)
        self.service = Many(self.desktop.system, bench.folder("system"))
        for leaves in (FEW, LEAVES):
            self.service.add(f"leaves{leaves}", as_yaml(leaves))
        bench.stack.callback(self.service.close)
        self.service.start()

    def ours(self, leaves):
        return Side(self.desktop, self.screen, None, f"system/leaves{leaves}/group0/{FIRST_ROW}", "list item")

    def theirs(self, leaves):
        environment = self.bench.dconf({"DBUS_SESSION_BUS_ADDRESS": self.desktop.session.address})
        environment["GSETTINGS_BACKEND"] = "dconf"
        subprocess.run(["dconf", "load", "/"], input=WARNING_OFF + as_keyfile(leaves), text=True, check=True,
                       env={**self.desktop.environment, **environment})
        return Side(self.desktop, self.screen, "dconf-editor", "/bench/group0/", "label", environment)


# the benchmarks


def bench_start(studio):
    """Both in turns; the first start of each is for the caches."""
    bench, report = studio.bench, studio.bench.report
    sides = {"ours": studio.ours(FEW), "theirs": studio.theirs(FEW), "many": studio.ours(LEAVES)}
    times = {name: [] for name in sides}
    memories = {name: [] for name in sides}
    for _ in range(1 + bench.rounds(20)):
        for name, side in sides.items():
            side.sample(times[name], memories[name])
    times = {name: samples[1:] for name, samples in times.items()}
    ratio = median(times["ours"]) / median(times["theirs"])
    report.goal(f"from the start to the rows of {FEW:,} leaves, against dconf-editor", ("≤", 1.2, " ×"), ratio,
                f"{ratio:.2f} ×", f"{milli(median(times['ours']))} against {milli(median(times['theirs']))}")
    report.goal(f"from the start to the rows of {LEAVES:,} leaves", ("≤", 1000, " ms"), median(times["many"]) * 1e3,
                milli(median(times["many"])), f"{milli(p99(times['many']))} at most")
    memory = {name: median(samples) for name, samples in memories.items()}
    ratio = memory["ours"] / memory["theirs"]
    report.goal(f"private memory with {FEW:,} leaves, against dconf-editor", ("≤", 1.2, " ×"), ratio,
                f"{ratio:.2f} ×", f"{memory['ours']:.1f} MB against {memory['theirs']:.1f} MB")
    report.figure(f"private memory with {LEAVES:,} leaves", f"{memory['many']:.1f} MB")


class Listener:
    """When signals of a configuration come to this process."""

    def __init__(self, config):
        self.connection = config.caller.connection
        self.context = GLib.MainContext.default()
        self.times = []
        self.connection.signal_subscribe(
            None, INTERFACE, "ConfigChanged", config.path, None, Gio.DBusSignalFlags.NONE,
            lambda *_: self.times.append(time.monotonic()))

    def take_answer(self, answer):
        if isinstance(answer, GLib.Error):
            raise RuntimeError(answer.message)

    def dispatch(self):
        while self.context.pending():
            self.context.iteration(False)


def bench_change(studio):
    """Another client changes a value whose row is on the screen."""
    for leaves in (FEW, LEAVES):
        side = studio.ours(leaves)
        config = studio.service.config(f"leaves{leaves}")
        listener = Listener(config)
        side.start()
        row = side.where(CHANGED_ROW)
        times = []
        for number in range(studio.bench.rounds(50)):
            before = studio.screen.grab(row)
            # wide enough to be seen beside the place of the scrollbar
            config.set_later(f"/group0/{CHANGED_ROW}", 1_000_000_007 * (1 + number), listener.take_answer)
            shown = studio.screen.settle(row, before, 0.2, listener.dispatch)
            times.append(shown - listener.times[-1])
        side.editor.stop()
        slowest = p99(times) * 1e3
        studio.bench.report.goal(
            f"a change by another client: on the screen after its signal, {leaves:,} leaves, 99 %",
            ("≤", 50, " ms"), slowest, f"{slowest:.1f} ms", f"{milli(median(times))} in the middle")


def bench_search(studio):
    """Each key of a query leaves fewer leaves; the first one shows the list."""
    first, others = [], []
    side = studio.ours(LEAVES)
    side.start()
    side.editor.press("ctrl+f")
    for _ in range(studio.bench.rounds(20)):
        for number, key in enumerate(QUERY):
            before = studio.screen.grab(side.region)
            pressed = studio.keyboard.press(key)
            (others if number else first).append(studio.screen.settle(side.region, before, 0.5) - pressed)
        before = studio.screen.grab(side.region)
        for _ in QUERY:
            studio.keyboard.press("BackSpace")
        studio.screen.settle(side.region, before, 0.5)
    for key in QUERY:
        studio.keyboard.press(key)
    side.editor.find("list item", RESULT)
    side.editor.stop()
    report = studio.bench.report
    slowest = p99(others) * 1e3
    report.goal(f"a key pressed in the search to the list, {LEAVES:,} leaves, 99 %", ("≤", 50, " ms"), slowest,
                f"{slowest:.1f} ms", f"{milli(median(others))} in the middle")
    slowest = p99(first) * 1e3
    report.goal("… the first key, which opens the list of nearly half the leaves, 99 %", ("≤", 50, " ms"), slowest,
                f"{slowest:.1f} ms", f"{milli(median(first))} in the middle")


PARTS = {"start": bench_start, "change": bench_change, "search": bench_search}


def main():
    arguments = make_parser(__doc__, PARTS).parse_args()

    build = arguments.build.resolve()
    source = pathlib.Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory(prefix="runconf-editor-") as name:
        scratch = pathlib.Path(name)
        bench = Bench(build, source, scratch, scratch, arguments.quick)
        os.environ["RUNCONFD"] = str(bench.runconfd)
        os.environ["RUNCONF_EDITOR"] = str(build / "src" / "editor" / "runconf-editor")
        with bench.stack:
            facts = machine(bench)
            facts += [("GTK", version_of("gtk4")), ("load", f"{os.getloadavg()[0]:.1f}")]
            studio = Studio(bench, bench.folder("desktop"))
            for part in arguments.only or PARTS:
                print(f"==> {part}", flush=True)
                PARTS[part](studio)
        text = markdown(bench, facts, "Benchmarks of the editor",
                        "./dev editor-bench --output docs/editor-benchmarks.md")
    publish(text, arguments.output)


def version_of(module):
    return subprocess.run(["pkg-config", "--modversion", module], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


if __name__ == "__main__":
    main()
