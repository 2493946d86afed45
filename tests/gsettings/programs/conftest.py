# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fixtures: each test has its own session, and schemas of its own."""

import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
SERVICE = HERE.parents[1] / "service"

sys.path.insert(0, str(SERVICE))
pytest.register_assert_rewrite("gsettings_testing", "runconf_testing", "many_testing")

from gsettings_testing import SERVICES, Desktop  # noqa: E402

specification = importlib.util.spec_from_file_location("service_fixtures", SERVICE / "conftest.py")
fixtures = importlib.util.module_from_spec(specification)
specification.loader.exec_module(fixtures)

pytest_configure = fixtures.pytest_configure
pytest_sessionfinish = fixtures.pytest_sessionfinish


@pytest.fixture(scope="session")
def schemas(tmp_path_factory):
    """The folder with the schemas of the tests: compiled, and as sources, which have the descriptions."""
    folder = tmp_path_factory.mktemp("share") / "schemas"
    shutil.copytree(HERE / "schema", folder)
    subprocess.run(["glib-compile-schemas", "--strict", folder], check=True)
    return folder


@pytest.fixture
def open_desktop(schemas):
    """Opens a session with one of the backends."""
    opened = []

    def open_one(backend):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="gs-"))
        desktop = Desktop(backend, folder)
        desktop.environment["GSETTINGS_SCHEMA_DIR"] = str(schemas)
        opened.append(desktop)
        return desktop.__enter__()

    yield open_one
    for desktop in opened:
        desktop.__exit__()
        shutil.rmtree(desktop.folder)


@pytest.fixture(params=list(SERVICES))
def desktop(request, open_desktop):
    """A session with each of the backends: what programs see of them is the same."""
    return open_desktop(request.param)


@pytest.fixture
def session(open_desktop):
    """A session with Runconf."""
    return open_desktop("runconf")
