# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages are upgraded while the service runs."""

from container import UNIT, case, get, install, main_pid, run, version_of, wait_for


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
