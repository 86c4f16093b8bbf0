"""Worlds for the oracle: a seeded town of people, agencies, carers, consents and entries, written through the desk
while the same is noted down in the plain model of `oracle.py`.

Every entry carries a mark that nothing else carries (`zq17z`), so that what an answer shows can be read off its text.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from api.deeds import UNSAID, Deed, Outcome
from auth.access import Verb
from plan.model import AgencyId, EntryId, PersonId, Section
from tests.access.oracle import ALONE, Asker, Place, Plan, Stretch, Thing, Word, charter, sections
from tests.support import deeds
from tests.support.quick import Quick
from tests.support.world import World

MARK = re.compile(rb"zq\d+z")
BEGIN = "2026-03-01T09:00:00Z"
TAG = "https://oneplan.example/fhir/CodeSystem/plan-section"
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
]
TYPES = ["Goal", "Condition", "Task", "Communication", "Flag", "AllergyIntolerance"]


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
            token = self.world.token(asker.role, asker.agency, asker.subject, asker.scopes, asker.person or None)
            self.clients[asker] = Quick(self.world.app, token)
        return self.clients[asker]

    def visit(self, asker: Asker) -> Any:
        """The asker at the desk."""
        return self.world.visit(asker.role, asker.agency, asker.subject, asker.scopes, asker.person or None)

    def near(self, plan: Plan) -> list[Asker]:
        """Those who have, or had, something to do with a plan."""
        parties = {place.party for place in plan.team}
        return [
            asker
            for asker in self.askers
            if asker.person == plan.person or parties & {asker.agency, f"user:{asker.subject}"}
        ]


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
    narrowed = [
        Asker(one.role, one.agency, one.subject, one.person, made.random.choice(NARROW))
        for one in made.random.sample(everybody, len(everybody) // 3)
    ]
    made.askers = [*everybody, *narrowed]


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
    world.later(seconds=1)
    subject = random.choice(made.carers) if random.random() < 0.6 else ""
    contact = await _contact(made, plan, begins, subject) if subject else ""
    for _ in range(random.randint(6, 11)):
        await _thing(made, plan)
    for _ in range(random.randint(0, 4)):
        await _word(made, plan, subject, contact)
    for place in plan.team[1:]:
        if not place.party.startswith("user:") and random.random() < 0.25:
            await leaves(made, plan, place)


async def _frame(made: Town, plan: Plan, name: str, agency: str) -> None:
    sql = "select id, type, kind, section from entry where person_id = ? order by id"
    for id_, type_, kind, section in await made.world.database.rows(sql, (plan.person,)):
        mark = name if type_ == "Patient" else ""
        made.add(plan, Thing(id_, type_, kind, plan.person, section, agency, "", mark))


async def leaves(made: Town, plan: Plan, place: Place) -> None:
    """An agency's place on the team ends."""
    sql = "select id from team_member where person_id = ? and party = ? and until is null"
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
    by = _writer(made, plan, section)
    goals = [thing for thing in plan.things if thing.type == "Goal" and not thing.deleted]
    type_ = random.choice([*TYPES, "Goal", "Task"])
    focus = random.choice(goals).id if type_ == "Task" and goals else ""
    owner = random.choice(AGENCIES) if type_ == "Task" and random.random() < 0.5 else ""
    mark = made.mark()
    resource = written(type_, plan.person, section, mark, focus, owner)
    only = random.sample(AGENCIES, random.randint(1, 2)) if random.random() < 0.2 else None
    if only is None and random.random() < 0.1:
        resource["meta"]["security"] = [{"system": LABEL, "code": random.choice("RV")}]
    deed = Deed(verb=Verb.CREATE, type=type_, resource=resource, section=Section(section))
    deed.restriction = UNSAID if only is None else frozenset(map(AgencyId, only))
    thing = made.add(plan, _noted(await made.world.write(by, deed), mark, focus=focus, owner=owner))
    made.world.later(seconds=1)
    if random.random() < 0.3:
        again = {**written(type_, plan.person, section, mark, focus, owner), "id": thing.id}
        deed = Deed(verb=Verb.UPDATE, type=type_, id=EntryId(thing.id), resource=again, section=Section(section))
        thing.version = (await made.world.write(by, deed)).stored.version
    elif random.random() < 0.15:
        deed = Deed(verb=Verb.DELETE, type=type_, id=EntryId(thing.id))
        thing.version, thing.deleted = (await made.world.write(by, deed)).stored.version, True


def _writer(made: Town, plan: Plan, section: str) -> Any:
    """Somebody on the team who may write there."""
    agencies = [place.party for place in plan.team if not place.party.startswith("user:")]
    roles = [role for role in (*WORKERS, "person") if charter().get((role, section), ("no", "no"))[1] != "no"]
    role = made.random.choice(roles)
    if role in ALONE:
        return made.visit(themself(made, plan.person))
    return made.world.visit(role, made.random.choice(agencies))


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


def written(type_: str, person: str, section: str, mark: str, focus: str = "", owner: str = "") -> dict[str, Any]:
    """A resource of a type that stands in a section and carries a mark."""
    on = {"reference": f"Patient/{person}"}
    by_type: dict[str, dict[str, Any]] = {
        "Goal": {"lifecycleStatus": "active", "description": {"text": mark}, "subject": on},
        "Condition": {"clinicalStatus": _active("condition-clinical"), "code": {"text": mark}, "subject": on},
        "Task": {"status": "requested", "intent": "order", "description": mark, "for": on},
        "Communication": {"status": "completed", "payload": [{"contentString": mark}], "subject": on},
        "Flag": {"status": "active", "code": {"text": mark}, "subject": on},
        "AllergyIntolerance": {
            "clinicalStatus": _active("allergyintolerance-clinical"),
            "code": {"text": mark},
            "patient": on,
        },
    }
    made = by_type[type_]
    if focus:
        made["focus"] = {"reference": f"Goal/{focus}"}
    if owner:
        made["owner"] = {"reference": f"Organization/{owner}"}
    return {"resourceType": type_, "meta": {"tag": [{"system": TAG, "code": section}]}, **made}


def _active(system: str) -> dict[str, Any]:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": "active"}]}
