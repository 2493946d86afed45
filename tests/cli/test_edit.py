# SPDX-License-Identifier: LGPL-2.1-or-later
"""edit, where the editor is a script and nobody can be asked; test_terminal.py has the dialogs."""

import pathlib
import re
import shlex
import stat
import subprocess
import sys

import pytest
from polkit_testing import Polkit

import runconf_testing
from command_testing import DONE, FAILED, REFUSED, UNCHANGED, USAGE, Online
from runconf_testing import DEADLINE, eventually, require_root

TEXT = """\
# what we want here
chat:
  websocket:
    port: 9000  # behind the proxy
llm: {active: groq}
"""


@pytest.fixture
def edited(cli):
    """The command, on overrides with comments."""
    cli("load", "--overrides", "-", text=TEXT)
    return cli


def editor(cli, script):
    """The command line of an editor that runs a piece of shell on the file."""
    path = cli.folder / "the editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return shlex.quote(str(path))


def edit(cli, script, *options, **how):
    return cli("edit", "--editor", editor(cli, script), *options, **how)


def text_of(cli):
    return cli("dump", "--layer", "overrides", "--secrets")


def values(cli, path="/chat/websocket/port"):
    return cli("get", path).strip()


def test_comments_stay(edited):
    said = edit(edited, "sed -i 's/9000  # behind/9100  # still behind/' \"$1\"")
    assert said == "changed /chat/websocket/port (version 2)\n"
    text = text_of(edited)
    assert "# what we want here\n" in text and "port: 9100  # still behind the proxy\n" in text


def test_comments_alone_are_a_change(edited):
    said = edit(edited, "echo '# and more' >> \"$1\"")
    assert said == "changed the overrides, and no value (version 2)\n"
    assert text_of(edited).endswith("# and more\n")


def test_nothing_changed(edited):
    assert edit(edited, "true") == "nothing changed (version 1)\n"
    assert edit(edited, "true", "--changed", status=UNCHANGED) == "nothing changed (version 1)\n"
    assert edited.json("edit", "--editor", "true") == {"changed": False, "version": 1, "paths": []}


def test_the_first_override(cli):
    said = edit(cli, "echo 'chat: {websocket: {port: 1}}' >> \"$1\"")
    assert said == "changed /chat/websocket/port (version 1)\n"


def test_options_of_a_change(edited):
    script = "sed -i s/9000/9100/ \"$1\""
    assert edit(edited, script, "--dry-run").startswith("would change /chat/websocket/port")
    assert "port: 9100" in kept(edited)
    assert values(edited) == "9000"
    edit(edited, script, "--if-version", "0", status=REFUSED)
    assert "version 1" in edited.complaint
    edit(edited, script, "--if-version", "1", "--message", "for a test")
    assert edited.json("history", "--limit", "1")[0]["message"] == "for a test"


def test_which_editor(edited):
    script = editor(edited, "echo \"$0\" \"$@\" > call; echo >> \"$1\"")
    edited("edit", EDITOR=f"{script} --one", VISUAL="")
    assert "--one" in (edited.folder / "call").read_text()
    edited("edit", EDITOR="false", VISUAL=f"{script} 'two words'")
    assert "two words" in (edited.folder / "call").read_text()
    edited("edit", "--editor", script, EDITOR="false", VISUAL="false")


def test_a_file_that_nobody_else_sees(edited):
    script = "stat -c '%a %n' \"$1\" \"$(dirname \"$1\")\" > modes; touch \"$1~\""
    edit(edited, script)
    file, folder = (edited.folder / "modes").read_text().splitlines()
    assert file.startswith("600 ") and file.endswith("/runtime_config.yaml")
    assert folder.startswith("700 ")
    # and it is gone, with what an editor left there
    assert not pathlib.Path(folder.partition(" ")[2]).exists()


def test_an_editor_that_fails(edited):
    lines = edited.fails(FAILED, "edit", "--editor", editor(edited, "echo x > \"$1\"; exit 7"))
    assert "7" in lines[0] and "nothing was changed" in lines[0]
    edited("edit", "--editor", "/nonexistent/editor", status=FAILED)
    assert "/nonexistent/editor" in edited.complaint
    edited.fails(USAGE, "edit", "/chat")
    assert values(edited) == "9000"


def kept(cli):
    """The file that a complaint says the text is kept in, which is removed."""
    path = pathlib.Path(re.search(r"your text is kept in (\S+)", cli.complaint)[1])
    text = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()
    path.parent.rmdir()
    return text


def test_broken_text_is_kept(edited):
    edit(edited, "echo 'chat: [' > \"$1\"", status=FAILED)
    assert "runtime_config.yaml:2:1: " in edited.complaint
    assert kept(edited) == "chat: [\n"
    assert values(edited) == "9000"


def test_what_the_schema_refuses_is_kept(edited, service):
    service.schema.write_text("properties: {chat: {properties: {websocket: {properties: "
                              "{port: {type: integer, maximum: 9999}, host: {type: string}}}}}}\n")
    if service.process is not None:
        service.client().reload()
    script = "sed -i 's/port: 9000/port: 99999\\n    host: 5/' \"$1\""
    edit(edited, script, status=REFUSED)
    assert re.search(r"^runconf: runtime_config.yaml:\d+:11: /chat/websocket/port: 99999 ",
                     edited.complaint, re.MULTILINE)
    assert re.search(r"runtime_config.yaml:\d+:11: /chat/websocket/host: 5 ", edited.complaint)
    assert "port: 99999" in kept(edited)


def test_locked(edited, service):
    service.expect("locked")
    service.locks.write_text("/llm\n")
    if service.process is not None:
        service.client().reload()
    edit(edited, "sed -i s/groq/openai/ \"$1\"", status=REFUSED)
    assert re.search(r"runtime_config.yaml:\d+:\d+: /llm/active: ", edited.complaint)
    assert "openai" in kept(edited)


# What another one does while the editor is open: a call to the same service.
OTHER = """
import sys
sys.path[:0] = {path!r}
import runconf_testing
connection = runconf_testing.Connection({address!r})
class Service: pass
client = runconf_testing.Client(Service(), connection, {object_path!r})
{calls}
"""


@pytest.fixture
def meanwhile(online, service):
    """An editor script that has somebody else make calls first."""
    online("load", "--overrides", "-", text=TEXT)

    def make(calls, script):
        other = online.folder / "other.py"
        other.write_text(OTHER.format(
            path=[str(pathlib.Path(runconf_testing.__file__).parent)], address=service.bus.address,
            object_path=service.path, calls=calls))
        return f"{shlex.quote(sys.executable)} {shlex.quote(str(other))} || exit 9\n{script}"

    return make


def test_changes_elsewhere_are_put_together(online, meanwhile):
    script = meanwhile(
        "client.set('/llm/active', 'openai'); client.set('/new', {'a': 1}); "
        "client.set('/features', ['x'])",
        "sed -i 's/9000  # behind/9100  # mine, behind/' \"$1\"")
    assert "changed /chat/websocket/port (version 5)" in edit(online, script)
    assert "~ /llm/active: groq → openai" in online.complaint
    assert "+ /new/a: 1" in online.complaint
    text = text_of(online)
    assert "# what we want here\n" in text and "port: 9100  # mine, behind the proxy" in text
    assert "llm: {active: openai}" in text
    assert values(online, "/new/a") == "1"


def test_the_same_change_is_no_conflict(online, meanwhile):
    script = meanwhile("client.set('/chat/websocket/port', 9100)",
                       "sed -i 's/9000/9100/' \"$1\"")
    edit(online, script)
    assert values(online) == "9100"
    assert "# behind the proxy" in text_of(online)


def by_hand(expression):
    """Somebody else saves the file, and the service has taken it."""
    return f"""
import pathlib
path = pathlib.Path({{runtime!r}})
before = client.dump(layer="overrides")
path.write_text(path.read_text(){expression})
runconf_testing.eventually(lambda: client.dump(layer="overrides") != before)
"""


def test_their_comments_are_kept_where_mine_are_as_they_were(online, meanwhile, service):
    calls = by_hand(".replace('llm:', '# theirs\\nllm:').replace('groq', 'openai')")
    script = meanwhile(calls.format(runtime=str(service.runtime)), "sed -i s/9000/9100/ \"$1\"")
    edit(online, script)
    text = text_of(online)
    assert "# theirs\nllm: {active: openai}" in text
    assert "port: 9100  # behind the proxy" in text


def test_my_comments_are_kept_where_theirs_are_as_they_were(online, meanwhile, service):
    calls = by_hand(".replace('groq', 'openai')")
    script = meanwhile(calls.format(runtime=str(service.runtime)),
                       "sed -i 's/9000  # behind/9100  # mine, behind/' \"$1\"")
    edit(online, script)
    assert "port: 9100  # mine, behind the proxy" in text_of(online)
    assert values(online, "/llm/active") == "openai"


def test_comments_of_both_are_a_conflict(online, meanwhile, service):
    calls = by_hand("+ '# theirs\\n'")
    script = meanwhile(calls.format(runtime=str(service.runtime)), "echo '# mine' >> \"$1\"")
    edit(online, script, status=REFUSED)
    assert "comments, of which only" in online.complaint
    assert kept(online).endswith("# mine\n")
    assert text_of(online).endswith("# theirs\n")


def test_a_conflict_is_told_and_the_text_kept(online, meanwhile):
    script = meanwhile("client.set('/chat/websocket/port', 9200)",
                       "sed -i 's/9000/9100/' \"$1\"")
    edit(online, script, status=REFUSED)
    lines = online.complaint.splitlines()
    start = lines.index("/chat/websocket/port")
    assert lines[start + 1:start + 4] == ["  before: 9000", "  mine: 9100", "  theirs: 9200"]
    assert "port: 9100" in kept(online)
    assert values(online) == "9200"


def test_a_conflict_above(online, meanwhile):
    script = meanwhile("client.reset('/chat')", "sed -i 's/9000/9100/' \"$1\"")
    edit(online, script, status=REFUSED)
    kept(online)
    assert "  theirs: -" in online.complaint


def test_no_putting_together_for_a_version_that_was_asked_for(online, meanwhile):
    script = meanwhile("client.set('/llm/active', 'openai')", "sed -i 's/9000/9100/' \"$1\"")
    edit(online, script, "--if-version", "1", status=REFUSED)
    assert "port: 9100" in kept(online)
    assert values(online) == "9000"


def test_the_service_goes(online, service):
    online("load", "--overrides", "-", text=TEXT)
    edit(online, f"kill -9 {service.process.pid}; sed -i s/9000/9100/ \"$1\"", status=FAILED)
    service.wait()
    assert "port: 9100" in kept(online)


def test_secrets_are_there_for_who_may_read_them(edited, service):
    service.schema.write_text("properties: {key: {writeOnly: true}}\n")
    if service.process is not None:
        service.client().reload()
    edited("set", "/key", "hush")
    edit(edited, "grep -q 'key: hush' \"$1\" && sed -i 's/hush/hush more/' \"$1\"", status=DONE)
    assert "key: hush more" in text_of(edited)


# ------------------------------------------------------------------------- without the secrets

MAY_MODIFY = """
    if (action.id == "org.runconf.config1.modify")
        return polkit.Result.YES;
    return polkit.Result.NO;
"""


@pytest.fixture
def governed(bus, service):
    """The command of a user who may change what they like, and read no secret."""
    require_root()
    polkit = Polkit(bus, service.folder / "polkit")
    polkit.rules(MAY_MODIFY)
    polkit.start()
    service.bus_options = ["--system"]
    service.schema.write_text("properties: {llm: {properties: {key: {writeOnly: true}}}}\n")
    config = service.start()
    config.replace_text(TEXT.replace("llm: {", "llm: {key: hush, "))
    cli = Online(service).as_user("games")
    cli.options = []
    cli.environment["DBUS_SYSTEM_BUS_ADDRESS"] = service.bus.address
    yield cli
    polkit.stop()
    print(polkit.log())


@pytest.mark.bus_type("system")
def test_who_may_not_read_secrets_edits_the_rest(governed, service):
    script = ("! grep -q hush \"$1\" && sed -i 's/9000/9100/; /^llm:/d; /active/d' \"$1\" "
              "&& echo 'new: {a: [1]}' >> \"$1\"")
    said = edit(governed, script)
    assert said.startswith("changed ") and said.endswith("(version 2)\n")
    assert "you may not read the secrets" in governed.complaint
    text = service.client().dump("", "overrides", secrets=True)
    assert "key: hush" in text and "active" not in text and "# behind the proxy" in text
    assert service.client().get("/chat/websocket/port") == 9100
    assert service.client().get("/new") == {"a": [1]}
    assert edit(governed, "echo '# no value' >> \"$1\"") == "nothing changed (version 2)\n"


@pytest.mark.bus_type("system")
def test_what_others_change_stays_without_secrets_too(governed, service):
    # the service is called by root before the editor ends, from here
    go, ready = governed.folder / "go", governed.folder / "ready"
    ready.mkdir(mode=0o777)
    ready.chmod(0o777)
    script = editor(governed, f"touch {ready}/now; while [ ! -e {go} ]; do sleep 0.05; done; "
                              "sed -i s/9000/9100/ \"$1\"")
    process = subprocess.Popen(governed.line(["edit", "--editor", script]), cwd=governed.folder,
                               env=governed.environment, stdin=subprocess.DEVNULL)
    eventually(lambda: (ready / "now").exists(), "the editor is open")
    service.client().set("/llm/active", "openai")
    service.client().set("/llm/key", "hush more")
    go.touch()
    assert process.wait(DEADLINE) == DONE
    text = service.client().dump("", "overrides", secrets=True)
    assert "port: 9100" in text and "active: openai" in text and "key: hush more" in text
