# SPDX-License-Identifier: LGPL-2.1-or-later
"""validate: what it says about files, where there is no service."""

import json
import os
import subprocess

import pytest

SCHEMA = """\
type: object
required: [chat]
properties:
  chat:
    type: object
    required: [host]
    properties:
      host: {type: string}
      port: {type: integer, maximum: 65535}
additionalProperties: true
"""

GOOD = "chat: {host: localhost, port: 8000}\n"


@pytest.fixture
def validate(tmp_path):
    """Runs the verb in the scratch folder, and returns its exit status and what it printed."""

    def run(*arguments, text=None, status):
        done = subprocess.run(
            [os.environ["RUNCONF"], "validate", *arguments], cwd=tmp_path, input=text,
            capture_output=True, timeout=60, check=False,
            # no bus and no service: it must not even look for one
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
                 "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"})
        assert done.returncode == status, (done.stdout, done.stderr)
        run.complaint = done.stderr.decode()
        return done.stdout.decode().splitlines()

    return run


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)


def test_nothing_is_wrong(validate, tmp_path):
    write(tmp_path, config=GOOD)
    assert validate("config.yaml", status=0) == ["config.yaml: fine, without a schema"]
    write(tmp_path, **{"config.schema": SCHEMA})
    assert validate("config.yaml", status=0) == ["config.yaml: fine, by config.schema.yaml"]
    assert validate("--quiet", "config.yaml", status=0) == []
    assert json.loads("\n".join(validate("--json", "config.yaml", status=0))) == []


@pytest.mark.parametrize("text, place", [
    ("chat: [1\n", "2:1"),
    ("chat:\n\tport: 1\n", "2:1"),
    ("a: 1\nb: 2\na: 3\n", "3:1"),
    ("ü: 1\nü: !foo 2\n", "2:4"),
    ("- 1\n- 2\n", "1:1"),
])
def test_syntax(validate, tmp_path, text, place):
    write(tmp_path, config=text)
    lines = validate("config.yaml", status=1)
    assert len(lines) == 1 and lines[0].startswith(f"config.yaml:{place}: error: "), lines


def test_limits(validate, tmp_path):
    write(tmp_path, deep="".join(f"{' ' * i}k:\n" for i in range(100)))
    lines = validate("deep.yaml", status=1)
    assert lines[0].startswith("deep.yaml:") and ": error: " in lines[0], lines
    (tmp_path / "large.yaml").write_bytes(b"#" * (16 * 1024 * 1024 + 1))
    validate("large.yaml", status=1)
    (tmp_path / "binary.yaml").write_bytes(b"a: \xff\xfe\n")
    assert validate("binary.yaml", status=1)[0].startswith("binary.yaml:1:4: error: ")


def test_all_violations_in_the_order_of_the_file(validate, tmp_path):
    write(tmp_path, config="chat:\n  port: 99999\nlist: [1]\n", **{"config.schema": SCHEMA})
    lines = validate("config.yaml", status=1)
    assert len(lines) == 2
    assert lines[0].startswith("config.yaml:2:3: error: /chat: ") and "“host”" in lines[0]
    assert lines[1].startswith("config.yaml:2:9: error: /chat/port: 99999 is more than"), lines


def test_as_json(validate, tmp_path):
    write(tmp_path, config="chat: {host: h, port: 99999}\n", broken="a: [",
          **{"config.schema": SCHEMA})
    found = json.loads("\n".join(
        validate("--json", "config.yaml", "broken.yaml", "none.yaml", status=1)))
    assert found[0].pop("message").startswith("/chat/port: ")
    assert found[0] == {"file": "config.yaml", "line": 1, "column": 23, "path": "/chat/port",
                        "rule": "maximum"}
    assert (found[1]["file"], found[1]["line"]) == ("broken.yaml", 1)
    assert found[2]["file"] == "none.yaml" and "line" not in found[2]
    assert len(found) == 3


def test_each_file_is_looked_at(validate, tmp_path):
    write(tmp_path, one="a: [", two=GOOD, three="b: {")
    lines = validate("one.yaml", "two.yaml", "none.yaml", "three.yaml", status=1)
    assert [line.partition(" ")[0] for line in lines] == [
        "one.yaml:1:5:", "error:", "three.yaml:1:5:", "two.yaml:"]


def test_standard_input(validate, tmp_path):
    write(tmp_path, schema=SCHEMA)
    assert validate("-", text=b"a: [", status=1)[0].startswith("<stdin>:1:5: error: ")
    assert validate("-", text=GOOD.encode(), status=0) == ["-: fine, without a schema"]
    lines = validate("--schema", "schema.yaml", "-", text=b"chat: {host: 1}", status=1)
    assert lines[0].startswith("<stdin>:1:14: error: /chat/host: "), lines


def test_a_schema_that_is_wrong(validate, tmp_path):
    write(tmp_path, one=GOOD, two=GOOD, **{"config.schema": "properties:\n  a: {type: strng}\n"})
    lines = validate("one.yaml", "two.yaml", status=1)
    # it is told once, and nothing is fine by it
    assert len(lines) == 1 and lines[0].startswith("config.schema.yaml:2:13: error: "), lines
    assert len(validate("config.schema.yaml", status=1)) == 1
    write(tmp_path, **{"config.schema": SCHEMA})
    assert validate("config.schema.yaml", status=0) == ["config.schema.yaml: fine, as a schema"]
    assert "none" in validate("--schema", "none", "one.yaml", status=1)[0]


def test_overrides_are_laid_over_their_defaults(validate, tmp_path):
    etc, var = tmp_path / "etc", tmp_path / "var"
    etc.mkdir()
    var.mkdir()
    write(etc, config=GOOD, **{"config.schema": SCHEMA})
    write(var, plain="chat: {port: 99999}\n")
    # alone they lack what the defaults have
    assert len(validate("--schema", "etc/config.schema.yaml", "var/plain.yaml", status=1)) == 2
    lines = validate("--over", "etc/config.yaml", "var/plain.yaml", status=1)
    assert len(lines) == 1 and lines[0].startswith("var/plain.yaml:1:14: error: /chat/port: ")

    # what the service wrote names its defaults
    write(var, runtime="_runtime_config:\n  is_runtime_config: true\n"
          f"  default_config_path: {etc}/config.yaml\nchat:\n  port: 9000\n")
    assert validate("var/runtime.yaml", status=0) == [
        f"var/runtime.yaml: fine, by {etc}/config.schema.yaml"]
    write(var, runtime=(var / "runtime.yaml").read_text().replace("9000", "99999"))
    assert validate("var/runtime.yaml", status=1)[0].startswith("var/runtime.yaml:5:9: error: ")

    # several defaults, of which the later ones count
    write(etc, later="chat: {host: [wrong]}\n")
    write(var, plain="chat: {port: 1}\n")
    assert validate("--over", "etc/config.yaml", "--over", "etc/later.yaml", "var/plain.yaml",
                    status=0), "the overrides aren't to blame for their defaults"
    write(etc, later="chat: [\n")
    assert validate("--over", "etc/later.yaml", "var/plain.yaml", status=1)[0].startswith(
        "etc/later.yaml:2:1: error: ")


def test_no_more_than_a_hundred(validate, tmp_path):
    write(tmp_path, config="".join(f"k{i}: text\n" for i in range(150)),
          schema="additionalProperties: {type: integer}\n")
    assert len(validate("--schema", "schema.yaml", "config.yaml", status=1)) == 100
    assert "hundred" in validate.complaint


def test_names_that_do_not_fit_a_line(validate, tmp_path):
    (tmp_path / "a\n\033[31mb.yaml").write_text("a: [")
    (tmp_path / os.fsdecode(b"\xff.yaml")).write_text(GOOD)
    lines = validate("a\n\033[31mb.yaml", os.fsdecode(b"\xff.yaml"), status=1)
    assert len(lines) == 2 and "\033" not in "".join(lines)
    assert lines[0].startswith("a\\n\\x1b[31mb.yaml:1:5: error: "), lines


def test_usage(validate):
    validate(status=2)
    assert "FILE" in validate.complaint
    validate("--nonsense", "x", status=2)
