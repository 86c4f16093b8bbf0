"""Writes what we define ourselves as FHIR resources beside it: profiles, extensions, code systems, value sets.

The words come from the tables that the service runs by (sections, roles, kinds, the items of readiness),
so that what is published is what is done; a test holds the files against them. Run it after a change:
`python fhir/profiles/generate.py`. Search parameters, operations and topics are written by hand beside these files.

Source: FHIR R4 structuredefinition.html, codesystem.html, valueset.html.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

from fhir_facade import faces
from fhir_facade.extensions import EXTENSIONS, Extension
from fhir_facade.instruction import TOPIC
from fhir_facade.questionnaire import VOCABULARIES
from fhir_facade.systems import CARE_ROLE, ENTRY_KIND, OURS, PLAN_SECTION
from plan.charter import ROWS
from plan.contradictions import RULES
from plan.discharge_table import CLOSED_REASONS, CODES, OVERRIDE_REASONS
from plan.feedback_table import STATES, TOPICS
from plan.kinds import KINDS
from plan.kinds.departure import State
from plan.kinds.failed_discharge import Category
from plan.kinds.instruction import Instruction
from plan.known import AGENCY_KINDS, CONTACTS
from plan.model import PLAN_SECTIONS, Role
from plan.override import REASONS
from plan.stay_events import TYPES

Resource = dict[str, Any]
HERE = Path(__file__).parent
DATE = "2026-11-25"
"""The day of the last change: a fixed one, so that the same tables always write the same files."""
BASE = "http://hl7.org/fhir/StructureDefinition"
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition"


def _spoken(words: Any) -> dict[str, str]:
    """The words of a Literal, each with what it reads like."""
    return {word: word.replace("_", " ").capitalize() for word in get_args(words)}


OTHER_ROLES = {
    "scheme-manager": "Scheme manager",
    "welfare-rights-officer": "Welfare rights officer",
    "benefits-caseworker": "Benefits caseworker",
    "discharge-coordinator": "Discharge coordinator",
    "link-worker": "Link worker",
    "telecare-responder": "Telecare responder",
    "key-worker": "Key worker",
}
"""Roles in a team that SNOMED CT has no code for, beside those that leave is given to."""

DISCHARGES = {
    "readiness-closed": ("Why an item of readiness was closed", CLOSED_REASONS),
    "discharge-override-reason": ("Why somebody leaves although the gate is not ready", OVERRIDE_REASONS),
    "discharge-gate": ("How the gate of a discharge stands", _spoken(State)),
    "failed-discharge": ("How a discharge failed", _spoken(Category)),
}
"""The code systems of discharges: title and words."""


class Profile(NamedTuple):
    """One profile: its type and parent, and for each element `min..max` (or `-`) and what it is for."""

    name: str
    title: str
    type: str
    parent: str
    says: str
    elements: Mapping[str, tuple[str, str]]


PROFILES = (
    Profile(
        "plan-root",
        "Root of a plan",
        "CarePlan",
        f"{BASE}/CarePlan",
        "The one root CarePlan of a person: it names the team and the agencies, and nothing else.",
        {
            "text": ("1..1", "A narrative is always there."),
            "category": ("2..*", "As assessment and plan of treatment (US Core), and as a care plan (SNOMED CT)."),
            "subject": ("-", "The person."),
            "period": ("1..1", "From the day that the plan began."),
            "created": ("1..1", "When the plan began."),
            "careTeam": ("1..1", "The one team."),
        },
    ),
    Profile(
        "plan-section",
        "Section of a plan",
        "CarePlan",
        f"{BASE}/CarePlan",
        "The CarePlan of one section: it hangs under the root, and lists what every reader of the section may see.",
        {
            "text": ("1..1", "A narrative is always there."),
            "partOf": ("1..1", "The root."),
            "category": ("1..*", "The section, from our code system."),
            "title": ("1..1", "The name of the section."),
            "subject": ("-", "The person."),
            "addresses": ("-", "Needs of the section; kept by the service."),
            "goal": ("-", "Goals of the section; kept by the service."),
            "activity": ("-", "Actions and services of the section; kept by the service."),
            "activity.reference": ("-", "A Task, a ServiceRequest or another request."),
            "activity.detail": ("0..0", "Taken in as a Task, never written."),
        },
    ),
    Profile(
        "plan-team",
        "Team of a plan",
        "CareTeam",
        f"{BASE}/CareTeam",
        "The one team of a person: workers as PractitionerRole, carers as RelatedPerson, agencies as Organization.",
        {
            "text": ("1..1", "A narrative is always there."),
            "status": ("1..1", "Active as long as the plan is."),
            "category": ("1..*", "Longitudinal care coordination."),
            "subject": ("1..1", "The person."),
            "participant": ("1..*", "Who is on the team, and who was."),
            "participant.member": ("1..1", "Who it is."),
            "participant.role": ("-", "As what."),
            "participant.period": ("-", "Since when, until when."),
        },
    ),
    Profile(
        "plan-person",
        "Person of a plan",
        "Patient",
        f"{UK_CORE}/UKCore-Patient",
        "The person: found by NHS number, and their home by the UPRN in the address key of UK Core.",
        {
            "identifier": ("-", "The NHS number, where it is known, and numbers of the agencies."),
            "name": ("1..*", "What they are called."),
            "birthDate": ("-", "When they were born, as precisely as is known."),
            "address": ("-", "Where they live; the UPRN as an address key."),
            "communication": ("-", "Which languages they speak, and whether they need an interpreter."),
        },
    ),
)


def resources() -> Iterator[Resource]:
    """Everything that is generated, in the order of its files."""
    yield _code_system("plan-section", "Sections of a plan", {s: _title(s) for s in PLAN_SECTIONS})
    roles = {role.value: role.value.replace("_", " ").capitalize() for role in Role}
    yield _code_system("care-role", "Roles in a care team", roles | OTHER_ROLES)
    kinds = {kind: kind.replace("_", " ").capitalize() for kind in KINDS}
    yield _code_system("entry-kind", "Kinds of entry in a plan", kinds)
    topics = {
        topic: topic.replace("_", " ").capitalize() for topic in get_args(Instruction.model_fields["topic"].annotation)
    }
    yield _code_system("instruction-topic", "What an instruction is about", topics)
    yield _readiness()
    events = {type_: type_.replace("_", " ").capitalize() for type_ in TYPES}
    yield _code_system("stay-event", "What happens to a stay in hospital", events)
    yield _code_system("override-reason", "Why a plan is opened without a relationship", REASONS)
    yield _code_system("agency-kind", "What an agency is to a discharge", AGENCY_KINDS)
    yield _code_system("contact-point", "What a contact point of an agency is for", CONTACTS)
    rules = {row.id: row.title for row in RULES}
    yield _code_system("contradiction-rule", "Rules that find contradictions", rules)
    yield from _discharges()
    yield _code_system("ask-state", "How far something that asks has come", STATES)
    yield _code_system("message-topic", "What a message of the service is about", TOPICS)
    for name, words in VOCABULARIES.items():
        title = name.replace("-", " ").capitalize()
        yield _code_system(name, title, {word: word.replace("_", " ").capitalize() for word in words})
    ours = ("plan-section", "care-role", "entry-kind", "instruction-topic", "readiness-item", "override-reason")
    more = ("agency-kind", "ask-state", "contact-point", "contradiction-rule", "message-topic", "stay-event")
    named = (*ours, *more, *DISCHARGES, *VOCABULARIES)
    yield from (_value_set(name) for name in named)
    yield from (_extension(row) for row in EXTENSIONS)
    yield from (_profile(row) for row in PROFILES)


def file_name(resource: Resource) -> str:
    """`Type-id.json`."""
    return f"{resource['resourceType']}-{resource['id']}.json"


def text_of(resource: Resource) -> str:
    """A resource as its file holds it."""
    return json.dumps(resource, indent=1, ensure_ascii=False) + "\n"


def _title(section: str) -> str:
    return next(row.title for row in ROWS if row.section == section)


def _head(type_: str, id_: str, title: str, says: str) -> Resource:
    return {
        "resourceType": type_,
        "id": id_,
        "url": f"{OURS}/{type_}/{id_}",
        "version": "0.1.0",
        "name": re.sub(r"(?:^|-)(\w)", lambda found: found[1].upper(), f"oneplan-{id_}"),
        "title": title,
        "status": "active",
        "experimental": False,
        "date": DATE,
        "publisher": "Oneplan",
        "description": says,
    }


def _code_system(id_: str, title: str, concepts: Mapping[str, str]) -> Resource:
    listed = [{"code": code, "display": display} for code, display in concepts.items()]
    return _head("CodeSystem", id_, title, f"{title}, as the service uses them.") | {
        "caseSensitive": True,
        "valueSet": f"{OURS}/ValueSet/{id_}",
        "content": "complete",
        "count": len(listed),
        "concept": listed,
    }


def _readiness() -> Resource:
    made = _code_system("readiness-item", "What must be true at home", {code: row.title for code, row in CODES.items()})
    said = "Whether a discharge is held back as long as the item is not confirmed."
    made["property"] = [{"code": "blocking", "description": said, "type": "boolean"}]
    for concept in made["concept"]:
        concept["property"] = [{"code": "blocking", "valueBoolean": CODES[concept["code"]].blocking}]
    concepts = made.pop("concept")
    return made | {"concept": concepts}


def _discharges() -> Iterator[Resource]:
    yield from (_code_system(id_, title, words) for id_, (title, words) in DISCHARGES.items())


def _value_set(id_: str) -> Resource:
    head = _head("ValueSet", id_, f"All of {id_}", f"Every code of our code system {id_}.")
    return head | {"compose": {"include": [{"system": f"{OURS}/CodeSystem/{id_}"}]}}


def _structure(id_: str, title: str, says: str, type_: str, parent: str) -> Resource:
    return _head("StructureDefinition", id_, title, says) | {
        "fhirVersion": "4.0.1",
        "kind": "resource",
        "abstract": False,
        "type": type_,
        "baseDefinition": parent,
        "derivation": "constraint",
    }


def _extension(row: Extension) -> Resource:
    made = _structure(row.name, row.name.replace("-", " ").capitalize(), row.says, "Extension", f"{BASE}/Extension")
    made["kind"] = "complex-type"
    contexts = [{"type": "element", "expression": name} for name in row.contexts.split()]
    elements = [
        {"id": "Extension", "path": "Extension", "definition": row.says},
        *(_part(part) for part in row.parts),
        {"id": "Extension.url", "path": "Extension.url", "fixedUri": made["url"]},
        _valued(row.value),
    ]
    first = {name: made.pop(name) for name in ("type", "baseDefinition", "derivation")}
    return made | {"context": contexts} | first | {"differential": {"element": elements}}


def _part(part: str) -> Resource:
    name, type_ = part.split()
    path = "Extension.extension"
    said = f"`{name}`, a {type_}."
    return {"id": f"{path}:{name}", "path": path, "sliceName": name, "definition": said, "max": "1"}


def _valued(type_: str) -> Resource:
    path = "Extension.value[x]"
    return {"id": path, "path": path} | ({"min": 1, "type": [{"code": type_}]} if type_ else {"max": "0"})


def _profile(row: Profile) -> Resource:
    made = _structure(row.name, row.title, row.says, row.type, row.parent)
    elements = [_constrained(row.type, name, count, says) for name, (count, says) in row.elements.items()]
    return made | {"differential": {"element": [{"id": row.type, "path": row.type}, *elements]}}


def _constrained(type_: str, name: str, count: str, says: str) -> Resource:
    path = f"{type_}.{name}"
    low, _, high = count.partition("..")
    bounds = {} if count == "-" else ({"min": int(low)} if low != "0" else {}) | ({"max": high} if high != "*" else {})
    return {"id": path, "path": path, "definition": says, **bounds} | ({} if high == "0" else {"mustSupport": True})


def main() -> None:
    """Write the files."""
    assert faces.FACES  # whose questionnaires have filled the vocabularies
    assert {PLAN_SECTION, CARE_ROLE, ENTRY_KIND, TOPIC} <= {resource["url"] for resource in resources()}
    for resource in resources():
        (HERE / file_name(resource)).write_text(text_of(resource), "utf-8")


if __name__ == "__main__":
    main()
