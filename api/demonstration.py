"""Puts Larch Court into a database: directory, people, teams and plans, each entry written by the worker whose it is.

It goes through the desk like everything else. Ids are fixed, so that loading again changes nothing, and so that tokens
and addresses are known before a database exists.
"""

import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from api.deeds import Deed, Visit
from api.demonstration_data import AGENCIES, EHR, ESTATE, ESTATE_UPRN, TODAY, WORKERS, Agency, Worker
from api.demonstration_plans import RESIDENTS, Entry, Resident
from api.desk import Desk
from auth.access import Verb
from auth.caller import Caller
from auth.scopes import parse
from fhir_facade import exact, intake
from fhir_facade.agencies import AGENCY_KIND, CONTACT_POINT
from fhir_facade.careteam import AGENCY_IDENTIFIER
from fhir_facade.faces import FACES
from fhir_facade.systems import CARE_ROLE, ODS_CODE
from plan.kinds import KINDS
from plan.model import AgencyId, EntryId, PersonId, Role, Subject
from plan.problem import Problem, Trouble

SOURCE = "larch-court"
CLIENT = "oneplan-cli"
_NAMED = re.compile(r"\{([a-z-]+)\}")
_DATED = re.compile(r"(\d{4}-\d\d-\d\d)(|T.*)")
_UPRN = "https://fhir.hl7.org.uk/Id/uprn"


def visit(worker: Worker) -> Visit:
    """A worker who sits at this machine instead of sending a token."""
    caller = Caller(
        subject=Subject(worker.worker),
        agency=worker.agency,
        role=worker.role,
        scopes=parse(worker.scopes),
        person=worker.person,
        client=CLIENT,
        name=worker.name,
    )
    return Visit(caller=caller, door="cli", request=str(uuid.uuid4()))


async def load(desk: Desk) -> bool:
    """Load what is not there yet; False when all of it was there. A load that was cut off is completed."""
    if await _loaded(desk):
        return False
    for agency in AGENCIES:
        await desk.write(visit(keeper(agency.id)), list(_directory(agency)))
    days = await _days(desk)
    for resident in RESIDENTS:
        await _person(desk, resident, days)
    await desk.write(visit(keeper(AgencyId("HA1"))), [_create("Location", ESTATE, _estate())])
    return True


def entry_id(person: PersonId, name: str) -> EntryId:
    """The fixed id of a demonstration entry."""
    return intake.derived(SOURCE, f"{person}/{name}")


def keeper(agency: AgencyId) -> Worker:
    """Who keeps an agency's own entries of the directory."""
    return Worker(f"directory-{agency}", Role.ADMINISTRATOR, agency, f"Directory of {agency}")


def organization(agency: Agency) -> dict[str, Any]:
    """An agency as an Organization; its id is the one that tokens carry."""
    systems = (AGENCY_IDENTIFIER, ODS_CODE)
    return {
        "resourceType": "Organization",
        "identifier": [{"system": system, "value": agency.id} for system in systems],
        "active": True,
        "type": _type(agency),
        "name": agency.name,
    }


def _type(agency: Agency) -> list[dict[str, Any]] | None:
    """What an agency is, as it calls itself and, where it is known, as the rules of coordination ask."""
    coded = {"coding": [{"system": AGENCY_KIND, "code": agency.kind}]} if agency.kind else {}
    return [{**coded, "text": agency.type}] if agency.type else None


def _contacts(agency: Agency) -> Iterator[Deed]:
    """Where an agency is reached, and when its team works; the numbers are from the range for fiction."""
    start, end = agency.hours
    days = {"daysOfWeek": ["mon", "tue", "wed", "thu", "fri"]} if agency.weekdays else {}
    hours = {"availableTime": [{**days, "availableStartTime": start, "availableEndTime": end}]}
    for word in ("team", "duty", "escalation"):
        service = {
            "resourceType": "HealthcareService",
            "active": True,
            "providedBy": {"reference": f"Organization/{agency.id}"},
            "type": [{"coding": [{"system": CONTACT_POINT, "code": word}]}],
            "name": f"{agency.name}, {word}",
            "telecom": [
                {"system": "phone", "value": "020 7946 0000"},
                {"system": "email", "value": f"{word}@{agency.id.lower()}.example"},
            ],
        }
        yield _create("HealthcareService", f"{agency.id}-{word}", service | (hours if word == "team" else {}))


async def from_directory(desk: Desk, worker: str) -> Worker | None:
    """A worker whom the directory of a database knows by this id, in their role at their agency."""
    try:
        stored = await desk.read(visit(keeper(AgencyId("directory"))), "PractitionerRole", EntryId(worker))
    except Problem:
        return None
    found = exact.loads(stored.fhir.encode())
    codings = (held for code in found.get("code", ()) for held in code.get("coding", ()))
    role = next((coding.get("code") for coding in codings if coding.get("system") == CARE_ROLE), None)
    agency = str(found.get("organization", {}).get("reference", "")).removeprefix("Organization/")
    return Worker(worker, Role(role), AgencyId(agency), worker) if role in set(Role) and agency else None


async def settle(desk: Desk, worker: Worker) -> None:
    """Put a made-up worker's agency into a directory that does not know it, so that it can stand on a team."""
    agency = next((row for row in AGENCIES if row.id == worker.agency), None)
    here = await _is_there(desk, "Organization", worker.agency)
    if agency and not here:
        await desk.write(visit(keeper(agency.id)), [_create("Organization", agency.id, organization(agency))])


async def _is_there(desk: Desk, type_: str, id_: str) -> bool:
    try:
        await desk.read(visit(WORKERS[EHR]), type_, EntryId(id_))
    except Problem as problem:
        if problem.trouble in (Trouble.NOT_FOUND, Trouble.GONE):
            return False
        raise
    return True


async def _loaded(desk: Desk) -> bool:
    """The estate is written last: where it stands, everything stands."""
    return await _is_there(desk, "Location", ESTATE)


def _directory(agency: Agency) -> Iterator[Deed]:
    yield _create("Organization", agency.id, organization(agency))
    yield from _contacts(agency)
    for worker in WORKERS.values():
        if worker.agency == agency.id:
            yield from _worker(worker)


def _worker(worker: Worker) -> Iterator[Deed]:
    role: dict[str, Any] = {
        "resourceType": "PractitionerRole",
        "active": True,
        "organization": {"reference": f"Organization/{worker.agency}"},
        "code": [{"coding": [{"system": CARE_ROLE, "code": worker.role.value}], "text": worker.name}],
    }
    if not worker.scopes.startswith("system/"):
        practitioner = f"practitioner-{worker.worker}"
        named = {"resourceType": "Practitioner", "active": True, "name": [{"text": worker.name}]}
        yield _create("Practitioner", practitioner, named)
        role["practitioner"] = {"reference": f"Practitioner/{practitioner}", "display": worker.name}
    yield _create("PractitionerRole", worker.worker, role)


def _estate() -> dict[str, Any]:
    return {
        "resourceType": "Location",
        "identifier": [{"system": _UPRN, "value": ESTATE_UPRN}],
        "status": "active",
        "name": "Larch Court",
        "description": "Sheltered housing, 40 flats",
        "managingOrganization": {"reference": "Organization/HA1"},
    }


def _create(type_: str, id_: str, resource: dict[str, Any]) -> Deed:
    said = {name: value for name, value in resource.items() if value is not None}
    return Deed(verb=Verb.CREATE, type=type_, id=EntryId(id_), resource=said, settled=True)


async def _days(desk: Desk) -> int:
    """How many days after the day of the tables it was loaded: what is planned there lies ahead on any day.

    The directory is written first, once: a load that was cut off and is completed later gives the same days.
    """
    begun = await desk.read(visit(keeper(AGENCIES[0].id)), "Organization", EntryId(AGENCIES[0].id))
    return datetime.fromtimestamp(begun.at / 1000, UTC).date().toordinal() - TODAY.toordinal()


async def _person(desk: Desk, resident: Resident, days: int) -> None:
    hospital = visit(WORKERS[EHR])
    person, body = resident.id, dict(resident.body)
    begun = Deed(verb=Verb.CREATE, type="Patient", id=EntryId(person), kind="person", body=body, settled=True)
    await desk.write(hospital, [begun])
    for agency, role, worker in resident.team:
        await desk.add_member(hospital, person, agency, role, worker)
    for worker, entries in _by_worker(resident.entries):
        await desk.write(visit(WORKERS[worker]), [_entry(person, entry, days) for entry in entries])


def _by_worker(entries: Iterable[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    """The entries in their order, those of one worker that follow each other together: one transaction for each."""
    together: list[Entry] = []
    for entry in entries:
        if together and together[0].by != entry.by:
            yield together[0].by, together
            together = []
        together.append(entry)
    if together:
        yield together[0].by, together


def _entry(person: PersonId, entry: Entry, days: int) -> Deed:
    return Deed(
        verb=Verb.CREATE,
        type=FACES[entry.kind].type,
        id=entry_id(person, entry.name),
        person=person,
        kind=entry.kind,
        body=moved(filled(dict(entry.body), person), days),
        section=entry.section or KINDS[entry.kind].home,
        settled=True,
    )


def filled(value: Any, person: PersonId) -> Any:
    """A body in which `{name}` is the id of the person's entry of that name."""
    if isinstance(value, dict):
        return {key: filled(held, person) for key, held in value.items()}
    if isinstance(value, list):
        return [filled(held, person) for held in value]
    if isinstance(value, str):
        return _NAMED.sub(lambda found: entry_id(person, found[1]), value)
    return value


def moved(value: Any, days: int) -> Any:
    """A body whose dates and moments are so many days later; months and years without a day stay."""
    if isinstance(value, dict):
        return {key: moved(held, days) for key, held in value.items()}
    if isinstance(value, list):
        return [moved(held, days) for held in value]
    if isinstance(value, str) and (found := _DATED.fullmatch(value)):
        return f"{date.fromisoformat(found[1]) + timedelta(days)}{found[2]}"
    return value
