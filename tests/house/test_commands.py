"""The commands that people and the build type stay what they are (docs/decisions/0004-one-command.md)."""

import os
import re
import subprocess

import pytest

from tests.house.tree import ROOT, text


def dry(*words: str) -> str:
    """What make would run, without running it, whatever make has started this test."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }
    command = ["make", "--dry-run", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("command", ["setup", "run", "test", "lint", "format", "coverage", "check", "bench", "lock"])
def test_every_command_is_known_and_told_of(command):
    assert dry(command) is not None
    assert re.search(rf"^{command}:", text("Makefile"), re.MULTILINE)


@pytest.mark.parametrize(
    "data, url",
    [("var", "sqlite:///var/oneplan.db"), ("/srv/plan", "sqlite:////srv/plan/oneplan.db")],
)
def test_the_data_folder_may_be_relative_or_absolute(data, url):
    assert f'--port 8001 --database "{url}" --demo' in dry("run", "PORT=8001", f"DATA={data}")


def test_the_build_runs_the_command_of_the_readme():
    assert re.search(r"^make test\b", text(".ci/run"), re.MULTILINE)
    assert "make test" in text("README.md")


def test_the_build_runs_all_of_the_check_and_the_tests_once():
    assert re.findall(r"^make (\w+)", text(".ci/run"), re.MULTILINE) == ["test", "lint", "coverage"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.parametrize("judged", ["100 'plan/*'", "100 'auth/access.py'", "100 'fhir/fhir_facade/*'"])
def test_the_core_is_covered_to_the_last_branch(judged):
    assert f"judge {judged}" in text("Makefile")


@pytest.mark.parametrize("room", ["auth", "db", "api"])
def test_the_other_rooms_are_covered_to_nineteen_in_twenty(room):
    assert f"judge 95 '{room}/*'" in text("Makefile")


def test_nothing_but_make_lock_changes_a_version():
    pinned = [line for line in text("requirements.lock").splitlines() if re.match(r"[a-z]", line)]
    assert pinned
    assert all(re.match(r"[\w.-]+==\S+", line) for line in pinned)
