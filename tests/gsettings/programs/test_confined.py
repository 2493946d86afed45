# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs in a sandbox: Flatpak's proxy is between them and the bus, and they see none of the service's files."""

import contextlib
import subprocess

import pytest
from gsettings_testing import DEADLINE, Lines, get, gsettings, put
from runconf_testing import BUS_NAME, eventually


@contextlib.contextmanager
def proxy(session, *rules):
    """The environment of a program that reaches the bus through the proxy with these rules alone."""
    socket = session.folder / "proxied"
    process = subprocess.Popen(["xdg-dbus-proxy", session.bus.address, str(socket), "--filter", *rules])
    eventually(socket.exists, "the proxy")
    environment = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={socket}"}
    for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        folder = session.folder / "sandbox" / name
        folder.mkdir(parents=True)
        environment[name] = str(folder)
    yield environment
    process.terminate()
    process.wait(DEADLINE)


@pytest.fixture
def permitted(session):
    """What `--talk-name` of Flatpak permits."""
    with proxy(session, f"--talk={BUS_NAME}") as environment:
        yield environment


@pytest.fixture
def forbidden(session):
    with proxy(session) as environment:
        yield environment


def test_the_name_on_the_bus_is_enough(session, permitted):
    put(session, "count", "42", environment=permitted)
    assert session.service.overrides() == {"org": {"runconf": {"test": {"count": 42}}}}
    assert get(session, "count", environment=permitted) == "42"
    assert gsettings(session, "writable", "org.runconf.test", "count", environment=permitted) == "true"


def test_a_sandbox_is_told_of_changes(session, permitted):
    session.environment |= permitted
    values = iter(range(10, 100))
    with Lines(session, "gsettings", "monitor", "org.runconf.test", "count") as lines:
        def is_told():
            session.service.settings.set("/org/runconf/test/count", next(values))
            return lines.wait_a_moment()

        eventually(is_told, "the monitor prints a change")
        session.service.settings.set("/org/runconf/test/count", 5)
        lines.wait_for(lambda: lines.all()[-1] == "count: 5")


def test_a_sandbox_reads_the_shared_memory(session, permitted):
    # the descriptor of the memory passes the proxy, so a read costs no message
    put(session, "count", "42")
    with session.monitor() as monitor:
        assert get(session, "count", environment=permitted) == "42"
        calls = monitor.calls_of("OpenSnapshot")
    assert "Get" not in calls, calls


def test_without_the_name_a_program_has_its_defaults(session, forbidden):
    put(session, "count", "42")
    assert get(session, "count", environment=forbidden).splitlines()[-1] == "3"
    before = session.service.snapshot()
    session.run("gsettings", "set", "org.runconf.test", "count", "50", environment=forbidden)
    assert session.service.snapshot() == before
