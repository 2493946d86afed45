# SPDX-License-Identifier: LGPL-2.1-or-later
"""Watches: the changes of a part of a configuration, in a loop or with asyncio."""

import asyncio
import collections
import contextlib
import threading

from gi.repository import GLib

from .errors import refine_argument
from .library import Runconf
from .values import check_path

__all__ = ["Changes", "Watch"]


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
            self._watch = Runconf.Configuration.watch(configuration, check_path(path))
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


class AsyncChanges:
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
        return AsyncChanges(iter(self))

    def connect(self, signal, handler, *arguments):
        """Connects a handler to `changed` or `failed`."""
        if signal == "failed":
            return super().connect(signal, refine_argument(handler), *arguments)
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
