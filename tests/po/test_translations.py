# SPDX-License-Identifier: LGPL-2.1-or-later
"""The translations: of everything that is marked, up to date, complete, and found when they are needed."""

import ast
import os
import pathlib
import re
import shutil
import subprocess
import sys
from unicodedata import east_asian_width
from xml.etree import ElementTree

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))

from runconf_testing import private_mounts  # noqa: E402

SOURCE = pathlib.Path(os.environ["RUNCONF_SOURCE"])
BUILD = pathlib.Path(os.environ["RUNCONF_BUILD"])
LOCALE_DIR = pathlib.Path(os.environ["RUNCONF_LOCALE_DIR"])
PO = SOURCE / "po"

POLICY = "data/org.runconf.config1.policy"
METAINFO = "data/org.runconf.Config1.metainfo.xml"
EDITOR_METAINFO = "data/editor/org.runconf.Editor.metainfo.xml"
EDITOR_DESKTOP = "data/editor/org.runconf.Editor.desktop"

# built without GTK, there is no editor, and no data of it
METAINFOS = [METAINFO, *([EDITOR_METAINFO] if os.environ["RUNCONF_HAS_EDITOR"] == "true" else [])]

# what is the same in the language as in English
SAME = {
    "de": {"  %s: %s", "%s: %s", "[TEXT | -]", "%s; %s", "AGENT", "Format:", "N", "FORMAT", "NAME", "Runconf", "TEXT",
           "VERSION", "Version:", "Version %<PRIu64> · %s · %s", "System", "Text", "F6", "F10", "Esc", "↓", "→ ←"},
    "zh_CN": {"  %s: %s", "N", "Runconf", "F6", "F10", "Esc", "↓", "→ ←", "Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+4",
              "Ctrl+?", "Ctrl+F", "Ctrl+Q", "Ctrl+S", "Ctrl+Shift+Z", "Ctrl+Z"},
}

# the opening quote of a language
QUOTE = {"de": "„", "zh_CN": "“"}

# what has to come through a translation as it is: options, names that polkit puts in, paths, variables
# of the environment, letters that answer a question; and what one types, in lines of its own
VERBATIM = re.compile(r"\([a-z]\)|--[a-z][a-z-]*|\$\([a-z]+\)|\$[A-Z_]+|/[a-z][a-z/]*\b|(?<=\n)  .*")

ENTRY = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?) (".*")$')


def read_lines(path):
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


LANGUAGES = read_lines(PO / "LINGUAS")


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def read_messages(path):
    """Each message with the files that it stands in: {(context, text, plural): (translations, files)}."""
    found = {}
    for block in re.split(r"\n\s*\n", path.read_text()):
        fields, files, last = {}, set(), None
        for line in block.splitlines():
            match = ENTRY.match(line)
            if line.startswith("#:"):
                files.update(line[2:].split())
            elif match:
                last = match.group(1)
                fields[last] = ast.literal_eval(match.group(2))
            elif line.startswith('"'):
                fields[last] += ast.literal_eval(line)
        if fields.get("msgid"):
            key = (fields.get("msgctxt"), fields["msgid"], fields.get("msgid_plural"))
            found[key] = ([text for name, text in fields.items() if name.startswith("msgstr")], files)
    return found


def extract(files, folder):
    output = folder / "messages.pot"
    (folder / "files").write_text("\n".join(files))
    result = run("xgettext", *os.environ["XGETTEXT_ARGS"].split("\n"), f"--files-from={folder / 'files'}",
                 f"--output={output}", cwd=SOURCE, env=os.environ | {"GETTEXTDATADIRS": str(PO)})
    assert (result.returncode, result.stderr) == (0, "")
    return read_messages(output)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return extract(read_lines(PO / "POTFILES.in"), tmp_path_factory.mktemp("template"))


def test_exactly_the_files_with_messages_are_listed(tmp_path):
    sources = sorted(str(path.relative_to(SOURCE)) for pattern in ["*.[ch]", "*.ui"]
                     for path in (SOURCE / "src").rglob(pattern))
    assert len(sources) > 100
    messages = extract([METAINFO, f"{POLICY}.in", EDITOR_METAINFO, EDITOR_DESKTOP, *sources], tmp_path)
    with_messages = set().union(*(files for _translations, files in messages.values()))
    listed = read_lines(PO / "POTFILES.in")
    assert listed == sorted(with_messages)


def test_exactly_the_languages_that_there_are_are_listed():
    assert LANGUAGES == sorted(path.stem for path in PO.glob("*.po"))
    assert set(LANGUAGES) >= {"de", "zh_CN"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_is_up_to_date(template, language):
    translated = set(read_messages(PO / f"{language}.po"))
    assert sorted(map(str, set(template) - translated)) == [], "ninja -C build runconf-update-po"
    assert sorted(map(str, translated - set(template))) == [], "ninja -C build runconf-update-po"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_is_complete_and_valid(tmp_path, language):
    result = run("msgfmt", "--check", "--statistics", f"--output-file={tmp_path / 'out.mo'}",
                 PO / f"{language}.po", env=os.environ | {"LC_ALL": "C"})
    assert result.returncode == 0, result.stderr
    # nothing fuzzy, nothing untranslated, no warning
    assert re.fullmatch(r"\d+ translated messages\.\n", result.stderr), result.stderr
    assert "#~" not in (PO / f"{language}.po").read_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_typed_is_not_translated(language):
    for (_context, text, _plural), (translations, _files) in read_messages(PO / f"{language}.po").items():
        for translation in translations:
            assert sorted(VERBATIM.findall(translation)) == sorted(VERBATIM.findall(text))
            assert (translation[0] == " ") == (text[0] == " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_in_the_language(language):
    for (_context, text, _plural), (translations, _files) in read_messages(PO / f"{language}.po").items():
        for translation in translations:
            assert (translation == text) == (text in SAME[language]), text
            assert translation.count(QUOTE[language]) >= text.count("“"), text


# ------------------------------------------------------------------------------- what is installed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name, tags", [
    (POLICY, {"description", "message"}),
    *((name, {"name", "summary", "p", "li", "caption"}) for name in METAINFOS),
])
def test_other_programs_find_the_translations_too(name, tags, language):
    tree = ElementTree.parse(BUILD / name).getroot()
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    elements = [element for element in tree.iter() if element.tag in tags and element.get("translate") != "no"]
    plain = [element.tag for element in elements if lang not in element.attrib]
    translated = [element.tag for element in elements if element.get(lang) == language]
    assert len(plain) >= 6
    assert sorted(translated) == sorted(plain)


@pytest.mark.parametrize("name", METAINFOS)
def test_the_metainfo_with_translations_is_valid(name):
    result = run("appstreamcli", "validate", "--no-net", "--explain", BUILD / name)
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="module")
def speak(tmp_path_factory):
    """Runs the command where its translations are installed: in a mount namespace of its own."""
    destination = tmp_path_factory.mktemp("destination")
    result = run("meson", "install", "-C", BUILD, "--no-rebuild", "--tags", "i18n",
                 env=os.environ | {"DESTDIR": str(destination)})
    assert result.returncode == 0, result.stdout + result.stderr
    installed = destination / LOCALE_DIR.relative_to("/")
    assert (installed / "de/LC_MESSAGES/runconf.mo").exists()
    anchor = next(folder for folder in [LOCALE_DIR, *LOCALE_DIR.parents] if folder.exists())
    apart = private_mounts(destination, *([] if os.geteuid() == 0 else ["--map-root-user"]))
    script = 'mount -t tmpfs none "$1" && mkdir -p "$2" && cp -r "$3/." "$2" && shift 3 && exec "$@"'

    # newer versions of glibc translate nothing in C.UTF-8: the test uses a copy of it under another name
    locales = tmp_path_factory.mktemp("locales")
    shutil.copytree("/usr/lib/locale/C.utf8", locales / "en_US.utf8")

    def call(language, *arguments, locale="en_US.UTF-8"):
        env = {key: value for key, value in os.environ.items() if key not in ("LANG", "LC_ALL", "LC_MESSAGES")}
        return run(*apart, "bash", "-c", script, "bash", anchor, LOCALE_DIR, installed,
                   os.environ["RUNCONF"], *arguments,
                   env=env | {"LOCPATH": str(locales), "LC_ALL": locale, "LANGUAGE": language})

    return call


def read_translations(language):
    """The translation of each message, of those with a plural the singular."""
    return {text: translations[0]
            for (_context, text, _plural), (translations, _files) in read_messages(PO / f"{language}.po").items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_speaks_the_language(speak, language):
    messages = read_translations(language)
    told = speak(language, "help", "set")
    assert told.returncode == 0
    assert messages["Take each VALUE as a string, and not as YAML"] in told.stdout
    assert messages["PATH VALUE [PATH VALUE…]"] in told.stdout
    assert "VALUE" not in told.stdout

    wrong = speak(language, "gte")
    assert wrong.returncode == 2
    expected = messages["there is no verb “%s”; did you mean “%s”?"].replace("%s", "gte", 1).replace("%s", "get", 1)
    assert wrong.stderr == f"runconf: {expected}\n"


@pytest.mark.skipif("RUNCONF_FLEET" not in os.environ, reason="built without the command for fleets")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_for_fleets_speaks_the_language(speak, language):
    messages = read_translations(language)
    told = speak(language, "fleet", "help", "rollout").stdout
    assert messages["Take up a rollout whose command was ended"] in told
    assert messages["The hosts:"] in told
    assert messages["PATH VALUE [PATH VALUE…] | --file FILE | --resume | --undo"] in told
    assert messages["set several values at once"] in speak(language, "fleet", "help").stdout

    few = speak(language, "fleet", "set", "--all", "/port")
    assert few.returncode == 2
    assert messages["--all|--group GROUP|--host HOST "] + messages["PATH VALUE [PATH VALUE…]"] in few.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lines_of_an_explanation_are_not_too_long(speak, language):
    fleet = (("fleet", "help", verb) for verb in ("rollout", "status", "edit") if "RUNCONF_FLEET" in os.environ)
    verbs = (("help", verb) for verb in ("set", "watch", "edit", "validate", "complete"))
    for words in (*verbs, *fleet):
        told = speak(language, *words).stdout
        lines = [line for line in told[told.index("--help"):].splitlines()[1:] if line and line[0] != " "]
        assert len(lines) > 1
        for line in lines:
            assert sum(2 if east_asian_width(character) in "WF" else 1 for character in line) <= 78, line
            assert line[0] not in "，。；：、）”", line


@pytest.mark.parametrize("language, locale", [("", "en_US.UTF-8"), ("fr", "en_US.UTF-8"), ("de", "C")])
def test_else_it_speaks_english(speak, language, locale):
    wrong = speak(language, "gte", locale=locale)
    assert wrong.stderr.startswith("runconf: there is no verb")
