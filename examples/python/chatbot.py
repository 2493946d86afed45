#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A chatbot that knows three rules, and follows its configuration while it runs.

It reads lines and answers them, saying which provider, model and temperature it would use. Change
those meanwhile: the next answer has them.
"""

import sys
import threading
import time

import gi

gi.require_version("Runconf", "1")
from gi.repository import Runconf  # noqa: E402

WORD_INTERVAL = 0.02  # seconds between two words of an answer that is streamed


class Bot:
    def __init__(self, config):
        self.config = config
        for path in ("/llm", "/chat/service"):
            watch = config.watch(path)
            threading.Thread(target=self.follow, args=(watch,), daemon=True).start()
        self.settings = self.read_settings(config.get_snapshot())
        self.show_settings()

    def follow(self, watch):
        for change in watch:
            self.settings = self.read_settings(self.config.get_snapshot())
            self.show_settings()

    @staticmethod
    def read_settings(snapshot):
        """Reads from one snapshot, so that the model is the one of this provider."""
        provider = snapshot.get("/llm/active", "nobody")
        path = Runconf.join_path("llm", "providers", provider)
        return {
            "provider": provider,
            "model": snapshot.get_string(path + "/model", "no model"),
            "temperature": snapshot.get_double(path + "/temperature", 0.7),
            "streaming": snapshot.get_boolean("/chat/service/streaming", False),
        }

    def show_settings(self):
        settings = self.settings
        print(f"-- {settings['provider']}, {settings['model']}, "
              f"temperature {settings['temperature']:g}, "
              f"streaming {'on' if settings['streaming'] else 'off'}", flush=True)

    def make_answer(self, line, settings):
        if line.lower().startswith("hello"):
            text = "Hello! What can I do for you?"
        elif line.endswith("?"):
            text = "I know three rules only, but that is a good question."
        else:
            text = f"You said: {line}"
        return (f"{settings['provider']} ({settings['model']}, "
                f"temperature {settings['temperature']:g}): {text}")

    def answer(self, line):
        # one dict is replaced by another, so this one is whole whatever changes meanwhile
        settings = self.settings
        text = self.make_answer(line, settings)
        if not settings["streaming"]:
            print(text, flush=True)
            return
        for number, word in enumerate(text.split(" ")):
            print(" " * (number > 0) + word, end="", flush=True)
            time.sleep(WORD_INTERVAL)
        print(flush=True)


def main():
    try:
        bot = Bot(Runconf.Configuration(bus="session", flags=Runconf.OpenFlags.REQUIRE_SERVICE))
    except Runconf.ConfigError as error:
        sys.exit(str(error))
    for line in sys.stdin:
        if line.strip():
            bot.answer(line.rstrip("\n"))


if __name__ == "__main__":
    main()
