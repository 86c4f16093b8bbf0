"""The home as answers to our housing questionnaire.

Source: FHIR R4 QuestionnaireResponse; no national FHIR profile of housing content was found.
"""

from fhir_facade.questionnaire import (
    CONCEPT_ANSWER,
    DAY,
    PARTY_ANSWER,
    TEXT,
    WHEN,
    YES_OR_NO,
    choice,
    detail,
    group,
    groups,
    items,
)
from plan.kinds.housing import AdaptationStatus, HazardType, TenancyStatus, TenancyType, WorksStatus, WorksType

_TENANCY = {
    "landlord": PARTY_ANSWER,
    "tenancy_reference": TEXT,
    "property_reference": TEXT,
    "type": choice("tenancy-type", TenancyType),
    "start": DAY,
    "end": DAY,
    "status": choice("tenancy-status", TenancyStatus),
}
_ADAPTATION = {"type": TEXT, "status": choice("adaptation-status", AdaptationStatus), "due": DAY}
_TELECARE = {
    "supplier": TEXT,
    "phone": TEXT,
    "working": YES_OR_NO,
    "switched_off": WHEN,
    "switched_on": WHEN,
    "relied_on": YES_OR_NO,
}
_WORKS = {
    "type": choice("works-type", WorksType),
    "status": choice("works-status", WorksStatus),
    "detail": TEXT,
    "start": WHEN,
    "end": WHEN,
}
_HAZARD = {"type": choice("hazard-type", HazardType), "detail": TEXT}

FACE = detail(
    "housing",
    "housing",
    items(
        {
            "tenancy": group(_TENANCY),
            "scheme": TEXT,
            "uprn": TEXT,
            "parent_uprn": TEXT,
            "accommodation_status": CONCEPT_ANSWER,
            "access": TEXT,
            "scheme_manager": PARTY_ANSWER,
            "warden_hours": TEXT,
            "telecare": group(_TELECARE),
            "adaptations": groups(_ADAPTATION),
            "hazards": groups(_HAZARD),
            "works": groups(_WORKS),
            "evacuation_plan": group({"text": TEXT, "updated": DAY}),
            "household": TEXT,
            "hold_tenancy_until": DAY,
        }
    ),
)
