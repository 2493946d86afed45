# SPDX-License-Identifier: LGPL-2.1-or-later
"""A user whom polkit asks for a password: the editor is one of nobody's, and polkitd is the real one."""

import pytest
from editor_testing import Desktop, Editor, install, role_of
from polkit_testing import Agent, Polkit
from runconf_testing import eventually, require_root
from test_value import fill, text_of

CONFIG = "port: 8000\nkey: swordfish\n"
SCHEMA = "properties: {port: {type: integer, title: Port}, key: {type: string, title: Key, writeOnly: true}}"


@pytest.fixture(scope="session")
def desktop(desktop_folder):
    require_root()
    desktop = Desktop(desktop_folder, user="nobody")
    desktop.start()
    yield desktop
    desktop.stop()


@pytest.fixture
def polkit(desktop, scratch):
    polkit = Polkit(desktop.system, scratch / "polkit")
    polkit.rules("return polkit.Result.NOT_HANDLED;")
    polkit.start()
    yield polkit
    polkit.stop()
    print(polkit.log())


@pytest.fixture
def chat(service, polkit):
    service.bus_options = ["--system"]
    service.add("chat", CONFIG)
    service.add("chat", SCHEMA, file="config.schema.yaml")
    service.start()
    return service.config("chat")


@pytest.fixture
def editor(desktop, desktop_folder):
    editor = Editor(desktop, install(desktop_folder))
    yield editor
    editor.close()


class Person:
    """The user, who knows the password, or doesn't."""

    def __init__(self, desktop, editor):
        self.knows = True
        self.agent = Agent(desktop.system, editor.process.pid, lambda: self.knows)

    def was_asked(self, action):
        return [asked for asked, _ in self.agent.begun if asked == f"org.runconf.config1.{action}"]


@pytest.fixture
def person(desktop, chat, editor):
    """Opens the configuration, and answers the questions of polkit from then on."""
    editor.start("system/chat", environment={"LD_LIBRARY_PATH": str(desktop.folder)})
    editor.find("list item", "key")
    person = Person(desktop, editor)
    yield person
    person.agent.stop()


def test_a_secret_is_shown_after_the_question(person, editor):
    editor.select(editor.find("list item", "key"))
    editor.find("heading", "Key")
    assert person.was_asked("read-secret") == []
    person.knows = False
    editor.do(editor.find("push button", "Show"))
    eventually(lambda: len(person.was_asked("read-secret")) == 1, "the user is asked")
    eventually(lambda: any(alerts(editor)), "the denial is shown")
    assert text_of(editor.find("text", "Key")) == ""
    editor.screenshot("rights-denied")
    person.knows = True
    editor.do(editor.find("push button", "Show"))
    eventually(lambda: text_of(editor.find("text", "Key")) == "swordfish", "the secret is shown")
    assert len(person.was_asked("read-secret")) == 2


def alerts(editor):
    """The texts of the problems that are shown; a label without a text has the name of its class."""
    return [node.get_name() for node in editor.nodes()
            if role_of(node) == "alert" and not node.get_name().startswith("Gtk")]


def test_a_write_waits_for_the_question(person, chat, editor):
    editor.select(editor.find("list item", "port"))
    editor.find("heading", "Port")
    editor.find("label", "You need a password to change this value.")
    editor.find("spin button", "Port", sensitive=False)
    editor.screenshot("rights-locked")
    person.knows = False
    editor.do(editor.find("push button", "Unlock…"))
    eventually(lambda: len(person.was_asked("modify")) == 1, "the user is asked")
    editor.gone("label", "You need a password to change this value.")
    editor.find("spin button", "Port", sensitive=False)
    person.knows = True
    editor.do(editor.find("push button", "Unlock…"))
    editor.find("spin button", "Port", sensitive=True)
    fill(editor, "spin button", "Port", "9000")
    editor.find("status bar", "Among the changes, not applied yet")
    assert chat.get("/port") == 8000
