"""The shapes of the interface description: one schema for each kind, from its own form, and those of the answers."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

from api.rest.examples import EXAMPLES
from api.rest.team import Joining
from plan.charter import ROLES_WITH_SECTIONS
from plan.kinds import KINDS, PERSON, SECTION
from plan.model import PLAN_SECTIONS, Role
from plan.problem import Trouble

Schema = dict[str, Any]
TITLES: Mapping[str, str] = {row.name: row.form.__name__ for row in (PERSON, *KINDS.values())} | {"section": "Section"}
"""Kind and the name of its schema."""
_FORMATS: Mapping[str, Schema] = {
    "_date": {"description": "A date as precise as it is known: YYYY, YYYY-MM or YYYY-MM-DD.", "examples": ["2026-03"]},
    "_moment": {"format": "date-time", "description": "A moment with its time zone."},
    "_date_or_moment": {
        "description": "A date as precise as it is known, or a moment with its time zone.",
        "examples": ["2026-03-02", "2026-03-02T09:15:00Z"],
    },
    "_time": {"description": "Local time of the day, hh:mm.", "examples": ["08:30"]},
}


class _Generator(GenerateJsonSchema):
    """Pydantic's own schemas without null (a form refuses it), without titles, and with what its dates look like."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Schema:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> Schema:
        name = getattr(schema["function"]["function"], "__name__", "")
        return super().function_after_schema(schema) | _FORMATS.get(name, {})


def ref(name: str) -> Schema:
    """A pointer to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str = "", **more: Any) -> Schema:
    """A string."""
    return {"type": "string", **({"description": description} if description else {}), **more}


def many(of: Schema, description: str = "") -> Schema:
    """A list."""
    return {"type": "array", "items": of, **({"description": description} if description else {})}


def members(required: str, description: str = "", **properties: Schema) -> Schema:
    """An object; `required` names those of its members that are always there."""
    names = {"required": required.split()} if required else {}
    return {"type": "object", "description": description, "properties": properties, **names}


MOMENT = text(format="date-time")
NUMBER = {"type": "integer", "minimum": 1}
CURSOR = text("Opaque: send it back exactly as it was given.")
BY = members(
    "subject role agency",
    "Who did it, in which role, for which agency.",
    subject=text(),
    role=ref("Role"),
    agency=text(),
)
DIFFERENCES = many(
    members("pointer was now", pointer=text("RFC 6901."), was={"description": "Null: it was not there."}, now={}),
)


def schemas() -> dict[str, Schema]:
    """Every schema, by name."""
    return dict(sorted((_kinds() | _answers()).items()))


def _kinds() -> dict[str, Schema]:
    rows = (PERSON, SECTION, *KINDS.values())
    forms: list[Any] = [(form, "validation") for form in (*(row.form for row in rows), Joining)]
    _, made = models_json_schema(forms, ref_template="#/components/schemas/{model}", schema_generator=_Generator)
    found: dict[str, Schema] = made["$defs"]
    for schema in found.values():
        schema.pop("title", None)
    for row in rows:
        form = found.pop(row.form.__name__)
        found[TITLES[row.name]] = _entry(row.name, form)
    return found


def _entry(kind: str, form: Schema) -> Schema:
    """A kind as it is sent and read: its fields, and what the service says of every entry."""
    ours: dict[str, Schema] = {
        "id": text(readOnly=True),
        "kind": text(const=kind, readOnly=True),
        "section": text(enum=["frame"] if kind == "person" else [*PLAN_SECTIONS], readOnly=True),
        "version": {**NUMBER, "description": "Of an update: the version that was read, unless If-Match says it."},
        "updated": {**MOMENT, "readOnly": True},
        "agency": text("Whose entry it is.", readOnly=True),
        "author": text(readOnly=True),
    }
    if kind in KINDS:
        what = "The only agencies that may see it, beside its own; null takes the restriction away, nothing keeps it."
        ours["restricted_to"] = {"type": ["array", "null"], "items": text(), "minItems": 1, "description": what}
    return {**form, "properties": {**ours, **form["properties"]}, "examples": [EXAMPLES[kind]]}


def _answers() -> dict[str, Schema]:
    entry = [ref(TITLES[kind]) for kind in KINDS]
    kinds = {kind: f"#/components/schemas/{TITLES[kind]}" for kind in KINDS}
    sections = {section: ref("SectionView") for section in PLAN_SECTIONS}
    each = {section: ref("SectionLeave") for section in PLAN_SECTIONS}
    shelves = {kind: many(ref(TITLES[kind])) for kind in KINDS}
    change = text(enum=["create", "update", "delete"])
    return {
        "Role": text(enum=[role.value for role in Role], description="; ".join(_roles())),
        "Entry": {"oneOf": entry, "discriminator": {"propertyName": "kind", "mapping": kinds}},
        "Record": members(
            "id kind type title",
            "What has no native form (an allergy, a medicine): read and written in full by the FHIR door.",
            id=text(),
            kind=text(const="record"),
            type=text("The FHIR type."),
            title=text(),
        ),
        "Entries": members("items", items=many({"anyOf": [ref("Entry"), ref("Record")]}), next=CURSOR),
        "People": members("items", items=many(ref("Person")), next=CURSOR),
        "Sections": members("items", items=many(ref("Section"))),
        "Directory": members("items", items=many(ref("Record")), next=CURSOR),
        "SectionView": members(
            "", "A section, and its entries by kind.", section=ref("Section"), **shelves, record=many(ref("Record"))
        ),
        "Plan": members(
            "sections",
            "Everything of a plan that may be seen; what may not be seen leaves no mark.",
            person=ref("Person"),
            plan=members("", "The plan as a whole."),
            team=ref("Team"),
            sections=members("", "In the charter's order.", **sections),
        ),
        "Member": members(
            "id agency since",
            "One membership.",
            id=text(),
            agency=text(),
            name=text(),
            role=text(),
            worker=text(),
            basis=text(),
            since=MOMENT,
            until=MOMENT,
        ),
        "Team": members(
            "members", "Who is on the team, and who was.", id=text(), version=NUMBER, members=many(ref("Member"))
        ),
        "Version": members(
            "version at by deleted entry",
            "One version of an entry; `entry` is null where it was deleted.",
            version=NUMBER,
            at=MOMENT,
            by=BY,
            deleted={"type": "boolean"},
            entry={"anyOf": [ref("Entry"), {"type": "null"}]},
        ),
        "Versions": members("items", items=many(ref("Version")), next=CURSOR),
        "Difference": members(
            "entry from to differences", entry=text(), **{"from": NUMBER, "to": NUMBER}, differences=DIFFERENCES
        ),
        "PlanDifference": members(
            "from to added removed changed",
            "Entries that came, went and changed between two moments.",
            **{"from": MOMENT, "to": MOMENT},
            added=many(ref("Entry")),
            removed=many(ref("Entry")),
            changed=many(
                members(
                    "entry kind section from to differences",
                    entry=text(),
                    kind=text(),
                    section=text(),
                    **{"from": NUMBER, "to": NUMBER},
                    differences=DIFFERENCES,
                )
            ),
        ),
        "Change": members(
            "at action kind section entry version by",
            "What changed, never its content.",
            at=MOMENT,
            action=change,
            kind=text(),
            section=text(),
            entry=text(),
            version=NUMBER,
            by=BY,
        ),
        "History": members("items", items=many(ref("Change")), next=CURSOR),
        "Changes": members("items next", items=many(ref("Change")), next=CURSOR),
        "SectionLeave": members(
            "read write decided_by",
            read={"type": "boolean"},
            write=text("Nothing, the agency's own entries, or any.", enum=["none", "own", "any"]),
            decided_by=text(
                "Which question decided.", enum=["token", "relationship", "charter", "consent", "ownership"]
            ),
        ),
        "Leave": members(
            "role agency purpose charter basis frame sections",
            "What the caller may do in this plan, and why.",
            role=ref("Role"),
            agency=text(),
            purpose=text(),
            charter=text("The version of the charter that decided."),
            basis=text("On what the relationship rests: self, created, added, carer."),
            frame=ref("SectionLeave"),
            sections=members("", **each),
        ),
        "Status": members("status", status=text()),
        "Problem": _problem(),
    }


def _roles() -> list[str]:
    return [f"{role.value} {'has sections' if role in ROLES_WITH_SECTIONS else 'has none'}" for role in Role]


def _problem() -> Schema:
    fault = members(
        "pointer detail",
        pointer=text("RFC 6901 pointer into the body; empty for the body, the query or the address as a whole."),
        detail=text("What is wrong."),
        mend=text("How to mend it."),
    )
    return members(
        "type title status code detail request_id",
        "RFC 9457. `code` is stable: let programs read it, and people `detail`.",
        type=text(format="uri"),
        title=text(),
        status={"type": "integer"},
        code=text(enum=list(dict.fromkeys(trouble.value.code for trouble in Trouble))),
        detail=text(),
        request_id=text(),
        errors=many(fault),
        person=text("duplicate: the person who is there already, where the caller may see them."),
        question=text("refused: which of the five questions of the access decision said no."),
        current_version={**NUMBER, "description": "stale: the version that is there now."},
        changed=many(text(), "stale: pointers to the fields that changed since."),
    )
