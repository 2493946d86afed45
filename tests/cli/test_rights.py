# SPDX-License-Identifier: LGPL-2.1-or-later
"""Schema, locks and secrets, as the command meets them."""

import pytest

from command_testing import DENIED, REFUSED
from runconf_testing import require_root

SCHEMA = """\
properties:
  llm:
    properties:
      active: {type: string, enum: [openrouter, groq, openai]}
      temperature: {type: number, maximum: 2}
      key: {type: string, writeOnly: true}
  chat: {properties: {websocket: {properties: {host: {readOnly: true}}}}}
"""


@pytest.fixture
def ruled(cli):
    cli.service.schema.write_text(SCHEMA)
    cli.service.locks.write_text("/features\n")
    return cli


def test_what_the_schema_does_not_allow(ruled):
    lines = ruled.fails(REFUSED, "set", "/llm/temperature", "3", "/llm/active", "nobody")
    told = sorted(line.split(": ")[1] for line in lines)
    assert told == ["/llm/active", "/llm/temperature"]
    ruled.fails(REFUSED, "merge", "llm: {temperature: warm}", words=["/llm/temperature"])
    ruled.fails(REFUSED, "load", "-", text="llm: {temperature: 3}", words=["/llm/temperature"])
    ruled.fails(REFUSED, "load", "--overrides", "-", text="llm: {temperature: 3}",
                words=["/llm/temperature"])
    assert ruled.json("get", "/llm/temperature") == 0.7


def test_what_is_locked(ruled):
    ruled.fails(REFUSED, "set", "/features", "[]", words=["/features", "locks"])
    ruled.fails(REFUSED, "set", "/chat/websocket/host", "x", words=["/chat/websocket/host"])
    ruled.fails(REFUSED, "merge", "features: [a]", words=["/features"])
    assert ruled.json("describe", "/features")["source"] == "locked"
    assert ruled.json("describe", "/features")["writable"] is False


def test_secrets(ruled):
    assert ruled("set", "--string", "/llm/key", "hush") \
        == "changed the overrides, and no value (version 1)\n"
    assert ruled("get", "/llm/key") == "hush\n"
    for line in (["get", "/llm"], ["tree"], ["list", "-r"], ["dump"], ["dump", "-l", "overrides"],
                 ["history"], ["describe", "/llm/key"], ["diff"], ["status"]):
        assert "hush" not in ruled(*line), line
        assert "hush" not in ruled("--json", *line), line
    assert "hush" in ruled("dump", "--secrets")
    assert "Secret:" in ruled("describe", "/llm/key")
    assert ruled.json("describe", "/llm")["hidden"] == ["/llm/key"]


def test_secrets_of_another_user(online):
    require_root()
    online.service.schema.write_text(SCHEMA)
    online("set", "--string", "/llm/key", "hush")
    other = online.as_user("nobody")
    other.fails(DENIED, "get", "/llm/key", words=["secrets"])
    other.fails(DENIED, "dump", "--secrets")
    assert "hush" not in other("dump")
    assert "writable: false" in other("--json", "describe", "/llm/active").replace('"', "")
