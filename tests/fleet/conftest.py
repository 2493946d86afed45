# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fixtures of the tests of the command and of the agent."""

import pathlib
import shutil
import sys
import tempfile

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "cli"), str(TESTS / "service")]
pytest.register_assert_rewrite("agent_testing", "command_testing", "etcd_testing", "fleet_testing", "runconf_testing")

import agent_testing  # noqa: E402
from etcd_testing import Etcd  # noqa: E402
from fleet_testing import Fleet  # noqa: E402
from runconf_testing import closing  # noqa: E402


@pytest.fixture(scope="module")
def store():
    """The etcd of a file of tests."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="runconf-"))
    member = Etcd(folder).start()
    yield member
    member.close()
    shutil.rmtree(folder)


@pytest.fixture
def fleet(store, tmp_path):
    return Fleet(tmp_path, store)


@pytest.fixture
def scratch():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="runconf-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def etcd(scratch):
    yield from closing(agent_testing.Etcd(scratch / "etcd").start())


@pytest.fixture
def agent(etcd, scratch):
    """An agent that the test starts itself."""
    yield from closing(agent_testing.Agent(etcd, scratch / "agent"))
