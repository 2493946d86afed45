# SPDX-License-Identifier: LGPL-2.1-or-later
"""The changes that aren't applied yet: checked, applied as one, kept or reverted."""

import pytest
from runconf_testing import eventually

SCHEMA = """
type: object
properties:
  port: {type: integer, title: Port, minimum: 1, maximum: 65535}
  limit: {type: integer, title: Limit, minimum: 1, maximum: 65535}
"""

CONFIG = "port: 8000\nlimit: 10"


@pytest.fixture
def chat(service):
    service.add("chat", SCHEMA, "config.schema.yaml")
    service.add("chat", CONFIG)
    service.start()
    return service.config("chat")


def show(editor, page):
    editor.select(editor.find("page tab", page))


def change(editor, name, number):
    """Gives a value a new number on its page."""
    show(editor, "Value")
    editor.select(editor.find("list item", name))
    title = name.capitalize()
    editor.find("heading", title)
    editor.select(editor.find("spin button", title))
    editor.press("ctrl+a")
    editor.type(str(number))
    show(editor, "Changes")


def ask(editor, seconds):
    editor.do(editor.find("check box", "Ask whether to keep the changes"))
    editor.find("spin button", "Seconds for the answer", sensitive=True)
    editor.find("spin button", "Seconds for the answer").get_value_iface().set_current_value(seconds)


def apply(editor):
    editor.do(editor.find("push button", "Apply", sensitive=True))


def becomes(config, path, value):
    eventually(lambda: config.get(path) == value, f"{path} is {value}")


def test_several_changes_are_one(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    change(editor, "limit", 20)
    editor.find("panel", "/port: 8000 becomes 9000")
    editor.find("panel", "/limit: 10 becomes 20")
    editor.screenshot("changes")
    editor.select(editor.find("text", "Message for the history"))
    editor.type("More room")
    editor.press("Return")
    becomes(chat, "/port", 9000)
    assert chat.get("/limit") == 20
    assert chat.version == 1
    assert chat.history()[0]["message"] == "More room"
    editor.gone("panel", "/port: 8000 becomes 9000")


def test_a_change_is_discarded(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    change(editor, "limit", 20)
    editor.do(editor.find("push button", "Discard the change of /port"))
    editor.gone("panel", "/port: 8000 becomes 9000")
    editor.do(editor.find("push button", "Discard All"))
    editor.gone("panel", "/limit: 10 becomes 20")
    assert chat.version == 0


def test_what_the_service_refuses(chat, editor, service):
    """Each change has the message that is about it."""
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    change(editor, "limit", 20)
    schema = service.add("chat", SCHEMA.replace("maximum: 65535", "maximum: 8500", 1), "config.schema.yaml")
    editor.find("label", "/port: 9000 is more than the maximum, 8500")
    editor.find("push button", "Apply", sensitive=False)
    editor.screenshot("changes-refused")
    schema.write_text(SCHEMA)
    editor.gone("label", "/port: 9000 is more than the maximum, 8500")
    apply(editor)
    becomes(chat, "/port", 9000)


def test_others_change_another_value(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    chat.set("/limit", 30)
    apply(editor)
    becomes(chat, "/port", 9000)
    assert chat.get("/limit") == 30


def test_a_conflict_is_decided(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    change(editor, "limit", 20)
    chat.apply(("set", "/port", 8500), ("set", "/limit", 11))
    editor.find("panel", "/port: 8500 becomes 9000")
    editor.find("label", "Somebody else has changed it from 8000 to 8500.")
    editor.find("label", "Somebody else has changed it from 10 to 11.")
    editor.find("push button", "Apply", sensitive=False)
    editor.screenshot("changes-conflict")
    # the changes are in the order in which they were made
    editor.do(editor.find("push button", "Keep Mine"))
    editor.gone("label", "Somebody else has changed it from 8000 to 8500.")
    editor.find("push button", "Apply", sensitive=False)
    editor.do(editor.find("push button", "Take Theirs"))
    editor.gone("panel", "/limit: 11 becomes 20")
    apply(editor)
    becomes(chat, "/port", 9000)
    assert chat.get("/limit") == 11
    assert chat.version == 2


def test_the_same_change_is_no_conflict(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    chat.set("/port", 9000)
    editor.find("panel", "/port: 9000 becomes 9000")
    apply(editor)
    editor.gone("panel", "/port: 9000 becomes 9000")
    assert chat.version == 1


def test_the_countdown_runs_out(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    ask(editor, 5)
    apply(editor)
    editor.find("dialog", "Keep These Changes?")
    assert chat.get("/port") == 9000
    editor.screenshot("keep")
    editor.gone("dialog", "Keep These Changes?")
    becomes(chat, "/port", 8000)
    assert chat.history()[0]["origin"] == "revert"
    editor.find("label", "The changes were reverted.")


def test_the_changes_are_kept(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    ask(editor, 600)
    apply(editor)
    editor.do(editor.find("push button", "Keep Changes"))
    editor.gone("dialog", "Keep These Changes?")
    editor.find("label", "The changes are kept.")
    with chat.refuses("NotFound"):
        chat.confirm(1)
    assert chat.get("/port") == 9000


def test_the_changes_are_reverted_at_once(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    ask(editor, 600)
    apply(editor)
    editor.find("dialog", "Keep These Changes?")
    editor.press("Escape")
    becomes(chat, "/port", 8000)
    editor.gone("dialog", "Keep These Changes?")
    # the service doesn't wait for an answer any more
    with chat.refuses("NotFound"):
        chat.confirm(1)


def test_a_service_is_killed(chat, editor, service):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    change(editor, "limit", 20)
    service.kill()
    editor.find("label", "Service Not Available")
    service.start()
    editor.find("panel", "/port: 8000 becomes 9000")
    editor.find("panel", "/limit: 10 becomes 20")
    apply(editor)
    chat = service.config("chat")
    becomes(chat, "/port", 9000)
    assert chat.version == 1


def test_a_service_that_is_killed_during_the_countdown(chat, editor, service):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    ask(editor, 600)
    apply(editor)
    editor.find("dialog", "Keep These Changes?")
    service.kill()
    service.start()
    editor.do(editor.find("push button", "Keep Changes", sensitive=True))
    editor.gone("dialog", "Keep These Changes?")
    with service.config("chat").refuses("NotFound"):
        service.config("chat").confirm(1)


def test_undo_and_redo(chat, editor):
    editor.start("system/chat/port")
    for number in 9000, 9001:
        change(editor, "port", number)
        apply(editor)
        becomes(chat, "/port", number)
    chat.set("/limit", 30)
    for number in 9000, 8000:
        editor.press("ctrl+z")
        becomes(chat, "/port", number)
    assert chat.get("/limit") == 30
    editor.press("ctrl+z")
    editor.find("label", "There is nothing to undo.")
    for number in 9000, 9001:
        editor.press("ctrl+shift+z")
        becomes(chat, "/port", number)
    # what somebody else has changed since isn't undone
    chat.set("/port", 7000)
    editor.press("ctrl+z")
    editor.find("label", "/port was changed again, in version 8. Nothing was reverted.")
    assert chat.get("/port") == 7000


def move_to(editor, role, name):
    """Presses Tab until a node has the focus."""
    for _ in range(30):
        editor.press("Tab")
        if editor.look(role, name, focused=True):
            return
    raise AssertionError(f"the focus never comes to {role} {name!r}")


def test_the_keyboard_alone(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    move_to(editor, "push button", "Discard the change of /port")
    move_to(editor, "text", "Message for the history")
    editor.type("By hand")
    move_to(editor, "push button", "Apply")
    editor.press("space")
    becomes(chat, "/port", 9000)
    assert chat.history()[0]["message"] == "By hand"


def test_dark(chat, editor):
    editor.start("system/chat/port", environment={"ADW_DEBUG_COLOR_SCHEME": "prefer-dark"})
    change(editor, "port", 9000)
    chat.set("/port", 8500)
    editor.find("label", "Somebody else has changed it from 8000 to 8500.")
    editor.screenshot("changes-dark")
