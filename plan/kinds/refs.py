"""References of the native forms: `Type/id` of an entry or of the directory, and which types each field may lead to.

Source: FHIR R4 references.html and the target types of the elements that the fields become
(tests/fhir_facade/test_native_validity.py compares the two).
"""

from typing import Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import core_schema

_NAMES = """
Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary
BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem
ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest
CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest
CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement
DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis Encounter Endpoint EnrollmentRequest
EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit
FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization
ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List
Location Measure MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge
MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization
MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction
MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder
Observation ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation
Parameters Patient PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole Procedure
Provenance Questionnaire QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition
ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule
SearchParameter ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription
Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport
TestScript ValueSet VerificationResult VisionPrescription
"""
TYPES: Final = frozenset(_NAMES.split())
"""The types that FHIR R4 knows: a reference to any other leads nowhere."""


def at(field: str, sentence: str, *within: str | int) -> ValidationError:
    """What a form raises from a rule of several fields, so that the fault stands at the field that is to be mended.

    `within`: the way on from the field, where only a part of it is to be mended.
    """
    return ValidationError.from_exception_data(
        field, [{"type": "value_error", "loc": (field, *within), "input": None, "ctx": {"error": ValueError(sentence)}}]
    )


def needed(field: str) -> ValidationError:
    """What a form raises for a field that only some others make necessary."""
    return ValidationError.from_exception_data(field, [{"type": "missing", "loc": (field,), "input": None}])


class LeadsTo:
    """The types that a reference, or the reference of a Party, may lead to."""

    def __init__(self, *types: str) -> None:
        self.types = types

    @property
    def sentence(self) -> str:
        """What is said to whoever sends another one."""
        return f"refers to one of: {', '.join(self.types)}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler) -> Any:
        return {**handler(schema), "description": f"It {self.sentence}."}

    def _checked(self, value: Any) -> Any:
        text = value if isinstance(value, str) else value.reference
        if text is not None and text.partition("/")[0] not in self.types:
            raise ValueError(self.sentence) if value is text else at("reference", self.sentence)
        return value


def known(reference: str) -> str:
    """The reference, when it is to a type that there is. Raises ValueError."""
    if reference.partition("/")[0] not in TYPES:
        raise ValueError("refers to a type that FHIR R4 has not; names are case-sensitive")
    return reference
