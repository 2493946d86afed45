# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the cases in the container are made of: commands, calls, and the list of the cases."""

import os
import pathlib
import pwd
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.append(str(ROOT / "tests/service"))

from runconf_testing import Bus, Service  # noqa: E402

NAME = "org.runconf.Config1"
OBJECTS = "/org/runconf/Config1"
UNIT = "runconfd.service"
BUS_SOCKET = "/run/dbus/system_bus_socket"
SHARE = pathlib.Path("/usr/share/runconf")
ADMIN = pathlib.Path("/etc/runconf")
STATE = pathlib.Path("/var/lib/runconf")
OVERRIDES = STATE / "sample/runtime_config.yaml"
PORT = "/chat/websocket/port"
PATIENCE = 10

cases = []


def case(function):
    cases.append(function)
    return function


def run(*command, check=True, **options):
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=60, **options
    )
    if check and result.returncode != 0:
        raise AssertionError(f"{command} ended with {result.returncode}: {result.stdout}{result.stderr}")
    return result


def as_user(uid):
    return ["setpriv", f"--reuid={uid}", "--regid=65534", "--clear-groups"]


def call(method, signature="", *arguments, uid=0, check=True):
    """A call over the system bus, and what it answers, as busctl prints it."""
    command = ["busctl", "--system", "--allow-interactive-authorization=no", "call"]
    command += [NAME, f"{OBJECTS}/sample", NAME, method] + ([signature, *arguments] if signature else [])
    return run(*(as_user(uid) if uid else []), *command, check=check)


def get(path=PORT, **options):
    return call("Get", "s", path, **options).stdout.strip()


def set_port(number, **options):
    return call("Set", "sv", PORT, "x", str(number), **options)


def show(prop, unit=UNIT):
    return run("systemctl", "show", "--value", "-p", prop, unit).stdout.strip()


def main_pid(unit=UNIT):
    return int(show("MainPID", unit))


def status_of(pid, field):
    """A line of what the kernel tells of a process."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return re.search(rf"^{field}:\s+(.*)$", text, re.MULTILINE).group(1)


def wait_for(what, function, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if function():
                return
        except AssertionError:
            pass
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


def install(folder):
    packages = sorted(str(path) for path in (ROOT / folder).glob("*.deb"))
    assert len(packages) == 7
    # what else is installed here may not fit together, and that isn't what is tried
    run("dpkg", "--install", *packages, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})


def version_of(package):
    return run("dpkg-query", "-W", "-f", "${Version}", package).stdout


def add_configuration(name, **files):
    """Puts files where a package does, and waits until the configuration is served."""
    folder = SHARE / name
    folder.mkdir(parents=True)
    for file, text in files.items():
        (folder / f"{file.replace('_', '.')}.yaml").write_text(text)
    wait_for(
        name,
        lambda: run("busctl", "--system", "get-property", NAME, f"{OBJECTS}/{name}", NAME, "State").stdout
        == 's "ok"\n',
    )


def make_user(name):
    run("useradd", "--create-home", name)
    return pwd.getpwnam(name)


class Installed(Service):
    """A configuration of the installed service, for the clients of the tests on private buses."""

    def __init__(self, name):
        self.name = name
        self.bus = SystemBus()
        self.runtime = STATE / name / "runtime_config.yaml"
        self._clients = []

    def close(self):
        for client in self._clients:
            client.close()


class SystemBus(Bus):
    """The one that is there."""

    def __init__(self):
        self.address = f"unix:path={BUS_SOCKET}"
