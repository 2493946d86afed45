# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fixtures of the tests of the command."""

import pathlib
import shutil
import sys
import tempfile

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "cli"), str(TESTS / "service")]
pytest.register_assert_rewrite("command_testing", "etcd_testing", "fleet_testing", "runconf_testing")

from etcd_testing import Etcd  # noqa: E402
from fleet_testing import Fleet  # noqa: E402


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
