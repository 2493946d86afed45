# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rollouts that the command leads, with agents that play the hosts."""

import contextlib
import json
import os
import pwd
import signal
import socket
import subprocess

import pytest

from agent_testing import ALL, Agent
from command_testing import FAILED, NOT_FOUND, REFUSED, USAGE
from relay import relay
from runconf_testing import DEADLINE, eventually

HOSTS = [f"web{number}" for number in range(1, 10)]
OLD, NEW = "mode: good\n", "mode: new\n"


@pytest.fixture(name="hosts")
def make_hosts(fleet):
    """Nine hosts in one process, which have the document."""
    agent = Agent(fleet.store, fleet.folder / "agents", prefix=fleet.prefix_of_keys, rollouts="leave")
    roster = fleet.folder / "hosts"
    roster.write_text("".join(f"{name} web\n" for name in HOSTS))
    agent.options = ["--hosts", str(roster)]
    with contextlib.closing(agent.start()) as running:
        fleet("load", "--all", "-", "--wait", text=OLD)
        eventually(lambda: set(HOSTS) <= set(fleet.list("status/")), "all hosts report")
        eventually(lambda: texts(running) == [OLD] * len(HOSTS), "all hosts have the document")
        yield running


@pytest.fixture(name="sick")
def make_sick(fleet):
    """A host that isn't well with the new text."""
    agent = Agent(fleet.store, fleet.folder / "sick", prefix=fleet.prefix_of_keys, host="db1",
                  rollouts="leave")
    agent.settings["health"] = f"! grep -q new {agent.layer}/default/{ALL} || {{ echo no answer; false; }}"
    with contextlib.closing(agent.start()) as running:
        eventually(lambda: "db1" in fleet.list("status/"), "the host reports")
        yield running


def texts(agent):
    """The document that each host has in its layer."""
    found = []
    for name in HOSTS:
        path = agent.root / name / "var/lib/runconf-fleet/default" / ALL
        found.append(path.read_text().partition("\n")[2] if path.exists() else None)
    return found


def state(fleet, scope="all"):
    text = fleet.list("rollout/default/").get(scope)
    return json.loads(text) if text else None


def has_controller(fleet):
    return any(key.endswith("/controller") for key in fleet.list("rollout/"))


def test_a_rollout(fleet, hosts):
    lines = fleet.lines("rollout", "--all", "--steps", "1,50%,100%", "--soak", "0s", "/mode", "new",
                        "--message", "step by step")
    assert lines[:3] == ["step 1 of 3: 1 of 9 hosts", "step 2 of 3: 5 of 9 hosts", "step 3 of 3: 9 of 9 hosts"]
    assert lines[3].startswith("finished (version ")
    assert fleet.document() == NEW
    change = fleet.json("history", "--all")[0]
    assert (change["origin"], change["message"]) == ("rollout", "step by step")
    assert f"(version {change['version']})" in lines[3]
    eventually(lambda: texts(hosts) == [NEW] * 9, "all hosts have it")
    assert state(fleet)["phase"] == "finished" and not has_controller(fleet)
    eventually(lambda: all(row["state"] == "ok" for row in fleet.json("status")), "all hosts are ok")


def test_a_step_reaches_exactly_so_many_hosts(fleet, hosts):
    command = fleet.start("rollout", "--all", "--steps", "2,100%", "--soak", "1h", "/mode", "new")
    eventually(lambda: texts(hosts).count(NEW) == 2, "two hosts have it")
    eventually(lambda: sum("rollout" in text for text in fleet.list("status/").values()) == 2, "two report it")
    assert fleet.document() == OLD and texts(hosts).count(OLD) == 7
    command.send_signal(signal.SIGINT)
    assert command.wait(DEADLINE) == FAILED
    assert "it was interrupted" in command.communicate()[1]
    eventually(lambda: texts(hosts) == [OLD] * 9, "all hosts have the old text")
    assert state(fleet)["phase"] == "undone" and not has_controller(fleet)


def test_the_last_step_is_all_hosts(fleet, hosts, sick):
    """They are watched, too, before the text takes the place of the document."""
    fleet("rollout", "--all", "--steps", "1", "--soak", "0s", "/mode", "new", status=FAILED)
    assert "the rollout is undone: db1: health: no answer" in fleet.complaint
    assert fleet.document() == OLD
    assert state(fleet)["steps"] == ["1", "100%"]


def test_a_host_that_is_not_well_stops_it(fleet, hosts, sick):
    fleet("rollout", "--all", "--steps", "1,30%,60%,100%", "--soak", "1s", "/mode", "new", status=FAILED)
    assert "the rollout is undone: db1: health: no answer" in fleet.complaint
    assert fleet.document() == OLD
    eventually(lambda: texts(hosts) == [OLD] * 9, "all hosts have the old text")
    eventually(lambda: sick.read("default", ALL) == OLD, "the host has the old text")
    assert (state(fleet)["host"], state(fleet)["reason"]) == ("db1", "health: no answer")


def test_a_host_that_learns_late_that_it_is_not_well(fleet, hosts, sick):
    """It doesn't count as well before its health command has seen the text, though it reports something else."""
    sick.settings["health"] = f"sleep 2; {sick.settings['health']}"
    sick.stop()
    sick.start()
    eventually(lambda: "followed" in sick.log(), "it follows")
    command = fleet.start("rollout", "--all", "--steps", "100%", "--soak", "0s", "/mode", "new")
    eventually(lambda: sick.read("default", ALL) == NEW, "the host has it")
    fleet.put("config/other/hosts/web1", "a: 1\n")
    assert command.wait(DEADLINE) == FAILED
    assert "undone: db1: health: no answer" in command.communicate()[1]


def test_a_host_that_cannot_write_the_text_stops_it(fleet, hosts, sick):
    """At once, and with the reason that the host reports."""
    path = sick.layer / "default" / ALL
    eventually(lambda: sick.read("default", ALL) == OLD, "the host has the document")
    path.unlink()
    (path / "x").mkdir(parents=True)
    command = fleet.start("rollout", "--all", "--steps", "100%", "--soak", "0s", "/mode", "new")
    assert command.wait(DEADLINE) == FAILED
    assert f"undone: db1: {path}: can't write it: " in command.communicate()[1]


def test_two_documents_of_a_configuration(fleet, hosts):
    """Their hosts report both rollouts."""
    first = fleet.start("rollout", "--all", "--steps", "100%", "--soak", "1h", "/mode", "new")
    eventually(lambda: texts(hosts) == [NEW] * 9, "all hosts have the first one")
    second = fleet.start("rollout", "--group", "web", "--steps", "100%", "--soak", "1h", "/other", "1")
    eventually(lambda: state(fleet, "groups/web"), "the second one runs")
    both = {state(fleet)["id"], state(fleet, "groups/web")["id"]}

    def has_both(name):
        report = json.loads(fleet.list("status/")[name])["configurations"]["default"]
        return set(report.get("rollout", "").split()) == both

    eventually(lambda: all(map(has_both, HOSTS)), "all hosts report both")
    for command in first, second:
        command.send_signal(signal.SIGINT)
        assert command.wait(DEADLINE) == FAILED
        assert "it was interrupted" in command.communicate()[1]


def test_a_host_that_is_gone_stops_it(fleet, hosts, sick):
    sick.settings["health"] = "true"
    sick.stop()
    sick.start()
    command = fleet.start("rollout", "--all", "--steps", "100%", "--soak", "1h", "/mode", "new")
    eventually(lambda: "rollout" in fleet.list("status/").get("db1", ""), "the host has it")
    sick.kill()
    assert command.wait(30) == FAILED
    assert "undone: db1: its agent is gone" in command.communicate()[1]


def test_a_host_that_is_gone_stops_a_rollout_that_is_taken_up(fleet, hosts, sick):
    """The text may have brought down the host of the command, too."""
    sick.settings["health"] = "true"
    sick.stop()
    sick.start()
    with fleet.start("rollout", "--all", "--steps", "100%", "--soak", "1h", "/mode", "new") as command:
        eventually(lambda: "rollout" in fleet.list("status/").get("db1", ""), "the host has it")
        sick.kill()
        command.kill()
    eventually(lambda: "db1" not in fleet.list("status/") and not has_controller(fleet), "both leases are over", 40)
    fleet.fails(FAILED, "rollout", "--all", "--resume", words=["undone: db1: its agent is gone"])


def test_another_writer_stops_it(fleet, hosts):
    command = fleet.start("rollout", "--all", "--steps", "1,100%", "--soak", "1h", "/mode", "new")
    eventually(lambda: texts(hosts).count(NEW) == 1, "one host has it")
    fleet("set", "--all", "/other", "1")
    assert command.wait(DEADLINE) == FAILED
    assert "another writer changed the document" in command.communicate()[1]
    eventually(lambda: texts(hosts) == [OLD + "other: 1\n"] * 9, "all hosts have the other change")


@contextlib.contextmanager
def before_request(store, sign, act):
    """An endpoint of etcd that calls a function before it passes the first request with a sign."""
    waiting = [act]

    def look(data, _connection):
        if sign in data and waiting:
            waiting.pop()()
        return data

    with relay(store, look) as url:
        yield url
    assert not waiting


def test_another_writer_at_the_end_stops_it(fleet, hosts):
    """It comes between the last look at the document and the transaction that ends the rollout."""
    with before_request(fleet.store, b"request_delete_range",
                        lambda: fleet.put("config/default/all", "other: 1\n")) as url:
        fleet("rollout", "--endpoints", url, "--all", "--steps", "100%", "--soak", "0s", "/mode", "new", status=FAILED)
    assert "another writer changed the document" in fleet.complaint
    eventually(lambda: texts(hosts) == ["other: 1\n"] * 9, "all hosts have the other text")
    assert state(fleet)["phase"] == "undone" and not has_controller(fleet)


def test_an_interrupt_while_etcd_is_away(fleet, hosts):
    """The message says that the rollout may still run; a later command undoes it."""
    command = fleet.start("rollout", "--all", "--steps", "1,100%", "--soak", "1h", "/mode", "new")
    eventually(lambda: texts(hosts).count(NEW) == 1, "the step is reached")
    fleet.store.kill()
    try:
        command.send_signal(signal.SIGINT)
        assert command.wait(DEADLINE) == FAILED
    finally:
        fleet.store.start()
    assert "the rollout may still run: then add --resume or --undo" in command.communicate()[1]
    assert state(fleet)["phase"] == "running"
    eventually(lambda: not has_controller(fleet), "the lease is over")
    fleet("rollout", "--all", "--undo")
    eventually(lambda: texts(hosts) == [OLD] * 9, "all hosts have the old text")


def test_an_interrupt_while_it_begins(fleet, hosts):
    """No agent takes the rollout up."""
    command = []
    with before_request(fleet.store, b"request_put", lambda: command[0].send_signal(signal.SIGINT)) as url:
        command.append(fleet.start("rollout", "--endpoints", url, "--all", "--steps", "100%", "/mode", "new"))
        assert command[0].wait(DEADLINE) == FAILED
    assert "it was interrupted" in command[0].communicate()[1]
    assert state(fleet)["phase"] == "undone" and not has_controller(fleet)
    assert texts(hosts) == [OLD] * 9


def test_only_one_rollout_of_a_document(fleet, hosts):
    command = fleet.start("rollout", "--all", "--steps", "1,100%", "--soak", "1h", "/mode", "new")
    eventually(lambda: has_controller(fleet), "the rollout runs")
    leader = f"{pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}"
    line = f"config/default/all: a rollout is at step 1 of 2, led by {leader}\n"
    assert line in fleet("status") and line in fleet("status", "--all")
    assert line not in fleet("status", "--group", "web") + fleet("-c", "other", "status") + fleet("status", "--json")
    fleet.fails(REFUSED, "rollout", "--all", "/mode", "x", words=["step 1 of 2", "--resume", "--undo"])
    fleet.fails(REFUSED, "rollout", "--all", "--resume", words=["another command or agent"])
    command.send_signal(signal.SIGTERM)
    assert command.wait(DEADLINE) == FAILED
    assert "a rollout is" not in fleet("status")


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("way", ["--resume", "--undo"])
def test_a_killed_rollout(fleet, hosts, step, way):
    """Killed at each step: another command goes on there, or goes back, when the lease is over."""
    counts = {1: 1, 2: 5, 3: 9}
    with subprocess.Popen(fleet.line(["rollout", "--all", "--steps", "1,50%,100%", "--soak",
                                      "1h" if step == 1 else "2s", "/mode", "new"]), cwd=fleet.folder,
                          env=fleet.environment, stdout=subprocess.DEVNULL) as command:
        eventually(lambda: texts(hosts).count(NEW) >= counts[step], "the step is reached")
        command.kill()
    assert state(fleet)["phase"] == "running"
    reached = texts(hosts).count(NEW)
    eventually(lambda: not has_controller(fleet), "the lease is over")
    assert f"step {state(fleet)['step'] + 1} of 3, its command is gone: wait for an agent" in fleet("status")
    assert texts(hosts).count(NEW) == reached
    if way == "--undo":
        fleet("rollout", "--all", "--undo")
        eventually(lambda: texts(hosts) == [OLD] * 9, "all hosts have the old text")
        assert fleet.document() == OLD and state(fleet)["phase"] == "undone"
        return
    value = state(fleet)
    value["soak"] = 0
    fleet.put("rollout/default/all", json.dumps(value))
    lines = fleet.lines("rollout", "--all", "--resume")
    assert lines[0].startswith(f"step {value['step'] + 1} of 3") and lines[-1].startswith("finished")
    eventually(lambda: texts(hosts) == [NEW] * 9, "all hosts have it")
    assert fleet.document() == NEW


def abandon(fleet, hosts):
    """A rollout whose command is killed at its first step."""
    with subprocess.Popen(fleet.line(["rollout", "--all", "--steps", "1,100%", "--soak", "3s", "/mode", "new"]),
                          cwd=fleet.folder, env=fleet.environment, stdout=subprocess.DEVNULL) as command:
        eventually(lambda: texts(hosts).count(NEW) == 1, "the first step is reached")
        command.kill()


def test_keepers_take_up_a_killed_rollout(fleet, hosts):
    """When the first one is killed, too, the other one goes on."""
    first = fleet.start("keep")
    abandon(fleet, hosts)
    assert first.stdout.readline() == "config/default/all: taken up at step 1 of 2\n"
    first.kill()
    first.communicate()
    second = fleet.start("keep")
    eventually(lambda: state(fleet)["phase"] == "finished", "the rollout has ended", 60)
    second.terminate()
    said, complaint = second.communicate()
    assert "taken up at step" in said and complaint == ""
    eventually(lambda: texts(hosts) == [NEW] * 9, "all hosts have it")
    assert fleet.document() == NEW and not has_controller(fleet)


def test_a_keeper_undoes_a_killed_rollout(fleet, hosts):
    keeper = fleet.start("keep", "--undo")
    abandon(fleet, hosts)
    eventually(lambda: state(fleet)["phase"] == "undone", "the rollout is undone", 60)
    eventually(lambda: texts(hosts) == [OLD] * 9, "all hosts have the old text")
    assert "taken up at step" in keeper.stdout.readline()
    assert "undone: its controller was gone" in keeper.stdout.readline()
    keeper.terminate()
    keeper.communicate()
    assert fleet.document() == OLD


def test_a_file_and_a_plan(fleet, hosts):
    (fleet.folder / "new.yaml").write_text("# new\n" + NEW)
    plan = fleet("rollout", "--group", "web", "--file", "new.yaml", "--dry-run", "--soak", "2m")
    assert "100% of the hosts, watched for 120 seconds" in plan and "would change /mode" in plan
    assert state(fleet, "groups/web") is None
    answer = json.loads(fleet("rollout", "--group", "web", "--file", "new.yaml", "--steps", "100%", "--soak", "0",
                              "--json"))
    assert answer["phase"] == "finished" and answer["version"] > 0
    assert fleet.document("groups/web") == "# new\n" + NEW
    assert "nothing changed" in fleet("rollout", "--group", "web", "/mode", "new")


@pytest.mark.parametrize("arguments, words", [
    (["/a", "1", "--steps", "0"], ["--steps", "“0”"]),
    (["/a", "1", "--steps", "1,,2"], ["--steps", "“”"]),
    (["/a", "1", "--steps", ""], ["“”"]),
    (["/a", "1", "--steps", "101%"], ["“101%”", "like 10%"]),
    (["/a", "1", "--steps", "50%,10%"], ["“10%”", "more hosts"]),
    (["/a", "1", "--steps", "10%,5,5"], ["“5”", "more hosts"]),
    (["/a", "1", "--soak", "1y"], ["--soak 1y", "10m"]),
    (["/a"], ["value is missing"]),
    ([], ["--resume"]),
    (["/a", "1", "--resume"], ["give one of"]),
    (["--resume", "--undo"], ["give one of"]),
])
def test_wrong_usage(fleet, arguments, words):
    fleet.fails(USAGE, "rollout", "--all", *arguments, words=words)
    assert fleet.list() == {}


def test_no_rollout_to_take_up(fleet):
    fleet.fails(NOT_FOUND, "rollout", "--all", "--resume", words=["no rollout runs"])
    fleet.fails(NOT_FOUND, "rollout", "--all", "--undo", words=["no rollout runs"])


def test_what_the_schema_refuses_begins_no_rollout(fleet):
    (fleet.folder / "schema.yaml").write_text("properties: {mode: {enum: [good]}}\n")
    fleet("load", "--schema", "schema.yaml")
    fleet.fails(REFUSED, "rollout", "--all", "/mode", "new", words=["/mode"])
    assert state(fleet) is None


def test_no_hosts(fleet):
    fleet.fails(FAILED, "rollout", "--all", "/mode", "new", words=["no host of the document reports"])
    assert fleet.document() is None
