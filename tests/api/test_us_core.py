"""What the conformance tests of US Core ask of CarePlan and CareTeam (tests/spec/us_core.txt), on a plan as it is kept.

The plan is begun and written through the doors like any other; nothing is laid out for the tests.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.r4 import R4, created, found
from tests.support.world import World

SPEC = Path(__file__).parents[1] / "spec/us_core.txt"
ROWS = [line.split(maxsplit=5) for line in SPEC.read_text("utf-8").splitlines() if line and not line.startswith("#")]
CHECKS = [
    (version, type_, check, said)
    for first, second, third, type_, asked, rest in (
        (line[0], line[1], line[2], line[3], line[4], line[5]) for line in ROWS if line[0] != "versions"
    )
    for check, _, said in [rest.partition(" ")]
    for version in (first, second, third)
]
NAMES = [f"{version}-{type_}-{check}-{said.strip()}".replace(" ", "+") for version, type_, check, said in CHECKS]
ASSESS_PLAN = "http://hl7.org/fhir/us/core/CodeSystem/careplan-category|assess-plan"


@dataclass(frozen=True)
class Plan:
    """A plan with its team, and what each parameter is searched for by type."""

    by: httpx.AsyncClient
    values: dict[str, dict[str, str]]


@pytest.fixture
async def plan(world: World) -> Plan:
    by = world.client()
    await world.agency("RX1", "Hospital")
    person = await world.person(by)
    nurse = await created(by, {"resourceType": "Practitioner", "name": [{"family": "Ward"}]})
    role = await created(
        by,
        {
            "resourceType": "PractitionerRole",
            "practitioner": {"reference": f"Practitioner/{nurse['id']}"},
            "organization": {"reference": "Organization/RX1"},
        },
    )
    kin = await created(by, {"resourceType": "RelatedPerson", "patient": {"reference": f"Patient/{person}"}})
    members = [f"PractitionerRole/{role['id']}", f"Practitioner/{nurse['id']}", f"RelatedPerson/{kin['id']}"]
    coded = {"coding": [{"system": "http://snomed.info/sct", "code": "224540001"}]}
    team = {
        "resourceType": "CareTeam",
        "status": "active",
        "subject": {"reference": f"Patient/{person}"},
        "participant": [{"role": [coded], "member": {"reference": one}} for one in [*members, f"Patient/{person}"]],
    }
    made = await created(by, team)
    careplans = await found(by, f"CarePlan?patient={person}&category={ASSESS_PLAN}")
    for target in (f"CareTeam/{made['id']}", f"CarePlan/{careplans['entry'][0]['resource']['id']}"):
        await created(
            by,
            {
                "resourceType": "Provenance",
                "target": [{"reference": target}],
                "recorded": "2026-03-02T10:00:00Z",
                "agent": [{"who": {"reference": "Organization/RX1"}}],
            },
        )
    both = {"patient": person}
    return Plan(
        by,
        {
            "CarePlan": both | {"category": ASSESS_PLAN, "status": "active,on-hold", "date": "ge2020-01-01"},
            "CareTeam": both | {"status": "active", "role": "http://snomed.info/sct|224540001"},
        },
    )


async def searched(plan: Plan, type_: str, names: list[str]) -> dict[str, Any]:
    query = "&".join(f"{name}={plan.values[type_][name]}" for name in names)
    return await found(plan.by, f"{type_}?{query}", Prefer="handling=strict")


async def check_search(plan: Plan, type_: str, said: str) -> None:
    """Something is found by GET and by POST alike, by id and by reference, by code with and without its system."""
    names = said.split()
    hits = await searched(plan, type_, names)
    assert hits["type"] == "searchset"
    wanted = {one["resource"]["id"] for one in hits["entry"]}
    assert {one["resource"]["resourceType"] for one in hits["entry"]} == {type_}
    form = {name: plan.values[type_][name] for name in names}
    posted = await plan.by.post(f"{R4}/{type_}/_search", data=form)
    assert {one["resource"]["id"] for one in posted.json()["entry"]} == wanted
    for name, value in form.items():
        other = f"Patient/{value}" if name == "patient" else value.rpartition("|")[2]
        again = await plan.by.get(f"{R4}/{type_}", params=form | {name: other})
        assert {one["resource"]["id"] for one in again.json()["entry"]} == wanted
    for comparator in ("gt", "ge", "lt", "le") if "date" in names else ():
        moment = {"g": "2020-01-01", "l": "2999-01-01"}[comparator[0]]
        again = await plan.by.get(f"{R4}/{type_}", params=form | {"date": comparator + moment})
        assert {one["resource"]["id"] for one in again.json()["entry"]} == wanted


async def check_include(plan: Plan, type_: str, said: str) -> None:
    """It comes along, and only that."""
    word, wanted = (
        ("_revinclude", "Provenance")
        if said.startswith("Provenance")
        else ("_include", said.rsplit(":", maxsplit=1)[-1])
    )
    hits = await found(plan.by, f"{type_}?patient={plan.values[type_]['patient']}&{word}={said}&_count=50")
    along = [one["resource"]["resourceType"] for one in hits["entry"] if one["search"]["mode"] == "include"]
    assert set(along) == {wanted}
    assert len(along) >= 1


async def check_element(plan: Plan, type_: str, said: str) -> None:
    """Somewhere in the data it is filled."""
    hits = await found(plan.by, f"{type_}?patient={plan.values[type_]['patient']}&_count=50")
    assert any(filled(one["resource"], said.split(".")) for one in hits["entry"])


def filled(value: Any, path: list[str]) -> bool:
    if isinstance(value, list):
        return any(filled(one, path) for one in value)
    if not path:
        return value is not None
    return isinstance(value, dict) and path[0] in value and filled(value[path[0]], path[1:])


CHECKED = {"search": check_search, "include": check_include, "element": check_element}


@pytest.mark.parametrize("version, type_, check, said", CHECKS, ids=NAMES)
async def test_us_core(plan: Plan, version: str, type_: str, check: str, said: str):
    await CHECKED[check](plan, type_, said.strip())


async def test_the_statement_says_what_the_conformance_tests_look_for(world: World):
    said = (await world.anonymous().get(f"{R4}/metadata")).json()
    assert said["fhirVersion"] == "4.0.1"
    assert "json" in " ".join(said["format"])
    rows = {one["type"]: one for one in said["rest"][0]["resource"]}
    for type_ in ("CarePlan", "CareTeam"):
        codes = {one["code"] for one in rows[type_]["interaction"]}
        assert {"read", "search-type", "vread", "history-instance", "create", "update", "patch", "delete"} <= codes
        assert (
            f"http://hl7.org/fhir/us/core/StructureDefinition/us-core-{type_.lower()}"
            in rows[type_]["supportedProfile"]
        )
        assert "Provenance:target" in rows[type_]["searchRevInclude"]


async def test_uk_core_finds_a_person_by_nhs_number_and_keeps_the_address_key(world: World):
    by = world.client()
    base = "https://fhir.hl7.org.uk/StructureDefinition"
    key = {"coding": [{"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-AddressKeyType", "code": "UPRN"}]}
    parts = [{"url": "type", "valueCoding": key["coding"][0]}, {"url": "value", "valueString": "100000000012"}]
    address = {"line": ["Flat 12"], "extension": [{"url": f"{base}/Extension-UKCore-AddressKey", "extension": parts}]}
    verified = {
        "coding": [
            {"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland", "code": "01"}
        ]
    }
    status = {"url": f"{base}/Extension-UKCore-NHSNumberVerificationStatus", "valueCodeableConcept": verified}
    number = world.nhs_number()
    person = await world.person(
        by,
        identifier=[{"extension": [status], "system": "https://fhir.nhs.uk/Id/nhs-number", "value": number}],
        address=[address],
    )
    hits = await found(by, f"Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|{number}")
    (one,) = [hit["resource"] for hit in hits["entry"]]
    assert one["id"] == person
    assert one["address"] == [address]
    assert one["identifier"][0]["extension"] == [status]
    native = (await by.get(f"/v1/people/{person}/plan")).json()
    assert "100000000012" in str(native["person"])
