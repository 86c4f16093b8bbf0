"""The consent screen: what the user leaves is granted and nothing else; who is chosen is one whom they may see."""

import re

import pytest

from api.pages.consent import source
from tests.support.deeds import consent, contact
from tests.support.sign_in import account, browser, events, waiting

ASKED = ("openid", "fhirUser", "offline_access", "user/Goal.rs", "user/Task.cruds")
AT = "/auth/consent/r1"


async def before(world, *scopes, **more):
    """Somebody who is signed in, before the screen."""
    who = {name: more.pop(name) for name in ("role", "agency", "person") if name in more}
    await account(world, **who)
    held = waiting(world, *(scopes or ASKED), **more)
    at = browser(world)
    await at.sign_in("nurse1", next_=AT)
    await at.get(AT)
    return held, at


def ticks(at):
    return re.findall(r'name="scope" value="([^"]+)"( checked)?', at.page.text)


def people(at):
    return re.findall(r'name="person" value="([^"]+)"( checked)?', at.page.text)


async def test_the_screen_says_which_app_asks_for_whom_until_when_and_for_what(world):
    world.at("2027-01-15T08:00:00Z")
    _, at = await before(world)
    text = at.page.text
    assert "<h1>Allow Ward Round?</h1>" in text
    assert "(app.example)" in text
    assert "Nurse Test" in text
    assert "clinician at RX1" in text
    assert "Decide before 08:05 UTC on 15 January 2027" in text
    assert "Keep access when you are not there" in text
    assert ticks(at) == [(word, " checked") for word in ASKED]


async def test_all_that_is_left_ticked_is_granted_and_the_browser_sent_back(world):
    held, at = await before(world)
    answer = await at.post(AT, do="allow", scope=list(ASKED))
    assert (answer.status_code, answer.headers["location"]) == (303, "https://app.example/back?code=c")
    [(id_, who, decision)] = held.granted
    assert (id_, who.subject, decision.scopes, decision.patient) == ("r1", "nurse1", ASKED, None)
    assert (await events(world))[-1] == ("consent", "nurse1", "app-1", "allowed")


@pytest.mark.parametrize("gone", ASKED)
async def test_a_scope_that_is_taken_away_is_not_granted(world, gone):
    held, at = await before(world)
    await at.post(AT, do="allow", scope=[word for word in ASKED if word != gone])
    assert held.granted[0][2].scopes == tuple(word for word in ASKED if word != gone)


async def test_a_scope_that_was_not_asked_for_cannot_be_ticked(world):
    held, at = await before(world, "openid", "system/*.cruds")
    assert ticks(at) == [("openid", " checked")]
    await at.post(AT, do="allow", scope=["user/*.cruds", "openid", "system/*.cruds", "launch/patient"])
    assert held.granted[0][2].scopes == ("openid",)


async def test_to_leave_nothing_is_to_refuse(world):
    held, at = await before(world)
    await at.post(AT, do="allow")
    assert (held.granted, len(held.denied)) == ([], 1)


async def test_refusing_grants_nothing(world):
    held, at = await before(world)
    answer = await at.post(AT, do="refuse", scope=list(ASKED))
    assert answer.headers["location"] == "https://app.example/back?error=access_denied"
    assert (held.granted, held.denied[0][0], held.denied[0][1].subject) == ([], "r1", "nurse1")
    assert (await events(world))[-1] == ("consent", "nurse1", "app-1", "consent")


@pytest.mark.parametrize("choice", ["", "maybe", "Allow"])
async def test_a_form_without_a_decision_decides_nothing(world, choice):
    held, at = await before(world)
    answer = await at.post(AT, do=choice, scope=list(ASKED))
    assert answer.status_code == 400
    assert (held.granted, held.denied) == ([], [])


async def test_a_request_is_decided_once(world):
    _, at = await before(world)
    token = at.token
    await at.post(AT, do="allow", scope=["openid"])
    answer = await at.client.post(AT, data={"token": token, "do": "allow"})
    assert answer.status_code == 404


@pytest.mark.parametrize("path", [AT, "/auth/consent/other"])
async def test_a_request_that_does_not_wait_is_told_so(world, path):
    held, at = await before(world)
    held.held.clear()
    answer = await at.get(path)
    assert answer.status_code == 404
    assert "Go back to the app and start again" in answer.text


async def test_where_there_is_no_server_nothing_waits(world):
    _, at = await before(world)
    world.service.requests = None
    assert (await at.get(AT)).status_code == 404


async def test_nothing_is_answered_without_its_event(world):
    _, at = await before(world)
    async with world.database.transaction() as transaction:
        await transaction.rows("alter table audit_event rename to audit_away")
    answer = await at.post(AT, do="allow", scope=list(ASKED))
    assert answer.status_code == 503
    assert "location" not in answer.headers


async def test_the_name_of_an_app_is_text(world):
    _, at = await before(world, client_name="<b>Good</b> app", redirect_uri="https://app.example/<b>")
    assert "&lt;b&gt;Good&lt;/b&gt; app" in at.page.text
    assert "<b>" not in at.page.text


SOURCES = {
    "https://app.example/back": "https://app.example",
    "https://app.example:8443/back?x=y": "https://app.example:8443",
    "http://127.0.0.1:3000/": "http://127.0.0.1:3000",
    "http://[::1]:3000/": "http://[::1]:3000",
    "uk.example.app:/back": "uk.example.app:",
    "": "https: http://127.0.0.1:* http://localhost:*",
    "https://app.example;script-src *": "https: http://127.0.0.1:* http://localhost:*",
    "https://a.example *": "https: http://127.0.0.1:* http://localhost:*",
}


@pytest.mark.parametrize("redirect, said", SOURCES.items())
def test_the_policy_lets_the_form_lead_to_the_app_and_nowhere_else(redirect, said):
    assert source(redirect) == said


async def test_the_policy_of_the_screen_names_the_app(world):
    _, at = await before(world)
    assert "form-action 'self' https://app.example;" in at.page.headers["content-security-policy"]


# the person


BORN = {"day": "27", "month": "3", "year": "1941"}


async def somebody(world, agency="RX1", family="Meadow", **more):
    number = world.nhs_number()
    by = world.visit(agency=agency)
    return await world.person(by, number, family, birthDate="1941-03-27", **more), number


async def test_a_person_is_found_by_nhs_number_or_by_name_and_birth_date(world):
    await world.agency("RX1")
    person, number = await somebody(world)
    held, at = await before(world, "launch/patient", "patient/Goal.rs")
    assert people(at) == []
    spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
    await at.post(AT, do="find", nhs_number=spaced, scope=["patient/Goal.rs"])
    assert people(at) == [(person, " checked")]
    assert f'value="{spaced}"' in at.page.text, "what was typed stays"
    await at.post(AT, do="find", family="mead", **BORN)
    assert people(at) == [(person, " checked")]
    assert ticks(at) == [("patient/Goal.rs", "")], "and so does what was taken away"
    await at.post(AT, do="allow", person=person, scope=["patient/Goal.rs"])
    assert held.granted[0][2].patient == person
    assert held.granted[0][2].scopes == ("launch/patient", "patient/Goal.rs")
    rows = await world.database.rows("select person_id from audit_event where type = 'consent'")
    assert [row[0] for row in rows] == [person]


async def test_whom_the_account_may_not_see_is_not_found_in_the_same_words_as_nobody(world):
    await world.agency("RX1")
    await world.agency("RX9")
    person, number = await somebody(world, "RX9")
    held, at = await before(world, "launch/patient", "patient/Goal.rs")
    told = []
    for typed in ({"nhs_number": number}, {"nhs_number": world.nhs_number()}, {"family": "Meadow", **BORN}):
        await at.post(AT, do="find", **typed)
        told.append(at.faults)
        assert people(at) == []
    assert told == [[("nhs_number", "Nobody was found among those whose plans you may see.")]] * 3
    answer = await at.post(AT, do="allow", person=person, scope=["patient/Goal.rs"])
    assert answer.status_code == 200
    assert at.faults == [("person", "Choose the person that the app is to work with.")]
    assert held.granted == []


@pytest.mark.parametrize(
    "typed, fields",
    [
        ({}, ["family", "day"]),
        ({"family": "Meadow"}, ["day"]),
        (BORN, ["family"]),
        ({"family": "Meadow", "day": "31", "month": "2", "year": "1941"}, ["day"]),
        ({"family": "Meadow", "day": "1", "month": "1", "year": "999999999999"}, ["day"]),
        ({"nhs_number": "123"}, ["nhs_number"]),
        ({"nhs_number": "9000000001"}, ["nhs_number"]),
    ],
)
async def test_what_cannot_be_searched_for_is_told_by_field(world, typed, fields):
    _, at = await before(world, "launch/patient")
    await at.post(AT, do="find", **typed)
    assert [field for field, _ in at.faults] == fields


@pytest.mark.parametrize("said", ["", "no-such-person", "../x", "a" * 3000])
async def test_without_a_person_nothing_is_granted(world, said):
    held, at = await before(world, "launch/patient")
    await at.post(AT, do="allow", person=said)
    assert [field for field, _ in at.faults] == ["person"]
    assert held.granted == []


async def test_a_person_chooses_nobody_but_themself(world):
    await world.agency("RX1")
    own, _ = await somebody(world)
    other, number = await somebody(world, family="Other")
    held, at = await before(world, "launch/patient", "patient/*.rs", role="person", agency="own", person=own)
    assert people(at) == [(own, " checked")]
    assert "NHS number or" not in at.page.text
    await at.post(AT, do="find", nhs_number=number)
    assert people(at) == []
    await at.post(AT, do="allow", person=other, scope=["patient/*.rs"])
    assert held.granted == []
    await at.post(AT, do="allow", person=own, scope=["patient/*.rs"])
    assert held.granted[0][2].patient == own


async def test_a_carer_chooses_among_those_they_care_for(world):
    await world.agency("RX1")
    cared, _ = await somebody(world)
    await somebody(world, family="Other")
    themself = world.visit("person", "own", "own", person=cared)
    await world.write(themself, contact(cared, subject="nurse1"))
    await world.write(themself, consent(cared, "permit", ["health"], {"subject": "nurse1"}))
    held, at = await before(world, "launch/patient", "patient/*.rs", role="carer", agency="nurse1")
    assert [one for one, _ in people(at)] == [cared]
    await at.post(AT, do="allow", person=cared, scope=["patient/*.rs"])
    assert held.granted[0][2].patient == cared


async def test_a_launch_from_an_ehr_is_about_its_own_person(world):
    await world.agency("RX1")
    person, _ = await somebody(world)
    other, _ = await somebody(world, family="Other")
    held, at = await before(world, "launch", "user/Goal.rs", "launch/encounter", patient=person, encounter="stay-1")
    assert people(at) == [(person, " checked")]
    assert "Find a person" not in at.page.text
    await at.post(AT, do="allow", person=other, scope=["user/Goal.rs", "launch/encounter"])
    decision = held.granted[0][2]
    assert (decision.patient, decision.encounter) == (person, "stay-1")
    assert decision.scopes == ("launch", "user/Goal.rs", "launch/encounter")


async def test_the_stay_can_be_taken_away(world):
    await world.agency("RX1")
    person, _ = await somebody(world)
    held, at = await before(world, "launch", "launch/encounter", patient=person, encounter="stay-1")
    await at.post(AT, do="allow", person=person, scope=["launch"])
    assert held.granted[0][2].encounter is None


async def test_a_launch_about_somebody_whom_the_account_may_not_see_cannot_be_allowed(world):
    await world.agency("RX9")
    person, _ = await somebody(world, "RX9")
    held, at = await before(world, "launch", "user/Goal.rs", patient=person)
    assert "There is nobody here for you to choose" in at.page.text
    await at.post(AT, do="allow", person=person, scope=["user/Goal.rs"])
    assert held.granted == []
    await at.post(AT, do="refuse")
    assert held.denied
