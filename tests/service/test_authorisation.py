# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may do what: everybody reads, and only root and the daemon's own user write, on any bus."""

import shutil
import subprocess
import time

import pytest
from gi.repository import GLib
from rights import METHODS, introspect, prepare
from runconf_testing import (BUS_NAME, DEFAULT_VALUES, INTERFACE, DBusDaemon, Refusal, Service,
                             as_user, both_buses, check_refusal, require_root)

READS = [name for name, row in METHODS.items() if row.right in (None, "read-history")]
WRITES = [name for name in METHODS if name not in READS]

system_bus = pytest.mark.bus_type("system")


@pytest.fixture(autouse=True)
def root():
    require_root()


class OwnedBus(DBusDaemon):
    """A session bus of another user, who lets all users in."""

    def start(self):
        shutil.chown(self.folder, "mail")
        self.process = subprocess.Popen(
            [*as_user("mail"), "dbus-daemon", f"--config-file={self.config}", "--nofork",
             "--nopidfile", "--nosyslog", "--print-address=1"], stdout=subprocess.PIPE)
        assert self.process.stdout.readline(), "dbus-daemon did not start"
        self.process.stdout.close()


def test_the_owner_of_a_session_bus_has_all_rights(scratch):
    folder = scratch / "owned"
    folder.mkdir()
    bus = OwnedBus(folder)
    bus.start()
    service = Service(bus, scratch / "service", user="nobody")
    service.bus_options = ["--session"]
    try:
        service.start()
        assert service.client(user="mail").set("/a", 1) == 1
        with service.client(user="games").refuses("AccessDenied"):
            service.client(user="games").set("/a", 2)
    finally:
        service.close()
        bus.stop()


@system_bus
@both_buses
@pytest.mark.parametrize("method", READS)
def test_everybody_may_read(config, method):
    config.set("/a", 1)
    answers = [METHODS[method].call(client)
               for client in (config.service.client(user="nobody"), config)]
    if method == "Describe":
        assert [answer.pop("writable") for answer in answers] == [False, True]
    assert answers[0] == answers[1]


@system_bus
def test_describe_says_whether_the_caller_may_write(config):
    stranger = config.service.client(user="nobody")
    assert config.describe("/chat")["writable"] is True
    assert stranger.describe("/chat")["writable"] is False


@system_bus
def test_everybody_may_read_the_properties(config):
    stranger = config.service.client(user="nobody")
    assert stranger.properties() == config.properties()
    assert introspect(stranger) is not None


def refuse_write(config, method):
    prepare(config)
    stranger = config.service.client(user="nobody")
    with config.unchanged():
        with pytest.raises(Refusal) as caught:
            METHODS[method].call(stranger)
        check_refusal(caught.value, "AccessDenied")


@system_bus
@both_buses
@pytest.mark.parametrize("method", WRITES)
def test_strangers_may_not_write(config, method):
    refuse_write(config, method)


@pytest.mark.parametrize("method", WRITES)
def test_strangers_may_not_write_on_a_session_bus_either(config, method):
    refuse_write(config, method)


@system_bus
@pytest.mark.parametrize("method", WRITES)
def test_root_may_write(config, method):
    prepare(config)
    METHODS[method].call(config)


@system_bus
@pytest.mark.parametrize("write", [
    "set('no pointer', 1)",
    "set('/_runtime_config', 1)",
    "set('/llm/active/x', 1)",
    "set('/llm/active', 'openrouter')",
    "reset('/nothing')",
    "merge({})",
    "merge_text('a: [')",
    "merge_text('[' * 100_000)",
    "save({}, nonsense=1)",
    "apply()",
    "apply(('nonsense', '', 1))",
    "apply(('set', '/a', 1), dry_run=True)",
    "apply(('set', '/a', 1), if_version=77)",
    "replace_text('a: [')",
])
def test_the_right_is_checked_before_anything_else(config, write):
    """A stranger learns nothing from the way in which a call is refused."""
    stranger = config.service.client(user="nobody")
    with config.unchanged():
        with pytest.raises(Refusal) as caught:
            eval(f"stranger.{write}", {"stranger": stranger})
        check_refusal(caught.value, "AccessDenied")


@system_bus
def test_strangers_may_not_set_properties(config):
    stranger = config.service.client(user="nobody")
    for name in config.properties():
        with config.unchanged():
            with pytest.raises(Refusal):
                stranger.call("Set", "(ssv)", INTERFACE, name, GLib.Variant("s", "x"),
                              interface="org.freedesktop.DBus.Properties")


@system_bus
@both_buses
def test_the_daemons_own_user_may_write(unprivileged):
    root = unprivileged.start()
    own = unprivileged.client(user="nobody")
    other = unprivileged.client(user="daemon")
    assert own.set("/a", 1) == 1
    assert root.set("/b", 2) == 2
    with root.refuses("AccessDenied"):
        other.set("/a", 3)
    assert other.get("/a") == 1
    assert unprivileged.runtime.owner() == "nobody"


@system_bus
def test_the_uid_that_wrote_is_told(unprivileged):
    root = unprivileged.start()
    own = unprivileged.client(user="nobody")
    with root.signals() as seen:
        own.set("/a", 1)
        root.set("/a", 2)
        uids = [signal.details["uid"].get_uint32() for signal in seen.all()]
    assert uids == [65534, 0]


@system_bus
def test_a_stranger_who_vanishes_amid_a_call_writes_nothing(config):
    for number in range(15):
        stranger = config.service.client(user="nobody")
        stranger.get("/chat")
        stranger.caller.send(BUS_NAME, stranger.path, INTERFACE, "Set",
                             GLib.Variant("(sv)", ("/a", GLib.Variant("i", number))))
        # each caller is killed at another moment of its call
        time.sleep(number / 5000)
        stranger.caller.process.kill()
    config.set("/end", 1)
    assert config.get() == {**DEFAULT_VALUES, "end": 1}
    assert config.version == 1


@system_bus
def test_a_flood_of_refusals_does_not_stop_the_others(config):
    stranger = config.service.client(user="nobody")
    for _ in range(200):
        with pytest.raises(Refusal):
            stranger.set("/a", 1)
    assert config.set("/a", 1) == 1
