"""Paper: what will be printed and for whom, the summary of a plan and of a discharge as PDF, and the calendar.

A print-out discloses, so it is asked for with a visit of its own: the person reads in their log that it was one.
"""

from dataclasses import replace
from datetime import datetime

from starlette.responses import Response

from api.pages.care.paper import calendars
from api.pages.care.paper.printed import Sheet
from api.pages.care.paper.printed_discharge import discharge_sheet
from api.pages.care.paper.printed_plan import plan_sheet
from api.pages.care.paper.printed_press import PRESS
from api.pages.care.paper.printed_words import printed_by
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from plan.attention import title
from plan.carried import may_be_carried
from plan.discharge_facts import stay
from plan.known import Entry, Known
from plan.model import EntryId
from plan.problem import Problem, Trouble

DOOR = "print"


async def show(reader: Reader) -> Response:
    """What can be printed, and what paper is not."""
    known = await reader.known()
    stays = [
        {"id": one.id, "title": title(one), "planned": stay(known, one).planned, "over": bool(stay(known, one).closed)}
        for one in reversed([*known.of("stay")])
        if may_be_carried(one)
    ]
    by = printed_by(reader.wording(known), reader.account)
    return reader.page("care/print.html", known, stays=stays, by=by)


async def plan_pdf(reader: Reader) -> Response:
    """The summary of the plan."""
    known = await _known_for_paper(reader)
    asked = await reader.ask("GET", "/v1/attention", query={"person": known.person})
    return await _pdf(plan_sheet(known, asked.body["items"], reader.account), known, "care-plan")


async def discharge_pdf(reader: Reader) -> Response:
    """The summary of one stay and of the way home from it."""
    known = await _known_for_paper(reader)
    return await _pdf(discharge_sheet(known, _stay_of(reader, known), reader.account), known, "discharge")


async def _known_for_paper(reader: Reader) -> Known:
    """What they may see of the person, with the event of a print-out."""
    reader.visit = replace(reader.visit, door=DOOR)
    reader.request.scope["visit"] = reader.visit
    return await reader.known()


def _stay_of(reader: Reader, known: Known) -> Entry:
    found = known.entries.get(EntryId(str(reader.request.path_params["entry"])))
    if found is None or found.kind != "stay" or not may_be_carried(found):
        raise Problem(Trouble.NOT_FOUND)
    return found


async def _pdf(sheet: Sheet, known: Known, what: str) -> Response:
    """The file. Its name says what it is and when, and nobody's name."""
    raw = await PRESS.printed(sheet, known.now)
    local = datetime.fromtimestamp(known.now / 1000, known.zone)
    name = f"{what}-{local:%Y-%m-%d-%H%M}.pdf"
    return Response(
        raw, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type="application/pdf"
    )


WAYS: tuple[Way, ...] = (
    Way("/people/{person}/print", show),
    Way("/people/{person}/plan.pdf", plan_pdf),
    Way("/people/{person}/stays/{entry}/discharge.pdf", discharge_pdf),
    *calendars.WAYS,
)
