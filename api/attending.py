"""Attention: what needs a caller now, in one plan or across all that are open to them, in few statements.

What each plan asks is plan.attention; here it is found whose plans, which entries the caller may see of them, and
under which names of the directory the caller is meant.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from api import knowing
from api.deeds import Visit
from api.desk import Desk
from api.homes import place
from auth.access import Permit, Verb, aim, ask
from db import knowing as rows
from fhir_facade import exact
from fhir_facade.drafts import moment
from fhir_facade.faces import FACES
from plan.attention import WATCHED, Asking, Item, attention, in_order
from plan.charter import Letter
from plan.kinds import PERSON
from plan.known import Known
from plan.model import AgencyId, Json, PersonId, Role, Stored
from plan.problem import Problem, Trouble

PLACES = ("housing", PERSON.name)
"""Kinds whose entries say where somebody lives."""
TYPES = tuple(sorted({FACES[kind].type for kind in (*WATCHED, *PLACES)}))
_ABOUT: Mapping[str, str] = {"readiness": "stay", "ask": "focus", "action": "focus"}
"""Which field of a kind says what it is about: the stay, the message, the referral."""


async def board(
    desk: Desk, visit: Visit, person: PersonId | None, agency: AgencyId | None, estate: str = ""
) -> list[dict[str, Json]]:
    """What needs the caller, or an agency as far as the caller sees it: of one person, of an estate, or of everybody.

    `estate`: the UPRN of an estate, scheme or block, the parent of the homes in it.
    Raises NOT_FOUND for a person who is not there for them.
    """
    permit = aim(ask(visit.caller, desk.charter), Verb.SEARCH, *TYPES)
    note = replace(desk.note(visit, "E", "*", "", person=person or ""), refused="")
    people = None if person is None else [person]
    found = await desk.store.across(permit, WATCHED | set(PLACES), note, people)
    if person is not None and not found:
        raise Problem(Trouble.NOT_FOUND)
    asking = await asking_of(desk, permit, agency)
    items: list[Item] = []
    whom: dict[PersonId, Known] = {}
    for whose, entries in _by_person(found):
        known = Known(person=whose, now=note.at, entries={one.id: knowing.entry(one) for one in entries})
        if not estate or _lives_in(known, estate):
            whom[whose] = known
            items += attention(known, in_plan_of(asking, whose))
    return [_told(item, whom[item.person]) for item in in_order(items)]


async def asking_of(desk: Desk, permit: Permit, agency: AgencyId | None = None) -> Asking:
    """Under which names the caller, or the agency that they ask about, is meant."""
    caller = permit.caller
    whose = agency or caller.agency
    means = {f"Organization/{whose}"}
    for type_, text in await rows.directory(desk.store.database, [whose]):
        means.add(f"{type_}/{exact.stored(text)['id']}")
    means |= set(await rows.workers(desk.store.database, whose))
    manages = frozenset(section for section, letter in permit.letters.items() if letter is Letter.MANAGE)
    if caller.role in (Role.PERSON, Role.CARER):
        means = set()
    own = agency in (None, caller.agency)
    return Asking(agency=whose, role=caller.role, names=frozenset(means), manages=manages, own=own)


def in_plan_of(asking: Asking, person: PersonId) -> Asking:
    """In their own plan the person is meant by their own reference."""
    if asking.role is not Role.PERSON:
        return asking
    return replace(asking, names=frozenset((f"Patient/{person}",)))


def _by_person(found: Iterable[Stored]) -> Iterator[tuple[PersonId, list[Stored]]]:
    each: dict[PersonId, list[Stored]] = {}
    for one in found:
        each.setdefault(one.person, []).append(one)
    yield from each.items()


def _lives_in(known: Known, estate: str) -> bool:
    """Whether somebody lives in an estate, as far as the caller sees where they live."""
    homes: list[Any] = [entry.body for entry in known.of("housing")]
    for entry in known.of(PERSON.name):
        homes += entry.body.get("addresses", ())
    return any(home.get("parent_uprn") == estate for home in homes)


def _name(known: Known) -> str:
    return next((PERSON.title(dict(entry.body)) for entry in known.of(PERSON.name)), "")


def _told(item: Item, known: Known) -> dict[str, Json]:
    """An item as it is shown."""
    entry, name, lives = item.entry, _name(known), place(known)
    about = entry.body.get(_ABOUT.get(entry.kind, ""))
    address = f"/v1/people/{item.person}/plan/sections/{entry.section.value}"
    return {
        "person": item.person,
        **({"name": name} if name else {}),
        **({"place": lives} if lives else {}),
        "kind": item.kind,
        "severity": item.severity,
        "since": moment(item.since),
        **({"due": moment(item.due)} if item.due is not None else {}),
        "words": item.words,
        "reference": f"{entry.type}/{entry.id}",
        **({"about": about} if isinstance(about, str) else {}),
        "link": address if entry.kind == "section" else f"{address}/{entry.kind}/{entry.id}",
    }
