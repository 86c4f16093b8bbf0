"""C5: how much the person should drink, and how much they may."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import combinations

from plan.known import Entry, Known
from plan.rules.amounts import litres, words
from plan.rules.rule import Given, Hit, Row, Severity
from plan.rules.said import about, changes, clock, each_says, minutes
from plan.rules.spans import current, together

WANTS = frozenset({"do", "encourage", "give"})
LIMITS = frozenset({"restrict", "avoid"})
WHOLE = frozenset({"", "fluid", "fluids", "fluid intake", "oral fluids", "all fluids", "drinks", "oral fluid intake"})
"""What stands for all that is drunk, as opposed to one drink or one thickness."""


def find(known: Known, given: Given) -> Iterator[Hit]:
    """Who encourages more than somebody else allows, at a time when both hold."""
    drinks = [entry for entry in known.of("instruction") if about(entry, "fluids") and current(entry, known)]
    for one, other in combinations(drinks, 2):
        for more, less in ((one, other), (other, one)):
            if more.body["action"] in WANTS and less.body["action"] in LIMITS and _clash(more, less, known, given):
                yield _hit(more, less, known)


def _clash(more: Entry, less: Entry, known: Known, given: Given) -> bool:
    if not together(more, less, known) or changes(more, less) or _what(more) != _what(less):
        return False
    if not _inside(more, less):
        return False
    least, most = wanted(more), allowed(less)
    if most is not None and not most:
        return True
    if least is None or most is None:
        return not (_amount(more) and _amount(less)) and more.body["action"] == "encourage"
    return least > most + Decimal(given["litres_a_day"])


def _what(entry: Entry) -> str:
    code = entry.body.get("code") or {}
    said = str(code.get("text") or code.get("display") or code.get("code") or "").strip().lower()
    return "" if said in WHOLE else said


def _inside(more: Entry, less: Entry) -> bool:
    """Whether all that is encouraged falls under the limit: a limit for the night says nothing of the day."""
    limit = less.body.get("window")
    if limit is None:
        return True
    hours = minutes(limit)
    wanted_in = more.body.get("window")
    if wanted_in is not None:
        return minutes(wanted_in) <= hours
    times = more.body.get("times") or []
    return bool(times) and all(clock(time) in hours for time in times)


def _amount(entry: Entry) -> bool:
    return "value" in entry.body or "range" in entry.body


def wanted(entry: Entry) -> Decimal | None:
    """The least that is to be drunk, litres a day."""
    end = entry.body.get("value") or (entry.body.get("range") or {}).get("low")
    return litres(end, len(entry.body.get("times") or ())) if end else None


def allowed(entry: Entry) -> Decimal | None:
    """The most that may be drunk, litres a day."""
    end = entry.body.get("value") or (entry.body.get("range") or {}).get("high")
    if end is None:
        return Decimal(0) if entry.body["action"] == "avoid" else None
    return litres(end, len(entry.body.get("times") or ()))


def _hit(more: Entry, less: Entry, known: Known) -> Hit:
    return Hit(
        sides=(more, less),
        says=(_says(more), _says(less)),
        detail=each_says(more, _says(more), less, _says(less), known),
        proposal="A clinician says how much the person should drink, and one of the two is changed.",
    )


def _says(entry: Entry) -> str:
    body = entry.body
    span = body.get("range") or {}
    ends = [words(end) for end in (body.get("value"), span.get("low"), span.get("high")) if end]
    times = f" at {', '.join(body['times'])}" if "times" in body else ""
    window = body.get("window")
    hours = f" between {window['start']} and {window['end']}" if window else ""
    return f"{body['action']} fluids {' to '.join(ends)}".rstrip() + times + hours


ROW = Row(
    id="c05-fluids",
    title="How much to drink",
    find=find,
    reads={
        "instruction": ("topic", "action", "status", "code", "value", "range", "times", "window", "period", "changes")
    },
    severity=Severity.HIGH,
    source="docs/coordination.md section 4, C5",
    owner="Clinical safety lead",
    since=date(2026, 1, 1),
    given={"litres_a_day": "0"},
)
