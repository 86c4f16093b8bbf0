"""The figures of a run as people read them, and as a file to compare with."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.scenarios import Terms

RESULTS = Path(__file__).parent / "results"
_HEADS = ("requests/s", "p50 ms", "p95 ms", "p99 ms", "service", "database", "together", "aim")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One scenario on one engine. Latencies in milliseconds; `service` and `database` in milliseconds of CPU a request.

    `aim` is for both together; None where none is set.
    """

    engine: str
    name: str
    title: str
    requests: int
    rate: float
    p50: float
    p95: float
    p99: float
    service: float
    database: float
    aim: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """How long it took to fill an engine with `count` of `what`."""

    engine: str
    version: str
    count: int
    what: str
    seconds: float


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    return {"cores": os.cpu_count() or 0, "python": platform.python_version(), "system": platform.platform()}


def head(terms: str) -> str:
    """What stands above the table."""
    told = machine()
    return (
        f"{told['cores']} cores, Python {told['python']}, {told['system']}\n"
        f"{terms}; service, database and together are milliseconds of processor time a request\n"
    )


def followed(engine: str, came: tuple[int, float, float]) -> str:
    """What the changes of a run left to the worker."""
    jobs, worker, stored = came
    each = f"{worker / jobs:.2f} + {stored / jobs:.2f} ms of worker and database each" if jobs else "nothing"
    return f"{engine:<10} what followed from the changes: {jobs} jobs, {each}"


def told(one: Loaded) -> str:
    """How the loading went, in a sentence."""
    return f"{one.engine} {one.version}: {one.count} {one.what} in {one.seconds:.1f} s"


def titles() -> str:
    """The head of the table."""
    return f"{'':50}" + "".join(f"{name:>11}" for name in _HEADS)


def line(one: Figures) -> str:
    """One line of the table; a figure above its aim is marked."""
    together = one.service + one.database
    over = "!" if one.aim is not None and together > one.aim else " "
    times = "".join(f"{time:11.2f}" for time in (one.p50, one.p95, one.p99))
    costs = "".join(f"{cost:11.3f}" for cost in (one.service, one.database, together))
    aim = f"{one.aim:10.2f}{over}" if one.aim is not None else f"{'-':>10} "
    return f"{one.engine:<11}{one.title:<39}{one.rate:11.0f}{times}{costs}{aim}"


def save(figures: Sequence[Figures], loads: Sequence[Loaded], terms: Terms) -> Path:
    """Write the run to bench/results, by date and number of cores; the file."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{datetime.now(UTC).date()}-{os.cpu_count()}cores.json"
    kept = {
        "machine": machine(),
        "terms": asdict(terms),
        "loads": [asdict(one) for one in loads],
        "figures": [asdict(one) for one in figures],
    }
    file.write_text(json.dumps(kept, indent=1) + "\n")
    return file
