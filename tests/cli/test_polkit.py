# SPDX-License-Identifier: LGPL-2.1-or-later
"""The system bus, where polkit decides, and who may be asked for a password."""

import os
import signal
import subprocess
import threading

import pytest
from polkit_testing import Agent, Polkit

from command_testing import DENIED, DONE, Online
from runconf_testing import DEADLINE, eventually, require_root
from tmux_testing import Terminal

pytestmark = pytest.mark.bus_type("system")

RULES = """
    var answers = {games: polkit.Result.YES, news: polkit.Result.NO,
                   mail: polkit.Result.AUTH_ADMIN};
    return answers[subject.user];
"""


@pytest.fixture
def polkit(bus, scratch):
    require_root()
    polkit = Polkit(bus, scratch / "polkit")
    polkit.rules(RULES)
    polkit.start()
    yield polkit
    polkit.stop()
    print(polkit.log())


@pytest.fixture
def governed(polkit, service):
    """Gives the command for a user of the system bus."""
    service.bus_options = ["--system"]
    service.start()

    def become(user):
        cli = Online(service).as_user(user)
        cli.options = []
        cli.environment["DBUS_SYSTEM_BUS_ADDRESS"] = service.bus.address
        return cli

    return become


WRITES = [["set", "/a", "1"], ["merge", "a: 1"], ["reset", "/llm"], ["load", "-"],
          ["load", "--overrides", "-"], ["revert", "0"]]


def test_who_may(polkit, governed):
    for line in WRITES:
        assert governed("games")(*line, "--dry-run", text="a: 1")
    assert governed("games")("set", "/llm/active", "groq") == "changed /llm/active (version 1)\n"
    assert ("modify", "games", "default", ["/llm/active"]) in polkit.asked()
    assert governed("games").json("history")[0]["version"] == 1


@pytest.mark.parametrize("user", ["news", "mail"])
def test_who_may_not(governed, user):
    """Where there is no terminal nobody is asked."""
    for line in [*WRITES, ["history"], ["diff", "0"], ["dump", "--version", "0"]]:
        governed(user).fails(DENIED, *line, text="a: 1")
    assert governed(user)("get", "/llm/active") == "openrouter\n"
    assert governed(user).json("describe", "/llm/active")["writable"] is False


@pytest.mark.parametrize("answer, status", [(True, DONE), (False, DENIED)])
def test_who_sits_at_a_terminal_is_asked(governed, service, answer, status):
    cli = governed("mail")
    ours, theirs = os.openpty()
    gate = threading.Event()
    # it waits until there is an agent for it, and keeps its number when it goes on as the command
    process = subprocess.Popen(
        [*cli.prefix, "sh", "-c", 'kill -STOP $$; exec "$@"', "sh", str(cli.program),
         "set", "/llm/active", "groq"],
        env=cli.environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    eventually(lambda: os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT | os.WNOHANG))
    agent = Agent(service.bus, process.pid, lambda: gate.wait(DEADLINE) and answer)
    process.send_signal(signal.SIGCONT)
    eventually(lambda: agent.begun)
    assert process.poll() is None
    gate.set()
    told, _ = process.communicate(timeout=DEADLINE)
    agent.stop()
    os.close(ours)
    os.close(theirs)
    assert process.returncode == status, told
    assert agent.begun == [("org.runconf.config1.modify",
                            "Authentication is required to change the configuration default")]


def test_an_agent_for_the_terminal(polkit, governed):
    """Over ssh nobody else would ask. As there is no session here, polkit doesn't take it in the end."""
    with Terminal(governed("mail")) as terminal:
        assert "openrouter" in terminal.run("runconf get /llm/active")
        assert "Authentication Agent" not in polkit.log()
        assert "found no agent" in terminal.run("runconf set /llm/active groq").replace("\n", "")
        eventually(lambda: "Unregistered Authentication Agent" in polkit.log())
        assert "[pkttyagent --process" in polkit.log()
        terminal.type("echo se''en")
        terminal.wait("seen")
