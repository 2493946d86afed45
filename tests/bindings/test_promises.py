# SPDX-License-Identifier: LGPL-2.1-or-later
"""Promises in JavaScript. RUNCONF_PROMISES is the command of a program that waits for some."""

import os
import shlex
import subprocess

from runconf_testing import DEADLINE


def test_each_call_has_a_promise(service, config):
    subprocess.run(shlex.split(os.environ["RUNCONF_PROMISES"]), env=service.bus.environment,
                   timeout=DEADLINE, check=True)
    assert config.get("/chat/websocket/port") == 4
