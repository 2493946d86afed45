# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs dconf as a session does, and the command beside it."""

import os
import pathlib
import re
import subprocess

from command_testing import Placed

from runconf_testing import DEADLINE

SERVICE = pathlib.Path("/usr/share/dbus-1/services/ca.desrt.dconf.service")

SCHEMA = """
  <enum id="test.Format"><value nick="12h" value="0"/><value nick="24h" value="1"/></enum>
  <schema id="test.interface" path="/test/interface/">
    <key name="size" type="u"><default>24</default></key>
    <key name="layouts" type="as"><default>[]</default></key>
    <key name="sources" type="a(ss)"><default>[]</default></key>
    <key name="shortcuts" type="a{si}"><default>{'copy': 1, 'paste': 2}</default></key>
    <key name="extra" type="a{sv}"><default>{}</default></key>
    <key name="name" type="ms"><default>nothing</default></key>
    <key name="format" enum="test.Format"><default>'12h'</default></key>
  </schema>
"""


class Dconf:
    """The database of a user, and the service that writes it."""

    def __init__(self, bus, folder):
        self.folder = folder
        folder.mkdir()
        self.profile = folder / "profile"
        self.profile.write_text("user-db:user\n")
        self.schemas = folder / "schemas"
        self.schemas.mkdir()
        self.add_schema(SCHEMA)
        self.environment = {
            "DBUS_SESSION_BUS_ADDRESS": bus.address,
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_RUNTIME_DIR": str(folder / "runtime"),
            "DCONF_PROFILE": str(self.profile),
            "GSETTINGS_SCHEMA_DIR": str(self.schemas),
        }
        (folder / "runtime").mkdir(mode=0o700)
        self.process = None

    def add_schema(self, text):
        """Installs a schema, as a package does."""
        file = self.schemas / f"{len(list(self.schemas.iterdir()))}.gschema.xml"
        file.write_text(f"<schemalist>{text}</schemalist>")
        subprocess.run(["glib-compile-schemas", "--strict", self.schemas], check=True, timeout=DEADLINE)

    def write_schema(self, folder):
        """Makes defaults and a schema for the configuration, as the package of the backend does."""
        subprocess.run([os.environ["RUNCONF_GSETTINGS_SCHEMAS"], "--schemas", self.schemas, "--output", folder],
                       check=True, timeout=DEADLINE)

    def start(self):
        command = re.search(r"^Exec=(.*)$", SERVICE.read_text(), re.MULTILINE).group(1).split()
        environment = {**os.environ, **self.environment}
        self.process = subprocess.Popen(command, env=environment)
        subprocess.run(["gdbus", "wait", "--session", "--timeout", str(DEADLINE), "ca.desrt.dconf"],
                       env=environment, check=True, timeout=DEADLINE)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(DEADLINE)

    def __call__(self, *arguments, text=None):
        if self.process is None:
            self.start()
        return subprocess.run(["dconf", *arguments], env={**os.environ, **self.environment}, input=text,
                              capture_output=True, text=True, timeout=DEADLINE, check=True).stdout

    def dump(self):
        return self("dump", "/")

    def load(self, text):
        self("load", "/", text=text)

    def compile(self, name, keys, locks=()):
        """Makes a database of the system, as `dconf update` does."""
        source = self.folder / f"{name}.d"
        (source / "locks").mkdir(parents=True)
        (source / "00-keys").write_text(keys)
        for number, text in enumerate(locks):
            (source / "locks" / f"{number:02}").write_text(text)
        self("compile", str(self.folder / name), str(source))
        return self.folder / name


class Desktop(Placed):
    """The command on the session bus, which needs no options."""

    def __init__(self, service, dconf):
        super().__init__(service)
        self.dconf = dconf
        self.environment.update(dconf.environment, RUNCONF_DCONF=os.environ["RUNCONF_DCONF"])

    def prepare(self):
        if self.service.process is None:
            self.service.start()

    def version(self):
        return self.json("--session", "-c", "gsettings", "status")["version"]
