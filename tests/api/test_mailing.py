"""E-mail as a channel: a message to a service that has an address is mailed to it once, with a link only."""

from typing import Any

import pytest
from pydantic import ValidationError

from api.mail_server import Sender
from api.service import mail_sender
from api.settings import Settings
from db.engine import Unavailable
from db.feed import LEASE, Job
from plan import coordination
from plan.known import Known, Want
from plan.mail import Mail
from plan.model import EntryId, PersonId, Section
from plan.webhook import RETRIES
from tests.support.larch import Larch, larch
from tests.support.mail import BASE, mailing, post_office
from tests.support.world import World

TO = "HealthcareService/HA1-escalation"
SECRET = "Ada has heart failure"


@pytest.fixture
async def post(world: World):
    async with post_office() as there:
        mailing(world, there)
        yield there


async def message(place: Larch, **more: Any) -> dict[str, Any]:
    body = {"text": SECRET, "status": "sent", "to": [{"reference": TO}], **more}
    answer = await place.client("RX1").post(f"{place.address}/messages?section=transitions", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def states(world: World) -> list[tuple[Any, ...]]:
    rows = await world.database.rows("select state, tries from mail order by entry_id, target")
    return [tuple(row) for row in rows]


async def test_a_mail_carries_a_link_and_no_content_no_name_and_no_number(world, post):
    place = await larch(world)
    one = await message(place)
    await place.turn()
    (mail,) = post.taken
    assert post.to == [["escalation@ha1.example"]]
    assert (mail["From"], mail["To"]) == ("plans@plans.example", "escalation@ha1.example")
    said = mail.get_content()
    assert f"{BASE}/care/people/{place.ada}/messages/{one['id']}" in said
    whole = mail.as_string()
    for hidden in (SECRET, "heart", "Ada", "Test", "9000000009", "Larch", "Housing"):
        assert hidden not in whole
    assert mail["Auto-Submitted"] == "auto-generated"
    assert await states(world) == [("done", 1)]


async def test_a_mail_goes_out_once_whatever_becomes_of_its_message(world, post):
    place = await larch(world)
    one = await message(place)
    await place.turn()
    url = f"{place.address}/messages/{one['id']}"
    read = (await place.client("RX1").get(url)).json()
    await place.client("RX1").put(url, json=read | {"text": "Changed"})
    await place.turn(hours=1)
    await message(place)
    await place.turn()
    assert len(post.taken) == 2
    assert len({mail["Message-ID"] for mail in post.taken}) == 2


async def test_what_the_service_itself_writes_is_mailed_in_the_same_turn(world, post, monkeypatch):
    def escalates(known: Known):
        body = {"text": "Nobody answered", "status": "sent", "to": [{"reference": TO}]}
        yield Want(key="escalation:1", kind="message", section=Section.TRANSITIONS, body=body)

    monkeypatch.setattr(coordination, "RULES", (escalates,))
    place = await larch(world)
    await place.turn()
    await place.turn(hours=1)
    assert len(post.taken) == 1


async def test_a_server_that_is_busy_is_asked_again_under_the_same_message_id(world, post):
    place = await larch(world)
    await message(place)
    post.refuses = ["451 busy"]
    await place.turn()
    assert (post.taken, await states(world)) == ([], [("sending", 1)])
    assert await world.database.rows("select said from mail") == [("the mail server answered 451",)]
    await place.turn(milliseconds=RETRIES[0])
    assert (len(post.taken), await states(world)) == (1, [("done", 2)])


async def test_a_worker_that_died_after_a_mail_went_out_sends_it_again_under_the_same_message_id(
    world, post, monkeypatch
):
    async def dies(*_: object) -> None:
        raise Unavailable("killed")

    place = await larch(world)
    await message(place)
    with monkeypatch.context() as patched:
        patched.setattr("api.mailing._settle", dies)
        await place.turn()
    assert await states(world) == [("sending", 1)], "that it was under way is known"
    await place.turn(milliseconds=LEASE)
    await place.turn(hours=1)
    assert len(post.taken) == 2
    assert len({mail["Message-ID"] for mail in post.taken}) == 1
    assert await states(world) == [("done", 2)]


async def test_a_refusal_for_good_ends_it_and_the_log_says_so(world, post, caplog):
    place = await larch(world)
    await message(place)
    post.refuses = ["550 no such recipient"]
    await place.turn()
    await place.turn(days=5)
    assert (post.taken, await states(world)) == ([], [("dead", 1)])
    assert f"{TO} was given up" in caplog.text
    assert "escalation@ha1.example" not in caplog.text


async def test_a_server_that_never_answers_is_asked_for_three_days(world):
    place = await larch(world)
    world.service.feed.mail = Sender("smtp+plain://127.0.0.1:1", "plans@plans.example", BASE, "/{entry}")
    await message(place)
    await place.turn()
    for wait in RETRIES:
        await place.turn(milliseconds=wait)
    assert await states(world) == [("dead", 1 + len(RETRIES))]
    assert await world.database.rows("select * from job where kind = 'mail'") == []


async def test_whoever_left_the_team_is_mailed_nothing_more(world, post):
    place = await larch(world)
    await message(place)
    post.refuses = ["451 busy"]
    await place.turn()
    team = (await place.client("RX1").get(f"{place.address}/team")).json()["members"]
    member = next(one["id"] for one in team if one["agency"] == "HA1")
    gone = await place.client("HA1").delete(f"{place.address}/team/{member}")
    assert gone.status_code == 204, gone.text
    await place.turn(hours=1)
    assert (post.taken, await states(world)) == ([], [("withdrawn", 1)])


async def test_without_a_mail_server_nothing_is_kept_and_what_was_waiting_waits_no_more(world, post):
    place = await larch(world)
    await message(place)
    world.service.feed.mail = None
    await place.turn()
    assert await states(world) == []
    async with world.database.transaction() as transaction:
        job = (place.ada, "mail", f"none {TO}", 0, 0, 0, 0)
        await transaction.change({}, {"job": [job]})
    await world.service.feed.do(Job(PersonId(place.ada), "mail", f"none {TO}", 0, 0, 0))
    assert await world.database.rows("select * from job where kind = 'mail'") == []


async def test_every_mail_leaves_its_event_before_it_goes(world, post):
    place = await larch(world)
    one = await message(place)
    await place.turn()
    sql = "select action, role, door, sections, person_id from audit_event where target = ? and door = 'mail'"
    rows = await world.database.rows(sql, (one["id"],))
    assert [tuple(row) for row in rows] == [("R", "service", "mail", "transitions", place.ada)]
    themself = world.client("person", "PERSON", "ada", "patient/*.cruds", place.ada)
    logged = (await themself.get(f"{place.address}/access-log?limit=100")).json()["items"]
    assert any(item["by"] == "an email that the service sent, with a link and nothing else" for item in logged)
    found = await themself.get(f"/fhir/R4/AuditEvent?patient={place.ada}&_count=100")
    assert found.status_code == 200, found.text


async def test_a_server_that_offers_no_encryption_is_given_nothing(post):
    letter = Sender("", "a@b.example", BASE, "").letter(PersonId("p"), _mail(), 0)
    for scheme in ("smtp", "smtps"):
        answer = await Sender(f"{scheme}://us:er@127.0.0.1:{post.port}", "a@b.example", BASE, "").post(letter)
        assert (answer.taken, answer.final) == (False, False), answer
    assert post.taken == []


def _mail() -> Mail:
    return Mail(EntryId("e"), TO, "escalation@ha1.example")


def test_settings_say_what_a_mail_server_needs():
    good: dict[str, Any] = {"mail_server": "smtps://us:er@mail.example", "mail_from": "a@b.example", "base_url": BASE}
    made = mail_sender(Settings(**good))
    assert made is not None
    assert made.base == BASE
    assert mail_sender(Settings()) is None
    for bad in ({"mail_server": "mail.example:25"}, {"mail_server": "smtps://"}, {"mail_from": ""}, {"base_url": ""}):
        with pytest.raises(ValidationError, match="ONEPLAN_MAIL_"):
            Settings(**{**good, **bad})
    with pytest.raises(ValidationError, match="encryption"):
        Settings(**{**good, "mail_server": "smtp+plain://mail.example", "production": True})
