"""The parts of the plan page: what each says of what stands in the plan, and for whom."""

from typing import Any

import pytest

from tests.pages.plan_pages import at, block, card, doctor, marked, plain, reader
from tests.support.larch import Larch, larch
from tests.support.world import World

HOME_CARE = {"reference": "Organization/HC1"}


@pytest.fixture
async def place(world: World) -> Larch:
    """Larch Court on a Monday in March."""
    return await larch(world)


async def asked(place: Larch, **more: Any) -> None:
    """A message that the practice must answer, and what follows from it."""
    to = [{"reference": "Organization/P10001"}]
    body: dict[str, Any] = {"text": "Breathless on the stairs", "status": "sent", "urgency": "urgent", "to": to}
    await place.add("HC1", "social_care", "message", **(body | more))
    await place.turn()


async def test_a_message_that_waits_says_how_urgent_it_is_and_by_when(place: Larch) -> None:
    await asked(place)
    said = block(await (await doctor(place.world)).get(at(place)), "needs")
    assert "▲ High Acknowledge: Breathless on the stairs due in 1 hour" in said
    place.world.later(hours=4)
    said = block(await (await reader(place.world, "doctor2", "clinician", "P10001")).get(at(place)), "needs")
    assert "▲▲ Critical Acknowledge: Breathless on the stairs ! overdue since 2 March 2026, 11:00" in said


async def test_of_many_three_stand_there_and_the_others_unfold(place: Larch) -> None:
    for number in range(5):
        who = {"reference": "Organization/P10001"}
        await place.add("LA1", "social_care", "action", what=f"Ring about {number}", status="planned", who=who)
    said = block(await (await doctor(place.world)).get(at(place)), "needs")
    assert said.index("Ring about 2") < said.index("2 more") < said.index("Ring about 3")


async def test_each_need_leads_to_where_it_is_acted_on(place: Larch) -> None:
    await asked(place)
    page = await (await doctor(place.world)).get(at(place))
    message = (await place.client("HC1").get(f"{place.address}/messages")).json()["items"][0]["id"]
    assert f'href="{at(place, f"/messages/{message}")}"' in page.text


async def test_who_was_not_heard_is_led_to_the_review(place: Larch) -> None:
    await place.add("LA1", "social_care", "service", service="Help at home", status="active", provider=HOME_CARE)
    await place.turn()
    await place.turn(days=9)
    page = await (await doctor(place.world)).get(at(place))
    assert "High" in block(page, "needs")
    assert f'href="{at(place, "/review")}"' in page.text.partition('id="changes"')[0]


async def test_a_planned_discharge_says_how_it_stands(place: Larch) -> None:
    stay = {"hospital": {"reference": "Organization/RX1"}, "status": "in_hospital", "admitted": "2026-03-01T10:00:00Z"}
    made = await place.add("RX1", "transitions", "stay", **stay, planned_discharge="2026-03-06T14:00:00Z")
    page = await (await doctor(place.world)).get(at(place))
    assert "Leaves hospital 6 March 2026, 14:00 : ✗ Not ready , 0 of " in block(page, "needs")
    assert f'href="{at(place, "/stays/")}{made["id"]}"' in page.text


async def test_nothing_to_do_is_said(place: Larch) -> None:
    assert "Nothing needs you now." in block(await (await doctor(place.world)).get(at(place)), "needs")


async def test_goals_say_how_far_they_have_come_in_words(place: Larch) -> None:
    score = {"score": -1, "scored_by": {"name": "Jo"}, "attainment": "no_change"}
    await place.add("LA1", "social_care", "goal", goal="Walk to the shop", status="active", importance=3, **score)
    await place.add("LA1", "social_care", "goal", goal="Sing", status="active", importance=9)
    await place.add("LA1", "social_care", "goal", goal="Given up", status="cancelled")
    said = card(await (await doctor(place.world)).get(at(place)), "Goals")
    assert said == "Sing : not scored yet Walk to the shop : less than hoped for (-1), no change"


async def test_the_week_stands_by_agency_and_day(place: Larch) -> None:
    visits = [{"days": ["mon", "thu"], "start": "08:00"}, {"start": "19:30"}]
    await place.add(
        "LA1", "social_care", "service", service="Help", status="active", provider=HOME_CARE, visits=visits,
        gives_medicines=False,
    )  # fmt: skip
    page = await (await doctor(place.world)).get(at(place))
    row = "Test Home-care provider 08:00 19:30 19:30 19:30 08:00 19:30 19:30 19:30 19:30"
    assert row in card(page, "This week's services") + block(page, "glance")
    assert card(page, "Who gives medicines") == "Test Home-care provider : does not give medicines"


async def test_who_gives_each_medicine_is_counted(place: Larch) -> None:
    await place.add("P10001", "health", "medicine", medicine="Water tablet", status="active", self_given=True)
    for name in ("Insulin", "Eye drops"):
        await place.add("P10001", "health", "medicine", medicine=name, status="active", given_by=HOME_CARE)
    said = card(await (await doctor(place.world)).get(at(place)), "Who gives medicines")
    assert said == "They themself : 1 medicine without help Test Home-care provider : 2 medicines"


async def test_equipment_that_is_not_tested_comes_first(place: Larch) -> None:
    for item, status in (("Hoist", "tested"), ("Bed", "delivered"), ("Old chair", "returned")):
        await place.add("LA1", "social_care", "equipment", item=item, status=status, tested="2026-03-01")
    said = card(await (await doctor(place.world)).get(at(place)), "Equipment")
    assert said == "Bed : Delivered, not tested yet Hoist : Tested 1 March 2026"


async def test_the_home_says_who_is_there_and_who_cares(place: Larch) -> None:
    said = card(await (await doctor(place.world)).get(at(place)), "Home and who cares")
    assert said == "Lives alone Bea Test : daughter, unpaid carer"


async def test_if_things_go_wrong_says_what_to_do_and_what_was_decided(place: Larch) -> None:
    await place.add(
        "P10001",
        "contingency",
        "contingency",
        plan_name="When I get breathless",
        trigger_factors=[{"text": "Ankles swell"}],
        what_should_happen=["Ring the surgery"],
        who_should_be_contacted=[{"reference": "Organization/P10001", "contact": "020 7946 0000"}],
        treatment="selected_treatment",
        resuscitation="attempt",
        advance_statement={"location": "The hall table", "date": "2026-01-01"},
    )
    decision = {"decision": "No ventilation", "location": "With Bea"}
    await place.add(
        "P10001",
        "legal",
        "legal",
        cpr_decision={"decision": "do_not_attempt", "date": "2026-02-01"},
        advance_decisions=[decision, {**decision, "decision": "No antibiotics", "withdrawn": "2026-02-02"}],
        attorneys=[{"name": "Bea Test", "type": "health_and_welfare"}],
    )
    said = block(await (await doctor(place.world)).get(at(place)), "wrong")
    for part in (
        "When: Ankles swell Ring the surgery Contact: Test General practice, 020 7946 0000",
        "Resuscitation Attempt resuscitation",
        "Treatment Selected treatment",
        "Advance statement 1 January 2026, The hall table",
        "Resuscitation Do not attempt resuscitation, 1 February 2026",
        "Advance decision No ventilation, With Bea",
        "Attorney Bea Test, health and welfare",
        "Test Home-care provider 020 7946 0000 when the team is not there",
    ):
        assert part in said, part
    assert "No antibiotics" not in said


async def test_consents_stand_in_words_the_refusals_first(place: Larch) -> None:
    ada = place.world.client("person", "ada", "ada", "patient/*.cruds", place.ada)
    said: dict[str, Any] = {"status": "active", "sections": ["housing", "legal"]}
    for decision, to in (("permit", {"role": "carer"}), ("deny", {"agency": "BA1"}), ("deny", {"subject": "jo"})):
        answer = await ada.post(f"{place.address}/consents", json=said | {"decision": decision, "to": [to]})
        assert answer.status_code == 201, answer.text
    gone = said | {"decision": "deny", "to": [{"role": "coordinator"}], "end": "2026-01-01"}
    await ada.post(f"{place.address}/consents", json=gone)
    told = block(await (await doctor(place.world)).get(at(place)), "sharing")
    assert (
        "May not see Housing and Legal: Test Benefits advice May not see Housing and Legal: jo"
        " May see Housing and Legal: anybody in the role carer"
    ) in told
    assert "coordinator" not in told


async def test_the_last_sign_off_of_each_section_stands_there(place: Larch) -> None:
    client = place.client("LA1")
    section = (await client.get(f"{place.address}/plan/sections/social_care")).json()["section"]
    signed = {"signed": f"CarePlan/{section['id']}/_history/{section['version']}", "outcome": "no_change"}
    answer = await client.post(
        f"{place.address}/reviews", params={"section": "social_care"}, json=signed | {"next_review": "2026-03-01"}
    )
    assert answer.status_code == 201, answer.text
    said = block(await (await doctor(place.world)).get(at(place)), "review")
    row = "Social care 2 March 2026 Social worker, Test Adult social care No change 1 March 2026 ! due"
    assert row in said
    assert "Health Never" in said


async def test_a_sign_off_of_ones_own_is_where_a_section_begins_anew(place: Larch) -> None:
    await place.add("HC1", "social_care", "goal", goal="Cook again", status="active")
    await place.add("P10001", "health", "goal", goal="Breathe", status="active")
    place.world.later(minutes=1)
    client = place.client("LA1", subject="social1")
    section = (await client.get(f"{place.address}/plan/sections/social_care")).json()["section"]
    signed = {"signed": f"CarePlan/{section['id']}/_history/{section['version']}", "outcome": "no_change"}
    await client.post(f"{place.address}/reviews", params={"section": "social_care"}, json=signed)
    one = await reader(place.world, "social1", "social_worker", "LA1")
    said = block(await one.get(at(place)), "changes")
    assert "In the last 30 days; of Social care since you signed off, last on 2 March 2026" in said
    assert "Cook again" not in said
    assert "Breathe" in said


async def test_why_something_changed_is_told(place: Larch) -> None:
    made = await place.add("LA1", "social_care", "goal", goal="Cook again", status="active")
    one = await doctor(place.world)
    await marked(one, place)
    place.world.later(minutes=1)
    path = f"{place.address}/plan/sections/social_care/goal/{made['id']}"
    body = {"goal": "Cook again", "status": "on_hold", "version": 1}
    await place.client("LA1").put(path, json=body, headers={"X-Change-Reason": "She is tired"})
    assert "Why: She is tired" in block(await one.get(at(place)), "changes")


async def test_all_changes_stand_by_section_with_every_field(place: Larch) -> None:
    made = await place.add("LA1", "social_care", "goal", goal="Cook again", status="active")
    one = await doctor(place.world)
    await marked(one, place)
    place.world.later(minutes=1)
    path = f"{place.address}/plan/sections/social_care/goal/{made['id']}"
    long = "She said it at length. " * 30
    body = {"goal": "Cook again on Sundays", "status": "on_hold", "own_words": long, "version": 1}
    await place.client("LA1").put(path, json=body)
    await place.add("P10001", "health", "need", need="Falls", status="active")
    page = await one.get(at(place, "/changes"))
    said = plain(page)
    assert said.index("Health") < said.index("Added Falls") < said.index("Social care ↔ Changed")
    assert "Goal: was Cook again → , is now Cook again on Sundays" in said
    assert "Status: was Active → , is now On hold" in said
    assert "More of in their own words" in said
    assert "2 changes by others" in said


@pytest.mark.parametrize("query", ["?page=0x1", "?page=²", "?days=31", "?days=-1", "?page=999999"])
async def test_what_is_no_page_of_changes_is_not_there(place: Larch, query: str) -> None:
    assert (await (await doctor(place.world)).get(at(place, f"/changes{query}"))).status_code == 404


async def test_one_can_look_back_again_after_marking_as_read(place: Larch) -> None:
    await place.add("LA1", "social_care", "goal", goal="Cook again", status="active")
    one = await doctor(place.world)
    await marked(one, place)
    assert "Cook again" not in plain(await one.get(at(place, "/changes")))
    texts = [await one.get(at(place, f"/changes?days=7&page={page}")) for page in (1, 2)]
    page = texts[0]
    assert "In the last 7 days" in plain(page)
    assert "Cook again" in " ".join(map(plain, texts))
    assert "Mark all as read" not in plain(page)


async def test_the_pages_of_changes_show_each_once(place: Larch) -> None:
    for number in range(15):
        await place.add("LA1", "social_care", "goal", goal=f"Goal <{number}>", status="active")
    one = await doctor(place.world)
    texts = [plain(await one.get(at(place, f"/changes?page={page}"))) for page in (1, 2, 3)]
    for number in range(15):
        assert sum(text.count(f"Goal: Goal <{number}>") for text in texts) == 1, number
    assert plain(await one.get(at(place, "/changes?page=9"))).count("Added") == 0


async def test_what_the_service_wrote_itself_comes_after_what_people_did(place: Larch) -> None:
    await asked(place)
    one = await doctor(place.world)
    said = block(await one.get(at(place)), "changes")
    assert "by Oneplan itself" in said
    assert "Oneplan, 2 March" not in said
    texts = [plain(await one.get(at(place, f"/changes?page={page}"))) for page in (1, 2)]
    assert "written by Oneplan itself" in " ".join(texts)


@pytest.mark.parametrize("said", ["", "yesterday", "2999-01-01T00:00:00Z"])
async def test_a_mark_that_was_tampered_with_is_refused(place: Larch, said: str) -> None:
    one = await doctor(place.world)
    await one.get(at(place))
    answer = await one.post(at(place, "/read"), seen=said, key="00000000-0000-4000-8000-000000000000")
    assert answer.status_code in (400, 422)
    assert "Nothing has changed." not in block(await one.get(at(place)), "changes")


async def test_a_form_from_elsewhere_marks_nothing(place: Larch) -> None:
    one = await doctor(place.world)
    await one.get(at(place))
    answer = await one.client.post(at(place, "/read"), data={"seen": "2026-03-02T09:00:00Z"})
    assert answer.status_code in (400, 403)
    assert list(await place.world.database.rows("select seen from reading")) == []


@pytest.mark.parametrize("end", ["", "/changes"])
async def test_scripts_in_what_people_wrote_are_text(place: Larch, end: str) -> None:
    nasty = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    await place.add("LA1", "social_care", "goal", goal=nasty, status="active")
    await place.add("LA1", "about_me", "about_me", most_important=nasty, communication=nasty)
    page = await (await doctor(place.world)).get(at(place, end))
    assert "<img" not in page.text
    assert nasty in plain(page)
