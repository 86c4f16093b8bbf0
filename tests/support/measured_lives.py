"""Each measure by walking through lives: see tests/support/measured.py."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.support.measured import END, D, Key, Life, minutes, ms, places, score, shares, waits

Result = Mapping[Key, tuple[Any, ...]]
ROLES = {"P": "clinician", "R": "clinician"}
MATERIAL = ("service", "equipment", "instruction", "medicine", "prescription")


def failed(lives: Sequence[Life], low: int, high: int) -> Result:
    counted: dict[Key, list[bool]] = defaultdict(list)
    for life in lives:
        for left in life.left():
            if low <= left["at"] < high:
                bad = [b["body"] for _, b in life.kind("failed_discharge") if b["body"]["stay"] == left["stay"]]
                week = any(left["at"] <= ms(body["at"]) <= left["at"] + 7 * D for body in bad)
                counted[left["left"][:7], life.estate, left["hospital"]].append(week)
    return shares(counted)


def ready(lives: Sequence[Life], low: int, high: int) -> Result:
    counted: dict[Key, list[bool]] = defaultdict(list)
    for life in lives:
        for left in life.left():
            if low <= left["at"] < high:
                counted[life.estate, left["hospital"]].append(left["state"] == "ready")
    return shares(counted)


def told(lives: Sequence[Life], low: int, high: int) -> Result:
    counted: dict[Key, list[bool]] = defaultdict(list)
    for life in lives:
        for left in life.left():
            if low <= left["at"] < high:
                said = [life.at(id_, left["at"] - D) for id_, _ in life.kind("readiness")]
                true = [
                    (one["body"]["item"], one["body"]["answered"]["role"])
                    for one in said
                    if one and one["body"]["stay"] == left["stay"] and one["body"]["status"] == "confirmed"
                ]
                knows = any(i in ("person.agrees", "person.carer") and r in ("person", "carer") for i, r in true)
                contact = any(item == "hospital.coordinator" for item, _ in true)
                counted[life.estate, left["hospital"]].append(knows and contact)
    return shares(counted)


def home(lives: Sequence[Life], low: int, high: int, now: int) -> Result:
    counted: dict[Key, list[int]] = defaultdict(list)
    for life in lives:
        stays = [one["body"] for _, one in life.kind("stay") if one["body"]["status"] not in ("cancelled", "planned")]
        spans = [(ms(one["admitted"]), ms(one["discharged"]) if "discharged" in one else now) for one in stays]
        for left in life.left():
            end = left["at"] + 90 * D
            if low <= end < high:
                counted[life.estate, left["hospital"]].append(90 * D - minutes(spans, left["at"], end))
    return {k: (len(v), places(Decimal(sum(v)) / D / len(v), 1)) for k, v in counted.items()}


def attained(lives: Sequence[Life], low: int, high: int) -> Result:
    counted: dict[Key, list[Decimal]] = defaultdict(list)
    who: dict[Key, list[bool]] = defaultdict(list)
    for life in lives:
        goals = []
        for _, line in life.kind("goal"):
            body = line["body"]
            if "score" in body and "importance" in body and low <= line["at"] < high:
                goals.append((body["importance"], body["score"]))
                who[life.estate,].append(body["scored_by"]["reference"].startswith("Patient/"))
        if goals:
            counted[life.estate,].append(score(goals))
    tenth = Decimal("0.1")
    return {
        k: (len(v), str((sum(v, Decimal(0)) / len(v)).quantize(tenth, ROUND_HALF_UP)), len(who[k]), sum(who[k]))
        for k, v in counted.items()
    }


def clashing(lives: Sequence[Life], low: int, high: int) -> Result:
    counted: dict[Key, list[int]] = defaultdict(list)
    for life in lives:
        spans = [
            (start, end)
            for id_ in life.past
            for start, end, line in life.spans(id_)
            if line["kind"] == "finding"
            and line["body"]["status"] == "open"
            and line["body"]["severity"] in ("high", "critical")
        ]
        if long := minutes(spans, low, high):
            counted[life.estate,].append(long)
    return {k: (len(v), places(Decimal(sum(v)) / D, 1)) for k, v in counted.items()}


def signed(lives: Sequence[Life], low: int, high: int) -> Result:
    counted: dict[Key, list[tuple[int, int]]] = defaultdict(list)
    for life in lives:
        written = [line for lines in life.past.values() for line in lines if line["section"] == "social_care"]
        begun = [line["at"] for line in written if line["kind"] == "service"]
        ill = any(
            line["kind"] in ("medicine", "prescription", "stay") or line["body"].get("category") == "diagnosis"
            for line in life.now.values()
        )
        start = max(min(begun, default=END) + 7 * D, low)
        if not ill or start >= high:
            continue
        changed = sorted(line["at"] for line in written if line["kind"] in MATERIAL)
        signs = [w["at"] for w in written if w["kind"] == "review" and w["role"] == "clinician"]
        spans = [(at, next((c for c in changed if c > at), END)) for at in signs]
        counted[life.estate,].append((minutes(spans, start, high), high - start))
    return {k: (len(v), places(Decimal(sum(a for a, _ in v)) / sum(b for _, b in v), 4)) for k, v in counted.items()}


def acknowledged(lives: Sequence[Life], low: int, high: int) -> Result:
    asked: dict[Key, list[tuple[int, int, bool]]] = defaultdict(list)
    for life in lives:
        for body in _asks(life, low, high):
            to = body["to"]["reference"].split("/")[1]
            asked[body["urgency"], "", to].append(_waited(body, high))
    return waits(asked)


def between(lives: Sequence[Life], low: int, high: int) -> Result:
    asked: dict[Key, list[tuple[int, int, bool]]] = defaultdict(list)
    for life in lives:
        for body in _asks(life, low, high):
            pair = tuple(body[name]["reference"].split("/")[1] for name in ("asked_by", "to"))
            asked[pair].append(_waited(body, high))
        for id_, line in life.kind("readiness"):
            body, begun = line["body"], life.past[id_][0]["at"]
            if "due" not in body or not low <= begun < high:
                continue
            stay = life.now[body["stay"].split("/")[1]]["body"]["hospital"]["reference"].split("/")[1]
            kind, to = body["who"]["reference"].split("/")
            done = [one["at"] for one in life.past[id_] if one["body"]["status"] == "confirmed"]
            first = min(done, default=END)
            took = (min(first, high)) - begun
            if kind == "Organization" and to != stay:
                asked[stay, to].append((took, ms(body["due"]) - begun, first <= high))
    return waits(asked)


def _asks(life: Life, low: int, high: int) -> list[Any]:
    return [one["body"] for _, one in life.kind("ask") if low <= ms(one["body"]["started"]) < high]


def _waited(body: Mapping[str, Any], high: int) -> tuple[int, int, bool]:
    begun = ms(body["started"])
    taken = [ms(step["at"]) for step in body["steps"] if step["state"] in ("acknowledged", "acted", "closed")]
    first = min(taken, default=END)
    return (min(first, high)) - begun, ms(body["due"]) - begun, first <= high


ALL: Mapping[str, Callable[..., Result]] = {
    "failed_discharges": failed,
    "ready_at_departure": ready,
    "time_to_acknowledge": acknowledged,
    "medical_input": signed,
    "goal_attainment": attained,
    "contradiction_days": clashing,
    "told_once": told,
    "interfaces": between,
}


def computed(name: str, lives: Sequence[Life], low: int, high: int, now: int) -> Result:
    """One measure."""
    return home(lives, low, high, now) if name == "days_at_home" else ALL[name](lives, low, high)
