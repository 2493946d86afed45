# SPDX-License-Identifier: LGPL-2.1-or-later
"""The question whether to keep the changes, with a countdown."""

from basket_testing import apply, ask, becomes, change


def test_the_countdown_runs_out(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    ask(editor, 20)
    apply(editor)
    editor.find("dialog", "Keep These Changes?")
    assert chat.get("/port") == 9000
    editor.screenshot("keep")
    editor.find("label", "The changes were reverted.")
    editor.gone("dialog", "Keep These Changes?")
    assert chat.get("/port") == 8000
    assert chat.history()[0]["origin"] == "revert"


def test_the_changes_are_kept(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    ask(editor, 600)
    apply(editor)
    editor.do(editor.find("push button", "Keep Changes"))
    editor.find("label", "The changes are kept.")
    editor.gone("dialog", "Keep These Changes?")
    with chat.refuses("NotFound"):
        chat.confirm(1)
    assert chat.get("/port") == 9000


def test_the_changes_are_reverted_at_once(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    ask(editor, 600)
    apply(editor)
    editor.find("dialog", "Keep These Changes?")
    editor.press("Escape")
    becomes(chat, "/port", 8000)
    editor.gone("dialog", "Keep These Changes?")
    # the service doesn't wait for an answer any more
    with chat.refuses("NotFound"):
        chat.confirm(1)
    editor.press("ctrl+z")
    editor.find("label", "There is nothing to undo.")


def test_somebody_else_decides(chat, editor):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    ask(editor, 600)
    apply(editor)
    editor.find("dialog", "Keep These Changes?")
    chat.confirm(1)
    editor.do(editor.find("push button", "Keep Changes"))
    editor.find("label", "The changes wait for no answer any more.")
    assert chat.get("/port") == 9000


def test_a_service_is_killed(chat, editor, service):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    change(editor, "limit", 20)
    service.kill()
    editor.find("label", "Service Not Available")
    service.start()
    editor.find("panel", "/port: 8000 becomes 9000")
    editor.find("panel", "/limit: 10 becomes 20")
    apply(editor)
    chat = service.config("chat")
    becomes(chat, "/port", 9000)
    assert chat.version == 1


def test_a_service_that_is_killed_during_the_countdown(chat, editor, service):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    ask(editor, 600)
    apply(editor)
    editor.find("dialog", "Keep These Changes?")
    service.kill()
    service.start()
    editor.do(editor.find("push button", "Keep Changes", sensitive=True))
    editor.gone("dialog", "Keep These Changes?")
    with service.config("chat").refuses("NotFound"):
        service.config("chat").confirm(1)


def test_a_service_that_is_gone_when_the_countdown_ends(chat, editor, service):
    editor.start("system/chat/port")
    change(editor, "port", 9000)
    ask(editor, 20)
    apply(editor)
    editor.find("dialog", "Keep These Changes?")
    service.kill()
    editor.find("label", "The service reverts the changes when it is back.")
    service.start()
    becomes(service.config("chat"), "/port", 8000)
