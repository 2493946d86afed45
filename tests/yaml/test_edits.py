# SPDX-License-Identifier: LGPL-2.1-or-later
"""Changes texts in place, and compares what becomes of each with what stands in its folder.

usage: test_edits.py TOOL EDITS_FOLDER [NAME…]

Each folder is a case: `in.yaml`, the script `edit`, and `out.yaml`, equal byte for byte; `scope`
where the change isn't in place; `todo`, why it isn't right yet. `edits/README.md` tells more.
"""

import difflib
import pathlib
import sys

from tap import Tap, Tool

NEEDED = {"in.yaml", "edit", "out.yaml"}
OPTIONAL = {"scope", "todo"}


def odd_files(folder):
    """A file that is missing, or that no test would ever look at."""
    found = {path.name for path in folder.iterdir()}
    lacking, unknown = NEEDED - found, found - NEEDED - OPTIONAL
    told = [f"{name} is missing" for name in sorted(lacking)]
    return "\n".join(told + [f"{name} is no file of a case" for name in sorted(unknown)])


def difference(wanted, found):
    """Each line as Python shows its bytes: what differs may be what can't be seen."""
    lines = [[repr(line)[1:] for line in text.splitlines(keepends=True)] for text in (wanted, found)]
    return "\n".join(difflib.unified_diff(*lines, "wanted", "found", lineterm=""))


def note(folder, name):
    path = folder / name
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def trouble(tool, folder):
    if odd := odd_files(folder):
        return odd
    _, refusal = tool.run("json", folder / "out.yaml")
    if refusal:
        return f"out.yaml can't be read: {refusal}"

    code, found, told = tool.edit(folder / "in.yaml", folder / "edit")
    if code != 0:
        return f"refused: {told}"
    wanted = (folder / "out.yaml").read_bytes()
    if found != wanted:
        return f"{difference(wanted, found)}\n({told})"
    scope = note(folder, "scope") or "in-place"
    return None if told == scope else f"the text is right, but {told}, not {scope}"


def main():
    tool, edits, names = Tool(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
    folders = sorted(path for path in edits.iterdir() if path.is_dir())
    tap = Tap()
    for folder in folders:
        if not names or folder.name in names:
            tap.case(folder.name, trouble(tool, folder), note(folder, "todo"))
    tap.end()


if __name__ == "__main__":
    main()
