"""Missing input (coordination M1 to M4): whom a section waits to hear from, for everybody to see, by both doors."""

import pytest

from plan.kinds.flag import CODES
from tests.support.larch import AGENCIES, Larch, larch
from tests.support.reviews import DOORS, FHIR, sign

PACKAGE = {"service": "Morning visit", "status": "active", "visits": [{"start": "08:30", "minutes": 30}]}
at_both_doors = pytest.mark.parametrize("door", DOORS)


def person(place: Larch):
    return place.world.client("person", "RX1", "ada", person=place.ada)


async def flags(place: Larch, agency: str = "HA1", status: str = "active") -> list[str]:
    """The codes of the flags that an agency sees, by FHIR search."""
    by = place.client(agency)
    answer = await by.get(f"/fhir/R4/Flag?patient={place.ada}&status={status}")
    assert answer.status_code == 200, answer.text
    found = [entry["resource"] for entry in answer.json().get("entry", ())]
    listed = (await by.get(f"{place.address}/plan/sections/transitions/flag")).json()["items"]
    assert sorted(one["id"] for one in listed if one["status"] == status) == sorted(one["id"] for one in found)
    return sorted(one["code"]["coding"][0]["code"] for one in found)


async def tasks(place: Larch, agency: str, section: str = "social_care", code: str = "no_medical_input"):
    answer = await place.client(agency).get(f"{place.address}/plan/sections/{section}/action")
    assert answer.status_code == 200, answer.text
    return [one for one in answer.json()["items"] if one.get("code", {}).get("code") == code]


async def waiting(world) -> Larch:
    """Ada, whose social care has gone on for a week, and no clinician has said a word of it."""
    place = await larch(world)
    await place.add("LA1", "social_care", "service", **PACKAGE)
    await place.turn()
    assert await flags(place) == []
    await place.turn(days=7)
    return place


async def test_m1_after_a_week_without_a_clinician_everybody_sees_it_and_the_practice_has_a_task(world):
    place = await waiting(world)
    for agency in AGENCIES:
        assert await flags(place, agency) == ["no_medical_input"], agency
    [task] = await tasks(place, "P10001")
    assert (task["status"], task["who"]["reference"]) == ("planned", "Organization/P10001")
    await place.turn(days=1)
    assert len(await tasks(place, "P10001")) == 1


async def test_m1_the_flag_tells_nothing_of_health(world):
    place = await waiting(world)
    [flag] = (await place.client("HA1").get(f"{place.address}/plan/sections/transitions/flag")).json()["items"]
    assert "eart" not in str(flag)
    assert flag["flag"] == "Social care: no clinician has looked at this since it last changed"
    assert flag["sections"] == ["social_care"]


async def test_m2_looking_at_it_clears_nothing_and_neither_does_closing_the_task(world):
    place = await waiting(world)
    practice = place.client("P10001")
    for address in (f"{place.address}/plan", f"{place.address}/plan/sections/social_care"):
        assert (await practice.get(address)).status_code == 200
    [task] = await tasks(place, "P10001")
    answer = await practice.get(f"/fhir/R4/Task/{task['id']}")
    done = {**answer.json(), "status": "completed"}
    assert (await practice.put(f"/fhir/R4/Task/{task['id']}", json=done, headers=FHIR)).status_code == 200
    await place.turn()
    assert await flags(place) == ["no_medical_input"]
    assert len(await tasks(place, "P10001")) == 1


@at_both_doors
async def test_m2_a_sign_off_clears_the_section_that_it_names_and_closes_the_task(world, door):
    place = await waiting(world)
    assert (await sign(door, place.client("P10001"), place, "health")).status_code == 201
    await place.turn()
    assert await flags(place) == ["no_medical_input"]
    signed = await sign(door, place.client("P10001"), place, "social_care", outcome="no_change")
    assert signed.status_code == 201, signed.text
    await place.turn()
    assert await flags(place) == []
    assert await flags(place, status="inactive") == ["no_medical_input"]
    assert [task["status"] for task in await tasks(place, "P10001")] == ["done"]


async def test_m2_an_entry_of_a_clinician_in_the_section_is_a_word_too(world):
    place = await waiting(world)
    await place.add(
        "P10001",
        "social_care",
        "instruction",
        text="Weigh daily",
        topic="monitoring",
        action="monitor",
        status="active",
    )
    await place.turn()
    assert await flags(place) == []


MATERIAL = [
    ("a new package", "LA1", "social_care", "service", {**PACKAGE, "service": "Evening visit"}),
    ("a fall", "HC1", "social_care", "observation", {"code": {"text": "Fall", "code": "1912002"}}),
    ("new equipment", "HA1", "housing", "equipment", {"item": "Bed rail", "status": "installed"}),
    ("six per cent of the weight", "HC1", "social_care", "observation",
     {"code": {"text": "Body weight"}, "value": {"value": 65.7, "unit": "kg"}, "date": "2026-03-12"}),
]  # fmt: skip
HARMLESS = [
    ("a word beside it", "LA1", "social_care", "document", {"title": "Letter", "status": "current"}),
    ("a weight that holds", "HC1", "social_care", "observation",
     {"code": {"text": "Body weight"}, "value": {"value": 67.0, "unit": "kg"}, "date": "2026-03-12"}),
    ("another observation", "HC1", "social_care", "observation", {"code": {"text": "Mood"}, "value": "Good"}),
    ("what is restricted", "LA1", "social_care", "service", {**PACKAGE, "restricted_to": ["LA1"]}),
]  # fmt: skip


async def signed(world, door: str = "rest") -> Larch:
    """Ada, whose social care a clinician has signed off; she weighs 70 kg."""
    place = await waiting(world)
    await place.add("HC1", "social_care", "observation", code={"text": "Body weight"}, date="2026-03-01",
                    value={"value": 70, "unit": "kg"})  # fmt: skip
    assert (await sign(door, place.client("P10001"), place, "social_care")).status_code == 201
    await place.turn()
    assert await flags(place) == []
    return place


@pytest.mark.parametrize("agency,section,kind,body", [row[1:] for row in MATERIAL], ids=[row[0] for row in MATERIAL])
async def test_m3_a_material_change_raises_it_again_at_once_with_a_new_task(world, agency, section, kind, body):
    place = await signed(world)
    await place.add(agency, section, kind, **body)
    await place.turn(seconds=1)
    assert await flags(place) == ["no_medical_input"]
    assert sorted(task["status"] for task in await tasks(place, "P10001")) == ["done", "planned"]


@pytest.mark.parametrize("agency,section,kind,body", [row[1:] for row in HARMLESS], ids=[row[0] for row in HARMLESS])
async def test_m3_what_is_not_material_raises_nothing(world, agency, section, kind, body):
    place = await signed(world)
    await place.add(agency, section, kind, **body)
    await place.turn(hours=1)
    assert await flags(place) == []


@at_both_doors
async def test_m3_a_change_of_medicine_raises_it_again_by_whomever(world, door):
    place = await signed(world, door)
    medicine = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": {"reference": f"Patient/{place.ada}"},
        "medicationCodeableConcept": {"text": "Furosemide 40 mg"},
    }
    answer = await place.client("P10001").post("/fhir/R4/MedicationStatement", json=medicine, headers=FHIR)
    assert answer.status_code == 201, answer.text
    await place.turn()
    assert await flags(place) == ["no_medical_input"]


async def test_m3_a_note_on_the_package_is_not_material_and_its_hours_are(world):
    place = await signed(world)
    council = place.client("LA1")
    shelf = f"{place.address}/plan/sections/social_care/service"
    [service] = (await council.get(shelf)).json()["items"]
    one, match = f"{shelf}/{service['id']}", {"Content-Type": "application/merge-patch+json"}
    changed = await council.patch(one, json={"note": "Key with Bea"}, headers={**match, "If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    await place.turn()
    assert await flags(place) == []
    more = {"visits": [{"start": "10:30", "minutes": 15}]}
    assert (await council.patch(one, json=more, headers={**match, "If-Match": '"2"'})).status_code == 200
    await place.turn()
    assert await flags(place) == ["no_medical_input"]


async def test_m4_the_person_housing_and_social_care_are_missed_by_the_same_table(world):
    place = await waiting(world)
    await place.add("P10001", "contingency", "contingency", trigger_factors=[{"text": "Breathless at rest"}])
    await place.add("LA1", "housing", "equipment", item="Ramp", status="installed")
    assert (await sign("rest", place.client("P10001"), place, "social_care")).status_code == 201
    await place.turn(days=22)
    assert await flags(place) == sorted(set(CODES) - {"no_medical_input"})
    for agency, section, code in (
        ("LA1", "social_care", "no_person_agreement"),
        ("LA1", "contingency", "no_social_care_input"),
        ("HA1", "housing", "no_housing_input"),
    ):
        [task] = await tasks(place, agency, section, code)
        assert task["who"]["reference"] == f"Organization/{agency}"


@at_both_doors
async def test_m4_the_persons_own_word_and_no_other_is_their_agreement(world, door):
    place = await waiting(world)
    await place.turn(days=21)
    assert (await sign(door, place.client("LA1"), place, "social_care", who="Organization/LA1")).status_code == 201
    await place.turn()
    assert "no_person_agreement" in await flags(place)
    assert (await sign(door, person(place), place, "social_care", outcome="disagreed")).status_code == 201
    await place.turn()
    assert "no_person_agreement" in await flags(place)
    assert (await sign(door, person(place), place, "social_care", outcome="agreed")).status_code == 201
    await place.turn()
    assert "no_person_agreement" not in await flags(place)


async def test_who_has_died_is_missed_by_nobody(world):
    place = await waiting(world)
    ward = place.client("RX1")
    ada = (await ward.get(place.address)).json()
    answer = await ward.put(place.address, json={**ada, "died": True}, headers={"If-Match": f'"{ada["version"]}"'})
    assert answer.status_code == 200, answer.text
    await place.turn()
    assert await flags(place) == []
    assert [task["status"] for task in await tasks(place, "P10001")] == ["cancelled"]
