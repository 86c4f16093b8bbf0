"""$validate: would this resource be taken, and if not, why. Nothing is written.

Source: FHIR R4 and R5 resource-operation-validate.html. The answer is an OperationOutcome with 200 whatever it says;
only what cannot be asked is refused.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from api.answers import issues
from api.desk_checking import Checking
from api.fhir_asked import Answer, Asked, placed
from api.fhir_write import deed_of
from fhir_facade import exact
from fhir_facade.query import pairs_of
from fhir_facade.resources import APART
from fhir_facade.validate import advice
from fhir_facade.validate import validate as judge
from plan.problem import Fault, Problem, Trouble

Json = Any

MODES: Mapping[str, str] = {"create": "POST", "update": "PUT", "delete": "DELETE"}
"""What shall be tried besides, as the method that it would come by; `profile` asks of the content alone."""
_BASE = "http://hl7.org/fhir/StructureDefinition/"


class Sent(NamedTuple):
    """What is to be checked: the resource, None when none was sent; the mode; the profiles."""

    resource: Json
    mode: str = ""
    profiles: tuple[str, ...] = ()


async def validate(asked: Asked) -> Answer:
    """One check. Raises REFUSED, and NOT_FOUND or GONE where a stored resource is to be checked."""
    sent = sent_of(asked)
    said = sent.resource.get("resourceType") if isinstance(sent.resource, dict) else None
    named = asked.place.type
    type_ = named if named in APART and not asked.place.id else asked.type if named else str(said)[:64]
    desk = Checking.of(asked.desk)
    await desk.check(asked.visit, type_, asked.place.id)
    resource = sent.resource
    if resource is None and asked.place.id and sent.mode in ("", "profile"):
        resource = exact.stored(asked.version.shown((await desk.read(asked.visit, asked.type, asked.id)).fhir))
    if resource is None and sent.mode != "delete":
        what = "there is no resource to check"
        mend = "Send it alone, or as the parameter `resource`."
        raise Problem(Trouble.REQUIRED, what, (Fault(what, mend=mend),))
    found = [] if resource is None else _of_content(asked, resource, sent.profiles)
    if sent.mode in MODES and not any(issue["severity"] == "error" for issue in found):
        found += await _of_deed(asked, desk, resource, sent.mode)
    return _outcome(found)


def sent_of(asked: Asked) -> Sent:
    """What came in the address and in the body: the resource alone, or Parameters. Raises BAD_VALUE."""
    pairs = [(name, value) for name, value in pairs_of(asked.query) if name in ("mode", "profile")]
    resource = asked.resource
    if isinstance(resource, dict) and resource.get("resourceType") == "Parameters":
        listed = resource.get("parameter")
        parts = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        resource = next((one.get("resource") for one in parts if one.get("name") == "resource"), None)
        pairs += [(str(one.get("name")), _value(one)) for one in parts]
    mode = next((value for name, value in pairs if name == "mode" and value), "")
    if mode not in ("", "profile", *MODES):
        what = f"there is no mode {mode[:64]!r}"
        fault = Fault(what, mend=f"Use one of: {', '.join(MODES)}, profile.")
        raise Problem(Trouble.BAD_VALUE, what, (fault,))
    return Sent(resource, mode, tuple(value for name, value in pairs if name == "profile" and value))


def _value(parameter: Mapping[str, Json]) -> str:
    return next((str(value) for name, value in parameter.items() if name.startswith("value")), "")


def _of_content(asked: Asked, resource: Json, profiles: tuple[str, ...]) -> list[Json]:
    """The issues of a resource in itself: its faults, else where it leaves good practice; and of its profiles."""
    version, whole = asked.version.name, (_named(resource, asked),)
    try:
        judge(resource, asked.place.type or None, version)
    except Problem as problem:
        return issues(placed(problem, whole, whole))
    found = [issue for profile in profiles for issue in _of_profile(resource, profile)]
    advised = Problem(Trouble.INVALID, faults=tuple(advice(resource, version)))
    return found + (issues(placed(advised, whole, whole), "warning") if advised.faults else [])


def _of_profile(resource: Mapping[str, Json], profile: str) -> list[Json]:
    """The definition of a type is known, by its name; of any other profile it cannot be told here."""
    if profile.partition("|")[0] == f"{_BASE}{resource['resourceType']}":
        return []
    what = f"the profile {profile[:200]} is not known here, so it was not checked"
    return issues(Problem(Trouble.NOT_SUPPORTED, faults=(Fault(what),)))


async def _of_deed(asked: Asked, desk: Checking, resource: Json, mode: str) -> list[Json]:
    """The issues of doing it now, as this caller; the resource may name the id."""
    said = resource.get("id") if isinstance(resource, dict) else None
    named = _named(resource, asked)
    there = asked.place._replace(type=named, id=asked.place.id or str(said or ""))
    try:
        deed = deed_of(replace(asked, method=MODES[mode], place=there, resource=resource))
    except Problem as problem:
        return issues(problem)
    deed.idempotent = False  # a rehearsal tells what is there to be deleted
    try:
        await desk.rehearse(asked.visit, deed)
    except Problem as problem:
        return issues(placed(problem, (named,)))
    return []


def _named(resource: Json, asked: Asked) -> str:
    said = resource.get("resourceType") if isinstance(resource, dict) else None
    return said if isinstance(said, str) and said else asked.place.type or "Resource"


def _outcome(found: list[Json]) -> Answer:
    if not found:
        found = [{"severity": "information", "code": "informational", "details": {"text": "All OK"}}]
    return Answer(text=exact.text({"resourceType": "OperationOutcome", "issue": found}))
