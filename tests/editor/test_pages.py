# SPDX-License-Identifier: LGPL-2.1-or-later
"""All pages: names for a screen reader, the keyboard alone, and the states of a place."""

import pytest
from editor_testing import role_of
from runconf_testing import eventually

CHAT = "websocket: {host: localhost, port: 8000}\nllm: {active: groq}\ndebug: true\n"

# what a user operates; GTK gives the name of the class to a control without a name
CONTROLS = {"push button", "toggle button", "check box", "switch", "entry", "text", "spin button", "combo box",
            "page tab", "list item", "menu item", "slider", "radio button"}
CLASSES = ("Gtk", "Adw", "Editor")


@pytest.fixture
def chat(service):
    service.add("chat", CHAT)
    service.start()
    return service


def unnamed(editor):
    """The controls on the screen without a name of their own."""
    return [(role_of(node), node.get_name()) for node in editor.nodes()
            if role_of(node) in CONTROLS
            and (not node.get_name() or node.get_name().startswith(CLASSES))]


APPEARANCES = {
    "light": {},
    "dark": {"ADW_DEBUG_COLOR_SCHEME": "prefer-dark"},
    "high-contrast": {"ADW_DEBUG_HIGH_CONTRAST": "1"},
}


@pytest.mark.parametrize("appearance", APPEARANCES)
def test_each_page_in_each_appearance(chat, editor, appearance):
    editor.start("system/chat/websocket/port", environment=APPEARANCES[appearance])
    editor.find("list item", "port", selected=True)
    for key, page in enumerate(["Value", "Changes", "History", "Text"], 1):
        editor.press(f"ctrl+{key}")
        editor.find("page tab", page, selected=True)
        eventually(lambda: unnamed(editor) == [], f"each control of the page {page} has a name")
        editor.screenshot(f"page-{page.lower()}-{appearance}")


def test_the_keyboard_alone(chat, editor):
    editor.start()
    editor.find("list item", "chat")
    # the list of configurations, the tree, a row that opens, and a page
    editor.press("Tab", "Down")
    editor.find("list item", "chat", selected=True)
    editor.find("list item", "websocket")
    editor.press("ctrl+f")
    editor.type("port")
    editor.find("list item", "/websocket/port")
    editor.press("Return", "Return")
    editor.find("list item", "port", selected=True)
    editor.press("ctrl+4")
    editor.find("text", "Text of the configuration")


def test_the_shortcuts_are_shown(chat, editor):
    editor.start("system/chat")
    editor.find("list item", "websocket")
    editor.press("ctrl+question")
    assert "Keyboard Shortcuts" in windows(editor)
    editor.screenshot("shortcuts")


def windows(editor):
    return eventually(lambda: [name for name in editor.windows() if name], "the windows have names")


def test_a_service_that_goes_and_comes(chat, editor):
    editor.start("system/chat")
    editor.find("list item", "websocket")
    chat.kill()
    editor.find("label", "Service Not Available")
    assert unnamed(editor) == []
    editor.screenshot("state-gone")
    chat.start()
    editor.find("list item", "websocket")
    chat.config("chat").set("/debug", "changed later")
    editor.find("label", "changed later")


def test_no_service(editor):
    editor.start("system/chat")
    editor.find("label", "Service Not Available")
    editor.screenshot("state-no-service")


def test_a_retry_finds_the_service(service, editor):
    editor.start("system/chat")
    editor.find("label", "Service Not Available")
    service.add("chat", CHAT)
    service.start()
    retry = editor.look("push button", "Try Again")
    if retry:
        editor.do(retry)
    editor.find("list item", "websocket")


def test_a_second_process_opens_a_value_in_the_first(chat, editor):
    editor.start("system/chat")
    editor.find("list item", "websocket")
    done = editor.run("system/chat/websocket/port")
    assert done.returncode == 0, done.stderr
    editor.find("list item", "port", selected=True)
