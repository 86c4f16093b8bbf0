"""The processes of a run: the server under test and the load on it; each is ended by the one who started it."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.client import Job, Went
from bench.cpu import spent
from db.writing import CALM

ROOT = Path(__file__).parents[1]
_PATH = os.pathsep.join([str(ROOT), str(ROOT / "fhir")])


class BenchmarkError(RuntimeError):
    """The run cannot be trusted, or not be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that listens."""

    pid: int
    port: int


@contextmanager
def serving(app: str, settings: Mapping[str, str], *, factory: bool, profile: Path | None = None) -> Iterator[Serving]:
    """An ASGI application under uvicorn, with settings as environment variables. Raises BenchmarkError."""
    command = [sys.executable, "-m", "bench.serve", app]
    command += ["--factory"] * factory
    command += ["--profile", str(profile)] if profile else []
    with _process(command, settings) as process:
        said = _line(process)
        if not said:
            raise BenchmarkError(f"{app} did not start; what it said stands above")
        yield Serving(process.pid, int(said))


def loaded(job: Job, server: Serving, database: int | None) -> tuple[Went, float, float]:
    """Put the load of a job on a server: how it went, and the milliseconds of server and database a request.

    `database` is the process from which all of the database's come. Raises BenchmarkError when an answer was bad.
    """
    with _process([sys.executable, "-m", "bench.client"], {}) as client:
        _tell(client, json.dumps(asdict(job)))
        if _line(client) != "warm":
            raise BenchmarkError("the load broke off; what it said stands above")
        before = spent(server.pid), spent(database)
        _tell(client, "go")
        went = Went(**json.loads(_line(client) or "{}"))
        after = spent(server.pid), spent(database)
    if went.errors or not went.requests:
        raise BenchmarkError(f"{went.errors} of {went.requests} answers were bad, the first: {went.trouble}")
    service, stored = ((then - now) / went.requests for now, then in zip(before, after, strict=True))
    return went, service, stored


def follow(settings: Mapping[str, str], database: int | None) -> tuple[int, float, float]:
    """Have the worker do all that is due: how many jobs, and the milliseconds of worker and database that they took.

    What the worker costs without anything to do is taken off. Raises BenchmarkError.
    """
    time.sleep(CALM / 1000)  # the rules wait so long for what comes together
    jobs, worker, stored = _worked(settings, database)
    _, idle, still = _worked(settings, database)
    return jobs, max(worker - idle, 0.0), max(stored - still, 0.0)


def _worked(settings: Mapping[str, str], database: int | None) -> tuple[int, float, float]:
    before, stored = _of_children(), spent(database)
    with _process([sys.executable, "-m", "api.cli", "worker", "--once"], settings) as process:
        said = _line(process)
        if process.wait() or not said:
            raise BenchmarkError("the worker broke off; what it said stands above")
    return int(said.split()[0]), _of_children() - before, spent(database) - stored


def _of_children() -> float:
    """Milliseconds of every process that this one has started and that has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


@contextmanager
def _process(command: list[str], settings: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONEPLAN_")}
    environment |= {"PYTHONPATH": _PATH, **settings}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()


def _tell(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()
