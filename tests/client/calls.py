# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fails unless the library's table of methods agrees with the interface.

The service's skeleton is generated from the interface, the library's calls aren't.

    calls.py INTERFACE CALL.C
"""

import pathlib
import re
import sys
import xml.etree.ElementTree

# List is answered from shared memory, which opening.c opens with OpenSnapshot.
CALLED_ELSEWHERE = {"List", "OpenSnapshot"}


def read_interface(path):
    """The type of each method's reply."""
    tree = xml.etree.ElementTree.parse(path)
    return {
        method.get("name"): "({})".format("".join(
            arg.get("type") for arg in method.findall("arg") if arg.get("direction") == "out"))
        for method in tree.iter("method")
    }


def read_table(path):
    text = pathlib.Path(path).read_text()
    return dict(re.findall(r'\[RUNCONF_METHOD_\w+\] = \{ "(\w+)", "([^"]*)"(?:, TRUE)? \}', text))


def main():
    interface, table = read_interface(sys.argv[1]), read_table(sys.argv[2])
    assert interface and table

    complaints = [
        *(f"{name} is no method of the interface" for name in sorted(table.keys() - interface.keys())),
        *(f"{name} is missing in the library's table"
          for name in sorted(interface.keys() - table.keys() - CALLED_ELSEWHERE)),
        *(f"{name} replies {interface[name]}, and the library expects {table[name]}"
          for name in sorted(table.keys() & interface.keys()) if table[name] != interface[name]),
    ]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
