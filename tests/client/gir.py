# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fails if the introspection data says that an array of strings is one string, or flags have no type.

Without an annotation the scanner takes a `char **` for a string, and a binding then reads pointers as
text. Flags without a GType can't be a property, and a file for a user interface can't name them.

    gir.py RUNCONF.GIR
"""

import re
import sys
import xml.etree.ElementTree

CORE = "{http://www.gtk.org/introspection/core/1.0}"
GET_TYPE = "{http://www.gtk.org/introspection/glib/1.0}get-type"
C_TYPE = "{http://www.gtk.org/introspection/c/1.0}type"


def is_array_of_strings(c_type):
    return re.fullmatch(r"(const )?g?char *\* *(const *)?\*", c_type or "") is not None


def find_mistakes(tree):
    """The callables with a parameter or result that is an array of strings, and isn't described as one."""
    for callable_element in tree.iter():
        values = callable_element.findall(f"{CORE}return-value")
        values += callable_element.findall(f"{CORE}parameters/{CORE}parameter")
        for value in values:
            simple = value.find(f"{CORE}type")
            # the address of one string that the function returns has the same type in C
            if simple is not None and value.get("direction", "in") == "in" and is_array_of_strings(simple.get(C_TYPE)):
                yield f"{callable_element.tag.removeprefix(CORE)} {callable_element.get('name')}: " \
                      f"{value.get('name', 'the result')} is no array"


def find_flags_without_type(tree):
    for flags in tree.iter(f"{CORE}bitfield"):
        if flags.get(GET_TYPE) is None:
            yield f"the flags {flags.get('name')} have no type"


def main():
    tree = xml.etree.ElementTree.parse(sys.argv[1])
    assert sum(1 for _ in tree.iter(f"{CORE}array")) > 10
    assert sum(1 for _ in tree.iter(f"{CORE}bitfield")) > 3
    mistakes = [*find_mistakes(tree), *find_flags_without_type(tree)]
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    sys.exit(1 if mistakes else 0)


if __name__ == "__main__":
    main()
