# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages are removed and purged."""

import pathlib
import re

from container import (
    ADMIN, OVERRIDES, PORT, SHARE, STATE, UNIT, call, case, get, install, run, set_port, show, wait_for,
)
from desktop import Tester

DESKTOP = ["gsettings-backend-runconf", "gsettings-backend-runconf-default"]

# what the handbook has an administrator put elsewhere
ADMINISTRATORS = [
    pathlib.Path("/etc/polkit-1/rules.d/50-org.runconf.config1.rules"),
    pathlib.Path("/etc/systemd/system/runconfd.service.d"),
]


def setting(tester, *environment, value=None):
    """Reads or sets a setting as a program does that the session starts; returns the backend and the output."""
    verb = ["get"] if value is None else ["set"]
    done = tester.run(
        "systemd-run", "--user", "--quiet", "--wait", "--pipe", "--collect", "env", "G_MESSAGES_DEBUG=GLib-GIO",
        *environment, "gsettings", *verb, "org.gnome.desktop.interface", "clock-format", *filter(None, [value]))
    backend = re.search(r"Found default implementation (\w+) .*gsettings-backend", done.stdout).group(1)
    return backend, done.stdout.splitlines()[-1]


@case
def dconf_is_in_charge_after_the_removal_of_the_backend():
    wanted = "GSETTINGS_BACKEND=runconf"
    tester = Tester("runconf-leaving")
    with tester:
        setting(tester, value="12h")
        assert setting(tester) == ("runconf", "'12h'")
        assert not (tester.home / ".config/dconf/user").exists()
    run("dpkg", "--purge", "gsettings-backend-runconf-default")
    with tester:
        assert setting(tester) == ("dconf", "'24h'")
        setting(tester, value="24h")
        assert (tester.home / ".config/dconf/user").exists()
        # programs that ask for Runconf have it
        assert setting(tester, wanted) == ("runconf", "'12h'")
    run("dpkg", "--purge", "gsettings-backend-runconf")
    with tester:
        # GIO has no such module any more, and ignores the variable
        assert setting(tester, wanted) == ("dconf", "'24h'")
        overrides = tester.home / ".local/state/runconf/gsettings/runtime_config.yaml"
        assert "clock-format: 12h" in overrides.read_text()


@case
def it_ends_when_it_is_told_to():
    run("systemctl", "stop", UNIT)
    assert (show("ActiveState"), show("Result")) == ("inactive", "success")


@case
def removed_it_leaves_what_was_changed():
    run("systemctl", "start", UNIT)
    run("dpkg", "--remove", "python3-runconf", "runconf-fleet", "runconf", *DESKTOP)
    assert show("ActiveState") == "inactive"
    assert not pathlib.Path("/usr/libexec/runconfd").exists()
    assert "port: 9002" in OVERRIDES.read_text()
    assert not (SHARE / "gsettings").exists()
    refused = call("Get", "s", PORT, check=False)
    assert refused.returncode != 0


def purge():
    run("dpkg", "--purge", "runconf-fleet", "runconf", "python3-runconf", "gir1.2-runconf-1", "librunconf-1-1",
        *DESKTOP)


@case
def its_folder_may_be_a_disk_of_its_own():
    run("mount", "--bind", str(STATE), str(STATE))
    try:
        install("new")
        wait_for("the service", lambda: get() == "v x 9002")
        set_port(9004)
        assert "port: 9004" in OVERRIDES.read_text()
        purge()
        assert [*STATE.iterdir()] == []
    finally:
        run("umount", str(STATE))


@case
def what_was_purged_can_be_installed_again():
    install("new")
    wait_for("the service", lambda: get() == "v x 8000")
    set_port(9005)


@case
def purged_it_leaves_what_is_not_its_own():
    purge()
    assert not STATE.exists()
    assert not pathlib.Path("/var/lib/runconf-fleet").exists()
    assert not (SHARE / "gsettings").exists()
    assert (ADMIN / "sample/config.d/50-host.yaml").exists()
    assert (SHARE / "sample/config.yaml").exists()
    left = run("find", "/etc", "/usr/lib", "/lib/systemd", "/usr/share/dbus-1", "-name", "*runconf*").stdout
    assert {*left.splitlines()} == {str(ADMIN), *map(str, ADMINISTRATORS)}, left
