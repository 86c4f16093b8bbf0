"""A Composition in a document refers to what the document holds, and to nothing else of ours."""

from typing import Any

from fhir_facade.document import within

GOAL, OTHER = {"reference": "Goal/1"}, {"reference": "Goal/2"}
TEXT = {"status": "generated", "div": "-"}


def paper(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Composition", "title": "Letter", **more}


def test_what_is_there_is_not_touched():
    said = paper(
        section=[{"title": "A", "entry": [GOAL], "section": [{"entry": [OTHER]}]}], author=[{"reference": "#a"}]
    )
    assert within(said, {"Goal/1", "Goal/2"}) == said


def test_an_entry_that_is_not_there_is_left_out():
    (section,) = within(paper(section=[{"title": "A", "entry": [GOAL, OTHER]}]), {"Goal/2"})["section"]
    assert section == {"title": "A", "entry": [OTHER]}


def test_a_section_without_its_entries_says_so():
    said = paper(section=[{"title": "A", "text": TEXT, "entry": [GOAL]}, {"section": [{"entry": [GOAL]}]}])
    first, second = within(said, set())["section"]
    assert (first["text"], "entry" in first) == (TEXT, False)
    assert first["emptyReason"]["coding"][0]["code"] == "withheld"
    assert "Not shown here" in second["section"][0]["text"]["div"]
    assert "emptyReason" not in second


def test_other_references_keep_their_words():
    said = paper(
        author=[{"reference": "Practitioner/1", "display": "Dr Test"}],
        custodian={"reference": "Organization/1"},
        subject={"reference": "https://else.where/Patient/1"},
    )
    made = within(said, set())
    assert made["author"] == [{"type": "Practitioner", "display": "Dr Test"}]
    assert made["custodian"] == {"type": "Organization", "display": "Not shown here"}
    assert made["subject"] == said["subject"]
