# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the command tells about hosts, which the test plays: their reports are what an agent would put."""

import contextlib
import http.client
import http.server
import json
import random
import threading
import time

import pytest

from command_testing import DONE, FAILED, NOT_FOUND, USAGE
from etcd_testing import encode
from runconf_testing import DEADLINE, eventually


@pytest.fixture(name="settled")
def make_settled(fleet):
    """Three hosts in two groups, which all have the document."""
    fleet("group", "web", "web*")
    fleet("set", "--all", "/a", "1")
    revision = fleet.json("history", "--all")[0]["version"]
    fleet.report("web1", revision, ["web"], state="ok")
    fleet.report("web2", revision, ["web"], state="ok")
    fleet.report("db1", revision, ["db"], state="ok", health="ok")
    return fleet


def states(fleet, *options):
    return {(row["host"], row["configuration"]): row["state"] for row in fleet.json("status", *options)}


def rows(fleet, *arguments):
    return [line.split() for line in fleet.lines(*arguments)]


def test_status(settled):
    assert set(states(settled).values()) == {"ok"}
    revision = str(settled.json("history", "--all")[0]["version"])
    assert rows(settled, "status") == [
        ["HOST", "CONFIGURATION", "VERSION", "WANTED", "STATE", "MESSAGE"],
        ["db1", "default", revision, revision, "ok"],
        ["web1", "default", revision, revision, "ok"],
        ["web2", "default", revision, revision, "ok"],
        ["3", "hosts:", "3", "ok,", "0", "behind,", "0", "degraded,", "0", "gone"]]


@contextlib.contextmanager
def between(fleet):
    """Has the command reach etcd over a gateway that notes the sizes of the answers."""
    sizes = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            connection = http.client.HTTPConnection("127.0.0.1", fleet.store.port, timeout=DEADLINE)
            with contextlib.closing(connection):
                connection.request("POST", self.path, body)
                answer = connection.getresponse()
                text = answer.read()
            sizes.append(len(text))
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            """Is silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        fleet.options[2] = f"http://127.0.0.1:{server.server_port}"
        yield sizes
        server.shutdown()
        thread.join()


def test_many_hosts_are_read_in_pages(fleet):
    """The reports of a large fleet have no room in one answer."""
    names = [f"web{number:04}" for number in range(7000)]
    report = {"machine": "m", "agent": "1.0.0", "configurations": {"default": {"revision": 1, "state": "ok"}}}
    for start in range(0, len(names), 100):
        fleet.store.put_all({f"{fleet.prefix_of_keys}status/{name}": json.dumps({"host": name, **report})
                             for name in names[start:start + 100]})
    with between(fleet) as sizes:
        found = fleet.json("hosts")
    assert [host["host"] for host in found] == names
    assert max(sizes) < sum(sizes) / 2


def test_which_hosts_are_behind(settled):
    """A document is for its scope alone."""
    settled("set", "--group", "web", "/b", "1")
    settled("set", "--host", "db1", "-c", "other", "/c", "1")
    assert states(settled) == {("db1", "default"): "ok", ("db1", "other"): "behind",
                               ("web1", "default"): "behind", ("web2", "default"): "behind"}
    assert states(settled, "-c", "other") == {("db1", "other"): "behind"}
    assert states(settled, "--host", "web2") == {("web2", "default"): "behind"}
    assert states(settled, "--group", "db") == {("db1", "default"): "ok", ("db1", "other"): "behind"}
    assert "3 hosts: 0 ok, 3 behind, 0 degraded, 0 gone" in settled("status")


def test_a_group_that_a_host_names_itself(settled):
    settled("set", "--group", "db", "/b", "1")
    assert states(settled)[("db1", "default")] == "behind"


def test_hosts_that_have_a_problem(settled):
    revision = settled.json("history", "--all")[0]["version"]
    settled.report("web1", revision, ["web"], state="degraded", message="the disk is full")
    settled.report("web2", revision, ["web"], state="ok", refused=["config/default/all:1:4: no"])
    settled.report("db1", revision, health="no answer")
    assert set(states(settled).values()) == {"degraded"}
    text = settled("status")
    for problem in ("the disk is full", "config/default/all:1:4: no", "health: no answer"):
        assert problem in text


def test_hosts_that_are_gone(settled):
    settled.store.delete(settled.prefix_of_keys + "status/web2")
    settled("set", "--host", "web2", "/b", "1")
    settled("group", "cache", "cache1", "cache-*")
    assert states(settled)[("web2", "default")] == "gone"
    assert states(settled)[("cache1", "default")] == "gone"
    assert "4 hosts: 2 ok, 0 behind, 0 degraded, 2 gone" in settled("status")


def test_hosts_that_were_seen(settled):
    """Neither a document nor a group names web9."""
    settled.seen("web9", 1790000000, ["web"])
    settled.seen("web1", 1790000000, ["web"])
    assert states(settled)[("web9", "default")] == "gone"
    row = next(row for row in rows(settled, "status") if row[0] == "web9")
    assert row[4:7] == ["gone", "last", "seen"]
    found = {row["host"]: row for row in settled.json("hosts", "--group", "web")}
    assert found["web9"]["gone"] and found["web9"]["seen"] == 1790000000 * 10**6
    assert not found["web1"]["gone"]
    assert settled("hosts").count("2026-09") == 1


def test_a_host_is_forgotten(settled):
    for host in ("web8", "web9", "db9"):
        settled.seen(host, 1790000000)
    settled.seen("web1", 1790000000)
    assert settled("hosts", "--forget", "db9") == "db9 is forgotten\n"
    settled.fails(NOT_FOUND, "hosts", "--forget", "db9", words=["db9", "runconf fleet hosts"])
    settled.fails(USAGE, "hosts", "--forget", "a/b", words=["--forget", "a/b"])
    # those that report stay
    settled("hosts", "--forget", "web*")
    assert [row["host"] for row in settled.json("hosts")] == ["db1", "web1", "web2"]
    assert "web1/seen" in settled.list("status/")
    settled.fails(NOT_FOUND, "hosts", "--forget", "web1")


def test_a_report_that_cannot_be_read(settled):
    settled.put("status/web2", "{")
    assert set(states(settled).values()) == {"ok"}
    assert "status/web2:" in settled.complaint


def test_keys_of_no_fleet_are_left_out(settled):
    """A host that may write reports can write any key below status/."""
    before = settled("status")
    for key in ("status/a\n\x1b[2J", "status/a/b", "groups/..", "groups/a/b", "groups/\n"):
        settled.put(key, json.dumps({"host": "x", "hosts": ["*"]}))
    settled.store.call("kv/put", key=encode(settled.prefix_of_keys.encode() + b"status/\xff"), value=encode("x"))
    assert settled("status") == before
    assert settled.complaint == ""


def test_a_report_for_another_host(settled):
    """etcd may give a host the right for its own key only."""
    before = settled("status")
    settled.put("status/evil", json.dumps({"host": "web1", "configurations": {"default": {"state": "degraded"}}}))
    settled.put("status/evil/seen", json.dumps({"host": "web1", "time": 1, "groups": ["db"]}))
    assert settled("status") == before
    assert "status/evil: the report in this key is of another host, web1" in settled.complaint
    assert "status/evil/seen: " in settled.complaint


def test_two_hosts_of_one_name(settled):
    """Both are shown: the second agent keeps its report beside the key."""
    settled.put("status/web2.duplicate-0a1b2c3d", settled.list("status/")["web2"])
    assert [row["host"] for row in settled.json("status")] == ["db1", "web1", "web2", "web2"]
    assert "status/web2.duplicate-0a1b2c3d: two hosts have the name web2" in settled.complaint
    assert "4 hosts: 4 ok" in settled("status")
    assert len(settled.json("hosts")) == 4
    assert "two hosts have the name web2" in settled.complaint


def test_hosts(settled):
    settled("group", "all-of-them", "*")
    settled("set", "--host", "new", "/a", "1")
    assert rows(settled, "hosts") == [
        ["HOST", "AGENT", "LAST", "SEEN", "GROUPS"], ["db1", "1.0.0", "all-of-them", "db"],
        ["new", "gone", "all-of-them"],
        ["web1", "1.0.0", "all-of-them", "web"], ["web2", "1.0.0", "all-of-them", "web"]]
    assert settled.json("hosts", "--group", "db") == [
        {"host": "db1", "gone": False, "agent": "1.0.0", "machine": "m", "groups": ["all-of-them", "db"]}]


def test_groups(fleet):
    fleet("group", "web", "web-*", "proxy?")
    fleet("group", "db", "db1")
    assert fleet.json("group") == {"db": ["db1"], "web": ["web-*", "proxy?"]}
    assert rows(fleet, "group") == [["GROUP", "HOSTS"], ["db", "db1"], ["web", "web-*", "proxy?"]]
    fleet("group", "web", "--remove")
    assert fleet.json("group") == {"db": ["db1"]}


# ----------------------------------------------------------------------------------------------- to wait


class Hosts:
    """Agents that take a new document some time after it was put."""

    def __init__(self, fleet, names, pause=0.2, **facts):
        self.fleet, self.names, self.pause, self.facts = fleet, names, pause, facts
        self.before = fleet.document()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        eventually(lambda: self.fleet.document() != self.before, "a change")
        revision = self.fleet.store.revision()
        for name in self.names:
            time.sleep(self.pause)
            self.fleet.report(name, revision, **self.facts)


def test_set_waits_for_all_hosts(settled):
    hosts = Hosts(settled, ["web1", "web2", "db1"])
    assert settled("set", "--all", "/a", "2", "--wait").endswith("\n3 of 3 hosts have it\n")
    assert set(states(settled).values()) == {"ok"}
    hosts.thread.join()


def test_set_waits_for_a_share(settled):
    hosts = Hosts(settled, ["web1", "web2"])
    assert settled("set", "--all", "/a", "2", "--wait=60%").endswith("\n2 of 3 hosts have it\n")
    assert states(settled)[("db1", "default")] == "behind"
    hosts.thread.join()


def test_no_report_is_missed(fleet):
    """Reports come while the hosts are read, and the last one isn't followed by another."""
    names = [f"h{number}" for number in range(40)]
    fleet("set", "--all", "/a", "0")
    for name in names:
        fleet.report(name, 1)
    for value in range(1, 9):
        hosts = Hosts(fleet, names, pause=random.uniform(0.002, 0.03))
        fleet("set", "--all", "/a", str(value), "--wait", "--timeout", "8")
        hosts.thread.join()


def test_set_waits_no_longer_than_it_may(settled):
    start = time.monotonic()
    settled("set", "--all", "/a", "2", "--wait", "--timeout", "1", status=FAILED)
    assert 1 <= time.monotonic() - start < 10
    assert "0 of 3 hosts have the change after 1 seconds" in settled.complaint
    assert "db1, web1, web2" in settled.complaint


def test_only_hosts_in_the_scope_are_waited_for(settled):
    settled("set", "--group", "web", "/b", "1", "--wait", "--timeout", "1", status=FAILED)
    assert "0 of 2 hosts" in settled.complaint
    assert "no host reports" in settled("set", "--host", "other", "/b", "1", "--wait")


def test_no_change_is_waited_for_too(settled):
    assert "3 of 3 hosts have it" in settled("set", "--all", "/a", "1", "--wait")


def test_a_host_that_refuses(settled):
    hosts = Hosts(settled, ["web1", "web2", "db1"], refused=["config/default/all:1:4: no good"])
    settled("set", "--all", "/a", "2", "--wait", status=FAILED)
    assert "db1: config/default/all:1:4: no good" in settled.complaint
    assert "hosts refuse config/default/all" in settled.complaint
    hosts.thread.join()


def test_the_bar_of_the_progress(settled):
    hosts = Hosts(settled, ["web1", "web2", "db1"])
    seen = settled.terminal("set", "--all", "/a", "2", "--wait", status=DONE)
    assert "0 of 3 hosts [" in seen and "2 of 3 hosts [" in seen and "3 of 3 hosts have it" in seen
    hosts.thread.join()
