# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table in docs/gsettings.md that translates tasks from dconf: both commands of a row leave the same settings."""

import os
import re

import pytest
from gsettings_testing import CONFIGURATION, ROOT, SCHEMA, gsettings, put

DOCUMENT = ROOT / "docs/gsettings.md"
HEADING = "## What was done with dconf"
COMMAND = re.compile(r"`((?:dconf|rc|runconf) [^`]+)`")
# what the table has for a folder, a key and a value, and what the tests have
NAMES = {"/org/a": "/org/runconf/test", "/key": "/name"}
FILES = {
    "file": "[/]\nname='loaded'\ncount=9\n",
    "file.yaml": "org: {runconf: {test: {name: loaded, count: 9}}}\n",
}
# the tasks that change settings, with the name and the count after them
CHANGES = {
    "set a key": ("'text'", "7"),
    "several keys at once": ("'loaded'", "9"),
    "reset a key": ("'plain'", "7"),
    "reset a folder": ("'plain'", "3"),
}
# the tasks that print something, with a part of it for each backend
OUTPUTS = {
    "read a key": ("'old'\n", "old\n"),
    "list a folder": ("count\nname\n", "count: 7"),
    "all keys that were changed, as text": ("name='old'", "name: old"),
}


def table():
    """The first commands for dconf and for Runconf, by the task."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(HEADING)[2]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    commands = {row[0]: [COMMAND.search(cell) for cell in row[1:3]] for row in rows if len(row) == 3}
    return {task: [found.group(1) for found in both] for task, both in commands.items() if all(both)}


TABLE = table()


@pytest.fixture
def both(open_desktop):
    """A session with each backend and the same settings."""
    desktops = [open_desktop(backend) for backend in ("dconf", "runconf")]
    for desktop in desktops:
        put(desktop, "name", "'old'")
        put(desktop, "count", "7")
        for name, text in FILES.items():
            (desktop.folder / "home" / name).write_text(text)
    return desktops


def shell(desktop, line):
    """What a command of the table prints."""
    for name, ours in NAMES.items():
        line = line.replace(name, ours)
    definition = f'rc() {{ "$RUNCONF" --session -c {CONFIGURATION} "$@"; }}'
    done = desktop.run("bash", "-c", f"{definition}; {line}", cwd=desktop.folder / "home")
    assert done.returncode == 0, (line, done.stdout)
    return done.stdout


def test_the_table_has_the_tasks():
    assert {*CHANGES, *OUTPUTS} <= {*TABLE}, TABLE
    assert os.environ["RUNCONF"]


@pytest.mark.parametrize("task", CHANGES)
def test_a_task_leaves_the_same_settings(both, task):
    for desktop, line in zip(both, TABLE[task]):
        shell(desktop, line)
    listed = [gsettings(desktop, "list-recursively", SCHEMA) for desktop in both]
    assert listed[0] == listed[1]
    name, count = CHANGES[task]
    assert f"{SCHEMA} name {name}\n" in listed[1]
    assert f"{SCHEMA} count {count}\n" in listed[1]


@pytest.mark.parametrize("task", OUTPUTS)
def test_a_task_prints_what_was_asked_for(both, task):
    for desktop, line, expected in zip(both, TABLE[task], OUTPUTS[task]):
        assert expected in shell(desktop, line)
