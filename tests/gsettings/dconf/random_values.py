# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random GVariants in text form, of all types that a key can have."""

STRINGS = ["", "a", "gvariant", "null", "true", "~", "1", "don\\'t", "\\\"", "ключ", "\\n", " x ", "# no comment",
           "%s", "two\\nlines\\n", "<<", "!unset", "\\u0001", "\\u2028"]
RANGES = {"y": (0, 255), "n": (-2**15, 2**15 - 1), "q": (0, 2**16 - 1), "i": (-2**31, 2**31 - 1), "u": (0, 2**32 - 1),
          "x": (-2**63, 2**63 - 1), "t": (0, 2**64 - 1), "h": (-2**31, 2**31 - 1)}
PATHS = ["/", "/org/runconf", "/a_1"]
SIGNATURES = ["", "a{sv}", "(uas)"]
FLOATS = ["0.0", "-0.0", "1.5", "1e300", "inf", "-inf", "0.10000000000000001"]


def random_type(random, depth):
    sort = random.randrange(10) if depth else 0
    if sort in (3, 4):
        return "a" + random_type(random, depth - 1)
    if sort == 5:
        return "v"
    if sort == 6:
        return "m" + random_type(random, depth - 1)
    if sort == 7:
        return "a{" + random.choice("bynqiuxtdsog") + random_type(random, depth - 1) + "}"
    if sort == 8:
        return "(" + "".join(random_type(random, depth - 1) for _ in range(random.randrange(4))) + ")"
    return random.choice("bynqiuxtdsogh")


def split(types):
    """The single types of a tuple or an entry."""
    found, start = [], 0
    while start < len(types):
        end = start
        while types[end] in "am":
            end += 1
        depth = 0
        while True:
            depth += (types[end] in "({") - (types[end] in ")}")
            end += 1
            if depth == 0:
                break
        found.append(types[start:end])
        start = end
    return found


def random_basic(random, kind):
    if kind in RANGES:
        low, high = RANGES[kind]
        return str(random.choice([low, high, max(low, min(high, random.randrange(-1000, 1000)))]))
    choices = {"b": ["true", "false"], "d": FLOATS, "s": STRINGS, "o": PATHS, "g": SIGNATURES}[kind]
    text = random.choice(choices)
    return f"'{text}'" if kind in "sog" else text


def random_text(random, kind, depth=3):
    """A value, whose type is written where its text stands."""
    if kind == "v":
        inner = random.choice(["s", "i", "as", "a{sv}", random_type(random, max(depth - 1, 0))])
        return f"<@{inner} {random_text(random, inner, depth - 1)}>"
    if kind[0] == "m":
        return "nothing" if random.randrange(3) == 0 else f"just {random_text(random, kind[1:], depth)}"
    if kind.startswith("a{"):
        key, value = split(kind[2:-1])
        keys = {random_basic(random, key) for _ in range(random.randrange(3))}
        return "{" + ", ".join(f"{text}: {random_text(random, value, depth)}" for text in sorted(keys)) + "}"
    if kind[0] == "a":
        return "[" + ", ".join(random_text(random, kind[1:], depth) for _ in range(random.randrange(3))) + "]"
    if kind[0] == "(":
        items = [random_text(random, item, depth) for item in split(kind[1:-1])]
        return "(" + ", ".join(items) + (",)" if len(items) == 1 else ")")
    return random_basic(random, kind)
