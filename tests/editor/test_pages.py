# SPDX-License-Identifier: LGPL-2.1-or-later
"""All pages: names for a screen reader, the keyboard alone, and the states of a place."""

import pytest
from editor_testing import describe, eventually, has_states

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
    return [(role, name) for role, name in filter(None, map(describe, editor.nodes()))
            if role in CONTROLS and (not name or name.startswith(CLASSES))]


def names_all(editor, what):
    try:
        eventually(lambda: unnamed(editor) == [])
    except AssertionError:
        raise AssertionError(f"each control of the {what} has a name, but {unnamed(editor)}") from None


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
        names_all(editor, f"page {page}")
        editor.screenshot(f"page-{page.lower()}-{appearance}")


SCHEMA = "properties: {level: {enum: [debug, info]}, day: {type: string, format: date}}"

# widgets that open: the value, the page, the control that is clicked, and a part that comes up
OPENED = {
    "main menu": ("level", 1, ("push button", "Main Menu"), ("menu item", "Keyboard Shortcuts")),
    "filter": ("level", 1, ("combo box", "Values to show"), ("list item", "Ignored")),
    "choice": ("level", 1, ("combo box", "level"), ("list item", "info")),
    "date": ("day", 1, ("push button", "Choose a Day"), ("label", "30")),
    "text": ("day", 4, ("combo box", "Text to show"), ("list item", "Defaults")),
}


@pytest.mark.parametrize("what", OPENED)
def test_what_opens_has_names(service, editor, what):
    path, page, control, content = OPENED[what]
    service.add("chat", "level: info\nday: '2026-11-30'\n")
    service.add("chat", SCHEMA, file="config.schema.yaml")
    service.start()
    editor.start(f"system/chat/{path}")
    editor.find("list item", path, selected=True)
    editor.press(f"ctrl+{page}")
    editor.select(editor.find(*control))
    editor.find(*content)
    names_all(editor, what)
    editor.screenshot(f"opened-{what.replace(' ', '-')}")


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


def focus(editor):
    """The name of the widget with the focus of the keyboard."""
    return next((node.get_name() for node in editor.nodes() if has_states(node, {"focused": True})), None)


def focuses(editor, name):
    try:
        eventually(lambda: focus(editor) == name)
    except AssertionError:
        raise AssertionError(f"{name} has the focus, and not {focus(editor)}") from None


def test_the_tree_is_one_stop_of_the_tab_key(service, editor):
    service.add("chat", "".join(f"key{number:02}: {number}\n" for number in range(40)))
    service.add("chat", "properties: {key04: {title: Number four}}", file="config.schema.yaml")
    service.start()
    editor.start("system/chat/key03")
    editor.find("spin button", "key03")
    editor.press("ctrl+f")
    focuses(editor, "Search values")
    editor.press("Tab")
    focuses(editor, "Values to show")
    # it enters at the selected row, where the arrows go on
    editor.press("Tab")
    focuses(editor, "key03")
    editor.press("Down")
    focuses(editor, "key04")
    editor.find("heading", "Number four")
    editor.press("Tab")
    focuses(editor, "Number four")
    editor.press("shift+F6")
    focuses(editor, "key04")
    editor.press("shift+Tab")
    focuses(editor, "Values to show")


def test_enter_leads_to_the_control_of_a_value(chat, editor):
    editor.start("system/chat")
    editor.find("list item", "websocket")
    editor.press("F6")
    focuses(editor, "websocket")
    editor.press("Return")
    editor.find("list item", "port")
    # the page of another value comes with the service's description of it
    editor.press("Down", "Down")
    focuses(editor, "port")
    editor.press("Return", "ctrl+a")
    editor.type("9000")
    editor.find("status bar", "Among the changes, not applied yet")
    # from another page, too, and where the value can’t be changed
    editor.press("ctrl+4", "F6", "F6")
    focuses(editor, "port")
    editor.press("Up", "Return", "ctrl+a")
    editor.type("example.org")
    editor.press("ctrl+2")
    editor.find("label", "/websocket/host")


def test_a_key_goes_between_the_parts(service, editor):
    service.add("chat", CHAT)
    service.add("chat", "properties: {websocket: {properties: {port: {title: Value of the port}}}}",
                file="config.schema.yaml")
    service.start()
    editor.start("system/chat/websocket/port")
    editor.find("heading", "Value of the port")
    parts = ["port", "Value of the port", "Search values"]
    for name in parts * 2:
        editor.press("F6")
        focuses(editor, name)
    for name in reversed(parts[:2]):
        editor.press("shift+F6")
        focuses(editor, name)
    editor.press("ctrl+4")
    editor.find("text", "Text of the configuration")
    editor.press("F6")
    focuses(editor, "Text of the configuration")
    editor.press("shift+F6")
    focuses(editor, "port")


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
