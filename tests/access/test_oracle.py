"""Ten thousand random (caller, record, verb, door): what the service shows and does is what the oracle says, no more
and no less. A failure names its seed; ONEPLAN_ORACLE_SEED plays it again, ONEPLAN_ORACLE_TIMES makes the run longer.
"""

import logging
import os
from collections import Counter

import pytest

from tests.access import deeds_at_doors, doors
from tests.access.oracle import Asker, Plan, Thing, sees
from tests.access.people import MARK, Town, town
from tests.support.quick import Answer
from tests.support.world import World

SEED = int(os.environ.get("ONEPLAN_ORACLE_SEED", "20261128"))
TIMES = int(os.environ.get("ONEPLAN_ORACLE_TIMES", "1"))
TRIES = {"sqlite": 7000 * TIMES, "postgresql": 3000 * TIMES}
PEOPLE = {"sqlite": 40, "postgresql": 40}
STEP = 250
"""After so many requests half a day passes: consents begin and end."""
OVERRIDES = 10
"""After so many requests somebody opens a plan by an override."""
LOOKS = list(doors.DOORS)
DEEDS = list(deeds_at_doors.DOORS)


def disclosed(made: Town, asker: Asker, answer: Answer, own: str = "") -> str:
    """The mark of what the asker may not see and was shown, wherever it stands in the answer."""
    for mark in MARK.findall(answer.text.encode()):
        if mark.decode() != own and not sees(asker, *made.marks[mark], made.now):
            return f"discloses {made.marks[mark][1]}"
    return ""


async def tried(made: Town, name: str, asker: Asker, plan: Plan, thing: Thing) -> tuple[int, str] | None:
    """One request by one door: its status, and what was wrong with it; None where the record has no such door."""
    client = made.client(asker)
    if name in doors.DOORS:
        look = doors.DOORS[name](made, asker, plan, thing)
        if look is None:
            return None
        answer = await client(look.method, look.url, look.body, look.headers)
        return answer.status, doors.wrong(look, thing, answer) or disclosed(made, asker, answer)
    attempt = deeds_at_doors.DOORS[name](made, asker, plan, thing)
    if attempt is None:
        return None
    answer = await client(attempt.method, attempt.url, attempt.body, attempt.headers)
    wrong = attempt.wrong(answer)
    if not wrong:
        deeds_at_doors.note(made, asker, plan, thing, attempt, answer)
    own = attempt.new.mark if attempt.new else thing.mark if attempt.verdict == "done" else ""
    return attempt.status(answer), wrong or disclosed(made, asker, answer, own)


async def as_the_model_says(made: Town) -> None:
    """Nothing was changed but what the oracle allowed."""
    sql = "select id, version, deleted from entry where slot is null and type <> 'CareTeam'"
    rows = {row[0]: (int(row[1]), bool(row[2])) for row in await made.world.database.rows(sql)}
    frame = {"Patient", "CareTeam", "CarePlan"}
    known = {thing.id: (thing.version, thing.deleted) for _, thing in made.ids.values() if thing.type not in frame}
    assert rows == known


async def quietly(made: Town, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of anybody stands in the log, nor in the audit."""
    assert not MARK.search(caplog.text.encode())
    rows = await made.world.database.rows("select * from audit_event")
    assert len(rows) > len(made.ids)
    assert not MARK.search("\n".join(str(tuple(row)) for row in rows).encode())


async def test_the_service_shows_and_does_what_the_oracle_says(world: World, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    engine = world.url.partition(":")[0]
    made = await town(world, SEED, PEOPLE[engine])
    random, statuses = made.random, Counter[tuple[str, int]]()
    glass = Counter[int]()
    count = 0
    while count < TRIES[engine] or (count < 2 * TRIES[engine] and closed(statuses)):
        if count % OVERRIDES == 0:
            breaker = random.choice([one for one in made.askers if one.purpose])
            glass[await made.breaks_glass(random.choice(list(made.plans.values())), breaker)] += 1
        plan, thing, asker = chosen(made)
        name = random.choice(LOOKS if random.random() < 0.75 else DEEDS)
        done = await tried(made, name, asker, plan, thing)
        if done is None:
            continue
        status, wrong = done
        assert not wrong, f"seed {SEED}, request {count}: {name} by {asker} for {thing}: {wrong}"
        statuses[name, status] += 1
        count += 1
        if count % STEP == 0:
            world.later(hours=12)
    await as_the_model_says(made)
    await quietly(made, caplog)
    proves_something(statuses)
    assert {201, 403} <= set(glass), glass


def chosen(made: Town) -> tuple[Plan, Thing, Asker]:
    """A plan, an entry of it, and somebody: mostly somebody who has, or had, to do with it."""
    random = made.random
    plan = random.choice(list(made.plans.values()))
    thing, dice = random.choice(plan.things), random.random()
    held = [(plan, p) for plan in made.plans.values() for p in plan.team if p.when.holds(made.now)]
    single = [(plan, place) for plan, place in held if place.opens or place.known_to or place.party[:9] == "override:"]
    if dice < 0.25 and single:
        plan, place = random.choice(single)
        near = [one for one in made.askers if place.party in (one.party, one.override)]
        opened = [thing for thing in plan.things if thing.id == place.opens] or plan.things
        return plan, random.choice(opened if random.random() < 0.6 else plan.things), random.choice(near)
    return plan, thing, random.choice(made.near(plan) if dice < 0.8 else made.askers)


def closed(statuses: Counter[tuple[str, int]]) -> list[str]:
    """The doors at which nobody was let in yet."""
    passed = {door for door, status in statuses if status < 300}
    return [name for name in (*LOOKS, *DEEDS) if name not in passed]


def proves_something(statuses: Counter[tuple[str, int]]) -> None:
    """Every door was passed and closed: a run in which everybody is refused everything would be green too."""
    assert not closed(statuses)
    total = sum(statuses.values())
    refused = sum(count for (_, status), count in statuses.items() if status in (400, 403, 404, 405, 412))
    assert 0.2 < refused / total < 0.8, statuses
