"""One discharge: whether the person can go home, what stands in the way and whose part it is, and what may happen next.

It is what the API says of the readiness of a stay (api.readiness), in words; nothing of it is computed here.
"""

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from api.pages.care.addresses import of_entry, of_stay
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import Wording
from api.pages.care.work import discharge_saying
from api.pages.care.work.discharge_saying import GATES
from api.readiness import Readiness, of
from plan.discharge_gate import GateState
from plan.discharge_items import is_short
from plan.discharge_leaving import departure_key, override
from plan.discharge_table import OVERRIDE_REASONS
from plan.discharge_writing import answers_for, decides
from plan.known import Entry, moment
from plan.model import Role, Section
from plan.problem import Problem, Trouble

MESSAGES: Final = 3
"""How many of the messages about a stay its page shows."""
CATEGORIES: Final = {
    "turned_back": "Turned back: they could not be received at home",
    "no_package": "They came home and the care did not",
    "back_within_48h": "Back in hospital within 48 hours",
    "back_within_7d": "Back in hospital within 7 days",
    "emergency_respite": "They needed emergency respite",
}


@dataclass(frozen=True, slots=True)
class Next:
    """What the reader may do about a stay now."""

    override: bool
    failed: bool


async def found(reader: Reader) -> tuple[Readiness, Wording]:
    """The stay in the address, as far as the reader sees it. Raises NOT_FOUND."""
    known = await reader.known()
    entry = known.entries.get(reader.entry)
    if entry is None or entry.kind != "stay":
        raise Problem(Trouble.NOT_FOUND)
    return of(known, entry), reader.wording(known)


async def show(reader: Reader) -> Response:
    """The page."""
    one, words = await found(reader)
    word = discharge_saying.gate_word(one.gate.state, one.gate.reasons)
    left = one.known.made(departure_key(one.stay))
    return reader.page(
        "care/stay.html",
        one.known,
        here=of_stay(one.known.person, one.stay.entry.id),
        stay=one.stay,
        hospital=hospital(one, words),
        gate=word,
        sign=GATES[word],
        why=discharge_saying.gate_why(words, one.stay, one.gate),
        planned=discharge_saying.day(words, one.stay.planned_text),
        countdown=discharge_saying.countdown(one.known.now, one.stay.planned) if one.stay.planned else "",
        short=is_short(one.stay),
        items=discharge_saying.lines(words, one.stay, one.gate.items, lambda item: is_mine(reader, one, item)),
        next=may(reader, one),
        decided=_decided(one, words),
        failures=[_failure(words, entry) for entry in _about(one, "failed_discharge")],
        departed=GATES[str(left.body["state"])] if left else None,
        messages=[(entry, of_entry(one.known, entry)) for entry in reversed(_about(one, "message"))][:MESSAGES],
    )


def hospital(one: Readiness, words: Wording) -> str:
    """What people call the hospital of a stay."""
    said: Any = one.stay.entry.body.get("hospital")
    return (
        str(said.get("name") or "") if isinstance(said, dict) and said.get("name") else words.agency(one.stay.hospital)
    )


def is_mine(reader: Reader, one: Readiness, item: Entry) -> bool:
    """Whether an item is this reader's to answer."""
    caller = reader.visit.caller
    return answers_for(one.known, item, caller.subject, caller.agency, oneself=caller.role is Role.PERSON)


def may(reader: Reader, one: Readiness) -> Next:
    """What of it makes sense now and is this reader's to do, as far as the charter says; the API has the last word."""
    writes = reader.role in one.known.writers.get(Section.TRANSITIONS, frozenset())
    speaks = writes or reader.role is Role.PERSON
    left = one.stay.left is not None or (one.stay.planned is not None and one.stay.planned <= one.known.now)
    is_held = one.gate.state is not GateState.READY and not one.stay.closed
    mine = decides(one.stay, reader.account.agency, reader.role)
    return Next(override=writes and is_held and mine, failed=speaks and left)


def _about(one: Readiness, kind: str) -> list[Entry]:
    """The entries of a kind that are about the stay, the oldest first."""
    return [
        entry
        for entry in one.known.of(kind)
        if one.reference in (entry.body.get("stay"), *_references(entry.body.get("about")))
    ]


def _references(said: object) -> list[object]:
    return said if isinstance(said, list) else []


def _decided(one: Readiness, words: Wording) -> dict[str, str] | None:
    entry = override(one.known, one.stay)
    if entry is None:
        return None
    body: Any = entry.body
    said = body.get("decided") or {}
    return {
        "who": f"{body['role']}, {words.agency(str(said.get('agency') or entry.agency))}",
        "when": words.when(moment(said.get("at")) or entry.created),
        "reason": OVERRIDE_REASONS.get(str(body["reason"].get("code")), ", ".join(words.lines(body["reason"]))),
        "text": str(body["text"]),
        "receives": words.party(body["receives"]),
        "mitigation": str(body["mitigation"]),
    }


def _failure(words: Wording, entry: Entry) -> dict[str, Any]:
    body: Any = entry.body
    return {
        "category": CATEGORIES[body["category"]],
        "at": words.date(body["at"]),
        "text": str(body.get("text", "")),
        "causes": [(", ".join(words.lines(one["reason"])), words.reference(one["agency"])) for one in body["causes"]],
    }


WAYS = (Way("/people/{person}/stays/{entry}", show),)
