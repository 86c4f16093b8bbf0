"""A person's own view: in plain words, with what they can change and say, and a way out that shows no name."""

import re
from typing import Any

import pytest

from tests.support.built import BUILT
from tests.support.larch import Larch, larch
from tests.support.own_pages import fields, hidden, someone, text
from tests.support.sign_in import Browser

pytestmark = BUILT
WORDS = "plan/sections/about_me/about_me"


@pytest.fixture
async def here(world):
    return await larch(world)


async def bea(here: Larch, *sections: str) -> Browser:
    """The daughter, to whom these sections are open."""
    contact = (await here.client("LA1").get(f"{here.address}/plan/sections/about_me/contact")).json()["items"][0]["id"]
    body: dict[str, Any] = {"decision": "permit", "status": "active", "to": [{"carer": f"RelatedPerson/{contact}"}]}
    ada = here.world.client("person", "own", person=here.ada)
    answer = await ada.post(f"{here.address}/consents", json=body | {"sections": list(sections)})
    assert answer.status_code == 201, answer.text
    return await someone(here, "carer", "bea-test", "bea-test")


def at(here: Larch, more: str = "") -> str:
    return f"/care/people/{here.ada}/mine{more}"


async def entries(here: Larch, path: str) -> list[dict[str, Any]]:
    answer = await here.world.client("person", "own", person=here.ada).get(f"{here.address}/{path}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def planned(here: Larch) -> str:
    """A discharge is planned, and everybody has been asked; the id of the stay."""
    made = await here.add(
        "RX1",
        "transitions",
        "stay",
        status="in_hospital",
        hospital={"reference": "Organization/RX1"},
        admitted="2026-03-01T10:00:00Z",
        planned_discharge="2026-03-06T14:00:00Z",
    )
    await here.turn()
    return str(made["id"])


async def test_a_person_is_led_to_their_own_view_a_carer_to_those_who_share_and_others_to_their_work(here):
    ada, carer = await someone(here), await bea(here, "about_me")
    assert (await ada.get("/care/mine")).headers["location"] == at(here)
    assert f'href="{at(here)}"' in (await carer.get("/care/mine")).text
    worker = await someone(here, "clinician", "RX1", "nurse")
    assert (await worker.get("/care/mine")).headers["location"] == "/care"
    assert (await worker.get(at(here))).headers["location"] == f"/care/people/{here.ada}"


async def test_a_carer_with_whom_nobody_shares_is_told_so(here):
    carer = await someone(here, "carer", "zoe-test", "zoe-test")
    assert "Nobody shares a plan with you" in (await carer.get("/care/mine")).text
    assert (await carer.get(at(here))).status_code == 404


async def test_the_view_says_what_matters_what_happens_who_helps_and_who_looked(here):
    await here.add("LA1", "about_me", "about_me", most_important="My own front door.")
    goal: dict[str, Any] = {
        "goal": "Walk to the shop",
        "status": "active",
        "own_words": "I want my paper.",
        "attainment": "improving",
    }
    await here.add("LA1", "social_care", "goal", **goal, stage_goals=[{"goal": "The gate", "status": "in_progress"}])
    await here.add(
        "HC1",
        "social_care",
        "service",
        service="Personal care",
        status="active",
        provider={"reference": "Organization/HC1"},
        visits=[{"start": "08:00", "tasks": "Wash, dress"}, {"days": ["tue"], "start": "11:00"}],
    )
    by = await someone(here)
    page = text((await by.get(at(here))).text)
    for said in (
        "My own front door.",
        "“I want my paper.”",
        "It is getting better.",
        "Next step: The gate",
        "08:00 Test Home-care provider: Wash, dress",
        "11:00 Test Home-care provider: Personal care",
        "The carers who visit you",
        "Ring 020 7946 0000",
        "daughter",
        "A care worker",
        "You have not said yes or no to anything.",
    ):
        assert said in page
    assert page.index("Today, 2 March 2026") < page.index("08:00")


async def test_who_looked_leaves_out_the_person_and_marks_an_emergency(here):
    stranger = here.world.client("clinician", "RX9", "dana")
    opened = {"person": str(here.ada), "reason": "emergency", "text": "Found at home, not responding"}
    assert (await stranger.post("/v1/overrides", json=opened)).status_code == 201
    by = await someone(here)
    await by.get(at(here))
    looked = text((await by.get(at(here))).text).partition("Who looked at my plan")[2].partition("What I allow")[0]
    assert "Emergency access:" in looked
    assert "You" not in looked


async def test_a_carer_reads_what_is_shared_and_of_the_rest_nothing(here):
    await here.add("LA1", "about_me", "about_me", most_important="My own front door.")
    await here.add("LA1", "social_care", "goal", goal="Walk to the shop", status="active")
    carer = await bea(here, "about_me")
    page = text((await carer.get(at(here))).text)
    assert "My own front door." in page
    assert "Ada does not share the visits with you." in page
    for word in ("Walk to the shop", "Who looked", "What I allow", "agree"):
        assert word not in page


async def test_the_person_writes_their_words_and_changes_them(here):
    by = await someone(here)
    await by.get(at(here, "/words"))
    page = await by.post(at(here, "/words"))
    assert (page.status_code, fields(page.text)) == (422, ["most_important"])
    assert (await by.post(at(here, "/words"), most_important="My plants.")).status_code == 303
    assert "My plants." in text((await by.follow()).text)
    page = await by.get(at(here, "/words"))
    said: dict[str, Any] = {"most_important": "", "communication": "Speak up."}
    assert (await by.post(at(here, "/words"), version=hidden(page.text, "version"), **said)).status_code == 303
    (kept,) = await entries(here, WORDS)
    assert kept["communication"] == "Speak up."
    assert "most_important" not in kept
    assert kept["date"] == "2026-03-02"


async def test_what_others_helped_to_write_is_changed_and_not_doubled(here):
    helped = {"name": "Bea Test"}
    await here.add("LA1", "about_me", "about_me", most_important="Peace.", supported_to_write_by=helped)
    by = await someone(here)
    page = await by.get(at(here, "/words"))
    assert "Peace." in page.text
    await by.post(at(here, "/words"), version=hidden(page.text, "version"), most_important="Peace and quiet.")
    (kept,) = await entries(here, WORDS)
    assert (kept["most_important"], kept["supported_to_write_by"]) == ("Peace and quiet.", helped)


async def test_words_that_somebody_changed_meanwhile_are_shown_beside_what_was_typed(here):
    made = await here.add("LA1", "about_me", "about_me", most_important="Peace.")
    by = await someone(here)
    page = await by.get(at(here, "/words"))
    ada = here.world.client("person", "own", person=here.ada)
    merge = {"Content-Type": "application/merge-patch+json", "If-Match": '"1"'}
    changed = {"most_important": "Quiet."}
    assert (await ada.patch(f"{here.address}/{WORDS}/{made['id']}", json=changed, headers=merge)).is_success
    page = await by.post(at(here, "/words"), version=hidden(page.text, "version"), most_important="Company.")
    assert page.status_code == 422
    assert "Quiet." in text(page.text)
    assert "Company.</textarea>" in page.text
    assert (await by.post(at(here, "/words"), version="2", most_important="Company.")).status_code == 303
    (kept,) = await entries(here, WORDS)
    assert kept["most_important"] == "Company."


async def test_markup_is_refused_or_shown_and_never_run(here):
    by = await someone(here)
    await by.get(at(here, "/words"))
    page = await by.post(at(here, "/words"), most_important="<script>alert(1)</script>")
    assert (page.status_code, fields(page.text)) == (422, ["most_important"])
    assert "<script>alert" not in page.text
    await by.post(at(here, "/words"), most_important="<b onmouseover=alert(1)>bold</b>")
    assert "<b onmouseover" not in (await by.get(at(here))).text


async def test_a_carer_and_a_worker_do_not_write_the_persons_words(here):
    for by in (await bea(here, "about_me"), await someone(here, "social_worker", "LA1", "worker")):
        assert (await by.get(at(here, "/words"))).status_code == 403
        assert (await by.post(at(here, "/words"), most_important="x")).status_code == 403


async def test_a_message_goes_to_one_team_and_only_they_read_it(here):
    by = await someone(here)
    await by.get(at(here, "/say"))
    page = await by.post(at(here, "/say"))
    assert (page.status_code, fields(page.text)) == (422, ["to", "text", "urgency"])
    said: dict[str, Any] = {"to": "P10001", "text": "My ankles are swollen.", "urgency": "soon"}
    assert (await by.post(at(here, "/say"), who_sees="team", **said)).status_code == 303
    (kept,) = await entries(here, "messages")
    assert (kept["to"][0]["reference"], kept["urgency"]) == ("Organization/P10001", "soon")
    seen = {agency: await here.client(agency).get(f"{here.address}/messages") for agency in ("P10001", "HC1")}
    assert {agency: len(answer.json()["items"]) for agency, answer in seen.items()} == {"P10001": 1, "HC1": 0}
    await by.get(at(here, "/say"))
    await by.post(at(here, "/say"), who_sees="all", **said)
    assert len((await here.client("HC1").get(f"{here.address}/messages")).json()["items"]) == 1


@pytest.mark.parametrize(
    "sent, wrong",
    [
        ({"to": "RX9"}, ["to"]),
        ({"urgency": "emergency"}, ["urgency"]),
        ({"urgency": "whenever"}, ["urgency"]),
        ({"text": "x" * 20_001}, ["text"]),
    ],
)
async def test_a_message_that_is_not_as_it_must_be_is_kept_and_said(here, sent, wrong):
    by = await someone(here)
    await by.get(at(here, "/say"))
    page = await by.post(at(here, "/say"), **({"to": "P10001", "text": "Hello.", "urgency": "soon"} | sent))
    assert (page.status_code, fields(page.text)) == (422, wrong)
    assert await entries(here, "messages") == []


async def test_a_carer_writes_to_a_team_as_well(here):
    carer = await bea(here, "about_me")
    await carer.get(at(here, "/say"))
    said: dict[str, Any] = {"to": "LA1", "text": "I am away until Friday.", "urgency": "routine", "who_sees": "team"}
    assert (await carer.post(at(here, "/say"), **said)).status_code == 303
    assert len((await here.client("LA1").get(f"{here.address}/messages")).json()["items"]) == 1


async def test_the_person_says_that_they_agree_or_why_not(here):
    by = await someone(here)
    page = await by.get(at(here, "/agree"))
    signed: dict[str, Any] = {
        name: hidden(page.text, name) for name in ("seen", "signed-social_care", "signed-about_me")
    }
    assert fields((await by.post(at(here, "/agree"), **signed)).text) == ["section", "outcome"]
    wrong = await by.post(at(here, "/agree"), section="social_care", outcome="disagreed", **signed)
    assert fields(wrong.text) == ["comment"]
    said: dict[str, Any] = {"section": "social_care", "outcome": "disagreed", "comment": "I want to walk more."}
    assert (await by.post(at(here, "/agree"), **said, **signed)).status_code == 303
    (kept,) = await entries(here, "reviews?section=social_care")
    assert (kept["outcome"], kept["comment"]) == ("disagreed", "I want to walk more.")
    assert "you said that you do not agree" in text((await by.get(at(here))).text)


async def test_what_changed_meanwhile_is_read_before_it_is_agreed_to(here):
    by = await someone(here)
    page = await by.get(at(here, "/agree"))
    signed: dict[str, Any] = {name: hidden(page.text, name) for name in ("seen", "signed-social_care")}
    here.world.later(seconds=5)
    await here.add("LA1", "social_care", "goal", goal="Walk to the shop", status="active")
    page = await by.post(at(here, "/agree"), section="social_care", outcome="agreed", **signed)
    assert page.status_code == 422
    assert "Walk to the shop" in text(page.text)
    assert hidden(page.text, "seen") > signed["seen"]
    signed = {name: hidden(page.text, name) for name in signed}
    assert (await by.post(at(here, "/agree"), section="social_care", outcome="agreed", **signed)).status_code == 303


async def test_what_is_asked_before_going_home_is_answered(here):
    await planned(here)
    by = await someone(here)
    page = (await by.get(at(here))).text
    assert "What we ask you" in page
    found = re.findall(rf'href="({at(here)}/asked/[^"]+)"', page)
    titles = {text((await by.get(one)).text): one for one in found}
    question = next(one for said, one in titles.items() if "going home, and is that all right" in said)
    await by.get(question)
    assert fields((await by.post(question)).text) == ["status"]
    assert fields((await by.post(question, status="blocked")).text) == ["note"]
    assert (await by.post(question, status="confirmed")).status_code == 303
    (item,) = (
        one
        for one in await entries(here, "plan/sections/about_me/readiness")
        if one["item"] == "person.agrees" and one["status"] == "confirmed"
    )
    assert item["answered"]["by"] == "ada"
    assert (await by.get(question)).status_code == 404


async def test_no_with_its_reason_reaches_the_hospital(here):
    await planned(here)
    by = await someone(here)
    found = re.findall(rf'href="({at(here)}/asked/[^"]+)"', (await by.get(at(here))).text)
    (question,) = [one for one in found if "food" in (await by.get(one)).text]
    await by.get(question)
    assert (await by.post(question, status="blocked", note="Nobody has a key.")).status_code == 303
    blocked = [one for one in await entries(here, "plan/sections/about_me/readiness") if one["status"] == "blocked"]
    assert [(one["item"], one["reason"]["text"]) for one in blocked] == [("person.arrival", "Nobody has a key.")]


async def test_a_message_to_the_person_is_answered_once(here):
    body: dict[str, Any] = {
        "text": "Which day suits you?",
        "status": "sent",
        "to": [{"reference": f"Patient/{here.ada}"}],
    }
    made = await here.add("LA1", "social_care", "message", **body)
    by = await someone(here)
    question = at(here, f"/asked/{made['id']}")
    assert "Which day suits you?" in (await by.get(question)).text
    assert fields((await by.post(question)).text) == ["text"]
    assert (await by.post(question, text="Tuesday.")).status_code == 303
    kept = [one for one in await entries(here, "messages") if "in_reply_to" in one]
    assert [(one["text"], one["in_reply_to"]) for one in kept] == [("Tuesday.", f"Communication/{made['id']}")]
    assert (await by.get(question)).status_code == 404
    assert "Which day suits you?" not in (await by.get(at(here))).text


@pytest.mark.parametrize("path", ["", "/words", "/say", "/agree", "/asked/some-id"])
async def test_of_another_persons_plan_there_is_nothing(here, path):
    other = await here.world.person(here.world.visit())
    by = await someone(here)
    assert (await by.get(f"/care/people/{other}/mine{path}")).status_code == 404
    assert (await by.get(f"/care/people/no-such/mine{path}")).status_code == 404


async def test_nothing_is_asked_of_a_reader_that_is_asked_of_another(here):
    await planned(here)
    carer = await bea(here, "about_me", "transitions")
    ada = await someone(here)
    found = re.findall(rf'href="({at(here)}/asked/[^"]+)"', (await ada.get(at(here))).text)
    theirs = re.findall(rf'href="({at(here)}/asked/[^"]+)"', (await carer.get(at(here))).text)
    assert found
    assert not set(found) & set(theirs)
    assert (await carer.get(found[0])).status_code == 404


@pytest.mark.parametrize("path", ["/mine", "/mine/words", "/mine/say", "/mine/agree", "/consents", "/looked"])
async def test_every_page_of_a_person_has_a_way_out_and_no_name_in_its_title(here, path):
    by = await someone(here)
    page = (await by.get(f"/care/people/{here.ada}{path}")).text
    assert re.search(r'<a class="care-exit"[^>]* href="https://www.bbc.co.uk/weather" rel="noreferrer', page)
    assert "/exit.js" in page
    title = re.search("<title>(.*?)</title>", page)
    assert title
    assert "Ada" not in title[1]


async def test_the_pages_of_workers_have_none_of_it(here):
    worker = await someone(here, "social_worker", "LA1", "worker")
    page = (await worker.get(f"/care/people/{here.ada}/consents")).text
    assert "care-exit" not in page
    assert "Ada Test" in page.partition("</title>")[0]
