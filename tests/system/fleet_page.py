# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/fleet-setup.md as a stranger reads it: one machine is etcd, a host and the administrator's.

A second member of etcd is a second unit, with folders and a network of its own.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import socket

from container import ADMIN, ROOT, STATE, make_user, run, show, wait_for
from pages import Shell, add_cases, read_blocks
from fleet import AGENT, LAYER

PAGE = ROOT / "docs/fleet-setup.md"
PORT = "/chat/websocket/port"
FILES = pathlib.Path("/root/fleet")
# the state that Debian's package leaves behind, which is installed already
FRESH = "systemctl stop etcd; rm -rf /var/lib/etcd/default; systemctl start etcd"
SECOND = {"apt install etcd-server etcd-client": "", "/etc/default/etcd": "/etc/default/second",
          "/etc/etcd": "/etc/second", "/var/lib/etcd/default": "/var/lib/etcd/second",
          "systemctl stop etcd": "systemctl stop second", "systemctl start etcd": "systemctl start second"}
# Without an address beside that of the loopback, programs don't find names in /etc/hosts.
NETWORK = """
ip netns add second
ip link add etcd1 type veth peer name etcd2 netns second
ip address add 10.79.0.1/24 dev etcd1
ip link set etcd1 up
ip -n second address add 10.79.0.2/24 dev etcd2
ip -n second link set etcd2 up
printf '10.79.0.1 etcd1\\n10.79.0.2 etcd2\\n' >>/etc/hosts
"""
shells = {}


def root(block, instead=None):
    return shells["root"].run(block, instead)


def anna(command):
    return shells["anna"].run(command)


def password_of(user):
    return (FILES / f"{user}.password").read_text().strip()


def plain(text):
    """The lines without the numbers, the widths of columns, and the name of this machine."""
    return [re.sub(" +", " ", re.sub(r"\d+", "1", line)).strip()
            for line in text.replace(socket.gethostname(), "web1").splitlines()]


def check_printed(told, shown):
    assert plain(told)[-len(plain(shown)):] == plain(shown), f"{told}isn't\n{shown}"


def start_etcd(blocks):
    (block,) = blocks
    shells["root"] = Shell()
    root(NETWORK)
    root(block, {"apt install etcd-server etcd-client openssl": FRESH})


def make_users(blocks):
    (block,) = blocks
    root(block)
    assert FILES.stat().st_mode & 0o077 == 0
    refused = run("etcdctl", "put", "/runconf/x", "y", check=False)
    assert "user name is empty" in refused.stderr, refused


def turn_tls_on(blocks):
    certificates, settings, environment = blocks
    root(certificates)
    root(settings)
    root(environment)
    assert not answers_without_tls()
    stranger = run("runconf", "fleet", "--endpoints", "https://etcd1:2379", "hosts", check=False)
    assert "isn't in the file “ca” of “tls”" in stranger.stderr and "--user" not in stranger.stderr, stranger
    nobody = ["runuser", "-u", "nobody", "--", "cat"]
    assert run(*nobody, "/etc/etcd/member.key", check=False).returncode != 0


def answers_without_tls():
    connection = http.client.HTTPConnection("etcd1", 2379, timeout=10)
    with contextlib.closing(connection), contextlib.suppress(http.client.HTTPException):
        connection.request("GET", "/version")
        return connection.getresponse().status == 200
    return False


def set_a_host_up(blocks):
    (block,) = blocks
    root(block)
    wait_for("the agent", lambda: "etcd is followed" in journal())
    assert show("ActiveState", AGENT) == "active"
    told = journal() + pathlib.Path(ADMIN / "fleetd.yaml").read_text()
    assert password_of("agent") not in told


def journal():
    return run("journalctl", f"_SYSTEMD_INVOCATION_ID={show('InvocationID', AGENT)}", "-o", "cat").stdout


def set_an_administrator_up(blocks):
    (block,) = blocks
    user = make_user("anna")
    copy = pathlib.Path(user.pw_dir, "anna.password")
    shutil.copy(FILES / "anna.password", copy)
    os.chown(copy, user.pw_uid, user.pw_gid)
    shells["anna"] = Shell(user.pw_dir, "anna")
    told = anna(block)
    assert f"{socket.gethostname()} " in told and " web\n" in told, told


def change(blocks):
    configuration, first, look, rollout = blocks
    root(configuration)
    wait_for("the configuration", lambda: run("runconf", "-c", "chatbot", "get", PORT).stdout == "8000\n")
    status, origin = (text for kind, text in read_blocks(PAGE.read_text()) if kind == "text")
    check_printed(anna(first), status)
    check_printed(root(look), origin)
    (value, *_) = json.loads(run("runconf", "-c", "chatbot", "explain", PORT, "--json").stdout)
    assert (value["layer"], value["document"], value["author"]) == ("fleet", "config/chatbot/all", "anna"), value
    told = anna(rollout)
    assert "for the move" in told, told
    wait_for("the rollout", lambda: run("runconf", "-c", "chatbot", "get", PORT).stdout == "9100\n")


def give_rights(blocks):
    (block,) = blocks
    root(block)
    settings = FILES / "bob.yaml"
    settings.write_text((ADMIN / "fleetd.yaml").read_text().replace("agent", "bob")
                        + f"password-file: {FILES}/bob.password\n")

    def fleet(*arguments):
        return run("runconf", "fleet", "--config", str(settings), *arguments, check=False)

    assert fleet("-c", "chatbot", "set", "--all", PORT, "9200").returncode == 0
    refused = fleet("-c", "other", "set", "--all", PORT, "9200")
    assert refused.returncode == 4, refused
    assert "“bob”" in refused.stderr, refused


def add_a_member(blocks):
    first, second, health = blocks
    unit = pathlib.Path("/lib/systemd/system/etcd.service").read_text()
    pathlib.Path("/run/systemd/system/second.service").write_text(
        unit.replace("/var/lib/etcd/default", "/var/lib/etcd/second")
        .replace("[Service]", "[Service]\nNetworkNamespacePath=/run/netns/second"))
    run("systemctl", "daemon-reload")
    root(first)
    root(second, SECOND)
    told = root(health)
    assert told.count(" is healthy: ") == 2, told
    assert "anna" in root("ETCDCTL_ENDPOINTS=https://etcd2:2379 etcdctl user list")
    anna(f"runconf fleet --endpoints https://etcd1:2379,https://etcd2:2379 -c chatbot set --all {PORT} 9300 --wait")


def save_and_restore(blocks):
    save, restore = blocks
    root(save)
    anna(f"runconf fleet -c chatbot set --all {PORT} 9400 --wait")
    run("systemctl", "stop", "second")
    root(restore)
    wait_for("the value of the backup", lambda: run("runconf", "-c", "chatbot", "get", PORT).stdout == "9300\n", 30)


def use_certificates(blocks):
    certificate, host, member = blocks
    root(certificate)
    root(host)
    root(member)
    refused = run("runconf", "fleet", "--config", str(FILES / "bob.yaml"), "hosts", check=False)
    assert "TLS: " in refused.stderr, refused
    settings = FILES / "bob.yaml"
    settings.write_text(settings.read_text().replace(
        "fleet-ca.pem}", f"fleet-ca.pem, certificate: {FILES}/host.pem, key: {FILES}/host.key}}"))
    told = run("runconf", "fleet", "--config", str(settings), "-c", "chatbot", "set", "--all", PORT, "9500", "--wait")
    assert "1 of 1 hosts have it" in told.stdout, told
    leave()


def leave():
    """The cases that follow know nothing of a fleet."""
    run("systemctl", "stop", AGENT, "etcd")
    (ADMIN / "fleetd.yaml").unlink()
    for folder in (ADMIN / "chatbot", STATE / "chatbot", LAYER / "chatbot"):
        shutil.rmtree(folder, ignore_errors=True)
    run("systemctl", "restart", "runconfd")


add_cases(PAGE, {
    "etcd": start_etcd,
    "Users": make_users,
    "TLS": turn_tls_on,
    "Hosts": set_a_host_up,
    "Administrators": set_an_administrator_up,
    "The first change": change,
    "Rights": give_rights,
    "Three members": add_a_member,
    "Backup": save_and_restore,
    "Client certificates": use_certificates,
})
