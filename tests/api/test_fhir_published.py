"""What we define ourselves is read and searched by everybody, as FHIR."""

import pytest

from fhir_facade.systems import OURS
from tests.support.r4 import R4, ids, issue

SECTION = f"{OURS}/CodeSystem/plan-section"


async def test_a_code_system_of_ours_is_read_without_a_token(world):
    answer = await world.anonymous().get(f"{R4}/CodeSystem/plan-section")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert answer.json()["url"] == SECTION


@pytest.mark.parametrize(
    "search, wanted",
    [
        (f"CodeSystem?url={SECTION}", ["plan-section"]),
        ("CodeSystem?_id=care-role", ["care-role"]),
        ("CodeSystem?_id=care-role,plan-section", ["care-role", "plan-section"]),
        ("CodeSystem?url=https://elsewhere.example/x", []),
        ("StructureDefinition?name=oneplanplans,oneplanplante", ["plan-section", "plan-team"]),
        ("StructureDefinition?title=root&status=active", ["plan-root"]),
        ("StructureDefinition?title=root&status=http://hl7.org/fhir/publication-status|draft", []),
    ],
)
async def test_what_is_published_is_searched(world, search, wanted):
    answer = await world.anonymous().get(f"{R4}/{search}")
    assert answer.status_code == 200
    assert answer.json()["type"] == "searchset"
    assert ids(answer.json()) == wanted


async def test_a_search_by_post_finds_the_same(world):
    answer = await world.anonymous().post(f"{R4}/CodeSystem/_search", data={"url": SECTION})
    assert ids(answer.json()) == ["plan-section"]


async def test_an_unknown_parameter_is_dropped_or_refused(world):
    lenient = await world.anonymous().get(f"{R4}/CodeSystem?bogus=1&_id=care-role")
    assert ids(lenient.json()) == ["care-role"]
    assert "bogus" not in lenient.json()["link"][0]["url"]
    strict = await world.anonymous().get(f"{R4}/CodeSystem?bogus=1", headers={"Prefer": "handling=strict"})
    assert issue(strict, 400)["code"] == "not-supported"


async def test_what_is_published_cannot_be_written(world):
    by = world.client()
    answer = await by.put(f"{R4}/CodeSystem/plan-section", json={})
    assert issue(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD"
    assert issue(await by.get(f"{R4}/CodeSystem/other"), 404)
