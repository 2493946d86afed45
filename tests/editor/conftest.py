# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fixtures: one desktop for all tests, and for each its own services and its own editor."""

import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
pytest.register_assert_rewrite("basket_testing", "editor_testing", "many_testing", "runconf_testing")

from basket_testing import CONFIG, SCHEMA  # noqa: E402
from editor_testing import Desktop, Editor  # noqa: E402
from many_testing import Many, Session  # noqa: E402
from runconf_testing import closing  # noqa: E402


def make_folder():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="runconf-"))
    # the tests have programs of several users
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def desktop_folder():
    yield from make_folder()


@pytest.fixture
def scratch():
    yield from make_folder()


@pytest.fixture(scope="session")
def desktop(desktop_folder):
    desktop = Desktop(desktop_folder)
    desktop.start()
    yield desktop
    desktop.stop()


@pytest.fixture
def service(desktop, scratch):
    """The service of the system, which the test starts itself."""
    yield from closing(Many(desktop.system, scratch / "system"))


@pytest.fixture
def chat(service):
    """A configuration with a schema, and of two numbers."""
    service.add("chat", SCHEMA, "config.schema.yaml")
    service.add("chat", CONFIG)
    service.start()
    return service.config("chat")


@pytest.fixture
def session_service(desktop, scratch):
    yield from closing(Session(desktop.session, scratch / "session"))


@pytest.fixture
def editor(desktop):
    editor = Editor(desktop)
    yield editor
    editor.close()
