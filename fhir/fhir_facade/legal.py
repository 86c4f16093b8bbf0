"""Legal information as answers to our questionnaire: attorneys, refusals in advance, capacity, orders.

Source: PRSB Core Information Standard v2, "Legal information"; FHIR R4 QuestionnaireResponse.
"""

from fhir_facade.questionnaire import DAY, LINK, PARTY_ANSWER, TEXT, choice, detail, group, groups, items
from plan.kinds.legal import AttorneyType, CapacityOutcome, CprChoice, LibertyStatus

_ATTORNEY = {"name": TEXT, "type": choice("attorney-type", AttorneyType), "contact": TEXT, "document": LINK}
_REFUSAL = {"decision": TEXT, "date": DAY, "withdrawn": DAY, "document": LINK, "location": TEXT}
_CAPACITY = {
    "decision": TEXT,
    "outcome": choice("capacity-outcome", CapacityOutcome),
    "date": DAY,
    "assessor": PARTY_ANSWER,
}
_LIBERTY = {"status": choice("liberty-status", LibertyStatus), "start": DAY, "end": DAY}
_CPR = {"decision": choice("cpr-decision", CprChoice), "date": DAY, "document": LINK}

FACE = detail(
    "legal",
    "legal",
    items(
        {
            "attorneys": groups(_ATTORNEY),
            "advance_decisions": groups(_REFUSAL),
            "mental_capacity": groups(_CAPACITY),
            "deprivation_of_liberty": group(_LIBERTY),
            "cpr_decision": group(_CPR),
            "other": TEXT,
        }
    ),
)
