# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files edited by hand, by every editor, at every bad moment."""

import os
import shutil
import subprocess
import time

import pytest
import yaml
from runconf_testing import (
    DEFAULT_VALUES,
    Refusal,
    both_buses,
    eventually,
    private_mounts,
    require_root,
)

BROKEN = "llm:\n  active: groq\n  active: openai\n"  # line 3 repeats a key
EDITED = "llm:\n  active: groq\n"


def metadata(path):
    return yaml.safe_load(path.read_text())["_runtime_config"]


# ---------------------------------------------------------------------------- ways of saving


def in_place(path, text):
    with path.open("w") as file:
        file.write(text)


def in_two_halves(path, text):
    with path.open("w") as file:
        file.write(text[: len(text) // 2])
        file.flush()
        # a pause of the writer: no call shows whether the service has seen the first half
        time.sleep(0.05)
        file.write(text[len(text) // 2:])


def rename_over(path, text):
    other = path.with_suffix(".new")
    other.write_text(text)
    other.rename(path)


def from_another_folder(path, text):
    other = path.parent.parent / "elsewhere"
    other.write_text(text)
    other.rename(path)


def like_vim(path, text):
    probe = path.parent / "4913"
    probe.write_text("")
    probe.unlink()
    backup = path.with_name(path.name + "~")
    path.rename(backup)
    path.write_text(text)
    path.chmod(backup.stat().st_mode)
    backup.unlink()


def like_install(path, text):
    path.unlink()
    path.write_text(text)


def like_sed(path, text):
    temporary = path.with_name("sedXyZ123")
    temporary.write_text(text)
    os.chmod(temporary, path.stat().st_mode)
    temporary.rename(path)


def by_cp(path, text):
    other = path.parent.parent / "elsewhere"
    other.write_text(text)
    shutil.copyfile(other, path)


def by_a_link_over_it(path, text):
    other = path.with_name("linked")
    other.write_text(text)
    temporary = path.with_name("linked.tmp")
    os.link(other, temporary)
    temporary.rename(path)


def by_append(path, text):
    """What is there stays, `text` comes after it."""
    with path.open("a") as file:
        file.write(text)


WAYS = [in_place, in_two_halves, rename_over, from_another_folder, like_vim, like_install, like_sed,
        by_cp, by_a_link_over_it, by_append]
ways = pytest.mark.parametrize("save", WAYS, ids=[way.__name__ for way in WAYS])


@ways
def test_an_edit_of_the_overrides(config, service, save):
    with config.signals() as seen:
        save(service.runtime, EDITED)
        signal = seen.wait()
        assert config.get("/llm/active") == "groq"
        assert len(seen.all()) == 1
    assert (signal.origin, signal.paths, signal.version) == ("file", ["/llm/active"], 1)
    assert signal.values == {"/llm/active": "groq"}
    assert (config.version, config.state) == (1, "ok")
    # the text stays as its author wrote it
    assert service.runtime.read_text().endswith(EDITED)
    assert service.corrupt_copies() == []


@ways
def test_an_edit_of_the_defaults(config, service, save):
    config.set("/chat/websocket/port", 9000)
    with config.signals() as seen:
        save(service.defaults, "more: {key: 1}\n" + ("" if save is by_append else "llm: 1\n"))
        signal = seen.wait()
        assert config.get("/more/key") == 1
        assert len(seen.all()) == 1
    assert (signal.origin, signal.version) == ("defaults", 2)
    assert "/more/key" in signal.paths
    # the overrides stay
    assert config.get("/chat/websocket/port") == 9000
    assert config.state == "ok"


@both_buses
def test_an_edit_is_seen_by_whoever_reads_after_the_quiet_time(config, service):
    in_place(service.runtime, EDITED)
    eventually(lambda: config.get("/llm/active") == "groq", seconds=3)


def test_many_edits_in_a_row_end_with_the_last(config, service):
    for number in range(30):
        in_place(service.runtime, f"n: {number}\n")
        if number % 10 == 9:
            eventually(lambda: config.dump_json().get("n") == number, f"edit {number}")
    eventually(lambda: config.dump_json() == {**DEFAULT_VALUES, "n": 29})
    assert config.state == "ok"
    assert service.corrupt_copies() == []


def test_an_edit_of_comments_alone_is_told_to_nobody(config, service):
    config.set("/a", 1)
    with config.signals() as seen:
        text = service.runtime.read_text() + "# a comment\n"
        in_place(service.runtime, text)
        eventually(lambda: "# a comment" in config.dump("", "overrides", "yaml"))
        assert seen.all() == []
    assert service.runtime.read_text() == text
    assert config.get("/a") == 1


def test_set_after_an_edit_keeps_both(config, service):
    config.set("/a", 1)
    text = service.runtime.read_text()
    in_place(service.runtime, text + "b: 2\n")
    eventually(lambda: "b" in config.get())
    config.set("/c", 3)
    assert {key: config.get()[key] for key in "abc"} == {"a": 1, "b": 2, "c": 3}
    values = yaml.safe_load(service.runtime.read_text())
    assert values.pop("_runtime_config")["version"] == 3
    assert values == {"a": 1, "b": 2, "c": 3}


def test_set_right_after_an_edit_keeps_both(config, service):
    """The edit has not been read when the Set comes."""
    for number in range(10):
        text = service.runtime.read_text()
        in_place(service.runtime, text + f"hand{number}: {number}\n")
        config.set(f"/bus{number}", number)
    expected = {f"{who}{n}": n for who in ("hand", "bus") for n in range(10)}
    eventually(lambda: expected.items() <= config.get().items())
    config.set("/end", 1)
    values = yaml.safe_load(service.runtime.read_text())
    assert expected.items() <= values.items()


@pytest.mark.parametrize("save", [in_place, rename_over])
def test_edits_and_sets_at_once_lose_nothing(config, service, save):
    """Every edit adds its line to what is there, as every Set does."""
    for number in range(20):
        version = config.set(f"/bus/n{number}", number)
        text = service.runtime.read_text()
        assert metadata(service.runtime)["version"] <= version
        save(service.runtime, text + f"hand{number}: {number}\n")
        if number % 3 == 0:
            eventually(lambda: config.get().get(f"hand{number}") == number, f"edit {number}")
    eventually(lambda: all(config.get().get(f"hand{n}") == n for n in range(20)))
    assert config.get("/bus") == {f"n{n}": n for n in range(20)}
    assert config.state == "ok"


# ----------------------------------------------------------------------- where it is noticed


@pytest.fixture
def linked(service):
    """The overrides are a symbolic link to a file elsewhere."""
    target = service.folder / "elsewhere" / "real.yaml"
    target.parent.mkdir()
    target.write_text("a: 1\n")
    service.runtime.symlink_to(target)
    return target


def test_the_target_of_a_link_is_edited(service, linked):
    config = service.start()
    assert config.get("/a") == 1
    in_place(linked, "a: 2\n")
    eventually(lambda: config.get("/a") == 2)
    rename_over(linked, "a: 3\n")
    eventually(lambda: config.get("/a") == 3)


def test_the_target_of_a_link_is_written(service, linked):
    config = service.start()
    config.set("/a", 5)
    assert service.runtime.is_symlink()
    assert yaml.safe_load(linked.read_text())["a"] == 5


def test_a_link_is_turned_to_another_file(service, linked):
    config = service.start()
    other = linked.with_name("other.yaml")
    other.write_text("a: 7\n")
    fresh = service.runtime.with_name("fresh")
    fresh.symlink_to(other)
    fresh.rename(service.runtime)
    eventually(lambda: config.get("/a") == 7)


def test_the_folder_of_defaults_is_swapped(service):
    """As the kubelet does it: config.yaml → ..data/config.yaml, ..data → a folder by date."""
    service.defaults.unlink()
    for date, port in (("..2024", 1), ("..2025", 2)):
        (service.etc / date).mkdir()
        (service.etc / date / "config.yaml").write_text(f"port: {port}\n")
    (service.etc / "..data").symlink_to("..2024")
    service.defaults.symlink_to("..data/config.yaml")
    config = service.start()
    assert config.get("/port") == 1

    with config.signals() as seen:
        (service.etc / "..data_tmp").symlink_to("..2025")
        (service.etc / "..data_tmp").rename(service.etc / "..data")
        assert seen.wait().values == {"/port": 2}


def test_an_edit_through_another_hard_link_is_seen_by_the_next_reader(service):
    """No event tells of it: the call itself looks."""
    service.runtime.write_text("a: 1\n")
    config = service.start()
    other = service.folder / "other name"
    os.link(service.runtime, other)
    in_place(other, "a: 22\n")
    eventually(lambda: config.get("/a") == 22)


def test_an_edit_through_a_bind_mount_is_seen(service):
    require_root()
    source = service.folder / "source"
    source.mkdir()
    mount = [*private_mounts(service.folder), "sh", "-ec",
             f'mount --bind {source} {service.var}; exec "$@"', "sh"]
    config = service.start(prefix=mount)
    in_place(source / "runtime_config.yaml", "a: 1\n")
    eventually(lambda: config.get().get("a") == 1)


def test_noise_beside_the_file(config, service):
    for number in range(2000):
        (service.var / "noise").write_text(str(number))
    with config.signals() as seen:
        in_place(service.runtime, EDITED)
        assert seen.wait().paths == ["/llm/active"]


def test_without_watching_reload_reads(service):
    config = service.start("--no-watch")
    with config.signals() as seen:
        in_place(service.runtime, EDITED)
        assert config.reload() is True
        assert seen.wait().origin == "file"
    assert config.get("/llm/active") == "groq"
    assert config.reload() is False


def test_without_watching_reload_reads_the_defaults_too(service):
    config = service.start("--no-watch")
    service.defaults.write_text("a: 1\n")
    assert config.reload() is True
    assert config.get() == {"a": 1}


def test_without_watching_nobody_is_told(service):
    config = service.start("--no-watch")
    with config.signals() as seen:
        in_place(service.runtime, EDITED)
        with pytest.raises(AssertionError):
            seen.wait(seconds=0.6)
        config.reload()
        seen.wait()


def test_without_watching_a_write_reads_the_edit(service):
    config = service.start("--no-watch")
    config.set("/a", 1)
    in_place(service.runtime, service.runtime.read_text() + "hand: 2\n")
    assert "hand" not in config.get()
    config.set("/b", 3)
    assert {key: config.get()[key] for key in ("a", "hand", "b")} == {"a": 1, "hand": 2, "b": 3}


def test_reload_does_not_wait_for_the_quiet_time(config, service):
    in_place(service.runtime, EDITED)
    config.reload()
    assert config.get("/llm/active") == "groq"


# --------------------------------------------------------------------- missing, empty, broken


@both_buses
def test_a_file_that_goes_away_is_made_anew(config, service):
    config.merge({"a": 1, "llm": {"active": "groq"}})
    with config.signals() as seen:
        service.runtime.unlink()
        signal = seen.wait()
    assert (signal.origin, signal.version) == ("file", 2)
    assert config.get() == DEFAULT_VALUES
    assert config.state == "ok"
    eventually(service.runtime.exists)
    assert list(yaml.safe_load(service.runtime.read_text())) == ["_runtime_config"]
    assert config.set("/a", 2) == 3
    assert service.corrupt_copies() == []


EMPTY = {"empty": "", "comments": "# nothing\n\n# here\n", "a blank line": "\n"}


@pytest.mark.parametrize("text", EMPTY.values(), ids=EMPTY)
def test_an_empty_file_means_the_defaults(config, service, text):
    config.set("/a", 1)
    before = service.runtime.read_text()
    with config.signals() as seen:
        in_place(service.runtime, text)
        signal = seen.wait()
    assert (signal.paths, signal.version) == (["/a"], 2)
    assert config.get() == DEFAULT_VALUES
    # the text that was there before is kept
    assert before in [copy.read_text() for copy in service.corrupt_copies()]
    assert config.set("/a", 2) == 3


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_at_start(service, text):
    service.runtime.write_text(text)
    config = service.start()
    assert config.get() == DEFAULT_VALUES
    assert config.set("/a", 1) == config.version
    assert service.corrupt_copies() == []


def test_a_comment_survives_the_next_write(config, service):
    in_place(service.runtime, "# to be filled in\n")
    config.reload()
    config.set("/a", 1)
    assert service.runtime.read_text().startswith("# to be filled in\n")


@both_buses
def test_a_broken_file_falls_back_to_the_defaults(config, service):
    service.expect("runtime_config.yaml:3:3")
    config.merge({"a": 1, "llm": {"active": "groq"}})
    with config.signals() as seen:
        in_place(service.runtime, BROKEN)
        signal = seen.wait()
    assert (signal.origin, signal.version) == ("recovery", 2)
    assert sorted(signal.paths) == ["/a", "/llm/active"]
    assert config.get() == DEFAULT_VALUES
    assert config.state == "recovered"
    assert "runtime_config.yaml:3:3" in config.state_message
    assert "runtime_config.yaml:3:3" in service.log()
    assert [copy.read_text() for copy in service.corrupt_copies()] == [BROKEN]
    # with a fresh file
    assert list(yaml.safe_load(service.runtime.read_text())) == ["_runtime_config"]

    # the next accepted change ends it
    assert config.set("/a", 2) == 3
    assert (config.state, config.state_message) == ("ok", "")


def test_a_broken_file_with_last_good_changes_no_value(service):
    service.expect("runtime_config.yaml:3:3")
    config = service.start("--on-corrupt=last-good")
    config.merge({"a": 1, "llm": {"active": "groq"}})
    with config.signals() as seen:
        in_place(service.runtime, BROKEN)
        eventually(lambda: config.state == "recovered")
        assert seen.all() == []
    assert config.get() == {**DEFAULT_VALUES, "a": 1, "llm": {**DEFAULT_VALUES["llm"],
                                                            "active": "groq"}}
    assert "runtime_config.yaml:3:3" in config.state_message
    # the broken file is left as it is, until a write
    assert service.runtime.read_text() == BROKEN
    assert [copy.read_text() for copy in service.corrupt_copies()] == [BROKEN]

    version = config.set("/b", 2)
    assert config.state == "ok"
    values = yaml.safe_load(service.runtime.read_text())
    assert values.pop("_runtime_config")["version"] == version
    assert values == {"a": 1, "b": 2, "llm": {"active": "groq"}}


def test_a_broken_file_with_last_good_is_repaired_by_hand(service):
    service.expect("runtime_config.yaml:3:3")
    config = service.start("--on-corrupt=last-good")
    config.set("/a", 1)
    in_place(service.runtime, BROKEN)
    eventually(lambda: config.state == "recovered")
    in_place(service.runtime, EDITED)
    eventually(lambda: config.get("/llm/active") == "groq")
    eventually(lambda: config.state == "ok")
    assert service.runtime.read_text() == EDITED


def test_a_broken_file_that_stays_is_told_by_each_reload(service):
    service.expect("runtime_config.yaml:3:3")
    config = service.start("--on-corrupt=last-good")
    config.set("/a", 1)
    in_place(service.runtime, BROKEN)
    for _ in range(2):
        with config.refuses("InvalidValue", "runtime_config.yaml:3:3"):
            config.reload()
        assert config.state == "recovered"
    assert config.get("/a") == 1


def test_the_text_in_force_mends_a_broken_file(service):
    """What Dump gives is no change of the values, but it is one of the file."""
    service.expect("runtime_config.yaml:3:3")
    config = service.start("--on-corrupt=last-good")
    config.set("/a", 1)
    text = config.dump("", "overrides", "yaml")
    in_place(service.runtime, BROKEN)
    eventually(lambda: config.state == "recovered")
    config.replace_text(text)
    assert config.state == "ok"
    assert yaml.safe_load(service.runtime.read_text())["a"] == 1


def test_defaults_that_become_too_large_are_tried_again(service):
    """Together with the overrides they hold too many values, until a Reset makes room."""
    service.expect("config.yaml")
    config = service.start()
    config.merge_text("over: [" + "0," * 600_000 + "]")
    in_place(service.defaults, "under: [" + "0," * 600_000 + "]\n")
    eventually(lambda: config.state == "degraded")
    with config.refuses("TooLarge", "config.yaml"):
        config.reload()
    assert config.state == "degraded"
    config.reset("/over")
    assert config.reload() is True
    assert (config.state, config.get("/under/599999")) == ("ok", 0)


@pytest.mark.parametrize("policy", ["defaults", "last-good"])
def test_a_broken_file_at_the_first_start(service, policy):
    service.expect("runtime_config.yaml:3:3")
    service.runtime.write_text(BROKEN)
    config = service.start(f"--on-corrupt={policy}")
    assert config.get() == DEFAULT_VALUES
    assert config.state == "recovered"
    assert "runtime_config.yaml:3:3" in config.state_message
    assert [copy.read_text() for copy in service.corrupt_copies()] == [BROKEN]
    assert config.set("/a", 1) == config.version


def test_a_broken_file_at_a_later_start(config, service):
    config.set("/a", 1)
    config.set("/a", 2)
    service.stop()
    service.expect("runtime_config.yaml:3:3")
    in_place(service.runtime, BROKEN)
    config = service.start()
    assert config.get() == DEFAULT_VALUES
    assert config.state == "recovered"
    assert config.version > 2
    assert [copy.read_text() for copy in service.corrupt_copies()] == [BROKEN]


def test_a_broken_file_at_a_later_start_with_last_good(service):
    config = service.start("--on-corrupt=last-good")
    config.set("/a", 1)
    service.stop()
    service.expect("runtime_config.yaml:3:3")
    in_place(service.runtime, BROKEN)
    config = service.start("--on-corrupt=last-good")
    assert config.get("/a") == 1
    assert config.state == "recovered"
    assert service.runtime.read_text() == BROKEN
    assert [copy.read_text() for copy in service.corrupt_copies()] == [BROKEN]
    config.set("/b", 2)
    assert config.state == "ok"
    assert {"a": 1, "b": 2}.items() <= yaml.safe_load(service.runtime.read_text()).items()


def test_last_good_holds_hand_edits_too(service):
    config = service.start("--on-corrupt=last-good")
    in_place(service.runtime, EDITED)
    eventually(lambda: config.get("/llm/active") == "groq")
    service.stop()
    service.expect("runtime_config.yaml:3:3")
    in_place(service.runtime, BROKEN)
    config = service.start("--on-corrupt=last-good")
    assert config.get("/llm/active") == "groq"


def test_each_broken_content_is_kept_once(config, service):
    service.expect("runtime_config.yaml")
    others = ["a: [", "b: [", "c: [", "a: ["]
    for text in others:
        in_place(service.runtime, text)
        with pytest.raises(Refusal):
            config.reload()
    assert sorted(copy.read_text() for copy in service.corrupt_copies()) == sorted(set(others))


def test_reload_of_a_broken_file_returns_the_error(config, service):
    service.expect("runtime_config.yaml:3:3")
    config.set("/a", 1)
    in_place(service.runtime, BROKEN)
    with pytest.raises(Refusal) as caught:
        config.reload()
    assert caught.value.kind == "InvalidValue"
    assert "runtime_config.yaml:3:3" in caught.value.message
    # after the recovery
    assert config.get() == DEFAULT_VALUES
    assert config.state == "recovered"
    # and ends it when there is nothing wrong any more
    config.reload()
    assert config.state == "ok"


def test_a_save_under_way_is_not_taken_for_a_broken_file(config, service):
    """Half a file is quiet for longer than the quiet time, and whole before the second look."""
    config.set("/a", 1)
    with config.signals() as seen:
        with service.runtime.open("w") as file:
            file.write("llm: {active: gr")
            file.flush()
            # the length of this pause is tested: no call shows whether the service has seen the half
            time.sleep(0.3)
            file.write("oq}\n")
        signal = seen.wait()
        assert config.get("/llm/active") == "groq"
        assert len(seen.all()) == 1
    assert signal.origin == "file"
    assert config.state == "ok"
    assert service.corrupt_copies() == []


def test_reads_do_not_wait_for_a_broken_file(config, service):
    service.expect("runtime_config.yaml")
    in_place(service.runtime, BROKEN)
    end = time.monotonic() + 0.4
    times = []
    while time.monotonic() < end:
        start = time.monotonic()
        config.get("/chat/websocket/port")
        times.append(time.monotonic() - start)
    # a read that waits for the file takes half a second, and there is only one then
    assert min(times) < 0.3


def test_a_file_that_is_missing_for_a_moment_is_being_written(config, service):
    config.set("/a", 1)
    with config.signals() as seen:
        text = service.runtime.read_text()
        service.runtime.unlink()
        # the length of this pause is tested: no call shows whether the service has missed the file
        time.sleep(0.02)
        service.runtime.write_text(text + EDITED)
        assert seen.wait().paths == ["/llm/active"]
    assert config.get("/a") == 1


@pytest.mark.parametrize("broken", [b"a: \xff\n", "a: 1\n".encode("utf-16"), b"a: \x00\n"])
def test_what_is_no_utf_8_is_broken(config, service, broken):
    service.expect("runtime_config.yaml")
    service.runtime.write_bytes(broken)
    eventually(lambda: config.state == "recovered")
    assert [copy.read_bytes() for copy in service.corrupt_copies()] == [broken]


def test_metadata_of_another_kind_is_no_harm(service):
    for text in ("_runtime_config: 5\na: 1\n", "_runtime_config: {version: -1}\na: 1\n",
                 "_runtime_config: {version: many}\na: 1\n", "_runtime_config: [1]\na: 1\n",
                 "_runtime_config: {version: 18446744073709551615}\na: 1\n"):
        service.runtime.write_text(text)
        config = service.start()
        assert config.get("/a") == 1
        version = config.version
        assert config.set("/b", text) == version + 1
        service.stop()


# --------------------------------------------------------------------------------- unreadable


def test_a_file_that_cannot_be_read_keeps_the_values(unprivileged):
    service = unprivileged
    service.expect("runtime_config.yaml")
    config = service.start()
    config.set("/a", 1)
    before = service.runtime.read_text()
    service.runtime.chmod(0)
    eventually(lambda: config.state == "degraded")
    assert str(service.runtime) in config.state_message
    assert "ermission denied" in config.state_message
    assert config.get("/a") == 1
    assert service.runtime.read_text() == before

    service.runtime.chmod(0o644)
    eventually(lambda: config.state == "ok")
    assert config.state_message == ""
    assert config.get("/a") == 1
    assert config.set("/a", 2) == 2


def test_a_file_that_comes_back_with_other_content(unprivileged):
    service = unprivileged
    service.expect("runtime_config.yaml")
    config = service.start()
    config.set("/a", 1)
    service.runtime.unlink()
    service.runtime.write_text(EDITED)
    service.runtime.chmod(0o600)  # of root, as a umask may make it
    eventually(lambda: config.state == "degraded")
    assert config.get("/a") == 1
    service.runtime.chmod(0o644)
    eventually(lambda: config.state == "ok")
    assert config.get("/llm/active") == "groq"


def test_defaults_that_cannot_be_read_keep_the_values(unprivileged):
    service = unprivileged
    service.expect("config.yaml")
    config = service.start()
    service.defaults.chmod(0)
    eventually(lambda: config.state == "degraded")
    assert str(service.defaults) in config.state_message
    assert config.get() == DEFAULT_VALUES
    service.defaults.chmod(0o644)
    eventually(lambda: config.state == "ok")


# ----------------------------------------------------------------------------------- defaults


@both_buses
def test_defaults_break_and_are_repaired(config, service):
    service.expect("config.yaml:3:3")
    config.set("/chat/websocket/port", 9000)
    with config.signals() as seen:
        in_place(service.defaults, BROKEN)
        eventually(lambda: config.state == "degraded")
        assert "config.yaml:3:3" in config.state_message
        assert config.get("/chat/websocket") == {"host": "localhost", "port": 9000}
        assert seen.all() == []
        # writes go on
        assert config.set("/a", 1) == 2
        assert config.state == "degraded"

        in_place(service.defaults, "new: 1\n")
        signal = seen.wait(2)
    assert signal.origin == "defaults"
    assert (config.state, config.state_message) == ("ok", "")
    assert config.get() == {"new": 1, "a": 1, "chat": {"websocket": {"port": 9000}}}
    assert service.corrupt_copies() == []
    assert service.defaults.read_text() == "new: 1\n"


@pytest.mark.parametrize("text", [None, "", "- a list\n", BROKEN])
def test_bad_defaults_while_running(config, service, text):
    service.expect("config.yaml")
    if text is None:
        service.defaults.unlink()
    else:
        in_place(service.defaults, text)
    if text == "":
        # nothing is a configuration of nothing, or no configuration: both are answers
        eventually(lambda: config.get() == {} or config.state == "degraded")
        return
    eventually(lambda: config.state == "degraded")
    assert str(service.defaults) in config.state_message
    assert config.get() == DEFAULT_VALUES
    service.defaults.write_text("a: 1\n")
    eventually(lambda: config.state == "ok")
    assert config.get() == {"a": 1}


@pytest.mark.parametrize("text", [BROKEN, "- a list\n", "a: *b\n"])
def test_bad_defaults_at_start(service, text):
    service.defaults.write_text(text)
    assert f"{service.defaults}:" in service.fails()
    assert not service.runtime.exists()


def test_defaults_edited_while_the_daemon_is_away(config, service):
    config.set("/a", 1)
    service.stop()
    service.defaults.write_text("b: 2\n")
    config = service.start()
    assert config.get() == {"b": 2, "a": 1}
    assert config.state == "ok"


def test_a_default_that_disappears_below_an_override(config, service):
    config.set("/chat/websocket/port", 9000)
    with config.signals() as seen:
        in_place(service.defaults, "chat: 5\n")
        seen.wait()
    assert config.get() == {"chat": {"websocket": {"port": 9000}}}


# --------------------------------------------------------------- texts from an older version


def test_a_text_saved_from_before_the_first_change_is_merged(service):
    """The text that somebody wrote has no number yet, and gets one with the first Set."""
    service.runtime.write_text("a: 1  # mine\n")
    config = service.start()
    opened = service.runtime.read_text()
    config.set("/b", 2)

    with config.signals() as seen:
        rename_over(service.runtime, opened.replace("a: 1", "a: 5"))
        assert seen.wait().paths == ["/a"]
    assert config.get() == {**DEFAULT_VALUES, "a": 5, "b": 2}
    assert "a: 5  # mine" in service.runtime.read_text()


def test_a_file_that_is_away_for_a_moment_loses_nothing(config, service):
    """As where an editor renames it before it writes the new one, and is slow."""
    config.set("/a", 1)
    text = service.runtime.read_text()
    service.runtime.rename(service.runtime.with_name("backup~"))
    # the length of this pause is tested: no call shows whether the service has missed the file
    time.sleep(0.3)
    service.runtime.write_text(text + "hand: 6\n")
    eventually(lambda: config.get("/hand") == 6 if "hand" in config.get() else False, "the save")
    assert config.get("/a") == 1 and config.version == 2


def test_a_text_saved_from_an_older_version_is_merged(config, service):
    """An editor that was left open does not undo what others Set meanwhile."""
    config.merge({"a": 1, "b": 1, "c": 1})
    opened = service.runtime.read_text()
    config.merge({"b": 2, "new": 2})

    with config.signals() as seen:
        in_place(service.runtime, opened.replace("a: 1", "a: 5") + "hand: 6\n")
        signal = seen.wait()
    assert (signal.origin, signal.version) == ("file", 3)
    assert sorted(signal.paths) == ["/a", "/hand"]
    expected = {"a": 5, "b": 2, "c": 1, "new": 2, "hand": 6}
    assert config.get() == {**DEFAULT_VALUES, **expected}
    # what is read is on disk
    values = yaml.safe_load(service.runtime.read_text())
    assert values.pop("_runtime_config")["version"] == 3
    assert values == expected


def test_the_hand_wins_where_both_changed_a_path(config, service):
    config.merge({"a": 1, "b": 1})
    opened = service.runtime.read_text()
    config.merge({"a": 2, "b": 2})
    in_place(service.runtime, opened.replace("a: 1", "a: hand"))
    eventually(lambda: config.get("/a") == "hand")
    assert config.get("/b") == 2


def test_a_line_removed_by_hand_is_removed(config, service):
    config.merge({"a": 1, "b": 1})
    opened = service.runtime.read_text()
    config.merge({"c": 2})
    in_place(service.runtime, opened.replace("b: 1\n", ""))
    eventually(lambda: "b" not in config.get())
    assert (config.get("/a"), config.get("/c")) == (1, 2)


def test_what_was_reset_meanwhile_stays_reset(config, service):
    config.merge({"a": 1, "b": 1})
    opened = service.runtime.read_text()
    config.reset("/b")
    in_place(service.runtime, opened.replace("a: 1", "a: 3"))
    eventually(lambda: config.get("/a") == 3)
    assert "b" not in config.get()


def test_a_text_equal_to_an_older_one_is_taken_whole(config, service):
    config.merge({"a": 1, "b": 1})
    backup = service.runtime.read_text()
    config.merge({"a": 2, "c": 2})
    with config.signals() as seen:
        in_place(service.runtime, backup)
        signal = seen.wait()
    assert (signal.origin, signal.version) == ("file", 3)
    assert config.get() == {**DEFAULT_VALUES, "a": 1, "b": 1}


def test_a_text_without_a_version_is_taken_whole(config, service):
    config.merge({"a": 1, "b": 1})
    in_place(service.runtime, "a: 7\n")
    eventually(lambda: config.get() == {**DEFAULT_VALUES, "a": 7})
    assert config.version == 2


def test_a_text_of_an_unknown_version_is_taken_whole(config, service):
    config.merge({"a": 1, "b": 1})
    in_place(service.runtime, "_runtime_config: {version: 1000}\na: 7\n")
    eventually(lambda: config.get() == {**DEFAULT_VALUES, "a": 7})
    assert config.version == 2
    assert config.set("/b", 1) == 3


def test_a_text_of_a_forgotten_version_is_taken_whole(service):
    """Without a history the last 64 versions are remembered."""
    config = service.start("--history-count", "0")
    config.set("/a", 0)
    opened = service.runtime.read_text()
    for number in range(1, 80):
        config.set("/a", number)
    in_place(service.runtime, opened + "hand: 1\n")
    eventually(lambda: "hand" in config.get())
    assert config.get("/a") == 0
    assert config.version == 81


def test_without_a_history_the_remembered_versions_have_256_kib(service):
    config = service.start("--history-count", "0")
    config.set("/a", 0)
    opened = service.runtime.read_text()
    for number in range(5):
        config.set("/text", f"{number}" * 100_000)
    in_place(service.runtime, opened + "hand: 1\n")
    eventually(lambda: "hand" in config.get())
    assert "text" not in config.get(), "the opened version is forgotten"


@pytest.mark.parametrize("options", [["--history-count", "0"], []], ids=["memory", "history"])
def test_a_text_of_a_version_that_is_just_remembered_is_merged(service, options):
    config = service.start(*options)
    config.set("/a", 0)
    opened = service.runtime.read_text()
    count = 60 if options else 1000
    for number in range(1, count):
        config.set("/a", number)
    in_place(service.runtime, opened + "hand: 1\n")
    eventually(lambda: "hand" in config.get())
    assert config.get("/a") == count - 1


def test_two_editors_left_open(config, service):
    config.merge({"a": 1, "b": 1})
    opened = service.runtime.read_text()
    config.set("/c", 1)
    in_place(service.runtime, opened.replace("a: 1", "a: one"))
    eventually(lambda: config.get("/a") == "one")
    in_place(service.runtime, opened.replace("b: 1", "b: two"))
    eventually(lambda: config.get("/b") == "two")
    assert (config.get("/a"), config.get("/c")) == ("one", 1)


# ------------------------------------------------------------------------------ the version


def test_the_version_never_falls_over_a_hand_edit_and_a_restart(config, service):
    for number in range(5):
        config.set("/a", number)
    opened = service.runtime.read_text().replace("version: 5", "version: 2")
    in_place(service.runtime, opened.replace("a: 4", "a: hand"))
    eventually(lambda: config.get("/a") == "hand")
    assert config.version == 6
    config = service.restart()
    assert config.version == 6
    assert config.get("/a") == "hand"
    assert config.set("/a", 1) == 7


def test_an_edit_while_the_daemon_is_away(config, service):
    for number in range(5):
        config.set("/a", number)
    service.stop()
    in_place(service.runtime, "a: hand\n")
    config = service.start()
    assert config.get() == {**DEFAULT_VALUES, "a": "hand"}
    assert config.version == 6
    assert config.state == "ok"
    assert service.runtime.read_text() == "a: hand\n"
    config = service.restart()
    assert config.version == 6


# what a user may watch is used up in a user namespace that allows as much as is written there
LIMITED = ["unshare", "--user", "--map-root-user", "bash", "-ec",
           'echo "$1" >"/proc/sys/user/max_inotify_$0"; exec "${@:2}"']


def has_user_namespaces():
    """Not in a chroot: the kernel makes none there."""
    return subprocess.run(["unshare", "--user", "true"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


if has_user_namespaces():

    @pytest.mark.parametrize("what, allowed", [("watches", 0), ("watches", 1), ("instances", 0)])
    def test_where_nothing_can_be_watched_a_timer_looks(service, what, allowed):
        config = service.start(prefix=[*LIMITED, what, str(allowed)])
        with config.signals() as seen:
            config.set("/a", 1)
            assert seen.wait().origin == "set"
            service.runtime.write_text("a: 2")
            assert seen.wait(2).origin == "file"
        assert config.get("/a") == 2
        told = [line for line in service.log().splitlines() if "by a timer" in line]
        assert len(told) == 1 and ("max_user_watches" in told[0]) == (what == "watches")
