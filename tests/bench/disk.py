# SPDX-License-Identifier: LGPL-2.1-or-later
"""The file system that the files of a benchmark are on.

An installed system has its files on a file system with a journal. Some virtual machines have ext4 without
one, where the replacement of a file costs a fraction, so that a program which replaces files looks faster
there than it is for its users, and a program which writes in place doesn't.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

IMAGE_MB = 1024


def find_mount(path):
    """The device, and the type, of the file system that @path is on."""
    best = ("", "", "unknown")
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        device, point, kind = line.split()[:3]
        inside = path == pathlib.Path(point) or pathlib.Path(point) in path.parents
        if inside and len(point) >= len(best[1]):
            best = (device, point, kind)
    return best[0], best[2]


def lacks_journal(path):
    device, kind = find_mount(path)
    task = pathlib.Path("/sys/fs/ext4") / pathlib.Path(device).resolve().name / "journal_task"
    return kind == "ext4" and task.exists() and task.read_text().strip() == "<none>"


def describe(path):
    device, kind = find_mount(path)
    return f"{kind}{' without a journal' if lacks_journal(path) else ''}{', in a file' if 'loop' in device else ''}"


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextlib.contextmanager
def image(folder):
    """An ext4 as mkfs makes it, in a file that is wholly on the disk."""
    with contextlib.ExitStack() as stack:
        file, point = folder / "disk", folder / "mount"
        stack.callback(file.unlink)
        with file.open("wb") as stream:
            for _ in range(IMAGE_MB):
                stream.write(bytes(1 << 20))
            os.fsync(stream.fileno())
        run("mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=0,lazy_journal_init=0", str(file))
        # without a second cache of the same blocks
        device = run("losetup", "--find", "--show", "--direct-io=on", str(file))
        stack.callback(run, "losetup", "--detach", device)
        point.mkdir()
        run("mount", device, str(point))
        stack.callback(run, "umount", str(point))
        yield point


def can_mount():
    return os.geteuid() == 0 and all(map(shutil.which, ("mkfs.ext4", "losetup", "mount", "umount")))


@contextlib.contextmanager
def scratch(build, chosen):
    """A folder for the files: in @chosen, else on a file system with a journal, if there can be one, else in
    @build."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=chosen or build))
        stack.callback(shutil.rmtree, folder)
        if chosen is None and lacks_journal(folder) and can_mount():
            try:
                folder = stack.enter_context(image(folder))
            except (OSError, subprocess.CalledProcessError) as error:
                print(f"There is no file system with a journal here, and none can be made: {error}")
        yield folder
