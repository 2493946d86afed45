# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the editor are made of: a screen, two buses, a service on each, and the editor.

    service.add("chat", "port: 8000")
    service.start()
    editor.start("system/chat")
    editor.find("label", "8000")
    service.config("chat").set("/port", 9000)
    editor.find("label", "9000")

The editor is seen through AT-SPI, as a screen reader sees it, and gets its input from xdotool.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))

import gi  # noqa: E402

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402
import runconf_testing  # noqa: E402
from runconf_testing import DBusDaemon  # noqa: E402

# a look at the screen is some hundred calls to the editor
DEADLINE = 3 * runconf_testing.DEADLINE

A11Y_LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
SCREEN = "1280x800x24"

# what GTK 4.8 reports about itself: a scrollbar that comes while its window is drawn
UPSTREAM = re.compile("Trying to snapshot Gtk(Gizmo|Scrollbar) .* without a current allocation")


def eventually(condition, what=""):
    return runconf_testing.eventually(condition, what, DEADLINE)


def editor_path():
    """The editor under test, as the build names it."""
    return pathlib.Path(os.environ["RUNCONF_EDITOR"]).resolve()


def install(folder):
    """Copies the editor and its library to where every user can read them."""
    library = "librunconf-1.so.1"
    shutil.copy(editor_path().parents[1] / "client" / library, folder / library)

    return shutil.copy(editor_path(), folder)


class Desktop:
    """An X server, a session bus with AT-SPI, and a bus of the system.

    The library of AT-SPI in this process connects once, so that all tests share one desktop. It is that of
    another user if one is named.
    """

    def __init__(self, folder, user=None):
        self.folder = folder
        self.prefix = runconf_testing.as_user(user) if user else []
        if user:
            shutil.chown(folder, user)
        self.session = self._make_bus("session")
        self.system = self._make_bus("system")
        self.processes = []

    def _make_bus(self, kind):
        folder = self.folder / kind
        folder.mkdir()
        return DBusDaemon(folder, kind)

    @property
    def frame_file(self):
        """What is on the screen, as Xvfb keeps it in a file."""
        return self.folder / "Xvfb_screen0"

    @property
    def environment(self):
        home = str(self.folder)
        return {
            **os.environ,
            "DISPLAY": self.display,
            "DBUS_SESSION_BUS_ADDRESS": self.session.address,
            "DBUS_SYSTEM_BUS_ADDRESS": self.system.address,
            "HOME": home, "XDG_RUNTIME_DIR": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home,
            "GDK_BACKEND": "x11", "GTK_A11Y": "atspi", "LC_ALL": "C.UTF-8",
            # nothing is drawn by a graphics card, and no driver of one is loaded: GTK 4.8 and 4.16 spell that
            "GSK_RENDERER": "cairo", "GDK_DEBUG": "gl-disable", "GDK_DISABLE": "gl",
            # the alarms of GTK are read from the log
            "G_DEBUG": "",
            # settings and portals of the machine have no part in it
            "GSETTINGS_BACKEND": "memory", "ADW_DISABLE_PORTAL": "1", "GTK_USE_PORTAL": "0",
        }

    def start(self):
        self.session.start()
        self.system.start()
        self._start_screen()
        os.environ.update(self.environment)
        self.processes.append(subprocess.Popen([*self.prefix, A11Y_LAUNCHER, "--launch-immediately"]))
        eventually(self._has_a11y, "the bus of AT-SPI")
        Atspi.init()
        # a call to an editor that has no processor time takes longer than the 0.8 s of the library
        Atspi.set_timeout(DEADLINE * 1000, DEADLINE * 1000)

    def _start_screen(self):
        reader, writer = os.pipe()
        self.processes.append(subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset",
             "-ac", "-fbdir", str(self.folder)],
            pass_fds=[writer], stderr=subprocess.DEVNULL))
        os.close(writer)
        with os.fdopen(reader) as number:
            self.display = f":{number.readline().strip()}"
        assert self.display != ":", "Xvfb did not start"

    def _has_a11y(self):
        return subprocess.run(
            ["gdbus", "call", "--session", "--dest", "org.a11y.Bus", "--object-path", "/org/a11y/bus",
             "--method", "org.a11y.Bus.GetAddress"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0

    @contextlib.contextmanager
    def screen_reader(self):
        """Tells all programs that a screen reader is in use."""
        self._set_screen_reader(True)
        yield
        self._set_screen_reader(False)

    def _set_screen_reader(self, enabled):
        bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        value = GLib.Variant("(ssv)", ("org.a11y.Status", "ScreenReaderEnabled", GLib.Variant("b", enabled)))
        bus.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set", value, None,
                      Gio.DBusCallFlags.NONE, -1)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(DEADLINE)
        self.system.stop()
        self.session.stop()


def children(node):
    """The accessible objects below one; one that goes meanwhile has none."""
    with contextlib.suppress(GLib.Error):
        for index in range(node.get_child_count()):
            child = node.get_child_at_index(index)
            if child is not None:
                yield child


def walk(node):
    """A node and all below it that are on the screen."""
    if is_showing(node):
        yield node
        for child in children(node):
            yield from walk(child)


# the roles that newer versions of GTK and AT-SPI have renamed
OLD_ROLES = {"button": "push button", "grouping": "panel"}


def role_of(node):
    role = node.get_role_name()
    return OLD_ROLES.get(role, role)


def describe(node):
    with contextlib.suppress(GLib.Error):
        return role_of(node), node.get_name()
    return None


def is_showing(node):
    """GTK 4.8 has the state SHOWING for windows only. A page that was never shown has no size."""
    with contextlib.suppress(GLib.Error):
        extents = node.get_extents(Atspi.CoordType.WINDOW)
        return node.get_state_set().contains(Atspi.StateType.VISIBLE) and extents.width > 0
    # pages of a stack are no widgets, and have no place
    return role_of(node) == "panel"


class Editor:
    """The editor, as one process; or another program to compare it with."""

    def __init__(self, desktop, program=None):
        self.desktop = desktop
        self.program = str(program or editor_path())
        self.process = None
        self.log_file = desktop.folder / "editor.log"

    def start(self, *arguments, environment=None):
        self.launch(*arguments, environment=environment)
        eventually(self._find_window, "the window of the editor")

    def launch(self, *arguments, environment=None):
        """Starts it, and looks at nothing."""
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [*self.desktop.prefix, self.program, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**self.desktop.environment, **(environment or {})})

    def run(self, *arguments):
        """Starts a second process, which ends by itself, and returns what it did."""
        return subprocess.run(
            [self.program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=DEADLINE, env=self.desktop.environment)

    def stop(self):
        """The status with which it ends."""
        self.process.terminate()
        status = self.process.wait(DEADLINE)
        self.process = None
        return status

    def close(self):
        if self.process is None:
            return
        status = self.stop()
        assert status == -15, f"exit status {status}; the log:\n{self.log()}"
        alarms = [line for line in self.log().splitlines()
                  if ("CRITICAL" in line or "WARNING" in line) and not UPSTREAM.search(line)]
        assert alarms == [], self.log()

    @contextlib.contextmanager
    def busy(self, seconds):
        """Gives the editor no time of the processor for a while, as other processes may do."""
        self.process.send_signal(signal.SIGSTOP)
        timer = threading.Timer(seconds, self.process.send_signal, [signal.SIGCONT])
        timer.start()
        yield
        timer.join()

    def log(self):
        return self.log_file.read_text(errors="replace")

    # seeing

    def _find_windows(self):
        assert self.process.poll() is None, f"the editor has ended:\n{self.log()}"
        desktop = Atspi.get_desktop(0)
        # an application that came after the last look isn't in the copy of the library
        desktop.clear_cache()
        for application in children(desktop):
            with contextlib.suppress(GLib.Error):
                if application.get_process_id() == self.process.pid:
                    # the library has a copy of the tree, which it brings up to date from a main loop only
                    application.clear_cache()
                    return list(children(application))
        return []

    def _find_window(self):
        return next(iter(self._find_windows()), None)

    def windows(self):
        """The names of all windows."""
        for application in children(Atspi.get_desktop(0)):
            with contextlib.suppress(GLib.Error):
                if application.get_process_id() == self.process.pid:
                    application.clear_cache()
                    return [window.get_name() for window in children(application)]
        return []

    def nodes(self):
        """All that is on the screen, in the order of the tree of AT-SPI; dialogs come last."""
        for window in self._find_windows():
            with contextlib.suppress(GLib.Error):
                yield from walk(window)

    def look(self, role, name, **states):
        """A node with a role and a name, if it is on the screen now."""
        for node in self.nodes():
            if describe(node) == (role, name) and has_states(node, states):
                return node
        return None

    def find(self, role, name, **states):
        """Waits for a node with a role and a name, such as find("button", "Apply", sensitive=True)."""
        try:
            return eventually(lambda: self.look(role, name, **states), f"{role} {name!r} is on the screen")
        except AssertionError as error:
            raise AssertionError(f"{error}; there are {[describe(node) for node in self.nodes()]}") from None

    def gone(self, role, name):
        """Waits until there is no such node."""
        eventually(lambda: not self.look(role, name), f"{role} {name!r} is gone")

    def screenshot(self, name):
        """Writes a picture into the folder that RUNCONF_SCREENSHOTS names, if it names one."""
        folder = os.environ.get("RUNCONF_SCREENSHOTS")
        if folder:
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            subprocess.run(["import", "-window", "root", f"{folder}/{name}.png"],
                           env=self.desktop.environment, check=True)

    # acting

    def press(self, *keys):
        """Types keys by their names: press("ctrl+f", "Tab")."""
        self._focus()
        subprocess.run(["xdotool", "key", "--delay", "20", *keys], env=self.desktop.environment, check=True)

    def type(self, text):
        self._focus()
        for number, line in enumerate(text.split("\n")):
            if number:
                subprocess.run(["xdotool", "key", "Return"], env=self.desktop.environment, check=True)
            if line:
                subprocess.run(["xdotool", "type", "--delay", "20", line], env=self.desktop.environment, check=True)

    def _focus(self):
        """There is no window manager that would give the focus to the window."""
        self._xdotool("windowfocus", "--sync", "%1")

    def _xdotool(self, *words):
        return subprocess.run(
            ["xdotool", "search", "--sync", "--onlyvisible", "--all", "--pid", str(self.process.pid), "--name", ".",
             *words],
            env=self.desktop.environment, stdout=subprocess.PIPE, text=True, check=True).stdout

    def do(self, node, action=0):
        """Does what a screen reader offers to do with a node: a click, for a button."""
        assert node.get_action_iface().do_action(action), describe(node)

    def fill(self, node, text):
        """Gives an entry another text, as an input method does with letters that no key has."""
        assert node.get_editable_text_iface().set_text_contents(text), describe(node)

    def select(self, node):
        """Selects a row of a list with the mouse."""
        extents = node.get_extents(Atspi.CoordType.WINDOW)
        self.click(extents.x + extents.width // 2, extents.y + extents.height // 2)

    def corner(self):
        """Where the window is on the screen; its shadow has a part in its size."""
        window = self._find_window().get_extents(Atspi.CoordType.WINDOW)
        geometry = self._xdotool("getwindowgeometry", "--shell")
        frame = dict(line.split("=") for line in geometry.splitlines())
        return (int(frame["X"]) + (int(frame["WIDTH"]) - window.width) // 2,
                int(frame["Y"]) + (int(frame["HEIGHT"]) - window.height) // 2)

    def click(self, x, y):
        """Clicks at a place in the window."""
        left, top = self.corner()
        subprocess.run(["xdotool", "mousemove", str(left + x), str(top + y), "click", "1"],
                       env=self.desktop.environment, check=True)


def has_states(node, states):
    present = node.get_state_set()
    return all(present.contains(getattr(Atspi.StateType, name.upper())) == wanted
               for name, wanted in states.items())
