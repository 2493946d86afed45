# SPDX-License-Identifier: LGPL-2.1-or-later
"""Gets GLib's own test of GSettings from Debian's source package, and builds it for the installed GLib.

The package comes from the sources that apt is configured for on this machine, with lists of its own: nothing of the
machine's configuration, lists and caches changes.
"""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

APT = pathlib.Path("/etc/apt")
PACKAGE = "glib2.0"
# what the program reads at build time and while it runs, below gio/
FILES = [
    "strinfo.c", "tests/gsettings.c", "tests/testenum.h", "tests/enums.xml.template", "tests/de.po",
    "tests/org.gtk.test.gschema.xml.orig", "tests/org.gtk.test.gschema.override.orig",
    "tests/org.gtk.schemasourcecheck.gschema.xml",
]
# clears the commands that run after an update of the machine's lists
APT_CONFIG = """\
#clear APT::Update;
Dir::Etc::SourceList "{folder}/sources.list";
Dir::Etc::SourceParts "{folder}/sources.list.d";
Dir::State::Lists "{folder}/lists";
Dir::Cache "{folder}/cache";
APT::Sandbox::User "{user}";
Acquire::Retries "3";
"""
DEADLINE = 300


class NoSource(Exception):
    """The source package can't be had here."""


def run(*command, **options):
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=DEADLINE, check=False, **options)
    return done.returncode, done.stdout


def must(*command, **options):
    status, output = run(*command, **options)
    if status != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {status}:\n{output}")
    return output


def source_version():
    """The version of the source package that the installed GLib is from, or None where dpkg doesn't know it."""
    library = re.search(r"\b(libglib2\.0-0\S*):", run("dpkg-query", "-S", "libgio-2.0.so.0")[1])
    if library is None:
        return None
    status, version = run("dpkg-query", "-W", "-f", "${source:Version}\n", library.group(1))
    return version.splitlines()[0] if status == 0 else None


def ask_for_sources(line):
    """A line of a sources list, in either format, that asks for source packages in place of programs."""
    return re.sub(r"^(Types:\s*|)deb(\s|$)", r"\1deb-src\2", line)


def copy_sources(folder):
    (folder / "sources.list.d").mkdir()
    for file in [*APT.glob("sources.list"), *(APT / "sources.list.d").glob("*")]:
        if file.suffix in (".list", ".sources"):
            lines = file.read_text(encoding="utf-8").splitlines()
            text = "\n".join(map(ask_for_sources, lines))
            (folder / file.relative_to(APT)).write_text(f"{text}\n", encoding="utf-8")


def download(folder, version):
    """The unpacked source package."""
    copy_sources(folder)
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "cache/archives/partial").mkdir(parents=True)
    config = folder / "apt.conf"
    user = "root" if os.geteuid() == 0 else ""
    config.write_text(APT_CONFIG.format(folder=folder, user=user))
    apt = ["apt-get", "-q", "-c", str(config)]
    told = run(*apt, "update")[1]
    # the archive may have a newer version only
    for wanted in ([f"{PACKAGE}={version}"] if version else []) + [PACKAGE]:
        status, output = run(*apt, "source", wanted, cwd=folder)
        if status == 0:
            return next(folder.glob(f"{PACKAGE}-*/"))
        told += output
    raise NoSource(told)


def fetch(cache):
    """The folder gio of GLib with what the test needs; what was fetched before is used again."""
    for tool in ("apt-get", "dpkg-query", "dpkg-source"):
        if shutil.which(tool) is None:
            raise NoSource(f"the source package is had with {tool}, which isn't installed")
    version = source_version()
    kept = cache / f"{PACKAGE}-{version}"
    if kept.exists():
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=cache) as name:
        folder = pathlib.Path(name)
        gio = download(folder, version) / "gio"
        for file in FILES:
            target = folder / "gio" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(gio / file, target)
        (folder / "gio").rename(kept)
    return kept


def build(gio, folder):
    """The test as a program, with the definitions of GLib's own build. Its German texts are in FOLDER, too."""
    tests = gio / "tests"
    program = folder / "gsettings"
    texts = folder / "de/LC_MESSAGES"
    texts.mkdir(parents=True)
    # newer versions include the results of GLib's own configuration; all that the test asks there is in glibc
    (folder / "config.h").write_text("#define HAVE_USELOCALE 1\n")
    must("msgfmt", "-o", texts / "test.mo", tests / "de.po")
    include = must("pkg-config", "--variable=includedir", "glib-2.0").strip()
    flags = must("pkg-config", "--cflags", "--libs", "gio-2.0").split()
    definitions = {
        "G_LOG_DOMAIN": "GLib-GIO", "SRCDIR": tests, "TEST_LOCALE_PATH": texts,
        "GLIB_MKENUMS": "glib-mkenums", "GLIB_COMPILE_SCHEMAS": "glib-compile-schemas",
    }
    must(*os.environ.get("CC", "cc").split(), "-o", program, tests / "gsettings.c", "-UG_DISABLE_ASSERT", "-w",
         *(f'-D{name}="{value}"' for name, value in definitions.items()),
         f"-I{folder}", f"-I{include}/glib-2.0/glib", *flags)
    return program
