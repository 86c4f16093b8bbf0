"""What an update keeps of the labels of a resource (fhir_facade.labels)."""

from fhir_facade.labels import kept, lost
from fhir_facade.systems import PLAN_SECTION

A, B, WORDS = {"system": "urn:l", "code": "A"}, {"system": "urn:l", "code": "B"}, {"display": "words"}


def resource(**meta):
    return {"resourceType": "Goal", **({"meta": meta} if meta else {})}


def test_row_27_profiles_are_replaced_and_labels_stay():
    before = resource(profile=["urn:1"], tag=[A], security=[B, WORDS])
    assert kept(before, resource(profile=["urn:2"], tag=[B])) == resource(
        profile=["urn:2"], tag=[B, A], security=[B, WORDS]
    )
    assert kept(before, resource()) == resource(tag=[A], security=[B, WORDS])
    same = resource(tag=[{**A, "display": "new words"}], security=[WORDS, B])
    assert kept(before, same) is same
    assert kept(resource(), same) is same


def test_row_27_what_is_lost_is_named_except_the_section():
    section = {"system": PLAN_SECTION, "code": "health"}
    before = resource(tag=[section], security=[A])
    assert list(lost(before, resource(security=[A]))) == []
    assert list(lost(before, resource(tag=[section]))) == [("meta", "security")]
