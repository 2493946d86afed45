# SPDX-License-Identifier: LGPL-2.1-or-later
"""The forms of a call: blocking, for asyncio, and with a callback."""

import asyncio
import collections
import contextlib
import functools
import os
import threading

from gi.repository import Gio, GLib

from .library import Runconf
from .values import fix, FixedList

__all__ = ["Applied"]


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


async def in_thread(blocking, *arguments):
    """Lets a thread of its own do work that has no asynchronous form."""
    answer = _Answer()
    call = functools.partial(blocking, *arguments, cancellable=answer.cancellable)
    threading.Thread(target=answer.work, args=(call,), name="runconf-open", daemon=True).start()
    return await answer.wait()


async def call_awaiting(start, read, *arguments):
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


def _read_applied(reply):
    return Applied(FixedList(reply[0]), reply[1])


def _read_version(reply):
    return reply[1]


# the writes of one type, with the number of their arguments for a value
typed_writes = {"boolean": 1, "int64": 1, "uint64": 1, "double": 1, "string": 1, "strv": 1, "enum": 2, "flags": 2}
# The result of each call, as Python has it, from that of the library; others are the same. So the blocking form,
# the form for asyncio and the form with a callback return results of the same kind.
readers = {
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
    "describe": lambda description: fix(description.get_facts()),
    "explain": lambda layers: FixedList(fix(each.get_facts()) for each in layers),
    "history": FixedList,
    **{f"set_{kind}": _read_version for kind in typed_writes},
}


def _read_reply(name, reply):
    return readers.get(name, lambda unchanged: unchanged)(reply)


def blocking_method(prepare):
    """Makes a blocking method of a function that checks arguments. It returns the name of the call in C, the
    arguments of the call, and a cancellable."""

    @functools.wraps(prepare)
    def call(self, *arguments, **keywords):
        name, values, cancellable = prepare(self, *arguments, **keywords)
        blocking = getattr(Runconf.Configuration, f"{name}_sync")
        return _read_reply(name, blocking(self, *values, cancellable))

    call.prepare = prepare
    return call


def awaitable_method(blocking):
    """The form for asyncio of such a method."""

    @functools.wraps(blocking)
    async def call(self, *arguments, **keywords):
        name, values, _cancellable = blocking.prepare(self, *arguments, **keywords)
        start = getattr(Runconf.Configuration, name)
        finish = getattr(Runconf.Configuration, f"{name}_finish")
        return await call_awaiting(start, lambda result: _read_reply(name, finish(self, result)), self, *values)

    call.__name__ = blocking.__name__.replace("_sync", "_async")
    call.__qualname__ = blocking.__qualname__.replace("_sync", "_async")
    return call


def finishing_method(name):
    """The function that finishes the form of a call with a callback."""
    finish = getattr(Runconf.Configuration, f"{name}_finish")

    @functools.wraps(finish)
    def call(self, result):
        return _read_reply(name, finish(self, result))

    return call
