"""What each FHIR primitive may look like in JSON; its JSON type first: `"true"` is no boolean, `"2"` no number.

Source: FHIR R4 and R5 datatypes.html (2.24.0.1 in R4) and json.html (2.6.2). Each check answers a sentence, or "" for
none. Calendar dates (30 February) are left to fhir.resources.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from fhir_facade.elements import resource_types
from fhir_facade.references import RELATIVE
from fhir_facade.release import VersionName
from fhir_facade.xhtml import narrative_fault
from plan.kinds.types import ACTIVE

Check = Callable[[Any], str]

LONGEST = 1_048_576
"""Characters of a string (datatypes.html: 1 MB)."""

CONDITIONAL = "the reference is a search; only a transaction may refer so"
"""Said of `Patient?identifier=...`, which is right inside a transaction Bundle and nowhere else."""

_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
_ZONE = r"(?:Z|[+-](?:0\d:[0-5]\d|1[0-3]:[0-5]\d|14:00))"
_DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_PARTIAL = r"\d{4}(?:-(?:0[1-9]|1[0-2]))?"
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_SEARCH = re.compile(r"([A-Z][A-Za-z]+)\?\S+")
_INT_MAX = 2**31 - 1


def _text(value: Any) -> str:
    if type(value) is not str:
        return f"this must be a string, not {_json_type(value)}"
    if not value:
        return "this is empty; leave out what is not there"
    return f"this is longer than {LONGEST} characters" if len(value) > LONGEST else ""


def _string(value: Any) -> str:
    wrong = _text(value)
    if not wrong and "<" in value and ACTIVE.search(value):
        return "a string is plain text: markup that a browser would run may not stand in it"
    return wrong


def _shaped(pattern: str, said: str) -> Check:
    fits = re.compile(pattern, re.ASCII).fullmatch

    def check(value: Any) -> str:
        return _text(value) or ("" if fits(value) else f"this is not {said}")

    return check


def _boolean(value: Any) -> str:
    return "" if value is True or value is False else f"this must be true or false, not {_json_type(value)}"


def _whole(low: int, said: str) -> Check:
    def check(value: Any) -> str:
        if type(value) is not int:
            return f"this must be {said}, written as a JSON number without a fraction, not {_json_type(value)}"
        return "" if low <= value <= _INT_MAX else f"this must be {said} between {low} and {_INT_MAX}"

    return check


def _decimal(value: Any) -> str:
    if isinstance(value, int | Decimal | float) and not isinstance(value, bool):
        return ""
    return f"this must be a JSON number, not {_json_type(value)}"


def _id(value: Any) -> str:
    wrong = _ID(value)
    if not wrong and not value.strip("."):
        return "an id is more than dots"
    return wrong


def _base64(value: Any) -> str:
    if type(value) is not str or not value:
        return "this must be a base64 string"
    return "" if _BASE64.fullmatch(value) and len("".join(value.split())) % 4 == 0 else "this is not base64"


def _reference(version: VersionName) -> Check:
    def check(value: Any) -> str:
        wrong = _text(value)
        if wrong:
            return f"in {version} a reference is a string, not an object" if isinstance(value, dict) else wrong
        found = RELATIVE.fullmatch(value)
        if found:
            known = found["type"] in resource_types(version)
            return "" if known else f"there is no resource type {found['type']!r} in {version}"
        if _ABSOLUTE.fullmatch(value) or (value[0] == "#" and not re.search(r"\s", value)):
            return ""
        search = _SEARCH.fullmatch(value)
        if search and search[1] in resource_types(version):
            return CONDITIONAL
        return "a reference is Type/id, an absolute address, urn:uuid:... or #id of a contained resource"

    return check


def _integer64(value: Any) -> str:
    """R5 writes it as a JSON string, because JavaScript has no such numbers (R5 json.html)."""
    if type(value) is not str or not _WHOLE.fullmatch(value):
        return "this must be a whole number in quotes"
    return "" if -(2**63) <= int(value) < 2**63 else "this number does not fit into 64 bits"


def _xhtml(value: Any) -> str:
    return _text(value) or narrative_fault(value)


def _json_type(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "a boolean", str: "a string", dict: "an object", list: "an array"}
    return names.get(type(value), "a number")


_ID = _shaped(r"[A-Za-z0-9\-.]{1,64}", "an id (letters, digits, '-' and '.', at most 64)")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*(?:=\s*){0,2}", re.ASCII)
_URI = _shaped(r"\S+", "an address: white space may not stand in it")

_WHOLE = re.compile(r"[+-]?(?:0|[1-9][0-9]{0,18})")

_CHECKS: Mapping[str, Check] = {
    "base64Binary": _base64,
    "boolean": _boolean,
    "canonical": _URI,
    "code": _shaped(r"\S+(?: \S+)*", "a code: no white space around it, single spaces inside"),
    "date": _shaped(rf"{_PARTIAL}|{_DAY}", "a date (2026, 2026-03 or 2026-03-31)"),
    "dateTime": _shaped(
        rf"{_PARTIAL}|{_DAY}(?:T{_TIME}{_ZONE})?", "a date or a time with seconds and zone (2026-03-31T09:30:00Z)"
    ),
    "decimal": _decimal,
    "id": _id,
    "instant": _shaped(rf"{_DAY}T{_TIME}{_ZONE}", "an instant (2026-03-31T09:30:00Z)"),
    "integer": _whole(-_INT_MAX - 1, "a whole number"),
    "integer64": _integer64,
    "markdown": _text,
    "oid": _shaped(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+", "an OID (urn:oid:1.2.3)"),
    "positiveInt": _whole(1, "a whole number"),
    "string": _string,
    "time": _shaped(_TIME, "a time with seconds (09:30:00)"),
    "unsignedInt": _whole(0, "a whole number"),
    "uri": _URI,
    "url": _URI,
    "uuid": _shaped(r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "a UUID (urn:uuid:...)"),
    "xhtml": _xhtml,
}


@cache
def checks(version: VersionName) -> Mapping[str, Check]:
    """The check of each primitive type, and of `reference` (Reference.reference), in a version of FHIR."""
    return {**_CHECKS, "reference": _reference(version)}
