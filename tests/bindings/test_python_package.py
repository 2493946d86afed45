# SPDX-License-Identifier: LGPL-2.1-or-later
"""The package with the overrides for Python: its public names, their documentation, and its installation."""

import inspect
import pathlib
import re
import sys

from gi.module import get_introspection_module
from python_testing import Runconf
from runconf_testing import ROOT

overrides = sys.modules["gi.overrides.Runconf"]


def test_each_public_name_is_there_and_documented():
    assert len(set(overrides.__all__)) == len(overrides.__all__)
    for name in overrides.__all__:
        thing = getattr(Runconf, name)
        assert thing is getattr(overrides, name)
        # PyGObject hides the text of a class for a structure
        assert vars(thing).get("__doc__") or inspect.getdoc(thing), name


def test_each_name_that_the_package_defines_is_public_or_private():
    """A public name that is missing in __all__ isn't in gi.repository.Runconf, without a complaint."""
    defined = {name for name, thing in vars(overrides).items()
               if not name.startswith("_") and getattr(thing, "__module__", None) == overrides.__name__}
    assert defined - {"ABSENT"} == set(overrides.__all__) - {"ABSENT"}


def test_each_method_is_documented():
    owners = (Runconf.Configuration, Runconf.Section, Runconf.Snapshot, Runconf.Watch)
    methods = [(owner, name) for owner in owners for name, thing in vars(owner).items()
               if inspect.isfunction(thing) and not name.startswith("_")]
    assert [f"{owner.__name__}.{name}" for owner, name in methods if not inspect.getdoc(getattr(owner, name))] == []


def test_each_file_is_installed():
    folder = pathlib.Path(overrides.__file__).parent
    root = next(each for each in (folder, *folder.parents) if each.name == "gi").parent
    files = {str(file.relative_to(root)) for file in folder.glob("*.py")}
    build = (ROOT / "src/client/python/meson.build").read_text()
    assert files <= set(re.findall(r"'(gi/.*\.py)'", build))


def test_no_function_of_the_library_raises_a_plain_error():
    """A function that is added later raises a ConfigError, too."""
    module = get_introspection_module("Runconf")
    missing = []
    for name in dir(module):
        thing = getattr(module, name)
        infos = [(module, thing)] if hasattr(thing, "can_throw_gerror") else [
            (thing, info) for info in getattr(getattr(thing, "__info__", None), "get_methods", list)()]
        missing += [f"{name}: {info.get_name()}" for owner, info in infos if info.can_throw_gerror()
                    and not hasattr(getattr(owner, info.get_name()), "__wrapped__")]
    assert missing == []
