# SPDX-License-Identifier: LGPL-2.1-or-later
"""`runconf fleet` executes another program, with all that follows it."""

import os

import pytest

from command_testing import FAILED, USAGE


@pytest.fixture(name="fleet")
def make_fleet(command, tmp_path):
    """The command, with a program for fleets that prints its arguments, one on a line."""
    program = tmp_path / "runconf-fleet"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 42\n')
    program.chmod(0o755)
    command.environment["RUNCONF_FLEET"] = str(program)
    return command


def test_all_arguments_are_passed_on(fleet):
    line = ["set", "--all", "/a b", "-5", "--", "--help", ""]
    assert fleet("fleet", *line, status=42).split("\n")[:-1] == line
    assert fleet("fleet", "--help", status=42) == "--help\n"
    assert fleet("fleet", status=42) == "\n"


def test_options_before_the_verb_are_passed_on(fleet):
    assert fleet.lines("--json", "-q", "-c", "web", "--color=never", "fleet", "get", status=42) == [
        "--configuration", "web", "--color", "never", "--json", "--quiet", "get"]


@pytest.mark.parametrize("option", [["--session"], ["--system"], ["--address", "unix:path=/x"], ["--offline", "x"]])
def test_options_of_a_service_are_refused(fleet, option):
    fleet.fails(USAGE, *option, "fleet", "get", words=["etcd", option[0]])


def test_the_program_is_not_installed(fleet):
    fleet.fails(FAILED, "fleet", "get", words=["install the package runconf-fleet", "/nonexistent"],
                RUNCONF_FLEET="/nonexistent")


def test_the_program_cannot_be_executed(fleet, tmp_path):
    fleet.fails(FAILED, "fleet", "get", words=[str(tmp_path), "can't be executed"], RUNCONF_FLEET=str(tmp_path))


def test_the_program_completes_its_words(fleet):
    assert fleet.lines("complete", "--", "-c", "web", "fleet", "set", "--gr", status=42) == [
        "--configuration", "web", "complete", "--", "set", "--gr"]
    assert fleet("complete", "--", "help", "fl").startswith("fleet\t")


def test_no_completion_without_the_program(fleet):
    assert fleet("complete", "--", "fleet", "", RUNCONF_FLEET="/nonexistent") == ""


def test_help_is_there_without_the_program(fleet):
    assert "runconf fleet help" in fleet("help", "fleet", RUNCONF_FLEET="/nonexistent")
    assert os.environ.get("RUNCONF_FLEET") is None
