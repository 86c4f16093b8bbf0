"""Native bodies made from a form, resources of the examples, and random JSON: what the laws of the lenses run on."""

import json
import os
import string
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import BaseModel, ValidationError

from fhir_facade import exact
from plan.discharge_table import CODES
from plan.kinds import consent, document, housing, person, readiness, review, types
from plan.kinds.refs import LeadsTo
from plan.kinds.types import Form

EXAMPLES = Path(os.environ.get("ONEPLAN_FHIR_EXAMPLES") or Path(__file__).parents[3] / "shared" / "fhir-examples")

LETTERS = string.ascii_letters + string.digits + " .,-/'\u00e9\u4e2d"
texts = st.text(LETTERS, min_size=1, max_size=12).filter(lambda text: " ".join(text.split()) == text)
names = st.text(string.ascii_letters, min_size=1, max_size=8)
_dates = st.dates().map(str) | st.integers(1000, 9999).map(str) | st.sampled_from(["2026-03", "1987-12"])
_moments = st.sampled_from(["2026-03-06T14:00:00Z", "2026-03-06T14:00:00.120+01:00", "1999-12-31T23:59:59-05:00"])
_clocks = st.times().map(lambda time: f"{time:%H:%M}")
_numbers = st.integers(-1000, 10**9) | st.decimals(-999, 999, places=2).map(lambda number: exact.Number(str(number)))


def _refs(*kinds: str) -> SearchStrategy[str]:
    return st.builds("{}/{}".format, st.sampled_from(kinds), names)


SCALARS: list[tuple[Any, SearchStrategy[Any]]] = [
    (types.Ref, _refs("Goal", "Condition", "Patient", "Task", "Media", "RequestGroup", "Organization")),
    (types.Date, _dates),
    (types.Moment, _moments),
    (types.DateOrMoment, _dates | _moments),
    (types.TimeOfDay, _clocks),
    (types.Line, texts),
    (types.Text, texts),
    (types.Uri, st.sampled_from(["http://snomed.info/sct", "urn:oid:1.2.3", "https://example.org/codes"])),
    (types.Score, st.integers(1, 10)),
    (types.Amount, _numbers),
    (housing.Uprn, st.integers(1, 999_999_999_999).map(str)),
    (person.NhsNumber, st.sampled_from(["9000000009", "9000000017", "9000000025"])),
    (person.AgencyRef, _refs("Organization")),
    (document.MimeType, st.sampled_from(["application/pdf", "text/plain", "image/png"])),
    (consent.AgencyCode, names),
    (review.Signed, st.builds("CarePlan/{}/_history/{}".format, names, st.integers(1, 99))),
    (consent.ContactRef, _refs("RelatedPerson")),
    (readiness.ItemCode, st.sampled_from(sorted(CODES))),
    (readiness.StayRef, _refs("Encounter")),
]
"""Field type of the forms and the values that it may hold."""


@cache
def bodies(form: type[BaseModel]) -> SearchStrategy[dict[str, Any]]:
    """Valid native bodies of a form, as JSON; an optional field is there or left out, never null."""
    must = {name: field_values(f) for name, f in form.model_fields.items() if f.is_required()}
    may = {name: field_values(f) for name, f in form.model_fields.items() if not f.is_required()}
    made = st.fixed_dictionaries(must, optional=may)
    return made.filter(lambda body: bool(body) and _valid(form, body))


def _valid(form: type[BaseModel], body: dict[str, Any]) -> bool:
    try:
        form.model_validate(body)
    except ValidationError:
        return False
    return True


def field_values(info: Any) -> SearchStrategy[Any]:
    """What a field of a form may hold."""
    return _values(Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation)


def _values(kind: Any) -> SearchStrategy[Any]:
    known = next((values for scalar, values in SCALARS if scalar == kind), None)
    if known is not None:
        return known
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _annotated(*parts)
    if origin is Literal:
        return st.sampled_from(parts)
    if origin in (Union, UnionType):
        return st.one_of(*(_values(part) for part in parts if part is not NoneType))
    if origin is list:
        return st.lists(_values(parts[0]), min_size=1, max_size=4)
    return _plain(kind)


def _annotated(kind: Any, *marks: Any) -> SearchStrategy[Any]:
    leads_to = next((mark for mark in marks if isinstance(mark, LeadsTo)), None)
    if leads_to:
        return _leading(_values(kind), _refs(*leads_to.types))
    return _values(kind) if kind is not int else st.integers(1, 9)


def _leading(values: SearchStrategy[Any], refs: SearchStrategy[str]) -> SearchStrategy[Any]:
    """References to where the field may lead, alone or in a Party."""

    def led(value: Any, ref: str) -> Any:
        return ref if isinstance(value, str) else {**value, "reference": ref} if "reference" in value else value

    return st.builds(led, values, refs)


def _plain(kind: Any) -> SearchStrategy[Any]:
    if isinstance(kind, type) and issubclass(kind, Form):
        return bodies(kind)
    return {bool: st.booleans(), int: st.integers(1, 9), str: texts, Decimal: _numbers}[kind]


json_values: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | _numbers | texts | st.sampled_from(["", "mon", "09:00:00", "active", "Goal/1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
"""Any JSON."""


def examples(type_: str) -> list[Any]:
    """Every R4 example resource of a type, as pytest parameters; one skipped parameter when there are none here."""
    rows = [pytest.param(found, id=name) for name, found in _examples(type_)]
    why = f"no R4 {type_} under {EXAMPLES}: set ONEPLAN_FHIR_EXAMPLES to a folder of FHIR examples with a manifest"
    return rows or [pytest.param({}, marks=pytest.mark.skip(reason=why))]


def _examples(type_: str) -> Iterator[tuple[str, dict[str, Any]]]:
    manifest = EXAMPLES / "MANIFEST.jsonl"
    for line in manifest.read_text().splitlines() if manifest.exists() else ():
        row = json.loads(line)
        if (
            row.get("fhirVersion") == "R4"
            and row.get("resourceType") in (type_, "Bundle")
            and "malformedJson" not in row
        ):
            resource = exact.loads((EXAMPLES / row["path"]).read_bytes())
            inside = [entry.get("resource") for entry in resource.get("entry") or ()] or [resource]
            found = [one for one in inside if isinstance(one, dict) and one.get("resourceType") == type_]
            yield from ((f"{Path(row['path']).stem[-40:]}-{at}", one) for at, one in enumerate(found[:3]))


def paths(value: Any, at: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], str]:
    """Every leaf of a JSON value by its path, as it is written."""
    if isinstance(value, dict | list) and value:
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        return {path: leaf for key, part in inside for path, leaf in paths(part, (*at, key)).items()}
    return {at: exact.text(value)}
