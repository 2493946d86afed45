# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fixtures: every test has its own folder, its own bus and its own daemon."""

import pathlib
import shutil
import tempfile

import pytest

pytest.register_assert_rewrite("runconf_testing", "many_testing")

from many_testing import Many, Session  # noqa: E402
from runconf_testing import BUSES, Service, closing  # noqa: E402


@pytest.fixture
def scratch():
    """A folder that other users may look into, with a path short enough for a socket."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="runconf-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def bus(request, scratch):
    """A session bus; a test asks for another with the marks `both_buses` and `bus_type`."""
    implementation = getattr(request, "param", "dbus-daemon")
    mark = request.node.get_closest_marker("bus_type")
    folder = scratch / "bus"
    folder.mkdir()
    bus = BUSES[implementation](folder, mark.args[0] if mark else "session")
    bus.start()
    yield bus
    bus.stop()


@pytest.fixture
def service(bus, scratch):
    """A daemon that the test starts itself."""
    yield from closing(Service(bus, scratch / "service"))


@pytest.fixture
def unprivileged(bus, scratch):
    """The same, run as a user who may do nothing special."""
    yield from closing(Service(bus, scratch / "unprivileged", user="nobody"))


@pytest.fixture
def many(bus, scratch):
    """A daemon that serves all configurations in the folders of a system; the test starts it itself."""
    yield from closing(Many(bus, scratch / "many"))


@pytest.fixture
def session(bus, scratch):
    yield from closing(Session(bus, scratch / "session"))


@pytest.fixture
def config(service):
    """A client of a daemon that has just made its files."""
    return service.start()


def pytest_configure(config):
    config.addinivalue_line("markers", "bus_type(type): the type of the private bus")


def pytest_sessionfinish(session):
    """A test that is skipped proves nothing: it fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    left_out = [word for word in ("skipped", "xfailed", "xpassed") if reporter.stats.get(word)]
    if left_out:
        reporter.ensure_newline()
        reporter.write_line(f"there are {' and '.join(left_out)} tests: that is a failure")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
