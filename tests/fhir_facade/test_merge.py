"""What two Patients say of each other after a merge, and that taking it back takes back that and nothing else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fhir_facade import merge
from tests.support.world import NHS

LINKS = st.lists(
    st.fixed_dictionaries({"type": st.just("seealso"), "other": st.just({"reference": "Patient/x"})}),
    min_size=1,
    max_size=2,
)
IDENTIFIERS = st.lists(
    st.fixed_dictionaries({"system": st.sampled_from([NHS, "urn:h"]), "value": st.sampled_from("123")}),
    min_size=1,
    max_size=3,
)
PATIENTS = st.fixed_dictionaries(
    {"resourceType": st.just("Patient")},
    optional={"active": st.booleans(), "link": LINKS, "identifier": IDENTIFIERS},
)


@given(PATIENTS, PATIENTS)
def test_what_is_taken_back_is_as_it_was(source, target):
    merged = merge.replaced(source, "t")
    assert list(merge.replaced_by(merged)) == ["t"]
    assert merged["active"] is False
    assert merge.restored(merged, "t") == source
    stays = merge.replacing(target, source, "s")
    assert merge.released(stays, "s") == target
    known = {(one["system"], one["value"]) for one in stays.get("identifier", ())}
    assert {(one["system"], one["value"]) for one in source.get("identifier", ())} <= known


def test_a_link_that_is_there_already_is_not_said_twice():
    target: dict[str, Any] = {"link": [{"other": {"reference": "Patient/s"}, "type": "replaces"}]}
    assert merge.replacing(target, {}, "s") == target


def test_other_extensions_of_a_link_are_no_memory():
    link = {"other": {"reference": "Patient/t"}, "type": "replaced-by", "extension": [{"url": "urn:x"}]}
    assert merge.restored({"active": False, "link": [link]}, "t") == {}


def test_a_copy_of_a_copy_belongs_to_the_last_merge():
    first = merge.copied({"resourceType": "Goal", "id": "1"}, {}, "a")
    second = merge.copied({**first, "id": "2"}, {}, "b")
    assert [tag["code"] for tag in second["meta"]["tag"]] == ["b", "under-review"]
    assert [one["valueReference"]["reference"] for one in second["extension"]] == ["Goal/1", "Goal/2"]
