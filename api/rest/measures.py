"""Measures through the REST door: as JSON, or as a table in CSV for whoever asks for `text/csv`."""

import csv
import io
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from api.measuring import FILTERS, Measured, Wanted, measured, spread
from api.rest import asked, said
from fhir_facade import exact
from fhir_facade.drafts import moment
from plan.dates import date_range
from plan.model import PersonId
from plan.problem import Fault, Problem, Trouble

QUERY = ("measure", "person", *FILTERS, "from", "to")
CSV = "text/csv; charset=utf-8"
COLUMNS = ("measure", "unit", "from", "to", "group", "total", "count", "value", "low", "high", "suppressed", "more")
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PAIR = 2


async def read(request: Request) -> Response:
    """The measures that are asked for, or all."""
    visit = await asked.visit_of(request)
    found = await measured(asked.desk_of(request), visit, _wanted(asked.terms(request, *QUERY)))
    if "text/csv" in request.headers.get("accept", ""):
        return Response(table(found), said.OK, {"Vary": "Accept"}, CSV)
    answer = said.view(request, exact.text(_told(found)))
    answer.headers["Vary"] = "Accept"
    return answer


def _wanted(terms: Mapping[str, str]) -> Wanted:
    only = {name: _words(name, terms[name]) for name in FILTERS if name in terms}
    return Wanted(
        names=tuple(terms["measure"].split(",")) if "measure" in terms else (),
        person=PersonId(terms["person"]) if "person" in terms else None,
        since=_day(terms["from"], "from") if "from" in terms else None,
        until=_day(terms["to"], "to") if "to" in terms else None,
        only=only,
    )


def _words(name: str, text: str) -> tuple[str, ...]:
    words = tuple(text.split(","))
    if len(words) != (_PAIR if name == "agency_pair" else 1):
        what = f"{name} is not as it must be"
        mend = "Give the id of who asks and of who is asked: RX1,HA1." if name == "agency_pair" else "Give one."
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend=mend),))
    return words


def _day(text: str, name: str) -> int:
    """A day from its beginning in UTC, or a moment."""
    if not _DAY.fullmatch(text):
        return asked.moment(text, name)
    found = date_range(text)
    if found is None:
        what = f"{name} is no day"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend="Write it as 2026-03-01."),))
    return found[0]


def _told(found: Measured) -> dict[str, object]:
    return {
        "from": moment(found.since),
        "to": moment(found.until),
        "measures": [
            {
                "name": row.name,
                "title": row.title,
                "definition": row.definition,
                "unit": row.unit,
                "by": list(row.by),
                "guard": row.guard,
                "source": row.source,
                "figures": spread(figures),
            }
            for row, figures in found.found
        ],
    }


def table(found: Measured) -> str:
    """One line a figure. What a spreadsheet would take for a formula is quoted."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    since, until = moment(found.since), moment(found.until)
    for row, figures in found.found:
        for one in figures:
            numbers = (one.total, one.count, one.value, one.low, one.high)
            cells = (row.name, row.unit, since, until, _listed(one.group), *numbers, one.suppressed, _listed(one.more))
            writer.writerow(["" if cell is None else _safe(str(cell)) for cell in cells])
    return made.getvalue()


def _listed(words: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={word}" for name, word in words.items() if word)


def _safe(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell
