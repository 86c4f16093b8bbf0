"""What a person allows, on the pages: said in sentences, decided in two steps, and counting from that moment."""

import re
from typing import Any

import pytest

from tests.support.built import BUILT
from tests.support.larch import Larch, larch
from tests.support.own_pages import fields, hidden, someone, text
from tests.support.sign_in import Browser

pytestmark = BUILT
REFUSED: dict[str, Any] = {"party": "agency:HC1", "decision": "deny", "sections": ["health"]}


@pytest.fixture
async def here(world):
    return await larch(world)


def at(here: Larch, more: str = "") -> str:
    return f"/care/people/{here.ada}/consents{more}"


async def decided(here: Larch, by: Browser, **said: Any) -> str:
    """Go through both steps; what was checked."""
    await by.get(at(here, "/new"))
    page = await by.post(at(here, "/new"), key=hidden(by.page.text, "key"), step="check", **said)
    assert page.status_code == 200, fields(page.text)
    checked = text(page.text)
    done = await by.post(at(here, "/new"), key=hidden(page.text, "key"), step="done", **said)
    assert done.status_code == 303, fields(done.text)
    return checked


async def consents(here: Larch) -> list[dict[str, Any]]:
    answer = await here.world.client("person", "own", person=here.ada).get(f"{here.address}/consents")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def home_care_reads(here: Larch, section: str = "health") -> int:
    return (await here.client("HC1").get(f"{here.address}/plan/sections/{section}")).status_code


async def test_it_says_of_each_party_what_they_see_and_what_not(here):
    by = await someone(here)
    page = text((await by.get(at(here))).text)
    assert "decided nothing so far" in page
    care = page.partition("Test Home-care provider")[2].partition("Test Benefits")[0]
    assert "Can see: About me, Health, Social care" in care
    assert "Cannot see: Benefits." in care
    assert "Safeguarding" not in page


async def test_nothing_is_written_before_it_was_checked_and_then_it_counts_at_once(here):
    by = await someone(here)
    assert await home_care_reads(here) == 200
    await by.get(at(here, "/new"))
    page = await by.post(at(here, "/new"), step="check", **REFUSED)
    assert "Test Home-care provider will no longer see: Health." in text(page.text)
    assert await consents(here) == []
    assert await home_care_reads(here) == 200
    done = await by.post(at(here, "/new"), key=hidden(page.text, "key"), step="done", **REFUSED)
    assert done.status_code == 303
    assert "Test Home-care provider no longer sees: Health." in text((await by.follow()).text)
    assert await home_care_reads(here) == 404
    (kept,) = await consents(here)
    assert (kept["decision"], kept["to"], kept["sections"]) == ("deny", [{"agency": "HC1"}], ["health"])
    assert kept["given_by"] == {"reference": f"Patient/{here.ada}"}
    assert kept["recorded_how"] == "By the person, on these pages"


async def test_one_can_go_back_and_everything_chosen_is_still_there(here):
    by = await someone(here)
    await by.get(at(here, "/new"))
    await by.post(at(here, "/new"), step="check", **REFUSED)
    page = (await by.post(at(here, "/new"), step="back", **REFUSED)).text
    assert re.search(r'value="agency:HC1"[^>]* checked', page)
    assert re.search(r'value="health"[^>]* checked', page)
    assert await consents(here) == []


async def test_a_carer_sees_what_was_opened_to_them_and_no_longer_once_it_is_stopped(here):
    by = await someone(here)
    bea = here.world.client("carer", "bea-test", "bea-test")
    contact = (await here.client("LA1").get(f"{here.address}/plan/sections/about_me/contact")).json()["items"][0]["id"]
    checked = await decided(here, by, party=f"carer:{contact}", decision="permit", sections=["health", "housing"])
    assert "Bea Test will see: Health, Housing." in checked
    assert (await bea.get(f"{here.address}/plan/sections/health")).status_code == 200
    (kept,) = await consents(here)
    page = await by.get(at(here, f"/{kept['id']}"))
    version = hidden(page.text, "version")
    page = await by.post(at(here, f"/{kept['id']}"), change="stop", version=version, step="check")
    assert "Bea Test will no longer see: Health, Housing." in text(page.text)
    assert (await by.post(at(here, f"/{kept['id']}"), change="stop", version=version, step="done")).status_code == 303
    assert (await bea.get(f"{here.address}/plan/sections/health")).status_code == 404
    assert "Stopped" in text((await by.get(at(here))).text)


async def test_a_decision_ends_on_its_day(here):
    by = await someone(here)
    await decided(here, by, **REFUSED)
    (kept,) = await consents(here)
    one = at(here, f"/{kept['id']}")
    day: dict[str, Any] = {"end-day": "5", "end-month": "3", "end-year": "2026"}
    await by.get(one)
    page = await by.post(one, change="end", version="1", step="check", **day)
    assert "After 5 March 2026" in text(page.text)
    assert "Test Home-care provider will see: Health." in text(page.text)
    assert (await by.post(one, change="end", version="1", step="done", **day)).status_code == 303
    assert (await consents(here))[0]["end"] == "2026-03-05"
    assert await home_care_reads(here) == 404
    here.world.at("2026-03-06T09:00:00Z")
    assert await home_care_reads(here) == 200


async def test_whole_roles_can_be_kept_out_and_what_changes_nothing_says_so(here):
    by = await someone(here)
    checked = await decided(here, by, party="role:clinician", decision="deny", sections=["housing"])
    assert "Test Hospital will no longer see: Housing." in checked
    assert "Test General practice will no longer see: Housing." in checked
    checked = await decided(here, by, party="agency:RX1", decision="permit", sections=["housing"])
    assert "Nothing changes for now." in checked
    assert "All doctors, nurses and therapists may not see: Housing." in text((await by.get(at(here))).text)


@pytest.mark.parametrize(
    "change, wrong",
    [
        ({"party": ""}, ["party"]),
        ({"party": "agency:RX9"}, ["party"]),
        ({"decision": ""}, ["decision"]),
        ({"sections": []}, ["sections"]),
        ({"sections": ["safeguarding"]}, ["sections"]),
        ({"sections": ["frame", "x"]}, ["sections"]),
        ({"end-day": "31", "end-month": "2", "end-year": "2027"}, ["end"]),
        ({"end-day": "1", "end-month": "3", "end-year": "2026"}, ["end"]),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_at_either_step(here, change, wrong):
    by = await someone(here)
    for step in ("check", "done"):
        await by.get(at(here, "/new"))
        page = await by.post(at(here, "/new"), step=step, **(REFUSED | change))
        assert (page.status_code, fields(page.text)) == (422, wrong)
    assert await consents(here) == []


async def test_a_decision_that_somebody_changed_meanwhile_is_not_overwritten(here):
    by = await someone(here)
    await decided(here, by, **REFUSED)
    (kept,) = await consents(here)
    one = at(here, f"/{kept['id']}")
    ada = here.world.client("person", "own", person=here.ada)
    merge = {"Content-Type": "application/merge-patch+json", "If-Match": '"1"'}
    assert (
        await ada.patch(f"{here.address}/consents/{kept['id']}", json={"end": "2026-12-31"}, headers=merge)
    ).is_success
    await by.get(one)
    page = await by.post(one, change="stop", version="1", step="done")
    assert page.status_code == 422
    assert hidden(page.text, "version") == "2"
    assert (await by.post(one, change="stop", version="2", step="done")).status_code == 303


@pytest.mark.parametrize("sent, wrong", [({}, ["change"]), ({"change": "end"}, ["end"])])
async def test_a_change_says_what_it_is(here, sent, wrong):
    by = await someone(here)
    await decided(here, by, **REFUSED)
    (kept,) = await consents(here)
    await by.get(at(here, f"/{kept['id']}"))
    page = await by.post(at(here, f"/{kept['id']}"), version="1", step="done", **sent)
    assert (page.status_code, fields(page.text)) == (422, wrong)


async def test_who_works_with_the_person_writes_down_how_they_were_told(here):
    by = await someone(here, "social_worker", "LA1", "worker")
    await by.get(at(here, "/new"))
    page = await by.post(at(here, "/new"), step="check", **REFUSED)
    assert fields(page.text) == ["recorded_how"]
    await decided(here, by, **REFUSED, recorded_how="At home, face to face")
    (kept,) = await consents(here)
    assert kept["recorded_how"] == "At home, face to face"
    shown_now = text((await by.get(at(here))).text)
    assert "How: At home, face to face" in shown_now
    assert "Written down by: Social worker, Test Adult social care" in shown_now


async def test_a_worker_changes_what_their_own_agency_wrote_down_alone(here):
    ada = await someone(here)
    await decided(here, ada, **REFUSED)
    (kept,) = await consents(here)
    worker = await someone(here, "social_worker", "LA1", "worker")
    assert f'href="{at(here, "/" + kept["id"])}"' not in (await worker.get(at(here))).text
    await worker.get(at(here, f"/{kept['id']}"))
    page = await worker.post(
        at(here, f"/{kept['id']}"), change="stop", version="1", step="done", recorded_how="By telephone"
    )
    assert page.status_code == 422
    assert await home_care_reads(here) == 404


@pytest.mark.parametrize("role, agency, login", [("carer", "bea-test", "bea-test"), ("benefits_adviser", "BA1", "ben")])
async def test_who_may_not_decide_reads_and_is_offered_no_form(here, role, agency, login):
    ada = await someone(here)
    contact = (await here.client("LA1").get(f"{here.address}/plan/sections/about_me/contact")).json()["items"][0]["id"]
    await decided(here, ada, party=f"carer:{contact}", decision="permit", sections=["about_me"])
    by = await someone(here, role, agency, login)
    page = await by.get(at(here))
    assert page.status_code == 200
    assert "/consents/new" not in page.text
    assert (await by.get(at(here, "/new"))).status_code == 403
    assert (await by.post(at(here, "/new"), step="done", **REFUSED)).status_code == 403


async def test_the_history_is_the_persons_and_the_auditors(here):
    ada = await someone(here)
    await decided(here, ada, **REFUSED)
    page = text((await ada.get(at(here, "/history"))).text)
    assert "Decided: Test Home-care provider may not see: Health." in page
    assert "By you." in page
    auditor = await someone(here, "auditor", "RX1", "audrey")
    page = text((await auditor.get(at(here))).text)
    assert "HC1 may not see: Health." in page
    assert "Ada" not in page
    worker = await someone(here, "social_worker", "LA1", "worker")
    assert (await worker.get(at(here, "/history"))).status_code == 403


@pytest.mark.parametrize("path", ["", "/new", "/history", "/some-consent"])
async def test_of_whom_one_may_not_see_there_is_nothing(here, path):
    for by in (
        await someone(here, "clinician", "RX9", "stranger"),
        await someone(here, "auditor", "RX9", "other"),
    ):
        assert (await by.get(at(here, path))).status_code == 404


async def test_a_decision_that_is_not_there_or_has_been_stopped_is_not_found(here):
    by = await someone(here)
    await decided(here, by, **REFUSED)
    (kept,) = await consents(here)
    await by.get(at(here, f"/{kept['id']}"))
    await by.post(at(here, f"/{kept['id']}"), change="stop", version="1", step="done")
    for one in (kept["id"], "no-such-one", ".."):
        assert (await by.get(at(here, f"/{one}"))).status_code in (404, 200)
    assert (await by.get(at(here, f"/{kept['id']}"))).status_code == 404
