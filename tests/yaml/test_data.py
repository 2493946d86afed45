# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads texts that others wrote, and compares what becomes of each with a checked-in verdict.

usage: test_data.py TOOL SOURCE_FOLDER DATA_FOLDER suite|real|hostile

The data are not part of this project: `yaml-test-suite`, a folder a case; `real`, configurations of
other projects; `hostile`, what is made to break a reader.

Verdicts: `same` tree as the source gives, `different`, `taken` where the source gives no tree,
`refused`. The last column says why: of the suite where the verdict isn't what it asks for, else the
message of each refusal.
"""

import gzip
import json
import pathlib
import sys
import tempfile

from tap import Tap, Tool, read_table, same

# what hostile texts may cost; a machine under load is no bug, so a slow one is told and no more
SLOW_REFUSAL = 100  # milliseconds


def json_documents(text):
    decoder = json.JSONDecoder()
    found = []
    text = text.strip()
    while text:
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:].strip()
    return found


def suite_cases(folder):
    for text in sorted(folder.rglob("in.yaml")):
        tree = text.with_name("in.json")
        wanted = json_documents(tree.read_text(encoding="utf-8")) if tree.exists() else None
        yield str(text.parent.relative_to(folder)), text, "value-json", wanted


def other_cases(folder):
    for text in sorted([*folder.glob("*.yaml"), *folder.glob("*.yaml.gz")]):
        yield text.name, text, "json", None


def unpacked(text, scratch):
    if text.suffix != ".gz":
        return text
    plain = scratch / text.stem
    plain.write_bytes(gzip.decompress(text.read_bytes()))
    return plain


def verdict(tree, message, wanted):
    if message:
        return "refused"
    if wanted is None:
        return "taken"
    return "same" if same(wanted, [tree]) or (not wanted and tree is None) else "different"


def trouble(kind, row, found, message):
    """What is not as the table says; of a text from elsewhere the whole message is compared."""
    if row is None:
        return f"{found}, but there is no row for it: {message}"
    if row[1] != found:
        return f"{found}, not {row[1]}: {message}"
    told = message.split(": ", 1)[1] if message else "-"
    return None if kind == "suite" or row[2] == told else f"the message is: {told}"


def main():
    tool, source, data, kind = Tool(sys.argv[1]), *map(pathlib.Path, sys.argv[2:4]), sys.argv[4]
    folder = data / ("yaml-test-suite" if kind == "suite" else kind)
    table = read_table(source / f"{kind}-verdicts.tsv")
    cases = suite_cases(folder) if kind == "suite" else other_cases(folder)
    tap = Tap()
    seen = set()

    with tempfile.TemporaryDirectory() as scratch:
        for name, text, command, wanted in cases:
            seen.add(name)
            text = unpacked(text, pathlib.Path(scratch))
            tree, message = tool.read(command, text)
            found = verdict(tree, message, wanted)
            tap.case(name, trouble(kind, table.get(name), found, message))
            if kind == "hostile" and found == "refused":
                time = float(tool.run("time", text)[0].split()[0])
                print(f"# {time:.1f} ms{', slow' if time > SLOW_REFUSAL else ''}")

    tap.case("each row of the table has a case", ", ".join(table.keys() - seen))
    tap.end()


if __name__ == "__main__":
    main()
