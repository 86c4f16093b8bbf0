"""Chains and reverse chains (fhir_facade.chains), and how much one search may ask for."""

import pytest

from fhir_facade.query import criteria, pairs_of, parse
from plan.problem import Problem, Trouble
from plan.query import Chain, Condition, Has, Point, Text, Token

BASE = "https://plans.example.org/fhir/R4"


def only(type_, text):
    """The one condition of a search."""
    (condition,) = parse(type_, pairs_of(text), BASE, strict=True).query.conditions
    return condition


def trouble(type_, text, *, strict=False):
    with pytest.raises(Problem) as caught:
        parse(type_, pairs_of(text), BASE, strict=strict)
    return caught.value.trouble


ADA = Condition("identifier", (Token("1", "urn:x"),))
CHAINS = [
    ("CarePlan", "patient.identifier=urn:x|1", Condition("patient", (Chain("Patient", (ADA,)),))),
    ("CarePlan", "subject:Patient.identifier=urn:x|1", Condition("subject", (Chain("Patient", (ADA,)),))),
    ("CarePlan", "subject.identifier=urn:x|1", Condition("subject", (Chain("Patient", (ADA,)),))),
    ("CarePlan", "patient.name:exact=Ada", Condition(
        "patient", (Chain("Patient", (Condition("name:exact", (Token("Ada", ""),)),)),))),
    ("CarePlan", "patient.birthdate:missing=true", Condition(
        "patient", (Chain("Patient", (Condition("birthdate", missing=True, family="date"),)),))),
    ("CarePlan", "patient._id=p", Condition("patient", (Chain("Patient", (Condition("_id", (Token("p"),)),)),))),
    ("Goal", "patient.general-practitioner:Practitioner.name=x", Condition("patient", (Chain("Patient", (
        Condition("general-practitioner", (Chain("Practitioner", (Condition("name", (Text("x"),)),)),)),)),))),
    ("Task", "owner.name=a", Condition("owner", tuple(
        Chain(type_, (Condition("name", (Text("a"),)),))
        for type_ in ("HealthcareService", "Organization", "Patient", "Practitioner", "RelatedPerson")))),
    ("Task", "focus:ServiceRequest.status:not=draft", Condition("focus", (
        Chain("ServiceRequest", (Condition("status", (Token("draft"),), negated=True),)),))),
]  # fmt: skip


@pytest.mark.parametrize("type_, text, condition", CHAINS)
def test_a_chain_goes_to_every_type_that_knows_the_next_parameter(type_, text, condition):
    found = only(type_, text)
    assert (found.param, set(found.any_of)) == (condition.param, set(condition.any_of))


HAS = [
    ("Patient", "_has:CareTeam:subject:participant=PractitionerRole/9", Has(
        "CareTeam", "subject", (Condition("participant", (Point("9", "PractitionerRole"),)),))),
    ("Patient", "_has:Task:patient:status:not=a", Has(
        "Task", "patient", (Condition("status", (Token("a"),), negated=True),))),
    ("Patient", "_has:Task:patient:owner.name=a", None),
    ("Goal", "_has:CarePlan:goal:_has:Task:based-on:code=x", Has("CarePlan", "goal", (Condition("_has", (
        Has("Task", "based-on", (Condition("code", (Token("x"),)),)),)),))),
    ("ServiceRequest", "_has:Task:focus:_id=t", Has("Task", "focus", (Condition("_id", (Token("t"),)),))),
]  # fmt: skip


@pytest.mark.parametrize("type_, text, has", HAS)
def test_what_refers_here_is_a_condition_too(type_, text, has):
    found = only(type_, text)
    assert found.param == "_has"
    assert has is None or found.any_of == (has,)


def test_a_chain_may_turn_round():
    found = only("CarePlan", "patient._has:Flag:patient:status=active")
    (chain,) = found.any_of
    assert isinstance(chain, Chain)
    assert chain.conditions[0].any_of == (Has("Flag", "patient", (Condition("status", (Token("active"),)),)),)


def test_a_chain_binds_a_search_to_nobody():
    assert parse("CarePlan", [("patient._id", "p")], BASE).query.persons == ()


def test_criteria_lead_through_references_too():
    assert criteria("CarePlan", "patient.identifier=urn:x|1", BASE).conditions == (CHAINS[0][2],)


REFUSED = [
    ("CarePlan", "patient.foo=1", Trouble.NOT_SUPPORTED),
    ("CarePlan", "status.name=1", Trouble.NOT_SUPPORTED),
    ("CarePlan", "instantiates-canonical.name=1", Trouble.NOT_SUPPORTED),
    ("CarePlan", "subject:Goal.description=1", Trouble.NOT_SUPPORTED),
    ("CarePlan", "subject:Group.identifier=1", Trouble.NOT_SUPPORTED),
    ("CarePlan", "subject:identifier.name=1", Trouble.NOT_SUPPORTED),
    ("CarePlan", "patient.=1", Trouble.NOT_SUPPORTED),
    ("CarePlan", "patient.birthdate=soon", Trouble.BAD_VALUE),
    ("Patient", "_has:Task", Trouble.NOT_SUPPORTED),
    ("Patient", "_has:", Trouble.NOT_SUPPORTED),
    ("Patient", "_has:Task:patient=x", Trouble.NOT_SUPPORTED),
    ("Patient", "_has:Nonsense:patient:status=x", Trouble.NOT_SUPPORTED),
    ("Patient", "_has:Task:status:status=x", Trouble.NOT_SUPPORTED),
    ("Patient", "_has:Task:nothing:status=x", Trouble.NOT_SUPPORTED),
    ("Patient", "_has:Task:patient:nothing=x", Trouble.NOT_SUPPORTED),
    ("Goal", "_has:Task:patient:status=x", Trouble.NOT_SUPPORTED),
]


@pytest.mark.parametrize("text_strict", [False, True])
@pytest.mark.parametrize("type_, text, why", REFUSED)
def test_what_leads_nowhere_is_refused(type_, text, why, text_strict):
    name = text if "=" in text else f"{text}=x"
    assert trouble(type_, name, strict=text_strict) is why


COSTLY = [
    ("CarePlan", "part-of.part-of.part-of.part-of.part-of.part-of.status=x"),
    ("CarePlan", "part-of.part-of.part-of.part-of.status=x"),
    ("Goal", "_has:CarePlan:goal:_has:CarePlan:part-of:_has:CarePlan:part-of:_has:CarePlan:part-of:status=x"),
    ("Task", "focus.identifier=x"),
    ("Task", "focus.subject.identifier=x"),
    ("Task", "based-on.based-on.based-on.code=x"),
    (
        "Task",
        "owner.name="
        + ",".join(f"a{at}" for at in range(90))
        + "&owner.name="
        + ",".join(f"b{at}" for at in range(90)),
    ),
    ("Goal", "&".join(f"category={','.join(f'a{at}' for at in range(90))}" for _ in range(8))),
    ("Goal", "category=" + ",".join(f"a{at}" for at in range(500))),
    ("Patient", "&".join(["_has:Task:patient:owner.name=a"] * 20)),
]


@pytest.mark.parametrize("type_, text", COSTLY)
def test_what_asks_for_too_much_is_refused_at_once(type_, text):
    assert trouble(type_, text) is Trouble.TOO_COSTLY
