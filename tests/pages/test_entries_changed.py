"""Entries are changed and added on the pages: only what differs, once, in the version that was shown, nothing lost."""

from html import unescape

import pytest

from api.pages.care.editing.entries import OFFERED
from api.rest.examples import EXAMPLES
from plan.kinds import KINDS
from tests.support.larch import larch
from tests.support.pages import again, at, filled, native, reader, send

HURT = "<script>alert(1)</script> \"&' {{ 7*7 }}"


async def test_an_entry_is_changed_and_its_history_says_what_why_and_who(world):
    place = await larch(world)
    need = await place.add("P10001", "health", "need", need="Breathless", status="active", code={"code": "1"})
    one = await reader(place, "P10001")
    path = at(place, f"entries/health/need/{need['id']}")
    answer = await send(one, f"{path}/change", severity="moderate", own_words="I puff", why="She rang: it is worse")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = (await one.follow()).text
    assert "Your change was saved." in page
    assert "I puff" in page
    now = await native(place, "P10001", "health", "need", need["id"])
    assert (now["version"], now["code"], now["severity"]) == (2, {"code": "1"}, "moderate")
    history = unescape((await one.get(f"{path}/history")).text)
    assert "Why: She rang: it is worse" in history
    assert history.index("Version 2") < history.index("Version 1")
    assert "In their own words" in history


async def test_what_is_not_changed_is_not_written(world):
    place = await larch(world)
    need = await place.add("P10001", "health", "need", need="Breathless", status="active")
    one = await reader(place, "P10001")
    path = at(place, f"entries/health/need/{need['id']}")
    assert (await send(one, f"{path}/change", why="No reason")).status_code == 303
    assert "nothing was changed" in (await one.follow()).text
    assert (await native(place, "P10001", "health", "need", need["id"]))["version"] == 1


async def test_a_double_click_changes_once(world):
    place = await larch(world)
    need = await place.add("P10001", "health", "need", need="Breathless", status="active")
    one = await reader(place, "P10001")
    path = at(place, f"entries/health/need/{need['id']}/change")
    form = (await one.get(path)).text
    for _ in range(2):
        sent = filled(form, need="Very breathless")
        answer = await one.client.post(path, data=sent, headers={"Accept": "text/html"})
        assert answer.status_code == 303, answer.text
    assert (await native(place, "P10001", "health", "need", need["id"]))["version"] == 2


async def test_who_was_slower_sees_what_it_is_now_and_loses_nothing_of_either(world):
    place = await larch(world)
    need = await place.add("P10001", "health", "need", need="Breathless", status="active")
    one = await reader(place, "P10001")
    path = at(place, f"entries/health/need/{need['id']}/change")
    await one.get(path)
    other = await place.client("P10001").patch(
        f"{place.address}/plan/sections/health/need/{need['id']}",
        json={"severity": "severe", "need": "Breathless at rest"},
        headers={"If-Match": '"1"', "Content-Type": "application/merge-patch+json"},
    )
    assert other.status_code == 200, other.text
    stale = await again(one, path, need="Breathless on stairs", own_words="I puff")
    assert stale.status_code == 412
    assert "was changed by somebody else" in stale.text
    assert "Breathless at rest" in stale.text
    left = filled(stale.text)
    assert (left["need"], left["own_words"]) == (["Breathless on stairs"], ["I puff"])
    assert left["severity"] == ["severe"]
    assert (await again(one, path)).status_code == 303
    now = await native(place, "P10001", "health", "need", need["id"])
    assert [now[name] for name in ("version", "need", "own_words", "severity")] == [
        3,
        "Breathless on stairs",
        "I puff",
        "severe",
    ]


BAD = [
    ({"need": ""}, "Enter need."),
    ({"need": "x" * 20_001}, "longer than 20000"),
    ({"need": HURT}, "markup that a browser would run"),
    ({"since__year": "soon"}, "Enter a real date"),
    ({"since__year": "2026", "since__month": "13"}, "Enter a real date"),
    ({"until__year": "2020"}, "stands only where the status is"),
    ({"status": "lively"}, "is none of the words"),
    ({"why": "x" * 501}, "X-Change-Reason"),
]


@pytest.mark.parametrize("typed,said", BAD)
async def test_bad_input_is_said_beside_its_field_and_everything_stays(world, typed, said):
    place = await larch(world)
    need = await place.add("P10001", "health", "need", need="Breathless", status="active")
    one = await reader(place, "P10001")
    path = at(place, f"entries/health/need/{need['id']}/change")
    answer = await send(one, path, own_words=f"Kept {HURT.replace('<script>', '')}", **typed)
    assert answer.status_code == 422, answer.text
    assert said in unescape(answer.text)
    assert "<script>alert" not in answer.text
    left = filled(answer.text)
    assert left["own_words"][0].startswith("Kept")
    for name, value in typed.items():
        kept = left.get(name.replace("__", "-"), [""])[0]
        assert kept == value or name == "status"
    assert (await native(place, "P10001", "health", "need", need["id"]))["version"] == 1


@pytest.mark.parametrize("version", ["0", "-1", "99", "x", "999999999999"])
async def test_a_version_that_is_made_up_changes_nothing(world, version):
    place = await larch(world)
    need = await place.add("P10001", "health", "need", need="Breathless", status="active")
    one = await reader(place, "P10001")
    path = at(place, f"entries/health/need/{need['id']}/change")
    answer = await send(one, path, need="Better", version=version)
    assert answer.status_code in (303, 404)
    now = await native(place, "P10001", "health", "need", need["id"])
    assert now["need"] == ("Better" if answer.status_code == 303 else "Breathless")


@pytest.mark.parametrize("kind", [kind for kind in EXAMPLES if kind in OFFERED])
async def test_the_form_of_every_kind_sent_as_it_is_changes_nothing(world, kind):
    place = await larch(world)
    row = KINDS[kind]
    section = "health" if "health" in row.sections else next(iter(row.sections)).value
    agency = {"health": "P10001", "housing": "HA1", "benefits": "BA1", "transitions": "RX1"}.get(section, "LA1")
    made = await place.add(agency, section, kind, **EXAMPLES[kind])
    one = await reader(place, agency)
    path = at(place, f"entries/{section}/{kind}/{made['id']}/change")
    answer = await send(one, path)
    assert answer.status_code == 303, answer.text
    assert len((await one.get(path)).content) < 60_000
    now = await native(place, agency, section, kind, made["id"])
    assert now == made


NEW = [
    ("P10001", "health", "goal", {"goal": "Walk", "status": "active", "due__year": "2026", "importance": "8"}),
    ("P10001", "health", "medicine", {"medicine": "Water tablet", "status": "active", "times": "08:00\r\n12:00"}),
    ("LA1", "contingency", "contingency", {"trigger_factors-0-text": "Cannot stand"}),
    ("LA1", "legal", "legal", {"other": "None"}),
    ("HA1", "housing", "housing", {"scheme": "Larch Court", "telecare__working": "yes"}),
    ("BA1", "benefits", "benefits", {"benefit": "attendance_allowance", "status": "claimed"}),
    ("LA1", "about_me", "sealed_address", {"address__lines": "3 Harbour View", "restricted_to": ["LA1", "P10001"]}),
]


@pytest.mark.parametrize("agency,section,kind,typed", NEW)
async def test_an_entry_is_added(world, agency, section, kind, typed):
    place = await larch(world)
    one = await reader(place, agency)
    answer = await send(one, at(place, f"entries/{section}/{kind}/new"), **typed)
    assert answer.status_code == 303, unescape(answer.text)
    page = await one.follow()
    assert page.status_code == 200
    assert "It was added to the plan." in page.text


async def test_a_list_gets_a_further_row_without_losing_what_was_typed(world):
    place = await larch(world)
    one = await reader(place, "LA1")
    path = at(place, "entries/social_care/service/new")
    more = await send(one, path, service="Morning visit", more="visits")
    assert more.status_code == 200
    left = filled(more.text)
    assert (left["service"], left["visits-count"]) == (["Morning visit"], ["1"])
    answer = await again(one, path, **{"visits-0-start": "08:30", "status": "active"})
    assert answer.status_code == 303, unescape(answer.text)
    assert "08:30" in (await one.follow()).text


async def test_who_alone_may_see_it_must_be_said(world):
    place = await larch(world)
    one = await reader(place, "LA1")
    answer = await send(one, at(place, "entries/about_me/sealed_address/new"), address__city="Whitby")
    assert answer.status_code == 422
    assert "Choose who may see it." in answer.text
