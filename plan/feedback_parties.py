"""Who answers for what: the team that a message reaches, the contact that is told, the plan's coordinator.

A message goes to a team, never to one worker, who may be on leave (scenario F1). Where whoever ought to be told does
not exist, the coordinator is told instead, and it is said (coordination scenarios, bad input).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plan.feedback_table import RESPONSIBLE, ROLE_OF
from plan.known import Agency, Entry, Known
from plan.model import AgencyId, Json, Role, Section
from plan.names import SELVES, SENDER, opening

Party = dict[str, Json]
TEAMS = ("Organization", "HealthcareService", "CareTeam")
"""What a message that asks may be sent to."""
PEOPLE = ("Patient", "RelatedPerson")
_SHARED = (Section.SOCIAL_CARE, Section.CONTINGENCY, Section.TRANSITIONS)
"""Where an ask stands when those who are asked may only read where the original stands."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Who is told, and a note of who ought to have been and could not; `to` None: nobody is there at all."""

    to: Party | None
    notes: tuple[str, ...] = ()


def provider(reference: str, agencies: Mapping[AgencyId, Agency]) -> AgencyId | None:
    """The agency that an Organization or one of its contact points stands for."""
    type_, _, id_ = reference.partition("/")
    if type_ == "Organization":
        return AgencyId(id_) if AgencyId(id_) in agencies else None
    mine = (one.id for one in agencies.values() if any(c.reference == reference for c in one.contacts.values()))
    return next(mine, None)


def responsible(known: Known) -> Agency | None:
    """The clinical team that answers for the person; where there is none, the coordinator."""
    found = (agency for kind in RESPONSIBLE for agency in known.kinds(kind))
    return next(found, None) or coordinator(known)


def coordinator(known: Known) -> Agency | None:
    """Who holds the plan together: who is on the team in that role, else the hub, else social care."""
    for place in known.team:
        agency = known.agencies.get(AgencyId(place.party))
        if agency and place.role == Role.COORDINATOR and known.stands(place) and place.restriction is None:
            return agency
    return next((agency for kind in ("discharge_hub", "social_care") for agency in known.kinds(kind)), None)


def receivers(known: Known, message: Entry) -> Iterator[tuple[Agency | None, str]]:
    """The agencies that a message asks, each once, with a note where it is not the one that was named."""
    said = message.body.get("to") or [{}]
    references = [str(party.get("reference", "")) for party in said]
    there: dict[AgencyId | None, tuple[Agency | None, str]] = {}
    for reference in references:
        if reference.partition("/")[0] not in PEOPLE:
            agency, note = _receiver(known, message, reference)
            there.setdefault(agency.id if agency else None, (agency, note))
    yield from there.values()


def _receiver(known: Known, message: Entry, reference: str) -> tuple[Agency | None, str]:
    id_ = provider(reference, known.agencies) or _of_worker(known, reference)
    if id_ is None:
        agency = responsible(known)
        return agency, "" if agency else "There is no clinical team and no coordinator on the team."
    agency = known.agencies[id_]
    if agency not in known.members():
        return coordinator(known), f"{named(agency)} is not on the team any more."
    if not may(known.readers, agency, message.section):
        section = message.section.value.replace("_", " ")
        return coordinator(known), f"{named(agency)} cannot read what stands in {section}."
    return agency, ""


def _of_worker(known: Known, reference: str) -> AgencyId | None:
    """The agency for which a worker is on the team."""
    worker = reference.rpartition("/")[2]
    places = (place for place in known.team if worker and place.worker == worker)
    found = (AgencyId(place.party) for place in places)
    return next((id_ for id_ in found if id_ in known.agencies), None)


def may(table: Mapping[Section, frozenset[Role]], agency: Agency, section: Section) -> bool:
    """Whether the charter lets the workers of an agency do this in a section; of unknown kinds: yes."""
    role = ROLE_OF.get(agency.kind)
    return role is None or section not in table or role in table[section]


def standing(known: Known, original: Entry, asked: Agency | None) -> tuple[Section, frozenset[AgencyId] | None]:
    """Where an ask stands, and for whom: with its original, or where those who are asked may write."""
    shown = readers_of(original)
    if asked is None or may(known.writers, asked, original.section):
        return original.section, shown
    section = next((one for one in _SHARED if may(known.writers, asked, one)), original.section)
    between = frozenset({original.agency, asked.id})
    return section, between if shown is None else between & shown


def readers_of(original: Entry) -> frozenset[AgencyId] | None:
    """The restriction of what follows from an entry: its own, and its agency, which sees it anyway."""
    return None if original.restriction is None else original.restriction | {original.agency}


def contact(known: Known, original: Entry, agency: Agency | None, word: str) -> Reached:
    """The contact of an agency, or the coordinator with a note that there is none."""
    found = agency.contacts.get(word) if agency else None
    if found:
        return Reached(_party(found.reference, found.name, found.phone))
    whose = named(agency) if agency else "The team"
    instead = of_coordinator(known, original, agency)
    return Reached(instead.to, (f"{whose} publishes no {word} contact.", *instead.notes))


def of_coordinator(known: Known, original: Entry, agency: Agency | None) -> Reached:
    """The plan's coordinator, where they may know of the original; otherwise whoever the agency escalates to."""
    found = coordinator(known)
    shown = readers_of(original)
    hidden = found is not None and (
        not may(known.readers, found, original.section) or (shown is not None and found.id not in shown)
    )
    if found and not hidden:
        point = found.contacts.get("duty") or found.contacts.get("team")
        return Reached(_party(point.reference, point.name, point.phone) if point else of_agency(found))
    above = agency.contacts.get("escalation") if agency else None
    note = "The coordinator may not see this." if hidden else "There is no coordinator on the team."
    return Reached(_party(above.reference, above.name, above.phone) if above else None, (note,))


def sender(known: Known, message: Entry) -> Party:
    """Who is told what became of a message: the agency that sent it, or the person or carer who did."""
    agency = known.agencies.get(message.agency)
    if agency:
        return of_agency(agency)
    name = SELVES.get(message.by_role) or known.names.get(message.agency) or SENDER
    return {"name": opening(name)} | (message.body.get("sender") or {})


def of_agency(agency: Agency) -> Party:
    """An agency as a party."""
    return _party(agency.reference, agency.name)


def named(agency: Agency | None) -> str:
    """What an agency is called."""
    return (agency.name or agency.id) if agency else "nobody"


def _party(reference: str, name: str, phone: str = "") -> Party:
    said = {"reference": reference, "name": name, "contact": phone}
    return {word: value for word, value in said.items() if value}
