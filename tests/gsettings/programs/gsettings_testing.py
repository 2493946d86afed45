# SPDX-License-Identifier: LGPL-2.1-or-later
"""A session for programs that use GSettings, with a private bus and one of two backends.

    with Desktop("runconf", folder) as desktop:
        desktop.run("gsettings", "set", "org.gnome.desktop.interface", "clock-format", "12h")
"""

import os
import pathlib
import re
import subprocess
import sys
import threading

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.append(str(HERE.parents[1] / "service"))

from many_testing import Session  # noqa: E402
from runconf_testing import DEADLINE, DBusDaemon, Monitor, OwnerWatch  # noqa: E402
from values_testing import TagLoader  # noqa: E402

CONFIGURATION = "gsettings"
# the schema of the tests
SCHEMA = "org.runconf.test"
# the folder with the module of the build, which GIO loads beside those that are installed
MODULES = "RUNCONF_GIO_MODULES"
DCONF_NAME = "ca.desrt.dconf"
DCONF_SERVICE = pathlib.Path(f"/usr/share/dbus-1/services/{DCONF_NAME}.service")
# what GIO logs about the backend that it has chosen, with the messages of its domain shown
CHOSEN = re.compile(r"Found default implementation (\S+) \(\S+\) for .gsettings-backend.")


def chosen_backend(output):
    """The backend that a program said that it uses: GIO uses another without an error if it can't load one."""
    found = CHOSEN.search(output)
    return found.group(1) if found else None


class Dconf:
    """dconf-service with the database of one user."""

    def __init__(self, bus, folder):
        self.bus = bus
        self.folder = folder
        self.database = folder / "config/dconf/user"
        self.process = None

    def open(self, environment):
        environment["XDG_CONFIG_HOME"] = str(self.folder / "config")
        environment["DCONF_PROFILE"] = str(self.folder / "profile")
        (self.folder / "profile").write_text("user-db:user\n")
        command = re.search(r"^Exec=(.*)$", DCONF_SERVICE.read_text(), re.MULTILINE).group(1)
        with OwnerWatch(self.bus.address, DCONF_NAME) as watch:
            self.process = subprocess.Popen(command.split(), env=environment)
            watch.wait(self.process)

    def has_changes(self):
        return self.database.exists()

    def close(self):
        self.process.terminate()
        self.process.wait(DEADLINE)


class Runconf(Session):
    """runconfd with the configuration of GSettings."""

    def __init__(self, bus, folder):
        super().__init__(bus, folder)
        self.admin = folder / "xdg/runconf"
        self.environment["XDG_CONFIG_DIRS"] = str(folder / "xdg")
        self.add(CONFIGURATION, "{}\n")
        self.runtime = self.runtime_of(CONFIGURATION)
        # a client of the configuration
        self.settings = None

    def open(self, environment):
        modules = pathlib.Path(os.environ[MODULES]).resolve()
        assert (modules / "libgsettings-runconf.so").exists(), modules
        environment["GIO_EXTRA_MODULES"] = str(modules)
        self.environment["XDG_RUNTIME_DIR"] = environment["XDG_RUNTIME_DIR"]
        self.start()
        self.settings = self.config(CONFIGURATION)

    def has_changes(self):
        return self.runtime.exists()

    def overrides(self):
        """What the file of the overrides has, by another reader."""
        values = yaml.load(self.runtime.read_text(), TagLoader)
        values.pop("_runtime_config")
        return values

    def edit(self, old, new):
        """Edits the file of the overrides as a person does."""
        text = self.runtime.read_text()
        assert old in text, text
        self.runtime.write_text(text.replace(old, new))

    def lock(self, *paths):
        """Locks paths as the administrator."""
        self.add(CONFIGURATION, "".join(f"{path}\n" for path in paths), "locks.d/50-site", self.admin)


SERVICES = {"dconf": Dconf, "runconf": Runconf}


class Lines:
    """A program that goes on, and the lines that it prints."""

    def __init__(self, desktop, *command):
        self.process = subprocess.Popen(
            command, env=desktop.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.seen = []
        self.more = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.more:
                self.seen.append(line.rstrip("\n"))
                self.more.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(DEADLINE)
        self.process.stdin.close()
        self.reader.join(DEADLINE)
        self.process.stdout.close()

    def all(self):
        with self.more:
            return [*self.seen]

    def forget(self):
        with self.more:
            self.seen.clear()

    def wait_a_moment(self):
        """Whether a line was printed, or is within a moment."""
        with self.more:
            return self.more.wait_for(lambda: self.seen, 0.2)

    def wait_for(self, condition):
        """The lines, once they meet a condition."""
        with self.more:
            assert self.more.wait_for(condition, DEADLINE), self.seen
            return [*self.seen]

    def wait(self, count):
        return self.wait_for(lambda: len(self.seen) >= count)


class Desktop:
    """A bus, a service with its files, and the environment of programs."""

    def __init__(self, backend, folder):
        self.backend = backend
        self.folder = folder
        for name in ("bus", "home", "runtime", "service"):
            (folder / name).mkdir(mode=0o700)
        self.bus = DBusDaemon(folder / "bus")
        self.service = SERVICES[backend](self.bus, folder / "service")
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("GSETTINGS_", "GIO_", "DCONF_", "XDG_", "LC_", "LANG"))}
        self.environment = kept | {
            "DBUS_SESSION_BUS_ADDRESS": self.bus.address,
            "GSETTINGS_BACKEND": backend,
            "HOME": str(folder / "home"),
            "LC_ALL": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(folder / "runtime"),
        }

    def __enter__(self):
        self.bus.start()
        self.service.open(self.environment)
        return self

    def __exit__(self, *_):
        self.service.close()
        self.bus.stop()

    def monitor(self):
        """Sees the messages on the bus."""
        return Monitor(self.bus.address)

    def run(self, *command, seconds=DEADLINE, **options):
        """Runs a program of this session to its end."""
        environment = self.environment | options.pop("environment", {})
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=seconds, check=False, **options)


# the command gsettings


def gsettings(desktop, *arguments, status=0, **how):
    """What gsettings prints."""
    done = desktop.run("gsettings", *arguments, **how)
    assert done.returncode == status, (arguments, done.stdout)
    return done.stdout.rstrip("\n")


def get(desktop, key, schema=SCHEMA, **how):
    return gsettings(desktop, "get", schema, key, **how)


def put(desktop, key, value, schema=SCHEMA, **how):
    assert gsettings(desktop, "set", schema, key, value, **how) == ""
