"""Choosing the person whom an app is to work with: through the desk, with the account's own role and rights.

Whom the account may not see is not found, in the same words as somebody who is not there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from api.deeds import Visit
from api.pages.turn import Turn, one
from api.rest.people import named
from auth.caller import Caller
from auth.scopes import parse
from auth.server.parties import Account
from plan.identity import NHS_NUMBER, identity
from plan.kinds import PERSON
from plan.model import EntryId, PersonId, Role
from plan.problem import Problem, Trouble
from plan.query import Condition, Query, Sort, Token, When

MOST = 20
DAY = 86_400_000
FIELDS = ("nhs_number", "family", "day", "month", "year")


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody who can be chosen."""

    id: PersonId
    name: str
    born: str
    nhs_number: str


Faults = list[tuple[str, str]]


async def own(made: Turn, account: Account) -> Sequence[Found]:
    """Who can be chosen without searching: a person has themself, a carer those they care for."""
    if account.role is Role.PERSON and account.person:
        found = await known(made, account, account.person)
        return [found] if found else []
    return await _search(made, account, ()) if account.role is Role.CARER else []


async def known(made: Turn, account: Account, person: PersonId) -> Found | None:
    """A person whom this account may see; None for everybody else."""
    try:
        stored = await made.service.desk.entry(_visit(made, account), person, "person", EntryId(person))
    except Problem as problem:
        if problem.trouble in (Trouble.NOT_FOUND, Trouble.GONE, Trouble.REFUSED):
            return None
        raise
    return _shown(person, stored.body)


async def search(made: Turn, account: Account, form: Mapping[str, list[str]]) -> tuple[Sequence[Found], Faults]:
    """Those who fit what was typed: an NHS number, or a family name and a birth date. What is wrong with it, if any."""
    said = {name: one(form, name).strip() for name in FIELDS}
    if said["nhs_number"]:
        try:
            system, value = identity(NHS_NUMBER, said["nhs_number"])
        except ValueError as error:
            return [], [("nhs_number", f"{str(error)[:1].upper()}{str(error)[1:]}.")]
        return await _fitting(made, account, (Condition("identifier", (Token(value, system),)),))
    born, faults = _born(said), []
    if not said["family"]:
        faults.append(("family", "Enter an NHS number, or a family name and a date of birth."))
    if born is None:
        return [], [*faults, ("day", "Enter the date of birth as a day, a month and a year, such as 27 3 1941.")]
    if faults:
        return [], faults
    return await _fitting(made, account, (*named(said["family"]), Condition("birthdate", (born,))))


async def _fitting(made: Turn, account: Account, conditions: tuple[Condition, ...]) -> tuple[Sequence[Found], Faults]:
    found = await _search(made, account, conditions)
    return found, [] if found else [("nhs_number", "Nobody was found among those whose plans you may see.")]


async def _search(made: Turn, account: Account, conditions: tuple[Condition, ...]) -> Sequence[Found]:
    query = Query(type="Patient", conditions=conditions, sort=(Sort("_id", "token"),), count=MOST)
    page = await made.service.desk.search(_visit(made, account), query, "body")
    return [_shown(hit.person, hit.text) for hit in page.hits]


def _shown(person: PersonId, text: str) -> Found:
    body = json.loads(text)
    name, born, number = PERSON.title(body), body.get("birth_date", ""), body.get("nhs_number", "")
    return Found(person, name, born, f"{number[:3]} {number[3:6]} {number[6:]}".strip())


def _visit(made: Turn, account: Account) -> Visit:
    """The account at the desk, as far as finding a person goes and no further."""
    context = "patient" if account.role is Role.PERSON else "user"
    caller = Caller(
        subject=account.subject,
        agency=account.agency,
        role=account.role,
        scopes=parse(f"{context}/Patient.rs"),
        person=account.person,
        client="oneplan-pages",
        name=account.name,
    )
    return Visit(caller=caller, door="auth", request=made.request.scope["request_id"])


def _born(said: Mapping[str, str]) -> When | None:
    try:
        day = date(*(int(said[name]) for name in ("year", "month", "day")))
    except (ValueError, OverflowError):
        return None
    start = (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY
    return When(start, start + DAY - 1)
