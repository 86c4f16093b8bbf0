"""The law of the round trip: a form that is opened and sent unchanged changes nothing, whatever the entry holds."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.pages.care.editing.choices import Choices
from api.pages.care.editing.fielded import KEPT, Field, changes, merge_patch, written
from api.pages.care.editing.shaping import Shaper
from api.pages.care.forms import Form
from api.pages.care.wording import Wording
from api.rest.entries import merge
from fhir_facade.exact import Number
from plan.kinds import FRAME_KINDS, KINDS
from plan.known import Known
from plan.model import PersonId
from tests.support.bodies import bodies, json_values

FORMS = {name: row.form for name, row in (*KINDS.items(), *FRAME_KINDS.items())}
KNOWN = Known(person=PersonId("p"), now=0, entries={})
# The bodies of some kinds are found by trying: which of several fields go together is a rule of the kind.
LAW = settings(max_examples=15, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


def fields(kind: str, body: dict[str, Any], **counts: int) -> tuple[Field, ...]:
    return Shaper(Choices(KNOWN, Wording(KNOWN)), counts).fields(FORMS[kind], body)


def typed(made: tuple[Field, ...], **more: Any) -> Form:
    """The form as a browser sends it: line ends as in HTML, nothing for what is not ticked."""
    sent = {name: [one.replace("\n", "\r\n") for one in said] for name, said in written(made).items() if said}
    return Form(sent=sent | {name.replace("__", "-"): [said] for name, said in more.items()})


@pytest.mark.parametrize("kind", FORMS)
@LAW
@given(data=st.data())
def test_what_is_sent_unchanged_changes_nothing_and_every_field_is_there(kind: str, data: st.DataObject) -> None:
    body = data.draw(bodies(FORMS[kind]))
    made = fields(kind, body)
    form = typed(made)
    assert changes(made, form) == {}
    assert form.faults == []
    assert {one.key: one.value for one in made if one.value is not None} == body
    assert [one.key for one in made if one.shape == KEPT and one.value is None] == []


@LAW
@given(data=st.data())
def test_one_thing_that_is_typed_is_the_one_thing_that_changes(data: st.DataObject) -> None:
    body = data.draw(bodies(FORMS["need"]))
    made = fields("need", body)
    assert changes(made, typed(made, need="Something that no body says: 61")) == {
        "need": "Something that no body says: 61"
    }


@given(json_values, json_values)
def test_a_patch_of_what_differs_makes_the_one_the_other(was: Any, now: Any) -> None:
    was, now = {"a": was, "b": 1, "c": {"d": 1, "e": 2}}, {"a": now, "c": {"e": 3}}
    if _has_null(now):
        return
    assert merge(was, merge_patch(was, now)) == now


def _has_null(value: Any) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(map(_has_null, inside))


READ = [
    ("goal", {"goal": "Walk", "status": "active"}, {"importance": "7"}, {"importance": 7}),
    ("goal", {"goal": "Walk", "status": "active", "importance": 7}, {"importance": ""}, {"importance": None}),
    ("goal", {"goal": "Walk", "status": "active"}, {"due__year": "2026"}, {"due": "2026"}),
    ("goal", {"goal": "Walk", "status": "active"}, {"due__year": "2026", "due__month": "3"}, {"due": "2026-03"}),
    (
        "action",
        {"what": "Ring", "status": "planned"},
        {"due__year": "2026", "due__month": "7", "due__day": "1", "due__time": "9:05"},
        {"due": "2026-07-01T09:05:00+01:00"},
    ),
    ("observation", {"code": {"text": "Weight"}}, {"value": "61 kg"}, {"value": "61 kg"}),
    (
        "observation",
        {"code": {"text": "Weight"}, "value": {"value": 71, "unit": "kg"}},
        {"value__value": "70.50"},
        {"value": {"value": Number("70.50"), "unit": "kg"}},
    ),
    ("observation", {"code": {"text": "Up", "code": "1"}, "value": True}, {"value": "no"}, {"value": False}),
    ("need", {"need": "x", "code": {"text": "Old", "code": "1"}}, {"code": "New"}, {"code": {"text": "New"}}),
    ("medicine", {"medicine": "x", "status": "active"}, {"times": "07:00\r\n11:30\r\n"}, {"times": ["07:00", "11:30"]}),
    ("medicine", {"medicine": "x", "status": "active"}, {"as_needed": "yes"}, {"as_needed": True}),
    ("action", {"what": "Ring", "status": "planned"}, {"who__name": "Bea"}, {"who": {"name": "Bea"}}),
    (
        "action",
        {"what": "Ring", "status": "planned", "who": {"name": "Bea", "role": "Daughter"}},
        {"who__name": "Joan"},
        {"who": {"name": "Joan", "role": "Daughter"}},
    ),
    (
        "contingency",
        {"trigger_factors": [{"text": "a", "code": {"code": "1"}}, {"text": "b"}]},
        {"trigger_factors-1-gone": "yes"},
        {"trigger_factors": [{"text": "a", "code": {"code": "1"}}]},
    ),
]


@pytest.mark.parametrize("kind,body,said,wanted", READ)
def test_what_is_typed_is_read(kind: str, body: dict[str, Any], said: dict[str, str], wanted: dict[str, Any]) -> None:
    made = fields(kind, body)
    form = typed(made, **said)
    found = changes(made, form)
    assert form.faults == []
    assert found == wanted


WRONG = [
    ("goal", {"importance": "seven"}, "importance"),
    ("goal", {"due__year": "26"}, "due"),
    ("goal", {"due__day": "31", "due__month": "2", "due__year": "2026"}, "due"),
    ("goal", {"due__day": "3", "due__year": "2026"}, "due"),
    ("goal", {"status": ""}, "status"),
    ("goal", {"goal": "  "}, "goal"),
    ("action", {"due__time": "9:05"}, "due"),
    ("action", {"due__year": "2026", "due__month": "1", "due__day": "1", "due__time": "25:00"}, "due"),
    ("document", {"recorded__year": "2026", "recorded__month": "1", "recorded__day": "1"}, "recorded"),
    ("assessment", {"score": "a lot"}, "score"),
    ("service", {"visits-0-minutes": "30"}, "visits-0-start"),
]


@pytest.mark.parametrize("kind,said,field", WRONG)
def test_what_cannot_be_read_is_blamed_at_its_field(kind: str, said: dict[str, str], field: str) -> None:
    body = {"goal": "Walk", "status": "active"} if kind == "goal" else {}
    made = fields(kind, body, visits=1)
    form = typed(made, **said)
    changes(made, form)
    assert field in {one.field for one in form.faults}


def test_a_row_that_nobody_fills_in_is_none() -> None:
    body = {"service": "Visit", "status": "active"}
    made = fields("service", body, visits=2)
    assert changes(made, typed(made)) == {}
    assert changes(made, typed(made, **{"visits-1-start": "08:30"})) == {"visits": [{"start": "08:30"}]}


def test_a_list_that_is_too_long_for_a_form_stays_as_it_is() -> None:
    body = {"service": "Visit", "status": "active", "visits": [{"start": "08:30"}] * 20}
    visits = next(one for one in fields("service", body) if one.key == "visits")
    assert (visits.shape, len(visits.lines)) == (KEPT, 20)
    assert written([visits]) == {}
