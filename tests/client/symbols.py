# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fails unless the library exports exactly what its list names and its public headers declare, with a version.

    symbols.py NM LIBRARY LIST HEADER…
"""

import pathlib
import re
import subprocess
import sys

# the header is the service's too, which has no versions
WITHOUT_VERSION = {"runconf_error_quark"}


def read_exports(nm, library):
    """The functions and data that others can link with."""
    table = subprocess.run([nm, "-D", "--defined-only", library], stdout=subprocess.PIPE,
                           text=True, check=True).stdout
    symbols = (line.split()[-2:] for line in table.splitlines())
    # a version is a symbol as well, of the kind A
    return {name.split("@")[0] for kind, name in symbols if kind != "A"}


def read_list(path):
    """The names of a version script."""
    text = re.sub(r"/\*.*?\*/|#[^\n]*", "", pathlib.Path(path).read_text(), flags=re.DOTALL)
    names = re.search(r"global:(.*?)local:", text, re.DOTALL)[1]
    return {name.strip() for name in names.split(";") if name.strip()}


def read_declarations(path):
    text = pathlib.Path(path).read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    types = re.findall(r"^G_DECLARE_\w+_TYPE\s*\(\w+,\s*(\w+)", text, re.MULTILINE)
    text = re.sub(r"^(#|G_DEFINE|G_DECLARE)(.*\\\n)*.*$", "", text, flags=re.MULTILINE)
    return {f"{name}_get_type" for name in types} | set(re.findall(r"\b(runconf_\w+)\s*\(", text))


def read_versioned(path):
    """The functions that a header declares behind the macro of the version that brought them."""
    text = re.sub(r"/\*.*?\*/", "", pathlib.Path(path).read_text(), flags=re.DOTALL)
    return set(re.findall(r"^RUNCONF_AVAILABLE_IN_\w+\s[^;(]*?\b(runconf_\w+)\s*\(", text, re.MULTILINE))


def read_types(path):
    """The functions that the macros of GObject declare."""
    return {name for name in read_declarations(path) if name.endswith("_get_type")}


def main():
    nm, library, names, *headers = sys.argv[1:]
    exported = read_exports(nm, library)
    listed = read_list(names)
    declared = set().union(*map(read_declarations, headers))
    versioned = set().union(*map(read_versioned, headers), *map(read_types, headers))
    assert declared, "no header declares anything"

    complaints = [
        *(f"{name} is exported, but is not in the list" for name in sorted(exported - listed)),
        *(f"{name} is in the list, but is not exported" for name in sorted(listed - exported)),
        *(f"{name} is declared, but is not exported" for name in sorted(declared - exported)),
        *(f"{name} is declared without RUNCONF_AVAILABLE_IN_1_0"
          for name in sorted(declared - versioned - WITHOUT_VERSION)),
        *(f"{name} is exported, but is not declared" for name in sorted(exported - declared)),
    ]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
