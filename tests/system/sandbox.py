# SPDX-License-Identifier: LGPL-2.1-or-later
"""The unit lets the service do what it has to, and nothing else."""

import pathlib
import re

from container import STATE, UNIT, case, main_pid, run, show, status_of


@case
def the_unit_is_hardened():
    told = run("systemd-analyze", "security", "--no-pager", UNIT).stdout
    score = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", told).group(1))
    assert score <= 0.3, told


@case
def the_process_can_do_nothing_else():
    for field in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status_of(main_pid(), field), 16) == 0, field
    assert status_of(main_pid(), "NoNewPrivs") == "1"
    assert status_of(main_pid(), "Seccomp") == "2"


def inside_of_it(*command):
    """Runs a command as root would, but with the files that the service sees."""
    return run("nsenter", f"--target={main_pid()}", "--mount", "--net", *command, check=False)


@case
def it_sees_and_writes_only_what_is_its_own():
    pathlib.Path("/root/secret").write_text("")
    pathlib.Path("/tmp/visible").write_text("")
    for path in ("/etc/runconf/new", "/usr/share/runconf/new", "/var/lib/new", "/var/new", "/new"):
        refused = inside_of_it("touch", path)
        assert "Read-only file system" in refused.stderr, (path, refused.stderr)
    for path in ("/root/secret", "/tmp/visible", "/dev/kmsg", "/dev/mem"):
        assert inside_of_it("test", "-e", path).returncode != 0, path
    assert inside_of_it("touch", f"{STATE}/new").returncode == 0
    (STATE / "new").unlink()
    interfaces = inside_of_it("cat", "/proc/thread-self/net/dev").stdout
    assert interfaces == "" or re.findall(r"^\s*(\w+):", interfaces, re.MULTILINE) == ["lo"]


def read_memory_limit(pid):
    """What the kernel holds a process to by its group, or None where it doesn't count that."""
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, group = line.split(":", 2)
        limit = pathlib.Path("/sys/fs/cgroup", group.lstrip("/"), "memory.max")
        if controllers == "" and limit.exists():
            return limit.read_text().strip()
    return None


@case
def its_memory_is_bounded():
    memory, data = 1024 << 20, 768 << 20
    assert show("MemoryMax") == str(memory)
    limit = read_memory_limit(main_pid())
    if limit is None:
        print("        the kernel doesn't count the memory of a unit here: LimitDATA alone bounds it")
    assert limit in (None, str(memory))
    limits = pathlib.Path(f"/proc/{main_pid()}/limits").read_text()
    assert re.search(rf"^Max data size +{data} +{data} ", limits, re.MULTILINE), limits
