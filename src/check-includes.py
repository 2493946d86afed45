# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fails when a file of src/ includes one of a folder or room that its own may not use, or when the tables of
README.md don't name exactly the source files that there are."""

import pathlib
import re
import sys

# each folder, and the folders that it may use; README.md draws it
ARROWS = {
    "core": set(),
    "yaml": {"core"},
    "arena": {"core"},
    "schema": {"yaml", "core"},
    "store": {"yaml", "core"},
    "layers": {"yaml", "core"},
    "rules": {"schema", "layers", "yaml", "core"},
    "client": {"arena", "core"},
    "service": {"store", "rules", "schema", "layers", "arena", "yaml", "core", "introspection"},
    "cli": {"rules", "schema", "layers", "yaml", "core"},
    "fleet": {"store", "rules", "schema", "layers", "yaml", "core"},
    "editor": set(),
    "gsettings": {"rules", "schema", "layers", "yaml", "core"},
}

# the rooms of a folder, with the rooms that each may use; "" is the folder itself
ROOMS = {
    "service": {
        "": {"daemon", "base"},
        "daemon": {"gate", "calls", "configuration", "authority", "base"},
        "gate": {"calls", "authority", "base"},
        "calls": {"configuration", "change", "authority", "base"},
        "configuration": {"change", "sources", "history", "authority", "base"},
        "sources": {"base"},
        "change": {"base"},
        "history": set(),
        "authority": {"base"},
        "base": set(),
    },
    "cli": {
        "": {"verbs", "terminal"},
        "verbs": {"edit", "watch", "validate", "change", "session", "terminal"},
        "edit": {"change", "session", "terminal"},
        "watch": {"session", "terminal"},
        "validate": {"session", "terminal"},
        "change": {"session", "terminal"},
        "session": {"terminal"},
        "terminal": set(),
    },
    "fleet": {
        "agent": {"control", "etcd", "model"},
        "command": {"control", "etcd", "model"},
        "control": {"etcd", "model"},
        "etcd": set(),
        "model": set(),
    },
    "gsettings": {
        "backend": {"form"},
        "dconf": {"schemas", "form"},
        "schemas": {"form"},
        "form": set(),
    },
    "store": {
        "file": {"watch", ""},
        "history": {"file", ""},
        "watch": {""},
        "": set(),
    },
}

# the folders that one room may use besides those of its folder
ROOM_ARROWS = {("fleet", "command"): {"cli"}, ("gsettings", "dconf"): {"cli"}, ("gsettings", "schemas"): {"store"}}

# folders whose files must be free of everything but GLib itself
PURE = {"core", "yaml", "arena", "schema", "layers", "rules"}

# the folder of the headers that programs include: they know no other folder; and which folders are
# such programs
PUBLIC = "client/runconf"
PROGRAMS = {"client", "cli", "editor", "gsettings"}

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def find_room(folder, parts):
    """The room of a file in a folder with rooms, or None."""
    return "/".join(parts[1:-1]) if folder in ROOMS else None


def complaints(root):
    for path in sorted(root.rglob("*.[ch]")):
        folder = path.relative_to(root).parts[0]
        if folder not in ARROWS:
            yield f"{path}: the folder {folder} has no place in the layout"
            continue
        room = find_room(folder, path.relative_to(root).parts)
        if room is not None and room not in ROOMS[folder]:
            yield f"{path}: {folder} has no room {room}"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, target = match.groups()
            if path.parent == root / PUBLIC and quote == '"':
                yield f"{path}:{number}: a public header may not use {target}"
            if quote == "<" and target.startswith("runconf/") and folder not in PROGRAMS:
                yield f"{path}:{number}: {folder} may not use {target}"
            if quote == '"' and target != "config.h":
                other = target.split("/")[0]
                if "/" not in target:
                    yield f"{path}:{number}: write {target} with its folder: \"{folder}/{target}\""
                elif other != folder and other not in ARROWS[folder] | ROOM_ARROWS.get((folder, room), set()):
                    yield f"{path}:{number}: {folder} may not use {other}"
                elif other == folder and room is not None:
                    other_room = find_room(folder, target.split("/"))
                    if other_room not in ROOMS[folder][room] | {room}:
                        yield f"{path}:{number}: the room {room} of {folder} may not use {target}"
            elif quote == "<" and folder in PURE and target.startswith("gio/"):
                yield f"{path}:{number}: {folder} is pure and may not use GIO"


# the heading of a table of README.md, the first cell of a row, and a file named anywhere in the page
HEADING = re.compile(r"^### `(\w+)/`$")
ROW = re.compile(r"^\| `([\w/-]+\.c)` \| \S")
NAMED = re.compile(r"`((?:[\w-]+/)*[\w-]+\.[ch])`")


def map_complaints(root):
    """Compares base names in each folder, so that a file may move to a subfolder and back."""
    page = root / "README.md"
    files = [path.relative_to(root) for path in sorted(root.rglob("*.[ch]"))]
    listed = {folder: [] for folder in ARROWS}
    folder = None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if line.startswith("#"):
            heading = HEADING.match(line)
            folder = heading.group(1) if heading else None
            if heading and folder not in listed:
                yield f"{page}:{number}: there is no folder {folder}"
                folder = None
        row = ROW.match(line)
        if row and folder:
            listed[folder].append((number, pathlib.PurePath(row.group(1)).name))
            continue
        for name in map(pathlib.PurePath, NAMED.findall(line)):
            if not any(file.name == name.name and (len(name.parts) == 1 or file.parts[0] == name.parts[0])
                       for file in files):
                yield f"{page}:{number}: there is no {name}"

    for folder, rows in listed.items():
        sources = {file.name: file for file in files if file.parts[0] == folder and file.suffix == ".c"}
        for number, name in rows:
            if sources.pop(name, None) is None:
                yield f"{page}:{number}: {folder} has no other file {name}"
        for file in sources.values():
            yield f"{page}: the table of {folder} lacks {file}: add a row with its duty"


def main():
    root, stamp = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    found = [*complaints(root), *map_complaints(root)]
    for complaint in found:
        print(complaint, file=sys.stderr)
    if found:
        sys.exit(1)
    stamp.write_text("")


if __name__ == "__main__":
    main()
