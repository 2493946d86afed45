# SPDX-License-Identifier: LGPL-2.1-or-later
"""An etcd on loopback, and the agent that follows it.

    etcd.put("config/chat/all", "port: 9000")
    agent.start()
    agent.wait_for("chat", "config.d/50-fleet-10-all.yaml", "port: 9000")
"""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess

from runconf_testing import DEADLINE, eventually

# a message about etcd may have the word "error"
ALARM = re.compile(r"CRITICAL|-ERROR|Sanitizer|runtime error")

PREFIX = "/runconf/"
ALL = "config.d/50-fleet-10-all.yaml"
HOST = "config.d/50-fleet-30-host.yaml"


def group_file(group):
    return f"config.d/50-fleet-20-group-{group}.yaml"


def agent_path():
    return os.environ["RUNCONF_FLEETD"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def encode(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def prefix_end(prefix):
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


class Etcd:
    """One member, with its data in a scratch folder."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.port = free_port()
        self.peer_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = folder / "log"
        self.process = None
        self.token = None
        self.user = None

    def start(self):
        peer = f"http://127.0.0.1:{self.peer_port}"
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                ["etcd", "--name", "one", "--data-dir", str(self.folder / "data"),
                 "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                 "--initial-cluster", f"one={peer}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        eventually(self.is_healthy, "etcd serves")
        return self

    def is_healthy(self):
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            if self.user is not None:
                self.authenticate()
            return self.call("/v3/kv/range", {"key": encode("x")}) is not None
        return False

    def guard(self, user, password):
        """From now on etcd wants a user, who may do everything."""
        self.call("/v3/auth/role/add", {"name": "root"})
        for name in ("root", user):
            self.call("/v3/auth/user/add", {"name": name, "password": password})
            self.call("/v3/auth/user/grant", {"user": name, "role": "root"})
        self.call("/v3/auth/enable", {})
        self.user = {"name": user, "password": password}
        self.authenticate()

    def authenticate(self):
        self.token = None
        self.token = self.call("/v3/auth/authenticate", self.user)["token"]

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process = None

    def close(self):
        if self.process is not None:
            self.kill()

    def log(self):
        return self.log_file.read_text(errors="replace")[-2000:]

    def call(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        with contextlib.closing(connection):
            connection.request("POST", path, json.dumps(body),
                               {"Authorization": self.token} if self.token else {})
            reply = connection.getresponse()
            text = reply.read()
            if reply.status != 200:
                raise OSError(f"{path}: {reply.status}: {text}")
            return json.loads(text)

    def put(self, key, value):
        """Returns the revision."""
        reply = self.call("/v3/kv/put", {"key": encode(PREFIX + key), "value": encode(value)})
        return int(reply["header"]["revision"])

    def put_all(self, values):
        """Puts several keys in one transaction."""
        puts = [{"requestPut": {"key": encode(PREFIX + key), "value": encode(value)}}
                for key, value in values.items()]
        return int(self.call("/v3/kv/txn", {"success": puts})["header"]["revision"])

    def delete(self, key):
        reply = self.call("/v3/kv/deleterange", {"key": encode(PREFIX + key)})
        return int(reply["header"]["revision"])

    def lease_of(self, key):
        """The lease of a key; None without one."""
        reply = self.call("/v3/kv/range", {"key": encode(PREFIX + key)})
        return next((item.get("lease") for item in reply.get("kvs", [])), None)

    def time_to_live(self, lease):
        return int(self.call("/v3/kv/lease/timetolive", {"ID": lease})["TTL"])

    def get(self, prefix):
        """The values of all keys with a prefix."""
        key = PREFIX + prefix
        reply = self.call("/v3/kv/range", {"key": encode(key), "range_end": encode(prefix_end(key))})
        return {base64.b64decode(item["key"]).decode().removeprefix(PREFIX):
                base64.b64decode(item.get("value", "")) for item in reply.get("kvs", [])}

    def compact(self, revision):
        self.call("/v3/kv/compaction", {"revision": revision, "physical": True})

    def reports(self):
        """The reports of the hosts, by their key."""
        return {key.removeprefix("status/"): json.loads(value)
                for key, value in self.get("status/").items() if not key.endswith("/seen")}

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

    def memory(self):
        """The proportional memory of the process, in bytes."""
        text = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        line = next(line for line in text.splitlines() if line.startswith("Pss:"))
        return int(line.split()[1]) * 1024
