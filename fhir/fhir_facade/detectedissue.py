"""Finding <-> DetectedIssue with a code of our rules. Source: https://hl7.org/fhir/R4/detectedissue.html.

What is open is preliminary, what is settled is final, what is gone is cancelled. FHIR has three severities; ours stands
in an extension beside, because what is critical and what blocks a discharge are both `high`.
"""

from dataclasses import dataclass
from typing import Any

from fhir_facade import systems
from fhir_facade.common import PHRASE, REFERENCE, Tag, own, party, refs, title, words
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, Each, First, Only, Resource, Table, Through, dig

RULE = f"{systems.OURS}/CodeSystem/contradiction-rule"
_STATUS = {"open": "preliminary", "resolved": "final", "gone": "cancelled", "withdrawn": "entered-in-error"}
_ALSO = {"registered": "open", "unknown": "open", "amended": "resolved", "corrected": "resolved"}
_OURS = ("warn", "high", "critical", "blocking")
_SEVERITY = {"warn": "moderate", "high": "high", "critical": "high", "blocking": "high"}
_FINER = Code(own("finding-severity", "valueCode"), {word: word for word in _OURS})


@dataclass(frozen=True, slots=True)
class Severity:
    """Our extension, or where it is missing the coarser word of FHIR."""

    def view(self, resource: Resource) -> Any:
        said = At("severity").view(resource)
        coarse = {"high": "high", "moderate": "warn", "low": "warn"}
        return _FINER.view(resource) or (coarse.get(said) if isinstance(said, str) else None)

    def put(self, resource: Resource, value: Any) -> None:
        _FINER.put(resource, value)
        At("severity").put(resource, None if value is None else _SEVERITY[value])


def is_finding(resource: Resource) -> bool:
    """Whether one of our rules found it, and no other system."""
    codings = dig(resource, ("code", "coding"))
    listed = codings if isinstance(codings, list) else []
    return any(isinstance(coding, dict) and coding.get("system") == RULE for coding in listed)


FACE = Face(
    kind="finding",
    type="DetectedIssue",
    person="patient",
    base={"resourceType": "DetectedIssue"},
    mine=is_finding,
    fields=(
        ("rule", Through(("code",), Tag(RULE))),
        ("mark", own("finding-mark", "valueString")),
        ("title", title("code")),
        ("severity", Severity()),
        ("status", Code(At("status"), _STATUS, _ALSO)),
        ("sides", refs("implicated")),
        ("detail", words("detail")),
        (
            "evidence",
            Each("evidence", (("says", First("code", PHRASE)), ("entry", First("detail", REFERENCE)))),
        ),
        ("proposal", own("proposal", "valueString")),
        ("identified", Only(words("identifiedDateTime"), ("identifiedPeriod",))),
        ("inputs", own("finding-inputs", "valueString")),
        (
            "resolution",
            First(
                "mitigation",
                Table((("reason", Through(("action",), PHRASE)), ("by", party("author")), ("at", words("date")))),
            ),
        ),
        ("closed", own("closed-because", "valueString")),
    ),
)
