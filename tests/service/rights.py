# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may do what on the system bus: which right each member takes, and what callers are told.

The one table for the tests on a private bus and for those in a booted system.
"""

import collections
import xml.etree.ElementTree as xml

from runconf_testing import FORMATS, INTERFACE, ROOT, Refusal, Vanished

OK = "ok"
DENIED = "org.freedesktop.DBus.Error.AccessDenied"
WANTS_INTERACTION = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired"
NOT_WRITABLE = "org.freedesktop.DBus.Error.InvalidArgs"

# what prepare() needs
SCHEMA = """\
properties:
  llm: {properties: {key: {writeOnly: true, type: string}}}
"""

Row = collections.namedtuple("Row", "right call")

# Each method: the right that it takes, None for none, and a call. A new one has to be put here.
METHODS = {
    "Get": Row(None, lambda client: client.get("/chat")),
    "List": Row(None, lambda client: client.list("/chat")),
    "Describe": Row(None, lambda client: client.describe("/chat/websocket/port")),
    "Explain": Row(None, lambda client: client.explain("/chat/websocket/port")),
    "Dump": Row(None, lambda client: client.dump()),
    "OpenSnapshot": Row(None, lambda client: client.call("OpenSnapshot", "(au)", FORMATS)),
    "History": Row("read-history", lambda client: client.history()),
    "Diff": Row("read-history", lambda client: client.diff(0, 1)),
    "Set": Row("modify", lambda client: client.set("/a", 2)),
    "Merge": Row("modify", lambda client: client.merge({"a": 3})),
    "MergeText": Row("modify", lambda client: client.merge_text("a: 4")),
    "Reset": Row("modify", lambda client: client.reset("/a")),
    "Save": Row("modify", lambda client: client.save({"a": 5})),
    "Apply": Row("modify", lambda client: client.apply(("set", "/a", 6))),
    "ReplaceText": Row("modify", lambda client: client.replace_text("a: 7")),
    "Confirm": Row("modify", lambda client: client.confirm(client.service.waiting)),
    "Revert": Row("revert", lambda client: client.revert(0)),
    "Reload": Row("reload", lambda client: client.reload()),
}
# what takes another right for what it is about
SPECIAL = {
    "Get of a secret": Row("read-secret", lambda client: client.get("/llm/key")),
    "List of a secret": Row("read-secret", lambda client: client.list("/llm/key")),
    "Dump with secrets": Row("read-secret", lambda client: client.dump(secrets=True)),
    "Dump of the past": Row("read-history", lambda client: client.dump(version=0)),
}
EVERYTHING = METHODS | SPECIAL

# Each property: everybody may read it, nobody writes it.
PROPERTIES = ("Name", "Version", "LastModified", "HasOverrides", "State", "StateMessage", "RulesRevision",
              "SnapshotRevision", "Locks", "DefaultConfigPath", "RuntimeConfigPath")

# What polkit says to a user, and what the user is told who needs a right.
ANSWERS = {
    "yes": OK,
    "no": DENIED,
    "ask": WANTS_INTERACTION,
    "ask, and the call allows it, but nobody is there": DENIED,
    "ask, and who is asked agrees": OK,
    "ask, and who is asked refuses": DENIED,
    "nothing, for it is stopped": DENIED,
}


def expect(name, answer, trusted=False):
    """What the caller of a row is told; who is trusted, root, needs no answer of polkit."""
    if trusted or EVERYTHING[name].right is None:
        return OK
    # a change is for who made it to confirm
    if name == "Confirm" and ANSWERS[answer] == OK:
        return DENIED
    return ANSWERS[answer]


def prepare(root):
    """Makes what the rows are about: a secret, an override, and a change that root has to confirm."""
    root.merge({"llm": {"key": "hush"}, "a": 0})
    root.service.waiting = root.apply(("set", "/a", 1), confirm_timeout=3600).version


def outcome(client, name):
    """What a call is told: ok, or the name of the error."""
    try:
        EVERYTHING[name].call(client)
        return OK
    except Refusal as refusal:
        return refusal.name
    except Vanished:
        return "nothing"


def read_interface(text=None):
    """The interface as an object tells it, or as it is documented."""
    text = text or (ROOT / "introspection" / f"{INTERFACE}.xml").read_text()
    return xml.fromstring(text).find(f"interface[@name='{INTERFACE}']")


def introspect(client):
    text = client.call("Introspect", interface="org.freedesktop.DBus.Introspectable").unpack()[0]
    return read_interface(text)


def names_of(interface, kind):
    return {member.get("name") for member in interface.findall(kind)}
