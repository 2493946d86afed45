# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages are installed, and do what they are for."""

import pathlib
import pwd

from container import (
    ADMIN, NAME, OBJECTS, OVERRIDES, PORT, ROOT, SHARE, STATE, UNIT, case, get, install, main_pid, make_user, run,
    set_port, show, status_of, version_of, wait_for,
)


@case
def the_packages_are_installed_and_the_service_runs():
    (SHARE / "sample").mkdir(parents=True)
    for name in ("config.yaml", "config.schema.yaml"):
        (SHARE / "sample" / name).write_bytes((ROOT / name).read_bytes())
    install("old")
    assert version_of("runconf").endswith("~older")
    assert run("systemctl", "is-enabled", UNIT).stdout == "enabled\n"
    wait_for("the service", lambda: show("ActiveState") == "active")


@case
def the_service_has_a_user_of_its_own():
    entry = pwd.getpwnam("runconf")
    assert 0 < entry.pw_uid < 1000
    assert entry.pw_shell.endswith("nologin")
    assert status_of(main_pid(), "Uid").split() == [str(entry.pw_uid)] * 4


@case
def the_folders_belong_to_whom_they_should():
    user = pwd.getpwnam("runconf").pw_uid
    assert (STATE.stat().st_uid, STATE.stat().st_mode & 0o7777) == (user, 0o750)
    admin = ADMIN.stat()
    assert (admin.st_uid, admin.st_mode & 0o7777) == (0, 0o755)


@case
def a_package_brings_a_configuration():
    wait_for("the configuration", lambda: get() == "v x 8000")


@case
def a_call_starts_it():
    run("systemctl", "stop", UNIT)
    assert show("ActiveState") == "inactive"
    assert get() == "v x 8000"
    # by systemd, in its sandbox, and not by the bus itself
    assert show("ActiveState") == "active"
    owner = run("busctl", "--system", "status", NAME).stdout
    assert f"PID={main_pid()}\n" in owner
    assert f"Unit={UNIT}\n" in owner


@case
def started_means_that_it_can_be_called():
    for _ in range(5):
        run("systemctl", "restart", UNIT)
        # without activation, which would wait
        told = run("busctl", "--system", "--auto-start=no", "get-property", NAME, f"{OBJECTS}/sample", NAME, "State")
        assert told.stdout == 's "ok"\n'


@case
def root_writes_and_it_is_on_the_disk():
    set_port(9000)
    assert "port: 9000" in OVERRIDES.read_text()
    written = OVERRIDES.stat()
    assert written.st_uid == pwd.getpwnam("runconf").pw_uid
    assert written.st_mode & 0o077 == 0


@case
def an_edit_by_hand_is_seen():
    OVERRIDES.write_text(OVERRIDES.read_text().replace("port: 9000", "port: 9001"))
    wait_for("the edit", lambda: get() == "v x 9001")


@case
def what_an_administrator_changes_of_the_defaults_is_seen():
    (ADMIN / "sample/config.d").mkdir(parents=True)
    (ADMIN / "sample/config.d/50-host.yaml").write_text("chat: {websocket: {host: example.org}}\n")
    wait_for("the drop-in", lambda: get("/chat/websocket/host") == 'v s "example.org"')


@case
def it_reads_all_again_when_it_is_told_to():
    before = main_pid()
    (SHARE / "second").mkdir()
    (SHARE / "second/config.yaml").write_text("answer: 42\n")
    run("systemctl", "reload", UNIT)
    wait_for(
        "the second configuration",
        lambda: run("busctl", "--system", "call", NAME, f"{OBJECTS}/second", NAME, "Get", "s", "/answer").stdout
        == "v x 42\n",
    )
    assert main_pid() == before


@case
def python_programs_use_it():
    program = (
        "import gi; gi.require_version('Runconf', '1')\n"
        "from gi.repository import Runconf\n"
        "print(Runconf.Configuration('sample')['chat']['websocket']['port'])\n"
    )
    shown = run("/usr/bin/python3", "-c", program)
    assert shown.stdout == "9001\n", shown.stdout + shown.stderr


@case
def a_session_has_one_of_its_own():
    user = make_user("runconf-tester")
    run("systemctl", "start", f"user@{user.pw_uid}.service")
    as_tester = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    as_tester += ["env", f"XDG_RUNTIME_DIR=/run/user/{user.pw_uid}"]
    busctl = [*as_tester, "busctl", "--user", "call", NAME, f"{OBJECTS}/sample", NAME]
    assert run(*busctl, "Get", "s", PORT).stdout == "v x 8000\n"
    run(*busctl, "Set", "sv", PORT, "x", "9100")
    assert run(*busctl, "Get", "s", PORT).stdout == "v x 9100\n"
    assert run(*as_tester, "systemctl", "--user", "is-active", UNIT).stdout == "active\n"
    overrides = pathlib.Path(user.pw_dir, ".local/state/runconf/sample/runtime_config.yaml")
    assert "port: 9100" in overrides.read_text()
    assert get() == "v x 9001"
    run("systemctl", "stop", f"user@{user.pw_uid}.service")


@case
def the_command_is_there_for_people():
    assert run("runconf", "-c", "sample", "get", PORT).stdout == "9001\n"
    # what a shell asks when somebody presses a key
    assert run("runconf", "complete", "--", "-c", "sample", "get", PORT[:-1]).stdout == f"{PORT}\t9001\n"
    for script in ("bash-completion/completions/runconf", "fish/vendor_completions.d/runconf.fish",
                   "zsh/vendor-completions/_runconf"):
        assert "runconf complete --" in pathlib.Path("/usr/share", script).read_text()


@case
def it_speaks_the_language_of_who_asks():
    told = run("env", "LC_ALL=C.UTF-8", "LANGUAGE=de", "runconf", "help").stdout
    assert "Unterbefehle:" in told, told
    # and so does polkit, of the actions
    told = run("busctl", "--system", "call", "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
               "org.freedesktop.PolicyKit1.Authority", "EnumerateActions", "s", "de_DE.UTF-8").stdout
    assert "Den Verlauf einer Konfiguration lesen" in told
