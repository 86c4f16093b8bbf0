"""Every door at which one entry may show: how it is asked for there, and what the oracle expects.

The doors at which something is changed stand in `deeds_at_doors.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.access.oracle import Asker, Plan, Thing, letter, scoped, sees, there
from tests.access.people import Town
from tests.access.written import TYPES
from tests.support.quick import Answer

FORM = {"content-type": "application/x-www-form-urlencoded"}
FHIR = {"content-type": "application/fhir+json"}
VERSIONS = ("/fhir/R4", "/fhir/R5")


@dataclass(frozen=True, slots=True)
class Look:
    """One request, and what must come of it: the status; whether the entry's id is in the answer (None: that tells
    nothing); how many are counted; the status of the only entry of a Bundle.
    """

    method: str
    url: str
    status: int
    shown: bool | None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    total: int | None = None
    inside: int | None = None


Door = Callable[[Town, Asker, Plan, Thing], Look | None]
"""None where an entry has no such door."""


def _base(town: Town) -> str:
    return town.random.choice(VERSIONS)


def _home(thing: Thing) -> str:
    return f"/v1/people/{thing.person}"


def _spot(thing: Thing) -> str:
    return f"{_home(thing)}/plan/sections/{thing.section}/{thing.kind}"


def _in_section(thing: Thing) -> bool:
    return thing.kind not in ("section", "plan", "team", "person")


def _of_key(asker: Asker, plan: Plan, thing: Thing, now: int, *, gone: int = 410) -> tuple[int, bool]:
    """What a look at one entry by its id must come to."""
    if not scoped(asker, "r", thing.type):
        return 403, False
    if not sees(asker, plan, thing, now, "r"):
        return 404, False
    return (gone, gone == 200) if thing.deleted else (200, True)


def _of_list(town: Town, asker: Asker, plan: Plan, thing: Thing, verb: str, type_: str) -> tuple[int, bool]:
    """What a list of one plan must come to: it is there where the plan is."""
    if not scoped(asker, verb, type_):
        return 403, False
    if not there(asker, plan, town.now):
        return 404, False
    verbs = verb if type_ == thing.type else "rs"
    return 200, sees(asker, plan, thing, town.now, verbs) and not thing.deleted


def _of_search(town: Town, asker: Asker, plan: Plan, thing: Thing, type_: str) -> tuple[int, bool]:
    """What a search must come to: nothing that may be seen is an empty page."""
    if not scoped(asker, "s", type_):
        return 403, False
    return 200, sees(asker, plan, thing, town.now, "s") and not thing.deleted


# REST


def rest_entry(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look | None:
    if not _in_section(thing) or thing.kind == "record":
        return None
    status, shown = _of_key(asker, plan, thing, town.now)
    method = town.random.choice(["GET", "HEAD"])
    return Look(method, f"{_spot(thing)}/{thing.id}", status, shown if method == "GET" else None)


def rest_list(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look | None:
    if not _in_section(thing) or thing.kind == "record":
        return None
    status, shown = _of_list(town, asker, plan, thing, "s", thing.type)
    if status == 200 and letter(asker, plan, thing.section, town.now)[0] == "no":
        status = 404
    return Look("GET", _spot(thing), status, shown)


def rest_home(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look | None:
    """The shorter addresses."""
    if thing.kind not in ("message", "consent"):
        return None
    status, shown = _of_list(town, asker, plan, thing, "s", thing.type)
    home = "about_me" if thing.kind == "consent" else ""
    if status == 200 and home and letter(asker, plan, home, town.now)[0] == "no":
        status = 404
    return Look("GET", f"{_home(thing)}/{thing.kind}s", status, shown)


def _of_whole(town: Town, asker: Asker, plan: Plan, thing: Thing, section: str = "") -> tuple[int, bool]:
    """What the plan, or a section, in one call must come to: what shows nothing is not there."""
    status, shown = _of_list(town, asker, plan, thing, "r", "CarePlan")
    within = [one for one in plan.things if not section or one.section == section]
    if status == 200 and not any(sees(asker, plan, one, town.now, _verb(one)) and not one.deleted for one in within):
        status = 404
    return status, shown and status == 200


def _verb(thing: Thing) -> str:
    return "r" if thing.type == "CarePlan" else "rs"


def rest_plan(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look:
    status, shown = _of_whole(town, asker, plan, thing)
    url = f"{_home(thing)}/plan{town.random.choice(['', '?at=2100-01-01T00:00:00Z'])}"
    return Look("GET", url, status, shown if _in_section(thing) else None)


def rest_plan_diff(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look:
    status, shown = _of_whole(town, asker, plan, thing)
    url = f"{_home(thing)}/plan/diff?from=2020-01-01T00:00:00Z"
    return Look("GET", url, status, shown if _in_section(thing) else None)


def rest_section(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look | None:
    if not _in_section(thing):
        return None
    status, shown = _of_whole(town, asker, plan, thing, thing.section)
    return Look("GET", f"{_home(thing)}/plan/sections/{thing.section}", status, shown)


def rest_changes(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look:
    status, _ = _of_list(town, asker, plan, thing, "r", "CarePlan")
    shown = status == 200 and sees(asker, plan, thing, town.now)
    which = town.random.choice(["history?limit=100", "changes?limit=100&since=2020-01-01T00:00:00Z"])
    return Look("GET", f"{_home(thing)}/{which}", status, shown)


def rest_versions(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look | None:
    if not _in_section(thing) or thing.kind == "record":
        return None
    return Look("GET", f"{_spot(thing)}/{thing.id}/versions", *_of_key(asker, plan, thing, town.now, gone=200))


def rest_version(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look | None:
    if not _in_section(thing) or thing.kind == "record":
        return None
    status, shown = _of_key(asker, plan, thing, town.now, gone=200)
    which = town.random.choice(["versions/1", "diff?from=1&to=1"])
    return Look("GET", f"{_spot(thing)}/{thing.id}/{which}", status, shown)


def rest_person(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look | None:
    if thing.type != "Patient":
        return None
    if town.random.random() < 0.5:
        return Look("GET", _home(thing), *_of_key(asker, plan, thing, town.now))
    return Look("GET", f"/v1/people?name={thing.mark}", *_of_search(town, asker, plan, thing, "Patient"))


# FHIR


def fhir_read(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look:
    url = f"{_base(town)}/{thing.type}/{thing.id}"
    return Look("GET", url, *_of_key(asker, plan, thing, town.now))


def fhir_vread(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look:
    url = f"{_base(town)}/{thing.type}/{thing.id}/_history/1"
    return Look("GET", url, *_of_key(asker, plan, thing, town.now, gone=200))


def fhir_history(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look:
    url = f"{_base(town)}/{thing.type}/{thing.id}/_history"
    return Look("GET", url, *_of_key(asker, plan, thing, town.now, gone=200))


def fhir_type_history(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look:
    status, _ = _of_search(town, asker, plan, thing, thing.type)
    url = f"{_base(town)}/{thing.type}/_history?_count=1000"
    in_it = sees(asker, plan, thing, town.now) if thing.type != "CarePlan" else None
    return Look("GET", url, status, in_it if status == 200 else False)


def fhir_whole_history(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look:
    status = 200 if any(scoped(asker, "s", type_) for type_ in _ALL_TYPES) else 403
    return Look("GET", f"{_base(town)}/_history?_count=200", status, None)


_ALL_TYPES = (*TYPES, "CarePlan", "CareTeam", "Consent", "Patient", "RelatedPerson")


def fhir_search(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look:
    about = f"patient={thing.person}" if thing.type != "Patient" else f"_id={thing.id}"
    query = town.random.choice([f"{about}&_id={thing.id}", f"_id={thing.id}", f"{about}&_sort=-_lastUpdated"])
    expected = _of_search(town, asker, plan, thing, thing.type)
    if town.random.random() < 0.3:
        return Look("POST", f"{_base(town)}/{thing.type}/_search", *expected, query.encode(), FORM)
    return Look("GET", f"{_base(town)}/{thing.type}?{query}", *expected)


def fhir_compartment(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look | None:
    if thing.type == "Patient":
        return None
    at = f"{_base(town)}/Patient/{thing.person}"
    if town.random.random() < 0.7:
        return Look("GET", f"{at}/{thing.type}?_count=100", *_of_search(town, asker, plan, thing, thing.type))
    some = any(scoped(asker, "s", type_) for type_ in _ALL_TYPES)
    shown = scoped(asker, "s", thing.type) and sees(asker, plan, thing, town.now) and not thing.deleted
    url = f"{at}/*?_type={','.join(_ALL_TYPES)}&_count=100"
    return Look("GET", url, 200 if some else 403, shown if _in_section(thing) else None)


def fhir_revinclude(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look | None:
    if thing.type in ("Patient", "CareTeam", "CarePlan"):
        return None
    status, found = _of_search(town, asker, plan, _patient(plan), "Patient")
    shown = found and sees(asker, plan, thing, town.now) and not thing.deleted
    url = f"{_base(town)}/Patient?_id={plan.person}&_revinclude={thing.type}:patient"
    return Look("GET", url, status, shown)


def _patient(plan: Plan) -> Thing:
    return next(thing for thing in plan.things if thing.type == "Patient")


def fhir_has(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look | None:
    if thing.type in ("Patient", "Flag"):
        return None
    status, found = _of_search(town, asker, plan, _patient(plan), "Patient")
    matched = found and sees(asker, plan, thing, town.now) and not thing.deleted
    url = f"{_base(town)}/Patient?_has:{thing.type}:patient:_id={thing.id}&_summary=count"
    return Look("GET", url, status, None, total=int(matched))


def fhir_focus(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look | None:
    """A chain to a goal, or the goal that comes along."""
    task = next((t for t in plan.things if t.focus == thing.id and not t.deleted), None)
    if thing.type != "Goal" or task is None:
        return None
    status, found = _of_search(town, asker, plan, task, "Task")
    both = found and sees(asker, plan, thing, town.now) and not thing.deleted
    if town.random.random() < 0.5:
        return Look("GET", f"{_base(town)}/Task?_id={task.id}&_include=Task:focus", status, both)
    chain = f"Task?_id={task.id}&focus:Goal._id={thing.id}&_summary=count"
    return Look("GET", f"{_base(town)}/{chain}", status, None, total=int(both))


def fhir_everything(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look:
    status, _ = _of_key(asker, plan, _patient(plan), town.now)
    shown = sees(asker, plan, thing, town.now) and not thing.deleted and status == 200
    return Look("GET", f"{_base(town)}/Patient/{plan.person}/$everything", status, shown)


def fhir_bundle(town: Town, asker: Asker, plan: Plan, thing: Thing) -> Look:
    """A read and a search inside a Bundle."""
    status, shown = _of_key(asker, plan, thing, town.now)
    kind = town.random.choice(["batch", "transaction"])
    entry = {"request": {"method": "GET", "url": f"{thing.type}/{thing.id}"}}
    sent = {"resourceType": "Bundle", "type": kind, "entry": [entry]}
    return Look("POST", _base(town), 200, shown, sent, FHIR, inside=status)


DOORS: Mapping[str, Door] = {
    door.__name__: door
    for door in (
        rest_entry,
        rest_list,
        rest_home,
        rest_plan,
        rest_plan_diff,
        rest_section,
        rest_changes,
        rest_versions,
        rest_version,
        rest_person,
        fhir_read,
        fhir_vread,
        fhir_history,
        fhir_type_history,
        fhir_whole_history,
        fhir_search,
        fhir_compartment,
        fhir_revinclude,
        fhir_has,
        fhir_focus,
        fhir_everything,
        fhir_bundle,
    )
}


def wrong(look: Look, thing: Thing, answer: Answer) -> str:
    """What is wrong with an answer, in a few words; empty when it is as it must be."""
    if answer.status != look.status:
        return f"answered {answer.status}, not {look.status}"
    if look.total is not None and answer.status == 200 and answer.json()["total"] != look.total:
        return f"total {answer.json()['total']}, not {look.total}"
    if look.inside is not None and not _inside(answer).startswith(str(look.inside)):
        return f"inside {_inside(answer)}, not {look.inside}"
    found = f'"{thing.id}"'.encode() in answer.body
    if look.shown is None or found == look.shown:
        return ""
    return "it shows" if found else "it does not show"


def _inside(answer: Answer) -> str:
    return str(answer.json()["entry"][0]["response"]["status"])
