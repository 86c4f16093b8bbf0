"""How a discharge is said to people: its gate, why it is held, how each item stands, who answered it for which day."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api.pages.care.wording import DAY, HOUR, MINUTE, Wording
from plan.discharge_facts import Stay
from plan.discharge_gate import Gate, GateState
from plan.discharge_items import DONE, Held, State, missing
from plan.discharge_table import CLOSED_REASONS, CODES
from plan.known import Entry, moment

Sign = tuple[str, str, str]
"""A word, the sign beside it, and the colour of its tag."""
GATES: Final[Mapping[str, Sign]] = {
    "ready": ("Ready", "✓", "green"),
    "not_ready": ("Not ready", "✗", "red"),
    "stale": ("Confirm again", "↻", "orange"),
    "unknown": ("Not known", "?", "grey"),
    "over": ("Over", "-", "grey"),
}
STATES: Final[Mapping[str, Sign]] = {
    "confirmed": ("Confirmed", "✓", "green"),
    "not_needed": ("Not needed", "-", "grey"),
    "stale": ("Confirm again", "↻", "orange"),
    "blocked": ("Blocked", "✗", "red"),
    "overdue": ("Overdue", "!", "red"),
    "open": ("Open", "○", "blue"),
    "closed": ("Closed", "-", "grey"),
}
_ORDER = ("blocked", "stale", "overdue", "open")
_WHOLE_DATE = len("2026-03-31")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item as it is shown. `entry`: empty while it was not asked yet. `due`: milliseconds since 1970 UTC."""

    title: str
    sign: Sign
    owner: str
    due: int | None
    entry: str
    answer: str
    why: str
    holds: bool
    is_done: bool
    is_mine: bool


def day(words: Wording, said: object) -> str:
    """A planned discharge as people say it: Friday 6 March 2026, 14:00; as precise as it was written."""
    text, at = str(said or ""), moment(said)
    if at is None or len(text) < _WHOLE_DATE:
        return words.date(said)
    whole = len(text) == _WHOLE_DATE
    local = datetime.fromisoformat(text) if whole else datetime.fromtimestamp(at / 1000, words.known.zone)
    return f"{local:%A} {words.date(said)}"


def countdown(now: int, at: int) -> str:
    """How long until a moment, or since it, in the two largest units: in 1 day 23 hours, 3 hours ago."""
    span = abs(at - now)
    units = (("day", span // DAY), ("hour", span % DAY // HOUR), ("minute", span % HOUR // MINUTE))
    first = next((number for number, (_, count) in enumerate(units) if count), None)
    if first is None:
        return "now"
    said = " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in units[first : first + 2] if count)
    return f"in {said}" if at > now else f"{said} ago"


def gate_word(state: str, reasons: Sequence[str]) -> str:
    """A word of GATES. Stale: all that holds it was confirmed, for another day."""
    if any(reason.startswith("closed:") for reason in reasons):
        return "over"
    return "stale" if state == GateState.NOT_READY and set(reasons) == {"stale"} else state


def gate_why(words: Wording, stay: Stay, gate: Gate) -> list[str]:
    """Why it stands as it does, in sentences."""
    return [*dict.fromkeys(_why(words, stay, gate))]


def _why(words: Wording, stay: Stay, gate: Gate) -> Iterator[str]:
    holding = [one for one in gate.items if one.blocking and one.state not in DONE]
    blocked = sum(one.state is State.BLOCKED for one in holding)
    stale = sum(one.state is State.STALE for one in holding)
    open_ = len(holding) - blocked - stale
    for reason in gate.reasons:
        kind, _, what = reason.partition(":")
        if kind == "closed":
            yield f"{CLOSED_REASONS[what]}."
        elif kind == "no_planned_discharge":
            yield "Nobody has planned a day for the discharge."
        elif kind == "feed_silent":
            silent = "has sent nothing for a while, so nobody can say whether it is still so. Ring the ward."
            yield f"The system of {words.agency(what)} {silent}"
        elif kind == "finding":
            yield "Two things in the plan contradict each other. Settle that first."
        elif kind == "blocked":
            yield f"{_count(blocked)} held up: somebody said what is in the way."
        elif kind == "stale":
            yield f"{_count(stale)} to be confirmed again: the day moved, or what it depends on changed."
        elif kind == "open" and not stay.closed:
            yield f"{_count(open_)} not confirmed yet."


def _count(number: int) -> str:
    return f"{number} {'thing is' if number == 1 else 'things are'}"


def state_word(one: Held, now: int) -> str:
    """A word of STATES."""
    late = one.state is State.OPEN and one.due is not None and one.due <= now
    return "overdue" if late else str(one.state)


def lines(words: Wording, stay: Stay, items: Sequence[Held], mine: Callable[[Entry], bool]) -> list[Line]:
    """All items: what stands in the way first, then what is late, and what is done last. `mine`: whose to answer."""
    known = words.known

    def rank(one: Held) -> tuple[bool, bool, int]:
        word = state_word(one, known.now)
        return one.state in DONE, not one.blocking, _ORDER.index(word) if word in _ORDER else len(_ORDER)

    return [_line(words, stay, one, mine) for one in sorted(items, key=rank)]


def _line(words: Wording, stay: Stay, one: Held, mine: Callable[[Entry], bool]) -> Line:
    entry = one.entry
    return Line(
        title=one.title,
        sign=STATES[state_word(one, words.known.now)],
        owner=_owner(words, one),
        due=None if one.state in DONE else one.due,
        entry=str(entry.id) if entry else "",
        answer=answer(words, entry) if entry and one.state is not State.OPEN else "",
        why=why(words, stay, entry, one.state) if entry else "",
        holds=one.blocking,
        is_done=one.state in DONE,
        is_mine=entry is not None and mine(entry),
    )


def _owner(words: Wording, one: Held) -> str:
    reference = str(one.who.get("reference", ""))
    if reference.startswith("Organization/"):
        return words.agency(reference.partition("/")[2])
    asked = "The person" if reference.startswith("Patient/") else str(one.who.get("name", "")) or "The carer"
    return f"{asked}, or {words.agency(one.agency)} for them"


def answer(words: Wording, item: Entry) -> str:
    """Who answered an item, when, and for which planned discharge; empty where nobody has."""
    said: Any = item.body.get("answered")
    if not isinstance(said, Mapping):
        return ""
    role, agency, at = str(said.get("role", "")), str(said.get("agency", "")), moment(said.get("at"))
    alone = role in ("person", "carer") or not agency
    who = words.role(role) if alone else f"{words.role(role)}, {words.agency(agency)}"
    given = f", for {day(words, said['given_for'])}" if said.get("given_for") else ""
    return f"{who}, {words.ago(at or 0)}{given}"


def why(words: Wording, stay: Stay, item: Entry, state: State) -> str:
    """What must be said beside how an item stands: what is in its way, or why it must be confirmed again."""
    if state is State.STALE:
        return again(words, stay, item)
    reason = item.body.get("reason")
    return "; ".join(words.lines(reason)) if state in (State.BLOCKED, State.NOT_NEEDED, State.CLOSED) else ""


def again(words: Wording, stay: Stay, item: Entry) -> str:
    """Why an answer does not count any more."""
    said: Any = item.body.get("answered") or {}
    given = said.get("given_for")
    row = CODES.get(str(item.body.get("item")))
    if row and row.by_time and given and moment(given) != stay.planned:
        moved = f"the discharge is now planned for {day(words, stay.planned_text)}"
        return f"This was answered for {day(words, given)}, and {moved}: confirm it again."
    lacking = missing(words.known, stay, str(item.body.get("item")))
    if lacking:
        return f"It was answered before this was there: {', '.join(lacking)}. Confirm it again when it is."
    return "It was answered before something that it depends on changed: confirm it again."
