"""The code systems, extensions and identifier systems that we name, each once.

Ours live under `https://oneplan.example/` (RFC 2606 name: a deployment does not need to own a domain for them).
"""

OURS = "https://oneplan.example/fhir"
PLAN_SECTION = f"{OURS}/CodeSystem/plan-section"
CARE_ROLE = f"{OURS}/CodeSystem/care-role"
ENTRY_KIND = f"{OURS}/CodeSystem/entry-kind"
READINESS_ITEM = f"{OURS}/CodeSystem/readiness-item"
DISCHARGE_GATE = f"{OURS}/CodeSystem/discharge-gate"
FAILED_DISCHARGE = f"{OURS}/CodeSystem/failed-discharge"
OVERRIDE_REASON = f"{OURS}/CodeSystem/override-reason"
IDENTIFIERS = "https://oneplan.example/Id"

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem"
HL7_EXTENSION = "http://hl7.org/fhir/StructureDefinition"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
UK_CORE_EXTENSION = "https://fhir.hl7.org.uk/StructureDefinition"


def own_extension(name: str) -> str:
    """The URL of an extension that we define."""
    return f"{OURS}/StructureDefinition/{name}"


def own_questionnaire(name: str) -> str:
    """The canonical of the questionnaire whose answers are a section detail."""
    return f"{OURS}/Questionnaire/{name}"


def own_topic(name: str) -> str:
    """The canonical of a topic that can be subscribed to (plan.subscription)."""
    return f"{OURS}/SubscriptionTopic/{name}"
