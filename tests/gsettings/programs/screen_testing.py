# SPDX-License-Identifier: LGPL-2.1-or-later
"""A display without a screen, and the windows of programs on it as assistive technologies see them, with AT-SPI."""

import os
import subprocess

from gi.repository import Gio, GLib

from gsettings_testing import DEADLINE
from runconf_testing import OwnerWatch, connect, eventually

ACCESSIBLE = "org.a11y.atspi.Accessible"
ACTION = "org.a11y.atspi.Action"
REGISTRY = "org.a11y.atspi.Registry"
ROOT = "/org/a11y/atspi/accessible/root"
BUS_LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
# bits of the set of states, in the order of AtspiStateType
STATES = {"checked": 4, "pressed": 20, "selected": 23, "sensitive": 24, "showing": 25, "visible": 30}
# a program that does not answer for so long hangs
CALL_MS = DEADLINE * 1000


class Gone(Exception):
    """A widget that was destroyed in the meantime."""


class Widget:
    """One accessible object of a program."""

    def __init__(self, bus, name, path):
        self.bus = bus
        self.name_of_program = name
        self.path = path

    def call(self, interface, method, parameters=None):
        try:
            return self.bus.call_sync(self.name_of_program, self.path, interface, method, parameters, None,
                                      Gio.DBusCallFlags.NONE, CALL_MS, None).unpack()
        except GLib.Error as error:
            raise Gone(f"{self.path}: {error.message}") from None

    def get(self, interface, name):
        return self.call("org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (interface, name)))[0]

    def children(self):
        return [Widget(self.bus, *child) for child in self.call(ACCESSIBLE, "GetChildren")[0]]

    @property
    def name(self):
        return self.get(ACCESSIBLE, "Name")

    @property
    def role(self):
        return self.call(ACCESSIBLE, "GetRoleName")[0]

    def states(self):
        low, high = self.call(ACCESSIBLE, "GetState")[0]
        bits = low | high << 32
        return {name for name, bit in STATES.items() if bits >> bit & 1}

    def interfaces(self):
        return self.call(ACCESSIBLE, "GetInterfaces")[0]

    def text(self):
        return self.call("org.a11y.atspi.Text", "GetText", GLib.Variant("(ii)", (0, -1)))[0]

    def set_text(self, text):
        self.call("org.a11y.atspi.EditableText", "SetTextContents", GLib.Variant("(s)", (text,)))

    def value(self):
        return self.get("org.a11y.atspi.Value", "CurrentValue")

    def press(self):
        """Does the first thing that a user can do with it: a click, as a rule."""
        assert self.call(ACTION, "DoAction", GLib.Variant("(i)", (0,)))[0], self.describe()

    def walk(self):
        """It and all widgets below it."""
        yield self
        for child in self.children():
            try:
                yield from child.walk()
            except Gone:
                continue

    def find_all(self, role, name=None):
        for widget in self.walk():
            if widget.role == role and name in (None, widget.name):
                yield widget

    def describe(self):
        return f"{self.role} “{self.name}” {' '.join(sorted(self.states()))}"

    def outline(self, depth=0):
        """The tree as text, for a test that failed."""
        try:
            lines = ["  " * depth + self.describe()]
            for child in self.children():
                lines += child.outline(depth + 1)
            return lines
        except Gone:
            return []


class Screen:
    """A display, and the bus of accessibility on it."""

    def __init__(self, desktop):
        self.desktop = desktop
        self.processes = []
        self.bus = None

    def __enter__(self):
        self._start_display()
        self._start_bus()
        return self

    def _spawn(self, *command, **options):
        log = (self.desktop.folder / "screen.log").open("a")
        process = subprocess.Popen(command, env=self.desktop.environment, stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log, **options)
        log.close()
        self.processes.append(process)
        return process

    def _start_display(self):
        reading, writing = os.pipe()
        self._spawn("Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", "-screen", "0", "1280x1024x24",
                    pass_fds=[writing])
        os.close(writing)
        with open(reading, encoding="ascii") as numbers:
            number = numbers.readline().strip()
        assert number, "Xvfb did not start"
        # without a graphics card; Wayland and portals are left out
        self.desktop.environment |= {"DISPLAY": f":{number}", "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo",
                                     "GTK_A11Y": "atspi", "NO_AT_BRIDGE": "0"}

    def _start_bus(self):
        with OwnerWatch(self.desktop.bus.address, "org.a11y.Bus") as watch:
            watch.wait(self._spawn(BUS_LAUNCHER, "--launch-immediately"))
        session = connect(self.desktop.bus.address)
        address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None,
                                    Gio.DBusCallFlags.NONE, DEADLINE * 1000, None).unpack()[0]
        session.close_sync(None)
        self.bus = connect(address)
        self.registry = Widget(self.bus, REGISTRY, ROOT)

    def start(self, *command):
        """Starts a program; its window."""
        process = self._spawn(*command)

        def window():
            assert process.poll() is None, f"{command} ended with {process.returncode}"
            return self.find_program(process.pid)

        return Program(process, eventually(window, f"the window of {command[0]}"))

    def find_program(self, pid):
        for program in self.registry.children():
            try:
                if self.pid_of(program) == pid and any("showing" in child.states() for child in program.children()):
                    return program
            except (Gone, GLib.Error):
                continue
        return None

    def pid_of(self, widget):
        return self.bus.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixProcessID",
            GLib.Variant("(s)", (widget.name_of_program,)), None, Gio.DBusCallFlags.NONE, CALL_MS, None).unpack()[0]

    def __exit__(self, *_):
        if self.bus is not None:
            self.bus.close_sync(None)
        for process in reversed(self.processes):
            process.terminate()
            process.wait(DEADLINE)


class Program:
    """A program with a window."""

    def __init__(self, process, root):
        self.process = process
        self.root = root

    def find(self, role, name=None, what=lambda widget: True):
        """The widget of this role and name that shows, once there is one."""
        def look():
            try:
                return next((widget for widget in self.root.find_all(role, name) if what(widget)), None)
            except Gone:
                return None

        try:
            return eventually(look, f"{role} {name or ''}")
        except AssertionError as error:
            raise AssertionError("\n".join([str(error), *self.root.outline()])) from None

    def maps(self, library):
        """Whether the program has loaded a library."""
        with open(f"/proc/{self.process.pid}/maps", encoding="utf-8") as lines:
            return any(library in line for line in lines)
