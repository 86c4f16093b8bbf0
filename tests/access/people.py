"""Worlds for the oracle: a seeded town of people, agencies, carers, consents and entries, written through the desk
while the same is noted down in the plain model of `oracle.py`.

Every entry carries a mark that nothing else carries (`zq17z`), so that what an answer shows can be read off its text.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from api.deeds import UNSAID, Deed, Outcome
from auth.access import Verb
from plan.model import AgencyId, EntryId, PersonId, Section
from tests.access.oracle import (
    ALONE,
    BREAKERS,
    GLASS,
    Asker,
    Place,
    Plan,
    Stretch,
    Thing,
    Word,
    charter,
    follows,
    sections,
)
from tests.access.written import TYPES, written_as
from tests.support import deeds
from tests.support.quick import Quick
from tests.support.world import World

MARK = re.compile(rb"zq\d+z")
BEGIN = "2026-03-01T09:00:00Z"
LABEL = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
AGENCIES = [f"AG{number}" for number in range(8)]
WORKERS = ["clinician", "social_worker", "housing_officer", "benefits_adviser", "care_provider", "coordinator"]
OUTSIDE = ["auditor", "commissioner", "administrator"]
NARROW = [
    "",
    "user/*.rs",
    "user/*.cud",
    "user/Goal.cruds user/Task.rs user/Patient.rs",
    "user/Goal.r user/Task.s",
    "system/Goal.read system/Condition.write system/CarePlan.read",
    "user/Goal.sr user/Flag.rs",
    "user/Patient.rs user/CarePlan.rs user/Condition.cruds",
    "openid fhirUser launch/patient",
    "user/Goal.cruds?category=urn:cat|a user/Patient.rs user/CarePlan.rs",
    "user/Goal.rs?category=urn:cat|a,urn:cat|b user/Goal.cu user/Task.cruds",
    "user/Goal.rs?category=urn:cat|a&category=urn:cat|b user/Goal.d?category=urn:cat|b",
]
OF_THE_LAUNCH = [
    "patient/*.cruds",
    "patient/Goal.rs user/Task.rs user/Patient.rs",
    "patient/*.rs user/Goal.rs?category=urn:cat|b",
    "patient/Goal.cruds?category=urn:cat|a patient/Patient.rs",
]
CATEGORIES = ["", "", "urn:cat|a", "urn:cat|b"]
STATUSES = ["requested", "requested", "received", "accepted", "in-progress", "completed", "rejected"]


@dataclass(slots=True)
class Town:
    """A world and what the oracle knows of it."""

    world: World
    random: Random
    plans: dict[str, Plan] = field(default_factory=dict)
    askers: list[Asker] = field(default_factory=list)
    carers: list[str] = field(default_factory=list)
    marks: dict[bytes, tuple[Plan, Thing]] = field(default_factory=dict)
    ids: dict[str, tuple[Plan, Thing]] = field(default_factory=dict)
    clients: dict[Asker, Quick] = field(default_factory=dict)

    @property
    def now(self) -> int:
        """The moment, in milliseconds."""
        return self.world.clock

    def mark(self) -> str:
        """A word that stands nowhere else."""
        return f"zq{len(self.marks) + 100}z"

    def add(self, plan: Plan, thing: Thing) -> Thing:
        """Note an entry down."""
        plan.things.append(thing)
        if thing.mark:
            self.marks[thing.mark.encode()] = (plan, thing)
        self.ids[thing.id] = (plan, thing)
        return thing

    def client(self, asker: Asker) -> Quick:
        """The asker at the doors."""
        if asker not in self.clients:
            who = (asker.role, asker.agency, asker.subject, asker.scopes, asker.person or None)
            token = self.world.token(*who, patient=asker.patient or None)
            stated = {"x-purpose-of-use": asker.purpose} if asker.purpose else {}
            self.clients[asker] = Quick(self.world.app, token, stated)
        return self.clients[asker]

    def visit(self, asker: Asker) -> Any:
        """The asker at the desk."""
        who = (asker.role, asker.agency, asker.subject, asker.scopes, asker.person or None)
        return self.world.visit(*who, patient=asker.patient or None)

    def near(self, plan: Plan) -> list[Asker]:
        """Those who have, or had, something to do with a plan."""
        parties = {place.party for place in plan.team}
        return [
            asker
            for asker in self.askers
            if plan.person in (asker.person, asker.patient) or parties & {asker.party, asker.override or asker.party}
        ]

    def settles(self, plan: Plan, asker: Asker, before: Thing | None, after: Thing) -> None:
        """Note down what follows from a task that was written."""
        given = follows(asker, plan, before, after, self.now) or []
        for place in plan.team:
            if place.by == after.id and place.when.until is None and place not in given:
                place.when.until = self.now
        plan.team += [place for place in given if place not in plan.team]

    async def breaks_glass(self, plan: Plan, asker: Asker) -> int:
        """Somebody opens a plan by an override: the status that must come of it, when it does."""
        why = {"person": plan.person, "reason": "emergency", "text": "Found at home, not responding", "minutes": 45}
        answer = await self.client(asker)("POST", "/v1/overrides", why)
        held = [p for p in plan.team if p.party in (asker.agency, asker.override) and p.when.holds(self.now)]
        needless = any(not place.opens for place in held)
        wanted = 403 if asker.role not in BREAKERS else 409 if needless else 201
        assert answer.status == wanted, (asker, answer.body)
        if answer.status == 201:
            plan.team.append(Place(asker.override, Stretch(self.now, self.now + 45 * 60_000)))
        return answer.status


def moment(ms: int) -> str:
    """A moment as text."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).isoformat(timespec="seconds")


async def town(world: World, seed: int, people: int) -> Town:
    """A town of so many people; the same for the same seed."""
    made = Town(world, Random(seed))
    world.at(BEGIN)
    for agency in AGENCIES:
        await world.agency(agency)
    made.carers = [f"carer-{number}" for number in range(people // 2)]
    for number in range(people):
        await _person(made, number)
    _askers(made)
    world.later(days=1)
    return made


def _askers(made: Town) -> None:
    everybody = [
        *(Asker(role, agency, f"{role}-of-{agency}") for agency in AGENCIES for role in (*WORKERS, *OUTSIDE)),
        *(themself(made, plan.person) for plan in made.plans.values()),
        *(Asker("carer", "CARER", subject, scopes="user/*.cruds") for subject in made.carers),
    ]
    random = made.random
    narrowed = [replace(one, scopes=random.choice(NARROW)) for one in random.sample(everybody, len(everybody) // 3)]
    launched = [
        replace(one, scopes=random.choice(OF_THE_LAUNCH), patient=random.choice(list(made.plans)))
        for one in random.sample([one for one in everybody if not one.person], len(everybody) // 4)
    ]
    broken = [replace(one, purpose=GLASS) for one in everybody if one.role in (*BREAKERS, "housing_officer")]
    made.askers = [*everybody, *narrowed, *launched, *broken]


def themself(made: Town, person: str) -> Asker:
    return Asker("person", "PERSON", f"self-{person}", person, "patient/*.cruds")


async def _person(made: Town, number: int) -> None:
    world, random = made.world, made.random
    first, *others = random.sample(AGENCIES, random.randint(1, 4))
    name = made.mark()
    begins = world.visit(random.choice(["clinician", "social_worker", "coordinator"]), first)
    person = await world.person(begins, world.nhs_number() if number % 2 else None, family=name)
    plan = made.plans[person] = Plan(person, [Place(first, Stretch(made.now))])
    await _frame(made, plan, name, first)
    for agency in others:
        member = await world.desk.add_member(begins, person, agency, "", "")
        plan.team.append(Place(agency, Stretch(member.since)))
    if random.random() < 0.3:
        await _in_secret(made, plan)
    world.later(seconds=1)
    subject = random.choice(made.carers) if random.random() < 0.6 else ""
    contact = await _contact(made, plan, begins, subject) if subject else ""
    for _ in range(random.randint(6, 11)):
        await _thing(made, plan)
    for _ in range(random.randint(0, 4)):
        await _word(made, plan, subject, contact)
    for place in plan.team[1:]:
        if _ends(place) and random.random() < 0.25:
            await leaves(made, plan, place)


def _ends(place: Place) -> bool:
    """Whether this place was given by hand, so that a hand ends it."""
    return not place.party.startswith("user:") and not place.by and place.when.until is None


async def _frame(made: Town, plan: Plan, name: str, agency: str) -> None:
    sql = "select id, type, kind, section from entry where person_id = ? order by id"
    for id_, type_, kind, section in await made.world.database.rows(sql, (plan.person,)):
        mark = name if type_ == "Patient" else ""
        made.add(plan, Thing(id_, type_, kind, plan.person, section, agency, "", mark))


async def _in_secret(made: Town, plan: Plan) -> None:
    """An agency joins, and only it and one other may know."""
    first, *others = [place.party for place in plan.team]
    agency = made.random.choice([name for name in AGENCIES if name not in (first, *others)])
    named = made.random.sample(others, min(1, len(others)))
    by = made.world.visit("coordinator", first)
    member = await made.world.desk.add_member(by, PersonId(plan.person), agency, "", "", named)
    known_to = frozenset({agency, first, *named})
    plan.team.append(Place(agency, Stretch(member.since), known_to=known_to))
    made.add(plan, Thing(member.given_by or "", "CareTeam", "team", plan.person, "frame", first, "", "", known_to))


async def leaves(made: Town, plan: Plan, place: Place) -> None:
    """An agency's place on the team ends."""
    sql = "select id from team_member where person_id = ? and party = ? and until is null and opens is null"
    (row,) = await made.world.database.rows(sql, (plan.person, place.party))
    by = made.world.visit("coordinator", plan.team[0].party)
    ended = await made.world.desk.end_member(by, PersonId(plan.person), row[0])
    place.when.until = ended.until


async def _contact(made: Town, plan: Plan, by: Any, subject: str) -> str:
    mark = made.mark()
    outcome = await made.world.write(by, deeds.contact(plan.person, name=mark, subject=subject))
    made.add(plan, _noted(outcome, mark))
    plan.team.append(Place(f"user:{subject}", Stretch(made.now)))
    return f"RelatedPerson/{outcome.stored.id}"


def _noted(outcome: Outcome, mark: str, **more: Any) -> Thing:
    stored = outcome.stored
    return Thing(
        stored.id,
        stored.type,
        stored.kind,
        stored.person,
        stored.section.value,
        stored.agency,
        stored.author,
        mark,
        stored.restriction,
        version=stored.version,
        **more,
    )


async def _thing(made: Town, plan: Plan) -> None:
    """An entry, by somebody who may write it; sometimes for few, sometimes changed, sometimes deleted."""
    random = made.random
    section = random.choice([name for name in sections() if name != "frame"])
    asker = _writer(made, plan, section)
    goals = [thing for thing in plan.things if thing.type == "Goal" and not thing.deleted]
    new = Thing("", random.choice([*TYPES, "Goal", "Task"]), "", plan.person, section, "", "", made.mark())
    if new.type == "Task":
        new.focus = random.choice(goals).id if goals else ""
        new.owner = random.choice(AGENCIES) if random.random() < 0.5 else ""
        new.status = random.choice(STATUSES)
    new.category = random.choice(CATEGORIES) if new.type == "Goal" else ""
    only = random.sample(AGENCIES, random.randint(1, 2)) if random.random() < 0.2 else None
    new.restriction = None if only is None else frozenset(only)
    resource = written_as(new)
    if only is None and random.random() < 0.1:
        resource["meta"]["security"] = [{"system": LABEL, "code": random.choice("RV")}]
        new.restriction = frozenset({asker.agency})
    if follows(asker, plan, None, new, made.now) is None:
        new.owner = ""
        resource.pop("owner")
    await _kept(made, plan, asker, new, resource, only)


async def _kept(
    made: Town, plan: Plan, asker: Asker, new: Thing, resource: dict[str, Any], only: list[str] | None
) -> None:
    """Write it and note it down; sometimes change it or delete it at once."""
    by, random, section = made.visit(asker), made.random, Section(new.section)
    deed = Deed(verb=Verb.CREATE, type=new.type, resource=resource, section=section)
    deed.restriction = UNSAID if only is None else frozenset(map(AgencyId, only))
    stored = (await made.world.write(by, deed)).stored
    thing = replace(new, id=stored.id, kind=stored.kind, agency=stored.agency, author=stored.author)
    thing.restriction = None if stored.restriction is None else frozenset(stored.restriction)
    made.add(plan, thing)
    made.settles(plan, asker, None, thing)
    made.world.later(seconds=1)
    before = replace(thing)
    if random.random() < 0.3:
        again = {**written_as(thing), "id": thing.id}
        deed = Deed(verb=Verb.UPDATE, type=new.type, id=EntryId(thing.id), resource=again, section=section)
        thing.version = (await made.world.write(by, deed)).stored.version
        made.settles(plan, asker, before, thing)
    elif random.random() < 0.15:
        deed = Deed(verb=Verb.DELETE, type=new.type, id=EntryId(thing.id))
        thing.version, thing.deleted = (await made.world.write(by, deed)).stored.version, True
        made.settles(plan, asker, before, thing)


def _writer(made: Town, plan: Plan, section: str) -> Asker:
    """Somebody on the team, in the open, who may write there."""
    agencies = [
        place.party
        for place in plan.team
        if not place.party.startswith("user:") and not place.opens and not place.known_to and place.when.holds(made.now)
    ]
    roles = [role for role in (*WORKERS, "person") if charter().get((role, section), ("no", "no"))[1] != "no"]
    role = made.random.choice(roles)
    if role in ALONE:
        return themself(made, plan.person)
    agency = made.random.choice(agencies)
    return Asker(role, agency, f"{role}-of-{agency}")


async def _word(made: Town, plan: Plan, subject: str, contact: str) -> None:
    """A consent of the person's, in force, past, to come, or withdrawn."""
    random = made.random
    named = [name for name in sections() if name not in ("frame", "safeguarding")]
    about = random.sample(named, random.randint(1, 5))
    decision = "permit" if subject and random.random() < 0.6 else "deny"
    to, party = _grantee(random, subject, contact, decision)
    more, when = _stretch(made)
    mark, by = made.mark(), made.visit(themself(made, plan.person))
    said = deeds.consent(plan.person, decision, about, to, reason=mark, **more)
    outcome = await made.world.write(by, said)
    thing = made.add(plan, _noted(outcome, mark))
    word = Word(decision, frozenset({party}), frozenset(about), when, id=thing.id)
    plan.words.append(word)
    if random.random() < 0.2:
        again = deeds.consent(plan.person, decision, about, to, reason=mark, **more)
        again.verb, again.id, again.version = Verb.UPDATE, EntryId(thing.id), thing.version
        again.body = {**(again.body or {}), "status": "withdrawn"}
        thing.version = (await made.world.write(by, again)).stored.version
        word.active = False


def _grantee(random: Random, subject: str, contact: str, decision: str) -> tuple[dict[str, str], str]:
    if subject and (decision == "permit" or random.random() < 0.4):
        to = random.choice([{"subject": subject}, {"carer": contact}, {"role": "carer"}])
        return to, "role:carer" if "role" in to else f"user:{subject}"
    if random.random() < 0.5:
        agency = random.choice(AGENCIES)
        return {"agency": agency}, f"agency:{agency}"
    role = random.choice(WORKERS)
    return {"role": role}, f"role:{role}"


def _stretch(made: Town) -> tuple[dict[str, str], Stretch]:
    """From when until when: always, from some day on, until some day, or both; in half days from now."""
    more, when, half = {}, Stretch(), 12 * 3600 * 1000
    begins, lasts = made.random.randint(-4, 10), made.random.randint(1, 12)
    noon = made.now // 1000 * 1000
    if made.random.random() < 0.5:
        when.since = noon + begins * half + 1_800_000
        more["start"] = moment(when.since)
    if made.random.random() < 0.4:
        when.until = noon + (begins + lasts) * half + 3_600_000
        more["end"] = moment(when.until)
    return more, when
