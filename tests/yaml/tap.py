# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests written in Python share: TAP, trees, and the tool that reads for them."""

import json
import math
import subprocess
import sys

# nothing takes this long: it is there so that a hang is told
HANG = 60


class Tap:
    """Prints a line for each case."""

    def __init__(self):
        self.number = 0

    def case(self, name, trouble=None, todo=None):
        """A case that failed if there is trouble to tell. One that is to do has to fail."""
        self.number += 1
        mark = f" # TODO {todo}" if todo else ""
        print(f"{'not ok' if trouble else 'ok'} {self.number} {name}{mark}")
        for line in str(trouble or "").splitlines():
            print(f"# {line}")

    def end(self):
        print(f"1..{self.number}")


class Tool:
    """Runs yaml-tool: a tree, or the message that says why there is none."""

    def __init__(self, path):
        self.path = path

    def run(self, command, file):
        done = subprocess.run([self.path, command, file], capture_output=True, timeout=HANG)
        if done.returncode not in (0, 1):
            sys.exit(f"{command} {file}: {done.returncode}\n{done.stderr.decode()}")
        return done.stdout.decode(), done.stderr.decode().strip()

    def edit(self, file, script):
        """Exit status, the changed text as bytes, and its scope or why there is none."""
        done = subprocess.run([self.path, "edit", file, script], capture_output=True, timeout=HANG)
        if done.returncode not in (0, 1):
            sys.exit(f"edit {file}: {done.returncode}\n{done.stderr.decode()}")
        return done.returncode, done.stdout, done.stderr.decode().strip()

    def read(self, command, file):
        out, message = self.run(command, file)
        return (None, message) if message else (json.loads(out), None)


def same(left, right):
    """Equal in kind and value: True is not 1, while JSON can't tell 1 from 1.0."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right or (math.isnan(left) and math.isnan(right))
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return left == right


def read_table(path):
    """The rows of a file of tab-separated columns, by the first of them, without the header."""
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return {row[0]: row[1:] for row in rows[1:]}
