"""How a field is written in the tables of contradictions, and what an entry says when its line does not."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from plan.known import LONDON

DEFAULTS: Mapping[str, dict[str, Any]] = {
    "instruction": {"text": "An instruction", "status": "active"},
    "service": {"service": "Home care", "status": "active"},
    "equipment": {"item": "An item", "status": "requested"},
    "stay": {"status": "in_hospital"},
    "action": {"what": "Something to do", "status": "planned"},
    "need": {"need": "A need", "status": "active"},
    "allergy": {"substance": "A substance", "status": "active"},
    "medicine": {"medicine": "A medicine", "status": "active"},
    "prescription": {"medicine": "A medicine", "status": "active"},
    "goal": {"goal": "A goal", "status": "active"},
    "risk": {"risk": "A risk", "status": "final"},
}
"""What a reader of the table may take for granted: what is current, unless the line says otherwise."""
TYPES: Mapping[str, str] = {
    "instruction": "ServiceRequest",
    "service": "ServiceRequest",
    "equipment": "DeviceRequest",
    "stay": "Encounter",
    "action": "Task",
    "need": "Condition",
    "goal": "Goal",
    "risk": "RiskAssessment",
    "allergy": "AllergyIntolerance",
    "medicine": "MedicationStatement",
    "prescription": "MedicationRequest",
}
SYSTEMS: Mapping[str, str] = {
    "iddsi": "https://iddsi.org/framework",
    "sct": "http://snomed.info/sct",
    "dmd": "https://dmd.nhs.uk",
    "ours": "urn:x-ours",
}
_SPAN = re.compile(r"(?P<low>\S*)\s*\.\.\s*(?P<high>\S*)(?: (?P<unit>.+))?")
_WHEN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d( \+1)?")
_DAYS = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})


def when(text: str) -> str:
    """A day as it is; a local time, `2026-03-06 14:00`, as a moment with London's zone on that day."""
    if not _WHEN.fullmatch(text):
        return text
    plain, _, fold = text.partition(" +")
    found = datetime.strptime(plain, "%Y-%m-%d %H:%M").replace(tzinfo=LONDON, fold=int(fold or 0))
    return found.isoformat()


def amount(text: str) -> dict[str, Any]:
    """`1.5 L/d`."""
    value, _, unit = text.partition(" ")
    return {"value": Decimal(value) if "." in value else int(value)} | ({"unit": unit} if unit else {})


def range_(text: str) -> dict[str, Any]:
    """`1.2 .. 1.5 L/d`; either end may be left out."""
    found = _SPAN.fullmatch(text)
    assert found, "a range is `low .. high unit`"
    return {end: amount(f"{found[end]} {found['unit'] or ''}".strip()) for end in ("low", "high") if found[end]}


def span(text: str) -> dict[str, Any]:
    """`2026-03-01 .. 2026-03-31`, `2026-03-01 09:00 .. 2026-03-02 10:00`; either end may be left out."""
    low, _, high = text.partition("..")
    return {name: when(end.strip()) for name, end in (("start", low), ("end", high)) if end.strip()}


def window(text: str) -> dict[str, str]:
    """`20:00-06:00`."""
    start, _, end = text.partition("-")
    return {"start": start, "end": end}


def coding(text: str) -> dict[str, str]:
    """Words alone, or `sct#123 words`."""
    head, _, rest = text.partition(" ")
    system, mark, code = head.partition("#")
    if not mark:
        return {"text": text}
    return {"system": SYSTEMS[system], "code": code} | ({"text": rest} if rest else {})


def visits(text: str) -> list[dict[str, Any]]:
    """`mon tue 09:00 30min x2 joint, 18:00 45min [tasks]`; no day: every day."""
    return [_visit(part.strip()) for part in text.split(",")]


def _visit(text: str) -> dict[str, Any]:
    plain, _, tasks = text.partition("[")
    made: dict[str, Any] = {"tasks": tasks.rstrip("]")} if tasks else {}
    for word in plain.split():
        if word in _DAYS:
            made.setdefault("days", []).append(word)
        elif word.endswith("min"):
            made["minutes"] = int(word.removesuffix("min"))
        elif re.fullmatch(r"x\d", word):
            made["carers"] = int(word[1:])
        elif word in ("joint", "alone"):
            made["joint"] = word == "joint"
        else:
            made["start"] = word
    return made


def yes(text: str) -> bool:
    """`yes` or `no`."""
    return {"yes": True, "no": False}[text]


def party(text: str) -> dict[str, str]:
    """`Organization/HC1 Larch Home Care`, or a name alone."""
    reference, _, name = text.partition(" ")
    if "/" not in reference:
        return {"name": text}
    return {"reference": reference} | ({"name": name} if name else {})


FIELDS: Mapping[str, Callable[[str], Any]] = {
    "value": amount,
    "range": range_,
    "times": str.split,
    "window": window,
    "period": span,
    "code": coding,
    "level": coding,
    "visits": visits,
    "carers": int,
    "gives_medicines": yes,
    "provider": party,
    "source": party,
    "hospital": party,
    "lives_alone": yes,
    "time_critical": yes,
    "as_needed": yes,
    "self_given": yes,
    "tolerance_minutes": int,
    "given_by": party,
    **dict.fromkeys(
        (
            "admitted",
            "planned_discharge",
            "discharge_ready",
            "discharged",
            "needed_by",
            "delivered",
            "installed",
            "tested",
            "due",
            "start",
            "end",
        ),
        when,
    ),
}
"""How the value of a field is read; a field that is not here is text."""
