# SPDX-License-Identifier: LGPL-2.1-or-later
"""validate --root: the files of all layers of an image, checked together."""

import json
import os
import random

import pytest

from command_testing import FAILED, NOT_FOUND, USAGE, Command
from runconf_testing import closing, eventually
from test_layers import FOLDERS
from test_many import Many


class Image(Command):
    """The command beside a folder tree with the name `image`."""

    def __init__(self, folder):
        super().__init__(folder)
        self.root = folder / "image"

    def write(self, layer, text, file="config.yaml", name="one"):
        path = self.root / FOLDERS[layer] / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return f"image/{path.relative_to(self.root)}"

    def validate(self, *arguments, **how):
        return self.lines("validate", "--root", "image", *arguments, **how)

    def show(self, name, status=0):
        return self("validate", "--root", "image", "--show", name, status=status)


@pytest.fixture
def image(scratch):
    return Image(scratch)


def test_an_image_without_errors(image):
    image.write("vendor", "a: 1\n")
    image.write("admin", "a: 2\n", "config.d/10.yaml")
    image.write("vendor", "b: 1\n", name="two")
    schema = image.write("vendor", "properties: {b: {type: integer}}\n", "config.schema.yaml", "two")
    assert image.validate() == ["one: fine, without a schema", f"two: fine, by {schema}"]
    assert image.validate("two") == [f"two: fine, by {schema}"]
    assert image.validate("--quiet") == []
    assert image.json("validate", "--root", "image") == []
    assert image.show("one") == "a: 2\n"
    assert json.loads(image("--json", "validate", "--root", "image", "--show", "one")) == {"a": 2}


def test_each_kind_of_error_has_its_place(image):
    image.write("vendor", "a: 1\nlocked: 1\nport: 80\n")
    image.write("vendor", "properties: {port: {maximum: 100}, a: {type: integer}}\n", "config.schema.yaml")
    locks = image.write("fleet", "/locked  # set by policy 12\nbad\n  worse\n", "locks")
    admin = image.write("admin", "locked: 2\na: x\n", "config.d/10.yaml")
    override = image.write("override", "locked: 3\nport: 99999\n", "runtime_config.yaml")
    lines = image.validate(status=FAILED)
    assert [line.split(" error: ")[0] for line in lines] == [
        f"{admin}:1:9:", f"{admin}:2:4:", f"{locks}:2:1:", f"{locks}:3:3:", f"{override}:1:9:", f"{override}:2:7:"]
    assert lines[0].endswith(f"/locked: it has no effect: locked by {locks}:1 (set by policy 12)")
    assert f"/locked: it is locked by {locks}:1 (set by policy 12)" in lines[4]
    assert "/port: 99999 is more than the maximum, 100" in lines[5]
    found = image.json("validate", "--root", "image", status=FAILED)
    assert [finding.get("path") for finding in found] == ["/locked", "/a", None, None, "/locked", "/port"]
    assert [finding.get("rule") for finding in found] == [None, "type", None, None, None, "maximum"]
    # the values are alone on standard output
    assert image.show("one", status=FAILED) == "a: x\nlocked: 1\nport: 80\n"
    assert len(image.complaint.splitlines()) == 6


@pytest.mark.parametrize("layer, file, is_served", [
    ("vendor", "config.yaml", False), ("admin", "config.d/10.yaml", False), ("admin", "config.yaml", False),
    ("vendor", "config.schema.yaml", True), ("override", "runtime_config.yaml", True),
])
def test_a_broken_file(image, layer, file, is_served):
    image.write("vendor", "a: 1\n")
    path = image.write(layer, "a: [1\n", file)
    line, = image.validate(status=FAILED)
    assert line.startswith(f"{path}:2:1: error: ")
    assert image.show("one", status=FAILED) == ("a: 1\n" if is_served else "")


def test_an_invalid_schema_checks_nothing(image):
    image.write("vendor", "a: x\n")
    path = image.write("vendor", "properties:\n  a: {type: strng}\n", "config.schema.yaml")
    line, = image.validate(status=FAILED)
    assert line.startswith(f"{path}:2:13: error: ")
    assert image.show("one", status=FAILED) == "a: x\n"


def test_files_that_are_no_regular_files(image):
    image.write("vendor", "a: 1\n")
    os.mkfifo(image.root / FOLDERS["vendor"] / "one/locks")
    line, = image.validate(status=FAILED)
    assert line == "error: image/usr/share/runconf/one/locks: it isn't a regular file"


def test_a_folder_that_leads_out_of_the_image(image):
    image.write("vendor", "a: 1\n")
    outside = image.folder / "outside"
    outside.mkdir()
    (image.root / FOLDERS["vendor"] / "two").symlink_to(outside)
    lines = image.validate(status=FAILED)
    assert "two: it leads out of its folder" in lines[0] and lines[1] == "one: fine, without a schema"


def test_masks(image):
    image.write("vendor", "a: 1\n")
    admin = image.root / FOLDERS["admin"]
    admin.mkdir(parents=True)
    (admin / "one").symlink_to("/dev/null")
    line, = image.fails(NOT_FOUND, "validate", "--root", "image")
    assert "there is no configuration in image" in line
    (admin / "one").unlink()
    (admin / "one").mkdir()
    (admin / "one/config.yaml").symlink_to("/dev/null")
    line, = image.validate(status=FAILED)
    assert "“one” isn't served: no layer has a config.yaml" in line


def test_many_errors_are_cut(image):
    image.write("vendor", "a: {}\n")
    image.write("vendor", "/a\n", "locks")
    image.write("admin", "a: {" + ", ".join(f"k{i}: 1" for i in range(300)) + "}\n", "config.d/10.yaml")
    assert len(image.validate(status=FAILED)) == 100
    assert "hundred" in image.complaint


def test_secrets_are_not_shown(image):
    image.write("vendor", "a: 1\nkey: s3cret\n")
    image.write("vendor", "properties: {key: {writeOnly: true}}\n", "config.schema.yaml")
    assert image.show("one") == "a: 1\n"


def test_completion_lists_the_configurations_of_the_image(image):
    image.write("vendor", "a: 1\n")
    image.write("admin", "a: 1\n", name="two")
    for option in (["--root", "image"], ["--root=image"]):
        assert image.lines("complete", "--", "validate", *option, "") == ["one\t", "two\t"]
        assert image.lines("complete", "--", "validate", *option, "one", "t") == ["two\t"]
    assert image("complete", "--", "validate", "--root", "nowhere", "") == ""
    assert image("complete", "--", "validate", "") == "FILES\n"


def test_usage(image):
    image.write("vendor", "a: 1\n")
    image.fails(USAGE, "validate", words=["FILE", "--root"])
    image.fails(USAGE, "validate", "--show", "x", words=["--root"])
    image.fails(USAGE, "validate", "--root", "image", "--show", words=["NAME"])
    image.fails(USAGE, "validate", "--root", "image", "--over", "x", words=["--over"])
    image.fails(NOT_FOUND, "validate", "--root", "image", "on", words=["“on”; did you mean “one”?"])
    image.fails(NOT_FOUND, "validate", "--root", "nowhere", words=["nowhere/usr/share/runconf"])


# ------------------------------------------------------------------------------- the law


KEYS = ["a", "b", "c"]


def random_tree(chance, depth=2):
    tree = {}
    for key in chance.sample(KEYS, chance.randint(1, 3)):
        kind = chance.random()
        if depth and kind < 0.5:
            tree[key] = random_tree(chance, depth - 1)
        else:
            tree[key] = chance.choice([1, 7, 99, "text", True, None, [1, 2], {}])
    return tree


def random_schema(chance, depth=2):
    schema = {}
    if chance.random() < 0.3:
        schema[chance.choice(["readOnly", "writeOnly"])] = True
    if depth:
        keys = chance.sample(KEYS, chance.randint(0, 2))
        schema["properties"] = {key: random_schema(chance, depth - 1) for key in keys}
    if chance.random() < 0.4:
        schema.update(chance.choice([{"maximum": 50}, {"type": ["integer", "object"]}, {"minProperties": 2}]))
    return schema


def random_file(chance, text):
    return chance.choice(["a: [", "- 1\n", "", "# only a comment\n"]) if chance.random() < 0.05 else text


def write_random(image, chance, name):
    for layer in ("vendor", "fleet", "admin"):
        if chance.random() < (0.95 if layer == "vendor" else 0.3):
            image.write(layer, random_file(chance, json.dumps(random_tree(chance))), name=name)
        for drop_in in chance.sample(range(4), chance.choice([0, 0, 1, 2])):
            text = random_file(chance, json.dumps(random_tree(chance)))
            image.write(layer, text, f"config.d/{drop_in}.yaml", name)
        if chance.random() < 0.4:
            paths = ["/" + "/".join(chance.choices(KEYS, k=chance.randint(1, 3))) for _ in range(2)]
            image.write(layer, "\n".join([*paths, chance.choice(["", "bad", "# text"])]), chance.choice(
                ["locks", "locks.d/10"]), name)
    if chance.random() < 0.4:
        image.write("vendor", random_file(chance, json.dumps(random_schema(chance))), "config.schema.yaml", name)
    if chance.random() < 0.8:
        text = random_file(chance, json.dumps(random_tree(chance)))
        image.write("override", text, "runtime_config.yaml", name)


def test_what_is_shown_is_what_the_service_serves(bus, scratch):
    """Over random trees: byte for byte, and a configuration that isn't served shows nothing."""
    chance = random.Random(14)
    names = [f"n{number}" for number in range(120)]
    for service in closing(Many(bus, scratch / "many")):
        image = Image(scratch)
        image.root = service.root
        (scratch / "image").symlink_to(service.root)
        for name in names:
            write_random(image, chance, name)

        # before the service moves broken files aside
        listed = {finding["file"] for finding in image.json("validate", "--root", "image", status=FAILED)}
        shown = {}
        for name in names:
            done = image.raw("validate", "--root", "image", "--show", name, status=None)
            shown[name] = done.decode()
        service.expect("")
        service.start()
        served = set(eventually(service.names))
        assert served == {name for name in names if shown[name]}
        assert 60 < len(served) < len(names) and len(listed) > 50
        for name in sorted(served):
            assert shown[name] == service.config(name).dump(), name
