"""Which items a discharge has, whose they are, by when they are due, and how each of them stands.

An item is asked because a row of plan.discharge_table applies. How it stands is computed from what was answered and
from what the answer depended on: an answer that is older than that does not count, whatever its entry says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from plan.discharge_facts import FACTS, Stay, agency, carers, equipment
from plan.discharge_table import CARER, CODES, PERSON, STEPS, Item, clock, in_force
from plan.known import Body, Entry, Known, derived, moment
from plan.model import AgencyId, Section


class State(StrEnum):
    """How an item stands. STALE: it was answered, for another date or before what the answer depended on."""

    CONFIRMED = "confirmed"
    NOT_NEEDED = "not_needed"
    STALE = "stale"
    BLOCKED = "blocked"
    OPEN = "open"
    CLOSED = "closed"


DONE = frozenset({State.CONFIRMED, State.NOT_NEEDED})
"""What holds nothing back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One item as it ought to be asked. `who`: a Party; `agency`: whose entry it is, which may answer for it.

    What is asked of the person or the carer stands under `about_me`, where they may write, and the hospital answers
    for it beside them.
    """

    row: Item
    who: Body
    agency: AgencyId
    section: Section
    key: str
    blocking: bool
    ward: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One item as it stands: its entry, where it has been asked already."""

    code: str
    title: str
    agency: AgencyId
    who: Body
    blocking: bool
    state: State
    due: int | None
    entry: Entry | None = None


def asked(known: Known, stay: Stay) -> list[Asked]:
    """The items that apply to a stay whose discharge is planned, in the order of the table."""
    return [one for row in in_force(known.now) if _applies(known, stay, row) for one in _each(known, stay, row)]


def entries(known: Known, stay: Stay) -> list[Entry]:
    """The items of a stay that have been asked, the closed ones too."""
    return [entry for entry in known.of("readiness") if entry.body.get("stay") == stay.reference]


def items(known: Known, stay: Stay, at: int | None = None) -> list[Held]:
    """Every item of a stay: those that were asked and not closed, and those that apply and were not asked yet.

    `at`: as they stood at that moment; what was answered afterwards does not count.
    """
    wanted = {derived(known.person, one.key): one for one in asked(known, stay)}
    there = {entry.id: entry for entry in entries(known, stay)}
    held = [_held(known, stay, there.get(id_), one, at) for id_, one in wanted.items()]
    others = [one for id_, one in there.items() if id_ not in wanted and one.body.get("status") != "closed"]
    return [*held, *(_other(known, stay, entry, at) for entry in others if not superseded(stay, entry))]


def state(known: Known, stay: Stay, entry: Entry, at: int | None = None) -> State:
    """How an item that was asked stands, now or at a moment."""
    status, answer = entry.body.get("status"), entry.body.get("answered")
    if status == "closed":
        return State.CLOSED
    if not isinstance(answer, dict) or (at is not None and (moment(answer.get("at")) or 0) > at):
        return State.OPEN
    if not counts(known, stay, entry):
        return State.STALE
    return State.OPEN if status not in set(State) else State(str(status))


def counts(known: Known, stay: Stay, entry: Entry) -> bool:
    """Whether the answer to an item was given for what it depends on, and not before it."""
    answer = entry.body.get("answered") or {}
    given, row = moment(answer.get("at")), CODES.get(str(entry.body.get("item")))
    if given is None:
        return False
    by_time = row.by_time if row else entry.body.get("depends_on_time") is True
    if by_time and (moment(answer.get("given_for")) != stay.planned or given < stay.notice):
        return False
    return not (row and entry.body.get("status") == "confirmed" and [*_missing(known, stay, row, given)])


def missing(known: Known, stay: Stay, code: str) -> list[str]:
    """What an item depends on and is not there yet: titles of items, names of equipment."""
    row = CODES.get(code)
    return [*_missing(known, stay, row, known.now)] if row else []


def due(stay: Stay, name: str) -> int | None:
    """When a time of the table falls for a planned discharge, milliseconds since 1970 UTC.

    Where notice was shorter than the first step, the steps fall after a part of what is left, and none is left out.
    """
    if stay.planned is None:
        return None
    row = clock(name, stay.notice)
    when, left = stay.planned - row.minutes * 60_000, stay.planned - stay.notice
    if name in STEPS and is_short(stay):
        return max(when, stay.notice + int(left * row.share))
    return when


def is_short(stay: Stay) -> bool:
    """Whether the notice came later than the first step of the clock."""
    return stay.planned is not None and stay.planned - stay.notice < clock(STEPS[0], stay.notice).minutes * 60_000


def superseded(stay: Stay, entry: Entry) -> bool:
    """Whether another ward answers for it now."""
    ward = entry.body.get("ward")
    return bool(ward) and bool(stay.ward) and ward != stay.ward


def _applies(known: Known, stay: Stay, row: Item) -> bool:
    return stay.asked and (not row.when or FACTS[row.when](known, stay))


def _each(known: Known, stay: Stay, row: Item) -> Iterator[Asked]:
    blocking = row.blocking or bool(row.blocks_when and FACTS[row.blocks_when](known, stay))
    for who, owner, section in _owners(known, stay, row):
        key = item_key(stay.entry.id, row.code, who, owner if section is Section.ABOUT_ME else "")
        ward = stay.ward if row.agencies == ("hospital",) else ""
        yield Asked(
            row=row,
            who=who,
            agency=owner,
            section=section,
            key=_of_ward(known, key, ward),
            blocking=blocking,
            ward=ward,
        )


def item_key(stay: str, code: str, who: Body, beside: str) -> str:
    """The key of an item. `beside`: the hospital that answers beside the person; another hospital asks anew."""
    return ":".join(filter(None, ("readiness", stay, code, str(who.get("reference")), beside)))


def _of_ward(known: Known, key: str, ward: str) -> str:
    """The key of a ward's item: the one that was asked before anybody named a ward is that ward's."""
    first = known.made(key)
    return key if not ward or (first and first.body.get("ward") in (None, ward)) else f"{key}:{ward}"


def _owners(known: Known, stay: Stay, row: Item) -> Iterator[tuple[Body, AgencyId, Section]]:
    if row.agencies == (PERSON,):
        yield {"reference": f"Patient/{known.person}"}, stay.hospital, Section.ABOUT_ME
    elif row.agencies == (CARER,):
        for one in carers(known)[:1]:
            yield party(one.reference, str(one.body.get("name", ""))), stay.hospital, Section.ABOUT_ME
    else:
        for id_ in _answering(known, stay, row.agencies):
            yield party(f"Organization/{id_}", agency(known, id_).name), id_, Section.TRANSITIONS


def _answering(known: Known, stay: Stay, kinds: Iterable[str]) -> list[AgencyId]:
    for kind in kinds:
        found = [stay.hospital] if kind == "hospital" else [one.id for one in known.kinds(kind)]
        if found:
            return found
    return []


def party(reference: str, name: str) -> Body:
    """A Party; without a name where none is known."""
    return {"reference": reference} | ({"name": name} if name.strip() else {})


def _missing(known: Known, stay: Stay, row: Item, at: int) -> Iterator[str]:
    """What an answer given at a moment depends on and did not have."""
    if row.when == "equipment_listed":
        yield from (str(e.body.get("item")) for e in equipment(known) if e.body["status"] != "tested" or e.created > at)
    for code in row.after:
        before = [one for one in entries(known, stay) if one.body.get("item") == code and not superseded(stay, one)]
        if not any(_answered(known, stay, one, at) for one in before):
            yield CODES[code].title


def _answered(known: Known, stay: Stay, entry: Entry, at: int) -> bool:
    given = moment((entry.body.get("answered") or {}).get("at"))
    return state(known, stay, entry) in DONE and given is not None and given <= at


def _held(known: Known, stay: Stay, entry: Entry | None, one: Asked, at: int | None) -> Held:
    return Held(
        code=one.row.code,
        title=one.row.title,
        agency=one.agency,
        who=one.who,
        blocking=one.blocking or bool(entry and entry.body.get("blocking")),
        state=_opened(state(known, stay, entry, at)) if entry else State.OPEN,
        due=due(stay, one.row.due),
        entry=entry,
    )


def _opened(one: State) -> State:
    """What was closed and applies again is open."""
    return State.OPEN if one is State.CLOSED else one


def _other(known: Known, stay: Stay, entry: Entry, at: int | None) -> Held:
    who = entry.body.get("who")
    return Held(
        code=str(entry.body.get("item")),
        title=str(entry.body.get("what")),
        agency=entry.agency,
        who=who if isinstance(who, dict) else {},
        blocking=entry.body.get("blocking") is True,
        state=state(known, stay, entry, at),
        due=moment(entry.body.get("due")),
        entry=entry,
    )
