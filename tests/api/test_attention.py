"""One list of what needs the caller now, of one plan, of an estate or of all that are open to them."""

from typing import Any

from tests.support.larch import ESTATE_UPRN, Larch, larch
from tests.support.reviews import sign
from tests.support.world import World

PACKAGE = {"service": "Morning visit", "status": "active"}


async def needing(place: Larch, by: str, **terms: str) -> list[dict[str, Any]]:
    answer = await place.client(by).get("/v1/attention", params=terms)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def said(items: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(one["kind"], one["severity"], one["words"]) for one in items]


async def refer(place: Larch, by: str, to: str) -> str:
    body = {"referral": "Welfare check", "status": "active", "to": {"reference": f"Organization/{to}"}}
    answer = await place.client(by).post(f"{place.address}/referrals", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_each_sees_what_is_theirs_the_most_severe_first(world):
    place = await larch(world)
    await place.add("LA1", "social_care", "service", **PACKAGE)
    await place.turn()
    assert await needing(place, "P10001") == []
    await place.turn(days=7)
    flag = "Social care: no clinician has looked at this since it last changed"
    task = "Look at the social care section and sign it off, or say what has to change"
    assert said(await needing(place, "P10001")) == [("flag", "high", flag), ("task", "low", task)]
    assert said(await needing(place, "HA1")) == [("flag", "low", flag)]
    world.later(days=8)
    late = ("task", "high", task)
    assert sorted(said(await needing(place, "P10001"))) == [("flag", "high", flag), late]
    assert said(await needing(place, "HA1", agency="P10001")) == [late]


async def test_a_link_leads_to_what_needs_them(world):
    place = await larch(world)
    await place.add("LA1", "social_care", "service", **PACKAGE)
    await place.turn(days=7)
    await place.turn()
    for item in await needing(place, "P10001", person=place.ada):
        there = await place.client("P10001").get(item["link"])
        assert there.status_code == 200, item
        assert item["reference"].endswith(there.json()["id"])
        assert (item["person"], item["name"]) == (place.ada, "Ada Test")


async def test_who_is_asked_sees_the_referral_and_whoever_asked_what_is_late_or_refused(world):
    place = await larch(world, without=("HC1",))
    id_ = await refer(place, "HA1", "HC1")
    assert said(await needing(place, "HC1")) == [("referral", "medium", "Accept or refuse: Welfare check")]
    assert await needing(place, "HA1") == []
    await place.turn(days=5, hours=1)
    await place.turn()
    assert said(await needing(place, "HC1"))[0] == ("referral", "high", "Accept or refuse: Welfare check")
    assert ("referral", "high", "Not answered: Welfare check") in said(await needing(place, "HA1"))
    refusal = {"status": "refused", "reason": "No carer for this street"}
    answered = await place.client("HC1").post(f"{place.address}/referrals/{id_}/answer", json=refusal)
    assert answered.status_code == 200, answered.text
    assert await needing(place, "HC1") == []
    assert ("referral", "medium", "Refused: Welfare check") in said(await needing(place, "HA1"))


async def test_a_review_is_due_a_week_before_its_day_for_who_signed_and_who_manages_the_section(world):
    place = await larch(world)
    assert (await sign("rest", place.client("LA1"), place, "social_care", next_review="2026-04-01")).status_code == 201
    world.at("2026-03-24T12:00:00Z")
    assert await needing(place, "LA1") == []
    world.at("2026-03-26T12:00:00Z")
    assert said(await needing(place, "LA1")) == [("review", "low", "Review the section")]
    assert await needing(place, "HC1") == []
    world.at("2026-04-02T12:00:00Z")
    [late] = await needing(place, "LA1")
    assert (late["severity"], late["due"]) == ("medium", "2026-04-01T00:00:00.000Z")
    assert (await sign("rest", place.client("LA1"), place, "social_care", next_review="2026-07-01")).status_code == 201
    assert await needing(place, "LA1") == []


async def test_what_others_keep_from_the_caller_is_not_on_their_list(world):
    place = await larch(world)
    whom = {"who": {"reference": "Organization/HA1"}}
    await place.add("LA1", "social_care", "action", what="Call", status="planned", **whom)
    await place.add("P10001", "health", "action", what="Never for housing", status="planned", **whom)
    await place.add("LA1", "social_care", "action", what="Hidden", status="planned", restricted_to=["LA1"], **whom)
    assert said(await needing(place, "HA1")) == [("task", "low", "Call")]


async def test_the_person_sees_what_is_asked_of_them(world):
    place = await larch(world)
    await place.add(
        "LA1", "social_care", "action", what="Tell us the day", status="planned",
        who={"reference": f"Patient/{place.ada}"},
    )  # fmt: skip
    own = await world.client("person", "PERSON", "ada", person=place.ada).get("/v1/attention")
    assert said(own.json()["items"]) == [("task", "low", "Tell us the day")]


async def test_of_an_estate_only_who_lives_there_and_of_a_stranger_nothing(world):
    place = await larch(world)
    other = await world.person(world.visit("housing_officer", "HA1"), family="Elsewhere")
    both = Larch(world, other)
    for one in (place, both):
        body = {"what": "Call", "status": "planned", "who": {"reference": "Organization/HA1"}}
        answer = await one.client("HA1").post(f"{one.address}/plan/sections/housing/action", json=body)
        assert answer.status_code == 201, answer.text
    await place.add("HA1", "housing", "housing", scheme="Larch Court", parent_uprn=ESTATE_UPRN)
    assert {item["person"] for item in await needing(place, "HA1")} == {place.ada, other}
    assert {item["person"] for item in await needing(place, "HA1", estate=ESTATE_UPRN)} == {place.ada}
    assert await needing(place, "HA1", estate="1") == []
    assert {item["person"] for item in await needing(place, "HA1", person=other)} == {other}
    stranger = await place.client("P10001").get("/v1/attention", params={"person": other})
    assert stranger.status_code == 404
    assert (await place.client("P10001").get("/v1/attention", params={"person": "nobody"})).status_code == 404


async def test_a_worker_of_the_agency_is_meant_too(world: World):
    place = await larch(world)
    role = {"resourceType": "PractitionerRole", "organization": {"reference": "Organization/HA1"}}
    by = place.client("HA1")
    made = await by.post("/fhir/R4/PractitionerRole", json=role, headers={"Content-Type": "application/fhir+json"})
    whom = {"reference": f"PractitionerRole/{made.json()['id']}"}
    await place.add("LA1", "housing", "action", what="Call", status="planned", who=whom)
    assert said(await needing(place, "HA1")) == [("task", "low", "Call")]


async def test_every_person_shown_leaves_an_event(world):
    place = await larch(world)
    await place.add("LA1", "social_care", "service", **PACKAGE)
    sql = "select count(*) from audit_event where person_id = ? and agency = 'HA1' and action = 'E'"
    before = (await world.database.rows(sql, (place.ada,)))[0][0]
    await needing(place, "HA1")
    assert (await world.database.rows(sql, (place.ada,)))[0][0] == before + 1
