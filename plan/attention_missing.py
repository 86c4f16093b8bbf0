"""Missing input: whom a part of the plan waits to hear from, as flags that everybody sees and tasks for one agency.

Design: coordination M1 to M4; the rules are rows of plan/attention_rules.py. Being heard is an entry in the section,
or a review of it; opening a page is neither. A review says what exactly was signed (`fingerprint`), so that a later
word beside it is no material change, and a later package is.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count

from plan.attention_rules import DAY, MATERIAL, MEDICINES, RULES, Missing, is_alive, live, open_to_all, stamp
from plan.charter import ROWS
from plan.kinds.flag import CODES, SYSTEM
from plan.known import Agency, Body, Entry, Known, Wake, Want, derived, moment
from plan.model import Json, Role, Section

WHERE = Section.TRANSITIONS
"""Where flags stand: in the section that every role reads and the coordinator manages; they hold nothing of others."""
HEARD = frozenset(
    {
        "need",
        "goal",
        "action",
        "service",
        "instruction",
        "equipment",
        "risk",
        "assessment",
        "observation",
        "document",
        "record",
        "about_me",
        "housing",
        "benefits",
        "contingency",
        "legal",
    }
)
"""What counts as having been heard, when it is written in the section. Messages, flags and answers to us do not."""
FALLS = frozenset(("1912002", "217082002", "fall", "falls", "fell"))
"""SNOMED CT 1912002 (fall), 217082002 (accidental fall), and how people write it."""
WEIGHTS = frozenset(("29463-7", "27113001", "363808001", "weight", "body weight"))
"""LOINC 29463-7, SNOMED CT 27113001 and 363808001 (body weight), and how people write it."""
LOSS, LOSS_DAYS = 5, 180
"""Per cent that are lost, within so many days (NICE CG32, BAPEN MUST: 5 to 10 % in three to six months scores 1)."""
OPEN = frozenset(("planned", "accepted", "doing", "paused"))
_TITLES = {row.section: row.title for row in ROWS}


@dataclass(frozen=True, slots=True)
class Heard:
    """When somebody who must speak last did; `content` is what a review signed, empty for an entry."""

    at: int
    content: str = ""


def missing(known: Known) -> Iterator[Want | Wake]:
    """The flags and tasks of every rule that holds."""
    for rule in RULES:
        if rule.holds(known.now):
            yield from _one(rule, known)


def _one(rule: Missing, known: Known) -> Iterator[Want | Wake]:
    due = due_at(rule, known)
    if due is not None and due > known.now:
        yield Wake(due)
    raised = due is not None and due <= known.now
    flag = known.made(_flag_key(rule))
    is_up = flag is not None and flag.body.get("status") == "active"
    if raised and not is_up:
        yield _flag(rule, {"start": stamp(known.now)}, "active")
        if not _open_task(rule, known):
            yield _task(rule, known)
    elif flag is not None and is_up and not raised:
        yield _flag(rule, {**_period(flag), "end": stamp(known.now)}, "inactive")
        yield from _closed(rule, known)


def due_at(rule: Missing, known: Known) -> int | None:
    """From when a section waits for somebody to be heard, milliseconds; None where it does not."""
    own = [entry for entry in _within(rule, known) if entry.kind in MATERIAL and live(entry)]
    if not own or not is_alive(known) or not rule.applies(known):
        return None
    active = min(_begun(entry) for entry in own) + rule.days * DAY
    last = heard(rule, known)
    if last is None:
        return active
    changed = changed_at(rule, known, last)
    return None if changed is None else max(active, changed)


def heard(rule: Missing, known: Known) -> Heard | None:
    """When one of those who must speak last did."""
    return max(_heard(rule, known), key=lambda one: one.at, default=None)


def _heard(rule: Missing, known: Known) -> Iterator[Heard]:
    roles = {role.value for role in rule.roles}
    for entry in _within(rule, known):
        if entry.by_role not in roles:
            continue
        if entry.kind == "review":
            if not rule.agreement or entry.body.get("outcome") == "agreed":
                yield Heard(entry.at, str(entry.body.get("content", "")))
        elif entry.kind in HEARD and not _moved_on(entry) and not rule.agreement:
            yield Heard(entry.at)


def _moved_on(entry: Entry) -> bool:
    """Whether it is another's task, which somebody only moved on: that says nothing of the section."""
    return entry.kind == "action" and entry.agency != entry.by_agency


def changed_at(rule: Missing, known: Known, last: Heard) -> int | None:
    """When the first material change after a word of theirs was, as far as is known; None when there was none."""
    own = [entry for entry in _within(rule, known) if entry.kind in MATERIAL]
    found = [entry.at for entry in own if entry.at > last.at]
    if last.content:
        found = found or [last.at] if fingerprint(own) != last.content else []
    return min((*found, *(at for name in rule.events for at in EVENTS[name](known, last.at))), default=None)


def fingerprint(entries: Iterable[Entry]) -> str:
    """What is material of a section, as a digest that changes with it: entries are those that all its readers see."""
    said = sorted(
        (entry.id, {name: entry.body[name] for name in MATERIAL[entry.kind].fields if name in entry.body})
        for entry in entries
        if entry.kind in MATERIAL and entry.restriction is None
    )
    text = json.dumps(said, sort_keys=True, default=str, ensure_ascii=False)
    return blake2b(text.encode(), digest_size=16).hexdigest()


# What is material wherever it is recorded


def _medicines(known: Known, after: int) -> Iterator[int]:
    return (entry.at for entry in open_to_all(known) if entry.type in MEDICINES and entry.at > after)


def _equipment(known: Known, after: int) -> Iterator[int]:
    return (entry.created for entry in open_to_all(known) if entry.kind == "equipment" and entry.created > after)


def _falls(known: Known, after: int) -> Iterator[int]:
    return (entry.created for entry in _observed(known, FALLS) if entry.created > after)


def _weight_loss(known: Known, after: int) -> Iterator[int]:
    """The newest weight, when it is recorded after a moment and lies 5 % under what was known then."""
    weights = sorted((_when(entry), entry.created, *_kilograms(entry)) for entry in _observed(known, WEIGHTS))
    weights = [one for one in weights if len(one) == len(("when", "created", "amount", "unit"))]
    if not weights:
        return
    when, created, amount, unit = weights[-1]
    like = [one for one in weights[:-1] if one[3] == unit and one[0] >= when - LOSS_DAYS * DAY]
    before = [one for one in like if one[1] <= after] or like[:1]
    if before and created > after and amount * 100 < before[-1][2] * (100 - LOSS):
        yield created


EVENTS: Mapping[str, Callable[[Known, int], Iterator[int]]] = {
    "medicine": _medicines,
    "equipment": _equipment,
    "fall": _falls,
    "weight_loss": _weight_loss,
}
"""By name: when it was recorded, of what was recorded after a moment (milliseconds)."""


def _observed(known: Known, codes: frozenset[str]) -> Iterator[Entry]:
    for entry in open_to_all(known):
        said = entry.body.get("code") if entry.kind == "observation" else None
        if isinstance(said, dict) and {said.get("code"), str(said.get("text", "")).casefold()} & codes:
            yield entry


def _kilograms(entry: Entry) -> tuple[Json, ...]:
    value = entry.body.get("value")
    return (value["value"], value.get("unit", "")) if isinstance(value, dict) and "value" in value else ()


def _when(entry: Entry) -> int:
    said = moment(entry.body.get("date"))
    return entry.created if said is None else said


# What is wanted


def _within(rule: Missing, known: Known) -> Iterator[Entry]:
    return (entry for entry in open_to_all(known) if entry.section is rule.section)


def _begun(entry: Entry) -> int:
    period = entry.body.get("period")
    said = moment(period.get("start")) if isinstance(period, dict) else None
    return entry.created if said is None else said


def _flag_key(rule: Missing) -> str:
    return f"missing:{rule.code}:{rule.section.value}"


def _flag(rule: Missing, period: Body, status: str) -> Want:
    code = {"system": SYSTEM, "code": rule.code}
    body = {
        "flag": f"{_TITLES[rule.section]}: {CODES[rule.code][0].lower()}{CODES[rule.code][1:]}",
        "code": code,
        "status": status,
        "sections": [rule.section.value],
        "period": dict(period),
    }
    return Want(key=_flag_key(rule), kind="flag", section=WHERE, body=body)


def _period(flag: Entry) -> Body:
    found = flag.body.get("period")
    return {"start": found["start"]} if isinstance(found, dict) and "start" in found else {}


def _task_key(rule: Missing, number: int) -> str:
    return f"{_flag_key(rule)}:task:{number}"


def _number(rule: Missing, known: Known) -> int:
    """How many tasks there were."""
    return next(number for number in count() if known.made(_task_key(rule, number + 1)) is None)


def _open_task(rule: Missing, known: Known) -> Entry | None:
    task = known.made(_task_key(rule, _number(rule, known)))
    return task if task and task.body.get("status") in OPEN else None


def _task(rule: Missing, known: Known) -> Want:
    agency = _asked(rule, known)
    who = {"who": {"reference": agency.reference, "name": agency.name or agency.id}} if agency else {}
    body = {
        "what": rule.words,
        "code": {"system": SYSTEM, "code": rule.code},
        **who,
        "due": stamp(known.now + rule.task_days * DAY),
        "status": "planned",
        "focus": f"Flag/{derived(known.person, _flag_key(rule))}",
    }
    return Want(key=_task_key(rule, _number(rule, known) + 1), kind="action", section=rule.section, body=body)


def _asked(rule: Missing, known: Known) -> Agency | None:
    """The agency that is asked; none where nobody of the kind is on the team: the coordinator finds one."""
    return min(known.kinds(rule.tasks), key=lambda agency: agency.id, default=None)


def _closed(rule: Missing, known: Known) -> Iterator[Want]:
    task = _open_task(rule, known)
    if task:
        spoken = heard(rule, known) is not None
        said = {"status": "done", "outcome": "They have been heard"} if spoken else {"status": "cancelled"}
        body = {**task.body, **said}
        yield Want(key=_task_key(rule, _number(rule, known)), kind="action", section=rule.section, body=body)


def may_speak(role: Role, section: Section) -> bool:
    """Whether a rule waits for this role in this section: its word is then asked for, whatever its letter there."""
    return any(role in rule.roles and rule.section is section for rule in RULES)
