# SPDX-License-Identifier: LGPL-2.1-or-later
"""One member of etcd on loopback, and its JSON gateway.

    etcd = Etcd(folder).start()
    etcd.put("/runconf/config/chat/all", "port: 9000\\n")
"""

import base64
import contextlib
import http.client
import json
import os
import socket
import subprocess

from runconf_testing import DEADLINE, eventually


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


def shim(**variables):
    """The environment of a program with another clock or disk, or a sudden end: see shim.c."""
    return {"LD_PRELOAD": os.environ["FLEET_SHIM"], "ASAN_OPTIONS": "verify_asan_link_order=0",
            **{f"RUNCONF_TEST_{name}": str(path) for name, path in variables.items()}}


class Etcd:
    """The member; its data and its log are in a folder. All keys are below a prefix."""

    def __init__(self, folder, prefix=""):
        self.prefix = prefix
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.port, self.peer_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_file = folder / "log"
        self.process = None
        self.user = None
        self.token = None

    def start(self):
        peer = f"http://127.0.0.1:{self.peer_port}"
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                ["etcd", "--name", "one", "--data-dir", str(self.folder / "data"),
                 "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                 "--initial-cluster", f"one={peer}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self.is_healthy, "etcd serves")
        return self

    def is_healthy(self):
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            if self.user is not None:
                self.authenticate()
            return bool(self.call("kv/range", key=encode("x")))
        return False

    def guard(self, **rights):
        """From now on etcd wants users: “root”, and these, each with rights below prefixes of keys.

        The password of a user is “pass-NAME”.
        """
        for name, prefixes in {"root": {}, **rights}.items():
            self.call("auth/role/add", name=name)
            for prefix, right in prefixes.items():
                self.call("auth/role/grant", name=name, perm={
                    "permType": right, "key": encode(prefix), "range_end": encode(end_of(prefix))})
            self.call("auth/user/add", name=name, password=f"pass-{name}")
            self.call("auth/user/grant", user=name, role=name)
        self.call("auth/enable")
        self.user = {"name": "root", "password": "pass-root"}
        self.authenticate()

    def authenticate(self):
        self.token = None
        self.token = self.call("auth/authenticate", **self.user)["token"]

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process = None

    def close(self):
        if self.process is not None:
            self.kill()

    def log(self):
        return self.log_file.read_text(errors="replace")[-2000:]

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
        """Returns the revision."""
        reply = self.call("kv/put", key=encode(self.prefix + key), value=encode(value))
        return int(reply["header"]["revision"])

    def put_all(self, values):
        """Puts several keys in one transaction."""
        puts = [{"requestPut": {"key": encode(self.prefix + key), "value": encode(value)}}
                for key, value in values.items()]
        return int(self.call("kv/txn", success=puts)["header"]["revision"])

    def delete(self, key):
        return int(self.call("kv/deleterange", key=encode(self.prefix + key))["header"]["revision"])

    def items(self, prefix):
        """The keys with a prefix, as the gateway has them."""
        whole = self.prefix + prefix
        return self.call("kv/range", key=encode(whole), range_end=encode(end_of(whole))).get("kvs", [])

    def list(self, prefix):
        """The values of the keys with a prefix, by the rest of the key."""
        return {decode(item["key"]).removeprefix(self.prefix + prefix): decode(item.get("value", ""))
                for item in self.items(prefix)}

    def lease_of(self, key):
        """The lease of a key; None without one."""
        return next((item.get("lease") for item in self.items(key)), None)

    def time_to_live(self, lease):
        return int(self.call("lease/timetolive", ID=lease)["TTL"])

    def revision(self):
        return int(self.call("kv/range", key=encode("x"))["header"]["revision"])

    def compact(self, revision=None):
        self.call("kv/compaction", revision=revision or self.revision(), physical=True)
