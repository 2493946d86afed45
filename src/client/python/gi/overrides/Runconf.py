# SPDX-License-Identifier: LGPL-2.1-or-later
"""The part of librunconf that is made for Python. PyGObject loads this file together with the library.

    from gi.repository import Runconf

    config = Runconf.Configuration("default", bus="session")
    config["chat"]["websocket"]["port"]            # always the present value, read from memory
    config["chat"]["websocket"]["port"] = 9000     # on the disk when this returns
    del config["chat"]["websocket"]["port"]        # back to the default

    for change in config.watch("/chat"):           # needs no main loop
        print(change.paths, change.values)

Values are plain: dict, list, str, int, float, bool, bytes and None. A refused call raises a ConfigError,
which is a GLib.Error; only the brackets raise KeyError, if there is no value.
"""

import asyncio
import collections
import collections.abc
import contextlib
import copy
import functools
import os
import threading

from gi.repository import Gio, GLib

from ..module import get_introspection_module
from ..overrides import override

Runconf = get_introspection_module("Runconf")

__all__ = []


def _export(thing):
    __all__.append(thing.__name__)
    return thing


# ------------------------------------------------------------------------------------------ errors


@_export
class ConfigError(GLib.Error):
    """A call that was refused or failed. `code` is a Runconf.Error, and `message` names the error and its place.

    Each code has a class. A cancelled call raises a GLib.Error of Gio instead.
    """

    classes = {}

    def __init_subclass__(cls, code=None, **keywords):
        super().__init_subclass__(**keywords)
        if code is not None:
            ConfigError.classes[code] = _export(cls)

    def __str__(self):
        return self.message


class InvalidPath(ConfigError, code=Runconf.Error.INVALID_PATH):
    """Not a JSON Pointer, or a path that can't be written."""


class NotFound(ConfigError, code=Runconf.Error.NOT_FOUND):
    """There is no value at the path, or no configuration or version with this name."""


class InvalidValue(ConfigError, code=Runconf.Error.INVALID_VALUE):
    """A value, a text or an option that can't be accepted."""


class VersionMismatch(ConfigError, code=Runconf.Error.VERSION_MISMATCH):
    """The configuration isn't at the version that `if_version` requires."""


class TooLarge(ConfigError, code=Runconf.Error.TOO_LARGE):
    """Larger, deeper or longer than Runconf accepts."""


class StorageFailed(ConfigError, code=Runconf.Error.STORAGE_FAILED):
    """The overrides can't be read or written."""


class Unavailable(ConfigError, code=Runconf.Error.UNAVAILABLE):
    """The configuration isn't served now. A write may have been made: the message says so."""


class SchemaViolation(ConfigError, code=Runconf.Error.SCHEMA_VIOLATION):
    """The schema doesn't allow the value."""


class Locked(ConfigError, code=Runconf.Error.LOCKED):
    """The path is locked."""


class AccessDenied(ConfigError, code=Runconf.Error.ACCESS_DENIED):
    """The caller doesn't have the right to make this call."""


class AuthorizationRequired(ConfigError, code=Runconf.Error.AUTHORIZATION_REQUIRED):
    """The caller gets the right with a password, and the call didn't allow the service to ask for one."""


class LimitsExceeded(ConfigError, code=Runconf.Error.LIMITS_EXCEEDED):
    """Too many calls of the user are under way."""


class Failed(ConfigError, code=Runconf.Error.FAILED):
    """Another error, which the bus or the service reports."""


def _refine(error):
    """Gives an error of Runconf its class and its code. Other errors, like a cancelled call, stay as they are."""
    if error.matches(Runconf.error_quark(), error.code):
        error.code = Runconf.Error(error.code)
        error.__class__ = ConfigError.classes.get(error.code, ConfigError)


def _refining(function):
    """Makes a function refine the errors that it raises."""

    @functools.wraps(function)
    def call(*arguments, **keywords):
        try:
            return function(*arguments, **keywords)
        except GLib.Error as error:
            _refine(error)
            raise

    return call


def _refine_argument(handler):
    """Makes a handler of the signal `failed` get a refined error."""

    @functools.wraps(handler)
    def call(watch, error, *arguments):
        _refine(error)
        return handler(watch, error, *arguments)

    return call


def _refine_functions(owner, functions):
    """Those that have errors. Reads have none, and aren't slowed down."""
    for function in functions:
        if function.can_throw_gerror():
            refining = _refining(getattr(owner, function.get_name()))
            setattr(owner, function.get_name(), refining if function.is_method() else staticmethod(refining))


for _class in (Runconf.Configuration, Runconf.Key):
    _refine_functions(_class, _class.__info__.get_methods())
for _name in ("list_configurations_finish", "list_configurations_sync", "path_split"):
    setattr(Runconf, _name, _refining(getattr(Runconf, _name)))

# ------------------------------------------------------------------------------------------ values


@_export
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
        return GLib.Variant("s", _check_text(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        data = GLib.Bytes.new(bytes(value))
        return GLib.Variant.new_from_bytes(GLib.VariantType("ay"), data, True)
    if isinstance(value, (Section, _Root)):
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


def _check_text(text):
    # what follows a NUL would be lost on the way to C without a word
    if "\0" in text:
        raise ValueError(f"a string can't hold a NUL: {text!r}")
    return text


def _check_key(key):
    if not isinstance(key, str):
        raise TypeError(f"a key is a str, not {type(key).__name__}: {key!r}")
    return _check_text(key)


@_export
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


@_export
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


@_export
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


def _fix(variant):
    """The Python value of a GVariant, which can't be changed."""
    return _read(variant, FixedDict, FixedList)


# ------------------------------------------------------------------------------------------- paths


@_export
def escape(key):
    """A key as it is written in a path: `~` is `~0` and `/` is `~1`."""
    return _check_key(key).replace("~", "~0").replace("/", "~1")


@_export
def join_path(*keys):
    """The path of keys and indices: join_path("modules", "a/b") is "/modules/a~1b"."""
    return Runconf.path_join([str(key) if isinstance(key, int) else _check_key(key) for key in keys])


@_export
def split_path(path):
    """The keys of a path: split_path("/modules/a~1b") is ["modules", "a/b"]."""
    return Runconf.path_split(_check_path(path))


def _check_path(path):
    if not isinstance(path, str):
        raise TypeError(f"a path is a str, not {type(path).__name__}: {path!r}")
    if path and not path.startswith("/"):
        raise ValueError(f"a path is empty or begins with a slash, like /chat/port: {path!r}")
    return _check_text(path)


# ----------------------------------------------------------------------------------------- reading


@_export
class Section(collections.abc.MutableMapping, dict):
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
        return _fix(value)

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
        if isinstance(self._reader, Configuration):
            return Section(self._reader.get_snapshot(), self.path)
        return self

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
        if not isinstance(self._reader, Configuration):
            raise TypeError("a snapshot can't be changed: write to the configuration")
        return self._reader


def _unite(first, second):
    """A dict with the entries of both; an entry of the second replaces one of the first."""
    if not all(isinstance(each, (collections.abc.Mapping, _Root)) for each in (first, second)):
        return NotImplemented
    parts = (each.to_dict() if isinstance(each, (Section, _Root)) else each for each in (first, second))
    return {**next(parts), **next(parts)}


class _Root:
    """The common part of a configuration and a snapshot: both are read like a dict."""

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
        value = self.get_value(_check_path(path))
        return default if value is None else _fix(value)

    def section(self, path=""):
        """The mapping at a path, as the brackets return it. It is empty while there is none."""
        return Section(self, _check_path(path))

    def to_dict(self):
        """The whole configuration, as a plain copy of one version."""
        return Section(self).to_dict()


class Snapshot(_Root, Runconf.Snapshot):
    """A configuration at one version."""

    @property
    def version(self):
        return self.get_version()


Snapshot = override(Snapshot)
__all__.append("Snapshot")


# ---------------------------------------------------------------------------------------- watching


class Change(Runconf.Change):
    """A change: its `paths`, with the new `values` and the `old_values` at them."""

    version = property(Runconf.Change.get_version)
    time = property(Runconf.Change.get_time, doc="In microseconds since the epoch; 0 is unknown.")
    origin = property(Runconf.Change.get_origin)
    layer = property(Runconf.Change.get_layer)
    caller = property(Runconf.Change.get_caller)
    message = property(Runconf.Change.get_message)
    paths = property(Runconf.Change.get_paths)
    n_omitted = property(Runconf.Change.get_n_omitted)

    @property
    def uid(self):
        """The user who requested the change, or None."""
        uid = self.get_uid()
        return None if uid < 0 else uid

    @property
    def values(self):
        """The new value of each path; a removed path is not in it."""
        return _collect_values(self.paths, self.get_new_value)

    @property
    def old_values(self):
        """The old value of each path; an added path is not in it."""
        return _collect_values(self.paths, self.get_old_value)

    def _as_tuple(self):
        return (self.version, self.time, self.origin, self.layer, self.uid, self.caller, self.message, *self.paths)

    def __eq__(self, other):
        return isinstance(other, Change) and (self._as_tuple(), self.values, self.old_values) == (
            other._as_tuple(), other.values, other.old_values)

    def __hash__(self):
        return hash(self._as_tuple())

    def __repr__(self):
        return f"<Runconf.Change {self.version}: {self.paths}>"


Change = override(Change)
__all__.append("Change")


def _collect_values(paths, look_up):
    found = {path: look_up(path) for path in paths}
    return FixedDict((path, _fix(value)) for path, value in found.items() if value is not None)


@_export
class Changes:
    """The changes of a part of a configuration, one after the other: a blocking iterator.

    It begins when it is made and runs a main context of its own while it waits, so the program
    needs no main loop, and any thread may iterate. close() ends it, from whatever thread.
    """

    def __init__(self, configuration, path=""):
        self._context = GLib.MainContext()
        self._pending = collections.deque()
        self._closed = False
        self._context.push_thread_default()
        try:
            self._watch = Runconf.Configuration.watch(configuration, _check_path(path))
        finally:
            self._context.pop_thread_default()
        # a closure that knew `self` would keep it alive for ever
        pending = self._pending
        self._watch.connect("changed", lambda _watch, change: pending.append(change))

    def __iter__(self):
        return self

    def __next__(self):
        while True:
            if self._closed:
                raise StopIteration
            with contextlib.suppress(IndexError):
                return self._pending.popleft()
            self._context.iteration(True)

    def close(self):
        self._closed = True
        self._watch = None
        self._context.wakeup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class _AsyncChanges:
    """The same for asyncio: a thread waits, and hands over to the event loop."""

    def __init__(self, changes):
        self._changes = changes
        self._queue = None

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self._queue is None:
            self._start()
        change = await self._queue.get()
        if change is None:
            # whoever else waits has to hear of the end too
            self._queue.put_nowait(None)
            raise StopAsyncIteration
        return change

    def _start(self):
        self._queue = asyncio.Queue()
        # the thread doesn't know `self`: it ends when nobody iterates any more
        arguments = (self._changes, asyncio.get_running_loop(), self._queue)
        threading.Thread(target=_hand_over, args=arguments, name="runconf-watch",
                         daemon=True).start()

    def close(self):
        self._changes.close()

    async def aclose(self):
        self.close()

    def __del__(self):
        self.close()


def _hand_over(changes, loop, queue):
    # the loop may be closed by then
    with contextlib.suppress(RuntimeError):
        for change in changes:
            loop.call_soon_threadsafe(queue.put_nowait, change)
        loop.call_soon_threadsafe(queue.put_nowait, None)


class Watch(Runconf.Watch):
    """Reports changes in three ways: the signal `changed`, `for`, and `async for`."""

    _configuration = None
    _changes = None

    def __iter__(self):
        if self._changes is None:
            self._changes = Changes(self._configuration, self.get_path())
        return self._changes

    def __aiter__(self):
        return _AsyncChanges(iter(self))

    def connect(self, signal, handler, *arguments):
        """Connects a handler to `changed` or `failed`."""
        if signal == "failed":
            return super().connect(signal, _refine_argument(handler), *arguments)
        # a program that handles the changes in a signal doesn't iterate
        self._changes = None
        return super().connect(signal, handler, *arguments)

    def close(self):
        """Ends the iteration; may be called in any thread."""
        iter(self).close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


Watch = override(Watch)
__all__.append("Watch")


# ----------------------------------------------------------------------------------------- writing


class Transaction(Runconf.Transaction):
    """Several operations that become one change; takes plain values."""

    def set_value(self, path, value):
        super().set_value(_check_path(path), to_variant(value))

    def replace_value(self, path, value):
        super().replace_value(_check_path(path), to_variant(value))

    def merge(self, path, patch):
        super().merge(_check_path(path), to_variant(patch))

    def save(self, config):
        super().save(to_variant(config))

    def merge_text(self, text):
        super().merge_text(_check_text(text))

    def replace_text(self, text):
        super().replace_text(_check_text(text))


Transaction = override(Transaction)
__all__.append("Transaction")


def _make_transaction(message=None, if_version=None, dry_run=False, confirm_timeout=None, boot=False):
    """A transaction with its options, and without operations."""
    transaction = Transaction()
    if message is not None:
        transaction.set_message(_check_text(message))
    if if_version is not None:
        transaction.set_if_version(if_version)
    transaction.set_dry_run(dry_run)
    transaction.set_boot(boot)
    if confirm_timeout is not None:
        transaction.set_confirm_timeout(confirm_timeout)
    return transaction


class _TransactionBlock:
    """The object of `with config.transaction () as t`: it is applied at the end of the block.

    If the block raises, nothing is applied. Afterwards `version` and `changed` hold the outcome.
    """

    def __init__(self, configuration, transaction):
        self._configuration = configuration
        self._transaction = transaction
        self.version = None
        self.changed = None

    def set(self, path, value):
        self._transaction.set_value(path, value)

    def merge(self, patch, path=""):
        """Overrides each leaf of the patch; None drops the override at its place."""
        self._transaction.merge(path, patch)

    def replace(self, path, value):
        """Overrides the value as a whole: a mapping isn't merged with the default."""
        self._transaction.replace_value(path, value)

    def reset(self, path):
        self._transaction.reset(_check_path(path))

    def unset(self, path):
        """Takes the value away, the default too."""
        self._transaction.unset(_check_path(path))

    def save(self, config):
        self._transaction.save(config)

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        if error is None:
            self.changed, self.version = self._configuration.apply_sync(self._transaction)

    async def __aenter__(self):
        return self

    async def __aexit__(self, error, *_):
        if error is None:
            applied = await self._configuration.apply_async(self._transaction)
            self.changed, self.version = applied


# ------------------------------------------------------------------------------------- for asyncio


class _CallThread:
    """One thread for all calls for asyncio: it runs a main context, in which GLib completes the calls.

    So any number of calls can wait, and none takes a thread of asyncio's executor, which the program
    shares with look-ups of host names.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._context = None

    def forget(self):
        """A child of fork() doesn't have the thread."""
        self.__init__()

    def invoke(self, function):
        source = GLib.idle_source_new()
        source.set_priority(GLib.PRIORITY_DEFAULT)
        source.set_callback(lambda *_: function() or GLib.SOURCE_REMOVE)
        source.attach(self._start())

    def _start(self):
        with self._lock:
            if self._context is None:
                self._context = GLib.MainContext()
                threading.Thread(target=_iterate, args=(self._context,), name="runconf-calls",
                                 daemon=True).start()
            return self._context


def _iterate(context):
    context.push_thread_default()
    while True:
        context.iteration(True)


_call_thread = _CallThread()
os.register_at_fork(after_in_child=_call_thread.forget)


class _Answer:
    """The result of work in another thread, for the event loop that waits for it."""

    def __init__(self):
        self._loop = asyncio.get_running_loop()
        self._future = self._loop.create_future()
        self.cancellable = Gio.Cancellable()

    def work(self, function, *arguments):
        """Takes the result of a function, or its error."""
        try:
            self._give(self._future.set_result, function(*arguments))
        except Exception as error:  # the awaiting task gets each error
            self._give(self._future.set_exception, error)

    def _give(self, take, result):
        # the loop may be closed by then
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(lambda: self._future.done() or take(result))

    async def wait(self):
        """A task that is cancelled cancels the work."""
        try:
            return await self._future
        except asyncio.CancelledError:
            self.cancellable.cancel()
            raise


async def _in_thread(blocking, *arguments):
    """Lets a thread of its own do work that has no asynchronous form."""
    answer = _Answer()
    call = functools.partial(blocking, *arguments, cancellable=answer.cancellable)
    threading.Thread(target=answer.work, args=(call,), name="runconf-open", daemon=True).start()
    return await answer.wait()


async def _call(start, read, *arguments):
    """Makes an asynchronous call of GLib; `read` gets its GAsyncResult."""
    answer = _Answer()

    def begin():
        try:
            start(*arguments, answer.cancellable,
                  lambda _source, result, *_: answer.work(read, result))
        except Exception as error:
            answer.work(_raise, error)

    _call_thread.invoke(begin)
    return await answer.wait()


def _raise(error):
    raise error


# The changed paths, and the version at which they are so.
Applied = collections.namedtuple("Applied", "changed version")
__all__.append("Applied")


def _read_applied(reply):
    return Applied(FixedList(reply[0]), reply[1])


def _read_version(reply):
    return reply[1]


# the writes of one type, with the number of their arguments for a value
_typed_writes = {"boolean": 1, "int64": 1, "uint64": 1, "double": 1, "string": 1, "strv": 1, "enum": 2, "flags": 2}

# The result of each call, as Python has it, from that of the library; others are the same. So the blocking form,
# the form for asyncio and the form with a callback return results of the same kind.
_readers = {
    "merge": _read_applied,
    "merge_text": _read_applied,
    "save": _read_applied,
    "apply": _read_applied,
    "replace_text": _read_applied,
    "revert": _read_applied,
    "reload": lambda reply: reply[1],
    "set_value": _read_version,
    "replace_value": _read_version,
    "reset": _read_version,
    "unset": _read_version,
    "describe": lambda description: _fix(description.get_facts()),
    "explain": lambda layers: FixedList(_fix(each.get_facts()) for each in layers),
    "history": FixedList,
    **{f"set_{kind}": _read_version for kind in _typed_writes},
}


def _read_reply(name, reply):
    return _readers.get(name, lambda unchanged: unchanged)(reply)


def _blocking(prepare):
    """Makes a blocking method of a function that checks arguments. It returns the name of the call in C, the
    arguments of the call, and a cancellable."""

    @functools.wraps(prepare)
    def call(self, *arguments, **keywords):
        name, values, cancellable = prepare(self, *arguments, **keywords)
        blocking = getattr(Runconf.Configuration, f"{name}_sync")
        return _read_reply(name, blocking(self, *values, cancellable))

    call.prepare = prepare
    return call


def _awaitable(blocking):
    """The form for asyncio of such a method."""

    @functools.wraps(blocking)
    async def call(self, *arguments, **keywords):
        name, values, _cancellable = blocking.prepare(self, *arguments, **keywords)
        start = getattr(Runconf.Configuration, name)
        finish = getattr(Runconf.Configuration, f"{name}_finish")
        return await _call(start, lambda result: _read_reply(name, finish(self, result)), self, *values)

    call.__name__ = blocking.__name__.replace("_sync", "_async")
    call.__qualname__ = blocking.__qualname__.replace("_sync", "_async")
    return call


def _finishing(name):
    """The function that finishes the form of a call with a callback."""
    finish = getattr(Runconf.Configuration, f"{name}_finish")

    @functools.wraps(finish)
    def call(self, result):
        return _read_reply(name, finish(self, result))

    return call


def _make_typed_writes(kind):
    """set_int64_sync () and similar methods, with the version as their result, and their forms for asyncio."""

    def write(self, path, *arguments, cancellable=None):
        values, rest = arguments[:_typed_writes[kind]], arguments[_typed_writes[kind]:]
        return f"set_{kind}", (_check_path(path), *values), *(rest or (cancellable,))

    write.__name__ = f"set_{kind}_sync"
    write.__qualname__ = f"Configuration.{write.__name__}"
    write.__doc__ = "Overrides one path; returns the version that contains the change."
    setattr(Configuration, write.__name__, _blocking(write))
    setattr(Configuration, f"set_{kind}_async", _awaitable(getattr(Configuration, write.__name__)))


def _find_nick(kind, value):
    """A value of an enumeration, which may be given by its nick."""
    if isinstance(value, kind):
        return value
    values = {each.value_nick: each for each in kind.__enum_values__.values()}
    values.pop("unknown", None)
    if value not in values:
        raise ValueError(f"{value!r} isn't a {kind.__name__}: use {', '.join(values)}")
    return values[value]


class Configuration(_Root, Runconf.Configuration):
    """A configuration, by its name and the bus: "system", "session", an address, a connection.

    Reads like a dict, from any thread, and never waits. Methods that end in `_sync`, the brackets
    and `with config.transaction ()` return when a change is on the disk; those that end in `_async`
    are for asyncio, and need no main loop of GLib's.
    """

    def __init__(self, name="default", bus="system", cancellable=None, defaults=None, **properties):
        if defaults is not None:
            properties["defaults"] = to_variant(defaults)
        super().__init__(name=name, **_find_bus(bus, cancellable), **properties)
        self.init(cancellable)

    init = _refining(Gio.Initable.init)

    @classmethod
    async def new_async(cls, name="default", bus="system", defaults=None, **properties):
        """The same for asyncio."""
        return await _in_thread(functools.partial(cls, name, bus, defaults=defaults, **properties))

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
        return _fix(self.dup_metadata())

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
        watch = super().watch(_check_path(path))
        watch._configuration = self
        # from now on, however late the iteration begins
        watch._changes = Changes(self, path)
        return watch

    def watch_async(self, path=""):
        """The same for asyncio: `async for change in config.watch_async ("/chat")`."""
        return _AsyncChanges(Changes(self, path))

    # properties of objects

    def bind_with_mapping(self, path, object, property, flags, get_mapping=None, set_mapping=None):
        """Like bind(), with functions that convert plain values: `get_mapping` for the property, `set_mapping` for
        the path. If a function raises, its error is printed, and the property or the path keeps its value."""
        get = get_mapping and (lambda variant: get_mapping(from_variant(variant)))
        set = set_mapping and (lambda value: to_variant(set_mapping(value)))
        super().bind_with_mapping(_check_path(path), object, property, flags, get, set)

    # writing, and returning when it is on the disk

    def transaction(self, message=None, if_version=None, dry_run=False, confirm_timeout=None,
                    boot=False):
        """Several operations as one change, applied at the end of `with` or `async with`.

        `message` is the reason for the change, kept in the history. With `if_version` the change
        is refused unless the configuration is still at that version. A `dry_run` only returns the
        changes. With `confirm_timeout`, in seconds, the change is undone unless confirm_sync() is
        called in time. With `boot` the change ends with the next boot.
        """
        return _TransactionBlock(
            self, _make_transaction(message, if_version, dry_run, confirm_timeout, boot))

    @_blocking
    def set_sync(self, path, value, cancellable=None):
        """Overrides one path; returns the version that contains the change, as the next three methods do."""
        return "set_value", (_check_path(path), to_variant(value)), cancellable

    set_value_sync = set_sync

    @_blocking
    def reset_sync(self, path, cancellable=None):
        """Drops the overrides at and below a path."""
        return "reset", (_check_path(path),), cancellable

    @_blocking
    def unset_sync(self, path, cancellable=None):
        """Takes the value at a path away, the default too."""
        return "unset", (_check_path(path),), cancellable

    @_blocking
    def replace_sync(self, path, value, cancellable=None):
        """Overrides one path as a whole: a mapping isn't merged with the default."""
        return "replace_value", (_check_path(path), to_variant(value)), cancellable

    replace_value_sync = replace_sync

    @_blocking
    def merge_sync(self, patch, cancellable=None):
        """Overrides each leaf of the patch; None drops the override at its place."""
        return "merge", (to_variant(patch),), cancellable

    @_blocking
    def merge_text_sync(self, text, cancellable=None, **options):
        """The same with YAML or JSON; options as for transaction()."""
        transaction = _make_transaction(**options)
        transaction.merge_text(text)
        return "apply", (transaction,), cancellable

    @_blocking
    def save_sync(self, config, cancellable=None):
        """Replaces the whole configuration."""
        return "save", (to_variant(config),), cancellable

    @_blocking
    def apply_sync(self, transaction, cancellable=None):
        """Applies a Runconf.Transaction."""
        return "apply", (transaction,), cancellable

    @_blocking
    def replace_text_sync(self, text, cancellable=None, **options):
        """Replaces the whole document of the overrides; options as for transaction()."""
        transaction = _make_transaction(**options)
        transaction.replace_text(text)
        return "apply", (transaction,), cancellable

    @_blocking
    def revert_sync(self, to, cancellable=None, **options):
        """Restores the overrides of a version; options as for transaction()."""
        transaction = _make_transaction(**options)
        transaction.revert(to)
        return "apply", (transaction,), cancellable

    @_blocking
    def confirm_sync(self, version, cancellable=None):
        """Keeps a change that would be undone automatically."""
        return "confirm", (version,), cancellable

    @_blocking
    def flush_sync(self, cancellable=None):
        """Waits for the writes of bound properties, and for those with a callback."""
        return "flush", (), cancellable

    async def flush_async(self):
        """The same for asyncio."""
        # values that wait for the reply to an earlier one are sent in the thread of their bindings
        super().flush(None, None)
        return await self._flush_in_thread()

    @_blocking
    def reload_sync(self, cancellable=None):
        """Reads the files again, now; returns whether a value changed."""
        return "reload", (), cancellable

    @_blocking
    def describe_sync(self, path, cancellable=None):
        """The details of a value: source, type, default, file, line, column, writable."""
        return "describe", (_check_path(path),), cancellable

    @_blocking
    def is_writable_sync(self, path, cancellable=None):
        """Whether this program may write a path now."""
        return "is_writable", (_check_path(path),), cancellable

    @_blocking
    def explain_sync(self, path="", all=False, cancellable=None):
        """The values of all layers at a path, the strongest first, a dict each: layer, path, type, value, file,
        line, column, ignored. With `all`, each value at and below the path that isn't that of the weakest file."""
        flags = Runconf.ExplainFlags.ALL if all else Runconf.ExplainFlags.DEFAULT
        return "explain", (_check_path(path), flags), cancellable

    @_blocking
    def fetch_value_sync(self, path="", cancellable=None):
        """The value at a path, read from the service, as a GVariant; raises the reason if there is no value."""
        return "fetch_value", (_check_path(path),), cancellable

    def fetch_sync(self, path="", cancellable=None):
        """The same as a Python value."""
        return _fix(self.fetch_value_sync(path, cancellable))

    async def fetch_async(self, path=""):
        """The same for asyncio."""
        return _fix(await self.fetch_value_async(path))

    @_blocking
    def dump_sync(self, path="", layer="effective", format="yaml", cancellable=None, version=None, secrets=False,
                  stacked=False):
        """A layer, or a part of it, as text: effective, defaults, overrides, or the name of a layer; yaml or json.

        `version` is an older one; `secrets` are for callers with the right to read them; `stacked` is a layer
        together with all weaker ones. The layer may be a Runconf.Layer, and the format a Runconf.Format.
        """
        flags = Runconf.DumpFlags((secrets and Runconf.DumpFlags.SECRETS) | (stacked and Runconf.DumpFlags.STACKED))
        return "dump", (
            _check_path(path), _find_nick(Runconf.Layer, layer), _find_nick(Runconf.Format, format), flags,
            2**64 - 1 if version is None else version), cancellable

    @_blocking
    def history_sync(self, path="", since_version=0, limit=0, cancellable=None):
        """The changes at, below and above a path, newest first, a Change each; the values are overrides.

        `since_version` selects later changes; a `limit` of 0 is as many as the service returns.
        """
        return "history", (_check_path(path), since_version, limit), cancellable

    @_blocking
    def diff_sync(self, from_version, to_version, cancellable=None):
        """The difference of two versions, as one Change."""
        return "diff", (from_version, to_version), cancellable

    # the same for asyncio

    set_async = set_value_async = _awaitable(set_sync)
    reset_async = _awaitable(reset_sync)
    unset_async = _awaitable(unset_sync)
    replace_async = replace_value_async = _awaitable(replace_sync)
    merge_async = _awaitable(merge_sync)
    merge_text_async = _awaitable(merge_text_sync)
    save_async = _awaitable(save_sync)
    apply_async = _awaitable(apply_sync)
    replace_text_async = _awaitable(replace_text_sync)
    revert_async = _awaitable(revert_sync)
    confirm_async = _awaitable(confirm_sync)
    reload_async = _awaitable(reload_sync)
    describe_async = _awaitable(describe_sync)
    is_writable_async = _awaitable(is_writable_sync)
    explain_async = _awaitable(explain_sync)
    fetch_value_async = _awaitable(fetch_value_sync)
    dump_async = _awaitable(dump_sync)
    history_async = _awaitable(history_sync)
    diff_async = _awaitable(diff_sync)
    _flush_in_thread = _awaitable(flush_sync)

    # the same with a callback, for GLib's main loop

    def set_value(self, path, value, *arguments):
        super().set_value(_check_path(path), to_variant(value), *arguments)

    def replace_value(self, path, value, *arguments):
        super().replace_value(_check_path(path), to_variant(value), *arguments)

    def merge(self, patch, *arguments):
        super().merge(to_variant(patch), *arguments)

    def save(self, config, *arguments):
        super().save(to_variant(config), *arguments)


for _type in _typed_writes:
    _make_typed_writes(_type)
for _name in _readers:
    setattr(Configuration, f"{_name}_finish", _finishing(_name))
Configuration = override(Configuration)
__all__.append("Configuration")


# ------------------------------------------------------------------------------- which there are


@_export
def list_configurations_sync(bus="system", cancellable=None):
    """The properties of each configuration that the service has, by its name."""
    connection = _find_connection(bus, cancellable)
    return _read_configurations(Runconf.list_configurations_sync(connection, cancellable))


@_export
def list_configurations_finish(result):
    """The result of list_configurations (), with a callback."""
    return _read_configurations(Runconf.list_configurations_finish(result))


@_export
async def list_configurations_async(bus="system"):
    """The same for asyncio."""
    connection = bus
    if not isinstance(bus, Gio.DBusConnection):
        connection = await _in_thread(_find_connection, bus)
    return await _call(Runconf.list_configurations, list_configurations_finish, connection)


def _read_configurations(found):
    return FixedDict((info.get_name(), _fix(info.get_properties())) for info in found)


def _find_connection(bus, cancellable=None):
    found = _find_bus(bus, cancellable)
    if "bus_type" in found:
        return Gio.bus_get_sync(found["bus_type"], cancellable)
    return found["connection"]


def _find_bus(bus, cancellable=None):
    if bus in ("system", "session"):
        return {"bus_type": Gio.BusType.SYSTEM if bus == "system" else Gio.BusType.SESSION}
    if isinstance(bus, Gio.BusType):
        return {"bus_type": bus}
    if isinstance(bus, Gio.DBusConnection):
        return {"connection": bus}
    flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
             | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
    return {"connection": Gio.DBusConnection.new_for_address_sync(bus, flags, None, cancellable)}
