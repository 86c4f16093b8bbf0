"""Scope words: which are known, and which give no more than another (SMART App Launch 2.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.server import words

KNOWN = [
    *(
        "openid",
        "fhirUser",
        "profile",
        "launch",
        "launch/patient",
        "launch/encounter",
        "offline_access",
        "online_access",
    ),
    *("patient/*.read", "user/Goal.write", "system/*.*", "patient/Goal.rs", "user/*.cruds", "user/Goal.d"),
    *("patient/Condition.rs?category=http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item",),
]
UNKNOWN = [
    *(
        "",
        "OpenID",
        "launch/practitioner",
        "patient/Goal",
        "patient/goal.rs",
        "patient/Goal.sr",
        "patient/Goal.",
        "Goal.rs",
    ),
    *("patient/Goal.read?category=x", "patient/Goal.rs?", "patient/Goal.rs?category=", "patient/Goal.rs?status=x"),
    *(
        "patient/Goal.rs?category=x&status=y",
        'patient/Goal.rs?category="',
        "patient/Goal.rrs",
        "patient/Goal.?category=x",
    ),
    *("patient/Goal.rs\n", "patients/Goal.rs", "user/*.cruds ", "*/*.cruds"),
]
COVERS = [
    ("user/*.cruds", "user/Goal.rs", True),
    ("user/*.cruds", "user/Goal.read", True),
    ("user/*.read", "user/Goal.rs", True),
    ("user/*.read", "user/Goal.cruds", False),
    ("user/Goal.rs", "user/*.rs", False),
    ("user/Goal.rs", "user/Task.rs", False),
    ("user/Goal.rs", "patient/Goal.rs", False),
    ("user/Goal.rs", "user/Goal.r?category=a", True),
    ("user/Goal.rs?category=a", "user/Goal.rs", False),
    ("user/Goal.rs?category=a", "user/Goal.r?category=a", True),
    ("user/Goal.rs?category=a", "user/Goal.r?category=b", False),
    ("user/Goal.rs?category=a,b", "user/Goal.r?category=b", True),
    ("user/Goal.rs?category=a", "user/Goal.r?category=b,a", False),
    ("user/Goal.rs?category=a", "user/Goal.r?category=a&category=b", True),
    ("user/Goal.rs?category=a&category=b", "user/Goal.r?category=a", False),
    ("openid", "openid", True),
    ("openid", "profile", False),
    ("user/*.cruds", "openid", False),
]


@pytest.mark.parametrize("word", KNOWN)
def test_a_word_of_the_standard_is_known(word):
    assert words.known(word)


@pytest.mark.parametrize("word", UNKNOWN)
def test_another_word_is_not(word):
    assert not words.known(word)


@pytest.mark.parametrize("wide, word, covered", COVERS)
def test_a_word_covers_what_is_no_more(wide, word, covered):
    assert words.covers(wide, word) is covered


LISTS = st.lists(st.sampled_from([*KNOWN, *UNKNOWN]), max_size=6)


@given(LISTS, LISTS, LISTS)
def test_scopes_only_ever_shrink(asked, given_, granted):
    first = words.within(asked, given_)
    second = words.within(granted, first)
    assert set(second) <= set(granted)
    assert all(any(words.covers(wide, word) for wide in given_) for word in second)


def test_words_are_listed_once_in_their_order():
    assert words.listed(" user/Goal.rs  openid user/Goal.rs ") == ("user/Goal.rs", "openid")
    assert words.about_patient(("openid", "patient/Goal.rs"))
    assert words.about_patient(("launch/patient",))
    assert not words.about_patient(("launch", "user/Goal.rs"))
