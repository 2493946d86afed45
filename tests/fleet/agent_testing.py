# SPDX-License-Identifier: LGPL-2.1-or-later
"""An etcd on loopback, and the agent that follows it.

    etcd.put("config/chat/all", "port: 9000")
    agent.start()
    agent.wait_for("chat", "config.d/50-fleet-10-all.yaml", "port: 9000")
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess

import etcd_testing
from runconf_testing import DEADLINE, eventually

# a message about etcd may have the word "error"
ALARM = re.compile(r"CRITICAL|-ERROR|Sanitizer|runtime error")

PREFIX = "/runconf/"
# those that docs/fleet-setup.md gives to the role of an agent
RIGHTS = {PREFIX + "status/": "READWRITE", PREFIX + "config/": "READ", PREFIX + "groups/": "READ",
          PREFIX + "locks/": "READ", PREFIX + "rollout/": "READ", PREFIX + "schema/": "READ"}
# the same for an agent that may take up rollouts
KEEPER_RIGHTS = {**RIGHTS, PREFIX + "config/": "READWRITE", PREFIX + "history/": "READWRITE",
                 PREFIX + "rollout/": "READWRITE"}
ALL = "config.d/50-fleet-10-all.yaml"
HOST = "config.d/50-fleet-30-host.yaml"


def group_file(group):
    return f"config.d/50-fleet-20-group-{group}.yaml"


def agent_path():
    return os.environ["RUNCONF_FLEETD"]


class Etcd(etcd_testing.Etcd):
    """A member whose keys are those below the prefix of the fleet."""

    def __init__(self, folder, **how):
        super().__init__(folder, PREFIX, **how)

    def reports(self):
        """The reports of the hosts, by their key."""
        return {key: json.loads(value)
                for key, value in self.list("status/").items() if not key.endswith("/seen")}

    def report(self, host, configuration):
        return self.reports().get(host, {}).get("configurations", {}).get(configuration, {})

    def wait_for_report(self, host, configuration, condition, what=""):
        """Waits for a report that meets a condition, and returns it."""
        return eventually(
            lambda: (report := self.report(host, configuration)) and condition(report) and report,
            what or f"a report of {host} about {configuration}",
        )


class Agent:
    """The agent on scratch files."""

    def __init__(self, etcd, folder, environment=None, **settings):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.root = settings.pop("root", folder / "root")
        self.layer = self.root / "var/lib/runconf-fleet"
        self.layer.parent.mkdir(parents=True, exist_ok=True)
        self.log_file = folder / "log"
        self.config = folder / "fleetd.yaml"
        self.settings = {"endpoints": [etcd.url], "host": "h1", "bus": "none", **settings}
        self.environment = {**os.environ, **(environment or {}), "G_DEBUG": "fatal-criticals"}
        self.options = []
        self.process = None

    def start(self):
        self.config.write_text(json.dumps(self.settings))
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [agent_path(), "--config", str(self.config), "--root", str(self.root),
                 *self.options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment,
            )
        return self

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(DEADLINE)
        self.process = None
        assert status == 0, f"exit status {status}; the log:\n{self.log()}"

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process = None

    def close(self):
        if self.process is not None:
            self.stop()
        alarms = [line for line in self.log().splitlines() if ALARM.search(line)]
        assert alarms == [], "\n".join(alarms)

    def read(self, configuration, file):
        """The text of a file without its first line; None if there is no file."""
        with contextlib.suppress(FileNotFoundError):
            return (self.layer / configuration / file).read_text().partition("\n")[2]
        return None

    def head(self, configuration, file):
        return (self.layer / configuration / file).read_text().partition("\n")[0]

    def wait_for(self, configuration, file, text):
        eventually(lambda: self.read(configuration, file) == text,
                   f"{configuration}/{file} is {text!r}; the log:\n{self.log()}")

    def files(self):
        """The paths of all files of the layer, except for the agent's own."""
        return sorted(str(path.relative_to(self.layer)) for path in self.layer.rglob("*")
                      if path.is_file() and not path.name.startswith("."))

    def descriptors(self):
        """The open files of the process."""
        return os.listdir(f"/proc/{self.process.pid}/fd")

    def tasks(self):
        """The threads of the process."""
        return os.listdir(f"/proc/{self.process.pid}/task")

    def memory(self):
        """The proportional memory of the process, in bytes."""
        text = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        line = next(line for line in text.splitlines() if line.startswith("Pss:"))
        return int(line.split()[1]) * 1024
