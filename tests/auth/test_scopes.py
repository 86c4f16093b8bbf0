"""SMART scope words, v1 and v2 (SMART App Launch 2.2, "Scopes and Launch Context")."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.scopes import VERBS, Scopes, parse

TYPES = ("CarePlan", "Task")
LEVELS = ("patient", "user", "system")

WORDS = [
    ("user/CarePlan.read", "CarePlan", "rs"),
    ("patient/*.write", "Task", "cud"),
    ("system/*.*", "Task", "cruds"),
    ("user/*.read", "CarePlan", "rs"),
    ("system/*.cruds", "CarePlan", "cruds"),
    ("user/Task.cu", "Task", "cu"),
    ("patient/CarePlan.s", "CarePlan", "s"),
    ("user/CarePlan.r user/CarePlan.u", "CarePlan", "ru"),
    ("user/CarePlan.r  user/*.s", "CarePlan", "rs"),
]

NOTHING = [
    "",
    " ",
    "openid fhirUser offline_access launch/patient",
    "user/CarePlan.",
    "user/CarePlan",
    "user/.rs",
    "user/careplan.rs",
    "User/CarePlan.rs",
    "user/CarePlan.RS",
    "user/CarePlan.sr",
    "user/CarePlan.rr",
    "user/CarePlan.reads",
    "user/CarePlan.r*",
    "user/**.rs",
    "user/Care_Plan.rs",
    "practitioner/CarePlan.rs",
    "user/CarePlan.rs?",
    "user/CarePlan.rs\n",
    "user/CarePlan.rs\u00a0user/Task.rs",
    "user/CarePlan.rs\tuser/Task.rs",
    "xuser/CarePlan.rs",
]


@pytest.mark.parametrize("words, type_, verbs", WORDS)
def test_a_word_grants_its_verbs_and_no_other(words: str, type_: str, verbs: str) -> None:
    assert {verb for verb in VERBS if parse(words).allow(verb, type_)} == set(verbs)


@pytest.mark.parametrize("words", NOTHING)
def test_what_is_not_understood_grants_nothing(words: str) -> None:
    assert dict(parse(words).verbs) == {}


def test_a_word_for_one_type_grants_nothing_on_another() -> None:
    assert not parse("user/CarePlan.cruds").allow("r", "Task")


def test_no_scopes_allow_nothing() -> None:
    assert not any(Scopes().allow(verb, "CarePlan") for verb in VERBS)


def test_words_that_are_not_understood_are_still_told_to_the_audit() -> None:
    assert parse("openid user/Task.r").words == ("openid", "user/Task.r")


def test_a_list_of_words_reads_as_the_same_words_in_a_text() -> None:
    assert parse(["openid", "user/Task.r"]) == parse("openid user/Task.r")


def test_only_the_order_of_the_specification_is_read() -> None:
    orders = {"".join(some) for size in range(1, 6) for some in permutations(VERBS, size)}
    read = {order for order in orders if parse(f"user/Task.{order}").verbs}
    assert read == {order for order in orders if list(order) == sorted(order, key=VERBS.index)}


@given(st.text())
def test_any_text_is_read_without_complaint_and_grants_verbs_only(text: str) -> None:
    assert all(verbs <= set(VERBS) and verbs for verbs in parse(text).verbs.values())


WORD = st.tuples(
    st.sampled_from(LEVELS), st.sampled_from((*TYPES, "*")), st.sets(st.sampled_from(VERBS), min_size=1)
).map(lambda parts: (parts[1], parts[2], f"{parts[0]}/{parts[1]}.{''.join(sorted(parts[2], key=VERBS.index))}"))


@given(st.lists(WORD), st.sampled_from(VERBS), st.sampled_from(TYPES))
def test_a_verb_is_allowed_exactly_when_a_word_says_so(
    words: list[tuple[str, set[str], str]], verb: str, type_: str
) -> None:
    said = any(verb in verbs and of in (type_, "*") for of, verbs, _ in words)
    assert parse(" ".join(text for _, _, text in words)).allow(verb, type_) == said
