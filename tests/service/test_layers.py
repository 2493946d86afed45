# SPDX-License-Identifier: LGPL-2.1-or-later
"""The layers of a configuration: which value counts, who locks, and what Explain says about it."""

from gi.repository import GLib

from runconf_testing import unpack_dictionary
from test_many import many  # noqa: F401


def explain(config, path, **options):
    packed = {word: GLib.Variant("b", value) for word, value in options.items()}
    answer = config.call("Explain", "(sa{sv})", path, packed)
    entries = answer.get_child_value(0)
    return [
        {word: value.unpack() for word, value in unpack_dictionary(entries.get_child_value(i)).items()}
        for i in range(entries.n_children())
    ]


def layers_of(entries):
    return [(entry["layer"], entry["value"], "ignored" in entry) for entry in entries]


def fleet(many):
    return many.root / "var/lib/runconf-fleet"


def test_each_layer_is_stronger_than_the_one_before(many):
    many.add("one", "a: 1\nb: 1\nc: 1\nd: 1")
    many.add("one", "b: 2\nc: 2\nd: 2", "config.d/10.yaml", base=fleet(many))
    many.add("one", "c: 3\nd: 3", "config.d/20.yaml", base=many.etc)
    config = many.start().config("one")
    config.set("/d", 4)
    assert config.get() == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert layers_of(explain(config, "/d")) == [
        ("override", 4, False), ("admin", 3, False), ("fleet", 2, False), ("vendor", 1, False),
    ]
    entry = explain(config, "/c")[0]
    assert (entry["file"], entry["line"]) == (str(many.etc / "one/config.d/20.yaml"), 1)
