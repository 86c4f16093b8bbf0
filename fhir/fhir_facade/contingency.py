"""A contingency plan as answers to our questionnaire, so that its trigger factors and steps stay apart.

Source: PRSB Personalised Care and Support Plan v2.0, "Contingency plans"; FHIR R4 QuestionnaireResponse.
"""

from fhir_facade.questionnaire import (
    CONCEPT_ANSWER,
    DAY,
    PARTIES,
    PARTY_ANSWER,
    TEXT,
    TEXTS,
    choice,
    detail,
    group,
    groups,
    items,
)
from plan.kinds.contingency import LevelOfTreatment, Resuscitation

FACE = detail(
    "contingency",
    "contingency",
    items(
        {
            "plan_name": TEXT,
            "trigger_factors": groups({"text": TEXT, "code": CONCEPT_ANSWER}),
            "what_should_happen": TEXTS,
            "treatment": choice("level-of-treatment", LevelOfTreatment),
            "resuscitation": choice("resuscitation", Resuscitation),
            "who_should_be_contacted": PARTIES,
            "coping_strategies": TEXTS,
            "early_warning_signs": TEXTS,
            "advance_statement": group({"date": DAY, "location": TEXT}),
            "anticipatory_medicines_or_equipment": TEXTS,
            "agreed_with": PARTY_ANSWER,
            "review_date": DAY,
            "responsible_for_review": PARTY_ANSWER,
        }
    ),
)
