"""Sharing in words: who can see which sections today, what each decision of the person says, and what one would change.

Pure. The decision itself is made where all leave is (auth/access.py); here it is told, from the entries that a reader
sees, before and after a change, so that nobody agrees to what they cannot foresee.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.care.wording import SECTIONS
from plan.dates import date_range
from plan.feedback_table import ROLE_OF
from plan.known import Entry, Known
from plan.model import PLAN_SECTIONS, Role, Section

EVERYBODY: Final[Mapping[str, str]] = {
    "clinician": "All doctors, nurses and therapists",
    "social_worker": "All social workers",
    "housing_officer": "All housing officers",
    "benefits_adviser": "All benefits advisers",
    "care_provider": "All care workers",
    "coordinator": "All care coordinators",
    "carer": "All family and friends who care",
}
"""Roles as a decision can name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody whom a decision can be about. `grantee`: as consents name them.

    `names`: under which decisions know them. `role`: in which they read; None where the directory does not say.
    `asks`: they see only what was allowed.
    """

    value: str
    label: str
    grantee: Mapping[str, str]
    names: frozenset[str]
    role: Role | None = None
    asks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision as the access decision reads it. `since` and `until`: milliseconds since 1970 UTC, both within."""

    entry: Entry | None
    permits: bool
    names: frozenset[str]
    sections: tuple[Section, ...]
    since: int = 0
    until: int | None = None
    active: bool = True

    def holds(self, now: int) -> bool:
        """Whether it counts at a moment."""
        return self.active and self.since <= now and (self.until is None or now <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a change does for one party: the sections that they see no longer, and those that they see from then on."""

    label: str
    lost: tuple[Section, ...]
    gained: tuple[Section, ...]


def parties(known: Known) -> list[Party]:
    """The agencies of the team, and those of the person's own people who can sign in."""
    agencies = [_agency(known, one.id, one.name, one.kind) for one in known.members()]
    return [*agencies, *(_carer(one) for one in known.of("contact") if one.body.get("subject"))]


def everybody() -> list[Party]:
    """Whole roles, for decisions that are about nobody in particular."""
    return [
        Party(value=f"role:{role}", label=label, grantee={"role": role}, names=frozenset({f"role:{role}"}))
        for role, label in EVERYBODY.items()
    ]


def _agency(known: Known, id_: str, name: str, kind: str) -> Party:
    role = ROLE_OF.get(kind)
    names = frozenset({f"agency:{id_}", f"role:{role}"} if role else {f"agency:{id_}"})
    return Party(value=f"agency:{id_}", label=name or id_, grantee={"agency": id_}, names=names, role=role)


def _carer(contact: Entry) -> Party:
    names = frozenset({f"user:{contact.body['subject']}", f"role:{Role.CARER}"})
    return Party(
        value=f"carer:{contact.id}",
        label=str(contact.body.get("name", "Carer")),
        grantee={"carer": contact.reference},
        names=names,
        role=Role.CARER,
        asks=True,
    )


def decisions(known: Known) -> list[Decision]:
    """What was decided, the oldest first."""
    return [_decision(known, entry) for entry in known.of("consent")]


def _decision(known: Known, entry: Entry) -> Decision:
    body: Mapping[str, Any] = entry.body
    return Decision(
        entry=entry,
        permits=body.get("decision") == "permit",
        names=frozenset(filter(None, (_name(known, one) for one in body.get("to", ())))),
        sections=_ordered(body.get("sections", ())),
        since=(date_range(str(body.get("start"))) or (0, 0))[0],
        until=(date_range(str(body.get("end"))) or (0, None))[1],
        active=body.get("status") == "active",
    )


def _name(known: Known, grantee: Mapping[str, str]) -> str:
    ((said_as, whom),) = grantee.items()
    if said_as == "carer":
        contact = known.at(whom)
        return f"user:{contact.body['subject']}" if contact and contact.body.get("subject") else ""
    return f"{'user' if said_as == 'subject' else said_as}:{whom}"


def whom(known: Known, entry: Entry) -> list[str]:
    """Whom a decision is about, by name."""
    labels = {name: party.label for party in parties(known) for name in party.names if not name.startswith("role:")}
    labels |= {f"role:{role}": label for role, label in EVERYBODY.items()}
    found = []
    for one in entry.body.get("to", ()):
        name = _name(known, one)
        fallback = known.at(one.get("carer", ""))
        found.append(labels.get(name) or (str(fallback.body.get("name")) if fallback else name.partition(":")[2]))
    return found


def sees(known: Known, party: Party, made: Iterable[Decision], at: int) -> frozenset[Section]:
    """The sections that a party can see: by the charter, less what is closed to them; of carers only what is opened."""
    if party.role is None:
        return frozenset()
    mine = [one for one in made if one.holds(at) and one.names & party.names]
    closed = {section for one in mine if not one.permits for section in one.sections}
    opened = {section for one in mine if one.permits for section in one.sections}
    allowed = {section for section in PLAN_SECTIONS if party.role in known.readers.get(section, ())}
    return frozenset((allowed & opened if party.asks else allowed) - closed)


def effects(known: Known, before: Sequence[Decision], after: Sequence[Decision], at: int) -> Iterator[Effect]:
    """What differs for whom, when some decisions stand in the place of others."""
    for party in parties(known):
        was, now = sees(known, party, before, at), sees(known, party, after, at)
        if was != now:
            yield Effect(label=party.label, lost=_ordered(was - now), gained=_ordered(now - was))


def _ordered(sections: Iterable[str]) -> tuple[Section, ...]:
    held = set(sections)
    return tuple(section for section in PLAN_SECTIONS if section in held)


def sentence(names: list[str], sections: tuple[str, ...], *, permits: bool) -> str:
    """A decision as a sentence."""
    whom = " and ".join(names) or "Nobody that the plan knows"
    return f"{whom} {'may' if permits else 'may not'} see: {', '.join(sections)}."


def labels(sections: Any) -> tuple[str, ...]:
    """Sections by their labels."""
    return tuple(SECTIONS[section] for section in sections)


def last_moment(day: str) -> int | None:
    """The last millisecond of a day."""
    found = date_range(day)
    return found[1] if found else None
