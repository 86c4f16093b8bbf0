"""Needs you now, on the plan page: what waits for this reader, how urgent it is, by when, and where it is acted on.

What needs somebody is plan.attention's to say, and how a planned discharge stands is the gate's; here it is worded.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from api.attending import asking_of, in_plan_of
from api.pages.care import addresses
from api.pages.care.plan_page.plan_changes import clipped
from api.pages.care.reader import Reader
from api.pages.care.wording import Wording
from auth.access import ask
from plan.attention import Item, attention
from plan.attention_rules import RULES
from plan.discharge_facts import stays
from plan.discharge_gate import GateState, gate
from plan.discharge_items import DONE
from plan.known import Known
from plan.model import Role

MOST: Final = 3
"""How many stand on the page; the others are one step away."""
FOLDED: Final = 20
"""How many of the others are there to unfold."""
GATES: Final[Mapping[GateState, tuple[str, str, str]]] = {
    GateState.READY: ("ready", "Ready", "\N{CHECK MARK}"),
    GateState.NOT_READY: ("not-ready", "Not ready", "\N{BALLOT X}"),
    GateState.UNKNOWN: ("unknown", "Nobody can say: the hospital's system is silent", "?"),
}
_LONG: Final = 110
_MOST_STAYS: Final = 2
_FLAGS: Final = frozenset(rule.code for rule in RULES)


class Need(NamedTuple):
    """One thing that needs the reader. `clock`: how long it has waited, or until when there is."""

    severity: str
    what: str
    clock: str
    is_late: bool
    href: str


class Leaving(NamedTuple):
    """A discharge that is planned: when, how its gate stands, and how much of it is confirmed."""

    when: str
    state: str
    word: str
    icon: str
    done: int
    items: int
    href: str


class Needs(NamedTuple):
    """The block: `first` on the page, `folded` behind one step, `beyond`: how many there are besides."""

    leaving: list[Leaving]
    first: list[Need]
    folded: list[Need]
    beyond: int


async def needs(reader: Reader, known: Known, words: Wording) -> Needs:
    """What needs this reader now in one plan."""
    permit = ask(reader.visit.caller, reader.desk.charter)
    asking = in_plan_of(await asking_of(reader.desk, permit), known.person)
    found = [_need(known, item, words) for item in attention(known, asking)]
    return Needs(
        leaving=[*leaving(known, words)],
        first=found[:MOST],
        folded=found[MOST : MOST + FOLDED],
        beyond=max(0, len(found) - MOST - FOLDED),
    )


def leaving(known: Known, words: Wording) -> Iterator[Leaving]:
    """The newest discharges that are planned, and how each stands for this reader."""
    for stay in [one for one in stays(known) if one.asked][-_MOST_STAYS:]:
        found = gate(known, stay)
        done = sum(one.state in DONE for one in found.items)
        href = addresses.of_entry(known, stay.entry)
        yield Leaving(words.date(stay.planned_text), *GATES[found.state], done, len(found.items), href)


def _need(known: Known, item: Item, words: Wording) -> Need:
    is_late = item.due is not None and item.due <= known.now
    return Need(item.severity, clipped(item.words, _LONG), _clock(item, words), is_late, _where(known, item))


def _clock(item: Item, words: Wording) -> str:
    """Its age against its clock."""
    if item.due is None:
        return f"open since {words.day(item.since)}"
    if item.due <= words.known.now:
        return f"overdue since {words.when(item.due)}"
    return f"due {words.ago(item.due)}"


def _where(known: Known, item: Item) -> str:
    """Where it is acted on: what is to be signed, on the page of reviews."""
    code = item.entry.body.get("code")
    is_unheard = item.kind == "flag" and isinstance(code, dict) and code.get("code") in _FLAGS
    if item.kind == "review" or (is_unheard and item.severity == "high"):
        return f"{addresses.of_person(known.person)}/review"
    if item.kind == "referral" and item.entry.kind == "action":
        asked = str(item.entry.body.get("focus", "")).partition("/")[2]
        return f"{addresses.of_person(known.person)}/referrals/{asked}"
    return addresses.of_entry(known, item.entry)


def lists_people(role: Role) -> bool:
    """Whether a reader has a list over several people."""
    return role not in (Role.PERSON, Role.CARER)
