"""Is this an R4 resource? Every fault found, each with its place, a sentence and how to mend it.

First one walk over the published tables (elements.py), because fhir.resources accepts `"true"` for true, any code for
a required binding, script in a narrative and much else; then fhir.resources (R4B, the same for these types) for what
is left. Source: FHIR R4 4.0.1 json.html, resource.html, references.html, StructureDefinitions and required bindings.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from fhir_facade.dialects import dialect
from fhir_facade.elements import Codes, Element, Node, node, resource_types
from fhir_facade.index import date_range
from fhir_facade.primitives import CHECKS, CONDITIONAL
from plan.problem import Fault, Path, Trouble, refuse_if

Json = Any
Faults = list[Fault]

MOST_FAULTS = 50
_IN_BUNDLE = ("entry", "resource")
"""Where a reference may be a search: the rules of the Bundle say whether it is a transaction."""


def validate(resource: Json, type_: str | None = None) -> None:
    """Do nothing when `resource` is a valid R4 resource (of `type_`, when given); else raise one Problem.

    The Problem carries all faults, at most 50: a client mends a resource in one go.
    """
    faults: Faults = []
    _resource(resource, (), faults, type_)
    if not faults:
        faults = _library(resource)
    refuse_if(faults[:MOST_FAULTS], Trouble.INVALID, _summary(faults))


def _summary(faults: Faults) -> str:
    if len(faults) > MOST_FAULTS:
        return f"More than {MOST_FAULTS} faults; the first {MOST_FAULTS} are listed"
    return ""


def _resource(value: Json, where: Path, faults: Faults, type_: str | None = None) -> None:
    if not isinstance(value, dict):
        _fault(faults, where, "a resource is a JSON object", 'Send {"resourceType": ...}.', Trouble.MALFORMED)
        return
    said = value.get("resourceType")
    wrong = _type_fault(said, type_)
    if wrong:
        _fault(faults, (*where, "resourceType"), *wrong)
        return
    if where and "contained" in value and "contained" in where:
        _fault(faults, (*where, "contained"), "a contained resource contains no other", "Contain them side by side.")
    _object(value, node(said), where, faults)


def _type_fault(said: Json, type_: str | None) -> tuple[str, str, Trouble] | None:
    if said is None:
        return "resourceType is missing", "Say which type of resource this is.", Trouble.REQUIRED
    if not isinstance(said, str) or said not in resource_types():
        mend = "Use the name of an R4 (4.0.1) resource type; names are case-sensitive."
        return f"there is no resource type {str(said)[:64]!r} in R4", mend, Trouble.MALFORMED
    if type_ is not None and said != type_:
        mend = f"Send a {type_} here, or send this to /{said}."
        return f"this is a {said}, and a {type_} was expected", mend, Trouble.INVALID
    return None


def _object(value: Json, shape: Node, where: Path, faults: Faults) -> None:
    """One object: each of its members, then what it lacks, then its own rule."""
    if type(value) is not dict:
        _fault(faults, where, f"this must be an object ({shape.name})", "Look the element up in R4 (4.0.1).")
        return
    if not value:
        _fault(faults, where, "an object has at least one member", "Leave out what is not there.")
    if len(faults) > MOST_FAULTS:
        return
    _members(value, shape, where, faults)
    for said, members in shape.required:
        if members.isdisjoint(value):
            _fault(faults, (*where, said), f"{said} is missing", "R4 requires it.", Trouble.REQUIRED)
    if shape.name in _RULES:
        _RULES[shape.name](value, where, faults)


def _members(value: dict[str, Json], shape: Node, where: Path, faults: Faults) -> None:
    choices: dict[str, str] = {}
    for name, held in value.items():
        element = shape.elements.get(name)
        if element is None:
            _unknown(name, shape, where, faults)
            continue
        if element.choice:
            _one_form(choices, name, element.choice, where, faults)
        if element.many:
            _list(value, name, element, where, faults)
        else:
            _value(held, element, (*where, name), faults)


def _value(held: Json, element: Element, where: Path, faults: Faults) -> None:
    if element.primitive:
        wrong = CHECKS[element.type](held)
        if not wrong and element.codes is not None and held not in element.code:
            wrong = f"the code {held!r} is not one that R4 allows here"
            _fault(faults, where, wrong, f"Use one of: {', '.join(sorted(element.code))}.", Trouble.BAD_VALUE)
        elif wrong and not (wrong == CONDITIONAL and where[::2][:2] == _IN_BUNDLE):
            _fault(faults, where, wrong, trouble=Trouble.BAD_VALUE)
    elif element.type == "Resource":
        _resource(held, where, faults)
    else:
        _object(held, node(element.type), where, faults)
        if element.codes is not None and isinstance(held, dict):
            _bound(held, element.codes, where, faults)


def _list(value: Json, name: str, element: Element, where: Path, faults: Faults) -> None:
    held = value[name]
    if type(held) is not list or not held:
        what = "this array is empty" if type(held) is list else "this element repeats: it must be an array"
        _fault(faults, (*where, name), what, "Write it as an array of at least one member, or leave it out.")
        return
    for at, member in enumerate(held):
        if member is None and (element.primitive or element.aside):
            twin = value.get(name[1:] if element.aside else f"_{name}")
            if not isinstance(twin, list) or len(twin) <= at or twin[at] is None:
                _fault(faults, (*where, name, at), "null stands for nothing here", "Leave the member out.")
        else:
            _value(member, element, (*where, name, at), faults)


def _one_form(choices: dict[str, str], name: str, choice: str, where: Path, faults: Faults) -> None:
    plain = name.removeprefix("_")
    taken = choices.setdefault(choice, plain)
    if taken != plain:
        _fault(faults, (*where, name), f"{taken} and {plain} are two forms of {choice}", "Send only one of them.")


def _unknown(name: str, shape: Node, where: Path, faults: Faults) -> None:
    short = name[:64]
    other = dialect(shape.name, name)
    what, mend = f"R4 has no element {short!r} in {shape.name}", "Names are case-sensitive; or use an extension."
    if other:
        mend = f"This looks like {other}; this address speaks R4 (4.0.1)."
    elif name == "fhir_comments":
        mend = "FHIR took comments out of JSON after DSTU2; leave them out."
    elif f"{name}[x]" in {element.choice for element in shape.elements.values()}:
        mend = f"Say its type in its name, as in {_form(shape, name)}."
    _fault(faults, (*where, short), what, mend, Trouble.MALFORMED)


def _form(shape: Node, name: str) -> str:
    return next(member for member, element in shape.elements.items() if element.choice == f"{name}[x]")


def _bound(held: Mapping[str, Json], codes: Codes, where: Path, faults: Faults) -> None:
    """A required binding of a Coding, or of a CodeableConcept, of which one coding must be from the set."""
    codings = held.get("coding", []) if "coding" in held or "text" in held else [held]
    said = [coding for coding in codings if isinstance(coding, dict)] if isinstance(codings, list) else []
    if not any(str(coding.get("code")) in codes.get(str(coding.get("system")), ()) for coding in said):
        listed = "; ".join(f"{system}: {', '.join(sorted(some))}" for system, some in codes.items())
        _fault(faults, where, "no code here is one that R4 allows", f"Use one of {listed}.", Trouble.BAD_VALUE)


def _extension(value: Mapping[str, Json], where: Path, faults: Faults) -> None:
    """ext-1: a value or further extensions, one of the two."""
    has_value = any(name.startswith(("value", "_value")) for name in value)
    if has_value == ("extension" in value):
        said = "not both" if has_value else "and this has neither"
        _fault(faults, where, f"an extension has a value or extensions, {said}", "Send one of them.")


def _period(value: Mapping[str, Json], where: Path, faults: Faults) -> None:
    """per-1: the start is not after the end."""
    start, end = (date_range(str(value.get(name, ""))) for name in ("start", "end"))
    if start is not None and end is not None and start[0] > end[1]:
        _fault(faults, where, "the period ends before it starts", "Exchange or correct the two.", Trouble.BAD_VALUE)


def _activity(value: Mapping[str, Json], where: Path, faults: Faults) -> None:
    """cpl-3: a reference or a detail."""
    if "reference" in value and "detail" in value:
        _fault(faults, where, "an activity has a reference or a detail, not both", "Send one of them.")


_RULES: Mapping[str, Callable[[Mapping[str, Json], Path, Faults], None]] = {
    "Extension": _extension,
    "Period": _period,
    "CarePlan.activity": _activity,
}
"""Invariants of single objects, by the type or path that they belong to."""


def _library(resource: Json) -> Faults:
    """What fhir.resources finds besides, in our words."""
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(_without_value_asides(resource))
    except ValidationError as error:
        return [_told(found["loc"], found["msg"]) for found in error.errors(include_url=False, include_input=False)]
    except KeyError:
        # An R4 type that R4B dropped, here or in `contained`: the walk above has read it in full by the R4 tables.
        return []
    return []


def _told(loc: Path, message: str) -> Fault:
    what = message.removeprefix("Value error, ")
    return Fault(what[:1].lower() + what[1:300], loc, "Look the element up in R4 (4.0.1).")


def _without_value_asides(value: Json) -> Json:
    """The same without `_value...` in extensions: legal, and refused by fhir.resources 8.3 (it forgot the fields).

    Answers `value` itself when there is nothing to leave out, so that nearly nobody pays for a copy.
    """
    if isinstance(value, list):
        made = [_without_value_asides(member) for member in value]
        return made if any(new is not old for new, old in zip(made, value, strict=True)) else value
    if not isinstance(value, dict):
        return value
    kept = {
        name: _without_value_asides(member) if isinstance(member, dict | list) else member
        for name, member in value.items()
        if not (name.startswith("_value") and "url" in value)
    }
    same = len(kept) == len(value) and all(kept[name] is value[name] for name in kept)
    return value if same else kept


def _fault(faults: Faults, where: Path, what: str, mend: str = "", trouble: Trouble = Trouble.INVALID) -> None:
    faults.append(Fault(what, where, mend, trouble))
