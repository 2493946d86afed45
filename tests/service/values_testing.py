# SPDX-License-Identifier: LGPL-2.1-or-later
"""Values in the forms that they have on the bus and in the files, and in Python."""

import yaml
from gi.repository import GLib


def pack(value):
    """A Python value as a GVariant in the forms of the table; a GVariant stays as it is."""
    if isinstance(value, GLib.Variant):
        return value
    if value is None:
        return GLib.Variant("g", "")
    if isinstance(value, bool):
        return GLib.Variant("b", value)
    if isinstance(value, int):
        return GLib.Variant("x" if value < 2**63 else "t", value)
    if isinstance(value, float):
        return GLib.Variant("d", value)
    if isinstance(value, str):
        return GLib.Variant("s", value)
    if isinstance(value, bytes):
        return GLib.Variant("ay", list(value))
    if isinstance(value, dict):
        return GLib.Variant("a{sv}", {key: pack(child) for key, child in value.items()})
    if isinstance(value, (list, tuple)):
        return GLib.Variant("av", [pack(child) for child in value])
    raise TypeError(f"{type(value)} has no form on the bus")


def unpack(variant):
    """The Python value of a GVariant that has to be in one of the forms of the table."""
    form = variant.get_type_string()
    if form == "v":
        return unpack(variant.get_variant())
    if form == "a{sv}":
        entries = [variant.get_child_value(i) for i in range(variant.n_children())]
        return {
            entry.get_child_value(0).get_string(): unpack(entry.get_child_value(1))
            for entry in entries
        }
    if form == "av":
        return [unpack(variant.get_child_value(i)) for i in range(variant.n_children())]
    if form == "ay":
        return bytes(variant.unpack())
    if form == "g":
        assert variant.get_string() == "", "null is the empty signature"
        return None
    if form == "t":
        assert variant.get_uint64() > 2**63 - 1, "an integer that fits in 63 bits is an x"
        return variant.get_uint64()
    assert form in "sxdb", f"{variant.print_(True)} is not a form of the table of values"
    return variant.unpack()


def unpack_dictionary(variant):
    """An a{sv} of whatever types."""
    entries = [variant.get_child_value(i) for i in range(variant.n_children())]
    return {
        entry.get_child_value(0).get_string(): entry.get_child_value(1).get_variant()
        for entry in entries
    }


def nested(depth, leaf=1, key="k"):
    """`leaf` below `depth` mappings."""
    for _ in range(depth):
        leaf = {key: leaf}
    return leaf


def nested_list(depth, leaf=1):
    for _ in range(depth):
        leaf = [leaf]
    return leaf


def complete(operation):
    """A reset and an unset have no value, but a place for one."""
    return operation if len(operation) == 3 else (*operation, "")


def pack_entries(mapping):
    return {key: pack(value) for key, value in mapping.items()}


def pack_options(options):
    return {key.replace("_", "-"): pack(value) for key, value in options.items()}


ABSENT = ()


def unpack_changes(changes):
    """What an a(svv) tells: path, old value, new value."""
    def value(variant):
        variant = variant.get_variant()
        return ABSENT if variant.get_type_string() == "(b)" else unpack(variant)

    rows = [changes.get_child_value(i) for i in range(changes.n_children())]
    return [(row.get_child_value(0).get_string(), *(value(row.get_child_value(i)) for i in (1, 2)))
            for row in rows]


class TagLoader(yaml.SafeLoader):
    """Another reader of the tags, which shows them as JSON does."""


TagLoader.add_constructor("!unset", lambda loader, node: UNSET)
TagLoader.add_constructor(
    "!replace", lambda loader, node: replacing(loader.construct_mapping(node, deep=True)))

UNSET = {"!unset": None}


def replacing(mapping):
    return {"!replace": mapping}
