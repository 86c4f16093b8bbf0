"""The narrative: readable, complete, and safe whatever stands in the body."""

import re
from xml.etree import ElementTree as ET

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade import exact
from fhir_facade.narrative import narrative, of_body
from tests.support.bodies import json_values

XHTML = "{http://www.w3.org/1999/xhtml}"
PERMITTED = {"div", "p", "b", "table", "tbody", "tr", "th", "td", "br"}


def cells(text):
    rows = ET.fromstring(text["div"]).iter(f"{XHTML}tr")
    return [tuple("\n".join(cell.itertext()) for cell in row) for row in rows]


@pytest.mark.parametrize(
    "body,expected",
    [
        ({"goal": "Walk to the shop"}, [("Goal", "Walk to the shop")]),
        ({"own_words": "a < b & c"}, [("Own words", "a < b & c")]),
        ({"text": "one\ntwo"}, [("Text", "one\ntwo")]),
        ({"status": "in_progress"}, [("Status", "in progress")]),
        ({"key_holder": True, "lives_with": False}, [("Key holder", "Yes"), ("Lives with", "No")]),
        ({"score": exact.Number("0.40")}, [("Score", "0.40")]),
        ({"score": 7}, [("Score", "7")]),
        ({"due": None, "notes": []}, []),
        ({"roles": ["next_of_kin", "son"]}, [("Roles", "next of kin; son")]),
        ({"code": {"text": "Fall", "system": "http://snomed.info/sct", "code": "1"}}, [("Code", "Fall")]),
        ({"code": {"system": "http://snomed.info/sct", "code": "1"}}, [("Code", "1")]),
        ({"owner": {"name": "Bea", "role": "daughter", "contact": "0100"}}, [("Owner", "Bea (daughter, 0100)")]),
        ({"owner": {"reference": "Patient/ada"}}, [("Owner", "Patient/ada")]),
        ({"owner": {"role": "warden"}}, [("Owner", "warden")]),
        ({"dose": {"value": exact.Number("1.50"), "unit": "L"}}, [("Dose", "1.50 L")]),
        ({"when": {"start": "2026-03-02", "end": "2026-03-06"}}, [("When", "from 2026-03-02 until 2026-03-06")]),
        ({"when": {"end": "2026"}}, [("When", "until 2026")]),
        (
            {"tenancy": {"landlord": {"name": "HA1"}, "property_reference": "12"}},
            [("Tenancy: landlord", "HA1"), ("Tenancy: property reference", "12")],
        ),
        (
            {"hazards": [{"type": "fire"}, {"type": "damp", "detail": "Hall"}]},
            [("Hazards 1: type", "fire"), ("Hazards 2: type", "damp"), ("Hazards 2: detail", "Hall")],
        ),
        (
            {"range": {"low": {"value": 1, "unit": "L"}, "high": {"value": 2, "unit": "L"}}},
            [("Range: low", "1 L"), ("Range: high", "2 L")],
        ),
    ],
)
def test_a_body_reads_as_rows(body, expected):
    assert cells(of_body("Title", body)) == expected


def test_markup_in_a_body_is_shown_and_never_run():
    text = of_body("<script>alert(1)</script>", {"text": "<img src=x onerror='alert(1)'>&amp;"})
    assert "<script" not in text["div"]
    assert "<img" not in text["div"]
    assert cells(text) == [("Text", "<img src=x onerror='alert(1)'>&amp;")]


def test_a_title_alone_makes_no_empty_table():
    assert narrative("About me", []) == {
        "status": "generated",
        "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p><b>About me</b></p></div>',
    }


@given(st.dictionaries(st.text(min_size=1, max_size=5), json_values | st.text(max_size=20), max_size=5), st.text())
def test_whatever_stands_in_a_body_the_narrative_is_permitted_xhtml(body, title):
    text = of_body(title, body)
    root = ET.fromstring(text["div"])
    assert {element.tag.removeprefix(XHTML) for element in root.iter()} <= PERMITTED
    assert {name for element in root.iter() for name in element.attrib} == set()
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text["div"])


def test_the_text_is_a_narrative_of_the_standard():
    resource = {"resourceType": "Basic", "code": {"text": "x"}, "text": of_body("T", {"a": "b", "c": [{"d": "e"}]})}
    assert get_fhir_model_class("Basic").model_validate(resource).model_dump()["text"] == resource["text"]
