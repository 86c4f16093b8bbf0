"""About me as a QuestionnaireResponse, one item for each of the seven parts of the standard.

Source: PRSB About Me v2.01 (the SNOMED CT concepts of its sections), FHIR R4 QuestionnaireResponse.
"""

from fhir_facade.common import words
from fhir_facade.questionnaire import PARTY_ANSWER, TEXT, detail, items

_CONCEPTS = {
    "most_important": "1515861000000103",
    "people_important": "1515871000000105",
    "communication": "1515881000000107",
    "wellness": "1515891000000109",
    "please_do_and_dont": "1515901000000105",
    "how_and_when_to_support": "1515911000000107",
    "also_worth_knowing": "1515921000000101",
}
_MEANINGS = {part: f"http://snomed.info/id/{concept}" for part, concept in _CONCEPTS.items()}

FACE = detail(
    "about_me",
    "about-me",
    [
        *items(dict.fromkeys(_CONCEPTS, TEXT), _MEANINGS),
        ("date", words("authored")),
        *items({"supported_to_write_by": PARTY_ANSWER}),
    ],
)
