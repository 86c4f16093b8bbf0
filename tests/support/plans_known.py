"""Plans as the rules know them, by hand: Ada at Larch Court, her team, and the service's hand without a database."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from plan import discharge
from plan.known import HOUSE, Agency, Contact, Entry, Known, Place, Wake, Want, derived
from plan.model import AgencyId, EntryId, PersonId, Section

ADA = PersonId("ada")
RX1 = AgencyId("RX1")
KINDS: Mapping[str, str] = {
    "RX1": "hospital",
    "P10001": "gp_practice",
    "LA1": "social_care",
    "HC1": "care_provider",
    "BA1": "benefits",
    "HA1": "housing",
    "HUB1": "discharge_hub",
}
TYPES: Mapping[str, str] = {
    "stay": "Encounter",
    "readiness": "Task",
    "action": "Task",
    "discharge_override": "Task",
    "discharge_notice": "ServiceRequest",
    "departure": "Observation",
    "failed_discharge": "AdverseEvent",
    "message": "Communication",
    "contact": "RelatedPerson",
    "finding": "DetectedIssue",
    "housing": "QuestionnaireResponse",
    "equipment": "DeviceRequest",
    "need": "Condition",
    "risk": "RiskAssessment",
    "observation": "Observation",
}
SECTIONS: Mapping[str, Section] = {
    "contact": Section.ABOUT_ME,
    "housing": Section.HOUSING,
    "equipment": Section.SOCIAL_CARE,
    "need": Section.HEALTH,
    "risk": Section.HEALTH,
    "observation": Section.HEALTH,
}


def ms(text: str) -> int:
    """A moment in milliseconds since 1970 UTC."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def agencies(*without: str, contacts: Iterable[str] = ("team", "escalation")) -> dict[AgencyId, Agency]:
    """The agencies of Larch Court with their contact points."""
    return {
        AgencyId(id_): Agency(
            id=AgencyId(id_),
            name=f"Test {kind}",
            kind=kind,
            contacts={one: Contact(reference=f"HealthcareService/{id_}-{one}", name=one) for one in contacts},
        )
        for id_, kind in KINDS.items()
        if id_ not in without
    }


def known(now: str, *entries: Entry, without: Iterable[str] = (), **more: Any) -> Known:
    """Ada's plan at a moment, with everybody on her team but `without`."""
    there = agencies(*without)
    team = tuple(Place(party=id_, role="coordinator" if id_ == "HUB1" else "") for id_ in there)
    made = {"agencies": there, "team": team} | more
    return Known(person=ADA, now=ms(now), entries={one.id: one for one in entries}, **made)


def entry(kind: str, id_: str, at: str = "2026-03-02T10:00:00Z", agency: str = "RX1", **body: Any) -> Entry:
    """One entry."""
    return Entry(
        id=EntryId(id_),
        type=TYPES[kind],
        kind=kind,
        section=SECTIONS.get(kind, Section.TRANSITIONS),
        agency=AgencyId(agency),
        version=1,
        at=ms(at),
        created=ms(at),
        body=body,
    )


def stay(planned: str | None = "2026-03-06T14:00:00Z", notice: str = "2026-03-04T14:00:00Z", **more: Any) -> Entry:
    """Ada's stay, with its planned discharge and when that was said."""
    dates = {"planned_discharge": planned, "notice": notice} if planned else {}
    body = {"status": "in_hospital", "hospital": {"reference": "Organization/RX1"}, "admitted": "2026-03-02T10:00:00Z"}
    return entry("stay", "s1", **{**body, **dates, **more})


def changed(plan: Known, one: Entry, **body: Any) -> Known:
    """The plan after somebody changed an entry; None takes a field away."""
    made = {name: value for name, value in {**one.body, **body}.items() if value is not None}
    there = replace(one, body=made, version=one.version + 1, at=plan.now)
    return replace(plan, entries={**plan.entries, one.id: there})


def at(plan: Known, now: str | int) -> Known:
    """The plan at another moment."""
    return replace(plan, now=now if isinstance(now, int) else ms(now))


def reconciled(plan: Known) -> tuple[Known, int | None]:
    """The plan with all that the rule wants, and when it wants to be asked again. It must come to rest."""
    for _ in range(8):
        said = [*discharge.derive(plan)]
        wants = [one for one in said if isinstance(one, Want) and _differs(plan, one)]
        if not wants:
            wakes = [one.at for one in said if isinstance(one, Wake) and one.at > plan.now]
            return plan, min(wakes, default=None)
        for want in wants:
            plan = written(plan, want)
    raise AssertionError(f"the rule does not come to rest: {wants}")


def _differs(plan: Known, want: Want) -> bool:
    there = plan.made(want.key)
    return (there.body if there else None) != want.body


def written(plan: Known, want: Want) -> Known:
    """The plan with one thing that was wanted."""
    id_ = derived(plan.person, want.key)
    there = plan.entries.get(id_)
    kept = {one: entry for one, entry in plan.entries.items() if one != id_}
    if want.body is None:
        return replace(plan, entries=kept)
    made = Entry(
        id=id_,
        type=TYPES[want.kind],
        kind=want.kind,
        section=want.section,
        agency=there.agency if there else want.agency,
        version=there.version + 1 if there else 1,
        at=plan.now,
        created=there.created if there else plan.now,
        author=str(HOUSE),
        body=want.body,
    )
    return replace(plan, entries={**kept, id_: made})


def item(plan: Known, code: str) -> Entry:
    """The open item of a code, or the last that closed."""
    found = [one for one in plan.of("readiness") if one.body["item"] == code]
    return next((one for one in found if one.body["status"] != "closed"), found[-1])
