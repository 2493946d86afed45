# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent when something fails: etcd, a clock, a certificate, the disk, or the agent itself."""

import contextlib
import email.utils
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request

import pytest

from agent_testing import ALL, HOST, RIGHTS, Agent, Etcd
from etcd_testing import make_certificates, shim
from relay import relay
from runconf_testing import DEADLINE, eventually


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


def save(etcd, backup, *options):
    subprocess.run(["etcdctl", "--endpoints", etcd.url, *options, "snapshot", "save", str(backup)],
                   check=True, capture_output=True)


def restore(etcd, backup):
    """Restarts etcd as a new cluster with the data of a backup."""
    etcd.kill()
    shutil.rmtree(etcd.folder / "data")
    member = f"http://127.0.0.1:{etcd.peer_port}"
    subprocess.run(["etcdctl", "snapshot", "restore", str(backup), "--data-dir", str(etcd.folder / "data"),
                    "--name", "one", "--initial-cluster", f"one={member}", "--initial-cluster-token", "new",
                    "--initial-advertise-peer-urls", member], check=True, capture_output=True)
    etcd.start()


def test_a_restored_backup_with_users(etcd, scratch):
    """etcd keeps a token waiting that it gave after the backup."""
    (scratch / "password").write_text("pass-agent\n")
    etcd.put("config/chat/all", "a: 1\n")
    etcd.guard(agent=RIGHTS)
    save(etcd, scratch / "backup", "--user", "root:pass-root")
    for _ in range(5):
        etcd.authenticate()
    agent = Agent(etcd, scratch / "agent", user="agent", **{"password-file": str(scratch / "password")})
    with contextlib.closing(agent.start()):
        etcd.put("config/chat/all", "a: 2\n")
        agent.wait_for("chat", ALL, "a: 2\n")
        restore(etcd, scratch / "backup")
        agent.wait_for("chat", ALL, "a: 1\n")
        etcd.put("config/chat/all", "a: 3\n")
        agent.wait_for("chat", ALL, "a: 3\n")


def test_a_restored_backup_is_reported_with_its_revisions(etcd, agent, scratch):
    """Else each change would seem to be in force, until etcd comes to the revisions of before."""
    etcd.put("config/chat/all", "a: 1\n")
    save(etcd, scratch / "backup")
    agent.start()
    for value in range(2, 50):
        before = etcd.put("config/chat/all", f"a: {value}\n")
    etcd.wait_for_report("h1", "chat", lambda report: report.get("revision", 0) >= before)
    restore(etcd, scratch / "backup")
    agent.wait_for("chat", ALL, "a: 1\n")
    report = etcd.wait_for_report("h1", "chat", lambda report: 0 < report.get("revision", 0) < before)
    assert report["revision"] <= etcd.revision()


def test_a_new_password(etcd, scratch):
    """The file with it is read again for each token, also while it is missing for a moment."""
    password = scratch / "password"
    password.write_text("pass-agent\n")
    etcd.put("config/chat/all", "a: 1\n")
    etcd.guard(agent=RIGHTS)
    agent = Agent(etcd, scratch / "agent", user="agent", **{"password-file": str(password)})
    with contextlib.closing(agent.start()):
        agent.wait_for("chat", ALL, "a: 1\n")
        etcd.call("auth/user/changepw", name="agent", password="another")
        # the token and the stream end with the member
        etcd.kill()
        etcd.start()
        eventually(lambda: "authentication failed" in agent.log(), "the old password is refused")
        password.unlink()
        eventually(lambda: "the password has to be in a file" in agent.log(), "the log names the file")
        etcd.put("config/chat/all", "a: 2\n")
        password.write_text("another\n")
        agent.wait_for("chat", ALL, "a: 2\n")
        assert agent.read("chat", ALL) == "a: 2\n"
    assert "pass-agent" not in agent.log()
    assert "another" not in agent.log()


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


class HeldWatches:
    """Holds the events of watches back, so that they are behind the values."""

    def __init__(self):
        self.is_held = False
        self.passes = threading.Semaphore(0)
        self.holds = threading.Event()

    def on_request(self, data, connection):
        if b"/v3/watch" in data:
            connection.is_watch = True
        return data

    def on_reply(self, data, connection):
        if self.is_held and hasattr(connection, "is_watch") and b'"events"' in data:
            time.sleep(0.2)  # the end of its line may come later
            with contextlib.suppress(BlockingIOError):
                data += connection.far.recv(65536, socket.MSG_DONTWAIT)
            self.holds.set()
            self.passes.acquire()
        return data

    def release(self):
        self.is_held = False
        self.passes.release()


def test_a_value_that_is_newer_than_the_watch(etcd, agent):
    """Its revision isn't that of the host while changes before it are on their way."""
    watches = HeldWatches()
    with relay(etcd, watches.on_request, watches.on_reply) as url:
        agent.settings["endpoints"] = [url]
        bad = etcd.put("config/chat/all", "a: [\n")
        agent.start()
        etcd.wait_for_report("h1", "chat", lambda report: report.get("revision", 0) >= bad)
        eventually(lambda: "etcd is followed" in agent.log(), "the watch")
        watches.is_held = True
        first = etcd.put("config/chat/hosts/h1", "b: 1\n")
        assert watches.holds.wait(DEADLINE)
        second = etcd.put("locks/chat/all", "/b\n")
        etcd.put("config/chat/all", "a: 1\n")
        watches.passes.release()
        # the first change has the refused document tried again
        agent.wait_for("chat", ALL, "a: 1\n")
        report = etcd.wait_for_report("h1", "chat", lambda report: report["revision"] >= first)
        assert report["revision"] < second
        assert agent.read("chat", "locks.d/50-fleet-10-all") is None
        watches.release()
        etcd.wait_for_report("h1", "chat", lambda report: report["revision"] > second)


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
            eventually(lambda: "an authority that isn't in the file “ca”" in agent.log(), "the log tells")
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


def test_the_removal_of_the_last_document_while_the_disk_fails(etcd, scratch):
    bad = scratch / "bad"
    agent = Agent(etcd, scratch / "agent", shim(BAD_DISK=bad))
    with contextlib.closing(agent.start()):
        etcd.put_all({"config/chat/all": "a: 1\n", "groups/web": "hosts: [h2]"})
        etcd.wait_for_report("h1", "chat", lambda report: report.get("revision"))
        bad.touch()
        revision = etcd.delete("config/chat/all")
        eventually(lambda: "can't sync it" in agent.log(), "the log has the problem")
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
