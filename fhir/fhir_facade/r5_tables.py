"""What R4 and R5 call the same thing by other names: types, parts, elements, codes, and what stands for want of one.

The elements of each type are in r5_care.py (what is planned and done), r5_clinical.py and r5_admin.py (who, where, and
money); all that the two tables of elements tell by themselves is in none of them. Source: StructureDefinition
and ConceptMap resources of R5 5.0.0, and the change notes of its pages.
"""

from collections.abc import Mapping

from fhir_facade.r5_admin import ADMIN
from fhir_facade.r5_care import CARE
from fhir_facade.r5_clinical import CLINICAL
from fhir_facade.r5_data import DATA
from fhir_facade.r5_shapes import Entry, Json
from fhir_facade.r5_values import ABSENT
from fhir_facade.release import VersionName

TYPES_UP: Mapping[str, str] = {
    "DeviceUseStatement": "DeviceUsage",
    "RequestGroup": "RequestOrchestration",
}
"""Types that have another name in R5."""

PAIRS: Mapping[str, str] = {
    "Encounter.hospitalization": "Encounter.admission",
    "Invoice.lineItem.priceComponent": "MonetaryComponent",
}
"""Parts of a resource that have another name in R5."""

PASSED: Mapping[str, frozenset[str]] = {
    "Consent.provision": frozenset({"type"}),
    "Encounter.hospitalization": frozenset({"dietPreference", "specialCourtesy", "specialArrangement"}),
}
"""Elements of a part that the rule of the whole looks after."""

APART = frozenset({"Composition.relatesTo"})
"""Elements whose R5 type is known to R4 as well, while the rule is of R5's own."""

RULES: Mapping[str, tuple[Entry, ...]] = {**DATA, **CARE, **CLINICAL, **ADMIN}
"""Path of an R4 object to its rules."""

_DOCUMENT = {"registered": "preliminary", "partial": "preliminary", "corrected": "amended", "appended": "amended"}

CODES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "CarePlan.intent": ({}, {"directive": "order"}),
    "ClinicalImpression.status": ({}, {"preparation": "in-progress", "on-hold": "in-progress"}),
    "Composition.status": ({}, _DOCUMENT),
    "Consent.status": ({"proposed": "draft", "rejected": "not-done"}, {"not-done": "rejected", "unknown": "inactive"}),
    "DetectedIssue.status": (
        {"registered": "preliminary", "amended": "final", "corrected": "final"},
        {"mitigated": "final"},
    ),
    "DiagnosticReport.status": ({}, {"modified": "amended"}),
    "DocumentReference.docStatus": ({}, _DOCUMENT),
    "Encounter.status": (
        {"arrived": "in-progress", "triaged": "in-progress", "onleave": "on-hold", "finished": "completed"},
        {"on-hold": "onleave", "completed": "finished", "discharged": "finished", "discontinued": "cancelled"},
    ),
    "MeasureReport.type": ({"data-collection": "data-exchange"}, {"data-exchange": "data-collection"}),
    "MedicationRequest.status": ({}, {"ended": "completed"}),
    "MedicationStatement.status": (
        dict.fromkeys(("active", "completed", "intended", "stopped", "on-hold", "unknown", "not-taken"), "recorded"),
        {"recorded": "unknown", "draft": "unknown"},
    ),
    "Provenance.entity.role": ({"derivation": "source"}, {"instantiates": "source"}),
    "ResearchSubject.status": (
        {
            **dict.fromkeys(("candidate", "potential-candidate", "screening", "eligible", "pending-on-study"), "draft"),
            **dict.fromkeys(("on-study", "on-study-intervention", "on-study-observation", "follow-up"), "active"),
            **dict.fromkeys(("off-study", "withdrawn", "ineligible", "not-registered"), "retired"),
        },
        {"draft": "candidate", "active": "on-study", "retired": "off-study"},
    ),
    "DataRequirement.type": (TYPES_UP, {new: old for old, new in TYPES_UP.items()}),
    "ParameterDefinition.type": (TYPES_UP, {new: old for old, new in TYPES_UP.items()}),
}
"""Path of an element of R4 to codes that are called otherwise in R5, and the reverse.

A code that is in neither is the same in both, or has no equal and travels in the extension. Two names for one code are
no loss: what the other version cannot tell apart, the extension does.
"""

_ADJUDICATION = ("adjudication", [{"category": ABSENT}])

FILLERS: Mapping[tuple[VersionName, str], tuple[str, Json]] = {
    ("R5", "AdverseEvent.status"): ("status", "unknown"),
    ("R5", "BodyStructure.includedStructure"): ("includedStructure", [{"structure": ABSENT}]),
    ("R5", "CommunicationRequest.intent"): ("intent", "order"),
    ("R5", "Condition.clinicalStatus"): (
        "clinicalStatus",
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "unknown"}]},
    ),
    ("R5", "Coverage.kind"): ("kind", "insurance"),
    ("R5", "Substance.instance"): ("instance", False),
    ("R4", "Claim.insurance"): ("insurance", [{"sequence": 1, "focal": True, "coverage": ABSENT}]),
    ("R4", "ExplanationOfBenefit.insurance"): ("insurance", [{"focal": True, "coverage": ABSENT}]),
    ("R4", "ClaimResponse.item.adjudication"): _ADJUDICATION,
    ("R4", "ClaimResponse.item.detail.adjudication"): _ADJUDICATION,
    ("R4", "ClaimResponse.addItem.adjudication"): _ADJUDICATION,
    ("R4", "ClaimResponse.addItem.detail.adjudication"): _ADJUDICATION,
    ("R4", "ClaimResponse.addItem.detail.subDetail.adjudication"): _ADJUDICATION,
    ("R4", "Consent.scope"): (
        "scope",
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
    ),
}
"""What stands where a version requires an element that the other has not: member and value. Else data-absent-reason."""
EITHER: Mapping[tuple[VersionName, str], tuple[frozenset[str], str, Json]] = {
    ("R4", "Consent"): (frozenset({"policy", "policyRule"}), "policyRule", ABSENT),
}
"""The same for an object of which a rule of the version requires one of some members (ppc-1): the one that is used."""
