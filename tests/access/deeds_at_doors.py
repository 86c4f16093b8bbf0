"""Every door at which an entry may be made, changed or deleted: how it is asked for there, and what the oracle expects.

What is done is noted down in the plain model as well, so that the next look expects it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.access.doors import FHIR, VERSIONS
from tests.access.oracle import Asker, Plan, Thing, Verdict, adds, changes, scoped, secret, sees
from tests.access.people import AGENCIES, CATEGORIES, STATUSES, Town
from tests.access.written import TYPES, written_as
from tests.support.quick import Answer

MERGE = {"content-type": "application/merge-patch+json"}
PATCH = {"content-type": "application/json-patch+json"}
NATIVE: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "goal": lambda mark: {"goal": mark, "status": "active"},
    "need": lambda mark: {"need": mark, "status": "active"},
    "message": lambda mark: {"text": mark, "status": "sent"},
}
ANSWERS: Mapping[Verdict, frozenset[int]] = {
    "done": frozenset({200, 201, 204}),
    "absent": frozenset({400, 404, 405, 412}),
    "refused": frozenset({403}),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that changes something. `nothing`: the status for what is not there, where that is no failure;
    `after`: what the entry is then.
    """

    verb: str
    method: str
    url: str
    verdict: Verdict
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    nothing: int = 0
    in_bundle: bool = False
    new: Thing | None = None
    after: Thing | None = None

    def status(self, answer: Answer) -> int:
        """What came of it, be it in a Bundle."""
        if self.in_bundle and answer.status == 200:
            return int(answer.json()["entry"][0]["response"]["status"][:3])
        return answer.status

    def wrong(self, answer: Answer) -> str:
        """What is wrong with the answer; empty when it is as it must be."""
        expected = {self.nothing} if self.verdict == "absent" and self.nothing else ANSWERS[self.verdict]
        status = self.status(answer)
        said = f"{self.verdict} answered {status}, not {sorted(expected)}: {answer.body.decode()[:600]}"
        return "" if status in expected else said


Door = Callable[[Town, Asker, Plan, Thing], Attempt | None]


def _fits(thing: Thing) -> bool:
    return thing.type in TYPES and not thing.deleted


def _changed(town: Town, thing: Thing) -> Thing:
    """What a client might make of an entry: a task that moves on or goes to another agency, a goal of another kind."""
    after, random = replace(thing), town.random
    if thing.type == "Task" and random.random() < 0.7:
        after.status = random.choice(STATUSES)
        after.owner = random.choice([thing.owner] * 6 + ["", random.choice(AGENCIES)])
    if thing.type == "Goal" and random.random() < 0.2:
        after.category = random.choice(CATEGORIES)
    return after


def _match(thing: Thing) -> dict[str, str]:
    return {"if-match": f'W/"{thing.version}"'}


def _resource(thing: Thing) -> dict[str, Any]:
    made = written_as(thing)
    made["meta"]["versionId"] = str(thing.version)
    return {**made, "id": thing.id}


def _native(thing: Thing) -> str:
    return f"/v1/people/{thing.person}/plan/sections/{thing.section}/{thing.kind}"


def rest_put(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Attempt | None:
    if not _fits(thing) or thing.kind not in NATIVE:
        return None
    after = replace(thing)
    verdict = changes(asker, plan, thing, "u", town.now, after)
    body = NATIVE[thing.kind](thing.mark) | {"version": thing.version}
    return Attempt("u", "PUT", f"{_native(thing)}/{thing.id}", verdict, body, after=after)


def rest_patch(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Attempt | None:
    """A patch reads what it changes, so the app must be allowed to read it too."""
    if not _fits(thing) or thing.kind not in ("goal", "need", "action"):
        return None
    if not sees(asker, plan, thing, town.now):
        return None
    after = replace(thing)
    verdict = changes(asker, plan, thing, "u", town.now, after)
    headers = {**MERGE, **_match(thing)}
    return Attempt("u", "PATCH", f"{_native(thing)}/{thing.id}", verdict, {"note": thing.mark}, headers, after=after)


def rest_delete(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Attempt | None:
    if not _fits(thing) or thing.kind == "record":
        return None
    verdict = changes(asker, plan, thing, "d", town.now)
    gone = replace(thing, deleted=True)
    return Attempt("d", "DELETE", f"{_native(thing)}/{thing.id}", verdict, headers=_match(thing), after=gone)


def rest_post(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Attempt | None:
    if thing.kind not in NATIVE:
        return None
    mark = town.mark()
    type_ = {"goal": "Goal", "need": "Condition", "message": "Communication"}[thing.kind]
    new = Thing("", type_, thing.kind, plan.person, thing.section, asker.agency, asker.subject, mark)
    new.restriction = secret(asker, plan, town.now)
    verdict = adds(asker, plan, new, town.now)
    return Attempt("c", "POST", _native(thing), verdict, NATIVE[thing.kind](mark), new=new)


def fhir_put(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Attempt | None:
    if not _fits(thing):
        return None
    after = _changed(town, thing)
    verdict = changes(asker, plan, thing, "u", town.now, after)
    url = f"{_base(town, thing.type)}/{thing.type}/{thing.id}"
    return Attempt("u", "PUT", url, verdict, _resource(after), FHIR, after=after)


def fhir_patch(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Attempt | None:
    if not _fits(thing):
        return None
    after = replace(thing)
    verdict = changes(asker, plan, thing, "u", town.now, after)
    url = f"{_base(town, thing.type)}/{thing.type}/{thing.id}"
    if town.random.random() < 0.5:
        change = [{"op": "add", "path": "/language", "value": "en"}]
        return Attempt("u", "PATCH", url, verdict, change, {**PATCH, **_match(thing)}, after=after)
    parts = [{"name": "type", "valueCode": "delete"}, {"name": "path", "valueString": f"{thing.type}.language"}]
    sent = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    return Attempt("u", "PATCH", url, verdict, sent, {**FHIR, **_match(thing)}, after=after)


def fhir_delete(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Attempt | None:
    if not _fits(thing):
        return None
    verdict = changes(asker, plan, thing, "d", town.now)
    url, gone = f"{_base(town, thing.type)}/{thing.type}/{thing.id}", replace(thing, deleted=True)
    return Attempt("d", "DELETE", url, verdict, nothing=204, after=gone)


def fhir_post(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Attempt | None:
    return _new(town, asker, plan, thing, {})


def fhir_post_unless(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Attempt | None:
    """A conditional create: what may be seen and matches is found, and nothing is made."""
    made = _new(town, asker, plan, thing, {"if-none-exist": f"_id={thing.id}&patient={plan.person}"})
    if made and sees(asker, plan, thing, town.now) and not thing.deleted and scoped(asker, "c", thing.type):
        return Attempt("r", made.method, made.url, "done", made.body, made.headers)
    return made


def _new(town: Town, asker: Asker, plan: Plan, thing: Thing, headers: dict[str, str]) -> Attempt | None:
    if thing.type not in TYPES:
        return None
    mark = town.mark()
    new = Thing("", thing.type, thing.kind, plan.person, thing.section, asker.agency, asker.subject, mark)
    if new.type == "Task":
        new.status, new.owner = town.random.choice(STATUSES), town.random.choice(["", *AGENCIES])
        new.focus = thing.focus
    new.category = town.random.choice(CATEGORIES) if new.type == "Goal" else ""
    new.restriction = secret(asker, plan, town.now)
    verdict = adds(asker, plan, new, town.now)
    url = f"{_base(town, thing.type)}/{thing.type}"
    return Attempt("c", "POST", url, verdict, written_as(new), {**FHIR, **headers}, new=new)


def fhir_criteria(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Attempt | None:
    """An update, a patch or a delete of what criteria find: what may not be seen they do not find."""
    if not _fits(thing):
        return None
    verb, method = town.random.choice([("d", "DELETE"), ("u", "PATCH")])
    after = replace(thing, deleted=verb == "d")
    verdict = changes(asker, plan, thing, verb, town.now, after)
    if verdict != "absent" and scoped(asker, verb, thing.type) and not sees(asker, plan, thing, town.now):
        return None
    url = f"{_base(town, thing.type)}/{thing.type}?_id={thing.id}&patient={plan.person}"
    if method == "DELETE":
        return Attempt("d", method, url, verdict, nothing=204, after=after)
    change = [{"op": "add", "path": "/language", "value": "en"}]
    return Attempt("u", method, url, verdict, change, PATCH, after=after)


def fhir_bundle(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Attempt | None:
    """The same, inside a Bundle."""
    inner = town.random.choice([fhir_put, fhir_delete, fhir_post])(town, asker, plan, thing)
    if inner is None:
        return None
    base = next(base for base in VERSIONS if inner.url.startswith(base))
    entry = {"request": {"method": inner.method, "url": inner.url.removeprefix(f"{base}/")}}
    kind = town.random.choice(["batch", "transaction"])
    sent = {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [{**entry, **({"resource": inner.body} if inner.body else {})}],
    }
    return replace(inner, method="POST", url=base, body=sent, headers=FHIR, in_bundle=True)


def _base(town: Town, type_: str) -> str:
    """Where it is asked; R5 spells a Communication in another way."""
    return VERSIONS[0] if type_ == "Communication" else town.random.choice(VERSIONS)


DOORS: Mapping[str, Door] = {
    f"deed_{door.__name__}": door
    for door in (
        rest_put,
        rest_patch,
        rest_delete,
        rest_post,
        fhir_put,
        fhir_patch,
        fhir_delete,
        fhir_post,
        fhir_post_unless,
        fhir_criteria,
        fhir_bundle,
    )
}


def note(town: Town, asker: Asker, plan: Plan, thing: Thing, attempt: Attempt, answer: Answer) -> None:
    """Write down in the model what was done."""
    if attempt.verdict != "done" or attempt.verb == "r":
        return
    if attempt.new:
        attempt.new.id = _location(attempt, answer).split("/_history")[0].rpartition("/")[2]
        town.settles(plan, asker, None, attempt.new)
        town.add(plan, attempt.new)
        return
    assert attempt.after is not None
    before, after = replace(thing), attempt.after
    town.settles(plan, asker, before, after)
    thing.status, thing.owner, thing.category, thing.deleted = after.status, after.owner, after.category, after.deleted
    thing.version += 1


def _location(attempt: Attempt, answer: Answer) -> str:
    if attempt.in_bundle:
        return str(answer.json()["entry"][0]["response"]["location"])
    return answer.headers["location"]
