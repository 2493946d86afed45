# SPDX-License-Identifier: LGPL-2.1-or-later
"""demo: each step has the result that docs/tour.md shows, without rights, and nothing is left."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from command_testing import FAILED, USAGE
from runconf_testing import as_user, require_root

TOUR = pathlib.Path(__file__).parents[2] / "docs/tour.md"
STORY, CALLS = re.findall(r"^```\n(.*?)^```$", TOUR.read_text(), re.DOTALL | re.MULTILINE)
CALL = ("gdbus call --session --dest org.runconf.Config1 --object-path /org/runconf/Config1/default"
        " --method org.runconf.Config1")
CHANGING = (r"\S*/runconf-demo-\w{6}", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", r"\d{8}T\d{6}\.\d{6}Z")


def plain(text):
    """Without the folder, the times, and the user, whose column is as wide as the name."""
    for pattern in CHANGING:
        text = re.sub(pattern, "-", text)
    return re.sub(r"(apply|revert) +\w+  ", r"\1 USER ", re.sub(" {2,}", "  ", text)).strip()


@pytest.fixture
def temporary(scratch):
    folder = scratch / "temporary"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    return folder


def check(command, folder, **environment):
    """The demo prints the tour, and leaves nothing. Errors, which are elsewhere, are put in place."""
    printed = command("demo", TMPDIR=str(folder), **environment)
    errors = [line for line in STORY.splitlines() if line.startswith("runconf: ")]
    told = "".join(f"{line}\n" for line in STORY.splitlines() if line not in errors)
    assert plain(printed) == plain(told)
    assert command.complaint.splitlines() == errors
    assert list(folder.iterdir()) == []


def test_the_demo_prints_the_tour(command, temporary):
    check(command, temporary)


def test_every_user_may_run_the_demo(command, scratch, temporary):
    require_root()
    home = scratch / "program"
    home.mkdir()
    for library in (command.program.parent.parent / "client").glob("librunconf-1.so*"):
        if library.is_file():
            shutil.copy(library, home)
    daemon = shutil.copy(command.environment["RUNCONF_DAEMON"], home / "runconfd")
    command.program = shutil.copy(command.program, home / "runconf")
    command.prefix = as_user("nobody")
    check(command, temporary, LD_LIBRARY_PATH=str(home), RUNCONF_DAEMON=str(daemon))


@pytest.fixture
def beside(online):
    """The command in the folder of both files, the defaults being the project's example."""
    online.folder = online.service.runtime.parent
    for name in ("config.schema.yaml", "config.yaml"):
        online.service.defaults = shutil.copy(TOUR.parents[1] / name, online.folder / name)
    return online


def test_the_demo_runs_on_a_service_that_the_user_named(beside):
    beside.service.expected += ["is more than the maximum", "the text is kept as"]
    assert "This is the end of the demo." in beside("demo")
    assert beside("get", "/llm/active") == "groq\n"


def test_the_demo_replaces_no_overrides(cli):
    cli.folder = cli.service.runtime.parent
    cli.service.runtime.write_text("chat: {websocket: {port: 7}}\n")
    cli.fails(FAILED, "demo", words=["before there are any"])
    assert cli("get", "/chat/websocket/port") == "7\n"


def test_the_demo_needs_the_folder_of_the_overrides(cli, temporary):
    cli.prepare()
    cli.folder = temporary
    cli.fails(FAILED, "demo", words=["only in the folder of the overrides"])


def test_a_failed_step_ends_the_demo(beside):
    (beside.folder / "config.schema.yaml").unlink()
    beside("demo", status=FAILED)
    assert "exit status 5 and 0 changes: runconf set" in beside.complaint


def test_the_calls_of_the_tour(beside):
    beside.prepare()
    for call, reply in re.findall(r"^\$ (.*)\n(.*)\n", CALLS, re.MULTILINE):
        done = subprocess.run(
            ["sh", "-c", call.replace("$CALL", CALL)], capture_output=True, check=False,
            env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": beside.service.bus.address})
        assert (done.stdout + done.stderr).decode().splitlines()[0] == reply


def test_usage(command):
    command.fails(USAGE, "demo", "--json", words=["--json"])
    command.fails(USAGE, "demo", "again")
