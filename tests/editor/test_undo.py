# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ctrl+Z reverts the own last change."""

from basket_testing import apply, becomes, change


def test_what_cannot_be_undone_is_not_in_the_way(chat, editor):
    editor.start("system/chat/port")
    for name, number in ("port", 9000), ("limit", 20):
        change(editor, name, number)
        apply(editor)
        becomes(chat, f"/{name}", number)
    chat.set("/limit", 30)
    editor.press("ctrl+z")
    editor.find("label", "/limit was changed again, in version 3. Nothing was reverted.")
    editor.press("ctrl+z")
    becomes(chat, "/port", 8000)
    assert chat.get("/limit") == 30


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


def test_reports_in_quick_succession(chat, editor):
    """Each takes the place of the one before it, also while that one still comes to the screen."""
    editor.start("system/chat/port")
    editor.find("heading", "Port")
    editor.press(*["ctrl+z", "ctrl+shift+z"] * 20)
    editor.find("label", "There is nothing to redo.")
    editor.gone("label", "There is nothing to redo.")
