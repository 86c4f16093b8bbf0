"""People: whom plans are about. Source of the native form: plan/kinds/person.py."""

from starlette.requests import Request
from starlette.responses import Response

from api import cursors, forms
from api.deeds import Deed
from api.rest import asked, said
from auth.access import Verb
from fhir_facade.index import fold
from plan.dates import date_range
from plan.identity import NHS_NUMBER, identity
from plan.kinds import PERSON
from plan.model import EntryId, Section, Slot
from plan.problem import Fault, Problem, Trouble
from plan.query import Condition, Query, Sort, Text, Token, When

SHELF = "/v1/people"
BY_ID = (Sort("_id", "token"),)
"""Ids are made in order of time, so a page neither skips nor repeats what changes meanwhile."""
_AFTER = {"after": str}


async def create(request: Request) -> Response:
    """Begin a plan: a new person, with the agency that begins it on the team."""
    visit = await asked.visit_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    form = forms.read(PERSON, body, {"kind": PERSON.name, "section": Section.FRAME.value}, new=True)
    deed = Deed(verb=Verb.CREATE, type="Patient", kind=PERSON.name, body=form.fields)
    return await said.written(request, visit, deed, raw, SHELF)


async def search(request: Request) -> Response:
    """Find people among those whose plans are open to the caller."""
    visit = await asked.visit_of(request)
    terms = asked.terms(request, "identifier", "nhs_number", "name", "birth_date", "limit", "cursor")
    query = Query(
        type="Patient",
        conditions=_conditions(terms),
        sort=BY_ID,
        count=asked.limit(terms),
        after=after(terms),
    )
    page = await asked.desk_of(request).search(visit, query, "body")
    return said.view(request, said.items((hit.text for hit in page.hits), following(page.after)))


async def read(request: Request) -> Response:
    """One person."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    return said.entry(request, await asked.desk_of(request).entry(visit, person, PERSON.name, EntryId(person)))


async def update(request: Request) -> Response:
    """Change who a person is: the whole of it, in the version that was read."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    address = {"id": str(person), "kind": PERSON.name, "section": Section.FRAME.value}
    form = forms.read(PERSON, body, address)
    deed = Deed(
        verb=Verb.UPDATE,
        type="Patient",
        kind=PERSON.name,
        slot=Slot.PATIENT.value,
        person=person,
        body=form.fields,
        version=asked.version_said(request, form.version),
    )
    return await said.written(request, visit, deed, raw)


def after(terms: asked.Terms) -> tuple[str, ...]:
    """Where the page before ended: its last id, as both keys of the order."""
    if "cursor" not in terms:
        return ()
    last = cursors.read(terms["cursor"], _AFTER)["after"]
    return (last, last)


def following(last: tuple[str | int, ...]) -> str | None:
    """The cursor of the next page; None when there is none."""
    return cursors.made(after=str(last[-1])) if last else None


def named(text: str) -> list[Condition]:
    """Every word begins a part of the name, or all of them together begin one."""
    whole = Text(fold(text))
    return [Condition("name", (Text(word), whole)) for word in whole.text.split()]


def _conditions(terms: asked.Terms) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    if "identifier" in terms:
        conditions.append(Condition("identifier", (_token(terms["identifier"]),)))
    if "nhs_number" in terms:
        conditions.append(Condition("identifier", (_identity(NHS_NUMBER, terms["nhs_number"], "nhs_number"),)))
    if "name" in terms:
        conditions += named(terms["name"])
    if "birth_date" in terms:
        conditions.append(Condition("birthdate", (_born(terms["birth_date"]),)))
    return tuple(conditions)


def _token(text: str) -> Token:
    system, bar, value = text.rpartition("|")
    if not value:
        raise _unclear("identifier has no value", "Write it as system|value, or the value alone.")
    return _identity(system, value, "identifier") if system else Token(value.strip(), "" if bar else None)


def _identity(system: str, value: str, name: str) -> Token:
    try:
        spelled, digits = identity(system, value)
    except ValueError as error:
        raise _unclear(f"{name} cannot be right", f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    return Token(digits, spelled)


def _born(text: str) -> When:
    found = date_range(text)
    if found is None or "T" in text:
        raise _unclear("birth_date is no date", "Write it as YYYY, YYYY-MM or YYYY-MM-DD.")
    return When(*found)


def _unclear(what: str, mend: str) -> Problem:
    return Problem(Trouble.BAD_VALUE, what, (Fault(what, mend=mend),))
