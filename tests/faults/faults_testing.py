# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the faults share: scratch folders, private buses, disks, processes."""

import collections
import concurrent.futures
import contextlib
import multiprocessing
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "service"))

from runconf_testing import DBusDaemon, Service, eventually  # noqa: E402

Outcome = collections.namedtuple("Outcome", "points problems")


def need(*programs):
    missing = [program for program in programs if not shutil.which(program)]
    if missing or os.geteuid() != 0:
        raise RuntimeError(f"this needs root and {', '.join(missing) or 'nothing else'}")


@contextlib.contextmanager
def scratch(base="/dev/shm"):
    base = base if os.path.isdir(base) else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="runconf-faults-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def private_bus(folder):
    (folder / "bus").mkdir()
    bus = DBusDaemon(folder / "bus", "session")
    bus.start()
    try:
        yield bus
    finally:
        bus.stop()


def read_overrides(path):
    """What the file means, without the metadata; None if it isn't there."""
    if not path.exists():
        return None
    tree = yaml.safe_load(path.read_text()) or {}
    tree.pop("_runtime_config", None)
    return tree


def get_overrides(client):
    """What the daemon says that the overrides are."""
    tree = client.dump_json("", "overrides")
    tree.pop("_runtime_config", None)
    return tree


def make_pool(jobs):
    """Processes of their own: a fork doesn't survive GLib's threads."""
    return concurrent.futures.ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"))


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@contextlib.contextmanager
def mounted_once(source, target, *options):
    """For a source that isn't used again: a loop device may serve it for some time afterwards."""
    target.mkdir(exist_ok=True)
    run("mount", *options, str(source), str(target))
    try:
        yield target
    finally:
        run("umount", str(target))


@contextlib.contextmanager
def mounted(source, target, *options):
    with mounted_once(source, target, *options):
        yield target
    wait_until_detached(source)


def wait_until_detached(source):
    """A loop device is detached some time after it was unmounted, and would serve its blocks to the next file."""
    eventually(lambda: not subprocess.run(["losetup", "-j", str(source)], capture_output=True, check=False).stdout)


def serve_on(bus, folder, disk):
    """A daemon whose overrides are on a disk of their own."""
    service = Service(bus, folder)
    service.var.rmdir()
    service.var = disk
    service.runtime = disk / "runtime_config.yaml"
    service.state_file = disk / ".runtime_config.yaml.state"
    service.journal_file = disk / ".runtime_config.yaml.journal"
    service.history_file = disk / ".runtime_config.yaml.history"
    service.defaults.write_text("n: 0\nchat: {}\n")
    return service
