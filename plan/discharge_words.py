"""Moments of a discharge as they are written and as they are said, and who is told of it by which name."""

from collections.abc import Iterator
from datetime import datetime

from plan.discharge_facts import agency
from plan.discharge_items import party
from plan.known import Agency, Body, Entry, Known
from plan.model import AgencyId, Section

_PERMIT = "permit"


def written(known: Known, at: int) -> str:
    """A moment as entries hold it: local, with its zone."""
    return datetime.fromtimestamp(at // 1000, known.zone).isoformat(timespec="seconds")


def spoken(known: Known, at: int) -> str:
    """A moment as people say it: `Fri 6 March 2026, 14:00`."""
    local = datetime.fromtimestamp(at // 1000, known.zone)
    return f"{local:%a} {local.day} {local:%B %Y, %H:%M}"


def named(known: Known, id_: AgencyId) -> str:
    """What people call an agency."""
    return known.called(id_)


def coordinator(known: Known, otherwise: AgencyId) -> Agency:
    """Who coordinates the plan: the agency of the coordinator on the team, the hub, or else another agency."""
    places = (place.party for place in known.team if place.role == "coordinator" and known.stands(place))
    found = next((AgencyId(one) for one in places if AgencyId(one) in known.agencies), None)
    if found:
        return known.agencies[found]
    return next(iter(known.kinds("discharge_hub")), agency(known, otherwise))


def contact(one: Agency, purpose: str) -> Body | None:
    """A contact point of an agency, as a Party; None where the directory has none."""
    found = one.contacts.get(purpose)
    return party(found.reference, found.name or one.name) if found else None


def reached(one: Agency, purpose: str = "team") -> Body:
    """Where an agency is told something: its contact point, or the agency itself."""
    return contact(one, purpose) or party(one.reference, one.name)


def family(known: Known) -> Iterator[Entry]:
    """The carers whom the person's consent lets know of stays and discharges."""
    for one in known.of("contact"):
        subject = one.body.get("subject")
        if subject and _agreed(known, f"user:{subject}"):
            yield one


def _agreed(known: Known, who: str) -> bool:
    mine = [
        rule
        for rule in known.rules
        if rule.party in (who, "role:carer")
        and rule.section is Section.TRANSITIONS
        and rule.since <= known.now
        and (rule.until is None or rule.until > known.now)
    ]
    return bool(mine) and all(rule.decision == _PERMIT for rule in mine)
