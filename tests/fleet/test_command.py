# SPDX-License-Identifier: LGPL-2.1-or-later
"""The verbs that read and change documents, on a real etcd."""

import contextlib
import json
import os
import pathlib
import re
import subprocess

import pytest

from agent_testing import ALL, Agent
from command_testing import DONE, FAILED, NOT_FOUND, REFUSED, UNCHANGED, USAGE
from runconf_testing import eventually

TEXT = """\
# the fleet's own
chat:
  port: 8000   # behind the proxy
  host: a
"""


@pytest.fixture(name="loaded")
def make_loaded(fleet):
    (fleet.folder / "all.yaml").write_text(TEXT)
    fleet("load", "--all", "all.yaml")
    return fleet


def versions(fleet, *scope):
    return [change["version"] for change in fleet.json("history", *(scope or ["--all"]))]


# ---------------------------------------------------------------------------------- to change a document


def test_set_keeps_the_comments(loaded):
    assert loaded("set", "--all", "/chat/port", "9000") == f"changed /chat/port (version {versions(loaded)[0]})\n"
    assert loaded.document() == TEXT.replace("8000", "9000")


def test_set_makes_a_document(fleet):
    fleet("set", "--group", "web", "/a", "1", "/b/c", "[x, -5]")
    fleet("set", "--host", "db1.example.org", "/m", "-5")
    fleet("set", "--all", "-c", "other", "/s", "no", "--string")
    keys = fleet.list("config/")
    assert {key: text for key, text in keys.items() if not key.endswith("/author")} == {
        "default/groups/web": "a: 1\nb:\n  c:\n    - x\n    - -5\n",
        "default/hosts/db1.example.org": "m: -5\n",
        "other/all": "s: 'no'\n",
    }
    assert len(keys) == 6


def test_set_of_several_values_is_all_or_none(loaded):
    loaded.fails(FAILED, "set", "--all", "/chat/port", "1", "/chat/host/x", "2", words=["/chat/host"])
    assert loaded.document() == TEXT


def test_set_replace(loaded):
    loaded("set", "--all", "--replace", "/chat", "{port: 1}")
    assert "!replace" in loaded.document()


def test_merge(loaded):
    loaded("merge", "--all", "chat: {host: null, path: /ws}")
    assert loaded.document() == TEXT.replace("  host: a\n", "  path: /ws\n")
    loaded("merge", "--all", "--at", "/chat", "-", text="port: 1  # a file may have comments\n")
    assert "port: 1   # behind the proxy" in loaded.document()


def test_reset(loaded):
    loaded("reset", "--all", "/chat/port", "/nothing")
    assert loaded.document() == TEXT.replace("  port: 8000   # behind the proxy\n", "")
    assert "nothing changed" in loaded("reset", "--all", "/chat/port")
    loaded("reset", "--all", "")
    assert loaded.json("get", "--all") == {}


def test_load_keeps_the_text_as_it_is(loaded):
    assert loaded.document() == TEXT
    assert "nothing changed" in loaded("load", "--all", "all.yaml")
    loaded("load", "--all", "-", text="# only a comment\n")
    assert loaded.document() == "# only a comment\n"


def test_options_of_a_change(loaded):
    first = versions(loaded)[0]
    assert "would change /chat/port" in loaded("set", "--all", "/chat/port", "1", "--dry-run")
    assert loaded.document() == TEXT
    loaded.fails(REFUSED, "set", "--all", "/chat/port", "1", "--if-version", str(first - 1),
                 words=[f"config/default/all is at version {first}"])
    loaded("set", "--all", "/chat/port", "1", "--if-version", str(first), "--message", "why “so”")
    assert loaded.json("history", "--all", "--limit", "1")[0]["message"] == "why “so”"
    loaded("set", "--all", "/chat/port", "1", "--changed", status=UNCHANGED)
    assert loaded.json("set", "--all", "/chat/port", "2")["changed"] is True
    assert loaded("set", "--all", "/chat/port", "3", "--quiet") == ""
    loaded.fails(USAGE, "set", "--all", "/a", "1", "--confirm-timeout", "10", words=["confirm-timeout"])


def test_a_change_its_author_and_its_entry_have_one_revision(loaded):
    loaded("set", "--all", "/chat/port", "1")
    assert json.loads(loaded.document("all/author"))["author"] == loaded.entries()[0]["author"]
    reply = loaded.store.call("kv/range", key="AA==", range_end="AA==")
    changes = [item for item in reply["kvs"] if int(item["mod_revision"]) == versions(loaded)[0]]
    assert len(changes) == 3


# ------------------------------------------------------------------------------------- to read documents


def test_get(loaded):
    assert loaded("get", "--all") == TEXT
    assert loaded("get", "--all", "/chat/port") == "8000\n"
    assert loaded.json("get", "--all", "/chat") == {"port": 8000, "host": "a"}
    assert loaded.json("get", "--all") == {"chat": {"port": 8000, "host": "a"}}
    loaded.fails(NOT_FOUND, "get", "--all", "/chat/prot", words=["/chat/prot", "config/default/all"])
    loaded.fails(NOT_FOUND, "get", "--host", "h", words=["config/default/hosts/h"])
    loaded.fails(NOT_FOUND, "get", "--schema", words=["schema/default"])


def test_history(loaded):
    loaded("set", "--all", "/chat/port", "1", "--message", "for the move")
    loaded("merge", "--all", "{a: 1, b: 2}")
    lines = loaded.lines("history", "--all")
    assert [line.split()[3] for line in lines[1:]] == ["merge", "set", "load"]
    assert "for the move" in lines[2] and "~ /chat/port: 8000 → 1" in lines[2]
    assert "+ /a: 1 and 1 more" in lines[1]
    newest = loaded.json("history", "--all", "--limit", "1")
    assert [change["origin"] for change in newest] == ["merge"]
    assert newest[0]["changes"] == [{"path": "/a", "new": 1}, {"path": "/b", "new": 2}]
    assert newest[0]["author"].count("@") == 1
    assert loaded("history", "--host", "h").split() == ["VERSION", "TIME", "ORIGIN", "USER", "MESSAGE", "CHANGE"]
    loaded.fails(USAGE, "history", "--all", "--limit", "0")


def test_diff(loaded):
    first = versions(loaded)[0]
    loaded("set", "--all", "/chat/port", "1", "/n", "2")
    second = versions(loaded)[0]
    loaded("reset", "--all", "/chat/host")
    assert loaded("diff", "--all", str(first), str(second)) == "~ /chat/port: 8000 → 1\n+ /n: 2\n"
    assert loaded("diff", "--all", str(second)) == "- /chat/host: a\n"
    assert loaded("diff", "--all", "0", str(first)).startswith("+ /chat/port: 8000\n")
    assert "~ /chat/port: 1 → 8000" in loaded("diff", "--all", "all.yaml")
    assert loaded.json("diff", "--all", str(second)) == [{"path": "/chat/host", "old": "a"}]
    loaded.fails(NOT_FOUND, "diff", "--all", "1", words=["there is no version 1", "history --all"])
    loaded.fails(USAGE, "diff", "--all", "all.yaml", str(first), words=["all.yaml"])


# -------------------------------------------------------------------------------------------- to go back


@pytest.mark.parametrize("is_compacted", [False, True])
def test_revert(loaded, is_compacted):
    first = versions(loaded)[0]
    loaded("set", "--all", "/chat/port", "1")
    loaded("load", "--all", "-", text="other: {}\n")
    loaded("reset", "--all", "/other")
    if is_compacted:
        loaded.store.compact()
    loaded("revert", "--all", str(first))
    assert loaded.document() == TEXT
    assert loaded.json("history", "--all")[0]["origin"] == "revert"
    loaded("revert", "--all", "0")
    assert loaded.document() == ""
    loaded.fails(NOT_FOUND, "revert", "--all", "7777777", words=["there is no version 7777777"])
    loaded.fails(USAGE, "revert", "--all", "first")


LARGE = "".join(f"k{i}: {'x' * 100}\n" for i in range(1000))


def test_a_large_document_goes_back_by_its_values(fleet):
    """Its text isn't in the history, and etcd has compacted it."""
    fleet("load", "--all", "-", text=LARGE + "n: 1   # counts\n")
    first = versions(fleet)[0]
    fleet("set", "--all", "/n", "2", "/k5", "5")
    fleet("reset", "--all", "/k7")
    assert all("text" not in entry for entry in fleet.entries())
    fleet.store.compact()
    fleet("revert", "--all", str(first))
    expected = dict(line.split(": ") for line in LARGE.splitlines()) | {"n": 1}
    assert fleet.json("get", "--all") == expected
    assert "n: 1   # counts\n" in fleet.document()


def test_a_tag_is_not_lost_on_the_way_back(fleet):
    """JSON has no tags, so the values in the history can't restore one."""
    fleet("load", "--all", "-", text=LARGE + "n: !unset\n")
    first = versions(fleet)[0]
    fleet("set", "--all", "/n", "2")
    fleet.store.compact()
    before = fleet.document()
    fleet.fails(NOT_FOUND, "revert", "--all", str(first), words=["isn't there any more"])
    assert fleet.document() == before


def test_a_revert_keeps_what_etcd_still_has(fleet):
    fleet("load", "--all", "-", text=LARGE + "n: !unset\n")
    first = versions(fleet)[0]
    fleet("set", "--all", "/n", "2")
    fleet("revert", "--all", str(first))
    assert fleet.document() == LARGE + "n: !unset\n"


def load_over(fleet):
    fleet.put("config/default/all", "foreign: 1\n")
    fleet("set", "--all", "/foreign", "2")


def remove(fleet):
    fleet.store.delete(fleet.prefix_of_keys + "config/default/all")
    fleet("set", "--all", "/foreign", "2")


def break_an_entry(fleet):
    before = set(fleet.list("history/default/all/"))
    fleet("set", "--all", "/chat/port", "1")
    [entry] = set(fleet.list("history/default/all/")) - before
    fleet("set", "--all", "/chat/port", "2")
    fleet.put(f"history/default/all/{entry}", "{")


@pytest.mark.parametrize("make_gap", [load_over, remove, break_an_entry])
def test_a_gap_in_the_history_gives_no_other_text(loaded, make_gap):
    """The entry behind the gap has the text before it, which isn't that of the version."""
    first = versions(loaded)[0]
    make_gap(loaded)
    last = versions(loaded)[0]
    loaded.store.compact()
    before = loaded.document()
    for verb in "revert", "diff":
        loaded.fails(NOT_FOUND, verb, "--all", str(first), words=[f"version {first} isn't there any more"])
    assert loaded.document() == before
    loaded("revert", "--all", "0")
    loaded("revert", "--all", str(last))
    assert loaded.document() == before


def test_a_broken_text_is_not_taken_for_an_empty_one(fleet):
    broken = fleet.put("config/default/all", LARGE + "n: [1\n")
    fleet("load", "--all", "-", text="n: 1\n")
    fleet.store.compact()
    fleet.fails(NOT_FOUND, "revert", "--all", str(broken), words=["isn't there any more"])
    assert fleet.document() == "n: 1\n"


def test_values_are_not_undone_in_a_text_of_another_program(fleet):
    fleet("load", "--all", "-", text=LARGE + "n: 1\n")
    first = versions(fleet)[0]
    fleet("set", "--all", "/n", "2")
    fleet.put("config/default/all", "n: 7\nforeign: 1\n")
    fleet.store.compact()
    fleet.fails(NOT_FOUND, "revert", "--all", str(first), words=["isn't there any more"])
    assert fleet.document() == "n: 7\nforeign: 1\n"


# ---------------------------------------------------------------------------------------- several writers


@pytest.fixture(name="hosts")
def make_hosts(fleet):
    """Returns the documents of five hosts, as their layers have them."""
    names = [f"host{number}" for number in range(5)]
    roster = fleet.folder / "hosts"
    roster.write_text("".join(f"{name}\n" for name in names))
    agent = Agent(fleet.store, fleet.folder / "agents", prefix=fleet.prefix_of_keys)
    agent.options = ["--hosts", str(roster)]
    layers = [agent.root / name / "var/lib/runconf-fleet/default" / ALL for name in names]
    with contextlib.closing(agent.start()):
        yield lambda: [layer.read_text().partition("\n")[2] if layer.exists() else None for layer in layers]


def test_no_write_of_concurrent_writers_is_lost(fleet, hosts):
    """Eight writers in one document, each with its own key, and all with one list. All hosts end equal."""
    fleet("set", "--all", "/list", "[]")
    n_writers, n_rounds = 8, 15
    for number in range(n_rounds):
        writers = [fleet.start("set", "--all", f"/w{writer}", str(number), f"/round{number}/w{writer}", "1",
                               "/list/-", str(number * n_writers + writer)) for writer in range(n_writers)]
        for process in writers:
            said = process.communicate(timeout=60)
            assert (process.returncode, said[1]) == (DONE, "")
    found = fleet.json("get", "--all")
    assert sorted(found["list"]) == list(range(n_writers * n_rounds))
    for number in range(n_rounds):
        assert len(found[f"round{number}"]) == n_writers
    assert {found[f"w{writer}"] for writer in range(n_writers)} == {n_rounds - 1}
    eventually(lambda: hosts() == [fleet.document()] * 5, "all hosts have the document")

    # the oldest entries are gone, and those that are left are a chain
    changes = fleet.json("history", "--all", "--limit", "1000")
    assert 100 <= len(changes) < 120
    assert [change["before"] for change in changes[:-1]] == [change["version"] for change in changes[1:]]


def test_the_history_is_bounded(fleet):
    """Twenty changes share the requests that remove the oldest entries."""
    for number in range(118):
        fleet.put(f"history/default/all/00000000-0000-4000-8000-{number:012}", "{}")
    fleet("set", "--all", "/a", "1")
    assert len(fleet.list("history/default/all/")) == 119
    fleet("set", "--all", "/a", "2")
    left = sorted(fleet.list("history/default/all/"))
    assert len(left) == 100
    assert f"00000000-0000-4000-8000-{20:012}" in left
    assert f"00000000-0000-4000-8000-{19:012}" not in left


# ---------------------------------------------------------------------------------------------- to edit


def editor(fleet, script):
    path = fleet.folder / "editor.sh"
    path.write_text(f"#!/bin/sh\nset -e\nfile=$1\n{script}\n")
    path.chmod(0o755)
    return {"EDITOR": str(path)}


def other_writer(fleet, *arguments):
    words = " ".join(f"'{word}'" for word in fleet.line(arguments))
    return f"{words} >/dev/null"


def test_edit(loaded):
    assert "changed /chat/port" in loaded("edit", "--all", **editor(loaded, "sed -i 's/8000/1/; s/own/text/' $file"))
    assert loaded.document() == TEXT.replace("8000", "1").replace("own", "text")
    assert loaded.json("history", "--all")[0]["origin"] == "edit"
    assert "nothing changed" in loaded("edit", "--all", **editor(loaded, "true"))


def test_edit_makes_a_document(fleet):
    fleet("edit", "--group", "web", **editor(fleet, "echo 'a: 1  # one' >$file"))
    assert fleet.document("groups/web") == "a: 1  # one\n"


def test_an_edit_is_put_together_with_another_writers_change(loaded):
    script = other_writer(loaded, "set", "--all", "/chat/host", "b") + "\nsed -i 's/8000/1/' $file"
    loaded("edit", "--all", **editor(loaded, script))
    assert loaded.document() == TEXT.replace("8000", "1").replace("host: a", "host: b")
    assert "~ /chat/host: a → b" in loaded.complaint


def test_a_conflict_is_told_and_the_text_kept(loaded):
    script = other_writer(loaded, "set", "--all", "/chat/port", "2") + "\nsed -i 's/8000/1/' $file"
    loaded("edit", "--all", status=REFUSED, **editor(loaded, script))
    assert "/chat/port" in loaded.complaint and "mine: 1" in loaded.complaint and "theirs: 2" in loaded.complaint
    kept = loaded.complaint.split("kept in ")[1].split()[0]
    assert "port: 1 " in pathlib.Path(kept).read_text()
    assert "port: 2 " in loaded.document()


def test_broken_text_is_kept(loaded):
    loaded("edit", "--all", status=FAILED, **editor(loaded, "echo 'a: 1' >$file; echo 'a: 2' >>$file"))
    assert "config.yaml:2:1" in loaded.complaint and "kept in" in loaded.complaint
    assert loaded.document() == TEXT


def test_a_stored_text_is_not_kept_when_hosts_lack_it(loaded):
    loaded.report("h", 1)
    loaded("edit", "--all", "--wait", "--timeout", "1", status=FAILED, **editor(loaded, "sed -i 's/8000/1/' $file"))
    assert "it lacks on: h" in loaded.complaint and "kept in" not in loaded.complaint
    assert "port: 1 " in loaded.document()


# -------------------------------------------------------------------------------------- the fleet's rules

SCHEMA = """
type: object
required: [name]
properties:
  chat:
    type: object
    required: [port, host]
    properties:
      port: {type: integer, maximum: 65535}
      password: {type: string, writeOnly: true}
  tls:
    oneOf: [{required: [certificate]}, {required: [none]}]
"""


@pytest.fixture(name="ruled")
def make_ruled(loaded):
    (loaded.folder / "config.schema.yaml").write_text(SCHEMA)
    loaded("load", "--schema", "config.schema.yaml")
    return loaded


def test_the_schema_is_asked_before(ruled):
    ruled.fails(REFUSED, "set", "--all", "/chat/port", "99999",
                words=["runconf: /chat/port: 99999 is more than the maximum, 65535"])
    lines = ruled.fails(REFUSED, "merge", "--host", "h", "chat: {port: x, host: 1, password: 7}")
    assert [line.split(": ")[1] for line in lines] == ["/chat/port", "/chat/password"]
    assert ruled.document() == TEXT and ruled.document("hosts/h") is None
    ruled.fails(REFUSED, "load", "--all", "-", text="chat: {port: -x}", words=["/chat/port"])
    assert ruled("get", "--schema") == SCHEMA


def test_a_document_may_lack_what_the_host_has(ruled):
    ruled("set", "--host", "h", "/chat/port", "1", "/tls/version", "1.3")
    ruled("reset", "--all", "/chat/host")


def test_an_older_violation_stops_no_other_change(ruled):
    ruled.put("config/default/all", "chat: {port: 99999}\nn: 1\n")
    ruled("set", "--all", "/n", "2")
    assert ruled.document() == "chat: {port: 99999}\nn: 2\n"


def test_the_place_in_an_edited_text(ruled):
    ruled("edit", "--all", status=REFUSED, **editor(ruled, "sed -i 's/8000/99999/' $file"))
    assert "config.yaml:3:9: /chat/port: 99999" in ruled.complaint


def test_a_broken_schema(ruled):
    (ruled.folder / "wrong.yaml").write_text("type: object\nproperties:\n  a: {type: nothing}\n")
    ruled.fails(FAILED, "load", "--schema", "wrong.yaml", words=["wrong.yaml:3:"])
    ruled.put("schema/default", "properties: 7\n")
    ruled.fails(FAILED, "set", "--all", "/a", "1", words=["schema/default:1:", "load --schema"])
    ruled("load", "--schema", "config.schema.yaml")
    ruled("set", "--all", "/a", "1")


def test_secrets_stay_out_of_the_history(ruled):
    ruled("set", "--all", "/chat/password", "geheim", "/chat/port", "1")
    version = versions(ruled)[0]
    ruled("set", "--all", "/chat/password", "other", "/chat/port", "2")
    ruled("reset", "--all", "/chat/password")
    assert "geheim" not in json.dumps(ruled.entries()) and "other" not in json.dumps(ruled.entries())
    assert "~ /chat/port: 1 → 2" in ruled("history", "--all")
    ruled("revert", "--all", str(version))
    assert "password: geheim" in ruled.document()
    ruled.store.compact()
    ruled.fails(NOT_FOUND, "revert", "--all", str(versions(ruled)[1]), words=["had secrets"])


def test_a_secret_in_a_broken_text_stays_out_of_the_history(ruled):
    ruled.put("config/default/all", "chat: {password: geheim\n")
    ruled("load", "--all", "-", text="a: 1\n")
    assert "geheim" not in json.dumps(ruled.entries())


def test_locks(fleet):
    (fleet.folder / "locks").write_text("/chat/port  # the firewall\n")
    assert re.fullmatch(r"changed locks/default/all \(version \d+\)\n", fleet("load", "--all", "--locks", "locks"))
    assert fleet("get", "--all", "--locks") == "/chat/port  # the firewall\n"
    assert fleet.list("locks/") == {"default/all": "/chat/port  # the firewall\n"}
    (fleet.folder / "wrong").write_text("/a\nchat/port\n")
    fleet.fails(FAILED, "load", "--all", "--locks", "wrong", words=["wrong:2"])
    fleet.fails(USAGE, "load", "--all", "--locks", "--schema", "locks")


# ---------------------------------------------------------------------------------------- at a command line


def complete(fleet, *words):
    found = fleet.lines("complete", "--", *words)
    return [line.split("\t")[0] for line in found]


def test_completion(loaded):
    loaded("set", "--group", "web", "/a", "1")
    loaded("set", "--host", "db1", "/a", "1")
    loaded("group", "web", "web-*")
    options = loaded.options[1:]

    def eventually_completes(expected, *words):
        """A shell doesn't wait for long, so there are no candidates while the machine is busy."""
        eventually(lambda: complete(loaded, *options, *words) == expected, f"the candidates of {words}")

    assert {"set", "status", "help"} <= set(complete(loaded, *options, ""))
    assert complete(loaded, *options, "sta") == ["status"]
    assert {"--all", "--message", "--wait", "--replace", "--json"} <= set(complete(loaded, *options, "set", "-"))
    assert "--confirm-timeout" not in complete(loaded, *options, "set", "--c")
    eventually_completes(["web"], "set", "--group", "")
    eventually_completes(["db1"], "set", "--host", "")
    eventually_completes(["/chat"], "get", "--all", "/")
    eventually_completes(["/chat/port", "/chat/host"], "set", "--all", "/chat/")
    assert complete(loaded, *options, "set", "--all", "/chat/port", "") == []
    assert complete(loaded, *options, "load", "--all", "") == ["FILES"]
    assert complete(loaded, *options, "rollout", "--file", "") == ["FILES"]
    assert complete(loaded, *options, "set", "--v") == []
    # the arguments of options aren't those of the verb
    eventually_completes(["/chat", "FILES"], "rollout", "--steps", "1", "-m", "x", "--all", "/")
    eventually_completes(["/chat"], "set", "--wait", "--timeout", "5", "--all", "/")


def test_help(fleet):
    text = fleet("help")
    for verb in ("get", "set", "merge", "reset", "edit", "load", "diff", "history", "revert", "status", "hosts"):
        assert f"\n  {verb} " in text
        assert f"runconf fleet {verb}" in fleet("help", verb)
        assert fleet(verb, "--help") == fleet("help", verb)
    assert "complete" not in text
    assert fleet("--version").startswith("runconf-fleet ")
    assert os.environ["RUNCONF_FLEET"].endswith("runconf-fleet")


# ---------------------------------------------------------------------------------------------- the page


def read_page():
    """The page as it is shown on a very wide terminal."""
    page = os.environ["RUNCONF_FLEET_PAGE"]
    text = subprocess.run(["man", "-E", "UTF-8", "-l", page], capture_output=True, text=True, check=True,
                          env=os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "500", "MANROFFOPT": "-c"})
    return text.stdout.splitlines()


def test_the_page_tells_every_verb_and_option(fleet):
    page = read_page()
    told = {match.group(1) for line in page if (match := re.match(r" {7}([a-z]+)\b", line))}
    options = {option for line in page if re.match(r" +-", line) for option in re.findall(r"--[a-z-]+", line)}
    verbs = re.findall(r"^  ([a-z]+)  ", fleet("help").split("Verbs:")[1], re.MULTILINE)
    assert len(verbs) >= 12 and set(verbs) <= told
    known = set()
    for verb in verbs:
        known |= set(re.findall(r"^  (?:-., )?(--[a-z-]+)", fleet("help", verb), re.MULTILINE))
    assert options == known | {"--version"}
