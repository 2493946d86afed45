# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent, with an etcd on loopback: the files of the layer are what etcd has for the host."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import urllib.request

import pytest

from agent_testing import ALL, HOST, RIGHTS, Agent, agent_path, group_file
from etcd_testing import encode
from many_testing import Many
from runconf_testing import BUSES, DEADLINE, closing, eventually


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


def test_a_file_that_cannot_be_written_is_no_matter_of_others(etcd, agent):
    etcd.put_all({"config/chat/hosts/h1": "b: 1\n", "config/db/all": "c: 1\n"})
    agent.start()
    agent.wait_for("db", ALL, "c: 1\n")
    (agent.layer / "chat" / ALL / "x").mkdir(parents=True)
    revision = etcd.replace("config/db/all", {"config/chat/all": "a: 1\n"})
    etcd.wait_for_report("h1", "chat", lambda report: report.get("refused"))
    etcd.wait_for_report("h1", "db", lambda report: report["revision"] >= revision)
    revision = etcd.put("config/web/all", "d: 1\n")
    etcd.wait_for_report("h1", "web", lambda report: report.get("revision", 0) >= revision)
    assert etcd.report("h1", "chat")["revision"] < revision


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


def test_keys_that_are_no_names(etcd, agent):
    """No key leads out of the layer, and no author into the document."""
    names = ["..", ".", "../..", "a/b", "a\n", "", "n" * 10000, "\x1b[2J", "a b"]
    for name in names:
        for key in ("config/{}/all", "config/chat/groups/{}", "config/chat/hosts/{}", "locks/{}/all", "schema/{}"):
            etcd.put(key.format(name), "x: 1\n")
        etcd.put(f"groups/{name}", 'hosts: ["*"]')
    for key in (b"config/\xff/all", b"config/chat\x00/all", b"config/\x00", b"groups/\xff"):
        etcd.call("kv/put", key=encode(etcd.prefix.encode() + key), value=encode("x: 1\n"))
    revision = etcd.put_all({"config/chat/hosts/h1": "b: 1\n",
                             "config/chat/hosts/h1/author": json.dumps({"author": "eve\nport: 1\n\x1b[2J"})})
    before = sorted(path for path in agent.folder.rglob("*") if path.is_file())
    agent.start()
    agent.wait_for("chat", HOST, "b: 1\n")
    etcd.wait_for_report("h1", "chat", lambda report: report.get("revision", 0) >= revision)
    assert agent.files() == [f"chat/{HOST}"]
    assert agent.head("chat", HOST).endswith(f", revision {revision}, by eve\\nport: 1\\n\\x1b[2J")
    after = sorted(path for path in agent.folder.rglob("*") if path.is_file() and agent.layer not in path.parents)
    assert set(after) - set(before) <= {agent.config, agent.log_file}
    assert etcd.reports()["h1"].get("groups") is None


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


def test_a_document_of_another_host_that_changes_often(etcd, agent):
    etcd.put("config/chat/hosts/h2", "a: 0\n")
    agent.start()
    eventually(lambda: "etcd is followed" in agent.log(), "the watch")
    for value in range(1, 200):
        etcd.put("config/chat/hosts/h2", f"a: {value}\n")
    etcd.put("config/chat/all", "a: 1\n")
    agent.wait_for("chat", ALL, "a: 1\n")
    assert agent.log().count("etcd is followed") == 1


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


def is_alive(process):
    """Whether a process runs; one that is only not reaped yet doesn't."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return pathlib.Path(f"/proc/{process}/cmdline").read_bytes() != b""
    return False


def wait_for_process(file):
    """Waits for the number of a process in a file, and returns it."""
    eventually(lambda: file.exists() and file.read_text().strip(), "the process")
    return int(file.read_text())


def test_a_health_command_whose_output_stays_open(etcd, agent, scratch):
    child = scratch / "child"
    agent.settings["health"] = f"sleep 60 & echo $! >{child}; setsid sleep 15 & true"
    agent.start()
    revision = etcd.put("config/chat/all", "a: 1\n")
    process = wait_for_process(child)
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("revision", 0) >= revision)
    assert report["health"] == "the health command runs longer than 10 seconds"
    assert not is_alive(process)


def test_a_health_command_that_writes_without_end(etcd, agent, scratch):
    flag = scratch / "runs"
    agent.settings["health"] = f"touch {flag}; exec yes"
    agent.start()
    etcd.put("config/chat/all", "a: 1\n")
    eventually(flag.exists, "the command runs")
    before = agent.memory()
    time.sleep(2)
    # a sanitizer keeps what is freed
    assert agent.memory() - before < 10e6 or "ASAN_OPTIONS" in os.environ or "TSAN_OPTIONS" in os.environ
    # other changes go on meanwhile
    etcd.put("config/chat/all", "a: 2\n")
    agent.wait_for("chat", ALL, "a: 2\n")


def test_changes_during_each_health_command(etcd, agent):
    agent.settings["health"] = "sleep 1"
    agent.start()
    revision = etcd.put("config/chat/all", "a: 1\n")
    for value in range(2, 200):
        etcd.put("config/chat/all", f"a: {value}\n")
        time.sleep(0.3)
        if etcd.report("h1", "chat").get("revision", 0) >= revision:
            return
    raise AssertionError("the changes keep the host from its report")


def test_the_health_command_ends_with_the_agent(etcd, agent, scratch):
    child = scratch / "child"
    agent.settings["health"] = f"echo $$ >{child}; exec sleep 60"
    agent.start()
    etcd.put("config/chat/all", "a: 1\n")
    process = wait_for_process(child)
    agent.stop()
    eventually(lambda: not is_alive(process), "the command ends", 5)


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


def test_a_health_command_that_takes_longer_than_the_time_between_two(etcd, agent):
    agent.settings.update(health="sleep 6; echo tired; false", rollouts="leave")
    agent.start()
    revision = etcd.put("rollout/chat/all", rollout("a: 2\n", EVERYONE))
    report = etcd.wait_for_report("h1", "chat", lambda report: report.get("revision", 0) >= revision)
    assert report["health"] == "tired"


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
               == sorted(names), "all hosts have the change", 120)
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
