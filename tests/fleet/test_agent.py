# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent, with an etcd on loopback: the files of the layer are what etcd has for the host."""

import contextlib
import email.utils
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

import pytest

pytest.register_assert_rewrite("agent_testing")

from agent_testing import (  # noqa: E402
    ALL, HOST, RIGHTS, Agent, Etcd, agent_path, group_file,
)
from etcd_testing import make_certificates, shim  # noqa: E402
from many_testing import Many  # noqa: E402
from runconf_testing import BUSES, DEADLINE, closing, eventually  # noqa: E402


@pytest.fixture
def scratch():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="runconf-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def etcd(scratch):
    yield from closing(Etcd(scratch / "etcd").start())


@pytest.fixture
def agent(etcd, scratch):
    """An agent that the test starts itself."""
    yield from closing(Agent(etcd, scratch / "agent"))


@pytest.fixture
def bus(scratch):
    folder = scratch / "bus"
    folder.mkdir()
    bus = BUSES["dbus-daemon"](folder, "system")
    bus.start()
    yield bus
    bus.stop()


@pytest.fixture
def many(bus, scratch):
    """A daemon that serves all configurations in the folders of a system."""
    yield from closing(Many(bus, scratch / "many"))


@pytest.fixture
def beside(etcd, bus, many):
    """An agent that writes the layer of the daemon, and asks it for its state."""
    agent = Agent(etcd, many.folder / "agent", bus.environment, root=many.root, bus="system")
    agent.layer.mkdir()  # as the unit does
    yield from closing(agent)


# ------------------------------------------------------------------------------------- documents


def test_each_scope_has_its_file(etcd, agent):
    agent.settings["groups"] = ["own"]
    etcd.put("groups/web", 'hosts: ["h*"]')
    etcd.put("groups/db", "hosts: [db1]")
    etcd.put("config/chat/all", "a: 1\n")
    etcd.put("config/chat/groups/web", "a: 2\n")
    etcd.put("config/chat/groups/own", "a: 3\n")
    etcd.put("config/chat/groups/db", "a: 4\n")
    etcd.put("config/chat/hosts/h1", "a: 5\n")
    etcd.put("config/chat/hosts/h2", "a: 6\n")
    etcd.put("locks/chat/all", "/a  # policy\n")
    etcd.put("schema/chat", "type: object\n")
    agent.start()
    etcd.wait_for_report("h1", "chat", lambda report: report.get("revision"))
    assert agent.files() == [
        "chat/" + file for file in sorted([
            ALL, group_file("web"), group_file("own"), HOST, "locks.d/50-fleet-10-all",
            "config.schema.yaml"])
    ]
    assert agent.read("chat", group_file("own")) == "a: 3\n"


def test_a_file_begins_with_its_origin(etcd, agent):
    document = "# ours\na: 1\n"
    revision = etcd.put_all({"config/chat/all": document,
                             "config/chat/all/author": json.dumps({"author": "alice"})})
    agent.start()
    agent.wait_for("chat", ALL, document)
    assert agent.head("chat", ALL) == f"# fleet: config/chat/all, revision {revision}, by alice"
    later = etcd.put("config/chat/all", "a: 2\n")
    agent.wait_for("chat", ALL, "a: 2\n")
    assert agent.head("chat", ALL) == f"# fleet: config/chat/all, revision {later}"
    latest = etcd.put_all({"config/chat/all": "a: 3\n",
                           "config/chat/all/author": json.dumps({"author": "bob"})})
    agent.wait_for("chat", ALL, "a: 3\n")
    assert agent.head("chat", ALL) == f"# fleet: config/chat/all, revision {latest}, by bob"


def test_the_author_of_another_text_is_not_named(etcd, agent):
    """A document that etcdctl wrote has no author, whatever the key beside it says."""
    revision = etcd.put("config/chat/all", "a: 1\n")
    etcd.put("config/chat/all/author", json.dumps({"author": "alice"}))
    agent.start()
    agent.wait_for("chat", ALL, "a: 1\n")
    assert agent.head("chat", ALL) == f"# fleet: config/chat/all, revision {revision}"
    later = etcd.put_all({"config/chat/hosts/h1": "b: 1\n", "config/chat/all/author": "- no record"})
    agent.wait_for("chat", HOST, "b: 1\n")
    assert agent.head("chat", HOST) == f"# fleet: config/chat/hosts/h1, revision {later}"


def test_changes_follow(etcd, agent):
    agent.start()
    eventually(lambda: etcd.reports().get("h1"), "the report of the host")
    for number in range(20):
        etcd.put("config/chat/all", f"a: {number}\n")
        agent.wait_for("chat", ALL, f"a: {number}\n")
    etcd.delete("config/chat/all")
    eventually(lambda: agent.files() == [], "the file is gone")


def test_a_host_joins_and_leaves_a_group(etcd, agent):
    etcd.put("config/chat/groups/web", "a: 1\n")
    etcd.put("config/chat/all", "a: 0\n")
    agent.start()
    agent.wait_for("chat", ALL, "a: 0\n")
    assert agent.read("chat", group_file("web")) is None
    etcd.put("groups/web", "hosts: [h1]")
    agent.wait_for("chat", group_file("web"), "a: 1\n")
    eventually(lambda: etcd.reports()["h1"].get("groups") == ["web"], "the report has the group")
    etcd.put("groups/web", "hosts: [h2]")
    agent.wait_for("chat", group_file("web"), None)
    etcd.put("groups/web", 'hosts: ["*"]')
    agent.wait_for("chat", group_file("web"), "a: 1\n")
    etcd.delete("groups/web")
    agent.wait_for("chat", group_file("web"), None)


BAD = {
    "no YAML": ("a: [1\n", "config/chat/all:2:1: "),
    "no mapping": ("- a\n", "config/chat/all:1:1: "),
    "a key twice": ("a: 1\nb: 2\na: 3\n", "config/chat/all:3:1: "),
    "no UTF-8": (b"a: \xff\n", "config/chat/all:1:1: "),
}


@pytest.mark.parametrize("bad", BAD)
def test_the_last_good_file_stays(etcd, agent, bad):
    text, message = BAD[bad]
    etcd.put("config/chat/all", "a: 1\n")
    agent.start()
    agent.wait_for("chat", ALL, "a: 1\n")
    revision = etcd.put("config/chat/all", text)
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("refused"))
    assert report["refused"][0].startswith(message)
    assert report["revision"] >= revision
    assert agent.read("chat", ALL) == "a: 1\n"

    # a load meets the bad text, too
    agent.stop()
    agent.start()
    etcd.put("config/chat/hosts/h1", "b: 1\n")
    agent.wait_for("chat", HOST, "b: 1\n")
    assert agent.read("chat", ALL) == "a: 1\n"

    etcd.put("config/chat/all", "a: 2\n")
    agent.wait_for("chat", ALL, "a: 2\n")
    etcd.wait_for_report("h1", "chat", lambda report: "refused" not in report)


def test_a_bad_group_changes_nothing(etcd, agent):
    etcd.put("groups/web", "hosts: [h1]")
    etcd.put("config/chat/groups/web", "a: 1\n")
    agent.start()
    agent.wait_for("chat", group_file("web"), "a: 1\n")
    etcd.put("groups/web", "host: [h2]")
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("refused"))
    assert report["refused"] == ["groups/web:1:1: “host” isn't known here; the keys are hosts"]
    agent.stop()
    agent.start()
    etcd.put("config/chat/all", "b: 1\n")
    agent.wait_for("chat", ALL, "b: 1\n")
    assert agent.read("chat", group_file("web")) == "a: 1\n"


def test_a_file_that_cannot_be_written(etcd, agent):
    etcd.put("config/chat/hosts/h1", "b: 1\n")
    agent.start()
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("revision"))
    before = report["revision"]
    obstacle = agent.layer / "chat" / ALL
    (obstacle / "x").mkdir(parents=True)
    etcd.put("config/chat/all", "a: 1\n")
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("refused"))
    assert "can't write it" in report["refused"][0]

    # a later change of another document doesn't say that the host has this one
    etcd.put("config/chat/hosts/h1", "b: 2\n")
    agent.wait_for("chat", HOST, "b: 2\n")
    assert etcd.report("h1", "chat")["revision"] == before
    shutil.rmtree(obstacle)
    agent.wait_for("chat", ALL, "a: 1\n")
    report = etcd.wait_for_report("h1", "chat", lambda report: "refused" not in report)
    assert report["revision"] > before


def test_files_of_other_programs_stay(etcd, agent):
    for file in ("config.yaml", "config.d/60-other.yaml", "config.d/50-fleet-99-x.yaml"):
        path = agent.layer / "chat" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x: 1\n")
    etcd.put("config/chat/all", "a: 1\n")
    agent.start()
    agent.wait_for("chat", ALL, "a: 1\n")
    etcd.wait_for_report("h1", "chat", lambda report: report.get("revision"))
    assert len(agent.files()) == 4


# ---------------------------------------------------------------------- documents of many hosts


def put_others(etcd, text, numbers=range(300)):
    """The documents of hosts whose names are before and behind that of this one."""
    for first in range(numbers.start, numbers.stop, 50):
        etcd.put_all({f"{folder}/chat/hosts/{'ap'[number % 2]}{number}": text
                      for number in range(first, min(first + 50, numbers.stop)) for folder in ("config", "locks")})


def check_own_keys(etcd, agent):
    """Whatever becomes new for the host arrives, and it goes."""
    revision = etcd.put_all({"config/chat/hosts/h1": "b: 2\n",
                             "config/chat/hosts/h1/author": json.dumps({"author": "alice"})})
    agent.wait_for("chat", HOST, "b: 2\n")
    assert agent.head("chat", HOST) == f"# fleet: config/chat/hosts/h1, revision {revision}, by alice"
    for name in ("aaa", "chat", "zzz"):
        etcd.put(f"config/{name}/all", "a: 1\n")
        etcd.put(f"locks/{name}/hosts/h1", "/b\n")
        agent.wait_for(name, ALL, "a: 1\n")
        agent.wait_for(name, "locks.d/50-fleet-30-host", "/b\n")
    etcd.delete("config/chat/hosts/h1")
    agent.wait_for("chat", HOST, None)


def events(etcd):
    """The number of events that the member has sent to all watches."""
    with urllib.request.urlopen(f"{etcd.url}/metrics") as answer:
        return int(float(re.search(rb"^etcd_debugging_mvcc_events_total (.*)$", answer.read(), re.M)[1]))


def test_documents_of_other_hosts_stay_away(etcd, agent):
    put_others(etcd, "/a\n")
    etcd.put("config/chat/hosts/h1", "b: 1\n")
    agent.start()
    agent.wait_for("chat", HOST, "b: 1\n")
    eventually(lambda: "etcd is followed" in agent.log(), "the watch")
    before = events(etcd)
    put_others(etcd, "/b\n")
    check_own_keys(etcd, agent)
    assert 9 <= events(etcd) - before < 50
    assert agent.log().count("etcd is followed") == 1


def test_other_hosts_get_documents_while_the_agent_runs(etcd, agent):
    agent.start()
    eventually(lambda: "etcd is followed" in agent.log(), "the watch")
    put_others(etcd, "/a\n")
    eventually(lambda: agent.log().count("etcd is followed") in (2, 3), "other watches")
    eventually(lambda: etcd.report("h1", "chat") or agent.files() == [], "the load")
    check_own_keys(etcd, agent)
    before = events(etcd)
    put_others(etcd, "/b\n")
    check_own_keys(etcd, agent)
    assert 9 <= events(etcd) - before < 50


# -------------------------------------------------------------------------------- etcd is away


def test_a_start_without_etcd_keeps_the_files(etcd, agent):
    etcd.put("config/chat/all", "a: 1\n")
    agent.start()
    agent.wait_for("chat", ALL, "a: 1\n")
    agent.stop()
    before = (agent.layer / "chat" / ALL).read_bytes()
    etcd.kill()
    agent.start()
    eventually(lambda: "the files stay as they are" in agent.log(), "the log has the problem")
    assert (agent.layer / "chat" / ALL).read_bytes() == before
    etcd.start()
    etcd.put("config/chat/all", "a: 2\n")
    agent.wait_for("chat", ALL, "a: 2\n")


def test_an_etcd_that_lost_its_data_removes_nothing(etcd, agent):
    revision = etcd.put_all({"config/chat/all": "a: 1\n", "groups/web": "hosts: [h1]"})
    etcd.put("config/chat/all/author", json.dumps({"author": "alice"}))
    agent.start()
    agent.wait_for("chat", ALL, "a: 1\n")
    agent.stop()
    etcd.delete("config/chat/all")
    etcd.delete("groups/web")
    agent.start()
    eventually(lambda: "etcd has no document of any host" in agent.log(), "the log has the problem")
    assert agent.read("chat", ALL) == "a: 1\n"
    assert f"revision {revision}" in agent.head("chat", ALL)
    # a single key shows that this is the fleet
    etcd.put("groups/db", "hosts: [h2]")
    agent.wait_for("chat", ALL, None)


def test_a_restored_backup_with_users(etcd, scratch):
    """etcd keeps a token waiting that it gave after the backup."""
    (scratch / "password").write_text("pass-agent\n")
    etcd.put("config/chat/all", "a: 1\n")
    etcd.guard(agent=RIGHTS)
    backup, member = str(scratch / "backup"), f"http://127.0.0.1:{etcd.peer_port}"
    subprocess.run(["etcdctl", "--endpoints", etcd.url, "--user", "root:pass-root", "snapshot", "save", backup],
                   check=True, capture_output=True)
    for _ in range(5):
        etcd.authenticate()
    agent = Agent(etcd, scratch / "agent", user="agent", **{"password-file": str(scratch / "password")})
    with contextlib.closing(agent.start()):
        etcd.put("config/chat/all", "a: 2\n")
        agent.wait_for("chat", ALL, "a: 2\n")
        etcd.kill()
        shutil.rmtree(etcd.folder / "data")
        subprocess.run(["etcdctl", "snapshot", "restore", backup, "--data-dir", str(etcd.folder / "data"),
                        "--name", "one", "--initial-cluster", f"one={member}", "--initial-cluster-token", "new",
                        "--initial-advertise-peer-urls", member], check=True, capture_output=True)
        etcd.start()
        agent.wait_for("chat", ALL, "a: 1\n")
        etcd.put("config/chat/all", "a: 3\n")
        agent.wait_for("chat", ALL, "a: 3\n")


def test_changes_while_etcd_restarts_are_not_lost(etcd, agent):
    etcd.put("config/chat/all", "a: 1\n")
    agent.start()
    agent.wait_for("chat", ALL, "a: 1\n")
    for number in range(2, 5):
        etcd.kill()
        etcd.start()
        etcd.put("config/chat/all", f"a: {number}\n")
        agent.wait_for("chat", ALL, f"a: {number}\n")


def test_compaction_leads_to_a_fresh_load(etcd, agent):
    etcd.put("config/chat/all", "a: 1\n")
    etcd.put("config/chat/hosts/h1", "b: 1\n")
    agent.start()
    agent.wait_for("chat", HOST, "b: 1\n")
    # the agent is away while this happens
    agent.process.send_signal(signal.SIGSTOP)
    etcd.kill()
    etcd.start()
    etcd.delete("config/chat/hosts/h1")
    for number in range(2, 6):
        revision = etcd.put("config/chat/all", f"a: {number}\n")
    etcd.compact(revision)
    agent.process.send_signal(signal.SIGCONT)
    agent.wait_for("chat", ALL, "a: 5\n")
    agent.wait_for("chat", HOST, None)
    assert "all is loaded again" in agent.log()


# ---------------------------------------------------------------------------- clock and disk


def set_number(file, number):
    """Writes it at once, as shim.c reads it at any time."""
    file.with_suffix(".new").write_text(str(number))
    file.with_suffix(".new").replace(file)


def told_at(agent, words):
    """The seconds from the last message with the words to now, by the clock of the log, within a day."""
    line = [line for line in agent.log().splitlines() if words in line][-1]
    hours, minutes, seconds = map(float, re.search(r"(\d\d):(\d\d):(\d\d\.\d+)", line).groups())
    now = time.localtime()
    told = hours * 3600 + minutes * 60 + seconds
    return (now.tm_hour * 3600 + now.tm_min * 60 + now.tm_sec - told) % 86400


def test_a_clock_that_jumps(etcd, scratch):
    """Neither the token nor the lease nor the pause before an attempt depends on the time of day."""
    clock, password = scratch / "clock", scratch / "password"
    password.write_text("pass-agent\n")
    etcd.guard(agent=RIGHTS)
    set_number(clock, 0)
    agent = Agent(etcd, scratch / "agent", shim(CLOCK=clock), user="agent", **{"password-file": str(password)})
    with contextlib.closing(agent.start()):
        etcd.put("config/chat/all", "a: 0\n")
        agent.wait_for("chat", ALL, "a: 0\n")
        lease = etcd.lease_of("status/h1")
        for number, jump in enumerate((-86400 - 5 * 3600, 86400 + 5 * 3600), 1):
            set_number(clock, jump)
            # longer than the lease
            time.sleep(16)
            assert etcd.lease_of("status/h1") == lease
            etcd.put("config/chat/all", f"a: {number}\n")
            agent.wait_for("chat", ALL, f"a: {number}\n")
        # the token dies with the member
        etcd.kill()
        eventually(lambda: "isn't followed" in agent.log(), "the log tells")
        assert told_at(agent, "isn't followed") > 3600, "the shim works"
        set_number(clock, -86400)
        etcd.start()
        etcd.put("config/chat/all", "a: 3\n")
        agent.wait_for("chat", ALL, "a: 3\n")


def can_trace():
    """Whether there is a program for the clock of a member, which may have to be allowed to trace it."""
    return "FLEET_CLOCK" in os.environ and subprocess.run([os.environ["FLEET_CLOCK"], "true"]).returncode == 0


def time_of(etcd):
    with urllib.request.urlopen(f"{etcd.url}/version") as answer:
        return email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp()


@pytest.mark.skipif(not can_trace(), reason="the clock of a member can't jump here")
def test_a_member_whose_clock_jumps(scratch):
    """No lease and no token ends early, and no change is lost."""
    clock, password = scratch / "clock", scratch / "password"
    password.write_text("pass-agent\n")
    set_number(clock, 0)
    with contextlib.closing(Etcd(scratch / "etcd", clock=clock).start()) as etcd:
        etcd.guard(agent=RIGHTS)
        agent = Agent(etcd, scratch / "agent", user="agent", **{"password-file": str(password)})
        with contextlib.closing(agent.start()):
            etcd.put("config/chat/all", "a: 0\n")
            agent.wait_for("chat", ALL, "a: 0\n")
            lease = etcd.lease_of("status/h1")
            for number, jump in enumerate((-86400, 2 * 86400), 1):
                set_number(clock, jump)
                assert abs(time_of(etcd) - time.time() - jump) < 3600, "the clock jumps"
                # longer than the lease
                time.sleep(16)
                assert etcd.lease_of("status/h1") == lease
                etcd.put("config/chat/all", f"a: {number}\n")
                agent.wait_for("chat", ALL, f"a: {number}\n")
            assert agent.log().count("etcd is followed") == 1
            etcd.kill()
            set_number(clock, -86400)
            etcd.start()
            etcd.put("config/chat/all", "a: 3\n")
            agent.wait_for("chat", ALL, "a: 3\n")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")
def test_certificates(scratch):
    """They are credentials of the unit. Those that aren't valid are told, and the files stay."""
    clock, credentials = scratch / "clock", scratch / "credentials"
    certificates = make_certificates(scratch / "certificates")
    credentials.mkdir()
    for file, name in ("ca.pem", "ca"), ("client.pem", "certificate"), ("client.key", "key"):
        shutil.copy(certificates / file, credentials / f"fleet-{name}")
    set_number(clock, 0)
    with contextlib.closing(Etcd(scratch / "etcd", certificates=certificates).start()) as etcd:
        agent = Agent(etcd, scratch / "agent", {**shim(CLOCK=clock), "CREDENTIALS_DIRECTORY": str(credentials)})
        with contextlib.closing(agent.start()):
            etcd.put("config/chat/all", "a: 0\n")
            agent.wait_for("chat", ALL, "a: 0\n")
            for jump, words in (86400 * 3, "it has expired"), (-86400 * 3, "it isn't valid yet"):
                set_number(clock, jump)
                agent.stop()
                agent.start()
                eventually(lambda: f"{etcd.url}: the certificate of etcd isn't accepted: {words}" in agent.log(),
                           "the log tells")
                assert agent.read("chat", ALL) == "a: 0\n"
            set_number(clock, 0)
            etcd.put("config/chat/all", "a: 1\n")
            agent.wait_for("chat", ALL, "a: 1\n")

            # a certificate of another authority
            agent.stop()
            shutil.copy(make_certificates(scratch / "others") / "ca.pem", credentials / "fleet-ca")
            agent.start()
            etcd.put("config/chat/all", "a: 2\n")
            eventually(lambda: "an authority that isn't in “ca” has signed it" in agent.log(), "the log tells")
            assert agent.read("chat", ALL) == "a: 1\n"


def test_nothing_is_reported_that_may_not_be_on_the_disk(etcd, scratch):
    bad = scratch / "bad"
    agent = Agent(etcd, scratch / "agent", shim(BAD_DISK=bad))
    with contextlib.closing(agent.start()):
        good = etcd.put("config/chat/all", "a: 1\n")
        etcd.wait_for_report("h1", "chat", lambda report: report["revision"] >= good)
        bad.touch()
        revision = etcd.put("config/chat/all", "a: 2\n")
        eventually(lambda: "can't sync it" in agent.log(), "the log has the problem")
        agent.wait_for("chat", ALL, "a: 2\n")
        assert etcd.report("h1", "chat")["revision"] < revision
        bad.unlink()
        etcd.wait_for_report("h1", "chat", lambda report: report["revision"] >= revision)


# -------------------------------------------------------------------------------------- kills


def check_whole(agent, texts):
    """Each file is one of the texts, or isn't there."""
    for file in (ALL, HOST):
        assert agent.read("chat", file) in (None, *texts), file


def test_a_kill_leaves_each_file_old_or_new(etcd, agent):
    size = 20000
    texts = [f"a: {number}\ntext: {str(number) * size}\n" for number in range(8)]
    chance = random.Random(7)
    for round_ in range(60):
        text = texts[round_ % len(texts)]
        etcd.put_all({"config/chat/all": text, "config/chat/hosts/h1": text})
        agent.start()
        if round_ % 2:
            agent.wait_for("chat", HOST, text)
            text = texts[(round_ + 3) % len(texts)]
            etcd.put_all({"config/chat/all": text, "config/chat/hosts/h1": text})
        time.sleep(chance.uniform(0, 0.04))
        agent.kill()
        check_whole(agent, texts)
    etcd.put("config/chat/all", "a: last\n")
    agent.start()
    agent.wait_for("chat", ALL, "a: last\n")
    agent.wait_for("chat", HOST, text)
    left = [path for path in agent.layer.rglob("*.tmp")]
    assert left == []


LOCKS = "locks.d/50-fleet-10-all"
BEFORE = {("chat", ALL): f"a: 1\ntext: {'1' * 20000}\n", ("chat", HOST): "b: 1\n", ("chat", LOCKS): "/a\n",
          ("mail", ALL): None}
AFTER = {("chat", ALL): f"a: 2\ntext: {'2' * 20000}\n", ("chat", HOST): "b: 2\n", ("chat", LOCKS): None,
         ("mail", ALL): "m: 1\n"}
KEYS = {ALL: "config/{}/all", HOST: "config/{}/hosts/h1", LOCKS: "locks/{}/all"}


def set_documents(etcd, state):
    """Returns the last revision of each configuration."""
    revisions = {}
    for (name, file), text in state.items():
        key = KEYS[file].format(name)
        revisions[name] = etcd.put(key, text) if text is not None else etcd.delete(key)
    return revisions


def documents(agent):
    return {(name, file): agent.read(name, file) for name, file in BEFORE}


def reaches(etcd, revisions):
    return all(etcd.report("h1", name).get("revision", 0) >= revision for name, revision in revisions.items())


@pytest.mark.parametrize("is_load", [False, True], ids=["of a change", "of a load"])
def test_a_kill_at_each_call(etcd, scratch, is_load):
    """Each call that changes a file is the last one once: each file is old or new, and a start completes the rest."""
    last = scratch / "last"
    agent = Agent(etcd, scratch / "agent", shim(KILL=last))
    with contextlib.closing(agent.start()):
        for number in range(1, 100):
            set_documents(etcd, BEFORE)
            eventually(lambda: documents(agent) == BEFORE, "the files before")
            shutil.rmtree(agent.layer / "mail", ignore_errors=True)
            if is_load:
                agent.stop()
                revisions = set_documents(etcd, AFTER)
                set_number(last, number)
                agent.start()
            else:
                set_number(last, number)
                revisions = set_documents(etcd, AFTER)
            eventually(lambda: agent.process.poll() is not None or reaches(etcd, revisions), "the end, or the change")
            last.unlink()
            if agent.process.poll() is None:
                break
            assert agent.process.wait() == -signal.SIGKILL
            for place, text in documents(agent).items():
                assert text in (BEFORE[place], AFTER[place]), (number, place)
            agent.start()
            eventually(lambda: documents(agent) == AFTER, "the files after")
            assert list(agent.layer.rglob("*.tmp")) == []
    assert 20 < number < 99


# ------------------------------------------------------------------------------------ the report


def test_a_report_lives_as_long_as_its_agent(etcd, agent):
    revision = etcd.put("config/chat/all", "a: 1\n")
    agent.start()
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("revision"))
    assert report["revision"] >= revision
    assert etcd.reports()["h1"]["host"] == "h1"
    agent.kill()
    eventually(lambda: etcd.reports() == {}, "the report is gone", 2 * DEADLINE)


def test_a_host_that_is_gone_is_still_known(etcd, agent):
    agent.settings["groups"] = ["own"]
    begin = time.time()
    agent.start()
    seen = eventually(lambda: etcd.list("status/h1/").get("seen"), "the key with the time")
    assert begin - 1 <= json.loads(seen)["time"] / 1e6 <= time.time() + 1
    lease = etcd.lease_of("status/h1/seen")
    assert lease is not None
    etcd.put("groups/web", "hosts: [h1]")
    eventually(lambda: json.loads(etcd.list("status/h1/")["seen"])["groups"] == ["own", "web"],
               "the key has the groups")
    agent.kill()
    etcd.delete("status/h1/seen")
    # each name has one lease, which etcd keeps for a month
    agent.start()
    eventually(lambda: etcd.lease_of("status/h1/seen") == lease, "the key is back with its lease")
    assert 29 * 86400 < etcd.time_to_live(lease) <= 30 * 86400


def test_a_restart_takes_the_report_over(etcd, agent):
    etcd.put("config/chat/all", "a: 1\n")
    agent.start()
    etcd.wait_for_report("h1", "chat", lambda report: report.get("revision"))
    agent.kill()
    agent.start()
    revision = etcd.put("config/chat/all", "a: 2\n")
    etcd.wait_for_report("h1", "chat", lambda report: report.get("revision", 0) >= revision)
    assert list(etcd.reports()) == ["h1"]


def test_a_report_comes_back_with_etcd(etcd, agent):
    agent.start()
    eventually(lambda: "h1" in etcd.reports(), "the report")
    etcd.kill()
    shutil.rmtree(etcd.folder / "data")
    etcd.start()
    eventually(lambda: "h1" in etcd.reports(), "the report in the new etcd")
    etcd.put("config/chat/all", "a: 1\n")
    agent.wait_for("chat", ALL, "a: 1\n")


def test_two_hosts_of_one_name(etcd, agent, scratch):
    agent.start()
    eventually(lambda: "h1" in etcd.reports(), "the report of the first")
    first = etcd.reports()["h1"]["machine"]
    other = Agent(etcd, scratch / "other").start()
    reports = eventually(lambda: len(etcd.reports()) == 2 and etcd.reports(), "both reports")
    assert reports["h1"]["machine"] == first
    second = next(report for key, report in reports.items() if key != "h1")
    assert second["host"] == "h1"
    assert second["machine"] != first
    eventually(lambda: "another machine" in other.log(), "the log tells", 2 * DEADLINE)

    # the second one takes the key when the first is gone
    agent.kill()
    eventually(lambda: list(etcd.reports()) == ["h1"]
               and etcd.reports()["h1"]["machine"] == second["machine"], "the second has the key",
               2 * DEADLINE)
    other.close()


# ---------------------------------------------------------------------------- beside the service


def test_a_change_in_etcd_is_a_change_of_the_service(etcd, many, beside):
    many.add("chat", "port: 8000\n")
    many.start()
    etcd.put("config/chat/all", "port: 8001\n")
    beside.start()
    config = many.config("chat")
    eventually(lambda: config.get("/port") == 8001, "the value of the fleet")
    with config.signals() as seen:
        etcd.put("config/chat/hosts/h1", "port: 8002\n")
        assert seen.wait().paths == ["/port"]
    assert config.get("/port") == 8002
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("state"))
    assert report["state"] == "ok"


def test_the_report_has_the_state_of_the_service(etcd, many, beside):
    many.add("chat", "port: 8000\n")
    many.start()
    beside.start()
    revision = etcd.put("config/chat/all", "port: 9001\n")
    etcd.wait_for_report("h1", "chat", lambda report: report.get("revision", 0) >= revision)
    broken = many.add("chat", "port: [\n", "config.d/60-broken.yaml")
    report = etcd.wait_for_report("h1", "chat", lambda report: report["state"] == "degraded")
    assert "60-broken.yaml" in report["message"]
    broken.unlink()
    etcd.wait_for_report("h1", "chat", lambda report: report["state"] == "ok")
    many.expect("60-broken.yaml")
    many.stop()
    etcd.wait_for_report("h1", "chat", lambda report: report["state"] == "unavailable")
    many.start()
    etcd.wait_for_report("h1", "chat", lambda report: report["state"] == "ok")


SCHEMA = "properties: {port: {type: integer, maximum: 9000}, limit: {type: integer}}\n"


def test_a_document_that_breaks_the_schema_is_refused(etcd, many, beside):
    many.add("chat", "port: 8000\n")
    many.add("chat", SCHEMA, "config.schema.yaml")
    many.start()
    beside.start()
    etcd.put("config/chat/all", "port: 8001\n")
    beside.wait_for("chat", ALL, "port: 8001\n")
    config = many.config("chat")
    eventually(lambda: config.get("/port") == 8001, "the value of the fleet")

    revision = etcd.put("config/chat/all", "# ours\nport: 9001\n")
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("revision", 0) >= revision)
    assert report["refused"] == [
        "config/chat/all:2:7: /port: 9001 is more than the maximum, 9000"]
    assert config.get("/port") == 8001

    # what is refused comes into force when the schema allows it
    etcd.put("schema/chat", SCHEMA.replace("9000", "9999"))
    beside.wait_for("chat", "config.schema.yaml", SCHEMA.replace("9000", "9999"))
    beside.wait_for("chat", ALL, "# ours\nport: 9001\n")
    eventually(lambda: config.get("/port") == 9001, "the value of the fleet")
    etcd.wait_for_report("h1", "chat", lambda report: "refused" not in report)


def test_documents_of_one_transaction_are_checked_together(etcd, many, beside):
    many.add("chat", "low: 1\nhigh: 2\nkind: a\n")
    many.add("chat", "if: {properties: {kind: {const: b}}}\n"
                     "then: {properties: {low: {minimum: 10}}}\n", "config.schema.yaml")
    many.start()
    beside.start()
    etcd.put_all({"config/chat/all": "kind: b\n", "config/chat/hosts/h1": "low: 11\n"})
    beside.wait_for("chat", ALL, "kind: b\n")
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("revision"))
    assert "refused" not in report


def test_a_configuration_that_the_host_lacks(etcd, many, beside):
    many.add("other")
    many.start()
    beside.start()
    revision = etcd.put("config/chat/all", "port: 9001\n")
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("revision", 0) >= revision)
    assert "state" not in report


# ------------------------------------------------------------------------------------- the health


def test_the_health_command(etcd, agent, scratch):
    flag = scratch / "sick"
    agent.settings["health"] = f"if test -e {flag}; then echo 'line 1'; echo 'no answer'; false; fi"
    agent.start()
    revision = etcd.put("config/chat/all", "a: 1\n")
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("revision", 0) >= revision)
    assert report["health"] == "ok"
    flag.touch()
    revision = etcd.put("config/chat/all", "a: 2\n")
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("revision", 0) >= revision)
    assert report["health"] == "no answer"


# ----------------------------------------------------------------------------------- rollouts


def rollout(text, threshold, phase="running", identity="r1"):
    record = {"id": identity, "author": "bob", "text": text, "phase": phase}
    if threshold:
        record["threshold"] = threshold
    return json.dumps(record)


EVERYONE = "f" * 64
NOBODY = "0" * 64


def test_a_rollout_that_is_undone(etcd, agent):
    etcd.put("config/chat/all", "a: 1\n")
    etcd.put("rollout/chat/all", rollout("a: 2\n", NOBODY))
    agent.start()
    agent.wait_for("chat", ALL, "a: 1\n")
    revision = etcd.put("rollout/chat/all", rollout("a: 2\n", EVERYONE))
    agent.wait_for("chat", ALL, "a: 2\n")
    assert agent.head("chat", ALL) == f"# fleet: rollout/chat/all, revision {revision}, by bob"
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("rollout"))
    assert report["rollout"] == "r1"

    # a restart has the text of the rollout, too
    agent.stop()
    agent.start()
    etcd.put("config/chat/hosts/h1", "b: 1\n")
    agent.wait_for("chat", HOST, "b: 1\n")
    assert agent.read("chat", ALL) == "a: 2\n"

    etcd.put("rollout/chat/all", rollout("a: 2\n", EVERYONE, "undone"))
    agent.wait_for("chat", ALL, "a: 1\n")
    etcd.wait_for_report("h1", "chat", lambda report: "rollout" not in report)


def test_a_rollout_that_is_finished(etcd, agent):
    etcd.put("rollout/chat/all", rollout("a: 2\n", EVERYONE))
    agent.start()
    agent.wait_for("chat", ALL, "a: 2\n")
    revision = etcd.put_all({"config/chat/all": "a: 2\n",
                             "rollout/chat/all": rollout("a: 2\n", EVERYONE, "finished")})
    eventually(lambda: agent.head("chat", ALL).startswith(
        f"# fleet: config/chat/all, revision {revision}"), "the document is in force")
    etcd.wait_for_report("h1", "chat", lambda report: "rollout" not in report)


def test_a_rollout_of_a_new_document_that_is_undone(etcd, agent):
    agent.start()
    etcd.put("rollout/chat/all", rollout("a: 2\n", EVERYONE))
    agent.wait_for("chat", ALL, "a: 2\n")
    etcd.delete("rollout/chat/all")
    agent.wait_for("chat", ALL, None)


def test_a_bad_text_of_a_rollout_is_refused(etcd, agent):
    etcd.put("config/chat/all", "a: 1\n")
    agent.start()
    agent.wait_for("chat", ALL, "a: 1\n")
    etcd.put("rollout/chat/all", rollout("a: [\n", EVERYONE))
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("refused"))
    assert report["refused"][0].startswith("rollout/chat/all:2:1: ")
    assert agent.read("chat", ALL) == "a: 1\n"


def test_the_health_is_checked_during_a_rollout(etcd, agent, scratch):
    flag = scratch / "sick"
    agent.settings["health"] = f"! test -e {flag}"
    agent.start()
    etcd.put("rollout/chat/all", rollout("a: 2\n", EVERYONE))
    etcd.wait_for_report("h1", "chat", lambda report: report.get("health") == "ok")
    flag.touch()
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("health") != "ok")
    assert report["health"] == "the health command exits with status 1"


# ------------------------------------------------------------------------------------ many hosts


def test_many_hosts_in_one_process(etcd, agent):
    names = [f"h{number}" for number in range(200)]
    hosts = agent.folder / "hosts"
    hosts.write_text("".join(f"{name} odd\n" if int(name[1:]) % 2 else f"{name}\n" for name in names))
    agent.options = ["--hosts", str(hosts)]
    etcd.put("config/chat/all", "a: 1\n")
    etcd.put("config/chat/groups/odd", "a: 2\n")
    agent.start()
    revision = etcd.put("config/chat/all", "a: 3\n")
    eventually(lambda: sorted(host for host, report in etcd.reports().items()
                              if report["configurations"].get("chat", {}).get("revision", 0) >= revision)
               == sorted(names), "all hosts have the change")
    for name in names:
        folder = agent.root / name / "var/lib/runconf-fleet/chat"
        assert (folder / ALL).read_text().endswith("a: 3\n")
        assert (folder / group_file("odd")).exists() == bool(int(name[1:]) % 2)


# ------------------------------------------------------------------------------------ the settings


def run(*options):
    return subprocess.run([agent_path(), *options], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=DEADLINE)


def test_settings_with_a_mistake(scratch):
    file = scratch / "fleetd.yaml"
    file.write_text("endpoints: http://127.0.0.1:1\nhosts: x\n")
    done = run("--config", str(file), "--root", str(scratch))
    assert done.returncode == 1
    assert done.stderr.startswith(f"runconf-fleetd: {file}:2:1: “hosts” isn't known here; ")


def test_check(scratch):
    file = scratch / "fleetd.yaml"
    file.write_text("endpoints: http://127.0.0.1:1\n")
    assert run("--config", str(file), "--check").returncode == 0
    file.write_text("endpoints: 127.0.0.1:1\n")
    assert run("--config", str(file), "--check").returncode == 1
    assert run("--config", str(scratch / "none"), "--check").returncode == 1


def test_one_agent_a_folder(etcd, agent):
    agent.start()
    eventually(lambda: (agent.layer / ".machine").exists(), "the agent has the folder")
    done = run("--config", str(agent.config), "--root", str(agent.root))
    assert done.returncode == 1
    assert "served by" in done.stderr


def test_a_password_is_read_from_a_credential(etcd, agent, scratch):
    credentials = scratch / "credentials"
    credentials.mkdir()
    (credentials / "fleet-password").write_text("pass-agent\n")
    agent.environment["CREDENTIALS_DIRECTORY"] = str(credentials)
    agent.settings["user"] = "agent"
    etcd.put("config/chat/all", "a: 1\n")
    etcd.guard(agent=RIGHTS)
    agent.start()
    agent.wait_for("chat", ALL, "a: 1\n")
    assert "pass-agent" not in agent.log()
