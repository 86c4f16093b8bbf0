"""The page of the measures: one measure at a time, drawn and as a table, by what it is counted by; the same as CSV."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from api.pages.care.asking_for import chosen, page_of
from api.pages.care.drawn import rates, rates_picture
from api.pages.care.drawn.rates import Rate
from api.pages.care.reader import Reader
from plan.measures import MEASURES
from plan.outcomes import TIMES

MONTHS: Final = ("3", "12", "36")
"""How many months until now, this one included."""
ROWS: Final = 20
_FILTERS: Final = ("estate", "hospital")
_AT_ONCE: Final = "100"


async def show(reader: Reader) -> Response:
    """One measure, for everybody (a commissioner) or for those whose plans one may see. Raises BAD_VALUE, REFUSED."""
    name, months = chosen(reader, "measure", tuple(MEASURES), next(iter(MEASURES))), _months(reader)
    answer = await reader.ask("GET", "/v1/measures", query={"measure": name} | _period(reader, months))
    [measure] = answer.body["measures"]
    names = await agencies(reader)
    only = {one: said for one in _FILTERS if (said := reader.request.query_params.get(one))}
    kept = [one for one in measure["figures"] if all(one.get(key) == said for key, said in only.items())]
    rows = rates.rates(measure | {"figures": kept}, names)
    page = page_of(reader, rows, ROWS)
    letters = rates_picture.lettered(page.items)
    return reader.page(
        "care/measures.html",
        chosen=name,
        months=months,
        choices=MONTHS,
        measures=MEASURES,
        measure=measure,
        columns=rates.columns(measure),
        filters=_filters(measure["figures"], names),
        only=only,
        page=page,
        picture=rates_picture.dots(measure["title"], page.items, _told(page.items)) if rows else None,
        curves=rates_picture.curves("Who still waits", letters, _waits(letters)) if letters else None,
        letters=letters,
        times=[(hours, rates_picture.after(hours)) for hours in TIMES],
        few=rates.FEW,
    )


async def table(reader: Reader) -> Response:
    """The same as CSV. Raises BAD_VALUE, REFUSED."""
    name, months = chosen(reader, "measure", tuple(MEASURES), next(iter(MEASURES))), _months(reader)
    query = {"measure": name} | _period(reader, months)
    answer = await reader.ask("GET", "/v1/measures", query=query, accept="text/csv")
    kept = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return reader.turn.dressed(Response(answer.body, 200, kept, answer.headers["content-type"]))


async def outcomes(reader: Reader) -> Response:
    """What is counted of one person. Raises NOT_FOUND, REFUSED."""
    known = await reader.known()
    answer = await reader.ask("GET", "/v1/measures", query={"person": known.person})
    words = reader.wording(known)
    names = {str(id_): words.agency(id_) for id_ in known.agencies}
    found = [(one, rates.rates(one, names)) for one in answer.body["measures"]]
    told = [(measure, rows) for measure, rows in found if rows]
    return reader.page("care/outcomes.html", known, found=told, since=answer.body["from"], until=answer.body["to"])


async def agencies(reader: Reader) -> dict[str, str]:
    """The names of the agencies of the directory, by id."""
    found: dict[str, str] = {}
    query = {"limit": _AT_ONCE}
    while True:
        answer = (await reader.ask("GET", "/v1/agencies", query=query)).body
        found |= {one["id"]: str(one.get("name") or one["id"]) for one in answer["items"]}
        if not answer.get("next"):
            return found
        query = {"limit": _AT_ONCE, "cursor": answer["next"]}


def _months(reader: Reader) -> str:
    return chosen(reader, "months", MONTHS, "12")


def _period(reader: Reader, months: str) -> dict[str, str]:
    """From the first day of the first month until that of the next: whole months, in UTC."""
    now = datetime.fromtimestamp(reader.now / 1000, UTC)
    end = now.year * 12 + now.month
    return {"from": _first(end - int(months)), "to": _first(end)}


def _first(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}-01"


def _filters(figures: list[dict[str, Any]], names: Mapping[str, str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What the figures can be narrowed to: the name, its label, and the choices with their words."""
    found = []
    for name in _FILTERS:
        words = sorted({str(one[name]) for one in figures if one.get(name)})
        if words:
            found.append((name, rates.GROUPS[name], [(said, rates.word(name, said, names)) for said in words]))
    return found


def _told(rows: list[Rate] | Any) -> str:
    shown = [row for row in rows if not row.suppressed and row.value is not None]
    said = f"{len(rows)} rows, {len(rows) - len(shown)} of them without a number"
    if shown:
        low, high = (pick(shown, key=lambda row: row.value or 0) for pick in (min, max))
        said += f"; from {low.shown} ({low.name}) to {high.shown} ({high.name})"
    return f"{said}. The table below has the same numbers."


def _waits(letters: list[tuple[str, Rate]]) -> str:
    ends = [f"{letter} ({row.name}): {row.said(row.curve[-1][1])}" for letter, row in letters]
    return f"The share that still waits, at the last time that is shown: {'; '.join(ends)}. A table has the same."
