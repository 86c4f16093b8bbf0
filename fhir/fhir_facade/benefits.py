"""An entitlement as answers to our benefits questionnaire: it has no question about an amount.

Source: FHIR R4 QuestionnaireResponse; Coverage is for payers of care, which a benefit is not.
"""

from fhir_facade.questionnaire import DAY, PARTY_ANSWER, TEXT, choice, detail, items
from plan.kinds.benefits import Benefit, BenefitStatus

FACE = detail(
    "benefits",
    "benefits",
    items(
        {
            "benefit": choice("benefit", Benefit),
            "name": TEXT,
            "status": choice("benefit-status", BenefitStatus),
            "effective": DAY,
            "review_date": DAY,
            "expiry": DAY,
            "hospital_stay_impact": TEXT,
            "next_action": TEXT,
            "caseworker": PARTY_ANSWER,
            "appointee": PARTY_ANSWER,
        }
    ),
)
