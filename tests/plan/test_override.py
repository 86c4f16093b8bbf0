"""The words of an override are the same wherever they stand."""

from typing import get_args

from api.override_forms import Reason, Reviewing
from plan.model import AgencyId, Role, Subject
from plan.override import BREAK_THE_GLASS, PURPOSES, REASONS, ROLES, Outcome, party


def test_the_form_takes_exactly_the_reasons_and_outcomes_that_there_are():
    assert get_args(Reason) == tuple(REASONS)
    assert get_args(Reviewing.model_fields["outcome"].annotation) == tuple(Outcome)


def test_the_purpose_is_one_that_a_request_may_state():
    assert BREAK_THE_GLASS in PURPOSES


def test_three_roles_may():
    assert {Role.CLINICIAN, Role.SOCIAL_WORKER, Role.COORDINATOR} == ROLES


def test_the_team_knows_it_by_worker_and_agency():
    assert party(Subject("dana"), AgencyId("ED1")) == "override:dana@ED1"
