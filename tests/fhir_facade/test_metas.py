"""Labels as sets: adding and taking, and what a whole inherits from its parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade import metas

CODINGS = st.lists(
    st.fixed_dictionaries({"code": st.sampled_from("abc")}, optional={"system": st.sampled_from("st")}), max_size=4
)
METAS = st.fixed_dictionaries(
    {}, optional={"tag": CODINGS, "security": CODINGS, "profile": st.lists(st.sampled_from("pq"), max_size=3)}
)


def kept(meta):
    return {name: {metas._key(one) for one in meta.get(name, ())} for name in ("tag", "security", "profile")}


@given(METAS, METAS)
def test_adding_and_taking_are_those_of_sets(held, more):
    added, taken = metas.added(held, more), metas.taken(held, more)
    for name in ("tag", "security", "profile"):
        assert kept(added)[name] == kept(held)[name] | kept(more)[name]
        assert kept(taken)[name] == kept(held)[name] - kept(more)[name]
        assert taken.get(name) != []
    assert metas.added(added, more) == added
    assert metas.taken(taken, more) == taken


def confidential(*codes):
    return {"security": [{"system": metas.CONFIDENTIALITY, "code": code} for code in codes]}


ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
OPENED = [
    ({}, {}, False),
    ({}, confidential("R"), False),
    (confidential("R"), {}, True),
    (confidential("R", "N"), confidential("R"), True),
    ({"security": [{"system": "urn:x", "code": "R"}]}, {}, False),
    ({"security": [{"system": ACT, "code": "HIV"}]}, {}, True),
    ({"security": [{"system": ACT, "code": "NOAUTH"}]}, {}, False),
]


@pytest.mark.parametrize("before, after, opened", OPENED)
def test_only_a_confidentiality_label_that_goes_opens(before, after, opened):
    assert metas.opened(before, after) is opened
    assert metas.restricted(confidential("V"))
    assert not metas.restricted(confidential("N"))


@pytest.mark.parametrize("code", ["PSY", "SUD", "HIV", "SDV", "LOCIS", "GDIS"])
def test_what_is_sensitive_is_closed_and_opened_as_what_is_confidential(code):
    meta = {"security": [{"system": ACT, "code": code}], "tag": [{"code": "t"}]}
    assert metas.restricted(meta)
    assert metas.lifted(meta) == {"tag": [{"code": "t"}]}
    assert metas.highest([meta, confidential("N")]) == confidential("R")
    assert not metas.restricted({"security": [{"system": "urn:x", "code": code}]})
    assert not metas.restricted({"security": "no list"})


def test_a_whole_is_as_confidential_as_its_most_confidential_part():
    assert metas.highest([{}, confidential("N"), confidential("R", "L"), confidential("bogus")]) == confidential("R")
    assert metas.highest([{}]) == {}
