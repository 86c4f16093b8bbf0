"""What fhir.resources finds besides the tables (calendar dates, for one), in our words. It validates and never writes.

R4 goes through its R4B models, which are the same for every type that is served; R5 through its own.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from fhir.resources import get_fhir_model_class as r5_class
from fhir.resources.R4B import get_fhir_model_class as r4b_class
from pydantic import ValidationError

from fhir_facade import exact
from fhir_facade.release import VersionName
from plan.problem import Fault, Path

Json = Any

_CLASSES: Mapping[VersionName, Callable[[str], Any]] = {"R4": r4b_class, "R5": r5_class}
_OTHERS: Mapping[VersionName, frozenset[str]] = {"R4": frozenset({"Evidence", "EvidenceVariable"}), "R5": frozenset()}
"""Types that R4B defines otherwise than R4."""


def library(resource: dict[str, Json], version: VersionName) -> list[Fault]:
    """The faults that the model of a resource tells; none of a type that it has no model of, here or contained."""
    contained = [one["resourceType"] for one in resource.get("contained", ())]
    model = _model(resource["resourceType"], version)
    if model is None or any(_model(type_, version) is None for type_ in contained):
        return []
    try:
        # Nearly no resource has such a member, and its text tells so at a glance.
        known = resource if b'"_value' not in exact.dumps(resource) else _without_value_asides(resource)
        model.model_validate(known)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return [_told(one["loc"], one["msg"], version) for one in found]
    except KeyError:
        # A type without a model inside a Bundle: the walk has read it in full by the tables.
        return []
    return []


@cache
def _model(type_: str, version: VersionName) -> Any:
    if type_ in _OTHERS[version]:
        return None
    try:
        return _CLASSES[version](type_)
    except (KeyError, ValueError):
        return None


def _told(loc: Path, message: str, version: VersionName) -> Fault:
    what = message.removeprefix("Value error, ")
    return Fault(what[:1].lower() + what[1:300], loc, f"Look the element up in {version}.")


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
