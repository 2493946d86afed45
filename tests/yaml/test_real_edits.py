# SPDX-License-Identifier: LGPL-2.1-or-later
"""Changes configurations of other projects at random, and looks at tree and lines of what comes out.

usage: test_real_edits.py TOOL SOURCE_FOLDER DATA_FOLDER [--seed N] [--rounds N] [--compare]

Each round tries every kind of edit once on every text that Runconf takes (`real-verdicts.tsv`).

- *tree*: the new text means the tree that plain Python makes of the old tree and the edit;
- *lines*: only lines of the edit are touched, as `touched_lines.py` defines it.

A wrong tree is a failure; of the lines, the share of all edits is. What touches more is told anyway.

`--compare` makes the same edits with ruamel.yaml in round-trip mode, and prints the shares of both
as a table, with the lenient measure for both.
"""

import argparse
import collections
import copy
import io
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from tap import HANG, Tap, Tool, read_table, same
from text_nodes import Text
from touched_lines import Touched, size

MIN_SHARE = 0.99  # of the edits that touch their own lines alone
MAX_LIST = 60  # a longer list makes a long script, and shows nothing more
QUOTED = ["yes", "8080", "x: y", "a #b", "- x", "", "it's: \"so\"", "tab\there", "{{ x }}", "1e3", "~", " x "]
LINES = ["one\ntwo\n", "one\n\n  two", "x\n\n", " lead\nrest\n"]
WORDS = ["word", "two words", "ключ", "https://example.org/?a=b#c", "/var/lib/x"]
SCALARS = [0, -5, 65536, 0.25, 1e100, True, False, None]


def pointer(path):
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


class Edit:
    """One change: its steps, and what of the text it may touch."""

    def __init__(self, kind):
        self.kind = kind
        self.steps = []  # verb, path, value
        self.touches = []  # method of Touched, its arguments
        self.n_lines = 0

    def set(self, path, value):
        self.steps.append(("set", path, value))
        self.n_lines += 2 + size(value) + len(path)
        return self

    def reset(self, path):
        self.steps.append(("reset", path, None))
        return self

    def touch(self, method, *arguments):
        self.touches.append((method, arguments))
        return self

    def script(self):
        lines = []
        for verb, path, value in self.steps:
            line = f"{verb} {json.dumps(pointer(path))}"
            lines.append(line if verb == "reset" else f"{line} {json.dumps(value)}")
        return "\n".join(lines)

    def touched(self, text, is_lenient):
        touched = Touched(text, is_lenient)
        for method, arguments in self.touches:
            getattr(touched, method)(*arguments)
        return touched


def look_up(tree, path):
    for part in path:
        tree = tree[int(part)] if isinstance(tree, list) else tree[part]
    return tree


def put(tree, path, value):
    around = look_up(tree, path[:-1])
    around[int(path[-1]) if isinstance(around, list) else path[-1]] = value


def drop(tree, path):
    """Removes a key, and the mappings that this leaves empty."""
    del look_up(tree, path[:-1])[path[-1]]
    if len(path) > 1 and not look_up(tree, path[:-1]):
        drop(tree, path[:-1])


def applied(tree, edit):
    tree = copy.deepcopy(tree)
    for verb, path, value in edit.steps:
        if verb == "set":
            put(tree, path, copy.deepcopy(value))
        else:
            drop(tree, path)
    return tree


def walk(tree, path=()):
    if path:
        yield path, tree
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from walk(value, (*path, key))
    elif isinstance(tree, list):
        for position, value in enumerate(tree):
            yield from walk(value, (*path, str(position)))


def is_resettable(tree, path):
    """Reset goes through mappings alone, and the whole text is a change of its own."""
    return all(isinstance(look_up(tree, path[:i]), dict) for i in range(len(path)))


def root_of_removal(tree, path):
    while len(path) > 1 and len(look_up(tree, path[:-1])) == 1:
        path = path[:-1]
    return path


class Maker:
    """Makes random edits of one text."""

    def __init__(self, dice, tree):
        self.dice = dice
        self.tree = tree
        nodes = [(path, value) for path, value in walk(tree) if path[0] != "_runtime_config"]
        self.scalars = [item for item in nodes if not isinstance(item[1], (dict, list))]
        self.maps = [item for item in nodes if isinstance(item[1], dict)]
        self.empty = [item for item in nodes if item[1] in ({}, None) and item[1] is not False]
        self.lists = [item for item in nodes if isinstance(item[1], list) and self.is_plain(item[1])]
        self.pairs = [item for item in nodes if is_resettable(tree, item[0])]

    @staticmethod
    def is_plain(items):
        """Items that are equal, or that a new one equals, could be matched in several ways."""
        shown = [json.dumps(item) for item in items]
        return 0 < len(shown) <= MAX_LIST and len(set(shown)) == len(shown)

    def pick(self, places):
        return self.dice.choice(places) if places else (None, None)

    def _replace(self, kind, choose):
        path, old = self.pick(self.scalars)
        if path is None:
            return None
        return Edit(kind).set(path, choose(old)).touch("replace", path)

    def scalar(self):
        return self.dice.choice([*SCALARS, *WORDS, f"new {self.dice.randrange(10**6)}"])

    def same_type(self, old):
        if isinstance(old, bool):
            return not old
        if isinstance(old, (int, float)):
            return old + 1 if abs(old) < 2**53 else 1
        return self.dice.choice(WORDS) if isinstance(old, str) else None

    def tree_value(self):
        return {"new key": self.scalar(), "list": [self.scalar(), {"x": "yes"}], "empty": {}}

    def replace_same_type(self):
        return self._replace("scalar, same type", self.same_type)

    def replace_other_type(self):
        return self._replace("scalar, any type", lambda old: self.scalar())

    def replace_quoted(self):
        return self._replace("string that needs quotes", lambda old: self.dice.choice(QUOTED))

    def replace_lines(self):
        return self._replace("string of several lines", lambda old: self.dice.choice(LINES))

    def replace_by_mapping(self):
        return self._replace("scalar to mapping", lambda old: self.tree_value())

    def replace_by_list(self):
        return self._replace("scalar to list", lambda old: [self.scalar(), [1, "no"], {"x": 1}])

    def replace_collection(self):
        path, _ = self.pick(self.maps + self.lists)
        if path is None:
            return None
        return Edit("collection to scalar").set(path, self.scalar()).touch("replace", path)

    def add_key(self):
        path, _ = self.pick([((), self.tree), *self.maps])
        key = f"new {self.dice.randrange(10**6)}"
        value = self.dice.choice([self.scalar(), self.tree_value(), self.dice.choice(LINES)])
        return Edit("add a key").set((*path, key), value).touch("add", path)

    def add_key_to_empty(self):
        path, old = self.pick(self.empty)
        if path is None:
            return None
        edit = Edit("add a key to what is empty").touch("replace", path)
        return edit.set(path, {"new": 1}) if old is None else edit.set((*path, "new"), 1)

    def remove_key(self):
        path, _ = self.pick(self.pairs)
        if path is None:
            return None
        top = root_of_removal(self.tree, path)
        return Edit("remove a key").reset(path).touch("remove", top)

    def _list(self):
        path, items = self.pick(self.lists)
        return path, copy.deepcopy(items) if items else None

    def remove_item(self):
        path, items = self._list()
        if path is None:
            return None
        position = self.dice.randrange(len(items))
        del items[position]
        edit = Edit("remove an item").set(path, items)
        if not items:
            return edit.touch("replace", path)
        return edit.touch("remove", (*path, str(position)))

    def insert_item(self):
        path, items = self._list()
        if path is None:
            return None
        position = self.dice.randrange(len(items) + 1)
        items.insert(position, self.dice.choice(["new one", {"new": 1, "other": ["x"]}]))
        return Edit("insert an item").set(path, items).touch("insert_item", path, position)

    def change_item(self):
        path, items = self._list()
        if path is None:
            return None
        position = self.dice.randrange(len(items))
        items[position] = "changed"
        return Edit("change an item").set(path, items).touch("replace", (*path, str(position)))

    def several(self):
        """Three edits below different keys of the root, so that none is in the way of another."""
        edits, keys = [], set()
        for make in self.dice.choices([self.replace_same_type, self.remove_key, self.add_key,
                                       self.change_item, self.replace_by_mapping], k=8):
            edit = make()
            if edit is None or len(edit.steps[0][1]) < 2 or len(edits) == 3:
                continue
            if edit.steps[0][1][0] not in keys:
                keys.add(edit.steps[0][1][0])
                edits.append(edit)
        whole = Edit("several at once")
        for edit in edits:
            whole.steps += edit.steps
            whole.touches += edit.touches
            whole.n_lines += edit.n_lines
        return whole if len(edits) > 1 else None


MAKERS = [getattr(Maker, name) for name in (
    "replace_same_type", "replace_other_type", "replace_quoted", "replace_lines",
    "replace_by_mapping", "replace_by_list", "replace_collection", "add_key", "add_key_to_empty",
    "remove_key", "remove_item", "insert_item", "change_item", "several",
)]


def make_edits(seed, tree, n_rounds):
    """Each edit has a dice of its own, so that one can be made again alone."""
    for number in range(n_rounds):
        for make in MAKERS:
            edit = make(Maker(random.Random(f"{seed} {number} {make.__name__}"), tree))
            if edit is not None and not same(applied(tree, edit), tree):
                yield edit


def run_edits(tool, file, edits, scratch):
    """What Runconf makes of each: scope, text and tree."""
    scripts = scratch / "scripts"
    scripts.write_text("\n\n".join(edit.script() for edit in edits), encoding="utf-8")
    done = subprocess.run([tool.path, "edits", file, scripts], capture_output=True, timeout=10 * HANG)
    if done.returncode != 0:
        sys.exit(f"edits {file}: {done.returncode}\n{done.stderr.decode()}")
    out = io.BytesIO(done.stdout)
    for _ in edits:
        scope, *lengths = out.readline().split()
        text, tree = (out.read(int(length)).decode() for length in lengths)
        yield scope.decode(), text, json.loads(tree) if tree else None


INDENTS = [(2, 2, 0), (2, 4, 2), (4, 4, 0), (4, 4, 2), (4, 6, 4)]  # mapping, sequence, offset


class Ruamel:
    """ruamel.yaml as somebody would use it who wants to keep a text as it is.

    It writes all of a text with one indentation: its own guess, or the common one that changes the
    fewest lines.
    """

    def __init__(self, text):
        import ruamel.yaml
        import ruamel.yaml.util

        self.text = text
        _, indent, offset = ruamel.yaml.util.load_yaml_guess_indent(text)
        guesses = [(indent or 2, indent or 2, offset or 0), *INDENTS]
        self.yaml = min((self._with(*guess) for guess in guesses), key=self._n_changed)

    @staticmethod
    def _with(mapping, sequence, offset):
        import ruamel.yaml

        made = ruamel.yaml.YAML()
        made.preserve_quotes = True
        made.width = 2**20
        made.indent(mapping=mapping, sequence=sequence, offset=offset)
        return made

    def _n_changed(self, maker):
        """How many lines change although nothing does."""
        out = io.StringIO()
        maker.dump(maker.load(self.text), out)
        old, new = collections.Counter(self.text.split("\n")), collections.Counter(out.getvalue().split("\n"))
        return ((old - new) + (new - old)).total()

    def is_kept(self):
        return self._n_changed(self.yaml) == 0

    @staticmethod
    def _native(around, part):
        """The key as ruamel.yaml reads it: not every one is a string."""
        if isinstance(around, list):
            return int(part)
        return next((key for key in around if key == part or as_written(key) == part), part)

    def edit(self, edit):
        root = self.yaml.load(self.text)
        for verb, path, value in edit.steps:
            self._step(root, verb, path, value)
        out = io.StringIO()
        self.yaml.dump(root, out)
        return out.getvalue()

    def _follow(self, node, path):
        for part in path:
            node = node[self._native(node, part)]
        return node

    def _step(self, root, verb, path, value):
        around = self._follow(root, path[:-1])
        key = self._native(around, path[-1])
        old = around[key] if verb == "set" and self._has(around, key) else None
        if verb == "reset":
            del around[key]
            if len(path) > 1 and not around:
                self._step(root, verb, path[:-1], None)
        elif isinstance(value, list) and isinstance(old, list):
            change_list(old, value)
        else:
            around[key] = copy.deepcopy(value)

    @staticmethod
    def _has(around, key):
        return key < len(around) if isinstance(around, list) else key in around


def as_written(key):
    return json.dumps(key) if not isinstance(key, str) else key


def change_list(old, value):
    """The one item that changed, as somebody would do it who knows which."""
    at = next((i for i, pair in enumerate(zip(old, value)) if not same_loosely(*pair)), None)
    at = min(len(old), len(value)) if at is None else at
    if len(value) > len(old):
        old.insert(at, copy.deepcopy(value[at]))
    elif len(value) < len(old):
        del old[at]
    else:
        old[at] = copy.deepcopy(value[at])


def same_loosely(left, right):
    return json.dumps(left, default=str) == json.dumps(right, default=str)


class Score:
    """How many edits came out right."""

    def __init__(self):
        self.n = self.tree = self.lines = 0

    def add(self, is_tree, is_lines):
        self.n += 1
        self.tree += is_tree
        self.lines += is_lines

    def shares(self):
        return [f"{100 * part / self.n:.1f} %" for part in (self.tree, self.lines)]


class Real:
    """The texts, and the edits of each."""

    def __init__(self, options):
        self.options = options
        self.tool = Tool(options.tool)
        self.folder = options.data / "real"
        table = read_table(options.source / "real-verdicts.tsv")
        self.names = [name for name, row in sorted(table.items()) if row[1] == "taken"]

    def each(self, scratch):
        """Name, text, what Runconf makes of each edit."""
        for name in self.names:
            file = self.folder / name
            tree, message = self.tool.read("json", file)
            if message:
                sys.exit(message)
            text = file.read_bytes().decode()
            edits = list(make_edits(f"{self.options.seed} {name}", tree, self.options.rounds))
            yield name, text, tree, edits, run_edits(self.tool, file, edits, scratch)


def show(edit, told):
    return f"{edit.kind}: {told}\n{edit.script()}"


def test(real, scratch):
    """A case for each text, with each edit that went wrong."""
    tap = Tap()
    scopes = collections.Counter()
    wide = []
    print(f"# seed {real.options.seed}")
    for name, source, tree, edits, results in real.each(scratch):
        text, wrong = Text(source), []
        for edit, (scope, changed, found) in zip(edits, results):
            scopes[scope] += 1
            if scope == "refused":
                wrong.append(show(edit, f"refused: {changed}"))
            elif not same(applied(tree, edit), found):
                wrong.append(show(edit, "another tree"))
            elif trouble := edit.touched(text, False).trouble(changed, edit.n_lines):
                wide.append(f"{name}: {show(edit, f'{trouble} ({scope})')}")
        tap.case(f"{name}, {len(edits)} edits", "\n".join(wrong))

    share = 1 - len(wide) / scopes.total()
    told = "\n".join(wide)
    print(f"# {dict(scopes)}, {100 * share:.2f} % touch their own lines alone")
    tap.case(f"{100 * MIN_SHARE:g} % touch their own lines alone", told if share < MIN_SHARE else None)
    if share >= MIN_SHARE:
        print("".join(f"# {line}\n" for line in told.splitlines()), end="")
    tap.end()


def ruamel_result(tool, ruamel, edit, scratch):
    """Text and tree; nothing where it can't."""
    try:
        changed = ruamel.edit(edit)
    except Exception:  # whatever it raises: this edit can't be made
        return None, None
    path = scratch / "ruamel.yaml"
    path.write_bytes(changed.encode())
    tree, message = tool.read("json", path)
    return changed, None if message else tree


def compare(real, scratch):
    """Both on the same edits, as a table."""
    scores = collections.defaultdict(lambda: (Score(), Score()))
    n_kept = 0
    for name, source, tree, edits, results in real.each(scratch):
        text = Text(source)
        try:
            ruamel = Ruamel(source)
            n_kept += ruamel.is_kept()
        except Exception as error:  # then none of its edits can be made
            ruamel = None
            print(f"<!-- {name}: {type(error).__name__} -->")
        for edit, (scope, changed, found) in zip(edits, results):
            other = ruamel_result(real.tool, ruamel, edit, scratch) if ruamel else (None, None)
            wanted = applied(tree, edit)
            touched = edit.touched(text, True)
            for score, (new, meant) in zip(range(2), [(changed, found), other]):
                is_tree = meant is not None and same(wanted, meant)
                is_lines = new is not None and touched.trouble(new, edit.n_lines) is None
                for kind in (edit.kind, "all"):
                    scores[kind][score].add(is_tree, is_lines)
    print_table(scores, real)
    print(f"ruamel.yaml writes {n_kept} of them as they were when nothing changes.")


def print_table(scores, real):
    print("| edit | how many | Runconf: right tree | only its lines | ruamel.yaml: right tree | only its lines |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for kind in [*(kind for kind in scores if kind != "all"), "all"]:
        ours, theirs = scores[kind]
        print("|", " | ".join([kind, str(ours.n), *ours.shares(), *theirs.shares()]), "|")
    print(f"\nSeed {real.options.seed}, {real.options.rounds} rounds, {len(real.names)} texts.")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--compare", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        (compare if options.compare else test)(Real(options), pathlib.Path(scratch))


if __name__ == "__main__":
    main()
