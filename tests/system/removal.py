# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages are upgraded, removed and purged."""

import pathlib

from container import (
    ADMIN, OVERRIDES, PORT, SHARE, STATE, UNIT, call, case, get, install, main_pid, run, show, version_of,
    wait_for,
)


@case
def an_upgrade_keeps_what_was_changed():
    before = main_pid()
    install("new")
    assert not version_of("runconf").endswith("~older")
    wait_for("the new service", lambda: main_pid() not in (0, before))
    assert get() == "v x 9002"


@case
def the_journal_has_no_complaint_of_a_sandbox():
    run("journalctl", "--sync")
    told = run("journalctl", "--no-pager", "-u", UNIT, "-o", "cat").stdout
    assert "serving" in told
    assert "Operation not permitted" not in told
    assert "SECCOMP" not in told and "SIGSYS" not in told
    assert "Permission denied" not in told


@case
def it_ends_when_it_is_told_to():
    run("systemctl", "stop", UNIT)
    assert (show("ActiveState"), show("Result")) == ("inactive", "success")


@case
def removed_it_leaves_what_was_changed():
    run("systemctl", "start", UNIT)
    run("dpkg", "--remove", "python3-runconf", "runconf")
    assert show("ActiveState") == "inactive"
    assert not pathlib.Path("/usr/libexec/runconfd").exists()
    assert "port: 9002" in OVERRIDES.read_text()
    refused = call("Get", "s", PORT, check=False)
    assert refused.returncode != 0


@case
def purged_it_leaves_what_is_not_its_own():
    run("dpkg", "--purge", "runconf", "python3-runconf", "gir1.2-runconf-1", "librunconf-1-0")
    assert not STATE.exists()
    assert (ADMIN / "sample/config.d/50-host.yaml").exists()
    assert (SHARE / "sample/config.yaml").exists()
    left = run("find", "/etc", "/usr/lib", "/lib/systemd", "/usr/share/dbus-1", "-name", "*runconf*").stdout
    left = [path for path in left.splitlines() if path != str(ADMIN)]
    assert left == [], left
