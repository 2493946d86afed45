# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table of rights in docs/fleet-setup.md: each verb can do its work with these, and with none less."""

import contextlib
import pathlib
import re

import pytest

from agent_testing import RIGHTS, Agent
from command_testing import DENIED, FAILED
from etcd_testing import Etcd
from fleet_testing import Fleet
from runconf_testing import eventually

PAGE = pathlib.Path(__file__).parents[2] / "docs/fleet-setup.md"
RUNCONF = "/runconf/"
# The last line of a list is the verb itself. TEXT stands for another text each time, VERSION for an older one.
COMMANDS = {
    "get": [["get", "--all"]],
    "diff": [["diff", "--all", "VERSION"]],
    "history": [["history", "--all"]],
    "status": [["status"]],
    "hosts": [["hosts"]],
    "group without a name": [["group"]],
    "set": [["set", "--all", "/a", "TEXT", "--wait"]],
    "merge": [["merge", "--all", "a: TEXT"]],
    "reset": [["set", "--all", "/TEXT", "1"], ["reset", "--all", "/TEXT"]],
    "edit": [["edit", "--all", "--editor", "echo TEXT: 1 >>"]],
    "load": [["load", "--all", "TEXT"]],
    "revert": [["set", "--all", "/TEXT", "1"], ["revert", "--all", "VERSION"]],
    "rollout": [["rollout", "--all", "--steps", "1", "--soak", "0s", "/a", "TEXT"]],
    "load --locks": [["load", "--all", "--locks", "locks-TEXT"]],
    "load --schema": [["load", "--schema", "TEXT"]],
    "group": [["group", "web", "TEXT"]],
    "hosts --forget": [["hosts", "--forget", "gone-TEXT"]],
}
# it does the same as the verb above, and never ends
ENDLESS = {"keep"}


def read_table():
    """The keys that may be written, by the verb."""
    rights = {}
    before = []
    for verbs, keys in re.findall(r"^\| (`.*) \| (.*) \|$", PAGE.read_text(), re.MULTILINE):
        written = (before if "the same" in keys else []) + re.findall(r"`/runconf/(.*?)`", keys)
        before = written
        for verb in re.split(r", (?=`)", verbs):
            rights[verb.replace("`", "")] = [key.replace("NAME", "default") for key in written]
    return rights


TABLE = read_table()


def roles():
    """The rights of each user: of those with the rights of a verb, and of those that lack one of them."""
    for verb, keys in TABLE.items():
        number = [*TABLE].index(verb)
        yield f"user{number}", keys
        for lacking in keys:
            yield f"user{number}-{keys.index(lacking)}", [key for key in keys if key != lacking]


@pytest.fixture(scope="module", name="guarded")
def make_guarded(tmp_path_factory):
    member = Etcd(tmp_path_factory.mktemp("etcd")).start()
    member.guard(agent=RIGHTS, **{name: {RUNCONF: "READ", **{RUNCONF + key: "READWRITE" for key in keys}}
                                  for name, keys in roles()})
    yield member
    member.close()


@pytest.fixture(scope="module", autouse=True)
def make_host(guarded, tmp_path_factory):
    folder = tmp_path_factory.mktemp("agent")
    (folder / "password").write_text("pass-agent\n")
    agent = Agent(guarded, folder, user="agent", rollouts="leave", **{"password-file": str(folder / "password")})
    with contextlib.closing(agent.start()):
        eventually(lambda: guarded.list(RUNCONF + "status/h1"), "the host reports")
        yield


@pytest.fixture(name="fleet")
def make_fleet(guarded, tmp_path):
    fleet = Fleet(tmp_path, guarded)
    fleet.prefix_of_keys = RUNCONF
    as_user(fleet, "root")
    for value in "0", "1":
        fleet("set", "--all", "/b", value)
    fleet.version = fleet.json("history", "--all")[1]["version"]
    return fleet


def as_user(fleet, name):
    (fleet.folder / "password").write_text(f"pass-{name}\n")
    fleet.options = ["fleet", "--endpoints", fleet.store.url, "--user", name, "--password-file", "password"]


def arguments(fleet, line, text):
    """The arguments of a verb; the things that they name are made."""
    (fleet.folder / text).write_text(f"properties: {{{text}: {{}}}}\n")
    (fleet.folder / f"locks-{text}").write_text(f"/{text}\n")
    fleet.put(f"status/gone-{text}/seen", '{"host": "gone-%s", "groups": [], "time": 1}' % text)
    return [word.replace("TEXT", text).replace("VERSION", str(fleet.version)) for word in line]


def test_every_verb_is_tried():
    assert set(TABLE) - ENDLESS == set(COMMANDS)


@pytest.mark.parametrize("verb", COMMANDS)
def test_the_rights_of_a_verb(fleet, verb):
    number = [*TABLE].index(verb)
    as_user(fleet, f"user{number}")
    for line in COMMANDS[verb]:
        fleet(*arguments(fleet, line, f"x{number}"))
    for index, lacking in enumerate(TABLE[verb]):
        as_user(fleet, f"user{number}")
        for line in COMMANDS[verb][:-1]:
            fleet(*arguments(fleet, line, f"y{number}"))
        as_user(fleet, f"user{number}-{index}")
        line = arguments(fleet, COMMANDS[verb][-1], f"y{number}")
        before = fleet.document()
        if verb == "rollout" and not lacking.startswith("rollout/"):
            # its last step is the first to write the document
            fleet(*line, status=FAILED)
            assert "undone: its etcd user has no right to write the document" in fleet.complaint
        else:
            fleet.fails(DENIED, *line, words=[f"“user{number}-{index}”"])
        assert fleet.document() == before
