"""`oneplan simulate`: the stream of a simulated time, one event a line."""

from typing import Annotated

import typer


def commands(app: typer.Typer) -> None:
    """Add what the simulation offers to the command line."""
    app.command("simulate")(simulate)


def simulate(
    people: Annotated[int, typer.Option(help="How many people: forty to an estate, the first at Larch Court.")] = 40,
    days: Annotated[int, typer.Option(help="How many days from Monday 2 March 2026.")] = 31,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    *,
    parameters: Annotated[bool, typer.Option("--parameters", help="Print what it draws by, with sources.")] = False,
) -> None:
    """Print a made-up time as JSON lines: what each agency does or leaves, and what is true (`do`: `truth`)."""
    from api.simulation.parameters import ROWS  # noqa: PLC0415 - only what is asked for is loaded
    from api.simulation.stream import stream  # noqa: PLC0415 - as above

    if parameters:
        for row in ROWS:
            typer.echo(f"{row.name}\t{row.value:g}\t{row.meaning}\t{row.source}")
        return
    for event in stream(people, days, seed):
        typer.echo(event.line())


def demonstrate(what: str) -> None:
    """Play what is named, and print what came of it. Raises ValueError for what there is not."""
    if what != "larch-court":
        raise ValueError(f"there is no demonstration {what[:32]!r}: try larch-court")
    import asyncio  # noqa: PLC0415 - only what is asked for is loaded

    from api.simulation import demonstration  # noqa: PLC0415 - as above

    typer.echo(demonstration.table(asyncio.run(demonstration.month(seed=1))))
