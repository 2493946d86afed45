# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real polkitd on a private bus of the system's type, with this project's actions and the rules
of a test, and an agent in the place of whoever would type a password."""

import ctypes
import json
import pathlib
import shutil
import signal
import subprocess
import threading

from gi.repository import Gio, GLib
from runconf_testing import DEADLINE, OwnerWatch, ROOT, call_bus, connect, private_mounts

POLKITD = "/usr/lib/polkit-1/polkitd"
POLICY = ROOT / "data" / "org.runconf.config1.policy.in"
ACTIONS = "org.runconf.config1"

# polkitd reads one folder of actions and two of rules: it gets others in their places
SCRIPT = """
    mount --bind "$1" /usr/share/polkit-1/actions
    mount --bind "$2" /etc/polkit-1/rules.d
    mount --bind "$3" /usr/share/polkit-1/rules.d
    exec "$4"
"""

# each rule writes down what it was asked, for the tests to read
PROLOGUE = """
polkit.addRule(function(action, subject) {
    if (action.id.indexOf("org.runconf.") == 0)
        polkit.log("ASKED " + JSON.stringify([action.id, subject.user,
            action.lookup("configuration"), action.lookup("paths")]));
    return polkit.Result.NOT_HANDLED;
});
"""


class Polkit:
    """A polkitd."""

    def __init__(self, bus, folder, owner="root"):
        self.bus = bus
        self.folder = folder
        self.log_file = folder / "log"
        self.process = None
        for name in ("actions", "rules", "none"):
            (folder / name).mkdir(parents=True)
        shutil.chown(folder / "rules", "polkitd")
        (folder / "actions" / "org.runconf.config1.policy").write_text(
            POLICY.read_text().replace("@user@", owner))

    def rules(self, text):
        """A body of a function (action, subject); what it returns nothing for has the defaults."""
        (self.folder / "rules" / "50-test.rules").write_text(
            f"{PROLOGUE}polkit.addRule(function(action, subject) {{\n{text}\n}});\n")

    def start(self):
        with OwnerWatch(self.bus.address, "org.freedesktop.PolicyKit1") as watch:
            with self.log_file.open("ab") as log:
                self.process = subprocess.Popen(
                    [*private_mounts(self.folder), "bash", "-ec", SCRIPT, "bash",
                     *(str(self.folder / name) for name in ("actions", "rules", "none")), POLKITD],
                    # it has criticals of its own, which are no reason for it to end
                    env={name: value for name, value in self.bus.environment.items()
                         if name != "G_DEBUG"}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            watch.wait(self.process)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(DEADLINE)
            self.process = None

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def asked(self):
        """What the rules were asked: action, user, configuration, paths."""
        found = []
        for line in self.log().splitlines():
            _, mark, rest = line.partition("ASKED ")
            if mark:
                action, user, name, paths = json.loads(rest[:rest.rindex("]") + 1])
                found.append((action.removeprefix(f"{ACTIONS}."), user, name, json.loads(paths)))
        return found


AGENT_XML = """
<node><interface name="org.freedesktop.PolicyKit1.AuthenticationAgent">
  <method name="BeginAuthentication">
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="a{ss}" direction="in"/><arg type="s" direction="in"/>
    <arg type="a(sa{sv})" direction="in"/>
  </method>
  <method name="CancelAuthentication"><arg type="s" direction="in"/></method>
</interface></node>
"""
AUTHORITY = ("org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
             "org.freedesktop.PolicyKit1.Authority")
AGENT_PATH = "/test/Agent"


class Agent:
    """Answers for a process what a person would be asked: `decide` says yes or no, or waits."""

    def __init__(self, bus, pid, decide):
        self.decide = decide
        self.begun = []
        self.cancelled = []
        self.loop = None
        self.connection = None
        self.uid = None
        ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(bus.address, pid, ready))
        self.thread.start()
        assert ready.wait(DEADLINE), "the agent did not register"

    def _run(self, address, pid, ready):
        context = GLib.MainContext()
        context.push_thread_default()
        self.loop = GLib.MainLoop(context)
        self.connection = connect(address)
        interface = Gio.DBusNodeInfo.new_for_xml(AGENT_XML).interfaces[0]
        self.connection.register_object(AGENT_PATH, interface, self._on_call, None, None)
        start = int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        # polkit's own messages have it as a number with a sign
        self.uid = pathlib.Path(f"/proc/{pid}").stat().st_uid
        uid = ctypes.c_int32(self.uid).value
        subject = ("unix-process", {"pid": GLib.Variant("u", pid),
                                    "start-time": GLib.Variant("t", start),
                                    "uid": GLib.Variant("i", uid)})
        self.connection.call_sync(
            *AUTHORITY, "RegisterAuthenticationAgent",
            GLib.Variant("((sa{sv})ss)", (subject, "en_US.UTF-8", AGENT_PATH)), None, 0,
            DEADLINE * 1000, None)
        ready.set()
        self.loop.run()
        self.connection.close_sync(None)
        context.pop_thread_default()

    def _on_call(self, _connection, _sender, _path, _interface, method, parameters, invocation):
        if method == "CancelAuthentication":
            self.cancelled.append(parameters.unpack()[0])
            invocation.return_value(None)
            return
        action, message, _icon, _details, cookie, identities = parameters.unpack()
        self.begun.append((action, message))
        threading.Thread(target=self._answer, args=(cookie, identities[0], invocation)).start()

    def _answer(self, cookie, identity, invocation):
        answer = self.decide()
        if answer is None:
            return
        if answer:
            kind, details = identity
            packed = {key: GLib.Variant("u", value) for key, value in details.items()}
            try:
                self._respond(0, cookie, (kind, packed))
            except GLib.Error:
                # newer versions of polkit know the agent by the user of its subject
                self._respond(self.uid, cookie, (kind, packed))
        invocation.return_value(None)

    def _respond(self, uid, cookie, identity):
        self.connection.call_sync(
            *AUTHORITY, "AuthenticationAgentResponse2",
            GLib.Variant("(us(sa{sv}))", (uid, cookie, identity)), None, 0, DEADLINE * 1000, None)

    def stop(self):
        self.loop.quit()
        self.thread.join(DEADLINE)


def is_on_bus(bus, name):
    connection = connect(bus.address)
    answer = call_bus(connection, "NameHasOwner", GLib.Variant("(s)", (name,))).unpack()[0]
    connection.close_sync(None)
    return answer
