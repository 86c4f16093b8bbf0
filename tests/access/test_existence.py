"""Two thousand pairs of a hidden id and one that never was: the same status, headers and body, whatever is asked of it,
by every method and condition, in the address, in a body, in a reference, in criteria, as a version.

ONEPLAN_ORACLE_SEED plays a run again.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from random import Random
from typing import Any

from tests.access.oracle import Asker, Plan, Thing, in_sight, there
from tests.access.people import Town, town
from tests.access.questions import Question
from tests.access.test_oracle import SEED, TIMES
from tests.access.written import TYPES, written
from tests.support.world import World

PAIRS = {"sqlite": 1500 * TIMES, "postgresql": 500 * TIMES}
WHEN = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|%2B00%3A00|\+00:00)")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FHIR = {"content-type": "application/fhir+json"}
MATCHES: tuple[dict[str, str], ...] = (
    {},
    {"if-match": 'W/"1"'},
    {"if-match": 'W/"7"'},
    {"if-match": "*"},
    {"if-none-match": 'W/"1"'},
    {"if-none-match": "*"},
    {"if-modified-since": "Mon, 02 Mar 2026 10:00:20 GMT"},
)
Way = Callable[[Random, str, Thing], Question]
"""`home` is a person of the asker's own, or the one of the hidden thing."""


def _fhir(random: Random) -> str:
    return random.choice(["/fhir/R4", "/fhir/R5"])


def looked_at(random: Random, home: str, thing: Thing) -> Question:
    tail = random.choice(["", "", "/_history", "/_history/1", "/_history/2", "/$meta", "/$validate?mode=delete"])
    url = f"{_fhir(random)}/{thing.type}/{thing.id}{tail}"
    return Question(random.choice(["GET", "HEAD"]), url, None, random.choice(MATCHES))


def looked_for(random: Random, home: str, thing: Thing) -> Question:
    query = random.choice(
        [
            f"{thing.type}?_id={thing.id}&_total=accurate",
            f"{thing.type}?_id={thing.id}&_summary=count",
            f"Task?focus={thing.type}/{thing.id}",
            f"Patient?_has:{thing.type}:patient:_id={thing.id}",
            f"Provenance?target={thing.type}/{thing.id}",
        ]
    )
    return Question("GET", f"{_fhir(random)}/{query}")


def changed(random: Random, home: str, thing: Thing) -> Question:
    type_ = thing.type if thing.type in TYPES else "Goal"
    resource = {**written(type_, thing.person, thing.section, "Other"), "id": thing.id}
    if random.random() < 0.5:
        resource["meta"]["versionId"] = str(random.randint(1, 3))
    headers, url = random.choice(MATCHES), f"{_fhir(random)}/{type_}/{thing.id}"
    method = random.choice(["PUT", "PATCH", "DELETE"])
    if method == "PATCH":
        change = [{"op": "add", "path": "/language", "value": "en"}]
        return Question(method, url, change, {**headers, "content-type": "application/json-patch+json"})
    return Question(method, url, resource if method == "PUT" else None, {**headers, **FHIR})


def changed_in_bundle(random: Random, home: str, thing: Thing) -> Question:
    inner = changed(random, home, thing)
    request = {"method": inner.method, "url": inner.url[len("/fhir/R4/") :]}
    if "if-match" in inner.headers:
        request["ifMatch"] = inner.headers["if-match"]
    entry = {"request": request, **({"resource": inner.body} if isinstance(inner.body, dict) else {})}
    kind = random.choice(["batch", "transaction"])
    return Question("POST", inner.url[:8], {"resourceType": "Bundle", "type": kind, "entry": [entry]}, FHIR)


def changed_by_criteria(random: Random, home: str, thing: Thing) -> Question:
    type_ = thing.type if thing.type in TYPES else "Goal"
    url = f"{_fhir(random)}/{type_}?_id={thing.id}"
    if random.random() < 0.5:
        return Question("DELETE", url)
    return Question("PUT", url, {**written(type_, thing.person, thing.section, "Other"), "id": thing.id}, FHIR)


def at_its_shelf(random: Random, home: str, thing: Thing) -> Question:
    kind = thing.kind if thing.kind not in ("section", "plan", "team", "person") else "goal"
    section = thing.section if thing.section != "frame" else "housing"
    url = f"/v1/people/{thing.person}/plan/sections/{section}/{kind}/{thing.id}"
    tail = random.choice(["", "/versions", "/versions/1", "/diff?from=1&to=2"])
    method = random.choice(["GET", "HEAD", "PUT", "PATCH", "DELETE"])
    if method in ("GET", "HEAD"):
        return Question(method, url + tail, None, random.choice(MATCHES))
    body = {"goal": "Other", "status": "active", "version": 1} if method == "PUT" else {"note": "Other"}
    media = {"content-type": "application/merge-patch+json"} if method == "PATCH" else {}
    return Question(method, url, None if method == "DELETE" else body, {**random.choice(MATCHES[:4]), **media})


def mentioned(random: Random, home: str, thing: Thing) -> Question:
    """By a reference in a body that is about somebody of the asker's own."""
    at = {"reference": f"{thing.type}/{thing.id}"}
    goal = written("Goal", home, "about_me", "Mentions") | {"addresses": [at], "expressedBy": at}
    task = written("Task", home, "about_me", "Mentions") | {"focus": at, "basedOn": [at], "partOf": [at]}
    about = {**written("Goal", home, "about_me", "Is about"), "subject": at}
    proof = {"resourceType": "Provenance", "recorded": "2026-01-01T00:00:00Z", "agent": [{"who": {"display": "Ada"}}]}
    body: dict[str, Any] = random.choice([goal, task, about, {**proof, "target": [at]}])
    headers = random.choice([{}, {"if-none-exist": f"_id={thing.id}"}])
    return Question("POST", f"/fhir/R4/{body['resourceType']}", body, {**FHIR, **headers})


WAYS: tuple[Way, ...] = (
    looked_at,
    looked_for,
    changed,
    changed_in_bundle,
    changed_by_criteria,
    at_its_shelf,
    mentioned,
    mentioned,
)


def never(id_: str) -> str:
    """The id of nothing that stands for this one; always the same, since both may be mentioned by what is written."""
    return f"0190ffff-0000-7000-8000-{sha256(id_.encode()).hexdigest()[:12]}"


async def told(made: Town, asker: Asker, question: Question, swap: dict[str, str]) -> tuple[int, dict[str, str], str]:
    """Status, headers and body, with what was asked for taken out; `swap`: other ids in the place of these."""

    def swapped(text: str) -> str:
        for id_, other in swap.items():
            text = text.replace(id_, other)
        return text

    def bare(text: str) -> str:
        for id_, other in swap.items():
            text = text.replace(id_, "<it>").replace(other, "<it>")
        return UUID.sub("<id>", WHEN.sub("<when>", text))

    body = None if question.body is None else json.loads(swapped(json.dumps(question.body)))
    headers = {name: swapped(value) for name, value in question.headers.items()}
    answer = await made.client(asker)(question.method, swapped(question.url), body, headers)
    return answer.status, {name: bare(value) for name, value in answer.headers.items()}, bare(answer.body.decode())


def hidden(made: Town, random: Random) -> tuple[Asker, Plan, Thing]:
    """An entry and somebody from whom it is hidden, mostly somebody who works on the plan."""
    while True:
        plan = random.choice(list(made.plans.values()))
        thing = random.choice(plan.things)
        asker = random.choice(made.near(plan) if random.random() < 0.7 else made.askers)
        # A task that shows names what it is about, and is found by that.
        named = any(task.focus == thing.id and in_sight(asker, plan, task, made.now) for task in plan.things)
        if not named and not in_sight(asker, plan, thing, made.now):
            return asker, plan, thing


async def test_what_is_hidden_is_answered_as_what_never_was(world: World):
    made = await town(world, SEED + 1, 30)
    random, statuses = Random(SEED), Counter[int]()
    for pair in range(PAIRS[world.url.partition(":")[0]]):
        asker, plan, thing = hidden(made, random)
        homes = [other.person for other in made.plans.values() if there(asker, other, made.now)] or [plan.person]
        question = random.choice(WAYS)(random, random.choice(homes), thing)
        gone = {thing.id} if there(asker, plan, made.now) else {thing.id, plan.person}
        real = await told(made, asker, question, {id_: id_ for id_ in gone})
        none = await told(made, asker, question, {id_: never(id_) for id_ in gone})
        assert real == none, f"seed {SEED}, pair {pair}: {question} by {asker} for {thing}"
        statuses[real[0]] += 1
    assert {200, 201, 204, 400, 403, 404} <= statuses.keys(), statuses
    assert not statuses.keys() & {410, 500}
