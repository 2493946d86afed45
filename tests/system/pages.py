# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pages for administrators whose commands are run as they stand there.

What a command prints stands behind it as a comment.
"""

import os
import pathlib
import re
import subprocess

from container import ROOT, case

# the packages are where a build leaves them, and other packages that are installed here may not fit them
INSTALL = {"apt install ./build-packages/": f"dpkg --install {ROOT}/new/", "./build-packages/": f"{ROOT}/new/"}


def read_sections(page):
    """The blocks of commands, by the heading that they are below."""
    found = {}
    for section in re.split(r"^## ", page.read_text(), flags=re.MULTILINE)[1:]:
        blocks = [text for kind, text in read_blocks(section) if not kind]
        if blocks:
            found[section.partition("\n")[0]] = blocks
    return found


def read_blocks(text):
    """The blocks with their kinds: commands have none, and their output is “text”."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def run_script(script, block, *prefix, **environment):
    """Runs a script with a block, and checks the output, which is returned."""
    result = subprocess.run(
        [*prefix, "bash", "-c", f"set -euo pipefail\n{script}"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=60, cwd="/",
        env=os.environ | {"SYSTEMD_PAGER": "", **environment},
    )
    assert result.returncode == 0, f"{block}ended with {result.returncode}:\n{result.stdout}"
    lines = iter(result.stdout.splitlines())
    for wanted in re.findall(r"  # (.*)$", block, re.MULTILINE):
        assert wanted in lines, f"{block}printed\n{result.stdout}and not {wanted}"
    return result.stdout


class Shell:
    """A shell in which each block finds the folder and the variables of those before it."""

    def __init__(self, home="/root", user="root"):
        self.prefix = [] if user == "root" else ["runuser", "-u", user, "--"]
        self.home = home
        self.state = pathlib.Path(home, "shell")
        self.state.write_text(f"cd {home}\n")
        os.chmod(self.state, 0o666)

    def run(self, block, instead=None):
        """Runs a block; returns the output. `instead` has other commands for some."""
        for command, other in (instead or INSTALL).items():
            block = block.replace(command, other)
        script = f"source {self.state}\n{block}\n{{ export -p; printf 'cd %q\\n' \"$PWD\"; }} >{self.state}"
        return run_script(script, block, *self.prefix, HOME=self.home)


def add_cases(page, sections):
    """Adds a case for each section of a page: a function that gets the blocks, and runs each of them."""
    name = page.stem.replace("-", " ")

    def every_command_is_tried():
        assert [*read_sections(page)] == [*sections]

    every_command_is_tried.__name__ = f"every_command_of_{name}_is_tried"
    case(every_command_is_tried)
    for heading, function in sections.items():
        def follow(heading=heading, function=function):
            function(read_sections(page)[heading])

        follow.__name__ = f"{name}:_{heading.lower().replace(' ', '_')}"
        case(follow)
