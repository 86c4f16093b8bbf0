"""What the service alone writes, sent by a client in every type that a client may write: version, moment, id, whose it
is, who wrote it, in which section it stands. Two thousand bodies of a fixed seed; none has any effect.
"""

from collections import Counter
from random import Random
from typing import Any

from fhir_facade import exact
from fhir_facade.elements import node
from fhir_facade.release import VersionName
from fhir_facade.resources import RESOURCES
from tests.access.written import TAG
from tests.support.generated import Maker
from tests.support.quick import Quick
from tests.support.r4 import JSON
from tests.support.world import World

BODIES = {"sqlite": 1700, "postgresql": 400}
TYPES = sorted(RESOURCES)
FORBIDDEN = "benefits"
"""Where a clinician may write nothing."""
LABEL = "https://oneplan.example/fhir/CodeSystem/label"
OURS = "https://oneplan.example/fhir/StructureDefinition"
INJECTED: tuple[dict[str, Any], ...] = (
    {"versionId": "99"},
    {"lastUpdated": "1999-01-01T00:00:00Z"},
    {"source": "Organization/HA1"},
    {"versionId": "99", "lastUpdated": "1999-01-01T00:00:00Z", "source": "urn:agency:HA1#another"},
    {"tag": [{"system": TAG, "code": FORBIDDEN}]},
    {"tag": [{"system": f"{OURS}/agency", "code": "HA1"}, {"system": LABEL, "code": "settled"}]},
    {"extension": [{"url": f"{OURS}/author", "valueString": "another"}]},
    {"profile": [f"{OURS}/sealed-address"]},
)


_ACTIVE = {"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}
_RULED: dict[str, dict[str, Any]] = {
    "AllergyIntolerance": {"clinicalStatus": {"coding": [_ACTIVE]}},
    "Consent": {"policyRule": {"text": "a rule"}, "status": "proposed"},
    "Organization": {"name": "A place"},
}
"""What the rules of FHIR ask for that the tables of elements do not know."""


def least(maker: Maker, type_: str, person: str) -> dict[str, Any]:
    """A resource with what it must have and little else, about this person."""
    shape, row = node(type_, maker.version), RESOURCES[type_]
    needed = {said for said, _ in shape.required}
    made = maker.resource(type_)
    kept = {name: one for name, one in made.items() if (_of(shape, name) in needed or name == "resourceType")}
    on = {"reference": f"Patient/{person}"}
    for path in row.person[:1]:
        first, _, rest = path.partition(".")
        element = shape.elements[first]
        held: Any = {**(_first(kept.get(first))), rest: on} if rest else on
        kept[first] = [held] if element.many else held
    made = _led(kept | _RULED.get(type_, {}), on["reference"])
    assert isinstance(made, dict)
    return made


def _first(held: Any) -> dict[str, Any]:
    one = held[0] if isinstance(held, list) else held
    return dict(one or {})


def _of(shape: Any, name: str) -> str:
    element = shape.elements.get(name.removeprefix("_"))
    return (element.choice or name) if element else name


def _led(held: Any, person: str) -> Any:
    """The same with every person that it names the one."""
    if isinstance(held, dict):
        return {name: _led(one, person) for name, one in held.items()}
    if isinstance(held, list):
        return [_led(one, person) for one in held]
    return person if isinstance(held, str) and held.startswith("Patient/") else held


async def test_what_the_service_writes_is_not_a_clients_to_say_in_any_type(world: World):
    world.at("2026-03-02T10:00:00Z")
    for agency in ("RX1", "RX2", "HA1"):
        await world.agency(agency)
    person = await world.person(world.visit(), world.nhs_number())
    for agency in ("RX2", "HA1"):
        await world.desk.add_member(world.visit("coordinator"), person, agency, "", "")
    mine, theirs = Quick(world.app, world.token()), Quick(world.app, world.token("clinician", "RX2"))
    random, taken = Random(20261128), Counter[str]()
    for number in range(BODIES[world.url.partition(":")[0]]):
        type_ = TYPES[number % len(TYPES)]
        version: VersionName = "R4"
        body = least(Maker(random, version), type_, person)
        injected = random.choice(INJECTED)
        body |= {"id": f"chosen-{number}", "meta": {**body.get("meta", {}), **injected}}
        answer = await mine("POST", f"/fhir/R4/{type_}", exact.text(body).encode(), JSON)
        assert answer.status in (201, 400, 403, 409, 422), (body, answer.body)
        if answer.status == 201:
            taken[type_] += 1
            await _is_the_services(world, exact.loads(answer.body), f"chosen-{number}", 1)
            if type_ != "Patient" and number % 3 == 0:
                await _changed_by_another(world, theirs, exact.loads(answer.body), injected)
    rows = await world.database.rows("select count(*) from entry where section = ? and slot is null", (FORBIDDEN,))
    assert rows[0][0] == 0
    untaken = {*TYPES} - {*taken}
    # Of the few bodies on PostgreSQL the structure of some types may come out right in none.
    assert len(untaken) <= (0 if world.url.startswith("sqlite") else 5), untaken


async def _is_the_services(world: World, made: dict[str, Any], chosen: str, version: int) -> None:
    assert made["id"] != chosen
    assert made["meta"]["versionId"] == str(version)
    assert made["meta"]["lastUpdated"].startswith("2026-03-02T10:")
    prefix = "directory_" if RESOURCES[made["resourceType"]].directory else ""
    sql = f"select agency, author, version from {prefix}entry where id = ?"
    (row,) = await world.database.rows(sql, (made["id"],))
    assert tuple(row) == ("RX1", "clinician-of-RX1", version)


async def _changed_by_another(world: World, by: Quick, made: dict[str, Any], injected: dict[str, Any]) -> None:
    """Another agency changes it, and says the same: whose it is stays, and who changed it is who did."""
    sent = {**made, "meta": {**injected, "versionId": made["meta"]["versionId"]}, "language": "cy"}
    answer = await by("PUT", f"/fhir/R4/{made['resourceType']}/{made['id']}", exact.text(sent).encode(), JSON)
    assert answer.status in (200, 400, 403, 422), answer.body
    if answer.status == 200:
        await _is_the_services(world, exact.loads(answer.body), "", 2)
        prefix = "directory_" if RESOURCES[made["resourceType"]].directory else ""
        sql = f"select by_subject, by_agency from {prefix}entry_version where id = ? and version = 2"
        (row,) = await world.database.rows(sql, (made["id"],))
        assert tuple(row) == ("clinician-of-RX2", "RX2")
