# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent of a fleet, as its package has it: its unit, its rights, and a change that comes from etcd."""

import contextlib
import json
import os
import pathlib
import pwd
import re
import subprocess
import tempfile

from container import ADMIN, case, get, main_pid, run, show, status_of, wait_for

AGENT = "runconf-fleetd.service"
LAYER = pathlib.Path("/var/lib/runconf-fleet")
SETTINGS = ADMIN / "fleetd.yaml"
ENDPOINT = "http://127.0.0.1:12379"
PEER = "http://127.0.0.1:12380"
# no case before has an override there
KEY = "/chat/service/max_history_messages"


@contextlib.contextmanager
def etcd():
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/log", "w", encoding="utf-8") as log:
            process = subprocess.Popen(
                ["etcd", "--data-dir", f"{folder}/data", "--name", "one",
                 "--listen-client-urls", ENDPOINT, "--advertise-client-urls", ENDPOINT,
                 "--listen-peer-urls", PEER, "--initial-advertise-peer-urls", PEER,
                 "--initial-cluster", f"one={PEER}"],
                stdout=log, stderr=log)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def fleet(*arguments):
    return run("runconf", "fleet", *arguments, env=os.environ | {"RUNCONF_CONFIGURATION": "sample"})


@case
def a_machine_without_a_fleet_has_no_agent():
    assert not SETTINGS.exists()
    assert run("systemctl", "is-enabled", AGENT).stdout == "enabled\n"
    assert show("ActiveState", AGENT) == "inactive"
    assert show("Result", AGENT) == "success"


@case
def a_change_of_the_fleet_is_in_force_here():
    before = get(KEY)
    SETTINGS.write_text(f"endpoints: [{ENDPOINT}]\nhost: host1\n")
    with etcd():
        run("systemctl", "start", AGENT)
        wait_for("etcd", lambda: fleet("set", "--all", KEY, "41", "--message", "for all"))
        wait_for("the change", lambda: get(KEY) == "v x 41")
        wait_for("the report", lambda: fleet("set", "--host", "host1", KEY, "42", "--wait") and get(KEY) == "v x 42")
        facts = json.loads(run("runconf", "-c", "sample", "explain", KEY, "--json").stdout)
        assert facts[0]["layer"] == "fleet", facts
        assert facts[0]["document"] == "config/sample/hosts/host1", facts

        # the agent is another user than the service, and can't change what that keeps
        user = pwd.getpwnam("runconf-fleet").pw_uid
        pid = main_pid(AGENT)
        assert status_of(pid, "Uid").split() == [str(user)] * 4
        for field in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(status_of(pid, field), 16) == 0, field
        assert (LAYER.stat().st_uid, LAYER.stat().st_mode & 0o007) == (user, 0)

    # etcd is gone: what came from it stays, over a restart, too
    run("systemctl", "restart", AGENT)
    run("systemctl", "restart", "runconfd.service")
    wait_for("the service", lambda: get(KEY) == "v x 42")

    run("systemctl", "stop", AGENT)
    SETTINGS.unlink()
    run("rm", "-r", str(LAYER / "sample"))
    run("systemctl", "restart", "runconfd.service")
    wait_for("the values of before", lambda: get(KEY) == before)


@case
def the_unit_of_the_agent_is_hardened():
    told = run("systemd-analyze", "security", "--no-pager", AGENT).stdout
    score = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", told).group(1))
    # the network alone is more than runconfd has
    assert score <= 1.5, told
