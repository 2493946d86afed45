# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each block of README.md and of the reference is run as it stands there, with the real service.

RUNCONF_SNIPPETS has the languages that can be run here, and RUNCONF_BUILD is the build directory.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import textwrap

import pytest
from runconf_testing import DEADLINE, ROOT

PORT = "/chat/websocket/port"
HERE = pathlib.Path(__file__).parent / "snippets"
BUILD = pathlib.Path(os.environ["RUNCONF_BUILD"])
SHIP = ROOT / "docs/reference/ship-defaults.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/reference").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FLAGS = ["-Wall", "-Werror", "-Wno-misleading-indentation", "-Wno-unused-variable", "-Wno-unused-but-set-variable"]
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def read_blocks(page, language):
    return [text for found, text in FENCE.findall(page.read_text()) if (found or "transcript") == language]


def find_pages(language):
    if language not in os.environ["RUNCONF_SNIPPETS"].split():
        return []
    return [pytest.param(page, id=page.stem) for page in PAGES if page != SHIP and read_blocks(page, language)]


@pytest.fixture
def sample(service):
    """The service with the sample configuration that the pages are about."""
    for file in (service.defaults, service.schema):
        file.write_bytes((ROOT / file.name).read_bytes())
    service.start()
    return service


def run(service, *command, text=None, environment=None):
    done = subprocess.run(
        command, input=text or "", cwd=service.folder, text=True, timeout=DEADLINE * 2, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env={
            **service.bus.environment, "PKG_CONFIG_PATH": str(BUILD / "meson-uninstalled"),
            "PATH": f"{BUILD / 'src/cli'}:{os.environ['PATH']}", "RUNCONF_DAEMON": os.environ["RUNCONFD"],
            **(environment or {})})
    assert done.returncode == 0, f"{shlex.join(command)}: {done.returncode}\n{done.stdout}"
    return done.stdout


def get_flags(service):
    return run(service, "pkg-config", "--cflags", "--libs", "runconf-1").split()


def run_c(service, source):
    file = service.folder / "program.c"
    file.write_text(source)
    run(service, "cc", *FLAGS, str(file), "-o", "program", *get_flags(service))
    return run(service, "./program")


def wrap_fragment(block):
    """The program for a fragment: its functions, which begin in the first column with a type, and its statements."""
    function = re.compile(r"^static \w.*?^\}$", re.MULTILINE | re.DOTALL)
    statements = function.sub("", block)
    functions = "\n".join(function.findall(block))
    watches = "g_signal_connect" in statements
    if watches and not functions:
        statements = statements.replace("G_CALLBACK (on_changed)", "G_CALLBACK (report_change)")
    program = (HERE / "fragment.c").read_text()
    for name, text in {"FUNCTIONS": functions, "STATEMENTS": statements, "WATCHES": str(int(watches))}.items():
        program = program.replace(f"/* {name} */", text)
    return program


def test_each_block_has_a_language():
    for page in PAGES:
        for language, _text in FENCE.findall(page.read_text()):
            assert language in {"c", "python", "javascript", "vala", "plain", "shell", ""}, page


@pytest.mark.parametrize("page", find_pages("c"))
def test_c(sample, page):
    for block in read_blocks(page, "c"):
        run_c(sample, block if "\nmain (" in block else wrap_fragment(block))


@pytest.mark.parametrize("page", find_pages("python"))
def test_python(sample, page):
    blocks = json.dumps(read_blocks(page, "python"))
    run(sample, sys.executable, str(HERE / "page.py"), text=blocks)


@pytest.mark.parametrize("page", find_pages("javascript"))
def test_javascript(sample, page):
    program = sample.folder / "page.js"
    blocks = "".join(read_blocks(page, "javascript"))
    program.write_text((HERE / "page.js").read_text().replace("\nBLOCKS\n", f"\n{blocks}"))
    run(sample, "gjs", "-m", str(program))


def compile_vala(service, source):
    file = service.folder / "program.vala"
    file.write_text(source)
    for installed in ("src/client/introspection/runconf-1.vapi", "meson-private/runconf-1.deps"):
        shutil.copy(BUILD / installed, service.folder)
    run(service, "valac", "--fatal-warnings", "-C", "--vapidir=.", "--pkg=runconf-1", str(file))
    run(service, "cc", "-w", "program.c", "-o", "program", *get_flags(service))
    return run(service, "./program")


@pytest.mark.parametrize("page", find_pages("vala"))
def test_vala(sample, page):
    blocks = read_blocks(page, "vala")
    for program in [block for block in blocks if "int main (" in block]:
        compile_vala(sample, program)
        blocks.remove(program)
    if not blocks:
        return
    methods = [f"async void step_{i} () throws Error {{\n{textwrap.indent(block, '    ')}}}\n"
               for i, block in enumerate(blocks)]
    calls = "\n    ".join(f"yield step_{i} ();" for i in range(len(blocks)))
    source = (HERE / "page.vala").read_text().replace("\nBLOCKS\n", "\n" + "\n".join(methods))
    source = source.replace("    CALLS\n", f"    {calls}\n")
    compile_vala(sample, source.replace("new MainLoop ().run ()", "run_until_printed ()"))


def check_transcript(service, block):
    """Runs the commands behind `$`, and compares their output with the lines below. Times are other ones."""
    for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = step.partition("\n")
        done = subprocess.run(
            ["bash", "-c", f"{command} 2>&1"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            timeout=DEADLINE, env={**service.bus.environment, "PATH": f"{BUILD / 'src/cli'}:{os.environ['PATH']}",
                                   "LC_ALL": "C.UTF-8"})
        assert TIME.sub("TIME", done.stdout) == TIME.sub("TIME", expected), command


@pytest.mark.parametrize("page", find_pages("transcript"))
def test_transcript(sample, page):
    help_text = run(sample, str(ROOT / "dev"), "help")
    for block in read_blocks(page, "transcript"):
        if block.startswith("$ "):
            check_transcript(sample, block)
            continue
        # commands that build are run by hand and in other tests; here they have to be there
        for command in re.findall(r"^(.+?)(?:  +#.*)?$", block, re.MULTILINE):
            script, name = command.split()
            assert script == "./dev" and re.search(rf"^  {name}\b", help_text, re.MULTILINE), command


@pytest.mark.parametrize("page", find_pages("plain"))
def test_plain(sample, page):
    """The lines that build a program."""
    program = next(block for block in read_blocks(ROOT / "docs/reference/getting-started-c.md", "c")
                   if "\nmain (" in block)
    (sample.folder / "program.c").write_text(program)
    for block in read_blocks(page, "plain"):
        run(sample, "bash", "-euc", block)
        assert run(sample, "./a.out").startswith("listening on localhost:8000")


def find_comments(block):
    """The output that comments behind commands show."""
    return re.findall(r"   # (.*)$", block, re.MULTILINE)


def test_an_application_ships_its_defaults(many):
    """The page that makes a package: its commands in order, in one shell, and then its program."""
    many.start()
    blocks = read_blocks(SHIP, "shell")
    output = run(many, "bash", "-euo", "pipefail", "-c", "\n".join(blocks))
    for wanted in [comment for block in blocks for comment in find_comments(block)]:
        assert wanted in output.splitlines(), output
    assert "./usr/share/runconf/chatbot/config.yaml" in output
    assert "    port: 8443" in output.splitlines()

    run(many, "dpkg-deb", "--extract", "chatbot_1.0_all.deb", str(many.root))
    assert many.has("chatbot")
    if "python" in os.environ["RUNCONF_SNIPPETS"].split():
        run(many, sys.executable, str(HERE / "page.py"), text=json.dumps(read_blocks(SHIP, "python")),
            environment={"RUNCONF_CONFIGURATION": "chatbot"})
    assert "The port on which the bot listens" in run(many, "runconf", "-c", "chatbot", "describe", PORT)
    assert "port: 8000" in run(many, "runconf", "-c", "chatbot", "tree")


def test_an_upgrade_keeps_the_overrides(many):
    """The statements of the page on upgrades, with the files of its first block."""
    run(many, "bash", "-euc", read_blocks(SHIP, "shell")[0])
    folder = many.share / "chatbot"
    shutil.copytree(many.folder / "chatbot", folder)
    many.start()
    config = many.config("chatbot")
    config.set(PORT, 9000)
    config.set("/llm/active", "groq")

    many.expect("is more than the maximum", "isn't known")
    schema = folder / "config.schema.yaml"
    schema.write_text(schema.read_text().replace("maximum: 65535", "maximum: 8999"))
    config.reload()
    assert config.get(PORT) == 8000 and config.state == "degraded"
    assert PORT in config.state_message

    schema.write_text("additionalProperties: false\nproperties: {chat: {}}\n")
    defaults = folder / "config.yaml"
    defaults.write_text("chat: {websocket: {host: localhost, port: 8000}}\n")
    config.reload()
    assert config.get("") == {"chat": {"websocket": {"host": "localhost", "port": 9000}}}
    assert config.state == "degraded" and "/llm" in config.state_message

    shutil.rmtree(folder)
    assert many.has()
    assert "9000" in many.runtime_of("chatbot").read_text()
