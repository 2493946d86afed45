# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fixtures are those of the command's tests, and dconf beside them."""

import importlib.util
import pathlib
import sys

import pytest

COMMAND = pathlib.Path(__file__).resolve().parents[2] / "cli"

sys.path.insert(0, str(COMMAND))
pytest.register_assert_rewrite("dconf_testing")

specification = importlib.util.spec_from_file_location("command_fixtures", COMMAND / "conftest.py")
fixtures = importlib.util.module_from_spec(specification)
specification.loader.exec_module(fixtures)

scratch = fixtures.scratch
bus = fixtures.bus
pytest_configure = fixtures.pytest_configure
pytest_sessionfinish = fixtures.pytest_sessionfinish

from dconf_testing import Dconf, Desktop  # noqa: E402
from many_testing import Session  # noqa: E402
from runconf_testing import Service, closing  # noqa: E402


@pytest.fixture
def dconf(bus, scratch):
    """The database of a user, which the service of dconf writes."""
    dconf = Dconf(bus, scratch / "dconf")
    yield dconf
    dconf.stop()


@pytest.fixture
def service(bus, scratch):
    """A daemon with the configuration of GSettings; it starts with the first call."""
    yield from closing(Service(bus, scratch / "service", name="gsettings"))


@pytest.fixture
def session(bus, scratch):
    """A daemon with all configurations of a user; the first call starts it."""
    yield from closing(Session(bus, scratch / "session"))


@pytest.fixture
def desktop(service, dconf):
    """The command in a session with both."""
    service.defaults.write_text("")
    return Desktop(service, dconf)
