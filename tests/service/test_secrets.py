# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the schema marks with writeOnly is seen by who may read it, and nowhere else."""

import os

import pytest
from gi.repository import GLib
from runconf_testing import FORMATS, Refusal, eventually

SCHEMA = """\
properties:
  llm:
    properties:
      providers:
        additionalProperties: {properties: {api_key: {type: string, minLength: 8, writeOnly: true}}}
  tokens: {writeOnly: true}
"""

SECRET = "hunter2-correct-horse"
OTHER = "hunter3-battery-staple"


@pytest.fixture
def config(service):
    """A client of a daemon with one secret among the overrides."""
    service.schema.write_text(SCHEMA)
    client = service.start()
    client.set("/llm/providers/groq", {"model": "m", "api_key": SECRET})
    return client


def test_get_is_for_who_may_read_it(config, service):
    assert config.get("/llm/providers/groq/api_key") == SECRET
    other = service.client(user="nobody")
    with other.refuses("AccessDenied", "secret"):
        other.get("/llm/providers/groq/api_key")
    with other.refuses("AccessDenied"):
        other.list("/tokens")


def test_the_user_of_the_service_may_read_it(unprivileged):
    unprivileged.schema.write_text(SCHEMA)
    config = unprivileged.start()
    config.set("/tokens/a", SECRET)
    assert unprivileged.client(user="nobody").get("/tokens/a") == SECRET
    with pytest.raises(Refusal) as caught:
        unprivileged.client(user="daemon").get("/tokens/a")
    assert caught.value.kind == "AccessDenied"


SECRET_PATH = "/llm/providers/groq/api_key"

# each write, and the value of the secret afterwards; None for no value
REPLACING = {
    "set of a mapping": (lambda c: c.set("/llm/providers/groq", {"api_key": OTHER}), OTHER),
    "set of a mapping without it": (lambda c: c.set("/llm/providers/groq", {"model": "n"}), None),
    "merge": (lambda c: c.merge({"llm": {"providers": {"groq": {"api_key": OTHER}}}}), OTHER),
    "merge of null": (lambda c: c.merge({"llm": {"providers": {"groq": None}}}), None),
    "reset of a parent": (lambda c: c.reset("/llm/providers"), None),
    "text": (lambda c: c.replace_text(f"llm: {{providers: {{groq: {{api_key: {OTHER}}}}}}}"), OTHER),
    "text without it": (lambda c: c.replace_text("a: 1"), None),
}


@pytest.mark.parametrize("write", REPLACING)
def test_a_write_of_the_whole_also_changes_it(config, write):
    make, expected = REPLACING[write]
    make(config)
    if expected is not None:
        assert config.get(SECRET_PATH) == expected
    else:
        with config.refuses("NotFound"):
            config.get(SECRET_PATH)


def test_what_is_around_it_leaves_it_out(config, service):
    for client in (config, service.client(user="nobody")):
        assert client.get("/llm/providers/groq") == {"model": "m"}
        assert client.list("/llm/providers/groq") == ["model"]
        assert SECRET not in client.get_variant("").print_(True)
        words = client.describe("/llm/providers")
        assert words["hidden"] == ["/llm/providers/groq/api_key"]
        words = client.describe("/llm/providers/groq/api_key")
        assert words["secret"] and "value" not in words and "default" not in words


def secrets_of(client, path=""):
    entries = client.explain(path, secrets=True)
    assert all("value" not in entry for entry in entries)
    return [(entry["path"], entry["layer"]) for entry in entries]


def test_explain_names_all_secrets(config, service):
    config.set("/llm/providers/x", {"api_key": OTHER})
    config.set("/tokens", {"a": [OTHER], "b": OTHER})
    found = [("/llm/providers/groq/api_key", "override"), ("/llm/providers/x/api_key", "override"),
             ("/tokens", "override")]
    for client in (config, service.client(user="nobody")):
        assert secrets_of(client) == found
        assert secrets_of(client, "/llm/providers/x") == found[1:2]
        assert secrets_of(client, "/tokens") == found[2:]
        assert secrets_of(client, "/llm/providers/groq/model") == secrets_of(client, "/no") == []
        assert SECRET not in str(client.explain(secrets=True)) and OTHER not in str(client.explain(secrets=True))
    config.reset("/llm/providers/groq")
    assert secrets_of(config) == found[1:]


def test_explain_names_the_secrets_of_a_large_configuration(service):
    """A configuration that is too large for one reply may have few secrets."""
    service.schema.write_text(SCHEMA)
    service.defaults.write_text("tokens: hidden\nlarge: [" + "a, " * 150_000 + "a]\n")
    config = service.start()
    with config.refuses("TooLarge"):
        config.describe("")
    for client in (config, service.client(user="nobody")):
        assert secrets_of(client) == [("/tokens", "vendor")]


def test_explain_counts_the_secrets(service):
    service.schema.write_text("additionalProperties: {writeOnly: true}")
    service.defaults.write_text("".join(f"key{number}: a\n" for number in range(10_001)))
    config = service.start()
    assert len(secrets_of(config)) == 10_001
    with service.client(user="nobody").refuses("TooLarge"):
        service.client(user="nobody").explain(secrets=True)


def test_it_is_nowhere(config, service):
    """In no signal, file of ours, log, dump, message or state."""
    with config.signals() as seen:
        version = config.set("/llm/providers/groq/api_key", OTHER)
        config.set("/marker", 1)
        assert [change.paths for change in seen.all()] == [["/marker"]]
    assert version == 2
    for layer in ("effective", "overrides", "defaults"):
        for form in ("yaml", "json"):
            assert OTHER not in config.dump("", layer, form)
    history = config.history()
    assert history[1]["version"] == 2 and history[1]["changes"] == []
    assert OTHER not in str(history) and SECRET not in str(history)
    assert OTHER not in config.dump("", "overrides", "yaml", version=2)
    assert OTHER not in str(config.diff(0, 3))
    assert OTHER in service.runtime.read_text()

    with config.refuses("SchemaViolation", "api_key"):
        config.set("/llm/providers/groq/api_key", "short77")
    service.expect("api_key")
    service.runtime.write_text(service.runtime.read_text().replace(OTHER, "short78"))
    eventually(lambda: config.state == "degraded")
    assert "short78" not in config.state_message

    service.stop()
    for path in service.var.iterdir():
        if path != service.runtime:
            data = path.read_bytes()
            for word in (SECRET, OTHER, "short77", "short78"):
                assert word.encode() not in data, f"{word} is in {path.name}"
    for word in (SECRET, OTHER, "short77", "short78"):
        assert word not in service.log()


def read_arena(config):
    """The bytes of the shared memory that a new reader gets."""
    _, descriptors = config.caller.connection.call_with_unix_fd_list_sync(
        "org.runconf.Config1", config.path, "org.runconf.Config1", "OpenSnapshot",
        GLib.Variant("(au)", (FORMATS,)), None, 0, 20000, None, None)
    descriptor = descriptors.get(0)
    data = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    os.close(descriptor)
    return data


def test_it_is_not_in_the_arena(config, service):
    assert b"openrouter" in read_arena(config) and SECRET.encode() not in read_arena(config)
    config.set("/llm/providers/groq/api_key", OTHER)
    config.set("/llm/active", "another-one")
    assert b"another-one" in read_arena(config) and OTHER.encode() not in read_arena(config)


def test_a_path_that_becomes_a_secret_leaves_the_arena(service):
    """Values of before are in an arena too, since it is only appended to."""
    config = service.start()
    read_arena(config)
    config.set("/tokens/a", OTHER)
    config.set("/tokens/a", SECRET)
    assert SECRET.encode() in read_arena(config) and OTHER.encode() in read_arena(config)
    with config.signals() as seen:
        service.schema.write_text(SCHEMA)
        seen.wait()
    for _ in range(2):
        data = read_arena(config)
        assert SECRET.encode() not in data and OTHER.encode() not in data
        config.set("/llm/active", "another-one")
    # a value that was a secret is told again when it is none any more
    with config.signals() as seen:
        service.schema.unlink()
        seen.wait()
    assert SECRET.encode() in read_arena(config)


BROKEN = ["!{}", "*{}", "{{{0}: 1, {0}: 2}}", '"{}\\q"', "'{}", "[{}", "|{}", "@{}", "%{}"]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_text_tells_nothing_of_it(config, service, text):
    """Where a text can't be read, no message quotes it: a part of it may be a secret."""
    broken = "llm:\n  providers:\n    groq:\n      api_key: " + text.format("Tr0ub4dor3") + "\n"
    for call in (lambda: config.merge_text(broken), lambda: config.replace_text(broken)):
        with pytest.raises(Refusal) as refused:
            call()
        assert refused.value.kind == "InvalidValue"
        assert "text:" in refused.value.message and "Tr0ub4dor3" not in refused.value.message
    service.runtime.write_text(broken)
    service.expect("is kept as")
    eventually(lambda: config.state == "recovered")
    assert "Tr0ub4dor3" not in config.state_message + service.log()


def test_dump_of_the_text(config, service):
    assert SECRET in config.dump("", "overrides", "yaml", secrets=True)
    assert config.dump("", "overrides", "yaml", secrets=True) == service.runtime.read_text()
    assert SECRET in config.dump("", "effective", "json", secrets=True)
    other = service.client(user="nobody")
    with other.refuses("AccessDenied", "secrets"):
        other.dump("", "overrides", "yaml", secrets=True)


def test_save_leaves_it_as_it_is(config):
    config.save(config.get())
    assert config.get("/llm/providers/groq/api_key") == SECRET
    without = config.get()
    del without["llm"]["providers"]
    without["logging"]["level"] = "debug"
    assert set(config.save(without).changed) == {
        "/llm/providers/groq", "/llm/providers/groq/model", "/logging/level"}
    assert config.get("/llm/providers/groq/api_key") == SECRET
    named = config.get()
    named["llm"]["providers"]["groq"]["api_key"] = OTHER
    assert config.save(named).changed == []
    assert config.get("/llm/providers/groq/api_key") == OTHER


def test_revert_leaves_it_as_it_is(config):
    config.set("/llm/active", "groq")
    config.set("/llm/providers/groq/api_key", OTHER)
    config.set("/llm/providers/groq/model", "n")
    config.revert(1)
    assert config.get("/llm/providers/groq") == {"model": "m"}
    assert config.get("/llm/providers/groq/api_key") == OTHER
    config.revert(0)
    assert config.get("/llm/providers/groq/api_key") == OTHER


def test_confirm_and_secrets(config):
    with config.refuses("InvalidValue", "secret", "confirm-timeout"):
        config.apply(("set", "/llm/providers/groq/api_key", OTHER), confirm_timeout=60)
    version = config.apply(("set", "/llm/providers/groq/model", "n"), confirm_timeout=1).version
    config.set("/llm/providers/groq/api_key", OTHER)
    eventually(lambda: config.version == version + 2)
    assert config.get("/llm/providers/groq/model") == "m"
    assert config.get("/llm/providers/groq/api_key") == OTHER


def test_a_new_mark_hides_at_once(service):
    config = service.start()
    config.set("/tokens/a", SECRET)
    with config.signals() as seen:
        service.schema.write_text(SCHEMA)
        change = seen.wait()
        assert (change.paths, change.values) == (["/tokens/a"], {})
    assert "tokens" not in config.get()
    assert SECRET not in str(config.history()) and SECRET not in str(config.diff(0, 2))
    assert config.get("/tokens/a") == SECRET
