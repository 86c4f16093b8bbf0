"""What a rule may look at besides the object that it is about, and how much. FHIR R4 fhirpath.html (variables)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from plan.problem import Fault, Problem, Trouble

Json = Any
MOST_STEPS = 200_000
"""Items that the rules of what was sent may look at: thirty times what half a megabyte of a Synthea record takes."""


class Root:
    """A resource that no other contains, and what its references may lead to without leaving what was sent."""

    def __init__(self, resource: dict[str, Json], beside: Mapping[str, Json] | None = None) -> None:
        self.resource = resource
        self._beside = beside or {}

    @cached_property
    def contained(self) -> Mapping[str, dict[str, Json]]:
        """The contained resources by id; nothing is known of their shape yet."""
        held = self.resource.get("contained")
        listed = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
        return {str(one.get("id")): one for one in reversed(listed)}

    @cached_property
    def named_locally(self) -> frozenset[str]:
        """Every `#name` that stands anywhere in the resource."""
        return frozenset(local_names(self.resource))

    def find(self, reference: str) -> Json:
        """What a reference leads to; None for what is not at hand."""
        if reference[:1] == "#":
            return self.contained.get(reference[1:]) if reference != "#" else self.resource
        return self._beside.get(reference)


def local_names(value: Json) -> Iterator[str]:
    """Every string that begins with `#`, wherever it stands."""
    if isinstance(value, dict):
        for held in value.values():
            yield from local_names(held)
    elif isinstance(value, list):
        for held in value:
            yield from local_names(held)
    elif isinstance(value, str) and value[:1] == "#":
        yield value


def entries_by_address(bundle: Json) -> Mapping[str, Json]:
    """The resources of a Bundle by what refers to them: the fullUrl, and its last two parts."""
    found: dict[str, Json] = {}
    for entry in bundle.get("entry", ()) if isinstance(bundle.get("entry"), list) else ():
        url = entry.get("fullUrl") if isinstance(entry, dict) else None
        if isinstance(url, str) and isinstance(entry.get("resource"), dict):
            found.setdefault(url, entry["resource"])
            found.setdefault("/".join(url.split("/")[-2:]), entry["resource"])
    return found


@dataclass(slots=True)
class Scope:
    """Where rules are asked: the resource that an object stands in, and the one that contains that.

    `context` is the object that the rule at hand is about; `steps` is shared by all rules of what was sent; `beside`
    are the resources of the Bundle around it, by address.
    """

    resource: dict[str, Json]
    root: Root
    steps: list[int] = field(default_factory=lambda: [0])
    beside: Mapping[str, Json] = field(default_factory=dict)
    context: Json = None

    def spend(self, items: int) -> None:
        """Count what is looked at. Raises TOO_COSTLY."""
        self.steps[0] += items
        if self.steps[0] > MOST_STEPS:
            what = "The rules of this resource take too long to check"
            raise Problem(Trouble.TOO_COSTLY, what, (Fault(what, mend="Send it in parts."),))
