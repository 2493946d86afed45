# SPDX-License-Identifier: LGPL-2.1-or-later
"""The history: who changed what, differences of versions, and reverts."""

import getpass

from editor_testing import eventually

TEXT = "websocket: {host: localhost, port: 8000}\ncolour: red"


def start(service, editor, path="", environment=None):
    service.add("chat", TEXT)
    service.start()
    editor.start("system/chat" + path, environment=environment)
    editor.select(editor.find("page tab", "History"))
    return service.config("chat")


def open_change(editor, version):
    editor.do(editor.find("push button", f"Details of version {version}"))


def has_value(config, path, value):
    eventually(lambda: config.get(path) == value, f"{path} is {value}")


def test_who_changed_what(service, editor):
    config = start(service, editor)
    config.apply(("set", "/websocket/port", 9000), ("set", "/colour", "blue"), message="More room")
    editor.find("list item", "Version 1: More room")
    config.set("/websocket/port", 9001)
    editor.find("list item", "Version 2: /websocket/port")
    facts = next(node.get_name() for node in editor.nodes() if node.get_name().startswith("Version 1 "))
    assert getpass.getuser() in facts
    open_change(editor, 1)
    editor.find("panel", "/websocket/port: 9000 is added")
    editor.find("panel", "/colour: blue is added")
    open_change(editor, 2)
    editor.find("panel", "/websocket/port: 9000 becomes 9001")
    editor.screenshot("history")


def test_an_open_row_stays_open(service, editor):
    config = start(service, editor)
    config.set("/websocket/port", 9000)
    open_change(editor, 1)
    editor.find("panel", "/websocket/port: 9000 is added")
    config.set("/colour", "blue")
    editor.find("list item", "Version 2: /colour")
    assert editor.look("panel", "/websocket/port: 9000 is added")


def test_changes_of_the_selected_path(service, editor):
    config = start(service, editor, "/websocket/port")
    config.set("/websocket/port", 9000)
    config.set("/colour", "blue")
    editor.find("list item", "Version 2: /colour")
    editor.do(editor.find("check box", "Only Changes of the Selected Path"))
    editor.gone("list item", "Version 2: /colour")
    editor.find("list item", "Version 1: /websocket/port")
    config.set("/colour", "green")
    config.set("/websocket/port", 9001)
    editor.find("list item", "Version 4: /websocket/port")
    assert not editor.look("list item", "Version 3: /colour")


def test_any_two_versions(service, editor):
    config = start(service, editor)
    for port in 9000, 9001, 9002:
        config.set("/websocket/port", port)
    editor.find("list item", "Version 3: /websocket/port")
    assert editor.find("spin button", "From version").get_value_iface().get_current_value() == 2
    editor.find("spin button", "From version").get_value_iface().set_current_value(1)
    editor.do(editor.find("push button", "Compare"))
    editor.find("label", "From version 1 to version 3")
    editor.find("panel", "/websocket/port: 9000 becomes 9002")
    editor.screenshot("history-comparison")
    editor.do(editor.find("push button", "Close the comparison"))
    editor.gone("label", "From version 1 to version 3")
    open_change(editor, 2)
    editor.do(editor.find("push button", "Compare with Now"))
    editor.find("panel", "/websocket/port: 9001 becomes 9002")


def test_one_change_is_reverted(service, editor):
    config = start(service, editor)
    config.set("/websocket/port", 9000)
    config.set("/colour", "blue")
    open_change(editor, 1)
    editor.do(editor.find("push button", "Revert Change"))
    has_value(config, "/websocket/port", 8000)
    assert config.get("/colour") == "blue"
    editor.find("list item", "Version 3: Revert of version 1")
    # a value that was reset is no override any more
    assert "websocket" not in config.dump(layer="overrides")


def test_a_revert_gives_back_what_was_unset(service, editor):
    config = start(service, editor)
    config.unset("/colour")
    config.set("/colour", "blue")
    open_change(editor, 2)
    editor.do(editor.find("push button", "Revert Change"))
    eventually(lambda: "colour" not in config.list(""), "the value is away")


def test_a_later_change_is_not_reverted(service, editor):
    config = start(service, editor)
    config.set("/websocket/port", 9000)
    config.set("/websocket/port", 9001)
    open_change(editor, 1)
    editor.do(editor.find("push button", "Revert Change"))
    editor.find("label", "/websocket/port was changed again, in version 2. Nothing was reverted.")
    assert config.get("/websocket/port") == 9001
    assert config.version == 2


def test_a_version_comes_back(service, editor):
    config = start(service, editor)
    config.set("/websocket/port", 9000)
    config.set("/websocket/port", 9001)
    config.set("/colour", "blue")
    open_change(editor, 1)
    editor.do(editor.find("push button", "Revert to Version"))
    has_value(config, "/websocket/port", 9000)
    assert config.get("/colour") == "red"
    editor.find("list item", "Version 4: Revert to version 1")
    # the revert is an own change, which can be undone
    editor.press("ctrl+z")
    has_value(config, "/websocket/port", 9001)
    assert config.get("/colour") == "blue"
    editor.press("ctrl+shift+z")
    has_value(config, "/websocket/port", 9000)


def test_changes_of_others_are_not_undone(service, editor):
    config = start(service, editor)
    config.set("/websocket/port", 9000)
    editor.find("list item", "Version 1: /websocket/port")
    editor.press("ctrl+z")
    editor.find("label", "There is nothing to undo.")
    assert config.version == 1


def test_older_changes(service, editor):
    config = start(service, editor)
    for port in range(9000, 9120):
        config.set("/websocket/port", port)
    editor.close()
    editor.start("system/chat")
    editor.select(editor.find("page tab", "History"))
    editor.find("list item", "Version 120: /websocket/port")
    assert not editor.look("list item", "Version 20: /websocket/port")
    editor.do(editor.find("push button", "Show Older Changes"))
    editor.find("list item", "Version 1: /websocket/port")


def test_dark(service, editor):
    config = start(service, editor, environment={"ADW_DEBUG_COLOR_SCHEME": "prefer-dark"})
    config.set("/websocket/port", 9000)
    config.apply(("set", "/websocket/port", 9001), ("unset", "/colour"), message="More room")
    open_change(editor, 2)
    editor.find("panel", "/colour: no value is added")
    editor.screenshot("history-dark")
