# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command for fleets, with an etcd on loopback.

    fleet("set", "--all", "/port", "9000")
    assert fleet.document("all") == "port: 9000\\n"

Each test has a prefix of its own in the etcd of its file.
"""

import itertools
import json
import os
import subprocess

from command_testing import Command

prefixes = itertools.count()


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
