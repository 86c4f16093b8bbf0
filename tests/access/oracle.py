"""The five questions a second time, for tests alone: a pure function over a plain model of who is where.

It shares no code with the service. Its charter is tests/spec/who_may.txt, its scopes are read by itself, and it knows
nothing of databases, requests or permits. What the service shows or does beyond this is a disclosure; what it refuses
within it is a wrong refusal. A later feature (an override, a team of its own for one entry) is one more line in
`related` or `open_to`, and a few rows that the generator deals out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

SPEC = Path(__file__).parents[1] / "spec" / "who_may.txt"
FRAME = "frame"
ALONE = ("person", "carer")
"""The roles of people who speak for themselves: what they wrote is theirs, not an agency's."""
WORDS_V1 = {"read": "rs", "write": "cud", "*": "cruds"}

Verdict = Literal["done", "absent", "refused"]
"""`absent`: as if it were not there; `refused`: told so, because the charter says it in public."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: what a verified token says."""

    role: str
    agency: str
    subject: str
    person: str = ""
    scopes: str = "system/*.cruds"

    @property
    def names(self) -> frozenset[str]:
        """Under which names a consent may speak of them."""
        return frozenset({f"agency:{self.agency}", f"role:{self.role}", f"user:{self.subject}"})


@dataclass(slots=True)
class Stretch:
    """From when until when something holds, in milliseconds; the end is not part of it."""

    since: int = 0
    until: int | None = None

    def holds(self, now: int) -> bool:
        """Whether it is in force."""
        return self.since <= now and (self.until is None or now < self.until)


@dataclass(slots=True)
class Place:
    """A place on a person's team: an agency's, or a carer's in person (`user:` and the subject)."""

    party: str
    when: Stretch


@dataclass(slots=True)
class Word:
    """A consent of the person: about whom, for which sections, yes or no."""

    decision: str
    parties: frozenset[str]
    sections: frozenset[str]
    when: Stretch
    active: bool = True
    id: str = ""


@dataclass(slots=True)
class Thing:
    """An entry of a plan. `restriction`: the agencies that it is for, None when for all; `owner`: of a task."""

    id: str
    type: str
    kind: str
    person: str
    section: str
    agency: str
    author: str
    mark: str
    restriction: frozenset[str] | None = None
    owner: str = ""
    deleted: bool = False
    version: int = 1
    focus: str = ""


@dataclass(slots=True)
class Plan:
    """One person: who is on the team, what they have said, what stands there."""

    person: str
    team: list[Place] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)


@cache
def charter() -> dict[tuple[str, str], tuple[str, str]]:
    """Role and section: the words for reading and for writing, from the table that people sign."""
    lines = [line.split() for line in SPEC.read_text("utf-8").splitlines() if line.strip() and line[0] != "#"]
    return {(role, section): (read, write) for role, section, read, write in lines[1:]}


def sections() -> list[str]:
    """The sections, the frame among them."""
    return list(dict.fromkeys(section for _, section in charter()))


# 1: the token


def scoped(asker: Asker, verb: str, type_: str) -> bool:
    """Whether the app may do this with the type."""
    return any(verb in letters for on, letters in _words(asker.scopes) if on in ("*", type_))


def looks_at(asker: Asker, type_: str) -> bool:
    """Whether the app may look at the type at all: what comes along with something else asks no more."""
    return scoped(asker, "r", type_) or scoped(asker, "s", type_)


@cache
def _words(scopes: str) -> list[tuple[str, str]]:
    return list(_read(scopes))


def _read(scopes: str) -> Iterator[tuple[str, str]]:
    for word in scopes.split():
        context, slash, rest = word.partition("/")
        type_, dot, verbs = rest.partition(".")
        letters = WORDS_V1.get(verbs, verbs)
        ordered = [letter for letter in "cruds" if letter in letters]
        if context in ("patient", "user", "system") and slash and dot and letters and list(letters) == ordered:
            yield type_, letters


# 2: the relationship


def related(asker: Asker, plan: Plan, now: int) -> bool:
    """Whether this is their own plan, or they are on its team today; a carer with the person's consent."""
    if asker.role == "person":
        return asker.person == plan.person
    party = f"user:{asker.subject}" if asker.role == "carer" else asker.agency
    on_team = any(place.party == party and place.when.holds(now) for place in plan.team)
    return on_team and (asker.role != "carer" or bool(said(asker, plan, "permit", now)))


# 3 and 4: the charter, and what the person has said


def said(asker: Asker, plan: Plan, decision: str, now: int) -> frozenset[str]:
    """The sections that the person's words of this decision open or close to the asker."""
    words = [w for w in plan.words if w.decision == decision and w.active and w.when.holds(now)]
    return frozenset(section for w in words if w.parties & asker.names for section in w.sections)


def letter(asker: Asker, plan: Plan, section: str, now: int) -> tuple[str, str]:
    """How far the asker may read and write a section, before ownership; `no` twice for nothing at all."""
    read, write = charter().get((asker.role, section), ("no", "no"))
    if read == "no" or not related(asker, plan, now):
        return "no", "no"
    if asker.role != "person" and section in said(asker, plan, "deny", now):
        return "no", "no"
    if read == "consent" and section not in said(asker, plan, "permit", now):
        return "no", "no"
    return "yes", write


def there(asker: Asker, plan: Plan, now: int) -> bool:
    """Whether the plan exists for the asker."""
    return any(letter(asker, plan, section, now)[0] == "yes" for section in sections())


def open_to(asker: Asker, thing: Thing) -> bool:
    """Whether the restriction of an entry leaves it open: its own agency, and those that it names."""
    return thing.restriction is None or asker.agency == thing.agency or asker.agency in thing.restriction


def in_sight(asker: Asker, plan: Plan, thing: Thing, now: int) -> bool:
    """Whether an entry, be it deleted, is there for the asker; scopes aside."""
    return letter(asker, plan, thing.section, now)[0] == "yes" and open_to(asker, thing)


def sees(asker: Asker, plan: Plan, thing: Thing, now: int) -> bool:
    """Whether an entry may be shown to the asker at all."""
    return in_sight(asker, plan, thing, now) and looks_at(asker, thing.type)


# 5: ownership


def owns(asker: Asker, thing: Thing) -> bool:
    """Whether an entry is the asker's own to change."""
    if asker.role in ALONE:
        return thing.author == asker.subject
    return asker.agency in (thing.agency, thing.owner)


def changes(asker: Asker, plan: Plan, thing: Thing, verb: str, now: int) -> Verdict:
    """What comes of changing or deleting an entry."""
    if not scoped(asker, verb, thing.type):
        return "refused"
    if not in_sight(asker, plan, thing, now):
        return "absent"
    write = letter(asker, plan, thing.section, now)[1]
    return "done" if write == "any" or (write == "own" and owns(asker, thing)) else "refused"


def adds(asker: Asker, plan: Plan, type_: str, section: str, now: int) -> Verdict:
    """What comes of a new entry in a section."""
    if not scoped(asker, "c", type_):
        return "refused"
    if not there(asker, plan, now):
        return "absent"
    read, write = letter(asker, plan, section, now)
    if read == "no":
        public = charter().get((asker.role, section), ("no", "no"))[0] == "no"
        return "refused" if public else "absent"
    return "done" if write != "no" else "refused"
