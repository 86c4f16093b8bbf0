"""Review and sign-off at the door: who signs what, what is signed, and what is shown when the plan moved meanwhile."""

from html import unescape

import pytest

from tests.support.larch import Larch, larch
from tests.support.pages import again, at, filled, reader, send

MERGE = {"Content-Type": "application/merge-patch+json"}


async def signed(place: Larch, agency: str = "LA1"):
    answer = await place.client(agency).get(f"{place.address}/reviews")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def need_of(place: Larch):
    [need] = (await place.client("P10001").get(f"{place.address}/plan/sections/health/need")).json()["items"]
    return need


async def change(place: Larch, entry, **fields) -> None:
    answer = await place.client("P10001").patch(
        f"{place.address}/plan/sections/health/need/{entry['id']}",
        json=fields,
        headers={"If-Match": f'"{entry["version"]}"', **MERGE},
    )
    assert answer.status_code == 200, answer.text


async def test_what_is_ticked_is_signed_as_it_was_read(world):
    place = await larch(world)
    one = await reader(place, "P10001")
    answer = await send(
        one,
        at(place, "review"),
        scope=["health", "legal"],
        outcome="no_change",
        comment="Seen & <b>fine</b>",
        next__day="1",
        next__month="6",
        next__year="2026",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/care/people/{place.ada}")
    found = await signed(place)
    assert [(row["section"], row["outcome"], row["next_review"]) for row in found] == [
        ("health", "no_change", "2026-06-01"),
        ("legal", "no_change", "2026-06-01"),
    ]
    assert all(row["seen"].startswith("2026-03-02T09:00:00.") for row in found)
    page = (await one.get(at(place, "review"))).text
    assert "You signed off: Health, Legal." in page
    assert "Seen &amp; &lt;b&gt;fine&lt;/b&gt;" in page
    assert "1 June 2026" in page
    section = (await one.get(at(place, "sections/health"))).text
    assert "2 March 2026</a>, Clinician, Test General practice: No change" in section
    assert "Next review: 1 June 2026" in section
    world.later(days=120)
    await one.sign_in("p10001-")
    assert "Overdue" in (await one.get(at(place, "sections/health"))).text
    assert "Review overdue since 1 June 2026" in (await one.get(at(place, "review"))).text


WHO = [
    ("P10001", ["health", "social_care", "contingency", "legal"]),
    ("LA1", ["social_care", "contingency", "legal", "safeguarding"]),
    ("HC1", []),
    ("HA1", ["housing"]),
    ("HUB1", ["transitions"]),
    ("BA1", ["benefits"]),
]


@pytest.mark.parametrize("agency,sections", WHO)
async def test_each_is_offered_what_they_may_sign(world, agency, sections):
    place = await larch(world)
    one = await reader(place, agency)
    page = await one.get(at(place, "review"))
    assert page.status_code == 200
    offered = [name.removeprefix("read-") for name in filled(page.text) if name.startswith("read-")]
    assert offered == sections
    if not sections:
        assert "There is no section of this plan that you can sign off." in page.text


async def test_the_person_says_whether_they_agree(world):
    place = await larch(world)
    ada = await reader(place, "ADA", "person", place.ada)
    page = await ada.get(at(place, "review"))
    offered = [name.removeprefix("read-") for name in filled(page.text) if name.startswith("read-")]
    assert offered == ["about_me", "social_care"]
    assert "I agree with this" in page.text
    answer = await again(ada, at(place, "review"), scope="about_me", outcome="disagreed", comment="Not my words")
    assert answer.status_code == 303
    [row] = await signed(place)
    assert (row["section"], row["outcome"]) == ("about_me", "disagreed")
    refused = await send(ada, at(place, "review"), scope="about_me", outcome="no_change")
    assert refused.status_code == 422


BAD = [
    ({"outcome": "no_change"}, "Choose what you sign off."),
    ({"scope": "housing", "outcome": "no_change"}, "Choose what you sign off."),
    ({"scope": "health"}, "Choose what came of it."),
    ({"scope": "health", "outcome": "agreed"}, "Choose one of these."),
    ({"scope": "health", "outcome": "no_change", "next__year": "2020", "next__month": "1", "next__day": "1"}, "come."),
    ({"scope": "health", "outcome": "no_change", "next__day": "31"}, "Enter a real date"),
    ({"scope": "health", "outcome": "no_change", "comment": "x" * 2001}, "at most 2000 characters"),
    ({"scope": "health", "outcome": "no_change", "seen": "now"}, "Read the plan, and sign it off on this page."),
    ({"scope": "health", "outcome": "no_change", "comment": "<script>x</script>"}, "markup that a browser"),
]


@pytest.mark.parametrize("typed,said", BAD)
async def test_bad_input_signs_nothing_and_stays(world, typed, said):
    place = await larch(world)
    one = await reader(place, "P10001")
    answer = await send(one, at(place, "review"), **{"comment": "Kept", **typed})
    assert answer.status_code == 422, answer.text
    assert said in unescape(answer.text)
    left = filled(answer.text)
    assert left["comment"] == [typed.get("comment", "Kept")]
    assert left.get("outcome", [""]) == [typed["outcome"]] if typed.get("outcome") == "no_change" else True
    assert await signed(place) == []


async def test_a_double_click_signs_once(world):
    place = await larch(world)
    one = await reader(place, "P10001")
    form = filled((await one.get(at(place, "review"))).text, scope="health", outcome="no_change")
    for _ in range(2):
        answer = await one.client.post(at(place, "review"), data=form, headers={"Accept": "text/html"})
        assert answer.status_code == 303, answer.text
    assert len(await signed(place)) == 1


async def test_where_the_plan_moved_the_difference_is_shown_and_signed_afterwards(world):
    place = await larch(world)
    one = await reader(place, "P10001")
    await one.get(at(place, "review"))
    world.later(minutes=3)
    await change(place, await need_of(place), need="Heart failure, worse", severity="severe")
    await place.add("P10001", "health", "goal", goal="Sleep flat", status="active")
    moved = await again(one, at(place, "review"), scope=["health", "legal"], outcome="no_change", comment="Mine")
    assert moved.status_code == 412
    text = unescape(moved.text)
    for said in (
        "The plan changed while you were reading",
        "Nothing was signed off",
        "Heart failure, worse",
        "Severe",
        "Sleep flat",
        "Clinician, Test General practice, 2 March 2026, 09:03",
    ):
        assert said in text
    assert "Lives alone" not in text
    assert await signed(place) == []
    left = filled(moved.text)
    assert (left["scope"], left["outcome"], left["comment"]) == (["health", "legal"], ["no_change"], ["Mine"])
    assert (await again(one, at(place, "review"))).status_code == 303
    assert {row["section"] for row in await signed(place)} == {"health", "legal"}
    assert all(row["seen"].startswith("2026-03-02T09:03:00.") for row in await signed(place))


async def test_where_one_section_moves_in_the_very_moment_none_is_signed(world):
    place = await larch(world)
    one = await reader(place, "P10001")
    early = filled((await one.get(at(place, "review"))).text)["seen"]
    world.later(minutes=3)
    await change(place, await need_of(place), need="Heart failure, worse")
    # The page finds what it showed; the desk finds that the health section was read before it moved.
    moved = await send(one, at(place, "review"), scope=["legal", "health"], outcome="no_change", seen=early)
    assert moved.status_code == 412
    text = unescape(moved.text)
    assert "Nothing was signed" in text
    assert "Heart failure, worse" in text
    assert await signed(place) == []
    left = filled(moved.text)
    assert left["scope"] == ["health", "legal"]
    assert (await again(one, at(place, "review"))).status_code == 303
    assert [row["section"] for row in await signed(place)] == ["health", "legal"]


async def test_what_one_cannot_sign_any_more_is_not_passed_over(world):
    place = await larch(world)
    one = await reader(place, "P10001")
    answer = await send(one, at(place, "review"), scope=["health", "housing"], outcome="no_change")
    assert answer.status_code == 422
    assert "You cannot sign off all of these any more." in answer.text
    assert await signed(place) == []


async def test_what_another_may_not_see_is_not_in_the_difference_and_holds_nobody_up(world):
    place = await larch(world)
    one = await reader(place, "P10001")
    await one.get(at(place, "review"))
    world.later(minutes=3)
    await place.add("RX1", "health", "need", need="Hidden", status="active", restricted_to=["RX1"])
    answer = await again(one, at(place, "review"), scope="health", outcome="no_change")
    assert answer.status_code == 303, unescape(answer.text)


async def test_a_signature_of_another_is_no_change_of_the_plan(world):
    place = await larch(world)
    one, other = await reader(place, "P10001"), await reader(place, "RX1")
    await one.get(at(place, "review"))
    assert (await send(other, at(place, "review"), scope="health", outcome="no_change")).status_code == 303
    assert (await again(one, at(place, "review"), scope="health", outcome="no_change")).status_code == 303
    assert len(await signed(place)) == 2


async def test_what_was_taken_away_is_shown_as_it_was(world):
    place = await larch(world)
    goal = await place.add("P10001", "health", "goal", goal="Sleep flat", status="active")
    one = await reader(place, "P10001")
    await one.get(at(place, "review"))
    world.later(minutes=3)
    gone = await place.client("P10001").delete(
        f"{place.address}/plan/sections/health/goal/{goal['id']}", headers={"If-Match": '"1"'}
    )
    assert gone.status_code == 204
    moved = await again(one, at(place, "review"), scope="health", outcome="no_change")
    assert moved.status_code == 412
    assert "Taken away" in moved.text
    assert "Sleep flat" in moved.text


async def test_whoever_is_not_on_the_team_finds_no_review(world):
    place = await larch(world, without=("BA1",))
    one = await reader(place, "BA1")
    assert (await one.get(at(place, "review"))).status_code == 404
    for rest in ("team", "documents", "sections/benefits"):
        assert (await one.get(at(place, rest))).status_code == 404


# the team and the documents


async def test_the_team_is_shown_and_an_agency_joins_and_leaves(world):
    place = await larch(world)
    await world.agency("NS1", "Night Sitters")
    one = await reader(place, "LA1")
    page = (await one.get(at(place, "team"))).text
    assert "Test Adult social care" in page
    assert "Monday to Friday: 09:00 to 17:00" in page
    assert "020 7946 0000" in page
    await one.get(at(place, "team?find=Night"))
    assert (await again(one, at(place, "team"), role="Sits at night")).status_code == 422
    assert "Choose the agency that joins." in one.page.text
    assert (await again(one, at(place, "team"), agency="NS1", role="Sits at night")).status_code == 303
    page = (await one.follow()).text
    assert "Night Sitters" in page
    assert "Sits at night" in page
    team = (await place.client("LA1").get(f"{place.address}/team")).json()["members"]
    [member] = [row for row in team if row["agency"] == "NS1"]
    ended = await one.post(at(place, "team"), ends=member["id"])
    assert ended.status_code == 303
    assert "Earlier" in (await one.follow()).text


async def test_one_who_may_not_end_the_membership_of_others_is_not_offered_it(world):
    place = await larch(world)
    one = await reader(place, "HC1")
    page = (await one.get(at(place, "team"))).text
    assert page.count("End the membership of") == 1
    team = (await place.client("LA1").get(f"{place.address}/team")).json()["members"]
    [member] = [row for row in team if row["agency"] == "HA1"]
    assert (await one.post(at(place, "team"), ends=member["id"])).status_code == 422
    assert (await one.post(at(place, "team"), ends="../x")).status_code == 404
    now = (await place.client("LA1").get(f"{place.address}/team")).json()["members"]
    assert now == team


HOSTS = [
    ("https://files.example.org/a?b=1", "Kept at files.example.org"),
    ("javascript:alert(1)", ""),
    ("data:text/html,x", ""),
    ("https://[broken", ""),
    ("ftp://files.example.org/a", ""),
]


@pytest.mark.parametrize("url,said", HOSTS)
async def test_a_document_leads_where_a_browser_may_go_and_nowhere_else(world, url, said):
    place = await larch(world)
    await place.add("P10001", "health", "document", title="Clinic letter", status="current", url=url)
    one = await reader(place, "P10001")
    page = (await one.get(at(place, "documents"))).text
    assert "Clinic letter" in page
    assert ("leaves Oneplan)" in page) is bool(said)
    assert said in page
    assert 'href="javascript' not in page
    assert ('rel="noreferrer noopener external"' in page) is bool(said)
