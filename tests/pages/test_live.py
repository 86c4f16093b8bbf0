"""The stream of an open page at the door: what it tells, what it never tells, and what ends it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from api import streams
from api.deeds import Deed
from api.pages.care import live
from auth.access import Verb
from db.engine import Unavailable
from db.news import Mark
from plan.model import AgencyId, Role, Section
from plan.problem import Problem
from tests.support.built import BUILT
from tests.support.larch import Larch, larch
from tests.support.sign_in import Browser, account, browser
from tests.support.streaming import Streaming

pytestmark = BUILT
END = "event: end\ndata:"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(live, "LOOK", 0.01)


async def _reader(place: Larch, agency: str = "LA1", role: str = "social_worker") -> Browser:
    await account(place.world, f"reader-{agency.lower()}", role, agency)
    made = browser(place.world)
    await made.sign_in(f"reader-{agency.lower()}")
    return made


async def _address(made: Browser, place: Larch) -> str:
    """Where the page that is opened now asks for news."""
    page = await made.get(f"/care/people/{place.ada}/timeline")
    assert page.status_code == 200
    [found] = re.findall(r'hx-sse:connect="([^"]+)"', page.text)
    return str(found)


async def _open(place: Larch, made: Browser, accept: bytes = b"") -> Streaming:
    stream = Streaming(place.world, made, await _address(made, place), accept)
    assert await stream.event() == ": open"
    return stream


async def _need(place: Larch, agency: str = "LA1", section: str = "social_care", text: str = "New") -> dict[str, Any]:
    return await place.add(agency, section, "need", need=text, status="active")


@pytest.mark.parametrize("accept", [b"", b"gzip"])
async def test_it_begins_at_once_and_tells_what_differs_packed_or_not(world, accept):
    place = await larch(world)
    stream = await _open(place, await _reader(place), accept)
    assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert (stream.headers["cache-control"], stream.headers["x-accel-buffering"]) == ("no-store", "no")
    assert stream.headers.get("content-encoding", "") == accept.decode()
    await _need(place)
    one = '<p><strong>1 change</strong> since you opened this. <a href="">Show it</a></p>'
    assert await stream.event() == f"data: {one}"
    await _need(place, "HA1", "housing")
    assert "2 changes" in await stream.event()
    await stream.leave()
    assert len(world.service.streams) == 0


async def test_what_is_hidden_is_not_counted_nor_what_follows_from_an_entry(world):
    place = await larch(world)
    stream = await _open(place, await _reader(place, "HA1", "housing_officer"))
    await _need(place, "P10001", "health")
    hidden = Deed(
        verb=Verb.CREATE,
        type="Condition",
        person=place.ada,
        kind="need",
        section=Section.HOUSING,
        restriction=frozenset({AgencyId("LA1")}),
        body={"need": "Hidden", "status": "active"},
    )
    await world.desk.write(world.visit("social_worker", "LA1"), [hidden])
    await _need(place, "HA1", "housing")
    assert "1 change<" in await stream.event()
    await stream.leave()


async def test_what_was_taken_away_before_is_no_news_and_afterwards_it_is(world):
    place = await larch(world)
    made = await _reader(place)
    gone, stays = await _need(place, text="One"), await _need(place, text="Two")
    address = f"{place.address}/plan/sections/social_care/need/"
    by = place.client("LA1")
    assert (await by.delete(address + gone["id"], headers={"If-Match": '"1"'})).status_code == 204
    stream = await _open(place, made)
    assert (await by.delete(address + stays["id"], headers={"If-Match": '"1"'})).status_code == 204
    assert "1 change<" in await stream.event()
    await stream.leave()


async def test_the_opening_and_what_is_told_leave_events_and_looking_leaves_none(world):
    place = await larch(world)
    made = await _reader(place)
    address = await _address(made, place)
    before = await _events(world)
    stream = Streaming(world, made, address)
    assert await stream.event() == ": open"
    opened = await _events(world)
    assert opened - before == 1
    await _need(place)
    assert "1 change<" in await stream.event()
    looked = []
    look = world.desk.look

    async def looking(*asked):
        looked.append(asked)
        return await look(*asked)

    world.desk.look = looking
    await _need(place)
    assert "2 changes" in await stream.event()
    assert looked
    assert await _events(world) - opened == 2
    await stream.leave()


async def _events(world) -> int:
    rows = await world.database.rows("select count(*) from audit_event where door = 'pages' and type = 'CarePlan'")
    return int(rows[0][0])


async def test_when_leave_ends_nothing_more_is_told_and_the_refusal_is_kept(world):
    place = await larch(world, without=("HC1",))
    ward = world.visit("clinician", "RX1")
    member = await world.desk.add_member(ward, place.ada, "HC1", "care_provider", "")
    stream = await _open(place, await _reader(place, "HC1", "care_provider"))
    await world.desk.end_member(ward, place.ada, member.id)
    assert (await stream.event()).strip() == END
    assert await stream.event() == ""
    rows = await world.database.rows("select question from audit_event where door = 'pages' and not allowed")
    assert [tuple(row) for row in rows] == [("relationship",)]


async def test_it_ends_with_the_session_which_looking_does_not_prolong(world):
    place = await larch(world)
    made = await _reader(place)
    stream = await _open(place, made)
    world.later(minutes=world.settings.sign_in_idle_minutes - 1)
    await _need(place)
    assert "1 change<" in await stream.event()
    world.later(minutes=2)
    assert (await stream.event()).strip() == END


async def test_it_ends_when_the_account_is_another(world):
    place = await larch(world)
    stream = await _open(place, await _reader(place))
    kept = world.service.sign_in.kept
    login = await kept.find("reader-la1")
    await kept.put(replace(login, account=replace(login.account, role=Role.HOUSING_OFFICER)))
    assert (await stream.event()).strip() == END


async def test_a_session_has_three_and_the_newest_takes_the_place_of_the_oldest(world):
    place = await larch(world)
    made = await _reader(place)
    held = [await _open(place, made) for _ in range(streams.MOST + 1)]
    assert (await held[0].event()).strip() == END
    await _need(place)
    for stream in held[1:]:
        assert "1 change<" in await stream.event()
        await stream.leave()
    assert len(world.service.streams) == 0


async def test_a_database_that_is_away_for_a_moment_ends_nothing(world, monkeypatch):
    place = await larch(world)
    stream = await _open(place, await _reader(place))
    look, away = world.desk.look, [Unavailable(), Unavailable()]

    async def looking(*asked):
        if away:
            raise away.pop()
        return await look(*asked)

    monkeypatch.setattr(world.desk, "look", looking)
    await _need(place)
    assert "1 change<" in await stream.event()
    assert not away
    await stream.leave()


@pytest.mark.parametrize("mark", ["", "?since=", "?since=made-up", "?since=gAAAAA", "?since=%00", "?since=é"])
async def test_a_mark_that_is_none_of_ours_is_refused(world, mark):
    place = await larch(world)
    made = await _reader(place)
    answer = await made.get(f"/care/people/{place.ada}/news{mark}")
    assert answer.status_code == 400


async def test_a_mark_is_good_for_one_person_only(world):
    place = await larch(world)
    made = await _reader(place)
    mark = (await _address(made, place)).partition("?")[2]
    other = await world.person(world.visit("social_worker", "LA1"), world.nhs_number())
    assert (await made.get(f"/care/people/{other}/news?{mark}")).status_code == 400


async def test_who_has_no_leave_finds_what_is_found_of_nobody(world):
    place = await larch(world)
    mark = (await _address(await _reader(place), place)).partition("?")[2]
    stranger = await _reader(place, "LA9")
    answer = await stranger.get(f"/care/people/{place.ada}/news?{mark}")
    assert answer.status_code == 404
    assert (await browser(world).get(f"/care/people/{place.ada}/news?{mark}")).status_code == 401


async def test_the_desk_tells_nobody_who_may_read_no_plan(world):
    place = await larch(world)
    reader = world.visit("social_worker", "LA1", scopes="user/Goal.rs")
    with pytest.raises(Problem):
        await world.desk.look(reader, place.ada, Mark(0, 0), 10)


async def test_asked_for_its_head_it_begins_nothing(world):
    place = await larch(world)
    made = await _reader(place)
    answer = await made.client.head(await _address(made, place))
    assert (answer.status_code, answer.content) == (200, b"")
    assert len(world.service.streams) == 0


async def test_of_more_than_anybody_counts_it_is_told_that_there_are_as_many_at_least(world, monkeypatch):
    monkeypatch.setattr(live, "MOST", 4)
    place = await larch(world)
    made = await _reader(place)
    address = await _address(made, place)
    for _ in range(3):
        await _need(place)
    stream = Streaming(world, made, address)
    assert await stream.event() == ": open"
    assert "At least 2 changes" in await stream.event()  # four lines: two needs, and their section twice
    await stream.leave()
