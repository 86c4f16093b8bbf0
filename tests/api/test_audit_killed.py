"""Processes that are killed while they note leave chains that hold, and every event that they said was durable."""

import subprocess
import sys

from tests.house.tree import ROOT
from tests.support.audit import execute, looked_at
from tests.support.served import environment

SCRIPT = ROOT / "tests/support/audit_process.py"
PROCESSES, EVENTS = 3, 120


async def test_after_kills_under_load_the_audit_is_as_it_was_written_and_nothing_is_lost(database_url: str) -> None:
    running = [
        subprocess.Popen(  # noqa: ASYNC220 - they only have to be begun
            [sys.executable, str(SCRIPT), database_url, name],
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        for name in "abc"[:PROCESSES]
    ]
    told: set[str] = set()
    for one in running:
        assert one.stdout
        told |= {one.stdout.readline().strip() for _ in range(EVENTS)}
        one.kill()
    for one in running:
        rest, _ = one.communicate()
        told |= {line for line in rest.splitlines(keepends=False) if line.count("-") == 3}
    there = {row[0] for row in execute(database_url, "select id from audit_event")}
    assert len(told) >= PROCESSES * EVENTS
    lost = told - there
    assert {id_ for id_ in lost if not any(known.startswith(id_) for known in there)} == set(), "cut off in the middle"
    said, counts = await looked_at(database_url)
    assert (said, counts.events) == ([], len(there))
    assert counts.chains >= PROCESSES
