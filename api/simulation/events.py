"""What happens in the simulation, one JSON line each: when, to whom, by whose hand, and what.

`truth` is no deed: it says what is so (a contradiction from here on, a discharge that failed and why), so that what
the service finds can be held against it. Whoever plays the events must not look at it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from fhir_facade import exact
from plan.problem import Problem

DEEDS: Final[Mapping[str, str]] = {
    "begin": "A plan is begun, with the team that works on it",
    "write": "An entry is written: kind, name, section, body",
    "admit": "Somebody is admitted: stay, hospital",
    "notice": "A discharge is planned: stay, planned",
    "move": "The planned discharge moves: stay, planned",
    "cancel": "The stay or its discharge is cancelled: stay",
    "die": "Somebody dies in hospital: stay",
    "confirm": "An item of readiness is true: stay, item",
    "block": "An item of readiness is not, and why: stay, item, text",
    "depart": "Somebody leaves for home: stay; override when the ward sends them unready: reason, text, receiver,"
    " mitigation",
    "fail": "A discharge failed: stay, type, reasons",
    "told": "What the person says themselves: stay, contact, in_time",
    "concern": "Somebody who visits tells who decides: message, concern, urgency, text",
    "see": "It is opened: message",
    "acknowledge": "It is taken on: message",
    "answer": "It is answered: message, outcome, text",
    "understood": "The sender has understood the answer: message",
    "sign": "A clinician signs sections off: sections",
    "score": "A goal is scored: goal, score",
    "resolve": "A contradiction is resolved: entries, text",
    "refer": "An agency is asked to take something on: referral, to, text",
    "accept": "It does: referral",
    "refuse": "It does not: referral, text",
    "truth": "No deed: what is so",
}
"""Every word for what happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happens. `at`: milliseconds since 1970 UTC; `by`: the worker's id, or the person's own."""

    at: int
    person: str
    by: str
    do: str
    said: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """The event as one line of JSON."""
        head = {"at": spelled(self.at), "person": self.person, "by": self.by, "do": self.do}
        return exact.dumps(head | dict(self.said)).decode()


def spelled(at: int) -> str:
    """A moment as it is written: `2026-03-02T10:00:00Z`."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> int:
    """A moment from how it is written."""
    return int(datetime.fromisoformat(text).timestamp()) * 1000


def read(lines: Iterable[str]) -> Iterator[Event]:
    """The events of lines, the other way round. Raises ValueError with the number of a line that is none."""
    for number, line in enumerate(lines, 1):
        try:
            said = exact.loads(line.encode())
            at, person, by, do = (said.pop(name) for name in ("at", "person", "by", "do"))
            event = Event(at=moment(at), person=person, by=by, do=_known(do), said=said)
        except (AttributeError, KeyError, TypeError, ValueError, Problem) as error:
            raise ValueError(f"line {number} is no event: {error}") from error
        yield event


def _known(do: str) -> str:
    if do not in DEEDS:
        raise ValueError(f"{do!r} is nothing that happens")
    return do
