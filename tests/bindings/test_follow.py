# SPDX-License-Identifier: LGPL-2.1-or-later
"""The example that opens a configuration, watches a part of it, and closes. RUNCONF_FOLLOW starts it."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import threading

import pytest
from runconf_testing import DEADLINE


@contextlib.contextmanager
def follow(service, path):
    process = subprocess.Popen([*shlex.split(os.environ["RUNCONF_FOLLOW"]), path], text=True,
                               env=service.bus.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    limit = threading.Timer(DEADLINE, process.kill)
    limit.start()
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
        limit.cancel()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_changes_are_printed_until_a_signal(service, config, end):
    with follow(service, "/chat/websocket") as process:
        assert json.loads(process.stdout.readline()) == {"host": "localhost", "port": 8000}
        config.set("/chat/websocket/port", 9000)
        assert json.loads(process.stdout.readline()) == {"host": "localhost", "port": 9000}
        config.set("/llm/active", "groq")
        config.set("/chat/websocket/host", None)
        assert json.loads(process.stdout.readline()) == {"host": None, "port": 9000}
        process.send_signal(end)
        assert process.communicate() == ("closed\n", "")
        assert process.returncode == 0
