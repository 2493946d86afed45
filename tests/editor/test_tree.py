# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tree: it shows the values, and follows each change."""

from editor_testing import describe


def test_a_change_appears(service, editor):
    service.add("chat", "websocket: {host: localhost, port: 8000}")
    service.start()
    editor.start("system/chat/websocket/port")
    editor.find("list item", "port", selected=True)
    editor.find("label", "8000")
    editor.screenshot("tree")
    service.config("chat").set("/websocket/port", 9000)
    editor.find("label", "9000")


def test_keys_come_and_go(service, editor):
    service.add("chat", "a: {x: 1}\nb: two")
    service.start()
    editor.start("system/chat/a/x")
    editor.find("label", "two")
    config = service.config("chat")
    config.set("/a/y", "new")
    editor.find("list item", "y")
    config.set("/c", {"z": 5})
    editor.find("list item", "c")
    config.unset("/b")
    editor.gone("list item", "b")
    # a mapping becomes a leaf, and its rows go
    config.replace("/a", 7)
    editor.find("label", "7")
    editor.gone("list item", "x")


def test_the_first_row_is_chosen(service, editor):
    """None is selected while the whole configuration is shown, so that each can be."""
    service.add("chat", "port: 8000")
    service.start()
    editor.start("system/chat")
    editor.select(editor.find("list item", "port", selected=False))
    editor.find("heading", "port")
    editor.find("list item", "port", selected=True)


def test_a_configuration_is_chosen(service, session_service, editor):
    service.add("chat", "port: 8000")
    session_service.add("mail", "server: imap")
    service.start()
    session_service.start()
    editor.start()
    editor.find("label", "No Configuration")
    editor.select(editor.find("list item", "mail"))
    editor.find("label", "imap")
    editor.select(editor.find("list item", "chat"))
    editor.find("label", "8000")
    editor.gone("label", "imap")


def test_secrets_are_rows_without_values(service, editor):
    service.add("chat", "port: 8000\nllm: {key: hidden away}\ntokens: {a: one}")
    service.add("chat", """
properties:
  llm: {properties: {key: {writeOnly: true}}}
  tokens: {additionalProperties: {writeOnly: true}}
""", file="config.schema.yaml")
    service.start()
    editor.start("system/chat/llm/key")
    editor.find("list item", "key", selected=True)
    editor.find("label", "••••••")
    editor.screenshot("secrets")
    assert editor.run("system/chat/tokens/a").returncode == 0
    editor.find("list item", "a")
    texts = "".join(name for _, name in filter(None, map(describe, editor.nodes())))
    assert "hidden away" not in texts


def test_secrets_of_a_large_configuration_are_rows(service, editor):
    """One with more values than a reply may have."""
    service.add("chat", "key: hidden away\nlarge: [" + "a, " * 150_000 + "a]\n")
    service.add("chat", "properties: {key: {writeOnly: true}}", file="config.schema.yaml")
    service.start()
    editor.start("system/chat/key")
    editor.find("list item", "key", selected=True)
    editor.find("label", "••••••")


def test_an_address_that_names_nothing(editor):
    done = editor.run("chat")
    assert done.returncode == 1
    assert "system/NAME" in done.stderr
