"""C12: an alarm that is off while the person is away, and on which the plan relies when they come home."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from plan.known import Entry, Known
from plan.rules.phrases import said as names
from plan.rules.phrases import words
from plan.rules.rule import Given, Hit, Row, Severity
from plan.rules.spans import Spell, ahead, period, said
from plan.rules.stays import home, homeward, leaving

ENDED = frozenset({"cancelled", "completed"})


def find(known: Known, given: Given) -> Iterator[Hit]:
    """Every alarm that is off in a stay and not on again by its end, unless the plan does without it."""
    for stay in homeward(known):
        for entry in known.of("housing"):
            alarm = entry.body.get("telecare") or {}
            if alarm and alarm.get("relied_on") is not False and _off(alarm, stay, known):
                yield _hit(entry, stay, _words(alarm))
        yield from _services(stay, known, given)


def wakes(known: Known, given: Given) -> Iterator[int]:
    """When an alarm is to be switched off or on."""
    for entry in known.of("housing"):
        alarm = entry.body.get("telecare") or {}
        moments = (said(alarm.get(name), known.zone) for name in ("switched_off", "switched_on"))
        yield from ahead(known, *(moment.low for moment in moments if moment))


def _off(alarm: Any, stay: Entry, known: Known) -> bool:
    off, on = (said(alarm.get(name), known.zone) for name in ("switched_off", "switched_on"))
    end = _end(stay, known)
    if off is None:
        return alarm.get("working") is False and not (on and on.low <= end.high and on.low > known.now)
    again = on is not None and on.low >= off.low and on.low <= end.high
    return off.low <= end.high and not again


def _end(stay: Entry, known: Known) -> Spell:
    """By when it must be on: the planned discharge; now, where none is planned."""
    return leaving(stay, known) or Spell(known.now, known.now)


def _services(stay: Entry, known: Known, given: Given) -> Iterator[Hit]:
    """Telecare that the plan holds as a service: paused, or ended while it stands in the plan of the home."""
    alarms = [entry for entry in known.of("service") if _telecare(entry, given)]
    if any(entry.body.get("status") == "active" for entry in alarms):
        return
    relied = [(entry.body.get("telecare") or {}).get("relied_on") for entry in known.of("housing")]
    for entry in alarms:
        status = entry.body.get("status", "")
        paused = status == "on_hold" and False not in relied
        if paused or (status in ENDED and True in relied and _ended_in(entry, stay, known)):
            yield _hit(entry, stay, f"{entry.body.get('service', 'Telecare')}: {status.replace('_', ' ')}")


def _telecare(entry: Entry, given: Given) -> bool:
    return any(
        names(text, given["telecare"]) for text in (entry.body.get("service", ""), words(entry.body.get("code")))
    )


def _ended_in(entry: Entry, stay: Entry, known: Known) -> bool:
    admitted = said(stay.body.get("admitted"), known.zone)
    return admitted is not None and admitted.low <= period(entry, known).high <= _end(stay, known).high


def _words(alarm: Any) -> str:
    off, on = alarm.get("switched_off"), alarm.get("switched_on")
    if off is None:
        return "telecare does not work"
    return f"telecare off from {off}" + (f", on again {on}" if on else "")


def _hit(entry: Entry, stay: Entry, what: str) -> Hit:
    return Hit(
        sides=(entry, stay),
        says=(what, home(stay)),
        detail=f"The plan relies on telecare; {what}, and the person comes home: {home(stay)}.",
        proposal="Switch the telecare on and make a test call before the person comes home.",
    )


ROW = Row(
    id="c12-telecare",
    title="Telecare off at the return",
    find=find,
    reads={
        "housing": ("telecare",),
        "service": ("service", "code", "status", "period"),
        "stay": ("status", "admitted", "planned_discharge", "discharged", "destination"),
    },
    severity=Severity.BLOCKING,
    source="Coordination design C12; words: TSA, what telecare is (alarm, pendant, pull cord, sensors)",
    owner="Housing lead",
    since=date(2026, 1, 1),
    wakes=wakes,
    given={
        "telecare": (
            "telecare",
            "pendant",
            "pendant alarm",
            "personal alarm",
            "community alarm",
            "lifeline",
            "lifeline alarm",
            "pull cord",
            "pull cords",
            "falls detector",
            "fall detector",
            "careline",
        )
    },
)
