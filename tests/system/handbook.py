# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/operations.md as a stranger reads it: each block of commands is run as it stands there.

Between the blocks things happen that the page is about, and what the page says of them is checked.
"""

import pathlib
import signal
import subprocess

from container import ADMIN, NAME, OBJECTS, ROOT, STATE, UNIT, Installed, make_user, run, show, wait_for
from pages import INSTALL, add_cases, run_script
from runconf_testing import Refusal

PAGE = ROOT / "docs/operations.md"
FOLDER = STATE / "chatbot"
OVERRIDES = FOLDER / "runtime_config.yaml"
PORT = "/chat/websocket/port"


def run_block(block, edit="true"):
    """Runs a block; `edit` is what is done to a file in the editor."""
    for command, other in INSTALL.items():
        block = block.replace(command, other)
    editor = pathlib.Path("/root/editor")
    editor.write_text(f'#!/bin/bash\nset -e\nfile=$1\n{edit}\n')
    editor.chmod(0o755)
    run_script(f"cd /root\n{block}", block, EDITOR=str(editor))


def client():
    service = Installed("chatbot")
    return service.client()


def serves(path, value):
    """Waits until a value is in force: what a file says is, a moment after it was saved."""
    def is_in_force():
        try:
            return client().get(path) == value
        except Refusal:
            return False

    wait_for(f"{path} to be {value}", is_in_force)


def reaches(state, *words):
    wait_for(state, lambda: client().state == state)
    message = client().state_message
    for word in words:
        assert word in message, message


# What is done and checked at each section: it gets the blocks, and runs each of them.


def install(blocks):
    for block in blocks:
        run_block(block)


def add_an_application(blocks):
    files, calls = blocks
    run_block(files)
    serves(PORT, 8000)
    run_block(calls)
    assert "chatbot" in run("busctl", "tree", NAME).stdout


def other_defaults(blocks):
    drop_in, lock, unlock = blocks
    run_block(drop_in)
    serves(PORT, 8443)
    run_block(lock)
    wait_for("the lock", lambda: client().describe(PORT)["source"] == "locked")
    try:
        client().set(PORT, 1)
        raise AssertionError("it isn't locked")
    except Refusal as refusal:
        assert refusal.kind == "Locked"
    run_block(unlock)
    wait_for("the lock to go", lambda: client().describe(PORT)["source"] == "default")


def rights(blocks):
    make_user("alice")
    for block in blocks:
        run_block(block)

    def may(path, value):
        command = ["runuser", "-u", "alice", "--", "busctl", "--allow-interactive-authorization=no", "call", NAME]
        command += [f"{OBJECTS}/chatbot", NAME, "Set", "sv", path, *value]
        return run(*command, check=False).returncode == 0

    wait_for("the rule", lambda: may(PORT, ["x", "9001"]))
    serves(PORT, 9001)
    assert may("/llm/active", ["s", "groq"])
    assert not may("/llm/api_key", ["s", "mine"])
    assert not may("/chat", ["s", "nothing"])


def edit_by_hand(blocks):
    edit, look, own = blocks
    run_block(edit, edit='sed -i "s/port: 9001/port: 9002/" "$file"')
    serves(PORT, 9002)
    run_block(look)
    # what the page warns of
    text = OVERRIDES.read_text().replace("port: 9002", "port: 9003")
    other = FOLDER / "other"
    other.write_text(text)
    other.chmod(0o600)
    other.rename(OVERRIDES)
    reaches("degraded", str(OVERRIDES), "ermission")
    assert client().get(PORT) == 9002
    run_block(own)
    serves(PORT, 9003)
    reaches("ok")


def states(blocks):
    # an override that the schema refuses
    text = OVERRIDES.read_text()
    OVERRIDES.write_text(text.replace("port: 9003", "port: 99999"))
    reaches("degraded", "99999", PORT)
    assert client().get(PORT) == 8443
    assert client().get("/llm/active") == "groq"
    OVERRIDES.write_text(text)
    reaches("ok")
    serves(PORT, 9003)
    # broken defaults while it runs, and at a start
    config = ADMIN / "chatbot/config.yaml"
    defaults = config.read_text()
    config.write_text("chat: [")
    reaches("degraded", str(config))
    assert client().get(PORT) == 9003
    run("systemctl", "restart", UNIT)
    assert show("ActiveState") == "active"
    assert "chatbot" not in run("busctl", "tree", NAME).stdout
    assert "sample" in run("busctl", "tree", NAME).stdout
    config.write_text(defaults)
    serves(PORT, 9003)
    for block in blocks:
        run_block(block)
    told = run("journalctl", "-u", UNIT, "RUNCONF_CONFIGURATION=chatbot", "-o", "cat").stdout
    assert f"{config}:" in told


def break_overrides():
    OVERRIDES.write_text(OVERRIDES.read_text().replace("websocket:", "websocket: ["))
    reaches("recovered", ".corrupt-")


def recovery(blocks):
    mend, keep = blocks
    break_overrides()
    assert client().get(PORT) == 8443
    run_block(mend, edit='sed -i "s/websocket: \\[/websocket:/" "$file"')
    reaches("ok")
    serves(PORT, 9003)
    run_block(keep)
    break_overrides()
    assert client().get(PORT) == 9003
    run_block(mend, edit='sed -i "s/websocket: \\[/websocket:/" "$file"')
    reaches("ok")
    assert client().get(PORT) == 9003


def do_something_at_a_change(blocks):
    (watch,) = blocks
    told = pathlib.Path("/run/chatbot-was-told")
    pathlib.Path("/run/systemd/system/chatbot.service").write_text(
        f"[Service]\nExecStart=/bin/sleep infinity\nExecReload=/bin/touch {told}\n")
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "chatbot")
    with subprocess.Popen(["bash", "-c", f"exec {watch}"]) as process:
        ports = iter(range(9500, 9999))

        def is_told():
            client().set(PORT, next(ports))
            return told.exists()

        wait_for("the application to be told", is_told)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    run("systemctl", "stop", "chatbot")
    client().set(PORT, 9003)


def take_changes_back(blocks):
    go_back, risky = blocks
    run_block(go_back)
    serves(PORT, 9000)
    run_block(risky)
    assert client().get(PORT) == 9100


def backup(blocks):
    copy, put_back, whole, restore = blocks
    version = client().version
    run_block(copy)
    client().set(PORT, 9200)
    run_block(put_back)
    serves(PORT, 9100)
    assert client().version == version + 2
    run_block(whole)
    history = client().history()
    client().set(PORT, 9300)
    run("systemctl", "stop", UNIT)
    run("rm", "-r", str(STATE))
    STATE.mkdir()
    run_block(restore)
    assert client().get(PORT) == 9100
    assert client().history() == history
    assert client().set(PORT, 9400) == version + 3
    run("systemctl", "restart", UNIT)
    assert client().get(PORT) == 9400


SECTIONS = {
    "Install": install,
    "Add an application": add_an_application,
    "Other defaults, and locks": other_defaults,
    "Rights": rights,
    "Edit by hand": edit_by_hand,
    "States": states,
    "Recovery": recovery,
    "Do something at a change": do_something_at_a_change,
    "Take changes back": take_changes_back,
    "Backup": backup,
}


add_cases(PAGE, SECTIONS)
