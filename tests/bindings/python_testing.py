# SPDX-License-Identifier: LGPL-2.1-or-later
"""The parts that the tests of the overrides for Python share."""

import asyncio
import contextlib
import threading

import gi
import pytest
from runconf_testing import DEADLINE

gi.require_version("Runconf", "1")
from gi.repository import Runconf  # noqa: E402

PORT = "/chat/websocket/port"


def refusal(code):
    """A context in which a call is refused with this code."""

    @contextlib.contextmanager
    def check():
        with pytest.raises(Runconf.ConfigError) as caught:
            yield
        assert caught.value.code == code, caught.value
        assert "GDBus.Error" not in caught.value.message

    return check()


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, DEADLINE))


def after(seconds, call, *arguments):
    timer = threading.Timer(seconds, call, arguments)
    timer.daemon = True
    timer.start()
