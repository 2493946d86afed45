# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program that binds keys to properties of an object: it sets them as it is told, and prints each change.

It reads lines NAME VALUE in JSON, and prints such lines. First it prints the backend that GIO has chosen.
"""

import json
import os
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib, GObject  # noqa: E402

KEYS = ["count", "name", "visible"]


class Window(GObject.Object):
    """Its properties stand for what a window shows."""

    __gtype_name__ = "Window"

    count = GObject.Property(type=int)
    name = GObject.Property(type=str)
    visible = GObject.Property(type=bool, default=False)
    sensitive = GObject.Property(type=bool, default=False)


def tell(name, value):
    print(json.dumps([name, value]), flush=True)


class Program:
    """One object and its binding."""

    def __init__(self):
        self.loop = GLib.MainLoop()
        self.window = Window()
        self.told = {}
        self.rest = b""
        self.settings = Gio.Settings(schema_id="org.runconf.test")
        tell("backend", GObject.type_name(Gio.SettingsBackend.get_default()))
        for key in KEYS:
            self.settings.bind(key, self.window, key,
                               Gio.SettingsBindFlags.DEFAULT | Gio.SettingsBindFlags.NO_SENSITIVITY)
        self.settings.bind_writable("count", self.window, "sensitive", False)
        for name in [*KEYS, "sensitive"]:
            self.tell_change(name)
            self.window.connect(f"notify::{name}", lambda _window, prop: self.tell_change(prop.name))
        GLib.unix_fd_add_full(GLib.PRIORITY_DEFAULT, sys.stdin.fileno(), GLib.IOCondition.IN, self.on_input)

    def tell_change(self, name):
        # a binding sets the property again at each signal, also to the value that it has
        value = self.window.get_property(name)
        if name not in self.told or self.told[name] != value:
            self.told[name] = value
            tell(name, value)

    def on_input(self, descriptor, _condition):
        piece = os.read(descriptor, 65536)
        *lines, self.rest = (self.rest + piece).split(b"\n")
        for line in lines:
            self.window.set_property(*json.loads(line))
        if not piece:
            self.loop.quit()
        return bool(piece)


def main():
    Program().loop.run()
    Gio.Settings.sync()


if __name__ == "__main__":
    main()
