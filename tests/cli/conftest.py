# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fixtures are those of the daemon's tests, and the command on them."""

import importlib.util
import pathlib
import sys

import pytest

SERVICE = pathlib.Path(__file__).resolve().parents[1] / "service"

sys.path.insert(0, str(SERVICE))
pytest.register_assert_rewrite("runconf_testing", "command_testing")

from command_testing import Command, Offline, Online  # noqa: E402

specification = importlib.util.spec_from_file_location("service_fixtures", SERVICE / "conftest.py")
fixtures = importlib.util.module_from_spec(specification)
specification.loader.exec_module(fixtures)

scratch = fixtures.scratch
bus = fixtures.bus
service = fixtures.service
pytest_configure = fixtures.pytest_configure
pytest_sessionfinish = fixtures.pytest_sessionfinish


@pytest.fixture
def command(scratch):
    """The command, where there is no bus."""
    return Command(scratch)


@pytest.fixture
def online(service):
    """The command on a configuration that a daemon serves; it starts with the first call."""
    return Online(service)


@pytest.fixture
def offline(service):
    """The command on the same files, which nobody serves."""
    return Offline(service)


@pytest.fixture(params=[Online, Offline])
def cli(request, service):
    """The command, once on a bus and once on files: it answers the same."""
    return request.param(service)
