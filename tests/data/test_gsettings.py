# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed beside the programs for GSettings."""

import os
import re

from test_data import BUILT, read_unit, run

UNIT = "runconf-gsettings-schemas"
PAGE = BUILT / f"man/{UNIT}.1"


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    program = read_unit(BUILT / f"session/{UNIT}.service")["ExecStart"].split()[0]
    for kind in ("service", "path"):
        text = (BUILT / f"session/{UNIT}.{kind}").read_text()
        (tmp_path / f"{UNIT}.{kind}").write_text(text.replace(program, os.environ["RUNCONF_GSETTINGS_SCHEMAS"]))
    env = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}
    result = run("systemd-analyze", "verify", "--man=no", "--user",
                 tmp_path / f"{UNIT}.service", tmp_path / f"{UNIT}.path", env=env)
    assert result.returncode == 0, result.stderr
    assert UNIT not in result.stderr


def test_the_page_has_no_warnings():
    env = os.environ | {"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"}
    result = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", PAGE, env=env)
    assert (result.returncode, result.stderr) == (0, "")
    result = run("lexgrog", PAGE)
    assert result.returncode == 0, result.stdout


def test_the_page_tells_every_option():
    page = PAGE.read_text().replace("\\-", "-")
    help_text = run(os.environ["RUNCONF_GSETTINGS_SCHEMAS"], "--help").stdout
    options = set(re.findall(r"--[a-z][a-z-]+", help_text)) - {"--help"}
    assert options == {"--output", "--schemas", "--user", "--version"}
    assert [option for option in sorted(options) if option not in page] == []
