"""Two worlds that differ only in what a caller may not see answer five thousand random requests alike, byte for byte:
status, headers, body, totals, order, entity tags, dates, links and error texts; and the pages that follow.

A failure names its seed; ONEPLAN_TWINS_SEED plays it again, ONEPLAN_TWINS_TIMES makes the run longer.
"""

import os
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest

from api.service import started
from api.settings import Settings
from tests.access.questions import Asking, Question
from tests.access.twins import ACTORS, SECRETS, Ids, Twin, Who, furnished
from tests.support.postgres import borrowed_database
from tests.support.quick import Answer, Quick
from tests.support.world import World

SEED = int(os.environ.get("ONEPLAN_TWINS_SEED", "20261128"))
TIMES = int(os.environ.get("ONEPLAN_TWINS_TIMES", "1"))
REQUESTS = {"sqlite": 640 * TIMES, "postgresql": 200 * TIMES}
"""For each of the six callers."""
PAGES = 3
NEXT = re.compile(rb'"relation":"next","url":"([^"]+)"|"next":"([^"]+)"')


@pytest.fixture
async def other(
    world: World, request: pytest.FixtureRequest, tmp_path: Path, development_key: Path
) -> AsyncIterator[World]:
    """A second world on the same engine, with nothing in it either."""
    async with AsyncExitStack() as stack:
        if world.url.startswith("sqlite"):
            shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "twin.db")
            url = f"sqlite:///{tmp_path / 'twin.db'}"
        else:
            template = request.getfixturevalue("postgres_template")
            url = stack.enter_context(borrowed_database(template, template=urlsplit(template).path[1:]))
        settings = Settings(database=url, development_key=development_key, feed_worker=False)
        made = World(settings, await started(settings), development_key)
        try:
            yield made
        finally:
            await made.close()


async def asked(twins: list[Twin], clients: list[Quick], question: Question) -> list[Answer]:
    """The answers of both worlds, at the same moment and with the same ids to give."""
    answers = []
    for twin, client in zip(twins, clients, strict=True):
        twin.next()
        answers.append(await client(question.method, question.url, question.body, question.headers))
    return answers


def following(question: Question, answer: Answer) -> Question | None:
    """The page after this one."""
    found = NEXT.search(answer.body) if question.method == "GET" and answer.status == 200 else None
    if found is None:
        return None
    if found[1]:
        return Question("GET", found[1].decode())
    path, _, query = question.url.partition("?")
    name = "since" if path.endswith("/changes") else "cursor"
    kept = [pair for pair in query.split("&") if pair and not pair.startswith(f"{name}=")]
    return Question("GET", f"{path}?{'&'.join([*kept, f'{name}={found[2].decode()}'])}")


def differing(answers: list[Answer]) -> str:
    """What differs between two answers, shortly."""
    one, two = answers
    if one.status != two.status:
        return f"{one.status} or {two.status}: {one.body[:600]!r} or {two.body[:600]!r}"
    if one.headers != two.headers:
        return f"{dict(one.headers)} or {dict(two.headers)}"
    if one.body != two.body:
        at = next((i for i, (x, y) in enumerate(zip(one.body, two.body, strict=False)) if x != y), -1)
        return f"at {at}: {one.body[max(0, at - 200) : at + 200]!r} or {two.body[max(0, at - 200) : at + 200]!r}"
    return ""


def learnt(asking: Asking, question: Question, answer: Answer) -> None:
    """What was made may be asked for afterwards."""
    location = answer.headers.get("location", "").split("/_history")[0].split("/")
    if answer.status == 201 and question.url.startswith("/fhir") and len(location) > 2:
        asking.ids.append((location[-2], location[-1]))


@pytest.mark.parametrize("name", ACTORS)
async def test_what_is_hidden_changes_no_byte(world: World, other: World, name: str):
    who, ids = ACTORS[name], Ids()
    with ids.making():
        twins = [await furnished(world, ids, who, secret=True), await furnished(other, ids, who, secret=False)]
        assert twins[0].public == twins[1].public
        people = [*twins[0].people]
        spots = await twins[0].spots()
        asking = Asking(Random(f"{SEED} {name}"), people[0], [*twins[0].public], twins[0].hidden, people, spots)
        clients = [twin.client for twin in twins]
        statuses = Counter[int]()
        done = 0
        while done < REQUESTS[world.url.partition(":")[0]]:
            question: Question | None = asking.question()
            for _ in range(PAGES):
                if question is None:
                    break
                answers = await asked(twins, clients, question)
                wrong = differing(answers)
                assert not wrong, f"seed {SEED}, request {done}: {question}: {wrong}"
                learnt(asking, question, answers[0])
                statuses[answers[0].status] += 1
                done += 1
                question = following(question, answers[0])
    assert min(statuses[200], statuses[400], statuses[403] + statuses[404]) > done // 20, statuses


@pytest.mark.parametrize("name", ACTORS)
async def test_who_may_see_it_sees_the_difference(world: World, other: World, name: str):
    """Or the worlds would be the same, and the test above would prove nothing."""
    who, ids = ACTORS[name], Ids()
    insider = Who("clinician", "RX2" if who.elsewhere else "RX1", ())
    with ids.making():
        twins = [await furnished(world, ids, who, secret=True), await furnished(other, ids, who, secret=False)]
        for type_, id_ in twins[0].hidden[-2:]:
            seen = [
                await Quick(twin.world.app, twin.world.token(insider.role, insider.agency))(
                    "GET", f"/fhir/R4/{type_}/{id_}"
                )
                for twin in twins
            ]
            if not any(one.status == 200 for one in seen):
                continue
            assert [one.status for one in seen] == [200, 404]
            assert any(secret.encode() in seen[0].body for secret in SECRETS)
            break
        else:
            pytest.fail("nothing is hidden")
