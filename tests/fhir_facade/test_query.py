"""Search strings in their neutral form (fhir_facade.query)."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade.index import HIGH, LOW
from fhir_facade.offered import offered
from fhir_facade.query import MOST_COUNT, criteria, cursor, pairs_of, parse
from fhir_facade.resources import RESOURCES
from plan.problem import Problem, Trouble
from plan.query import Condition, Point, Sort, Token

BASE = "https://plans.example.org/fhir/R4"
FIRST = cursor((5, "id"))


def parsed(type_, text, *, strict=False):
    return parse(type_, pairs_of(text), BASE, strict=strict)


def only(type_, text):
    """The one condition of a search."""
    (condition,) = parsed(type_, text).query.conditions
    return condition


def trouble(type_, text, *, strict=False):
    with pytest.raises(Problem) as caught:
        parsed(type_, text, strict=strict)
    return caught.value.trouble


PERSONS = [
    ("Goal", "patient=p1", ("p1",)),
    ("Goal", "patient=Patient/p1", ("p1",)),
    ("Goal", f"patient={BASE}/Patient/p1", ("p1",)),
    ("Goal", "subject=Patient/p1,Patient/p2", ("p1", "p2")),
    ("Goal", "subject:Patient=p1", ("p1",)),
    ("Task", "patient=p1", ("p1",)),
    ("Task", "subject=Patient/p1", ("p1",)),
    ("Provenance", "patient=p1", ("p1",)),
    ("Appointment", "patient=p1", ("p1",)),
    ("Patient", "_id=p1,p2", ("p1", "p2")),
]


@pytest.mark.parametrize("type_, text, persons", PERSONS)
def test_who_names_people_searches_their_plans_alone(type_, text, persons):
    query = parsed(type_, text).query
    assert (query.persons, query.conditions, query.total) == (persons, (), True)


def test_a_second_person_is_a_further_condition():
    query = parsed("Goal", "patient=p1&patient=p2").query
    assert (query.persons, query.conditions) == (("p1",), (Condition("patient", (Point("p2", "Patient"),)),))


def test_a_focus_that_is_a_patient_does_not_say_whose_the_task_is():
    assert parsed("Task", "focus=Patient/p1").query.persons == ()


def test_repeated_parameters_are_all_asked_for():
    conditions = parsed("Goal", "category=a&category=b").query.conditions
    assert conditions == (Condition("category", (Token("a"),)), Condition("category", (Token("b"),)))


def test_the_way_of_showing_is_no_condition():
    query = parsed("Goal", "_count=7&_sort=-target-date,_id,_lastUpdated&_total=accurate").query
    assert (query.count, query.total, query.conditions) == (7, True, ())
    due, id_, updated = query.sort
    assert due == Sort("target-date", "date", descending=True)
    assert (id_, updated) == (Sort("_id", "token"), Sort("_lastUpdated", "date"))


@pytest.mark.parametrize(
    "text, count, total, counting",
    [
        ("", 20, False, False),
        ("_count=0", 0, True, True),
        ("_summary=count", 0, True, True),
        ("_summary=count&_count=5", 0, True, True),
        ("_summary=false", 20, False, False),
        ("_count=5000", MOST_COUNT, False, False),
        ("_count=1000000000", MOST_COUNT, False, False),
        ("_count=00000000000007", 7, False, False),
        ("_total=estimate", 20, True, False),
        ("patient=p1&_total=none", 20, False, False),
    ],
)
def test_counts_and_totals(text, count, total, counting):
    found = parsed("Goal", text)
    assert (found.query.count, found.query.total, found.counting) == (count, total, counting)


def test_what_took_part_is_told_and_nothing_else():
    sent = "patient=p1&foo=bar&_format=json&category=&_include=Goal:subject&_include=Goal:foo&_summary=data&_count=5"
    told = (("patient", "p1"), ("_include", "Goal:subject"), ("_summary", "data"), ("_count", "5"))
    assert parsed("Goal", f"{sent}&_sort=&_pretty=true&_contained=false&_text=x&_page={FIRST}").applied == told


STRICT = ["foo=bar", "foo:exact=bar", "foo.name=bar", "_include=Goal:foo", "_include:all=CarePlan:goal", "_text=x"]
STRICT += ["_content=x", "_filter=x", "_list=x", "_query=x", "_contained=true", "_type=Goal", "_language=de", "_in=x"]
STRICT += ["_containedType=container"]


@pytest.mark.parametrize("text", STRICT)
def test_what_is_not_understood_is_left_out_or_refused(text):
    assert parsed("CarePlan", text).applied == ()
    assert trouble("CarePlan", text, strict=True) is Trouble.NOT_SUPPORTED


REFUSED = [
    ("subject:Nobody=a", Trouble.NOT_SUPPORTED),
    ("_has:Task:patient:status=x", Trouble.NOT_SUPPORTED),
    ("_sort=description", Trouble.NOT_SUPPORTED),
    ("category=a|b|c", Trouble.BAD_VALUE),
    ("category=|", Trouble.BAD_VALUE),
    ("category=,", Trouble.BAD_VALUE),
    ("subject=a b", Trouble.BAD_VALUE),
    ("subject=..", Trouble.BAD_VALUE),
    ("target-date=soon", Trouble.BAD_VALUE),
    ("target-date=xx2026", Trouble.BAD_VALUE),
    ("_lastUpdated=2026-13", Trouble.BAD_VALUE),
    ("_count=-1", Trouble.BAD_VALUE),
    ("_count=1e3", Trouble.BAD_VALUE),
    ("_count=1&_count=2", Trouble.BAD_VALUE),
    ("_total=all", Trouble.BAD_VALUE),
    ("_summary=some", Trouble.BAD_VALUE),
    ("_summary=text&_include=Goal:subject", Trouble.BAD_VALUE),
    ("_id:not=a", Trouble.NOT_SUPPORTED),
    ("_sort=subject.name", Trouble.NOT_SUPPORTED),
    ("category=a%00b", Trouble.BAD_VALUE),
    ("category=" + ",".join("a" * 101), Trouble.TOO_COSTLY),
    ("category=" + "a" * 4001, Trouble.TOO_COSTLY),
    ("_sort=" + ",".join(["_id"] * 20), Trouble.TOO_COSTLY),
    ("category=" + ",".join(["a"] * 500), Trouble.TOO_COSTLY),
    ("&".join(["_include=Goal:subject"] * 21), Trouble.TOO_COSTLY),
    ("&".join(["category=a"] * 31), Trouble.TOO_COSTLY),
    ("category=%FF", Trouble.MALFORMED),
]


@pytest.mark.parametrize("text, why", REFUSED)
def test_what_cannot_be_searched_is_refused(text, why):
    assert trouble("Goal", text) is why


def test_a_refusal_does_not_repeat_what_was_searched_for():
    with pytest.raises(Problem) as caught:
        parsed("Patient", "birthdate=secret")
    assert "secret" not in str(caught.value)


def test_what_is_shown_is_handed_on():
    found = parsed("Goal", "_summary=true&_elements=subject, description,,subject")
    assert (found.summary, found.elements) == ("true", ("subject", "description"))
    assert parsed("Goal", "_elements=,").applied == ()


def test_a_search_over_several_types_knows_what_all_have():
    query = parsed("", "_tag=urn:x|frame&_type=Goal, CarePlan&_sort=_lastUpdated&_id=a").query
    assert (query.type, set(query.types)) == ("", {"Goal", "CarePlan"})
    assert query.conditions == (Condition("_tag", (Token("frame", "urn:x"),)), Condition("_id", (Token("a"),)))
    assert parsed("", "status=active&_has:Task:focus:code=x").applied == ()
    assert trouble("", "status=active", strict=True) is Trouble.NOT_SUPPORTED


def test_a_search_over_several_types_is_over_all_or_over_those_that_it_is_given():
    assert set(parsed("", "").query.types) == set(RESOURCES)
    given_types = parse("", [("_type", "Goal,Task")], BASE, types=("Goal", "CarePlan")).query.types
    assert given_types == ("Goal",)


@pytest.mark.parametrize("text, why", [("_type=Nonsense", Trouble.NOT_SUPPORTED), ("_type=Task", Trouble.BAD_VALUE)])
def test_a_type_that_is_not_searched_is_refused(text, why):
    with pytest.raises(Problem) as caught:
        parse("", pairs_of(text), BASE, types=("Goal",))
    assert caught.value.trouble is why


def test_an_unknown_type_is_not_found():
    with pytest.raises(Problem) as caught:
        parsed("Nonsense", "")
    assert caught.value.trouble is Trouble.NOT_FOUND


def encoded(text):
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("after", [(5, "id"), (LOW, "id"), (HIGH, "id")])
def test_a_page_begins_where_the_one_before_ended(after):
    assert parsed("Goal", f"_page={cursor(after)}").query.after == after
    sorted_ = parsed("Goal", f"_sort=-category,target-date&_page={cursor(('diet', *after))}")
    assert sorted_.query.after == ("diet", *after)
    assert parsed("RiskAssessment", f"_sort=probability&_page={cursor(('p50001', 'id'))}").query.after == (
        "p50001",
        "id",
    )


FALSE_PAGES = ["x", "%C3%A4", "a" * 9000, encoded("{}"), encoded("[]"), encoded('["5","id"]'), encoded("[true,5]")]
FALSE_PAGES += [encoded('[5,"a\\u0000"]'), encoded(f'[{2**62 + 1},"id"]'), encoded('[5,"id",3]'), encoded("[5.0,3]")]


@pytest.mark.parametrize("page", FALSE_PAGES)
def test_a_page_that_is_none_of_ours_is_refused(page):
    assert trouble("Goal", f"_page={page}") in (Trouble.BAD_VALUE, Trouble.TOO_COSTLY)


def test_criteria_find_at_most_one():
    query = criteria("Patient", "?identifier=urn:x|1&name=Ada", BASE)
    assert (query.count, query.total, len(query.conditions)) == (1, False, 2)
    assert criteria("Patient", "_id=p1", BASE).persons == ("p1",)


def test_criteria_may_lead_through_references_and_have_modifiers():
    query = criteria("CarePlan", "patient.identifier=urn:x|1&status:not=revoked", BASE)
    assert [condition.param for condition in query.conditions] == ["patient", "status"]


SHOWN = ["_count=1", "name=a&_sort=_id", "name=a&_include=Patient:link", "name=a&_elements=id", "name=a&_total=none"]


@pytest.mark.parametrize("text", ["", "foo=bar", "identifier=", "identifier=1&foo=bar", *SHOWN])
def test_criteria_that_would_find_more_than_they_say_are_refused(text):
    with pytest.raises(Problem) as caught:
        criteria("Patient", text, BASE)
    assert caught.value.trouble in (Trouble.NOT_SUPPORTED, Trouble.REQUIRED)


@given(st.sampled_from(sorted(RESOURCES)), st.lists(st.tuples(st.text(max_size=12), st.text(max_size=20)), max_size=4))
def test_no_search_breaks_the_reader(type_, pairs):
    try:
        query = parse(type_, pairs, BASE).query
    except Problem as problem:
        assert problem.trouble.value.status == 400  # noqa: PT017 - either outcome is checked
    else:
        assert query.type == type_


MODIFIED = st.sampled_from(["", "", ":missing", ":not", ":text", ":in", ":below", ":exact", ":contains", ":of-type"])
VALUES = ["a", "a|b", "|b", "a|", "a|b|c", "true", "2026-03", "ge2026", "1.50", "lt5||mg", "Patient/a", "a$1", "a\\$b"]
VALUES += [
    "http://hl7.org/fhir/ValueSet/administrative-gender",
    "http://hl7.org/fhir/goal-status|active",
    "a,b",
    "$",
    "|",
]


@given(st.sampled_from(sorted(RESOURCES)), st.data())
def test_no_likely_search_breaks_the_reader(type_, data):
    names = sorted(offered(RESOURCES[type_]))
    name = data.draw(st.sampled_from(names)) + data.draw(MODIFIED)
    if data.draw(st.booleans()):
        name = data.draw(st.sampled_from(names)) + "." + name
    if data.draw(st.booleans()):
        name = f"_has:{data.draw(st.sampled_from(['Task', 'Provenance', 'List']))}:item:{name}"
    pairs = [(name, data.draw(st.sampled_from(VALUES))), ("_sort", data.draw(st.sampled_from(names)))]
    try:
        parse(type_, pairs, BASE)
    except Problem as problem:
        assert problem.trouble.value.status == 400  # noqa: PT017 - either outcome is right


EXAMPLES = {"token": "a", "reference": "Patient/a", "date": "2026", "string": "a"}
EXAMPLES |= {"number": "1", "quantity": "1|http://unitsofmeasure.org|mg", "uri": "http://x.org"}


@pytest.mark.parametrize("type_", sorted(RESOURCES))
def test_every_parameter_that_is_offered_is_understood(type_):
    for param in RESOURCES[type_].params:
        text = "$".join(EXAMPLES[part.family] for part in (param.parts[1:] if param.parts else (param,)))
        found = parsed(type_, f"{param.name}={text}", strict=True)
        assert found.applied == ((param.name, text),)
        assert found.query.conditions or found.query.persons


@pytest.mark.parametrize("type_", sorted(RESOURCES))
def test_every_parameter_that_is_offered_may_be_missing_and_is_sorted_by(type_):
    for param in RESOURCES[type_].params:
        if not param.parts:
            found = parsed(type_, f"{param.name}:missing=true&_sort={param.name}", strict=True).query
            (condition,) = found.conditions
            assert (condition.missing, condition.family, condition.any_of) == (True, param.held, ())
            assert found.sort == (Sort(param.name, param.held),)
