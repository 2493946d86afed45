#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls every method of a live daemon with random and hostile arguments.

The methods are those that the daemon's introspection names, so a new one is tried as well. Each
call may be refused, with an error of D-Bus or of Runconf, in a message of bounded length without
control characters; the daemon has to go on, answer, and end well.

    dbus.py [--calls N] [--seed N]

RUNCONFD names the daemon, best one that is built with sanitizers. Prints TAP.
"""

import argparse
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "service"))

import yaml  # noqa: E402
from gi.repository import Gio, GLib  # noqa: E402
from runconf_testing import BUS_NAME, DBusDaemon, Service, connect  # noqa: E402

MAX_MESSAGE = 64 * 1024
IN_FLIGHT = 32
ERRORS = ("org.runconf.Error.", "org.freedesktop.DBus.Error.")

# Methods of the standard interfaces that say nothing of ours.
LEFT_OUT = {("org.freedesktop.DBus.Peer", "GetMachineId")}

PATHS = ["", "/", "/chat", "/chat/websocket/port", "/features/0", "/features/-", "/features/99",
         "/a~1b", "/a~0b", "/~", "/~2", "chat", "//", "/" + "x" * 1001, "/" + "/".join("k" * 31),
         "/chat/websocket/port/x", "/_runtime_config/version", "/ä/\u2028", "/\x1b[31m", "/new",
         "/new/deep/er", "/0", "/-", "/<<", "/on", "/null", "/ /\t/\n"]

TEXTS = ["", "a: 1", "chat: {websocket: {port: 9}}", "a: [", "a: &a [*a]", "{}", "null", "- 1",
         "a: 1\na: 2", "<<: {a: 1}", "a: !!python/object x", "\ufeffa: 1", "a: |\n  x\n\n",
         "x: " + "[" * 100, "? [a]\n: b", "# only\n", "%YAML 3.0\n---\n", "a: *b",
         "a: &x {b: 1}\nc: *x", '{"a": [1, 2.5, null, "\\ud83d\\ude00"]}', "---\na: 1\n---\nb: 2\n",
         "effective", "overrides", "defaults", "yaml", "json", "set", "reset", "merge", "save"]

OPTIONS = ["if-version", "message", "dry-run", "confirm-timeout", "report-overrides",
           "version", "limit", "", "nonsense"]


def split(signature):
    """The complete types that a signature is made of."""
    types = []
    while signature:
        end = 1
        while not GLib.VariantType.string_is_valid(signature[:end]):
            end += 1
        types.append(signature[:end])
        signature = signature[end:]
    return types


class Maker:
    """Makes values of a type: mostly such that a method has to think about."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def string(self):
        choice = self.random.randrange(10)
        if choice < 5:
            return self.random.choice(PATHS)
        if choice < 8:
            return self.random.choice(TEXTS)
        if choice == 8:
            return self.random.choice(OPTIONS)
        return "".join(chr(self.random.choice([9, 10, 27, 39, 47, 58, 126, 0xE9, 0x202E, 0x1F600]))
                       for _ in range(self.random.choice([0, 1, 7, 300])))

    def number(self, bits, signed):
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        return self.random.choice([low, high, 0, 1, self.random.randint(low, high)])

    def make(self, signature, depth=0):
        """A GVariant of one complete type."""
        first = signature[0]
        if first == "s":
            return GLib.Variant("s", self.string())
        if first == "o":
            return GLib.Variant("o", self.random.choice(["/", "/org/runconf/Config1/default"]))
        if first == "g":
            return GLib.Variant("g", self.random.choice(["", "a{sv}", "s"]))
        if first == "b":
            return GLib.Variant("b", self.random.random() < 0.5)
        if first == "d":
            return GLib.Variant("d", self.random.choice([0.0, -0.0, 1e308, float("nan"),
                                                         float("inf"), self.random.random()]))
        if first in "ynqiuxth":
            bits = {"y": 8, "n": 16, "q": 16, "i": 32, "u": 32, "x": 64, "t": 64, "h": 32}[first]
            return GLib.Variant(first, 0 if first == "h" else self.number(bits, first in "nix"))
        if first == "v":
            return GLib.Variant.new_variant(self.make(self.type(depth), depth + 1))
        return self.container(signature, depth)

    def container(self, signature, depth):
        if signature[0] == "a":
            count = self.random.choice([0, 1, 1, 2, 5]) if depth < 4 else 0
            return GLib.Variant.new_array(
                GLib.VariantType.new(signature[1:]),
                [self.make(signature[1:], depth + 1) for _ in range(count)])
        members = split(signature[1:-1])
        if signature[0] == "{":
            name = GLib.Variant("s", self.random.choice(OPTIONS + ["a", "b", "chat"]))
            key = name if members[0] == "s" else self.make(members[0], depth + 1)
            return GLib.Variant.new_dict_entry(key, self.make(members[1], depth + 1))
        return GLib.Variant.new_tuple(*[self.make(member, depth + 1) for member in members])

    def type(self, depth):
        simple = ["s", "s", "x", "b", "d", "g", "t", "y", "i", "o"]
        if depth > 12:
            return self.random.choice(simple)
        return self.random.choice(
            [*simple, "a{sv}", "a{sv}", "av", "as", "ay", "v", "(sv)", "a{sa{sv}}", "aav", "a{xs}"])

    def arguments(self, signatures):
        """Those that the method wants, or now and then others."""
        if self.random.random() < 0.15:
            signatures = [self.type(0) for _ in range(self.random.randrange(4))]
        return GLib.Variant.new_tuple(*[self.make(signature) for signature in signatures])


class Fuzzer:
    def __init__(self, service, seed):
        self.service = service
        self.connection = connect(service.bus.address)
        self.maker = Maker(seed)
        self.waiting = 0
        self.problems = []

    def methods(self):
        """Each method of the daemon's object, with the signatures of its arguments."""
        reply = self.connection.call_sync(
            BUS_NAME, self.service.path, "org.freedesktop.DBus.Introspectable", "Introspect", None,
            None, Gio.DBusCallFlags.NONE, 20000, None)
        node = Gio.DBusNodeInfo.new_for_xml(reply.unpack()[0])
        return [(interface.name, method.name, [arg.signature for arg in method.in_args])
                for interface in node.interfaces for method in interface.methods
                if (interface.name, method.name) not in LEFT_OUT]

    def check(self, what, error):
        name = Gio.DBusError.get_remote_error(error) or ""
        Gio.DBusError.strip_remote_error(error)
        if not name.startswith(ERRORS):
            self.problems.append(f"{what}: {name}: {error.message[:200]}")
        if name.endswith((".NoReply", ".Disconnected", ".Timeout")):
            self.problems.append(f"{what}: no answer: {error.message[:200]}")
        if len(error.message) > MAX_MESSAGE:
            self.problems.append(f"{what}: a message of {len(error.message)} characters")
        if name.startswith("org.runconf") and any(ord(c) < 32 for c in error.message):
            self.problems.append(f"{what}: control characters in {error.message[:200]!r}")

    def call(self, interface, method, arguments):
        what = f"{method} {arguments.print_(True)[:300]}"

        def answered(connection, result):
            self.waiting -= 1
            try:
                connection.call_finish(result)
            except GLib.Error as error:
                self.check(what, error)

        self.waiting += 1
        self.connection.call(BUS_NAME, self.service.path, interface, method, arguments, None,
                             Gio.DBusCallFlags.NONE, 60000, None, answered)
        while self.waiting >= IN_FLIGHT:
            GLib.MainContext.default().iteration(True)

    def fuzz(self, interface, method, signatures, calls):
        """Returns what went wrong."""
        self.problems = []
        for _ in range(calls):
            self.call(interface, method, self.maker.arguments(signatures))
            if len(self.problems) > 20:
                break
        while self.waiting > 0:
            GLib.MainContext.default().iteration(True)
        if self.service.process.poll() is not None:
            self.problems.append(f"the daemon has ended with {self.service.process.returncode}")
        return self.problems


def check_end(service):
    """What is wrong at the end of it all."""
    problems = []
    service.client().get("")
    if not isinstance(yaml.safe_load(service.runtime.read_text() or "{}"), dict):
        problems.append("the overrides are no mapping")
    service.process.terminate()
    if service.process.wait(60) != 0:
        problems.append(f"ended with {service.process.returncode}")
    service.process = None
    log = service.log()
    problems += [line for line in log.splitlines()
                 if "Sanitizer" in line or "runtime error" in line or "CRITICAL" in line]
    return problems


def tell(number, name, problems):
    print(f"{'not ok' if problems else 'ok'} {number} {name}", flush=True)
    for problem in problems[:20]:
        print(f"# {problem}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=int(os.environ.get("RUNCONF_FUZZ_CALLS", 1000)))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"# seed {options.seed}, {options.calls} calls of each method", flush=True)
    base = "/dev/shm" if os.path.isdir("/dev/shm") else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="runconf-fuzz-", dir=base))
    (folder / "bus").mkdir()
    bus = DBusDaemon(folder / "bus", "session")
    bus.start()
    failed = False
    try:
        service = Service(bus, folder / "service")
        service.start()
        fuzzer = Fuzzer(service, options.seed)
        methods = fuzzer.methods()
        for number, (interface, method, signatures) in enumerate(methods, 1):
            problems = fuzzer.fuzz(interface, method, signatures, options.calls)
            tell(number, f"{interface}.{method}", problems)
            failed |= bool(problems)
            if service.process.poll() is not None:
                print(f"Bail out! {service.log()[-3000:]}")
                return 1
        problems = check_end(service)
        tell(len(methods) + 1, "the end", problems)
        print(f"1..{len(methods) + 1}")
        return 1 if failed or problems else 0
    finally:
        bus.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
