# SPDX-License-Identifier: LGPL-2.1-or-later
"""A fleet on one machine: members of etcd on loopback, and hosts with a bus, a runconfd and an agent each.

    with Fleet(build) as fleet:
        fleet.start_members(3)
        host = fleet.add_host("web1", {"chat": "port: 8000\\n"})
        fleet.run("-c", "chat", "set", "--all", "/port", "9000")

All files are in a scratch folder, which goes with the fleet.
"""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))

from bus_config import write_bus_config  # noqa: E402

NAME = "org.runconf.Config1"
PATIENCE = 60


def wait_until(condition, what, pause=0.01):
    """Returns the first true answer of a condition."""
    end = time.monotonic() + PATIENCE
    while not (answer := condition()):
        if time.monotonic() > end:
            raise RuntimeError(f"waited in vain for {what}")
        time.sleep(pause)
    return answer


def stop(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def encode(text):
    return base64.b64encode(text.encode()).decode()


class Member:
    """One member of etcd."""

    def __init__(self, fleet, number):
        self.fleet = fleet
        self.name = f"member{number}"
        self.port, self.peer_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.peer_url = f"http://127.0.0.1:{self.peer_port}"
        self.process = None

    def start(self):
        cluster = ",".join(f"{member.name}={member.peer_url}" for member in self.fleet.members)
        self.process = self.fleet.start(
            ["etcd", "--name", self.name, "--data-dir", self.fleet.scratch / self.name,
             "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
             "--listen-peer-urls", self.peer_url, "--initial-advertise-peer-urls", self.peer_url,
             "--initial-cluster", cluster], self.name)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def call(self, path, **body):
        """The answer of the gateway."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("POST", f"/v3/{path}", json.dumps(body))
            answer = connection.getresponse()
            text = answer.read()
        if answer.status != 200:
            raise OSError(f"{path}: {answer.status}: {text}")
        return json.loads(text)

    def put(self, key, value):
        """Returns the revision."""
        return int(self.call("kv/put", key=encode(key), value=encode(value))["header"]["revision"])

    def list(self, prefix):
        """The values of the keys with that prefix, by the rest of the key."""
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        answer = self.call("kv/range", key=encode(prefix), range_end=encode(end))
        return {base64.b64decode(item["key"]).decode().removeprefix(prefix):
                base64.b64decode(item.get("value", "")).decode() for item in answer.get("kvs", [])}

    def watch(self, prefix, revision):
        """The values that are put to keys with that prefix, from that revision on."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        with contextlib.closing(connection):
            connection.request("POST", "/v3/watch", json.dumps({"create_request": {
                "key": encode(prefix), "range_end": encode(end), "start_revision": revision}}))
            for line in connection.getresponse():
                for event in json.loads(line)["result"].get("events", []):
                    if "type" not in event:
                        yield base64.b64decode(event["kv"].get("value", "")).decode()

    def leads(self):
        """Whether this member is the leader; None if it doesn't answer or knows none."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            status = self.call("maintenance/status")
            if status.get("leader", "0") != "0":
                return status["leader"] == status["header"]["member_id"]
        return None


class Host:
    """A bus, a runconfd that serves the folders below a root, and the agent that writes the layer of the fleet."""

    def __init__(self, fleet, name, configurations, **settings):
        self.fleet = fleet
        self.name = name
        self.root = fleet.scratch / name
        for configuration, files in configurations.items():
            folder = self.root / "usr/share/runconf" / configuration
            folder.mkdir(parents=True)
            for file, text in files.items():
                (folder / file).write_text(text)
        for folder in ("etc/runconf", "var/lib/runconf", "var/lib/runconf-fleet"):
            (self.root / folder).mkdir(parents=True)
        self.bus = self.start_bus()
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": self.bus, "DBUS_SESSION_BUS_ADDRESS": self.bus}
        self.daemon = fleet.start([fleet.runconfd, "--root", self.root, "--address", self.bus],
                                  f"{name}-runconfd", self.environment)
        subprocess.run(["gdbus", "wait", "--session", "--timeout", "30", NAME], check=True,
                       env={**os.environ, **self.environment})
        self.agent = self.start_agent(settings)

    def start_bus(self):
        path = self.fleet.scratch / f"{self.name}.bus"
        config = self.fleet.scratch / f"{self.name}.conf"
        write_bus_config(config, path)
        self.fleet.start(["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile"],
                         f"{self.name}-bus")
        wait_until(path.is_socket, f"the bus of {self.name}")
        return f"unix:path={path}"

    def start_agent(self, settings):
        config = self.fleet.scratch / f"{self.name}.fleetd.yaml"
        config.write_text(json.dumps(
            {"endpoints": self.fleet.urls(), "host": self.name, "bus": "system", **settings}))
        return self.fleet.start([self.fleet.fleetd, "--config", config, "--root", self.root],
                                f"{self.name}-agent", self.environment)

    def runconf(self, *arguments):
        """What `runconf` prints on this host."""
        return subprocess.run([str(self.fleet.runconf), *arguments], check=True, text=True,
                              stdout=subprocess.PIPE, env={**os.environ, **self.environment}).stdout


class Fleet:
    def __init__(self, build):
        self.runconfd = build / "src/service/runconfd"
        self.runconf = build / "src/cli/runconf"
        self.fleetd = build / "src/fleet/agent/runconf-fleetd"
        self.command = build / "src/fleet/command/runconf-fleet"
        self.members = []
        self.hosts = []
        self.stack = contextlib.ExitStack()
        self.scratch = None

    def __enter__(self):
        # an interrupted run stops what it started
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="runconf-fleet-"))
        self.stack.callback(shutil.rmtree, self.scratch)
        return self

    def __exit__(self, *_):
        self.stack.close()

    def start(self, command, log, environment=None, **options):
        """Starts a program that ends with the fleet; its messages are in a file."""
        with (self.scratch / f"{log}.log").open("ab") as file:
            process = subprocess.Popen(
                [str(word) for word in command], env={**os.environ, **(environment or {})},
                **{"stdin": subprocess.DEVNULL, "stdout": file, "stderr": file, **options})
        self.stack.callback(stop, process)
        return process

    def log(self, name):
        return (self.scratch / f"{name}.log").read_text(errors="replace")

    def start_members(self, count):
        self.members = [Member(self, number + 1) for number in range(count)]
        for member in self.members:
            member.start()
        self.wait_for_members()

    def wait_for_members(self):
        wait_until(lambda: all(member.leads() is not None for member in self.members), "all members of etcd")

    def leader(self):
        return wait_until(lambda: next((member for member in self.members if member.leads()), None),
                          "a leader of etcd")

    def urls(self):
        return [member.url for member in self.members]

    def add_host(self, name, configurations, **settings):
        host = Host(self, name, configurations, **settings)
        self.hosts.append(host)
        return host

    def wait_for_hosts(self, names, configuration, revision):
        """Waits until the hosts report that they have a revision of a configuration."""
        missing = set(names)
        with contextlib.closing(self.members[0].watch("/runconf/status/", revision)) as reports:
            for text in reports:
                report = json.loads(text)
                if report.get("configurations", {}).get(configuration, {}).get("revision", 0) >= revision:
                    missing.discard(report["host"])
                if not missing:
                    return
        raise RuntimeError(f"no report of revision {revision}: {sorted(missing)}")

    def line(self, *arguments):
        """The command line of `runconf fleet`."""
        return [str(self.command), "--endpoints", ",".join(self.urls()), *arguments]

    def run(self, *arguments, check=True):
        """What `runconf fleet` prints."""
        done = subprocess.run(self.line(*arguments), text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"runconf fleet {' '.join(arguments)}: {done.stdout}")
        return done.stdout
