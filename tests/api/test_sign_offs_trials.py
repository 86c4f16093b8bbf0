"""All or nothing, whatever is asked: of a refused sign-off nothing is left, and of one that is taken, everything."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

from plan.model import PLAN_SECTIONS
from tests.support.larch import Larch, larch
from tests.support.sign_offs import asked, reviews, shelf, sign, stored, version

TRIALS = {"sqlite": 120, "postgresql": 40}
THEIRS = {
    "P10001": ("health", "social_care", "contingency", "legal"),
    "RX1": ("health", "social_care", "contingency", "legal"),
    "LA1": ("social_care", "contingency", "legal", "safeguarding"),
    "HA1": ("housing",),
    "HC1": (),
}
"""What each may sign."""
OUTCOMES = ("", "no_change", "plan_amended", "change_needed", "agreed", "perfect")
ONCE_EACH = {201, 400, 403, 412, 422}
"""What the trials come to, each at least once."""


def chosen(random: Random, versions: dict[str, int], theirs: Sequence[str]) -> dict[str, Any]:
    """Some sections, most of them as they are now and the signer's to sign, and something to say of them."""
    pool = theirs if theirs and random.random() < 0.8 else sorted(versions)
    names = random.sample(pool, random.randint(1, min(4, len(pool))))
    if random.random() < 0.1:
        names.append(names[0])
    off = [random.choice((0, 0, 0, 0, 0, 0, -1, 7)) for _ in names]
    body: dict[str, Any] = {
        "sections": [{"section": n, "version": versions[n] + more} for n, more in zip(names, off, strict=True)]
    }
    outcome = random.choice((*OUTCOMES[:4] * 3, *OUTCOMES))
    if outcome:
        body["outcome"] = outcome
    if random.random() < 0.2:
        body["seen"] = random.choice(("2026-03-02T09:00:30Z", "2026-03-02T12:00:00Z"))
    return body


async def test_a_refusal_leaves_the_plan_as_it_was_and_a_sign_off_signs_every_section(world):
    place = await larch(world)
    world.later(minutes=2)
    for agency, section in (("P10001", "health"), ("LA1", "social_care"), ("HA1", "housing"), ("P10001", "legal")):
        await place.add(agency, section, "document", title="Letter", status="current")
    versions = {one.value: await version(place, one.value) for one in PLAN_SECTIONS}
    random, came, signed = Random(20260302), Counter[int](), 0
    before = await stored(place)
    for trial in range(TRIALS[world.url.partition(":")[0]]):
        agency = random.choice(sorted(THEIRS))
        body = chosen(random, versions, THEIRS[agency])
        headers = {"Idempotency-Key": f"trial-{trial}"} if random.random() < 0.5 else {}
        answer = await place.client(agency).post(shelf(place), json=body, headers=headers)
        came[answer.status_code] += 1
        now = await stored(place)
        if answer.status_code == 201:
            signed += len(body["sections"])
            assert [one["section"] for one in answer.json()["items"]] == [one["section"] for one in body["sections"]]
        else:
            assert now == before, (body, answer.text)
        before = now
        assert await count(place) == signed
    assert came.keys() == ONCE_EACH


async def count(place: Larch) -> int:
    """How many reviews there are, whoever may see them."""
    sql = "select count(*) from entry where kind = 'review' and person_id = ?"
    return int((await place.world.database.rows(sql, (place.ada,)))[0][0])


async def test_the_same_key_at_the_same_time_signs_once(world):
    place = await larch(world)
    read = await asked(place, "health", "social_care", "legal")
    answers = await asyncio.gather(*(sign(place, read, key="k1", outcome="no_change") for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(await reviews(place)) == len(read)


async def test_while_others_write_all_are_signed_or_none(world):
    place = await larch(world)
    for turn in range(6):
        there, read = len(await reviews(place)), await asked(place, "legal", "health")
        writes = place.add("P10001", "health", "goal", goal=f"Goal {turn}", status="active")
        answer, _ = await asyncio.gather(sign(place, read), writes)
        assert answer.status_code in (201, 412), answer.text
        assert len(await reviews(place)) - there == (len(read) if answer.status_code == 201 else 0)
