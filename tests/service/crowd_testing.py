# SPDX-License-Identifier: LGPL-2.1-or-later
"""Callers by the hundred: those who ask for too much, and those who don't wait for an answer."""

import subprocess
import sys

from runconf_testing import BUS_NAME, INTERFACE, as_user

# sends as fast as it can, and waits for nothing; with answers it counts those that are errors
FLOOD = """
import collections, sys
from gi.repository import Gio, GLib
address, name, path, interface, method, argument, connections, count, answers = sys.argv[1:]
flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
         | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
told = collections.Counter()
parameters = GLib.Variant.parse(None, argument, None, None)

def on_answer(connection, result):
    try:
        connection.call_finish(result)
        told["ok"] += 1
    except GLib.Error as error:
        told[Gio.DBusError.get_remote_error(error)] += 1

crowd = [Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
         for _ in range(int(connections))]
total = int(connections) * int(count)
for number in range(int(count)):
    for connection in crowd:
        connection.call(name, path, interface, method, parameters, None, 0, 60000, None,
                        on_answer if answers == "yes" else None)
    if number % 50 == 0:
        for connection in crowd:
            connection.flush_sync(None)
for connection in crowd:
    connection.flush_sync(None)
while answers == "yes" and told.total() < total:
    GLib.MainContext.default().iteration(True)
print(dict(told))
"""

# each on a connection of its own, which it closes a moment later
VANISH = """
import random, sys, time
from gi.repository import Gio, GLib
address, name, path, interface, count, patience = sys.argv[1:]
flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
         | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
random.seed(count)
for number in range(int(count)):
    connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
    connection.call(name, path, interface, "Set",
                    GLib.Variant("(sv)", ("/a", GLib.Variant("i", number + 100))), None, 0, 1000,
                    None, None)
    connection.flush_sync(None)
    # at any moment of the call
    time.sleep(random.random() * float(patience))
    connection.get_stream().close(None)
"""


def flood(config, method, argument, connections, count, answers="no"):
    """Starts to call, as nobody; with answers it prints at the end how often each was told."""
    return subprocess.Popen(
        [*as_user("nobody"), sys.executable, "-c", FLOOD, config.service.bus.address, BUS_NAME,
         config.path, INTERFACE, method, argument, str(connections), str(count), answers],
        stdout=subprocess.PIPE, text=True, cwd="/")


def vanish(config, count, patience=0.02):
    """So many callers, all nobody, send a Set and are gone within a time, in seconds."""
    subprocess.run(
        [*as_user("nobody"), sys.executable, "-c", VANISH, config.service.bus.address, BUS_NAME,
         config.path, INTERFACE, str(count), str(patience)],
        check=True, cwd="/", timeout=120)
