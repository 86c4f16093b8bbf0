"""Our own authorization server as the record system: an app launches our pages on the plan that is open there."""

import httpx
import pytest

from auth.sign_in.ehrs import Ehr
from auth.sign_in.smart import Launches
from tests.support.launching import BORN, START
from tests.support.sign_in import account, browser
from tests.support.smart import R4, registered

SCOPE = "launch openid fhirUser profile patient/Patient.r"


@pytest.fixture
async def at(world):
    """A browser at a service that lists itself."""
    client, _ = await registered(
        world, client_name="Oneplan's pages", redirect_uris=["http://127.0.0.1/care/launch/back"], scope=SCOPE
    )
    ours = Ehr(name="ours", title="Oneplan", iss=R4, client_id=client.id)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app)) as http:
        world.service.sign_in.launches = Launches([ours], lambda: world.clock, http)
        await account(world)
        yield browser(world)


async def handle(world, person, subject="nurse1"):
    """The handle that an app of a signed-in user gets for the plan that is open."""
    answer = await world.client(subject=subject).post("/auth/launch", json={"patient": person})
    assert answer.status_code == 201, answer.text
    return answer.json()["launch"]


async def decided(at, world, launch, do="allow"):
    """Where the browser is sent once the user has decided."""
    await at.get(START, params={"iss": R4, "launch": launch})
    await at.follow()
    await at.follow()
    assert "Oneplan&#39;s pages" in at.page.text
    pending = at.page.request.url.path
    scopes = SCOPE.split()
    await at.post(pending, do=do, scope=scopes)
    return at.page


async def test_our_own_app_opens_our_pages_on_the_plan_that_is_open(world, at):
    ada = await world.person(world.visit(), world.nhs_number(), birthDate=BORN)
    await at.sign_in("nurse1")
    await decided(at, world, await handle(world, ada))
    answer = await at.follow()
    assert answer.headers["location"] == f"/care/people/{ada}"
    assert "Nurse Test" in (await at.get("/auth/you")).text
    assert at.cookie("oneplan-launched")
    assert await world.service.sign_in.kept.find("ours:nurse1") is None, "the account is the one that there is"


async def test_a_no_opens_nothing(world, at):
    ada = await world.person(world.visit(), world.nhs_number(), birthDate=BORN)
    await at.sign_in("nurse1")
    await decided(at, world, await handle(world, ada), do="refuse")
    answer = await at.follow()
    assert answer.status_code == 403
    assert "Oneplan did not let Oneplan in" in answer.text


async def test_a_handle_of_ours_is_good_once(world, at):
    ada = await world.person(world.visit(), world.nhs_number(), birthDate=BORN)
    await at.sign_in("nurse1")
    launch = await handle(world, ada)
    await decided(at, world, launch)
    await at.get(START, params={"iss": R4, "launch": launch})
    await at.follow()
    answer = await at.follow()
    assert answer.status_code == 403
    assert "cannot be opened from here" in answer.text


async def test_a_handle_of_ours_ends_after_five_minutes(world, at):
    ada = await world.person(world.visit(), world.nhs_number(), birthDate=BORN)
    await at.sign_in("nurse1")
    launch = await handle(world, ada)
    world.later(minutes=6)
    await at.get(START, params={"iss": R4, "launch": launch})
    await at.follow()
    assert (await at.follow()).status_code == 403


async def test_who_signed_in_meanwhile_is_not_who_launched(world, at):
    ada = await world.person(world.visit(), world.nhs_number(), birthDate=BORN)
    await account(world, "nurse2")
    await at.sign_in("nurse1")
    await decided(at, world, await handle(world, ada))
    back = at.page.headers["location"]
    trip = at.cookie("oneplan-launch")
    await at.get("/auth/you")
    await at.post("/auth/sign-out")
    at.plant(trip, "oneplan-launch")
    await at.sign_in("nurse2")
    at.plant(trip, "oneplan-launch")
    answer = await at.get(back)
    assert answer.status_code == 403
    assert "Somebody else has signed in here" in answer.text
