"""What somebody would try who has a part of a plan: asked by a task, on the team beside a secret member, beside a
sealed address, with an override that has run out, with words of another plan. One table of doors for all of them; each
secret is seen there by whoever may see it, or the silence would prove nothing.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.access.written import TAG
from tests.support import feed
from tests.support.quick import Quick
from tests.support.r4 import JSON, goal, task
from tests.support.world import World

TYPES = ("Goal", "Task", "CarePlan", "CareTeam", "Consent", "Condition", "Basic", "Provenance", "RelatedPerson")
SECRET = "zqsecret"
BTG = {"x-purpose-of-use": "BTG"}
FHIR_DOORS = (
    "Patient/{p}",
    "Patient/{p}/_history",
    "Patient/{p}/_history/1",
    "Patient/{p}/_history/2",
    "Patient/{p}/$everything",
    "Patient/$everything",
    "Patient?_id={p}&" + "&".join(f"_revinclude={type_}:*" for type_ in TYPES),
    "Patient?address=zqsecret",
    "Patient?address-postalcode=ZQ1",
    "Patient?_has:Goal:patient:_id={hidden}",
    "Patient/{p}/*?_type=" + ",".join(TYPES),
    "_history?_count=200",
    "AuditEvent?patient={p}",
    "Goal/{hidden}",
    "Goal/{hidden}/_history",
    "Goal/{hidden}/_history/1",
    "Goal/{hidden}/$meta",
    "Task?focus=Goal/{hidden}",
    "CarePlan?patient={p}&goal:Goal.description=zqsecret",
    "CareTeam?patient={p}&participant=Organization/zqsecret",
    "Provenance?target=Goal/{hidden}",
    *(f"{type_}?patient={{p}}&_include=*&_revinclude=Provenance:target&_total=accurate" for type_ in TYPES),
    *(f"{type_}/_history?_count=200" for type_ in TYPES),
)
REST_DOORS = (
    "",
    "/plan",
    "/plan?at=2100-01-01T00:00:00Z",
    "/plan/diff?from=2020-01-01T00:00:00Z",
    "/plan/sections",
    *(f"/plan/sections/{name}" for name in ("health", "housing", "about_me")),
    *(f"/plan/sections/housing/goal{tail}" for tail in ("", "/{hidden}", "/{hidden}/versions", "/{hidden}/versions/1")),
    "/plan/sections/about_me/sealed_address",
    "/history?limit=100",
    "/changes?since=2020-01-01T00:00:00Z&limit=100",
    "/access",
    "/access-log?limit=100",
    "/team",
    "/messages",
    "/stays",
    "/consents",
    "/consent-history",
)


@dataclass(slots=True)
class Case:
    """Who tries, whose plan, an entry that is hidden, who may see it, and what of a secret it is that shows."""

    world: World
    person: str
    hidden: str
    tries: Quick
    knows: Quick
    secret: str = SECRET

    def filled(self, door: str) -> str:
        return door.replace("{p}", self.person).replace("{hidden}", self.hidden)

    def doors(self) -> list[str]:
        fhir = [f"/fhir/{version}/{door}" for version in ("R4", "R5") for door in FHIR_DOORS]
        return [self.filled(door) for door in (*fhir, *(f"/v1/people/{{p}}{door}" for door in REST_DOORS))]


def tagged(person: str, text: str, section: str = "housing", **more: Any) -> dict[str, Any]:
    return goal(person, text, meta={"tag": [{"system": TAG, "code": section}]}, **more)


async def made(by: Quick, resource: dict[str, Any]) -> str:
    answer = await by("POST", f"/fhir/R4/{resource['resourceType']}", resource, JSON)
    assert answer.status == 201, answer.body
    return str(answer.json()["id"])


async def begun(world: World) -> tuple[str, Quick, Quick]:
    """A plan of RX1 and LA1, a clinician of the one and a social worker of the other."""
    for agency in ("RX1", "LA1", "HA1"):
        await world.agency(agency)
    person = await world.person(world.visit(), world.nhs_number())
    ours = Quick(world.app, world.token())
    assert (await ours("POST", f"/v1/people/{person}/team", {"agency": "LA1"})).status == 201
    return person, ours, Quick(world.app, world.token("social_worker", "LA1"))


async def asked(world: World, role: str) -> Case:
    """An agency that is asked by a task about one goal, and has not accepted."""
    person, ours, _ = await begun(world)
    hidden, focus = await made(ours, tagged(person, SECRET)), await made(ours, tagged(person, "Warm"))
    about = {"reference": f"Goal/{focus}"}
    sent = task(person, owner={"reference": "Organization/HA1"}, focus=about, description="Fit a key safe")
    sent["meta"] = {"tag": [{"system": TAG, "code": "housing"}]}
    asks = await made(ours, sent)
    tries = Quick(world.app, world.token(role, "HA1"))
    assert (await tries("GET", f"/fhir/R4/Task/{asks}")).status == 200
    return Case(world, person, hidden, tries, ours)


async def beside_a_secret(world: World) -> Case:
    """On a team with an agency that is on it in secret, and that has written, changed and deleted something."""
    person, ours, theirs = await begun(world)
    await world.agency(SECRET)
    joined = await ours("POST", f"/v1/people/{person}/team", {"agency": SECRET, "restricted_to": ["RX1"]})
    assert joined.status == 201, joined.body
    refuge = Quick(world.app, world.token("clinician", SECRET))
    hidden = await made(refuge, tagged(person, "A safe place"))
    changed = {**tagged(person, "A safer place"), "id": hidden}
    changed["meta"]["versionId"] = "1"
    assert (await refuge("PUT", f"/fhir/R4/Goal/{hidden}", changed, JSON)).status == 200
    gone = await made(refuge, tagged(person, "Gone"))
    assert (await refuge("DELETE", f"/fhir/R4/Goal/{gone}")).status == 204
    assert (await refuge("GET", f"/v1/people/{person}/plan")).status == 200
    return Case(world, person, hidden, theirs, ours)


async def beside_a_sealed_address(world: World) -> Case:
    """On a team of a person whose address was in the open for two versions, and is sealed."""
    for agency in ("RX1", "LA1"):
        await world.agency(agency)
    address = [{"line": [f"12 {SECRET} Lane"], "city": "Leeds", "postalCode": "ZQ1 9ZZ"}]
    person = await world.person(world.visit(), world.nhs_number(), address=address)
    ours, theirs = Quick(world.app, world.token()), Quick(world.app, world.token("social_worker", "LA1"))
    assert (await ours("POST", f"/v1/people/{person}/team", {"agency": "LA1"})).status == 201
    patient = (await ours("GET", f"/fhir/R4/Patient/{person}")).json()
    patient["text"] = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{SECRET}</div>'}
    assert (await ours("PUT", f"/fhir/R4/Patient/{person}", patient, JSON)).status == 200
    body = {"address": {"lines": [f"12 {SECRET} Lane"], "postcode": "ZQ1 9ZZ"}, "restricted_to": ["RX1"]}
    sealed = await ours("POST", f"/v1/people/{person}/plan/sections/about_me/sealed_address", body)
    assert sealed.status == 201, sealed.body
    return Case(world, person, sealed.json()["id"], theirs, ours, f"12 {SECRET}")


async def after_an_override(world: World) -> Case:
    """Somebody whose override has run out, and who goes on stating its purpose."""
    person, ours, _ = await begun(world)
    hidden = await made(ours, tagged(person, SECRET))
    tries = Quick(world.app, world.token("clinician", "HA1"), BTG)
    why = {"person": person, "reason": "emergency", "text": "Found at home, not responding"}
    assert (await tries("POST", "/v1/overrides", why)).status == 201
    assert SECRET in (await tries("GET", f"/v1/people/{person}/plan")).text
    world.later(minutes=61)
    return Case(world, person, hidden, tries, ours)


async def with_words_of_another_plan(world: World) -> Case:
    """An app that was launched with another patient of the same worker."""
    person, ours, _ = await begun(world)
    hidden, other = await made(ours, tagged(person, SECRET)), await world.person(world.visit())
    tries = Quick(world.app, world.token(scopes="patient/*.cruds", patient=other))
    assert (await tries("GET", f"/v1/people/{other}/plan")).status == 200
    return Case(world, person, hidden, tries, ours)


CASES: Mapping[str, Callable[[World], Awaitable[Case]]] = {
    "an officer who is asked by a task": lambda world: asked(world, "housing_officer"),
    "a coordinator who is asked by a task": lambda world: asked(world, "coordinator"),
    "a team with a member in secret": beside_a_secret,
    "a sealed address": beside_a_sealed_address,
    "an override that has run out": after_an_override,
    "words of another plan": with_words_of_another_plan,
}


async def leaks(case: Case, who: Quick, doors: list[str]) -> list[str]:
    """The doors that show the secret, or the hidden entry."""
    found = []
    for url in doors:
        answer = await who("GET", url)
        assert answer.status < 500, (url, answer.body)
        body = _bare(answer.json())
        if case.secret in body or case.hidden in body:
            found.append(url)
    return found


def _bare(said: Any) -> str:
    """What is shown of plans: no links, which repeat what was asked, nothing of the directory, which is everybody's."""
    if isinstance(said, dict) and said.get("resourceType") == "Bundle":
        inner = [one.get("resource") or one.get("response") for one in said.get("entry", ())]
        shown = [one for one in inner if one and one.get("resourceType") not in ("Organization", "OperationOutcome")]
        return "".join(map(_bare, shown))
    outcome = isinstance(said, dict) and said.get("resourceType") == "OperationOutcome"
    return "" if outcome else json.dumps(said, ensure_ascii=False)


@pytest.mark.parametrize("name", CASES)
async def test_no_door_shows_it_and_whoever_may_see_it_does(world: World, name: str):
    case = await CASES[name](world)
    doors = case.doors()
    assert len(await leaks(case, case.knows, doors)) > 10
    assert await leaks(case, case.tries, doors) == []


@pytest.mark.parametrize("name", CASES)
async def test_no_bundle_export_or_notice_shows_it(world: World, name: str):
    case = await CASES[name](world)
    fhir = [door.removeprefix("/fhir/R4/") for door in case.doors() if door.startswith("/fhir/R4/")]
    fhir = [door for door in fhir if not door.startswith(("AuditEvent", "_history", "Patient/$"))]
    for kind in ("batch", "transaction"):
        for door in fhir:
            entry = {"request": {"method": "GET", "url": door}}
            answer = await case.tries(
                "POST", "/fhir/R4", {"resourceType": "Bundle", "type": kind, "entry": [entry]}, JSON
            )
            said = _bare(answer.json())
            assert case.secret not in said, (kind, door)
            assert case.hidden not in said, (kind, door)
    receiver = feed.receiving(world)
    await case.tries("POST", "/fhir/R4/Subscription", feed.subscription(), JSON)
    job = await case.tries("GET", "/fhir/R4/$export", None, {"prefer": "respond-async"})
    where = job.headers.get("content-location", "")
    files = [
        (type_, where.replace("$export-status", "$export-file") + f"&type={type_}") for type_ in (*TYPES, "Patient")
    ]
    for type_, url in files if where else []:
        answer = await case.tries("GET", url)
        assert case.secret not in answer.text, type_
        assert case.hidden not in answer.text, type_
    await world.service.feed.turn()
    receiver.sent.clear()
    more = await made(case.knows, tagged(case.person, f"{SECRET} again"))
    await world.service.feed.turn()
    heard = "".join(request.content.decode() for request in receiver.sent)
    if name not in ("a team with a member in secret", "a sealed address"):
        assert more not in heard
    assert case.hidden not in heard


async def test_nobody_learns_by_a_task_who_is_on_the_team_in_secret(world: World):
    """A task for an agency is answered alike whether that agency is there in secret or not at all."""
    case = await beside_a_secret(world)
    await world.agency("BA1")
    assert (await case.knows("POST", f"/v1/people/{case.person}/team", {"agency": "BA1"})).status == 201
    adviser = Quick(world.app, world.token("benefits_adviser", "BA1"))
    for by, status in (
        (adviser, "requested"),
        (adviser, "accepted"),
        (case.tries, "requested"),
        (case.tries, "accepted"),
    ):
        answers = []
        for agency in (SECRET, "HA1"):
            sent = task(case.person, owner={"reference": f"Organization/{agency}"})
            sent |= {"status": status, "meta": {"tag": [{"system": TAG, "code": "transitions"}]}}
            answer = await by("POST", "/fhir/R4/Task", sent, JSON)
            team = await by("GET", f"/v1/people/{case.person}/team")
            answers.append((answer.status, agency in team.text))
        assert answers[0] == answers[1], status


async def test_who_is_in_secret_writes_nothing_for_who_may_not_know(world: World):
    """Not even by naming them, and not in what somebody else has restricted to them."""
    case = await beside_a_secret(world)
    refuge = Quick(world.app, world.token("clinician", SECRET))
    shelf = f"/v1/people/{case.person}/plan/sections/housing/goal"
    named = {"goal": "A safe place", "status": "active", "restricted_to": ["LA1"]}
    assert (await refuge("POST", shelf, named)).status == 403
    theirs = await case.tries("POST", shelf, {"goal": "For two", "status": "active", "restricted_to": [SECRET]})
    assert theirs.status == 201, theirs.body
    change = {"goal": "For two", "status": "active", "restricted_to": [SECRET], "version": 1}
    assert (await refuge("PUT", f"{shelf}/{theirs.json()['id']}", change)).status == 403
    assert (await refuge("DELETE", f"{shelf}/{theirs.json()['id']}", None, {"if-match": '"1"'})).status == 403
    ours = {**named, "restricted_to": ["RX1"]}
    assert (await refuge("POST", shelf, ours)).status == 201


async def test_who_is_asked_answers_the_task_that_asks_and_no_other(world: World):
    """A task about a task shows that other task; it is not theirs to change before they have accepted."""
    person, ours, _ = await begun(world)
    tag = {"meta": {"tag": [{"system": TAG, "code": "housing"}]}}
    other = await made(ours, {**task(person, description="Theirs"), **tag})
    about = {"focus": {"reference": f"Task/{other}"}, "owner": {"reference": "Organization/HA1"}}
    asks = await made(ours, {**task(person, **about), **tag})
    officer = Quick(world.app, world.token("housing_officer", "HA1"))
    for id_, status in ((other, 403), (asks, 200)):
        there = await officer("GET", f"/fhir/R4/Task/{id_}")
        assert there.status == 200
        answer = await officer("PUT", f"/fhir/R4/Task/{id_}", {**there.json(), "note": [{"text": "Seen"}]}, JSON)
        assert answer.status == status, answer.body


async def test_an_override_goes_no_further_page_when_it_has_run_out(world: World):
    person, ours, _ = await begun(world)
    for _ in range(3):
        await made(ours, tagged(person, SECRET))
    tries = Quick(world.app, world.token("clinician", "HA1"), BTG)
    why = {"person": person, "reason": "emergency", "text": "Found at home, not responding", "minutes": 5}
    assert (await tries("POST", "/v1/overrides", why)).status == 201
    page = await tries("GET", f"/fhir/R4/Goal?patient={person}&_count=1")
    history = await tries("GET", f"/v1/people/{person}/history?limit=1")
    (link,) = [one["url"] for one in page.json()["link"] if one["relation"] == "next"]
    cursor = history.json()["next"]
    world.later(minutes=5)
    answer = await tries("GET", link)
    assert (answer.status, SECRET in answer.text) == (200, False)
    assert (await tries("GET", f"/v1/people/{person}/history?limit=1&cursor={cursor}")).status == 404
