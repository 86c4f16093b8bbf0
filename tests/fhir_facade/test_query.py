"""Search strings in their neutral form (fhir_facade.query, fhir_facade.searched)."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade.index import HIGH, LOW, index
from fhir_facade.query import MOST_COUNT, criteria, cursor, pairs_of, parse
from fhir_facade.resources import RESOURCES
from fhir_facade.searched import plain, split
from plan.identity import NHS_NUMBER
from plan.problem import Problem, Trouble
from plan.query import Condition, Point, Sort, Text, Token, When

BASE = "https://plans.example.org/fhir/R4"
DAY = 86_400_000
MARCH_6 = 1_772_755_200_000


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


TOKENS = [
    ("Goal", "category=diet", [Token("diet")]),
    ("Goal", "category=http://x|diet", [Token("diet", "http://x")]),
    ("Goal", "category=|diet", [Token("diet", "")]),
    ("Goal", "category=http://x|", [Token(None, "http://x")]),
    ("Goal", "category=a,b", [Token("a"), Token("b")]),
    ("Goal", r"category=a\,b", [Token("a,b")]),
    ("Goal", r"category=http://x|a\|b", [Token("a|b", "http://x")]),
    ("Goal", r"category=a\$b\\c", [Token(r"a$b\c")]),
    ("Goal", "category=a,,b,", [Token("a"), Token("b")]),
    ("Goal", "lifecycle-status=active", [Token("active")]),
    ("Goal", "lifecycle-status=http://hl7.org/fhir/goal-status|active", [
        Token("active", "http://hl7.org/fhir/goal-status"), Token("active", "")]),
    ("Goal", "lifecycle-status=http://hl7.org/fhir/goal-status|", [
        Token(None, "http://hl7.org/fhir/goal-status"), Token(None, "")]),
    ("Goal", "lifecycle-status=http://other|active", [Token("active", "http://other")]),
    ("Patient", "gender=http://hl7.org/fhir/administrative-gender|female", [
        Token("female", "http://hl7.org/fhir/administrative-gender"), Token("female", "")]),
    ("Patient", "active=http://hl7.org/fhir/special-values|true", [
        Token("true", "http://hl7.org/fhir/special-values"), Token("true", "")]),
    ("Patient", "deceased=http://terminology.hl7.org/CodeSystem/special-values|true", [
        Token("true", "http://terminology.hl7.org/CodeSystem/special-values"), Token("true", "")]),
    ("Patient", "identifier=urn:oid:2.16.840.1.113883.2.1.4.1|943 476 5919", [Token("9434765919", NHS_NUMBER)]),
    ("Patient", "identifier=https://fhir.nhs.uk/Id/nhs-number|123", [Token("123", NHS_NUMBER)]),
    ("Goal", "_id=a,b", [Token("a"), Token("b")]),
    ("Goal", "_id=a|b", [Token("a|b")]),
    ("Goal", "_tag=urn:x|frame", [Token("frame", "urn:x")]),
    ("Goal", "_security=R", [Token("R")]),
    ("Goal", "subject:identifier=urn:x|7", [Token("7", "urn:x")]),
]  # fmt: skip


@pytest.mark.parametrize("type_, text, values", TOKENS)
def test_a_token_is_a_code_a_system_or_both(type_, text, values):
    condition = only(type_, text)
    assert list(condition.any_of) == values


REFERENCES = [
    ("Task", "owner=x1", Point("x1", None)),
    ("Task", "owner=Organization/x1", Point("x1", "Organization")),
    ("Task", "owner=Organization/x1/_history/3", Point("x1", "Organization")),
    ("Task", f"owner={BASE}/Organization/x1", Point("x1", "Organization")),
    ("Task", "owner=https://x.org/Organization/x1/_history/3", Point("https://x.org/Organization/x1", "")),
    ("Task", "owner:Organization=x1", Point("x1", "Organization")),
    ("Task", "focus=urn:uuid:1", Point("urn:uuid:1", "")),
    ("CarePlan", "instantiates-canonical=http://x.org/p|1", Point("http://x.org/p|1", "")),
    ("Goal", "subject=x1", Point("x1", None)),
    ("Goal", "subject=Group/x1", Point("x1", "Group")),
    ("Goal", "patient=Organization/x1", Point("x1", "Organization")),
    ("Patient", "link=x1", Point("x1", None)),
]


@pytest.mark.parametrize("type_, text, point", REFERENCES)
def test_a_reference_is_known_in_every_form(type_, text, point):
    assert only(type_, text).any_of == (point,)


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


DATES = [
    ("2026-03-06", MARCH_6, MARCH_6 + DAY - 1, "eq"),
    ("ge2026-03-06", MARCH_6, MARCH_6 + DAY - 1, "ge"),
    ("ap2026-03-06T00:00Z", MARCH_6, MARCH_6 + 59_999, "ap"),
    ("sa2026-03-06T01:00:00+01:00", MARCH_6, MARCH_6 + 999, "sa"),
    ("eb2026-03-06T01:00:00%2B01:00", MARCH_6, MARCH_6 + 999, "eb"),
    ("ne2026-03-05T19:00:00-05:00", MARCH_6, MARCH_6 + 999, "ne"),
]


@pytest.mark.parametrize("text, low, high, prefix", DATES)
@pytest.mark.parametrize("type_, name", [("Goal", "target-date"), ("Goal", "_lastUpdated")])
def test_a_date_covers_what_it_says(type_, name, text, low, high, prefix):
    assert only(type_, f"{name}={text}").any_of == (When(low, high, prefix),)


def test_a_string_is_folded_as_the_index_folds_it():
    rows = index({"resourceType": "Patient", "name": [{"family": "Ångström  O'Neil"}]})
    (row,) = [row for row in rows if row.param == "family"]
    assert only("Patient", "family=ÅNGSTRÖM  o'neil").any_of == (Text(row.code),)


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
        ("_total=estimate", 20, True, False),
        ("patient=p1&_total=none", 20, False, False),
    ],
)
def test_counts_and_totals(text, count, total, counting):
    found = parsed("Goal", text)
    assert (found.query.count, found.query.total, found.counting) == (count, total, counting)


def test_what_took_part_is_told_and_nothing_else():
    sent = "patient=p1&foo=bar&_format=json&category=&_include=Goal:subject&_summary=text&_count=5&_sort=&_pretty=true"
    assert parsed("Goal", sent).applied == (("patient", "p1"), ("_count", "5"))


STRICT = ["foo=bar", "foo:exact=bar", "_include=Goal:subject", "_summary=text", "instantiates-uri=x", "_elements=id"]


@pytest.mark.parametrize("text", STRICT)
def test_what_is_not_understood_is_left_out_or_refused(text):
    assert parsed("CarePlan", text).applied == ()
    assert trouble("CarePlan", text, strict=True) is Trouble.NOT_SUPPORTED


REFUSED = [
    ("category:not=a", Trouble.NOT_SUPPORTED),
    ("category:missing=true", Trouble.NOT_SUPPORTED),
    ("subject:Nobody=a", Trouble.NOT_SUPPORTED),
    ("patient.identifier=1", Trouble.NOT_SUPPORTED),
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
    ("_count=12345678901", Trouble.BAD_VALUE),
    ("_count=1&_count=2", Trouble.BAD_VALUE),
    ("_total=all", Trouble.BAD_VALUE),
    ("category=a%00b", Trouble.BAD_VALUE),
    ("category=" + ",".join("a" * 101), Trouble.TOO_COSTLY),
    ("category=" + "a" * 1001, Trouble.TOO_COSTLY),
    ("_sort=_id,_id,_id,_id", Trouble.TOO_COSTLY),
    ("&".join(["category=a"] * 31), Trouble.TOO_COSTLY),
    ("category=%FF", Trouble.MALFORMED),
]


@pytest.mark.parametrize("text, why", REFUSED)
def test_what_cannot_be_searched_is_refused(text, why):
    assert trouble("Goal", text) is why


def test_text_without_a_letter_finds_nothing_and_says_so():
    assert trouble("Patient", "family=%CC%81") is Trouble.BAD_VALUE


def test_a_refusal_does_not_repeat_what_was_searched_for():
    with pytest.raises(Problem) as caught:
        parsed("Patient", "birthdate=secret")
    assert "secret" not in str(caught.value)


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


FALSE_PAGES = ["x", "%C3%A4", "a" * 9000, encoded("{}"), encoded("[]"), encoded('["5","id"]'), encoded("[true,5]")]
FALSE_PAGES += [encoded('[5,"a\\u0000"]'), encoded(f'[{2**62 + 1},"id"]'), encoded('[5,"id",3]'), encoded("[5.0,3]")]


@pytest.mark.parametrize("page", FALSE_PAGES)
def test_a_page_that_is_none_of_ours_is_refused(page):
    assert trouble("Goal", f"_page={page}") in (Trouble.BAD_VALUE, Trouble.TOO_COSTLY)


def test_criteria_find_at_most_one():
    query = criteria("Patient", "?identifier=urn:x|1&name=Ada", BASE)
    assert (query.count, query.total, len(query.conditions)) == (1, False, 2)
    assert criteria("Patient", "_id=p1", BASE).persons == ("p1",)


@pytest.mark.parametrize("text", ["", "foo=bar", "identifier=", "identifier=1&foo=bar", "_count=1", "name=a&_sort=_id"])
def test_criteria_that_would_find_more_than_they_say_are_refused(text):
    with pytest.raises(Problem) as caught:
        criteria("Patient", text, BASE)
    assert caught.value.trouble in (Trouble.NOT_SUPPORTED, Trouble.REQUIRED)


@given(st.lists(st.text("ab,|$\\", max_size=5), min_size=1, max_size=4))
def test_values_that_were_escaped_come_back(values):
    def escaped(text):
        return "".join(f"\\{char}" if char in ",|$\\" else char for char in text)

    assert [plain(part) for part in split(",".join(map(escaped, values)), ",")] == values


@given(st.sampled_from(sorted(RESOURCES)), st.lists(st.tuples(st.text(max_size=12), st.text(max_size=20)), max_size=4))
def test_no_search_breaks_the_reader(type_, pairs):
    try:
        query = parse(type_, pairs, BASE).query
    except Problem as problem:
        assert problem.trouble.value.status == 400  # noqa: PT017 - either outcome is checked
    else:
        assert query.type == type_


@pytest.mark.parametrize("type_", sorted(RESOURCES))
def test_every_parameter_that_is_offered_is_understood(type_):
    example = {"token": "a", "reference": "Patient/a", "date": "2026", "string": "a"}
    for param in RESOURCES[type_].params:
        found = parsed(type_, f"{param.name}={example[param.family]}", strict=True)
        assert found.applied == ((param.name, example[param.family]),)
        assert found.query.conditions or found.query.persons
