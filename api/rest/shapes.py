"""JSON Schema in few words: what the descriptions of kinds, answers and parameters are made of."""

from collections.abc import Mapping
from typing import Any

from plan.kinds import KINDS, PERSON
from plan.model import PLAN_SECTIONS

Schema = dict[str, Any]
TITLES: Mapping[str, str] = {row.name: row.form.__name__ for row in (PERSON, *KINDS.values())} | {"section": "Section"}
"""Kind and the name of its schema."""
SECTIONS: list[str] = [section.value for section in PLAN_SECTIONS]


def ref(name: str) -> Schema:
    """A pointer to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str = "", **more: Any) -> Schema:
    """A string."""
    return {"type": "string", **({"description": description} if description else {}), **more}


def many(of: Schema, description: str = "") -> Schema:
    """A list."""
    return {"type": "array", "items": of, **({"description": description} if description else {})}


def members(required: str, description: str = "", /, **properties: Schema) -> Schema:
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
