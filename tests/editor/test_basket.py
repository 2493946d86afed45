# SPDX-License-Identifier: LGPL-2.1-or-later
"""The changes that aren't applied yet: shown, checked, in a conflict, and applied as one."""

from basket_testing import SCHEMA, apply, becomes, change, show


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


def test_a_value_gets_its_default_again(chat, editor):
    chat.set("/port", 9000)
    editor.start("system/chat/port")
    editor.do(editor.find("push button", "Reset"))
    show(editor, "Changes")
    editor.find("panel", "/port: 9000 becomes 8000, the default")
    apply(editor)
    becomes(chat, "/port", 8000)


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
