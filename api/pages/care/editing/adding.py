"""Adding an entry to a section: a form of the fields of its kind."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api.pages.care.addresses import of_person, of_section
from api.pages.care.editing import formed
from api.pages.care.editing.entries import OFFERED, kind_of, leave_of, section_of
from api.pages.care.editing.fielded import Field, changes, written
from api.pages.care.forms import Form
from api.pages.care.names import called
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import SECTIONS
from auth.access import Question, refusal
from plan.kinds import KINDS
from plan.known import Known
from plan.model import Json
from plan.problem import Problem, Trouble


def addable(leave: Mapping[str, Any], section: str) -> list[str]:
    """The kinds that the reader may add to a section here."""
    if leave["sections"][section]["write"] == "none":
        return []
    return [kind for kind in OFFERED if section in KINDS[kind].sections]


async def show(reader: Reader) -> Response:
    """A form for a new entry of a kind."""
    known, kind = await reader.known(), await _kind(reader)
    fields = formed.fields_of(reader, known, kind, {})
    return _page(reader, known, kind, fields, Form(values=written(fields)))


async def send(reader: Reader, form: Form) -> Response:
    """Take a new entry."""
    known, kind = await reader.known(), await _kind(reader)
    fields = formed.fields_of(reader, known, kind, {}, form)
    if form.text("more"):
        return _page(reader, known, kind, fields, form)
    body = formed.with_changes({}, changes(fields, form)) | _restricted(kind, form)
    if not form.faults:
        at = f"/v1/people/{known.person}/plan/sections/{section_of(reader)}/{kind}"
        try:
            made = (await reader.ask("POST", at, body, key=form.key)).body
        except Problem as problem:
            formed.blame(form, problem, fields)
        else:
            to = f"{of_person(known.person)}/entries/{section_of(reader)}/{kind}/{made['id']}"
            return reader.go(to, done="It was added to the plan.")
    return _page(reader, known, kind, fields, form)


def _restricted(kind: str, form: Form) -> dict[str, Json]:
    """Who alone may see it, for a kind that always says so."""
    if not KINDS[kind].restricted:
        return {}
    only: list[Json] = [one for one in form.all("restricted_to") if one]
    if not only:
        form.fault("restricted_to", "Choose who may see it.")
    return {"restricted_to": only}


async def _kind(reader: Reader) -> str:
    """The kind that is to be added. Raises NOT_FOUND for one that no form adds, REFUSED for whoever may not."""
    kind, section = kind_of(reader), section_of(reader)
    leave = await leave_of(reader)
    if kind not in OFFERED or not leave["sections"][section]["read"]:
        raise Problem(Trouble.NOT_FOUND)
    if kind not in addable(leave, section):
        raise refusal(Question.CHARTER, "You may read this section, and not write in it.", "Ask whoever manages it.")
    return kind


def _page(reader: Reader, known: Known, kind: str, fields: tuple[Field, ...], form: Form) -> Response:
    section = section_of(reader)
    only = [(str(agency.id), agency.name or str(agency.id)) for agency in known.members()]
    return formed.page(
        reader,
        known,
        kind,
        fields,
        form,
        heading=f"Add: {called(kind).lower()}",
        caption=SECTIONS[section],
        back=(of_section(known.person, section), f"Back to {SECTIONS[section].lower()}"),
        why=False,
        restricted=only if KINDS[kind].restricted else (),
    )


WAYS: tuple[Way, ...] = (Way("/people/{person}/entries/{section}/{kind}/new", show, send),)
