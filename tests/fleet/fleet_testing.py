# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command for fleets, with an etcd on loopback.

    fleet("set", "--all", "/port", "9000")
    assert fleet.document("all") == "port: 9000\\n"

Each test has a prefix of its own in the etcd of its file.
"""

import base64
import contextlib
import http.client
import itertools
import json
import os
import socket
import subprocess

from command_testing import Command
from runconf_testing import DEADLINE, eventually

prefixes = itertools.count()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def encode(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def decode(text):
    return base64.b64decode(text).decode()


def end_of(prefix):
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


class Store:
    """One member of etcd."""

    def __init__(self, folder):
        self.port, peer_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = None
        peer = f"http://127.0.0.1:{peer_port}"
        with open(folder / "etcd.log", "wb") as log:
            self.process = subprocess.Popen(
                ["etcd", "--name", "one", "--data-dir", str(folder / "etcd"),
                 "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                 "--initial-cluster", f"one={peer}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self.is_healthy, "etcd serves")

    def is_healthy(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return bool(self.call("kv/range", key=encode("x")))
        return False

    def close(self):
        self.process.kill()
        self.process.wait(DEADLINE)

    def call(self, path, **body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        with contextlib.closing(connection):
            connection.request("POST", f"/v3/{path}", json.dumps(body),
                               {"Authorization": self.token} if self.token else {})
            reply = connection.getresponse()
            text = reply.read()
            if reply.status != 200:
                raise OSError(f"{path}: {reply.status}: {text}")
            return json.loads(text)

    def put(self, key, value):
        return int(self.call("kv/put", key=encode(key), value=encode(value))["header"]["revision"])

    def delete(self, key):
        self.call("kv/deleterange", key=encode(key))

    def list(self, prefix):
        reply = self.call("kv/range", key=encode(prefix), range_end=encode(end_of(prefix)))
        return {decode(item["key"]).removeprefix(prefix): decode(item.get("value", ""))
                for item in reply.get("kvs", [])}

    def revision(self):
        return int(self.call("kv/range", key=encode("x"))["header"]["revision"])

    def compact(self):
        self.call("kv/compaction", revision=self.revision(), physical=True)


class Fleet(Command):
    """`runconf fleet` on a prefix of its own, with a home without settings."""

    def __init__(self, folder, store):
        super().__init__(folder)
        self.store = store
        self.prefix_of_keys = f"/test{next(prefixes)}/"
        self.options = ["fleet", "--endpoints", store.url, "--prefix", self.prefix_of_keys]
        self.environment |= {"RUNCONF_FLEET": os.environ["RUNCONF_FLEET"], "HOME": str(folder),
                             "XDG_CONFIG_HOME": str(folder / "config")}

    def json(self, *arguments, **how):
        return json.loads(self(*arguments, "--json", **how))

    def start(self, *arguments, **environment):
        """Runs it beside the test."""
        return subprocess.Popen(self.line(arguments), cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**self.environment, **environment})

    def put(self, key, value):
        return self.store.put(self.prefix_of_keys + key, value)

    def list(self, prefix=""):
        return self.store.list(self.prefix_of_keys + prefix)

    def document(self, scope="all", name="default"):
        return self.list(f"config/{name}/").get(scope)

    def entries(self, scope="all", name="default"):
        """The history in etcd, in no order."""
        return [json.loads(text) for text in self.list(f"history/{name}/{scope}/").values()]

    def seen(self, host, seconds, groups=()):
        """That the agent of a host ran at that time."""
        return self.put(f"status/{host}/seen", json.dumps(
            {"host": host, "groups": list(groups), "time": seconds * 10**6}))

    def report(self, host, revision, groups=(), name="default", **facts):
        """What an agent would report."""
        status = {"host": host, "machine": "m", "agent": "1.0.0", "groups": list(groups),
                  "configurations": {name: {"revision": revision, **facts}}}
        return self.put(f"status/{host}", json.dumps(status))
