# SPDX-License-Identifier: LGPL-2.1-or-later
"""Work on files without a service, and that it is the same work."""

import os
import re
import shutil
import stat
import subprocess

import pytest

from command_testing import FAILED, REFUSED, Offline, Online
from runconf_testing import DEADLINE, DBusDaemon, Service, require_root

STORY = [
    (["get", "/llm/active"], None),
    (["set", "/llm/active", "groq", "-m", "a reason"], None),
    (["set", "/llm/active", "groq", "--changed"], None),
    (["set", "/llm/active", "openrouter"], None),
    (["set", "/llm/active/x", "1"], None),
    (["merge", "{llm: {temperature: 0.1}, new: {deep: [1, 2]}}"], None),
    (["merge", "--at", "/chat", "-"], "websocket: {port: 9000}"),
    (["merge", "llm: {temperature: hot}"], None),
    (["set", "/features", "[]"], None),
    (["set", "--string", "/llm/key", "hush"], None),
    (["get", "/llm/key"], None),
    (["get", "/llm"], None),
    (["list"], None),
    (["list", "-r", "/llm"], None),
    (["tree"], None),
    (["--json", "tree", "/llm"], None),
    (["--json", "describe", "/llm/temperature"], None),
    (["describe", "/chat/websocket/port"], None),
    (["get", "/llm/activ"], None),
    (["diff"], None),
    (["diff", "1", "2"], None),
    (["diff", "99"], None),
    (["dump"], None),
    (["--json", "dump", "-l", "defaults"], None),
    (["dump", "-l", "overrides", "/new"], None),
    (["dump", "--version", "1"], None),
    (["--json", "dump", "--secrets", "/llm"], None),
    (["reset", "/new"], None),
    (["reset", "/new"], None),
    (["history"], None),
    (["--json", "history", "/llm"], None),
    (["revert", "1", "--dry-run"], None),
    (["revert", "1"], None),
    (["load", "-"], "llm: {active: groq}\nlogging: {level: debug}\n"),
    (["load", "--overrides", "-"], "# ours\nllm: {active: openai}  # so\n"),
    (["load", "--overrides", "-", "--changed"], "# ours\nllm: {active: openai}  # so\n"),
    (["load", "-"], "llm: [broken"),
    (["set", "/llm/active", "groq", "--if-version", "1"], None),
    (["set", "/llm/active", "groq", "--confirm-timeout", "1h"], None),
    (["confirm", "10"], None),
    (["confirm", "10"], None),
    (["status"], None),
    (["--json", "status"], None),
    (["configurations"], None),
    (["dump", "-l", "overrides"], None),
]

RULES = """\
properties:
  llm:
    properties:
      temperature: {type: number, title: Temperature}
      key: {type: string, writeOnly: true}
"""


def tell(command, folder):
    """What the story says from its beginning to its end, without what has to differ."""
    command.service.schema.write_text(RULES)
    command.service.locks.write_text("/features\n")
    told = []
    for line, text in STORY:
        command.prepare()
        done = subprocess.run(command.line(line), input=text, text=True, capture_output=True,
                              env=command.environment, cwd=command.folder, check=False)
        answer = done.stdout + done.stderr
        answer = answer.replace(str(folder), "FOLDER")
        answer = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", answer)
        answer = re.sub(r"\b\d{10}\.\d+", "SECONDS", re.sub(r"\b\d{16}\b", "MICROSECONDS", answer))
        answer = re.sub(r'\n *"caller": ".*",', "", answer)
        told.append((line, done.returncode, answer))
    return told


def test_the_same_story(bus, scratch):
    """Line by line the same answers, the same exit statuses, and in the end the same file."""
    services = [Service(bus, scratch / name) for name in ("one", "two")]
    online, offline = Online(services[0]), Offline(services[1])
    try:
        there = tell(online, services[0].folder)
        here = tell(offline, services[1].folder)
    finally:
        services[0].close()
    for one, other in zip(there, here):
        assert one == other
    assert {status for _, status, _ in here} == {0, 1, 3, 5, 6}


def test_handed_over(online, offline):
    """What is done without the service it goes on with, and the other way round."""
    offline("set", "/llm/active", "groq")
    assert online("get", "/llm/active") == "groq\n"
    online("set", "/llm/temperature", "0.1")
    online.service.stop()
    online.service.process = None
    assert offline("get", "/llm/temperature") == "0.1\n"
    assert [entry["version"] for entry in offline.json("history")] == [2, 1]


def test_a_file_that_is_served(online, offline):
    online("set", "/llm/active", "groq")
    before = online.service.snapshot()
    for line in (["get"], ["set", "/llm/active", "openai"], ["status"], ["load", "-"]):
        offline.fails(FAILED, *line, text="a: 1",
                      words=[str(offline.service.runtime), f"pid {online.service.process.pid}",
                             "leave --offline out"])
    assert online.service.snapshot() == before
    assert online("get", "/llm/active") == "groq\n"


def test_nobody_serves_it_meanwhile(offline):
    """A service that starts while the command works is refused, and does no harm."""
    process = subprocess.Popen(offline.line(["merge", "-"]), env=offline.environment,
                               cwd=offline.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.communicate(b"llm: {active: groq}\n", timeout=20)
    assert process.returncode == 0


def test_a_broken_file_is_told(offline):
    offline("set", "/llm/active", "groq")
    offline.service.runtime.write_text("llm: {active: [\n")
    assert offline("get", "/llm/active") == "openrouter\n"
    assert "runtime_config.yaml:2:" in offline.complaint and ".corrupt-" in offline.complaint
    assert offline.complaint.startswith("runconf: ")
    assert len(offline.service.corrupt_copies()) == 1
    assert offline("get", "/llm/active") == "openrouter\n" and offline.complaint == ""


def test_an_edit_by_hand_counts(offline):
    offline("set", "/llm/active", "groq")
    text = offline.service.runtime.read_text()
    offline.service.runtime.write_text(text.replace("groq", "openai  # by hand"))
    assert offline("get", "/llm/active") == "openai\n"
    offline("set", "/llm/temperature", "0.1")
    assert "# by hand" in offline.service.runtime.read_text()
    assert [entry["origin"] for entry in offline.json("history")] == ["apply", "file", "apply"]


def test_where_the_defaults_are(offline):
    folder = offline.folder / "somewhere"
    folder.mkdir()
    shutil.copy(offline.service.defaults, folder / "config.yaml")
    # beside the overrides
    offline.options = ["--offline", "somewhere/runtime_config.yaml"]
    assert offline("set", "/llm/active", "groq") == "changed /llm/active (version 1)\n"
    # where the overrides say
    (folder / "config.yaml").rename(folder / "defaults.yaml")
    offline.fails(FAILED, "get", words=["config.yaml", "no such file"])
    file = folder / "runtime_config.yaml"
    file.write_text(file.read_text().replace("/config.yaml", "/defaults.yaml"))
    assert offline("get", "/llm/temperature") == "0.7\n"
    # where the command line says
    other = offline.folder / "other.yaml"
    other.write_text("llm: {temperature: 1}\n")
    offline.options += ["--defaults", "other.yaml"]
    assert offline("get", "/llm/temperature") == "1\n"
    assert offline("get", "/llm/active") == "groq\n"


def test_no_defaults(offline):
    offline.options = ["--offline", "nowhere/runtime_config.yaml"]
    offline.fails(FAILED, "get", words=["nowhere/config.yaml"])
    offline.options = ["--offline", "x.yaml", "--defaults", "none.yaml"]
    offline.fails(FAILED, "set", "/a", "1", words=["none.yaml"])
    assert not (offline.folder / "x.yaml").exists()


@pytest.fixture
def image(offline):
    """The files of another system, with two folders of defaults and a lock."""
    root = offline.folder / "image"
    for name, text in {
        "usr/share/runconf/chatbot/config.yaml": "a: 1\nb: {c: 2}\nlocked: 1\n",
        "usr/share/runconf/chatbot/config.d/10-more.yaml": "b: {d: 3}\n",
        "etc/runconf/chatbot/locks": "/locked\n",
        "etc/runconf/chatbot/config.d/20-site.yaml": "b: {c: 20}\n",
        "usr/share/runconf/other/config.yaml": "other: 1\n",
    }.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    state = root / "var/lib/runconf"
    state.mkdir(parents=True)
    offline.options = ["--offline", str(state / "chatbot/runtime_config.yaml")]
    return offline


def test_an_image(image):
    assert image.json("get") == {"a": 1, "b": {"c": 20, "d": 3}, "locked": 1}
    assert image("set", "/a", "2") == "changed /a (version 1)\n"
    image.fails(REFUSED, "set", "/locked", "2", words=["/locked", "etc/runconf/chatbot/locks"])
    assert image.json("status")["name"] == "chatbot"
    assert [each["name"] for each in image.json("configurations")] == ["chatbot"]


def test_an_image_without_the_configuration(image):
    image.options[1] = image.options[1].replace("chatbot", "none")
    image.fails(FAILED, "get", words=["“none”", "etc/runconf"])


def test_files_belong_to_whose_folder_it_is(image):
    require_root()
    state = image.folder / "image/var/lib/runconf"
    shutil.chown(state, "nobody", "nogroup")
    # where the build folder is closed, its daemon couldn't be run by anybody else
    image.environment["RUNCONF_DAEMON"] = shutil.copy(
        os.environ["RUNCONF_DAEMON"], image.folder / "runconfd")
    image("set", "/a", "2")
    owner = state.stat().st_uid
    found = [state / "chatbot", *(state / "chatbot").iterdir()]
    assert len(found) > 3 and {path.stat().st_uid for path in found} == {owner}
    assert stat.S_IMODE((state / "chatbot/runtime_config.yaml").stat().st_mode) & 0o007 == 0
    assert image("get", "/a") == "2\n"


def test_no_daemon(offline):
    offline.fails(FAILED, "get", RUNCONF_DAEMON="/nonexistent/runconfd",
                  words=["/nonexistent/runconfd"])
    offline.fails(FAILED, "get", RUNCONF_DAEMON="/bin/true", words=["/bin/true"])
    offline.fails(FAILED, "get", RUNCONF_DAEMON="/bin/false", words=["/bin/false"])


def test_debug_output_is_no_answer(offline):
    assert offline("get", "/llm/active", G_MESSAGES_DEBUG="all") == "openrouter\n"


def test_nothing_is_left_running(offline):
    offline("set", "/llm/active", "groq")
    offline.fails(1, "set", "/llm/active/x", "1")
    lock = offline.service.var / ".runtime_config.yaml.lock"
    subprocess.run(["flock", "--timeout", str(DEADLINE), str(lock), "true"], check=True)


def test_it_needs_no_bus(service):
    assert isinstance(service.bus, DBusDaemon)
    offline = Offline(service)
    offline.environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent"
    assert offline("get", "/llm/active") == "openrouter\n"
