"""The project's own files, for the tests that read them: as git sees them, or all of them where there is no git."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("plan", "auth", "db", "api", "fhir", "bench")
_NOT_OURS = {".git", ".venv", "var", "build", "dist", "__pycache__", "mutants", "node_modules"}


@cache
def files() -> tuple[str, ...]:
    """Every file of the project that is kept (tracked, or new and not ignored), relative to the root, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    ours = (ROOT / ".git").exists() and not listed.returncode
    names = listed.stdout.splitlines() if ours else map(str, _walk(ROOT))
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def python_files(*rooms: str) -> tuple[str, ...]:
    """The Python files below `rooms`, or all of them."""
    return tuple(name for name in files() if name.endswith(".py") and (not rooms or name.split("/")[0] in rooms))


@cache
def text(name: str) -> str:
    """What stands in a file."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def tree(name: str) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(text(name), name)


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _NOT_OURS or path.name.endswith((".egg-info", "_cache")) or path.name.startswith(".coverage"):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path.relative_to(ROOT)
