# SPDX-License-Identifier: LGPL-2.1-or-later
"""A configuration as an object."""

import functools

from gi.repository import Gio

from .bus import find_bus
from .calls import awaitable_method, blocking_method, finishing_method, in_thread, readers, typed_writes
from .errors import refining
from .library import Runconf
from .sections import Root, Section
from .transaction import make_transaction, TransactionBlock
from .values import check_path, find_nick, fix, from_variant, to_variant
from .watching import AsyncChanges, Changes

__all__ = ["Configuration"]


def _make_typed_writes(kind):
    """set_int64_sync () and similar methods, with the version as their result, and their forms for asyncio."""

    def write(self, path, *arguments, cancellable=None):
        values, rest = arguments[:typed_writes[kind]], arguments[typed_writes[kind]:]
        return f"set_{kind}", (check_path(path), *values), *(rest or (cancellable,))

    write.__name__ = f"set_{kind}_sync"
    write.__qualname__ = f"Configuration.{write.__name__}"
    write.__doc__ = "Overrides one path; returns the version that contains the change."
    setattr(Configuration, write.__name__, blocking_method(write))
    setattr(Configuration, f"set_{kind}_async", awaitable_method(getattr(Configuration, write.__name__)))


class Configuration(Root, Runconf.Configuration):
    """A configuration, by its name and the bus: "system", "session", an address, a connection.

    Reads like a dict, from any thread, and never waits. Methods that end in `_sync`, the brackets
    and `with config.transaction ()` return when a change is on the disk; those that end in `_async`
    are for asyncio, and need no main loop of GLib's.
    """

    is_live = True

    def __init__(self, name="default", bus="system", cancellable=None, defaults=None, **properties):
        if defaults is not None:
            properties["defaults"] = to_variant(defaults)
        super().__init__(name=name, **find_bus(bus, cancellable), **properties)
        self.init(cancellable)

    init = refining(Gio.Initable.init)

    @classmethod
    async def new_async(cls, name="default", bus="system", defaults=None, **properties):
        """The same for asyncio."""
        return await in_thread(functools.partial(cls, name, bus, defaults=defaults, **properties))

    @classmethod
    def in_memory(cls, name="default", defaults=None):
        """A configuration in memory with these defaults, for the tests of a program: it needs no service."""
        return cls.new_in_memory(name, to_variant(defaults or {}))

    # what is known of it

    name = property(Runconf.Configuration.get_name)
    version = property(Runconf.Configuration.get_version)
    connected = property(Runconf.Configuration.get_connected)
    shared = property(Runconf.Configuration.get_shared)
    interactive = property(Runconf.Configuration.get_interactive,
                           Runconf.Configuration.set_interactive,
                           doc="Whether the user may be asked for a password.")

    @property
    def state(self):
        """A Runconf.State."""
        return self.get_state()

    state_message = property(Runconf.Configuration.dup_state_message)

    @property
    def metadata(self):
        """version, last_modified (seconds), is_runtime_config and default_config_path."""
        return fix(self.dup_metadata())

    # in a dict's words

    def __setitem__(self, key, value):
        Section(self)[key] = value

    def __delitem__(self, key):
        del Section(self)[key]

    # in the words of a file-based configuration

    def get_config_dict(self):
        """The whole configuration, as a plain dict."""
        return self.to_dict()

    def save_runtime_config(self, config):
        """Replaces the whole configuration; only values that differ from the defaults are stored."""
        return self.save_sync(config).changed

    def reload_runtime_config(self):
        """Reads the files again, now; returns whether a value changed."""
        return self.reload_sync()

    # watching

    def watch(self, path=""):
        """Watches a part: `for change in config.watch ("/chat")`, or connect to `changed`."""
        watch = super().watch(check_path(path))
        watch._configuration = self
        # from now on, however late the iteration begins
        watch._changes = Changes(self, path)
        return watch

    def watch_async(self, path=""):
        """The same for asyncio: `async for change in config.watch_async ("/chat")`."""
        return AsyncChanges(Changes(self, path))

    # properties of objects

    def bind_with_mapping(self, path, object, property, flags, get_mapping=None, set_mapping=None):
        """Like bind(), with functions that convert plain values: `get_mapping` for the property, `set_mapping` for
        the path. If a function raises, its error is printed, and the property or the path keeps its value."""
        get = get_mapping and (lambda variant: get_mapping(from_variant(variant)))
        set = set_mapping and (lambda value: to_variant(set_mapping(value)))
        super().bind_with_mapping(check_path(path), object, property, flags, get, set)

    # writing, and returning when it is on the disk

    def transaction(self, message=None, if_version=None, dry_run=False, confirm_timeout=None,
                    boot=False):
        """Several operations as one change, applied at the end of `with` or `async with`.

        `message` is the reason for the change, kept in the history. With `if_version` the change
        is refused unless the configuration is still at that version. A `dry_run` only returns the
        changes. With `confirm_timeout`, in seconds, the change is undone unless confirm_sync() is
        called in time. With `boot` the change ends with the next boot.
        """
        return TransactionBlock(
            self, make_transaction(message, if_version, dry_run, confirm_timeout, boot))

    @blocking_method
    def set_sync(self, path, value, cancellable=None):
        """Overrides one path; returns the version that contains the change, as the next three methods do."""
        return "set_value", (check_path(path), to_variant(value)), cancellable

    set_value_sync = set_sync

    @blocking_method
    def reset_sync(self, path, cancellable=None):
        """Drops the overrides at and below a path."""
        return "reset", (check_path(path),), cancellable

    @blocking_method
    def unset_sync(self, path, cancellable=None):
        """Takes the value at a path away, the default too."""
        return "unset", (check_path(path),), cancellable

    @blocking_method
    def replace_sync(self, path, value, cancellable=None):
        """Overrides one path as a whole: a mapping isn't merged with the default."""
        return "replace_value", (check_path(path), to_variant(value)), cancellable

    replace_value_sync = replace_sync

    @blocking_method
    def merge_sync(self, patch, cancellable=None):
        """Overrides each leaf of the patch; None drops the override at its place."""
        return "merge", (to_variant(patch),), cancellable

    @blocking_method
    def merge_text_sync(self, text, cancellable=None, **options):
        """The same with YAML or JSON; options as for transaction()."""
        transaction = make_transaction(**options)
        transaction.merge_text(text)
        return "apply", (transaction,), cancellable

    @blocking_method
    def save_sync(self, config, cancellable=None):
        """Replaces the whole configuration."""
        return "save", (to_variant(config),), cancellable

    @blocking_method
    def apply_sync(self, transaction, cancellable=None):
        """Applies a Runconf.Transaction."""
        return "apply", (transaction,), cancellable

    @blocking_method
    def replace_text_sync(self, text, cancellable=None, **options):
        """Replaces the whole document of the overrides; options as for transaction()."""
        transaction = make_transaction(**options)
        transaction.replace_text(text)
        return "apply", (transaction,), cancellable

    @blocking_method
    def revert_sync(self, to, cancellable=None, **options):
        """Restores the overrides of a version; options as for transaction()."""
        transaction = make_transaction(**options)
        transaction.revert(to)
        return "apply", (transaction,), cancellable

    @blocking_method
    def confirm_sync(self, version, cancellable=None):
        """Keeps a change that would be undone automatically."""
        return "confirm", (version,), cancellable

    @blocking_method
    def flush_sync(self, cancellable=None):
        """Waits for the writes of bound properties, and for those with a callback."""
        return "flush", (), cancellable

    async def flush_async(self):
        """The same for asyncio."""
        # values that wait for the reply to an earlier one are sent in the thread of their bindings
        super().flush(None, None)
        return await self._flush_in_thread()

    @blocking_method
    def reload_sync(self, cancellable=None):
        """Reads the files again, now; returns whether a value changed."""
        return "reload", (), cancellable

    @blocking_method
    def describe_sync(self, path, cancellable=None):
        """The details of a value: source, type, default, file, line, column, writable."""
        return "describe", (check_path(path),), cancellable

    @blocking_method
    def is_writable_sync(self, path, cancellable=None):
        """Whether this program may write a path now."""
        return "is_writable", (check_path(path),), cancellable

    @blocking_method
    def explain_sync(self, path="", all=False, cancellable=None):
        """The values of all layers at a path, the strongest first, a dict each: layer, path, type, value, file,
        line, column, ignored. With `all`, each value at and below the path that isn't that of the weakest file."""
        flags = Runconf.ExplainFlags.ALL if all else Runconf.ExplainFlags.DEFAULT
        return "explain", (check_path(path), flags), cancellable

    @blocking_method
    def fetch_value_sync(self, path="", cancellable=None):
        """The value at a path, read from the service, as a GVariant; raises the reason if there is no value."""
        return "fetch_value", (check_path(path),), cancellable

    def fetch_sync(self, path="", cancellable=None):
        """The same as a Python value."""
        return fix(self.fetch_value_sync(path, cancellable))

    async def fetch_async(self, path=""):
        """The same for asyncio."""
        return fix(await self.fetch_value_async(path))

    @blocking_method
    def dump_sync(self, path="", layer="effective", format="yaml", cancellable=None, version=None, secrets=False,
                  stacked=False):
        """A layer, or a part of it, as text: effective, defaults, overrides, or the name of a layer; yaml or json.

        `version` is an older one; `secrets` are for callers with the right to read them; `stacked` is a layer
        together with all weaker ones. The layer may be a Runconf.Layer, and the format a Runconf.Format.
        """
        flags = Runconf.DumpFlags((secrets and Runconf.DumpFlags.SECRETS) | (stacked and Runconf.DumpFlags.STACKED))
        return "dump", (
            check_path(path), find_nick(Runconf.Layer, layer), find_nick(Runconf.Format, format), flags,
            2**64 - 1 if version is None else version), cancellable

    @blocking_method
    def history_sync(self, path="", since_version=0, limit=0, cancellable=None):
        """The changes at, below and above a path, newest first, a Change each; the values are overrides.

        `since_version` selects later changes; a `limit` of 0 is as many as the service returns.
        """
        return "history", (check_path(path), since_version, limit), cancellable

    @blocking_method
    def diff_sync(self, from_version, to_version, cancellable=None):
        """The difference of two versions, as one Change."""
        return "diff", (from_version, to_version), cancellable

    # the same for asyncio

    set_async = set_value_async = awaitable_method(set_sync)
    reset_async = awaitable_method(reset_sync)
    unset_async = awaitable_method(unset_sync)
    replace_async = replace_value_async = awaitable_method(replace_sync)
    merge_async = awaitable_method(merge_sync)
    merge_text_async = awaitable_method(merge_text_sync)
    save_async = awaitable_method(save_sync)
    apply_async = awaitable_method(apply_sync)
    replace_text_async = awaitable_method(replace_text_sync)
    revert_async = awaitable_method(revert_sync)
    confirm_async = awaitable_method(confirm_sync)
    reload_async = awaitable_method(reload_sync)
    describe_async = awaitable_method(describe_sync)
    is_writable_async = awaitable_method(is_writable_sync)
    explain_async = awaitable_method(explain_sync)
    fetch_value_async = awaitable_method(fetch_value_sync)
    dump_async = awaitable_method(dump_sync)
    history_async = awaitable_method(history_sync)
    diff_async = awaitable_method(diff_sync)
    _flush_in_thread = awaitable_method(flush_sync)

    # the same with a callback, for GLib's main loop

    def set_value(self, path, value, *arguments):
        super().set_value(check_path(path), to_variant(value), *arguments)

    def replace_value(self, path, value, *arguments):
        super().replace_value(check_path(path), to_variant(value), *arguments)

    def merge(self, patch, *arguments):
        super().merge(to_variant(patch), *arguments)

    def save(self, config, *arguments):
        super().save(to_variant(config), *arguments)


for _type in typed_writes:
    _make_typed_writes(_type)
for _name in readers:
    setattr(Configuration, f"{_name}_finish", finishing_method(_name))
