"""Recurring visits and times of the day <-> FHIR R4 Timing, and the period in which they hold.

Source: https://hl7.org/fhir/R4/datatypes.html#Timing. `occurrenceTiming` holds one pattern only, so the first visit
stands there, where every EHR looks, and each further one in an extension that holds a Timing of its own. A Timing is
read as visits only when that says all of it: "every second week" shown as "every week" would send people to a door.
"""

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fhir_facade import systems
from fhir_facade.common import own, span
from fhir_facade.lens import At, Body, Lens, Many, Only, Resource, Through, Via, dig, plant, put, same, view

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FURTHER_VISIT = systems.own_extension("further-visit")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:00")
_BOUNDS = ("repeat", "boundsPeriod")
_KNOWN = {"dayOfWeek", "timeOfDay", "duration", "durationUnit", "boundsPeriod", "frequency", "period", "periodUnit"}
_DAY = 1440
_MINUTES = {"min": 1, "h": 60}
_DETAILS = (
    ("carers", own("visit-carers", "valueInteger")),
    ("joint", own("visit-joint", "valueBoolean")),
    ("tasks", own("visit-tasks", "valueString")),
)


def clock(*path: str) -> Lens:
    """A native hh:mm in the FHIR `time` at `path`, which always has seconds; other seconds than 00 stay unseen."""
    return Via(At(*path), _minute, lambda value: f"{value}:00")


def visits_of(timing: Any) -> list[Body] | None:
    """What a Timing says, one visit for each time of the day; None when a visit cannot say all of it."""
    repeat = dig(timing, ("repeat",))
    if (
        not isinstance(repeat, dict)
        or not timing.keys() <= {"repeat", "extension", "id"}
        or not repeat.keys() <= _KNOWN
    ):
        return None
    times, days, minutes = _times(repeat), _days(repeat), _minutes(repeat)
    if not times or days is None or minutes is None or not _every_week(repeat, len(times), len(days)):
        return None
    head: Body = {"days": days} if days else {}
    tail = ({"minutes": minutes} if minutes else {}) | view(_DETAILS, timing)
    return [head | {"start": time} | tail for time in times]


def timing_of(times: Sequence[str], visit: Body) -> Resource:
    """The Timing of one visit at each of `times`."""
    days, minutes = visit.get("days") or [], visit.get("minutes")
    repeat: Resource = {"duration": minutes, "durationUnit": "min"} if minutes else {}
    repeat |= {"frequency": len(times) * (len(days) or 1), "period": 1, "periodUnit": "wk" if days else "d"}
    repeat |= {"dayOfWeek": list(days)} if days else {}
    return put(_DETAILS, visit, {"repeat": repeat | {"timeOfDay": [f"{time}:00" for time in times]}})


def _minute(value: Any) -> str | None:
    return value[:5] if isinstance(value, str) and _TIME.fullmatch(value) else None


def _times(repeat: Resource) -> list[str] | None:
    listed = repeat.get("timeOfDay")
    times = [_minute(time) for time in listed] if isinstance(listed, list) else []
    known = [time for time in times if time is not None]
    return known if len(known) == len(times) else None


def _days(repeat: Resource) -> list[str] | None:
    """The days; [] for none said; None for what is no list of days."""
    days = repeat.get("dayOfWeek", [])
    return days if isinstance(days, list) and all(day in DAYS for day in days) else None


def _minutes(repeat: Resource) -> int | None:
    """Whole minutes; 0 for none said; None for what is no whole number of minutes."""
    if "duration" not in repeat and "durationUnit" not in repeat:
        return 0
    length, unit = repeat.get("duration"), repeat.get("durationUnit")
    if isinstance(length, bool) or not isinstance(length, int | Decimal) or not isinstance(unit, str):
        return None
    minutes = length * _MINUTES.get(unit, 0)
    return int(minutes) if 1 <= minutes <= _DAY and minutes == int(minutes) else None


def _every_week(repeat: Resource, times: int, days: int) -> bool:
    """Whether the rhythm is no more than the days and times say themselves."""
    rhythm = [repeat.get(name) for name in ("frequency", "period", "periodUnit")]
    return rhythm in ([None, None, None], [times * days, 1, "wk"] if days else [times, 1, "d"])


@dataclass(frozen=True, slots=True)
class Visits:
    """A list of visits in `occurrenceTiming` and the further-visit extensions of the resource."""

    def view(self, resource: Resource) -> Any:
        return [*(visits_of(resource.get("occurrenceTiming")) or []), *(_FURTHER.view(resource) or [])] or None

    def put(self, resource: Resource, value: Any) -> None:
        wanted: list[Body] = value or []
        held = visits_of(resource.get("occurrenceTiming"))
        if held and same(wanted[: len(held)], held):
            wanted = wanted[len(held) :]
        elif held or not _says_more(resource.get("occurrenceTiming")):
            _put_timing(resource, timing_of([wanted[0]["start"]], wanted[0]) if wanted else None)
            wanted = wanted[1:]
        _FURTHER.put(resource, wanted or None)


@dataclass(frozen=True, slots=True)
class Times:
    """A list of hh:mm at which something is due each day, in `occurrenceTiming`."""

    def view(self, resource: Resource) -> Any:
        found = visits_of(resource.get("occurrenceTiming")) or []
        return [visit["start"] for visit in found if visit.keys() == {"start"}] or None

    def put(self, resource: Resource, value: Any) -> None:
        _put_timing(resource, timing_of(value, {}) if value else None)


@dataclass(frozen=True, slots=True)
class Period:
    """The Span in which it holds: `occurrencePeriod`, or the bounds of the Timing when there is one."""

    def view(self, resource: Resource) -> Any:
        return span("occurrencePeriod").view(resource) or span("occurrenceTiming", *_BOUNDS).view(resource)

    def put(self, resource: Resource, value: Any) -> None:
        if isinstance(resource.get("occurrenceTiming"), dict):
            bounds = Only(span("boundsPeriod"), ("boundsDuration", "boundsRange"))
            Through(("occurrenceTiming", "repeat"), bounds).put(resource, value)
        else:
            Only(span("occurrencePeriod"), ("occurrenceDateTime",)).put(resource, value)


@dataclass(frozen=True, slots=True)
class _Visit:
    """One visit in a Timing that holds exactly one."""

    def view(self, resource: Resource) -> Any:
        found = visits_of(resource.get("valueTiming")) or []
        return found[0] if len(found) == 1 else None

    def put(self, resource: Resource, value: Any) -> None:
        resource["valueTiming"] = timing_of([value["start"]], value)


_FURTHER = Many("extension", _Visit(), {"url": FURTHER_VISIT})


def _says_more(timing: Any) -> bool:
    """Whether a Timing that is not read as visits says anything but its bounds."""
    repeat = dig(timing, ("repeat",))
    held = repeat.keys() if isinstance(repeat, dict) else ()
    return isinstance(timing, dict) and bool(timing.keys() - {"repeat"} or set(held) - {"boundsPeriod"})


def _put_timing(resource: Resource, timing: Resource | None) -> None:
    """Write the pattern and keep the period, wherever it stood."""
    bounds = dig(resource, ("occurrenceTiming", *_BOUNDS)) or resource.get("occurrencePeriod")
    for name in ("occurrenceTiming", "occurrencePeriod", "occurrenceDateTime", "_occurrenceDateTime"):
        resource.pop(name, None)
    if timing is None:
        resource.update({"occurrencePeriod": bounds} if bounds else {})
        return
    if bounds:
        plant(timing, _BOUNDS, deepcopy(bounds))
    resource["occurrenceTiming"] = timing
