# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command as a person has it: colours, dialogs, keys, and the size of a terminal."""

import os
import pathlib
import re
import shlex
import shutil
import sys

import pytest

import runconf_testing
from command_testing import DONE, FAILED, REFUSED
from runconf_testing import eventually
from tmux_testing import Terminal

TEXT = """\
# what we want here
chat:
  websocket:
    port: 9000  # behind the proxy
llm: {active: groq}
"""

# An editor that runs the next of the scripts edit-1, edit-2, … each time that it is called.
EDITOR = """\
#!/bin/sh
n=1
while [ -e done-$n ]; do n=$((n + 1)); done
touch done-$n
. ./edit-$n
"""


def needs_tmux():
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")


@pytest.fixture
def terminal(online):
    needs_tmux()
    online("load", "--overrides", "-", text=TEXT)
    with Terminal(online) as terminal:
        yield terminal


@pytest.fixture
def editor(online):
    """Makes an editor of pieces of shell, one for each time that it is opened."""
    path = online.folder / "editor"
    path.write_text(EDITOR)
    path.chmod(0o755)
    (online.folder / "home").mkdir()

    def make(*scripts):
        for number, script in enumerate(scripts, 1):
            (online.folder / f"edit-{number}").write_text(script + "\n")
        return f"--editor {path}"

    return make


def port(online):
    return online("get", "/chat/websocket/port").strip()


# ------------------------------------------------------------------------------------------- edit


def test_a_mistake_is_edited_again(terminal, online, editor):
    terminal.start("runconf edit " + editor("echo 'x: [' >> \"$1\"",
                                            "sed -i 's/9000/9100/; /^x: /d' \"$1\""))
    seen = terminal.wait("(e)dit again, or e(x)it without a change?")
    assert re.search(r"runconf: runtime_config.yaml:\d+:\d+: ", seen)
    # what is no answer is asked again
    terminal.type("q")
    terminal.type("")
    terminal.type("e")
    assert "changed /chat/websocket/port" in terminal.end(DONE)
    assert port(online) == "9100"
    assert "# behind the proxy" in online("dump", "--layer", "overrides")


def test_a_mistake_is_given_up(terminal, online, editor):
    terminal.start("TMPDIR=$PWD/home XDG_RUNTIME_DIR= runconf edit " + editor("echo 'x: [' > \"$1\""))
    terminal.wait("e(x)it without a change?")
    terminal.type("x")
    terminal.end(FAILED)
    assert port(online) == "9000"
    assert list((online.folder / "home").iterdir()) == []


def test_a_dialog_that_ends_keeps_the_text(terminal, online, editor):
    terminal.start("TMPDIR=$PWD/home XDG_RUNTIME_DIR= runconf edit " + editor("echo 'x: [' > \"$1\""))
    terminal.wait("e(x)it without a change?")
    terminal.press("C-d")
    terminal.end(FAILED)
    (folder,) = (online.folder / "home").iterdir()
    assert (folder / "runtime_config.yaml").read_text() == "x: [\n"


def test_the_schema_refuses(terminal, online, editor, service):
    service.schema.write_text("properties: {chat: {properties: {websocket: {properties: "
                              "{port: {maximum: 9999}}}}}}\n")
    service.client().reload()
    terminal.start("runconf edit " + editor("sed -i s/9000/99999/ \"$1\"",
                                            "sed -i s/99999/9999/ \"$1\""))
    seen = terminal.wait("(e)dit again")
    assert ": /chat/websocket/port: 99999 is more than" in seen.replace("\n", "")
    terminal.type("e")
    terminal.end(DONE)
    assert port(online) == "9999"


def other(online, calls):
    """A piece of shell that has somebody else make calls to the service."""
    path = online.folder / "other.py"
    path.write_text(f"""
import sys
sys.path[:0] = [{str(pathlib.Path(runconf_testing.__file__).parent)!r}]
import runconf_testing
class Service: pass
client = runconf_testing.Client(
    Service(), runconf_testing.Connection({online.service.bus.address!r}), {online.service.path!r})
{calls}
""")
    return f"{shlex.quote(sys.executable)} {path}"


@pytest.mark.parametrize("answer, status, outcome, there", [
    ("m", DONE, "9100", True), ("t", DONE, "9200", True), ("x", REFUSED, "9200", False)])
def test_a_conflict(terminal, online, editor, answer, status, outcome, there):
    calls = other(online, "client.set('/chat/websocket/port', 9200); client.set('/new', 1)")
    terminal.start("runconf edit " + editor(
        f"{calls}; sed -i 's/9000/9100/; s/what we/what they/' \"$1\""))
    seen = terminal.wait("take (m)ine, take (t)heirs, (e)dit again, or e(x)it without a change?")
    for line in ("/chat/websocket/port\n", "  before: 9000\n", "  mine: 9100\n", "  theirs: 9200\n"):
        assert line in seen
    terminal.type(answer)
    terminal.end(status)
    assert port(online) == outcome
    assert online("get", "/new") == "1\n", "what was no conflict is there in any case"
    assert ("# what they want here" in online("dump", "--layer", "overrides")) == there


@pytest.mark.parametrize("answer, kept, lost", [("m", "# mine", "# theirs"),
                                                ("t", "# theirs", "# mine")])
def test_comments_of_both(terminal, online, editor, service, answer, kept, lost):
    calls = other(online, f"""
import pathlib
path = pathlib.Path({str(service.runtime)!r})
path.write_text(path.read_text().replace('groq', 'openai') + '# theirs\\n')
runconf_testing.eventually(lambda: client.version > 1)
""")
    terminal.start("runconf edit " + editor(
        f"{calls}; sed -i s/9000/9100/ \"$1\"; echo '# mine' >> \"$1\""))
    terminal.wait("take (m)ine, take (t)heirs")
    terminal.type(answer)
    terminal.end(DONE)
    text = online("dump", "--layer", "overrides")
    assert kept in text and lost not in text
    assert "port: 9100" in text and "active: openai" in text, "the values of both are there"


def test_a_conflict_is_edited(terminal, online, editor):
    calls = other(online, "client.set('/chat/websocket/port', 9200)")
    terminal.start("runconf edit " + editor(f"{calls}; sed -i s/9000/9100/ \"$1\"",
                                            "sed -i s/9100/9200/ \"$1\"; echo '# seen' >> \"$1\""))
    terminal.wait("(e)dit again")
    terminal.type("e")
    terminal.end(DONE)
    assert port(online) == "9200"
    assert "# seen" in online("dump", "--layer", "overrides")


def test_an_interrupt_is_for_the_editor(terminal, online, editor):
    terminal.start("runconf edit " + editor(
        "trap 'echo caught' INT; echo waiting; while [ ! -e go ]; do sleep 0.05; done; "
        "sed -i s/9000/9100/ \"$1\""))
    terminal.wait("waiting")
    terminal.press("C-c")
    terminal.wait("caught")
    (online.folder / "go").touch()
    terminal.end(DONE)
    assert port(online) == "9100"


def test_an_editor_on_the_terminal(terminal, online):
    """The terminal is the editor's while it runs."""
    # the word isn't in the line that starts the editor; a key that is pressed before may reach the shell
    terminal.start("runconf edit --editor 'echo rea\"\"dy; read line; echo \"new: $line\" >>'")
    terminal.wait("ready")
    terminal.type("typed in")
    assert "changed /new" in terminal.end(DONE)
    assert online("get", "/new") == "typed in\n"


def test_edit_offline_with_an_interrupt(offline, editor):
    """The service that works on the files is no business of who presses a key."""
    needs_tmux()
    offline("load", "--overrides", "-", text=TEXT)
    with Terminal(offline) as terminal:
        terminal.start("runconf edit " + editor(
            "trap 'echo caught' INT; echo waiting; while [ ! -e go ]; do sleep 0.05; done; "
            "sed -i s/9000/9100/ \"$1\""))
        terminal.wait("waiting")
        terminal.press("C-c")
        terminal.wait("caught")
        (offline.folder / "go").touch()
        terminal.end(DONE)
    assert port(offline) == "9100"


# ------------------------------------------------------------------------------------------ watch


def test_watch(terminal, online, service):
    terminal.start("runconf watch --initial /chat/websocket/port")
    terminal.wait("/chat/websocket/port: 9000")
    config = service.client()
    config.set("/chat/websocket/port", "\033[31mred\nline")
    seen = terminal.wait("red")
    assert r'/chat/websocket/port: "\u001b[31mred\nline"' in seen
    terminal.press("C-c")
    terminal.end(DONE)


def test_an_interrupt_of_a_watch_with_a_command(terminal, online):
    """A key goes to both: the command must not get the signal twice."""
    terminal.start("runconf watch --initial /llm -- sh -c 'n=0; trap \"n=\\$((n+1))\" INT; "
                   "echo begun; while [ $n = 0 ]; do sleep 0.05; done; sleep 0.3; "
                   "echo interrupts: $n'")
    terminal.wait("\nbegun\n")
    terminal.press("C-c")
    terminal.wait("interrupts: 1")
    terminal.end(DONE)


# ----------------------------------------------------------------------------- colours and width


def test_colours(terminal):
    terminal.run("runconf tree /chat")
    assert "\033[3" in terminal.screen(colours=True)
    for line in ("NO_COLOR=1 runconf tree /chat", "runconf --color=never tree /chat",
                 "TERM=dumb runconf tree /chat", "runconf tree /chat | cat; echo 0 > $STATUS"):
        terminal.run(line)
        assert "\033[3" not in terminal.screen(colours=True), line
    terminal.run("NO_COLOR=1 runconf --color=always tree /chat")
    assert "\033[3" in terminal.screen(colours=True)


def test_control_characters(terminal, online):
    online("set", "--string", "/evil", "\033]0;title\007\033[31mred\033[0m\u202egnp.exe")
    for line in ("runconf get /evil", "runconf tree", "runconf get", "runconf describe /evil",
                 "runconf history", "runconf --json get /evil"):
        seen = terminal.run(line)
        assert "title" in seen and "\u202e" not in seen, line
        assert "\033[31m" not in terminal.screen(colours=True).replace("\033[31m~", ""), line


def test_width(online):
    needs_tmux()
    online("set", "--message", "a message that is longer than a line of the terminal is wide " * 3,
           "/chat/websocket/port", "1")
    with Terminal(online, width=60) as terminal:
        seen = terminal.run("runconf history")
        lines = seen.splitlines()
        first = next(i for i, line in enumerate(lines) if line.startswith("VERSION"))
        assert lines[first + 1].lstrip().startswith("1 ") and "a mess" in lines[first + 1]
        assert "/chat/w" in lines[first + 1], "each column keeps something"
        assert lines[first + 2].startswith("ready>"), f"a row takes one line:\n{seen}"


# --------------------------------------------------------------------------------------- progress


def test_a_bar_for_what_takes_long(command, scratch):
    needs_tmux()
    # as much as a text may have: several of them take long enough on any machine
    lines = "".join(f"key{i}: [a, b, {{c: {i}}}]\n" for i in range(150_000))
    (scratch / "big.yaml").write_text(lines)
    names = " ".join(["big.yaml"] * 5)
    (scratch / "small.yaml").write_text("a: 1\n")
    with Terminal(command) as terminal:
        terminal.start(f"runconf validate {names}")
        terminal.wait("checking [#")
        assert re.search(r"checking \[#+-+\] +\d+ %", terminal.screen())
        seen = terminal.end(DONE)
        assert "checking [" not in seen and "big.yaml: fine" in seen
        for line in (f"runconf --quiet validate {names}", f"TERM=dumb runconf validate {names}",
                     f"runconf validate {names} 2> log", "runconf validate small.yaml"):
            terminal.start("clear; " + line)
            frames = []
            eventually(lambda: frames.append(terminal.screen()) or terminal.status.exists(), line)
            assert not any("checking [" in frame for frame in frames), line
            terminal.end(DONE)
    assert (scratch / "log").read_text() == ""


# ------------------------------------------------------------------------------------------- demo


def test_demo(command, scratch):
    needs_tmux()
    folder = scratch / "temporary"
    folder.mkdir()
    with Terminal(command, TMPDIR=str(folder)) as terminal:
        terminal.start("runconf demo")
        seen = terminal.wait("$ runconf get /chat/websocket/port")
        assert "runconf history" not in seen, "there is time to read it"
        assert list(folder.iterdir()) != []
        terminal.press("C-c")
        terminal.end(DONE)
        assert list(folder.iterdir()) == [], "an interrupt leaves nothing"
        seen = terminal.run("runconf demo --fast")
        assert "its files are removed" in seen
    assert os.listdir(folder) == []
