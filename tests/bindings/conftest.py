# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fixtures are those of the daemon's tests: a private bus and a daemon for each test."""

import importlib.util
import pathlib
import sys

import pytest

SERVICE = pathlib.Path(__file__).resolve().parents[1] / "service"

sys.path.insert(0, str(SERVICE))
pytest.register_assert_rewrite("runconf_testing", "python_testing")

specification = importlib.util.spec_from_file_location("service_fixtures", SERVICE / "conftest.py")
fixtures = importlib.util.module_from_spec(specification)
specification.loader.exec_module(fixtures)

scratch = fixtures.scratch
bus = fixtures.bus
service = fixtures.service
config = fixtures.config
many = fixtures.many
pytest_configure = fixtures.pytest_configure
pytest_sessionfinish = fixtures.pytest_sessionfinish


@pytest.fixture
def conf(service, config):
    """The configuration under test, in this process; `config` is another program."""
    # the stories in other languages need no Python bindings
    import python_testing

    return python_testing.Runconf.Configuration("default", service.bus.address)
