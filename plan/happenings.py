"""What happens to a person when: visits of every week, reviews that fall due, and the day they are to go home.

Made for calendars, so the words say little: they stand on a locked telephone. What it is in full is said beside them,
for the person alone. Source of the shapes: RFC 5545 (iCalendar), 3.8.5.3 for what recurs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from plan.attention import title
from plan.carried import carried
from plan.dates import DATE_ONLY, date_range
from plan.discharge_facts import agency, agency_of, died, stays
from plan.known import Entry, Known

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days of a week, in the order of date.weekday."""
HOME_CARE, CARE, REVIEW, DISCHARGE = "Home care visit", "Care visit", "Care review due", "Planned discharge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing in a calendar. `key` is always the same for the same; `version` and `changed` are of its entry.

    `start`: a day, or a moment in the person's own time. `minutes`: how long, None where nobody says. `days`: it recurs
    every week on these, until `until`, a day that is included; None: until further notice.
    """

    key: str
    words: str
    details: str
    version: int
    changed: int
    start: date
    minutes: int | None = None
    days: tuple[str, ...] = ()
    until: date | None = None


def happenings(known: Known) -> list[Happening]:
    """Everything that a calendar shows; nothing for somebody who has died."""
    if died(known):
        return []
    shown = carried(known)
    return [*_visits(shown), *_reviews(shown), *_discharges(shown)]


def _visits(known: Known) -> Iterator[Happening]:
    for one in known.of("service"):
        if one.body.get("status") == "active":
            for number, visit in enumerate(_listed(one.body.get("visits"))):
                yield from _visit(known, one, number, visit)


def _visit(known: Known, service: Entry, number: int, visit: Mapping[str, Any]) -> Iterator[Happening]:
    period: Any = service.body.get("period") or {}
    days = tuple(visit.get("days") or DAYS)
    first = _day(known, period.get("start"), last=False) or _local(known, service.created).date()
    until = _day(known, period.get("end"), last=True)
    day = next(one for one in (first + timedelta(n) for n in range(7)) if DAYS[one.weekday()] in days)
    if until is not None and day > until:
        return
    by = agency_of(service.body.get("provider")) or service.agency
    yield Happening(
        key=f"{service.id} visit {number}",
        words=HOME_CARE if agency(known, by).kind == "care_provider" else CARE,
        details="\n".join(filter(None, (title(service), agency(known, by).name, str(visit.get("tasks", ""))))),
        version=service.version,
        changed=service.at,
        start=datetime.combine(day, time.fromisoformat(visit["start"]), known.zone),
        minutes=visit.get("minutes"),
        days=tuple(one for one in DAYS if one in days),
        until=until,
    )


def _reviews(known: Known) -> Iterator[Happening]:
    """The next review of each section: what its newest review says, and what the section itself says."""
    newest: dict[str, Entry] = {}
    for one in sorted(known.of("review"), key=lambda one: (one.at, one.id)):
        if one.body.get("next_review"):
            newest[one.section.value] = one
    yield from (_review(one, "next_review") for one in newest.values() if _whole(one.body.get("next_review")))
    yield from (_review(one, "review_date") for one in known.of("section") if _whole(one.body.get("review_date")))


def _review(entry: Entry, field: str) -> Happening:
    section = entry.section.value.replace("_", " ")
    return Happening(
        key=f"{entry.section.value} {field}",
        words=REVIEW,
        details=f"Review of the section {section}",
        version=entry.version,
        changed=entry.at,
        start=date.fromisoformat(str(entry.body[field])),
    )


def _discharges(known: Known) -> Iterator[Happening]:
    for one in stays(known):
        if one.asked and len(one.planned_text) >= DATE_ONLY and one.planned is not None:
            timed = len(one.planned_text) > DATE_ONLY
            yield Happening(
                key=f"{one.entry.id} discharge",
                words=DISCHARGE,
                details="\n".join(filter(None, (agency(known, one.hospital).name, one.ward))),
                version=one.entry.version,
                changed=one.entry.at,
                start=_local(known, one.planned) if timed else date.fromisoformat(one.planned_text),
            )


def _day(known: Known, text: object, *, last: bool) -> date | None:
    """The first or the last local day of a date as precise as it is known."""
    found = date_range(text) if isinstance(text, str) else None
    if found is None or not isinstance(text, str):
        return None
    if len(text) > DATE_ONLY:
        return _local(known, found[0]).date()
    # A date without a time is the same day everywhere.
    return date(1970, 1, 1) + timedelta(milliseconds=found[1] if last else found[0])


def _whole(text: object) -> bool:
    """Whether a date has its day: what is only a month stands nowhere in a calendar."""
    return isinstance(text, str) and len(text) == DATE_ONLY


def _local(known: Known, at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, known.zone)


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return value if isinstance(value, list) else []
