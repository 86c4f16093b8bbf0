"""Review <-> Provenance with a signature. Source: https://hl7.org/fhir/R4/provenance.html.

Only a Provenance that carries our mark as its activity is a review: the service puts it on every signature of a
section's CarePlan (api/reviewing.py). Every other Provenance is kept as it came.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from fhir_facade import systems
from fhir_facade.common import PARTY, concept, own, words
from fhir_facade.face import Face
from fhir_facade.lens import ABSENT, Code, First, Lens, Only, Resource, Through, dig

_SIGNED = re.compile(r"CarePlan/[A-Za-z0-9.-]{1,64}/_history/[1-9][0-9]{0,9}")
_OUTCOMES = ("no_change", "plan_amended", "change_needed", "agreed", "disagreed")
_UNSAID: Mapping[str, Any] = {"extension": [ABSENT]}
MARK = concept(systems.ENTRY_KIND, "review")


def is_review(resource: Resource) -> bool:
    """Whether the service took this Provenance for a review of a section."""
    codings = dig(resource, ("activity", "coding"))
    return isinstance(codings, list) and MARK["coding"][0] in codings


def _version(value: Any) -> str | None:
    return value if isinstance(value, str) and _SIGNED.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class Signed:
    """The target, as the version that is signed. A new one is written whole."""

    def view(self, resource: Resource) -> Any:
        return _version(resource.get("reference"))

    def put(self, resource: Resource, value: Any) -> None:
        resource.clear()
        resource.update({} if value is None else {"reference": value})


@dataclass(frozen=True, slots=True)
class Needed:
    """What FHIR insists on and the native form may leave to the service: where none of `names` stands in the end, the
    last of them says that it is not known.
    """

    lens: Lens
    names: tuple[str, ...]

    def view(self, resource: Resource) -> Any:
        return self.lens.view(resource)

    def put(self, resource: Resource, value: Any) -> None:
        self.lens.put(resource, value)
        if not any(name in resource for name in self.names):
            resource[self.names[-1]] = deepcopy(dict(_UNSAID))


FACE = Face(
    kind="review",
    type="Provenance",
    person="",
    base={
        "resourceType": "Provenance",
        "_recorded": dict(_UNSAID),
        "activity": MARK,
        "agent": [{"who": dict(_UNSAID)}],
    },
    mine=is_review,
    fields=(
        ("signed", First("target", Signed())),
        ("outcome", Code(own("review-outcome", "valueCode"), {word: word for word in _OUTCOMES})),
        ("comment", own("review-comment", "valueString")),
        ("next_review", own("review-date", "valueDate")),
        ("seen", Only(words("occurredDateTime"), ("occurredPeriod",))),
        ("signed_by", First("agent", Needed(Through(("who",), PARTY), ("who",)))),
        ("signed_for", First("agent", Needed(Through(("onBehalfOf",), PARTY), ("who",)))),
        ("signed_at", Needed(words("recorded"), ("recorded", "_recorded"))),
        ("content", own("signed-content", "valueString")),
    ),
)
