# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every way out of edit but a change that is made: no text is lost, and the user learns where it is."""

import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess

import pytest
from runconf_testing import DEADLINE, eventually, private_mounts, require_root

from command_testing import DONE, FAILED, REFUSED
from tmux_testing import Terminal

TEXT = "# ours\nchat: {websocket: {port: 9000}}\n"
WORK = "# an hour of work"


@pytest.fixture
def edited(cli):
    """The command, with folders for its texts: one of the session, and one that stays."""
    cli("load", "--overrides", "-", text=TEXT)
    for name, variable in (("session", "XDG_RUNTIME_DIR"), ("stay", "TMPDIR")):
        (cli.folder / name).mkdir()
        cli.environment[variable] = str(cli.folder / name)
    return cli


@pytest.fixture(autouse=True)
def hangup():
    """Programs inherit signals that are ignored, as under nohup: then a terminal that is closed has no effect."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def editor(cli, script):
    path = cli.folder / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return shlex.quote(str(path))


def add_work(also="true"):
    return f"echo '{WORK}' >> \"$1\"; {also}"


def wait_for(name):
    return f"while [ ! -e {name} ]; do sleep 0.05; done"


def texts(cli, place):
    """The files that are kept there, with what they hold."""
    return {file.name: file.read_text(errors="replace") for file in (cli.folder / place).glob("*/*")}


def has_work(cli, place):
    return WORK in texts(cli, place).get("runtime_config.yaml", "")


def assert_told(cli, complaint, place):
    """The message names a file that is there and has the work."""
    path = pathlib.Path(re.search(r"your text is kept in (\S+)", complaint)[1])
    assert path.parent.parent == cli.folder / place
    assert WORK in path.read_text(errors="replace")
    assert ("until you log out" in complaint) == (place == "session")


def assert_nothing_changed(cli):
    assert cli("get", "/chat/websocket/port") == "9000\n"


def can_read(cli):
    """Whether no other process serves the file, as an edit without a service does until it ends."""
    try:
        cli("get", "/chat/websocket/port")
    except AssertionError:
        return False
    return True


class Running:
    """An edit in a session of its own, whose signals go where a test wants them."""

    def __init__(self, cli, script, *options):
        self.cli = cli
        self.process = subprocess.Popen(
            cli.line(["edit", "--editor", editor(cli, f"echo $$ > pid; {script}"), *options]), cwd=cli.folder,
            env=cli.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, text=True)

    def wait_for(self, name):
        eventually(lambda: (self.cli.folder / name).exists(), name)

    def go(self):
        (self.cli.folder / "go").touch()

    def end(self):
        out, complaint = self.process.communicate(timeout=DEADLINE)
        assert "CRITICAL" not in complaint
        return out, complaint


# ------------------------------------------------------------------------- the editor comes to an end


@pytest.mark.parametrize("end, words", [
    ("kill -KILL $$", "signal 9"), ("kill -SEGV $$", "signal 11"), ("kill -HUP $$", "signal 1"),
    ("exit 1", "status 1"), ("exit 126", "status 126")])
def test_the_editor_fails(edited, end, words):
    edited("edit", "--editor", editor(edited, add_work(f"echo x > \"$1.swp\"; {end}")), status=FAILED)
    assert words in edited.complaint
    assert_told(edited, edited.complaint, "session")
    assert "runtime_config.yaml.swp" in texts(edited, "session")
    assert_nothing_changed(edited)


def test_the_editor_fails_and_changed_nothing(edited):
    edited("edit", "--editor", editor(edited, "exit 1"), status=FAILED)
    edited("edit", "--editor", "/nonexistent/editor", status=FAILED)
    assert not texts(edited, "session")


@pytest.mark.parametrize("script, words", [
    (add_work("rm \"$1\""), "No such file"),
    (add_work("mv \"$1\" \"$1.mine\""), "No such file"),
    (add_work("head -c 17M /dev/zero | tr '\\0' '#' >> \"$1\""), "too large"),
    (add_work("printf '\\377' >> \"$1\""), "UTF-8"),
    (add_work("echo 'x: [' >> \"$1\""), "a value is missing"),
    (": > \"$1\"", "empty file"),
], ids=["removed", "renamed", "large", "bytes", "mistake", "empty"])
def test_the_editor_leaves_what_is_no_configuration(edited, script, words):
    edited("edit", "--editor", editor(edited, script), status=FAILED)
    assert words in edited.complaint
    left = texts(edited, "session")
    if "rm " in script:
        assert left == {}
    elif "mv " in script:
        assert WORK in left["runtime_config.yaml.mine"]
        assert "your text is kept in" in edited.complaint
    elif words != "empty file":
        assert_told(edited, edited.complaint, "session")
    assert_nothing_changed(edited)


def test_an_empty_file_without_overrides_before(edited):
    edited("reset", "")
    assert "and no value" in edited("edit", "--editor", editor(edited, ": > \"$1\""))


def test_all_overrides_go_if_that_is_written(edited):
    assert "/chat/websocket/port" in edited("edit", "--editor", editor(edited, "echo '{}' > \"$1\""))


def test_an_editor_that_goes_into_the_background(edited):
    """Its end is waited for: it has the name of the file in its command line."""
    running = Running(edited, f"( touch forked; {wait_for('go')}; sed -i s/9000/9100/ \"$1\" ) & exit 0")
    running.wait_for("forked")
    line = eventually(lambda: running.process.stderr.readline(), "the message")
    assert "still runs in the background" in line
    assert running.process.poll() is None
    running.go()
    out, _ = running.end()
    assert running.process.returncode == DONE and out.startswith("changed /chat/websocket/port")
    assert not texts(edited, "session")


def test_a_background_that_is_given_up(edited):
    running = Running(edited, f"( touch forked; {wait_for('go')}; {add_work()}; touch done ) & exit 0")
    running.wait_for("forked")
    line = running.process.stderr.readline()
    assert "still runs in the background" in line
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(DEADLINE) == -signal.SIGINT
    assert running.process.stderr.readline() == "\n"
    complaint = running.process.stderr.readline()
    running.go()
    running.wait_for("done")
    assert_told(edited, complaint, "session")
    assert_nothing_changed(edited)


# -------------------------------------------------------------------------- runconf comes to an end


def test_runconf_is_terminated(edited):
    """The editor goes on, and the file stays for it."""
    running = Running(edited, f"touch open; {wait_for('go')}; {add_work()}; touch done")
    running.wait_for("open")
    running.process.terminate()
    assert running.process.wait(DEADLINE) == -signal.SIGTERM
    complaint = running.process.stderr.readline()
    running.go()
    running.wait_for("done")
    assert_told(edited, complaint, "session")
    assert_nothing_changed(edited)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_a_key_is_for_the_editor(edited, number):
    running = Running(edited, f"trap : INT QUIT; touch open; {wait_for('go')}; sed -i s/9000/9100/ \"$1\"")
    running.wait_for("open")
    os.killpg(running.process.pid, number)
    running.go()
    out, _ = running.end()
    assert running.process.returncode == DONE and out.startswith("changed")


def test_the_terminal_goes_and_takes_the_editor(edited):
    """As vim does, the editor leaves a file to recover from. The folder of the session would go with it."""
    running = Running(edited, f"trap 'cp \"$1\" \"$1.swp\"; exit 1' HUP; {add_work()}; touch open; {wait_for('go')}")
    running.wait_for("open")
    os.killpg(running.process.pid, signal.SIGHUP)
    _, complaint = running.end()
    assert running.process.returncode == FAILED
    assert_told(edited, complaint, "stay")
    assert WORK in texts(edited, "stay")["runtime_config.yaml.swp"]
    assert texts(edited, "session") == {} and list((edited.folder / "session").iterdir()) == []
    for path in (edited.folder / "stay").glob("**"):
        assert path == edited.folder / "stay" or path.stat().st_mode & 0o77 == 0
    assert_nothing_changed(edited)


def test_the_terminal_goes_and_the_editor_stays(edited):
    """A window of its own: the change is made when it is closed."""
    running = Running(edited, f"trap '' HUP; touch open; {wait_for('go')}; sed -i s/9000/9100/ \"$1\"")
    running.wait_for("open")
    os.killpg(running.process.pid, signal.SIGHUP)
    running.go()
    out, _ = running.end()
    assert running.process.returncode == DONE and out.startswith("changed")


def test_there_is_no_room_for_a_text_of_a_terminal_that_goes(edited):
    """It stays where it is."""
    shutil.rmtree(edited.folder / "stay")
    running = Running(edited, f"trap 'exit 1' HUP; {add_work()}; touch open; {wait_for('go')}")
    running.wait_for("open")
    os.killpg(running.process.pid, signal.SIGHUP)
    _, complaint = running.end()
    assert_told(edited, complaint, "session")


@pytest.mark.parametrize("end", ["C-c", "C-d", "terminal"])
def test_a_question_comes_to_an_end(edited, end):
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")
    with Terminal(edited) as terminal:
        terminal.start("runconf edit --editor " + editor(edited, add_work("echo 'x: [' >> \"$1\"")))
        terminal.wait("e(x)it without a change?")
        if end != "terminal":
            terminal.press(end)
            eventually(lambda: "yourtextiskeptin" in re.sub(r"\s", "", terminal.screen()), "the message")
            assert has_work(edited, "session")
        else:
            terminal._tmux("set-option", "-g", "exit-empty", "off")
            terminal._tmux("kill-pane")
            eventually(lambda: has_work(edited, "stay") and not texts(edited, "session"), "it is moved")
            eventually(lambda: can_read(edited), "the end of the edit")
    assert_nothing_changed(edited)


# ----------------------------------------------------------------------- the service, and the disk


def test_what_was_only_tried_is_kept(edited):
    said = edited("edit", "--dry-run", "--editor", editor(edited, add_work("sed -i s/9000/9100/ \"$1\"")))
    assert said.startswith("would change /chat/websocket/port")
    assert_told(edited, edited.complaint, "session")
    edited("edit", "--dry-run", "--editor", "true")
    assert "kept" not in edited.complaint
    assert_nothing_changed(edited)


def test_a_refused_change(edited, service):
    service.expect("locked")
    service.locks.write_text("/chat\n")
    if service.process is not None:
        service.client().reload()
    edited("edit", "--editor", editor(edited, add_work("sed -i s/9000/9100/ \"$1\"")), status=REFUSED)
    assert_told(edited, edited.complaint, "session")


def on_a_small_disk(cli):
    """The folder of the session is on a disk with room for some pages, and only this command sees it."""
    require_root()
    session = cli.folder / "session"
    stay = cli.folder / "found"
    script = (f"mount -t tmpfs -o size=64k tmpfs {session}; \"$@\"; status=$?; "
              f"cp -r {session} {stay}; exit $status")
    cli.prefix = [*private_mounts(cli.folder), "bash", "-c", script, "bash"]
    return stay


def test_a_disk_without_room_for_the_text(edited):
    edited("load", "--overrides", "-", text=TEXT + f"long: {'x' * 100_000}\n")
    on_a_small_disk(edited)
    edited("edit", "--editor", editor(edited, add_work()), status=FAILED)
    assert "No space left" in edited.complaint
    assert "kept" not in edited.complaint


@pytest.mark.parametrize("ignores", [True, False])
def test_a_disk_that_gets_full_while_the_text_is_saved(edited, ignores):
    """The editor made the file empty before it found that out, and tells, or doesn't."""
    stay = on_a_small_disk(edited)
    script = add_work("cp \"$1\" \"$1.swp\"; cat /dev/zero > \"$(dirname \"$1\")/full\"; "
                      "echo x 2>&- > \"$1\"; truncate -s 0 \"$1\"") + f"; exit {0 if ignores else 1}"
    edited("edit", "--editor", editor(edited, script), status=FAILED)
    assert "your text is kept in" in edited.complaint
    assert ("empty file" in edited.complaint) == ignores
    (swap,) = stay.glob("*/*.swp")
    assert WORK in swap.read_text()
    edited.prefix = []
    assert_nothing_changed(edited)
