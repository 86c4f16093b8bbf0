"""The schemas of the interface description: one for each kind, made of its own form, and those of the answers."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

from api.override_forms import Opening, Reviewing
from api.rest.calendar_feeds import Calendar
from api.rest.examples import EXAMPLES
from api.rest.findings import Settling
from api.rest.messages import Answering
from api.rest.readiness import ItemAnswer
from api.rest.reading import ReadUpTo
from api.rest.referrals import Moving
from api.rest.shapes import MOMENT, NUMBER, SECTIONS, TITLES, Schema, text
from api.rest.signing import SectionRead, SigningOff
from api.rest.team import Joining
from api.rest.views import views
from api.webhook_forms import Replay, Webhook
from plan.kinds import KINDS, PERSON, SECTION
from plan.stay_events import StayEvent

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


def schemas() -> dict[str, Schema]:
    """Every schema, by name."""
    return dict(sorted((_kinds() | views()).items()))


def _kinds() -> dict[str, Schema]:
    rows = (PERSON, SECTION, *KINDS.values())
    others = (
        Joining,
        Opening,
        Reviewing,
        StayEvent,
        Webhook,
        Replay,
        Answering,
        ItemAnswer,
        Moving,
        ReadUpTo,
        Settling,
        SectionRead,
        SigningOff,
        Calendar,
    )
    forms: list[Any] = [(form, "validation") for form in (*(row.form for row in rows), *others)]
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
        "section": text(enum=["frame"] if kind == "person" else SECTIONS, readOnly=True),
        "version": {**NUMBER, "description": "Of an update: the version that was read, unless If-Match says it."},
        "updated": {**MOMENT, "readOnly": True},
        "agency": text("Whose entry it is.", readOnly=True),
        "author": text(readOnly=True),
    }
    if kind in KINDS:
        what = "The only agencies that may see it, beside its own; null takes the restriction away, nothing keeps it."
        ours["restricted_to"] = {"type": ["array", "null"], "items": text(), "minItems": 1, "description": what}
    return {**form, "properties": {**ours, **form["properties"]}, "examples": [EXAMPLES[kind]]}
