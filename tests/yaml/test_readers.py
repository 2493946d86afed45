# SPDX-License-Identifier: LGPL-2.1-or-later
"""Has other readers read what Runconf writes: PyYAML after YAML 1.1, ruamel.yaml after both.

usage: test_readers.py TOOL [SEED]

The trees are random, and made of strings that have a meaning somewhere. They go to the tool as
JSON, and come back as YAML.
"""

import json
import math
import pathlib
import random
import sys
import tempfile

import ruamel.yaml
import yaml

from tap import Tap, Tool, same

N_TEXTS = 100
N_VALUES = 100

PARTS = """
a b ключ é 😀 : - --- ... ? ' " \\ { } [ ] , &a *a ! !!int | > % @ ` ~ = << # null Null true No off Y
0 1 12 017 0o17 0x1F 0b1 1_000 1,000 _ . + - e 1e3 12:30 12:30:45 190:20:30.15 .inf -.INF .nan 1.5 .5
685_230.15 2024-01-02 2001-12-14t21:59:43.10-05:00 T Z
""".split() + [" ", "  ", "\n", "\n\n", "\t", "\r\n", ": ", " #", "- "]
ODD = ["\x01", "\x1b", "\x7f", "\x80", "\x85", "\xa0", "\u2028", "\u2029", "\ufeff", "\ufdd0", "\ufffe"]


def random_string(dice):
    return "".join(dice.choices(PARTS + ODD, k=dice.choice([0, 1, 1, 1, 2, 3, 5])))


def random_number(dice):
    return dice.choice(
        [
            dice.randrange(-(2**63), 2**64),
            dice.randrange(-9, 10),
            dice.uniform(-1, 1) * 10 ** dice.randrange(-300, 300),
            float(dice.randrange(100)),
            1e22,
            5e-324,
            0.1 + 0.2,
        ]
    )


def random_tree(dice, depth):
    kind = dice.randrange(10)
    if depth > 0 and kind < 2:
        return [random_tree(dice, depth - 1) for _ in range(dice.randrange(4))]
    if depth > 0 and kind < 4:
        return {random_string(dice): random_tree(dice, depth - 1) for _ in range(dice.randrange(4))}
    if kind < 5:
        return random_number(dice)
    if kind < 6:
        return dice.choice([None, True, False])
    return random_string(dice)


def ruamel_reader(version):
    def read(text):
        reader = ruamel.yaml.YAML(typ="safe", pure=True)
        reader.version = version
        return reader.load(text)

    return read


READERS = {
    "PyYAML": lambda text: yaml.load(text, Loader=yaml.SafeLoader),
    "PyYAML on libyaml": lambda text: yaml.load(text, Loader=yaml.CSafeLoader),
    "ruamel.yaml 1.1": ruamel_reader((1, 1)),
    "ruamel.yaml 1.2": ruamel_reader((1, 2)),
}


def difference(left, right, path=""):
    """Where two trees differ first, for a message."""
    if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        pairs = [(left[key], right[key], f"{path}/{key!r}") for key in left]
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = [(a, b, f"{path}/{i}") for i, (a, b) in enumerate(zip(left, right))]
    else:
        return f"{path}: {left!r} is read as {right!r}"
    return next(difference(*pair) for pair in pairs if not same(*pair[:2]))


def check(name, read, text, tree):
    try:
        found = read(text)
    except Exception as error:  # whatever a reader raises is the finding
        return f"{name}: {error}"
    return None if same(tree, found) else f"{name}: {difference(tree, found)}"


def special_text(tool, scratch):
    """What JSON can't carry, and a key that takes more than a line may."""
    text = scratch / "special.yaml"
    key = "\t" * 1000
    text.write_text(f"a: [.inf, -.inf, .nan]\nb: !!binary AP8=\n? \"{key}\"\n: [[], {{}}]\n")
    tree = {"a": [math.inf, -math.inf, math.nan], "b": b"\x00\xff", key: [[], {}]}
    return tool.run("yaml", text)[0], tree


def random_text(tool, scratch, seed):
    dice = random.Random(seed)
    tree = {f"k{number}": random_tree(dice, 3) for number in range(N_VALUES)}
    text = scratch / "random.json"
    text.write_text(json.dumps(tree, ensure_ascii=True), encoding="utf-8")
    out, message = tool.run("yaml", text)
    if message:
        sys.exit(f"seed {seed}: {message}")
    return out, tree


def main():
    tool = Tool(sys.argv[1])
    first = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    tap = Tap()

    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        texts = {"special": special_text(tool, scratch)}
        for seed in range(first, first + N_TEXTS):
            texts[f"seed {seed}"] = random_text(tool, scratch, seed)

    for reader, read in READERS.items():
        for name, (text, tree) in texts.items():
            tap.case(f"{reader}, {name}", check(reader, read, text, tree))
    tap.end()


if __name__ == "__main__":
    main()
