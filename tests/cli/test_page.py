# SPDX-License-Identifier: LGPL-2.1-or-later
"""runconf(1) and `--help` tell the same, and each example of the page works."""

import os
import pathlib
import re
import shlex
import signal
import subprocess

import pytest

from runconf_testing import DEADLINE

PAGE = pathlib.Path(os.environ["RUNCONF_PAGE"])
SOURCE = pathlib.Path(__file__).resolve().parents[2]

ROFF = {r"\-": "-", r"\(aq": "'", r"\(rs": "\\", r"\(ti": "~"}


@pytest.fixture(scope="module")
def sections():
    """The lines of each section of the page, as they are shown on a very wide terminal."""
    text = subprocess.run(["man", "-E", "UTF-8", "-l", PAGE], capture_output=True, text=True, timeout=DEADLINE,
                          check=True,
                          env=os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "500", "MANROFFOPT": "-c"}).stdout
    found = {}
    for line in text.splitlines():
        if line and line == line.strip() and not line.startswith("RUNCONF(1)"):
            found[line] = lines = []
        elif line.strip() and found:
            lines.append(line)
    return found


def list_options(lines, indent):
    """The long names of the options that are explained at this depth."""
    rows = [line[indent:] for line in lines if re.match(rf" {{{indent}}}-", line)]
    return sorted(re.match(r"(?:-.[^,]*, )?(--[a-z-]+)", row).group(1) for row in rows)


def list_group(text, heading):
    """The same in what --help prints."""
    group = re.search(rf"^{heading}\n((?:  .*\n)+)", text, re.MULTILINE)
    return sorted(re.findall(r"^  (?:-., )?(--[a-z-]+)", group.group(1), re.MULTILINE)) if group else []


def list_verbs(sections):
    """Each verb of the page with the lines that explain it."""
    found = {}
    for line in sections["VERBS"]:
        match = re.match(r" {7}([a-z]+)\b", line)
        if match:
            lines = found.setdefault(match.group(1), [])
        elif line.startswith(" " * 14):
            lines.append(line)
    return found


def test_the_page_tells_every_verb_with_its_options(command, sections):
    page = list_verbs(sections)
    text = command("help")
    verbs = re.findall(r"^  ([a-z]+)  ", text[text.index("Verbs:"):], re.MULTILINE)
    assert sorted(page) == sorted([*verbs, "complete"])
    assert len(list_options(page["dump"], 14)) == 4
    for verb, lines in page.items():
        assert list_options(lines, 14) == list_group(command("help", verb), "Options:"), verb


def test_the_page_tells_the_options_of_all_verbs(command, sections):
    lines = sections["OPTIONS"]
    change = lines.index("   Options of a change")
    assert list_options(lines[:change], 7) == list_group(command("help"), "Options of all verbs:")
    assert list_options(lines[change:], 7) == list_group(command("help", "set"), "Options of a change:")


def test_the_page_tells_every_exit_status(sections):
    header = SOURCE / "src/cli/terminal/exit.h"
    told = [match.group(1) for line in sections["EXIT STATUS"] if (match := re.match(r" {7}(\d)\b", line))]
    assert told == re.findall(r"CLI_EXIT_\w+ = (\d)", header.read_text())


def test_the_page_tells_every_variable(sections):
    sources = (SOURCE / "src/cli").rglob("*.c")
    read = set().union(*(re.findall(r'getenv \("(\w+)"\)', path.read_text()) for path in sources))
    assert len(read) >= 3
    told = " ".join(sections["ENVIRONMENT"])
    assert [name for name in sorted(read - {"TERM"}) if name not in told] == []


def read_examples():
    """What is in the section of the examples, block by block."""
    text = PAGE.read_text()
    blocks = re.findall(r"^\.EX\n(.*?)^\.EE", text[text.index(".SH EXAMPLES"):], re.MULTILINE | re.DOTALL)
    for written, meant in ROFF.items():
        blocks = [block.replace(written, meant) for block in blocks]
    return blocks


def watch(example, folder, env, online):
    """An example that goes on until it is interrupted."""
    with subprocess.Popen(["bash", "-c", f"exec {example}"], cwd=folder, env=env) as process:
        for port in range(1, 1000):
            online("set", "/chat/websocket/port", str(port))
            if (folder / "told").exists():
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 0
    assert (folder / "told").read_text() == "reload chatbot\n"


def test_the_examples_work(online):
    """One after the other, as somebody would type them in."""
    folder = online.folder / "examples"
    state = folder / "image/var/lib/runconf/default"
    defaults = folder / "image/usr/share/runconf/default/config.yaml"
    for path in (state, defaults.parent):
        path.mkdir(parents=True)
    defaults.write_text(online.service.defaults.read_text())
    (folder / "config.yaml").write_text(online.service.defaults.read_text())
    (folder / "site.yaml").write_text("logging: {level: debug}\n")
    (folder / "systemctl").write_text("#!/bin/sh\necho \"$@\" >told.new\nmv told.new told\n")
    (folder / "systemctl").chmod(0o755)
    online("status")
    env = online.environment | {"PATH": f"{folder}:{online.program.parent}:{os.environ['PATH']}",
                                "DBUS_SYSTEM_BUS_ADDRESS": online.service.bus.address}

    examples = read_examples()
    assert len(examples) >= 8
    output = ""
    for example in examples:
        if " watch " in example:
            watch(example, folder, env, online)
            continue
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", example], cwd=folder, env=env,
                              capture_output=True, text=True, timeout=DEADLINE, check=False)
        assert (done.returncode, done.stderr) == (0, ""), example
        output += done.stdout
    assert "the configuration was brought up to date" in output
    assert "confirmed version" in output
    assert "port: 80\n" in (state / "runtime_config.yaml").read_text()


def read_session(path):
    """The commands of a document's first session at a terminal, each with the lines that it prints."""
    text = path.read_text()
    session = re.search(r"^```\n(\$ .*?)^```", text, re.MULTILINE | re.DOTALL).group(1)
    return [(step.splitlines()[0], step.splitlines()[1:])
            for step in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]]


def without_times(lines):
    return [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", line) for line in lines]


def test_the_session_in_the_readme_is_what_is_printed(online):
    for name in ("config.yaml", "config.schema.yaml"):
        (online.service.etc / name).write_text((SOURCE / name).read_text())
    steps = read_session(SOURCE / "README.md")
    assert len(steps) >= 8
    for line, expected in steps:
        program, *words = shlex.split(line)
        assert program == "runconf"
        online.prepare()
        done = subprocess.run(online.line(words), cwd=online.folder, env=online.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=DEADLINE,
                              check=False)
        assert without_times(done.stdout.splitlines()) == without_times(expected), line
