# SPDX-License-Identifier: LGPL-2.1-or-later
"""Many configurations in one daemon: their names, their files, and how they are added and removed."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import time

import pytest
from gi.repository import GLib

from many_testing import MANAGER, Many
from runconf_testing import (
    BUS_NAME, DEADLINE, OBJECT_ROOT, Refusal, Service, closing, connect, eventually, iterate, path_of,
    private_mounts, require_root, wait_for_answers,
)


@contextlib.contextmanager
def objects_seen(service):
    """What InterfacesAdded and InterfacesRemoved tell meanwhile: (name, whether it came)."""
    connection = connect(service.bus.address)
    seen = []

    def on_signal(_connection, _sender, _path, _interface, signal_name, parameters):
        seen.append((parameters.unpack()[0], signal_name == "InterfacesAdded"))

    connection.signal_subscribe(BUS_NAME, MANAGER, None, OBJECT_ROOT, None, 0, on_signal)
    connection.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId", None, None,
                         0, -1, None)
    yield seen
    connection.close_sync(None)


def wait_for_objects(seen, *expected):
    wanted = [(path_of(name), came) for name, came in expected]
    iterate(GLib.MainContext.default(), lambda: len(seen) >= len(wanted), wanted)
    assert seen == wanted


# ---------------------------------------------------------------------------------------- what is there


def test_no_folders_at_all(many):
    shutil.rmtree(many.root)
    many.start()
    assert many.names() == []
    many.add("late", base=many.etc)
    many.has("late")


def test_each_has_its_own(many):
    many.add("one", "a: 1")
    many.add("two", "a: 2", base=many.etc)
    many.add("with-dash.and_more", "a: 3")
    many.add("7up", "a: 4")
    many.start().has("one", "two", "with-dash.and_more", "7up")
    for number, name in enumerate(["one", "two", "with-dash.and_more", "7up"]):
        config = many.config(name)
        assert config.get("/a") == number + 1
        assert config.set("/b", name) == 1
        assert config.get() == {"a": number + 1, "b": name}
        assert f"b: {name}" in many.runtime_of(name).read_text()
    many.stop()
    many.start()
    assert [many.config(name).get("/b") for name in many.names()] == many.names()


def test_nothing_is_written_before_there_is_something_to_write(many):
    many.add("one")
    config = many.start().config("one")
    assert config.get("/a") == 1
    many.stop()
    assert list(many.state.iterdir()) == []
    config = many.start().config("one")
    assert config.state == "ok"
    with config.signals() as seen:
        config.set("/a", 2)
    assert seen.wait().paths == ["/a"]
    assert many.runtime_of("one").parent.stat().st_mode & 0o777 == 0o750


def test_overrides_that_are_made_by_hand(many):
    many.add("one")
    config = many.start().config("one")
    many.runtime_of("one").parent.mkdir()
    many.runtime_of("one").write_text("a: 5")
    eventually(lambda: config.get("/a") == 5)
    assert config.version == 1


def test_replaced_file_by_file(many):
    many.add("one", "a: 1\nb: 1")
    many.add("one", "properties: {a: {type: integer}}", "config.schema.yaml")
    many.add("one", "a: 2\nc: 2", base=many.etc)
    config = many.start().config("one")
    assert config.get() == {"a": 2, "c": 2}
    assert config.describe("/a")["file"] == str(many.etc / "one/config.yaml")
    assert config.get_property("DefaultConfigPath") == str(many.etc / "one/config.yaml")
    with config.refuses("SchemaViolation"):
        config.set("/a", "text")


def test_masked(many):
    many.add("one")
    many.add("one", "properties: {a: {type: string}}", "config.schema.yaml")
    many.add("two")
    many.add("three")
    (many.etc / "one").mkdir()
    (many.etc / "one/config.schema.yaml").symlink_to("/dev/null")
    (many.etc / "two").mkdir()
    (many.etc / "two/config.yaml").symlink_to("/dev/null")
    (many.etc / "three").symlink_to("/dev/null")
    many.start().has("one")
    many.config("one").set("/a", 2)
    (many.etc / "two/config.yaml").unlink()
    (many.etc / "three").unlink()
    many.has("one", "three", "two")


def test_drop_ins(many):
    many.add("one", "a: {x: 1, y: 1, z: 1}\nl: [1, 2]")
    many.add("one", "a: {x: 10, y: 10}", "config.d/10.yaml")
    many.add("one", "a: {x: 30}\nl: [3]", "config.d/30.yaml")
    many.add("one", "a: {x: 20, y: 20}", "config.d/20.yaml", base=many.etc)
    many.add("one", "a: {x: 99}", "config.d/99.yaml~")
    many.add("one", "a: {x: 99}", "config.d/.99.yaml")
    many.start()
    config = many.config("one")
    assert config.get() == {"a": {"x": 30, "y": 20, "z": 1}, "l": [3]}
    place = config.describe("/a/y")
    assert (place["file"], place["line"]) == (str(many.etc / "one/config.d/20.yaml"), 1)
    assert config.describe("/a/z")["file"] == str(many.share / "one/config.yaml")

    # one of the admin replaces the one of that name, or masks it
    with config.signals() as seen:
        many.add("one", "a: {x: 31}", "config.d/30.yaml", base=many.etc)
        change = seen.wait()
    assert (change.paths, change.origin) == (["/a/x", "/l"], "defaults")
    assert config.get() == {"a": {"x": 31, "y": 20, "z": 1}, "l": [1, 2]}
    (many.etc / "one/config.d/30.yaml").unlink()
    (many.etc / "one/config.d/30.yaml").symlink_to("/dev/null")
    eventually(lambda: config.get("/a/x") == 20)
    (many.etc / "one/config.d/20.yaml").unlink()
    eventually(lambda: config.get("/a") == {"x": 10, "y": 10, "z": 1})


def test_drop_ins_alone_are_no_configuration(many):
    many.add("one", "a: 1", "config.d/10.yaml")
    many.start().has()
    many.add("one", "b: 1")
    many.has("one")
    assert many.config("one").get() == {"b": 1, "a": 1}


def test_a_drop_in_that_breaks_leaves_the_last_good_values(many):
    many.expect("10.yaml")
    many.add("one", "a: 1\nb: 1")
    path = many.add("one", "a: 2", "config.d/10.yaml")
    config = many.start().config("one")
    path.write_text("a: [")
    eventually(lambda: config.state == "degraded")
    assert f"{path}:1:" in config.state_message
    assert config.get() == {"a": 2, "b": 1}
    path.write_text("b: 2")
    eventually(lambda: config.get() == {"a": 1, "b": 2})
    assert (config.state, config.state_message) == ("ok", "")


def test_edits_of_defaults(many):
    path = many.add("one")
    config = many.start().config("one")
    for number in range(2, 6):
        # at once: a file that is found empty would be a change, too
        path.with_name("new").write_text(f"a: {number}")
        path.with_name("new").rename(path)
        eventually(lambda: config.get("/a") == number)
    assert config.version == 4


def has_open_history(many):
    descriptors = pathlib.Path(f"/proc/{many.process.pid}/fd").iterdir()
    return any(os.readlink(descriptor).endswith(".history") for descriptor in descriptors)


def test_what_waits_to_be_confirmed_goes_back_after_a_restart(many):
    many.add("one")
    config = many.start().config("one")
    config.set("/b", 1)
    config.apply(("set", "/a", 2), confirm_timeout=1)
    many.kill()
    config = many.start().config("one")
    eventually(lambda: config.get("/a") == 1)
    assert [change["version"] for change in config.history()] == [3, 2, 1]
    many.stop()
    # and when nothing waits any more, the next start but one opens no history
    for _ in range(2):
        config = many.start().config("one")
        assert config.get() == {"a": 1, "b": 1}
        is_open = has_open_history(many)
        many.stop()
    assert not is_open


@pytest.mark.parametrize("is_sealed", [True, False])
def test_an_older_state_and_text_that_are_brought_back(many, is_sealed):
    """Only the history beside them is newer; the version doesn't decrease."""
    many.add("one")
    config = many.start().config("one")
    config.set("/a", 2)
    many.stop()
    folder = many.state / "one"
    names = ["runtime_config.yaml", ".runtime_config.yaml.state"]
    for name in names:
        shutil.copy2(folder / name, many.folder)
    config = many.start().config("one")
    config.set("/a", 3)
    config.set("/a", 4)
    many.stop()
    for name in names:
        shutil.copy2(many.folder / name, folder)
    state = folder / ".runtime_config.yaml.state"
    lines = state.read_text().splitlines(keepends=True)
    assert lines[-1].startswith("sealed ")
    if not is_sealed:
        state.write_text("".join(lines[:-1]))  # as of an earlier format
    config = many.start().config("one")
    assert (config.get("/a"), config.version) == (2, 3)
    assert config.set("/a", 5) == 4
    assert [change["version"] for change in config.history()] == [4, 3, 2, 1]
    many.stop()
    config = many.start().config("one")
    assert (config.get("/a"), config.version) == (5, 4)


# ------------------------------------------------------------------------------------- coming, going


def test_come_and_go(many):
    many.add("one")
    many.start()
    with objects_seen(many) as seen:
        many.add("two", "a: 2")
        wait_for_objects(seen, ("two", True))
        two = many.config("two")
        assert two.set("/b", 1) == 1
        shutil.rmtree(many.share / "two")
        wait_for_objects(seen, ("two", True), ("two", False))
        with pytest.raises(Refusal):
            two.get()
        many.add("two", "a: 3")
        wait_for_objects(seen, ("two", True), ("two", False), ("two", True))
    # what was set stays, and the version goes on
    assert two.get() == {"a": 3, "b": 1}
    assert two.version == 1
    assert two.set("/b", 2) == 2
    assert many.names() == ["one", "two"]


def test_the_file_alone_comes_and_goes(many):
    many.add("one")
    (many.share / "two").mkdir()
    many.start().has("one")
    many.add("two")
    many.has("one", "two")
    (many.share / "two/config.yaml").unlink()
    many.has("one")
    many.add("two", base=many.etc)
    many.has("one", "two")


def test_comes_and_goes_many_times(many):
    many.add("one")
    many.start()
    for number in range(10):
        many.add("two", f"a: {number}")
        many.has("one", "two")
        many.config("two").set("/b", number)
        shutil.rmtree(many.share / "two")
        many.has("one")
    assert many.config("one").get("/a") == 1


def test_a_whole_base_comes_and_goes(many):
    many.add("one")
    many.add("two", base=many.etc)
    many.start().has("one", "two")
    many.etc.rename(many.etc.with_name("away"))
    many.has("one")
    many.etc.with_name("away").rename(many.etc)
    many.has("one", "two")


def test_goes_amid_writes(many):
    many.add("one")
    many.add("two")
    many.start()
    config = many.config("two")
    answers = []
    for number in range(200):
        config.set_later("/n", number, lambda *_: answers.append(1))
    shutil.rmtree(many.share / "two")
    many.has("one")
    iterate(GLib.MainContext.default(), lambda: len(answers) == 200, "200 answers")


# ----------------------------------------------------------------------------------------- broken ones


def test_a_broken_one_harms_no_other(many):
    many.expect("broken")
    many.add("good", "a: 1")
    broken = many.add("broken", "a: [")
    many.add("broken2", "a: 1")
    many.add("broken2", "b: {", "config.d/10.yaml")
    many.start().has("good")
    assert "broken/config.yaml:1:5" in many.log().replace("“", "")
    assert "config.d/10.yaml:" in many.log()
    many.config("good").set("/a", 2)

    # mended, it is served; broken again, the last good values stay
    broken.write_text("a: 7")
    many.has("broken", "good")
    config = many.config("broken")
    assert config.get("/a") == 7
    broken.write_text("a: [")
    eventually(lambda: config.state == "degraded")
    assert "config.yaml:" in config.state_message
    assert config.get("/a") == 7
    assert many.config("good").state == "ok"


def test_broken_overrides_harm_no_other(many):
    many.expect("bad")
    many.add("good")
    many.add("bad")
    many.runtime_of("bad").parent.mkdir(parents=True)
    many.runtime_of("bad").write_text("a: [")
    many.start().has("bad", "good")
    assert many.config("bad").state == "recovered"
    assert many.config("good").state == "ok"


def test_one_that_another_process_serves(many, bus, scratch):
    many.expect("taken")
    many.add("one")
    many.add("taken")
    other = Service(bus, scratch / "other")
    other.runtime = many.runtime_of("taken")
    other.runtime.parent.mkdir(parents=True)
    other.environment["DBUS_SESSION_BUS_ADDRESS"] = ""
    many.start().has("one", "taken")
    many.config("taken").set("/a", 2)
    assert str(other.runtime) in other.fails()


def test_only_one(many):
    many.add("one", "a: 1")
    many.add("two", "a: 2")
    (many.share / "no name").mkdir()
    many.start("--name", "two", "--no-watch").has("two")
    assert many.config("two").set("/a", 3) == 1
    many.add("three")
    many.add("two", "b: 2")
    many.process.send_signal(signal.SIGHUP)
    eventually(lambda: "b" in many.config("two").list(), "the files are read again")
    assert many.names() == ["two"]
    assert many.runtime_of("two").exists()
    assert "no name" not in many.log()


def test_the_only_one_is_not_there(many):
    many.add("one")
    said = many.fails("--name", "two")
    assert "“two”" in said and str(many.share) in said and str(many.etc) in said
    many.add("two", "a: [")
    assert "config.yaml:1:" in many.fails("--name", "two")


def test_a_folder_that_cannot_be_read(bus, scratch):
    require_root()
    service = Many(bus, scratch / "many", user="nobody")
    service.expect("closed")
    service.add("open")
    service.add("closed")
    (service.share / "closed").chmod(0o700)
    with contextlib.contextmanager(closing)(service):
        service.start().has("open")
        assert str(service.share / "closed") in service.log()
        (service.share / "closed").chmod(0o755)
        service.has("closed", "open")
        service.config("closed").set("/a", 2)


# ----------------------------------------------------------------------------------------- names, links


@pytest.mark.parametrize("name", [
    ".hidden", "-dash", "_under", "a b", "ä", "a" * 65, "a\nb", "a;b", "a\x1b[31mb",
])
def test_what_is_no_name(many, name):
    many.expect("can't be the name of a configuration")
    many.add("good")
    many.add(name)
    many.start().has("good")
    if not name.startswith("."):
        assert "can't be the name of a configuration" in many.log()
    lines = [line for line in many.log().splitlines() if "be the name of" in line]
    assert len(lines) == (0 if name.startswith(".") else 1)
    assert "\x1b" not in many.log()


def test_files_among_the_folders(many):
    many.add("good")
    (many.share / "README").write_text("nothing")
    many.start().has("good")


def test_a_path_that_is_no_name_on_the_bus(many):
    many.add("good")
    (many.root / "evil").mkdir()
    (many.root / "evil/config.yaml").write_text("a: 1")
    many.start()
    for path in ("/org/runconf/Config1/_2e_2e_2f_2e_2e_2fevil", "/org/runconf/Config1/evil"):
        config = many.config("good")
        config.path = path
        with pytest.raises(Refusal):
            config.get()


@pytest.mark.parametrize("base", ["share", "etc"])
def test_a_folder_that_leads_out(many, base):
    many.expect("leads out")
    elsewhere = many.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "config.yaml").write_text("secret: 1")
    many.add("good")
    (getattr(many, base) / "evil").symlink_to(elsewhere)
    many.start().has("good")
    assert "leads out" in many.log()
    # a real one in its place
    (getattr(many, base) / "evil").unlink()
    many.add("evil", "a: 2")
    many.has("evil", "good")
    assert many.config("evil").get() == {"a": 2}


def test_overrides_that_lead_out(many):
    many.expect("leads out")
    elsewhere = many.folder / "elsewhere"
    elsewhere.mkdir()
    many.add("good")
    many.add("evil")
    (many.state / "evil").symlink_to(elsewhere)
    many.start().has("good")
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("served", [False, True])
def test_a_folder_that_becomes_a_link_is_not_written_through(many, scratch, served):
    """While the service runs, before and after the first change."""
    many.add("one")
    many.start()
    config = many.config("one")
    if served:
        config.set("/b", 1)
        many.runtime_of("one").parent.rename(many.folder / "before")
    elsewhere = scratch / "elsewhere"
    elsewhere.mkdir()
    (many.state / "one").symlink_to(elsewhere)
    with pytest.raises(Refusal) as caught:
        config.set("/b", 2)
    assert caught.value.kind == "StorageFailed" and "symbolic link" in caught.value.message
    assert list(elsewhere.iterdir()) == []
    (many.state / "one").unlink()
    if served:
        (many.folder / "before").rename(many.runtime_of("one").parent)
    eventually(lambda: many.config("one").set("/b", 3))
    assert "b: 3" in many.runtime_of("one").read_text()
    many.expect("symbolic link")


def test_a_link_to_another_one(many):
    many.add("good", "a: 5")
    (many.share / "alias").symlink_to("good")
    many.start().has("alias", "good")
    many.config("alias").set("/b", 1)
    assert many.config("good").get() == {"a": 5}


def test_a_link_of_another_user(many):
    require_root()
    many.expect("another user")
    target = many.folder / "secret"
    target.write_text("password: 1")
    many.add("good")
    (many.share / "evil").mkdir()
    (many.share / "evil/config.yaml").symlink_to(target)
    os.chown(many.share / "evil/config.yaml", 65534, 65534, follow_symlinks=False)
    many.start().has("good")
    assert "symbolic link of another user" in many.log()


def test_a_link_swap(many):
    """What kubelet does with a ConfigMap."""
    folder = many.share / "one"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"..v{number}").mkdir()
        (folder / f"..v{number}/config.yaml").write_text(f"a: {number}")
    (folder / "..data").symlink_to("..v1")
    (folder / "config.yaml").symlink_to("..data/config.yaml")
    config = many.start().config("one")
    assert config.get("/a") == 1
    (folder / "..new").symlink_to("..v2")
    (folder / "..new").rename(folder / "..data")
    eventually(lambda: config.get("/a") == 2, seconds=3)


# ----------------------------------------------------------------------------------------- the session


def test_the_folders_of_a_user(session):
    session.add("one", "a: share")
    session.add("one", "a: local", base=session.local)
    session.add("two", "a: share")
    session.add("two", "a: home", base=session.etc)
    session.add("two", "b: local", "config.d/1.yaml", base=session.local)
    session.start().has("one", "two")
    assert session.config("one").get() == {"a": "local"}
    assert session.config("two").get() == {"a": "home", "b": "local"}
    session.config("one").set("/a", "mine")
    assert session.runtime_of("one").exists()


def test_the_folders_of_a_user_without_variables(session):
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        del session.environment[name]
    session.environment["HOME"] = str(session.folder)
    session.add("one", "a: home", base=session.folder / ".config/runconf")
    config = session.start().config("one")
    assert config.get() == {"a": "home"}
    config.set("/a", "mine")
    assert (session.folder / ".local/state/runconf/one/runtime_config.yaml").exists()


# the folders of the system are those of a scratch folder, in a mount namespace
SYSTEM = """
for folder in usr/share etc var/lib; do
    mkdir -p "/$folder/runconf" 2>/dev/null || mount -t tmpfs tmpfs "/$folder"
    mkdir -p "/$folder/runconf"
    mount --bind "$0/$folder/runconf" "/$folder/runconf"
done
exec "$@"
"""


def test_an_address_has_the_folders_of_the_system(many):
    require_root()
    command = many.command
    many.command = lambda *options: [
        word for word in command(*options) if word not in ("--root", str(many.root))]
    many.add("one", "a: 5")
    many.add("one", "a: 6", base=many.etc)
    prefix = [*private_mounts(many.folder), "bash", "-ec", SYSTEM, str(many.root)]
    config = many.start(prefix=prefix).config("one")
    assert config.set("/b", 1) == 1
    assert config.get() == {"a": 6, "b": 1}
    assert many.runtime_of("one").exists()


# ----------------------------------------------------------------------------------------- the process


def test_hang_up(many):
    one = many.add("one", "a: 1")
    many.start("--no-watch").has("one")
    one.write_text("a: 2")
    many.add("two")
    config = many.config("one")
    # nothing reports the changes to the service
    assert "anon_inode:inotify" not in many.descriptors()
    assert config.get("/a") == 1
    assert many.names() == ["one"]
    many.process.send_signal(signal.SIGHUP)
    many.has("one", "two")
    eventually(lambda: config.get("/a") == 2)
    assert config.state == "ok"


def test_hang_up_of_one(service):
    config = service.start("--no-watch")
    service.defaults.write_text("a: 2")
    service.process.send_signal(signal.SIGHUP)
    eventually(lambda: config.get() == {"a": 2})


@pytest.mark.parametrize("abstract", [False, True])
def test_tells_the_service_manager(many, abstract):
    many.add("one")
    address = f"{many.folder}/notify" if not abstract else f"\0runconf-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(DEADLINE)
        many.environment["NOTIFY_SOCKET"] = address.replace("\0", "@")
        many.launch()
        assert listener.recv(100) == b"READY=1"
        assert many.names() == ["one"], "the service has its name by then"
        many.stop()
        assert listener.recv(100) == b"STOPPING=1"


def test_a_service_manager_that_is_not_there(many):
    many.add("one")
    many.environment["NOTIFY_SOCKET"] = f"{many.folder}/nothing"
    many.start().has("one")


@pytest.mark.parametrize("options, words", [
    (["--name", "a/b"], "--name"),
    (["--defaults", "/tmp/x"], "--runtime"),
    (["--session"], "--session"),
])
def test_options(many, options, words):
    assert words in many.fails(*options)


# ----------------------------------------------------------------------------------------- a thousand


def leaves(count):
    return "".join(f"key_{i // 10}_{i}: value number {i}\n" for i in range(count))


def resident(process):
    with open(f"/proc/{process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) / 1024


def start_thousand(many):
    begin = time.monotonic()
    many.start()
    seconds = time.monotonic() - begin
    memory = resident(many.process)
    descriptors = len(many.descriptors())
    print(f"1,000 configurations: {seconds:.2f} s, {memory:.0f} MiB, {descriptors} descriptors")
    return memory, descriptors


def written_at(many):
    """When each file was written last, but for the locks, which tell who serves."""
    return {path: path.stat().st_mtime_ns for path in many.state.glob("*/.*")
            if path.suffix != ".lock"}


def open_histories(many):
    folder = f"/proc/{many.process.pid}/fd"
    links = []
    for number in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            links.append(os.readlink(f"{folder}/{number}"))
    return sum(link.endswith(".history") for link in links)


def is_figure_meant():
    """Not with a sanitizer, which takes its time and its memory."""
    return "ASAN_OPTIONS" not in os.environ and "TSAN_OPTIONS" not in os.environ


def test_a_thousand(many):
    for number in range(1000):
        many.add(f"app{number}", leaves(100))
    memory, descriptors = start_thousand(many)
    assert len(many.names()) == 1000
    assert descriptors < 100
    if is_figure_meant():
        assert memory < 100
    for number in (0, 500, 999):
        config = many.config(f"app{number}")
        assert config.set("/key_0_0", number) == 1
    many.add("app1000")
    eventually(lambda: len(many.names()) == 1001)


def test_a_thousand_that_were_written_to(many):
    for number in range(1000):
        many.add(f"app{number}", leaves(100))
    many.start()
    client = many.config("app0")
    answers = []
    for number in range(1000):
        client.path = path_of(f"app{number}")
        client.set_later("/key_0_0", number, answers.append)
        # a bus lets nobody wait for more than 128 answers
        if number % 100 == 99:
            wait_for_answers(answers, number + 1)
    assert answers == [1] * 1000
    eventually(lambda: 0 < open_histories(many) <= 64, "few histories are open at a time")
    print(f"written to: {resident(many.process):.0f} MiB, "
          f"{len(many.descriptors())} descriptors")
    many.stop()
    before = written_at(many)
    memory, descriptors = start_thousand(many)
    assert descriptors < 4096
    if is_figure_meant():
        assert memory < 100
    # a start that finds nothing new brings nothing to the disk, and opens no history
    assert written_at(many) == before
    assert open_histories(many) == 0
    for number in (0, 500, 999):
        config = many.config(f"app{number}")
        assert config.get("/key_0_0") == number
        assert [change["version"] for change in config.history()] == [1]
        assert config.revert(0)
