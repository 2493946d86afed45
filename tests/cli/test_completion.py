# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can follow on a command line, as the command tells it, and as bash, zsh and fish show it."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest

from runconf_testing import DEADLINE, eventually

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "data" / "completions"

ODD = {"with space": {"it's": 1, "a:b=c": 2, "~/x": 3, "$HOME`\"\\": 4, "on": True}}


def read(text):
    """The candidates with what they mean, and in `hands` what is left to the shell."""
    lines = text.splitlines()
    found = dict(line.split("\t", 1) for line in lines if "\t" in line)
    return found, [line for line in lines if "\t" not in line]


def complete(command, *words):
    """What the last word can become, behind the options that say who is asked."""
    found, hands = read(command("complete", "--", *command.options, *words))
    assert command.complaint == ""
    return hands or list(found)


# ------------------------------------------------------------------- what the command knows itself


def list_verbs(command):
    text = command("help")
    return re.findall(r"^  ([a-z]+)  ", text[text.index("Verbs:"):], re.MULTILINE)


def list_options(text):
    return sorted(re.findall(r"^  (?:-., )?(--[a-z-]+)", text, re.MULTILINE))


def test_every_verb_and_option_is_completed(command):
    verbs = list_verbs(command)
    assert len(verbs) >= 15
    assert sorted(complete(command, "")) == sorted([*verbs, "help"])
    assert complete(command, "help", "") == verbs
    assert sorted(complete(command, "-")) == list_options(command("help"))
    # the command for fleets completes its own options
    for verb in (verb for verb in verbs if verb != "fleet"):
        options = list_options(command("help", verb))
        assert sorted(set(complete(command, verb, "-"))) == options, verb
        assert sorted(set(complete(command, verb, "--"))) == options, verb


def test_each_is_explained(command):
    found, _hands = read(command("complete", "--", "--quiet", "g"))
    assert found == {"get": "print a value"}
    found, _hands = read(command("complete", "--", "set", "--dry"))
    assert found == {"--dry-run": "Check everything, and print the changes without making them"}


@pytest.mark.parametrize("words, found", [
    (["gte"], []),
    (["ge"], ["get"]),
    (["help", "ge"], ["get"]),
    (["help", "get", ""], []),
    (["nonsense", ""], []),
    (["get", "--js"], ["--json"]),
    (["get", "-q", "--js"], ["--json"]),
    (["get", "--nonsense", ""], []),
    (["get", "--color", ""], ["auto", "always", "never"]),
    (["get", "--color", "a"], ["auto", "always"]),
    (["get", "--color="], ["--color=auto", "--color=always", "--color=never"]),
    (["get", "--color=n"], ["--color=never"]),
    (["--color", "n"], ["never"]),
    (["dump", "--layer", "o"], ["overrides", "override"]),
    (["dump", "-l", ""],
     ["effective", "defaults", "overrides", "vendor", "fleet", "admin", "user", "override", "boot"]),
    # what an option takes is no argument, and what is behind “--” is no option
    (["-c", "get", "ge"], ["get"]),
    (["-qc", "get", "ge"], ["get"]),
    (["-cq", "get", "ge"], []),
    (["get", "--", "--js"], []),
    (["set", "/a", "--js"], ["--json"]),
    (["set", "/a", "-5", "--js"], ["--json"]),
    (["load", ""], ["FILES"]),
    (["load", "x", ""], []),
    (["load", "--overrides", "-"], None),
    (["--offline", "x"], ["FILES"]),
    (["--offline=x"], ["FILES"]),
    (["merge", "--file", ""], ["FILES"]),
    (["merge", ""], []),
    (["diff", "s"], ["FILES"]),
    (["diff", "--layers", "f"], ["fleet"]),
    (["diff", "--layers", "vendor", "a"], ["admin"]),
    (["diff", "--layers", "vendor", "admin", ""], []),
    (["diff", "vendor", ""], []),
    (["status", ""], []),
    (["validate", "x", ""], ["FILES"]),
    (["validate", "--root", ""], ["FILES"]),
    (["edit", "--editor", ""], []),
    (["watch", "/a", "--ini"], ["--initial"]),
    (["watch", "/a", "--", ""], ["COMMANDS"]),
    (["watch", "--", "reload", "--js"], ["COMMANDS"]),
])
def test_what_a_word_can_become(command, words, found):
    result = complete(command, *words)
    if found is None:
        assert "--json" in result
    else:
        assert result == found


def test_without_a_service_it_is_quiet(command):
    for words in (["get", "/"], ["-c", ""], ["revert", ""], ["set", "/x", ""], ["--offline", "no/such", "get", "/"]):
        assert command("complete", "--", *words) == ""
        assert command.complaint == ""


def test_options_that_exclude_each_other_have_no_candidates(command):
    assert command("complete", "--", "--session", "--system", "get", "/") == ""
    assert command.complaint == ""


# --------------------------------------------------------------------- what only a service knows


@pytest.mark.parametrize("word, found", [
    ("/", ["/llm", "/chat", "/logging", "/features", "/servers"]),
    ("", ["/llm", "/chat", "/logging", "/features", "/servers"]),
    ("/chat/", ["/chat/websocket", "/chat/service"]),
    # one that has more below it isn't finished
    ("/chat/w", ["/chat/websocket", "/chat/websocket/host", "/chat/websocket/port"]),
    ("/chat/websocket", ["/chat/websocket", "/chat/websocket/host", "/chat/websocket/port"]),
    ("/chat/websocket/p", ["/chat/websocket/port"]),
    ("/chat/websocket/port", ["/chat/websocket/port"]),
    ("/chat/websocket/port/", []),
    ("/nonsense/", []),
    ("chat", []),
    ("/bad~", []),
])
def test_paths(cli, word, found):
    assert sorted(complete(cli, "get", word)) == sorted(found)


def test_what_a_path_holds_is_told(cli):
    found, _hands = read(cli("complete", "--", *cli.options, "get", "/chat/websocket/"))
    assert found == {"/chat/websocket/host": "localhost", "/chat/websocket/port": "8000"}


def test_where_paths_go(cli):
    for words in (["list"], ["tree"], ["describe"], ["reset", "/a"], ["watch", "/a"], ["set"], ["set", "/a", "1"],
                  ["merge", "--at"], ["history"], ["dump"], ["get", "--json"]):
        assert complete(cli, *words, "/log") == complete(cli, "get", "/log") != []
    assert complete(cli, "get", "/a", "/log") == complete(cli, "set", "/a", "/log") == []
    assert complete(cli, "merge", "--at=/chat/websocket/p") == ["--at=/chat/websocket/port"]


def test_versions_come_with_what_they_were_for(online):
    online("set", "/chat/websocket/port", "1", "--message", "for a try")
    online("set", "/chat/websocket/port", "2")
    found, _hands = read(online("complete", "--", *online.options, "revert", ""))
    assert list(found) == ["2", "1"]
    assert found["1"].endswith("for a try")
    assert complete(online, "confirm", "") == complete(online, "diff", "1", "") == ["2", "1"]
    assert complete(online, "diff", "") == ["FILES"]


def test_configurations(online):
    assert complete(online, "-c", "") == complete(online, "get", "--configuration", "d") == ["default"]
    assert complete(online, "--configuration=") == ["--configuration=default"]


def test_values_that_the_schema_allows(online):
    online.service.schema.write_text(
        "properties: {llm: {properties: {active: {enum: [openrouter, groq, 5, null]}}}}")
    assert complete(online, "set", "/llm/active", "") == ["openrouter", "groq", "5", "null"]
    assert complete(online, "set", "/llm/active", "g") == ["groq"]
    assert complete(online, "set", "/a", "1", "/logging/debug", "") == ["true", "false"]
    assert complete(online, "set", "/chat/websocket/port", "") == []
    assert complete(online, "set", "nonsense", "") == []


def test_nothing_is_written(offline):
    before = sorted(path.name for path in offline.service.runtime.parent.iterdir())
    assert complete(offline, "get", "/chat/") != []
    assert sorted(path.name for path in offline.service.runtime.parent.iterdir()) == before


def test_files_below_the_home(offline):
    offline("set", "/new", "1")
    offline.environment["HOME"] = str(offline.service.folder)
    offline.options = ["--offline", "~/var/runtime_config.yaml", "--defaults", "~/etc/config.yaml"]
    assert complete(offline, "get", "/new") == ["/new"]
    assert complete(offline, "get", "/chat/websocket/p") == ["/chat/websocket/port"]


def test_keys_that_cannot_be_typed_are_left_out(online):
    online("set", "/new", '{"a\\nb": 1, "a\\tb": 1, "a\\u001bb": 1, "a\\u202eb": 1, "ab": 1}')
    assert complete(online, "get", "/new/") == ["/new/ab"]


def test_secrets_are_not_shown(online):
    online.service.schema.write_text("properties: {key: {writeOnly: true}}")
    online("set", "/key", "hush")
    assert "hush" not in online("complete", "--", *online.options, "get", "/")
    assert "hush" not in online("complete", "--", *online.options, "set", "/key", "")


def test_nobody_waits_for_a_service_that_hangs(online):
    online("get")
    online.service.process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    assert complete(online, "get", "/") == []
    assert 1.5 < time.monotonic() - started < 5
    online.service.process.send_signal(signal.SIGCONT)


def test_it_is_quick_with_many_keys(online):
    online.raw("merge", "-", text="many: {" + ", ".join(f"key{n}: {n}" for n in range(20000)) + "}")
    started = time.monotonic()
    assert len(complete(online, "get", "/many/key1999")) == 11
    assert time.monotonic() - started < 2


# ------------------------------------------------------------------------------------- the shells


def need(program):
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


@pytest.fixture
def shelled(online):
    """A configuration with odd keys, and the environment of a shell that finds the command."""
    online.raw("merge", "-", text=json.dumps(ODD))
    home = online.folder / "home"
    home.mkdir()
    (home / "overrides.yaml").touch()
    # what is run is only noted down, so that one sees what a line has become
    tools = online.folder / "tools"
    tools.mkdir()
    program = tools / "runconf"
    program.write_text(f"""#!/bin/bash
[[ $1 != complete ]] || exec {online.program} "$@"
printf '%s\\0' "$@" >{online.folder}/noted.new
mv {online.folder}/noted.new {online.folder}/noted
""")
    program.chmod(0o755)
    shutil.copy("/bin/true", tools / "reload-chatbot")
    online.environment |= {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "DBUS_SYSTEM_BUS_ADDRESS": online.service.bus.address,
        "TERM": "xterm",
    }
    return online


# what is typed, and what is shown or put in for it by each shell
TYPED = {
    "runconf ge": "get",
    "runconf get --js": "--json",
    "runconf get --color=ne": "--color=never",
    "runconf get /chat/websocket/po": "/chat/websocket/port",
    r"runconf get /with\ space/it": "/with space/it's",
    "runconf get '/with space/a": "/with space/a:b=c",
    'runconf get "/with space/a:b': "/with space/a:b=c",
    r"runconf get /with\ space/a:b=": "/with space/a:b=c",
    r"runconf get /with\ space/~0": "/with space/~0~1x",
    'runconf get "/with space/\\$HO': '/with space/$HOME`"\\',
    r"runconf set /with\ space/on tr": "true",
    "runconf load over": "overrides.yaml",
    "runconf watch /chat -- reload-chat": "reload-chatbot",
    "runconf watch -- reload-chatbot over": "overrides.yaml",
}


BASH = r"""
. "$1"
COMP_LINE=$2
COMP_POINT=${#2}
shift 2
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { echo "compopt $*"; }
_runconf runconf "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize("line, words, found", [
    ("runconf ge", ["runconf", "ge"], ["get"]),
    ("runconf get --js", ["runconf", "get", "--js"], ["--json"]),
    ("runconf get ", ["runconf", "get", ""], ["/llm", "/chat", "/logging", "/features", "/servers", r"/with\ space"]),
    # as bash takes words apart
    ("runconf get --color=ne", ["runconf", "get", "--color", "=", "ne"], ["never"]),
    ("runconf get --color=", ["runconf", "get", "--color", "="], ["auto", "always", "never"]),
    ("runconf   get  --color  ne", ["runconf", "get", "--color", "ne"], ["never"]),
    (r"runconf get /with\ space/a:b", ["runconf", "get", r"/with\ space/a", ":", "b"], ["b=c"]),
    (r"runconf get /with\ space/a:", ["runconf", "get", r"/with\ space/a", ":"], ["b=c"]),
    ("runconf get '/with space/i", ["runconf", "get", "'/with space/i"], [r"/with space/it'\''s"]),
    ("runconf load x", ["runconf", "load", "x"], ["compopt -o bashdefault -o default", ""]),
    ("runconf nonsense ", ["runconf", "nonsense", ""], [""]),
    ("runconf watch -- reload-ch", ["runconf", "watch", "--", "reload-ch"], ["reload-chatbot"]),
    ("runconf watch -- x o", ["runconf", "watch", "--", "x", "o"], ["compopt -o bashdefault -o default", ""]),
])
def test_bash_calls_the_function(shelled, line, words, found):
    result = subprocess.run([need("bash"), "-c", BASH, "bash", SCRIPTS / "runconf.bash", line, *words],
                            env=shelled.environment, cwd=shelled.folder, capture_output=True, text=True,
                            timeout=DEADLINE, check=False)
    assert result.stderr == ""
    assert sorted(result.stdout.split("\n")[:-1]) == sorted(found)


@pytest.mark.parametrize("typed", TYPED)
def test_fish_completes(shelled, typed):
    script = f"source {SCRIPTS / 'runconf.fish'}; complete -C $argv[1]"
    result = subprocess.run([need("fish"), "--no-config", "-c", script, typed], env=shelled.environment,
                            cwd=shelled.environment["HOME"], capture_output=True, text=True,
                            timeout=DEADLINE, check=False)
    assert result.stderr == ""
    assert [line.split("\t")[0] for line in result.stdout.splitlines()] == [TYPED[typed]]


class Terminal:
    """A shell on a terminal of its own, in tmux."""

    def __init__(self, folder, environment, command):
        self.tmux = [need("tmux"), "-S", str(folder / "tmux"), "-f", "/dev/null"]
        subprocess.run([*self.tmux, "new-session", "-d", "-x", "150", "-y", "30", *command],
                       env=environment, cwd=environment["HOME"], timeout=DEADLINE, check=True)

    def run(self, *arguments):
        return subprocess.run([*self.tmux, *arguments], capture_output=True, text=True, timeout=DEADLINE,
                              check=True).stdout

    def show(self):
        return self.run("capture-pane", "-p", "-J")

    def type(self, text):
        self.run("send-keys", "-l", "--", text)

    def press(self, *keys):
        self.run("send-keys", *keys)

    def stop(self):
        subprocess.run([*self.tmux, "kill-server"], capture_output=True, timeout=DEADLINE, check=False)


START = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SET_UP = {
    "bash": f"PS1='> '; . {SCRIPTS}/runconf.bash",
    "zsh": f"PS1='> '; fpath=({SCRIPTS} $fpath); autoload -Uz compinit; compinit -u -D",
    "fish": f"function fish_prompt; echo '> '; end; source {SCRIPTS}/runconf.fish",
}


@pytest.fixture(params=START)
def terminal(request, shelled):
    need(request.param)
    terminal = Terminal(shelled.folder, shelled.environment | {"LC_ALL": "C.UTF-8"}, START[request.param])
    terminal.shell = request.param
    terminal.type(f"{SET_UP[request.param]}; echo rea''dy\n")
    eventually(lambda: "\nready\n" in terminal.show(), terminal.show)
    yield terminal
    terminal.stop()


def test_tab_completes(terminal, shelled):
    """Each line is finished with one press of the key, and is what it has to be when it is run."""
    noted = shelled.folder / "noted"
    for typed, expected in TYPED.items():
        terminal.press("C-l")
        terminal.type(typed)
        terminal.press("Tab", "Enter")
        eventually(noted.exists, f"nothing was run for {typed}")
        assert noted.read_text().split("\0")[-2] == expected, typed
        noted.unlink()


def test_tab_shows_what_there_is(terminal):
    terminal.press("C-l")
    terminal.type("runconf get /chat/websocket/")
    terminal.press("Tab", "Tab")
    eventually(lambda: "host" in terminal.show() and "port" in terminal.show(), terminal.show())
    # the shells that tell what a candidate means tell the value
    if terminal.shell != "bash":
        eventually(lambda: "8000" in terminal.show(), terminal.show())


def test_tab_without_a_service_shows_nothing(terminal, shelled):
    shelled.service.stop()
    terminal.press("C-l")
    terminal.type("runconf get /chat")
    terminal.press("Tab")
    # the shell shows this letter once the completion has ended
    terminal.type("x")
    eventually(lambda: "/chatx" in terminal.show(), terminal.show)
    rows = [row for row in terminal.show().splitlines() if row.strip() and row.strip() != ">"]
    assert rows == [rows[0]] and rows[0].endswith("runconf get /chatx"), terminal.show()
