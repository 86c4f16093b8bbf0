"""How far an ask has come, read from a Task: our word where it goes with the status, otherwise what the status says."""

import pytest

from fhir_facade import ask, drafts, lens
from fhir_facade.ask import FACE, STATE
from fhir_facade.faces import face_of
from plan.feedback_table import STATES
from plan.model import AgencyId, Section


def task(status, word=None, system=STATE):
    said = {"businessStatus": {"coding": [{"system": system, "code": word}]}} if word else {}
    return {**FACE.base, "status": status, "description": "Look", **said}


READ = [
    ("requested", None, "sent"),
    ("received", None, "delivered"),
    ("received", "seen", "seen"),
    ("received", "delivered", "delivered"),
    ("accepted", "acknowledged", "acknowledged"),
    ("accepted", "seen", "acknowledged"),
    ("ready", None, "acknowledged"),
    ("in-progress", None, "acknowledged"),
    ("completed", None, "acted"),
    ("completed", "closed", "closed"),
    ("completed", "nonsense", "acted"),
    ("rejected", "closed", None),
    (None, None, None),
    (7, None, None),
]


@pytest.mark.parametrize("status, word, state", READ)
def test_the_status_counts_where_our_word_does_not_go_with_it(status, word, state):
    assert lens.view(FACE.fields, task(status, word)).get("state") == state


def test_words_of_other_systems_and_forms_are_not_ours():
    assert lens.view(FACE.fields, task("received", "seen", "urn:x"))["state"] == "delivered"
    odd = task("received") | {"businessStatus": {"coding": ["seen"]}}
    assert lens.view(FACE.fields, odd)["state"] == "delivered"
    odd = task("received") | {"businessStatus": {"coding": [{"system": STATE, "code": 7}]}}
    assert lens.view(FACE.fields, odd)["state"] == "delivered"


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_status_and_is_read_back(state):
    made = drafts.from_body("ask", {"what": "Look", "state": state}, Section.HEALTH, "ada", AgencyId("X"), None)
    assert lens.view(FACE.fields, made.fhir)["state"] == state
    assert face_of(made.fhir) is FACE


@pytest.mark.parametrize("code", [None, {}, {"coding": "x"}, {"coding": ["x"]}, {"coding": [{"code": "ask"}]}])
def test_a_task_without_the_mark_is_no_ask(code):
    assert face_of({"resourceType": "Task", "code": code}) is not ask.FACE


def test_the_mark_may_have_a_display():
    [mark] = FACE.base["code"]["coding"]
    assert face_of({"resourceType": "Task", "code": {"coding": [{**mark, "display": "Ask"}]}}) is FACE


def test_what_is_taken_out_leaves_no_state():
    resource = task("received", "seen")
    ask.State().put(resource, None)
    assert "status" not in resource
    assert "businessStatus" not in resource


def test_what_does_not_go_with_the_status_is_put_right():
    assert ask.told(task("in-progress", "delivered"))["businessStatus"]["coding"][0]["code"] == "acknowledged"
    assert ask.told(task("rejected", "closed")) == task("rejected", "closed")
