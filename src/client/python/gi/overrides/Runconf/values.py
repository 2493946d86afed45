# SPDX-License-Identifier: LGPL-2.1-or-later
"""Values and paths: GVariants as plain values of Python, which can't be changed, and the other way round."""

import collections.abc
import copy

from gi.repository import GLib

from .library import Runconf

__all__ = ["FixedDict", "FixedList", "escape", "from_variant", "join_path", "split_path", "to_variant"]


def to_variant(value):
    """The GVariant of a Python value; a GVariant is returned unchanged."""
    if isinstance(value, GLib.Variant):
        return value
    if value is None:
        # the bus has no null: the empty signature stands for it
        return GLib.Variant("g", "")
    if isinstance(value, bool):
        return GLib.Variant("b", value)
    if isinstance(value, int):
        return _integer_to_variant(value)
    if isinstance(value, float):
        return GLib.Variant("d", value)
    if isinstance(value, str):
        return GLib.Variant("s", check_text(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        data = GLib.Bytes.new(bytes(value))
        return GLib.Variant.new_from_bytes(GLib.VariantType("ay"), data, True)
    if isinstance(value, Tree):
        return to_variant(value.to_dict())
    if isinstance(value, collections.abc.Mapping):
        return GLib.Variant("a{sv}", {_check_key(k): to_variant(v) for k, v in value.items()})
    if isinstance(value, (list, tuple)):
        return GLib.Variant("av", [to_variant(child) for child in value])
    raise TypeError(f"a configuration holds dict, list, str, int, float, bool, bytes and None, "
                    f"not {type(value).__name__}: {value!r}")


def _integer_to_variant(value):
    if not -(2**63) <= value < 2**64:
        raise OverflowError(f"{value} doesn't fit into 64 bits; write it as a string")
    return GLib.Variant("x" if value < 2**63 else "t", value)


def check_text(text):
    # what follows a NUL would be lost on the way to C without a word
    if "\0" in text:
        raise ValueError(f"a string can't hold a NUL: {text!r}")
    return text


def _check_key(key):
    if not isinstance(key, str):
        raise TypeError(f"a key is a str, not {type(key).__name__}: {key!r}")
    return check_text(key)


def from_variant(variant):
    """The Python value of a GVariant, with dicts and lists that may be changed: null is None, and binary is bytes."""
    return _read(variant, dict, list)


def _read(variant, mapping, sequence):
    form = variant.get_type_string()
    if form == "v":
        return _read(variant.get_variant(), mapping, sequence)
    if form == "a{sv}":
        entries = (variant.get_child_value(i) for i in range(variant.n_children()))
        return mapping((entry.get_child_value(0).get_string(), _read(entry.get_child_value(1), mapping, sequence))
                       for entry in entries)
    if form in ("av", "aa{sv}"):
        return sequence(_read(variant.get_child_value(i), mapping, sequence) for i in range(variant.n_children()))
    if form == "ay":
        return variant.get_data_as_bytes().get_data()
    if form == "g" and variant.get_string() == "":
        return None
    return sequence(variant.unpack()) if form.startswith("a") else variant.unpack()


def _refuse_change(self, *_, **__):
    raise TypeError(f"a {type(self).__name__} can't be changed: change a copy, as with value.copy (), and write that")


class FixedList(list):
    """A copy of a list. It can't be changed, so that no change of it is lost; its copies are plain lists."""

    __slots__ = ()

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse_change
    __setitem__ = __delitem__ = _refuse_change

    def __iadd__(self, other):
        # so that `config["features"] += ["search"]` writes the longer list
        return self + list(other)

    def __imul__(self, number):
        return self * number

    def __deepcopy__(self, memory):
        return [copy.deepcopy(value, memory) for value in self]

    def __reduce_ex__(self, _protocol):
        return list, (list(self),)


class FixedDict(dict):
    """A copy of a mapping. It can't be changed, so that no change of it is lost; its copies are plain dicts."""

    __slots__ = ()

    pop = popitem = clear = update = setdefault = _refuse_change
    __setitem__ = __delitem__ = _refuse_change

    def __ior__(self, other):
        return self | other

    def __deepcopy__(self, memory):
        return {key: copy.deepcopy(value, memory) for key, value in self.items()}

    def __reduce_ex__(self, _protocol):
        return dict, (dict(self),)


def fix(variant):
    """The Python value of a GVariant, which can't be changed."""
    return _read(variant, FixedDict, FixedList)


def escape(key):
    """A key as it is written in a path: `~` is `~0` and `/` is `~1`."""
    return _check_key(key).replace("~", "~0").replace("/", "~1")


def join_path(*keys):
    """The path of keys and indices: join_path("modules", "a/b") is "/modules/a~1b"."""
    return Runconf.path_join([str(key) if isinstance(key, int) else _check_key(key) for key in keys])


def split_path(path):
    """The keys of a path: split_path("/modules/a~1b") is ["modules", "a/b"]."""
    return Runconf.path_split(check_path(path))


def check_path(path):
    if not isinstance(path, str):
        raise TypeError(f"a path is a str, not {type(path).__name__}: {path!r}")
    if path and not path.startswith("/"):
        raise ValueError(f"a path is empty or begins with a slash, like /chat/port: {path!r}")
    return check_text(path)


class Tree:
    """A mapping of a configuration, which to_dict () copies at one version."""

    __slots__ = ()

    def to_dict(self):
        raise NotImplementedError


def find_nick(kind, value):
    """A value of an enumeration, which may be given by its nick."""
    if isinstance(value, kind):
        return value
    values = {each.value_nick: each for each in kind.__enum_values__.values()}
    values.pop("unknown", None)
    if value not in values:
        raise ValueError(f"{value!r} isn't a {kind.__name__}: use {', '.join(values)}")
    return values[value]
