"""Instructions of clinicians to carers: each agency that visits reads it before its next visit, and says so.

Such an instruction is explicit, bounded in time and names the entry that it changes (scenario F4). A new version has to
be read again. Unread when the visit begins, the provider's escalation contact is told, and the clinician who gave it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from plan import feedback_notices
from plan.clocks import due, instant, written
from plan.dates import date_range
from plan.feedback_parties import contact, named, of_agency, provider, sender, standing
from plan.feedback_table import ROLE_OF, UNREAD, at
from plan.known import HOUSE, Agency, Entry, Known, Wake, Want
from plan.model import Json, Role
from plan.names import within

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKS = 5
"""How far ahead a visit is looked for: visits recur every week."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One instruction that one provider has to read."""

    instruction: Entry
    asked: Agency

    @property
    def key(self) -> str:
        """Under which its ask is kept."""
        return key_of(self.instruction.id, self.instruction.version, self.asked.id)


def key_of(instruction: str, version: int, agency: str) -> str:
    """The key of the ask to read a version of an instruction."""
    return f"read:{instruction}:{version}:{agency}"


def readings(known: Known) -> Iterator[Reading]:
    """Every instruction in force that a clinician gave to carers, and every provider that has to read it."""
    for one in known.of("instruction"):
        if to_carers(one.body) and one.body.get("status") == "active" and _clinical(known, one) and _lasts(known, one):
            yield from (Reading(one, agency) for agency in _told(known, one))


def to_carers(body: object) -> bool:
    """Whether an instruction changes what carers do: it names them, or the entry that it changes."""
    return isinstance(body, dict) and ("changes" in body or "to" in body)


def followed(known: Known, reading: Reading) -> Iterator[Want | Wake]:
    """Its ask, and when nobody reads it in time whoever is told."""
    one, ask = reading.instruction, known.made(reading.key)
    before = dict(ask.body) if ask else {}
    until = next_visit(known, reading.asked, one.at)
    if until is None:
        until = due(one.at, at(UNREAD, "unread", one.at), reading.asked, known.zone)
    open_ = before.get("state", "sent") in ("sent", "delivered", "seen")
    late = open_ and until <= known.now and not known.identity.get("died")
    told = contact(known, one, reading.asked, "escalation")
    notes = [*before.get("unreached", ()), *(told.notes if late else ())]
    section, restriction = standing(known, one, reading.asked)
    body = before | {
        "what": f"Read an instruction of {within(sender(known, one).get('name', 'a clinician'))} before the next visit",
        "state": before.get("state", "delivered"),
        "focus": one.reference,
        "focus_version": one.version,
        "to": of_agency(reading.asked),
        "started": written(one.at),
        "due": written(until) if open_ else before["due"],
        "steps": before.get("steps") or _begun(known, one),
        "unreached": list(dict.fromkeys(notes)) or None,
    }
    wanted = {name: value for name, value in body.items() if value is not None}
    yield Want(key=reading.key, kind="ask", section=section, body=wanted, restriction=restriction)
    if open_ and until > known.now:
        yield Wake(until)
    if late:
        case = feedback_notices.Case(
            key=reading.key,
            original=one,
            what=f"{named(reading.asked)} has not read an instruction before its visit.",
            about=(one.reference,),
            when=until,
        )
        yield from feedback_notices.escalation(known, case, told, {one.agency: sender(known, one)})


def next_visit(known: Known, agency: Agency, since: int) -> int | None:
    """When an agency visits next after a moment, by the services that it provides; None where none is known."""
    visits = (
        when
        for service in known.of("service")
        if service.body.get("status") == "active" and _provides(known, service, agency)
        for visit in service.body.get("visits", ())
        for when in _times(known, visit, since)
        if when > since and _within(service.body.get("period", {}), when)
    )
    return min(visits, default=None)


def _provides(known: Known, service: Entry, agency: Agency) -> bool:
    said = service.body.get("provider", {}).get("reference")
    return provider(str(said), known.agencies) == agency.id if said else service.agency == agency.id


def _times(known: Known, visit: dict[str, Json], since: int) -> Iterator[int]:
    first = datetime.fromtimestamp(since / 1000, known.zone).date()
    hours, minutes = visit["start"].split(":")
    for number in range(_WEEKS * 7):
        day = first + timedelta(days=number)
        if _DAYS[day.weekday()] in visit.get("days", _DAYS):
            yield instant(day, int(hours) * 60 + int(minutes), known.zone)


def _within(period: dict[str, Json], when: int) -> bool:
    start, end = (date_range(str(period.get(name, ""))) for name in ("start", "end"))
    return (start is None or start[0] <= when) and (end is None or when <= end[1])


def _lasts(known: Known, one: Entry) -> bool:
    end = date_range(str(one.body.get("period", {}).get("end", "")))
    return end is None or known.now <= end[1]


def _clinical(known: Known, one: Entry) -> bool:
    """Given by a clinician, or by an agency of clinicians."""
    agency = known.agencies.get(one.agency)
    return one.by_role == Role.CLINICIAN or (agency is not None and ROLE_OF.get(agency.kind) is Role.CLINICIAN)


def _told(known: Known, one: Entry) -> list[Agency]:
    """The providers that are named, or all that visit; never who may not see it."""
    named_ = {provider(str(party.get("reference", "")), known.agencies) for party in one.body.get("to", ())}
    there = known.kinds("care_provider")
    chosen = [agency for agency in there if agency.id in named_] or there
    return [agency for agency in chosen if one.restriction is None or agency.id in one.restriction]


def _begun(known: Known, one: Entry) -> list[dict[str, Json]]:
    return [
        {"state": "sent", "at": written(one.at), "by": one.author or HOUSE, "agency": one.agency},
        {"state": "delivered", "at": written(known.now), "by": HOUSE, "agency": HOUSE},
    ]
