"""Where the time of the service went: the functions that cost most themselves, from the profile of bench.serve."""

import pstats
from pathlib import Path
from sysconfig import get_path
from typing import Any

from bench.servers import ROOT

_SHOWN = 30
_WAITING = ("run_until_complete", "method 'poll'", "run_forever")


def told(file: Path, requests: int) -> str:
    """A table: microseconds a request in the function itself and with all it calls, calls a request, and where it is.

    The profiler slows Python down and not C, so that calls of Python look dearer than they are.
    """
    stats: dict[tuple[str, int, str], Any] = pstats.Stats(str(file)).stats  # type: ignore[attr-defined]
    rows = [
        (own * 1e6 / requests, total * 1e6 / requests, calls / requests, _where(*at))
        for at, (_, calls, own, total, _) in stats.items()
        if not any(word in at[2] for word in _WAITING)
    ]
    rows.sort(reverse=True)
    whole = sum(row[0] for row in rows)
    lines = [f"{own:9.1f} {total:9.1f} {calls:8.2f}  {where}" for own, total, calls, where in rows[:_SHOWN]]
    return "\n".join([f"{'own us':>9} {'with all':>9} {'calls':>8}  of {whole:.0f} us", *lines, ""])


def _where(file: str, line: int, function: str) -> str:
    short = file.removeprefix(f"{ROOT}/").removeprefix(get_path("stdlib") + "/").rpartition("site-packages/")[2]
    return f"{short}:{line} {function}" if line else function
