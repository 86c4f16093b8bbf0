"""$override: the same through the FHIR door, in both versions."""

from typing import Any

import pytest

from tests.support.deeds import count
from tests.support.overriding import BTG, WHY, glass
from tests.support.r4 import JSON, issue
from tests.support.world import NHS

ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
REASON = "https://oneplan.example/fhir/CodeSystem/override-reason"
BASES = ["/fhir/R4", "/fhir/R5"]
PARTS: dict[str, dict[str, Any]] = {
    "purpose": {"valueCoding": {"system": ACT_REASON, "code": "BTG"}},
    "reason": {"valueCoding": {"system": REASON, "code": "unconscious-or-unable"}},
    "text": {"valueString": WHY},
}


@pytest.fixture
async def here(world):
    return await glass(world)


async def asked(here, base: str = BASES[0], by: Any = None, **parts: dict[str, Any] | None):
    named = {**PARTS, "patient": {"valueReference": {"reference": f"Patient/{here.person}"}}, **parts}
    listed = [{"name": name, **value} for name, value in named.items() if value]
    sent: dict[str, Any] = {"resourceType": "Parameters"}
    if listed:
        sent["parameter"] = listed
    return await (by or here.stranger()).post(f"{base}/Patient/$override", json=sent, headers=JSON)


@pytest.mark.parametrize("base", BASES)
async def test_it_opens_the_plan(here, base):
    answer = await asked(here, base, minutes={"valueInteger": 20})
    assert answer.status_code == 200, answer.text
    said = {one["name"]: one for one in answer.json()["parameter"]}
    assert said["patient"]["valueReference"] == {"reference": f"Patient/{here.person}"}
    (seen,) = await here.queue(here.auditor())
    assert said["override"]["valueString"] == seen["id"]
    assert said["expires"]["valueInstant"] == seen["expires"]
    assert seen["reason"] == "unconscious-or-unable"
    by = here.stranger()
    assert (await by.get(f"{base}/Goal/{here.goal}", headers=BTG)).status_code == 200
    here.world.later(minutes=20)
    assert (await by.get(f"{base}/Goal/{here.goal}", headers=BTG)).status_code == 404


@pytest.mark.parametrize("way", ["identifier", "patient"])
async def test_a_person_is_named_by_an_identifier(here, way):
    identifier = {"system": NHS, "value": here.nhs}
    alone = {"identifier": {"valueIdentifier": identifier}, "patient": None}
    answer = await asked(
        here, **(alone if way == "identifier" else {way: {"valueReference": {"identifier": identifier}}})
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "where, parts",
    [
        ("purpose", {"purpose": None}),
        ("purpose", {"purpose": {"valueCoding": {"system": ACT_REASON, "code": "TREAT"}}}),
        ("purpose", {"purpose": {"valueCoding": {"system": "urn:x", "code": "BTG"}}}),
        ("reason", {"reason": None}),
        ("reason", {"reason": {"valueCoding": {"system": "urn:x", "code": "emergency"}}}),
        ("reason", {"reason": {"valueCoding": {"system": REASON}}}),
        ("text", {"text": None}),
        ("text", {"text": {"valueString": "short"}}),
        ("minutes", {"minutes": {"valueInteger": 61}}),
        ("patient", {"patient": None}),
        ("patient", {"patient": {"valueReference": {"reference": "Group/1"}}}),
        ("identifier", {"identifier": {"valueIdentifier": {"system": NHS, "value": "1"}}, "patient": None}),
        ("identifier", {"identifier": {"valueIdentifier": {"system": NHS, "value": "1"}}}),
    ],
)
async def test_what_is_wrong_is_named_at_its_place(here, where, parts):
    assert issue(await asked(here, **parts), 422)["expression"] == [f"Parameters.{where}"]
    assert await count(here.world, "override") == 0


async def test_each_missing_part_is_named(here):
    answer = await asked(here, patient=None, purpose=None, reason=None, text=None)
    assert answer.status_code == 422
    places = [one["expression"] for one in answer.json()["issue"]]
    assert places == [[f"Parameters.{name}"] for name in ("purpose", "reason", "text", "patient")]


async def test_who_may_not_and_who_need_not_is_told_so(here):
    issue(await asked(here, by=here.stranger("housing_officer")), 403)
    issue(await asked(here, by=here.world.client()), 409)
    issue(await asked(here, patient={"valueReference": {"reference": "Patient/nobody"}}), 404)
    issue(await asked(here, extra={"valueString": "x"}), 400)


async def test_it_is_published_with_its_reasons(here):
    by = here.world.anonymous()
    for base in BASES:
        rest = (await by.get(f"{base}/metadata")).json()["rest"][0]
        patient = next(one for one in rest["resource"] if one["type"] == "Patient")
        assert "override" in [one["name"] for one in patient["operation"]]
        assert (await by.get(f"{base}/OperationDefinition/Patient-override")).status_code == 200
        codes = (await by.get(f"{base}/CodeSystem/override-reason")).json()["concept"]
        assert "emergency" in [one["code"] for one in codes]
