#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shows what a program does with its configuration while it runs.

    ./dev serve                                          # in one terminal
    examples/python/example_runtime_config_usage.py      # in another, on the bus that it names
"""

import datetime

import gi

gi.require_version("Runconf", "1")
from gi.repository import Runconf  # noqa: E402

from configuration import Configuration  # noqa: E402


def heading(text):
    print(f"\n== {text}")


def show_initial_load(configuration):
    heading("Initial load")
    llm = configuration.get_llm_config()
    websocket = configuration.get_websocket_config()
    print(f"listening on {websocket['host']}:{websocket['port']}{websocket['path']}")
    print(f"answering with {llm['name']}, {llm['model']}, temperature {llm['temperature']}")


def show_runtime_change(configuration):
    heading("A change while it runs")
    config = configuration.get_config_dict()
    config["chat"]["websocket"]["port"] = 9000
    configuration.save_runtime_config(config)
    print(f"the port is now {configuration.get_websocket_config()['port']}")
    print(f"stored: {configuration._runtime_config['chat']}")


def show_reload_detection(configuration):
    heading("Seeing what another program changed")
    print(f"anything new? {configuration.reload_runtime_config()}")
    another = Configuration()
    config = another.get_config_dict()
    config["llm"]["active"] = "groq"
    another.save_runtime_config(config)
    print(f"another program chose {another.get_llm_config()['name']}; "
          f"anything new? {configuration.reload_runtime_config()}")
    print(f"and again? {configuration.reload_runtime_config()}")


def show_partial_update(configuration):
    heading("A partial update")
    patch = {"llm": {"providers": {"groq": {"temperature": 0.25}}}}
    merged = configuration._deep_merge(configuration.get_config_dict(), patch)
    configuration.save_runtime_config(merged)
    llm = configuration.get_llm_config()
    print(f"{llm['name']} has temperature {llm['temperature']}, and still model {llm['model']}")


def show_own_words(config):
    heading("The same with the library's own words")
    config["chat"]["websocket"]["port"] = 9001
    config.merge_sync({"logging": {"level": "debug"}})
    with config.transaction(message="try the local model") as transaction:
        transaction.set("/llm/active", "ollama")
        transaction.set("/llm/request/timeout", 300.0)
    print(f"one change, version {transaction.version}: {', '.join(transaction.changed)}")
    del config["chat"]["websocket"]["port"]
    print(f"the port is {config['chat']['websocket']['port']} again")


def show_metadata(configuration):
    heading("Metadata")
    metadata = configuration.get_runtime_metadata()
    when = datetime.datetime.fromtimestamp(metadata["last_modified"])
    print(f"version {metadata['version']}, last modified {when:%Y-%m-%d %H:%M:%S}")
    print(f"defaults from {metadata['default_config_path']}")


def main():
    configuration = Configuration()
    before = configuration.get_config_dict()
    try:
        show_initial_load(configuration)
        show_runtime_change(configuration)
        show_reload_detection(configuration)
        show_partial_update(configuration)
        show_own_words(Runconf.Configuration(bus="session"))
        show_metadata(configuration)
    finally:
        configuration.save_runtime_config(before)


if __name__ == "__main__":
    main()
