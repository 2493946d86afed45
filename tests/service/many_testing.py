# SPDX-License-Identifier: LGPL-2.1-or-later
"""A daemon that serves all configurations in the folders of a system, or of a user."""

import shutil

from runconf_testing import (
    BUS_NAME, DEADLINE, INTERFACE, OBJECT_ROOT, Client, Connection, Service, as_user, daemon_path,
    eventually, path_of,
)

MANAGER = "org.freedesktop.DBus.ObjectManager"


class Many(Service):
    """A daemon on the folders of a system that lie in a scratch folder."""

    def __init__(self, bus, folder, user=None):
        super().__init__(bus, folder, user=user)
        self.root = folder / "root"
        self.share = self.root / "usr/share/runconf"
        self.etc = self.root / "etc/runconf"
        self.state = self.root / "var/lib/runconf"
        for base in (self.share, self.etc, self.state):
            base.mkdir(parents=True)
        if user:
            shutil.chown(self.state, user)

    def command(self, *options):
        program = daemon_path()
        prefix = []
        if self.user:
            program = shutil.copy(program, self.folder / "runconfd")
            prefix = as_user(self.user)
        return [*prefix, str(program), "--root", str(self.root), *self.bus_options, *options]

    def add(self, name, text="a: 1", file="config.yaml", base=None):
        path = (base or self.share) / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def config(self, name):
        client = Client(self, Connection(self.bus.address), path_of(name))
        self._clients.append(client)
        return client

    def start(self, *options, prefix=()):
        super().start(*options, prefix=prefix)
        return self

    def objects(self):
        """The properties of each configuration, by its name."""
        caller = Connection(self.bus.address)
        answer = caller.call(BUS_NAME, OBJECT_ROOT, MANAGER, "GetManagedObjects", None, DEADLINE)
        caller.close()
        objects = {}
        for path, interfaces in answer.unpack()[0].items():
            name = interfaces[INTERFACE]["Name"]
            assert path == path_of(name)
            objects[name] = interfaces[INTERFACE]
        return objects

    def names(self):
        return sorted(self.objects())

    def has(self, *names):
        return eventually(lambda: self.names() == sorted(names), names)

    def runtime_of(self, name):
        return self.state / name / "runtime_config.yaml"


class Session(Many):
    """The same, on the folders of a user."""

    def __init__(self, bus, folder):
        super().__init__(bus, folder)
        self.share = folder / "share/runconf"
        self.local = folder / "local/runconf"
        self.etc = folder / "home/runconf"
        self.state = folder / "state/runconf"
        self.environment.update(
            XDG_DATA_DIRS=f"{folder}/local:{folder}/share",
            XDG_CONFIG_HOME=f"{folder}/home", XDG_STATE_HOME=f"{folder}/state",
        )

    def command(self, *options):
        return [str(daemon_path()), "--session", *options]
