# SPDX-License-Identifier: LGPL-2.1-or-later
"""The layers of a configuration: which value counts, which layer locks a path, and what Explain returns about it."""

import collections
import contextlib
import json
import os
import random

import pytest

from runconf_testing import Refusal, eventually


def layers_of(entries):
    return [(entry["layer"], entry["value"], "ignored" in entry) for entry in entries]


def fleet(many):
    return many.root / "var/lib/runconf-fleet"


def test_each_layer_is_stronger_than_the_one_before(many):
    many.add("one", "a: 1\nb: 1\nc: 1\nd: 1")
    many.add("one", "b: 2\nc: 2\nd: 2", "config.d/10.yaml", base=fleet(many))
    many.add("one", "c: 3\nd: 3", "config.d/20.yaml", base=many.etc)
    config = many.start().config("one")
    config.set("/d", 4)
    assert config.get() == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert layers_of(config.explain("/d")) == [
        ("override", 4, False), ("admin", 3, False), ("fleet", 2, False), ("vendor", 1, False),
    ]
    assert layers_of(config.describe("/d")["layers"]) == layers_of(config.explain("/d"))
    entry = config.explain("/c")[0]
    assert (entry["file"], entry["line"]) == (str(many.etc / "one/config.d/20.yaml"), 1)


FIRST_LINE = "# fleet: /runconf/config/one/groups/web, revision 42"


def origin(entry):
    return tuple(entry.get(key) for key in ("document", "revision", "author"))


def test_the_document_of_the_fleet_is_told(many):
    document = "/runconf/config/one/groups/web"
    many.add("one", "a: 1\nb: 1\nc: 1")
    many.add("one", f"{FIRST_LINE}, by alice, by day\na: 2", "config.d/10.yaml", base=fleet(many))
    many.add("one", f"{FIRST_LINE}\nb: 2", "config.d/20.yaml", base=fleet(many))
    # nobody else's first line counts
    many.add("one", f"{FIRST_LINE}\nc: 2", "config.d/30.yaml", base=many.etc)
    config = many.start().config("one")
    assert [origin(entry) for entry in config.explain("/a")] == [
        (document, 42, "alice, by day"), (None, None, None)]
    assert origin(config.describe("/a")) == (document, 42, "alice, by day")
    assert origin(config.describe("/a")["layers"][0]) == (document, 42, "alice, by day")
    assert origin(config.describe("/b")) == (document, 42, None)
    assert origin(config.describe("/c")) == (None, None, None)
    config.set("/a", 3)
    assert origin(config.describe("/a")) == (None, None, None)
    assert origin(config.explain("/a")[1]) == (document, 42, "alice, by day")


@pytest.mark.parametrize("line", [
    "# a comment", "# fleet: one", "# fleet: one, revision ", "# fleet: one, revision 0", "# fleet: one, revision x",
    "# fleet: one, revision 4x", "# fleet: one, revision 4, to alice", "#fleet: one, revision 4", "",
])
def test_another_first_line_of_the_fleet_is_only_a_comment(many, line):
    many.add("one", "a: 1")
    many.add("one", f"{line}\na: 2", "config.d/10.yaml", base=fleet(many))
    config = many.start().config("one")
    assert config.get("/a") == 2
    assert origin(config.describe("/a")) == (None, None, None)


def test_a_fleet_that_comes_later(many):
    many.add("one", "a: 1")
    config = many.start().config("one")
    assert config.get() == {"a": 1}
    many.add("one", "a: 2", "config.d/10.yaml", base=fleet(many))

    def has_come():
        try:
            return config.get() == {"a": 2}
        except Refusal:  # the configuration is taken up anew
            return False

    assert eventually(has_come)


def test_explain_all_has_each_value_of_another_layer_than_the_weakest(many):
    many.expect("and has no effect")
    many.add("one", "a: {x: 1, y: 1}\nb: 1\nc: 1")
    many.add("one", "a: {x: 2}\nc: 3", "config.d/10.yaml", base=many.etc)
    many.add("one", "/c", "locks")
    config = many.start().config("one")
    config.set("/b", 5)
    found = {(entry["path"], entry["layer"], entry["value"], "ignored" in entry) for entry in config.explain(all=True)}
    assert found == {("/a/x", "admin", 2, False), ("/b", "override", 5, False), ("/c", "admin", 3, True)}
    assert [entry["path"] for entry in config.explain("/a", all=True)] == ["/a/x"]


def test_a_path_that_no_layer_has(many):
    many.add("one")
    config = many.start().config("one")
    with config.refuses("NotFound", "/x: no layer has a value there"):
        config.explain("/x")


def test_a_secret_has_no_value(many):
    many.add("one", "a: 1\nkey: {inner: hidden}")
    many.add("one", "properties: {key: {writeOnly: true}}", "config.schema.yaml")
    config = many.start().config("one")
    config.set("/key", {"inner": "hidden, too"})
    assert "hidden" not in repr(config.explain("/key/inner")) + repr(config.explain(all=True))
    assert [entry["layer"] for entry in config.explain("/key")] == ["override", "vendor"]


def test_the_reason_of_a_lock_is_in_every_refusal(many):
    many.add("one", "port: 1\nhost: here")
    many.add("one", "# for the firewall\n/port   # set by policy 12\n/host#no", "locks")
    config = many.start().config("one")
    source = f"{many.share / 'one/locks'}:2 (set by policy 12)"
    with config.refuses("Locked", source):
        config.set("/port", 2)
    assert config.describe("/port")["lock"] == source
    assert not config.describe("/port")["writable"]
    config.set("/host", "there")  # the lock is for the key `host#no`


def test_locks_of_all_layers_add_up(many):
    many.add("one", "a: 1\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1")
    many.add("one", "/a", "locks")
    many.add("one", "/b", "locks.d/10-more")
    many.add("one", "/c", "locks", base=fleet(many))
    many.add("one", "/d", "locks", base=many.etc)
    many.add("one", "/e", "locks.d/10-more", base=many.etc)
    many.add("one", "/f", "locks.d/10-more~", base=many.etc)
    many.add("one", "/f", "locks.d/10.dpkg-old", base=many.etc)
    many.add("one", "/f", "locks.d/.hidden", base=many.etc)
    config = many.start().config("one")
    for path in "/a", "/b", "/c", "/d", "/e":
        with config.refuses("Locked"):
            config.set(path, 2)
    config.set("/f", 2)


def test_a_lock_can_not_be_masked(many):
    many.add("one", "a: 1")
    many.add("one", "/a", "locks")
    (many.etc / "one").mkdir()
    (many.etc / "one/locks").symlink_to("/dev/null")
    config = many.start().config("one")
    with config.refuses("Locked"):
        config.set("/a", 2)


@pytest.mark.parametrize("file", ["config.yaml", "config.d/10.yaml"])
@pytest.mark.parametrize("text", ["a: {x: 2, y: 2}\nb: 2", "a: 2\nb: 2", "a: [2]\nb: 2", "b: 2"])
def test_a_lock_holds_however_a_stronger_file_gives_a_value(many, file, text):
    many.expect("and has no effect")
    many.add("one", "a: {x: 1, y: 1}\nb: 1")
    many.add("one", "/a/x", "locks")
    many.add("one", text, file, base=many.etc)
    config = many.start().config("one")
    assert config.get("/a/x") == 1
    assert config.get("/b") == 2
    if "a:" in text:
        assert any("locks:1" in entry.get("ignored", "") for entry in config.explain("/a/x"))


@pytest.mark.parametrize("is_mask", [False, True])
@pytest.mark.parametrize("file", ["config.yaml", "config.d/10.yaml"])
def test_a_file_that_replaces_another_leaves_its_locked_values(many, file, is_mask):
    many.add("one", "a: 0\nb: 0")
    many.add("one", "a: 1\nb: 1\n", file, base=fleet(many))
    many.add("one", "/a", "locks", base=fleet(many))
    stronger = many.add("one", "b: 2", file, base=many.etc)
    if is_mask and file != "config.yaml":  # the mask of config.yaml masks the configuration
        stronger.unlink()
        stronger.symlink_to("/dev/null")
    config = many.start().config("one")
    assert config.get() == {"a": 1, "b": 0 if stronger.is_symlink() else 2}
    assert config.describe("/a")["file"] == str(fleet(many) / "one" / file)
    replaced = next(entry for entry in config.explain("/b") if entry["layer"] == "fleet")
    assert replaced["ignored"] == "a stronger layer replaces the whole file"


def test_a_lock_binds_only_stronger_layers(many):
    many.expect("and has no effect")
    many.add("one", "a: 1")
    many.add("one", "a: 2", "config.d/10.yaml", base=fleet(many))
    many.add("one", "a: 3", "config.d/20.yaml", base=many.etc)
    many.add("one", "/a", "locks", base=fleet(many))
    config = many.start().config("one")
    assert config.get("/a") == 2
    assert layers_of(config.explain("/a")) == [("admin", 3, True), ("fleet", 2, False), ("vendor", 1, False)]


def test_a_lock_of_a_path_that_is_not_there_counts_when_it_is(many):
    many.expect("and has no effect")
    many.add("one", "a: 1")
    many.add("one", "/new", "locks")
    many.add("one", "new: 2", "config.d/10.yaml", base=many.etc)
    config = many.start().config("one")
    assert config.get() == {"a": 1}
    with config.refuses("Locked"):
        config.set("/new", 3)
    many.add("one", "a: 1\nnew: 4")
    assert eventually(lambda: config.get() == {"a": 1, "new": 4})


def test_a_locked_element_keeps_its_sequence(many):
    many.expect("and has no effect")
    many.add("one", "list: [1, 2]\na: 1")
    many.add("one", "/list/0", "locks")
    many.add("one", "list: [3]\na: 2", base=many.etc)
    config = many.start().config("one")
    assert config.get() == {"list": [1, 2], "a": 2}


def test_locks_of_the_administrator_hold_against_the_user(session, scratch):
    session.expect("and has no effect")
    admin = scratch / "admin/runconf"
    session.environment["XDG_CONFIG_DIRS"] = str(scratch / "admin")
    session.add("one", "a: 1\nb: 1")
    session.add("one", "a: 2\nb: 2", "config.d/10.yaml", base=admin)
    session.add("one", "/a  # required", "locks", base=admin)
    session.add("one", "a: 3\nb: 3", "config.d/20.yaml", base=session.etc)
    (session.etc / "one/locks").symlink_to("/dev/null")
    config = session.start().config("one")
    assert config.get() == {"a": 2, "b": 3}
    assert layers_of(config.explain("/a")) == [("user", 3, True), ("admin", 2, False), ("vendor", 1, False)]
    with config.refuses("Locked", "(required)"):
        config.set("/a", 4)


def test_two_layers_that_are_one_folder_count_once_in_the_stronger_one(session):
    session.environment["XDG_CONFIG_DIRS"] = str(session.etc.parent)
    session.add("one", "a: 1")
    session.add("one", "a: 2", "config.d/10.yaml", base=session.etc)
    session.add("one", "/a", "locks", base=session.etc)
    config = session.start().config("one")
    assert layers_of(config.explain("/a")) == [("user", 2, False), ("vendor", 1, False)]


def test_a_lock_and_its_end_change_the_rules_revision(many):
    many.add("one", "a: 1\nb: 1")
    config = many.start().config("one")
    before = config.get_property("RulesRevision")
    locks = many.add("one", "/a", "locks", base=many.etc)
    assert eventually(lambda: config.get_property("RulesRevision") == before + 1)
    assert not config.describe("/a")["writable"]
    locks.unlink()
    assert eventually(lambda: config.get_property("RulesRevision") == before + 2)
    assert config.describe("/a")["writable"]
    config.set("/b", 2)
    assert config.get_property("RulesRevision") == before + 2


def test_the_property_has_the_locks_of_all_layers(many):
    many.add("one", "a: 1\nb: {c: 1, d: 1}\ns: {t: 1}\nro: 1")
    many.add("one", "properties: {ro: {readOnly: true}, none: {readOnly: true}, s: {writeOnly: true}}",
             "config.schema.yaml")
    many.add("one", "/b/d\n/s/t\n", "locks")
    config = many.start().config("one")
    assert config.get_property("Locks") == ["/b/d", "/ro", "/s"]
    locks = many.add("one", "/b\n/new\nwrong\n", "locks", base=many.etc)
    assert eventually(lambda: config.get_property("Locks") == ["/b", "/new", "/ro", "/s"])
    many.add("one", "a: 1\nb: {c: 1, d: 1}\ns: {t: 1}\nro: 1\nnone: 1")
    assert eventually(lambda: config.get_property("Locks") == ["/b", "/new", "/none", "/ro", "/s"])
    many.expect("wrong")
    locks.unlink()
    assert eventually(lambda: config.get_property("Locks") == ["/b/d", "/none", "/ro", "/s"])


def test_a_lock_of_the_strongest_layer_binds_only_the_overrides(many):
    many.add("one", "a: 1")
    many.add("one", "/a", "locks", base=many.etc)
    config = many.start().config("one")
    assert config.get_property("Locks") == ["/a"]
    with config.refuses("Locked", "/a"):
        config.set("/a", 2)


def test_a_broken_file_keeps_its_last_good_text_and_the_others_apply(many):
    many.add("one", "a: 1\nb: 1")
    drop_in = many.add("one", "a: 2", "config.d/10.yaml", base=many.etc)
    many.expect(drop_in.name)
    config = many.start().config("one")
    drop_in.write_text("a: [")
    assert eventually(lambda: config.state == "degraded")
    assert f"{drop_in}:1:" in config.state_message
    assert config.get() == {"a": 2, "b": 1}
    many.add("one", "a: 1\nb: 5")
    assert eventually(lambda: config.get() == {"a": 2, "b": 5})
    assert config.state == "degraded"
    drop_in.write_text("a: 3")
    assert eventually(lambda: config.get() == {"a": 3, "b": 5})
    assert eventually(lambda: config.state == "ok")


def test_dump_of_each_layer(many):
    many.add("one", "a: 1\nb: {x: 1, y: 1}")
    many.add("one", "b: {x: 2}", "config.d/10.yaml", base=fleet(many))
    many.add("one", "b: {y: 3}", "config.d/20.yaml", base=many.etc)
    config = many.start().config("one")
    config.set("/a", 4)
    assert config.dump_json(layer="vendor") == {"a": 1, "b": {"x": 1, "y": 1}}
    assert config.dump_json(layer="fleet") == {"b": {"x": 2}}
    assert config.dump_json(layer="admin") == {"b": {"y": 3}}
    assert config.dump_json(layer="user") == {}
    assert config.dump_json(layer="override")["a"] == 4


def test_a_stack_of_layers_has_the_files_that_stronger_layers_replace(many):
    many.add("one", "a: 1\nb: 1")
    many.add("one", "b: 2", "config.d/10.yaml", base=fleet(many))
    many.add("one", "a: 3", base=many.etc)
    many.add("one", "c: 3", "config.d/10.yaml", base=many.etc)
    config = many.start().config("one")

    def stack(layer):
        return json.loads(config.dump(layer=layer, format="json", stacked=True))

    assert stack("vendor") == {"a": 1, "b": 1}
    assert stack("fleet") == {"a": 1, "b": 2}
    assert stack("admin") == config.get() == {"a": 3, "c": 3}


# The model: what is in force after layers that are laid over each other, with locks.

KEYS = "abc"
# each makes the files of all layers anew; RUNCONF_STACKS=1000 takes a minute
STACKS = int(os.environ.get("RUNCONF_STACKS", 60))
UNSET = object()
Replace = collections.namedtuple("Replace", "tree")


def make_tree(rng, depth=2, tags=True):
    if tags and rng.random() < 0.07:
        return rng.choice([UNSET, Replace({key: make_tree(rng, depth - 1, False) for key in KEYS[:depth]})])
    if depth == 0 or rng.random() < 0.3:
        return rng.choice([rng.randrange(100), [rng.randrange(9)]])
    return {key: make_tree(rng, depth - 1, tags) for key in KEYS if rng.random() < 0.6}


def make_layer(rng):
    tree = {key: make_tree(rng) for key in KEYS if rng.random() < 0.7}
    paths = [f"/{a}" for a in KEYS] + [f"/{a}/{b}" for a in KEYS for b in KEYS]
    return tree, [path for path in paths if rng.random() < 0.07]


def as_yaml(tree):
    if tree is UNSET:
        return "!unset null"
    if isinstance(tree, Replace):
        return f"!replace {as_yaml(tree.tree)}"
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {as_yaml(value)}" for key, value in tree.items()) + "}"
    return json.dumps(tree)


def leaves(tree, path=""):
    if not isinstance(tree, dict) or (not tree and path):
        yield path, tree
        return
    for key, value in tree.items():
        yield from leaves(value, f"{path}/{key}")


def find(tree, path):
    for key in path.split("/")[1:]:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def is_below(path, ancestor):
    return path == ancestor or path.startswith(ancestor + "/")


def is_bound(effective, path, value, locks):
    """Whether a lock forbids to lay the leaf over what is there."""
    own = {path: value.tree} if isinstance(value, Replace) else {}
    if any(is_below(path, lock) for lock in locks):
        return True
    return not isinstance(value, dict) and any(
        is_below(lock, path) and (find(effective, lock) is not None
                                  or find(own.get(path), lock.removeprefix(path)) is not None) for lock in locks)


def strip(tree, ignored, path=""):
    """The tree without the ignored leaves; None if nothing is left."""
    if path in ignored:
        return None
    if not isinstance(tree, dict) or not tree:
        return tree
    kept = {key: strip(value, ignored, f"{path}/{key}") for key, value in tree.items()}
    kept = {key: value for key, value in kept.items() if value is not None}
    return kept or (None if path else {})


def merge(base, over):
    """None if there is no value."""
    if over is UNSET:
        return None
    if isinstance(over, Replace):
        return over.tree
    if not isinstance(over, dict):
        return over
    merged = dict(base) if isinstance(base, dict) else {}
    for key, value in over.items():
        merged[key] = merge(merged.get(key), value)
    return {key: value for key, value in merged.items() if value is not None}


def lay(layers):
    """Returns: what is in force, and the leaves of each layer that have no effect"""
    effective, locks, ignored = {}, set(), []
    for tree, own_locks in layers:
        ignored.append({path for path, value in leaves(tree) if is_bound(effective, path, value, locks)})
        effective = merge(effective, strip(tree, ignored[-1]))
        locks |= set(own_locks)
    return effective, ignored


LAYERS = ["vendor", "fleet", "admin", "override", "boot"]
FILES = ["config.yaml", "config.d/10.yaml", "config.d/20.yaml"]


def write_stack(many, stack):
    places = [many.share, fleet(many), many.etc]
    for base, file, (tree, locks) in zip(places, FILES, stack):
        many.add("one", as_yaml(tree), file, base=base)
        many.add("one", "\n".join(locks), "locks", base=base)


def check_stack(config, stack):
    effective, ignored = lay(stack)
    assert config.get() == effective, stack
    found = {(entry["layer"], entry["path"]) for entry in config.explain(all=True) if "ignored" in entry}
    expected = {(layer, path) for layer, paths in zip(LAYERS, ignored) for path in paths}
    # a path in an ignored replacing mapping may have a value of another layer, and is listed then
    found = {(layer, path) for layer, path in found
             if not any(layer == other and path != above and is_below(path, above) for other, above in expected)}
    assert found == expected, stack
    for path, value in leaves(effective):
        in_force = next(entry for entry in config.explain(path) if "ignored" not in entry)
        assert in_force["path"] != path or path == "" or value == {} or in_force["value"] == value


def follow(seen, known):
    """Applies the signals to the leaves that a reader knows."""
    for signal in seen.all():
        for path in signal.paths:
            known.pop(path, None)
            if path in signal.values:
                known[path] = signal.values[path]
    return known


def test_random_stacks_agree_with_a_model(many):
    rng = random.Random(14)
    many.expect("locked by")
    fleet(many).mkdir(parents=True)
    many.add("one", "{}")
    config = many.start().config("one")
    known = {}
    with config.signals() as seen:
        for _ in range(STACKS):
            stack = [make_layer(rng) for _ in range(3)]
            write_stack(many, stack)
            config.reload()
            for path in many.runtime_of("one"), many.root / "run/runconf/one/runtime_config.yaml":
                overrides = make_layer(rng)[0]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(as_yaml(overrides))
                config.reload()
                stack.append((overrides, []))
            check_stack(config, stack)
            assert follow(seen, known) == dict(leaves(config.get())), stack


def test_a_change_below_a_stronger_value_has_no_signal_and_no_version(many):
    many.add("one", "a: 1\nb: 1")
    config = many.start().config("one")
    config.set("/a", 2)
    version = config.version
    with config.signals() as seen:
        many.add("one", "a: 5\nb: 1")
        config.reload()
        assert config.describe("/a")["default"] == 5
        assert seen.all() == []
    assert config.version == version


def test_the_history_has_the_layer_and_the_files_of_a_change(many):
    many.expect("20-b.yaml")
    many.expect("locked by")
    vendor = many.add("one", "a: 1\nb: 1\nc: 1")
    admin = many.root / "etc/runconf/one/config.d"
    admin.mkdir(parents=True)
    (admin / "20-b.yaml").write_text("b: 3")
    config = many.start().config("one")
    config.set("/b", 2)
    for change in (lambda: vendor.write_text("a: 5\nb: 1\nc: 1"),
                   lambda: (admin / "10-a.yaml").write_text("a: 7"),
                   lambda: (admin / "20-b.yaml").write_text("a: 8\nb: {"),
                   lambda: (admin / "30-c.yaml").write_text("c: 9"),
                   lambda: (admin / "10-a.yaml").unlink(),
                   lambda: (admin.parent / "locks").write_text("/b"),
                   lambda: [(admin / f"4{n}-d.yaml").write_text(f"d: {n}") for n in range(7)]):
        change()
        with contextlib.suppress(Refusal):
            config.reload()
    files = ", ".join(f"{admin}/4{n}-d.yaml" for n in range(5))
    known = [
        ("set", None, None),
        ("defaults", "vendor", f"{vendor}"),
        ("defaults", "admin", f"{admin}/10-a.yaml"),
        ("defaults", "admin", f"{admin}/30-c.yaml"),
        ("defaults", "admin", f"{admin}/10-a.yaml (removed)"),
        ("rules", "admin", f"{admin.parent}/locks"),
        ("defaults", "admin", f"{files} and 2 more"),
    ]
    assert summary(config) == known
    many.stop()
    (admin / "20-b.yaml").write_text("b: 3")
    many.start()
    assert summary(many.config("one")) == known


def summary(config):
    return [(entry["origin"], entry.get("layer"), entry.get("message")) for entry in reversed(config.history())]
