# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page of a value: the control that its schema asks for, and what the service says about it."""

import subprocess

import pytest
from runconf_testing import eventually

SCHEMA = r"""
type: object
properties:
  enabled: {type: boolean, title: Enabled, description: Whether anybody may connect.}
  port: {type: integer, title: Port, minimum: 1, maximum: 65535}
  ratio: {type: number, title: Ratio, minimum: 0, multipleOf: 0.5}
  level: {enum: [debug, info, warning], title: Level}
  name: {type: string, title: Name, pattern: '^[a-z]+$'}
  greeting: {type: string, title: Greeting, maxLength: 100}
  day: {type: string, format: date, title: Day}
  origins: {type: array, title: Origins, items: {type: string, pattern: '^http'}, maxItems: 3}
  labels: {type: object, title: Labels, additionalProperties: {type: string, maxLength: 5}}
  key: {type: string, title: Key, writeOnly: true, minLength: 4}
  fixed: {type: integer, title: Fixed, readOnly: true}
  size: {type: integer, title: Size, deprecated: true}
  edge: {type: integer, title: Edge}
  most: {type: integer, title: Most, maximum: 18446744073709551614}
  huge: {type: number, title: Huge}
"""

CONFIG = """
enabled: true
port: 8000
ratio: 1.5
level: info
name: echo
greeting: |
  Hello,
  world
day: '2026-11-30'
origins: ['http://a', 'http://b']
labels: {tier: web}
key: swordfish
fixed: 1
size: 9007199254740993
edge: 9223372036854775807
most: 18446744073709551600
huge: 1e300
"""

ACCEPTED = "Among the changes, not applied yet"
REFUSED = "Can’t be applied"


@pytest.fixture
def chat(service):
    service.add("chat", SCHEMA, "config.schema.yaml")
    service.add("chat", CONFIG)
    service.start()
    return service.config("chat")


def fill(editor, role, name, text):
    """Replaces the text of an entry, as a user types it."""
    editor.select(editor.find(role, name))
    editor.press("ctrl+a")
    editor.type(text)


def press(editor, keys):
    """Types keys into what has the focus, which may be a list that has come up."""
    if keys:
        subprocess.run(["xdotool", "key", "--delay", "50", *keys], env=editor.desktop.environment, check=True)


def text_of(node):
    text = node.get_text_iface()
    return text.get_text(0, text.get_character_count())


def apply(editor):
    """Applies the changes on their page, and returns to the value."""
    editor.select(editor.find("page tab", "Changes"))
    editor.do(editor.find("push button", "Apply", sensitive=True))
    editor.select(editor.find("page tab", "Value"))


CONTROLS = {
    "enabled": ("check box", "Enabled", [], False),
    "port": ("spin button", "Port", ["Up", "Up"], 8002),
    "ratio": ("spin button", "Ratio", ["Down"], 1.0),
    "name": ("text", "Name", ["End", "x"], "echox"),
    "greeting": ("text", "Greeting", ["ctrl+a", "a", "Return", "b"], "a\nb"),
    "day": ("text", "Day", ["End", "BackSpace", "BackSpace", "2", "9"], "2026-11-29"),
    "size": ("spin button", "Size", ["Up"], 9007199254740994),
    "edge": ("spin button", "Edge", ["Up", "Up"], 9223372036854775809),
    "most": ("spin button", "Most", ["Page_Up", "Page_Up", "Down"], 18446744073709551613),
}


@pytest.mark.parametrize("path", CONTROLS)
def test_a_control(chat, editor, path):
    """Each kind of control gives the service the value that the user wants, with its type."""
    role, name, keys, value = CONTROLS[path]
    editor.start(f"system/chat/{path}")
    editor.select(editor.find(role, name))
    press(editor, keys)
    editor.find("status bar", ACCEPTED)
    editor.screenshot(f"value-{path}")
    apply(editor)
    eventually(lambda: chat.get(f"/{path}") == value, path)
    editor.gone("status bar", ACCEPTED)


def test_a_wrong_value(chat, editor):
    """The message of the schema is at the control, and the change isn't among the others."""
    editor.start("system/chat/port")
    fill(editor, "spin button", "Port", "99999")
    editor.find("alert", "/port: 99999 is more than the maximum, 65535")
    editor.find("spin button", "Port", invalid=True)
    editor.find("status bar", REFUSED)
    editor.screenshot("value-wrong")
    # none of the numbers before it is left
    editor.select(editor.find("page tab", "Changes"))
    editor.find("label", "No Changes")
    editor.select(editor.find("page tab", "Value"))
    fill(editor, "spin button", "Port", "x")
    editor.find("alert", "“x”: it is no whole number")
    fill(editor, "spin button", "Port", "9000")
    editor.find("status bar", ACCEPTED)
    editor.find("spin button", "Port", invalid=False)
    editor.do(editor.find("push button", "Discard"))
    editor.gone("status bar", ACCEPTED)
    assert text_of(editor.find("spin button", "Port")) == "8000"
    assert chat.version == 0


def reach(editor, role, name):
    """Goes on with the Tab key until a node has the focus."""
    for _ in range(40):
        if editor.look(role, name, focused=True):
            return
        editor.press("Tab")
    raise AssertionError(f"the Tab key doesn't lead to the {role} {name!r}")


def test_the_keyboard_alone(service, editor):
    service.add("chat", "properties: {enabled: {type: boolean, title: Enabled}}", "config.schema.yaml")
    service.add("chat", "enabled: true")
    service.start()
    editor.start("system/chat/enabled")
    editor.find("check box", "Enabled")
    reach(editor, "check box", "Enabled")
    editor.press("space")
    editor.find("status bar", ACCEPTED)
    reach(editor, "push button", "Discard")
    editor.press("space")
    editor.gone("status bar", ACCEPTED)
    reach(editor, "push button", "Unset")
    editor.press("space")
    editor.find("status bar", "Has no value when the changes are applied")


def test_a_number_without_a_next_one(chat, editor):
    """A step that no float has changes neither the number nor its text."""
    editor.start("system/chat/huge")
    before = text_of(editor.find("spin button", "Huge"))
    editor.select(editor.find("spin button", "Huge"))
    editor.press("Up", "Page_Down")
    assert text_of(editor.find("spin button", "Huge")) == before


def test_a_choice(chat, editor):
    """The list that comes up has a name for each of its rows."""
    editor.start("system/chat/level")
    editor.select(editor.find("combo box", "Level"))
    for name in ("debug", "info", "warning"):
        editor.find("list item", name)
    editor.screenshot("value-level")
    press(editor, ["Down", "Down", "Return"])
    editor.find("status bar", ACCEPTED)
    apply(editor)
    eventually(lambda: chat.get("/level") == "warning")


def test_only_for_this_boot(chat, editor):
    """A change that is made already becomes one for this boot."""
    editor.start("system/chat/port")
    fill(editor, "spin button", "Port", "9000")
    editor.find("status bar", ACCEPTED)
    editor.do(editor.find("check box", "Only for This Boot"))
    apply(editor)
    eventually(lambda: chat.describe("/port")["source"] == "boot")
    eventually(lambda: any((node.get_name() or "").startswith("Changed for This Boot: 9000, In force")
                           for node in editor.nodes()))
    # the next change of such a value is one for this boot, too
    editor.find("check box", "Only for This Boot", checked=True)


def test_a_list(chat, editor):
    editor.start("system/chat/origins")
    editor.do(editor.find("push button", "Add Element"))
    fill(editor, "text", "Element 3", "ftp")
    editor.find("alert", "/origins/2: “ftp” doesn't match the pattern ^http")
    fill(editor, "text", "Element 3", "http://c")
    editor.find("status bar", ACCEPTED)
    editor.do(editor.find("push button", "Move Element 3 Up"))
    editor.do(editor.find("push button", "Remove Element 1"))
    editor.gone("text", "Element 3")
    editor.screenshot("value-origins")
    apply(editor)
    eventually(lambda: chat.get("/origins") == ["http://c", "http://b"])


def test_a_mapping(chat, editor):
    """A key is added, and each key leads to its page."""
    editor.start("system/chat/labels")
    fill(editor, "text", "New Key", "zone")
    fill(editor, "text", "Value of the New Key", "northern")
    editor.press("Return")
    editor.find("alert", "/labels/zone: “northern” has too many characters: at most 5")
    fill(editor, "text", "Value of the New Key", "north")
    editor.screenshot("value-labels")
    editor.press("Return")
    eventually(lambda: text_of(editor.find("text", "New Key")) == "")
    apply(editor)
    eventually(lambda: chat.get("/labels") == {"tier": "web", "zone": "north"})
    editor.find("list item", "zone: north")
    editor.select(editor.find("list item", "tier: web"))
    editor.find("heading", "tier")
    fill(editor, "text", "tier", "back")
    editor.find("status bar", ACCEPTED)


def test_a_new_key_only_for_this_boot(chat, editor, service):
    editor.start("system/chat/labels")
    editor.do(editor.find("check box", "Only for This Boot"))
    fill(editor, "text", "New Key", "zone")
    fill(editor, "text", "Value of the New Key", "north")
    editor.press("Return")
    eventually(lambda: text_of(editor.find("text", "New Key")) == "")
    apply(editor)
    eventually(lambda: chat.get("/labels") == {"tier": "web", "zone": "north"})
    assert chat.describe("/labels/zone")["source"] == "boot"


def test_a_lock_that_comes_while_one_types(chat, editor, service):
    editor.start("system/chat/port")
    fill(editor, "spin button", "Port", "9000")
    editor.find("status bar", ACCEPTED)
    lock = service.add("chat", "/port # by policy\n", "locks", base=service.etc)
    editor.find("spin button", "Port", sensitive=False)
    editor.find("label", f"Locked by {lock}:1 (by policy)")
    editor.find("push button", "Reset", sensitive=False)
    editor.find("status bar", REFUSED)
    editor.screenshot("value-locked")
    lock.unlink()
    editor.find("spin button", "Port", sensitive=True)
    editor.find("status bar", ACCEPTED)
    assert text_of(editor.find("spin button", "Port")) == "9000"


def test_the_problem_of_another_change(chat, editor, service):
    """A change that can't be applied any more is no reason against the next one."""
    editor.start("system/chat/port")
    fill(editor, "spin button", "Port", "9000")
    editor.find("status bar", ACCEPTED)
    editor.select(editor.find("list item", "name"))
    editor.find("text", "Name")
    service.add("chat", "/port", "locks", base=service.etc)
    eventually(lambda: chat.describe("/port").get("lock"))
    fill(editor, "text", "Name", "other")
    editor.find("status bar", ACCEPTED)


def test_what_the_schema_locks(chat, editor):
    editor.start("system/chat/fixed")
    editor.find("spin button", "Fixed", sensitive=False)
    editor.find("label", "Locked by the schema")


def test_a_secret(chat, editor):
    """It is nowhere until the user asks for it, and then nowhere else."""
    editor.start("system/chat/key")
    editor.find("label", "hidden")
    assert text_of(editor.find("text", "Key")) == ""
    editor.screenshot("value-key")
    editor.do(editor.find("push button", "Show"))
    eventually(lambda: text_of(editor.find("text", "Key")) == "swordfish")
    editor.do(editor.find("push button", "Hide"))
    fill(editor, "text", "Key", "abc")
    editor.find("alert", "/key: the secret has too few characters: at least 4")
    editor.type("de")
    editor.find("status bar", ACCEPTED)
    assert not editor.look("label", "abcde")
    editor.do(editor.find("push button", "Show"))


def test_layers_and_changes(chat, editor, service):
    vendor = service.share / "chat" / "config.yaml"
    drop_in = service.add("chat", "port: 443", "config.d/50-port.yaml", base=service.etc)
    eventually(lambda: chat.get("/port") == 443)
    chat.apply(("set", "/port", 9000), message="for the move")
    editor.start("system/chat/port")
    line = chat.describe("/port")["line"]
    editor.find("list item", f"Changed Here: 9000, In force, {service.runtime_of('chat')}:{line}")
    editor.find("list item", f"Default of the Administrator: 443, Replaced, {drop_in}:1")
    editor.find("list item", f"Default of the Application: 8000, Replaced, {vendor}:3")
    editor.find("list item", "not changed → 9000")
    assert any((node.get_name() or "").startswith("for the move\nVersion 2 · root · ") for node in editor.nodes())
    editor.screenshot("value-layers")


def test_reset_and_unset(chat, editor):
    chat.set("/port", 9000)
    chat.set("/name", "other")
    editor.start("system/chat/port")
    editor.do(editor.find("push button", "Reset"))
    editor.find("status bar", "Gets its default when the changes are applied")
    assert text_of(editor.find("spin button", "Port")) == "8000"
    editor.screenshot("value-reset")
    apply(editor)
    eventually(lambda: chat.get("/port") == 8000)
    assert "port" not in chat.dump_json("", "overrides")
    editor.select(editor.find("list item", "name"))
    editor.find("heading", "Name")
    editor.do(editor.find("push button", "Unset"))
    editor.find("status bar", "Has no value when the changes are applied")
    apply(editor)
    eventually(lambda: "name" not in chat.list(""))
    # the tree has no row of the path, but an address leads to it
    editor.close()
    editor.start("system/chat/name")
    editor.do(editor.find("push button", "Reset", sensitive=True))
    editor.find("status bar", "Gets its default when the changes are applied")
    apply(editor)
    eventually(lambda: "name" in chat.list(""))
    assert chat.get("/name") == "echo"


def test_somebody_else_changes_the_value(chat, editor):
    editor.start("system/chat/port")
    editor.find("spin button", "Port")
    chat.set("/port", 8001)
    eventually(lambda: text_of(editor.find("spin button", "Port")) == "8001")
    fill(editor, "spin button", "Port", "9000")
    editor.find("status bar", ACCEPTED)
    chat.set("/port", 8002)
    editor.find("label", "8002")
    assert text_of(editor.find("spin button", "Port")) == "9000"
