# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages are removed and purged."""

import pathlib

from container import (
    ADMIN, OVERRIDES, PORT, SHARE, STATE, UNIT, call, case, get, install, run, set_port, show, wait_for,
)

DESKTOP = ["gsettings-backend-runconf", "gsettings-backend-runconf-default"]

# what the handbook has an administrator put elsewhere
ADMINISTRATORS = [
    pathlib.Path("/etc/polkit-1/rules.d/50-org.runconf.config1.rules"),
    pathlib.Path("/etc/systemd/system/runconfd.service.d"),
]


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
