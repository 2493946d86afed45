#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs GLib's own test of GSettings with dconf and with Runconf, and compares the results test by test.

Each test runs alone, in a session of its own for each backend, then all of them in one process. A test without a result
has ended its process. RUNCONF_GLIB_SOURCE may name a folder gio of GLib's sources, where there is no archive.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "yaml"))

import glib_source  # noqa: E402
from gsettings_testing import Desktop, chosen_backend  # noqa: E402
from tap import Tap  # noqa: E402

OURS = os.environ.get("OURS", "runconf")
THEIRS = "dconf"
RESULT = re.compile(r"(?:^|\s)(ok|not ok) \d+ (?:- )?(/\S+)( # SKIP)?", re.MULTILINE)
# the list of tests is a comment in newer versions
LISTED = re.compile(r"^(?:# )?(/\S+)$", re.MULTILINE)
SECONDS = 60
ATTEMPTS = 5
PASSED = "passed"
SUCCESS = "exit status 0"
ENDED = "ended its process"
# l10n-time asks for a translation in a way that never finds one, and leaves itself out
TRANSLATED = ["/gsettings/l10n", "/gsettings/l10n-context"]
NO_TRANSLATION = "translation is not working"
# the test that each backend has to pass, so that failures of the session itself aren't equal results
FIRST = "/gsettings/basic"


def make_locale(folder):
    """A German locale for the tests of translated defaults: a copy of C.UTF-8, which glibc doesn't translate."""
    shutil.copytree("/usr/lib/locale/C.utf8", folder / "de_DE.utf8")
    shutil.copytree("/usr/lib/locale/C.utf8", folder / "en_US.utf8")
    return folder


class Upstream:
    """The program of GLib in sessions with one of the backends."""

    def __init__(self, program, locales):
        self.program = program
        self.locales = locales

    def names(self):
        # it leaves out the tests that need its own backend if another is named, and writes schemas where it runs
        output = subprocess.run(
            [self.program, "-l"], env=os.environ | {"GSETTINGS_BACKEND": THEIRS}, cwd=self.program.parent,
            stdout=subprocess.PIPE, text=True, check=True).stdout
        return LISTED.findall(output)

    def run(self, backend, *options):
        """The results by the name of the test, the output, and whether the backend was used and stored a change."""
        with tempfile.TemporaryDirectory(prefix="gs-") as name:
            folder = pathlib.Path(name)
            with Desktop(backend, folder) as desktop:
                environment = {"LC_ALL": "", "LANG": "en_US.UTF-8", "LANGUAGE": "", "LOCPATH": str(self.locales)}
                try:
                    done = desktop.run(self.program, "--tap", *options, cwd=folder / "home", seconds=SECONDS,
                                       environment=environment)
                    output, ended = done.stdout, f"exit status {done.returncode}"
                except subprocess.TimeoutExpired as error:
                    output, ended = (error.stdout or b"").decode(errors="replace"), f"no end in {SECONDS} s"
                stored = desktop.service.has_changes()
        results = {test: "skipped" if skipped else {"ok": PASSED}.get(verdict, "failed")
                   for verdict, test, skipped in RESULT.findall(output)}
        used = chosen_backend(output)
        if used not in (None, backend):
            results = {test: f"used {used}" for test in results}
        return results, f"{output}\n{ended}", stored and used == backend


def compare(name, results, outputs):
    """What is wrong with a pair of results, None if nothing is."""
    if results[OURS] == PASSED or (results[THEIRS] == results[OURS] and name != FIRST):
        return None
    return "\n".join(f"{backend}: {results[backend]}\n{outputs[backend]}" for backend in (THEIRS, OURS))


def check_translation(name, outputs):
    """The tests of translated defaults pass without a translation, too: what is said if it is missing."""
    left_out = [output for output in outputs.values() if name in TRANSLATED and NO_TRANSLATION in output]
    return left_out[0] if left_out else None


def check_store(stored):
    """Each backend was used and stored something: a program that can't load one goes on with another."""
    missing = [backend for backend, seen in stored.items() if not seen]
    return f"no changes in the store of {' and '.join(missing)}" if missing else None


def run_with_both(upstream, *options):
    """What a run with each backend found, as three dictionaries by backend."""
    runs = {backend: upstream.run(backend, *options) for backend in (THEIRS, OURS)}
    return [{backend: run[part] for backend, run in runs.items()} for part in range(3)]


def compare_alone(tap, upstream, names):
    # the tests wait more than they work
    with ThreadPoolExecutor(os.cpu_count() + 2) as pool:
        runs = pool.map(lambda name: run_with_both(upstream, "-p", name), names)
        for name, (found, outputs, stored) in zip(names, runs):
            results = {backend: found[backend].get(name, ENDED) for backend in found}
            tap.case(f"{name}, alone, {THEIRS} {results[THEIRS]}, {OURS} {results[OURS]}",
                     compare(name, results, outputs) or check_translation(name, outputs)
                     or (check_store(stored) if name == FIRST else None))


def compare_together(tap, upstream, names):
    """All tests in one process.

    GLib's program changes the environment while dconf's thread may read it, and asserts in the end that
    nothing else holds the backend, which a thread may do for a moment: such a run is repeated.
    """
    for _ in range(ATTEMPTS):
        found, outputs, stored = run_with_both(upstream)
        ends = {backend: output.splitlines()[-1] for backend, output in outputs.items()}
        if set(ends.values()) == {SUCCESS}:
            break
    for name in names:
        results = {backend: found[backend].get(name, ENDED) for backend in found}
        tap.case(f"{name}, in one process, {THEIRS} {results[THEIRS]}, {OURS} {results[OURS]}",
                 compare(name, results, outputs))
    tap.case("the changes of one process are in both stores", check_store(stored))
    tap.case(f"the process ends, {ends}", None if ends[OURS] in (SUCCESS, ends[THEIRS]) else outputs[OURS])


def find_source(cache):
    given = os.environ.get("RUNCONF_GLIB_SOURCE")
    return pathlib.Path(given) if given else glib_source.fetch(cache)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=pathlib.Path, help="the folder that keeps the sources")
    cache = parser.parse_args().cache.resolve()
    try:
        gio = find_source(cache)
    except glib_source.NoSource as obstacle:
        print("1..0 # SKIP no source package of GLib")
        print("".join(f"# {line}\n" for line in str(obstacle).splitlines()))
        return 0
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="gs-program-") as name:
        folder = pathlib.Path(name)
        upstream = Upstream(glib_source.build(gio, folder), make_locale(folder / "locales"))
        names = upstream.names()
        assert FIRST in names, names
        compare_alone(tap, upstream, names)
        compare_together(tap, upstream, names)
    tap.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
