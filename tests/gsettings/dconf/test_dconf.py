# SPDX-License-Identifier: LGPL-2.1-or-later
"""From dconf and back: a real dconf, a real daemon, and the command between them."""

import html
import os
import re
import secrets
from random import Random

import pytest
import yaml
from command_testing import FAILED, REFUSED, USAGE
from dconf_testing import Desktop
from random_values import random_text, random_type

N_RANDOM = 400

KEYS = """[/]
top='x'

[other/no-schema]
dictionary={'a': <1>}
empty=@as []
float=1.5
list=['a', 'b']
tuple=(1, 'a')
unsigned=uint32 5

[test/interface]
extra={'a': <uint32 1>, 'b': <'text'>}
format='24h'
layouts=['us', 'de']
name=@ms 'Ada'
shortcuts={'copy': 7}
size=uint32 32
sources=[('xkb', 'us'), ('xkb', 'de+neo')]
"""

# what a person reads: natural where a schema tells the type
VALUES = {
    "top": "x",
    "other": {"no-schema": {
        "dictionary": {"gvariant": "{'a': <1>}"}, "empty": {"gvariant": "@as []"}, "float": 1.5, "list": ["a", "b"],
        "tuple": {"gvariant": "(1, 'a')"}, "unsigned": {"gvariant": "uint32 5"}}},
    "test": {"interface": {
        "extra": {"a": {"gvariant": "uint32 1"}, "b": "text"}, "format": "24h", "layouts": ["us", "de"], "name": "Ada",
        "shortcuts": {"copy": 7}, "size": 32, "sources": [["xkb", "us"], ["xkb", "de+neo"]]}},
}

DEFAULTS = """test:
  interface:
    shortcuts: {copy: 1, paste: 2}
    size: 24
"""

SCHEMA = """properties:
  test:
    properties:
      interface:
        properties:
          format: {enum: [12h, 24h]}
          size: {type: integer, maximum: 64}
"""


class Loader(yaml.SafeLoader):
    """Reads a replacing mapping as a mapping."""


Loader.add_constructor("!replace", lambda loader, node: loader.construct_mapping(node, deep=True))


def read(path):
    values = yaml.load(path.read_text(), Loader)
    values.pop("_runtime_config", None)
    return values


def list_lines(dump):
    """The lines, in whatever order the folders are."""
    return sorted(filter(None, dump.split("\n")))


def test_from_dconf_and_back(desktop, dconf):
    """All keys come over as people write them; a second import changes nothing; and they go back as they were."""
    desktop.service.defaults.write_text(DEFAULTS)
    dconf.load(KEYS)
    dump = dconf.dump()

    desktop("import", "dconf")
    assert read(desktop.service.runtime) == VALUES
    assert desktop.json("get", "/test/interface", "-c", "gsettings", "--session")["shortcuts"] == {"copy": 7}
    assert "imported from dconf" in desktop("history", "-c", "gsettings", "--session")

    version, text = desktop.version(), desktop.service.runtime.read_bytes()
    assert "nothing changed" in desktop("import", "dconf")
    desktop("import", "dconf", "--changed", status=6)
    assert (desktop.version(), desktop.service.runtime.read_bytes()) == (version, text)

    exported = desktop("export", "dconf")
    dconf("reset", "-f", "/")
    assert dconf.dump() == ""
    dconf.load(exported)
    assert list_lines(dconf.dump()) == list_lines(dump)


def test_random_values(desktop, dconf):
    """Values of all types come back as they were, those with a schema and those without one; and the schema of the
    configuration that is made of the installed ones allows them."""
    seed = secrets.randbits(32)
    random = Random(seed)
    print("seed", seed)
    types = [random_type(random, number % 4) for number in range(N_RANDOM)]
    defaults, values = ([f"@{kind} {random_text(random, kind)}" for kind in types] for _ in range(2))
    keys = [f'<key name="k{number}" type="{kind}"><default>{html.escape(defaults[number])}</default></key>'
            for number, kind in enumerate(types)]
    dconf.add_schema(f'<schema id="test.random" path="/typed/">{"".join(keys)}</schema>')
    desktop.service.defaults.unlink()
    dconf.write_schema(desktop.service.etc)
    lines = "".join(f"k{number}={value}\n" for number, value in enumerate(values))
    dconf.load(f"[typed]\n{lines}\n[untyped]\n{lines}")
    dump = dconf.dump()
    assert len(list_lines(dump)) == 2 * N_RANDOM + 2

    desktop("import", "dconf")
    assert "nothing changed" in desktop("import", "dconf")
    exported = desktop("export", "dconf")
    dconf("reset", "-f", "/")
    dconf.load(exported)
    assert list_lines(dconf.dump()) == list_lines(dump)


def test_from_a_text(desktop, dconf):
    """A text is the same as a running dconf, from a file and from standard input; other overrides stay."""
    dconf.load(KEYS)
    file = desktop.folder / "dump.ini"
    file.write_text(dconf.dump())
    desktop("set", "-c", "gsettings", "--session", "/mine", "1")

    desktop("import", "dconf", "--file", str(file), "--message", "as on the old machine")
    assert read(desktop.service.runtime) == {"mine": 1, **VALUES}
    assert "as on the old machine" in desktop("history", "-c", "gsettings", "--session")
    assert "nothing changed" in desktop("import", "dconf", "--file", "-", text=KEYS)


def test_null_and_many_keys(desktop):
    """A maybe without a value is null, and no patch that takes the key away; a change has any number of keys."""
    desktop.service.defaults.write_text("test: {interface: {name: Grace}}\n")
    text = "[test/interface]\nname=@ms 'Ada'\nshortcuts={'a': 1}\nsize=uint32 1\n"
    desktop("import", "dconf", "--file", "-", text=text)
    text = "[test/interface]\nname=@ms nothing\nshortcuts={'b': 2}\nsize=uint32 2\n"
    desktop("import", "dconf", "--file", "-", text=text)
    assert read(desktop.service.runtime) == {"test": {"interface": {"name": None, "shortcuts": {"b": 2}, "size": 2}}}
    assert desktop.version() == 2
    assert "nothing changed" in desktop("import", "dconf", "--file", "-", text=text)
    assert "name=@ms nothing" in desktop("export", "dconf")

    desktop("import", "dconf", "--file", "-", text="[many]\n" + "".join(f"k{n}=uint32 {n}\n" for n in range(3000)))
    assert desktop.version() == 3
    assert len(read(desktop.service.runtime)["many"]) == 3000


def test_only_the_database_of_the_user(desktop, dconf):
    """Values of the system's databases are no settings of the user."""
    database = dconf.compile("site", "[test/interface]\nsize=uint32 48\n")
    dconf.profile.write_text(f"user-db:user\nfile-db:{database}\n")
    dconf.load("[test/interface]\nformat='24h'\n")
    assert "size" in dconf.dump()
    desktop("import", "dconf")
    assert read(desktop.service.runtime) == {"test": {"interface": {"format": "24h"}}}


def test_a_dry_run(desktop):
    assert "/top" in desktop("import", "dconf", "--file", "-", "--dry-run", text=KEYS)
    assert "top" not in desktop.service.runtime.read_text()


@pytest.mark.parametrize("text, place", [
    ("[test/interface]\nsize=uint32 x\n", "2:13"),
    ("size=1\n", "1:1"),
    ("[test\n", "1:6"),
    ("[test/interface]\nformat='24h'\nlayouts=[\n", "3:10"),
])
def test_an_error_in_a_text(desktop, text, place):
    """It is reported with its place, and nothing is imported."""
    version = desktop.version()
    desktop.fails(FAILED, "import", "dconf", "--file", "-", text=text, words=[f"standard input:{place}: "])
    file = desktop.folder / "dump.ini"
    file.write_text(text)
    desktop.fails(FAILED, "import", "dconf", "--file", str(file), words=[f"{file}:{place}: "])
    assert desktop.version() == version


def test_keys_that_are_refused_are_told(desktop):
    """All others are imported: a value that the schema forbids, a locked key, a key that is a folder."""
    desktop.service.schema.write_text(SCHEMA)
    desktop.service.locks.write_text("/locked\n")
    desktop.service.defaults.write_text("locked: {a: 1}\n")
    text = """[test/interface]
format='36h'
layouts=['us']
size=uint32 96
[locked]
a=2
[other]
k=1
[other/k]
l=2
"""
    assert "/test/interface/layouts" in desktop("import", "dconf", "--file", "-", text=text, status=FAILED)
    told = [re.match("runconf: not imported: (.*?):", line) for line in desktop.complaint.splitlines()]
    assert [match.group(1) for match in told if match] == [
        "/other/k", "/test/interface/format", "/test/interface/size", "/locked/a"]
    assert read(desktop.service.runtime) == {"test": {"interface": {"layouts": ["us"]}}, "other": {"k": {"l": 2}}}
    version = desktop.version()
    assert "nothing changed" in desktop("import", "dconf", "--file", "-", text=text, status=FAILED)
    assert desktop.version() == version


def test_other_errors_are_no_refusal_of_keys(desktop):
    version = desktop.version()
    desktop.fails(REFUSED, "import", "dconf", "--file", "-", "--if-version", str(version + 7), text=KEYS,
                  words=["version"])
    desktop.fails(FAILED, "import", "dconf", "--file", "-", "--address", "unix:path=/nonexistent", text=KEYS)
    desktop.fails(FAILED, "import", "dconf", "--file", "/nonexistent", words=["/nonexistent can't be read"])
    desktop.fails(FAILED, "import", "dconf", words=["install dconf"], PATH="/nonexistent")
    desktop.fails(FAILED, "import", "dconf", words=["profile"], DCONF_PROFILE="/nonexistent")
    desktop.fails(3, "export", "dconf", "-c", "nothing", words=["nothing"])


def test_what_dconf_cannot_have(desktop):
    """It is reported, and all others are exported."""
    desktop.service.defaults.write_text("gone: 1\n")
    desktop("set", "-c", "gsettings", "--session", "/a/null", "null", "/a/fine", "1", "/test/interface/size", "-5")
    desktop("unset", "-c", "gsettings", "--session", "/gone")
    assert desktop("export", "dconf", status=FAILED) == "[a]\nfine=1\n"
    assert desktop.complaint.splitlines() == [
        "runconf: not exported: /a/null: expected a value that tells its type, or {gvariant: TEXT}, found null",
        "runconf: not exported: /test/interface/size: expected an integer from 0 to 4294967295, found a smaller one",
        "runconf: not exported: /gone: it hides the default, which dconf can't",
    ]


def test_the_databases_of_the_system(session, dconf):
    """They become files of the admin layer, with their locks, and count in the order of the profile."""
    weak = dconf.compile("vendor", "[test/interface]\nsize=uint32 40\nshortcuts={'cut': 3}\n")
    strong = dconf.compile("site", "[test/interface]\nsize=uint32 48\n",
                           ["# ours\n/test/interface/size\n\n", "/test/interface/format\n/a~b\n"])
    dconf.profile.write_text(f"user-db:user\n# both\nfile-db:{strong}\n  file-db:{weak} # last\n")
    desktop = Desktop(session, dconf)
    session.environment["XDG_CONFIG_DIRS"] = str(desktop.folder / "xdg")
    session.add("gsettings", DEFAULTS)
    output = desktop.folder / "xdg/runconf/gsettings"
    written = desktop.lines("import", "dconf", "--system", "--output", str(output))
    assert written == [f"{output}/config.d/50-dconf-vendor.yaml", f"{output}/config.d/51-dconf-site.yaml",
                       f"{output}/locks.d/51-dconf-site"]
    assert read(output / "config.d/50-dconf-vendor.yaml") == {
        "test": {"interface": {"size": 40, "shortcuts": {"cut": 3}}}}
    assert read(output / "config.d/51-dconf-site.yaml") == {"test": {"interface": {"size": 48}}}
    assert (output / "locks.d/51-dconf-site").read_text().splitlines()[1:] == [
        "/test/interface/size", "/test/interface/format", "/a~0b"]
    assert (output / "config.d/51-dconf-site.yaml").stat().st_mode & 0o777 == 0o644

    assert desktop("--system", "import", "dconf", "--output", str(output)) == ""
    session.restart()
    interface = desktop.json("get", "/test/interface", "-c", "gsettings", "--session")
    assert interface == {"shortcuts": {"cut": 3}, "size": 48}
    desktop.fails(REFUSED, "set", "-c", "gsettings", "--session", "/test/interface/size", "50",
                  words=["locks.d/51-dconf-site"])


def test_bad_databases_of_the_system(desktop, dconf):
    output = desktop.folder / "admin"
    line = ["import", "dconf", "--system", "--output", str(output)]
    desktop.fails(FAILED, *line, words=["no database of the system"])
    dconf.profile.write_text(f"user-db:user\nfile-db:{dconf.folder}/none\n")
    desktop.fails(FAILED, *line, words=["dconf update", f"{dconf.folder}/none"])
    database = dconf.compile("site", "[a]\nb=1\n[a/b]\nc=1\n", ["a/b\n/a/b\n"])
    dconf.profile.write_text(f"file-db:{database}\n")
    assert len(desktop.lines(*line, status=FAILED)) == 2
    assert f"not imported: {database}.d/locks/00:1:1: " in desktop.complaint
    assert "not imported: /a/b: " in desktop.complaint
    desktop.fails(FAILED, "import", "dconf", words=["the database of a user"])


@pytest.mark.parametrize("line", [
    ["import"], ["export"], ["import", "kconfig"], ["export", "kconfig"], ["import", "dconf", "x"],
    ["import", "dconf", "--output", "x"], ["import", "dconf", "--system", "--file", "x"],
    ["import", "dconf", "--system", "--dry-run"],
])
def test_wrong_lines(desktop, line):
    desktop.fails(USAGE, *line)


def test_the_program_is_not_installed(desktop):
    for verb in ("import", "export"):
        desktop.fails(FAILED, verb, "dconf", RUNCONF_DCONF="/nonexistent",
                      words=["install the package gsettings-backend-runconf", "/nonexistent"])


def test_completion(desktop):
    assert desktop("complete", "--", "import", "") == "dconf\t\n"
    assert desktop("complete", "--", "export", "d") == "dconf\t\n"
    options = [line.split("\t")[0] for line in desktop.lines("complete", "--", "import", "dconf", "--")]
    assert {"--file", "--system", "--output", "--dry-run"} < set(options)
    assert desktop("complete", "--", "import", "dconf", "--file", "") == "FILES\n"
    assert os.environ["RUNCONF_DCONF"]
