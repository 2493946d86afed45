# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed beside the agent of a fleet."""

import os
import re

import pytest
from test_data import BUILT, SOURCE, read_unit, run

UNIT = BUILT / "system/runconf-fleetd.service"


def test_the_unit_is_hardened():
    result = run("systemd-analyze", "security", "--offline=true", "--no-pager", UNIT)
    score = re.search(r"Overall exposure level for runconf-fleetd.service: ([\d.]+)", result.stdout)
    assert score, result.stdout + result.stderr
    assert float(score.group(1)) <= 1.1, result.stdout


def test_the_unit_differs_from_the_service_by_the_network():
    agent, service = read_unit(UNIT), read_unit(BUILT / "system/runconfd.service")
    kinds = ("Protect", "Private", "Restrict", "System", "Lock", "Capab", "Ambient", "NoNew", "Memory", "Device")
    other = {key for key, value in service.items() if key.startswith(kinds) and agent.get(key) != value}
    assert other == {"PrivateNetwork", "RestrictAddressFamilies", "MemoryMax"}


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path):
    program = f"{os.environ['RUNCONF_LIBEXECDIR']}/runconf-fleetd"
    text = UNIT.read_text()
    assert program in text
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace(program, os.environ["RUNCONF_FLEETD"]))
    result = run("systemd-analyze", "verify", "--man=no", unit)
    assert result.returncode == 0, result.stderr
    assert UNIT.name not in result.stderr


def test_all_name_one_user(tmp_path):
    (tmp_path / "etc").mkdir()
    result = run("systemd-sysusers", f"--root={tmp_path}", BUILT / "system/runconf-fleet.conf")
    assert result.returncode == 0, result.stderr
    users = [line.split(":")[0] for line in (tmp_path / "etc/passwd").read_text().splitlines()]
    assert read_unit(UNIT)["User"] in users
    assert f'subject.user == "{read_unit(UNIT)["User"]}"' in (SOURCE / "50-runconf-fleet.rules").read_text()


@pytest.mark.parametrize("page", ["runconf-fleetd.8"])
def test_a_page_has_no_warnings(page):
    env = os.environ | {"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"}
    result = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", BUILT / "man" / page, env=env)
    assert (result.returncode, result.stderr) == (0, "")
    result = run("lexgrog", BUILT / "man" / page)
    assert result.returncode == 0, result.stdout


def test_the_page_tells_every_option():
    page = (BUILT / "man/runconf-fleetd.8").read_text().replace("\\-", "-")
    options = set(re.findall(r"--[a-z][a-z-]+", run(os.environ["RUNCONF_FLEETD"], "--help").stdout)) - {"--help"}
    assert len(options) > 3
    assert [option for option in sorted(options) if option not in page] == []
