#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts the cases of the last `meson test` in a build directory, and ends with their number.

meson counts programs. This counts what they ran: a TAP line or a pytest case each. A skipped case
has shown nothing, so it counts as failed.
"""

import json
import pathlib
import re
import sys

TAP_CASE = re.compile(r"^(not ok|ok)\b\s*\d*\s*(.*)$")
TAP_DIRECTIVE = re.compile(r"#\s*(SKIP|TODO)\b\s*(.*)$", re.IGNORECASE)
PYTEST_SUMMARY = re.compile(r"^(?:=+ )?((?:\d+ \w+(?:, )?)+) in [\d.]+s(?: \([\d:]+\))?(?: =+)?$")
PYTEST_PASSED = {"passed"}
PYTEST_IGNORED = {"warning", "warnings", "deselected"}


def count_pytest(output):
    """The cases of the last summary line, None if there is none: passed, and what the others were."""
    found = None
    for line in output.splitlines():
        match = PYTEST_SUMMARY.match(line.strip())
        found = match.group(1) if match else found
    if found is None:
        return None
    passed, bad = 0, []
    for number, word in re.findall(r"(\d+) (\w+)", found):
        if word in PYTEST_PASSED:
            passed += int(number)
        elif word not in PYTEST_IGNORED:
            bad.append((int(number), f"{number} {word}"))
    return passed, bad


def count_tap(output):
    passed, bad = 0, []
    for line in output.splitlines():
        match = TAP_CASE.match(line)
        if not match:
            continue
        verdict, what = match.groups()
        directive = TAP_DIRECTIVE.search(what)
        if directive and directive.group(1).upper() == "SKIP":
            bad.append((1, f"skipped: {what}"))
        elif verdict == "ok":
            passed += 1
        else:
            bad.append((1, f"failed: {what}"))
    return (passed, bad) if passed or bad else None


def count(test):
    """How many cases of one program passed, and how many didn't, each with a line about it."""
    output = test.get("stdout", "")
    passed, bad = count_pytest(output) or count_tap(output) or (0, [])
    result = test["result"]
    if result == "OK":
        # a program that tells nothing of its cases is one
        return (passed, bad) if passed or bad else (1, [])
    if not bad:
        bad = [(1, f"{result.lower()}, exit status {test.get('returncode')}")]
    return passed, bad


def main():
    log = pathlib.Path(sys.argv[1]) / "meson-logs" / "testlog.json"
    tests = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    total, failed = 0, 0
    for test in tests:
        passed, bad = count(test)
        total += passed
        failed += sum(number for number, _ in bad)
        for _, line in bad:
            print(f"{test['name']}: {line}")
    print(f"{total} passed, {failed} failed")
    sys.exit(1 if failed or not total else 0)


if __name__ == "__main__":
    main()
