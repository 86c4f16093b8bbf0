"""What an app's scopes mean in plain words; what has no words is not offered."""

import pytest

from api.pages.scope_words import TYPES, needs_person, offers, sentence
from fhir_facade.resources import APART, RESOURCES

YOURS, ALL = "of the person you choose", "of everybody whose plan you may see"
WORDS = {
    "openid": "Know that it is you, by your sign-in",
    "fhirUser": "Know who you are in the plans: your role at your agency, or that you are the person",
    "offline_access": "Keep access when you are not there, until you or we take it away",
    "patient/CarePlan.read": f"See and search for the plan and its sections {YOURS}",
    "patient/Goal.write": f"Add, change and delete goals {YOURS}",
    "user/Task.*": f"See, search for, add, change and delete actions and who does them {ALL}",
    "user/*.cruds": f"See, search for, add, change and delete everything in the plan {ALL}",
    "user/Goal.rs": f"See and search for goals {ALL}",
    "patient/Goal.u": f"Change goals {YOURS}",
    "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs": (
        f"See and search for measurements and observations (only of the category vital signs) {YOURS}"
    ),
    "user/Condition.s?category=problem-list-item,encounter-diagnosis": (
        f"Search for health conditions (only of the category problem list item, encounter diagnosis) {ALL}"
    ),
    "user/Slot.r": f"See entries of the kind Slot {ALL}",
}
NOT_OFFERED = [
    *(
        "",
        "launch",
        "launch/patient",
        "system/*.cruds",
        "user/Goal.",
        "user/Goal.sr",
        "user/goal.r",
        "patient/Goal.rs?",
    ),
    *("user/Goal.r?status=active", "user/Goal.r?category=a&status=b", "user/Goal.r?category=a%0Ab", "admin", "OPENID"),
]


@pytest.mark.parametrize("word, text", WORDS.items())
def test_a_scope_reads_as_a_sentence(word, text):
    assert sentence(word) == text


@pytest.mark.parametrize("word", NOT_OFFERED)
def test_what_has_no_words_is_not_offered(word):
    assert offers([word]) == ()


def test_scopes_stand_once_and_in_the_order_of_the_question():
    asked = ["user/Goal.r", "openid", "system/*.r", "user/Goal.r"]
    assert [offer.word for offer in offers(asked)] == ["user/Goal.r", "openid"]


@pytest.mark.parametrize(
    "words, needed",
    [
        (["launch/patient"], True),
        (["openid", "patient/Goal.r"], True),
        (["user/Goal.r"], False),
        (["launch", "openid"], False),
        ([], False),
    ],
)
def test_an_app_that_works_with_one_person_needs_one(words, needed):
    assert needs_person(words) is needed


def test_every_type_with_words_is_served():
    assert set(TYPES) - {"*", "Subscription"} <= {*RESOURCES, *APART}, "or nobody could grant it"
