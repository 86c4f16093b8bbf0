"""What an app may read is what its user left it: the checks of a limited app that certification asks for.

Ids: ONC (g)(10) test kit, groups 1.7 (unrestricted access) and 2.3 (limited app), for the types of a care plan.
"""

import httpx
import pytest

from tests.support.deeds import goal
from tests.support.smart import App
from tests.support.world import World

ALL = ("Patient", "CarePlan", "CareTeam", "Goal")
V2 = "launch/patient openid fhirUser " + " ".join(f"patient/{type_}.rs" for type_ in ALL)
V1 = "launch/patient openid fhirUser " + " ".join(f"patient/{type_}.read" for type_ in ALL)
IDS = {"CarePlan": ("1_7_04", "2_3_03"), "CareTeam": ("1_7_05", "2_3_04"), "Goal": ("1_7_10", "2_3_09")}


@pytest.fixture
async def person(world: World) -> str:
    """Somebody with a plan, a team and a goal."""
    await world.agency("RX1")
    made = await world.person(world.visit())
    await world.write(world.visit(), goal(made))
    return made


async def looks(world: World, person: str, scope: str, granted: str, type_: str) -> tuple[httpx.Response, str]:
    """How a search for a type answers to an app whose user granted so much; and the scope that it was told."""
    app = await App.of(world, scope=scope)
    said = await app.tokens(patient=person, scopes=granted)
    answer = await app.http.get(
        f"/fhir/R4/{type_}?patient={person}", headers={"Authorization": f"Bearer {said['access_token']}"}
    )
    return answer, said["scope"]


@pytest.mark.parametrize("scope", [V1, V2], ids=["v1", "v2"])
@pytest.mark.parametrize("type_", IDS, ids=lambda type_: f"inferno_g10_{IDS[type_][0]}_{type_}")
async def test_an_app_with_all_scopes_reads(world: World, person: str, scope: str, type_: str) -> None:
    answer, told = await looks(world, person, scope, scope, type_)
    assert (answer.status_code, set(told.split())) == (200, set(scope.split()))
    bundle = answer.json()
    assert bundle["entry"], "a search that shows nothing would pass for the wrong reason"
    assert {entry["resource"]["resourceType"] for entry in bundle["entry"]} == {type_}
    assert all(entry["resource"]["subject"]["reference"] == f"Patient/{person}" for entry in bundle["entry"])


@pytest.mark.parametrize("scope", [V1, V2], ids=["v1", "v2"])
@pytest.mark.parametrize("type_", IDS, ids=lambda type_: f"inferno_g10_{IDS[type_][1]}_{type_}")
async def test_an_app_whose_user_took_a_type_away_is_refused_that_type_alone(
    world: World, person: str, scope: str, type_: str
) -> None:
    left = " ".join(word for word in scope.split() if f"/{type_}." not in word)
    answer, told = await looks(world, person, scope, left, type_)
    assert (answer.status_code, set(told.split())) == (403, set(left.split()))
    assert answer.json()["resourceType"] == "OperationOutcome"
    others = [await looks(world, person, scope, left, other) for other in ALL if other not in (type_, "Patient")]
    assert [other.status_code for other, _ in others] == [200] * len(others)


async def test_inferno_g10_without_a_token_nothing_is_read(world: World, person: str) -> None:
    anonymous = world.anonymous()
    assert (await anonymous.get(f"/fhir/R4/Patient/{person}")).status_code == 401
    assert [(await anonymous.get(f"/fhir/R4/{type_}?patient={person}")).status_code for type_ in IDS] == [401] * 3
