# SPDX-License-Identifier: LGPL-2.1-or-later
"""Promises in JavaScript. RUNCONF_PROMISES is the command of a program that waits for some."""

import os
import re
import shlex
import subprocess

from runconf_testing import DEADLINE, ROOT


def test_each_call_has_a_promise(service, config):
    subprocess.run(shlex.split(os.environ["RUNCONF_PROMISES"]), env=service.bus.environment,
                   timeout=DEADLINE, check=True)
    assert config.get("/chat/websocket/port") == 4


def test_each_call_of_the_library_is_in_the_table():
    """A call that is added later returns a promise, too."""
    from python_testing import Runconf

    methods = {method.get_name() for method in Runconf.Configuration.__info__.get_methods()
               if method.is_method()}
    calls = {name.removesuffix("_finish") for name in methods if name.endswith("_finish")}
    override = (ROOT / "src/client/gjs/overrides/Runconf.js").read_text()
    table = re.search(r"^const calls = \{$(.*?)^\};$", override, re.MULTILINE | re.DOTALL).group(1)
    assert set(re.findall(r"(\w+):", table)) == calls
