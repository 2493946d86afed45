# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random schemas and values: what is said of each, and what jsonschema says, an implementation of
others.

usage: test_judge.py SCHEMA_TOOL [SEED [NUMBER_OF_SCHEMAS]]
"""

import json
import random
import subprocess
import sys

import jsonschema

VALUES_EACH = 8
KEYS = ["a", "b", "c", "a/b", "x-1", ""]
PATTERNS = ["^a", "b$", "^x-", "[0-9]", "^$"]


class Maker:
    """Makes schemas whose keywords meet, and values that they know."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def scalar(self):
        return self.random.choice(
            [None, True, False, 0, 1, 2, 5, -3, 1.0, 2.5, 0.1, "", "a", "b", "ab", "x-1", "ä", "1"]
        )

    def value(self, depth=3):
        kind = self.random.random()
        if depth == 0 or kind < 0.4:
            return self.scalar()
        if kind < 0.6:
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        keys = self.random.sample(KEYS, self.random.randrange(4))
        return {key: self.value(depth - 1) for key in keys}

    def many(self, depth, least=1):
        return [self.schema(depth) for _ in range(self.random.randint(least, 3))]

    def keys(self):
        return self.random.sample(KEYS, self.random.randint(1, 3))

    def members(self, depth, names):
        names = self.random.sample(names, self.random.randint(1, 3))
        return {name: self.schema(depth) for name in names}

    def keyword(self, name, depth):
        pick = self.random.choice
        types = ["null", "boolean", "integer", "number", "string", "array", "object"]
        if name == "type":
            return pick([pick(types), self.random.sample(types, 3)])
        if name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            return pick([-3, 0, 1, 1.0, 2.5, 5])
        if name == "multipleOf":
            return pick([1, 2, 0.5, 2.5])
        if name in ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"):
            return pick([0, 1, 2, 3])
        if name == "pattern":
            return pick(PATTERNS)
        if name == "enum":
            return [self.value(2) for _ in range(self.random.randint(1, 4))]
        if name == "const":
            return self.value(2)
        if name == "uniqueItems":
            return pick([True, True, False])
        if name == "required":
            return self.keys()
        if name == "properties":
            return self.members(depth, KEYS)
        if name == "patternProperties":
            return self.members(depth, PATTERNS)
        if name == "dependencies":
            return {key: pick([self.keys(), self.schema(depth)]) for key in self.keys()}
        if name == "items":
            return pick([self.schema(depth), self.many(depth)])
        if name in ("allOf", "anyOf", "oneOf"):
            return self.many(depth)
        return self.schema(depth)

    def schema(self, depth=4):
        kind = self.random.random()
        if kind < 0.08:
            return self.random.choice([True, True, False])
        if depth == 0:
            return {"type": self.random.choice(["integer", "string", "object", "array"])}
        if kind < 0.15:
            # into the value first, so that it ends
            return {"properties": {"a": {"$ref": self.random.choice(["#", "#/definitions/d"])}}}
        names = [
            *("type", "type", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
            *("multipleOf", "minLength", "maxLength", "pattern", "enum", "const", "uniqueItems"),
            *("minItems", "maxItems", "minProperties", "maxProperties", "required", "properties"),
            *("properties", "patternProperties", "additionalProperties", "propertyNames", "items"),
            *("additionalItems", "contains", "dependencies", "allOf", "anyOf", "oneOf", "not"),
            *("if", "then", "else"),
        ]
        chosen = self.random.sample(names, self.random.randint(1, 3))
        if "if" in chosen:
            chosen += ["then", "else"]
        made = {name: self.keyword(name, depth - 1) for name in chosen}
        if isinstance(made.get("items"), bool):
            # the judge fails over this pair, where the one makes the other meaningless
            made.pop("additionalItems", None)
        return made

    def whole(self):
        schema = self.schema()
        if isinstance(schema, dict):
            schema["definitions"] = {"d": self.schema(2)}
        else:
            schema = {"allOf": [schema], "definitions": {"d": self.schema(2)}}
        return schema


def main():
    tool = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    number = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
    maker = Maker(seed)
    cases = [(maker.whole(), [maker.value() for _ in range(VALUES_EACH)]) for _ in range(number)]
    lines = []
    for schema, values in cases:
        lines += [json.dumps(schema), *("\t" + json.dumps(value) for value in values)]
    done = subprocess.run(
        [tool], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True, timeout=120
    )
    verdicts = iter(done.stdout.splitlines())

    trouble = []
    counts = {"valid": 0, "invalid": 0}
    for schema, values in cases:
        taken = next(verdicts)
        if not taken.startswith("taken"):
            trouble.append(f"{json.dumps(schema)}: {taken}")
        judge = jsonschema.Draft7Validator(schema)
        for value in values:
            verdict, *messages = next(verdicts).split("\t")
            wanted = "valid" if judge.is_valid(value) else "invalid"
            counts[wanted] += 1
            if verdict != wanted:
                trouble.append(f"{json.dumps(schema)} {json.dumps(value)}: {wanted}, not {verdict} {messages}")

    print(f"# seed {seed}: {counts['valid']} valid, {counts['invalid']} invalid")
    for line in trouble[:20]:
        print(f"# {line}")
    print(f"{'not ok' if trouble else 'ok'} 1 {number} random schemas, {VALUES_EACH} values each")
    print("1..1")


if __name__ == "__main__":
    main()
