# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may do what, by the packages' own policies: each caller, each member, whatever polkit says."""

import contextlib
import json
import os
import pathlib
import signal
import time

from container import (
    Installed, add_configuration, case, main_pid, make_user, run, status_of, wait_for,
)
from crowd_testing import flood, vanish
from polkit_testing import Agent
from rights import (
    ANSWERS, DENIED, EVERYTHING, METHODS, OK, PROPERTIES, NOT_WRITABLE, SCHEMA, WANTS_INTERACTION, expect, introspect,
    names_of, outcome, prepare, read_interface,
)
from runconf_testing import BUS_NAME, DEFAULTS, INTERFACE, OBJECT_ROOT, Refusal
from gi.repository import GLib

RULES = pathlib.Path("/etc/polkit-1/rules.d/10-system-test.rules")
POLKIT = "polkit.service"
PROPERTIES_INTERFACE = "org.freedesktop.DBus.Properties"
ORDINARY = "runconf-ordinary"
LARGE = "runconf-large"
# by the names that setpriv takes; None is who runs this, root
CALLERS = [None, ORDINARY, "nobody", LARGE]
# whom dbus-daemon doesn't let in, and dbus-broker does
NAMELESS = "4000000001"
LIMITS = "org.freedesktop.DBus.Error.LimitsExceeded"

# in KiB: 128 bytes of each of 2,000, which is less than a call takes that nobody forgets
LEAK = 250

# what a rule says, where there is one; without one the defaults of the packages' policy ask
SAYS = {"yes": "YES", "no": "NO"}


class World:
    """The configuration that the calls are about, and root's client of it."""

    service = None
    root = None


def enter_world():
    World.service = Installed("rights")
    World.root = World.service.client()
    prepare(World.root)


def told(user, name):
    client = World.service.client(user=user)
    answer = outcome(client, name)
    client.close()
    return answer


@contextlib.contextmanager
def stopped():
    run("systemctl", "mask", "--runtime", "--now", POLKIT)
    try:
        yield
    finally:
        run("systemctl", "unmask", "--runtime", POLKIT)


@contextlib.contextmanager
def ruled(result):
    RULES.write_text(
        "polkit.addRule(function(action, subject) {\n"
        '    if (action.id.indexOf("org.runconf.config1.") == 0)\n'
        f"        return polkit.Result.{result};\n"
        "});\n"
    )
    try:
        yield
    finally:
        RULES.unlink()


@contextlib.contextmanager
def saying(answer):
    """polkit as it has to be for an answer."""
    if ANSWERS[answer] == DENIED and answer.startswith("nothing"):
        state = stopped()
    elif answer in SAYS:
        state = ruled(SAYS[answer])
    else:
        state = contextlib.nullcontext()
    with state:
        # polkit sees a rule a moment after it was written
        first = WANTS_INTERACTION if answer.startswith("ask") else ANSWERS[answer]
        wait_for(f"polkit to say {answer}", lambda: told("nobody", "Set") == first)
        prepare(World.root)
        yield


@contextlib.contextmanager
def asking(client, answer):
    """Somebody who is asked, where the answer takes one."""
    decisions = {"ask, and who is asked agrees": True, "ask, and who is asked refuses": False}
    client.caller.interactive = answer.startswith("ask, ")
    if client.caller.interactive:
        client.get("/chat")
    if answer not in decisions:
        yield
        return
    agent = Agent(World.service.bus, client.caller.process.pid, lambda: decisions[answer])
    try:
        yield
    finally:
        agent.stop()


def try_methods(client, answer, trusted):
    """Calls everything, and yields what the table doesn't say."""
    for name, row in EVERYTHING.items():
        wanted = expect(name, answer, trusted)
        before = World.root.snapshot()
        got = outcome(client, name)
        if got != wanted:
            yield f"{name}: {got} instead of {wanted}"
        if row.right is None or wanted != OK:
            if World.root.snapshot() != before:
                yield f"{name}: something was changed"
        else:
            prepare(World.root)


def try_properties(client):
    """Everybody reads them, nobody writes one."""
    properties = World.root.properties()
    for name in PROPERTIES:
        if client.get_property(name) != properties[name]:
            yield f"{name}: reads otherwise"
        try:
            client.call("Set", "(ssv)", INTERFACE, name, GLib.Variant("s", "x"), interface=PROPERTIES_INTERFACE)
            yield f"{name}: was written"
        except Refusal as refusal:
            if refusal.name != NOT_WRITABLE:
                yield f"{name}: {refusal}"
    if client.properties() != properties or World.root.properties() != properties:
        yield "GetAll: something else"
    managed = client.caller.call(
        BUS_NAME, OBJECT_ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", None, 10
    ).unpack()[0]
    if managed[World.service.path][INTERFACE] != properties:
        yield "GetManagedObjects: something else"
    if names_of(introspect(client), "property") != {*PROPERTIES}:
        yield "Introspect: something else"


def try_answer(answer):
    surprises = []
    with saying(answer):
        for user in CALLERS:
            client = World.service.client(user=user)
            who = user or "root"
            if user is None:
                surprises += [f"{who}: {what}" for what in try_methods(client, answer, True)]
            else:
                with asking(client, answer):
                    surprises += [f"{who}: {what}" for what in try_methods(client, answer, False)]
            surprises += [f"{who}: {what}" for what in try_properties(client)]
            client.close()
    assert surprises == [], "\n".join(surprises)


@contextlib.contextmanager
def frozen():
    """polkit gets questions, and answers them later."""
    pid = main_pid(POLKIT)
    if pid == 0:
        yield
        return
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def try_vanished(answer):
    """Whoever is gone before polkit answers has done nothing."""
    with saying(answer):
        client = World.service.client(user="nobody")
        client.caller.vanishes = True
        before = World.root.snapshot()
        with frozen():
            for name in EVERYTHING:
                assert outcome(client, name) == "nothing"
            for name in PROPERTIES:
                for method, arguments in (("Get", "(ss)"), ("Set", "(ssv)")):
                    values = [INTERFACE, name, GLib.Variant("s", "x")][: len(arguments) - 2]
                    with contextlib.suppress(Exception):
                        client.call(method, arguments, *values, interface=PROPERTIES_INTERFACE)
            time.sleep(0.2)
        time.sleep(0.2)
        assert World.root.snapshot() == before
        client.close()


@case
def every_member_has_a_row():
    make_user(ORDINARY)
    # as a number with a sign it is below 0
    run("useradd", "--no-log-init", "--no-create-home", "--uid", "4000000000", LARGE)
    add_configuration("rights", config=DEFAULTS, config_schema=SCHEMA)
    enter_world()
    for interface in (introspect(World.root), read_interface()):
        assert names_of(interface, "method") == {*METHODS}
        assert names_of(interface, "property") == {*PROPERTIES}


def add_cases(where=""):
    for answer in ANSWERS:
        def each_caller(answer=answer):
            try_answer(answer)

        each_caller.__name__ = f"polkit_says_{answer}:_each_caller_is_told_what_the_table_says{where}"
        case(each_caller)
    for answer in ("yes", "no", "ask", "nothing, for it is stopped"):
        def who_vanishes(answer=answer):
            try_vanished(answer)

        who_vanishes.__name__ = f"polkit_says_{answer}:_who_vanishes_has_done_nothing{where}"
        case(who_vanishes)


add_cases()


@case
def polkit_may_be_killed_and_comes_back():
    with saying("yes"):
        pid = main_pid(POLKIT)
        os.kill(pid, signal.SIGKILL)
        wait_for("the rights to be back", lambda: told("nobody", "Set") == OK)
        assert main_pid(POLKIT) not in (0, pid)
        run("systemctl", "restart", POLKIT)
        wait_for("the rights to be back", lambda: told("nobody", "Set") == OK)


def count_descriptors():
    return len(list(pathlib.Path(f"/proc/{main_pid()}/fd").iterdir()))


def count_memory():
    """What isn't shared with a file, in KiB."""
    return int(status_of(main_pid(), "RssAnon").split()[0])


def come_and_go():
    """A thousand callers vanish at any point of their calls, and as many while polkit thinks."""
    vanish(World.root, 1000, patience=0.004)
    with frozen():
        vanish(World.root, 1000, patience=0)
        time.sleep(0.3)
    time.sleep(0.3)


def grows_by():
    """How much memory 2,000 callers leave behind, in KiB. A larger crowd at a time than ever takes some
    for good; what leaks is left by each.
    """
    memory = count_memory()
    come_and_go()
    print(f"        2,000 more callers leave {count_memory() - memory} KiB, beside {memory} KiB")
    return count_memory() - memory


def ask_at_once(count):
    """What so many calls of nobody's are told that are all under way before polkit says anything."""
    with frozen():
        process = flood(World.root, "Set", "('/a', <9>)", 16, count // 16, "yes")
        time.sleep(0.5)
    return json.loads(process.communicate(timeout=60)[0].replace("'", '"'))


@case
def a_thousand_callers_vanish_and_leave_nothing_behind():
    with saying("no"):
        pid = main_pid()
        before = World.root.snapshot()
        # until as many callers are remembered as ever are
        for _ in range(2):
            come_and_go()
        descriptors = count_descriptors()
        wait_for("a crowd that leaves nothing", lambda: grows_by() < LEAK, seconds=60)
        assert World.root.snapshot() == before
        wait_for("the descriptors", lambda: count_descriptors() <= descriptors)
        # when polkit has thought about the last of theirs, nobody's 256 calls are all to be had
        wait_for("room for calls", lambda: ask_at_once(272) == {DENIED: 256, LIMITS: 16})
        assert World.root.snapshot() == before
        assert main_pid() == pid


@case
def nobody_else_serves_on_the_bus():
    pid = main_pid()
    owner = run("busctl", "--system", "status", BUS_NAME).stdout
    for user in ("root", "nobody", ORDINARY, "runconf"):
        folder = pathlib.Path(run("mktemp", "--directory").stdout.strip())
        run("chown", user, folder)
        (folder / "config.yaml").write_text("a: 1\n")
        files = ["--defaults", str(folder / "config.yaml"), "--runtime", str(folder / "runtime_config.yaml")]
        for options in (files, []):
            other = run(
                "setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups", "/usr/libexec/runconfd", "--system",
                *options, check=False,
            )
            assert other.returncode == 1, (user, other)
            assert f"the bus name {BUS_NAME} is taken, or this user may not own it" in other.stderr, (user, other)
    assert main_pid() == pid
    assert run("busctl", "--system", "status", BUS_NAME).stdout == owner
    assert World.root.get("/chat/websocket/port") == 8000


@case
def nobody_else_owns_the_name():
    for user in ("root", "nobody", ORDINARY):
        command = ["busctl", "--system", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus"]
        command += ["org.freedesktop.DBus", "RequestName", "su", BUS_NAME, "2"]
        refused = run("setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups", *command, check=False)
        assert refused.returncode != 0
        assert "denied" in refused.stderr.lower() or "not allowed" in refused.stderr.lower(), refused.stderr
