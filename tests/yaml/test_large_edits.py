# SPDX-License-Identifier: LGPL-2.1-or-later
"""Changes large texts in place, and sees that the time grows as the text does.

usage: test_large_edits.py TOOL

What looks along a whole line for each thing on it is quick on any text that somebody wrote, and
takes minutes on one that a program wrote without a line end.
"""

import json
import pathlib
import sys
import tempfile
import time

from tap import Tap, Tool

COUNT = 50_000
# in seconds beyond what reading takes ten times; what isn't linear takes much longer
SLACK = 5

PAIRS = {f"key{i}": i for i in range(COUNT)}
ALL_BUT_ONE = json.dumps({key: None for key in list(PAIRS)[1:]})
MERGES = ", ".join(f'"key{i}": {{<<: *x, "b": 1}}' for i in range(COUNT // 2))

CASES = {
    "json-on-one-line-set": (json.dumps(PAIRS), 'set "/key7" 0'),
    "json-on-one-line-add": (json.dumps(PAIRS), 'set "/new" 0'),
    "json-on-one-line-remove": (json.dumps(PAIRS), f'merge "" {ALL_BUT_ONE}'),
    "json-add": (json.dumps(PAIRS, indent=2), 'set "/new" 0'),
    "list-on-one-line-append": (f"list: {list(PAIRS.values())}\n", 'set "/list/-" 0'),
    "merges-on-one-line": (f'{{"x": &x {{"a": 1}}, {MERGES}}}\n', 'set "/x/a" 2'),
    # the lines at the end would swallow the comment that is left
    "list-laid-out-anew": (
        "list:\n" + "".join(f"- {i}\n" for i in PAIRS.values()) + "- |+\n  x\n\nold: 1\n\n  # c\n",
        'reset "/old"',
    ),
    "block-add": ("".join(f"{key}: {value}\n" for key, value in PAIRS.items()), 'set "/new" 0'),
}


def seconds(run):
    start = time.monotonic()
    result = run()
    return time.monotonic() - start, result


def trouble(tool, folder, text, script):
    file, edit = folder / "in.yaml", folder / "edit"
    file.write_text(text, encoding="utf-8")
    edit.write_text(script + "\n", encoding="utf-8")
    reading, _ = seconds(lambda: tool.run("json", file))
    editing, (_, _, told) = seconds(lambda: tool.edit(file, edit))
    if told not in ("in-place", "afresh"):
        return told
    if editing > 10 * reading + SLACK:
        return f"it took {editing:.1f} s, and reading {reading:.1f} s"
    return None


def main():
    tool, tap = Tool(sys.argv[1]), Tap()
    with tempfile.TemporaryDirectory() as folder:
        for name, (text, script) in CASES.items():
            tap.case(name, trouble(tool, pathlib.Path(folder), text, script))
    tap.end()


if __name__ == "__main__":
    main()
