"""What no contradiction rule can read: shown beside the findings, so that none found never reads as none there.

A rule reads structured fields. An instruction in words, a note, a document may hold what contradicts the rest of the
plan, and nobody has compared it. Source: docs/coordination.md, section 4.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from plan.contradictions import RULES, hits, is_whole
from plan.dates import DATE_ONLY
from plan.findings import key
from plan.known import Entry, Known
from plan.rules import fluids, levels
from plan.rules.spans import current

NOTED = ("instruction", "service", "equipment", "medicine", "prescription", "allergy", "need", "goal", "risk")
GIVES = frozenset({"give", "do", "encourage"})
STAYS = frozenset({"planned", "arrived", "in_hospital", "on_leave"})
DOCUMENTS: Mapping[str, str] = {
    "DocumentReference": "A document is not read by any rule.",
    "NutritionOrder": "A diet in this form is not read by any rule.",
    "CarePlan": "A care plan of its author's own is not read by any rule.",
}
"""By type: what is kept as it came."""
PARTIAL = "It lacks what its kind must say, so no rule was shown it."
TOGETHER = (
    "Whether these fit each other is not shown as a finding, because not all who would see it may see each of them."
)


@dataclass(frozen=True, slots=True)
class Unchecked:
    """One entry, or several together, that nobody has compared, and why."""

    entries: tuple[Entry, ...]
    why: str


def not_checked(known: Known) -> Iterator[Unchecked]:
    """What is current and could contradict something without any rule seeing it, the oldest first."""
    for entry in known.of(*{kind for row in RULES for kind in row.reads}):
        if not is_whole(entry) and _holds(entry):
            yield Unchecked((entry,), PARTIAL)
    for entry in filter(is_whole, known.of(*_WHY)):
        yield from (Unchecked((entry,), why) for why in _WHY[entry.kind](entry, known))
    for entry in known.of(*NOTED):
        if entry.body.get("note") and _holds(entry):
            yield Unchecked((entry,), "It has a note in words, which may hold an instruction.")
    for entry in known.of("document", "record"):
        if entry.type in DOCUMENTS:
            yield Unchecked((entry,), DOCUMENTS[entry.type])
    for row, hit in hits(known):
        if known.made(key(row, hit)) is None:
            yield Unchecked(tuple(hit.sides), TOGETHER)


def _holds(entry: Entry) -> bool:
    """Whether an entry is one that anybody still goes by."""
    over = ("completed", "cancelled", "entered_in_error", "stopped", "resolved", "inactive", "returned")
    return entry.body.get("status") not in over and entry.body.get("certainty") != "entered_in_error"


def _instruction(entry: Entry, known: Known) -> Iterator[str]:
    body = entry.body
    if not current(entry, known):
        return
    topic = body["topic"]
    if topic not in _TOPICS:
        yield f"No rule compares instructions about {topic}: what it says stands in words."
    elif not _TOPICS[topic](entry):
        yield "Its amount, level, code or times are missing, or in words that no rule knows."


def _fluids(entry: Entry) -> bool:
    action = entry.body["action"]
    if "level" in entry.body:
        return levels.level_of(entry) is not None
    if action in fluids.WANTS:
        return fluids.wanted(entry) is not None
    return action not in fluids.LIMITS or fluids.allowed(entry) is not None


def _texture(entry: Entry) -> bool:
    return entry.body["action"] == "avoid" or levels.level_of(entry) is not None or "code" in entry.body


def _mobility(entry: Entry) -> bool:
    return levels.help_of(entry) is not None or (entry.body["action"] == "avoid" and "code" in entry.body)


def _medicines(entry: Entry) -> bool:
    body = entry.body
    return body["action"] not in GIVES or ("code" in body and ("times" in body or "window" in body))


_TOPICS: Mapping[str, Callable[[Entry], bool]] = {
    "fluids": _fluids,
    "diet": _texture,
    "texture": _texture,
    "mobility": _mobility,
    "medicines": _medicines,
}
"""By topic: whether an instruction says what it says in a form that a rule compares."""


def _service(entry: Entry, known: Known) -> Iterator[str]:
    if not current(entry, known):
        return
    visits = entry.body.get("visits") or []
    if not visits:
        yield "When it comes is not said as visits."
    elif any("tasks" in visit for visit in visits):
        yield "What is done at the visits is said in words."
    if "gives_medicines" not in entry.body and any(known.of("medicine", "prescription")):
        yield "It does not say whether its staff give the medicines."


def _medicine(entry: Entry, known: Known) -> Iterator[str]:
    body = entry.body
    if not current(entry, known) or body.get("as_needed"):
        return
    if "times" not in body:
        yield "When it is due is not said as times of the day."


def _stay(entry: Entry, known: Known) -> Iterator[str]:
    planned = entry.body.get("planned_discharge")
    if entry.body.get("status") in STAYS and planned is not None and len(planned) <= DATE_ONLY:
        yield "The hour of the discharge is not known: what depends on it was not compared."


_WHY: Mapping[str, Callable[[Entry, Known], Iterator[str]]] = {
    "instruction": _instruction,
    "service": _service,
    "medicine": _medicine,
    "prescription": _medicine,
    "stay": _stay,
}
"""By kind: what of an entry no rule can read."""


def listed(unchecked: Sequence[Unchecked]) -> list[dict[str, object]]:
    """As the doors show them."""
    return [
        {"entries": [entry.reference for entry in one.entries], "kind": one.entries[0].kind, "why": one.why}
        for one in unchecked
    ]
