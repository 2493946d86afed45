# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bindings of properties from each language. RUNCONF_BIND is the command of a program that binds some."""

import os
import shlex
import subprocess

from runconf_testing import DEADLINE

PORT = "/chat/websocket/port"


def test_a_property_is_on_disk_after_a_flush(service, config):
    subprocess.run(shlex.split(os.environ["RUNCONF_BIND"]), env=service.bus.environment,
                   timeout=DEADLINE, check=True)
    assert config.get(PORT) == 9002
