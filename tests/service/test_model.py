# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random changes, compared step by step with a plain model of what they mean."""

import copy
import random

import pytest
from runconf_testing import DEFAULT_VALUES, Refusal

KEYS = ["chat", "websocket", "port", "llm", "active", "features", "logging", "a", "b", "c"]
LEAVES = [0, 1, 1.0, True, False, None, "", "text", "1", "no", 2**63, -1.5, b"\0", [], [1, [2]],
          ["x", {"y": None}], {}]


def is_mapping(value):
    return isinstance(value, dict)


def merged(base, over):
    """Deep merge: mapping over mapping goes key by key, anything else replaces."""
    if not (is_mapping(base) and is_mapping(over)):
        return over
    result = dict(base)
    for key, value in over.items():
        result[key] = merged(base[key], value) if key in base else value
    return result


def same(one, other):
    """Same kind and same value, whatever the order of keys."""
    if is_mapping(one) and is_mapping(other):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


class Model:
    """The overrides, and what each operation makes of them."""

    def __init__(self):
        self.overrides = {}

    @property
    def effective(self):
        return merged(DEFAULT_VALUES, self.overrides)

    def set(self, keys, value):
        """Returns the error that the daemon should answer with, or None."""
        position, top = 0, self.effective
        while position < len(keys) and is_mapping(top):
            if keys[position] not in top:
                break
            top = top[keys[position]]
            position += 1
        if position < len(keys) and not is_mapping(top):
            return "InvalidPath"
        if not keys:
            self.overrides = value
            return None
        parent = self.overrides
        for key in keys[:-1]:
            parent = parent.setdefault(key, {})
        parent[keys[-1]] = value
        return None

    def merge(self, patch):
        self.overrides = self._patched(self.overrides, patch)

    def _patched(self, over, patch):
        result = dict(over)
        for key, value in patch.items():
            if is_mapping(value):
                child = result.get(key)
                value = self._patched(child if is_mapping(child) else {}, value)
            result[key] = value
        return result

    def reset(self, keys):
        top = self.effective
        for key in keys:
            if not is_mapping(top) or key not in top:
                return "NotFound"
            top = top[key]
        self.overrides = self._without(self.overrides, keys)
        return None

    def _without(self, over, keys):
        if not keys:
            return {}
        result = dict(over)
        child = result.pop(keys[0], None)
        if len(keys) > 1 and is_mapping(child):
            rest = self._without(child, keys[1:])
            # a mapping that this leaves empty goes too
            if rest or not child:
                result[keys[0]] = rest
        elif len(keys) > 1 and keys[0] in over:
            result[keys[0]] = child
        return result

    def save(self, wanted):
        self.overrides = self._needed(DEFAULT_VALUES, wanted)

    def _needed(self, base, wanted):
        result = {}
        for key, value in wanted.items():
            if key not in base:
                result[key] = value
            elif is_mapping(base[key]) and is_mapping(value):
                below = self._needed(base[key], value)
                if below:
                    result[key] = below
            elif not same(base[key], value):
                result[key] = value
        return result


def random_value(random, depth=0):
    if depth < 3 and random.random() < 0.5:
        return {random.choice(KEYS): random_value(random, depth + 1)
                for _ in range(random.randint(1, 3))}
    return copy.deepcopy(random.choice(LEAVES))


def random_patch(random, depth=0):
    """Without nulls and empty mappings, whose meaning has tests of its own."""
    patch = {}
    for _ in range(random.randint(1, 3)):
        below = depth < 3 and random.random() < 0.5
        leaf = random.choice([leaf for leaf in LEAVES if leaf is not None and leaf != {}])
        patch[random.choice(KEYS)] = random_patch(random, depth + 1) if below else leaf
    return patch


def random_keys(random, model):
    """Half the time a path that leads somewhere."""
    keys, top = [], model.effective
    for _ in range(random.randint(0, 4)):
        if is_mapping(top) and top and random.random() < 0.7:
            keys.append(random.choice(list(top)))
            top = top[keys[-1]]
        else:
            keys.append(random.choice(KEYS))
            top = None
    return keys


def is_below_list(model, keys):
    top = model.effective
    for key in keys:
        if isinstance(top, list):
            return True
        top = top.get(key) if is_mapping(top) else None
    return False


@pytest.mark.parametrize("seed", range(12))
def test_random_changes(service, seed):
    config = service.start()
    model = Model()
    version = 0
    chance = random.Random(seed)
    for step in range(80):
        before = copy.deepcopy(model.overrides)
        expected = None
        keys = random_keys(chance, model)
        path = "".join("/" + key for key in keys)
        verb = chance.choice(["set", "set", "merge", "reset", "save", "restart"])
        if is_below_list(model, keys):
            continue
        try:
            if verb == "set":
                value = random_value(chance)
                if not keys and not is_mapping(value):
                    continue
                expected = model.set(keys, copy.deepcopy(value))
                answer = config.set(path, value)
            elif verb == "merge":
                patch = random_patch(chance)
                model.merge(copy.deepcopy(patch))
                answer = config.merge(patch).version
            elif verb == "reset":
                expected = model.reset(keys)
                answer = config.reset(path)
            elif verb == "save":
                wanted = merged(model.effective, random_patch(chance))
                model.save(copy.deepcopy(wanted))
                answer = config.save(wanted).version
            elif step % 10 == 0:
                config = service.restart()
                answer = config.version
            else:
                continue
            assert expected is None, f"{verb} of {path} should have been refused with {expected}"
        except Refusal as refusal:
            assert refusal.kind == expected
            model.overrides = before
            answer = config.version
        version += not same(before, model.overrides)
        assert answer == version, f"{verb} of {path}"
        assert same(config.get(), model.effective), f"{verb} of {path}"
        assert config.overrides().keys() == model.overrides.keys()
