# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sections, which read like a dict and write each change, and snapshots."""

import collections.abc

from .library import Runconf
from .values import check_path, escape, fix, from_variant, Tree

__all__ = ["Section", "Snapshot"]


class Section(Tree, collections.abc.MutableMapping, dict):
    """A mapping of a configuration, or of a snapshot of it, that is looked up when it is read.

    So it is always current. `section["port"] = 9000` overrides a value, and `del section["port"]`
    drops the override: each is one change, on the disk when it returns. Inner mappings are sections
    too, and other values can't be changed. In a snapshot nothing can be changed.

    A section is a dict for json and for other code that asks, and never holds a copy of a value.
    """

    __slots__ = ("_reader", "path")
    __hash__ = None

    def __init__(self, reader, path=""):
        # json takes a dict for empty if its memory is, whatever its methods return
        dict.__setitem__(self, "", None)
        self._reader = reader
        self.path = path

    # reading

    def __getitem__(self, key):
        if not isinstance(key, str):
            raise KeyError(key)
        path = self._find(key)
        # Keys show that a value is a mapping, without a copy of the value. The keys of a list begin
        # with 0, so if that is the first one, the value has to be read.
        keys = self._reader.list(path)
        if keys and keys[0] != "0":
            return Section(self._reader, path)
        value = self._reader.get_value(path)
        if value is None:
            raise KeyError(key)
        if value.get_type_string() == "a{sv}":
            return Section(self._reader, path)
        return fix(value)

    def _find(self, key):
        return f"{self.path}/{escape(key)}"

    def __contains__(self, key):
        return isinstance(key, str) and self._reader.has(self._find(key))

    def __iter__(self):
        return iter(self._reader.list(self.path))

    def __reversed__(self):
        return reversed(self._reader.list(self.path))

    def __len__(self):
        return len(self._reader.list(self.path))

    def items(self):
        """The key and the value of each entry, all of one version."""
        return collections.abc.ItemsView(self._freeze())

    def values(self):
        """The value of each entry, all of one version."""
        return collections.abc.ValuesView(self._freeze())

    def _freeze(self):
        return Section(self._reader.get_snapshot(), self.path) if self._reader.is_live else self

    def to_dict(self):
        """A plain copy, all of one version; empty if the section does not exist any more."""
        value = self._reader.get_value(self.path)
        plain = from_variant(value) if value is not None else {}
        return plain if isinstance(plain, dict) else {}

    copy = to_dict
    # the keys of a section are those of the configuration
    fromkeys = None

    def __copy__(self):
        return self.to_dict()

    def __deepcopy__(self, _memory):
        return self.to_dict()

    def __reduce_ex__(self, _protocol):
        return dict, (self.to_dict(),)

    def __eq__(self, other):
        if not isinstance(other, collections.abc.Mapping):
            return NotImplemented
        return self.to_dict() == (other.to_dict() if isinstance(other, Section) else dict(other))

    def __ne__(self, other):
        return not self == other

    def __or__(self, other):
        return _unite(self, other)

    def __ror__(self, other):
        return _unite(other, self)

    def __repr__(self):
        return f"<Runconf.Section {self.path or '/'}: {self.to_dict()!r}>"

    # writing

    def __setitem__(self, key, value):
        writer = self._writer()
        path = self._find(key)
        # `section["inner"] |= {}` ends with this assignment, after the write
        if isinstance(value, Section) and (value._reader, value.path) == (writer, path):
            return
        writer.set_sync(path, value)

    def __delitem__(self, key):
        writer = self._writer()
        if key not in self:
            raise KeyError(key)
        writer.reset_sync(self._find(key))

    def update(self, *mapping, **entries):
        """Overrides several values, in one change."""
        with self._writer().transaction() as transaction:
            for key, value in dict(*mapping, **entries).items():
                transaction.set(self._find(key), value)

    def __ior__(self, other):
        self.update(other)
        return self

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def clear(self):
        """Drops all overrides in the section: afterwards it has its defaults."""
        self._writer().reset_sync(self.path)

    def popitem(self):
        raise TypeError("the keys of a section have no end that is taken off: use del section[key], or clear ()")

    def _writer(self):
        if not self._reader.is_live:
            raise TypeError("a snapshot can't be changed: write to the configuration")
        return self._reader


def _unite(first, second):
    """A dict with the entries of both; an entry of the second replaces one of the first."""
    if not all(isinstance(each, (collections.abc.Mapping, Tree)) for each in (first, second)):
        return NotImplemented
    parts = (each.to_dict() if isinstance(each, Tree) else each for each in (first, second))
    return {**next(parts), **next(parts)}


class Root(Tree):
    """The common part of a configuration and a snapshot: both are read like a dict."""

    # a snapshot never changes, and can\'t be written
    is_live = False

    def __getitem__(self, key):
        return Section(self)[key]

    def __contains__(self, key):
        return key in Section(self)

    def __iter__(self):
        return iter(Section(self))

    def __len__(self):
        return len(Section(self))

    def __bool__(self):
        # an empty one exists, too
        return True

    def __or__(self, other):
        return _unite(self, other)

    def __ror__(self, other):
        return _unite(other, self)

    def keys(self):
        return Section(self).keys()

    def items(self):
        return Section(self).items()

    def values(self):
        return Section(self).values()

    def get(self, path, default=None):
        """The value at a path such as "/chat/websocket/port", as a copy that can't be changed."""
        value = self.get_value(check_path(path))
        return default if value is None else fix(value)

    def section(self, path=""):
        """The mapping at a path, as the brackets return it. It is empty while there is none."""
        return Section(self, check_path(path))

    def to_dict(self):
        """The whole configuration, as a plain copy of one version."""
        return Section(self).to_dict()


class Snapshot(Root, Runconf.Snapshot):
    """A configuration at one version."""

    @property
    def version(self):
        return self.get_version()
