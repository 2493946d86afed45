#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Boots this machine in a container, on an overlay that is thrown away, and tries the packages there.

It takes root. The last line counts the cases.
"""

import argparse
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TIMEOUT = 600
# at least as many as there are shapes in tests/service/strangers.py
N_FLOODS = 10
TRIED = ["runconf", "runconf-fleet", "librunconf-1-1", "gir1.2-runconf-1", "python3-runconf",
         "gsettings-backend-runconf", "gsettings-backend-runconf-default"]

UNIT = """[Unit]
Description=The system test
After=dbus.socket
SuccessAction=poweroff-force
FailureAction=poweroff-force

[Service]
Type=oneshot
Environment=RUNCONF_KILLS=%d RUNCONF_FLOOD=%g PYTHONDONTWRITEBYTECODE=1
ExecStart=/usr/bin/python3 -u /system-test/tests/system/inside.py
StandardOutput=file:/system-test/output
StandardError=file:/system-test/output
"""


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def overlay():
    """A tree that looks like this machine, and that may be written."""
    with contextlib.ExitStack() as stack:
        scratch = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="runconf-system.")))
        run("mount", "-t", "tmpfs", "-o", "mode=755,size=2g", "runconf-system", scratch)
        stack.callback(run, "umount", "--lazy", scratch)
        for name in ("upper", "work", "root"):
            (scratch / name).mkdir(mode=0o755)
        options = f"lowerdir=/,upperdir={scratch}/upper,workdir={scratch}/work"
        run("mount", "-t", "overlay", "-o", options, "runconf-system", scratch / "root")
        stack.callback(run, "umount", "--lazy", scratch / "root")
        yield scratch / "root"


def make_older(package, folder):
    """The same package under a version that comes just before it, to upgrade from."""
    with tempfile.TemporaryDirectory() as name:
        run("dpkg-deb", "--raw-extract", package, f"{name}/tree")
        control = pathlib.Path(name, "tree/DEBIAN/control")
        control.write_text(re.sub(r"(?m)^Version: .*", r"\g<0>~older", control.read_text()))
        run("dpkg-deb", "--build", "--root-owner-group", "-Znone", f"{name}/tree", folder)


# what the cases in the container use
NEEDED = ["config.yaml", "config.schema.yaml", "docs", "introspection", "tests/service", "tests/system"]


def furnish(root, packages, kills, flood):
    test = root / "system-test"
    for name in ("old", "new"):
        (test / name).mkdir(parents=True)
    for name in TRIED:
        (package,) = packages.glob(f"{name}_*.deb")
        shutil.copy(package, test / "new")
        make_older(package, test / "old")
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, test / name)
        else:
            shutil.copy(ROOT / name, test)

    # where this machine is itself a container, this may keep packages from starting what they bring
    (root / "usr/sbin/policy-rc.d").unlink(missing_ok=True)

    units = root / "etc/systemd/system"
    # dbus-daemon is what Debian has; where dbus-broker is installed, it is the other one's turn later
    (units / "dbus.service").unlink(missing_ok=True)
    (units / "system-test.service").write_text(UNIT % (kills, flood))
    (units / "multi-user.target.wants").mkdir(exist_ok=True)
    (units / "multi-user.target.wants/system-test.service").symlink_to("../system-test.service")
    return test


def nspawn(root, *arguments):
    command = ["systemd-nspawn", "--quiet", f"--directory={root}", "--private-network", "--register=no"]
    return [*command, "--keep-unit", "--console=pipe", *arguments]


def find_obstacle():
    """Returns why no container can be booted here, or None where one can."""
    if os.geteuid() != 0:
        return "it takes root"
    try:
        with overlay() as root:
            command = nspawn(root, "/bin/true")
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", None) or b""
        return f"{error}: {told.decode(errors='replace').strip()}"
    return None


def boot(root, timeout):
    command = nspawn(root, "--boot", "systemd.unit=multi-user.target")
    try:
        result = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout
        )
        return result.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as error:
        return (error.stdout or b"").decode(errors="replace") + f"\nnot done after {timeout} s"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=pathlib.Path, nargs="?", help="the folder that the packages are in")
    parser.add_argument("--check", action="store_true", help="say only whether a container can be booted here")
    parser.add_argument("--kills", type=int, default=20, help="how often the service is killed (20)")
    parser.add_argument("--flood", type=float, default=1,
                        help="how long each flood of a stranger takes, in seconds (1)")
    arguments = parser.parse_args()
    obstacle = find_obstacle()
    if obstacle is not None:
        print(f"no container can be booted here: {obstacle}")
    if arguments.check:
        return 0 if obstacle is None else 1
    if obstacle is not None:
        print("0 passed, 1 failed")
        return 1

    with overlay() as root:
        test = furnish(root, arguments.packages, arguments.kills, arguments.flood)
        console = boot(root, TIMEOUT + N_FLOODS * arguments.flood)
        output = test / "output"
        text = output.read_text(errors="replace") if output.exists() else ""

    if not re.search(r"\d+ passed, \d+ failed\n\Z", text):
        print(console)
        print(text)
        print("0 passed, 1 failed")
        return 1

    print(text, end="")
    return 0 if text.endswith(" 0 failed\n") else 1


if __name__ == "__main__":
    sys.exit(main())
