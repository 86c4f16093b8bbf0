"""What each room may import at all: import-linter holds the arrows between rooms, this list what comes from outside.

A new dependency of a room is a decision, so it is a change here (docs/decisions/0002-the-arrows.md).
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, python_files, tree

MAY_IMPORT = {
    "plan/": {"plan", "pydantic", "pydantic_core"},
    "auth/access.py": {"plan", "auth"},
    "auth/caller.py": {"plan", "auth"},
    "auth/scopes.py": {"plan", "auth"},
    "fhir/fhir_facade/": {"plan", "fhir_facade", "fhir", "fhir_core", "pydantic", "orjson", "lxml"},
    "db/": {"plan", "auth", "db", "sqlalchemy", "sqlmodel", "alembic", "asyncpg", "pydantic", "orjson"},
}
NOT_PLAIN = {"sqlite3", "socket", "http", "urllib", "asyncio", "threading", "subprocess"}
PLAIN_ALL_THE_SAME = {"urllib.parse"}


def imported(name: str) -> Iterator[str]:
    """The top-level names that a file imports, wherever in it; modules that only compute are named in full."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: import by the full name"
            module = str(node.module)
            yield module if module in PLAIN_ALL_THE_SAME else module.split(".", maxsplit=1)[0]


@pytest.mark.parametrize("room, allowed", MAY_IMPORT.items())
def test_a_room_imports_only_what_it_is_allowed(room, allowed):
    used = {(name, top) for name in python_files() if name.startswith(room) for top in imported(name)}
    assert not {(name, top) for name, top in used if top.split(".")[0] not in allowed | sys.stdlib_module_names}


@pytest.mark.parametrize("room", ["plan/", "auth/access.py", "fhir/fhir_facade/"])
def test_the_pure_rooms_touch_no_world(room):
    used = {(name, top) for name in python_files() if name.startswith(room) for top in imported(name)}
    assert not {(name, top) for name, top in used if top in NOT_PLAIN}


def test_the_arrows_are_kept():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
