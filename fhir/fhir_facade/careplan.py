"""CarePlan: the root of a plan, the plan of each section, and the lists that the service keeps in it.

https://hl7.org/fhir/R4/careplan.html. R4 has no sections, so each is a CarePlan of its own, `partOf` the root, with its
own version, label, author and history. Their lists hold only what every reader of the section may see; a list that a
client sends is a set of additions, never of deletions. `activity.detail` is never emitted.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fhir_facade import narrative
from fhir_facade.common import note
from fhir_facade.face import Face
from fhir_facade.lens import At, Resource, extension, plant
from fhir_facade.systems import PLAN_SECTION, SNOMED, own_extension
from plan.charter import ROWS
from plan.model import PLAN_SECTIONS, Section

TITLES: Mapping[Section, str] = {row.section: row.title for row in ROWS}
_US_CORE = "http://hl7.org/fhir/us/core/CodeSystem/careplan-category"
_ROOT_CATEGORIES = (
    {"coding": [{"system": _US_CORE, "code": "assess-plan", "display": "Assessment and Plan of Treatment"}]},
    {
        "coding": [
            {"system": SNOMED, "code": "2181441000000107", "display": "Personalised Care and Support Plan"},
            {"system": SNOMED, "code": "734163000", "display": "Care plan"},
        ]
    },
)
_SNOMED_SECTIONS = {Section.CONTINGENCY: ("325691000000100", "Contingency plan")}

_LISTS: Mapping[str, str] = {"Condition": "addresses", "Goal": "goal"} | dict.fromkeys(
    (
        "Appointment",
        "CommunicationRequest",
        "DeviceRequest",
        "MedicationRequest",
        "NutritionOrder",
        "RequestGroup",
        "ServiceRequest",
        "Task",
        "VisionPrescription",
    ),
    "activity",
)
LISTED = frozenset(_LISTS)
"""The types that a section's CarePlan lists."""
_KEPT = ("id", "meta", "status", "intent", "subject", "partOf", "created", "author", "careTeam", "contributor")
"""What only the service says in a plan that it keeps."""

FACE = Face(
    kind="section",
    type="CarePlan",
    person="subject",
    base={"resourceType": "CarePlan", "status": "active", "intent": "plan"},
    fields=(
        ("title", At("title")),
        ("summary", At("description")),
        ("note", note()),
        ("review_date", extension(own_extension("review-date"), "valueDate")),
        ("nothing_to_say", extension(own_extension("nothing-to-say"), "valueCode")),
    ),
    mine=lambda resource: False,
)
"""The face of a section. An EHR's own CarePlan is never read as one: the service alone makes them."""


def root(person: str, team: str, created: str) -> Resource:
    """The root CarePlan of a new plan; `created` is a FHIR dateTime."""
    return {
        "resourceType": "CarePlan",
        "text": narrative.narrative("Care plan", [("Created", created)]),
        "status": "active",
        "intent": "plan",
        "category": [dict(category) for category in _ROOT_CATEGORIES],
        "title": "Care plan",
        "subject": {"reference": f"Patient/{person}"},
        "period": {"start": created},
        "created": created,
        "careTeam": [{"reference": f"CareTeam/{team}"}],
    }


def section(name: Section, person: str, root_id: str, created: str) -> Resource:
    """The CarePlan of one section of a new plan."""
    title = TITLES[name]
    return {
        "resourceType": "CarePlan",
        "text": narrative.narrative(title, []),
        "partOf": [{"reference": f"CarePlan/{root_id}"}],
        "status": "active",
        "intent": "plan",
        "category": _categories(name),
        "title": title,
        "subject": {"reference": f"Patient/{person}"},
        "period": {"start": created},
        "created": created,
    }


def _categories(name: Section) -> list[dict[str, Any]]:
    own = {"coding": [{"system": PLAN_SECTION, "code": name.value, "display": TITLES[name]}]}
    if name not in _SNOMED_SECTIONS:
        return [own]
    code, display = _SNOMED_SECTIONS[name]
    return [own, {"coding": [{"system": SNOMED, "code": code, "display": display}]}]


def section_of(resource: Resource) -> Section | None:
    """The section that a resource names itself, in `category` or as a tag; None when it names none that exists."""
    tags = resource.get("meta", {}).get("tag") if isinstance(resource.get("meta"), dict) else None
    categories = resource.get("category")
    listed = categories if isinstance(categories, list) else [categories]
    codings = [c for concept in listed if isinstance(concept, dict) for c in concept.get("coding") or ()]
    for coding in (*codings, *(tags or ())):
        if (
            isinstance(coding, dict)
            and coding.get("system") == PLAN_SECTION
            and coding.get("code") in set(PLAN_SECTIONS)
        ):
            return Section(coding["code"])
    return None


def listing(resource: Resource, type_: str, id_: str, *, present: bool) -> Resource:
    """The section's plan with an entry listed, or taken off the list; the very same object when nothing changes."""
    name = _LISTS[type_]
    pointer = {"reference": f"{type_}/{id_}"}
    item = {"reference": pointer} if name == "activity" else pointer
    items = list(resource.get(name, ()))
    there = [one for one in items if _target(one, name) == pointer["reference"]]
    if bool(there) == present:
        return resource
    left = [*items, item] if present else [one for one in items if one not in there]
    made = dict(resource)
    plant(made, (name,), left or None)
    return made


def listing_all(resource: Resource, entries: Iterable[tuple[str, str]], *, present: bool) -> Resource:
    """The section's plan with many entries (type and id) listed at once, or taken off the list."""
    wanted: dict[str, dict[str, None]] = {}
    for type_, id_ in entries:
        wanted.setdefault(_LISTS[type_], {})[f"{type_}/{id_}"] = None
    made = dict(resource)
    for name, pointers in wanted.items():
        items = list(resource.get(name, ()))
        held = {_target(one, name) for one in items}
        fresh = [{"reference": pointer} for pointer in pointers if pointer not in held]
        if present:
            left = items + [{"reference": one} if name == "activity" else one for one in fresh]
        else:
            left = [one for one in items if _target(one, name) not in pointers]
        plant(made, (name,), left or None)
    return made


def references(resource: Resource) -> set[str]:
    """Everything that a plan's lists refer to, as `Type/id`."""
    return {
        str(_target(one, name))
        for name in sorted(set(_LISTS.values()))
        for one in resource.get(name, ())
        if _target(one, name)
    }


def details(resource: Resource) -> list[dict[str, Any]]:
    """The activities that carry a `detail`: work that the plan takes over as Tasks."""
    listed = resource.get("activity")
    return [a["detail"] for a in listed or () if isinstance(a, dict) and isinstance(a.get("detail"), dict)]


_TASK_STATUS = {
    "scheduled": "requested",
    "in-progress": "in-progress",
    "on-hold": "on-hold",
    "completed": "completed",
    "cancelled": "cancelled",
    "stopped": "failed",
    "entered-in-error": "entered-in-error",
}


def task_of(detail: dict[str, Any], person: str, plan: str) -> Resource:
    """The Task that an `activity.detail` becomes: status, what, who and when; the rest of its words as a note."""
    task: Resource = {
        "resourceType": "Task",
        "basedOn": [{"reference": f"CarePlan/{plan}"}],
        "status": _TASK_STATUS.get(str(detail.get("status")), "requested"),
        "intent": "plan",
        "for": {"reference": f"Patient/{person}"},
    }
    performers = detail.get("performer") or [None]
    reasons = detail.get("reasonCode") or [None]
    said = {
        "code": detail.get("code"),
        "description": detail.get("description"),
        "owner": performers[0],
        "location": detail.get("location"),
        "statusReason": detail.get("statusReason"),
        "reasonCode": reasons[0],
        "executionPeriod": detail.get("scheduledPeriod"),
        "note": [{"text": detail["scheduledString"]}] if detail.get("scheduledString") else None,
    }
    return task | {name: value for name, value in said.items() if value}


def amended(current: Resource, sent: Resource) -> Resource:
    """A section's plan as a client may change it: its words are the client's, its lists and its ties stay ours."""
    kept = {name: current[name] for name in (*_KEPT, *sorted(set(_LISTS.values()))) if name in current}
    words = {name: value for name, value in sent.items() if name not in kept and name not in _LISTS.values()}
    ours = current.get("category", [])
    made = {"resourceType": "CarePlan", **words, **kept}
    made["category"] = [*ours, *(c for c in sent.get("category", ()) if c not in ours)]
    made["text"] = narrative.narrative(str(made.get("title", "")), _rows(made))
    return made


def _rows(resource: Resource) -> list[tuple[str, str]]:
    summary = resource.get("description")
    return [("Summary", str(summary))] if summary else []


def _target(item: Any, name: str) -> str | None:
    held = item.get("reference") if isinstance(item, dict) else None
    if name == "activity":
        held = held.get("reference") if isinstance(held, dict) else None
    return held if isinstance(held, str) else None
