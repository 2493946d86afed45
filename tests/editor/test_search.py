# SPDX-License-Identifier: LGPL-2.1-or-later
"""The search: over paths, values, titles and descriptions, and with filters."""

import pytest
from editor_testing import describe
from runconf_testing import eventually

CHAT = """
websocket: {host: localhost, port: 8000}
llm: {active: groq, key: Schlüssel}
"""

SCHEMA = """
type: object
properties:
  websocket:
    type: object
    title: Connections of browsers
    properties:
      port: {type: integer, maximum: 65535, description: The number that listeners have}
"""

RESULTS = {"/websocket", "/websocket/host", "/websocket/port", "/llm", "/llm/active", "/llm/key"}


@pytest.fixture
def chat(service):
    service.add("chat", CHAT)
    service.add("chat", SCHEMA, file="config.schema.yaml")
    return service


def results(editor):
    return {name for role, name in filter(None, map(describe, editor.nodes()))
            if role == "list item" and name.startswith("/")}


def search(editor, query):
    editor.press("ctrl+f", "ctrl+a")
    editor.type(query)


def shows(editor, *paths):
    for path in paths:
        editor.find("list item", path)
    for path in RESULTS - set(paths):
        editor.gone("list item", path)


FILTERS = ["All", "Changed", "Ignored", "Locked", "Wrong"]


def choose(editor, name):
    """Chooses a filter with the keyboard."""
    editor.press("ctrl+f", "Tab", "space", "Home", *["Down"] * FILTERS.index(name), "Return")


@pytest.mark.parametrize("query, paths", [
    ("PORT", ["/websocket/port"]),
    ("8000", ["/websocket/port"]),
    ("web local", ["/websocket/host"]),
    ("browsers", ["/websocket"]),
    ("listeners", ["/websocket/port"]),
    ("nothing", []),
])
def test_a_query_finds(chat, editor, query, paths):
    chat.start()
    editor.start("system/chat")
    editor.find("list item", "websocket")
    search(editor, query)
    count = {0: "No value found", 1: "1 value found"}[len(paths)]
    editor.find("label", count)
    shows(editor, *paths)


def test_a_letter_is_found_in_upper_and_lower_case(chat, editor):
    chat.start()
    editor.start("system/chat")
    editor.find("list item", "websocket")
    editor.fill(editor.find("entry", "Search values"), "schlÜssel")
    editor.find("label", "1 value found")
    shows(editor, "/llm/key")


def test_a_letter_given_to_a_busy_editor_is_found(chat, editor):
    """On a machine with much to do, an editor may answer a call of the tests seconds later."""
    chat.start()
    editor.start("system/chat")
    editor.find("list item", "websocket")
    entry = editor.find("entry", "Search values")
    with editor.busy(seconds=3):
        editor.fill(entry, "schlÜssel")
    editor.find("label", "1 value found")


def test_each_key_narrows_the_results(chat, editor):
    chat.start()
    editor.start("system/chat")
    editor.find("list item", "websocket")
    search(editor, "l")
    shows(editor, "/websocket/host", "/llm", "/llm/active", "/llm/key", "/websocket/port")
    editor.type("lm")
    shows(editor, "/llm", "/llm/active", "/llm/key")
    editor.screenshot("search")
    editor.type("/k")
    shows(editor, "/llm/key")
    # Escape shows the tree again
    editor.press("Escape")
    editor.find("list item", "websocket")


def test_a_result_is_opened_with_the_keyboard(chat, editor):
    chat.start()
    editor.start("system/chat")
    editor.find("list item", "websocket")
    search(editor, "port")
    editor.find("list item", "/websocket/port")
    editor.press("Down")
    editor.find("list item", "/websocket/port", selected=True)
    editor.press("Return")
    editor.find("list item", "port", selected=True)
    editor.gone("list item", "/websocket/port")


def test_results_follow_a_change(chat, editor):
    chat.start()
    editor.start("system/chat")
    editor.find("list item", "websocket")
    search(editor, "9000")
    editor.find("label", "No value found")
    config = chat.config("chat")
    config.set("/websocket/port", 9000)
    editor.find("list item", "/websocket/port")
    config.set("/websocket/new", 9000)
    editor.find("list item", "/websocket/new")
    config.reset("/websocket/port")
    editor.gone("list item", "/websocket/port")


def test_filters(chat, editor):
    chat.add("chat", "/llm/key\n", file="locks", base=chat.etc)
    chat.runtime_of("chat").parent.mkdir()
    chat.runtime_of("chat").write_text("websocket: {host: example.org, port: 99999}\nllm: {key: mine}\n")
    chat.expected = ["99999", "locked by"]
    chat.start()
    editor.start("system/chat")
    editor.find("list item", "websocket")
    choose(editor, "Changed")
    shows(editor, "/websocket", "/websocket/host")
    editor.screenshot("filter-changed")
    choose(editor, "Ignored")
    shows(editor, "/websocket/port", "/llm/key")
    choose(editor, "Wrong")
    shows(editor, "/websocket/port")
    choose(editor, "Locked")
    shows(editor, "/llm/key")
    # a query looks at the values that pass the filter
    search(editor, "websocket")
    editor.find("label", "No value found")
    editor.press("Escape")
    choose(editor, "All")
    editor.find("list item", "websocket")


def test_all_results_follow_the_first_ones(service, editor):
    service.add("chat", "".join(f"key{number:02}: {number}\n" for number in range(100)))
    service.start()
    editor.start("system/chat")
    search(editor, "key")
    editor.find("label", "100 values found")
    editor.press("Down")
    editor.find("list item", "/key00", selected=True)

    def see_last():
        editor.press("End")
        return editor.look("list item", "/key99", selected=True)

    eventually(see_last, "the last result is selected")
