"""Native bodies on their way in: the kind's form decides, and whatever is wrong is said with its place and its mend.

A body is checked, never rebuilt: what passes is stored as it was written. The members that the service itself writes
into every entry may come back with a change; they are compared with the address or passed over.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from api.deeds import UNSAID
from fhir_facade.drafts import ENVELOPE
from plan.identity import NHS_NUMBER, nhs_number, normal_system
from plan.kinds import KINDS
from plan.kinds.kind import Kind
from plan.kinds.types import Form
from plan.model import AgencyId, Json
from plan.problem import Fault, Path, Problem, Trouble, refuse_if

ID = re.compile(r"(?=.*[^.])[A-Za-z0-9.-]{1,64}")
"""An id: FHIR R4 `id`, and never only dots, which an address would swallow."""
MOST_VERSIONS = 10**9
NO_VERSION = Fault("version is no version", ("version",), "Send the number that you read.", Trouble.BAD_VALUE)
_CHECKED = ("id", "kind", "section")
_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("is required", "Send it."),
    "string_type": ("is not text", "Send a JSON string."),
    "string_too_short": ("is empty", "Say something, or leave it out."),
    "string_too_long": ("is longer than {max_length} characters", "Write it shorter."),
    "string_pattern_mismatch": ("has not the form that it must have", "It must match {pattern}"),
    "literal_error": ("is none of the words that may stand here", "Send one of: {expected}."),
    "int_type": ("is not a whole number", "Send a JSON number without a fraction, not in quotes."),
    "int_from_float": ("is not a whole number", "Send a JSON number without a fraction."),
    "is_instance_of": ("is not a number", "Send a JSON number, not in quotes."),
    "decimal_type": ("is not a number", "Send a JSON number, not in quotes."),
    "bool_type": ("is neither true nor false", "Send true or false, not in quotes."),
    "list_type": ("is not a list", "Send a JSON array."),
    "too_short": ("has fewer than {min_length} members", "Add one, or leave it out."),
    "too_long": ("has more than {max_length} members", "Send fewer."),
    "greater_than_equal": ("is less than {ge}", "Send {ge} or more."),
    "less_than_equal": ("is more than {le}", "Send {le} or less."),
    "model_type": ("is not an object", "Send a JSON object."),
    "model_attributes_type": ("is not an object", "Send a JSON object."),
}
"""What is wrong and how to mend it, by the validator's own word for it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a client says of an entry: its fields, and where they spoke of it, who alone may see it and its version."""

    fields: dict[str, Json]
    restriction: frozenset[AgencyId] | None = UNSAID
    version: int | None = None


def read(kind: Kind, body: dict[str, Json], address: Mapping[str, str], *, new: bool = False) -> Said:
    """A body of `kind`, checked. `address` is what its address says of `id`, `kind` and `section`.

    Raises one Problem with every fault found; INVALID unless a lone fault has a finer word.
    """
    envelope = {name: value for name, value in body.items() if name in ENVELOPE}
    fields = {name: value for name, value in body.items() if name not in ENVELOPE}
    faults = [*_addressed(envelope, address, new=new), *_versioned(envelope, new=new)]
    faults += _restricted(envelope, kind, new=new)
    if kind.name == "person":
        fields, wrong = _numbered(fields)
        faults += wrong
    faults += found(kind.form, fields, kind.name)
    refuse_if(faults, Trouble.INVALID, f"The {kind.name} is not as it must be.")
    named = envelope.get("restricted_to", UNSAID)
    restriction = frozenset(AgencyId(name) for name in named) if isinstance(named, list) else named
    return Said(fields, restriction, envelope.get("version"))


def checked(form: type[Form], body: dict[str, Json], noun: str) -> dict[str, Json]:
    """A body that is no entry, checked by its form. Raises one Problem with every fault found."""
    refuse_if(found(form, body, noun), Trouble.INVALID, f"The {noun} is not as it must be.")
    return body


def found(form: type[Form], fields: dict[str, Json], noun: str) -> list[Fault]:
    """Everything that is wrong with `fields`; one fault for one place."""
    hollow = list(_hollow(fields, ()))
    if hollow:
        return hollow
    try:
        form.model_validate(fields)
    except ValidationError as error:
        faults: dict[Path, Fault] = {}
        for one in error.errors(include_url=False, include_input=False):
            fault = _fault(one, fields, form, noun)
            first = faults.setdefault(fault.where, fault)
            if first.what != fault.what:
                faults[fault.where] = _either(first, fault)
        return list(faults.values())
    return []


def _either(one: Fault, other: Fault) -> Fault:
    """What every alternative of a field says of it."""
    return Fault(f"{one.what}; or {other.what}", one.where, f"{one.mend} Or: {other.mend}", one.trouble)


def _hollow(value: Json, where: Path) -> Iterator[Fault]:
    """Nulls, empty lists and empty objects, wherever they stand: they say nothing, and FHIR has no word for them."""
    if isinstance(value, dict | list):
        if where and not value:
            yield Fault(f"{_called(where)} is empty", where, "Leave it out.", Trouble.BAD_VALUE)
        for name, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _hollow(member, (*where, name))
    elif value is None:
        yield Fault(f"{_called(where)} is null", where, "Leave it out.", Trouble.BAD_VALUE)


def _fault(error: Mapping[str, Any], fields: Json, form: type[Form], noun: str) -> Fault:
    word = str(error["type"])
    where = _place(error["loc"], fields, missing=word == "missing")
    name = _called(where) if where else f"the {noun}"
    if word == "extra_forbidden":
        return Fault(f"{name} is no field here", where, _instead(where, form, noun), Trouble.INVALID)
    trouble = Trouble.REQUIRED if word == "missing" else Trouble.BAD_VALUE
    if word == "value_error":
        return Fault(f"{name} is not as it must be", where, _sentence(str(error["ctx"]["error"])), trouble)
    what, mend = _WORDS.get(word, ("cannot be taken", str(error["msg"]) + "."))
    terms = error.get("ctx", {})
    return Fault(f"{name} {what.format(**terms)}", where, mend.format(**terms), trouble)


def _sentence(said: str) -> str:
    """A form's own words ("is a date: YYYY") as a sentence."""
    return f"It {said}." if said.partition(" ")[0].endswith("s") else f"{said[:1].upper()}{said[1:]}."


def _called(where: Path) -> str:
    """What the last part of a place is called in a sentence."""
    return str(where[-1]) if isinstance(where[-1], str) else f"member {where[-1]} of {where[-2]}"


def _place(loc: Sequence[str | int], value: Json, *, missing: bool) -> Path:
    """The validator's location without the names of its own alternatives: only what stands in the body."""
    where: list[str | int] = []
    for at, part in enumerate(loc):
        if (isinstance(value, dict) and part in value) or (isinstance(value, list) and isinstance(part, int)):
            value = value[part]  # type: ignore[index]
        elif not (missing and at == len(loc) - 1):
            continue
        where.append(part)
    return tuple(where)


def _instead(where: Path, form: type[Form], noun: str) -> str:
    if len(where) > 1:
        return "Leave it out; /openapi.json has the fields of every object."
    names = sorted(form.model_fields)
    near = get_close_matches(str(where[0]), names, 1)
    asked = f"Did you mean {near[0]}? " if near else ""
    return f"{asked}The fields of a {noun} are: {', '.join(names)}."


def _addressed(envelope: Mapping[str, Json], address: Mapping[str, str], *, new: bool) -> Iterator[Fault]:
    """What the service wrote into the entry must be what its address says; of a new one it has written nothing yet."""
    for name in _CHECKED:
        if name in envelope and name in address and envelope[name] != address[name]:
            what = f"{name} is not what the address says"
            yield Fault(what, (name,), f"Send {address[name]}, or leave it out.", Trouble.BAD_VALUE)
    if new:
        for name in ("id", "version", "updated", "agency", "author"):
            if name in envelope:
                yield Fault(f"{name} is written by the service", (name,), "Leave it out.", Trouble.INVALID)


def _versioned(envelope: Mapping[str, Json], *, new: bool) -> Iterator[Fault]:
    if not new and "version" in envelope and not _is_version(envelope["version"]):
        yield NO_VERSION


def _is_version(value: Json) -> bool:
    return type(value) is int and 0 < value < MOST_VERSIONS


def _restricted(envelope: Mapping[str, Json], kind: Kind, *, new: bool) -> Iterator[Fault]:
    where: Path = ("restricted_to",)
    named = envelope.get("restricted_to")
    if named is None:
        if kind.restricted and (new or "restricted_to" in envelope):
            yield Fault("nobody is named who may see it", where, "Send a list of agency ids.", Trouble.BAD_VALUE)
        return
    if kind.name not in KINDS:
        yield Fault("restricted_to cannot stand here", where, f"A {kind.name} is never restricted.", Trouble.INVALID)
    elif not isinstance(named, list) or not named:
        mend = "Send a list of agency ids (your own alone hides it from all others), or null for no restriction."
        yield Fault("restricted_to names nobody", where, mend, Trouble.BAD_VALUE)
    else:
        for at, name in enumerate(named):
            if not isinstance(name, str) or not ID.fullmatch(name):
                yield Fault("this is no id of an agency", (*where, at), "Send the id of an agency.", Trouble.BAD_VALUE)


def _numbered(fields: dict[str, Json]) -> tuple[dict[str, Json], list[Fault]]:
    """A person's NHS number in its ten digits, and what is wrong with it; it stands nowhere else."""
    faults: list[Fault] = []
    said = fields.get("nhs_number")
    if isinstance(said, str):
        try:
            fields = {**fields, "nhs_number": nhs_number(said)}
        except ValueError as error:
            mend = "Check the number with the person, or leave it out."
            faults.append(Fault(str(error), ("nhs_number",), mend, Trouble.BAD_VALUE))
    listed = fields.get("identifiers")
    for at, held in enumerate(listed if isinstance(listed, list) else ()):
        system = held.get("system") if isinstance(held, dict) else None
        if isinstance(system, str) and system != NHS_NUMBER and normal_system(system) == NHS_NUMBER:
            what = "this system is the NHS number's"
            faults.append(Fault(what, ("identifiers", at, "system"), "Write it as nhs_number.", Trouble.BAD_VALUE))
    return fields, faults


def version_in(body: dict[str, Json]) -> int | None:
    """The version that a body names; None when it names none. Raises BAD_VALUE."""
    refuse_if([NO_VERSION] if "version" in body and not _is_version(body["version"]) else [])
    version: int | None = body.get("version")
    return version


def an_object(value: Json) -> dict[str, Json]:
    """A body whose top level is an object. Raises INVALID for any other."""
    if isinstance(value, dict):
        return value
    what = "the body is no JSON object"
    raise Problem(Trouble.INVALID, what, (Fault(what, mend="Send { ... }."),))
