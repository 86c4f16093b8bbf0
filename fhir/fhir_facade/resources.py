"""Every FHIR R4 resource that is served, one row each: whose it is, where in the plan it stands, how it is found.

Source: CompartmentDefinition-patient and SearchParameter resources of R4 4.0.1; Task is added, because R4 left it out
of the compartment. Where a resource stands when nobody says:

- what only clinicians write or need (medication, results, procedures, claims, insurance) stands under `health`: an
  insurance claim names diagnoses, so it is clinical before it is financial;
- stays and appointments stand under `transitions`, carers and consents under `about_me`, the Patient in the frame;
- what any agency writes (a need, a goal, a task, a letter) stands in its author's own section: None.

Left out: Group, Person and Schedule name many people or none, Linkage, Contract, GuidanceResponse and ResearchStudy
are not in the compartment, and the terminology and conformance types belong to no plan.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from fhir_facade.params import Param, params
from plan.model import Section
from plan.problem import Fault, Problem, Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One type.

    `person`: paths of the elements that may name the Patient, tried in order; () for Patient itself and for the
    directory. `directory`: it belongs to no person. `section`: where it stands when nobody says; None: the author's
    own section. `status`: dotted path of the code that is the entry's status. `any_target`: when no Patient is named,
    the first thing named leads to the person (Provenance).
    """

    type: str
    person: tuple[str, ...] = ()
    directory: bool = False
    section: Section | None = None
    status: str = ""
    any_target: bool = False
    params: tuple[Param, ...] = ()


SUBJECT = ("subject",)
PATIENT = ("patient",)
HEALTH = Section.HEALTH
TRANSITIONS = Section.TRANSITIONS
ABOUT_ME = Section.ABOUT_ME
OWN = None
"""The author's own section."""

# type: person, section, path of the status
_PERSONAL: Mapping[str, tuple[tuple[str, ...], Section | None, str]] = {
    "Patient": ((), Section.FRAME, ""),
    # what any agency writes
    "Basic": (SUBJECT, OWN, ""),
    "CarePlan": (SUBJECT, OWN, "status"),
    "CareTeam": (SUBJECT, OWN, "status"),
    "Communication": (SUBJECT, OWN, "status"),
    "CommunicationRequest": (SUBJECT, OWN, "status"),
    "Composition": (SUBJECT, OWN, "status"),
    "Condition": (SUBJECT, OWN, "clinicalStatus.coding.code"),
    "Device": (PATIENT, OWN, "status"),
    "DeviceRequest": (SUBJECT, OWN, "status"),
    "DeviceUseStatement": (SUBJECT, OWN, "status"),
    "DocumentManifest": (SUBJECT, OWN, "status"),
    "DocumentReference": (SUBJECT, OWN, "status"),
    "Flag": (SUBJECT, OWN, "status"),
    "Goal": (SUBJECT, OWN, "lifecycleStatus"),
    "List": (SUBJECT, OWN, "status"),
    "MeasureReport": (SUBJECT, OWN, "status"),
    "Media": (SUBJECT, OWN, "status"),
    "Observation": (SUBJECT, OWN, "status"),
    "Provenance": (("target",), OWN, ""),
    "QuestionnaireResponse": (("subject", "source"), OWN, "status"),
    "RequestGroup": (SUBJECT, OWN, "status"),
    "RiskAssessment": (SUBJECT, OWN, "status"),
    "ServiceRequest": (SUBJECT, OWN, "status"),
    "SupplyDelivery": (PATIENT, OWN, "status"),
    "SupplyRequest": (("deliverTo", "requester"), OWN, "status"),
    "Task": (("for", "focus"), OWN, "status"),
    # the person, and those around them
    "Consent": (PATIENT, ABOUT_ME, "status"),
    "RelatedPerson": (PATIENT, ABOUT_ME, ""),
    # coming and going
    "Appointment": (("participant.actor",), TRANSITIONS, "status"),
    "AppointmentResponse": (("actor",), TRANSITIONS, "participantStatus"),
    "Encounter": (SUBJECT, TRANSITIONS, "status"),
    "EpisodeOfCare": (PATIENT, TRANSITIONS, "status"),
    # clinical
    "AdverseEvent": (SUBJECT, HEALTH, ""),
    "AllergyIntolerance": (PATIENT, HEALTH, "clinicalStatus.coding.code"),
    "BodyStructure": (PATIENT, HEALTH, ""),
    "ClinicalImpression": (SUBJECT, HEALTH, "status"),
    "DetectedIssue": (PATIENT, HEALTH, "status"),
    "DiagnosticReport": (SUBJECT, HEALTH, "status"),
    "FamilyMemberHistory": (PATIENT, HEALTH, "status"),
    "ImagingStudy": (SUBJECT, HEALTH, "status"),
    "Immunization": (PATIENT, HEALTH, "status"),
    "ImmunizationEvaluation": (PATIENT, HEALTH, "status"),
    "ImmunizationRecommendation": (PATIENT, HEALTH, ""),
    "MedicationAdministration": (SUBJECT, HEALTH, "status"),
    "MedicationDispense": (SUBJECT, HEALTH, "status"),
    "MedicationRequest": (SUBJECT, HEALTH, "status"),
    "MedicationStatement": (SUBJECT, HEALTH, "status"),
    "MolecularSequence": (PATIENT, HEALTH, ""),
    "NutritionOrder": (PATIENT, HEALTH, "status"),
    "Procedure": (SUBJECT, HEALTH, "status"),
    "ResearchSubject": (("individual",), HEALTH, "status"),
    "Specimen": (SUBJECT, HEALTH, "status"),
    "VisionPrescription": (PATIENT, HEALTH, "status"),
    # money for care
    "Account": (SUBJECT, HEALTH, "status"),
    "ChargeItem": (SUBJECT, HEALTH, "status"),
    "Claim": (PATIENT, HEALTH, "status"),
    "ClaimResponse": (PATIENT, HEALTH, "status"),
    "Coverage": (("beneficiary", "subscriber", "policyHolder"), HEALTH, "status"),
    "CoverageEligibilityRequest": (PATIENT, HEALTH, "status"),
    "CoverageEligibilityResponse": (PATIENT, HEALTH, "status"),
    "EnrollmentRequest": (("candidate",), HEALTH, "status"),
    "ExplanationOfBenefit": (PATIENT, HEALTH, "status"),
    "Invoice": (("subject", "recipient"), HEALTH, "status"),
}

_DIRECTORY: Mapping[str, str] = {
    "Endpoint": "status",
    "HealthcareService": "",
    "Location": "status",
    "Medication": "status",
    "Organization": "",
    "Practitioner": "",
    "PractitionerRole": "",
    "Substance": "status",
}
"""Type and path of its status. A Medication or a Substance describes a thing, never who takes it."""


def _rows() -> Iterator[Resource]:
    for type_, (person, section, status) in _PERSONAL.items():
        any_target = type_ == "Provenance"
        yield Resource(
            type=type_, person=person, section=section, status=status, any_target=any_target, params=params(type_)
        )
    for type_, status in _DIRECTORY.items():
        yield Resource(type=type_, directory=True, status=status, params=params(type_))


RESOURCES: Mapping[str, Resource] = {row.type: row for row in sorted(_rows(), key=lambda row: row.type)}
DIRECTORY = frozenset(_DIRECTORY)
"""The types that belong to no person."""


APART: Mapping[str, str] = {
    "AuditEvent": "It is read and searched by itself, at /AuditEvent; the service writes it, and nobody else.",
    "Subscription": "It is written, read and searched by itself, at /Subscription.",
}
"""The types that are no entries of a plan or of the directory, and how one comes by them."""


def served(type_: str) -> Resource:
    """The row of a type; raises Problem(NOT_FOUND) for one that is not served, or that does not exist."""
    row = RESOURCES.get(type_)
    return row if row is not None else unserved(type_)


def unserved(type_: str) -> NoReturn:
    """Raise Problem(NOT_FOUND) for this name of a type."""
    what = f"{type_[:64]!r} is not a resource type that is served here"
    if type_ in APART:
        what = f"{type_} is no entry of a plan"
        raise Problem(Trouble.NOT_FOUND, what, (Fault(what, mend=APART[type_], trouble=Trouble.NOT_SUPPORTED),))
    mend = "The CapabilityStatement at /metadata lists the types; names are case-sensitive."
    raise Problem(Trouble.NOT_FOUND, what, (Fault(what, mend=mend, trouble=Trouble.NOT_SUPPORTED),))
