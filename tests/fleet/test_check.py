# SPDX-License-Identifier: LGPL-2.1-or-later
"""runconf-fleetd --check: a mistake in a file of the settings is told with the file and the correction."""

import json
import os
import shutil
import subprocess

import pytest

from etcd_testing import asan
from runconf_testing import DEADLINE, as_user, require_root

SECRET = "geheim"
PEM = "there is no whole certificate in PEM, from “-----BEGIN CERTIFICATE-----” to “-----END CERTIFICATE-----”"
KEY = "there is no whole private key in PEM without a passphrase, from “-----BEGIN PRIVATE KEY-----”"


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Certificates with their keys, one of each kind, and files that are no such."""
    folder = tmp_path_factory.mktemp("files")
    kinds = {"ca": "ec -pkeyopt ec_paramgen_curve:prime256v1", "client": "ec -pkeyopt ec_paramgen_curve:secp384r1",
             "rsa": "rsa:2048", "edwards": "ed25519"}
    for name, kind in kinds.items():
        openssl(folder, "req", "-x509", "-newkey", *kind.split(), "-nodes", "-days", "2", "-subj", f"/O={name}",
                "-addext", "extendedKeyUsage=clientAuth", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    openssl(folder, "pkey", "-in", "client.key", "-aes256", "-passout", f"pass:{SECRET}", "-out", "locked.key")
    (folder / "both.pem").write_text((folder / "client.pem").read_text() + (folder / "client.key").read_text())
    (folder / "cut.pem").write_text((folder / "client.pem").read_text()[:200])
    (folder / "text").write_text(f"{SECRET}\n")
    (folder / "second").write_text(f"\n{SECRET}\n")
    (folder / "empty").touch()
    (folder / "folder").mkdir()
    return folder


class Check:
    def __init__(self, folder, files):
        self.folder = folder
        self.files = files
        self.environment = {**os.environ, **asan(), "CREDENTIALS_DIRECTORY": str(folder)}
        self.program = os.environ["RUNCONF_FLEETD"]
        self.prefix = []

    def __call__(self, options=("--check",), **settings):
        """Runs it; `tls` and `password_file` are names of files. Returns the message, "" if all is right."""
        for key in settings.get("tls", {}):
            settings["tls"][key] = str(self.files / settings["tls"][key])
        if "password_file" in settings:
            settings["password-file"] = str(self.files / settings.pop("password_file"))
        config = self.folder / "fleetd.yaml"
        config.write_text(json.dumps({"endpoints": "https://127.0.0.1:1", "folder": "/layer", **settings}))
        done = subprocess.run(
            [*self.prefix, self.program, "--config", str(config), "--root", str(self.folder), *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE, env=self.environment)
        assert SECRET not in done.stdout + done.stderr
        if done.returncode == 0:
            assert done.stdout == f"{config}: there is no mistake\n"
        else:
            assert (done.returncode, done.stdout) == (1, "")
        return done.stderr.removeprefix("runconf-fleetd: ").replace(f"{self.files}/", "").rstrip()


@pytest.fixture
def check(tmp_path, files):
    return Check(tmp_path, files)


@pytest.mark.parametrize("tls", [
    {"ca": "ca.pem"},
    {"ca": "ca.pem", "certificate": "client.pem", "key": "client.key"},
    {"certificate": "rsa.pem", "key": "rsa.key"},
    {"certificate": "edwards.pem", "key": "edwards.key"},
    {"certificate": "both.pem"},
])
def test_what_is_right(check, tls):
    assert check(tls=tls, user="agent", password_file="text") == ""


NO_FILE = "none: No such file or directory: {} has to be in a file that the user "


@pytest.mark.parametrize("tls, words", [
    ({"ca": "none"}, NO_FILE.format("the certificate of the authority")),
    ({"ca": "empty"}, f"empty: {PEM}"),
    ({"ca": "text"}, f"text: {PEM}"),
    ({"ca": "cut.pem"}, f"cut.pem: {PEM}"),
    ({"ca": "folder"}, "folder: Is a directory: the certificate of the authority has to be in a file that the user "),
    ({"ca": "ca.key"}, f"ca.key: {PEM}"),
    ({"certificate": "none"}, NO_FILE.format("the certificate")),
    ({"certificate": "text", "key": "client.key"}, f"text: {PEM}"),
    ({"certificate": "client.pem", "key": "none"}, NO_FILE.format("the key of the certificate")),
    ({"certificate": "client.pem", "key": "text"}, f"text: {KEY}"),
    ({"certificate": "client.pem", "key": "locked.key"}, f"locked.key: {KEY}"),
    ({"certificate": "client.pem"}, f"client.pem: {KEY}"),
    ({"key": "client.key"}, "a key is set without its certificate"),
    *[({"certificate": f"{one}.pem", "key": f"{other}.key"},
       f"{other}.key: the key doesn't belong to the certificate in {one}.pem: use the key with which that was made")
      for one, other in (("client", "ca"), ("client", "rsa"), ("rsa", "client"), ("edwards", "client"))],
])
def test_a_wrong_file(check, tls, words):
    assert check(tls=tls).startswith(words)


@pytest.mark.parametrize("file, words", [
    ("none", NO_FILE.format("the password")),
    ("empty", "empty: there is no password: write it on the first line"),
    ("second", "second: there is no password: write it on the first line"),
    ("folder", "folder: Is a directory: the password has to be in a file that the user "),
])
def test_a_wrong_password_file(check, file, words):
    assert words in check(user="agent", password_file=file)


def test_a_user_without_a_password(check):
    assert check(user="agent") == (
        "the user “agent” has no password: write it to /etc/credstore/fleet-password, or name its file with"
        " “password-file” in the settings")


def test_credentials_come_first(check, files):
    for name, file in {"ca": "ca.pem", "certificate": "client.pem", "key": "client.key", "password": "text"}.items():
        (check.folder / f"fleet-{name}").write_text((files / file).read_text())
    tls = {"ca": "none", "certificate": "none", "key": "none"}
    assert check(tls=dict(tls), user="agent", password_file="none") == ""
    (check.folder / "fleet-key").write_text((files / "rsa.key").read_text())
    assert check(tls=tls, user="agent") == (
        f"{check.folder}/fleet-key: the key doesn't belong to the certificate in {check.folder}/fleet-certificate:"
        " use the key with which that was made")


def test_a_start_has_the_same_messages(check):
    """An agent that started would never end."""
    wrong = {"certificate": "client.pem", "key": "rsa.key"}
    assert check(tls=dict(wrong)) == check((), tls=wrong)


def test_a_file_of_another_user(check, tmp_path, files):
    require_root()
    (tmp_path / "fleet-password").write_text(SECRET)
    (tmp_path / "fleet-password").chmod(0o600)
    for folder in (*tmp_path.parents[:2], tmp_path):
        folder.chmod(0o755)
    check.program = shutil.copy(check.program, tmp_path)
    check.prefix = as_user("nobody")
    assert check(user="agent") == (
        f"{tmp_path}/fleet-password: Permission denied: the password has to be in a file that the user nobody can read")
