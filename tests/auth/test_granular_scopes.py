"""Scopes that hold of some entries only: of the patient of the launch, of some categories (SMART App Launch 2.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.caller import Caller
from auth.scopes import OF_NOBODY, VERBS, Said, Scopes, parse
from fhir_facade.resources import DIRECTORY
from plan.model import AgencyId, PersonId, Role, Subject

OBS = "http://terminology.hl7.org/CodeSystem/observation-category"
LAB, VITAL = frozenset({(OBS, "laboratory")}), frozenset({(OBS, "vital-signs")})
BARE = frozenset({("", "laboratory")})
BOTH = LAB | VITAL
NONE: Said = frozenset()

COVERED = [
    ("category=laboratory", {LAB, BARE, BOTH}),
    (f"category={OBS}|laboratory", {LAB, BOTH}),
    (f"category={OBS}%7Claboratory", {LAB, BOTH}),
    ("category=|laboratory", {BARE}),
    (f"category={OBS}|", {LAB, VITAL, BOTH}),
    (f"category={OBS}|laboratory,{OBS}|vital-signs", {LAB, VITAL, BOTH}),
    (f"category={OBS}|laboratory&category={OBS}|vital-signs", {BOTH}),
    ("category=laboratory&category=laboratory", {LAB, BARE, BOTH}),
    ("category=Laboratory", set()),
    ("category=housing", set()),
]

NOTHING = [
    "",
    "category",
    "category=",
    "category=|",
    "category=,",
    "category=a,",
    "category=,a",
    "category=a&",
    "category=a&&category=b",
    "category=a&status=active",
    "status=active",
    "Category=a",
    "category:in=a",
    "category:not=a",
    "category.text=a",
    "%63ategory=a",
    "category=a|b|c",
    "category=a+b",
    "category=a$b",
    "category=a%5C,b",
    "category=a%2",
    "category=a%zz",
    "category=%ff",
    "category=a%00",
    "category=a%0A",
    "category=%20a",
    "category=a|%20b",
    "category=\ud800",
    "?category=a",
]


@pytest.mark.parametrize("constraint, covered", COVERED)
def test_a_constraint_covers_what_says_the_category_and_nothing_else(constraint: str, covered: set[Said]) -> None:
    scopes = parse(f"user/Observation.rs?{constraint}")
    assert {said for said in (LAB, VITAL, BOTH, BARE, NONE) if scopes.cover("r", "Observation", said)} == covered
    assert scopes.allow("s", "Observation")
    assert not scopes.freely("s", "Observation")
    assert not any(scopes.cover("cud", "Observation", said) for said in covered)
    assert not any(scopes.cover("r", "Condition", said) for said in covered)


@pytest.mark.parametrize("constraint", NOTHING)
def test_a_constraint_that_is_not_understood_makes_the_whole_word_grant_nothing(constraint: str) -> None:
    assert not parse(f"user/Observation.rs?{constraint}").grants
    assert not parse(f"user/Observation.rs?{constraint}&category=a").grants


@pytest.mark.parametrize("verbs", ["read", "write", "*"])
def test_words_of_version_1_know_no_constraint(verbs: str) -> None:
    assert not parse(f"patient/Observation.{verbs}?category=laboratory").grants


def test_what_stands_in_no_plan_is_granted_whole_or_not_at_all() -> None:
    assert DIRECTORY | {"Subscription", "*"} == OF_NOBODY
    for type_ in OF_NOBODY:
        for words in (f"user/{type_}.cruds?category=a", "user/*.cruds?category=a"):
            assert not any(parse(words).allow(verb, type_) for verb in VERBS)
            assert not parse(words).cover(VERBS, type_, frozenset({("", "a")}))
    assert parse("user/*.rs?category=a").listed == frozenset()


def _caller(words: str, patient: str | None, role: Role = Role.CLINICIAN, person: str | None = None) -> Caller:
    return Caller(
        subject=Subject("s"),
        agency=AgencyId("RX1"),
        role=role,
        scopes=parse(words),
        person=PersonId(person) if person else None,
        patient=PersonId(patient) if patient else None,
    )


@pytest.mark.parametrize("role", Role)
def test_a_word_about_the_patient_grants_nothing_where_no_patient_is_in_context(role: Role) -> None:
    assert _caller("patient/*.cruds user/Goal.r", None, role).scopes.grants == parse("user/Goal.r").grants
    assert _caller("patient/*.cruds", "p-1", role).scopes.bound


def test_for_the_person_themself_such_a_word_says_as_much_as_any() -> None:
    own = _caller("patient/*.cruds user/Goal.r", None, Role.PERSON, "p-1").scopes
    assert own.grants == parse("user/*.cruds user/Goal.r").grants
    assert _caller("patient/*.cruds", "p-2", Role.PERSON, "p-1").scopes.bound


BOUND = [
    ("patient/*.rs", True),
    ("patient/*.rs user/Organization.rs user/Practitioner.rs user/Subscription.c", True),
    ("patient/*.rs user/Goal.r", False),
    ("patient/*.rs user/*.r?category=a", False),
    ("user/Organization.rs", False),
    ("", False),
]


@pytest.mark.parametrize("words, bound", BOUND)
def test_scopes_are_bound_when_nothing_in_them_speaks_of_another_plan(words: str, bound: bool) -> None:
    assert parse(words).bound is bound


def test_a_question_is_answered_from_the_grants_of_its_verb_and_touches_the_rest() -> None:
    scopes = parse("user/Goal.r user/Goal.s?category=a user/*.r?category=b user/Task.s")
    searched = scopes.aimed("s", frozenset({"Goal"}))
    seen = [(grant.type, "".join(sorted(grant.verbs)), sorted(grant.but)) for grant in searched.grants]
    assert seen == [("Goal", "s", []), ("*", "r", ["Goal"]), ("Task", "s", [])]
    a, b = frozenset({("", "a")}), frozenset({("", "b")})
    assert [searched.cover("rs", "Goal", said) for said in (a, b, NONE)] == [True, False, False]
    assert [searched.cover("rs", "Condition", said) for said in (a, b, NONE)] == [False, True, False]
    read = scopes.aimed("r", frozenset({"Goal"}))
    assert read.cover("rs", "Goal", NONE)
    again = read.aimed("s", frozenset({"Condition"}))
    assert {grant.type: grant.but for grant in again.grants}["*"] == {"Condition"}


TOKENS = st.sampled_from(["a", "b", f"{OBS}|a", "|b", f"{OBS}|"])
ANY_OF = st.lists(TOKENS, min_size=1, max_size=2).map(lambda any_of: f"category={','.join(any_of)}")
CONSTRAINTS = st.lists(ANY_OF, max_size=2).map("&".join)
WORDS = st.builds(
    lambda context, type_, verbs, limit: (
        f"{context}/{type_}.{''.join(sorted(verbs, key=VERBS.index))}{'?' if limit else ''}{limit}"
    ),
    st.sampled_from(["patient", "user", "system"]),
    st.sampled_from(["Goal", "Observation", "Organization", "*"]),
    st.sets(st.sampled_from(VERBS), min_size=1),
    CONSTRAINTS,
)
SAID = st.frozensets(st.tuples(st.sampled_from(["", OBS]), st.sampled_from(["a", "b"])))
CASES = st.tuples(st.sampled_from(VERBS), st.sampled_from(["Goal", "Observation", "Organization"]), SAID)


@given(st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=4), CASES)
def test_more_words_never_take_away_and_fewer_never_add(
    words: list[str], more: list[str], case: tuple[str, str, Said]
) -> None:
    verb, type_, said = case
    few, many = parse(words), parse([*more, *words])
    assert few.cover(verb, type_, said) <= many.cover(verb, type_, said)
    assert few.allow(verb, type_) <= many.allow(verb, type_)
    assert few.freely(verb, type_) <= many.freely(verb, type_)
    assert few.without_patient().cover(verb, type_, said) <= few.cover(verb, type_, said)
    aimed = frozenset({type_})
    assert few.aimed(verb, aimed).cover(verb, type_, said) <= many.aimed(verb, aimed).cover(verb, type_, said)
    assert few.aimed(verb, aimed).cover("rs", type_, said) >= few.cover(verb, type_, said) * (verb in "rs")


@given(st.lists(WORDS, max_size=4))
def test_written_as_words_again_scopes_say_the_same(words: list[str]) -> None:
    scopes = parse(words)
    again = parse(" ".join(grant.word for grant in scopes.grants))
    assert again.grants == scopes.grants


@given(st.text())
def test_any_constraint_is_read_without_complaint_and_what_is_read_reads_again(text: str) -> None:
    scopes = parse([f"user/Goal.rs?{text}", f"user/Goal.rs?category={text}"])
    assert all(grant.within for grant in scopes.grants)
    assert parse([grant.word for grant in scopes.grants]).grants == scopes.grants
    assert parse(" ".join(grant.word for grant in scopes.grants)).grants == scopes.grants


@given(st.lists(WORDS, max_size=4), CASES)
def test_an_entry_is_covered_exactly_when_one_word_says_so(words: list[str], case: tuple[str, str, Said]) -> None:
    verb, type_, said = case
    assert parse(words).cover(verb, type_, said) == any(parse(word).cover(verb, type_, said) for word in words)


def test_no_scopes_cover_nothing() -> None:
    assert not Scopes().cover(VERBS, "Goal", LAB)
    assert Scopes().plain
