# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tree: it shows the values, and follows each change."""


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


def test_an_address_that_names_nothing(editor):
    done = editor.run("chat")
    assert done.returncode == 1
    assert "system/NAME" in done.stderr
