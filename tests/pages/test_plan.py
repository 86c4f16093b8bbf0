"""The plan page at the door: each block for each role, each reader's own mark, and what is hidden leaving no mark."""

import re
from typing import Any

import pytest

from tests.pages.plan_pages import at, block, doctor, hidden, marked, plain, reader
from tests.support.larch import Larch, larch
from tests.support.sign_in import Browser
from tests.support.world import World

STATEMENTS = 10
"""How many statements the page takes at most, however full the plan is; each is of one person, or of a few keys."""


@pytest.fixture
async def place(world: World) -> Larch:
    """Larch Court on a Monday in March."""
    return await larch(world)


async def changed_by_care(place: Larch) -> dict[str, Any]:
    """An instruction of the social worker's that was amended a minute later."""
    made = await place.add("LA1", "social_care", "goal", goal="Cook again", status="active")
    place.world.later(minutes=1)
    client = place.client("LA1")
    body = {"goal": "Cook again on Sundays", "status": "on_hold", "version": 1}
    answer = await client.put(f"{place.address}/plan/sections/social_care/goal/{made['id']}", json=body)
    assert answer.status_code == 200, answer.text
    return made


async def test_the_blocks_stand_in_the_order_of_the_specification(place: Larch) -> None:
    page = await (await doctor(place.world)).get(at(place))
    assert page.status_code == 200, page.text
    assert re.findall(r'<h2 id="(\w+)"', page.text) == [
        "needs", "changes", "glance", "wrong", "sharing", "review", "more",
    ]  # fmt: skip


async def test_the_banner_says_who_it_is_and_what_must_be_known_before_speaking(place: Larch) -> None:
    await place.add("P10001", "health", "allergy", substance="Penicillin", status="active")
    await place.add("LA1", "about_me", "about_me", communication="Speak up on my left")
    said = plain(await (await doctor(place.world)).get(at(place)))
    for part in (
        "12 May 1941 (84)",
        "900 000 0009",
        "Speak up on my left",
        "Larch Court, lives alone",
        "1: Penicillin",
    ):
        assert part in said


async def test_what_changed_says_was_and_now_who_and_when(place: Larch) -> None:
    await changed_by_care(place)
    page = await (await doctor(place.world)).get(at(place))
    said = block(page, "changes")
    assert "In the last 30 days" in said
    assert "+ Added Cook again on Sundays Social care" in said
    assert "Social worker, Test Adult social care, 2 March 2026, 09:01" in said


async def test_what_was_read_is_compared_with_how_it_was_then(place: Larch) -> None:
    made = await place.add("LA1", "social_care", "goal", goal="Cook again", status="active")
    one = await doctor(place.world)
    await one.get(at(place))
    answer = await one.post(at(place, "/read"), seen=hidden(one, "seen"), key=hidden(one, "key"))
    assert answer.headers["location"] == at(place)
    assert "Marked as read. Nothing was signed off." in plain(await one.follow())
    assert "Nothing has changed." in block(one.page, "changes")
    place.world.later(minutes=1)
    client = place.client("LA1")
    body = {"goal": "Cook again", "status": "on_hold", "version": 1}
    await client.put(f"{place.address}/plan/sections/social_care/goal/{made['id']}", json=body)
    said = block(await one.get(at(place)), "changes")
    assert "Since 2 March 2026, 09:00, when you marked it as read" in said
    assert "Changed Cook again Social care Status: was Active → , is now On hold" in said


async def test_two_readers_marks_are_their_own(place: Larch) -> None:
    first, second = await doctor(place.world), await reader(place.world, "doctor2", "clinician", "P10001")
    await marked(first, place)
    assert "Nothing has changed." in block(await first.get(at(place)), "changes")
    assert "Nothing has changed." not in block(await second.get(at(place)), "changes")


async def test_what_somebody_wrote_themself_is_no_news_to_them(place: Larch) -> None:
    one = await reader(place.world, "social1", "social_worker", "LA1", subject="social_worker-of-LA1")
    await marked(one, place)
    await changed_by_care(place)
    assert "Nothing has changed." in block(await one.get(at(place)), "changes")
    assert "Cook again on Sundays" in block(await (await doctor(place.world)).get(at(place)), "changes")


async def test_what_others_change_after_ones_own_hand_is_compared_with_that(place: Larch) -> None:
    one = await reader(place.world, "social1", "social_worker", "LA1", subject="social_worker-of-LA1")
    await marked(one, place)
    made = await changed_by_care(place)
    place.world.later(minutes=1)
    body = {"goal": "Cook again on Sundays", "status": "active", "version": 2}
    answer = await place.world.client("social_worker", "LA1", "another").put(
        f"{place.address}/plan/sections/social_care/goal/{made['id']}", json=body
    )
    assert answer.status_code == 200, answer.text
    said = block(await one.get(at(place)), "changes")
    assert "Status: was On hold → , is now Active" in said


async def test_restricted_entries_never_leave_a_mark(place: Larch) -> None:
    one = await doctor(place.world)
    await marked(one, place)
    secret: dict[str, Any] = {"goal": "Leave him", "status": "active", "restricted_to": ["LA1"]}
    made = await place.add("LA1", "social_care", "goal", **secret)
    place.world.later(minutes=1)
    address = f"{place.address}/plan/sections/social_care/goal/{made['id']}"
    await place.client("LA1").put(address, json={**secret, "goal": "Leave soon", "version": 1})
    assert "Nothing has changed." in block(await one.get(at(place)), "changes")
    before = (await one.get(at(place))).text
    await place.client("LA1").delete(address, headers={"If-Match": '"2"'})
    after = (await one.get(at(place))).text
    assert steady(after) == steady(before)
    assert "Nothing has changed." in plain(await one.get(at(place, "/changes")))


def steady(text: str) -> str:
    """A page without what differs each time: what its forms and its news are sealed with."""
    return re.sub(r'since=[\w-]{100,}(%3D)*|name="(token|key)" value="[^"]+"', "", text)


async def test_what_is_closed_to_a_reader_later_is_not_news_of_before(place: Larch) -> None:
    made = await changed_by_care(place)
    address = f"{place.address}/plan/sections/social_care/goal/{made['id']}"
    body = {"goal": "Cook again on Sundays", "status": "on_hold", "restricted_to": ["HC1"], "version": 2}
    await place.client("LA1").put(address, json=body)
    assert "Cook again" not in (await (await doctor(place.world)).get(at(place))).text


async def test_what_was_taken_away_is_told_by_how_it_was(place: Larch) -> None:
    made = await place.add("LA1", "social_care", "goal", goal="Cook again", status="active")
    one = await doctor(place.world)
    await marked(one, place)
    place.world.later(minutes=1)
    address = f"{place.address}/plan/sections/social_care/goal/{made['id']}"
    assert (await place.client("LA1").delete(address, headers={"If-Match": '"1"'})).status_code == 204
    assert "Removed Cook again Social care" in block(await one.get(at(place)), "changes")
    await marked(one, place)
    assert "Nothing has changed." in block(await one.get(at(place)), "changes")


async def test_an_agency_that_joins_is_told_with_the_team(place: Larch) -> None:
    one = await doctor(place.world)
    await marked(one, place)
    place.world.later(minutes=1)
    await place.world.agency("RX9", "Elsewhere Hospital")
    await place.world.desk.add_member(place.world.visit("clinician", "RX1"), place.ada, "RX9", "clinician", "")
    page = await one.get(at(place))
    assert "Added Elsewhere Hospital, on the team" in block(page, "changes")
    assert "Elsewhere Hospital , Clinician: reads" in block(page, "sharing")


async def changes_of(one: Browser, place: Larch) -> str:
    return block(await one.get(at(place)), "changes")


async def elsewhere(place: Larch) -> Browser:
    """A reader who has read everything; and another hospital, which is not on the team."""
    await place.world.agency("RX9", "Elsewhere Hospital")
    one = await doctor(place.world)
    await marked(one, place)
    place.world.later(minutes=1)
    return one


async def test_whose_hand_it_was_that_changed_the_team_is_said_of_each_change(place: Larch) -> None:
    one, desk = await elsewhere(place), place.world.desk
    member = await desk.add_member(place.world.visit("clinician", "RX1"), place.ada, "RX9", "clinician", "")
    place.world.later(minutes=1)
    await desk.end_member(place.world.visit("coordinator", "HUB1"), place.ada, member.id)
    said = await changes_of(one, place)
    line = "Elsewhere Hospital, on the team Who they are and the team"
    assert f"Added {line} Clinician, Test Hospital, 2 March" in said
    assert f"Removed {line} Coordinator, Test Transfer-of-care hub, 2 March" in said


async def test_who_changed_the_team_themself_is_told_no_news_and_others_are(place: Larch) -> None:
    one = await elsewhere(place)
    joined = await place.client("P10001", subject="doctor1").post(f"{place.address}/team", json={"agency": "RX9"})
    assert joined.status_code == 201, joined.text
    assert "Elsewhere Hospital" not in await changes_of(one, place)
    other = await reader(place.world, "worker1", "social_worker", "LA1")
    assert "Added Elsewhere Hospital, on the team" in await changes_of(other, place)


async def test_an_agency_that_accepts_a_task_joined_by_its_own_hand(place: Larch) -> None:
    one = await elsewhere(place)
    task = {"what": "Welfare check", "status": "planned", "who": {"reference": "Organization/RX9"}}
    made = await place.add("RX1", "transitions", "action", **task)
    place.world.later(minutes=1)
    client = place.world.client("clinician", "RX9")
    address = f"{place.address}/plan/sections/transitions/action/{made['id']}"
    answer = await client.put(address, json=task | {"status": "accepted", "version": 1})
    assert answer.status_code == 200, answer.text
    said = await changes_of(one, place)
    assert "Added Elsewhere Hospital, on the team Who they are and the team Clinician, Elsewhere Hospital" in said


async def test_who_may_know_of_a_secret_place_on_the_team_is_told_whose_hand_it_was(place: Larch) -> None:
    one = await elsewhere(place)
    ward = place.world.visit("clinician", "RX1")
    await place.world.desk.add_member(ward, place.ada, "RX9", "clinician", "", ["P10001"])
    said = await changes_of(one, place)
    assert "Added Elsewhere Hospital, on the team Who they are and the team Clinician, Test Hospital" in said
    other = await reader(place.world, "worker1", "social_worker", "LA1")
    assert "Elsewhere Hospital" not in await changes_of(other, place)


@pytest.mark.parametrize("end", ["", "/changes"])
async def test_who_has_no_relation_any_more_finds_nothing(place: Larch, end: str) -> None:
    one = await doctor(place.world)
    assert (await one.get(at(place, end))).status_code == 200
    team = (await place.client("RX1").get(f"{place.address}/team")).json()["members"]
    member = next(each["id"] for each in team if each["agency"] == "P10001")
    await place.client("RX1").delete(f"{place.address}/team/{member}")
    gone = await one.get(at(place, end))
    assert gone.status_code == 404
    unknown = await one.get("/care/people/nobody-at-all")
    assert re.sub(r"this number: \S+", "", plain(gone)) == re.sub(r"this number: \S+", "", plain(unknown))
    assert (await one.client.put(f"/v1{at(place, '/reading')[5:]}", json={})).status_code == 401


async def test_who_left_marks_nothing(place: Larch) -> None:
    one = await doctor(place.world)
    await one.get(at(place))
    said: dict[str, Any] = {"seen": hidden(one, "seen"), "key": hidden(one, "key")}
    team = (await place.client("RX1").get(f"{place.address}/team")).json()["members"]
    member = next(each["id"] for each in team if each["agency"] == "P10001")
    await place.client("RX1").delete(f"{place.address}/team/{member}")
    assert (await one.post(at(place, "/read"), **said)).status_code == 404
    assert list(await place.world.database.rows("select seen from reading")) == []


async def test_a_housing_officer_sees_no_shell_of_what_is_closed_to_them(place: Larch) -> None:
    await place.add("P10001", "health", "allergy", substance="Penicillin", status="active")
    await place.add("P10001", "legal", "legal", cpr_decision={"decision": "do_not_attempt"})
    page = await (await reader(place.world, "officer", "housing_officer", "HA1")).get(at(place))
    said = plain(page) + page.text
    for closed in ("Penicillin", "Allergies", "resuscitation", "Heart failure", "/sections/health", "/sections/legal"):
        assert closed not in said
    assert "Larch Court" in said


async def test_a_carer_sees_what_was_opened_to_them(place: Larch) -> None:
    contact = next(
        one
        for one in (await place.client("LA1").get(f"{place.address}/plan/sections/about_me/contact")).json()["items"]
        if one["name"] == "Bea Test"
    )
    one = await reader(place.world, "bea-test", "carer", "bea-test", name="Bea Test")
    assert (await one.get(at(place))).status_code == 404
    ada = place.world.client("person", "ada", "ada", "patient/*.cruds", place.ada)
    consent: dict[str, Any] = {
        "decision": "permit",
        "status": "active",
        "to": [{"carer": f"RelatedPerson/{contact['id']}"}],
        "sections": ["about_me"],
    }
    assert (await ada.post(f"{place.address}/consents", json=consent)).status_code == 201
    page = await one.get(at(place))
    assert page.status_code == 200, page.text
    assert "May see About me: Bea Test" in plain(page)
    assert "Goals" not in plain(page)
    assert 'id="wrong"' in page.text  # the numbers to ring
    assert "Nobody has written down what to do" not in plain(page)


async def test_the_person_sees_their_own_plan_and_who_has_looked(place: Larch) -> None:
    await place.add("LA1", "about_me", "about_me", most_important="My own front door")
    one = await reader(place.world, "ada", "person", "ada", person=place.ada)
    page = await one.get(at(place))
    assert "What matters to me My own front door" in plain(page)
    assert "Who has looked" in plain(page)
    await marked(one, place)
    log = await place.world.client("person", "ada", "ada", "patient/*.cruds", place.ada).get(
        f"{place.address}/access-log"
    )
    assert any("marked your plan as read" in line["what"] for line in log.json()["items"])


async def test_a_plan_is_shown_in_few_statements(place: Larch, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        await place.add("LA1", "social_care", "goal", goal=f"Goal {number}", status="active")
    one = await doctor(place.world)
    await one.get(at(place))
    asked: list[str] = []
    watched = place.world.service.database

    def counting(real: Any) -> Any:
        async def counted(sql: str, *rest: Any, **more: Any) -> Any:
            asked.append(sql)
            return await real(sql, *rest, **more)

        return counted

    for name in ("rows", "noted"):
        monkeypatch.setattr(watched, name, counting(getattr(watched, name)))
    await one.get(at(place))
    assert len(asked) <= STATEMENTS, asked
