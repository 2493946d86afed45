# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed beside the programs: each file is shown to who will read it."""

import os
import pathlib
import re
import subprocess
import tempfile
from xml.etree import ElementTree

import pytest

BUILT = pathlib.Path(os.environ["RUNCONF_DATA"])
SOURCE = pathlib.Path(os.environ["RUNCONF_DATA_SOURCE"])
DAEMON = f"{os.environ['RUNCONF_LIBEXECDIR']}/runconfd"
NAME = "org.runconf.Config1"

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <auth>EXTERNAL</auth>
  <listen>unix:path={folder}/bus</listen>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <include>{policy}</include>
</busconfig>
"""


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def read_unit(path):
    """The settings, with those that come several times as one."""
    found = {}
    for line in path.read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[key] = f"{found[key]} {value}" if key in found else value
    return found


def test_the_system_unit_is_hardened():
    result = run("systemd-analyze", "security", "--offline=true", "--no-pager", BUILT / "system/runconfd.service")
    score = re.search(r"Overall exposure level for runconfd.service: ([\d.]+)", result.stdout)
    assert score, result.stdout + result.stderr
    assert float(score.group(1)) <= 0.3, result.stdout


@pytest.mark.parametrize("kind", ["system", "session"])
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path, kind):
    # what it starts isn't installed yet
    text = (BUILT / kind / "runconfd.service").read_text()
    unit = tmp_path / "runconfd.service"
    unit.write_text(text.replace(DAEMON, os.environ["RUNCONFD"]))
    assert os.environ["RUNCONFD"] in unit.read_text()
    manager = ["--user"] if kind == "session" else []
    env = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}
    result = run("systemd-analyze", "verify", "--man=no", *manager, unit, env=env)
    assert result.returncode == 0, result.stderr
    assert "runconfd.service" not in result.stderr


@pytest.mark.parametrize("kind", ["system", "session"])
def test_activation_and_unit_agree(kind):
    activation = read_unit(BUILT / kind / f"{NAME}.service")
    unit = read_unit(BUILT / kind / "runconfd.service")
    assert activation["Name"] == unit["BusName"] == NAME
    assert activation["Exec"] == unit["ExecStart"] == f"{DAEMON} --{kind}"
    assert activation["SystemdService"] == "runconfd.service"
    assert activation.get("User") == unit.get("User")


def test_all_name_one_user():
    user = read_unit(BUILT / "system/runconfd.service")["User"]
    assert f'<policy user="{user}">' in (BUILT / f"system/{NAME}.conf").read_text()
    assert f"\nu {user} - " in (BUILT / "system/runconf.conf").read_text()
    assert f"\nd /var/lib/runconf 0750 {user} {user}\n" in (BUILT / "system/tmpfiles.conf").read_text()
    owners = re.findall("owner\">unix-user:([^<]*)<", (BUILT / "org.runconf.config1.policy").read_text())
    assert len(owners) > 0 and set(owners) == {user}


# the table in docs/service.md under "Rights": for any, an inactive and an active session
RIGHTS = {
    "modify": ("auth_admin", "auth_admin", "auth_admin_keep"),
    "revert": ("auth_admin", "auth_admin", "auth_admin_keep"),
    "reload": ("auth_admin", "auth_admin", "auth_admin_keep"),
    "read-history": ("auth_admin", "auth_admin", "yes"),
    "read-secret": ("auth_admin", "auth_admin", "auth_admin"),
}


def test_the_rights_without_a_rule():
    root = ElementTree.parse(BUILT / "org.runconf.config1.policy").getroot()
    found = {
        action.get("id"): tuple(action.findtext(f"defaults/allow_{kind}") for kind in ("any", "inactive", "active"))
        for action in root.iter("action")
    }
    assert found == {f"org.runconf.config1.{name}": rights for name, rights in RIGHTS.items()}


def test_systemd_makes_the_user_and_the_folders(tmp_path):
    (tmp_path / "etc").mkdir()
    result = run("systemd-sysusers", f"--root={tmp_path}", BUILT / "system/runconf.conf")
    assert result.returncode == 0, result.stderr
    entry = next(line for line in (tmp_path / "etc/passwd").read_text().splitlines() if line.startswith("runconf:"))
    fields = entry.split(":")
    assert 0 < int(fields[2]) < 1000
    assert fields[5] == "/var/lib/runconf"
    assert fields[6].endswith("/nologin")

    text = (BUILT / "system/tmpfiles.conf").read_text()
    result = run("systemd-tmpfiles", f"--root={tmp_path}", "--create", "-", input=text)
    assert result.returncode == 0, result.stderr
    state = (tmp_path / "var/lib/runconf").stat()
    assert (state.st_mode & 0o7777, state.st_uid) == (0o750, int(fields[2]))
    assert (tmp_path / "etc/runconf").stat().st_mode & 0o7777 == 0o755


def test_the_policy_is_about_this_service_alone():
    # a rule that names no destination would hold for every other service too
    root = ElementTree.parse(BUILT / f"system/{NAME}.conf").getroot()
    rules = [rule.attrib for policy in root for rule in policy]
    assert rules == [{"own": NAME}, {"send_destination": NAME}]


@pytest.fixture
def bus():
    """A bus with the policy, on which another user that every Debian has stands for the service's."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        policy = folder / f"{NAME}.conf"
        policy.write_text((BUILT / f"system/{NAME}.conf").read_text().replace('user="runconf"', 'user="games"'))
        configuration = folder / "bus.conf"
        configuration.write_text(BUS.format(folder=folder, policy=policy))
        command = ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address=1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            yield process.stdout.readline().strip()
            process.terminate()


def call_as(user, bus, destination, path, method, *arguments):
    command = ["gdbus", "call", "--address", bus, "--dest", destination, "--object-path", path]
    command += ["--method", method, *arguments]
    return run("setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups", *command)


@pytest.mark.parametrize("user, may", [("games", True), ("nobody", False), ("root", False)])
def test_only_the_service_owns_its_name(bus, user, may):
    result = call_as(
        user, bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.RequestName", NAME, "0"
    )
    if may:
        assert (result.returncode, result.stdout) == (0, "(uint32 1,)\n"), result.stderr
    else:
        assert "AccessDenied" in result.stderr


@pytest.mark.parametrize("user", ["games", "nobody", "root"])
def test_everybody_may_call_the_service(bus, user):
    result = call_as(user, bus, NAME, "/org/runconf/Config1/default", f"{NAME}.Get", "")
    assert "ServiceUnknown" in result.stderr


def test_the_metainfo_is_valid():
    result = run("appstreamcli", "validate", "--no-net", "--explain", SOURCE / f"{NAME}.metainfo.xml")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("page", ["runconf.1", "runconfd.8", "runconf-config.5"])
def test_a_page_has_no_warnings(page):
    env = os.environ | {"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"}
    result = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", BUILT / "man" / page, env=env)
    assert (result.returncode, result.stderr) == (0, "")
    result = run("lexgrog", BUILT / "man" / page)
    assert result.returncode == 0, result.stdout


def test_the_page_tells_every_option():
    page = (BUILT / "man/runconfd.8").read_text().replace("\\-", "-")
    told = run(os.environ["RUNCONFD"], "--help").stdout
    options = set(re.findall(r"--[a-z][a-z-]+", told)) - {"--help"}
    assert len(options) > 5
    assert [option for option in sorted(options) if option not in page] == []
