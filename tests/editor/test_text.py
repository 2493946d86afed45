# SPDX-License-Identifier: LGPL-2.1-or-later
"""The text of the overrides: checked while it is typed, and saved together with changes by others."""

import pytest
from runconf_testing import eventually

CHAT = "websocket: {host: localhost, port: 8000}\nllm: {active: groq}\n"
SCHEMA = """
definitions:
  tls: {properties: {certificate: {title: Certificate, description: File in the PEM format}, check: {type: boolean}}}
properties:
  websocket:
    properties:
      port: {type: integer, maximum: 65535}
      tls: {title: Encryption, $ref: '#/definitions/tls'}
  level: {title: Log level, enum: [debug, info, 'off', 'true']}
"""


@pytest.fixture
def chat(service):
    service.add("chat", CHAT)
    service.add("chat", SCHEMA, file="config.schema.yaml")
    return service


@pytest.fixture
def page(chat, editor):
    """The text, opened by an editor, with the focus in it."""
    chat.start()
    editor.start("system/chat")
    editor.find("list item", "websocket")
    open_text(editor)
    return editor


def open_text(editor):
    editor.select(editor.find("page tab", "Text"))
    editor.select(view(editor))


def view(editor):
    return editor.find("text", "Text of the configuration")


def text(editor):
    node = view(editor)
    return node.get_text_iface().get_text(0, -1)


def has(editor, *parts):
    return eventually(lambda: all(part in text(editor) for part in parts), parts)


def write(editor, content):
    editor.press("ctrl+a", "Delete")
    editor.type(content)


def test_a_text_is_saved(chat, page):
    page.type("websocket:\n  port: 9000")
    page.screenshot("text")
    page.find("push button", "Save", sensitive=True)
    page.press("ctrl+s")
    config = chat.config("chat")
    eventually(lambda: config.get("/websocket/port") == 9000, "the text is saved")
    page.find("push button", "Save", sensitive=False)


def test_a_mistake_is_shown_while_it_is_typed(chat, page):
    write(page, "llm: {active: x}\nwebsocket: {port: 99999}")
    page.find("label", "/websocket/port: 99999 is more than the maximum, 65535")
    page.screenshot("text-mistake")
    # one of the form has its line
    write(page, "llm: x\nllm: y")
    eventually(lambda: any(":2:1: " in name for role, name in labels(page)), "the place of the mistake")
    write(page, "websocket: {port: 9999}")
    eventually(lambda: not any("/websocket/port:" in name or ":2:1:" in name for _, name in labels(page)),
               "there is no mistake any more")
    assert chat.config("chat").get("/websocket/port") == 8000


def test_a_screen_reader_gets_the_line_of_a_mistake(desktop, chat, editor):
    """GTK 4.8 crashes when it is asked about colours, so that the text must have none."""
    with desktop.screen_reader():
        chat.start()
        editor.start("system/chat")
        editor.find("list item", "websocket")
        open_text(editor)
        editor.type("llm: {active: one}\nwebsocket:\n  port: some words")
        eventually(lambda: attributes(editor, "words").get("underline") == "error", "the line is underlined")
        assert attributes(editor, "active").get("underline") != "error"


def attributes(editor, word):
    place = text(editor).find(word)
    return view(editor).get_text_iface().get_attribute_run(place, False)[0] if place >= 0 else {}


def test_keys_are_completed(chat, page):
    page.type("websocket:\n  po")
    page.find("label", "port")
    page.screenshot("text-completion")
    page.press("Down", "Return")
    has(page, "websocket:\n  port: ")
    page.type("9000")
    page.press("ctrl+s")
    config = chat.config("chat")
    eventually(lambda: config.get("/websocket/port") == 9000, "the text is saved")


def complete(page, begin, label):
    """Types the beginning of a word, and takes the first one that is offered."""
    page.type(begin)
    page.find("label", label)
    page.press("Down", "Return")


def test_keys_of_the_schema_are_completed(chat, page):
    """Those that no layer has, with their titles and descriptions, also in mappings that no layer has."""
    complete(page, "web", "websocket")
    has(page, "websocket: ")
    page.press("BackSpace")
    page.type("\n  t")
    page.find("label", "tls")
    page.find("list item", "tls · Encryption")
    page.press("Down", "Return")
    has(page, "  tls: ")
    page.press("BackSpace")
    page.type("\n  cert")
    page.find("label", "Certificate · File in the PEM format")
    page.screenshot("text-completion-schema")
    page.press("Down", "Return")
    complete(page, "x.pem\nche", "check")
    complete(page, "fa", "false")
    page.press("ctrl+s")
    config = chat.config("chat")
    eventually(lambda: config.get("/websocket").get("tls") == {"certificate": "x.pem", "check": False}, "it is saved")


def test_values_of_the_schema_are_completed(chat, page):
    page.type("level: ")
    page.press("ctrl+space")
    for value in ("debug", "info", "off", '"true"'):
        page.find("label", value)
    page.type("i")
    page.gone("label", "debug")
    page.press("Down", "Return")
    has(page, "level: info")


def labels(editor):
    return [(node.get_role_name(), node.get_name()) for node in editor.nodes()
            if node.get_role_name() == "label"]


def test_changes_by_others_are_kept(chat, page):
    config = chat.config("chat")
    config.replace_text("# mine\nllm: {active: a}\n\n\nwebsocket: {port: 1000}\n")
    has(page, "1000", "# mine")
    page.press("ctrl+End")
    page.type("# at the end")
    config.set("/llm/active", "theirs")
    page.find("label", "Values were changed meanwhile. A save keeps both changes.")
    page.press("ctrl+s")
    eventually(lambda: "# at the end" in chat.runtime_of("chat").read_text(), "the text is saved")
    assert config.get("/llm/active") == "theirs"


def test_a_conflict_waits_for_a_decision(chat, page):
    config = chat.config("chat")
    config.replace_text("websocket: {port: 1000}\n")
    has(page, "1000")
    write(page, "websocket: {port: 1007}")
    config.replace_text("websocket: {port: 2000}\n")
    page.find("label", "Values were changed meanwhile. A save keeps both changes.")
    page.press("ctrl+s")
    has(page, "<<<<<<<", "1007", "2000", ">>>>>>>")
    page.screenshot("text-conflict")
    assert config.get("/websocket/port") == 2000


def test_the_defaults_can_only_be_read(chat, page):
    layer = page.find("combo box", "Text to show")
    page.select(layer)
    page.press("Down", "Return")
    has(page, "localhost")
    page.find("label", "The service never writes the defaults.")
    before = text(page)
    page.select(view(page))
    page.type("x")
    assert text(page) == before


def test_a_text_without_its_secrets_is_not_edited(service, editor):
    service.add("chat", "llm: {key: none}\n")
    service.add("chat", "properties: {llm: {properties: {key: {writeOnly: true}}}}", file="config.schema.yaml")
    service.start()
    config = service.config("chat")
    config.set("/llm/key", "hidden away")
    editor.start("system/chat")
    editor.find("list item", "llm")
    open_text(editor)
    editor.find("label", "The text can’t be edited without its secrets.")
    assert "hidden away" not in text(editor)
    editor.do(editor.find("push button", "Include Secrets"))
    has(editor, "hidden away")
    editor.gone("label", "The text can’t be edited without its secrets.")
