"""How much processor time a process and all that came from it have used, read from Linux's /proc (proc(5))."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
_UTIME, _CUTIME, _STIME, _CSTIME, _PPID = 11, 13, 12, 14, 1
"""Where these stand in /proc/PID/stat, counted behind the name of the program."""


def spent(pid: int | None) -> float:
    """Milliseconds of a process, its children and theirs, those that have ended included; 0 for no process."""
    if pid is None:
        return 0.0
    parents = dict(_parents())
    return sum(_of(one) for one in parents if _descends(one, pid, parents))


def _descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid not in (ancestor, 0):
        pid = parents.get(pid, 0)
    return pid == ancestor


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            fields = _stat(int(folder.name))
            if fields:
                yield int(folder.name), int(fields[_PPID])


def _of(pid: int) -> float:
    """A child that has ended and was waited for counts in its parent's own figures."""
    fields = _stat(pid)
    return sum(int(fields[at]) for at in (_UTIME, _STIME, _CUTIME, _CSTIME)) * _TICK_MS if fields else 0.0


def _stat(pid: int) -> list[str]:
    try:
        text = (Path("/proc") / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []  # it ended while we were looking
    return text.rpartition(")")[2].split()
