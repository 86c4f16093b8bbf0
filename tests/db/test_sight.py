"""Check and list agree: what the decision says of an entry is what every statement about people shows of it.

The facts are made at random and put straight into the tables; what should be seen is worked out here, from the pure
decision and from the facts as they were made, without any SQL.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from api.deeds import Visit
from auth.access import NOBODY, Permit, Standing, Verb, aim, allows, ask, narrow
from auth.caller import Caller
from auth.scopes import parse
from db.sight import restriction_text, visible
from plan.model import AgencyId, EntryId, PersonId, Role, Section, Subject
from plan.query import Query
from tests.support.rows import rows
from tests.support.world import World

NOW = 1_772_445_600_000
AGENCIES = ("RX1", "rx1", "HA1", "R.1")
SUBJECTS = ("ann", "ben", "cat")
PERSONS = tuple(PersonId(f"p{n}") for n in range(5))
TYPES = ("Goal", "Condition", "MedicationStatement", "CarePlan")
A, SA, SB = ("", "a"), ("s", "a"), ("s", "b")
Rule = tuple[str, str, bool, list[set[tuple[str, str]]]]
"""What a word says: verbs, type, whether of the patient of the launch alone, categories (all of these, any of each)."""
SCOPES: dict[str, list[Rule]] = {
    "system/*.cruds": [("cruds", "*", False, [])],
    "user/*.rs": [("rs", "*", False, [])],
    "user/Goal.r": [("r", "Goal", False, [])],
    "user/Goal.s user/Condition.rs": [("s", "Goal", False, []), ("rs", "Condition", False, [])],
    "user/*.cud": [],
    "": [],
    "patient/*.rs": [("rs", "*", True, [])],
    "patient/Goal.cruds patient/Task.r user/Condition.r": [("rs", "Goal", True, []), ("r", "Condition", False, [])],
    "user/Goal.rs?category=a user/CarePlan.s": [("rs", "Goal", False, [{A, SA}]), ("s", "CarePlan", False, [])],
    "user/*.rs?category=s|b,|a patient/Goal.r": [("rs", "*", False, [{SB, A}]), ("r", "Goal", True, [])],
    "patient/*.r?category=s|&category=b": [("r", "*", True, [{SA, SB}, {SB}])],
    "user/Goal.r user/Goal.s?category=a user/*.r?category=b user/Organization.s": [
        ("r", "Goal", False, []),
        ("s", "Goal", False, [{A, SA}]),
        ("r", "*", False, [{SB}]),
        ("s", "Organization", False, []),
    ],
}
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
    said: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A place on the team (no section), which may open one entry only, or a line of a consent."""

    person: PersonId
    party: str
    said: str
    section: Section | None = None
    since: int
    until: int | None
    opens: EntryId | None = None

    @property
    def today(self) -> bool:
        return self.since <= NOW and (self.until is None or self.until > NOW)


class Facts:
    """Five people: their entries, their teams, their consents."""

    def __init__(self, chance: random.Random) -> None:
        self.entries = [_entry(chance, n) for n in range(120)]
        self.team = [_place(chance) for _ in range(64)]
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
        whole = any(fact.opens is None for fact in on_team)
        entries = None if whole or not on_team else frozenset(fact.opens for fact in on_team if fact.opens)
        basis = "team" if on_team else ""
        return Standing(related=related, basis=basis, opened=opened, closed=closed, entries=entries)

    def seen(self, permit: Permit, verb: str = "") -> list[Entry]:
        """What may be looked at, or what this verb is allowed on."""
        allowed = {
            person: narrow(permit, person, self.standing(permit.caller, permit.by_consent, person))
            for person in PERSONS
        }
        return [entry for entry in self.entries if _may(allowed[entry.person], entry, verb or "rs")]


def _may(permit: Permit, entry: Entry, verbs: str) -> bool:
    in_scope = any(_holds(permit.caller, entry, rule) for rule in _rules(permit.caller) if set(rule[0]) & set(verbs))
    there = permit.entries is None or entry.id in permit.entries
    return in_scope and there and permit.may_read(entry.section) and permit.sees(entry.agency, entry.restriction)


def _rules(caller: Caller) -> list[Rule]:
    return SCOPES[" ".join(caller.scopes.words)]


def _holds(caller: Caller, entry: Entry, rule: Rule) -> bool:
    _, type_, bound, all_of = rule
    theirs = caller.patient or caller.person
    return (
        type_ in ("*", entry.type)
        and (not bound or entry.person == theirs)
        and all(any_of & entry.said for any_of in all_of)
        and not (all_of and entry.deleted)
    )


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
        said=frozenset(chance.sample([A, SA, SB], chance.randrange(4))),
    )


def _place(chance: random.Random) -> Fact:
    party = chance.choice([*AGENCIES, *(f"user:{name}" for name in SUBJECTS)])
    since, until = chance.choice(STARTS), chance.choice(ENDS)
    opens = EntryId(f"e{chance.randrange(120)}") if chance.random() < 0.2 else None
    return Fact(person=chance.choice(PERSONS), party=party, said="team", since=since, until=until, opens=opens)


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
    scopes, patient = parse(chance.choice(list(SCOPES))), chance.choice([*PERSONS, None])
    return Caller(subject=subject, agency=agency, role=role, scopes=scopes, person=person, patient=patient)


async def put(world: World, facts: Facts) -> None:
    """The facts, as rows."""
    entries, team, consents = facts.entries, facts.team, facts.consents
    batch = {
        "person": rows("person", ({"person_id": person} for person in PERSONS)),
        "entry": rows("entry", map(_row, entries)),
        "entry_version": rows("entry_version", map(_row, entries)),
        "whereabouts": rows("whereabouts", map(_row, entries)),
        "change": rows("change", ({**_row(e), "entry_id": e.id, "seq": n} for n, e in enumerate(entries))),
        "team_member": rows("team_member", ({**_of(f), "id": f"m{n}", "basis": "team"} for n, f in enumerate(team))),
        "search_token": rows("search_token", (row for entry in entries for row in _categories(entry))),
        "consent_rule": rows("consent_rule", ({**_of(f), "entry_id": f"c{n}"} for n, f in enumerate(consents))),
    }
    async with world.database.transaction() as transaction:
        await transaction.change({}, batch)


def _row(entry: Entry) -> dict[str, Any]:
    said = {"person_id": entry.person, "id": entry.id, "type": entry.type, "section": entry.section.value}
    more = {"agency": entry.agency, "restriction": restriction_text(entry.restriction), "deleted": entry.deleted}
    return {**said, **more, "kind": "goal", "version": 1}


def _categories(entry: Entry) -> list[dict[str, Any]]:
    """As the index has them: nothing of what is deleted."""
    of = {"person_id": entry.person, "entry_id": entry.id, "type": entry.type, "param": "category"}
    return [{**of, "system": system, "code": code} for system, code in entry.said if not entry.deleted]


def _of(fact: Fact) -> dict[str, Any]:
    section = {"section": fact.section.value, "decision": fact.said} if fact.section else {}
    return {
        "person_id": fact.person,
        "party": fact.party,
        "since": fact.since,
        "until": fact.until,
        "opens": fact.opens,
        **section,
    }


@pytest.mark.parametrize("seed", range(4))
async def test_every_statement_shows_exactly_what_the_decision_says(world: World, seed: int) -> None:
    chance = random.Random(seed)
    facts = Facts(chance)
    world.at("2026-03-02T10:00:00Z")
    assert world.clock == NOW
    await put(world, facts)
    shown = dict.fromkeys(("person", "carer", "worker"), 0)
    for _ in range(180):
        caller = _caller(chance)
        visit = Visit(caller=caller, door="rest", request="r")
        seen = facts.seen(ask(caller, world.desk.charter))
        await _agrees(world, visit, chance, facts, seen)
        shown[caller.role.value if caller.role.value in shown else "worker"] += len(seen)
    assert min(shown.values()) > 10, f"the facts hide nearly everything, the test says little: {shown}"


async def _agrees_across(world: World, permit: Permit, note: Any, current: Sequence[Entry], *people: PersonId) -> None:
    """Of many people at once: everybody's, some people's, nobody's."""
    store = world.desk.store
    everybody = await store.across(permit, {"goal"}, _again(note, 12))
    assert [e.id for e in everybody] == [e.id for e in sorted(current, key=lambda e: (e.person, e.id))]
    some = await store.across(permit, {"goal", "need"}, _again(note, 13), people)
    assert {e.id for e in some} == {e.id for e in current if e.person in people}
    assert not await store.across(permit, (), _again(note, 14))
    assert not await store.across(permit, {"goal"}, _again(note, 15), ())


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
    await _agrees_across(world, permit, note, current, person, one.person)

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

    searched = aim(permit, Verb.SEARCH, type_)
    page = await store.search(searched, Query(type=type_, count=1000), _again(note, 10), "fhir")
    allowed = facts.seen(permit, "s")
    assert {hit.id for hit in page.hits} == {e.id for e in allowed if e.type == type_ and not e.deleted} or not allows(
        permit, Verb.SEARCH, type_
    ), "without a word the question is refused before it is asked"
    read = await store.read(aim(permit, Verb.READ, one.type), one.type, EntryId(one.id), _again(note, 11), "fhir")
    assert (read is not None) == (one in facts.seen(permit, "r")) or not allows(permit, Verb.READ, one.type)

    async with store.writing(permit) as writing:
        found = await writing.held(permit, one.person)
        # Behind the wall a person whom the caller does not work with is not there at all.
        found = found or NOBODY
        assert found == await writing.standing(permit, one.person)
    assert (
        narrow(permit, one.person, found).letters
        == narrow(permit, one.person, facts.standing(visit.caller, permit.by_consent, one.person)).letters
    )
    assert found.entries == facts.standing(visit.caller, permit.by_consent, one.person).entries


def _again(note: Any, n: int) -> Any:
    return replace(note, id=f"{note.id}-{n}")


def test_who_has_no_sections_is_shown_nothing_without_a_look_at_any_row(world: World) -> None:
    for visit in (world.visit("auditor"), world.visit("person", person=None), world.visit(scopes="")):
        assert visible(ask(visit.caller, world.desk.charter), NOW) == ("1 = 0", ())
