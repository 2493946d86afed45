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
import ssl
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


def asan(*options):
    """The environment of a program with other options of the address sanitizer, if it is built with that.

    The search for leaks may crash in a process of which a thread has used GnuTLS.
    """
    return {"ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "detect_leaks=0", *options]))}


def shim(**variables):
    """The environment of a program with another clock or disk, or a sudden end: see shim.c."""
    return {"LD_PRELOAD": os.environ["FLEET_SHIM"], **asan("verify_asan_link_order=0"),
            **{f"RUNCONF_TEST_{name}": str(path) for name, path in variables.items()}}


def make_certificates(folder):
    """An authority, and certificates of a member and of a client, valid for two days from now."""
    make_key = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    script = f"{make_key} -x509 -days 2 -subj /CN=authority -keyout ca.key -out ca.pem\n"
    for name, address in ("member", "subjectAltName=IP:127.0.0.1\\n"), ("client", ""):
        script += (f"{make_key} -subj /O={name} -keyout {name}.key -out {name}.csr\n"
                   f"printf '{address}extendedKeyUsage=serverAuth,clientAuth\\n' >extensions\n"
                   f"openssl x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
                   f" -extfile extensions -out {name}.pem\n")
    folder.mkdir()
    subprocess.run(["sh", "-ec", script], cwd=folder, stderr=subprocess.DEVNULL, check=True)
    return folder


class Etcd:
    """The member; its data and its log are in a folder. All keys are below a prefix.

    With a folder of certificates, it serves clients that have one. With a file for its clock, its time of day is as
    clock.c has it.
    """

    def __init__(self, folder, prefix="", certificates=None, clock=None):
        self.prefix = prefix
        self.certificates = certificates
        self.clock = clock
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.port, self.peer_port = free_port(), free_port()
        self.url = f"http{'s' if certificates else ''}://127.0.0.1:{self.port}"
        self.log_file = folder / "log"
        self.process = None
        self.user = None
        self.token = None

    def start(self):
        peer = f"http://127.0.0.1:{self.peer_port}"
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*([os.environ["FLEET_CLOCK"]] if self.clock else []), "etcd", "--name", "one",
                 "--data-dir", str(self.folder / "data"),
                 "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                 "--initial-cluster", f"one={peer}", *self.tls_options()],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "RUNCONF_TEST_CLOCK": str(self.clock)})
        eventually(self.is_healthy, "etcd serves")
        return self

    def tls_options(self):
        if self.certificates is None:
            return []
        member = str(self.certificates / "member")
        return ["--cert-file", f"{member}.pem", "--key-file", f"{member}.key", "--client-cert-auth",
                "--trusted-ca-file", str(self.certificates / "ca.pem")]

    def connect(self):
        if self.certificates is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        context = ssl.create_default_context(cafile=self.certificates / "ca.pem")
        # Python 3.13 wants extensions that neither etcd nor GnuTLS asks for
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.load_cert_chain(self.certificates / "client.pem", self.certificates / "client.key")
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=DEADLINE, context=context)

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
        with contextlib.closing(self.connect()) as connection:
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

    def put_all(self, values, others=()):
        """Puts several keys in one transaction, with other requests."""
        puts = [{"requestPut": {"key": encode(self.prefix + key), "value": encode(value)}}
                for key, value in values.items()]
        return int(self.call("kv/txn", success=[*puts, *others])["header"]["revision"])

    def replace(self, old, values):
        """Deletes a key, and puts several others, in one transaction."""
        return self.put_all(values, [{"requestDeleteRange": {"key": encode(self.prefix + old)}}])

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
