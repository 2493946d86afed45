# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the command as a shell does."""

import fcntl
import json
import os
import pathlib
import pty
import select
import shutil
import struct
import subprocess
import termios

import yaml

from runconf_testing import DEADLINE, as_user

DONE, FAILED, USAGE, NOT_FOUND, DENIED, REFUSED, UNCHANGED = range(7)


def overrides(cli):
    """What the file of the overrides holds, by another reader."""
    values = yaml.safe_load(cli.service.runtime.read_text())
    values.pop("_runtime_config")
    return values


def program():
    return pathlib.Path(os.environ["RUNCONF"])


class Command:
    """The command with its environment. What it said last on standard error is in `complaint`."""

    def __init__(self, folder):
        self.folder = folder
        self.options = []
        self.prefix = []
        self.program = program()
        self.complaint = ""
        self.environment = {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "G_DEBUG": "fatal-criticals",
            "RUNCONF_DAEMON": os.environ["RUNCONF_DAEMON"],
            "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent",
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
        }

    def prepare(self):
        """What has to be there before the first call."""

    def line(self, arguments):
        return [*self.prefix, str(self.program), *self.options, *arguments]

    def raw(self, *arguments, status=DONE, text=None, **environment):
        """Runs it, and returns the bytes that it wrote."""
        self.prepare()
        done = subprocess.run(
            self.line(arguments), cwd=self.folder, capture_output=True, timeout=DEADLINE,
            input=text.encode() if isinstance(text, str) else text or b"",
            env={**self.environment, **environment}, check=False)
        self.complaint = done.stderr.decode()
        assert status in (None, done.returncode), (arguments, done.returncode, done.stdout, done.stderr)
        assert "CRITICAL" not in self.complaint, self.complaint
        return done.stdout

    def __call__(self, *arguments, **how):
        return self.raw(*arguments, **how).decode()

    def lines(self, *arguments, **how):
        return self(*arguments, **how).splitlines()

    def json(self, *arguments, **how):
        return json.loads(self("--json", *arguments, **how))

    def fails(self, status, *arguments, words=(), **how):
        """It fails with this status, says why in lines of its own, and prints nothing."""
        assert self(*arguments, status=status, **how) == ""
        lines = self.complaint.splitlines()
        assert lines and all(line.startswith("runconf: ") for line in lines), self.complaint
        for word in words:
            assert word in self.complaint, f"{word!r} is not in {self.complaint!r}"
        return lines

    def terminal(self, *arguments, status=DONE, **environment):
        """Runs it on a terminal of 80 columns, and returns what the terminal was sent."""
        self.prepare()
        ours, theirs = pty.openpty()
        os.set_blocking(ours, False)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = subprocess.Popen(
            self.line(arguments), cwd=self.folder, stdin=theirs, stdout=theirs, stderr=theirs,
            env={**self.environment, "TERM": "xterm", **environment})
        os.close(theirs)
        seen = b""
        while True:
            select.select([ours], [], [], DEADLINE)
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        os.close(ours)
        assert process.wait(DEADLINE) == status, seen
        return seen.decode().replace("\r\n", "\n")


class Placed(Command):
    """The command on the configuration of a test's service."""

    def __init__(self, service):
        super().__init__(service.folder)
        self.service = service


class Online(Placed):
    """On the bus, with the service that the test has."""

    is_offline = False

    def __init__(self, service):
        super().__init__(service)
        self.options = ["--address", service.bus.address]

    def prepare(self):
        if self.service.process is None:
            self.service.start()

    def as_user(self, user):
        """The same for another user, who may have no way into the build folder."""
        other = Online(self.service)
        home = self.folder / f"program-{user}"
        home.mkdir(exist_ok=True)
        other.program = shutil.copy(self.program, home / "runconf")
        for library in (self.program.parent.parent / "client").glob("librunconf-1.so*"):
            if library.is_file():
                shutil.copy(library, home)
        other.environment["LD_LIBRARY_PATH"] = str(home)
        other.prefix = as_user(user)
        return other


class Offline(Placed):
    """On its files, with no service."""

    is_offline = True

    def __init__(self, service):
        super().__init__(service)
        self.options = ["--offline", str(service.runtime), "--defaults", str(service.defaults)]
