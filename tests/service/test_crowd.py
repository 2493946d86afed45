# SPDX-License-Identifier: LGPL-2.1-or-later
"""One user's calls don't keep others waiting, nor their windows cover somebody's screen."""

import statistics
import time

import pytest
from crowd_testing import flood
from gi.repository import GLib
from polkit_testing import Agent, Polkit
from runconf_testing import BUS_NAME, INTERFACE, Refusal, eventually, pack, require_root

pytestmark = pytest.mark.bus_type("system")

LIMITS = "org.freedesktop.DBus.Error.LimitsExceeded"


@pytest.fixture(autouse=True)
def root():
    require_root()


def get_times(config, process):
    """How long Gets take while a process runs, in milliseconds."""
    other = config.service.client(user="daemon")
    config.get("/chat")
    times = []
    while process.poll() is None or len(times) < 100:
        started = time.monotonic()
        config.get("/chat/websocket/port")
        times.append((time.monotonic() - started) * 1000)
        assert len(times) < 100_000
    other.get("/chat")
    return times


@pytest.mark.parametrize("connections", [1, 20])
def test_a_flood_of_calls_keeps_nobody_waiting(config, connections):
    process = flood(config, "Get", "('/chat',)", connections, 20_000 // connections, "yes")
    times = get_times(config, process)
    p99 = statistics.quantiles(times, n=100)[98]
    assert p99 < 50, f"{p99:.1f} ms of {len(times)}"
    # and nobody is left out afterwards
    assert config.service.client(user="nobody").get("/chat")


def test_what_is_too_much_is_refused(config):
    """It is counted by user, and not by connection."""
    process = flood(config, "Get", "('',)", 50, 400, "yes")
    told = eval(process.communicate(timeout=100)[0])
    assert told.keys() == {"ok", LIMITS} and sum(told.values()) == 20_000
    client = config.service.client(user="nobody")
    for _ in range(300):
        client.get("/chat")
    assert config.set("/a", 1)


def test_calls_for_no_answer_are_done(config):
    """They are counted like others, and still nobody gets an answer."""
    config.set("/a", "nothing")
    for number in range(10):
        config.caller.connection.call(
            BUS_NAME, config.path, INTERFACE, "Set", GLib.Variant("(sv)", ("/a", pack(number))),
            None, 0, 1000, None, None)
    config.caller.connection.flush_sync(None)
    eventually(lambda: config.get("/a") == 9)


def test_open_writes_are_limited_by_user(bus, scratch, service):
    service.bus_options = ["--system"]
    config = service.start()
    polkit = Polkit(bus, scratch / "polkit")
    polkit.rules("return polkit.Result.YES;")
    polkit.start()
    process = flood(config, "Set", "('/a', <1>)", 50, 40, "yes")
    told = eval(process.communicate(timeout=100)[0])
    assert told.keys() == {"ok", LIMITS} and told["ok"] >= 256
    polkit.stop()


def test_dialogs_are_limited_by_user(bus, scratch, service):
    service.bus_options = ["--system"]
    config = service.start()
    polkit = Polkit(bus, scratch / "polkit")
    polkit.rules("return polkit.Result.AUTH_ADMIN;")
    polkit.start()
    crowd = [config.service.client(user="mail") for _ in range(10)]
    agents = []
    for client in crowd:
        client.caller.interactive = True
        client.get("/chat")
        agents.append(Agent(bus, client.caller.process.pid, lambda: None))
    for client in crowd[:8]:
        client.caller.send(BUS_NAME, client.path, INTERFACE, "Set",
                           GLib.Variant("(sv)", ("/a", pack(5))))
    eventually(lambda: sum(len(agent.begun) for agent in agents) == 8)
    for client in crowd[8:]:
        with pytest.raises(Refusal) as caught:
            client.set("/a", 5)
        assert caught.value.name == LIMITS
    for client in crowd[:8]:
        client.caller.process.kill()
    eventually(lambda: all(agent.cancelled for agent in agents[:8]))
    crowd[8].caller.send(BUS_NAME, crowd[8].path, INTERFACE, "Set",
                         GLib.Variant("(sv)", ("/a", pack(5))))
    eventually(lambda: agents[8].begun)
    for agent in agents:
        agent.stop()
    polkit.stop()
