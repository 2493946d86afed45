# SPDX-License-Identifier: LGPL-2.1-or-later
"""The class for programs that were written for a configuration in files, and the tour of it."""

import copy
import subprocess
import sys

import pytest
import yaml
from runconf_testing import DEADLINE, ROOT

EXAMPLES = ROOT / "examples" / "python"
SAMPLE = yaml.safe_load((ROOT / "config.yaml").read_text())

sys.path.insert(0, str(EXAMPLES))

from configuration import Configuration  # noqa: E402


@pytest.fixture
def other(service):
    """A client of a daemon on the sample configuration."""
    service.defaults.write_bytes((ROOT / "config.yaml").read_bytes())
    return service.start()


@pytest.fixture
def configuration(service, other):
    return Configuration(bus=service.bus.address)


def test_the_parts(configuration):
    assert configuration.get_config_dict() == SAMPLE
    assert configuration.get_websocket_config() == SAMPLE["chat"]["websocket"]
    assert configuration.get_chat_service_config() == SAMPLE["chat"]["service"]
    assert configuration.get_chat_storage_config() == SAMPLE["chat"]["storage"]
    assert configuration.get_logging_config() == SAMPLE["logging"]
    assert configuration.get_mcp_connection_config() == SAMPLE["mcp"]["connection"]
    llm = configuration.get_llm_config()
    assert llm["name"] == "openrouter"
    assert llm["model"] == "openai/gpt-4o-mini"
    assert llm["request"] == SAMPLE["llm"]["request"]


def test_the_active_provider_is_followed(configuration, other):
    other.set("/llm/active", "ollama")
    llm = configuration.get_llm_config()
    assert (llm["name"], llm["model"], llm["api_key_env"]) == ("ollama", "llama3.1", None)
    other.set("/llm/active", "nobody")
    with pytest.raises(ValueError, match="'nobody'.*openrouter, openai, groq, ollama"):
        configuration.get_llm_config()


def test_save(configuration, other):
    config = configuration.get_config_dict()
    config["chat"]["websocket"]["port"] = 9000
    # a program may hand back the metadata that it found in its own file
    config["_runtime_config"] = {"version": 3}
    configuration.save_runtime_config(config)
    assert configuration.get_websocket_config()["port"] == 9000
    assert other.overrides() == {"chat": {"websocket": {"port": 9000}}}
    assert "_runtime_config" in config


def test_runtime_config_is_what_the_file_holds(configuration, other, service):
    other.set("/chat/websocket/port", 9000)
    runtime = configuration._runtime_config
    assert runtime["chat"] == {"websocket": {"port": 9000}}
    stored = yaml.safe_load(service.runtime.read_text())
    assert runtime["_runtime_config"] == pytest.approx(stored["_runtime_config"])
    assert runtime["_runtime_config"] == configuration.get_runtime_metadata()


def test_reload_tells_once_what_others_changed(configuration, other, service):
    assert configuration.reload_runtime_config() is False
    other.set("/llm/active", "groq")
    assert configuration.reload_runtime_config() is True
    assert configuration.reload_runtime_config() is False
    service.runtime.write_text(service.runtime.read_text().replace("groq", "ollama"))
    assert configuration.reload_runtime_config() is True
    assert configuration.get_llm_config()["name"] == "ollama"
    assert configuration.reload_runtime_config() is False


def test_reload_is_silent_about_own_saves(configuration):
    config = configuration.get_config_dict()
    config["llm"]["active"] = "groq"
    configuration.save_runtime_config(config)
    assert configuration.reload_runtime_config() is False


@pytest.mark.parametrize("a, b, merged", [
    ({}, {}, {}),
    ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
    ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
    ({"a": {"b": 1}}, {"a": 2}, {"a": 2}),
    ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
    ({"a": 1}, {"a": None}, {"a": None}),
])
def test_deep_merge(configuration, a, b, merged):
    before = copy.deepcopy((a, b))
    assert configuration._deep_merge(a, b) == merged
    assert Configuration._deep_merge(a, b) == merged
    assert (a, b) == before


def test_the_tour(service, other):
    other.set("/logging/level", "warning")
    before = other.get()
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "example_runtime_config_usage.py")],
        env={**service.bus.environment, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE, text=True, timeout=DEADLINE, check=True,
    )
    for line in (
        "listening on localhost:8000/ws/chat",
        "answering with openrouter, openai/gpt-4o-mini, temperature 0.7",
        "the port is now 9000",
        "anything new? False",
        "another program chose groq; anything new? True",
        "and again? False",
        "groq has temperature 0.25, and still model llama-3.3-70b-versatile",
        "the port is 8000 again",
        f"defaults from {service.defaults}",
    ):
        assert line in done.stdout.splitlines(), done.stdout
    assert other.get() == before
