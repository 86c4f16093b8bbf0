"""C18: an assessment is about to be done again that another agency has just done. The person need not answer twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from plan.known import Entry, Known
from plan.names import author, opening
from plan.rules.phrases import core, words
from plan.rules.rule import Given, Hit, Row, Severity
from plan.rules.spans import Spell, ahead, days_on, said

ASKED = frozenset({"planned", "accepted", "doing", "paused"})
AGENCY = "Organization/"


@dataclass(frozen=True, slots=True)
class Planned:
    """An assessment that is not complete. `when`: when it is to be or was begun, now where nobody says."""

    entry: Entry
    agency: str
    when: Spell
    says: str


def find(known: Known, given: Given) -> Iterator[Hit]:
    """Every complete assessment of the last days against every one of the same instrument that another agency plans."""
    planned = list(_planned(known))
    for done in known.of("assessment"):
        when = said(done.body.get("date"), known.zone)
        if when is None or when.low > known.now or done.body.get("status") not in (None, "amended"):
            continue
        for again in planned:
            near = when.low <= again.when.high and again.when.low <= days_on(when.high, given["days"], known)
            if (
                near
                and again.agency != done.agency
                and _same(done, again.entry, given)
                and not _wanted(done, again, known)
            ):
                yield _hit(done, again, known)


def wakes(known: Known, given: Given) -> Iterator[int]:
    """When an assessment that is planned begins, and when one that was done has become old."""
    for entry in known.of("assessment"):
        when = said(entry.body.get("date"), known.zone)
        if when:
            yield from ahead(known, when.low, days_on(when.high, given["days"], known) + 1)


def _planned(known: Known) -> Iterator[Planned]:
    now = Spell(known.now, known.now)
    for entry in known.of("assessment"):
        when = said(entry.body.get("date"), known.zone)
        begun = entry.body.get("status") == "in_progress"
        coming = entry.body.get("status") is None and when is not None and when.low > known.now
        if begun or coming:
            yield Planned(entry, entry.agency, when or now, "in progress" if begun else f"planned {entry.body['date']}")
    for entry in known.of("action"):
        if entry.body.get("status") in ASKED:
            due = entry.body.get("start") or entry.body.get("due")
            reference = str((entry.body.get("who") or {}).get("reference", ""))
            agency = reference.removeprefix(AGENCY) if reference.startswith(AGENCY) else str(entry.agency)
            yield Planned(
                entry,
                agency,
                said(due, known.zone) or now,
                f"{entry.body.get('what') or words(entry.body.get('code'))} {due or ''}".strip(),
            )


def _same(done: Entry, again: Entry, given: Given) -> bool:
    """Whether both are of one instrument: its code where both have one of one system, else its name."""
    one = done.body.get("instrument") or {}
    other = again.body.get("instrument") or again.body.get("code") or {}
    if one.get("code") and other.get("code") and one.get("system") == other.get("system"):
        return bool(one["code"] == other["code"])
    questions = {entry.body.get("questionnaire") for entry in (done, again)}
    called = {core(name, given["about"].split()) for name in (words(other), again.body.get("what", ""))} - {""}
    return (len(questions) == 1 and None not in questions) or core(words(one), given["about"].split()) in called


def _wanted(done: Entry, again: Planned, known: Known) -> bool:
    """Whether the second is there for a reason: the first is due again by then, or the second is built on it."""
    due = said(done.body.get("next_due"), known.zone)
    built = (
        done.reference in (again.entry.body.get("based_on") or ()) or again.entry.body.get("focus") == done.reference
    )
    return built or (due is not None and due.low <= again.when.high)


def _hit(done: Entry, again: Planned, known: Known) -> Hit:
    name = words(done.body.get("instrument")) or "The assessment"
    by = author(known, done)
    return Hit(
        sides=(done, again.entry),
        says=(f"{name}, {done.body['date']}, {by}", again.says),
        detail=opening(f"{by} did {name} on {done.body['date']}, and it is to be done again: {again.says}."),
        proposal="Use the answers that are there, with their date and author, and ask only what has changed.",
    )


ROW = Row(
    id="c18-assessment",
    title="The same assessment twice",
    find=find,
    reads={
        "assessment": ("instrument", "questionnaire", "status", "date", "next_due"),
        "action": ("what", "code", "status", "who", "start", "due", "focus", "based_on"),
    },
    severity=Severity.WARN,
    source="Coordination design C18; NICE NG27 and NG86: information is shared so that nobody is assessed twice",
    owner="Care coordination lead",
    since=date(2026, 1, 1),
    wakes=wakes,
    given={
        "days": 28,
        "about": "a an the and of for with by do repeat complete carry out plan planned arrange book start new again"
        " assessment reassessment assess reassess index score scale tool",
    },
)
