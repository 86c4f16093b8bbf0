"""Signing a section, by either door: as REST sends a review, and as an EHR sends a Provenance."""

from typing import Any

import httpx

from tests.support.larch import Larch

FHIR = {"Content-Type": "application/fhir+json"}
OUTCOME = "https://oneplan.example/fhir/StructureDefinition/review-outcome"
VERIFIED = {"system": "urn:iso-astm:E1762-95:2013", "code": "1.2.840.10065.1.12.1.5"}
DOORS = ("rest", "fhir")


async def version_of(by: httpx.AsyncClient, place: Larch, section: str) -> str:
    """The section as it is now, as what is signed."""
    answer = await by.get(f"{place.address}/plan/sections/{section}")
    assert answer.status_code == httpx.codes.OK, answer.text
    own = answer.json()["section"]
    return f"CarePlan/{own['id']}/_history/{own['version']}"


async def sign(
    door: str,
    by: httpx.AsyncClient,
    place: Larch,
    section: str,
    signed: str = "",
    who: str = "Organization/P10001",
    **more: Any,
) -> httpx.Response:
    """Sign a section by a door, as it is now or as it was; `more`: fields of the review."""
    signed = signed or await version_of(by, place, section)
    if door == "rest":
        return await by.post(f"{place.address}/reviews", json={"signed": signed, "section": section, **more})
    return await by.post("/fhir/R4/Provenance", json=provenance(signed, who=who, **more), headers=FHIR)


def provenance(signed: str, outcome: str = "", seen: str = "", who: str = "Organization/P10001") -> dict[str, Any]:
    """A signature as an EHR sends it."""
    made: dict[str, Any] = {
        "resourceType": "Provenance",
        "target": [{"reference": signed}],
        "recorded": "2026-03-02T10:00:00Z",
        "agent": [{"who": {"display": "whoever signs"}}],
        "signature": [{"type": [VERIFIED], "when": "2026-03-02T10:00:00Z", "who": {"reference": who}}],
    }
    if outcome:
        made["extension"] = [{"url": OUTCOME, "valueCode": outcome}]
    if seen:
        made["occurredDateTime"] = seen
    return made
