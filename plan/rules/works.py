"""C13: works, a move or a step to possession at the home while the person is in hospital, or just after."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from plan.known import Entry, Known
from plan.model import Section
from plan.rules.phrases import said as names
from plan.rules.phrases import words
from plan.rules.rule import Ask, Given, Hit, Row, Severity
from plan.rules.spans import EVER, Spell, days_on, said, tomorrow
from plan.rules.stays import OPEN, home, leaving

WAITING = frozenset({"planned", "accepted", "doing", "paused"})
OVER = frozenset({"done", "cancelled"})


def find(known: Known, given: Given) -> Iterator[Hit]:
    """Every work at the home that meets a stay or the days after it, said once for each entry that says it."""
    for stay in known.of("stay"):
        spell = _spell(stay, known, given["days_after"])
        for entry in (*known.of("housing"), *known.of("action")):
            found = [what for what, when in _works(entry, known, given) if spell and when.meets(spell)]
            if found:
                yield _hit(entry, stay, found)


def _spell(stay: Entry, known: Known, days: int) -> Spell | None:
    """The stay and the days after it; one without a planned end lasts until now at least."""
    body = stay.body
    admitted, left = (said(body.get(name), known.zone) for name in ("admitted", "discharged"))
    if admitted is None or body.get("status") == "cancelled":
        return None
    if left is None and body.get("status") not in OPEN:
        return None
    planned = leaving(stay, known)
    end = left.high if left else max(planned.high if planned else known.now, known.now)
    last = days_on(end, days, known)
    return Spell(admitted.low, last) if last >= known.now else None


def wakes(known: Known, given: Given) -> Iterator[int]:
    """When a stay has been over for so long that works no longer matter, and each night of one that goes on."""
    for stay in known.of("stay"):
        spell = _spell(stay, known, given["days_after"])
        if spell and "discharged" in stay.body:
            yield spell.high + 1
        elif spell:
            yield tomorrow(known)


def _works(entry: Entry, known: Known, given: Given) -> Iterator[tuple[str, Spell]]:
    if entry.kind == "action":
        yield from _actions(entry, known, given)
        return
    for work in entry.body.get("works") or ():
        kind = work.get("type", "")
        counts = kind in given["types"] or (kind == "other" and names(work.get("detail", ""), given["words"]))
        when = _when(work, known) if counts and work.get("status") not in OVER else None
        if when:
            yield f"{work.get('detail') or kind} {_dates(work)}".strip(), when


def _actions(entry: Entry, known: Known, given: Given) -> Iterator[tuple[str, Spell]]:
    body = entry.body
    if entry.section is not Section.HOUSING or body.get("status") not in WAITING:
        return
    texts = (body.get("what", ""), words(body.get("code")))
    when = _when(body, known) if any(names(text, given["words"]) for text in texts) else None
    if when:
        yield f"{body.get('what') or words(body.get('code'))} {_dates(body)}".strip(), when


def _when(work: Any, known: Known) -> Spell | None:
    """From its start to its end; what has one end only is that day, unless it is under way."""
    start = said(work.get("start"), known.zone)
    end = said(work.get("end") or work.get("due"), known.zone)
    if work.get("status") in ("under_way", "doing"):
        return Spell(start.low if start else known.now, end.high if end else EVER)
    first, last = start or end, end or start
    return Spell(first.low, last.high) if first and last else None


def _dates(work: Any) -> str:
    end = work.get("end") or work.get("due")
    return " to ".join(str(day) for day in (work.get("start"), end) if day)


def _hit(entry: Entry, stay: Entry, found: list[str]) -> Hit:
    what = "; ".join(found)
    return Hit(
        sides=(entry, stay),
        says=(what, home(stay)),
        detail=f"At the home: {what}. The person is in hospital; {home(stay)}.",
        proposal="Housing and the discharge team agree whether the person can come home, or the works are moved.",
    )


ROW = Row(
    id="c13-housing-action",
    title="Works or possession around a stay",
    find=find,
    reads={
        "housing": ("works",),
        "action": ("what", "code", "status", "start", "end", "due"),
        "stay": ("status", "admitted", "planned_discharge", "discharged"),
    },
    severity=Severity.WARN,
    source="Coordination design C13; words: Housing Act 1985 and 1988 (possession), repairs as plans write them",
    owner="Housing lead",
    since=date(2026, 1, 1),
    wakes=wakes,
    asks=(
        Ask(
            to="discharge_hub", what="Works or a step of the landlord meet a stay. Agree whether the home can be used."
        ),
    ),
    given={
        "days_after": 7,
        "types": ("heating", "water", "electrical", "lift", "structure", "decant", "possession"),
        "words": (
            "boiler",
            "heating repair",
            "heating replacement",
            "heating works",
            "heating off",
            "hot water off",
            "water off",
            "lift repair",
            "lift replacement",
            "lift works",
            "lift outage",
            "rewire",
            "rewiring",
            "asbestos",
            "damp proofing",
            "decant",
            "temporary move",
            "possession",
            "repossession",
            "eviction",
            "notice to quit",
            "arrears hearing",
            "arrears notice",
            "arrears step",
        ),
    },
)
