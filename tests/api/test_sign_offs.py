"""Several sections signed together: each as if it were signed by itself, and all of them or none."""

from typing import Any

import pytest

from tests.support.larch import larch
from tests.support.reviews import FHIR
from tests.support.sign_offs import asked, own, reviews, shelf, sign, stored, version

MERGE = {"Content-Type": "application/merge-patch+json"}
NAMES = ("health", "social_care", "legal")


async def test_each_section_gets_a_review_of_its_own_as_if_it_were_signed_by_itself(world):
    place = await larch(world)
    said = {"outcome": "no_change", "comment": "Seen at home", "next_review": "2026-06-01"}
    answer = await sign(place, await asked(place, *NAMES), **said)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{place.address}/reviews"
    made = answer.json()["items"]
    assert [one["section"] for one in made] == list(NAMES)
    assert {one["id"]: one for one in made} == {one["id"]: one for one in await reviews(place)}
    alone = {"section": "contingency", "signed": f"CarePlan/{await own(place, 'contingency')}", **said}
    single = (await place.client("P10001").post(f"{place.address}/reviews", json=alone)).json()
    for one in made:
        assert one.keys() == single.keys()
        assert one["signed"] == f"CarePlan/{await own(place, one['section'])}"
        assert {name: one[name] for name in said} == said
        for name in ("signed_by", "signed_for", "agency", "author", "kind", "version"):
            assert one[name] == single[name], name


async def test_each_has_the_provenance_that_it_has_by_itself(world):
    place = await larch(world)
    practice = place.client("P10001")
    made = (await sign(place, await asked(place, "health", "legal"), outcome="plan_amended")).json()["items"]
    alone = {"section": "contingency", "signed": f"CarePlan/{await own(place, 'contingency')}", "outcome": "no_change"}
    single = (await practice.post(f"{place.address}/reviews", json=alone)).json()
    faces = [(await practice.get(f"/fhir/R4/Provenance/{one['id']}", headers=FHIR)).json() for one in (*made, single)]
    *several, other = faces
    for one, review in zip(several, made, strict=True):
        assert one.keys() == other.keys()
        assert one["target"] == [{"reference": review["signed"]}]
        assert (one["agent"], one["activity"]) == (other["agent"], other["activity"])
        assert one["signature"][0].keys() == other["signature"][0].keys()


async def test_one_alone_may_be_signed_so(world):
    place = await larch(world)
    answer = await sign(place, await asked(place, "health"))
    assert answer.status_code == 201, answer.text
    assert [one["section"] for one in await reviews(place)] == ["health"]


async def test_the_person_agrees_with_several_at_once(world):
    place = await larch(world)
    ada = world.client("person", "PERSON", "ada", person=place.ada)
    body = {"sections": await asked(place, "about_me", "social_care"), "outcome": "agreed"}
    answer = await ada.post(shelf(place), json=body)
    assert answer.status_code == 201, answer.text
    assert {one["signed_by"]["reference"] for one in answer.json()["items"]} == {f"Patient/{place.ada}"}


async def test_where_some_moved_nothing_is_signed_and_all_of_them_are_named(world):
    place = await larch(world)
    read = await asked(place, "health", "legal", "social_care")
    world.later(minutes=1)
    goal = await place.add("P10001", "health", "goal", goal="Sleep flat", status="active")
    service = await place.add("LA1", "social_care", "need", need="Shopping", status="active")
    before = await stored(place)
    answer = await sign(place, read, outcome="no_change", key="k1")
    assert answer.status_code == 412, answer.text
    told = answer.json()
    assert told["code"] == "stale"
    assert told["moved"] == [
        {"section": "health", "current_version": await version(place, "health"), "changed": [f"Goal/{goal['id']}"]},
        {
            "section": "social_care",
            "current_version": await version(place, "social_care"),
            "changed": [f"Condition/{service['id']}"],
        },
    ]
    assert [error["pointer"] for error in told["errors"]] == ["/sections/0/version", "/sections/2/version"]
    assert "Nothing was signed" in told["detail"]
    assert await stored(place) == before
    assert (await sign(place, await asked(place, *NAMES), outcome="no_change", key="k1")).status_code == 201


async def test_what_a_section_says_of_itself_is_named_by_its_field(world):
    place = await larch(world)
    read = await asked(place, "health", "legal")
    practice, address = place.client("P10001"), f"{place.address}/plan/sections/health"
    section = (await practice.get(address)).json()["section"]
    body = {"title": section["title"], "summary": "Stable."}
    amended = await practice.put(address, json=body, headers={"If-Match": f'"{section["version"]}"'})
    assert amended.status_code == 200, amended.text
    [moved] = (await sign(place, read)).json()["moved"]
    assert (moved["section"], moved["changed"]) == ("health", ["/summary"])


async def test_entries_that_changed_since_the_plan_was_read_hold_up_all(world):
    place = await larch(world)
    practice = place.client("P10001")
    [need] = (await practice.get(f"{place.address}/plan/sections/health/need")).json()["items"]
    world.later(minutes=5)
    changed = await practice.patch(
        f"{place.address}/plan/sections/health/need/{need['id']}",
        json={"severity": "severe"},
        headers={"If-Match": '"1"', **MERGE},
    )
    assert changed.status_code == 200, changed.text
    read = await asked(place, "legal", "health")
    before = await stored(place)
    answer = await sign(place, read, seen="2026-03-02T09:04:00Z")
    assert answer.status_code == 412, answer.text
    [moved] = answer.json()["moved"]
    assert (moved["section"], moved["changed"]) == ("health", [f"Condition/{need['id']}"])
    assert await stored(place) == before
    assert (await sign(place, read, seen="2026-03-02T09:10:00Z")).status_code == 201


async def test_what_was_taken_away_since_is_a_change_though_no_list_names_it(world):
    place = await larch(world)
    practice = place.client("P10001")
    need = await place.add("P10001", "health", "need", need="Told us", status="active", restricted_to=["P10001"])
    world.later(minutes=5)
    gone = await practice.delete(f"{place.address}/plan/sections/health/need/{need['id']}", headers={"If-Match": '"1"'})
    assert gone.status_code == 204, gone.text
    read = await asked(place, "health", "legal")
    [moved] = (await sign(place, read, seen="2026-03-02T09:04:00Z")).json()["moved"]
    assert moved["changed"] == [f"Condition/{need['id']}"]
    other = await sign(place, read, agency="RX1", seen="2026-03-02T09:04:00Z")
    assert other.status_code == 201, other.text


REFUSED: list[tuple[str, str, Any, int, str, str]] = [
    ("no leave to sign", "P10001", [("health", 0), ("housing", 0)], 403, "does not sign off housing", ""),
    ("no leave, and one moved", "P10001", [("health", -1), ("housing", 0)], 403, "does not sign off housing", ""),
    ("hidden", "HA1", [("housing", 0), ("safeguarding", 0)], 422, "a section of this plan", "/sections/1/section"),
    ("not yet there", "P10001", [("health", 0), ("legal", 50)], 400, "no version", "/sections/1/version"),
    ("named twice", "P10001", [("health", 0), ("legal", 0), ("health", 0)], 400, "once", "/sections/2/section"),
    ("twice in two versions", "P10001", [("health", 0), ("health", 50)], 400, "once", "/sections/1/section"),
    ("stale", "P10001", [("legal", 0), ("health", -1)], 412, "Nothing was signed", "/sections/1/version"),
]


@pytest.mark.parametrize("agency,wanted,status,said,pointer", [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED])
async def test_what_is_refused_changes_nothing_of_the_plan(world, agency, wanted, status, said, pointer):
    place = await larch(world)
    await place.add("P10001", "health", "goal", goal="Sleep flat", status="active")
    read = [{"section": name, "version": await version(place, name) + more} for name, more in wanted]
    before = await stored(place)
    answer = await sign(place, read, agency, key="once")
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert [error["pointer"] for error in answer.json().get("errors", [])] == ([pointer] if pointer else [])
    assert await stored(place) == before


GOOD = {"section": "health", "version": 1}
BAD: list[tuple[Any, int, str]] = [
    ({}, 400, ""),
    ([], 400, ""),
    ({"sections": []}, 400, "/sections"),
    ({"sections": None}, 400, "/sections"),
    ({"sections": "health"}, 400, "/sections"),
    ({"sections": [GOOD] * 10}, 400, "/sections"),
    ({"sections": [GOOD, {}]}, 400, "/sections/1"),
    ({"sections": [{"section": "health"}]}, 400, "/sections/0/version"),
    ({"sections": [{"version": 1}]}, 400, "/sections/0/section"),
    ({"sections": [{"section": "frame", "version": 1}]}, 400, "/sections/0/section"),
    ({"sections": [{"section": "sauna", "version": 1}]}, 400, "/sections/0/section"),
    ({"sections": [{**GOOD, "version": "1"}]}, 400, "/sections/0/version"),
    ({"sections": [{**GOOD, "version": 0}]}, 400, "/sections/0/version"),
    ({"sections": [{**GOOD, "version": 1.5}]}, 400, "/sections/0/version"),
    ({"sections": [{**GOOD, "version": 10**9}]}, 400, "/sections/0/version"),
    ({"sections": [{**GOOD, "signed": "x"}]}, 400, "/sections/0/signed"),
    ({"sections": [GOOD], "outcome": "perfect"}, 400, "/outcome"),
    ({"sections": [GOOD], "comment": "<script>x</script>"}, 400, "/comment"),
    ({"sections": [GOOD], "next_review": "soon"}, 400, "/next_review"),
    ({"sections": [GOOD], "seen": "now"}, 400, "/seen"),
    ({"sections": [GOOD], "restricted_to": ["P10001"]}, 400, "/restricted_to"),
    ({"sections": [GOOD], "signed_for": {"name": "x"}}, 400, "/signed_for"),
    ({"sections": [GOOD], "signed_by": {"reference": "Goal/x"}}, 400, "/signed_by/reference"),
]


async def test_bad_bodies_are_refused_at_their_place_and_change_nothing(world):
    place = await larch(world)
    before = await stored(place)
    for body, status, pointer in BAD:
        answer = await place.client("P10001").post(shelf(place), json=body)
        assert answer.status_code == status, (body, answer.text)
        pointers = [error["pointer"] for error in answer.json()["errors"]]
        assert pointer in pointers, (body, answer.text)
    assert await stored(place) == before


async def test_a_role_says_only_what_it_can_say(world):
    place = await larch(world)
    before = await stored(place)
    answer = await sign(place, await asked(place, "health", "legal"), outcome="agreed")
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/outcome"]
    assert await stored(place) == before


async def test_nobody_without_a_relation_finds_it_and_no_narrow_scope_signs(world):
    place = await larch(world)
    await world.agency("ZZ1")
    before = await stored(place)
    body = {"sections": [GOOD]}
    for stranger in (world.client("clinician", "ZZ1"), world.client("auditor", "RX1")):
        assert (await stranger.post(shelf(place), json=body)).status_code == 404
    unknown = f"/v1/people/{'0' * 8}-0000-7000-8000-000000000000/plan/sign-offs"
    assert (await place.client("P10001").post(unknown, json=body)).status_code == 404
    reader = place.client("P10001", scopes="user/*.rs")
    assert (await reader.post(shelf(place), json=body)).status_code == 403
    assert await stored(place) == before


async def test_a_key_signs_once_and_says_again_what_was_signed(world):
    place = await larch(world)
    read = await asked(place, *NAMES)
    first = await sign(place, read, key="k1", outcome="no_change")
    before = await stored(place)
    again = await sign(place, read, key="k1", outcome="no_change")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    other = await sign(place, read[:1], key="k1", outcome="no_change")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    single = {"section": "health", "signed": f"CarePlan/{await own(place, 'health')}"}
    reused = await place.client("P10001").post(
        f"{place.address}/reviews", json=single, headers={"Idempotency-Key": "k1"}
    )
    assert reused.json()["code"] == "idempotency_key_reused"
    assert await stored(place) == before
    assert len(await reviews(place)) == len(NAMES)


async def test_a_key_says_what_was_signed_though_one_was_taken_back(world):
    place = await larch(world)
    read = await asked(place, "health", "legal")
    first = await sign(place, read, key="k1")
    _, legal = first.json()["items"]
    gone = await place.client("P10001").delete(f"{place.address}/reviews/{legal['id']}", headers={"If-Match": '"1"'})
    assert gone.status_code == 204, gone.text
    again = await sign(place, read, key="k1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert [one["section"] for one in await reviews(place)] == ["health"]


async def test_the_key_of_one_is_nobody_elses(world):
    place = await larch(world)
    read = await asked(place, "health", "legal")
    assert (await sign(place, read, key="k1")).status_code == 201
    assert (await sign(place, read, agency="RX1", key="k1")).status_code == 201
    # Nobody's name is that of a part of another's signatures.
    beside = place.client("P10001", subject="clinician-of-P10001 1")
    answer = await beside.post(shelf(place), json={"sections": read}, headers={"Idempotency-Key": "k1"})
    assert (answer.status_code, "idempotency-replayed" in answer.headers) == (201, False)
    assert len(await reviews(place)) == 6


async def test_each_signature_and_each_refusal_leaves_its_event(world):
    place = await larch(world)
    read = await asked(place, "health", "legal")
    sql = "select count(*) from audit_event where request = ? and type = 'Provenance'"

    async def events(request: str, sections: Any) -> int:
        headers = {"X-Request-ID": request}
        await place.client("P10001").post(shelf(place), json={"sections": sections}, headers=headers)
        return int((await world.database.rows(sql, (request,)))[0][0])

    assert await events("signed", read) == 2
    assert await events("refused", [*read, *await asked(place, "housing")]) >= 1
