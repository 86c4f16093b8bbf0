"""What the coordination rules know of one person, and what they may say: plain values, no database and no FHIR.

A rule is a pure function from `Known` to what ought to be in the plan. It is asked again after every change and
whenever the moment comes that it named, by the service's own hand, which writes only what differs. So a rule keeps no
state: what was done before is an entry like every other, found again under the key that the rule gives it. Two
answers to the same question are the same entry, and nothing happens twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from zoneinfo import ZoneInfo

from plan.dates import date_range
from plan.model import AgencyId, EntryId, Json, PersonId, Role, Section

Body = Mapping[str, Json]

HOUSE = AgencyId("oneplan")
"""Under which name the service itself writes: no agency has it, and nobody signs in with it."""
OURSELVES = "Oneplan"
"""What people call it."""
LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as it is now, in its native form. `at` and `created`: milliseconds since 1970 UTC.

    `by_role` and `by_agency`: who wrote this version. `restriction` as in Draft.
    """

    id: EntryId
    type: str
    kind: str
    section: Section
    agency: AgencyId
    version: int
    at: int
    created: int
    author: str = ""
    by_role: str = ""
    by_agency: str = ""
    restriction: frozenset[AgencyId] | None = None
    body: Body = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """How others refer to it: `Type/id`."""
        return f"{self.type}/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place on the person's team: an agency, or `user:SUBJECT` of a carer, from when until when."""

    party: str
    role: str = ""
    worker: str = ""
    basis: str = ""
    since: int = 0
    until: int | None = None
    opens: EntryId | None = None
    restriction: frozenset[AgencyId] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one consent decides: `decision` permit or deny, of which party (`agency:`, `role:`, `user:`), where."""

    entry: EntryId
    party: str
    section: Section
    decision: str
    since: int
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Hours in which somebody answers: weekdays 0 (Monday) to 6, local times in minutes of the day."""

    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where an agency is reached: the directory's HealthcareService that says so, its name, phone and e-mail."""

    reference: str
    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency of the directory. `kind`: a word of AGENCY_KINDS, empty where the directory does not say.

    `hours`: when its team works; None: not published. `closed`: further spans, milliseconds, both ends included, in
    which it does not. `contacts`: by what they are for, a word of CONTACTS.
    """

    id: AgencyId
    name: str = ""
    kind: str = ""
    hours: tuple[Opening, ...] | None = None
    closed: tuple[tuple[int, int], ...] = ()
    contacts: Mapping[str, Contact] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """How entries refer to it."""
        return f"Organization/{self.id}"


AGENCY_KINDS: Mapping[str, str] = {
    "hospital": "Hospital",
    "gp_practice": "General practice",
    "pharmacy": "Community pharmacy",
    "community_health": "Community health services",
    "social_care": "Adult social care",
    "care_provider": "Home-care provider",
    "housing": "Housing association or landlord",
    "equipment": "Community equipment service",
    "benefits": "Benefits advice",
    "discharge_hub": "Transfer-of-care hub",
}
"""What an agency is to a discharge: Organization.type in the code system `agency-kind`."""

CONTACTS: Mapping[str, str] = {
    "team": "The team that receives messages, in its working hours",
    "duty": "Who answers for the team when it does not",
    "escalation": "Who is told when the agency has not answered",
    "emergency": "The number to ring at once",
}
"""What a contact point of an agency is for: HealthcareService.type in the code system `contact-point`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything about one person at one moment. `now` in milliseconds since 1970 UTC, of the database's clock.

    `entries`: by id, without those that are deleted; restricted ones too, unless it is what one caller sees. `readers`:
    which roles the charter lets read each section, `writers`: which it lets add to it. `feeds`: by agency, when its
    feed was last heard of. `agencies`: those of the team. `names`: what the directory calls others that the plan names.
    """

    person: PersonId
    now: int
    entries: Mapping[EntryId, Entry]
    identity: Body = field(default_factory=dict)
    team: tuple[Place, ...] = ()
    rules: tuple[Rule, ...] = ()
    agencies: Mapping[AgencyId, Agency] = field(default_factory=dict)
    readers: Mapping[Section, frozenset[Role]] = field(default_factory=dict)
    writers: Mapping[Section, frozenset[Role]] = field(default_factory=dict)
    feeds: Mapping[AgencyId, int] = field(default_factory=dict)
    names: Mapping[AgencyId, str] = field(default_factory=dict)
    zone: ZoneInfo = LONDON

    def of(self, *kinds: str) -> Iterator[Entry]:
        """The entries of some kinds, the oldest first."""
        found = (entry for entry in self.entries.values() if entry.kind in kinds)
        yield from sorted(found, key=lambda entry: (entry.created, entry.id))

    def at(self, reference: object) -> Entry | None:
        """The entry that a reference `Type/id` leads to."""
        type_, _, id_ = str(reference).partition("/")
        found = self.entries.get(EntryId(id_))
        return found if found and found.type == type_ else None

    def made(self, key: str) -> Entry | None:
        """The entry that a rule has under this key."""
        return self.entries.get(derived(self.person, key))

    def called(self, agency: str) -> str:
        """What people call an agency; its id where the directory knows none."""
        id_ = AgencyId(agency)
        there = self.agencies.get(id_)
        return OURSELVES if id_ == HOUSE else (there and there.name) or self.names.get(id_) or agency

    def members(self) -> Iterator[Agency]:
        """The agencies that are on the team today and have the whole plan open, each once."""
        there = dict.fromkeys(place.party for place in self.team if self.stands(place))
        yield from (self.agencies[AgencyId(party)] for party in there if AgencyId(party) in self.agencies)

    def stands(self, place: Place) -> bool:
        """Whether a place is held now, and opens the whole plan."""
        return place.opens is None and place.since <= self.now and (place.until is None or place.until > self.now)

    def kinds(self, kind: str) -> list[Agency]:
        """The members of one kind."""
        return [agency for agency in self.members() if agency.kind == kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """What ought to stand in the plan under a key. `body` None: nothing, what stands there is taken away.

    `agency`: whose entry it is when it is made; `restriction` as in Draft; `reason` is kept with the version.
    The body is whole: what a rule wants kept of an entry that is there (an answer, a note) it says again.
    """

    key: str
    kind: str
    section: Section
    body: Body | None
    agency: AgencyId = HOUSE
    restriction: frozenset[AgencyId] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wake:
    """Ask again at this moment, milliseconds since 1970 UTC, even if nothing changes."""

    at: int


Derive = Callable[[Known], Iterable[Want | Wake]]
"""A rule: what ought to be, and when to look again. It must come to rest: asked again of what it wanted, it wants the
same."""


def derived(person: PersonId, key: str) -> EntryId:
    """The id of what a rule keeps under a key: always the same, so that it is there once only (RFC 9562, UUIDv8)."""
    raw = bytearray(blake2b(f"{person} {key}".encode(), digest_size=16).digest())
    raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
    text = raw.hex()
    return EntryId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")


def moment(text: object) -> int | None:
    """When something is that an entry dates: the first millisecond of it; None for what is no date."""
    found = date_range(text) if isinstance(text, str) else None
    return found[0] if found else None
