# SPDX-License-Identifier: LGPL-2.1-or-later
"""The chatbots react while they run, all in the same way. RUNCONF_CHATBOT starts one."""

import os
import shlex
import subprocess
import threading

import pytest
from runconf_testing import DEADLINE, ROOT


class Chat:
    """A chatbot that is talked to."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(command, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.limit = threading.Timer(DEADLINE, self.process.kill)
        self.limit.start()

    def read(self):
        return self.process.stdout.readline().rstrip("\n")

    def say(self, line):
        print(line, file=self.process.stdin, flush=True)
        return self.read()

    def end(self):
        self.process.stdin.close()
        rest = self.process.stdout.read()
        status = self.process.wait()
        self.limit.cancel()
        return status, rest


@pytest.fixture
def chat(service):
    service.defaults.write_bytes((ROOT / "config.yaml").read_bytes())
    config = service.start()
    chat = Chat(shlex.split(os.environ["RUNCONF_CHATBOT"]), service.bus.environment)
    chat.config = config
    yield chat
    chat.process.kill()
    chat.end()


def test_reacts_while_it_runs(chat):
    assert chat.read() == "-- openrouter, openai/gpt-4o-mini, temperature 0.7, streaming on"
    assert chat.say("hello") == ("openrouter (openai/gpt-4o-mini, temperature 0.7): "
                                 "Hello! What can I do for you?")
    assert chat.say("\nwhat now?").endswith("but that is a good question.")

    chat.config.merge({"llm": {"active": "groq", "providers": {"groq": {"temperature": 0.25}}}})
    assert chat.read() == "-- groq, llama-3.3-70b-versatile, temperature 0.25, streaming on"
    chat.config.set("/chat/service/streaming", False)
    assert chat.read() == "-- groq, llama-3.3-70b-versatile, temperature 0.25, streaming off"
    assert chat.say("the weather") == ("groq (llama-3.3-70b-versatile, temperature 0.25): "
                                       "You said: the weather")

    # what it doesn't watch, it isn't woken for
    chat.config.set("/logging/level", "debug")
    chat.config.set("/llm/providers/a~1b", {"model": "new", "temperature": 1})
    assert chat.read() == "-- groq, llama-3.3-70b-versatile, temperature 0.25, streaming off"
    chat.config.set("/llm/active", "a/b")
    assert chat.read() == "-- a/b, new, temperature 1, streaming off"
    assert chat.end() == (0, "")


def test_says_that_there_is_no_service(bus):
    done = subprocess.run(shlex.split(os.environ["RUNCONF_CHATBOT"]), env=bus.environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=DEADLINE)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
