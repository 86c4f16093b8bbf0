"""The five questions a second time, for tests alone: a pure function over a plain model of who is where.

It shares no code with the service. Its charter is tests/spec/who_may.txt, its scopes are read by itself, and it knows
nothing of databases, requests or permits. What the service shows or does beyond this is a disclosure; what it refuses
within it is a wrong refusal.

A place on a team may open a few entries only (who is asked by a task and has not accepted), may be a secret (a
restricted care team), and may count for requests of one purpose only (an override).
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
GLASS = "BTG"
"""The purpose of use that an override counts for, and the roles that may open one."""
BREAKERS = ("clinician", "social_worker", "coordinator")
ASKED = ("requested", "received")
TAKEN_ON = ("accepted", "ready", "in-progress", "on-hold")
"""What a task's status says of the agency that owns it."""

Verdict = Literal["done", "absent", "refused"]
"""`absent`: as if it were not there; `refused`: told so, because the charter says it in public."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: what a verified token says, the patient of the launch and the purpose of use among it."""

    role: str
    agency: str
    subject: str
    person: str = ""
    scopes: str = "system/*.cruds"
    patient: str = ""
    purpose: str = ""

    @property
    def party(self) -> str:
        """Under which name a team knows them."""
        return f"user:{self.subject}" if self.role == "carer" else self.agency

    @property
    def override(self) -> str:
        """The name of a place that they opened by an override; empty where it does not count."""
        counts = self.purpose == GLASS and self.role in BREAKERS
        return f"override:{self.subject}@{self.agency}" if counts else ""

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
    """A place on a person's team: an agency's, a carer's in person (`user:` and the subject), or an override's.

    `opens`: the one entry that it opens, empty for the whole plan. `by`: the task that it follows from. `known_to`:
    who may know of it, None when all may.
    """

    party: str
    when: Stretch
    opens: str = ""
    by: str = ""
    known_to: frozenset[str] | None = None


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
    status: str = ""
    category: str = ""

    @property
    def asks(self) -> tuple[str, str]:
        """Of a task: which agency it asks for (empty for none), and whether that is asked or has taken it on."""
        phase = "asked" if self.status in ASKED else "taken on" if self.status in TAKEN_ON else ""
        outside = self.restriction is not None and self.owner not in self.restriction
        return (self.owner, phase) if self.owner and phase and not self.deleted and not outside else ("", "")


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


@dataclass(frozen=True, slots=True)
class Leave:
    """One word of a token, read. `within`: all of these must hold, of each one of its categories."""

    type: str
    letters: str
    bound: bool
    within: tuple[frozenset[str], ...] = ()


def scoped(asker: Asker, verb: str, type_: str) -> bool:
    """Whether the app may do this with anything of the type at all."""
    return any(verb in leave.letters and leave.type in ("*", type_) for leave in _words(asker))


def covered(asker: Asker, verbs: str, plan: Plan, thing: Thing) -> bool:
    """Whether the app may do one of these with this entry: in the plan of the launch, in its category."""
    says = set() if thing.deleted else {thing.category}
    return any(
        set(verbs) & set(leave.letters)
        and leave.type in ("*", thing.type)
        and (not leave.bound or asker.patient == plan.person)
        and all(says & any_of for any_of in leave.within)
        for leave in _words(asker)
    )


def _elsewhere(asker: Asker, plan: Plan) -> bool:
    """Whether the app knows one plan only, and this is another."""
    words = _words(asker)
    return bool(words) and all(leave.bound for leave in words) and asker.patient != plan.person


@cache
def _words(asker: Asker) -> list[Leave]:
    read = list(_read(asker.scopes))
    if asker.role == "person":
        return [Leave(one.type, one.letters, bound=False, within=one.within) for one in read]
    return [one for one in read if asker.patient or not one.bound]


def _read(scopes: str) -> Iterator[Leave]:
    for word in scopes.split():
        context, slash, rest = word.partition("/")
        name, _, terms = rest.partition("?")
        type_, dot, verbs = name.partition(".")
        letters = WORDS_V1.get(verbs, verbs)
        ordered = [letter for letter in "cruds" if letter in letters]
        pairs = [term.partition("=") for term in terms.split("&") if term]
        within = tuple(frozenset(value.split(",")) for _, _, value in pairs)
        if context in ("patient", "user", "system") and slash and dot and letters and list(letters) == ordered:
            yield Leave(type_, letters, context == "patient", within)


# 2: the relationship


def places(asker: Asker, plan: Plan, now: int) -> list[Place]:
    """The asker's places on the team today; a place by an override is nothing beside another that opens the plan."""
    if asker.role == "carer" and not said(asker, plan, "permit", now):
        return []
    today = [place for place in plan.team if place.when.holds(now)]
    own = [place for place in today if place.party == asker.party]
    if any(not place.opens for place in own) or not asker.override:
        return own
    return own + [place for place in today if place.party == asker.override]


def related(asker: Asker, plan: Plan, now: int) -> bool:
    """Whether this is their own plan, or they have a place on its team; a carer with the person's consent."""
    if _elsewhere(asker, plan):
        return False
    return asker.person == plan.person if asker.role == "person" else bool(places(asker, plan, now))


def only(asker: Asker, plan: Plan, now: int) -> frozenset[str] | None:
    """The entries that are open to who is asked and has not accepted; None: all."""
    held = places(asker, plan, now)
    whole = asker.role == "person" or not held or any(not place.opens for place in held)
    return None if whole else frozenset(place.opens for place in held)


def secret(asker: Asker, plan: Plan, now: int) -> frozenset[str] | None:
    """Who may know that the asker is on the team; None: everybody."""
    whole = [place for place in places(asker, plan, now) if not place.opens]
    known = [place.known_to for place in whole if place.known_to is not None]
    return frozenset().union(*known) if whole and len(known) == len(whole) else None


def lasts(asker: Asker, plan: Plan, now: int) -> bool:
    """Whether the asker has more than an override."""
    return asker.role == "person" or any(place.party != asker.override for place in _whole_first(asker, plan, now))


def _whole_first(asker: Asker, plan: Plan, now: int) -> list[Place]:
    held = places(asker, plan, now)
    return [place for place in held if not place.opens] or held


def invites(asker: Asker, plan: Plan, now: int) -> bool:
    """Whether the asker may bring an agency to the plan."""
    write = letter(asker, plan, FRAME, now)[1]
    return lasts(asker, plan, now) and write != "no" and only(asker, plan, now) is None


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
    opened = only(asker, plan, now)
    among = opened is None or thing.id in opened
    return among and letter(asker, plan, thing.section, now)[0] == "yes" and open_to(asker, thing)


def sees(asker: Asker, plan: Plan, thing: Thing, now: int, verbs: str = "rs") -> bool:
    """Whether an entry may be shown to the asker, whose app asks for one of these; what only comes along, for any."""
    return in_sight(asker, plan, thing, now) and covered(asker, verbs, plan, thing)


# 5: ownership


def owns(asker: Asker, thing: Thing) -> bool:
    """Whether an entry is the asker's own to change."""
    if asker.role in ALONE:
        return thing.author == asker.subject
    return asker.agency in (thing.agency, thing.owner)


def changes(asker: Asker, plan: Plan, thing: Thing, verb: str, now: int, after: Thing | None = None) -> Verdict:
    """What comes of changing or deleting an entry; `after`: what it would be."""
    if not scoped(asker, verb, thing.type):
        return "refused"
    if not sees(asker, plan, thing, now, f"rs{verb}"):
        return "absent"
    write = letter(asker, plan, thing.section, now)[1]
    mine = write == "any" or (write == "own" and owns(asker, thing))
    asked = only(asker, plan, now) is not None and (verb != "u" or thing.type != "Task")
    known = _is_known_by(asker, plan, thing, now)
    within = all(covered(asker, verb, plan, one) for one in (thing, after or thing))
    brought = follows(asker, plan, thing, after, now) if after else []
    return "done" if mine and within and not asked and not known and brought is not None else "refused"


def _is_known_by(asker: Asker, plan: Plan, thing: Thing, now: int) -> bool:
    """Whether somebody would learn by a change of this that the asker is on the team, who may not know."""
    known = secret(asker, plan, now)
    readers = None if thing.restriction is None else thing.restriction | {thing.agency}
    return known is not None and (readers is None or not readers <= known)


def adds(asker: Asker, plan: Plan, new: Thing, now: int) -> Verdict:
    """What comes of a new entry in a section."""
    if not scoped(asker, "c", new.type):
        return "refused"
    if not there(asker, plan, now):
        return "absent"
    read, write = letter(asker, plan, new.section, now)
    if read == "no":
        public = charter().get((asker.role, new.section), ("no", "no"))[0] == "no"
        return "refused" if public else "absent"
    may = write != "no" and covered(asker, "c", plan, new) and only(asker, plan, now) is None
    return "done" if may and follows(asker, plan, None, new, now) is not None else "refused"


# what follows from a task


def follows(asker: Asker, plan: Plan, before: Thing | None, after: Thing, now: int) -> list[Place] | None:
    """The places that a task gives once it is so (those that it gave and that are not among them end); None where the
    asker may not bring that agency. Only another owner or phase brings anybody: who has left stays away.
    """
    agency, phase = after.asks
    new = (after.owner, phase) != ((before.owner, before.asks[1]) if before else ("", ""))
    held = [place for place in plan.team if place.by == after.id and after.id and place.when.until is None]
    held = [place for place in held if place.party == agency and bool(place.opens) == (phase == "asked")]
    on_team = any(_is_known(asker, place, agency) for place in plan.team if not place.by or place.by != after.id)
    if not agency or (not held and (not new or on_team)):
        return []
    if phase == "taken on":
        may = held or (lasts(asker, plan, now) and (agency == asker.agency or invites(asker, plan, now)))
        shown = None if after.restriction is None else frozenset({agency, after.agency}) | after.restriction
        return (held or [Place(agency, Stretch(now), by=after.id, known_to=shown)]) if may else None
    opened = {after.id, plan.person, *(thing.id for thing in plan.things if _is_about(asker, plan, after, thing, now))}
    more = opened - {place.opens for place in held}
    if more and not invites(asker, plan, now):
        return None
    stay = [place for place in held if place.opens in opened]
    return stay + [Place(agency, Stretch(now), opens=id_, by=after.id) for id_ in sorted(more)]


def _is_known(asker: Asker, place: Place, agency: str) -> bool:
    """Whether this is a place of the agency that opens the plan, and that the asker may know of."""
    known = place.known_to is None or asker.agency == agency or asker.agency in place.known_to
    return place.party == agency and place.when.until is None and not place.opens and known


def _is_about(asker: Asker, plan: Plan, task: Thing, thing: Thing, now: int) -> bool:
    return thing.id == task.focus and thing.restriction is None and sees(asker, plan, thing, now)
