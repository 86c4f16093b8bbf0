"""What somebody who runs an import sees: how far it is on stderr, and at the end what became of everything."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api import demonstration, importing
from api.demonstration_data import Worker
from api.desk import Desk
from api.importing import Import, Terms
from api.report import JOINED, Report

_READINGS = 2
_WORDS = {"created": "created", "updated": "updated", "same": "unchanged", JOINED: "joined to people who are here"}
_LONGEST = 160


async def run(desk: Desk, worker: Worker, paths: Sequence[Path], terms: Terms, *, strict: bool) -> bool:
    """Import, show and tell; whether it is a success: something could be read, and when strict nothing was refused."""
    size = sum(path.stat().st_size for path in importing.files(paths))
    columns = (TextColumn("importing"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("importing", total=size * _READINGS)
        whole = Import(desk, demonstration.visit(worker), terms, read=lambda read: progress.advance(task, read))
        report = await whole.run(paths)
    show(report, Console())
    return bool(report.read) and not (strict and report.refusals)


def show(report: Report, console: Console) -> None:
    """The counts as a table, then each reason with how many it refused and one of them."""
    counts = Table(box=None, show_header=False)
    counts.add_row("read", str(report.read))
    for name, word in _WORDS.items():
        counts.add_row(word, str(report.counts[name]))
    counts.add_row("people begun", str(report.begun))
    counts.add_row("refused", str(report.refusals))
    console.print(counts)
    for reason, one in sorted(report.refused.items(), key=lambda item: -item[1].count):
        told = f"{one.count:>7} refused: {reason.value}\n        for example {one.example}: {one.detail[:_LONGEST]}"
        console.print(told, soft_wrap=True, markup=False, highlight=False)
