"""How far somebody has read a plan, at the REST door: their own mark, bad input, and what it leaves in the audit."""

import asyncio

import httpx
import pytest

from tests.support.larch import Larch, larch
from tests.support.rest import problem
from tests.support.world import World


@pytest.fixture
async def place(world: World) -> Larch:
    """Larch Court on a Monday in March."""
    return await larch(world)


def address(place: Larch) -> str:
    return f"{place.address}/reading"


async def read_on(client: httpx.AsyncClient, place: Larch, seen: str) -> httpx.Response:
    return await client.put(address(place), json={"seen": seen})


async def test_who_never_said_has_no_mark(place: Larch) -> None:
    answer = await place.client("P10001").get(address(place))
    assert (answer.status_code, answer.json()) == (200, {})


async def test_a_mark_is_kept_with_the_moment_it_was_made(place: Larch) -> None:
    client = place.client("P10001")
    place.world.later(minutes=5)
    answer = await read_on(client, place, "2026-03-02T09:00:01.5Z")
    assert answer.status_code == 200, answer.text
    told = {"seen": "2026-03-02T09:00:01.500Z", "marked": "2026-03-02T09:05:00.000Z"}
    assert answer.json() == told
    assert (await client.get(address(place))).json() == told


async def test_nobody_reads_backwards(place: Larch) -> None:
    client = place.client("P10001")
    await read_on(client, place, "2026-03-02T09:00:00Z")
    place.world.later(minutes=5)
    answer = await read_on(client, place, "2026-03-01T09:00:00Z")
    assert answer.json() == {"seen": "2026-03-02T09:00:00.000Z", "marked": "2026-03-02T09:00:00.000Z"}


async def test_marks_are_each_readers_own(place: Larch) -> None:
    await read_on(place.client("P10001"), place, "2026-03-02T09:00:00Z")
    for other in (place.client("P10001", subject="doctor2"), place.client("RX1"), place.client("LA1")):
        assert (await other.get(address(place))).json() == {}


async def test_the_same_name_of_another_agency_is_another_reader(place: Larch) -> None:
    await read_on(place.client("P10001", subject="jo"), place, "2026-03-02T09:00:00Z")
    assert (await place.client("LA1", subject="jo").get(address(place))).json() == {}


async def test_sixteen_at_once_leave_one_mark_the_farthest(place: Larch) -> None:
    client = place.client("P10001")
    moments = [f"2026-03-02T08:{minute:02}:00Z" for minute in range(16)]
    answers = await asyncio.gather(*(read_on(client, place, moment) for moment in moments))
    assert {answer.status_code for answer in answers} <= {200, 409}
    kept = (await client.get(address(place))).json()["seen"]
    assert kept == max(answer.json()["seen"] for answer in answers if answer.status_code == 200)
    assert len(await place.world.database.rows("select seen from reading")) == 1


BAD: tuple[tuple[object, int, str, str | None], ...] = (
    ({"seen": "2026-03-02T09:00:01Z"}, 422, "rule", "/seen"),
    ({"seen": "2026-03-02"}, 400, "bad_value", "/seen"),
    ({"seen": "yesterday"}, 400, "bad_value", "/seen"),
    ({"seen": 1}, 400, "bad_value", "/seen"),
    ({"seen": None}, 400, "bad_value", "/seen"),
    ({}, 400, "bad_value", ""),
    ({"seen": "2026-03-02T09:00:00Z", "by": "somebody else"}, 400, "invalid", "/by"),
    ({"seen": "0001-01-01T00:00:00Z"}, 400, "bad_value", None),
    ([], 400, "invalid", None),
)


@pytest.mark.parametrize("body, status, code, pointer", BAD, ids=[str(row[0]) for row in BAD])
async def test_bad_input_is_refused_with_a_reason(
    place: Larch, body: object, status: int, code: str, pointer: str | None
) -> None:
    client = place.client("P10001")
    problem(await client.put(address(place), json=body), status, code, pointer)
    assert (await client.get(address(place))).json() == {}


async def test_no_stranger_learns_that_there_is_a_plan_to_read(place: Larch) -> None:
    stranger = place.world.client("clinician", "RX9")
    for answer in (await stranger.get(address(place)), await read_on(stranger, place, "2026-03-02T09:00:00Z")):
        problem(answer, 404, "not_found")
    nobody = await stranger.put("/v1/people/nobody/reading", json={"seen": "2026-03-02T09:00:00Z"})
    problem(nobody, 404, "not_found")


@pytest.mark.parametrize("role", ["auditor", "administrator", "commissioner"])
async def test_who_reads_no_plans_marks_none(place: Larch, role: str) -> None:
    client = place.world.client(role, "P10001")
    problem(await read_on(client, place, "2026-03-02T09:00:00Z"), 404, "not_found")


async def test_marking_changes_nothing_in_the_plan(place: Larch) -> None:
    client = place.client("P10001")
    before = (await client.get(f"{place.address}/plan")).headers["etag"]
    await read_on(client, place, "2026-03-02T09:00:00Z")
    assert (await client.get(f"{place.address}/plan")).headers["etag"] == before


async def test_the_person_reads_that_it_was_marked(place: Larch) -> None:
    await read_on(place.client("P10001"), place, "2026-03-02T09:00:00Z")
    ada = place.world.client("person", "ada", "ada", "patient/*.cruds", place.ada)
    log = (await ada.get(f"{place.address}/access-log")).json()["items"]
    assert (log[0]["who"]["agency"], log[0]["what"]) == ("Test General practice", "marked your plan as read")
