# SPDX-License-Identifier: LGPL-2.1-or-later
"""The overrides' file while people and the daemon both write it: what its author wrote stays."""

import grp
import os
import pwd
import shutil

import pytest
import yaml

from runconf_testing import Refusal, daemon_path, eventually, require_root

TEXT = """\
# how we run it
chat:
    websocket:
        # the proxy's port
        port: 9000   # ops-17
        host: 'chat.example'

features: [search, "browse"]  # ours
# the end
"""


def write_by_hand(service, text=TEXT):
    config = service.start()
    service.runtime.write_text(text)
    eventually(lambda: config.get("/chat/websocket/port") == 9000, "the text of the hand")
    return config


def without_metadata(text):
    """The lines of a text but for those that the daemon keeps in it."""
    lines = text.splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.startswith("_runconf") or
                 line.startswith("_runtime_config"))
    end = start + 1
    while end < len(lines) and lines[end].startswith(" "):
        end += 1
    return "".join(lines[:start] + lines[end:])


def test_a_set_changes_its_line_alone(service):
    config = write_by_hand(service)
    config.set("/chat/websocket/port", 9001)
    assert without_metadata(service.runtime.read_text()) == TEXT.replace("9000", "9001")


def test_a_new_key_has_the_indentation_of_its_mapping(service):
    config = write_by_hand(service)
    config.set("/chat/websocket/path", "/ws")
    expected = TEXT.replace("'chat.example'\n", "'chat.example'\n        path: /ws\n")
    assert without_metadata(service.runtime.read_text()) == expected


def test_a_reset_takes_the_line_and_its_comment(service):
    config = write_by_hand(service)
    config.reset("/chat/websocket/port")
    expected = TEXT.replace("        port: 9000   # ops-17\n", "")
    assert without_metadata(service.runtime.read_text()) == expected


def test_a_merge_and_a_list_in_brackets(service):
    config = write_by_hand(service)
    config.merge({"features": ["search", "browse", "code"], "llm": {"active": "groq"}})
    text = service.runtime.read_text()
    assert 'features: [search, "browse", code]  # ours\n' in text
    assert "llm:\n    active: groq\n" in text
    assert all(line in text for line in TEXT.splitlines() if "features" not in line)


def test_crlf_and_a_byte_order_mark_stay(service):
    config = service.start()
    text = "\ufeff# windows\r\nchat:\r\n  websocket:\r\n    port: 9000 # ü\r\n"
    service.runtime.write_bytes(text.encode())
    eventually(lambda: config.get("/chat/websocket/port") == 9000, "the text of the hand")
    config.set("/chat/websocket/port", 9001)
    written = service.runtime.read_bytes().decode()
    assert written.startswith(text.replace("9000", "9001"))
    assert "\n" not in written.replace("\r\n", "")


def test_a_replaced_text_is_stored_as_it_is(config, service):
    config.replace_text(TEXT)
    assert without_metadata(service.runtime.read_text()) == TEXT


def test_a_write_into_a_file_that_was_replaced_is_merged(service):
    config = write_by_hand(service)
    config.set("/llm/active", "groq")
    with service.runtime.open("r+b", buffering=0) as file:
        text = file.read()
        config.set("/llm/active", "ollama")
        assert os.fstat(file.fileno()).st_ino != service.runtime.stat().st_ino
        late = text.replace(b"port: 9000", b"port: 9002").replace(b"# how we", b"# so we")
        file.seek(0)
        file.write(late)
        file.truncate()
    eventually(lambda: config.get("/chat/websocket/port") == 9002, "the late write")
    assert config.get("/llm/active") == "ollama"
    assert "# so we run it" in service.runtime.read_text()
    service.restart()
    assert service.stray_files() == []


def test_a_file_that_is_held_over_a_restart_is_merged(service):
    config = write_by_hand(service)
    config.set("/llm/active", "groq")
    with service.runtime.open("r+b", buffering=0) as file:
        text = file.read()
        config.set("/llm/active", "ollama")
        config = service.restart()
        file.seek(0)
        file.write(text.replace(b"port: 9000", b"port: 9002"))
        file.truncate()
    eventually(lambda: config.get("/chat/websocket/port") == 9002, "the late write")
    assert config.get("/llm/active") == "ollama"


def test_an_edit_that_means_something_else_is_never_written(service):
    """With an editor of texts that makes mistakes, the whole text gets a new layout, and the old text is kept."""
    service.expect("could not be edited in place")
    command = service.command()
    program = daemon_path().parents[2] / "tests/service/runconfd-wrong-edits"
    service.command = lambda: [str(program), *command[1:]]
    config = write_by_hand(service)
    before = service.runtime.read_text()
    assert config.set("/chat/websocket/port", 9001) == 2
    values = yaml.safe_load(service.runtime.read_text())
    del values["_runtime_config"]
    assert values == {"chat": {"websocket": {"port": 9001, "host": "chat.example"}},
                      "features": ["search", "browse"]}
    copies = {copy: copy.read_text() for copy in service.var.glob("runtime_config.yaml.rewritten-*")}
    assert before in copies.values()
    assert all(str(copy) in service.log() for copy in copies)


@pytest.mark.parametrize("umask, mode", [("000", 0o640), ("022", 0o640), ("077", 0o600)])
def test_the_mode_of_a_new_file_follows_the_umask(service, umask, mode):
    config = service.start(prefix=["bash", "-ec", f'umask {umask}; exec "$@"', "bash"])
    config.set("/a", 1)
    assert service.runtime.stat().st_mode & 0o7777 == mode


def test_the_owner_of_the_file_stays(config, service):
    require_root()
    config.set("/a", 1)
    shutil.chown(service.runtime, "nobody", "nogroup")
    before = service.runtime.stat()
    config.set("/a", 2)
    after = service.runtime.stat()
    assert after.st_ino != before.st_ino
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


def test_an_owner_that_an_editor_changes_stays(config, service):
    """A program that saves by a rename makes a file of its own user."""
    require_root()
    config.set("/a", 1)
    saved = service.folder / "saved"
    saved.write_text("a: 2\n")
    saved.chmod(0o644)
    shutil.chown(saved, "nobody", "nogroup")
    os.rename(saved, service.runtime)
    eventually(lambda: config.get("/a") == 2)
    config.set("/a", 3)
    after = service.runtime.stat()
    assert (after.st_uid, after.st_gid) == (pwd.getpwnam("nobody").pw_uid, grp.getgrnam("nogroup").gr_gid)


def test_another_hard_link_keeps_the_old_text(config, service):
    config.set("/a", 1)
    text = service.runtime.read_text()
    other = service.folder / "other name"
    os.link(service.runtime, other)
    config.set("/a", 2)
    assert other.read_text() == text
    assert "a: 2" in service.runtime.read_text()


def test_the_lock_contains_the_pid(config, service):
    lock = service.var / ".runtime_config.yaml.lock"
    assert lock.read_text().strip() == str(service.process.pid)


def test_half_a_save_is_never_in_force(service):
    config = write_by_hand(service)
    with config.signals() as seen:
        with service.runtime.open("wb", buffering=0) as file:
            file.write(TEXT.replace("9000", "90").partition("90")[0].encode() + b"90")
            # longer than the quiet moment that the daemon waits for
            config.set_later("/llm/active", "groq")
            eventually(lambda: config.get("/chat/websocket/port") == 9000, "readers go on")
            file.write(b"05   # ops-17\n        host: 'chat.example'\n")
        eventually(lambda: config.get("/chat/websocket/port") == 9005, "the whole of the save")
        for change in seen.all():
            assert change.values.get("/chat/websocket/port") in (None, 9005), change


def test_what_is_in_the_way_of_reading_and_writing_is_told_once(config, service):
    service.expect("it is a directory")
    service.runtime.unlink()
    service.runtime.mkdir()
    with pytest.raises(Refusal, match="must be a regular file"):
        config.set("/llm/active", "groq")
    eventually(lambda: config.state == "degraded")
    assert config.state_message.count("it is a directory") == 1
    service.runtime.rmdir()
    config.set("/llm/active", "groq")
    assert (config.state, config.state_message) == ("ok", "")
