"""The rules of the house that no linter knows. Each says what to do when it is broken."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOMS, ROOT, files, python_files, text, tree

LONGEST_FUNCTION = 50
LONGEST_FILE = 400
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
PRINTERS = ("api/cli.py", "api/import_command.py", "bench/")
READ = (".py", ".md", ".toml", ".yaml", ".yml", ".json", ".txt", ".sh", ".html")
MADE_BY_A_PROGRAM = ("/definitions/", "/migrations/versions/")


def calls(name: str, called: str) -> Iterator[int]:
    """Lines that call `called`, by its bare name or as an attribute."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call):
            target = node.func
            spelled = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
            if spelled == called:
                yield node.lineno


def test_every_file_opens_with_why_it_exists():
    assert not [name for name in python_files() if not ast.get_docstring(tree(name))]


def test_no_function_is_longer_than_a_screen():
    functions = [(name, node) for name in python_files() for node in ast.walk(tree(name)) if isinstance(node, FUNCTION)]
    lengths = {(name, node.name): (node.end_lineno or 0) - node.lineno + 1 for name, node in functions}
    assert not {where: lines for where, lines in lengths.items() if lines > LONGEST_FUNCTION}


def test_no_file_holds_two_things():
    written = [name for name in python_files() if not any(mark in name for mark in MADE_BY_A_PROGRAM)]
    lengths = {name: len(text(name).splitlines()) for name in written}
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}


def test_only_the_access_decision_makes_a_permit():
    others = [name for name in python_files(*ROOMS) if name != "auth/access.py"]
    assert not [(name, line) for name in others for line in calls(name, "Permit")]


def test_only_commands_print():
    others = [name for name in python_files(*ROOMS) if not name.startswith(PRINTERS)]
    assert not [(name, line) for name in others for line in calls(name, "print")]


def test_no_test_is_expected_to_fail():
    nodes = [(name, node) for name in python_files("tests") for node in ast.walk(tree(name))]
    assert not [name for name, node in nodes if isinstance(node, ast.Attribute) and node.attr == "xfail"]


def test_no_folder_of_tests_is_a_package():
    """A package below tests/ named like a room would be imported instead of the room."""
    assert not [name for name in python_files("tests") if name.endswith("__init__.py")]


def test_no_file_names_a_folder_of_one_machine():
    machine = re.compile(r"(?<![\w.:}-])/(?:work|root|tmp)/[a-z.]")
    read = [name for name in files() if name.endswith(READ) or name in {"Makefile", "Dockerfile", ".ci/run"}]
    assert not [(name, found[0]) for name in read for found in machine.finditer(text(name))]


DECISIONS = [name for name in files() if re.fullmatch(r"docs/decisions/\d{4}-[\w-]+\.md", name)]


@pytest.mark.parametrize("name", DECISIONS)
def test_every_decision_names_the_test_that_enforces_it(name):
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text(name))
    assert named, f"{name}: name the test as `tests/...py` or `tests/...py::test_...`"
    assert not [path for path, _ in named if not (ROOT / path).exists()]
    assert not [test for path, test in named if test and f"def {test}(" not in text(path)]


def test_decisions_are_numbered_without_a_gap():
    assert [int(name.split("/")[-1][:4]) for name in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_has_its_three_parts_on_half_a_page(name):
    assert re.findall(r"^## (\w+)$", text(name), re.MULTILINE)[:3] == ["Context", "Decision", "Consequences"]
    assert len(text(name).split()) <= 400
