# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of changes have in common: a configuration of two numbers, and the way to change them."""

from editor_testing import eventually

SCHEMA = """
type: object
properties:
  port: {type: integer, title: Port, minimum: 1, maximum: 65535}
  limit: {type: integer, title: Limit, minimum: 1, maximum: 65535}
"""

CONFIG = "port: 8000\nlimit: 10"


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
    editor.do(editor.find("check box", "Ask Whether to Keep the Changes"))
    editor.find("spin button", "Seconds for the answer", sensitive=True)
    editor.find("spin button", "Seconds for the answer").get_value_iface().set_current_value(seconds)


def apply(editor):
    editor.do(editor.find("push button", "Apply", sensitive=True))


def becomes(config, path, value):
    eventually(lambda: config.get(path) == value, f"{path} is {value}")
