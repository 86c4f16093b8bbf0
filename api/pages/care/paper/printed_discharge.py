"""One discharge on two pages: when and where to, whether home is ready, who answers for what, who to ring, what is new.

The gate is computed from all that the reader sees, as on the page; what is kept to named agencies holds it all the
same and is not named on paper.
"""

from collections.abc import Iterator
from typing import Final

from api.pages.care.paper.printed import Block, Sheet, pairs
from api.pages.care.paper.printed_words import (
    allergies,
    current,
    identity,
    marks,
    numbers,
    people_to_ring,
    visits,
)
from api.pages.care.wording import Wording, sentence
from auth.server.parties import Account
from plan.attention import title
from plan.carried import carried, may_be_carried
from plan.discharge_facts import Stay, agency_of, stay
from plan.discharge_gate import Gate, GateState, findings, gate
from plan.discharge_items import DONE, Held, State
from plan.discharge_leaving import override
from plan.discharge_table import CLOSED_REASONS
from plan.kinds import KINDS
from plan.known import Entry, Known, moment

GATE: Final = {
    GateState.READY: "READY: everything that must be true at home has been confirmed.",
    GateState.NOT_READY: "NOT READY: do not send home until what is open below has been confirmed.",
    GateState.UNKNOWN: "NOT KNOWN: nothing has been heard from the hospital's system. Ring the ward.",
}
MARKS: Final = {
    State.CONFIRMED: "[x] Confirmed",
    State.NOT_NEEDED: "[x] Not needed",
    State.STALE: "[ ] Confirm again",
    State.BLOCKED: "[!] Blocked",
    State.OPEN: "[ ] Open",
    State.CLOSED: "[-] Closed",
}
"""How an item stands, in a mark and in words: neither needs a colour."""
NEW: Final = ("service", "medicine", "equipment", "instruction", "goal", "allergy", "risk", "housing")
"""Of which kinds whoever takes over must know what changed."""


def discharge_sheet(known: Known, entry: Entry, account: Account) -> Sheet:
    """The sheet of one stay."""
    shown, found = carried(known), stay(known, entry)
    words, stands = Wording(shown), gate(known, found)
    items = [one for one in stands.items if one.entry is None or may_be_carried(one.entry)]
    blocks = (
        identity(shown),
        allergies(shown),
        _stay(shown, words, found),
        _gate(shown, words, known, found, stands),
        _items(words, items),
        _care_at_home(shown, words),
        _ring(shown, found, items),
        _new(shown, words, entry),
    )
    return Sheet(title="Discharge from hospital: summary", marks=marks(shown, account), blocks=blocks)


def _stay(known: Known, words: Wording, found: Stay) -> Block:
    body = found.entry.body
    rows = pairs(
        ("Hospital", [words.party(body.get("hospital")) or words.agency(found.hospital)]),
        ("Ward", [found.ward]),
        ("State of the stay", words.lines(body.get("status"))),
        ("Came in", [words.date(body.get("admitted"))]),
        ("Planned to go home", [words.date(body.get("planned_discharge"))]),
        ("Went home", [words.date(body.get("discharged"))]),
        ("Goes to", words.lines(body.get("destination"))),
        ("Pathway", words.lines(body.get("pathway"))),
        ("Reason", words.lines(body.get("reason"))),
    )
    return Block(title="The stay", rows=rows, weight=4)


def _gate(shown: Known, words: Wording, known: Known, found: Stay, stands: Gate) -> Block:
    if found.closed:
        said = f"CLOSED: {CLOSED_REASONS.get(found.closed, sentence(found.closed))}."
        return Block(title="Is home ready?", rows=((said,),), weight=4, loud=True)
    rows = [(GATE[stands.state],)]
    decided = override(known, found)
    if decided and shown.at(decided.reference):
        rows.append((f"GOES ALTHOUGH NOT READY: {decided.body.get('text', '')}",))
        rows.append((f"Takes over at home: {words.party(decided.body.get('receives'))}",))
        rows.append((f"Until then: {decided.body.get('mitigation', '')}",))
    rows += [(f"To be settled first: {title(one)}",) for one in findings(shown, found)]
    return Block(title="Is home ready?", rows=tuple(rows), weight=4, loud=True)


def _items(words: Wording, items: list[Held]) -> Block:
    """What holds the discharge back first, by agency, with what is done last."""
    ordered = sorted(items, key=lambda one: (one.state in DONE, not one.blocking, _answers(words, one)))
    rows = tuple(
        (
            _answers(words, one),
            f"{one.title}{'' if one.blocking else ' (advisory)'}{_note(words, one)}",
            MARKS[one.state],
            "" if one.state in DONE or one.due is None else words.when(one.due),
        )
        for one in ordered
    )
    head = ("Who answers", "What", "State", "By when")
    return Block(
        title="What must be true at home", rows=rows, head=head, widths=(5, 8, 4, 4), none="Nothing is asked.", weight=2
    )


def _answers(words: Wording, one: Held) -> str:
    return words.party(dict(one.who)) or words.agency(one.agency)


def _note(words: Wording, one: Held) -> str:
    if one.entry is None:
        return ""
    said = [*words.lines(one.entry.body.get("reason")), *words.lines(one.entry.body.get("note"))]
    return f": {'; '.join(said)}" if said else ""


def _care_at_home(known: Known, words: Wording) -> Block:
    rows = tuple(
        (str(one.body.get("service", "")), f"{visits(words, one.body)}, {_by(words, one)}{_medicines(one)}")
        for one in current(known, "service")
    )
    return Block(title="Care at home", rows=rows)


def _by(words: Wording, one: Entry) -> str:
    return words.party(one.body.get("provider")) or words.agency(one.agency)


def _medicines(one: Entry) -> str:
    said = one.body.get("gives_medicines")
    return "" if said is None else "; gives medicines" if said else "; does NOT give medicines"


def _ring(known: Known, found: Stay, items: list[Held]) -> Block:
    asked = [agency_of(one.who) or one.agency for one in items]
    rows = (*numbers(known, (found.hospital, *asked)), *people_to_ring(known))
    return Block(title="Who to ring", rows=rows, weight=3)


def _new(known: Known, words: Wording, entry: Entry) -> Block:
    """What was added or changed since the stay began."""
    began = moment(entry.body.get("admitted"))
    since = entry.created if began is None else began
    rows = tuple(_change(words, one, since) for one in _changed(known, since))
    return Block(title="New or changed since the stay began", rows=rows, none="Nothing that you may see.")


def _changed(known: Known, since: int) -> Iterator[Entry]:
    yield from sorted((one for one in known.of(*NEW) if one.at >= since), key=lambda one: -one.at)


def _change(words: Wording, one: Entry, since: int) -> tuple[str, str]:
    how = "new" if one.created >= since else "changed"
    return f"{sentence(KINDS[one.kind].name)}, {how}", f"{title(one)}, {words.when(one.at)}, {words.by(one)}"
