"""Messages on the pages: the list by need, the thread with its clock, who is offered which step."""

import re

import pytest

from api.pages.care.talk.messages_page import WAYS
from api.settings import Settings
from tests.support.feedback import PRACTICE, SWOLLEN, Rest
from tests.support.larch import larch
from tests.support.sign_in import browser
from tests.support.talking import again, care, faults, offered, reader, send, words

ACKNOWLEDGE, SEEN, ANSWER = "Acknowledge: we take this on", "I have seen it", "Send the answer"
UNDERSTOOD = "I have understood the answer"


async def told(world, **more):
    """Home care has asked the practice; the message has been delivered."""
    door = Rest(await larch(world))
    sent = await door.send("HC1", **({"urgency": "soon", "concern": SWOLLEN, "to": PRACTICE} | more))
    await door.place.turn()
    return door, sent.json()["id"]


async def test_the_loop_closes_on_the_pages(world):
    place = await larch(world)
    carer, doctor = await reader(place, "HC1"), await reader(place, "P10001")
    said = {"to": "P10001", "urgency": "urgent", "concern": "267038008", "text": "Ankles", "section": "social_care"}
    answer = await send(carer, care(place, "messages/new"), **said)
    assert answer.status_code == 303, words(answer)
    at = answer.headers["location"]
    assert "Your message was sent to Test General practice." in words(await carer.follow())
    await place.turn()
    assert "Must be acknowledged by today 11:00: 1 hour left" in words(await doctor.get(at))
    await again(doctor, at, do="acknowledge")
    page = await doctor.follow()
    assert "You have taken it on." in words(page)
    assert offered(page) == [ANSWER]
    await again(doctor, at, do="answer", outcome="visit_booked", text="I come today at five")
    await place.turn()
    page = await carer.get(at)
    assert "A visit is booked I come today at five" in words(page)
    assert offered(page) == [UNDERSTOOD]
    await again(carer, at, do="understood")
    await place.turn()
    page = await carer.get(at)
    assert "Closed, now" in words(page)
    assert offered(page) == []
    thread = (await Rest(place).threads("HC1"))[0]
    assert [step["state"] for step in thread["steps"]] == ["sent", "delivered", "acknowledged", "acted", "closed"]


async def test_reading_takes_no_step(world):
    door, message = await told(world)
    doctor = await reader(door.place, "P10001")
    await doctor.get(care(door.place, f"messages/{message}"))
    await doctor.get(care(door.place, "messages"))
    assert (await door.threads("P10001"))[0]["state"] == "delivered"


@pytest.mark.parametrize(
    "agency, buttons",
    [
        ("P10001", [ACKNOWLEDGE, SEEN, ANSWER]),
        ("HC1", []),
        ("RX1", []),
        ("BA1", []),
        ("HUB1", [ANSWER]),
    ],
)
async def test_only_what_a_reader_may_do_is_offered(world, agency, buttons):
    """Who is asked takes the steps; the coordinator may answer for them; everybody else reads."""
    door, message = await told(world)
    page = await (await reader(door.place, agency)).get(care(door.place, f"messages/{message}"))
    assert page.status_code == 200
    assert offered(page) == buttons


async def test_what_is_not_offered_is_refused_beside_the_form(world):
    door, message = await told(world)
    at = care(door.place, f"messages/{message}")
    nurse = await reader(door.place, "RX1")
    for step in ("seen", "acknowledge"):
        page = await send(nurse, at, do=step)
        assert page.status_code == 422
        assert faults(page)[0][1].startswith("In social_care your role may change the entries of its own agency only.")
    page = await send(nurse, at, do="dance")
    assert faults(nurse.page) == [("form", "Choose what you want to do.")]
    assert (await door.threads("P10001"))[0]["state"] == "delivered"


async def test_seen_is_said_by_whoever_has_seen_it(world):
    door, message = await told(world)
    at = care(door.place, f"messages/{message}")
    doctor = await reader(door.place, "P10001")
    await send(doctor, at, do="seen")
    page = await doctor.follow()
    assert "It still has to be acknowledged." in words(page)
    assert offered(page) == [ACKNOWLEDGE, ANSWER]
    await send(doctor, at, do="acknowledge")
    page = await send(doctor, at, do="seen")
    assert (page.status_code, "it is acknowledged already" in words(page).lower()) == (422, True)


async def test_an_answer_says_what_came_of_it_and_why_nothing_changes(world):
    door, message = await told(world)
    at = care(door.place, f"messages/{message}")
    doctor = await reader(door.place, "P10001")
    page = await send(doctor, at, do="answer", text="", outcome="")
    assert page.status_code == 422
    assert [field for field, _ in faults(doctor.page)] == ["outcome", "text"]
    page = await again(doctor, at, do="answer", outcome="no_change", text="Go on as you do")
    assert [field for field, _ in faults(doctor.page)] == ["reason"]
    assert "Go on as you do" in page.text
    await again(doctor, at, do="answer", outcome="no_change", text="Go on as you do", reason="It is the new tablet")
    await door.place.turn()
    assert "Why: It is the new tablet" in words(await doctor.get(at))


async def test_a_form_that_is_sent_twice_answers_once(world):
    door, message = await told(world)
    at = care(door.place, f"messages/{message}")
    doctor = await reader(door.place, "P10001")
    await doctor.get(at)
    opened = doctor.page
    for _ in range(2):
        doctor.page = opened
        assert (await again(doctor, at, do="answer", outcome="referred", text="Heart nurse")).status_code == 303
    items = (await door.place.client("HC1").get(f"{door.place.address}/messages")).json()["items"]
    assert len([one for one in items if "in_reply_to" in one]) == 1


async def test_an_overdue_message_says_by_how_much_and_who_was_told(world):
    door, message = await told(world, urgency="urgent")
    await door.place.turn(hours=4)
    page = await (await reader(door.place, "P10001")).get(care(door.place, "messages"))
    said = words(page)
    assert "Overdue by 2 hours. Told: General practice duty; Transfer-of-care hub duty." in said
    notice = re.search(r'id="m-([^"]+)"[^>]*>\s*<p[^>]*><strong>Oneplan', (await _thread(door, message)).text)
    assert notice
    mailed = await (await reader(door.place, "HUB1")).get(care(door.place, f"messages/{notice[1]}"))
    assert "Swollen ankles" in words(mailed)


async def _thread(door, message):
    return await (await reader(door.place, "RX1")).get(care(door.place, f"messages/{message}"))


async def test_what_was_said_again_is_one_thread_with_a_count(world):
    door, message = await told(world)
    again_ = (await door.send("HC1", text="Once more", urgency="soon", concern=SWOLLEN, to=PRACTICE)).json()["id"]
    await door.place.turn()
    carer = await reader(door.place, "HC1")
    page = await carer.get(care(door.place, "messages"))
    assert "Reported 2 times" in words(page)
    assert page.text.count("talk-item__title") == 1
    both = [words(await carer.get(care(door.place, f"messages/{id_}"))) for id_ in (message, again_)]
    assert both[0] == both[1]


async def test_the_list_begins_with_what_needs_the_reader_by_its_clock(world):
    door, _ = await told(world, text="Later", concern={"text": "Later"}, urgency="routine")
    await door.send("HC1", concern={"text": "Not for you"}, urgency="urgent", to=[{"reference": "Organization/RX1"}])
    await door.send("HC1", concern={"text": "First"}, urgency="urgent", to=PRACTICE)
    await door.send("HC1", text="For your information")
    await door.place.turn()
    page = await (await reader(door.place, "P10001")).get(care(door.place, "messages"))
    titles = re.findall(r'talk-item__title"><a[^>]*>([^<]+)<', page.text)
    assert titles == ["First", "Later", "Not for you", "For your information"]


async def test_what_is_closed_and_old_news_stand_under_all(world):
    door, message = await told(world)
    await door.answer("P10001", message, "visit_booked")
    await door.send("HC1", text="Thank you all")
    await door.place.turn(days=6)
    carer = await reader(door.place, "HC1")
    page = await carer.get(care(door.place, "messages"))
    assert "No message is open. See all of them." in words(page)
    everything = words(await carer.get(care(door.place, "messages?show=all")))
    assert "Thank you all" in everything
    assert "Swollen ankles" in everything


@pytest.mark.parametrize("asked, shown", [("", 1), ("1", 1), ("2", 2), ("99", 2), ("0", 1), ("x", 1), ("-1", 1)])
async def test_a_long_list_is_paged(world, asked, shown):
    place = await larch(world)
    for number in range(23):
        await Rest(place).send("HC1", text=f"News {number}")
    page = await (await reader(place, "P10001")).get(care(place, f"messages?page={asked}"))
    assert f"Page {shown} of 2" in words(page)
    assert page.text.count("talk-item__title") == (20 if shown == 1 else 3)


async def test_nobody_has_written_yet(world):
    place = await larch(world)
    page = await (await reader(place, "P10001")).get(care(place, "messages"))
    assert "Nobody has written a message about this plan." in words(page)


async def test_a_message_that_is_not_delivered_yet_offers_no_step(world):
    door = Rest(await larch(world))
    sent = await door.send("HC1", urgency="soon", to=PRACTICE)
    doctor = await reader(door.place, "P10001")
    at = care(door.place, f"messages/{sent.json()['id']}")
    page = await doctor.get(at)
    assert "It reaches the team in a few seconds." in words(page)
    assert offered(page) == []
    assert (await doctor.post(at, do="acknowledge")).status_code == 422


# writing one


async def test_an_emergency_is_not_a_message(world):
    place = await larch(world)
    carer = await reader(place, "HC1")
    said = {"to": "P10001", "urgency": "emergency", "text": "She does not wake up", "section": "social_care"}
    page = await send(carer, care(place, "messages/new"), **said)
    assert page.status_code == 422
    assert "Ring 999 now" in words(page)
    assert "She does not wake up" in page.text
    assert faults(carer.page)[0][0] == "urgency"
    items = (await place.client("HC1").get(f"{place.address}/messages")).json()["items"]
    assert items == []


async def test_everything_that_is_missing_is_said_beside_its_field_and_nothing_is_lost(world):
    place = await larch(world)
    carer = await reader(place, "HC1")
    page = await send(carer, care(place, "messages/new"), text="Half a thought", concern="1912002")
    assert page.status_code == 422
    assert [field for field, _ in faults(carer.page)] == ["to", "urgency", "section"]
    assert "Half a thought" in page.text
    assert re.search(r'value="1912002" selected', page.text)
    for number, text in enumerate(("", "x" * 2001)):
        said = {"to": "P10001", "urgency": "soon", "section": "social_care", "text": text}
        await send(carer, care(place, "messages/new"), **said)
        assert [field for field, _ in faults(carer.page)] == ["text"], number


async def test_a_sign_that_is_not_in_the_list_is_refused(world):
    place = await larch(world)
    said = {"to": "P10001", "urgency": "soon", "section": "social_care", "text": "Hello", "concern": "x"}
    page = await send(await reader(place, "HC1"), care(place, "messages/new"), **said)
    assert faults(page) == [("concern", "Choose a sign of the list, or none.")]


async def test_a_team_that_is_not_on_the_plan_is_refused_with_those_who_are(world):
    place = await larch(world)
    carer = await reader(place, "HC1")
    said = {"to": "RX9", "urgency": "soon", "section": "social_care", "text": "Hello"}
    page = await send(carer, care(place, "messages/new"), **said)
    assert page.status_code == 422
    assert faults(carer.page)[0][0] == "to"
    assert "not on this person" in faults(carer.page)[0][1]


async def test_a_message_can_be_for_those_alone_whom_it_asks(world):
    place = await larch(world)
    carer, nurse = await reader(place, "HC1"), await reader(place, "RX1")
    said = {"to": "P10001", "urgency": "soon", "section": "social_care", "text": "Between us", "only": "yes"}
    at = (await send(carer, care(place, "messages/new"), **said)).headers["location"]
    await place.turn()
    assert "Read by Test Home-care provider, Test General practice" in words(await carer.get(at))
    assert "Between us" not in (await nurse.get(care(place, "messages"))).text
    unknown, nothing = await nurse.get(at), await nurse.get(care(place, "messages/nothing"))
    assert (unknown.status_code, nothing.status_code) == (404, 404)
    assert re.sub(r"say this number: \S+", "", words(unknown)) == re.sub(r"say this number: \S+", "", words(nothing))


async def test_what_it_is_about_leads_to_the_entry(world):
    place = await larch(world)
    need = await place.add("LA1", "social_care", "need", need="Needs help in the morning", status="active")
    carer = await reader(place, "HC1")
    new = care(place, "messages/new")
    assert f'value="Condition/{need["id"]}"' in (await carer.get(new)).text
    said = {"to": "LA1", "urgency": "routine", "section": "social_care", "text": "More help is needed"}
    at = (await send(carer, new, about=f"Condition/{need['id']}", **said)).headers["location"]
    page = await carer.get(at)
    assert f"/entries/social_care/need/{need['id']}" in page.text
    assert "Needs help in the morning" in words(page)


async def test_whoever_may_not_write_where_the_message_stands_answers_the_sender_alone(world):
    """Housing reads social care, and writes nothing in it: what it answers stands where it was asked."""
    door, message = await told(world, to=[{"reference": "Organization/HA1"}])
    at = care(door.place, f"messages/{message}")
    officer, carer, nurse = [await reader(door.place, one) for one in ("HA1", "HC1", "RX1")]
    page = await officer.get(at)
    assert offered(page) == [ACKNOWLEDGE, SEEN, ANSWER]
    await again(officer, at, do="answer", outcome="visit_booked", text="The lift is mended on Friday")
    await door.place.turn()
    page = await carer.get(at)
    assert "The lift is mended on Friday" in words(page)
    assert offered(page) == [UNDERSTOOD]
    assert "The lift is mended" not in (await nurse.get(at)).text
    assert (await door.threads("HC1"))[0]["state"] == "acted"


async def test_several_teams_have_a_clock_each(world):
    door, message = await told(world, to=[*PRACTICE, {"reference": "Organization/LA1"}])
    await door.step("P10001", message, "acknowledged")
    at = care(door.place, f"messages/{message}")
    page = await (await reader(door.place, "LA1")).get(at)
    assert offered(page) == [ACKNOWLEDGE, SEEN, ANSWER]
    assert "Test General practice The team has taken it on." in words(page)
    assert "Test Adult social care It stands in the team's list." in words(page)


@pytest.mark.parametrize("end", ["messages", "messages/new", "messages/nothing", "messages/.."])
async def test_whoever_has_no_relationship_finds_nothing(world, end):
    place = await larch(world)
    await world.agency("RX9")
    stranger = await reader(place, "RX9", "clinician")
    page = await stranger.get(care(place, end))
    assert page.status_code == 404
    assert "Ada" not in page.text


async def test_somebody_who_has_not_signed_in_is_asked_to_and_led_on(world):
    place = await larch(world)
    answer = await browser(world).get(care(place, "messages"))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/auth/sign-in?next=")


async def test_the_mails_of_the_service_lead_to_the_page_of_the_message(world):
    link = Settings.model_fields["mail_link"].default
    assert link in {f"/care{way.path}" for way in WAYS}
