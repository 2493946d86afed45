# SPDX-License-Identifier: LGPL-2.1-or-later
"""The program that makes defaults and a schema of the installed schemas, and the service on its files."""

import concurrent.futures
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parent / name) for name in ("service", "cli")]

specification = importlib.util.spec_from_file_location("service_fixtures", HERE.parent / "service/conftest.py")
fixtures = importlib.util.module_from_spec(specification)
specification.loader.exec_module(fixtures)

from command_testing import DONE, REFUSED, Command  # noqa: E402
from many_testing import Session  # noqa: E402
from runconf_testing import DEADLINE, closing, eventually  # noqa: E402
from values_testing import UNSET, TagLoader, replacing  # noqa: E402

scratch = fixtures.scratch
bus = fixtures.bus
pytest_sessionfinish = fixtures.pytest_sessionfinish

PROGRAM = "runconf-gsettings-schemas"
NAME = "gsettings"
SCHEMAS = HERE / "schemas"
MARK = f"# Written by {PROGRAM}: changes here are lost.\n"
DROP_IN = "config.d/00-gsettings-schemas.yaml"
TEST = "/org/runconf/test"

LEFT_OUT = [
    "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/list",
    f"{TEST}/defaults/first-day", f"{TEST}/defaults/greeting", f"{TEST}/defaults/of-desktop",
    f"{TEST}/extension/inherited-greeting",
    f"{TEST}/shared/folder", f"{TEST}/shared/other-default", f"{TEST}/shared/other-type",
]


def compile_schemas(folder):
    subprocess.run(["glib-compile-schemas", "--strict", folder], check=True)


def install_schemas(data):
    """The schemas of the tests in a folder like /usr/share."""
    folder = data / "glib-2.0/schemas"
    folder.parent.mkdir(parents=True)
    shutil.copytree(SCHEMAS, folder)
    compile_schemas(folder)
    return folder


def make_schema(data, keys, schema="org.example.own", path="/org/example/own/", name="own"):
    """A schema of its own, of the text of its keys."""
    folder = data / "glib-2.0/schemas"
    folder.mkdir(parents=True, exist_ok=True)
    text = f'<schemalist><schema id="{schema}" path="{path}">{keys}</schema></schemalist>'
    (folder / f"{name}.gschema.xml").write_text(text)
    compile_schemas(folder)
    return folder


def make_key(name, value, kind="i"):
    return f'<key name="{name}" type="{kind}"><default>{value}</default><summary>Key {name}</summary></key>'


def run(*arguments, status=0, words=(), **environment):
    """Runs the program, and returns its complaints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "GSETTINGS_", "LANG"))}
    done = subprocess.run(
        [os.environ["RUNCONF_GSETTINGS_SCHEMAS"], *map(str, arguments)], capture_output=True, text=True,
        timeout=DEADLINE, env={**kept, "LC_ALL": "C.UTF-8", **environment}, check=False)
    assert done.returncode == status, done.stderr
    assert done.stdout == "" or "--help" in arguments or "--version" in arguments
    for word in words:
        assert word in done.stderr, done.stderr
    return done.stderr.splitlines()


def stat(folder):
    """What changes if a file is written, also with the same text."""
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


@pytest.fixture
def generated(scratch):
    """The files that are made of the schemas of the tests."""
    schemas = install_schemas(scratch / "data")
    output = scratch / "output"
    run("--schemas", schemas, "--output", output)
    return output


# --------------------------------------------------------------------------------------- the files


def test_files_are_valid(scratch, generated):
    command = Command(scratch)
    assert command("validate", str(generated / "config.yaml")).endswith(": fine, by %s\n" % (
        generated / "config.schema.yaml"))
    values = yaml.safe_load((generated / "config.yaml").read_text())["org"]["runconf"]["test"]
    assert values["types"]["pairs"] == [["xkb", "us"], ["xkb", "de"]]
    assert values["types"]["dict-us"] == {"4294967295": "most", "0": "least"}
    assert values["types"]["ms"] is None
    assert values["defaults"]["of-vendor"] == "vendor"
    assert values["extension"] == {"inherited": 1, "changed": 2, "own": 3}
    assert values["parent"] == {
        "fixed": {"size": 9}, "loop": {"size": 8}, "relocated": {"colour": "green", "deeper": {"size": 7}}}
    assert values["odd~name with space"] == {"size": 10}


def test_installed_schemas_are_valid(scratch):
    output = scratch / "output"
    run("--output", output, "--schemas", "/usr/share/glib-2.0/schemas")
    assert Command(scratch)("validate", str(output / "config.yaml"))
    text = (output / "config.yaml").read_text()
    assert "        # Cursor size\n        cursor-size: 24\n" in text


def test_summaries_are_comments(generated):
    text = (generated / "config.yaml").read_text()
    assert "        # Whether # it: counts\n        b: true\n" in text
    assert text.startswith(MARK)
    assert (generated / "config.schema.yaml").read_text().startswith(MARK)


def test_schema_has_the_facts(generated):
    schema = yaml.safe_load((generated / "config.schema.yaml").read_text())
    ranges = schema["definitions"][f"{TEST}/ranges"]["properties"]
    assert ranges["colour"] == {
        "title": "The colour", "description": "Red, as long as nothing else is set.", "type": "string",
        "enum": ["red", "green", "true"]}
    assert ranges["sides"] == {
        "title": "The sides", "type": "array", "items": {"type": "string", "enum": ["left", "right", "top"]}}
    assert ranges["percent"] == {"title": "A share", "type": "integer", "minimum": 0, "maximum": 100}
    assert ranges["choice"]["enum"] == ["small", "large"]
    description = schema["definitions"][f"{TEST}/types"]["properties"]["b"]["description"]
    assert description == "One paragraph, on two lines.\n\nAnother paragraph."


def test_defaults_that_depend_on_something_are_left_out(generated):
    text = (generated / "config.yaml").read_text()
    assert re.findall(r"^#   (.*)$", text, re.MULTILINE) == LEFT_OUT
    schema = yaml.safe_load((generated / "config.schema.yaml").read_text())
    for path in LEFT_OUT:
        folder, _, key = path.rpartition("/")
        assert key in schema["definitions"][folder]["properties"]


def test_language_and_desktop_make_no_difference(scratch, generated):
    other = scratch / "other"
    run("--schemas", scratch / "data/glib-2.0/schemas", "--output", other,
        XDG_CURRENT_DESKTOP="GNOME", LC_ALL="de_DE.UTF-8", LANGUAGE="de")
    for name in ("config.yaml", "config.schema.yaml"):
        assert (other / name).read_bytes() == (generated / name).read_bytes()


def test_contradictions_are_named(scratch):
    schemas = install_schemas(scratch / "data")
    complaints = run("--schemas", schemas, "--output", scratch / "output")
    assert len(complaints) == 3
    assert all(line.startswith(f"{PROGRAM}: warning: ") for line in complaints)
    assert "org.runconf.test.too-deep" in complaints[0]
    for word in (f"{TEST}/shared/other-type ", "org.runconf.test.one", "org.runconf.test.two"):
        assert word in complaints[1]
    for word in (f"{TEST}/shared/folder ", "org.runconf.test.one"):
        assert word in complaints[2]


def test_second_run_writes_nothing(scratch, generated):
    before = stat(generated)
    schemas = scratch / "data/glib-2.0/schemas"
    run("--schemas", schemas, "--output", generated)
    assert stat(generated) == before

    (schemas / "20_site.gschema.override").write_text("[org.runconf.test.defaults]\nconstant='other'\n")
    compile_schemas(schemas)
    run("--schemas", schemas, "--output", generated)
    changed = [path.name for path, state in stat(generated).items() if before.get(path) != state]
    assert sorted(changed) == ["config.yaml", "output"] or changed == ["config.yaml"]
    assert "constant: other" in (generated / "config.yaml").read_text()


def test_stronger_folder_replaces_a_schema(scratch):
    one = make_schema(scratch / "one", make_key("size", 1) + make_key("only-one", 1))
    two = make_schema(scratch / "two", make_key("size", 2))
    output = scratch / "output"
    run("--schemas", one, "--schemas", two, "--output", output)
    assert yaml.safe_load((output / "config.yaml").read_text()) == {
        "org": {"example": {"own": {"size": 1, "only-one": 1}}}}
    run("--schemas", two, "--schemas", one, "--output", output)
    assert yaml.safe_load((output / "config.yaml").read_text()) == {"org": {"example": {"own": {"size": 2}}}}


def test_file_of_somebody_else_stays(scratch, generated):
    path = generated / "config.yaml"
    path.write_text("mine: 1\n")
    run("--schemas", scratch / "data/glib-2.0/schemas", "--output", generated, status=1, words=[str(path)])
    assert path.read_text() == "mine: 1\n"


def test_missing_and_broken_schemas_are_errors(scratch, generated):
    before = stat(generated)
    schemas = scratch / "data/glib-2.0/schemas"
    run("--schemas", scratch / "nowhere", "--output", generated, status=1, words=["nowhere/gschemas.compiled"])
    for text in (b"", b"no compiled schemas", (schemas / "gschemas.compiled").read_bytes()[:20]):
        (schemas / "gschemas.compiled").write_bytes(text)
        run("--schemas", schemas, "--output", generated, status=1, words=["gschemas.compiled"])
    assert stat(generated) == before


def test_unwritable_folder_is_an_error(scratch):
    schemas = install_schemas(scratch / "data")
    (scratch / "file").write_text("")
    run("--schemas", schemas, "--output", scratch / "file/output", status=1, words=[str(scratch / "file")])


def test_no_keys_are_an_empty_configuration(scratch):
    schemas = make_schema(scratch / "data", "")
    output = scratch / "output"
    run("--schemas", schemas, "--output", output)
    assert yaml.safe_load((output / "config.yaml").read_text()) == {}
    assert Command(scratch)("validate", str(output / "config.yaml"))


def test_wrong_options_are_errors(scratch):
    run("--user", "--output", scratch, status=1, words=["--user and --output"])
    run("word", status=1, words=["“word” isn't an option"])
    run("--wrong", status=1, words=["--wrong"])


# ------------------------------------------------------------------------------- with the service


class Desk:
    """A session with its schemas, the generator, and the service."""

    def __init__(self, bus, scratch):
        self.service = Session(bus, scratch / "session")
        self.folder = self.service.folder
        self.data = self.folder / "share"
        self.user = self.folder / "home/runconf" / NAME
        self.vendor = self.data / "runconf" / NAME
        self.admin = self.folder / "xdg/runconf" / NAME
        self.home = self.folder / "home-data"
        self.service.environment["XDG_CONFIG_DIRS"] = str(self.folder / "xdg")
        self.command = Command(scratch)
        self.command.options = ["--session", "-c", NAME]
        self.command.environment.update(self.service.environment, DBUS_SESSION_BUS_ADDRESS=bus.address)
        self.service.runtime = self.service.runtime_of(NAME)

    @property
    def environment(self):
        names = ("XDG_DATA_DIRS", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS")
        return {name: self.service.environment[name] for name in names} | {"XDG_DATA_HOME": str(self.home)}

    def update_vendor(self, *arguments, **how):
        schemas = self.data / "glib-2.0/schemas"
        return run("--schemas", schemas, "--output", self.vendor, *arguments, **how)

    def update_user(self, **how):
        return run("--user", **how, **self.environment)

    def files_of_user(self):
        return sorted(str(path.relative_to(self.user)) for path in self.user.rglob("*") if path.is_file())

    def start(self):
        self.service.start()
        return self.service.config(NAME)


@pytest.fixture
def desk(bus, scratch):
    desk = Desk(bus, scratch)
    for _ in closing(desk.service):
        yield desk


@pytest.fixture
def served(desk):
    install_schemas(desk.data)
    desk.update_vendor()
    desk.config = desk.start()
    return desk


WRONG = [
    ("colour", "blue"), ("colour", 1), ("sides", ["left", "bottom"]), ("sides", "left"), ("choice", "tiny"),
    ("percent", 101), ("percent", -1), ("factor", 2.5), ("byte", 8), ("maybe-choice", "tiny"),
]


def test_set_refuses_what_no_program_could_read(served):
    for key, value in WRONG:
        with served.config.refuses("SchemaViolation", f"{TEST}/ranges/{key}"):
            served.config.set(f"{TEST}/ranges/{key}", value)
    for key, value in [("colour", "green"), ("sides", []), ("percent", 0), ("maybe-choice", None)]:
        served.config.set(f"{TEST}/ranges/{key}", value)


def test_command_refuses_a_wrong_enum(served):
    assert served.command("set", f"{TEST}/ranges/colour", "blue", status=REFUSED) == ""
    assert "“blue” isn't one of “red”, “green”, “true”" in served.command.complaint
    served.command("set", f"{TEST}/ranges/colour", "green", status=DONE)
    assert served.config.get(f"{TEST}/ranges/colour") == "green"


def test_hand_edit_of_a_wrong_enum_is_ignored(served):
    served.service.expect("“blue” isn't one of “red”, “green”, “true”")
    served.config.set(f"{TEST}/ranges/colour", "green")
    text = served.service.runtime.read_text()
    with served.config.signals() as seen:
        served.service.runtime.write_text(text.replace("green", "blue"))
        seen.wait()
    assert served.config.get(f"{TEST}/ranges/colour") == "red"
    assert "blue" in served.command("explain", f"{TEST}/ranges/colour")


def test_describe_explain_and_complete_know_the_keys(served):
    facts = served.config.describe(f"{TEST}/ranges/colour")
    assert facts["title"] == "The colour"
    assert facts["enum"] == ["red", "green", "true"]
    assert facts["types"] == "string"
    assert "The colour" in served.command("describe", f"{TEST}/ranges/colour")
    line = next(line for line in served.command("explain", f"{TEST}/ranges/colour").splitlines() if "vendor" in line)
    assert str(served.vendor / "config.yaml") in line
    found = served.command("complete", "--", *served.command.options, "get", f"{TEST}/ranges/c")
    assert {line.split("\t")[0] for line in found.splitlines()} == {
        f"{TEST}/ranges/{name}" for name in ("colour", "choice", "choices")}


def test_key_without_a_default_can_be_set(served):
    with served.config.refuses("SchemaViolation", f"{TEST}/defaults/greeting"):
        served.config.set(f"{TEST}/defaults/greeting", 5)
    served.config.set(f"{TEST}/defaults/greeting", "Hi")
    for value in (5, "five"):
        served.config.set(f"{TEST}/shared/other-type", value)
    with served.config.refuses("SchemaViolation"):
        served.config.set(f"{TEST}/shared/other-type", [5])
    for value in (0, 15):
        served.config.set(f"{TEST}/shared/other-range", value)
    with served.config.refuses("SchemaViolation"):
        served.config.set(f"{TEST}/shared/other-range", 21)


def test_keys_without_a_schema_are_free(served):
    served.config.set("/org/example/anything", [1, {"a": None}])
    served.config.set(f"{TEST}/ranges/unknown", "free")
    with served.config.refuses("SchemaViolation", f"{TEST}/ranges"):
        served.config.replace(f"{TEST}/ranges", 5)


def test_change_of_the_schemas_is_live(served):
    with served.config.signals() as seen:
        override = served.data / "glib-2.0/schemas/20_site.gschema.override"
        override.write_text("[org.runconf.test.ranges]\npercent=51\n")
        compile_schemas(override.parent)
        served.update_vendor()
        assert seen.wait().paths == [f"{TEST}/ranges/percent"]
    assert served.config.get(f"{TEST}/ranges/percent") == 51


# ------------------------------------------------------------------------- the layer of the user


def read_user(desk, name=DROP_IN):
    return yaml.load((desk.user / name).read_text(), TagLoader)


def test_user_without_schemas_has_no_files(served):
    served.update_user()
    assert served.files_of_user() == []


def test_schemas_of_the_user(served):
    make_schema(served.home, make_key("size", 1))
    served.update_user()
    assert served.files_of_user() == [DROP_IN, "config.schema.yaml"]
    assert read_user(served) == {"org": {"example": {"own": {"size": 1}}}}
    assert eventually(lambda: served.command("get", "/org/example/own/size", status=None)) == "1\n"
    assert served.config.describe("/org/example/own/size")["title"] == "Key size"
    # those of the vendor count, too
    with served.config.refuses("SchemaViolation"):
        served.config.set(f"{TEST}/ranges/colour", "blue")
    with served.config.refuses("SchemaViolation"):
        served.config.set("/org/example/own/size", "large")

    before = stat(served.user)
    served.update_user()
    assert stat(served.user) == before

    shutil.rmtree(served.home)
    served.update_user()
    assert served.files_of_user() == []


def change_in_the_middle(desk, change):
    """Runs the program, which waits for a file of the vendor in its first run, when the schemas are read."""
    file = desk.vendor / "config.schema.yaml"
    text = file.read_bytes()
    file.unlink()
    os.mkfifo(file)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        done = pool.submit(desk.update_user)
        with file.open("wb") as pipe:
            change()
            (file.parent / "new").write_bytes(text)
            (file.parent / "new").replace(file)
            pipe.write(text)
        return done.result()


def test_change_while_it_runs_counts(desk):
    install_schemas(desk.data)
    desk.update_vendor()
    make_schema(desk.home, make_key("size", 1))
    change_in_the_middle(desk, lambda: make_schema(desk.home, make_key("size", 2)))
    assert read_user(desk) == {"org": {"example": {"own": {"size": 2}}}}

    # the first schemas of a user
    shutil.rmtree(desk.home)
    change_in_the_middle(desk, lambda: make_schema(desk.home, make_key("size", 3)))
    assert read_user(desk) == {"org": {"example": {"own": {"size": 3}}}}


def test_folders_of_the_environment_count(served):
    schemas = make_schema(served.folder / "elsewhere", make_key("size", 1))
    run("--user", **served.environment, GSETTINGS_SCHEMA_DIR=f"{schemas}:/nowhere")
    assert read_user(served) == {"org": {"example": {"own": {"size": 1}}}}
    make_schema(served.folder / "local", make_key("size", 2))
    served.update_user()
    assert read_user(served) == {"org": {"example": {"own": {"size": 2}}}}


def test_user_has_another_version_of_a_schema(served):
    """The changed defaults take the place of the vendor's, as wholes; one that depends on the language goes."""
    keys = "".join([
        make_key("size", 1), make_key("same", 1), make_key("map", "{'a': 1, 'b': 2}", "a{si}"),
        make_key("word", "'a'", "s"),
    ])
    make_schema(served.data, keys)
    served.update_vendor()
    eventually(lambda: served.command("get", "/org/example/own/size", status=None) == "1\n")
    make_schema(served.home, "".join([
        make_key("size", 2), make_key("same", 1), make_key("map", "{'c': 3}", "a{si}"),
        '<key name="word" type="s"><default l10n="messages">"a"</default></key>',
    ]), schema='org.example.own" gettext-domain="own')
    served.update_user()
    assert read_user(served) == {
        "org": {"example": {"own": {"size": 2, "map": replacing({"c": 3}), "word": UNSET}}}}
    eventually(lambda: served.command("get", "/org/example/own/size", status=None) == "2\n")
    assert served.config.get("/org/example/own") == {"size": 2, "same": 1, "map": {"c": 3}}


def test_administrator_comes_first(served):
    make_schema(served.home, make_key("size", 1))
    served.admin.mkdir(parents=True)
    (served.admin / "config.schema.yaml").write_text("properties: {org: {type: object}}\n")
    (served.admin / "config.d").mkdir()
    (served.admin / "config.d/10-site.yaml").write_text("org: {example: {own: {size: 7}}}\n")
    served.update_user()
    assert served.files_of_user() == [DROP_IN]
    eventually(lambda: served.command("get", "/org/example/own/size", status=None) == "7\n")

    # a whole file of defaults: its values stay, and keys that it lacks are added
    (served.admin / "config.yaml").write_text("org: {runconf: {test: {defaults: {constant: admin}}}}\n")
    served.update_user()
    assert "constant" not in read_user(served)["org"]["runconf"]["test"]["defaults"]
    assert read_user(served)["org"]["runconf"]["test"]["defaults"]["of-vendor"] == "vendor"


def test_mask_of_the_administrator_stays(served):
    make_schema(served.home, make_key("size", 1))
    served.admin.mkdir(parents=True)
    (served.admin / "config.schema.yaml").symlink_to("/dev/null")
    served.update_user()
    assert served.files_of_user() == [DROP_IN]


def test_files_of_the_user_stay(served):
    make_schema(served.home, make_key("size", 1))
    served.user.mkdir(parents=True)
    path = served.user / "config.schema.yaml"
    path.write_text("type: object\n")
    served.update_user(status=1, words=[str(path)])
    assert path.read_text() == "type: object\n"


def test_without_a_vendor_the_user_has_all(desk):
    install_schemas(desk.data)
    desk.update_user()
    assert desk.files_of_user() == ["config.schema.yaml", "config.yaml"]
    config = desk.start()
    assert config.get(f"{TEST}/ranges/colour") == "red"
    with config.refuses("SchemaViolation"):
        config.set(f"{TEST}/ranges/colour", "blue")

    desk.update_vendor()
    desk.update_user()
    assert desk.files_of_user() == []
    assert config.get(f"{TEST}/ranges/colour") == "red"
