"""AuditEvent through the FHIR door: read and searched for, never written; the service writes them, one for each look.

It is the access log of a person (api/desk_log.py) in the form of FHIR, so a search names the person. The newest come
first, page by page; there is no total, because to count is to read them all. Source: FHIR R4 auditevent.html, IHE BALP.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn
from urllib.parse import urlencode

from api import cursors
from api.desk_log import TYPE, Log
from api.fhir_asked import Answer, Asked
from auth.access import Verb
from db.audited import Wanted
from fhir_facade import exact
from fhir_facade.audit_event import audit_event, id_of, parts_of
from fhir_facade.query import MOST_COUNT, PAGE, pairs_of
from plan.dates import date_range
from plan.model import PersonId
from plan.problem import Fault, Problem, Trouble

__all__ = ["OFFERED", "TYPE", "read", "search"]

_COUNT = 20
_ELSEWHERE = frozenset({"_format", "_pretty", "_total", "_sort"})
_OUTCOMES: Mapping[str, tuple[bool, ...]] = {"0": (True,), "4": (False,), "8": (False,)}
_LATER = 10**15
"""The end of all moments, in milliseconds since 1970 UTC."""
_HL7 = "http://hl7.org/fhir/SearchParameter"


@dataclass(slots=True)
class _Asking:
    """What a search has said so far."""

    persons: set[str] = field(default_factory=set)
    since: int = 0
    until: int = _LATER
    actions: list[str] = field(default_factory=list)
    among: dict[str, Sequence[object]] = field(default_factory=dict)
    applied: list[tuple[str, str]] = field(default_factory=list)
    count: int = _COUNT
    before: str = ""


class _By(NamedTuple):
    """One search parameter: its family, its definition, and what a value of it makes of the question."""

    family: str
    definition: str
    read: Callable[[_Asking, str], None]


async def read(asked: Asked) -> Answer:
    """One event."""
    parts = parts_of(asked.id)
    if parts is None:
        raise Problem(Trouble.NOT_FOUND)
    log = await asked.desk.event(asked.visit, *parts)
    [text] = _texts(asked, log)
    return Answer(text=text, version=1, at=log.events[0].at)


async def search(asked: Asked) -> Answer:
    """A page of the events of one person, the newest first."""
    asking = _Asking()
    for name, text in pairs_of(asked.query):
        _take(asking, name, text)
    if len(asking.persons) != 1:
        what = "a search of the audit names one patient"
        raise Problem(Trouble.REQUIRED, "", (Fault(what, mend="Add patient=Patient/ID to the address."),))
    wanted = Wanted(
        person=PersonId(asking.persons.pop()),
        since=asking.since,
        until=asking.until,
        before=asking.before,
        among=asking.among,
        actions=asking.actions,
        count=asking.count,
    )
    log = await asked.desk.log(asked.visit, wanted, Verb.SEARCH)
    return Answer(text=_page(asked, asking, log))


def _page(asked: Asked, asking: _Asking, log: Log) -> bytes:
    address = f"{asked.base}/{TYPE}"
    links = [{"relation": "self", "url": f"{address}?{urlencode(asking.applied)}"}]
    if log.more and log.events:
        following = [*asking.applied, (PAGE, cursors.made(before=log.events[-1].id))]
        links.append({"relation": "next", "url": f"{address}?{urlencode(following)}"})
    entries = [
        {"fullUrl": f"{address}/{id_of(event)}", "resource": exact.stored(text), "search": {"mode": "match"}}
        for event, text in zip(log.events, _texts(asked, log), strict=True)
    ]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "link": links}
    return exact.dumps(bundle | ({"entry": entries} if entries else {}))


def _texts(asked: Asked, log: Log) -> list[str]:
    """The events in the version that was asked in."""
    return [asked.version.shown(exact.text(audit_event(event, log.names, asked.base))) for event in log.events]


def _take(asking: _Asking, name: str, text: str) -> None:
    """One parameter. What is not understood is refused, never passed over: more would be shown than was asked for."""
    if name == PAGE:
        asking.before = str(cursors.read(text, {"before": str})["before"])
        return
    if name in _ELSEWHERE:
        if name == "_sort" and text != "-date":
            _refuse("the audit is sorted by -date", "Leave _sort out.")
        return
    row = _BY.get(name)
    if row is None:
        _refuse(f"{name[:64]!r} is no search parameter of {TYPE} that is supported", f"Search by {', '.join(_BY)}.")
    row.read(asking, text)
    asking.applied.append((name, text))


def _patient(asking: _Asking, text: str) -> None:
    asking.persons.add(text.removeprefix("Patient/"))


def _date(asking: _Asking, text: str) -> None:
    prefix, moment = (text[:2], text[2:]) if text[:2].isalpha() else ("eq", text)
    found = date_range(moment.replace(" ", "+"))
    if found is None or prefix not in _WITHIN:
        _bad(f"{text[:40]!r} is no date with a prefix of {', '.join(_WITHIN)}", "Write date=ge2026-03-01.")
    since, until = _WITHIN[prefix](*found)
    asking.since, asking.until = max(asking.since, since), min(asking.until, until)


_WITHIN: Mapping[str, Callable[[int, int], tuple[int, int]]] = {
    "eq": lambda low, high: (low, high),
    "ge": lambda low, _: (low, _LATER),
    "gt": lambda _, high: (high + 1, _LATER),
    "le": lambda _, high: (0, high),
    "lt": lambda low, _: (0, low - 1),
}
"""From when until when, by the prefix of a date (FHIR R4 search.html 3.1.1.5.3)."""


def _action(asking: _Asking, text: str) -> None:
    asking.actions += [value.rpartition("|")[2] for value in text.split(",")]


def _outcome(asking: _Asking, text: str) -> None:
    values = {value.rpartition("|")[2] for value in text.split(",")}
    asking.among["allowed"] = sorted({found for value in values for found in _OUTCOMES.get(value, ())})


def _agent(asking: _Asking, text: str) -> None:
    ids = [value.removeprefix("Organization/") for value in text.split(",")]
    if any("/" in id_ or "|" in id_ for id_ in ids):
        _refuse("an agent is searched for by the agency alone", "Write agent=Organization/ID.")
    asking.among["agency"] = ids


def _id(asking: _Asking, text: str) -> None:
    asking.among["id"] = [parts[1] for parts in map(parts_of, text.split(",")) if parts]


def _how_many(asking: _Asking, text: str) -> None:
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        _bad("_count is no number from 1", "Write how many entries a page shall have.")
    asking.count = min(int(text[:9]), MOST_COUNT)


_BY: Mapping[str, _By] = {
    "_id": _By("token", f"{_HL7}/Resource-id", _id),
    "_count": _By("number", "", _how_many),
    "action": _By("token", f"{_HL7}/AuditEvent-action", _action),
    "agent": _By("reference", f"{_HL7}/AuditEvent-agent", _agent),
    "date": _By("date", f"{_HL7}/AuditEvent-date", _date),
    "outcome": _By("token", f"{_HL7}/AuditEvent-outcome", _outcome),
    "patient": _By("reference", f"{_HL7}/AuditEvent-patient", _patient),
}
"""What the audit can be searched by within a person; `date` by the primary key."""

OFFERED = tuple((name, row.definition, row.family) for name, row in _BY.items() if row.definition)
"""What the CapabilityStatement says of them."""


def _refuse(what: str, mend: str) -> NoReturn:
    raise Problem(Trouble.NOT_SUPPORTED, what[:1].upper() + what[1:], (Fault(what, mend=mend),))


def _bad(what: str, mend: str) -> NoReturn:
    raise Problem(Trouble.BAD_VALUE, "", (Fault(what, mend=mend),))
