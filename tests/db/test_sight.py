"""Check and list agree: what the decision says of an entry is what every statement about people shows of it.

The facts are made at random and put straight into the tables; what should be seen is worked out here, from the pure
decision and from the facts as they were made, without any SQL.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from api.deeds import Visit
from auth.access import NOBODY, Permit, Standing, ask, narrow
from auth.caller import Caller
from auth.scopes import parse
from db.engine import columns
from db.sight import restriction_text, visible
from plan.model import AgencyId, EntryId, PersonId, Role, Section, Subject
from plan.query import Query
from tests.support.world import World

NOW = 1_772_445_600_000
AGENCIES = ("RX1", "rx1", "HA1", "R.1")
SUBJECTS = ("ann", "ben", "cat")
PERSONS = tuple(PersonId(f"p{n}") for n in range(5))
TYPES = ("Goal", "Condition", "MedicationStatement", "CarePlan")
SCOPES = (
    "system/*.cruds",
    "system/*.cruds",
    "user/*.rs",
    "user/Goal.r",
    "user/Goal.s user/Condition.rs",
    "user/*.cud",
    "",
)
STARTS = (0, NOW - 1, NOW, NOW + 1)
ENDS = (None, None, NOW - 1, NOW, NOW + 1)


@dataclass(frozen=True, kw_only=True)
class Entry:
    person: PersonId
    id: str
    type: str
    section: Section
    agency: AgencyId
    restriction: frozenset[AgencyId] | None
    deleted: bool


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A place on the team (no section) or a line of a consent."""

    person: PersonId
    party: str
    said: str
    section: Section | None = None
    since: int
    until: int | None

    @property
    def today(self) -> bool:
        return self.since <= NOW and (self.until is None or self.until > NOW)


class Facts:
    """Five people: their entries, their teams, their consents."""

    def __init__(self, chance: random.Random) -> None:
        self.entries = [_entry(chance, n) for n in range(120)]
        self.team = [_place(chance) for _ in range(36)]
        self.consents = [_line(chance) for _ in range(70)]

    def standing(self, caller: Caller, by_consent: bool, person: PersonId) -> Standing:
        if caller.role is Role.PERSON:
            return Standing(related=True, basis="self") if caller.person == person else Standing()
        party = f"user:{caller.subject}" if by_consent else caller.agency
        on_team = [fact for fact in self.team if fact.person == person and fact.party == party and fact.today]
        names = {f"agency:{caller.agency}", f"role:{caller.role}", f"user:{caller.subject}"}
        lines = [fact for fact in self.consents if fact.person == person and fact.party in names and fact.today]
        opened, closed = (
            frozenset(f.section for f in lines if f.said == said and f.section) for said in ("permit", "deny")
        )
        related = bool(on_team) and (not by_consent or bool(opened))
        return Standing(related=related, basis="team" if on_team else "", opened=opened, closed=closed)

    def seen(self, permit: Permit) -> list[Entry]:
        allowed = {
            person: narrow(permit, person, self.standing(permit.caller, permit.by_consent, person))
            for person in PERSONS
        }
        return [entry for entry in self.entries if _may(allowed[entry.person], entry)]


def _may(permit: Permit, entry: Entry) -> bool:
    scopes = permit.caller.scopes
    in_scope = scopes.allow("r", entry.type) or scopes.allow("s", entry.type)
    return in_scope and permit.may_read(entry.section) and permit.sees(entry.agency, entry.restriction)


def _entry(chance: random.Random, n: int) -> Entry:
    named = frozenset(AgencyId(name) for name in chance.sample(AGENCIES, chance.randrange(3)))
    return Entry(
        person=chance.choice(PERSONS),
        id=f"e{n}",
        type=chance.choice(TYPES),
        section=chance.choice(list(Section)),
        agency=AgencyId(chance.choice(AGENCIES)),
        restriction=named if chance.random() < 0.4 else None,
        deleted=chance.random() < 0.1,
    )


def _place(chance: random.Random) -> Fact:
    party = chance.choice([*AGENCIES, *(f"user:{name}" for name in SUBJECTS)])
    since, until = chance.choice(STARTS), chance.choice(ENDS)
    return Fact(person=chance.choice(PERSONS), party=party, said="team", since=since, until=until)


def _line(chance: random.Random) -> Fact:
    agencies, users = [f"agency:{name}" for name in AGENCIES], [f"user:{name}" for name in SUBJECTS]
    return Fact(
        person=chance.choice(PERSONS),
        party=chance.choice([*agencies, *users, *users, *(f"role:{role}" for role in Role)]),
        said=chance.choice(["permit", "permit", "permit", "deny"]),
        section=chance.choice(list(Section)),
        since=chance.choice(STARTS),
        until=chance.choice(ENDS),
    )


def _caller(chance: random.Random) -> Caller:
    role = chance.choice([*Role, Role.CARER, Role.CARER])
    person = chance.choice([*PERSONS, PersonId("nobody"), None]) if role is Role.PERSON else None
    subject, agency = Subject(chance.choice(SUBJECTS)), AgencyId(chance.choice(AGENCIES))
    return Caller(subject=subject, agency=agency, role=role, scopes=parse(chance.choice(SCOPES)), person=person)


async def put(world: World, facts: Facts) -> None:
    """The facts, as rows."""
    entries, team, consents = facts.entries, facts.team, facts.consents
    batch = {
        "person": _rows("person", ({"person_id": person} for person in PERSONS)),
        "entry": _rows("entry", map(_row, entries)),
        "entry_version": _rows("entry_version", map(_row, entries)),
        "whereabouts": _rows("whereabouts", map(_row, entries)),
        "change": _rows("change", ({**_row(e), "entry_id": e.id, "seq": n} for n, e in enumerate(entries))),
        "team_member": _rows("team_member", ({**_of(f), "id": f"m{n}", "basis": "team"} for n, f in enumerate(team))),
        "consent_rule": _rows("consent_rule", ({**_of(f), "entry_id": f"c{n}"} for n, f in enumerate(consents))),
    }
    async with world.database.transaction() as transaction:
        await transaction.change({}, batch)


def _row(entry: Entry) -> dict[str, Any]:
    said = {"person_id": entry.person, "id": entry.id, "type": entry.type, "section": entry.section.value}
    more = {"agency": entry.agency, "restriction": restriction_text(entry.restriction), "deleted": entry.deleted}
    return {**said, **more, "kind": "goal", "version": 1}


def _of(fact: Fact) -> dict[str, Any]:
    section = {"section": fact.section.value, "decision": fact.said} if fact.section else {}
    return {"person_id": fact.person, "party": fact.party, "since": fact.since, "until": fact.until, **section}


def _rows(table: str, made: Iterable[dict[str, Any]]) -> list[list[Any]]:
    """Rows with something in every column."""
    empty = {"due": None, "slot": None, "until": None, "restriction": None, "deleted": False}
    numbers = {"at", "seq", "created", "updated", "since", "version"}
    names = columns(table)
    return [[row.get(name, empty.get(name, 0 if name in numbers else "")) for name in names] for row in made]


@pytest.mark.parametrize("seed", range(4))
async def test_every_statement_shows_exactly_what_the_decision_says(world: World, seed: int) -> None:
    chance = random.Random(seed)
    facts = Facts(chance)
    world.at("2026-03-02T10:00:00Z")
    assert world.clock == NOW
    await put(world, facts)
    shown = dict.fromkeys(("person", "carer", "worker"), 0)
    for _ in range(90):
        caller = _caller(chance)
        visit = Visit(caller=caller, door="rest", request="r")
        seen = facts.seen(ask(caller, world.desk.charter))
        await _agrees(world, visit, chance, facts, seen)
        shown[caller.role.value if caller.role.value in shown else "worker"] += len(seen)
    assert min(shown.values()) > 10, f"the facts hide nearly everything, the test says little: {shown}"


async def _agrees(world: World, visit: Visit, chance: random.Random, facts: Facts, seen: Sequence[Entry]) -> None:
    store, permit = world.desk.store, ask(visit.caller, world.desk.charter)
    note = world.desk.note(visit, "R", "CarePlan", "x", shown=1000)
    current = [entry for entry in seen if not entry.deleted]
    person, one, type_ = chance.choice(PERSONS), chance.choice(facts.entries), chance.choice(TYPES)

    plan = await store.plan(permit, person, note)
    assert {e.id for e in plan} == {e.id for e in current if e.person == person}
    was = await store.plan_at(permit, person, NOW, _again(note, 1))
    assert {e.id for e in was} == {e.id for e in current if e.person == person}
    kind = await store.kind(permit, person, "goal", one.section, _again(note, 2))
    assert {e.id for e in kind} == {e.id for e in current if e.person == person and e.section == one.section}
    changes = await store.changes(permit, person, _again(note, 3), count=1000)
    assert {c.entry for c in changes} == {e.id for e in seen if e.person == person}

    page = await store.search(permit, Query(type=type_, count=1000, total=True), _again(note, 4), "fhir")
    assert {hit.id for hit in page.hits} == {e.id for e in current if e.type == type_}
    counted = await store.search(permit, Query(type=type_, count=1, total=True), _again(note, 5), "fhir")
    assert counted.total == len([e for e in current if e.type == type_])

    read = await store.read(permit, one.type, EntryId(one.id), _again(note, 6), "fhir")
    assert (read is not None) == (one in seen)
    entry = await store.entry(permit, one.person, EntryId(one.id), _again(note, 7), "body")
    assert (entry is not None) == (one in seen)
    versions = await store.versions(permit, one.type, EntryId(one.id), _again(note, 8), "fhir")
    assert bool(versions) == (one in seen)

    history = await store.history(permit, (type_, one.type), _again(note, 9), count=1000)
    assert {(v.id, v.version) for v in history} == {(e.id, 1) for e in seen if e.type in (type_, one.type)}

    async with store.writing(permit) as writing:
        found = await writing.held(permit, one.person)
        # Behind the wall a person whom the caller does not work with is not there at all.
        found = found or NOBODY
        assert found == await writing.standing(permit, one.person)
    assert (
        narrow(permit, one.person, found).letters
        == narrow(permit, one.person, facts.standing(visit.caller, permit.by_consent, one.person)).letters
    )


def _again(note: Any, n: int) -> Any:
    return replace(note, id=f"{note.id}-{n}")


def test_who_has_no_sections_is_shown_nothing_without_a_look_at_any_row(world: World) -> None:
    for visit in (world.visit("auditor"), world.visit("person", person=None), world.visit(scopes="")):
        assert visible(ask(visit.caller, world.desk.charter), NOW) == ("1 = 0", ())
