"""The frame of all pages: where work begins, the policy that browsers keep, assets, problems, and what is audited."""

import logging
import re

import pytest

from api.app import create_app
from api.pages.care import shown
from api.pages.care.forms import WHOLE, Form, dated
from api.pages.care.navigation import home
from api.settings import Settings
from plan.model import Role
from plan.problem import Fault, Problem, Trouble
from tests.support.larch import larch
from tests.support.sign_in import account, browser

HTML = {"Accept": "text/html"}


@pytest.mark.parametrize(
    "role, begins",
    [
        (Role.CLINICIAN, "/care/list"),
        (Role.HOUSING_OFFICER, "/care/list"),
        (Role.PERSON, "/care/mine"),
        (Role.CARER, "/care/mine"),
        (Role.AUDITOR, "/care/overrides"),
        (Role.COMMISSIONER, "/care/measures"),
        (Role.ADMINISTRATOR, "/auth/you"),
    ],
)
def test_work_begins_where_the_role_has_something_to_do(role, begins):
    assert home(role) == begins


async def test_the_address_of_the_service_leads_to_the_pages_and_these_to_the_sign_in(world):
    at = browser(world)
    await at.get("/")
    assert at.page.headers["location"] == "/care"
    await at.follow()
    assert at.page.headers["location"] == "/auth/sign-in?next=/care"


async def test_a_page_is_kept_by_nobody_framed_by_nobody_and_runs_only_our_scripts(world):
    place = await larch(world)
    await account(world, "gp", "clinician", "P10001")
    at = browser(world)
    await at.sign_in("gp", next_="/care")
    await at.get(f"/care/people/{place.ada}")
    policy = at.page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert at.page.headers["cache-control"] == "no-store"
    assert at.page.headers["x-frame-options"] == "DENY"
    loaded = re.findall(r'(?:src|href)="([^"]+\.(?:js|css|svg))"', at.page.text)
    for address in loaded:
        answer = await at.client.get(address)
        assert (address, answer.status_code) == (address, 200)


async def test_what_a_page_loads_is_kept_for_good_under_the_address_of_today(world):
    at = browser(world)
    kept = await at.client.get(f"{shown._AT}/care.css")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await at.client.get("/care/assets/of-yesterday/care.css")).headers["cache-control"] == "no-store"
    assert (await at.client.get(f"{shown._AT}/../secret")).status_code == 404
    assert (await at.client.get(f"{shown._AT}/none.css")).status_code == 404


@pytest.mark.parametrize("who", ["01900000-0000-8000-8000-0000000000ff", "x", "..%2f", "%3Cscript%3E"])
async def test_somebody_without_a_relationship_looks_like_nobody(world, who):
    place = await larch(world)
    await account(world, "gp", "clinician", "RX9")
    at = browser(world)
    await at.sign_in("gp", next_="/care")
    known = await at.client.get(f"/care/people/{place.ada}", headers={**HTML, "X-Request-Id": "same"})
    other = await at.client.get(f"/care/people/{who}", headers={**HTML, "X-Request-Id": "same"})
    assert (known.status_code, other.status_code) == (404, 404)
    assert known.text == other.text
    assert "script>" not in known.text.replace("<script ", "").replace("></script>", "")


async def test_a_refusal_leaves_its_event_and_a_page_is_said_to_be_a_page(world):
    place = await larch(world)
    await account(world, "gp", "clinician", "P10001")
    at = browser(world)
    await at.sign_in("gp", next_="/care")
    await at.get(f"/care/people/{place.ada}")
    doors = await world.database.rows(
        "select distinct door from audit_event where subject = 'gp' and type = 'CarePlan'"
    )
    assert [tuple(row) for row in doors] == [("pages",)]


async def test_without_node_the_service_says_so_and_serves_its_api(world, monkeypatch, caplog):
    monkeypatch.setattr(shown, "BUILT", False)
    with caplog.at_level(logging.WARNING):
        create_app(Settings())
    assert shown.UNBUILT in caplog.text
    at = browser(world)
    answer = await at.get("/care")
    assert (answer.status_code, answer.json()["detail"]) == (503, shown.UNBUILT)
    assert (await at.client.get("/livez")).status_code == 200


# forms


@pytest.mark.parametrize(
    "day, month, year, said, faults",
    [
        ("27", "3", "2026", "2026-03-27", 0),
        ("", "", "", "", 0),
        ("29", "2", "2024", "2024-02-29", 0),
        ("29", "2", "2026", "", 1),
        ("31", "4", "2026", "", 1),
        ("1", "13", "2026", "", 1),
        ("1", "1", "26", "", 1),
        ("x", "1", "2026", "", 1),
        ("", "1", "2026", "", 1),
        ("\u0661", "1", "2026", "", 1),
    ],
)
def test_a_date_is_read_from_its_three_fields(day, month, year, said, faults):
    form = Form(sent={"due-day": [day], "due-month": [month], "due-year": [year]})
    assert form.date("due") == said
    assert len(form.faults) == faults


def test_a_form_shows_what_it_holds_until_somebody_types():
    assert Form(values={"text": "as it is", "to": ["a", "b"]}).all("to") == ["a", "b"]
    assert Form(values={"text": "as it is"}).text("text") == "as it is"
    assert Form(sent={"text": [" typed\r\ntwice "]}, values={"text": "as it is"}).text("text") == "typed\ntwice"
    assert Form(sent={}).text("text") == ""
    assert Form(values=dated("due", "2026-03-07")).date("due") == "2026-03-07"
    assert dated("due", "2026-03") == {}


def test_what_the_service_refuses_stands_beside_its_field():
    form = Form(sent={})
    faults = (Fault("is empty", ("text",), "Write something"), Fault("the whole is wrong"))
    form.blame(Problem(Trouble.UNPROCESSABLE, "no", faults), {"text": "answer"})
    assert form.faults == [("answer", "Is empty. Write something"), (WHOLE, "The whole is wrong")]


@pytest.mark.parametrize("trouble", [Trouble.STALE, Trouble.CONFLICT, Trouble.KEY_REUSED, Trouble.REFUSED])
def test_what_is_no_fields_fault_is_said_of_the_form(trouble):
    form = Form(sent={})
    form.blame(Problem(trouble))
    [(field, text)] = form.faults
    assert field == WHOLE
    assert text.endswith((".", "do"))


@pytest.mark.parametrize("trouble", [Trouble.NOT_FOUND, Trouble.GONE, Trouble.UNAVAILABLE, Trouble.BROKEN])
def test_what_no_form_can_mend_is_raised_again(trouble):
    with pytest.raises(Problem):
        Form(sent={}).blame(Problem(trouble))
