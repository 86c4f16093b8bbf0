"""How a resource of another FHIR version gives itself away: an element that only that version has.

Written by hand and incomplete: it only words a hint (what R4 allows is decided by elements.py), so a missing or wrong
name here never changes whether a resource is accepted.
"""

from collections.abc import Mapping

from fhir_facade.elements import node, node_names
from fhir_facade.release import VersionName

_R5: Mapping[str, str] = {
    "AuditEvent": "authorization basedOn category code encounter occurredDateTime occurredPeriod patient severity",
    "CarePlan": "custodian",
    "CarePlan.activity": "performedActivity plannedActivityReference",
    "CareTeam": "reason",
    "CareTeam.participant": "coveragePeriod coverageTiming",
    "Communication": "reason",
    "Communication.payload": "contentCodeableConcept",
    "Condition": "participant",
    "Consent": "controller date decision grantee grantor manager period policyBasis policyText regulatoryBasis subject",
    "DocumentReference": "attester basedOn bodySite event facilityType modality period practiceSetting version",
    "Encounter": "actualPeriod admission businessStatus careTeam dietPreference plannedEndDate plannedStartDate "
    "specialArrangement specialCourtesy subjectStatus virtualService",
    "Encounter.participant": "actor",
    "Goal": "acceptance continuous outcome source",
    "HealthcareService": "contact offeredIn",
    "Location": "characteristic contact form virtualService",
    "Observation": "bodyStructure instantiatesCanonical instantiatesReference triggeredBy",
    "Organization": "description qualification",
    "Practitioner": "deceasedBoolean deceasedDateTime",
    "Practitioner.qualification": "status",
    "PractitionerRole": "characteristic communication contact display",
    "Provenance": "authorization basedOn encounter patient",
    "RiskAssessment": "reason",
    "ServiceRequest": "bodyStructure focus location reason",
    "Task": "doNotPerform performer requestedPeriod requestedPerformer statusReasonReference",
    "Extension": "valueAvailability valueCodeableReference valueExtendedContactDetail valueInteger64 valueRatioRange "
    "valueVirtualServiceDetail",
}
_STU3: Mapping[str, str] = {
    "CarePlan": "context definition",
    "CarePlan.activity.detail": "category definition prohibited",
    "CareTeam": "context",
    "Communication": "context definition notDone notDoneReason",
    "Condition": "assertedDate context",
    "Consent": "actor consentingParty data except policyUri purpose securityLabel sourceIdentifier",
    "DocumentReference": "class created indexed",
    "DocumentReference.context": "practiceSettingCode",
    "Encounter": "incomingReferral reason",
    "Goal": "status",
    "Observation": "comment context related",
    "Patient": "animal",
    "Practitioner": "role",
    "Provenance": "period",
    "Provenance.agent": "whoReference whoUri onBehalfOfReference onBehalfOfUri",
    "QuestionnaireResponse": "context parent",
    "QuestionnaireResponse.item": "subject",
    "Task": "context definitionReference definitionUri reason",
}
_DSTU2: Mapping[str, str] = {
    "CarePlan": "modified participant relatedPlan support",
    "CarePlan.activity": "actionResulting",
    "Condition": "dateRecorded notes patient",
    "Encounter": "indication patient",
    "Goal": "author concern outcome",
    "Observation": "comments encounterReference",
    "Patient": "careProvider",
    "Practitioner": "practitionerRole",
}
_DIALECTS = (("R5", _R5), ("STU3", _STU3), ("DSTU2", _DSTU2))


def dialect(owner: str, member: str, version: VersionName = "R4") -> str:
    """The FHIR version that has this element in this object while `version` has not; "" when none is known."""
    name = member.removeprefix("_")
    if version == "R5" and owner in node_names("R4") and name in node(owner, "R4").elements:
        return "R4"
    known = (other for other, table in _DIALECTS if other != version and name in table.get(owner, "").split())
    return next(known, "")
