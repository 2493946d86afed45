# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs of the desktop as Debian has them, in windows: gnome-calculator, gedit and dconf-editor.

A change in a program is in the file, a change in the file is in its window, and `runconf revert` undoes a change there.
"""

import os

import pytest
from gsettings_testing import CONFIGURATION, DEADLINE
from runconf_testing import eventually
from screen_testing import Screen

MODULE = "libgsettings-runconf.so"
CALCULATOR = "org.gnome.calculator"
INTERFACE = "org.gnome.desktop.interface"

# The calculator would fetch exchange rates. dconf-editor warns at its start, and asks before each change.
SITE = """\
org:
  gnome:
    calculator:
      refresh-interval: 0
ca:
  desrt:
    dconf-editor:
      show-warning: false
      behaviour: unsafe
"""


@pytest.fixture
def screen(session):
    session.service.add(CONFIGURATION, SITE, "config.d/50-site.yaml", session.service.admin)
    eventually(lambda: "refresh-interval" in session.service.settings.dump(), "the file of the administrator")
    with Screen(session) as screen:
        yield screen
    print((session.folder / "screen.log").read_text(errors="replace"))


def runconf(session, *arguments):
    done = session.run(os.environ["RUNCONF"], "--session", "-c", CONFIGURATION, *arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


def in_file(session, key):
    """The value of a key in the file of the overrides, None if it has none."""
    if not session.service.has_changes():
        return None
    value = session.service.overrides()
    for part in key.strip("/").split("/"):
        value = value.get(part, {})
    return None if value == {} else value


def wait_for_file(session, key, value):
    eventually(lambda: in_file(session, key) == value, f"{key}: {value} in the file")


def version_of(session):
    return session.service.settings.version


def start(screen, *command):
    program = screen.start(*command)
    assert program.maps(MODULE), "the program has loaded the module of the backend"
    return program


# the calculator stores its settings when it ends, and reads them for each new window


def choose_mode(calculator, before, mode):
    calculator.find("button", before).press()
    calculator.find("menu item radio", mode).press()
    calculator.find("button", mode)


def open_window(calculator):
    """Opens another window by the menu, whose button is the only one in another without a text."""
    calculator.find("button", "GtkMenuButton", lambda widget: not widget.children()[0].children()
                    or widget.children()[0].name == "GtkMenuButton").children()[0].press()
    calculator.find("menu item", "New Window").press()


def test_the_calculator_stores_its_mode_when_it_ends(session, screen):
    before = version_of(session)
    calculator = start(screen, "gnome-calculator")
    choose_mode(calculator, "Basic", "Advanced")
    assert in_file(session, "/org/gnome/calculator/button-mode") is None
    calculator.find("button", "Close").press()
    assert calculator.process.wait(DEADLINE) == 0
    # all that it stores at its end is one change
    wait_for_file(session, "/org/gnome/calculator/button-mode", "advanced")
    assert version_of(session) == before + 1


def test_the_calculator_has_the_mode_of_the_file(session, screen):
    session.run("gsettings", "set", CALCULATOR, "button-mode", "advanced")
    before = version_of(session)
    session.service.edit("button-mode: advanced", "button-mode: programming")
    eventually(lambda: version_of(session) > before, "the edit")
    calculator = start(screen, "gnome-calculator")
    calculator.find("button", "Programming")
    runconf(session, "revert", str(before))
    open_window(calculator)
    calculator.find("button", "Advanced")


# the text editor binds its settings to its windows


def statusbar_shows(editor):
    return any("showing" in bar.states() for bar in editor.root.find_all("statusbar"))


def open_preferences(editor):
    editor.find("toggle button", "Menu", lambda widget: "showing" in widget.states()).press()
    editor.find("push button", "Preferences", lambda widget: "showing" in widget.states()).press()


def has_box(editor, name, checked):
    return editor.find("check box", name, lambda box: ("checked" in box.states()) == checked)


def test_the_text_editor_shows_what_is_in_the_file(session, screen):
    key = "/org/gnome/gedit/preferences/ui/statusbar-visible"
    editor = start(screen, "gedit")
    eventually(lambda: statusbar_shows(editor), "the status bar")
    open_preferences(editor)

    has_box(editor, "Display statusbar", True).press()
    wait_for_file(session, key, False)
    eventually(lambda: not statusbar_shows(editor), "no status bar")
    changed = version_of(session)

    session.service.edit("statusbar-visible: false", "statusbar-visible: true")
    has_box(editor, "Display statusbar", True)
    eventually(lambda: statusbar_shows(editor), "the status bar of the file")

    runconf(session, "revert", str(changed))
    has_box(editor, "Display statusbar", False)
    eventually(lambda: not statusbar_shows(editor), "no status bar after the revert")
    assert in_file(session, key) is False


def test_the_text_editor_has_a_number_of_the_file(session, screen):
    editor = start(screen, "gedit")
    open_preferences(editor)
    session.run("gsettings", "set", "org.gnome.gedit.preferences.editor", "right-margin-position", "72")
    changed = version_of(session)
    editor.find("spin button", what=lambda spin: spin.value() == 72)
    session.service.edit("right-margin-position: 72", "right-margin-position: 93")
    editor.find("spin button", what=lambda spin: spin.value() == 93)
    runconf(session, "revert", str(changed))
    editor.find("spin button", what=lambda spin: spin.value() == 72)


def test_the_text_editor_follows_a_lock(session, screen):
    editor = start(screen, "gedit")
    open_preferences(editor)
    has_box(editor, "Display statusbar", True)
    session.service.lock("/org/gnome/gedit/preferences/ui/statusbar-visible")
    editor.find("check box", "Display statusbar", lambda box: "sensitive" not in box.states())


# dconf-editor changes the keys of all schemas


def row(editor, label):
    """The row of the list with a label."""
    return editor.find("list item", what=lambda item: any(item.find_all("label", label)))


def test_dconf_editor_changes_a_key_and_shows_its_value(session, screen):
    key = "/org/gnome/desktop/interface/clock-show-seconds"
    editor = start(screen, "dconf-editor", key)
    next(row(editor, "Use default value").find_all("toggle button")).press()
    editor.find("toggle button", "True").press()
    wait_for_file(session, key, True)
    shows(editor, "true")
    changed = version_of(session)

    session.service.edit("clock-show-seconds: true", "clock-show-seconds: false")
    shows(editor, "false")
    assert session.run("gsettings", "get", INTERFACE, "clock-show-seconds").stdout == "false\n"
    runconf(session, "revert", str(changed))
    shows(editor, "true")
    runconf(session, "revert", "0")
    shows(editor, "Default value")
    assert in_file(session, key) is None


def shows(editor, value):
    eventually(lambda: any(row(editor, "Current value").find_all("label", value)), f"{value} as the current value")
