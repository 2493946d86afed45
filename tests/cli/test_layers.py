# SPDX-License-Identifier: LGPL-2.1-or-later
"""explain, and the layers of describe, dump and diff."""

import json
import re

import pytest
import yaml

from command_testing import DONE, NOT_FOUND, REFUSED, USAGE, Command
from runconf_testing import DEFAULTS

VALUES = yaml.safe_load(DEFAULTS)

FOLDERS = {
    "vendor": "usr/share/runconf", "fleet": "var/lib/runconf-fleet", "admin": "etc/runconf",
    "override": "var/lib/runconf",
}


class Rooted(Command):
    """The command on the files of a system that isn't running."""

    def __init__(self, folder):
        super().__init__(folder)
        self.root = folder / "root"
        self.runtime = self.path("override", "runtime_config.yaml")
        self.options = ["--offline", str(self.runtime)]

    def path(self, layer, file):
        return self.root / FOLDERS[layer] / "one" / file

    def write(self, layer, text, file=None):
        """Each layer has a drop-in of its own name, so that none replaces another one."""
        path = self.path(layer, file or f"config.d/{list(FOLDERS).index(layer)}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def rooted(scratch):
    """A configuration with a value of each layer, of which the fleet locks /locked."""
    cli = Rooted(scratch)
    cli.write("vendor", "a: 1\nb: 1\nc: 1\nd: 1\nlocked: 1\nmap: {x: 1, y: 1}\n", "config.yaml")
    cli.write("fleet", "b: 2\nc: 2\nd: 2\n")
    cli.write("fleet", "# the locks of the fleet\n/locked  # set by policy 12\n", "locks")
    cli.write("admin", "c: 3\nd: 3\nlocked: 3\nmap: {x: 3}\n")
    cli.write("override", "d: 4\nlocked: 4\n", "runtime_config.yaml")
    return cli


def rows(text):
    """The cells of a table, which have two spaces between them."""
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in text.splitlines()]


def test_explain_prints_the_strongest_layer_first(rooted):
    assert rows(rooted("explain", "/d")) == [
        ["LAYER", "VALUE", "PLACE", "STATE"],
        ["override", "4", f"{rooted.runtime}:1:4", "in force"],
        ["admin", "3", f"{rooted.path('admin', 'config.d/2.yaml')}:2:4", "hidden by a stronger layer"],
        ["fleet", "2", f"{rooted.path('fleet', 'config.d/1.yaml')}:3:4", "hidden by a stronger layer"],
        ["vendor", "1", f"{rooted.path('vendor', 'config.yaml')}:4:4", "hidden by a stronger layer"],
    ]


def test_explain_prints_the_reason_of_a_lock(rooted):
    lock = f"{rooted.path('fleet', 'locks')}:2 (set by policy 12)"
    override, admin, vendor = rows(rooted("explain", "/locked"))[1:]
    assert override[0] == "override" and override[3].startswith("ignored: ") and lock in override[3]
    assert admin[0] == "admin" and admin[3] == f"ignored: locked by {lock}"
    assert vendor[0] == "vendor" and vendor[3] == "in force"


def test_explain_prints_the_document_of_the_fleet(rooted):
    first = "# fleet: /runconf/config/chat/all, revision 42"
    rooted.write("fleet", f"{first}, by alice\nb: 5\n", "config.d/50.yaml")
    assert rows(rooted("explain", "/b"))[1][3] == "in force; revision 42 of /runconf/config/chat/all, by alice"
    assert json.loads(rooted("explain", "/b", "--json"))[0]["author"] == "alice"
    described = rooted("describe", "/b")
    for label, value in [("document", "/runconf/config/chat/all"), ("revision", "42"), ("author", "alice")]:
        assert re.search(f"^Fleet {label}: +{value}$", described, re.MULTILINE)
    rooted.write("fleet", f"{first}\nb: 6\n", "config.d/50.yaml")
    assert rows(rooted("explain", "/b"))[1][3] == "in force; revision 42 of /runconf/config/chat/all"


def test_explain_of_mappings_that_are_merged(rooted):
    assert [row[:2] + row[3:] for row in rows(rooted("explain", "/map"))[1:]] == [
        ["admin", "(a mapping)", "in force"], ["vendor", "(a mapping)", "in force"]]
    rooted.write("fleet", "map: none\n", "config.d/15.yaml")
    assert [row[:2] + row[3:] for row in rows(rooted("explain", "/map"))[1:]] == [
        ["admin", "(a mapping)", "in force"],
        ["fleet", "none", "hidden by a stronger layer"],
        ["vendor", "(a mapping)", "hidden by a stronger layer"]]


def test_explain_of_a_path_below_a_scalar(rooted):
    rooted.write("admin", "map: none\n", "config.d/30.yaml")
    shown = rows(rooted("explain", "/map/y"))
    assert shown[1][:2] == ["admin", "/map: none"] and shown[1][3] == "in force"
    assert shown[-1][:2] == ["vendor", "1"] and shown[-1][3] == "hidden by a stronger layer"


def test_explain_in_json(rooted):
    values = rooted.json("explain", "/locked")
    assert [(value["layer"], value["in_force"], "ignored" in value) for value in values] == [
        ("override", False, True), ("admin", False, True), ("vendor", True, False)]
    assert values[2] == {
        "layer": "vendor", "path": "/locked", "type": "integer", "value": 1, "in_force": True,
        "file": str(rooted.path("vendor", "config.yaml")), "line": 5, "column": 9}
    assert rooted.json("describe", "/locked")["layers"] == [
        {key: value for key, value in entry.items() if key != "in_force"} for entry in values]


def test_explain_all(rooted):
    table = rows(rooted("explain", "--all"))
    assert table[0] == ["PATH", "LAYER", "VALUE", "PLACE", "STATE"]
    assert {(row[0], row[1], row[2], row[4].split(":")[0]) for row in table[1:]} == {
        ("/b", "fleet", "2", "in force"), ("/c", "admin", "3", "in force"), ("/d", "override", "4", "in force"),
        ("/locked", "override", "4", "ignored"), ("/locked", "admin", "3", "ignored"),
        ("/map/x", "admin", "3", "in force")}
    assert [row[0] for row in rows(rooted("explain", "--all", "/map"))[1:]] == ["/map/x"]
    assert rooted.json("explain", "--all", "/a") == []


def test_explain_prints_no_secret(rooted):
    rooted.write("vendor", "properties: {b: {writeOnly: true}}\n", "config.schema.yaml")
    rooted.write("fleet", "b: s3cret\n")
    shown = rooted("explain", "/b")
    assert "s3cret" not in shown and rows(shown)[1][:2] == ["fleet", "(a secret)"]
    assert "s3cret" not in rooted("explain", "--all")
    assert "s3cret" not in rooted("--json", "explain", "/b")


def test_explain_of_no_value(cli):
    line, = cli.fails(NOT_FOUND, "explain", "/chat/websocket/prot")
    assert line.endswith("; did you mean /chat/websocket/port?")
    cli.fails(NOT_FOUND, "explain", "/frobnicate", words=["/frobnicate: no layer has a value there"])
    cli.fails(USAGE, "explain", "chat", words=["JSON Pointer"])


def test_explain_on_a_terminal_keeps_the_place(cli):
    cli("set", "/llm/active", "x" * 200)
    shown = cli.terminal("--color=never", "explain", "/llm/active")
    assert "x…" in shown and "x" * 30 not in shown and f"{cli.service.runtime}:" in shown


def test_describe_prints_the_lock(rooted):
    shown = rooted("describe", "/locked")
    lock = f"{rooted.path('fleet', 'locks')}:2 (set by policy 12)"
    assert f"Locked by:  {lock}\n" in shown and "layers" not in shown
    assert rooted.json("describe", "/locked")["lock"] == lock
    assert "Locked by:" not in rooted("describe", "/a")


@pytest.mark.parametrize("line", [
    ["set", "/locked", "5"], ["merge", "locked: 5"], ["set", "--dry-run", "/locked", "5"]])
def test_a_refusal_has_the_reason_of_the_lock(rooted, line):
    rooted.fails(REFUSED, *line, words=["/locked: ", "locks:2 (set by policy 12)"])


def test_dump_of_each_layer(rooted):
    def dump(layer, *options):
        return yaml.safe_load(rooted("dump", "--layer", layer, *options))

    assert dump("fleet") == {"b": 2, "c": 2, "d": 2}
    assert dump("admin") == {"c": 3, "d": 3, "locked": 3, "map": {"x": 3}}
    assert dump("override") == {"d": 4, "locked": 4}
    assert dump("user") == {}
    assert dump("vendor") == dump("vendor", "--stacked") == {
        "a": 1, "b": 1, "c": 1, "d": 1, "locked": 1, "map": {"x": 1, "y": 1}}
    assert dump("admin", "--stacked") == dump("defaults") == {
        "a": 1, "b": 2, "c": 3, "d": 3, "locked": 1, "map": {"x": 3, "y": 1}}
    assert dump("override", "--stacked") == yaml.safe_load(rooted("dump"))
    assert rooted.json("dump", "-l", "fleet", "/b") == 2
    rooted.fails(NOT_FOUND, "dump", "-l", "fleet", "/a")
    rooted.fails(USAGE, "dump", "--stacked", words=["--layer=vendor"])
    rooted.fails(USAGE, "dump", "--stacked", "--layer", "overrides", words=["--stacked needs"])
    rooted.fails(USAGE, "dump", "--layer", "all", words=["“effective”", "“override”"])


def test_diff_of_layers(rooted):
    assert rooted("diff", "--layers", "vendor", "fleet") == "~ /b: 1 → 2\n~ /c: 1 → 2\n~ /d: 1 → 2\n"
    assert rooted("diff", "--layers", "fleet", "vendor") == "~ /b: 2 → 1\n~ /c: 2 → 1\n~ /d: 2 → 1\n"
    assert rooted("diff", "--layers", "fleet", "admin") == "~ /c: 2 → 3\n~ /d: 2 → 3\n~ /map/x: 1 → 3\n"
    assert rooted("diff", "--layers", "admin", "user") == ""
    assert rooted.json("diff", "--layers", "user", "override") == [{"path": "/d", "old": 3, "new": 4}]
    assert rooted("diff", "--layers", "admin") == "~ /d: 3 → 4\n"
    rooted.fails(USAGE, "diff", "--layers", words=["one or two layers"])
    rooted.fails(USAGE, "diff", "--layers", "vendor", "defaults", words=["--layers defaults", "“admin”"])
    assert "“effective”" not in rooted.complaint


def test_layers_of_a_single_configuration(cli):
    cli("set", "/llm/active", "groq")
    assert [row[:2] for row in rows(cli("explain", "/llm/active"))[1:]] == [
        ["override", "groq"], ["vendor", "openrouter"]]
    assert yaml.safe_load(cli("dump", "--layer", "vendor")) == VALUES
    assert cli("diff", "--layers", "vendor", "override") == cli("diff")
    assert cli("explain", "/llm/active", status=DONE).count("in force") == 1
