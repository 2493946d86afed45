# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may do what on the system bus, where polkit decides: the real polkitd, on a private bus."""

import threading
import time

import pytest
from crowd_testing import vanish
from gi.repository import GLib
from polkit_testing import Agent, Polkit
from rights import (DENIED, EVERYTHING, METHODS, SCHEMA, WANTS_INTERACTION, expect, introspect,
                    names_of, outcome, prepare)
from runconf_testing import (
    BUS_NAME, INTERFACE, ROOT, Monitor, Refusal, Service, eventually, require_root,
)
from values_testing import pack

pytestmark = pytest.mark.bus_type("system")

# what each of these users is told, by the rules below
RULES = """
    var answers = {games: polkit.Result.YES, news: polkit.Result.NO,
                   mail: polkit.Result.AUTH_ADMIN};
    return answers[subject.user];
"""


@pytest.fixture(autouse=True)
def root():
    require_root()


@pytest.fixture
def polkit(bus, scratch):
    polkit = Polkit(bus, scratch / "polkit")
    polkit.rules(RULES)
    polkit.start()
    yield polkit
    polkit.stop()
    print(polkit.log())


@pytest.fixture
def governed(service):
    """Root's client of a daemon with a secret."""
    service.bus_options = ["--system"]
    service.schema.write_text(SCHEMA)
    config = service.start()
    prepare(config)
    return config


def set_a(governed, users):
    """Has these users call Set, and returns when their calls are on the way to the service."""
    clients = [governed.service.client(user=user) for user in users]
    with Monitor(governed.service.bus.address) as monitor:
        for client in clients:
            client.caller.send(BUS_NAME, client.path, INTERFACE, "Set",
                               GLib.Variant("(sv)", ("/a", pack(5))))
        monitor.wait_for_calls("Set", len(clients))
    return clients


def test_every_method_is_in_the_table(polkit, governed):
    assert names_of(introspect(governed), "method") == {*METHODS}


@pytest.mark.parametrize("method", EVERYTHING)
def test_the_table_holds(polkit, governed, method):
    """Each method, as root, and as users for whom polkit says yes, no, and that it has to ask."""
    right = EVERYTHING[method].right
    answers = {"news": "no", "mail": "ask", "nobody": "ask"}
    for user, answer in answers.items():
        client = governed.service.client(user=user)
        before = governed.snapshot()
        assert outcome(client, method) == expect(method, answer), user
        if right is not None:
            assert governed.snapshot() == before
    asked = polkit.asked()
    assert {name for _, _, name, _ in asked} <= {"default"}
    if method != "Describe":
        assert {action for action, *_ in asked} == ({right} if right else set())
        # one question a call
        assert sorted(user for _, user, _, _ in asked if user in answers) == (
            ["mail", "news", "nobody"] if right else [])
    told = outcome(governed.service.client(user="games"), method)
    governed.set("/a", 1)
    assert told == expect(method, "yes")
    assert outcome(governed, method) == expect(method, "yes", trusted=True)


@pytest.mark.parametrize("state", ["absent", "stopped", "frozen"])
def test_without_polkit_nothing_is_allowed(bus, scratch, governed, state):
    polkit = Polkit(bus, scratch / "polkit")
    polkit.rules(RULES)
    if state != "absent":
        polkit.start()
        governed.service.client(user="games").set("/warm", 1)
    if state == "stopped":
        polkit.stop()
    if state == "frozen":
        polkit.freeze()
    methods = EVERYTHING if state != "frozen" else {"Set": None}
    client = governed.service.client(user="games")
    for method in methods:
        before = governed.snapshot()
        told = outcome(client, method) if state != "frozen" else too_late(client)
        assert told == expect(method, "nothing, for it is stopped"), method
        if EVERYTHING[method].right is not None:
            assert governed.snapshot() == before, method
        # nobody else waits
        assert governed.get("/a") == 1
    if state == "frozen":
        polkit.thaw()
        # polkit answers in order, so it has answered the questions before this one
        assert outcome(governed.service.client(user="news"), "Set") == DENIED
    assert governed.get("/a") == 1
    governed.set("/a", 3)
    if state == "stopped":
        # it is back, and so are the rights
        polkit.start()
        assert eventually(lambda: outcome(client, "Set") == "ok")
    polkit.stop()


def test_a_polkit_that_hangs_from_the_start_keeps_nobody_waiting(polkit, governed):
    """What polkit's library does for the first question to it may not stop the others."""
    polkit.freeze()
    crowd = set_a(governed, ("games", "news", "games"))
    started = time.monotonic()
    assert governed.set("/b", 1)
    assert governed.service.client(user="nobody").get("/b") == 1
    assert time.monotonic() - started < 5
    polkit.thaw()
    answers = [client.caller.process.stdout.readline() for client in crowd]
    assert ["error" in answer for answer in answers] == [False, True, False]
    assert governed.get("/a") == 5


def too_late(client):
    """A Set that polkit doesn't answer in time."""
    try:
        client.call("Set", "(sv)", "/a", pack(9), seconds=60)
        return "ok"
    except Refusal as refusal:
        assert "didn't reply" in refusal.message
        return refusal.name


def test_the_service_need_not_be_root(bus, scratch, unprivileged):
    """polkit answers the owner of the actions, and nobody else who isn't root."""
    unprivileged.bus_options = ["--system"]
    config = unprivileged.start()
    polkit = Polkit(bus, scratch / "other", owner="daemon")
    polkit.rules(RULES)
    polkit.start()
    client = unprivileged.client(user="games")
    assert outcome(client, "Set") == DENIED
    polkit.stop()
    polkit = Polkit(bus, scratch / "own", owner="nobody")
    polkit.rules(RULES)
    polkit.start()
    assert eventually(lambda: outcome(client, "Set") == "ok")
    assert outcome(unprivileged.client(user="news"), "Set") == DENIED
    assert config.get("/a") == 2
    polkit.stop()


# ------------------------------------------------------------------------------------------- paths

BY_PATH = """
    var paths = JSON.parse(action.lookup("paths"));
    return paths.every(function(path) { return path.indexOf("/chat/") == 0; })
        ? polkit.Result.YES : polkit.Result.NO;
"""

# over the budget of callers whose right isn't known
LARGE = {f"key{number}": "x" * 100 for number in range(800)}
ALIASES = ("chat:\n  a: &a [" + ", ".join(["1"] * 1000) + "]\n"
           + "".join(f"  b{number}: *a\n" for number in range(20)))

ALLOWED = {
    "a leaf": lambda client: client.set("/chat/websocket/port", 1),
    "a new mapping": lambda client: client.set("/chat/new", {"x": 1, "y": 2}),
    "a mapping of which only leaves change": lambda client: client.set("/chat", {"x": 1}),
    "a merge": lambda client: client.merge({"chat": {"websocket": {"port": 2}}}),
    "a merge that changes nothing": lambda client: client.merge({"chat": {"old": 1}}),
    "a merge of text": lambda client: client.merge_text("chat: {x: 1}"),
    "a reset": lambda client: client.reset("/chat/old"),
    "a save": lambda client: client.save({**client.get(), "chat": {"x": 1}}),
    "several": lambda client: client.apply(("set", "/chat/x", 1), ("reset", "/chat/old")),
    "a text": lambda client: client.replace_text("other: 1\nchat: {x: 1}\n"),
    "a large merge": lambda client: client.merge({"chat": LARGE}),
    "a large text": lambda client: client.merge_text("chat: {text: " + "x" * 100_000 + "}"),
    "a small text of many values": lambda client: client.merge_text(ALIASES),
}
REFUSED = {
    "another leaf": lambda client: client.set("/llm/active", "x"),
    "everything": lambda client: client.set("", {"chat": {"x": 1}}),
    "what looks alike": lambda client: client.set("/chatter", 1),
    "the mapping itself": lambda client: client.set("/chat", 1),
    "one of several": lambda client: client.apply(("set", "/chat/x", 1), ("set", "/other", 2)),
    "a merge": lambda client: client.merge({"chat": {"x": 1}, "llm": {"active": "x"}}),
    "a text that loses": lambda client: client.replace_text("chat: {old: 1}\n"),
    "a broken text": lambda client: client.merge_text("chat: ["),
    "no path": lambda client: client.set("chat", 1),
    "a key that is JSON": lambda client: client.set('/x","/chat~1y', 1),
    "a key with the start of another": lambda client: client.set("/chat~1x", 1),
    "a large merge": lambda client: client.merge({"chat": LARGE, "llm": 1}),
    "a large text": lambda client: client.merge_text("llm: " + "x" * 100_000),
    "a small text of many values": lambda client: client.merge_text(ALIASES + "llm: *a\n"),
}


@pytest.fixture
def by_path(bus, scratch, service):
    service.bus_options = ["--system"]
    config = service.start()
    config.merge({"other": 1, "chat": {"old": 1}})
    polkit = Polkit(bus, scratch / "polkit")
    polkit.rules(BY_PATH)
    polkit.start()
    yield config
    polkit.stop()
    print(polkit.log())


def test_rules_by_path_allow(by_path):
    client = by_path.service.client(user="nobody")
    for name, call in ALLOWED.items():
        by_path.replace_text("other: 1\nchat: {old: 1}\n")
        try:
            call(client)
        except Refusal as refusal:
            raise AssertionError(f"{name}: {refusal}") from refusal


def test_rules_by_path_refuse(by_path):
    client = by_path.service.client(user="nobody")
    for name, call in REFUSED.items():
        before = by_path.snapshot()
        with pytest.raises(Refusal) as caught:
            call(client)
        assert caught.value.name == DENIED, name
        assert "chat" not in caught.value.message, "it tells nothing of the arguments"
        assert by_path.snapshot() == before, name


def test_a_path_can_hold_anything(polkit, governed):
    """The rules get the path, whatever is in it; log and errors stay of one line."""
    governed.service.expect("default:")
    client = governed.service.client(user="news")
    for key in ['"', "\n\nASKED", "\033[31mred", "\u202e", "\\", "'", "ü", "]", "\u2028"]:
        path = f"/x{key}"
        with pytest.raises(Refusal) as caught:
            client.set(path, 1)
        assert "\n" not in caught.value.message
        assert polkit.asked()[-1] == ("modify", "news", "default", [path])
    with pytest.raises(Refusal):
        client.merge({f"key{number}": {"x" * 60: 1} for number in range(400)})
    assert polkit.asked()[-1][3] != [] and len(str(polkit.asked()[-1][3])) < 64 * 1024


ASKED_PATHS = {
    "a secret that gets the value that it has": (lambda c: c.set("/llm/key", "hush"), ["/llm/key"]),
    "a secret in a mapping": (lambda c: c.merge({"a": 5, "llm": {"key": "hush"}}), ["/a", "/llm/key"]),
    "a write through a scalar": (lambda c: c.set("/a/deep/x", 1), ["/a/deep/x"]),
    "a reset of what isn't there": (lambda c: c.reset("/nothing"), ["/nothing"]),
    "leaf by leaf": (lambda c: c.set("/chat/new", {"x": 1, "y": {"z": 2}}),
                     ["/chat/new/x", "/chat/new/y/z"]),
    "a read of a secret": (lambda c: c.get("/llm/key"), ["/llm/key"]),
}


@pytest.mark.parametrize("call", ASKED_PATHS)
def test_the_rules_get_the_paths_of_a_call(polkit, governed, call):
    make, paths = ASKED_PATHS[call]
    with pytest.raises(Refusal) as caught:
        make(governed.service.client(user="news"))
    assert caught.value.name == DENIED
    assert sorted(polkit.asked()[-1][3]) == paths


def test_a_large_message_takes_the_right_before_it_is_unpacked(polkit, governed):
    """The rules see no paths at first, and the paths when the caller has the right to some."""
    large = {f"key{number}": {"x" * 500: 1} for number in range(900)}
    client = governed.service.client(user="news")
    with pytest.raises(Refusal) as caught:
        client.merge(large)
    assert caught.value.kind == "AccessDenied"
    assert polkit.asked()[-1] == ("modify", "news", "default", [])


def test_the_example_of_rules_gives_the_right_to_a_part(bus, scratch):
    service = Service(bus, scratch / "service", name="chatbot")
    service.bus_options = ["--system"]
    config = service.start()
    polkit = Polkit(bus, scratch / "polkit")
    # a group that every system has, with one user in it
    text = (ROOT / "data/50-org.runconf.config1.rules.example").read_text()
    assert "chatbot-operators" in text
    (scratch / "polkit/rules/50-test.rules").write_text(text.replace("chatbot-operators", "games"))
    polkit.start()
    operator, other = (service.client(user=user) for user in ("games", "mail"))
    assert operator.set("/chat/websocket/port", 9001) == 1
    assert operator.set("/llm/active", "groq") == 2
    assert operator.merge({"chat": LARGE}).version == 3
    for call in (lambda: operator.set("/chat", 1), lambda: operator.set("/llm/temperature", 1),
                 lambda: operator.merge({"chat": {"x": 1}, "other": 1}),
                 lambda: operator.revert(1), lambda: other.set("/chat/websocket/port", 1)):
        with pytest.raises(Refusal) as caught:
            call()
        assert caught.value.name == WANTS_INTERACTION
    assert config.version == 3
    polkit.stop()
    service.close()


# ---------------------------------------------------------------------------------------- dialogs


def ask(governed, decide):
    client = governed.service.client(user="mail")
    client.caller.interactive = True
    client.get("/a")
    agent = Agent(governed.service.bus, client.caller.process.pid, decide)
    return client, agent


def test_who_allows_it_is_asked(polkit, governed):
    answers = [True, False]
    client, agent = ask(governed, lambda: answers.pop(0))
    assert client.set("/a", 5)
    with pytest.raises(Refusal) as caught:
        client.set("/a", 6)
    assert caught.value.name == DENIED
    assert governed.get("/a") == 5
    assert agent.begun[0] == (
        "org.runconf.config1.modify",
        "Authentication is required to change the configuration default")
    client.caller.interactive = False
    assert outcome(client, "Set") == WANTS_INTERACTION
    assert len(agent.begun) == 2
    # to be told about a value, nobody is asked
    client.caller.interactive = True
    client.describe("/a")
    assert len(agent.begun) == 2
    agent.stop()


def test_one_dialog_gives_the_right_for_a_large_call(polkit, governed):
    client, agent = ask(governed, lambda: True)
    for number, write in enumerate((lambda: client.merge({"chat": LARGE}),
                                    lambda: client.merge_text(ALIASES)), start=1):
        assert write()
        assert len(agent.begun) == number
        assert polkit.asked()[-1] == ("modify", "mail", "default", [""])
    client.caller.interactive = False
    with pytest.raises(Refusal) as caught:
        client.merge({"other": LARGE})
    assert caught.value.name == WANTS_INTERACTION
    assert len(agent.begun) == 2
    agent.stop()


def test_without_an_agent_a_call_that_allows_a_dialog_is_denied(polkit, governed):
    client = governed.service.client(user="mail")
    client.caller.interactive = True
    with governed.refuses("AccessDenied"):
        client.set("/a", 5)


def test_later_calls_of_the_connection_wait_for_its_dialog(polkit, governed):
    go_on = threading.Event()
    client, agent = ask(governed, lambda: go_on.wait(20))
    client.caller.send_in_a_row(BUS_NAME, client.path, INTERFACE, [
        ("Set", "('/a', <5>)"), ("Get", "('/b',)"), ("Get", "('/a',)")])
    eventually(lambda: agent.begun)
    # /b exists only now: an earlier Get would be an error
    governed.set("/b", 1)
    go_on.set()
    assert client.caller.replies(3) == ["(uint64 4,)", "(<int64 1>,)", "(<int64 5>,)"]
    agent.stop()


def test_a_dialog_keeps_nobody_else_waiting(polkit, governed):
    go_on = threading.Event()
    client, agent = ask(governed, lambda: go_on.wait(20))
    client.caller.send(BUS_NAME, client.path, INTERFACE, "Set",
                       GLib.Variant("(sv)", ("/a", pack(5))))
    eventually(lambda: agent.begun)
    started = time.monotonic()
    assert governed.set("/b", 1)
    assert governed.service.client(user="games").set("/b", 2)
    assert outcome(governed.service.client(user="news"), "Set") == DENIED
    assert time.monotonic() - started < 5
    assert governed.get("/a") == 1
    go_on.set()
    eventually(lambda: governed.get("/a") == 5)
    agent.stop()


def test_what_comes_in_meanwhile_is_not_overwritten(polkit, governed):
    """The right is one on the paths that were asked for."""
    go_on = threading.Event()
    client, agent = ask(governed, lambda: go_on.wait(20))
    client.caller.send(
        BUS_NAME, client.path, INTERFACE, "Save",
        GLib.Variant("(a{sv}a{sv})", (
            {key: pack(value) for key, value in {**governed.get(), "a": 5}.items()}, {})))
    eventually(lambda: agent.begun)
    governed.set("/llm/temperature", 0.1)
    go_on.set()
    answer = client.caller.process.stdout.readline()
    assert "VersionMismatch" in answer and "/llm/temperature" in answer
    assert governed.get("/a") == 1 and governed.get("/llm/temperature") == 0.1
    agent.stop()


def test_a_dialog_goes_with_its_caller(polkit, governed):
    client, agent = ask(governed, lambda: None)
    client.caller.send(BUS_NAME, client.path, INTERFACE, "Set",
                       GLib.Variant("(sv)", ("/a", pack(5))))
    eventually(lambda: agent.begun)
    client.caller.process.kill()
    eventually(lambda: agent.cancelled)
    assert governed.get("/a") == 1
    agent.stop()


def test_callers_who_vanish_write_nothing(polkit, governed):
    polkit.rules("return polkit.Result.NO;")
    eventually(lambda: outcome(governed.service.client(user="games"), "Set") == DENIED)
    version = governed.version
    vanish(governed, 1000)
    governed.set("/end", 1)
    assert governed.get("/a") == 1 and governed.version == version + 1


def test_the_service_can_end_while_polkit_thinks(polkit, governed):
    polkit.freeze()
    set_a(governed, ("games", "news"))
    begin = time.monotonic()
    governed.service.client(user="nobody").get("/a")
    assert time.monotonic() - begin < 2, "reading waits for polkit"
    governed.service.stop()
    polkit.thaw()
    assert "a: 1" in governed.service.runtime.read_text()


# ---------------------------------------------------------------------------------------- secrets


def test_errors_and_dry_runs_tell_nothing_of_secrets(bus, scratch, governed):
    """Who may change everything, and may not read secrets, can't guess one."""
    polkit = Polkit(bus, scratch / "polkit")
    polkit.rules("""
        return action.id == "org.runconf.config1.read-secret"
            ? polkit.Result.NO : polkit.Result.YES;
    """)
    polkit.start()
    client = governed.service.client(user="nobody")
    guesses = ["hush", "wrong"]

    def told(call):
        try:
            return call()
        except Refusal as refusal:
            return refusal.name, refusal.message

    probes = [
        lambda guess, **more: client.apply(("set", "/llm/key", guess), dry_run=True, **more),
        lambda guess, **more: client.apply(("merge", "", {"llm": {"key": guess}}), dry_run=True,
                                           **more),
        lambda guess, **more: client.save({**client.get(), "llm": {"key": guess}}, dry_run=True,
                                          **more),
        lambda guess, **more: client.replace_text(f"a: 1\nllm: {{key: {guess}}}\n", dry_run=True,
                                                  **more),
    ]
    for probe in probes:
        for more in ({}, {"confirm_timeout": 60}, {"report_overrides": True}):
            one, other = (told(lambda: probe(guess, **more)) for guess in guesses)
            assert one == other
            assert "hush" not in str(one)
    # nor by what a right is asked for
    polkit.rules("""
        return JSON.parse(action.lookup("paths")).every(function(path) { return path == "/a"; })
            ? polkit.Result.YES : polkit.Result.NO;
    """)
    eventually(lambda: outcome(client, "History") == DENIED)
    for probe in probes:
        assert {told(lambda: probe(guess))[0] for guess in guesses} == {DENIED}
    for method in ("Get of a secret", "Dump with secrets", "List of a secret"):
        assert outcome(client, method) == DENIED
    assert "hush" not in client.dump("", "overrides") + str(client.get())
    polkit.stop()


def test_no_call_tells_the_shape_of_a_secret(bus, scratch, governed):
    """Keys, types and lengths within a secret are a part of it."""
    polkit = Polkit(bus, scratch / "polkit")
    polkit.rules("""
        return action.id == "org.runconf.config1.read-secret"
            ? polkit.Result.NO : polkit.Result.YES;
    """)
    polkit.start()
    client = governed.service.client(user="nobody")

    def told(call):
        try:
            return call()
        except Refusal as refusal:
            return refusal.name, refusal.message

    governed.service.schema.write_text("properties: {llm: {properties: {key: {writeOnly: true}}}}\n")
    governed.reload()
    shapes = [{"hidden": 1}, ["one", "two"], "text", None]
    paths = ["/llm/key/hidden", "/llm/key/other", "/llm/key/0", "/llm/key/7", "/llm/key/-"]
    found = []
    for shape in shapes:
        governed.set("/llm/key", shape)
        found.append([[told(lambda: client.describe(path)),
                       told(lambda: client.apply(("set", path, 1), dry_run=True)),
                       told(lambda: client.apply(("reset", path), dry_run=True)),
                       told(lambda: client.get(path)), told(lambda: client.list(path))]
                      for path in paths])
        kinds = {told_of[0].rpartition(".")[2] for told_of in found[-1][0][:3]}
        assert kinds == {"InvalidPath"}, "a path within a secret"
        found[-1] = str(found[-1]).replace(str(governed.version), "VERSION")
    assert len(set(found)) == 1
    polkit.stop()


def test_a_path_that_is_no_secret_needs_no_right(polkit, governed):
    client = governed.service.client(user="news")
    assert "key" not in client.get("/llm")
    assert client.describe("/llm")["hidden"] == ["/llm/key"]
    assert client.describe("/llm/key")["secret"] is True
    assert client.describe("/a")["writable"] is False
    assert governed.service.client(user="games").describe("/a")["writable"] is True
    assert governed.service.client(user="games").get("/llm/key") == "hush"
