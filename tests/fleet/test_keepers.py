# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rollouts whose command is killed, and that agents take up."""

import contextlib
import json
import subprocess

import pytest

from agent_testing import ALL, KEEPER_RIGHTS, PREFIX, RIGHTS, Agent
from etcd_testing import Etcd
from fleet_testing import Fleet
from runconf_testing import eventually

OLD, NEW = "mode: good\n", "mode: new\n"
NAMES = ["a1", "a2", "a3"]
# a lease, the turns of the hosts, and the steps
PATIENCE = 60


@pytest.fixture(name="agents")
def make_agents(fleet):
    """Three hosts, each with an agent of its own, that have the document."""
    agents = {name: Agent(fleet.store, fleet.folder / name, prefix=fleet.prefix_of_keys, host=name)
              for name in NAMES}
    with contextlib.ExitStack() as stack:
        for agent in agents.values():
            stack.enter_context(contextlib.closing(agent))
        yield agents


def start(fleet, agents, **settings):
    """Starts the agents, each with its settings, besides those that all have."""
    common = settings.pop("common", {})
    for name, agent in agents.items():
        agent.settings.update({**common, **settings.get(name, {})})
        agent.start()
    fleet("load", "--all", "-", "--wait", text=OLD)
    eventually(lambda: set(agents) <= set(fleet.list("status/")), "all hosts report")
    eventually(lambda: all(text == OLD for text in texts(agents)), "all hosts have the document")


def texts(agents):
    return [agent.read("default", ALL) for agent in agents.values()]


def state(fleet):
    return json.loads(fleet.list("rollout/default/").get("all", "{}"))


def has_controller(fleet):
    return "all/controller" in fleet.list("rollout/default/")


def abandon(fleet, step=0, soak="1s"):
    """A rollout whose command is killed at a step, counted from 0."""
    with subprocess.Popen(
            fleet.line(["rollout", "--all", "--steps", "1,2,100%", "--soak", soak, "/mode", "new"]),
            cwd=fleet.folder, env=fleet.environment, stdout=subprocess.DEVNULL) as command:
        eventually(lambda: (value := state(fleet)) and value["step"] == step and value.get("threshold"),
                   "the step has begun")
        command.kill()
    assert state(fleet)["phase"] == "running"


def wait_for_end(fleet):
    eventually(lambda: state(fleet)["phase"] != "running", "the rollout has ended", PATIENCE)
    assert not has_controller(fleet)
    return state(fleet)


def takers(agents, step=""):
    return [name for name, agent in agents.items() if f"taken up at step {step}" in agent.log()]


@pytest.mark.parametrize("step", [0, 1, 2])
def test_the_agents_go_on(fleet, agents, step):
    """One of them does, at the step at which the command was killed."""
    start(fleet, agents)
    abandon(fleet, step)
    assert wait_for_end(fleet)["phase"] == "finished"
    assert fleet.document() == NEW
    eventually(lambda: texts(agents) == [NEW] * 3, "all hosts have it")
    assert len(takers(agents, f"{step + 1} of 3")) == len(takers(agents)) == 1
    change = fleet.json("history", "--all")[0]
    assert change["origin"] == "rollout"


def test_the_agents_go_back(fleet, agents):
    """A host isn't well with the new text."""
    health = f"! grep -q new {agents['a2'].layer}/default/{ALL} || {{ echo no answer; false; }}"
    start(fleet, agents, common={"rollouts": "shared"}, a2={"health": health})
    abandon(fleet)
    end = wait_for_end(fleet)
    assert (end["phase"], end["host"], end["reason"]) == ("undone", "a2", "health: no answer")
    eventually(lambda: texts(agents) == [OLD] * 3, "all hosts have the old text")
    assert fleet.document() == OLD


def test_an_agent_that_leads_is_killed(fleet, agents):
    """Another one goes on or back, as it finds the host of the killed agent."""
    start(fleet, agents)
    abandon(fleet, soak="3s")
    eventually(lambda: takers(agents), "an agent leads the rollout", PATIENCE)
    first = takers(agents)[0]
    agents.pop(first).kill()
    end = wait_for_end(fleet)
    assert takers(agents) != []
    text = NEW if end["phase"] == "finished" else OLD
    assert fleet.document() == text
    eventually(lambda: texts(agents) == [text] * 2, "all hosts have it")


def test_an_agent_that_ends_while_it_leads(fleet, agents):
    """It ends at once, and the rollout goes on."""
    start(fleet, agents)
    abandon(fleet, soak="3s")
    eventually(lambda: takers(agents), "an agent leads the rollout", PATIENCE)
    first = takers(agents)[0]
    agents[first].stop()
    assert state(fleet)["phase"] == "running"
    agents.pop(first)
    wait_for_end(fleet)
    assert takers(agents) != []


def test_the_settings_decide(fleet, agents):
    """A host whose settings say so comes before the others, and goes back."""
    start(fleet, agents, a3={"rollouts": "undo"})
    abandon(fleet)
    end = wait_for_end(fleet)
    assert (end["phase"], end["reason"]) == ("undone", "its controller was gone")
    assert takers(agents) == ["a3"]
    eventually(lambda: texts(agents) == [OLD] * 3, "all hosts have the old text")


def test_a_rollout_from_before_the_start(fleet, agents):
    """The agents find it when they load."""
    start(fleet, agents, common={"rollouts": "leave"})
    abandon(fleet)
    eventually(lambda: not has_controller(fleet), "the lease is over")
    for agent in agents.values():
        agent.stop()
        del agent.settings["rollouts"]
        agent.start()
    assert wait_for_end(fleet)["phase"] == "finished"
    eventually(lambda: texts(agents) == [NEW] * 3, "all hosts have it")


def test_an_agent_leads_many_rollouts(fleet, agents):
    """It keeps no connection of one that has ended."""
    agent = agents["a1"]
    start(fleet, {"a1": agent}, a1={"rollouts": "resume"})

    def lead(number):
        before = fleet.json("history", "--all")[0]["version"]
        fleet.put("rollout/default/all", json.dumps(
            {"id": f"r{number}", "author": "anna", "text": f"mode: n{number}\n", "phase": "running",
             "before": before, "steps": ["100%"]}))
        assert wait_for_end(fleet)["phase"] == "finished"
        eventually(lambda: len(agent.tasks()) == tasks, "the thread has ended")

    tasks = len(agent.tasks())
    lead(0)
    files = len(agent.descriptors())
    for number in range(1, 4):
        lead(number)
    eventually(lambda: len(agent.descriptors()) <= files, "its connections are closed")


@pytest.mark.parametrize("text, reason", [
    ("- no mapping\n", "mapping"),
    ("a: [\n", "config/default/all:"),
])
def test_a_rollout_that_no_command_made(fleet, agents, text, reason):
    """It has no step that would show the hosts' refusal."""
    start(fleet, agents)
    fleet.put("rollout/default/all", json.dumps(
        {"id": "x", "text": text, "phase": "running", "before": fleet.json("history", "--all")[0]["version"]}))
    end = wait_for_end(fleet)
    assert end["phase"] == "undone" and reason in end["reason"]
    assert fleet.document() == OLD


def test_rights_decide(tmp_path):
    """An agent with the rights of an agent leaves a rollout alone; one that may write documents leads it."""
    with contextlib.ExitStack() as stack:
        store = Etcd(tmp_path / "etcd").start()
        stack.callback(store.close)
        fleet = Fleet(tmp_path, store)
        fleet.prefix_of_keys = PREFIX
        fleet.put("config/default/all", OLD)
        store.guard(agent=RIGHTS, keeper=KEEPER_RIGHTS)
        agents = {}
        for name in "agent", "keeper":
            password = tmp_path / f"password-{name}"
            password.write_text(f"pass-{name}\n")
            agent = Agent(store, tmp_path / name, host=name, user=name, rollouts="resume",
                          **{"password-file": str(password)})
            agents[name] = stack.enter_context(contextlib.closing(agent))
        agents["agent"].start()
        agents["agent"].wait_for("default", ALL, OLD)
        before = int(store.items(PREFIX + "config/default/all")[0]["mod_revision"])
        fleet.put("rollout/default/all", json.dumps(
            {"id": "x", "author": "anna", "text": NEW, "phase": "running", "before": before,
             "steps": ["100%"], "hosts": 1}))
        eventually(lambda: "doesn't let this host lead" in agents["agent"].log(), "the agent was denied", PATIENCE)
        assert "pass-agent" not in agents["agent"].log()
        assert state(fleet)["phase"] == "running" and not has_controller(fleet)
        agents["keeper"].start()
        assert wait_for_end(fleet)["phase"] == "finished"
        assert fleet.document() == NEW
        assert takers(agents) == ["keeper"]
        assert agents["agent"].log().count("doesn't let this host lead") == 1
