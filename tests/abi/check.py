#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the binary interface of the library with the one that is stored beside this program.

check.py LIBRARY HEADERS [--update]

A program that was built with an earlier version has to run with this one, so nothing of the stored
interface may change or go. A function that is added also counts as a difference: store the new interface
with --update, in the commit that adds the function.
"""

import pathlib
import subprocess
import sys
import tempfile

STORED = pathlib.Path(__file__).with_name("librunconf-1.abi")

# nothing that differs between machines, folders and compilers
OPTIONS = ["--exported-interfaces-only", "--drop-private-types", "--no-elf-needed", "--no-architecture",
           "--no-show-locs", "--no-corpus-path", "--no-comp-dir-path"]


def write_interface(library, headers, file):
    subprocess.run(["abidw", *OPTIONS, "--headers-dir", headers, "--out-file", file, library], check=True)


def main():
    library, headers, *options = sys.argv[1:]
    if options == ["--update"]:
        write_interface(library, headers, STORED)
        return 0

    with tempfile.TemporaryDirectory() as folder:
        present = pathlib.Path(folder, STORED.name)
        write_interface(library, headers, present)
        result = subprocess.run(["abidiff", STORED, present], stdout=subprocess.PIPE, text=True, check=False)
    if result.returncode == 0:
        return 0

    print(result.stdout)
    print(f"The binary interface of {pathlib.Path(library).name} isn't the stored one. If functions were only added,"
          f" store the new one: {sys.argv[0]} {library} {headers} --update")
    return 1


if __name__ == "__main__":
    sys.exit(main())
