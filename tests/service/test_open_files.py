# SPDX-License-Identifier: LGPL-2.1-or-later
"""A file counts when its writer has closed it, whichever file it is and whoever owns it."""

import contextlib
import os

import pytest
from runconf_testing import DEFAULTS, Refusal, Service, closing, eventually

HALF = "chat:\n  websocket: {port: 9000,\n"
REST = "              host: chat.example}\n"


@contextlib.contextmanager
def writing(path, half):
    """Empties a file, writes half a text, and keeps the file open."""
    with path.open("wb", buffering=0) as file:
        file.write(half.encode())
        yield lambda rest: file.write(rest.encode())


def refuse_half(config):
    """Has the files read: Reload waits for a writer for a second, and refuses a file that it keeps open."""
    with pytest.raises(Refusal, match="being written by another process"):
        config.reload()


def test_a_pause_of_the_writer_puts_nothing_aside(config, service):
    config.set("/llm/active", "groq")
    with writing(service.runtime, HALF) as write:
        refuse_half(config)
        assert config.get("/llm/active") == "groq"
        write(REST)
    eventually(lambda: config.get("/chat/websocket/host") == "chat.example", "the whole save")
    assert config.get("/chat/websocket/port") == 9000
    assert service.corrupt_copies() == []
    assert config.state == "ok"


def test_an_empty_file_with_a_writer_is_no_text(config, service):
    config.set("/llm/active", "groq")
    with writing(service.runtime, "") as write:
        refuse_half(config)
        assert config.get("/llm/active") == "groq"
        write("llm: {active: ollama}\n")
    eventually(lambda: config.get("/llm/active") == "ollama", "the save")
    assert service.corrupt_copies() == []


def test_a_valid_beginning_is_not_in_force(config, service):
    config.set("/llm/active", "groq")
    with writing(service.runtime, "chat:\n  websocket: {port: 9000}\n") as write:
        refuse_half(config)
        assert config.get("/chat/websocket/port") == 8000
        write("llm: {active: ollama}\n")
    eventually(lambda: config.get("/llm/active") == "ollama", "the save")


def test_a_valid_text_counts_though_it_stays_open(config, service):
    with writing(service.runtime, "chat:\n  websocket: {port: 9000}\n"):
        eventually(lambda: config.get("/chat/websocket/port") == 9000, "after ten seconds")


def test_a_set_goes_on_and_the_late_text_is_merged(config, service):
    config.set("/llm/active", "groq")
    text = service.runtime.read_text()
    with writing(service.runtime, text + HALF) as write:
        assert config.set("/logging/level", "debug") == 2
        assert config.get("/llm/active") == "groq"
        assert "debug" in service.runtime.read_text()
        write(REST)
    eventually(lambda: config.get("/chat/websocket/port") == 9000, "the late text")
    assert config.get("/logging/level") == "debug"
    assert config.get("/llm/active") == "groq"
    assert service.corrupt_copies() == []


def test_state_names_a_file_that_stays_open(config, service):
    service.expect("it is being written by another process")
    with writing(service.runtime, HALF) as write:
        eventually(lambda: config.state == "degraded", "the state")
        assert f"{service.runtime}: it is being written by another process" in config.state_message
        with pytest.raises(Exception, match="being written by another process"):
            config.reload()
        write(REST)
    eventually(lambda: config.state == "ok", "the end of it")
    assert config.state_message == ""
    assert config.get("/chat/websocket/port") == 9000


@pytest.fixture(params=["own", "foreign"])
def either(request, bus, scratch):
    """A service whose defaults are its own, and one that can't have leases on them."""
    user = "nobody" if request.param == "foreign" else None
    yield from closing(Service(bus, scratch / request.param, user=user))


def test_half_written_defaults_are_not_in_force(either):
    config = either.start()
    with writing(either.defaults, "chat:\n  websocket: {port: 8001}\n") as write:
        refuse_half(config)
        assert config.get("/llm/active") == "openrouter"
        write("llm: {active: groq}\n")
    eventually(lambda: config.get("/llm/active") == "groq", "the defaults")
    assert config.get("/chat/websocket/port") == 8001
    assert config.state == "ok"


def test_half_written_locks_lock_what_they_locked(either):
    either.locks.write_text("/llm\n/logging\n")
    config = either.start()
    with writing(either.locks, "/llm\n") as write:
        for path in ("/logging/level", "/llm/active"):
            with config.refuses("Locked"):
                config.set(path, "debug")
        write("/logging\n/features\n")
    eventually(lambda: not config.describe("/features")["writable"], "the locks")


def test_a_half_written_schema_checks_nothing_yet(either):
    either.schema.write_text("properties: {llm: {properties: {active: {enum: [openrouter]}}}}\n")
    config = either.start()
    with writing(either.schema, "properties: {llm: {properties: {") as write:
        with config.refuses("SchemaViolation"):
            config.set("/llm/active", "groq")
        refuse_half(config)
        assert config.state == "ok"
        write("active: {enum: [groq]}}}}\n")
    eventually(lambda: "groq" in str(config.describe("/llm/active")), "the schema")


def test_a_start_waits_for_the_writer_of_the_defaults(either):
    with writing(either.defaults, "chat: {websocket: {port: 1}}\n") as write:
        either.launch()
        # the daemon has looked at the file once it has made the lock
        eventually((either.var / ".runtime_config.yaml.lock").exists, "the daemon is at work")
        write("llm: {active: groq}\n")
    config = either.client()
    eventually(lambda: answers(config), "it serves")
    assert config.get("/llm/active") == "groq"


def answers(config):
    with contextlib.suppress(Exception):
        return config.state != ""
    return False


def test_a_start_finds_overrides_that_stay_open(config, service):
    service.expect("it is being written by another process")
    config.set("/llm/active", "groq")
    service.stop()
    with writing(service.runtime, HALF) as write:
        config = service.start()
        assert config.get("/llm/active") == "groq"
        write(REST)
    eventually(lambda: config.get("/chat/websocket/port") == 9000, "the whole text")
    assert service.corrupt_copies() == []


def test_files_of_a_package_are_taken_together(config, service):
    """Each is renamed to its name while another one is still being written."""
    with config.signals() as seen:
        with writing(service.locks, "/llm\n"):
            fresh = service.etc / "config.yaml.dpkg-new"
            fresh.write_text(DEFAULTS.replace("openrouter", "groq"))
            os.rename(fresh, service.defaults)
        eventually(lambda: config.get("/llm/active") == "groq", "the defaults")
        eventually(lambda: not config.describe("/llm/active")["writable"], "the locks")
        assert all(change.values.get("/llm/active") in (None, "groq") for change in seen.all())
