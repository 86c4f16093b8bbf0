"""Pages act by the native API in the same process: as the account, through the same routes, and nobody else can."""

import pytest

from api import rest
from api.deeds import Visit
from api.door import SEATED
from api.pages.care.asking import ask
from api.pages.care.reader import caller_of
from auth.server.parties import Account
from plan.model import AgencyId, PersonId, Role, Subject
from plan.problem import Problem, Trouble
from tests.support.larch import larch


def seated(role, agency, person=None):
    account = Account(
        subject=Subject("somebody"),
        agency=AgencyId(agency),
        role=Role(role),
        name="Somebody Test",
        person=PersonId(person) if person else None,
    )
    return Visit(caller=caller_of(account), door="pages", request="a-request")


@pytest.fixture
async def place(world):
    return await larch(world)


@pytest.fixture
async def asked(world, place):
    """Ask as somebody of the seed world."""

    async def one(role, agency, method, path, body=None, **more):
        scope = {"type": "http", "service": world.service, "request_id": "a-request", "app": None}
        return await ask(
            rest.app(None), scope, seated(role, agency, place.ada), method, f"{place.address}{path}", body, **more
        )

    return one


async def test_it_is_done_as_the_account_by_the_door_of_the_pages(world, asked):
    made = await asked(
        "clinician", "P10001", "POST", "/plan/sections/health/goal", {"goal": "Sleep", "status": "active"}
    )
    assert (made.status, made.body["goal"], made.version) == (201, "Sleep", 1)
    rows = await world.database.rows(
        "select door, agency, action from audit_event where target = ?", (made.body["id"],)
    )
    assert [tuple(row) for row in rows] == [("pages", "P10001", "C")]


async def test_what_is_sent_twice_happens_once(asked):
    body = {"goal": "Sleep", "status": "active"}
    made = [await asked("clinician", "P10001", "POST", "/plan/sections/health/goal", body, key="k") for _ in range(2)]
    assert made[0].body["id"] == made[1].body["id"]
    assert made[1].headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    "role, agency, method, path, trouble",
    [
        ("clinician", "RX9", "GET", "/plan", Trouble.NOT_FOUND),
        ("housing_officer", "HA1", "GET", "/plan/sections/health/goal", Trouble.NOT_FOUND),
        ("commissioner", "LA1", "GET", "/plan", Trouble.NOT_FOUND),
        ("clinician", "P10001", "GET", "/plan?x=1", Trouble.BAD_VALUE),
    ],
)
async def test_what_an_app_may_not_do_a_page_may_not(asked, role, agency, method, path, trouble):
    path, _, query = path.partition("?")
    with pytest.raises(Problem) as refused:
        await asked(role, agency, method, path, query=dict([query.split("=")]) if query else None)
    assert refused.value.trouble is trouble


async def test_a_page_that_changes_says_which_version(asked):
    made = await asked(
        "clinician", "P10001", "POST", "/plan/sections/health/goal", {"goal": "Sleep", "status": "active"}
    )
    at = f"/plan/sections/health/goal/{made.body['id']}"
    body = {"goal": "Sleep well", "status": "active"}
    assert (await asked("clinician", "P10001", "PUT", at, body, version=1)).version == 2
    with pytest.raises(Problem) as refused:
        await asked("clinician", "P10001", "PUT", at, body, version=1)
    assert refused.value.trouble is Trouble.STALE


async def test_nobody_outside_takes_the_place_of_a_token(world, place):
    answer = await world.anonymous().get(place.address, headers={SEATED: "clinician"})
    assert answer.status_code == 401
