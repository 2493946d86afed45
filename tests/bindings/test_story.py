# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same story from each language. RUNCONF_STORY is the command that tells it.

What has to happen elsewhere, a story asks for in a line of its output.
"""

import os
import shlex
import subprocess
import sys
import threading

import yaml
from runconf_testing import DEADLINE

PORT = "/chat/websocket/port"


def set_port(service, config):
    config.set("/llm/temperature", 0.1)
    config.set(PORT, 9100)


def restart(service, config):
    service.stop()
    overrides = yaml.safe_load(service.runtime.read_text())
    overrides["chat"]["websocket"]["port"] = 9200
    service.runtime.write_text(yaml.safe_dump(overrides))
    service.start()


ACTIONS = {"set": set_port, "restart": restart}


def tell(command, service, config):
    """Runs a story to its end, and returns what it asked for."""
    asked = []
    story = subprocess.Popen(command, env=service.bus.environment, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    # a story that waits in vain says nothing more
    limit = threading.Timer(DEADLINE * 3, story.kill)
    limit.start()
    complaints = []
    reader = threading.Thread(target=lambda: complaints.append(story.stderr.read()))
    reader.start()
    for line in story.stdout:
        asked.append(line.strip())
        if asked[-1] in ACTIONS:
            ACTIONS[asked[-1]](service, config)
    status = story.wait()
    limit.cancel()
    reader.join()
    print(complaints[0], file=sys.stderr)
    assert status == 0, f"exit status {status} after {asked}"
    return asked, complaints[0]


def test_story(service, config):
    asked, complaints = tell(shlex.split(os.environ["RUNCONF_STORY"]), service, config)
    assert asked == ["set", "restart", "end"]
    # a port was asked of a host: the warning names path, found and wanted type, and comes once
    warnings = [line for line in complaints.splitlines() if "/chat/websocket/host" in line]
    assert len(warnings) == 1, complaints
