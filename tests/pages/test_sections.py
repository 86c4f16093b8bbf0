"""Sections and entries at the door: read, amended and looked back on, by whom it is allowed."""

import pytest

from tests.support.larch import larch
from tests.support.pages import again, at, native, reader, send


async def test_a_section_shows_what_it_says_and_its_entries_by_kind(world):
    place = await larch(world)
    await place.add("P10001", "health", "goal", goal="Climb the stairs", status="active")
    await place.add("P10001", "health", "goal", goal="Drink more", status="completed")
    one = await reader(place, "P10001")
    page = (await one.get(at(place, "sections/health"))).text
    assert page.index("Needs (1)") < page.index("Goals (2)")
    assert page.index("Climb the stairs") < page.index("Drink more")
    assert "Clinician, Test General practice, 2 March 2026" in page
    assert "Nobody has signed off this section yet." in page
    assert "Change the summary" in page
    assert at(place, "entries/health/medicine/new") in page


async def test_a_long_section_is_paged_and_small(world):
    place = await larch(world)
    for number in range(70):
        await place.add("P10001", "health", "observation", code={"text": f"Weight {number}" + "x" * 200})
    one = await reader(place, "P10001")
    page = await one.get(at(place, "sections/health"))
    assert len(page.content) < 60_000
    assert 'href="?kind=observation"' in page.text
    first = (await one.get(at(place, "sections/health?kind=observation"))).text
    assert "Page 1 of 2" in first
    last = (await one.get(at(place, "sections/health?kind=observation&page=2"))).text
    assert last.count("Weight") == 20
    for wrong in ("0", "99", "x", "-1"):
        assert (await one.get(at(place, f"sections/health?kind=observation&page={wrong}"))).status_code == 200


ABSENT = [
    "sections/nowhere",
    "sections/frame",
    "sections/safeguarding",
    "sections/safeguarding/change",
    "entries/health/need/nobody",
    "entries/health/goal/{need}",
    "entries/housing/need/{need}",
    "entries/health/nothing/{need}",
    "entries/health/need/..",
    "entries/health/need/{need}.",
    "entries/health/housing/new",
    "entries/health/finding/new",
    "entries/safeguarding/need/new",
    "entries/health/need/nobody/change",
    "entries/health/need/nobody/history",
]


@pytest.mark.parametrize("rest", ABSENT)
async def test_what_is_not_there_and_what_one_may_not_see_is_the_same_page(world, rest):
    place = await larch(world)
    [need] = (await place.client("P10001").get(f"{place.address}/plan/sections/health/need")).json()["items"]
    one = await reader(place, "HC1")
    page = await one.get(at(place, rest.replace("{need}", need["id"])))
    elsewhere = await one.get("/care/people/nobody/sections/health")
    if rest.startswith("entries/health/need/nobody") or "safeguarding" in rest or "nowhere" in rest:
        assert page.status_code == 404
    assert page.status_code == 404 == elsewhere.status_code
    assert _said(page.text) == _said(elsewhere.text)


def _said(text: str) -> str:
    return text.partition("<main")[2].partition("If you ask for help")[0]


async def test_a_restricted_entry_is_read_by_those_it_names_alone(world):
    place = await larch(world)
    secret = await place.add("P10001", "health", "need", need="Secret", status="active", restricted_to=["P10001"])
    mine, other = await reader(place, "P10001"), await reader(place, "RX1")
    path = at(place, f"entries/health/need/{secret['id']}")
    assert "Only these may see this entry" in (await mine.get(path)).text
    for rest in ("", "/history", "/change"):
        assert (await other.get(path + rest)).status_code == 404
    assert "Secret" not in (await other.get(at(place, "sections/health"))).text


WHO = [
    ("P10001", "health", "own", 200),
    ("RX1", "health", "any", 200),
    ("LA1", "health", "none", 403),
    ("HC1", "health", "none", 403),
    ("HA1", "health", "hidden", 404),
    ("BA1", "health", "hidden", 404),
]


@pytest.mark.parametrize("agency,section,write,status", WHO)
async def test_who_may_change_an_entry_is_offered_it_and_nobody_else(world, agency, section, write, status):
    place = await larch(world)
    need = await place.add("P10001", section, "need", need="Breathless", status="active")
    one = await reader(place, agency)
    path = at(place, f"entries/{section}/need/{need['id']}")
    shown = await one.get(path)
    assert shown.status_code == (404 if write == "hidden" else 200)
    assert ("Change this" in shown.text) is (status == 200)
    assert (await one.get(f"{path}/change")).status_code == status
    added = await one.get(at(place, f"entries/{section}/goal/new"))
    assert added.status_code == status


async def test_one_who_contributes_changes_what_is_their_own(world):
    place = await larch(world)
    mine = await place.add("HC1", "social_care", "need", need="Mine", status="active")
    theirs = await place.add("LA1", "social_care", "need", need="Theirs", status="active")
    one = await reader(place, "HC1")
    for entry, status in ((mine, 200), (theirs, 403)):
        path = at(place, f"entries/social_care/need/{entry['id']}/change")
        assert (await one.get(path)).status_code == status
    refused = await one.client.post(
        at(place, f"entries/social_care/need/{theirs['id']}/change"),
        data={"token": one.token, "need": "Now mine", "version": "1"},
        headers={"Accept": "text/html"},
    )
    assert refused.status_code == 403
    assert (await native(place, "LA1", "social_care", "need", theirs["id"]))["need"] == "Theirs"


async def test_the_person_changes_their_own_words_and_adds_to_them(world):
    place = await larch(world)
    ada = await reader(place, "ADA", "person", place.ada)
    answer = await send(ada, at(place, "entries/about_me/about_me/new"), most_important="My plants")
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    assert "My plants" in (await ada.get(path)).text
    assert (await send(ada, f"{path}/change", most_important="My plants, and my door")).status_code == 303
    assert "and my door" in (await ada.get(path)).text


async def test_a_section_is_amended_and_an_entry_meanwhile_is_no_obstacle(world):
    place = await larch(world)
    one = await reader(place, "P10001")
    path = at(place, "sections/health/change")
    await one.get(path)
    await place.add("P10001", "health", "goal", goal="Walk", status="active")
    answer = await again(one, path, summary="Stable.\r\n\r\nSee in May.", nothing_to_say="", why="Reviewed")
    assert answer.status_code == 303, answer.text
    page = (await one.get(at(place, "sections/health"))).text
    assert "Stable.\n\nSee in May." in page
    assert (await send(one, path)).status_code == 303
    assert "nothing was changed" in (await one.follow()).text


async def test_who_amends_a_section_after_another_sees_what_it_says_now(world):
    place = await larch(world)
    one = await reader(place, "P10001")
    path = at(place, "sections/health/change")
    await one.get(path)
    own = (await place.client("P10001").get(f"{place.address}/plan/sections/health")).json()["section"]
    body = {"title": own["title"], "summary": "Theirs", "version": own["version"]}
    assert (await place.client("P10001").put(f"{place.address}/plan/sections/health", json=body)).status_code == 200
    stale = await again(one, path, summary="Mine")
    assert stale.status_code == 412
    assert "Theirs" in stale.text
    assert (await again(one, path)).status_code == 303
    assert "Mine" in (await one.get(at(place, "sections/health"))).text


async def test_who_may_not_amend_a_section_is_told_so(world):
    place = await larch(world)
    one = await reader(place, "HC1")
    assert (await one.get(at(place, "sections/social_care/change"))).status_code == 403
    assert "Amend" not in (await one.get(at(place, "sections/social_care"))).text


async def test_a_record_of_another_system_is_read_and_not_changed(world):
    place = await larch(world)
    record = {
        "resourceType": "NutritionOrder",
        "status": "active",
        "intent": "order",
        "dateTime": "2026-03-01",
        "patient": {"reference": f"Patient/{place.ada}"},
    }
    fhir = {"Content-Type": "application/fhir+json"}
    made = await place.client("P10001").post("/fhir/R4/NutritionOrder", json=record, headers=fhir)
    assert made.status_code == 201, made.text
    one = await reader(place, "P10001")
    path = at(place, f"entries/health/record/{made.json()['id']}")
    page = await one.get(path)
    assert page.status_code == 200
    assert "record of the type NutritionOrder" in page.text
    assert (await one.get(f"{path}/history")).status_code == 200
    assert (await one.get(f"{path}/change")).status_code == 404
    assert "Records from other systems" in (await one.get(at(place, "sections/health"))).text


async def test_an_entry_that_refers_to_a_record_of_another_system_says_its_title(world):
    place = await larch(world)
    report = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"text": "Chest X-ray"},
        "subject": {"reference": f"Patient/{place.ada}"},
    }
    fhir = {"Content-Type": "application/fhir+json"}
    made = await place.client("P10001").post("/fhir/R4/DiagnosticReport", json=report, headers=fhir)
    assert made.status_code == 201, made.text
    why = [f"DiagnosticReport/{made.json()['id']}"]
    frame = await place.add("P10001", "health", "equipment", item="Walking frame", status="ordered", needs=why)
    one = await reader(place, "P10001")
    page = await one.get(at(place, f"entries/health/equipment/{frame['id']}"))
    assert page.status_code == 200
    assert page.text.count("Chest X-ray") == 2


async def test_a_long_history_is_paged(world):
    place = await larch(world)
    need = await place.add("P10001", "health", "need", need="Word 0", status="active")
    client, address = place.client("P10001"), f"{place.address}/plan/sections/health/need/{need['id']}"
    for number in range(1, 14):
        body = {"need": f"Word {number}", "status": "active", "version": number}
        assert (await client.put(address, json=body)).status_code == 200
    one = await reader(place, "P10001")
    path = at(place, f"entries/health/need/{need['id']}/history")
    first = (await one.get(path)).text
    assert "Version 14" in first
    assert "Version 4:" not in first
    assert "Word 4" in first
    cursor = first.partition('href="?cursor=')[2].partition('"')[0]
    last = (await one.get(f"{path}?cursor={cursor}")).text
    assert "Version 4:" in last
    assert "wrote it" in last
    assert (await one.get(f"{path}?cursor=nonsense")).status_code == 400
