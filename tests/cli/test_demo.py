# SPDX-License-Identifier: LGPL-2.1-or-later
"""demo: the story is told to its end, without rights, and leaves nothing."""

import shutil

import pytest

from command_testing import DONE, USAGE
from runconf_testing import as_user, require_root

STORY = [
    "$ runconf get /chat/websocket/port\n8000\n",
    "changed /chat/websocket/port (version 1)\n"
    "  the watch prints: ~ /chat/websocket/port: 8000 → 9000\n",
    "  the watch prints: ~ /chat/websocket/port: 9000 → 9100\n",
    "    port: 9200  # behind the proxy\n",
    "changed /chat/websocket/port, /llm/active (version 4)\n",
    "  the watch prints: ~ /chat/websocket/port: 9000 → 8000\n",
    "its files are removed",
]


@pytest.fixture
def temporary(scratch):
    folder = scratch / "temporary"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    return folder


def check(told, folder):
    place = 0
    for piece in STORY:
        place = told.index(piece, place)
    assert list(folder.iterdir()) == []


def test_the_story(command, temporary):
    check(command("demo", TMPDIR=str(temporary)), temporary)
    assert "99999 is more than" in command.complaint
    assert "did you mean /chat/websocket/port?" in command.complaint
    assert max(map(len, command("demo", "--fast", TMPDIR=str(temporary)).splitlines())) < 120


def test_for_anybody(command, scratch, temporary):
    require_root()
    home = scratch / "program"
    home.mkdir()
    for library in (command.program.parent.parent / "client").glob("librunconf-1.so*"):
        if library.is_file():
            shutil.copy(library, home)
    daemon = shutil.copy(command.environment["RUNCONF_DAEMON"], home / "runconfd")
    command.program = shutil.copy(command.program, home / "runconf")
    command.prefix = as_user("nobody")
    check(command("demo", TMPDIR=str(temporary), LD_LIBRARY_PATH=str(home),
                  RUNCONF_DAEMON=str(daemon), status=DONE), temporary)


def test_usage(command):
    command.fails(USAGE, "demo", "--json", words=["--json"])
    command.fails(USAGE, "demo", "again")
