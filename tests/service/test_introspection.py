# SPDX-License-Identifier: LGPL-2.1-or-later
"""The live object has the members of the documented interface, and no other."""

import re
import xml.etree.ElementTree as xml

import pytest
from gi.repository import Gio, GLib
from runconf_testing import BUS_NAME, INTERFACE, OBJECT_ROOT, ROOT, both_buses, connect, iterate

CONTRACT = ROOT / "introspection" / "org.runconf.Config1.xml"

# What callers depend on: members are added, and never changed.
METHODS = {
    "Get": ("s", "v"),
    "List": ("s", "as"),
    "Describe": ("s", "a{sv}"),
    "Explain": ("sa{sv}", "aa{sv}"),
    "Set": ("sv", "t"),
    "Merge": ("a{sv}", "tas"),
    "MergeText": ("sa{sv}", "tas"),
    "Reset": ("s", "t"),
    "Save": ("a{sv}a{sv}", "tas"),
    "Apply": ("a(ssv)a{sv}", "tas"),
    "ReplaceText": ("sa{sv}", "tas"),
    "Reload": ("", "b"),
    "Dump": ("sssa{sv}", "s"),
    "History": ("sa{sv}", "aa{sv}"),
    "Diff": ("tt", "a(svv)"),
    "Revert": ("ta{sv}", "tas"),
    "Confirm": ("t", ""),
    "OpenSnapshot": ("au", "h"),
}
SIGNALS = {"ConfigChanged": "sasta{sv}"}
PROPERTIES = {
    "Name": "s",
    "Version": "t",
    "LastModified": "t",
    "HasOverrides": "b",
    "State": "s",
    "StateMessage": "s",
    "RulesRevision": "u",
    "SnapshotRevision": "u",
    "Locks": "as",
    "DefaultConfigPath": "s",
    "RuntimeConfigPath": "s",
}


def members(interface):
    """An interface as a value that can be compared."""
    found = {}
    for kind in ("method", "signal", "property"):
        for member in interface.findall(kind):
            arguments = [(a.get("name"), a.get("type"), a.get("direction", "in" if kind == "method"
                          else None)) for a in member.findall("arg")]
            notes = sorted((a.get("name"), a.get("value")) for a in member.findall("annotation")
                           if a.get("name").startswith("org.freedesktop.DBus."))
            found[kind, member.get("name")] = (arguments, member.get("type"), member.get("access"),
                                               notes)
    return found


def signature(member, direction):
    return "".join(argument.get("type") for argument in member.findall("arg")
                   if argument.get("direction") == direction)


@pytest.fixture
def contract():
    return xml.parse(CONTRACT).getroot().find(f"interface[@name='{INTERFACE}']")


@both_buses
def test_the_live_object_is_the_contract(config, contract):
    text = config.call("Introspect", interface="org.freedesktop.DBus.Introspectable").unpack()[0]
    node = xml.fromstring(text)
    live = node.find(f"interface[@name='{INTERFACE}']")
    assert members(live) == members(contract)
    assert {interface.get("name") for interface in node.findall("interface")} == {
        INTERFACE, "org.freedesktop.DBus.Introspectable", "org.freedesktop.DBus.Peer",
        "org.freedesktop.DBus.Properties"}


@both_buses
def test_the_manager_knows_the_object(config):
    answer = config.caller.call(BUS_NAME, OBJECT_ROOT, "org.freedesktop.DBus.ObjectManager",
                                "GetManagedObjects", None, 10).unpack()[0]
    assert answer == {config.path: {INTERFACE: config.properties()}}


def test_the_contract_is_what_callers_depend_on(contract):
    methods = {method.get("name"): (signature(method, "in"), signature(method, "out"))
               for method in contract.findall("method")}
    signals = {signal.get("name"): "".join(a.get("type") for a in signal.findall("arg"))
               for signal in contract.findall("signal")}
    properties = {p.get("name"): p.get("type") for p in contract.findall("property")}
    assert (methods, signals, properties) == (METHODS, SIGNALS, PROPERTIES)
    assert {p.get("access") for p in contract.findall("property")} == {"read"}


def test_properties_of_a_version_do_not_notify(contract):
    for name in ("Version", "LastModified", "HasOverrides"):
        note = contract.find(f"property[@name='{name}']/annotation"
                             "[@name='org.freedesktop.DBus.Property.EmitsChangedSignal']")
        assert note.get("value") == "false"


def test_nothing_is_undocumented(contract):
    """A comment before each member names it, and each of its arguments."""
    builder = xml.TreeBuilder(insert_comments=True)
    root = xml.parse(CONTRACT, xml.XMLParser(target=builder)).getroot()
    interface = root.find(f"interface[@name='{INTERFACE}']")
    comment = ""
    for child in interface:
        if child.tag is xml.Comment:
            comment = child.text
            continue
        name = child.get("name")
        if child.tag in ("method", "signal", "property"):
            assert re.search(rf"\b{name}:", comment), f"{name} has no comment"
            for argument in (arg.get("name") for arg in child.findall("arg")):
                assert re.search(rf"@{argument}:", comment), f"{argument} of {name} has no comment"
        comment = ""


def test_state_tells_of_its_changes(config, service):
    """State and StateMessage have PropertiesChanged, the version has ConfigChanged."""
    service.expect("config.yaml")
    connection = connect(service.bus.address)
    received = []
    context = GLib.MainContext()
    context.push_thread_default()
    connection.signal_subscribe(
        BUS_NAME, "org.freedesktop.DBus.Properties", "PropertiesChanged",
        config.path, None, Gio.DBusSignalFlags.NONE,
        lambda *arguments: received.append(arguments[5].unpack()))
    context.pop_thread_default()

    config.set("/a", 1)
    service.defaults.write_text("a: [")
    iterate(
        context, lambda: any(changed.get("State") == "degraded" for _, changed, _ in received),
        "PropertiesChanged")
    names = {name for _, changed, gone in received for name in (*changed, *gone)}
    assert names == {"State", "StateMessage"}
    connection.close_sync(None)
