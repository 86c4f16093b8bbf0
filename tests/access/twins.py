"""Two worlds that differ only in what one caller may not see: the same clock, the same ids, the same public data.

Ids and moments are made by the number of the step, so that the same request has the same bytes in both worlds, and its
answers are compared byte for byte with nothing taken out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from api import ids
from api.deeds import UNSAID, Deed
from auth.access import Verb
from plan.model import AgencyId, EntryId, PersonId, Section
from tests.access.written import TAG
from tests.support import deeds
from tests.support.quick import Quick
from tests.support.world import ALL, NHS, World

BEGIN = "2026-03-02T10:00:00Z"
BEGAN = 1_772_445_600_000
AGENCIES = ("RX1", "LA1", "HA1", "RX2", "RX9")
NUMBERS = ("9434765919", "9000000009", "9000000017")
"""Of the person of the plan, of a hidden person, of nobody."""


class Ids:
    """Where ids come from: the step, and how many it has made."""

    def __init__(self) -> None:
        self._step = 0
        self._made = 0

    def begin(self, step: int) -> None:
        """The ids of this step, from the first on."""
        self._step, self._made = step, 0

    def moment(self) -> int:
        """Nanoseconds since 1970 UTC."""
        self._made += 1
        return (BEGAN + self._step) * 1_000_000 + self._made * 1000

    def noise(self, size: int) -> bytes:
        """As good as random."""
        return sha256(f"{self._step}/{self._made}".encode()).digest()[:size]

    @contextmanager
    def making(self) -> Iterator[None]:
        """All ids of the service come from here."""
        with (
            patch.object(ids, "time", SimpleNamespace(time_ns=self.moment)),
            patch.object(ids, "os", SimpleNamespace(urandom=self.noise)),
        ):
            yield


@dataclass(frozen=True, slots=True)
class Who:
    """A caller, and what is hidden from them. `hides`: (section, only for these agencies) of entries in the plan;
    `elsewhere`: a whole plan that they have nothing to do with.
    """

    role: str
    agency: str
    hides: tuple[tuple[str, tuple[str, ...]], ...]
    scopes: str = ALL
    elsewhere: bool = False
    subject: str = ""


ACTORS = {
    "a housing officer, and what the charter closes": Who(
        "housing_officer", "HA1", (("health", ()), ("legal", ()), ("safeguarding", ()), ("housing", ("RX1",)))
    ),
    "an agency that has left a plan": Who("clinician", "RX9", (), elsewhere=True),
    "a carer, and what the person keeps from them": Who(
        "carer", "CARER", (("housing", ()), ("benefits", ()), ("safeguarding", ())), subject="kim"
    ),
    "what is for another agency alone": Who(
        "social_worker", "LA1", (("social_care", ("RX1",)), ("about_me", ("RX1", "HA1")), ("health", ("RX1",)))
    ),
    "sections that the person has closed": Who("social_worker", "LA1", (("health", ()), ("housing", ()))),
    "types that the app may not look at": Who(
        "clinician",
        "RX1",
        (("social_care", ()), ("health", ())),
        "system/Task.cruds system/Patient.rs system/CareTeam.rs system/Flag.cruds",
    ),
}


@dataclass(slots=True)
class Twin:
    """One of the two worlds. `secret`: the one in which the hidden things are there."""

    world: World
    ids: Ids
    who: Who
    secret: bool
    step: int = 0
    public: list[tuple[str, str]] = field(default_factory=list)
    hidden: list[tuple[str, str]] = field(default_factory=list)
    people: list[str] = field(default_factory=list)

    def next(self) -> None:
        """A second passes, in both worlds alike."""
        self.step += 1
        self.ids.begin(self.step)
        self.world.at(BEGIN)
        self.world.later(seconds=self.step)

    async def add(self, deed: Deed, by: Any, *, hidden: bool = False) -> str:
        """Something new; a hidden thing in the world that has it. The id is the same in both."""
        self.next()
        if hidden and not self.secret:
            self.hidden.append((deed.type, ids.fresh()))
            return self.hidden[-1][1]
        deed.id = EntryId(ids.fresh())
        stored = (await self.world.write(by, deed)).stored
        (self.hidden if hidden else self.public).append((stored.type, stored.id))
        return stored.id

    async def spots(self) -> dict[str, tuple[str, str, str]]:
        """Where entries stand: person, section and kind by id."""
        rows = await self.world.database.rows("select id, person_id, section, kind from entry")
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    @property
    def client(self) -> Quick:
        """The caller at the doors."""
        who = self.who
        subject = who.subject or f"{who.role}-of-{who.agency}"
        return Quick(self.world.app, self.world.token(who.role, who.agency, subject, who.scopes))


def resource(type_: str, person: str, text: str, **more: Any) -> dict[str, Any]:
    """A resource with words and a code to look for."""
    about = {"reference": f"Patient/{person}"}
    coded = {"coding": [{"system": "urn:code", "code": text.split(maxsplit=1)[0].lower()}], "text": text}
    by_type: dict[str, dict[str, Any]] = {
        "Goal": {"lifecycleStatus": "active", "description": coded, "subject": about, "category": [coded]},
        "Task": {"status": "requested", "intent": "order", "description": text, "for": about, "code": coded},
        "Condition": {"code": coded, "subject": about},
        "Observation": {"status": "final", "code": coded, "subject": about, "valueQuantity": {"value": len(text)}},
        "Flag": {"status": "active", "code": coded, "subject": about},
        "MedicationStatement": {"status": "active", "medicationCodeableConcept": coded, "subject": about},
        "ServiceRequest": {"status": "active", "intent": "order", "code": coded, "subject": about},
    }
    told = {"resourceType": type_, "identifier": [{"system": "urn:id", "value": text.lower()}]}
    return {**told, **by_type[type_], **more}


def _new(resource_: dict[str, Any], section: str, only: tuple[str, ...] = ()) -> Deed:
    deed = Deed(verb=Verb.CREATE, type=resource_["resourceType"], resource=resource_, section=Section(section))
    deed.restriction = frozenset(map(AgencyId, only)) if only else UNSAID
    return deed


async def furnished(world: World, ids_: Ids, who: Who, *, secret: bool) -> Twin:
    """A world with a plan that everybody works on, and what is hidden in it or beside it."""
    twin = Twin(world, ids_, who, secret)
    for agency in AGENCIES:
        twin.next()
        await world.agency(agency)
    by = world.visit()
    person = await _begun(twin, by, "Okafor", NUMBERS[0])
    for agency in ("LA1", "HA1"):
        twin.next()
        await world.desk.add_member(by, PersonId(person), agency, "", "")
    await _said(twin, person)
    other = await _other(twin)
    for at in range(9):
        await _public(twin, person, at)
        await _hidden(twin, person, at)
        if who.elsewhere:
            await _elsewhere(twin, other, at)
    await _was_hidden(twin, person)
    return twin


async def _begun(twin: Twin, by: Any, family: str, number: str) -> str:
    twin.next()
    name = {"family": family, "given": ["Mary"]}
    patient = {"resourceType": "Patient", "name": [name], "birthDate": "1941-05-17", "gender": "female"}
    patient["identifier"] = [{"system": NHS, "value": number}]
    deed = Deed(verb=Verb.CREATE, type="Patient", resource=patient)
    stored = (await twin.world.write(by, deed)).stored
    sql = "select type, id from entry where person_id = ? order by id"
    twin.public += [(row[0], row[1]) for row in await twin.world.database.rows(sql, (stored.person,))]
    twin.people.append(stored.person)
    return str(stored.person)


async def _said(twin: Twin, person: str) -> None:
    """The carer's place, and what the person has agreed to and closed."""
    self_ = twin.world.visit("person", "PERSON", f"self-{person}", person=person)
    await twin.add(deeds.contact(person, name="Kim Okafor", subject="kim"), twin.world.visit())
    opened = deeds.consent(person, "permit", ["about_me", "health", "social_care"], {"subject": "kim"})
    await twin.add(opened, self_)
    if twin.who is ACTORS["sections that the person has closed"]:
        await twin.add(deeds.consent(person, "deny", ["health", "housing"], {"agency": "LA1"}), self_)


WORDS = ("Walk", "Swim", "Sing", "Cook", "Read")
SECRETS = ("Methadone", "Hepatitis", "Refuge", "Overdose", "Tribunal")
KINDS = ("Goal", "Task", "Condition", "Observation", "Flag", "ServiceRequest")
OPEN = ("social_care", "about_me", "transitions")


async def _public(twin: Twin, person: str, at: int) -> None:
    """What the caller sees, some of it changed and some deleted; a task points to what may be hidden."""
    section = OPEN[at % 3]
    visible = ("Task", "Flag") if "Flag" in twin.who.scopes else KINDS
    type_, by = visible[at % len(visible)], twin.world.visit("social_worker", "LA1")
    more: dict[str, Any] = {}
    if type_ == "Task":
        more["focus"] = {"reference": f"Goal/{twin.hidden[-1][1] if twin.hidden else 'none'}"}
    made = resource(type_, person, f"{WORDS[at % 5]} {at}", **more)
    made["meta"] = {"tag": [{"system": TAG, "code": section}]}
    id_ = await twin.add(_new(made, section), by)
    if at % 3 == 1:
        twin.next()
        deed = Deed(verb=Verb.UPDATE, type=type_, id=EntryId(id_), resource={**made, "language": "en"})
        deed.section = Section(section)
        await twin.world.write(by, deed)
    if at % 5 == 4:
        twin.next()
        await twin.world.write(by, Deed(verb=Verb.DELETE, type=type_, id=EntryId(id_)))


async def _hidden(twin: Twin, person: str, at: int) -> None:
    """What the caller does not see, in its section or for others alone; it points to what they see."""
    if not twin.who.hides:
        return
    section, only = twin.who.hides[at % len(twin.who.hides)]
    type_ = ("Goal", "Condition", "Observation", "MedicationStatement")[at % 4]
    text = f"{SECRETS[at % 5]} {at}"
    more: dict[str, Any] = {}
    if type_ == "Observation":
        more["focus"] = [{"reference": f"{twin.public[-1][0]}/{twin.public[-1][1]}"}]
    by = twin.world.visit(*_writer(section))
    id_ = await twin.add(_new(resource(type_, person, text, **more), section, only), by, hidden=True)
    twin.next()
    if twin.secret and at % 3 == 1:
        made = resource(type_, person, text, language="en", **more)
        deed = Deed(verb=Verb.UPDATE, type=type_, id=EntryId(id_), resource=made, section=Section(section))
        await twin.world.write(by, deed)


async def _was_hidden(twin: Twin, person: str) -> None:
    """What the caller sees now, and did not when it was written: what it said then differs."""
    if not twin.who.hides:
        return
    section, only = twin.who.hides[0]
    before = resource("Goal", person, SECRETS[0] if twin.secret else WORDS[0])
    if twin.secret:
        before |= {"startDate": "2026-01-01", "note": [{"text": SECRETS[1]}]}
    by = twin.world.visit(*_writer(section))
    id_ = await twin.add(_new(before, section, only), by)
    twin.next()
    now = {**resource("Goal", person, "Run 1"), "meta": {"tag": [{"system": TAG, "code": "social_care"}]}}
    deed = Deed(verb=Verb.UPDATE, type="Goal", id=EntryId(id_), resource=now, section=Section("social_care"))
    deed.restriction = None
    await twin.world.write(by, deed)


def _writer(section: str) -> tuple[str, str]:
    """Somebody of the agency that is always named, who may write there."""
    roles = {"social_care": "social_worker", "safeguarding": "social_worker", "benefits": "benefits_adviser"}
    return roles.get(section, "clinician"), "RX1"


async def _other(twin: Twin) -> str:
    """A plan that the caller's agency was on once, in the world that has it."""
    if not twin.who.elsewhere:
        return ""
    twin.next()
    before = len(twin.public)
    if twin.secret:
        by = twin.world.visit(agency="RX2")
        person = await _begun(twin, by, "Secret", NUMBERS[1])
        twin.hidden += twin.public[before:]
        del twin.public[before:]
        twin.next()
        member = await twin.world.desk.add_member(by, PersonId(person), "RX9", "", "")
        twin.next()
        await twin.world.desk.end_member(by, PersonId(person), member.id)
        return person
    for _ in range(3):
        twin.next()
    return ""


async def _elsewhere(twin: Twin, person: str, at: int) -> None:
    by = twin.world.visit(agency="RX2")
    type_ = KINDS[at % len(KINDS)]
    made = resource(type_, person, f"{SECRETS[at % 5]} {at}")
    await twin.add(_new(made, "health"), by, hidden=True)
