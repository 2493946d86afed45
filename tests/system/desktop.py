# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages for programs that use GSettings, with the schemas of other packages and of a user."""

import os
import pathlib
import tempfile

from container import SHARE, case, make_user, run, wait_for

GENERATED = SHARE / "gsettings"
UNIT = "runconf-gsettings-schemas"
SCHEMAS = "glib-2.0/schemas"

SCHEMA = """\
<schemalist>
  <schema id="org.example.{name}" path="/org/example/{name}/">
    <key name="size" type="i"><range min="0" max="9"/><default>7</default><summary>The size</summary></key>
  </schema>
</schemalist>
"""

CONTROL = """\
Package: runconf-example
Version: 1
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: a package with a schema
"""


def make_package(folder):
    """A package that brings a schema, as those of programs do."""
    tree = folder / "tree"
    schemas = tree / "usr/share" / SCHEMAS
    schemas.mkdir(parents=True)
    (schemas / "org.example.packaged.gschema.xml").write_text(SCHEMA.format(name="packaged"))
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(CONTROL)
    run("dpkg-deb", "--build", "--root-owner-group", "-Znone", str(tree), str(folder / "example.deb"))
    return str(folder / "example.deb")


class Tester:
    """A user with a session."""

    def __init__(self, name):
        self.user = make_user(name)
        self.home = pathlib.Path(self.user.pw_dir)

    def __enter__(self):
        run("systemctl", "start", f"user@{self.user.pw_uid}.service")
        return self

    def __exit__(self, *_):
        run("systemctl", "stop", f"user@{self.user.pw_uid}.service")

    def run(self, *command, **options):
        runtime = f"/run/user/{self.user.pw_uid}"
        as_tester = ["setpriv", f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups"]
        as_tester += ["env", "-i", f"PATH={os.environ['PATH']}", f"HOME={self.home}", f"XDG_RUNTIME_DIR={runtime}",
                      f"DBUS_SESSION_BUS_ADDRESS=unix:path={runtime}/bus", "LC_ALL=C.UTF-8"]
        return run(*as_tester, *command, **options)

    def runconf(self, *arguments, **options):
        return self.run("runconf", "--session", "-c", "gsettings", *arguments, **options)

    def gsettings(self, *arguments, **options):
        return self.run("env", "GSETTINGS_BACKEND=runconf", "gsettings", *arguments, **options)


@case
def the_schemas_of_packages_are_there():
    text = (GENERATED / "config.yaml").read_text()
    assert "clock-format: 24h\n" in text
    told = run("runconf", "validate", str(GENERATED / "config.yaml")).stdout
    assert "/usr/share/runconf/gsettings/config.yaml: fine" in told


@case
def a_package_with_a_schema_changes_them():
    with tempfile.TemporaryDirectory() as folder:
        package = make_package(pathlib.Path(folder))
        run("dpkg", "--install", package)
        assert "# The size\n      size: 7\n" in (GENERATED / "config.yaml").read_text()
        assert "maximum: 9\n" in (GENERATED / "config.schema.yaml").read_text()
        before = (GENERATED / "config.yaml").stat()
        run("dpkg", "--install", package)
        assert (GENERATED / "config.yaml").stat().st_ino == before.st_ino
        run("dpkg", "--purge", "runconf-example")
        assert "/org/example" not in (GENERATED / "config.schema.yaml").read_text()


@case
def a_program_keeps_its_settings_in_runconf():
    with Tester("runconf-desktop") as tester:
        interface = "org.gnome.desktop.interface"
        assert tester.gsettings("get", interface, "clock-format").stdout == "'24h'\n"
        tester.gsettings("set", interface, "clock-format", "12h")
        assert tester.runconf("get", "/org/gnome/desktop/interface/clock-format").stdout == "12h\n"
        refused = tester.runconf("set", "/org/gnome/desktop/interface/clock-format", "13h", check=False)
        assert "isn't one of “24h”, “12h”" in refused.stderr, refused.stderr
        # the package that makes it the backend of all programs is installed, too
        told = tester.run("systemctl", "--user", "show-environment").stdout
        assert "GSETTINGS_BACKEND=runconf\n" in told, told


@case
def a_session_has_the_schemas_of_its_user():
    tester = Tester("runconf-schemas")
    schemas = tester.home / ".local/share" / SCHEMAS
    with tester:
        for kind in ("path", "service"):
            assert tester.run("systemctl", "--user", "is-enabled", f"{UNIT}.{kind}").stdout == "enabled\n"
        # a path unit sees no change in the moment in which its service ends: here, that of the session's start
        tester.run("systemctl", "--user", "start", f"{UNIT}.service")
        assert not (tester.home / ".config/runconf").exists()
        tester.run("mkdir", "-p", str(schemas))
        (schemas / "org.example.own.gschema.xml").write_text(SCHEMA.format(name="own"))
        tester.run("glib-compile-schemas", str(schemas))
        wait_for("the default", lambda: tester.runconf("get", "/org/example/own/size").stdout == "7\n")
        refused = tester.runconf("set", "/org/example/own/size", "10", check=False)
        assert "10 is more than the maximum, 9" in refused.stderr, refused.stderr
    # the next session finds what changed in between
    (schemas / "gschemas.compiled").unlink()
    with tester:
        file = tester.home / ".config/runconf/gsettings/config.schema.yaml"
        wait_for("the end of the file", lambda: not file.exists())
