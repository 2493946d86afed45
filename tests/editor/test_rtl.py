# SPDX-License-Identifier: LGPL-2.1-or-later
"""A language that is written from right to left: everything is mirrored but the paths."""

import os
import pathlib
import subprocess

import pytest
from editor_testing import Atspi, role_of

LOCALE = "he_IL.UTF-8"
CHAT = "websocket: {host: localhost, port: 8000}\nllm: {active: groq}\n"

# the content of each page, which the tree has to be on the right of
CONTENTS = {
    "Value": ("spin button", "port"),
    "Changes": ("label", "No Changes"),
    "History": ("list", "Changes"),
    "Text": ("text", "Text of the configuration"),
}


@pytest.fixture(scope="session")
def hebrew(desktop_folder):
    """The environment of a program in Hebrew; Debian has the source of the locale in the package locales."""
    folder = desktop_folder / "locales"
    folder.mkdir()
    if not pathlib.Path("/usr/share/i18n/locales/he_IL").exists():
        pytest.skip("no source of the locale")
    subprocess.run(["localedef", "-i", "he_IL", "-f", "UTF-8", str(folder / LOCALE)], check=True,
                   stderr=subprocess.DEVNULL)
    return {"LC_ALL": LOCALE, "LOCPATH": str(folder), "LD_PRELOAD": os.environ["RUNCONF_EDITOR_MIRROR"]}


def extents(node):
    return node.get_extents(Atspi.CoordType.WINDOW)


def left(node):
    return extents(node).x


def outside(editor):
    """The widgets with a text that aren't within the window."""
    window = extents(editor.find("frame", "Runconf Editor"))
    return [(role_of(node), node.get_name()) for node in editor.nodes()
            if role_of(node) in ("label", "push button", "entry", "heading")
            and not 0 <= left(node) <= left(node) + extents(node).width <= window.width]


def test_each_page_is_mirrored(service, editor, hebrew):
    service.add("chat", CHAT)
    service.start()
    editor.start("system/chat/websocket/port", environment=hebrew)
    editor.find("list item", "port", selected=True)
    for number, (page, content) in enumerate(CONTENTS.items(), 1):
        editor.press(f"ctrl+{number}")
        found = editor.find(*content)
        # from the right: the configurations, the tree, the page
        places = [left(editor.find("list", "Configurations")), left(editor.find("list", "Values")), left(found)]
        assert places == sorted(places, reverse=True), page
        assert outside(editor) == [], page
        editor.screenshot(f"rtl-{page.lower()}")


def test_the_arrows_go_the_other_way(service, editor, hebrew):
    """Rows are indented from the right, so that Shift and the left arrow open one."""
    service.add("chat", CHAT)
    service.start()
    editor.start("system/chat", environment=hebrew)
    editor.find("list item", "websocket")
    editor.press("F6", "shift+Left")
    port = editor.find("list item", "port")
    label = next(node for node in editor.nodes() if role_of(node) == "label" and node.get_name() == "port")
    above = next(node for node in editor.nodes() if role_of(node) == "label" and node.get_name() == "websocket")
    assert left(label) + extents(label).width < left(above) + extents(above).width
    assert left(port) > 0
    editor.press("shift+Right")
    editor.gone("list item", "port")
