"""A real `oneplan serve` for tests: a process of its own on a port that was free, ended by whoever started it."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.house.tree import ROOT

_READY = re.compile(r"running on \D*127\.0\.0\.1\D+(\d+)")
_PATIENCE = 60.0
"""Seconds after which a server that does not serve is ended."""
_PATH = os.pathsep.join([str(ROOT), str(ROOT / "fhir")])


@dataclass(frozen=True, slots=True)
class Served:
    """A server that listens: its address, what it printed before it did, and what tells it to stop."""

    base: str
    told: str
    stop: Callable[[], None]


def environment(**settings: str) -> dict[str, str]:
    """The environment of a command: nobody's settings but these, and the project where Python finds it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ONEPLAN_")}
    return {**kept, "PYTHONPATH": _PATH, **settings}


@contextmanager
def serving(folder: Path, *words: str, **settings: str) -> Iterator[Served]:
    """`oneplan serve` with further words, on SQLite below `folder`, where it also works."""
    command = [str(Path(sys.executable).parent / "oneplan"), "serve", "--port", "0", *words]
    out, log = folder / "served.out", folder / "served.log"
    with (
        out.open("w", encoding="utf-8") as told,
        subprocess.Popen(
            command,
            stdout=told,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=environment(ONEPLAN_DATABASE=f"sqlite:///{folder / 'oneplan.db'}", **settings),
        ) as process,
    ):
        assert process.stderr
        late = threading.Timer(_PATIENCE, process.terminate)
        late.start()
        listener = None
        try:
            base, said = _listening(process.stderr)
            late.cancel()
            listener = threading.Thread(target=_kept, args=(process.stderr, said, log), daemon=True)
            listener.start()
            yield Served(base, out.read_text("utf-8"), process.terminate)
        finally:
            late.cancel()
            process.terminate()
            if listener:
                listener.join(_PATIENCE)


def _kept(errors: IO[str], said: str, log: Path) -> None:
    """What the server says is heard until it ends, so that it never waits, and is kept in a file afterwards."""
    log.write_text(said + errors.read(), "utf-8")


def _listening(errors: IO[str]) -> tuple[str, str]:
    """The address that the server says it is at, and all that it said until then."""
    said: list[str] = []
    for line in errors:
        said.append(line)
        found = _READY.search(line)
        if found:
            return f"http://127.0.0.1:{found[1]}", "".join(said)
    raise AssertionError(f"the server ended before it served:\n{''.join(said)}")
